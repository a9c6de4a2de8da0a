//! What is found for a part of a condition, and how parts are joined by `!`, `&&` and `||`.
//!
//! Pure. Three-valued logic, and two more values for what cannot be computed.

use time::OffsetDateTime;

use super::Tri;

/// What a part of a condition comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    No,
    Maybe,
    /// It cannot be computed, and then the condition lets nobody in:
    /// <https://cloud.google.com/iam/docs/conditions-attribute-reference#date-time>.
    Never,
    /// It is about something that requests for objects do not have; such a part grants nothing:
    /// <https://cloud.google.com/iam/docs/conditions-attribute-reference#inherited-conditions>.
    Absent,
}

/// Objects that a part holds for, and those that it does not hold for, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Covers {
    pub these: String,
    pub others: String,
}

/// When the answer turns into its contrary by time alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn {
    pub at: OffsetDateTime,
    /// As it stands in the condition.
    pub written: String,
}

/// What is found, and everything that it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub verdict: Verdict,
    /// Where it depends on the object alone: on which.
    pub covers: Option<Covers>,
    /// What is not known, in words, where it matters.
    pub unknown: Vec<String>,
    /// When it turns.
    pub turn: Option<Turn>,
}

impl From<Verdict> for Found {
    fn from(verdict: Verdict) -> Self {
        Self {
            verdict,
            covers: None,
            unknown: Vec::new(),
            turn: None,
        }
    }
}

impl From<bool> for Found {
    fn from(known: bool) -> Self {
        Self::from(if known { Verdict::Yes } else { Verdict::No })
    }
}

impl Found {
    /// It depends on what is not known.
    pub fn unknown(name: impl std::fmt::Display) -> Self {
        Self {
            unknown: vec![format!("`{name}`")],
            ..Self::from(Verdict::Maybe)
        }
    }

    /// It holds for these objects, and not for the others.
    pub fn for_some(these: String, others: String) -> Self {
        Self {
            covers: Some(Covers { these, others }),
            ..Self::from(Verdict::Maybe)
        }
    }

    /// The answer as a whole: what can never be computed holds for nobody.
    pub fn answer(&self) -> Tri {
        match self.verdict {
            Verdict::Yes => Tri::Yes,
            Verdict::No | Verdict::Never | Verdict::Absent => Tri::No,
            Verdict::Maybe => Tri::Maybe,
        }
    }

    pub fn not(self) -> Self {
        Self {
            verdict: match self.verdict {
                Verdict::Yes => Verdict::No,
                Verdict::No => Verdict::Yes,
                Verdict::Maybe => Verdict::Maybe,
                Verdict::Never => Verdict::Never,
                Verdict::Absent => Verdict::Absent,
            },
            covers: self.covers.map(|covers| Covers {
                these: covers.others,
                others: covers.these,
            }),
            ..self
        }
    }

    pub fn and(self, other: Self) -> Self {
        let verdict = match (self.verdict, other.verdict) {
            (Verdict::No, _) | (_, Verdict::No) => Verdict::No,
            (Verdict::Maybe, _) | (_, Verdict::Maybe) => Verdict::Maybe,
            (Verdict::Never, _) | (_, Verdict::Never) => Verdict::Never,
            (Verdict::Absent, _) | (_, Verdict::Absent) => Verdict::Absent,
            (Verdict::Yes, Verdict::Yes) => Verdict::Yes,
        };
        let turn = match verdict {
            // It holds as long as both do; it begins to hold when all that do not now begin to.
            Verdict::Yes | Verdict::Maybe => earlier(self.turn.clone(), other.turn.clone()),
            Verdict::No => together(&self, &other, Verdict::No),
            Verdict::Never | Verdict::Absent => None,
        };
        let covers = match (self.covers, other.covers) {
            (Some(one), Some(two)) => Some(Covers {
                these: format!("{}, of these only {}", one.these, two.these),
                others: format!("{} and {}", one.others, two.others),
            }),
            (one, two) => one.or(two),
        };
        Self::joined(verdict, covers, [self.unknown, other.unknown], turn)
    }

    pub fn or(self, other: Self) -> Self {
        // Google writes that nothing is allowed then, and the language that what is true on one side is enough.
        let disputed = matches!(
            (self.verdict, other.verdict),
            (Verdict::Yes, Verdict::Never) | (Verdict::Never, Verdict::Yes)
        );
        let mut found = self.not().and(other.not()).not();
        if disputed {
            found.verdict = Verdict::Maybe;
            found
                .unknown
                .push("a value that cannot be computed".to_owned());
        }
        found
    }

    /// What decides needs no reasons, and where something is not known, no object is certain.
    fn joined(
        verdict: Verdict,
        covers: Option<Covers>,
        unknown: [Vec<String>; 2],
        turn: Option<Turn>,
    ) -> Self {
        match verdict {
            Verdict::Yes | Verdict::No | Verdict::Never | Verdict::Absent => Self {
                turn,
                ..Self::from(verdict)
            },
            Verdict::Maybe => Self {
                verdict,
                covers,
                unknown: unknown.into_iter().flatten().collect(),
                turn,
            },
        }
    }
}

fn earlier(one: Option<Turn>, two: Option<Turn>) -> Option<Turn> {
    [one, two].into_iter().flatten().min_by_key(|turn| turn.at)
}

/// When all of those that are `verdict` have turned; never where one of them stays.
fn together(one: &Found, two: &Found, verdict: Verdict) -> Option<Turn> {
    let turns: Option<Vec<Turn>> = [one, two]
        .into_iter()
        .filter(|found| found.verdict == verdict)
        .map(|found| found.turn.clone())
        .collect();
    turns?.into_iter().max_by_key(|turn| turn.at)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn until(year: i32) -> Turn {
        Turn {
            at: datetime!(2026-01-01 00:00 UTC)
                .replace_year(year)
                .expect("a year"),
            written: year.to_string(),
        }
    }

    fn turning(known: bool, year: i32) -> Found {
        Found {
            turn: Some(until(year)),
            ..Found::from(known)
        }
    }

    #[test]
    fn what_cannot_be_computed_holds_for_nobody() {
        use Verdict::{Absent, Maybe, Never, No, Yes};
        for (one, other, both, either) in [
            (Yes, Yes, Yes, Yes),
            (Yes, No, No, Yes),
            (Yes, Maybe, Maybe, Yes),
            (Yes, Never, Never, Maybe),
            (No, No, No, No),
            (No, Maybe, No, Maybe),
            (No, Never, No, Never),
            (Maybe, Maybe, Maybe, Maybe),
            (Maybe, Never, Maybe, Maybe),
            (Never, Never, Never, Never),
            (Yes, Absent, Absent, Yes),
            (No, Absent, No, Absent),
            (Maybe, Absent, Maybe, Maybe),
            (Never, Absent, Never, Never),
        ] {
            for (one, other) in [(one, other), (other, one)] {
                let found = Found::from(one).and(Found::from(other));
                assert_eq!(found.verdict, both, "{one:?} && {other:?}");
                let found = Found::from(one).or(Found::from(other));
                assert_eq!(found.verdict, either, "{one:?} || {other:?}");
            }
        }
        assert_eq!(Found::from(Never).not().verdict, Never);
        assert_eq!(Found::from(Absent).not().verdict, Absent);
        assert_eq!(Found::from(Never).answer(), Tri::No);
        assert_eq!(Found::from(Absent).answer(), Tri::No);
    }

    #[test]
    fn a_grant_ends_when_what_it_rests_on_ends() {
        let year = |found: Found| found.turn.map(|turn| turn.written);
        assert_eq!(
            year(turning(true, 2030).and(turning(true, 2028))).as_deref(),
            Some("2028")
        );
        assert_eq!(
            year(turning(true, 2030).or(turning(true, 2028))).as_deref(),
            Some("2030")
        );
        assert_eq!(year(turning(true, 2030).or(Found::from(true))), None);
        assert_eq!(
            year(turning(false, 2028).or(Found::from(false)).not()).as_deref(),
            Some("2028")
        );
    }

    #[test]
    fn the_objects_are_told_as_they_are_joined() {
        let begin = || Found::for_some("the a".to_owned(), "all but the a".to_owned());
        let end = || Found::for_some("the b".to_owned(), "all but the b".to_owned());
        let these = |found: Found| found.covers.map(|covers| covers.these);
        for (found, expected) in [
            (begin().and(end()), "the a, of these only the b"),
            (begin().or(end()), "the a and the b"),
            (begin().not(), "all but the a"),
            (
                begin().or(end()).not(),
                "all but the a, of these only all but the b",
            ),
            (begin().and(Found::from(true)), "the a"),
            (Found::from(false).or(begin()), "the a"),
            (begin().and(Found::from(false)).or(end()), "the b"),
        ] {
            assert_eq!(these(found).as_deref(), Some(expected));
        }
    }
}
