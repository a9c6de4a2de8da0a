//! Bucket policies and key policies as JSON: what a statement means, our one statement merged in and taken
//! out, and what a policy says about one principal.
//!
//! Everything below is pure. A policy stays raw JSON from reading to writing: nothing here turns somebody
//! else's statement into a type of ours and back, and nothing here talks to a service.

mod action;
mod circumstances;
mod condition;
mod coverage;
mod denial;
mod document;
mod evaluate;
mod exempt;
mod glob;
mod judged;
mod limits;
mod merge;
mod nearest;
mod outcome;
mod principal;
mod public;
mod remove;
mod side;
mod statement;
mod variables;

#[cfg(test)]
mod generate;
#[cfg(test)]
mod properties;

pub use circumstances::{Circumstances, Kind, Known, Place, Values};
pub use denial::{Applies, Denial, first as first_cause};
pub use document::{Document, Unreadable, Version, version_note};
pub use evaluate::evaluate;
pub use exempt::exempt;
pub use limits::{Guard, MAX_BYTES, bytes, unresolvable};
pub use merge::{contains_ours, merge};
pub use outcome::{Asked, Evaluation, Near, Outcome, Part, Question, Reason, Share, Through, Tri};
pub use public::{Public, is_public};
pub use remove::{kept, remove, still_granting};
pub use statement::{Clause, Effect, Principal, Statement};
