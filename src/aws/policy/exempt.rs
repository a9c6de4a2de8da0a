//! The mend of a Deny that was never meant for Segments.ai: the same statement, with one condition more.
//!
//! All conditions of a statement must hold, so a further one can only let somebody out of a Deny:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>.

use serde_json::{Map, Value, json};

const OPERATOR: &str = "StringNotEquals";
const KEY: &str = "aws:PrincipalArn";

/// The statement, changed so that it does not apply to the principal; nothing where it has a form that is not
/// understood.
#[must_use]
pub fn exempt(statement: &Map<String, Value>, principal: &str) -> Option<Value> {
    let mut statement = statement.clone();
    let condition = statement
        .entry("Condition")
        .or_insert_with(|| json!({}))
        .as_object_mut()?;
    let keys = condition
        .entry(OPERATOR)
        .or_insert_with(|| json!({}))
        .as_object_mut()?;
    let key = keys
        .keys()
        .find(|key| key.eq_ignore_ascii_case(KEY))
        .cloned()
        .unwrap_or_else(|| KEY.to_owned());
    let value = match keys.get(&key) {
        None => json!(principal),
        Some(Value::String(other)) => json!([other, principal]),
        Some(Value::Array(others)) => {
            let mut all = others.clone();
            all.push(json!(principal));
            Value::Array(all)
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => return None,
    };
    keys.insert(key, value);
    Some(Value::Object(statement))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::policy::generate::USER;

    #[test]
    fn one_condition_is_added_and_nothing_else_changes() {
        for (condition, wanted) in [
            (json!(null), json!(null)),
            (
                json!({}),
                json!({"StringNotEquals": {"aws:PrincipalArn": USER}}),
            ),
            (
                json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
                json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1", "aws:PrincipalArn": USER}}),
            ),
            (
                json!({"StringNotEquals": {"aws:principalarn": "x"}}),
                json!({"StringNotEquals": {"aws:principalarn": ["x", USER]}}),
            ),
            (
                json!({"StringNotEquals": {"aws:PrincipalArn": ["x", "y"]}}),
                json!({"StringNotEquals": {"aws:PrincipalArn": ["x", "y", USER]}}),
            ),
            (
                json!({"ArnNotLike": {"aws:PrincipalArn": "x"}}),
                json!({"ArnNotLike": {"aws:PrincipalArn": "x"}, "StringNotEquals": {"aws:PrincipalArn": USER}}),
            ),
            (json!({"StringNotEquals": 5}), json!(null)),
        ] {
            let statement = json!({"Effect": "Deny", "Condition": condition});
            let Value::Object(statement) = statement else {
                unreachable!("it is an object")
            };
            let mended = exempt(&statement, USER);
            match mended {
                None => assert_eq!(wanted, json!(null)),
                Some(mended) => assert_eq!(mended, json!({"Effect": "Deny", "Condition": wanted})),
            }
        }
    }
}
