//! Role definitions: listing and reading them.
//!
//! See <https://learn.microsoft.com/rest/api/authorization/role-definitions>.

use serde_json::{Value, json};

use super::filter::equal;
use super::page::page;
use super::{Visit, ok, scope};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::access::{Permission, RoleDefinition};
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::rights;
use crate::sandbox::azure::world::World;

const READ: &str = "Microsoft.Authorization/roleDefinitions/read";

/// The roles that can be assigned at a scope.
pub(super) fn list(world: &World, visit: &Visit<'_>, scope: &str) -> Result<Answer, Problem> {
    visit.may(world, READ, scope)?;
    scope::exists(world, scope)?;
    let name = match visit.call.parameter("$filter") {
        None => None,
        Some(filter) => Some(equal(filter, "roleName").ok_or_else(|| {
            Problem::not_implemented(format!("the filter {filter} on role definitions"))
        })?),
    };
    let found = world
        .role_definitions
        .iter()
        .filter(|role| {
            role.assignable_scopes
                .iter()
                .any(|assignable| rights::covers(world, assignable, scope))
        })
        .filter(|role| name.is_none_or(|name| role.role_name == name))
        .map(|role| json_of(role, scope))
        .collect();
    page(world, visit, found)
}

/// One role. Microsoft's own are the same in every scope, and everybody may read them at the root.
pub(super) fn get(
    world: &World,
    visit: &Visit<'_>,
    scope: &str,
    name: &str,
) -> Result<Answer, Problem> {
    let role = world
        .role_definitions
        .iter()
        .find(|role| role.name.eq_ignore_ascii_case(name));
    if scope != "/" || role.is_none_or(|role| !role.built_in) {
        let id = format!("{scope}/providers/Microsoft.Authorization/roleDefinitions/{name}");
        visit.may(world, READ, &id)?;
    }
    match role {
        Some(role) => Ok(ok(&json_of(role, scope))),
        None => Err(Problem::new(
            404,
            "RoleDefinitionDoesNotExist",
            format!("The specified role definition with ID '{name}' does not exist."),
        )),
    }
}

fn json_of(role: &RoleDefinition, scope: &str) -> Value {
    let place = match scope.split('/').collect::<Vec<_>>()[..] {
        ["", word, id, ..] if word.eq_ignore_ascii_case("subscriptions") => {
            format!("/subscriptions/{id}")
        }
        _ => String::new(),
    };
    json!({
        "properties": {
            "roleName": role.role_name,
            "type": if role.built_in { "BuiltInRole" } else { "CustomRole" },
            "description": role.description,
            "assignableScopes": role.assignable_scopes,
            "permissions": role.permissions.iter().map(Permission::json).collect::<Vec<_>>(),
            "createdOn": "2015-02-02T21:55:09.8806423Z",
            "updatedOn": "2024-01-01T00:00:00.0000000Z",
            "createdBy": null,
            "updatedBy": null,
        },
        "id": format!("{place}/providers/Microsoft.Authorization/roleDefinitions/{}", role.name),
        "type": "Microsoft.Authorization/roleDefinitions",
        "name": role.name,
    })
}
