//! Whether a principal may read the blobs of an account, and sign links to them: over its assignments, the roles that
//! they are of, and what is denied.
//!
//! Never a false yes: what is not understood is a possible denial and a possible grant. And never a false doubt: what is
//! certainly denied, or certainly granted by nothing, is so whatever else is not understood.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Tri;
use super::condition::{Asked, Sample};
use super::contribution::{Contribution, Part, contribution, place, role_name};
use super::deny::{self, Denial, Forbidden};
use super::role::{Action, READ_BLOB, SIGN_LINKS};
use super::scope::reach;
use super::shape::Assignment;
use crate::catalogue::Cause;

/// Azure itself says that an assignment may take as long to have its effect:
/// <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected>.
const SETTLING: time::Duration = time::Duration::minutes(10);

/// What is asked, and what is known.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The principal's object ID.
    pub principal: &'a str,
    /// The account's resource ID.
    pub account: &'a str,
    /// Its assignments: its own, and those of groups. Somebody else's may stand among them and grant it nothing.
    pub assignments: &'a [Value],
    /// The definition of a role by its ID in lower case; none where it could not be read. The published role is known.
    pub definition: &'a dyn Fn(&str) -> Option<Value>,
    /// What is denied at and above the account.
    pub denials: &'a [Value],
    /// What the groups among them are to the principal.
    pub groups: Groups,
    /// The blob of which it is asked; where none is, of all.
    pub sample: Option<Sample<'a>>,
    /// The moment.
    pub now: OffsetDateTime,
}

impl<'a> Question<'a> {
    /// What a condition is asked.
    pub(super) fn asked(&self, action: Action) -> Asked<'a> {
        Asked {
            action,
            account: self
                .account
                .trim_end_matches('/')
                .rsplit('/')
                .next()
                .unwrap_or_default(),
            sample: self.sample,
        }
    }
}

/// What a group among the assignments is to the principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// The principal is in each, as where they were asked for with `assignedTo`.
    ItsOwn,
    /// Whether it is in one is not known.
    NotKnown,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Whether it may read blobs.
    pub read: Grant,
    /// Whether it may sign links to them.
    pub sign: Grant,
    /// Whether everything that grants the one or the other is so new that it may not have its effect yet (Z07).
    pub settling: bool,
    /// What each assignment and each denial was found to say, for reading and for signing.
    pub trace: Vec<Trace>,
}

/// What one assignment, or one denial, says of one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The action.
    pub action: &'static str,
    /// The role assignment's ID, or the deny assignment's name.
    pub entry: String,
    /// Whether it grants it, or denies it.
    pub answer: Tri,
    /// Why: the role, the scope, the condition.
    pub why: String,
}

/// Whether something is granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// By this assignment.
    Granted {
        /// Which, in words.
        by: String,
    },
    /// For a part of the account.
    Partly {
        /// The cause.
        cause: Cause,
        /// Which parts, in words.
        parts: Vec<String>,
    },
    /// Not at all.
    NotGranted {
        /// The cause.
        cause: Cause,
        /// What there is instead, in words.
        why: String,
    },
    /// A deny assignment forbids it.
    Denied {
        /// Its name.
        by: String,
    },
    /// It cannot be told.
    Undetermined {
        /// Why not.
        why: Vec<String>,
    },
}

/// Evaluates.
#[must_use]
pub fn evaluate(question: &Question<'_>) -> Evaluation {
    let mut trace = Vec::new();
    let (read, read_settling) = grant(question, READ_BLOB, &mut trace);
    let (sign, sign_settling) = grant(question, SIGN_LINKS, &mut trace);
    Evaluation {
        read,
        sign,
        settling: read_settling || sign_settling,
        trace,
    }
}

/// Whether one action is granted, for whatever it is: by the same rules as reading.
#[must_use]
pub fn may(question: &Question<'_>, action: Action) -> (Grant, Vec<Trace>) {
    let mut trace = Vec::new();
    let (grant, _) = grant(question, action, &mut trace);
    (grant, trace)
}

/// What the denials say together.
#[derive(Default)]
struct Denials {
    whole: Vec<String>,
    parts: Vec<(String, Forbidden)>,
    perhaps: Vec<String>,
}

/// What the assignments contribute together.
#[derive(Default)]
struct Grants<'a> {
    whole: Vec<Assignment<'a>>,
    parts: Vec<Part>,
    perhaps: Vec<String>,
    nothing: Vec<(Cause, String)>,
}

/// Whether an action is granted, and whether all that grants it is new.
fn grant(question: &Question<'_>, action: Action, trace: &mut Vec<Trace>) -> (Grant, bool) {
    let denials = denials(question, action, trace);
    let grants = grants(question, action, trace);
    if let Some(by) = denials.whole.first() {
        return (Grant::Denied { by: by.clone() }, false);
    }
    if let Some(first) = grants.whole.first() {
        if !denials.perhaps.is_empty() {
            return (
                Grant::Undetermined {
                    why: denials.perhaps,
                },
                false,
            );
        }
        if denials.parts.is_empty() {
            // Whichever of them has settled is enough.
            let settling = grants.whole.iter().all(|one| is_new(one, question.now));
            let by = place(&reach(first.scope, question.account), first);
            return (Grant::Granted { by }, settling);
        }
        let parts = denials.parts.iter().map(|(by, part)| {
            format!(
                "all but {}, which the deny assignment `{by}` forbids",
                part.words
            )
        });
        return (
            Grant::Partly {
                cause: Cause::Z08,
                parts: parts.collect(),
            },
            false,
        );
    }
    if !grants.perhaps.is_empty() {
        let why = [grants.perhaps, denials.perhaps].concat();
        return (Grant::Undetermined { why }, false);
    }
    if grants.parts.is_empty() {
        let nearest = grants
            .nothing
            .into_iter()
            .min_by_key(|(cause, _)| nearness(*cause));
        let (cause, why) = nearest.unwrap_or((
            Cause::Z10,
            "it has no role on the storage account, nor above it".to_owned(),
        ));
        return (Grant::NotGranted { cause, why }, false);
    }
    (partly(grants.parts, denials), false)
}

/// Parts that are granted, less what is denied of them.
fn partly(parts: Vec<Part>, denials: Denials) -> Grant {
    let forbidden = |part: &Part| {
        denials.parts.iter().find(|(_, forbidden)| {
            part.container.is_some() && forbidden.container == part.container
        })
    };
    let (gone, left): (Vec<Part>, Vec<Part>) = parts
        .into_iter()
        .partition(|part| forbidden(part).is_some());
    let Some(first) = left.first() else {
        let by = gone.first().and_then(forbidden);
        return Grant::Denied {
            by: by.map(|(by, _)| by.clone()).unwrap_or_default(),
        };
    };
    // Doubt about more denials does not hide that nothing is left, and hides whether something is.
    if !denials.perhaps.is_empty() {
        return Grant::Undetermined {
            why: denials.perhaps,
        };
    }
    let but = denials.parts.iter().map(|(by, part)| {
        format!(
            "but not {}, which the deny assignment `{by}` forbids",
            part.words
        )
    });
    Grant::Partly {
        cause: first.cause,
        parts: left
            .iter()
            .map(|part| part.words.clone())
            .chain(but)
            .collect(),
    }
}

fn denials(question: &Question<'_>, action: Action, trace: &mut Vec<Trace>) -> Denials {
    let mut denials = Denials::default();
    for assignment in question.denials {
        let name = deny::name(assignment);
        let (answer, why) = match deny::denial(question, assignment, action) {
            Denial::Whole => {
                denials.whole.push(name.clone());
                (Tri::Yes, "it forbids it".to_owned())
            }
            Denial::Forbidden(part) => {
                let words = format!("a part: {}", part.words);
                denials.parts.push((name.clone(), part));
                (Tri::Yes, words)
            }
            Denial::Perhaps(why) => {
                denials
                    .perhaps
                    .push(format!("the deny assignment `{name}` may forbid it: {why}"));
                (Tri::Maybe, why)
            }
            Denial::Nothing(why) => (Tri::No, why.to_owned()),
        };
        trace.push(Trace {
            action: action.name,
            entry: name,
            answer,
            why,
        });
    }
    denials
}

fn grants<'a>(question: &Question<'a>, action: Action, trace: &mut Vec<Trace>) -> Grants<'a> {
    let mut grants = Grants::default();
    let mut seen: Vec<&Value> = Vec::new();
    for value in question.assignments {
        if seen.contains(&value) {
            continue;
        }
        seen.push(value);
        let Some(assignment) = Assignment::read(value) else {
            let why = "an assignment is of a form that is not known".to_owned();
            trace.push(Trace {
                action: action.name,
                entry: String::new(),
                answer: Tri::Maybe,
                why: why.clone(),
            });
            grants.perhaps.push(why);
            continue;
        };
        let role = role_name(question, &assignment);
        let found = contribution(question, &assignment, &role, action);
        trace.push(found.trace(action, &assignment, &role));
        match found {
            Contribution::Whole => grants.whole.push(assignment),
            Contribution::Part(part) => grants.parts.push(part),
            Contribution::Perhaps(why) => grants.perhaps.push(why),
            Contribution::Nothing(cause, why) => grants.nothing.push((cause, why)),
        }
    }
    grants
}

/// Of several causes why nothing is granted, how near each is to granting it.
fn nearness(cause: Cause) -> usize {
    [Cause::Z06, Cause::Z04, Cause::Z05, Cause::Z03]
        .iter()
        .position(|one| *one == cause)
        .unwrap_or(usize::MAX)
}

/// Whether an assignment is so new that it may not have its effect yet. One whose moment is not told is not.
fn is_new(assignment: &Assignment<'_>, now: OffsetDateTime) -> bool {
    assignment
        .created_on
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
        .is_some_and(|made| now - made < SETTLING)
}
