//! Without credentials: who else can read the samples.
//!
//! An object that everybody can read needs no Segments.ai to be seen. A refusal proves something only of an object
//! that is known to be there.

use futures_util::future::{join, join_all};
use serde_json::json;

use super::browser::ORIGIN;
use super::object::samples;
use crate::aws::facts::Facts;
use crate::aws::view::Standpoint;
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::finding::{CheckResult, Level, Status};
use crate::probe::Exchange;

const EXPOSURE: &str = "aws.exposure";
/// The subject of what is said about everybody.
const EVERYBODY: &str = "anonymous";

/// Each sample, fetched without credentials: what that says of everybody, and, where nobody is signed in, of the object.
pub async fn fetch(facts: &Facts) -> Vec<CheckResult> {
    let keys = match samples(facts, EXPOSURE).await {
        Ok(keys) => keys,
        Err(result) => {
            return vec![
                CheckResult {
                    level: None,
                    ..*result
                }
                .on(EVERYBODY),
            ];
        }
    };
    let outside = facts.view().from == Standpoint::Outside;
    let asked = if outside {
        keys
    } else {
        keys.get(..1).unwrap_or(keys)
    };
    let answers = join_all(asked.iter().map(|key| async move {
        let sent = async {
            let to = facts.destination(key).await?;
            facts
                .prober
                .fetch(&to.url, to.host.as_deref(), Some(ORIGIN), Some("bytes=0-0"))
                .await
        };
        // Whether it is there is told only by whoever can read it.
        let is_there = async { !outside && facts.first_byte(key).await.is_ok() };
        (key, join(sent, is_there).await)
    }))
    .await;
    let mut results = Vec::new();
    if let Some((key, (sent, is_there))) = answers.first() {
        results.push(exposure(key, sent, *is_there).on(EVERYBODY));
    }
    if outside {
        let of_object = |(key, (sent, _)): &(&String, (Result<Exchange, Failure>, bool))| {
            object(facts, key, sent).on(key.as_str()).at(Level::OwnRead)
        };
        results.extend(answers.iter().map(of_object));
    }
    results
}

fn exposure(key: &str, sent: &Result<Exchange, Failure>, is_there: bool) -> CheckResult {
    let exchange = match sent {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(EXPOSURE, failure.one_line()),
    };
    let result = match (exchange.status, exchange.error_code.as_deref()) {
        (200 | 206 | 416, _) => CheckResult::new(
            EXPOSURE,
            Status::Warn,
            format!("`{key}` is public: S3 gave it without any credentials"),
        )
        .fix("if it was not meant to be: take the public statement out of the bucket policy, and turn on Block Public Access"),
        // Only who may list is told that a key is missing.
        (404, Some("NoSuchKey")) => CheckResult::new(
            EXPOSURE,
            Status::Warn,
            "everybody may list this bucket: without credentials S3 tells which keys are missing",
        )
        .fix("if it was not meant so: take `s3:ListBucket` for everybody out of the bucket policy and its ACL"),
        (403, _) if is_there => CheckResult::pass(
            EXPOSURE,
            format!("`{key}` is refused to whoever has no credentials"),
        ),
        (403, _) => CheckResult::unknown(
            EXPOSURE,
            format!("`{key}` is refused to whoever has no credentials; S3 says the same of a key that is not there"),
        ),
        _ => CheckResult::unknown(
            EXPOSURE,
            format!("the answer to a request without credentials says neither yes nor no ({})", exchange.in_short()),
        ),
    };
    result.evidence(evidence(exchange))
}

/// What an answer without credentials says of the object itself.
fn object(facts: &Facts, key: &str, sent: &Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "aws.object.read";
    let exchange = match sent {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let result = match (exchange.status, exchange.error_code.as_deref()) {
        (404, Some("NoSuchKey")) => CheckResult::fail(
            ID,
            Cause::A38,
            format!("there is no object `{key}`; Segments.ai would be told 403, as for one that it may not read"),
        )
        .fix(Cause::A38.entry().remedy),
        (301 | 307, _) => CheckResult::fail(
            ID,
            Cause::A34,
            format!(
                "S3 sends whoever loads it on to another Region ({}), which breaks CORS",
                exchange.in_short()
            ),
        )
        .fix(format!("register {}", facts.place().registered_url(key))),
        (200 | 206 | 416, _) => CheckResult::skipped(
            ID,
            "it can be read without credentials, which says nothing about Segments.ai's",
        ),
        (403, _) => CheckResult::unknown(
            ID,
            "you are not signed in, and S3 does not give it to whoever is not. So it says of an object that is private, and of one that is not there",
        ),
        _ => CheckResult::unknown(
            ID,
            format!("you are not signed in, and the answer without credentials says neither yes nor no ({})", exchange.in_short()),
        ),
    };
    result.evidence(evidence(exchange))
}

fn evidence(exchange: &Exchange) -> serde_json::Value {
    json!({
        "url": exchange.url,
        "status": exchange.status,
        "access_control_allow_origin": exchange.allow_origin,
        "error_code": exchange.error_code,
    })
}
