//! S3 Control: Block Public Access of a whole account.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html>.

use super::authorize::identity_allows;
use super::bucket::PublicAccessBlock;
use super::call::Call;
use super::problem::Problem;
use super::signature::{Caller, authenticate};
use super::world::{Principal, World};
use super::xml::element;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Handles a request to S3 Control. The account is in a header; the host name that repeats it is not looked at.
pub(crate) fn handle(
    world: &World,
    request: &Incoming,
    call: &Call,
) -> (Option<String>, Result<Answer, Problem>) {
    let caller = match authenticate(world, request, call) {
        Ok(found) => found.caller,
        Err(problem) => return (None, Err(problem)),
    };
    let Caller::Known(principal) = caller else {
        return (None, Err(Problem::access_denied()));
    };
    let result = answer(world, request, call, &principal);
    (Some(principal.arn), result)
}

fn answer(
    world: &World,
    request: &Incoming,
    call: &Call,
    principal: &Principal,
) -> Result<Answer, Problem> {
    if call.operation != "GetPublicAccessBlock" {
        return Err(Problem::not_implemented(&call.operation));
    }
    let Some(account_id) = request.header("x-amz-account-id") else {
        return Err(Problem::new(
            400,
            "InvalidRequest",
            "Missing required header for this request: x-amz-account-id",
        ));
    };
    let action = "s3:GetAccountPublicAccessBlock";
    if principal.account != account_id || !identity_allows(principal, action) {
        return Err(Problem::access_denied());
    }
    let block = world
        .accounts
        .get(account_id)
        .and_then(|account| account.public_access_block);
    let Some(block) = block else {
        return Err(Problem::new(
            404,
            "NoSuchPublicAccessBlockConfiguration",
            "The public access block configuration was not found",
        )
        .field("AccountId", account_id));
    };
    Ok(Answer::new(200).body(
        "application/xml",
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <PublicAccessBlockConfiguration xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\">{}\
             </PublicAccessBlockConfiguration>",
            switches(block)
        ),
    ))
}

/// The four switches as both services write them.
pub(crate) fn switches(block: PublicAccessBlock) -> String {
    [
        ("BlockPublicAcls", block.block_public_acls),
        ("IgnorePublicAcls", block.ignore_public_acls),
        ("BlockPublicPolicy", block.block_public_policy),
        ("RestrictPublicBuckets", block.restrict_public_buckets),
    ]
    .map(|(name, on)| element(name, if on { "true" } else { "false" }))
    .concat()
}
