//! One statement held against a question: what each of its elements answers, and how far it reaches.
//!
//! Every element is judged, so that a reader can be shown all of them. It does not weigh statements against
//! each other.

use super::coverage::{self, Covers, Subject};
use super::outcome::{Question, Reason, Through, Tri};
use super::statement::{Clause, Effect, Statement};
use super::variables::Variables;
use super::{action, condition, principal};

/// What was found for one statement.
pub(super) struct Judged<'s, 'a> {
    pub(super) statement: &'s Statement<'a>,
    pub(super) principal: Tri,
    pub(super) action: Tri,
    pub(super) condition: Tri,
    /// What was found for each operator and key of its condition.
    pub(super) conditions: Vec<condition::Finding>,
    /// Whether all that is left of it is understood.
    pub(super) rest: Tri,
    /// Yes also where it is about a part only.
    pub(super) resource: Tri,
    pub(super) covers: Covers,
    /// Whether it applies at all, to whatever part of the resource.
    applies: Tri,
    pub(super) through: Option<Through>,
    pub(super) reasons: Vec<Reason>,
}

/// How far a statement reaches for certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// It does not apply.
    Nothing,
    /// Whether or how far it applies cannot be decided.
    Doubtful,
    /// It applies to a part of what is asked for.
    Part,
    /// It applies to all of it.
    All,
}

impl Judged<'_, '_> {
    pub(super) fn reach(&self) -> Reach {
        match (self.applies, &self.covers) {
            (Tri::No, _) | (_, Covers::Nothing) => Reach::Nothing,
            (Tri::Maybe, _) | (_, Covers::Unknown(..)) => Reach::Doubtful,
            (Tri::Yes, Covers::Some(_)) => Reach::Part,
            (Tri::Yes, Covers::All) => Reach::All,
        }
    }

    pub(super) fn open_reasons(&self) -> impl Iterator<Item = Reason> {
        self.reasons
            .iter()
            .filter(|reason| reason.answer == Tri::Maybe)
            .cloned()
    }
}

/// Judges one statement.
pub(super) fn judge<'s, 'a>(
    statement: &'s Statement<'a>,
    question: &Question<'_>,
    asked: &Subject<'_>,
    variables: &Variables<'_>,
) -> Judged<'s, 'a> {
    let mut reasons = Vec::new();
    let mut note = |element: &str, value: &str, answer, why: &str, (suspected, varies)| {
        reasons.push(Reason {
            statement: statement.label.clone(),
            element: element.to_owned(),
            value: clip(value),
            answer,
            why: why.to_owned(),
            suspected,
            varies,
        });
        answer
    };
    let whom = principal::judge(&statement.principal, statement.effect, question);
    let element = name(&statement.principal, "Principal", "NotPrincipal");
    let who = note(
        element,
        &whom.value,
        whom.answer,
        &whom.why,
        (whom.suspected, false),
    );
    let (answer, value, why) = action::judge(&statement.action, question.action);
    let element = name(&statement.action, "Action", "NotAction");
    let what = note(element, &value, answer, &why, (None, false));
    let covers = coverage::covers(&statement.resource, asked, variables);
    let element = name(&statement.resource, "Resource", "NotResource");
    let (answer, value, why) = in_words(&covers);
    let resource = note(element, &value, answer, &why, (None, false));
    let (condition, conditions) =
        condition::judge(statement.condition, statement.effect, variables);
    for finding in &conditions {
        note(
            "Condition",
            &finding.value,
            finding.answer,
            &finding.why,
            (finding.suspected, finding.varies),
        );
    }
    let mut rest = Tri::Yes;
    for unknown in &statement.unknown {
        rest = note(
            unknown,
            "",
            Tri::Maybe,
            "the policy language has no such element",
            (None, false),
        );
    }
    if statement.effect == Effect::Unclear {
        rest = note(
            "Effect",
            "",
            Tri::Maybe,
            "it is neither `Allow` nor `Deny`",
            (None, false),
        );
    }
    Judged {
        statement,
        principal: who,
        action: what,
        condition,
        conditions,
        rest,
        resource,
        covers,
        applies: who.and(what).and(condition).and(rest),
        through: whom.through,
        reasons,
    }
}

fn in_words(covers: &Covers) -> (Tri, String, String) {
    match covers {
        Covers::All => (
            Tri::Yes,
            String::new(),
            "it is about everything asked for".to_owned(),
        ),
        Covers::Some(part) => (
            Tri::Yes,
            part.in_words(),
            "it is about a part of what is asked for".to_owned(),
        ),
        Covers::Nothing => (
            Tri::No,
            String::new(),
            "it is about nothing that is asked for".to_owned(),
        ),
        Covers::Unknown(pattern, why) => (Tri::Maybe, pattern.clone(), why.clone()),
    }
}

fn name<T>(clause: &Clause<T>, plain: &'static str, negated: &'static str) -> &'static str {
    match clause {
        Clause::Only(_) | Clause::Unclear(_) => plain,
        Clause::AllBut(_) => negated,
    }
}

/// A value short enough to be shown.
fn clip(value: &str) -> String {
    const SHOWN: usize = 200;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}
