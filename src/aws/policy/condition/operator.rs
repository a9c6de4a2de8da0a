//! The operators of conditions, by name.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>. Names are
//! taken with their case: whether another case is accepted is not documented.

/// An operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    /// How the several values of a key count.
    pub(super) set: Option<Set>,
    /// Whether it holds where the key is missing.
    pub(super) if_exists: bool,
    /// What it compares.
    pub(super) base: Base,
    /// Whether it holds where nothing matches.
    pub(super) negated: bool,
}

/// How the several values of a key count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// Each must meet the condition.
    All,
    /// One must.
    Any,
}

/// What an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// Texts.
    Text {
        /// Without case.
        fold: bool,
        /// With wildcards.
        wildcards: bool,
    },
    /// Numbers.
    Number(Order),
    /// Points in time.
    Date(Order),
    /// `true` or `false`.
    Flag,
    /// Bytes, in Base64.
    Binary,
    /// Addresses and networks.
    Address,
    /// ARNs, part by part. Both `ArnEquals` and `ArnLike` take wildcards.
    Arn,
    /// Whether the key is missing.
    Null,
}

/// How the value of the request stands to that of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// The same.
    Equal,
    /// Less.
    Less,
    /// Less, or the same.
    LessOrEqual,
    /// More.
    Greater,
    /// More, or the same.
    GreaterOrEqual,
}

impl Operator {
    /// The operator of this name; none where it is not one.
    pub(super) fn read(name: &str) -> Option<Self> {
        let (set, rest) = if let Some(rest) = name.strip_prefix("ForAllValues:") {
            (Some(Set::All), rest)
        } else if let Some(rest) = name.strip_prefix("ForAnyValue:") {
            (Some(Set::Any), rest)
        } else {
            (None, name)
        };
        let (if_exists, plain) = match rest.strip_suffix("IfExists") {
            Some(plain) => (true, plain),
            None => (false, rest),
        };
        let (base, negated) = base(plain)?;
        // Whether a key exists cannot be asked of one that exists.
        if base == Base::Null && (if_exists || set.is_some()) {
            return None;
        }
        Some(Self {
            set,
            if_exists,
            base,
            negated,
        })
    }
}

fn base(name: &str) -> Option<(Base, bool)> {
    let text = |fold, wildcards| Base::Text { fold, wildcards };
    Some(match name {
        "StringEquals" => (text(false, false), false),
        "StringNotEquals" => (text(false, false), true),
        "StringEqualsIgnoreCase" => (text(true, false), false),
        "StringNotEqualsIgnoreCase" => (text(true, false), true),
        "StringLike" => (text(false, true), false),
        "StringNotLike" => (text(false, true), true),
        "NumericEquals" => (Base::Number(Order::Equal), false),
        "NumericNotEquals" => (Base::Number(Order::Equal), true),
        "NumericLessThan" => (Base::Number(Order::Less), false),
        "NumericLessThanEquals" => (Base::Number(Order::LessOrEqual), false),
        "NumericGreaterThan" => (Base::Number(Order::Greater), false),
        "NumericGreaterThanEquals" => (Base::Number(Order::GreaterOrEqual), false),
        "DateEquals" => (Base::Date(Order::Equal), false),
        "DateNotEquals" => (Base::Date(Order::Equal), true),
        "DateLessThan" => (Base::Date(Order::Less), false),
        "DateLessThanEquals" => (Base::Date(Order::LessOrEqual), false),
        "DateGreaterThan" => (Base::Date(Order::Greater), false),
        "DateGreaterThanEquals" => (Base::Date(Order::GreaterOrEqual), false),
        "Bool" => (Base::Flag, false),
        "BinaryEquals" => (Base::Binary, false),
        "IpAddress" => (Base::Address, false),
        "NotIpAddress" => (Base::Address, true),
        "ArnEquals" | "ArnLike" => (Base::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Base::Arn, true),
        "Null" => (Base::Null, false),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_what_stands_around_them() {
        let read = Operator::read("ForAllValues:StringNotLikeIfExists").expect("an operator");
        assert_eq!(
            (read.set, read.if_exists, read.negated),
            (Some(Set::All), true, true)
        );
        for odd in [
            "",
            "stringequals",
            "StringEqual",
            "NullIfExists",
            "ForAllValues:Null",
            "ForAllValues:",
            "IfExists",
            "ForSomeValues:StringEquals",
            "StringEqualsIfExistsIfExists",
            "ForAnyValue:ForAnyValue:Bool",
            "BoolNot",
        ] {
            assert_eq!(Operator::read(odd), None, "{odd}");
        }
    }
}
