//! Conditions as AWS's pages have them, and what they say to the requests of Segments.ai.

mod requests;

use serde_json::{Value, json};

use super::{Finding, judge};
use crate::aws::policy::circumstances::Circumstances;
use crate::aws::policy::document::Version;
use crate::aws::policy::generate::{LINK, PLACE, USER};
use crate::aws::policy::outcome::Tri;
use crate::aws::policy::statement::Effect;
use crate::aws::policy::variables::Variables;

use Tri::{Maybe, No, Yes};

fn found(condition: &Value, circumstances: &Circumstances) -> (Tri, Vec<Finding>) {
    judge(
        Some(condition),
        Effect::Unclear,
        &Variables {
            version: Version::Of2012,
            circumstances,
        },
    )
}

fn answer(condition: &Value) -> Tri {
    found(condition, &LINK).0
}

/// Each with what it says to a link in a browser, and to a request of a server.
fn hold(table: Vec<(Value, Tri, Tri)>) {
    let server = Circumstances::signed_by_a_server(&PLACE);
    for (condition, browser, other) in table {
        assert_eq!(answer(&condition), browser, "{condition}");
        assert_eq!(found(&condition, &server).0, other, "a server: {condition}");
    }
}

#[test]
fn no_condition_holds() {
    let variables = Variables {
        version: Version::Of2012,
        circumstances: &LINK,
    };
    assert_eq!(judge(None, Effect::Deny, &variables).0, Yes);
}

/// Whose organisation is named is not known; it is only likely to be that of whoever wrote the policy.
#[test]
fn an_organisation_that_is_named_lets_nobody_in() {
    let variables = Variables {
        version: Version::Of2012,
        circumstances: &LINK,
    };
    for (condition, allow, deny) in [
        (
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            No,
            Maybe,
        ),
        (
            json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            Maybe,
            Yes,
        ),
        (
            json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}),
            No,
            Maybe,
        ),
        (
            json!({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}}),
            Maybe,
            Yes,
        ),
        (
            json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}),
            Yes,
            Yes,
        ),
    ] {
        let holds = |effect| judge(Some(&condition), effect, &variables).0;
        assert_eq!(
            (holds(Effect::Allow), holds(Effect::Deny)),
            (allow, deny),
            "{condition}"
        );
    }
}

#[test]
fn only_what_is_certain_to_happen_varies() {
    let varies = |condition: Value| found(&condition, &LINK).1[0].varies;
    assert!(varies(
        json!({"NumericGreaterThan": {"s3:signatureAge": 600_000}})
    ));
    assert!(varies(
        json!({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01T12:00:00Z"}})
    ));
    // Together they are all numbers.
    assert!(!varies(
        json!({"NumericNotEquals": {"s3:signatureAge": 600_000}})
    ));
    assert!(!varies(
        json!({"NumericGreaterThan": {"s3:signatureAge": [600_000, 700_000]}})
    ));
    // It may be that no browser uses 1.2.
    assert!(!varies(
        json!({"NumericLessThan": {"s3:TlsVersion": "1.3"}})
    ));
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgid>.
#[test]
fn segments_is_in_no_organisation_of_the_customer() {
    hold(vec![
        (
            json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            Yes,
            Yes,
        ),
        (
            json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5"]}}),
            Yes,
            Yes,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            No,
            No,
        ),
        (
            json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            Maybe,
            Maybe,
        ),
        // One of two may be anybody's.
        (
            json!({"StringNotEquals": {"aws:PrincipalOrgID": ["o-a1b2c3d4e5", "o-b"]}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"StringNotLike": {"aws:PrincipalOrgID": "o-*"}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"StringNotEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/r-ab12/ou-ab12-1/*"}}),
            No,
            No,
        ),
        (
            json!({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": ["o-a1/r-1/*", "o-a1/r-2/*"]}}),
            Yes,
            Yes,
        ),
        (
            json!({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-a1/r-1/*"}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1/r-1/*"}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"StringLike": {"aws:PrincipalOrgPaths": "o-a1/r-1/*"}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"StringNotEquals": {"aws:PrincipalAccount": ["123456789012", "111122223333"]}}),
            Yes,
            Yes,
        ),
        (
            json!({"StringNotEquals": {"aws:PrincipalAccount": ["123456789012", "931508227573"]}}),
            No,
            No,
        ),
        (
            json!({"StringNotEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}),
            Yes,
            Yes,
        ),
        (
            json!({"StringNotEquals": {"s3:ResourceAccount": "123456789012"}}),
            No,
            No,
        ),
        (
            json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
            Yes,
            Yes,
        ),
        (
            json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}),
            Yes,
            Yes,
        ),
        (
            json!({"StringNotEquals": {"aws:SourceAccount": "123456789012"}}),
            Yes,
            Yes,
        ),
        (
            json!({"StringEquals": {"aws:PrincipalTag/team": "x"}}),
            Maybe,
            Maybe,
        ),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>: ARNs part by
/// part, texts with and without case and wildcards.
#[test]
fn the_user_is_known_by_its_names() {
    let who = |operator: &str, values: Value| json!({operator: {"aws:PrincipalArn": values}});
    hold(vec![
        (who("StringNotEquals", json!(USER)), No, No),
        (
            who(
                "StringNotEquals",
                json!(["arn:aws:iam::111122223333:user/ana", USER]),
            ),
            No,
            No,
        ),
        (
            who(
                "StringNotEquals",
                json!("arn:aws:iam::111122223333:user/ana"),
            ),
            Yes,
            Yes,
        ),
        (who("StringNotEqualsIfExists", json!(USER)), No, No),
        (
            who("StringNotEqualsIgnoreCase", json!(USER.to_uppercase())),
            No,
            No,
        ),
        (who("StringEquals", json!(USER.to_uppercase())), No, No),
        (who("StringEqualsIgnoreCase", json!("é")), Maybe, Maybe),
        (
            who("StringNotLike", json!("arn:aws:iam::931508227573:*")),
            No,
            No,
        ),
        (
            who("StringNotLike", json!("arn:aws:iam::111122223333:*")),
            Yes,
            Yes,
        ),
        (
            who("StringEquals", json!("arn:aws:iam::931508227573:*")),
            No,
            No,
        ),
        (who("ArnNotEquals", json!(USER)), No, No),
        (
            who("ArnNotLike", json!("arn:aws:iam::*:user/segmentsai-*")),
            No,
            No,
        ),
        (
            who("ArnEquals", json!("arn:aws:iam::931508227573:user/*")),
            Yes,
            Yes,
        ),
        (
            who("ArnLike", json!("arn:aws:iam::111122223333:role/*")),
            No,
            No,
        ),
        (
            who("ArnLike", json!("arn:aws:iam:*:user/segmentsai-prod-user")),
            Maybe,
            Maybe,
        ),
        (who("ArnNotLike", json!("*")), Maybe, Maybe),
        (who("StringNotEquals", json!([])), Maybe, Maybe),
        (who("StringNotEquals", json!(5)), Maybe, Maybe),
        (who("StringNotEquals", json!(null)), Maybe, Maybe),
        (who("StringNotEquals", json!("${aws:PrincipalArn}")), No, No),
        (who("ForAllValues:StringNotEquals", json!(USER)), No, No),
        (who("stringnotequals", json!(USER)), Maybe, Maybe),
        (who("Null", json!("false")), Yes, Yes),
        (who("NumericEquals", json!("1")), Maybe, Maybe),
        (
            who("BinaryEquals", json!("QmluYXJ5VmFsdWVJbkJhc2U2NA==")),
            Maybe,
            Maybe,
        ),
        (
            json!({"StringEquals": {"aws:username": "segmentsai-prod-user"}}),
            Yes,
            Yes,
        ),
        (
            json!({"StringNotEquals": {"aws:username": ["johndoe", "janedoe"]}}),
            Yes,
            Yes,
        ),
        (json!({"StringLike": {"aws:username": "johndoe*"}}), No, No),
        (
            json!({"StringNotLike": {"aws:userid": ["AROAEXAMPLEID:*", "111122223333"]}}),
            Yes,
            Yes,
        ),
        (
            json!({"StringNotLike": {"aws:userid": ["AROAEXAMPLEID:*", "AIDAEXAMPLEID"]}}),
            Maybe,
            Maybe,
        ),
        (
            json!({"StringLike": {"aws:userid": ["AI*", "A*"]}}),
            Yes,
            Yes,
        ),
    ]);
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html> and
/// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>.
#[test]
fn keys_of_several_values_need_a_set() {
    let key = Circumstances::decrypting_for_s3(
        &PLACE,
        &[
            "arn:aws:s3:::acme/a".to_owned(),
            "arn:aws:s3:::acme".to_owned(),
        ],
    );
    for (condition, wanted) in [
        // Whoever wrote the object may have given more pairs.
        (
            json!({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["aws:s3:arn", "x"]}}),
            Maybe,
        ),
        (
            json!({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": "x"}}),
            No,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": ["aws:s3:arn", "x"]}}),
            Yes,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "AppName"}}),
            Maybe,
        ),
        (
            json!({"ForAnyValue:StringNotEquals": {"kms:EncryptionContextKeys": "AppName"}}),
            Yes,
        ),
        (
            json!({"ForAllValues:StringNotEquals": {"kms:EncryptionContextKeys": "aws:s3:arn"}}),
            No,
        ),
        (
            json!({"StringEquals": {"kms:EncryptionContextKeys": "aws:s3:arn"}}),
            Maybe,
        ),
        (
            json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
            Yes,
        ),
        (
            json!({"StringEquals": {"kms:ViaService": ["ec2.eu-west-1.amazonaws.com"]}}),
            No,
        ),
        (
            json!({"StringNotEquals": {"kms:CallerAccount": "111122223333"}}),
            Yes,
        ),
        (
            json!({"StringEquals": {"kms:CallerAccount": "931508227573"}}),
            Yes,
        ),
        (
            json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::acme*"}}),
            Yes,
        ),
        (
            json!({"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::acme/a"}}),
            Maybe,
        ),
        (
            json!({"StringEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::other"}}),
            No,
        ),
        (json!({"Bool": {"kms:GrantIsForAWSResource": "true"}}), No),
        (json!({"Bool": {"aws:ViaAWSService": "true"}}), Yes),
        (json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}), Maybe),
    ] {
        assert_eq!(found(&condition, &key).0, wanted, "{condition}");
    }
    // A missing key: true for all of none, false for any of none.
    hold(vec![
        (
            json!({"ForAllValues:StringEquals": {"aws:TagKeys": "x"}}),
            Yes,
            Yes,
        ),
        (
            json!({"ForAnyValue:StringEquals": {"aws:TagKeys": "x"}}),
            No,
            No,
        ),
        (
            json!({"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": "x"}}),
            Maybe,
            Maybe,
        ),
    ]);
}

#[test]
fn tags_decide_once_they_are_read() {
    let allow = json!({"StringEquals": {"s3:ExistingObjectTag/environment": "production"}});
    assert_eq!(answer(&allow), Maybe);
    let tagged = LINK.clone().with_tags([("environment", "production")]);
    assert_eq!(found(&allow, &tagged).0, Yes);
    let untagged = LINK.clone().with_tags([]);
    assert_eq!(found(&allow, &untagged).0, No);
}

#[test]
fn one_part_that_certainly_fails_decides() {
    let condition = json!({
        "NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"},
        "Bool": {"aws:SecureTransport": "false"},
    });
    assert_eq!(answer(&condition), No);
}

#[test]
fn known_causes_are_suspected_by_their_key_in_any_case() {
    for (key, code) in [
        ("aws:SourceVpce", Some("A04")),
        ("aws:SourceIp", Some("A05")),
        ("aws:SecureTransport", Some("A06")),
        ("s3:TlsVersion", Some("A07")),
        ("AWS:PRINCIPALORGID", Some("A08")),
        ("aws:userid", Some("A09")),
        ("s3:signatureAge", Some("A10")),
        ("s3:authType", Some("A11")),
        ("aws:MultiFactorAuthPresent", Some("A12")),
        ("s3:DataAccessPointAccount", Some("A13")),
        ("aws:Referer", Some("A14")),
        ("s3:ExistingObjectTag/Team", Some("A15")),
        ("aws:CurrentTime", Some("A52")),
        ("aws:UserAgent", None),
    ] {
        let (_, findings) = found(&json!({"StringNotLike": {key: "x"}}), &LINK);
        assert_eq!(findings[0].suspected, code);
        assert_eq!(findings[0].value, format!("StringNotLike {key}"));
    }
}

#[test]
fn odd_conditions_are_never_decided() {
    for condition in [
        json!(null),
        json!(5),
        json!([]),
        json!("x"),
        json!({"Bool": {}}),
        json!({"Bool": null}),
        json!({"StringMatches": {"aws:username": "x"}}),
        json!({"StringEquals": {"aws:username": {"x": 1}}}),
        json!({"StringEquals": {"aws:username": [["x"]]}}),
        json!({"NullIfExists": {"aws:username": "true"}}),
        json!({"Null": {"aws:username": "maybe"}}),
    ] {
        assert_eq!(answer(&condition), Maybe, "{condition}");
    }
}
