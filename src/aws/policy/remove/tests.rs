use serde_json::{Value, json};

use super::*;
use crate::aws::policy::generate::{USER, ours, ours_with, policy, rendered};

fn theirs(sid: &str) -> Value {
    json!({"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": "s3:Put*", "Resource": "arn:aws:s3:::acme/*"})
}

fn left(current: &Value) -> Option<Value> {
    remove(Some(current), &rendered("acme"), "acme").expect("it can be removed")
}

#[test]
fn every_spelling_of_ours_goes_and_nothing_else() {
    let current = policy(&[
        theirs("a"),
        ours("acme"),
        ours_with("acme", "Sid", json!("copy")),
        theirs("b"),
        ours_with("acme", "Action", json!("S3:GetObject")),
    ]);
    assert_eq!(left(&current), Some(policy(&[theirs("a"), theirs("b")])));
}

#[test]
fn a_policy_of_ours_alone_is_to_be_deleted() {
    assert_eq!(left(&policy(&[ours("acme"), ours("acme")])), None);
    assert_eq!(left(&json!({"Id": "x", "Statement": ours("acme")})), None);
    assert_eq!(remove(None, &rendered("acme"), "acme"), Ok(None));
}

#[test]
fn a_policy_without_ours_stays_as_it_is() {
    for current in [
        policy(&[]),
        policy(&[theirs("a")]),
        json!({"Statement": theirs("a")}),
        policy(&[ours("other")]),
    ] {
        assert_eq!(left(&current), Some(current));
    }
}

#[test]
fn a_list_stays_a_list() {
    let after = left(&policy(&[theirs("a"), ours("acme")]));
    assert_eq!(after, Some(policy(&[theirs("a")])));
}

#[test]
fn broader_older_and_combined_statements_stay_and_are_reported() {
    let kinds = [
        ("Action", json!(["s3:GetObject", "s3:ListBucket"]), true),
        ("Resource", json!("arn:aws:s3:::acme"), true),
        ("Principal", json!({"AWS": [USER, "111122223333"]}), true),
        ("Principal", json!({"AWS": "931508227573"}), true),
        ("Principal", json!("*"), true),
        (
            "Condition",
            json!({"Bool": {"aws:SecureTransport": "true"}}),
            true,
        ),
        ("Principal", json!({"AWS": "111122223333"}), false),
        ("Principal", json!({"Service": "s3.amazonaws.com"}), false),
        ("Effect", json!("Deny"), false),
    ];
    for (name, value, reported) in kinds {
        let mut kept = ours_with("acme", name, value);
        kept["Sid"] = json!("kept");
        let current = policy(&[kept.clone(), ours("acme")]);
        let after = left(&current);
        assert_eq!(after, Some(policy(&[kept])), "{name}");
        let wanted: &[&str] = if reported { &["statement `kept`"] } else { &[] };
        assert_eq!(
            still_granting(after.as_ref(), &rendered("acme")),
            wanted,
            "{name}"
        );
    }
}

#[test]
fn what_is_left_must_still_be_taken_by_s3() {
    let stale = json!({"Sid": "old", "Effect": "Allow", "Principal": {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, "Action": "s3:*", "Resource": "*"});
    let refusal = remove(
        Some(&policy(&[stale, ours("acme")])),
        &rendered("acme"),
        "acme",
    )
    .expect_err("S3 refuses it");
    assert!(refusal.reason.starts_with("statement `old`"));
}

#[test]
fn shapes_that_are_not_understood_are_refused() {
    for current in [
        json!(5),
        json!({}),
        json!({"Statement": 1}),
        json!({"Statement": [ours("acme"), 1]}),
    ] {
        assert!(
            remove(Some(&current), &rendered("acme"), "acme").is_err(),
            "{current}"
        );
    }
}

#[test]
fn foreign_statements_that_stay_are_counted() {
    let rendered = rendered("acme");
    let before = policy(&[theirs("a"), ours("acme"), theirs("a"), theirs("b")]);
    let after = policy(&[theirs("a"), theirs("a"), theirs("b")]);
    assert_eq!(kept(Some(&before), Some(&after), &rendered), 3);
    assert_eq!(kept(Some(&before), Some(&before), &rendered), 3);
    assert_eq!(
        kept(Some(&before), Some(&policy(&[theirs("a")])), &rendered),
        1
    );
    assert_eq!(kept(Some(&before), None, &rendered), 0);
    assert_eq!(kept(None, Some(&after), &rendered), 0);
    let mistaken = policy(&[
        theirs("a"),
        ours_with("acme", "Resource", json!("arn:aws:s3:::acme")),
    ]);
    let repaired = policy(&[theirs("a"), ours("acme")]);
    assert_eq!(kept(Some(&mistaken), Some(&repaired), &rendered), 1);
}
