//! Every question that is asked of AWS, one function each: about the bucket's settings here, about objects and
//! keys beside it.
//!
//! An absent setting is an answer here, and not an error. Nothing is judged.

mod keys;
mod objects;

use aws_sdk_s3::types::Payer;

use super::access::Access;
use super::cors::CorsRule;
use super::failure::{failure, service_code, status};
use super::wire::Capture;
use crate::error::{ErrorCode, Failure};

pub use keys::{Key, grants, key, key_policy};
pub use objects::{
    Head, Listed, NoObject, first_byte, head, list, object_owner, tags, wants_customer_key,
};

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

/// The bucket policy as it is stored: `None` where there is none.
///
/// # Errors
/// [`ErrorCode::WrongAccount`] on 405, with which S3 answers callers outside the owner's account.
pub async fn policy(access: &Access) -> Result<Option<String>, Failure> {
    let doing = format!(
        "could not read the bucket policy of `{}`",
        access.place.bucket
    );
    let sent = access.s3.get_bucket_policy();
    match sent
        .bucket(access.place.bucket.as_str())
        .set_expected_bucket_owner(access.guard.clone())
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
        access.place.bucket
    );
    let capture = Capture::default();
    let sent = access
        .s3
        .get_bucket_cors()
        .bucket(access.place.bucket.as_str())
        .set_expected_bucket_owner(access.guard.clone())
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
    let doing = format!(
        "could not read Block Public Access of `{}`",
        access.place.bucket
    );
    match access
        .s3
        .get_public_access_block()
        .bucket(access.place.bucket.as_str())
        .set_expected_bucket_owner(access.guard.clone())
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
        access.place.bucket
    );
    let capture = Capture::default();
    let sent = access
        .s3
        .get_bucket_policy_status()
        .bucket(access.place.bucket.as_str())
        .set_expected_bucket_owner(access.guard.clone())
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
    let doing = format!(
        "could not read the object ownership of `{}`",
        access.place.bucket
    );
    match access
        .s3
        .get_bucket_ownership_controls()
        .bucket(access.place.bucket.as_str())
        .set_expected_bucket_owner(access.guard.clone())
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
    let doing = format!("could not read who pays for `{}`", access.place.bucket);
    access
        .s3
        .get_bucket_request_payment()
        .bucket(access.place.bucket.as_str())
        .set_expected_bucket_owner(access.guard.clone())
        .send()
        .await
        .map(|answer| answer.payer == Some(Payer::Requester))
        .map_err(|error| failure(&doing, "s3:GetBucketRequestPayment", &error, &access.caller))
}

/// The canonical user id of the bucket's owner.
///
/// # Errors
/// When it cannot be read.
pub async fn bucket_owner(access: &Access) -> Result<String, Failure> {
    let doing = format!("could not read who owns `{}`", access.place.bucket);
    let answer = access
        .s3
        .get_bucket_acl()
        .bucket(access.place.bucket.as_str())
        .set_expected_bucket_owner(access.guard.clone())
        .send()
        .await
        .map_err(|error| failure(&doing, "s3:GetBucketAcl", &error, &access.caller))?;
    owner(answer.owner, doing)
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
