//! Access: the grant is there, its role has effect, and nothing readable takes it away.

use serde_json::json;

use super::evaluation::{Question, level_name, nearest};
use super::object::samples;
use super::unreadable;
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Level, Status};
use crate::gcp::facts::Facts;
use crate::gcp::iam::{self, Evaluation, Outcome};
use crate::gcp::templates::PERMISSION;

/// Why nothing can be said of a service account that was not given.
pub const NO_ACCOUNT: &str = "Segments.ai's service account, which it hands out for each customer, was not given: name it with `--service-account EMAIL`";

/// The member is in the unconditional binding of the role, read back.
pub async fn configured(facts: &Facts) -> CheckResult {
    const ID: &str = "gcp.access.configured";
    let place = facts.place();
    if !place.account.is_known() {
        return CheckResult::unknown(ID, NO_ACCOUNT)
            .at(Level::Configured)
            .decisive();
    }
    let (role, member) = (place.role_name(), place.account.member());
    let fix = place.command("connect");
    let (policy, domains) = futures_util::future::join(facts.policy(), facts.domains()).await;
    let result = match policy {
        Err(failure) => CheckResult::unknown(ID, unreadable(failure)),
        Ok(policy) => {
            let ours = place.ours(&role, &member);
            match iam::merge(&policy.document, ours) {
                Err(refusal) => {
                    CheckResult::unknown(ID, format!("the IAM policy: {}", refusal.reason))
                }
                Ok(merged) if merged == policy.document && !domains.is_empty() => CheckResult::warn(
                    ID,
                    Cause::G09,
                    format!(
                        "the bucket's IAM policy grants `{}` to Segments.ai's service account (read back); the organisation's policy `{}` may refuse to grant it again once it is gone",
                        place.role,
                        domains.join("` and `")
                    ),
                )
                .fix(Cause::G09.entry().remedy),
                Ok(merged) if merged == policy.document => CheckResult::pass(
                    ID,
                    format!("the bucket's IAM policy grants `{}` to Segments.ai's service account (read back)", place.role),
                ),
                Ok(_) => not_there(facts, ID, fix).await,
            }
        }
    };
    result.at(Level::Configured).decisive()
}

/// The binding is not there; perhaps another one grants as much.
async fn not_there(facts: &Facts, id: &'static str, fix: String) -> CheckResult {
    let evaluation = evaluate(facts, None).await;
    match evaluation.map(|evaluation| evaluation.outcome) {
        Some(Outcome::Allowed { by, public, .. }) => {
            let detail = if public {
                format!(
                    "everyone may read this bucket, by {}; Segments.ai needs no binding of its own as long as that stays",
                    by.join(", ")
                )
            } else {
                format!(
                    "the binding of `{}` is not there, and {} grants as much or more",
                    facts.place().role,
                    by.join(", ")
                )
            };
            CheckResult::new(id, Status::Warn, detail).fix(fix)
        }
        Some(Outcome::Partly { parts, cause }) => CheckResult::warn(
            id,
            Cause::find(cause).unwrap_or(Cause::G06),
            format!("only a part of the bucket is granted: {}", parts.join(", ")),
        )
        .fix(fix),
        // What comes nearest to the binding says why it is not there.
        Some(Outcome::NotGranted {
            cause,
            near: Some(near),
        }) => {
            let cause = Cause::find(cause).unwrap_or(Cause::G01);
            CheckResult::fail(
                id,
                cause,
                format!(
                    "the bucket's IAM policy does not grant `{}` to {}: {near}",
                    facts.place().role,
                    facts.place().account
                ),
            )
            .fix(mend(facts, cause))
            .may_settle()
        }
        Some(
            Outcome::NotGranted { .. } | Outcome::Denied { .. } | Outcome::Undetermined { .. },
        )
        | None => CheckResult::fail(
            id,
            Cause::G01,
            format!(
                "the bucket's IAM policy does not grant `{}` to {}",
                facts.place().role,
                facts.place().account
            ),
        )
        .fix(fix)
        .may_settle(),
    }
}

/// What everything readable says of Segments.ai's service account: for the whole bucket, and for each sample of which it
/// says something else.
pub async fn evaluated(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "gcp.access.evaluated";
    if !facts.place().account.is_known() {
        return vec![
            CheckResult::unknown(ID, NO_ACCOUNT)
                .at(Level::Evaluated)
                .decisive(),
        ];
    }
    if let Err(failure) = facts.policy().await {
        return vec![
            CheckResult::unknown(ID, unreadable(failure))
                .at(Level::Evaluated)
                .decisive(),
        ];
    }
    let Some(whole) = evaluate(facts, None).await else {
        return Vec::new();
    };
    let mixed = matches!(
        whole.outcome,
        Outcome::Partly { .. } | Outcome::Undetermined { .. }
    );
    let mut first = judge(facts, ID, whole).at(Level::Evaluated).decisive();
    let names = if mixed {
        samples(facts, ID).await.ok()
    } else {
        None
    };
    if mixed && names.is_none() && first.status == Status::Warn {
        // Which objects are meant is not known, so neither is whether they are in the part that is granted.
        first.status = Status::Unknown;
    }
    let mut results = vec![first];
    for name in names.unwrap_or_default() {
        if let Some(evaluation) = evaluate(facts, Some(name)).await {
            results.push(judge(facts, ID, evaluation).on(name).at(Level::Evaluated));
        }
    }
    for (level, policies) in facts.deny().await {
        if let Err(failure) = policies {
            results.push(
                CheckResult::unknown(ID, unreadable(failure))
                    .on(format!("IAM deny policies of {}", level_name(level)))
                    .at(Level::Evaluated),
            );
        }
    }
    results
}

/// May Segments.ai's service account read an object, or any?
async fn evaluate(facts: &Facts, object: Option<&str>) -> Option<Evaluation> {
    let account = &facts.place().account;
    let question = Question {
        member: &account.member(),
        email: account.as_str(),
        permission: PERMISSION,
        object,
    };
    nearest(facts, question).await
}

fn judge(facts: &Facts, id: &'static str, evaluation: Evaluation) -> CheckResult {
    let place = facts.place();
    let trace: Vec<_> = evaluation.trace.iter().map(iam::Grant::describe).collect();
    let result = match evaluation.outcome {
        Outcome::Allowed { by, until: None, .. } => CheckResult::pass(
            id,
            format!(
                "what could be read of IAM lets Segments.ai's service account read, by {}",
                by.join(", ")
            ),
        ),
        Outcome::Allowed {
            by,
            until: Some(until),
            ..
        } => CheckResult::warn(
            id,
            Cause::G06,
            format!(
                "what could be read of IAM lets Segments.ai's service account read, by {}, until {until}",
                by.join(", ")
            ),
        )
        .fix(place.command("connect")),
        Outcome::Partly { parts, cause } => CheckResult::warn(
            id,
            Cause::find(cause).unwrap_or(Cause::G06),
            format!(
                "what could be read of IAM lets Segments.ai's service account read only {}",
                parts.join(", ")
            ),
        )
        .fix(place.command("connect")),
        Outcome::Denied { by } => CheckResult::fail(
            id,
            Cause::G10,
            format!("Segments.ai's service account is denied by {by}"),
        )
        .fix(mend(facts, Cause::G10)),
        Outcome::NotGranted { cause, near } => {
            let cause = Cause::find(cause).unwrap_or(Cause::G01);
            let detail = near.map_or_else(
                || "no binding of the bucket, of its project or of what that is in lets Segments.ai's service account read".to_owned(),
                |near| format!("no binding of the bucket, of its project or of what that is in lets Segments.ai's service account read: {near}"),
            );
            CheckResult::fail(id, cause, detail)
                .fix(mend(facts, cause))
                .may_settle()
        }
        Outcome::Undetermined { reasons, near } => {
            let result = CheckResult::unknown(
                id,
                format!(
                    "whether Segments.ai's service account may read depends on {}",
                    reasons.join("; ")
                ),
            );
            match near.and_then(Cause::find) {
                Some(cause) => result.because(cause).fix(mend(facts, cause)),
                None => result,
            }
        }
    };
    result.evidence(json!({ "trace": trace }))
}

/// The exact command for a role that lost its effect; connecting mends the rest, and brings a deleted role back.
fn mend(facts: &Facts, cause: Cause) -> String {
    let place = facts.place();
    let (role, project) = (&place.role, &place.project.id);
    if cause == Cause::G03 {
        format!("gcloud iam roles update {role} --project={project} --stage=GA")
    } else if cause == Cause::G04 {
        format!(
            "gcloud iam roles update {role} --project={project} --add-permissions=storage.objects.get"
        )
    } else if cause == Cause::G02 {
        format!(
            "gcloud iam roles undelete {role} --project={project}\nor, more than seven days after it was deleted, a new one:\n{} --role-id {role}_2",
            place.command("connect")
        )
    } else if cause == Cause::G10 {
        format!(
            "add this to the `exceptionPrincipals` of that rule:\nprincipal://iam.googleapis.com/projects/-/serviceAccounts/{}",
            place.account
        )
    } else if cause == Cause::G05 {
        Cause::G05.entry().remedy.to_owned()
    } else {
        place.command("connect")
    }
}
