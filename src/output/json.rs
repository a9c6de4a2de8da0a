//! The JSON document, version 1: the contract with scripts. Add to it; never rename or remove.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::catalogue::Cause;
use crate::finding::{CheckResult, leads};
use crate::redact::is_hidden;
use crate::report::{ChangeReport, Report, Target};

/// The name of this version.
pub const SCHEMA: &str = "segments-connect/v1";

/// The whole document as text, with a newline at its end.
#[must_use]
pub fn document(report: &Report) -> String {
    without_control(&format!("{:#}\n", value(report)))
}

/// The whole document, with every member always there.
#[must_use]
pub fn value(report: &Report) -> Value {
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
    put("schema", json!(SCHEMA));
    put("command", json!(report.command));
    put("target", target(report.target.as_ref()));
    if let Some(documents) = &report.documents {
        let by_id: Map<String, Value> = documents
            .iter()
            .map(|document| (document.id.to_owned(), document.body.clone()))
            .collect();
        put("documents", Value::Object(by_id));
    }
    put("changes", report.changes.iter().map(change).collect());
    put("checks", report.checks.iter().map(check).collect());
    put("verdict", word(report.verdict));
    put("leads", leads(&report.checks).map_or(Value::Null, lead));
    put("proof", word(report.proof));
    put("not_checked", word(&report.not_checked));
    put("next_steps", json!(report.next_steps));
    let error = report.error.as_ref().map(|failure| {
        let mut error = json!({
            "code": failure.code.as_str(),
            "message": failure.one_line(),
            "hints": failure.hints,
        });
        if !failure.missing.is_empty() {
            error["missing_permissions"] = json!(failure.missing);
        }
        error
    });
    put("error", json!(error));
    put(
        "backup",
        json!(
            report
                .backup
                .as_ref()
                .map(|path| path.display().to_string())
        ),
    );
    put(
        "report",
        json!(
            report
                .handed_over
                .as_ref()
                .map(|path| path.display().to_string())
        ),
    );
    if let Some((name, value)) = &report.extra {
        put(name, value.clone());
    }
    Value::Object(document)
}

/// The members of `target` that apply.
#[must_use]
pub fn target(target: Option<&Target>) -> Value {
    let Some(target) = target else {
        return Value::Null;
    };
    let members = [
        ("bucket", &target.bucket),
        ("region", &target.region),
        ("account", &target.account),
        ("project", &target.project),
        ("storage_account", &target.storage_account),
        ("subscription", &target.subscription),
        ("resource_group", &target.resource_group),
        ("tenant", &target.tenant),
    ];
    let mut object = Map::new();
    object.insert("cloud".to_owned(), json!(target.cloud));
    for (name, value) in members {
        if let Some(value) = value {
            object.insert(name.to_owned(), json!(value));
        }
    }
    Value::Object(object)
}

fn change(entry: &ChangeReport) -> Value {
    let change = &entry.change;
    let mut notes = change.notes.clone();
    if let Some(hand_off) = &change.hand_off {
        notes.insert(0, format!("left to somebody else: {}", hand_off.reason));
    }
    json!({
        "id": change.subject.id,
        "scope": word(change.subject.scope),
        "action": word(change.action),
        "result": entry.result.as_str(),
        "before": change.before,
        "after": change.after,
        "kept": change.kept,
        "notes": notes,
    })
}

fn lead(check: &CheckResult) -> Value {
    json!({
        "id": check.id,
        "subject": check.subject,
        "cause": check.cause.map(Cause::code),
    })
}

fn check(check: &CheckResult) -> Value {
    json!({
        "id": check.id,
        "subject": check.subject,
        "level": word(check.level),
        "status": word(check.status),
        "cause": check.cause.map(Cause::code),
        "detail": check.detail,
        "fix": check.fix,
        "evidence": check.evidence,
    })
}

fn word(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// JSON escapes the first 32 control characters only. The others can stand nowhere but inside a string, where
/// the escape means the same, so a terminal never sees them.
fn without_control(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\u{7f}' || is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_always_there() {
        let document: Value =
            serde_json::from_str(&document(&Report::new("aws plan"))).expect("JSON");
        let members: Vec<&String> = document.as_object().expect("object").keys().collect();
        assert_eq!(
            members,
            [
                "schema",
                "command",
                "target",
                "changes",
                "checks",
                "verdict",
                "leads",
                "proof",
                "not_checked",
                "next_steps",
                "error",
                "backup",
                "report"
            ]
        );
    }

    #[test]
    fn escaped_control_characters_keep_their_meaning() {
        let text = without_control("\"a\u{9b}b\u{202e}\u{e0041}\"");
        assert!(text.is_ascii(), "{text}");
        let back: String = serde_json::from_str(&text).expect("JSON");
        assert_eq!(back, "a\u{9b}b\u{202e}\u{e0041}");
    }
}
