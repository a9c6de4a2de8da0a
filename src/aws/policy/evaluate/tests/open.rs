//! Doubt, parts, key policies and hostile policies.

use serde_json::{Value, json};

use super::{WHOLE, ask, deny, told};
use crate::aws::policy::generate::{USER, ours, ours_with, policy, question};
use crate::aws::policy::{Applies, Asked, Denial, Outcome, Question, evaluate, exempt};

/// The conditions are those of
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html> and
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html>.
#[test]
fn a_denial_that_may_apply_leaves_it_open_and_names_what_would_decide() {
    for (members, wanted) in [
        (
            json!({"Condition": {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}),
            "Condition NotIpAddress aws:SourceIp A05",
        ),
        (
            json!({"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}}}),
            "Condition StringNotEquals aws:PrincipalOrgID A08",
        ),
        (
            json!({"Condition": {"StringNotEquals": {"s3:ExistingObjectTag/shared": "yes"}}}),
            "Condition StringNotEquals s3:ExistingObjectTag/shared A15",
        ),
        (
            json!({"Condition": {"NumericGreaterThan": {"s3:signatureAge": 600_000}}}),
            "Condition NumericGreaterThan s3:signatureAge A10",
        ),
        (
            json!({"NotPrincipal": {"AWS": USER}}),
            "NotPrincipal arn:aws:iam::931508227573:user/segmentsai-prod-user A09",
        ),
        (
            json!({"Resource": "arn:aws:s3:::acme/${aws:userid}/*"}),
            "Resource arn:aws:s3:::acme/${aws:userid}/* -",
        ),
        (json!({"Principal": 5}), "Principal  -"),
        (json!({"Action": "s3*"}), "Action s3* -"),
        (json!({"x-mode": "soft"}), "x-mode  -"),
    ] {
        let evaluation = ask(&[ours("acme"), deny(&members)], WHOLE);
        assert_eq!(
            told(&evaluation),
            format!("undetermined statement `deny` {wanted}"),
            "{members}"
        );
    }
}

#[test]
fn a_grant_that_may_not_apply_is_no_grant() {
    let conditional = ours_with(
        "acme",
        "Condition",
        json!({"StringEquals": {"s3:ExistingObjectTag/k": "v"}}),
    );
    assert_eq!(
        told(&ask(std::slice::from_ref(&conditional), WHOLE)),
        "undetermined statement `segments-s3-access` Condition StringEquals s3:ExistingObjectTag/k A15"
    );
    let mut plain = ours("acme");
    plain["Sid"] = json!("plain");
    assert_eq!(
        told(&ask(&[conditional, plain], WHOLE)),
        "allowed by statement `plain` as Itself"
    );
    let not_principal = deny(&json!({"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}}));
    assert_eq!(
        told(&ask(&[not_principal], WHOLE)),
        "undetermined statement `deny` NotPrincipal 111122223333 -"
    );
}

#[test]
fn parts_are_told_as_parts() {
    let prefix = ours_with(
        "acme",
        "Resource",
        json!([
            "arn:aws:s3:::acme/a/*",
            "arn:aws:s3:::acme/b/*",
            "arn:aws:s3:::other/*"
        ]),
    );
    let secret = deny(&json!({"Resource": "arn:aws:s3:::acme/secret/*"}));
    let only_public = deny(&json!({"NotResource": "arn:aws:s3:::acme/public/*"}));
    for (statements, wanted) in [
        (
            vec![prefix.clone()],
            "partly allowed statement `segments-s3-access`: `arn:aws:s3:::acme/a/*`, `arn:aws:s3:::acme/b/*`",
        ),
        (
            vec![prefix.clone(), secret.clone()],
            "partly allowed statement `segments-s3-access`: `arn:aws:s3:::acme/a/*`, `arn:aws:s3:::acme/b/*`",
        ),
        (
            vec![ours("acme"), secret.clone()],
            "partly denied statement `deny`: `arn:aws:s3:::acme/secret/*`",
        ),
        (
            vec![ours("acme"), only_public.clone()],
            "partly denied statement `deny`: everything but `arn:aws:s3:::acme/public/*`",
        ),
        (
            vec![prefix.clone(), only_public.clone()],
            "denied A49 by statement `deny`",
        ),
        (
            vec![prefix, deny(&json!({"Resource": "arn:aws:s3:::acme/a/*"}))],
            "partly allowed statement `segments-s3-access`: `arn:aws:s3:::acme/b/*`",
        ),
        (
            vec![
                ours("acme"),
                only_public,
                deny(&json!({"Sid": "2", "Resource": "arn:aws:s3:::acme/public/*"})),
            ],
            "denied A49 by statement `deny` + statement `2`",
        ),
    ] {
        assert_eq!(told(&ask(&statements, WHOLE)), wanted);
    }
    let doubt =
        deny(&json!({"Sid": "doubt", "Condition": {"Null": {"aws:PrincipalTag/a": "true"}}}));
    let evaluation = ask(&[ours("acme"), secret, doubt], WHOLE);
    assert!(told(&evaluation).starts_with("undetermined statement `doubt`"));
    assert_eq!(evaluation.denied_parts.len(), 1);
}

#[test]
fn what_is_not_understood_of_a_policy_leaves_it_open() {
    for (policy, wanted) in [
        (json!(null), "undetermined the policy Statement  -"),
        (
            json!({"Statement": 5}),
            "undetermined the policy Statement  -",
        ),
        (
            json!({"Statement": [ours("acme"), 5]}),
            "undetermined statement 2 of 2 Statement  -",
        ),
        (
            json!({"Statement": [ours("acme")], "Mode": 1}),
            "undetermined the policy Mode  -",
        ),
        (
            json!({"Statement": [ours("acme")], "Version": "2030-01-01"}),
            "undetermined the policy Version  -",
        ),
        (
            json!({"Statement": [ours("acme"), {"Sid": "x", "Effect": "deny", "Principal": "*", "Action": "*", "Resource": "*"}]}),
            "undetermined statement `x` Effect  -",
        ),
    ] {
        assert_eq!(
            told(&evaluate(Some(&policy), &question(WHOLE))),
            wanted,
            "{policy}"
        );
    }
    let denied = json!({"Mode": 1, "Statement": [5, deny(&json!({}))]});
    assert_eq!(
        told(&evaluate(Some(&denied), &question(WHOLE))),
        "denied A49 by statement `deny`"
    );
}

/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html>: "*" in a key policy
/// means the key to which it is attached.
#[test]
fn key_policies_are_asked_in_the_same_way() {
    let asked = Question {
        action: "kms:Decrypt",
        resource: Asked::One(
            "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        ),
        ..question(WHOLE)
    };
    let owner = json!({"Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"});
    let user = json!({"Sid": "Allow use", "Effect": "Allow", "Principal": {"AWS": [USER]}, "Action": ["kms:Decrypt"], "Resource": "*"});
    let told = |statements: &[Value]| told(&evaluate(Some(&policy(statements)), &asked));
    assert_eq!(told(std::slice::from_ref(&owner)), "not granted A01");
    assert_eq!(
        told(&[owner, user]),
        "allowed by statement `Allow use` as Itself"
    );
}

#[test]
fn every_element_leaves_a_trace() {
    let evaluation = ask(
        &[
            ours("acme"),
            deny(&json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}}})),
        ],
        WHOLE,
    );
    let elements: Vec<&str> = evaluation
        .trace
        .iter()
        .map(|reason| reason.element.as_str())
        .collect();
    assert_eq!(
        elements,
        [
            "Principal",
            "Action",
            "Resource",
            "Principal",
            "Action",
            "Resource",
            "Condition"
        ]
    );
}

#[test]
fn hostile_policies_end_without_a_false_grant() {
    for resource in [
        "*a".repeat(9_000),
        "?".repeat(18_000),
        "*?".repeat(9_000),
        format!("arn:aws:s3:::acme/{}", "*a".repeat(9_000)),
    ] {
        let statements = [ours("acme"), deny(&json!({"Resource": resource}))];
        for asked in [
            WHOLE,
            Asked::One("arn:aws:s3:::acme/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ] {
            let _ = ask(&statements, asked);
        }
    }
    let many = |count| -> Vec<Value> {
        (0..count).map(|number| json!({"Sid": number, "Effect": "Deny", "Principal": null, "Action": number, "Resource": [null]})).collect()
    };
    assert!(told(&ask(&many(1_000), WHOLE)).starts_with("not granted"));
    // More than any policy that AWS takes has.
    assert!(matches!(
        ask(&many(5_000), WHOLE).outcome,
        Outcome::Undetermined { .. }
    ));
}

/// A Deny with a condition that certainly holds is one, and says which known cause it is. The conditions are those of
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html> and of the pages of each key.
#[test]
fn a_denial_through_a_condition_is_told_by_its_cause() {
    for (condition, cause) in [
        (
            json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
            "A04",
        ),
        (
            json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}, "Bool": {"aws:PrincipalIsAWSService": "false"}}),
            "A04",
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            "A05",
        ),
        (
            json!({"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
            "A04",
        ),
        (
            json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}),
            "A08",
        ),
        (
            json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}}),
            "A08",
        ),
        (
            json!({"StringNotLike": {"aws:userid": "AROAEXAMPLE:*"}}),
            "A09",
        ),
        (
            json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
            "A09",
        ),
        (
            json!({"NumericGreaterThanEquals": {"s3:signatureAge": 0}}),
            "A10",
        ),
        (
            json!({"StringNotEquals": {"s3:authType": "REST-HEADER"}}),
            "A11",
        ),
        (
            json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
            "A12",
        ),
        (
            json!({"StringNotEquals": {"s3:DataAccessPointAccount": "111122223333"}}),
            "A13",
        ),
        (
            json!({"StringNotLike": {"aws:Referer": "https://acme.com/*"}}),
            "A14",
        ),
        (
            json!({"DateGreaterThan": {"aws:CurrentTime": "2025-01-01"}}),
            "A52",
        ),
        (json!({"Bool": {"aws:SecureTransport": "true"}}), "A49"),
        (
            json!({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
            "A04",
        ),
    ] {
        let evaluation = ask(
            &[ours("acme"), deny(&json!({"Condition": condition}))],
            WHOLE,
        );
        assert_eq!(
            told(&evaluation),
            format!("denied {cause} by statement `deny`"),
            "{condition}"
        );
        let Some(Denial {
            applies: Applies::Always,
            whole: true,
            position: 1,
            cause: named,
            ..
        }) = evaluation.denials.first()
        else {
            panic!("{condition}: {:?}", evaluation.denials);
        };
        assert_eq!(*named, cause);
        let part = deny(&json!({"Resource": "arn:aws:s3:::acme/a/*", "Condition": condition}));
        let evaluation = ask(&[ours("acme"), part], WHOLE);
        assert!(told(&evaluation).starts_with("partly denied"));
        assert_eq!(
            (evaluation.denials[0].cause, evaluation.denials[0].whole),
            (cause, false)
        );
    }
}

#[test]
fn a_denial_that_comes_with_age_is_certain_and_not_always() {
    let old = deny(&json!({"Condition": {"NumericGreaterThan": {"s3:signatureAge": 600_000}}}));
    let evaluation = ask(&[ours("acme"), old], WHOLE);
    assert_eq!(
        told(&evaluation),
        "undetermined statement `deny` Condition NumericGreaterThan s3:signatureAge A10"
    );
    let found: Vec<_> = evaluation
        .denials
        .iter()
        .map(|one| (one.cause, one.applies))
        .collect();
    assert_eq!(found, [("A10", Applies::Sometimes)]);
    // Whether both ever hold at once is not known.
    let both = deny(&json!({"Condition": {
        "NumericGreaterThan": {"s3:signatureAge": 600_000}, "DateLessThan": {"aws:CurrentTime": "2026-01-01T00:05:00Z"},
    }}));
    let found = ask(&[ours("acme"), both], WHOLE).denials;
    assert_eq!(
        (found[0].cause, found[0].applies),
        ("A10", Applies::Perhaps)
    );
}

#[test]
fn what_is_often_suspected_and_harmless_is_told() {
    for (condition, cause) in [
        (
            json!({"Bool": {"aws:SecureTransport": "false"}}),
            Some("A06"),
        ),
        (
            json!({"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
            Some("A07"),
        ),
        (json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}), None),
    ] {
        let evaluation = ask(
            &[ours("acme"), deny(&json!({"Condition": condition}))],
            WHOLE,
        );
        assert!(told(&evaluation).starts_with("allowed"));
        let found = evaluation
            .denials
            .first()
            .map(|one| (one.cause, one.applies));
        assert_eq!(
            found,
            cause.map(|cause| (cause, Applies::Never)),
            "{condition}"
        );
    }
}

/// The mend of each of them is the statement itself with one condition more.
#[test]
fn an_exempted_denial_no_longer_applies() {
    for condition in [
        json!({}),
        json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
        json!({"StringNotEquals": {"aws:PrincipalArn": ["arn:aws:iam::111122223333:user/ana"]}}),
        json!({"NumericGreaterThan": {"s3:signatureAge": 600_000}}),
        json!({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
    ] {
        let denial = deny(&json!({"Condition": condition}));
        let mended =
            exempt(denial.as_object().expect("an object"), USER).expect("it is understood");
        assert!(
            told(&ask(&[ours("acme"), mended], WHOLE)).starts_with("allowed"),
            "{condition}"
        );
    }
}
