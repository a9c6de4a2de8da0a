//! The checks on Azure, one file for each subject. They judge what [`super::facts`] has read.
//!
//! A setting that could not be read is `unknown`, with the right that is missing; never a pass.

mod access;
mod browser;
mod exposure;
mod links;
mod network;
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
    /// Who is asking, and whether there is an account.
    Place,
    /// The URLs that were given, by themselves.
    Urls,
    /// The app, and the role assignments.
    Access,
    /// The account's other settings.
    Settings,
    /// The CORS rules.
    Cors,
    /// What the blob service answers to a browser.
    Live,
    /// Blobs, as the caller reads them.
    Objects,
    /// Whether anybody at all can read.
    Anonymous,
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
    (About::Access, |facts| {
        Box::pin(async { vec![access::configured(facts).await] })
    }),
    (About::Access, |facts| Box::pin(access::evaluated(facts))),
    (About::Settings, |facts| {
        Box::pin(async { vec![network::network(facts).await] })
    }),
    (About::Cors, |facts| {
        Box::pin(async { vec![browser::configured(facts).await] })
    }),
    (About::Live, |facts| Box::pin(browser::live(facts))),
    (About::Live, |facts| Box::pin(url::links(facts))),
    (About::Objects, |facts| Box::pin(object::read(facts))),
    (About::Objects, |facts| Box::pin(object::link(facts))),
    (About::Live, |facts| Box::pin(outside::read(facts))),
    (About::Objects, |facts| {
        Box::pin(protection::samples_protection(facts))
    }),
    (About::Access, |facts| {
        Box::pin(exposure::of_segments(facts))
    }),
    (About::Anonymous, |facts| {
        Box::pin(async { vec![exposure::anonymous(facts).await] })
    }),
    (About::Segments, |facts| Box::pin(segments::read(facts))),
];

/// Makes every check that can be made from where the account is looked at, once.
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

/// What is not checked from where the account is looked at, and why.
#[must_use]
pub fn left_out(view: &View) -> Vec<NotChecked> {
    let given = &view.inputs;
    let documents = view.from == Standpoint::Documents;
    let about = [
        (
            About::Place,
            "who you are, and where the storage account is",
        ),
        (About::Access, "the role assignments of Segments.ai's app"),
        (
            About::Settings,
            "the account's other settings: its firewall, and its policy for links (`sasPolicy`)",
        ),
        (About::Cors, "the CORS rules of the blob service"),
        (About::Live, "what Azure answers to a browser"),
        (
            About::Objects,
            "reading a blob with credentials of your own, and how it is encrypted",
        ),
        (
            About::Anonymous,
            "whether anybody can read without credentials",
        ),
        (About::Segments, "reading with Segments.ai's own permission"),
    ]
    .into_iter()
    .filter_map(|(about, what)| Some((what, why_not(view, about)?)));
    let beside = [
        (
            "whether Segments.ai's app is installed in the tenant, and enabled",
            "the directory is not in the documents",
            given.principal.is_none(),
        ),
        (
            "deny assignments, which forbid whatever is assigned",
            "they were not handed in",
            given.denials.is_none(),
        ),
    ]
    .into_iter()
    .filter(|(_, _, absent)| documents && *absent && given.assignments.is_some())
    .map(|(what, why, _)| (what, why));
    about
        .chain(beside)
        .map(|(what, why)| NotChecked {
            what: what.to_owned(),
            why: why.to_owned(),
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
            About::Place
            | About::Access
            | About::Cors
            | About::Live
            | About::Anonymous
            | About::Segments,
        ) => None,
        (Standpoint::Outside, About::Objects | About::Settings) => {
            Some("you are not signed in as somebody who may read them")
        }
        (Standpoint::Segments, About::Objects) => {
            Some("the credentials are Segments.ai's, and what they read is told for itself")
        }
        (Standpoint::Segments, About::Settings) => Some("only the account's owner can read them"),
        (Standpoint::Documents, About::Access)
            if given.assignments.is_some() || given.principal.is_some() =>
        {
            None
        }
        (Standpoint::Documents, About::Cors) if given.blob_service.is_some() => None,
        (Standpoint::Documents, About::Settings | About::Anonymous) if given.account.is_some() => {
            None
        }
        (Standpoint::Documents, About::Access) => {
            Some("they were not handed in; give them with `--role-assignments FILE`")
        }
        (Standpoint::Documents, About::Cors) => {
            Some("they were not handed in; give them with `--cors FILE`")
        }
        (
            Standpoint::Documents,
            About::Place
            | About::Live
            | About::Objects
            | About::Settings
            | About::Anonymous
            | About::Segments,
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
        (Standpoint::Segments, About::Access | About::Cors) => result.decisive = false,
        (Standpoint::Owner | Standpoint::Segments | Standpoint::Outside, _) => {}
    }
}

/// Why a setting is not known: the missing right, where that is it.
fn unreadable(failure: &Failure) -> String {
    failure.with_missing("right")
}
