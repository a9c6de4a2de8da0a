//! Reading objects, with everything that can stand in the way; writing and deleting, so that it can be refused.

use md5::{Digest as _, Md5};

use super::{Change, Visit};
use crate::sandbox::answer::Answer;
use crate::sandbox::aws::bucket::{Encryption, Object, Payer, Restore, StorageClass};
use crate::sandbox::aws::payload::{Integrity, content};
use crate::sandbox::aws::problem::Problem;
use crate::sandbox::aws::signature::Caller;
use crate::sandbox::aws::world::{KeyState, KmsKey};
use crate::sandbox::aws::xml::{document, element};

/// When every object was written, as far as anyone can tell.
pub(super) const LAST_MODIFIED: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

const CONDITIONAL: [&str; 5] = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
];

/// `GetObject` and `HeadObject`.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html> and
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>.
pub fn read(visit: &Visit<'_>) -> Result<Answer, Problem> {
    refuse_conditional(visit)?;
    let object = find(visit, "s3:GetObject")?;
    let head = visit.request.method == "HEAD";
    let mut answer = Answer::new(200);
    describe(object, visit, &mut answer)?;
    if object.encryption == Encryption::CustomerKey {
        return Err(customer_key(visit));
    }
    if !head {
        refuse_archived(object)?;
    }
    // Describing an object needs its key only where a checksum is asked for.
    let checksum = visit.header("x-amz-checksum-mode").is_some();
    if !head || checksum {
        decrypt(object, visit)?;
    }
    let range = visit
        .request
        .header("range")
        .and_then(|range| ranged(range, object.bytes.len()));
    let bytes = match range {
        None => object.bytes.as_slice(),
        Some(Err(())) => {
            return Err(Problem::new(
                416,
                "InvalidRange",
                "The requested range is not satisfiable",
            )
            .field(
                "RangeRequested",
                visit.request.header("range").unwrap_or_default(),
            )
            .field("ActualObjectSize", object.bytes.len().to_string()));
        }
        Some(Ok((first, last))) => {
            answer.status = 206;
            let whole = object.bytes.len();
            answer = answer.header("content-range", format!("bytes {first}-{last}/{whole}"));
            object.bytes.get(first..=last).unwrap_or_default()
        }
    };
    let content_type = object
        .content_type
        .as_deref()
        .unwrap_or("binary/octet-stream");
    Ok(answer.body(content_type, bytes.to_vec()))
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectTagging.html>.
pub fn tagging(visit: &Visit<'_>) -> Result<Answer, Problem> {
    let object = find(visit, "s3:GetObjectTagging")?;
    let tag = |(key, value): (&String, &String)| {
        let content = element("Key", key) + &element("Value", value);
        format!("<Tag>{content}</Tag>")
    };
    let tags: Vec<String> = object.tags.iter().map(tag).collect();
    let body = document("Tagging", &format!("<TagSet>{}</TagSet>", tags.concat()));
    Ok(Answer::new(200).body("application/xml", body))
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
pub fn put(visit: &Visit<'_>) -> Result<(Answer, Change), Problem> {
    refuse_conditional(visit)?;
    visit.wish.may("s3:PutObject")?;
    let bytes = content(visit.request, Integrity::Optional)?;
    let encryption = visit.bucket().encryption.clone().unwrap_or_default();
    let object = Object {
        bytes: bytes.to_vec(),
        content_type: visit.request.header("content-type").map(str::to_owned),
        encryption: encryption.encryption,
        owner: visit.wish.caller.account().map(str::to_owned),
        ..Object::default()
    };
    let answer = Answer::new(200).header("etag", etag(&object));
    Ok((answer, Change::Put(key(visit).to_owned(), Box::new(object))))
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>.
pub fn delete(visit: &Visit<'_>) -> Result<(Answer, Change), Problem> {
    visit.wish.may("s3:DeleteObject")?;
    Ok((Answer::new(204), Change::Delete(key(visit).to_owned())))
}

/// The entity tag: the MD5 of the content, in quotes.
pub(super) fn etag(object: &Object) -> String {
    format!("\"{}\"", hex::encode(Md5::digest(&object.bytes)))
}

fn key<'a>(visit: &Visit<'a>) -> &'a str {
    visit.wish.key.unwrap_or_default()
}

/// The object, if the caller may do this with it. Whether a key exists is only told to those who may list the bucket.
fn find<'a>(visit: &Visit<'a>, action: &str) -> Result<&'a Object, Problem> {
    visit.wish.may(action)?;
    let object = visit.bucket().objects.get(key(visit));
    match object {
        Some(object) if !object.delete_marker => Ok(object),
        _ => {
            visit.wish.may_at_bucket("s3:ListBucket")?;
            let problem = Problem::new(404, "NoSuchKey", "The specified key does not exist.")
                .field("Key", key(visit));
            Err(match object {
                Some(_) => problem.header("x-amz-delete-marker", "true"),
                None => problem,
            })
        }
    }
}

fn describe(object: &Object, visit: &Visit<'_>, answer: &mut Answer) -> Result<(), Problem> {
    let mut add = |name: &str, value: &str| {
        answer.headers.push((name.to_owned(), value.to_owned()));
    };
    add("accept-ranges", "bytes");
    add("last-modified", LAST_MODIFIED);
    add("etag", &etag(object));
    if object.storage_class != StorageClass::Standard {
        add("x-amz-storage-class", object.storage_class.as_str());
    }
    if let Some(status) = object.archive_status {
        add("x-amz-archive-status", status.as_str());
    }
    match &object.restore {
        None => {}
        Some(Restore::Ongoing) => add("x-amz-restore", "ongoing-request=\"true\""),
        Some(Restore::Until(date)) => add(
            "x-amz-restore",
            &format!("ongoing-request=\"false\", expiry-date=\"{date}\""),
        ),
    }
    let algorithm = match &object.encryption {
        Encryption::Aes256 => Some("AES256"),
        Encryption::Kms(_) => Some("aws:kms"),
        Encryption::DualKms(_) => Some("aws:kms:dsse"),
        Encryption::CustomerKey => None,
    };
    if let Some(algorithm) = algorithm {
        add("x-amz-server-side-encryption", algorithm);
    }
    if let Some(key) = kms_key(object, visit)? {
        add("x-amz-server-side-encryption-aws-kms-key-id", &key.arn);
    }
    if visit.bucket().has_bucket_key(object) {
        add("x-amz-server-side-encryption-bucket-key-enabled", "true");
    }
    // Only those who may read the tags are told how many there are.
    if !object.tags.is_empty() && visit.wish.may("s3:GetObjectTagging").is_ok() {
        add("x-amz-tagging-count", &object.tags.len().to_string());
    }
    if visit.bucket().payer == Payer::Requester && !visit.wish.is_own_account() {
        add("x-amz-request-charged", "requester");
    }
    Ok(())
}

/// The KMS key of an object. One without a name is the key `aws/s3` of the bucket's owner.
fn kms_key<'a>(object: &Object, visit: &Visit<'a>) -> Result<Option<&'a KmsKey>, Problem> {
    let (Encryption::Kms(name) | Encryption::DualKms(name)) = &object.encryption else {
        return Ok(None);
    };
    let world = visit.wish.world;
    let found = match name {
        Some(name) => world.key(name),
        None => world.keys.iter().find(|key| {
            key.manager == crate::sandbox::aws::world::KeyManager::Aws
                && key.account() == visit.bucket().owner
        }),
    };
    match found {
        Some(key) => Ok(Some(key)),
        None => Err(Problem::new(
            400,
            "KMS.NotFoundException",
            format!(
                "Key '{}' does not exist",
                name.as_deref().unwrap_or("alias/aws/s3")
            ),
        )),
    }
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>.
fn decrypt(object: &Object, visit: &Visit<'_>) -> Result<(), Problem> {
    let Some(key) = kms_key(object, visit)? else {
        return Ok(());
    };
    if *visit.wish.caller == Caller::Anonymous {
        return Err(Problem::new(
            400,
            "InvalidArgument",
            "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
        )
        .field("ArgumentName", "Authorization")
        .field("ArgumentValue", "null"));
    }
    visit.wish.may_decrypt(key, object)?;
    match key.state {
        KeyState::Enabled => Ok(()),
        KeyState::Disabled => Err(Problem::new(
            400,
            "KMS.DisabledException",
            format!("{} is disabled.", key.arn),
        )),
        KeyState::PendingDeletion => Err(Problem::new(
            400,
            "KMS.KMSInvalidStateException",
            format!("{} is pending deletion.", key.arn),
        )),
    }
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html>.
fn customer_key(visit: &Visit<'_>) -> Problem {
    if visit
        .request
        .header("x-amz-server-side-encryption-customer-key")
        .is_some()
    {
        return Problem::not_implemented("reading with a key that the client sends");
    }
    Problem::new(
        400,
        "InvalidRequest",
        "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to \
         retrieve the object.",
    )
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_InvalidObjectState.html>.
fn refuse_archived(object: &Object) -> Result<(), Problem> {
    if matches!(object.restore, Some(Restore::Until(_))) {
        return Ok(());
    }
    let problem = Problem::new(
        403,
        "InvalidObjectState",
        "The operation is not valid for the object's storage class",
    )
    .field("StorageClass", object.storage_class.as_str());
    match (object.storage_class, object.archive_status) {
        (StorageClass::Glacier | StorageClass::DeepArchive, _) => Err(problem),
        (StorageClass::IntelligentTiering, Some(status)) => {
            Err(problem.field("AccessTier", status.as_str()))
        }
        (
            StorageClass::Standard
            | StorageClass::StandardInfrequentAccess
            | StorageClass::IntelligentTiering
            | StorageClass::GlacierInstantRetrieval,
            _,
        ) => Ok(()),
    }
}

fn refuse_conditional(visit: &Visit<'_>) -> Result<(), Problem> {
    match CONDITIONAL
        .iter()
        .find(|name| visit.request.headers.contains_key(**name))
    {
        Some(name) => Err(Problem::not_implemented(format!("the header {name}"))),
        None => Ok(()),
    }
}

/// The first and last byte that a range asks for. S3 ignores what is no single range, and several ranges at once.
/// See <https://www.rfc-editor.org/rfc/rfc9110#field.range>.
fn ranged(header: &str, length: usize) -> Option<Result<(usize, usize), ()>> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        let suffix: usize = last.parse().ok()?;
        let satisfiable = suffix > 0 && length > 0;
        let start = length.saturating_sub(suffix);
        return Some(if satisfiable {
            Ok((start, length - 1))
        } else {
            Err(())
        });
    }
    let first: usize = first.parse().ok()?;
    let last: usize = if last.is_empty() {
        usize::MAX
    } else {
        last.parse().ok()?
    };
    if last < first {
        return None;
    }
    Some(if first < length {
        Ok((first, last.min(length - 1)))
    } else {
        Err(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_defines_them() {
        for (header, length, expected) in [
            ("bytes=0-0", 10, Some(Ok((0, 0)))),
            ("bytes=1-", 10, Some(Ok((1, 9)))),
            ("bytes=0-99", 10, Some(Ok((0, 9)))),
            ("bytes=-2", 10, Some(Ok((8, 9)))),
            ("bytes=-20", 10, Some(Ok((0, 9)))),
            ("bytes=10-", 10, Some(Err(()))),
            ("bytes=0-0", 0, Some(Err(()))),
            ("bytes=-0", 10, Some(Err(()))),
            ("bytes=2-1", 10, None),
            ("bytes=0-1,3-4", 10, None),
            ("items=0-1", 10, None),
        ] {
            assert_eq!(ranged(header, length), expected, "{header} of {length}");
        }
    }
}
