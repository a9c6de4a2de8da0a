//! `aws verify --as segments`: with Segments.ai's own credentials, and nothing of the owner's.

use segments_connect::sandbox::aws::{
    CUSTOMER_ACCOUNT, PARTNER_KEY, SEGMENTS, SEGMENTS_KEY, StorageClass,
};
use serde_json::{Value, json};

use crate::support::{BUCKET, PHOTO, Ran, Stage, check, checks, policy, published, ran, with};

const AS_SEGMENTS: [&str; 8] = [
    "aws", "verify", "--bucket", BUCKET, "--object", PHOTO, "--as", "segments",
];

fn run(stage: &Stage, key: &str, arguments: &[&str]) -> Ran {
    ran(&mut stage.command_as(key, arguments))
}

#[track_caller]
fn run_json(stage: &Stage, arguments: &[&str], status: i32) -> Value {
    run(stage, SEGMENTS_KEY, &[arguments, &["--json"]].concat())
        .exits(status)
        .without_complaint()
        .document()
}

#[test]
fn segments_own_read_is_the_only_proof_of_it_and_asks_nothing_of_the_owners() {
    let stage = Stage::connected();
    stage.sandbox.clear_log();
    let document = run_json(&stage, &AS_SEGMENTS, 0);
    let asked: Vec<String> = stage
        .sandbox
        .log()
        .into_iter()
        .map(|request| request.operation)
        .collect();
    for operation in &asked {
        assert!(
            ["GetCallerIdentity", "HeadBucket", "GetObject", "OPTIONS"]
                .iter()
                .any(|allowed| operation == allowed),
            "{operation} is the owner's: {asked:?}"
        );
    }
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["proof"], "segments-read");
    assert_eq!(check(&document, "aws.segments.read")["status"], "pass");
    assert_eq!(
        check(&document, "aws.segments.read")["level"],
        "segments-read"
    );
    assert_eq!(
        check(&document, "aws.identity")["evidence"]["arn"],
        SEGMENTS
    );
    assert_eq!(check(&document, "aws.cors.preflight")["status"], "pass");
    for id in [
        "aws.access.configured",
        "aws.policy.evaluated",
        "aws.cors.configured",
    ] {
        let found = check(&document, id);
        assert_eq!(found["status"], "unknown", "{id}");
        assert!(
            found["detail"]
                .to_string()
                .contains("only the bucket's owner"),
            "{found}"
        );
    }
    assert!(checks(&document, "aws.object.read").is_empty());

    let said = run(&stage, SEGMENTS_KEY, &AS_SEGMENTS)
        .exits(0)
        .without_complaint()
        .stdout;
    assert!(
        said.contains("Segments.ai's own credentials read the sampled objects."),
        "{said}"
    );
    assert!(
        !said.contains("does not test Segments.ai's own permission"),
        "{said}"
    );
}

#[test]
fn somebody_elses_read_proves_nothing() {
    let stage = Stage::connected();
    let arguments = [&AS_SEGMENTS[..], &["--json"]].concat();
    for key in [PARTNER_KEY, segments_connect::sandbox::aws::ANA_KEY] {
        stage.sandbox.clear_log();
        let document = run(&stage, key, &arguments).exits(6).document();
        assert_eq!(check(&document, "aws.identity")["status"], "warn");
        let read = check(&document, "aws.segments.read");
        assert_eq!(read["status"], "skipped");
        assert!(
            read["detail"].to_string().contains("proves nothing"),
            "{read}"
        );
        assert_ne!(document["proof"], "segments-read");
    }
}

#[test]
fn a_refusal_says_what_it_can_be_and_not_that_access_is_denied() {
    let stage = Stage::fresh();
    let document = run_json(&stage, &AS_SEGMENTS, 4);
    let read = check(&document, "aws.segments.read");
    assert_eq!(read["status"], "fail");
    let detail = read["detail"].as_str().expect("a detail");
    for possibility in ["no object `photos/0001.jpg`", "bucket policy", "KMS key"] {
        assert!(detail.contains(possibility), "{detail}");
    }
    // The same is said of a key that is not there, however good the policy.
    let stage = Stage::connected();
    let missing = [
        "aws",
        "verify",
        "--bucket",
        BUCKET,
        "--object",
        "no/such.jpg",
        "--as",
        "segments",
    ];
    let document = run_json(&stage, &missing, 4);
    let detail = &check(&document, "aws.segments.read")["detail"];
    assert!(
        detail.to_string().contains("no object `no/such.jpg`"),
        "{detail}"
    );
    let said = run(&stage, SEGMENTS_KEY, &missing).exits(4).stdout;
    assert!(
        said.contains(&format!(
            "segments-connect aws verify --bucket {BUCKET} --object no/such.jpg"
        )),
        "{said}"
    );
}

#[test]
fn a_denial_of_links_is_told_from_one_of_everything() {
    let stage = Stage::connected();
    let links = with(
        published(),
        &json!({
            "Sid": "HeadersOnly", "Effect": "Deny", "Principal": "*",
            "Condition": { "StringNotEquals": { "s3:authType": "REST-HEADER" } }
        }),
    );
    stage.store_policy(&policy(&[published(), links]));
    let document = run_json(&stage, &AS_SEGMENTS, 4);
    let read = check(&document, "aws.segments.read");
    assert_eq!(
        (&read["status"], &read["cause"]),
        (&json!("fail"), &json!("A11"))
    );
}

#[test]
fn without_a_cors_rule_the_browser_is_what_is_blocked() {
    let stage = Stage::connected();
    stage.bucket(|bucket| bucket.cors = None);
    let document = run_json(&stage, &AS_SEGMENTS, 4);
    assert_eq!(check(&document, "aws.segments.read")["cause"], "A39");
    assert_eq!(check(&document, "aws.cors.preflight")["cause"], "A39");
}

#[test]
fn an_archived_object_is_named_as_such() {
    let stage = Stage::connected();
    stage.bucket(|bucket| {
        let object = bucket.objects.get_mut(PHOTO).expect("the photo");
        object.storage_class = StorageClass::DeepArchive;
    });
    let document = run_json(&stage, &AS_SEGMENTS, 4);
    assert_eq!(check(&document, "aws.segments.read")["cause"], "A32");
}

#[test]
fn a_bucket_of_another_account_is_caught_by_the_guard() {
    let stage = Stage::connected();
    let guarded = |account| [&AS_SEGMENTS[..], &["--account", account]].concat();
    let document = run_json(&stage, &guarded(CUSTOMER_ACCOUNT), 0);
    assert_eq!(document["proof"], "segments-read");
    assert_eq!(document["target"]["account"], CUSTOMER_ACCOUNT);
    let document = run_json(&stage, &guarded("999988887777"), 4);
    let read = check(&document, "aws.segments.read");
    assert_eq!(
        (&read["status"], &read["cause"]),
        (&json!("fail"), &json!("A55"))
    );
    assert_ne!(document["proof"], "segments-read");
}

#[test]
fn without_a_key_there_is_nothing_to_read() {
    let stage = Stage::connected();
    let document = run_json(
        &stage,
        &["aws", "verify", "--bucket", BUCKET, "--as", "segments"],
        6,
    );
    let read = check(&document, "aws.segments.read");
    assert_eq!(read["status"], "skipped");
    assert!(
        read["detail"].to_string().contains("--object KEY"),
        "{read}"
    );
}
