//! `verify URL` for an object on S3: without any credentials, and as the bucket's owner.

use std::process::Command;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::presigning::PresigningConfig;
use segments_connect::sandbox::aws::SEGMENTS_KEY;
use segments_connect::sandbox::round_trips;
use serde_json::{Value, json};

use crate::support::{
    BUCKET, PHOTO, Ran, Stage, check, checks, policy, program, published, ran, with,
};

/// Long enough for requests that are sent at once to overlap on a busy machine.
const LATENCY: Duration = Duration::from_millis(400);
const URL: &str = "https://acme-images.s3.eu-west-1.amazonaws.com/photos/0001.jpg";

/// The program as somebody runs it who has no credentials at all.
fn outsider(stage: &Stage, arguments: &[&str]) -> Command {
    let mut command = program(stage.home(), arguments);
    let endpoints = stage
        .sandbox
        .environment(SEGMENTS_KEY)
        .into_iter()
        .filter(|(name, _)| {
            ![
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
            ]
            .contains(&name.as_str())
        });
    command
        .envs(endpoints)
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

fn from_outside(stage: &Stage, urls: &[&str]) -> Ran {
    ran(&mut outsider(stage, &[&["aws", "verify"], urls].concat()))
}

#[track_caller]
fn document(stage: &Stage, urls: &[&str], status: i32) -> Value {
    from_outside(stage, &[urls, &["--json"]].concat())
        .exits(status)
        .without_complaint()
        .document()
}

#[test]
fn without_credentials_everything_is_done_that_anybody_can_do() {
    let stage = Stage::connected();
    stage.sandbox.set_latency(LATENCY);
    stage.sandbox.clear_log();
    let document = document(&stage, &[URL], 6);
    let log = stage.sandbox.log();
    for request in &log {
        assert_eq!(request.caller, None, "{request:?}");
        assert!(
            ["HeadBucket", "OPTIONS", "GetObject"].contains(&request.operation.as_str()),
            "{request:?}"
        );
    }
    assert!(round_trips(&log) <= 5, "{log:#?}");
    assert_eq!(document["verdict"], "undetermined");
    assert_eq!(check(&document, "aws.identity")["status"], "skipped");
    assert_eq!(check(&document, "aws.target")["status"], "pass");
    assert_eq!(document["target"]["region"], "eu-west-1");
    assert_eq!(check(&document, "aws.url")["status"], "pass");
    for id in ["aws.cors.preflight", "aws.cors.range", "aws.cors.foreign"] {
        assert_eq!(check(&document, id)["status"], "pass", "{id}");
        assert_eq!(check(&document, id)["subject"], URL, "{id}");
    }
    for id in ["aws.access.configured", "aws.policy.evaluated"] {
        assert_eq!(check(&document, id)["status"], "unknown", "{id}");
        assert!(
            check(&document, id)["detail"]
                .to_string()
                .contains("not signed in")
        );
    }
    let object = check(&document, "aws.object.read");
    assert_eq!(object["status"], "unknown");
    assert!(
        object["detail"]
            .to_string()
            .contains("one that is not there"),
        "{object}"
    );
    assert!(
        document["next_steps"]
            .to_string()
            .contains("Sign in as the bucket's owner")
    );

    let said = from_outside(&stage, &[URL])
        .exits(6)
        .without_complaint()
        .stdout;
    assert!(
        said.contains(&format!(
            "segments-connect aws verify --bucket {BUCKET} --object {PHOTO}"
        )),
        "{said}"
    );
}

#[test]
fn the_wrong_region_in_the_url_leads() {
    let stage = Stage::connected();
    let url = URL.replace("eu-west-1", "eu-central-1");
    let document = document(&stage, &[&url], 4);
    let found = check(&document, "aws.url");
    assert_eq!(
        (&found["status"], &found["cause"]),
        (&json!("fail"), &json!("A34"))
    );
    assert!(found["fix"].to_string().contains(URL), "{found}");
}

#[test]
fn a_bucket_that_is_not_there_is_said_to_be_missing() {
    let stage = Stage::connected();
    let url = URL.replace("acme-images", "nobody-has-this");
    let document = document(&stage, &[&url], 1);
    assert_eq!(document["error"]["code"], "target-not-found");
}

#[test]
fn without_a_cors_rule_the_preflight_blocks_whoever_is_signed_in() {
    let stage = Stage::connected();
    stage.bucket(|bucket| bucket.cors = None);
    let document = document(&stage, &[URL], 4);
    assert_eq!(check(&document, "aws.cors.preflight")["cause"], "A39");
}

#[test]
fn an_object_that_everybody_can_read_is_told_as_public() {
    let stage = Stage::connected();
    let public = with(published(), &json!({ "Sid": "All", "Principal": "*" }));
    stage.store_policy(&policy(&[published(), public.clone()]));
    stage.bucket(|bucket| bucket.public_access_block = None);
    let document = document(&stage, &[URL], 6);
    let found = checks(&document, "aws.exposure");
    let anonymous = found
        .iter()
        .find(|check| check["subject"] == "anonymous")
        .expect("a result");
    assert_eq!(anonymous["status"], "warn", "{anonymous}");
    assert!(
        anonymous["detail"].to_string().contains("is public"),
        "{anonymous}"
    );

    // A key that is not there is told to whoever may list, and to nobody else.
    let list = json!({
        "Sid": "List", "Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket",
        "Resource": format!("arn:aws:s3:::{BUCKET}")
    });
    stage.store_policy(&policy(&[published(), public, list]));
    let missing = URL.replace("0001", "9999");
    let document = self::document(&stage, &[&missing], 4);
    assert_eq!(check(&document, "aws.object.read")["cause"], "A38");
}

#[test]
fn as_the_owner_every_check_is_made_on_the_object_of_the_url() {
    let stage = Stage::connected();
    stage.sandbox.set_latency(LATENCY);
    stage.sandbox.clear_log();
    let (ran, document) = stage.run_json(&["aws", "verify", URL]);
    ran.exits(0).without_complaint();
    let log = stage.sandbox.log();
    assert!(round_trips(&log) <= 5, "{}: {log:#?}", round_trips(&log));
    assert_eq!(document["proof"], "own-read");
    assert_eq!(check(&document, "aws.object.read")["subject"], PHOTO);
    assert_eq!(check(&document, "aws.policy.evaluated")["status"], "pass");
    let anonymous = checks(&document, "aws.exposure")
        .into_iter()
        .find(|check| check["subject"] == "anonymous")
        .expect("a result");
    assert_eq!(anonymous["status"], "pass", "{anonymous}");
}

#[test]
fn many_urls_take_no_more_round_trips_than_one() {
    let stage = Stage::connected();
    let mut urls = Vec::new();
    for number in 1..=9 {
        let key = format!("photos/000{number}.jpg");
        stage.bucket(|bucket| {
            bucket.add_object(&key, "a photo");
        });
        urls.push(URL.replace(PHOTO, &key));
    }
    let arguments: Vec<&str> = ["aws", "verify"]
        .into_iter()
        .chain(urls.iter().map(String::as_str))
        .collect();
    stage.sandbox.set_latency(LATENCY);
    stage.sandbox.clear_log();
    stage.run(&arguments).exits(0);
    let log = stage.sandbox.log();
    assert!(round_trips(&log) <= 5, "{}", round_trips(&log));
}

#[test]
fn what_a_browser_would_do_to_the_key_is_told() {
    let stage = Stage::connected();
    for (key, status, cause) in [
        ("photos/a+b.jpg", "warn", "A37"),
        ("photos/a%2520b.jpg", "warn", "A37"),
        ("photos/../0001.jpg", "fail", "A37"),
        ("photos/0001.jpg?versionId=abc", "warn", "A38"),
    ] {
        let url = URL.replace(PHOTO, key);
        let ran = from_outside(&stage, &[&url, "--json"]);
        let document = ran.document();
        let found = check(&document, "aws.url");
        assert_eq!(
            (&found["status"], &found["cause"]),
            (&json!(status), &json!(cause)),
            "{key}: {found}"
        );
    }
}

/// A link of Segments.ai's own, on the host that production has.
fn link(stage: &Stage, lifetime: Duration) -> String {
    let secret = stage.sandbox.with_state(|state| {
        let segments = state.aws.principal(SEGMENTS_KEY).expect("Segments.ai");
        segments.secret_access_key.clone()
    });
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(Credentials::from_keys(SEGMENTS_KEY, secret, None))
        .build();
    let client = aws_sdk_s3::Client::from_conf(config);
    let signed = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(
            client
                .get_object()
                .bucket(BUCKET)
                .key(PHOTO)
                .presigned(PresigningConfig::expires_in(lifetime).expect("a lifetime")),
        )
        .expect("a link");
    signed.uri().to_owned()
}

#[test]
fn a_signed_link_is_fetched_as_it_is_and_its_signature_is_never_shown() {
    let stage = Stage::connected();
    let link = link(&stage, Duration::from_hours(24));
    let signature = link
        .split_once("X-Amz-Signature=")
        .map(|(_, rest)| rest.split('&').next().unwrap_or_default().to_owned())
        .expect("a signature");
    let ran = from_outside(&stage, &[&link, "--json", "--verbose"]).exits(6);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!said.contains(&signature), "{said}");
    let document = ran.document();
    let fetched = check(&document, "aws.object.link");
    assert_eq!(fetched["status"], "pass", "{fetched}");

    // With the grant taken away the same link is refused, and why is not guessed.
    stage.bucket(|bucket| bucket.policy = None);
    let document = self::document(&stage, &[&link], 6);
    let fetched = check(&document, "aws.object.link");
    assert_eq!(fetched["status"], "unknown", "{fetched}");
    assert!(
        fetched["detail"].to_string().contains("does not say why"),
        "{fetched}"
    );
}

#[test]
fn a_signed_link_that_s3_itself_refuses_says_why() {
    let stage = Stage::connected();
    let link = link(&stage, Duration::from_hours(24));
    let other_key = link.replacen(PHOTO, "photos/0002.jpg", 1);
    let unknown = link.replacen("Credential=AKIA", "Credential=AKIZ", 1);
    for (link, why) in [
        (other_key, "does not take the link's signature"),
        (unknown, "does not know the access key"),
    ] {
        let document = document(&stage, &[&link], 4);
        let fetched = check(&document, "aws.object.link");
        assert_eq!(
            (&fetched["status"], &fetched["cause"]),
            (&json!("fail"), &json!("A59")),
            "{fetched}"
        );
        assert!(fetched["detail"].to_string().contains(why), "{fetched}");
    }
}
