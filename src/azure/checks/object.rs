//! Blobs: read with the caller's own token, and through a link as Segments.ai makes them.
//!
//! Neither tests Segments.ai's own permission, and neither says so.

use futures_util::future::{join, join_all};

use super::browser::hidden;
use super::links::{self, Loaded, NoLink, evidence, loaded, mentions_policy};
use super::unreadable;
use crate::azure::blobs::{self, KEY_RIGHT, NoBlob};
use crate::azure::facts::Facts;
use crate::azure::samples::Found;
use crate::azure::target::BlobName;
use crate::azure::templates::ORIGIN;
use crate::catalogue::Cause;
use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, Level, Status};
use crate::probe::Exchange;

/// The first byte of each sample, with the caller's own token.
pub async fn read(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "azure.object.read";
    let names = match samples(facts, ID).await {
        Ok(names) => names,
        Err(result) => return vec![*result],
    };
    join_all(names.iter().map(|name| async move {
        let read = async {
            let access = facts.view.caller().map_err(NoBlob::Failed)?;
            blobs::first_byte(access, name).await
        };
        let result = match read.await {
            Ok(()) => CheckResult::pass(ID, "you can read it with your own credentials"),
            Err(reason) => absent(ID, &reason),
        };
        result.on(name.to_string()).at(Level::OwnRead)
    }))
    .await
}

/// A link to each sample, signed as Segments.ai signs, fetched without credentials and with `Origin`.
pub async fn link(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "azure.object.link";
    // The key can be asked for while the samples are looked for.
    let (names, _) = join(samples(facts, ID), facts.key()).await;
    let names = match names {
        Ok(names) => names,
        Err(result) => return vec![*result],
    };
    join_all(names.iter().map(|name| async move {
        one_link(facts, name)
            .await
            .on(name.to_string())
            .at(Level::OwnRead)
    }))
    .await
}

async fn one_link(facts: &Facts, name: &BlobName) -> CheckResult {
    const ID: &str = "azure.object.link";
    match links::fetched(facts, name).await {
        Ok(exchange) => {
            let result = judge(facts, ID, &exchange).await;
            result.evidence(evidence(&exchange))
        }
        Err(NoLink::NoKey(NoBlob::Failed(failure))) if failure.code == ErrorCode::NotPermitted => {
            CheckResult::skipped(
                ID,
                format!("you may not sign links (missing right: {KEY_RIGHT})"),
            )
        }
        Err(NoLink::NoKey(reason)) => absent(ID, &reason),
        Err(NoLink::Failed(failure)) => CheckResult::unknown(ID, unreadable(&failure)),
    }
}

async fn judge(facts: &Facts, id: &'static str, exchange: &Exchange) -> CheckResult {
    let (code, message) = match loaded(exchange) {
        Loaded::Yes => {
            return CheckResult::pass(
                id,
                format!("a link of yours to it works as it would in a page at {ORIGIN}"),
            );
        }
        Loaded::Hidden => return hidden(facts, id, "a link of yours to it works").await,
        Loaded::NoBlob(reason) => return absent(id, &reason),
        Loaded::Refused { code, message } => (code, message),
        Loaded::Odd => {
            return CheckResult::unknown(
                id,
                format!(
                    "a link of yours to it was refused ({})",
                    exchange.in_short()
                ),
            );
        }
    };
    match code.as_str() {
        "AuthorizationPermissionMismatch" => CheckResult::unknown(
            id,
            format!("a link of yours to it is refused (HTTP 403 {code}): you may sign links, and may not read blobs yourself (missing right: {}); this says nothing about Segments.ai", blobs::READ_RIGHT),
        ),
        "AuthenticationFailed" if mentions_policy(&message) => CheckResult::fail(
            id,
            Cause::Z14,
            format!("the account's policy for shared access signatures refuses the link (HTTP 403 {code}: {message})"),
        )
        .fix(Cause::Z14.entry().remedy),
        "AuthenticationFailed" => CheckResult::unknown(
            id,
            format!("a link of yours to it is refused (HTTP 403 {code}): set this machine's clock, if it is wrong; otherwise the account's policy for shared access signatures may forbid it"),
        ),
        _ => CheckResult::unknown(
            id,
            format!("a link of yours to it was refused (HTTP 403 {code})"),
        ),
    }
}

/// Why a blob could not be read. Not to be allowed is never told as if there were no such blob, nor the reverse.
pub fn absent(id: &'static str, reason: &NoBlob) -> CheckResult {
    match reason {
        NoBlob::Missing { code } => CheckResult::fail(
            id,
            Cause::Z31,
            format!("there is no such blob ({code}); names are told apart by upper and lower case"),
        )
        .fix(Cause::Z31.entry().remedy),
        NoBlob::Archived => CheckResult::fail(
            id,
            Cause::Z18,
            "it is archived, and cannot be read before it is brought back",
        )
        .fix(Cause::Z18.entry().remedy),
        NoBlob::CustomerKey => CheckResult::fail(
            id,
            Cause::Z19,
            "it is encrypted with a key that only its owner holds (customer-provided key)",
        )
        .fix(Cause::Z19.entry().remedy),
        NoBlob::KeyLost { words } => CheckResult::fail(
            id,
            Cause::Z20,
            format!("the key that it is encrypted with is not to be had ({words})"),
        )
        .fix(Cause::Z20.entry().remedy),
        NoBlob::Network { words } => CheckResult::unknown(
            id,
            format!(
                "the account's network rules keep this machine out ({words}); `azure.network` says whom they admit"
            ),
        ),
        NoBlob::Failed(failure) if failure.code == ErrorCode::NotPermitted => {
            CheckResult::unknown(id, denied(failure))
        }
        NoBlob::Failed(failure) => CheckResult::unknown(id, failure.one_line()),
    }
}

/// Owners of an account are often surprised: their role holds no right to read blobs.
fn denied(failure: &Failure) -> String {
    format!(
        "your own read is refused (missing right: {}; Owner and Contributor do not have it); this says nothing about Segments.ai",
        failure.missing.join(", ")
    )
}

/// The blobs to test with, or the one result that says why there are none.
pub async fn samples<'a>(
    facts: &'a Facts,
    id: &'static str,
) -> Result<&'a [BlobName], Box<CheckResult>> {
    let none = match facts.blobs().await {
        Found::Blobs(names) => return Ok(names),
        Found::Empty => CheckResult::skipped(
            id,
            "no blob was found to test with; name one with `--container NAME --object BLOB`",
        ),
        Found::Unsuitable { looked_at } => CheckResult::new(
            id,
            Status::Skipped,
            format!(
                "each of the {looked_at} blobs that were looked at is archived or under a key of its own; name another one with `--container NAME --object BLOB`"
            ),
        ),
        Found::Unlisted(NoBlob::Failed(failure)) if failure.code == ErrorCode::NotPermitted => {
            CheckResult::unknown(
                id,
                format!(
                    "you may not list blobs (missing right: {}; Owner and Contributor do not have it), so none was found to test with; this says nothing about Segments.ai",
                    failure.missing.join(", ")
                ),
            )
        }
        Found::Unlisted(reason) => absent(id, reason),
    };
    Err(Box::new(none.at(Level::OwnRead)))
}
