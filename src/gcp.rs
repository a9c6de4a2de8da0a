//! Google Cloud Storage: which documents, in which order, and which checks.
//!
//! This file only wires. Deciding is in [`role`], [`iam`] and [`cors`].

pub mod account;
pub mod cors;
pub mod iam;
pub mod role;
pub mod target;
pub mod templates;
