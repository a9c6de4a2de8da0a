//! Why the stored rules do not serve a page, and which of them still do. Words about a document: what the service really
//! answers is for the live preflight to say.

use serde_json::Value;

use super::rule::Parts;
use super::{answer, serves};
use crate::catalogue::Cause;
use crate::cors::{Miss, Reason, Request};

/// The rule that comes nearest to serving a GET from a page of `origin`, its cause, and what keeps it from it. None
/// where one serves, and where all are for somebody else.
#[must_use]
pub fn diagnose(rules: &[Value], origin: &str) -> Option<(usize, Cause, String)> {
    if serves(rules, origin).is_some() {
        return None;
    }
    let read: Vec<(usize, Parts)> = rules
        .iter()
        .enumerate()
        .filter_map(|(at, rule)| Some((at, Parts::read(rule)?)))
        .collect();
    let parts: Vec<Parts> = read.iter().map(|(_, parts)| parts.clone()).collect();
    let misses = answer(&parts, &Request::actual(origin, "GET")).misses;
    misses
        .iter()
        .filter_map(|miss| {
            let (distance, cause, words) = near(miss, origin)?;
            Some((distance, read.get(miss.rule)?.0, cause, words))
        })
        .min_by_key(|(distance, at, _, _)| (*distance, *at))
        .map(|(_, at, cause, words)| (at, cause, words))
}

/// How far a rule is from serving, the cause, and the words; none for a rule that is for somebody else.
fn near(miss: &Miss, origin: &str) -> Option<(usize, Cause, String)> {
    let mut distance = 0;
    let mut cause = Cause::Z24;
    let mut words = Vec::new();
    for reason in &miss.reasons {
        match reason {
            Reason::Origin {
                near: Some(near), ..
            } => {
                cause = Cause::Z25;
                distance += near.differences.len();
                words.push(reason.to_string());
            }
            Reason::Origin {
                allowed,
                near: None,
            } => {
                cause = Cause::Z25;
                // Farther than an origin that was meant to be this one.
                distance += 5;
                words.push(sibling(allowed, origin)?);
            }
            Reason::Method { .. } | Reason::Headers { .. } => {
                distance += 1;
                words.push(reason.to_string());
            }
            Reason::AnsweredBefore { .. } => {}
        }
    }
    (!words.is_empty()).then(|| (distance, cause, words.join("; ")))
}

/// The allowed origin that is another sub-domain of the same domain, in words: `https://www.segments.ai`.
fn sibling(allowed: &[String], origin: &str) -> Option<String> {
    let host = |text: &str| {
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        let text = text.split(['/', ':']).next().unwrap_or_default();
        text.trim().to_ascii_lowercase()
    };
    let page = host(origin);
    let (_, domain) = page.split_once('.')?;
    allowed
        .iter()
        .find(|text| {
            host(text)
                .strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
        .map(|text| format!("`{text}` does not match `{origin}`: it is another part of `{domain}`"))
}

/// The rules that let pages of `origin` load, one line each, for a reader who has just taken ours out.
#[must_use]
pub fn still_serving(rules: &[Value], origin: &str) -> Vec<String> {
    rules
        .iter()
        .enumerate()
        .filter_map(|(at, rule)| {
            let parts = Parts::read(rule)?;
            let rule = parts.rule();
            if !rule.has_method("GET") {
                return None;
            }
            let allowed = rule.origin_for(origin)?;
            Some(if allowed == origin {
                format!("rule {} admits `{origin}`", at + 1)
            } else {
                format!("rule {} admits `{origin}` through `{allowed}`", at + 1)
            })
        })
        .collect()
}
