//! Google's own documented examples of CORS, each with its page: the entries, the request, and what Google says comes of
//! it. Where the answer stays open, the row says why.

use super::super::Request;
use super::super::foresee::Says;
use super::{Entry, foresee};

/// Origins, methods, response headers.
type Row<'a> = (&'a [&'a str], &'a [&'a str], &'a [&'a str]);

fn says(entries: &[Row<'_>], request: &Request<'_>) -> Says {
    let own =
        |texts: &[&str]| -> Vec<String> { texts.iter().map(|text| (*text).to_owned()).collect() };
    let owned: Vec<_> = entries
        .iter()
        .map(|(origins, methods, headers)| (own(origins), own(methods), own(headers)))
        .collect();
    let entries = owned.iter().map(|(origins, methods, headers)| Entry {
        origins,
        methods,
        headers,
    });
    foresee(entries, request).says
}

/// Which origins are the same: <https://cloud.google.com/storage/docs/troubleshooting#cors>
#[test]
fn scheme_host_and_port_as_documented() {
    for (allowed, origin, expected) in [
        (
            "http://origin.example.com",
            "http://origin.example.com",
            Says::Yes,
        ),
        (
            "http://origin.example.com",
            "http://origin.example.com:80",
            Says::Yes,
        ),
        (
            "http://origin.example.com:80",
            "http://origin.example.com",
            Says::Yes,
        ),
        (
            "http://origin.example.com",
            "https://origin.example.com",
            Says::No,
        ),
        (
            "http://origin.example.com",
            "http://origin.example.com:8080",
            Says::No,
        ),
        (
            "http://origin.example.com",
            "http://origin.example.com:5151",
            Says::No,
        ),
        (
            "http://origin.example.com",
            "http://sub.origin.example.com",
            Says::No,
        ),
        ("https://example.com:443", "https://example.com", Says::Yes),
        ("https://example.com:443", "http://example.com", Says::No),
        (
            "https://example.com:443",
            "http://example.com:443",
            Says::No,
        ),
        ("http://localhost:8080", "http://localhost:8080", Says::Yes),
        ("http://localhost:8080", "http://localhost:5555", Says::No),
        (
            "http://localhost:8080",
            "http://localhost.example.com:8080",
            Says::No,
        ),
    ] {
        for request in [
            Request::actual(origin, "GET"),
            Request::preflight(origin, "GET", &[]),
        ] {
            let found = says(&[(&[allowed], &["GET"], &[])], &request);
            assert_eq!(found, expected, "{allowed} {request:?}");
        }
    }
}

/// The samples of <https://cloud.google.com/storage/docs/cors-configurations> and
/// <https://cloud.google.com/storage/docs/xml-api/put-bucket-cors>, which also say that `*` is every origin, that the first
/// entry with the origin and the method answers, and that every requested header has to be listed.
#[test]
fn configurations_as_documented() {
    const SITE: &str = "https://your-example-website.appspot.com";
    const ONE: &str = "http://origin1.example.com";
    let sample: Row<'_> = (&[SITE], &["GET"], &["Content-Type"]);
    let anybody: Row<'_> = (&["*"], &["GET"], &["Content-Type"]);
    let uploads: Row<'_> = (
        &[SITE],
        &["PUT", "POST"],
        &["Content-Type", "x-goog-resumable"],
    );
    let put: Row<'_> = (
        &[ONE, "http://origin2.example.com"],
        &["GET", "HEAD", "PUT", "POST", "DELETE"],
        &["x-goog-meta-foo1", "x-goog-meta-foo2"],
    );
    for (entries, request, expected) in [
        (&[sample][..], Request::actual(SITE, "GET"), Says::Yes),
        (&[sample], Request::actual(SITE, "POST"), Says::No),
        (&[sample], Request::actual(ONE, "GET"), Says::No),
        (
            &[sample],
            Request::preflight(SITE, "GET", &["content-type"]),
            Says::Yes,
        ),
        (
            &[sample],
            Request::preflight(SITE, "GET", &["x-pingother"]),
            Says::No,
        ),
        (
            &[sample],
            Request::preflight(SITE, "GET", &["content-type", "x-pingother"]),
            Says::No,
        ),
        (&[anybody], Request::actual(ONE, "GET"), Says::Yes),
        (
            &[anybody],
            Request::preflight(ONE, "GET", &["Content-Type"]),
            Says::Yes,
        ),
        (
            &[uploads],
            Request::preflight(SITE, "PUT", &["x-goog-resumable"]),
            Says::Yes,
        ),
        (&[uploads], Request::actual(SITE, "GET"), Says::No),
        (&[put], Request::actual(ONE, "HEAD"), Says::Yes),
        (
            &[put],
            Request::preflight(ONE, "DELETE", &["x-goog-meta-foo2"]),
            Says::Yes,
        ),
        // The first one that matches answers, and what a later one lists does not count.
        (
            &[sample, (&[SITE], &["GET"], &["x-pingother"])],
            Request::preflight(SITE, "GET", &["x-pingother"]),
            Says::No,
        ),
        (
            &[uploads, sample],
            Request::preflight(SITE, "GET", &["content-type"]),
            Says::Yes,
        ),
        (&[], Request::actual(SITE, "GET"), Says::No),
        // No page describes a wildcard inside an origin, nor one among the headers.
        (
            &[(&["https://*.appspot.com"], &["GET"], &[])],
            Request::actual(SITE, "GET"),
            Says::Maybe,
        ),
        (
            &[(&[SITE], &["GET"], &["*"])],
            Request::preflight(SITE, "GET", &["range"]),
            Says::Maybe,
        ),
    ] {
        assert_eq!(says(entries, &request), expected, "{entries:?} {request:?}");
    }
}
