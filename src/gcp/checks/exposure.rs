//! The other side of access: what Segments.ai can do beyond reading, and who else can read.
//!
//! Nothing here blocks anybody, so nothing here fails; and a grant that is not ours is told, never touched.

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::access::NO_ACCOUNT;
use super::evaluation::{Question, everything};
use super::unreadable;
use crate::finding::{CheckResult, Status};
use crate::gcp::facts::Facts;
use crate::gcp::iam::{self, Evaluation, Outcome};
use crate::gcp::samples::Found;
use crate::gcp::templates::PERMISSION;
use crate::gcp::view::Standpoint;

const ID: &str = "gcp.exposure";

/// What is asked about, under one subject each, and in words.
/// <https://cloud.google.com/storage/docs/access-control/iam-permissions>
const ACTIONS: &[(&str, &[&str], &str)] = &[
    (
        "storage.objects.list",
        &["storage.objects.list"],
        "list the bucket's objects",
    ),
    (
        "storage.objects.create",
        &["storage.objects.create"],
        "add or replace objects",
    ),
    (
        "storage.objects.delete",
        &["storage.objects.delete"],
        "delete objects",
    ),
    (
        "storage.objects.update",
        &["storage.objects.update"],
        "change the metadata of objects",
    ),
    (
        "storage.buckets.*",
        &[
            "storage.buckets.delete",
            "storage.buckets.setIamPolicy",
            "storage.buckets.update",
            "storage.buckets.getIamPolicy",
            "storage.buckets.get",
        ],
        "read or change the bucket's own settings",
    ),
];

/// What Segments.ai's service account can do beyond reading, by everything readable.
pub async fn of_segments(facts: &Facts) -> Vec<CheckResult> {
    join_all(ACTIONS.iter().map(|(subject, permissions, words)| async {
        let account = &facts.place().account;
        if !account.is_known() {
            return Some(CheckResult::unknown(ID, NO_ACCOUNT).on(*subject));
        }
        let member = account.member();
        let mut worst: Option<CheckResult> = None;
        for permission in *permissions {
            let question = Question {
                member: &member,
                email: account.as_str(),
                permission,
                object: None,
            };
            let result = match everything(facts, question).await {
                None => CheckResult::unknown(ID, no_policy(facts).await),
                Some(evaluation) => judge(&evaluation.outcome, permission, words)
                    .evidence(json!({ "trace": evaluation.trace.iter().map(iam::Grant::describe).collect::<Vec<Value>>() })),
            };
            if worst.as_ref().is_none_or(|before| rank(&result) > rank(before)) {
                worst = Some(result);
            }
        }
        worst.map(|result| result.on(*subject))
    }))
    .await
    .into_iter()
    .flatten()
    .collect()
}

fn rank(result: &CheckResult) -> u8 {
    match result.status {
        Status::Pass | Status::Skipped => 0,
        Status::Unknown => 1,
        Status::Warn | Status::Fail => 2,
    }
}

fn judge(outcome: &Outcome, permission: &str, words: &str) -> CheckResult {
    match outcome {
        Outcome::NotGranted { .. } => CheckResult::pass(
            ID,
            format!("Segments.ai cannot {words}: no policy of the bucket, of its project or above grants it"),
        ),
        Outcome::Denied { by } => CheckResult::pass(
            ID,
            format!("Segments.ai cannot {words}: it is denied by {by}"),
        ),
        Outcome::Allowed { by, public, .. } => {
            let who = if *public {
                "everyone, and so Segments.ai,"
            } else {
                "Segments.ai"
            };
            CheckResult::new(
                ID,
                Status::Warn,
                format!("{who} can {words} (`{permission}`), by {}", by.join(", ")),
            )
            .fix("Segments.ai needs `storage.objects.get` alone: take the rest away, if it was not meant so")
        }
        Outcome::Partly { parts, .. } => CheckResult::new(
            ID,
            Status::Warn,
            format!("Segments.ai can {words} (`{permission}`) in part: {}", parts.join(", ")),
        )
        .fix("Segments.ai needs `storage.objects.get` alone: take the rest away, if it was not meant so"),
        Outcome::Undetermined { reasons, .. } => CheckResult::unknown(
            ID,
            format!("whether Segments.ai can {words} (`{permission}`) depends on {}", reasons.join("; ")),
        ),
    }
}

async fn no_policy(facts: &Facts) -> String {
    let policy = facts.policy().await;
    policy.as_ref().err().map(unreadable).unwrap_or_default()
}

/// What everything readable says of anybody: who need not even sign in, and who need only sign in to Google.
async fn of_anybody(facts: &Facts) -> (Option<Evaluation>, &'static str) {
    let ask = |member| {
        everything(
            facts,
            Question {
                member,
                email: "",
                permission: PERMISSION,
                object: None,
            },
        )
    };
    let without = ask("allUsers").await;
    if let Some(evaluation) = &without
        && matches!(evaluation.outcome, Outcome::NotGranted { .. })
    {
        return (
            ask("allAuthenticatedUsers").await,
            "everyone with a Google account",
        );
    }
    (without, "everyone")
}

/// Whether anybody at all can read: by the policies, and as the service answers a request without credentials.
pub async fn anonymous(facts: &Facts) -> CheckResult {
    let sent = async {
        // What is said of an object that need not exist is said of no object.
        match (facts.view.from, facts.samples.find().await) {
            (Standpoint::Documents, _) | (_, Found::Empty | Found::Unlisted(_)) => None,
            (_, Found::Names(_)) => facts.anonymous().await.as_ref().ok(),
        }
    };
    let ((evaluation, who), answered) = join(of_anybody(facts), sent).await;
    let observed = answered.map(|exchange| exchange.status);
    let evidence = json!({ "status": observed });
    let result = match (observed, evaluation.map(|evaluation| evaluation.outcome)) {
        (Some(200 | 206 | 416), _) => {
            public("anybody can read this object without credentials (observed)".to_owned())
        }
        (_, Some(Outcome::Allowed { by, .. })) => {
            public(format!("{who} is granted reading, by {}", by.join(", ")))
        }
        (_, Some(Outcome::Partly { parts, .. })) => public(format!(
            "{who} is granted reading of a part: {}",
            parts.join(", ")
        )),
        (_, Some(Outcome::NotGranted { .. } | Outcome::Denied { .. })) => CheckResult::pass(
            ID,
            "no policy of the bucket, of its project or above lets everyone read",
        ),
        // Of an object that is not there, and of every other one, that says nothing.
        (Some(401 | 403), _) => CheckResult::unknown(
            ID,
            "a request without credentials is refused for one object, as it would be for one that is not there; what the policies say of everyone is not known",
        ),
        (_, Some(Outcome::Undetermined { reasons, .. })) => CheckResult::unknown(
            ID,
            format!("whether {who} can read depends on {}", reasons.join("; ")),
        ),
        (_, None) => CheckResult::unknown(ID, no_policy(facts).await),
    };
    result.on("anonymous").evidence(evidence)
}

fn public(detail: String) -> CheckResult {
    CheckResult::new(ID, Status::Warn, detail).fix(
        "if the bucket is not meant to be public, take `allUsers` and `allAuthenticatedUsers` out of its policy, or enforce public access prevention: Segments.ai needs neither",
    )
}
