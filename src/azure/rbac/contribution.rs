//! What one role assignment contributes to one action on one account: all of it, a part, perhaps something, or nothing,
//! and why.

use super::condition::decide;
use super::evaluate::{Groups, Question};
use super::role::{Action, grants, published};
use super::scope::{Reach, reach};
use super::shape::{Assignment, Condition};
use super::{Trace, Tri};
use crate::azure::templates::READER;
use crate::catalogue::Cause;

/// What an assignment contributes.
pub(super) enum Contribution {
    /// The action, for everything that is asked.
    Whole,
    /// The action for a part of what is asked.
    Part(Part),
    /// It cannot be told. Why, as a clause.
    Perhaps(String),
    /// Nothing: the cause, and why, as a clause.
    Nothing(Cause, String),
}

/// A part of an account.
pub(super) struct Part {
    /// The cause that it is no more than a part.
    pub(super) cause: Cause,
    /// The one container that it is, where it is all of one.
    pub(super) container: Option<String>,
    /// The part in words.
    pub(super) words: String,
}

impl Contribution {
    /// What was found, for the trace.
    pub(super) fn trace(&self, action: Action, assignment: &Assignment<'_>, role: &str) -> Trace {
        let (answer, why) = match self {
            Self::Whole => (Tri::Yes, format!("its role {role} grants it")),
            Self::Part(part) => (Tri::Yes, format!("a part: {}", part.words)),
            Self::Perhaps(why) => (Tri::Maybe, why.clone()),
            Self::Nothing(_, why) => (Tri::No, why.clone()),
        };
        Trace {
            action: action.name,
            entry: assignment.id.to_owned(),
            answer,
            why,
        }
    }
}

/// What an assignment contributes; one to a group that the principal need not be in, perhaps.
pub(super) fn contribution(
    question: &Question<'_>,
    assignment: &Assignment<'_>,
    role: &str,
    action: Action,
) -> Contribution {
    let found = if_it_is_meant(question, assignment, role, action);
    let is_its_own = assignment.is_of(question.principal)
        || !assignment.is_of_a_group()
        || question.groups == Groups::ItsOwn;
    if is_its_own {
        return found;
    }
    let where_it_is = place(&reach(assignment.scope, question.account), assignment);
    match found {
        Contribution::Whole | Contribution::Part(_) => Contribution::Perhaps(format!(
            "the role {role} ({where_it_is}) has the right to {}, and whether the app is in that group is not known",
            action.words
        )),
        Contribution::Perhaps(why) => Contribution::Perhaps(format!(
            "{why}; nor is it known whether the app is in the group {}",
            assignment.principal
        )),
        Contribution::Nothing(_, why) => Contribution::Nothing(Cause::Z10, why),
    }
}

/// What an assignment contributes to whom it is meant for.
fn if_it_is_meant(
    question: &Question<'_>,
    assignment: &Assignment<'_>,
    role: &str,
    action: Action,
) -> Contribution {
    let at = reach(assignment.scope, question.account);
    let where_it_is = place(&at, assignment);
    if let Some(other) = for_another(question, assignment, role, &where_it_is) {
        return other;
    }
    let granted = if assignment.is_reader() {
        published(action)
    } else {
        (question.definition)(&assignment.role.to_ascii_lowercase())
            .map_or(Tri::Maybe, |definition| grants(&definition, action))
    };
    if granted == Tri::No {
        return Contribution::Nothing(
            Cause::Z05,
            format!(
                "its role {role} ({where_it_is}) has no right to {}",
                action.words
            ),
        );
    }
    let part = match within(question, at, role, action) {
        Ok(part) => part,
        Err(nothing) => return nothing,
    };
    if granted == Tri::Maybe {
        return Contribution::Perhaps(format!(
            "what the role {role} ({where_it_is}) grants could not be read"
        ));
    }
    match conditioned(question, assignment, role, action) {
        Ok(None) => part.map_or(Contribution::Whole, Contribution::Part),
        // Both restrict: the one in words, and all of no container.
        Ok(Some(limited)) => Contribution::Part(Part {
            words: match part {
                Some(part) => format!("{}, {}", part.words, limited.words),
                None => limited.words,
            },
            ..limited
        }),
        Err(other) => other,
    }
}

/// Whether an assignment is for somebody else. A group's counts: which groups those are, [`Question::groups`] says.
fn for_another(
    question: &Question<'_>,
    assignment: &Assignment<'_>,
    role: &str,
    where_it_is: &str,
) -> Option<Contribution> {
    if assignment.is_of(question.principal) || assignment.is_of_a_group() {
        return None;
    }
    Some(match assignment.principal_type {
        Some("ServicePrincipal" | "User" | "Device") => Contribution::Nothing(
            Cause::Z03,
            format!(
                "the role {role} ({where_it_is}) is assigned to {}, which is not its object ID",
                assignment.principal
            ),
        ),
        Some(_) | None => Contribution::Perhaps(format!(
            "the role {role} ({where_it_is}) is assigned to {}, and what that is, is not known",
            assignment.principal
        )),
    })
}

/// What of the account the scope of an assignment reaches: all of what is asked, or a part.
fn within(
    question: &Question<'_>,
    at: Reach,
    role: &str,
    action: Action,
) -> Result<Option<Part>, Contribution> {
    match (at, action.is_below_a_container()) {
        (Reach::Same | Reach::Above, _) => Ok(None),
        (Reach::Container(container), false) => Err(Contribution::Nothing(
            Cause::Z04,
            format!(
                "its role {role} is assigned on the container `{container}` alone, where no right to {} is had",
                action.words
            ),
        )),
        (Reach::Container(container), true) => match question.sample {
            None => Ok(Some(Part {
                cause: Cause::Z04,
                words: format!("the container `{container}`"),
                container: Some(container),
            })),
            Some(sample) if sample.container.eq_ignore_ascii_case(&container) => Ok(None),
            Some(_) => Err(Contribution::Nothing(
                Cause::Z04,
                format!("its role {role} is assigned on the container `{container}` alone"),
            )),
        },
        (Reach::Blobs, _) => Err(Contribution::Perhaps(format!(
            "what its role {role} reaches is not known: it is assigned below the account, and not on a container"
        ))),
        (Reach::Below | Reach::Elsewhere, _) => Err(Contribution::Nothing(
            Cause::Z10,
            format!("its role {role} is assigned elsewhere"),
        )),
    }
}

/// What the condition of an assignment leaves of it.
fn conditioned(
    question: &Question<'_>,
    assignment: &Assignment<'_>,
    role: &str,
    action: Action,
) -> Result<Option<Part>, Contribution> {
    let text = match assignment.condition {
        Condition::None => return Ok(None),
        Condition::Unclear(why) => {
            return Err(Contribution::Perhaps(format!("its role {role}: {why}")));
        }
        Condition::Text(text) => text,
    };
    let decision = decide(text, &question.asked(action));
    match decision.admits {
        Tri::Yes => Ok(None),
        Tri::No => Err(Contribution::Nothing(
            Cause::Z06,
            format!("the condition on its role {role} does not admit it: {text}"),
        )),
        Tri::Maybe if decision.on_place_alone => Ok(Some(Part {
            cause: Cause::Z06,
            container: None,
            words: format!("as far as the condition on its role {role} admits: {text}"),
        })),
        Tri::Maybe => Err(Contribution::Perhaps(format!(
            "the condition on its role {role} depends on {}",
            decision.depends_on.join(", ")
        ))),
    }
}

/// What a role is called.
pub(super) fn role_name(question: &Question<'_>, assignment: &Assignment<'_>) -> String {
    if assignment.is_reader() {
        return READER.to_owned();
    }
    (question.definition)(&assignment.role.to_ascii_lowercase())
        .and_then(|definition| {
            let name = definition.get("properties")?.get("roleName")?;
            name.as_str().map(str::to_owned)
        })
        .unwrap_or_else(|| assignment.role_id().to_owned())
}

/// Where an assignment is, in words.
pub(super) fn place(at: &Reach, assignment: &Assignment<'_>) -> String {
    let place = match at {
        Reach::Same => "on the storage account".to_owned(),
        Reach::Container(container) => format!("on the container `{container}`"),
        Reach::Above => format!("inherited from {}", assignment.scope),
        Reach::Blobs | Reach::Below | Reach::Elsewhere => format!("at {}", assignment.scope),
    };
    if assignment.is_of_a_group() {
        format!("{place}, through the group {}", assignment.principal)
    } else {
        place
    }
}
