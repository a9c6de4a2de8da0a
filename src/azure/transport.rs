//! The one HTTP client for Azure's services: its time limit, its proxies, and plain http for this machine alone.
//!
//! It carries requests of [`super::rest`] and of the credentials; it reads no answer.

use std::collections::BTreeSet;
use std::sync::{OnceLock, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use reqwest::redirect::Policy;
use url::Url;

use crate::probe::is_loopback;

/// What carries every request, once for a run.
#[derive(Debug)]
pub struct Transport {
    timeout: Duration,
    outward: OnceLock<reqwest::Client>,
    inward: OnceLock<reqwest::Client>,
    plain: RwLock<BTreeSet<String>>,
}

impl Transport {
    /// Nothing is opened before the first request.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            outward: OnceLock::new(),
            inward: OnceLock::new(),
            plain: RwLock::default(),
        }
    }

    /// How long one request may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// The address as the SDK wants it: it sends a token to https alone. An http address of this machine is noted,
    /// and what goes to it is sent as http after all.
    #[must_use]
    pub fn dressed(&self, url: &Url) -> Url {
        let mut dressed = url.clone();
        let here = url.host().is_some_and(|host| is_loopback(&host));
        if url.scheme() == "http"
            && here
            && let Some(place) = place(url)
            && let Ok(mut plain) = self.plain.write()
        {
            plain.insert(place);
            // The port has to be named: it is not the one that https has.
            let port = url.port_or_known_default();
            let _ = dressed.set_scheme("https");
            let _ = dressed.set_port(port);
        }
        dressed
    }

    /// The address as it is sent.
    fn bare(&self, url: &Url) -> Url {
        let mut bare = url.clone();
        let noted = place(url)
            .is_some_and(|place| self.plain.read().is_ok_and(|plain| plain.contains(&place)));
        if noted && url.scheme() == "https" {
            let port = url.port_or_known_default();
            let _ = bare.set_scheme("http");
            let _ = bare.set_port(port);
        }
        bare
    }

    fn client(&self, loopback: bool) -> Result<&reqwest::Client, reqwest::Error> {
        let place = if loopback {
            &self.inward
        } else {
            &self.outward
        };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(self.timeout);
        let built = if loopback {
            builder.no_proxy()
        } else {
            builder
        }
        .build()?;
        Ok(place.get_or_init(|| built))
    }
}

/// Host and port.
fn place(url: &Url) -> Option<String> {
    Some(format!(
        "{}:{}",
        url.host_str()?,
        url.port_or_known_default()?
    ))
}

#[async_trait]
impl HttpClient for Transport {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let mut request = request.clone();
        *request.url_mut() = self.bare(request.url());
        let loopback = request.url().host().is_some_and(|host| is_loopback(&host));
        let client = self.client(loopback).map_err(|error| {
            azure_core::Error::with_error(ErrorKind::Other, error, "no HTTP client")
        })?;
        tracing::debug!(
            "{} {}",
            request.method().as_ref(),
            crate::redact::url(request.url().as_str())
        );
        let answer = HttpClient::execute_request(client, &request).await?;
        tracing::debug!("  {}", u16::from(answer.status()));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        let transport = Transport::new(Duration::from_secs(1));
        let dressed = transport.dressed(&url("http://127.0.0.1:8080/a?b"));
        assert_eq!(dressed.as_str(), "https://127.0.0.1:8080/a?b");
        assert_eq!(
            transport.bare(&dressed).as_str(),
            "http://127.0.0.1:8080/a?b"
        );

        let outside = url("http://example.com/a");
        assert_eq!(transport.dressed(&outside), outside);
    }

    #[test]
    fn https_stays_https_unless_that_very_port_is_plain() {
        let transport = Transport::new(Duration::from_secs(1));
        let _ = transport.dressed(&url("http://localhost:80/"));
        for kept in [
            "https://localhost/",
            "https://127.0.0.1:80/",
            "https://management.azure.com/",
        ] {
            assert_eq!(transport.bare(&url(kept)).as_str(), kept);
        }
    }
}
