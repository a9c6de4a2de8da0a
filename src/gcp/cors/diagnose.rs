//! What the stored entries mean for pages of Segments.ai: served, perhaps served, hidden, or blocked, and why.
//!
//! This reads a document. What Google really answers is for the live preflight to say.

use super::CorsEntry;
use crate::cors::Request;
use crate::cors::foresee::Foreseen;
use crate::cors::gcs::{self, Fit};

/// What the stored entries mean for one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// Every GET is admitted, whatever headers a preflight asks for.
    Serves {
        /// The entry that does it.
        entry: usize,
        /// Whether as documented, or through a wildcard inside an origin, which is not.
        documented: bool,
    },
    /// An entry answers first that lists too few headers. A plain GET is admitted.
    PlainOnly {
        /// The entry that answers.
        entry: usize,
        /// A later entry that would list them all, and is never reached.
        hides: Option<usize>,
    },
    /// No entry admits a GET.
    Blocks {
        /// What is missing.
        detail: String,
        /// The entry that was probably meant to admit it.
        nearest: Option<usize>,
    },
}

/// What the entries foresee for one request.
#[must_use]
pub fn foresee(entries: &[CorsEntry], request: &Request<'_>) -> Foreseen {
    gcs::foresee(entries.iter().map(CorsEntry::matching), request)
}

/// What to call an entry: "entry 2".
#[must_use]
pub fn name(index: usize) -> String {
    format!("entry {}", index + 1)
}

/// What `entries` mean for a page of `origin` that loads objects with GET.
#[must_use]
pub fn diagnose(entries: &[CorsEntry], origin: &str) -> Diagnosis {
    let views = || entries.iter().map(CorsEntry::matching);
    let Some((entry, fit)) = gcs::first(views(), origin, "GET") else {
        return blocked(entries, origin);
    };
    let all = |entry: &CorsEntry| entry.response_header.iter().any(|header| header == "*");
    if entries.get(entry).is_some_and(all) {
        return Diagnosis::Serves {
            entry,
            documented: fit == Fit::Yes,
        };
    }
    let hides = entries
        .iter()
        .enumerate()
        .skip(entry + 1)
        .find(|(_, later)| later.matching().fit(origin, "GET") != Fit::No && all(later))
        .map(|(index, _)| index);
    Diagnosis::PlainOnly { entry, hides }
}

fn blocked(entries: &[CorsEntry], origin: &str) -> Diagnosis {
    let answer = gcs::explain(
        entries.iter().map(CorsEntry::matching),
        &Request::actual(origin, "GET"),
    );
    let nearest = answer
        .misses
        .iter()
        .filter_map(|miss| miss.distance().map(|distance| (distance, miss)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, miss)| miss);
    let detail = match nearest {
        None if entries.is_empty() => {
            "the bucket has no CORS configuration, so browsers hide what it sends from pages of other sites".to_owned()
        }
        None => format!(
            "none of the bucket's CORS entries ({}) is for `{origin}`",
            entries.len()
        ),
        Some(miss) => {
            let mut text = format!(
                "no CORS entry admits a GET from `{origin}`; the nearest is {}: {}",
                name(miss.rule),
                miss.in_words()
            );
            for other in answer.losers(&name).iter().skip(1) {
                text.push_str("; ");
                text.push_str(other);
            }
            text
        }
    };
    Diagnosis::Blocks {
        detail,
        nearest: nearest.map(|miss| miss.rule),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::gcp::templates::ORIGIN;

    fn of(text: &str) -> Diagnosis {
        diagnose(&parse(text).expect(text), ORIGIN)
    }

    #[test]
    fn the_published_entry_serves_through_what_is_not_documented() {
        assert_eq!(
            of(include_str!("../../../templates/gcp/cors.json")),
            Diagnosis::Serves {
                entry: 0,
                documented: false
            }
        );
        assert_eq!(
            of(
                r#"[{"origin":["https://app.segments.ai"],"method":["GET"],"responseHeader":["*"]}]"#
            ),
            Diagnosis::Serves {
                entry: 0,
                documented: true
            }
        );
    }

    #[test]
    fn an_earlier_entry_hides_a_later_one() {
        let early = r#"{"origin":["*"],"method":["GET"],"responseHeader":["Content-Type"]}"#;
        let ours =
            r#"{"origin":["https://*.segments.ai"],"method":["GET"],"responseHeader":["*"]}"#;
        assert_eq!(
            of(&format!("[{early},{ours}]")),
            Diagnosis::PlainOnly {
                entry: 0,
                hides: Some(1)
            }
        );
        assert_eq!(
            of(&format!("[{early}]")),
            Diagnosis::PlainOnly {
                entry: 0,
                hides: None
            }
        );
    }

    #[test]
    fn what_is_missing_is_said() {
        for (text, part, nearest) in [
            ("[]", "no CORS configuration", None),
            (
                r#"[{"origin":["https://x.example"],"method":["GET"]}]"#,
                "none of the bucket's CORS entries (1)",
                None,
            ),
            (
                r#"[{"origin":["https://app.segments.ai/"],"method":["GET"]}]"#,
                "ends with a slash",
                Some(0),
            ),
            (
                r#"[{"origin":["https://x.example"],"method":["GET"]},{"origin":["https://app.segments.ai"],"method":["PUT"]}]"#,
                "the nearest is entry 2: it does not allow the method `GET`",
                Some(1),
            ),
        ] {
            let Diagnosis::Blocks {
                detail,
                nearest: found,
            } = of(text)
            else {
                panic!("{text}: not blocked");
            };
            assert!(detail.contains(part), "{text}: {detail}");
            assert_eq!(found, nearest, "{text}");
        }
    }
}
