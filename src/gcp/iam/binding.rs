//! What one binding grants to an account, and why.
//!
//! Pure.

use serde_json::Value;

use super::condition::{Asked, Held, Tri, holds};
use super::evaluate::{Details, Grant, RoleState};
use super::levels::{Policies, Stands};
use super::names::{is_everyone, names};
use super::policy::{binding_name, condition_of, role_of};

/// What one binding does; none where it is not about the account at all.
pub(super) fn grant(
    binding: &Value,
    stands: Stands<'_>,
    member: &str,
    policies: &Policies<'_>,
    roles: &dyn Fn(&str) -> RoleState,
    asked: &Asked<'_>,
) -> Option<(Grant, Details)> {
    let made = |(answer, why, cause, details)| {
        let binding = title(binding, stands, policies);
        Some((
            Grant {
                binding,
                answer,
                why,
                cause,
            },
            details,
        ))
    };
    let none = Details::default;
    let (is_member, who) = match names(binding, member, policies) {
        (Tri::No, Some(who)) if is_everyone(&who) => {
            let why = format!("names `{who}`, and public access prevention takes that away");
            return made((Tri::No, why, None, none()));
        }
        (Tri::No, Some(deleted)) => {
            let why = format!("names the deleted account `{deleted}`");
            return made((Tri::No, why, Some("G05"), none()));
        }
        (Tri::No, None) => return None,
        (is, who) => (is, who.unwrap_or_default()),
    };
    let held = condition_of(binding).map(|condition| {
        let expression = condition.get("expression").and_then(Value::as_str);
        holds(expression.unwrap_or_default(), asked)
    });
    match without_effect(&roles(role_of(binding)), asked.permission) {
        None => {}
        // What its role grants does not matter where it is granted to nobody.
        Some((Tri::Maybe, ..)) if held.as_ref().is_some_and(|held| held.answer == Tri::No) => {}
        Some((Tri::Maybe, why, _)) => return made((Tri::Maybe, why, None, none())),
        // A role that grants nothing is no near miss where it is not even certain that the account has it.
        Some((Tri::No | Tri::Yes, _, _)) if is_member != Tri::Yes => return None,
        Some((Tri::No | Tri::Yes, why, cause)) => return made((Tri::No, why, cause, none())),
    }
    // Of the whole bucket a managed folder is a part.
    let part = match stands {
        Stands::ManagedFolder(name) if asked.object.is_none() => Some(name),
        Stands::ManagedFolder(_) | Stands::Bucket | Stands::Project | Stands::Above(_) => None,
    };
    made(match held {
        None => unconditional(is_member, &who, part),
        Some(held) => conditional(is_member, &who, held, part),
    })
}

/// An answer, why, the catalogue's code of what keeps it from being a yes, and the rest.
type Answer = (Tri, String, Option<&'static str>, Details);

/// What to call a binding, and where it stands.
fn title(binding: &Value, stands: Stands<'_>, policies: &Policies<'_>) -> String {
    let name = binding_name(binding);
    match stands {
        Stands::Bucket => name,
        Stands::ManagedFolder(folder) => {
            format!("{name} in the policy of the managed folder `{folder}`")
        }
        Stands::Project => format!(
            "{name} in the IAM policy of the project `{}`",
            policies.project_id
        ),
        Stands::Above(level) => format!("{name} in the IAM policy of {level}"),
    }
}

fn unconditional(is_member: Tri, who: &str, part: Option<&str>) -> Answer {
    let public = is_everyone(who);
    let why = match is_member {
        Tri::Yes => format!("grants it to `{who}`"),
        Tri::Maybe | Tri::No if public => format!(
            "it depends on whether the organisation prevents public access, which `{who}` is"
        ),
        Tri::Maybe | Tri::No => format!("it depends on whether the account belongs to `{who}`"),
    };
    let details = Details {
        parts: match part {
            Some(folder) if is_member == Tri::Yes => vec![format!("objects under `{folder}`")],
            Some(_) | None => Vec::new(),
        },
        public,
        ..Details::default()
    };
    match part {
        Some(_) => (is_member.and(Tri::Maybe), why, Some("G07"), details),
        None => (is_member, why, None, details),
    }
}

fn conditional(is_member: Tri, who: &str, held: Held, part: Option<&str>) -> Answer {
    let (why, cause) = match held.answer {
        Tri::Yes => (
            format!("grants it to `{who}`, on a condition that holds"),
            part.map(|_| "G07"),
        ),
        Tri::No if held.never => (
            "has a condition that cannot be computed for an object, so that it never holds"
                .to_owned(),
            Some("G06"),
        ),
        Tri::No => ("has a condition that does not hold".to_owned(), Some("G06")),
        Tri::Maybe if !held.parts.is_empty() => (
            format!(
                "has a condition that covers {} only",
                held.parts.join(" and ")
            ),
            Some("G06"),
        ),
        Tri::Maybe => (
            format!(
                "has a condition on {}, which is not known here",
                held.unknown.join(", ")
            ),
            None,
        ),
    };
    let certainly_in_part = held.unknown.is_empty() && is_member == Tri::Yes;
    let parts = match part {
        _ if !certainly_in_part => Vec::new(),
        Some(folder) if held.answer == Tri::Yes => vec![format!("objects under `{folder}`")],
        Some(_) | None => held.parts,
    };
    let details = Details {
        parts,
        until: held.until,
        public: is_everyone(who),
    };
    let whole = if part.is_some() { Tri::Maybe } else { Tri::Yes };
    (is_member.and(held.answer).and(whole), why, cause, details)
}

/// Why a role has no effect, certainly or perhaps; none where it lets its members read.
fn without_effect(
    role: &RoleState,
    permission: &str,
) -> Option<(Tri, String, Option<&'static str>)> {
    let no = |why: &str, cause| Some((Tri::No, why.to_owned(), Some(cause)));
    match role {
        RoleState::Enabled { permissions } if permissions.iter().any(|one| one == permission) => {
            None
        }
        RoleState::Enabled { .. } => no(
            &format!("grants a role that does not hold `{permission}`"),
            "G04",
        ),
        RoleState::Deleted => no("grants a role that was deleted", "G02"),
        RoleState::Missing => no("grants a role that does not exist any more", "G02"),
        RoleState::Disabled => no("grants a role that is disabled", "G03"),
        RoleState::Unread(why) => Some((
            Tri::Maybe,
            format!("what its role grants is not known: {why}"),
            None,
        )),
    }
}
