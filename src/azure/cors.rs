//! The CORS rules of the blob service: putting ours in, taking it out, and why none serves. Pure.
//!
//! Rules stay the JSON that Azure Resource Manager told: those of others are moved about as they are, never changed,
//! reordered or dropped, whatever stands in them.
//!
//! Why appending harms nobody: the first rule with the origin and the method answers (see [`crate::cors::azure`]), so a
//! request that a rule before ours takes is still answered by that one. Only requests that no rule takes can reach the
//! new last rule, and it takes none but a GET from Segments.ai's page.

use serde_json::Value;

mod diagnose;
mod limits;
mod rule;

pub use diagnose::{diagnose, still_serving};
pub use limits::{MAX_BYTES, MAX_RULES};
pub use rule::unreadable;

use super::templates;
use crate::cors::azure::{self, Rule, explain};
use crate::cors::foresee::Foreseen;
use crate::cors::{Answer, Request};
use crate::error::Refusal;
use rule::{Parts, means_the_same};

/// The rules with ours among them: as they are where one of them already answers a GET from Segments.ai's page, with
/// ours at the end otherwise.
///
/// # Errors
/// When Azure would reject the result, or when it cannot be told whether a rule serves because one is of a form that is
/// not known. The refusal says what to do.
pub fn merge(current: &[Value], ours: &Value) -> Result<Vec<Value>, Refusal> {
    if serves(current, templates::ORIGIN).is_some() {
        return Ok(current.to_vec());
    }
    if let Some(at) = unreadable(current) {
        return Err(limits::not_understood(at));
    }
    let mut merged = current.to_vec();
    merged.push(ours.clone());
    limits::check(current, &merged, ours)?;
    Ok(merged)
}

/// The rules without those that mean the same as ours: the same origins, methods and headers, in whatever order, for
/// however long a browser may remember them. So do those of an older published page, which named one more origin.
///
/// A rule that does more or less is not ours, even where it serves Segments.ai: see [`still_serving`].
#[must_use]
pub fn remove(current: &[Value], ours: &Value) -> Vec<Value> {
    current
        .iter()
        .filter(|rule| !means_the_same(rule, ours))
        .cloned()
        .collect()
}

/// How many rules of others are the same, in the same order, in `before` and in `after`.
#[must_use]
pub fn kept(before: &[Value], after: &[Value]) -> usize {
    let ours = templates::cors_rule();
    let mut rest = after.iter();
    before
        .iter()
        .filter(|rule| !means_the_same(rule, &ours))
        .filter(|rule| rest.any(|other| other == *rule))
        .count()
}

/// The rule that certainly answers a GET from a page of `origin`, asked for beforehand or not.
///
/// A rule of a form that is not known may answer in the place of those behind it, so none of these is certain to.
#[must_use]
pub fn serves(rules: &[Value], origin: &str) -> Option<usize> {
    let certain: Vec<Parts> = rules.iter().map_while(Parts::read).collect();
    let winner = |request: &Request<'_>| answer(&certain, request).winner;
    let rule = winner(&Request::actual(origin, "GET"))?;
    (winner(&Request::preflight(origin, "GET", &[])) == Some(rule)).then_some(rule)
}

/// What the rules foresee for one request; nothing certain behind a rule of a form that is not known.
#[must_use]
pub fn foresee(rules: &[Value], request: &Request<'_>) -> Foreseen {
    let parts: Vec<Option<Parts>> = rules.iter().map(Parts::read).collect();
    let views: Vec<Option<Rule<'_>>> = parts
        .iter()
        .map(|parts| parts.as_ref().map(Parts::rule))
        .collect();
    azure::foresee(&views, request)
}

/// What to call a rule: "rule 2".
#[must_use]
pub fn name(index: usize) -> String {
    format!("rule {}", index + 1)
}

fn answer(rules: &[Parts], request: &Request<'_>) -> Answer {
    let views = rules.iter().map(Parts::rule);
    explain(views.collect::<Vec<Rule<'_>>>(), request)
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
