//! What may be written as a bucket's policy: versions, etag, roles, members, conditions, size.
//!
//! This module accepts or refuses, and puts what it accepts into the form in which it is stored.
//! See <https://github.com/googleapis/googleapis/blob/master/google/iam/v1/policy.proto>.

use super::condition::fault;
use super::member::{Member, stored_form};
use super::permission::custom;
use super::restriction::restricted;
use super::{Binding, Policy, predefined};
use crate::sandbox::gcp::bucket::Bucket;
use crate::sandbox::gcp::problem::{Code, Problem};
use crate::sandbox::gcp::role::Life;
use crate::sandbox::gcp::world::{StaleEtag, World};

/// See <https://cloud.google.com/storage/quotas#iam>.
const MOST_PRINCIPALS: usize = 1500;
const MOST_GROUPS: usize = 250;
/// See <https://cloud.google.com/iam/quotas>.
const LONGEST_TITLE: usize = 100;
const LONGEST_EXPRESSION: usize = 12_800;

/// A policy that somebody wants to write.
#[derive(Debug, Clone, Default)]
pub(crate) struct Proposal {
    pub version: i32,
    /// Without one, whatever is there is overwritten.
    pub etag: Option<Vec<u8>>,
    pub bindings: Vec<Binding>,
}

/// The policy as it will be stored, or why it will not be.
pub(crate) fn accepted(
    world: &World,
    bucket: &Bucket,
    proposal: Proposal,
) -> Result<Policy, Problem> {
    let current = &bucket.policy;
    check_version(proposal.version)?;
    if let Some(etag) = &proposal.etag {
        if *etag != current.etag() {
            return Err(stale(world));
        }
        if proposal.version < current.version() && current.version() == 3 {
            return Err(invalid(format!(
                "Specified policy version ({}) cannot be less than the existing policy version (3). For more \
                 information, please refer to https://cloud.google.com/iam/docs/policies#versions.",
                proposal.version
            )));
        }
    }
    let bindings = stored(proposal.bindings);
    let principals: usize = bindings.iter().map(|binding| binding.members.len()).sum();
    if principals > MOST_PRINCIPALS {
        return Err(invalid(format!(
            "The number of members in the policy ({principals}) is larger than the maximum allowed size \
             {MOST_PRINCIPALS}."
        )));
    }
    let groups = bindings
        .iter()
        .flat_map(|binding| &binding.members)
        .filter(|member| member.starts_with("group:"))
        .count();
    if groups > MOST_GROUPS {
        return Err(invalid(format!(
            "The number of groups in the policy ({groups}) is larger than the maximum allowed size {MOST_GROUPS}."
        )));
    }
    for binding in &bindings {
        check_condition(binding, proposal.version, bucket)?;
        // What was there before is not judged again.
        let new = added(binding, current);
        if !new.is_empty() {
            check_role(world, bucket, &binding.role)?;
        }
        for member in &new {
            check_member(world, bucket, member)?;
        }
        restricted(world, bucket, &new)?;
    }
    Ok(Policy {
        bindings,
        revision: current.revision + 1,
    })
}

/// Only three numbers are versions.
pub(crate) fn check_version(version: i32) -> Result<(), Problem> {
    if [0, 1, 3].contains(&version) {
        Ok(())
    } else {
        Err(invalid(format!("Invalid policy version ({version}).")))
    }
}

fn invalid(message: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidArgument, message).reason("invalid")
}

/// The JSON form says 412; over gRPC it depends on the world.
fn stale(world: &World) -> Problem {
    let code = match world.stale_etag {
        StaleEtag::Aborted => Code::Aborted,
        StaleEtag::FailedPrecondition => Code::FailedPrecondition,
    };
    Problem::new(
        code,
        "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. The \
         request's ETag did not match the current policy's ETag.",
    )
    .status(412)
    .reason("conditionNotMet")
}

/// Bindings of the same role and condition joined, members once each, empty bindings left out, all of it sorted.
fn stored(proposed: Vec<Binding>) -> Vec<Binding> {
    let mut bindings: Vec<Binding> = Vec::new();
    for binding in proposed {
        let members = binding.members.iter().map(|member| stored_form(member));
        match bindings
            .iter_mut()
            .find(|found| found.role == binding.role && found.condition == binding.condition)
        {
            Some(found) => found.members.extend(members),
            None => bindings.push(Binding {
                members: members.collect(),
                ..binding
            }),
        }
    }
    for binding in &mut bindings {
        binding.members.sort();
        binding.members.dedup();
    }
    bindings.retain(|binding| !binding.members.is_empty());
    bindings
        .sort_by(|left, right| (&left.role, &left.condition).cmp(&(&right.role, &right.condition)));
    bindings
}

/// The members of a binding that did not have its role under its condition before.
fn added<'a>(binding: &'a Binding, current: &Policy) -> Vec<&'a str> {
    let had = |member: &str| {
        current
            .bindings
            .iter()
            .filter(|found| found.role == binding.role && found.condition == binding.condition)
            .any(|found| {
                found
                    .members
                    .iter()
                    .any(|found| stored_form(found) == member)
            })
    };
    binding
        .members
        .iter()
        .map(String::as_str)
        .filter(|member| !had(member))
        .collect()
}

/// Conditions need version 3, uniform access, a title and an expression that makes sense; nobody public may have one.
/// See <https://cloud.google.com/storage/docs/access-control/iam#conditions>.
fn check_condition(binding: &Binding, version: i32, bucket: &Bucket) -> Result<(), Problem> {
    let Some(condition) = &binding.condition else {
        return Ok(());
    };
    if version != 3 {
        return Err(invalid(format!(
            "Specified policy version ({version}) must be 3 to set a policy with conditions. For more information, \
             please refer to https://cloud.google.com/iam/docs/policies#versions."
        )));
    }
    if !bucket.uniform_access() {
        return Err(Problem::new(
            Code::FailedPrecondition,
            "Uniform bucket-level access must be enabled to set IAM conditions.",
        )
        .status(412)
        .reason("conditionNotMet"));
    }
    if condition.title.is_empty() || condition.title.len() > LONGEST_TITLE {
        return Err(invalid(format!(
            "The title of a condition must have between 1 and {LONGEST_TITLE} characters."
        )));
    }
    if condition.expression.len() > LONGEST_EXPRESSION {
        return Err(invalid("The expression of a condition is too long."));
    }
    if let Some(what) = fault(&condition.expression) {
        return Err(invalid(format!(
            "Invalid expression of the condition '{}': {what}.",
            condition.title
        )));
    }
    let public = binding.members.iter().any(|member| {
        matches!(
            Member::read(member),
            Some(Member::AllUsers | Member::AllAuthenticatedUsers)
        )
    });
    if public {
        return Err(invalid(
            "Members allUsers and allAuthenticatedUsers cannot be granted a role with a condition.",
        ));
    }
    Ok(())
}

/// A custom role is granted on resources of its own project only.
/// See <https://cloud.google.com/iam/docs/roles-overview#custom>.
fn check_role(world: &World, bucket: &Bucket, role: &str) -> Result<(), Problem> {
    let Some((project, id)) = custom(role) else {
        return if predefined::fits_buckets(role) {
            Ok(())
        } else {
            Err(invalid(format!(
                "Role {role} is not supported for this resource."
            )))
        };
    };
    let home = world.project(&bucket.project);
    let found = world
        .project(project)
        .filter(|(id, _)| home.is_some_and(|(home, _)| home == *id))
        .and_then(|(_, project)| project.roles.get(id))
        .filter(|role| role.life(world.now()) == Life::Active && role.unknown_for == 0);
    if found.is_some() {
        Ok(())
    } else {
        Err(invalid(format!(
            "Role ({role}) does not exist in the resource's hierarchy."
        )))
    }
}

fn check_member(world: &World, bucket: &Bucket, member: &str) -> Result<(), Problem> {
    let Some(read) = Member::read(member) else {
        return Err(invalid(format!(
            "The member {member} is of an unknown type. Please set a valid type prefix for the member."
        )));
    };
    if let Some(objection) = read.objection(world) {
        return Err(invalid(objection));
    }
    let public = matches!(read, Member::AllUsers | Member::AllAuthenticatedUsers);
    if public && bucket.public_access_prevented() {
        return Err(Problem::new(
            Code::FailedPrecondition,
            "The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is \
             enforced.",
        )
        .status(412)
        .reason("conditionNotMet"));
    }
    Ok(())
}
