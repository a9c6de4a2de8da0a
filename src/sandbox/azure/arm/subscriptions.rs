//! Subscriptions and tenants: what somebody sees of them.
//!
//! See <https://learn.microsoft.com/rest/api/resources/subscriptions>.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::page::page;
use super::{Visit, ok};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::directory::User;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::rights;
use crate::sandbox::azure::world::{Subscription, World};

/// The subscriptions of the token's tenant in which the caller has any role.
pub(super) fn list(world: &World, visit: &Visit<'_>) -> Result<Answer, Problem> {
    let seen = world
        .subscriptions
        .iter()
        .filter(|subscription| subscription.tenant == visit.caller.tenant)
        .filter(|subscription| rights::sees(world, &visit.caller.object_id, &subscription.scope()))
        .map(json_of)
        .collect();
    page(world, visit, seen)
}

/// One subscription. Whoever has any role in it may look at it, as the list shows it to them.
pub(super) fn get(world: &World, visit: &Visit<'_>, id: &str) -> Result<Answer, Problem> {
    let scope = format!("/subscriptions/{id}");
    if !rights::sees(world, &visit.caller.object_id, &scope) {
        visit.may(world, "Microsoft.Resources/subscriptions/read", &scope)?;
    }
    let found = world.subscription(id).map(json_of).unwrap_or_default();
    Ok(ok(&found))
}

/// The tenants in which the caller has an object.
pub(super) fn tenants(world: &World, visit: &Visit<'_>) -> Result<Answer, Problem> {
    let person = world.user(&visit.caller.object_id).map(User::person);
    let mut ids: BTreeSet<&str> = BTreeSet::from([visit.caller.tenant.as_str()]);
    if let Some(person) = person {
        ids.extend(
            world
                .users
                .iter()
                .filter(|user| user.person() == person)
                .map(|user| user.tenant.as_str()),
        );
    }
    let home = person
        .and_then(|person| world.user(person))
        .map(|user| user.tenant.as_str());
    let seen = world
        .tenants
        .iter()
        .filter(|tenant| ids.contains(tenant.id.as_str()))
        .map(|tenant| {
            let at_home = home.is_none_or(|home| home == tenant.id);
            json!({
                "id": format!("/tenants/{}", tenant.id),
                "tenantId": tenant.id,
                "countryCode": "PT",
                "displayName": tenant.display_name,
                "domains": [tenant.default_domain],
                "tenantCategory": if at_home { "Home" } else { "ProjectedBy" },
                "defaultDomain": tenant.default_domain,
                "tenantType": "AAD",
            })
        })
        .collect();
    page(world, visit, seen)
}

fn json_of(subscription: &Subscription) -> Value {
    json!({
        "id": subscription.scope(),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription.id,
        "tenantId": subscription.tenant,
        "displayName": subscription.display_name,
        "state": subscription.state,
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    })
}
