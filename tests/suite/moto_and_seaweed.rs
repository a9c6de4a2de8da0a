//! The program against servers that others wrote: SeaweedFS, which enforces policies and CORS, and moto, which knows the
//! error codes of absent settings, the caller's identity and keys.
//!
//! Neither is AWS. What each must not be believed about, and what the tests therefore do not ask of it:
//!
//! - SeaweedFS 4.48: every user's ARN is `arn:aws:iam::000000000000:user/NAME`, so Segments.ai's own principal does not
//!   exist there, and who is admitted is shown with a user of its own; an array of one in a policy comes back as a
//!   string; a CORS rule without `MaxAgeSeconds` comes back with 0, and without its empty lists; a preflight to a bucket
//!   without any rule is answered with 200 (AWS: 403); Block Public Access is 501; HeadBucket names no Region; no STS.
//! - moto 5.2.5: no enforcement, no preflights, no request payment (the answer is a listing); the AWS managed key
//!   `aws/s3` is told as one of the customer's, so A25 cannot be shown here; the key of a DSSE object is not told; a Deny
//!   in a key's policy holds for its administrators too, whomever it names; S3 Control is taken for S3.

mod moto;
mod seaweed;
mod servers;

use std::process::Command;

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use serde_json::{Value, json};

use crate::support::{Ran, program, ran};
use servers::servers;

/// A user of the servers: access key and secret.
#[derive(Debug, Clone, Copy)]
struct User {
    name: &'static str,
    key: &'static str,
    secret: &'static str,
}

/// Owns the buckets.
const OWNER: User = User {
    name: "owner",
    key: "AKIAOWNER00000000001",
    secret: "owner/secret+0",
};
/// Stands for Segments.ai.
const READER: User = User {
    name: "segments",
    key: "AKIASEGMENTS00000001",
    secret: "segments/secret+0",
};
/// Has statements of its own in the policies.
const PARTNER: User = User {
    name: "partner",
    key: "AKIAPARTNER000000001",
    secret: "partner/secret+0",
};

impl User {
    fn arn(self) -> String {
        format!("arn:aws:iam::000000000000:user/{}", self.name)
    }
}

/// The S3 of one of the servers, as one user.
#[derive(Clone)]
struct Bucket {
    name: &'static str,
    endpoint: String,
    s3: aws_sdk_s3::Client,
}

impl Bucket {
    /// Makes a bucket of that name, owned by the owner.
    async fn make(endpoint: &str, name: &'static str) -> Self {
        let bucket = Self {
            name,
            endpoint: endpoint.to_owned(),
            s3: s3(endpoint, OWNER),
        };
        bucket
            .s3
            .create_bucket()
            .bucket(name)
            .send()
            .await
            .expect("a new bucket");
        bucket
    }

    /// The same bucket for another user.
    fn for_user(&self, user: User) -> Self {
        Self {
            s3: s3(&self.endpoint, user),
            ..self.clone()
        }
    }

    async fn put(&self, key: &str) {
        let body = ByteStream::from_static(b"a photo");
        self.s3
            .put_object()
            .bucket(self.name)
            .key(key)
            .body(body)
            .send()
            .await
            .expect("an object is stored");
    }

    async fn put_policy(&self, policy: &Value) {
        self.s3
            .put_bucket_policy()
            .bucket(self.name)
            .policy(policy.to_string())
            .send()
            .await
            .expect("a policy is stored");
    }

    /// The policy as it is stored.
    async fn policy(&self) -> Option<Value> {
        let stored = self
            .s3
            .get_bucket_policy()
            .bucket(self.name)
            .send()
            .await
            .ok()?;
        Some(serde_json::from_str(&stored.policy?).expect("a stored policy is JSON"))
    }

    async fn put_rules(&self, rules: &[aws_sdk_s3::types::CorsRule]) {
        let configuration = aws_sdk_s3::types::CorsConfiguration::builder()
            .set_cors_rules(Some(rules.to_vec()))
            .build();
        let sent = self
            .s3
            .put_bucket_cors()
            .bucket(self.name)
            .cors_configuration(configuration.expect("rules"));
        sent.send().await.expect("rules are stored");
    }

    /// The CORS rules as they are stored.
    async fn rules(&self) -> Vec<aws_sdk_s3::types::CorsRule> {
        let stored = self.s3.get_bucket_cors().bucket(self.name).send().await;
        stored
            .ok()
            .and_then(|stored| stored.cors_rules)
            .unwrap_or_default()
    }

    /// A link as Segments.ai would make it.
    async fn link(&self, key: &str) -> url::Url {
        let lifetime =
            PresigningConfig::expires_in(std::time::Duration::from_hours(24)).expect("a lifetime");
        let link = self
            .s3
            .get_object()
            .bucket(self.name)
            .key(key)
            .presigned(lifetime)
            .await
            .expect("a link");
        url::Url::parse(link.uri()).expect("a URL")
    }

    /// What a browser without credentials gets for a link of this user: the status.
    async fn fetch(&self, key: &str) -> u16 {
        status_of(self.link(key).await).await
    }

    /// What the server answers to a preflight: its status, and the origin that it admits.
    async fn preflight(&self, key: &str, origin: &str, headers: &[&str]) -> (u16, Option<String>) {
        let url = format!("{}/{}/{key}", self.endpoint, self.name);
        let mut request = browser()
            .request(reqwest::Method::OPTIONS, url)
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "GET");
        if !headers.is_empty() {
            request = request.header("Access-Control-Request-Headers", headers.join(","));
        }
        let answer = request.send().await.expect("an answer");
        let admitted = answer
            .headers()
            .get("access-control-allow-origin")
            .map(|value| value.to_str().expect("text").to_owned());
        (answer.status().as_u16(), admitted)
    }
}

fn s3(endpoint: &str, user: User) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(Credentials::new(user.key, user.secret, None, None, "test"))
        .force_path_style(true)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

fn browser() -> reqwest::Client {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    client.build().expect("a client")
}

async fn status_of(url: url::Url) -> u16 {
    browser()
        .get(url)
        .send()
        .await
        .expect("an answer")
        .status()
        .as_u16()
}

/// Where a run keeps its files, and which servers it speaks to.
struct Run {
    home: tempfile::TempDir,
    s3: String,
    others: String,
}

impl Run {
    /// S3 of SeaweedFS, and everything else of moto.
    fn against_seaweed() -> Self {
        let servers = servers();
        Self::new(&servers.seaweed, &servers.moto)
    }

    /// Everything of moto.
    fn against_moto() -> Self {
        let servers = servers();
        Self::new(&servers.moto, &servers.moto)
    }

    fn new(s3: &str, others: &str) -> Self {
        Self {
            home: tempfile::tempdir().expect("a directory"),
            s3: s3.to_owned(),
            others: others.to_owned(),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(self.home.path(), arguments);
        command.envs([
            ("AWS_ENDPOINT_URL_S3", self.s3.as_str()),
            ("AWS_ENDPOINT_URL_STS", &self.others),
            ("AWS_ENDPOINT_URL_KMS", &self.others),
            ("AWS_ENDPOINT_URL_S3_CONTROL", &self.others),
            ("AWS_ACCESS_KEY_ID", OWNER.key),
            ("AWS_SECRET_ACCESS_KEY", OWNER.secret),
            ("AWS_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]);
        command
    }

    /// Runs the program and reads its document.
    fn json(&self, arguments: &[&str]) -> Told {
        let told = ran(&mut self.command(&[arguments, &["--json"]].concat()));
        let document = serde_json::from_str(&told.stdout).unwrap_or_else(|error| {
            panic!(
                "no JSON document: {error}\n{}\n{}",
                told.stdout, told.stderr
            )
        });
        Told {
            ran: told,
            document,
        }
    }

    fn connect(&self, bucket: &Bucket) -> Told {
        self.json(&[
            "aws",
            "connect",
            "--bucket",
            bucket.name,
            "--yes",
            "--wait",
            "0",
        ])
    }

    fn verify(&self, bucket: &Bucket, keys: &[&str]) -> Told {
        let mut arguments = vec!["aws", "verify", "--bucket", bucket.name];
        for key in keys {
            arguments.extend(["--object", key]);
        }
        self.json(&arguments)
    }

    fn disconnect(&self, bucket: &Bucket) -> Told {
        self.json(&["aws", "disconnect", "--bucket", bucket.name, "--yes"])
    }
}

/// What a run told.
struct Told {
    ran: Ran,
    document: Value,
}

impl Told {
    #[track_caller]
    fn exits(self, status: i32) -> Self {
        assert_eq!(
            self.ran.status,
            Some(status),
            "{}{}",
            self.ran.stdout,
            self.ran.stderr
        );
        self
    }

    /// What became of the two documents.
    fn results(&self) -> Vec<&str> {
        let changes = self.document["changes"].as_array().expect("changes");
        changes
            .iter()
            .map(|change| change["result"].as_str().expect("a result"))
            .collect()
    }

    /// The one result of a check, on a subject where there are several.
    #[track_caller]
    fn check(&self, id: &str, subject: Option<&str>) -> &Value {
        let checks = self.document["checks"].as_array().expect("checks");
        let fits = |check: &&Value| {
            check["id"] == id && subject.is_none_or(|subject| check["subject"] == subject)
        };
        let found: Vec<&Value> = checks.iter().filter(fits).collect();
        assert_eq!(
            found.len(),
            1,
            "{id} on {subject:?}: {}",
            self.document["checks"]
        );
        found[0]
    }

    #[track_caller]
    fn checked(&self, id: &str, subject: Option<&str>, status: &str, cause: Option<&str>) {
        let check = self.check(id, subject);
        assert_eq!(
            (check["status"].as_str(), check["cause"].as_str()),
            (Some(status), cause),
            "{check}"
        );
    }

    /// The ids of all checks with this status, once each.
    fn with_status(&self, status: &str) -> Vec<&str> {
        let checks = self.document["checks"].as_array().expect("checks");
        let fitting = checks.iter().filter(|check| check["status"] == status);
        let mut ids: Vec<&str> = fitting
            .map(|check| check["id"].as_str().expect("an id"))
            .collect();
        ids.dedup();
        ids
    }
}

/// The statement that Segments.ai publishes, for this bucket and principal.
fn statement(bucket: &str, sid: &str, principal: &str) -> Value {
    json!({
        "Sid": sid,
        "Effect": "Allow",
        "Principal": { "AWS": principal },
        "Action": ["s3:GetObject"],
        "Resource": format!("arn:aws:s3:::{bucket}/*"),
    })
}

fn published(bucket: &str) -> Value {
    statement(
        bucket,
        "segments-s3-access",
        "arn:aws:iam::931508227573:user/segmentsai-prod-user",
    )
}

/// A document with every array of one thing replaced by that thing, but for the list of statements.
fn meaning(value: &Value) -> Value {
    match value {
        Value::Array(items) => match items.as_slice() {
            [only] => meaning(only),
            several => several.iter().map(meaning).collect(),
        },
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), meaning(value)))
            .collect(),
        other => other.clone(),
    }
}

/// The statements of a policy, in their order, by meaning.
fn statements(policy: &Value) -> Vec<Value> {
    policy["Statement"]
        .as_array()
        .expect("statements")
        .iter()
        .map(meaning)
        .collect()
}
