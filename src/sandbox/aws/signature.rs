//! Who signed a request: Signature Version 4 in the `Authorization` header or in the query.
//!
//! This module verifies; whether the caller may do what it asks is decided in [`super::authorize`].
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.

mod canonical;
mod refusals;
#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::call::{Call, Service};
use super::problem::Problem;
use super::world::{Principal, World};
use crate::sandbox::incoming::Incoming;

/// How far the clocks may be apart.
const MAX_SKEW: Duration = Duration::minutes(15);
/// The longest life of a presigned URL: a week.
const LONGEST_LIFE: i64 = 604_800;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    Anonymous,
    Known(Box<Principal>),
}

impl Caller {
    /// The ARN, unless anonymous.
    pub fn arn(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Known(principal) => Some(&principal.arn),
        }
    }

    /// The account, unless anonymous.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Known(principal) => Some(&principal.account),
        }
    }
}

/// A caller, and for which region it signed.
#[derive(Debug, Clone)]
pub(crate) struct Authentication {
    pub caller: Caller,
    pub region: Option<String>,
    /// `None` when the caller is anonymous.
    pub signature: Option<Signature>,
}

/// A signature that was found to be right.
#[derive(Debug, Clone)]
pub(crate) struct Signature {
    pub presigned: bool,
    pub signed_at: OffsetDateTime,
    pub payload_hash: String,
}

/// What a signature says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub access_key_id: String,
    /// `YYYYMMDD/REGION/SERVICE/aws4_request`.
    pub scope: Scope,
    pub signed_headers: Vec<String>,
    pub signature: String,
    pub timestamp: String,
    pub payload_hash: String,
    pub token: Option<String>,
    pub presigned: bool,
}

/// The credential scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub date: String,
    pub region: String,
    pub service: String,
}

/// Finds out who asks.
pub(crate) fn authenticate(
    world: &World,
    request: &Incoming,
    call: &Call,
) -> Result<Authentication, Problem> {
    let header = request.header("authorization");
    let query = call.parameter("X-Amz-Algorithm").is_some()
        || call.parameter("X-Amz-Signature").is_some()
        || call.parameter("X-Amz-Credential").is_some();
    let claim = match (header, query) {
        (Some(_), true) => return Err(refusals::two_mechanisms()),
        (Some(header), false) => header_claim(request, call, header)?,
        (None, true) => query_claim(request, call)?,
        (None, false) => return unsigned(call),
    };
    let principal = world
        .principal(&claim.access_key_id)
        .ok_or_else(|| refusals::unknown_key(call.service, &claim.access_key_id))?;
    verify_token(call.service, principal, &claim)?;
    let signed_at = verify_time(world, call, &claim)?;
    verify_signed_headers(request, &claim)?;
    canonical::verify(request, call, &claim, &principal.secret_access_key)?;
    verify_payload(request, &claim)?;
    Ok(Authentication {
        caller: Caller::Known(Box::new(principal.clone())),
        region: Some(claim.scope.region),
        signature: Some(Signature {
            presigned: claim.presigned,
            signed_at,
            payload_hash: claim.payload_hash,
        }),
    })
}

fn unsigned(call: &Call) -> Result<Authentication, Problem> {
    if call.parameter("AWSAccessKeyId").is_some() {
        return Err(refusals::unsupported_mechanism());
    }
    match call.service {
        Service::S3 => Ok(Authentication {
            caller: Caller::Anonymous,
            region: None,
            signature: None,
        }),
        Service::S3Control | Service::Sts | Service::Kms => {
            Err(refusals::missing_token(call.service))
        }
    }
}

fn header_claim(request: &Incoming, call: &Call, header: &str) -> Result<Claim, Problem> {
    let Some(rest) = header.strip_prefix("AWS4-HMAC-SHA256") else {
        return Err(refusals::unsupported_mechanism());
    };
    let part = |name: &str| {
        rest.split(',')
            .filter_map(|part| part.trim().split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.to_owned())
    };
    let (Some(credential), Some(signed_headers), Some(signature)) =
        (part("Credential"), part("SignedHeaders"), part("Signature"))
    else {
        return Err(refusals::malformed_header(
            "The authorization header requires the Credential, SignedHeaders and Signature components.",
        ));
    };
    let Some((access_key_id, scope)) = read_credential(&credential) else {
        return Err(refusals::malformed_header(
            "The authorization header is malformed; the Credential is mal-formed; \
             expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ));
    };
    let Some(timestamp) = request.header("x-amz-date") else {
        return Err(refusals::missing_date());
    };
    let payload_hash = match (request.header("x-amz-content-sha256"), call.service) {
        (Some(hash), _) => hash.to_owned(),
        (None, Service::S3 | Service::S3Control) => return Err(refusals::missing_payload_hash()),
        (None, Service::Sts | Service::Kms) => hash_of(&request.body),
    };
    let claim = Claim {
        access_key_id,
        scope,
        signed_headers: signed_headers.split(';').map(str::to_owned).collect(),
        signature,
        timestamp: timestamp.to_owned(),
        payload_hash,
        token: request.header("x-amz-security-token").map(str::to_owned),
        presigned: false,
    };
    verify_scope(call.service, &claim)?;
    Ok(claim)
}

fn query_claim(request: &Incoming, call: &Call) -> Result<Claim, Problem> {
    if call.service != Service::S3 {
        return Err(Problem::not_implemented(
            "presigned requests to anything but S3",
        ));
    }
    let part = |name: &str| call.parameter(name).map(str::to_owned);
    let (
        Some(algorithm),
        Some(credential),
        Some(signature),
        Some(timestamp),
        Some(signed_headers),
        Some(_),
    ) = (
        part("X-Amz-Algorithm"),
        part("X-Amz-Credential"),
        part("X-Amz-Signature"),
        part("X-Amz-Date"),
        part("X-Amz-SignedHeaders"),
        part("X-Amz-Expires"),
    )
    else {
        return Err(refusals::incomplete_query());
    };
    if algorithm != "AWS4-HMAC-SHA256" {
        return Err(refusals::query_parameter(
            "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"",
        ));
    }
    let Some((access_key_id, scope)) = read_credential(&credential) else {
        return Err(refusals::query_parameter(
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; \
             expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        ));
    };
    let payload_hash = request
        .header("x-amz-content-sha256")
        .or_else(|| call.parameter("X-Amz-Content-Sha256"))
        .unwrap_or("UNSIGNED-PAYLOAD");
    let claim = Claim {
        access_key_id,
        scope,
        signed_headers: signed_headers.split(';').map(str::to_owned).collect(),
        signature,
        timestamp,
        payload_hash: payload_hash.to_owned(),
        token: part("X-Amz-Security-Token"),
        presigned: true,
    };
    verify_scope(call.service, &claim)?;
    Ok(claim)
}

fn read_credential(credential: &str) -> Option<(String, Scope)> {
    let mut parts = credential.split('/');
    let access_key_id = parts.next()?.to_owned();
    let scope = Scope {
        date: parts.next()?.to_owned(),
        region: parts.next()?.to_owned(),
        service: parts.next()?.to_owned(),
    };
    let complete = parts.next() == Some("aws4_request") && parts.next().is_none();
    complete.then_some((access_key_id, scope))
}

fn verify_scope(service: Service, claim: &Claim) -> Result<(), Problem> {
    if claim.scope.service != service.scope() {
        return Err(refusals::wrong_service(service, claim));
    }
    if !claim.timestamp.starts_with(&claim.scope.date) || claim.scope.date.len() != 8 {
        return Err(refusals::wrong_date(service, claim));
    }
    Ok(())
}

fn verify_token(service: Service, principal: &Principal, claim: &Claim) -> Result<(), Problem> {
    match (&principal.session_token, &claim.token) {
        (None, None) => {}
        (Some(token), Some(sent)) if token == sent => {}
        // A temporary access key is unknown without its token.
        (Some(_), None) => return Err(refusals::unknown_key(service, &claim.access_key_id)),
        (Some(_) | None, Some(_)) => return Err(refusals::bad_token(service)),
    }
    if principal.expired {
        return Err(refusals::expired_token(service));
    }
    Ok(())
}

/// When the request was signed, where that is near enough.
fn verify_time(world: &World, call: &Call, claim: &Claim) -> Result<OffsetDateTime, Problem> {
    let Some(signed_at) = parse_timestamp(&claim.timestamp) else {
        return Err(refusals::missing_date());
    };
    let now = world.now();
    if !claim.presigned {
        if (now - signed_at).abs() > MAX_SKEW {
            return Err(refusals::skewed(call.service, &claim.timestamp, now));
        }
        return Ok(signed_at);
    }
    let text = call.parameter("X-Amz-Expires").unwrap_or_default();
    let Ok(seconds) = text.parse::<i64>() else {
        return Err(refusals::query_parameter(
            "X-Amz-Expires should be a number",
        ));
    };
    if seconds > LONGEST_LIFE {
        return Err(refusals::query_parameter(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds",
        ));
    }
    if seconds < 1 {
        return Err(refusals::query_parameter(
            "X-Amz-Expires must be non-negative",
        ));
    }
    let expires = signed_at
        .checked_add(Duration::seconds(seconds))
        .unwrap_or(signed_at);
    if now > expires {
        return Err(refusals::expired(seconds, expires, now));
    }
    if signed_at - now > MAX_SKEW {
        return Err(Problem::new(
            403,
            "AccessDenied",
            "Request is not yet valid",
        ));
    }
    Ok(signed_at)
}

/// `host`, and every header of Amazon's own that is there, must be signed.
fn verify_signed_headers(request: &Incoming, claim: &Claim) -> Result<(), Problem> {
    let unsigned: Vec<&str> = request
        .headers
        .keys()
        .map(hyper::header::HeaderName::as_str)
        .filter(|name| *name == "host" || name.starts_with("x-amz-"))
        // The payload hash is part of what is signed, whether or not its header is.
        .filter(|name| *name != "x-amz-content-sha256")
        .filter(|name| !claim.signed_headers.iter().any(|signed| signed == name))
        .collect();
    if unsigned.is_empty() {
        return Ok(());
    }
    let mut names = unsigned;
    names.sort_unstable();
    names.dedup();
    Err(Problem::new(
        403,
        "AccessDenied",
        "There were headers present in the request which were not signed",
    )
    .field("HeadersNotSigned", names.join(", ")))
}

fn verify_payload(request: &Incoming, claim: &Claim) -> Result<(), Problem> {
    match claim.payload_hash.as_str() {
        "UNSIGNED-PAYLOAD" | "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Ok(()),
        streaming if streaming.starts_with("STREAMING-") => Err(Problem::not_implemented(format!(
            "payloads of kind {streaming}"
        ))),
        claimed => {
            let computed = hash_of(&request.body);
            if claimed == computed {
                Ok(())
            } else {
                Err(refusals::wrong_payload_hash(claimed, &computed))
            }
        }
    }
}

fn parse_timestamp(text: &str) -> Option<OffsetDateTime> {
    let format = time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
    PrimitiveDateTime::parse(text, &format)
        .ok()
        .map(PrimitiveDateTime::assume_utc)
}

fn hash_of(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
