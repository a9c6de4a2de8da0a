//! What would change: each resource's document read, merged, and held beside itself.
//!
//! A plan is plain data. What is applied later is what was shown here: the step keeps the very
//! documents of the plan, and [`crate::apply`] compares them with what it finds.

use std::cell::RefCell;

use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde_json::Value;

use crate::apply::{self, Applied, Patience};
use crate::error::{Failure, Refusal};
use crate::resource::{HandOff, Intent, Resource, Revision, Snapshot, Subject};

/// What would happen to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Nothing: it is as it should be.
    Keep,
    /// There is no document yet.
    Create,
    /// The document gets, changes or loses our entry.
    Update,
    /// The document held nothing but our entry, and goes.
    Remove,
}

/// What would change in one document.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// Which document.
    pub subject: Subject,
    /// What would happen to it.
    pub action: Action,
    /// The document as it is.
    pub before: Option<Value>,
    /// The document as it would be. Equal to `before` where the change was refused.
    pub after: Option<Value>,
    /// How many entries of others stay as they are.
    pub kept: usize,
    /// What a reader should know besides the difference.
    pub notes: Vec<String>,
    /// Why the change must not be made.
    pub refusal: Option<Refusal>,
    /// Why the change is somebody else's to make.
    pub hand_off: Option<HandOff>,
}

impl Change {
    /// Whether the document is not as it should be, and may be changed.
    #[must_use]
    pub fn needed(&self) -> bool {
        self.action != Action::Keep && self.refusal.is_none()
    }

    /// Whether applying would write something.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.needed() && self.hand_off.is_none()
    }
}

/// A resource with its types erased: what the spine holds.
pub trait Step {
    /// Which document.
    fn subject(&self) -> Subject;
    /// Reads the document and says what would change. Keeps what was shown for [`Step::apply`].
    fn plan(&self, intent: Intent) -> LocalBoxFuture<'_, Result<Change, Failure>>;
    /// Makes the change that was planned, if the document is still what was shown.
    fn apply<'a>(&'a self, patience: &'a Patience<'_>) -> LocalBoxFuture<'a, Applied>;
}

/// The documents of a plan, kept between showing and writing.
pub struct Planned<D> {
    /// The document as it was shown.
    pub before: D,
    /// The revision that it had.
    pub seen: Revision,
    /// The document as it is to be.
    pub after: D,
    /// Which way.
    pub intent: Intent,
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

/// The document that `intent` wants, given `current`.
///
/// # Errors
/// When the resource refuses.
pub fn desired<R: Resource>(
    resource: &R,
    current: &R::Document,
    intent: Intent,
) -> Result<R::Document, Refusal> {
    match intent {
        Intent::Connect => resource.merge(current),
        Intent::Disconnect => resource.remove(current),
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

/// What would change in `current`.
pub fn change<R: Resource>(resource: &R, current: &R::Document, intent: Intent) -> Change {
    let before = resource.describe(current);
    match desired(resource, current, intent) {
        Ok(next) => {
            let after = resource.describe(&next);
            let action = if next == *current {
                Action::Keep
            } else {
                match (&before, &after) {
                    (None, _) => Action::Create,
                    (Some(_), Some(_)) => Action::Update,
                    (Some(_), None) => Action::Remove,
                }
            };
            Change {
                subject: resource.subject(),
                action,
                kept: resource.kept(current, &next),
                notes: resource.notes(current, &next, intent),
                before,
                after,
                refusal: None,
                hand_off: None,
            }
        }
        Err(refusal) => Change {
            subject: resource.subject(),
            action: match (intent, &before) {
                (Intent::Connect, None) => Action::Create,
                (Intent::Connect, Some(_)) => Action::Update,
                (Intent::Disconnect, _) => Action::Remove,
            },
            kept: resource.kept(current, current),
            notes: Vec::new(),
            after: before.clone(),
            before,
            refusal: Some(refusal),
            hand_off: None,
        },
    }
}
