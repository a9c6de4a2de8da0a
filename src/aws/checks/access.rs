//! Access: the grant is there, nothing readable overrides it, and Block Public Access does not void it.

use serde_json::{Value, json};

use super::object::samples;
use super::unreadable;
use crate::aws::bucket_policy::Stored;
use crate::aws::facts::Facts;
use crate::aws::policy::{self, Asked, Evaluation, Outcome, Question, Reason, Share};
use crate::aws::reads::PublicAccessBlock;
use crate::aws::templates::{ACCOUNT, CANONICAL_ID, PRINCIPAL, SID, bucket_policy};
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::finding::{CheckResult, Level, Status};

/// The published statement is in the policy, read back.
pub async fn configured(facts: &Facts) -> CheckResult {
    const ID: &str = "aws.access.configured";
    let bucket = facts.access.bucket.as_str();
    let fix = facts.access.command("connect");
    let result = match facts.policy().await {
        Err(failure) => CheckResult::unknown(ID, unreadable(failure)),
        Ok(stored) => match stored.policy() {
            Err(refusal) => {
                CheckResult::unknown(ID, format!("the bucket policy {}", refusal.reason))
            }
            Ok(current) if policy::contains_ours(current, &bucket_policy(bucket)) => {
                CheckResult::pass(
                    ID,
                    "the bucket policy holds the statement that Segments.ai publishes (read back)",
                )
            }
            Ok(current) => not_published(ID, current, bucket, fix),
        },
    };
    result.at(Level::Configured).decisive()
}

/// The published statement is not there; perhaps another one grants the same.
fn not_published(
    id: &'static str,
    current: Option<&Value>,
    bucket: &str,
    fix: String,
) -> CheckResult {
    let everything = every_object(bucket);
    let evaluation = policy::evaluate(current, &question(Asked::Every(&everything)));
    match evaluation.outcome {
        Outcome::NotGranted { cause, near } => {
            let cause = Cause::find(cause).unwrap_or(Cause::A01);
            let detail = near.map_or_else(
                || "the bucket policy holds no statement for Segments.ai".to_owned(),
                |near| {
                    format!(
                        "the bucket policy does not grant it: {} {}",
                        near.statement, near.why
                    )
                },
            );
            CheckResult::fail(id, cause, detail).fix(fix).may_settle()
        }
        Outcome::GrantedToAccount { by } => CheckResult::warn(
            id,
            Cause::A22,
            format!("{} grants it to Segments.ai's whole account", by.join(", ")),
        )
        .fix(Cause::A22.entry().remedy),
        Outcome::PartlyAllowed { patterns } => CheckResult::warn(
            id,
            Cause::A03,
            format!(
                "the bucket policy grants only a part of the bucket: {}",
                shares(&patterns)
            ),
        )
        .fix(fix),
        Outcome::Allowed { by, .. } => CheckResult::new(
            id,
            Status::Warn,
            format!(
                "the published statement is not there, and {} grants as much or more",
                by.join(", ")
            ),
        )
        .fix(fix),
        Outcome::Denied { .. } | Outcome::PartlyDenied { .. } | Outcome::Undetermined { .. } => {
            CheckResult::fail(
                id,
                Cause::A01,
                "the bucket policy does not hold the statement that Segments.ai publishes",
            )
            .fix(fix)
            .may_settle()
        }
    }
}

/// What the bucket policy says of Segments.ai's principal: for the whole bucket, and for each sample of which it says
/// something else.
pub async fn policy(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "aws.policy.evaluated";
    let bucket = facts.access.bucket.as_str();
    let finish = |result: CheckResult| result.at(Level::Evaluated);
    let current = match facts.policy().await {
        Err(failure) => {
            return vec![finish(
                CheckResult::unknown(ID, unreadable(failure)).decisive(),
            )];
        }
        Ok(stored) => match stored.policy() {
            Ok(current) => current,
            Err(refusal) => {
                let why = format!("the bucket policy {}", refusal.reason);
                return vec![finish(CheckResult::unknown(ID, why).decisive())];
            }
        },
    };
    let everything = every_object(bucket);
    let whole = policy::evaluate(current, &question(Asked::Every(&everything)));
    let mixed = matches!(
        whole.outcome,
        Outcome::PartlyAllowed { .. } | Outcome::PartlyDenied { .. } | Outcome::Undetermined { .. }
    );
    let mut whole = judge(facts, ID, whole).decisive();
    let keys = if mixed {
        samples(facts, ID).await.ok()
    } else {
        None
    };
    if mixed && keys.is_none() && whole.status == Status::Warn {
        // Which objects are meant is not known, so neither is whether they are in the part that is allowed.
        whole.status = Status::Unknown;
    }
    let mut results = vec![finish(whole)];
    if let Some(keys) = keys {
        for key in keys {
            let object = format!("arn:aws:s3:::{bucket}/{key}");
            let evaluation = policy::evaluate(current, &question(Asked::One(&object)));
            results.push(finish(judge(facts, ID, evaluation).on(key)));
        }
    }
    results
}

/// With RestrictPublicBuckets on, a policy that is public for any reason admits nobody from another account:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
///
/// This is what can still void a grant that the policy's own part found; where that part found none, there is
/// nothing to void and nothing to pass.
pub async fn block_public_access(facts: &Facts) -> CheckResult {
    const ID: &str = "aws.access.evaluated";
    let (policy, public) = futures_util::future::join(facts.policy(), facts.public()).await;
    let Ok(Ok(current)) = policy.as_ref().map(Stored::policy) else {
        return CheckResult::unknown(
            ID,
            "the bucket policy could not be evaluated, so neither could what else decides",
        )
        .at(Level::Evaluated);
    };
    let everything = every_object(facts.access.bucket.as_str());
    let grants = match policy::evaluate(current, &question(Asked::Every(&everything))).outcome {
        Outcome::NotGranted { .. } | Outcome::Denied { .. } => false,
        Outcome::Allowed { .. }
        | Outcome::GrantedToAccount { .. }
        | Outcome::PartlyAllowed { .. }
        | Outcome::PartlyDenied { .. }
        | Outcome::Undetermined { .. } => true,
    };
    if !grants {
        return CheckResult::skipped(
            ID,
            "the bucket policy itself does not let Segments.ai in; see `aws.policy.evaluated`",
        )
        .at(Level::Evaluated);
    }
    // Where S3 may not be asked, a policy that names only fixed principals is certainly not public.
    let public = match public {
        Ok(public) => Some(public.unwrap_or(false)),
        Err(_) if policy::names_only_fixed_principals(current) => Some(false),
        Err(_) => None,
    };
    let result = if public == Some(false) {
        CheckResult::pass(
            ID,
            "the bucket policy is not public, so Block Public Access does not concern Segments.ai",
        )
    } else {
        restricted(facts, public == Some(true)).await
    };
    result.at(Level::Evaluated)
}

/// The policy is public, or may be: does RestrictPublicBuckets of the bucket or of the account void the grant?
async fn restricted(facts: &Facts, certainly_public: bool) -> CheckResult {
    const ID: &str = "aws.access.evaluated";
    let (bucket, account) = futures_util::future::join(facts.block(), facts.account_block()).await;
    let on = |block: &Result<PublicAccessBlock, Failure>| matches!(block, Ok(block) if block.restrict_public_buckets);
    let whose = match (on(bucket), on(account)) {
        (true, _) => Some("the bucket"),
        (false, true) => Some("the account"),
        (false, false) => None,
    };
    match (whose, bucket, account) {
        (Some(whose), _, _) if certainly_public => CheckResult::fail(
            ID,
            Cause::A16,
            format!("the bucket policy has a public statement and RestrictPublicBuckets of {whose} is on, so S3 admits no other account, Segments.ai included"),
        )
        .fix(Cause::A16.entry().remedy),
        (Some(whose), _, _) => {
            let why = facts.public().await.as_ref().err().map(unreadable).unwrap_or_default();
            CheckResult::unknown(
                ID,
                format!("RestrictPublicBuckets of {whose} is on and voids the grant if the policy is public: {why}"),
            )
        }
        (None, Err(failure), _) | (None, _, Err(failure)) => {
            CheckResult::unknown(ID, format!("the bucket policy is or may be public, and {}", unreadable(failure)))
        }
        (None, Ok(_), Ok(_)) => {
            CheckResult::pass(ID, "RestrictPublicBuckets is off, so a public statement does not void Segments.ai's grant")
        }
    }
    .decisive()
}

fn judge(facts: &Facts, id: &'static str, evaluation: Evaluation) -> CheckResult {
    let evidence = json!({
        "unsure": evaluation.unsure.iter().map(reason).collect::<Vec<_>>(),
        "trace": evaluation.trace.iter().map(reason).collect::<Vec<_>>(),
    });
    let exempt = Cause::A49.entry().remedy;
    let result = match evaluation.outcome {
        Outcome::Allowed { by, .. } => CheckResult::pass(
            id,
            format!(
                "the bucket policy allows Segments.ai to read, by {}",
                by.join(", ")
            ),
        ),
        Outcome::GrantedToAccount { by } => CheckResult::warn(
            id,
            Cause::A22,
            format!(
                "the bucket policy allows Segments.ai's whole account to read, by {}",
                by.join(", ")
            ),
        )
        .fix(Cause::A22.entry().remedy),
        Outcome::PartlyAllowed { patterns } => CheckResult::warn(
            id,
            Cause::A03,
            format!(
                "the bucket policy allows Segments.ai to read only {}",
                shares(&patterns)
            ),
        )
        .fix(Cause::A03.entry().remedy),
        Outcome::PartlyDenied { patterns } => CheckResult::warn(
            id,
            Cause::A49,
            format!(
                "the bucket policy denies Segments.ai a part of the bucket: {}",
                shares(&patterns)
            ),
        )
        .fix(exempt),
        Outcome::Denied { by, cause, why } => {
            let cause = Cause::find(cause).unwrap_or(Cause::A49);
            CheckResult::fail(
                id,
                cause,
                format!("{} denies Segments.ai: {why}", by.join(", ")),
            )
            .fix(exempt)
        }
        Outcome::NotGranted { cause, near } => {
            let cause = Cause::find(cause).unwrap_or(Cause::A01);
            let detail = near.map_or_else(
                || "the bucket policy grants Segments.ai nothing".to_owned(),
                |near| {
                    format!(
                        "the bucket policy grants Segments.ai nothing: {} {}",
                        near.statement, near.why
                    )
                },
            );
            CheckResult::fail(id, cause, detail)
                .fix(facts.access.command("connect"))
                .may_settle()
        }
        Outcome::Undetermined { reasons } => {
            let mut said: Vec<String> = Vec::new();
            for reason in &reasons {
                let suspicion = reason
                    .suspected
                    .map_or_else(String::new, |code| format!(", possibly {code}"));
                let line = format!(
                    "{}: {} {} ({}{suspicion})",
                    reason.statement, reason.element, reason.value, reason.why
                );
                if !said.contains(&line) {
                    said.push(line);
                }
            }
            CheckResult::unknown(
                id,
                format!(
                    "whether Segments.ai is denied depends on {}",
                    said.join("; ")
                ),
            )
        }
    };
    result.evidence(evidence)
}

fn question(resource: Asked<'_>) -> Question<'_> {
    Question {
        principal: PRINCIPAL,
        account: ACCOUNT,
        canonical_id: Some(CANONICAL_ID),
        sid: Some(SID),
        action: "s3:GetObject",
        resource,
    }
}

fn every_object(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}/*")
}

fn shares(shares: &[Share]) -> String {
    let each: Vec<String> = shares
        .iter()
        .map(|share| format!("{} ({})", share.part.in_words(), share.by))
        .collect();
    each.join(", ")
}

fn reason(reason: &Reason) -> Value {
    json!({
        "statement": reason.statement,
        "element": reason.element,
        "value": reason.value,
        "answer": format!("{:?}", reason.answer).to_lowercase(),
        "why": reason.why,
        "suspected": reason.suspected,
    })
}
