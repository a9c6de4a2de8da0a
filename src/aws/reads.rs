//! Every question that is asked of AWS about a bucket, one function each.
//!
//! An absent setting is an answer here, and not an error. Nothing is judged.

use aws_sdk_kms::types::{KeyManagerType, KeyState};
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::types::{EncodingType, Payer, ServerSideEncryption};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::access::Access;
use super::cors::CorsRule;
use super::failure::{failure, service_code, status};
use super::wire::Capture;
use crate::error::{ErrorCode, Failure};

/// The CORS rules as they are stored, and what in them this program does not know.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StoredCors {
    /// The rules; `None` where the bucket has no CORS configuration.
    pub rules: Option<Vec<CorsRule>>,
    /// Members that writing the rules back would lose.
    pub unknown: Vec<String>,
}

/// The four switches of Block Public Access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PublicAccessBlock {
    /// Policies that are public are refused.
    pub block_public_policy: bool,
    /// A policy that is public admits nobody from another account.
    pub restrict_public_buckets: bool,
}

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

/// A key that encrypts objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Whether AWS manages it, so that its policy cannot be changed.
    pub managed_by_aws: bool,
    /// Its state, as KMS writes it.
    pub state: String,
    /// Whether it can be used now.
    pub enabled: bool,
}

/// The bucket policy as it is stored: `None` where there is none.
///
/// # Errors
/// [`ErrorCode::WrongAccount`] on 405, with which S3 answers callers outside the owner's account.
pub async fn policy(access: &Access) -> Result<Option<String>, Failure> {
    let doing = format!("could not read the bucket policy of `{}`", access.bucket);
    let sent = access.s3.get_bucket_policy();
    match sent
        .bucket(access.bucket.as_str())
        .expected_bucket_owner(&access.account)
        .send()
        .await
    {
        // Whatever S3 stores as a policy is a JSON object; anything else came from something in between.
        Ok(answer) => match answer.policy {
            Some(text) if !text.trim_start().starts_with('{') => {
                Err(Failure::new(ErrorCode::UnexpectedAnswer, doing)
                    .cause("the answer is no policy"))
            }
            policy => Ok(policy),
        },
        Err(error) if service_code(&error) == Some("NoSuchBucketPolicy") => Ok(None),
        Err(error) if status(&error) == Some(405) => Err(wrong_account(access, doing)),
        Err(error) => Err(failure(
            &doing,
            "s3:GetBucketPolicy",
            &error,
            &access.caller,
        )),
    }
}

/// The CORS configuration as it is stored.
///
/// # Errors
/// When it cannot be read, or is no XML that this program can look through.
pub async fn cors(access: &Access) -> Result<StoredCors, Failure> {
    let doing = format!(
        "could not read the CORS configuration of `{}`",
        access.bucket
    );
    let capture = Capture::default();
    let sent = access
        .s3
        .get_bucket_cors()
        .bucket(access.bucket.as_str())
        .expected_bucket_owner(&access.account)
        .customize()
        .interceptor(capture.clone())
        .send()
        .await;
    match sent {
        Ok(answer) => {
            let xml = capture.take().unwrap_or_default();
            let unknown = super::cors::unknown_members(&xml).map_err(|problem| {
                Failure::new(ErrorCode::UnexpectedAnswer, doing).cause(problem.to_string())
            })?;
            let rules = answer.cors_rules.unwrap_or_default();
            Ok(StoredCors {
                rules: Some(rules.into_iter().map(from_sdk).collect()),
                unknown,
            })
        }
        Err(error) if service_code(&error) == Some("NoSuchCORSConfiguration") => {
            Ok(StoredCors::default())
        }
        Err(error) if status(&error) == Some(405) => Err(wrong_account(access, doing)),
        Err(error) => Err(failure(&doing, "s3:GetBucketCORS", &error, &access.caller)),
    }
}

/// The bucket's own Block Public Access; all off where it is not configured.
///
/// # Errors
/// When it cannot be read.
pub async fn public_access_block(access: &Access) -> Result<PublicAccessBlock, Failure> {
    let doing = format!("could not read Block Public Access of `{}`", access.bucket);
    match access
        .s3
        .get_public_access_block()
        .bucket(access.bucket.as_str())
        .expected_bucket_owner(&access.account)
        .send()
        .await
    {
        Ok(answer) => Ok(answer
            .public_access_block_configuration
            .map(|block| switches(block.block_public_policy, block.restrict_public_buckets))
            .unwrap_or_default()),
        Err(error) if service_code(&error) == Some("NoSuchPublicAccessBlockConfiguration") => {
            Ok(PublicAccessBlock::default())
        }
        Err(error) => Err(failure(
            &doing,
            "s3:GetBucketPublicAccessBlock",
            &error,
            &access.caller,
        )),
    }
}

/// The account's own Block Public Access, which holds for each of its buckets.
///
/// # Errors
/// When it cannot be read.
pub async fn account_public_access_block(access: &Access) -> Result<PublicAccessBlock, Failure> {
    let doing = format!(
        "could not read Block Public Access of the account {}",
        access.account
    );
    match access
        .control()
        .get_public_access_block()
        .account_id(&access.account)
        .send()
        .await
    {
        Ok(answer) => Ok(answer
            .public_access_block_configuration
            .map(|block| switches(block.block_public_policy, block.restrict_public_buckets))
            .unwrap_or_default()),
        Err(error) if service_code(&error) == Some("NoSuchPublicAccessBlockConfiguration") => {
            Ok(PublicAccessBlock::default())
        }
        Err(error) => Err(failure(
            &doing,
            "s3:GetAccountPublicAccessBlock",
            &error,
            &access.caller,
        )),
    }
}

/// Whether S3 calls the policy public; `None` where there is no policy.
///
/// The answer is read from its XML: the vendor's page shows `TRUE`, some S3-compatible services write `FALSE`, and
/// the SDK takes neither. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html>
///
/// # Errors
/// When it cannot be read, or the answer does not say.
pub async fn policy_is_public(access: &Access) -> Result<Option<bool>, Failure> {
    let doing = format!(
        "could not read whether the policy of `{}` is public",
        access.bucket
    );
    let capture = Capture::default();
    let sent = access
        .s3
        .get_bucket_policy_status()
        .bucket(access.bucket.as_str())
        .expected_bucket_owner(&access.account)
        .customize()
        .interceptor(capture.clone())
        .send()
        .await;
    match sent {
        Err(error) if service_code(&error) == Some("NoSuchBucketPolicy") => Ok(None),
        Err(error) if status(&error) != Some(200) => Err(failure(
            &doing,
            "s3:GetBucketPolicyStatus",
            &error,
            &access.caller,
        )),
        Ok(_) | Err(_) => is_public(&capture.take().unwrap_or_default())
            .map(Some)
            .ok_or_else(|| {
                Failure::new(ErrorCode::UnexpectedAnswer, doing).cause("the answer does not say")
            }),
    }
}

/// The bucket's object ownership; `None` where it is not configured, which means `ObjectWriter`.
///
/// # Errors
/// When it cannot be read.
pub async fn ownership(access: &Access) -> Result<Option<String>, Failure> {
    let doing = format!("could not read the object ownership of `{}`", access.bucket);
    match access
        .s3
        .get_bucket_ownership_controls()
        .bucket(access.bucket.as_str())
        .expected_bucket_owner(&access.account)
        .send()
        .await
    {
        Ok(answer) => Ok(answer
            .ownership_controls
            .and_then(|controls| controls.rules.into_iter().next())
            .map(|rule| rule.object_ownership.as_str().to_owned())),
        Err(error) if service_code(&error) == Some("OwnershipControlsNotFoundError") => Ok(None),
        Err(error) => Err(failure(
            &doing,
            "s3:GetBucketOwnershipControls",
            &error,
            &access.caller,
        )),
    }
}

/// Whether whoever reads pays.
///
/// # Errors
/// When it cannot be read.
pub async fn requester_pays(access: &Access) -> Result<bool, Failure> {
    let doing = format!("could not read who pays for `{}`", access.bucket);
    access
        .s3
        .get_bucket_request_payment()
        .bucket(access.bucket.as_str())
        .expected_bucket_owner(&access.account)
        .send()
        .await
        .map(|answer| answer.payer == Some(Payer::Requester))
        .map_err(|error| failure(&doing, "s3:GetBucketRequestPayment", &error, &access.caller))
}

/// The first page of the listing.
///
/// # Errors
/// When the caller may not list.
pub async fn list(access: &Access) -> Result<Vec<Listed>, Failure> {
    let doing = format!("could not list `{}`", access.bucket);
    let answer = access
        .s3
        .list_objects_v2()
        .bucket(access.bucket.as_str())
        .expected_bucket_owner(&access.account)
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
        .bucket(access.bucket.as_str())
        .key(key)
        .expected_bucket_owner(&access.account)
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
        .bucket(access.bucket.as_str())
        .key(key)
        .range("bytes=0-0")
        .expected_bucket_owner(&access.account)
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
        (Some("InvalidRequest"), _) if message(&error).to_lowercase().contains("encryption") => {
            NoObject::CustomerKey
        }
        _ => NoObject::Failed(failure(&doing, "s3:GetObject", &error, &access.caller)),
    })
}

/// The canonical user id of the bucket's owner.
///
/// # Errors
/// When it cannot be read.
pub async fn bucket_owner(access: &Access) -> Result<String, Failure> {
    let doing = format!("could not read who owns `{}`", access.bucket);
    let answer = access
        .s3
        .get_bucket_acl()
        .bucket(access.bucket.as_str())
        .expected_bucket_owner(&access.account)
        .send()
        .await
        .map_err(|error| failure(&doing, "s3:GetBucketAcl", &error, &access.caller))?;
    owner(answer.owner, doing)
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
        .bucket(access.bucket.as_str())
        .prefix(key)
        .max_keys(1)
        .fetch_owner(true)
        .encoding_type(EncodingType::Url)
        .expected_bucket_owner(&access.account)
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

/// What KMS says of a key.
///
/// # Errors
/// When it cannot be read.
pub async fn key(access: &Access, id: &str) -> Result<Key, Failure> {
    let doing = format!("could not look at the key `{id}`");
    let answer = access
        .kms()
        .describe_key()
        .key_id(id)
        .send()
        .await
        .map_err(|error| failure(&doing, "kms:DescribeKey", &error, &access.caller))?;
    let Some(metadata) = answer.key_metadata else {
        return Err(
            Failure::new(ErrorCode::UnexpectedAnswer, doing).cause("KMS answered without it")
        );
    };
    Ok(Key {
        managed_by_aws: metadata.key_manager == Some(KeyManagerType::Aws),
        enabled: metadata.key_state == Some(KeyState::Enabled),
        state: metadata
            .key_state
            .map_or_else(|| "unknown".to_owned(), |state| state.as_str().to_owned()),
    })
}

/// The policy of a key.
///
/// # Errors
/// When it cannot be read.
pub async fn key_policy(access: &Access, id: &str) -> Result<Option<String>, Failure> {
    let doing = format!("could not read the policy of the key `{id}`");
    access
        .kms()
        .get_key_policy()
        .key_id(id)
        // The only name that there is.
        .policy_name("default")
        .send()
        .await
        .map(|answer| answer.policy)
        .map_err(|error| failure(&doing, "kms:GetKeyPolicy", &error, &access.caller))
}

/// A switch that is left out is off.
fn switches(
    block_public_policy: Option<bool>,
    restrict_public_buckets: Option<bool>,
) -> PublicAccessBlock {
    PublicAccessBlock {
        block_public_policy: block_public_policy.unwrap_or_default(),
        restrict_public_buckets: restrict_public_buckets.unwrap_or_default(),
    }
}

fn is_public(xml: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(xml).ok()?;
    let document = roxmltree::Document::parse(text).ok()?;
    let said = document
        .descendants()
        .find(|node| node.tag_name().name() == "IsPublic")?
        .text()?
        .trim()
        .to_ascii_lowercase();
    match said.as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn owner(owner: Option<aws_sdk_s3::types::Owner>, doing: String) -> Result<String, Failure> {
    owner.and_then(|owner| owner.id).ok_or_else(|| {
        Failure::new(ErrorCode::UnexpectedAnswer, doing).cause("S3 answered without an owner")
    })
}

fn from_sdk(rule: aws_sdk_s3::types::CorsRule) -> CorsRule {
    CorsRule {
        id: rule.id,
        allowed_headers: rule.allowed_headers,
        allowed_methods: rule.allowed_methods,
        allowed_origins: rule.allowed_origins,
        expose_headers: rule.expose_headers,
        max_age_seconds: rule.max_age_seconds,
    }
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

fn wrong_account(access: &Access, doing: String) -> Failure {
    Failure::new(ErrorCode::WrongAccount, doing)
        .cause(format!("the bucket belongs to another account than yours, {}", access.account))
        .hint(format!(
            "you are `{}`; sign in to the account that owns the bucket, for example with `--profile`",
            access.arn
        ))
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn whether_a_policy_is_public_is_read_in_any_case_and_never_guessed() {
        let answer =
            |said: &str| format!("<PolicyStatus><IsPublic>{said}</IsPublic></PolicyStatus>");
        for (said, expected) in [
            ("TRUE", Some(true)),
            ("true", Some(true)),
            ("FALSE", Some(false)),
            ("", None),
            ("maybe", None),
        ] {
            assert_eq!(is_public(answer(said).as_bytes()), expected, "{said}");
        }
        assert_eq!(is_public(b"<PolicyStatus/>"), None);
        assert_eq!(is_public(b""), None);
    }
}
