//! Keeps secrets out of what is shown, and control characters out of the terminal.
//!
//! Where a text could be read either way, it is taken for a secret. Nothing here fails: every text
//! has an answer, and what was redacted once stays as it is.

mod escape;
mod names;
mod shell;

use std::ops::Range;

pub use escape::{escape_control, escape_control_keeping_lines, is_hidden};
use names::{NameKind, kind_of};
pub use shell::shell_quote;

/// What stands where a secret stood.
pub const MARK: &str = "REDACTED";

/// How far back a name may reach, percent-encoded letter by letter.
const NAME_REACH: usize = 160;

/// A URL without the values that make a signed link work, and without user name and password.
///
/// Signatures and tokens go (`X-Amz-Signature`, `X-Amz-Security-Token`, `X-Goog-Signature`, `sig`,
/// `Signature` and their kin, in any case and percent-encoded); key ids, dates and the path stay.
#[must_use]
pub fn url(text: &str) -> String {
    settle(text, |text| {
        let shown = self::text(text);
        let rest = shown.strip_prefix("//").unwrap_or(&shown);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        match authority.rsplit_once('@') {
            // No scheme, as proxies are often written: `user:password@proxy:3128`. What has a
            // scheme has no `@` before the first slash.
            Some((user, _)) => {
                let slashes = if rest.len() == shown.len() { "" } else { "//" };
                let after = rest.get(user.len()..).unwrap_or_default();
                format!("{slashes}{MARK}{after}")
            }
            None => shown,
        }
    })
}

/// A text of any kind (a message, a header, a document) without the secrets in it.
///
/// Besides what [`url()`] does to every URL in it: values of members, headers, parameters, elements
/// and settings whose name says that they are secret, what follows `Authorization:`, and what
/// follows `Bearer`, `Basic` and `AWS KEYID:`.
#[must_use]
pub fn text(text: &str) -> String {
    settle(text, |text| {
        let mut shown = String::with_capacity(text.len());
        let mut from = 0;
        while let Some(secret) = next_secret(text, from) {
            shown.push_str(text.get(from..secret.start).unwrap_or_default());
            shown.push_str(MARK);
            from = secret.end;
        }
        shown.push_str(text.get(from..).unwrap_or_default());
        shown
    })
}

/// Repeats `once` until nothing changes: what is hidden first may bring together what then reads as
/// a secret. It ends, since every change leaves fewer characters besides the marks, or fewer marks.
fn settle(text: &str, once: impl Fn(&str) -> String) -> String {
    let mut shown = once(text);
    loop {
        let next = once(&shown);
        if next == shown {
            return shown;
        }
        shown = next;
    }
}

/// The first secret at or after `from`.
fn next_secret(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    (from..bytes.len()).find_map(|at| {
        let found = match bytes.get(at)? {
            b'%' => {
                let (end, depth) = encoded(text, at, "3d")?;
                after_separator(text, from, at, end, depth)
            }
            b':' if text.get(at..)?.starts_with("://") => user_info(text, at + 3),
            b'=' | b':' => after_separator(text, from, at, at + 1, 0),
            b'>' => after_tag(text, from, at),
            b' ' => after_scheme(text, from, at),
            _ => None,
        }?;
        // An empty value is no secret, and a text must get shorter with every step.
        (found.start < found.end && found.start >= from).then_some(found)
    })
}

/// The value behind a separator (`=`, `:`, `%3D`), if the name before it is secret.
fn after_separator(
    text: &str,
    from: usize,
    before: usize,
    after: usize,
    depth: usize,
) -> Option<Range<usize>> {
    match kind_of(name_before(text, from, before)?)? {
        NameKind::Token => Some(value(text, after, depth, &TOKEN_ENDS)),
        NameKind::Free => Some(value(text, after, depth, &FREE_ENDS)),
        NameKind::Authorization => authorization(text, after),
    }
}

/// `AWS4-HMAC-SHA256` and `AWS4-ECDSA-P256-SHA256` are the longest there are.
const LONGEST_SCHEME: usize = 24;

/// What ends an unquoted value written in base64, hex or percent-encoding.
const TOKEN_ENDS: [char; 12] = ['&', '"', '\'', '`', '<', '>', '#', ',', ';', ')', '\\', '|'];

/// What ends an unquoted password, which may hold nearly anything.
const FREE_ENDS: [char; 5] = ['&', '"', '\'', '<', '>'];

/// The letters before `end` that may spell a name, quotes and blanks between them skipped.
fn name_before(text: &str, from: usize, end: usize) -> Option<&str> {
    let mut reach = end.saturating_sub(NAME_REACH).max(from);
    while !text.is_char_boundary(reach) {
        reach += 1;
    }
    let head = text
        .get(reach..end)?
        .trim_end_matches([' ', '\t', '"', '\'', '\\', '`']);
    let length = head
        .bytes()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'%'))
        .count();
    head.get(head.len() - length..)
}

/// The value that starts at or after `start`: what stands in quotes, or else up to one of `ends`.
/// Inside a URL that is itself encoded `depth` times, an equally encoded `&` ends it too.
fn value(text: &str, start: usize, depth: usize, ends: &[char]) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    let mut opened = rest.trim_start_matches([' ', '\t', '[', '(', '{', '\\']);
    if let Some(inner) = opened.strip_prefix("Some(") {
        opened = inner.trim_start_matches('\\');
    }
    if let Some(quote @ ('"' | '\'')) = opened.chars().next() {
        let start = text.len() - opened.len();
        let escapes = backslashes_before(text, start);
        let inner = opened.get(1..).unwrap_or_default();
        return start + 1..start + 1 + quoted_length(inner, quote, escapes);
    }
    let start = text.len() - opened.len();
    let length = opened
        .char_indices()
        .find(|(at, letter)| {
            letter.is_whitespace()
                || ends.contains(letter)
                || (depth > 0
                    && *letter == '%'
                    && encoded(opened, *at, "26").is_some_and(|(_, found)| found <= depth))
        })
        .map_or(opened.len(), |(at, _)| at);
    start..start + length
}

/// How long the text is up to the closing quote, given how many backslashes the opening one has:
/// one in JSON that is itself a JSON string, three in JSON inside that.
fn quoted_length(inner: &str, quote: char, escapes: usize) -> usize {
    inner
        .match_indices(quote)
        .find_map(|(at, _)| {
            let before = backslashes_before(inner, at);
            (before % (2 * escapes + 2) == escapes).then(|| at - before.min(escapes))
        })
        .unwrap_or(inner.len())
}

fn backslashes_before(text: &str, at: usize) -> usize {
    let head = text.get(..at).unwrap_or_default();
    head.len() - head.trim_end_matches('\\').len()
}

/// Everything behind the scheme of an `Authorization` header, or everything if there is no scheme.
/// Of the signing schemes only the signature is secret, and that has a name of its own.
fn authorization(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let opened = rest.trim_start_matches([' ', '\t', '[', '(', '"', '\'', '\\']);
    let length = opened.find(['\n', '\r', '"', '<']).unwrap_or(opened.len());
    let line = opened.get(..length)?.trim_end_matches([' ', '\t', '\\']);
    let at = text.len() - opened.len();
    let scheme = line.split([' ', '\t']).next().unwrap_or_default();
    if line.contains("Signature=") && scheme.ends_with("-SHA256") {
        return None;
    }
    let credential = line.get(scheme.len()..)?.trim_start();
    let is_scheme = scheme.len() <= LONGEST_SCHEME && run_length(scheme, "-") == scheme.len();
    let length = if credential.is_empty() || !is_scheme {
        line.len()
    } else {
        credential.len()
    };
    let end = at + line.len();
    Some(end - length..end)
}

/// The user name and password of the URL whose authority starts at `start`.
fn user_info(text: &str, start: usize) -> Option<Range<usize>> {
    let rest = text.get(start..)?;
    let length = rest
        .find(|letter: char| {
            letter.is_whitespace() || matches!(letter, '/' | '?' | '#' | '"' | '<' | '>')
        })
        .unwrap_or(rest.len());
    let user = rest.get(..length)?.rfind('@')?;
    Some(start..start + user)
}

/// The text of an XML element with a secret name, whose start tag ends at `at`.
fn after_tag(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let name = name_before(text, from, at)?;
    let before = text.get(..at)?.strip_suffix(name)?;
    if !before.ends_with(['<', ':']) {
        return None;
    }
    match kind_of(name)? {
        NameKind::Token | NameKind::Free | NameKind::Authorization => {
            let rest = text.get(at + 1..)?;
            Some(at + 1..at + 1 + rest.find('<').unwrap_or(rest.len()))
        }
    }
}

/// The credential behind `Bearer `, `Basic ` or `AWS KEYID:`, where no header name stands before.
fn after_scheme(text: &str, from: usize, at: usize) -> Option<Range<usize>> {
    let scheme = name_before(text, from, at)?.to_ascii_lowercase();
    let signs = matches!(
        scheme.as_str(),
        "aws" | "goog1" | "sharedkey" | "sharedkeylite"
    );
    if !signs && !matches!(scheme.as_str(), "bearer" | "basic") {
        return None;
    }
    let opened = text.get(at..)?.trim_start_matches(' ');
    let mut start = text.len() - opened.len();
    if signs {
        let id = run_length(opened, "-_.");
        opened.get(id..)?.strip_prefix(':')?;
        start += id + 1;
    }
    let credential = text.get(start..)?;
    // Judged by what a credential is written in, and hidden to where anything of the kind ends.
    let judged = credential.get(..run_length(credential, "-._~+/"))?;
    looks_random(judged).then(|| start..start + run_length(credential, "-._~+/=:%"))
}

/// How many letters, digits and characters of `others` the text starts with.
fn run_length(text: &str, others: &str) -> usize {
    text.find(|letter: char| !letter.is_ascii_alphanumeric() && !others.contains(letter))
        .unwrap_or(text.len())
}

/// Tells a credential from the next word of a sentence.
fn looks_random(word: &str) -> bool {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    word.len() >= 16 || (word.len() >= 8 && has_digit)
}

/// The end of `%XX`, encoded any number of times (`%25XX`, `%2525XX`), and how many times.
fn encoded(text: &str, at: usize, code: &str) -> Option<(usize, usize)> {
    let mut rest = text.get(at..)?.strip_prefix('%')?;
    let mut depth = 1;
    while let Some(deeper) = rest.strip_prefix("25") {
        rest = deeper;
        depth += 1;
    }
    let found = rest.get(..code.len())?;
    found
        .eq_ignore_ascii_case(code)
        .then(|| (text.len() - rest.len() + code.len(), depth))
}

#[cfg(test)]
mod tests;
