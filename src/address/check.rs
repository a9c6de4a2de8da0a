//! The check on the URL itself, `C.url`, in every cloud. Pure: the time is handed in.

use serde_json::json;
use time::OffsetDateTime;

use super::signature::traps_at;
use super::trap::{Trap, Weight};
use super::{Address, Cloud};
use crate::finding::{CheckResult, Status};

/// Judges a URL: what it says by itself, at this time, and what was found out about it besides (`also`: such as that the
/// bucket is in another Region).
#[must_use]
pub fn check(address: &Address, also: Vec<Trap>, now: OffsetDateTime) -> CheckResult {
    let id = match address.cloud {
        Cloud::Aws => "aws.url",
        Cloud::Gcp => "gcp.url",
        Cloud::Azure => "azure.url",
    };
    let mut traps = also;
    traps.extend(address.traps.iter().cloned());
    traps.extend(traps_at(address, now));
    // What weighs most comes first; what weighs the same stays in its order.
    traps.sort_by_key(|trap| std::cmp::Reverse(trap.weight));
    let told: Vec<&str> = traps.iter().map(|trap| trap.sentence.as_str()).collect();
    let status = match traps.first().map(|trap| trap.weight) {
        Some(Weight::Blocks) => Status::Fail,
        Some(Weight::Warns) => Status::Warn,
        Some(Weight::Notes) | None => Status::Pass,
    };
    let detail = match (status, told.as_slice()) {
        (_, []) => format!(
            "the URL names {}, and nothing in it is in the way",
            names(address)
        ),
        (Status::Pass, told) => format!(
            "the URL names {}, and nothing in it is in the way: {}",
            names(address),
            told.join("; ")
        ),
        (_, told) => format!("the URL: {}", told.join("; ")),
    };
    let mut result = CheckResult::new(id, status, detail)
        .on(address.shown.clone())
        .evidence(json!({
            "address": address.evidence(),
            "findings": traps.iter().map(|trap| json!({
                "cause": trap.cause.map(crate::catalogue::Cause::code),
                "blocks": trap.weight == Weight::Blocks,
                "finding": trap.sentence,
            })).collect::<Vec<_>>(),
        }));
    let worst = traps
        .iter()
        .filter(|trap| trap.weight > Weight::Notes)
        .find_map(|trap| trap.cause);
    if let Some(cause) = worst {
        result = result.because(cause).fix(cause.entry().remedy);
    }
    result
}

fn names(address: &Address) -> String {
    let bucket = match address.cloud {
        Cloud::Aws | Cloud::Gcp => format!("the bucket `{}`", address.bucket),
        Cloud::Azure => format!("the storage account `{}`", address.bucket),
    };
    match (&address.container, address.key()) {
        (_, None) => bucket,
        (Some(container), Some(key)) => format!("`{container}/{key}` in {bucket}"),
        (None, Some(key)) => format!("`{key}` in {bucket}"),
    }
}
