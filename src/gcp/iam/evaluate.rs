//! May this service account read objects of this bucket, as far as the policies that could be read say?
//!
//! Pure. An answer is about those policies alone and never says that anybody can read anything.
//! <https://cloud.google.com/iam/docs/policy-types>

use serde_json::{Value, json};

use super::condition::{Asked, Tri, holds};
use super::deny::DenyRule;
use super::policy::{binding_name, bindings, condition_of, members_of, role_of, same_member};

/// What is known of a role that is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleState {
    /// It is there and enabled.
    Enabled {
        /// Whether it holds `storage.objects.get`.
        grants: bool,
    },
    /// It was deleted: it grants nothing.
    Deleted,
    /// It is disabled: it grants nothing.
    Disabled,
    /// There is no such role.
    Missing,
    /// It could not be read; why.
    Unread(String),
}

/// What was found for one binding.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// What to call the binding.
    pub binding: String,
    /// Whether it grants it.
    pub answer: Tri,
    /// Why.
    pub why: String,
    /// The catalogue's code of what keeps it from granting.
    pub cause: Option<&'static str>,
}

impl Grant {
    /// For scripts.
    #[must_use]
    pub fn describe(&self) -> Value {
        json!({
            "binding": self.binding, "answer": self.answer.as_str(), "why": self.why, "cause": self.cause,
        })
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is granted, and nothing that was read denies it.
    Allowed {
        /// The bindings that grant it.
        by: Vec<String>,
        /// The end of the grant, where it has one.
        until: Option<String>,
        /// Whether only because everyone is granted it.
        public: bool,
    },
    /// It is granted for some objects only.
    Partly {
        /// The bindings and their parts.
        parts: Vec<String>,
    },
    /// A deny policy takes it away, whatever is granted.
    Denied {
        /// The policy, and why.
        by: String,
    },
    /// Nothing grants it.
    NotGranted {
        /// The catalogue's code, by the nearest miss.
        cause: &'static str,
        /// The binding that comes nearest, and why it does not grant it.
        near: Option<String>,
    },
    /// It depends on what is not known.
    Undetermined {
        /// On what.
        reasons: Vec<String>,
    },
}

/// The answer, and what was found on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The answer.
    pub outcome: Outcome,
    /// Each binding that was looked at.
    pub trace: Vec<Grant>,
}

/// The roles that have to be known before [`evaluate`] can say what `member` is granted.
#[must_use]
pub fn roles_for(policy: &Value, member: &str) -> Vec<String> {
    let mut roles: Vec<String> = bindings(policy)
        .iter()
        .filter(|binding| names(binding, member).0 != Tri::No)
        .map(|binding| role_of(binding).to_owned())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// What `policy` and the deny rules say of `member`. `roles` knows every role of [`roles_for`].
#[must_use]
pub fn evaluate(
    policy: &Value,
    member: &str,
    roles: &dyn Fn(&str) -> RoleState,
    denied: &[DenyRule],
    asked: &Asked<'_>,
) -> Evaluation {
    let looked: Vec<(Grant, Details)> = bindings(policy)
        .iter()
        .filter_map(|binding| grant(binding, member, roles, asked))
        .collect();
    let outcome = outcome(&looked, denied);
    Evaluation {
        outcome,
        trace: looked.into_iter().map(|(grant, _)| grant).collect(),
    }
}

/// What a binding's answer is made of, besides the answer.
#[derive(Debug, Default)]
struct Details {
    parts: Vec<String>,
    until: Option<String>,
    public: bool,
}

fn outcome(looked: &[(Grant, Details)], denied: &[DenyRule]) -> Outcome {
    if let Some(rule) = denied.iter().find(|rule| rule.denies == Tri::Yes) {
        return Outcome::Denied {
            by: format!("the deny policy `{}`: {}", rule.policy, rule.why),
        };
    }
    let granting: Vec<&(Grant, Details)> = looked
        .iter()
        .filter(|(grant, _)| grant.answer == Tri::Yes)
        .collect();
    let maybe: Vec<&(Grant, Details)> = looked
        .iter()
        .filter(|(grant, _)| grant.answer == Tri::Maybe)
        .collect();
    let perhaps_denied: Vec<String> = denied
        .iter()
        .filter(|rule| rule.denies == Tri::Maybe)
        .map(|rule| format!("the deny policy `{}` ({})", rule.policy, rule.why))
        .collect();
    if granting.is_empty() && maybe.is_empty() {
        return not_granted(looked);
    }
    if !perhaps_denied.is_empty() {
        return Outcome::Undetermined {
            reasons: perhaps_denied,
        };
    }
    if !granting.is_empty() {
        let open_ended = granting.iter().any(|(_, details)| details.until.is_none());
        return Outcome::Allowed {
            by: granting
                .iter()
                .map(|(grant, _)| grant.binding.clone())
                .collect(),
            until: if open_ended {
                None
            } else {
                granting
                    .iter()
                    .filter_map(|(_, details)| details.until.clone())
                    .max()
            },
            public: granting.iter().all(|(_, details)| details.public),
        };
    }
    if maybe.iter().any(|(_, details)| !details.parts.is_empty()) {
        return Outcome::Partly {
            parts: maybe
                .iter()
                .filter(|(_, details)| !details.parts.is_empty())
                .map(|(grant, details)| {
                    format!("{} ({})", details.parts.join(" and "), grant.binding)
                })
                .collect(),
        };
    }
    Outcome::Undetermined {
        reasons: maybe
            .iter()
            .map(|(grant, _)| format!("{}: {}", grant.binding, grant.why))
            .collect(),
    }
}

fn not_granted(looked: &[(Grant, Details)]) -> Outcome {
    // A role that lost its effect is nearer than an account that was deleted, and both than nothing.
    const NEARNESS: [&str; 5] = ["G02", "G03", "G04", "G06", "G05"];
    let near = looked
        .iter()
        .filter_map(|(grant, _)| {
            let cause = grant.cause?;
            let rank = NEARNESS.iter().position(|code| *code == cause)?;
            Some((rank, cause, grant))
        })
        .min_by_key(|(rank, _, _)| *rank);
    match near {
        Some((_, cause, grant)) => Outcome::NotGranted {
            cause,
            near: Some(format!("{} {}", grant.binding, grant.why)),
        },
        None => Outcome::NotGranted {
            cause: "G01",
            near: None,
        },
    }
}

/// What one binding does; none where it is not about the account at all.
fn grant(
    binding: &Value,
    member: &str,
    roles: &dyn Fn(&str) -> RoleState,
    asked: &Asked<'_>,
) -> Option<(Grant, Details)> {
    let made = |answer, why: String, cause, details| {
        let binding = binding_name(binding);
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
    let (is_member, who) = match names(binding, member) {
        (Tri::No, Some(deleted)) => {
            let why = format!("names the deleted account `{deleted}`");
            return made(Tri::No, why, Some("G05"), Details::default());
        }
        (Tri::No, None) => return None,
        (is, who) => (is, who.unwrap_or_default()),
    };
    match without_effect(&roles(role_of(binding))) {
        None => {}
        Some((Tri::Maybe, why, _)) => return made(Tri::Maybe, why, None, Details::default()),
        // A role that grants nothing is no near miss where it is not even certain that the account has it.
        Some((Tri::No | Tri::Yes, _, _)) if is_member != Tri::Yes => return None,
        Some((Tri::No | Tri::Yes, why, cause)) => {
            return made(Tri::No, why, cause, Details::default());
        }
    }
    let public = matches!(who.as_str(), "allUsers" | "allAuthenticatedUsers");
    let Some(condition) = condition_of(binding) else {
        let why = match is_member {
            Tri::Yes => format!("grants it to `{who}`"),
            Tri::Maybe | Tri::No => {
                format!("it depends on whether the account belongs to `{who}`")
            }
        };
        let details = Details {
            public,
            ..Details::default()
        };
        return made(is_member, why, None, details);
    };
    let expression = condition.get("expression").and_then(Value::as_str);
    let held = holds(expression.unwrap_or_default(), asked);
    let (why, cause) = match held.answer {
        Tri::Yes => (
            format!("grants it to `{who}`, on a condition that holds"),
            None,
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
    let details = Details {
        parts: if certainly_in_part {
            held.parts
        } else {
            Vec::new()
        },
        until: held.until,
        public,
    };
    made(is_member.and(held.answer), why, cause, details)
}

/// Why a role has no effect, certainly or perhaps; none where it lets its members read.
fn without_effect(role: &RoleState) -> Option<(Tri, String, Option<&'static str>)> {
    let no = |why: &str, cause| Some((Tri::No, why.to_owned(), Some(cause)));
    match role {
        RoleState::Enabled { grants: true } => None,
        RoleState::Enabled { grants: false } => no(
            "grants a role that does not hold `storage.objects.get`",
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

/// Whether a binding names the account, and through which member. For an account that was deleted: no, and as whom.
fn names(binding: &Value, member: &str) -> (Tri, Option<String>) {
    let mut best = (Tri::No, None);
    for other in members_of(binding) {
        if same_member(other, member) {
            return (Tri::Yes, Some(other.to_owned()));
        }
        let gone = other
            .strip_prefix("deleted:")
            .and_then(|rest| rest.split('?').next())
            .is_some_and(|rest| same_member(rest, member));
        match best.0 {
            _ if matches!(other, "allUsers" | "allAuthenticatedUsers") => {
                best = (Tri::Yes, Some(other.to_owned()));
            }
            Tri::No if gone && best.1.is_none() => best.1 = Some(other.to_owned()),
            // Who belongs to a group or a set is for its owner to know.
            Tri::No
                if ["group:", "domain:", "principalSet:"]
                    .iter()
                    .any(|kind| other.starts_with(kind)) =>
            {
                best = (Tri::Maybe, Some(other.to_owned()));
            }
            Tri::No | Tri::Maybe | Tri::Yes => {}
        }
    }
    best
}

#[cfg(test)]
mod tests;
