//! What each service answers to a request that is not signed as it should be.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>,
//! <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html> and
//! <https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html>.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Claim, MAX_SKEW};
use crate::sandbox::aws::call::Service;
use crate::sandbox::aws::problem::Problem;

pub fn two_mechanisms() -> Problem {
    Problem::new(
        400,
        "InvalidArgument",
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter \
         or the Authorization header should be specified",
    )
}

pub fn unsupported_mechanism() -> Problem {
    Problem::new(
        400,
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )
}

pub fn missing_token(service: Service) -> Problem {
    match service {
        Service::S3 | Service::S3Control => Problem::access_denied(),
        Service::Sts => Problem::new(
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        ),
        Service::Kms => Problem::new(
            400,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ),
    }
}

pub fn malformed_header(message: &str) -> Problem {
    Problem::new(400, "AuthorizationHeaderMalformed", message)
}

pub fn query_parameter(message: &str) -> Problem {
    Problem::new(400, "AuthorizationQueryParametersError", message)
}

pub fn incomplete_query() -> Problem {
    query_parameter(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, \
         X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    )
}

pub fn missing_date() -> Problem {
    Problem::new(
        403,
        "AccessDenied",
        "AWS authentication requires a valid Date or x-amz-date header",
    )
}

pub fn missing_payload_hash() -> Problem {
    Problem::new(
        400,
        "InvalidRequest",
        "Missing required header for this request: x-amz-content-sha256",
    )
}

pub fn wrong_payload_hash(claimed: &str, computed: &str) -> Problem {
    Problem::new(
        400,
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
    .field("ClientComputedContentSHA256", claimed)
    .field("S3ComputedContentSHA256", computed)
}

pub fn unknown_key(service: Service, access_key_id: &str) -> Problem {
    match service {
        Service::S3 | Service::S3Control => Problem::new(
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        )
        .field("AWSAccessKeyId", access_key_id),
        Service::Sts => Problem::new(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        Service::Kms => Problem::new(
            400,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
    }
}

pub fn bad_token(service: Service) -> Problem {
    match service {
        Service::S3 | Service::S3Control => Problem::new(
            400,
            "InvalidToken",
            "The provided token is malformed or otherwise invalid.",
        ),
        Service::Sts | Service::Kms => unknown_key(service, ""),
    }
}

pub fn expired_token(service: Service) -> Problem {
    match service {
        Service::S3 | Service::S3Control => {
            Problem::new(400, "ExpiredToken", "The provided token has expired.")
        }
        Service::Sts => Problem::new(
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        ),
        Service::Kms => Problem::new(
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
    }
}

pub fn wrong_service(service: Service, claim: &Claim) -> Problem {
    let scope = &claim.scope.service;
    let expected = service.scope();
    match service {
        Service::S3 | Service::S3Control if claim.presigned => query_parameter(&format!(
            "Error parsing the X-Amz-Credential parameter; incorrect service \"{scope}\". This endpoint belongs to \
             \"{expected}\"."
        )),
        Service::S3 | Service::S3Control => malformed_header(&format!(
            "The authorization header is malformed; incorrect service \"{scope}\". This endpoint belongs to \
             \"{expected}\"."
        )),
        Service::Sts => Problem::new(
            403,
            "SignatureDoesNotMatch",
            format!("Credential should be scoped to correct service: '{expected}'."),
        ),
        Service::Kms => Problem::new(
            400,
            "InvalidSignatureException",
            format!("Credential should be scoped to correct service: '{expected}'."),
        ),
    }
}

pub fn wrong_date(service: Service, claim: &Claim) -> Problem {
    let date = &claim.scope.date;
    let day: String = claim.timestamp.chars().take(8).collect();
    match service {
        Service::S3 | Service::S3Control if claim.presigned => query_parameter(&format!(
            "Error parsing the X-Amz-Credential parameter; Invalid credential date \"{date}\". This date is not the \
             same as X-Amz-Date: \"{day}\"."
        )),
        Service::S3 | Service::S3Control => malformed_header(&format!(
            "The authorization header is malformed; Invalid credential date \"{date}\". This date is not the same as \
             X-Amz-Date: \"{day}\"."
        )),
        Service::Sts | Service::Kms => Problem::new(
            if service == Service::Sts { 403 } else { 400 },
            if service == Service::Sts {
                "SignatureDoesNotMatch"
            } else {
                "InvalidSignatureException"
            },
            format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                 '{date}' != '{day}', from '{}'.",
                claim.timestamp
            ),
        ),
    }
}

pub fn skewed(service: Service, timestamp: &str, now: OffsetDateTime) -> Problem {
    let server = rfc3339(now);
    match service {
        Service::S3 | Service::S3Control => Problem::new(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        )
        .field("RequestTime", timestamp)
        .field("ServerTime", server)
        .field(
            "MaxAllowedSkewMilliseconds",
            MAX_SKEW.whole_milliseconds().to_string(),
        ),
        Service::Sts => Problem::new(403, "SignatureDoesNotMatch", stale(timestamp, &server)),
        Service::Kms => Problem::new(400, "InvalidSignatureException", stale(timestamp, &server)),
    }
}

fn stale(timestamp: &str, server: &str) -> String {
    format!("Signature expired: {timestamp} is not within 15 minutes of {server}")
}

pub fn expired(seconds: i64, expires: OffsetDateTime, now: OffsetDateTime) -> Problem {
    Problem::new(403, "AccessDenied", "Request has expired")
        .field("X-Amz-Expires", seconds.to_string())
        .field("Expires", rfc3339(expires))
        .field("ServerTime", rfc3339(now))
}

pub fn wrong_signature(
    service: Service,
    claim: &Claim,
    canonical: &str,
    string_to_sign: &str,
) -> Problem {
    let message = "The request signature we calculated does not match the signature you provided. Check your key and \
                   signing method.";
    match service {
        Service::S3 | Service::S3Control => Problem::new(403, "SignatureDoesNotMatch", message)
            .field("AWSAccessKeyId", claim.access_key_id.clone())
            .field("StringToSign", string_to_sign)
            .field("SignatureProvided", claim.signature.clone())
            .field("CanonicalRequest", canonical),
        Service::Sts => Problem::new(403, "SignatureDoesNotMatch", message),
        Service::Kms => Problem::new(400, "InvalidSignatureException", message),
    }
}

fn rfc3339(moment: OffsetDateTime) -> String {
    moment
        .replace_nanosecond(0)
        .unwrap_or(moment)
        .format(&Rfc3339)
        .unwrap_or_default()
}
