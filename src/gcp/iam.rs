//! The IAM policy of a bucket: putting our member in, taking it out, and what it grants together with its project's.
//!
//! Pure: documents in, documents and answers out. Policies are kept as JSON, so that what others put there goes back
//! as it came.

mod binding;
mod cel;
mod condition;
mod deny;
mod evaluate;
mod levels;
mod merge;
mod names;
mod policy;
#[cfg(test)]
mod properties;

pub use condition::{Asked, Tri};
pub use deny::{DenyRule, deny_rules};
pub use evaluate::{Evaluation, Grant, Outcome, RoleState, evaluate, roles_for};
pub use levels::{Level, Policies};
pub use merge::{kept, merge, remove, still_granting};
pub use policy::{MAX_PRINCIPALS, Ours, binding_name, unknown_members};
