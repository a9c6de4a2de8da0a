//! The `Condition` of a statement: only what is plain is decided, which is TLS and the principal itself.
//!
//! Everything else is `Maybe` with its operator and key by name. A fuller evaluation that knows the
//! circumstances of a request can take the place of [`judge`] without a change elsewhere.

use serde_json::Value;

use super::outcome::Tri;
use super::principal_arn;

/// What was found for one operator and key.
pub(super) struct Finding {
    /// The operator and the key: `StringNotEquals aws:SourceVpce`.
    pub(super) value: String,
    /// Whether it holds for the requests of Segments.ai.
    pub(super) answer: Tri,
    /// Why.
    pub(super) why: String,
    /// The catalogue's code of what this may be.
    pub(super) suspected: Option<&'static str>,
}

/// The keys by which a known cause is recognised, in lower case, as keys have none:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>.
const KEYS: [(&str, &str); 21] = [
    ("aws:sourcevpce", "A04"),
    ("aws:sourcevpc", "A04"),
    ("aws:vpcsourceip", "A04"),
    ("aws:sourceip", "A05"),
    ("s3:tlsversion", "A07"),
    ("aws:principalorgid", "A08"),
    ("aws:principalorgpaths", "A08"),
    ("aws:principalaccount", "A08"),
    ("aws:resourceaccount", "A08"),
    ("s3:resourceaccount", "A08"),
    ("aws:userid", "A09"),
    ("aws:username", "A09"),
    ("s3:signatureage", "A10"),
    ("s3:authtype", "A11"),
    ("s3:x-amz-content-sha256", "A11"),
    ("aws:multifactorauthpresent", "A12"),
    ("aws:multifactorauthage", "A12"),
    ("s3:dataaccesspointaccount", "A13"),
    ("s3:dataaccesspointarn", "A13"),
    ("s3:accesspointnetworkorigin", "A13"),
    ("aws:referer", "A14"),
];

/// Whether a condition holds for the requests of `principal`, which always use https. All operators and keys
/// must hold, so one that does not decides.
pub(super) fn judge(condition: Option<&Value>, principal: &str) -> (Tri, Vec<Finding>) {
    let Some(condition) = condition else {
        return (Tri::Yes, Vec::new());
    };
    let mut findings = Vec::new();
    match condition {
        Value::Object(operators) => {
            for (operator, keys) in operators {
                match keys {
                    Value::Object(keys) if !keys.is_empty() => {
                        findings.extend(
                            keys.iter()
                                .map(|(key, values)| one(operator, key, values, principal)),
                        );
                    }
                    _ => findings.push(unclear(operator, "the operator names no key")),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            findings.push(unclear("Condition", "it is not an object"));
        }
    }
    let answer = findings
        .iter()
        .fold(Tri::Yes, |all, finding| all.and(finding.answer));
    (answer, findings)
}

fn one(operator: &str, key: &str, values: &Value, principal: &str) -> Finding {
    let value = format!("{operator} {key}");
    if key.eq_ignore_ascii_case("aws:PrincipalArn")
        && let Some(holds) = principal_arn::holds(operator, values, principal)
    {
        let (answer, why) = if holds {
            (Tri::Yes, format!("it holds for `{principal}`"))
        } else {
            (Tri::No, format!("it does not hold for `{principal}`"))
        };
        return Finding {
            value,
            answer,
            why,
            suspected: None,
        };
    }
    let decided = (matches!(operator, "Bool" | "BoolIfExists")
        && key.eq_ignore_ascii_case("aws:SecureTransport"))
    .then(|| booleans(values))
    .flatten();
    match decided {
        // Several values are alternatives:
        // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
        Some(wanted) => {
            let holds = wanted.contains(&true);
            Finding {
                value,
                answer: if holds { Tri::Yes } else { Tri::No },
                why: if holds {
                    "it holds for https, which Segments.ai always uses".to_owned()
                } else {
                    "it holds for plain http only, and Segments.ai always uses https".to_owned()
                },
                suspected: None,
            }
        }
        None => Finding {
            value,
            answer: Tri::Maybe,
            why: format!("whether `{operator}` on `{key}` holds is not evaluated"),
            suspected: suspected(key),
        },
    }
}

fn unclear(value: &str, why: &str) -> Finding {
    Finding {
        value: value.to_owned(),
        answer: Tri::Maybe,
        why: why.to_owned(),
        suspected: None,
    }
}

/// The values as booleans, where each is one; texts count as they do in IAM, with any case.
fn booleans(values: &Value) -> Option<Vec<bool>> {
    match values {
        Value::Bool(value) => Some(vec![*value]),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(vec![true]),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(vec![false]),
        Value::Array(items) if !items.is_empty() => {
            let mut all = Vec::new();
            for item in items {
                match item {
                    Value::Bool(_) | Value::String(_) => all.extend(booleans(item)?),
                    Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                        return None;
                    }
                }
            }
            Some(all)
        }
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

fn suspected(key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    if key.starts_with("s3:existingobjecttag/") {
        return Some("A15");
    }
    KEYS.iter()
        .find(|(known, _)| *known == key)
        .map(|(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn answer(condition: &Value) -> Tri {
        judge(
            Some(condition),
            "arn:aws:iam::931508227573:user/segmentsai-prod-user",
        )
        .0
    }

    #[test]
    fn no_condition_holds() {
        assert_eq!(judge(None, "").0, Tri::Yes);
    }

    /// <https://repost.aws/knowledge-center/s3-bucket-policy-for-config-rule>: the usual Deny on plain http.
    #[test]
    fn segments_always_uses_https() {
        for (condition, wanted) in [
            (json!({"Bool": {"aws:SecureTransport": "false"}}), Tri::No),
            (json!({"Bool": {"aws:SecureTransport": false}}), Tri::No),
            (
                json!({"BoolIfExists": {"AWS:securetransport": ["False"]}}),
                Tri::No,
            ),
            (json!({"Bool": {"aws:SecureTransport": "true"}}), Tri::Yes),
            (
                json!({"Bool": {"aws:SecureTransport": ["true", "false"]}}),
                Tri::Yes,
            ),
            (json!({"Bool": {"aws:SecureTransport": "no"}}), Tri::Maybe),
            (json!({"Bool": {"aws:SecureTransport": []}}), Tri::Maybe),
            (json!({"Bool": {"aws:SecureTransport": 0}}), Tri::Maybe),
            (
                json!({"bool": {"aws:SecureTransport": "false"}}),
                Tri::Maybe,
            ),
            (
                json!({"ForAnyValue:Bool": {"aws:SecureTransport": "false"}}),
                Tri::Maybe,
            ),
            (
                json!({"StringEquals": {"aws:SecureTransport": "false"}}),
                Tri::Maybe,
            ),
        ] {
            assert_eq!(answer(&condition), wanted, "{condition}");
        }
    }

    #[test]
    fn one_part_that_certainly_fails_decides() {
        let condition = json!({
            "StringNotEquals": {"aws:SourceVpce": "vpce-1"},
            "Bool": {"aws:SecureTransport": "false"},
        });
        assert_eq!(answer(&condition), Tri::No);
    }

    #[test]
    fn known_causes_are_suspected_by_their_key_in_any_case() {
        for (key, code) in [
            ("aws:SourceVpce", Some("A04")),
            ("aws:SourceIp", Some("A05")),
            ("s3:TlsVersion", Some("A07")),
            ("AWS:PRINCIPALORGID", Some("A08")),
            ("aws:userid", Some("A09")),
            ("s3:signatureAge", Some("A10")),
            ("s3:authType", Some("A11")),
            ("aws:MultiFactorAuthPresent", Some("A12")),
            ("s3:DataAccessPointAccount", Some("A13")),
            ("aws:Referer", Some("A14")),
            ("s3:ExistingObjectTag/Team", Some("A15")),
        ] {
            let (answer, findings) = judge(Some(&json!({"StringNotLike": {key: "x"}})), "");
            assert_eq!(answer, Tri::Maybe);
            assert_eq!(findings[0].suspected, code);
            assert_eq!(findings[0].value, format!("StringNotLike {key}"));
        }
    }

    #[test]
    fn odd_conditions_are_never_decided() {
        for condition in [
            json!(null),
            json!(5),
            json!([]),
            json!("x"),
            json!({"Bool": {}}),
            json!({"Bool": null}),
        ] {
            assert_eq!(answer(&condition), Tri::Maybe, "{condition}");
        }
    }
}
