//! The catalogue of causes: why Segments.ai, or the browser, cannot read a bucket.
//!
//! A code keeps its meaning once it is published. The wording of each cause lives here and nowhere else;
//! a check adds only what it saw.

mod aws;
mod azure;
mod gcp;
pub mod pages;

use std::fmt;

pub use pages::{Found, Page};

/// How much a cause blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Every object.
    Blocks,
    /// Some objects, some users or some times.
    Partial,
    /// Works today, and is fragile.
    Fragile,
    /// Not a cause, though often suspected.
    Harmless,
}

impl Severity {
    /// The severity in words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Blocks => "blocks every object",
            Self::Partial => "blocks some objects, users or times",
            Self::Fragile => "works today, and is fragile",
            Self::Harmless => "not a cause, though often suspected",
        }
    }
}

/// One entry of the catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// The code: `A39`.
    pub code: &'static str,
    /// How much it blocks.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: &'static str,
    /// What Segments.ai or the browser gets.
    pub seen_as: &'static str,
    /// What to do about it.
    pub remedy: &'static str,
    /// The vendor's page.
    pub page: &'static str,
}

/// A cause: a reference to its entry.
#[derive(Clone, Copy)]
pub struct Cause(&'static Entry);

impl Cause {
    /// The cause with this code, in any case; `None` where there is none.
    #[must_use]
    pub fn find(code: &str) -> Option<Self> {
        all().find(|cause| cause.code().eq_ignore_ascii_case(code))
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// The rest of what `explain` tells; none for a cause that is harmless.
    #[must_use]
    pub fn page(self) -> Option<&'static Page> {
        Page::of(self.code())
    }

    /// Its entry.
    #[must_use]
    pub fn entry(self) -> &'static Entry {
        self.0
    }
}

impl PartialEq for Cause {
    fn eq(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

impl Eq for Cause {}

impl fmt::Debug for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

/// Every cause, in the order of their codes.
pub fn all() -> impl Iterator<Item = Cause> {
    aws::ENTRIES
        .iter()
        .chain(gcp::ENTRIES)
        .chain(azure::ENTRIES)
        .copied()
        .map(Cause)
}

/// Defines the entries of one cloud and a constant for each, so that a check cannot name a cause that
/// does not exist.
macro_rules! causes {
    ($($code:ident $severity:ident $title:literal, $seen_as:literal, $remedy:literal, $page:literal;)+) => {
        $(
            static $code: $crate::catalogue::Entry = $crate::catalogue::Entry {
                code: stringify!($code),
                severity: $crate::catalogue::Severity::$severity,
                title: $title,
                seen_as: $seen_as,
                remedy: $remedy,
                page: $page,
            };
        )+
        pub(super) static ENTRIES: &[&$crate::catalogue::Entry] = &[$(&$code),+];
        impl $crate::catalogue::Cause {
            $(#[doc = concat!("The cause `", stringify!($code), "`.")]
            pub const $code: Self = Self(&$code);)+
        }
    };
}
use causes;
