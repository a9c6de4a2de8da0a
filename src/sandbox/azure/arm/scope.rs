//! The scopes at which roles can be assigned: whether they exist, and in whose tenant.
//!
//! See <https://learn.microsoft.com/azure/role-based-access-control/scope-overview>.

use super::Visit;
use super::admission::{group_exists, not_found};
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::world::World;

/// What a scope is.
enum Scope<'a> {
    Root,
    ManagementGroup(&'a str),
    Subscription,
    ResourceGroup(&'a str, &'a str),
    /// A resource; `rest` is what comes after its resource group.
    Resource {
        subscription: &'a str,
        resource_group: &'a str,
        rest: Vec<&'a str>,
    },
    Odd,
}

fn read(scope: &str) -> Scope<'_> {
    let words: Vec<&str> = scope.split('/').filter(|word| !word.is_empty()).collect();
    let is = |at: usize, wanted: &str| {
        words
            .get(at)
            .is_some_and(|word| word.eq_ignore_ascii_case(wanted))
    };
    match words.as_slice() {
        [] => Scope::Root,
        [_, _, _, name]
            if is(0, "providers") && is(1, "Microsoft.Management") && is(2, "managementGroups") =>
        {
            Scope::ManagementGroup(name)
        }
        [_, _] if is(0, "subscriptions") => Scope::Subscription,
        [_, subscription, _, group] if is(0, "subscriptions") && is(2, "resourceGroups") => {
            Scope::ResourceGroup(subscription, group)
        }
        [_, subscription, _, group, rest @ ..]
            if is(0, "subscriptions") && is(2, "resourceGroups") && is(4, "providers") =>
        {
            Scope::Resource {
                subscription,
                resource_group: group,
                rest: rest.to_vec(),
            }
        }
        _ => Scope::Odd,
    }
}

/// A management group belongs to a tenant as its subscriptions do.
pub(super) fn is_tenants_own(world: &World, visit: &Visit<'_>, scope: &str) -> Result<(), Problem> {
    let Scope::ManagementGroup(name) = read(scope) else {
        return Ok(());
    };
    let foreign = world.subscriptions.iter().any(|subscription| {
        subscription
            .management_group
            .as_deref()
            .is_some_and(|group| group.eq_ignore_ascii_case(name))
            && subscription.tenant != visit.caller.tenant
    });
    if foreign {
        return Err(no_management_group(name));
    }
    Ok(())
}

/// The scope exists.
pub(super) fn exists(world: &World, scope: &str) -> Result<(), Problem> {
    match read(scope) {
        // Whether the subscription exists was looked at on arrival.
        Scope::Root | Scope::Subscription => Ok(()),
        Scope::ManagementGroup(name) => {
            if world
                .management_groups
                .iter()
                .any(|group| group.name.eq_ignore_ascii_case(name))
            {
                Ok(())
            } else {
                Err(no_management_group(name))
            }
        }
        Scope::ResourceGroup(subscription, group) => group_exists(world, subscription, group),
        Scope::Resource {
            subscription,
            resource_group,
            rest,
        } => {
            group_exists(world, subscription, resource_group)?;
            resource(world, resource_group, &rest)
        }
        Scope::Odd => Err(Problem::new(
            400,
            "InvalidScope",
            format!("The scope '{scope}' is not valid."),
        )),
    }
}

/// `providers/Microsoft.Storage/storageAccounts/A[/blobServices/default[/containers/C]]`.
fn resource(world: &World, resource_group: &str, rest: &[&str]) -> Result<(), Problem> {
    let [_, provider, kind, name, below @ ..] = rest else {
        return Err(not_found(&rest.join("/"), "", resource_group));
    };
    let absent = || not_found(&format!("{provider}/{kind}"), name, resource_group);
    if !provider.eq_ignore_ascii_case("Microsoft.Storage")
        || !kind.eq_ignore_ascii_case("storageAccounts")
    {
        return Err(absent());
    }
    let account = world
        .account(name)
        .filter(|account| account.resource_group.eq_ignore_ascii_case(resource_group))
        .ok_or_else(absent)?;
    let there = match below {
        [] => true,
        [service, "default"] => service.eq_ignore_ascii_case("blobServices"),
        [service, "default", containers, container] => {
            service.eq_ignore_ascii_case("blobServices")
                && containers.eq_ignore_ascii_case("containers")
                && account.containers.contains_key(*container)
        }
        _ => false,
    };
    if there { Ok(()) } else { Err(absent()) }
}

fn no_management_group(name: &str) -> Problem {
    Problem::new(
        404,
        "NotFound",
        format!("'/providers/Microsoft.Management/managementGroups/{name}' not found"),
    )
}
