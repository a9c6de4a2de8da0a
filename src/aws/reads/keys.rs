//! Questions about the keys that encrypt objects.

use aws_sdk_kms::types::{KeyManagerType, KeyState};

use crate::aws::access::Access;
use crate::aws::failure::failure;
use crate::error::{ErrorCode, Failure};

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
