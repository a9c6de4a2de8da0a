//! What a policy says about one request: an explicit Deny wins, then an Allow, then nothing.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

use super::condition::{Met, met};
use super::document::{Document, Effect, Name, Patterns, Principal, Statement};
use super::keys::{Keys, Service};
use super::pattern::{fits, glob_ignoring_case};
use super::variable::{Expanded, expand};

/// A request, as far as policies see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The caller's ARN; `None` when it is anonymous.
    pub arn: Option<&'a str>,
    /// The caller's account; `None` when it is anonymous.
    pub account: Option<&'a str>,
    /// The caller's canonical user ID: that of its account.
    pub canonical_id: Option<&'a str>,
    /// The caller's unique ID.
    pub user_id: Option<&'a str>,
    pub action: &'a str,
    pub resource: &'a str,
    /// The service that is asked, and what its conditions may look at.
    pub service: Service,
    pub keys: &'a Keys,
}

/// What a policy decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// A Deny matches.
    Denied,
    /// An Allow names the caller itself, or everyone.
    Allowed,
    /// An Allow names the caller's account: its own identity policies decide.
    Delegated,
    /// Nothing matches.
    Silent,
    /// It would depend on something that is not implemented.
    Undecided(String),
}

/// Evaluates a policy.
pub(crate) fn decide(document: &Document, context: &Context<'_>) -> Decision {
    let verdicts: Vec<(Effect, Matched)> = document
        .statements
        .iter()
        .map(|statement| (statement.effect, matched(document, statement, context)))
        .collect();
    let find = |effect: Effect, wanted: &dyn Fn(&Matched) -> bool| {
        verdicts
            .iter()
            .find(|(found, matched)| *found == effect && wanted(matched))
            .map(|(_, matched)| matched.clone())
    };
    let unsure = |matched: &Matched| matches!(matched, Matched::Unknown(_));
    let sure = |matched: &Matched| matches!(matched, Matched::Directly | Matched::ByAccount);
    if find(Effect::Deny, &sure).is_some() {
        return Decision::Denied;
    }
    if let Some(Matched::Unknown(what)) = find(Effect::Deny, &unsure) {
        return Decision::Undecided(what);
    }
    if find(Effect::Allow, &|matched| *matched == Matched::Directly).is_some() {
        return Decision::Allowed;
    }
    if let Some(Matched::Unknown(what)) = find(Effect::Allow, &unsure) {
        return Decision::Undecided(what);
    }
    if find(Effect::Allow, &sure).is_some() {
        return Decision::Delegated;
    }
    Decision::Silent
}

/// Whether a statement is about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Matched {
    Directly,
    ByAccount,
    No,
    Unknown(String),
}

fn matched(document: &Document, statement: &Statement, context: &Context<'_>) -> Matched {
    let named = principal(&statement.principal, statement.effect, context);
    if named == Matched::No || !acts(&statement.actions, context) {
        return Matched::No;
    }
    let version = document.version.as_str();
    let mut unknown = match &named {
        Matched::Unknown(what) => Some(what.clone()),
        Matched::Directly | Matched::ByAccount | Matched::No => None,
    };
    let parts = std::iter::once(reaches(&statement.resources, version, context)).chain(
        statement
            .conditions
            .iter()
            .map(|condition| met(condition, version, context.keys, context.service)),
    );
    for part in parts {
        match part {
            Met::Yes => {}
            Met::No => return Matched::No,
            Met::Unknown(what) => unknown = unknown.or(Some(what)),
        }
    }
    unknown.map_or(named, Matched::Unknown)
}

fn acts(actions: &Patterns, context: &Context<'_>) -> bool {
    let named = actions
        .patterns
        .iter()
        .any(|pattern| glob_ignoring_case(pattern, context.action));
    named != actions.negated
}

/// A resource with a variable that has no value matches nothing, under `NotResource` too.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value>.
fn reaches(resources: &Patterns, version: &str, context: &Context<'_>) -> Met {
    let mut unknown = None;
    for pattern in &resources.patterns {
        match expand(pattern, version, context.keys, true) {
            Expanded::Symbols(symbols) if fits(&symbols, context.resource) => {
                return Met::from(!resources.negated);
            }
            Expanded::Symbols(_) | Expanded::Nothing => {}
            Expanded::Unknown(what) => unknown = Some(what),
        }
    }
    unknown.map_or_else(|| Met::from(resources.negated), Met::Unknown)
}

/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html> and
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>: a `NotPrincipal`
/// that spares a user from a Deny must name the user and its account, or the user is still denied by way of its account.
/// With an Allow it leaves out whoever is named; nothing is said there of accounts and their users.
fn principal(principal: &Principal, effect: Effect, context: &Context<'_>) -> Matched {
    let found: Vec<Matched> = principal
        .names
        .iter()
        .map(|name| one_name(name, context))
        .collect();
    let unsure = found
        .iter()
        .find(|name| matches!(name, Matched::Unknown(_)))
        .cloned();
    let has = |wanted: &Matched| found.contains(wanted);
    if !principal.negated {
        return if has(&Matched::Directly) {
            Matched::Directly
        } else if let Some(unsure) = unsure {
            unsure
        } else if has(&Matched::ByAccount) {
            Matched::ByAccount
        } else {
            Matched::No
        };
    }
    if principal.names.contains(&Name::Everyone) {
        return Matched::No;
    }
    if effect == Effect::Allow && has(&Matched::Directly) {
        return Matched::No;
    }
    if effect == Effect::Allow && has(&Matched::ByAccount) {
        return Matched::Unknown("an account under NotPrincipal with Allow".to_owned());
    }
    let is_root = context.arn.is_some_and(|arn| arn.ends_with(":root"));
    let account = has(&Matched::ByAccount) || is_root;
    match unsure {
        _ if has(&Matched::Directly) && account => Matched::No,
        Some(unsure) if account => unsure,
        Some(_) | None => Matched::Directly,
    }
}

fn one_name(name: &Name, context: &Context<'_>) -> Matched {
    match name {
        Name::Everyone => Matched::Directly,
        Name::Aws(text) => {
            let (Some(arn), Some(account)) = (context.arn, context.account) else {
                return Matched::No;
            };
            if text == arn || role_of(arn).is_some_and(|role| role == *text) {
                Matched::Directly
            } else if text == account || *text == format!("arn:aws:iam::{account}:root") {
                Matched::ByAccount
            } else if context.user_id == Some(text) {
                // A policy that is read shows the unique ID only once its owner is gone, and then it is nobody's.
                Matched::Unknown(format!("the principal {text}"))
            } else {
                Matched::No
            }
        }
        Name::CanonicalUser(id) if context.canonical_id == Some(id) => Matched::ByAccount,
        Name::CanonicalUser(_) | Name::Service(_) | Name::Federated(_) => Matched::No,
    }
}

/// The role of a session: a policy that names the role means its sessions too. The path of the role is not in the
/// ARN of a session, and roles with one are not told apart here.
pub(crate) fn role_of(arn: &str) -> Option<String> {
    let rest = arn.strip_prefix("arn:aws:sts::")?;
    let (account, session) = rest.split_once(":assumed-role/")?;
    let (role, _) = session.split_once('/')?;
    Some(format!("arn:aws:iam::{account}:role/{role}"))
}

#[cfg(test)]
mod tests;
