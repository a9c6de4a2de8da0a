//! Cross-origin rules: which rule answers a browser, and why the others do not.
//!
//! Each cloud decides in its own way, so each has its own module here and all share these types.
//! Nothing in here reads, writes or sends anything.

use std::fmt;

pub mod azure;
pub mod foresee;
pub mod gcs;
pub mod origin;
pub mod pattern;
pub mod s3;
pub mod told;

use origin::NearMiss;

/// What a browser asks a storage service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// The page's origin, as browsers write it: `https://app.segments.ai`.
    pub origin: &'a str,
    /// The method of the request that is meant, for a preflight too: `GET`.
    pub method: &'a str,
    /// Whether it asks beforehand or just does it.
    pub kind: RequestKind<'a>,
}

/// Whether a browser asks first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind<'a> {
    /// An `OPTIONS` request that asks whether these request headers may be sent.
    Preflight {
        /// The names in `Access-Control-Request-Headers`; none when that header is left out.
        headers: &'a [&'a str],
    },
    /// The request itself, with `Origin`.
    Actual,
}

impl<'a> Request<'a> {
    /// A preflight.
    #[must_use]
    pub fn preflight(origin: &'a str, method: &'a str, headers: &'a [&'a str]) -> Self {
        Self {
            origin,
            method,
            kind: RequestKind::Preflight { headers },
        }
    }

    /// The request itself.
    #[must_use]
    pub fn actual(origin: &'a str, method: &'a str) -> Self {
        Self {
            origin,
            method,
            kind: RequestKind::Actual,
        }
    }
}

/// Which rule answers a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The index of the rule that answers; none when the service refuses.
    pub winner: Option<usize>,
    /// Every other rule, in its order, with what keeps it from answering.
    pub misses: Vec<Miss>,
}

/// A rule that does not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// The rule's index.
    pub rule: usize,
    /// Everything that keeps it from answering, so that one look is enough to mend it.
    pub reasons: Vec<Reason>,
}

impl Miss {
    /// The reasons in one line.
    #[must_use]
    pub fn in_words(&self) -> String {
        let words: Vec<String> = self.reasons.iter().map(Reason::to_string).collect();
        words.join("; ")
    }
}

/// Why a rule does not answer a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No origin of the rule matches the page's.
    Origin {
        /// The origins that the rule allows.
        allowed: Vec<String>,
        /// The one that nearly matches, where there is one.
        near: Option<NearMiss>,
    },
    /// The method is not among the rule's.
    Method {
        /// The method that was asked for.
        asked: String,
        /// The methods that the rule allows.
        allowed: Vec<String>,
    },
    /// Some requested headers are not allowed.
    Headers {
        /// The requested headers that the rule does not allow.
        refused: Vec<String>,
        /// The headers that the rule allows.
        allowed: Vec<String>,
    },
    /// It would answer, and an earlier rule does so first.
    AnsweredBefore {
        /// The index of the earlier rule.
        by: usize,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin {
                near: Some(near), ..
            } => write!(out, "{near}"),
            Self::Origin {
                allowed,
                near: None,
            } => {
                write!(out, "it is for {}", list(allowed, "no origin"))
            }
            Self::Method { asked, allowed } => write!(
                out,
                "it does not allow the method `{asked}`, only {}",
                list(allowed, "none")
            ),
            Self::Headers { refused, allowed } => write!(
                out,
                "it does not allow the request {} {}, only {}",
                if refused.len() == 1 {
                    "header"
                } else {
                    "headers"
                },
                list(refused, "none"),
                list(allowed, "none")
            ),
            Self::AnsweredBefore { by } => write!(out, "rule {} answers before it", by + 1),
        }
    }
}

/// Names in backticks, the first few of them.
fn list(names: &[String], none: &str) -> String {
    const SHOWN: usize = 5;
    if names.is_empty() {
        return none.to_owned();
    }
    let mut words: Vec<String> = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("`{name}`"))
        .collect();
    if let Some(more) = names.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let names: Vec<String> = (0..8).map(|number| format!("m{number}")).collect();
        assert_eq!(list(&names, "none"), "`m0`, `m1`, `m2`, `m3`, `m4`, 3 more");
        assert_eq!(list(&[], "none"), "none");
    }

    #[test]
    fn reasons_read_as_sentences_about_the_rule() {
        let miss = Miss {
            rule: 0,
            reasons: vec![
                Reason::Origin {
                    allowed: vec!["https://example.com".to_owned()],
                    near: None,
                },
                Reason::Method {
                    asked: "GET".to_owned(),
                    allowed: vec!["PUT".to_owned()],
                },
                Reason::Headers {
                    refused: vec!["range".to_owned()],
                    allowed: vec![],
                },
            ],
        };
        assert_eq!(
            miss.in_words(),
            "it is for `https://example.com`; it does not allow the method `GET`, only `PUT`; \
             it does not allow the request header `range`, only none"
        );
        assert_eq!(
            Reason::AnsweredBefore { by: 0 }.to_string(),
            "rule 1 answers before it"
        );
    }
}
