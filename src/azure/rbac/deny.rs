//! Deny assignments: what managed applications and deployment stacks forbid, whoever was assigned what.
//!
//! See <https://learn.microsoft.com/azure/role-based-access-control/deny-assignments>.

use serde_json::Value;

use super::Tri;
use super::condition::decide;
use super::evaluate::{Groups, Question};
use super::role::{Action, any_names};
use super::scope::{Reach, reach};
use super::shape::{Assignment, Condition};

/// Everyone, as deny assignments name them.
pub const EVERYONE: &str = "00000000-0000-0000-0000-000000000000";

/// What a deny assignment says of an action.
pub(super) enum Denial {
    /// It forbids all that is asked.
    Whole,
    /// It forbids a part of it.
    Forbidden(Forbidden),
    /// It cannot be told. Why, as a clause.
    Perhaps(String),
    /// It forbids nothing of it.
    Nothing(&'static str),
}

/// A part that is forbidden.
pub(super) struct Forbidden {
    /// The one container that it is, where it is all of one.
    pub(super) container: Option<String>,
    /// The part in words.
    pub(super) words: String,
}

/// What people call a deny assignment.
pub(super) fn name(assignment: &Value) -> String {
    assignment
        .get("properties")
        .and_then(|properties| properties.get("denyAssignmentName"))
        .or_else(|| assignment.get("name"))
        .and_then(Value::as_str)
        .unwrap_or("without a name")
        .to_owned()
}

/// What a deny assignment says of `action`.
///
/// A certain no among the parts that decide is looked for first, so that what is not understood does not hide it.
pub(super) fn denial(question: &Question<'_>, assignment: &Value, action: Action) -> Denial {
    let Some(properties) = assignment.get("properties").filter(|one| one.is_object()) else {
        return Denial::Perhaps("it is of a form that is not known".to_owned());
    };
    let named = match properties.get("permissions") {
        Some(Value::Array(permissions)) => any_names(permissions, action),
        Some(_) | None => Tri::Maybe,
    };
    let meant = among(question, properties.get("principals"));
    let spared = among(question, properties.get("excludePrincipals")).not();
    let enforced = match properties.get("denyAssignmentEffect") {
        None | Some(Value::Null) => Tri::Yes,
        Some(effect) if effect == "Enforced" => Tri::Yes,
        Some(_) => Tri::Maybe,
    };
    let (reached, part) = reached(question, properties, action);
    let answers = [
        (
            named,
            "it is about other actions",
            "its permissions are of a form that is not known",
        ),
        (
            meant,
            "it is about others",
            "it names a group, or what is not known, and whether the app is in it is not known",
        ),
        (
            spared,
            "it spares the app",
            "it spares a group, or what is not known, and whether the app is in it is not known",
        ),
        (
            reached,
            "it does not reach what is asked",
            "what it reaches of the account is not known",
        ),
        (
            enforced,
            "it is not enforced",
            "whether it is enforced is not known",
        ),
    ];
    if let Some((_, why, _)) = answers.iter().find(|(answer, _, _)| *answer == Tri::No) {
        return Denial::Nothing(why);
    }
    let mut doubts: Vec<String> = answers
        .iter()
        .filter(|(answer, _, _)| *answer == Tri::Maybe)
        .map(|(_, _, doubt)| (*doubt).to_owned())
        .collect();
    let limited = match Condition::read(properties) {
        Condition::None => None,
        Condition::Unclear(why) => {
            doubts.push(why.to_owned());
            None
        }
        Condition::Text(text) => {
            let decision = decide(text, &question.asked(action));
            match decision.admits {
                Tri::Yes => None,
                Tri::No => return Denial::Nothing("its condition does not hold"),
                Tri::Maybe if decision.on_place_alone => Some(text),
                Tri::Maybe => {
                    doubts.push(format!(
                        "its condition depends on {}",
                        decision.depends_on.join(", ")
                    ));
                    None
                }
            }
        }
    };
    if !doubts.is_empty() {
        return Denial::Perhaps(doubts.join("; "));
    }
    match (part, limited) {
        (None, None) => Denial::Whole,
        (Some(container), None) => Denial::Forbidden(Forbidden {
            words: format!("the container `{container}`"),
            container: Some(container),
        }),
        (Some(container), Some(text)) => Denial::Forbidden(Forbidden {
            words: format!("the container `{container}`, where its condition holds: {text}"),
            container: None,
        }),
        (None, Some(text)) => Denial::Forbidden(Forbidden {
            words: format!("what its condition is about: {text}"),
            container: None,
        }),
    }
}

/// Whether a deny assignment reaches what is asked, and the container that it is alone about.
fn reached(question: &Question<'_>, properties: &Value, action: Action) -> (Tri, Option<String>) {
    let Some(scope) = properties.get("scope").and_then(Value::as_str) else {
        return (Tri::Maybe, None);
    };
    // Whether it stays at its scope and leaves out what is below.
    let stays = match properties.get("doNotApplyToChildScopes") {
        None | Some(Value::Null | Value::Bool(false)) => Tri::No,
        Some(Value::Bool(true)) => Tri::Yes,
        Some(_) => Tri::Maybe,
    };
    match (
        reach(scope, question.account),
        action.is_below_a_container(),
    ) {
        (Reach::Above, _) => (stays.not(), None),
        // Whether the blob service of an account is a scope below it, is not documented.
        (Reach::Same, _) if stays == Tri::No => (Tri::Yes, None),
        (Reach::Same | Reach::Blobs, _) => (Tri::Maybe, None),
        (Reach::Container(_), false) | (Reach::Below | Reach::Elsewhere, _) => (Tri::No, None),
        (Reach::Container(container), true) => {
            let here = match question.sample {
                None => return (stays.not().or(Tri::Maybe), Some(container)),
                Some(sample) => Tri::from(sample.container.eq_ignore_ascii_case(&container)),
            };
            (here.and(stays.not().or(Tri::Maybe)), None)
        }
    }
}

/// Whether the principal is in a list: itself, as one of everyone, or through a group that it is known to be in.
fn among(question: &Question<'_>, list: Option<&Value>) -> Tri {
    let list = match list {
        None | Some(Value::Null) => return Tri::No,
        Some(Value::Array(list)) => list,
        Some(_) => return Tri::Maybe,
    };
    list.iter()
        .map(|one| {
            let text = |name: &str| one.get(name).and_then(Value::as_str).unwrap_or_default();
            let id = text("id");
            let is_its_group = || {
                question.groups == Groups::ItsOwn
                    && question
                        .assignments
                        .iter()
                        .filter_map(Assignment::read)
                        .any(|assignment| assignment.is_of_a_group() && assignment.is_of(id))
            };
            if id.eq_ignore_ascii_case(question.principal) || id == EVERYONE || is_its_group() {
                Tri::Yes
            } else if !id.is_empty()
                && ["ServicePrincipal", "User", "Device"].contains(&text("type"))
            {
                Tri::No
            } else {
                Tri::Maybe
            }
        })
        .fold(Tri::No, Tri::or)
}
