//! One case: a run of the program with one thing that goes wrong, and everything that must hold of it.

use std::process::Stdio;

use segments_connect::sandbox::{Fault, FaultKind, On};
use serde_json::Value;

use super::scene::{Scene, Seen, Sent};
use crate::faults::case::{Reach, Trouble, What, saved};
use crate::support::azure::AzureStage;
use crate::support::{PATIENCE, ran};

/// What a disturbed run left behind.
pub(super) struct Left {
    pub(super) now: Seen,
    pub(super) status: Option<i32>,
    pub(super) stdout: String,
    stage: AzureStage,
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
        let request = &self.sent.request;
        format!(
            "[{}] request {} ({} {}): {}",
            self.scene.name,
            request.place,
            request.operation,
            request.nth,
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
        let stage = AzureStage::with(self.scene.before.clone());
        let mut arguments = self.scene.arguments.clone();
        let request = &self.sent.request;
        let on = || On::operation(&request.operation, request.nth);
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
                let now = stage.world(|world| Seen::of(world));
                return Left {
                    now,
                    status: output.status.code(),
                    stdout,
                    stage,
                };
            }
            What::Fault(kind) => {
                let (on, times) = match self.trouble.reach {
                    Reach::Once => (on(), 1),
                    Reach::Operation => (on(), usize::MAX),
                    Reach::Everything => (On::Request(request.place), usize::MAX),
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
            now: stage.world(|world| Seen::of(world)),
            status,
            stdout,
            stage,
        }
    }

    /// Each document is to the letter what it was, or what an undisturbed run makes of it; nothing else is touched.
    fn nothing_foreign_is_touched(&self, left: &Left, complaints: &mut Vec<String>) {
        let (was, after, now) = (&self.scene.was, &self.scene.after, &left.now);
        if now.cors != was.cors && now.cors != after.cors {
            complaints.push(format!("the CORS rules are {:?}", now.cors));
        }
        if now.assigned != was.assigned && now.assigned != after.assigned {
            complaints.push(format!("{} assignments of the app", now.assigned));
        }
        if now.account != was.account {
            complaints.push(format!("the account is {:?}", now.account));
        }
        if now.principals != was.principals {
            complaints.push(format!("the principals are {:?}", now.principals));
        }
        if now.assignments != was.assignments {
            complaints.push(format!("the assignments are {:?}", now.assignments));
        }
    }

    fn the_status_is_true(&self, left: &Left, complaints: &mut Vec<String>) {
        let changed = left.now != self.scene.was;
        let finished = self.scene.is_finished(&left.now);
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

    /// One further try overcomes it.
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
        let (was, after, now) = (&self.scene.was, &self.scene.after, &left.now);
        let mut told_write = false;
        for change in document["changes"].as_array().into_iter().flatten() {
            let (is_before, is_after) = match change["id"].as_str() {
                Some("azure.service-principal") => (now.app == was.app, now.app == after.app),
                Some("azure.role-assignment") => {
                    (now.assigned == was.assigned, now.assigned == after.assigned)
                }
                Some("azure.cors") => (now.cors == was.cors, now.cors == after.cors),
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
        let was = &self.scene.was;
        if left.now == *was {
            return;
        }
        let saved = saved(&left.stage.backups());
        let [backup] = saved.as_slice() else {
            complaints.push(format!("{} backups", saved.len()));
            return;
        };
        let documents = &backup["documents"];
        let after = &self.scene.after;
        let count = |list: &Value| list.as_array().map_or(0, Vec::len);
        let cors = &documents["azure.cors"];
        // A document that was not to be changed need not be there, and one that could not be read is not.
        let fits = (cors.is_null() || count(&cors["cors"]["corsRules"]) == was.cors.len())
            && (cors.is_object() || left.now.cors == was.cors)
            && (was.assigned == after.assigned
                || count(&documents["azure.role-assignment"]) == was.assigned)
            && (was.app == after.app
                || documents["azure.service-principal"].is_object() == was.app);
        if !fits {
            complaints.push(format!("the backup holds {documents}"));
        }
    }

    /// The same command again, on the world as it was left, without trouble. That a run on the finished world writes
    /// nothing was seen when the scene was learnt, so it need not be run again here.
    fn running_again_finishes(&self, left: &Left, complaints: &mut Vec<String>) {
        if self.scene.is_finished(&left.now) {
            return;
        }
        let stage = AzureStage::with(left.stage.world(|world| world.clone()));
        let again = ran(&mut stage.command(&self.scene.arguments));
        if again.status != Some(0) {
            complaints.push(format!(
                "again: exit status {:?}: {}{}",
                again.status, again.stdout, again.stderr
            ));
        }
        let now = stage.world(|world| Seen::of(world));
        if !self.scene.is_finished(&now) {
            complaints.push(format!("again: it is {now:?}"));
        }
    }
}
