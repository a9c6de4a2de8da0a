//! Objects: finding them, with everything that can stand in the way of reading, and what is told about them.
//!
//! This module decides; how a request came to it is of no concern here.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use time::OffsetDateTime;

use super::bucket::Object;
use super::message::Timestamp;
use super::message::object as wire;
use super::policy::Resource;
use super::problem::{Code, Problem};
use super::refusal::{denied, no_object};
use super::visit::Visit;
use super::world::{KeyState, MissingObject};

/// When every object was written, as far as anyone can tell.
pub(crate) const WRITTEN: OffsetDateTime = time::macros::datetime!(2026-01-01 00:00 UTC);
/// The same for HTTP.
pub(crate) const LAST_MODIFIED: &str = "Thu, 01 Jan 2026 00:00:00 GMT";
/// For how long a deleted object can be restored, in days.
const RESTORABLE: i64 = 7;
const LARGEST_PAGE: usize = 1000;

/// The object, if the caller may read it. Whether one exists is only told to those who may list the bucket.
pub(crate) fn find<'a>(visit: &Visit<'a>, name: &str) -> Result<&'a Object, Problem> {
    let found = permitted(visit, name)?;
    found
        .filter(|object| object.soft_deleted.is_none())
        .ok_or_else(|| missing(visit, name))
}

/// A deleted object that can still be restored.
/// See <https://cloud.google.com/storage/docs/use-soft-deleted-objects>.
pub(crate) fn find_deleted<'a>(
    visit: &Visit<'a>,
    name: &str,
    generation: i64,
) -> Result<&'a Object, Problem> {
    let found = permitted(visit, name)?;
    found
        .filter(|object| object.soft_deleted.is_some() && object.generation == generation)
        .ok_or_else(|| missing(visit, name))
}

fn permitted<'a>(visit: &Visit<'a>, name: &str) -> Result<Option<&'a Object>, Problem> {
    let permission = "storage.objects.get";
    if !visit
        .wish
        .may(permission, Resource::Object(visit.bucket, name))
    {
        return Err(denied(visit.wish.caller, permission, "object"));
    }
    Ok(visit.bucket.objects.get(name))
}

fn missing(visit: &Visit<'_>, name: &str) -> Problem {
    let permission = "storage.objects.list";
    let told = visit.wish.world.missing_object == MissingObject::NotFound || visit.may(permission);
    if told {
        no_object(&visit.bucket.name, name)
    } else {
        denied(visit.wish.caller, permission, "bucket")
    }
}

/// Refuses the content of an object whose key is not at hand.
pub(crate) fn decrypt(visit: &Visit<'_>, object: &Object) -> Result<(), Problem> {
    if object.customer_supplied_key {
        // See <https://cloud.google.com/storage/docs/encryption/customer-supplied-keys>.
        return Err(Problem::new(
            Code::InvalidArgument,
            "The target object is encrypted by a customer-supplied encryption key.",
        )
        .reason("resourceIsEncryptedWithCustomerEncryptionKey")
        .xml("ResourceIsEncryptedWithCustomerEncryptionKey", None));
    }
    let Some(key) = &object.kms_key else {
        return Ok(());
    };
    // See <https://cloud.google.com/storage/docs/encryption/customer-managed-keys#key-resources>.
    let unusable = |state: &str| {
        let message = format!("{key} is not enabled, current state is: {state}.");
        Err(Problem::new(Code::FailedPrecondition, message.clone())
            .reason("failedPrecondition")
            .xml("FailedPrecondition", Some(message)))
    };
    match visit.wish.world.kms_keys.get(key) {
        Some(KeyState::Enabled) => Ok(()),
        Some(KeyState::Disabled) => unusable("DISABLED"),
        Some(KeyState::Destroyed) | None => unusable("DESTROYED"),
        Some(KeyState::NotPermitted) => {
            let message = "Permission denied on Cloud KMS key. Please ensure that your Cloud Storage service account \
                           has been authorized to use this key.";
            Err(Problem::new(Code::PermissionDenied, message)
                .reason("forbidden")
                .xml("AccessDenied", Some(message.to_owned())))
        }
    }
}

/// What is told about an object.
pub(crate) fn described(bucket: &str, name: &str, object: &Object) -> wire::Object {
    let key = object.customer_supplied_key;
    let written = Timestamp::from(WRITTEN);
    wire::Object {
        name: name.to_owned(),
        bucket: format!("projects/_/buckets/{bucket}"),
        generation: object.generation,
        metageneration: 1,
        storage_class: object.storage_class.clone(),
        size: i64::try_from(object.bytes.len()).unwrap_or(i64::MAX),
        content_type: content_type(object).to_owned(),
        create_time: Some(written),
        // Hashes are content, which is not told without the key.
        checksums: (!key).then(|| wire::ObjectChecksums {
            crc32c: Some(crc32c(&object.bytes)),
            md5_hash: Md5::digest(&object.bytes).to_vec(),
        }),
        update_time: Some(written),
        kms_key: object.kms_key.clone().unwrap_or_default(),
        metadata: object.metadata.clone(),
        customer_encryption: key.then(|| wire::CustomerEncryption {
            encryption_algorithm: "AES256".to_owned(),
            key_sha256_bytes: vec![7; 32],
        }),
        etag: "CAE=".to_owned(),
        soft_delete_time: object.soft_deleted.map(Timestamp::from),
        hard_delete_time: object
            .soft_deleted
            .map(|when| Timestamp::from(when + time::Duration::days(RESTORABLE))),
    }
}

pub(crate) fn content_type(object: &Object) -> &str {
    object
        .content_type
        .as_deref()
        .unwrap_or("application/octet-stream")
}

/// The two hashes of an object's content, as `x-goog-hash` and the JSON API have them.
pub(crate) fn hashes(object: &Object) -> (String, String) {
    (
        STANDARD.encode(crc32c(&object.bytes).to_be_bytes()),
        STANDARD.encode(Md5::digest(&object.bytes)),
    )
}

/// See <https://cloud.google.com/storage/docs/hashes-etags#crc32c>.
fn crc32c(bytes: &[u8]) -> u32 {
    const REVERSED: u32 = 0x82f6_3b78;
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            sum >> 1 ^ if sum & 1 == 1 { REVERSED } else { 0 }
        })
    })
}

/// What of a bucket is to be listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub prefix: String,
    pub delimiter: String,
    pub page_size: usize,
    pub page_token: String,
    pub start: String,
    pub end: String,
    pub soft_deleted: bool,
}

/// A page of what there is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    pub objects: Vec<wire::Object>,
    pub prefixes: Vec<String>,
    pub next: String,
}

/// Lists a bucket, in the order of the names' bytes.
/// See <https://cloud.google.com/storage/docs/json_api/v1/objects/list>.
pub(crate) fn list(visit: &Visit<'_>, wanted: &Wanted) -> Result<Page, Problem> {
    let permission = "storage.objects.list";
    let resource = Resource::Listing(visit.bucket, &wanted.prefix);
    if !visit.wish.may(permission, resource) {
        return Err(denied(visit.wish.caller, permission, "bucket"));
    }
    let size = match wanted.page_size {
        0 => LARGEST_PAGE,
        size => size.min(LARGEST_PAGE),
    };
    let from = STANDARD
        .decode(&wanted.page_token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| super::refusal::invalid("Invalid page token."))?;
    let mut page = Page::default();
    let mut prefixes = BTreeSet::new();
    for (name, object) in &visit.bucket.objects {
        let Some(rest) = name.strip_prefix(&wanted.prefix) else {
            continue;
        };
        let in_range = *name >= wanted.start && (wanted.end.is_empty() || *name < wanted.end);
        if !in_range || object.soft_deleted.is_some() != wanted.soft_deleted {
            continue;
        }
        let folder = (!wanted.delimiter.is_empty())
            .then(|| rest.split_once(&wanted.delimiter))
            .flatten()
            .map(|(folder, _)| format!("{}{folder}{}", wanted.prefix, wanted.delimiter));
        let key = folder.as_ref().unwrap_or(name);
        if *key < from || prefixes.contains(key) {
            continue;
        }
        if page.objects.len() + prefixes.len() == size {
            page.next = STANDARD.encode(key);
            break;
        }
        match folder {
            Some(folder) => {
                prefixes.insert(folder);
            }
            None => page
                .objects
                .push(described(&visit.bucket.name, name, object)),
        }
    }
    page.prefixes = prefixes.into_iter().collect();
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_castagnoli_one() {
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(b""), 0);
    }
}
