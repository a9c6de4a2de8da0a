//! From where a target is looked at: who may ask its owner's questions, as whom objects are read, whether a browser's
//! requests are sent, and which answers were handed in.
//!
//! A question that a view cannot ask has its reason here, so that no check needs to know in which view it is made.

use std::rc::Rc;

use crate::address::Address;
use crate::error::{ErrorCode, Failure};

/// From where a target can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standpoint {
    /// As its owner, or whoever else is signed in.
    Owner,
    /// As Segments.ai.
    Segments,
    /// Without being signed in.
    Outside,
    /// In documents alone: nothing is sent.
    Documents,
}

/// From where a target is looked at: a cloud's own way to ask, its own place, and its own answers.
pub struct View<Access, Place, Inputs> {
    /// From where.
    pub from: Standpoint,
    /// The target, and where it is.
    pub place: Place,
    /// Whose credentials read objects; or why nobody's do.
    pub caller: Result<Rc<Access>, Failure>,
    /// Who asks what only the owner may ask; or why nobody does.
    pub owner: Result<Rc<Access>, Failure>,
    /// Answers that need not be asked for.
    pub inputs: Inputs,
    /// The URLs that were given.
    pub urls: Vec<Address>,
}

impl<Access, Place, Inputs: Default> View<Access, Place, Inputs> {
    /// As the owner of the target: every question is asked.
    #[must_use]
    pub fn as_owner(access: Rc<Access>, place: Place) -> Self {
        Self {
            from: Standpoint::Owner,
            place,
            owner: Ok(access.clone()),
            caller: Ok(access),
            inputs: Inputs::default(),
            urls: Vec::new(),
        }
    }

    /// As Segments.ai, or why that is not to be had: objects are read, and nothing is asked that only the owner may ask.
    #[must_use]
    pub fn as_segments(
        place: Place,
        caller: Result<Rc<Access>, Failure>,
        owner_only: Failure,
    ) -> Self {
        Self {
            from: Standpoint::Segments,
            caller,
            ..Self::from_outside(place, owner_only)
        }
    }

    /// Nobody who could ask is signed in, for the reason `why`: only what anybody can ask is asked.
    #[must_use]
    pub fn from_outside(place: Place, why: Failure) -> Self {
        Self {
            from: Standpoint::Outside,
            place,
            // The check of who is signed in tells why; the others only that it is so.
            owner: Err(why.brief()),
            caller: Err(why),
            inputs: Inputs::default(),
            urls: Vec::new(),
        }
    }

    /// In these documents alone.
    #[must_use]
    pub fn in_documents(place: Place, inputs: Inputs) -> Self {
        Self {
            from: Standpoint::Documents,
            inputs,
            ..Self::from_outside(place, only_documents())
        }
    }

    /// Whoever asks the owner's questions.
    ///
    /// # Errors
    /// Why nobody does.
    pub fn owner(&self) -> Result<&Access, Failure> {
        self.owner.as_deref().map_err(Clone::clone)
    }

    /// Whoever reads objects.
    ///
    /// # Errors
    /// Why nobody does.
    pub fn caller(&self) -> Result<&Access, Failure> {
        self.caller.as_deref().map_err(Clone::clone)
    }
}

/// Why nothing is asked where documents alone are looked at.
#[must_use]
pub fn only_documents() -> Failure {
    Failure::new(
        ErrorCode::Unsupported,
        "only the documents given were looked at",
    )
}

/// Why a question to the owner of `what` is not asked with Segments.ai's credentials.
#[must_use]
pub fn owner_only(what: &str) -> Failure {
    Failure::new(
        ErrorCode::NotPermitted,
        format!(
            "with Segments.ai's credentials this is not asked: only the {what}'s owner can read it"
        ),
    )
}
