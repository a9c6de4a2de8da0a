//! Runs the checks, again and again while a change may still be on its way, and sums up what they say.

use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::Instant;

use crate::error::Failure;
use crate::finding::{CheckResult, NotChecked, Status, proof, verdict};
use crate::output::progress::Progress;
use crate::report::Report;
use crate::resource::Intent;
use crate::step::Step;
use crate::wiring::Wiring;

/// Between two rounds at first; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// Makes every check, with patience for what may still settle, and writes the outcome into the report.
pub async fn verify(wiring: &dyn Wiring, wait: Duration, report: &mut Report, progress: &Progress) {
    let deadline = Instant::now() + wait;
    let mut pause = FIRST_PAUSE;
    let mut checks = wiring.check().await;
    while unsettled(&checks).is_some() && Instant::now() < deadline {
        if let Some(check) = unsettled(&checks) {
            progress.say(&format!("applied, not yet visible: {}", check.detail));
        }
        tokio::time::sleep_until((Instant::now() + pause).min(deadline)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        checks = wiring.check().await;
    }
    // Where a change is left to somebody else, what is missing is missing for that reason.
    let left = report
        .changes
        .iter()
        .any(|entry| entry.change.hand_off.is_some());
    if report.wrote() && !left {
        for check in &mut checks {
            if check.may_settle && check.status == Status::Fail {
                check.detail = format!("applied, not yet visible: {}", check.detail);
            }
        }
    }
    summed_up(checks, wiring.out_of_reach(), report);
}

/// Writes what the checks say together into the report.
pub fn summed_up(checks: Vec<CheckResult>, out_of_reach: Vec<NotChecked>, report: &mut Report) {
    report.verdict = Some(verdict(&checks));
    report.proof = proof(&checks);
    report.not_checked = not_checked(&checks, out_of_reach);
    report.checks = checks;
}

/// The titles of the documents in which, read again, there still is something to change; with patience.
///
/// # Errors
/// When one of them cannot be read.
pub async fn settled(
    steps: &[&dyn Step],
    intent: Intent,
    wait: Duration,
) -> Result<Vec<&'static str>, Failure> {
    let deadline = Instant::now() + wait;
    let mut pause = FIRST_PAUSE;
    loop {
        let changes = try_join_all(steps.iter().map(|step| step.plan(intent))).await?;
        let left: Vec<_> = changes
            .iter()
            .filter(|change| change.writes())
            .map(|change| change.subject.title)
            .collect();
        if left.is_empty() || Instant::now() >= deadline {
            return Ok(left);
        }
        tokio::time::sleep_until((Instant::now() + pause).min(deadline)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn unsettled(checks: &[CheckResult]) -> Option<&CheckResult> {
    checks
        .iter()
        .find(|check| check.may_settle && check.status == Status::Fail)
}

/// What could not be checked here, then what no run of this command can see.
fn not_checked(checks: &[CheckResult], out_of_reach: Vec<NotChecked>) -> Vec<NotChecked> {
    let mut all: Vec<NotChecked> = checks
        .iter()
        .filter(|check| matches!(check.status, Status::Unknown | Status::Skipped))
        .map(|check| NotChecked {
            what: check.name(),
            why: check.detail.clone(),
        })
        .collect();
    all.extend(out_of_reach);
    all
}
