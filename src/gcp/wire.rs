//! What every request to Google goes through: a time limit, few tries, a name, and, with `-v`, a line that says what was
//! sent. Google's libraries send; the few interfaces that they do not have are asked from here.

use std::sync::OnceLock;
use std::time::Duration;

use google_cloud_auth::credentials::{CacheableResource, Credentials};
use google_cloud_gax::error::Error;
use google_cloud_gax::exponential_backoff::{ExponentialBackoff, ExponentialBackoffBuilder};
use google_cloud_gax::retry_policy::RetryPolicy;
use google_cloud_gax::retry_result::RetryResult;
use google_cloud_gax::retry_state::RetryState;
use google_cloud_storage::retry_policy::RetryableErrors;
use reqwest::{Client, Method};
use serde_json::Value;
use url::Url;

use super::failure::{self, Doing};
use crate::error::{ErrorCode, Failure};

/// What this program calls itself.
pub const USER_AGENT: &str = concat!("segments-connect/", env!("CARGO_PKG_VERSION"));

/// How often a read is tried at most.
const TRIES: u32 = 3;

/// For reads: what passes is tried again a few times, at once; what took too long is not.
#[derive(Debug, Clone, Copy)]
pub struct FewTries;

impl RetryPolicy for FewTries {
    fn on_error(&self, state: &RetryState, error: Error) -> RetryResult {
        // What the proxy refuses it refuses again, and what took too long was waiting enough.
        let refused =
            failure::said(&error).is_some_and(|said| said.message.starts_with(super::relay::MARK));
        if refused || error.is_timeout() {
            return RetryResult::Permanent(error);
        }
        match RetryableErrors.on_error(state, error) {
            RetryResult::Continue(error) if state.attempt_count >= TRIES => {
                RetryResult::Exhausted(error)
            }
            other => other,
        }
    }
}

/// How long to wait between two tries.
#[must_use]
pub fn short_pause() -> ExponentialBackoff {
    ExponentialBackoffBuilder::new()
        .with_initial_delay(Duration::from_millis(100))
        .with_maximum_delay(Duration::from_secs(1))
        .clamp()
}

/// Waits for a call of Google's libraries no longer than that: connecting is not under their own time limit.
///
/// # Errors
/// As the call, or a timeout.
pub async fn within<T>(
    limit: Duration,
    what: &str,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tracing::debug!("{what}");
    let result = match tokio::time::timeout(limit, call).await {
        Ok(result) => result,
        Err(late) => Err(Error::timeout(late)),
    };
    match &result {
        Ok(_) => tracing::debug!("  {what}: OK"),
        Err(error) => tracing::debug!(
            "  {what}: {}",
            failure::said(error).map_or_else(|| "no answer".to_owned(), |said| said.status)
        ),
    }
    result
}

/// Asks interfaces that Google's libraries do not have, as the same caller.
pub struct Http {
    credentials: Credentials,
    timeout: Duration,
    /// For the world, through whatever proxy applies.
    outward: OnceLock<Client>,
    /// For this machine, never through a proxy.
    inward: OnceLock<Client>,
}

/// What is sent with a request.
pub enum Body<'a> {
    /// Nothing: GET.
    None,
    /// JSON: POST.
    Json(&'a Value),
    /// A form, without the caller's credentials in a header: POST.
    Form(&'a [(&'a str, &'a str)]),
}

impl Http {
    /// Asks as `credentials` say.
    #[must_use]
    pub fn new(credentials: Credentials, timeout: Duration) -> Self {
        Self {
            credentials,
            timeout,
            outward: OnceLock::new(),
            inward: OnceLock::new(),
        }
    }

    /// The JSON that `url` answers with.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn ask(&self, doing: Doing<'_>, url: &str, body: Body<'_>) -> Result<Value, Failure> {
        let odd = |why: &str| Failure::new(ErrorCode::UnexpectedAnswer, doing.what).cause(why);
        let parsed = Url::parse(url).map_err(|error| odd(&error.to_string()))?;
        let client = self
            .client(&parsed)
            .map_err(|error| failure::unanswered(doing, &error))?;
        let method = match body {
            Body::None => Method::GET,
            Body::Json(_) | Body::Form(_) => Method::POST,
        };
        tracing::debug!("{method} {}", crate::redact::url(url));
        let mut request = client.request(method, parsed);
        request = match body {
            Body::Form(form) => {
                let encoded: String = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(form)
                    .finish();
                request
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(encoded)
            }
            Body::None => request.headers(self.headers(doing).await?),
            Body::Json(json) => request
                .headers(self.headers(doing).await?)
                .header("content-type", "application/json")
                .body(json.to_string()),
        };
        let response = request
            .send()
            .await
            .map_err(|error| failure::unanswered(doing, &error.without_url()))?;
        let status = response.status();
        tracing::debug!("  {}", status.as_u16());
        let bytes = response
            .bytes()
            .await
            .map_err(|error| failure::unanswered(doing, &error.without_url()))?;
        if !status.is_success() {
            return Err(failure::answered(doing, status.as_u16(), &bytes));
        }
        serde_json::from_slice(&bytes)
            .map_err(|_| odd("the answer is not the JSON that Google documents"))
    }

    /// The headers that say who is asking.
    async fn headers(&self, doing: Doing<'_>) -> Result<http::HeaderMap, Failure> {
        let asked = tokio::time::timeout(
            self.timeout,
            self.credentials.headers(http::Extensions::new()),
        )
        .await
        .map_err(|_| failure::timed_out(doing))?;
        match asked {
            Ok(CacheableResource::New { data, .. }) => Ok(data),
            Ok(CacheableResource::NotModified) => Ok(http::HeaderMap::new()),
            Err(error) => Err(failure::failure(doing, &Error::authentication(error))),
        }
    }

    fn client(&self, url: &Url) -> Result<&Client, reqwest::Error> {
        let loopback = url
            .host()
            .is_some_and(|host| crate::probe::is_loopback(&host));
        let place = if loopback {
            &self.inward
        } else {
            &self.outward
        };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(self.timeout)
            .referer(false);
        if loopback {
            builder = builder.no_proxy();
        }
        let built = builder.build()?;
        Ok(place.get_or_init(|| built))
    }
}
