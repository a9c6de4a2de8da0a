//! What a policy says about one request: an explicit Deny wins, then an Allow, then nothing.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

use std::net::IpAddr;

use super::condition::{Met, met};
use super::document::{Document, Effect, Name, Patterns, Principal, Statement};
use super::pattern::{glob, glob_ignoring_case};

/// A request, as far as policies see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The caller's ARN; `None` when it is anonymous.
    pub arn: Option<&'a str>,
    /// The caller's account; `None` when it is anonymous.
    pub account: Option<&'a str>,
    /// The caller's canonical user ID: that of its account.
    pub canonical_id: Option<&'a str>,
    pub action: &'a str,
    pub resource: &'a str,
    pub source_ip: IpAddr,
    pub secure: bool,
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
    let named = principal(&statement.principal, context);
    if named == Matched::No {
        return Matched::No;
    }
    if !patterns(&statement.actions, |pattern| {
        glob_ignoring_case(pattern, context.action)
    }) {
        return Matched::No;
    }
    // Policy variables work from version 2012-10-17 on; before, they are plain text.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    let resources = &statement.resources;
    let variable = resources
        .patterns
        .iter()
        .find(|pattern| document.version == "2012-10-17" && pattern.contains("${"));
    if let Some(pattern) = variable {
        return Matched::Unknown(format!("the policy variable in {pattern}"));
    }
    if !patterns(resources, |pattern| glob(pattern, context.resource)) {
        return Matched::No;
    }
    let mut unknown = None;
    for condition in &statement.conditions {
        match met(condition, context) {
            Met::Yes => {}
            Met::No => return Matched::No,
            Met::Unknown(what) => unknown = unknown.or(Some(what)),
        }
    }
    unknown.map_or(named, Matched::Unknown)
}

fn patterns(patterns: &Patterns, matches: impl Fn(&str) -> bool) -> bool {
    patterns.patterns.iter().any(|pattern| matches(pattern)) != patterns.negated
}

/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html> and
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>: a `NotPrincipal`
/// that spares a user must name the user and its account, or the user is still denied by way of its account.
fn principal(principal: &Principal, context: &Context<'_>) -> Matched {
    let mut best = Matched::No;
    for name in &principal.names {
        match one_name(name, context) {
            Matched::Directly => best = Matched::Directly,
            Matched::ByAccount if best == Matched::No => best = Matched::ByAccount,
            Matched::ByAccount | Matched::No | Matched::Unknown(_) => {}
        }
    }
    if !principal.negated {
        return best;
    }
    let direct = principal
        .names
        .iter()
        .any(|name| one_name(name, context) == Matched::Directly);
    let account = principal.names.iter().any(|name| {
        matches!(name, Name::Everyone) || one_name(name, context) == Matched::ByAccount
    });
    let is_root = context.arn.is_some_and(|arn| arn.ends_with(":root"));
    if direct && (account || is_root) {
        Matched::No
    } else {
        Matched::Directly
    }
}

fn one_name(name: &Name, context: &Context<'_>) -> Matched {
    match name {
        Name::Everyone => Matched::Directly,
        Name::Aws(text) => {
            let (Some(arn), Some(account)) = (context.arn, context.account) else {
                return Matched::No;
            };
            if text == arn {
                Matched::Directly
            } else if text == account || *text == format!("arn:aws:iam::{account}:root") {
                Matched::ByAccount
            } else {
                Matched::No
            }
        }
        Name::CanonicalUser(id) if context.canonical_id == Some(id) => Matched::ByAccount,
        Name::CanonicalUser(_) | Name::Service(_) | Name::Federated(_) => Matched::No,
    }
}
