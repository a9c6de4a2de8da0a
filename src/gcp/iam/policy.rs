//! The shape of an IAM policy: which members of the document are known, and who is named where.
//!
//! <https://cloud.google.com/iam/docs/reference/rest/v1/Policy>.

use serde_json::{Map, Value};

/// How many principals the policy of a bucket may name: <https://cloud.google.com/storage/quotas#buckets>.
pub const MAX_PRINCIPALS: usize = 1500;

/// Our one entry: this member in the unconditional binding of this role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ours<'a> {
    /// `projects/PROJECT/roles/ID`.
    pub role: &'a str,
    /// `serviceAccount:ADDRESS`.
    pub member: &'a str,
}

/// The bindings, where there are any.
pub(super) fn bindings(policy: &Value) -> &[Value] {
    policy
        .get("bindings")
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

pub(super) fn role_of(binding: &Value) -> &str {
    binding
        .get("role")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

pub(super) fn members_of(binding: &Value) -> impl Iterator<Item = &str> {
    binding
        .get("members")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

pub(super) fn condition_of(binding: &Value) -> Option<&Value> {
    binding
        .get("condition")
        .filter(|condition| !condition.is_null())
}

/// Whether two members are the same principal. Addresses are compared without case, as Google does.
pub(super) fn same_member(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// What to call a binding: its role, and its condition where it has one.
#[must_use]
pub fn binding_name(binding: &Value) -> String {
    let role = role_of(binding);
    match condition_of(binding) {
        None => format!("the binding of `{role}`"),
        Some(condition) => {
            let title = condition
                .get("title")
                .and_then(Value::as_str)
                .filter(|title| !title.is_empty());
            match title {
                Some(title) => format!("the binding of `{role}` on the condition `{title}`"),
                None => format!("the conditional binding of `{role}`"),
            }
        }
    }
}

/// The names of all members of a policy that this program does not know, and that would be lost if it were written
/// back through the SDK's types.
#[must_use]
pub fn unknown_members(policy: &Value) -> Vec<String> {
    let mut unknown = Vec::new();
    let known_at = |path: &str| -> &[&str] {
        match path {
            // `kind` and `resourceId` are what the JSON interface of Cloud Storage adds to its answers.
            "" => &[
                "kind",
                "resourceId",
                "version",
                "etag",
                "bindings",
                "auditConfigs",
            ],
            "bindings" => &["role", "members", "condition"],
            "bindings.condition" => &["expression", "title", "description", "location"],
            "auditConfigs" => &["service", "auditLogConfigs"],
            "auditConfigs.auditLogConfigs" => &["logType", "exemptedMembers"],
            _ => &[],
        }
    };
    look(policy, "", &known_at, &mut unknown);
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}

fn look<'a>(
    value: &Value,
    path: &str,
    known_at: &dyn Fn(&str) -> &'a [&'a str],
    unknown: &mut Vec<String>,
) {
    match value {
        Value::Object(members) => look_in(members, path, known_at, unknown),
        Value::Array(items) => {
            for item in items {
                look(item, path, known_at, unknown);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn look_in<'a>(
    members: &Map<String, Value>,
    path: &str,
    known_at: &dyn Fn(&str) -> &'a [&'a str],
    unknown: &mut Vec<String>,
) {
    for (name, value) in members {
        let inner = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        if known_at(path).contains(&name.as_str()) {
            look(value, &inner, known_at, unknown);
        } else {
            unknown.push(inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_that_would_be_lost_are_named() {
        let known = json!({
            "kind": "storage#policy", "resourceId": "projects/_/buckets/b", "version": 3, "etag": "CAE=",
            "bindings": [{"role": "r", "members": ["user:a@b.c"],
                "condition": {"expression": "true", "title": "t", "description": "d", "location": "l"}}],
            "auditConfigs": [{"service": "s", "auditLogConfigs": [{"logType": "DATA_READ", "exemptedMembers": ["m"]}]}],
        });
        assert_eq!(unknown_members(&known), Vec::<String>::new());
        let unknown = json!({
            "rules": [], "bindings": [{"role": "r", "members": [], "bindingId": "1", "condition": {"language": "x"}},
                {"bindingId": "2"}],
            "auditConfigs": [{"exemptedMembers": []}],
        });
        assert_eq!(
            unknown_members(&unknown),
            [
                "auditConfigs.exemptedMembers",
                "bindings.bindingId",
                "bindings.condition.language",
                "rules"
            ]
        );
    }

    #[test]
    fn bindings_are_called_by_role_and_condition() {
        assert_eq!(
            binding_name(&json!({"role": "roles/x"})),
            "the binding of `roles/x`"
        );
        assert_eq!(
            binding_name(&json!({"role": "roles/x", "condition": {"title": "until June"}})),
            "the binding of `roles/x` on the condition `until June`"
        );
        assert_eq!(
            binding_name(&json!({"role": "roles/x", "condition": {"expression": "true"}})),
            "the conditional binding of `roles/x`"
        );
    }
}
