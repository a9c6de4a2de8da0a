//! What every JSON document promises: its members, their types and their words.

use std::collections::BTreeSet;

use segments_connect::catalogue;
use segments_connect::error::ErrorCode;
use segments_connect::exit::ExitStatus;
use serde_json::{Value, json};

/// The members of the document, all always there.
const MEMBERS: [&str; 10] = [
    "schema",
    "command",
    "target",
    "changes",
    "checks",
    "verdict",
    "proof",
    "not_checked",
    "next_steps",
    "error",
];
/// What was added to them since, and `documents`, which only `render` has.
const ADDED: [&str; 7] = [
    "backup",
    "documents",
    "explanation",
    "leads",
    "recorded",
    "report",
    "text",
];
const TARGET: [&str; 9] = [
    "cloud",
    "bucket",
    "region",
    "account",
    "project",
    "storage_account",
    "subscription",
    "resource_group",
    "tenant",
];
/// What differs from cloud to cloud.
struct Cloud {
    word: &'static str,
    changes: &'static [&'static str],
    scopes: &'static [&'static str],
}

const AWS: Cloud = Cloud {
    word: "aws",
    changes: &["aws.bucket-policy", "aws.cors"],
    scopes: &["bucket"],
};
const AZURE: Cloud = Cloud {
    word: "azure",
    changes: &[
        "azure.service-principal",
        "azure.role-assignment",
        "azure.cors",
    ],
    scopes: &["tenant", "storage-account"],
};
const LEVELS: [&str; 6] = [
    "rendered",
    "configured",
    "evaluated",
    "preflight",
    "own-read",
    "segments-read",
];
const CHECKS: [&str; 16] = [
    "identity",
    "target",
    "access.configured",
    "access.evaluated",
    "policy.evaluated",
    "cors.configured",
    "cors.preflight",
    "cors.range",
    "cors.foreign",
    "object.read",
    "object.link",
    "object.protection",
    "network",
    "segments.read",
    "exposure",
    "url",
];

fn members(value: &Value) -> BTreeSet<&str> {
    value
        .as_object()
        .map(|object| object.keys().map(String::as_str).collect())
        .unwrap_or_default()
}

fn one_of(value: &Value, words: &[&str]) -> bool {
    value.as_str().is_some_and(|word| words.contains(&word))
}

fn texts(value: &Value) -> bool {
    value.as_array().is_some_and(|list| {
        list.iter()
            .all(|text| text.as_str().is_some_and(|text| !text.is_empty()))
    })
}

/// Everything that is wrong with a document.
#[expect(
    clippy::too_many_lines,
    reason = "one line for each promise of the contract"
)]
pub fn faults(document: &Value, status: i32) -> Vec<String> {
    let mut faults = Vec::new();
    let mut want = |holds: bool, what: String| {
        if !holds {
            faults.push(what);
        }
    };
    let found = members(document);
    for member in MEMBERS {
        want(found.contains(member), format!("no `{member}`"));
    }
    for member in found {
        want(
            MEMBERS.contains(&member) || ADDED.contains(&member),
            format!("`{member}` is not documented"),
        );
    }
    want(
        document["schema"] == "segments-connect/v1",
        "schema".to_owned(),
    );
    want(document["command"].is_string(), "command".to_owned());
    let command = document["command"].as_str().unwrap_or_default();
    let cloud = if command.starts_with("azure") {
        &AZURE
    } else {
        &AWS
    };
    let target = &document["target"];
    want(
        target.is_null() || target["cloud"] == cloud.word,
        format!("target {target}"),
    );
    want(
        members(target).iter().all(|member| TARGET.contains(member)),
        format!("target {target}"),
    );
    want(
        target
            .as_object()
            .is_none_or(|target| target.values().all(Value::is_string)),
        format!("target {target}"),
    );

    for change in document["changes"].as_array().unwrap_or(&Vec::new()) {
        let is = |name: &str, words: &[&str]| one_of(&change[name], words);
        want(is("id", cloud.changes), format!("id of {change}"));
        want(is("scope", cloud.scopes), format!("scope of {change}"));
        want(
            is("action", &["keep", "create", "update", "remove"]),
            format!("action of {change}"),
        );
        let results = [
            "planned",
            "unchanged",
            "written",
            "uncertain",
            "stale",
            "refused",
            "failed",
            "skipped",
        ];
        want(is("result", &results), format!("result of {change}"));
        for member in ["before", "after"] {
            let document = change.get(member);
            want(
                document.is_some_and(|document| !document.is_string()),
                format!("{member} of {change}"),
            );
        }
        want(change["kept"].is_u64(), format!("kept of {change}"));
    }
    let mut seen = BTreeSet::new();
    for check in document["checks"].as_array().unwrap_or(&Vec::new()) {
        let id = check["id"].as_str().unwrap_or_default();
        want(
            id.strip_prefix(cloud.word)
                .and_then(|id| id.strip_prefix('.'))
                .is_some_and(|id| CHECKS.contains(&id)),
            format!("id of {check}"),
        );
        want(
            seen.insert((id.to_owned(), check["subject"].to_string())),
            format!("twice: {check}"),
        );
        for member in [
            "id", "subject", "level", "status", "cause", "detail", "fix", "evidence",
        ] {
            want(
                check.get(member).is_some(),
                format!("no {member} in {check}"),
            );
        }
        want(
            check["subject"].is_null() || check["subject"].is_string(),
            format!("subject of {check}"),
        );
        let without_level = ["identity", "target", "network"]
            .iter()
            .any(|name| id.ends_with(&format!(".{name}")));
        let either = [".exposure", ".url"].iter().any(|name| id.ends_with(name));
        let level = if without_level || (either && check["level"].is_null()) {
            check["level"].is_null()
        } else {
            one_of(&check["level"], &LEVELS)
        };
        want(level, format!("level of {check}"));
        want(
            one_of(
                &check["status"],
                &["pass", "warn", "fail", "unknown", "skipped"],
            ),
            format!("status of {check}"),
        );
        want(
            check["detail"]
                .as_str()
                .is_some_and(|detail| !detail.is_empty()),
            format!("detail of {check}"),
        );
        let cause = check["cause"].as_str();
        want(
            cause.is_none_or(|code| catalogue::Cause::find(code).is_some()),
            format!("cause of {check}"),
        );
        want(
            check["fix"].is_null() || check["fix"].is_string(),
            format!("fix of {check}"),
        );
        if check["status"] == "fail" {
            want(
                cause.is_some() && check["fix"].is_string(),
                format!("a failure without cause or fix: {check}"),
            );
        }
        want(
            check["evidence"].is_null() || check["evidence"].is_object(),
            format!("evidence of {check}"),
        );
    }
    for name in ["changes", "checks", "not_checked"] {
        want(document[name].is_array(), name.to_owned());
    }
    let verdict = &document["verdict"];
    want(
        verdict.is_null() || one_of(verdict, &["pass", "fail", "undetermined"]),
        format!("verdict {verdict}"),
    );
    let proof = &document["proof"];
    want(
        proof.is_null() || one_of(proof, &LEVELS),
        format!("proof {proof}"),
    );
    want(
        document["checks"] == json!([]) || *proof == proven(document),
        format!("proof {proof}"),
    );
    for item in document["not_checked"].as_array().unwrap_or(&Vec::new()) {
        want(
            item["what"].is_string() && item["why"].is_string(),
            format!("not_checked {item}"),
        );
        want(members(item).len() == 2, format!("not_checked {item}"));
    }
    want(texts(&document["next_steps"]), "next_steps".to_owned());
    let error = &document["error"];
    if !error.is_null() {
        want(
            ErrorCode::ALL
                .iter()
                .any(|code| error["code"] == code.as_str()),
            format!("code of {error}"),
        );
        want(
            error["message"]
                .as_str()
                .is_some_and(|message| !message.is_empty()),
            format!("message of {error}"),
        );
        want(texts(&error["hints"]), format!("hints of {error}"));
    }
    let known = ExitStatus::ALL
        .iter()
        .any(|(known, _)| i32::from(known.code()) == status);
    want(known, format!("exit status {status}"));
    want(
        error.is_null() || status != 0,
        "an error, and exit status 0".to_owned(),
    );
    faults
}

/// The highest level at which something passed; that a foreign origin is refused proves nothing.
fn proven(document: &Value) -> Value {
    let checks = document["checks"].as_array().into_iter().flatten();
    let passed = checks.filter(|check| {
        let foreign = check["id"]
            .as_str()
            .is_some_and(|id| id.ends_with(".cors.foreign"));
        check["status"] == "pass" && !foreign
    });
    let levels =
        passed.filter_map(|check| LEVELS.iter().position(|level| check["level"] == *level));
    levels
        .max()
        .map_or(Value::Null, |level| json!(LEVELS[level]))
}
