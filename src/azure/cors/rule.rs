//! One rule of `corsRules` as far as it decides something. It is read from the JSON and never turned back into it.
//!
//! The members: <https://learn.microsoft.com/rest/api/storagerp/blob-services/set-service-properties#corsrule>.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::cors::azure::Rule;

/// An origin that older versions of the published page named beside ours. It was withdrawn.
const WITHDRAWN: &str = "https://webgpu.segments.ai";

const ORIGINS: &str = "allowedOrigins";
const METHODS: &str = "allowedMethods";
const HEADERS: &str = "allowedHeaders";
const EXPOSED: &str = "exposedHeaders";
const MAX_AGE: &str = "maxAgeInSeconds";

/// The lists of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) origins: Vec<String>,
    pub(super) methods: Vec<String>,
    pub(super) headers: Vec<String>,
    pub(super) exposed: Vec<String>,
    /// Whether nothing stands in the rule that this program does not know.
    pub(super) known: bool,
}

impl Parts {
    /// Reads a rule; none where it is no object, or a list is not a list of words. An absent list is an empty one.
    pub(super) fn read(rule: &Value) -> Option<Self> {
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
        Some(Self {
            origins: list(ORIGINS)?,
            methods: list(METHODS)?,
            headers: list(HEADERS)?,
            exposed: list(EXPOSED)?,
            known: members.iter().all(|(name, value)| {
                value.is_null()
                    || [ORIGINS, METHODS, HEADERS, EXPOSED, MAX_AGE].contains(&name.as_str())
            }),
        })
    }

    /// The parts that decide whether the rule answers a request.
    pub(super) fn rule(&self) -> Rule<'_> {
        Rule {
            origins: &self.origins,
            methods: &self.methods,
            headers: &self.headers,
        }
    }

    /// How many bytes its words have.
    pub(super) fn bytes(&self) -> usize {
        [&self.origins, &self.methods, &self.headers, &self.exposed]
            .into_iter()
            .flatten()
            .map(String::len)
            .sum()
    }

    /// Whether another rule allows the same to its own origins: methods, headers, and what scripts may read.
    pub(super) fn allows_the_same(&self, other: &Self) -> bool {
        set(&self.methods) == set(&other.methods)
            && header_set(&self.headers) == header_set(&other.headers)
            && header_set(&self.exposed) == header_set(&other.exposed)
    }
}

/// The first rule that is of a form that is not known.
#[must_use]
pub fn unreadable(rules: &[Value]) -> Option<usize> {
    rules.iter().position(|rule| Parts::read(rule).is_none())
}

/// Whether a rule means what ours means, or what ours meant while the page still named the withdrawn origin.
pub(super) fn means_the_same(rule: &Value, ours: &Value) -> bool {
    let (Some(rule), Some(ours)) = (Parts::read(rule), Parts::read(ours)) else {
        return false;
    };
    let origins = set(&rule.origins);
    let now = set(&ours.origins);
    let older = now.iter().copied().chain([WITHDRAWN]).collect();
    (origins == now || origins == older) && rule.known && rule.allows_the_same(&ours)
}

fn set(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(String::as_str).collect()
}

fn header_set(names: &[String]) -> BTreeSet<String> {
    names.iter().map(|name| name.to_ascii_lowercase()).collect()
}
