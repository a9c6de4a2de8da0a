//! Objects and the requests about them, as gRPC carries them.
//!
//! See <https://github.com/googleapis/googleapis/blob/master/google/storage/v2/storage.proto>.

use std::collections::BTreeMap;

use prost::Message;

use super::{FieldMask, Timestamp};

/// `google.storage.v2.GetObjectRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct GetObjectRequest {
    #[prost(string, tag = "1")]
    pub bucket: String,
    #[prost(string, tag = "2")]
    pub object: String,
    #[prost(int64, tag = "3")]
    pub generation: i64,
    #[prost(int64, optional, tag = "4")]
    pub if_generation_match: Option<i64>,
    #[prost(int64, optional, tag = "5")]
    pub if_generation_not_match: Option<i64>,
    #[prost(int64, optional, tag = "6")]
    pub if_metageneration_match: Option<i64>,
    #[prost(int64, optional, tag = "7")]
    pub if_metageneration_not_match: Option<i64>,
    #[prost(message, optional, tag = "8")]
    pub common_object_request_params: Option<CommonObjectRequestParams>,
    #[prost(message, optional, tag = "10")]
    pub read_mask: Option<FieldMask>,
    #[prost(bool, optional, tag = "11")]
    pub soft_deleted: Option<bool>,
    #[prost(string, tag = "12")]
    pub restore_token: String,
}

/// `google.storage.v2.CommonObjectRequestParams`.
#[expect(
    clippy::struct_field_names,
    reason = "the published definition has these names"
)]
#[derive(Clone, PartialEq, Eq, Message)]
pub struct CommonObjectRequestParams {
    #[prost(string, tag = "1")]
    pub encryption_algorithm: String,
    #[prost(bytes = "vec", tag = "4")]
    pub encryption_key_bytes: Vec<u8>,
    #[prost(bytes = "vec", tag = "5")]
    pub encryption_key_sha256_bytes: Vec<u8>,
}

/// `google.storage.v2.ListObjectsRequest`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the published definition has these fields"
)]
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ListObjectsRequest {
    #[prost(string, tag = "1")]
    pub parent: String,
    #[prost(int32, tag = "2")]
    pub page_size: i32,
    #[prost(string, tag = "3")]
    pub page_token: String,
    #[prost(string, tag = "4")]
    pub delimiter: String,
    #[prost(bool, tag = "5")]
    pub include_trailing_delimiter: bool,
    #[prost(string, tag = "6")]
    pub prefix: String,
    #[prost(bool, tag = "7")]
    pub versions: bool,
    #[prost(message, optional, tag = "8")]
    pub read_mask: Option<FieldMask>,
    #[prost(string, tag = "10")]
    pub lexicographic_start: String,
    #[prost(string, tag = "11")]
    pub lexicographic_end: String,
    #[prost(bool, tag = "12")]
    pub soft_deleted: bool,
    #[prost(bool, tag = "13")]
    pub include_folders_as_prefixes: bool,
    #[prost(string, tag = "14")]
    pub match_glob: String,
    #[prost(string, tag = "15")]
    pub filter: String,
}

/// `google.storage.v2.ListObjectsResponse`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ListObjectsResponse {
    #[prost(message, repeated, tag = "1")]
    pub objects: Vec<Object>,
    #[prost(string, repeated, tag = "2")]
    pub prefixes: Vec<String>,
    #[prost(string, tag = "3")]
    pub next_page_token: String,
}

/// `google.storage.v2.Object`, as far as the objects of this place have it.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Object {
    #[prost(string, tag = "1")]
    pub name: String,
    #[prost(string, tag = "2")]
    pub bucket: String,
    #[prost(int64, tag = "3")]
    pub generation: i64,
    #[prost(int64, tag = "4")]
    pub metageneration: i64,
    #[prost(string, tag = "5")]
    pub storage_class: String,
    #[prost(int64, tag = "6")]
    pub size: i64,
    #[prost(string, tag = "13")]
    pub content_type: String,
    #[prost(message, optional, tag = "14")]
    pub create_time: Option<Timestamp>,
    #[prost(message, optional, tag = "16")]
    pub checksums: Option<ObjectChecksums>,
    #[prost(message, optional, tag = "17")]
    pub update_time: Option<Timestamp>,
    #[prost(string, tag = "18")]
    pub kms_key: String,
    #[prost(btree_map = "string, string", tag = "22")]
    pub metadata: BTreeMap<String, String>,
    #[prost(message, optional, tag = "25")]
    pub customer_encryption: Option<CustomerEncryption>,
    #[prost(string, tag = "27")]
    pub etag: String,
    #[prost(message, optional, tag = "28")]
    pub soft_delete_time: Option<Timestamp>,
    #[prost(message, optional, tag = "29")]
    pub hard_delete_time: Option<Timestamp>,
}

/// `google.storage.v2.ObjectChecksums`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ObjectChecksums {
    #[prost(fixed32, optional, tag = "1")]
    pub crc32c: Option<u32>,
    #[prost(bytes = "vec", tag = "2")]
    pub md5_hash: Vec<u8>,
}

/// `google.storage.v2.CustomerEncryption`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct CustomerEncryption {
    #[prost(string, tag = "1")]
    pub encryption_algorithm: String,
    #[prost(bytes = "vec", tag = "3")]
    pub key_sha256_bytes: Vec<u8>,
}
