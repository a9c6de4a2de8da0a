//! On Azure: every request of `connect` and `disconnect` goes wrong in every way, one at a time and for good: what is
//! left in the tenant and in the account, and whether the program told the truth about it.
//!
//! The cases are made from what an undisturbed run sends, so a request that is added later is covered by itself.

mod case;
mod scene;

use segments_connect::sandbox::FaultKind;

use crate::faults::case::Trouble;
use crate::faults::{run_all, status};
use case::Case;
use scene::{Scene, Sent};

/// What can happen to one request. The effect of a read is nothing, so before and after differ for writes alone; killing
/// is tried at both moments all the same.
fn single_troubles(sent: &Sent) -> Vec<Trouble> {
    let mut troubles = vec![
        Trouble::before(status(500, "InternalServerError")),
        Trouble::before(status(503, "ServiceUnavailable")),
        Trouble::before(FaultKind::Reset),
        Trouble::before(FaultKind::Stall),
        Trouble::after(FaultKind::Truncated),
        Trouble::after(FaultKind::Garbage),
        Trouble::kill_before(),
        Trouble::kill_after(),
    ];
    if sent.writes() {
        troubles.extend([
            Trouble::after(status(500, "InternalServerError")),
            // What a gateway answers when it lost the answer of the service behind it.
            Trouble::after(status(504, "GatewayTimeout")),
            Trouble::after(FaultKind::Reset),
            Trouble::after(FaultKind::Stall),
            Trouble::before(FaultKind::Truncated),
            Trouble::before(status(409, "AnotherOperationInProgress")),
        ]);
    }
    troubles
}

/// What can last: the operation fails from that request on, and so does everything, as when the network goes away.
fn lasting_troubles(sent: &Sent) -> Vec<Trouble> {
    let mut troubles = vec![
        Trouble::before(status(500, "InternalServerError")).lasting(),
        Trouble::before(status(403, "AuthorizationFailed")).lasting(),
        Trouble::before(FaultKind::Stall).lasting(),
        Trouble::before(FaultKind::Reset).everywhere(),
        Trouble::before(FaultKind::Stall).everywhere(),
    ];
    if sent.writes() {
        troubles.extend([
            Trouble::before(status(409, "AnotherOperationInProgress")).lasting(),
            Trouble::before(status(409, "ScopeLocked")).lasting(),
            Trouble::before(status(429, "TooManyRequests")).lasting(),
            Trouble::after(status(500, "InternalServerError")).lasting(),
            Trouble::after(FaultKind::Reset).lasting(),
            Trouble::after(FaultKind::Reset).everywhere(),
        ]);
    }
    troubles
}

fn cases(
    scenes: &[Scene],
    troubles: impl Fn(&Sent) -> Vec<Trouble>,
    which: impl Fn(&Scene, &Sent) -> bool,
) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for scene in scenes {
        for sent in scene.sent.iter().filter(|sent| which(scene, sent)) {
            cases.extend(
                troubles(sent)
                    .into_iter()
                    .map(|trouble| Case::new(scene, sent, trouble)),
            );
        }
    }
    cases
}

#[test]
fn whatever_happens_to_one_request_nothing_foreign_is_lost_and_nothing_untrue_is_told() {
    let scenes = Scene::all();
    let writes: usize = scenes
        .iter()
        .map(|scene| scene.sent.iter().filter(|sent| sent.writes()).count())
        .sum();
    assert_eq!(writes, 3 + 3 + 2 + 3);
    // Where nobody else has configured anything, only the writes differ.
    let cases = cases(&scenes, single_troubles, |scene, sent| {
        scene.shared || sent.writes()
    });
    assert!(cases.len() >= 40 * 8, "{} cases", cases.len());
    run_all(&cases, Case::run, "fault matrix on Azure");
}

#[test]
fn whatever_stays_broken_nothing_foreign_is_lost_and_nothing_untrue_is_told() {
    let scenes = Scene::all();
    let cases = cases(&scenes, lasting_troubles, |scene, _| scene.shared);
    assert!(cases.len() >= 40 * 5, "{} cases", cases.len());
    run_all(&cases, Case::run, "fault matrix of lasting faults on Azure");
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
                left.status != Some(0) || scene.is_finished(&left.now),
                "{}: {}",
                case.name(),
                left.stdout
            );
        }
    }
}
