//! What the policy of a KMS key says of decrypting an object for Segments.ai.
//!
//! Pure. S3 asks KMS in the name of whoever reads, so the conditions are held against what is known of that:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>.

use serde_json::{Value, json};

use super::{exempted, in_words, reason};
use crate::aws::policy::{self, Applies, Asked, Circumstances, Denial, Outcome, Place, Question};
use crate::aws::templates::{ACCOUNT, CANONICAL_ID, PRINCIPAL};
use crate::catalogue::Cause;
use crate::finding::CheckResult;

/// A key policy, and the object that is encrypted with its key.
#[derive(Debug, Clone, Copy)]
pub struct Encrypted<'a> {
    /// The key's ARN, as S3 gives it for the object.
    pub id: &'a str,
    /// Whether the object is encrypted twice (DSSE-KMS).
    pub twice: bool,
    /// The bucket's name.
    pub bucket: &'a str,
    /// The object's key.
    pub object: &'a str,
    /// What is known about the bucket.
    pub place: Place<'a>,
    /// The key policy.
    pub policy: Option<&'a Value>,
}

/// Whether the key policy lets Segments.ai decrypt the object: `aws.object.protection` on it.
#[must_use]
pub fn key_policy(encrypted: &Encrypted<'_>) -> CheckResult {
    const ID: &str = "aws.object.protection";
    let id = encrypted.id;
    let bucket = format!("arn:aws:s3:::{}", encrypted.bucket);
    let object = format!("{bucket}/{}", encrypted.object);
    let circumstances = Circumstances::decrypting_for_s3(&encrypted.place, &bucket, &object);
    let evaluation = policy::evaluate(
        encrypted.policy,
        &Question {
            principal: PRINCIPAL,
            account: ACCOUNT,
            canonical_id: Some(CANONICAL_ID),
            sid: None,
            action: "kms:Decrypt",
            resource: Asked::One(id),
            circumstances: &circumstances,
        },
    );
    let cause = if encrypted.twice {
        Cause::A30
    } else {
        Cause::A26
    };
    let result = match evaluation.outcome {
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
                cause,
                format!("it is encrypted with the key `{id}`, whose policy does not let Segments.ai decrypt{near}; grants of the key are not looked at"),
            )
            .fix(format!(
                "add to the key's policy: {}",
                json!({
                    "Sid": "segments-kms-access", "Effect": "Allow", "Principal": { "AWS": PRINCIPAL },
                    "Action": "kms:Decrypt", "Resource": "*"
                })
            ))
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
    };
    let trace: Vec<Value> = evaluation.trace.iter().map(reason).collect();
    result.evidence(json!({ "key_policy": trace })).decisive()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Status;

    const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    fn found(statements: &Value, twice: bool) -> CheckResult {
        let policy = json!({"Version": "2012-10-17", "Statement": statements});
        key_policy(&Encrypted {
            id: KEY,
            twice,
            bucket: "acme",
            object: "a/1.jpg",
            place: Place {
                region: Some("eu-west-1"),
                owner: Some("123456789012"),
                now: None,
            },
            policy: Some(&policy),
        })
    }

    fn allow(condition: &Value) -> Value {
        json!({
            "Sid": "decrypt", "Effect": "Allow", "Principal": {"AWS": PRINCIPAL}, "Action": ["kms:Decrypt", "kms:DescribeKey"],
            "Resource": "*", "Condition": condition,
        })
    }

    /// The owner's statement that every key begins with:
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>.
    fn owner() -> Value {
        json!({
            "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "kms:*", "Resource": "*",
        })
    }

    /// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>.
    #[test]
    fn conditions_are_held_against_s3_asking_for_the_reader() {
        for (condition, status) in [
            (json!({}), Status::Pass),
            (
                json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
                Status::Pass,
            ),
            (
                json!({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
                Status::Fail,
            ),
            (
                json!({"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}),
                Status::Pass,
            ),
            (
                json!({"StringEquals": {"kms:CallerAccount": "123456789012"}}),
                Status::Fail,
            ),
            (
                json!({"StringEquals": {"kms:CallerAccount": "931508227573"}}),
                Status::Pass,
            ),
            (
                json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::acme*"}}),
                Status::Pass,
            ),
            (
                json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::acme/a/*"}}),
                Status::Unknown,
            ),
            (
                json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::other/*"}}),
                Status::Fail,
            ),
            (
                json!({"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["aws:s3:arn"]}}),
                Status::Pass,
            ),
            (
                json!({"Bool": {"kms:GrantIsForAWSResource": "true"}}),
                Status::Fail,
            ),
            (
                json!({"StringEquals": {"kms:RequestAlias": "alias/images"}}),
                Status::Unknown,
            ),
        ] {
            let result = found(&json!([owner(), allow(&condition)]), false);
            assert_eq!(result.status, status, "{condition}: {}", result.detail);
            assert!(result.decisive);
            let named = result.detail.contains("statement `decrypt`");
            assert!(named, "{condition}: {}", result.detail);
        }
    }

    #[test]
    fn who_is_not_named_may_not_decrypt() {
        for (twice, cause) in [(false, Cause::A26), (true, Cause::A30)] {
            let result = found(&json!([owner()]), twice);
            assert_eq!((result.status, result.cause), (Status::Fail, Some(cause)));
            assert!(
                result
                    .fix
                    .is_some_and(|fix| fix.starts_with("add to the key's policy: {"))
            );
        }
    }

    #[test]
    fn a_denial_is_told_with_the_statement_as_it_should_read() {
        let deny = json!({
            "Sid": "ours only", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
            "Condition": {"StringNotEquals": {"kms:CallerAccount": "123456789012"}},
        });
        let result = found(&json!([owner(), allow(&json!({})), deny]), false);
        assert_eq!(
            (result.status, result.cause),
            (Status::Fail, Some(Cause::A26))
        );
        let fix = result.fix.expect("a remedy");
        let (_, text) = fix.split_once("so that it reads: ").expect("the statement");
        let mended: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(
            found(&json!([owner(), allow(&json!({})), mended]), false).status,
            Status::Pass
        );
    }
}
