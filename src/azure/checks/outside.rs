//! Without credentials: what anybody is told about the account and its blobs.
//!
//! A refusal proves nothing of a blob: Azure says the same of one that is not there.

use futures_util::future::join_all;
use serde_json::json;

use super::object::samples;
use crate::azure::access::is_of_an_account;
use crate::azure::facts::Facts;
use crate::azure::sas::blob_url;
use crate::azure::templates::ORIGIN;
use crate::azure::view::Standpoint;
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::finding::{CheckResult, Level};
use crate::probe::in_short;

/// Each blob that was named, fetched without credentials, where nobody is signed in who could read it.
pub async fn read(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "azure.object.read";
    if facts.view.from != Standpoint::Outside {
        return Vec::new();
    }
    let Ok(names) = samples(facts, ID).await else {
        let why = "no blob was named, and whoever has no credentials may not look for one; name one with `--container NAME --object BLOB`, or by its URL";
        return vec![CheckResult::skipped(ID, why).at(Level::OwnRead)];
    };
    join_all(names.iter().map(|name| async move {
        let sent = async {
            let url = blob_url(&facts.place().blob_endpoint()?, name);
            facts
                .prober
                .fetch(&url, None, Some(ORIGIN), Some("bytes=0-0"))
                .await
        };
        let result = match sent.await {
            Ok(exchange) => judge(exchange.status, exchange.error_code.as_deref()),
            Err(failure) => CheckResult::unknown(ID, failure.one_line()),
        };
        result.on(name.to_string()).at(Level::OwnRead)
    }))
    .await
}

/// See <https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure>.
fn judge(status: u16, code: Option<&str>) -> CheckResult {
    const ID: &str = "azure.object.read";
    let said = in_short(status, code);
    let result = match (status, code) {
        (200 | 206 | 416, _) => CheckResult::pass(ID, "anybody can read it, without credentials"),
        // Only in a container that is open to everybody is anybody told that a blob is missing.
        (404, Some("BlobNotFound")) => CheckResult::fail(
            ID,
            Cause::Z31,
            "there is no such blob (BlobNotFound); names are told apart by upper and lower case",
        )
        .fix(Cause::Z31.entry().remedy),
        (409, Some("BlobArchived")) => CheckResult::fail(
            ID,
            Cause::Z18,
            "it is archived, and cannot be read before it is brought back",
        )
        .fix(Cause::Z18.entry().remedy),
        (409, Some("PublicAccessNotPermitted")) => CheckResult::unknown(
            ID,
            format!(
                "the account gives nothing to whoever has no credentials ({said}): that says nothing of Segments.ai, and nothing of whether it is there"
            ),
        ),
        (404, Some("ResourceNotFound" | "ContainerNotFound")) => CheckResult::unknown(
            ID,
            format!(
                "it is not given to whoever has no credentials ({said}): it is not there, or its container is not open to everybody, and Azure does not say which; nothing of Segments.ai follows"
            ),
        ),
        (403, Some("AuthorizationFailure")) => CheckResult::unknown(
            ID,
            format!(
                "the account's network rules keep this machine out ({said}), as they may keep others out (Z11); nothing of Segments.ai follows, and nothing of whether it is there"
            ),
        ),
        (401 | 403, _) => CheckResult::unknown(
            ID,
            format!(
                "it is not given to whoever has no credentials ({said}): that says nothing of Segments.ai, and nothing of whether it is there"
            ),
        ),
        _ => CheckResult::unknown(
            ID,
            format!("the answer to a request without credentials says neither yes nor no ({said})"),
        ),
    };
    result.evidence(json!({ "status": status, "error_code": code }))
}

/// Whether there is an account of that name, from what its blob service answers a browser. Its name is a host: of an
/// account that there is not, there is no answer at all.
pub async fn target(facts: &Facts, why: &Failure) -> CheckResult {
    const ID: &str = "azure.target";
    let name = &facts.place().name;
    match facts.preflight().await {
        Err(failure) => CheckResult::unknown(
            ID,
            format!(
                "whether there is a storage account `{name}` is not known: {}",
                failure.one_line()
            ),
        ),
        Ok(exchange) if is_of_an_account(exchange) => CheckResult::pass(
            ID,
            format!(
                "there is a storage account `{name}`; what Azure tells of it only to whoever may see it is not known ({})",
                why.one_line()
            ),
        )
        .evidence(json!({ "storage_account": name.as_str(), "status": exchange.status, "error_code": exchange.error_code })),
        Ok(exchange) => CheckResult::unknown(
            ID,
            format!(
                "whether there is a storage account `{name}` is not known: what answers is no blob service of one ({})",
                exchange.in_short()
            ),
        )
        .evidence(json!({ "storage_account": name.as_str(), "status": exchange.status, "error_code": exchange.error_code })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Status;

    #[test]
    fn a_refusal_is_told_as_what_it_proves_and_no_more() {
        for (status, code, expected, cause) in [
            (206, None, Status::Pass, None),
            (404, Some("BlobNotFound"), Status::Fail, Some(Cause::Z31)),
            (409, Some("BlobArchived"), Status::Fail, Some(Cause::Z18)),
            (409, Some("PublicAccessNotPermitted"), Status::Unknown, None),
            (404, Some("ResourceNotFound"), Status::Unknown, None),
            (403, Some("AuthorizationFailure"), Status::Unknown, None),
            (
                401,
                Some("NoAuthenticationInformation"),
                Status::Unknown,
                None,
            ),
            (403, None, Status::Unknown, None),
            (503, Some("ServerBusy"), Status::Unknown, None),
        ] {
            let result = judge(status, code);
            assert_eq!(
                (result.status, result.cause),
                (expected, cause),
                "{status} {code:?}"
            );
        }
    }
}
