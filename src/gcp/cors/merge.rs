//! Putting our entry into a bucket's CORS configuration, and taking it out again.
//!
//! Entries of others are moved about as they are: never changed, reordered or dropped.
//!
//! Why this harms nobody: Google takes the first entry with the request's origin and method
//! (<https://cloud.google.com/storage/docs/xml-api/put-bucket-cors>). Ours is for Segments.ai's origins and GET, so
//! wherever it stands, a request from any other origin, or for any other method, passes it by and meets the same
//! entries in the same order as before. It stands as late as it can: right before the first entry that would answer
//! Segments.ai's pages in its place without listing the headers that they need, and at the end where there is none.

use super::CorsEntry;
use crate::cors::gcs::{self, Fit};

/// The entries as they are to be, and why ours stands where it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The entries.
    pub entries: Vec<CorsEntry>,
    /// The index, in the entries as they were, of the one that ours must stand before.
    pub before: Option<usize>,
}

/// The entries with ours among them: as they are where Segments.ai's pages get what ours would give them already.
///
/// `variants` are all the entries that count as ours: the published one, with and without the literal origin.
#[must_use]
pub fn merge(current: &[CorsEntry], ours: &CorsEntry, variants: &[CorsEntry]) -> Merged {
    if served(current, ours) == Served::Yes {
        return Merged {
            entries: current.to_vec(),
            before: None,
        };
    }
    // Ours is there and hidden, or lacks an origin: it is put where it is seen.
    let mut entries = without(current, variants);
    let before = match served(&entries, ours) {
        Served::Hidden { by } => Some(by),
        Served::Yes | Served::No => None,
    };
    let place = before.unwrap_or(entries.len());
    let before = before.and_then(|index| {
        let foreign = entries.get(index)?;
        current.iter().position(|entry| entry == foreign)
    });
    entries.insert(place, ours.clone());
    Merged { entries, before }
}

/// The entries without those that mean the same as ours.
#[must_use]
pub fn remove(current: &[CorsEntry], variants: &[CorsEntry]) -> Vec<CorsEntry> {
    without(current, variants)
}

/// What the stored entries give to the pages of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Served {
    /// All that the entry would.
    Yes,
    /// Less, and no entry stands in the way of one at the end.
    No,
    /// Less, since this one answers first.
    Hidden { by: usize },
}

/// Whether `entries` give the origins and methods of `wanted` all that it would itself. What Google does not document
/// never counts in favour, and always counts against.
fn served(entries: &[CorsEntry], wanted: &CorsEntry) -> Served {
    let mut all = true;
    let mut hidden: Option<usize> = None;
    for origin in &wanted.origin {
        for method in &wanted.method {
            match one_served(entries, wanted, origin, method) {
                Served::Yes => {}
                Served::No => all = false,
                Served::Hidden { by } => {
                    all = false;
                    hidden = Some(hidden.map_or(by, |before| before.min(by)));
                }
            }
        }
    }
    match (all, hidden) {
        (true, _) => Served::Yes,
        (false, None) => Served::No,
        (false, Some(by)) => Served::Hidden { by },
    }
}

fn one_served(entries: &[CorsEntry], wanted: &CorsEntry, origin: &str, method: &str) -> Served {
    for (index, entry) in entries.iter().enumerate() {
        let view = entry.matching();
        let method_fit = view.method_fit(method);
        let overlaps = method_fit != Fit::No
            && entry
                .origin
                .iter()
                .any(|allowed| gcs::may_overlap(allowed, origin));
        if !overlaps {
            continue;
        }
        if !entry.lists_headers_of(wanted) {
            return Served::Hidden { by: index };
        }
        let covers = method_fit == Fit::Yes
            && entry
                .origin
                .iter()
                .any(|allowed| gcs::covers(allowed, origin));
        if covers {
            return Served::Yes;
        }
    }
    Served::No
}

fn without(current: &[CorsEntry], variants: &[CorsEntry]) -> Vec<CorsEntry> {
    current
        .iter()
        .filter(|entry| !is_ours(entry, variants))
        .cloned()
        .collect()
}

fn is_ours(entry: &CorsEntry, variants: &[CorsEntry]) -> bool {
    variants
        .iter()
        .any(|variant| entry.means_the_same_as(variant))
}

/// How many entries of others are the same, in the same order, in `before` and in `after`.
#[must_use]
pub fn kept(before: &[CorsEntry], after: &[CorsEntry], variants: &[CorsEntry]) -> usize {
    let mut rest = after.iter();
    before
        .iter()
        .filter(|entry| !is_ours(entry, variants))
        .filter(|entry| rest.any(|other| other == *entry))
        .count()
}

/// The entries that let pages of `origin` load, one line each, for a reader who has just taken ours out.
#[must_use]
pub fn still_serving(entries: &[CorsEntry], origin: &str) -> Vec<String> {
    let views = entries.iter().map(CorsEntry::matching);
    match gcs::first(views, origin, "GET") {
        Some((index, _)) => vec![format!(
            "entry {} still admits `{origin}`; it is not ours, and stays",
            index + 1
        )],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::gcp::templates::cors_entry;

    fn variants() -> [CorsEntry; 2] {
        [cors_entry(false), cors_entry(true)]
    }

    fn entries(text: &str) -> Vec<CorsEntry> {
        parse(text).expect(text)
    }

    fn merged(text: &str, literal: bool) -> Merged {
        merge(&entries(text), &cors_entry(literal), &variants())
    }

    /// Where ours stands afterwards, and before which of the entries as they were.
    fn place(text: &str) -> (Option<usize>, Option<usize>) {
        let merged = merged(text, false);
        let at = merged
            .entries
            .iter()
            .position(|entry| *entry == cors_entry(false));
        (at, merged.before)
    }

    #[test]
    fn ours_stands_last_unless_an_earlier_entry_would_answer_in_its_place() {
        for (text, expected) in [
            ("[]", (Some(0), None)),
            (
                r#"[{"origin":["https://intranet.acme.example"],"method":["GET"]}]"#,
                (Some(1), None),
            ),
            // Another method is another answer.
            (
                r#"[{"origin":["*"],"method":["PUT","POST"]}]"#,
                (Some(1), None),
            ),
            // Everyone's entry lists one header, and hides ours.
            (
                r#"[{"origin":["https://a.example"],"method":["GET"]},{"origin":["*"],"method":["GET"],"responseHeader":["Content-Type"]}]"#,
                (Some(1), Some(1)),
            ),
            (
                r#"[{"origin":["https://app.segments.ai"],"method":["*"]}]"#,
                (Some(0), Some(0)),
            ),
            // May be for us: nobody knows what Google makes of it.
            (
                r#"[{"origin":["https://*.*.ai"],"method":["get"]}]"#,
                (Some(0), Some(0)),
            ),
            // For one page of ours, and as good: the others still need ours.
            (
                r#"[{"origin":["https://app.segments.ai"],"method":["GET"],"responseHeader":["*"]}]"#,
                (Some(1), None),
            ),
        ] {
            assert_eq!(place(text), expected, "{text}");
        }
    }

    #[test]
    fn nothing_is_added_where_everyone_is_served_already() {
        for text in [
            r#"[{"origin":["*"],"method":["GET"],"responseHeader":["*"]}]"#,
            r#"[{"origin":["*"],"method":["*"],"responseHeader":["*"],"maxAgeSeconds":60}]"#,
            r#"[{"origin":["https://x.example","https://*.segments.ai"],"method":["PUT","GET"],"responseHeader":["*"]}]"#,
        ] {
            assert_eq!(merged(text, false).entries, entries(text), "{text}");
        }
    }

    #[test]
    fn a_hidden_entry_of_ours_is_moved_and_not_doubled() {
        let text = r#"[
            {"origin":["*"],"method":["GET"],"responseHeader":["Content-Type"]},
            {"origin":["https://*.segments.ai"],"method":["GET"],"responseHeader":["*"]}
        ]"#;
        let result = merged(text, false);
        assert_eq!(result.entries.len(), 2);
        assert_eq!(result.entries[0], cors_entry(false));
        assert_eq!(result.before, Some(0));
    }

    #[test]
    fn the_literal_origin_takes_the_place_of_the_published_entry() {
        let text =
            r#"[{"origin":["https://*.segments.ai"],"method":["GET"],"responseHeader":["*"]}]"#;
        assert_eq!(merged(text, true).entries, [cors_entry(true)]);
        // And without being asked for it is not taken away again.
        let literal = serde_json::to_string(&[cors_entry(true)]).expect("JSON");
        assert_eq!(merged(&literal, false).entries, [cors_entry(true)]);
    }

    #[test]
    fn what_serves_us_still_is_told() {
        let text = r#"[{"origin":["https://x.example"],"method":["GET"]},{"origin":["*"],"method":["GET"]}]"#;
        let told = still_serving(&entries(text), "https://app.segments.ai");
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with("entry 2 still admits"), "{told:?}");
        assert!(still_serving(&[], "https://app.segments.ai").is_empty());
    }
}
