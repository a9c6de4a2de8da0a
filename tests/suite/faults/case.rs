//! One case: a run of the program with one thing that goes wrong, and everything that must hold of it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use segments_connect::sandbox::aws::Bucket;
use segments_connect::sandbox::{Fault, FaultKind, Moment, On};
use serde_json::Value;

use super::scene::{Scene, Sent, bucket};
use crate::support::{BUCKET, Stage, ran};

/// Longer than any run takes to come to a request, on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub(crate) what: What,
    pub(crate) moment: Moment,
    pub(crate) reach: Reach,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    Fault(FaultKind),
    Kill,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This request alone.
    Once,
    /// This request and all later ones of the same operation.
    Operation,
    /// This request and all later ones.
    Everything,
}

impl Trouble {
    pub(crate) fn before(kind: FaultKind) -> Self {
        Self::new(What::Fault(kind), Moment::BeforeEffect)
    }

    pub(crate) fn after(kind: FaultKind) -> Self {
        Self::new(What::Fault(kind), Moment::AfterEffect)
    }

    pub(crate) fn kill_before() -> Self {
        Self::new(What::Kill, Moment::BeforeEffect)
    }

    pub(crate) fn kill_after() -> Self {
        Self::new(What::Kill, Moment::AfterEffect)
    }

    pub(crate) fn lasting(self) -> Self {
        Self {
            reach: Reach::Operation,
            ..self
        }
    }

    pub(crate) fn everywhere(self) -> Self {
        Self {
            reach: Reach::Everything,
            ..self
        }
    }

    fn new(what: What, moment: Moment) -> Self {
        Self {
            what,
            moment,
            reach: Reach::Once,
        }
    }

    pub(crate) fn in_words(&self) -> String {
        let Self {
            what,
            moment,
            reach,
        } = self;
        let what = match what {
            What::Kill => "SIGKILL".to_owned(),
            What::Fault(FaultKind::Status { status, code, .. }) => format!("{status} {code}"),
            What::Fault(kind) => format!("{kind:?}"),
        };
        format!("{what}, {moment:?}, {reach:?}")
    }

    /// Whether it is a fault of the network or of the service, which is no sign that anybody is blocked.
    pub(crate) fn is_of_the_network(&self) -> bool {
        match &self.what {
            What::Fault(FaultKind::Status { status, .. }) => *status >= 500,
            What::Fault(
                FaultKind::Throttled { .. }
                | FaultKind::Reset
                | FaultKind::Stall
                | FaultKind::Truncated,
            ) => true,
            What::Fault(FaultKind::Garbage | FaultKind::Answered { .. } | FaultKind::Slow(_))
            | What::Kill => false,
        }
    }
}

/// What a disturbed run left behind.
pub(super) struct Left {
    pub(super) bucket: Bucket,
    pub(super) status: Option<i32>,
    pub(super) stdout: String,
    stage: Stage,
}

/// A trouble at one request of one scene.
pub(super) struct Case<'a> {
    scene: &'a Scene,
    sent: &'a Sent,
    trouble: Trouble,
}

impl<'a> Case<'a> {
    pub(super) fn new(scene: &'a Scene, sent: &'a Sent, trouble: Trouble) -> Self {
        Self {
            scene,
            sent,
            trouble,
        }
    }

    pub(super) fn name(&self) -> String {
        let Sent {
            operation,
            nth,
            place,
            ..
        } = self.sent;
        format!(
            "[{}] request {place} ({operation} {nth}): {}",
            self.scene.name,
            self.trouble.in_words()
        )
    }

    /// Everything that is wrong, each with the name of the case.
    pub(super) fn run(&self) -> Vec<String> {
        let left = self.disturb();
        let mut complaints = Vec::new();
        self.nothing_foreign_is_touched(&left, &mut complaints);
        if self.trouble.what == What::Kill {
            if left.status.is_some() || !left.stdout.is_empty() {
                complaints.push(format!(
                    "it was not killed: {:?} {}",
                    left.status, left.stdout
                ));
            }
        } else {
            self.the_status_is_true(&left, &mut complaints);
            self.the_document_is_true(&left, &mut complaints);
        }
        self.the_backup_is_there(&left, &mut complaints);
        self.running_again_finishes(&left, &mut complaints);
        complaints
            .into_iter()
            .map(|complaint| format!("{}: {complaint}", self.name()))
            .collect()
    }

    /// Runs the program with the trouble.
    pub(super) fn disturb(&self) -> Left {
        let stage = Stage::with(self.scene.before.clone());
        let mut arguments = self.scene.arguments.to_vec();
        let on = || On::operation(&self.sent.operation, self.sent.nth);
        let (status, stdout) = match &self.trouble.what {
            What::Kill => {
                // Kept to the end: the connection of a dead client is dropped, and its request with it.
                let hold = stage.sandbox.hold(on(), self.trouble.moment);
                let mut child = stage
                    .command(&arguments)
                    .stdout(Stdio::piped())
                    .stderr(Stdio::null())
                    .spawn()
                    .expect("the program starts");
                let there = hold.wait(PATIENCE);
                child.kill().expect("a child can be killed");
                let output = child.wait_with_output().expect("a child can be waited for");
                assert!(there, "{}: the request never came", self.name());
                let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
                let left = bucket(&stage);
                return Left {
                    bucket: left,
                    status: output.status.code(),
                    stdout,
                    stage,
                };
            }
            What::Fault(kind) => {
                let (on, times) = match self.trouble.reach {
                    Reach::Once => (on(), 1),
                    Reach::Operation => (on(), usize::MAX),
                    Reach::Everything => (On::Request(self.sent.place), usize::MAX),
                };
                stage.sandbox.inject(Fault {
                    on,
                    times,
                    moment: self.trouble.moment,
                    kind: kind.clone(),
                });
                if *kind == FaultKind::Stall {
                    arguments.extend(["--timeout", "300ms"]);
                }
                let told = ran(&mut stage.command(&arguments));
                (told.status, told.stdout)
            }
        };
        Left {
            bucket: bucket(&stage),
            status,
            stdout,
            stage,
        }
    }

    /// Each document is to the letter what it was, or what an undisturbed run makes of it; nothing else is touched.
    fn nothing_foreign_is_touched(&self, left: &Left, complaints: &mut Vec<String>) {
        let (before, after, now) = (self.scene.bucket_before(), &self.scene.after, &left.bucket);
        if ![&before.policy, &after.policy].contains(&&now.policy) {
            complaints.push(format!("the policy is {:?}", now.policy));
        }
        if ![&before.cors, &after.cors].contains(&&now.cors) {
            complaints.push(format!("the CORS rules are {:?}", now.cors));
        }
        let rest = Bucket {
            policy: before.policy.clone(),
            cors: before.cors.clone(),
            ..now.clone()
        };
        if rest != *before {
            complaints.push(format!("the bucket is {rest:?}"));
        }
    }

    fn the_status_is_true(&self, left: &Left, complaints: &mut Vec<String>) {
        let changed = left.bucket != *self.scene.bucket_before();
        let finished = self.scene.is_finished(&left.bucket);
        let fits = match left.status {
            Some(0 | 4 | 6) => finished,
            Some(1 | 7 | 8) => !changed,
            Some(5) => true,
            _ => false,
        };
        if !fits {
            complaints.push(format!(
                "exit status {:?} (changed: {changed}, finished: {finished})",
                left.status
            ));
        }
        // Whatever the network does, it is no sign that Segments.ai is blocked. An answer that reads as a refusal is.
        if self.trouble.is_of_the_network() && left.status == Some(4) {
            complaints
                .push("a fault of the network is told as Segments.ai being blocked".to_owned());
        }
        if self.must_pass_unseen() && (left.status != Some(0) || !finished) {
            complaints.push(format!(
                "a single fault was not overcome: exit status {:?}",
                left.status
            ));
        }
    }

    /// One further try overcomes it: the SDK's for reads, and for writes the program's own.
    fn must_pass_unseen(&self) -> bool {
        let passes = match &self.trouble.what {
            What::Fault(FaultKind::Status { status, .. }) => {
                *status >= 500 && !self.sent.is_of_a_browser()
            }
            What::Fault(FaultKind::Throttled { .. } | FaultKind::Reset) => true,
            // A machine under load may let other requests run out of their time too.
            What::Fault(
                FaultKind::Stall
                | FaultKind::Truncated
                | FaultKind::Garbage
                | FaultKind::Answered { .. }
                | FaultKind::Slow(_),
            )
            | What::Kill => false,
        };
        passes && self.trouble.reach == Reach::Once
    }

    fn the_document_is_true(&self, left: &Left, complaints: &mut Vec<String>) {
        let document: Value = match serde_json::from_str(&left.stdout) {
            Ok(document) => document,
            Err(error) => {
                complaints.push(format!(
                    "standard output is not one JSON document: {error}: {}",
                    left.stdout
                ));
                return;
            }
        };
        let stopped = !matches!(left.status, Some(0 | 4 | 6));
        if document["error"].is_object() != stopped {
            complaints.push(format!(
                "exit status {:?} and error {}",
                left.status, document["error"]
            ));
        }
        let (before, after, now) = (self.scene.bucket_before(), &self.scene.after, &left.bucket);
        let mut told_write = false;
        for change in document["changes"].as_array().into_iter().flatten() {
            let (is_before, is_after) = match change["id"].as_str() {
                Some("aws.bucket-policy") => {
                    (now.policy == before.policy, now.policy == after.policy)
                }
                Some("aws.cors") => (now.cors == before.cors, now.cors == after.cors),
                other => {
                    complaints.push(format!("a change of {other:?}"));
                    continue;
                }
            };
            let result = change["result"].as_str().unwrap_or_default();
            told_write |= matches!(result, "written" | "uncertain");
            let holds = match result {
                "written" => is_after,
                "uncertain" => true,
                "unchanged" | "failed" | "skipped" | "stale" | "refused" => is_before,
                _ => false,
            };
            if !holds {
                complaints.push(format!(
                    "{} is told as {result:?}, and it is not so: {}",
                    change["id"], document["error"]
                ));
            }
        }
        if told_write != (left.status == Some(5)) && !matches!(left.status, Some(0 | 4 | 6)) {
            complaints.push(format!(
                "exit status {:?}, and a write is told: {told_write}",
                left.status
            ));
        }
    }

    /// Whatever was changed was saved before, as it was.
    fn the_backup_is_there(&self, left: &Left, complaints: &mut Vec<String>) {
        let before = self.scene.bucket_before();
        if left.bucket == *before {
            return;
        }
        let saved = saved(&left.stage.backups());
        let [backup] = saved.as_slice() else {
            complaints.push(format!("{} backups", saved.len()));
            return;
        };
        let policy: Value = before.policy.as_deref().map_or(Value::Null, |text| {
            serde_json::from_str(text).expect("JSON")
        });
        let rules = before.cors.as_ref().map_or(0, Vec::len);
        let documents = &backup["documents"];
        if documents["aws.bucket-policy"] != policy
            || documents["aws.cors"].as_array().map_or(0, Vec::len) != rules
        {
            complaints.push(format!("the backup holds {documents}"));
        }
    }

    /// The same command again, on the bucket as it was left, without trouble. That a run on the finished bucket writes
    /// nothing was seen when the scene was learnt, so it need not be run again here.
    fn running_again_finishes(&self, left: &Left, complaints: &mut Vec<String>) {
        if self.scene.is_finished(&left.bucket) {
            return;
        }
        let mut world = self.scene.before.clone();
        world.buckets.insert(BUCKET.to_owned(), left.bucket.clone());
        let stage = Stage::with(world);
        let again = ran(&mut stage.command(&self.scene.arguments));
        if again.status != Some(0) {
            complaints.push(format!(
                "again: exit status {:?}: {}{}",
                again.status, again.stdout, again.stderr
            ));
        }
        if !self.scene.is_finished(&bucket(&stage)) {
            complaints.push(format!("again: the bucket is {:?}", bucket(&stage)));
        }
    }
}

/// Every backup in a directory.
pub(crate) fn saved(directory: &Path) -> Vec<Value> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let text = std::fs::read_to_string(path).expect("a file");
            serde_json::from_str(&text).expect("a backup is JSON")
        })
        .collect()
}
