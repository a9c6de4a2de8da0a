//! What exists at Azure: tenants, subscriptions, who is who, who may do what, and the circumstances of requests.
//!
//! Plain data that a test seeds and inspects; nothing here decides. Storage accounts are in [`super::account`], people
//! and applications in [`super::directory`], roles and locks in [`super::access`].

use std::collections::BTreeMap;
use std::net::IpAddr;

use time::{Duration, OffsetDateTime};

use super::access::{DenyAssignment, Lock, RoleAssignment, RoleDefinition, built_in_roles};
use super::account::StorageAccount;
use super::directory::{Application, Group, ServicePrincipal, Tenant, User};

/// Everything at Azure.
///
/// `Default` is an empty cloud but for Microsoft's own role definitions; [`World::acme`] has a customer in it.
#[derive(Debug, Clone)]
pub struct World {
    /// How far Azure's clock is ahead of this machine's.
    pub clock_offset: Duration,
    /// The Entra tenants.
    pub tenants: Vec<Tenant>,
    /// The users, guests included: one entry for each tenant in which somebody has an object.
    pub users: Vec<User>,
    /// The security groups.
    pub groups: Vec<Group>,
    /// The applications that are registered anywhere.
    pub applications: Vec<Application>,
    /// What applications and managed identities are in a tenant.
    pub service_principals: Vec<ServicePrincipal>,
    /// The management groups.
    pub management_groups: Vec<ManagementGroup>,
    /// The subscriptions, in the order in which they are listed.
    pub subscriptions: Vec<Subscription>,
    /// The storage accounts, by name: names are global.
    pub accounts: BTreeMap<String, StorageAccount>,
    /// Role definitions, built-in and custom.
    pub role_definitions: Vec<RoleDefinition>,
    /// Role assignments at every scope.
    pub role_assignments: Vec<RoleAssignment>,
    /// Deny assignments at every scope.
    pub deny_assignments: Vec<DenyAssignment>,
    /// Resource locks at every scope.
    pub locks: Vec<Lock>,
    /// How Resource Manager learns of new service principals.
    pub replication: Replication,
    /// How long a new role assignment takes until it has an effect.
    pub propagation: Delay,
    /// How many entries a page of a list has.
    pub page_size: usize,
    /// How long a token is good for.
    pub token_lifetime: Duration,
    /// The address from which requests seem to come; `None`: the one from which they do.
    pub source_ip: Option<IpAddr>,
    /// Whether plain http on this socket counts as https. Azure itself is reached over https, so it does unless a test
    /// says otherwise.
    pub counts_as_https: bool,
    /// What signs tokens and delegation keys: nothing that another world issued is good here.
    pub(crate) key: [u8; 32],
    /// The value of `IDENTITY_HEADER`.
    pub(crate) identity_header: String,
    /// Where this world says that it is reached: from the start of the sandbox on, where it is.
    pub endpoint: String,
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The GUID.
    pub id: String,
    /// The name that people see.
    pub display_name: String,
    /// The tenant that it trusts.
    pub tenant: String,
    /// `Enabled`, `Disabled`, `Warned`, `PastDue` or `Deleted`.
    pub state: String,
    /// The management group in which it is.
    pub management_group: Option<String>,
    /// The names of its resource groups.
    pub resource_groups: Vec<String>,
}

impl Subscription {
    /// An enabled subscription without resource groups.
    #[must_use]
    pub fn new(id: &str, display_name: &str, tenant: &str) -> Self {
        Self {
            id: id.to_owned(),
            display_name: display_name.to_owned(),
            tenant: tenant.to_owned(),
            state: "Enabled".to_owned(),
            management_group: None,
            resource_groups: Vec::new(),
        }
    }

    /// The scope that a role can be assigned at.
    #[must_use]
    pub fn scope(&self) -> String {
        format!("/subscriptions/{}", self.id)
    }
}

/// A management group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagementGroup {
    /// The name, which stands in its scope.
    pub name: String,
    /// The group above it.
    pub parent: Option<String>,
}

impl ManagementGroup {
    /// The scope of the management group of that name.
    #[must_use]
    pub fn scope(name: &str) -> String {
        format!("/providers/Microsoft.Management/managementGroups/{name}")
    }
}

/// Something that takes its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delay {
    /// It is there at once.
    #[default]
    None,
    /// That many requests that ask for it do not find it yet.
    Requests(u32),
    /// It is not there until [`World::settle`].
    UntilSettled,
}

impl Delay {
    /// Whether it is there now.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::None | Self::Requests(0))
    }

    /// Counts one request that asked; true when it found what it asked for.
    pub(crate) fn ask(&mut self) -> bool {
        match self {
            Self::None | Self::Requests(0) => true,
            Self::UntilSettled => false,
            Self::Requests(left) => {
                *left -= 1;
                false
            }
        }
    }
}

/// How Resource Manager learns of new service principals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replication {
    /// How long it takes.
    pub delay: Delay,
    /// Whether naming the `principalType` lets an assignment through meanwhile. Microsoft documents that it does;
    /// people have met `PrincipalNotFound` all the same.
    /// See <https://learn.microsoft.com/azure/role-based-access-control/troubleshooting>.
    pub principal_type_helps: bool,
}

impl Default for Replication {
    fn default() -> Self {
        Self {
            delay: Delay::None,
            principal_type_helps: true,
        }
    }
}

impl World {
    /// What Azure's clock shows.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let here = OffsetDateTime::now_utc();
        here.checked_add(self.clock_offset).unwrap_or(here)
    }

    /// The subscription with that id.
    #[must_use]
    pub fn subscription(&self, id: &str) -> Option<&Subscription> {
        self.subscriptions
            .iter()
            .find(|subscription| subscription.id.eq_ignore_ascii_case(id))
    }

    /// The storage account of that name.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<&StorageAccount> {
        self.accounts.get(&name.to_ascii_lowercase())
    }

    /// The storage account of that name, to change it.
    pub fn account_mut(&mut self, name: &str) -> Option<&mut StorageAccount> {
        self.accounts.get_mut(&name.to_ascii_lowercase())
    }

    /// Makes a storage account, and its resource group where there is none of that name, and returns it.
    ///
    /// `subscriptions`, `tenants`, `providers` and `msi` are no names for it: their paths are taken.
    pub fn add_account(
        &mut self,
        name: &str,
        subscription: &str,
        resource_group: &str,
    ) -> &mut StorageAccount {
        if let Some(found) = self
            .subscriptions
            .iter_mut()
            .find(|found| found.id.eq_ignore_ascii_case(subscription))
            && !found
                .resource_groups
                .iter()
                .any(|found| found.eq_ignore_ascii_case(resource_group))
        {
            found.resource_groups.push(resource_group.to_owned());
        }
        self.accounts.insert(
            name.to_owned(),
            StorageAccount::new(name, subscription, resource_group),
        );
        self.accounts.entry(name.to_owned()).or_default()
    }

    /// The role definition with that name or GUID.
    #[must_use]
    pub fn role(&self, name: &str) -> Option<&RoleDefinition> {
        self.role_definitions.iter().find(|role| {
            role.name.eq_ignore_ascii_case(name) || role.role_name.eq_ignore_ascii_case(name)
        })
    }

    /// Assigns a role, told by its name or GUID, past all checks and at once. Returns the assignment.
    ///
    /// A role that does not exist is assigned all the same and allows nothing, as after its deletion.
    pub fn assign(&mut self, principal: &str, role: &str, scope: &str) -> &mut RoleAssignment {
        let role = self
            .role(role)
            .map_or_else(|| role.to_owned(), |role| role.name.clone());
        let mut assignment = RoleAssignment::new(principal, &role, scope);
        self.principal_type(principal)
            .clone_into(&mut assignment.principal_type);
        assignment.created_on = self.now() - Duration::days(30);
        let at = self.role_assignments.len();
        self.role_assignments.push(assignment);
        &mut self.role_assignments[at]
    }

    /// The names of somebody's assignments that have not arrived: look before a request, and count it afterwards.
    pub(crate) fn under_way(&self, principal: &str) -> Vec<String> {
        let who = self.with_groups(principal);
        self.role_assignments
            .iter()
            .filter(|assignment| !assignment.propagation.is_over())
            .filter(|assignment| who.contains(&assignment.principal.to_ascii_lowercase()))
            .map(|assignment| assignment.name.clone())
            .collect()
    }

    /// Counts a request for assignments that had not arrived before it.
    pub(crate) fn count_request(&mut self, under_way: &[String]) {
        for assignment in &mut self.role_assignments {
            if under_way.contains(&assignment.name) {
                assignment.propagation.ask();
            }
        }
    }

    /// Lets everything that is under way arrive: new service principals and new role assignments.
    pub fn settle(&mut self) {
        for principal in &mut self.service_principals {
            principal.replication = Delay::None;
        }
        for assignment in &mut self.role_assignments {
            assignment.propagation = Delay::None;
        }
    }
}

impl Default for World {
    fn default() -> Self {
        let mut key = [0; 32];
        key.fill_with(|| fastrand::u8(..));
        Self {
            clock_offset: Duration::ZERO,
            tenants: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
            applications: Vec::new(),
            service_principals: Vec::new(),
            management_groups: Vec::new(),
            subscriptions: Vec::new(),
            accounts: BTreeMap::new(),
            role_definitions: built_in_roles(),
            role_assignments: Vec::new(),
            deny_assignments: Vec::new(),
            locks: Vec::new(),
            replication: Replication::default(),
            propagation: Delay::None,
            page_size: 100,
            token_lifetime: Duration::hours(1),
            source_ip: None,
            counts_as_https: true,
            key,
            identity_header: hex::encode(&key[..16]),
            endpoint: String::new(),
        }
    }
}
