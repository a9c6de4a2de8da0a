//! What the signature of a user delegation SAS is made over, version by version.
//!
//! This module writes text; it checks nothing. See
//! <https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas#specify-the-signature>. The fields
//! since 2025-07-05 are those of the vendor's own clients (azure-storage-blob 12.31).

use std::fmt::Write as _;

use super::signature::Fields;
use crate::sandbox::incoming::Incoming;

/// Who is authorised within a directory, and what correlates the audit.
const DIRECTORY_SINCE: &str = "2020-02-10";
/// The encryption scope.
const SCOPE_SINCE: &str = "2020-12-06";
/// The user who alone may use the link.
const BOUND_SINCE: &str = "2025-07-05";
/// Request headers and query parameters that must be as they were signed.
const REQUEST_SINCE: &str = "2026-04-06";

/// Writes the text. `resource` is what is signed: `/blob/ACCOUNT/CONTAINER` and, unless a container is meant, the blob.
pub(super) fn write(fields: &Fields<'_>, resource: &str, request: &Incoming) -> String {
    let version = fields.get("sv");
    let mut lines = vec![
        fields.get("sp").to_owned(),
        fields.get("st").to_owned(),
        fields.get("se").to_owned(),
        resource.to_owned(),
    ];
    let mut add = |names: &[&str]| {
        lines.extend(names.iter().map(|name| fields.get(name).to_owned()));
    };
    add(&["skoid", "sktid", "skt", "ske", "sks", "skv"]);
    if version >= DIRECTORY_SINCE {
        add(&["saoid", "suoid", "scid"]);
    }
    if version >= BOUND_SINCE {
        add(&["skdutid", "sduoid"]);
    }
    add(&["sip", "spr", "sv", "sr", "snapshot"]);
    if version >= SCOPE_SINCE {
        add(&["ses"]);
    }
    if version >= REQUEST_SINCE {
        lines.push(signed_headers(fields.get("srh"), request));
        lines.push(signed_parameters(fields));
    }
    lines.extend(["rscc", "rscd", "rsce", "rscl", "rsct"].map(|name| fields.get(name).to_owned()));
    lines.join("\n")
}

/// Each signed header with the value that the request has: a line for each, with a line end after every one.
fn signed_headers(names: &str, request: &Incoming) -> String {
    let mut lines = String::new();
    for name in names.split(',').filter(|name| !name.is_empty()) {
        let value = request.header(name).unwrap_or_default();
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{name}:{value}");
    }
    lines
}

/// Each signed parameter with the value that the request has: a line for each, with a line end before every one.
fn signed_parameters(fields: &Fields<'_>) -> String {
    let mut lines = String::new();
    for name in fields.get("srq").split(',').filter(|name| !name.is_empty()) {
        let _ = write!(lines, "\n{name}:{}", fields.get(name));
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use bytes::Bytes;
    use hyper::header::{HeaderMap, HeaderValue};

    use super::*;

    fn text(version: &str, more: &[(&str, &str)]) -> String {
        let mut query: Vec<(String, String)> = [
            ("sp", "r"),
            ("st", "S"),
            ("se", "E"),
            ("skoid", "O"),
            ("sktid", "T"),
            ("skt", "KS"),
            ("ske", "KE"),
            ("sks", "b"),
            ("skv", "KV"),
            ("spr", "https"),
            ("sv", version),
            ("sr", "b"),
        ]
        .iter()
        .chain(more)
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
        query.push(("sig".to_owned(), "x".to_owned()));
        let mut headers = HeaderMap::new();
        headers.insert("x-one", HeaderValue::from_static("1"));
        let request = Incoming {
            method: "GET".to_owned(),
            path: String::new(),
            query: String::new(),
            headers,
            body: Bytes::new(),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        write(&Fields(&query), "/blob/a/c/b", &request)
    }

    #[test]
    fn each_version_has_its_own_lines() {
        let start = "r\nS\nE\n/blob/a/c/b\nO\nT\nKS\nKE\nb\nKV";
        for (version, expected) in [
            (
                "2018-11-09",
                format!("{start}\n\nhttps\n2018-11-09\nb\n\n\n\n\n\n"),
            ),
            (
                "2020-02-10",
                format!("{start}\n\n\n\n\nhttps\n2020-02-10\nb\n\n\n\n\n\n"),
            ),
            (
                "2020-12-06",
                format!("{start}\n\n\n\n\nhttps\n2020-12-06\nb\n\n\n\n\n\n\n"),
            ),
            (
                "2024-11-04",
                format!("{start}\n\n\n\n\nhttps\n2024-11-04\nb\n\n\n\n\n\n\n"),
            ),
            (
                "2025-07-05",
                format!("{start}\n\n\n\n\n\n\nhttps\n2025-07-05\nb\n\n\n\n\n\n\n"),
            ),
            (
                "2026-10-06",
                format!("{start}\n\n\n\n\n\n\nhttps\n2026-10-06\nb\n\n\n\n\n\n\n\n\n"),
            ),
        ] {
            assert_eq!(text(version, &[]), expected, "{version}");
        }
    }

    #[test]
    fn signed_headers_and_parameters_are_taken_from_the_request() {
        let text = text(
            "2026-10-06",
            &[
                ("srh", "x-one"),
                ("srq", "foo"),
                ("foo", "bar"),
                ("rsct", "t"),
            ],
        );
        assert!(
            text.ends_with("\n\n\nx-one:1\n\n\nfoo:bar\n\n\n\n\nt"),
            "{text:?}"
        );
    }
}
