//! A customer to start from: a company, its people, its storage, and Segments.ai's application next door.
//!
//! Plain data; nothing here decides.

use super::account::Blob;
use super::directory::{Application, DirectoryRole, ServicePrincipal, Tenant, User};
use super::world::{ManagementGroup, Subscription, World};

/// The tenant of the customer.
pub const TENANT: &str = "7e4a9c1d-3b52-4f60-8a11-0acce5500001";
/// The tenant of Segments.ai, where its application is registered.
pub const SEGMENTS_TENANT: &str = "5e65e275-a100-4b1d-9f02-0acce5500002";
/// The application of Segments.ai ("Segments.ai - Blob Link Service").
pub const SEGMENTS_APP_ID: &str = "d47021c7-05d1-44c3-a594-93c2c30c68fc";
/// The client secret of that application in this world.
pub const SEGMENTS_SECRET: &str = "segments-secret-for-local-use-only";
/// The display name that the application has.
pub const SEGMENTS_APP_NAME: &str = "Segments.ai - Blob Link Service";

/// The customer's subscription.
pub const SUBSCRIPTION: &str = "5ab5c712-1000-4000-8000-0acce5500010";
/// The management group above it.
pub const MANAGEMENT_GROUP: &str = "acme-root";
/// The resource group of the storage account.
pub const RESOURCE_GROUP: &str = "acme-data";
/// The storage account.
pub const ACCOUNT: &str = "acmeimages";
/// Its container.
pub const CONTAINER: &str = "photos";

/// Ana: Owner of the resource group; no directory role.
pub const STORAGE_OWNER: &str = "0b1ec700-0000-4000-8000-00000000a0a1";
/// Diego: Application Administrator; no role at any resource.
pub const DIRECTORY_ADMINISTRATOR: &str = "0b1ec700-0000-4000-8000-00000000d1e6";
/// Bea: both of these in one, and Storage Blob Data Reader of the account.
pub const BOTH: &str = "0b1ec700-0000-4000-8000-00000000bea0";
/// Rui: Reader of the resource group.
pub const READER: &str = "0b1ec700-0000-4000-8000-000000000413";
/// Gil: a guest from another company, without any role.
pub const GUEST: &str = "0b1ec700-0000-4000-8000-000000000611";
/// The object id of a pipeline's service principal: Owner of the resource group, no permission at Microsoft Graph.
pub const PIPELINE: &str = "0b1ec700-0000-4000-8000-00000000c1c1";
/// The application id of that pipeline.
pub const PIPELINE_APP_ID: &str = "0b1ec700-0000-4000-8000-00000000c1c2";
/// The client secret of that pipeline.
pub const PIPELINE_SECRET: &str = "pipeline-secret-for-local-use-only";

impl World {
    /// A company with one storage account, the people of the two-person split, and Segments.ai's application not yet
    /// installed in its tenant.
    #[must_use]
    pub fn acme() -> Self {
        let mut subscription = Subscription::new(SUBSCRIPTION, "Acme production", TENANT);
        subscription.management_group = Some(MANAGEMENT_GROUP.to_owned());
        let mut world = Self {
            tenants: vec![
                Tenant::new(TENANT, "Acme", "acme.example"),
                Tenant::new(SEGMENTS_TENANT, "Segments.ai", "segments.example"),
            ],
            management_groups: vec![ManagementGroup {
                name: MANAGEMENT_GROUP.to_owned(),
                parent: None,
            }],
            subscriptions: vec![subscription],
            ..Self::default()
        };

        let account = world.add_account(ACCOUNT, SUBSCRIPTION, RESOURCE_GROUP);
        let container = account.add_container(CONTAINER);
        container.add_blob("cat.png", Blob::new("image/png", "a cat"));
        container.add_blob("2024/one dog.png", Blob::new("image/png", "a dog"));
        let account = account.scope();

        world.users = vec![
            User::member(STORAGE_OWNER, TENANT, "Ana", "ana@acme.example"),
            User::member(
                DIRECTORY_ADMINISTRATOR,
                TENANT,
                "Diego",
                "diego@acme.example",
            )
            .with(DirectoryRole::ApplicationAdministrator),
            User::member(BOTH, TENANT, "Bea", "bea@acme.example")
                .with(DirectoryRole::CloudApplicationAdministrator),
            User::member(READER, TENANT, "Rui", "rui@acme.example"),
            User::guest(
                GUEST,
                TENANT,
                "Gil",
                "gil_partner.example#EXT#@acme.example",
            ),
        ];
        world.applications = vec![
            Application::new(SEGMENTS_APP_ID, SEGMENTS_TENANT, SEGMENTS_APP_NAME)
                .multi_tenant()
                .with_secret(SEGMENTS_SECRET),
            Application::new(PIPELINE_APP_ID, TENANT, "acme-pipeline").with_secret(PIPELINE_SECRET),
        ];
        world.service_principals = vec![ServicePrincipal::new(
            PIPELINE,
            TENANT,
            PIPELINE_APP_ID,
            "acme-pipeline",
        )];
        let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}");
        for owner in [STORAGE_OWNER, BOTH, PIPELINE] {
            world.assign(owner, "Owner", &group);
        }
        world.assign(BOTH, "Storage Blob Data Reader", &account);
        world.assign(READER, "Reader", &group);
        world
    }

    /// Installs Segments.ai's application in a tenant, past all checks, and returns its object id there.
    pub fn install_segments(&mut self, tenant: &str) -> String {
        let id = super::directory::new_object_id();
        self.service_principals.push(ServicePrincipal::new(
            &id,
            tenant,
            SEGMENTS_APP_ID,
            SEGMENTS_APP_NAME,
        ));
        id
    }

    /// The service principal of Segments.ai's application in a tenant.
    #[must_use]
    pub fn segments(&self, tenant: &str) -> Option<&ServicePrincipal> {
        self.service_principals
            .iter()
            .find(|principal| principal.app_id == SEGMENTS_APP_ID && principal.tenant == tenant)
    }
}
