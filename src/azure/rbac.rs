//! Azure's role-based access control, as far as one question needs it: may this principal read the blobs of this account,
//! and sign links to them? Pure; over the JSON that Azure Resource Manager tells.
//!
//! What is not understood is `Maybe`, with its name; nothing is guessed. See
//! <https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource>.

pub mod condition;
mod deny;
mod evaluate;
mod role;
mod scope;
mod shape;

pub use evaluate::{Evaluation, Grant, Question, evaluate};
pub use role::{READ_BLOB, SIGN_LINKS, allows};
pub use scope::{Reach, reach};

use serde_json::Value;
use uuid::Uuid;

use super::templates::READER_ID;
use shape::Assignment;

/// Yes, no, or not to be told from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tri {
    /// Certainly.
    Yes,
    /// Certainly not.
    No,
    /// It depends on something that is not known.
    Maybe,
}

impl Tri {
    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::Maybe, _) | (_, Self::Maybe) => Self::Maybe,
        }
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// The opposite.
    #[expect(
        clippy::should_implement_trait,
        reason = "three-valued, and not an operator here"
    )]
    #[must_use]
    pub fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
        }
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Self {
        if value { Self::Yes } else { Self::No }
    }
}

/// The name that our assignment of the role to a principal on an account has: made of what it says, so that a second run
/// hits the same one. Resource IDs are compared without case, so the name is too.
///
/// See <https://learn.microsoft.com/azure/role-based-access-control/role-assignments-rest>.
#[must_use]
pub fn assignment_name(account: &str, principal: &str) -> String {
    let said = format!(
        "{}\n{}\n{READER_ID}",
        account.trim_end_matches('/').to_ascii_lowercase(),
        principal.to_ascii_lowercase()
    );
    Uuid::new_v5(&Uuid::NAMESPACE_URL, said.as_bytes())
        .hyphenated()
        .to_string()
}

/// Whether the published role is assigned already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// It is not.
    No,
    /// It is, without a condition.
    Yes {
        /// The assignment's ID.
        id: String,
        /// The scope above the account at which it is assigned; none where it is on the account itself.
        inherited: Option<String>,
    },
    /// It is assigned on the account itself, with a condition. Azure takes no second assignment of the same role to the
    /// same principal at the same scope.
    WithCondition {
        /// The assignment's ID.
        id: String,
    },
}

/// Whether the published role is assigned to a principal on an account, under whatever name, or inherited from above.
#[must_use]
pub fn held(assignments: &[Value], principal: &str, account: &str) -> Held {
    let equal: Vec<(Assignment<'_>, Reach)> = assignments
        .iter()
        .filter_map(Assignment::read)
        .filter(|one| one.is_of(principal) && one.is_reader())
        .map(|one| {
            let at = reach(one.scope, account);
            (one, at)
        })
        .collect();
    let on_it = equal
        .iter()
        .find(|(one, at)| *at == Reach::Same && one.condition.is_none());
    let above = equal
        .iter()
        .find(|(one, at)| *at == Reach::Above && one.condition.is_none());
    if let Some((one, at)) = on_it.or(above) {
        return Held::Yes {
            id: one.id.to_owned(),
            inherited: (*at == Reach::Above).then(|| one.scope.to_owned()),
        };
    }
    match equal.iter().find(|(_, at)| *at == Reach::Same) {
        Some((one, _)) => Held::WithCondition {
            id: one.id.to_owned(),
        },
        None => Held::No,
    }
}

/// The IDs of the assignments that mean what the published one means: the role, that principal, that account, and no
/// condition. An inherited one is not ours.
#[must_use]
pub fn ours(assignments: &[Value], principal: &str, account: &str) -> Vec<String> {
    assignments
        .iter()
        .filter_map(Assignment::read)
        .filter(|one| {
            one.is_of(principal)
                && one.is_reader()
                && one.condition.is_none()
                && reach(one.scope, account) == Reach::Same
        })
        .map(|one| one.id.to_owned())
        .collect()
}

#[cfg(test)]
mod tests;
