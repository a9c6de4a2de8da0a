//! Every request of `connect` and `disconnect` on Google Cloud goes wrong in every way, one at a time, SIGKILL included:
//! what is left behind, and whether the program told the truth about it.
//!
//! The cases are made from what an undisturbed run sends, so a request that is added later is covered by itself.

mod scene;

use std::collections::BTreeSet;
use std::process::Stdio;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use segments_connect::sandbox::gcp::fault;
use segments_connect::sandbox::{Fault, FaultKind, Moment, On};
use serde_json::Value;

use crate::gcp_support::{GcpStage, writes};
use crate::support::ran;
use scene::{Held, Scene, Sent};

/// Most of the time is spent waiting for the program's own pauses, so more cases than cores run at once.
const AT_ONCE: usize = 12;
/// Longer than any run takes to come to a request, on the slowest machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// What goes wrong with one request; nothing: the program is killed there.
type Trouble = (Moment, Option<FaultKind>);

fn troubles(sent: &Sent) -> Vec<Trouble> {
    let (before, after) = (Moment::BeforeEffect, Moment::AfterEffect);
    let mut troubles = vec![
        (before, Some(fault("UNAVAILABLE", "on request"))),
        (before, Some(fault("INTERNAL", "on request"))),
        (before, Some(fault("RESOURCE_EXHAUSTED", "on request"))),
        (before, Some(FaultKind::Reset)),
        (before, Some(FaultKind::Stall)),
        (after, Some(FaultKind::Truncated)),
        (after, Some(FaultKind::Garbage)),
        (before, None),
        (after, None),
    ];
    if writes(&sent.operation) {
        troubles.extend([
            (after, Some(fault("UNAVAILABLE", "on request"))),
            (after, Some(fault("INTERNAL", "on request"))),
            (after, Some(FaultKind::Reset)),
            (after, Some(FaultKind::Stall)),
            (before, Some(fault("ABORTED", "on request"))),
            (before, Some(fault("PERMISSION_DENIED", "on request"))),
        ]);
    }
    troubles
}

/// A trouble at one request of one scene.
struct Case<'a> {
    scene: &'a Scene,
    sent: &'a Sent,
    trouble: Trouble,
}

/// What a disturbed run left behind.
struct Left {
    held: Held,
    status: Option<i32>,
    stdout: String,
    stage: GcpStage,
}

impl Case<'_> {
    fn name(&self) -> String {
        format!(
            "[{}] {} {}: {:?}",
            self.scene.name, self.sent.operation, self.sent.nth, self.trouble
        )
    }

    fn disturb(&self) -> Left {
        let stage = GcpStage::with(self.scene.before.clone());
        let mut words = self.scene.arguments();
        let on = On::operation(&self.sent.operation, self.sent.nth);
        let (moment, kind) = &self.trouble;
        let (status, stdout) = if let Some(kind) = kind {
            stage.sandbox.inject(Fault {
                on,
                times: 1,
                moment: *moment,
                kind: kind.clone(),
            });
            if *kind == FaultKind::Stall {
                words.extend(["--timeout", "1s"]);
            }
            let told = ran(&mut stage.command(&words));
            (told.status, told.stdout)
        } else {
            // Kept to the end: the connection of a dead client is dropped, and its request with it.
            let hold = stage.sandbox.hold(on, *moment);
            let mut child = stage
                .command(&words)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .expect("the program starts");
            let there = hold.wait(PATIENCE);
            child.kill().expect("a child can be killed");
            let output = child.wait_with_output().expect("a child can be waited for");
            assert!(there, "{}: the request never came", self.name());
            let left = Held::of(&stage);
            return Left {
                held: left,
                status: output.status.code(),
                stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
                stage,
            };
        };
        Left {
            held: Held::of(&stage),
            status,
            stdout,
            stage,
        }
    }

    /// Everything that is wrong, each with the name of the case.
    fn run(&self) -> Vec<String> {
        let left = self.disturb();
        let mut complaints = Vec::new();
        let (before, after, now) = (&self.scene.held, &self.scene.after, &left.held);
        for (what, is_one) in [
            ("role", now.role == before.role || now.role == after.role),
            (
                "policy",
                now.bindings == before.bindings || now.bindings == after.bindings,
            ),
            ("CORS", now.cors == before.cors || now.cors == after.cors),
            ("rest", now.rest == before.rest),
        ] {
            if !is_one {
                complaints.push(format!(
                    "the {what} is neither as before nor as after: {now:?}"
                ));
            }
        }
        if self.trouble.1.is_some() {
            self.the_status_is_true(&left, &mut complaints);
            self.the_document_is_true(&left, &mut complaints);
        } else if left.status.is_some() || !left.stdout.is_empty() {
            complaints.push(format!("it was not killed: {:?}", left.status));
        }
        let backups = std::fs::read_dir(left.stage.backups()).map_or(0, Iterator::count);
        if now != before && backups != 1 {
            complaints.push(format!("{backups} backups"));
        }
        if now != after {
            self.running_again_finishes(&left, &mut complaints);
        }
        complaints
            .into_iter()
            .map(|complaint| format!("{}: {complaint}", self.name()))
            .collect()
    }

    fn the_status_is_true(&self, left: &Left, complaints: &mut Vec<String>) {
        let changed = left.held != self.scene.held;
        let finished = left.held == self.scene.after;
        let fits = match left.status {
            Some(0 | 4 | 6) => finished,
            Some(1 | 7 | 8) => !changed,
            Some(5) => true,
            _ => false,
        };
        if !fits {
            complaints.push(format!(
                "exit status {:?} (changed: {changed}, finished: {finished}): {}",
                left.status, left.stdout
            ));
        }
        if left.status == Some(4) && !matches!(self.trouble.1, Some(FaultKind::Garbage)) {
            complaints.push("a fault is told as Segments.ai being blocked".to_owned());
        }
    }

    fn the_document_is_true(&self, left: &Left, complaints: &mut Vec<String>) {
        let Ok(document) = serde_json::from_str::<Value>(&left.stdout) else {
            complaints.push(format!(
                "standard output is not one JSON document: {}",
                left.stdout
            ));
            return;
        };
        let stopped = !matches!(left.status, Some(0 | 4 | 6));
        if document["error"].is_object() != stopped {
            complaints.push(format!(
                "status {:?}, error {}",
                left.status, document["error"]
            ));
        }
        let (before, after, now) = (&self.scene.held, &self.scene.after, &left.held);
        let mut told_write = false;
        for change in document["changes"].as_array().into_iter().flatten() {
            let (is_before, is_after) = match change["id"].as_str() {
                Some("gcp.custom-role") => (now.role == before.role, now.role == after.role),
                Some("gcp.bucket-iam") => (
                    now.bindings == before.bindings,
                    now.bindings == after.bindings,
                ),
                Some("gcp.cors") => (now.cors == before.cors, now.cors == after.cors),
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
        if stopped && told_write != (left.status == Some(5)) {
            complaints.push(format!(
                "status {:?}, and a write is told: {told_write}",
                left.status
            ));
        }
    }

    /// The same command again, on what was left, without trouble.
    fn running_again_finishes(&self, left: &Left, complaints: &mut Vec<String>) {
        let world = left.stage.world(|world| world.clone());
        let stage = GcpStage::with(world);
        let again = ran(&mut stage.command(&self.scene.arguments()));
        if again.status != Some(0) {
            complaints.push(format!(
                "again: exit status {:?}: {}{}",
                again.status, again.stdout, again.stderr
            ));
        }
        let held = Held::of(&stage);
        if held != self.scene.after {
            complaints.push(format!("again: {held:?}"));
        }
    }
}

#[test]
fn whatever_happens_to_one_request_nothing_foreign_is_lost_and_nothing_untrue_is_told() {
    let scenes = Scene::all();
    let mut cases = Vec::new();
    for scene in &scenes {
        for sent in &scene.sent {
            cases.extend(troubles(sent).into_iter().map(|trouble| Case {
                scene,
                sent,
                trouble,
            }));
        }
    }
    let written = scenes
        .iter()
        .flat_map(|scene| &scene.sent)
        .filter(|sent| writes(&sent.operation))
        .count();
    assert_eq!(written, 6, "each of two runs writes three documents");
    println!("fault matrix on Google Cloud: {} cases", cases.len());
    let next = AtomicUsize::new(0);
    let wrong: Mutex<BTreeSet<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let complaints = case.run();
                    wrong
                        .lock()
                        .expect("no other thread panicked")
                        .extend(complaints);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no thread panicked");
    assert!(
        wrong.is_empty(),
        "{} complaints:\n{}",
        wrong.len(),
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
}
