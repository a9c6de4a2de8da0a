//! The documents for AWS, embedded as they were published, and what a caller must be allowed to do.

use serde_json::{Value, json};

use super::cors::CorsRule;
use crate::report::Document;
use crate::template;

/// Segments.ai's principal: the one user that the published policy admits.
pub const PRINCIPAL: &str = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
/// Segments.ai's account.
pub const ACCOUNT: &str = "931508227573";
/// The canonical user id of that account.
pub const CANONICAL_ID: &str = "a2c85e730d80dcb51a2c0e1a8f852cf6dc8d6e04d9e00f49239c324de3c1e3e1";
/// The Sid of the published statement.
pub const SID: &str = "segments-s3-access";
/// What stands in the published policy where the bucket's name belongs.
pub const PLACEHOLDER: &str = "YOUR_BUCKET_NAME";

const BUCKET_POLICY: &str = include_str!("../../templates/aws/bucket-policy.json");
const CORS: &str = include_str!("../../templates/aws/cors.json");

/// What `plan` calls.
pub const PLAN: &[&str] = &[
    "s3:ListBucket",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketCORS",
];
/// What `verify` calls.
pub const VERIFY: &[&str] = &[
    "s3:ListBucket",
    "s3:GetBucketPolicy",
    "s3:GetBucketPolicyStatus",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetAccountPublicAccessBlock",
    "s3:GetBucketCORS",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketRequestPayment",
    "s3:GetBucketAcl",
    "s3:GetObject",
    "s3:GetObjectTagging",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:ListGrants",
    "kms:Decrypt",
];
/// What `connect` and `disconnect` call besides.
pub const WRITE: &[&str] = &[
    "s3:PutBucketPolicy",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketCORS",
];

/// The published bucket policy for this bucket.
#[must_use]
pub fn bucket_policy(bucket: &str) -> Value {
    template::fill(&template::parse(BUCKET_POLICY), PLACEHOLDER, bucket)
}

/// The published CORS configuration.
#[must_use]
pub fn cors() -> Value {
    template::parse(CORS)
}

/// The one rule of the published CORS configuration.
#[must_use]
pub fn cors_rule() -> CorsRule {
    let rules: Vec<CorsRule> = serde_json::from_value(cors()).unwrap_or_default();
    rules.into_iter().next().unwrap_or_default()
}

/// Every document that `render` prints for a bucket.
#[must_use]
pub fn documents(bucket: &str) -> Vec<Document> {
    vec![
        Document {
            name: "bucket-policy",
            id: "aws.bucket-policy",
            title: "bucket policy",
            body: bucket_policy(bucket),
        },
        Document {
            name: "cors",
            id: "aws.cors",
            title: "CORS configuration",
            body: cors(),
        },
        Document {
            name: "operator-permissions",
            id: "aws.operator-permissions",
            title: "what whoever runs this program must be allowed to do",
            body: operator_permissions(bucket),
        },
    ]
}

/// The least IAM policy that `plan`, `verify` and `connect` need, a statement each.
///
/// KMS actions name no key here: which key encrypts an object is known only when it was looked at. They are
/// limited to use through S3 where that is possible.
fn operator_permissions(bucket: &str) -> Value {
    let bucket_arn = format!("arn:aws:s3:::{bucket}");
    let of_bucket = |actions: &[&'static str]| -> Vec<&'static str> {
        let own = |action: &&&'static str| {
            action.starts_with("s3:")
                && !matches!(
                    **action,
                    "s3:GetObject" | "s3:GetObjectTagging" | "s3:GetAccountPublicAccessBlock"
                )
        };
        actions.iter().filter(own).copied().collect()
    };
    json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Sid": "Plan", "Effect": "Allow", "Action": of_bucket(PLAN), "Resource": bucket_arn },
            { "Sid": "Verify", "Effect": "Allow", "Action": of_bucket(VERIFY), "Resource": bucket_arn },
            { "Sid": "VerifyObjects", "Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectTagging"], "Resource": format!("{bucket_arn}/*") },
            { "Sid": "VerifyAccount", "Effect": "Allow", "Action": ["s3:GetAccountPublicAccessBlock"], "Resource": "*" },
            { "Sid": "VerifyKeys", "Effect": "Allow", "Action": ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:ListGrants"], "Resource": "*" },
            {
                "Sid": "VerifyEncryptedObjects", "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "*",
                "Condition": { "StringLike": { "kms:ViaService": "s3.*.amazonaws.com" } }
            },
            { "Sid": "Connect", "Effect": "Allow", "Action": WRITE, "Resource": bucket_arn }
        ]
    })
}
