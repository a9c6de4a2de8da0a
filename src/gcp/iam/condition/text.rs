//! Texts in a condition: the names of resources, parts of them, and what they are compared with.
//!
//! Pure. <https://cloud.google.com/iam/docs/conditions-attribute-reference#resource>

use super::Asked;
use super::found::{Found, Verdict};
use crate::gcp::iam::cel::{Expression, Operator};

/// A text, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// This one.
    Known(String),
    /// One of a fixed list of kinds. Google warns that only `==` and `!=` give what is expected of them.
    Kind(&'static str),
    /// The name of every object: each that begins so.
    Every(String),
    /// What requests for objects do not have.
    Absent,
    /// It is none, or not known.
    Unknown,
}

/// What only requests to other services have: to Identity-Aware Proxy and to Cloud Run.
const ABSENT: [&str; 4] = [
    "destination.ip",
    "destination.port",
    "request.host",
    "request.path",
];

const SERVICE: &str = "storage.googleapis.com";

/// The text that an expression is.
pub(super) fn of(expression: &Expression, asked: &Asked<'_>) -> Text {
    match expression {
        Expression::Text(text) => Text::Known(text.clone()),
        Expression::Path(path) => match path.as_str() {
            "resource.name" if asked.is_about_every_object() => Text::Every(asked.name()),
            "resource.name" => Text::Known(asked.name()),
            "resource.type" => Text::Kind(asked.kind()),
            "resource.service" => Text::Kind(SERVICE),
            path if ABSENT.contains(&path) => Text::Absent,
            _ => Text::Unknown,
        },
        Expression::Call(Some(on), name, arguments) if name == "extract" => {
            match (of(on, asked), arguments.as_slice()) {
                (Text::Known(text), [Expression::Text(template)]) => {
                    extract(&text, template).map_or(Text::Unknown, Text::Known)
                }
                _ => Text::Unknown,
            }
        }
        Expression::Call(..)
        | Expression::Literal(_)
        | Expression::Number(_)
        | Expression::List(_)
        | Expression::Not(_)
        | Expression::And(..)
        | Expression::Or(..)
        | Expression::Compare(..)
        | Expression::Shift(..) => Text::Unknown,
    }
}

/// What a template such as `/order_date={date}/` takes out of a text; nothing where it is no template.
/// <https://cloud.google.com/iam/docs/conditions-attribute-reference#extract>
fn extract(text: &str, template: &str) -> Option<String> {
    let (prefix, rest) = template.split_once('{')?;
    let (identifier, suffix) = rest.split_once('}')?;
    let is_name = !identifier.is_empty()
        && identifier
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || one == '_');
    if !is_name || suffix.contains(['{', '}']) {
        return None;
    }
    let behind = text
        .find(prefix)
        .and_then(|at| text.get(at + prefix.len()..));
    let taken = match behind {
        Some(behind) if suffix.is_empty() => Some(behind),
        Some(behind) => behind.find(suffix).and_then(|end| behind.get(..end)),
        None => None,
    };
    Some(taken.unwrap_or_default().to_owned())
}

impl Text {
    /// The text itself, where it is this one and no other.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Known(text) => Some(text),
            Self::Kind(_) | Self::Every(_) | Self::Absent | Self::Unknown => None,
        }
    }

    pub fn begins_with(&self, begin: &str, name: impl Fn() -> String) -> Found {
        match self {
            Self::Known(text) => Found::from(text.starts_with(begin)),
            Self::Every(own) if own.starts_with(begin) => Found::from(true),
            Self::Every(own) => match begin.strip_prefix(own.as_str()) {
                Some(under) => Found::for_some(
                    format!("objects that begin with `{under}`"),
                    format!("objects that do not begin with `{under}`"),
                ),
                None => Found::from(false),
            },
            Self::Absent => Found::from(Verdict::Absent),
            Self::Kind(_) | Self::Unknown => Found::unknown(name()),
        }
    }

    pub fn ends_with(&self, end: &str, name: impl Fn() -> String) -> Found {
        match self {
            Self::Known(text) => Found::from(text.ends_with(end)),
            Self::Every(_) if end.is_empty() => Found::from(true),
            Self::Every(_) => Found::for_some(
                format!("objects that end with `{end}`"),
                format!("objects that do not end with `{end}`"),
            ),
            Self::Absent => Found::from(Verdict::Absent),
            Self::Kind(_) | Self::Unknown => Found::unknown(name()),
        }
    }

    pub fn compare(&self, operator: Operator, other: &Self, name: impl Fn() -> String) -> Found {
        let equal = match (self, other) {
            (Self::Absent, _) | (_, Self::Absent) => return Found::from(Verdict::Absent),
            (Self::Known(one), Self::Known(two)) => Found::from(one == two),
            (Self::Kind(kind), Self::Known(text)) | (Self::Known(text), Self::Kind(kind)) => {
                Found::from(kind == text)
            }
            (Self::Every(own), Self::Known(text)) | (Self::Known(text), Self::Every(own)) => {
                if text.starts_with(own.as_str()) {
                    Found::for_some(
                        format!("`{text}` alone"),
                        format!("every object but `{text}`"),
                    )
                } else {
                    Found::from(false)
                }
            }
            (Self::Unknown | Self::Kind(_) | Self::Every(_), _) | (_, Self::Unknown) => {
                Found::unknown(name())
            }
        };
        match operator {
            Operator::Equal => equal,
            Operator::NotEqual => equal.not(),
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual
            | Operator::In => Found::unknown(name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::extract;

    /// The table of the page: <https://cloud.google.com/iam/docs/conditions-attribute-reference#extract>
    #[test]
    fn templates_take_out_what_google_documents() {
        const NAME: &str = "projects/_/buckets/acme-orders-aaa/objects/data_lake/orders/order_date=2019-11-03/aef87g87ae0876";
        for (template, expected) in [
            ("/order_date={date}/", Some("2019-11-03")),
            ("buckets/{name}/", Some("acme-orders-aaa")),
            ("/orders/{empty}order_date", Some("")),
            (
                "{start}/objects/data_lake",
                Some("projects/_/buckets/acme-orders-aaa"),
            ),
            ("orders/{end}", Some("order_date=2019-11-03/aef87g87ae0876")),
            ("{all}", Some(NAME)),
            ("/orders/{none}/order_date=", Some("")),
            ("/orders/order_date=2019-11-03/{id}/data_lake", Some("")),
            ("no template", None),
            ("{}", None),
            ("{a}{b}", None),
            ("{a b}", None),
        ] {
            assert_eq!(extract(NAME, template).as_deref(), expected, "{template}");
        }
    }
}
