//! Questions about objects: which are there, what they are, and whether the caller can read them.

use std::collections::BTreeMap;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{EncodingType, ServerSideEncryption};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::owner;
use crate::aws::access::Access;
use crate::aws::failure::{failure, service_code, status};
use crate::error::Failure;

/// An object as the listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: i64,
    /// Its storage class, as S3 writes it.
    pub storage_class: String,
}

/// What HeadObject says of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Its size in bytes.
    pub size: i64,
    /// `AES256`, `aws:kms`, `aws:kms:dsse`, or nothing.
    pub encryption: Option<String>,
    /// The key that encrypts it.
    pub kms_key: Option<String>,
    /// Whether it uses an S3 Bucket Key, where S3 says so.
    pub bucket_key: Option<bool>,
    /// Its storage class; S3 leaves it out for STANDARD.
    pub storage_class: Option<String>,
    /// The archive tier of Intelligent-Tiering.
    pub archive_status: Option<String>,
    /// Whether a readable copy of an archived object is there.
    pub restored: bool,
}

/// How looking at an object ended, where it did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoObject {
    /// There is none: the caller may list, so 404 is honest.
    Missing,
    /// It is encrypted with a key that only the customer holds.
    CustomerKey,
    /// HTTP 400 to HEAD, whose answers have no body to say why.
    Unexplained,
    /// It is archived.
    Archived(String),
    /// The question could not be asked or answered.
    Failed(Failure),
}

/// The first page of the listing.
///
/// # Errors
/// When the caller may not list.
pub async fn list(access: &Access) -> Result<Vec<Listed>, Failure> {
    let doing = format!("could not list `{}`", access.place.bucket);
    let answer = access
        .s3
        .list_objects_v2()
        .bucket(access.place.bucket.as_str())
        .set_expected_bucket_owner(access.guard.clone())
        .encoding_type(EncodingType::Url)
        .send()
        .await
        .map_err(|error| failure(&doing, "s3:ListBucket", &error, &access.caller))?;
    // A key may hold characters that XML cannot carry, so it is asked for URL-encoded.
    let encoded = answer.encoding_type == Some(EncodingType::Url);
    Ok(answer
        .contents
        .unwrap_or_default()
        .into_iter()
        .filter_map(|object| {
            Some(Listed {
                key: decode(object.key?, encoded)?,
                size: object.size.unwrap_or_default(),
                storage_class: object
                    .storage_class
                    .map_or_else(|| "STANDARD".to_owned(), |class| class.as_str().to_owned()),
            })
        })
        .collect())
}

/// What HeadObject says of an object.
///
/// # Errors
/// See [`NoObject`]. HEAD answers carry no error body, so only the status tells.
pub async fn head(access: &Access, key: &str) -> Result<Head, NoObject> {
    let doing = format!("could not look at `{key}`");
    let sent = access
        .s3
        .head_object()
        .bucket(access.place.bucket.as_str())
        .key(key)
        .set_expected_bucket_owner(access.guard.clone())
        .send()
        .await;
    match sent {
        Ok(answer) => Ok(Head {
            size: answer.content_length.unwrap_or_default(),
            encryption: answer
                .server_side_encryption
                .as_ref()
                .map(ServerSideEncryption::as_str)
                .map(str::to_owned),
            kms_key: answer.ssekms_key_id,
            bucket_key: answer.bucket_key_enabled,
            storage_class: answer.storage_class.map(|class| class.as_str().to_owned()),
            archive_status: answer
                .archive_status
                .map(|status| status.as_str().to_owned()),
            restored: answer
                .restore
                .is_some_and(|restore| restore.contains("ongoing-request=\"false\"")),
        }),
        Err(error) => Err(match status(&error) {
            Some(404) => NoObject::Missing,
            Some(400) => NoObject::Unexplained,
            _ => NoObject::Failed(failure(&doing, "s3:GetObject", &error, &access.caller)),
        }),
    }
}

/// Reads the first byte of an object with the caller's own credentials.
///
/// # Errors
/// See [`NoObject`].
pub async fn first_byte(access: &Access, key: &str) -> Result<(), NoObject> {
    let doing = format!("could not read `{key}`");
    let sent = access
        .s3
        .get_object()
        .bucket(access.place.bucket.as_str())
        .key(key)
        .range("bytes=0-0")
        .set_expected_bucket_owner(access.guard.clone())
        .send()
        .await;
    let Err(error) = sent else {
        return Ok(());
    };
    Err(match (service_code(&error), status(&error)) {
        // An empty object has no first byte; S3 found it and would have given it.
        (_, Some(416)) => return Ok(()),
        (Some("NoSuchKey"), _) => NoObject::Missing,
        (Some("InvalidObjectState"), _) => NoObject::Archived(message(&error)),
        (code, _) if wants_customer_key(code, &message(&error)) => NoObject::CustomerKey,
        _ => NoObject::Failed(failure(&doing, "s3:GetObject", &error, &access.caller)),
    })
}

/// The tags of an object.
///
/// # Errors
/// When they cannot be read.
pub async fn tags(access: &Access, key: &str) -> Result<BTreeMap<String, String>, Failure> {
    let doing = format!("could not read the tags of `{key}`");
    let answer = access
        .s3
        .get_object_tagging()
        .bucket(access.place.bucket.as_str())
        .key(key)
        .set_expected_bucket_owner(access.guard.clone())
        .send()
        .await
        .map_err(|error| failure(&doing, "s3:GetObjectTagging", &error, &access.caller))?;
    let tags = answer.tag_set.into_iter();
    Ok(tags.map(|tag| (tag.key, tag.value)).collect())
}

/// The canonical user id of an object's owner; `None` where there is no such object.
///
/// It is asked of the listing: an object's own ACL can be read only by whoever its owner allows, and the bucket's
/// owner often is not. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
///
/// # Errors
/// When the bucket cannot be listed.
pub async fn object_owner(access: &Access, key: &str) -> Result<Option<String>, Failure> {
    let doing = format!("could not read who owns `{key}`");
    let answer = access
        .s3
        .list_objects_v2()
        .bucket(access.place.bucket.as_str())
        .prefix(key)
        .max_keys(1)
        .fetch_owner(true)
        .encoding_type(EncodingType::Url)
        .set_expected_bucket_owner(access.guard.clone())
        .send()
        .await
        .map_err(|error| failure(&doing, "s3:ListBucket", &error, &access.caller))?;
    let encoded = answer.encoding_type == Some(EncodingType::Url);
    // Of all keys that begin with this one, the key itself comes first.
    let first = answer.contents.unwrap_or_default().into_iter().next();
    let Some(object) = first.filter(|object| {
        object
            .key
            .clone()
            .and_then(|found| decode(found, encoded))
            .as_deref()
            == Some(key)
    }) else {
        return Ok(None);
    };
    owner(object.owner, doing).map(Some)
}

/// Whether S3 refused a read because the object is encrypted with a key that only its owner holds. The code alone says
/// no more than that the request was invalid.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html>
#[must_use]
pub fn wants_customer_key(code: Option<&str>, message: &str) -> bool {
    code == Some("InvalidRequest") && message.to_lowercase().contains("encryption")
}

fn decode(key: String, encoded: bool) -> Option<String> {
    if !encoded {
        return Some(key);
    }
    // A space arrives as `+`, and a plus as `%2B`.
    let spaced = key.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

fn message<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: aws_sdk_s3::error::ProvideErrorMetadata,
{
    error
        .as_service_error()
        .and_then(aws_sdk_s3::error::ProvideErrorMetadata::message)
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::wants_customer_key;

    #[test]
    fn an_invalid_request_alone_does_not_tell_of_a_customers_key() {
        let said = "The object was stored using a form of Server Side Encryption. The correct parameters must be \
                    provided to retrieve the object.";
        assert!(wants_customer_key(Some("InvalidRequest"), said));
        assert!(!wants_customer_key(
            Some("InvalidRequest"),
            "Missing required header for this request"
        ));
        assert!(!wants_customer_key(Some("AccessDenied"), said));
        assert!(!wants_customer_key(None, ""));
    }
}
