//! From where a bucket is looked at: who may ask its owner's questions, as whom objects are read, and where a
//! browser's requests go.
//!
//! A question that a view cannot ask has its reason here, so that no check needs to know in which view it is made.

use super::Shared;
use super::access::Access;
use super::place::Place;
use crate::error::Failure;

/// From where a bucket is looked at.
#[derive(Clone)]
pub struct View {
    /// The bucket, and where it is.
    pub place: Place,
    /// Who is signed in; or why nobody is.
    pub caller: Result<Shared<Access>, Failure>,
    /// Who asks what only the owner may ask; or why nobody does.
    pub owner: Result<Shared<Access>, Failure>,
    /// The client whose URLs a browser's requests go to; or why none are sent.
    pub forms: Result<aws_sdk_s3::Client, Failure>,
}

impl View {
    /// As the owner of the bucket: every question is asked.
    #[must_use]
    pub fn as_owner(access: Shared<Access>) -> Self {
        Self {
            place: access.place.clone(),
            forms: Ok(access.s3.clone()),
            owner: Ok(access.clone()),
            caller: Ok(access),
        }
    }
}
