//! V4 signed links: what is signed, by whom, and for how long.
//!
//! A link is only as good as its signer's own rights when it is used.
//! See <https://cloud.google.com/storage/docs/authentication/signatures>.

use percent_encoding::percent_decode_str;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::identity::Identity;
use super::key;
use super::person::{CLOUD_PLATFORM, Kind};
use super::policy::Caller;
use super::problem::{Code, Problem};
use super::refusal::invalid;
use super::world::World;
use crate::sandbox::incoming::Incoming;

const ALGORITHM: &str = "GOOG4-RSA-SHA256";
/// A week, in seconds.
const LONGEST: i64 = 604_800;

/// Whether a request is signed in its query rather than by a header.
pub(crate) fn is_signed(request: &Incoming) -> bool {
    parameter(request, "X-Goog-Algorithm").is_some()
        || parameter(request, "X-Goog-Signature").is_some()
}

/// The signer of a link, if the link is in order.
pub(crate) fn verify(world: &World, request: &Incoming) -> Result<Identity, Problem> {
    let algorithm = required(request, "X-Goog-Algorithm")?;
    if algorithm != ALGORITHM {
        return Err(Problem::not_implemented(format!(
            "links signed with {algorithm}"
        )));
    }
    let credential = required(request, "X-Goog-Credential")?;
    let date = required(request, "X-Goog-Date")?;
    let expires = required(request, "X-Goog-Expires")?;
    let signed_headers = required(request, "X-Goog-SignedHeaders")?;
    let signature = required(request, "X-Goog-Signature")?;
    let (email, scope) = credential
        .split_once('/')
        .ok_or_else(|| malformed("X-Goog-Credential"))?;
    let day = date.get(..8).unwrap_or_default();
    let in_order = matches!(
        scope.split('/').collect::<Vec<_>>().as_slice(),
        [found, location, "storage", "goog4_request"] if *found == day && !location.is_empty()
    );
    if !in_order {
        return Err(malformed("X-Goog-Credential"));
    }
    check_time(world, &date, &expires)?;

    let person = world.persons.get(email).filter(|person| {
        let has_key = matches!(
            &person.kind,
            Kind::ServiceAccount {
                key_id: Some(_),
                ..
            }
        );
        has_key && !person.disabled
    });
    let Some(person) = person else {
        return Err(Problem::new(Code::PermissionDenied, "Access denied.").xml(
            "AccessDenied",
            Some(format!("The signer {email} is not known or has no key.")),
        ));
    };
    let signature = hex::decode(&signature).unwrap_or_default();
    let candidates = canonical_requests(request, &signed_headers)?;
    let authentic = candidates.iter().any(|canonical| {
        let digest = hex::encode(Sha256::digest(canonical));
        let message = format!("{ALGORITHM}\n{date}\n{scope}\n{digest}");
        key::verify(message.as_bytes(), &signature)
    });
    if !authentic {
        return Err(Problem::new(Code::PermissionDenied, "Access denied.").xml(
            "SignatureDoesNotMatch",
            Some(
                "The request signature we calculated does not match the signature you provided. Check your Google \
                 secret key and signing method."
                    .to_owned(),
            ),
        ));
    }
    Ok(Identity {
        caller: Caller::of(person),
        scopes: [CLOUD_PLATFORM.to_owned()].into(),
    })
}

/// A parameter's value, decoded.
fn parameter(request: &Incoming, name: &str) -> Option<String> {
    request.query.split('&').find_map(|pair| {
        let (found, value) = pair.split_once('=')?;
        found
            .eq_ignore_ascii_case(name)
            .then(|| percent_decode_str(value).decode_utf8_lossy().into_owned())
    })
}

fn required(request: &Incoming, name: &str) -> Result<String, Problem> {
    parameter(request, name).ok_or_else(|| malformed(name))
}

fn malformed(name: &str) -> Problem {
    invalid(format!("Invalid argument: {name}."))
}

fn check_time(world: &World, date: &str, expires: &str) -> Result<(), Problem> {
    let format = time::macros::format_description!("[year][month][day]T[hour][minute][second]Z");
    let from: OffsetDateTime = PrimitiveDateTime::parse(date, &format)
        .map_err(|_| malformed("X-Goog-Date"))?
        .assume_utc();
    let seconds: i64 = expires.parse().map_err(|_| malformed("X-Goog-Expires"))?;
    if !(1..=LONGEST).contains(&seconds) {
        return Err(invalid(format!(
            "X-Goog-Expires must be between 1 and {LONGEST} seconds."
        )));
    }
    if from > world.now() + Duration::minutes(15) {
        return Err(malformed("X-Goog-Date"));
    }
    let until = from + Duration::seconds(seconds);
    if until <= world.now() {
        return Err(
            Problem::new(Code::InvalidArgument, "The provided token has expired.").xml(
                "ExpiredToken",
                Some(format!("Request signature expired at: {until}")),
            ),
        );
    }
    Ok(())
}

/// What the signer must have signed. The port of the host may be in it or not: Google's own library for Rust leaves it
/// out, and in production there is none.
fn canonical_requests(request: &Incoming, signed_headers: &str) -> Result<Vec<String>, Problem> {
    let names: Vec<&str> = signed_headers.split(';').collect();
    if !names.contains(&"host") {
        return Err(malformed("X-Goog-SignedHeaders"));
    }
    // Every header of this kind has a meaning, so that an unsigned one could change the request.
    let unsigned = request
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .find(|name| name.starts_with("x-goog-") && !names.contains(name));
    if let Some(name) = unsigned {
        return Err(invalid(format!("The header {name} is not signed.")));
    }
    let mut query: Vec<&str> = request
        .query
        .split('&')
        .filter(|pair| {
            let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
            !name.eq_ignore_ascii_case("X-Goog-Signature")
        })
        .collect();
    query.sort_unstable();
    let query = query.join("&");
    let host = request.header("host").unwrap_or_default();
    let bare = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let payload = request
        .header("x-goog-content-sha256")
        .unwrap_or("UNSIGNED-PAYLOAD");
    Ok([host, bare]
        .into_iter()
        .map(|host| {
            let mut headers = String::new();
            for name in &names {
                headers.push_str(name);
                headers.push(':');
                if *name == "host" {
                    headers.push_str(host);
                } else {
                    headers.push_str(&header_value(request, name));
                }
                headers.push('\n');
            }
            [
                request.method.as_str(),
                &request.path,
                &query,
                &headers,
                signed_headers,
                payload,
            ]
            .join("\n")
        })
        .collect())
}

/// All values of a header, each with its runs of space folded.
fn header_value(request: &Incoming, name: &str) -> String {
    let values = request.headers.get_all(name).iter();
    let folded = values.filter_map(|value| {
        let value = value.to_str().ok()?;
        Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    folded.collect::<Vec<_>>().join(",")
}
