//! The local Google Cloud, spoken to by the Google Cloud SDK that the product uses and by strangers: does it behave as
//! Google documents?
//!
//! These tests are about the sandbox alone. Each documented behaviour has one that would fail without it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod browser;
mod buckets;
mod json_api;
mod links;
mod members;
mod objects;
mod policies;
mod projects;
mod python;
mod roles;
mod schema;
mod tokens;
mod wire;

use std::fmt::Debug;
use std::time::Duration;

use google_cloud_auth::credentials::{Credentials, service_account, user_account};
use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_iam_admin_v1::client::Iam;
use google_cloud_storage::client::StorageControl;
use segments_connect::sandbox::gcp::{BUCKET, Bucket, Role, SEGMENTS, World};
use segments_connect::sandbox::{Options, Sandbox};
use serde_json::Value;

/// The bucket as gRPC names it.
const RESOURCE: &str = "projects/_/buckets/acme-images";
const ROLE: &str = "projects/acme-vision/roles/segments_object_reader";

fn sandbox() -> Sandbox {
    with(|_| {})
}

/// A sandbox with the bucket of the default world, changed before it starts.
fn with(change: impl FnOnce(&mut World)) -> Sandbox {
    let mut world = World::acme();
    change(&mut world);
    Sandbox::start(Options::from(world)).expect("a free port")
}

/// Changes the world.
fn world<T>(sandbox: &Sandbox, act: impl FnOnce(&mut World) -> T) -> T {
    sandbox.with_state(|state| act(&mut state.gcp))
}

/// Changes the bucket.
fn bucket<T>(sandbox: &Sandbox, act: impl FnOnce(&mut Bucket) -> T) -> T {
    world(sandbox, |world| {
        act(world.buckets.get_mut(BUCKET).expect("the bucket"))
    })
}

/// Credentials as the SDK makes them of a file.
fn credentials(sandbox: &Sandbox, email: &str) -> Credentials {
    let file = sandbox.application_credentials(email);
    if file["type"] == "service_account" {
        service_account::Builder::new(file).build().unwrap()
    } else {
        user_account::Builder::new(file)
            .with_retry_policy(NeverRetry)
            .build()
            .unwrap()
    }
}

/// The SDK as the product has it, without retries.
async fn control(sandbox: &Sandbox, email: &str) -> StorageControl {
    StorageControl::builder()
        .with_endpoint(sandbox.endpoint())
        .with_credentials(credentials(sandbox, email))
        .with_retry_policy(NeverRetry)
        .build()
        .await
        .unwrap()
}

async fn iam(sandbox: &Sandbox, email: &str) -> Iam {
    Iam::builder()
        .with_endpoint(sandbox.endpoint())
        .with_credentials(credentials(sandbox, email))
        .with_retry_policy(NeverRetry)
        .build()
        .await
        .unwrap()
}

/// A plain HTTP client.
fn stranger() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(20))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

/// Code and message of a refusal.
fn refused<T: Debug>(result: Result<T, Error>) -> (Code, String) {
    let error = result.expect_err("the request to be refused");
    let status = error
        .status()
        .unwrap_or_else(|| panic!("a status in {error:?}"));
    (status.code, status.message.clone())
}

fn code<T: Debug>(result: Result<T, Error>) -> Code {
    refused(result).0
}

/// The answer to a request with a token of one of the people: status and body.
async fn call(
    sandbox: &Sandbox,
    method: reqwest::Method,
    path: &str,
    email: &str,
    body: Option<Value>,
) -> (u16, Value) {
    let token = world(sandbox, |world| world.issue_token(email));
    let mut request = stranger()
        .request(method, format!("{}{path}", sandbox.endpoint()))
        .bearer_auth(token);
    // As the library does with what `gcloud` wrote.
    let quota_project = world(sandbox, |world| {
        world.persons.get(email)?.quota_project.clone()
    });
    if let Some(project) = quota_project {
        request = request.header("x-goog-user-project", project);
    }
    if let Some(body) = body {
        request = request
            .header("content-type", "application/json")
            .body(body.to_string());
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

async fn get(sandbox: &Sandbox, path: &str, email: &str) -> (u16, Value) {
    call(sandbox, reqwest::Method::GET, path, email, None).await
}

/// What somebody saw.
#[derive(Debug)]
struct Seen {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn element(&self, name: &str) -> &str {
        let (_, after) = self
            .body
            .split_once(&format!("<{name}>"))
            .unwrap_or_default();
        after.split("</").next().unwrap_or_default()
    }
}

async fn see(request: reqwest::RequestBuilder) -> Seen {
    let response = request.send().await.unwrap();
    Seen {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.text().await.unwrap(),
    }
}

/// The photo by its path, as somebody with a token or as nobody in particular.
fn photo(sandbox: &Sandbox, email: Option<&str>) -> reqwest::RequestBuilder {
    let url = format!("{}/{BUCKET}/photos/one%20cat.png", sandbox.endpoint());
    let request = stranger().get(url);
    match email {
        None => request,
        Some(email) => request.bearer_auth(world(sandbox, |world| world.issue_token(email))),
    }
}

/// The custom role of the product in the project, and the binding on the bucket.
fn connect(world: &mut World) {
    let project = world.project_mut("acme-vision").unwrap();
    let role = Role::new("Segments object reader", &["storage.objects.get"]);
    project
        .roles
        .insert("segments_object_reader".to_owned(), role);
    let bucket = world.buckets.get_mut(BUCKET).unwrap();
    bucket
        .policy
        .grant(ROLE, &format!("serviceAccount:{SEGMENTS}"));
}
