//! Grants, held against what AWS's pages say of them.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const BUCKET: &str = "arn:aws:s3:::acme";
const OBJECT: &str = "arn:aws:s3:::acme/a.jpg";

fn grant(members: &Value) -> Grant {
    let mut entry = json!({
        "KeyId": "arn:aws:kms:eu-west-1:111122223333:key/k",
        "GrantId": "1f2e",
        "GranteePrincipal": PRINCIPAL,
        "IssuingAccount": "arn:aws:iam::111122223333:root",
        "Operations": ["Decrypt"],
        "CreationDate": 1.5,
    });
    for (name, value) in members.as_object().expect("members") {
        entry[name] = value.clone();
    }
    Grant::read(&entry).expect("a grant")
}

fn answer(members: &Value, bucket_key: Option<bool>) -> Tri {
    let judged = judge(&grant(members), &Context::of("acme", "a.jpg", bucket_key));
    assert!(!judged.why.is_empty(), "{members}");
    assert_eq!(judged.id, "1f2e");
    judged.answer
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html>
#[test]
fn a_grant_is_for_one_principal_and_for_what_it_lists() {
    for (members, expected) in [
        (json!({}), Tri::Yes),
        (
            json!({ "Operations": ["Encrypt", "GenerateDataKey", "Decrypt"] }),
            Tri::Yes,
        ),
        (json!({ "Operations": ["Encrypt", "DescribeKey"] }), Tri::No),
        (json!({ "Operations": [] }), Tri::No),
        (json!({ "Operations": ["decrypt"] }), Tri::No),
        (json!({ "GranteePrincipal": GRANTEES[1] }), Tri::Maybe),
        (
            json!({ "GranteePrincipal": "arn:aws:iam::111122223333:user/ana" }),
            Tri::No,
        ),
        (
            json!({ "GranteeServicePrincipal": "ec2.amazonaws.com" }),
            Tri::No,
        ),
        (json!({ "Expiry": 1 }), Tri::Maybe),
        (json!({ "Expiry": 1, "Operations": ["Encrypt"] }), Tri::No),
        (json!({ "Constraints": {} }), Tri::Yes),
    ] {
        assert_eq!(answer(&members, None), expected, "{members}");
    }
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html>
#[test]
fn constraints_are_held_against_the_context_that_s3_gives() {
    let subset = |pairs: Value| json!({ "Constraints": { "EncryptionContextSubset": pairs } });
    let equals = |pairs: Value| json!({ "Constraints": { "EncryptionContextEquals": pairs } });
    let bucket = json!({ "aws:s3:arn": BUCKET });
    let object = json!({ "aws:s3:arn": OBJECT });
    for (members, bucket_key, expected) in [
        (subset(bucket.clone()), Some(true), Tri::Yes),
        (subset(bucket.clone()), Some(false), Tri::No),
        (subset(bucket.clone()), None, Tri::Maybe),
        (subset(object.clone()), Some(true), Tri::No),
        (subset(object.clone()), Some(false), Tri::Yes),
        (subset(object.clone()), None, Tri::Maybe),
        // The case of the name does not count, that of the value does.
        (
            subset(json!({ "AWS:S3:ARN": BUCKET })),
            Some(true),
            Tri::Yes,
        ),
        (
            subset(json!({ "aws:s3:arn": BUCKET.to_uppercase() })),
            Some(true),
            Tri::No,
        ),
        // A pattern is a text here.
        (
            subset(json!({ "aws:s3:arn": "arn:aws:s3:::acme/*" })),
            None,
            Tri::No,
        ),
        (subset(json!({})), None, Tri::Yes),
        (
            subset(json!({ "aws:s3:arn": BUCKET, "team": "vision" })),
            Some(true),
            Tri::Maybe,
        ),
        (
            subset(json!({ "aws:s3:arn": "arn:aws:s3:::other", "team": "vision" })),
            Some(true),
            Tri::No,
        ),
        (equals(bucket.clone()), Some(true), Tri::Maybe),
        (equals(bucket), Some(false), Tri::No),
        (equals(object), None, Tri::Maybe),
        (equals(json!({})), None, Tri::No),
        (equals(json!({ "team": "vision" })), None, Tri::No),
        (
            json!({ "Constraints": { "SourceArn": "arn:aws:s3:::acme" } }),
            None,
            Tri::Maybe,
        ),
        (
            json!({ "Constraints": { "OfTomorrow": { "aws:s3:arn": BUCKET } } }),
            Some(true),
            Tri::Maybe,
        ),
        (
            json!({ "Constraints": { "EncryptionContextSubset": [BUCKET] } }),
            Some(true),
            Tri::Maybe,
        ),
    ] {
        assert_eq!(
            answer(&members, bucket_key),
            expected,
            "{members} {bucket_key:?}"
        );
    }
}

#[test]
fn what_is_written_into_a_report_is_read_again_and_judged_alike() {
    for members in [
        json!({}),
        json!({ "Expiry": 1 }),
        json!({ "Constraints": { "EncryptionContextSubset": { "aws:s3:arn": BUCKET } } }),
        json!({ "GranteeServicePrincipal": "ec2.amazonaws.com" }),
    ] {
        let first = grant(&members);
        let again = Grant::read(&first.to_value()).expect("what this program writes");
        assert_eq!(again, first, "{members}");
    }
}

proptest! {
    /// A constraint more never lets in what the grant without it does not.
    #[test]
    fn a_constraint_never_widens(name in "EncryptionContext(Subset|Equals)|SourceArn|[A-Z][a-z]{0,3}", key in "aws:s3:arn|AWS:s3:arn|[a-z]{1,3}",
        value in "arn:aws:s3:::acme(/a.jpg)?|[a-z]{0,3}", bucket_key in any::<Option<bool>>(), operation in "Decrypt|Encrypt") {
        let plain = json!({ "Operations": [operation] });
        let mut more = plain.clone();
        more["Constraints"] = json!({ name: { key: value } });
        let (before, after) = (answer(&plain, bucket_key), answer(&more, bucket_key));
        prop_assert_eq!(before.and(after), after);
    }

    #[test]
    fn any_value_is_read_or_refused(text in "[\\[\\]{}\":,a-zA-Z0-9]{0,60}") {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let _ = Grant::read(&value);
        }
    }
}
