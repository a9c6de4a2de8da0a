//! Deny assignments: listing and reading them. Nobody can make them here.
//!
//! See <https://learn.microsoft.com/rest/api/authorization/deny-assignments>.

use serde_json::{Value, json};

use super::filter::Filter;
use super::page::page;
use super::{Visit, ok, scope};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::access::{DenyAssignment, EVERYONE};
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::rights;
use crate::sandbox::azure::world::World;

const READ: &str = "Microsoft.Authorization/denyAssignments/read";

/// The deny assignments at a scope, above it and, without `atScope()`, below it.
pub(super) fn list(world: &World, visit: &Visit<'_>, scope: &str) -> Result<Answer, Problem> {
    visit.may(world, READ, scope)?;
    scope::exists(world, scope)?;
    let filter = Filter::read(visit.call.parameter("$filter"), Some("denyAssignmentName"))?;
    let groups = filter.assigned_to.as_ref().map(|id| world.with_groups(id));
    let found = world
        .deny_assignments
        .iter()
        .filter(|deny| {
            rights::covers(world, &deny.scope, scope)
                || (!filter.at_scope && rights::covers(world, scope, &deny.scope))
        })
        .filter(|deny| {
            filter
                .name
                .as_ref()
                .is_none_or(|name| deny.display_name == *name)
        })
        .filter(|deny| {
            filter.principal.as_ref().is_none_or(|id| {
                deny.principals
                    .iter()
                    .any(|principal| principal.eq_ignore_ascii_case(id))
            })
        })
        .filter(|deny| {
            groups.as_ref().is_none_or(|groups| {
                deny.principals.iter().any(|principal| {
                    principal == EVERYONE || groups.contains(&principal.to_ascii_lowercase())
                })
            })
        })
        .map(|deny| json_of(world, deny))
        .collect();
    page(world, visit, found)
}

/// One deny assignment.
pub(super) fn get(
    world: &World,
    visit: &Visit<'_>,
    scope: &str,
    name: &str,
) -> Result<Answer, Problem> {
    visit.may(world, READ, scope)?;
    let found = world
        .deny_assignments
        .iter()
        .find(|deny| deny.name.eq_ignore_ascii_case(name) && rights::same(&deny.scope, scope));
    match found {
        Some(deny) => Ok(ok(&json_of(world, deny))),
        None => Err(Problem::new(
            404,
            "DenyAssignmentNotFound",
            format!("The deny assignment '{name}' is not found."),
        )),
    }
}

fn json_of(world: &World, deny: &DenyAssignment) -> Value {
    let principals = |ids: &[String]| -> Vec<Value> {
        ids.iter()
            .map(|id| {
                let kind = if id == EVERYONE {
                    "SystemDefined"
                } else {
                    world.principal_type(id)
                };
                json!({ "id": id, "type": kind })
            })
            .collect()
    };
    json!({
        "properties": {
            "denyAssignmentName": deny.display_name,
            "description": null,
            "permissions": [deny.permission.json()],
            "scope": deny.scope,
            "doNotApplyToChildScopes": deny.not_below,
            "principals": principals(&deny.principals),
            "excludePrincipals": principals(&deny.exclude_principals),
            "isSystemProtected": true,
        },
        "id": deny.id(),
        "type": "Microsoft.Authorization/denyAssignments",
        "name": deny.name,
    })
}
