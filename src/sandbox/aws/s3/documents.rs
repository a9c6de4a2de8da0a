//! The two documents that a bucket's owner writes: the policy and the CORS configuration.

use super::{Change, Visit};
use crate::sandbox::answer::Answer;
use crate::sandbox::aws::authorize::effective_public_access_block;
use crate::sandbox::aws::cors;
use crate::sandbox::aws::payload::{Integrity, content};
use crate::sandbox::aws::policy::{Document, compact, is_public, validate};
use crate::sandbox::aws::problem::Problem;
use crate::sandbox::aws::xml::{document, element};

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html>.
pub fn get_policy(visit: &Visit<'_>) -> Result<Answer, Problem> {
    may_handle_policy(visit, "s3:GetBucketPolicy")?;
    let policy = stored_policy(visit)?;
    Ok(Answer::new(200).body("application/json", compact(policy)))
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>.
pub fn put_policy(visit: &Visit<'_>) -> Result<(Answer, Change), Problem> {
    may_handle_policy(visit, "s3:PutBucketPolicy")?;
    let content = content(visit.request, Integrity::Required)?;
    refuse_overlap(visit)?;
    let Ok(text) = std::str::from_utf8(&content) else {
        return Err(Problem::new(
            400,
            "MalformedPolicy",
            "This policy contains invalid Json",
        ));
    };
    let bucket = visit.bucket();
    let document = validate(text, &bucket.name, visit.wish.world)?;
    let block = effective_public_access_block(visit.wish.world, bucket);
    if block.block_public_policy && is_public(&document) {
        return Err(Problem::new(
            403,
            "AccessDenied",
            format!(
                "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"arn:aws:s3:::{}\" because \
                 public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access",
                visit.wish.caller.arn().unwrap_or_default(),
                bucket.name
            ),
        ));
    }
    Ok((Answer::new(204), Change::Policy(Some(compact(text)))))
}

/// Deleting a policy that is not there succeeds.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketPolicy.html>.
pub fn delete_policy(visit: &Visit<'_>) -> Result<(Answer, Change), Problem> {
    may_handle_policy(visit, "s3:DeleteBucketPolicy")?;
    refuse_overlap(visit)?;
    Ok((Answer::new(204), Change::Policy(None)))
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicyStatus.html>.
pub fn policy_status(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.wish.may("s3:GetBucketPolicyStatus")?;
    let text = stored_policy(visit)?;
    let policy = Document::read(text).map_err(|why| {
        Problem::not_implemented(format!("a stored policy that S3 would refuse: {why}"))
    })?;
    let status = element("IsPublic", &is_public(&policy).to_string());
    Ok(Answer::new(200).body("application/xml", document("PolicyStatus", &status)))
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketCors.html>.
pub fn get_cors(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.wish.may("s3:GetBucketCORS")?;
    let bucket = visit.bucket();
    let Some(rules) = &bucket.cors else {
        return Err(Problem::new(
            404,
            "NoSuchCORSConfiguration",
            "The CORS configuration does not exist",
        )
        .field("BucketName", bucket.name.clone()));
    };
    Ok(Answer::new(200).body("application/xml", cors::write(rules)))
}

/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html>.
pub fn put_cors(visit: &Visit<'_>) -> Result<(Answer, Change), Problem> {
    visit.wish.may("s3:PutBucketCORS")?;
    let content = content(visit.request, Integrity::Required)?;
    refuse_overlap(visit)?;
    let rules = cors::read(&content)?;
    Ok((Answer::new(200), Change::Cors(Some(rules))))
}

/// Deleting needs the right to write. See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketCors.html>.
pub fn delete_cors(visit: &Visit<'_>) -> Result<(Answer, Change), Problem> {
    visit.wish.may("s3:PutBucketCORS")?;
    refuse_overlap(visit)?;
    Ok((Answer::new(204), Change::Cors(None)))
}

fn stored_policy<'a>(visit: &Visit<'a>) -> Result<&'a str, Problem> {
    let bucket = visit.bucket();
    bucket.policy.as_deref().ok_or_else(|| {
        Problem::new(
            404,
            "NoSuchBucketPolicy",
            "The bucket policy does not exist",
        )
        .field("BucketName", bucket.name.clone())
    })
}

/// Only the owner's account handles a policy: another account is told so with 405 if it has the permission itself, and
/// with 403 if it does not. See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html>.
fn may_handle_policy(visit: &Visit<'_>, action: &str) -> Result<(), Problem> {
    if visit.wish.is_own_account() {
        return visit.wish.may(action);
    }
    if !visit.wish.identity_allows(action) {
        return Err(Problem::access_denied());
    }
    Err(Problem::new(
        405,
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
    )
    .field("Method", visit.request.method.clone())
    .field("ResourceType", "BUCKETPOLICY"))
}

/// Two changes to the configuration of one bucket at the same time: the later one fails.
/// See `OperationAborted` in <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>.
fn refuse_overlap(visit: &Visit<'_>) -> Result<(), Problem> {
    if visit.overlaps {
        return Err(Problem::new(
            409,
            "OperationAborted",
            "A conflicting conditional operation is currently in progress against this resource. Please try again.",
        ));
    }
    Ok(())
}
