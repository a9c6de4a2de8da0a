//! What stands before every operation: an api-version, a token, a subscription, no lock.
//!
//! See <https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors>.

use time::format_description::well_known::Rfc3339;

use super::Visit;
use super::route::Place;
use crate::sandbox::azure::access::LockLevel;
use crate::sandbox::azure::account::StorageAccount;
use crate::sandbox::azure::call::Call;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::rights;
use crate::sandbox::azure::token::{Audience, Claims, Flaw};
use crate::sandbox::azure::world::World;
use crate::sandbox::incoming::Incoming;

/// The api-version, without which nothing is looked at.
pub(super) fn version(call: &Call) -> Result<&str, Problem> {
    call.parameter("api-version")
        .filter(|version| !version.is_empty())
        .ok_or_else(|| {
            Problem::new(
                400,
                "MissingApiVersionParameter",
                "The api-version query parameter (?api-version=) is required for all requests.",
            )
        })
}

/// Who asks.
pub(super) fn caller(world: &World, request: &Incoming) -> Result<Claims, Problem> {
    let Some(header) = request.header("authorization") else {
        return Err(unauthenticated(
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        ));
    };
    let Some(token) = header.strip_prefix("Bearer ") else {
        return Err(unauthenticated(
            "AuthenticationFailedInvalidHeader",
            "Authentication failed. The 'Authorization' header is provided in an invalid format.",
        ));
    };
    let claims = world.read_token(token).map_err(|flaw| match flaw {
        Flaw::Malformed | Flaw::Unknown => {
            unauthenticated("InvalidAuthenticationToken", "The access token is invalid.")
        }
        Flaw::Expired(at) => unauthenticated(
            "ExpiredAuthenticationToken",
            &format!(
                "The access token expiry UTC time '{}' is earlier than current UTC time '{}'.",
                at.format(&Rfc3339).unwrap_or_default(),
                world.now().format(&Rfc3339).unwrap_or_default()
            ),
        ),
    })?;
    if Audience::named(&claims.audience) == Some(Audience::ResourceManager) {
        return Ok(claims);
    }
    Err(unauthenticated(
        "InvalidAuthenticationTokenAudience",
        &format!(
            "The access token has been obtained for wrong audience or resource '{}'. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'.",
            claims.audience
        ),
    ))
}

fn unauthenticated(code: &str, message: &str) -> Problem {
    let challenge = format!(
        "Bearer authorization_uri=\"https://login.windows.net/\", error=\"invalid_token\", error_description=\"{message}\""
    );
    Problem::new(401, code, message).header("www-authenticate", challenge)
}

/// The subscription exists, and trusts the tenant that the token is from.
///
/// The refusal names the tenant that it does trust, which is how a client finds out.
/// See <https://learn.microsoft.com/azure/azure-resource-manager/management/authenticate-multi-tenant>.
pub(super) fn subscription(world: &World, visit: &Visit<'_>, id: &str) -> Result<(), Problem> {
    let Some(found) = world.subscription(id) else {
        return Err(Problem::new(
            404,
            "SubscriptionNotFound",
            format!("The subscription '{id}' could not be found."),
        ));
    };
    let tenant = &found.tenant;
    if *tenant == visit.caller.tenant {
        return Ok(());
    }
    let message = format!(
        "The access token is from the wrong issuer 'https://sts.windows.net/{}/'. It must match the tenant 'https://sts.windows.net/{tenant}/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/{tenant}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.",
        visit.caller.tenant
    );
    let challenge = format!(
        "Bearer authorization_uri=\"https://login.windows.net/{tenant}\", error=\"invalid_token\", error_description=\"The access token is from the wrong issuer. It must match the tenant associated with this subscription.\""
    );
    Err(
        Problem::new(401, "InvalidAuthenticationTokenTenant", message)
            .header("www-authenticate", challenge),
    )
}

/// The storage account in a path. Whether it is there is told to those alone who may do what they want to.
pub(super) fn account<'a>(
    world: &'a World,
    visit: &Visit<'_>,
    place: &Place,
    action: &str,
    below: &str,
) -> Result<&'a StorageAccount, Problem> {
    let Place {
        subscription,
        resource_group,
        account,
    } = place;
    let scope = format!(
        "/subscriptions/{subscription}/resourceGroups/{resource_group}/providers/Microsoft.Storage/storageAccounts/{account}{below}"
    );
    visit.may(world, action, &scope)?;
    group_exists(world, subscription, resource_group)?;
    world
        .account(account)
        .filter(|found| {
            found.subscription.eq_ignore_ascii_case(subscription)
                && found.resource_group.eq_ignore_ascii_case(resource_group)
        })
        .ok_or_else(|| not_found("Microsoft.Storage/storageAccounts", account, resource_group))
}

pub(super) fn group_exists(
    world: &World,
    subscription: &str,
    resource_group: &str,
) -> Result<(), Problem> {
    let exists = world.subscription(subscription).is_some_and(|found| {
        found
            .resource_groups
            .iter()
            .any(|group| group.eq_ignore_ascii_case(resource_group))
    });
    if exists {
        return Ok(());
    }
    Err(Problem::new(
        404,
        "ResourceGroupNotFound",
        format!("Resource group '{resource_group}' could not be found."),
    ))
}

pub(super) fn not_found(kind: &str, name: &str, resource_group: &str) -> Problem {
    Problem::new(
        404,
        "ResourceNotFound",
        format!(
            "The Resource '{kind}/{name}' under resource group '{resource_group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"
        ),
    )
}

/// What somebody wants to do to a scope that may be locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Write,
    Delete,
}

/// No lock stands in the way, here or above.
/// See <https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources>.
pub(super) fn unlocked(world: &World, scope: &str, change: Change) -> Result<(), Problem> {
    let locked: Vec<&str> = world
        .locks
        .iter()
        .filter(|lock| rights::covers(world, &lock.scope, scope))
        .filter(|lock| match lock.level {
            LockLevel::ReadOnly => true,
            LockLevel::CanNotDelete => change == Change::Delete,
        })
        .map(|lock| lock.scope.as_str())
        .collect();
    if locked.is_empty() {
        return Ok(());
    }
    let what = match change {
        Change::Write => "write",
        Change::Delete => "delete",
    };
    Err(Problem::new(
        409,
        "ScopeLocked",
        format!(
            "The scope '{scope}' cannot perform {what} operation because following scope(s) are locked: '{}'. Please remove the lock and try again.",
            locked.join(",")
        ),
    ))
}
