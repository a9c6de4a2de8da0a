//! Takes a URL apart without changing a letter of it: a browser's own parser would mend what is to be told.

use super::{FORMS, refuse};
use crate::error::Failure;

/// A URL in its parts.
#[derive(Debug)]
pub(super) struct Raw<'a> {
    /// The whole.
    pub text: &'a str,
    /// In lower case.
    pub scheme: String,
    /// In lower case, without a port. For `s3://` and `gs://` it is the bucket, as it was written.
    pub host: String,
    /// Whether a dot stood at the end of the host.
    pub dotted: bool,
    /// What follows the host, up to `?` or `#`; for `s3://` and `gs://`, where nothing is encoded, up to the end.
    pub path: &'a str,
    /// What follows `?`.
    pub query: Option<&'a str>,
    /// What follows `#`.
    pub fragment: Option<&'a str>,
}

/// Splits a URL.
///
/// # Errors
/// When there is no scheme or host, or when the text is more than a URL.
pub(super) fn split(text: &str) -> Result<Raw<'_>, Failure> {
    if let Some(control) = text.chars().find(char::is_ascii_control) {
        return Err(refuse(
            text,
            &format!(
                "a control character (U+{:04X}) stands in it, as when it was copied over two lines",
                u32::from(control)
            ),
            "give the URL in one piece",
        ));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(refuse(text, "it is no URL", FORMS));
    };
    let scheme = scheme.to_ascii_lowercase();
    let plain = scheme
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    if scheme.is_empty() || !plain {
        return Err(refuse(text, "it is no URL", FORMS));
    }
    if matches!(scheme.as_str(), "s3" | "gs") {
        let (bucket, path) = split_at_or_end(rest, &['/']);
        return Ok(Raw {
            text,
            scheme,
            host: bucket.to_owned(),
            dotted: false,
            path,
            query: None,
            fragment: None,
        });
    }
    // A browser reads `\` as `/`, so no host reaches beyond it.
    let (authority, rest) = split_at_or_end(rest, &['/', '?', '#', '\\']);
    let (rest, fragment) = match rest.split_once('#') {
        Some((rest, fragment)) => (rest, Some(fragment)),
        None => (rest, None),
    };
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (rest, None),
    };
    let (host, dotted) = host(text, &scheme, authority)?;
    Ok(Raw {
        text,
        scheme,
        host,
        dotted,
        path,
        query,
        fragment,
    })
}

/// The host, and whether a dot stands at its end.
fn host(text: &str, scheme: &str, authority: &str) -> Result<(String, bool), Failure> {
    if authority.contains('@') {
        return Err(refuse(
            text,
            "a user name stands before its host",
            "give the URL without it",
        ));
    }
    let (name, port) = authority.split_once(':').unwrap_or((authority, ""));
    let usual = if scheme == "http" { "80" } else { "443" };
    if !port.is_empty() && port != usual {
        return Err(refuse(
            text,
            "it names a port, and the stores have none",
            FORMS,
        ));
    }
    let (name, dotted) = match name.strip_suffix('.') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    if name.is_empty() || !plain || name.split('.').any(str::is_empty) {
        return Err(refuse(text, "its host is no host name", FORMS));
    }
    Ok((name.to_ascii_lowercase(), dotted))
}

/// What stands before the first of `ends`, and the rest with it.
fn split_at_or_end<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.find(ends).map_or((text, ""), |at| text.split_at(at))
}

/// The parameters of a query, decoded once, in their order.
pub(super) fn parameters(query: &str) -> Vec<(String, String)> {
    let decoded = |part: &str| {
        percent_encoding::percent_decode_str(part)
            .decode_utf8_lossy()
            .into_owned()
    };
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}
