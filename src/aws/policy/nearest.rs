//! Which statement comes nearest to granting what was asked for, and what it misses by.
//!
//! A hint for the remedy, used only where it is certain that nothing grants anything.

use super::condition::Finding;
use super::glob::Glob;
use super::judged::Judged;
use super::outcome::{Asked, Near, Question, Tri};
use super::principal::text;
use super::statement::{Clause, Effect, Principal};

/// The catalogue's code of the nearest miss, and the statement. A01 where nothing comes near.
pub(super) fn nearest(
    judged: &[Judged<'_, '_>],
    question: &Question<'_>,
    asked: &Glob,
) -> (&'static str, Option<Near>) {
    let mut best: Option<(usize, bool, &'static str, Near)> = None;
    for one in judged
        .iter()
        .filter(|one| one.statement.effect == Effect::Allow)
    {
        let Some((misses, cause, why)) = miss(one, question, asked) else {
            continue;
        };
        let rank = (misses, cause == "A01");
        if best
            .as_ref()
            .is_none_or(|(misses, plain, ..)| rank < (*misses, *plain))
        {
            let near = Near {
                statement: one.statement.label.clone(),
                why,
            };
            best = Some((rank.0, rank.1, cause, near));
        }
    }
    match best {
        Some((_, _, cause, near)) => (cause, Some(near)),
        None => ("A01", None),
    }
}

/// How many elements of an Allow miss, the code of the first that tells something, and all in words; nothing
/// for a statement that is about something else altogether.
fn miss(
    one: &Judged<'_, '_>,
    question: &Question<'_>,
    asked: &Glob,
) -> Option<(usize, &'static str, String)> {
    let mut misses: Vec<(&'static str, String)> = Vec::new();
    if one.principal == Tri::No {
        misses.push(principal_miss(one, question, asked)?);
    }
    if one.action == Tri::No {
        misses.push(("A01", format!("it does not allow `{}`", question.action)));
    }
    if one.resource == Tri::No {
        misses.push(resource_miss(one, question, asked));
    }
    if one.condition == Tri::No {
        let unmet = || {
            let all = one.conditions.iter();
            all.filter(|condition| condition.answer == Tri::No)
        };
        // Tags belong to the one object, and are mended there.
        let of_tags = unmet().any(|condition| condition.suspected == Some("A15"));
        let words: Vec<String> = unmet().map(Finding::in_words).collect();
        misses.push((if of_tags { "A15" } else { "A51" }, words.join("; ")));
    }
    let named = misses.iter().find(|(code, _)| *code != "A01");
    let cause = named.or(misses.first()).map(|(code, _)| *code)?;
    let words: Vec<&str> = misses.iter().map(|(_, why)| why.as_str()).collect();
    Some((misses.len(), cause, words.join("; ")))
}

/// What is wrong with a principal that is not the one of the question but may have been meant for it.
fn principal_miss(
    one: &Judged<'_, '_>,
    question: &Question<'_>,
    asked: &Glob,
) -> Option<(&'static str, String)> {
    let Clause::Only(entries) = &one.statement.principal else {
        return None;
    };
    let ours = one.statement.sid.is_some() && one.statement.sid == question.sid;
    let fits = one.action == Tri::Yes && (one.resource != Tri::No || bare(one, asked).is_some());
    let stale = entries
        .iter()
        .find(|entry| matches!(entry, Principal::UniqueId(_)));
    if let Some(stale) = stale
        && (fits || ours)
    {
        return Some((
            "A20",
            format!(
                "its principal `{}` is a user or role that no longer exists",
                text(stale)
            ),
        ));
    }
    let meant = entries
        .iter()
        .find(|entry| resembles(text(entry), question));
    match (meant, entries.first()) {
        (Some(entry), _) => Some((
            "A21",
            format!(
                "its principal is `{}`, not `{}`",
                text(entry),
                question.principal
            ),
        )),
        (None, Some(entry)) if ours => Some((
            "A21",
            format!(
                "its principal is `{}`, not `{}`",
                text(entry),
                question.principal
            ),
        )),
        (None, _) => None,
    }
}

/// Whether a principal has the account or the user's name of the question in it.
fn resembles(entry: &str, question: &Question<'_>) -> bool {
    let name = question.principal.rsplit('/').next().unwrap_or_default();
    let entry = entry.to_ascii_lowercase();
    entry.contains(question.account)
        || (!name.is_empty() && entry.ends_with(&format!("/{}", name.to_ascii_lowercase())))
}

fn resource_miss(
    one: &Judged<'_, '_>,
    question: &Question<'_>,
    asked: &Glob,
) -> (&'static str, String) {
    if let Some(pattern) = bare(one, asked) {
        let why = format!(
            "its resource `{pattern}` is the bucket without `/*`, and not the objects in it"
        );
        return ("A02", why);
    }
    let (Asked::One(name) | Asked::Every(name)) = question.resource;
    let container = name
        .split_once('/')
        .map(|(container, _)| format!("{container}/"));
    if let (Clause::Only(patterns), Some(container)) = (&one.statement.resource, container)
        && let Some(pattern) = patterns
            .iter()
            .find(|pattern| pattern.starts_with(&container))
    {
        return (
            "A03",
            format!("its resource `{pattern}` is another part of the bucket"),
        );
    }
    ("A01", "its resource is another one".to_owned())
}

/// A resource of the statement that would be right with `/*` after it.
fn bare<'a>(one: &Judged<'_, 'a>, asked: &Glob) -> Option<&'a str> {
    match &one.statement.resource {
        Clause::Only(patterns) => patterns.iter().copied().find(|pattern| {
            !pattern.ends_with(['/', '*'])
                && asked.is_within(&[Glob::pattern(&format!("{pattern}/*"))]) == Some(true)
        }),
        Clause::AllBut(_) | Clause::Unclear(_) => None,
    }
}
