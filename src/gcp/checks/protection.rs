//! What protects the objects besides IAM: keys, the payer, and what is often suspected and harmless.

use futures_util::future::join_all;
use serde_json::json;

use super::object::{absent, samples};
use super::unreadable;
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Level};
use crate::gcp::facts::Facts;
use crate::gcp::reads::{self, NoObject};

const ID: &str = "gcp.object.protection";

/// Each sample: how it is encrypted.
pub async fn samples_protection(facts: &Facts) -> Vec<CheckResult> {
    let names = match samples(facts, ID).await {
        Ok(names) => names,
        // The bucket's own result has no subject; these two must not have the same.
        Err(result) => return vec![result.on("any object").at(Level::Configured)],
    };
    join_all(names.iter().map(|name| async move {
        let asked = match facts.view.owner() {
            Ok(access) => reads::object(access, name).await,
            Err(failure) => Err(NoObject::Failed(failure)),
        };
        let result = match asked {
            Ok(object) => {
                let evidence = json!({
                    "kms_key": object.kms_key,
                    "customer_key": object.customer_key,
                    "storage_class": object.storage_class,
                });
                let result = if object.customer_key {
                    CheckResult::fail(
                        ID,
                        Cause::G15,
                        "it is encrypted with a key that only its owner holds",
                    )
                    .fix(format!(
                        "gcloud storage objects update {} --clear-encryption-key",
                        crate::redact::shell_quote(&format!(
                            "gs://{}/{name}",
                            facts.place().bucket
                        ))
                    ))
                } else if let Some(key) = &object.kms_key {
                    // Cloud Storage's own agent decrypts, so the reader needs no right on the key:
                    // https://cloud.google.com/storage/docs/encryption/customer-managed-keys
                    CheckResult::pass(
                        ID,
                        format!(
                            "it is encrypted with `{key}`; Segments.ai needs no right on that key"
                        ),
                    )
                } else {
                    CheckResult::pass(
                        ID,
                        "Google encrypts it with a key of its own, which needs no permission",
                    )
                };
                result.evidence(evidence)
            }
            Err(reason) => absent(facts, ID, name, &reason).await,
        };
        result.on(name).at(Level::Configured)
    }))
    .await
}

/// The bucket: who pays.
pub async fn bucket(facts: &Facts) -> CheckResult {
    let bucket = match facts.bucket().await {
        Ok(bucket) => bucket,
        Err(failure) => return CheckResult::unknown(ID, unreadable(failure)).at(Level::Configured),
    };
    let evidence = json!({
        "requester_pays": bucket.requester_pays,
        "default_kms_key": bucket.kms_key,
        "public_access_prevention": bucket.public_access_prevention,
        "uniform_bucket_level_access": bucket.uniform_access,
    });
    let result = if bucket.requester_pays {
        CheckResult::fail(
            ID,
            Cause::G13,
            "whoever reads from this bucket pays, and Segments.ai's links name no project to charge",
        )
        .fix(no_requester_pays(facts))
    } else if bucket.public_access_prevention == "enforced" {
        CheckResult::pass(
            ID,
            "the bucket's owner pays; public access prevention is on, and does not concern a grant to one account",
        )
    } else {
        CheckResult::pass(ID, "the bucket's owner pays")
    };
    result.evidence(evidence).at(Level::Configured)
}

/// The command that lets the owner pay.
pub fn no_requester_pays(facts: &Facts) -> String {
    format!(
        "gcloud storage buckets update gs://{} --no-requester-pays",
        facts.place().bucket
    )
}
