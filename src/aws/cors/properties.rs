//! What holds for every CORS configuration: nothing of others is lost, widened or reordered.

use proptest::prelude::*;

use super::{CorsRule, CorsRules, Diagnosis, diagnose, kept, merge, remove};
use crate::cors::{Request, s3};

fn ours() -> CorsRule {
    CorsRules::parse(include_str!("../../../templates/aws/cors.json"))
        .expect("the published document")
        .0
        .remove(0)
}

const ORIGINS: [&str; 9] = [
    "*",
    "https://*",
    "https://*.segments.ai",
    "https://app.segments.ai",
    "https://app.segments.ai/",
    "http://*.segments.ai",
    "https://a*.segments.ai",
    "https://example.com",
    "https://segments.ai",
];
const METHODS: [&str; 3] = ["GET", "PUT", "HEAD"];
const HEADERS: [&str; 5] = ["*", "range", "Range", "x-amz-*", "authorization"];

fn some_of(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(prop::sample::select(texts), 0..3)
        .prop_map(|texts| texts.into_iter().map(str::to_owned).collect())
}

/// Rules near to ours, so that inclusion, equality and near misses all come up.
fn rule() -> impl Strategy<Value = CorsRule> {
    let any = (
        prop::option::of("[a-z]{1,4}"),
        prop::option::of(some_of(&HEADERS)),
        some_of(&METHODS),
        some_of(&ORIGINS),
        prop::option::of(some_of(&["ETag", "etag"])),
        prop::option::of(0..3000),
    )
        .prop_map(
            |(id, allowed_headers, allowed_methods, allowed_origins, expose_headers, age)| {
                CorsRule {
                    id,
                    allowed_headers,
                    allowed_methods,
                    allowed_origins,
                    expose_headers,
                    max_age_seconds: age,
                }
            },
        );
    let like_ours = prop::option::of("[a-z]{1,4}").prop_map(|id| CorsRule { id, ..ours() });
    prop_oneof![5 => any, 1 => like_ours]
}

fn rules() -> impl Strategy<Value = Vec<CorsRule>> {
    prop::collection::vec(rule(), 0..6)
}

fn some_origin() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("https://app.segments.ai".to_owned()),
        Just("https://cors-probe.invalid".to_owned()),
        "https?://[a-c]{1,2}\\.(segments\\.ai|example\\.com)(:8443)?",
    ]
}

fn winner(rules: &[CorsRule], request: &Request<'_>) -> Option<usize> {
    s3::explain(rules.iter().map(CorsRule::matching), request).winner
}

/// What a browser sees of an answer.
fn answer(rules: &[CorsRule], request: &Request<'_>) -> Option<CorsRule> {
    winner(rules, request).and_then(|index| rules.get(index).cloned())
}

proptest! {
    #[test]
    fn merging_is_idempotent_and_deterministic(current in rules()) {
        let merged = merge(Some(&current), &ours()).expect("small");
        prop_assert_eq!(merge(Some(&current), &ours()).expect("small"), merged.clone());
        prop_assert_eq!(merge(Some(&merged), &ours()).expect("small"), merged);
    }

    #[test]
    fn merging_only_adds_at_the_end(current in rules()) {
        let merged = merge(Some(&current), &ours()).expect("small");
        prop_assert!(merged.starts_with(&current));
        prop_assert!(merged.len() <= current.len() + 1);
        let foreign = current.iter().filter(|rule| !rule.means_the_same_as(&ours())).count();
        prop_assert_eq!(kept(&current, &merged, &ours()), foreign);
    }

    #[test]
    fn merging_converges_though_others_add_rules_meanwhile(
        before in rules(),
        later in rules(),
    ) {
        let mut moved = merge(Some(&before), &ours()).expect("small");
        moved.extend(later);
        prop_assert_eq!(merge(Some(&moved), &ours()).expect("small"), moved);
    }

    #[test]
    fn no_answer_that_was_given_before_changes(
        current in rules(),
        origin in some_origin(),
        method in prop::sample::select(&METHODS[..]),
        headers in prop::collection::vec(prop::sample::select(&["range", "x-amz-date", "if-match"][..]), 0..3),
    ) {
        let merged = merge(Some(&current), &ours()).expect("small");
        for request in [
            Request::actual(&origin, method),
            Request::preflight(&origin, method, &headers),
        ] {
            if let Some(index) = winner(&current, &request) {
                prop_assert_eq!(winner(&merged, &request), Some(index));
                prop_assert_eq!(answer(&merged, &request), answer(&current, &request));
            } else if winner(&[ours()], &request).is_none() {
                prop_assert_eq!(winner(&merged, &request), None);
            }
        }
    }

    #[test]
    fn after_merging_all_that_ours_admits_is_admitted(
        current in rules(),
        origin in some_origin(),
        method in prop::sample::select(&METHODS[..]),
        headers in prop::collection::vec("[a-z-]{1,8}", 0..3),
    ) {
        let merged = merge(Some(&current), &ours()).expect("small");
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let request = Request::preflight(&origin, method, &headers);
        if winner(&[ours()], &request).is_some() {
            prop_assert!(winner(&merged, &request).is_some());
        }
        let serves = matches!(diagnose(Some(&merged), "https://app.segments.ai"), Diagnosis::Serves { .. });
        prop_assert!(serves);
    }

    #[test]
    fn removing_takes_ours_and_only_ours(current in rules()) {
        let left = remove(&current, &ours());
        let expected: Vec<CorsRule> = current
            .iter()
            .filter(|rule| !rule.means_the_same_as(&ours()))
            .cloned()
            .collect();
        prop_assert_eq!(&left, &expected);
        prop_assert_eq!(remove(&left, &ours()), left);
        prop_assert_eq!(kept(&current, &expected, &ours()), expected.len());
    }

    #[test]
    fn removing_undoes_merging(current in rules()) {
        let foreign = remove(&current, &ours());
        let merged = merge(Some(&foreign), &ours()).expect("small");
        prop_assert_eq!(remove(&merged, &ours()), foreign);
    }

    #[test]
    fn documents_go_through_json_unchanged(current in rules()) {
        let text = serde_json::to_string(&CorsRules(current.clone())).expect("JSON");
        prop_assert_eq!(CorsRules::parse(&text).expect("rules").0, current);
    }
}
