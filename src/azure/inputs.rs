//! The answers of a look at a storage account, as they are handed to somebody else and looked at again.
//!
//! Plain data: what was read, and where something was not, why. No key, no signature and no token is among them. Nothing
//! here asks or decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::blobs::Containers;
use super::rbac::Groups;
pub use crate::handover::Given;

/// The answers; those that nobody asked for are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Inputs {
    /// The account's settings, as Azure Resource Manager tells them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Given<Value>>,
    /// The blob service's properties, and in them the CORS rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blob_service: Option<Given<Map<String, Value>>>,
    /// Segments.ai's service principal, as Microsoft Graph tells it; null where the app is not installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Given<Value>>,
    /// The role assignments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignments: Option<Given<Vec<Value>>>,
    /// Where these are from.
    pub listed: Listed,
    /// The definitions of the roles that are assigned, by their ID in lower case, or by the last part of it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub definitions: BTreeMap<String, Given<Value>>,
    /// Who else has the published role, where that was asked for: object IDs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub others: Option<Given<Vec<String>>>,
    /// The deny assignments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denials: Option<Given<Vec<Value>>>,
    /// The first containers, and which of them are open to everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub containers: Option<Given<Containers>>,
}

/// Where a list of role assignments is from, on which hangs what it does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listed {
    /// Azure Resource Manager was asked for all that are assigned to the principal, through groups too.
    #[default]
    ForThePrincipal,
    /// Somebody listed them, at some scope and by some filter: others may be missing, and whether the principal is in the
    /// groups that are named is not known.
    BySomebody,
}

impl Listed {
    /// What a group among the assignments is to the principal.
    #[must_use]
    pub fn groups(self) -> Groups {
        match self {
            Self::ForThePrincipal => Groups::ItsOwn,
            Self::BySomebody => Groups::NotKnown,
        }
    }
}
