//! From where a bucket is looked at: who may ask its owner's questions, as whom objects are read, whether a browser's
//! requests are sent, and which documents were handed in.
//!
//! A question that a view cannot ask has its reason here, so that no check needs to know in which view it is made.

use super::Shared;
use super::access::Access;
use super::inputs::Inputs;
use super::place::Place;
use crate::error::Failure;

/// From where a bucket is looked at.
pub struct View {
    /// The bucket, and where it is.
    pub place: Place,
    /// Whose credentials read objects; or why nobody's do.
    pub caller: Result<Shared<Access>, Failure>,
    /// Who asks what only the owner may ask; or why nobody does.
    pub owner: Result<Shared<Access>, Failure>,
    /// Whether a browser's requests are sent; or why none are.
    pub live: Result<(), Failure>,
    /// Answers that need not be asked for.
    pub inputs: Inputs,
}

impl View {
    /// As the owner of the bucket: every question is asked.
    #[must_use]
    pub fn as_owner(access: Shared<Access>) -> Self {
        Self {
            place: access.place.clone(),
            owner: Ok(access.clone()),
            caller: Ok(access),
            live: Ok(()),
            inputs: Inputs::default(),
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
