//! When a write is sent, and what its outcome is called: over a service whose answers are written down beforehand.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use serde_json::Value;

use super::*;
use crate::error::Refusal;
use crate::resource::{HandOff, Intent, Revision, Scope, Subject};

/// A document that is a number; connecting makes it 1 where it is 0.
struct Scripted {
    guard: Guard,
    stored: RefCell<u8>,
    reads: RefCell<usize>,
    answers: RefCell<VecDeque<Answer>>,
    seen: RefCell<Vec<Revision>>,
}

/// What happens to one write.
enum Answer {
    Done,
    Fails(WriteFailure),
    /// It is done, and the answer says otherwise.
    DoneAndFails(WriteFailure),
    /// Somebody else writes this first.
    Overtaken(u8, WriteFailure),
}

impl Scripted {
    fn new(guard: Guard, answers: Vec<Answer>) -> Self {
        Self {
            guard,
            stored: RefCell::new(0),
            reads: RefCell::new(0),
            answers: RefCell::new(answers.into()),
            seen: RefCell::new(Vec::new()),
        }
    }

    fn reads(&self) -> usize {
        *self.reads.borrow()
    }

    fn writes(&self) -> usize {
        self.seen.borrow().len()
    }
}

impl Resource for Scripted {
    type Document = u8;

    fn subject(&self) -> Subject {
        Subject {
            id: "test.number",
            title: "number",
            entry: "number",
            scope: Scope::Bucket,
        }
    }

    async fn read(&self) -> Result<Snapshot<u8>, Failure> {
        *self.reads.borrow_mut() += 1;
        Ok(Snapshot {
            document: *self.stored.borrow(),
            revision: Revision(Some(format!("r{}", self.stored.borrow()))),
        })
    }

    fn merge(&self, current: &u8) -> Result<u8, Refusal> {
        Ok(if *current == 0 { 1 } else { *current })
    }

    fn remove(&self, current: &u8) -> Result<u8, Refusal> {
        Ok(*current)
    }

    fn guard(&self) -> Guard {
        self.guard
    }

    async fn write(&self, _before: &u8, next: &u8, seen: &Revision) -> Result<(), WriteFailure> {
        self.seen.borrow_mut().push(seen.clone());
        let answer = self.answers.borrow_mut().pop_front();
        match answer.expect("no further write was expected") {
            Answer::Done => {
                self.stored.replace(*next);
                Ok(())
            }
            Answer::Fails(failure) => Err(failure),
            Answer::DoneAndFails(failure) => {
                self.stored.replace(*next);
                Err(failure)
            }
            Answer::Overtaken(by, failure) => {
                self.stored.replace(by);
                Err(failure)
            }
        }
    }

    fn describe(&self, document: &u8) -> Option<Value> {
        Some((*document).into())
    }

    fn kept(&self, _before: &u8, _after: &u8) -> usize {
        0
    }

    fn notes(&self, _before: &u8, _after: &u8, _intent: Intent) -> Vec<String> {
        Vec::new()
    }
}

fn failure() -> Failure {
    Failure::new(ErrorCode::Unavailable, "could not write the number")
}

async fn applied(resource: &Scripted, wait: Duration) -> Applied {
    let planned = Planned {
        before: 0,
        seen: Revision(Some("shown".to_owned())),
        after: 1,
        intent: Intent::Connect,
    };
    let interrupt = Interrupt::never();
    let progress = Progress::hidden();
    apply(
        resource,
        &planned,
        &Patience {
            wait,
            interrupt: &interrupt,
            progress: &progress,
        },
    )
    .await
}

#[tokio::test(start_paused = true)]
async fn a_service_that_compares_revisions_is_not_read_again() {
    for guard in [Guard::Revision, Guard::OwnName] {
        let resource = Scripted::new(guard, vec![Answer::Done]);
        assert_eq!(applied(&resource, Duration::ZERO).await, Applied::Written);
        assert_eq!(resource.reads(), 0);
        let shown = Revision(Some("shown".to_owned()));
        assert_eq!(*resource.seen.borrow(), [shown]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_without_revisions_is_read_again_first() {
    let resource = Scripted::new(Guard::ReadAgain, vec![Answer::Done]);
    assert_eq!(applied(&resource, Duration::ZERO).await, Applied::Written);
    assert_eq!(resource.reads(), 1);

    let moved = Scripted::new(Guard::ReadAgain, Vec::new());
    moved.stored.replace(7);
    // Seven needs nothing from us, so there is nothing to write.
    assert_eq!(applied(&moved, Duration::ZERO).await, Applied::Unchanged);
}

#[tokio::test(start_paused = true)]
async fn a_revision_that_no_longer_holds_writes_nothing_more() {
    let resource = Scripted::new(Guard::Revision, vec![Answer::Fails(WriteFailure::Moved)]);
    assert_eq!(applied(&resource, Duration::ZERO).await, Applied::Stale);
    assert_eq!(resource.writes(), 1);
}

#[tokio::test(start_paused = true)]
async fn somebody_who_wrote_the_same_first_leaves_nothing_to_do() {
    let resource = Scripted::new(
        Guard::Revision,
        vec![Answer::Overtaken(1, WriteFailure::Moved)],
    );
    assert_eq!(applied(&resource, Duration::ZERO).await, Applied::Unchanged);
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_answer_was_lost_is_found_done_and_not_sent_twice() {
    for guard in [Guard::Revision, Guard::OwnName, Guard::ReadAgain] {
        let resource = Scripted::new(
            guard,
            vec![Answer::DoneAndFails(WriteFailure::Unanswered(failure()))],
        );
        assert_eq!(applied(&resource, Duration::ZERO).await, Applied::Written);
        assert_eq!(resource.writes(), 1, "{guard:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_answer_a_stale_revision_may_be_our_own_write() {
    // The first write seems lost and is done late, between the second look and the second write.
    let resource = Scripted::new(
        Guard::Revision,
        vec![
            Answer::Fails(WriteFailure::Unanswered(failure())),
            Answer::Overtaken(1, WriteFailure::Moved),
        ],
    );
    assert_eq!(applied(&resource, Duration::ZERO).await, Applied::Written);
}

#[tokio::test(start_paused = true)]
async fn what_the_service_will_accept_later_is_tried_for_as_long_as_there_is_patience() {
    let not_yet = || Answer::Fails(WriteFailure::NotYet(failure()));
    // More often than a write is tried that is merely busy.
    let mut answers: Vec<Answer> = (0..8).map(|_| not_yet()).collect();
    answers.push(Answer::Done);
    let resource = Scripted::new(Guard::OwnName, answers);
    assert_eq!(
        applied(&resource, Duration::from_mins(2)).await,
        Applied::Written
    );
    assert_eq!(resource.writes(), 9);

    let impatient = Scripted::new(Guard::OwnName, vec![not_yet()]);
    assert_eq!(
        applied(&impatient, Duration::ZERO).await,
        Applied::Failed(failure())
    );
}

#[tokio::test(start_paused = true)]
async fn a_busy_service_is_tried_five_times_and_read_before_each_further_try() {
    let answers = (0..TRIES)
        .map(|_| Answer::Fails(WriteFailure::Busy(failure())))
        .collect();
    let resource = Scripted::new(Guard::Revision, answers);
    assert_eq!(
        applied(&resource, Duration::ZERO).await,
        Applied::Failed(failure())
    );
    assert_eq!(resource.writes(), 5);
    assert_eq!(resource.reads(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_is_somebody_elses_is_planned_as_such_and_never_written() {
    struct NotMine(Scripted);

    impl Resource for NotMine {
        type Document = u8;

        fn subject(&self) -> Subject {
            self.0.subject()
        }
        async fn read(&self) -> Result<Snapshot<u8>, Failure> {
            self.0.read().await
        }
        fn merge(&self, current: &u8) -> Result<u8, Refusal> {
            self.0.merge(current)
        }
        fn remove(&self, current: &u8) -> Result<u8, Refusal> {
            self.0.remove(current)
        }
        async fn write(&self, _: &u8, _: &u8, _: &Revision) -> Result<(), WriteFailure> {
            panic!("written");
        }
        async fn hand_off(&self, _: &u8, _: &u8, _: Intent) -> Option<HandOff> {
            Some(HandOff {
                reason: "you may not".to_owned(),
                missing: vec!["number/write".to_owned()],
                step: "ask somebody".to_owned(),
            })
        }
        fn describe(&self, document: &u8) -> Option<Value> {
            self.0.describe(document)
        }
        fn kept(&self, _: &u8, _: &u8) -> usize {
            0
        }
        fn notes(&self, _: &u8, _: &u8, _: Intent) -> Vec<String> {
            Vec::new()
        }
    }

    use crate::step::{Step, Tracked};
    let step = Tracked::new(NotMine(Scripted::new(Guard::OwnName, Vec::new())));
    let change = step.plan(Intent::Connect).await.expect("a plan");
    assert!(change.needed() && !change.writes());
    let interrupt = Interrupt::never();
    let progress = Progress::hidden();
    let patience = Patience {
        wait: Duration::ZERO,
        interrupt: &interrupt,
        progress: &progress,
    };
    assert_eq!(step.apply(&patience).await, Applied::Unchanged);
}
