//! Custom roles: what they are and what becomes of them when they are deleted.
//!
//! Plain data and its clock; who may change a role, and how, is decided in [`super::roles`].

use time::{Duration, OffsetDateTime};

/// For how long a deleted role can be brought back.
/// See <https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role>.
const UNDELETABLE_FOR: Duration = Duration::days(7);
/// For how long the ID of a deleted role stays taken, from its deletion.
const BLOCKED_FOR: Duration = Duration::days(37);

/// A custom role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Role {
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// The permissions, sorted.
    pub included_permissions: Vec<String>,
    /// How far its launch is.
    pub stage: Stage,
    /// Counts its changes; its etag.
    pub revision: u64,
    /// When it was deleted.
    pub deleted: Option<OffsetDateTime>,
    /// How many times it is still unknown when a policy names it.
    pub unknown_for: u32,
}

impl Role {
    /// A role that is generally available.
    #[must_use]
    pub fn new(title: &str, permissions: &[&str]) -> Self {
        let mut included: Vec<String> = permissions.iter().map(|one| (*one).to_owned()).collect();
        included.sort();
        Self {
            title: title.to_owned(),
            included_permissions: included,
            stage: Stage::Ga,
            revision: 1,
            ..Self::default()
        }
    }

    /// Where a role is between its making and the day on which its ID is free again.
    #[must_use]
    pub fn life(&self, now: OffsetDateTime) -> Life {
        match self.deleted {
            None => Life::Active,
            Some(when) if now - when < UNDELETABLE_FOR => Life::Deleted,
            Some(when) if now - when < BLOCKED_FOR => Life::Purged,
            Some(_) => Life::Gone,
        }
    }
}

/// How far a role's launch is.
/// See <https://cloud.google.com/iam/docs/reference/rest/v1/organizations.roles#Role.RoleLaunchStage>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Not told in answers.
    #[default]
    Alpha,
    /// Beta.
    Beta,
    /// Generally available.
    Ga,
    /// On its way out.
    Deprecated,
    /// Contributes no permission to anybody.
    Disabled,
    /// Early access.
    Eap,
}

impl Stage {
    const ALL: [(Self, u64, &'static str); 6] = [
        (Self::Alpha, 0, "ALPHA"),
        (Self::Beta, 1, "BETA"),
        (Self::Ga, 2, "GA"),
        (Self::Deprecated, 4, "DEPRECATED"),
        (Self::Disabled, 5, "DISABLED"),
        (Self::Eap, 6, "EAP"),
    ];

    /// The number and the name on the wire.
    pub(crate) fn wire(self) -> (u64, &'static str) {
        Self::ALL
            .iter()
            .find(|(stage, ..)| *stage == self)
            .map_or((0, "ALPHA"), |(_, number, name)| (*number, *name))
    }

    pub(crate) fn of_number(number: u64) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, found, _)| *found == number);
        found.map(|(stage, ..)| *stage)
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(.., found)| *found == name);
        found.map(|(stage, ..)| *stage)
    }
}

/// Where a role is between its making and the day on which its ID is free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It is there.
    Active,
    /// It is deleted, grants nothing, and can be brought back.
    Deleted,
    /// It is gone for good, and its ID is still taken.
    Purged,
    /// As if it had never been.
    Gone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_role_can_be_brought_back_for_7_days_and_its_id_is_free_after_37() {
        let role = Role {
            deleted: Some(OffsetDateTime::UNIX_EPOCH),
            ..Role::default()
        };
        for (hours, life) in [
            (0, Life::Deleted),
            (7 * 24 - 1, Life::Deleted),
            (7 * 24, Life::Purged),
            (37 * 24 - 1, Life::Purged),
            (37 * 24, Life::Gone),
        ] {
            let now = OffsetDateTime::UNIX_EPOCH + Duration::hours(hours);
            assert_eq!(role.life(now), life, "{hours}");
        }
        assert_eq!(
            Role::default().life(OffsetDateTime::UNIX_EPOCH),
            Life::Active
        );
    }
}
