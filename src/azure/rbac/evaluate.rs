//! Whether a principal may read the blobs of an account, and sign links to them: over its assignments, the roles that
//! they are of, and what is denied.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Tri;
use super::condition::{self, Sample};
use super::deny::denials;
use super::role::{Action, Kind, READ_BLOB, SIGN_LINKS, grants};
use super::scope::{Reach, reach};
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
    /// Its assignments, through groups too.
    pub assignments: &'a [Value],
    /// The definition of a role by its ID in lower case; none where it could not be read. The published role is known.
    pub definition: &'a dyn Fn(&str) -> Option<Value>,
    /// What is denied.
    pub denials: &'a [Value],
    /// The blob of which it is asked; where none is, of all.
    pub sample: Option<Sample<'a>>,
    /// The moment.
    pub now: OffsetDateTime,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// Whether it may read blobs.
    pub read: Grant,
    /// Whether it may sign links to them.
    pub sign: Grant,
    /// Whether the assignment that grants is so new that it may not have its effect yet.
    pub settling: bool,
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
    let (read, settling) = grant(question, READ_BLOB);
    let (sign, _) = grant(question, SIGN_LINKS);
    Evaluation {
        read,
        sign,
        settling,
    }
}

/// What one assignment contributes.
enum Share {
    Whole,
    Part(Cause, String),
    Perhaps(String),
    Nothing(Cause, String),
}

fn grant(question: &Question<'_>, action: Action) -> (Grant, bool) {
    let denied = denials(
        question.denials,
        question.principal,
        question.account,
        action,
    );
    if let Some(denial) = denied.iter().find(|denial| denial.forbids == Tri::Yes) {
        return (
            Grant::Denied {
                by: denial.name.clone(),
            },
            false,
        );
    }
    let mut perhaps: Vec<String> = denied
        .iter()
        .filter(|denial| denial.forbids == Tri::Maybe)
        .map(|denial| {
            format!(
                "the deny assignment `{}` may forbid it: {}",
                denial.name, denial.why
            )
        })
        .collect();
    let denial_in_doubt = !perhaps.is_empty();
    let mut whole = Vec::new();
    let mut parts: Vec<(Cause, String)> = Vec::new();
    let mut nothing: Vec<(Cause, String)> = Vec::new();
    for value in question.assignments {
        let Some(assignment) = Assignment::read(value) else {
            perhaps.push("an assignment is of a form that is not known".to_owned());
            continue;
        };
        match share(question, &assignment, action) {
            Share::Whole => whole.push(assignment),
            Share::Part(cause, which) => parts.push((cause, which)),
            Share::Perhaps(why) => perhaps.push(why),
            Share::Nothing(cause, why) => nothing.push((cause, why)),
        }
    }
    if let (Some(first), false) = (whole.first(), denial_in_doubt) {
        // Whichever of them has settled is enough.
        let settling = whole.iter().all(|one| is_new(one, question.now));
        return (
            Grant::Granted {
                by: in_words(first, question.account),
            },
            settling,
        );
    }
    if !perhaps.is_empty() {
        return (Grant::Undetermined { why: perhaps }, false);
    }
    if let Some((cause, _)) = parts.first() {
        return (
            Grant::Partly {
                cause: *cause,
                parts: parts.iter().map(|(_, which)| which.clone()).collect(),
            },
            false,
        );
    }
    let (cause, why) = nothing.into_iter().next().unwrap_or((
        Cause::Z10,
        "it has no role on the storage account, nor above it".to_owned(),
    ));
    (Grant::NotGranted { cause, why }, false)
}

fn share(question: &Question<'_>, assignment: &Assignment<'_>, action: Action) -> Share {
    let name = role_name(assignment, question.definition);
    let known = assignment.is_reader();
    let role = if known {
        Tri::Yes
    } else {
        match (question.definition)(&assignment.role.to_ascii_lowercase()) {
            Some(definition) => grants(&definition, action),
            None => Tri::Maybe,
        }
    };
    let at = reach(assignment.scope, question.account);
    if role == Tri::No {
        let what = match action.kind {
            Kind::Data => "to read blobs",
            Kind::Control => "to sign links",
        };
        return Share::Nothing(
            Cause::Z05,
            format!(
                "its role {name} ({}) has no right {what}",
                place(&at, assignment)
            ),
        );
    }
    match (&at, action.kind) {
        (Reach::Elsewhere | Reach::Below, _) => {
            return Share::Nothing(
                Cause::Z10,
                format!(
                    "its role {name} is assigned elsewhere, at {}",
                    assignment.scope
                ),
            );
        }
        (Reach::Container(container), Kind::Control) => {
            return Share::Nothing(
                Cause::Z04,
                format!(
                    "its role {name} is assigned on the container `{container}` alone, where no right to sign links is had"
                ),
            );
        }
        (Reach::Container(container), Kind::Data)
            if question
                .sample
                .is_some_and(|sample| !sample.container.eq_ignore_ascii_case(container)) =>
        {
            return Share::Nothing(
                Cause::Z04,
                format!("its role {name} is assigned on the container `{container}` alone"),
            );
        }
        (Reach::Container(_) | Reach::Same | Reach::Above, _) => {}
    }
    if role == Tri::Maybe {
        return Share::Perhaps(format!("what the role {name} grants could not be read"));
    }
    // Conditions are on reading and writing blobs, and on nothing of the control plane.
    if action.kind == Kind::Data
        && let Some(text) = assignment.condition
    {
        let decision = condition::decide(text, question.sample);
        match decision.admits {
            Tri::Yes => {}
            Tri::No => {
                return Share::Nothing(
                    Cause::Z06,
                    format!("the condition on its role {name} does not admit it"),
                );
            }
            Tri::Maybe if decision.on_place_alone && question.sample.is_none() => {
                return Share::Part(
                    Cause::Z06,
                    format!("as far as the condition on its role {name} admits: {text}"),
                );
            }
            Tri::Maybe => {
                return Share::Perhaps(format!(
                    "the condition on its role {name} depends on {}",
                    decision.depends_on.join(", ")
                ));
            }
        }
    }
    match at {
        Reach::Container(container) if question.sample.is_none() => {
            Share::Part(Cause::Z04, format!("the container `{container}`"))
        }
        Reach::Container(_) | Reach::Same | Reach::Above | Reach::Below | Reach::Elsewhere => {
            Share::Whole
        }
    }
}

fn role_name(assignment: &Assignment<'_>, definition: &dyn Fn(&str) -> Option<Value>) -> String {
    if assignment.is_reader() {
        return crate::azure::templates::READER.to_owned();
    }
    definition(&assignment.role.to_ascii_lowercase())
        .and_then(|definition| {
            definition
                .get("properties")?
                .get("roleName")?
                .as_str()
                .map(str::to_owned)
        })
        .unwrap_or_else(|| {
            assignment
                .role
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned()
        })
}

fn in_words(assignment: &Assignment<'_>, account: &str) -> String {
    place(&reach(assignment.scope, account), assignment)
}

fn place(at: &Reach, assignment: &Assignment<'_>) -> String {
    match at {
        Reach::Same => "on the storage account".to_owned(),
        Reach::Container(container) => format!("on the container `{container}`"),
        Reach::Above => format!("inherited from {}", assignment.scope),
        Reach::Below | Reach::Elsewhere => format!("at {}", assignment.scope),
    }
}

fn is_new(assignment: &Assignment<'_>, now: OffsetDateTime) -> bool {
    assignment
        .created_on
        .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
        .is_some_and(|made| now - made < SETTLING)
}
