//! A service principal as Graph shows it, and what a client may ask to see and to change.
//!
//! This module reads and writes JSON; it decides nothing else.
//! See <https://learn.microsoft.com/graph/api/resources/serviceprincipal#properties>.

use serde_json::{Map, Value, json};

use super::Visit;
use crate::sandbox::azure::directory::ServicePrincipal;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::world::World;

/// Every property that a service principal has in version 1.0.
const PROPERTIES: [&str; 38] = [
    "accountEnabled",
    "addIns",
    "alternativeNames",
    "appDescription",
    "appDisplayName",
    "appId",
    "appOwnerOrganizationId",
    "appRoleAssignmentRequired",
    "appRoles",
    "applicationTemplateId",
    "createdDateTime",
    "customSecurityAttributes",
    "deletedDateTime",
    "description",
    "disabledByMicrosoftStatus",
    "displayName",
    "homepage",
    "id",
    "info",
    "keyCredentials",
    "loginUrl",
    "logoutUrl",
    "notes",
    "notificationEmailAddresses",
    "oauth2PermissionScopes",
    "passwordCredentials",
    "preferredSingleSignOnMode",
    "preferredTokenSigningKeyThumbprint",
    "replyUrls",
    "resourceSpecificApplicationPermissions",
    "samlSingleSignOnSettings",
    "servicePrincipalNames",
    "servicePrincipalType",
    "signInAudience",
    "tags",
    "tokenEncryptionKeyId",
    "verifiedPublisher",
    "isDisabled",
];

/// What a client may change here.
const WRITABLE: [&str; 3] = ["accountEnabled", "displayName", "tags"];

/// The entity, with the properties that `$select` names.
pub(super) fn entity(
    world: &World,
    visit: &Visit<'_>,
    principal: &ServicePrincipal,
) -> Result<Map<String, Value>, Problem> {
    let whole = whole(world, principal);
    let Some(select) = visit.call.parameter("$select") else {
        return Ok(whole);
    };
    let mut selected = Map::new();
    for name in select.split(',').map(str::trim) {
        if !PROPERTIES.contains(&name) {
            return Err(bad_request(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{name}' on type 'microsoft.graph.servicePrincipal'."
            )));
        }
        let value = whole.get(name).cloned().unwrap_or_default();
        selected.insert(name.to_owned(), value);
    }
    Ok(selected)
}

/// The address of the description of an answer.
pub(super) fn context(world: &World, visit: &Visit<'_>, tail: &str) -> Value {
    let select = visit
        .call
        .parameter("$select")
        .map_or_else(String::new, |select| format!("({select})"));
    json!(format!(
        "{}/v1.0/$metadata#servicePrincipals{select}{tail}",
        world.endpoint
    ))
}

/// Reads the body of a write, and takes over what it says. The application ID is told apart.
pub(super) fn change(
    visit: &Visit<'_>,
    principal: &mut ServicePrincipal,
) -> Result<Option<String>, Problem> {
    let body = &visit.request.body;
    if body.is_empty() {
        return Err(bad_request("Empty Payload. JSON content expected."));
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return Err(bad_request(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
        ));
    };
    let mut app_id = None;
    for (name, value) in members {
        match (name.as_str(), value) {
            ("appId", Value::String(id)) => app_id = Some(id),
            ("displayName", Value::String(text)) => principal.display_name = text,
            ("accountEnabled", Value::Bool(enabled)) => principal.account_enabled = enabled,
            ("tags", Value::Array(tags)) => {
                principal.tags = tags
                    .iter()
                    .map(|tag| tag.as_str().map(str::to_owned))
                    .collect::<Option<_>>()
                    .ok_or_else(|| invalid_value(&name))?;
            }
            (known, _) if WRITABLE.contains(&known) || known == "appId" => {
                return Err(invalid_value(&name));
            }
            (known, _) if PROPERTIES.contains(&known) => {
                return Err(Problem::not_implemented(format!(
                    "changing '{name}' of a service principal"
                )));
            }
            _ => {
                return Err(bad_request(format!(
                    "Invalid property '{name}'. The property '{name}' does not exist on type 'microsoft.graph.servicePrincipal'."
                )));
            }
        }
    }
    Ok(app_id)
}

pub(super) fn bad_request(message: impl Into<String>) -> Problem {
    Problem::new(400, "Request_BadRequest", message)
}

fn invalid_value(name: &str) -> Problem {
    bad_request(format!(
        "Invalid value specified for property '{name}' of resource 'ServicePrincipal'."
    ))
}

fn whole(world: &World, principal: &ServicePrincipal) -> Map<String, Value> {
    let application = world.application(&principal.app_id);
    let whole = json!({
        "id": principal.id,
        "deletedDateTime": null,
        "accountEnabled": principal.account_enabled,
        "alternativeNames": [],
        "appDisplayName": application.map(|application| &application.display_name),
        "appId": principal.app_id,
        "appOwnerOrganizationId": application.map(|application| &application.tenant),
        "appRoleAssignmentRequired": false,
        "createdDateTime": "2026-01-01T00:00:00Z",
        "description": null,
        "disabledByMicrosoftStatus": null,
        "displayName": principal.display_name,
        "homepage": null,
        "notes": null,
        "replyUrls": [],
        "servicePrincipalNames": [principal.app_id],
        "servicePrincipalType": principal.service_principal_type,
        "signInAudience": application.map(|application| if application.multi_tenant {
            "AzureADMultipleOrgs"
        } else {
            "AzureADMyOrg"
        }),
        "tags": principal.tags,
        "keyCredentials": [],
        "passwordCredentials": [],
        "appRoles": [],
        "oauth2PermissionScopes": [],
    });
    match whole {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
