//! How S3 picks the rule that answers: the first one with the origin, the method and every header.
//!
//! Written from <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>, "How does Amazon
//! S3 evaluate the CORS configuration on a bucket?". It sees rules and a request, nothing else.

use super::foresee::Foreseen;
use super::origin;
use super::pattern;
use super::{Answer, Miss, Reason, Request, RequestKind};

/// The parts of a rule that decide whether it answers.
///
/// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule<'a> {
    /// `AllowedOrigins`: each with at most one `*`, compared letter by letter.
    pub origins: &'a [String],
    /// `AllowedMethods`: GET, PUT, POST, DELETE, HEAD, with no wildcard.
    pub methods: &'a [String],
    /// `AllowedHeaders`: each with at most one `*`, compared without case, for preflights only.
    pub headers: &'a [String],
}

impl Rule<'_> {
    /// The origin of the rule that admits `origin`.
    #[must_use]
    pub fn origin_for(&self, origin: &str) -> Option<&str> {
        self.origins
            .iter()
            .map(String::as_str)
            .find(|allowed| pattern::matches(allowed, origin))
    }

    /// Whether the rule lists `method`. GET does not bring HEAD with it.
    #[must_use]
    pub fn has_method(&self, method: &str) -> bool {
        self.methods.iter().any(|allowed| allowed == method)
    }

    /// Whether a browser may ask for `header`.
    #[must_use]
    pub fn has_header(&self, header: &str) -> bool {
        let header = header.to_ascii_lowercase();
        self.headers
            .iter()
            .any(|allowed| pattern::matches(&allowed.to_ascii_lowercase(), &header))
    }

    /// Whether the rule answers every request with an origin of the pattern `origin`, with
    /// `method`, and with any choice of headers among the patterns `headers`.
    #[must_use]
    pub fn answers_all(&self, origin: &str, method: &str, headers: &[String]) -> bool {
        self.origins
            .iter()
            .any(|allowed| pattern::includes(allowed, origin))
            && self.has_method(method)
            && headers.iter().all(|asked| {
                let asked = asked.to_ascii_lowercase();
                self.headers
                    .iter()
                    .any(|allowed| pattern::includes(&allowed.to_ascii_lowercase(), &asked))
            })
    }

    /// What keeps the rule from answering; nothing when it matches.
    #[must_use]
    pub fn reasons(&self, request: &Request<'_>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if self.origin_for(request.origin).is_none() {
            reasons.push(Reason::Origin {
                allowed: self.origins.to_vec(),
                near: origin::nearest(self.origins, request.origin),
            });
        }
        if !self.has_method(request.method) {
            reasons.push(Reason::Method {
                asked: request.method.to_owned(),
                allowed: self.methods.to_vec(),
            });
        }
        match request.kind {
            RequestKind::Actual => {}
            RequestKind::Preflight { headers } => {
                let refused: Vec<String> = headers
                    .iter()
                    .filter(|header| !self.has_header(header))
                    .map(|header| (*header).to_owned())
                    .collect();
                if !refused.is_empty() {
                    reasons.push(Reason::Headers {
                        refused,
                        allowed: self.headers.to_vec(),
                    });
                }
            }
        }
        reasons
    }
}

/// Which rule answers `request`, and what keeps every other from it.
#[must_use]
pub fn explain<'a>(rules: impl IntoIterator<Item = Rule<'a>>, request: &Request<'_>) -> Answer {
    let mut winner = None;
    let mut misses = Vec::new();
    for (index, rule) in rules.into_iter().enumerate() {
        let mut reasons = rule.reasons(request);
        if reasons.is_empty() {
            match winner {
                None => {
                    winner = Some(index);
                    continue;
                }
                Some(by) => reasons.push(Reason::AnsweredBefore { by }),
            }
        }
        misses.push(Miss {
            rule: index,
            reasons,
        });
    }
    Answer { winner, misses }
}

/// What the rules foresee for `request`. The guide leaves nothing open, so it is certain.
#[must_use]
pub fn foresee<'a>(rules: impl IntoIterator<Item = Rule<'a>>, request: &Request<'_>) -> Foreseen {
    Foreseen::certain(explain(rules, request))
}

/// The first rule, if any, that by itself answers every request with an origin of the pattern
/// `origin`, with `method`, and with headers among the patterns `headers`.
///
/// Asking one rule at a time loses nothing. Suppose no single rule does, and take an origin whose
/// `*` is filled with a long run of a character that no rule mentions: a rule matches it only by
/// including all of `origin`. Each such rule that has the method lacks some header; a preflight
/// that asks for all of those headers at once is answered by none.
#[must_use]
pub fn answering_all<'a>(
    rules: impl IntoIterator<Item = Rule<'a>>,
    origin: &str,
    method: &str,
    headers: &[String],
) -> Option<usize> {
    rules
        .into_iter()
        .position(|rule| rule.answers_all(origin, method, headers))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Origins, methods, headers.
    type Owned = (Vec<String>, Vec<String>, Vec<String>);

    fn rule(origins: &[&str], methods: &[&str], headers: &[&str]) -> Owned {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        (own(origins), own(methods), own(headers))
    }

    fn views(rules: &[Owned]) -> impl Iterator<Item = Rule<'_>> {
        rules.iter().map(|(origins, methods, headers)| Rule {
            origins,
            methods,
            headers,
        })
    }

    fn winner(rules: &[Owned], request: &Request<'_>) -> Option<usize> {
        explain(views(rules), request).winner
    }

    /// The example of <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>.
    fn documented() -> Vec<Owned> {
        vec![
            rule(
                &["http://www.example1.com"],
                &["PUT", "POST", "DELETE"],
                &["*"],
            ),
            rule(
                &["http://www.example2.com"],
                &["PUT", "POST", "DELETE"],
                &["*"],
            ),
            rule(&["*"], &["GET"], &[]),
        ]
    }

    #[test]
    fn the_documented_example_answers_as_documented() {
        let rules = documented();
        let (one, two) = ("http://www.example1.com", "http://www.example2.com");
        for (request, expected) in [
            (Request::preflight(one, "PUT", &["x-anything"]), Some(0)),
            (Request::preflight(two, "DELETE", &[]), Some(1)),
            (Request::actual("https://app.segments.ai", "GET"), Some(2)),
            (Request::preflight(one, "GET", &[]), Some(2)),
            (Request::preflight(one, "GET", &["range"]), None),
            (Request::actual("https://app.segments.ai", "HEAD"), None),
            (Request::actual("https://www.example1.com", "PUT"), None),
        ] {
            assert_eq!(winner(&rules, &request), expected, "{request:?}");
        }
    }

    #[test]
    fn the_first_rule_that_matches_in_all_three_wins() {
        let rules = vec![
            rule(&["https://app.segments.ai"], &["GET"], &["authorization"]),
            rule(&["https://*.segments.ai"], &["GET"], &["*"]),
            rule(&["*"], &["GET"], &["*"]),
        ];
        let page = "https://app.segments.ai";
        assert_eq!(winner(&rules, &Request::actual(page, "GET")), Some(0));
        assert_eq!(
            winner(&rules, &Request::preflight(page, "GET", &["range"])),
            Some(1)
        );
        let answer = explain(views(&rules), &Request::preflight(page, "GET", &["range"]));
        assert_eq!(
            answer.misses,
            vec![
                Miss {
                    rule: 0,
                    reasons: vec![Reason::Headers {
                        refused: vec!["range".to_owned()],
                        allowed: vec!["authorization".to_owned()],
                    }],
                },
                Miss {
                    rule: 2,
                    reasons: vec![Reason::AnsweredBefore { by: 1 }],
                },
            ]
        );
    }

    #[test]
    fn headers_are_compared_without_case_and_with_one_star() {
        let rules = vec![rule(&["*"], &["GET"], &["X-Amz-*", "Range"])];
        for (headers, expected) in [
            (&["x-amz-date", "range"][..], Some(0)),
            (&["X-AMZ-DATE"][..], Some(0)),
            (&["x-amz"][..], None),
            (&["x-amz-date", "cache-control"][..], None),
        ] {
            let request = Request::preflight("https://a.example", "GET", headers);
            assert_eq!(winner(&rules, &request), expected, "{headers:?}");
        }
    }

    #[test]
    fn every_fault_of_a_rule_is_named() {
        let rules = vec![rule(&["https://app.segments.ai/"], &["PUT"], &["x-amz-*"])];
        let request = Request::preflight("https://app.segments.ai", "GET", &["range"]);
        let words: Vec<String> = explain(views(&rules), &request)
            .misses
            .iter()
            .map(Miss::in_words)
            .collect();
        assert_eq!(
            words,
            vec![
                "`https://app.segments.ai/` does not match `https://app.segments.ai`: it ends with \
                 a slash, and an origin has none; it does not allow the method `GET`, only `PUT`; \
                 it does not allow the request header `range`, only `x-amz-*`"
                    .to_owned()
            ]
        );
    }

    #[test]
    fn no_rules_answer_nothing() {
        let answer = explain(views(&[]), &Request::actual("https://a.example", "GET"));
        assert_eq!(
            answer,
            Answer {
                winner: None,
                misses: vec![]
            }
        );
    }

    #[test]
    fn a_rule_answers_all_only_if_it_includes_every_part() {
        let all = ["*".to_owned()];
        for (candidate, expected) in [
            (rule(&["*"], &["GET"], &["*"]), true),
            (rule(&["https://*"], &["PUT", "GET"], &["range", "*"]), true),
            (rule(&["https://app.segments.ai"], &["GET"], &["*"]), false),
            (rule(&["*"], &["PUT"], &["*"]), false),
            (rule(&["*"], &["GET"], &["range"]), false),
            (rule(&["*"], &["GET"], &[]), false),
        ] {
            let rules = vec![candidate];
            let found = answering_all(views(&rules), "https://*.segments.ai", "GET", &all);
            assert_eq!(found.is_some(), expected, "{rules:?}");
        }
    }
}
