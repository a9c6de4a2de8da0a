//! What can go wrong with a URL, as a cause and a sentence.

use crate::catalogue::Cause;

use super::Cloud;

/// How much a trap matters, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Good to know.
    Notes,
    /// It may go wrong.
    Warns,
    /// It does go wrong.
    Blocks,
}

/// What goes wrong with a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trap {
    /// Its cause in the catalogue, where it has one; what blocks always has.
    pub cause: Option<Cause>,
    /// How much it matters.
    pub weight: Weight,
    /// What is wrong, as a clause that goes on from "the URL: ".
    pub sentence: String,
}

impl Trap {
    /// A browser, or Segments.ai, gets nowhere with this URL.
    #[must_use]
    pub fn blocks(cause: Cause, sentence: impl Into<String>) -> Self {
        Self {
            cause: Some(cause),
            weight: Weight::Blocks,
            sentence: sentence.into(),
        }
    }

    /// It may go wrong: whether it does, the URL alone does not tell.
    #[must_use]
    pub fn warns(cause: Option<Cause>, sentence: impl Into<String>) -> Self {
        Self {
            cause,
            weight: Weight::Warns,
            sentence: sentence.into(),
        }
    }

    /// Good to know, and nothing wrong.
    #[must_use]
    pub fn notes(sentence: impl Into<String>) -> Self {
        Self {
            cause: None,
            weight: Weight::Notes,
            sentence: sentence.into(),
        }
    }
}

impl Cloud {
    /// The cause of a key that is not the one that was meant.
    pub(super) fn wrong_key(self) -> Cause {
        match self {
            Self::Aws => Cause::A37,
            Self::Gcp => Cause::G20,
            Self::Azure => Cause::Z31,
        }
    }

    /// The cause of a link that does not fit the request that a browser makes.
    pub(super) fn wrong_link(self) -> Cause {
        match self {
            Self::Aws => Cause::A59,
            Self::Gcp => Cause::G39,
            Self::Azure => Cause::Z45,
        }
    }
}
