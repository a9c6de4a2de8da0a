//! Our one statement, merged into a bucket policy that others also edit.
//!
//! Every foreign statement and member stays as it is, in its place. Nothing is widened: our statement is
//! added, or a known mistaken form of it is put right, or the merge is refused.

use serde_json::Value;

use super::document::{Document, Unreadable};
use super::limits;
use super::statement::{Clause, Effect, Statement, same};
use crate::aws::templates::PLACEHOLDER;
use crate::error::Refusal;

/// The policy with our statement in it; `current` itself where a statement that means the same is there,
/// under whatever Sid.
///
/// `rendered` is the published document, filled in for `bucket`: what a bucket without a policy gets.
///
/// A statement that has our Sid and other content is put right in its place when it is a known mistaken form
/// of ours: it allows only Segments.ai's user only `s3:GetObject`, without a condition, and each of its
/// resources is the bucket without `/*`, the placeholder of the published document, or the right one. The
/// right one beside a mistaken one works already, because `s3:GetObject` concerns objects only; it is still
/// brought into the published form, which grants no more, so that it is known as ours when it is to be
/// removed. With any other content the merge is refused, and likewise with several statements under our Sid
/// (S3 refuses to store those), of which no one can be told to be the right one to change.
///
/// The limits of S3 are checked only when there is something to write.
///
/// # Errors
/// When the policy is not understood, when our Sid is taken by something else, and when S3 would refuse the
/// result (see the limits beside this module).
pub fn merge(current: Option<&Value>, rendered: &Value, bucket: &str) -> Result<Value, Refusal> {
    let template = Document::read_whole(rendered).map_err(|why| unreadable(bucket, &why))?;
    let ours = our_statement(&template, bucket)?;
    let Some(current) = current else {
        return Ok(rendered.clone());
    };
    let document = Document::read_whole(current).map_err(|why| unreadable(bucket, &why))?;
    if document
        .statements
        .iter()
        .any(|statement| statement.means_the_same(ours))
    {
        return Ok(current.clone());
    }
    let namesakes: Vec<&Statement<'_>> = document
        .statements
        .iter()
        .filter(|statement| statement.sid.is_some() && statement.sid == ours.sid)
        .collect();
    let mut next = current.clone();
    let done = match namesakes.as_slice() {
        [] => append(&mut next, ours),
        [one] if is_mistaken_form(one, ours, bucket) => replace(&mut next, one.position, ours),
        [one] => return Err(taken(one, ours, bucket)),
        [first, ..] => {
            return Err(Refusal::new(format!(
                "the bucket policy of `{bucket}` has {} statements with the Sid `{}`, and none of them is the one \
                 that Segments.ai needs",
                namesakes.len(),
                first.sid.unwrap_or_default()
            ))
            .hint("give each of them a Sid of its own, or remove those that are not needed; then run again"));
        }
    };
    if !done {
        return Err(unreadable(
            bucket,
            &Unreadable("its `Statement` is not understood".to_owned()),
        ));
    }
    let staying = document.statements.iter().filter(|statement| {
        !namesakes
            .iter()
            .any(|replaced| replaced.position == statement.position)
    });
    limits::check(&next, staying, bucket)?;
    Ok(next)
}

/// Whether a statement that means the same as ours is there, under whatever Sid.
#[must_use]
pub fn contains_ours(current: Option<&Value>, rendered: &Value) -> bool {
    let (Some(Ok(document)), Ok(template)) =
        (current.map(Document::read), Document::read(rendered))
    else {
        return false;
    };
    template.statements.iter().any(|ours| {
        document
            .statements
            .iter()
            .any(|statement| statement.means_the_same(ours))
    })
}

/// The one statement of the rendered document.
pub(super) fn our_statement<'a, 'b>(
    template: &'a Document<'b>,
    bucket: &str,
) -> Result<&'a Statement<'b>, Refusal> {
    match template.statements.as_slice() {
        [ours] if ours.means_the_same(ours) => Ok(ours),
        _ => Err(Refusal::new(format!(
            "the document to merge into the bucket policy of `{bucket}` is not one clear statement"
        ))),
    }
}

/// The refusal of a policy whose shape is not understood.
pub(super) fn unreadable(bucket: &str, why: &Unreadable) -> Refusal {
    Refusal::new(format!(
        "the bucket policy of `{bucket}` has a shape that this program does not understand: {}",
        why.0
    ))
    .hint(format!(
        "look at it with `aws s3api get-bucket-policy --bucket {bucket} --query Policy --output text`, put it \
         right, and run again"
    ))
}

/// The refusal when our Sid stands on something that we must not change.
fn taken(found: &Statement<'_>, ours: &Statement<'_>, bucket: &str) -> Refusal {
    let refusal = Refusal::new(format!(
        "{} of the bucket policy of `{bucket}` is not the one that Segments.ai needs, nor a known older form of \
         it, so it may be somebody's on purpose",
        found.label
    ))
    .difference(
        Value::Object(found.raw.clone()),
        Value::Object(ours.raw.clone()),
    )
    .hint("if it is to stay, change its Sid; ours is then added beside it")
    .hint("if it was meant for Segments.ai, edit it to what is wanted, or remove it; then run again");
    match &found.principal {
        Clause::Only(principals) if principals.iter().any(|one| matches!(one, super::Principal::UniqueId(_))) => {
            refusal.hint(
                "its principal is the unique id of a user or role that no longer exists, so it grants nothing to \
                 Segments.ai any more",
            )
        }
        Clause::Only(_) | Clause::AllBut(_) | Clause::Unclear(_) => refusal,
    }
}

/// Whether this is ours with nothing but a known mistake in its resources.
fn is_mistaken_form(found: &Statement<'_>, ours: &Statement<'_>, bucket: &str) -> bool {
    let Clause::Only(resources) = &found.resource else {
        return false;
    };
    let Clause::Only(right) = &ours.resource else {
        return false;
    };
    let known = |resource: &str| {
        right.contains(&resource)
            || resource.strip_prefix("arn:aws:s3:::").is_some_and(|rest| {
                rest == bucket
                    || rest == PLACEHOLDER
                    || rest.strip_suffix("/*") == Some(PLACEHOLDER)
            })
    };
    found.effect == Effect::Allow
        && found.condition.is_none()
        && found.unknown.is_empty()
        && same(&found.principal, &ours.principal, |principal| *principal)
        && same(&found.action, &ours.action, |action| {
            action.to_ascii_lowercase()
        })
        && resources.iter().all(|resource| known(resource))
}

/// Adds our statement at the end. A single statement object becomes the first of a list.
fn append(policy: &mut Value, ours: &Statement<'_>) -> bool {
    let Some(statements) = policy.get_mut("Statement") else {
        return false;
    };
    let ours = Value::Object(ours.raw.clone());
    match statements {
        Value::Array(list) => list.push(ours),
        Value::Object(_) => {
            let single = statements.take();
            *statements = Value::Array(vec![single, ours]);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return false,
    }
    true
}

/// Puts our statement in the place of another.
fn replace(policy: &mut Value, position: usize, ours: &Statement<'_>) -> bool {
    let place = match policy.get_mut("Statement") {
        Some(Value::Array(list)) => list.get_mut(position),
        other => other,
    };
    match place {
        Some(place) => {
            *place = Value::Object(ours.raw.clone());
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests;
