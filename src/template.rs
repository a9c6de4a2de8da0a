//! The published documents, embedded, and their placeholders filled in.
//!
//! Substitution happens in parsed string values, never in text, so no value can break out of its string.

use serde_json::Value;

/// Parses an embedded document. They are part of the program, and a test parses each of them.
#[must_use]
pub fn parse(text: &'static str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// Replaces `placeholder` by `value` wherever it stands inside a string value. Member names are left alone.
#[must_use]
pub fn fill(document: &Value, placeholder: &str, value: &str) -> Value {
    match document {
        Value::String(text) => Value::String(text.replace(placeholder, value)),
        Value::Array(items) => items
            .iter()
            .map(|item| fill(item, placeholder, value))
            .collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), fill(member, placeholder, value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => document.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::fill;

    #[test]
    fn a_value_cannot_break_out_of_its_string() {
        let hostile = r#"x"},{"Effect":"Allow","Principal":"*"#;
        let filled = fill(
            &json!({"Resource": "arn:NAME/*", "NAME": 1}),
            "NAME",
            hostile,
        );
        assert_eq!(
            filled,
            json!({"Resource": format!("arn:{hostile}/*"), "NAME": 1})
        );
    }
}
