//! The CORS configuration of a bucket: its entries, and putting ours in and taking it out.
//!
//! Pure: documents in, documents and words out. Which entry Google picks is decided in [`crate::cors::gcs`].

mod diagnose;
mod entry;
mod merge;
#[cfg(test)]
mod properties;

pub use diagnose::{Diagnosis, diagnose, foresee, name};
pub use entry::{CorsEntry, parse};
pub use merge::{Merged, kept, merge, remove, still_serving};
