//! What the URLs that were given say by themselves; and links that came signed, fetched as they are.

use futures_util::future::join_all;
use serde_json::json;
use time::OffsetDateTime;

use super::browser::hidden;
use crate::address::Address;
use crate::address::check::check;
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Level};
use crate::gcp::facts::Facts;
use crate::gcp::templates::ORIGIN;
use crate::probe::{Exchange, admits};

/// Each URL: its form, its host and its signature.
pub fn said(facts: &Facts) -> Vec<CheckResult> {
    let now = OffsetDateTime::now_utc();
    facts
        .view
        .urls
        .iter()
        .map(|address| check(address, Vec::new(), now))
        .collect()
}

/// Each link that came signed, fetched as a page would.
pub async fn links(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "gcp.object.link";
    let signed = facts
        .view
        .urls
        .iter()
        .filter_map(|address| Some((address, address.link()?)));
    join_all(signed.map(|(address, link)| async move {
        let sent = async {
            let form = facts.place().as_given(link, &address.shown)?;
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
        let result = match sent.await {
            Ok(exchange) => judge(facts, address, &exchange).await,
            Err(failure) => CheckResult::unknown(ID, failure.one_line()),
        };
        result.on(&address.shown).at(Level::OwnRead)
    }))
    .await
}

async fn judge(facts: &Facts, address: &Address, exchange: &Exchange) -> CheckResult {
    const ID: &str = "gcp.object.link";
    let cause =
        |cause: Cause, detail: &str| CheckResult::fail(ID, cause, detail).fix(cause.entry().remedy);
    let code = exchange.error_code.as_deref().unwrap_or_default();
    let result = match (exchange.status, code) {
        (200 | 206 | 416, _) if admits(exchange, ORIGIN) => CheckResult::pass(
            ID,
            format!("the signed link works as it would in a page at {ORIGIN}"),
        ),
        (200 | 206 | 416, _) => hidden(facts, ID, "the signed link works").await,
        (400 | 403, "ExpiredToken" | "RequestTimeTooSkewed") => cause(
            Cause::G39,
            "Google tells the signed link to be outside its time",
        ),
        (403, "SignatureDoesNotMatch") => cause(
            Cause::G39,
            "Google does not take the link's signature: the link was changed, or was signed for another request",
        ),
        (400, "UserProjectMissing") => cause(
            Cause::G13,
            "whoever reads from this bucket pays, and the link names no project to charge",
        ),
        (400, code) if code.contains("CustomerEncryptionKey") => cause(
            Cause::G15,
            "it is encrypted with a key that only its owner holds",
        ),
        (404, "NoSuchKey") => cause(Cause::G20, "there is no such object"),
        // Google says the same of an object that is missing and of one that may not be read.
        (403, _) => CheckResult::unknown(
            ID,
            format!(
                "Google refuses the signed link ({}). It does not say why: whoever signed it may not be allowed to read, or the object is not there",
                exchange.in_short()
            ),
        ),
        _ => CheckResult::unknown(
            ID,
            format!(
                "the answer to the signed link says neither yes nor no ({})",
                exchange.in_short()
            ),
        ),
    };
    result.evidence(json!({
        "url": address.shown,
        "status": exchange.status,
        "access_control_allow_origin": exchange.allow_origin,
        "error_code": exchange.error_code,
    }))
}
