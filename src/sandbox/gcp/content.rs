//! The content of an object over HTTP: headers, ranges, bytes.
//!
//! See <https://cloud.google.com/storage/docs/xml-api/get-object-download>.

use md5::{Digest as _, Md5};

use super::bucket::Object;
use super::objects::{LAST_MODIFIED, content_type, decrypt, hashes};
use super::problem::{Code, Problem};
use super::visit::Visit;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

const CONDITIONAL: [&str; 9] = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
    "x-goog-if-generation-match",
    "x-goog-if-generation-not-match",
    "x-goog-if-metageneration-match",
    "x-goog-encryption-key",
];

/// Answers with an object, or the part of it that the request names.
pub(crate) fn answer(
    visit: &Visit<'_>,
    request: &Incoming,
    object: &Object,
) -> Result<Answer, Problem> {
    if let Some(name) = CONDITIONAL
        .iter()
        .find(|name| request.headers.contains_key(**name))
    {
        return Err(Problem::not_implemented(format!("the header {name}")));
    }
    if request.method != "HEAD" {
        decrypt(visit, object)?;
    }
    let mut answer = described(object);
    let range = request
        .header("range")
        .and_then(|range| ranged(range, object.bytes.len()));
    let bytes = match range {
        None => object.bytes.as_slice(),
        Some(Err(OutOfRange)) => {
            return Err(
                Problem::new(Code::OutOfRange, "The requested range cannot be satisfied.")
                    .status(416)
                    .reason("requestedRangeNotSatisfiable")
                    .xml("InvalidRange", None),
            );
        }
        Some(Ok((first, last))) => {
            let whole = object.bytes.len();
            answer.status = 206;
            answer = answer.header("content-range", format!("bytes {first}-{last}/{whole}"));
            object.bytes.get(first..=last).unwrap_or_default()
        }
    };
    Ok(answer.body(content_type(object), bytes.to_vec()))
}

fn described(object: &Object) -> Answer {
    let mut answer = Answer::new(200)
        .header("accept-ranges", "bytes")
        .header("cache-control", "private, max-age=0")
        .header("last-modified", LAST_MODIFIED)
        .header("server", "UploadServer")
        .header("x-goog-generation", object.generation.to_string())
        .header("x-goog-metageneration", "1")
        .header("x-goog-storage-class", object.storage_class.clone())
        .header("x-goog-stored-content-encoding", "identity")
        .header(
            "x-goog-stored-content-length",
            object.bytes.len().to_string(),
        );
    if !object.customer_supplied_key {
        let (crc32c, md5) = hashes(object);
        answer = answer
            .header(
                "etag",
                format!("\"{}\"", hex::encode(Md5::digest(&object.bytes))),
            )
            .header("x-goog-hash", format!("crc32c={crc32c}"))
            .header("x-goog-hash", format!("md5={md5}"));
    }
    if let Some(key) = &object.kms_key {
        answer = answer.header("x-goog-encryption-kms-key-name", key.clone());
    }
    for (name, value) in &object.metadata {
        answer = answer.header(&format!("x-goog-meta-{name}"), value.clone());
    }
    answer
}

/// A range that cannot be satisfied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OutOfRange;

/// The first and last byte that a range asks for. What is no single range is passed over.
/// See <https://www.rfc-editor.org/rfc/rfc9110#field.range>.
fn ranged(header: &str, length: usize) -> Option<Result<(usize, usize), OutOfRange>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        let suffix: usize = last.parse().ok()?;
        let satisfiable = suffix > 0 && length > 0;
        return Some(if satisfiable {
            Ok((length.saturating_sub(suffix), length - 1))
        } else {
            Err(OutOfRange)
        });
    }
    let first: usize = first.parse().ok()?;
    let last: usize = if last.is_empty() {
        usize::MAX
    } else {
        last.parse().ok()?
    };
    if last < first {
        return None;
    }
    Some(if first < length {
        Ok((first, last.min(length - 1)))
    } else {
        Err(OutOfRange)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_defines_them() {
        for (header, length, expected) in [
            ("bytes=0-0", 10, Some(Ok((0, 0)))),
            ("bytes=1-", 10, Some(Ok((1, 9)))),
            ("bytes=0-99", 10, Some(Ok((0, 9)))),
            ("bytes=-2", 10, Some(Ok((8, 9)))),
            ("bytes=-20", 10, Some(Ok((0, 9)))),
            ("bytes=10-", 10, Some(Err(OutOfRange))),
            ("bytes=0-0", 0, Some(Err(OutOfRange))),
            ("bytes=-0", 10, Some(Err(OutOfRange))),
            ("bytes=2-1", 10, None),
            ("bytes=0-1,3-4", 10, None),
            ("items=0-1", 10, None),
        ] {
            assert_eq!(ranged(header, length), expected, "{header} of {length}");
        }
    }
}
