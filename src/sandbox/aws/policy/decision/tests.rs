//! Who is meant, what is reached, and which effect wins.

use serde_json::{Value, json};

use super::*;

const SEGMENTS: &str = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
const ROOT: &str = "arn:aws:iam::931508227573:root";
const OBJECT: &str = "arn:aws:s3:::b/home/segmentsai-prod-user/cat.png";

fn keys() -> Keys {
    let mut keys = Keys::of(Service::S3);
    keys.put("aws:username", "segmentsai-prod-user");
    keys.leave_untold("aws:UserAgent");
    keys
}

fn decided(version: &str, statements: &[Value]) -> Decision {
    let text = json!({ "Version": version, "Statement": statements }).to_string();
    let document = Document::read(&text).unwrap();
    let context = Context {
        arn: Some(SEGMENTS),
        account: Some("931508227573"),
        canonical_id: Some("c0ffee"),
        user_id: Some("AIDASEGMENTS"),
        action: "s3:GetObject",
        resource: OBJECT,
        service: Service::S3,
        keys: &keys(),
    };
    decide(&document, &context)
}

fn statement(effect: &str, members: &Value) -> Value {
    let mut statement = json!({
        "Effect": effect, "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
    });
    for (name, value) in members.as_object().unwrap() {
        statement[name] = value.clone();
    }
    statement
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    statement
}

#[test]
fn a_principal_is_meant_itself_or_by_way_of_its_account() {
    for (principal, expected) in [
        (json!("*"), Decision::Allowed),
        (json!({ "AWS": "*" }), Decision::Allowed),
        (json!({ "AWS": [ROOT, SEGMENTS] }), Decision::Allowed),
        (json!({ "AWS": ROOT }), Decision::Delegated),
        (json!({ "AWS": "931508227573" }), Decision::Delegated),
        (json!({ "CanonicalUser": "c0ffee" }), Decision::Delegated),
        (json!({ "CanonicalUser": "decaf" }), Decision::Silent),
        (json!({ "AWS": "AIDASOMEBODYELSE" }), Decision::Silent),
        (
            json!({ "AWS": "arn:aws:iam::931508227573:role/reader" }),
            Decision::Silent,
        ),
        (json!({ "Service": "s3.amazonaws.com" }), Decision::Silent),
    ] {
        let found = decided(
            "2012-10-17",
            &[statement("Allow", &json!({ "Principal": principal }))],
        );
        assert_eq!(found, expected, "{principal}");
    }
    let own = statement("Allow", &json!({ "Principal": { "AWS": "AIDASEGMENTS" } }));
    assert!(matches!(
        decided("2012-10-17", &[own]),
        Decision::Undecided(_)
    ));
}

#[test]
fn not_principal_spares_whoever_is_named_with_its_account() {
    let allow = statement("Allow", &json!({}));
    for (names, expected) in [
        (json!({ "AWS": [SEGMENTS, ROOT] }), Decision::Allowed),
        (json!({ "AWS": SEGMENTS }), Decision::Denied),
        (json!({ "AWS": ROOT }), Decision::Denied),
        (json!({ "AWS": "111122223333" }), Decision::Denied),
        (json!("*"), Decision::Allowed),
    ] {
        let deny = statement("Deny", &json!({ "Principal": null, "NotPrincipal": names }));
        let found = decided("2012-10-17", &[allow.clone(), deny]);
        assert_eq!(found, expected, "{names}");
    }
}

#[test]
fn not_principal_with_allow_leaves_out_whoever_is_named() {
    for (names, expected) in [
        (json!({ "AWS": [SEGMENTS] }), Some(Decision::Silent)),
        (json!({ "AWS": [SEGMENTS, ROOT] }), Some(Decision::Silent)),
        (json!({ "AWS": "111122223333" }), Some(Decision::Allowed)),
        (json!("*"), Some(Decision::Silent)),
        (json!({ "AWS": ROOT }), None),
    ] {
        let allow = statement(
            "Allow",
            &json!({ "Principal": null, "NotPrincipal": names }),
        );
        let found = decided("2012-10-17", &[allow]);
        match expected {
            Some(expected) => assert_eq!(found, expected, "{names}"),
            None => assert!(matches!(found, Decision::Undecided(_)), "{names}"),
        }
    }
}

#[test]
fn variables_in_resources_follow_the_version() {
    let of_user = json!({ "Resource": "arn:aws:s3:::b/home/${aws:username}/*" });
    let untold = json!({ "Resource": "arn:aws:s3:::b/home/${aws:UserAgent}/*" });
    let nothing = json!({ "Resource": "arn:aws:s3:::b/home/${aws:PrincipalTag/x}*" });
    let not_nothing =
        json!({ "Resource": null, "NotResource": "arn:aws:s3:::b/${aws:PrincipalTag/x}" });
    for (version, members, expected) in [
        ("2012-10-17", &of_user, Decision::Allowed),
        ("2008-10-17", &of_user, Decision::Silent),
        ("2012-10-17", &nothing, Decision::Silent),
        ("2012-10-17", &not_nothing, Decision::Allowed),
        ("2008-10-17", &untold, Decision::Silent),
    ] {
        let found = decided(version, &[statement("Allow", members)]);
        assert_eq!(found, expected, "{version} {members}");
    }
    let found = decided("2012-10-17", &[statement("Allow", &untold)]);
    assert!(matches!(found, Decision::Undecided(_)));
}

#[test]
fn a_deny_wins_also_over_what_cannot_be_told() {
    let allow = statement("Allow", &json!({}));
    let deny = statement("Deny", &json!({}));
    let untold = json!({ "Condition": { "StringEquals": { "aws:UserAgent": "x" } } });
    let maybe_deny = statement("Deny", &untold);
    let maybe_allow = statement("Allow", &untold);
    let elsewhere = statement("Deny", &json!({ "NotAction": "s3:Get*", "Action": null }));
    let version = "2012-10-17";
    assert_eq!(
        decided(version, &[allow.clone(), maybe_deny.clone(), deny]),
        Decision::Denied
    );
    let undecided =
        |statements: &[Value]| matches!(decided(version, statements), Decision::Undecided(_));
    assert!(undecided(&[allow.clone(), maybe_deny]));
    assert!(undecided(std::slice::from_ref(&maybe_allow)));
    assert_eq!(
        decided(version, &[allow, maybe_allow, elsewhere]),
        Decision::Allowed
    );
}

#[test]
fn a_session_is_meant_by_its_role() {
    let session = "arn:aws:sts::111122223333:assumed-role/admin/ana";
    assert_eq!(
        role_of(session).as_deref(),
        Some("arn:aws:iam::111122223333:role/admin")
    );
    assert_eq!(role_of(SEGMENTS), None);
}
