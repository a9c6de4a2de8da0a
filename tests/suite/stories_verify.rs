//! Verifying access: a connected bucket passes, and each cause in the policy is found and named.

use segments_connect::sandbox::aws::PublicAccessBlock;
use serde_json::{Value, json};

use crate::support::{BUCKET, PHOTO, Stage, check, checks, cors_rule, policy, published, with};

const VERIFY: [&str; 4] = ["aws", "verify", "--bucket", BUCKET];

/// Runs `verify` twice, as people do and as scripts do, and asserts that neither wrote anything.
#[track_caller]
fn verified(stage: &Stage, arguments: &[&str], status: i32) -> (String, Value) {
    let before = (stage.policy(), stage.cors());
    let plain = stage.run(arguments).exits(status).without_complaint();
    let (ran, document) = stage.run_json(arguments);
    ran.exits(status).without_complaint();
    assert_eq!((stage.policy(), stage.cors()), before);
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(document["command"], "aws verify");
    assert_eq!(document["changes"], json!([]));
    let verdict = match status {
        0 => "pass",
        4 => "fail",
        _ => "undetermined",
    };
    assert_eq!(document["verdict"], verdict);
    (plain.stdout, document)
}

#[test]
fn a_connected_bucket_passes_and_no_more_is_said_than_was_seen() {
    let stage = Stage::connected();
    let (said, document) = verified(&stage, &VERIFY, 0);
    for id in [
        "aws.identity",
        "aws.target",
        "aws.access.configured",
        "aws.policy.evaluated",
        "aws.access.evaluated",
        "aws.cors.configured",
        "aws.cors.preflight",
        "aws.cors.range",
        "aws.cors.foreign",
        "aws.object.read",
        "aws.object.link",
    ] {
        assert_eq!(check(&document, id)["status"], "pass", "{id}");
    }
    assert_eq!(check(&document, "aws.segments.read")["status"], "skipped");
    assert_eq!(document["proof"], "own-read");
    assert_eq!(document["error"], Value::Null);

    assert!(
        said.contains(
            "Based on the policies that could be read, the bucket's side allows Segments.ai."
        ),
        "{said}"
    );
    assert!(
        said.contains("accepts cross-origin GET from https://app.segments.ai (observed)."),
        "{said}"
    );
    assert!(
        said.contains(
            "You can read an object through a link like the ones that Segments.ai makes."
        ),
        "{said}"
    );
    assert!(
        said.contains("This does not test Segments.ai's own permission."),
        "{said}"
    );
    let lower = said.to_lowercase();
    for claim in [
        "verified",
        "segments.ai can read",
        "segments.ai has access",
        "segments.ai read ",
        "success",
    ] {
        assert!(!lower.contains(claim), "it claims `{claim}`:\n{said}");
    }
    for layer in ["resource control policies", "Segments.ai's own side"] {
        assert!(
            said.contains(layer),
            "it does not say what was not checked:\n{said}"
        );
        assert!(document["not_checked"].to_string().contains(layer));
    }
}

/// One cause in the bucket policy.
struct Case {
    name: &'static str,
    statements: Vec<Value>,
    check: &'static str,
    status: &'static str,
    cause: &'static str,
    exit: i32,
}

fn found_in_policy(cases: Vec<Case>) {
    for Case {
        name: case,
        statements,
        check: id,
        status,
        cause,
        exit,
    } in cases
    {
        let stage = Stage::connected();
        stage.store_policy(&policy(&statements));
        let (ran, document) = stage.run_json(&VERIFY);
        assert_eq!(
            ran.status,
            Some(exit),
            "{case}:\n{}\n{}",
            ran.stdout,
            ran.stderr
        );
        let found = check(&document, id);
        assert_eq!(
            (&found["status"], &found["cause"]),
            (&json!(status), &json!(cause)),
            "{case}: {found:#}"
        );
        if status == "fail" {
            assert!(found["fix"].is_string(), "{case}: {found:#}");
        }
        let said = stage.run(&VERIFY).stdout;
        let shown = if status == "fail" { "FAIL" } else { "warn" };
        let line = said
            .lines()
            .find(|line| line.contains(id) && line.starts_with(shown));
        assert!(
            line.is_some_and(|line| line.contains(&format!("[{cause}]"))),
            "{case}:\n{said}"
        );
        assert_eq!(stage.policy(), Some(policy(&statements)), "{case}");
        assert_eq!(stage.writes(), [""; 0], "{case}");
    }
}

#[test]
fn each_way_in_which_the_grant_can_be_missing_is_named() {
    let principal = |arn: &str| with(published(), &json!({ "Principal": { "AWS": arn } }));
    let resource = |arn: &str| with(published(), &json!({ "Resource": arn }));
    let missing = |name, statement, cause| Case {
        name,
        statements: vec![statement],
        check: "aws.policy.evaluated",
        status: "fail",
        cause,
        exit: 4,
    };
    found_in_policy(vec![
        missing(
            "another bucket",
            resource("arn:aws:s3:::acme-videos/*"),
            "A01",
        ),
        missing("no objects", resource("arn:aws:s3:::acme-images"), "A02"),
        missing("a deleted user", principal("AIDAIOSFODNN7EXAMPLE1"), "A20"),
        missing(
            "a role",
            principal("arn:aws:iam::931508227573:role/segmentsai-prod-user"),
            "A21",
        ),
        missing(
            "another account",
            principal("arn:aws:iam::931508227574:user/segmentsai-prod-user"),
            "A21",
        ),
        missing(
            "another partition",
            principal("arn:aws-cn:iam::931508227573:user/segmentsai-prod-user"),
            "A21",
        ),
        missing(
            "another action",
            with(published(), &json!({ "Action": "s3:GetObjectVersion" })),
            "A01",
        ),
    ]);
}

#[test]
fn the_statement_that_is_missing_is_missing_for_the_configuration_too() {
    let stage = Stage::connected();
    stage.bucket(|bucket| bucket.policy = None);
    let (said, document) = verified(&stage, &VERIFY, 4);
    for id in ["aws.access.configured", "aws.policy.evaluated"] {
        assert_eq!(check(&document, id)["cause"], "A01", "{id}");
    }
    assert!(said.contains("explain A01"), "{said}");
    assert!(
        said.contains("segments-connect aws connect --bucket acme-images"),
        "{said}"
    );
    assert!(said.contains("Blocked:"), "{said}");
}

#[test]
fn the_whole_account_is_more_than_was_asked_for_and_works() {
    let grants = |principal: &str| {
        vec![with(
            published(),
            &json!({ "Sid": "Account", "Principal": { "AWS": principal } }),
        )]
    };
    let warned = |check, principal| Case {
        name: "the account",
        statements: grants(principal),
        check,
        status: "warn",
        cause: "A22",
        exit: 0,
    };
    found_in_policy(vec![
        warned("aws.policy.evaluated", "arn:aws:iam::931508227573:root"),
        warned("aws.access.configured", "arn:aws:iam::931508227573:root"),
        warned("aws.policy.evaluated", "931508227573"),
    ]);
}

#[test]
fn a_deny_without_a_condition_is_final() {
    let deny = json!({
        "Sid": "LockThePhotos", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-images/*",
    });
    found_in_policy(vec![Case {
        name: "a Deny for everyone",
        statements: vec![published(), deny.clone()],
        check: "aws.policy.evaluated",
        status: "fail",
        cause: "A49",
        exit: 4,
    }]);
    let stage = Stage::connected();
    stage.store_policy(&policy(&[published(), deny]));
    let (said, document) = verified(&stage, &VERIFY, 4);
    assert!(said.contains("`LockThePhotos`"), "{said}");
    assert_eq!(
        check(&document, "aws.access.configured")["status"],
        "pass",
        "the grant itself is there"
    );
}

#[test]
fn a_grant_for_a_part_of_the_bucket_is_told_for_the_bucket_and_for_the_sample() {
    let stage = Stage::connected();
    stage.store_policy(&policy(&[with(
        published(),
        &json!({ "Resource": "arn:aws:s3:::acme-images/photos/*" }),
    )]));
    stage.bucket(|bucket| drop(bucket.add_object("videos/1.mp4", "a video").clone()));

    let (_, document) = verified(
        &stage,
        &["aws", "verify", "--bucket", BUCKET, "--object", PHOTO],
        0,
    );
    let whole = checks(&document, "aws.policy.evaluated");
    let whole = whole
        .iter()
        .find(|check| check["subject"].is_null())
        .expect("one for the bucket");
    assert_eq!(
        (&whole["status"], &whole["cause"]),
        (&json!("warn"), &json!("A03"))
    );
    assert_eq!(check(&document, "aws.access.configured")["cause"], "A03");

    let (said, document) = verified(
        &stage,
        &[
            "aws",
            "verify",
            "--bucket",
            BUCKET,
            "--object",
            "videos/1.mp4",
        ],
        4,
    );
    let results = checks(&document, "aws.policy.evaluated");
    let sample = results
        .iter()
        .find(|check| check["subject"] == "videos/1.mp4")
        .expect("one for the sample");
    assert_eq!(
        (&sample["status"], &sample["cause"]),
        (&json!("fail"), &json!("A03"))
    );
    assert!(said.contains("photos/*"), "{said}");
}

#[test]
fn a_public_statement_voids_the_grant_where_public_buckets_are_restricted() {
    for account in [false, true] {
        let stage = Stage::connected();
        let public = json!({
            "Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::acme-images/open/*",
        });
        stage.store_policy(&policy(&[published(), public]));
        if account {
            stage.bucket(|bucket| bucket.public_access_block = None);
            stage.sandbox.with_state(|state| {
                let account = state
                    .aws
                    .accounts
                    .get_mut("111122223333")
                    .expect("the account");
                account.public_access_block = Some(PublicAccessBlock {
                    restrict_public_buckets: true,
                    ..PublicAccessBlock::default()
                });
            });
        }
        let (said, document) = verified(&stage, &VERIFY, 4);
        let found = check(&document, "aws.access.evaluated");
        assert_eq!(
            (&found["status"], &found["cause"]),
            (&json!("fail"), &json!("A16"))
        );
        assert!(said.contains("RestrictPublicBuckets"), "{said}");
        let whose = if account {
            "RestrictPublicBuckets of the account"
        } else {
            "RestrictPublicBuckets of the bucket"
        };
        assert!(
            found["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains(whose)),
            "{found:#}"
        );
        assert_eq!(check(&document, "aws.policy.evaluated")["status"], "pass");
    }
}

#[test]
fn a_public_statement_is_harmless_where_nothing_restricts_it() {
    let stage = Stage::connected();
    let public = with(published(), &json!({ "Sid": "Open", "Principal": "*" }));
    stage.store_policy(&policy(&[published(), public]));
    stage.bucket(|bucket| bucket.public_access_block = None);
    let (_, document) = verified(&stage, &VERIFY, 0);
    assert_eq!(check(&document, "aws.access.evaluated")["status"], "pass");
}

#[test]
fn a_deny_that_depends_on_what_cannot_be_known_is_undetermined() {
    for (key, condition, suspicion) in [
        (
            "aws:Referer",
            json!({ "StringNotLike": { "aws:Referer": "https://app.segments.ai/*" } }),
            "A14",
        ),
        (
            "aws:SourceIp",
            json!({ "NotIpAddress": { "aws:SourceIp": "203.0.113.0/24" } }),
            "A05",
        ),
    ] {
        let stage = Stage::connected();
        let deny = json!({
            "Sid": "OnlyFromHome", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::acme-images/*", "Condition": condition,
        });
        stage.store_policy(&policy(&[published(), deny]));
        let (said, document) = verified(&stage, &VERIFY, 6);
        let results = checks(&document, "aws.policy.evaluated");
        let whole = results
            .iter()
            .find(|check| check["subject"].is_null())
            .expect("one for the bucket");
        assert_eq!(whole["status"], "unknown", "{key}");
        let detail = whole["detail"].as_str().unwrap_or_default();
        for text in ["`OnlyFromHome`", key, suspicion] {
            assert!(detail.contains(text), "{key}: no {text} in {detail}");
        }
        assert!(said.contains("Undetermined:"), "{said}");
        assert!(!said.contains("Nothing found wrong."), "{said}");
        let not_checked = document["not_checked"].to_string();
        assert!(
            not_checked.contains("aws.policy.evaluated"),
            "{not_checked}"
        );
    }
}

#[test]
fn a_policy_that_may_not_be_read_is_unknown_and_never_a_pass() {
    let stage = Stage::connected();
    stage.deny(&["s3:GetBucketPolicy"]);
    let (said, document) = verified(&stage, &VERIFY, 6);
    for id in ["aws.access.configured", "aws.policy.evaluated"] {
        let found = check(&document, id);
        assert_eq!(found["status"], "unknown", "{id}");
        assert!(
            found["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains("s3:GetBucketPolicy")),
            "{found:#}"
        );
    }
    assert!(
        said.contains("missing permission: s3:GetBucketPolicy"),
        "{said}"
    );
    assert!(!said.contains("the bucket's side allows"), "{said}");
}

#[test]
fn block_public_access_decides_only_where_the_policy_is_public() {
    let stage = Stage::connected();
    stage.deny(&[
        "s3:GetBucketPublicAccessBlock",
        "s3:GetAccountPublicAccessBlock",
    ]);
    let (_, document) = verified(&stage, &VERIFY, 0);
    assert_eq!(check(&document, "aws.access.evaluated")["status"], "pass");

    let public = with(published(), &json!({ "Sid": "Open", "Principal": "*" }));
    stage.store_policy(&policy(&[published(), public]));
    let (_, document) = verified(&stage, &VERIFY, 6);
    let found = check(&document, "aws.access.evaluated");
    assert_eq!(found["status"], "unknown");
    assert!(
        found["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("PublicAccessBlock")),
        "{found:#}"
    );
}

#[test]
fn what_fails_outranks_what_is_unknown() {
    let stage = Stage::connected();
    stage.deny(&["s3:GetBucketPolicy"]);
    stage.bucket(|bucket| {
        bucket.cors = Some(vec![cors_rule("https://a.example", &["GET"], &["*"])]);
    });
    let (_, document) = verified(&stage, &VERIFY, 4);
    assert_eq!(
        check(&document, "aws.policy.evaluated")["status"],
        "unknown"
    );
    assert_eq!(check(&document, "aws.cors.preflight")["status"], "fail");
}

#[test]
fn what_does_not_decide_leaves_the_exit_status_alone() {
    let stage = Stage::connected();
    stage.deny(&[
        "s3:GetBucketRequestPayment",
        "s3:GetBucketOwnershipControls",
        "s3:ListBucket",
    ]);
    let (said, document) = verified(&stage, &VERIFY, 0);
    for id in ["aws.object.read", "aws.object.link"] {
        assert_eq!(check(&document, id)["status"], "unknown", "{id}");
    }
    for permission in ["s3:ListBucket", "s3:GetBucketRequestPayment"] {
        assert!(said.contains(permission), "{said}");
    }
    assert_ne!(document["proof"], "own-read");
    assert!(!said.contains("You can read an object"), "{said}");
}
