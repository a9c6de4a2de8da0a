//! What became of each change, and what stops a run: plain decisions of the spine, and their words.

use crate::apply::Applied;
use crate::error::{ErrorCode, Failure};
use crate::plan::Change;
use crate::report::{ChangeResult, Report};
use crate::resource::{Intent, Scope};

pub(super) fn first_result(change: &Change) -> ChangeResult {
    if change.refusal.is_some() {
        ChangeResult::Refused
    } else if change.hand_off.is_some() {
        ChangeResult::Skipped
    } else if change.writes() {
        ChangeResult::Planned
    } else {
        ChangeResult::Unchanged
    }
}

/// What became of a change, and the failure that stops the run.
pub(super) fn outcome(applied: Applied, title: &str) -> (ChangeResult, Option<Failure>) {
    match applied {
        Applied::Unchanged => (ChangeResult::Unchanged, None),
        Applied::Written => (ChangeResult::Written, None),
        Applied::Stale => (
            ChangeResult::Stale,
            Some(
                Failure::new(
                    ErrorCode::Stale,
                    format!("the {title} was changed by someone else since it was shown, so nothing was written to it"),
                )
                .hint("run the same command again to see it as it is now"),
            ),
        ),
        Applied::Failed(failure) => (ChangeResult::Failed, Some(failure)),
        Applied::Uncertain(failure) => (
            ChangeResult::Uncertain,
            Some(Failure {
                code: ErrorCode::Uncertain,
                ..failure
            }
            .hint(format!(
                "whether the {title} was written is not known; running the same command again finds out and continues"
            ))),
        ),
        // The run goes on with what is the caller's to do; what is left is told at its end. Where no right is missing,
        // it was not tried: it waits for another change.
        Applied::HandedOff(hand_off) if hand_off.missing.is_empty() => (ChangeResult::Skipped, None),
        Applied::HandedOff(_) => (ChangeResult::Failed, None),
        Applied::Interrupted => (ChangeResult::Skipped, Some(interrupted())),
    }
}

/// "the A, the B and the C".
fn listed(titles: &[&str]) -> String {
    let named: Vec<String> = titles.iter().map(|title| format!("the {title}")).collect();
    match named.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

/// Once something was written, stopping is "unfinished", whatever the reason; the reason stays the cause.
pub(super) fn unfinished(report: &Report, failure: Failure) -> Failure {
    if !report.wrote() || matches!(failure.code, ErrorCode::Partial | ErrorCode::Uncertain) {
        return failure;
    }
    let told = |wanted: &[ChangeResult]| -> Vec<&str> {
        report
            .changes
            .iter()
            .filter(|entry| wanted.contains(&entry.result))
            .map(|entry| entry.change.subject.title)
            .collect()
    };
    let written = told(&[ChangeResult::Written]);
    let left = told(&[
        ChangeResult::Stale,
        ChangeResult::Failed,
        ChangeResult::Skipped,
    ]);
    let was = |titles: &[&str]| if titles.len() == 1 { "was" } else { "were" };
    let message = if left.is_empty() {
        format!(
            "{} {} written, and the run stopped before everything was checked",
            listed(&written),
            was(&written)
        )
    } else {
        format!(
            "{} {} written, and {} {} not",
            listed(&written),
            was(&written),
            listed(&left),
            was(&left)
        )
    };
    let mut partial = Failure::new(ErrorCode::Partial, message).cause(failure.one_line());
    partial.missing = failure.missing;
    partial.hints = failure.hints;
    let left_to_others = report
        .changes
        .iter()
        .any(|entry| entry.change.hand_off.is_some());
    if left_to_others && failure.code == ErrorCode::NotPermitted {
        // Why, and how it goes on, is said already.
        partial.causes = failure.causes;
        return partial;
    }
    partial.hint("running the same command again continues where this run stopped")
}

/// Fails where a change is left to somebody else; each is a next step.
pub(super) fn handed_off(report: &Report) -> Result<(), Failure> {
    let left: Vec<_> = report
        .changes
        .iter()
        .filter_map(|entry| Some((entry.change.subject.title, entry.change.hand_off.as_ref()?)))
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    let titles: Vec<&str> = left.iter().map(|(title, _)| *title).collect();
    let verb = if titles.len() == 1 { "is" } else { "are" };
    let mut failure = Failure::new(
        ErrorCode::NotPermitted,
        format!("{} {verb} left to somebody else", listed(&titles)),
    );
    for (_, hand_off) in &left {
        if !failure.causes.contains(&hand_off.reason) {
            failure.causes.push(hand_off.reason.clone());
        }
        for missing in &hand_off.missing {
            if !failure.missing.contains(missing) {
                failure.missing.push(missing.clone());
            }
        }
    }
    Err(failure.hint(
        "the next steps say who can do it and how; afterwards, run the same command again: it continues from there",
    ))
}

/// What somebody else is to do, in the order of the documents.
pub(super) fn hand_off_steps(report: &Report) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    for entry in &report.changes {
        if let Some(hand_off) = &entry.change.hand_off
            && !steps.contains(&hand_off.step)
        {
            steps.push(hand_off.step.clone());
        }
    }
    steps
}

/// Everything that was planned and is now not going to be tried.
pub(super) fn skip_rest(report: &mut Report) {
    for entry in &mut report.changes {
        if entry.result == ChangeResult::Planned {
            entry.result = ChangeResult::Skipped;
        }
    }
}

pub(super) fn refused(report: &Report) -> Result<(), Failure> {
    let refusals: Vec<_> = report
        .changes
        .iter()
        .filter_map(|entry| Some((entry.change.subject, entry.change.refusal.as_ref()?)))
        .collect();
    let Some(((subject, first), rest)) = refusals.split_first() else {
        return Ok(());
    };
    let mut failure = Failure::new(
        ErrorCode::Refused,
        format!("will not change the {}: {}", subject.title, first.reason),
    );
    failure.hints.clone_from(&first.hints);
    for (subject, refusal) in rest {
        failure
            .causes
            .push(format!("nor the {}: {}", subject.title, refusal.reason));
        failure.hints.extend(refusal.hints.iter().cloned());
    }
    Err(failure)
}

/// One failure speaks for all: one that names a missing permission, where there is one. Every missing permission is
/// named.
pub(super) fn merge_failures(mut failures: Vec<Failure>) -> Option<Failure> {
    failures.sort_by_key(|failure| failure.missing.is_empty());
    let mut failures = failures.into_iter();
    let mut merged = failures.next()?;
    for failure in failures {
        if failure.code == merged.code {
            merged.message = format!("{}, and {}", merged.message, failure.message);
            merged.causes.extend(failure.causes);
        } else {
            merged.causes.push(failure.one_line());
        }
        merged.missing.extend(failure.missing);
        for hint in failure.hints {
            if !merged.hints.contains(&hint) {
                merged.hints.push(hint);
            }
        }
    }
    Some(merged)
}

/// What is asked before writing: how many documents, and how far they reach.
pub(super) fn question(report: &Report, intent: Intent) -> String {
    let writes: Vec<&Change> = report
        .changes
        .iter()
        .map(|entry| &entry.change)
        .filter(|change| change.writes())
        .collect();
    let mut reach: Vec<&str> = Vec::new();
    for scope in writes.iter().map(|change| change.subject.scope) {
        if !reach.contains(&scope.in_words()) {
            reach.push(scope.in_words());
        }
    }
    let wider = writes
        .iter()
        .any(|change| change.subject.scope != Scope::Bucket);
    let what = match (intent, writes.len()) {
        (Intent::Connect, 1) => "Make this change".to_owned(),
        (Intent::Connect, count) => format!("Make these {count} changes"),
        (Intent::Disconnect, 1) => "Make this removal".to_owned(),
        (Intent::Disconnect, count) => format!("Make these {count} removals"),
    };
    let only = if wider { "" } else { " only" };
    let reaches = if writes.len() == 1 {
        "It reaches"
    } else {
        "They reach"
    };
    format!("{what}? {reaches} {}{only}.", reach.join(" and "))
}

pub(super) fn must_confirm() -> Failure {
    Failure::new(
        ErrorCode::ConfirmationRequired,
        "this command changes settings, and there is no terminal to ask at",
    )
    .hint("give `--yes` to make the changes, or use `plan` to see them first")
}

pub(super) fn interrupted() -> Failure {
    Failure::new(ErrorCode::Interrupted, "interrupted")
}
