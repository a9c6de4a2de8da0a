//! moto: what is stored comes back, absent settings have AWS's error codes, and there are identities and keys.
//!
//! It enforces nothing and answers no preflight, so no run against it can pass as a whole.

use aws_sdk_kms::config::Credentials;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    CorsRule, ObjectOwnership, OwnershipControls, OwnershipControlsRule,
    PublicAccessBlockConfiguration, ServerSideEncryption,
};
use serde_json::{Value, json};

use super::servers::servers;
use super::{Bucket, OWNER, Run, published};

const KEY: &str = "photos/0001.jpg";
const SEGMENTS: &str = "arn:aws:iam::931508227573:user/segmentsai-prod-user";

#[tokio::test]
#[ignore = "needs weed and moto_server; tests/run installs them and runs this"]
async fn absent_settings_are_told_from_failures() {
    let bucket = Bucket::make(&servers().moto, "acme-absent").await;
    bucket.put(KEY).await;
    let run = Run::against_moto();
    let before = run.verify(&bucket, &[]).exits(4);
    before.checked("aws.access.configured", None, "fail", Some("A01"));
    before.checked("aws.policy.evaluated", None, "fail", Some("A01"));
    before.checked("aws.access.evaluated", None, "skipped", None);
    before.checked("aws.cors.configured", None, "fail", Some("A39"));
    before.checked("aws.target", None, "pass", None);
    let identity = before.check("aws.identity", None);
    assert_eq!(identity["evidence"]["account"], "000000000000");
    assert!(
        identity["evidence"]["arn"]
            .as_str()
            .is_some_and(|arn| arn.starts_with("arn:aws:sts::000000000000:")),
        "{identity}"
    );
    assert_eq!(before.document["target"]["account"], "000000000000");

    let connected = run.connect(&bucket).exits(6);
    assert_eq!(connected.results(), ["written", "written"]);
    connected.checked("aws.access.evaluated", None, "pass", None);
    // No preflights there, and a listing where the payer should be: both are answers that make no sense.
    assert_eq!(
        connected.with_status("unknown"),
        [
            "aws.cors.preflight",
            "aws.cors.range",
            "aws.cors.foreign",
            "aws.object.protection"
        ]
    );
    assert_eq!(connected.with_status("fail"), Vec::<&str>::new());
    assert_eq!(
        bucket.policy().await,
        Some(json!({ "Version": "2012-10-17", "Statement": [published(bucket.name)] }))
    );

    run.disconnect(&bucket).exits(0);
    assert_eq!(bucket.policy().await, None);
    assert_eq!(bucket.rules().await, []);
    let gone = run
        .json(&["aws", "plan", "--bucket", "acme-never-made"])
        .exits(1);
    assert_eq!(gone.document["error"]["code"], "target-not-found");
}

#[tokio::test]
#[ignore = "needs weed and moto_server; tests/run installs them and runs this"]
async fn disconnect_restores_exactly_what_others_have_there() {
    let bucket = Bucket::make(&servers().moto, "acme-restored").await;
    let policy = json!({
        "Version": "2012-10-17",
        "Id": "acme",
        "Statement": [
            { "Sid": "One", "Effect": "Allow", "Principal": { "AWS": ["arn:aws:iam::444455556666:root"] }, "Action": "s3:GetObject",
              "Resource": ["arn:aws:s3:::acme-restored/reports/*"], "Condition": { "NumericLessThan": { "s3:max-keys": 10 } } },
            { "Effect": "Deny", "Principal": "*", "NotAction": ["s3:GetObject", "s3:Put*", "s3:Delete*"],
              "Resource": "arn:aws:s3:::acme-restored", "Condition": { "Bool": { "aws:SecureTransport": false } } },
        ],
    });
    let rules = [
        CorsRule::builder()
            .id("one")
            .allowed_origins("https://a.example")
            .allowed_methods("GET")
            .max_age_seconds(0)
            .build()
            .expect("a rule"),
        CorsRule::builder()
            .allowed_origins("https://b.example")
            .allowed_methods("PUT")
            .expose_headers("ETag")
            .build()
            .expect("a rule"),
    ];
    bucket.put_policy(&policy).await;
    bucket.put_rules(&rules).await;
    let stored = bucket.rules().await;
    let run = Run::against_moto();
    run.connect(&bucket);
    let mut connected = policy.clone();
    connected["Statement"]
        .as_array_mut()
        .expect("statements")
        .push(published(bucket.name));
    assert_eq!(bucket.policy().await, Some(connected));
    assert_eq!(bucket.rules().await.split_last().expect("rules").1, stored);
    assert_eq!(bucket.rules().await.len(), 3);
    assert_eq!(run.connect(&bucket).results(), ["unchanged", "unchanged"]);
    assert_eq!(
        run.disconnect(&bucket).exits(0).results(),
        ["written", "written"]
    );
    assert_eq!(bucket.policy().await, Some(policy));
    assert_eq!(bucket.rules().await, stored);
    assert_eq!(
        run.disconnect(&bucket).exits(0).results(),
        ["unchanged", "unchanged"]
    );
}

#[tokio::test]
#[ignore = "needs weed and moto_server; tests/run installs them and runs this"]
async fn settings_that_are_there_are_read() {
    let bucket = Bucket::make(&servers().moto, "acme-settings").await;
    bucket.put(KEY).await;
    let run = Run::against_moto();
    run.connect(&bucket).exits(6);
    let public = json!({
        "Version": "2012-10-17",
        "Statement": [published(bucket.name), {
            "Sid": "Brochures", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3:::{}/brochures/*", bucket.name),
        }],
    });
    bucket.put_policy(&public).await;
    let block = PublicAccessBlockConfiguration::builder()
        .restrict_public_buckets(true)
        .build();
    let sent = bucket
        .s3
        .put_public_access_block()
        .bucket(bucket.name)
        .public_access_block_configuration(block);
    sent.send().await.expect("Block Public Access is stored");
    let rule = OwnershipControlsRule::builder()
        .object_ownership(ObjectOwnership::BucketOwnerEnforced)
        .build()
        .expect("a rule");
    let controls = OwnershipControls::builder()
        .rules(rule)
        .build()
        .expect("controls");
    bucket
        .s3
        .put_bucket_ownership_controls()
        .bucket(bucket.name)
        .ownership_controls(controls)
        .send()
        .await
        .expect("ownership is stored");

    let verified = run.verify(&bucket, &[KEY]).exits(4);
    verified.checked("aws.access.evaluated", None, "fail", Some("A16"));
    let protection = verified.document["checks"]
        .as_array()
        .expect("checks")
        .iter();
    let bucket_protection = protection
        .filter(|check| check["id"] == "aws.object.protection")
        .find(|check| check["subject"].is_null());
    assert_eq!(
        bucket_protection.expect("the bucket's protection")["evidence"]["ownership"],
        "BucketOwnerEnforced"
    );
}

#[tokio::test]
#[ignore = "needs weed and moto_server; tests/run installs them and runs this"]
async fn a_key_that_shuts_segments_out_is_found_and_one_that_lets_it_in_passes() {
    let bucket = Bucket::make(&servers().moto, "acme-keys").await;
    let kms = kms();
    let (open, shut, denied) = (key(&kms).await, key(&kms).await, key(&kms).await);
    let allow = json!({ "Sid": "segments", "Effect": "Allow", "Principal": { "AWS": SEGMENTS }, "Action": "kms:Decrypt", "Resource": "*" });
    let deny = json!({ "Sid": "no-segments", "Effect": "Deny", "Principal": { "AWS": SEGMENTS }, "Action": "kms:Decrypt", "Resource": "*" });
    add_to_policy(&kms, &open, &[&allow]).await;
    add_to_policy(&kms, &denied, &[&allow, &deny]).await;
    for (name, key, how) in [
        ("open.jpg", &open, ServerSideEncryption::AwsKms),
        ("shut.jpg", &shut, ServerSideEncryption::AwsKms),
        ("denied.jpg", &denied, ServerSideEncryption::AwsKms),
        // moto does not say which key encrypts twice, nor which one does where none was named. AWS always says.
        ("twice.jpg", &shut, ServerSideEncryption::AwsKmsDsse),
    ] {
        let sent = bucket
            .s3
            .put_object()
            .bucket(bucket.name)
            .key(name)
            .body(ByteStream::from_static(b"a photo"));
        sent.server_side_encryption(how)
            .ssekms_key_id(key)
            .send()
            .await
            .expect("an object is stored");
    }
    let plain = bucket
        .s3
        .put_object()
        .bucket(bucket.name)
        .key("plain.jpg")
        .body(ByteStream::from_static(b"a photo"));
    plain
        .server_side_encryption(ServerSideEncryption::Aes256)
        .send()
        .await
        .expect("an object is stored");
    let nameless = bucket
        .s3
        .put_object()
        .bucket(bucket.name)
        .key("nameless.jpg")
        .body(ByteStream::from_static(b"a photo"));
    nameless
        .server_side_encryption(ServerSideEncryption::AwsKms)
        .send()
        .await
        .expect("an object is stored");

    let run = Run::against_moto();
    run.connect(&bucket);
    let one = |key: &str| run.verify(&bucket, &[key]);
    one("open.jpg")
        .exits(6)
        .checked("aws.object.protection", Some("open.jpg"), "pass", None);
    one("plain.jpg")
        .exits(6)
        .checked("aws.object.protection", Some("plain.jpg"), "pass", None);
    one("shut.jpg").exits(4).checked(
        "aws.object.protection",
        Some("shut.jpg"),
        "fail",
        Some("A26"),
    );
    one("denied.jpg").exits(4).checked(
        "aws.object.protection",
        Some("denied.jpg"),
        "fail",
        Some("A26"),
    );
    for key in ["twice.jpg", "nameless.jpg"] {
        one(key)
            .exits(6)
            .checked("aws.object.protection", Some(key), "unknown", None);
    }
    // By its id: moto fails when a key is disabled by its ARN.
    let id = open.rsplit('/').next().expect("an id");
    kms.disable_key()
        .key_id(id)
        .send()
        .await
        .expect("a key is disabled");
    one("open.jpg").exits(4).checked(
        "aws.object.protection",
        Some("open.jpg"),
        "fail",
        Some("A28"),
    );
}

fn kms() -> aws_sdk_kms::Client {
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url(&servers().moto)
        .credentials_provider(Credentials::new(
            OWNER.key,
            OWNER.secret,
            None,
            None,
            "test",
        ))
        .build();
    aws_sdk_kms::Client::from_conf(config)
}

/// A new key with the policy that keys have by default.
async fn key(kms: &aws_sdk_kms::Client) -> String {
    let made = kms.create_key().send().await.expect("a key is made");
    made.key_metadata
        .and_then(|metadata| metadata.arn)
        .expect("an ARN")
}

async fn add_to_policy(kms: &aws_sdk_kms::Client, key: &str, statements: &[&Value]) {
    let stored = kms
        .get_key_policy()
        .key_id(key)
        .policy_name("default")
        .send()
        .await
        .expect("a policy");
    let mut policy: Value = serde_json::from_str(&stored.policy.expect("a policy")).expect("JSON");
    for statement in statements {
        policy["Statement"]
            .as_array_mut()
            .expect("statements")
            .push((*statement).clone());
    }
    kms.put_key_policy()
        .key_id(key)
        .policy_name("default")
        .policy(policy.to_string())
        .send()
        .await
        .expect("a policy is stored");
}
