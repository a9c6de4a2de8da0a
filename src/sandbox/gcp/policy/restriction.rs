//! Domain restricted sharing: the organization policies that say who may be granted anything at all.
//!
//! What was granted before a constraint was set stays; only who is new is judged.
//! See <https://cloud.google.com/iam/docs/domain-restricted-sharing>.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::member::Member;
use crate::sandbox::gcp::bucket::Bucket;
use crate::sandbox::gcp::message::status::{PreconditionFailure, PreconditionViolation};
use crate::sandbox::gcp::problem::{Code, Detail, Problem};
use crate::sandbox::gcp::world::{AllowedPolicyMembers, World};

const LEGACY: &str = "constraints/iam.allowedPolicyMemberDomains";
const MANAGED: &str = "constraints/iam.managed.allowedPolicyMembers";

/// Refuses members whom the constraints of the bucket's project do not allow.
pub(super) fn restricted(world: &World, bucket: &Bucket, members: &[&str]) -> Result<(), Problem> {
    let Some((id, project)) = world.project(&bucket.project) else {
        return Ok(());
    };
    if let Some(allowed) = &project.allowed_policy_member_domains {
        let outside: Vec<&str> = members
            .iter()
            .copied()
            .filter(|member| !allowed_domain(world, member, allowed))
            .collect();
        if !outside.is_empty() {
            return Err(legacy_violation(id, &outside));
        }
    }
    if let Some(allowed) = &project.allowed_policy_members {
        let outside = members
            .iter()
            .find(|member| !allowed_member(world, member, allowed));
        if let Some(member) = outside {
            return Err(managed_violation(id, member));
        }
    }
    Ok(())
}

fn allowed_domain(world: &World, member: &str, allowed: &[String]) -> bool {
    // The basic roles of a project are no principals of their own.
    if matches!(Member::read(member), Some(Member::ProjectTeam(..))) {
        return true;
    }
    let organization = Member::read(member).and_then(|member| member.organization(world));
    organization.is_some_and(|(number, customer)| {
        allowed.iter().any(|value| {
            value.strip_prefix("is:").unwrap_or(value) == customer
                || value.ends_with(&format!("/organizations/{number}"))
        })
    })
}

fn allowed_member(world: &World, member: &str, allowed: &AllowedPolicyMembers) -> bool {
    if matches!(Member::read(member), Some(Member::ProjectTeam(..))) {
        return true;
    }
    if allowed
        .allowed_member_subjects
        .iter()
        .any(|subject| subject == member)
    {
        return true;
    }
    let organization = Member::read(member).and_then(|member| member.organization(world));
    organization.is_some_and(|(number, _)| {
        allowed
            .allowed_principal_sets
            .iter()
            .any(|set| set.ends_with(&format!("/organizations/{number}")))
    })
}

/// The details as they were seen in refusals by the service.
fn legacy_violation(project: &str, members: &[&str]) -> Problem {
    let violations = members.iter().map(|member| {
        let name = member.split_once(':').map_or(*member, |(_, name)| name);
        let value = utf8_percent_encode(name, NON_ALPHANUMERIC)
            .to_string()
            .replace("%2E", ".")
            .replace("%2D", "-");
        PreconditionViolation {
            r#type: LEGACY.to_owned(),
            subject: format!("orgpolicy:projects/{project}?configvalue={value}"),
            description: format!("User {name} is not in permitted organization."),
        }
    });
    let failure = PreconditionFailure {
        violations: violations.collect(),
    };
    Problem::new(
        Code::FailedPrecondition,
        "One or more users named in the policy do not belong to a permitted customer.",
    )
    .status(412)
    .reason("conditionNotMet")
    .detail(Detail::PreconditionFailure(failure))
}

/// Managed constraints are refused as custom ones are.
/// See <https://cloud.google.com/resource-manager/docs/organization-policy/creating-managing-custom-constraints>.
fn managed_violation(project: &str, member: &str) -> Problem {
    let failure = PreconditionFailure {
        violations: vec![PreconditionViolation {
            r#type: MANAGED.to_owned(),
            subject: format!("orgpolicy:projects/{project}"),
            description: format!("Member {member} is not allowed."),
        }],
    };
    Problem::new(
        Code::FailedPrecondition,
        format!(
            "Operation denied by org policy on resource 'projects/{project}': [\"{MANAGED}\": \"Member {member} is not \
             allowed.\"]."
        ),
    )
    .status(412)
    .reason("conditionNotMet")
    .detail(Detail::PreconditionFailure(failure))
}
