//! Deny assignments: what managed applications and deployment stacks forbid, whoever was assigned what.
//!
//! See <https://learn.microsoft.com/azure/role-based-access-control/deny-assignments>.

use serde_json::Value;

use super::Tri;
use super::role::{Action, Kind};
use super::scope::{Reach, reach};
use super::shape::Permission;

/// Everyone, as deny assignments name them.
const EVERYONE: &str = "00000000-0000-0000-0000-000000000000";

/// What a deny assignment says of an action, and what it is called.
pub struct Denial {
    /// Its name.
    pub name: String,
    /// Whether it forbids.
    pub forbids: Tri,
    /// On what that depends, where it is not known.
    pub why: String,
}

/// What each deny assignment says of `action` by `principal` on `account`.
pub fn denials(
    assignments: &[Value],
    principal: &str,
    account: &str,
    action: Action,
) -> Vec<Denial> {
    assignments
        .iter()
        .map(|assignment| one(assignment, principal, account, action))
        .collect()
}

fn one(assignment: &Value, principal: &str, account: &str, action: Action) -> Denial {
    let properties = assignment.get("properties");
    let text = |name: &str| properties.and_then(|properties| properties.get(name)?.as_str());
    let name = text("denyAssignmentName")
        .or_else(|| assignment.get("name").and_then(Value::as_str))
        .unwrap_or("without a name")
        .to_owned();
    let denial = |forbids, why: &str| Denial {
        name: name.clone(),
        forbids,
        why: why.to_owned(),
    };
    let unknown = |what: &str| denial(Tri::Maybe, what);
    let Some(properties) = properties else {
        return unknown("it is of a form that is not known");
    };
    let place = match text("scope") {
        None => Tri::Maybe,
        Some(scope) => match reach(scope, account) {
            Reach::Same => Tri::from(action.kind == Kind::Control || !stays(properties)),
            Reach::Above => Tri::from(!stays(properties)),
            // It forbids a part of the account.
            Reach::Container(_) | Reach::Below => Tri::Maybe,
            Reach::Elsewhere => Tri::No,
        },
    };
    let Some(permissions) = properties.get("permissions").and_then(Value::as_array) else {
        return unknown("its permissions are of a form that is not known");
    };
    let named = permissions
        .iter()
        .map(|permission| match Permission::read(permission) {
            Some(permission) if permission.names(action) && permission.conditional => Tri::Maybe,
            Some(permission) => permission.names(action).into(),
            None => Tri::Maybe,
        })
        .fold(Tri::No, Tri::or);
    let meant = holds(properties.get("principals"), principal);
    let excepted = holds(properties.get("excludePrincipals"), principal);
    let under_condition = match properties.get("condition") {
        None | Some(Value::Null) => Tri::Yes,
        Some(Value::String(text)) if text.trim().is_empty() => Tri::Yes,
        Some(_) => Tri::Maybe,
    };
    let forbids = place
        .and(named)
        .and(meant)
        .and(excepted.not())
        .and(under_condition);
    let why = match (under_condition, meant, excepted) {
        (Tri::Maybe, _, _) => "it has a condition",
        (_, Tri::Maybe, _) | (_, _, Tri::Maybe) => {
            "it names a group, and whether the app is in it is not known"
        }
        _ if place == Tri::Maybe => "it is for a part of the account",
        _ => "its permissions are not all of a form that is known",
    };
    denial(forbids, why)
}

/// `doNotApplyToChildScopes`.
fn stays(properties: &Value) -> bool {
    properties
        .get("doNotApplyToChildScopes")
        .and_then(Value::as_bool)
        == Some(true)
}

/// Whether a principal is among those of a list, groups being unknown.
fn holds(list: Option<&Value>, principal: &str) -> Tri {
    let list = match list {
        None | Some(Value::Null) => return Tri::No,
        Some(Value::Array(list)) => list,
        Some(_) => return Tri::Maybe,
    };
    list.iter()
        .map(|one| {
            let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
            let (id, kind) = (text("id"), text("type"));
            if id.eq_ignore_ascii_case(principal) || id == EVERYONE {
                Tri::Yes
            } else if id.is_empty() || kind.eq_ignore_ascii_case("Group") {
                Tri::Maybe
            } else {
                Tri::No
            }
        })
        .fold(Tri::No, Tri::or)
}
