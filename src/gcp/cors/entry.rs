//! One entry of a bucket's CORS configuration, in the JSON that `gcloud storage` takes and prints.
//!
//! An entry keeps what it was read with, so that entries of others go back as they came.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cors::gcs::Entry;

/// One entry.
///
/// The members are those of <https://cloud.google.com/storage/docs/json_api/v1/buckets#resource>; an unknown one is an
/// error, since writing the entry back would lose it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CorsEntry {
    /// Origins, written out, or `*`.
    #[serde(default)]
    pub origin: Vec<String>,
    /// Methods, or `*`.
    #[serde(default)]
    pub method: Vec<String>,
    /// What a preflight may ask for, and what scripts may read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub response_header: Vec<String>,
    /// How long a browser may remember a preflight. Google's gRPC interface does not tell 0 from absent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub max_age_seconds: i32,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(seconds: &i32) -> bool {
    *seconds == 0
}

impl CorsEntry {
    /// The parts that decide which requests the entry answers.
    #[must_use]
    pub fn matching(&self) -> Entry<'_> {
        Entry {
            origins: &self.origin,
            methods: &self.method,
            headers: &self.response_header,
        }
    }

    /// Whether two entries have the same effect, whatever the order and repetition of their members, and the case of
    /// header names.
    #[must_use]
    pub fn means_the_same_as(&self, other: &Self) -> bool {
        set(&self.origin) == set(&other.origin)
            && set(&self.method) == set(&other.method)
            && header_set(&self.response_header) == header_set(&other.response_header)
            && self.max_age_seconds == other.max_age_seconds
    }

    /// Whether a preflight may ask for whatever `other` lets it ask for, and scripts may read as much.
    #[must_use]
    pub fn lists_headers_of(&self, other: &Self) -> bool {
        let own = header_set(&self.response_header);
        own.contains("*") || own.is_superset(&header_set(&other.response_header))
    }
}

/// Reads a configuration as `gcloud storage buckets update --cors-file` takes it: a list of entries.
///
/// # Errors
/// When the text is not that, or has members that are not known.
pub fn parse(text: &str) -> Result<Vec<CorsEntry>, String> {
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("not a list of CORS entries of Google Cloud Storage: {error}"))
}

fn set(texts: &[String]) -> BTreeSet<&str> {
    texts.iter().map(String::as_str).collect()
}

fn header_set(names: &[String]) -> BTreeSet<String> {
    names.iter().map(|name| name.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = include_str!("../../../templates/gcp/cors.json");

    #[test]
    fn the_published_document_goes_through_unchanged() {
        let entries = parse(PUBLISHED).expect("the published document");
        let expected: serde_json::Value = serde_json::from_str(PUBLISHED).expect("JSON");
        assert_eq!(serde_json::to_value(entries).expect("JSON"), expected);
    }

    #[test]
    fn other_documents_are_refused_with_the_reason() {
        for (text, part) in [
            ("", "EOF"),
            ("{}", "invalid type"),
            (
                r#"[{"origin":["*"],"allowCredentials":true}]"#,
                "unknown field `allowCredentials`",
            ),
        ] {
            let problem = parse(text).expect_err(text);
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }

    #[test]
    fn order_repetition_and_the_case_of_headers_mean_nothing() {
        let entry = |text: &str| parse(text).expect(text).remove(0);
        let one = entry(r#"[{"origin":["a","b"],"method":["GET"],"responseHeader":["ETag"]}]"#);
        let same = entry(
            r#"[{"origin":["b","a","a"],"method":["GET"],"responseHeader":["etag"],"maxAgeSeconds":0}]"#,
        );
        assert!(one.means_the_same_as(&same));
        for other in [
            r#"[{"origin":["a"],"method":["GET"],"responseHeader":["ETag"]}]"#,
            r#"[{"origin":["a","b"],"method":["GET","PUT"],"responseHeader":["ETag"]}]"#,
            r#"[{"origin":["a","b"],"method":["GET"]}]"#,
            r#"[{"origin":["a","b"],"method":["GET"],"responseHeader":["ETag"],"maxAgeSeconds":60}]"#,
        ] {
            assert!(!one.means_the_same_as(&entry(other)), "{other}");
        }
    }
}
