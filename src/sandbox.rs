//! A local cloud inside the program: it keeps state, enforces what the vendor documents, and fails on request.
//!
//! Its behaviour is written from the vendors' documentation alone. So that a test against it is not circular, nothing
//! here may use anything of the crate outside `crate::sandbox`: no policy evaluation, CORS or principal matching.

mod answer;
pub mod aws;
pub mod azure;
mod exchange;
pub mod gcp;
mod incoming;
mod intervention;
mod journal;
mod listener;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use intervention::{Fault, FaultKind, Hold, Moment, On};
pub use journal::{LoggedRequest, round_trips};

use exchange::Shared;
use listener::Listener;

/// Whose services are behind the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Provider {
    /// Amazon Web Services.
    #[default]
    Aws,
    /// Microsoft Azure.
    Azure,
    /// Google Cloud.
    Gcp,
}

/// Everything that the local cloud remembers, each vendor's apart.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// Accounts, principals, buckets and keys of Amazon Web Services.
    pub aws: aws::World,
    /// Tenants, subscriptions, storage accounts and roles of Microsoft Azure.
    pub azure: azure::World,
    /// Projects, people, roles and buckets of Google Cloud.
    pub gcp: gcp::World,
}

/// How a sandbox starts.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whose services it has.
    pub provider: Provider,
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// What is there at the start.
    pub state: State,
}

impl From<aws::World> for Options {
    fn from(world: aws::World) -> Self {
        Self {
            provider: Provider::Aws,
            port: 0,
            state: State {
                aws: world,
                ..State::default()
            },
        }
    }
}

impl From<azure::World> for Options {
    fn from(world: azure::World) -> Self {
        Self {
            provider: Provider::Azure,
            port: 0,
            state: State {
                azure: world,
                ..State::default()
            },
        }
    }
}

impl From<gcp::World> for Options {
    fn from(world: gcp::World) -> Self {
        Self {
            provider: Provider::Gcp,
            port: 0,
            state: State {
                gcp: world,
                ..State::default()
            },
        }
    }
}

/// A running local cloud, on its own thread. It stops when it is dropped.
///
/// All calls are synchronous and short, except [`Hold::wait`], and may be made from any thread, inside or outside of an
/// asynchronous runtime.
#[derive(Debug)]
pub struct Sandbox {
    provider: Provider,
    shared: Arc<Shared>,
    listener: Listener,
}

impl Sandbox {
    /// Starts a local cloud with the given state.
    ///
    /// # Errors
    /// When the port is taken, or the system gives neither a thread nor a socket.
    pub fn start(options: Options) -> io::Result<Self> {
        let cloud: Box<dyn incoming::Cloud> = match options.provider {
            Provider::Aws => Box::new(aws::Cloud),
            Provider::Azure => Box::new(azure::Cloud),
            Provider::Gcp => Box::new(gcp::Cloud),
        };
        let shared = Arc::new(Shared::new(options.state, cloud));
        let listener = Listener::start(options.port, Arc::clone(&shared))?;
        let sandbox = Self {
            provider: options.provider,
            shared,
            listener,
        };
        sandbox.shared.started(&sandbox.endpoint());
        Ok(sandbox)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Where it listens, as a URL without a slash at its end.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address())
    }

    /// The environment variables that point clients of the vendor at it, signed in as `who`: an access key of AWS, an
    /// object ID of Azure.
    ///
    /// Where nobody is called that, every request fails as it would at the vendor: for AWS the secret is empty, at Azure
    /// no token is given. See <https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html>.
    ///
    /// At Google Cloud they name no credentials, whoever `who` is. Those are in the file that
    /// `GOOGLE_APPLICATION_CREDENTIALS` names: write [`Self::application_credentials`] into it.
    #[must_use]
    pub fn environment(&self, who: &str) -> Vec<(String, String)> {
        let endpoint = self.endpoint();
        self.with_state(|state| match self.provider {
            Provider::Aws => aws::environment(&state.aws, &endpoint, who),
            Provider::Gcp => gcp::environment(&state.gcp, &endpoint),
            Provider::Azure => azure::environment(&state.azure, &endpoint, who),
        })
    }

    /// The application-default credentials of an account at Google Cloud, by its e-mail address: of a person as
    /// `gcloud auth application-default login` writes them, of a service account its key.
    #[must_use]
    pub fn application_credentials(&self, email: &str) -> serde_json::Value {
        let endpoint = self.endpoint();
        self.with_state(|state| gcp::application_credentials(&state.gcp, &endpoint, email))
    }

    /// The application-default credentials of an account at Google Cloud that acts as a service account.
    #[must_use]
    pub fn impersonating_credentials(&self, email: &str, account: &str) -> serde_json::Value {
        let endpoint = self.endpoint();
        self.with_state(|state| {
            gcp::impersonating_credentials(&state.gcp, &endpoint, email, account)
        })
    }

    /// Reads or changes the state, between two requests. Use it to seed, to inspect, and to play a colleague.
    pub fn with_state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.shared.state())
    }

    /// The requests that arrived since the start or the last [`Self::clear_log`], in their order of arrival.
    #[must_use]
    pub fn log(&self) -> Vec<LoggedRequest> {
        self.shared.journal().entries()
    }

    /// Forgets the requests so far. Sequence numbers go on.
    pub fn clear_log(&self) {
        self.shared.journal().clear();
    }

    /// Makes every request wait that long before it is handled. Requests at the same time wait at the same time.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.set_latency(latency);
    }

    /// Makes one request, or several in a row, go wrong. Requests are counted from now.
    pub fn inject(&self, fault: Fault) {
        self.shared.interventions().inject(fault);
    }

    /// Runs `act` just before the request that `on` names is handled, once: a colleague's edit between two requests.
    pub fn on_request(&self, on: On, act: impl FnOnce(&mut State) + Send + 'static) {
        self.shared.interventions().hook(on, Box::new(act));
    }

    /// Stops the request that `on` names at that moment, until the hold is released or dropped.
    ///
    /// A client that goes away while it is held before the effect has none; held after it, it had its effect.
    #[must_use]
    pub fn hold(&self, on: On, moment: Moment) -> Hold {
        self.shared.interventions().hold(on, moment)
    }
}
