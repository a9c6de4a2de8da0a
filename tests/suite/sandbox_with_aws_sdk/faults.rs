//! Failing on request: each kind of fault, holds, hooks, latency, and the log that counts round trips.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::SdkError;
use segments_connect::sandbox::aws::{ANA, ANA_KEY};
use segments_connect::sandbox::{Fault, FaultKind, Moment, On, Options, Sandbox, round_trips};

use super::{
    BUCKET, ana, bucket, credentials, policy, production, put_policy, refused, s3_config, sandbox,
};

const PUT: &str = "PutBucketPolicy";
const PATIENCE: Duration = Duration::from_secs(10);

fn stored(sandbox: &Sandbox) -> bool {
    bucket(sandbox, |bucket| bucket.policy.is_some())
}

/// Puts a policy and gives up after a second.
async fn put(sandbox: &Sandbox) -> Result<(), String> {
    let soon = TimeoutConfig::builder()
        .operation_timeout(Duration::from_secs(1))
        .build();
    let config = s3_config(sandbox, credentials(sandbox, ANA_KEY)).timeout_config(soon);
    let client = aws_sdk_s3::Client::from_conf(config.build());
    let text = policy(&[production()]);
    let put = client
        .put_bucket_policy()
        .bucket(BUCKET)
        .policy(text)
        .send()
        .await;
    put.map(|_| ()).map_err(|error| match error {
        SdkError::TimeoutError(_) => "timeout".to_owned(),
        SdkError::DispatchFailure(_) => "dispatch".to_owned(),
        SdkError::ResponseError(_) => "response".to_owned(),
        SdkError::ServiceError(error) => format!("service {}", error.raw().status().as_u16()),
        other => format!("{other:?}"),
    })
}

#[tokio::test]
async fn every_fault_reaches_the_client_before_and_after_the_effect() {
    let status = FaultKind::Status {
        status: 503,
        code: "SlowDown".to_owned(),
        message: "Please reduce your request rate.".to_owned(),
    };
    for (kind, expected) in [
        (status, "service 503"),
        (
            FaultKind::Throttled {
                retry_after: Duration::from_secs(1),
            },
            "service 503",
        ),
        (FaultKind::Reset, "dispatch"),
        (FaultKind::Stall, "timeout"),
    ] {
        for moment in [Moment::BeforeEffect, Moment::AfterEffect] {
            let sandbox = sandbox();
            sandbox.inject(Fault {
                on: On::operation(PUT, 1),
                times: 1,
                moment,
                kind: kind.clone(),
            });
            assert_eq!(
                put(&sandbox).await,
                Err(expected.to_owned()),
                "{kind:?} {moment:?}"
            );
            assert_eq!(
                stored(&sandbox),
                moment == Moment::AfterEffect,
                "{kind:?} {moment:?}"
            );
            assert_eq!(put(&sandbox).await, Ok(()), "only once: {kind:?}");
        }
    }
}

#[tokio::test]
async fn an_error_that_was_asked_for_looks_like_one_of_the_service() {
    let sandbox = sandbox();
    sandbox.inject(Fault::before(
        On::Request(1),
        FaultKind::Status {
            status: 503,
            code: "SlowDown".to_owned(),
            message: "Please reduce your request rate.".to_owned(),
        },
    ));
    let answer = refused(
        ana(&sandbox)
            .get_bucket_policy()
            .bucket(BUCKET)
            .send()
            .await,
    );
    assert_eq!(answer.code, "SlowDown");
    assert_eq!(answer.message, "Please reduce your request rate.");
    let log = sandbox.log();
    assert_eq!(
        (log[0].status, log[0].error_code.as_deref()),
        (Some(503), Some("SlowDown"))
    );
}

#[tokio::test]
async fn garbage_and_half_an_answer_make_no_sense_to_the_client() {
    for kind in [FaultKind::Garbage, FaultKind::Truncated] {
        let sandbox = sandbox();
        bucket(&sandbox, |bucket| bucket.cors = Some(Vec::new()));
        sandbox.inject(Fault::after(
            On::operation("GetBucketCors", 1),
            kind.clone(),
        ));
        let read = ana(&sandbox).get_bucket_cors().bucket(BUCKET).send().await;
        assert!(
            matches!(
                &read,
                Err(SdkError::ResponseError(_)
                    | SdkError::ServiceError(_)
                    | SdkError::DispatchFailure(_))
            ),
            "{kind:?}: {read:?}"
        );
        assert_eq!(refused::<_, _>(read).code, "", "{kind:?}");
    }
}

/// Sends a request without a signature and reads until the other side closes.
fn raw(sandbox: &Sandbox, method: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(sandbox.address())?;
    write!(
        stream,
        "{method} /{BUCKET}/key HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[test]
fn half_an_answer_has_its_full_length_and_then_ends() {
    let sandbox = sandbox();
    let body = |answer: &str| {
        answer
            .split_once("\r\n\r\n")
            .map(|(_, body)| body.len())
            .unwrap()
    };
    let length = |answer: &str| {
        let lower = answer.to_ascii_lowercase();
        let value = lower.split("content-length: ").nth(1).unwrap();
        value
            .split("\r\n")
            .next()
            .unwrap()
            .parse::<usize>()
            .unwrap()
    };
    let whole = raw(&sandbox, "GET").unwrap();
    sandbox.inject(Fault::after(On::Request(1), FaultKind::Truncated));
    let half = raw(&sandbox, "GET").unwrap();
    assert_eq!(length(&whole), body(&whole));
    assert_eq!(length(&half), length(&whole));
    assert_eq!(body(&half), length(&whole) / 2);
    sandbox.inject(Fault::before(On::Request(1), FaultKind::Truncated));
    let nothing = raw(&sandbox, "GET").unwrap();
    assert_eq!((length(&nothing), body(&nothing)), (64, 0));
    sandbox.inject(Fault::before(On::Request(1), FaultKind::Truncated));
    assert_eq!(raw(&sandbox, "HEAD").unwrap(), "", "nothing to cut");
}

#[test]
fn an_error_to_head_has_no_body() {
    let answer = raw(&sandbox(), "HEAD").unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 403") && answer.ends_with("\r\n\r\n"),
        "{answer}"
    );
    for header in [
        "server: AmazonS3",
        "x-amz-request-id: ",
        "x-amz-id-2: ",
        "date: ",
    ] {
        assert!(answer.contains(header), "{header} in {answer}");
    }
}

#[test]
fn a_reset_is_a_reset_and_not_a_close() {
    let sandbox = sandbox();
    sandbox.inject(Fault::after(On::Request(1), FaultKind::Reset));
    let error = raw(&sandbox, "GET").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn a_stalled_request_ends_when_the_sandbox_stops() {
    let sandbox = sandbox();
    sandbox.inject(Fault::before(On::Request(1), FaultKind::Stall));
    let reached = sandbox.hold(On::Request(1), Moment::BeforeEffect);
    let address = sandbox.address();
    let client = std::thread::spawn(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .write_all(b"GET /b/k HTTP/1.1\r\nHost: localhost\r\n\r\n")
            .unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    });
    assert!(reached.wait(PATIENCE));
    reached.release();
    drop(sandbox);
    assert_eq!(client.join().unwrap(), b"", "closed without an answer");
    assert!(
        TcpStream::connect(address).is_err(),
        "nobody listens any more"
    );
}

#[tokio::test]
async fn a_slow_answer_is_the_right_one() {
    let sandbox = sandbox();
    for moment in [Moment::BeforeEffect, Moment::AfterEffect] {
        let kind = FaultKind::Slow(Duration::from_millis(120));
        sandbox.inject(Fault {
            on: On::Request(1),
            times: 1,
            moment,
            kind,
        });
        let began = Instant::now();
        assert_eq!(put(&sandbox).await, Ok(()));
        assert!(began.elapsed() >= Duration::from_millis(120));
    }
}

#[tokio::test]
async fn faults_count_from_the_moment_of_asking_and_come_in_a_row() {
    let sandbox = sandbox();
    put(&sandbox).await.unwrap();
    let kind = FaultKind::Status {
        status: 500,
        code: "InternalError".to_owned(),
        message: String::new(),
    };
    let moment = Moment::BeforeEffect;
    sandbox.inject(Fault {
        on: On::operation(PUT, 2),
        times: 2,
        moment,
        kind,
    });
    let client = ana(&sandbox);
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(put(&sandbox).await.is_ok());
        let _ = client.get_bucket_policy().bucket(BUCKET).send().await;
    }
    assert_eq!(
        seen,
        [true, false, false, true, true],
        "other operations do not count"
    );
}

#[tokio::test]
async fn a_colleague_can_write_between_two_requests() {
    let sandbox = sandbox();
    sandbox.on_request(On::operation(PUT, 1), |state| {
        let bucket = state.aws.buckets.get_mut(BUCKET).unwrap();
        bucket.add_object("by-colleague", "x");
    });
    let seen = || {
        bucket(&sandbox, |bucket| {
            bucket.objects.contains_key("by-colleague")
        })
    };
    let _ = ana(&sandbox)
        .get_bucket_policy()
        .bucket(BUCKET)
        .send()
        .await;
    assert!(!seen());
    put(&sandbox).await.unwrap();
    assert!(seen() && stored(&sandbox));
    bucket(&sandbox, |bucket| bucket.objects.clear());
    put(&sandbox).await.unwrap();
    assert!(!seen(), "only once");
}

#[test]
fn a_held_request_stands_still_at_its_moment() {
    for (moment, effect) in [(Moment::BeforeEffect, false), (Moment::AfterEffect, true)] {
        let sandbox = sandbox();
        let hold = sandbox.hold(On::operation(PUT, 1), moment);
        assert!(!hold.wait(Duration::from_millis(20)), "nothing has arrived");
        std::thread::scope(|scope| {
            let client = scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                let client = ana(&sandbox);
                runtime
                    .unwrap()
                    .block_on(put_policy(&client, &policy(&[production()])))
            });
            assert!(hold.wait(PATIENCE));
            assert_eq!(stored(&sandbox), effect);
            let log = sandbox.log();
            assert_eq!((log[0].status, log[0].finish), (None, None), "under way");
            hold.release();
            client.join().unwrap().unwrap();
        });
        assert!(stored(&sandbox));
        assert!(sandbox.log()[0].finish.is_some());
    }
}

#[tokio::test]
async fn a_client_that_dies_while_it_is_held_before_the_effect_has_none() {
    let sandbox = sandbox();
    let hold = sandbox.hold(On::operation(PUT, 1), Moment::BeforeEffect);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let answer = runtime.unwrap().block_on(put(&sandbox));
            assert_eq!(answer, Err("timeout".to_owned()));
        });
    });
    assert!(hold.wait(PATIENCE));
    hold.release();
    let answer = refused(
        ana(&sandbox)
            .get_bucket_policy()
            .bucket(BUCKET)
            .send()
            .await,
    );
    assert_eq!(answer.code, "NoSuchBucketPolicy");
}

#[test]
fn nothing_happens_for_a_client_that_was_killed_just_before_the_release() {
    let sandbox = sandbox();
    let hold = sandbox.hold(On::Request(1), Moment::BeforeEffect);
    sandbox.on_request(On::Request(1), |state| {
        state.aws.buckets.clear();
    });
    let mut client = TcpStream::connect(sandbox.address()).unwrap();
    client
        .write_all(b"GET /b/k HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .unwrap();
    assert!(hold.wait(PATIENCE));
    drop(client);
    hold.release();
    while sandbox.log()[0].finish.is_none() {
        std::thread::yield_now();
    }
    assert_eq!(sandbox.log()[0].status, None);
    assert!(sandbox.with_state(|state| state.aws.bucket(BUCKET).is_some()));
}

#[tokio::test]
async fn a_dropped_hold_lets_go() {
    let sandbox = sandbox();
    drop(sandbox.hold(On::Request(1), Moment::BeforeEffect));
    assert_eq!(put(&sandbox).await, Ok(()));
}

#[tokio::test]
async fn requests_side_by_side_wait_at_the_same_time() {
    let sandbox = sandbox();
    sandbox.set_latency(Duration::from_millis(100));
    let client = ana(&sandbox);
    let read = || client.get_bucket_policy().bucket(BUCKET).send();
    let began = Instant::now();
    let _ = tokio::join!(read(), read(), read(), read());
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(100), "{took:?}");
    // That they waited side by side, and not one after the other, the log tells whatever the machine is doing.
    assert_eq!(round_trips(&sandbox.log()), 1);
    let _ = read().await;
    let _ = tokio::join!(read(), read());
    assert_eq!(round_trips(&sandbox.log()), 3);
    assert_eq!(sandbox.log().len(), 7);
    sandbox.clear_log();
    assert_eq!(round_trips(&sandbox.log()), 0);
    let _ = read().await;
    assert_eq!(sandbox.log()[0].sequence, 8, "numbers go on");
}

#[tokio::test]
async fn the_log_tells_what_was_asked_by_whom_and_what_was_answered() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    let get = client.get_bucket_policy().bucket(BUCKET);
    let _ = get.expected_bucket_owner("111122223333").send().await;
    let _ = super::browser()
        .get(format!("{}/{BUCKET}/x", sandbox.endpoint()))
        .send()
        .await;
    let log = sandbox.log();
    let first = &log[0];
    assert_eq!((first.sequence, first.service.as_str()), (1, "s3"));
    assert_eq!(
        (first.operation.as_str(), first.method.as_str()),
        ("GetBucketPolicy", "GET")
    );
    assert!(first.target.starts_with("/acme-images") && first.target.contains("policy"));
    assert_eq!(first.bucket.as_deref(), Some(BUCKET));
    assert_eq!(first.caller.as_deref(), Some(ANA));
    assert!(first.names_owner && !log[1].names_owner);
    assert_eq!(
        (first.status, first.error_code.as_deref()),
        (Some(404), Some("NoSuchBucketPolicy"))
    );
    assert!(first.finish.is_some_and(|finish| finish >= first.start));
    assert_eq!(log[1].caller, None, "anonymous");
}

#[tokio::test]
async fn it_starts_and_stops_inside_a_runtime_and_takes_the_port_it_is_given() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let port = sandbox.address().port();
    assert!(
        Sandbox::start(Options {
            port,
            ..Options::default()
        })
        .is_err(),
        "taken"
    );
    drop(sandbox);
    let again = Sandbox::start(Options {
        port,
        ..Options::default()
    })
    .unwrap();
    assert_eq!(again.endpoint(), format!("http://127.0.0.1:{port}"));
}
