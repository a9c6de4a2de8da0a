//! Who may do what: role definitions, role assignments, deny assignments and locks.
//!
//! Plain data that a test seeds and inspects; the decisions are in [`super::rights`].

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::world::Delay;

/// The GUID of Owner.
pub const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
/// The GUID of Contributor.
pub const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
/// The GUID of Reader.
pub const READER_ROLE: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
/// The GUID of User Access Administrator.
pub const USER_ACCESS_ADMINISTRATOR: &str = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9";
/// The GUID of Role Based Access Control Administrator.
pub const RBAC_ADMINISTRATOR: &str = "f58310d9-a9f6-439a-9e8d-f62e7b41a168";
/// The GUID of Storage Account Contributor.
pub const STORAGE_ACCOUNT_CONTRIBUTOR: &str = "17d1049b-9a84-46fb-8f53-869881c3d3ab";
/// The GUID of Storage Blob Data Owner.
pub const STORAGE_BLOB_DATA_OWNER: &str = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
/// The GUID of Storage Blob Data Contributor.
pub const STORAGE_BLOB_DATA_CONTRIBUTOR: &str = "ba92f5b4-2d11-453d-a403-e96b0029c9fe";
/// The GUID of Storage Blob Data Reader.
pub const STORAGE_BLOB_DATA_READER: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
/// The GUID of Storage Blob Delegator.
pub const STORAGE_BLOB_DELEGATOR: &str = "db58b8e5-c6ad-4a2a-8342-4190687cbf4a";

/// What a role allows, or a deny assignment denies. Patterns may have `*` in them.
/// See <https://learn.microsoft.com/azure/role-based-access-control/role-definitions>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permission {
    /// Control plane actions.
    pub actions: Vec<String>,
    /// What is taken away from `actions`.
    pub not_actions: Vec<String>,
    /// Data plane actions.
    pub data_actions: Vec<String>,
    /// What is taken away from `data_actions`.
    pub not_data_actions: Vec<String>,
}

impl Permission {
    /// Control plane actions alone.
    #[must_use]
    pub fn actions(actions: &[&str]) -> Self {
        Self {
            actions: owned(actions),
            ..Self::default()
        }
    }

    /// Data plane actions alone.
    #[must_use]
    pub fn data_actions(actions: &[&str]) -> Self {
        Self {
            data_actions: owned(actions),
            ..Self::default()
        }
    }

    /// Less these control plane actions.
    #[must_use]
    pub fn without(mut self, actions: &[&str]) -> Self {
        self.not_actions = owned(actions);
        self
    }

    /// And these data plane actions.
    #[must_use]
    pub fn with_data(mut self, actions: &[&str]) -> Self {
        self.data_actions = owned(actions);
        self
    }

    /// As Resource Manager shows it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "actions": self.actions,
            "notActions": self.not_actions,
            "dataActions": self.data_actions,
            "notDataActions": self.not_data_actions,
        })
    }
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDefinition {
    /// The GUID.
    pub name: String,
    /// The name that people see.
    pub role_name: String,
    /// What it is for.
    pub description: String,
    /// Whether Microsoft made it.
    pub built_in: bool,
    /// What it allows.
    pub permissions: Vec<Permission>,
    /// Where it may be assigned; built-in roles everywhere: `/`.
    pub assignable_scopes: Vec<String>,
}

impl RoleDefinition {
    /// A role that the customer made, assignable at one scope.
    #[must_use]
    pub fn custom(name: &str, role_name: &str, permission: Permission, scope: &str) -> Self {
        Self {
            name: name.to_owned(),
            role_name: role_name.to_owned(),
            description: String::new(),
            built_in: false,
            permissions: vec![permission],
            assignable_scopes: vec![scope.to_owned()],
        }
    }
}

/// A role given to somebody at a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAssignment {
    /// The GUID that is its name.
    pub name: String,
    /// The scope.
    pub scope: String,
    /// The GUID of the role.
    pub role: String,
    /// The object ID of the principal; it stays when the principal is deleted.
    pub principal: String,
    /// The kind of principal.
    pub principal_type: String,
    /// What somebody wrote about it.
    pub description: Option<String>,
    /// A condition, which narrows what it gives.
    pub condition: Option<String>,
    /// The version of the condition's language.
    pub condition_version: Option<String>,
    /// When it was made.
    pub created_on: OffsetDateTime,
    /// The object ID of whoever made it.
    pub created_by: Option<String>,
    /// Until when it has no effect.
    pub propagation: Delay,
}

impl RoleAssignment {
    /// An assignment under a name of its own, in force, without a condition.
    #[must_use]
    pub fn new(principal: &str, role: &str, scope: &str) -> Self {
        Self {
            name: super::directory::new_object_id(),
            scope: scope.to_owned(),
            role: role.to_owned(),
            principal: principal.to_owned(),
            principal_type: "Unknown".to_owned(),
            description: None,
            condition: None,
            condition_version: None,
            created_on: OffsetDateTime::UNIX_EPOCH,
            created_by: None,
            propagation: Delay::None,
        }
    }

    /// The resource ID.
    #[must_use]
    pub fn id(&self) -> String {
        format!(
            "{}/providers/Microsoft.Authorization/roleAssignments/{}",
            self.scope.trim_end_matches('/'),
            self.name
        )
    }
}

/// The principal that stands for everyone in a deny assignment.
/// See <https://learn.microsoft.com/azure/role-based-access-control/deny-assignments>.
pub const EVERYONE: &str = "00000000-0000-0000-0000-000000000000";

/// Something taken away from somebody at a scope. People cannot make these; Azure does for managed applications and
/// deployment stacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenyAssignment {
    /// The GUID that is its name.
    pub name: String,
    /// The name that people see.
    pub display_name: String,
    /// The scope.
    pub scope: String,
    /// What it denies.
    pub permission: Permission,
    /// Whether it ends at its scope.
    pub not_below: bool,
    /// The object IDs to which it applies; [`EVERYONE`] for all.
    pub principals: Vec<String>,
    /// The object IDs to which it does not apply.
    pub exclude_principals: Vec<String>,
}

impl DenyAssignment {
    /// One that applies to everyone, at a scope and below it.
    #[must_use]
    pub fn everyone(display_name: &str, scope: &str, permission: Permission) -> Self {
        Self {
            name: super::directory::new_object_id(),
            display_name: display_name.to_owned(),
            scope: scope.to_owned(),
            permission,
            not_below: false,
            principals: vec![EVERYONE.to_owned()],
            exclude_principals: Vec::new(),
        }
    }

    /// The resource ID.
    #[must_use]
    pub fn id(&self) -> String {
        format!(
            "{}/providers/Microsoft.Authorization/denyAssignments/{}",
            self.scope, self.name
        )
    }
}

/// How far a lock goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockLevel {
    /// Nothing may be deleted.
    CanNotDelete,
    /// Nothing may be changed or deleted.
    ReadOnly,
}

impl LockLevel {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CanNotDelete => "CanNotDelete",
            Self::ReadOnly => "ReadOnly",
        }
    }
}

/// A resource lock, for a scope and everything below it.
/// See <https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The name.
    pub name: String,
    /// The scope.
    pub scope: String,
    /// How far it goes.
    pub level: LockLevel,
}

/// Microsoft's own roles, as far as they matter here.
/// See <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles>.
pub(crate) fn built_in_roles() -> Vec<RoleDefinition> {
    const CONTAINERS: &str = "Microsoft.Storage/storageAccounts/blobServices/containers";
    const DELEGATION: &str =
        "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action";
    let blobs = |what: &str| format!("{CONTAINERS}/blobs/{what}");
    let role =
        |name: &str, role_name: &str, description: &str, permission: Permission| RoleDefinition {
            name: name.to_owned(),
            role_name: role_name.to_owned(),
            description: description.to_owned(),
            built_in: true,
            permissions: vec![permission],
            assignable_scopes: vec!["/".to_owned()],
        };
    vec![
        role(
            OWNER,
            "Owner",
            "Full access to all resources, including the right to assign roles.",
            Permission::actions(&["*"]),
        ),
        role(
            CONTRIBUTOR,
            "Contributor",
            "Full access to all resources, without the right to assign roles.",
            Permission::actions(&["*"]).without(&[
                "Microsoft.Authorization/*/Delete",
                "Microsoft.Authorization/*/Write",
                "Microsoft.Authorization/elevateAccess/Action",
                "Microsoft.Blueprint/blueprintAssignments/write",
                "Microsoft.Blueprint/blueprintAssignments/delete",
                "Microsoft.Compute/galleries/share/action",
                "Microsoft.Purview/consents/write",
                "Microsoft.Purview/consents/delete",
                "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
            ]),
        ),
        role(
            READER_ROLE,
            "Reader",
            "View all resources, without changing any.",
            Permission::actions(&["*/read"]),
        ),
        role(
            USER_ACCESS_ADMINISTRATOR,
            "User Access Administrator",
            "Manage who may access resources.",
            Permission::actions(&["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"]),
        ),
        role(
            RBAC_ADMINISTRATOR,
            "Role Based Access Control Administrator",
            "Assign roles, and no other way of managing access.",
            Permission::actions(&[
                "Microsoft.Authorization/roleAssignments/write",
                "Microsoft.Authorization/roleAssignments/delete",
                "*/read",
                "Microsoft.Support/*",
            ]),
        ),
        role(
            STORAGE_ACCOUNT_CONTRIBUTOR,
            "Storage Account Contributor",
            "Manage storage accounts, their keys included.",
            Permission::actions(&[
                "Microsoft.Authorization/*/read",
                "Microsoft.Insights/alertRules/*",
                "Microsoft.Insights/diagnosticSettings/*",
                "Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action",
                "Microsoft.ResourceHealth/availabilityStatuses/read",
                "Microsoft.Resources/deployments/*",
                "Microsoft.Resources/subscriptions/resourceGroups/read",
                "Microsoft.Storage/storageAccounts/*",
                "Microsoft.Support/*",
            ]),
        ),
        role(
            STORAGE_BLOB_DATA_OWNER,
            "Storage Blob Data Owner",
            "Everything with containers and blobs, POSIX access control included.",
            Permission::actions(&[&format!("{CONTAINERS}/*"), DELEGATION])
                .with_data(&[&blobs("*")]),
        ),
        role(
            STORAGE_BLOB_DATA_CONTRIBUTOR,
            "Storage Blob Data Contributor",
            "Read, write and delete containers and blobs.",
            Permission::actions(&[
                &format!("{CONTAINERS}/delete"),
                &format!("{CONTAINERS}/read"),
                &format!("{CONTAINERS}/write"),
                DELEGATION,
            ])
            .with_data(&[
                &blobs("delete"),
                &blobs("read"),
                &blobs("write"),
                &blobs("move/action"),
                &blobs("add/action"),
            ]),
        ),
        role(
            STORAGE_BLOB_DATA_READER,
            "Storage Blob Data Reader",
            "Read and list containers and blobs.",
            Permission::actions(&[&format!("{CONTAINERS}/read"), DELEGATION])
                .with_data(&[&blobs("read")]),
        ),
        role(
            STORAGE_BLOB_DELEGATOR,
            "Storage Blob Delegator",
            "Get a user delegation key.",
            Permission::actions(&[DELEGATION]),
        ),
    ]
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
