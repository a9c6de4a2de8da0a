//! Our statement taken out again, and only ours.
//!
//! A statement is ours when it means the same as the published one, under whatever Sid. Anything broader,
//! older or combined with something else stays, and is reported.

use std::collections::HashMap;

use serde_json::Value;

use super::document::Document;
use super::limits;
use super::merge::{our_statement, unreadable};
use super::statement::{Clause, Effect, Principal, Statement};
use crate::error::Refusal;
use crate::json;

/// The policy without our statement; `None` when no statement is left, so that the policy is to be deleted
/// (or is not there in the first place). `current` itself where ours is not in it.
///
/// # Errors
/// When the policy is not understood, and when S3 would refuse what is left (see the limits beside this module).
pub fn remove(
    current: Option<&Value>,
    rendered: &Value,
    bucket: &str,
) -> Result<Option<Value>, Refusal> {
    let template = Document::read_whole(rendered).map_err(|why| unreadable(bucket, &why))?;
    let ours = our_statement(&template, bucket)?;
    let Some(current) = current else {
        return Ok(None);
    };
    let document = Document::read_whole(current).map_err(|why| unreadable(bucket, &why))?;
    let leaving: Vec<bool> = document
        .statements
        .iter()
        .map(|statement| statement.means_the_same(ours))
        .collect();
    if !leaving.contains(&true) {
        return Ok(Some(current.clone()));
    }
    if !leaving.contains(&false) {
        return Ok(None);
    }
    let mut next = current.clone();
    if let Some(Value::Array(list)) = next.get_mut("Statement") {
        // Every entry was read, so both lists have one entry for each.
        let mut leaving = leaving.into_iter();
        list.retain(|_| !leaving.next().unwrap_or(false));
    }
    let staying = document
        .statements
        .iter()
        .filter(|statement| !statement.means_the_same(ours));
    limits::check(&next, staying, bucket)?;
    Ok(Some(next))
}

/// What to call each statement of `policy` that grants Segments.ai's principal something (anything) without
/// being ours: broader ones, older ones, ones that name several principals, and public ones.
#[must_use]
pub fn still_granting(policy: Option<&Value>, rendered: &Value) -> Vec<String> {
    let (Some(Ok(document)), Ok(template)) = (policy.map(Document::read), Document::read(rendered))
    else {
        return Vec::new();
    };
    let named: Vec<Principal<'_>> = template
        .statements
        .iter()
        .filter_map(|ours| match &ours.principal {
            Clause::Only(principals) => Some(principals.clone()),
            Clause::AllBut(_) | Clause::Unclear(_) => None,
        })
        .flatten()
        .collect();
    let is_ours = |statement: &Statement<'_>| {
        template
            .statements
            .iter()
            .any(|ours| ours.means_the_same(statement))
    };
    document
        .statements
        .iter()
        .filter(|statement| {
            statement.effect == Effect::Allow && reaches(statement, &named) && !is_ours(statement)
        })
        .map(|statement| statement.label.clone())
        .collect()
}

/// How many statements of others stay exactly as they are between `before` and `after`.
#[must_use]
pub fn kept(before: Option<&Value>, after: Option<&Value>, rendered: &Value) -> usize {
    let (Some(Ok(before)), Some(Ok(after)), Ok(template)) = (
        before.map(Document::read),
        after.map(Document::read),
        Document::read(rendered),
    ) else {
        return 0;
    };
    let text = |statement: &Statement<'_>| json::compact(&Value::Object(statement.raw.clone()));
    let mut there: HashMap<String, usize> = HashMap::new();
    for statement in &after.statements {
        *there.entry(text(statement)).or_default() += 1;
    }
    before
        .statements
        .iter()
        .filter(|statement| {
            !template
                .statements
                .iter()
                .any(|ours| ours.means_the_same(statement))
        })
        .filter(|statement| match there.get_mut(&text(statement)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            Some(_) | None => false,
        })
        .count()
}

/// Whether a statement is about one of these principals: by name, by its account, or because it is about
/// everyone.
fn reaches(statement: &Statement<'_>, named: &[Principal<'_>]) -> bool {
    let about = |entry: &Principal<'_>| match entry {
        Principal::Everyone => true,
        Principal::Account(account) => named.iter().any(|principal| match principal {
            Principal::Arn(arn) => arn.split(':').nth(4) == Some(account),
            Principal::Account(other) => other == account,
            Principal::Everyone
            | Principal::UniqueId(_)
            | Principal::Canonical(_)
            | Principal::Federated(_)
            | Principal::Service(_) => false,
        }),
        Principal::Arn(_)
        | Principal::UniqueId(_)
        | Principal::Canonical(_)
        | Principal::Federated(_)
        | Principal::Service(_) => named.contains(entry),
    };
    match &statement.principal {
        Clause::Only(entries) => entries.iter().any(about),
        Clause::AllBut(entries) => !entries.iter().any(about),
        Clause::Unclear(_) => false,
    }
}

#[cfg(test)]
mod tests;
