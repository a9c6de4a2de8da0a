//! CORS, as Blob Storage does it: the first rule that fits the origin and the method is the one, and its headers are
//! then enough or the request fails.
//!
//! This module decides; it changes nothing. See
//! <https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services>
//! (the evaluation logic with its example, and how `Vary` is set) and
//! <https://learn.microsoft.com/rest/api/storageservices/preflight-blob-request>.

use crate::sandbox::answer::Answer;
use crate::sandbox::azure::account::CorsRule;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::incoming::Incoming;

/// Headers that every answer gets later on, and that a rule may expose.
const ALWAYS: [&str; 5] = [
    "x-ms-request-id",
    "Server",
    "x-ms-version",
    "Content-Length",
    "Date",
];

/// Answers a preflight by the rules of the service.
pub(super) fn preflight(rules: &[CorsRule], request: &Incoming) -> Result<Answer, Problem> {
    let demand = |name: &str| {
        request
            .header(name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                Problem::new(
                    400,
                    "InvalidHeaderValue",
                    "A required CORS header is not present.",
                )
                .field("MessageDetails", name)
            })
    };
    let origin = demand("origin")?;
    let method = demand("access-control-request-method")?;
    let headers = request
        .header("access-control-request-headers")
        .unwrap_or_default();
    let rule = select(rules, origin, method)
        .filter(|rule| headers_fit(rule, headers))
        .ok_or_else(|| {
            Problem::new(
                403,
                "CorsPreflightFailure",
                "CORS not enabled or no matching rule found for this request.",
            )
            .field("MessageDetails", "No CORS rules matches this request")
        })?;
    // The origin comes back as it was sent, whatever the rule says.
    let mut answer = Answer::new(200)
        .header("access-control-allow-origin", origin)
        .header("access-control-allow-methods", method);
    if !headers.is_empty() {
        answer = answer.header("access-control-allow-headers", headers);
    }
    Ok(answer
        .header(
            "access-control-max-age",
            rule.max_age_in_seconds.to_string(),
        )
        .header("access-control-allow-credentials", "true"))
}

/// The headers that an actual request's answer gets. `present` are the names of those that it has already.
pub(super) fn actual(
    rules: &[CorsRule],
    request: &Incoming,
    present: &[String],
) -> Vec<(String, String)> {
    let cacheable = matches!(request.method.as_str(), "GET" | "HEAD");
    let mut headers = Vec::new();
    if rules.is_empty() {
        return headers;
    }
    let rule = match request.header("origin") {
        Some(origin) => select(rules, origin, &request.method).map(|rule| (rule, origin)),
        // Without an origin a rule for all of them applies still, so that a cache may serve whoever comes next.
        None => rules
            .iter()
            .find(|rule| allows_all(rule) && allows_method(rule, &request.method))
            .filter(|_| cacheable)
            .map(|rule| (rule, "*")),
    };
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    match rule {
        Some((rule, _)) if allows_all(rule) => {
            add("access-control-allow-origin", "*".to_owned());
            if let Some(exposed) = exposed(rule, present) {
                add("access-control-expose-headers", exposed);
            }
        }
        Some((rule, origin)) => {
            add("access-control-allow-origin", origin.to_owned());
            add("access-control-allow-credentials", "true".to_owned());
            if let Some(exposed) = exposed(rule, present) {
                add("access-control-expose-headers", exposed);
            }
            if cacheable {
                add("vary", "Origin".to_owned());
            }
        }
        None if cacheable => add("vary", "Origin".to_owned()),
        None => {}
    }
    headers
}

/// The first rule that fits the origin and the method; no further rule is looked at, whatever its headers.
fn select<'a>(rules: &'a [CorsRule], origin: &str, method: &str) -> Option<&'a CorsRule> {
    rules
        .iter()
        .find(|rule| allows_origin(rule, origin) && allows_method(rule, method))
}

/// Origins are compared as they are written. A sub-domain wildcard stands for at least one label.
fn allows_origin(rule: &CorsRule, origin: &str) -> bool {
    rule.allowed_origins
        .iter()
        .any(|allowed| allowed == "*" || allowed == origin || is_sub_domain(allowed, origin))
}

fn is_sub_domain(allowed: &str, origin: &str) -> bool {
    let Some((scheme, domain)) = allowed.split_once("://*") else {
        return false;
    };
    if !domain.starts_with('.') {
        return false;
    }
    origin
        .strip_prefix(scheme)
        .and_then(|rest| rest.strip_prefix("://"))
        .and_then(|host| host.strip_suffix(domain))
        .is_some_and(|label| !label.is_empty() && !label.contains('/'))
}

fn allows_all(rule: &CorsRule) -> bool {
    rule.allowed_origins.iter().any(|allowed| allowed == "*")
}

fn allows_method(rule: &CorsRule, method: &str) -> bool {
    rule.allowed_methods.iter().any(|allowed| allowed == method)
}

/// Whether every header that is asked for is allowed: by its name, or by the beginning of it.
fn headers_fit(rule: &CorsRule, headers: &str) -> bool {
    headers
        .split(',')
        .map(str::trim)
        .filter(|header| !header.is_empty())
        .all(|header| {
            rule.allowed_headers
                .iter()
                .any(|pattern| header_fits(pattern, header))
        })
}

fn header_fits(pattern: &str, header: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => header
            .get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix)),
        None => pattern.eq_ignore_ascii_case(header),
    }
}

/// What the page may see: the names in the rule, and those headers of the answer that its prefixes fit.
fn exposed(rule: &CorsRule, present: &[String]) -> Option<String> {
    if rule.exposed_headers.is_empty() {
        return None;
    }
    let mut names: Vec<&str> = Vec::new();
    for pattern in &rule.exposed_headers {
        if pattern.ends_with('*') {
            let fitting = ALWAYS
                .into_iter()
                .chain(present.iter().map(String::as_str))
                .filter(|name| header_fits(pattern, name));
            names.extend(fitting);
        } else {
            names.push(pattern);
        }
    }
    Some(names.join(","))
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use bytes::Bytes;
    use hyper::header::{HeaderMap, HeaderName, HeaderValue};

    use super::*;

    fn rule(origins: &[&str], methods: &[&str], headers: &[&str]) -> CorsRule {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        CorsRule {
            allowed_origins: owned(origins),
            allowed_methods: owned(methods),
            max_age_in_seconds: 5,
            exposed_headers: owned(&["x-ms-*"]),
            allowed_headers: owned(headers),
        }
    }

    fn request(method: &str, headers: &[(&str, &str)]) -> Incoming {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(
                name.parse::<HeaderName>().unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        Incoming {
            method: method.to_owned(),
            path: "/a/c/b".to_owned(),
            query: String::new(),
            headers: map,
            body: Bytes::new(),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        }
    }

    /// The status of a preflight.
    fn asks(rules: &[CorsRule], origin: &str, method: &str, headers: &str) -> u16 {
        let mut sent = vec![
            ("origin", origin),
            ("access-control-request-method", method),
        ];
        if !headers.is_empty() {
            sent.push(("access-control-request-headers", headers));
        }
        match preflight(rules, &request("OPTIONS", &sent)) {
            Ok(answer) => answer.status,
            Err(problem) => problem.status,
        }
    }

    #[test]
    fn the_documented_example_comes_out_as_documented() {
        let contoso = "http://www.contoso.com";
        let content = ["x-ms-blob-content-type", "x-ms-blob-content-disposition"];
        let rules = [
            rule(&[contoso], &["PUT", "HEAD"], &content),
            rule(&["*"], &["PUT", "GET"], &content),
            rule(&[contoso], &["GET"], &["x-ms-client-request-id"]),
        ];
        for (method, header, expected) in [
            ("PUT", "x-ms-blob-content-type", 200),
            ("GET", "x-ms-blob-content-type", 200),
            // The second rule is the one, although the third would allow it.
            ("GET", "x-ms-client-request-id", 403),
        ] {
            assert_eq!(
                asks(&rules, contoso, method, header),
                expected,
                "{method} {header}"
            );
        }
    }

    #[test]
    fn origins_are_exact_and_wildcards_stand_for_sub_domains() {
        for (allowed, origin, expected) in [
            ("https://app.segments.ai", "https://app.segments.ai", 200),
            ("https://app.segments.ai", "https://APP.segments.ai", 403),
            ("https://app.segments.ai", "https://app.segments.ai/", 403),
            ("https://app.segments.ai/", "https://app.segments.ai", 403),
            ("*", "null", 200),
            ("https://*.segments.ai", "https://app.segments.ai", 200),
            ("https://*.segments.ai", "https://a.b.segments.ai", 200),
            ("https://*.segments.ai", "https://segments.ai", 403),
            ("https://*.segments.ai", "http://app.segments.ai", 403),
            ("https://*.segments.ai", "https://app.segments.ai:8443", 403),
            ("https://*segments.ai", "https://app.segments.ai", 403),
        ] {
            let rules = [rule(&[allowed], &["GET"], &[])];
            assert_eq!(
                asks(&rules, origin, "GET", ""),
                expected,
                "{allowed} {origin}"
            );
        }
    }

    #[test]
    fn headers_must_all_be_allowed() {
        for (allowed, headers, expected) in [
            (&[][..], "", 200),
            (&[], "range", 403),
            (&["Range"], "range", 200),
            (&["range"], "range, x-ms-version", 403),
            (&["range", "x-ms-*"], "range,X-MS-version", 200),
            (&["*"], "anything,at-all", 200),
        ] {
            let rules = [rule(&["*"], &["GET"], allowed)];
            assert_eq!(
                asks(&rules, "https://a", "GET", headers),
                expected,
                "{allowed:?} {headers}"
            );
        }
    }

    #[test]
    fn a_preflight_needs_its_headers_and_repeats_them() {
        let rules = [rule(&["*"], &["GET", "PUT"], &["*"])];
        let refused = preflight(&rules, &request("OPTIONS", &[])).unwrap_err();
        assert_eq!(
            (refused.status, refused.code.as_str()),
            (400, "InvalidHeaderValue")
        );
        assert_eq!(asks(&[], "https://a", "GET", ""), 403);
        assert_eq!(asks(&rules, "https://a", "DELETE", ""), 403);
        let sent = [
            ("origin", "https://a"),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "range"),
        ];
        let answer = preflight(&rules, &request("OPTIONS", &sent)).unwrap();
        let pairs: Vec<(&str, &str)> = answer
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("access-control-allow-origin", "https://a"),
                ("access-control-allow-methods", "GET"),
                ("access-control-allow-headers", "range"),
                ("access-control-max-age", "5"),
                ("access-control-allow-credentials", "true"),
            ]
        );
    }

    /// Origin, credentials, exposed headers and `Vary` of an actual answer.
    fn told(rules: &[CorsRule], method: &str, origin: Option<&str>) -> [Option<String>; 4] {
        let sent: Vec<(&str, &str)> = origin
            .map(|origin| ("origin", origin))
            .into_iter()
            .collect();
        let headers = actual(rules, &request(method, &sent), &["etag".to_owned()]);
        [
            "access-control-allow-origin",
            "access-control-allow-credentials",
            "access-control-expose-headers",
            "vary",
        ]
        .map(|wanted| {
            headers
                .iter()
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.clone())
        })
    }

    #[test]
    fn actual_answers_follow_the_documented_table() {
        let some = |text: &str| Some(text.to_owned());
        let exposed = || some("x-ms-request-id,x-ms-version");
        let all = [rule(&["*"], &["GET"], &[])];
        let exact = [rule(&["https://a"], &["GET"], &[])];
        let nothing = [None, None, None, None];
        let only_vary = [None, None, None, some("Origin")];
        assert_eq!(told(&[], "GET", None), nothing);
        assert_eq!(told(&exact, "GET", None), only_vary);
        assert_eq!(told(&all, "GET", None), [some("*"), None, exposed(), None]);
        assert_eq!(told(&[], "GET", Some("https://a")), nothing);
        assert_eq!(
            told(&exact, "GET", Some("https://a")),
            [some("https://a"), some("true"), exposed(), some("Origin")]
        );
        assert_eq!(told(&exact, "GET", Some("https://b")), only_vary);
        assert_eq!(
            told(&all, "GET", Some("https://a")),
            [some("*"), None, exposed(), None]
        );
        assert_eq!(told(&all, "PUT", Some("https://a")), nothing);
        assert_eq!(
            told(&exact, "HEAD", Some("https://a")),
            only_vary,
            "GET is not HEAD"
        );
    }

    #[test]
    fn a_wildcard_exposes_what_there_is() {
        let mut rule = rule(&["*"], &["GET"], &[]);
        rule.exposed_headers = vec!["*".to_owned()];
        assert_eq!(
            exposed(&rule, &["etag".to_owned()]).unwrap(),
            "x-ms-request-id,Server,x-ms-version,Content-Length,Date,etag"
        );
        rule.exposed_headers = Vec::new();
        assert_eq!(exposed(&rule, &[]), None);
    }
}
