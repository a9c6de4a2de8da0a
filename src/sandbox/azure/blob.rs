//! Blob Storage: one request from its caller to its effect.
//!
//! Accounts are named in the path, as at an emulator: `/ACCOUNT/CONTAINER/BLOB`.
//! See <https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api>.

use super::arm::Handled;
use super::call::Call;
use super::problem::Problem;
use super::world::World;
use crate::sandbox::incoming::Incoming;

/// The name of the operation.
pub(crate) fn operation(method: &str, call: &Call) -> String {
    if method == "OPTIONS" {
        return "OPTIONS".to_owned();
    }
    let restype = call.parameter("restype").unwrap_or_default();
    let component = call.parameter("comp").unwrap_or_default();
    let name = match (method, call.path.len(), restype, component) {
        ("GET", 1, "", "list") => "ListContainers",
        ("POST", 1, "service", "userdelegationkey") => "GetUserDelegationKey",
        ("GET", 1, "service", "properties") => "GetBlobServiceProperties",
        ("GET" | "HEAD", 2, "container", "") => "GetContainerProperties",
        ("GET", 2, "container", "list") => "ListBlobs",
        ("GET", 3.., "", "") => "GetBlob",
        ("HEAD", 3.., "", "") => "HeadBlob",
        _ => return format!("{method} blob"),
    };
    name.to_owned()
}

/// Handles one request.
pub(crate) fn handle(_world: &mut World, request: &Incoming, _call: &Call) -> Handled {
    Handled {
        caller: None,
        result: Err(Problem::not_implemented(request.target())),
    }
}
