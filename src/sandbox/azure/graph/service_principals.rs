//! Service principals: looking them up, making them, changing and deleting them.
//!
//! See <https://learn.microsoft.com/graph/api/serviceprincipal-upsert> and
//! <https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals>.

use serde_json::{Value, json};

use super::admission::{may_read, may_write};
use super::shape::{self, bad_request};
use super::{Named, Visit};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::directory::{ServicePrincipal, new_object_id};
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::world::World;

/// The service principals of the caller's tenant with one application ID: the one filter that is understood.
pub(super) fn list(world: &World, visit: &Visit<'_>) -> Result<Answer, Problem> {
    may_read(world, visit)?;
    let Some(filter) = visit.call.parameter("$filter") else {
        return Err(Problem::not_implemented(
            "listing service principals without a filter",
        ));
    };
    let app_id = filter
        .strip_prefix("appId eq '")
        .and_then(|rest| rest.strip_suffix('\''))
        .ok_or_else(|| Problem::not_implemented(format!("the filter {filter}")))?;
    let found = find(world, visit, &Named::AppId(app_id.to_owned()))
        .map(|principal| shape::entity(world, visit, principal))
        .transpose()?;
    Ok(json_answer(
        200,
        &json!({
            "@odata.context": shape::context(world, visit, ""),
            "value": found.into_iter().collect::<Vec<_>>(),
        }),
    ))
}

/// One service principal.
pub(super) fn get(world: &World, visit: &Visit<'_>, named: &Named) -> Result<Answer, Problem> {
    may_read(world, visit)?;
    let principal = find(world, visit, named).ok_or_else(|| not_found(named))?;
    answered(world, visit, 200, principal)
}

/// Makes a service principal for an application.
pub(super) fn create(world: &mut World, visit: &Visit<'_>) -> Result<Answer, Problem> {
    may_write(world, visit)?;
    let mut principal = ServicePrincipal::new("", &visit.caller.tenant, "", "");
    let app_id = shape::change(visit, &mut principal)?
        .ok_or_else(|| bad_request("Property appId is required."))?;
    if world
        .service_principal_of(&app_id, &visit.caller.tenant)
        .is_some()
    {
        return Err(Problem::new(
            409,
            "Request_MultipleObjectsWithSameKeyValue",
            format!(
                "The service principal cannot be created, updated, or restored because the service principal name {app_id} is already in use."
            ),
        ));
    }
    install(world, visit, &app_id, principal)
}

/// Changes a service principal; makes it where it is missing, if the client asked for that.
pub(super) fn patch(
    world: &mut World,
    visit: &Visit<'_>,
    named: &Named,
) -> Result<Answer, Problem> {
    may_write(world, visit)?;
    let creates = visit.request.header("prefer").is_some_and(|prefer| {
        prefer
            .split(',')
            .any(|word| word.trim() == "create-if-missing")
    });
    match (find(world, visit, named).cloned(), named) {
        (Some(mut changed), _) => {
            // The application is not for changing, but may be named.
            let app_id = shape::change(visit, &mut changed)?;
            if app_id.is_some_and(|app_id| !app_id.eq_ignore_ascii_case(&changed.app_id)) {
                return Err(bad_request(
                    "Property 'appId' is read-only and cannot be set.",
                ));
            }
            world
                .service_principals
                .iter_mut()
                .filter(|principal| principal.id == changed.id)
                .for_each(|principal| principal.clone_from(&changed));
            Ok(Answer::new(204))
        }
        (None, Named::AppId(app_id)) if creates => {
            let mut principal = ServicePrincipal::new("", &visit.caller.tenant, "", "");
            shape::change(visit, &mut principal)?;
            install(world, visit, app_id, principal)
        }
        (None, _) => Err(not_found(named)),
    }
}

/// Deletes a service principal. Its role assignments stay behind.
/// See <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignments-with-identity-not-found>.
pub(super) fn delete(
    world: &mut World,
    visit: &Visit<'_>,
    named: &Named,
) -> Result<Answer, Problem> {
    may_write(world, visit)?;
    let id = find(world, visit, named)
        .map(|principal| principal.id.clone())
        .ok_or_else(|| not_found(named))?;
    world
        .service_principals
        .retain(|principal| principal.id != id);
    for group in &mut world.groups {
        group.members.remove(&id);
    }
    Ok(Answer::new(204))
}

/// The service principal of that name in the tenant of the caller.
pub(super) fn find<'a>(
    world: &'a World,
    visit: &Visit<'_>,
    named: &Named,
) -> Option<&'a ServicePrincipal> {
    let tenant = &visit.caller.tenant;
    match named {
        Named::Id(id) => world
            .service_principal(id)
            .filter(|principal| principal.tenant == *tenant),
        Named::AppId(app_id) => world.service_principal_of(app_id, tenant),
    }
}

pub(super) fn not_found(named: &Named) -> Problem {
    let name = match named {
        Named::Id(id) => id.clone(),
        Named::AppId(app_id) => format!("(appId='{app_id}')"),
    };
    Problem::new(
        404,
        "Request_ResourceNotFound",
        format!(
            "Resource '{name}' does not exist or one of its queried reference-property objects are not present."
        ),
    )
}

pub(super) fn json_answer(status: u16, body: &Value) -> Answer {
    Answer::new(status).body(
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8",
        body.to_string(),
    )
}

/// Puts a new service principal into the tenant. Other tenants' applications can be installed if they let themselves be.
fn install(
    world: &mut World,
    visit: &Visit<'_>,
    app_id: &str,
    mut principal: ServicePrincipal,
) -> Result<Answer, Problem> {
    let application = world
        .application(app_id)
        .filter(|application| {
            application.multi_tenant || application.tenant == visit.caller.tenant
        })
        .ok_or_else(|| {
            bad_request(format!(
                "The appId '{app_id}' of the service principal does not reference a valid application object."
            ))
        })?;
    principal.app_id.clone_from(&application.app_id);
    if principal.display_name.is_empty() {
        principal.display_name.clone_from(&application.display_name);
    }
    principal.id = new_object_id();
    principal.replication = world.replication.delay;
    world.service_principals.push(principal.clone());
    answered(world, visit, 201, &principal)
}

fn answered(
    world: &World,
    visit: &Visit<'_>,
    status: u16,
    principal: &ServicePrincipal,
) -> Result<Answer, Problem> {
    let mut body = json!({ "@odata.context": shape::context(world, visit, "/$entity") });
    for (name, value) in shape::entity(world, visit, principal)? {
        body[name] = value;
    }
    Ok(json_answer(status, &body))
}
