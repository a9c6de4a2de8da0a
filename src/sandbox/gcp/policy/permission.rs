//! Whether somebody may do something: deny policies first, then every binding on the way up.
//!
//! See <https://cloud.google.com/iam/docs/policy-types#policy-evaluation>.

use super::caller::{Caller, Resource};
use super::condition::{Subject, holds, is_about_tags};
use super::member::Member;
use super::{Binding, Condition, DenyRule, Policy, predefined};
use crate::sandbox::gcp::bucket::Bucket;
use crate::sandbox::gcp::role::{Life, Stage};
use crate::sandbox::gcp::world::{Project, World};

/// Somebody who wants something.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub world: &'a World,
    pub caller: &'a Caller,
}

impl Wish<'_> {
    /// Whether the caller has a permission on a resource.
    pub fn may(&self, permission: &str, resource: Resource<'_>) -> bool {
        !self.denied(permission, resource) && self.granted(permission, resource)
    }

    fn granted(&self, permission: &str, resource: Resource<'_>) -> bool {
        let above = self.above(resource);
        let world = self.world;
        let on_bucket = resource
            .bucket()
            .map(|bucket| policy_in_force(bucket, permission));
        let policies = [
            on_bucket,
            above.project.map(|(_, project)| &project.policy),
            above
                .organization
                .and_then(|number| world.organizations.get(&number))
                .map(|organization| &organization.policy),
        ];
        let folders = above
            .folders
            .iter()
            .filter_map(|number| world.folders.get(number))
            .map(|folder| &folder.policy);
        policies
            .into_iter()
            .flatten()
            .chain(folders)
            .chain(managed_folders(resource))
            .flat_map(|policy| &policy.bindings)
            .any(|binding| self.gives(binding, permission, resource))
    }

    /// What a resource is in, all the way up.
    fn above(&self, resource: Resource<'_>) -> Above<'_> {
        let project = resource.project().and_then(|id| self.world.project(id));
        let (folders, organization) = match (resource, project) {
            (Resource::Organization(number), _) => (Vec::new(), Some(number)),
            (Resource::Folder(number), _) => {
                let inside = Project {
                    folder: Some(number),
                    ..Project::default()
                };
                let organization = self
                    .world
                    .folders
                    .get(&number)
                    .map(|folder| folder.organization);
                (self.world.folders_above(&inside), organization)
            }
            (
                Resource::Project(_)
                | Resource::Bucket(_)
                | Resource::ManagedFolder(..)
                | Resource::Listing(..)
                | Resource::Object(..),
                Some((_, project)),
            ) => (self.world.folders_above(project), project.organization),
            (
                Resource::Project(_)
                | Resource::Bucket(_)
                | Resource::ManagedFolder(..)
                | Resource::Listing(..)
                | Resource::Object(..),
                None,
            ) => (Vec::new(), None),
        };
        Above {
            project,
            folders,
            organization,
        }
    }

    fn gives(&self, binding: &Binding, permission: &str, resource: Resource<'_>) -> bool {
        let means_caller = binding.members.iter().any(|member| {
            Member::read(member).is_some_and(|member| {
                let public = matches!(member, Member::AllUsers | Member::AllAuthenticatedUsers);
                let prevented = resource.bucket().is_some_and(|bucket| {
                    let by_constraint = self
                        .world
                        .project(&bucket.project)
                        .is_some_and(|(_, project)| project.public_access_prevention);
                    bucket.public_access_prevented() || by_constraint
                });
                !(public && prevented) && member.is(self.caller, self.world)
            })
        });
        means_caller
            && self.role_includes(&binding.role, permission)
            && self.condition_holds(binding.condition.as_ref(), resource) == Some(true)
    }

    fn role_includes(&self, role: &str, permission: &str) -> bool {
        let role = match (custom(role), of_organization(role)) {
            (Some((project, id)), _) => self
                .world
                .project(project)
                .and_then(|(_, project)| project.roles.get(id)),
            (None, Some((number, id))) => self
                .world
                .organizations
                .get(&number)
                .and_then(|organization| organization.roles.get(id)),
            (None, None) => return predefined::includes(role, permission),
        };
        role.is_some_and(|role| {
            role.life(self.world.now()) == Life::Active
                && role.stage != Stage::Disabled
                && role
                    .included_permissions
                    .iter()
                    .any(|one| one == permission)
        })
    }

    /// Nothing where it cannot be evaluated.
    fn condition_holds(
        &self,
        condition: Option<&Condition>,
        resource: Resource<'_>,
    ) -> Option<bool> {
        let Some(condition) = condition else {
            return Some(true);
        };
        let none = std::collections::BTreeMap::new();
        let subject = Subject {
            name: resource.name(),
            kind: resource.kind(),
            tags: resource.bucket().map_or(&none, |bucket| &bucket.tags),
            now: self.world.now(),
            list_prefix: match resource {
                Resource::Listing(_, prefix) => prefix,
                Resource::Organization(_)
                | Resource::Folder(_)
                | Resource::Project(_)
                | Resource::Bucket(_)
                | Resource::ManagedFolder(..)
                | Resource::Object(..) => "",
            },
        };
        holds(&condition.expression, &subject)
    }

    fn denied(&self, permission: &str, resource: Resource<'_>) -> bool {
        let above = self.above(resource);
        let attachments: Vec<String> = above
            .project
            .map(|(id, _)| format!("projects/{id}"))
            .into_iter()
            .chain(
                above
                    .folders
                    .iter()
                    .map(|number| format!("folders/{number}")),
            )
            .chain(
                above
                    .organization
                    .map(|number| format!("organizations/{number}")),
            )
            .collect();
        self.world
            .deny_policies
            .iter()
            .filter(|policy| attachments.contains(&policy.attachment))
            .flat_map(|policy| &policy.rules)
            .any(|rule| self.rule_denies(rule, permission, resource))
    }

    fn rule_denies(&self, rule: &DenyRule, permission: &str, resource: Resource<'_>) -> bool {
        let names = |permissions: &[String]| {
            permissions
                .iter()
                .any(|pattern| names_permission(pattern, permission))
        };
        let means = |principals: &[String]| {
            principals
                .iter()
                .any(|principal| self.is_principal(principal))
        };
        means(&rule.denied_principals)
            && !means(&rule.exception_principals)
            && names(&rule.denied_permissions)
            && !names(&rule.exception_permissions)
            && self.denial_applies(rule.denial_condition.as_ref(), resource)
    }

    /// A denial applies where its condition holds, and where that cannot be evaluated.
    /// See <https://cloud.google.com/iam/docs/deny-overview#denial-conditions>.
    fn denial_applies(&self, condition: Option<&Condition>, resource: Resource<'_>) -> bool {
        match condition {
            Some(condition) if !is_about_tags(&condition.expression) => true,
            Some(_) | None => self.condition_holds(condition, resource) != Some(false),
        }
    }

    /// Deny policies name principals in their own way.
    /// See <https://cloud.google.com/iam/docs/principal-identifiers#deny>.
    fn is_principal(&self, principal: &str) -> bool {
        if principal == "principalSet://goog/public:all" {
            return true;
        }
        let Some(email) = self.caller.email() else {
            return false;
        };
        if let Some(subject) = principal.strip_prefix("principal://goog/subject/") {
            return !self.caller.is_service_account() && subject == email;
        }
        if let Some(rest) =
            principal.strip_prefix("principal://iam.googleapis.com/projects/-/serviceAccounts/")
        {
            return self.caller.is_service_account() && rest == email;
        }
        if principal.starts_with("principalSet://cloudresourcemanager.googleapis.com/") {
            return Member::Principal(principal).is(self.caller, self.world);
        }
        if let Some(group) = principal.strip_prefix("principalSet://goog/group/") {
            return Member::Group(group).is(self.caller, self.world);
        }
        if let Some(id) = principal.strip_prefix("principalSet://goog/cloudIdentityCustomerId/") {
            let member = self.caller.member();
            return Member::read(&member)
                .and_then(|member| member.organization(self.world))
                .is_some_and(|(_, customer)| customer == id);
        }
        false
    }
}

/// The policy by which a permission on a bucket is judged: the one before, while a new one is on its way to the reads.
fn policy_in_force<'a>(bucket: &'a Bucket, permission: &str) -> &'a Policy {
    match &bucket.lag {
        Some(lag) if permission.starts_with("storage.objects.") => &lag.policy,
        Some(_) | None => &bucket.policy,
    }
}

/// What a resource is in.
struct Above<'a> {
    project: Option<(&'a str, &'a Project)>,
    folders: Vec<u64>,
    organization: Option<u64>,
}

/// The policies of the managed folders that a resource is in: each whose name its own begins with.
/// See <https://cloud.google.com/storage/docs/managed-folders>.
fn managed_folders(resource: Resource<'_>) -> impl Iterator<Item = &Policy> {
    let inside = match resource {
        Resource::Object(bucket, name)
        | Resource::ManagedFolder(bucket, name)
        | Resource::Listing(bucket, name) => Some((bucket, name)),
        Resource::Organization(_)
        | Resource::Folder(_)
        | Resource::Project(_)
        | Resource::Bucket(_) => None,
    };
    inside.into_iter().flat_map(|(bucket, name)| {
        bucket
            .managed_folders
            .iter()
            .filter(move |(folder, _)| name.starts_with(folder.as_str()))
            .map(|(_, policy)| policy)
    })
}

/// The organization and the ID of a custom role of an organization.
pub(super) fn of_organization(role: &str) -> Option<(u64, &str)> {
    let (number, id) = role.strip_prefix("organizations/")?.split_once("/roles/")?;
    Some((number.parse().ok()?, id))
}

/// The project and the ID of a custom role.
pub(super) fn custom(role: &str) -> Option<(&str, &str)> {
    role.strip_prefix("projects/")?.split_once("/roles/")
}

/// Whether `storage.googleapis.com/objects.get` names `storage.objects.get`. A `*` stands for all verbs of a resource, for
/// all of a service, or for every resource with a verb.
/// See <https://cloud.google.com/iam/docs/deny-overview#permission-groups>.
fn names_permission(pattern: &str, permission: &str) -> bool {
    let Some((service, what)) = pattern.split_once('/') else {
        return false;
    };
    let service = match service {
        "cloudresourcemanager.googleapis.com" => "resourcemanager",
        other => other.strip_suffix(".googleapis.com").unwrap_or(other),
    };
    let Some(rest) = permission
        .strip_prefix(service)
        .and_then(|rest| rest.strip_prefix('.'))
    else {
        return false;
    };
    match (what, what.strip_prefix("*."), what.strip_suffix(".*")) {
        ("*.*", ..) => true,
        (_, Some(verb), _) => rest
            .rsplit_once('.')
            .is_some_and(|(_, found)| found == verb),
        (_, None, Some(resource)) => rest
            .rsplit_once('.')
            .is_some_and(|(found, _)| found == resource),
        (_, None, None) => rest == what,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deny_policies_name_permissions_by_service() {
        for (pattern, permission, expected) in [
            (
                "storage.googleapis.com/objects.get",
                "storage.objects.get",
                true,
            ),
            (
                "storage.googleapis.com/objects.*",
                "storage.objects.get",
                true,
            ),
            (
                "storage.googleapis.com/objects.list",
                "storage.objects.get",
                false,
            ),
            (
                "cloudresourcemanager.googleapis.com/projects.get",
                "resourcemanager.projects.get",
                true,
            ),
            ("storage.objects.get", "storage.objects.get", false),
            ("storage.googleapis.com/*.*", "storage.objects.get", true),
            ("storage.googleapis.com/*.get", "storage.objects.get", true),
            (
                "storage.googleapis.com/*.get",
                "storage.objects.list",
                false,
            ),
            (
                "storage.googleapis.com/object.*",
                "storage.objects.get",
                false,
            ),
            ("iam.googleapis.com/*.*", "storage.objects.get", false),
        ] {
            assert_eq!(
                names_permission(pattern, permission),
                expected,
                "{pattern} {permission}"
            );
        }
    }
}
