//! Yes, no, or not to be decided from here: Kleene's strong logic of three values, in which every evaluator of a policy answers.
//!
//! Pure. <https://plato.stanford.edu/entries/logic-manyvalued/#KleSys>.

/// Yes, no, or not to be decided from here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tri {
    /// Certainly.
    Yes,
    /// Certainly not.
    No,
    /// It depends on what this program does not know or does not understand.
    Maybe,
}

impl Tri {
    /// Both: a certain no decides, whatever the other is.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Maybe, _) | (_, Self::Maybe) => Self::Maybe,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    /// One of them: a certain yes decides, whatever the other is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// The contrary.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "`!` would read as two-valued"
    )]
    pub fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
        }
    }

    /// The word for scripts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Maybe => "maybe",
        }
    }
}

impl From<bool> for Tri {
    fn from(known: bool) -> Self {
        if known { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::Tri::{self, Maybe, No, Yes};

    const ALL: [Tri; 3] = [Yes, No, Maybe];

    /// What it may be, once it is known.
    fn known(value: Tri) -> &'static [bool] {
        match value {
            Yes => &[true],
            No => &[false],
            Maybe => &[true, false],
        }
    }

    /// What two that may each be several things come to: certain only where every way comes to the same.
    fn every_way(one: Tri, other: Tri, operation: fn(bool, bool) -> bool) -> Tri {
        let ways: Vec<bool> = known(one)
            .iter()
            .flat_map(|one| known(other).iter().map(|other| operation(*one, *other)))
            .collect();
        match (ways.contains(&true), ways.contains(&false)) {
            (true, true) => Maybe,
            (may, _) => Tri::from(may),
        }
    }

    #[test]
    fn an_answer_is_certain_exactly_where_what_is_unknown_does_not_matter() {
        for one in ALL {
            assert_eq!(one.not().not(), one);
            for other in ALL {
                assert_eq!(
                    one.and(other),
                    every_way(one, other, |one, other| one && other)
                );
                assert_eq!(
                    one.or(other),
                    every_way(one, other, |one, other| one || other)
                );
            }
        }
    }
}
