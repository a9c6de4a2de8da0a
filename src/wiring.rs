//! What a cloud hands to the spine: the only thing that the two know of each other.

use futures_util::future::LocalBoxFuture;

use crate::common::Action;
use crate::error::Failure;
use crate::finding::{CheckResult, NotChecked};
use crate::report::{Report, Target};
use crate::step::Step;

/// What a cloud hands to the spine once somebody is signed in: its ordered steps and its checks.
pub trait Wiring {
    /// Whom and what the run is about.
    fn target(&self) -> Target;
    /// The documents, in the order in which they are written.
    fn steps(&self) -> &[Box<dyn Step>];
    /// Reads ahead what the checks will need, while the plan is being read.
    fn look_ahead(&self) -> LocalBoxFuture<'_, ()>;
    /// Makes every check once, reading everything anew.
    fn check(&self) -> LocalBoxFuture<'_, Vec<CheckResult>>;
    /// What no check of this command can see, and why.
    fn out_of_reach(&self) -> Vec<NotChecked>;
    /// What was read, for a report that is handed over; null where nothing was.
    fn inputs(&self) -> serde_json::Value {
        serde_json::Value::Null
    }
    /// What is left to people.
    fn next_steps(&self, action: Action, report: &Report) -> Vec<String>;
    /// Every permission that `action` needs, and a second look at why some are missing.
    fn explain_missing(&self, action: Action, failure: Failure) -> LocalBoxFuture<'_, Failure>;
}

/// Signs in and finds the target. Nothing is sent before it is awaited.
pub type Opening<'a> = LocalBoxFuture<'a, Result<Box<dyn Wiring>, Failure>>;
