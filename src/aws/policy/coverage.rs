//! How much of the resource asked for a `Resource` or `NotResource` is about.
//!
//! Exact where the patterns are plain. A pattern whose reach is not documented, or that has a policy variable
//! that is filled in at run time, counts as far as it may reach and is never taken for certain.

use super::glob::Glob;
use super::outcome::{Asked, Part, Tri};
use super::statement::Clause;
use super::variables::{Filled, Variables};

/// How much of what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Covers {
    /// All of it.
    All,
    /// Some of it, and not all.
    Some(Part),
    /// Nothing of it.
    Nothing,
    /// Not to be decided: the pattern, and why.
    Unknown(String, String),
}

/// The resource of a question.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    /// As a pattern.
    pub(super) glob: Glob,
    /// The parts of its ARN before the last, where they are plain.
    head: Option<Vec<&'a str>>,
}

impl<'a> Subject<'a> {
    /// The resource that a question asks for.
    pub(super) fn of(asked: Asked<'a>) -> Self {
        let (glob, text) = match asked {
            Asked::Every(pattern) => (Glob::pattern(pattern), pattern),
            Asked::One(name) => (Glob::literal(name), name),
        };
        let mut head: Vec<&str> = text.splitn(PARTS, ':').collect();
        let whole = head.len() == PARTS && head.pop().is_some();
        let plain = !head.iter().any(|part| part.contains(['*', '?']));
        Self {
            glob,
            head: (whole && plain).then_some(head),
        }
    }
}

/// How much of `asked` a resource element is about.
pub(super) fn covers(
    clause: &Clause<&str>,
    subject: &Subject<'_>,
    variables: &Variables<'_>,
) -> Covers {
    let asked = &subject.glob;
    let (patterns, negated) = match clause {
        Clause::Only(patterns) => (patterns, false),
        Clause::AllBut(patterns) => (patterns, true),
        Clause::Unclear(what) => return Covers::Unknown(String::new(), what.clone()),
    };
    let mut certain = Vec::new();
    let mut hits = Vec::new();
    let mut doubtful = None;
    for pattern in patterns {
        let Reach {
            widest,
            text,
            doubt,
        } = read(pattern, variables);
        let hit = asked.intersects(&widest);
        match (hit, doubt) {
            (Some(false), _) => {}
            (Some(true), None) => {
                certain.push(widest);
                hits.push(text);
            }
            (Some(true), Some(why)) => {
                certain.extend(
                    (why == ODD_WILDCARD)
                        .then(|| by_parts(&text, subject))
                        .flatten(),
                );
                doubtful.get_or_insert(((*pattern).to_owned(), why));
            }
            (None, _) => {
                doubtful.get_or_insert(((*pattern).to_owned(), TOO_MUCH.to_owned()));
            }
        }
    }
    let whole = asked.is_within(&certain);
    match (whole, doubtful, negated) {
        (Some(true), _, false) => Covers::All,
        (Some(true), _, true) => Covers::Nothing,
        (_, Some((pattern, why)), _) => Covers::Unknown(pattern, why),
        (None, None, _) => Covers::Unknown(patterns.join(", "), TOO_MUCH.to_owned()),
        (Some(false), None, false) if hits.is_empty() => Covers::Nothing,
        (Some(false), None, true) if hits.is_empty() => Covers::All,
        (Some(false), None, false) => Covers::Some(Part::Only(hits)),
        (Some(false), None, true) => Covers::Some(Part::AllBut(hits)),
    }
}

/// Whether the parts of several statements together are all of `asked`. `Maybe` where parts of the two forms
/// meet in a way that is not worth deciding.
pub(super) fn together(parts: &[&Part], asked: &Glob) -> Tri {
    let globs = |patterns: &[String]| {
        patterns
            .iter()
            .map(|one| Glob::pattern(one))
            .collect::<Vec<_>>()
    };
    let mut only = Vec::new();
    let mut exceptions = Vec::new();
    for part in parts {
        match part {
            Part::Only(patterns) => only.extend(globs(patterns)),
            Part::AllBut(patterns) => exceptions.push(globs(patterns)),
        }
    }
    match asked.is_within(&only) {
        Some(true) => return Tri::Yes,
        Some(false) if exceptions.is_empty() => return Tri::No,
        Some(false) => {}
        None => return Tri::Maybe,
    }
    if only.is_empty() && exceptions.len() == 1 {
        return Tri::No;
    }
    // What one statement excepts, another has: then nothing is left.
    let filled = |excepted: &Vec<Glob>| {
        excepted
            .iter()
            .all(|one| one.is_within(&only) == Some(true))
    };
    let apart = |one: &Vec<Glob>, other: &Vec<Glob>| {
        one.iter().all(|one| {
            other
                .iter()
                .all(|other| one.intersects(other) == Some(false))
        })
    };
    let complete = exceptions.iter().enumerate().any(|(index, one)| {
        filled(one)
            || exceptions
                .iter()
                .skip(index + 1)
                .any(|other| apart(one, other))
    });
    if complete { Tri::Yes } else { Tri::Maybe }
}

const TOO_MUCH: &str = "its patterns are too many or too long to compare";

const ODD_WILDCARD: &str = "it has a wildcard in the parts of the ARN before the last";

/// An ARN has six parts, of which the last may have colons itself.
const PARTS: usize = 6;
/// How many parts stand before the one that names the service.
const SERVICE: usize = 2;

/// A pattern with its variables filled in.
struct Reach {
    /// As far as it may reach.
    widest: Glob,
    /// How it is written then.
    text: String,
    /// Why it may reach less, where it may.
    doubt: Option<String>,
}

fn read(pattern: &str, variables: &Variables<'_>) -> Reach {
    let (widest, text, doubt) = match variables.fill(pattern, true) {
        Filled::Doubtful { widest, why } => (widest, pattern.to_owned(), Some(why)),
        Filled::Certain(widest) if !variables.live_in(pattern) => {
            let doubt = has_odd_wildcard(pattern).then(|| ODD_WILDCARD.to_owned());
            (widest, pattern.to_owned(), doubt)
        }
        Filled::Certain(widest) => match widest.text() {
            Some(text) => {
                let doubt = has_odd_wildcard(&text).then(|| ODD_WILDCARD.to_owned());
                (widest, text, doubt)
            }
            None => (
                widest,
                pattern.to_owned(),
                Some("a wildcard in it stands for itself".to_owned()),
            ),
        },
    };
    Reach {
        widest,
        text,
        doubt,
    }
}

/// Whether a wildcard stands before the last part of an ARN, so that it may or may not reach beyond its part.
///
/// A wildcard stays within its part, but a `*` at the end of a part "can expand to match beyond the colon
/// boundaries": <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>.
/// So a `*` that ends a shorter pattern reaches everything that follows; but the part that names the service takes none.
fn has_odd_wildcard(pattern: &str) -> bool {
    if pattern == "*" {
        return false;
    }
    let mut parts: Vec<&str> = pattern.splitn(PARTS, ':').collect();
    let last = parts.pop().unwrap_or_default();
    match parts.len() {
        // What the last part of a whole ARN has is its own.
        before if before + 1 == PARTS => {}
        before if before > SERVICE => parts.push(last.strip_suffix('*').unwrap_or(last)),
        _ => parts.push(last),
    }
    parts.iter().any(|part| part.contains(['*', '?']))
}

/// The pattern with its first parts made those of the subject, if they match part by part: what it matches
/// at the least. The part that names the service takes no wildcard.
fn by_parts(pattern: &str, subject: &Subject<'_>) -> Option<Glob> {
    let head = subject.head.as_ref()?;
    let mut parts: Vec<&str> = pattern.splitn(PARTS, ':').collect();
    if parts.len() != PARTS
        || parts
            .get(SERVICE)
            .is_some_and(|service| service.contains(['*', '?']))
    {
        return None;
    }
    let last = parts.pop()?;
    let matched = parts
        .iter()
        .zip(head)
        .all(|(part, plain)| Glob::literal(plain).intersects(&Glob::pattern(part)) == Some(true));
    matched.then(|| Glob::pattern(&format!("{}:{last}", head.join(":"))))
}

#[cfg(test)]
mod tests;
