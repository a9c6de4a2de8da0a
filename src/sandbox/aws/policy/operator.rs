//! The condition operators, read from their names.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::scalar::{Decimal, read_block, read_date};

/// An operator with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    pub set: Set,
    pub family: Family,
    pub negated: bool,
    pub if_exists: bool,
}

/// How several values of a request count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// There is one value.
    Single,
    ForAllValues,
    ForAnyValue,
}

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Text(Text),
    Number(Order),
    Date(Order),
    Truth,
    Binary,
    Address,
    Arn,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    Exact,
    IgnoringCase,
    Wild,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Order {
    /// Whether a request's value stands to the policy's as this says.
    pub fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
        }
    }
}

impl Operator {
    /// Reads a name; `None` when there is no such operator.
    pub fn read(name: &str) -> Option<Self> {
        let (set, name) = match name.split_once(':') {
            None => (Set::Single, name),
            Some(("ForAllValues", name)) => (Set::ForAllValues, name),
            Some(("ForAnyValue", name)) => (Set::ForAnyValue, name),
            Some(_) => return None,
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (family, negated) = family(name)?;
        // `Null` asks whether the key exists already.
        if family == Family::Null && if_exists {
            return None;
        }
        Some(Self {
            set,
            family,
            negated,
            if_exists,
        })
    }

    /// Whether policy variables are filled in. The guide says both that they are and that they are not for `Bool`.
    pub fn has_variables(self) -> bool {
        matches!(self.family, Family::Text(_) | Family::Arn)
    }

    /// Whether a policy may have this value here.
    pub fn takes(self, value: &str) -> bool {
        match self.family {
            Family::Text(_) | Family::Arn => true,
            Family::Number(_) => Decimal::read(value).is_some(),
            Family::Date(_) => read_date(value).is_some(),
            Family::Truth | Family::Null => truth(value).is_some(),
            Family::Binary => STANDARD.decode(value).is_ok(),
            Family::Address => read_block(value).is_some(),
        }
    }
}

/// Reads `true` or `false`, in any case.
pub fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn family(name: &str) -> Option<(Family, bool)> {
    let positive = |family| Some((family, false));
    let negated = |family| Some((family, true));
    match name {
        "StringEquals" => positive(Family::Text(Text::Exact)),
        "StringNotEquals" => negated(Family::Text(Text::Exact)),
        "StringEqualsIgnoreCase" => positive(Family::Text(Text::IgnoringCase)),
        "StringNotEqualsIgnoreCase" => negated(Family::Text(Text::IgnoringCase)),
        "StringLike" => positive(Family::Text(Text::Wild)),
        "StringNotLike" => negated(Family::Text(Text::Wild)),
        "Bool" => positive(Family::Truth),
        "BinaryEquals" => positive(Family::Binary),
        "IpAddress" => positive(Family::Address),
        "NotIpAddress" => negated(Family::Address),
        // The two behave identically.
        "ArnEquals" | "ArnLike" => positive(Family::Arn),
        "ArnNotEquals" | "ArnNotLike" => negated(Family::Arn),
        "Null" => positive(Family::Null),
        _ => {
            if let Some(rest) = name.strip_prefix("Numeric") {
                let (order, negated) = order(rest)?;
                return Some((Family::Number(order), negated));
            }
            let (order, negated) = order(name.strip_prefix("Date")?)?;
            Some((Family::Date(order), negated))
        }
    }
}

fn order(name: &str) -> Option<(Order, bool)> {
    Some(match name {
        "Equals" => (Order::Equal, false),
        "NotEquals" => (Order::Equal, true),
        "LessThan" => (Order::Less, false),
        "LessThanEquals" => (Order::AtMost, false),
        "GreaterThan" => (Order::Greater, false),
        "GreaterThanEquals" => (Order::AtLeast, false),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_name_is_read_and_no_other() {
        let bases = [
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
            "Bool",
            "BinaryEquals",
            "IpAddress",
            "NotIpAddress",
            "ArnEquals",
            "ArnLike",
            "ArnNotEquals",
            "ArnNotLike",
        ];
        for base in bases {
            for set in ["", "ForAllValues:", "ForAnyValue:"] {
                for suffix in ["", "IfExists"] {
                    let name = format!("{set}{base}{suffix}");
                    let read = Operator::read(&name).unwrap();
                    assert_eq!(read.if_exists, suffix == "IfExists", "{name}");
                    assert_eq!(read.negated, base.contains("Not"), "{name}");
                }
            }
        }
        assert!(Operator::read("Null").is_some());
        for name in [
            "NullIfExists",
            "Equals",
            "StringMatches",
            "BoolNotEquals",
            "NumericLike",
            "DateLike",
            "ForSomeValues:StringEquals",
            "IfExistsStringEquals",
            "",
        ] {
            assert_eq!(Operator::read(name), None, "{name}");
        }
    }

    #[test]
    fn values_must_be_of_the_operators_kind() {
        for (name, right, wrong) in [
            ("NumericLessThan", "600000", "soon"),
            ("DateLessThan", "2026-01-01T00:00:00Z", "soon"),
            ("Bool", "TRUE", "yes"),
            ("BinaryEquals", "QmluYXJ5", "%%"),
            ("IpAddress", "203.0.113.0/24", "10.207.*.*"),
            ("Null", "false", ""),
        ] {
            let operator = Operator::read(name).unwrap();
            assert!(operator.takes(right), "{name}");
            assert!(!operator.takes(wrong), "{name}");
        }
    }
}
