//! Key policies and grants, as AWS documents them.

use super::*;
use crate::error::ErrorCode;
use crate::finding::Status;

const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn found(statements: &Value, twice: bool) -> CheckResult {
    judged(statements, twice, Some(&Ok(Vec::new())))
}

fn judged(
    statements: &Value,
    twice: bool,
    grants: Option<&Result<Vec<Grant>, Failure>>,
) -> CheckResult {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let encrypted = Encrypted {
        id: KEY,
        twice,
        context: Context::of("acme", "a/1.jpg", None),
        place: Place {
            region: Some("eu-west-1"),
            owner: Some("123456789012"),
            now: None,
        },
        policy: Some(&policy),
    };
    decrypting(&encrypted, grants.filter(|_| grants_count(&encrypted)))
}

fn grant(id: &str, members: &Value) -> Grant {
    let mut entry =
        json!({ "GrantId": id, "GranteePrincipal": PRINCIPAL, "Operations": ["Decrypt"] });
    for (name, value) in members.as_object().expect("members") {
        entry[name] = value.clone();
    }
    Grant::read(&entry).expect("a grant")
}

fn allow(condition: &Value) -> Value {
    json!({
        "Sid": "decrypt", "Effect": "Allow", "Principal": {"AWS": PRINCIPAL}, "Action": ["kms:Decrypt", "kms:DescribeKey"],
        "Resource": "*", "Condition": condition,
    })
}

/// The owner's statement that every key begins with:
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>.
fn owner() -> Value {
    json!({
        "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "kms:*", "Resource": "*",
    })
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>.
#[test]
fn conditions_are_held_against_s3_asking_for_the_reader() {
    for (condition, status) in [
        (json!({}), Status::Pass),
        (
            json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
            Status::Pass,
        ),
        (
            json!({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
            Status::Fail,
        ),
        (
            json!({"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}),
            Status::Pass,
        ),
        (
            json!({"StringEquals": {"kms:CallerAccount": "123456789012"}}),
            Status::Fail,
        ),
        (
            json!({"StringEquals": {"kms:CallerAccount": "931508227573"}}),
            Status::Pass,
        ),
        (
            json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::acme*"}}),
            Status::Pass,
        ),
        (
            json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::acme/a/*"}}),
            Status::Unknown,
        ),
        (
            json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::other/*"}}),
            Status::Fail,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["aws:s3:arn"]}}),
            Status::Pass,
        ),
        // Whoever wrote the object may have given more.
        (
            json!({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["aws:s3:arn"]}}),
            Status::Unknown,
        ),
        (
            json!({"Bool": {"kms:GrantIsForAWSResource": "true"}}),
            Status::Fail,
        ),
        (
            json!({"StringEquals": {"kms:RequestAlias": "alias/images"}}),
            Status::Unknown,
        ),
    ] {
        let result = found(&json!([owner(), allow(&condition)]), false);
        assert_eq!(result.status, status, "{condition}: {}", result.detail);
        assert!(result.decisive);
        let named = result.detail.contains("statement `decrypt`");
        assert!(named, "{condition}: {}", result.detail);
    }
}

#[test]
fn who_is_not_named_may_not_decrypt() {
    for (twice, cause) in [(false, Cause::A26), (true, Cause::A30)] {
        let result = found(&json!([owner()]), twice);
        assert_eq!((result.status, result.cause), (Status::Fail, Some(cause)));
        assert!(
            result
                .fix
                .is_some_and(|fix| fix.starts_with("add to the key's policy: {"))
        );
    }
}

#[test]
fn a_denial_is_told_with_the_statement_as_it_should_read() {
    let deny = json!({
        "Sid": "ours only", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"kms:CallerAccount": "123456789012"}},
    });
    let result = found(&json!([owner(), allow(&json!({})), deny]), false);
    assert_eq!(
        (result.status, result.cause),
        (Status::Fail, Some(Cause::A26))
    );
    let fix = result.fix.expect("a remedy");
    let (_, text) = fix.split_once("so that it reads: ").expect("the statement");
    let mended: Value = serde_json::from_str(text).expect("JSON");
    assert_eq!(
        found(&json!([owner(), allow(&json!({})), mended]), false).status,
        Status::Pass
    );
}

/// A grant lets in beside the policy; a denial in the policy holds against it, and so does doubt about one.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/control-access.html>
#[test]
fn a_grant_lets_in_where_the_policy_says_nothing() {
    let deny = |condition: Value| {
        json!({
            "Sid": "no", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
            "Condition": condition,
        })
    };
    let of_alias = json!({"StringEquals": {"kms:RequestAlias": "alias/images"}});
    let plain = grant("1f2e", &json!({}));
    let encrypts = grant("2e3d", &json!({ "Operations": ["Encrypt"] }));
    let for_bucket = grant(
        "3d4c",
        &json!({ "Constraints": { "EncryptionContextSubset": { "aws:s3:arn": "arn:aws:s3:::acme" } } }),
    );
    for (statements, grants, status, said) in [
        (
            json!([owner()]),
            vec![encrypts.clone(), plain.clone()],
            Status::Pass,
            "by its grant `1f2e`",
        ),
        (
            json!(owner()),
            vec![plain.clone()],
            Status::Pass,
            "by its grant `1f2e`",
        ),
        (
            json!([owner()]),
            vec![encrypts.clone()],
            Status::Fail,
            "the grant `2e3d` permits Encrypt only",
        ),
        (
            json!([owner()]),
            vec![],
            Status::Fail,
            "no grant of the key is for Segments.ai",
        ),
        (
            json!([owner()]),
            vec![encrypts, for_bucket.clone()],
            Status::Unknown,
            "the grant `3d4c` has the constraint EncryptionContextSubset",
        ),
        (
            json!([owner(), allow(&of_alias)]),
            vec![for_bucket],
            Status::Unknown,
            "the grant `3d4c`",
        ),
        (
            json!([owner(), allow(&of_alias)]),
            vec![plain.clone()],
            Status::Pass,
            "by its grant `1f2e`",
        ),
        (
            json!([owner(), deny(json!({}))]),
            vec![plain.clone()],
            Status::Fail,
            "denies Segments.ai: statement `no`",
        ),
        (
            json!([owner(), deny(of_alias)]),
            vec![plain.clone()],
            Status::Unknown,
            "statement `no`",
        ),
        (json!("none"), vec![plain], Status::Unknown, "Statement"),
    ] {
        let result = judged(&statements, false, Some(&Ok(grants)));
        assert_eq!(result.status, status, "{statements}: {}", result.detail);
        assert!(result.detail.contains(said), "{said}: {}", result.detail);
        assert!(result.decisive);
    }
}

#[test]
fn grants_that_cannot_be_listed_leave_it_open_and_name_the_permission() {
    let why = Failure::new(ErrorCode::NotPermitted, "could not list the grants")
        .missing("kms:ListGrants");
    let result = judged(&json!([owner()]), false, Some(&Err(why.clone())));
    assert_eq!((result.status, result.cause), (Status::Unknown, None));
    assert!(
        result
            .detail
            .contains("(missing permission: kms:ListGrants)")
    );
    // Where the policy lets it, or denies it, they are not needed.
    let result = judged(&json!([owner(), allow(&json!({}))]), false, Some(&Err(why)));
    assert_eq!(result.status, Status::Pass);
}
