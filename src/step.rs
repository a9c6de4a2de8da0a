//! One document of a run, from its plan to its write, whatever its type: what the spine holds.
//!
//! What is applied is what was shown: a step keeps the very documents of its plan, and [`crate::apply`] compares them
//! with what it finds.

use std::cell::RefCell;

use futures_util::future::LocalBoxFuture;

use crate::apply::{self, Applied, Patience};
use crate::error::Failure;
use crate::plan::{Action, Change, Planned, change, desired};
use crate::resource::{HandOff, Intent, Resource, Snapshot, Subject};

/// A resource with its types erased: what the spine holds.
pub trait Step {
    /// Which document.
    fn subject(&self) -> Subject;
    /// Reads the document and says what would change. Keeps what was shown for [`Step::apply`].
    fn plan(&self, intent: Intent) -> LocalBoxFuture<'_, Result<Change, Failure>>;
    /// Makes the change that was planned, if the document is still what was shown.
    fn apply<'a>(&'a self, patience: &'a Patience<'_>) -> LocalBoxFuture<'a, Applied>;
}

/// A [`Resource`] as a [`Step`].
pub struct Tracked<R: Resource> {
    resource: R,
    planned: RefCell<Option<Planned<R::Document>>>,
}

impl<R: Resource> Tracked<R> {
    /// Makes a step of a resource.
    pub fn new(resource: R) -> Self {
        Self {
            resource,
            planned: RefCell::new(None),
        }
    }
}

impl<R: Resource> Step for Tracked<R> {
    fn subject(&self) -> Subject {
        self.resource.subject()
    }

    fn plan(&self, intent: Intent) -> LocalBoxFuture<'_, Result<Change, Failure>> {
        Box::pin(async move {
            let Snapshot { document, revision } = match self.resource.read().await {
                Ok(snapshot) => snapshot,
                Err(failure) => {
                    return match self.resource.hand_off_refused(&failure, intent) {
                        Some(hand_off) => Ok(unseen(&self.resource, intent, hand_off)),
                        None => Err(failure),
                    };
                }
            };
            let mut change = change(&self.resource, &document, intent);
            if change.needed()
                && let Ok(after) = desired(&self.resource, &document, intent)
            {
                change.hand_off = self.resource.hand_off(&document, &after, intent).await;
                if change.writes() {
                    self.planned.replace(Some(Planned {
                        before: document,
                        seen: revision,
                        after,
                        intent,
                    }));
                }
            }
            Ok(change)
        })
    }

    fn apply<'a>(&'a self, patience: &'a Patience<'_>) -> LocalBoxFuture<'a, Applied> {
        Box::pin(async move {
            let Some(planned) = self.planned.take() else {
                return Applied::Unchanged;
            };
            let applied = apply::apply(&self.resource, &planned, patience).await;
            if let Applied::Failed(failure) = &applied
                && let Some(hand_off) = self.resource.hand_off_refused(failure, planned.intent)
            {
                return Applied::HandedOff(hand_off);
            }
            applied
        })
    }
}

/// A change to a document that the caller may not even see.
fn unseen<R: Resource>(resource: &R, intent: Intent, hand_off: HandOff) -> Change {
    Change {
        subject: resource.subject(),
        action: match intent {
            Intent::Connect => Action::Create,
            Intent::Disconnect => Action::Remove,
        },
        before: None,
        after: None,
        kept: 0,
        notes: vec!["you may not see whether it is there already".to_owned()],
        refusal: None,
        hand_off: Some(hand_off),
    }
}
