//! The content of a request: unpacked where a client sent it in chunks, and compared with the digests that came along.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html> and, for the chunks,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::problem::Problem;
use crate::sandbox::incoming::Incoming;

/// Whether a request must bring a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Integrity {
    Required,
    Optional,
}

/// The content of a request, after every digest in it has been compared.
pub(crate) fn content(request: &Incoming, integrity: Integrity) -> Result<Bytes, Problem> {
    let chunked = request
        .header("content-encoding")
        .is_some_and(|encoding| encoding.contains("aws-chunked"));
    let (content, trailers) = if chunked {
        unpack(&request.body).ok_or_else(|| {
            Problem::new(
                400,
                "IncompleteBody",
                "The request body terminated unexpectedly",
            )
        })?
    } else {
        (request.body.clone(), Vec::new())
    };
    let mut checked = verify_md5(request, &content)?;
    let mut checksums: Vec<(String, String)> = trailers;
    for name in request.headers.keys() {
        if let Some(value) = request.header(name.as_str()) {
            checksums.push((name.as_str().to_owned(), value.to_owned()));
        }
    }
    checksums.retain(|(name, _)| {
        name.starts_with("x-amz-checksum-")
            && name != "x-amz-checksum-algorithm"
            && name != "x-amz-checksum-type"
    });
    if checksums.len() > 1 {
        return Err(Problem::new(
            400,
            "InvalidRequest",
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
        ));
    }
    for (name, value) in &checksums {
        verify_checksum(name, value, &content)?;
        checked = true;
    }
    if integrity == Integrity::Required && !checked {
        return Err(Problem::new(
            400,
            "InvalidRequest",
            "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
        ));
    }
    Ok(content)
}

fn verify_md5(request: &Incoming, content: &[u8]) -> Result<bool, Problem> {
    let Some(claimed) = request.header("content-md5") else {
        return Ok(false);
    };
    let digest = STANDARD
        .decode(claimed)
        .ok()
        .filter(|digest| digest.len() == 16);
    let Some(digest) = digest else {
        return Err(Problem::new(
            400,
            "InvalidDigest",
            "The Content-MD5 you specified was invalid.",
        )
        .field("Content-MD5", claimed));
    };
    let computed = Md5::digest(content).to_vec();
    if digest == computed {
        return Ok(true);
    }
    Err(Problem::new(
        400,
        "BadDigest",
        "The Content-MD5 you specified did not match what we received.",
    )
    .field("ExpectedDigest", hex::encode(digest))
    .field("CalculatedDigest", STANDARD.encode(computed)))
}

fn verify_checksum(name: &str, value: &str, content: &[u8]) -> Result<(), Problem> {
    let computed = match name {
        "x-amz-checksum-crc32" => crc32fast::hash(content).to_be_bytes().to_vec(),
        "x-amz-checksum-sha256" => Sha256::digest(content).to_vec(),
        other => return Err(Problem::not_implemented(other)),
    };
    let claimed = STANDARD
        .decode(value)
        .ok()
        .filter(|claimed| claimed.len() == computed.len());
    let Some(claimed) = claimed else {
        return Err(Problem::new(
            400,
            "InvalidRequest",
            format!("Value for {name} header is invalid."),
        ));
    };
    if claimed == computed {
        return Ok(());
    }
    let algorithm = name
        .trim_start_matches("x-amz-checksum-")
        .to_ascii_uppercase();
    Err(Problem::new(
        400,
        "BadDigest",
        format!("The {algorithm} you specified did not match the calculated checksum."),
    ))
}

/// Takes unsigned chunks apart: sizes in hexadecimal, an empty last chunk, then trailers.
fn unpack(body: &[u8]) -> Option<(Bytes, Vec<(String, String)>)> {
    let mut content = Vec::new();
    let mut rest = body;
    loop {
        let (line, after) = line(rest)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            rest = after;
            break;
        }
        content.extend_from_slice(after.get(..size)?);
        rest = after.get(size..)?.strip_prefix(b"\r\n")?;
    }
    let mut trailers = Vec::new();
    while let Some((line, after)) = line(rest) {
        rest = after;
        if let Some((name, value)) = line.split_once(':') {
            trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    Some((Bytes::from(content), trailers))
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let line = std::str::from_utf8(bytes.get(..end)?).ok()?;
    Some((line, bytes.get(end + 2..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&'static str, &str)], body: &'static str) -> String {
        let mut request = Incoming {
            method: "PUT".to_owned(),
            path: "/bucket".to_owned(),
            query: "policy".to_owned(),
            headers: hyper::header::HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
            peer: std::net::IpAddr::from([127, 0, 0, 1]),
        };
        for (name, value) in headers {
            request.headers.insert(*name, value.parse().unwrap());
        }
        match content(&request, Integrity::Required) {
            Ok(content) => String::from_utf8(content.to_vec()).unwrap(),
            Err(problem) => problem.code,
        }
    }

    #[test]
    fn a_digest_is_required_and_compared() {
        let sha256 = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
        for (headers, expected) in [
            (vec![], "InvalidRequest"),
            (vec![("content-md5", "XUFAKrxLKna5cZ2REBfFkg==")], "hello"),
            (
                vec![("content-md5", "AUFAKrxLKna5cZ2REBfFkg==")],
                "BadDigest",
            ),
            (vec![("content-md5", "no digest")], "InvalidDigest"),
            (vec![("content-md5", "MTIz")], "InvalidDigest"),
            (vec![("x-amz-checksum-crc32", "NhCmhg==")], "hello"),
            (vec![("x-amz-checksum-crc32", "NhCmhw==")], "BadDigest"),
            (vec![("x-amz-checksum-crc32", "MTIzNDU=")], "InvalidRequest"),
            (vec![("x-amz-checksum-sha256", sha256)], "hello"),
            (
                vec![("x-amz-checksum-crc32c", "mnG7TA==")],
                "NotImplemented",
            ),
            (
                vec![
                    ("x-amz-checksum-crc32", "NhCmhg=="),
                    ("x-amz-checksum-sha256", sha256),
                ],
                "InvalidRequest",
            ),
        ] {
            assert_eq!(answer(&headers, "hello"), expected, "{headers:?}");
        }
        let chunked = [("content-encoding", "aws-chunked")];
        let body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
        assert_eq!(answer(&chunked, body), "hello");
        let body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhw==\r\n\r\n";
        assert_eq!(answer(&chunked, body), "BadDigest");
        assert_eq!(answer(&chunked, "5\r\nhel"), "IncompleteBody");
    }

    #[test]
    fn chunks_are_unpacked_with_their_trailers() {
        let body = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n";
        let (content, trailers) = unpack(body).unwrap();
        assert_eq!(content, "hello world");
        assert_eq!(
            trailers,
            [("x-amz-checksum-crc32".to_owned(), "DUoRhQ==".to_owned())]
        );
        assert!(unpack(b"5\r\nhel").is_none());
    }
}
