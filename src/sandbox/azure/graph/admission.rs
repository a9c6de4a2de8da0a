//! Who asks Microsoft Graph, and what they may do there.
//!
//! See <https://learn.microsoft.com/graph/api/serviceprincipal-upsert#permissions> and
//! <https://learn.microsoft.com/entra/fundamentals/users-default-permissions>.

use super::Visit;
use crate::sandbox::azure::directory::Principal;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::token::{Audience, Claims, Flaw};
use crate::sandbox::azure::world::World;
use crate::sandbox::incoming::Incoming;

/// The permissions of an application that let it look up service principals.
const READS: [&str; 5] = [
    "Application.Read.All",
    "Application.ReadWrite.All",
    "Application.ReadWrite.OwnedBy",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
];

/// The permissions of an application that let it make, change and delete them.
const WRITES: [&str; 2] = ["Application.ReadWrite.All", "Directory.ReadWrite.All"];

/// Who asks.
pub(super) fn caller(world: &World, request: &Incoming) -> Result<Claims, Problem> {
    let invalid = |message: &str| Problem::new(401, "InvalidAuthenticationToken", message);
    let token = request
        .header("authorization")
        .and_then(|header| header.strip_prefix("Bearer "))
        .filter(|token| !token.is_empty())
        .ok_or_else(|| invalid("Access token is empty."))?;
    let claims = world.read_token(token).map_err(|flaw| match flaw {
        Flaw::Malformed => invalid("JWT is not well formed."),
        Flaw::Unknown => invalid("Signature is invalid."),
        Flaw::Expired(_) => invalid("Lifetime validation failed, the token is expired."),
    })?;
    if Audience::named(&claims.audience) == Some(Audience::Graph) {
        return Ok(claims);
    }
    Err(invalid(
        "Access token validation failure. Invalid audience.",
    ))
}

/// Whether the caller may look up service principals: every member may, guests as the tenant decided, and applications
/// with a permission.
pub(super) fn may_read(world: &World, visit: &Visit<'_>) -> Result<(), Problem> {
    let may = match world.principal(&visit.caller.object_id) {
        Some(Principal::User(user)) => {
            !user.guest
                || !user.directory_roles.is_empty()
                || world
                    .tenant(&user.tenant)
                    .is_some_and(|tenant| tenant.guests_may_read)
        }
        Some(Principal::ServicePrincipal(principal)) => READS
            .iter()
            .any(|permission| principal.graph_permissions.contains(*permission)),
        None => false,
    };
    if may { Ok(()) } else { Err(denied()) }
}

/// Whether the caller may make, change and delete service principals of applications of other tenants.
pub(super) fn may_write(world: &World, visit: &Visit<'_>) -> Result<(), Problem> {
    let may = match world.principal(&visit.caller.object_id) {
        Some(Principal::User(user)) => user
            .directory_roles
            .iter()
            .any(|role| role.installs_applications()),
        Some(Principal::ServicePrincipal(principal)) => WRITES
            .iter()
            .any(|permission| principal.graph_permissions.contains(*permission)),
        None => false,
    };
    if may { Ok(()) } else { Err(denied()) }
}

fn denied() -> Problem {
    Problem::new(
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    )
}
