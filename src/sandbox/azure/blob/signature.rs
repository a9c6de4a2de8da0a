//! User delegation SAS: whether a link was signed, by whom, for what, and whether it is still good.
//!
//! Whether the signer may still read is for [`super::caller`].
//! See <https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use time::{Duration, OffsetDateTime};

use super::admission::{failed, is_version, shared_key};
use super::caller::Permit;
use super::delegation_key::KeyFacts;
use super::{Resource, moment, network, string_to_sign};
use crate::sandbox::azure::account::{SasPolicy, StorageAccount};
use crate::sandbox::azure::call::Call;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::token::{Claims, hmac_sha256};
use crate::sandbox::azure::world::World;
use crate::sandbox::incoming::Incoming;

/// User delegation came with this version.
const SINCE: &str = "2018-11-09";

const MANDATORY: [&str; 10] = [
    "sv", "sr", "sp", "se", "skoid", "sktid", "skt", "ske", "sks", "skv",
];

const OVERRIDES: [(&str, &str); 5] = [
    ("rscc", "cache-control"),
    ("rscd", "content-disposition"),
    ("rsce", "content-encoding"),
    ("rscl", "content-language"),
    ("rsct", "content-type"),
];

/// The parameters of a link.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub &'a [(String, String)]);

impl<'a> Fields<'a> {
    /// The value of a parameter; empty when it is not there.
    pub fn get(self, name: &str) -> &'a str {
        self.0
            .iter()
            .find(|(found, _)| found == name)
            .map_or("", |(_, value)| value.as_str())
    }

    fn time(self, name: &str) -> Result<OffsetDateTime, Problem> {
        moment::read(self.get(name)).ok_or_else(|| failed("Signature fields not well formed."))
    }
}

/// Checks a link. `bearer` is who came with a token besides.
pub(super) fn verify(
    world: &World,
    account: &StorageAccount,
    request: &Incoming,
    call: &Call,
    resource: &Resource,
    bearer: Option<&Claims>,
) -> Result<Permit, Problem> {
    let fields = Fields(&call.query);
    if fields.get("skoid").is_empty() {
        // It says that it was signed with the account's own key.
        return Err(shared_key(account));
    }
    if let Some(missing) = MANDATORY.iter().find(|name| fields.get(name).is_empty()) {
        return Err(failed(&format!("{missing} is mandatory. Cannot be empty")));
    }
    if !is_version(fields.get("sv")) || fields.get("sv") < SINCE {
        return Err(failed(&format!(
            "Signed version [{}] is not valid.",
            fields.get("sv")
        )));
    }
    let signed = signed_resource(account, resource, fields)?;
    let expected = signature(world, account, fields, &signed, request);
    let text = string_to_sign::write(&fields, &signed, request);
    if fields.get("sig") != expected {
        return Err(failed(&format!(
            "Signature did not match. String to sign used was {text}"
        )));
    }
    in_time(world, account, fields)?;
    let wire = fields.get("spr");
    if wire == "https" && !world.counts_as_https {
        return Err(Problem::new(
            403,
            "AuthorizationProtocolMismatch",
            "This request is not authorized to perform this operation using this protocol.",
        ));
    }
    let addresses = fields.get("sip");
    if !addresses.is_empty() && !network::contains(addresses, network::source(world, request)) {
        return Err(Problem::new(
            403,
            "AuthorizationSourceIPMismatch",
            "This request is not authorized to perform this operation using this source IP.",
        ));
    }
    bound(fields, bearer)?;
    if let Some(policy) = &account.sas_policy {
        within_policy(policy, fields)?;
    }
    Ok(Permit {
        signer: fields.get("skoid").to_owned(),
        permissions: fields.get("sp").to_owned(),
        overrides: OVERRIDES
            .iter()
            .filter(|(field, _)| !fields.get(field).is_empty())
            .map(|(field, header)| (*header, fields.get(field).to_owned()))
            .collect(),
    })
}

fn signature(
    world: &World,
    account: &StorageAccount,
    fields: Fields<'_>,
    resource: &str,
    request: &Incoming,
) -> String {
    let facts = KeyFacts {
        object_id: fields.get("skoid").to_owned(),
        tenant: fields.get("sktid").to_owned(),
        start: fields.get("skt").to_owned(),
        expiry: fields.get("ske").to_owned(),
        service: fields.get("sks").to_owned(),
        version: fields.get("skv").to_owned(),
        delegated_tenant: fields.get("skdutid").to_owned(),
    };
    let key = STANDARD
        .decode(facts.value(world, account))
        .unwrap_or_default();
    let text = string_to_sign::write(&fields, resource, request);
    STANDARD.encode(hmac_sha256(&key, text.as_bytes()))
}

/// What was signed: the blob, its container, or a directory above it.
fn signed_resource(
    account: &StorageAccount,
    resource: &Resource,
    fields: Fields<'_>,
) -> Result<String, Problem> {
    let container = resource.container.as_deref().unwrap_or_default();
    let blob = resource.blob.as_deref().unwrap_or_default();
    let base = format!("/blob/{}/{container}", account.name);
    match fields.get("sr") {
        "c" => Ok(base),
        "b" => Ok(format!("{base}/{blob}")),
        "d" => {
            let depth: usize = fields
                .get("sdd")
                .parse()
                .map_err(|_| failed("sdd is mandatory. Cannot be empty"))?;
            if !account.is_hns_enabled {
                return Err(failed("Signed resource type [d] is not valid."));
            }
            let directory: Vec<&str> = blob.split('/').take(depth).collect();
            Ok(format!("{base}/{}", directory.join("/")))
        }
        "bs" | "bv" => Err(Problem::not_implemented("links to snapshots and versions")),
        other => Err(failed(&format!(
            "Signed resource type [{other}] is not valid."
        ))),
    }
}

/// The link and the key that signed it are both good now.
fn in_time(world: &World, account: &StorageAccount, fields: Fields<'_>) -> Result<(), Problem> {
    let now = world.now();
    let expiry = fields.time("se")?;
    let (key_start, key_expiry) = (fields.time("skt")?, fields.time("ske")?);
    if fields.get("st").is_empty() {
        if expiry <= now {
            return Err(failed(&format!(
                "Signed expiry time [{}] must be after signed start time [{}]",
                moment::told(expiry),
                moment::told(now)
            )));
        }
    } else {
        let start = fields.time("st")?;
        if now < start || expiry <= now {
            return Err(failed(&format!(
                "Signature not valid in the specified time frame: Start [{}] - Expiry [{}] - Current [{}]",
                moment::told(start),
                moment::told(expiry),
                moment::told(now)
            )));
        }
    }
    let revoked = account
        .delegation_keys_revoked
        .is_some_and(|at| key_start < at);
    if now < key_start || key_expiry <= now || revoked {
        return Err(failed(&format!(
            "Signature not valid in the specified key time frame: Start [{}] - Expiry [{}] - Current [{}]",
            moment::told(key_start),
            moment::told(key_expiry),
            moment::told(now)
        )));
    }
    Ok(())
}

/// A link that names a user is good in that user's hands alone.
fn bound(fields: Fields<'_>, bearer: Option<&Claims>) -> Result<(), Problem> {
    let user = fields.get("sduoid");
    if user.is_empty() || bearer.is_some_and(|claims| claims.object_id == user) {
        return Ok(());
    }
    Err(failed(
        "The signature is bound to a user, and the request does not carry that user's token.",
    ))
}

/// What the account's policy blocks. With a policy a link must say from when on it is good, also one that is short.
/// See <https://learn.microsoft.com/azure/storage/common/sas-expiration-policy> and, for the words,
/// <https://github.com/microsoft/AzureStorageExplorer/issues/8845>: those of a missing start were seen there, the two
/// others are made after them.
fn within_policy(policy: &SasPolicy, fields: Fields<'_>) -> Result<(), Problem> {
    if policy.require_user_bound && fields.get("sduoid").is_empty() {
        return Err(failed("Policy violated by no signed delegated user."));
    }
    if !policy.block {
        return Ok(());
    }
    if fields.get("st").is_empty() {
        return Err(failed("Policy violated by no signed start."));
    }
    let lifetime = fields.time("se")? - fields.time("st")?;
    let longest = period(&policy.expiration_period).unwrap_or(Duration::ZERO);
    if lifetime > longest {
        return Err(failed("Policy violated by signed interval."));
    }
    Ok(())
}

/// `days.hours:minutes:seconds`.
fn period(text: &str) -> Option<Duration> {
    let (days, clock) = text.split_once('.')?;
    let mut parts = clock.split(':').map(|part| part.parse::<i64>().ok());
    let mut next = || parts.next().flatten();
    let (hours, minutes, seconds) = (next()?, next()?, next()?);
    Some(
        Duration::days(days.parse().ok()?)
            + Duration::hours(hours)
            + Duration::minutes(minutes)
            + Duration::seconds(seconds),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_read() {
        for (text, expected) in [
            ("1.12:05:06", Some(Duration::seconds(129_906))),
            ("0.00:00:30", Some(Duration::seconds(30))),
            ("1.00:00:00", Some(Duration::days(1))),
            ("12:05:06", None),
            ("1.12:05", None),
        ] {
            assert_eq!(period(text), expected, "{text}");
        }
    }

    #[test]
    fn a_policy_that_blocks_wants_a_start_and_a_short_life() {
        let fields = |start: &str, user: &str| {
            vec![
                ("st".to_owned(), start.to_owned()),
                ("se".to_owned(), "2026-01-02T00:00:00Z".to_owned()),
                ("sduoid".to_owned(), user.to_owned()),
            ]
        };
        let policy = |block, require_user_bound| SasPolicy {
            expiration_period: "0.12:00:00".to_owned(),
            block,
            require_user_bound,
        };
        for (policy, start, user, expected) in [
            (policy(false, false), "", "", true),
            (policy(true, false), "", "", false),
            (policy(true, false), "2026-01-01T12:00:00Z", "", true),
            (policy(true, false), "2026-01-01T11:59:59Z", "", false),
            (policy(false, true), "", "", false),
            (policy(false, true), "", "u", true),
        ] {
            let fields = fields(start, user);
            assert_eq!(
                within_policy(&policy, Fields(&fields)).is_ok(),
                expected,
                "{policy:?} {start}"
            );
        }
    }
}
