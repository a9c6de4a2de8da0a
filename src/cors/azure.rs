//! How Azure Storage picks the rule that answers: the first one, in their order, with the origin and the method. That
//! one decides alone: a header that it does not allow fails a preflight, also where a later rule would allow it.
//!
//! Written from Microsoft's "Understanding CORS rule evaluation logic",
//! <https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services>.
//! It sees rules and a request, nothing else.

use super::origin;
use super::{Answer, Miss, Reason, Request, RequestKind};

/// The parts of a rule that decide whether it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule<'a> {
    /// `allowedOrigins`: letter by letter, `*` alone, or a sub-domain as in `https://*.contoso.com`.
    pub origins: &'a [String],
    /// `allowedMethods`: those and no others.
    pub methods: &'a [String],
    /// `allowedHeaders`: whole names, or beginnings as in `x-ms-meta-*`, without case.
    pub headers: &'a [String],
}

impl Rule<'_> {
    /// Whether an origin of the rule admits `origin`.
    #[must_use]
    pub fn has_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| admits(allowed, origin))
    }

    /// Whether the rule lists `method`.
    #[must_use]
    pub fn has_method(&self, method: &str) -> bool {
        self.methods.iter().any(|allowed| allowed == method)
    }

    /// Whether a browser may ask for `header`.
    #[must_use]
    pub fn has_header(&self, header: &str) -> bool {
        let header = header.to_ascii_lowercase();
        self.headers.iter().any(|allowed| {
            let allowed = allowed.to_ascii_lowercase();
            match allowed.strip_suffix('*') {
                Some(start) => header.starts_with(start),
                None => header == allowed,
            }
        })
    }

    /// What keeps the rule from being the one that decides; nothing when it is for this origin and method.
    fn misses(&self, request: &Request<'_>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if !self.has_origin(request.origin) {
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
        reasons
    }

    /// The headers for which the rule refuses, where it decides; none when it admits.
    fn refuses(&self, request: &Request<'_>) -> Option<Reason> {
        let RequestKind::Preflight { headers } = request.kind else {
            return None;
        };
        let refused: Vec<String> = headers
            .iter()
            .filter(|header| !self.has_header(header))
            .map(|header| (*header).to_owned())
            .collect();
        (!refused.is_empty()).then(|| Reason::Headers {
            refused,
            allowed: self.headers.to_vec(),
        })
    }
}

/// `*` alone is any origin; a star as the first label of the host is any sub-domain; everything else is compared letter
/// by letter, with its case.
fn admits(allowed: &str, origin: &str) -> bool {
    if allowed == "*" || allowed == origin {
        return true;
    }
    let Some((scheme, domain)) = allowed.split_once("://*.") else {
        return false;
    };
    origin
        .strip_prefix(scheme)
        .and_then(|rest| rest.strip_prefix("://"))
        .and_then(|host| host.strip_suffix(domain))
        .and_then(|labels| labels.strip_suffix('.'))
        .is_some_and(|labels| !labels.is_empty() && !labels.contains(['/', ':', '*']))
}

/// Which rule admits `request`, and what keeps every other from it. The rule that decides and refuses is among the
/// latter, with the headers for which it does.
#[must_use]
pub fn explain<'a>(rules: impl IntoIterator<Item = Rule<'a>>, request: &Request<'_>) -> Answer {
    let mut decides = None;
    let mut winner = None;
    let mut misses = Vec::new();
    for (index, rule) in rules.into_iter().enumerate() {
        let mut reasons = rule.misses(request);
        if let (true, Some(by)) = (reasons.is_empty(), decides) {
            reasons.push(Reason::AnsweredBefore { by });
        } else if reasons.is_empty() {
            decides = Some(index);
            let Some(refused) = rule.refuses(request) else {
                winner = Some(index);
                continue;
            };
            reasons.push(refused);
        }
        misses.push(Miss {
            rule: index,
            reasons,
        });
    }
    Answer { winner, misses }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Owned = (Vec<String>, Vec<String>, Vec<String>);

    fn rule(origins: &[&str], methods: &[&str], headers: &[&str]) -> Owned {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        (own(origins), own(methods), own(headers))
    }

    fn answer(rules: &[Owned], request: &Request<'_>) -> Answer {
        let rules = rules.iter().map(|(origins, methods, headers)| Rule {
            origins,
            methods,
            headers,
        });
        explain(rules, request)
    }

    /// The rules of Microsoft's example.
    fn documented() -> Vec<Owned> {
        vec![
            rule(
                &["http://www.contoso.com"],
                &["PUT", "HEAD"],
                &["x-ms-meta-data*", "x-ms-meta-target*", "x-ms-meta-abc"],
            ),
            rule(&["*"], &["PUT", "GET"], &["x-ms-meta*"]),
            rule(
                &["http://www.contoso.com"],
                &["GET"],
                &["x-ms-meta-data*", "x-ms-meta-target*"],
            ),
        ]
    }

    #[test]
    fn the_documented_example_answers_as_documented() {
        let contoso = "http://www.contoso.com";
        for (method, origin, header, expected) in [
            ("PUT", contoso, "x-ms-meta-data1", Some(0)),
            ("GET", "http://www.fabrikam.com", "x-ms-meta-data1", Some(1)),
            ("GET", contoso, "x-ms-client-request-id", None),
        ] {
            let headers = [header];
            let request = Request::preflight(origin, method, &headers);
            assert_eq!(
                answer(&documented(), &request).winner,
                expected,
                "{method} {origin}"
            );
        }
    }

    #[test]
    fn the_first_rule_for_origin_and_method_decides_alone() {
        let rules = vec![
            rule(&["*"], &["GET"], &[]),
            rule(&["https://app.segments.ai"], &["GET"], &["range"]),
        ];
        let origin = "https://app.segments.ai";
        assert_eq!(
            answer(&rules, &Request::preflight(origin, "GET", &[])).winner,
            Some(0)
        );
        let refused = answer(&rules, &Request::preflight(origin, "GET", &["range"]));
        assert_eq!(refused.winner, None);
        assert_eq!(
            refused.misses[1].reasons,
            [Reason::AnsweredBefore { by: 0 }]
        );
    }

    #[test]
    fn origins_are_compared_with_their_case_and_sub_domains_are_one_or_more_labels() {
        for (allowed, origin, admitted) in [
            ("https://app.segments.ai", "https://app.segments.ai", true),
            ("https://App.segments.ai", "https://app.segments.ai", false),
            ("https://app.segments.ai/", "https://app.segments.ai", false),
            ("http://app.segments.ai", "https://app.segments.ai", false),
            ("*", "https://anything.example", true),
            ("https://*.segments.ai", "https://app.segments.ai", true),
            ("https://*.segments.ai", "https://a.b.segments.ai", true),
            ("https://*.segments.ai", "https://segments.ai", false),
            ("https://*.segments.ai", "https://.segments.ai", false),
            (
                "https://*.segments.ai",
                "https://evil.example/.segments.ai",
                false,
            ),
            ("https://*.segments.ai", "https://appsegments.ai", false),
            ("https://app.*", "https://app.segments.ai", false),
        ] {
            assert_eq!(admits(allowed, origin), admitted, "{allowed} {origin}");
        }
    }
}
