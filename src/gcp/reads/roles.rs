//! Roles: the one to make or use, and what any other that is granted holds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use google_cloud_gax::options::RequestOptionsBuilder;
use google_cloud_iam_admin_v1::model;
use serde_json::{Map, Value};

use crate::error::Failure;
use crate::gcp::access::Access;
use crate::gcp::failure;
use crate::gcp::iam::RoleState;
use crate::gcp::role::{CustomRole, DISABLED, Role};
use crate::gcp::wire::{USER_AGENT, within};

/// A role, and the etag that ties a write to it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRole {
    /// The role.
    pub role: CustomRole,
    /// Its etag, in base64; empty where there is none.
    pub etag: String,
}

impl From<model::Role> for StoredRole {
    fn from(role: model::Role) -> Self {
        let etag = STANDARD.encode(&role.etag);
        let stage = stage_name(&role);
        // What this program does not know is seen only in the JSON of it.
        let others: Map<String, Value> = match serde_json::to_value(&role) {
            Ok(Value::Object(members)) => members
                .into_iter()
                .filter(|(name, _)| {
                    ![
                        "name",
                        "title",
                        "description",
                        "includedPermissions",
                        "stage",
                        "etag",
                        "deleted",
                    ]
                    .contains(&name.as_str())
                })
                .collect(),
            Ok(_) | Err(_) => Map::new(),
        };
        Self {
            role: CustomRole::Present(Role {
                title: role.title,
                description: role.description,
                stage,
                permissions: role.included_permissions,
                deleted: role.deleted,
                others,
            }),
            etag,
        }
    }
}

/// `ALPHA` is left out of Google's answers, so what is absent is that:
/// <https://cloud.google.com/iam/docs/reference/rest/v1/organizations.roles#Role>.
fn stage_name(role: &model::Role) -> String {
    role.stage.name().unwrap_or_default().to_owned()
}

/// The custom role under the ID that is to be used. One that was deleted is there for seven days.
///
/// # Errors
/// As Google answers.
pub async fn role(access: &Access) -> Result<StoredRole, Failure> {
    let name = access.place.role_name();
    match get(access, &name).await {
        Ok(role) => Ok(StoredRole::from(role)),
        Err(error) if failure::is_not_found(&error) => Ok(StoredRole {
            role: CustomRole::Absent,
            etag: String::new(),
        }),
        Err(error) => {
            let what = format!("could not read the custom role `{}`", access.place.role);
            Err(failure::failure(
                access.doing(&what, "iam.roles.get"),
                &error,
            ))
        }
    }
}

/// What a role that is granted does for its members.
pub async fn role_state(access: &Access, name: &str) -> RoleState {
    match get(access, name).await {
        Ok(role) if role.deleted => RoleState::Deleted,
        Ok(role) if stage_name(&role) == DISABLED => RoleState::Disabled,
        Ok(role) => RoleState::Enabled {
            permissions: role
                .included_permissions
                .into_iter()
                .filter(|permission| permission.starts_with("storage."))
                .collect(),
        },
        Err(error) if failure::is_not_found(&error) => RoleState::Missing,
        Err(error) => {
            let what = format!("could not read the role `{name}`");
            RoleState::Unread(
                failure::failure(access.doing(&what, "iam.roles.get"), &error).one_line(),
            )
        }
    }
}

async fn get(access: &Access, name: &str) -> Result<model::Role, google_cloud_gax::error::Error> {
    let call = access
        .iam
        .get_role()
        .set_name(name)
        .with_user_agent(USER_AGENT)
        .send();
    within(access.place.timeout, "GetRole", call).await
}
