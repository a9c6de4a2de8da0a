//! The checks on AWS, one file for each subject. They judge what [`super::facts`] has read.
//!
//! A setting that could not be read is `unknown`, with the permission that is missing; never a pass.

mod access;
mod alike;
mod anonymous;
mod browser;
mod exposure;
pub mod judging;
mod object;
mod place;
mod protection;
mod segments;
mod url;

pub use browser::ORIGIN;

use futures_util::future::{LocalBoxFuture, join_all};

use super::documents::Documents;
use super::facts::Facts;
use super::view::{Standpoint, View};
use crate::error::Failure;
use crate::finding::{CheckResult, Level, NotChecked};

/// A check: it asks for the facts that it needs and gives one result for each subject.
type Check = for<'a> fn(&'a Facts) -> LocalBoxFuture<'a, Vec<CheckResult>>;

/// What a check looks at, which decides from where it can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    /// Who is asking, and where the bucket is.
    Place,
    /// The URLs that were given, by themselves.
    Urls,
    /// The bucket policy.
    Policy,
    /// The CORS rules as they are stored.
    Cors,
    /// What S3 answers to a browser.
    Live,
    /// The objects, as the caller's own credentials see them.
    Objects,
    /// How the objects are encrypted, and whether they are archived.
    Encryption,
    /// Who owns the objects, and who pays.
    Protection,
    /// Reading as Segments.ai.
    Segments,
}

/// In the order in which they are shown. They run at once.
const CHECKS: &[(About, Check)] = &[
    (About::Place, |facts| {
        Box::pin(async { vec![place::identity(facts)] })
    }),
    (About::Place, |facts| {
        Box::pin(async { vec![place::target(facts)] })
    }),
    (About::Urls, |facts| Box::pin(async { url::said(facts) })),
    (About::Policy, |facts| {
        Box::pin(async { vec![access::configured(facts).await] })
    }),
    (About::Policy, |facts| Box::pin(access::policy(facts))),
    (About::Policy, |facts| {
        Box::pin(async { vec![access::block_public_access(facts).await] })
    }),
    (About::Cors, |facts| {
        Box::pin(async { vec![browser::configured(facts).await] })
    }),
    (About::Live, |facts| Box::pin(browser::live(facts))),
    (About::Live, |facts| Box::pin(url::links(facts))),
    (About::Objects, |facts| Box::pin(object::read(facts))),
    (About::Objects, |facts| Box::pin(object::link(facts))),
    (About::Encryption, |facts| {
        Box::pin(protection::samples_protection(facts))
    }),
    (About::Protection, |facts| {
        Box::pin(async { vec![protection::bucket(facts).await] })
    }),
    (About::Policy, |facts| Box::pin(exposure::exposure(facts))),
    (About::Live, |facts| Box::pin(anonymous::fetch(facts))),
    (About::Segments, |facts| Box::pin(segments::read(facts))),
];

/// Makes every check that can be made from where the bucket is looked at, once.
pub async fn all(facts: &Facts) -> Vec<CheckResult> {
    let view = facts.view();
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
        (About::Policy, "the bucket policy"),
        (About::Cors, "the CORS rules"),
        (About::Live, "what S3 answers to a browser"),
        (
            About::Objects,
            "reading an object with credentials of your own",
        ),
        (
            About::Encryption,
            "how the objects are encrypted, and whether they are archived",
        ),
        (About::Protection, "who owns the objects, and who pays"),
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
    match view.from {
        Standpoint::Owner => None,
        Standpoint::Outside => match about {
            About::Objects | About::Encryption | About::Protection => Some("you are not signed in"),
            About::Place
            | About::Urls
            | About::Policy
            | About::Cors
            | About::Live
            | About::Segments => None,
        },
        Standpoint::Segments => match about {
            About::Objects | About::Encryption => {
                Some("the credentials are Segments.ai's, and what they read is told for itself")
            }
            About::Place
            | About::Urls
            | About::Policy
            | About::Cors
            | About::Live
            | About::Protection
            | About::Segments => None,
        },
        Standpoint::Documents => not_in(&view.documents, about),
    }
}

/// Why a check cannot be made with these documents; `None` where it can.
fn not_in(documents: &Documents, about: About) -> Option<&'static str> {
    const NOTHING_SENT: &str = "only documents were looked at; nothing was sent";
    let there = match about {
        About::Urls => true,
        About::Policy => documents.policy.is_some(),
        About::Cors => documents.cors.is_some(),
        About::Encryption => !documents.heads.is_empty(),
        About::Protection => documents.requester_pays.is_some() || documents.ownership.is_some(),
        About::Place | About::Live | About::Objects | About::Segments => false,
    };
    match about {
        _ if there => None,
        About::Policy => Some("it was not handed in; give it with `--policy FILE`"),
        About::Cors => Some("they were not handed in; give them with `--cors FILE`"),
        About::Place
        | About::Urls
        | About::Live
        | About::Objects
        | About::Encryption
        | About::Protection
        | About::Segments => Some(NOTHING_SENT),
    }
}

/// What a result means from there.
fn as_seen(from: Standpoint, about: About, result: &mut CheckResult) {
    let setting = matches!(about, About::Policy | About::Cors | About::Protection);
    match from {
        Standpoint::Owner | Standpoint::Outside => {}
        // Only the owner can read these, and Segments.ai's own read decides.
        Standpoint::Segments => result.decisive &= !setting,
        // Nothing was read back, so nothing is known to be configured; and nothing else decides.
        Standpoint::Documents => {
            result.may_settle = false;
            if result.level == Some(Level::Configured) {
                result.level = Some(Level::Rendered);
                result.decisive |= matches!(about, About::Policy | About::Cors);
                result.detail = result
                    .detail
                    .replace("(read back)", "(in the document given)");
            }
        }
    }
}

/// Why a setting is not known: the missing permission, where that is it.
fn unreadable(failure: &Failure) -> String {
    failure.with_missing("permission")
}
