//! Conditions: three keys with the operators that belong to them, and nothing else.
//!
//! Whatever is not here is never guessed: it is named, so that the request can be refused loudly.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.

use std::net::IpAddr;

use super::decision::Context;
use super::document::Condition;
use super::pattern::{glob, glob_arn};

/// What a condition says about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Met {
    Yes,
    No,
    /// This place cannot tell; what it would need to know.
    Unknown(String),
}

/// The name of a condition that is not implemented; `None` when it is.
pub fn unsupported(condition: &Condition) -> Option<String> {
    let name = || format!("the condition {} on {}", condition.operator, condition.key);
    match comparison(condition) {
        Comparison::Unsupported => Some(name()),
        Comparison::Address { .. } | Comparison::Secure | Comparison::Arn { .. } => condition
            .values
            .iter()
            .any(|value| value.contains("${"))
            .then(|| format!("the policy variable in {}", name())),
    }
}

/// Evaluates a condition. Several values are alternatives; under a negated operator none of them may match.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>.
pub fn met(condition: &Condition, context: &Context<'_>) -> Met {
    if let Some(what) = unsupported(condition) {
        return Met::Unknown(what);
    }
    let any = |matches: &dyn Fn(&str) -> bool| condition.values.iter().any(|value| matches(value));
    let answer = match comparison(condition) {
        Comparison::Address { negated } => {
            any(&|value| within(value, context.source_ip)) != negated
        }
        Comparison::Secure => {
            any(&|value| value.eq_ignore_ascii_case(if context.secure { "true" } else { "false" }))
        }
        // Anonymous requests have no `aws:PrincipalArn`. Without the key a positive operator fails and a negated
        // one holds.
        Comparison::Arn { negated, how } => match context.arn {
            Some(arn) => any(&|value| how.matches(value, arn)) != negated,
            None => negated,
        },
        Comparison::Unsupported => false,
    };
    if answer { Met::Yes } else { Met::No }
}

/// Whether an address lies in a block. An address alone is a block of one.
fn within(block: &str, address: IpAddr) -> bool {
    let Some((base, length)) = read_block(block) else {
        return false;
    };
    let (base, address, width) = match (base, address) {
        (IpAddr::V4(base), IpAddr::V4(address)) => (
            u128::from(base.to_bits()),
            u128::from(address.to_bits()),
            32,
        ),
        (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
    };
    let host_bits = width - u32::from(length);
    let prefix = |bits: u128| bits.checked_shr(host_bits).unwrap_or(0);
    prefix(base) == prefix(address)
}

/// Reads `203.0.113.0/24`, `203.0.113.7` and their IPv6 forms.
pub fn read_block(block: &str) -> Option<(IpAddr, u8)> {
    let (base, length) = match block.split_once('/') {
        Some((base, length)) => (base.parse::<IpAddr>().ok()?, Some(length)),
        None => (block.parse::<IpAddr>().ok()?, None),
    };
    let width = if base.is_ipv4() { 32 } else { 128 };
    let length = match length {
        Some(length) => length.parse::<u8>().ok()?,
        None => width,
    };
    (length <= width).then_some((base, length))
}

#[derive(Debug, Clone, Copy)]
enum Comparison {
    Address { negated: bool },
    Secure,
    Arn { negated: bool, how: How },
    Unsupported,
}

#[derive(Debug, Clone, Copy)]
enum How {
    Exact,
    Text,
    Parts,
}

impl How {
    fn matches(self, value: &str, arn: &str) -> bool {
        match self {
            Self::Exact => value == arn,
            Self::Text => glob(value, arn),
            Self::Parts => glob_arn(value, arn),
        }
    }
}

/// Names of keys have no case.
fn comparison(condition: &Condition) -> Comparison {
    let key = condition.key.to_ascii_lowercase();
    let arn = |negated, how| Comparison::Arn { negated, how };
    match (key.as_str(), condition.operator.as_str()) {
        ("aws:sourceip", "IpAddress") => Comparison::Address { negated: false },
        ("aws:sourceip", "NotIpAddress") => Comparison::Address { negated: true },
        ("aws:securetransport", "Bool") => Comparison::Secure,
        ("aws:principalarn", "StringEquals") => arn(false, How::Exact),
        ("aws:principalarn", "StringNotEquals") => arn(true, How::Exact),
        ("aws:principalarn", "StringLike") => arn(false, How::Text),
        ("aws:principalarn", "StringNotLike") => arn(true, How::Text),
        // The two behave identically.
        ("aws:principalarn", "ArnEquals" | "ArnLike") => arn(false, How::Parts),
        ("aws:principalarn", "ArnNotEquals" | "ArnNotLike") => arn(true, How::Parts),
        _ => Comparison::Unsupported,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_by_prefix() {
        let address = "203.0.113.7".parse().unwrap();
        assert!(within("203.0.113.0/24", address));
        assert!(within("203.0.113.7", address));
        assert!(within("0.0.0.0/0", address));
        assert!(!within("203.0.112.0/24", address));
        assert!(!within("2001:db8::/32", address));
        assert!(within("2001:db8::/32", "2001:db8::1".parse().unwrap()));
        assert!(within("::/0", "2001:db8::1".parse().unwrap()));
        assert!(!within("203.0.113.0/33", address));
    }
}
