//! May this service account do something with this bucket, as far as the policies that could be read say?
//!
//! Pure. An answer is about those policies alone and never says that anybody can read anything.
//! <https://cloud.google.com/iam/docs/policy-types>

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::binding::grant;
use super::condition::{Asked, Tri};
use super::deny::DenyRule;
use super::levels::Policies;
use super::names::names;
use super::policy::{bindings, role_of};

/// What is known of a role that is granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleState {
    /// It is there and enabled.
    Enabled {
        /// What it holds of Cloud Storage's permissions.
        permissions: Vec<String>,
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
        /// The catalogue's code: a condition, or a managed folder.
        cause: &'static str,
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
        /// The catalogue's code of what keeps the nearest binding from granting it, where nothing that was read does.
        near: Option<&'static str>,
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
pub fn roles_for(policies: &Policies<'_>, member: &str, asked: &Asked<'_>) -> Vec<String> {
    let mut roles: Vec<String> = policies
        .reaching(asked)
        .filter(|(binding, _)| names(binding, member, policies).0 != Tri::No)
        .map(|(binding, _)| role_of(binding).to_owned())
        .collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// What the policies and the deny rules say of `member`. `roles` knows every role of [`roles_for`].
#[must_use]
pub fn evaluate(
    policies: &Policies<'_>,
    member: &str,
    roles: &dyn Fn(&str) -> RoleState,
    denied: &[DenyRule],
    asked: &Asked<'_>,
) -> Evaluation {
    let looked: Vec<(Grant, Details)> = policies
        .reaching(asked)
        .filter_map(|(binding, stands)| grant(binding, stands, member, policies, roles, asked))
        .collect();
    let unread = policies.unread(asked);
    let outcome = match outcome(&looked, denied) {
        Outcome::NotGranted { cause: "G01", .. } if unread.is_empty() => {
            elsewhere(policies, member, asked).unwrap_or(Outcome::NotGranted {
                cause: "G01",
                near: None,
            })
        }
        // What nothing grants here may still be granted there.
        Outcome::NotGranted { cause, near } if !unread.is_empty() => Outcome::Undetermined {
            reasons: near.clone().into_iter().chain(unread).collect(),
            near: near.map(|_| cause),
        },
        outcome => outcome,
    };
    Evaluation {
        outcome,
        trace: looked.into_iter().map(|(grant, _)| grant).collect(),
    }
}

/// Nothing grants it here, and a managed folder grants it to the account for other objects.
fn elsewhere(policies: &Policies<'_>, member: &str, asked: &Asked<'_>) -> Option<Outcome> {
    asked.object?;
    let folder = policies
        .managed_folders
        .unwrap_or_default()
        .iter()
        .find(|level| {
            level
                .policy
                .is_ok_and(|policy| grants_to(policy, policies, member))
        })?;
    Some(Outcome::NotGranted {
        cause: "G07",
        near: Some(format!(
            "the managed folder `{}` names the account, and this object is not in it",
            folder.name
        )),
    })
}

fn grants_to(policy: &Value, policies: &Policies<'_>, member: &str) -> bool {
    bindings(policy)
        .iter()
        .any(|binding| names(binding, member, policies).0 == Tri::Yes)
}

/// What a binding's answer is made of, besides the answer.
#[derive(Debug, Default)]
pub(super) struct Details {
    pub parts: Vec<String>,
    pub until: Option<String>,
    pub public: bool,
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
            near: Some("G10"),
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
        let by_condition = maybe
            .iter()
            .any(|(grant, details)| !details.parts.is_empty() && grant.cause != Some("G07"));
        return Outcome::Partly {
            cause: if by_condition { "G06" } else { "G07" },
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
        near: None,
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

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
