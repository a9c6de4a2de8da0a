//! The answers of a look at a bucket, as they are handed to somebody else and looked at again.
//!
//! Plain data: what was read, and where something was not, why. Nothing here asks or decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cors::CorsEntry;
use super::iam::RoleState;
use super::reads::{BucketFacts, LevelPolicy};
use crate::error::{ErrorCode, Failure};

/// What was read, or why it was not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Given<T> {
    /// This.
    Read(T),
    /// Nothing, for this reason.
    Unread(String),
}

impl<T> Given<T> {
    /// What was read, or why it was not.
    ///
    /// # Errors
    /// Why it was not read.
    pub fn as_result(&self) -> Result<&T, &str> {
        match self {
            Self::Read(value) => Ok(value),
            Self::Unread(why) => Err(why),
        }
    }

    /// The same as a failure, which checks tell.
    ///
    /// # Errors
    /// Why it was not read.
    pub fn answer(self) -> Result<T, Failure> {
        match self {
            Self::Read(value) => Ok(value),
            Self::Unread(why) => Err(Failure::new(ErrorCode::NotPermitted, why)),
        }
    }
}

impl<T: Clone> From<&Result<T, Failure>> for Given<T> {
    fn from(answer: &Result<T, Failure>) -> Self {
        match answer {
            Ok(value) => Self::Read(value.clone()),
            Err(failure) => Self::Unread(failure.one_line()),
        }
    }
}

impl<T> From<Result<T, Failure>> for Given<T> {
    fn from(answer: Result<T, Failure>) -> Self {
        match answer {
            Ok(value) => Self::Read(value),
            Err(failure) => Self::Unread(failure.one_line()),
        }
    }
}

/// The answers; those that nobody asked for are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inputs {
    /// The bucket's settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bucket: Option<Given<BucketFacts>>,
    /// Its CORS entries, where they were handed in without the other settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cors: Option<Given<Vec<CorsEntry>>>,
    /// Its IAM policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iam_policy: Option<Given<Value>>,
    /// Its managed folders.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub managed_folders: Option<Given<Vec<LevelPolicy>>>,
    /// The IAM policy of its project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_policy: Option<Given<Value>>,
    /// The IAM policies of the folders and the organisation above, the nearest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ancestors: Option<Given<Vec<LevelPolicy>>>,
    /// The IAM deny policies, by what they are attached to.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deny_policies: BTreeMap<String, Given<Vec<Value>>>,
    /// The roles that are granted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, RoleState>,
    /// Whether the organisation prevents public access, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_access_prevented: Option<bool>,
}
