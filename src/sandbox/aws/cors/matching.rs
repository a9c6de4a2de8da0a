//! Which rule a request falls under, and the headers that this gives.
//!
//! The first rule that allows origin, method and, where they are asked for, all headers.
//! See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html#cors-eval-criteria>.

use crate::sandbox::aws::bucket::CorsRule;
use crate::sandbox::incoming::Incoming;

/// The value of `Vary` on every response to which a rule applied.
const VARY: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

/// A request, as far as CORS sees it.
#[derive(Debug, Clone)]
pub struct Asked {
    pub origin: String,
    pub method: String,
    /// The requested headers, lower-case.
    pub headers: Vec<String>,
}

impl Asked {
    /// What a request with an `Origin` asks for.
    ///
    /// S3 judges an actual request that carries the two headers of a preflight by those headers too.
    pub fn by(request: &Incoming) -> Option<Self> {
        let requested = request.header("access-control-request-method");
        let headers = request
            .header("access-control-request-headers")
            .unwrap_or_default();
        Some(Self {
            origin: request.header("origin")?.to_owned(),
            method: requested.unwrap_or(&request.method).to_owned(),
            headers: headers
                .split(',')
                .map(|name| name.trim().to_ascii_lowercase())
                .filter(|name| !name.is_empty())
                .collect(),
        })
    }
}

/// The headers of an actual response; none when no rule applies.
pub(crate) fn response_headers(rules: &[CorsRule], request: &Incoming) -> Vec<(String, String)> {
    Asked::by(request)
        .and_then(|asked| find(rules, &asked))
        .unwrap_or_default()
}

/// The headers that the first rule that applies gives.
pub fn find(rules: &[CorsRule], asked: &Asked) -> Option<Vec<(String, String)>> {
    rules.iter().find_map(|rule| {
        let origin = rule
            .allowed_origins
            .iter()
            .find(|allowed| allows(allowed, &asked.origin))?;
        let method = rule.allowed_methods.contains(&asked.method);
        let headers = asked.headers.iter().all(|name| {
            rule.allowed_headers
                .iter()
                .any(|allowed| allows(&allowed.to_ascii_lowercase(), name))
        });
        (method && headers).then(|| granted(rule, origin, asked))
    })
}

fn granted(rule: &CorsRule, matched_origin: &str, asked: &Asked) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    if matched_origin == "*" {
        add("access-control-allow-origin", "*".to_owned());
    } else {
        add("access-control-allow-origin", asked.origin.clone());
        add("access-control-allow-credentials", "true".to_owned());
    }
    add(
        "access-control-allow-methods",
        rule.allowed_methods.join(", "),
    );
    if !asked.headers.is_empty() {
        add("access-control-allow-headers", asked.headers.join(", "));
    }
    if !rule.expose_headers.is_empty() {
        add(
            "access-control-expose-headers",
            rule.expose_headers.join(", "),
        );
    }
    if let Some(seconds) = rule.max_age_seconds {
        add("access-control-max-age", seconds.to_string());
    }
    add("vary", VARY.to_owned());
    headers
}

/// One `*` in the allowed value stands for any text. Origins are compared with their case.
fn allows(allowed: &str, value: &str) -> bool {
    match allowed.split_once('*') {
        None => allowed == value,
        Some((before, after)) => value
            .strip_prefix(before)
            .is_some_and(|rest| rest.ends_with(after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wildcard_stands_for_any_text() {
        for (allowed, origin, expected) in [
            ("*", "https://anything:1", true),
            ("https://*.segments.ai", "https://app.segments.ai", true),
            ("https://*.segments.ai", "https://a.b.segments.ai", true),
            ("https://*.segments.ai", "https://.segments.ai", true),
            ("https://*.segments.ai", "https://segments.ai", false),
            (
                "https://*.segments.ai",
                "https://app.segments.ai:8443",
                false,
            ),
            ("https://*.segments.ai", "http://app.segments.ai", false),
            ("https://*.segments.ai", "https://app.segments.ai/", false),
            ("https://app.segments.ai", "https://APP.segments.ai", false),
            ("aba*aba", "aba", false),
        ] {
            assert_eq!(allows(allowed, origin), expected, "{allowed} {origin}");
        }
    }
}
