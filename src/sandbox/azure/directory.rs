//! Who is who in Microsoft Entra: tenants, users, groups, applications and their service principals.
//!
//! Plain data that a test seeds and inspects; nothing here decides.

use std::collections::BTreeSet;

use super::world::{Delay, World};

/// An Entra tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The tenant ID.
    pub id: String,
    /// The company's name.
    pub display_name: String,
    /// The domain that stands for it.
    pub default_domain: String,
    /// Whether guests may look up service principals. Guests are limited by default.
    /// See <https://learn.microsoft.com/entra/identity/users/users-restrict-guest-permissions>.
    pub guests_may_read: bool,
}

impl Tenant {
    /// A tenant with the settings that new ones have.
    #[must_use]
    pub fn new(id: &str, display_name: &str, default_domain: &str) -> Self {
        Self {
            id: id.to_owned(),
            display_name: display_name.to_owned(),
            default_domain: default_domain.to_owned(),
            guests_may_read: false,
        }
    }
}

/// A directory role, as far as it matters for applications.
/// See <https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DirectoryRole {
    /// May do everything.
    GlobalAdministrator,
    /// May manage all applications.
    ApplicationAdministrator,
    /// May manage all applications but for the application proxy.
    CloudApplicationAdministrator,
    /// May register applications of its own, and install none of others.
    ApplicationDeveloper,
    /// May read everything.
    GlobalReader,
}

impl DirectoryRole {
    /// The template ID, which stands in the `wids` of a token.
    #[must_use]
    pub fn template(self) -> &'static str {
        match self {
            Self::GlobalAdministrator => "62e90394-69f5-4237-9190-012177145e10",
            Self::ApplicationAdministrator => "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
            Self::CloudApplicationAdministrator => "158c047a-c907-4556-b7ef-446551a6b5f7",
            Self::ApplicationDeveloper => "cf1c38e5-3621-4004-a7cb-879624dced7c",
            Self::GlobalReader => "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
        }
    }

    /// Whether it lets a user install an application of another tenant.
    /// See <https://learn.microsoft.com/graph/api/serviceprincipal-upsert>.
    #[must_use]
    pub fn installs_applications(self) -> bool {
        match self {
            Self::GlobalAdministrator
            | Self::ApplicationAdministrator
            | Self::CloudApplicationAdministrator => true,
            Self::ApplicationDeveloper | Self::GlobalReader => false,
        }
    }
}

/// A user in one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The object ID.
    pub id: String,
    /// The tenant in which this object is.
    pub tenant: String,
    /// The name that people see.
    pub display_name: String,
    /// The user principal name.
    pub user_principal_name: String,
    /// Whether it is a guest.
    pub guest: bool,
    /// The object ID of the same person in the tenant where they are at home.
    pub home: Option<String>,
    /// The directory roles in this tenant.
    pub directory_roles: BTreeSet<DirectoryRole>,
}

impl User {
    /// A member of a tenant, without directory roles.
    #[must_use]
    pub fn member(id: &str, tenant: &str, display_name: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            tenant: tenant.to_owned(),
            display_name: display_name.to_owned(),
            user_principal_name: name.to_owned(),
            guest: false,
            home: None,
            directory_roles: BTreeSet::new(),
        }
    }

    /// A guest of a tenant.
    #[must_use]
    pub fn guest(id: &str, tenant: &str, display_name: &str, name: &str) -> Self {
        Self {
            guest: true,
            ..Self::member(id, tenant, display_name, name)
        }
    }

    /// With one more directory role.
    #[must_use]
    pub fn with(mut self, role: DirectoryRole) -> Self {
        self.directory_roles.insert(role);
        self
    }

    /// As the same person as the user with that object ID in another tenant.
    #[must_use]
    pub fn at_home_as(mut self, id: &str) -> Self {
        self.home = Some(id.to_owned());
        self
    }

    /// What tells that two users are one person.
    pub(crate) fn person(&self) -> &str {
        self.home.as_deref().unwrap_or(&self.id)
    }
}

/// A security group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// The object ID.
    pub id: String,
    /// The tenant.
    pub tenant: String,
    /// The name that people see.
    pub display_name: String,
    /// The object IDs of its members: users, service principals, groups.
    pub members: BTreeSet<String>,
}

/// An application, in the tenant where it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The application (client) ID.
    pub app_id: String,
    /// The tenant where it is registered.
    pub tenant: String,
    /// Its name.
    pub display_name: String,
    /// Whether other tenants may install it.
    pub multi_tenant: bool,
    /// The client secrets with which it signs in.
    pub secrets: Vec<String>,
    /// The issuer and subject of tokens that it may sign in with in place of a secret.
    pub federated: Vec<FederatedCredential>,
}

/// Whose tokens an application may sign in with.
/// See <https://learn.microsoft.com/entra/workload-id/workload-identity-federation>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatedCredential {
    /// The `iss` of the token.
    pub issuer: String,
    /// The `sub` of the token.
    pub subject: String,
}

impl Application {
    /// An application of one tenant, without credentials.
    #[must_use]
    pub fn new(app_id: &str, tenant: &str, display_name: &str) -> Self {
        Self {
            app_id: app_id.to_owned(),
            tenant: tenant.to_owned(),
            display_name: display_name.to_owned(),
            multi_tenant: false,
            secrets: Vec::new(),
            federated: Vec::new(),
        }
    }

    /// As one that other tenants may install.
    #[must_use]
    pub fn multi_tenant(mut self) -> Self {
        self.multi_tenant = true;
        self
    }

    /// With a client secret.
    #[must_use]
    pub fn with_secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }
}

/// What an application or a managed identity is in one tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePrincipal {
    /// The object ID.
    pub id: String,
    /// The tenant.
    pub tenant: String,
    /// The application ID.
    pub app_id: String,
    /// Its name, which an administrator may change.
    pub display_name: String,
    /// Whether it may sign in.
    pub account_enabled: bool,
    /// What kind it is: `Application`, `ManagedIdentity`, `Legacy`, `SocialIdp`.
    pub service_principal_type: String,
    /// The tags that it carries.
    pub tags: Vec<String>,
    /// The permissions at Microsoft Graph that an administrator granted to it, such as `Application.Read.All`.
    pub graph_permissions: BTreeSet<String>,
    /// Until when Resource Manager does not know it.
    pub replication: Delay,
}

impl ServicePrincipal {
    /// An enabled one that Resource Manager knows.
    #[must_use]
    pub fn new(id: &str, tenant: &str, app_id: &str, display_name: &str) -> Self {
        Self {
            id: id.to_owned(),
            tenant: tenant.to_owned(),
            app_id: app_id.to_owned(),
            display_name: display_name.to_owned(),
            account_enabled: true,
            service_principal_type: "Application".to_owned(),
            tags: Vec::new(),
            graph_permissions: BTreeSet::new(),
            replication: Delay::None,
        }
    }
}

/// A GUID that nothing else has.
pub(crate) fn new_object_id() -> String {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes())
        .into_uuid()
        .to_string()
}

/// Somebody who can have a token.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Principal<'a> {
    User(&'a User),
    ServicePrincipal(&'a ServicePrincipal),
}

impl World {
    /// The tenant with that ID or domain.
    #[must_use]
    pub fn tenant(&self, name: &str) -> Option<&Tenant> {
        self.tenants.iter().find(|tenant| {
            tenant.id.eq_ignore_ascii_case(name) || tenant.default_domain.eq_ignore_ascii_case(name)
        })
    }

    /// The user with that object ID.
    #[must_use]
    pub fn user(&self, id: &str) -> Option<&User> {
        self.users
            .iter()
            .find(|user| user.id.eq_ignore_ascii_case(id))
    }

    /// The user with that object ID, to change it.
    pub fn user_mut(&mut self, id: &str) -> Option<&mut User> {
        self.users
            .iter_mut()
            .find(|user| user.id.eq_ignore_ascii_case(id))
    }

    /// The service principal with that object ID.
    #[must_use]
    pub fn service_principal(&self, id: &str) -> Option<&ServicePrincipal> {
        self.service_principals
            .iter()
            .find(|principal| principal.id.eq_ignore_ascii_case(id))
    }

    /// The service principal of an application in a tenant.
    #[must_use]
    pub fn service_principal_of(&self, app_id: &str, tenant: &str) -> Option<&ServicePrincipal> {
        self.service_principals.iter().find(|principal| {
            principal.app_id.eq_ignore_ascii_case(app_id) && principal.tenant == tenant
        })
    }

    /// The application with that ID.
    #[must_use]
    pub fn application(&self, app_id: &str) -> Option<&Application> {
        self.applications
            .iter()
            .find(|application| application.app_id.eq_ignore_ascii_case(app_id))
    }

    /// The user or service principal with that object ID.
    pub(crate) fn principal(&self, id: &str) -> Option<Principal<'_>> {
        self.user(id)
            .map(Principal::User)
            .or_else(|| self.service_principal(id).map(Principal::ServicePrincipal))
    }

    /// What kind of principal an object ID is; `Unknown` when nothing has it.
    pub(crate) fn principal_type(&self, id: &str) -> &'static str {
        let is_group = || {
            self.groups
                .iter()
                .any(|group| group.id.eq_ignore_ascii_case(id))
        };
        match self.principal(id) {
            Some(Principal::User(_)) => "User",
            Some(Principal::ServicePrincipal(_)) => "ServicePrincipal",
            None if is_group() => "Group",
            None => "Unknown",
        }
    }

    /// A principal and every group that it is in, directly or through others.
    pub(crate) fn with_groups(&self, id: &str) -> BTreeSet<String> {
        let mut known = BTreeSet::from([id.to_ascii_lowercase()]);
        loop {
            let before = known.len();
            for group in &self.groups {
                if group
                    .members
                    .iter()
                    .any(|member| known.contains(&member.to_ascii_lowercase()))
                {
                    known.insert(group.id.to_ascii_lowercase());
                }
            }
            if known.len() == before {
                return known;
            }
        }
    }
}
