//! Policies of the organisation that admit only some members to any IAM policy: whether one may refuse us.
//!
//! Pure. Both forms: <https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains>. The
//! older one lists customers, and which one Segments.ai is can not be seen from outside; so its answer is "may".

use serde_json::Value;

/// Whether the effective policy of one of the two constraints may refuse `member`.
#[must_use]
pub fn may_refuse(policy: &Value, member: &str) -> bool {
    let rules = policy
        .pointer("/spec/rules")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    rules.iter().any(|rule| {
        let is = |name: &str| rule.get(name).and_then(Value::as_bool) == Some(true);
        if is("denyAll") {
            return true;
        }
        if is("enforce") {
            return !listed(rule, "/parameters/allowedMemberSubjects", member);
        }
        rule.pointer("/values/allowedValues")
            .and_then(Value::as_array)
            .is_some_and(|values| !values.is_empty())
    })
}

/// Whether an effective policy enforces a constraint that is only on or off.
#[must_use]
pub fn is_enforced(policy: &Value) -> bool {
    policy
        .pointer("/spec/rules")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|rule| rule.get("enforce").and_then(Value::as_bool) == Some(true))
}

fn listed(rule: &Value, place: &str, member: &str) -> bool {
    rule.pointer(place)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .any(|subject| subject == member)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_constraints_are_understood() {
        let member = "serviceAccount:acme@segments-prod.iam.gserviceaccount.com";
        for (rules, expected) in [
            (json!([]), false),
            (json!([{"allowAll": true}]), false),
            (json!([{"denyAll": true}]), true),
            (json!([{"values": {"allowedValues": ["is:C0123"]}}]), true),
            (json!([{"enforce": false}]), false),
            (json!([{"enforce": true}]), true),
            (
                json!([{"enforce": true, "parameters": {"allowedMemberSubjects": [member]}}]),
                false,
            ),
            (
                json!([{"enforce": true, "parameters": {"allowedPrincipalSets": ["//cloudresourcemanager.googleapis.com/organizations/1"]}}]),
                true,
            ),
        ] {
            assert_eq!(
                may_refuse(&json!({"spec": {"rules": rules}}), member),
                expected,
                "{rules}"
            );
        }
        assert!(!may_refuse(&json!({}), member));
    }
}
