//! What the policy of a KMS key, and its grants, say of decrypting an object for Segments.ai.
//!
//! Pure. S3 asks KMS in the name of whoever reads, so the conditions are held against what is known of that:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>.

use serde_json::{Value, json};

use super::{exempted, in_words, reason};
use crate::aws::checks::unreadable;
use crate::aws::grants::{self, Context, Grant, Judged};
use crate::aws::policy::{
    self, Applies, Asked, Circumstances, Denial, Evaluation, Outcome, Place, Question, Tri,
};
use crate::aws::templates::{ACCOUNT, CANONICAL_ID, PRINCIPAL};
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::finding::CheckResult;

const ID: &str = "aws.object.protection";

/// A key policy, and the object that is encrypted with its key.
#[derive(Debug, Clone)]
pub struct Encrypted<'a> {
    /// The key's ARN, as S3 gives it for the object.
    pub id: &'a str,
    /// Whether the object is encrypted twice (DSSE-KMS).
    pub twice: bool,
    /// What S3 tells KMS of the object.
    pub context: Context,
    /// What is known about the bucket.
    pub place: Place<'a>,
    /// The key policy.
    pub policy: Option<&'a Value>,
}

impl Encrypted<'_> {
    fn cause(&self) -> Cause {
        if self.twice { Cause::A30 } else { Cause::A26 }
    }

    fn evaluated(&self, policy: Option<&Value>) -> Evaluation {
        let circumstances = Circumstances::decrypting_for_s3(&self.place, &self.context.arns);
        policy::evaluate(
            policy,
            &Question {
                principal: PRINCIPAL,
                account: ACCOUNT,
                canonical_id: Some(CANONICAL_ID),
                sid: None,
                action: "kms:Decrypt",
                resource: Asked::One(self.id),
                circumstances: &circumstances,
            },
        )
    }
}

/// Whether the grants of the key count: its policy alone neither certainly lets Segments.ai decrypt nor denies it.
#[must_use]
pub fn grants_count(encrypted: &Encrypted<'_>) -> bool {
    leaves_open(&encrypted.evaluated(encrypted.policy).outcome)
}

fn leaves_open(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::NotGranted { .. } | Outcome::Undetermined { .. } => true,
        Outcome::Allowed { .. }
        | Outcome::GrantedToAccount { .. }
        | Outcome::Denied { .. }
        | Outcome::PartlyAllowed { .. }
        | Outcome::PartlyDenied { .. } => false,
    }
}

/// Whether Segments.ai may decrypt the object, as far as the key's owner decides that: `aws.object.protection` on it.
/// `read` are the grants for Segments.ai, or why they are not known; they are looked at where [`grants_count`].
#[must_use]
pub fn decrypting(
    encrypted: &Encrypted<'_>,
    read: Option<&Result<Vec<Grant>, Failure>>,
) -> CheckResult {
    let evaluation = encrypted.evaluated(encrypted.policy);
    let trace: Vec<Value> = evaluation.trace.iter().map(reason).collect();
    let mut evidence = json!({ "key_policy": trace });
    let result = if leaves_open(&evaluation.outcome) {
        let judged: Vec<Judged> = match read {
            Some(Ok(read)) => read
                .iter()
                .map(|grant| grants::judge(grant, &encrypted.context))
                .collect(),
            Some(Err(_)) | None => Vec::new(),
        };
        evidence["grants"] = judged.iter().map(grant_evidence).collect();
        match read {
            Some(Err(why)) => not_listed(encrypted, evaluation, why),
            Some(Ok(_)) | None => with_grants(encrypted, evaluation, &judged),
        }
    } else {
        by_policy(encrypted, evaluation, "")
    };
    result.evidence(evidence).decisive()
}

/// What the policy says, with what is said of grants at the end where it grants nothing.
fn by_policy(encrypted: &Encrypted<'_>, evaluation: Evaluation, grants: &str) -> CheckResult {
    let id = encrypted.id;
    match evaluation.outcome {
        Outcome::Allowed { by, .. } | Outcome::GrantedToAccount { by } => CheckResult::pass(
            ID,
            format!(
                "it is encrypted with the key `{id}`, whose policy lets Segments.ai decrypt, by {}; Segments.ai's own side must allow it too",
                by.join(", ")
            ),
        ),
        Outcome::Denied { by, why, .. } => {
            let deciding: Vec<&Denial> = evaluation
                .denials
                .iter()
                .filter(|one| one.applies == Applies::Always)
                .collect();
            let fix = exempted(encrypted.policy, &deciding);
            let cause = encrypted.cause();
            CheckResult::fail(
                ID,
                cause,
                format!(
                    "the policy of the key `{id}` denies Segments.ai: {} ({why})",
                    by.join(", ")
                ),
            )
            .fix(fix.unwrap_or_else(|| cause.entry().remedy.to_owned()))
        }
        Outcome::NotGranted { near, .. } => {
            let near = near.map_or_else(String::new, |near| {
                format!(": {} {}", near.statement, near.why)
            });
            CheckResult::fail(
                ID,
                encrypted.cause(),
                format!("it is encrypted with the key `{id}`, whose policy does not let Segments.ai decrypt{near}; {grants}"),
            )
            .fix(statement())
        }
        Outcome::Undetermined { reasons } => CheckResult::unknown(
            ID,
            format!(
                "it is encrypted with the key `{id}`; whether its policy lets Segments.ai decrypt depends on {}",
                in_words(&reasons)
            ),
        ),
        // One key is asked for, and has no parts.
        Outcome::PartlyAllowed { .. } | Outcome::PartlyDenied { .. } => CheckResult::unknown(
            ID,
            format!("it is encrypted with the key `{id}`, whose policy speaks of a part of it"),
        ),
    }
}

/// The policy leaves it open, and whether a grant settles it cannot be seen.
fn not_listed(encrypted: &Encrypted<'_>, alone: Evaluation, why: &Failure) -> CheckResult {
    let said = by_policy(encrypted, alone, "only a grant of the key could");
    CheckResult::unknown(
        ID,
        format!(
            "{}, and its grants are not known: {}",
            said.detail,
            unreadable(why)
        ),
    )
    .fix(statement())
}

/// What the policy and the grants say together: each grant counts as a statement beside those of the policy, so that a
/// denial, and doubt about one, weighs as it does there.
fn with_grants(encrypted: &Encrypted<'_>, alone: Evaluation, judged: &[Judged]) -> CheckResult {
    let id = encrypted.id;
    let of = |answer: Tri| judged.iter().filter(move |one| one.answer == answer);
    let certain: Vec<String> = of(Tri::Yes).map(|one| format!("`{}`", one.id)).collect();
    let open: Vec<String> = of(Tri::Maybe).map(in_a_sentence).collect();
    if certain.is_empty() && open.is_empty() {
        let near: Vec<String> = of(Tri::No).map(in_a_sentence).collect();
        let said = if near.is_empty() {
            "no grant of the key is for Segments.ai".to_owned()
        } else {
            format!("no grant of the key does: {}", near.join("; "))
        };
        return by_policy(encrypted, alone, &said);
    }
    let together = with_statement(encrypted.policy);
    let evaluation = encrypted.evaluated(Some(&together));
    match evaluation.outcome {
        Outcome::Allowed { .. } if !certain.is_empty() => CheckResult::pass(
            ID,
            format!(
                "it is encrypted with the key `{id}`, which Segments.ai may decrypt with by its grant {}; Segments.ai's own side must allow it too",
                certain.join(", ")
            ),
        ),
        Outcome::Allowed { .. } => CheckResult::unknown(
            ID,
            format!(
                "it is encrypted with the key `{id}`, whose policy does not let Segments.ai decrypt for certain; {}",
                open.join("; ")
            ),
        ),
        Outcome::GrantedToAccount { .. }
        | Outcome::Denied { .. }
        | Outcome::NotGranted { .. }
        | Outcome::Undetermined { .. }
        | Outcome::PartlyAllowed { .. }
        | Outcome::PartlyDenied { .. } => by_policy(encrypted, evaluation, "its grants do not"),
    }
}

/// The policy with a statement that grants what a grant does; the policy itself where it has no form of a policy, about
/// which nothing is certain then.
fn with_statement(policy: Option<&Value>) -> Value {
    let grant = json!({
        "Sid": "a grant", "Effect": "Allow", "Principal": { "AWS": PRINCIPAL }, "Action": "kms:Decrypt", "Resource": "*",
    });
    let Some(policy) = policy else {
        return json!({ "Version": "2012-10-17", "Statement": [grant] });
    };
    let mut together = policy.clone();
    match together.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.push(grant),
        Some(one @ Value::Object(_)) => *one = json!([one.take(), grant]),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
    together
}

fn in_a_sentence(judged: &Judged) -> String {
    format!("the grant `{}` {}", judged.id, judged.why)
}

fn grant_evidence(judged: &Judged) -> Value {
    json!({
        "grant": judged.id,
        "answer": format!("{:?}", judged.answer).to_lowercase(),
        "why": judged.why,
    })
}

fn statement() -> String {
    format!(
        "add to the key's policy: {}",
        json!({
            "Sid": "segments-kms-access", "Effect": "Allow", "Principal": { "AWS": PRINCIPAL },
            "Action": "kms:Decrypt", "Resource": "*"
        })
    )
}

#[cfg(test)]
mod tests;
