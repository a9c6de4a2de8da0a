//! Storage accounts: listing and reading them, and their encryption scopes.
//!
//! See <https://learn.microsoft.com/rest/api/storagerp/storage-accounts>.

use serde_json::{Map, Value, json};

use super::admission;
use super::page::page;
use super::route::Place;
use super::{Visit, ok};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::account::StorageAccount;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::rights::{self, Decision, Plane, Wish};
use crate::sandbox::azure::world::World;

const READ: &str = "Microsoft.Storage/storageAccounts/read";
/// Since this version an account tells whether signatures must be bound to users, and to users of which tenant.
const USER_BOUND_SINCE: &str = "2026-06-01";
/// Since this version an account may be within a network security perimeter.
const PERIMETER_SINCE: &str = "2023-01-01";

/// Whether a name is free: names are one for all of Azure, so this also tells of accounts that the caller cannot see.
///
/// See <https://learn.microsoft.com/rest/api/storagerp/storage-accounts/check-name-availability>.
pub(super) fn name_availability(
    world: &World,
    visit: &Visit<'_>,
    subscription: &str,
) -> Result<Answer, Problem> {
    visit.may(
        world,
        "Microsoft.Storage/checknameavailability/read",
        &format!("/subscriptions/{subscription}"),
    )?;
    let malformed = |what: &str| Problem::new(400, "InvalidRequestContent", what.to_owned());
    let body: Value = serde_json::from_slice(&visit.request.body)
        .map_err(|error| malformed(&error.to_string()))?;
    let Some(members) = body.as_object() else {
        return Err(malformed("The body is no object."));
    };
    if let Some(unknown) = members
        .keys()
        .find(|name| !matches!(name.as_str(), "name" | "type"))
    {
        return Err(malformed(&format!("Could not find member '{unknown}'.")));
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let (Some(name), Some("Microsoft.Storage/storageAccounts")) = (text("name"), text("type"))
    else {
        return Err(malformed("'name' and 'type' are required."));
    };
    let fits = (3..=24).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    Ok(ok(&if !fits {
        json!({
            "nameAvailable": false,
            "reason": "AccountNameInvalid",
            "message": format!("{name} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only."),
        })
    } else if world.account(name).is_some() {
        json!({
            "nameAvailable": false,
            "reason": "AlreadyExists",
            "message": format!("The storage account named {name} is already taken."),
        })
    } else {
        json!({ "nameAvailable": true })
    }))
}

/// The accounts of a subscription or a resource group.
///
/// A subscription's list holds what the caller may read of it: people with roles in one resource group alone get that
/// group's accounts, and others an empty list. That is how people meet it; no page promises it. A resource group's list
/// needs the right at the group.
pub(super) fn list(
    world: &World,
    visit: &Visit<'_>,
    subscription: &str,
    resource_group: Option<&str>,
) -> Result<Answer, Problem> {
    let scope = format!("/subscriptions/{subscription}");
    if let Some(group) = resource_group {
        visit.may(world, READ, &format!("{scope}/resourceGroups/{group}"))?;
        admission::group_exists(world, subscription, group)?;
    } else if !rights::sees(world, &visit.caller.object_id, &scope) {
        visit.may(world, READ, &scope)?;
    }
    let found = world
        .accounts
        .values()
        .filter(|account| account.subscription.eq_ignore_ascii_case(subscription))
        .filter(|account| {
            resource_group.is_none_or(|group| account.resource_group.eq_ignore_ascii_case(group))
        })
        .filter(|account| {
            let wish = Wish {
                principal: &visit.caller.object_id,
                action: READ,
                plane: Plane::Control,
                scope: &account.scope(),
                blob: None,
            };
            rights::decide(world, &wish) == Decision::Allowed
        })
        .map(|account| json_of(world, account, visit.version))
        .collect();
    page(world, visit, found)
}

/// One account.
pub(super) fn get(world: &World, visit: &Visit<'_>, place: &Place) -> Result<Answer, Problem> {
    let account = admission::account(world, visit, place, READ, "")?;
    Ok(ok(&json_of(world, account, visit.version)))
}

/// The encryption scopes of an account, or one of them.
pub(super) fn encryption_scopes(
    world: &World,
    visit: &Visit<'_>,
    place: &Place,
    name: Option<&str>,
) -> Result<Answer, Problem> {
    let action = "Microsoft.Storage/storageAccounts/encryptionScopes/read";
    let below = match name {
        None => "/encryptionScopes".to_owned(),
        Some(name) => format!("/encryptionScopes/{name}"),
    };
    let account = admission::account(world, visit, place, action, &below)?;
    let json_of = |name: &str, enabled: bool| {
        json!({
            "id": format!("{}/encryptionScopes/{name}", account.scope()),
            "name": name,
            "type": "Microsoft.Storage/storageAccounts/encryptionScopes",
            "properties": {
                "source": "Microsoft.Storage",
                "state": if enabled { "Enabled" } else { "Disabled" },
            },
        })
    };
    let Some(name) = name else {
        let all = account
            .encryption_scopes
            .iter()
            .map(|(name, scope)| json_of(name, scope.enabled))
            .collect();
        return page(world, visit, all);
    };
    match account.encryption_scopes.get(name) {
        Some(scope) => Ok(ok(&json_of(name, scope.enabled))),
        None => Err(Problem::new(
            404,
            "EncryptionScopeNotFound",
            "The specified encryption scope does not exist.",
        )),
    }
}

/// The tier is the first part of the SKU.
pub(super) fn sku(account: &StorageAccount) -> Value {
    let tier = account.sku.split('_').next().unwrap_or_default();
    json!({ "name": account.sku, "tier": tier })
}

fn json_of(world: &World, account: &StorageAccount, version: &str) -> Value {
    json!({
        "sku": sku(account),
        "kind": account.kind,
        "id": account.scope(),
        "name": account.name,
        "type": "Microsoft.Storage/storageAccounts",
        "location": account.location,
        "tags": account.tags,
        "properties": properties(world, account, version),
    })
}

fn properties(world: &World, account: &StorageAccount, version: &str) -> Value {
    let mut properties = json!({
        "dnsEndpointType": account.dns_endpoint_type,
        "publicNetworkAccess": account.public_network_access.as_str(),
        "allowCrossTenantReplication": false,
        "privateEndpointConnections": private_endpoints(account),
        "isHnsEnabled": account.is_hns_enabled,
        "minimumTlsVersion": account.minimum_tls_version,
        "allowBlobPublicAccess": account.allow_blob_public_access,
        "allowSharedKeyAccess": account.allow_shared_key_access,
        "networkAcls": network(account),
        "supportsHttpsTrafficOnly": account.https_only,
        "encryption": {
            "services": {
                "file": { "keyType": "Account", "enabled": true },
                "blob": { "keyType": "Account", "enabled": true },
            },
            "keySource": "Microsoft.Storage",
        },
        "accessTier": "Hot",
        "provisioningState": "Succeeded",
        "creationTime": "2024-01-01T00:00:00.0000000Z",
        "primaryEndpoints": endpoints(world, account),
        "primaryLocation": account.location,
        "statusOfPrimary": "available",
    });
    if version < PERIMETER_SINCE
        && account.public_network_access
            == crate::sandbox::azure::account::PublicNetworkAccess::SecuredByPerimeter
    {
        properties["publicNetworkAccess"] = json!("Disabled");
    }
    if let Some(policy) = sas_policy(account, version) {
        properties["sasPolicy"] = policy;
    }
    if version >= USER_BOUND_SINCE {
        properties["allowCrossTenantDelegationSas"] =
            json!(account.allow_cross_tenant_delegation_sas);
    }
    for (name, value) in &account.further_properties {
        properties[name] = value.clone();
    }
    properties
}

fn sas_policy(account: &StorageAccount, version: &str) -> Option<Value> {
    let policy = account.sas_policy.as_ref()?;
    let mut shown = json!({
        "sasExpirationPeriod": policy.expiration_period,
        "expirationAction": if policy.block { "Block" } else { "Log" },
    });
    if version >= USER_BOUND_SINCE {
        shown["requireUserBoundUserDelegationSas"] = json!(policy.require_user_bound);
        shown["requireUserBoundUserDelegationSasAction"] = json!(if policy.require_user_bound {
            "Block"
        } else {
            "None"
        });
    }
    Some(shown)
}

fn network(account: &StorageAccount) -> Value {
    let action = if account.network.deny_by_default {
        "Deny"
    } else {
        "Allow"
    };
    let rules: Vec<Value> = account
        .network
        .ip_rules
        .iter()
        .map(|rule| json!({ "value": rule, "action": "Allow" }))
        .collect();
    json!({
        "bypass": "AzureServices",
        "virtualNetworkRules": [],
        "ipRules": rules,
        "defaultAction": action,
    })
}

fn private_endpoints(account: &StorageAccount) -> Vec<Value> {
    account
        .private_endpoints
        .iter()
        .enumerate()
        .map(|(at, id)| {
            let name = format!("{}.{at}", account.name);
            json!({
                "id": format!("{}/privateEndpointConnections/{name}", account.scope()),
                "name": name,
                "type": "Microsoft.Storage/storageAccounts/privateEndpointConnections",
                "properties": {
                    "provisioningState": "Succeeded",
                    "privateEndpoint": { "id": id },
                    "privateLinkServiceConnectionState": {
                        "status": "Approved",
                        "actionRequired": "None",
                    },
                },
            })
        })
        .collect()
}

/// Blobs are served at this very socket, in the path style of an emulator; the other services are nowhere.
fn endpoints(world: &World, account: &StorageAccount) -> Value {
    let name = &account.name;
    let mut endpoints = Map::new();
    for service in ["dfs", "web", "queue", "table", "file"] {
        let host = if service == "web" {
            format!("https://{name}.z6.web.core.windows.net/")
        } else {
            format!("https://{name}.{service}.core.windows.net/")
        };
        endpoints.insert(service.to_owned(), json!(host));
    }
    if account.has_blobs() {
        let blob = format!("{}/{name}/", world.endpoint);
        endpoints.insert("blob".to_owned(), json!(blob));
    }
    Value::Object(endpoints)
}
