//! The documents for Azure, embedded as they were published.

use serde_json::Value;

use crate::template;

/// The role that the app of Segments.ai gets.
pub const READER: &str = "Storage Blob Data Reader";
/// That role's definition, the same in every tenant:
/// <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage#storage-blob-data-reader>.
pub const READER_ID: &str = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1";
/// The origin of the published rule.
pub const ORIGIN: &str = "https://app.segments.ai";

const CORS: &str = include_str!("../../templates/azure/cors.json");

/// The published CORS rules: one.
#[must_use]
pub fn cors() -> Value {
    template::parse(CORS)
}

/// The one published rule.
#[must_use]
pub fn cors_rule() -> Value {
    cors().get(0).cloned().unwrap_or_default()
}
