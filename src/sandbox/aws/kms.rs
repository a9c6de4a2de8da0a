//! AWS KMS: what a key is and who may use it.
//!
//! See <https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html>,
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html> and
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>.

use serde_json::{Value, json};

use super::authorize::identity_allows;
use super::call::Call;
use super::grant;
use super::problem::Problem;
use super::signature::{Caller, authenticate};
use super::world::{KeyManager, KeyState, KmsKey, Principal, World};
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Handles a request to KMS.
pub(crate) fn handle(
    world: &World,
    request: &Incoming,
    call: &Call,
) -> (Option<String>, Result<Answer, Problem>) {
    let found = match authenticate(world, request, call) {
        Ok(found) => found,
        Err(problem) => return (None, Err(problem)),
    };
    let Caller::Known(principal) = &found.caller else {
        return (None, Err(Problem::access_denied()));
    };
    let region = found.region.as_deref().unwrap_or_default();
    let result = answer(world, request, call, principal, region);
    (Some(principal.arn.clone()), result)
}

fn answer(
    world: &World,
    request: &Incoming,
    call: &Call,
    principal: &Principal,
    region: &str,
) -> Result<Answer, Problem> {
    let known: &[&str] = match call.operation.as_str() {
        "DescribeKey" => &["KeyId", "GrantTokens"],
        "GetKeyPolicy" => &["KeyId", "PolicyName"],
        "ListGrants" => &["KeyId", "GrantId", "GranteePrincipal", "Limit", "Marker"],
        other => return Err(Problem::not_implemented(format!("kms:{other}"))),
    };
    let Ok(Value::Object(body)) = serde_json::from_slice::<Value>(&request.body) else {
        return Err(Problem::new(
            400,
            "SerializationException",
            "not a JSON object",
        ));
    };
    if let Some(name) = body.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(validation(format!("unknown member {name}")));
    }
    let Some(key_id) = body.get("KeyId").and_then(Value::as_str) else {
        return Err(validation("KeyId must not be null"));
    };
    let action = format!("kms:{}", call.operation);
    let key = find(world, key_id, region, &principal.account)?;
    if principal.account != key.account() || !identity_allows(principal, &action) {
        // Nothing is said here about other accounts' rights to look at a key: they have none in this place.
        return Err(Problem::new(
            400,
            "AccessDeniedException",
            format!(
                "User: {} is not authorized to perform: {action} on resource: {} because no {} policy allows the \
                 {action} action",
                principal.arn,
                key.arn,
                if principal.account == key.account() {
                    "identity-based"
                } else {
                    "resource-based"
                }
            ),
        ));
    }
    let body = match call.operation.as_str() {
        "DescribeKey" => describe(key),
        "ListGrants" => grant::listed(key, &body)?,
        _ => policy(key, body.get("PolicyName").and_then(Value::as_str))?,
    };
    Ok(Answer::new(200).body("application/x-amz-json-1.1", body.to_string()))
}

fn policy(key: &KmsKey, name: Option<&str>) -> Result<Value, Problem> {
    match name {
        None | Some("default") => Ok(json!({ "Policy": key.policy, "PolicyName": "default" })),
        Some(other) => Err(Problem::new(
            400,
            "NotFoundException",
            format!("No such policy exists: {other}"),
        )),
    }
}

fn validation(message: impl Into<String>) -> Problem {
    Problem::new(400, "ValidationException", message)
}

/// A key by its ID, its ARN, or the alias of the key that S3 manages for the caller's account; in this region only.
fn find<'a>(
    world: &'a World,
    key_id: &str,
    region: &str,
    account: &str,
) -> Result<&'a KmsKey, Problem> {
    let key = if key_id.ends_with("alias/aws/s3") {
        world
            .keys
            .iter()
            .find(|key| key.manager == KeyManager::Aws && key.account() == account)
    } else if key_id.contains("alias/") {
        return Err(Problem::not_implemented(format!("the alias {key_id}")));
    } else {
        world.keys.iter().find(|key| {
            // An ID alone is looked up in the caller's own account.
            key.is(key_id) && (key_id.starts_with("arn:") || key.account() == account)
        })
    };
    let here = |key: &&KmsKey| key.arn.split(':').nth(3) == Some(region);
    key.filter(here).ok_or_else(|| {
        let arn = if key_id.starts_with("arn:") {
            key_id.to_owned()
        } else {
            format!("arn:aws:kms:{region}:{account}:key/{key_id}")
        };
        Problem::new(
            400,
            "NotFoundException",
            format!("Key '{arn}' does not exist"),
        )
    })
}

fn describe(key: &KmsKey) -> Value {
    let state = match key.state {
        KeyState::Enabled => "Enabled",
        KeyState::Disabled => "Disabled",
        KeyState::PendingDeletion => "PendingDeletion",
    };
    let manager = match key.manager {
        KeyManager::Aws => "AWS",
        KeyManager::Customer => "CUSTOMER",
    };
    json!({
        "KeyMetadata": {
            "AWSAccountId": key.account(),
            "KeyId": key.id,
            "Arn": key.arn,
            "CreationDate": 1_767_225_600,
            "Enabled": key.state == KeyState::Enabled,
            "Description": "",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": state,
            "Origin": "AWS_KMS",
            "KeyManager": manager,
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "MultiRegion": false,
        }
    })
}
