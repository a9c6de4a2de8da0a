//! Times as signatures write them: `20260131T120000Z`, `2026-01-31T12:00:00Z`, `2026-01-31T12:00Z`, `2026-01-31`.

use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// Reads a time in UTC; nothing for anything else.
pub(super) fn parse(text: &str) -> Option<OffsetDateTime> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, clock) = text.split_once('T').unwrap_or((text, ""));
    // Fractions of a second do not matter here.
    let clock = clock.split('.').next().unwrap_or_default();
    let date = digits(date, '-', 8)?;
    let clock = match clock {
        "" => "000000".to_owned(),
        clock => match digits(clock, ':', 6) {
            Some(clock) => clock,
            None => format!("{}00", digits(clock, ':', 4)?),
        },
    };
    let number = |text: &str, from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
    let small = |text: &str, from: usize| u8::try_from(number(text, from, from + 2)?).ok();
    let month = Month::try_from(small(&date, 4)?).ok()?;
    let day = Date::from_calendar_date(i32::from(number(&date, 0, 4)?), month, small(&date, 6)?);
    let time = Time::from_hms(small(&clock, 0)?, small(&clock, 2)?, small(&clock, 4)?);
    Some(OffsetDateTime::new_in_offset(
        day.ok()?,
        time.ok()?,
        UtcOffset::UTC,
    ))
}

/// The digits of a text, if there are exactly `count` and nothing else but separators.
fn digits(text: &str, separator: char, count: usize) -> Option<String> {
    let plain: String = text.chars().filter(|letter| *letter != separator).collect();
    (plain.len() == count && plain.bytes().all(|byte| byte.is_ascii_digit())).then_some(plain)
}

/// A time for people and scripts: `2026-01-31T12:00:00Z`.
pub(super) fn in_words(moment: OffsetDateTime) -> String {
    let moment = moment.to_offset(UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        moment.year(),
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second()
    )
}
