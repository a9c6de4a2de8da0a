//! The canonical request, the string to sign and the signature that they must have.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html#canonical-request>.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;

use super::{Claim, hash_of, refusals};
use crate::sandbox::aws::call::Call;
use crate::sandbox::aws::problem::Problem;
use crate::sandbox::incoming::Incoming;

/// Everything but letters, digits and `-._~` is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// In a path the slashes stay.
const ENCODED_IN_PATH: &AsciiSet = &ENCODED.remove(b'/');

/// Compares the signature that was sent with the one that the request must have.
pub fn verify(request: &Incoming, call: &Call, claim: &Claim, secret: &str) -> Result<(), Problem> {
    let canonical = canonical_request(request, call, claim);
    let string_to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{}/{}/{}/aws4_request\n{}",
        claim.timestamp,
        claim.scope.date,
        claim.scope.region,
        claim.scope.service,
        hash_of(canonical.as_bytes())
    );
    let signature = sign(claim, secret, &string_to_sign);
    if signature == claim.signature {
        return Ok(());
    }
    Err(refusals::wrong_signature(
        call.service,
        claim,
        &canonical,
        &string_to_sign,
    ))
}

fn canonical_request(request: &Incoming, call: &Call, claim: &Claim) -> String {
    let mut lines = vec![
        request.method.clone(),
        canonical_path(&request.path),
        canonical_query(call),
    ];
    for name in &claim.signed_headers {
        let values: Vec<String> = request
            .headers
            .get_all(name)
            .iter()
            .map(|value| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                value.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect();
        lines.push(format!("{name}:{}", values.join(",")));
    }
    lines.push(String::new());
    lines.push(claim.signed_headers.join(";"));
    lines.push(claim.payload_hash.clone());
    lines.join("\n")
}

/// S3 encodes a path once, whichever way the client had written it, and keeps empty and dot segments.
fn canonical_path(path: &str) -> String {
    let decoded: Vec<u8> = percent_decode_str(path).collect();
    percent_encoding::percent_encode(&decoded, ENCODED_IN_PATH).to_string()
}

/// All parameters except the signature itself, encoded and then sorted.
fn canonical_query(call: &Call) -> String {
    let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
    let mut pairs: Vec<(String, String)> = call
        .query
        .iter()
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

fn sign(claim: &Claim, secret: &str, string_to_sign: &str) -> String {
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in [
        claim.scope.date.as_str(),
        &claim.scope.region,
        &claim.scope.service,
        "aws4_request",
    ] {
        key = keyed_hash(&key, part.as_bytes());
    }
    hex::encode(keyed_hash(&key, string_to_sign.as_bytes()))
}

/// HMAC-SHA256, which takes a key of any length.
fn keyed_hash(key: &[u8], text: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}
