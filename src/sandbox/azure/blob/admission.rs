//! What stands before every operation: an account, a way in, a version, an identity.
//!
//! See <https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory> and
//! <https://learn.microsoft.com/rest/api/storageservices/versioning-for-the-azure-storage-services>.

use super::caller::Caller;
use super::signature;
use super::{Resource, network};
use crate::sandbox::azure::account::StorageAccount;
use crate::sandbox::azure::call::Call;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::token::{Audience, Claims, Flaw};
use crate::sandbox::azure::world::World;
use crate::sandbox::incoming::Incoming;

/// The versions of the service: those that the vendor's clients know, and the older ones of its documentation.
const VERSIONS: [&str; 51] = [
    "2009-07-17",
    "2009-09-19",
    "2011-08-18",
    "2012-02-12",
    "2013-08-15",
    "2014-02-14",
    "2015-02-21",
    "2015-04-05",
    "2015-07-08",
    "2015-12-11",
    "2016-05-31",
    "2017-04-17",
    "2017-07-29",
    "2017-11-09",
    "2018-03-28",
    "2018-06-17",
    "2018-11-09",
    "2019-02-02",
    "2019-07-07",
    "2019-10-10",
    "2019-12-12",
    "2020-02-10",
    "2020-04-08",
    "2020-06-12",
    "2020-08-04",
    "2020-10-02",
    "2020-12-06",
    "2021-02-12",
    "2021-04-10",
    "2021-06-08",
    "2021-08-06",
    "2021-10-04",
    "2021-12-02",
    "2022-11-02",
    "2023-01-03",
    "2023-05-03",
    "2023-08-03",
    "2023-11-03",
    "2024-02-04",
    "2024-05-04",
    "2024-08-04",
    "2024-11-04",
    "2025-01-05",
    "2025-05-05",
    "2025-07-05",
    "2025-11-05",
    "2026-02-06",
    "2026-04-06",
    "2026-06-06",
    "2026-08-06",
    "2026-10-06",
];

/// Since this version a token from Entra is understood.
const BEARER_SINCE: &str = "2017-11-09";
/// Since this version a request without identity is told where to get one.
const CHALLENGE_SINCE: &str = "2019-12-12";

/// Whether the service has that version.
pub(super) fn is_version(version: &str) -> bool {
    VERSIONS.contains(&version)
}

/// The account in the path. In production its name would not resolve.
pub(super) fn account<'a>(
    world: &'a World,
    resource: &Resource,
) -> Result<&'a StorageAccount, Problem> {
    world
        .account(&resource.account)
        .filter(|account| account.has_blobs())
        .ok_or_else(|| {
            Problem::new(
                404,
                "ResourceNotFound",
                "The specified resource does not exist.",
            )
        })
}

/// Lets a request in, and tells who asks.
pub(super) fn caller(
    world: &World,
    request: &Incoming,
    call: &Call,
    resource: &Resource,
) -> Result<Caller, Problem> {
    let account = account(world, resource)?;
    network::admits(world, account, request)?;
    let version = request.header("x-ms-version");
    if let Some(version) = version
        && !is_version(version)
    {
        return Err(Problem::new(
            400,
            "InvalidHeaderValue",
            "The value for one of the HTTP headers is not in the correct format.",
        )
        .field("HeaderName", "x-ms-version")
        .field("HeaderValue", version));
    }
    let signed = call.parameter("sig").is_some();
    let Some(header) = request.header("authorization") else {
        if signed {
            let permit = signature::verify(world, account, request, call, resource, None)?;
            return Ok(Caller::Signature(permit));
        }
        return anonymous(world, account, version);
    };
    if header.starts_with("SharedKey") {
        return Err(shared_key(account));
    }
    let Some(token) = header.strip_prefix("Bearer ") else {
        return Err(Problem::new(
            400,
            "InvalidAuthenticationInfo",
            "Authentication information is not given in the correct format. Check the value of Authorization header.",
        ));
    };
    if version.is_none_or(|version| version < BEARER_SINCE) {
        return Err(failed(
            "Authentication scheme Bearer is not supported in this version.",
        ));
    }
    let claims = bearer(world, account, token)?;
    // A signature that is bound to a user is good together with that user's token.
    if call.parameter("sduoid").is_some() {
        let permit = signature::verify(world, account, request, call, resource, Some(&claims))?;
        return Ok(Caller::Signature(permit));
    }
    Ok(Caller::Token(claims))
}

/// The one refusal of whoever is not who they say, with the reason in a further element.
pub(super) fn failed(detail: &str) -> Problem {
    Problem::new(
        403,
        "AuthenticationFailed",
        "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.",
    )
    .field("AuthenticationErrorDetail", detail)
}

/// The keys of the account are not served here; whether they might be used is.
pub(super) fn shared_key(account: &StorageAccount) -> Problem {
    if account.allow_shared_key_access {
        return Problem::not_implemented("requests that are signed with the account's key");
    }
    Problem::new(
        403,
        "KeyBasedAuthenticationNotPermitted",
        "Key based authentication is not permitted on this storage account.",
    )
}

fn bearer(world: &World, account: &StorageAccount, token: &str) -> Result<Claims, Problem> {
    let refuse = |detail: &str| {
        challenged(world, account, "InvalidAuthenticationInfo")
            .field("AuthenticationErrorDetail", detail)
    };
    let claims = world.read_token(token).map_err(|flaw| match flaw {
        Flaw::Malformed => refuse("Authentication information is not given in the correct format."),
        Flaw::Unknown => refuse("Signature validation failed. Signature verification failed."),
        Flaw::Expired(_) => refuse("Lifetime validation failed. The token is expired."),
    })?;
    if Audience::named(&claims.audience) != Some(Audience::Storage) {
        return Err(refuse(
            "Audience validation failed. Audience did not match.",
        ));
    }
    if claims.tenant != tenant(world, account) {
        return Err(refuse("Issuer validation failed. Issuer did not match."));
    }
    Ok(claims)
}

fn anonymous(
    world: &World,
    account: &StorageAccount,
    version: Option<&str>,
) -> Result<Caller, Problem> {
    if account.allow_blob_public_access {
        return Ok(Caller::Anonymous);
    }
    // https://learn.microsoft.com/rest/api/storageservices/authorize-with-azure-active-directory#bearer-challenge
    if version.is_some_and(|version| version >= CHALLENGE_SINCE) {
        return Err(challenged(world, account, "NoAuthenticationInformation"));
    }
    // https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent
    Err(Problem::new(
        409,
        "PublicAccessNotPermitted",
        "Public access is not permitted on this storage account.",
    ))
}

fn challenged(world: &World, account: &StorageAccount, code: &str) -> Problem {
    Problem::new(
        401,
        code,
        "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.",
    )
    .header(
        "www-authenticate",
        format!(
            "Bearer authorization_uri=https://login.microsoftonline.com/{}/oauth2/authorize resource_id=https://storage.azure.com",
            tenant(world, account)
        ),
    )
}

/// The tenant that the account's subscription trusts.
fn tenant<'a>(world: &'a World, account: &StorageAccount) -> &'a str {
    world
        .subscription(&account.subscription)
        .map_or("", |subscription| subscription.tenant.as_str())
}
