//! Conditions on `aws:PrincipalArn`, the one key whose value is known: Segments.ai's user asks in its own name.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>. A user's
//! own ARN is what the key holds, and it is in every signed request:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn>.

use serde_json::Value;

use super::glob::Glob;

/// Whether a value of the condition matches the principal, where that is certain.
type Match = fn(&str, &str) -> Option<bool>;

/// Whether `operator` with these values holds for `principal`; `None` where that is not certain.
pub(super) fn holds(operator: &str, values: &Value, principal: &str) -> Option<bool> {
    // The key is always there, so `IfExists` changes nothing.
    let operator = operator.strip_suffix("IfExists").unwrap_or(operator);
    let (negated, matches): (bool, Match) = match operator {
        "StringEquals" => (false, exactly),
        "StringNotEquals" => (true, exactly),
        "StringEqualsIgnoreCase" => (false, in_any_case),
        "StringNotEqualsIgnoreCase" => (true, in_any_case),
        "StringLike" => (false, like),
        "StringNotLike" => (true, like),
        // Both ARN operators match wildcards, whatever their names say.
        "ArnEquals" | "ArnLike" => (false, arn_like),
        "ArnNotEquals" | "ArnNotLike" => (true, arn_like),
        _ => return None,
    };
    // Several values are alternatives; a negated operator holds when none of them matches.
    let mut any = false;
    for value in texts(values)? {
        // A policy variable stands for something else than its text.
        if value.contains("${") {
            return None;
        }
        any |= matches(value, principal)?;
    }
    Some(any != negated)
}

fn texts(values: &Value) -> Option<Vec<&str>> {
    match values {
        Value::String(text) => Some(vec![text]),
        Value::Array(items) if !items.is_empty() => items.iter().map(Value::as_str).collect(),
        Value::Array(_) | Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {
            None
        }
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "one of several ways to match, some of which may not decide"
)]
fn exactly(value: &str, principal: &str) -> Option<bool> {
    Some(value == principal)
}

/// Beyond ASCII, what "the same but for case" means is not documented.
fn in_any_case(value: &str, principal: &str) -> Option<bool> {
    value
        .is_ascii()
        .then(|| value.eq_ignore_ascii_case(principal))
}

fn like(value: &str, principal: &str) -> Option<bool> {
    Glob::pattern(value).intersects(&Glob::literal(principal))
}

/// Each of the six parts is matched by itself; a wildcard does not reach over a colon.
fn arn_like(value: &str, principal: &str) -> Option<bool> {
    let (wanted, own): (Vec<&str>, Vec<&str>) = (
        value.splitn(6, ':').collect(),
        principal.splitn(6, ':').collect(),
    );
    if wanted.len() != 6 || own.len() != 6 {
        return None;
    }
    let mut all = true;
    for (wanted, own) in wanted.into_iter().zip(own) {
        all &= like(wanted, own)?;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::holds;

    const SEGMENTS: &str = "arn:aws:iam::931508227573:user/segmentsai-prod-user";

    #[test]
    fn an_exemption_of_segments_is_understood_in_every_documented_form() {
        for (operator, values, wanted) in [
            ("StringNotEquals", json!(SEGMENTS), Some(false)),
            (
                "StringNotEquals",
                json!(["arn:aws:iam::111122223333:user/ana", SEGMENTS]),
                Some(false),
            ),
            (
                "StringNotEquals",
                json!("arn:aws:iam::111122223333:user/ana"),
                Some(true),
            ),
            ("StringNotEqualsIfExists", json!(SEGMENTS), Some(false)),
            (
                "StringNotEqualsIgnoreCase",
                json!(SEGMENTS.to_uppercase()),
                Some(false),
            ),
            (
                "StringNotLike",
                json!("arn:aws:iam::931508227573:*"),
                Some(false),
            ),
            (
                "StringNotLike",
                json!("arn:aws:iam::111122223333:*"),
                Some(true),
            ),
            ("ArnNotEquals", json!(SEGMENTS), Some(false)),
            (
                "ArnNotLike",
                json!("arn:aws:iam::*:user/segmentsai-*"),
                Some(false),
            ),
            ("StringEquals", json!(SEGMENTS), Some(true)),
            ("StringEquals", json!(SEGMENTS.to_uppercase()), Some(false)),
            (
                "ArnEquals",
                json!("arn:aws:iam::931508227573:user/*"),
                Some(true),
            ),
            (
                "ArnLike",
                json!("arn:aws:iam::111122223333:role/*"),
                Some(false),
            ),
        ] {
            assert_eq!(
                holds(operator, &values, SEGMENTS),
                wanted,
                "{operator} {values}"
            );
        }
    }

    #[test]
    fn what_is_not_documented_is_not_decided() {
        for (operator, values) in [
            ("StringNotEquals", json!([])),
            ("StringNotEquals", json!(5)),
            ("StringNotEquals", json!(null)),
            ("StringNotEquals", json!("${aws:PrincipalArn}")),
            ("ForAllValues:StringNotEquals", json!(SEGMENTS)),
            ("stringnotequals", json!(SEGMENTS)),
            ("ArnNotLike", json!("*")),
            ("Null", json!("false")),
        ] {
            assert_eq!(
                holds(operator, &values, SEGMENTS),
                None,
                "{operator} {values}"
            );
        }
    }
}
