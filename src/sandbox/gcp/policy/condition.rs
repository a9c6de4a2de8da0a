//! Conditions of bindings: the part of the Common Expression Language that IAM documents for Cloud Storage.
//!
//! An expression that is not understood is refused when it is written, and holds for nobody when it was seeded.
//! See <https://cloud.google.com/iam/docs/conditions-attribute-reference>.

mod parse;

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use parse::{Comparison, Expression};

/// What an expression may ask about.
#[derive(Debug, Clone)]
pub(super) struct Subject<'a> {
    /// `resource.name`, such as `projects/_/buckets/B/objects/O`.
    pub name: String,
    /// `resource.type`.
    pub kind: &'static str,
    /// The tags of the resource.
    pub tags: &'a BTreeMap<String, String>,
    /// `request.time`.
    pub now: OffsetDateTime,
    /// The prefix that a listing asks for.
    pub list_prefix: &'a str,
}

/// Why an expression cannot be written.
pub(super) fn fault(text: &str) -> Option<String> {
    match parse::parse(text) {
        Ok(expression) => unknown(&expression),
        Err(what) => Some(what),
    }
}

/// Whether an expression holds.
pub(super) fn holds(text: &str, subject: &Subject<'_>) -> bool {
    let value = parse::parse(text)
        .ok()
        .and_then(|expression| evaluate(&expression, subject));
    value == Some(Value::Truth(true))
}

/// What an expression can come to.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Value {
    Truth(bool),
    Number(i64),
    Text(String),
    Moment(OffsetDateTime),
}

const ATTRIBUTES: [&str; 4] = [
    "request.time",
    "resource.name",
    "resource.service",
    "resource.type",
];
const METHODS: [&str; 10] = [
    "endsWith",
    "extract",
    "getDayOfMonth",
    "getDayOfWeek",
    "getFullYear",
    "getHours",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "startsWith",
];
const FUNCTIONS: [&str; 5] = [
    "api.getAttribute",
    "resource.hasTagKey",
    "resource.matchTag",
    "timestamp",
    "date",
];

/// The first thing in an expression that IAM does not have, or that this place does not.
fn unknown(expression: &Expression) -> Option<String> {
    let undefined = |what: &str| Some(format!("undeclared reference to '{what}'"));
    match expression {
        Expression::Truth(_) | Expression::Number(_) | Expression::Text(_) => None,
        Expression::Attribute(name) if ATTRIBUTES.contains(&name.as_str()) => None,
        Expression::Not(inner) => unknown(inner),
        Expression::Both(left, right)
        | Expression::Either(left, right)
        | Expression::Compare(left, _, right) => unknown(left).or_else(|| unknown(right)),
        Expression::Function(name, arguments) if FUNCTIONS.contains(&name.as_str()) => {
            arguments.iter().find_map(unknown)
        }
        Expression::Method(target, name, arguments) if METHODS.contains(&name.as_str()) => {
            unknown(target).or_else(|| arguments.iter().find_map(unknown))
        }
        Expression::Attribute(name)
        | Expression::Function(name, _)
        | Expression::Method(_, name, _) => undefined(name),
    }
}

fn evaluate(expression: &Expression, subject: &Subject<'_>) -> Option<Value> {
    match expression {
        Expression::Truth(truth) => Some(Value::Truth(*truth)),
        Expression::Number(number) => Some(Value::Number(*number)),
        Expression::Text(text) => Some(Value::Text(text.clone())),
        Expression::Attribute(name) => attribute(name, subject),
        Expression::Not(inner) => truth(inner, subject).map(|truth| Value::Truth(!truth)),
        Expression::Both(left, right) => {
            // What is false on one side needs no other side, in either order.
            match (truth(left, subject), truth(right, subject)) {
                (Some(false), _) | (_, Some(false)) => Some(Value::Truth(false)),
                (Some(true), Some(true)) => Some(Value::Truth(true)),
                (None, _) | (_, None) => None,
            }
        }
        Expression::Either(left, right) => match (truth(left, subject), truth(right, subject)) {
            (Some(true), _) | (_, Some(true)) => Some(Value::Truth(true)),
            (Some(false), Some(false)) => Some(Value::Truth(false)),
            (None, _) | (_, None) => None,
        },
        Expression::Compare(left, comparison, right) => {
            let left = evaluate(left, subject)?;
            let right = evaluate(right, subject)?;
            let same_kind = std::mem::discriminant(&left) == std::mem::discriminant(&right);
            same_kind.then(|| Value::Truth(compare(&left, *comparison, &right)))
        }
        Expression::Function(name, arguments) => {
            let arguments: Option<Vec<Value>> = arguments
                .iter()
                .map(|argument| evaluate(argument, subject))
                .collect();
            function(name, &arguments?, subject)
        }
        Expression::Method(target, name, arguments) => {
            let target = evaluate(target, subject)?;
            let arguments: Option<Vec<Value>> = arguments
                .iter()
                .map(|argument| evaluate(argument, subject))
                .collect();
            method(&target, name, &arguments?)
        }
    }
}

fn truth(expression: &Expression, subject: &Subject<'_>) -> Option<bool> {
    match evaluate(expression, subject)? {
        Value::Truth(truth) => Some(truth),
        Value::Number(_) | Value::Text(_) | Value::Moment(_) => None,
    }
}

fn compare(left: &Value, comparison: Comparison, right: &Value) -> bool {
    match comparison {
        Comparison::Equal => left == right,
        Comparison::Different => left != right,
        Comparison::Less => left < right,
        Comparison::LessOrEqual => left <= right,
        Comparison::Greater => left > right,
        Comparison::GreaterOrEqual => left >= right,
    }
}

fn attribute(name: &str, subject: &Subject<'_>) -> Option<Value> {
    Some(match name {
        "request.time" => Value::Moment(subject.now),
        "resource.name" => Value::Text(subject.name.clone()),
        "resource.service" => Value::Text("storage.googleapis.com".to_owned()),
        "resource.type" => Value::Text(subject.kind.to_owned()),
        _ => return None,
    })
}

fn function(name: &str, arguments: &[Value], subject: &Subject<'_>) -> Option<Value> {
    match (name, arguments) {
        ("timestamp" | "date", [Value::Text(text)]) => {
            let whole = if text.contains('T') {
                text.clone()
            } else {
                format!("{text}T00:00:00Z")
            };
            OffsetDateTime::parse(&whole, &Rfc3339)
                .ok()
                .map(Value::Moment)
        }
        ("resource.hasTagKey", [Value::Text(key)]) => {
            Some(Value::Truth(subject.tags.contains_key(key)))
        }
        ("resource.matchTag", [Value::Text(key), Value::Text(value)]) => {
            Some(Value::Truth(subject.tags.get(key) == Some(value)))
        }
        ("api.getAttribute", [Value::Text(name), Value::Text(otherwise)]) => {
            let known = name == "storage.googleapis.com/objectListPrefix";
            let value = if known && !subject.list_prefix.is_empty() {
                subject.list_prefix
            } else {
                otherwise
            };
            Some(Value::Text(value.to_owned()))
        }
        _ => None,
    }
}

fn method(target: &Value, name: &str, arguments: &[Value]) -> Option<Value> {
    match (target, name, arguments) {
        (Value::Text(text), "startsWith", [Value::Text(prefix)]) => {
            Some(Value::Truth(text.starts_with(prefix.as_str())))
        }
        (Value::Text(text), "endsWith", [Value::Text(suffix)]) => {
            Some(Value::Truth(text.ends_with(suffix.as_str())))
        }
        (Value::Text(text), "extract", [Value::Text(template)]) => {
            extract(text, template).map(Value::Text)
        }
        (Value::Moment(moment), part, []) => part_of(*moment, part).map(Value::Number),
        (Value::Moment(moment), part, [Value::Text(zone)]) if zone == "UTC" => {
            part_of(*moment, part).map(Value::Number)
        }
        _ => None,
    }
}

/// The text where the template has its braces: between the first occurrence of what stands before them and the first
/// occurrence after it of what stands behind; nothing when either is not there.
/// See <https://cloud.google.com/iam/docs/conditions-attribute-reference#extract>.
fn extract(text: &str, template: &str) -> Option<String> {
    let (before, rest) = template.split_once('{')?;
    let (_, behind) = rest.split_once('}')?;
    let found = text.split_once(before).and_then(|(_, rest)| {
        if behind.is_empty() {
            Some(rest)
        } else {
            rest.split_once(behind).map(|(found, _)| found)
        }
    });
    Some(found.unwrap_or_default().to_owned())
}

/// Months and days of the week are counted from 0, days of the month too.
/// See <https://cloud.google.com/iam/docs/conditions-attribute-reference#date-time-functions>.
fn part_of(moment: OffsetDateTime, part: &str) -> Option<i64> {
    Some(match part {
        "getFullYear" => i64::from(moment.year()),
        "getMonth" => i64::from(u8::from(moment.month())) - 1,
        "getDayOfMonth" => i64::from(moment.day()) - 1,
        "getDayOfWeek" => i64::from(moment.weekday().number_days_from_sunday()),
        "getHours" => i64::from(moment.hour()),
        "getMinutes" => i64::from(moment.minute()),
        "getSeconds" => i64::from(moment.second()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds_for_the_photo(text: &str) -> bool {
        let tags = BTreeMap::from([("123/env".to_owned(), "prod".to_owned())]);
        let subject = Subject {
            name: "projects/_/buckets/acme-images/objects/photos/cat.png".to_owned(),
            kind: "storage.googleapis.com/Object",
            tags: &tags,
            now: OffsetDateTime::parse("2026-03-04T05:06:07Z", &Rfc3339).unwrap(),
            list_prefix: "photos/",
        };
        holds(text, &subject)
    }

    #[test]
    fn documented_forms_are_evaluated() {
        for (text, expected) in [
            ("true", true),
            ("!false && (true || false)", true),
            ("request.time < timestamp('2026-03-04T05:06:08Z')", true),
            ("request.time < timestamp(\"2026-03-04T05:06:07Z\")", false),
            ("request.time >= date(\"2026-03-04\")", true),
            ("request.time.getFullYear() == 2026", true),
            (
                "request.time.getMonth() == 2 && request.time.getDayOfMonth() == 3",
                true,
            ),
            (
                "request.time.getDayOfWeek(\"UTC\") == 3 && request.time.getHours() < 6",
                true,
            ),
            (
                "resource.name.startsWith(\"projects/_/buckets/acme-images/objects/photos/\")",
                true,
            ),
            (
                "resource.name.startsWith('projects/_/buckets/acme-images/objects/other/')",
                false,
            ),
            ("resource.name.endsWith('.png')", true),
            (
                "resource.name.extract('/objects/{folder}/') == 'photos'",
                true,
            ),
            ("resource.name.extract('/objects/{rest}') != ''", true),
            ("resource.name.extract('/nowhere/{x}/') == ''", true),
            ("resource.type == 'storage.googleapis.com/Object'", true),
            ("resource.service != 'storage.googleapis.com'", false),
            ("resource.matchTag('123/env', 'prod')", true),
            (
                "resource.matchTag('123/env', 'test') || resource.hasTagKey('123/other')",
                false,
            ),
            (
                "api.getAttribute('storage.googleapis.com/objectListPrefix', '').startsWith('photos/')",
                true,
            ),
        ] {
            assert_eq!(holds_for_the_photo(text), expected, "{text}");
            assert_eq!(fault(text), None, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_holds_for_nobody() {
        for text in [
            "",
            "true &&",
            "(true",
            "resource.name.startsWith('a'",
            "'unfinished",
            "true true",
            "resource.owner == 'me'",
            "resource.name.matches('.*')",
            "size(resource.name) > 3",
        ] {
            assert!(fault(text).is_some(), "{text}");
            assert!(!holds_for_the_photo(text), "{text}");
        }
        for text in [
            "1 == 'one'",
            "resource.name",
            "timestamp('soon') > request.time",
        ] {
            assert!(!holds_for_the_photo(text), "{text}");
        }
    }
}
