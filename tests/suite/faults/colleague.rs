//! A colleague edits the very document that the program is about to write: after it was shown, or between a write that
//! went wrong and the next try. Whatever the program then does, the colleague's entry must be there in the end.

use segments_connect::sandbox::aws::{Bucket, CorsRule};
use segments_connect::sandbox::{Fault, FaultKind, Moment, On};
use serde_json::{Value, json};

use super::scene::{Scene, Sent, bucket, published_rule, rules, statement, statements};
use super::status;
use crate::support::{BUCKET, Stage, ran};

/// The colleague's statement and rule.
const NAME: &str = "colleague";

/// Which document a write is about, told from its operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Document {
    Policy,
    Cors,
}

impl Document {
    fn of(sent: &Sent) -> Self {
        if sent.operation.ends_with("Policy") {
            Self::Policy
        } else {
            Self::Cors
        }
    }

    fn read(self) -> &'static str {
        match self {
            Self::Policy => "GetBucketPolicy",
            Self::Cors => "GetBucketCors",
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Policy => "aws.bucket-policy",
            Self::Cors => "aws.cors",
        }
    }

    /// Adds the colleague's entry behind all others.
    fn edit(self, bucket: &mut Bucket) {
        match self {
            Self::Policy => {
                let mut policy: Value =
                    serde_json::from_str(bucket.policy.as_deref().expect("a policy"))
                        .expect("JSON");
                policy["Statement"]
                    .as_array_mut()
                    .expect("statements")
                    .push(json!({
                        "Sid": NAME,
                        "Effect": "Allow",
                        "Principal": { "AWS": "arn:aws:iam::444455556666:user/partner" },
                        "Action": "s3:GetObject",
                        "Resource": format!("arn:aws:s3:::{BUCKET}/colleague/*"),
                    }));
                bucket.policy = Some(policy.to_string());
            }
            Self::Cors => bucket.cors.as_mut().expect("rules").push(CorsRule {
                id: Some(NAME.to_owned()),
                allowed_origins: vec!["https://colleague.acme.example".to_owned()],
                allowed_methods: vec!["GET".to_owned()],
                ..CorsRule::default()
            }),
        }
    }

    /// Whether our entry is there.
    fn has_ours(self, bucket: &Bucket) -> bool {
        match self {
            Self::Policy => statements(bucket).contains(&statement()),
            Self::Cors => rules(bucket).contains(&published_rule()),
        }
    }
}

/// Everything in a bucket but our entries, as it is stored.
fn foreign(bucket: &Bucket) -> (Vec<Value>, Vec<CorsRule>) {
    let (mut statements, mut rules) = (statements(bucket), rules(bucket));
    statements.retain(|entry| *entry != statement());
    rules.retain(|entry| *entry != published_rule());
    (statements, rules)
}

/// What happens to the write, and before which reading of the document the colleague edits it.
fn troubles() -> Vec<(Option<(Moment, FaultKind)>, usize)> {
    let (before, after) = (Moment::BeforeEffect, Moment::AfterEffect);
    vec![
        (None, 2),
        (Some((before, status(503, "SlowDown"))), 3),
        (Some((before, status(409, "OperationAborted"))), 3),
        (Some((before, status(500, "InternalError"))), 3),
        (Some((before, FaultKind::Reset)), 3),
        (Some((after, status(500, "InternalError"))), 3),
        (Some((after, FaultKind::Reset)), 3),
    ]
}

#[test]
fn what_a_colleague_writes_meanwhile_is_never_overwritten() {
    let scenes = Scene::all();
    std::thread::scope(|scope| {
        for scene in scenes.iter().filter(|scene| scene.shared) {
            for sent in scene.sent.iter().filter(|sent| sent.writes()) {
                scope.spawn(move || {
                    for (trouble, reading) in troubles() {
                        one(scene, sent, trouble, reading);
                    }
                });
            }
        }
    });
}

fn one(scene: &Scene, sent: &Sent, trouble: Option<(Moment, FaultKind)>, reading: usize) {
    let document = Document::of(sent);
    let name = format!("[{}] {}: {trouble:?}", scene.name, sent.operation);
    let stage = Stage::with(scene.before.clone());
    let was_made = matches!(trouble, Some((Moment::AfterEffect, _)));
    let unanswered = matches!(trouble, Some((_, FaultKind::Reset)));
    if let Some((moment, kind)) = trouble {
        let on = On::operation(&sent.operation, sent.nth);
        stage.sandbox.inject(Fault {
            on,
            times: 1,
            moment,
            kind,
        });
    }
    stage
        .sandbox
        .on_request(On::operation(document.read(), reading), move |state| {
            document.edit(state.aws.buckets.get_mut(BUCKET).expect("the bucket"));
        });
    let told = ran(&mut stage.command(&scene.arguments));
    let left = bucket(&stage);
    let mut expected = scene.bucket_before().clone();
    document.edit(&mut expected);
    assert_eq!(
        foreign(&left),
        foreign(&expected),
        "{name}: {}",
        told.stdout
    );

    // Made before the colleague came: done, whoever came later. Not made: moved, and so not touched. A write without an
    // answer may be under way still.
    let connects = document.has_ours(&scene.after);
    assert_eq!(
        document.has_ours(&left),
        connects == was_made,
        "{name}: {}",
        told.stdout
    );
    let first = document == Document::Policy;
    let (result, status) = match (was_made, unanswered) {
        (true, _) => ("written", 0),
        (false, true) => ("uncertain", 5),
        (false, false) => ("stale", if first { 7 } else { 5 }),
    };
    let report: Value = serde_json::from_str(&told.stdout).expect("one JSON document");
    let changes = report["changes"].as_array().expect("changes");
    let change = changes
        .iter()
        .find(|change| change["id"] == document.id())
        .expect("the change");
    assert_eq!(change["result"], result, "{name}");
    assert_eq!(
        told.status,
        Some(status),
        "{name}: {}{}",
        told.stdout,
        told.stderr
    );

    let again = ran(&mut stage.command(&scene.arguments));
    assert_eq!(
        again.status,
        Some(0),
        "{name}, again: {}{}",
        again.stdout,
        again.stderr
    );
    let left = bucket(&stage);
    assert_eq!(foreign(&left), foreign(&expected), "{name}, again");
    assert_eq!(document.has_ours(&left), connects, "{name}, again");
}
