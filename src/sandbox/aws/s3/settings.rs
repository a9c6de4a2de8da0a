//! Reading a bucket's settings.

use super::Visit;
use crate::sandbox::answer::Answer;
use crate::sandbox::aws::bucket::{DefaultEncryption, Encryption, Payer};
use crate::sandbox::aws::problem::Problem;
use crate::sandbox::aws::xml::{document, element};

/// The region is in a header of every answer, also when access is denied.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>.
pub fn head_bucket(visit: &Visit<'_>) -> Result<Answer, Problem> {
    let bucket = visit.bucket();
    visit
        .wish
        .may("s3:ListBucket")
        .map_err(|problem| problem.header("x-amz-bucket-region", bucket.region.clone()))?;
    Ok(Answer::new(200)
        .header("content-type", "application/xml")
        .header("x-amz-bucket-region", bucket.region.clone())
        .header("x-amz-bucket-arn", format!("arn:aws:s3:::{}", bucket.name))
        .header("x-amz-access-point-alias", "false"))
}

/// The oldest region has no name here.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html>.
pub fn location(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.wish.may("s3:GetBucketLocation")?;
    let region = match visit.bucket().region.as_str() {
        "us-east-1" => "",
        other => other,
    };
    Ok(xml("LocationConstraint", region))
}

/// Buckets here have the ACL that every new one has: their owner, and nobody else.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html>.
pub fn acl(visit: &Visit<'_>) -> Result<Answer, Problem> {
    const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
    visit.wish.may("s3:GetBucketAcl")?;
    let owner = visit.bucket().owner.as_str();
    let account = visit.wish.world.accounts.get(owner);
    let id = element(
        "ID",
        account.map_or(owner, |account| account.canonical_id.as_str()),
    );
    let grantee =
        format!("<Grantee xmlns:xsi=\"{INSTANCE}\" xsi:type=\"CanonicalUser\">{id}</Grantee>");
    let permission = element("Permission", "FULL_CONTROL");
    Ok(xml(
        "AccessControlPolicy",
        &format!(
            "<Owner>{id}</Owner><AccessControlList><Grant>{grantee}{permission}</Grant></AccessControlList>"
        ),
    ))
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetPublicAccessBlock.html>.
pub fn public_access_block(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.wish.may("s3:GetBucketPublicAccessBlock")?;
    let bucket = visit.bucket();
    let Some(block) = bucket.public_access_block else {
        return Err(Problem::new(
            404,
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )
        .field("BucketName", bucket.name.clone()));
    };
    let content = crate::sandbox::aws::control::switches(block);
    Ok(Answer::new(200).body(
        "application/xml",
        document("PublicAccessBlockConfiguration", &content),
    ))
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html>.
pub fn ownership_controls(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.wish.may("s3:GetBucketOwnershipControls")?;
    let bucket = visit.bucket();
    let Some(ownership) = bucket.ownership else {
        return Err(Problem::new(
            404,
            "OwnershipControlsNotFoundError",
            "The bucket ownership controls were not found",
        )
        .field("BucketName", bucket.name.clone()));
    };
    let rule = element("ObjectOwnership", ownership.as_str());
    Ok(xml("OwnershipControls", &format!("<Rule>{rule}</Rule>")))
}

/// A bucket without a configuration answers with what holds for it: keys that S3 manages.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html>.
pub fn encryption(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.wish.may("s3:GetEncryptionConfiguration")?;
    let default = DefaultEncryption::default();
    let configuration = visit.bucket().encryption.as_ref().unwrap_or(&default);
    let (algorithm, key) = match &configuration.encryption {
        Encryption::Aes256 => ("AES256", None),
        Encryption::Kms(key) => ("aws:kms", key.as_ref()),
        Encryption::DualKms(key) => ("aws:kms:dsse", key.as_ref()),
        Encryption::CustomerKey => {
            return Err(Problem::not_implemented(
                "SSE-C as a bucket's default, which S3 does not have",
            ));
        }
    };
    let mut applied = element("SSEAlgorithm", algorithm);
    if let Some(key) = key {
        applied.push_str(&element("KMSMasterKeyID", key));
    }
    let bucket_key = element("BucketKeyEnabled", &configuration.bucket_key.to_string());
    Ok(xml(
        "ServerSideEncryptionConfiguration",
        &format!(
            "<Rule><ApplyServerSideEncryptionByDefault>{applied}</ApplyServerSideEncryptionByDefault>{bucket_key}</Rule>"
        ),
    ))
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html>.
pub fn request_payment(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.wish.may("s3:GetBucketRequestPayment")?;
    let payer = match visit.bucket().payer {
        Payer::BucketOwner => "BucketOwner",
        Payer::Requester => "Requester",
    };
    Ok(xml("RequestPaymentConfiguration", &element("Payer", payer)))
}

fn xml(root: &str, content: &str) -> Answer {
    Answer::new(200).body("application/xml", document(root, content))
}
