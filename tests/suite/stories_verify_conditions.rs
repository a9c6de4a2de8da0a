//! Conditions of a bucket policy: each known cause is found and named, mended as the program says, and silent then.

use segments_connect::sandbox::aws::PublicAccessBlock;
use serde_json::{Value, json};

use crate::support::{BUCKET, Stage, check, checks, policy, published};

const VERIFY: [&str; 4] = ["aws", "verify", "--bucket", BUCKET];

fn denied(condition: &Value) -> Value {
    json!({
        "Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-images/*", "Condition": condition,
    })
}

/// What is said of the whole bucket, after the exit status.
#[track_caller]
fn whole(stage: &Stage, status: i32) -> Value {
    let (ran, document) = stage.run_json(&VERIFY);
    ran.exits(status).without_complaint();
    assert_eq!(stage.writes(), [""; 0]);
    checks(&document, "aws.policy.evaluated")
        .into_iter()
        .find(|check| check["subject"].is_null())
        .expect("one for the bucket")
        .clone()
}

/// The statement that the remedy gives in full.
#[track_caller]
fn mended(found: &Value) -> Value {
    let fix = found["fix"].as_str().expect("a remedy");
    let (said, statement) = fix.split_once(": ").expect("a statement");
    assert_eq!(
        said,
        "exempt Segments.ai in statement `Guard`, so that it reads"
    );
    serde_json::from_str(statement).expect("the statement is JSON")
}

/// What is said of it, and that it is said no longer once it is mended.
#[track_caller]
fn named_and_mended(cause: &str, status: &str, condition: &Value) {
    let stage = Stage::connected();
    stage.store_policy(&policy(&[published(), denied(condition)]));
    let found = whole(&stage, if status == "fail" { 4 } else { 6 });
    assert_eq!(found["status"], status, "{condition}: {found:#}");
    assert_eq!(found["cause"], cause, "{condition}: {found:#}");
    let detail = found["detail"].as_str().unwrap_or_default();
    let (_, keys) = condition
        .as_object()
        .and_then(|all| all.iter().next())
        .expect("an operator");
    let (key, _) = keys
        .as_object()
        .and_then(|all| all.iter().next())
        .expect("a key");
    for text in ["statement `Guard`", key] {
        assert!(detail.contains(text), "{condition}: no {text} in {detail}");
    }
    stage.store_policy(&policy(&[published(), mended(&found)]));
    let mended = whole(&stage, 0);
    assert_eq!(mended["status"], "pass", "{condition}: {mended:#}");
    assert_eq!(mended["cause"], Value::Null);
}

#[test]
fn a_certain_denial_is_named_and_its_remedy_mends_it() {
    for (cause, condition) in [
        (
            "A04",
            json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } }),
        ),
        (
            "A04",
            json!({ "StringNotEqualsIfExists": { "aws:SourceVpc": ["vpc-1", "vpc-2"] }, "BoolIfExists": { "aws:ViaAWSService": "false" } }),
        ),
        (
            "A05",
            json!({ "NotIpAddress": { "aws:SourceIp": ["10.0.0.0/8", "192.168.0.0/16"] } }),
        ),
        (
            "A08",
            json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" }, "Bool": { "aws:PrincipalIsAWSService": "false" } }),
        ),
        (
            "A08",
            json!({ "StringNotEquals": { "aws:PrincipalAccount": ["111122223333", "444455556666"] } }),
        ),
        (
            "A09",
            json!({ "StringNotLike": { "aws:userid": ["AROAEXAMPLEID:*", "111122223333"] } }),
        ),
        (
            "A09",
            json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::111122223333:*" } }),
        ),
        (
            "A10",
            json!({ "NumericGreaterThan": { "s3:signatureAge": 600_000 } }),
        ),
        (
            "A11",
            json!({ "StringNotEquals": { "s3:authType": "REST-HEADER" } }),
        ),
        (
            "A12",
            json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }),
        ),
        (
            "A12",
            json!({ "Null": { "aws:MultiFactorAuthAge": "true" } }),
        ),
        (
            "A13",
            json!({ "StringNotEquals": { "s3:DataAccessPointAccount": "111122223333" } }),
        ),
        (
            "A14",
            json!({ "StringNotLike": { "aws:Referer": "https://www.acme.com/*" } }),
        ),
        (
            "A52",
            json!({ "DateGreaterThan": { "aws:CurrentTime": "2024-01-01T00:00:00Z" } }),
        ),
    ] {
        named_and_mended(cause, "fail", &condition);
    }
}

#[test]
fn a_denial_that_may_apply_is_unknown_with_its_name() {
    for (cause, condition) in [
        (
            "A05",
            json!({ "NotIpAddress": { "aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"] } }),
        ),
        (
            "A07",
            json!({ "NumericLessThan": { "s3:TlsVersion": "1.3" } }),
        ),
        (
            "A14",
            json!({ "StringNotLike": { "aws:Referer": "https://app.segments.ai/*" } }),
        ),
    ] {
        named_and_mended(cause, "unknown", &condition);
    }
}

#[test]
fn what_is_often_suspected_is_told_as_harmless() {
    for (cause, condition) in [
        ("A06", json!({ "Bool": { "aws:SecureTransport": "false" } })),
        (
            "A07",
            json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } }),
        ),
    ] {
        let stage = Stage::connected();
        stage.store_policy(&policy(&[published(), denied(&condition)]));
        let found = whole(&stage, 0);
        assert_eq!(
            (&found["status"], &found["cause"]),
            (&json!("pass"), &Value::Null)
        );
        let detail = found["detail"].as_str().unwrap_or_default();
        assert!(
            detail.ends_with(&format!("; no obstacle: statement `Guard` ({cause})")),
            "{detail}"
        );
    }
}

#[test]
fn a_link_decides_and_a_server_s_own_request_is_told_beside_it() {
    let stage = Stage::connected();
    let only_header = json!({ "StringNotEquals": { "s3:authType": "REST-HEADER" } });
    stage.store_policy(&policy(&[published(), denied(&only_header)]));
    let (ran, document) = stage.run_json(&VERIFY);
    ran.exits(4);
    let found = checks(&document, "aws.policy.evaluated");
    let said: Vec<_> = found
        .iter()
        .map(|check| (check["subject"].as_str(), check["status"].as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (None, Some("fail")),
            (Some("a request of Segments.ai's servers"), Some("pass"))
        ]
    );

    let only_links = json!({ "StringEquals": { "s3:authType": "REST-HEADER" } });
    stage.store_policy(&policy(&[published(), denied(&only_links)]));
    let (ran, document) = stage.run_json(&VERIFY);
    ran.exits(0);
    let found = checks(&document, "aws.policy.evaluated");
    let said: Vec<_> = found
        .iter()
        .map(|check| (check["cause"].as_str(), check["status"].as_str()))
        .collect();
    assert_eq!(said, [(None, Some("pass")), (Some("A11"), Some("warn"))]);
}

#[test]
fn a_grant_whose_condition_is_never_met_is_no_grant() {
    for condition in [
        json!({ "StringEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } }),
        json!({ "StringEquals": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" } }),
        json!({ "DateLessThan": { "aws:CurrentTime": "2024-01-01T00:00:00Z" } }),
    ] {
        let mut grant = published();
        grant["Condition"] = condition.clone();
        grant["Sid"] = json!("sharing");
        let stage = Stage::connected();
        stage.store_policy(&policy(&[grant]));
        let found = whole(&stage, 4);
        assert_eq!(
            (&found["status"], &found["cause"]),
            (&json!("fail"), &json!("A51")),
            "{condition}: {found:#}"
        );
        stage
            .run(&["aws", "connect", "--bucket", BUCKET, "--yes"])
            .exits(0);
        let (ran, document) = stage.run_json(&VERIFY);
        ran.exits(0);
        assert_eq!(check(&document, "aws.policy.evaluated")["status"], "pass");
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>: where S3 may not be
/// asked whether a policy is public, its published rules say it.
#[test]
fn whether_a_policy_is_public_is_told_without_asking_s3() {
    for (condition, exit, status, cause) in [
        (
            json!({ "StringLike": { "aws:SourceVpc": "vpc-*" } }),
            4,
            "fail",
            json!("A16"),
        ),
        (
            json!({ "StringEquals": { "aws:SourceVpc": "vpc-91237329" } }),
            0,
            "pass",
            Value::Null,
        ),
        (
            json!({ "StringNotEquals": { "aws:SourceVpc": "vpc-91237329" } }),
            6,
            "unknown",
            Value::Null,
        ),
    ] {
        let open = json!({
            "Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::acme-images/*", "Condition": condition,
        });
        let stage = Stage::connected();
        stage.deny(&["s3:GetBucketPolicyStatus"]);
        stage.bucket(|bucket| {
            bucket.public_access_block = Some(PublicAccessBlock {
                restrict_public_buckets: true,
                ..PublicAccessBlock::default()
            });
        });
        stage.store_policy(&policy(&[published(), open]));
        let (ran, document) = stage.run_json(&VERIFY);
        ran.exits(exit);
        let found = check(&document, "aws.access.evaluated");
        assert_eq!(
            (&found["status"], &found["cause"]),
            (&json!(status), &cause),
            "{condition}: {found:#}"
        );
        let named = found["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("statement `Open`"));
        assert_eq!(named, status == "fail", "{found:#}");
    }
}
