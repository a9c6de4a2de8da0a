//! The local cloud, the circumstances under which Segments.ai reads from it, and the requests themselves.

use std::time::Duration;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::presigning::PresigningConfig;
use segments_connect::sandbox::aws::{ANA_KEY, Bucket, Organization, SEGMENTS_KEY, World};
use segments_connect::sandbox::{Options, Sandbox};
use serde_json::Value;
use time::OffsetDateTime;

pub use segments_connect::sandbox::aws::{CUSTOMER_ACCOUNT, SEGMENTS, SEGMENTS_ACCOUNT};

pub const BUCKET: &str = "acme-images";
pub const KEY: &str = "photos/cat.jpg";
/// An object that no tag is on.
pub const OTHER_KEY: &str = "plans/house.txt";
/// The key of KMS that encrypts the object, where it is encrypted.
pub const KEY_ARN: &str =
    "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub const REGION: &str = "eu-west-1";
pub const CANONICAL_ID: &str = "a2c85e730d80dcb51a2c0e1a8f852cf6dc8d6e04d9e00f49239c324de3c1e3e1";

/// How Segments.ai asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A link in a page.
    Link,
    /// Its own server, with the signature in a header.
    Server,
}

/// What can be otherwise from one request to the next.
#[derive(Debug, Clone)]
pub struct Circumstance {
    pub asked: Asked,
    /// How long after the link was made.
    pub age: Duration,
    pub address: &'static str,
    pub referer: Option<&'static str>,
    pub agent: &'static str,
    pub tls: &'static str,
    pub organization: Option<&'static str>,
    pub user_id: &'static str,
    pub team: Option<&'static str>,
    pub share: Option<&'static str>,
}

impl Circumstance {
    /// Another one for each number.
    pub fn random(asked: Asked, random: &mut fastrand::Rng) -> Self {
        let hours = [0, 0, 1, 13, 23];
        let mut pick = |count: usize| random.usize(..count);
        Self {
            asked,
            age: Duration::from_hours(match asked {
                Asked::Link => hours[pick(hours.len())],
                Asked::Server => 0,
            }),
            address: ["8.8.8.8", "93.184.216.34", "2a00:1450:4001::1"][pick(3)],
            referer: match asked {
                Asked::Link => [None, Some("https://app.segments.ai/")][pick(2)],
                Asked::Server => None,
            },
            agent: match asked {
                Asked::Link => ["Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0"][pick(2)],
                Asked::Server => "the SDK",
            },
            tls: ["1.2", "1.3"][pick(2)],
            organization: [None, Some("o-segments1")][pick(2)],
            user_id: ["AIDASEGMENTS00000001", "AIDASEGMENTS00000002"][pick(2)],
            team: [None, Some("photos"), Some("annotation")][pick(3)],
            share: [None, Some("yes"), Some("photos")][pick(3)],
        }
    }

    fn apply(&self, world: &mut World) {
        world.clock_offset = self.age.try_into().expect("some hours");
        world.source_ip = self.address.parse().ok();
        self.tls.clone_into(&mut world.tls_version);
        let account = world.accounts.get_mut(SEGMENTS_ACCOUNT).expect("it exists");
        account.organization = self.organization.map(|id| Organization {
            id: id.to_owned(),
            path: format!("{id}/r-1/ou-1/"),
        });
        let user = world.principal_mut(SEGMENTS_KEY).expect("it exists");
        self.user_id.clone_into(&mut user.user_id);
        user.tags = tag("team", self.team);
        let bucket = world.buckets.get_mut(BUCKET).expect("it exists");
        let object = bucket.objects.get_mut(KEY).expect("it exists");
        object.tags = tag("share", self.share);
    }
}

fn tag(name: &str, value: Option<&str>) -> std::collections::BTreeMap<String, String> {
    value
        .map(|value| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect()
}

/// A local cloud with one bucket and one object.
pub struct Scene {
    pub sandbox: Sandbox,
    /// When the link was made.
    pub signed_at: OffsetDateTime,
    owner: aws_sdk_s3::Client,
    segments: aws_sdk_s3::Client,
    browser: reqwest::Client,
    link: String,
}

impl Scene {
    pub async fn new() -> Self {
        let mut world = World::default();
        let bucket = world.add_bucket(BUCKET);
        bucket.public_access_block = None;
        bucket.add_object(KEY, "a cat");
        bucket.add_object(OTHER_KEY, "a house");
        // Its own side lets it do everything, so that the bucket's policy decides.
        let user = world.principal_mut(SEGMENTS_KEY).expect("it exists");
        user.allowed_actions.insert("s3:*".to_owned());
        let sandbox = Sandbox::start(Options::from(world)).expect("the local cloud starts");
        let segments = client(&sandbox, SEGMENTS_KEY);
        let day = PresigningConfig::expires_in(Duration::from_hours(24)).expect("a day");
        let request = segments.get_object().bucket(BUCKET).key(KEY);
        let signed_at = OffsetDateTime::now_utc();
        let link = request.presigned(day).await.expect("a link");
        Self {
            owner: client(&sandbox, ANA_KEY),
            segments,
            browser: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
            link: link.uri().to_owned(),
            signed_at,
            sandbox,
        }
    }

    /// Puts the policy there as its owner does; the status.
    pub async fn put(&self, policy: &Value) -> u16 {
        self.sandbox
            .with_state(|state| state.aws.clock_offset = time::Duration::ZERO);
        let request = self.owner.put_bucket_policy().bucket(BUCKET);
        status(request.policy(policy.to_string()).send().await)
    }

    /// Stores the policy without S3's checks.
    pub fn store(&self, policy: &Value) {
        self.bucket(|bucket| bucket.policy = Some(policy.to_string()));
    }

    /// Does something as Segments.ai with the signature in a header; the status. What it changed is undone.
    pub async fn act(&self, action: &str, key: &str, circumstance: &Circumstance) -> u16 {
        self.sandbox
            .with_state(|state| circumstance.apply(&mut state.aws));
        let objects = self.bucket(|bucket| bucket.objects.clone());
        let s3 = &self.segments;
        let status = match action {
            "s3:ListBucket" => status(s3.list_objects_v2().bucket(BUCKET).send().await),
            "s3:PutObject" => {
                let request = s3.put_object().bucket(BUCKET).key(key);
                status(request.body(b"new".to_vec().into()).send().await)
            }
            "s3:DeleteObject" => status(s3.delete_object().bucket(BUCKET).key(key).send().await),
            "s3:GetObjectTagging" => {
                status(s3.get_object_tagging().bucket(BUCKET).key(key).send().await)
            }
            other => panic!("no request for {other}"),
        };
        self.bucket(|bucket| bucket.objects = objects);
        status
    }

    /// Looks at the bucket, or changes it.
    pub fn bucket<T>(&self, act: impl FnOnce(&mut Bucket) -> T) -> T {
        self.sandbox
            .with_state(|state| act(state.aws.buckets.get_mut(BUCKET).expect("it exists")))
    }

    /// Reads the object as Segments.ai; the status.
    pub async fn read(&self, circumstance: &Circumstance) -> u16 {
        self.sandbox
            .with_state(|state| circumstance.apply(&mut state.aws));
        match circumstance.asked {
            Asked::Link => {
                let mut request = self
                    .browser
                    .get(&self.link)
                    .header("user-agent", circumstance.agent);
                if let Some(referer) = circumstance.referer {
                    request = request.header("referer", referer);
                }
                request.send().await.expect("an answer").status().as_u16()
            }
            Asked::Server => {
                let request = self.segments.get_object().bucket(BUCKET).key(KEY);
                status(request.send().await)
            }
        }
    }
}

/// Any answer that is no refusal counts as 200.
fn status<T, E>(sent: Result<T, SdkError<E, HttpResponse>>) -> u16 {
    match sent {
        Ok(_) => 200,
        Err(error) => error
            .raw_response()
            .map_or(0, |answer| answer.status().as_u16()),
    }
}

fn client(sandbox: &Sandbox, access_key: &str) -> aws_sdk_s3::Client {
    let environment = sandbox.environment(access_key);
    let secret = environment
        .iter()
        .find(|(name, _)| name == "AWS_SECRET_ACCESS_KEY")
        .map(|(_, value)| value.clone())
        .expect("a secret");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .endpoint_url(sandbox.endpoint())
        .credentials_provider(Credentials::new(access_key, secret, None, None, "test"))
        .force_path_style(true)
        .retry_config(RetryConfig::disabled());
    aws_sdk_s3::Client::from_conf(config.build())
}
