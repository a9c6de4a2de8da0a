//! Policies of buckets and keys: read, checked when they are put, and evaluated.
//!
//! Written from the IAM and S3 guides alone; it shares nothing with what the program itself knows about policies.
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>.

mod actions;
mod condition;
mod decision;
mod document;
mod json;
mod keys;
mod operator;
mod pattern;
mod public;
mod scalar;
mod validation;
mod variable;

pub(crate) use decision::{Context, Decision, decide, role_of};
pub(crate) use document::Document;
pub(crate) use json::compact;
pub(crate) use keys::{Keys, Service};
pub(crate) use pattern::glob_ignoring_case;
pub(crate) use public::is_public;
pub(crate) use validation::{World, validate};
