//! Times as signatures and delegation keys write them.
//!
//! See <https://learn.microsoft.com/rest/api/storageservices/formatting-datetime-values>.

use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

/// Reads a time in one of the forms of ISO 8601 that are documented; always in UTC.
pub(super) fn read(text: &str) -> Option<OffsetDateTime> {
    let date = format_description!("[year]-[month]-[day]");
    if let Ok(date) = Date::parse(text, date) {
        return Some(date.with_time(Time::MIDNIGHT).assume_utc());
    }
    let text = text.strip_suffix('Z')?;
    let minutes = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    let seconds = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let fraction = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond]");
    PrimitiveDateTime::parse(text, seconds)
        .or_else(|_| PrimitiveDateTime::parse(text, minutes))
        .or_else(|_| PrimitiveDateTime::parse(text, fraction))
        .ok()
        .map(PrimitiveDateTime::assume_utc)
}

/// Writes a time to the second.
pub(super) fn written(moment: OffsetDateTime) -> String {
    moment
        .format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second]Z"
        ))
        .unwrap_or_default()
}

/// Writes a time as error details have it.
pub(super) fn told(moment: OffsetDateTime) -> String {
    moment
        .format(format_description!(
            "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
        ))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn documented_forms_are_read_and_others_are_not() {
        for (text, expected) in [
            ("2026-01-02", Some(datetime!(2026-01-02 0:00 UTC))),
            ("2026-01-02T03:04Z", Some(datetime!(2026-01-02 3:04 UTC))),
            (
                "2026-01-02T03:04:05Z",
                Some(datetime!(2026-01-02 3:04:05 UTC)),
            ),
            (
                "2026-01-02T03:04:05.5000000Z",
                Some(datetime!(2026-01-02 3:04:05.5 UTC)),
            ),
            ("2026-01-02T03:04:05", None),
            ("2026-01-02T03:04:05+01:00", None),
            ("tomorrow", None),
            ("", None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(
            written(datetime!(2026-01-02 3:04:05 UTC)),
            "2026-01-02T03:04:05Z"
        );
        assert_eq!(
            told(datetime!(2026-01-02 3:04:05 UTC)),
            "Fri, 02 Jan 2026 03:04:05 GMT"
        );
    }
}
