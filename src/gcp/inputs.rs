//! The answers of a look at a bucket, as they are handed to somebody else and looked at again.
//!
//! Plain data: what was read, and where something was not, why. Nothing here asks or decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cors::CorsEntry;
use super::iam::RoleState;
use super::reads::{BucketFacts, LevelPolicy};

pub use crate::handover::Given;

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
