//! What a test may do to one named request: make it fail, stop it, or change the state under it.
//!
//! This module picks the request; [`super::exchange`] carries it out.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::State;

/// Which request is meant, counted from 1 and from the moment of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum On {
    /// The n-th request of any kind.
    Request(usize),
    /// The n-th request of one operation, such as `PutBucketPolicy`, `GetCallerIdentity` or `OPTIONS`.
    Operation(String, usize),
}

impl On {
    /// The n-th request of one operation.
    pub fn operation(name: impl Into<String>, nth: usize) -> Self {
        Self::Operation(name.into(), nth)
    }

    fn concerns(&self, operation: &str) -> bool {
        match self {
            Self::Request(_) => true,
            Self::Operation(name, _) => name == operation,
        }
    }

    fn nth(&self) -> usize {
        match self {
            Self::Request(nth) | Self::Operation(_, nth) => *nth,
        }
    }
}

/// When in the life of a request something happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It has arrived, and nothing was looked at or changed.
    BeforeEffect,
    /// The state is changed as it asked, and no answer was sent.
    AfterEffect,
}

/// What the client gets instead of its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// An error in the form of the service.
    Status {
        /// The HTTP status.
        status: u16,
        /// The error code.
        code: String,
        /// The message.
        message: String,
    },
    /// The service says that it was asked too often, in its own words, and from when on to ask again.
    Throttled {
        /// What `Retry-After` says, in whole seconds.
        retry_after: Duration,
    },
    /// The connection is reset.
    Reset,
    /// No answer ever comes.
    Stall,
    /// A 200 whose body makes no sense.
    Garbage,
    /// The true length, half of the body, and then the connection is closed.
    Truncated,
    /// Something on the way answers in the service's place: a cache, a CDN, a proxy.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The headers, by their names in lower case.
        headers: Vec<(&'static str, String)>,
    },
    /// The right answer, late.
    Slow(Duration),
}

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The first request to which it happens.
    pub on: On,
    /// To how many requests in a row, of those that `on` counts.
    pub times: usize,
    /// Whether the request has its effect all the same.
    pub moment: Moment,
    /// What happens.
    pub kind: FaultKind,
}

impl Fault {
    /// A fault that happens once, before the request has any effect.
    #[must_use]
    pub fn before(on: On, kind: FaultKind) -> Self {
        Self {
            on,
            times: 1,
            moment: Moment::BeforeEffect,
            kind,
        }
    }

    /// A fault that happens once, after the request had its effect.
    #[must_use]
    pub fn after(on: On, kind: FaultKind) -> Self {
        Self {
            moment: Moment::AfterEffect,
            ..Self::before(on, kind)
        }
    }
}

/// A request that stands still at a known moment.
#[derive(Debug)]
pub struct Hold {
    reached: Arc<Reached>,
    released: watch::Sender<bool>,
}

impl Hold {
    /// Blocks this thread until the request is there; `false` when the time ran out first.
    ///
    /// Do not call it on a thread that has to drive the client meanwhile.
    #[must_use]
    pub fn wait(&self, patience: Duration) -> bool {
        let flag = self
            .reached
            .flag
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (flag, _) = self
            .reached
            .bell
            .wait_timeout_while(flag, patience, |there| !*there)
            .unwrap_or_else(PoisonError::into_inner);
        *flag
    }

    /// Lets the request go on; so does dropping the hold.
    pub fn release(self) {
        let _ = self.released.send(true);
    }
}

#[derive(Debug, Default)]
struct Reached {
    flag: Mutex<bool>,
    bell: Condvar,
}

/// A hold, as the held request sees it.
#[derive(Debug, Clone)]
pub(crate) struct HoldPoint {
    reached: Arc<Reached>,
    released: watch::Receiver<bool>,
}

impl HoldPoint {
    /// Says that the request is there, and waits to be released.
    pub async fn pause(mut self) {
        *self
            .reached
            .flag
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = true;
        self.reached.bell.notify_all();
        // An error means that the hold was dropped, which releases too.
        let _ = self.released.wait_for(|released| *released).await;
    }
}

/// A change to the state, made when a request arrives.
pub(crate) type Hook = Box<dyn FnOnce(&mut State) + Send>;

/// Everything that is to happen to one request.
#[derive(Default)]
pub(crate) struct Plan {
    pub holds_before: Vec<HoldPoint>,
    pub hooks: Vec<Hook>,
    pub fault: Option<(Moment, FaultKind)>,
    pub holds_after: Vec<HoldPoint>,
}

/// All interventions that are still to happen.
#[derive(Default)]
pub(crate) struct Interventions {
    faults: Vec<Counted<(usize, Moment, FaultKind)>>,
    hooks: Vec<Counted<Option<Hook>>>,
    holds: Vec<Counted<(Moment, HoldPoint)>>,
}

impl fmt::Debug for Interventions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Interventions")
            .field("faults", &self.faults.len())
            .field("hooks", &self.hooks.len())
            .field("holds", &self.holds.len())
            .finish()
    }
}

impl Interventions {
    pub fn inject(&mut self, fault: Fault) {
        let what = (fault.times, fault.moment, fault.kind);
        self.faults.push(Counted::new(fault.on, what));
    }

    pub fn hook(&mut self, on: On, hook: Hook) {
        self.hooks.push(Counted::new(on, Some(hook)));
    }

    pub fn hold(&mut self, on: On, moment: Moment) -> Hold {
        let reached = Arc::new(Reached::default());
        let (released, receiver) = watch::channel(false);
        let point = HoldPoint {
            reached: Arc::clone(&reached),
            released: receiver,
        };
        self.holds.push(Counted::new(on, (moment, point)));
        Hold { reached, released }
    }

    /// Counts a request that arrived, and says what is to happen to it. The first fault that concerns it wins.
    pub fn arrive(&mut self, operation: &str) -> Plan {
        let mut plan = Plan::default();
        for rule in &mut self.faults {
            let (times, moment, kind) = rule.what.clone();
            if rule.counts(operation, times) && plan.fault.is_none() {
                plan.fault = Some((moment, kind));
            }
        }
        for rule in &mut self.hooks {
            if rule.counts(operation, 1) {
                plan.hooks.extend(rule.what.take());
            }
        }
        self.hooks.retain(|rule| rule.what.is_some());
        self.holds.retain_mut(|rule| {
            let now = rule.counts(operation, 1);
            if now {
                let (moment, point) = rule.what.clone();
                match moment {
                    Moment::BeforeEffect => plan.holds_before.push(point),
                    Moment::AfterEffect => plan.holds_after.push(point),
                }
            }
            !now
        });
        plan
    }
}

/// Something that happens at a counted request.
struct Counted<T> {
    on: On,
    seen: usize,
    what: T,
}

impl<T> Counted<T> {
    fn new(on: On, what: T) -> Self {
        Self { on, seen: 0, what }
    }

    /// Counts the request; true when it is one of the `times` that are meant.
    fn counts(&mut self, operation: &str, times: usize) -> bool {
        if !self.on.concerns(operation) {
            return false;
        }
        self.seen += 1;
        let first = self.on.nth();
        self.seen >= first && self.seen < first.saturating_add(times)
    }
}
