//! What holds for every CORS configuration: nothing of others is lost or reordered, and no other origin gets another
//! answer than before, whatever Google makes of what it does not document.

use proptest::prelude::*;

use super::{CorsEntry, kept, merge, remove};
use crate::cors::gcs::{Entry, Fit};
use crate::gcp::templates::{ORIGIN, cors_entry};

fn variants() -> [CorsEntry; 2] {
    [cors_entry(false), cors_entry(true)]
}

const ORIGINS: [&str; 12] = [
    "*",
    "https://*",
    "https://*.segments.ai",
    "https://app.segments.ai",
    "https://app.segments.ai/",
    "https://APP.segments.ai",
    "http://*.segments.ai",
    "https://a*.segments.ai",
    "https://*.*.ai",
    "https://example.com",
    "https://*.example.com",
    "https://segments.ai",
];
const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "*", "get"];
const HEADERS: [&str; 4] = ["*", "range", "Content-Type", "etag"];

fn some_of(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(texts), 0..3)
        .prop_map(|texts| texts.into_iter().map(str::to_owned).collect())
}

fn entry() -> impl Strategy<Value = CorsEntry> {
    let foreign = (
        some_of(&ORIGINS),
        some_of(&METHODS),
        some_of(&HEADERS),
        0..3,
    )
        .prop_map(|(origin, method, response_header, age)| CorsEntry {
            origin,
            method,
            response_header,
            max_age_seconds: age * 60,
        });
    prop_oneof![6 => foreign, 1 => any::<bool>().prop_map(cors_entry)]
}

fn entries() -> impl Strategy<Value = Vec<CorsEntry>> {
    prop::collection::vec(entry(), 0..6)
}

/// What Google might make of what it does not document.
#[derive(Debug, Clone, Copy)]
struct Undocumented {
    wildcards: bool,
    case: bool,
}

fn undocumented() -> impl Strategy<Value = Undocumented> {
    (any::<bool>(), any::<bool>()).prop_map(|(wildcards, case)| Undocumented { wildcards, case })
}

fn has_origin(entry: Entry<'_>, origin: &str, google: Undocumented) -> bool {
    entry.origins.iter().any(|allowed| {
        allowed == "*"
            || allowed == origin
            || (google.case && allowed.eq_ignore_ascii_case(origin))
            || (google.wildcards && glob(allowed, origin))
    })
}

/// Any number of `*`, each for any run of characters.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, rest)) => text.strip_prefix(before).is_some_and(|text| {
            (0..=text.len()).any(|from| text.get(from..).is_some_and(|text| glob(rest, text)))
        }),
    }
}

fn has_method(entry: Entry<'_>, method: &str, google: Undocumented) -> bool {
    entry.methods.iter().any(|allowed| {
        allowed == "*" || allowed == method || (google.case && allowed.eq_ignore_ascii_case(method))
    })
}

/// Everything that an answer is made of: the first entry's own lists, and what it was asked.
fn answer(
    entries: &[CorsEntry],
    origin: &str,
    method: &str,
    google: Undocumented,
) -> Option<CorsEntry> {
    entries
        .iter()
        .find(|entry| {
            has_origin(entry.matching(), origin, google)
                && has_method(entry.matching(), method, google)
        })
        .cloned()
}

fn some_origin() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("https://cors-probe.invalid".to_owned()),
        Just("https://segments.ai".to_owned()),
        "https?://[a-c]{1,2}\\.(segments\\.ai|example\\.com)(:8443)?",
    ]
}

/// Whether our entry could ever be for this origin.
fn is_segments(origin: &str) -> bool {
    glob("https://*.segments.ai", origin)
}

proptest! {
    #[test]
    fn merging_is_idempotent_and_deterministic(current in entries(), literal in any::<bool>()) {
        let ours = cors_entry(literal);
        let merged = merge(&current, &ours, &variants());
        prop_assert_eq!(merge(&current, &ours, &variants()), merged.clone());
        prop_assert_eq!(merge(&merged.entries, &ours, &variants()).entries, merged.entries);
    }

    #[test]
    fn entries_of_others_stay_equal_and_in_order(current in entries(), literal in any::<bool>()) {
        let foreign = remove(&current, &variants());
        let merged = merge(&current, &cors_entry(literal), &variants()).entries;
        prop_assert_eq!(remove(&merged, &variants()), foreign.clone());
        prop_assert_eq!(kept(&current, &merged, &variants()), foreign.len());
    }

    /// The heart of it: every answer for an origin other than Segments.ai's, and for every method but GET, is the
    /// same before and after.
    #[test]
    fn no_other_origin_gets_another_answer(
        current in entries(),
        literal in any::<bool>(),
        origin in some_origin(),
        method in prop::sample::select(&["GET", "PUT", "HEAD", "POST"][..]),
        google in undocumented(),
    ) {
        let merged = merge(&current, &cors_entry(literal), &variants()).entries;
        if !is_segments(&origin) || method != "GET" {
            prop_assert_eq!(
                answer(&merged, &origin, method, google),
                answer(&current, &origin, method, google)
            );
        }
    }

    #[test]
    fn the_page_gets_what_it_needs_wherever_google_can_give_it(
        current in entries(),
        literal in any::<bool>(),
        google in undocumented(),
    ) {
        let merged = merge(&current, &cors_entry(literal), &variants()).entries;
        if literal || google.wildcards {
            let given = answer(&merged, ORIGIN, "GET", google).expect("an entry answers");
            prop_assert!(given.response_header.iter().any(|header| header == "*"));
        }
    }

    #[test]
    fn removing_takes_only_ours_and_changes_no_other_answer(
        current in entries(),
        origin in some_origin(),
        method in prop::sample::select(&["GET", "PUT"][..]),
        google in undocumented(),
    ) {
        let left = remove(&current, &variants());
        prop_assert_eq!(remove(&left, &variants()), left.clone());
        prop_assert_eq!(kept(&current, &left, &variants()), left.len());
        if !is_segments(&origin) || method != "GET" {
            prop_assert_eq!(answer(&left, &origin, method, google), answer(&current, &origin, method, google));
        }
    }

    #[test]
    fn removing_undoes_merging(current in entries(), literal in any::<bool>()) {
        let foreign = remove(&current, &variants());
        let merged = merge(&foreign, &cors_entry(literal), &variants()).entries;
        prop_assert_eq!(remove(&merged, &variants()), foreign);
    }

    /// The matching that checks use agrees with the model above, as far as it claims to know.
    #[test]
    fn what_is_certain_holds_whatever_google_does(
        current in entries(),
        origin in some_origin(),
        google in undocumented(),
    ) {
        let views = current.iter().map(CorsEntry::matching);
        match crate::cors::gcs::first(views, &origin, "GET") {
            None => prop_assert_eq!(answer(&current, &origin, "GET", google), None),
            Some((index, Fit::Yes)) => {
                prop_assert_eq!(answer(&current, &origin, "GET", google), current.get(index).cloned());
            }
            Some((_, Fit::Likely | Fit::No)) => {}
        }
    }

    #[test]
    fn documents_go_through_json_unchanged(current in entries()) {
        let text = serde_json::to_string(&current).expect("JSON");
        prop_assert_eq!(super::parse(&text).expect("entries"), current);
    }
}
