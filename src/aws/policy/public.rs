//! Whether a policy certainly is not public, told from its text alone.
//!
//! S3's own answer (`GetBucketPolicyStatus`) is better, and this stands in only where it may not be asked. It never
//! says that a policy is public.

use serde_json::Value;

use super::document::Document;
use super::statement::{Clause, Effect, Principal};

/// Whether every statement that grants something names nothing but accounts and principals of their own, so that
/// the policy is not public whatever its conditions say:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
///
/// What is not understood is no reason to say yes.
#[must_use]
pub fn names_only_fixed_principals(policy: Option<&Value>) -> bool {
    let Some(policy) = policy else {
        return true;
    };
    let Ok(document) = Document::read_whole(policy) else {
        return false;
    };
    let fixed = |principal: &Principal<'_>| match principal {
        Principal::Account(text)
        | Principal::Arn(text)
        | Principal::UniqueId(text)
        | Principal::Canonical(text) => !text.contains(['*', '?', '$']),
        Principal::Everyone | Principal::Federated(_) | Principal::Service(_) => false,
    };
    document
        .statements
        .iter()
        .all(|statement| match (statement.effect, &statement.principal) {
            (Effect::Deny, _) => true,
            (Effect::Allow | Effect::Unclear, Clause::Only(principals)) => {
                !principals.is_empty() && principals.iter().all(fixed)
            }
            (Effect::Allow | Effect::Unclear, Clause::AllBut(_) | Clause::Unclear(_)) => false,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fixed(principal: &Value) -> bool {
        names_only_fixed_principals(Some(&json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*" }]
        })))
    }

    #[test]
    fn only_named_accounts_and_principals_are_certainly_not_public() {
        assert!(names_only_fixed_principals(None));
        assert!(fixed(
            &json!({ "AWS": "arn:aws:iam::931508227573:user/segmentsai-prod-user" })
        ));
        assert!(fixed(
            &json!({ "AWS": ["111122223333", "arn:aws:iam::444455556666:root"] })
        ));
        for open in [
            json!("*"),
            json!({ "AWS": "*" }),
            json!({ "AWS": ["111122223333", "*"] }),
            json!({ "Service": "cloudfront.amazonaws.com" }),
            json!({ "Federated": "cognito-identity.amazonaws.com" }),
            json!({}),
            json!(null),
        ] {
            assert!(!fixed(&open), "{open}");
        }
    }

    #[test]
    fn a_denial_of_everyone_grants_nobody() {
        let policy = json!({
            "Statement": [{ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*" }]
        });
        assert!(names_only_fixed_principals(Some(&policy)));
    }
}
