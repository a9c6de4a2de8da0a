//! Azure's role-based access control, as far as one question needs it: may this principal read the blobs of this account,
//! and sign links to them? Pure; over the JSON that Azure Resource Manager tells.
//!
//! What is not understood is `Maybe`, with its name; nothing is guessed. See
//! <https://learn.microsoft.com/azure/role-based-access-control/overview#how-azure-rbac-determines-if-a-user-has-access-to-a-resource>.

pub mod condition;
mod contribution;
mod deny;
mod evaluate;
pub mod exposure;
mod role;
mod scope;
mod shape;

pub use crate::tri::Tri;
pub use deny::EVERYONE;
pub use evaluate::{Evaluation, Grant, Groups, Question, Trace, evaluate, may};
pub use role::{Action, Kind, READ_BLOB, SIGN_LINKS, allows};
pub use scope::{Reach, reach};

use serde_json::Value;
use uuid::Uuid;

use super::templates::READER_ID;
use shape::{Assignment, Condition};

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
    /// same principal at the same scope: <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting>.
    WithCondition {
        /// The assignment's ID.
        id: String,
    },
}

/// Whether the published role is assigned to a principal on an account, under whatever name, or inherited from above.
///
/// A group's assignment is not the principal's own, and an assignment that is not understood is none.
#[must_use]
pub fn held(assignments: &[Value], principal: &str, account: &str) -> Held {
    let equal: Vec<(Assignment<'_>, Reach)> = of_the_role(assignments, principal)
        .map(|one| {
            let at = reach(one.scope, account);
            (one, at)
        })
        .collect();
    let unconditional = |wanted: Reach| {
        equal
            .iter()
            .find(|(one, at)| *at == wanted && one.condition == Condition::None)
            .map(|(one, _)| one)
    };
    if let Some(one) = unconditional(Reach::Same) {
        return Held::Yes {
            id: one.id.to_owned(),
            inherited: None,
        };
    }
    if let Some(one) = unconditional(Reach::Above) {
        return Held::Yes {
            id: one.id.to_owned(),
            inherited: Some(one.scope.to_owned()),
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
    of_the_role(assignments, principal)
        .filter(|one| one.condition == Condition::None && reach(one.scope, account) == Reach::Same)
        .map(|one| one.id.to_owned())
        .collect()
}

/// The assignments without those that are certainly somebody else's: what is left is the principal's, a group's, or of
/// somebody whose kind is not told.
#[must_use]
pub fn not_of_others(assignments: &[Value], principal: &str) -> Vec<Value> {
    let of_another = |value: &&Value| {
        Assignment::read(value).is_some_and(|one| {
            !one.is_of(principal)
                && matches!(
                    one.principal_type,
                    Some("ServicePrincipal" | "User" | "Device")
                )
        })
    };
    assignments
        .iter()
        .filter(|value| !of_another(value))
        .cloned()
        .collect()
}

/// The applications to which the published role is assigned on the account itself: object IDs.
#[must_use]
pub fn holders(assignments: &[Value], account: &str) -> Vec<String> {
    assignments
        .iter()
        .filter_map(Assignment::read)
        .filter(|one| {
            // Azure says "Unknown" of a principal that it does not find any more.
            let application = matches!(one.principal_type, Some("ServicePrincipal" | "Unknown"));
            application && one.is_reader() && reach(one.scope, account) == Reach::Same
        })
        .map(|one| one.principal.to_owned())
        .collect()
}

/// The principal's own assignments of the published role.
fn of_the_role<'a>(
    assignments: &'a [Value],
    principal: &str,
) -> impl Iterator<Item = Assignment<'a>> {
    assignments
        .iter()
        .filter_map(Assignment::read)
        .filter(move |one| one.is_of(principal) && one.is_reader())
}

#[cfg(test)]
mod generate;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
