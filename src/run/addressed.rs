//! A target that was named by URLs of its objects: its own checks, and before them one on each URL.

use futures_util::future::LocalBoxFuture;
use serde_json::Value;
use time::OffsetDateTime;

use crate::address::Address;
use crate::address::check::check;
use crate::common::Action;
use crate::error::Failure;
use crate::finding::{CheckResult, NotChecked};
use crate::report::{Report, Target};
use crate::step::Step;
use crate::wiring::{Opening, Wiring};

/// Adds a check on each of `urls`; changes nothing where there are none.
#[must_use]
pub fn with_urls<'a>(opening: Opening<'a>, urls: &'a [Address]) -> Opening<'a> {
    if urls.is_empty() {
        return opening;
    }
    Box::pin(async move {
        let wiring: Box<dyn Wiring> = Box::new(Addressed {
            target: opening.await?,
            urls: urls.to_vec(),
        });
        Ok(wiring)
    })
}

struct Addressed {
    target: Box<dyn Wiring>,
    urls: Vec<Address>,
}

impl Wiring for Addressed {
    fn target(&self) -> Target {
        self.target.target()
    }

    fn steps(&self) -> &[Box<dyn Step>] {
        self.target.steps()
    }

    fn look_ahead(&self) -> LocalBoxFuture<'_, ()> {
        self.target.look_ahead()
    }

    fn check(&self) -> LocalBoxFuture<'_, Vec<CheckResult>> {
        Box::pin(async {
            let now = OffsetDateTime::now_utc();
            let mut checks: Vec<CheckResult> = self
                .urls
                .iter()
                .map(|url| check(url, Vec::new(), now))
                .collect();
            checks.extend(self.target.check().await);
            checks
        })
    }

    fn out_of_reach(&self) -> Vec<NotChecked> {
        self.target.out_of_reach()
    }

    fn inputs(&self) -> Value {
        self.target.inputs()
    }

    fn next_steps(&self, action: Action, report: &Report) -> Vec<String> {
        self.target.next_steps(action, report)
    }

    fn explain_missing(&self, action: Action, failure: Failure) -> LocalBoxFuture<'_, Failure> {
        self.target.explain_missing(action, failure)
    }
}
