//! Whom a binding names.
//!
//! Pure. <https://cloud.google.com/iam/docs/principal-identifiers>

use serde_json::Value;

use super::condition::Tri;
use super::levels::Policies;
use super::policy::{members_of, same_member};

/// Everyone, with a Google account and without one.
const EVERYBODY: &str = "allUsers";

/// Whether everyone is meant, with or without a Google account.
pub(super) fn is_everyone(member: &str) -> bool {
    matches!(member, "allUsers" | "allAuthenticatedUsers")
}

/// Whether a binding names the account, and through which member. Where it does not: the account that was deleted, or
/// everyone, where that is named in vain.
pub(super) fn names(
    binding: &Value,
    member: &str,
    policies: &Policies<'_>,
) -> (Tri, Option<String>) {
    let mut best = named(binding, member, policies.public);
    let strength = |answer| match answer {
        Tri::No => 0,
        Tri::Maybe => 1,
        Tri::Yes => 2,
    };
    for other in members_of(binding) {
        let held = policies.through_project(other, member);
        let instead_of_everyone = held == Tri::Yes && best.1.as_deref().is_some_and(is_everyone);
        if strength(held) > strength(best.0) || instead_of_everyone {
            best = (held, Some(other.to_owned()));
        }
    }
    best
}

/// As [`names`], without what the project's basic roles give.
pub(super) fn named(binding: &Value, member: &str, public: Tri) -> (Tri, Option<String>) {
    let mut best = (Tri::No, None);
    for other in members_of(binding) {
        if is_everyone(member) {
            if other == member || other == EVERYBODY {
                return (public, Some(other.to_owned()));
            }
            // Nobody in particular is in no group, and is not signed in.
            continue;
        }
        if same_member(other, member) {
            return (Tri::Yes, Some(other.to_owned()));
        }
        let gone = other
            .strip_prefix("deleted:")
            .and_then(|rest| rest.split('?').next())
            .is_some_and(|rest| same_member(rest, member));
        match (best.0, public) {
            (_, Tri::Yes) | (Tri::No, Tri::Maybe) if is_everyone(other) => {
                best = (public, Some(other.to_owned()));
            }
            (Tri::No, Tri::No) if is_everyone(other) && best.1.is_none() => {
                best.1 = Some(other.to_owned());
            }
            (Tri::No, _) if gone => best.1 = Some(other.to_owned()),
            (Tri::No, _) if may_hold(other, member) => {
                best = (Tri::Maybe, Some(other.to_owned()));
            }
            _ => {}
        }
    }
    best
}

/// Whether a member of another name may be the service account, or hold it. Who belongs to a group or a set is for its
/// owner to know; what is of no known kind may be anything.
fn may_hold(other: &str, member: &str) -> bool {
    // Service accounts are no members of a domain of Google Workspace, and no identities of a pool:
    // https://cloud.google.com/iam/docs/service-account-overview
    const NEVER: [&str; 12] = [
        "allUsers",
        "allAuthenticatedUsers",
        "user:",
        "serviceAccount:",
        "domain:",
        "projectOwner:",
        "projectEditor:",
        "projectViewer:",
        "deleted:",
        "principal://",
        "principalSet://iam.googleapis.com/locations/global/workforcePools/",
        "principalSet://iam.googleapis.com/projects/",
    ];
    let (_, address) = member.split_once(':').unwrap_or_default();
    // By its address in a form that only deny policies are documented to have.
    let by_address = other.starts_with("principal://") && other.ends_with(&format!("/{address}"));
    by_address || !NEVER.iter().any(|kind| other.starts_with(kind))
}
