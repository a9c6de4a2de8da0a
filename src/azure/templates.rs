//! The documents for Azure, embedded as they were published, and what a caller must be allowed to do.

use serde_json::{Value, json};

use crate::report::Document;
use crate::template;

/// The multi-tenant app of Segments.ai, "Segments.ai - Blob Link Service".
pub const APP_ID: &str = "d47021c7-05d1-44c3-a594-93c2c30c68fc";
/// The role that the app gets.
pub const READER: &str = "Storage Blob Data Reader";
/// That role's definition, the same in every tenant:
/// <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage#storage-blob-data-reader>.
pub const READER_ID: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
/// The origin of the published rule.
pub const ORIGIN: &str = "https://app.segments.ai";

const SERVICE_PRINCIPAL: &str = include_str!("../../templates/azure/service-principal.json");
const ROLE_ASSIGNMENT: &str = include_str!("../../templates/azure/role-assignment.json");
const CORS: &str = include_str!("../../templates/azure/cors.json");

/// What stands in the published role assignment where the subscription belongs.
pub const SUBSCRIPTION_PLACEHOLDER: &str = "SUBSCRIPTION_ID";
/// What stands in the published role assignment where the service principal's object ID belongs.
pub const PRINCIPAL_PLACEHOLDER: &str = "SERVICE_PRINCIPAL_OBJECT_ID";

/// What `plan` calls in Azure Resource Manager.
pub const PLAN: &[&str] = &[
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Storage/storageAccounts/blobServices/read",
    "Microsoft.Authorization/roleAssignments/read",
    "Microsoft.Authorization/permissions/read",
];
/// What `verify` calls besides.
pub const VERIFY: &[&str] = &[
    "Microsoft.Authorization/roleDefinitions/read",
    "Microsoft.Authorization/denyAssignments/read",
    "Microsoft.Storage/storageAccounts/encryptionScopes/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
];
/// What `verify` does with blobs.
pub const VERIFY_DATA: &[&str] =
    &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"];
/// What `connect` and `disconnect` call besides.
pub const WRITE: &[&str] = &[
    "Microsoft.Authorization/roleAssignments/write",
    "Microsoft.Authorization/roleAssignments/delete",
    "Microsoft.Storage/storageAccounts/blobServices/write",
];

/// What makes the service principal.
#[must_use]
pub fn service_principal() -> Value {
    template::parse(SERVICE_PRINCIPAL)
}

/// The role assignment for a subscription and a service principal; what is not known stays a named placeholder.
#[must_use]
pub fn role_assignment(subscription: Option<&str>, principal: Option<&str>) -> Value {
    let mut document = template::parse(ROLE_ASSIGNMENT);
    for (placeholder, value) in [
        (SUBSCRIPTION_PLACEHOLDER, subscription),
        (PRINCIPAL_PLACEHOLDER, principal),
    ] {
        if let Some(value) = value {
            document = template::fill(&document, placeholder, value);
        }
    }
    document
}

/// The published CORS rules: one.
#[must_use]
pub fn cors() -> Value {
    template::parse(CORS)
}

/// The one published rule.
#[must_use]
pub fn cors_rule() -> Value {
    cors().get(0).cloned().unwrap_or_default()
}

/// Every document that `render` prints.
#[must_use]
pub fn documents(
    subscription: Option<&str>,
    resource_group: Option<&str>,
    account: &str,
    principal: Option<&str>,
) -> Vec<Document> {
    vec![
        Document {
            name: "service-principal",
            id: "azure.service-principal",
            title: "service principal",
            body: service_principal(),
        },
        Document {
            name: "role-assignment",
            id: "azure.role-assignment",
            title: "role assignment",
            body: role_assignment(subscription, principal),
        },
        Document {
            name: "cors",
            id: "azure.cors",
            title: "CORS rules of the blob service",
            body: cors(),
        },
        Document {
            name: "operator-permissions",
            id: "azure.operator-permissions",
            title: "what whoever runs this program must be allowed to do",
            body: operator_permissions(subscription, resource_group, account),
        },
    ]
}

/// The least custom roles that `plan`, `verify` and `connect` need, and the directory role for the rest.
///
/// The form is the one that `az role definition create --role-definition` takes:
/// <https://learn.microsoft.com/azure/role-based-access-control/custom-roles-cli>.
fn operator_permissions(
    subscription: Option<&str>,
    resource_group: Option<&str>,
    account: &str,
) -> Value {
    let subscription = subscription.unwrap_or(SUBSCRIPTION_PLACEHOLDER);
    let scope = format!("/subscriptions/{subscription}");
    let assign_at = format!(
        "{scope}/resourceGroups/{}/providers/Microsoft.Storage/storageAccounts/{account}",
        resource_group.unwrap_or("RESOURCE_GROUP")
    );
    let role = |name: &str, what: &str, actions: Vec<&str>, data: &[&str]| {
        json!({
            "Name": format!("Segments.ai connection: {name}"),
            "IsCustom": true,
            "Description": what,
            "Actions": actions,
            "NotActions": [],
            "DataActions": data,
            "NotDataActions": [],
            // A custom role can be assigned at these scopes and below.
            "AssignableScopes": [scope],
        })
    };
    let with = |parts: &[&[&'static str]]| parts.concat();
    json!({
        "roles": [
            role("plan", "Reads what `segments-connect azure plan` shows", with(&[PLAN]), &[]),
            role("verify", "Reads what `segments-connect azure verify` checks", with(&[PLAN, VERIFY]), VERIFY_DATA),
            role("connect", "Reads, writes and checks what `segments-connect azure` sets up", with(&[PLAN, VERIFY, WRITE]), VERIFY_DATA),
        ],
        "assign_at": assign_at,
        // Reading the name of a subscription is the only thing that is asked above the account.
        "microsoft_graph": {
            "plan": { "delegated_or_application": "Application.Read.All", "note": "members of a tenant may read service principals unless that was restricted" },
            "connect": { "delegated_or_application": "Application.ReadWrite.All", "directory_role": ["Cloud Application Administrator", "Application Administrator"], "note": "only where the app is not installed yet; `--service-principal-id` does without" },
        },
    })
}
