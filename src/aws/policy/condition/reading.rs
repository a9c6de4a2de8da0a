//! Numbers, dates and networks as they are written in policies.
//!
//! What is written in another way than is documented is not read at all.

use std::net::IpAddr;

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

/// A decimal number, in billionths; none for one that is not plain or has more places.
pub(super) fn number(text: &str) -> Option<i128> {
    const PLACES: usize = 9;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(places) || places.len() > PLACES || whole.len() > 20 {
        return None;
    }
    let padded: i128 = format!("{whole}{places:0<PLACES$}").parse().ok()?;
    Some(if negative { -padded } else { padded })
}

/// A point in time: as ISO 8601 has it, or in seconds since 1970; in billionths of a second.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date>
pub(super) fn date(text: &str) -> Option<i128> {
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment.unix_timestamp_nanos());
    }
    if let Ok(day) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
        return Some(day.midnight().assume_utc().unix_timestamp_nanos());
    }
    // A year alone is a date as well, and does not look like one.
    // Thirteen digits are milliseconds, and what those mean is not documented.
    let seconds = (9..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    seconds.then(|| number(text)).flatten()
}

/// A network: its first address, as bits from the left, and how many of them count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::aws::policy) struct Network {
    /// Whether it is one of IPv6.
    pub(in crate::aws::policy) six: bool,
    bits: u128,
    /// How many bits are the same for all of its addresses.
    pub(in crate::aws::policy) length: u32,
}

/// Networks of which no address is on the public internet:
/// <https://www.iana.org/assignments/iana-ipv4-special-registry/> and its sister for IPv6.
const PRIVATE: [&str; 7] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "100.64.0.0/10",
    "fc00::/7",
    "fe80::/10",
];

impl Network {
    /// An address, or a network in the notation with a slash.
    pub(in crate::aws::policy) fn read(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => {
                let plain = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
                (address, Some(plain.then(|| length.parse().ok()).flatten()?))
            }
            None => (text, None),
        };
        let (six, bits, all): (bool, u128, u32) = match address.parse().ok()? {
            IpAddr::V4(four) => (false, u128::from(four.to_bits()) << 96, 32),
            IpAddr::V6(six) => (true, six.to_bits(), 128),
        };
        let length = length.unwrap_or(all);
        (length <= all).then(|| Self {
            six,
            bits: masked(bits, length),
            length,
        })
    }

    /// Whether every address of this is one of the other.
    pub(super) fn is_within(self, other: Self) -> bool {
        self.six == other.six
            && self.length >= other.length
            && masked(self.bits, other.length) == other.bits
    }

    /// Whether no address of it is on the public internet.
    pub(in crate::aws::policy) fn is_private(self) -> bool {
        PRIVATE
            .iter()
            .filter_map(|text| Self::read(text))
            .any(|private| self.is_within(private))
    }
}

fn masked(bits: u128, length: u32) -> u128 {
    let kept = u128::MAX.checked_shl(128 - length).unwrap_or(0);
    bits & kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact() {
        for (text, wanted) in [
            ("600000", Some(600_000_000_000_000)),
            ("1.2", Some(1_200_000_000)),
            ("-3", Some(-3_000_000_000)),
            ("0.5", Some(500_000_000)),
            ("1.", None),
            (".5", None),
            ("1e3", None),
            ("", None),
            ("-", None),
            ("1.0000000001", None),
            ("99999999999999999999999", None),
            ("٣", None),
        ] {
            assert_eq!(number(text), wanted, "{text}");
        }
    }

    /// The forms of <https://www.w3.org/TR/NOTE-datetime>, to which the page on operators points.
    #[test]
    fn dates_are_read_in_the_documented_forms() {
        let second = 1_000_000_000;
        for (text, wanted) in [
            ("2013-06-30T00:00:00Z", Some(1_372_550_400 * second)),
            ("2013-06-30T02:00:00+02:00", Some(1_372_550_400 * second)),
            ("2013-06-30", Some(1_372_550_400 * second)),
            ("1372550400", Some(1_372_550_400 * second)),
            ("1372550400000", None),
            ("-1372550400", None),
            ("2013", None),
            ("2013-06", None),
            ("30-06-2013", None),
            ("tomorrow", None),
        ] {
            assert_eq!(date(text), wanted, "{text}");
        }
    }

    #[test]
    fn networks_are_read_in_both_families() {
        let read = |text| Network::read(text).expect(text);
        assert!(read("203.0.113.5").is_within(read("203.0.113.0/24")));
        assert!(read("203.0.113.77/24").is_within(read("203.0.113.0/24")));
        assert!(!read("203.0.113.0/24").is_within(read("203.0.113.5/32")));
        assert!(read("2001:db8::1").is_within(read("2001:DB8::/32")));
        assert!(!read("2001:db8::1").is_within(read("0.0.0.0/0")));
        assert!(read("10.1.0.0/16").is_private());
        assert!(read("fd00::/8").is_private());
        assert!(!read("8.0.0.0/5").is_private());
        assert!(!read("54.240.143.0/24").is_private());
        for odd in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "x",
            "*",
        ] {
            assert_eq!(Network::read(odd), None, "{odd}");
        }
    }
}
