//! The CORS rules of the blob service: putting ours in, taking it out, and why none serves. Pure.
//!
//! Rules stay the JSON that Azure Resource Manager told: those of others are moved about as they are, never changed,
//! reordered or dropped, whatever stands in them.
//!
//! Why appending harms nobody: the first rule that matches a request answers it, so a request that a rule before ours
//! matched is still answered by that one. Only requests that nobody answered can reach the new last rule, and it matches
//! no origin but Segments.ai's.

use serde_json::Value;

use super::templates::ORIGIN;
use crate::catalogue::Cause;
use crate::cors::azure::{Rule, explain};
use crate::cors::origin::NearMiss;
use crate::cors::{Answer, Reason, Request};
use crate::error::Refusal;

/// <https://learn.microsoft.com/rest/api/storageservices/set-blob-service-properties>.
pub const MAX_RULES: usize = 5;
/// The whole set of rules, likewise.
pub const MAX_BYTES: usize = 2048;
/// An origin that older versions of the published page named beside ours. It was withdrawn.
const WITHDRAWN: &str = "https://webgpu.segments.ai";

/// The rules with ours among them: as they are where one of them already answers a GET from Segments.ai's pages, with
/// ours at the end otherwise.
///
/// # Errors
/// When Azure would reject the result, or when a rule is not what this program knows. The refusal says what to do.
pub fn merge(current: &[Value], ours: &Value) -> Result<Vec<Value>, Refusal> {
    if serves(current, ORIGIN).is_some() {
        return Ok(current.to_vec());
    }
    if let Some(at) = current.iter().position(|rule| read(rule).is_none()) {
        return Err(Refusal::new(format!(
            "rule {} is not of the form that this version knows, so whether it serves cannot be told",
            at + 1
        ))
        .hint("look at it in the portal under Resource sharing (CORS), or update segments-connect"));
    }
    if current.len() >= MAX_RULES {
        return Err(full(current));
    }
    let mut merged = current.to_vec();
    merged.push(ours.clone());
    // Azure counts the document that it stores, which is longer than the words in it: what is too long already in
    // words alone is certain to be refused.
    let words: usize = merged.iter().map(words).sum();
    if words > MAX_BYTES {
        return Err(Refusal::new(format!(
            "with one more rule the rules would be longer than the {MAX_BYTES} bytes that Azure accepts"
        ))
        .hint("shorten or remove a rule that is not needed any more, and run this again"));
    }
    Ok(merged)
}

/// The rules without those that mean the same as ours, and those that an older published page had.
#[must_use]
pub fn remove(current: &[Value], ours: &Value) -> Vec<Value> {
    current
        .iter()
        .filter(|rule| !means_the_same(rule, ours))
        .cloned()
        .collect()
}

/// How many rules are the same, in the same order, in `before` and in `after`.
#[must_use]
pub fn kept(before: &[Value], after: &[Value]) -> usize {
    let mut rest = after.iter();
    before
        .iter()
        .filter(|rule| rest.any(|other| other == *rule))
        .count()
}

/// The rule that answers a GET from a page of `origin`, asked for beforehand or not.
#[must_use]
pub fn serves(rules: &[Value], origin: &str) -> Option<usize> {
    let (known, places) = readable(rules);
    // A rule that cannot be read may answer before the ones that can, so only what stands before it is certain.
    let unread = rules.iter().position(|rule| read(rule).is_none());
    let winner = |request: &Request<'_>| {
        explain(known.iter().map(Parts::rule), request)
            .winner
            .and_then(|at| places.get(at).copied())
            .filter(|place| unread.is_none_or(|unread| *place < unread))
    };
    winner(&Request::actual(origin, "GET"))?;
    winner(&Request::preflight(origin, "GET", &[]))
}

/// The rules that let pages of `origin` load, one line each, for a reader who has just taken ours out.
#[must_use]
pub fn still_serving(rules: &[Value], origin: &str) -> Vec<String> {
    rules
        .iter()
        .enumerate()
        .filter_map(|(at, rule)| {
            let parts = read(rule)?;
            let rule = parts.rule();
            if !rule.has_method("GET") || !rule.has_origin(origin) {
                return None;
            }
            Some(format!(
                "rule {} still admits `{origin}`, through {}",
                at + 1,
                quoted(&parts.origins)
            ))
        })
        .collect()
}

/// The rule that comes nearest to serving, its cause, and what keeps it from it.
#[must_use]
pub fn diagnose(rules: &[Value], origin: &str) -> Option<(usize, Cause, String)> {
    let (known, places) = readable(rules);
    let request = Request::preflight(origin, "GET", &[]);
    let Answer { misses, .. } = explain(known.iter().map(Parts::rule), &request);
    misses
        .iter()
        .filter_map(|miss| {
            let near: Option<&NearMiss> = miss.reasons.iter().find_map(|reason| match reason {
                Reason::Origin { near, .. } => near.as_ref(),
                Reason::Method { .. } | Reason::Headers { .. } | Reason::AnsweredBefore { .. } => {
                    None
                }
            });
            let origin_fits = !miss
                .reasons
                .iter()
                .any(|reason| matches!(reason, Reason::Origin { .. }));
            let place = places.get(miss.rule).copied()?;
            // The right origin with the wrong method is nearer than a nearly right origin.
            match (origin_fits, near) {
                (true, _) => Some((0, place, Cause::Z24, miss.in_words())),
                (false, Some(_)) => Some((miss.reasons.len(), place, Cause::Z25, miss.in_words())),
                (false, None) => None,
            }
        })
        .min_by_key(|(distance, place, _, _)| (*distance, *place))
        .map(|(_, place, cause, why)| (place, cause, why))
}

/// No room: the rules as they are, and the two ways out.
fn full(current: &[Value]) -> Refusal {
    let described: Vec<String> = current
        .iter()
        .enumerate()
        .filter_map(|(at, rule)| {
            let parts = read(rule)?;
            Some(format!(
                "{}. {} for {}",
                at + 1,
                parts.methods.join(", "),
                quoted(&parts.origins)
            ))
        })
        .collect();
    let fitting = current.iter().position(|rule| {
        read(rule).is_some_and(|parts| {
            parts.methods == ["GET"] && parts.origins.len() < 64 && parts.exposed.is_empty()
        })
    });
    let second = match fitting {
        Some(at) => format!(
            "or add `{ORIGIN}` to the origins of rule {}, which allows GET alone: in the portal, under Resource sharing (CORS)",
            at + 1
        ),
        None => format!(
            "or add `{ORIGIN}` to the origins of a rule that allows GET, if what else it allows may be allowed to Segments.ai's pages too: in the portal, under Resource sharing (CORS)"
        ),
    };
    Refusal::new(format!(
        "it has {} rules, Azure takes {MAX_RULES} at most, and none of them serves Segments.ai ({}): {}",
        current.len(),
        Cause::Z23.code(),
        described.join("; ")
    ))
    .hint("remove a rule that is not needed any more, in the portal under Resource sharing (CORS), and run this again")
    .hint(second)
}

/// The parts of a rule, as owned words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    origins: Vec<String>,
    methods: Vec<String>,
    headers: Vec<String>,
    exposed: Vec<String>,
}

impl Parts {
    fn rule(&self) -> Rule<'_> {
        Rule {
            origins: &self.origins,
            methods: &self.methods,
            headers: &self.headers,
        }
    }
}

/// The rules that can be read, and where each stands.
fn readable(rules: &[Value]) -> (Vec<Parts>, Vec<usize>) {
    rules
        .iter()
        .enumerate()
        .filter_map(|(at, rule)| Some((read(rule)?, at)))
        .unzip()
}

/// Reads a rule; none where a member is not a list of words.
fn read(rule: &Value) -> Option<Parts> {
    let members = rule.as_object()?;
    let list = |name: &str| -> Option<Vec<String>> {
        match members.get(name) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect(),
            Some(_) => None,
        }
    };
    Some(Parts {
        origins: list("allowedOrigins")?,
        methods: list("allowedMethods")?,
        headers: list("allowedHeaders")?,
        exposed: list("exposedHeaders")?,
    })
}

/// Whether a rule means what ours means: for how long a browser may remember it does not matter.
fn means_the_same(rule: &Value, ours: &Value) -> bool {
    let (Some(rule), Some(ours)) = (read(rule), read(ours)) else {
        return false;
    };
    let set = |words: &[String], lower: bool| {
        let mut words: Vec<String> = words
            .iter()
            .map(|word| {
                if lower {
                    word.to_ascii_lowercase()
                } else {
                    word.clone()
                }
            })
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    };
    let origins = set(&rule.origins, false);
    let mut older = ours.origins.clone();
    older.push(WITHDRAWN.to_owned());
    (origins == set(&ours.origins, false) || origins == set(&older, false))
        && set(&rule.methods, false) == set(&ours.methods, false)
        && set(&rule.headers, true) == set(&ours.headers, true)
        && set(&rule.exposed, true) == set(&ours.exposed, true)
}

/// How many bytes the words of a rule have.
fn words(rule: &Value) -> usize {
    read(rule).map_or(0, |parts| {
        [parts.origins, parts.methods, parts.headers, parts.exposed]
            .iter()
            .flatten()
            .map(String::len)
            .sum()
    })
}

fn quoted(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests;
