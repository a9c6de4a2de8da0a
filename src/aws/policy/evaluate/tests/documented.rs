//! AWS's own example policies, each beside the published statement: what they do to Segments.ai.

use serde_json::{Value, json};

use super::{WHOLE, ask, deny, told};
use crate::aws::policy::generate::{USER, ours, ours_with};
use crate::aws::policy::{Applies, Asked};

const ALLOWED: &str = "allowed by statement `segments-s3-access` as Itself";

fn allow(members: &Value) -> Value {
    let mut statement = deny(members);
    statement["Effect"] = json!("Allow");
    statement
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html>
#[test]
fn the_examples_of_the_guide_that_leave_segments_in() {
    for example in [
        deny(&json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}}})),
        deny(&json!({"Condition": {"NumericLessThan": {"s3:TlsVersion": 1.2}}})),
        allow(&json!({"Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::acme/*"]})),
        allow(&json!({"Condition": {"StringLike": {"aws:Referer": ["http://www.example.com/*"]}}})),
        allow(
            &json!({"Principal": {"Service": "cloudfront.amazonaws.com"}, "Condition": {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1"}}}),
        ),
        allow(&json!({"Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-aa111bb222"]}}})),
        deny(
            &json!({"Action": "s3:PutObject", "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}}}),
        ),
        deny(
            &json!({"Action": "s3:PutObject", "Condition": {"StringNotEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}),
        ),
        deny(
            &json!({"Action": "s3:ListBucket", "Resource": "arn:aws:s3:::acme", "Condition": {"NumericGreaterThan": {"s3:max-keys": "10"}}}),
        ),
        deny(&json!({"Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": 3600}}})),
        allow(
            &json!({"Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": ["s3:PutObject"], "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}),
        ),
        allow(
            &json!({"Condition": {"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}}}),
        ),
    ] {
        assert_eq!(
            told(&ask(&[ours("acme"), example.clone()], WHOLE)),
            ALLOWED,
            "{example}"
        );
    }
}

/// The same page, <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html>,
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html> and
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html>.
#[test]
fn the_examples_of_the_guide_that_keep_segments_out() {
    for (condition, cause) in [
        (
            json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}),
            "A04",
        ),
        (
            json!({"StringNotEquals": {"aws:SourceVpc": "vpc-111bbb22"}}),
            "A04",
        ),
        (
            json!({"StringNotEquals": {"s3:DataAccessPointAccount": "111122223333"}}),
            "A13",
        ),
        (
            json!({"StringNotEquals": {"s3:authType": "REST-HEADER"}}),
            "A11",
        ),
        (
            json!({"StringNotLike": {"aws:userId": ["AROAEXAMPLEID:*", "111122223333"]}}),
            "A09",
        ),
        (
            json!({"StringNotLike": {"aws:Referer": ["http://www.example.com/*", "http://example.com/*"]}}),
            "A14",
        ),
        (json!({"Null": {"aws:MultiFactorAuthAge": true}}), "A12"),
        (
            json!({
                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-aa111bb222"},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
            }),
            "A08",
        ),
    ] {
        let example = deny(&json!({"Condition": condition}));
        let wanted = format!("denied {cause} by statement `deny`");
        assert_eq!(
            told(&ask(&[ours("acme"), example], WHOLE)),
            wanted,
            "{condition}"
        );
    }
}

/// The same pages.
#[test]
fn the_examples_of_the_guide_that_cannot_be_decided() {
    for (condition, wanted) in [
        (
            json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
            "Condition NotIpAddress aws:SourceIp A05",
        ),
        (
            json!({
                "NotIpAddressIfExists": {"aws:SourceIp": ["192.0.2.0/24"]},
                "StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
            }),
            "Condition NotIpAddressIfExists aws:SourceIp A05",
        ),
        (
            json!({"StringNotEquals": {"s3:ExistingObjectTag/environment": "production"}}),
            "Condition StringNotEquals s3:ExistingObjectTag/environment A15",
        ),
    ] {
        let example = deny(&json!({"Condition": condition}));
        let wanted = format!("undetermined statement `deny` {wanted}");
        assert_eq!(
            told(&ask(&[ours("acme"), example], WHOLE)),
            wanted,
            "{condition}"
        );
    }
    let old = deny(&json!({"Condition": {"NumericGreaterThan": {"s3:signatureAge": 600_000}}}));
    let found = ask(&[ours("acme"), old], WHOLE).denials;
    assert_eq!(
        (found[0].cause, found[0].applies),
        ("A10", Applies::Sometimes)
    );
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-MFA.html>: a folder alone.
#[test]
fn an_example_about_a_folder_denies_that_folder() {
    let mfa = deny(&json!({
        "Resource": "arn:aws:s3:::acme/taxdocuments/*", "Condition": {"Null": {"aws:MultiFactorAuthAge": true}},
    }));
    let evaluation = ask(&[ours("acme"), mfa.clone()], WHOLE);
    assert_eq!(
        told(&evaluation),
        "partly denied statement `deny`: `arn:aws:s3:::acme/taxdocuments/*`"
    );
    assert_eq!(
        (evaluation.denials[0].cause, evaluation.denials[0].whole),
        ("A12", false)
    );
    for (key, wanted) in [
        (
            "arn:aws:s3:::acme/taxdocuments/1.pdf",
            "denied A12 by statement `deny`",
        ),
        ("arn:aws:s3:::acme/images/1.jpg", ALLOWED),
    ] {
        assert_eq!(
            told(&ask(&[ours("acme"), mfa.clone()], Asked::One(key))),
            wanted
        );
    }
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>: a folder of one's own.
#[test]
fn a_grant_on_a_home_folder_is_a_grant_on_that_folder() {
    let home = ours_with(
        "acme",
        "Resource",
        json!("arn:aws:s3:::acme/home/${aws:username}/*"),
    );
    assert_eq!(
        told(&ask(std::slice::from_ref(&home), WHOLE)),
        "partly allowed statement `segments-s3-access`: `arn:aws:s3:::acme/home/segmentsai-prod-user/*`"
    );
    // A denial of what the variable comes to leaves nothing.
    let denied = deny(&json!({"Resource": "arn:aws:s3:::acme/home/segmentsai-*/*"}));
    assert_eq!(
        told(&ask(&[home.clone(), denied], WHOLE)),
        "denied A49 by statement `deny`"
    );
    let own = Asked::One("arn:aws:s3:::acme/home/segmentsai-prod-user/1.jpg");
    assert_eq!(told(&ask(std::slice::from_ref(&home), own)), ALLOWED);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html> and
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
#[test]
fn the_forms_of_a_principal() {
    for (members, wanted) in [
        (
            json!({"NotPrincipal": {"AWS": ["arn:aws:iam::444455556666:user/Bob", "arn:aws:iam::444455556666:root"]}}),
            "denied A09 by statement `deny`",
        ),
        (
            json!({"NotPrincipal": {"AWS": [USER, "arn:aws:iam::931508227573:root"]}}),
            ALLOWED,
        ),
        (
            json!({"Principal": {"AWS": ["123456789012", "arn:aws:iam::555555555555:role/x"]}}),
            ALLOWED,
        ),
        (
            json!({"Principal": {"AWS": "931508227573"}}),
            "denied A49 by statement `deny`",
        ),
        (
            json!({"Principal": {"AWS": "AIDACKCEVSQ6C2EXAMPLE"}}),
            ALLOWED,
        ),
        (
            json!({"Principal": {"Service": ["ecs.amazonaws.com"]}}),
            ALLOWED,
        ),
        (
            json!({"Principal": {"CanonicalUser": "a2c85e730d80dcb51a2c0e1a8f852cf6dc8d6e04d9e00f49239c324de3c1e3e1"}}),
            "denied A49 by statement `deny`",
        ),
        (
            json!({"Principal": {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}}),
            ALLOWED,
        ),
        (
            json!({"Principal": {"AWS": "arn:aws:sts::931508227573:assumed-role/x/y"}}),
            ALLOWED,
        ),
    ] {
        assert_eq!(
            told(&ask(&[ours("acme"), deny(&members)], WHOLE)),
            wanted,
            "{members}"
        );
    }
}
