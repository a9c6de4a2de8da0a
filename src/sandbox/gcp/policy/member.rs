//! Members of a binding: which forms there are, who exists, and to which organization somebody belongs.
//!
//! See <https://cloud.google.com/iam/docs/principal-identifiers>.

use super::caller::Caller;
use crate::sandbox::gcp::world::World;

/// A member, told apart by its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member<'a> {
    AllUsers,
    AllAuthenticatedUsers,
    User(&'a str),
    ServiceAccount(&'a str),
    Group(&'a str),
    Domain(&'a str),
    /// The basic role of a project, and the project.
    ProjectTeam(&'static str, &'a str),
    /// `principal://…` and `principalSet://…`.
    Principal(&'a str),
    /// Somebody who was deleted.
    Deleted(&'a str),
}

impl<'a> Member<'a> {
    /// Tells a member's form; `None` where there is no such form.
    pub fn read(text: &'a str) -> Option<Self> {
        if text.starts_with("principal://") || text.starts_with("principalSet://") {
            return Some(Self::Principal(text));
        }
        match text.split_once(':') {
            None if text == "allUsers" => Some(Self::AllUsers),
            None if text == "allAuthenticatedUsers" => Some(Self::AllAuthenticatedUsers),
            Some(("user", email)) => Some(Self::User(email)),
            Some(("serviceAccount", email)) => Some(Self::ServiceAccount(email)),
            Some(("group", email)) => Some(Self::Group(email)),
            Some(("domain", domain)) => Some(Self::Domain(domain)),
            Some(("projectOwner", project)) => Some(Self::ProjectTeam("roles/owner", project)),
            Some(("projectEditor", project)) => Some(Self::ProjectTeam("roles/editor", project)),
            Some(("projectViewer", project)) => Some(Self::ProjectTeam("roles/viewer", project)),
            Some(("deleted", rest)) => Some(Self::Deleted(rest)),
            Some(_) | None => None,
        }
    }

    /// Whether the caller is meant.
    pub fn is(self, caller: &Caller, world: &World) -> bool {
        let Caller::Account { email, .. } = caller else {
            return self == Self::AllUsers;
        };
        match self {
            Self::AllUsers | Self::AllAuthenticatedUsers => true,
            Self::User(user) => !caller.is_service_account() && user == email,
            Self::ServiceAccount(account) => caller.is_service_account() && account == email,
            Self::Group(group) => world
                .groups
                .get(group)
                .is_some_and(|members| members.contains(email)),
            Self::Domain(domain) => {
                !caller.is_service_account()
                    && email
                        .split_once('@')
                        .is_some_and(|(_, found)| found == domain)
            }
            Self::ProjectTeam(role, project) => world
                .project(project)
                .is_some_and(|(_, project)| project.policy.has(role, &caller.member())),
            Self::Principal(set) => is_service_account_of(set, caller, world),
            Self::Deleted(_) => false,
        }
    }

    /// Why a policy may not name this member, in Google's words.
    pub fn objection(self, world: &World) -> Option<String> {
        let exists = |member: &str| world.other_members.contains(member);
        match self {
            Self::AllUsers | Self::AllAuthenticatedUsers | Self::Principal(_) => None,
            Self::User(email) => {
                let known = world
                    .persons
                    .get(email)
                    .is_some_and(|person| person.member() == format!("user:{email}"));
                (!known && !exists(&format!("user:{email}")))
                    .then(|| format!("User {email} does not exist."))
            }
            Self::ServiceAccount(email) => {
                // Workload identities of Kubernetes stand under this type too.
                let workload = email.contains(".svc.id.goog[");
                let member = format!("serviceAccount:{email}");
                let known = world
                    .persons
                    .get(email)
                    .is_some_and(|person| person.member() == member);
                (!workload && !known && !exists(&member))
                    .then(|| format!("Service account {email} does not exist."))
            }
            Self::Group(email) => {
                let known = world.groups.contains_key(email);
                (!known && !exists(&format!("group:{email}")))
                    .then(|| format!("Group {email} does not exist."))
            }
            Self::Domain(domain) => {
                let known = world
                    .organizations
                    .values()
                    .any(|organization| organization.domains.contains(domain));
                (!known && !exists(&format!("domain:{domain}")))
                    .then(|| format!("Domain {domain} does not exist."))
            }
            Self::ProjectTeam(_, project) => world
                .project(project)
                .is_none()
                .then(|| format!("Project {project} does not exist.")),
            Self::Deleted(what) => Some(format!("Principal {what} is deleted.")),
        }
    }

    /// The customer ID and the number of the organization to which a member belongs.
    pub fn organization(self, world: &World) -> Option<(u64, &str)> {
        let number = match self {
            Self::AllUsers
            | Self::AllAuthenticatedUsers
            | Self::Principal(_)
            | Self::Deleted(_) => None,
            Self::ServiceAccount(email) => email
                .split_once('@')
                .and_then(|(_, domain)| domain.strip_suffix(".iam.gserviceaccount.com"))
                .and_then(|project| world.project(project))
                .and_then(|(_, project)| project.organization),
            Self::User(email) | Self::Group(email) => email
                .split_once('@')
                .and_then(|(_, domain)| owner_of(domain, world)),
            Self::Domain(domain) => owner_of(domain, world),
            Self::ProjectTeam(_, project) => world
                .project(project)
                .and_then(|(_, project)| project.organization),
        }?;
        let organization = world.organizations.get(&number)?;
        Some((number, &organization.customer_id))
    }
}

/// Whether a caller is one of all the service accounts in a project, or in what projects are in. Other principals are
/// identities of pools, and nobody signs in here as one.
fn is_service_account_of(set: &str, caller: &Caller, world: &World) -> bool {
    let container = set
        .strip_prefix("principalSet://cloudresourcemanager.googleapis.com/")
        .and_then(|rest| rest.strip_suffix("/type/ServiceAccount"))
        .and_then(|rest| rest.split_once('/'));
    let home = caller.project().and_then(|id| world.project(id));
    let (Some((kind, number)), Some((_, project))) = (container, home) else {
        return false;
    };
    let is = |found: u64| found.to_string() == number;
    match kind {
        "projects" => is(project.number),
        "folders" => world.folders_above(project).into_iter().any(is),
        "organizations" => project.organization.is_some_and(is),
        _ => false,
    }
}

fn owner_of(domain: &str, world: &World) -> Option<u64> {
    world
        .organizations
        .iter()
        .find(|(_, organization)| organization.domains.contains(domain))
        .map(|(number, _)| *number)
}

/// How a member is stored: addresses and domains in lower case.
pub(super) fn stored_form(member: &str) -> String {
    match Member::read(member) {
        Some(
            Member::User(_) | Member::ServiceAccount(_) | Member::Group(_) | Member::Domain(_),
        ) => {
            let (kind, rest) = member.split_once(':').unwrap_or((member, ""));
            format!("{kind}:{}", rest.to_lowercase())
        }
        Some(
            Member::AllUsers
            | Member::AllAuthenticatedUsers
            | Member::ProjectTeam(..)
            | Member::Principal(_)
            | Member::Deleted(_),
        )
        | None => member.to_owned(),
    }
}
