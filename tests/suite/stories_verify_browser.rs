//! Verifying CORS: what is configured, what a browser is answered, and patience for what is on its way.

use std::time::Duration;

use segments_connect::sandbox::aws::CorsRule;
use segments_connect::sandbox::{Fault, FaultKind, On, State};
use serde_json::{Value, json};

use crate::support::{BUCKET, Stage, check, cors_rule, published_rule};

const VERIFY: [&str; 4] = ["aws", "verify", "--bucket", BUCKET];

fn with_rules(rules: &[CorsRule]) -> Stage {
    let stage = Stage::connected();
    stage.bucket(|bucket| bucket.cors = (!rules.is_empty()).then(|| rules.to_vec()));
    stage
}

#[test]
fn each_way_in_which_the_rule_can_miss_is_named() {
    for (case, rules, says) in [
        ("no rules", vec![], "no CORS rules"),
        (
            "a trailing slash",
            vec![cors_rule("https://*.segments.ai/", &["GET"], &["*"])],
            "slash",
        ),
        (
            "plain http",
            vec![cors_rule("http://*.segments.ai", &["GET"], &["*"])],
            "http",
        ),
        (
            "no GET",
            vec![cors_rule("https://*.segments.ai", &["PUT", "HEAD"], &["*"])],
            "GET",
        ),
        (
            "a port",
            vec![cors_rule("https://app.segments.ai:8443", &["GET"], &["*"])],
            "8443",
        ),
        (
            "somebody else",
            vec![cors_rule("https://a.example", &["GET"], &["*"])],
            "https://app.segments.ai",
        ),
    ] {
        let stage = with_rules(&rules);
        let said = stage.run(&VERIFY).exits(4).without_complaint();
        let (ran, document) = stage.run_json(&VERIFY);
        ran.exits(4).without_complaint();
        for id in ["aws.cors.configured", "aws.cors.preflight"] {
            let found = check(&document, id);
            assert_eq!(
                (&found["status"], &found["cause"]),
                (&json!("fail"), &json!("A39")),
                "{case} {id}"
            );
            let fix = found["fix"].as_str().unwrap_or_default();
            assert!(
                fix.contains("segments-connect aws connect --bucket acme-images"),
                "{case} {id}: {fix}"
            );
        }
        let detail = check(&document, "aws.cors.configured")["detail"]
            .as_str()
            .unwrap_or_default();
        assert!(detail.contains(says), "{case}: {detail}");
        // A link works, and the browser hides what it brings.
        let link = check(&document, "aws.object.link");
        assert_eq!(
            (&link["status"], &link["cause"]),
            (&json!("fail"), &json!("A39")),
            "{case}"
        );
        assert_eq!(
            check(&document, "aws.object.read")["status"],
            "pass",
            "{case}"
        );
        assert!(said.stdout.contains("[A39]"), "{case}: {}", said.stdout);
        assert_eq!(stage.cors().unwrap_or_default(), rules, "{case}");
        assert_eq!(stage.writes(), [""; 0], "{case}");
    }
}

#[test]
fn the_answer_to_the_preflight_is_evidence() {
    let stage = with_rules(&[]);
    let (_, document) = stage.run_json(&VERIFY);
    let found = check(&document, "aws.cors.preflight");
    assert_eq!(found["evidence"]["status"], 403);
    assert_eq!(found["evidence"]["error_code"], "AccessForbidden");
    let subject = found["subject"].as_str().unwrap_or_default();
    assert!(
        subject.ends_with("/acme-images/photos/0001.jpg"),
        "no signature, no credentials: {subject}"
    );
}

#[test]
fn headers_that_are_not_admitted_block_some_requests_only() {
    for headers in [&[][..], &["content-type"]] {
        let stage = with_rules(&[cors_rule("https://*.segments.ai", &["GET"], headers)]);
        let (ran, document) = stage.run_json(&VERIFY);
        ran.exits(0);
        for id in ["aws.cors.configured", "aws.cors.range"] {
            let found = check(&document, id);
            assert_eq!(
                (&found["status"], &found["cause"]),
                (&json!("warn"), &json!("A40")),
                "{headers:?} {id}"
            );
        }
        assert_eq!(
            check(&document, "aws.cors.preflight")["status"],
            "pass",
            "{headers:?}"
        );
        assert_eq!(document["verdict"], "pass", "{headers:?}");
    }
}

#[test]
fn a_foreign_origin_that_is_admitted_is_a_warning_and_nothing_more() {
    let stage = with_rules(&[cors_rule("*", &["GET"], &["*"])]);
    let said = stage.run(&VERIFY).exits(0).without_complaint();
    let (ran, document) = stage.run_json(&VERIFY);
    ran.exits(0);
    assert_eq!(check(&document, "aws.cors.foreign")["status"], "warn");
    assert_eq!(check(&document, "aws.cors.preflight")["status"], "pass");
    assert_eq!(document["verdict"], "pass");
    assert!(
        said.stdout.contains("warn     aws.cors.foreign"),
        "{}",
        said.stdout
    );
}

#[test]
fn rules_that_may_not_be_read_are_still_tried_live() {
    let stage = with_rules(&[published_rule()]);
    stage.deny(&["s3:GetBucketCORS"]);
    let (ran, document) = stage.run_json(&VERIFY);
    ran.exits(0).without_complaint();
    let found = check(&document, "aws.cors.configured");
    assert_eq!(found["status"], "unknown");
    assert!(
        found["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("s3:GetBucketCORS")),
        "{found:#}"
    );
    assert_eq!(check(&document, "aws.cors.preflight")["status"], "pass");
}

#[test]
fn a_preflight_without_an_answer_is_undetermined() {
    for kind in [FaultKind::Reset, FaultKind::Stall, FaultKind::Garbage] {
        let stage = with_rules(&[published_rule()]);
        let case = format!("{kind:?}");
        stage.sandbox.inject(Fault {
            times: usize::MAX,
            ..Fault::before(On::operation("OPTIONS", 1), kind)
        });
        let (ran, document) =
            stage.run_json(&["aws", "verify", "--bucket", BUCKET, "--timeout", "1s"]);
        let preflight = check(&document, "aws.cors.preflight");
        // An answer without the headers that a browser needs is a refusal, whatever else it says.
        let garbage = case == "Garbage";
        ran.exits(if garbage && preflight["status"] == "fail" {
            4
        } else {
            6
        });
        assert_ne!(preflight["status"], "pass", "{case}");
        assert!(
            garbage || preflight["status"] == "unknown",
            "{case}: {preflight:#}"
        );
    }
}

fn rules_arrive(state: &mut State) {
    if let Some(bucket) = state.aws.buckets.get_mut(BUCKET) {
        bucket.cors = Some(vec![published_rule()]);
    }
}

#[test]
fn rules_that_become_visible_later_are_waited_for() {
    let stage = with_rules(&[]);
    stage
        .sandbox
        .on_request(On::operation("GetBucketCors", 2), rules_arrive);
    let (ran, document) = stage.run_json(&["aws", "verify", "--bucket", BUCKET, "--wait", "1m"]);
    ran.exits(0).without_complaint();
    assert_eq!(document["verdict"], "pass");
    assert_eq!(check(&document, "aws.cors.configured")["status"], "pass");

    let stage = with_rules(&[]);
    stage
        .sandbox
        .on_request(On::operation("GetBucketCors", 2), rules_arrive);
    stage
        .run(&["aws", "verify", "--bucket", BUCKET, "--wait", "1m"])
        .exits(0)
        .without_complaint();
}

#[test]
fn connect_waits_for_what_it_wrote() {
    let stage = Stage::fresh();
    // One front end still has the old rules when the first preflight comes.
    stage
        .sandbox
        .on_request(On::operation("OPTIONS", 1), |state| {
            if let Some(bucket) = state.aws.buckets.get_mut(BUCKET) {
                bucket.cors = None;
            }
        });
    stage
        .sandbox
        .on_request(On::operation("OPTIONS", 4), rules_arrive);
    let (ran, document) = stage.run_json(&["aws", "connect", "--bucket", BUCKET, "--yes"]);
    ran.exits(0).without_complaint();
    assert_eq!(document["verdict"], "pass");
    assert_eq!(stage.cors(), Some(vec![published_rule()]));
}

#[test]
fn verify_has_no_patience_unless_it_is_asked_to() {
    let stage = with_rules(&[]);
    stage
        .sandbox
        .on_request(On::operation("GetBucketCors", 2), rules_arrive);
    let (ran, document) = stage.run_json(&VERIFY);
    ran.exits(4);
    assert_eq!(document["verdict"], "fail");
    let reads = stage
        .sandbox
        .log()
        .iter()
        .filter(|request| request.operation == "GetBucketCors")
        .count();
    assert_eq!(reads, 1);
}

#[test]
fn what_waiting_cannot_change_is_not_waited_for() {
    let stage = with_rules(&[published_rule()]);
    let before = std::time::Instant::now();
    let (ran, document) = stage.run_json(&[
        "aws", "verify", "--bucket", BUCKET, "--object", "gone", "--wait", "10m",
    ]);
    ran.exits(4);
    assert!(before.elapsed() < Duration::from_mins(5));
    assert_eq!(document["error"], Value::Null);
}
