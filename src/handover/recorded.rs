//! What a report says that a run has seen, beside what evaluating it again says.

use serde_json::{Value, json};

use crate::catalogue::Cause;
use crate::finding::{CheckResult, Level, NotChecked, Status};
use crate::redact::escape_control;

macro_rules! ids {
    ($($cloud:literal)+) => {
        &["aws.policy.evaluated", $(
            concat!($cloud, ".identity"), concat!($cloud, ".target"), concat!($cloud, ".url"),
            concat!($cloud, ".access.configured"), concat!($cloud, ".access.evaluated"),
            concat!($cloud, ".exposure"), concat!($cloud, ".cors.configured"),
            concat!($cloud, ".cors.preflight"), concat!($cloud, ".cors.range"),
            concat!($cloud, ".cors.foreign"), concat!($cloud, ".object.read"),
            concat!($cloud, ".object.link"), concat!($cloud, ".object.protection"),
            concat!($cloud, ".network"), concat!($cloud, ".segments.read"),
        )+]
    };
}

/// Every check id there is.
const IDS: &[&str] = ids!("aws" "gcp" "azure");

/// When and by what a report was written, and what it said.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The program and its version.
    pub program: String,
    /// When.
    pub written: String,
    /// Whether its names are hashed.
    pub names_hashed: bool,
    /// The checks that it holds, as far as they are known to this version.
    pub checks: Vec<CheckResult>,
    /// What that run could not see at all; nothing where it was left out with the names.
    pub out_of_reach: Vec<NotChecked>,
}

impl Recorded {
    /// Takes it out of a report. What is not understood is left out.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        let text = |name: &str| {
            let text = document.get(name).and_then(Value::as_str);
            escape_control(text.unwrap_or("an unknown time or program"))
        };
        let list = |path: &str| {
            let list = document.pointer(path).and_then(Value::as_array);
            list.into_iter().flatten()
        };
        let checks: Vec<CheckResult> = list("/run/checks").filter_map(check).collect();
        Self {
            program: text("program"),
            written: text("written"),
            names_hashed: document.get("names_hashed").and_then(Value::as_bool) == Some(true),
            out_of_reach: list("/run/not_checked")
                .filter_map(not_checked)
                .filter(|entry| checks.iter().all(|check| check.name() != entry.what))
                .collect(),
            checks,
        }
    }
}

fn not_checked(value: &Value) -> Option<NotChecked> {
    let text = |name: &str| value.get(name)?.as_str().map(escape_control);
    Some(NotChecked {
        what: text("what")?,
        why: text("why")?,
    })
}

fn check(value: &Value) -> Option<CheckResult> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let id = IDS.iter().copied().find(|id| Some(*id) == text("id"))?;
    let status = match text("status")? {
        "pass" => Status::Pass,
        "warn" => Status::Warn,
        "fail" => Status::Fail,
        "unknown" => Status::Unknown,
        "skipped" => Status::Skipped,
        _ => return None,
    };
    let level = match text("level") {
        Some("configured") => Some(Level::Configured),
        Some("evaluated") => Some(Level::Evaluated),
        Some("preflight") => Some(Level::Preflight),
        Some("own-read") => Some(Level::OwnRead),
        Some("segments-read") => Some(Level::SegmentsRead),
        Some(_) | None => None,
    };
    let detail = text("detail").map_or_else(
        || "its words were left out with the names".to_owned(),
        str::to_owned,
    );
    let mut result = CheckResult::new(id, status, detail);
    // What a check of this kind can show at the most. A report that claims more was changed.
    result.level = level.filter(|level| *level <= highest(id));
    result.subject = text("subject").map(str::to_owned);
    result.cause = text("cause").and_then(Cause::find);
    result.fix = text("fix").map(str::to_owned);
    Some(result)
}

/// What was seen at the time and cannot be seen in documents: told as it was recorded, with when. What was decided from
/// documents is not taken from the report, it is decided again.
#[must_use]
pub fn seen_then(recorded: &Recorded, again: &[CheckResult]) -> Vec<CheckResult> {
    let same = |then: &CheckResult| {
        again
            .iter()
            .any(|now| now.id == then.id && now.subject == then.subject)
    };
    recorded
        .checks
        .iter()
        .filter(|then| !same(then) && !decided_from_documents(then))
        .cloned()
        .map(|mut then| {
            then.detail = format!("recorded at {}: {}", recorded.written, then.detail);
            then.evidence = json!({ "recorded": recorded.written });
            then
        })
        .collect()
}

fn decided_from_documents(check: &CheckResult) -> bool {
    const DECIDED: [&str; 4] = [
        ".policy.evaluated",
        ".access.evaluated",
        ".access.configured",
        ".cors.configured",
    ];
    let level = matches!(check.level, Some(Level::Configured | Level::Evaluated))
        && !check.id.ends_with(".object.protection");
    level || DECIDED.iter().any(|ending| check.id.ends_with(ending))
}

/// The highest level that a check can reach.
fn highest(id: &str) -> Level {
    const HIGHEST: [(&str, Level); 6] = [
        (".segments.read", Level::SegmentsRead),
        (".object.read", Level::OwnRead),
        (".object.link", Level::OwnRead),
        (".object.protection", Level::OwnRead),
        (".url", Level::OwnRead),
        (".cors.", Level::Preflight),
    ];
    HIGHEST
        .iter()
        .find(|(part, _)| id.contains(part))
        .map_or(Level::Evaluated, |(_, level)| *level)
}

/// Where evaluating again says something else than the report: another version of this program, or a changed report.
#[must_use]
pub fn difference(recorded: &Recorded, again: &[CheckResult]) -> Vec<Value> {
    let said = |check: &CheckResult| (check.status, check.cause.map(Cause::code));
    recorded
        .checks
        .iter()
        .filter_map(|then| {
            let now = again
                .iter()
                .find(|now| now.id == then.id && now.subject == then.subject)?;
            let decided = decided_from_documents(then) && said(now) != said(then);
            // With the documents alone, an answer that was not recorded is not known any more.
            (decided && now.status != Status::Unknown && now.status != Status::Skipped).then(|| {
                json!({
                    "id": then.id,
                    "subject": then.subject,
                    "recorded": { "status": then.status, "cause": then.cause.map(Cause::code) },
                    "evaluated": { "status": now.status, "cause": now.cause.map(Cause::code) },
                })
            })
        })
        .collect()
}
