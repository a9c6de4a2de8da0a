//! Dates and durations in a condition: when it begins or ends to hold.
//!
//! Pure. <https://cloud.google.com/iam/docs/conditions-attribute-reference#date-time>

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

use super::found::{Found, Turn, Verdict};
use crate::gcp::iam::cel::Operator;

/// A moment that a condition speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Moment {
    /// That of the request, and so much later.
    Request(Duration),
    /// One that is written down.
    Fixed(OffsetDateTime, String),
    /// What is written is no moment.
    None,
    /// It is not known which, by its name.
    Unknown(String),
}

/// What `timestamp("…")` is. Google takes times in UTC; what it makes of another offset is not written.
pub(super) fn timestamp(text: &str) -> Moment {
    match OffsetDateTime::parse(text, &Rfc3339) {
        Ok(moment) if moment.offset() == UtcOffset::UTC => Moment::Fixed(moment, text.to_owned()),
        Ok(_) => Moment::Unknown(written(text)),
        Err(_) => Moment::None,
    }
}

fn written(text: &str) -> String {
    format!("timestamp(\"{text}\")")
}

/// What `date("…")` is: the beginning of that day in UTC.
pub(super) fn date(text: &str) -> Moment {
    match Date::parse(text, format_description!("[year]-[month]-[day]")) {
        Ok(day) => Moment::Fixed(day.midnight().assume_utc(), text.to_owned()),
        Err(_) => Moment::None,
    }
}

/// What `duration("…")` is: seconds, followed by `s`. Other forms of the language are not documented.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let seconds: u32 = text.strip_suffix('s')?.parse().ok()?;
    Some(Duration::seconds(i64::from(seconds)))
}

impl Moment {
    /// So much later.
    pub fn later(self, by: Duration) -> Self {
        match self {
            Self::Request(shift) => match shift.checked_add(by) {
                Some(shift) => Self::Request(shift),
                None => Self::Unknown("request.time".to_owned()),
            },
            Self::Fixed(moment, text) => match moment.checked_add(by) {
                Some(moment) => Self::Fixed(moment, moment.format(&Rfc3339).unwrap_or(text)),
                None => Self::Unknown(written(&text)),
            },
            Self::None | Self::Unknown(_) => self,
        }
    }
}

/// What comparing two moments comes to now, and when that turns.
pub(super) fn compare(
    left: Moment,
    operator: Operator,
    right: Moment,
    now: OffsetDateTime,
) -> Found {
    match (left, right) {
        (Moment::Unknown(name), _) | (_, Moment::Unknown(name)) => Found::unknown(name),
        (Moment::None, _) | (_, Moment::None) => Found::from(Verdict::Never),
        (Moment::Request(shift), Moment::Fixed(moment, text)) => {
            of_request(shift, operator, moment, text, now)
        }
        (Moment::Fixed(moment, text), Moment::Request(shift)) => {
            of_request(shift, super::turned(operator), moment, text, now)
        }
        (Moment::Fixed(one, _), Moment::Fixed(two, _)) => ordered(one.cmp(&two), operator),
        (Moment::Request(one), Moment::Request(two)) => ordered(one.cmp(&two), operator),
    }
}

fn ordered(order: std::cmp::Ordering, operator: Operator) -> Found {
    match operator {
        Operator::Equal => Found::from(order.is_eq()),
        Operator::NotEqual => Found::from(order.is_ne()),
        Operator::Less => Found::from(order.is_lt()),
        Operator::LessOrEqual => Found::from(order.is_le()),
        Operator::Greater => Found::from(order.is_gt()),
        Operator::GreaterOrEqual => Found::from(order.is_ge()),
        Operator::In => Found::unknown("request.time"),
    }
}

fn of_request(
    shift: Duration,
    operator: Operator,
    moment: OffsetDateTime,
    text: String,
    now: OffsetDateTime,
) -> Found {
    let Some(turning) = moment.checked_sub(shift) else {
        return Found::unknown("request.time");
    };
    let found = ordered(now.cmp(&turning), operator);
    match operator {
        // Whether a request comes in that very millisecond is for nobody to say.
        Operator::Equal | Operator::NotEqual if now == turning => Found::unknown("request.time"),
        Operator::Equal | Operator::NotEqual | Operator::In => found,
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            Found {
                turn: (now <= turning).then(|| Turn {
                    at: turning,
                    written: if shift.is_zero() {
                        text
                    } else {
                        turning.format(&Rfc3339).unwrap_or(text)
                    },
                }),
                ..found
            }
        }
    }
}
