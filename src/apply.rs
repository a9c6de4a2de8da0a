//! Makes one planned change: read again, compare with what was shown, write, settle.
//!
//! This module decides when a write may be sent and what its outcome was. It never decides what to
//! write: that was planned. See [`crate::plan`].

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{ErrorCode, Failure};
use crate::interrupt::Interrupt;
use crate::output::progress::Progress;
use crate::plan::{Planned, desired};
use crate::resource::{Guard, HandOff, Resource, Snapshot, WriteFailure};

/// How often a write is tried at most. Each further try first reads again and compares.
pub const TRIES: u32 = 5;

/// Between two tries of a write that the service will accept later, at first; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How long to wait for a service, and who is told meanwhile.
pub struct Patience<'a> {
    /// For how long a write is tried again that the service will accept later.
    pub wait: Duration,
    /// Ctrl-C.
    pub interrupt: &'a Interrupt,
    /// The spinner.
    pub progress: &'a Progress,
}

/// What became of a planned change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// The document already was as it should be.
    Unchanged,
    /// The service confirmed the write, or the document was read back as wanted.
    Written,
    /// The document moved since it was shown; nothing was written to it by this run, or not with effect.
    Stale,
    /// It was not written.
    Failed(Failure),
    /// A write got no answer, and reading back did not settle whether it was done.
    Uncertain(Failure),
    /// It was not written: it is somebody else's to make.
    HandedOff(HandOff),
    /// The run was asked to stop before this document was written.
    Interrupted,
}

/// What is not known about this run's own writes so far.
#[derive(Debug, Default)]
struct Doubt {
    /// A write whose answer does not say whether it was done: what is read back is what counts.
    unclear: Option<Failure>,
    /// A write that got no answer: it may be done yet, so only finding it done settles it.
    unanswered: Option<Failure>,
}

impl Doubt {
    /// What came of it, where nothing better is known than `otherwise`.
    fn or(self, otherwise: Applied) -> Applied {
        match (self.unanswered, otherwise) {
            (None, otherwise) => otherwise,
            (Some(write), Applied::Failed(failure)) => {
                Applied::Uncertain(write.cause(failure.one_line()))
            }
            (Some(write), Applied::Stale) => {
                Applied::Uncertain(write.cause("someone else has changed it since"))
            }
            (Some(write), _) => Applied::Uncertain(write),
        }
    }
}

/// Applies a planned change.
pub async fn apply<R: Resource>(
    resource: &R,
    planned: &Planned<R::Document>,
    patience: &Patience<'_>,
) -> Applied {
    let interrupt = patience.interrupt;
    let deadline = Instant::now() + patience.wait;
    let mut later = FIRST_PAUSE;
    let mut doubt = Doubt::default();
    let mut busy: Option<Failure> = None;
    let mut attempt = 0;
    let mut looked = match resource.guard() {
        Guard::ReadAgain => None,
        // What was shown is what the write itself is tied to, or what it cannot touch.
        Guard::Revision | Guard::OwnName => Some(planned.seen.clone()),
    };
    while attempt < TRIES {
        let seen = if let Some(seen) = looked.take() {
            if interrupt.requested() {
                return Applied::Interrupted;
            }
            seen
        } else {
            let now = match resource.read_again().await {
                Ok(snapshot) => snapshot,
                Err(failure) => return unread(doubt, failure),
            };
            match settle(resource, planned, &now, &doubt) {
                Some(Applied::Stale) => return doubt.or(Applied::Stale),
                Some(done) => return done,
                None if interrupt.requested() => return doubt.or(Applied::Interrupted),
                None => now.revision,
            }
        };
        match resource.write(&planned.before, &planned.after, &seen).await {
            Ok(()) => return Applied::Written,
            Err(WriteFailure::Moved) => return moved(resource, planned, doubt).await,
            Err(WriteFailure::Rejected(failure)) => return doubt.or(Applied::Failed(failure)),
            Err(WriteFailure::NotYet(failure)) => {
                if Instant::now() >= deadline {
                    return doubt.or(Applied::Failed(failure));
                }
                patience.progress.say(&format!(
                    "not accepted yet, trying again: {}",
                    failure.one_line()
                ));
                wait_until((Instant::now() + later).min(deadline), interrupt).await;
                later = (later * 2).min(LONGEST_PAUSE);
                // The service did nothing and said so: what was shown still stands.
                looked = Some(seen);
                continue;
            }
            Err(WriteFailure::Busy(failure)) => busy = Some(failure),
            Err(WriteFailure::Unclear(failure)) => doubt.unclear = Some(failure),
            Err(WriteFailure::Unanswered(failure)) => doubt.unanswered = Some(failure),
        }
        attempt += 1;
        if attempt < TRIES {
            pause(attempt, interrupt).await;
        }
    }
    give_up(resource, planned, busy, doubt).await
}

/// The revision no longer holds. That may be this run's own write, one that got no answer, so what is there decides.
async fn moved<R: Resource>(resource: &R, planned: &Planned<R::Document>, doubt: Doubt) -> Applied {
    match resource.read_again().await {
        Ok(now) => match settle(resource, planned, &now, &doubt) {
            Some(Applied::Stale) | None => doubt.or(Applied::Stale),
            Some(done) => done,
        },
        Err(failure) => unread(doubt, failure),
    }
}

/// What the document as it is now says about the change; `None` when it is still to be written.
fn settle<R: Resource>(
    resource: &R,
    planned: &Planned<R::Document>,
    now: &Snapshot<R::Document>,
    doubt: &Doubt,
) -> Option<Applied> {
    let wanted = desired(resource, &now.document, planned.intent);
    if wanted.is_ok_and(|wanted| wanted == now.document) {
        // Merging again would change nothing: done, whoever did it.
        let ours = doubt.unclear.is_some() || doubt.unanswered.is_some();
        return Some(if ours {
            Applied::Written
        } else {
            Applied::Unchanged
        });
    }
    (now.document != planned.before).then_some(Applied::Stale)
}

/// The document cannot be read any more, so a write that is in doubt stays so.
fn unread(doubt: Doubt, failure: Failure) -> Applied {
    match doubt.unanswered.or(doubt.unclear) {
        Some(write) => Applied::Uncertain(write.cause(failure.one_line())),
        None => Applied::Failed(failure),
    }
}

/// After the last try: was it done after all?
async fn give_up<R: Resource>(
    resource: &R,
    planned: &Planned<R::Document>,
    busy: Option<Failure>,
    doubt: Doubt,
) -> Applied {
    let last =
        doubt.unclear.clone().or(busy).unwrap_or_else(|| {
            Failure::new(ErrorCode::Unavailable, "could not write the document")
        });
    if doubt.unclear.is_none() && doubt.unanswered.is_none() {
        return Applied::Failed(last);
    }
    match resource.read_again().await {
        Ok(now) => match settle(resource, planned, &now, &doubt) {
            Some(Applied::Stale) => doubt.or(Applied::Stale),
            Some(done) => done,
            None => doubt.or(Applied::Failed(last)),
        },
        Err(failure) => unread(doubt, failure),
    }
}

/// Waits before the next try: exponential, with full jitter, and not at all once asked to stop.
async fn pause(attempt: u32, interrupt: &Interrupt) {
    let ceiling = 100_u64 << attempt.min(5);
    let wait = Duration::from_millis(ceiling / 2 + fastrand::u64(0..=ceiling / 2));
    wait_until(Instant::now() + wait, interrupt).await;
}

async fn wait_until(moment: Instant, interrupt: &Interrupt) {
    tokio::select! {
        () = tokio::time::sleep_until(moment) => {}
        () = interrupt.first() => {}
    }
}

#[cfg(test)]
mod tests;
