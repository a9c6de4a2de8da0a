//! Access: the app is installed and has its role, and nothing readable overrides it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::object::samples;
use super::unreadable;
use crate::azure::facts::Facts;
use crate::azure::hand_off;
use crate::azure::inputs::Listed;
use crate::azure::rbac::condition::Sample;
use crate::azure::rbac::{self, Evaluation, Grant, Groups, Held, Question};
use crate::azure::sas::LINK_LIFE;
use crate::azure::templates::{APP_ID, READER};
use crate::azure::view::Standpoint;
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::finding::{CheckResult, Level, Status};

/// The app is installed and enabled, and the published role is assigned to it: read back.
pub async fn configured(facts: &Facts) -> CheckResult {
    const ID: &str = "azure.access.configured";
    look(facts, ID).await.at(Level::Configured).decisive()
}

async fn look(facts: &Facts, id: &'static str) -> CheckResult {
    let place = facts.place();
    let tenant = place.tenant();
    let connect = place.command("connect");
    let (principal, asked) = match facts.given_principal() {
        Some(given) => (given.to_owned(), false),
        None => match facts.principal().await {
            Err(failure) => return CheckResult::unknown(id, unreadable(failure)),
            Ok(None) => {
                return CheckResult::fail(
                    id,
                    Cause::Z01,
                    format!("the app of Segments.ai ({APP_ID}) is not installed in the tenant {tenant}"),
                )
                .fix(format!(
                    "{connect}\nor let an administrator of the directory ({}) run: az ad sp create --id {APP_ID}",
                    hand_off::DIRECTORY_ROLES
                ))
                .may_settle();
            }
            Ok(Some(found)) if found.enabled == Some(false) => {
                return CheckResult::fail(
                    id,
                    Cause::Z02,
                    format!("the app of Segments.ai is installed in the tenant {tenant}, and disabled: it cannot sign in"),
                )
                .fix(Cause::Z02.entry().remedy)
                .evidence(found.shown.clone());
            }
            Ok(Some(found)) => (found.id.clone(), true),
        },
    };
    let account = match facts.found() {
        Ok(account) => account,
        Err(failure) => return CheckResult::unknown(id, unreadable(&failure)),
    };
    let assignments = match facts.assignments().await {
        Ok(assignments) => assignments,
        Err(failure) => return CheckResult::unknown(id, unreadable(failure)),
    };
    let evidence = json!({ "service_principal": principal, "assignments": assignments });
    let installed = if asked {
        "the app of Segments.ai is installed"
    } else {
        "the app of Segments.ai was not looked up, as its object ID was given"
    };
    let result = match rbac::held(assignments, &principal, &account.id) {
        Held::Yes {
            inherited: None, ..
        } => CheckResult::pass(
            id,
            format!(
                "{installed}, and {READER} is assigned to it on the storage account (read back)"
            ),
        ),
        Held::Yes {
            inherited: Some(scope),
            ..
        } => CheckResult::pass(
            id,
            format!(
                "{installed}, and {READER} is assigned to it at {scope}, from which the storage account inherits (read back)"
            ),
        ),
        Held::WithCondition { .. } => CheckResult::warn(
            id,
            Cause::Z06,
            format!("{installed}, and {READER} is assigned to it with a condition"),
        )
        .fix(Cause::Z06.entry().remedy),
        Held::No => if_the_list_is_whole(
            facts,
            not_held(facts, id, &principal, &account.id, assignments)
                .await
                .fix(connect)
                .may_settle(),
        ),
    };
    result.evidence(evidence)
}

/// The published role is not assigned; perhaps another one does the same, or somebody else has it.
async fn not_held(
    facts: &Facts,
    id: &'static str,
    principal: &str,
    account: &str,
    assignments: &[Value],
) -> CheckResult {
    let evaluation = evaluate(facts, principal, account, assignments, &[], None).await;
    match evaluation.read {
        Grant::Granted { by } => CheckResult::new(
            id,
            Status::Warn,
            format!(
                "{READER} is not assigned to the app, and another role {by} lets it read blobs too"
            ),
        ),
        Grant::Partly { cause, parts } => CheckResult::fail(
            id,
            cause,
            format!(
                "{READER} is not assigned to the app on the storage account; it may read a part: {}",
                parts.join("; ")
            ),
        ),
        Grant::NotGranted { cause, why } => {
            let others = match facts.others_with_the_role().await {
                Ok(others) => others.as_slice(),
                Err(_) => &[],
            };
            if assignments.is_empty() && !others.is_empty() {
                return CheckResult::fail(
                    id,
                    Cause::Z03,
                    format!(
                        "nothing is assigned to the app's service principal ({principal}); {READER} is assigned on the storage account to {}, which may have been meant for it",
                        others.join(", ")
                    ),
                );
            }
            CheckResult::fail(
                id,
                cause,
                format!("{READER} is not assigned to the app on the storage account: {why}"),
            )
        }
        Grant::Denied { .. } | Grant::Undetermined { .. } => CheckResult::fail(
            id,
            Cause::Z10,
            format!("{READER} is not assigned to the app on the storage account"),
        ),
    }
}

/// That something is not in a list of somebody's own making proves nothing: it may have been listed at another scope,
/// without what is inherited, or by a filter (<https://learn.microsoft.com/cli/azure/role/assignment#az-role-assignment-list>).
fn if_the_list_is_whole(facts: &Facts, mut result: CheckResult) -> CheckResult {
    if facts.view.inputs.listed == Listed::ForThePrincipal || result.status != Status::Fail {
        return result;
    }
    result.status = Status::Unknown;
    result.detail = format!(
        "in the list that was handed in, {}; whether the list is whole, it does not say",
        result.detail
    );
    if let Ok(account) = facts.found() {
        result.fix = Some(format!(
            "make the list anew, and judge that: az role assignment list --scope {} --include-inherited --output json",
            crate::redact::shell_quote(&account.id)
        ));
    }
    result
}

/// What everything readable says: roles, conditions, denials, and the account's own policy for links.
pub async fn evaluated(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "azure.access.evaluated";
    let finish = |result: CheckResult| result.at(Level::Evaluated).decisive();
    match known(facts).await {
        Err(Missing::Unreadable(failure)) => {
            vec![finish(CheckResult::unknown(ID, unreadable(&failure)))]
        }
        Err(Missing::NotInstalled) => vec![finish(
            CheckResult::fail(
                ID,
                Cause::Z01,
                "the app of Segments.ai is not installed, so nothing is granted to it",
            )
            .fix(facts.place().command("connect"))
            .may_settle(),
        )],
        Ok(known) => {
            let whole = known.evaluate(facts, None).await;
            let mut results = vec![finish(judge(facts, ID, &whole).await)];
            // Where it differs from blob to blob, each sample has an answer of its own.
            if matches!(whole.read, Grant::Partly { .. })
                && let Ok(names) = samples(facts, ID).await
            {
                for name in names {
                    let sample = Sample {
                        container: &name.container,
                        path: &name.blob,
                    };
                    let one = known.evaluate(facts, Some(sample)).await;
                    results.push(
                        judge(facts, ID, &one)
                            .await
                            .on(name.to_string())
                            .at(Level::Evaluated),
                    );
                }
            }
            results
        }
    }
}

/// What is needed to evaluate.
pub struct Known<'a> {
    principal: String,
    account: &'a str,
    assignments: &'a [Value],
    groups: Groups,
    denials: &'a [Value],
}

/// Why nothing can be evaluated.
pub enum Missing {
    /// The app is not installed.
    NotInstalled,
    /// Something could not be read.
    Unreadable(Failure),
}

/// Reads what is needed to evaluate.
///
/// # Errors
/// Where the app is not installed, or something could not be read.
pub async fn known(facts: &Facts) -> Result<Known<'_>, Missing> {
    let unreadable = |failure: &Failure| Missing::Unreadable(failure.clone());
    let account = facts.found().map_err(Missing::Unreadable)?;
    // All of them are asked at once.
    let (assignments, denials) =
        futures_util::future::join(facts.assignments(), facts.denials()).await;
    let principal = match facts.given_principal() {
        Some(given) => given.to_owned(),
        None => match facts.principal().await {
            Ok(Some(found)) => found.id.clone(),
            Ok(None) => return Err(Missing::NotInstalled),
            Err(failure) => return Err(unreadable(failure)),
        },
    };
    let denials: &[Value] = match denials {
        Ok(denials) => denials,
        // What was not handed in is told as not checked, and decides nothing.
        Err(_) if were_not_handed_in(facts) => &[],
        Err(failure) => return Err(unreadable(failure)),
    };
    Ok(Known {
        principal,
        account: &account.id,
        assignments: assignments.as_ref().map_err(unreadable)?,
        groups: facts.groups(),
        denials,
    })
}

/// Whether there are documents alone, and the deny assignments are not among them.
fn were_not_handed_in(facts: &Facts) -> bool {
    facts.view.from == Standpoint::Documents && facts.view.inputs.denials.is_none()
}

impl Known<'_> {
    /// The question, of all blobs.
    #[must_use]
    pub fn question<'a>(
        &'a self,
        definition: &'a dyn Fn(&str) -> Option<Value>,
        now: time::OffsetDateTime,
    ) -> Question<'a> {
        Question {
            principal: &self.principal,
            account: self.account,
            assignments: self.assignments,
            definition,
            groups: self.groups,
            denials: self.denials,
            sample: None,
            now,
        }
    }

    async fn evaluate(&self, facts: &Facts, sample: Option<Sample<'_>>) -> Evaluation {
        evaluate(
            facts,
            &self.principal,
            self.account,
            self.assignments,
            self.denials,
            sample,
        )
        .await
    }
}

async fn evaluate(
    facts: &Facts,
    principal: &str,
    account: &str,
    assignments: &[Value],
    denials: &[Value],
    sample: Option<Sample<'_>>,
) -> Evaluation {
    let definition = definition_of(facts.definitions().await);
    rbac::evaluate(&Question {
        principal,
        account,
        assignments,
        definition: &definition,
        groups: facts.groups(),
        denials,
        sample,
        now: facts.now,
    })
}

/// The definition of a role, where it was read.
pub fn definition_of(
    definitions: &BTreeMap<String, Result<Value, Failure>>,
) -> impl Fn(&str) -> Option<Value> {
    |id| {
        definitions
            .get(id)
            .and_then(|read| read.as_ref().ok().cloned())
    }
}

/// Segments.ai reads through links, so it needs both: to read, and to sign.
async fn judge(facts: &Facts, id: &'static str, evaluation: &Evaluation) -> CheckResult {
    let fix = facts.place().command("connect");
    let read = told(id, "read blobs", &evaluation.read, &fix);
    let sign = told(id, "sign links to them", &evaluation.sign, &fix);
    let worse = match (&read, &sign) {
        (Err(read), Err(sign)) if rank(sign) > rank(read) => sign.clone(),
        (Err(read), _) => read.clone(),
        (Ok(_), Err(sign)) => sign.clone(),
        (Ok(by), Ok(_)) => return granted(facts, id, by, evaluation.settling).await,
    };
    if_the_list_is_whole(facts, *worse)
}

fn rank(result: &CheckResult) -> u8 {
    match result.status {
        Status::Fail => 3,
        Status::Unknown => 2,
        Status::Warn => 1,
        Status::Pass | Status::Skipped => 0,
    }
}

fn told<'a>(
    id: &'static str,
    what: &str,
    grant: &'a Grant,
    fix: &str,
) -> Result<&'a str, Box<CheckResult>> {
    Err(Box::new(match grant {
        Grant::Granted { by } => return Ok(by),
        Grant::Partly { cause, parts } => CheckResult::warn(
            id,
            *cause,
            format!(
                "the app may {what} in a part of the storage account: {}",
                parts.join("; ")
            ),
        )
        .fix(fix),
        Grant::NotGranted { cause, why } => {
            CheckResult::fail(id, *cause, format!("the app may not {what}: {why}"))
                .fix(fix)
                .may_settle()
        }
        Grant::Denied { by } => CheckResult::fail(
            id,
            Cause::Z08,
            format!(
                "the deny assignment `{by}` forbids the app to {what}, whatever is assigned to it"
            ),
        )
        .fix(Cause::Z08.entry().remedy),
        Grant::Undetermined { why } => CheckResult::unknown(
            id,
            format!(
                "whether the app may {what} cannot be told: {}",
                why.join("; ")
            ),
        ),
    }))
}

/// The roles allow it; the account's policy for shared access signatures may still refuse the links.
async fn granted(facts: &Facts, id: &'static str, by: &str, settling: bool) -> CheckResult {
    let documents = facts.view.from == Standpoint::Documents;
    let account = match facts.account().await {
        Ok(account) => account,
        Err(_) if documents && facts.view.inputs.account.is_none() => &Value::Null,
        Err(failure) => {
            return CheckResult::unknown(
                id,
                format!(
                    "the roles allow it, and the account's policy for links is not known: {}",
                    unreadable(failure)
                ),
            );
        }
    };
    if let Some(result) = policy_for_links(id, account) {
        return result;
    }
    let denials = if were_not_handed_in(facts) {
        "deny assignments were not handed in"
    } else {
        "no deny assignment forbids it"
    };
    let allowed = format!(
        "a role that is assigned {by} lets the app read blobs and sign links to them; {denials}"
    );
    if settling {
        // It is granted, and may be refused for now: neither a plain yes nor a no.
        return CheckResult::warn(
            id,
            Cause::Z07,
            format!("{allowed}. The assignment is less than ten minutes old, and Azure may take that long to heed it everywhere"),
        )
        .fix(Cause::Z07.entry().remedy);
    }
    CheckResult::pass(id, allowed)
}

/// `sasPolicy`: how long links may live, and whether they must name a user:
/// <https://learn.microsoft.com/azure/storage/common/sas-expiration-policy>.
fn policy_for_links(id: &'static str, account: &Value) -> Option<CheckResult> {
    let policy = account.get("properties")?.get("sasPolicy")?;
    let text = |name: &str| policy.get(name).and_then(Value::as_str).unwrap_or_default();
    let blocks = |name: &str| text(name).eq_ignore_ascii_case("Block");
    let bound = policy
        .get("requireUserBoundUserDelegationSas")
        .and_then(Value::as_bool)
        == Some(true);
    if bound && blocks("requireUserBoundUserDelegationSasAction") {
        return Some(
            CheckResult::fail(
                id,
                Cause::Z15,
                "the account refuses links that are not bound to one user, and Segments.ai's are for whoever labels",
            )
            .fix(Cause::Z15.entry().remedy),
        );
    }
    let logs = |name: &str| {
        ["", "Log", "None"]
            .iter()
            .any(|action| text(name).eq_ignore_ascii_case(action))
    };
    let others = [
        "expirationAction",
        "requireUserBoundUserDelegationSasAction",
    ];
    if let Some(other) = others.iter().find(|name| !logs(name) && !blocks(name)) {
        return Some(CheckResult::unknown(
            id,
            format!(
                "what the account does with links against its policy is not known: `{other}` is `{}`",
                text(other)
            ),
        ));
    }
    if !blocks("expirationAction") {
        return None;
    }
    let period = text("sasExpirationPeriod");
    match period_of(period) {
        Some(limit) if limit >= LINK_LIFE => Some(
            CheckResult::unknown(
                id,
                format!("the account refuses links that live longer than {period}, and ones that do not say since when they hold; whether Segments.ai's say so is not known"),
            )
            .because(Cause::Z14)
            .fix(Cause::Z14.entry().remedy),
        ),
        Some(_) => Some(
            CheckResult::fail(
                id,
                Cause::Z14,
                format!("the account refuses links that live longer than {period}, and Segments.ai's live for 24 hours"),
            )
            .fix(Cause::Z14.entry().remedy),
        ),
        None if period.is_empty() => None,
        None => Some(CheckResult::unknown(
            id,
            format!("the account refuses links by their age, and how long they may live cannot be read (`{period}`)"),
        )),
    }
}

/// `DD.HH:MM:SS`.
fn period_of(text: &str) -> Option<time::Duration> {
    let (days, rest) = text.split_once('.').unwrap_or(("0", text));
    // No part is longer, and none has a sign.
    let number = |part: &str| -> Option<i64> {
        let plain = part.len() <= 6 && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse().ok()).flatten()
    };
    let parts: Vec<i64> = rest.split(':').map(number).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = parts.as_slice() else {
        return None;
    };
    Some(
        time::Duration::days(number(days)?)
            + time::Duration::hours(*hours)
            + time::Duration::minutes(*minutes)
            + time::Duration::seconds(*seconds),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_for_links_are_told_apart() {
        let account = |policy: Value| json!({ "properties": { "sasPolicy": policy } });
        for (policy, status, cause) in [
            (json!(null), None, None),
            (
                json!({ "sasExpirationPeriod": "0.01:00:00", "expirationAction": "Log" }),
                None,
                None,
            ),
            (
                json!({ "sasExpirationPeriod": "1.00:00:00", "expirationAction": "Block" }),
                Some(Status::Unknown),
                Some(Cause::Z14),
            ),
            (
                json!({ "sasExpirationPeriod": "7.00:00:00", "expirationAction": "Block" }),
                Some(Status::Unknown),
                Some(Cause::Z14),
            ),
            (
                json!({ "sasExpirationPeriod": "0.23:59:59", "expirationAction": "Block" }),
                Some(Status::Fail),
                Some(Cause::Z14),
            ),
            (
                json!({ "sasExpirationPeriod": "08:00:00", "expirationAction": "block" }),
                Some(Status::Fail),
                Some(Cause::Z14),
            ),
            (
                json!({ "sasExpirationPeriod": "a week", "expirationAction": "Block" }),
                Some(Status::Unknown),
                None,
            ),
            (
                json!({ "sasExpirationPeriod": "9000000000000000000.00:00:00", "expirationAction": "Block" }),
                Some(Status::Unknown),
                None,
            ),
            (
                json!({ "sasExpirationPeriod": "-1.00:00:00", "expirationAction": "Block" }),
                Some(Status::Unknown),
                None,
            ),
            (
                json!({ "sasExpirationPeriod": "0.01:00:00", "expirationAction": "Refuse" }),
                Some(Status::Unknown),
                None,
            ),
            (
                json!({ "sasExpirationPeriod": "9.00:00:00", "expirationAction": "Log", "requireUserBoundUserDelegationSas": true, "requireUserBoundUserDelegationSasAction": "Block" }),
                Some(Status::Fail),
                Some(Cause::Z15),
            ),
            (
                json!({ "requireUserBoundUserDelegationSas": true, "requireUserBoundUserDelegationSasAction": "Log", "expirationAction": "Log" }),
                None,
                None,
            ),
        ] {
            let result = policy_for_links("azure.access.evaluated", &account(policy.clone()));
            assert_eq!(
                result.as_ref().map(|result| result.status),
                status,
                "{policy}"
            );
            assert_eq!(result.and_then(|result| result.cause), cause, "{policy}");
        }
    }
}
