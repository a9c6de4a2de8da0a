//! Objects: read with the caller's own credentials, and through a link as Segments.ai makes them.
//!
//! Neither tests Segments.ai's own permission, and neither says so.

use futures_util::future::join_all;
use serde_json::json;

use super::browser::{ORIGIN, hidden};
use super::unreadable;
use crate::aws::facts::{Facts, Found};
use crate::aws::reads::{self, NoObject};
use crate::catalogue::Cause;
use crate::error::ErrorCode;
use crate::finding::{CheckResult, Level, Status};
use crate::probe::{Exchange, admits};

/// The first byte of each sample, with the caller's own credentials.
pub async fn read(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "aws.object.read";
    let keys = match samples(facts, ID).await {
        Ok(keys) => keys,
        Err(result) => return vec![*result],
    };
    join_all(keys.iter().map(|key| async move {
        let result = match facts.first_byte(key).await {
            Ok(()) => CheckResult::pass(ID, "you can read it with your own credentials"),
            Err(reason) => absent(facts, ID, key, &reason),
        };
        result.on(key).at(Level::OwnRead)
    }))
    .await
}

/// A link to each sample, signed as Segments.ai signs, fetched without credentials and with `Origin`.
pub async fn link(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "aws.object.link";
    let keys = match samples(facts, ID).await {
        Ok(keys) => keys,
        Err(result) => return vec![*result],
    };
    join_all(
        keys.iter()
            .map(|key| async move { one_link(facts, key).await.on(key).at(Level::OwnRead) }),
    )
    .await
}

async fn one_link(facts: &Facts, key: &str) -> CheckResult {
    const ID: &str = "aws.object.link";
    let url = match facts.link(key).await {
        Ok(url) => url,
        Err(failure) => return CheckResult::unknown(ID, unreadable(&failure)),
    };
    let exchange = match facts
        .prober
        .fetch(&url, None, Some(ORIGIN), Some("bytes=0-0"))
        .await
    {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let code = exchange.error_code.clone().unwrap_or_default();
    let evidence = json!({
        "url": exchange.url,
        "status": exchange.status,
        "access_control_allow_origin": exchange.allow_origin,
        "error_code": exchange.error_code,
    });
    let result = match exchange.status {
        200 | 206 | 416 if admits(&exchange, ORIGIN) => CheckResult::pass(
            ID,
            format!("a link of yours to it works as it would in a page at {ORIGIN}"),
        ),
        200 | 206 | 416 => hidden(facts, ID, "a link of yours to it works").await,
        404 => absent(facts, ID, key, &NoObject::Missing),
        403 if code == "InvalidObjectState" => absent(facts, ID, key, &NoObject::Archived(String::new())),
        400 if reads::wants_customer_key(Some(&code), exchange.error_message.as_deref().unwrap_or_default()) => {
            absent(facts, ID, key, &NoObject::CustomerKey)
        }
        400 | 403 if expired(&exchange) => CheckResult::unknown(
            ID,
            "a link of yours to it is told to be outside its time: set this machine's clock",
        ),
        301 | 307 => CheckResult::fail(
            ID,
            Cause::A34,
            format!("S3 sends the link on to another Region (HTTP {}), which breaks CORS", exchange.status),
        )
        .fix("in the first hours after a bucket was made this passes by itself; otherwise register the URL form that this program prints")
        .may_settle(),
        status => CheckResult::unknown(
            ID,
            format!("a link of yours to it was refused (HTTP {status} {code}); a Deny on signed links or on this machine's network would look so, and so would a permission that you lack"),
        ),
    };
    result.evidence(evidence)
}

/// The SDK corrects its own clock for requests that it sends, and cannot for links.
pub fn expired(exchange: &Exchange) -> bool {
    let message = exchange.error_message.as_deref().unwrap_or_default();
    exchange.error_code.as_deref() == Some("RequestTimeTooSkewed")
        || message.contains("expired")
        || message.contains("not yet valid")
}

/// Why an object could not be read. 403 is never told as "denied" where the key may be missing.
pub fn absent(facts: &Facts, id: &'static str, key: &str, reason: &NoObject) -> CheckResult {
    match reason {
        NoObject::Missing => CheckResult::fail(
            id,
            Cause::A38,
            format!("there is no object `{key}`; Segments.ai would be told 403, as for one that it may not read"),
        )
        .fix(Cause::A38.entry().remedy),
        NoObject::CustomerKey => CheckResult::fail(
            id,
            Cause::A29,
            "it is encrypted with a key that only its owner holds (SSE-C)",
        )
        .fix(Cause::A29.entry().remedy),
        NoObject::Unexplained => CheckResult::unknown(id, "S3 would not describe it (HTTP 400)"),
        NoObject::Archived(_) => CheckResult::fail(id, Cause::A32, "it is archived, and cannot be read before it is restored")
            .fix(Cause::A32.entry().remedy),
        // S3 answers 403 for a missing key to whoever may not list, and 404 to whoever may:
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        NoObject::Failed(failure) if failure.code == ErrorCode::NotPermitted && facts.place().may_list == Some(true) => {
            CheckResult::unknown(
                id,
                format!("your own read of it is refused ({}); this says nothing about Segments.ai", failure.causes.join(": ")),
            )
        }
        NoObject::Failed(failure) if failure.code == ErrorCode::NotPermitted => CheckResult::unknown(
            id,
            format!(
                "{}; without `s3:ListBucket` that may also mean that there is no such object",
                unreadable(failure)
            ),
        ),
        NoObject::Failed(failure) => CheckResult::unknown(id, failure.one_line()),
    }
}

/// The keys to test with, or the one result that says why there are none.
pub async fn samples<'a>(
    facts: &'a Facts,
    id: &'static str,
) -> Result<&'a [String], Box<CheckResult>> {
    let none = match facts.samples.find().await {
        Found::Keys(keys) => return Ok(keys),
        Found::Empty => CheckResult::skipped(
            id,
            "the bucket has no object to test with; name one with `--object KEY` once it has",
        ),
        Found::Unsuitable { archived } => CheckResult::new(
            id,
            Status::Skipped,
            format!(
                "each of the first {archived} {} is archived; name a readable one with `--object KEY`",
                if *archived == 1 { "object" } else { "objects" }
            ),
        ),
        Found::Unlisted(failure) => CheckResult::unknown(
            id,
            format!(
                "{}; name an object with `--object KEY`",
                unreadable(failure)
            ),
        ),
    };
    Err(Box::new(none.at(Level::OwnRead)))
}
