//! May this service account read objects of this bucket, as far as the policies that could be read say?
//!
//! Pure. An answer is about those policies alone and never says that anybody can read anything.
//! <https://cloud.google.com/iam/docs/policy-types>

use serde_json::{Value, json};

use super::condition::{Asked, Tri, holds};
use super::deny::DenyRule;
use super::policy::{binding_name, bindings, condition_of, members_of, role_of, same_member};

/// The policies by which it is decided: a grant on the project reaches its buckets too, and none takes another back.
/// <https://cloud.google.com/iam/docs/resource-hierarchy-access-control>
#[derive(Debug, Clone, Copy)]
pub struct Policies<'a> {
    /// The bucket's own.
    pub bucket: &'a Value,
    /// That of its project, or why it could not be read.
    pub project: Result<&'a Value, &'a str>,
    /// The project's ID.
    pub project_id: &'a str,
    /// Whether a grant to everyone counts: public access prevention takes its effect away.
    /// <https://cloud.google.com/storage/docs/public-access-prevention>
    pub public: Tri,
}

impl<'a> Policies<'a> {
    /// Every binding that could be read, and whether it stands at the project.
    fn bindings(&self) -> impl Iterator<Item = (&'a Value, bool)> {
        let above = bindings_or_none(self.project);
        let own = bindings(self.bucket).iter().map(|binding| (binding, false));
        own.chain(above.iter().map(|binding| (binding, true)))
    }

    /// Whether a grant to everyone stands among them.
    #[must_use]
    pub fn name_everyone(&self) -> bool {
        self.bindings()
            .any(|(binding, _)| members_of(binding).any(is_everyone))
    }

    /// Whether `named` is `projectViewer:` or its like, and the account has that basic role of the project.
    /// <https://cloud.google.com/storage/docs/access-control/iam#convenience-values>
    fn through_project(&self, named: &str, member: &str) -> Tri {
        let (role, project) = match named.split_once(':') {
            Some(("projectOwner", project)) => ("roles/owner", project),
            Some(("projectEditor", project)) => ("roles/editor", project),
            Some(("projectViewer", project)) => ("roles/viewer", project),
            Some(_) | None => return Tri::No,
        };
        if project != self.project_id {
            return Tri::Maybe;
        }
        // A policy that could not be read is told once, as such, and not for each of these.
        bindings_or_none(self.project)
            .iter()
            .filter(|binding| role_of(binding) == role)
            .map(|binding| {
                let held = match condition_of(binding) {
                    None => Tri::Yes,
                    Some(_) => Tri::Maybe,
                };
                self::named(binding, member, Tri::No).0.and(held)
            })
            .fold(Tri::No, Tri::or)
    }
}

fn bindings_or_none<'a>(policy: Result<&'a Value, &'a str>) -> &'a [Value] {
    policy.map_or(&[], bindings)
}

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
pub fn roles_for(policies: &Policies<'_>, member: &str) -> Vec<String> {
    let mut roles: Vec<String> = policies
        .bindings()
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
        .bindings()
        .filter_map(|(binding, at_project)| {
            let (mut grant, details) = grant(binding, member, policies, roles, asked)?;
            if at_project {
                grant.binding = format!(
                    "{} in the IAM policy of the project `{}`",
                    grant.binding, policies.project_id
                );
            }
            Some((grant, details))
        })
        .collect();
    let outcome = match (outcome(&looked, denied), policies.project) {
        // What nothing grants here may still be granted there.
        (Outcome::NotGranted { cause, near }, Err(why)) => Outcome::Undetermined {
            reasons: near
                .clone()
                .into_iter()
                .chain([format!(
                    "the IAM policy of the project `{}`, which could not be read: {why}",
                    policies.project_id
                )])
                .collect(),
            near: near.map(|_| cause),
        },
        (outcome, _) => outcome,
    };
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
            near: None,
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

/// What one binding does; none where it is not about the account at all.
fn grant(
    binding: &Value,
    member: &str,
    policies: &Policies<'_>,
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
    let (is_member, who) = match names(binding, member, policies) {
        (Tri::No, Some(who)) if is_everyone(&who) => {
            let why = format!("names `{who}`, and public access prevention takes that away");
            return made(Tri::No, why, None, Details::default());
        }
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
    let public = is_everyone(&who);
    let Some(condition) = condition_of(binding) else {
        let why = match is_member {
            Tri::Yes => format!("grants it to `{who}`"),
            Tri::Maybe | Tri::No if public => format!(
                "it depends on whether the organisation prevents public access, which `{who}` is"
            ),
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

fn is_everyone(member: &str) -> bool {
    matches!(member, "allUsers" | "allAuthenticatedUsers")
}

/// Whether a binding names the account, and through which member. Where it does not: the account that was deleted, or
/// everyone, where that is named in vain.
fn names(binding: &Value, member: &str, policies: &Policies<'_>) -> (Tri, Option<String>) {
    let mut best = named(binding, member, policies.public);
    let strength = |answer| match answer {
        Tri::No => 0,
        Tri::Maybe => 1,
        Tri::Yes => 2,
    };
    for other in members_of(binding) {
        let held = policies.through_project(other, member);
        let instead_of_everyone = held == Tri::Yes && best.1.as_deref().is_some_and(is_everyone);
        if strength(held) > strength(best.0) || instead_of_everyone {
            best = (held, Some(other.to_owned()));
        }
    }
    best
}

/// As [`names`], without what the project's basic roles give.
fn named(binding: &Value, member: &str, public: Tri) -> (Tri, Option<String>) {
    let mut best = (Tri::No, None);
    for other in members_of(binding) {
        if same_member(other, member) {
            return (Tri::Yes, Some(other.to_owned()));
        }
        let gone = other
            .strip_prefix("deleted:")
            .and_then(|rest| rest.split('?').next())
            .is_some_and(|rest| same_member(rest, member));
        match (best.0, public) {
            (_, Tri::Yes) | (Tri::No, Tri::Maybe) if is_everyone(other) => {
                best = (public, Some(other.to_owned()));
            }
            (Tri::No, Tri::No) if is_everyone(other) && best.1.is_none() => {
                best.1 = Some(other.to_owned());
            }
            (Tri::No, _) if gone => best.1 = Some(other.to_owned()),
            // Who belongs to a group or a set is for its owner to know.
            (Tri::No, _)
                if ["group:", "domain:", "principalSet:"]
                    .iter()
                    .any(|kind| other.starts_with(kind)) =>
            {
                best = (Tri::Maybe, Some(other.to_owned()));
            }
            _ => {}
        }
    }
    best
}

#[cfg(test)]
mod tests;
