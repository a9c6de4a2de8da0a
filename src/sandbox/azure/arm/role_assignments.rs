//! Role assignments: listing, reading, making and deleting them.
//!
//! See <https://learn.microsoft.com/rest/api/authorization/role-assignments> and, for how it fails,
//! <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting>.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::admission::{self, Change};
use super::filter::Filter;
use super::page::page;
use super::{Visit, answer, ok, scope};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::access::RoleAssignment;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::rights;
use crate::sandbox::azure::world::World;

const READ: &str = "Microsoft.Authorization/roleAssignments/read";
const WRITE: &str = "Microsoft.Authorization/roleAssignments/write";
const DELETE: &str = "Microsoft.Authorization/roleAssignments/delete";

/// Since this version an assignment tells its condition and what kind of principal it is for.
const CONDITION_SINCE: &str = "2020-04-01-preview";
const PRINCIPAL_TYPE_SINCE: &str = "2018-09-01-preview";

/// The assignments at a scope, above it and, without `atScope()`, below it.
pub(super) fn list(world: &World, visit: &Visit<'_>, scope: &str) -> Result<Answer, Problem> {
    visit.may(world, READ, scope)?;
    scope::exists(world, scope)?;
    let filter = Filter::read(visit.call.parameter("$filter"), None)?;
    let who: Option<BTreeSet<String>> = match (&filter.principal, &filter.assigned_to) {
        (Some(id), _) => Some(BTreeSet::from([id.to_ascii_lowercase()])),
        (None, Some(id)) => Some(world.with_groups(id)),
        (None, None) => None,
    };
    let found = world
        .role_assignments
        .iter()
        .filter(|assignment| is_of_tenant(world, visit, assignment))
        .filter(|assignment| {
            rights::covers(world, &assignment.scope, scope)
                || (!filter.at_scope && rights::covers(world, scope, &assignment.scope))
        })
        .filter(|assignment| {
            who.as_ref()
                .is_none_or(|who| who.contains(&assignment.principal.to_ascii_lowercase()))
        })
        .map(|assignment| json_of(assignment, visit.version))
        .collect();
    page(world, visit, found)
}

/// One assignment.
pub(super) fn get(
    world: &World,
    visit: &Visit<'_>,
    scope: &str,
    name: &str,
) -> Result<Answer, Problem> {
    visit.may(world, READ, &id(scope, name))?;
    match find(world, scope, name) {
        Some(assignment) => Ok(ok(&json_of(assignment, visit.version))),
        None => Err(Problem::new(
            404,
            "RoleAssignmentNotFound",
            format!("The role assignment '{name}' is not found."),
        )),
    }
}

/// Makes an assignment. The name is its identity: the same one again changes nothing that matters.
pub(super) fn put(
    world: &mut World,
    visit: &Visit<'_>,
    scope: &str,
    name: &str,
) -> Result<Answer, Problem> {
    visit.may(world, WRITE, &id(scope, name))?;
    scope::exists(world, scope)?;
    // A read-only lock protects the assignments at its scope too.
    // https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources#considerations-before-applying-your-locks
    admission::unlocked(world, &id(scope, name), Change::Write)?;
    // That it is refused is documented; the code is this place's own.
    let name = uuid::Uuid::parse_str(name)
        .map_err(|_| {
            Problem::new(
                400,
                "InvalidRoleAssignmentId",
                format!("The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID."),
            )
        })?
        .to_string();
    let wanted = read(world, visit, scope, name)?;
    if let Some(at) = world
        .role_assignments
        .iter()
        .position(|existing| existing.name.eq_ignore_ascii_case(&wanted.name))
    {
        let existing = &mut world.role_assignments[at];
        if !is_the_same(existing, &wanted) {
            return Err(Problem::new(
                400,
                "RoleAssignmentUpdateNotPermitted",
                "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
            ));
        }
        existing.description = wanted.description;
        existing.condition = wanted.condition;
        existing.condition_version = wanted.condition_version;
        return Ok(ok(&json_of(existing, visit.version)));
    }
    if let Some(existing) = world
        .role_assignments
        .iter()
        .find(|existing| is_the_same(existing, &wanted))
    {
        return Err(Problem::new(
            409,
            "RoleAssignmentExists",
            format!(
                "The role assignment already exists. The ID of the existing role assignment is {}.",
                existing.name.replace('-', "")
            ),
        ));
    }
    let body = json_of(&wanted, visit.version);
    world.role_assignments.push(wanted);
    Ok(answer(201, &body))
}

/// Deletes an assignment; one that is not there is no error.
pub(super) fn delete(
    world: &mut World,
    visit: &Visit<'_>,
    scope: &str,
    name: &str,
) -> Result<Answer, Problem> {
    let id = id(scope, name);
    visit.may(world, DELETE, &id)?;
    // A lock against deletion keeps assignments from being deleted as well.
    admission::unlocked(world, &id, Change::Delete)?;
    let Some(gone) = find(world, scope, name).cloned() else {
        return Ok(Answer::new(204));
    };
    world
        .role_assignments
        .retain(|assignment| assignment.name != gone.name);
    Ok(ok(&json_of(&gone, visit.version)))
}

/// Reads what is wanted, and checks that its role and its principal exist.
fn read(
    world: &mut World,
    visit: &Visit<'_>,
    scope: &str,
    name: String,
) -> Result<RoleAssignment, Problem> {
    let body: Value = serde_json::from_slice(&visit.request.body).map_err(|_| format_problem())?;
    let members = body.as_object().ok_or_else(format_problem)?;
    if members
        .keys()
        .any(|name| !["id", "name", "type", "properties"].contains(&name.as_str()))
    {
        return Err(format_problem());
    }
    let properties = members
        .get("properties")
        .and_then(Value::as_object)
        .ok_or_else(format_problem)?;
    if properties
        .keys()
        .any(|name| !PROPERTIES.contains(&name.as_str()))
    {
        return Err(format_problem());
    }
    let text = |name: &str| match properties.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format_problem()),
    };
    let role = text("roleDefinitionId")?.ok_or_else(format_problem)?;
    let principal = text("principalId")?.ok_or_else(format_problem)?;
    let principal_type = text("principalType")?;
    let condition = text("condition")?;
    if condition.is_some() && text("conditionVersion")?.as_deref() != Some("2.0") {
        return Err(format_problem());
    }
    let role = role_named(world, scope, &role)?;
    let found = principal_is_known(world, visit, &principal, principal_type.as_deref())?;
    let mut assignment = RoleAssignment::new(&principal, &role, scope.trim_end_matches('/'));
    if scope == "/" {
        "/".clone_into(&mut assignment.scope);
    }
    assignment.name = name;
    found.clone_into(&mut assignment.principal_type);
    assignment.description = text("description")?;
    assignment.condition_version = text("conditionVersion")?;
    assignment.condition = condition;
    assignment.created_on = world.now();
    assignment.created_by = Some(visit.caller.object_id.clone());
    assignment.propagation = world.propagation;
    Ok(assignment)
}

/// The properties of a request, and those of an answer that may be sent back.
const PROPERTIES: [&str; 12] = [
    "roleDefinitionId",
    "principalId",
    "principalType",
    "description",
    "condition",
    "conditionVersion",
    "delegatedManagedIdentityResourceId",
    "scope",
    "createdOn",
    "updatedOn",
    "createdBy",
    "updatedBy",
];

const PRINCIPAL_TYPES: [&str; 5] = [
    "User",
    "Group",
    "ServicePrincipal",
    "ForeignGroup",
    "Device",
];

/// The GUID of a role that exists and may be assigned at the scope.
fn role_named(world: &World, scope: &str, definition: &str) -> Result<String, Problem> {
    let guid = definition
        .rsplit_once("/roleDefinitions/")
        .or_else(|| definition.rsplit_once("/roledefinitions/"))
        .map(|(_, guid)| guid)
        .ok_or_else(format_problem)?;
    world
        .role_definitions
        .iter()
        .find(|role| role.name.eq_ignore_ascii_case(guid))
        .filter(|role| {
            role.assignable_scopes
                .iter()
                .any(|assignable| rights::covers(world, assignable, scope))
        })
        .map(|role| role.name.clone())
        .ok_or_else(|| {
            Problem::new(
                400,
                "RoleDefinitionDoesNotExist",
                format!("The specified role definition with ID '{guid}' does not exist."),
            )
        })
}

/// What kind of principal it is, if Resource Manager knows it by now.
///
/// A new service principal takes a while to get here; naming the `principalType` helps, as documented.
/// See <https://learn.microsoft.com/azure/role-based-access-control/role-assignments-rest#new-service-principal>.
fn principal_is_known(
    world: &mut World,
    visit: &Visit<'_>,
    id: &str,
    principal_type: Option<&str>,
) -> Result<&'static str, Problem> {
    if principal_type.is_some_and(|kind| !PRINCIPAL_TYPES.contains(&kind)) {
        return Err(format_problem());
    }
    let kind = world.principal_type(id);
    let tenant = &visit.caller.tenant;
    let not_found = || {
        Problem::new(
            400,
            "PrincipalNotFound",
            format!(
                "Principal {} does not exist in the directory {tenant}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
                id.replace('-', "")
            ),
        )
    };
    let is_elsewhere = world.user(id).is_some_and(|user| user.tenant != *tenant)
        || world
            .service_principal(id)
            .is_some_and(|principal| principal.tenant != *tenant);
    if kind == "Unknown" || is_elsewhere {
        return Err(not_found());
    }
    let helped = principal_type.is_some() && world.replication.principal_type_helps;
    let arrived = world
        .service_principals
        .iter_mut()
        .find(|principal| principal.id.eq_ignore_ascii_case(id))
        .is_none_or(|principal| principal.replication.ask());
    if !arrived && !helped {
        return Err(not_found());
    }
    match principal_type {
        Some(named) if named != kind => Err(Problem::new(
            400,
            "UnmatchedPrincipalType",
            format!(
                "The PrincipalId '{}' has type '{kind}' , which is different from specified PrinciaplType '{named}'.",
                id.replace('-', "")
            ),
        )),
        _ => Ok(kind),
    }
}

fn is_the_same(one: &RoleAssignment, other: &RoleAssignment) -> bool {
    rights::same(&one.scope, &other.scope)
        && one.principal.eq_ignore_ascii_case(&other.principal)
        && one.role.eq_ignore_ascii_case(&other.role)
}

fn find<'a>(world: &'a World, scope: &str, name: &str) -> Option<&'a RoleAssignment> {
    world.role_assignments.iter().find(|assignment| {
        assignment.name.eq_ignore_ascii_case(name) && rights::same(&assignment.scope, scope)
    })
}

/// Assignments at the root and at management groups are of the tenant in which their principal is.
fn is_of_tenant(world: &World, visit: &Visit<'_>, assignment: &RoleAssignment) -> bool {
    let tenant = &visit.caller.tenant;
    let elsewhere = world
        .user(&assignment.principal)
        .map(|user| &user.tenant)
        .or_else(|| {
            world
                .service_principal(&assignment.principal)
                .map(|principal| &principal.tenant)
        });
    elsewhere.is_none_or(|found| found == tenant)
}

fn id(scope: &str, name: &str) -> String {
    format!(
        "{}/providers/Microsoft.Authorization/roleAssignments/{name}",
        scope.trim_end_matches('/')
    )
}

fn json_of(assignment: &RoleAssignment, version: &str) -> Value {
    let subscription = match assignment.scope.split('/').collect::<Vec<_>>()[..] {
        ["", word, id, ..] if word.eq_ignore_ascii_case("subscriptions") => {
            format!("/subscriptions/{id}")
        }
        _ => String::new(),
    };
    let time = moment(assignment.created_on);
    let mut properties = json!({
        "roleDefinitionId": format!(
            "{subscription}/providers/Microsoft.Authorization/roleDefinitions/{}",
            assignment.role
        ),
        "principalId": assignment.principal,
    });
    if version >= PRINCIPAL_TYPE_SINCE {
        properties["principalType"] = json!(assignment.principal_type);
    }
    properties["scope"] = json!(assignment.scope);
    if version >= CONDITION_SINCE {
        properties["condition"] = json!(assignment.condition);
        properties["conditionVersion"] = json!(assignment.condition_version);
        properties["description"] = json!(assignment.description);
    }
    properties["createdOn"] = json!(time);
    properties["updatedOn"] = json!(time);
    properties["createdBy"] = json!(assignment.created_by);
    properties["updatedBy"] = json!(assignment.created_by);
    json!({
        "properties": properties,
        "id": assignment.id(),
        "type": "Microsoft.Authorization/roleAssignments",
        "name": assignment.name,
    })
}

fn moment(moment: OffsetDateTime) -> String {
    moment
        .format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z"
        ))
        .unwrap_or_default()
}

fn format_problem() -> Problem {
    Problem::new(
        400,
        "BadRequestFormat",
        "The request was incorrectly formatted.",
    )
}
