//! SeaweedFS: policies and CORS rules that are enforced, by code that is not ours.

use aws_sdk_s3::types::CorsRule;
use serde_json::{Value, json};

use super::servers::servers;
use super::{Bucket, PARTNER, READER, Run, published, statement, statements, status_of};

const PAGE: &str = "https://app.segments.ai";
const INTRANET: &str = "https://intranet.acme.example";
const STRANGER: &str = "https://stranger.example";
const KEY: &str = "photos/0001.jpg";
const PRIVATE: &str = "private/plan.jpg";

/// A bucket with two objects, whose policy lets a partner read everything but the private part, in forms that SeaweedFS
/// rewrites, and whose CORS rules serve an intranet.
async fn shared_bucket(name: &'static str) -> Bucket {
    let bucket = Bucket::make(&servers().seaweed, name).await;
    bucket.put(KEY).await;
    bucket.put(PRIVATE).await;
    bucket.put_policy(&foreign_policy(name)).await;
    bucket.put_rules(&foreign_rules()).await;
    bucket
}

fn foreign_policy(bucket: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "PartnerReads",
                "Effect": "Allow",
                "Principal": { "AWS": [PARTNER.arn()] },
                "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                "Resource": [format!("arn:aws:s3:::{bucket}/*")],
            },
            {
                "Sid": "ButNotThePrivatePart",
                "Effect": "Deny",
                "Principal": { "AWS": PARTNER.arn() },
                "Action": "s3:*",
                "Resource": [format!("arn:aws:s3:::{bucket}/private/*")],
                "Condition": { "StringNotEquals": { "aws:Referer": ["https://intranet.acme.example/plans"] } },
            },
        ],
    })
}

fn foreign_rules() -> Vec<CorsRule> {
    let reads = CorsRule::builder()
        .id("intranet")
        .allowed_origins(INTRANET)
        .allowed_methods("GET")
        .allowed_methods("HEAD")
        .expose_headers("ETag")
        .max_age_seconds(3000);
    let writes = CorsRule::builder()
        .allowed_origins(INTRANET)
        .allowed_methods("PUT")
        .allowed_headers("x-amz-*")
        .max_age_seconds(5);
    [reads, writes]
        .map(|rule| rule.build().expect("a rule"))
        .to_vec()
}

#[tokio::test]
#[ignore = "needs weed and moto_server; tests/run installs them and runs this"]
async fn foreign_entries_survive_a_server_that_rewrites_documents() {
    let bucket = shared_bucket("acme-rewritten").await;
    let run = Run::against_seaweed();
    let (policy, rules) = (
        bucket.policy().await.expect("a policy"),
        bucket.rules().await,
    );
    assert_ne!(
        policy,
        foreign_policy(bucket.name),
        "SeaweedFS rewrites arrays of one, or this test shows nothing"
    );

    let connected = run.connect(&bucket).exits(6);
    assert_eq!(connected.results(), ["written", "written"]);
    assert_eq!(
        connected.with_status("unknown"),
        ["aws.target"],
        "SeaweedFS names no Region; all else is known"
    );
    let now = bucket.policy().await.expect("a policy");
    let mut expected = statements(&foreign_policy(bucket.name));
    expected.extend(statements(
        &json!({ "Statement": [published(bucket.name)] }),
    ));
    assert_eq!(statements(&now), expected);
    let mut rules_now = bucket.rules().await;
    let ours = rules_now.pop().expect("our rule");
    assert_eq!(rules_now, rules);
    assert_eq!(
        (ours.allowed_origins(), ours.allowed_methods()),
        (
            &["https://*.segments.ai".to_owned()][..],
            &["GET".to_owned()][..]
        )
    );

    let again = run.connect(&bucket).exits(6);
    assert_eq!(again.results(), ["unchanged", "unchanged"]);
    assert!(
        again.document["backup"].is_null(),
        "nothing was about to be written"
    );
    assert_eq!(bucket.policy().await.expect("a policy"), now);
    run.json(&["aws", "plan", "--bucket", bucket.name, "--exit-code"])
        .exits(0);

    let disconnected = run.disconnect(&bucket).exits(0);
    // SeaweedFS gave our rule a `MaxAgeSeconds` of 0, which the published one does not have: so it is not ours any more.
    // AWS adds nothing to a rule.
    assert_eq!(disconnected.results(), ["written", "unchanged"]);
    assert_eq!(bucket.policy().await.expect("a policy"), policy);
    assert_eq!(bucket.rules().await.split_last().expect("rules").1, rules);
}

#[tokio::test]
#[ignore = "needs weed and moto_server; tests/run installs them and runs this"]
async fn a_bucket_without_documents_has_no_policy_again_after_disconnect() {
    let bucket = Bucket::make(&servers().seaweed, "acme-bare").await;
    let run = Run::against_seaweed();
    let connected = run.connect(&bucket).exits(6);
    let actions: Vec<&str> = connected.document["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .filter_map(|change| change["action"].as_str())
        .collect();
    assert_eq!(actions, ["create", "create"]);
    assert_eq!(
        statements(&bucket.policy().await.expect("a policy")).len(),
        1
    );
    run.disconnect(&bucket).exits(0);
    assert_eq!(bucket.policy().await, None);
}

#[tokio::test]
#[ignore = "needs weed and moto_server; tests/run installs them and runs this"]
async fn what_a_foreign_deny_protects_stays_protected_and_our_statement_admits_its_principal_alone()
{
    let bucket = shared_bucket("acme-enforced").await;
    let (partner, reader) = (bucket.for_user(PARTNER), bucket.for_user(READER));
    let access = async || {
        [
            partner.fetch(KEY).await,
            partner.fetch(PRIVATE).await,
            reader.fetch(KEY).await,
        ]
    };
    assert_eq!(access().await, [200, 403, 403], "before");

    // Our statement names a principal that SeaweedFS does not have, so it must change nothing for anybody there.
    let run = Run::against_seaweed();
    run.connect(&bucket).exits(6);
    assert_eq!(access().await, [200, 403, 403], "connected");

    // The same statement for a principal that it has: that one is admitted.
    let mut policy = bucket.policy().await.expect("a policy");
    let entry = statement(bucket.name, "segments-s3-access-here", &READER.arn());
    policy["Statement"]
        .as_array_mut()
        .expect("statements")
        .push(entry.clone());
    bucket.put_policy(&policy).await;
    assert_eq!(
        access().await,
        [200, 403, 200],
        "with a statement like ours"
    );

    // A Deny overrides it, on the server and in what `verify` says of Segments.ai's own principal.
    let mut denied = policy.clone();
    denied["Statement"]
        .as_array_mut()
        .expect("statements")
        .push(json!({
            "Sid": "Locked", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3:::{}/photos/*", bucket.name),
        }));
    bucket.put_policy(&denied).await;
    assert_eq!(access().await, [403, 403, 403], "locked");
    let locked = run.verify(&bucket, &[PRIVATE, KEY]).exits(4);
    locked.checked("aws.policy.evaluated", Some(KEY), "fail", Some("A49"));
    locked.checked("aws.policy.evaluated", Some(PRIVATE), "pass", None);
    bucket.put_policy(&policy).await;

    // The statement for the other principal is not ours, and stays.
    run.disconnect(&bucket).exits(0);
    assert_eq!(access().await, [200, 403, 200], "disconnected");
    let mut expected = statements(&foreign_policy(bucket.name));
    expected.extend(statements(&json!({ "Statement": [entry] })));
    assert_eq!(
        statements(&bucket.policy().await.expect("a policy")),
        expected
    );
}

#[tokio::test]
#[ignore = "needs weed and moto_server; tests/run installs them and runs this"]
async fn preflights_are_refused_before_and_answered_after_and_verify_sees_the_same() {
    let bucket = shared_bucket("acme-cors").await;
    let run = Run::against_seaweed();
    let preflights = async || {
        [
            bucket.preflight(KEY, PAGE, &[]).await,
            bucket.preflight(KEY, PAGE, &["range"]).await,
            bucket.preflight(KEY, STRANGER, &[]).await,
            bucket.preflight(KEY, INTRANET, &[]).await,
        ]
    };
    let refused = (403, None);
    let admitted = |origin: &str| (200, Some(origin.to_owned()));

    let before = [
        refused.clone(),
        refused.clone(),
        refused.clone(),
        admitted(INTRANET),
    ];
    assert_eq!(preflights().await, before);
    let verified = run.verify(&bucket, &[KEY]).exits(4);
    assert_eq!(verified.document["verdict"], "fail");
    verified.checked("aws.access.configured", None, "fail", Some("A01"));
    verified.checked("aws.cors.configured", None, "fail", Some("A39"));
    verified.checked("aws.cors.preflight", None, "fail", Some("A39"));
    verified.checked("aws.cors.foreign", None, "pass", None);

    let connected = run.connect(&bucket).exits(6);
    assert_eq!(
        preflights().await,
        [
            admitted(PAGE),
            admitted(PAGE),
            refused.clone(),
            admitted(INTRANET)
        ]
    );
    for id in [
        "aws.cors.configured",
        "aws.cors.preflight",
        "aws.cors.range",
        "aws.cors.foreign",
        "aws.object.link",
        "aws.object.read",
    ] {
        connected.checked(id, None, "pass", None);
    }
    assert_eq!(
        (&connected.document["verdict"], &connected.document["proof"]),
        (&json!("undetermined"), &json!("own-read"))
    );

    // See the other test: SeaweedFS changes our rule, so that `disconnect` must leave it. It is taken out by hand.
    run.disconnect(&bucket).exits(0);
    bucket.put_rules(&foreign_rules()).await;
    assert_eq!(preflights().await, before);
    run.verify(&bucket, &[KEY])
        .exits(4)
        .checked("aws.cors.preflight", None, "fail", Some("A39"));
}

#[tokio::test]
#[ignore = "needs weed and moto_server; tests/run installs them and runs this"]
async fn links_work_as_they_were_signed_and_not_otherwise() {
    let bucket = shared_bucket("acme-links").await;
    let run = Run::against_seaweed();
    run.connect(&bucket).exits(6);
    let verified = run.verify(&bucket, &[KEY, PRIVATE]).exits(6);
    for key in [KEY, PRIVATE] {
        verified.checked("aws.object.link", Some(key), "pass", None);
        verified.checked("aws.object.read", Some(key), "pass", None);
    }
    let shown = verified.ran.stdout;
    assert!(
        shown.contains("X-Amz-Signature=REDACTED") && !shown.contains("X-Amz-Signature=0"),
        "{shown}"
    );

    let link = bucket.link(KEY).await;
    assert_eq!(status_of(link.clone()).await, 200);
    let mut other = link.clone();
    other.set_path(&format!("/{}/{PRIVATE}", bucket.name));
    assert_eq!(status_of(other).await, 403, "for another object");
    let stretched = link
        .as_str()
        .replace("X-Amz-Expires=86400", "X-Amz-Expires=604800");
    assert_ne!(stretched, link.as_str());
    assert_eq!(
        status_of(stretched.parse().expect("a URL")).await,
        403,
        "for longer"
    );
    let mut bare = link;
    bare.set_query(None);
    assert_eq!(status_of(bare).await, 403, "without a signature");

    let missing = run.verify(&bucket, &["photos/none.jpg"]).exits(4);
    missing.checked("aws.object.read", None, "fail", Some("A38"));
}

#[tokio::test]
#[ignore = "needs weed and moto_server; tests/run installs them and runs this"]
async fn a_setting_that_the_server_does_not_know_is_unknown_and_never_a_pass() {
    let bucket = shared_bucket("acme-public").await;
    let mut policy = foreign_policy(bucket.name);
    policy["Statement"]
        .as_array_mut()
        .expect("statements")
        .push(json!({
            "Sid": "Brochures", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3:::{}/brochures/*", bucket.name),
        }));
    bucket.put_policy(&policy).await;
    let run = Run::against_seaweed();
    let connected = run.connect(&bucket).exits(6);
    assert_eq!(connected.results(), ["written", "written"]);
    // Whether Block Public Access voids a public policy decides, and SeaweedFS answers 501.
    let check = connected.check("aws.access.evaluated", None);
    assert_eq!(
        (&check["status"], &check["cause"]),
        (&json!("unknown"), &Value::Null),
        "{check}"
    );
    assert!(
        check["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("NotImplemented")),
        "{check}"
    );
    assert_eq!(connected.document["verdict"], "undetermined");
    let not_checked = connected.document["not_checked"].to_string();
    assert!(
        not_checked.contains("aws.access.evaluated") && not_checked.contains("NotImplemented"),
        "{not_checked}"
    );
}
