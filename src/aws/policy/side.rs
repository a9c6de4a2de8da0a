//! All statements of one effect together: what they certainly are about, and what keeps the rest open.
//!
//! It weighs statements of one effect only; the evaluation weighs denials against grants.

use super::coverage::{self, Covers, Subject};
use super::judged::{Judged, Reach};
use super::outcome::{Part, Reason, Share, Tri};
use super::statement::Effect;

/// All statements of one effect.
pub(super) struct Side<'j, 's, 'a> {
    /// Those that certainly apply.
    pub(super) certain: Vec<&'j Judged<'s, 'a>>,
    /// The parts of those that apply to a part.
    pub(super) shares: Vec<Share>,
    /// What keeps the others from being decided.
    pub(super) open: Vec<Reason>,
    /// Whether the certain ones are about everything that was asked for.
    pub(super) all: Tri,
}

impl<'j, 's, 'a> Side<'j, 's, 'a> {
    pub(super) fn of(
        judged: &'j [Judged<'s, 'a>],
        effect: Effect,
        doubts: &[Reason],
        asked: &Subject<'_>,
    ) -> Self {
        let mut side = Self {
            certain: Vec::new(),
            shares: Vec::new(),
            open: doubts.to_vec(),
            all: Tri::No,
        };
        for one in judged {
            let unclear = one.statement.effect == Effect::Unclear;
            if one.statement.effect != effect && !unclear {
                continue;
            }
            match one.reach() {
                Reach::Nothing => {}
                // With an unclear effect nothing is certain: `judge` saw to that.
                Reach::Doubtful => side.open.extend(one.open_reasons()),
                Reach::Part | Reach::All => side.certain.push(one),
            }
        }
        for one in &side.certain {
            if let Covers::Some(part) = &one.covers {
                side.shares.push(Share {
                    by: one.statement.label.clone(),
                    part: part.clone(),
                });
            }
        }
        side.all = if side.whole().next().is_some() {
            Tri::Yes
        } else {
            let parts: Vec<&Part> = side.shares.iter().map(|share| &share.part).collect();
            coverage::together(&parts, &asked.glob)
        };
        side
    }

    pub(super) fn is_empty(&self) -> bool {
        self.certain.is_empty() && self.open.is_empty()
    }

    /// Those that are about everything by themselves.
    pub(super) fn whole(&self) -> impl Iterator<Item = &&'j Judged<'s, 'a>> {
        self.certain.iter().filter(|one| one.covers == Covers::All)
    }

    /// Those that are about everything by themselves, or else all that are about a part.
    pub(super) fn deciding(&self) -> Vec<&'j Judged<'s, 'a>> {
        let whole: Vec<_> = self.whole().copied().collect();
        if whole.is_empty() {
            self.certain.clone()
        } else {
            whole
        }
    }
}
