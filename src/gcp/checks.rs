//! The checks on Google Cloud, one file for each subject. They judge what [`super::facts`] has read.
//!
//! A setting that could not be read is `unknown`, with the permission that is missing; never a pass.

mod access;
mod browser;
mod evaluation;
mod exposure;
mod object;
mod outside;
mod place;
mod protection;
mod segments;
mod url;

use futures_util::future::{LocalBoxFuture, join_all};

use super::facts::Facts;
use super::view::{Standpoint, View};
use crate::error::Failure;
use crate::finding::{CheckResult, Level, NotChecked};

/// A check: it asks for the facts that it needs and gives one result for each subject.
type Check = for<'a> fn(&'a Facts) -> LocalBoxFuture<'a, Vec<CheckResult>>;

/// What a check is about, by which it is decided from where it can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// Who is asking, and whether there is a bucket.
    Place,
    /// The URLs that were given, by themselves.
    Urls,
    /// The IAM policies.
    Policies,
    /// The CORS entries.
    Cors,
    /// What the service answers to a browser, or to anybody.
    Live,
    /// Objects, as the caller reads them.
    Objects,
    /// The bucket's other settings.
    Settings,
    /// Reading as Segments.ai.
    Segments,
}

/// In the order in which they are shown. They run at once.
const CHECKS: &[(About, Check)] = &[
    (About::Place, |facts| {
        Box::pin(async { vec![place::identity(facts)] })
    }),
    (About::Place, |facts| {
        Box::pin(async { vec![place::target(facts).await] })
    }),
    (About::Urls, |facts| Box::pin(async { url::said(facts) })),
    (About::Policies, |facts| {
        Box::pin(async { vec![access::configured(facts).await] })
    }),
    (About::Policies, |facts| Box::pin(access::evaluated(facts))),
    (About::Cors, |facts| {
        Box::pin(async { vec![browser::configured(facts).await] })
    }),
    (About::Live, |facts| Box::pin(browser::live(facts))),
    (About::Live, |facts| Box::pin(url::links(facts))),
    (About::Objects, |facts| Box::pin(object::read(facts))),
    (About::Objects, |facts| Box::pin(object::link(facts))),
    (About::Objects, |facts| {
        Box::pin(protection::samples_protection(facts))
    }),
    (About::Live, |facts| Box::pin(outside::read(facts))),
    (About::Settings, |facts| {
        Box::pin(async { vec![protection::bucket(facts).await] })
    }),
    (About::Settings, |facts| {
        Box::pin(async { vec![place::network(facts).await] })
    }),
    (About::Policies, |facts| {
        Box::pin(exposure::of_segments(facts))
    }),
    (About::Policies, |facts| {
        Box::pin(async { vec![exposure::anonymous(facts).await] })
    }),
    (About::Segments, |facts| Box::pin(segments::read(facts))),
];

/// Makes every check that can be made from where the bucket is looked at, once.
pub async fn all(facts: &Facts) -> Vec<CheckResult> {
    let view = &facts.view;
    let made = CHECKS
        .iter()
        .filter(|(about, _)| why_not(view, *about).is_none())
        .map(|(about, check)| async move {
            let mut results = check(facts).await;
            for result in &mut results {
                as_seen(view.from, *about, result);
            }
            results
        });
    join_all(made).await.concat()
}

/// What is not checked from where the bucket is looked at, and why.
#[must_use]
pub fn left_out(view: &View) -> Vec<NotChecked> {
    [
        (About::Place, "who you are, and where the bucket is"),
        (About::Policies, "the bucket's IAM policy"),
        (About::Cors, "the bucket's CORS entries"),
        (About::Live, "what Google answers to a browser"),
        (
            About::Objects,
            "reading an object with credentials of your own, and how it is encrypted",
        ),
        (
            About::Settings,
            "the bucket's other settings: who pays, and its filter on IP addresses",
        ),
        (About::Segments, "reading with Segments.ai's own permission"),
    ]
    .into_iter()
    .filter_map(|(about, what)| {
        Some(NotChecked {
            what: what.to_owned(),
            why: why_not(view, about)?.to_owned(),
        })
    })
    .collect()
}

/// Why a check is not made from there; `None` where it is.
fn why_not(view: &View, about: About) -> Option<&'static str> {
    let given = &view.inputs;
    match (view.from, about) {
        (Standpoint::Owner, _)
        | (_, About::Urls)
        | (
            Standpoint::Outside | Standpoint::Segments,
            About::Place | About::Policies | About::Cors | About::Live | About::Segments,
        ) => None,
        (Standpoint::Outside, About::Objects | About::Settings) => {
            Some("you are not signed in as somebody who may read them")
        }
        (Standpoint::Segments, About::Objects) => {
            Some("the credentials are Segments.ai's, and what they read is told for itself")
        }
        (Standpoint::Segments, About::Settings) => Some("only the bucket's owner can read them"),
        (Standpoint::Documents, About::Policies) if given.iam_policy.is_some() => None,
        (Standpoint::Documents, About::Cors) if given.cors.is_some() || given.bucket.is_some() => {
            None
        }
        (Standpoint::Documents, About::Settings) if given.bucket.is_some() => None,
        (Standpoint::Documents, About::Policies) => {
            Some("it was not handed in; give it with `--iam-policy FILE`")
        }
        (Standpoint::Documents, About::Cors) => {
            Some("they were not handed in; give them with `--cors FILE`")
        }
        (
            Standpoint::Documents,
            About::Place | About::Live | About::Objects | About::Settings | About::Segments,
        ) => Some("only the documents given were looked at"),
    }
}

/// What a result means from there: which one decides, where its usual judge cannot.
fn as_seen(from: Standpoint, about: About, result: &mut CheckResult) {
    match (from, about) {
        // Nothing is live, so the documents decide.
        // Nothing was read back, so nothing is known to be configured; and nothing comes by waiting.
        (Standpoint::Documents, _) => {
            result.decisive |= about == About::Cors;
            result.may_settle = false;
            if result.level == Some(Level::Configured) {
                result.level = Some(Level::Rendered);
            }
            result.detail = result
                .detail
                .replace("(read back)", "(in the document given)");
        }
        // Only the owner could make it; that Segments.ai cannot says nothing.
        (Standpoint::Segments, About::Policies | About::Cors) => result.decisive = false,
        (Standpoint::Owner | Standpoint::Segments | Standpoint::Outside, _) => {}
    }
}

/// Why a setting is not known: the missing permission, where that is it.
fn unreadable(failure: &Failure) -> String {
    failure.with_missing("permission")
}
