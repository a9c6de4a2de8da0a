//! The CORS configuration of an S3 bucket: its rules, and putting ours in and taking it out.
//!
//! Pure: documents in, documents and words out. Reading and writing the bucket is done elsewhere,
//! and which rule S3 picks is decided in [`crate::cors::s3`].

use std::fmt;

mod diagnose;
mod from_xml;
mod limits;
mod merge;
mod rule;
mod xml;

pub use diagnose::{Diagnosis, diagnose, foresee, name_in};
pub use from_xml::from_xml;
pub use limits::{MAX_BYTES, MAX_RULES};
pub use merge::{kept, merge, remove, still_serving};
pub use rule::{CorsRule, CorsRules};
pub use xml::{to_xml, unknown_members};

/// Why a text could not be understood as a CORS configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(pub String);

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod properties;
