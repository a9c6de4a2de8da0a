//! What a blob is protected with besides roles: archive, encryption scopes, keys of its own.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::object::{absent, samples};
use super::unreadable;
use crate::azure::blobs::{self, Described, NoBlob};
use crate::azure::facts::Facts;
use crate::azure::reads;
use crate::azure::target::BlobName;
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Level};

const ID: &str = "azure.object.protection";

/// Each sample's own protection.
pub async fn samples_protection(facts: &Facts) -> Vec<CheckResult> {
    let names = match samples(facts, ID).await {
        Ok(names) => names,
        Err(result) => return vec![*result],
    };
    join_all(names.iter().map(|name| async move {
        one(facts, name)
            .await
            .on(name.to_string())
            .at(Level::OwnRead)
    }))
    .await
}

async fn one(facts: &Facts, name: &BlobName) -> CheckResult {
    let described = async {
        let access = facts.view.caller().map_err(NoBlob::Failed)?;
        blobs::describe(access, name).await
    };
    let described = match described.await {
        Ok(described) => described,
        Err(reason) => return absent(ID, &reason),
    };
    let evidence = json!({
        "tier": described.tier,
        "archive_status": described.archive_status,
        "encryption_scope": described.encryption_scope,
        "customer_provided_key": described.customer_key,
    });
    judge(facts, &described).await.evidence(evidence)
}

async fn judge(facts: &Facts, described: &Described) -> CheckResult {
    let archived = described.tier.as_deref() == Some("Archive");
    if archived {
        let detail = described.archive_status.as_ref().map_or_else(
            || "it is archived, and cannot be read before it is brought back".to_owned(),
            |status| format!("it is archived, and on its way back ({status})"),
        );
        return CheckResult::fail(ID, Cause::Z18, detail).fix(Cause::Z18.entry().remedy);
    }
    if described.customer_key {
        return CheckResult::fail(
            ID,
            Cause::Z19,
            "it is encrypted with a key that only its owner holds (customer-provided key)",
        )
        .fix(Cause::Z19.entry().remedy);
    }
    let Some(scope) = &described.encryption_scope else {
        return CheckResult::pass(
            ID,
            "it is not archived, and encrypted with the account's own key",
        );
    };
    let read = async { reads::encryption_scope(facts.view.owner()?, scope).await };
    match read.await {
        Err(failure) => CheckResult::unknown(ID, unreadable(&failure)),
        Ok(None) => CheckResult::unknown(
            ID,
            format!("its encryption scope `{scope}` is not among the account's"),
        ),
        Ok(Some(document)) => {
            let state = document
                .get("properties")
                .and_then(|properties| properties.get("state"))
                .and_then(Value::as_str)
                .unwrap_or_default();
            if state.eq_ignore_ascii_case("Disabled") {
                CheckResult::fail(
                    ID,
                    Cause::Z20,
                    format!("its encryption scope `{scope}` is disabled"),
                )
                .fix(Cause::Z20.entry().remedy)
            } else if state.eq_ignore_ascii_case("Enabled") {
                CheckResult::pass(
                    ID,
                    format!("it is not archived, and its encryption scope `{scope}` is enabled"),
                )
            } else {
                CheckResult::unknown(
                    ID,
                    format!(
                        "its encryption scope `{scope}` is in a state that this version does not know (`{state}`)"
                    ),
                )
            }
        }
    }
}
