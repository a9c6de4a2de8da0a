//! Every request of `connect` and `disconnect` goes wrong in every way, one at a time: what is left in the bucket, and
//! whether the program told the truth about it.
//!
//! The cases are made from what an undisturbed run sends, so a request that is added later is covered by itself.

pub(crate) mod case;
mod colleague;
pub(crate) mod scene;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use segments_connect::sandbox::FaultKind;

use case::{Case, Trouble};
use scene::{Scene, Sent};

/// Most of the time is spent waiting for the program's own pauses, so more cases than cores run at once.
const AT_ONCE: usize = 12;

/// What can happen to one request. The effect of a read is nothing, so before and after differ for writes alone; killing
/// is tried at both moments all the same.
fn single_troubles(sent: &Sent) -> Vec<Trouble> {
    let mut troubles = vec![
        Trouble::before(status(500, "InternalError")),
        Trouble::before(status(503, "SlowDown")),
        Trouble::before(FaultKind::Reset),
        Trouble::before(FaultKind::Stall),
        Trouble::after(FaultKind::Truncated),
        Trouble::after(FaultKind::Garbage),
        Trouble::kill_before(),
        Trouble::kill_after(),
    ];
    if sent.writes() {
        troubles.extend([
            Trouble::after(status(500, "InternalError")),
            // What a gateway answers when it lost the answer of the service behind it.
            Trouble::after(status(503, "ServiceUnavailable")),
            Trouble::after(FaultKind::Reset),
            Trouble::after(FaultKind::Stall),
            Trouble::before(FaultKind::Truncated),
        ]);
    }
    troubles
}

/// What can last: the operation fails from that request on, and so does everything, as when the network goes away.
fn lasting_troubles(sent: &Sent) -> Vec<Trouble> {
    let mut troubles = vec![
        Trouble::before(status(500, "InternalError")).lasting(),
        Trouble::before(status(403, "AccessDenied")).lasting(),
        Trouble::before(FaultKind::Stall).lasting(),
        Trouble::before(FaultKind::Reset).everywhere(),
        Trouble::before(FaultKind::Stall).everywhere(),
    ];
    if sent.writes() {
        troubles.extend([
            Trouble::before(status(503, "SlowDown")).lasting(),
            Trouble::before(status(409, "OperationAborted")).lasting(),
            Trouble::after(status(500, "InternalError")).lasting(),
            Trouble::after(FaultKind::Reset).lasting(),
            Trouble::after(FaultKind::Reset).everywhere(),
        ]);
    }
    troubles
}

pub(crate) fn status(status: u16, code: &str) -> FaultKind {
    FaultKind::Status {
        status,
        code: code.to_owned(),
        message: "on request".to_owned(),
    }
}

#[test]
fn whatever_happens_to_one_request_nothing_foreign_is_lost_and_nothing_untrue_is_told() {
    let scenes = Scene::all();
    let mut cases = Vec::new();
    for scene in &scenes {
        // On a bucket that nobody else has configured, only the writes differ: the documents come and go as a whole.
        for sent in scene
            .sent
            .iter()
            .filter(|sent| scene.shared || sent.writes())
        {
            cases.extend(
                single_troubles(sent)
                    .into_iter()
                    .map(|trouble| Case::new(scene, sent, trouble)),
            );
        }
    }
    let requests: usize = scenes
        .iter()
        .filter(|scene| scene.shared)
        .map(|scene| scene.sent.len())
        .sum();
    let writes = scenes
        .iter()
        .flat_map(|scene| &scene.sent)
        .filter(|sent| sent.writes())
        .count();
    assert_eq!(writes, 8, "each of four runs writes two documents");
    assert!(
        cases.len() >= requests * 8 + writes * 5,
        "{} cases",
        cases.len()
    );
    run_all(&cases, Case::run, "fault matrix");
}

#[test]
fn whatever_stays_broken_nothing_foreign_is_lost_and_nothing_untrue_is_told() {
    let scenes = Scene::all();
    let mut cases = Vec::new();
    for scene in scenes.iter().filter(|scene| scene.shared) {
        for sent in &scene.sent {
            cases.extend(
                lasting_troubles(sent)
                    .into_iter()
                    .map(|trouble| Case::new(scene, sent, trouble)),
            );
        }
    }
    let requests: usize = scenes
        .iter()
        .filter(|scene| scene.shared)
        .map(|scene| scene.sent.len())
        .sum();
    assert!(cases.len() >= requests * 5, "{} cases", cases.len());
    run_all(&cases, Case::run, "fault matrix of lasting faults");
}

#[test]
fn a_write_that_is_confirmed_and_was_not_made_is_never_told_as_a_pass() {
    for scene in Scene::all()
        .iter()
        .filter(|scene| scene.name.starts_with("connect"))
    {
        for sent in scene.sent.iter().filter(|sent| sent.writes()) {
            let case = Case::new(scene, sent, Trouble::before(FaultKind::Garbage));
            let left = case.disturb();
            assert!(
                !scene.is_finished(&left.bucket),
                "{}: the sandbox made the write",
                case.name()
            );
            assert_eq!(left.status, Some(4), "{}: {}", case.name(), left.stdout);
        }
    }
}

/// Runs the cases side by side, and tells all that is wrong at once.
#[expect(
    clippy::print_stdout,
    reason = "how much was tried belongs into the record of a run"
)]
pub(crate) fn run_all<C: Sync>(cases: &[C], run: impl Fn(&C) -> Vec<String> + Sync, name: &str) {
    let next = AtomicUsize::new(0);
    let wrong: Mutex<BTreeSet<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let complaints = run(case);
                    wrong
                        .lock()
                        .expect("no other thread panicked")
                        .extend(complaints);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no thread panicked");
    println!("{name}: {} cases", cases.len());
    assert!(
        wrong.is_empty(),
        "{} complaints:\n{}",
        wrong.len(),
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
}
