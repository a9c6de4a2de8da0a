//! What would change: each resource's document read, merged, and held beside itself.
//!
//! A plan is plain data, and making one sends nothing.

use serde::Serialize;
use serde_json::Value;

use crate::error::Refusal;
use crate::resource::{HandOff, Intent, Resource, Revision, Subject};

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
