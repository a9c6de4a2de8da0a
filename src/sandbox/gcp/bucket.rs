//! A bucket, its settings, its policy and its objects.
//!
//! Plain data that a test seeds and inspects; nothing here decides.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::message::bucket as settings;
use super::message::{Duration, Timestamp};
use super::policy::Policy;
use super::world::Propagation;

/// A bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// The name.
    pub name: String,
    /// The ID of its project.
    pub project: String,
    /// All its settings, as `GetBucket` answers with them.
    pub settings: settings::Bucket,
    /// What is granted on it.
    pub policy: Policy,
    /// The policy that still holds for reads of objects while a new one is on its way.
    pub lag: Option<Lag>,
    /// The tags that are attached to it, such as `100200300400/env` and `prod`.
    pub tags: BTreeMap<String, String>,
    /// The managed folders, by name with its slash at the end, and what is granted on each.
    /// See <https://cloud.google.com/storage/docs/managed-folders>.
    pub managed_folders: BTreeMap<String, Policy>,
    /// The objects, by name.
    pub objects: BTreeMap<String, Object>,
}

/// A policy that was replaced and still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// The policy before.
    pub policy: Policy,
    /// Until when it holds.
    pub until: Propagation,
}

impl Bucket {
    /// A bucket as the console and `gcloud` make it: uniform access, and the project's basic roles in its policy.
    /// See <https://cloud.google.com/storage/docs/access-control/iam-roles#basic-roles-modifiable>.
    #[must_use]
    pub fn new(name: &str, project: &str) -> Self {
        let mut policy = Policy::default();
        for role in [
            "roles/storage.legacyBucketOwner",
            "roles/storage.legacyObjectOwner",
        ] {
            policy.grant(role, &format!("projectEditor:{project}"));
            policy.grant(role, &format!("projectOwner:{project}"));
        }
        for role in [
            "roles/storage.legacyBucketReader",
            "roles/storage.legacyObjectReader",
        ] {
            policy.grant(role, &format!("projectViewer:{project}"));
        }
        policy.revision = 1;
        let made = Timestamp::from(OffsetDateTime::UNIX_EPOCH + time::Duration::days(20_454));
        Self {
            name: name.to_owned(),
            project: project.to_owned(),
            settings: settings::Bucket {
                name: format!("projects/_/buckets/{name}"),
                bucket_id: name.to_owned(),
                metageneration: 1,
                etag: "CAE=".to_owned(),
                location: "EUROPE-WEST1".to_owned(),
                location_type: "region".to_owned(),
                storage_class: "STANDARD".to_owned(),
                create_time: Some(made),
                update_time: Some(made),
                iam_config: Some(settings::IamConfig {
                    uniform_bucket_level_access: Some(settings::UniformBucketLevelAccess {
                        enabled: true,
                        lock_time: Some(made),
                    }),
                    public_access_prevention: "inherited".to_owned(),
                }),
                soft_delete_policy: Some(settings::SoftDeletePolicy {
                    retention_duration: Some(Duration {
                        seconds: 7 * 24 * 60 * 60,
                        nanos: 0,
                    }),
                    effective_time: Some(made),
                }),
                ..settings::Bucket::default()
            },
            policy,
            lag: None,
            tags: BTreeMap::new(),
            managed_folders: BTreeMap::new(),
            objects: BTreeMap::new(),
        }
    }

    /// Puts a plain object there and returns it, to be changed further.
    pub fn add_object(&mut self, name: &str, bytes: impl Into<Vec<u8>>) -> &mut Object {
        let object = Object {
            bytes: bytes.into(),
            ..Object::default()
        };
        self.objects.insert(name.to_owned(), object);
        self.objects.entry(name.to_owned()).or_default()
    }

    /// Lets whoever asks pay, or not.
    pub fn set_requester_pays(&mut self, requester_pays: bool) {
        self.settings.billing = Some(settings::Billing { requester_pays });
    }

    /// Admits these networks alone, as `a.b.c.d/n`.
    /// See <https://cloud.google.com/storage/docs/ip-filtering-overview>.
    pub fn set_ip_filter(&mut self, ranges: &[&str]) {
        self.settings.ip_filter = Some(settings::IpFilter {
            mode: Some("Enabled".to_owned()),
            public_network_source: Some(settings::PublicNetworkSource {
                allowed_ip_cidr_ranges: ranges.iter().map(|range| (*range).to_owned()).collect(),
            }),
            ..settings::IpFilter::default()
        });
    }

    /// Enforces public access prevention, or leaves it to the organization.
    pub fn set_public_access_prevention(&mut self, enforced: bool) {
        let word = if enforced { "enforced" } else { "inherited" };
        let config = self.settings.iam_config.get_or_insert_default();
        word.clone_into(&mut config.public_access_prevention);
    }

    /// Whether only IAM decides, and no access control list.
    #[must_use]
    pub fn uniform_access(&self) -> bool {
        self.settings
            .iam_config
            .as_ref()
            .and_then(|config| config.uniform_bucket_level_access)
            .is_some_and(|uniform| uniform.enabled)
    }

    /// Whether public access prevention is enforced.
    #[must_use]
    pub fn public_access_prevented(&self) -> bool {
        self.settings
            .iam_config
            .as_ref()
            .is_some_and(|config| config.public_access_prevention == "enforced")
    }
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// The content.
    pub bytes: Vec<u8>,
    /// The content type; `None` is `application/octet-stream`.
    pub content_type: Option<String>,
    /// The storage class.
    pub storage_class: String,
    /// Its generation.
    pub generation: i64,
    /// The key of Cloud KMS that it is encrypted with.
    pub kms_key: Option<String>,
    /// Whether it is encrypted with a key that the client sends with each request (CSEK).
    pub customer_supplied_key: bool,
    /// When it was deleted, where it can still be restored.
    pub soft_deleted: Option<OffsetDateTime>,
    /// Custom metadata.
    pub metadata: BTreeMap<String, String>,
}

impl Default for Object {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            content_type: None,
            storage_class: "STANDARD".to_owned(),
            generation: 1_767_225_600_000_001,
            kms_key: None,
            customer_supplied_key: false,
            soft_deleted: None,
            metadata: BTreeMap::new(),
        }
    }
}
