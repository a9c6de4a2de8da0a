//! A storage account, its blob service, its containers and its blobs.
//!
//! Plain data that a test seeds and inspects; nothing here decides.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;

/// A storage account.
#[expect(
    clippy::struct_excessive_bools,
    reason = "Azure has independent switches"
)]
#[derive(Debug, Clone, PartialEq)]
pub struct StorageAccount {
    /// The name: 3 to 24 lower-case letters and digits.
    pub name: String,
    /// The subscription that it is in.
    pub subscription: String,
    /// The resource group that it is in.
    pub resource_group: String,
    /// The region.
    pub location: String,
    /// `Storage`, `StorageV2`, `BlobStorage`, `BlockBlobStorage` or `FileStorage`.
    pub kind: String,
    /// The SKU, such as `Standard_LRS` or `Premium_LRS`.
    pub sku: String,
    /// Whether the public endpoint is open at all.
    pub public_network_access: PublicNetworkAccess,
    /// Who may reach the public endpoint.
    pub network: NetworkRules,
    /// What shared access signatures may be like.
    pub sas_policy: Option<SasPolicy>,
    /// Whether the account's keys may be used.
    pub allow_shared_key_access: bool,
    /// Whether containers may be open to everyone.
    pub allow_blob_public_access: bool,
    /// Whether a delegation SAS may be bound to a user of another tenant.
    pub allow_cross_tenant_delegation_sas: bool,
    /// Whether it has directories (Data Lake Storage).
    pub is_hns_enabled: bool,
    /// Whether plain http is refused.
    pub https_only: bool,
    /// The lowest TLS version, such as `TLS1_2`.
    pub minimum_tls_version: String,
    /// `Standard` or `AzureDnsZone`.
    pub dns_endpoint_type: String,
    /// The resource IDs of its private endpoints.
    pub private_endpoints: Vec<String>,
    /// The encryption scopes, by name.
    pub encryption_scopes: BTreeMap<String, EncryptionScope>,
    /// Further properties, as the account shows them: what a newer api-version brings.
    pub further_properties: Map<String, Value>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
    /// The blob service.
    pub blob_service: BlobService,
    /// The containers, by name.
    pub containers: BTreeMap<String, Container>,
    /// User delegation keys from before this moment are void.
    pub delegation_keys_revoked: Option<OffsetDateTime>,
}

impl StorageAccount {
    /// An account with the settings that new ones have.
    #[must_use]
    pub fn new(name: &str, subscription: &str, resource_group: &str) -> Self {
        Self {
            name: name.to_owned(),
            subscription: subscription.to_owned(),
            resource_group: resource_group.to_owned(),
            location: "westeurope".to_owned(),
            kind: "StorageV2".to_owned(),
            sku: "Standard_LRS".to_owned(),
            public_network_access: PublicNetworkAccess::Enabled,
            network: NetworkRules::default(),
            sas_policy: None,
            allow_shared_key_access: true,
            allow_blob_public_access: false,
            allow_cross_tenant_delegation_sas: false,
            is_hns_enabled: false,
            https_only: true,
            minimum_tls_version: "TLS1_2".to_owned(),
            dns_endpoint_type: "Standard".to_owned(),
            private_endpoints: Vec::new(),
            encryption_scopes: BTreeMap::new(),
            further_properties: Map::new(),
            tags: BTreeMap::new(),
            blob_service: BlobService::default(),
            containers: BTreeMap::new(),
            delegation_keys_revoked: None,
        }
    }

    /// The resource ID, which is the scope of role assignments.
    #[must_use]
    pub fn scope(&self) -> String {
        format!(
            "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Storage/storageAccounts/{}",
            self.subscription, self.resource_group, self.name
        )
    }

    /// Makes an empty container and returns it, to be filled.
    pub fn add_container(&mut self, name: &str) -> &mut Container {
        self.containers
            .insert(name.to_owned(), Container::default());
        self.containers.entry(name.to_owned()).or_default()
    }

    /// Whether it is a general-purpose account in the premium tier, which has page blobs and no CORS.
    /// See <https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services>.
    #[must_use]
    pub fn is_premium_general_purpose(&self) -> bool {
        self.sku.starts_with("Premium") && matches!(self.kind.as_str(), "Storage" | "StorageV2")
    }

    /// Whether it has a blob service at all.
    #[must_use]
    pub fn has_blobs(&self) -> bool {
        self.kind != "FileStorage"
    }
}

impl Default for StorageAccount {
    fn default() -> Self {
        Self::new("", "", "")
    }
}

/// Whether the public endpoint is open at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicNetworkAccess {
    /// As far as the network rules admit.
    Enabled,
    /// Private endpoints alone.
    Disabled,
    /// As far as a network security perimeter admits.
    SecuredByPerimeter,
}

impl PublicNetworkAccess {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::SecuredByPerimeter => "SecuredByPerimeter",
        }
    }
}

/// Who may reach the public endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkRules {
    /// Whether everybody is refused who is not admitted by a rule.
    pub deny_by_default: bool,
    /// Addresses that are admitted, each an address or a range such as `203.0.113.0/24`.
    pub ip_rules: Vec<String>,
}

/// What shared access signatures may be like.
/// See <https://learn.microsoft.com/azure/storage/common/sas-expiration-policy>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SasPolicy {
    /// The longest that a signature should be good for, as `days.hours:minutes:seconds`.
    pub expiration_period: String,
    /// Whether longer ones are refused; otherwise they are logged.
    pub block: bool,
    /// Whether a delegation SAS has to name the user who may use it, and others are refused.
    pub require_user_bound: bool,
}

/// An encryption scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncryptionScope {
    /// Whether what is encrypted with it can be read.
    pub enabled: bool,
}

/// The settings of the blob service: its CORS rules, and everything else as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct BlobService {
    /// The CORS rules, in their order.
    pub cors: Vec<CorsRule>,
    /// All other properties under their names on the wire, such as `deleteRetentionPolicy`.
    pub properties: Map<String, Value>,
}

impl Default for BlobService {
    /// What a new account has.
    fn default() -> Self {
        Self {
            cors: Vec::new(),
            properties: Self::initial_properties(),
        }
    }
}

impl BlobService {
    /// A service in which people have set everything that there is to set, and have two CORS rules of their own.
    #[must_use]
    pub fn settled() -> Self {
        let retention = json!({ "enabled": true, "days": 30, "allowPermanentDelete": false });
        let properties = json!({
            "defaultServiceVersion": "2023-11-03",
            "deleteRetentionPolicy": retention,
            "staticWebsite": { "enabled": true, "indexDocument": "index.html" },
            "isVersioningEnabled": true,
            "changeFeed": { "enabled": true, "retentionInDays": 14 },
            "restorePolicy": {
                "enabled": true,
                "days": 10,
                "lastEnabledTime": "2026-01-01T00:00:00.0000000Z",
                "minRestoreTime": "2026-01-02T00:00:00.0000000Z",
            },
            "containerDeleteRetentionPolicy": { "enabled": true, "days": 7 },
            "lastAccessTimeTrackingPolicy": {
                "enable": true,
                "name": "AccessTimeTracking",
                "trackingGranularityInDays": 1,
                "blobType": ["blockBlob"],
            },
        });
        let mut upload = CorsRule::new("https://upload.acme.example", "PUT");
        upload.allowed_headers = vec!["x-ms-*".to_owned(), "content-type".to_owned()];
        Self {
            cors: vec![CorsRule::new("https://www.acme.example", "GET"), upload],
            properties: match properties {
                Value::Object(members) => members,
                _ => Map::new(),
            },
        }
    }

    /// What is there when nobody said otherwise, and therefore after a write that leaves everything out.
    pub(crate) fn initial_properties() -> Map<String, Value> {
        let initial = json!({
            "deleteRetentionPolicy": { "allowPermanentDelete": false, "enabled": false },
        });
        match initial {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}

/// One CORS rule, all of it.
/// See <https://learn.microsoft.com/rest/api/storagerp/blob-services/set-service-properties>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// Origins: exact, `*`, or with a wildcard for sub-domains (`https://*.contoso.com`).
    pub allowed_origins: Vec<String>,
    /// Methods.
    pub allowed_methods: Vec<String>,
    /// For how many seconds a browser may remember the preflight.
    pub max_age_in_seconds: i64,
    /// Response headers that the page may see: exact, a prefix with `*`, or `*`.
    pub exposed_headers: Vec<String>,
    /// Request headers: exact, a prefix with `*`, or `*`.
    pub allowed_headers: Vec<String>,
}

impl CorsRule {
    /// A rule for one origin and one method, for an hour, without headers.
    #[must_use]
    pub fn new(origin: &str, method: &str) -> Self {
        Self {
            allowed_origins: vec![origin.to_owned()],
            allowed_methods: vec![method.to_owned()],
            max_age_in_seconds: 3600,
            exposed_headers: Vec::new(),
            allowed_headers: Vec::new(),
        }
    }

    /// As Resource Manager shows it.
    pub(crate) fn json(&self) -> Value {
        json!({
            "allowedOrigins": self.allowed_origins,
            "allowedMethods": self.allowed_methods,
            "maxAgeInSeconds": self.max_age_in_seconds,
            "exposedHeaders": self.exposed_headers,
            "allowedHeaders": self.allowed_headers,
        })
    }
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Container {
    /// Whether everyone may read it.
    pub public_access: PublicAccess,
    /// The blobs, by name.
    pub blobs: BTreeMap<String, Blob>,
}

impl Container {
    /// Puts a blob there and returns it, to be changed further.
    pub fn add_blob(&mut self, name: &str, blob: Blob) -> &mut Blob {
        self.blobs.insert(name.to_owned(), blob);
        self.blobs.entry(name.to_owned()).or_default()
    }
}

/// Whether everyone may read a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PublicAccess {
    /// Nobody without authorisation.
    #[default]
    None,
    /// Everyone may read blobs whose names they know.
    Blob,
    /// Everyone may list and read blobs.
    Container,
}

/// A block blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// The content.
    pub bytes: Vec<u8>,
    /// The content type.
    pub content_type: String,
    /// The access tier.
    pub tier: AccessTier,
    /// That it is on its way out of the archive, to this tier.
    pub rehydrating_to: Option<AccessTier>,
    /// The encryption scope.
    pub encryption_scope: Option<String>,
    /// The hash of a key that the customer provides with each request, in Base64.
    pub customer_key_sha256: Option<String>,
    /// Whether it was deleted, and is kept for a while.
    pub soft_deleted: bool,
}

impl Blob {
    /// A blob in the hot tier.
    #[must_use]
    pub fn new(content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            content_type: content_type.to_owned(),
            tier: AccessTier::Hot,
            rehydrating_to: None,
            encryption_scope: None,
            customer_key_sha256: None,
            soft_deleted: false,
        }
    }
}

impl Default for Blob {
    fn default() -> Self {
        Self::new("application/octet-stream", Vec::new())
    }
}

/// An access tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessTier {
    /// Online.
    Hot,
    /// Online.
    Cool,
    /// Online.
    Cold,
    /// Offline: it cannot be read until it was moved.
    Archive,
}

impl AccessTier {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hot => "Hot",
            Self::Cool => "Cool",
            Self::Cold => "Cold",
            Self::Archive => "Archive",
        }
    }
}
