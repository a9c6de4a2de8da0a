//! Resource locks: listing them.
//!
//! See <https://learn.microsoft.com/rest/api/resources/management-locks>.

use serde_json::json;

use super::page::page;
use super::{Visit, scope};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::rights;
use crate::sandbox::azure::world::World;

/// The locks that hold at a scope and, without `atScope()`, those below it.
pub(super) fn list(world: &World, visit: &Visit<'_>, scope: &str) -> Result<Answer, Problem> {
    visit.may(world, "Microsoft.Authorization/locks/read", scope)?;
    scope::exists(world, scope)?;
    let at_scope = match visit.call.parameter("$filter") {
        None => false,
        Some("atScope()") => true,
        Some(filter) => {
            return Err(Problem::not_implemented(format!(
                "the filter {filter} on locks"
            )));
        }
    };
    let found = world
        .locks
        .iter()
        .filter(|lock| {
            rights::covers(world, &lock.scope, scope)
                || (!at_scope && rights::covers(world, scope, &lock.scope))
        })
        .map(|lock| {
            json!({
                "properties": { "level": lock.level.as_str() },
                "id": format!(
                    "{}/providers/Microsoft.Authorization/locks/{}",
                    lock.scope, lock.name
                ),
                "type": "Microsoft.Authorization/locks",
                "name": lock.name,
            })
        })
        .collect();
    page(world, visit, found)
}
