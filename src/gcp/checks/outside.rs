//! Without credentials: what anybody is told about the bucket and its objects.
//!
//! A refusal proves nothing of an object: Google says the same of one that is not there.

use futures_util::future::join_all;
use serde_json::json;

use super::object::samples;
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::finding::{CheckResult, Level};
use crate::gcp::facts::Facts;
use crate::gcp::templates::ORIGIN;
use crate::gcp::view::Standpoint;
use crate::probe::Exchange;

/// Each object that was named, fetched without credentials, where nobody is signed in who could read it.
pub async fn read(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "gcp.object.read";
    if facts.view.from != Standpoint::Outside {
        return Vec::new();
    }
    let names = match samples(facts, ID).await {
        Ok(names) => names,
        Err(result) => return vec![*result],
    };
    join_all(names.iter().map(|name| async move {
        let sent = async {
            let forms = facts.place().forms(name)?;
            let form = forms
                .first()
                .ok_or_else(|| Failure::usage("the object has no address", "name an object"))?;
            facts
                .prober
                .fetch(
                    &form.url,
                    form.host.as_deref(),
                    Some(ORIGIN),
                    Some("bytes=0-0"),
                )
                .await
        };
        judge(name, &sent.await).on(name).at(Level::OwnRead)
    }))
    .await
}

fn judge(name: &str, sent: &Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "gcp.object.read";
    let exchange = match sent {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let result = match (exchange.status, exchange.error_code.as_deref()) {
        (200 | 206 | 416, _) => CheckResult::pass(ID, "anybody can read it, without credentials"),
        // Only who may list is told that an object is missing, and then everybody may.
        (404, Some("NoSuchKey")) => {
            CheckResult::fail(ID, Cause::G20, format!("there is no object `{name}`"))
                .fix("correct the name; `gcloud storage ls` lists the objects")
        }
        (400, Some("UserProjectMissing")) => CheckResult::fail(
            ID,
            Cause::G13,
            "whoever reads from this bucket pays, and a link names no project to charge",
        )
        .fix(Cause::G13.entry().remedy),
        (401 | 403, _) => CheckResult::unknown(
            ID,
            format!(
                "it is not given to whoever has no credentials ({}): that says nothing of Segments.ai, and nothing of whether it is there",
                exchange.in_short()
            ),
        ),
        _ => CheckResult::unknown(
            ID,
            format!(
                "the answer to a request without credentials says neither yes nor no ({})",
                exchange.in_short()
            ),
        ),
    };
    result.evidence(json!({ "status": exchange.status, "error_code": exchange.error_code }))
}

/// Whether there is a bucket, from what a request without credentials is answered.
pub async fn target(facts: &Facts, why: &Failure) -> CheckResult {
    const ID: &str = "gcp.target";
    let name = &facts.place().bucket;
    let exchange = match facts.anonymous().await {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let result = match (exchange.status, exchange.error_code.as_deref()) {
        (404, Some("NoSuchBucket")) => CheckResult::new(
            ID,
            crate::finding::Status::Fail,
            format!("there is no bucket `{name}`"),
        )
        .fix("check the name in the URL"),
        (200 | 206 | 416, _)
        | (401 | 403, Some("AccessDenied" | "InvalidSecurity"))
        | (404, Some("NoSuchKey"))
        | (400, Some("UserProjectMissing")) => CheckResult::pass(
            ID,
            format!(
                "there is a bucket `{name}`; what Google tells of it only to its owner is not known ({})",
                why.one_line()
            ),
        ),
        _ => CheckResult::unknown(
            ID,
            format!(
                "whether there is a bucket `{name}` is not known ({})",
                exchange.in_short()
            ),
        ),
    };
    result.evidence(json!({ "bucket": name.as_str(), "status": exchange.status, "error_code": exchange.error_code }))
}
