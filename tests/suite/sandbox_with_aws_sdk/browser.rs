//! What a browser sees: preflights, and the headers of actual responses.

use reqwest::Method;
use segments_connect::sandbox::Sandbox;
use segments_connect::sandbox::aws::CorsRule;
use serde_json::json;

use super::{BUCKET, browser, bucket, policy, sandbox, statement};

const ORIGIN: &str = "https://app.segments.ai";

fn rule(origins: &[&str], methods: &[&str], headers: &[&str]) -> CorsRule {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    CorsRule {
        allowed_origins: owned(origins),
        allowed_methods: owned(methods),
        allowed_headers: owned(headers),
        ..CorsRule::default()
    }
}

fn with(rules: Vec<CorsRule>) -> Sandbox {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| bucket.cors = Some(rules));
    sandbox
}

struct Seen {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn element(&self, name: &str) -> &str {
        let after = self
            .body
            .split(&format!("<{name}>"))
            .nth(1)
            .unwrap_or_default();
        after
            .split(&format!("</{name}>"))
            .next()
            .unwrap_or_default()
    }
}

async fn send(sandbox: &Sandbox, method: Method, path: &str, headers: &[(&str, &str)]) -> Seen {
    let url = format!("{}{path}", sandbox.endpoint());
    let mut request = browser().request(method, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    Seen {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.text().await.unwrap(),
    }
}

async fn preflight(sandbox: &Sandbox, origin: &str, method: &str, headers: Option<&str>) -> Seen {
    let mut all = vec![
        ("origin", origin),
        ("access-control-request-method", method),
    ];
    all.extend(headers.map(|headers| ("access-control-request-headers", headers)));
    send(
        sandbox,
        Method::OPTIONS,
        &format!("/{BUCKET}/any-key"),
        &all,
    )
    .await
}

#[tokio::test]
async fn a_preflight_that_matches_gets_the_headers_of_its_rule() {
    let sandbox = with(vec![CorsRule {
        expose_headers: vec!["ETag".to_owned(), "Content-Range".to_owned()],
        max_age_seconds: Some(3000),
        ..rule(&["https://*.segments.ai"], &["GET", "PUT"], &["*"])
    }]);
    let seen = preflight(&sandbox, ORIGIN, "GET", Some("Range,X-Other")).await;
    assert_eq!((seen.status, seen.body.as_str()), (200, ""));
    for (name, value) in [
        ("access-control-allow-origin", Some(ORIGIN)),
        ("access-control-allow-credentials", Some("true")),
        ("access-control-allow-methods", Some("GET, PUT")),
        ("access-control-allow-headers", Some("range, x-other")),
        ("access-control-expose-headers", Some("ETag, Content-Range")),
        ("access-control-max-age", Some("3000")),
        (
            "vary",
            Some("Origin, Access-Control-Request-Headers, Access-Control-Request-Method"),
        ),
        ("server", Some("AmazonS3")),
    ] {
        assert_eq!(seen.header(name), value, "{name}");
    }
    assert!(seen.header("x-amz-request-id").is_some() && seen.header("x-amz-id-2").is_some());
    let seen = preflight(&sandbox, ORIGIN, "GET", None).await;
    assert_eq!(seen.header("access-control-allow-headers"), None);
}

#[tokio::test]
async fn a_wildcard_origin_is_answered_with_a_wildcard_and_without_credentials() {
    let sandbox = with(vec![rule(&["*"], &["GET"], &[])]);
    let seen = preflight(&sandbox, ORIGIN, "GET", None).await;
    assert_eq!(seen.header("access-control-allow-origin"), Some("*"));
    assert_eq!(seen.header("access-control-allow-credentials"), None);
    assert_eq!(seen.header("access-control-max-age"), None);
}

#[tokio::test]
async fn the_first_rule_that_allows_origin_method_and_headers_wins() {
    let sandbox = with(vec![
        rule(&["https://app.segments.ai"], &["GET"], &["x-amz-*"]),
        rule(&["https://*"], &["PUT"], &["*"]),
        rule(
            &["https://*.segments.ai"],
            &["GET", "HEAD"],
            &["Content-*", "range"],
        ),
    ]);
    for (origin, method, headers, expected) in [
        (ORIGIN, "GET", None, Some("GET")),
        (
            ORIGIN,
            "GET",
            Some("x-amz-date, x-amz-user-agent"),
            Some("GET"),
        ),
        (ORIGIN, "GET", Some("RANGE"), Some("GET, HEAD")),
        (ORIGIN, "GET", Some("range,content-type"), Some("GET, HEAD")),
        (ORIGIN, "GET", Some("range,x-amz-date"), None),
        (ORIGIN, "HEAD", None, Some("GET, HEAD")),
        (ORIGIN, "DELETE", None, None),
        (ORIGIN, "PUT", Some("anything"), Some("PUT")),
        ("http://app.segments.ai", "GET", None, None),
        ("https://segments.ai", "GET", None, None),
        ("https://segments.ai", "PUT", None, Some("PUT")),
        ("https://cors-probe.invalid", "GET", None, None),
    ] {
        let seen = preflight(&sandbox, origin, method, headers).await;
        let case = format!("{origin} {method} {headers:?}");
        assert_eq!(
            seen.header("access-control-allow-methods"),
            expected,
            "{case}"
        );
        assert_eq!(
            seen.status,
            if expected.is_some() { 200 } else { 403 },
            "{case}"
        );
    }
}

#[tokio::test]
async fn a_preflight_that_does_not_match_is_forbidden_with_the_reason() {
    let sandbox = with(vec![rule(&["https://example.com"], &["GET"], &[])]);
    let seen = preflight(&sandbox, ORIGIN, "GET", None).await;
    assert_eq!(
        (seen.status, seen.element("Code")),
        (403, "AccessForbidden")
    );
    let message = "CORSResponse: This CORS request is not allowed. ";
    assert!(
        seen.element("Message").starts_with(message),
        "{}",
        seen.body
    );
    assert_eq!(
        (seen.element("Method"), seen.element("ResourceType")),
        ("GET", "OBJECT")
    );
    assert_eq!(seen.header("access-control-allow-origin"), None);
    bucket(&sandbox, |bucket| bucket.cors = None);
    let seen = preflight(&sandbox, ORIGIN, "GET", None).await;
    assert_eq!(
        (seen.status, seen.element("Code")),
        (403, "AccessForbidden")
    );
    assert_eq!(
        seen.element("Message"),
        "CORSResponse: CORS is not enabled for this bucket."
    );
    assert_eq!(seen.element("ResourceType"), "BUCKET");
}

#[tokio::test]
async fn an_incomplete_preflight_is_a_bad_request() {
    let sandbox = with(vec![rule(&["*"], &["GET"], &[])]);
    let path = format!("/{BUCKET}/key");
    for (headers, message) in [
        (
            vec![("access-control-request-method", "GET")],
            "Insufficient information. Origin request header needed.",
        ),
        (
            vec![("origin", ORIGIN)],
            "Invalid Access-Control-Request-Method: null",
        ),
        (
            vec![
                ("origin", ORIGIN),
                ("access-control-request-method", "FETCH"),
            ],
            "Invalid Access-Control-Request-Method: FETCH",
        ),
    ] {
        let seen = send(&sandbox, Method::OPTIONS, &path, &headers).await;
        assert_eq!((seen.status, seen.element("Code")), (400, "BadRequest"));
        assert_eq!(seen.element("Message"), message);
    }
    let headers = [("origin", ORIGIN), ("access-control-request-method", "GET")];
    let seen = send(&sandbox, Method::OPTIONS, "/no-such-bucket/key", &headers).await;
    assert_eq!(seen.status, 403);
    assert_eq!(seen.element("Message"), "CORSResponse: Bucket not found");
}

#[tokio::test]
async fn actual_responses_carry_the_headers_also_when_they_are_errors() {
    let sandbox = with(vec![CorsRule {
        expose_headers: vec!["ETag".to_owned()],
        ..rule(&["https://*.segments.ai"], &["GET"], &[])
    }]);
    let path = format!("/{BUCKET}/photos/one%20cat.png");
    let denied = send(&sandbox, Method::GET, &path, &[("origin", ORIGIN)]).await;
    assert_eq!(denied.status, 403);
    assert_eq!(denied.header("access-control-allow-origin"), Some(ORIGIN));
    bucket(&sandbox, |bucket| {
        bucket.public_access_block = None;
        bucket.policy = Some(policy(&[statement("Allow", &json!({}))]));
    });
    let read = send(&sandbox, Method::GET, &path, &[("origin", ORIGIN)]).await;
    assert_eq!((read.status, read.body.as_str()), (200, "hello world"));
    assert_eq!(read.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(read.header("access-control-expose-headers"), Some("ETag"));
    assert!(
        read.header("vary")
            .is_some_and(|vary| vary.starts_with("Origin"))
    );
}

#[tokio::test]
async fn actual_responses_carry_nothing_when_no_rule_matches() {
    let sandbox = with(vec![rule(&["https://*.segments.ai"], &["GET"], &[])]);
    bucket(&sandbox, |bucket| {
        bucket.public_access_block = None;
        bucket.policy = Some(policy(&[statement("Allow", &json!({}))]));
    });
    let path = format!("/{BUCKET}/photos/one%20cat.png");
    for (method, headers) in [
        (Method::GET, vec![]),
        (Method::GET, vec![("origin", "https://example.com")]),
        (Method::HEAD, vec![("origin", ORIGIN)]),
        // S3 judges an actual request by the headers of a preflight if it has them.
        (
            Method::GET,
            vec![("origin", ORIGIN), ("access-control-request-method", "PUT")],
        ),
        (
            Method::GET,
            vec![
                ("origin", ORIGIN),
                ("access-control-request-headers", "range"),
            ],
        ),
    ] {
        let seen = send(&sandbox, method.clone(), &path, &headers).await;
        assert_eq!(seen.status, 200, "the object is there all the same");
        assert_eq!(
            seen.header("access-control-allow-origin"),
            None,
            "{method} {headers:?}"
        );
        assert_eq!(seen.header("vary"), None, "{method} {headers:?}");
    }
}
