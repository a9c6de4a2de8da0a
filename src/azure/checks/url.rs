//! What the URLs that were given say by themselves; and links that came signed, fetched as they are.

use futures_util::future::join_all;
use time::OffsetDateTime;

use super::browser::hidden;
use super::links::{Loaded, evidence, loaded, mentions_policy};
use super::object::absent;
use crate::address::check::check;
use crate::address::{Address, Form};
use crate::azure::facts::Facts;
use crate::azure::templates::ORIGIN;
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Level};
use crate::probe::Exchange;

const ID: &str = "azure.object.link";

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

/// Each link that came signed, fetched as a page would. One on another host than that of the blobs is not: its form says
/// already that no page can use it.
pub async fn links(facts: &Facts) -> Vec<CheckResult> {
    let signed = facts
        .view
        .urls
        .iter()
        .filter(|address| address.form == Form::Store)
        .filter_map(|address| Some((address, address.link()?)));
    join_all(signed.map(|(address, link)| async move {
        let sent = async {
            let url = facts.place().as_given(link, &address.shown)?;
            facts
                .prober
                .fetch(&url, None, Some(ORIGIN), Some("bytes=0-0"))
                .await
        };
        let result = match sent.await {
            Ok(exchange) => {
                let result = judge(facts, address, &exchange).await;
                result.evidence(evidence(&exchange))
            }
            Err(failure) => CheckResult::unknown(ID, failure.one_line()),
        };
        result.on(&address.shown).at(Level::OwnRead)
    }))
    .await
}

/// That a link works proves nothing of Segments.ai, whoever signed it.
async fn judge(facts: &Facts, address: &Address, exchange: &Exchange) -> CheckResult {
    let (code, message) = match loaded(exchange) {
        Loaded::Yes => {
            return CheckResult::pass(
                ID,
                format!("the signed link works as it would in a page at {ORIGIN}"),
            );
        }
        Loaded::Hidden => return hidden(facts, ID, "the signed link works").await,
        Loaded::NoBlob(reason) => return absent(ID, &reason),
        Loaded::Refused { code, message } => (code, message),
        Loaded::Odd => {
            return CheckResult::unknown(
                ID,
                format!(
                    "the answer to the signed link says neither yes nor no ({})",
                    exchange.in_short()
                ),
            );
        }
    };
    refused(address, &code, &message)
}

/// A link is refused to everybody alike, but for what it says of addresses. The codes:
/// <https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes>.
fn refused(address: &Address, code: &str, message: &str) -> CheckResult {
    let fail = |cause: Cause, why: &str| {
        CheckResult::fail(
            ID,
            cause,
            format!("Azure refuses the signed link (HTTP 403 {code}): {why}"),
        )
        .fix(cause.entry().remedy)
    };
    match code {
        "AuthenticationFailed" if mentions_policy(message) => {
            fail(Cause::Z14, "the account's policy for shared access signatures forbids it")
        }
        "AuthenticationFailed" => fail(
            Cause::Z45,
            "it is outside its time, or its signature does not fit: the link was changed, was cut off, or the key that it was signed with is no longer good",
        ),
        "AuthorizationProtocolMismatch" => fail(Cause::Z45, "it is for another protocol (`spr`)"),
        "AuthorizationPermissionMismatch" => {
            fail(Cause::Z45, "it does not let read, or whoever signed it may not read")
        }
        "AuthorizationServiceMismatch" => fail(Cause::Z45, "it is not for blobs (`ss`)"),
        "AuthorizationResourceTypeMismatch" | "AuthorizationResourceMismatch" => {
            fail(Cause::Z45, "it is for another kind of resource (`srt`, `sr`)")
        }
        "KeyBasedAuthenticationNotPermitted" => fail(
            Cause::Z45,
            "it was signed with the account's key, which the account does not take (Z17)",
        ),
        "AuthorizationSourceIPMismatch" => CheckResult::unknown(
            ID,
            format!(
                "Azure refuses the signed link to this machine (HTTP 403 {code}): it holds from {} alone, and whether the labellers are there is not known",
                address
                    .signature
                    .as_ref()
                    .and_then(|signature| signature.shared_access.as_ref())
                    .and_then(|shared| shared.addresses.clone())
                    .map_or_else(|| "other addresses".to_owned(), |range| crate::redact::escape_control(&range))
            ),
        )
        .because(Cause::Z45),
        _ => CheckResult::unknown(
            ID,
            format!("Azure refuses the signed link, and does not say why (HTTP 403 {code})"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::parse;
    use crate::finding::Status;

    #[test]
    fn a_refused_link_is_told_by_what_it_is_refused_for() {
        let address = parse("https://acme.blob.core.windows.net/photos/1.jpg?sv=2022-11-02&sr=b&sp=r&se=2030-01-01T00:00:00Z&sip=203.0.113.7&sig=AAAA").unwrap();
        for (code, message, status, cause) in [
            (
                "AuthenticationFailed",
                "Signature did not match",
                Status::Fail,
                Some(Cause::Z45),
            ),
            (
                "AuthenticationFailed",
                "The SAS expiration policy …",
                Status::Fail,
                Some(Cause::Z14),
            ),
            (
                "AuthorizationProtocolMismatch",
                "",
                Status::Fail,
                Some(Cause::Z45),
            ),
            (
                "AuthorizationPermissionMismatch",
                "",
                Status::Fail,
                Some(Cause::Z45),
            ),
            (
                "KeyBasedAuthenticationNotPermitted",
                "",
                Status::Fail,
                Some(Cause::Z45),
            ),
            (
                "AuthorizationSourceIPMismatch",
                "",
                Status::Unknown,
                Some(Cause::Z45),
            ),
            ("SomethingNew", "", Status::Unknown, None),
        ] {
            let result = refused(&address, code, message);
            assert_eq!((result.status, result.cause), (status, cause), "{code}");
        }
        let told = refused(&address, "AuthorizationSourceIPMismatch", "");
        assert!(told.detail.contains("203.0.113.7"), "{}", told.detail);
    }
}
