//! `segments-connect`: lets Segments.ai read a private bucket, and the labeller's browser load from it.
//!
//! The program is a library with a thin binary, so that tests and benchmarks can start the local clouds of
//! [`sandbox`] inside their own process and run the binary against them.

pub mod address;
pub mod apply;
pub mod aws;
pub mod azure;
pub mod backup;
pub mod catalogue;
pub mod cli;
pub mod command;
pub mod common;
pub mod cors;
pub mod error;
pub mod exit;
pub mod finding;
pub mod gcp;
pub mod handed_in;
pub mod handover;
pub mod interrupt;
pub mod json;
pub mod output;
pub mod plan;
pub mod probe;
pub mod prompt;
pub mod redact;
pub mod report;
pub mod resource;
pub mod run;
pub mod sandbox;
pub mod sandbox_story;
pub mod settings;
pub mod step;
pub mod template;
pub mod tri;
pub mod verify;
pub mod view;
pub mod wiring;
