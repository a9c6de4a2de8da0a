//! Origins that were nearly right: a trailing slash, `http:`, a port, a missing `*.`.
//!
//! This module only names differences for people to mend. It never decides that an origin matches.

use std::fmt;

use super::pattern;

/// An allowed origin that was probably meant to match, and does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The allowed origin, as it stands in the rule.
    pub pattern: String,
    /// The page's origin.
    pub origin: String,
    /// In what they differ. Never empty.
    pub differences: Vec<Difference>,
}

/// One way in which an allowed origin differs from the page's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Blanks before or after it.
    Blanks,
    /// A slash at its end.
    TrailingSlash,
    /// A path behind the host.
    Path,
    /// Upper-case letters. Browsers send lower case, and services compare letter by letter.
    UpperCase,
    /// No scheme: `app.segments.ai`.
    NoScheme,
    /// Nothing but a scheme: `https`.
    SchemeOnly,
    /// Another scheme.
    Scheme {
        /// The rule's.
        found: String,
    },
    /// Another port, or a port where the page's origin has none.
    Port {
        /// The rule's; none where the page's origin has one and the rule has not.
        found: Option<String>,
    },
    /// The domain itself, without its sub-domains.
    NoSubdomain {
        /// What would include them.
        suggestion: String,
    },
    /// More than one `*`.
    SecondStar,
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blanks => out.write_str("it has blanks around it"),
            Self::TrailingSlash => out.write_str("it ends with a slash, and an origin has none"),
            Self::Path => out.write_str("it has a path, and an origin has none"),
            Self::UpperCase => {
                out.write_str("it has upper-case letters, and browsers send lower case")
            }
            Self::NoScheme => out.write_str("it lacks the scheme (`https://`)"),
            Self::SchemeOnly => {
                out.write_str("it is a scheme alone (`https://*` would be every https origin)")
            }
            Self::Scheme { found } => write!(out, "its scheme is `{found}:`"),
            Self::Port { found: Some(port) } => write!(out, "it names the port {port}"),
            Self::Port { found: None } => out.write_str("it lacks the port"),
            Self::NoSubdomain { suggestion } => {
                write!(
                    out,
                    "it leaves out sub-domains (`{suggestion}` would include them)"
                )
            }
            Self::SecondStar => out.write_str("it has more than one `*`"),
        }
    }
}

impl fmt::Display for NearMiss {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}` does not match `{}`: ", self.pattern, self.origin)?;
        for (position, difference) in self.differences.iter().enumerate() {
            if position > 0 {
                out.write_str(", ")?;
            }
            write!(out, "{difference}")?;
        }
        Ok(())
    }
}

/// The first of `allowed` that was probably meant to match `origin`, the fewest differences first.
#[must_use]
pub fn nearest(allowed: &[String], origin: &str) -> Option<NearMiss> {
    allowed
        .iter()
        .filter_map(|pattern| near_miss(pattern, origin))
        .min_by_key(|near| near.differences.len())
}

/// In what `pattern` differs from `origin`, if they are near enough to speak of.
#[must_use]
pub fn near_miss(pattern: &str, origin: &str) -> Option<NearMiss> {
    if pattern::matches(pattern, origin) {
        return None;
    }
    let differences = differences(pattern, origin);
    (!differences.is_empty()).then(|| NearMiss {
        pattern: pattern.to_owned(),
        origin: origin.to_owned(),
        differences,
    })
}

/// The parts of an origin, or of what was written as one.
struct Parts<'a> {
    scheme: Option<&'a str>,
    host: &'a str,
    port: Option<&'a str>,
    path: Option<&'a str>,
}

fn parts(text: &str) -> Parts<'_> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, text),
    };
    let (authority, path) = match rest.split_once('/') {
        Some((authority, path)) => (authority, Some(path)),
        None => (rest, None),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port))
            if port
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'*') =>
        {
            (host, Some(port))
        }
        Some(_) | None => (authority, None),
    };
    Parts {
        scheme,
        host,
        port,
        path,
    }
}

/// Empty when the hosts have nothing to do with each other.
fn differences(pattern: &str, origin: &str) -> Vec<Difference> {
    let trimmed = pattern.trim();
    let asked = parts(origin);
    let bare = trimmed
        .trim_end_matches(['/', ':', '*'])
        .to_ascii_lowercase();
    if !trimmed.contains('*') && asked.scheme.is_some_and(|scheme| scheme == bare) {
        return vec![Difference::SchemeOnly];
    }

    let found = parts(trimmed);
    let lower_host = found.host.to_ascii_lowercase();
    let mut differences = Vec::new();
    if trimmed.matches('*').count() > 1 {
        if asked.host.ends_with(tail(&lower_host)) {
            differences.push(Difference::SecondStar);
        }
        return differences;
    }
    if !pattern::matches(&lower_host, asked.host) {
        if lower_host.contains('.') && asked.host.ends_with(&format!(".{lower_host}")) {
            differences.push(Difference::NoSubdomain {
                suggestion: format!("{}://*.{lower_host}", asked.scheme.unwrap_or("https")),
            });
        } else {
            return differences;
        }
    }
    if trimmed.len() != pattern.len() {
        differences.push(Difference::Blanks);
    }
    match found.scheme {
        None if !found.host.starts_with('*') => differences.push(Difference::NoScheme),
        Some(scheme) => {
            let lower_scheme = scheme.to_ascii_lowercase();
            if !pattern::matches(&lower_scheme, asked.scheme.unwrap_or_default()) {
                differences.push(Difference::Scheme {
                    found: lower_scheme,
                });
            }
        }
        None => {}
    }
    let port_fits = match (found.port, asked.port) {
        (Some(found), Some(asked)) => pattern::matches(found, asked),
        (None, None) => true,
        // A `*` at the end of the host reaches over a port.
        (None, Some(_)) => found.host.ends_with('*'),
        (Some(_), None) => false,
    };
    if !port_fits {
        differences.push(Difference::Port {
            found: found.port.map(str::to_owned),
        });
    }
    match found.path {
        None => {}
        Some("") => differences.push(Difference::TrailingSlash),
        Some(_) => differences.push(Difference::Path),
    }
    if [found.scheme.unwrap_or_default(), found.host]
        .iter()
        .any(|part| part.bytes().any(|byte| byte.is_ascii_uppercase()))
    {
        differences.push(Difference::UpperCase);
    }
    differences
}

/// What stands behind the last `*`.
fn tail(host: &str) -> &str {
    host.rsplit('*').next().unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORIGIN: &str = "https://app.segments.ai";

    fn found(pattern: &str) -> Vec<Difference> {
        near_miss(pattern, ORIGIN).map_or_else(Vec::new, |near| near.differences)
    }

    /// The troubleshooting page: scheme, host and port must be the same
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors-troubleshooting.html>).
    #[test]
    fn each_common_slip_is_named() {
        let scheme = |scheme: &str| Difference::Scheme {
            found: scheme.to_owned(),
        };
        let port = |port: &str| Difference::Port {
            found: Some(port.to_owned()),
        };
        let bare = |host: &str| Difference::NoSubdomain {
            suggestion: format!("https://*.{host}"),
        };
        for (pattern, expected) in [
            ("https://app.segments.ai/", vec![Difference::TrailingSlash]),
            ("https://*.segments.ai/", vec![Difference::TrailingSlash]),
            ("https://app.segments.ai/login", vec![Difference::Path]),
            ("https://app.segments.ai/Login", vec![Difference::Path]),
            ("http://app.segments.ai", vec![scheme("http")]),
            ("http://*.segments.ai", vec![scheme("http")]),
            ("https://app.segments.ai:443", vec![port("443")]),
            ("https://app.segments.ai:*", vec![port("*")]),
            ("https://App.segments.ai", vec![Difference::UpperCase]),
            ("HTTPS://app.segments.ai", vec![Difference::UpperCase]),
            ("https://segments.ai", vec![bare("segments.ai")]),
            (
                "segments.ai",
                vec![bare("segments.ai"), Difference::NoScheme],
            ),
            ("app.segments.ai", vec![Difference::NoScheme]),
            (" https://app.segments.ai", vec![Difference::Blanks]),
            ("https", vec![Difference::SchemeOnly]),
            ("https://", vec![Difference::SchemeOnly]),
            ("https://*.*.segments.ai", vec![Difference::SecondStar]),
            ("https://*.segments.ai:*", vec![Difference::SecondStar]),
            (
                "HTTP://segments.ai:80/",
                vec![
                    bare("segments.ai"),
                    scheme("http"),
                    port("80"),
                    Difference::TrailingSlash,
                    Difference::UpperCase,
                ],
            ),
        ] {
            assert_eq!(found(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn other_sites_and_matching_origins_are_not_near() {
        for pattern in [
            "https://example.com",
            "https://segments.ai.example.com",
            "https://notsegments.ai",
            "https://ai",
            "http",
            "",
            "*",
            "https://*.segments.ai",
            "*.segments.ai",
            "https://app.segments.ai",
            "https://*.*.example.com",
        ] {
            assert_eq!(found(pattern), vec![], "{pattern}");
        }
    }

    #[test]
    fn the_nearest_of_several_is_told() {
        let allowed = [
            "http://segments.ai/".to_owned(),
            "https://app.segments.ai/".to_owned(),
        ];
        assert_eq!(
            nearest(&allowed, ORIGIN).map(|near| near.to_string()),
            Some(
                "`https://app.segments.ai/` does not match `https://app.segments.ai`: \
                 it ends with a slash, and an origin has none"
                    .to_owned()
            )
        );
    }

    proptest! {
        #[test]
        fn any_text_is_looked_at_without_harm(pattern in ".*", origin in ".*") {
            if let Some(near) = near_miss(&pattern, &origin) {
                prop_assert!(!near.differences.is_empty());
                prop_assert!(!pattern::matches(&pattern, &origin));
            }
        }
    }
}
