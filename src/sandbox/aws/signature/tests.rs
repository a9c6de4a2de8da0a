//! The examples that AWS publishes with their signatures:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html#example-signature-calculations> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html#query-string-auth-v4-signing-example>.

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName};
use time::macros::datetime;

use super::*;

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn world() -> World {
    let mut user = Principal::user(
        "arn:aws:iam::111122223333:user/x",
        "AKIAIOSFODNN7EXAMPLE",
        &[],
    );
    user.secret_access_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned();
    World {
        principals: vec![user],
        clock_offset: datetime!(2013-05-24 0:00 UTC) - OffsetDateTime::now_utc(),
        ..World::default()
    }
}

fn request(method: &str, path: &str, query: &str, headers: &[(&str, &str)]) -> Incoming {
    let mut map = HeaderMap::new();
    map.insert("host", "examplebucket.s3.amazonaws.com".parse().unwrap());
    for (name, value) in headers {
        map.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    Incoming {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: map,
        body: Bytes::new(),
        peer: std::net::IpAddr::from([127, 0, 0, 1]),
    }
}

fn signed(mut request: Incoming, hash: &str, headers: &str, signature: &str) -> Incoming {
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
         SignedHeaders={headers},Signature={signature}"
    );
    for (name, value) in [
        ("authorization", authorization.as_str()),
        ("x-amz-content-sha256", hash),
        ("x-amz-date", "20130524T000000Z"),
    ] {
        request.headers.insert(name, value.parse().unwrap());
    }
    request
}

fn code(request: &Incoming) -> String {
    match authenticate(&world(), request, &Call::read(request)) {
        Ok(found) => found.region.unwrap_or_default(),
        Err(problem) => problem.code,
    }
}

#[test]
fn get_object() {
    let request = request("GET", "/test.txt", "", &[("range", "bytes=0-9")]);
    let request = signed(
        request,
        EMPTY,
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    );
    assert_eq!(code(&request), "us-east-1");
    let mut changed = request;
    changed
        .headers
        .insert("range", "bytes=0-10".parse().unwrap());
    assert_eq!(code(&changed), "SignatureDoesNotMatch");
}

#[test]
fn put_object() {
    let mut request = request(
        "PUT",
        "/test%24file.text",
        "",
        &[
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ],
    );
    request.body = Bytes::from_static(b"Welcome to Amazon S3.");
    let request = signed(
        request,
        "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    );
    assert_eq!(code(&request), "us-east-1");
    let mut changed = request.clone();
    changed.body = Bytes::from_static(b"Welcome to Amazon S4.");
    assert_eq!(code(&changed), "XAmzContentSHA256Mismatch");
    let mut same_path = request;
    "/test$file.text".clone_into(&mut same_path.path);
    assert_eq!(
        code(&same_path),
        "us-east-1",
        "the same path, written differently"
    );
}

#[test]
fn get_bucket_lifecycle() {
    let request = signed(
        request("GET", "/", "lifecycle", &[]),
        EMPTY,
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    );
    assert_eq!(code(&request), "us-east-1");
}

#[test]
fn list_objects() {
    let of = |query: &str| {
        signed(
            request("GET", "/", query, &[]),
            EMPTY,
            "host;x-amz-content-sha256;x-amz-date",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        )
    };
    assert_eq!(code(&of("max-keys=2&prefix=J")), "us-east-1");
    assert_eq!(
        code(&of("prefix=J&max-keys=2")),
        "us-east-1",
        "order does not matter"
    );
    assert_eq!(code(&of("max-keys=3&prefix=J")), "SignatureDoesNotMatch");
}

#[test]
fn presigned_url() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256\
                 &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
                 &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
                 &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    assert_eq!(code(&request("GET", "/test.txt", query, &[])), "us-east-1");
    let other = query.replace("d404", "d405");
    assert_eq!(
        code(&request("GET", "/test.txt", &other, &[])),
        "SignatureDoesNotMatch"
    );
}

#[test]
fn what_a_header_lacks_is_named() {
    let whole = || {
        signed(
            request("GET", "/test.txt", "", &[]),
            EMPTY,
            "host;x-amz-content-sha256;x-amz-date",
            "0",
        )
    };
    let without = |name: &str| {
        let mut request = whole();
        request.headers.remove(name);
        code(&request)
    };
    let with = |name: &'static str, value: &str| {
        let mut request = whole();
        request.headers.insert(name, value.parse().unwrap());
        code(&request)
    };
    assert_eq!(code(&whole()), "SignatureDoesNotMatch");
    assert_eq!(without("x-amz-date"), "AccessDenied");
    assert_eq!(without("x-amz-content-sha256"), "InvalidRequest");
    assert_eq!(with("x-amz-meta-x", "not signed"), "AccessDenied");
    assert_eq!(
        with("x-amz-date", "20130525T000000Z"),
        "AuthorizationHeaderMalformed"
    );
    assert_eq!(with("authorization", "AWS x:y"), "InvalidRequest");
    assert_eq!(
        with("authorization", "AWS4-HMAC-SHA256 Credential=x"),
        "AuthorizationHeaderMalformed"
    );
    let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/sts/aws4_request,\
                         SignedHeaders=host,Signature=0";
    assert_eq!(
        with("authorization", authorization),
        "AuthorizationHeaderMalformed"
    );
    let host_unsigned = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
                         SignedHeaders=x-amz-content-sha256;x-amz-date,Signature=0";
    assert_eq!(with("authorization", host_unsigned), "AccessDenied");
}
