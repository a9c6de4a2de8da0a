//! Connecting while others write, while the network fails, and while somebody presses Ctrl-C.

use segments_connect::sandbox::aws::World;
use segments_connect::sandbox::{Fault, FaultKind, LoggedRequest, Moment, On, State};
use serde_json::{Value, json};

use crate::support::{
    BUCKET, PATIENCE, Stage, change, cors_rule, policy, published, published_rule, with,
};

const CONNECT: [&str; 5] = ["aws", "connect", "--bucket", BUCKET, "--yes"];

/// A colleague's own statement.
fn colleagues() -> Value {
    with(
        published(),
        &json!({ "Sid": "Partner", "Principal": { "AWS": "arn:aws:iam::444455556666:user/partner" } }),
    )
}

fn colleague_edits_policy(state: &mut State) {
    if let Some(bucket) = state.aws.buckets.get_mut(BUCKET) {
        bucket.policy = Some(policy(&[colleagues()]).to_string());
    }
}

fn colleague_edits_cors(state: &mut State) {
    if let Some(bucket) = state.aws.buckets.get_mut(BUCKET) {
        bucket.cors = Some(vec![cors_rule("https://colleague.example", &["PUT"], &[])]);
    }
}

fn status(status: u16, code: &str) -> FaultKind {
    FaultKind::Status {
        status,
        code: code.to_owned(),
        message: "said the service".to_owned(),
    }
}

#[test]
fn a_policy_that_moved_since_it_was_shown_is_not_written() {
    let stage = Stage::fresh();
    stage
        .sandbox
        .on_request(On::operation("GetBucketPolicy", 2), colleague_edits_policy);
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(7).without_complaint();
    assert_eq!(stage.policy(), Some(policy(&[colleagues()])));
    assert_eq!(stage.cors(), None);
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(change(&document, "aws.bucket-policy").1, "stale");
    assert_eq!(change(&document, "aws.cors").1, "skipped");
    assert_eq!(document["error"]["code"], "stale");

    stage.run(&CONNECT).exits(0);
    assert_eq!(stage.policy(), Some(policy(&[colleagues(), published()])));
    assert_eq!(stage.cors(), Some(vec![published_rule()]));
}

#[test]
fn rules_that_moved_after_the_policy_was_written_leave_the_run_unfinished() {
    let stage = Stage::fresh();
    stage
        .sandbox
        .on_request(On::operation("GetBucketCors", 2), colleague_edits_cors);
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(5).without_complaint();
    assert_eq!(stage.policy(), Some(policy(&[published()])));
    assert_eq!(
        stage.cors(),
        Some(vec![cors_rule("https://colleague.example", &["PUT"], &[])])
    );
    assert_eq!(stage.writes(), ["PutBucketPolicy"]);
    assert_eq!(change(&document, "aws.bucket-policy").1, "written");
    assert_eq!(change(&document, "aws.cors").1, "stale");
    assert_eq!(document["error"]["code"], "partial");

    stage.run(&CONNECT).exits(0);
    assert_eq!(
        stage.cors(),
        Some(vec![
            cors_rule("https://colleague.example", &["PUT"], &[]),
            published_rule()
        ])
    );
}

#[test]
fn people_are_told_what_was_written_and_what_is_left() {
    let stage = Stage::fresh();
    stage
        .sandbox
        .on_request(On::operation("GetBucketCors", 2), colleague_edits_cors);
    stage
        .run(&CONNECT)
        .exits(5)
        .says("written: bucket policy")
        .says("stale: CORS configuration")
        .complains("error: the bucket policy was written, and the CORS configuration was not")
        .complains("changed by someone else since it was shown")
        .complains("hint: ");
}

#[test]
fn what_a_colleague_did_meanwhile_counts_as_done() {
    let stage = Stage::fresh();
    stage
        .sandbox
        .on_request(On::operation("GetBucketPolicy", 2), |state| {
            if let Some(bucket) = state.aws.buckets.get_mut(BUCKET) {
                bucket.policy = Some(policy(&[colleagues(), published()]).to_string());
            }
        });
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(0);
    assert_eq!(change(&document, "aws.bucket-policy").1, "unchanged");
    assert_eq!(stage.policy(), Some(policy(&[colleagues(), published()])));
    assert_eq!(stage.writes(), ["PutBucketCors"]);
}

#[test]
fn a_write_that_the_service_puts_off_is_tried_again() {
    for operation in ["PutBucketPolicy", "PutBucketCors"] {
        for kind in [status(409, "OperationAborted"), status(503, "SlowDown")] {
            let stage = Stage::fresh();
            let case = format!("{operation} {kind:?}");
            stage.sandbox.inject(Fault {
                times: 2,
                ..Fault::before(On::operation(operation, 1), kind)
            });
            let (ran, document) = stage.run_json(&CONNECT);
            ran.exits(0).without_complaint();
            assert_eq!(stage.policy(), Some(policy(&[published()])), "{case}");
            assert_eq!(stage.cors(), Some(vec![published_rule()]), "{case}");
            let tries = stage
                .writes()
                .iter()
                .filter(|write| *write == operation)
                .count();
            assert_eq!(tries, 3, "{case}");
            for id in ["aws.bucket-policy", "aws.cors"] {
                assert_eq!(change(&document, id).1, "written", "{case}");
            }
        }
    }
}

#[test]
fn each_further_try_reads_and_compares_first() {
    let stage = Stage::fresh();
    stage.sandbox.inject(Fault::before(
        On::operation("PutBucketPolicy", 1),
        status(409, "OperationAborted"),
    ));
    stage
        .sandbox
        .on_request(On::operation("GetBucketPolicy", 3), colleague_edits_policy);
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(7);
    assert_eq!(change(&document, "aws.bucket-policy").1, "stale");
    assert_eq!(stage.policy(), Some(policy(&[colleagues()])));
    assert_eq!(stage.writes(), ["PutBucketPolicy"]);
}

#[test]
fn a_service_that_never_has_time_is_asked_five_times() {
    let stage = Stage::fresh();
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(On::operation("PutBucketPolicy", 1), status(503, "SlowDown"))
    });
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(1);
    assert_eq!(document["error"]["code"], "unavailable");
    assert_eq!(change(&document, "aws.bucket-policy").1, "failed");
    assert_eq!(stage.writes(), ["PutBucketPolicy"; 5]);
    assert_eq!((stage.policy(), stage.cors()), (None, None));
}

#[test]
fn a_write_whose_answer_was_lost_is_settled_by_reading_back() {
    for operation in ["PutBucketPolicy", "PutBucketCors"] {
        for kind in [
            FaultKind::Reset,
            FaultKind::Truncated,
            status(500, "InternalError"),
        ] {
            let case = format!("{operation} {kind:?}");
            let stage = Stage::fresh();
            stage
                .sandbox
                .inject(Fault::after(On::operation(operation, 1), kind));
            let (ran, document) = stage.run_json(&CONNECT);
            ran.exits(0).without_complaint();
            assert_eq!(stage.policy(), Some(policy(&[published()])), "{case}");
            assert_eq!(stage.cors(), Some(vec![published_rule()]), "{case}");
            for id in ["aws.bucket-policy", "aws.cors"] {
                assert_eq!(change(&document, id).1, "written", "{case}");
            }
            assert_eq!(
                stage.writes(),
                ["PutBucketPolicy", "PutBucketCors"],
                "{case}"
            );
        }
    }
}

#[test]
fn a_write_that_was_lost_on_its_way_is_sent_again() {
    let stage = Stage::fresh();
    stage.sandbox.inject(Fault::before(
        On::operation("PutBucketPolicy", 1),
        FaultKind::Reset,
    ));
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(0);
    assert_eq!(change(&document, "aws.bucket-policy").1, "written");
    assert_eq!(stage.policy(), Some(policy(&[published()])));
    assert_eq!(
        stage.writes(),
        ["PutBucketPolicy", "PutBucketPolicy", "PutBucketCors"]
    );
}

#[test]
fn a_write_that_cannot_be_settled_is_uncertain() {
    let stage = Stage::fresh();
    stage.sandbox.inject(Fault::after(
        On::operation("PutBucketPolicy", 1),
        FaultKind::Reset,
    ));
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(
            On::operation("GetBucketPolicy", 3),
            status(403, "AccessDenied"),
        )
    });
    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(5).without_complaint();
    assert_eq!(change(&document, "aws.bucket-policy").1, "uncertain");
    assert_eq!(change(&document, "aws.cors").1, "skipped");
    assert_eq!(document["error"]["code"], "uncertain");
    assert_eq!(stage.policy(), Some(policy(&[published()])));
    assert_eq!(stage.cors(), None);
    assert_eq!(stage.writes(), ["PutBucketPolicy"]);
}

#[test]
fn people_are_told_that_a_write_is_uncertain() {
    let stage = Stage::fresh();
    stage.sandbox.inject(Fault::after(
        On::operation("PutBucketPolicy", 1),
        FaultKind::Stall,
    ));
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(
            On::operation("GetBucketPolicy", 3),
            status(403, "AccessDenied"),
        )
    });
    let mut arguments = CONNECT.to_vec();
    arguments.extend(["--timeout", "500ms"]);
    stage
        .run(&arguments)
        .exits(5)
        .says("uncertain: bucket policy")
        .complains("whether the bucket policy was written is not known");
    assert_eq!(stage.cors(), None);
}

/// What a run that wrote and was stopped says; then the same command again.
fn stopped_after_the_policy(stage: &Stage, document: &Value) {
    assert_eq!(change(document, "aws.bucket-policy").1, "written");
    assert_eq!(change(document, "aws.cors").1, "skipped");
    let error = &document["error"];
    assert_eq!(error["code"], "partial");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(
        message.contains("the bucket policy was written, and the CORS configuration was not"),
        "{message}"
    );
    assert_eq!(stage.policy(), Some(policy(&[published()])));
    assert_eq!(stage.cors(), None);
    assert_eq!(stage.writes(), ["PutBucketPolicy"]);

    let (ran, document) = stage.run_json(&CONNECT);
    ran.exits(0);
    assert_eq!(change(&document, "aws.bucket-policy").1, "unchanged");
    assert_eq!(change(&document, "aws.cors").1, "written");
    assert_eq!(stage.cors(), Some(vec![published_rule()]));
}

#[test]
fn ctrl_c_lets_the_write_under_way_end_and_starts_no_other() {
    for moment in [Moment::BeforeEffect, Moment::AfterEffect] {
        let stage = Stage::fresh();
        let hold = stage
            .sandbox
            .hold(On::operation("PutBucketPolicy", 1), moment);
        let running = stage.start(&["aws", "connect", "--bucket", BUCKET, "--yes", "--json"]);
        assert!(hold.wait(PATIENCE), "the write never came");
        running.interrupt();
        hold.release();
        let ran = running.end().exits(5).without_complaint();
        let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
        stopped_after_the_policy(&stage, &document);
    }
}

#[test]
fn ctrl_c_during_a_write_without_an_answer_is_settled_by_reading_back() {
    let stage = Stage::fresh();
    stage.sandbox.inject(Fault::after(
        On::operation("PutBucketPolicy", 1),
        FaultKind::Reset,
    ));
    let hold = stage
        .sandbox
        .hold(On::operation("PutBucketPolicy", 1), Moment::AfterEffect);
    let running = stage.start(&["aws", "connect", "--bucket", BUCKET, "--yes", "--json"]);
    assert!(hold.wait(PATIENCE), "the write never came");
    running.interrupt();
    hold.release();
    let ran = running.end().exits(5);
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    stopped_after_the_policy(&stage, &document);
}

#[test]
fn ctrl_c_tells_people_what_is_left() {
    let stage = Stage::fresh();
    let hold = stage
        .sandbox
        .hold(On::operation("PutBucketPolicy", 1), Moment::BeforeEffect);
    let running = stage.start(&CONNECT);
    assert!(hold.wait(PATIENCE), "the write never came");
    running.interrupt();
    hold.release();
    running
        .end()
        .exits(5)
        .says("written: bucket policy")
        .complains("the bucket policy was written, and the CORS configuration was not")
        .complains("hint: running the same command again continues");
}

#[test]
fn ctrl_c_before_anything_was_written_cancels() {
    for operation in ["GetCallerIdentity", "GetBucketPolicy", "GetBucketCors"] {
        let stage = Stage::fresh();
        let hold = stage
            .sandbox
            .hold(On::operation(operation, 1), Moment::BeforeEffect);
        let running = stage.start(&["aws", "connect", "--bucket", BUCKET, "--yes", "--json"]);
        assert!(hold.wait(PATIENCE), "{operation} never came");
        running.interrupt();
        let ran = running.end().exits(130);
        drop(hold);
        let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
        assert_eq!(document["error"]["code"], "interrupted", "{operation}");
        assert_eq!(stage.writes(), [""; 0], "{operation}");
        assert_eq!((stage.policy(), stage.cors()), (None, None), "{operation}");
    }
}

#[test]
fn ctrl_c_during_the_checks_after_writing_is_unfinished() {
    let stage = Stage::fresh();
    let hold = stage
        .sandbox
        .hold(On::operation("OPTIONS", 1), Moment::BeforeEffect);
    let running = stage.start(&["aws", "connect", "--bucket", BUCKET, "--yes", "--json"]);
    assert!(hold.wait(PATIENCE), "the preflight never came");
    running.interrupt();
    let ran = running.end().exits(5);
    drop(hold);
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    for id in ["aws.bucket-policy", "aws.cors"] {
        assert_eq!(change(&document, id).1, "written");
    }
    assert_eq!(document["verdict"], Value::Null);
}

fn writes(log: &[LoggedRequest]) -> Vec<&LoggedRequest> {
    log.iter()
        .filter(|request| matches!(request.method.as_str(), "PUT" | "DELETE"))
        .collect()
}

#[test]
fn every_question_about_the_bucket_names_the_owner_that_is_expected() {
    let mut world = World::default();
    let bucket = world.add_bucket(BUCKET);
    bucket.add_object("photos/0001.jpg", "a photo");
    bucket.ownership = None;
    let stage = Stage::with(world);
    for arguments in [
        &["aws", "plan", "--bucket", BUCKET][..],
        &CONNECT,
        &["aws", "verify", "--bucket", BUCKET],
        &["aws", "disconnect", "--bucket", BUCKET, "--yes"],
    ] {
        stage.sandbox.clear_log();
        stage.run(arguments).exits(0);
        let log = stage.sandbox.log();
        let asked: Vec<&LoggedRequest> = log
            .iter()
            .filter(|request| request.service == "s3")
            .collect();
        assert!(asked.len() > 4, "{arguments:?}: {asked:#?}");
        for request in asked {
            let without = matches!(request.operation.as_str(), "HeadBucket" | "OPTIONS")
                || request.target.contains("X-Amz-Signature")
                // What a browser without credentials would get.
                || (request.operation == "GetObject" && request.caller.is_none());
            assert!(
                request.names_owner || without,
                "{arguments:?}: {request:#?}"
            );
        }
        for (earlier, later) in writes(&log).iter().zip(writes(&log).iter().skip(1)) {
            assert!(
                earlier.finish.is_some_and(|finish| finish <= later.start),
                "{earlier:#?} {later:#?}"
            );
        }
        assert!(
            log.iter().all(|request| request.status != Some(409)),
            "{arguments:?}"
        );
    }
}
