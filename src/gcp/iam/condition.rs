//! Whether a condition holds when Segments.ai reads an object: yes, no, or not to be decided from here.
//!
//! Pure; the time is given. Attributes: <https://cloud.google.com/iam/docs/conditions-attribute-reference>.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::cel::{self, Expression, Operand, Operator};

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
    /// What could not be decided, by its name.
    pub unknown: Vec<String>,
    /// The end of the time in which it holds, where there is one ahead.
    pub until: Option<String>,
}

/// Whether the condition `expression` holds.
pub(super) fn holds(expression: &str, asked: &Asked<'_>) -> Held {
    let mut held = Held {
        answer: Tri::Maybe,
        parts: Vec::new(),
        unknown: Vec::new(),
        until: None,
    };
    match cel::parse(expression) {
        Some(expression) => held.answer = evaluate(&expression, asked, &mut held),
        None => held.unknown.push(format!("`{}`", expression.trim())),
    }
    held
}

fn evaluate(expression: &Expression, asked: &Asked<'_>, held: &mut Held) -> Tri {
    match expression {
        Expression::Literal(value) => Tri::from(*value),
        Expression::Not(inner) => evaluate(inner, asked, held).not(),
        Expression::And(one, other) => evaluate(one, asked, held).and(evaluate(other, asked, held)),
        Expression::Or(one, other) => evaluate(one, asked, held).or(evaluate(other, asked, held)),
        Expression::Operand(Operand::Call(name, arguments)) => call(name, arguments, asked, held),
        Expression::Operand(operand) => unknown(operand, held),
        Expression::Compare(left, operator, right) => compare(left, *operator, right, asked, held),
    }
}

fn call(name: &str, arguments: &[Operand], asked: &Asked<'_>, held: &mut Held) -> Tri {
    let own = asked.name();
    match (name, arguments) {
        ("resource.name.startsWith", [Operand::Text(prefix)]) => {
            if own.starts_with(prefix.as_str()) {
                Tri::Yes
            } else if asked.is_about_every_object() && prefix.starts_with(&own) {
                let under = prefix.strip_prefix(&own).unwrap_or_default();
                held.parts
                    .push(format!("objects that begin with `{under}`"));
                Tri::Maybe
            } else {
                Tri::No
            }
        }
        ("resource.name.endsWith", [Operand::Text(suffix)]) => {
            if !asked.is_about_every_object() {
                return Tri::from(own.ends_with(suffix.as_str()));
            }
            held.parts.push(format!("objects that end with `{suffix}`"));
            Tri::Maybe
        }
        ("resource.type.startsWith", [Operand::Text(prefix)]) => {
            Tri::from(asked.kind().starts_with(prefix.as_str()))
        }
        ("resource.service.startsWith", [Operand::Text(prefix)]) => {
            Tri::from(SERVICE.starts_with(prefix.as_str()))
        }
        _ => {
            held.unknown.push(format!("`{name}`"));
            Tri::Maybe
        }
    }
}

const SERVICE: &str = "storage.googleapis.com";

fn compare(
    left: &Operand,
    operator: Operator,
    right: &Operand,
    asked: &Asked<'_>,
    held: &mut Held,
) -> Tri {
    let (path, operator, other) = match (left, right) {
        (Operand::Path(path), other) => (path.as_str(), operator, other),
        (other, Operand::Path(path)) => (path.as_str(), turned(operator), other),
        (other, _) => return unknown(other, held),
    };
    match (path, other) {
        ("resource.type", Operand::Text(text)) => {
            equality(asked.kind() == text, operator, path, held)
        }
        ("resource.service", Operand::Text(text)) => {
            equality(SERVICE == text, operator, path, held)
        }
        ("resource.name", Operand::Text(text)) => match asked.object {
            _ if !asked.is_about_every_object() => {
                equality(asked.name() == *text, operator, path, held)
            }
            _ if text.starts_with(&asked.name()) => {
                held.parts.push(match operator {
                    Operator::NotEqual => format!("every object but `{text}`"),
                    Operator::Equal
                    | Operator::Less
                    | Operator::LessOrEqual
                    | Operator::Greater
                    | Operator::GreaterOrEqual => format!("`{text}` alone"),
                });
                Tri::Maybe
            }
            Some(_) | None => equality(false, operator, path, held),
        },
        ("request.time", Operand::Call(function, arguments)) if function == "timestamp" => {
            match arguments.as_slice() {
                [Operand::Text(text)] => at_time(text, operator, asked.now, held),
                _ => unknown(other, held),
            }
        }
        _ => {
            held.unknown.push(format!("`{path}`"));
            Tri::Maybe
        }
    }
}

/// The same comparison with its sides exchanged.
fn turned(operator: Operator) -> Operator {
    match operator {
        Operator::Less => Operator::Greater,
        Operator::LessOrEqual => Operator::GreaterOrEqual,
        Operator::Greater => Operator::Less,
        Operator::GreaterOrEqual => Operator::LessOrEqual,
        Operator::Equal | Operator::NotEqual => operator,
    }
}

fn equality(equal: bool, operator: Operator, path: &str, held: &mut Held) -> Tri {
    match operator {
        Operator::Equal => Tri::from(equal),
        Operator::NotEqual => Tri::from(!equal),
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            held.unknown.push(format!("`{path}`"));
            Tri::Maybe
        }
    }
}

fn at_time(text: &str, operator: Operator, now: OffsetDateTime, held: &mut Held) -> Tri {
    let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) else {
        held.unknown.push(format!("the time `{text}`"));
        return Tri::Maybe;
    };
    let answer = match operator {
        Operator::Less => now < moment,
        Operator::LessOrEqual => now <= moment,
        Operator::Greater => now > moment,
        Operator::GreaterOrEqual => now >= moment,
        Operator::Equal => now == moment,
        Operator::NotEqual => now != moment,
    };
    if answer && matches!(operator, Operator::Less | Operator::LessOrEqual) {
        held.until = Some(text.to_owned());
    }
    Tri::from(answer)
}

fn unknown(operand: &Operand, held: &mut Held) -> Tri {
    held.unknown.push(match operand {
        Operand::Path(name) | Operand::Call(name, _) | Operand::Unknown(name) => {
            format!("`{name}`")
        }
        Operand::Text(text) | Operand::Number(text) => format!("the value `{text}`"),
    });
    Tri::Maybe
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn of(expression: &str, object: Option<&str>) -> Held {
        holds(
            expression,
            &Asked {
                bucket: "acme-images",
                object,
                now: datetime!(2026-11-25 12:00 UTC),
                permission: "storage.objects.get",
            },
        )
    }

    #[test]
    fn every_object_and_one_object() {
        for (expression, every, photo) in [
            ("true", Tri::Yes, Tri::Yes),
            ("false", Tri::No, Tri::No),
            (
                r#"resource.name.startsWith("projects/_/buckets/acme-images/objects/")"#,
                Tri::Yes,
                Tri::Yes,
            ),
            (
                r#"resource.name.startsWith("projects/_/buckets/acme-images")"#,
                Tri::Yes,
                Tri::Yes,
            ),
            (
                r#"resource.name.startsWith("projects/_/buckets/acme-images/objects/photos/")"#,
                Tri::Maybe,
                Tri::Yes,
            ),
            (
                r#"resource.name.startsWith("projects/_/buckets/acme-images/objects/scans/")"#,
                Tri::Maybe,
                Tri::No,
            ),
            (
                r#"resource.name.startsWith("projects/_/buckets/other/objects/")"#,
                Tri::No,
                Tri::No,
            ),
            (r#"resource.name.endsWith(".jpg")"#, Tri::Maybe, Tri::Yes),
            (
                r#"resource.name == "projects/_/buckets/acme-images/objects/photos/1.jpg""#,
                Tri::Maybe,
                Tri::Yes,
            ),
            (
                r#"resource.name != "projects/_/buckets/acme-images/objects/photos/1.jpg""#,
                Tri::Maybe,
                Tri::No,
            ),
            (
                r#"resource.name == "projects/_/buckets/acme-images""#,
                Tri::No,
                Tri::No,
            ),
            (
                r#"resource.type == "storage.googleapis.com/Object""#,
                Tri::Yes,
                Tri::Yes,
            ),
            (
                r#""storage.googleapis.com/Bucket" == resource.type"#,
                Tri::No,
                Tri::No,
            ),
            (
                r#"resource.service != "storage.googleapis.com""#,
                Tri::No,
                Tri::No,
            ),
            (
                r#"request.time < timestamp("2027-01-01T00:00:00Z")"#,
                Tri::Yes,
                Tri::Yes,
            ),
            (
                r#"timestamp("2026-01-01T00:00:00Z") > request.time"#,
                Tri::No,
                Tri::No,
            ),
            (
                r#"!(request.time >= timestamp("2026-11-25T12:00:00Z"))"#,
                Tri::No,
                Tri::No,
            ),
        ] {
            assert_eq!(of(expression, None).answer, every, "{expression}");
            assert_eq!(
                of(expression, Some("photos/1.jpg")).answer,
                photo,
                "{expression}"
            );
        }
    }

    #[test]
    fn what_is_not_known_is_named_and_decides_only_where_it_matters() {
        for (expression, answer, name) in [
            (
                r#"resource.matchTag("1/env", "prod")"#,
                Tri::Maybe,
                "`resource.matchTag`",
            ),
            (
                r#"false && resource.matchTag("1/env", "prod")"#,
                Tri::No,
                "`resource.matchTag`",
            ),
            (
                r#"true || request.auth.claims == "x""#,
                Tri::Yes,
                "`request.auth.claims`",
            ),
            (
                r#"api.getAttribute("storage.googleapis.com/objectListPrefix", "").startsWith("a")"#,
                Tri::Maybe,
                "`api.getAttribute.startsWith`",
            ),
            (
                "request.time.getHours(\"Europe/Brussels\") < 9",
                Tri::Maybe,
                "`request.time.getHours`",
            ),
            ("x in [1]", Tri::Maybe, "`x in [1]`"),
            (
                r#"request.time < timestamp("June")"#,
                Tri::Maybe,
                "the time `June`",
            ),
        ] {
            let held = of(expression, None);
            assert_eq!(held.answer, answer, "{expression}");
            assert_eq!(held.unknown, [name], "{expression}");
        }
    }

    #[test]
    fn the_end_of_a_grant_and_its_part_are_told() {
        let held = of(
            r#"request.time < timestamp("2027-01-01T00:00:00Z") && resource.name.startsWith("projects/_/buckets/acme-images/objects/photos/")"#,
            None,
        );
        assert_eq!(held.until.as_deref(), Some("2027-01-01T00:00:00Z"));
        assert_eq!(held.parts, ["objects that begin with `photos/`"]);
    }

    #[test]
    fn three_valued_logic() {
        use Tri::{Maybe, No, Yes};
        for (one, other, both, either) in [
            (Yes, Yes, Yes, Yes),
            (Yes, No, No, Yes),
            (Yes, Maybe, Maybe, Yes),
            (No, No, No, No),
            (No, Maybe, No, Maybe),
            (Maybe, Maybe, Maybe, Maybe),
        ] {
            assert_eq!((one.and(other), other.and(one)), (both, both));
            assert_eq!((one.or(other), other.or(one)), (either, either));
        }
    }
}
