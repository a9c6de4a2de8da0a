//! One CORS rule and the list of them, in the JSON that the S3 console shows and takes.
//!
//! A rule keeps what it was read with, an empty list as well as an absent one, so that rules of
//! others go back as they came.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Problem;
use crate::cors::s3::Rule;

/// One rule.
///
/// The members are those of
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html>; an unknown one is an error,
/// since writing the rule back would lose it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CorsRule {
    /// A name for people, at most 255 characters.
    #[serde(rename = "ID", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Request headers that a preflight may ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed_headers: Option<Vec<String>>,
    /// GET, PUT, POST, DELETE, HEAD.
    pub allowed_methods: Vec<String>,
    /// Origins, each with at most one `*`.
    pub allowed_origins: Vec<String>,
    /// Response headers that scripts may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expose_headers: Option<Vec<String>>,
    /// How long a browser may remember a preflight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_seconds: Option<i32>,
}

impl CorsRule {
    /// The parts that decide whether the rule answers a request.
    #[must_use]
    pub fn matching(&self) -> Rule<'_> {
        Rule {
            origins: &self.allowed_origins,
            methods: &self.allowed_methods,
            headers: self.allowed_headers.as_deref().unwrap_or_default(),
        }
    }

    /// Whether two rules have the same effect: whatever their IDs, the order and repetition of
    /// their members, and the case of header names. An empty list is an absent one.
    #[must_use]
    pub fn means_the_same_as(&self, other: &Self) -> bool {
        set(&self.allowed_origins) == set(&other.allowed_origins)
            && set(&self.allowed_methods) == set(&other.allowed_methods)
            && header_set(self.allowed_headers.as_deref())
                == header_set(other.allowed_headers.as_deref())
            && header_set(self.expose_headers.as_deref())
                == header_set(other.expose_headers.as_deref())
            && self.max_age_seconds == other.max_age_seconds
    }

    /// Whether scripts may read at least the response headers that `other` lets them read.
    #[must_use]
    pub fn exposes_what(&self, other: &Self) -> bool {
        header_set(self.expose_headers.as_deref())
            .is_superset(&header_set(other.expose_headers.as_deref()))
    }

    /// What to call the rule that stands at `index`: "rule 2 (`images`)".
    #[must_use]
    pub fn name_at(&self, index: usize) -> String {
        match self.id.as_deref() {
            Some(id) if !id.is_empty() => format!("rule {} (`{id}`)", index + 1),
            Some(_) | None => format!("rule {}", index + 1),
        }
    }
}

/// A CORS configuration: rules in the order in which S3 tries them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CorsRules(pub Vec<CorsRule>);

/// What `aws s3api get-bucket-cors` prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Wrapped {
    #[serde(rename = "CORSRules")]
    cors_rules: Vec<CorsRule>,
}

impl CorsRules {
    /// Reads the console's form, a list of rules, or what `aws s3api get-bucket-cors` prints, an
    /// object whose `CORSRules` is that list.
    ///
    /// # Errors
    /// When the text is not JSON, or is another document, or has members that are not known.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let text = text.trim_start_matches('\u{feff}');
        let rules = if text.trim_start().starts_with('{') {
            serde_json::from_str::<Wrapped>(text).map(|wrapped| wrapped.cors_rules)
        } else {
            serde_json::from_str::<Vec<CorsRule>>(text)
        };
        rules
            .map(Self)
            .map_err(|error| Problem(format!("not a list of S3 CORS rules: {error}")))
    }
}

fn set(texts: &[String]) -> BTreeSet<&str> {
    texts.iter().map(String::as_str).collect()
}

fn header_set(names: Option<&[String]>) -> BTreeSet<String> {
    names
        .unwrap_or_default()
        .iter()
        .map(|name| name.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: &str = include_str!("../../../templates/aws/cors.json");

    fn published() -> CorsRule {
        let rules = CorsRules::parse(PUBLISHED).expect("the published document");
        assert_eq!(rules.0.len(), 1);
        rules.0.into_iter().next().expect("one rule")
    }

    #[test]
    fn the_published_document_goes_through_unchanged() {
        let rules = CorsRules::parse(PUBLISHED).expect("the published document");
        let expected: serde_json::Value = serde_json::from_str(PUBLISHED).expect("JSON");
        assert_eq!(serde_json::to_value(&rules).expect("JSON"), expected);
    }

    #[test]
    fn absent_members_stay_absent_and_empty_ones_empty() {
        for text in [
            r#"[{"AllowedMethods":["GET"],"AllowedOrigins":["*"]}]"#,
            r#"[{"AllowedHeaders":[],"AllowedMethods":["GET"],"AllowedOrigins":["*"],"ExposeHeaders":[]}]"#,
            r#"[{"ID":"a","AllowedMethods":["GET"],"AllowedOrigins":["*"],"ExposeHeaders":["ETag"],"MaxAgeSeconds":0}]"#,
            "[]",
        ] {
            let rules = CorsRules::parse(text).expect("rules");
            assert_eq!(serde_json::to_string(&rules).expect("JSON"), text);
        }
    }

    #[test]
    fn the_form_of_the_command_line_is_read_too() {
        let wrapped = format!("\u{feff} {{\"CORSRules\": {PUBLISHED}}}");
        assert_eq!(CorsRules::parse(&wrapped), CorsRules::parse(PUBLISHED));
    }

    #[test]
    fn other_documents_are_refused_with_the_reason() {
        for (text, part) in [
            ("", "EOF"),
            ("{}", "missing field `CORSRules`"),
            (r#"{"CORSRules":[],"Next":1}"#, "unknown field `Next`"),
            (r#"[{"AllowedOrigins":["*"]}]"#, "AllowedMethods"),
            (
                r#"[{"AllowedMethods":["GET"],"AllowedOrigins":["*"],"AllowPrivateNetwork":true}]"#,
                "AllowPrivateNetwork",
            ),
            (
                r#"[{"AllowedMethods":["GET"],"AllowedMethods":["PUT"],"AllowedOrigins":["*"]}]"#,
                "duplicate field",
            ),
            (
                r#"[{"AllowedMethods":["GET"],"AllowedOrigins":["*"],"MaxAgeSeconds":3000000000}]"#,
                "not a list",
            ),
        ] {
            let problem = CorsRules::parse(text).expect_err(text).to_string();
            assert!(problem.contains(part), "{problem}");
        }
    }

    #[test]
    fn the_same_meaning_in_other_words() {
        let same = CorsRule {
            id: Some("ours".to_owned()),
            allowed_headers: Some(vec!["*".to_owned(), "*".to_owned()]),
            expose_headers: None,
            ..published()
        };
        assert!(same.means_the_same_as(&published()));
        let reordered = |headers: [&str; 2]| CorsRule {
            expose_headers: Some(headers.map(str::to_owned).to_vec()),
            ..published()
        };
        assert!(reordered(["ETag", "Range"]).means_the_same_as(&reordered(["range", "etag"])));
    }

    #[test]
    fn another_meaning_is_another_rule() {
        let one = |text: &str| vec![text.to_owned()];
        for other in [
            CorsRule {
                max_age_seconds: Some(0),
                ..published()
            },
            CorsRule {
                allowed_headers: None,
                ..published()
            },
            CorsRule {
                allowed_methods: vec!["GET".to_owned(), "HEAD".to_owned()],
                ..published()
            },
            CorsRule {
                allowed_origins: one("https://*.Segments.ai"),
                ..published()
            },
            CorsRule {
                expose_headers: Some(one("ETag")),
                ..published()
            },
        ] {
            assert!(!other.means_the_same_as(&published()), "{other:?}");
        }
    }

    #[test]
    fn rules_are_counted_from_one() {
        assert_eq!(published().name_at(1), "rule 2");
        let named = CorsRule {
            id: Some("images".to_owned()),
            ..published()
        };
        assert_eq!(named.name_at(0), "rule 1 (`images`)");
    }
}
