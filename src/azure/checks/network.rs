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

/// How a network security perimeter stands to the other settings:
/// <https://learn.microsoft.com/azure/private-link/network-security-perimeter-transition>.
fn judge(id: &'static str, properties: &Value) -> CheckResult {
    let text = |value: Option<&Value>| match value {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text.clone()),
        Some(_) => None,
    };
    let rules = properties.get("networkAcls");
    let default = match rules {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::Object(rules)) => text(rules.get("defaultAction")),
        Some(_) => None,
    };
    let (Some(public), Some(default)) = (text(properties.get("publicNetworkAccess")), default)
    else {
        return CheckResult::unknown(
            id,
            "the account's network settings are of a form that is not known",
        )
        .decisive();
    };
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
        CheckResult::unknown(
            id,
            "a network security perimeter decides who reaches the account, and its rules are not read here; without one that admits them, labellers' browsers are refused",
        )
        .because(Cause::Z12)
        .fix(Cause::Z12.entry().remedy)
        .decisive()
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
        .decisive()
    } else if private > 0 {
        CheckResult::pass(
            id,
            format!(
                "by its own settings the account is open to the internet; its {private} private endpoints do not change that"
            ),
        )
    } else {
        CheckResult::pass(
            id,
            "by its own settings the account is open to the internet (its blobs are not)",
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
                Status::Unknown,
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
                json!({ "publicNetworkAccess": 7, "networkAcls": {} }),
                Status::Unknown,
                None,
            ),
            (json!({ "networkAcls": [] }), Status::Unknown, None),
            (
                json!({ "networkAcls": { "defaultAction": ["Deny"] } }),
                Status::Unknown,
                None,
            ),
            (
                json!({ "publicNetworkAccess": null, "networkAcls": null }),
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
            // What is not known must not end as a pass of the whole.
            assert_eq!(result.decisive, status == Status::Unknown, "{properties}");
        }
    }
}
