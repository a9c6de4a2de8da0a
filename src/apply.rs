//! Makes one planned change: read again, compare with what was shown, write, settle.
//!
//! This module decides when a write may be sent and what its outcome was. It never decides what to
//! write: that was planned. See [`crate::plan`].

use std::time::Duration;

use crate::error::{ErrorCode, Failure};
use crate::interrupt::Interrupt;
use crate::plan::{Planned, desired};
use crate::resource::{Resource, Snapshot, WriteFailure};

/// How often a write is tried at most. Each further try first reads again and compares.
pub const TRIES: u32 = 5;

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
    /// The run was asked to stop before this document was written.
    Interrupted,
}

/// Applies a planned change.
pub async fn apply<R: Resource>(
    resource: &R,
    planned: &Planned<R::Document>,
    interrupt: &Interrupt,
) -> Applied {
    let mut last: Option<Failure> = None;
    let mut unanswered: Option<Failure> = None;
    for attempt in 0..TRIES {
        if attempt > 0 {
            pause(attempt, interrupt).await;
        }
        let now = match resource.read().await {
            Ok(snapshot) => snapshot,
            Err(failure) => {
                return match unanswered {
                    Some(write) => Applied::Uncertain(write.cause(failure.one_line())),
                    None => Applied::Failed(failure),
                };
            }
        };
        if let Some(settled) = settle(resource, planned, &now, attempt, unanswered.is_some()) {
            return settled;
        }
        if interrupt.requested() {
            return match unanswered {
                Some(failure) => Applied::Uncertain(failure),
                None => Applied::Interrupted,
            };
        }
        match resource.write(&planned.after, &now.revision).await {
            Ok(()) => return Applied::Written,
            Err(WriteFailure::Moved) => return Applied::Stale,
            Err(WriteFailure::Rejected(failure)) => return Applied::Failed(failure),
            Err(WriteFailure::Busy(failure)) => last = Some(failure),
            Err(WriteFailure::Unanswered(failure)) => unanswered = Some(failure),
        }
    }
    give_up(resource, planned, last, unanswered).await
}

/// What the document as it is now says about the change; `None` when it is still to be written.
fn settle<R: Resource>(
    resource: &R,
    planned: &Planned<R::Document>,
    now: &Snapshot<R::Document>,
    attempt: u32,
    unanswered: bool,
) -> Option<Applied> {
    let wanted = desired(resource, &now.document, planned.intent);
    if wanted.is_ok_and(|wanted| wanted == now.document) {
        // Merging again would change nothing: done, whoever did it.
        return Some(if attempt > 0 && unanswered {
            Applied::Written
        } else {
            Applied::Unchanged
        });
    }
    (now.document != planned.before).then_some(Applied::Stale)
}

/// After the last try: was it done after all?
async fn give_up<R: Resource>(
    resource: &R,
    planned: &Planned<R::Document>,
    last: Option<Failure>,
    unanswered: Option<Failure>,
) -> Applied {
    let Some(write) = unanswered else {
        return Applied::Failed(last.unwrap_or_else(|| {
            Failure::new(ErrorCode::Unavailable, "could not write the document")
        }));
    };
    match resource.read().await {
        Ok(now) => settle(resource, planned, &now, TRIES, true)
            .unwrap_or_else(|| Applied::Failed(write.hint("nothing was written: run the same command again"))),
        Err(failure) => Applied::Uncertain(write.cause(failure.one_line())),
    }
}

/// Waits before the next try: exponential, with full jitter, and not at all once asked to stop.
async fn pause(attempt: u32, interrupt: &Interrupt) {
    let ceiling = 100_u64 << attempt.min(5);
    let wait = Duration::from_millis(ceiling / 2 + fastrand::u64(0..=ceiling / 2));
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        () = interrupt.first() => {}
    }
}
