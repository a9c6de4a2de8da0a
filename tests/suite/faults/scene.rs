//! The runs that are disturbed: a bucket, a command, what an undisturbed run sends, and what it leaves behind.

use segments_connect::sandbox::aws::{Bucket, CorsRule, World};
use serde_json::{Value, json};

use crate::support::{BUCKET, Stage, ran};

const PARTNER: &str = "arn:aws:iam::444455556666:user/partner";

/// A request of the undisturbed run: the n-th of its operation. Counted so, it is the same request in every run, although
/// requests that are sent at once arrive in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) operation: String,
    pub(crate) nth: usize,
    /// Its place among all requests.
    pub(crate) place: usize,
    method: String,
}

impl Sent {
    pub(crate) fn new(operation: String, nth: usize, place: usize, method: String) -> Self {
        Self {
            operation,
            nth,
            place,
            method,
        }
    }

    pub(crate) fn writes(&self) -> bool {
        matches!(self.method.as_str(), "PUT" | "DELETE")
    }

    /// Whether the program sends it as a browser would, without the SDK.
    pub(crate) fn is_of_a_browser(&self) -> bool {
        self.operation == "OPTIONS"
    }
}

/// A command on a bucket.
pub(super) struct Scene {
    pub(super) name: &'static str,
    /// Whether others have entries in both documents.
    pub(super) shared: bool,
    pub(super) arguments: [&'static str; 8],
    pub(super) before: World,
    pub(super) after: Bucket,
    pub(super) sent: Vec<Sent>,
}

impl Scene {
    /// `connect` and `disconnect`, each on a bucket that others use and on one that nobody else has configured.
    pub(super) fn all() -> Vec<Self> {
        let mut scenes = Vec::new();
        for (shared, names) in [
            (true, ["connect, shared", "disconnect, shared"]),
            (false, ["connect, bare", "disconnect, bare"]),
        ] {
            let connect = Self::learn(names[0], shared, "connect", world(shared));
            let mut connected = connect.before.clone();
            connected
                .buckets
                .insert(BUCKET.to_owned(), connect.after.clone());
            if shared {
                later_entries(connected.buckets.get_mut(BUCKET).expect("the bucket"));
            }
            let disconnect = Self::learn(names[1], shared, "disconnect", connected);
            scenes.extend([connect, disconnect]);
        }
        scenes
    }

    /// Runs the command undisturbed, and makes sure that this much is right.
    fn learn(name: &'static str, shared: bool, action: &'static str, before: World) -> Self {
        let arguments = [
            "aws", action, "--bucket", BUCKET, "--yes", "--wait", "0", "--json",
        ];
        let stage = Stage::with(before.clone());
        let told = ran(&mut stage.command(&arguments));
        assert_eq!(
            told.status,
            Some(0),
            "{name}: {}{}",
            told.stdout,
            told.stderr
        );
        let mut sent: Vec<Sent> = Vec::new();
        for request in stage.sandbox.log() {
            let nth = 1 + sent
                .iter()
                .filter(|sent| sent.operation == request.operation)
                .count();
            let place = sent.len() + 1;
            sent.push(Sent::new(request.operation, nth, place, request.method));
        }
        let after = bucket(&stage);
        let was = before.bucket(BUCKET).expect("the bucket").clone();
        let (with_ours, without) = if action == "connect" {
            (&after, &was)
        } else {
            (&was, &after)
        };
        assert_eq!(
            statements(without),
            foreign(&statements(with_ours)),
            "{name}: statements of others"
        );
        assert_eq!(
            statements(with_ours)
                .iter()
                .filter(|entry| **entry == statement())
                .count(),
            1,
            "{name}"
        );
        let others: Vec<CorsRule> = rules(with_ours)
            .into_iter()
            .filter(|rule| *rule != published_rule())
            .collect();
        assert_eq!(rules(without), others, "{name}: rules of others");
        assert_eq!(rules(with_ours).len(), rules(without).len() + 1, "{name}");
        assert_eq!(
            shared,
            !statements(without).is_empty() && !rules(without).is_empty(),
            "{name}"
        );

        stage.sandbox.clear_log();
        let again = ran(&mut stage.command(&arguments));
        assert_eq!(
            again.status,
            Some(0),
            "{name}, again: {}{}",
            again.stdout,
            again.stderr
        );
        let log = stage.sandbox.log();
        assert!(
            !log.is_empty()
                && log
                    .iter()
                    .all(|request| !matches!(request.method.as_str(), "PUT" | "DELETE")),
            "{name}: {log:?}"
        );
        assert_eq!(bucket(&stage), after, "{name}, again");
        Self {
            name,
            shared,
            arguments,
            before,
            after,
            sent,
        }
    }

    /// The bucket before.
    pub(super) fn bucket_before(&self) -> &Bucket {
        self.before.bucket(BUCKET).expect("the bucket")
    }

    /// Whether the bucket is as an undisturbed run leaves it.
    pub(super) fn is_finished(&self, bucket: &Bucket) -> bool {
        *bucket == self.after
    }
}

/// The bucket as it is stored now.
pub(super) fn bucket(stage: &Stage) -> Bucket {
    stage
        .sandbox
        .with_state(|state| state.aws.bucket(BUCKET).expect("the bucket").clone())
}

/// The statements of its policy, each as it is stored.
pub(super) fn statements(bucket: &Bucket) -> Vec<Value> {
    let Some(text) = &bucket.policy else {
        return Vec::new();
    };
    let policy: Value = serde_json::from_str(text).expect("a stored policy is JSON");
    policy["Statement"]
        .as_array()
        .expect("an array of statements")
        .clone()
}

/// Its CORS rules.
pub(super) fn rules(bucket: &Bucket) -> Vec<CorsRule> {
    bucket.cors.clone().unwrap_or_default()
}

/// The statement that Segments.ai publishes.
pub(super) fn statement() -> Value {
    json!({
        "Sid": "segments-s3-access",
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::931508227573:user/segmentsai-prod-user" },
        "Action": ["s3:GetObject"],
        "Resource": format!("arn:aws:s3:::{BUCKET}/*"),
    })
}

/// The rule that Segments.ai publishes.
pub(super) fn published_rule() -> CorsRule {
    CorsRule {
        allowed_origins: vec!["https://*.segments.ai".to_owned()],
        allowed_methods: vec!["GET".to_owned()],
        allowed_headers: vec!["*".to_owned()],
        ..CorsRule::default()
    }
}

fn foreign(statements: &[Value]) -> Vec<Value> {
    statements
        .iter()
        .filter(|entry| **entry != statement())
        .cloned()
        .collect()
}

/// A bucket with one object; shared, with statements and rules of others in forms of their own.
fn world(shared: bool) -> World {
    let mut world = World::default();
    let bucket = world.add_bucket(BUCKET);
    bucket.add_object("photos/0001.jpg", "a photo");
    if shared {
        bucket.policy = Some(
            json!({
                "Version": "2012-10-17",
                "Id": "acme-2019",
                "Statement": [
                    {
                        "Sid": "PartnerReadsReports",
                        "Effect": "Allow",
                        "Principal": { "AWS": PARTNER },
                        "Action": "s3:GetObject",
                        "Resource": format!("arn:aws:s3:::{BUCKET}/reports/*"),
                    },
                    {
                        "Effect": "Deny",
                        "Principal": "*",
                        "NotAction": ["s3:Get*", "s3:List*", "s3:Put*", "s3:Delete*"],
                        "Resource": [format!("arn:aws:s3:::{BUCKET}"), format!("arn:aws:s3:::{BUCKET}/*")],
                        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
                    },
                ],
            })
            .to_string(),
        );
        bucket.cors = Some(vec![
            CorsRule {
                id: Some("intranet".to_owned()),
                allowed_origins: vec![
                    "https://intranet.acme.example".to_owned(),
                    "https://wiki.acme.example".to_owned(),
                ],
                allowed_methods: vec!["GET".to_owned(), "HEAD".to_owned()],
                expose_headers: vec!["ETag".to_owned()],
                max_age_seconds: Some(3000),
                ..CorsRule::default()
            },
            CorsRule {
                allowed_origins: vec!["https://upload.acme.example".to_owned()],
                allowed_methods: vec!["PUT".to_owned()],
                allowed_headers: vec!["x-amz-*".to_owned()],
                ..CorsRule::default()
            },
        ]);
    }
    world
}

/// What colleagues added behind our entries.
fn later_entries(bucket: &mut Bucket) {
    let text = bucket.policy.as_deref().expect("a policy");
    let mut policy: Value = serde_json::from_str(text).expect("JSON");
    policy["Statement"]
        .as_array_mut()
        .expect("an array")
        .push(json!({
            "Sid": "PartnerReadsPhotos",
            "Effect": "Allow",
            "Principal": { "AWS": [PARTNER] },
            "Action": ["s3:GetObject"],
            "Resource": format!("arn:aws:s3:::{BUCKET}/photos/*"),
        }));
    bucket.policy = Some(policy.to_string());
    bucket.cors.as_mut().expect("rules").push(CorsRule {
        id: Some("shop".to_owned()),
        allowed_origins: vec!["https://shop.acme.example".to_owned()],
        allowed_methods: vec!["GET".to_owned()],
        ..CorsRule::default()
    });
}
