//! What one statement means, read from its raw JSON.
//!
//! Reading is lenient: whatever is not understood is kept by name ([`Clause::Unclear`],
//! [`Statement::unknown`]) and never dropped or guessed. Nothing here is ever written back.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What a statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It grants.
    Allow,
    /// It denies, over every grant.
    Deny,
    /// Missing, or neither of the two (they are case-sensitive:
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html>).
    Unclear,
}

/// One entry of a `Principal` or `NotPrincipal`.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal<'a> {
    /// `"*"`, or `"*"` under `AWS`.
    Everyone,
    /// An account: its twelve digits, or `arn:aws:iam::111122223333:root`, which mean the same.
    Account(&'a str),
    /// Any other ARN: a user, a role, a session.
    Arn(&'a str),
    /// The unique id that is shown for a user or role that no longer exists: `AIDA…`, `AROA…`.
    UniqueId(&'a str),
    /// A canonical user id, which S3 takes for an account.
    Canonical(&'a str),
    /// An identity provider.
    Federated(&'a str),
    /// A service of AWS.
    Service(&'a str),
}

/// An element of a statement together with its negated form, of which exactly one may be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clause<T> {
    /// `Action`, `Resource`, `Principal`.
    Only(Vec<T>),
    /// `NotAction`, `NotResource`, `NotPrincipal`.
    AllBut(Vec<T>),
    /// Not understood; the text says what and why.
    Unclear(String),
}

/// One statement, as far as it is understood.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    /// The statement itself.
    pub raw: &'a Map<String, Value>,
    /// Its place in the policy, from 0.
    pub position: usize,
    /// What to call it: "statement `its-sid`", or "statement 3 of 5".
    pub label: String,
    /// Its Sid, where it has a text for one.
    pub sid: Option<&'a str>,
    /// Its effect.
    pub effect: Effect,
    /// Whom it is about.
    pub principal: Clause<Principal<'a>>,
    /// Which actions it is about.
    pub action: Clause<&'a str>,
    /// Which resources it is about.
    pub resource: Clause<&'a str>,
    /// Its condition; an empty one is none.
    pub condition: Option<&'a Value>,
    /// The names of the members that the policy language does not have.
    pub unknown: Vec<&'a str>,
}

/// The members that a statement may have:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.
const MEMBERS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl<'a> Statement<'a> {
    /// Reads the statement at `position` (from 0) of `total`.
    #[must_use]
    pub fn read(raw: &'a Map<String, Value>, position: usize, total: usize) -> Self {
        let sid = raw.get("Sid").and_then(Value::as_str);
        Self {
            raw,
            position,
            label: label(sid, position, total),
            sid,
            effect: match raw.get("Effect").and_then(Value::as_str) {
                Some("Allow") => Effect::Allow,
                Some("Deny") => Effect::Deny,
                Some(_) | None => Effect::Unclear,
            },
            principal: clause(raw, "Principal", "NotPrincipal", principals),
            action: clause(raw, "Action", "NotAction", strings),
            resource: clause(raw, "Resource", "NotResource", strings),
            condition: raw
                .get("Condition")
                .filter(|condition| condition.as_object().is_none_or(|map| !map.is_empty())),
            unknown: raw
                .keys()
                .map(String::as_str)
                .filter(|name| !MEMBERS.contains(name))
                .collect(),
        }
    }

    /// Whether both say exactly the same.
    ///
    /// The Sid does not count, nor order and repeats in lists, nor the two forms of an account, nor the case of
    /// actions. Resources are compared with their case. A statement with anything that is not understood
    /// means the same as no other.
    #[must_use]
    pub fn means_the_same(&self, other: &Self) -> bool {
        let lower = |action: &&str| action.to_ascii_lowercase();
        self.effect == other.effect
            && self.effect != Effect::Unclear
            && self.unknown.is_empty()
            && other.unknown.is_empty()
            && self.condition == other.condition
            && same(&self.principal, &other.principal, |principal| *principal)
            && same(&self.action, &other.action, lower)
            && same(&self.resource, &other.resource, |resource| *resource)
    }
}

/// What to call the statement at `position` (from 0) of `total`.
#[must_use]
pub fn label(sid: Option<&str>, position: usize, total: usize) -> String {
    match sid {
        Some(sid) if !sid.is_empty() => format!("statement `{sid}`"),
        Some(_) | None => format!("statement {} of {total}", position + 1),
    }
}

/// Whether two clauses name the same things, each brought into the form in which it is compared.
pub(super) fn same<T, K: Ord>(one: &Clause<T>, other: &Clause<T>, form: impl Fn(&T) -> K) -> bool {
    let set = |entries: &[T]| entries.iter().map(&form).collect::<BTreeSet<_>>();
    match (one, other) {
        (Clause::Only(one), Clause::Only(other)) | (Clause::AllBut(one), Clause::AllBut(other)) => {
            set(one) == set(other)
        }
        (Clause::Only(_) | Clause::AllBut(_) | Clause::Unclear(_), _) => false,
    }
}

/// Whether this is the unique id that IAM shows in the place of a deleted user or role.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
#[must_use]
pub fn is_unique_id(text: &str) -> bool {
    ["AIDA", "AROA"].iter().any(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
    })
}

fn clause<'a, T>(
    raw: &'a Map<String, Value>,
    name: &str,
    negated: &str,
    read: fn(&'a Value) -> Result<Vec<T>, String>,
) -> Clause<T> {
    let entries = |name: &str, value: &'a Value| match read(value) {
        Ok(entries) if entries.is_empty() => Err(format!("`{name}` is empty")),
        Ok(entries) => Ok(entries),
        Err(what) => Err(format!("`{name}` {what}")),
    };
    let read = match (raw.get(name), raw.get(negated)) {
        (Some(value), None) => entries(name, value).map(Clause::Only),
        (None, Some(value)) => entries(negated, value).map(Clause::AllBut),
        (Some(_), Some(_)) => Err(format!("both `{name}` and `{negated}` are there")),
        (None, None) => Err(format!("`{name}` is missing")),
    };
    read.unwrap_or_else(Clause::Unclear)
}

/// A text, or a list of texts.
fn strings(value: &Value) -> Result<Vec<&str>, String> {
    match value {
        Value::String(text) => Ok(vec![text.as_str()]),
        Value::Array(items) => items
            .iter()
            .map(|item| {
                item.as_str()
                    .ok_or_else(|| format!("holds {} where a text belongs", kind(item)))
            })
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Err(format!(
            "is {} and not a text or a list of texts",
            kind(value)
        )),
    }
}

fn principals(value: &Value) -> Result<Vec<Principal<'_>>, String> {
    match value {
        Value::String(text) if text == "*" => Ok(vec![Principal::Everyone]),
        Value::String(text) => Err(format!("is the bare text `{text}`")),
        Value::Object(kinds) => {
            let mut found = Vec::new();
            for (name, value) in kinds {
                let values = strings(value).map_err(|what| format!("`{name}` {what}"))?;
                for value in values {
                    found.push(match name.as_str() {
                        "AWS" => aws_principal(value)?,
                        "CanonicalUser" => Principal::Canonical(value),
                        "Federated" => Principal::Federated(value),
                        "Service" => Principal::Service(value),
                        _ => return Err(format!("has a kind `{name}`")),
                    });
                }
            }
            Ok(found)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            Err(format!("is {}", kind(value)))
        }
    }
}

fn aws_principal(text: &str) -> Result<Principal<'_>, String> {
    if text == "*" {
        return Ok(Principal::Everyone);
    }
    let root = text
        .strip_prefix("arn:aws:iam::")
        .and_then(|rest| rest.strip_suffix(":root"));
    if let Some(account) = [Some(text), root]
        .into_iter()
        .flatten()
        .find(|id| is_account(id))
    {
        return Ok(Principal::Account(account));
    }
    if is_unique_id(text) {
        return Ok(Principal::UniqueId(text));
    }
    if text.starts_with("arn:") {
        return Ok(Principal::Arn(text));
    }
    Err(format!(
        "holds `{text}`, which is no ARN, account or unique id"
    ))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
