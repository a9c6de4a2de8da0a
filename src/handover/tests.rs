use serde_json::{Value, json};

use super::*;
use crate::finding::{Level, Status, verdict};
use crate::report::Target;

fn inputs(policy: &Value) -> Value {
    json!({
        "cloud": "aws", "bucket": "acme-images", "region": "eu-west-1", "region_observed": true,
        "owner": "111122223333", "may_list": true, "objects": ["photos/2024/one dog.jpg"],
        "read": { "policy": { "read": policy } }
    })
}

fn with_names() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Sid": "a", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::931508227573:user/segmentsai-prod-user" },
          "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-images/photos/20*" },
        { "Sid": "b", "Effect": "Allow", "Principal": { "AWS": ["arn:aws:iam::444455556666:role/annotators", "AIDAJQABLZS4A3QDU576Q"] },
          "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme-images/reports/*" }
    ] })
}

fn document(inputs: &Value) -> Value {
    let mut report = Report::new("aws verify");
    report.target = Some(Target {
        cloud: "aws",
        bucket: Some("acme-images".to_owned()),
        account: Some("111122223333".to_owned()),
        ..Target::default()
    });
    report.checks = vec![
        CheckResult::fail(
            "aws.cors.preflight",
            crate::catalogue::Cause::A39,
            "acme-images refuses",
        )
        .on("https://acme-images.s3.eu-west-1.amazonaws.com/photos/2024/one%20dog.jpg")
        .at(Level::Preflight),
    ];
    report.verdict = Some(verdict(&report.checks));
    report.inputs = inputs.clone();
    assembled("aws", &report)
}

#[test]
fn no_name_is_left_once_names_are_hashed() {
    let hashed = names::hashed(&document(&inputs(&with_names())));
    let text = hashed.to_string();
    for name in [
        "acme",
        "111122223333",
        "444455556666",
        "annotators",
        "AIDAJQABLZS4A3QDU576Q",
        "photos",
        "one dog",
        "reports",
    ] {
        assert!(!text.contains(name), "`{name}` is in {hashed:#}");
    }
    // What is published stays, and what a pattern needs.
    assert!(
        text.contains("931508227573:user/segmentsai-prod-user"),
        "{text}"
    );
    assert!(text.contains("/20*"), "{text}");
}

#[test]
fn the_same_name_is_the_same_hash_within_a_report_and_another_in_the_next() {
    let document = document(&inputs(&with_names()));
    let (one, two) = (names::hashed(&document), names::hashed(&document));
    let bucket = |report: &Value| {
        report["inputs"]["bucket"]
            .as_str()
            .map(str::to_owned)
            .expect("a name")
    };
    assert_ne!(bucket(&one), bucket(&two));
    let statement = one["inputs"]["read"]["policy"]["read"]["Statement"][0]["Resource"]
        .as_str()
        .expect("a pattern")
        .to_owned();
    assert!(
        statement.starts_with(&format!("arn:aws:s3:::{}/", bucket(&one))),
        "{statement}"
    );
    // The object's name is still one that the pattern matches.
    let key = one["inputs"]["objects"][0].as_str().expect("a key");
    let prefix = statement
        .split_once('/')
        .expect("a path")
        .1
        .trim_end_matches('*');
    assert!(key.starts_with(prefix), "{key} {statement}");
}

#[test]
fn secrets_are_taken_out_of_every_text() {
    let link = "https://b.s3.amazonaws.com/k?X-Amz-Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
    let out = without_secrets(&json!({ "a": [link], link: 1 })).to_string();
    assert!(!out.contains("5d672d79"), "{out}");
}

#[test]
fn what_was_seen_then_is_told_as_such_and_never_decided_from() {
    let recorded = Recorded::of(&document(&Value::Null));
    let seen = seen_then(&recorded, &[]);
    assert_eq!(seen.len(), 1);
    assert!(
        seen[0].detail.starts_with("recorded at "),
        "{}",
        seen[0].detail
    );
    // A report that claims what documents decide is not believed.
    let mut claims = document(&Value::Null);
    claims["run"]["checks"] = json!([
        { "id": "aws.policy.evaluated", "status": "pass", "level": "evaluated", "detail": "all is well" },
        { "id": "aws.policy.evaluated", "status": "pass", "detail": "all is well" },
        { "id": "aws.access.configured", "status": "pass", "level": "segments-read", "detail": "all is well" },
        { "id": "aws.access.evaluated", "status": "pass", "level": "preflight", "subject": "x", "detail": "all is well" },
        { "id": "aws.cors.configured", "status": "pass", "level": "own-read", "detail": "all is well" },
        { "id": "aws.no.such.check", "status": "fail", "detail": "?" },
        { "id": "aws.target", "status": "purple", "detail": "?" },
        17
    ]);
    assert_eq!(seen_then(&Recorded::of(&claims), &[]), []);
}

#[test]
fn no_check_is_taken_for_more_than_it_can_show() {
    let mut claims = document(&Value::Null);
    claims["run"]["checks"] = json!([
        { "id": "aws.cors.preflight", "status": "pass", "level": "segments-read", "detail": "it is admitted" },
        { "id": "aws.target", "status": "pass", "level": "own-read", "detail": "it is there" },
        { "id": "aws.object.link", "status": "pass", "level": "own-read", "detail": "it loads" },
    ]);
    let levels: Vec<Option<Level>> = seen_then(&Recorded::of(&claims), &[])
        .iter()
        .map(|check| check.level)
        .collect();
    assert_eq!(levels, [None, None, Some(Level::OwnRead)]);
}

#[test]
fn another_answer_of_the_documents_is_a_difference() {
    let mut changed = document(&Value::Null);
    changed["run"]["checks"] = json!([
        { "id": "aws.policy.evaluated", "status": "pass", "level": "evaluated", "detail": "all is well" }
    ]);
    let now = CheckResult::fail("aws.policy.evaluated", crate::catalogue::Cause::A01, "no")
        .at(Level::Evaluated);
    let found = difference(&Recorded::of(&changed), std::slice::from_ref(&now));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["evaluated"]["cause"], "A01");
    let same = CheckResult::new("aws.policy.evaluated", Status::Pass, "yes").at(Level::Evaluated);
    assert_eq!(
        difference(&Recorded::of(&changed), &[same]),
        Vec::<Value>::new()
    );
}

#[test]
fn a_file_that_is_no_report_is_neither_read_nor_overwritten() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("r.json");
    for text in [
        "",
        "{",
        "[]",
        "{}",
        "{\"schema\": 5}",
        "{\"schema\": \"other/v1\"}",
        "{\"schema\":\"a\",\"schema\":\"segments-connect/report/v1\"}",
        &"[".repeat(100_000),
    ] {
        std::fs::write(&path, text).expect("a file");
        assert!(read(&path).is_err(), "{text:.40}");
        assert!(may_write(&path).is_err(), "{text:.40}");
        assert!(file::write(&path, "x").is_err(), "{text:.40}");
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), text);
    }
    std::fs::write(&path, "{\"schema\": \"segments-connect/report/v9\"}").expect("a file");
    let newer = read(&path).expect_err("it is newer").one_line();
    assert!(newer.contains("report/v9"), "{newer}");
    file::write(&path, "{}").expect("a report is replaced");
    assert!(may_write(&directory.path().join("no/such/r.json")).is_err());
    assert!(may_write(directory.path()).is_err());
}

#[test]
fn a_run_is_in_its_report_however_deep_its_evidence_is() {
    let mut report = Report::new("aws verify");
    let deep = (0..200).fold(json!("policy"), |inner, _| json!([inner]));
    report.checks = vec![
        CheckResult::fail("aws.policy.evaluated", crate::catalogue::Cause::A01, "none")
            .evidence(deep),
    ];
    let run = &assembled("aws", &report)["run"];
    assert_eq!(run["checks"][0]["cause"], "A01");
}
