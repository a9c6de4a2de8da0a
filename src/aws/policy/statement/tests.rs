use super::*;
use serde_json::json;

fn ours() -> Value {
    json!({
        "Sid": "segments-s3-access",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::931508227573:user/segmentsai-prod-user"},
        "Action": ["s3:GetObject"],
        "Resource": "arn:aws:s3:::acme/*",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut statement = ours();
    statement[name] = value;
    statement
}

fn equal(one: &Value, other: &Value) -> bool {
    let read = |value: &Value| value.as_object().cloned().expect("an object");
    let (one, other) = (read(one), read(other));
    let forth = Statement::read(&one, 0, 1).means_the_same(&Statement::read(&other, 3, 5));
    let back = Statement::read(&other, 0, 1).means_the_same(&Statement::read(&one, 0, 1));
    assert_eq!(forth, back);
    forth
}

#[test]
fn spelling_does_not_change_the_meaning() {
    let user = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
    for (name, value) in [
        ("Sid", json!("anything")),
        ("Sid", json!(null)),
        ("Action", json!("s3:GetObject")),
        ("Action", json!(["S3:getobject"])),
        ("Action", json!(["s3:getObject", "S3:GETOBJECT"])),
        ("Principal", json!({"AWS": [user]})),
        ("Principal", json!({"AWS": [user, user]})),
        ("Resource", json!(["arn:aws:s3:::acme/*"])),
        ("Condition", json!({})),
    ] {
        assert!(
            equal(&ours(), &with(name, value.clone())),
            "{name}: {value}"
        );
    }
    let mut reordered = json!({"Resource": "arn:aws:s3:::acme/*", "Action": "s3:GetObject"});
    for name in ["Principal", "Effect"] {
        reordered[name] = ours()[name].clone();
    }
    assert!(equal(&ours(), &reordered));
}

#[test]
fn content_changes_the_meaning() {
    let user = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
    for (name, value) in [
        ("Effect", json!("Deny")),
        ("Effect", json!("allow")),
        ("Effect", json!(null)),
        ("Action", json!("s3:*")),
        ("Action", json!(["s3:GetObject", "s3:PutObject"])),
        ("Action", json!([])),
        ("Action", json!(7)),
        ("Action", json!(["s3:GetObject", 7])),
        ("NotAction", json!("s3:GetObject")),
        ("Principal", json!("*")),
        ("Principal", json!({"AWS": "*"})),
        ("Principal", json!(user)),
        ("Principal", json!([user])),
        ("Principal", json!({"aws": user})),
        ("Principal", json!({"AWS": [user, "111122223333"]})),
        (
            "Principal",
            json!({"AWS": user, "Service": "s3.amazonaws.com"}),
        ),
        (
            "Principal",
            json!({"AWS": "arn:aws:iam::931508227573:user/Segmentsai-prod-user"}),
        ),
        ("NotPrincipal", json!({"AWS": user})),
        ("Resource", json!("arn:aws:s3:::ACME/*")),
        ("Resource", json!("arn:aws:s3:::acme")),
        (
            "Resource",
            json!(["arn:aws:s3:::acme/*", "arn:aws:s3:::acme"]),
        ),
        ("NotResource", json!("arn:aws:s3:::acme/*")),
        (
            "Condition",
            json!({"Bool": {"aws:SecureTransport": "true"}}),
        ),
        ("Condition", json!(null)),
        ("Note", json!("mine")),
    ] {
        assert!(
            !equal(&ours(), &with(name, value.clone())),
            "{name}: {value}"
        );
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[test]
fn the_two_forms_of_an_account_are_one() {
    let short = with("Principal", json!({"AWS": "111122223333"}));
    let long = with(
        "Principal",
        json!({"AWS": ["arn:aws:iam::111122223333:root"]}),
    );
    let china = with(
        "Principal",
        json!({"AWS": ["arn:aws-cn:iam::111122223333:root"]}),
    );
    assert!(equal(&short, &long));
    assert!(!equal(&short, &china));
    let everyone = with("Principal", json!("*"));
    assert!(equal(&everyone, &with("Principal", json!({"AWS": ["*"]}))));
}

#[test]
fn negated_forms_are_compared_among_themselves() {
    let negated = |action: &str| {
        let mut statement = ours();
        let members = statement.as_object_mut().expect("an object");
        members.remove("Action");
        members.insert("NotAction".to_owned(), json!([action]));
        statement
    };
    assert!(equal(&negated("s3:PutObject"), &negated("S3:putobject")));
    assert!(!equal(&negated("s3:GetObject"), &ours()));
}

#[test]
fn a_statement_without_a_sid_is_called_by_its_place() {
    assert_eq!(label(Some("a b"), 2, 5), "statement `a b`");
    assert_eq!(label(None, 2, 5), "statement 3 of 5");
    assert_eq!(label(Some(""), 0, 1), "statement 1 of 1");
}

#[test]
fn unique_ids_are_told_from_other_texts() {
    for id in ["AIDACKCEVSQ6C2EXAMPLE", "AROADBQP57FF2AEXAMPLE"] {
        assert!(is_unique_id(id));
    }
    for other in [
        "",
        "AIDA",
        "AIDAx",
        "111122223333",
        "arn:aws:iam::111122223333:user/AIDAX",
        "AROAX:s",
    ] {
        assert!(!is_unique_id(other));
    }
}
