//! Why no answer came: names, network, proxy, TLS, time, or something that is not HTTP.
//!
//! Read from the types in the chain of causes, not from their English. It sends nothing.

use std::error::Error;
use std::io;
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::ClientBuilder;
use rustls::CertificateError;
use url::Url;

use crate::error::{ErrorCode, Failure};
use crate::redact;

/// Where proxies come from.
#[derive(Debug, Clone)]
pub(super) enum Proxies {
    /// The environment, and the system's settings where it has some.
    System,
    /// None at all.
    #[cfg(test)]
    None,
    /// This one, as if that variable named it.
    #[cfg(test)]
    Fixed { variable: &'static str, url: String },
}

impl Proxies {
    /// What names the proxy that `url` is asked through, if there is one. Never the proxy itself:
    /// its URL often holds a password.
    pub(super) fn variable_for(&self, url: &Url) -> Option<String> {
        match self {
            Self::System => {
                let uri: http::Uri = url.as_str().parse().ok()?;
                Matcher::from_system().intercept(&uri)?;
                // The order in which reqwest looks; the first that is set wins, even if empty.
                let own = match url.scheme() {
                    "https" => ["HTTPS_PROXY", "https_proxy"],
                    _ => ["HTTP_PROXY", "http_proxy"],
                };
                let named = |names: [&'static str; 2]| {
                    names
                        .into_iter()
                        .find(|name| std::env::var_os(name).is_some())
                        .filter(|name| {
                            std::env::var_os(name).is_some_and(|value| !value.is_empty())
                        })
                };
                Some(
                    named(own)
                        .or_else(|| named(["ALL_PROXY", "all_proxy"]))
                        .map_or_else(
                            || "the system's settings".to_owned(),
                            |name| format!("`{name}`"),
                        ),
                )
            }
            #[cfg(test)]
            Self::None => None,
            #[cfg(test)]
            Self::Fixed { variable, .. } => Some(format!("`{variable}`")),
        }
    }

    /// The client with these proxies.
    #[cfg_attr(
        not(test),
        expect(
            clippy::unnecessary_wraps,
            clippy::unused_self,
            reason = "the proxies of tests are set here and may be wrong"
        )
    )]
    pub(super) fn apply(&self, builder: ClientBuilder) -> Result<ClientBuilder, reqwest::Error> {
        #[cfg(test)]
        match self {
            Self::System => {}
            Self::None => return Ok(builder.no_proxy()),
            Self::Fixed { url, .. } => return Ok(builder.proxy(reqwest::Proxy::all(url)?)),
        }
        Ok(builder)
    }
}

/// How a request was to reach its host.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way<'a> {
    /// Where to.
    pub(super) url: &'a Url,
    /// What names the proxy, if it goes through one.
    pub(super) proxy: Option<&'a str>,
    /// How long it might take.
    pub(super) timeout: Duration,
}

/// How far a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Its time was over, wherever it was.
    OutOfTime,
    /// The host's name (or the proxy's) was being looked up.
    Name,
    /// The connection was being made and secured.
    Connecting,
    /// An answer came, and it was not HTTP.
    Garbled,
    /// The request was sent, and no answer came.
    Sent,
}

/// What the chain of causes shows.
#[derive(Debug)]
struct Signs<'a> {
    stage: Stage,
    tls: Option<&'a rustls::Error>,
    io: Option<io::ErrorKind>,
}

/// Whether the same request, sent again at once, might well succeed: it was cut off, or never got
/// through. Not after a timeout, which was waiting enough, nor after an answer that was wrong.
pub(super) fn may_pass(error: &reqwest::Error) -> bool {
    let signs = signs(error);
    let passing = matches!(signs.stage, Stage::Connecting | Stage::Sent);
    passing && signs.tls.is_none() && !error.is_builder()
}

/// Whether the request never left this machine, so that it had no effect.
pub(super) fn never_sent(error: &reqwest::Error) -> bool {
    match signs(error).stage {
        Stage::Name | Stage::Connecting => true,
        Stage::OutOfTime => error.is_connect(),
        Stage::Garbled | Stage::Sent => error.is_builder(),
    }
}

/// The failure that says why `error` happened.
pub(super) fn failure(error: &reqwest::Error, way: &Way<'_>, message: String) -> Failure {
    let (code, cause, hint) = explain(&signs(error), way);
    let mut failure = Failure::new(code, message).cause(cause);
    // The deepest cause in its own words, for whoever searches for them.
    if let Some(deepest) = links(error).last() {
        let words = redact::escape_control(&redact::text(&deepest.to_string()));
        if deepest.downcast_ref::<reqwest::Error>().is_none() && !words.is_empty() {
            failure = failure.cause(words);
        }
    }
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn explain(signs: &Signs<'_>, way: &Way<'_>) -> (ErrorCode, String, Option<String>) {
    let host = way.url.host_str().unwrap_or_default();
    let port = way.url.port_or_known_default().unwrap_or_default();
    if let (Some(tls), false) = (signs.tls, signs.stage == Stage::OutOfTime) {
        let (cause, hint) = tls_words(tls, host);
        return (ErrorCode::Tls, cause, hint);
    }
    match signs.stage {
        Stage::OutOfTime => {
            let through = way.proxy.map_or_else(String::new, |proxy| {
                format!(" through the proxy from {proxy}")
            });
            (
                ErrorCode::Timeout,
                format!("`{host}` gave no answer{through} within {:?}", way.timeout),
                Some("try again, or allow more time with `--timeout`".to_owned()),
            )
        }
        Stage::Name | Stage::Connecting => match way.proxy {
            Some(proxy) => (
                ErrorCode::Proxy,
                format!("the proxy from {proxy} did not connect to `{host}`"),
                Some(format!(
                    "check the proxy's address and credentials in {proxy}, or add `{host}` to NO_PROXY"
                )),
            ),
            None => unconnected(signs, host, port, way.url.scheme()),
        },
        Stage::Garbled => (
            ErrorCode::UnexpectedAnswer,
            format!("what `{host}` answered is not HTTP"),
            None,
        ),
        Stage::Sent => (
            ErrorCode::UnexpectedAnswer,
            format!("`{host}` ended the connection before it answered"),
            None,
        ),
    }
}

fn unconnected(
    signs: &Signs<'_>,
    host: &str,
    port: u16,
    scheme: &str,
) -> (ErrorCode, String, Option<String>) {
    if signs.stage == Stage::Name {
        return (
            ErrorCode::NoNetwork,
            format!("the name `{host}` could not be found"),
            Some("check the spelling of the host and this machine's network".to_owned()),
        );
    }
    let network = "check this machine's network; if it needs a proxy, set HTTPS_PROXY";
    let cause = match signs.io {
        // The connection stood, so it was the handshake that was cut off.
        Some(
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe,
        ) if scheme == "https" => {
            return (
                ErrorCode::Tls,
                format!("`{host}` ended the connection while it was being secured"),
                Some("a firewall may be in between; try again, or from another network".to_owned()),
            );
        }
        Some(io::ErrorKind::ConnectionRefused) => {
            format!("nothing accepts connections at `{host}`, port {port}")
        }
        Some(
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable,
        ) => format!("there is no way to `{host}` from this machine's network"),
        Some(io::ErrorKind::PermissionDenied) => {
            format!("this machine does not allow connections to `{host}`, port {port}")
        }
        Some(_) | None => format!("no connection to `{host}`, port {port}, could be made"),
    };
    (ErrorCode::NoNetwork, cause, Some(network.to_owned()))
}

/// What a TLS error means, and what to do about it.
pub(crate) fn tls_words(error: &rustls::Error, host: &str) -> (String, Option<String>) {
    match error {
        rustls::Error::InvalidCertificate(certificate) => certificate_words(certificate, host),
        rustls::Error::InvalidMessage(_) => (
            format!("what `{host}` answered is not TLS"),
            Some("check the port: a plain http server may be listening there".to_owned()),
        ),
        rustls::Error::AlertReceived(alert) => (
            format!("`{host}` refused to secure the connection ({alert:?})"),
            None,
        ),
        _ => (
            format!("the connection to `{host}` could not be secured"),
            None,
        ),
    }
}

fn certificate_words(error: &CertificateError, host: &str) -> (String, Option<String>) {
    match error {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            format!("the certificate that was shown for `{host}` is for another name"),
            // https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
            host.ends_with(".amazonaws.com").then(|| {
                "where the bucket's name has dots, S3's certificate does not cover \
                 `BUCKET.s3.REGION.amazonaws.com`, and browsers refuse it too: use a bucket without dots"
                    .to_owned()
            }),
        ),
        CertificateError::UnknownIssuer => (
            format!("no authority that this machine trusts issued the certificate of `{host}`"),
            Some(
                "a proxy may be reading along: add its authority to those that this machine trusts \
                 (on Linux, name its file in SSL_CERT_FILE)"
                    .to_owned(),
            ),
        ),
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => (
            format!("the certificate of `{host}` is not valid at the time of this machine's clock"),
            Some("check this machine's date and time".to_owned()),
        ),
        CertificateError::Revoked => {
            (format!("the certificate of `{host}` was revoked"), None)
        }
        _ => (format!("the certificate of `{host}` is not valid"), None),
    }
}

fn signs(error: &reqwest::Error) -> Signs<'_> {
    let stage = if error.is_timeout() {
        Stage::OutOfTime
    } else if error.is_dns() {
        Stage::Name
    } else if error.is_connect() {
        Stage::Connecting
    } else if links(error)
        .iter()
        .filter_map(|link| link.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_parse)
    {
        Stage::Garbled
    } else {
        Stage::Sent
    };
    signs_at(stage, error)
}

/// What the chain says besides how far the request came.
fn signs_at<'a>(stage: Stage, error: &'a (dyn Error + 'static)) -> Signs<'a> {
    let links = links(error);
    Signs {
        stage,
        tls: links.iter().find_map(|link| link.downcast_ref()),
        io: links
            .iter()
            .rev()
            .find_map(|link| link.downcast_ref::<io::Error>())
            .map(io::Error::kind),
    }
}

/// The error and its causes. An [`io::Error`] that wraps another error hides it from
/// [`Error::source`], which goes on to the cause of the wrapped one.
pub(crate) fn links<'a>(error: &'a (dyn Error + 'static)) -> Vec<&'a (dyn Error + 'static)> {
    let mut links = Vec::new();
    let mut next = Some(error);
    while let Some(link) = next {
        links.push(link);
        next = link
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|inner| inner as &(dyn Error + 'static))
            .or_else(|| link.source());
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(
        error: &(dyn Error + 'static),
        stage: Stage,
    ) -> (ErrorCode, String, Option<String>) {
        let url = Url::parse("https://my.bucket.s3.eu-west-1.amazonaws.com/k").expect("a URL");
        let way = Way {
            url: &url,
            proxy: None,
            timeout: Duration::from_secs(3),
        };
        explain(&signs_at(stage, error), &way)
    }

    /// As the connector wraps it: an `io::Error` around the handshake's `io::Error` around rustls's.
    fn certificate(error: CertificateError) -> io::Error {
        io::Error::other(io::Error::new(
            io::ErrorKind::InvalidData,
            rustls::Error::InvalidCertificate(error),
        ))
    }

    #[test]
    fn certificates_are_told_apart_by_type() {
        for (error, cause, hint) in [
            (CertificateError::NotValidForName, "another name", "dots"),
            (
                CertificateError::UnknownIssuer,
                "no authority",
                "SSL_CERT_FILE",
            ),
            (CertificateError::Expired, "clock", "date and time"),
            (CertificateError::NotValidYet, "clock", "date and time"),
        ] {
            let (code, words, advice) = explained(&certificate(error), Stage::Connecting);
            assert_eq!(code, ErrorCode::Tls);
            assert!(words.contains(cause), "{words}");
            assert!(advice.is_some_and(|advice| advice.contains(hint)));
        }
        let (code, words, _) =
            explained(&certificate(CertificateError::Revoked), Stage::Connecting);
        assert_eq!((code, words.contains("revoked")), (ErrorCode::Tls, true));
    }

    #[test]
    fn connections_that_never_stood_are_network_failures() {
        for (kind, code) in [
            (io::ErrorKind::ConnectionRefused, ErrorCode::NoNetwork),
            (io::ErrorKind::NetworkUnreachable, ErrorCode::NoNetwork),
            (io::ErrorKind::HostUnreachable, ErrorCode::NoNetwork),
            (io::ErrorKind::PermissionDenied, ErrorCode::NoNetwork),
            (io::ErrorKind::Other, ErrorCode::NoNetwork),
            (io::ErrorKind::ConnectionReset, ErrorCode::Tls),
            (io::ErrorKind::UnexpectedEof, ErrorCode::Tls),
        ] {
            assert_eq!(
                explained(&io::Error::from(kind), Stage::Connecting).0,
                code,
                "{kind}"
            );
        }
    }

    #[test]
    fn connections_that_broke_later_are_unexpected_answers() {
        let reset = io::Error::from(io::ErrorKind::ConnectionReset);
        let (code, words, _) = explained(&reset, Stage::Sent);
        assert_eq!(code, ErrorCode::UnexpectedAnswer);
        assert!(
            words.contains("ended the connection before it answered"),
            "{words}"
        );
    }
}
