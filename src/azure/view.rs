//! From where a storage account is looked at: who may ask its owner's questions, as whom blobs are read, whether a
//! browser's requests are sent, and which documents were handed in.
//!
//! A question that a view cannot ask has its reason here, so that no check needs to know in which view it is made.

use super::Shared;
use super::access::Access;
use super::inputs::Inputs;
use super::place::Place;
use crate::address::Address;
use crate::error::{ErrorCode, Failure};

/// From where a storage account is looked at.
pub struct View {
    /// From where.
    pub from: Standpoint,
    /// The account, and where it is.
    pub place: Place,
    /// Whose credentials read blobs; or why nobody's do.
    pub caller: Result<Shared<Access>, Failure>,
    /// Who asks what only the owner may ask; or why nobody does.
    pub owner: Result<Shared<Access>, Failure>,
    /// Answers that need not be asked for.
    pub inputs: Inputs,
    /// The URLs that were given.
    pub urls: Vec<Address>,
}

/// From where a storage account can be looked at.
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

impl View {
    /// As the owner of the account: every question is asked.
    #[must_use]
    pub fn as_owner(access: Shared<Access>) -> Self {
        Self {
            from: Standpoint::Owner,
            place: access.place.clone(),
            owner: Ok(access.clone()),
            caller: Ok(access),
            inputs: Inputs::default(),
            urls: Vec::new(),
        }
    }

    /// As Segments.ai, or why that is not to be had: blobs are read, and nothing is asked that only the owner may ask.
    #[must_use]
    pub fn as_segments(place: Place, caller: Result<Shared<Access>, Failure>) -> Self {
        Self {
            from: Standpoint::Segments,
            caller,
            ..Self::from_outside(place, owner_only())
        }
    }

    /// Nobody who could ask is signed in, for the reason `why`: only what anybody can ask is asked.
    #[must_use]
    pub fn from_outside(place: Place, why: Failure) -> Self {
        let account = Err(Box::new(why.brief()));
        Self {
            from: Standpoint::Outside,
            place: Place { account, ..place },
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
        let why = Failure::new(
            ErrorCode::Unsupported,
            "only the documents given were looked at",
        );
        Self {
            from: Standpoint::Documents,
            place: place.clone(),
            inputs,
            ..Self::from_outside(place, why)
        }
    }

    /// Whoever asks the owner's questions.
    ///
    /// # Errors
    /// Why nobody does.
    pub fn owner(&self) -> Result<&Access, Failure> {
        self.owner.as_deref().map_err(Clone::clone)
    }

    /// Whoever reads blobs.
    ///
    /// # Errors
    /// Why nobody does.
    pub fn caller(&self) -> Result<&Access, Failure> {
        self.caller.as_deref().map_err(Clone::clone)
    }
}

/// Why a question to the owner is not asked with Segments.ai's credentials.
#[must_use]
pub fn owner_only() -> Failure {
    Failure::new(
        ErrorCode::NotPermitted,
        "with Segments.ai's credentials this is not asked: only the account's owner can read it",
    )
}
