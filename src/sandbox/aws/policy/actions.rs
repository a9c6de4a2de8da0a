//! The actions that a bucket policy may name, and what each applies to.
//!
//! From <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>.

use super::pattern::glob_ignoring_case;

/// What an action applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applies {
    ToBucket,
    ToObjects,
}

/// What the actions that a pattern matches apply to; empty when it matches none.
pub fn applies(pattern: &str) -> Vec<Applies> {
    let mut found = Vec::new();
    let matches = |names: &[&str]| {
        names
            .iter()
            .any(|name| glob_ignoring_case(pattern, &format!("s3:{name}")))
    };
    if matches(&BUCKET_ACTIONS) {
        found.push(Applies::ToBucket);
    }
    if matches(&OBJECT_ACTIONS) {
        found.push(Applies::ToObjects);
    }
    found
}

const BUCKET_ACTIONS: [&str; 58] = [
    "CreateBucket",
    "CreateBucketMetadataTableConfiguration",
    "DeleteBucket",
    "DeleteBucketMetadataTableConfiguration",
    "DeleteBucketOwnershipControls",
    "DeleteBucketPolicy",
    "DeleteBucketWebsite",
    "GetAccelerateConfiguration",
    "GetAnalyticsConfiguration",
    "GetBucketAbac",
    "GetBucketAcl",
    "GetBucketCORS",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketMetadataTableConfiguration",
    "GetBucketNotification",
    "GetBucketObjectLockConfiguration",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketPublicAccessBlock",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetEncryptionConfiguration",
    "GetIntelligentTieringConfiguration",
    "GetInventoryConfiguration",
    "GetLifecycleConfiguration",
    "GetMetricsConfiguration",
    "GetReplicationConfiguration",
    "ListBucket",
    "ListBucketMultipartUploads",
    "ListBucketVersions",
    "ListTagsForResource",
    "PutAccelerateConfiguration",
    "PutAnalyticsConfiguration",
    "PutBucketAbac",
    "PutBucketAcl",
    "PutBucketCORS",
    "PutBucketLogging",
    "PutBucketNotification",
    "PutBucketObjectLockConfiguration",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "PutEncryptionConfiguration",
    "PutIntelligentTieringConfiguration",
    "PutInventoryConfiguration",
    "PutLifecycleConfiguration",
    "PutMetricsConfiguration",
    "PutReplicationConfiguration",
    "TagResource",
    "UntagResource",
];

const OBJECT_ACTIONS: [&str; 31] = [
    "AbortMultipartUpload",
    "BypassGovernanceRetention",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjectVersion",
    "DeleteObjectVersionTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "GetObjectVersion",
    "GetObjectVersionAcl",
    "GetObjectVersionAttributes",
    "GetObjectVersionForReplication",
    "GetObjectVersionTagging",
    "GetObjectVersionTorrent",
    "InitiateReplication",
    "ListMultipartUploadParts",
    "ObjectOwnerOverrideToBucketOwner",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutObjectVersionAcl",
    "PutObjectVersionTagging",
    "ReplicateDelete",
    "RestoreObject",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_find_what_they_apply_to() {
        assert_eq!(applies("s3:getobject"), [Applies::ToObjects]);
        assert_eq!(applies("s3:ListBucket"), [Applies::ToBucket]);
        assert_eq!(applies("s3:Get*"), [Applies::ToBucket, Applies::ToObjects]);
        assert_eq!(applies("*"), [Applies::ToBucket, Applies::ToObjects]);
        assert!(applies("s3:GetObjects").is_empty());
        assert!(applies("ec2:RunInstances").is_empty());
    }
}
