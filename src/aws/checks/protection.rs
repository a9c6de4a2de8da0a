//! What protects the objects besides the policy: encryption, archive, the payer and the owner.

use futures_util::future::{join, join_all};
use serde_json::json;
use time::OffsetDateTime;

use super::alike;
use super::judging::{self, Encrypted};
use super::object::{absent, samples};
use super::unreadable;
use crate::aws::bucket_policy::Stored;
use crate::aws::facts::{Facts, Found};
use crate::aws::grants::Context;
use crate::aws::policy::Place;
use crate::aws::reads::{Head, NoObject};
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Level};
use crate::redact::shell_quote;

const ID: &str = "aws.object.protection";

/// Each sample: how it is encrypted, and whether it can be read at once.
pub async fn samples_protection(facts: &Facts) -> Vec<CheckResult> {
    if let Found::Unsuitable { archived } = facts.samples.find().await {
        let detail = format!("the first {archived} objects of the bucket are all archived");
        return vec![
            CheckResult::warn(ID, Cause::A32, detail)
                .on("the first page of the listing")
                .fix(Cause::A32.entry().remedy)
                .at(Level::Configured),
        ];
    }
    let keys = match samples(facts, ID).await {
        Ok(keys) => keys,
        // The bucket's own result has no subject; these two must not have the same.
        Err(result) => return vec![result.on("any object").at(Level::Configured)],
    };
    let samples = join_all(keys.iter().map(|key| async move {
        let mut described = None;
        let result = match facts.head(key).await {
            Ok(head) => {
                let result = one(facts, key, &head).await;
                described = Some(head);
                result
            }
            // HEAD has no body that would say why; reading says it.
            Err(NoObject::Unexplained) => match facts.first_byte(key).await {
                Ok(()) => CheckResult::unknown(
                    ID,
                    "S3 would not describe it (HTTP 400), and gave it when it was read",
                ),
                Err(reason) => absent(facts, ID, key, &reason),
            },
            Err(reason) => absent(facts, ID, key, &reason),
        };
        (described, result.on(key).at(Level::Configured))
    }))
    .await;
    alike::compared(samples)
}

/// The bucket: who pays, and whether its policy covers every object in it.
pub async fn bucket(facts: &Facts) -> CheckResult {
    let (requester_pays, ownership) = join(facts.requester_pays(), facts.ownership()).await;
    let enforced = matches!(ownership, Ok(Some(ownership)) if ownership == "BucketOwnerEnforced");
    let evidence = json!({
        "requester_pays": requester_pays.as_ref().ok(),
        "ownership": ownership.as_ref().ok(),
    });
    let result = match (requester_pays, ownership) {
        (Ok(true), _) => CheckResult::fail(
            ID,
            Cause::A33,
            "whoever reads from this bucket pays, and Segments.ai's links do not accept that",
        )
        .fix(format!(
            "aws s3api put-bucket-request-payment --bucket {} --request-payment-configuration Payer=BucketOwner",
            facts.place().bucket
        )),
        (Err(failure), _) | (_, Err(failure)) => CheckResult::unknown(ID, unreadable(failure)),
        (Ok(false), Ok(_)) if enforced => {
            CheckResult::pass(ID, "the bucket's owner pays, and owns every object in it")
        }
        (Ok(false), Ok(ownership)) => foreign_objects(facts, ownership.as_deref()).await,
    };
    result.evidence(evidence).at(Level::Configured)
}

/// Without BucketOwnerEnforced, an object that another account has uploaded belongs to that account, and the bucket
/// policy does not cover it: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>.
async fn foreign_objects(facts: &Facts, ownership: Option<&str>) -> CheckResult {
    let ownership = ownership.unwrap_or("ObjectWriter (nothing is configured)");
    let Ok(keys) = samples(facts, ID).await else {
        return CheckResult::warn(
            ID,
            Cause::A31,
            format!("object ownership is {ownership}: objects that another account uploads are not covered by the bucket policy"),
        )
        .fix(Cause::A31.entry().remedy);
    };
    let (bucket_owner, owners) = join(
        facts.bucket_owner(),
        join_all(keys.iter().map(|key| facts.object_owner(key))),
    )
    .await;
    let bucket_owner = match bucket_owner {
        Ok(owner) => owner,
        Err(failure) => return CheckResult::unknown(ID, unreadable(&failure)),
    };
    let mut foreign = Vec::new();
    for (key, owner) in keys.iter().zip(owners) {
        match owner {
            Ok(Some(owner)) if owner != bucket_owner => foreign.push(format!("`{key}`")),
            Ok(Some(_) | None) => {}
            Err(failure) => return CheckResult::unknown(ID, unreadable(&failure)),
        }
    }
    if foreign.is_empty() {
        return CheckResult::pass(
            ID,
            format!(
                "the bucket's owner pays, and owns the sampled objects (object ownership is {ownership})"
            ),
        );
    }
    CheckResult::fail(
        ID,
        Cause::A31,
        format!("{} belongs to another account (object ownership is {ownership}), so the bucket policy does not cover it", foreign.join(", ")),
    )
    .fix(format!(
        "aws s3api put-bucket-ownership-controls --bucket {} --ownership-controls 'Rules=[{{ObjectOwnership=BucketOwnerEnforced}}]'\nafter checking who relies on ACLs",
        facts.place().bucket
    ))
}

async fn one(facts: &Facts, key: &str, head: &Head) -> CheckResult {
    let mut evidence = json!({
        "encryption": head.encryption,
        "kms_key": head.kms_key,
        "storage_class": head.storage_class,
        "archive_status": head.archive_status,
        "restored": head.restored,
    });
    if let Some(class) = archived(head) {
        return CheckResult::fail(
            ID,
            Cause::A32,
            format!("it is archived ({class}), and cannot be read before it is restored"),
        )
        .fix(format!(
            "aws s3api restore-object --bucket {} --key {} --restore-request Days=30",
            facts.place().bucket,
            shell_quote(key)
        ))
        .evidence(evidence);
    }
    let result = match head.encryption.as_deref() {
        Some("aws:kms" | "aws:kms:dsse") => kms(facts, key, head).await,
        Some(other) => CheckResult::pass(
            ID,
            format!("it is encrypted with {other}, which needs no further permission"),
        ),
        None => CheckResult::pass(ID, "it is not encrypted with a key that needs a permission"),
    };
    for name in ["key_policy", "grants"] {
        if let Some(found) = result.evidence.get(name) {
            evidence[name] = found.clone();
        }
    }
    result.evidence(evidence)
}

/// Classes that must be restored first: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html>.
fn archived(head: &Head) -> Option<&str> {
    if head.restored {
        return None;
    }
    head.archive_status.as_deref().or_else(|| {
        head.storage_class
            .as_deref()
            .filter(|class| matches!(*class, "GLACIER" | "DEEP_ARCHIVE"))
    })
}

/// Only a customer managed key can let another account decrypt, and its policy must say so:
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html>.
async fn kms(facts: &Facts, key: &str, head: &Head) -> CheckResult {
    let twice = head.encryption.as_deref() == Some("aws:kms:dsse");
    let Some(id) = &head.kms_key else {
        return CheckResult::unknown(
            ID,
            "it is encrypted with KMS, and S3 does not say with which key",
        )
        .decisive();
    };
    let (found, stored) = join(facts.key(id), facts.key_policy(id)).await;
    let found = match found {
        Ok(found) => found,
        Err(failure) => return CheckResult::unknown(ID, unreadable(&failure)).decisive(),
    };
    if found.managed_by_aws {
        return CheckResult::fail(ID, Cause::A25, "it is encrypted with the AWS managed key `aws/s3`, which can never be shared with another account")
            .fix(format!(
                "aws s3 cp {address} {address} --sse AES256",
                address = shell_quote(&format!("s3://{}/{key}", facts.place().bucket))
            ));
    }
    if !found.enabled {
        return CheckResult::fail(
            ID,
            Cause::A28,
            format!(
                "it is encrypted with the key `{id}`, which is {}",
                found.state
            ),
        )
        .fix(Cause::A28.entry().remedy);
    }
    let stored = match stored {
        Ok(stored) => Stored::parse(stored),
        Err(failure) => return CheckResult::unknown(ID, unreadable(&failure)).decisive(),
    };
    let policy = match stored.policy() {
        Ok(policy) => policy,
        Err(refusal) => {
            return CheckResult::unknown(
                ID,
                format!("the policy of the key `{id}`: {}", refusal.reason),
            )
            .decisive();
        }
    };
    let encrypted = Encrypted {
        id,
        twice,
        context: Context::of(facts.place().bucket.as_str(), key, head.bucket_key),
        place: Place {
            region: facts.place().known_region(),
            owner: facts.place().owner.as_deref(),
            now: Some(OffsetDateTime::now_utc()),
        },
        policy,
    };
    if judging::grants_count(&encrypted) {
        judging::decrypting(&encrypted, Some(&facts.grants(id).await))
    } else {
        judging::decrypting(&encrypted, None)
    }
}
