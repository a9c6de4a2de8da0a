//! The object's name in a URL: decoded once, and what else it may have been meant to be.
//!
//! The name as the cloud lists it is what counts; a URL spells it in percent-encoding, and there are many ways to spell
//! it wrong (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>).

use percent_encoding::percent_decode_str;

use super::raw::{Raw, parameters};
use super::trap::Trap;
use super::{Cloud, refuse};
use crate::error::Failure;
use crate::redact::escape_control;

/// An object's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Decoded once.
    pub text: String,
    /// As it stood in the URL.
    pub raw: String,
    /// Other names that may have been meant, the likeliest first.
    pub otherwise: Vec<String>,
}

/// Decodes the object's name, and finds the traps in how it is written.
///
/// # Errors
/// When the name is not UTF-8, which no cloud accepts.
pub(super) fn decode(
    raw: &Raw<'_>,
    cloud: Cloud,
    written: &str,
    traps: &mut Vec<Trap>,
) -> Result<Option<Key>, Failure> {
    let Ok(text) = percent_decode_str(written).decode_utf8() else {
        return Err(refuse(
            raw.text,
            "the object's name in it is not UTF-8 once it is decoded",
            "encode the name as UTF-8, and then in percent-encoding",
        ));
    };
    let text = text.into_owned();
    let mut otherwise = Vec::new();
    encoding(cloud, written, &text, &mut otherwise, traps);
    path(cloud, written, traps);
    tail(raw, cloud, &text, &mut otherwise, traps);
    name(cloud, &text, traps);
    if text.is_empty() {
        return Ok(None);
    }
    otherwise.retain(|other| *other != text);
    Ok(Some(Key {
        text,
        raw: written.to_owned(),
        otherwise,
    }))
}

/// The name in `s3://` and `gs://`, where nothing is encoded.
pub(super) fn literal(cloud: Cloud, written: &str, traps: &mut Vec<Trap>) -> Option<Key> {
    if written.is_empty() {
        return None;
    }
    let mut otherwise = Vec::new();
    if has_escape(written)
        && let Ok(decoded) = percent_decode_str(written).decode_utf8()
    {
        traps.push(Trap::warns(
            Some(cloud.wrong_key()),
            format!(
                "nothing is decoded after `{}`, so its `%` stand in the object's name; `{}` is another object",
                if cloud == Cloud::Aws { "s3://" } else { "gs://" },
                escape_control(&decoded)
            ),
        ));
        otherwise.push(decoded.into_owned());
    }
    name(cloud, written, traps);
    Some(Key {
        text: written.to_owned(),
        raw: written.to_owned(),
        otherwise,
    })
}

/// Whether `%` and two hexadecimal digits stand in it.
fn has_escape(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(3).any(
        |three| matches!(three, [b'%', a, b] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()),
    )
}

/// Whether a `%` stands in it that no two hexadecimal digits follow.
fn has_bare_percent(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| {
        *byte == b'%'
            && !matches!(bytes.get(at + 1..at + 3), Some([a, b]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
    })
}

fn encoding(
    cloud: Cloud,
    written: &str,
    text: &str,
    otherwise: &mut Vec<String>,
    traps: &mut Vec<Trap>,
) {
    let cause = Some(cloud.wrong_key());
    if written.contains('+') {
        let sentence = match cloud {
            // Seen for years, and nowhere documented: the path of a request to S3 is read like a form.
            Cloud::Aws => {
                "a bare `+` stands in the object's name, and S3 reads it as a blank: write a plus as `%2B` and a blank as `%20`"
            }
            Cloud::Gcp | Cloud::Azure => {
                "a bare `+` stands in the object's name and means a plus here; a blank is written `%20`"
            }
        };
        traps.push(Trap::warns(cause, sentence));
        if let Ok(spaced) = percent_decode_str(&written.replace('+', "%20")).decode_utf8() {
            otherwise.push(spaced.into_owned());
        }
    }
    if has_escape(text) {
        traps.push(Trap::warns(
            cause,
            format!(
                "the object's name is `{}` once it is decoded, and still holds a percent-encoding: it looks encoded twice",
                escape_control(text)
            ),
        ));
        if let Ok(twice) = percent_decode_str(text).decode_utf8() {
            otherwise.push(twice.into_owned());
        }
    }
    if has_bare_percent(written) {
        traps.push(Trap::warns(
            cause,
            "a `%` stands in it that encodes nothing: write a percent sign as `%25`",
        ));
    }
    if written.to_ascii_lowercase().contains("%2f") {
        traps.push(Trap::notes(
            "a slash of the object's name is written `%2F`, which means the same as `/`",
        ));
    }
}

/// What a browser does to a path before it asks (<https://url.spec.whatwg.org/#path-state>).
fn path(cloud: Cloud, written: &str, traps: &mut Vec<Trap>) {
    let cause = cloud.wrong_key();
    let dots = written.split(['/', '\\']).any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    });
    if dots {
        traps.push(Trap::blocks(
            cause,
            "`.` or `..` stands alone between slashes, and a browser takes it out before it asks: no page can load such an object",
        ));
    }
    if written.contains('\\') {
        traps.push(Trap::blocks(
            cause,
            "a backslash stands in it, and a browser reads it as a slash: write it as `%5C`",
        ));
    }
}

/// What follows the path, and may have been meant to be part of it.
fn tail(
    raw: &Raw<'_>,
    cloud: Cloud,
    text: &str,
    otherwise: &mut Vec<String>,
    traps: &mut Vec<Trap>,
) {
    let cause = Some(cloud.wrong_key());
    if let Some(fragment) = raw.fragment {
        traps.push(Trap::warns(
            cause,
            "what follows `#` is not part of what is asked for: in the name of an object, write it as `%23`",
        ));
        if let Ok(fragment) = percent_decode_str(fragment).decode_utf8() {
            otherwise.push(format!("{text}#{fragment}"));
        }
    }
    let Some(query) = raw.query else { return };
    if let Some(name) = asks_something_else(cloud, query) {
        traps.push(Trap::warns(
            Some(cloud.wrong_link()),
            format!("`{name}` in it asks for something about the object or what holds it, and not for the object itself"),
        ));
        return;
    }
    // A question mark in a name is seldom followed by anything like a parameter.
    if !query.is_empty() && !query.contains('=') {
        traps.push(Trap::warns(
            cause,
            "what follows `?` is not part of the object's name: if it is meant to be, write the question mark as `%3F`",
        ));
        if let Ok(query) = percent_decode_str(query).decode_utf8() {
            otherwise.push(format!("{text}?{query}"));
        }
    }
}

/// The parameter by which something else than the object's content is asked for:
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>,
/// <https://cloud.google.com/storage/docs/xml-api/reference-headers#query>,
/// <https://learn.microsoft.com/rest/api/storageservices/operations-on-blobs>.
fn asks_something_else(cloud: Cloud, query: &str) -> Option<&'static str> {
    const OF_AMAZON_AND_GOOGLE: &[&str] = &[
        "acl",
        "cors",
        "policy",
        "tagging",
        "torrent",
        "location",
        "uploads",
        "uploadId",
        "versions",
        "versioning",
        "website",
        "attributes",
        "legal-hold",
        "retention",
        "list-type",
    ];
    const OF_AZURE: &[&str] = &["comp", "restype"];
    let known = match cloud {
        Cloud::Aws | Cloud::Gcp => OF_AMAZON_AND_GOOGLE,
        Cloud::Azure => OF_AZURE,
    };
    parameters(query)
        .iter()
        .find_map(|(name, _)| known.iter().find(|known| *known == name).copied())
}

/// What is odd about the name itself.
fn name(cloud: Cloud, text: &str, traps: &mut Vec<Trap>) {
    let cause = Some(cloud.wrong_key());
    if text.starts_with('/') {
        traps.push(Trap::warns(
            cause,
            "the object's name begins with a slash, because two stand after the bucket: most names do not",
        ));
    } else if text.contains("//") {
        traps.push(Trap::notes(
            "two slashes stand side by side in the object's name, which counts: `a//b` is not `a/b`",
        ));
    }
    if text.chars().any(char::is_control) {
        traps.push(Trap::warns(
            cause,
            "a control character stands in the object's name",
        ));
    }
    if text.chars().any(is_combining) {
        traps.push(Trap::warns(
            cause,
            "the object's name holds letters and accents one after the other, as macOS writes them; the same word with letters that carry their accents is another name",
        ));
    }
    if text.starts_with(' ') || text.ends_with(' ') {
        traps.push(Trap::warns(
            cause,
            "the object's name begins or ends with a blank",
        ));
    }
}

/// Accents and voiced marks that a composed spelling would have joined to the letter before them.
fn is_combining(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{3099}' | '\u{309a}' | '\u{1100}'..='\u{11ff}')
}
