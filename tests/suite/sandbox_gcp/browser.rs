//! What a browser sees: preflights, and the headers of actual responses, at every form of URL.

use reqwest::Method;
use segments_connect::sandbox::Sandbox;
use segments_connect::sandbox::gcp::{SEGMENTS, settings};

use super::{BUCKET, Seen, bucket, connect, photo, sandbox, see, stranger, with, world};

const ORIGIN: &str = "https://app.segments.ai";

fn entry(origins: &[&str], methods: &[&str], headers: &[&str]) -> settings::Cors {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    settings::Cors {
        origin: owned(origins),
        method: owned(methods),
        response_header: owned(headers),
        max_age_seconds: 0,
    }
}

fn with_entries(entries: Vec<settings::Cors>) -> Sandbox {
    with(|world| {
        connect(world);
        world.buckets.get_mut(BUCKET).unwrap().settings.cors = entries;
    })
}

fn published() -> settings::Cors {
    entry(&["https://*.segments.ai"], &["GET"], &["*"])
}

/// Both XML forms, and two of the JSON API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Path,
    VirtualHost,
    Json,
    Download,
}

async fn preflight_at(
    sandbox: &Sandbox,
    form: Form,
    origin: &str,
    method: &str,
    headers: Option<&str>,
) -> Seen {
    let path = match form {
        Form::Path => format!("/{BUCKET}/any/key"),
        Form::VirtualHost => "/any/key".to_owned(),
        Form::Json => format!("/storage/v1/b/{BUCKET}/o/any?alt=media"),
        Form::Download => format!("/download/storage/v1/b/{BUCKET}/o/any?alt=media"),
    };
    let mut request = stranger()
        .request(Method::OPTIONS, format!("{}{path}", sandbox.endpoint()))
        .header("origin", origin)
        .header("access-control-request-method", method);
    if form == Form::VirtualHost {
        request = request.header("host", format!("{BUCKET}.storage.googleapis.com"));
    }
    if let Some(headers) = headers {
        request = request.header("access-control-request-headers", headers);
    }
    see(request).await
}

async fn preflight(sandbox: &Sandbox, origin: &str, method: &str, headers: Option<&str>) -> Seen {
    preflight_at(sandbox, Form::Path, origin, method, headers).await
}

fn silent(seen: &Seen) -> bool {
    seen.status == 200
        && !seen
            .headers
            .keys()
            .any(|name| name.as_str().starts_with("access-control-"))
}

#[tokio::test]
async fn a_preflight_that_matches_gets_its_headers_at_both_xml_forms() {
    let sandbox = with_entries(vec![settings::Cors {
        max_age_seconds: 600,
        ..entry(
            &["https://*.segments.ai"],
            &["GET", "HEAD"],
            &["Range", "ETag"],
        )
    }]);
    for form in [Form::Path, Form::VirtualHost] {
        let seen = preflight_at(&sandbox, form, ORIGIN, "GET", Some("range")).await;
        assert_eq!((seen.status, seen.body.as_str()), (200, ""), "{form:?}");
        for (name, value) in [
            ("access-control-allow-origin", Some(ORIGIN)),
            ("access-control-allow-methods", Some("GET,HEAD")),
            ("access-control-allow-headers", Some("Range,ETag")),
            ("access-control-max-age", Some("600")),
            ("access-control-allow-credentials", None),
        ] {
            assert_eq!(seen.header(name), value, "{form:?} {name}");
        }
    }
    let log = sandbox.log();
    assert_eq!(
        (log[0].operation.as_str(), log[0].bucket.as_deref()),
        ("OPTIONS", Some(BUCKET))
    );
    assert_eq!(
        (log[1].operation.as_str(), log[1].bucket.as_deref()),
        ("OPTIONS", Some(BUCKET))
    );
}

#[tokio::test]
async fn a_preflight_that_does_not_match_is_200_and_says_nothing() {
    let sandbox = with_entries(vec![entry(
        &["https://app.segments.ai"],
        &["GET"],
        &["range"],
    )]);
    for (origin, method, headers) in [
        ("https://cors-probe.invalid", "GET", None),
        ("http://app.segments.ai", "GET", None),
        (ORIGIN, "PUT", None),
        (ORIGIN, "HEAD", None),
        (ORIGIN, "GET", Some("x-other")),
        (ORIGIN, "GET", Some("range,x-other")),
    ] {
        let seen = preflight(&sandbox, origin, method, headers).await;
        assert!(silent(&seen), "{origin} {method} {headers:?}: {seen:?}");
    }
    bucket(&sandbox, |bucket| bucket.settings.cors.clear());
    assert!(silent(&preflight(&sandbox, ORIGIN, "GET", None).await));
}

#[tokio::test]
async fn the_first_entry_that_matches_origin_and_method_decides_whatever_the_headers() {
    let sandbox = with_entries(vec![entry(&[ORIGIN], &["GET"], &["x-only"]), published()]);
    assert!(
        silent(&preflight(&sandbox, ORIGIN, "GET", Some("range")).await),
        "shadowed"
    );
    let seen = preflight(&sandbox, ORIGIN, "GET", None).await;
    assert_eq!(seen.header("access-control-allow-headers"), Some("x-only"));
    let other = "https://beta.segments.ai";
    let seen = preflight(&sandbox, other, "GET", Some("range")).await;
    assert_eq!(seen.header("access-control-allow-origin"), Some(other));
    bucket(&sandbox, |bucket| bucket.settings.cors.reverse());
    let seen = preflight(&sandbox, ORIGIN, "GET", Some("range")).await;
    assert_eq!(seen.header("access-control-allow-origin"), Some(ORIGIN));
}

#[tokio::test]
async fn stars_mean_any_origin_and_any_method() {
    let sandbox = with_entries(vec![entry(&["*"], &["*"], &["Content-Type"])]);
    let seen = preflight(
        &sandbox,
        "https://anything.example:8443",
        "DELETE",
        Some("content-type"),
    )
    .await;
    assert_eq!(seen.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        seen.header("access-control-max-age"),
        Some("3600"),
        "when the entry has none"
    );
}

#[tokio::test]
async fn what_is_undocumented_can_be_switched_off() {
    let sandbox = with_entries(vec![published()]);
    let works = async || {
        let plain = preflight(&sandbox, ORIGIN, "GET", None).await;
        let range = preflight(&sandbox, ORIGIN, "GET", Some("range")).await;
        (!silent(&plain), !silent(&range))
    };
    assert_eq!(works().await, (true, true));
    world(&sandbox, |world| world.any_header_matches = false);
    assert_eq!(works().await, (true, false));
    world(&sandbox, |world| world.subdomain_origins_match = false);
    assert_eq!(works().await, (false, false));
    bucket(&sandbox, |bucket| {
        bucket.settings.cors[0].origin.push(ORIGIN.to_owned());
    });
    assert_eq!(works().await, (true, false));
}

#[tokio::test]
async fn the_json_api_answers_everybody_whatever_the_bucket_says() {
    let sandbox = sandbox();
    for form in [Form::Json, Form::Download] {
        let origin = "https://cors-probe.invalid";
        let seen = preflight_at(&sandbox, form, origin, "GET", Some("x-any")).await;
        assert_eq!(
            seen.header("access-control-allow-origin"),
            Some(origin),
            "{form:?}"
        );
        assert_eq!(seen.header("access-control-allow-headers"), Some("x-any"));
    }
    let url = format!("{}/storage/v1/b/{BUCKET}/o/x?alt=media", sandbox.endpoint());
    let seen = see(stranger().get(url).header("origin", ORIGIN)).await;
    assert_eq!(seen.status, 401);
    assert_eq!(seen.header("access-control-allow-origin"), Some(ORIGIN));
}

#[tokio::test]
async fn a_preflight_to_a_bucket_that_is_not_there_is_not_found() {
    let sandbox = sandbox();
    let url = format!("{}/no-such-bucket/x", sandbox.endpoint());
    let request = stranger().request(Method::OPTIONS, url);
    let seen = see(request
        .header("origin", ORIGIN)
        .header("access-control-request-method", "GET"))
    .await;
    assert_eq!((seen.status, seen.element("Code")), (404, "NoSuchBucket"));
}

#[tokio::test]
async fn an_actual_response_has_the_headers_of_its_entry_or_none() {
    let sandbox = with_entries(vec![entry(
        &["https://*.segments.ai"],
        &["GET"],
        &["Content-Range", "ETag"],
    )]);
    let read = async |origin: Option<&str>| {
        let request = photo(&sandbox, Some(SEGMENTS));
        see(match origin {
            None => request,
            Some(origin) => request.header("origin", origin),
        })
        .await
    };
    let seen = read(Some(ORIGIN)).await;
    assert_eq!(
        (seen.status, seen.body.as_str()),
        (200, "a photo of one cat")
    );
    assert_eq!(seen.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(
        seen.header("access-control-expose-headers"),
        Some("Content-Range,ETag")
    );
    assert_eq!(seen.header("vary"), Some("Origin"));
    for origin in [None, Some("https://cors-probe.invalid")] {
        let seen = read(origin).await;
        assert_eq!(
            (seen.status, seen.body.as_str()),
            (200, "a photo of one cat")
        );
        assert_eq!(
            seen.header("access-control-allow-origin"),
            None,
            "{origin:?}"
        );
    }
    // A refusal has them as well, so that a page can tell it from a network failure.
    let seen = see(photo(&sandbox, None).header("origin", ORIGIN)).await;
    assert_eq!(
        (seen.status, seen.header("access-control-allow-origin")),
        (403, Some(ORIGIN))
    );
}
