//! What a browser would send: a preflight, and a GET with `Origin`.
//!
//! Requests carry no credentials, follow no redirects and keep no cookies, so that the answer is the
//! one a page gets. What an answer means is for `judge` to say; this module sends and reads.

mod judge;
mod transport;

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::Serialize;
use url::{Host, Url};

use crate::error::{ErrorCode, Failure};
use crate::redact;

pub use judge::{
    HeaderPreflight, Preflight, admits, azure_preflight, header_preflight, s3_preflight,
};
use transport::{Proxies, Way};
pub(crate) use transport::{links, tls_words};

/// How much of a body is read: enough for an error document.
const BODY_LIMIT: usize = 64 * 1024;

/// One request and what came back: the parts that decide whether a page may use it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchange {
    /// What was asked, with signatures and tokens replaced.
    pub url: String,
    /// The status.
    pub status: u16,
    /// `Access-Control-Allow-Origin`; several headers are joined, as browsers do (and then refuse).
    pub allow_origin: Option<String>,
    /// `Access-Control-Allow-Methods`.
    pub allow_methods: Option<String>,
    /// `Access-Control-Allow-Headers`.
    pub allow_headers: Option<String>,
    /// `Access-Control-Allow-Credentials`.
    pub allow_credentials: Option<String>,
    /// `Access-Control-Expose-Headers`.
    pub expose_headers: Option<String>,
    /// `Access-Control-Max-Age`, in seconds, where it is a number.
    pub max_age: Option<u64>,
    /// `Vary`.
    pub vary: Option<String>,
    /// `Code` of the error document that S3, Azure and Google Cloud's XML interface send.
    pub error_code: Option<String>,
    /// Its `Message`.
    pub error_message: Option<String>,
    /// `x-amz-bucket-region`.
    pub region: Option<String>,
    /// `Location`, with signatures and tokens replaced. It was not followed.
    pub location: Option<String>,
}

impl Exchange {
    /// The status, and the service's own word for it: "HTTP 403 AccessForbidden".
    #[must_use]
    pub fn in_short(&self) -> String {
        in_short(self.status, self.error_code.as_deref())
    }
}

/// A status, and the service's own word for it.
#[must_use]
pub fn in_short(status: u16, code: Option<&str>) -> String {
    match code {
        Some(code) => format!("HTTP {status} {code}"),
        None => format!("HTTP {status}"),
    }
}

/// Sends requests as a browser would. Costs nothing until the first request.
#[derive(Debug)]
pub struct Prober {
    timeout: Duration,
    proxies: Proxies,
    /// For the world, through whatever proxy applies.
    outward: OnceLock<Client>,
    /// For this machine, never through a proxy: it could not reach it, and plain `http` would
    /// leave the machine.
    inward: OnceLock<Client>,
}

impl Prober {
    /// A prober whose requests may take `timeout` each, from connecting to the last byte that is
    /// read.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self::with_proxies(timeout, Proxies::System)
    }

    fn with_proxies(timeout: Duration, proxies: Proxies) -> Self {
        Self {
            timeout,
            proxies,
            outward: OnceLock::new(),
            inward: OnceLock::new(),
        }
    }

    /// Asks, as a page of `origin` would, whether `method` with the request headers `headers` is
    /// admitted (<https://fetch.spec.whatwg.org/#cors-preflight-fetch>). `host` replaces the `Host`
    /// header where the address is not the one that browsers use.
    ///
    /// # Errors
    /// A usage failure for a URL that a browser would not load (other schemes, user names, plain
    /// `http` beyond this machine), before anything is sent; otherwise why no answer came. One that
    /// was cut off is asked for once more, which is safe: the request changes nothing.
    pub async fn preflight(
        &self,
        url: &Url,
        host: Option<&str>,
        origin: &str,
        method: &str,
        headers: &[&str],
    ) -> Result<Exchange, Failure> {
        let mut sent = HeaderMap::new();
        insert(&mut sent, header::ORIGIN, origin)?;
        insert(&mut sent, header::ACCESS_CONTROL_REQUEST_METHOD, method)?;
        if !headers.is_empty() {
            // Browsers send the names in lower case, sorted, with commas and no blanks.
            let mut names: Vec<String> = headers
                .iter()
                .map(|name| name.to_ascii_lowercase())
                .collect();
            names.sort_unstable();
            names.dedup();
            insert(
                &mut sent,
                header::ACCESS_CONTROL_REQUEST_HEADERS,
                &names.join(","),
            )?;
        }
        self.send(Method::OPTIONS, url, host, sent, "send a preflight to")
            .await
    }

    /// Fetches `url` as a browser would: with `Origin` for a page's script, without for a picture
    /// that is just shown; with `Range` where only a part is wanted (`bytes=0-0`). No more than
    /// 64 KB are read.
    ///
    /// # Errors
    /// As for [`Prober::preflight`].
    pub async fn fetch(
        &self,
        url: &Url,
        host: Option<&str>,
        origin: Option<&str>,
        range: Option<&str>,
    ) -> Result<Exchange, Failure> {
        let mut sent = HeaderMap::new();
        if let Some(origin) = origin {
            insert(&mut sent, header::ORIGIN, origin)?;
        }
        if let Some(range) = range {
            insert(&mut sent, header::RANGE, range)?;
        }
        self.send(Method::GET, url, host, sent, "fetch").await
    }

    async fn send(
        &self,
        method: Method,
        url: &Url,
        host: Option<&str>,
        mut headers: HeaderMap,
        verb: &str,
    ) -> Result<Exchange, Failure> {
        let loopback = check(url)?;
        if let Some(host) = host {
            insert(&mut headers, header::HOST, host)?;
        }
        let shown = redact::url(url.as_str());
        let proxy = if loopback {
            None
        } else {
            self.proxies.variable_for(url)
        };
        let way = Way {
            url,
            proxy: proxy.as_deref(),
            timeout: self.timeout,
        };
        let failed = |error: &reqwest::Error| {
            transport::failure(error, &way, format!("could not {verb} `{shown}`"))
        };
        let client = self.client(loopback).map_err(|error| failed(&error))?;
        let request = || -> RequestBuilder {
            client
                .request(method.clone(), url.clone())
                .headers(headers.clone())
        };
        tracing::debug!("{method} {shown}");
        let answer = match request().send().await {
            Err(error) if transport::may_pass(&error) => request().send().await,
            answer => answer,
        };
        match answer {
            Ok(response) => {
                tracing::debug!("  {}", response.status().as_u16());
                Ok(read(response, shown).await)
            }
            Err(error) => Err(failed(&error)),
        }
    }

    fn client(&self, loopback: bool) -> Result<&Client, reqwest::Error> {
        let place = if loopback {
            &self.inward
        } else {
            &self.outward
        };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let builder = Client::builder()
            .user_agent(concat!("segments-connect/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .timeout(self.timeout)
            .referer(false)
            // A kept connection that the other side has given up looks like one that is cut off.
            .pool_max_idle_per_host(0)
            // Browsers decide on headers; bodies are read as they come.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .http1_only();
        let builder = if loopback {
            builder.no_proxy()
        } else {
            self.proxies.apply(builder)?
        };
        let built = builder.build()?;
        Ok(place.get_or_init(|| built))
    }
}

/// Why a request of another client got no answer, and whether it never left this machine.
pub(crate) fn unanswered(
    error: &reqwest::Error,
    url: &Url,
    timeout: Duration,
    message: String,
) -> (Failure, bool) {
    let proxy = url
        .host()
        .filter(|host| !is_loopback(host))
        .and_then(|_| Proxies::System.variable_for(url));
    let way = Way {
        url,
        proxy: proxy.as_deref(),
        timeout,
    };
    (
        transport::failure(error, &way, message),
        transport::never_sent(error),
    )
}

/// Whether a request to this URL goes through a proxy that the environment or the system names.
pub(crate) fn goes_through_proxy(url: &Url) -> bool {
    Proxies::System.variable_for(url).is_some()
}

/// Whether a host is this machine, to which alone plain http may go.
pub(crate) fn is_loopback(host: &Host<impl AsRef<str>>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name.as_ref() == "localhost",
    }
}

/// Whether the URL's host is this machine; an error for one that must not be asked.
fn check(url: &Url) -> Result<bool, Failure> {
    let shown = redact::url(url.as_str());
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Failure::usage(
            format!("the URL `{shown}` carries a user name or password"),
            "leave it out: browsers load no such URL, and probes are sent without credentials",
        ));
    }
    let loopback = url.host().is_some_and(|host| is_loopback(&host));
    match url.scheme() {
        "https" => Ok(loopback),
        "http" if loopback => Ok(true),
        "http" => Err(Failure::usage(
            format!("the URL `{shown}` is not encrypted"),
            "use https: plain http is accepted for this machine alone (127.0.0.1, ::1, localhost)",
        )),
        scheme => Err(Failure::usage(
            format!("the URL `{shown}` has the scheme `{scheme}`, which browsers do not load"),
            "give the https URL of the object",
        )),
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), Failure> {
    let value = HeaderValue::from_str(value).map_err(|_| {
        Failure::new(
            ErrorCode::Usage,
            format!(
                "`{}` cannot be sent as the header `{name}`",
                redact::escape_control(&redact::text(value))
            ),
        )
        .hint("use visible ASCII characters only")
    })?;
    headers.insert(name, value);
    Ok(())
}

/// Reads what matters of an answer. A body that breaks off is no failure: the headers decide.
async fn read(mut response: Response, url: String) -> Exchange {
    let headers = response.headers();
    let joined = |name: HeaderName| -> Option<String> {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    };
    let mut exchange = Exchange {
        url,
        status: response.status().as_u16(),
        allow_origin: joined(header::ACCESS_CONTROL_ALLOW_ORIGIN),
        allow_methods: joined(header::ACCESS_CONTROL_ALLOW_METHODS),
        allow_headers: joined(header::ACCESS_CONTROL_ALLOW_HEADERS),
        allow_credentials: joined(header::ACCESS_CONTROL_ALLOW_CREDENTIALS),
        expose_headers: joined(header::ACCESS_CONTROL_EXPOSE_HEADERS),
        max_age: joined(header::ACCESS_CONTROL_MAX_AGE).and_then(|age| age.trim().parse().ok()),
        vary: joined(header::VARY),
        error_code: None,
        error_message: None,
        region: joined(HeaderName::from_static("x-amz-bucket-region")),
        location: joined(header::LOCATION).map(|location| redact::url(&location)),
    };
    let mut body: Vec<u8> = Vec::new();
    while body.len() < BODY_LIMIT {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                let room = BODY_LIMIT - body.len();
                body.extend(chunk.iter().take(room));
            }
            Ok(None) | Err(_) => break,
        }
    }
    if !(200..300).contains(&exchange.status) {
        (exchange.error_code, exchange.error_message) = error_document(&body);
    }
    exchange
}

/// `Code` and `Message` of `<Error>`, which S3
/// (<https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>) and Azure
/// (<https://learn.microsoft.com/rest/api/storageservices/status-and-error-codes2>) send.
fn error_document(body: &[u8]) -> (Option<String>, Option<String>) {
    let Ok(text) = std::str::from_utf8(body) else {
        return (None, None);
    };
    let Ok(document) = roxmltree::Document::parse(text) else {
        return (None, None);
    };
    let root = document.root_element();
    if root.tag_name().name() != "Error" {
        return (None, None);
    }
    let child = |name: &str| {
        root.children()
            .find(|child| child.tag_name().name() == name)
            .and_then(|child| child.text())
            .map(|text| redact::text(text.trim()))
            .filter(|text| !text.is_empty())
    };
    (child("Code"), child("Message"))
}

#[cfg(test)]
mod tests;
