//! What the caller itself may do at a scope: one entry for each role that it has there.
//!
//! Deny assignments do not show here. See <https://learn.microsoft.com/rest/api/authorization/permissions>.

use super::page::page;
use super::{Visit, scope};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::access::Permission;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::rights;
use crate::sandbox::azure::world::World;

/// The caller's permissions.
pub(super) fn list(world: &World, visit: &Visit<'_>, scope: &str) -> Result<Answer, Problem> {
    visit.may(world, "Microsoft.Authorization/permissions/read", scope)?;
    scope::exists(world, scope)?;
    let found = rights::permissions(world, &visit.caller.object_id, scope)
        .into_iter()
        .map(Permission::json)
        .collect();
    page(world, visit, found)
}
