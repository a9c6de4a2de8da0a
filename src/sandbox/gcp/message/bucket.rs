//! A bucket's metadata and the requests about it, as gRPC carries them. A bucket of this place keeps its settings in
//! this form, so that a test can compare all of them before and after.
//!
//! See <https://github.com/googleapis/googleapis/blob/master/google/storage/v2/storage.proto>, where every field is
//! described.

#![expect(missing_docs, reason = "the published definition describes each field")]

use std::collections::BTreeMap;

use prost::Message;

use super::{Duration, FieldMask, Timestamp};

/// `google.storage.v2.GetBucketRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct GetBucketRequest {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(int64, optional, tag = "2")]
    pub if_metageneration_match: Option<i64>,
    #[prost(int64, optional, tag = "3")]
    pub if_metageneration_not_match: Option<i64>,
    #[prost(message, optional, tag = "5")]
    pub read_mask: Option<FieldMask>,
}

/// `google.storage.v2.UpdateBucketRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct UpdateBucketRequest {
    #[prost(message, optional, tag = "1")]
    pub bucket: Option<Bucket>,
    #[prost(int64, optional, tag = "2")]
    pub if_metageneration_match: Option<i64>,
    #[prost(int64, optional, tag = "3")]
    pub if_metageneration_not_match: Option<i64>,
    #[prost(message, optional, tag = "6")]
    pub update_mask: Option<FieldMask>,
    #[prost(string, tag = "8")]
    pub predefined_acl: String,
    #[prost(string, tag = "9")]
    pub predefined_default_object_acl: String,
}

/// `google.storage.v2.Bucket`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Bucket {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub bucket_id: String,
    #[prost(string, tag = "3")]
    pub project: String,
    #[prost(int64, tag = "4")]
    pub metageneration: i64,
    #[prost(string, tag = "5")]
    pub location: String,
    #[prost(string, tag = "6")]
    pub location_type: String,
    #[prost(string, tag = "7")]
    pub storage_class: String,
    #[prost(message, repeated, tag = "8")]
    pub acl: Vec<AccessControl>,
    #[prost(message, repeated, tag = "9")]
    pub default_object_acl: Vec<AccessControl>,
    #[prost(message, optional, tag = "10")]
    pub lifecycle: Option<Lifecycle>,
    #[prost(message, optional, tag = "11")]
    pub create_time: Option<Timestamp>,
    #[prost(message, repeated, tag = "12")]
    pub cors: Vec<Cors>,
    #[prost(message, optional, tag = "13")]
    pub update_time: Option<Timestamp>,
    #[prost(bool, tag = "14")]
    pub default_event_based_hold: bool,
    #[prost(btree_map = "string, string", tag = "15")]
    pub labels: BTreeMap<String, String>,
    #[prost(message, optional, tag = "16")]
    pub website: Option<Website>,
    #[prost(message, optional, tag = "17")]
    pub versioning: Option<Switch>,
    #[prost(message, optional, tag = "18")]
    pub logging: Option<Logging>,
    #[prost(message, optional, tag = "19")]
    pub owner: Option<Owner>,
    #[prost(message, optional, tag = "20")]
    pub encryption: Option<Encryption>,
    #[prost(message, optional, tag = "21")]
    pub billing: Option<Billing>,
    #[prost(message, optional, tag = "22")]
    pub retention_policy: Option<RetentionPolicy>,
    #[prost(message, optional, tag = "23")]
    pub iam_config: Option<IamConfig>,
    #[prost(bool, tag = "25")]
    pub satisfies_pzs: bool,
    #[prost(message, optional, tag = "26")]
    pub custom_placement_config: Option<CustomPlacementConfig>,
    #[prost(string, tag = "27")]
    pub rpo: String,
    #[prost(message, optional, tag = "28")]
    pub autoclass: Option<Autoclass>,
    #[prost(string, tag = "29")]
    pub etag: String,
    #[prost(message, optional, tag = "31")]
    pub soft_delete_policy: Option<SoftDeletePolicy>,
    #[prost(message, optional, tag = "32")]
    pub hierarchical_namespace: Option<Switch>,
    #[prost(message, optional, tag = "33")]
    pub object_retention: Option<Switch>,
    #[prost(message, optional, tag = "38")]
    pub ip_filter: Option<IpFilter>,
}

/// An entry of an access control list, of a bucket or an object.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct AccessControl {
    #[prost(string, tag = "1")]
    pub role: String,
    #[prost(string, tag = "2")]
    pub id: String,
    #[prost(string, tag = "3")]
    pub entity: String,
    #[prost(string, tag = "4")]
    pub entity_id: String,
    #[prost(string, tag = "5")]
    pub email: String,
    #[prost(string, tag = "6")]
    pub domain: String,
    #[prost(message, optional, tag = "7")]
    pub project_team: Option<ProjectTeam>,
    #[prost(string, tag = "8")]
    pub etag: String,
    #[prost(string, tag = "9")]
    pub entity_alt: String,
}

/// Some of a project's members.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ProjectTeam {
    #[prost(string, tag = "1")]
    pub project_number: String,
    #[prost(string, tag = "2")]
    pub team: String,
}

/// An entry of the CORS configuration.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Cors {
    #[prost(string, repeated, tag = "1")]
    pub origin: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub method: Vec<String>,
    #[prost(string, repeated, tag = "3")]
    pub response_header: Vec<String>,
    #[prost(int32, tag = "4")]
    pub max_age_seconds: i32,
}

/// What is on or off.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Switch {
    #[prost(bool, tag = "1")]
    pub enabled: bool,
}

/// Who pays.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Billing {
    #[prost(bool, tag = "1")]
    pub requester_pays: bool,
}

/// What becomes of objects in time.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Lifecycle {
    #[prost(message, repeated, tag = "1")]
    pub rule: Vec<LifecycleRule>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct LifecycleRule {
    #[prost(message, optional, tag = "1")]
    pub action: Option<LifecycleAction>,
    #[prost(message, optional, tag = "2")]
    pub condition: Option<LifecycleCondition>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct LifecycleAction {
    #[prost(string, tag = "1")]
    pub r#type: String,
    #[prost(string, tag = "2")]
    pub storage_class: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct LifecycleCondition {
    #[prost(int32, optional, tag = "1")]
    pub age_days: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub created_before: Option<Date>,
    #[prost(bool, optional, tag = "3")]
    pub is_live: Option<bool>,
    #[prost(int32, optional, tag = "4")]
    pub num_newer_versions: Option<i32>,
    #[prost(string, repeated, tag = "5")]
    pub matches_storage_class: Vec<String>,
    #[prost(int32, optional, tag = "7")]
    pub days_since_custom_time: Option<i32>,
    #[prost(message, optional, tag = "8")]
    pub custom_time_before: Option<Date>,
    #[prost(int32, optional, tag = "9")]
    pub days_since_noncurrent_time: Option<i32>,
    #[prost(message, optional, tag = "10")]
    pub noncurrent_time_before: Option<Date>,
    #[prost(string, repeated, tag = "11")]
    pub matches_prefix: Vec<String>,
    #[prost(string, repeated, tag = "12")]
    pub matches_suffix: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Date {
    #[prost(int32, tag = "1")]
    pub year: i32,
    #[prost(int32, tag = "2")]
    pub month: i32,
    #[prost(int32, tag = "3")]
    pub day: i32,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct Website {
    #[prost(string, tag = "1")]
    pub main_page_suffix: String,
    #[prost(string, tag = "2")]
    pub not_found_page: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct Logging {
    #[prost(string, tag = "1")]
    pub log_bucket: String,
    #[prost(string, tag = "2")]
    pub log_object_prefix: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct Owner {
    #[prost(string, tag = "1")]
    pub entity: String,
    #[prost(string, tag = "2")]
    pub entity_id: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct Encryption {
    #[prost(string, tag = "1")]
    pub default_kms_key: String,
    #[prost(message, optional, tag = "2")]
    pub google_managed_encryption_enforcement_config: Option<EncryptionEnforcement>,
    #[prost(message, optional, tag = "3")]
    pub customer_managed_encryption_enforcement_config: Option<EncryptionEnforcement>,
    #[prost(message, optional, tag = "4")]
    pub customer_supplied_encryption_enforcement_config: Option<EncryptionEnforcement>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct EncryptionEnforcement {
    #[prost(message, optional, tag = "2")]
    pub effective_time: Option<Timestamp>,
    #[prost(string, optional, tag = "3")]
    pub restriction_mode: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct RetentionPolicy {
    #[prost(message, optional, tag = "1")]
    pub effective_time: Option<Timestamp>,
    #[prost(bool, tag = "2")]
    pub is_locked: bool,
    #[prost(message, optional, tag = "4")]
    pub retention_duration: Option<Duration>,
}

/// How IAM applies to a bucket.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct IamConfig {
    #[prost(message, optional, tag = "1")]
    pub uniform_bucket_level_access: Option<UniformBucketLevelAccess>,
    /// `inherited` or `enforced`.
    #[prost(string, tag = "3")]
    pub public_access_prevention: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct UniformBucketLevelAccess {
    #[prost(bool, tag = "1")]
    pub enabled: bool,
    #[prost(message, optional, tag = "2")]
    pub lock_time: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct CustomPlacementConfig {
    #[prost(string, repeated, tag = "1")]
    pub data_locations: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct Autoclass {
    #[prost(bool, tag = "1")]
    pub enabled: bool,
    #[prost(message, optional, tag = "2")]
    pub toggle_time: Option<Timestamp>,
    #[prost(string, optional, tag = "3")]
    pub terminal_storage_class: Option<String>,
    #[prost(message, optional, tag = "4")]
    pub terminal_storage_class_update_time: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct SoftDeletePolicy {
    #[prost(message, optional, tag = "1")]
    pub retention_duration: Option<Duration>,
    #[prost(message, optional, tag = "2")]
    pub effective_time: Option<Timestamp>,
}

/// From where a bucket may be reached.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct IpFilter {
    /// `Enabled` or `Disabled`.
    #[prost(string, optional, tag = "1")]
    pub mode: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub public_network_source: Option<PublicNetworkSource>,
    #[prost(message, repeated, tag = "3")]
    pub vpc_network_sources: Vec<VpcNetworkSource>,
    #[prost(bool, tag = "4")]
    pub allow_cross_org_vpcs: bool,
    #[prost(bool, optional, tag = "5")]
    pub allow_all_service_agent_access: Option<bool>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct PublicNetworkSource {
    #[prost(string, repeated, tag = "1")]
    pub allowed_ip_cidr_ranges: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Message)]
pub struct VpcNetworkSource {
    #[prost(string, optional, tag = "1")]
    pub network: Option<String>,
    #[prost(string, repeated, tag = "2")]
    pub allowed_ip_cidr_ranges: Vec<String>,
}
