//! Microsoft Graph, version 1.0, as far as service principals go: one request from its token to its effect.
//!
//! See <https://learn.microsoft.com/graph/api/resources/serviceprincipal>.

mod admission;
mod members;
mod service_principals;
mod shape;

use super::arm::Handled;
use super::call::Call;
use super::problem::Problem;
use super::token::Claims;
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// A request whose caller is known.
#[derive(Debug, Clone, Copy)]
struct Visit<'a> {
    request: &'a Incoming,
    call: &'a Call,
    caller: &'a Claims,
}

/// How a service principal is named in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    Id(String),
    AppId(String),
}

/// What a path means.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Route {
    ServicePrincipals,
    ServicePrincipal(Named),
    /// The groups of a service principal: `transitiveMemberOf` or `getMemberGroups`.
    Groups(Named, &'static str),
    Unknown,
}

impl Route {
    fn read(path: &[String]) -> Self {
        let words: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
        match words.as_slice() {
            ["servicePrincipals"] => Self::ServicePrincipals,
            ["servicePrincipals", id] => Self::ServicePrincipal(Named::Id((*id).to_owned())),
            [
                "servicePrincipals",
                id,
                "getMemberGroups" | "microsoft.graph.getMemberGroups",
            ] => Self::Groups(Named::Id((*id).to_owned()), "getMemberGroups"),
            ["servicePrincipals", id, "transitiveMemberOf"] => {
                Self::Groups(Named::Id((*id).to_owned()), "transitiveMemberOf")
            }
            [word] => by_app_id(word).map_or(Self::Unknown, Self::ServicePrincipal),
            [word, "transitiveMemberOf"] => by_app_id(word).map_or(Self::Unknown, |named| {
                Self::Groups(named, "transitiveMemberOf")
            }),
            _ => Self::Unknown,
        }
    }
}

/// `servicePrincipals(appId='…')`.
fn by_app_id(word: &str) -> Option<Named> {
    let id = word
        .strip_prefix("servicePrincipals(appId='")?
        .strip_suffix("')")?;
    Some(Named::AppId(id.to_owned()))
}

/// The name of the operation.
pub(crate) fn operation(method: &str, path: &[String]) -> String {
    let name = match (Route::read(path), method) {
        (Route::ServicePrincipals, "GET") => "ListServicePrincipals",
        (Route::ServicePrincipals, "POST") => "CreateServicePrincipal",
        (Route::ServicePrincipal(_), "GET") => "GetServicePrincipal",
        (Route::ServicePrincipal(Named::AppId(_)), "PATCH") => "UpsertServicePrincipal",
        (Route::ServicePrincipal(Named::Id(_)), "PATCH") => "UpdateServicePrincipal",
        (Route::ServicePrincipal(_), "DELETE") => "DeleteServicePrincipal",
        (Route::Groups(_, "getMemberGroups"), "POST") => "GetMemberGroups",
        (Route::Groups(_, "transitiveMemberOf"), "GET") => "ListTransitiveMemberOf",
        _ => return format!("{method} graph"),
    };
    name.to_owned()
}

/// Handles one request.
pub(crate) fn handle(world: &mut World, request: &Incoming, call: &Call) -> Handled {
    let caller = match admission::caller(world, request) {
        Ok(caller) => caller,
        Err(problem) => {
            return Handled {
                caller: None,
                result: Err(problem),
            };
        }
    };
    let visit = Visit {
        request,
        call,
        caller: &caller,
    };
    Handled {
        result: answered(world, &visit),
        caller: Some(caller.object_id.clone()),
    }
}

fn answered(world: &mut World, visit: &Visit<'_>) -> Result<Answer, Problem> {
    let route = Route::read(&visit.call.path);
    match (&route, visit.request.method.as_str()) {
        (Route::ServicePrincipals, "GET") => service_principals::list(world, visit),
        (Route::ServicePrincipals, "POST") => service_principals::create(world, visit),
        (Route::ServicePrincipal(named), "GET") => service_principals::get(world, visit, named),
        (Route::ServicePrincipal(named), "PATCH") => service_principals::patch(world, visit, named),
        (Route::ServicePrincipal(named), "DELETE") => {
            service_principals::delete(world, visit, named)
        }
        (Route::Groups(named, "getMemberGroups"), "POST") => members::ids(world, visit, named),
        (Route::Groups(named, "transitiveMemberOf"), "GET") => members::list(world, visit, named),
        _ => Err(Problem::not_implemented(format!(
            "{} {}",
            visit.request.method,
            visit.request.target()
        ))),
    }
}
