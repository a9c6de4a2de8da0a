//! Rules as customers have them: what is added, what is left, and the words where nothing can be added.

use serde_json::{Value, json};

use super::super::templates::{ORIGIN, cors_rule};
use super::*;
use crate::catalogue::Cause;

fn rule(origins: &[&str], methods: &[&str], headers: &[&str]) -> Value {
    json!({
        "allowedOrigins": origins, "allowedMethods": methods, "allowedHeaders": headers,
        "exposedHeaders": [], "maxAgeInSeconds": 200,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut rule = cors_rule();
    rule[name] = value;
    rule
}

fn others(count: usize) -> Vec<Value> {
    (0..count)
        .map(|number| {
            let origin = format!("https://{number}.example");
            rule(&[origin.as_str()], &["PUT"], &["*"])
        })
        .collect()
}

fn refusal(current: &[Value]) -> Refusal {
    merge(current, &cors_rule()).expect_err("a refusal")
}

#[test]
fn the_published_rule_is_the_one_that_the_published_command_sets() {
    assert_eq!(
        templates::cors(),
        json!([{
            "allowedOrigins": ["https://app.segments.ai"], "allowedMethods": ["GET"],
            "allowedHeaders": [], "exposedHeaders": [], "maxAgeInSeconds": 3600,
        }])
    );
}

#[test]
fn a_service_without_rules_gets_ours_alone() {
    assert_eq!(merge(&[], &cors_rule()), Ok(vec![cors_rule()]));
}

#[test]
fn ours_is_added_unless_a_rule_answers_already() {
    for (origins, methods, headers, enough) in [
        (
            &["https://app.segments.ai"][..],
            &["GET"][..],
            &[][..],
            true,
        ),
        (&["*"], &["PUT", "GET"], &["x-ms-meta-*"], true),
        (&["https://*.segments.ai"], &["GET"], &[], true),
        (
            &["https://a.example", "https://app.segments.ai"],
            &["GET"],
            &["*"],
            true,
        ),
        (&["https://app.segments.ai/"], &["GET"], &[], false),
        (&["https://App.segments.ai"], &["GET"], &[], false),
        (&["http://app.segments.ai"], &["GET"], &[], false),
        (&["https://webgpu.segments.ai"], &["GET"], &[], false),
        (
            &["https://app.segments.ai"],
            &["HEAD", "PUT"],
            &["*"],
            false,
        ),
        (&["https://*"], &["GET"], &[], false),
        (&[], &[], &[], false),
    ] {
        let current = vec![rule(origins, methods, headers)];
        let mut expected = current.clone();
        if !enough {
            expected.push(cors_rule());
        }
        assert_eq!(merge(&current, &cors_rule()), Ok(expected), "{current:?}");
    }
}

#[test]
fn what_others_have_in_their_rules_is_kept_to_the_letter() {
    let text = r#"[{"zulu":{"b":1,"a":1.10},"maxAgeInSeconds":1e2,"allowedOrigins":["https://a.example"],"allowedMethods":["GET"]},{}]"#;
    let current: Vec<Value> = serde_json::from_str(text).expect("JSON");
    let merged = merge(&current, &cors_rule()).expect("two rules");
    assert_eq!(
        Value::from(merged[..2].to_vec()).to_string(),
        Value::from(current).to_string()
    );
    assert_eq!(merged[2..], [cors_rule()]);
}

#[test]
fn five_rules_and_none_that_serves_are_shown_with_both_ways_out() {
    let mut current = others(3);
    current.push(rule(&["https://portal.example"], &["GET"], &[]));
    current.push(rule(&["https://upload.example"], &["GET", "PUT"], &["*"]));
    let refusal = refusal(&current);
    for part in [
        "5 CORS rules",
        "(Z23)",
        "rule 1 allows PUT to `https://0.example`",
        "rule 5 allows GET, PUT to `https://upload.example`",
    ] {
        assert!(refusal.reason.contains(part), "{part}: {}", refusal.reason);
    }
    assert_eq!(refusal.hints.len(), 2);
    assert!(refusal.hints[0].starts_with("remove a rule"));
    assert!(
        refusal.hints[1].contains("`https://app.segments.ai` to the origins of rule 4,"),
        "{}",
        refusal.hints[1]
    );
    // The way out that is named is one.
    current[3]["allowedOrigins"]
        .as_array_mut()
        .expect("origins")
        .push(json!(ORIGIN));
    assert_eq!(merge(&current, &cors_rule()), Ok(current.clone()));
}

#[test]
fn no_rule_is_named_that_allows_more_or_is_full() {
    let many: Vec<String> = (0..64).map(|n| format!("https://{n}.e")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut foreign = rule(&["https://new.example"], &["GET"], &[]);
    foreign["allowPrivateNetwork"] = json!(true);
    let current = [
        rule(&["https://a.example"], &["GET"], &["*"]),
        rule(&["https://b.example"], &["GET", "HEAD"], &[]),
        rule(&many, &["GET"], &[]),
        foreign,
        rule(&[], &[], &[]),
    ];
    let refusal = refusal(&current);
    assert!(
        refusal.hints[1].contains("none allows that and nothing else"),
        "{}",
        refusal.hints[1]
    );
    assert!(refusal.reason.contains("60 more"), "{}", refusal.reason);
    assert!(
        refusal.reason.contains("rule 5 allows nothing to nobody"),
        "{}",
        refusal.reason
    );
    let two = [
        rule(&["https://a.example"], &["GET"], &[]),
        rule(&["https://b.example"], &["GET"], &[]),
    ];
    let refusal = self::refusal(&[others(3), two.to_vec()].concat());
    assert!(refusal.hints[1].contains("one of the rules 4, 5"));
}

#[test]
fn five_rules_of_which_one_serves_are_left_alone() {
    let mut current = others(4);
    current.push(rule(&["*"], &["GET"], &[]));
    assert_eq!(merge(&current, &cors_rule()), Ok(current.clone()));
    assert_eq!(
        merge(&others(4), &cors_rule()).map(|rules| rules.len()),
        Ok(5)
    );
}

#[test]
fn what_is_certainly_too_long_is_refused_and_nothing_else() {
    let ours = ORIGIN.len() + "GET".len();
    let long = |bytes: usize| {
        let origin = format!("https://{}", "a".repeat(bytes - "https://PUT".len()));
        rule(&[origin.as_str()], &["PUT"], &[])
    };
    assert!(merge(&[long(MAX_BYTES - ours)], &cors_rule()).is_ok());
    let refusal = refusal(&[long(MAX_BYTES - ours + 1)]);
    assert!(refusal.reason.contains("2049 bytes"), "{}", refusal.reason);
}

#[test]
fn a_rule_that_is_not_understood_stops_only_what_depends_on_it() {
    for odd in [
        json!(null),
        json!("*"),
        json!({ "allowedOrigins": "*", "allowedMethods": ["GET"] }),
        json!({ "allowedOrigins": ["*"], "allowedMethods": [7] }),
        json!({ "allowedOrigins": ["*"], "allowedMethods": ["GET"], "exposedHeaders": {} }),
    ] {
        let refusal = refusal(&[rule(&["https://a.example"], &["GET"], &[]), odd.clone()]);
        assert!(refusal.reason.starts_with("CORS rule 2 "), "{odd}");
        // It stands behind the rule that serves, so it does not matter.
        let current = vec![cors_rule(), odd.clone()];
        assert_eq!(merge(&current, &cors_rule()), Ok(current.clone()), "{odd}");
        assert_eq!(remove(&current, &cors_rule()), vec![odd.clone()], "{odd}");
        // It stands before it, and may answer in its place.
        let current = [odd.clone(), cors_rule()];
        assert_eq!(serves(&current, ORIGIN), None, "{odd}");
        assert!(merge(&current, &cors_rule()).is_err(), "{odd}");
        assert_eq!(unreadable(&current), Some(0), "{odd}");
    }
}

#[test]
fn rules_that_mean_ours_are_removed_and_no_others() {
    let same = [
        cors_rule(),
        with("maxAgeInSeconds", json!(5)),
        with("maxAgeInSeconds", json!("5")),
        with("allowedHeaders", json!(null)),
        with("tag", json!(null)),
        with(
            "allowedOrigins",
            json!(["https://app.segments.ai", "https://app.segments.ai"]),
        ),
        with(
            "allowedOrigins",
            json!(["https://webgpu.segments.ai", "https://app.segments.ai"]),
        ),
        json!({ "allowedMethods": ["GET"], "allowedOrigins": [ORIGIN] }),
    ];
    let different = [
        with("allowedOrigins", json!(["https://webgpu.segments.ai"])),
        with("allowedOrigins", json!(["https://*.segments.ai"])),
        with("allowedOrigins", json!(["*"])),
        with("allowedOrigins", json!(["https://app.segments.ai/"])),
        with(
            "allowedOrigins",
            json!(["https://app.segments.ai", "https://a.example"]),
        ),
        with("allowedMethods", json!(["GET", "HEAD"])),
        with("allowedHeaders", json!(["*"])),
        with("exposedHeaders", json!(["ETag"])),
        with("allowPrivateNetwork", json!(true)),
        with("allowedMethods", json!("GET")),
        json!({}),
    ];
    let mixed: Vec<Value> = same.iter().chain(&different).cloned().collect();
    assert_eq!(remove(&mixed, &cors_rule()), different);
    assert_eq!(kept(&mixed, &different), different.len());
    let asked = with("allowedHeaders", json!(["Range", "x-ms-a"]));
    let spelled = with("allowedHeaders", json!(["X-MS-A", "range"]));
    assert_eq!(remove(&[spelled], &asked), Vec::<Value>::new());
}

#[test]
fn kept_counts_the_rules_of_others() {
    let other = rule(&["https://a.example"], &["GET"], &[]);
    let before = vec![other.clone(), cors_rule(), other.clone()];
    assert_eq!(kept(&before, &before), 2);
    assert_eq!(kept(&before, &[other]), 1);
    assert_eq!(kept(&[], &before), 0);
}

#[test]
fn who_still_serves_is_told_after_a_removal() {
    let left = [
        rule(&["https://a.example"], &["GET"], &[]),
        rule(&["*"], &["GET"], &[]),
        rule(&[ORIGIN], &["GET", "PUT"], &["*"]),
        rule(&[ORIGIN], &["PUT"], &[]),
        json!(7),
    ];
    assert_eq!(
        still_serving(&left, ORIGIN),
        [
            "rule 2 admits `https://app.segments.ai` through `*`",
            "rule 3 admits `https://app.segments.ai`"
        ]
    );
}

#[test]
fn each_slip_has_its_cause_and_its_words() {
    for (origin, methods, cause, part) in [
        (
            "https://app.segments.ai/",
            &["GET"][..],
            Cause::Z25,
            "ends with a slash",
        ),
        (
            "https://App.segments.ai",
            &["GET"],
            Cause::Z25,
            "upper-case letters",
        ),
        (
            "http://app.segments.ai",
            &["GET"],
            Cause::Z25,
            "its scheme is `http:`",
        ),
        (
            "https://app.segments.ai:443",
            &["GET"],
            Cause::Z25,
            "names the port 443",
        ),
        (
            "https://segments.ai",
            &["GET"],
            Cause::Z25,
            "leaves out sub-domains (`https://*.segments.ai`",
        ),
        ("app.segments.ai", &["GET"], Cause::Z25, "lacks the scheme"),
        (
            "https://www.segments.ai",
            &["GET"],
            Cause::Z25,
            "another part of `segments.ai`",
        ),
        (
            "https://webgpu.segments.ai",
            &["GET"],
            Cause::Z25,
            "another part of `segments.ai`",
        ),
        (
            ORIGIN,
            &["PUT", "HEAD"],
            Cause::Z24,
            "does not allow the method `GET`, only `PUT`, `HEAD`",
        ),
        (
            "https://app.segments.ai/",
            &["PUT"],
            Cause::Z25,
            "does not allow the method `GET`",
        ),
    ] {
        let rules = [
            rule(&["https://a.example"], &["GET"], &[]),
            rule(&[origin], methods, &[]),
        ];
        let Some((1, found, words)) = diagnose(&rules, ORIGIN) else {
            panic!("{origin}: {:?}", diagnose(&rules, ORIGIN));
        };
        assert_eq!(found, cause, "{origin}");
        assert!(words.contains(part), "{origin}: {words}");
    }
}

#[test]
fn rules_for_others_are_not_near_and_a_rule_that_serves_needs_no_diagnosis() {
    for origin in [
        "https://a.example",
        "https://segments.ai.example.com",
        "https://notsegments.ai",
        "https",
        "",
    ] {
        assert_eq!(
            diagnose(&[rule(&[origin], &["GET"], &[])], ORIGIN),
            None,
            "{origin}"
        );
    }
    let slip = rule(&["https://app.segments.ai/"], &["GET"], &[]);
    assert_eq!(diagnose(&[slip, cors_rule()], ORIGIN), None);
    assert_eq!(diagnose(&[], ORIGIN), None);
}

#[test]
fn the_nearest_of_several_is_told_by_its_place_among_all() {
    let rules = [
        json!("odd"),
        rule(&["https://www.segments.ai"], &["GET"], &[]),
        rule(&["http://app.segments.ai/"], &["GET"], &[]),
        rule(&["https://app.segments.ai/"], &["GET"], &[]),
    ];
    assert_eq!(diagnose(&rules, ORIGIN).map(|(at, _, _)| at), Some(3));
}
