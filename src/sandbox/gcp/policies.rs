//! Bucket policies: reading, writing and asking what one may do oneself.
//!
//! This module decides and changes the world; how a request came to it is of no concern here.
//! See <https://cloud.google.com/storage/docs/access-control/iam-json>.

use super::bucket::Lag;
use super::policy::{Policy, Proposal, Resource, Wish, accepted, check_version, is_permission};
use super::problem::Problem;
use super::refusal::invalid;
use super::visit::Visit;
use super::world::{Propagation, World};

/// Reads a policy. One with conditions is only shown to those who ask for version 3.
pub(crate) fn get(visit: &Visit<'_>, version: i32) -> Result<Policy, Problem> {
    visit.need("storage.buckets.getIamPolicy")?;
    check_version(version)?;
    let policy = &visit.bucket.policy;
    if policy.version() == 3 && version < 3 {
        return Err(invalid(format!(
            "Requested policy version ({version}) cannot be less than the existing policy version (3). For more \
             information, please refer to https://cloud.google.com/iam/docs/policies#versions."
        )));
    }
    Ok(policy.clone())
}

/// The policy as it is to be stored.
pub(crate) fn replaced(visit: &Visit<'_>, proposal: Proposal) -> Result<Policy, Problem> {
    visit.need("storage.buckets.setIamPolicy")?;
    accepted(visit.wish.world, visit.bucket, proposal)
}

/// Puts a policy into its place. It may hold for reads of objects only later.
pub(crate) fn store(world: &mut World, bucket: &str, policy: Policy) {
    let propagation = world.propagation;
    let Some(bucket) = world.buckets.get_mut(bucket) else {
        return;
    };
    let before = std::mem::replace(&mut bucket.policy, policy);
    match propagation {
        Propagation::Immediate | Propagation::AfterReads(0) => {}
        Propagation::AfterReads(_) | Propagation::UntilTold => {
            bucket.lag.get_or_insert(Lag {
                policy: before,
                until: propagation,
            });
        }
    }
}

/// Counts a read of an object, after which a policy may be in force that was not before.
pub(crate) fn count_read(world: &mut World, bucket: &str) {
    let Some(bucket) = world.buckets.get_mut(bucket) else {
        return;
    };
    if let Some(lag) = &mut bucket.lag
        && let Propagation::AfterReads(reads) = &mut lag.until
    {
        *reads -= 1;
        if *reads == 0 {
            bucket.lag = None;
        }
    }
}

/// Counts that a new custom role was named, after which it may be known.
pub(crate) fn count_naming(world: &mut World, proposal: &Proposal) {
    let named = proposal.bindings.iter().filter_map(|binding| {
        let (project, id) = binding
            .role
            .strip_prefix("projects/")?
            .split_once("/roles/")?;
        Some((project.to_owned(), id.to_owned()))
    });
    for (project, id) in named.collect::<Vec<_>>() {
        let role = world
            .project_mut(&project)
            .and_then(|project| project.roles.get_mut(&id));
        if let Some(role) = role {
            role.unknown_for = role.unknown_for.saturating_sub(1);
        }
    }
}

/// Which of these permissions the caller has on a resource.
/// See <https://cloud.google.com/iam/docs/testing-permissions>.
pub(crate) fn tested(
    wish: Wish<'_>,
    resource: Option<Resource<'_>>,
    permissions: &[String],
    belongs: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Problem> {
    if permissions.is_empty() {
        return Err(invalid("At least one permission must be named."));
    }
    if let Some(unknown) = permissions
        .iter()
        .find(|permission| !is_permission(permission) || !belongs(permission))
    {
        return Err(invalid(format!(
            "Permission {unknown} is not valid for this resource."
        )));
    }
    let Some(resource) = resource else {
        return Ok(Vec::new());
    };
    Ok(permissions
        .iter()
        .filter(|permission| wish.may(permission, resource))
        .cloned()
        .collect())
}
