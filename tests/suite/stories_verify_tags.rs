//! Verifying objects that the bucket policy treats by their tags.

use segments_connect::sandbox::aws::SEGMENTS_KEY;
use serde_json::{Value, json};

use crate::support::{BUCKET, PHOTO, Stage, checks, policy, program, published, ran, with};

const OTHER: &str = "photos/0002.jpg";
const URL: &str = "https://acme-images.s3.eu-west-1.amazonaws.com/photos/0001.jpg";
const VERIFY: [&str; 6] = ["aws", "verify", "--bucket", BUCKET, "--object", PHOTO];

fn shared(condition: &str) -> Value {
    json!({ condition: { "s3:ExistingObjectTag/share": "yes" } })
}

/// The published statement under a condition on the tag, or beside a denial where the tag is missing.
fn policies() -> [Value; 2] {
    let limited = with(published(), &json!({ "Condition": shared("StringEquals") }));
    let guard = json!({ "Sid": "Guard", "Effect": "Deny", "Principal": "*", "Condition": shared("StringNotEquals") });
    [
        policy(&[limited]),
        policy(&[published(), with(published(), &guard)]),
    ]
}

fn stage(stored: &Value) -> Stage {
    let stage = Stage::connected();
    stage.bucket(|bucket| {
        bucket.add_object(OTHER, "another photo");
    });
    stage.store_policy(stored);
    stage
}

fn tagged(stage: &Stage, key: &str, name: &str, value: &str) {
    stage.bucket(|bucket| {
        let object = bucket.objects.get_mut(key).expect("the photo");
        object.tags.insert(name.to_owned(), value.to_owned());
    });
}

/// What the policy says: of the bucket, and of the photo.
fn said(document: &Value) -> (Value, Value) {
    let results = checks(document, "aws.policy.evaluated");
    let of = |subject: Value| {
        let found = results.iter().find(|check| check["subject"] == subject);
        found.map_or(Value::Null, |found| (*found).clone())
    };
    (of(Value::Null), of(json!(PHOTO)))
}

/// What S3 does when Segments.ai reads the photo.
fn segments_reads(stage: &Stage) -> bool {
    let words = [
        &VERIFY[..],
        &["--as", "segments", "--region", "eu-west-1", "--json"],
    ]
    .concat();
    let document = ran(&mut stage.command_as(SEGMENTS_KEY, &words)).document();
    let read = checks(&document, "aws.segments.read");
    read[0]["status"] == "pass"
}

#[test]
fn an_object_is_kept_out_by_its_tags() {
    for stored in policies() {
        for tag in [None, Some("no")] {
            let stage = stage(&stored);
            if let Some(value) = tag {
                tagged(&stage, PHOTO, "share", value);
            }
            let (ran, document) = stage.run_json(&VERIFY);
            ran.exits(4).without_complaint();
            let (_, photo) = said(&document);
            assert_eq!(
                (&photo["status"], &photo["cause"]),
                (&json!("fail"), &json!("A15")),
                "{photo:#}"
            );
            assert_eq!(document["leads"]["cause"], "A15");
            assert!(!segments_reads(&stage));
        }
    }
}

#[test]
fn an_object_that_has_the_tag_is_let_in() {
    for stored in policies() {
        let stage = stage(&stored);
        tagged(&stage, PHOTO, "share", "yes");
        tagged(&stage, PHOTO, "subject", "a secret");
        // Of others nothing is known, which is a warning: the URL itself loads.
        for words in [&VERIFY[..], &["aws", "verify", URL]] {
            let (ran, document) = stage.run_json(words);
            ran.exits(0).without_complaint();
            let (whole, photo) = said(&document);
            assert_eq!(
                (&whole["status"], &whole["cause"]),
                (&json!("warn"), &json!("A15")),
                "{whole:#}"
            );
            assert_eq!(photo["status"], "pass", "{photo:#}");
            // Tags that the policy does not ask for are nobody's business.
            assert_eq!(photo["evidence"]["tags"], json!({ "share": "yes" }));
        }
        assert!(segments_reads(&stage));
    }
}

#[test]
fn each_object_is_told_by_its_own_tags() {
    let [stored, _] = policies();
    let stage = stage(&stored);
    tagged(&stage, OTHER, "share", "yes");
    let words = [&VERIFY[..], &["--object", OTHER]].concat();
    let (ran, document) = stage.run_json(&words);
    ran.exits(4);
    let results = checks(&document, "aws.policy.evaluated");
    let told: Vec<_> = results
        .iter()
        .map(|check| (check["subject"].as_str(), check["status"].as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (None, Some("warn")),
            (Some(PHOTO), Some("fail")),
            (Some(OTHER), Some("pass"))
        ]
    );
}

#[test]
fn tags_that_may_not_be_read_are_undetermined_with_the_permission() {
    for stored in policies() {
        let stage = stage(&stored);
        tagged(&stage, PHOTO, "share", "yes");
        stage.deny(&["s3:GetObjectTagging"]);
        let (ran, document) = stage.run_json(&VERIFY);
        ran.exits(6).without_complaint();
        let (whole, photo) = said(&document);
        for one in [&whole, &photo] {
            assert_eq!(
                (&one["status"], &one["cause"]),
                (&json!("unknown"), &json!("A15")),
                "{one:#}"
            );
        }
        let detail = photo["detail"].as_str().expect("words");
        assert!(
            detail.contains("missing permission: s3:GetObjectTagging"),
            "{detail}"
        );
    }
}

/// Whether the case of a tag's name counts in a condition is not documented.
#[test]
fn a_tag_in_another_case_is_undetermined() {
    let [stored, _] = policies();
    let stage = stage(&stored);
    tagged(&stage, PHOTO, "Share", "yes");
    let (ran, document) = stage.run_json(&VERIFY);
    ran.exits(6);
    let (_, photo) = said(&document);
    assert!(photo.is_null() || photo["status"] == "unknown", "{photo:#}");
}

#[test]
fn tags_are_not_asked_for_where_nothing_depends_on_them() {
    let elsewhere = json!({
        "Sid": "Elsewhere", "Effect": "Deny", "Principal": "*", "Resource": "arn:aws:s3:::acme-images/plans/*",
        "Condition": shared("StringNotEquals")
    });
    for stored in [
        policy(&[published()]),
        policy(&[published(), with(published(), &elsewhere)]),
    ] {
        let stage = stage(&stored);
        stage.sandbox.clear_log();
        let (_, document) = stage.run_json(&VERIFY);
        let (_, photo) = said(&document);
        assert!(photo.is_null() || photo["status"] == "pass", "{photo:#}");
        let log = stage.sandbox.log();
        assert!(
            log.iter()
                .all(|request| request.operation != "GetObjectTagging")
        );
    }
}

#[test]
fn a_report_holds_the_tags_that_decide_and_says_the_same_elsewhere() {
    for (value, status) in [("yes", 0), ("no", 4)] {
        let [stored, _] = policies();
        let stage = stage(&stored);
        tagged(&stage, PHOTO, "share", value);
        tagged(&stage, PHOTO, "subject", "a secret");
        let file = stage.home().join("acme.json");
        let name = file.display().to_string();
        stage
            .run(&[&VERIFY[..], &["--report", &name]].concat())
            .exits(status);
        let written = std::fs::read_to_string(&file).expect("a report");
        assert!(!written.contains("a secret"));
        let again = ran(&mut program(
            stage.home(),
            &["explain", "--report", &name, "--json"],
        ))
        .exits(status)
        .document();
        assert_eq!(again["recorded"]["differences"], json!([]), "{again:#}");
    }
}
