//! What holds for every set of rules: nothing of others is lost, widened or reordered.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::templates::{ORIGIN, cors_rule};
use super::rule::{Parts, means_the_same};
use super::{answer, diagnose, kept, merge, remove, serves, still_serving, unreadable};
use crate::cors::Request;

const ORIGINS: [&str; 9] = [
    "*",
    "https://*.segments.ai",
    "https://app.segments.ai",
    "https://app.segments.ai/",
    "http://app.segments.ai",
    "https://webgpu.segments.ai",
    "https://example.com",
    "https://*.example.com",
    "https://segments.ai",
];
const METHODS: [&str; 4] = ["GET", "PUT", "HEAD", "OPTIONS"];
const HEADERS: [&str; 4] = ["*", "range", "Range", "x-ms-*"];

fn some_of(texts: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop::collection::vec(prop::sample::select(texts), 0..3).prop_map(|texts| json!(texts))
}

/// A rule that is understood, near to ours, so that equality and near misses come up.
fn rule() -> impl Strategy<Value = Value> {
    let any = (
        some_of(&ORIGINS),
        some_of(&METHODS),
        some_of(&HEADERS),
        prop::option::of(some_of(&["ETag", "etag"])),
        prop::option::of(0..4000),
        prop::option::weighted(0.1, any::<bool>()),
    )
        .prop_map(|(origins, methods, headers, exposed, age, extra)| {
            let mut rule = json!({ "allowedOrigins": origins, "allowedMethods": methods, "allowedHeaders": headers });
            if let Some(exposed) = exposed {
                rule["exposedHeaders"] = exposed;
            }
            if let Some(age) = age {
                rule["maxAgeInSeconds"] = json!(age);
            }
            if let Some(extra) = extra {
                rule["somethingNew"] = json!(extra);
            }
            rule
        });
    let like_ours = (0..4000).prop_map(|age| {
        let mut rule = cors_rule();
        rule["maxAgeInSeconds"] = json!(age);
        rule
    });
    prop_oneof![6 => any, 1 => like_ours]
}

fn rules() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(rule(), 0..5)
}

/// Any JSON, with the members of rules in it more often than not.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(&ORIGINS[..]).prop_map(Value::from),
        prop::sample::select(&METHODS[..]).prop_map(Value::from),
        "[a-zé*/:.\"]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop_oneof![
            4 => prop::sample::select(vec!["allowedOrigins", "allowedMethods", "allowedHeaders", "exposedHeaders", "maxAgeInSeconds"]).prop_map(str::to_owned),
            1 => "[a-z]{0,4}",
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((name, inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn winner(rules: &[Value], request: &Request<'_>) -> Option<Value> {
    let parts: Vec<Parts> = rules
        .iter()
        .map(|rule| Parts::read(rule).expect("a readable rule"))
        .collect();
    let winner = answer(&parts, request).winner?;
    rules.get(winner).cloned()
}

fn text(rules: &[Value]) -> String {
    Value::from(rules.to_vec()).to_string()
}

proptest! {
    #[test]
    fn merging_is_idempotent_and_deterministic(current in rules()) {
        let merged = merge(&current, &cors_rule()).expect("small");
        prop_assert_eq!(merge(&current, &cors_rule()).expect("small"), merged.clone());
        prop_assert_eq!(text(&merge(&merged, &cors_rule()).expect("small")), text(&merged));
    }

    #[test]
    fn merging_only_adds_at_the_end(current in rules()) {
        let merged = merge(&current, &cors_rule()).expect("small");
        prop_assert_eq!(text(&merged[..current.len()]), text(&current));
        prop_assert!(merged.len() <= current.len() + 1);
        prop_assert!(merged[current.len()..].iter().all(|rule| *rule == cors_rule()));
        let foreign = current.iter().filter(|rule| !means_the_same(rule, &cors_rule())).count();
        prop_assert_eq!(kept(&current, &merged), foreign);
        prop_assert!(serves(&merged, ORIGIN).is_some());
    }

    #[test]
    fn merging_converges_though_others_add_rules_meanwhile(before in rules(), later in rules()) {
        let mut moved = merge(&before, &cors_rule()).expect("small");
        moved.extend(later);
        prop_assert_eq!(merge(&moved, &cors_rule()).expect("it serves already"), moved);
    }

    #[test]
    fn nobody_elses_answer_changes(
        current in rules(),
        origin in prop_oneof![
            Just(ORIGIN.to_owned()),
            Just("https://cors-probe.invalid".to_owned()),
            "https?://([a-c]{1,2}\\.)?(segments\\.ai|example\\.com)(:8443)?",
        ],
        method in prop::sample::select(&METHODS[..]),
        headers in prop::collection::vec(prop::sample::select(&["range", "x-ms-date", "if-match"][..]), 0..3),
    ) {
        let merged = merge(&current, &cors_rule()).expect("small");
        for request in [Request::actual(&origin, method), Request::preflight(&origin, method, &headers)] {
            let before = winner(&current, &request);
            let after = winner(&merged, &request);
            if origin == ORIGIN && method == "GET" {
                prop_assert!(before.is_none() || before == after);
            } else {
                prop_assert_eq!(before, after);
            }
        }
    }

    #[test]
    fn removing_takes_ours_and_only_ours(current in rules()) {
        let left = remove(&current, &cors_rule());
        let expected: Vec<Value> =
            current.iter().filter(|rule| !means_the_same(rule, &cors_rule())).cloned().collect();
        prop_assert_eq!(text(&left), text(&expected));
        prop_assert_eq!(text(&remove(&left, &cors_rule())), text(&left));
        prop_assert_eq!(kept(&current, &left), left.len());
    }

    #[test]
    fn removing_undoes_merging(current in rules()) {
        let foreign = remove(&current, &cors_rule());
        let merged = merge(&foreign, &cors_rule()).expect("small");
        prop_assert_eq!(remove(&merged, &cors_rule()), foreign);
    }

    #[test]
    fn any_json_is_kept_or_refused(current in prop::collection::vec(any_json(), 0..7)) {
        match merge(&current, &cors_rule()) {
            Ok(merged) => {
                prop_assert_eq!(text(&merged[..current.len()]), text(&current));
                prop_assert!(serves(&merged, ORIGIN).is_some());
                prop_assert!(merged.len() == current.len() || unreadable(&current).is_none());
            }
            Err(refusal) => {
                prop_assert!(!refusal.hints.is_empty());
                prop_assert!(current.len() == 5 || current.len() == 6 || unreadable(&current).is_some());
            }
        }
        let left = remove(&current, &cors_rule());
        prop_assert!(kept(&current, &left) == left.len());
        let _ = diagnose(&current, ORIGIN);
        let _ = still_serving(&current, ORIGIN);
    }

    #[test]
    fn a_diagnosis_names_a_rule_that_does_not_serve(current in rules()) {
        if let Some((at, _, words)) = diagnose(&current, ORIGIN) {
            prop_assert!(serves(&current, ORIGIN).is_none());
            prop_assert!(!words.is_empty());
            let rule = current.get(at).expect("a place among the rules");
            prop_assert!(serves(std::slice::from_ref(rule), ORIGIN).is_none());
        }
    }
}
