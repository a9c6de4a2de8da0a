//! With Segments.ai's own app: the blob is read as its servers read it, and through a link as its pages load it. Nothing
//! else proves that Segments.ai can.

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::browser::hidden;
use super::links::{self, Loaded, NoLink, loaded};
use super::object::{absent, samples};
use super::unreadable;
use crate::azure::access::Access;
use crate::azure::blobs::{self, NoBlob};
use crate::azure::facts::Facts;
use crate::azure::looking::{RefusedApp, refusal_of_the_app};
use crate::azure::target::BlobName;
use crate::azure::templates::{APP_ID, ORIGIN};
use crate::azure::view::Standpoint;
use crate::catalogue::Cause;
use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, Level, Status};
use crate::probe::Exchange;

const ID: &str = "azure.segments.read";
const READS: &str = "Segments.ai's app reads it";

/// Who is asking: reading as anybody but Segments.ai's app proves nothing.
pub fn identity(access: &Access) -> CheckResult {
    const ID: &str = "azure.identity";
    let result = match not_segments(access) {
        None => CheckResult::pass(
            ID,
            format!(
                "you are Segments.ai's own app ({APP_ID}), in the tenant {}",
                access.place.tenant()
            ),
        ),
        Some(why) => CheckResult::new(ID, Status::Warn, why).fix(
            "set `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET` and, to the customer's tenant, `AZURE_TENANT_ID` to those of that app, or leave `--as segments` out",
        ),
    };
    result.evidence(json!({ "name": access.caller.name, "tenant": access.caller.tenant }))
}

/// Each sample, read and loaded as Segments.ai does.
pub async fn read(facts: &Facts) -> Vec<CheckResult> {
    if facts.view.from != Standpoint::Segments {
        let why = "reading with Segments.ai's own permission needs Segments.ai's credentials";
        return vec![CheckResult::skipped(ID, why).at(Level::SegmentsRead)];
    }
    let results = match facts.view.caller() {
        Err(why) => vec![no_token(facts, &why)],
        Ok(access) => match not_segments(access) {
            Some(why) => vec![CheckResult::skipped(ID, why)],
            None => match samples(facts, ID).await {
                Ok(names) => {
                    join_all(names.iter().map(|name| async move {
                        one(facts, access, name).await.on(name.to_string())
                    }))
                    .await
                }
                // Its role lets it list. That it may not is told for the blob, which has to be named then.
                Err(result) => vec![CheckResult::skipped(
                    ID,
                    format!(
                        "which blob to read is not known ({}); name one with `--container NAME --object BLOB`",
                        result.detail
                    ),
                )],
            },
        },
    };
    results
        .into_iter()
        .map(|result| result.at(Level::SegmentsRead).decisive())
        .collect()
}

/// Why this is not Segments.ai; none where it is.
fn not_segments(access: &Access) -> Option<String> {
    let caller = &access.caller;
    match &caller.name {
        Some(name) if caller.application && name.eq_ignore_ascii_case(APP_ID) => None,
        Some(_) | None => Some(format!(
            "you are {}, and not Segments.ai's app {APP_ID}: reading as somebody else proves nothing about Segments.ai",
            caller.in_words()
        )),
    }
}

/// Entra gives Segments.ai's app no token for the tenant, so it reads nothing there.
fn no_token(facts: &Facts, why: &Failure) -> CheckResult {
    let tenant = facts.place().tenant();
    let said = why.causes.join(": ");
    match refusal_of_the_app(why) {
        Some(RefusedApp::NotInstalled) => CheckResult::fail(
            ID,
            Cause::Z01,
            format!("Segments.ai's app gets no token for the tenant {tenant}: it is not installed there ({said})"),
        )
        .fix(Cause::Z01.entry().remedy),
        Some(RefusedApp::Disabled) => CheckResult::fail(
            ID,
            Cause::Z02,
            format!("Segments.ai's app gets no token for the tenant {tenant}: it was disabled there ({said})"),
        )
        .fix(Cause::Z02.entry().remedy),
        None => CheckResult::unknown(ID, why.one_line()),
    }
}

async fn one(facts: &Facts, access: &Access, name: &BlobName) -> CheckResult {
    let (read, linked) = join(blobs::first_byte(access, name), links::fetched(facts, name)).await;
    let result = match &read {
        Ok(()) => through_the_link(facts, &linked).await,
        Err(reason) => refused(facts, name, reason),
    };
    result.evidence(json!({
        "read": match &read {
            Ok(()) => "ok".to_owned(),
            Err(reason) => reason.in_words(),
        },
        "link": match &linked {
            Ok(exchange) => links::evidence(exchange),
            Err(NoLink::NoKey(reason)) => Value::String(reason.in_words()),
            Err(NoLink::Failed(failure)) => Value::String(failure.one_line()),
        },
    }))
}

/// It was read as a server reads it; whether a page can load it too.
async fn through_the_link(facts: &Facts, linked: &Result<Exchange, NoLink>) -> CheckResult {
    let not_known = |why: String| {
        CheckResult::unknown(
            ID,
            format!("{READS}, and whether a page can load it is not known: {why}"),
        )
    };
    let exchange = match linked {
        Ok(exchange) => exchange,
        // A container has no keys, so a role that is assigned on one gives none.
        Err(NoLink::NoKey(NoBlob::Failed(failure))) if failure.code == ErrorCode::NotPermitted => {
            return CheckResult::fail(
                ID,
                Cause::Z04,
                format!("{READS}, and gets no key to sign links with ({}): its role is assigned on the container, and not on the storage account, or is not the published one", unreadable(failure)),
            )
            .fix(Cause::Z04.entry().remedy)
            .may_settle();
        }
        Err(NoLink::NoKey(reason)) => return not_known(reason.in_words()),
        Err(NoLink::Failed(failure)) => return not_known(failure.one_line()),
    };
    match loaded(exchange) {
        Loaded::Yes => CheckResult::pass(
            ID,
            format!("{READS}, and a link of its own works as in a page at {ORIGIN}"),
        ),
        Loaded::Hidden => hidden(facts, ID, "Segments.ai's app reads it, and a link of its own works").await,
        Loaded::Refused { code, message } if links::mentions_policy(&message) => CheckResult::fail(
            ID,
            Cause::Z14,
            format!("{READS}, and the account's policy for shared access signatures refuses a link of its own (HTTP 403 {code}: {message})"),
        )
        .fix(Cause::Z14.entry().remedy),
        Loaded::Refused { .. } | Loaded::NoBlob(_) | Loaded::Odd => CheckResult::unknown(
            ID,
            format!("{READS}, and the answer to a link says neither yes nor no ({}); this machine's clock may be wrong, or the account's policy for shared access signatures forbids it", exchange.in_short()),
        ),
    }
}

/// It was not read. Who may not read is not told whether there is anything, so nothing is said of that.
fn refused(facts: &Facts, name: &BlobName, reason: &NoBlob) -> CheckResult {
    let NoBlob::Failed(failure) = reason else {
        return absent(ID, reason);
    };
    let said = failure.causes.join(": ");
    match failure.code {
        ErrorCode::NotPermitted => CheckResult::new(
            ID,
            Status::Fail,
            format!("Azure does not give it to Segments.ai's app ({said}): no role that is assigned to it lets it read `{name}`, or a condition or a deny assignment keeps it from that; whether there is such a blob, Azure does not say then"),
        )
        .fix(format!(
            "let the owner of the storage account run\n{}",
            facts.place().command("verify")
        ))
        .may_settle(),
        // The token is new and for blobs; what is left is that it is of another tenant than the account.
        ErrorCode::NotSignedIn | ErrorCode::WrongAccount => CheckResult::unknown(
            ID,
            format!(
                "the storage account does not take a token of the tenant {} ({said}): it is in another tenant, most likely",
                facts.place().tenant()
            ),
        )
        .because(Cause::Z26)
        .fix("ask the customer for the tenant of the account's subscription, and give it with `--tenant`"),
        _ => CheckResult::unknown(ID, failure.one_line()),
    }
}
