//! What a policy says to a question, in three values: yes, no, and "cannot be decided from here".
//!
//! Never a false yes: whatever is not understood counts as a possible denial and a possible grant. Block Public
//! Access, organization policies and the policies of the one who asks are not looked at.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use serde_json::Value;

use super::condition::Finding;
use super::coverage::{self, Covers, Subject};
use super::denial::{self, denials};
use super::document::{Document, Version};
use super::judged::{Judged, Reach, judge};
use super::nearest::nearest;
use super::outcome::{Asked, Evaluation, Outcome, Part, Question, Reason, Share, Through, Tri};
use super::side::Side;
use super::statement::Effect;
use super::variables::Variables;

/// What the policy says to the question; no policy grants nothing.
///
/// It takes any JSON, and any size of patterns: what is too much to compare is not decided.
#[must_use]
pub fn evaluate(policy: Option<&Value>, question: &Question<'_>) -> Evaluation {
    let Some(policy) = policy else {
        return bare(Outcome::NotGranted {
            cause: "A01",
            near: None,
        });
    };
    let document = match Document::read(policy) {
        Ok(document) => document,
        Err(why) => {
            let reason = doubt("Statement", "", &format!("it is not understood: {}", why.0));
            let mut evaluation = bare(Outcome::Undetermined {
                reasons: vec![reason.clone()],
            });
            evaluation.unsure.push(reason);
            return evaluation;
        }
    };
    let asked = Subject::of(question.resource);
    let variables = Variables {
        version: document.version,
        circumstances: question.circumstances,
    };
    let judged: Vec<Judged<'_, '_>> = document
        .statements
        .iter()
        .map(|statement| judge(statement, question, &asked, &variables))
        .collect();
    combine(&judged, &doubts(&document), question, &asked, &variables)
}

/// Puts the statements together: a denial over everything, then doubt, then grants.
fn combine(
    judged: &[Judged<'_, '_>],
    doubts: &[Reason],
    question: &Question<'_>,
    asked: &Subject<'_>,
    variables: &Variables<'_>,
) -> Evaluation {
    let denies = Side::of(judged, Effect::Deny, doubts, asked);
    let allows = Side::of(judged, Effect::Allow, doubts, asked);
    let mut unsure = doubts.to_vec();
    unsure.extend(
        judged
            .iter()
            .filter(|one| one.reach() == Reach::Doubtful)
            .flat_map(Judged::open_reasons),
    );
    let outcome = if denies.all == Tri::Yes {
        denied(&denies)
    } else if allows.is_empty() {
        let (cause, near) = nearest(judged, question, &asked.glob);
        Outcome::NotGranted { cause, near }
    } else if nothing_is_left(&allows, &denies, asked, variables) {
        // Whatever else is denied: doubt about more denials does not hide that all that is granted is denied.
        denied(&denies)
    } else if !denies.open.is_empty() {
        undetermined(denies.open.clone())
    } else if denies.all == Tri::Maybe {
        undetermined(vec![doubt(
            "Resource",
            "",
            "what its denials leave cannot be decided",
        )])
    } else if allows.all == Tri::Yes {
        if denies.shares.is_empty() {
            granted(&allows)
        } else {
            Outcome::PartlyDenied {
                patterns: denies.shares.clone(),
            }
        }
    } else if !allows.open.is_empty() {
        undetermined(allows.open.clone())
    } else if allows.all == Tri::Maybe {
        undetermined(vec![doubt(
            "Resource",
            "",
            "what its grants add up to cannot be decided",
        )])
    } else {
        partly_allowed(&allows, &denies, asked, variables)
    };
    Evaluation {
        outcome,
        denied_parts: denies.shares,
        allowed_parts: allows.shares,
        denials: denials(judged),
        unsure,
        trace: judged.iter().flat_map(|one| one.reasons.clone()).collect(),
    }
}

fn labels(judged: &[&Judged<'_, '_>]) -> Vec<String> {
    judged
        .iter()
        .map(|one| one.statement.label.clone())
        .collect()
}

fn denied(denies: &Side<'_, '_, '_>) -> Outcome {
    let deciding = denies.deciding();
    let mut words: Vec<String> = Vec::new();
    for one in &deciding {
        let elements = one.reasons.iter().filter(|one| one.element != "Condition");
        let said = elements
            .map(|reason| reason.why.clone())
            .chain(one.conditions.iter().map(Finding::in_words));
        for word in said {
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    Outcome::Denied {
        by: labels(&deciding),
        cause: denial::first(deciding.iter().map(|one| denial::cause(one))).unwrap_or("A49"),
        why: words.join("; "),
    }
}

fn granted(allows: &Side<'_, '_, '_>) -> Outcome {
    let whole: Vec<_> = allows.whole().copied().collect();
    for through in [Through::Itself, Through::Everyone] {
        let named: Vec<_> = whole
            .iter()
            .copied()
            .filter(|one| one.through == Some(through))
            .collect();
        if !named.is_empty() {
            return Outcome::Allowed {
                by: labels(&named),
                through,
            };
        }
    }
    let deciding = allows.deciding();
    let all_by = |through| deciding.iter().all(|one| one.through == Some(through));
    let by = labels(&deciding);
    if all_by(Through::Itself) {
        Outcome::Allowed {
            by,
            through: Through::Itself,
        }
    } else if deciding
        .iter()
        .any(|one| one.through == Some(Through::Account))
    {
        Outcome::GrantedToAccount { by }
    } else {
        Outcome::Allowed {
            by,
            through: Through::Everyone,
        }
    }
}

fn undetermined(reasons: Vec<Reason>) -> Outcome {
    Outcome::Undetermined { reasons }
}

/// How many granted patterns are held against what is denied.
const COMPARED: usize = 64;

/// Grants of parts, less what is denied of each part.
fn partly_allowed(
    allows: &Side<'_, '_, '_>,
    denies: &Side<'_, '_, '_>,
    asked: &Subject<'_>,
    variables: &Variables<'_>,
) -> Outcome {
    let too_much = || {
        undetermined(vec![doubt(
            "Resource",
            "",
            "what its denials leave of its grants cannot be decided",
        )])
    };
    if denies.certain.is_empty() {
        return Outcome::PartlyAllowed {
            patterns: allows.shares.clone(),
        };
    }
    let mut left = Vec::new();
    let mut compared = 0;
    for share in &allows.shares {
        let Part::Only(patterns) = &share.part else {
            return too_much();
        };
        let mut remaining = Vec::new();
        for pattern in patterns {
            compared += 1;
            if compared > COMPARED {
                return too_much();
            }
            match denied_of(pattern, denies, asked, variables) {
                Tri::Yes => {}
                Tri::No => remaining.push(pattern.clone()),
                Tri::Maybe => return too_much(),
            }
        }
        if !remaining.is_empty() {
            left.push(Share {
                by: share.by.clone(),
                part: Part::Only(remaining),
            });
        }
    }
    if left.is_empty() {
        denied(denies)
    } else {
        Outcome::PartlyAllowed { patterns: left }
    }
}

/// Whether all that is granted is certainly denied, where that is parts of what is asked for, and nothing is in doubt
/// that may grant more.
fn nothing_is_left(
    allows: &Side<'_, '_, '_>,
    denies: &Side<'_, '_, '_>,
    asked: &Subject<'_>,
    variables: &Variables<'_>,
) -> bool {
    if !allows.open.is_empty() || allows.all == Tri::Yes || denies.certain.is_empty() {
        return false;
    }
    let mut patterns = Vec::new();
    for share in &allows.shares {
        let Part::Only(granted) = &share.part else {
            return false;
        };
        patterns.extend(granted);
    }
    !patterns.is_empty()
        && patterns.len() <= COMPARED
        && patterns
            .iter()
            .all(|pattern| denied_of(pattern, denies, asked, variables) == Tri::Yes)
}

/// Whether all that a pattern grants of what is asked for is denied.
fn denied_of(
    pattern: &str,
    denies: &Side<'_, '_, '_>,
    asked: &Subject<'_>,
    variables: &Variables<'_>,
) -> Tri {
    let granted = Subject::of(Asked::Every(pattern));
    let mut parts = Vec::new();
    let mut unknown = false;
    for one in &denies.certain {
        match coverage::covers(&one.statement.resource, &granted, variables) {
            Covers::All => return Tri::Yes,
            Covers::Some(part) => parts.push(part),
            Covers::Nothing => {}
            Covers::Unknown(..) => unknown = true,
        }
    }
    if unknown {
        return Tri::Maybe;
    }
    if parts.is_empty() {
        return Tri::No;
    }
    match coverage::together(&parts.iter().collect::<Vec<_>>(), &granted.glob) {
        // A pattern that reaches beyond what is asked for may be left over only out there.
        Tri::No if granted.glob.is_within(std::slice::from_ref(&asked.glob)) != Some(true) => {
            Tri::Maybe
        }
        answer => answer,
    }
}

/// What is not understood of the document as a whole. Each may be a grant or a denial.
fn doubts(document: &Document<'_>) -> Vec<Reason> {
    let mut doubts = Vec::new();
    for label in &document.unreadable {
        doubts.push(Reason {
            statement: label.clone(),
            ..doubt("Statement", "", "it is not a JSON object")
        });
    }
    for unknown in &document.unknown {
        doubts.push(doubt(
            unknown,
            "",
            "the policy language has no such element",
        ));
    }
    if document.version == Version::Unclear {
        doubts.push(doubt(
            "Version",
            "",
            "it is neither `2012-10-17` nor `2008-10-17`",
        ));
    }
    doubts
}

fn doubt(element: &str, value: &str, why: &str) -> Reason {
    Reason {
        statement: "the policy".to_owned(),
        element: element.to_owned(),
        value: value.to_owned(),
        answer: Tri::Maybe,
        why: why.to_owned(),
        suspected: None,
        varies: false,
    }
}

fn bare(outcome: Outcome) -> Evaluation {
    Evaluation {
        outcome,
        denied_parts: Vec::new(),
        allowed_parts: Vec::new(),
        denials: Vec::new(),
        unsure: Vec::new(),
        trace: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
