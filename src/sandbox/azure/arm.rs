//! Azure Resource Manager: one request from its token to its effect.
//!
//! This module keeps the order of the checks; each resource type has its own module.
//! See <https://learn.microsoft.com/azure/azure-resource-manager/management/overview>.

mod accounts;
mod admission;
mod blob_services;
mod cors_schema;
mod deny_assignments;
mod filter;
mod locks;
mod page;
mod permissions;
mod role_assignments;
mod role_definitions;
mod route;
mod scope;
mod service_schema;
mod subscriptions;
mod versions;

pub(crate) use route::Route;

use route::Kind;

use serde_json::Value;

use super::call::Call;
use super::problem::Problem;
use super::rights::{self, Decision, Plane, Wish};
use super::token::Claims;
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Who asked, and what became of it.
pub(crate) struct Handled {
    pub caller: Option<String>,
    pub result: Result<Answer, Problem>,
}

/// A request whose caller is known.
#[derive(Debug, Clone, Copy)]
struct Visit<'a> {
    request: &'a Incoming,
    call: &'a Call,
    caller: &'a Claims,
    version: &'a str,
}

impl Visit<'_> {
    /// Checks the one action that the vendor names for this request, at a scope.
    fn may(&self, world: &World, action: &str, scope: &str) -> Result<(), Problem> {
        let wish = Wish {
            principal: &self.caller.object_id,
            action,
            plane: Plane::Control,
            scope,
            blob: None,
        };
        let Claims {
            client, object_id, ..
        } = self.caller;
        match rights::decide(world, &wish) {
            Decision::Allowed => Ok(()),
            Decision::NotAllowed => Err(Problem::new(
                403,
                "AuthorizationFailed",
                format!(
                    "The client '{client}' with object id '{object_id}' does not have authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
                ),
            )),
            Decision::Denied(deny) => Err(Problem::new(
                403,
                "DenyAssignmentAuthorizationFailed",
                format!(
                    "The client '{client}' with object id '{object_id}' has permission to perform action '{action}' on scope '{scope}'; however, the access is denied because of the deny assignment with name '{}' and Id '{}' at scope '{}'.",
                    deny.display_name,
                    deny.name.replace('-', ""),
                    deny.scope
                ),
            )),
        }
    }
}

fn ok(body: &Value) -> Answer {
    answer(200, body)
}

fn answer(status: u16, body: &Value) -> Answer {
    Answer::new(status)
        .header("cache-control", "no-cache")
        .body("application/json; charset=utf-8", body.to_string())
}

/// Handles one request.
pub(crate) fn handle(world: &mut World, request: &Incoming, call: &Call) -> Handled {
    let route = Route::read(&call.path);
    let version = match admission::version(call) {
        Ok(version) => version,
        Err(problem) => {
            return Handled {
                caller: None,
                result: Err(problem),
            };
        }
    };
    let caller = match admission::caller(world, request) {
        Ok(caller) => caller,
        Err(problem) => {
            return Handled {
                caller: None,
                result: Err(problem),
            };
        }
    };
    let under_way = world.under_way(&caller.object_id);
    let visit = Visit {
        request,
        call,
        caller: &caller,
        version,
    };
    let result = answered(world, &visit, &route);
    world.count_request(&under_way);
    Handled {
        result,
        caller: Some(caller.object_id.clone()),
    }
}

fn answered(world: &mut World, visit: &Visit<'_>, route: &Route) -> Result<Answer, Problem> {
    if *route == Route::Unknown {
        let target = visit.request.target();
        return Err(Problem::not_implemented(format!(
            "{} {target}",
            visit.request.method
        )));
    }
    versions::check(route, visit.version)?;
    if let Some(subscription) = route.subscription() {
        admission::subscription(world, visit, subscription)?;
    }
    let not_implemented = || {
        Err(Problem::not_implemented(format!(
            "{} of {route:?}",
            visit.request.method
        )))
    };
    match (route, visit.request.method.as_str()) {
        (Route::Subscriptions, "GET") => subscriptions::list(world, visit),
        (Route::Tenants, "GET") => subscriptions::tenants(world, visit),
        (Route::Subscription(id), "GET") => subscriptions::get(world, visit, id),
        (
            Route::StorageAccounts {
                subscription,
                resource_group,
            },
            "GET",
        ) => accounts::list(world, visit, subscription, resource_group.as_deref()),
        (Route::NameAvailability(subscription), "POST") => {
            accounts::name_availability(world, visit, subscription)
        }
        (Route::StorageAccount(place), "GET") => accounts::get(world, visit, place),
        (Route::EncryptionScopes(place, name), "GET") => {
            accounts::encryption_scopes(world, visit, place, name.as_deref())
        }
        (Route::BlobServices(place), "GET") => blob_services::list(world, visit, place),
        (Route::BlobService(place), "GET") => blob_services::get(world, visit, place),
        (Route::BlobService(place), "PUT") => blob_services::put(world, visit, place),
        (Route::Authorization { scope, kind, name }, method) => {
            scope::is_tenants_own(world, visit, scope)?;
            let name = name.as_deref();
            match (kind, name, method) {
                (Kind::RoleAssignments, None, "GET") => role_assignments::list(world, visit, scope),
                (Kind::RoleAssignments, Some(name), "GET") => {
                    role_assignments::get(world, visit, scope, name)
                }
                (Kind::RoleAssignments, Some(name), "PUT") => {
                    role_assignments::put(world, visit, scope, name)
                }
                (Kind::RoleAssignments, Some(name), "DELETE") => {
                    role_assignments::delete(world, visit, scope, name)
                }
                (Kind::RoleDefinitions, None, "GET") => role_definitions::list(world, visit, scope),
                (Kind::RoleDefinitions, Some(name), "GET") => {
                    role_definitions::get(world, visit, scope, name)
                }
                (Kind::DenyAssignments, None, "GET") => deny_assignments::list(world, visit, scope),
                (Kind::DenyAssignments, Some(name), "GET") => {
                    deny_assignments::get(world, visit, scope, name)
                }
                (Kind::Permissions, None, "GET") => permissions::list(world, visit, scope),
                (Kind::Locks, None, "GET") => locks::list(world, visit, scope),
                _ => not_implemented(),
            }
        }
        _ => not_implemented(),
    }
}
