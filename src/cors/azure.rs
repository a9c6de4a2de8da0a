//! How Azure Storage picks the rule that answers: the first one with the origin and the method. Whether a preflight may
//! send its headers is then for that rule alone to say; no later one is looked at.
//!
//! Written from "Understanding CORS rule evaluation logic" in
//! <https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services>.
//! Azurite, Microsoft's emulator, goes on to later rules where the headers do not fit. Requests that ask for no header are
//! answered alike in both readings. It sees rules and a request, nothing else.

use super::foresee::Foreseen;
use super::gcs;
use super::origin::{self, Difference, NearMiss};
use super::{Answer, Miss, Reason, Request, RequestKind};

/// The parts of a rule that decide whether it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule<'a> {
    /// `allowedOrigins`: letter by letter, `*` alone, or every sub-domain as in `https://*.contoso.com`.
    pub origins: &'a [String],
    /// `allowedMethods`: those and no others.
    pub methods: &'a [String],
    /// `allowedHeaders`: whole names, or beginnings as in `x-ms-meta-*`, without case; for preflights only.
    pub headers: &'a [String],
}

impl Rule<'_> {
    /// The origin of the rule that admits `origin`.
    #[must_use]
    pub fn origin_for(&self, origin: &str) -> Option<&str> {
        self.origins
            .iter()
            .map(String::as_str)
            .find(|allowed| admits(allowed, origin))
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
        self.headers.iter().any(|allowed| {
            let allowed = allowed.to_ascii_lowercase();
            match allowed.strip_suffix('*') {
                Some(beginning) => header.starts_with(beginning),
                None => header == allowed,
            }
        })
    }

    /// Whether the rule is the one to answer, where no earlier one is: it has the origin and the method.
    #[must_use]
    pub fn takes(&self, request: &Request<'_>) -> bool {
        self.origin_for(request.origin).is_some() && self.has_method(request.method)
    }

    /// Whether it is, or may be by what is not documented.
    fn may_take(&self, request: &Request<'_>) -> bool {
        let origin = self
            .origins
            .iter()
            .any(|allowed| admits(allowed, request.origin) || may_admit(allowed, request.origin));
        origin && self.has_method(request.method)
    }

    /// What keeps the rule from admitting the request; nothing when it does.
    #[must_use]
    pub fn reasons(&self, request: &Request<'_>) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if self.origin_for(request.origin).is_none() {
            reasons.push(Reason::Origin {
                allowed: self.origins.to_vec(),
                near: nearest(self.origins, request.origin),
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

/// `*` alone is any origin; a star as the first label of the host is any sub-domain, at any depth; everything else is
/// compared letter by letter, with its case.
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

/// Whether an origin that does not match as documented may match nevertheless: the page knows a star alone and one in place
/// of a sub-domain, and what the service makes of any other, or of blanks, it does not say.
fn may_admit(allowed: &str, origin: &str) -> bool {
    allowed.trim() == origin || gcs::glob(allowed.trim(), origin)
}

/// The allowed origin that was probably meant to match. A scheme alone has no form on Azure to advise.
fn nearest(allowed: &[String], origin: &str) -> Option<NearMiss> {
    origin::nearest(allowed, origin)
        .filter(|near| !near.differences.contains(&Difference::SchemeOnly))
}

/// Which rule answers `request`, and what keeps every other from it.
#[must_use]
pub fn explain<'a>(rules: impl IntoIterator<Item = Rule<'a>>, request: &Request<'_>) -> Answer {
    let mut taken = None;
    let mut winner = None;
    let mut misses = Vec::new();
    for (index, rule) in rules.into_iter().enumerate() {
        let mut reasons = rule.reasons(request);
        if rule.takes(request) {
            match taken {
                None => {
                    taken = Some(index);
                    if reasons.is_empty() {
                        winner = Some(index);
                        continue;
                    }
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

/// What the rules foresee for `request`; none stands for a rule of a form that is not known. Such a rule may answer in
/// the place of all behind it, as may one with an origin of such a form, so what one of those says is not certain.
#[must_use]
pub fn foresee(rules: &[Option<Rule<'_>>], request: &Request<'_>) -> Foreseen {
    // A rule that lists nothing takes no request, so it stands in its place without being one.
    let nobody = Rule {
        origins: &[],
        methods: &[],
        headers: &[],
    };
    let answer = explain(rules.iter().map(|rule| rule.unwrap_or(nobody)), request);
    let first = rules
        .iter()
        .find(|rule| rule.is_none_or(|rule| rule.may_take(request)));
    match first {
        Some(Some(rule)) if rule.takes(request) => Foreseen::certain(answer),
        None => Foreseen::certain(answer),
        Some(_) => Foreseen::perhaps(answer),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::foresee::Says;
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

    const CONTOSO: &str = "http://www.contoso.com";
    const CONTENT: [&str; 2] = ["x-ms-blob-content-type", "x-ms-blob-content-disposition"];

    /// The rules of the page's "Example: CORS rules evaluation".
    fn documented() -> Vec<Owned> {
        vec![
            rule(&[CONTOSO], &["PUT", "HEAD"], &CONTENT),
            rule(&["*"], &["PUT", "GET"], &CONTENT),
            rule(&[CONTOSO], &["GET"], &["x-ms-client-request-id"]),
        ]
    }

    /// The page's table of requests: method, header, the rule that matches, whether the request succeeds.
    #[test]
    fn the_documented_requests_are_answered_as_documented() {
        for (method, header, matching, succeeds) in [
            ("PUT", "x-ms-blob-content-type", 0, true),
            ("GET", "x-ms-blob-content-type", 1, true),
            ("GET", "x-ms-client-request-id", 1, false),
        ] {
            let headers = [header];
            let request = Request::preflight(CONTOSO, method, &headers);
            let rules = documented();
            let takes = views(&rules).position(|rule| rule.takes(&request));
            assert_eq!(takes, Some(matching), "{method} {header}");
            assert_eq!(
                winner(&rules, &request),
                succeeds.then_some(matching),
                "{method} {header}"
            );
        }
    }

    #[test]
    fn a_rule_that_is_not_understood_leaves_open_what_comes_after_it() {
        let rules = documented();
        let views: Vec<Option<Rule<'_>>> = views(&rules).map(Some).collect();
        let says = |rules: &[Option<Rule<'_>>]| {
            foresee(rules, &Request::preflight(CONTOSO, "GET", &[])).says
        };
        assert_eq!(says(&views), Says::Yes);
        assert_eq!(says(&[]), Says::No);
        assert_eq!(says(&[None]), Says::Maybe);
        assert_eq!(says(&[None, views[1]]), Says::Maybe);
        assert_eq!(says(&[views[0], views[1], None]), Says::Yes);
        assert_eq!(says(&[views[0], None]), Says::Maybe);
    }

    #[test]
    fn what_the_page_does_not_say_of_an_origin_is_not_foreseen() {
        let page = "https://app.segments.ai";
        for (origin, expected) in [
            (page, Says::Yes),
            ("https://*.segments.ai", Says::Yes),
            ("*", Says::Yes),
            ("https://*", Says::Maybe),
            ("*.segments.ai", Says::Maybe),
            ("https://app.*.ai", Says::Maybe),
            ("https://*.*.ai", Says::Maybe),
            (" https://app.segments.ai", Says::Maybe),
            ("https://App.segments.ai", Says::No),
            ("https://app.segments.ai/", Says::No),
            ("https://*.segments.ai:443", Says::No),
            ("http://*", Says::No),
        ] {
            let rules = [rule(&[origin], &["GET"], &[]), rule(&["*"], &["PUT"], &[])];
            let views: Vec<_> = views(&rules).map(Some).collect();
            let said = foresee(&views, &Request::preflight(page, "GET", &[])).says;
            assert_eq!(said, expected, "{origin}");
        }
        // One that may answer first leaves open what a certain one behind it would say.
        let rules = [
            rule(&["https://*"], &["GET"], &[]),
            rule(&[page], &["GET"], &["range"]),
        ];
        let views: Vec<_> = views(&rules).map(Some).collect();
        let asked = Request::preflight(page, "GET", &["range"]);
        assert_eq!(foresee(&views, &asked).says, Says::Maybe);
    }

    #[test]
    fn the_rule_that_refuses_the_headers_is_named_and_so_is_the_one_behind_it() {
        let answer = explain(
            views(&documented()),
            &Request::preflight(CONTOSO, "GET", &["x-ms-client-request-id"]),
        );
        let words: Vec<String> = answer.misses.iter().map(Miss::in_words).collect();
        assert_eq!(
            words[1..],
            [
                "it does not allow the request header `x-ms-client-request-id`, only \
                 `x-ms-blob-content-type`, `x-ms-blob-content-disposition`",
                "rule 2 answers before it"
            ]
        );
    }

    #[test]
    fn an_actual_request_needs_no_header() {
        let rules = documented();
        for (origin, method, expected) in [
            (CONTOSO, "GET", Some(1)),
            (CONTOSO, "HEAD", Some(0)),
            ("https://app.segments.ai", "GET", Some(1)),
            ("https://app.segments.ai", "HEAD", None),
            (CONTOSO, "DELETE", None),
        ] {
            let request = Request::actual(origin, method);
            assert_eq!(winner(&rules, &request), expected, "{request:?}");
        }
    }

    /// `http://*.contoso.com` stands in the page's sample of a rule: a star in place of a sub-domain.
    #[test]
    fn origins_are_exact_or_a_star_or_a_sub_domain() {
        for (allowed, origin, expected) in [
            ("*", "https://app.segments.ai", true),
            ("https://app.segments.ai", "https://app.segments.ai", true),
            ("https://App.segments.ai", "https://app.segments.ai", false),
            ("https://app.segments.ai/", "https://app.segments.ai", false),
            (
                "https://app.segments.ai:443",
                "https://app.segments.ai",
                false,
            ),
            ("http://app.segments.ai", "https://app.segments.ai", false),
            ("http://*.contoso.com", "http://www.contoso.com", true),
            ("http://*.contoso.com", "http://a.b.contoso.com", true),
            ("http://*.contoso.com", "http://contoso.com", false),
            ("http://*.contoso.com", "http://.contoso.com", false),
            ("http://*.contoso.com", "https://www.contoso.com", false),
            ("http://*.contoso.com", "http://www.Contoso.com", false),
            ("http://*.contoso.com", "http://www.contoso.com:8080", false),
            (
                "http://*.contoso.com:8080",
                "http://www.contoso.com:8080",
                true,
            ),
            ("http://*.contoso.com", "http://wwwcontoso.com", false),
            ("http://*.contoso.com", "http://x/y.contoso.com", false),
            // Forms that the page does not know match themselves alone.
            ("https://*", "https://app.segments.ai", false),
            ("*.segments.ai", "https://app.segments.ai", false),
            (
                "https://*.*.segments.ai",
                "https://a.app.segments.ai",
                false,
            ),
            ("https://app.*.ai", "https://app.segments.ai", false),
            ("", "", true),
        ] {
            assert_eq!(admits(allowed, origin), expected, "{allowed} and {origin}");
        }
    }

    #[test]
    fn headers_are_whole_or_a_beginning_without_case() {
        let rules = vec![rule(&["*"], &["GET"], &["X-Ms-Meta-Data*", "Range"])];
        for (headers, expected) in [
            (&["x-ms-meta-data-a", "range"][..], Some(0)),
            (&["X-MS-META-DATA"][..], Some(0)),
            (&["x-ms-meta-dat"][..], None),
            (&["ranges"][..], None),
            (&["range", "if-match"][..], None),
            (&[][..], Some(0)),
        ] {
            let request = Request::preflight("https://a.example", "GET", headers);
            assert_eq!(winner(&rules, &request), expected, "{headers:?}");
        }
        let all = vec![rule(&["*"], &["GET"], &["*"])];
        let request = Request::preflight("https://a.example", "GET", &["anything"]);
        assert_eq!(winner(&all, &request), Some(0));
    }

    #[test]
    fn methods_are_listed_and_nothing_else() {
        for methods in [&["get"][..], &["*"][..], &["HEAD"][..], &[][..]] {
            let rules = vec![rule(&["*"], methods, &["*"])];
            let request = Request::actual("https://app.segments.ai", "GET");
            assert_eq!(winner(&rules, &request), None, "{methods:?}");
        }
    }

    #[test]
    fn no_advice_is_given_that_azure_does_not_take() {
        let rules = vec![rule(&["https"], &["GET"], &[])];
        let answer = explain(
            views(&rules),
            &Request::actual("https://app.segments.ai", "GET"),
        );
        assert_eq!(answer.misses[0].in_words(), "it is for `https`");
    }

    fn some_of(texts: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(prop::sample::select(texts), 0..3)
            .prop_map(|texts| texts.into_iter().map(str::to_owned).collect())
    }

    fn some_rules() -> impl Strategy<Value = Vec<Owned>> {
        let one = (
            some_of(&["*", "https://*.b.c", "https://a.b.c", "https://a.b.c/"]),
            some_of(&["GET", "PUT"]),
            some_of(&["*", "range", "x-*"]),
        );
        prop::collection::vec(one, 0..5)
    }

    proptest! {
        /// What a rule at the end does to requests that a rule before it takes: nothing, and nobody else's answer.
        #[test]
        fn a_rule_at_the_end_changes_no_answer_that_was_given_before(
            rules in some_rules(),
            last in some_rules(),
            origin in prop::sample::select(vec!["https://a.b.c", "https://x.b.c", "https://b.c"]),
            method in prop::sample::select(vec!["GET", "PUT", "HEAD"]),
            headers in prop::collection::vec(prop::sample::select(vec!["range", "x-y"]), 0..3),
        ) {
            let mut more = rules.clone();
            more.extend(last);
            for request in [Request::actual(origin, method), Request::preflight(origin, method, &headers)] {
                if views(&rules).any(|rule| rule.takes(&request)) {
                    prop_assert_eq!(winner(&more, &request), winner(&rules, &request));
                }
            }
        }

        #[test]
        fn every_rule_but_the_winner_has_its_reasons(rules in some_rules(), headers in prop::collection::vec("[a-z-]{0,6}", 0..3)) {
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let answer = explain(views(&rules), &Request::preflight("https://a.b.c", "GET", &headers));
            prop_assert_eq!(answer.misses.len() + usize::from(answer.winner.is_some()), rules.len());
            prop_assert!(answer.misses.iter().all(|miss| !miss.reasons.is_empty()));
        }

        #[test]
        fn any_text_is_compared_without_harm(allowed in ".*", origin in ".*") {
            prop_assert_eq!(admits(&allowed, &allowed), true);
            let _ = admits(&allowed, &origin);
        }
    }
}
