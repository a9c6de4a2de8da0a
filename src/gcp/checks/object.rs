//! Objects: read with the caller's own credentials, and through a link as Segments.ai makes them.
//!
//! Neither tests Segments.ai's own permission, and neither says so.

use futures_util::future::join_all;
use serde_json::json;

use super::browser::hidden;
use super::unreadable;
use crate::catalogue::Cause;
use crate::error::ErrorCode;
use crate::finding::{CheckResult, Level};
use crate::gcp::access::Access;
use crate::gcp::answer::is_perimeter;
use crate::gcp::facts::Facts;
use crate::gcp::reads::{self, NoObject};
use crate::gcp::samples::Found;
use crate::gcp::templates::ORIGIN;
use crate::probe::admits;

/// The first byte of each sample, with the caller's own credentials.
pub async fn read(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "gcp.object.read";
    let names = match samples(facts, ID).await {
        Ok(names) => names,
        Err(result) => return vec![*result],
    };
    join_all(names.iter().map(|name| async move {
        let asked = match facts.view.caller() {
            Ok(access) => reads::first_byte(access, name).await,
            Err(failure) => Err(NoObject::Failed(failure)),
        };
        let result = match asked {
            Ok(()) => CheckResult::pass(ID, "you can read it with your own credentials"),
            Err(reason) => absent(facts, ID, name, &reason).await,
        };
        result.on(name).at(Level::OwnRead)
    }))
    .await
}

/// A link to each sample, signed as Segments.ai signs, fetched without credentials and with `Origin`.
pub async fn link(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "gcp.object.link";
    let access = match facts.view.caller() {
        Ok(access) => access,
        Err(failure) => {
            return vec![CheckResult::skipped(ID, failure.one_line()).at(Level::OwnRead)];
        }
    };
    if access.signer.is_none() {
        return vec![
            CheckResult::skipped(
                ID,
                if access.identity.kind.can_sign() {
                    "Google itself would have to sign the link, and it is not Google that is asked here".to_owned()
                } else {
                    format!(
                        "{} cannot sign links; a service account's key, or impersonating one, can",
                        access.identity.kind.in_words()
                    )
                },
            )
            .at(Level::OwnRead),
        ];
    }
    let names = match samples(facts, ID).await {
        Ok(names) => names,
        Err(result) => return vec![*result],
    };
    join_all(names.iter().map(|name| async move {
        one_link(facts, access, name)
            .await
            .on(name)
            .at(Level::OwnRead)
    }))
    .await
}

async fn one_link(facts: &Facts, access: &Access, name: &str) -> CheckResult {
    const ID: &str = "gcp.object.link";
    let form = match crate::gcp::link::link(access, name).await {
        Ok(Some(form)) => form,
        Ok(None) => return CheckResult::skipped(ID, "your credentials cannot sign links"),
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let exchange = match facts
        .prober
        .fetch(
            &form.url,
            form.host.as_deref(),
            Some(ORIGIN),
            Some("bytes=0-0"),
        )
        .await
    {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let code = exchange.error_code.clone().unwrap_or_default();
    let evidence = json!({
        "url": form.shown,
        "status": exchange.status,
        "access_control_allow_origin": exchange.allow_origin,
        "error_code": exchange.error_code,
    });
    let result = match (exchange.status, code.as_str()) {
        (200 | 206 | 416, _) if admits(&exchange, ORIGIN) => CheckResult::pass(
            ID,
            format!("a link of yours to it works as it would in a page at {ORIGIN}"),
        ),
        (200 | 206 | 416, _) => hidden(facts, ID, "a link of yours to it works").await,
        (404, "NoSuchKey" | "") => absent(facts, ID, name, &NoObject::Missing).await,
        (400, "UserProjectMissing") => absent(facts, ID, name, &NoObject::RequesterPays).await,
        (400, code) if code.contains("CustomerEncryptionKey") => {
            absent(facts, ID, name, &NoObject::CustomerKey).await
        }
        (400 | 403, "ExpiredToken" | "RequestTimeTooSkewed") => CheckResult::unknown(
            ID,
            "a link of yours to it is told to be outside its time: set this machine's clock",
        ),
        (status, code) => CheckResult::unknown(
            ID,
            format!(
                "a link of yours to it was refused (HTTP {status} {code}); a network rule that keeps this machine out would look so, and so would a permission that you lack"
            ),
        ),
    };
    result.evidence(evidence)
}

/// Why an object could not be read. 403 is never told as "denied" where the object may be missing.
pub async fn absent(facts: &Facts, id: &'static str, name: &str, reason: &NoObject) -> CheckResult {
    match reason {
        NoObject::Missing => {
            let deleted = match facts.view.owner() {
                Ok(access) => matches!(reads::soft_deleted(access, name).await, Ok(true)),
                Err(_) => false,
            };
            let bucket = &facts.place().bucket;
            let address = crate::redact::shell_quote(&format!("gs://{bucket}/{name}"));
            if deleted {
                CheckResult::fail(
                    id,
                    Cause::G20,
                    format!("the object `{name}` was deleted, and can be restored"),
                )
                .fix(format!("gcloud storage restore {address}"))
            } else {
                CheckResult::fail(id, Cause::G20, format!("there is no object `{name}`"))
                    .fix("correct the name; `gcloud storage ls` lists the objects")
            }
        }
        NoObject::CustomerKey => CheckResult::fail(
            id,
            Cause::G15,
            "it is encrypted with a key that only its owner holds",
        )
        .fix(Cause::G15.entry().remedy),
        NoObject::KeyUnusable(words) => CheckResult::fail(
            id,
            Cause::G14,
            format!("the key that encrypts it cannot be used: {words}"),
        )
        .fix(Cause::G14.entry().remedy),
        NoObject::RequesterPays => CheckResult::fail(
            id,
            Cause::G13,
            "whoever reads from this bucket pays, and a link names no project to charge",
        )
        .fix(super::protection::no_requester_pays(facts)),
        NoObject::Failed(failure) if is_perimeter(&failure.one_line()) => CheckResult::fail(
            id,
            Cause::G11,
            "a VPC Service Controls perimeter refuses reads from this machine",
        )
        .fix(Cause::G11.entry().remedy),
        NoObject::Failed(failure) if failure.code == ErrorCode::NotPermitted => {
            CheckResult::unknown(
                id,
                format!(
                    "your own read of it is refused ({}); this says nothing about Segments.ai",
                    unreadable(failure)
                ),
            )
        }
        NoObject::Failed(failure) => CheckResult::unknown(id, failure.one_line()),
    }
}

/// The objects to test with, or the one result that says why there are none.
pub async fn samples<'a>(
    facts: &'a Facts,
    id: &'static str,
) -> Result<&'a [String], Box<CheckResult>> {
    let none = match facts.samples.find().await {
        Found::Names(names) => return Ok(names),
        Found::Empty => CheckResult::skipped(
            id,
            "the bucket has no object to test with; name one with `--object NAME` once it has",
        ),
        Found::Unlisted(failure) => CheckResult::unknown(
            id,
            format!(
                "{}; name an object with `--object NAME`",
                unreadable(failure)
            ),
        ),
    };
    Err(Box::new(none.at(Level::OwnRead)))
}
