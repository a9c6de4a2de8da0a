//! Verifying objects whose key lets Segments.ai decrypt by a grant, and not by its policy.

use std::time::Duration;

use segments_connect::sandbox::aws::{Encryption, EncryptionContext, Grant, KmsKey, SEGMENTS_KEY};
use segments_connect::sandbox::round_trips;
use serde_json::{Value, json};

use crate::support::{BUCKET, PHOTO, Ran, Stage, checks, program, ran};

const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const SEGMENTS: &str = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
const URL: &str = "https://acme-images.s3.eu-west-1.amazonaws.com/photos/0001.jpg";

/// The photo, encrypted with a key whose policy says nothing of Segments.ai and that has these grants.
fn granted(grants: Vec<Grant>) -> Stage {
    let stage = Stage::connected();
    let key = KmsKey {
        grants,
        ..KmsKey::customer("111122223333", "eu-west-1", KEY_ID)
    };
    stage.sandbox.with_state(|state| state.aws.keys.push(key));
    stage.bucket(|bucket| {
        let photo = bucket.objects.get_mut(PHOTO).expect("the photo");
        photo.encryption = Encryption::Kms(Some(KEY_ID.to_owned()));
    });
    stage
}

fn decrypts(id: &str) -> Grant {
    Grant::new(id, SEGMENTS, &["Decrypt", "DescribeKey"])
}

fn for_arn(id: &str, arn: &str) -> Grant {
    Grant {
        context_subset: Some(EncryptionContext::from([(
            "aws:s3:arn".to_owned(),
            arn.to_owned(),
        )])),
        ..decrypts(id)
    }
}

/// The bucket's new objects use a Bucket Key, and so does the photo.
fn with_bucket_key(stage: &Stage) {
    stage.bucket(|bucket| {
        let default = bucket.encryption.as_mut().expect("a default");
        default.bucket_key = true;
    });
}

fn verify(stage: &Stage) -> (Ran, Value) {
    stage.run_json(&["aws", "verify", "--bucket", BUCKET, "--object", PHOTO])
}

/// The result of the photo.
fn of_photo(document: &Value) -> Value {
    let results = checks(document, "aws.object.protection");
    let found = results.iter().find(|check| check["subject"] == PHOTO);
    (*found.expect("one for the photo")).clone()
}

/// What S3 does when Segments.ai reads the photo.
fn segments_reads(stage: &Stage) -> String {
    let mut command = stage.command_as(
        SEGMENTS_KEY,
        &[
            "aws",
            "verify",
            "--as",
            "segments",
            "--bucket",
            BUCKET,
            "--object",
            PHOTO,
            "--region",
            "eu-west-1",
            "--json",
        ],
    );
    let document = ran(&mut command).document();
    let read = checks(&document, "aws.segments.read");
    read[0]["status"].as_str().expect("a status").to_owned()
}

#[test]
fn a_grant_alone_lets_segments_decrypt() {
    let stage = granted(vec![
        Grant::new("1e0d", "arn:aws:iam::111122223333:user/ana", &["Decrypt"]),
        decrypts("2f1e"),
    ]);
    let (ran, document) = verify(&stage);
    ran.exits(0).without_complaint();
    let found = of_photo(&document);
    assert_eq!(found["status"], "pass", "{found:#}");
    let detail = found["detail"].as_str().expect("words");
    assert!(detail.contains("by its grant `2f1e`"), "{detail}");
    assert!(detail.contains("own side"), "{detail}");
    assert_eq!(
        found["evidence"]["grants"],
        json!([{ "grant": "2f1e", "answer": "yes", "why": "lets Segments.ai decrypt" }])
    );
    assert_eq!(segments_reads(&stage), "pass");
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html>
#[test]
fn a_grant_that_does_not_reach_the_object_leaves_it_a26() {
    for grant in [
        for_arn("3a2b", "arn:aws:s3:::another-bucket"),
        for_arn("3a2b", "arn:aws:s3:::acme-images/photos/*"),
        Grant::new("3a2b", SEGMENTS, &["Encrypt", "GenerateDataKey"]),
    ] {
        let stage = granted(vec![grant]);
        let (ran, document) = verify(&stage);
        ran.exits(4).without_complaint();
        let found = of_photo(&document);
        assert_eq!(
            (&found["status"], &found["cause"]),
            (&json!("fail"), &json!("A26")),
            "{found:#}"
        );
        let detail = found["detail"].as_str().expect("words");
        assert!(detail.contains("the grant `3a2b`"), "{detail}");
        assert_ne!(segments_reads(&stage), "pass");
    }
    let stage = granted(Vec::new());
    let (_, document) = verify(&stage);
    let found = of_photo(&document);
    let none = found["detail"].to_string();
    assert!(none.contains("no grant of the key is for"), "{none}");
}

/// S3 gives the bucket's ARN where the object uses a Bucket Key, and says that it does:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>.
#[test]
fn a_bucket_key_decides_which_arn_a_grant_must_name() {
    for (arn, status) in [
        ("arn:aws:s3:::acme-images", "pass"),
        ("arn:aws:s3:::acme-images/photos/0001.jpg", "fail"),
    ] {
        let stage = granted(vec![for_arn("4b3c", arn)]);
        let (_, document) = verify(&stage);
        // Without the header either ARN is possible.
        assert_eq!(of_photo(&document)["status"], "unknown", "{arn}");
        with_bucket_key(&stage);
        let (_, document) = verify(&stage);
        assert_eq!(of_photo(&document)["status"], status, "{arn}");
        assert_eq!(segments_reads(&stage) == "pass", status == "pass", "{arn}");
    }
}

/// Whoever wrote the object may have given more pairs, which S3 passes on and does not tell.
#[test]
fn a_grant_for_exactly_one_context_is_undetermined() {
    let exactly = Grant {
        context_equals: for_arn("", "arn:aws:s3:::acme-images").context_subset,
        ..decrypts("5c4d")
    };
    for (given, reads) in [(None, true), (Some("team"), false)] {
        let stage = granted(vec![exactly.clone()]);
        with_bucket_key(&stage);
        if let Some(name) = given {
            stage.bucket(|bucket| {
                let photo = bucket.objects.get_mut(PHOTO).expect("the photo");
                photo
                    .encryption_context
                    .insert(name.to_owned(), "vision".to_owned());
            });
        }
        let (ran, document) = verify(&stage);
        ran.exits(6).without_complaint();
        assert_eq!(of_photo(&document)["status"], "unknown");
        assert_eq!(segments_reads(&stage) == "pass", reads);
    }
}

#[test]
fn grants_that_may_not_be_listed_are_undetermined_and_never_a26() {
    let stage = granted(vec![decrypts("2f1e")]);
    stage.deny(&["kms:ListGrants"]);
    let (ran, document) = verify(&stage);
    ran.exits(6).without_complaint();
    let found = of_photo(&document);
    assert_eq!(
        (&found["status"], &found["cause"]),
        (&json!("unknown"), &Value::Null)
    );
    let detail = found["detail"].as_str().expect("words");
    assert!(
        detail.contains("missing permission: kms:ListGrants"),
        "{detail}"
    );
    let listed = document["not_checked"].to_string();
    assert!(listed.contains("kms:ListGrants"), "{listed}");
}

#[test]
fn grants_are_not_asked_for_where_the_policy_decides() {
    let stage = granted(vec![decrypts("2f1e")]);
    for (effect, status) in [("Allow", "pass"), ("Deny", "fail")] {
        stage.sandbox.with_state(|state| {
            let key = state.aws.keys.last_mut().expect("the key");
            key.policy = json!({ "Version": "2012-10-17", "Statement": [{
                "Effect": effect, "Principal": { "AWS": SEGMENTS }, "Action": "kms:Decrypt", "Resource": "*"
            }] })
            .to_string();
        });
        stage.sandbox.clear_log();
        let (_, document) = verify(&stage);
        assert_eq!(of_photo(&document)["status"], status);
        let asked = stage.sandbox.log();
        assert!(
            asked
                .iter()
                .all(|request| request.operation != "ListGrants")
        );
        assert_eq!(segments_reads(&stage) == "pass", status == "pass");
    }
}

#[test]
fn every_page_of_the_grants_is_read() {
    let mut grants: Vec<Grant> = (0..250)
        .map(|number| for_arn(&format!("other-{number}"), "arn:aws:s3:::another-bucket"))
        .collect();
    grants.push(decrypts("the-last"));
    let stage = granted(grants);
    let (ran, document) = verify(&stage);
    ran.exits(0);
    let found = of_photo(&document);
    assert!(
        found["detail"].to_string().contains("`the-last`"),
        "{found:#}"
    );
}

#[test]
fn with_grants_too_a_url_takes_five_round_trips() {
    let stage = granted(vec![decrypts("2f1e")]);
    stage.sandbox.set_latency(Duration::from_millis(400));
    stage.sandbox.clear_log();
    stage.run(&["aws", "verify", URL]).exits(0);
    let log = stage.sandbox.log();
    let asked = log.iter().filter(|one| one.operation == "ListGrants");
    assert_eq!(asked.count(), 2, "for the user, and for the account");
    assert!(round_trips(&log) <= 5, "{}: {log:#?}", round_trips(&log));
}

#[test]
fn a_report_holds_the_grants_and_says_the_same_elsewhere() {
    for (grant, status) in [
        (decrypts("2f1e"), 0),
        (for_arn("2f1e", "arn:aws:s3:::another-bucket"), 4),
    ] {
        for more in [&[][..], &["--redact-names"]] {
            let stage = granted(vec![grant.clone()]);
            let file = stage.home().join("acme.json").display().to_string();
            let words = [
                "aws", "verify", "--bucket", BUCKET, "--object", PHOTO, "--report", &file,
            ];
            let run = stage
                .run(&[&words, more, &["--json"]].concat())
                .exits(status)
                .document();
            let again = ran(&mut program(
                stage.home(),
                &["explain", "--report", &file, "--json"],
            ))
            .exits(status)
            .document();
            assert_eq!(again["recorded"]["differences"], json!([]), "{again:#}");
            assert_eq!(again["verdict"], run["verdict"]);
        }
    }
}
