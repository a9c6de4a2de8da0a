//! The local AWS, spoken to by the AWS SDK that the product uses: does it behave as AWS documents?
//!
//! These tests are about the sandbox alone. Each documented behaviour has one that would fail without it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod access;
mod browser;
mod conditions;
mod documents;
mod encryption;
mod faults;
mod independence;
mod malformed;
mod objects;
mod services;
mod settings;
mod signatures;

use std::fmt::Debug;
use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use segments_connect::sandbox::aws::{ANA_KEY, Bucket, Object, SEGMENTS_KEY, World};
use segments_connect::sandbox::{Options, Sandbox};
use serde_json::{Value, json};

const BUCKET: &str = "acme-images";
/// What a refusal for lack of permission looks like.
const DENIED: u16 = 403;
const KEY: &str = "photos/one cat.png";

/// A sandbox with one bucket that has the settings of a new one, and one object in it.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::start(Options::default()).expect("a free port");
    sandbox.with_state(|state| {
        state.aws.add_bucket(BUCKET).add_object(KEY, "hello world");
    });
    sandbox
}

/// Changes the world.
fn world<T>(sandbox: &Sandbox, act: impl FnOnce(&mut World) -> T) -> T {
    sandbox.with_state(|state| act(&mut state.aws))
}

/// Changes the bucket.
fn bucket<T>(sandbox: &Sandbox, act: impl FnOnce(&mut Bucket) -> T) -> T {
    world(sandbox, |world| {
        act(world.buckets.get_mut(BUCKET).expect("the bucket"))
    })
}

fn credentials(sandbox: &Sandbox, access_key: &str) -> Credentials {
    let environment = sandbox.environment(access_key);
    let value = |name: &str| {
        environment
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.clone())
    };
    Credentials::new(
        access_key,
        value("AWS_SECRET_ACCESS_KEY").unwrap_or_default(),
        value("AWS_SESSION_TOKEN"),
        None,
        "test",
    )
}

/// The SDK as a user would have it, without retries.
fn s3_config(sandbox: &Sandbox, credentials: Credentials) -> aws_sdk_s3::config::Builder {
    let region = world(sandbox, |world| world.region.clone());
    aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .endpoint_url(sandbox.endpoint())
        .credentials_provider(credentials)
        .force_path_style(true)
        .retry_config(RetryConfig::disabled())
        .timeout_config(
            TimeoutConfig::builder()
                .operation_timeout(Duration::from_secs(20))
                .build(),
        )
}

fn s3(sandbox: &Sandbox, access_key: &str) -> aws_sdk_s3::Client {
    let config = s3_config(sandbox, credentials(sandbox, access_key));
    aws_sdk_s3::Client::from_conf(config.build())
}

fn ana(sandbox: &Sandbox) -> aws_sdk_s3::Client {
    s3(sandbox, ANA_KEY)
}

fn segments(sandbox: &Sandbox) -> aws_sdk_s3::Client {
    s3(sandbox, SEGMENTS_KEY)
}

/// A plain HTTP client, as a browser is one.
fn browser() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

/// Status, code and message of a refusal.
#[derive(Debug, PartialEq, Eq)]
struct Refused {
    status: u16,
    code: String,
    message: String,
}

fn refused<T: Debug, E: ProvideErrorMetadata + Debug>(
    result: Result<T, SdkError<E, HttpResponse>>,
) -> Refused {
    let error = result.expect_err("the request to be refused");
    Refused {
        status: error
            .raw_response()
            .map(|response| response.status().as_u16())
            .unwrap_or_default(),
        code: error.code().unwrap_or_default().to_owned(),
        message: error.message().unwrap_or_default().to_owned(),
    }
}

/// Reads the object of the test.
async fn read(client: &aws_sdk_s3::Client) -> Result<Vec<u8>, Refused> {
    let result = client.get_object().bucket(BUCKET).key(KEY).send().await;
    match result {
        Ok(output) => Ok(output.body.collect().await.expect("a body").to_vec()),
        Err(error) => Err(refused::<(), _>(Err(error))),
    }
}

/// The refusal, or nothing when it was read.
async fn refusal_to_read(client: &aws_sdk_s3::Client) -> (u16, String) {
    match read(client).await {
        Ok(_) => (200, String::new()),
        Err(refused) => (refused.status, refused.code),
    }
}

async fn put_policy(client: &aws_sdk_s3::Client, policy: &str) -> Result<(), Refused> {
    let result = client
        .put_bucket_policy()
        .bucket(BUCKET)
        .policy(policy)
        .send()
        .await;
    match result {
        Ok(_) => Ok(()),
        Err(error) => Err(refused::<(), _>(Err(error))),
    }
}

fn policy(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// The statement that Segments.ai publishes.
fn production() -> Value {
    json!({
        "Sid": "segments-s3-access",
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::931508227573:user/segmentsai-prod-user" },
        "Action": ["s3:GetObject"],
        "Resource": format!("arn:aws:s3:::{BUCKET}/*"),
    })
}

/// Some statement about all objects, with the given members on top.
fn statement(effect: &str, members: &Value) -> Value {
    let mut statement = json!({
        "Effect": effect,
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{BUCKET}/*"),
    });
    for (name, value) in members.as_object().expect("an object") {
        statement[name] = value.clone();
    }
    statement
}

/// Puts a policy there past all checks, and lifts Block Public Access.
fn seed(sandbox: &Sandbox, statements: &[Value]) {
    bucket(sandbox, |bucket| {
        bucket.policy = Some(policy(statements));
        bucket.public_access_block = None;
    });
}

/// A bucket that Segments.ai may read, with one object that the test changes.
fn readable(change: impl FnOnce(&mut Object)) -> Sandbox {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| {
        bucket.policy = Some(policy(&[production()]));
        change(bucket.objects.get_mut(KEY).unwrap());
    });
    sandbox
}
