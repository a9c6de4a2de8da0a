//! The `Condition` of a statement, held against what is known of a request.
//!
//! All operators and keys must hold, so one that certainly does not decides. What is not known or not understood is
//! `Maybe`, with its operator and key by name.

mod comparing;
mod operator;
mod reading;

use serde_json::Value;

use self::comparing::{Answer, Written, compare};
use self::operator::Operator;
pub(super) use self::reading::Network;
use super::circumstances::Values;
use super::outcome::Tri;
use super::statement::Effect;
use super::variables::Variables;

/// What was found for one operator and key.
pub(super) struct Finding {
    /// The operator and the key: `StringNotEquals aws:SourceVpce`.
    pub(super) value: String,
    /// Whether it holds for these requests.
    pub(super) answer: Tri,
    /// With `Maybe`: it is certain that it holds at some time of a link's life, and not at another.
    pub(super) varies: bool,
    /// Why.
    pub(super) why: String,
    /// The catalogue's code of what this may be.
    pub(super) suspected: Option<&'static str>,
}

impl Finding {
    /// The finding as a clause: "its condition `StringNotEquals aws:SourceVpce` holds for a link in a browser: …".
    pub(super) fn in_words(&self) -> String {
        match self.why.strip_prefix("it ") {
            Some(rest) => format!("its condition `{}` {rest}", self.value),
            None => format!("its condition `{}`: {}", self.value, self.why),
        }
    }
}

/// The keys by which a known cause is recognised, in lower case, as keys have none:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html>.
const KEYS: [(&str, &str); 33] = [
    ("aws:sourcevpce", "A04"),
    ("aws:sourcevpc", "A04"),
    ("aws:sourcevpcarn", "A04"),
    ("aws:vpcsourceip", "A04"),
    ("aws:vpceaccount", "A04"),
    ("aws:vpceorgid", "A04"),
    ("aws:vpceorgpaths", "A04"),
    ("aws:sourceip", "A05"),
    ("aws:securetransport", "A06"),
    ("s3:tlsversion", "A07"),
    ("aws:principalorgid", "A08"),
    ("aws:principalorgpaths", "A08"),
    ("aws:principalaccount", "A08"),
    ("aws:resourceaccount", "A08"),
    ("s3:resourceaccount", "A08"),
    ("aws:resourceorgid", "A08"),
    ("aws:resourceorgpaths", "A08"),
    ("aws:userid", "A09"),
    ("aws:username", "A09"),
    ("aws:principalarn", "A09"),
    ("aws:principaltype", "A09"),
    ("s3:signatureage", "A10"),
    ("s3:authtype", "A11"),
    ("s3:signatureversion", "A11"),
    ("s3:x-amz-content-sha256", "A11"),
    ("aws:multifactorauthpresent", "A12"),
    ("aws:multifactorauthage", "A12"),
    ("s3:dataaccesspointaccount", "A13"),
    ("s3:dataaccesspointarn", "A13"),
    ("s3:accesspointnetworkorigin", "A13"),
    ("aws:referer", "A14"),
    ("aws:currenttime", "A52"),
    ("aws:epochtime", "A52"),
];

/// Whether a condition of a statement of this effect holds for the requests that the variables tell of.
pub(super) fn judge(
    condition: Option<&Value>,
    effect: Effect,
    variables: &Variables<'_>,
) -> (Tri, Vec<Finding>) {
    let Some(condition) = condition else {
        return (Tri::Yes, Vec::new());
    };
    let mut findings = Vec::new();
    match condition {
        Value::Object(operators) => {
            for (operator, keys) in operators {
                match keys {
                    Value::Object(keys) if !keys.is_empty() => {
                        findings
                            .extend(keys.iter().map(|(key, values)| {
                                one(operator, key, values, effect, variables)
                            }));
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

fn one(
    name: &str,
    key: &str,
    values: &Value,
    effect: Effect,
    variables: &Variables<'_>,
) -> Finding {
    let value = format!("{name} {key}");
    let suspected = suspected(key);
    let maybe = |why: String| Finding {
        value: value.clone(),
        answer: Tri::Maybe,
        varies: false,
        why,
        suspected,
    };
    let Some(operator) = Operator::read(name) else {
        return maybe(format!("`{name}` is not an operator that is known"));
    };
    let Some(written) = written(values) else {
        return maybe("its values are none that a condition can have".to_owned());
    };
    let known = variables.circumstances.of(key);
    let epoch = key.eq_ignore_ascii_case("aws:EpochTime");
    let Answer { holds, varies } = match (
        compare(operator, &known, epoch, &written, variables),
        &known.values,
    ) {
        (answer, Values::Elsewhere { .. }) if lets_in(answer.holds, effect) => Answer::MAYBE,
        (answer, _) => answer,
    };
    let request = variables.circumstances.name;
    let asked = in_words(&written);
    let why = match holds {
        Tri::Yes => format!(
            "it holds for {request}: `{key}` {} (the policy says {asked})",
            known.why
        ),
        Tri::No => format!(
            "it does not hold for {request}: `{key}` {} (the policy says {asked})",
            known.why
        ),
        Tri::Maybe if varies => {
            format!(
                "it holds for {request} at some times and not at others: `{key}` {} (the policy says {asked})",
                known.why
            )
        }
        Tri::Maybe => format!(
            "whether it holds for {request} is not known: `{key}` {} (the policy says {asked})",
            known.why
        ),
    };
    Finding {
        value,
        answer: holds,
        varies,
        why,
        suspected,
    }
}

/// Whether a statement lets somebody in by this answer. Whose organisation a policy names is taken from what such
/// conditions are for, which is to keep others out; so it may keep Segments.ai out, and let in nobody.
fn lets_in(holds: Tri, effect: Effect) -> bool {
    match effect {
        Effect::Allow => holds == Tri::Yes,
        Effect::Deny => holds == Tri::No,
        Effect::Unclear => false,
    }
}

fn unclear(value: &str, why: &str) -> Finding {
    Finding {
        value: value.to_owned(),
        answer: Tri::Maybe,
        varies: false,
        why: why.to_owned(),
        suspected: None,
    }
}

/// The values of a key: one or several texts, numbers or booleans.
fn written(values: &Value) -> Option<Vec<Written>> {
    let one = |value: &Value| {
        let (text, quoted) = match value {
            Value::String(text) => (text.clone(), true),
            Value::Number(number) => (number.to_string(), false),
            Value::Bool(flag) => (flag.to_string(), false),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        };
        Some(Written { text, quoted })
    };
    match values {
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => items.iter().map(one).collect(),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => one(values).map(|one| vec![one]),
        Value::Null | Value::Object(_) => None,
    }
}

/// The values, short enough to be shown.
fn in_words(written: &[Written]) -> String {
    const SHOWN: usize = 3;
    const LONG: usize = 100;
    let mut said: Vec<String> = written
        .iter()
        .take(SHOWN)
        .map(|value| format!("`{}`", value.text.chars().take(LONG).collect::<String>()))
        .collect();
    if written.len() > SHOWN {
        said.push(format!("{} more", written.len() - SHOWN));
    }
    said.join(", ")
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
mod tests;
