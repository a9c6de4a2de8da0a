//! Conditions of bindings: the part of the Common Expression Language that IAM documents for Cloud Storage.
//!
//! An expression that is not understood is refused when it is written, and holds for nobody when it was seeded.
//! See <https://cloud.google.com/iam/docs/conditions-attribute-reference>.

mod parse;

use std::collections::BTreeMap;

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

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

/// Whether an expression holds; nothing where it cannot be evaluated.
pub(super) fn holds(text: &str, subject: &Subject<'_>) -> Option<bool> {
    let expression = parse::parse(text).ok()?;
    truth(&expression, subject)
}

/// Whether an expression asks about tags alone, as those of deny policies may.
/// See <https://cloud.google.com/iam/docs/deny-overview#denial-conditions>.
pub(super) fn is_about_tags(text: &str) -> bool {
    fn tags(expression: &Expression) -> bool {
        match expression {
            Expression::Function(name, _) => TAG_FUNCTIONS.contains(&name.as_str()),
            Expression::Not(inner) => tags(inner),
            Expression::Both(one, two) | Expression::Either(one, two) => tags(one) && tags(two),
            Expression::Truth(_)
            | Expression::Number(_)
            | Expression::Text(_)
            | Expression::Attribute(_)
            | Expression::Compare(..)
            | Expression::Sum(..)
            | Expression::Difference(..)
            | Expression::List(_)
            | Expression::Method(..) => false,
        }
    }
    parse::parse(text).is_ok_and(|expression| tags(&expression))
}

const TAG_FUNCTIONS: [&str; 2] = ["resource.hasTagKey", "resource.matchTag"];

/// What an expression can come to.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Value {
    Truth(bool),
    Number(i64),
    Text(String),
    Moment(OffsetDateTime),
    Span(Duration),
    List(Vec<Value>),
}

const ATTRIBUTES: [&str; 4] = [
    "request.time",
    "resource.name",
    "resource.service",
    "resource.type",
];
const METHODS: [&str; 14] = [
    "endsWith",
    "extract",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getFullYear",
    "getHours",
    "getMilliseconds",
    "getMinutes",
    "getMonth",
    "getSeconds",
    "hasOnly",
    "startsWith",
];
const FUNCTIONS: [&str; 6] = [
    "api.getAttribute",
    "resource.hasTagKey",
    "resource.matchTag",
    "timestamp",
    "date",
    "duration",
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
        | Expression::Compare(left, _, right)
        | Expression::Sum(left, right)
        | Expression::Difference(left, right) => unknown(left).or_else(|| unknown(right)),
        Expression::List(values) => values.iter().find_map(unknown),
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
        Expression::List(values) => evaluate_all(values, subject).map(Value::List),
        Expression::Sum(left, right) => {
            match (evaluate(left, subject)?, evaluate(right, subject)?) {
                (Value::Moment(moment), Value::Span(span)) => {
                    moment.checked_add(span).map(Value::Moment)
                }
                _ => None,
            }
        }
        Expression::Difference(left, right) => {
            match (evaluate(left, subject)?, evaluate(right, subject)?) {
                (Value::Moment(moment), Value::Span(span)) => {
                    moment.checked_sub(span).map(Value::Moment)
                }
                (Value::Moment(one), Value::Moment(two)) => Some(Value::Span(one - two)),
                _ => None,
            }
        }
        Expression::Compare(value, Comparison::Within, list) => {
            let value = evaluate(value, subject)?;
            match evaluate(list, subject)? {
                Value::List(values) => Some(Value::Truth(values.contains(&value))),
                _ => None,
            }
        }
        Expression::Compare(left, comparison, right) => {
            let left = evaluate(left, subject)?;
            let right = evaluate(right, subject)?;
            let same_kind = std::mem::discriminant(&left) == std::mem::discriminant(&right);
            same_kind.then(|| Value::Truth(compare(&left, *comparison, &right)))
        }
        Expression::Function(name, arguments) => {
            function(name, &evaluate_all(arguments, subject)?, subject)
        }
        Expression::Method(target, name, arguments) => {
            let target = evaluate(target, subject)?;
            method(&target, name, &evaluate_all(arguments, subject)?)
        }
    }
}

fn evaluate_all(expressions: &[Expression], subject: &Subject<'_>) -> Option<Vec<Value>> {
    expressions
        .iter()
        .map(|expression| evaluate(expression, subject))
        .collect()
}

fn truth(expression: &Expression, subject: &Subject<'_>) -> Option<bool> {
    match evaluate(expression, subject)? {
        Value::Truth(truth) => Some(truth),
        Value::Number(_) | Value::Text(_) | Value::Moment(_) | Value::Span(_) | Value::List(_) => {
            None
        }
    }
}

fn compare(left: &Value, comparison: Comparison, right: &Value) -> bool {
    match comparison {
        Comparison::Equal => left == right,
        Comparison::Within => false,
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
        ("timestamp", [Value::Text(text)]) => OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .map(Value::Moment),
        ("date", [Value::Text(text)]) => {
            OffsetDateTime::parse(&format!("{text}T00:00:00Z"), &Rfc3339)
                .ok()
                .map(Value::Moment)
        }
        ("duration", [Value::Text(text)]) => {
            let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
            Duration::checked_seconds_f64(seconds).map(Value::Span)
        }
        ("resource.hasTagKey", [Value::Text(key)]) => {
            Some(Value::Truth(subject.tags.contains_key(key)))
        }
        ("resource.matchTag", [Value::Text(key), Value::Text(value)]) => {
            Some(Value::Truth(subject.tags.get(key) == Some(value)))
        }
        ("api.getAttribute", [Value::Text(_), Value::List(otherwise)]) => {
            Some(Value::List(otherwise.clone()))
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
        (Value::List(values), "hasOnly", [Value::List(allowed)]) => Some(Value::Truth(
            values.iter().all(|value| allowed.contains(value)),
        )),
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
        "getDate" => i64::from(moment.day()),
        "getDayOfMonth" => i64::from(moment.day()) - 1,
        "getDayOfYear" => i64::from(moment.ordinal()) - 1,
        "getDayOfWeek" => i64::from(moment.weekday().number_days_from_sunday()),
        "getHours" => i64::from(moment.hour()),
        "getMilliseconds" => i64::from(moment.millisecond()),
        "getMinutes" => i64::from(moment.minute()),
        "getSeconds" => i64::from(moment.second()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
