//! The account's network rules, as far as they are settings of the account. A link never widens them:
//! <https://learn.microsoft.com/azure/storage/common/storage-network-security>.

use serde_json::{Value, json};

use super::unreadable;
use crate::azure::facts::Facts;
use crate::catalogue::Cause;
use crate::finding::CheckResult;

/// Whether labellers, who are on the internet, reach the account.
pub async fn network(facts: &Facts) -> CheckResult {
    const ID: &str = "azure.network";
    let account = match facts.account().await {
        Ok(account) => account,
        Err(failure) => return CheckResult::unknown(ID, unreadable(failure)),
    };
    let properties = account.get("properties").cloned().unwrap_or_default();
    judge(ID, &properties)
}

fn judge(id: &'static str, properties: &Value) -> CheckResult {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let public = text(properties.get("publicNetworkAccess"));
    let rules = properties.get("networkAcls");
    let default = text(rules.and_then(|rules| rules.get("defaultAction")));
    let count = |name: &str| {
        rules
            .and_then(|rules| rules.get(name))
            .and_then(Value::as_array)
            .map_or(0, Vec::len)
    };
    let private = properties
        .get("privateEndpointConnections")
        .and_then(Value::as_array)
        .map_or(0, Vec::len);
    let evidence = json!({
        "public_network_access": public,
        "default_action": default,
        "ip_rules": count("ipRules"),
        "virtual_network_rules": count("virtualNetworkRules"),
        "private_endpoints": private,
    });
    let is = |value: &str, wanted: &str| value.eq_ignore_ascii_case(wanted);
    let result = if is(&public, "Disabled") {
        CheckResult::fail(
            id,
            Cause::Z12,
            "public network access is disabled: labellers' browsers do not reach the account",
        )
        .fix(Cause::Z12.entry().remedy)
    } else if is(&public, "SecuredByPerimeter") {
        CheckResult::fail(
            id,
            Cause::Z12,
            "a network security perimeter decides who reaches the account, and its rules are not read here",
        )
        .fix(Cause::Z12.entry().remedy)
    } else if is(&default, "Deny") {
        let admitted = match (count("ipRules"), count("virtualNetworkRules")) {
            (0, 0) => "nobody".to_owned(),
            (addresses, networks) => {
                format!("{addresses} ranges of addresses and {networks} virtual networks")
            }
        };
        CheckResult::fail(
            id,
            Cause::Z11,
            format!("the account's firewall admits {admitted} alone; the browser of a labeller elsewhere is refused, whatever link it has"),
        )
        .fix(Cause::Z11.entry().remedy)
    } else if !public.is_empty() && !is(&public, "Enabled")
        || !default.is_empty() && !is(&default, "Allow")
    {
        CheckResult::unknown(
            id,
            format!(
                "the account's network settings are not ones that this version knows (`{public}`, `{default}`)"
            ),
        )
    } else if private > 0 {
        CheckResult::pass(
            id,
            format!(
                "the account is open to the internet; its {private} private endpoints do not change that"
            ),
        )
    } else {
        CheckResult::pass(
            id,
            "the account is open to the internet (its blobs are not)",
        )
    };
    result.evidence(evidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Status;

    #[test]
    fn settings_that_keep_browsers_out_are_told_apart() {
        for (properties, status, cause) in [
            (json!({}), Status::Pass, None),
            (
                json!({ "publicNetworkAccess": "Enabled", "networkAcls": { "defaultAction": "Allow" } }),
                Status::Pass,
                None,
            ),
            (
                json!({ "privateEndpointConnections": [{}] }),
                Status::Pass,
                None,
            ),
            (
                json!({ "publicNetworkAccess": "Disabled" }),
                Status::Fail,
                Some(Cause::Z12),
            ),
            (
                json!({ "publicNetworkAccess": "SecuredByPerimeter" }),
                Status::Fail,
                Some(Cause::Z12),
            ),
            (
                json!({ "networkAcls": { "defaultAction": "Deny", "ipRules": [] } }),
                Status::Fail,
                Some(Cause::Z11),
            ),
            (
                json!({ "networkAcls": { "defaultAction": "deny", "ipRules": [{}] } }),
                Status::Fail,
                Some(Cause::Z11),
            ),
            (
                json!({ "networkAcls": { "defaultAction": "Sometimes" } }),
                Status::Unknown,
                None,
            ),
            (
                json!({ "publicNetworkAccess": 7, "networkAcls": [] }),
                Status::Pass,
                None,
            ),
        ] {
            let result = judge("azure.network", &properties);
            assert_eq!(
                (result.status, result.cause),
                (status, cause),
                "{properties}"
            );
        }
    }
}
