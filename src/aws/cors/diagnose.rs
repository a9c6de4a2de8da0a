//! What the stored rules mean for pages of Segments.ai: served, served in part, or blocked, and why.
//!
//! This reads a document. What the service really answers is for the live preflight to say.

use super::CorsRule;
use crate::cors::foresee::Foreseen;
use crate::cors::{Answer, Request, s3};

/// What the stored rules mean for one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// Every GET is admitted, with a preflight for any header as well as without.
    Serves {
        /// The rule that does it.
        rule: usize,
        /// The rules that look as if they should, and why they do not.
        losers: Vec<String>,
    },
    /// A plain GET is admitted; a preflight for some headers is not.
    ServesPlainOnly {
        /// The rule that admits the plain GET.
        rule: usize,
        /// `A40`.
        cause: &'static str,
        /// What is not answered.
        detail: String,
    },
    /// No rule admits a GET.
    Blocks {
        /// `A39`.
        cause: &'static str,
        /// What is missing.
        detail: String,
        /// The rule that was probably meant to admit it, and why it does not.
        nearest: Option<(usize, String)>,
    },
}

/// What `rules` mean for a page of `origin` that loads objects with GET. No configuration at all is
/// `None`.
#[must_use]
pub fn diagnose(rules: Option<&[CorsRule]>, origin: &str) -> Diagnosis {
    let rules = rules.unwrap_or_default();
    let views = || rules.iter().map(CorsRule::matching);
    let any_header = ["*".to_owned()];
    if let Some(rule) = s3::answering_all(views(), origin, "GET", &any_header) {
        let plain = foresee(rules, &Request::preflight(origin, "GET", &[]));
        return Diagnosis::Serves {
            rule,
            losers: plain.answer.losers(&name_in(rules)),
        };
    }
    let answer = s3::explain(views(), &Request::actual(origin, "GET"));
    match answer.winner {
        Some(rule) => {
            let ranges = s3::explain(views(), &Request::preflight(origin, "GET", &["range"]));
            Diagnosis::ServesPlainOnly {
                rule,
                cause: "A40",
                detail: plain_only(rules, rule, origin, &ranges),
            }
        }
        None => blocked(rules, origin, &answer),
    }
}

/// What the rules foresee for one request.
#[must_use]
pub fn foresee(rules: &[CorsRule], request: &Request<'_>) -> Foreseen {
    s3::foresee(rules.iter().map(CorsRule::matching), request)
}

/// What to call the rules of a list: "rule 2 (`images`)".
pub fn name_in(rules: &[CorsRule]) -> impl Fn(usize) -> String {
    |index| {
        rules
            .get(index)
            .map_or_else(String::new, |rule| rule.name_at(index))
    }
}

fn plain_only(rules: &[CorsRule], rule: usize, origin: &str, ranges: &Answer) -> String {
    let name = name_in(rules);
    let plain = format!("{} admits a plain GET from `{origin}`", name(rule));
    match ranges.winner {
        None => format!(
            "{plain}, but no rule answers a preflight that asks for a header such as `range`: \
             none of those for this origin has it, or `*`, among its AllowedHeaders"
        ),
        Some(by) => format!(
            "{plain}, and {} answers a preflight for `range`, but no rule answers one for every \
             header: none of those for this origin has `*` among its AllowedHeaders",
            name(by)
        ),
    }
}

fn blocked(rules: &[CorsRule], origin: &str, answer: &Answer) -> Diagnosis {
    let nearest = answer
        .misses
        .iter()
        .filter_map(|miss| miss.distance().map(|distance| (distance, miss)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, miss)| (miss.rule, miss.in_words()));
    let detail = if rules.is_empty() {
        "the bucket has no CORS rules, so browsers refuse what it sends to other sites".to_owned()
    } else {
        match &nearest {
            None => format!(
                "none of the bucket's CORS rules ({}) is for `{origin}`",
                rules.len()
            ),
            Some((index, words)) => {
                let name = name_in(rules);
                let nearest = name(*index);
                let mut text = format!(
                    "no CORS rule admits a GET from `{origin}`; the nearest is {nearest}: {words}"
                );
                for other in answer.losers(&name).iter().skip(1) {
                    text.push_str("; ");
                    text.push_str(other);
                }
                text
            }
        }
    };
    Diagnosis::Blocks {
        cause: "A39",
        detail,
        nearest,
    }
}

#[cfg(test)]
mod tests {
    use super::super::CorsRules;
    use super::*;

    const ORIGIN: &str = "https://app.segments.ai";

    fn of(text: &str) -> Diagnosis {
        diagnose(Some(&CorsRules::parse(text).expect("rules").0), ORIGIN)
    }

    fn blocks(text: &str) -> (String, Option<usize>) {
        match of(text) {
            Diagnosis::Blocks {
                cause: "A39",
                detail,
                nearest,
            } => (detail, nearest.map(|(rule, _)| rule)),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_published_rule_serves() {
        assert_eq!(
            of(include_str!("../../../templates/aws/cors.json")),
            Diagnosis::Serves {
                rule: 0,
                losers: vec![]
            }
        );
    }

    #[test]
    fn a_rule_for_the_one_page_serves_it() {
        assert_eq!(
            of(r#"[{"AllowedMethods":["PUT"],"AllowedOrigins":["*"]},
                   {"AllowedHeaders":["*"],"AllowedMethods":["GET","HEAD"],"AllowedOrigins":["https://app.segments.ai"]}]"#),
            Diagnosis::Serves {
                rule: 1,
                losers: vec![]
            }
        );
    }

    #[test]
    fn a_rule_that_looks_right_and_loses_is_named_beside_the_one_that_serves() {
        let Diagnosis::Serves { rule: 1, losers } = of(
            r#"[{"AllowedHeaders":["*"],"AllowedMethods":["GET"],"AllowedOrigins":["https://app.segments.ai/"]},
                {"AllowedHeaders":["*"],"AllowedMethods":["GET"],"AllowedOrigins":["https://app.segments.ai"]}]"#,
        ) else {
            panic!("not served by rule 2");
        };
        assert_eq!(losers.len(), 1, "{losers:?}");
        assert!(
            losers[0].starts_with("rule 1 does not: `https://app.segments.ai/`"),
            "{losers:?}"
        );
    }

    #[test]
    fn without_allowed_headers_only_plain_requests_are_served() {
        let Diagnosis::ServesPlainOnly {
            rule: 0,
            cause: "A40",
            detail,
        } = of(r#"[{"ID":"all","AllowedMethods":["GET"],"AllowedOrigins":["*"]}]"#)
        else {
            panic!("not plain only");
        };
        assert!(
            detail.starts_with("rule 1 (`all`) admits a plain GET"),
            "{detail}"
        );
        assert!(detail.contains("no rule answers a preflight"), "{detail}");

        let Diagnosis::ServesPlainOnly { detail, .. } =
            of(r#"[{"AllowedHeaders":["Range"],"AllowedMethods":["GET"],"AllowedOrigins":["*"]}]"#)
        else {
            panic!("not plain only");
        };
        assert!(
            detail.contains("answers a preflight for `range`"),
            "{detail}"
        );
    }

    #[test]
    fn no_rules_block() {
        for rules in [None, Some(&[][..])] {
            let Diagnosis::Blocks {
                cause: "A39",
                detail,
                nearest: None,
            } = diagnose(rules, ORIGIN)
            else {
                panic!("not blocked");
            };
            assert!(detail.contains("no CORS rules"), "{detail}");
        }
    }

    #[test]
    fn the_nearest_rule_is_named_with_its_fault() {
        let (detail, nearest) = blocks(
            r#"[{"AllowedMethods":["GET"],"AllowedOrigins":["https://example.com"]},
                {"AllowedMethods":["PUT"],"AllowedOrigins":["http://app.segments.ai/"]},
                {"AllowedMethods":["GET"],"AllowedOrigins":["https://app.segments.ai/"]}]"#,
        );
        assert_eq!(nearest, Some(2));
        assert_eq!(
            detail,
            "no CORS rule admits a GET from `https://app.segments.ai`; the nearest is rule 3: \
             `https://app.segments.ai/` does not match `https://app.segments.ai`: it ends with a \
             slash, and an origin has none; rule 2 does not: `http://app.segments.ai/` does not \
             match `https://app.segments.ai`: its scheme is `http:`, it ends with a slash, and an \
             origin has none; it does not allow the method `GET`, only `PUT`"
        );
    }

    #[test]
    fn a_missing_method_is_near() {
        let (detail, nearest) =
            blocks(r#"[{"AllowedMethods":["HEAD"],"AllowedOrigins":["https://*.segments.ai"]}]"#);
        assert_eq!(nearest, Some(0));
        assert!(
            detail.contains("does not allow the method `GET`, only `HEAD`"),
            "{detail}"
        );
    }

    #[test]
    fn rules_for_others_are_not_near() {
        let (detail, nearest) =
            blocks(r#"[{"AllowedMethods":["GET"],"AllowedOrigins":["https://example.com"]}]"#);
        assert_eq!(nearest, None);
        assert!(
            detail.contains("none of the bucket's CORS rules (1)"),
            "{detail}"
        );
    }
}
