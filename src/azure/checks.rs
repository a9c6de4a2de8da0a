//! The checks on Azure, one file for each subject. They judge what [`super::facts`] has read.
//!
//! A setting that could not be read is `unknown`, with the right that is missing; never a pass.

mod access;
mod browser;
mod exposure;
mod network;
mod object;
mod place;
mod protection;

use futures_util::future::{LocalBoxFuture, join_all};

use super::facts::Facts;
use crate::error::Failure;
use crate::finding::CheckResult;

/// A check: it asks for the facts that it needs and gives one result for each subject.
type Check = for<'a> fn(&'a Facts) -> LocalBoxFuture<'a, Vec<CheckResult>>;

/// In the order in which they are shown. They run at once.
const CHECKS: &[Check] = &[
    |facts| Box::pin(async { vec![place::identity(facts)] }),
    |facts| Box::pin(async { vec![place::target(facts)] }),
    |facts| Box::pin(async { vec![access::configured(facts).await] }),
    |facts| Box::pin(access::evaluated(facts)),
    |facts| Box::pin(async { vec![network::network(facts).await] }),
    |facts| Box::pin(async { vec![browser::configured(facts).await] }),
    |facts| Box::pin(browser::live(facts)),
    |facts| Box::pin(object::read(facts)),
    |facts| Box::pin(object::link(facts)),
    |facts| Box::pin(protection::samples_protection(facts)),
    |facts| Box::pin(exposure::of_segments(facts)),
    |facts| Box::pin(async { vec![exposure::anonymous(facts).await] }),
    |_| Box::pin(async { vec![object::segments_read()] }),
];

/// Makes every check once.
pub async fn all(facts: &Facts) -> Vec<CheckResult> {
    join_all(CHECKS.iter().map(|check| check(facts)))
        .await
        .concat()
}

/// Why a setting is not known: the missing right, where that is it.
fn unreadable(failure: &Failure) -> String {
    if failure.missing.is_empty() {
        failure.one_line()
    } else {
        format!(
            "{} (missing right: {})",
            failure.message,
            failure.missing.join(", ")
        )
    }
}
