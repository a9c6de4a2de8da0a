//! The wire itself: HTTP/2 and gRPC as a stranger speaks them, and everything that can be made to go wrong.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use google_cloud_gax::error::rpc::Code;
use google_cloud_storage::client::StorageControl;
use google_cloud_storage::model::Bucket as Metadata;
use google_cloud_storage::model::bucket::Cors;
use google_cloud_wkt::FieldMask;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use segments_connect::sandbox::gcp::{OWNER, fault};
use segments_connect::sandbox::{Fault, FaultKind, Moment, On, Sandbox, round_trips};

use super::{BUCKET, RESOURCE, bucket, code, control, get, iam, sandbox, world};

const GET: &str = "/google.storage.v2.Storage/GetBucket";
const PATIENCE: Duration = Duration::from_secs(10);

fn http2() -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http()
}

/// A message in its frame.
fn framed(message: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    bytes.extend(message);
    bytes
}

/// `GetBucketRequest { name }`.
fn request_for(name: &str) -> Vec<u8> {
    let mut message = vec![0x0a, u8::try_from(name.len()).unwrap()];
    message.extend(name.as_bytes());
    message
}

struct Said {
    http: u16,
    grpc: Option<String>,
    message: String,
    body: Bytes,
}

async fn say(sandbox: &Sandbox, path: &str, route: Option<&str>, body: Vec<u8>) -> Said {
    let token = world(sandbox, |world| world.issue_token(OWNER));
    let mut request = http::Request::post(format!("{}{path}", sandbox.endpoint()))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("authorization", format!("Bearer {token}"));
    if let Some(route) = route {
        request = request.header("x-goog-request-params", route);
    }
    let request = request.body(Full::new(Bytes::from(body))).unwrap();
    let response = http2().request(request).await.unwrap();
    assert_eq!(response.version(), http::Version::HTTP_2);
    let http = response.status().as_u16();
    let collected = response.into_body().collect().await.unwrap();
    let trailer = |name: &str| {
        let trailers = collected.trailers()?;
        Some(trailers.get(name)?.to_str().unwrap().to_owned())
    };
    Said {
        http,
        grpc: trailer("grpc-status"),
        message: trailer("grpc-message").unwrap_or_default(),
        body: collected.to_bytes(),
    }
}

#[tokio::test]
async fn a_strangers_call_is_answered_with_a_message_and_its_status_behind_it() {
    let sandbox = sandbox();
    let route = "bucket=projects%2F_%2Fbuckets%2Facme-images";
    let said = say(&sandbox, GET, Some(route), framed(&request_for(RESOURCE))).await;
    assert_eq!((said.http, said.grpc.as_deref()), (200, Some("0")));
    let length = usize::try_from(u32::from_be_bytes(said.body[1..5].try_into().unwrap())).unwrap();
    assert_eq!(length, said.body.len() - 5);
    assert_eq!(said.body[0], 0);
    let name = said
        .body
        .windows(RESOURCE.len())
        .any(|part| part == RESOURCE.as_bytes());
    assert!(name);
}

#[tokio::test]
async fn calls_that_are_not_in_order_are_refused() {
    let sandbox = sandbox();
    let route = Some("bucket=projects/_/buckets/acme-images");
    let good = request_for(RESOURCE);
    let mut unknown = good.clone();
    unknown.extend([0x78, 1]);
    let mut compressed = framed(&good);
    compressed[0] = 1;
    let mut longer = framed(&good);
    longer.push(0);
    for (path, route, body, expected) in [
        (GET, None, framed(&good), "3"),
        (
            GET,
            Some("bucket=projects/_/buckets/other"),
            framed(&good),
            "3",
        ),
        (GET, route, framed(&unknown), "3"),
        (GET, route, compressed, "12"),
        (GET, route, longer, "13"),
        (GET, route, vec![0, 0], "13"),
        (GET, route, framed(&[0xff]), "13"),
        (
            "/google.storage.v2.Storage/DeleteBucket",
            route,
            framed(&good),
            "12",
        ),
    ] {
        let said = say(&sandbox, path, route, body).await;
        assert_eq!(
            (said.http, said.grpc.as_deref()),
            (200, Some(expected)),
            "{}",
            said.message
        );
        assert!(!said.message.is_empty());
    }
}

#[tokio::test]
async fn http_1_and_http_2_share_the_socket() {
    let sandbox = sandbox();
    assert_eq!(
        get(&sandbox, "/v3/projects/acme-vision", OWNER).await.0,
        200
    );
    let token = world(&sandbox, |world| world.issue_token(OWNER));
    let request = http::Request::get(format!("{}/v3/projects/acme-vision", sandbox.endpoint()))
        .header("authorization", format!("Bearer {token}"))
        .body(Full::default())
        .unwrap();
    let response = http2().request(request).await.unwrap();
    assert_eq!(
        (response.version(), response.status().as_u16()),
        (http::Version::HTTP_2, 200)
    );
}

async fn read(client: &StorageControl) -> google_cloud_storage::Result<Metadata> {
    client.get_bucket().set_name(RESOURCE).send().await
}

async fn write(client: &StorageControl) -> google_cloud_storage::Result<Metadata> {
    client
        .update_bucket()
        .set_bucket(
            Metadata::new()
                .set_name(RESOURCE)
                .set_cors([Cors::new().set_method(["GET"])]),
        )
        .set_update_mask(FieldMask::default().set_paths(["cors"]))
        .send()
        .await
}

fn written(sandbox: &Sandbox) -> bool {
    bucket(sandbox, |bucket| !bucket.settings.cors.is_empty())
}

#[tokio::test]
async fn every_status_can_be_asked_for() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    for (name, expected) in [
        ("ABORTED", Code::Aborted),
        ("FAILED_PRECONDITION", Code::FailedPrecondition),
        ("UNAVAILABLE", Code::Unavailable),
        ("RESOURCE_EXHAUSTED", Code::ResourceExhausted),
        ("DEADLINE_EXCEEDED", Code::DeadlineExceeded),
        ("INTERNAL", Code::Internal),
        ("PERMISSION_DENIED", Code::PermissionDenied),
    ] {
        let kind = fault(name, "as asked, 100% of it");
        sandbox.inject(Fault::before(On::operation("GetBucket", 1), kind));
        let error = read(&client).await.unwrap_err();
        let status = error.status().unwrap();
        assert_eq!(
            (status.code, status.message.as_str()),
            (expected, "as asked, 100% of it")
        );
        let log = sandbox.log();
        let last = log.last().unwrap();
        assert_eq!(
            (last.status, last.error_code.as_deref()),
            (Some(200), Some(name))
        );
    }
    read(&client).await.unwrap();
    // The same over HTTP.
    sandbox.inject(Fault::before(
        On::operation("GetRole", 1),
        fault("UNAVAILABLE", "later"),
    ));
    let roles = iam(&sandbox, OWNER).await;
    let error = roles
        .get_role()
        .set_name("projects/acme-vision/roles/x")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.http_status_code(), Some(503));
    assert_eq!(code(Err::<(), _>(error)), Code::Unavailable);
}

#[tokio::test]
async fn before_and_after_the_effect_differ_in_the_effect_alone() {
    for kind in [
        fault("UNAVAILABLE", "later"),
        FaultKind::Reset,
        FaultKind::Garbage,
        FaultKind::Truncated,
    ] {
        for (moment, effect) in [(Moment::BeforeEffect, false), (Moment::AfterEffect, true)] {
            let sandbox = sandbox();
            let client = control(&sandbox, OWNER).await;
            sandbox.inject(Fault {
                on: On::operation("UpdateBucket", 1),
                times: 1,
                moment,
                kind: kind.clone(),
            });
            let answer = write(&client).await;
            assert!(answer.is_err(), "{kind:?} {moment:?}: {answer:?}");
            assert_eq!(written(&sandbox), effect, "{kind:?} {moment:?}");
            // The client finds its way again.
            read(&client).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_reset_ends_the_connection_and_all_that_goes_on_in_it() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    read(&client).await.unwrap();
    // Both belong to one service, which the library keeps one connection for.
    let held = sandbox.hold(On::operation("UpdateBucket", 1), Moment::BeforeEffect);
    let held = Arc::new(held);
    let other = client.clone();
    let writing = tokio::spawn(async move { write(&other).await });
    let watched = Arc::clone(&held);
    let reached = tokio::task::spawn_blocking(move || watched.wait(PATIENCE));
    assert!(reached.await.unwrap());
    sandbox.inject(Fault::before(
        On::operation("GetBucket", 1),
        FaultKind::Reset,
    ));
    assert!(read(&client).await.is_err());
    let writing = tokio::time::timeout(PATIENCE, writing).await;
    assert!(writing.expect("an end").unwrap().is_err());
    assert!(!written(&sandbox));
    drop(held);
    read(&client).await.unwrap();
}

#[tokio::test]
async fn a_stalled_call_ends_with_the_clients_patience() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    sandbox.inject(Fault::before(
        On::operation("GetBucket", 1),
        FaultKind::Stall,
    ));
    let impatient = tokio::time::timeout(Duration::from_millis(300), read(&client)).await;
    assert!(impatient.is_err(), "no answer");
    read(&client).await.unwrap();
}

#[test]
fn a_held_call_whose_client_goes_away_has_no_effect() {
    let sandbox = sandbox();
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let held = sandbox.hold(On::operation("UpdateBucket", 1), Moment::BeforeEffect);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            runtime().block_on(async {
                let client = control(&sandbox, OWNER).await;
                let write = tokio::time::timeout(Duration::from_secs(1), write(&client));
                assert!(write.await.is_err(), "nobody let it go");
            });
        });
        assert!(held.wait(PATIENCE));
    });
    held.release();
    runtime().block_on(async {
        let client = control(&sandbox, OWNER).await;
        read(&client).await.unwrap();
    });
    assert!(!written(&sandbox));

    let held = sandbox.hold(On::operation("UpdateBucket", 1), Moment::AfterEffect);
    std::thread::scope(|scope| {
        let client = scope
            .spawn(|| runtime().block_on(async { write(&control(&sandbox, OWNER).await).await }));
        assert!(held.wait(PATIENCE));
        assert!(written(&sandbox));
        held.release();
        client.join().unwrap().unwrap();
    });
}

#[tokio::test]
async fn calls_side_by_side_wait_at_the_same_time_and_are_logged() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    read(&client).await.unwrap();
    sandbox.clear_log();
    sandbox.set_latency(Duration::from_millis(150));
    let began = Instant::now();
    let policy = client.get_iam_policy().set_resource(RESOURCE).send();
    let (metadata, policy) = tokio::join!(read(&client), policy);
    assert!(metadata.is_ok() && policy.is_ok());
    let took = began.elapsed();
    assert!(took >= Duration::from_millis(150), "{took:?}");
    let log = sandbox.log();
    assert_eq!(round_trips(&log), 1, "{log:?}");
    let mut operations: Vec<&str> = log.iter().map(|one| one.operation.as_str()).collect();
    operations.sort_unstable();
    assert_eq!(operations, ["GetBucket", "GetIamPolicy"]);
    for one in &log {
        assert_eq!(
            (one.service.as_str(), one.method.as_str()),
            ("storage", "POST")
        );
        assert_eq!(one.bucket.as_deref(), Some(BUCKET));
        assert_eq!(one.caller.as_deref(), Some(OWNER));
        assert_eq!((one.status, one.error_code.as_deref()), (Some(200), None));
        assert!(!one.names_owner);
    }
}

#[tokio::test]
async fn a_colleague_can_write_between_two_calls() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    sandbox.on_request(On::operation("UpdateBucket", 1), |state| {
        let bucket = state.gcp.buckets.get_mut(BUCKET).unwrap();
        bucket.settings.metageneration = 9;
    });
    let answer = client
        .update_bucket()
        .set_bucket(Metadata::new().set_name(RESOURCE))
        .set_update_mask(FieldMask::default().set_paths(["cors"]))
        .set_if_metageneration_match(1)
        .send()
        .await;
    assert_eq!(code(answer), Code::FailedPrecondition);
}
