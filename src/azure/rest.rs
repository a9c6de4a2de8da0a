//! The small REST client for Azure Resource Manager, Microsoft Graph and the blob endpoint: one pipeline for each
//! service, a token each, and every answer given back as it came.
//!
//! It decides nothing about what an answer means; that is for [`super::failure`] and for whoever asked.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use azure_core::http::headers::{HeaderName, HeaderValue};
use azure_core::http::policies::Policy;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::{
    ClientOptions, Context, Method, Pipeline, PipelineSendOptions, Request, RetryOptions,
    UserAgentOptions,
};
use serde_json::Value;
use url::Url;

use super::credential::Credential;
use super::failure::{self, Unanswered};
use super::transport::Transport;
use crate::error::{ErrorCode, Failure};

/// How often a read is tried, where the service was busy or the connection broke.
const READS: u32 = 3;
/// How long a service may ask a read to wait. A longer wait is told instead.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// A service, and with it the audience of its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Azure Resource Manager.
    ResourceManager,
    /// Microsoft Graph.
    Graph,
    /// The account's blob endpoint.
    Blob,
}

impl Service {
    /// The scope to ask a token for.
    #[must_use]
    pub fn scope(self) -> &'static str {
        match self {
            Self::ResourceManager => "https://management.azure.com/.default",
            Self::Graph => "https://graph.microsoft.com/.default",
            Self::Blob => "https://storage.azure.com/.default",
        }
    }

    /// The service, for people.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::ResourceManager => "Azure Resource Manager",
            Self::Graph => "Microsoft Graph",
            Self::Blob => "the blob endpoint",
        }
    }
}

/// A request.
#[derive(Debug, Clone)]
pub struct Call {
    /// Of which service.
    pub service: Service,
    /// GET, PUT, POST, DELETE.
    pub method: Method,
    /// Where to, with its query.
    pub url: Url,
    /// Header names and values.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent.
    pub body: Option<Body>,
}

/// What is sent with a request.
#[derive(Debug, Clone)]
pub enum Body {
    /// JSON.
    Json(Value),
    /// XML.
    Xml(String),
}

impl Call {
    /// A read.
    #[must_use]
    pub fn get(service: Service, url: Url) -> Self {
        Self::new(service, Method::Get, url)
    }

    /// A request without a body.
    #[must_use]
    pub fn new(service: Service, method: Method, url: Url) -> Self {
        Self {
            service,
            method,
            url,
            headers: Vec::new(),
            body: None,
        }
    }

    /// Sends JSON.
    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(Body::Json(body));
        self
    }

    /// Sends XML.
    #[must_use]
    pub fn xml(mut self, body: impl Into<String>) -> Self {
        self.body = Some(Body::Xml(body.into()));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// An answer as it came, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub text: String,
    /// The service's own code and message, where the answer is an error of its form.
    pub problem: Option<Problem>,
    /// `Retry-After`.
    pub retry_after: Option<Duration>,
    headers: azure_core::http::headers::Headers,
}

/// An error in the service's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The code: `AuthorizationFailed`.
    pub code: String,
    /// The message.
    pub message: String,
}

impl Answer {
    /// Reads what matters of an answer.
    #[must_use]
    pub fn of(response: azure_core::http::RawResponse) -> Self {
        let (status, headers, body) = response.deconstruct();
        let text = String::from_utf8_lossy(&body).into_owned();
        let status = u16::from(status);
        let header = |name| {
            headers
                .get_optional_str(&HeaderName::from_static(name))
                .map(str::to_owned)
        };
        Self {
            status,
            problem: (!(200..300).contains(&status))
                .then(|| failure::problem(&text, header("x-ms-error-code")))
                .flatten(),
            // Seconds; Azure does not use the form with a date.
            retry_after: header("retry-after")
                .and_then(|seconds| seconds.trim().parse().ok())
                .map(Duration::from_secs),
            text,
            headers,
        }
    }

    /// Whether the request was done.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first value of a header.
    #[must_use]
    pub fn header(&self, name: &'static str) -> Option<&str> {
        self.headers
            .get_optional_str(&HeaderName::from_static(name))
    }

    /// The service's code, or nothing.
    #[must_use]
    pub fn code(&self) -> &str {
        self.problem
            .as_ref()
            .map_or("", |problem| problem.code.as_str())
    }

    /// The body as JSON, every member of it.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self, doing: &str) -> Result<Value, Failure> {
        crate::json::parse(&self.text).map_err(|problem| {
            Failure::new(ErrorCode::UnexpectedAnswer, doing)
                .cause(format!("the answer is not JSON: {problem}"))
        })
    }
}

/// The client.
pub struct Rest {
    transport: Arc<Transport>,
    credential: Arc<Credential>,
    resource_manager: OnceLock<Pipeline>,
    graph: OnceLock<Pipeline>,
    blob: OnceLock<Pipeline>,
}

impl Rest {
    /// Nothing is sent before the first request.
    #[must_use]
    pub fn new(transport: Arc<Transport>, credential: Arc<Credential>) -> Self {
        Self {
            transport,
            credential,
            resource_manager: OnceLock::new(),
            graph: OnceLock::new(),
            blob: OnceLock::new(),
        }
    }

    /// Whose tokens are sent.
    #[must_use]
    pub fn credential(&self) -> &Arc<Credential> {
        &self.credential
    }

    /// What carries the requests.
    #[must_use]
    pub fn transport(&self) -> &Arc<Transport> {
        &self.transport
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn send(&self, call: &Call) -> Result<Answer, Unanswered> {
        let mut request = Request::new(self.transport.dressed(&call.url), call.method);
        for (name, value) in &call.headers {
            request.insert_header(
                HeaderName::from_static(name),
                HeaderValue::from(value.clone()),
            );
        }
        match &call.body {
            Some(Body::Json(value)) => {
                request.insert_header("content-type", "application/json");
                request.set_body(crate::json::compact(value));
            }
            Some(Body::Xml(text)) => {
                request.insert_header("content-type", "application/xml");
                request.set_body(text.clone());
            }
            None => {}
        }
        let options = PipelineSendOptions {
            skip_checks: true,
            ..PipelineSendOptions::default()
        };
        let sent = self
            .pipeline(call.service)
            .send(&Context::new(), &mut request, Some(options))
            .await;
        match sent {
            Ok(response) => Ok(Answer::of(response)),
            Err(error) => Err(Unanswered::of(
                &error,
                &call.url,
                self.transport.timeout(),
                call.service,
            )),
        }
    }

    /// Sends a read, and once more where the service was busy or the connection broke. Reads change nothing.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn read(&self, call: &Call) -> Result<Answer, Unanswered> {
        patiently(|| self.send(call)).await
    }

    fn pipeline(&self, service: Service) -> &Pipeline {
        let place = match service {
            Service::ResourceManager => &self.resource_manager,
            Service::Graph => &self.graph,
            Service::Blob => &self.blob,
        };
        place.get_or_init(|| {
            let bearer: Arc<dyn Policy> = Arc::new(BearerTokenAuthorizationPolicy::new(
                self.credential.clone(),
                [service.scope()],
            ));
            Pipeline::new(
                Some("segments-connect"),
                Some(env!("CARGO_PKG_VERSION")),
                client_options(&self.transport),
                Vec::new(),
                vec![bearer],
                None,
            )
        })
    }
}

/// Asks again where the service was busy or the connection broke. For reads alone: what is asked twice may be done twice.
pub(super) async fn patiently<F, A>(ask: F) -> Result<Answer, Unanswered>
where
    F: Fn() -> A,
    A: Future<Output = Result<Answer, Unanswered>>,
{
    let mut tries = 1;
    loop {
        let sent = ask().await;
        let again = tries < READS
            && match &sent {
                Ok(answer) => matches!(answer.status, 429 | 500 | 502 | 503 | 504),
                Err(unanswered) => unanswered.may_pass(),
            };
        let asked = sent
            .as_ref()
            .ok()
            .and_then(|answer| answer.retry_after)
            .unwrap_or_default();
        if !again || asked > LONGEST_WAIT {
            return sent;
        }
        let own = Duration::from_millis(fastrand::u64(50..=100) << tries);
        tokio::time::sleep(own.max(asked)).await;
        tries += 1;
    }
}

/// One transport for everything, and no tries that this program does not know of.
pub(super) fn client_options(transport: &Arc<Transport>) -> ClientOptions {
    ClientOptions {
        transport: Some(azure_core::http::Transport::new(transport.clone())),
        retry: RetryOptions::none(),
        user_agent: UserAgentOptions {
            application_id: Some("segments-connect".to_owned()),
        },
        ..ClientOptions::default()
    }
}
