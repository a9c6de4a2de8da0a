//! The values that conditions compare: numbers, dates and blocks of addresses.
//!
//! This module reads and compares; it knows no operators.

use std::cmp::Ordering;
use std::net::IpAddr;

use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime, Time};

/// A decimal number of any length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Decimal {
    /// Reads `12`, `-3` or `1.50`.
    pub fn read(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (digits, ""),
        };
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let fraction = fraction.trim_end_matches('0').to_owned();
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self {
            negative: negative && !zero,
            whole,
            fraction,
        })
    }

    fn size(&self) -> (usize, &str, &str) {
        (self.whole.len(), &self.whole, &self.fraction)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.size().cmp(&other.size()),
            (true, true) => other.size().cmp(&self.size()),
        }
    }
}

/// Reads a date: one of the forms of ISO 8601 that W3C's note names, from the complete date on, or seconds since 1970.
/// A year alone cannot be told from seconds. See <https://www.w3.org/TR/NOTE-datetime>.
pub fn read_date(text: &str) -> Option<OffsetDateTime> {
    if text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return OffsetDateTime::from_unix_timestamp(text.parse().ok()?).ok();
    }
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment);
    }
    // Hours and minutes without seconds.
    if let Some((date, rest)) = text.split_once('T')
        && let Some((clock, zone)) = rest.split_at_checked(5)
        && !zone.starts_with(':')
    {
        return OffsetDateTime::parse(&format!("{date}T{clock}:00{zone}"), &Rfc3339).ok();
    }
    let format = time::macros::format_description!("[year]-[month]-[day]");
    let date = Date::parse(text, &format).ok()?;
    Some(date.with_time(Time::MIDNIGHT).assume_utc())
}

/// Whether an address lies in a block.
pub fn within((base, length): (IpAddr, u8), address: IpAddr) -> bool {
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

/// Reads `203.0.113.0/24`, `203.0.113.7` and their IPv6 forms. An address alone is a block of one.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_by_prefix() {
        let is_in = |block: &str, address: &str| {
            read_block(block).is_some_and(|block| within(block, address.parse().unwrap()))
        };
        assert!(is_in("203.0.113.0/24", "203.0.113.7"));
        assert!(is_in("203.0.113.7", "203.0.113.7"));
        assert!(is_in("0.0.0.0/0", "203.0.113.7"));
        assert!(!is_in("203.0.112.0/24", "203.0.113.7"));
        assert!(!is_in("2001:db8::/32", "203.0.113.7"));
        assert!(is_in("2001:db8::/32", "2001:db8::1"));
        assert!(is_in("::/0", "2001:db8::1"));
        assert!(!is_in("203.0.113.0/33", "203.0.113.7"));
    }

    #[test]
    fn numbers_are_compared_by_value() {
        let order = |a: &str, b: &str| Decimal::read(a).unwrap().cmp(&Decimal::read(b).unwrap());
        assert_eq!(order("10", "9"), Ordering::Greater);
        assert_eq!(order("1.2", "1.20"), Ordering::Equal);
        assert_eq!(order("1.3", "1.25"), Ordering::Greater);
        assert_eq!(order("-2", "1"), Ordering::Less);
        assert_eq!(order("-2", "-10"), Ordering::Greater);
        assert_eq!(order("-0", "0.0"), Ordering::Equal);
        assert_eq!(order("007", "7"), Ordering::Equal);
        for text in ["", "-", "1.", ".5", "1e3", "ten", "+1", "1 "] {
            assert_eq!(Decimal::read(text), None, "{text}");
        }
    }

    #[test]
    fn dates_are_read_in_the_forms_of_the_note() {
        let seconds = |text: &str| read_date(text).map(OffsetDateTime::unix_timestamp);
        let noon = Some(1_767_268_800);
        assert_eq!(seconds("2026-01-01T12:00:00Z"), noon);
        assert_eq!(seconds("2026-01-01T13:00:00+01:00"), noon);
        assert_eq!(seconds("2026-01-01T12:00:00.5Z"), noon);
        assert_eq!(seconds("2026-01-01T12:00Z"), noon);
        assert_eq!(seconds("1767268800"), noon);
        assert_eq!(seconds("2026-01-01"), Some(1_767_225_600));
        for text in [
            "2026",
            "2026-01",
            "2026-13-01",
            "tomorrow",
            "",
            "2026-01-01T",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
