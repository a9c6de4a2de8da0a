//! A Deny that reaches Segments.ai's requests: when it applies, and which known cause it is.
//!
//! It names what was judged elsewhere and judges nothing again.

use super::condition::Finding;
use super::coverage::Covers;
use super::judged::Judged;
use super::outcome::Tri;
use super::statement::{Clause, Effect};

/// A Deny about the principal, the action and at least a part of the resource of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The statement.
    pub statement: String,
    /// Its place in the policy, from 0.
    pub position: usize,
    /// The catalogue's code.
    pub cause: &'static str,
    /// When it applies.
    pub applies: Applies,
    /// Whether it is about all of the resource.
    pub whole: bool,
    /// What decides it, as a clause.
    pub why: String,
}

/// When a Deny applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    /// To every such request.
    Always,
    /// At some time of a link's life, and not at another: it is certain that both happen.
    Sometimes,
    /// It cannot be told.
    Perhaps,
    /// Never, though it is often suspected.
    Never,
}

/// The codes of conditions, the most telling first, for a Deny that several of them fit.
const ORDER: [&str; 12] = [
    "A49", "A04", "A08", "A13", "A11", "A12", "A10", "A14", "A15", "A05", "A52", "A09",
];

/// The more telling of two codes. Those that are harmless come last.
#[must_use]
pub fn first(codes: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    codes.min_by_key(|code| {
        ORDER
            .iter()
            .position(|known| known == code)
            .unwrap_or(ORDER.len())
    })
}

/// The cause of a Deny that applies: that of its conditions, else A09 for a `NotPrincipal`, else A49.
pub(super) fn cause(one: &Judged<'_, '_>) -> &'static str {
    let by_condition = first(
        one.conditions
            .iter()
            .filter(|condition| condition.answer == Tri::Yes || condition.varies)
            .filter_map(|condition| condition.suspected)
            .filter(|code| ORDER.contains(code)),
    );
    match (by_condition, &one.statement.principal) {
        (Some(code), _) => code,
        (None, Clause::AllBut(_)) => "A09",
        (None, Clause::Only(_) | Clause::Unclear(_)) => "A49",
    }
}

/// The denials among these statements.
pub(super) fn denials(judged: &[Judged<'_, '_>]) -> Vec<Denial> {
    judged.iter().filter_map(denial).collect()
}

fn denial(one: &Judged<'_, '_>) -> Option<Denial> {
    let whole = match &one.covers {
        Covers::All => true,
        Covers::Some(_) => false,
        Covers::Nothing | Covers::Unknown(..) => return None,
    };
    let about = one.statement.effect == Effect::Deny
        && one.principal == Tri::Yes
        && one.action == Tri::Yes
        && one.rest == Tri::Yes;
    if !about {
        return None;
    }
    let open = || {
        one.conditions
            .iter()
            .filter(|condition| condition.answer == Tri::Maybe)
    };
    let (applies, cause) = match one.condition {
        Tri::Yes => (Applies::Always, cause(one)),
        // Two conditions on time may never hold at once.
        Tri::Maybe if open().count() == 1 && open().all(|condition| condition.varies) => {
            (Applies::Sometimes, cause(one))
        }
        Tri::Maybe => {
            let cause = first(open().filter_map(|condition| condition.suspected));
            (Applies::Perhaps, cause.unwrap_or("A49"))
        }
        Tri::No => {
            let mut never = one
                .conditions
                .iter()
                .filter(|condition| condition.answer == Tri::No)
                .filter_map(|condition| condition.suspected);
            let harmless = never.find(|code| matches!(*code, "A06" | "A07"))?;
            (Applies::Never, harmless)
        }
    };
    let deciding: Vec<String> = one.conditions.iter().map(Finding::in_words).collect();
    Some(Denial {
        statement: one.statement.label.clone(),
        position: one.statement.position,
        cause,
        applies,
        whole,
        why: deciding.join("; "),
    })
}
