//! The answer to a preflight. It needs no identity and no object, only the bucket's configuration.
//!
//! The answers follow those that S3 gives to real preflights; the guide describes the decision:
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html>.

use super::matching::{Asked, find};
use crate::sandbox::answer::Answer;
use crate::sandbox::aws::bucket::Bucket;
use crate::sandbox::aws::problem::Problem;
use crate::sandbox::incoming::Incoming;

const NOT_ALLOWED: &str = "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, \
                           request method / Access-Control-Request-Method or Access-Control-Request-Headers are not \
                           whitelisted by the resource's CORS spec.";

/// Answers a preflight for a bucket, or for something in it.
pub(crate) fn preflight(
    bucket: Option<&Bucket>,
    has_key: bool,
    request: &Incoming,
) -> Result<Answer, Problem> {
    let Some(asked) = Asked::by(request) else {
        return Err(bad_request(
            "Insufficient information. Origin request header needed.",
        ));
    };
    let forbidden = |message: &str, resource: &str| {
        Problem::new(403, "AccessForbidden", message)
            .field("Method", asked.method.clone())
            .field("ResourceType", resource)
    };
    let Some(bucket) = bucket else {
        return Err(forbidden("CORSResponse: Bucket not found", "BUCKET"));
    };
    let Some(rules) = &bucket.cors else {
        return Err(forbidden(
            "CORSResponse: CORS is not enabled for this bucket.",
            "BUCKET",
        ));
    };
    let method = request.header("access-control-request-method");
    if !method.is_some_and(|method| ["GET", "PUT", "POST", "DELETE", "HEAD"].contains(&method)) {
        return Err(bad_request(&format!(
            "Invalid Access-Control-Request-Method: {}",
            method.unwrap_or("null")
        )));
    }
    match find(rules, &asked) {
        Some(headers) => {
            let mut answer = Answer::new(200);
            answer.headers = headers;
            Ok(answer)
        }
        None => Err(forbidden(
            NOT_ALLOWED,
            if has_key { "OBJECT" } else { "BUCKET" },
        )),
    }
}

fn bad_request(message: &str) -> Problem {
    Problem::new(400, "BadRequest", message)
}
