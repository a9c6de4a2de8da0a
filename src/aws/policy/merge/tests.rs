use serde_json::{Value, json};

use super::*;
use crate::aws::policy::generate::{USER, ours, ours_with, policy, rendered};
use crate::json;

const WRONG: &str = "arn:aws:s3:::acme";

fn theirs() -> Value {
    json!({
        "Sid": "their logs", "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::acme/logs/*",
        "Condition": {"NumericLessThan": {"s3:signatureAge": 1}}, "x-ticket": {"nested": [1, null, {"a": 1}]},
    })
}

fn merged(current: &Value) -> Value {
    merge(Some(current), &rendered("acme"), "acme").expect("it can be merged")
}

fn refused(current: &Value) -> Refusal {
    merge(Some(current), &rendered("acme"), "acme").expect_err("it is refused")
}

fn same_text(one: &Value, other: &Value) {
    assert_eq!(json::compact(one), json::compact(other));
}

#[test]
fn a_bucket_without_a_policy_gets_the_published_document() {
    let document = merge(None, &rendered("acme"), "acme").expect("nothing is in the way");
    same_text(&document, &rendered("acme"));
    assert_eq!(document["Statement"][0]["Resource"], "arn:aws:s3:::acme/*");
}

#[test]
fn ours_is_added_at_the_end_and_foreign_statements_survive() {
    let current = json!({"Id": "x", "Statement": [theirs()], "x-owner": {"b": 1.10, "a": null}});
    let wanted = json!({"Id": "x", "Statement": [theirs(), ours("acme")], "x-owner": {"b": 1.10, "a": null}});
    same_text(&merged(&current), &wanted);
}

#[test]
fn an_empty_list_of_statements_is_filled() {
    same_text(
        &merged(&json!({"Statement": []})),
        &json!({"Statement": [ours("acme")]}),
    );
}

#[test]
fn a_single_statement_becomes_a_list_only_when_one_is_added() {
    same_text(
        &merged(&json!({"Statement": theirs()})),
        &json!({"Statement": [theirs(), ours("acme")]}),
    );
    let there = json!({"Statement": ours_with("acme", "Sid", json!("x"))});
    same_text(&merged(&there), &there);
    let mistaken = json!({"Statement": ours_with("acme", "Resource", json!(WRONG))});
    same_text(&merged(&mistaken), &json!({"Statement": ours("acme")}));
}

#[test]
fn the_version_is_neither_changed_nor_added() {
    for version in [
        json!("2008-10-17"),
        json!("2012-10-17"),
        json!("x"),
        json!(null),
    ] {
        let current = json!({"Statement": [], "Version": version});
        assert_eq!(merged(&current)["Version"], version);
    }
    assert_eq!(merged(&json!({"Statement": []})).get("Version"), None);
}

#[test]
fn ours_in_another_spelling_or_under_another_sid_is_left_alone() {
    for (name, value) in [
        ("Sid", json!("another")),
        ("Action", json!("s3:getobject")),
        ("Principal", json!({"AWS": [USER, USER]})),
        ("Resource", json!(["arn:aws:s3:::acme/*"])),
        ("Condition", json!({})),
    ] {
        let current = policy(&[theirs(), ours_with("acme", name, value), theirs()]);
        same_text(&merged(&current), &current);
    }
}

#[test]
fn nothing_is_checked_where_nothing_is_written() {
    let stale = json!({"Effect": "Deny", "Principal": {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, "Action": "s3:*", "Resource": "*"});
    let large = json!({"Sid": "x".repeat(30_000), "Effect": "Deny"});
    let current = policy(&[stale, large, ours("acme")]);
    same_text(&merged(&current), &current);
}

#[test]
fn a_known_mistaken_form_under_our_sid_is_put_right_in_its_place() {
    for resource in [
        json!("arn:aws:s3:::acme"),
        json!(["arn:aws:s3:::acme"]),
        json!("arn:aws:s3:::YOUR_BUCKET_NAME/*"),
        json!("arn:aws:s3:::YOUR_BUCKET_NAME"),
        json!([
            "arn:aws:s3:::acme",
            "arn:aws:s3:::YOUR_BUCKET_NAME",
            "arn:aws:s3:::YOUR_BUCKET_NAME/*"
        ]),
        json!(["arn:aws:s3:::acme", "arn:aws:s3:::acme/*"]),
    ] {
        let mistaken = ours_with("acme", "Resource", resource);
        let current = policy(&[theirs(), mistaken, theirs()]);
        same_text(
            &merged(&current),
            &policy(&[theirs(), ours("acme"), theirs()]),
        );
    }
}

#[test]
fn a_mistaken_form_under_another_sid_is_not_ours_to_change() {
    let mut mistaken = ours_with("acme", "Resource", json!(WRONG));
    mistaken["Sid"] = json!("another");
    let current = policy(std::slice::from_ref(&mistaken));
    same_text(&merged(&current), &policy(&[mistaken, ours("acme")]));
}

#[test]
fn our_sid_on_anything_else_is_refused_with_the_difference() {
    for (name, value) in [
        ("Effect", json!("Deny")),
        ("Principal", json!("*")),
        ("Principal", json!({"AWS": [USER, "111122223333"]})),
        ("Principal", json!({"AWS": "931508227573"})),
        ("Action", json!("s3:*")),
        ("Action", json!(["s3:GetObject", "s3:ListBucket"])),
        ("Resource", json!("*")),
        ("Resource", json!([])),
        ("Resource", json!("arn:aws:s3:::acme/images/*")),
        (
            "Resource",
            json!(["arn:aws:s3:::acme/*", "arn:aws:s3:::acme/images/*"]),
        ),
        ("Resource", json!("arn:aws:s3:::other/*")),
        ("Resource", json!("arn:aws:s3:::other")),
        ("Resource", json!("arn:aws-cn:s3:::acme")),
        ("NotResource", json!("arn:aws:s3:::acme/x")),
        (
            "Condition",
            json!({"Bool": {"aws:SecureTransport": "true"}}),
        ),
        ("x-owner", json!("ana")),
    ] {
        let found = ours_with("acme", name, value);
        let refusal = refused(&policy(&[theirs(), found.clone()]));
        assert!(
            refusal.reason.starts_with(
                "statement `segments-s3-access` of the bucket policy of `acme` is not"
            )
        );
        assert_eq!(
            refusal.difference.as_deref(),
            Some(&(found, ours("acme"))),
            "{name}"
        );
        assert_eq!(refusal.hints.len(), 2);
        assert!(refusal.hints[0].contains("change its Sid"));
    }
}

#[test]
fn a_wrong_resource_with_another_deviation_is_refused_too() {
    let mut found = ours_with("acme", "Resource", json!(WRONG));
    found["Action"] = json!(["s3:GetObject", "s3:GetObjectVersion"]);
    assert!(refused(&policy(&[found])).difference.is_some());
}

#[test]
fn a_deleted_user_under_our_sid_is_named_in_the_refusal() {
    let found = ours_with("acme", "Principal", json!({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}));
    let refusal = refused(&policy(&[found]));
    assert!(
        refusal
            .hints
            .iter()
            .any(|hint| hint.contains("no longer exists"))
    );
}

#[test]
fn several_statements_under_our_sid_are_refused_unless_one_of_them_is_right() {
    let mistaken = ours_with("acme", "Resource", json!(WRONG));
    let refusal = refused(&policy(&[mistaken.clone(), mistaken.clone()]));
    assert!(
        refusal
            .reason
            .contains("has 2 statements with the Sid `segments-s3-access`")
    );
    let right = policy(&[mistaken, ours("acme")]);
    same_text(&merged(&right), &right);
}

#[test]
fn shapes_that_are_not_understood_are_refused() {
    for (current, why) in [
        (json!(null), "it is not a JSON object"),
        (json!([ours("acme")]), "it is not a JSON object"),
        (json!({"Version": "2012-10-17"}), "it has no `Statement`"),
        (
            json!({"Statement": null}),
            "its `Statement` is neither an object nor a list",
        ),
        (
            json!({"Statement": [theirs(), null]}),
            "statement 2 of 2 is not a JSON object",
        ),
        (
            json!({"Statement": [ours("acme"), "x"]}),
            "statement 2 of 2 is not a JSON object",
        ),
    ] {
        let refusal = refused(&current);
        assert!(refusal.reason.ends_with(why), "{}", refusal.reason);
        assert!(refusal.hints[0].contains("get-bucket-policy --bucket acme"));
    }
}

/// <https://docs.aws.amazon.com/general/latest/gr/s3.html>
#[test]
fn a_policy_that_would_be_too_large_is_refused_with_both_numbers() {
    let padded = |size: usize| policy(&[json!({"Sid": "x".repeat(size), "Effect": "Deny"})]);
    let overhead = limits::bytes(&merged(&padded(0)));
    let fits = padded(limits::MAX_BYTES - overhead);
    assert_eq!(limits::bytes(&merged(&fits)), limits::MAX_BYTES);
    let refusal = refused(&padded(limits::MAX_BYTES - overhead + 20));
    assert!(refusal.reason.contains("20,500 bytes") && refusal.reason.contains("at most 20,480"));
    assert!(refusal.hints[0].contains("20 bytes smaller"));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[test]
fn a_foreign_principal_that_no_longer_exists_is_named() {
    for (element, principal) in [
        ("Principal", json!({"AWS": "AROADBQP57FF2AEXAMPLE"})),
        (
            "Principal",
            json!({"AWS": ["111122223333", "AROADBQP57FF2AEXAMPLE"]}),
        ),
        (
            "NotPrincipal",
            json!({"AWS": ["AROADBQP57FF2AEXAMPLE"], "Service": "s3.amazonaws.com"}),
        ),
        ("Principal", json!("AROADBQP57FF2AEXAMPLE")),
    ] {
        let stale =
            json!({"Effect": "Deny", element: principal, "Action": "s3:*", "Resource": "*"});
        let refusal = refused(&policy(&[theirs(), theirs(), stale, theirs(), theirs()]));
        assert!(
            refusal
                .reason
                .starts_with("statement 3 of 5 of the bucket policy of `acme` names"),
            "{}",
            refusal.reason
        );
        assert!(refusal.reason.contains("`AROADBQP57FF2AEXAMPLE`"));
    }
}

#[test]
fn hostile_members_are_carried_along_untouched() {
    for (name, value) in [
        ("Sid", json!(5)),
        ("Sid", json!(["segments-s3-access"])),
        ("Action", json!(7)),
        ("Principal", json!(null)),
        ("Resource", json!({"a": {"b": []}})),
        ("Effect", json!(null)),
        ("Condition", json!(vec![0; 2_000])),
        ("Statement", json!([])),
    ] {
        let mut odd = theirs();
        odd[name] = value;
        same_text(
            &merged(&policy(std::slice::from_ref(&odd))),
            &policy(&[odd, ours("acme")]),
        );
    }
}

#[test]
fn a_template_that_is_not_one_clear_statement_is_refused() {
    for template in [
        policy(&[]),
        policy(&[ours("acme"), theirs()]),
        policy(&[json!({"Sid": "x"})]),
    ] {
        assert!(merge(None, &template, "acme").is_err());
    }
}
