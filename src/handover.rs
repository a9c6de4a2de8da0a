//! What `verify --report FILE` hands over: the run, and what it has read, so that somebody else can look at it again on
//! another machine, without credentials and without a network.
//!
//! No secret is in a report: what was read are settings and policies, and every text in it goes through
//! [`crate::redact`] once more. The contents of objects are never read into it.

mod file;
mod given;
mod names;
mod recorded;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::common::Handover;
use crate::error::{ErrorCode, Failure};
use crate::finding::CheckResult;
use crate::output::json;
use crate::redact;
use crate::report::Report;
use crate::wiring::Wiring;

pub use file::{may_write, read};
pub use given::Given;
pub use recorded::{Recorded, difference, seen_then};

/// The name of this version of a report.
pub const SCHEMA: &str = "segments-connect/report/v1";
/// What every version's name begins with.
const SCHEMAS: &str = "segments-connect/report/";

/// Opens what a report says was read, for the cloud that it names.
pub type Reopen = fn(&str, &Value) -> Result<Box<dyn Wiring>, Failure>;

/// Writes the report of a run.
///
/// # Errors
/// When the file cannot be written; or when names cannot be hashed without changing what the report says.
pub async fn write(handover: &Handover, report: &Report, reopen: Reopen) -> Result<(), Failure> {
    let cloud = report.target.as_ref().map_or("", |target| target.cloud);
    let document = assembled(cloud, report);
    let document = if handover.redact_names {
        let hashed = names::hashed(&document);
        let (plain, replayed) = (
            evaluated(reopen, cloud, &document).await?,
            evaluated(reopen, cloud, &hashed).await?,
        );
        if plain != replayed {
            return Err(Failure::new(
                ErrorCode::File,
                "the names cannot be hashed without changing what the report says, so no report was written",
            )
            .cause("a policy matches parts of names, and would match others of the hashed ones")
            .hint("leave `--redact-names` out, or take the names out by hand and send the documents themselves"));
        }
        hashed
    } else {
        document
    };
    file::write(&handover.file, &format!("{document:#}\n"))
}

/// What a report holds.
fn assembled(cloud: &str, report: &Report) -> Value {
    let now = OffsetDateTime::now_utc();
    let written = now
        .replace_nanosecond(0)
        .unwrap_or(now)
        .format(&Rfc3339)
        .unwrap_or_default();
    json!({
        "schema": SCHEMA,
        "program": concat!("segments-connect ", env!("CARGO_PKG_VERSION")),
        "written": written,
        "names_hashed": false,
        "cloud": cloud,
        "run": json::value(report),
        "inputs": without_secrets(&report.inputs),
    })
}

/// Every text once more without what looks like a secret.
fn without_secrets(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact::text(text)),
        Value::Array(items) => items.iter().map(without_secrets).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (redact::text(name), without_secrets(value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// What evaluating a report again says: each check, its status and its cause, in their order. Nothing where nothing was
/// read.
async fn evaluated(
    reopen: Reopen,
    cloud: &str,
    document: &Value,
) -> Result<Vec<(&'static str, crate::finding::Status, Option<&'static str>)>, Failure> {
    let Some(inputs) = document.get("inputs").filter(|inputs| !inputs.is_null()) else {
        return Ok(Vec::new());
    };
    let said = |check: CheckResult| {
        (
            check.id,
            check.status,
            check.cause.map(crate::catalogue::Cause::code),
        )
    };
    let checks = reopen(cloud, inputs)?.check().await;
    Ok(checks.into_iter().map(said).collect())
}

#[cfg(test)]
mod tests;
