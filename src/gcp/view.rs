//! From where a bucket is looked at. See [`crate::view`].

use super::access::Access;
use super::inputs::Inputs;
use super::place::Place;
use crate::error::Failure;

pub use crate::view::Standpoint;

/// From where a bucket is looked at.
pub type View = crate::view::View<Access, Place, Inputs>;

/// Why a question to the owner is not asked with Segments.ai's credentials.
#[must_use]
pub fn owner_only() -> Failure {
    crate::view::owner_only("bucket")
}
