//! Whether a condition holds when Segments.ai reads an object: yes, no, or not to be decided from here.
//!
//! Pure; the time is given. Attributes: <https://cloud.google.com/iam/docs/conditions-attribute-reference>.

mod found;
mod moment;
mod text;

use time::{Duration, OffsetDateTime};

use super::cel::{self, Direction, Expression, Operator};
use found::{Found, Verdict};
use moment::Moment;

pub use crate::tri::Tri;

/// What is asked for, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// One object; none where every object of the bucket is meant.
    pub object: Option<&'a str>,
    /// The time of the request.
    pub now: OffsetDateTime,
    /// What is to be done: `storage.objects.get`.
    pub permission: &'a str,
}

impl Asked<'_> {
    /// Whether it is the bucket that is asked for, not an object in it; listing is done to a bucket:
    /// <https://cloud.google.com/storage/docs/access-control/iam-permissions>.
    pub(super) fn is_about_the_bucket(&self) -> bool {
        self.permission == "storage.objects.list" || self.permission.starts_with("storage.buckets.")
    }

    fn is_about_every_object(&self) -> bool {
        self.object.is_none() && !self.is_about_the_bucket()
    }

    /// The kind of what is asked for: <https://cloud.google.com/iam/docs/conditions-resource-attributes#resource-type>.
    fn kind(&self) -> &'static str {
        if self.is_about_the_bucket() {
            "storage.googleapis.com/Bucket"
        } else {
            "storage.googleapis.com/Object"
        }
    }

    /// The name that every object's name begins with, or the name of the one:
    /// <https://cloud.google.com/iam/docs/conditions-resource-attributes#resource-name>.
    fn name(&self) -> String {
        if self.is_about_the_bucket() {
            return format!("projects/_/buckets/{}", self.bucket);
        }
        format!(
            "projects/_/buckets/{}/objects/{}",
            self.bucket,
            self.object.unwrap_or_default()
        )
    }
}

/// The answer, and everything that it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    /// Whether it holds.
    pub answer: Tri,
    /// The objects that it holds for, where it holds for some only: "objects under `a/`".
    pub parts: Vec<String>,
    /// What could not be decided and matters, by its name.
    pub unknown: Vec<String>,
    /// The end of the time in which it holds, where there is one ahead.
    pub until: Option<String>,
    /// Whether it cannot be computed at all, so that it never holds.
    pub never: bool,
}

/// Whether the condition `expression` holds.
pub(super) fn holds(expression: &str, asked: &Asked<'_>) -> Held {
    let found = match cel::parse(expression) {
        Some(expression) => evaluate(&expression, asked),
        None => Found::unknown(expression.trim()),
    };
    let answer = found.answer();
    Held {
        answer,
        never: matches!(found.verdict, Verdict::Never | Verdict::Absent),
        parts: match found.covers {
            Some(covers) if found.unknown.is_empty() && answer == Tri::Maybe => vec![covers.these],
            Some(_) | None => Vec::new(),
        },
        unknown: found.unknown,
        until: found
            .turn
            .filter(|_| answer != Tri::No)
            .map(|turn| turn.written),
    }
}

fn evaluate(expression: &Expression, asked: &Asked<'_>) -> Found {
    match expression {
        Expression::Literal(value) => Found::from(*value),
        Expression::Not(inner) => evaluate(inner, asked).not(),
        Expression::And(one, other) => evaluate(one, asked).and(evaluate(other, asked)),
        Expression::Or(one, other) => evaluate(one, asked).or(evaluate(other, asked)),
        Expression::Compare(left, operator, right) => compare(left, *operator, right, asked),
        Expression::Call(Some(on), name, arguments) => {
            match (name.as_str(), arguments.as_slice()) {
                ("startsWith", [Expression::Text(begin)]) => {
                    text::of(on, asked).begins_with(begin, || expression.name())
                }
                ("endsWith", [Expression::Text(end)]) => {
                    text::of(on, asked).ends_with(end, || expression.name())
                }
                _ => Found::unknown(expression.name()),
            }
        }
        Expression::Call(None, ..)
        | Expression::Path(_)
        | Expression::Text(_)
        | Expression::Number(_)
        | Expression::List(_)
        | Expression::Shift(..) => Found::unknown(expression.name()),
    }
}

fn compare(left: &Expression, operator: Operator, right: &Expression, asked: &Asked<'_>) -> Found {
    if let (Some(left), Some(right)) = (moment(left, asked), moment(right, asked)) {
        return moment::compare(left, operator, right, asked.now);
    }
    let name = || match left {
        Expression::Text(_) | Expression::Number(_) => right.name(),
        Expression::Literal(_)
        | Expression::List(_)
        | Expression::Path(_)
        | Expression::Call(..)
        | Expression::Not(_)
        | Expression::And(..)
        | Expression::Or(..)
        | Expression::Compare(..)
        | Expression::Shift(..) => left.name(),
    };
    text::of(left, asked).compare(operator, &text::of(right, asked), name)
}

/// The moment that an expression is, if it is one.
fn moment(expression: &Expression, asked: &Asked<'_>) -> Option<Moment> {
    match expression {
        Expression::Path(path) if path == "request.time" => Some(Moment::Request(Duration::ZERO)),
        Expression::Call(None, name, arguments) => {
            let read = match name.as_str() {
                "timestamp" => moment::timestamp,
                "date" => moment::date,
                _ => return None,
            };
            let [argument] = arguments.as_slice() else {
                return Some(Moment::Unknown(name.clone()));
            };
            Some(match text::of(argument, asked).known() {
                Some(text) => read(text),
                None => Moment::Unknown(argument.name()),
            })
        }
        Expression::Shift(moved, direction, by) => {
            let moved = moment(moved, asked)?;
            let Expression::Call(None, name, arguments) = by.as_ref() else {
                return Some(Moment::Unknown(by.name()));
            };
            let by = match (name.as_str(), arguments.as_slice()) {
                ("duration", [Expression::Text(text)]) => moment::duration(text),
                _ => None,
            };
            Some(match (by, direction) {
                (Some(by), Direction::Plus) => moved.later(by),
                (Some(by), Direction::Minus) => moved.later(-by),
                (None, Direction::Plus | Direction::Minus) => Moment::Unknown(name.clone()),
            })
        }
        Expression::Path(_)
        | Expression::Call(Some(_), ..)
        | Expression::Literal(_)
        | Expression::Text(_)
        | Expression::Number(_)
        | Expression::List(_)
        | Expression::Not(_)
        | Expression::And(..)
        | Expression::Or(..)
        | Expression::Compare(..) => None,
    }
}

/// The same comparison with its sides exchanged.
fn turned(operator: Operator) -> Operator {
    match operator {
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        Operator::Equal | Operator::NotEqual | Operator::In => operator,
    }
}

#[cfg(test)]
mod tests;
