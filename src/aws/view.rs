//! From where a bucket is looked at: who may ask its owner's questions, as whom objects are read, and where a
//! browser's requests go.
//!
//! A question that a view cannot ask has its reason here, so that no check needs to know in which view it is made.

use super::Shared;
use super::access::Access;
use super::documents::Documents;
use super::place::Place;
use crate::address::Address;
use crate::error::Failure;
use crate::view::{only_documents, owner_only};

pub use crate::view::Standpoint;

/// From where a bucket is looked at.
#[derive(Clone)]
pub struct View {
    /// From where.
    pub from: Standpoint,
    /// The bucket, and where it is.
    pub place: Place,
    /// Who is signed in; or why nobody is.
    pub caller: Result<Shared<Access>, Failure>,
    /// Who asks what only the owner may ask; or why nobody does.
    pub owner: Result<Shared<Access>, Failure>,
    /// The client whose URLs a browser's requests go to; or why none are sent.
    pub forms: Result<aws_sdk_s3::Client, Failure>,
    /// What is known without asking.
    pub documents: Documents,
    /// The URLs that were given.
    pub urls: Vec<Address>,
}

impl View {
    /// As the owner of the bucket: every question is asked.
    #[must_use]
    pub fn as_owner(access: Shared<Access>) -> Self {
        Self {
            from: Standpoint::Owner,
            place: access.place.clone(),
            forms: Ok(access.s3.clone()),
            owner: Ok(access.clone()),
            caller: Ok(access),
            documents: Documents::default(),
            urls: Vec::new(),
        }
    }

    /// As Segments.ai: objects are read, and nothing is asked that only the owner may ask.
    #[must_use]
    pub fn as_segments(access: Shared<Access>) -> Self {
        Self {
            from: Standpoint::Segments,
            owner: Err(owner_only("bucket")),
            ..Self::as_owner(access)
        }
    }

    /// Nobody is signed in, for the reason `why`: only what anybody can ask is asked.
    #[must_use]
    pub fn from_outside(place: Place, forms: aws_sdk_s3::Client, why: Failure) -> Self {
        Self {
            from: Standpoint::Outside,
            place,
            // The check of who is signed in tells why; the others only that it is so.
            owner: Err(why.brief()),
            caller: Err(why),
            forms: Ok(forms),
            documents: Documents::default(),
            urls: Vec::new(),
        }
    }

    /// In these documents alone.
    #[must_use]
    pub fn in_documents(place: Place, documents: Documents) -> Self {
        let why = only_documents();
        Self {
            from: Standpoint::Documents,
            place,
            caller: Err(why.clone()),
            owner: Err(why.clone()),
            forms: Err(why),
            documents,
            urls: Vec::new(),
        }
    }
}
