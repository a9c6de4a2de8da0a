//! Who is asking, and where the account is.

use serde_json::json;

use super::{outside, segments};
use crate::azure::facts::Facts;
use crate::azure::view::Standpoint;
use crate::catalogue::Cause;
use crate::finding::CheckResult;

/// Who is asking.
pub fn identity(facts: &Facts) -> CheckResult {
    const ID: &str = "azure.identity";
    let access = match facts.view.caller() {
        Ok(access) if facts.view.from == Standpoint::Segments => return segments::identity(access),
        Ok(access) => access,
        Err(failure) => return CheckResult::skipped(ID, failure.one_line()),
    };
    let tenant = access.caller.tenant.as_deref();
    let tenant = tenant.unwrap_or_else(|| access.place.tenant());
    CheckResult::pass(
        ID,
        format!("you are {}, in the tenant {tenant}", access.who()),
    )
    .evidence(json!({
        "name": access.caller.name,
        "object_id": access.caller.object,
        "tenant": tenant,
        "credentials": access.link.map(crate::azure::credential::Link::in_words),
    }))
}

/// The account exists, where it is, and whether browsers can load from an account of its kind.
pub async fn target(facts: &Facts) -> CheckResult {
    const ID: &str = "azure.target";
    let account = match facts.found() {
        Ok(account) => account,
        Err(failure) if facts.view.owner.is_err() => {
            return outside::target(facts, &failure).await.decisive();
        }
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()).decisive(),
    };
    let endpoint = account.blob_endpoint.as_ref().map(ToString::to_string);
    let evidence = json!({
        "id": account.id,
        "location": account.location,
        "kind": account.kind,
        "sku": account.sku,
        "blob_endpoint": endpoint,
        "hierarchical_namespace": account.hierarchical,
    });
    let given = facts.place().name.host_in_url.as_deref();
    let host = account
        .blob_endpoint
        .as_ref()
        .and_then(|url| url.host_str());
    let result = match (&endpoint, given, host) {
        (None, _, _) => CheckResult::fail(
            ID,
            Cause::Z34,
            format!(
                "the storage account `{}` (kind {}) has no blob endpoint: it holds files alone",
                account.name, account.kind
            ),
        )
        .fix(Cause::Z34.entry().remedy),
        _ if account.is_premium_general_purpose() => CheckResult::fail(
            ID,
            Cause::Z22,
            format!(
                "the storage account `{}` is of kind {} with {}: its blob service has no CORS",
                account.name, account.kind, account.sku
            ),
        )
        .fix(Cause::Z22.entry().remedy),
        (Some(endpoint), Some(given), Some(host)) if is_another(given, host) => CheckResult::fail(
            ID,
            Cause::Z29,
            format!(
                "the URL names the host {given}, and the account's blob endpoint is {endpoint}"
            ),
        )
        .fix(format!("register URLs that begin with {endpoint}")),
        (Some(endpoint), _, _) => CheckResult::pass(
            ID,
            format!(
                "the storage account `{}` is in {} ({}, {}), its blobs at {endpoint}",
                account.name, account.location, account.kind, account.sku
            ),
        ),
    };
    result.evidence(evidence).decisive()
}

/// Whether the host of a URL is another one than the account's own. Where the account is on this machine, its host is
/// not the one of its URLs.
fn is_another(given: &str, host: &str) -> bool {
    let here = url::Host::parse(host).is_ok_and(|host| crate::probe::is_loopback(&host));
    !here && !given.eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::is_another;

    #[test]
    fn an_account_in_a_zone_of_its_own_has_another_host() {
        let common = "acme.blob.core.windows.net";
        assert!(!is_another(common, common));
        assert!(is_another(common, "acme.z13.blob.storage.azure.net"));
        assert!(!is_another(common, "127.0.0.1"));
    }
}
