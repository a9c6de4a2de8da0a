//! The life of one request: arrival, latency, interventions, effect, answer.
//!
//! This module knows the order of these and nothing about any cloud.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Limited};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, Response};

use super::State;
use super::answer::{Answer, Payload};
use super::incoming::{Circumstance, Cloud, Incoming, Outcome};
use super::intervention::{FaultKind, Interventions, Moment};
use super::journal::Journal;
use super::listener::Wire;

/// More than any request that is meant for this place.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

/// What all requests share.
pub(crate) struct Shared {
    cloud: Box<dyn Cloud>,
    state: Mutex<State>,
    journal: Mutex<Journal>,
    interventions: Mutex<Interventions>,
    latency: Mutex<Duration>,
    writing: Mutex<BTreeSet<String>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    pub fn new(state: State, cloud: Box<dyn Cloud>) -> Self {
        Self {
            cloud,
            state: Mutex::new(state),
            journal: Mutex::new(Journal::new()),
            interventions: Mutex::default(),
            latency: Mutex::default(),
            writing: Mutex::default(),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    pub fn started(&self, endpoint: &str) {
        self.cloud.started(&mut self.state(), endpoint);
    }

    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        locked(&self.journal)
    }

    pub fn interventions(&self) -> MutexGuard<'_, Interventions> {
        locked(&self.interventions)
    }

    pub fn set_latency(&self, latency: Duration) {
        *locked(&self.latency) = latency;
    }
}

/// Takes one request from its arrival to its answer. An error closes the connection without an answer.
pub(crate) async fn exchange(
    shared: Arc<Shared>,
    wire: Wire,
    peer: IpAddr,
    request: Request<hyper::body::Incoming>,
) -> Result<Response<Payload>, io::Error> {
    let arrived = Instant::now();
    let request = receive(request, peer).await?;
    let label = shared.cloud.describe(&request);
    let plan = shared.interventions().arrive(&label.operation);
    let sequence = shared.journal().begin(&label, &request.method, arrived);
    let _note = Note(Arc::clone(&shared), sequence);
    let turn = label
        .exclusive
        .clone()
        .map(|what| Turn::take(&shared, what));

    let latency = *locked(&shared.latency);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let held = !plan.holds_before.is_empty();
    for point in plan.holds_before {
        point.pause().await;
    }
    if held && wire.client_is_gone() {
        return Err(io::Error::other("the client went away while it was held"));
    }
    for hook in plan.hooks {
        hook(&mut shared.state());
    }
    let mut fault = plan.fault;
    if let Some((Moment::BeforeEffect, kind)) = fault {
        if let FaultKind::Slow(wait) = kind {
            tokio::time::sleep(wait).await;
        } else {
            drop(turn);
            let nothing = unattributed(Answer::new(200), None);
            return fail(&shared, &wire, &request, sequence, kind, nothing).await;
        }
        fault = None;
    }

    let circumstance = Circumstance {
        sequence,
        overlaps: turn.as_ref().is_some_and(|turn| turn.overlaps),
    };
    let outcome = shared
        .cloud
        .handle(&mut shared.state(), &request, circumstance);
    drop(turn);
    shared.journal().caller(sequence, outcome.caller.clone());

    for point in plan.holds_after {
        point.pause().await;
    }
    match fault {
        Some((_, kind)) => fail(&shared, &wire, &request, sequence, kind, outcome).await,
        None => send(&shared, sequence, outcome),
    }
}

/// Reads the whole request.
async fn receive(
    request: Request<hyper::body::Incoming>,
    peer: IpAddr,
) -> Result<Incoming, io::Error> {
    let (mut parts, body) = request.into_parts();
    // HTTP/2 has the host in the address of the request.
    if let Some(authority) = parts.uri.authority()
        && !parts.headers.contains_key(HOST)
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        parts.headers.insert(HOST, host);
    }
    let body = Limited::new(body, LARGEST_BODY)
        .collect()
        .await
        .map_err(io::Error::other)?
        .to_bytes();
    Ok(Incoming {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        peer,
    })
}

fn send(shared: &Shared, sequence: u64, outcome: Outcome) -> Result<Response<Payload>, io::Error> {
    let status = outcome.answer.status;
    let response = outcome.answer.whole();
    shared
        .journal()
        .finish(sequence, Some(status), outcome.error_code);
    response
}

/// An answer that no service gave.
fn unattributed(answer: Answer, error_code: Option<String>) -> Outcome {
    Outcome {
        answer,
        caller: None,
        error_code,
    }
}

/// Gives the client the fault in place of its answer.
async fn fail(
    shared: &Shared,
    wire: &Wire,
    request: &Incoming,
    sequence: u64,
    kind: FaultKind,
    outcome: Outcome,
) -> Result<Response<Payload>, io::Error> {
    let silent = |why: &str| {
        shared.journal().finish(sequence, None, None);
        Err(io::Error::other(why.to_owned()))
    };
    match kind {
        FaultKind::Status {
            status,
            code,
            message,
        } => {
            let answer = shared.cloud.error(request, status, &code, &message);
            send(shared, sequence, unattributed(answer, Some(code)))
        }
        FaultKind::Throttled { retry_after } => {
            let (status, code, message) = shared.cloud.throttling(request);
            let answer = shared
                .cloud
                .error(request, status, code, message)
                .header("retry-after", retry_after.as_secs().to_string());
            send(
                shared,
                sequence,
                unattributed(answer, Some(code.to_owned())),
            )
        }
        FaultKind::Reset => {
            wire.reset()?;
            silent("reset on request")
        }
        FaultKind::Stall => std::future::pending().await,
        FaultKind::Garbage => {
            let answer = shared.cloud.garbage(request);
            send(shared, sequence, unattributed(answer, None))
        }
        FaultKind::Answered { status, headers } => {
            let answer = headers
                .into_iter()
                .fold(Answer::new(status), |answer, (name, value)| {
                    answer.header(name, value)
                });
            send(shared, sequence, unattributed(answer, None))
        }
        // There is no body to cut in an answer to HEAD.
        FaultKind::Truncated if request.method == "HEAD" => silent("closed on request"),
        FaultKind::Truncated => {
            let response = outcome.answer.cut_off()?;
            shared
                .journal()
                .finish(sequence, Some(response.status().as_u16()), None);
            Ok(response)
        }
        FaultKind::Slow(wait) => {
            tokio::time::sleep(wait).await;
            send(shared, sequence, outcome)
        }
    }
}

/// The entry of a request in the log, which is closed however the request ends.
struct Note(Arc<Shared>, u64);

impl Drop for Note {
    fn drop(&mut self) {
        self.0.journal().abandon(self.1);
    }
}

/// A write that is under way, so that another one to the same thing can be seen to overlap.
struct Turn {
    shared: Arc<Shared>,
    what: String,
    overlaps: bool,
}

impl Turn {
    fn take(shared: &Arc<Shared>, what: String) -> Self {
        let overlaps = !locked(&shared.writing).insert(what.clone());
        Self {
            shared: Arc::clone(shared),
            what,
            overlaps,
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.overlaps {
            locked(&self.shared.writing).remove(&self.what);
        }
    }
}

/// A test that failed while it held a lock must not hide behind a second panic here.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
