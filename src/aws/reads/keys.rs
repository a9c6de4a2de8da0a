//! Questions about the keys that encrypt objects.

use aws_sdk_kms::types::{KeyManagerType, KeyState};

use futures_util::future::try_join_all;
use serde_json::Value;

use crate::aws::access::Access;
use crate::aws::failure::failure;
use crate::aws::grants::{GRANTEES, Grant};
use crate::aws::wire::Capture;
use crate::error::{ErrorCode, Failure};

/// As many grants as one answer of KMS may hold.
const PAGE: i32 = 100;
/// As many answers as are asked for one grantee.
const PAGES: usize = 20;

/// A key that encrypts objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Whether AWS manages it, so that its policy cannot be changed.
    pub managed_by_aws: bool,
    /// Its state, as KMS writes it.
    pub state: String,
    /// Whether it can be used now.
    pub enabled: bool,
}

/// What KMS says of a key.
///
/// # Errors
/// When it cannot be read.
pub async fn key(access: &Access, id: &str) -> Result<Key, Failure> {
    let doing = format!("could not look at the key `{id}`");
    let answer = access
        .kms()
        .describe_key()
        .key_id(id)
        .send()
        .await
        .map_err(|error| failure(&doing, "kms:DescribeKey", &error, &access.caller))?;
    let Some(metadata) = answer.key_metadata else {
        return Err(
            Failure::new(ErrorCode::UnexpectedAnswer, doing).cause("KMS answered without it")
        );
    };
    Ok(Key {
        managed_by_aws: metadata.key_manager == Some(KeyManagerType::Aws),
        enabled: metadata.key_state == Some(KeyState::Enabled),
        state: metadata
            .key_state
            .map_or_else(|| "unknown".to_owned(), |state| state.as_str().to_owned()),
    })
}

/// The policy of a key.
///
/// # Errors
/// When it cannot be read.
pub async fn key_policy(access: &Access, id: &str) -> Result<Option<String>, Failure> {
    let doing = format!("could not read the policy of the key `{id}`");
    access
        .kms()
        .get_key_policy()
        .key_id(id)
        // The only name that there is.
        .policy_name("default")
        .send()
        .await
        .map(|answer| answer.policy)
        .map_err(|error| failure(&doing, "kms:GetKeyPolicy", &error, &access.caller))
}

/// The grants of a key for Segments.ai's user and for its account. Only these are asked for: a key of a busy account has
/// thousands. <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>
///
/// # Errors
/// When they cannot be read, all of them.
pub async fn grants(access: &Access, id: &str) -> Result<Vec<Grant>, Failure> {
    let all = try_join_all(GRANTEES.map(|grantee| grants_for(access, id, grantee))).await?;
    Ok(all.concat())
}

/// The answer is read from its JSON: the SDK drops what it does not know of a grant, and that may limit it.
async fn grants_for(access: &Access, id: &str, grantee: &str) -> Result<Vec<Grant>, Failure> {
    let doing = format!("could not list the grants of the key `{id}`");
    let odd = |what: &str| Failure::new(ErrorCode::UnexpectedAnswer, &doing).cause(what);
    let mut found = Vec::new();
    let mut marker = None;
    for _ in 0..PAGES {
        let capture = Capture::default();
        let answer = access
            .kms()
            .list_grants()
            .key_id(id)
            .grantee_principal(grantee)
            .limit(PAGE)
            .set_marker(marker)
            .customize()
            .interceptor(capture.clone())
            .send()
            .await
            .map_err(|error| failure(&doing, "kms:ListGrants", &error, &access.caller))?;
        let body: Value = serde_json::from_slice(&capture.take().unwrap_or_default())
            .map_err(|error| odd(&error.to_string()))?;
        let entries = body.get("Grants").and_then(Value::as_array);
        for entry in entries.into_iter().flatten() {
            found.push(Grant::read(entry).ok_or_else(|| odd("a grant has an unknown form"))?);
        }
        if !answer.truncated {
            return Ok(found);
        }
        marker = answer.next_marker;
        if marker.is_none() {
            return Err(odd("KMS says that there are more, and not where"));
        }
    }
    Err(odd("there are too many to look at each"))
}
