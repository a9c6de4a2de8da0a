//! What an answer means for a page: would the browser hand it over?
//!
//! Pure: it looks at one exchange, and says "cannot tell" where that exchange does not decide.

use super::Exchange;

/// What S3 said to a preflight, seen from a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preflight {
    /// The browser goes ahead.
    Admitted {
        /// The `Access-Control-Allow-Origin` that says so.
        allow_origin: String,
    },
    /// The browser stops, because of the bucket's CORS rules.
    Refused {
        /// S3's error code: `AccessForbidden` where no rule matches, and where there are none.
        code: Option<String>,
        /// What is missing, or S3's own message.
        detail: String,
    },
    /// The bucket is elsewhere. Browsers follow no redirect of a preflight.
    Redirected {
        /// Its region, where the answer names it.
        region: Option<String>,
    },
    /// The answer is not about CORS: a service that was busy, an answer by something in between,
    /// a bucket that is not there. The browser stops, and why is not known from this.
    CannotTell {
        /// The status.
        status: u16,
        /// The error code, where the answer has one.
        code: Option<String>,
    },
}

/// Whether the answer names `origin`, or every origin, as allowed to use it. Browsers compare
/// letter by letter (<https://fetch.spec.whatwg.org/#cors-check>).
#[must_use]
pub fn admits(exchange: &Exchange, origin: &str) -> bool {
    exchange
        .allow_origin
        .as_deref()
        .is_some_and(|allowed| allowed == "*" || allowed == origin)
}

/// What S3's answer to a preflight for GET means to a page of `origin` that wants to send
/// `headers`.
///
/// A preflight passes with a status from 200 to 299, the origin, and every header
/// (<https://fetch.spec.whatwg.org/#cors-preflight-fetch>); GET needs no permission of its own. S3
/// refuses with 403 and an error document
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors-troubleshooting.html>). A 403 that
/// is not S3's says nothing about the bucket's rules.
#[must_use]
pub fn s3_preflight(exchange: &Exchange, origin: &str, headers: &[&str]) -> Preflight {
    let code = exchange.error_code.clone();
    match exchange.status {
        200..=299 => successful(exchange, origin, headers),
        403 if code.is_some() => Preflight::Refused {
            code,
            detail: exchange
                .error_message
                .clone()
                .unwrap_or_else(|| "no rule matches this request".to_owned()),
        },
        301 | 302 | 307 | 308 => Preflight::Redirected {
            region: exchange.region.clone(),
        },
        status => Preflight::CannotTell { status, code },
    }
}

/// What an answer to a preflight for GET says by its headers alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderPreflight {
    /// The browser goes ahead.
    Admitted,
    /// The browser stops.
    Refused {
        /// What is missing.
        detail: String,
    },
    /// The answer is not one to a preflight: a service that was busy, a bucket that is not there.
    CannotTell,
}

/// What Google Cloud Storage's answer to a preflight for GET means to a page of `origin` that wants to send `headers`.
///
/// It refuses with a successful answer that lacks the headers, so they alone decide
/// (<https://cloud.google.com/storage/docs/cross-origin>).
#[must_use]
pub fn header_preflight(exchange: &Exchange, origin: &str, headers: &[&str]) -> HeaderPreflight {
    if !(200..300).contains(&exchange.status) {
        return HeaderPreflight::CannotTell;
    }
    match successful(exchange, origin, headers) {
        Preflight::Admitted { .. } => HeaderPreflight::Admitted,
        Preflight::Refused { detail, .. } => HeaderPreflight::Refused { detail },
        Preflight::Redirected { .. } | Preflight::CannotTell { .. } => HeaderPreflight::CannotTell,
    }
}

/// What Azure's answer to a preflight for GET means to a page of `origin` that wants to send `headers`.
///
/// It refuses with 403 and a code of its own
/// (<https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services>).
/// A 403 with another code is the firewall's, and says nothing about the rules.
#[must_use]
pub fn azure_preflight(exchange: &Exchange, origin: &str, headers: &[&str]) -> Preflight {
    let code = exchange.error_code.clone();
    match (exchange.status, code.as_deref()) {
        (200..=299, _) => successful(exchange, origin, headers),
        (403, Some("CorsPreflightFailure")) => Preflight::Refused {
            code,
            detail: exchange
                .error_message
                .clone()
                .unwrap_or_else(|| "no rule matches this request".to_owned()),
        },
        (status, _) => Preflight::CannotTell { status, code },
    }
}

fn successful(exchange: &Exchange, origin: &str, headers: &[&str]) -> Preflight {
    let refused = |detail: String| Preflight::Refused { code: None, detail };
    let Some(allow_origin) = exchange.allow_origin.clone() else {
        return refused(format!(
            "the answer ({}) has no Access-Control-Allow-Origin",
            exchange.status
        ));
    };
    if !admits(exchange, origin) {
        return refused(format!(
            "the answer allows `{allow_origin}`, not `{origin}`"
        ));
    }
    let allowed: Vec<String> = exchange
        .allow_headers
        .as_deref()
        .unwrap_or_default()
        .split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let missing = headers.iter().find(|header| {
        let header = header.to_ascii_lowercase();
        // A `*` never stands for `authorization`.
        let wildcard = header != "authorization" && allowed.iter().any(|name| name == "*");
        !wildcard && !allowed.contains(&header)
    });
    match missing {
        Some(header) => refused(format!(
            "the answer does not allow the request header `{header}`"
        )),
        None => Preflight::Admitted { allow_origin },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://app.segments.ai";

    fn answer(status: u16) -> Exchange {
        Exchange {
            url: "https://b.s3.eu-west-1.amazonaws.com/k".to_owned(),
            status,
            allow_origin: None,
            allow_methods: None,
            allow_headers: None,
            allow_credentials: None,
            expose_headers: None,
            max_age: None,
            vary: None,
            error_code: None,
            error_message: None,
            region: None,
            location: None,
        }
    }

    fn allowing(origin: &str, headers: Option<&str>) -> Exchange {
        Exchange {
            allow_origin: Some(origin.to_owned()),
            allow_headers: headers.map(str::to_owned),
            ..answer(200)
        }
    }

    #[test]
    fn only_the_very_origin_or_all_are_admitted() {
        for (allowed, expected) in [
            (ORIGIN, true),
            ("*", true),
            ("https://app.segments.ai/", false),
            ("https://APP.segments.ai", false),
            ("https://*.segments.ai", false),
            ("https://app.segments.ai, *", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(
                admits(&allowing(allowed, None), ORIGIN),
                expected,
                "{allowed}"
            );
        }
        assert!(!admits(&answer(200), ORIGIN));
    }

    #[test]
    fn admission_needs_status_origin_and_headers() {
        let admitted = |exchange: &Exchange, headers: &[&str]| {
            matches!(
                s3_preflight(exchange, ORIGIN, headers),
                Preflight::Admitted { .. }
            )
        };
        assert!(admitted(&allowing(ORIGIN, None), &[]));
        assert!(admitted(&allowing("*", Some("x-a, Range")), &["range"]));
        assert!(admitted(&allowing("*", Some("*")), &["range"]));
        assert!(!admitted(&allowing("*", Some("*")), &["Authorization"]));
        assert!(!admitted(&allowing("*", None), &["range"]));
        assert!(!admitted(&allowing("https://example.com", None), &[]));
        assert!(!admitted(&answer(200), &[]));
        let teapot = Exchange {
            status: 418,
            ..allowing(ORIGIN, None)
        };
        assert!(!admitted(&teapot, &[]));
    }

    /// The two messages of the troubleshooting page.
    #[test]
    fn the_documented_refusals_are_refusals() {
        for message in [
            "CORSResponse: CORS is not enabled for this bucket.",
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution \
             of Origin, request method / Access-Control-Request-Method or \
             Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
        ] {
            let exchange = Exchange {
                error_code: Some("AccessForbidden".to_owned()),
                error_message: Some(message.to_owned()),
                ..answer(403)
            };
            assert_eq!(
                s3_preflight(&exchange, ORIGIN, &[]),
                Preflight::Refused {
                    code: Some("AccessForbidden".to_owned()),
                    detail: message.to_owned(),
                }
            );
        }
    }

    #[test]
    fn where_headers_alone_decide_a_success_without_them_is_a_refusal() {
        let of =
            |exchange: &Exchange, headers: &[&str]| header_preflight(exchange, ORIGIN, headers);
        assert_eq!(of(&allowing(ORIGIN, None), &[]), HeaderPreflight::Admitted);
        assert_eq!(
            of(&allowing("*", Some("Range")), &["range"]),
            HeaderPreflight::Admitted
        );
        for (exchange, headers) in [
            (answer(200), &[][..]),
            (allowing("https://example.com", None), &[]),
            (allowing(ORIGIN, None), &["range"]),
        ] {
            assert!(
                matches!(of(&exchange, headers), HeaderPreflight::Refused { .. }),
                "{exchange:?}"
            );
        }
        for status in [301, 403, 404, 503] {
            assert_eq!(of(&answer(status), &[]), HeaderPreflight::CannotTell);
        }
    }

    #[test]
    fn other_answers_do_not_decide() {
        for status in [400, 403, 404, 405, 429, 500, 501, 503, 304] {
            assert_eq!(
                s3_preflight(&answer(status), ORIGIN, &[]),
                Preflight::CannotTell { status, code: None }
            );
        }
        let elsewhere = Exchange {
            region: Some("eu-west-1".to_owned()),
            ..answer(307)
        };
        assert_eq!(
            s3_preflight(&elsewhere, ORIGIN, &[]),
            Preflight::Redirected {
                region: Some("eu-west-1".to_owned()),
            }
        );
    }
}
