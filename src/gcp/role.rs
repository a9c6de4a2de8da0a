//! Decides what is to become of the custom role: made, brought back, mended, left alone, or refused.
//!
//! Pure. The role's own life: <https://cloud.google.com/iam/docs/creating-custom-roles>.

mod predefined;

use serde_json::{Map, Value, json};

use super::templates;
use crate::error::Refusal;
pub use predefined::predefined;

/// The role as it stands under the ID that is to be used.
#[derive(Debug, Clone, PartialEq)]
pub enum CustomRole {
    /// There is none, or none any more that could be read.
    Absent,
    /// There is one.
    Present(Role),
}

/// A role, as far as it is decided on, and every other member that it was read with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Role {
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// `GA`, `DISABLED`, …. Google leaves `ALPHA` out of its answers, so an empty one is that.
    pub stage: String,
    /// What it grants.
    pub permissions: Vec<String>,
    /// Whether it was deleted and can be brought back.
    pub deleted: bool,
    /// Members that this program does not know. They are never written, since only named members are.
    pub others: Map<String, Value>,
}

/// A disabled role grants nothing to anybody: <https://cloud.google.com/iam/docs/creating-custom-roles#disabling-custom-role>.
pub const DISABLED: &str = "DISABLED";

impl Role {
    /// The role that is published.
    #[must_use]
    pub fn published() -> Self {
        let template = templates::custom_role();
        let text = |name: &str| template[name].as_str().unwrap_or_default().to_owned();
        Self {
            title: text("title"),
            description: text("description"),
            stage: text("stage"),
            permissions: vec![templates::PERMISSION.to_owned()],
            deleted: false,
            others: Map::new(),
        }
    }

    /// Whether it carries the published title, so that this program may mend or delete it.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.title == Self::published().title
    }

    /// Whether it grants exactly what is published.
    #[must_use]
    pub fn grants_exactly(&self) -> bool {
        !self.permissions.is_empty()
            && self
                .permissions
                .iter()
                .all(|permission| permission == templates::PERMISSION)
    }

    /// Whether it lets its members read objects right now.
    #[must_use]
    pub fn is_effective(&self) -> bool {
        !self.deleted && self.stage != DISABLED && self.grants()
    }

    /// Whether reading objects is among what it grants while it is neither deleted nor disabled.
    #[must_use]
    pub fn grants(&self) -> bool {
        self.permissions
            .iter()
            .any(|permission| permission == templates::PERMISSION)
    }

    /// The role as JSON, in the words of Google's interface.
    #[must_use]
    pub fn describe(&self) -> Value {
        let mut members = Map::new();
        members.insert("title".to_owned(), json!(self.title));
        members.insert("description".to_owned(), json!(self.description));
        members.insert("includedPermissions".to_owned(), json!(self.permissions));
        members.insert("stage".to_owned(), json!(self.stage));
        if self.deleted {
            members.insert("deleted".to_owned(), json!(true));
        }
        members.extend(
            self.others
                .iter()
                .map(|(name, value)| (name.clone(), value.clone())),
        );
        Value::Object(members)
    }
}

/// The role as it is to be.
///
/// # Errors
/// When another role stands under that ID: changing it would give or take rights of whoever it is granted to.
pub fn merge(current: &CustomRole, id: &str) -> Result<CustomRole, Refusal> {
    let CustomRole::Present(role) = current else {
        return Ok(CustomRole::Present(Role::published()));
    };
    let enabled = role.stage != DISABLED;
    if role.grants_exactly() && enabled && !role.deleted {
        // Whoever made it, it is what is needed.
        return Ok(current.clone());
    }
    if role.is_ours() {
        return Ok(CustomRole::Present(Role {
            permissions: vec![templates::PERMISSION.to_owned()],
            stage: if enabled {
                role.stage.clone()
            } else {
                Role::published().stage
            },
            deleted: false,
            ..role.clone()
        }));
    }
    let why = if role.deleted {
        "was deleted, and bringing it back would give its rights back to whoever else has it"
    } else if enabled {
        "grants other permissions than the one that Segments.ai needs"
    } else {
        "is disabled, and enabling it would give its rights back to whoever else has it"
    };
    Err(Refusal::new(format!(
        "the role `{id}` is somebody else's: its title is `{}`, and it {why}",
        role.title
    ))
    .hint("choose another ID with `--role-id`; nothing is done to this role")
    .difference(role.describe(), Role::published().describe()))
}

/// The role as it is to be once everything of ours is gone: deleted where it is ours, and otherwise as it is.
#[must_use]
pub fn remove(current: &CustomRole) -> CustomRole {
    match current {
        CustomRole::Present(role) if role.is_ours() && role.grants_exactly() && !role.deleted => {
            CustomRole::Present(Role {
                deleted: true,
                ..role.clone()
            })
        }
        CustomRole::Present(_) | CustomRole::Absent => current.clone(),
    }
}

/// What has to be sent so that `before` becomes `after`, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleCall {
    /// Make it.
    Create,
    /// Bring it back.
    Undelete,
    /// Change its permissions and its stage.
    Update,
    /// Delete it, for seven days at first.
    Delete,
}

impl RoleCall {
    /// The permission that the call needs.
    #[must_use]
    pub fn permission(self) -> &'static str {
        match self {
            Self::Create => "iam.roles.create",
            Self::Undelete => "iam.roles.undelete",
            Self::Update => "iam.roles.update",
            Self::Delete => templates::DELETE_ROLE,
        }
    }
}

/// The calls that make `after` of `before`.
#[must_use]
pub fn calls(before: &CustomRole, after: &CustomRole) -> Vec<RoleCall> {
    let CustomRole::Present(after) = after else {
        return Vec::new();
    };
    let CustomRole::Present(before) = before else {
        return vec![RoleCall::Create];
    };
    let mut calls = Vec::new();
    if before.deleted && !after.deleted {
        calls.push(RoleCall::Undelete);
    }
    if before.permissions != after.permissions || before.stage != after.stage {
        calls.push(RoleCall::Update);
    }
    if !before.deleted && after.deleted {
        calls.push(RoleCall::Delete);
    }
    calls
}

#[cfg(test)]
mod tests;
