//! Azure Blob Storage: which documents, in which order, and which checks.
//!
//! What stands here so far decides, and does no I/O: [`cors`] over the rules of the blob service.

pub mod cors;
pub mod templates;
