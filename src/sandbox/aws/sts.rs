//! AWS STS: who am I.
//!
//! See <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>.

use super::call::{Call, pairs};
use super::problem::Problem;
use super::signature::{Caller, authenticate};
use super::world::World;
use super::xml::element;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Handles a request to STS. It needs no permission, only valid credentials.
pub(crate) fn handle(
    world: &World,
    request: &Incoming,
    call: &Call,
    request_id: &str,
) -> (Option<String>, Result<Answer, Problem>) {
    let caller = match authenticate(world, request, call) {
        Ok(found) => found.caller,
        Err(problem) => return (None, Err(problem)),
    };
    let Caller::Known(principal) = caller else {
        return (None, Err(Problem::access_denied()));
    };
    if call.operation != "GetCallerIdentity" {
        return (
            Some(principal.arn),
            Err(Problem::not_implemented(format!("sts:{}", call.operation))),
        );
    }
    let form = String::from_utf8_lossy(&request.body).into_owned();
    let version = pairs(&form)
        .into_iter()
        .any(|(name, value)| name == "Version" && value == "2011-06-15");
    if !version {
        let problem = Problem::new(
            400,
            "InvalidAction",
            "Could not find operation GetCallerIdentity for the version in the request",
        );
        return (Some(principal.arn), Err(problem));
    }
    let result = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult>{}{}{}</GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
        element("Arn", &principal.arn),
        element("UserId", &principal.user_id),
        element("Account", &principal.account),
    );
    (
        Some(principal.arn),
        Ok(Answer::new(200).body("text/xml", result)),
    )
}
