//! What S3 would refuse, found before anything is sent: size, principals that no longer exist, public policies.
//!
//! It looks at the document that is to be written and never changes it.

use serde_json::Value;

use super::statement::{Statement, is_unique_id};
use crate::error::Refusal;
use crate::json;

/// The most bytes that S3 takes for a bucket policy, counted after insignificant whitespace is removed.
///
/// <https://docs.aws.amazon.com/general/latest/gr/s3.html> says 20 KB; the exact count was observed:
/// <https://github.com/MIT-LCP/physionet-build/issues/2094>.
pub const MAX_BYTES: usize = 20_480;

/// The size of a policy as S3 counts it.
#[must_use]
pub fn bytes(policy: &Value) -> usize {
    json::compact(policy).len()
}

/// The unique ids (`AIDA…`, `AROA…`) that stand as principals, each with what to call its statement.
///
/// IAM shows them in the place of users and roles that were deleted, and refuses a document that has one
/// ("Invalid principal in policy"), whoever wrote that statement:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>.
#[must_use]
pub fn unresolvable<'s, 'a: 's>(
    statements: impl IntoIterator<Item = &'s Statement<'a>>,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for statement in statements {
        for element in ["Principal", "NotPrincipal"] {
            let Some(value) = statement.raw.get(element) else {
                continue;
            };
            for text in texts(value) {
                if is_unique_id(text) {
                    found.push((statement.label.clone(), text.to_owned()));
                }
            }
        }
    }
    found
}

/// Refuses a document that S3 would not take. Only for one that is about to be written.
///
/// `staying` are the statements of the present document that are in `next` too, so that they are called by
/// the place in which their owner finds them.
///
/// # Errors
/// When it is too large, or names a principal that no longer exists.
pub(super) fn check<'s, 'a: 's>(
    next: &Value,
    staying: impl IntoIterator<Item = &'s Statement<'a>>,
    bucket: &str,
) -> Result<(), Refusal> {
    let size = bytes(next);
    if size > MAX_BYTES {
        return Err(Refusal::new(format!(
            "the bucket policy of `{bucket}` would have {} bytes without insignificant whitespace, \
             and S3 takes at most {} (A44)",
            grouped(size),
            grouped(MAX_BYTES)
        ))
        .hint(format!(
            "make it {} {} smaller by removing statements that are no longer needed, or by joining \
             statements that differ in one element only; then run again",
            grouped(size - MAX_BYTES),
            if size - MAX_BYTES == 1 {
                "byte"
            } else {
                "bytes"
            }
        )));
    }
    let stale = unresolvable(staying);
    let Some((label, id)) = stale.first() else {
        return Ok(());
    };
    let mut refusal = Refusal::new(format!(
        "{label} of the bucket policy of `{bucket}` names the principal `{id}`, a user or role that no longer \
         exists, and S3 refuses a whole policy that names one"
    ))
    .hint(format!(
        "take `{id}` out of {label}, or put the ARN of a principal that exists in its place; then run again"
    ));
    for (label, id) in stale.iter().skip(1) {
        refusal = refusal.hint(format!("the same holds for `{id}` in {label}"));
    }
    Err(refusal)
}

/// What is known about the bucket that decides whether S3 takes a policy at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Guard {
    /// Whether S3 calls the present policy public; none where that could not be asked.
    pub public: Option<bool>,
    /// Whether Block Public Access refuses public policies here; none where that could not be asked.
    pub block_public_policy: Option<bool>,
}

impl Guard {
    /// Refuses to write `after` in the place of `before` where S3 is known to refuse it.
    ///
    /// With `BlockPublicPolicy`, S3 refuses to store a policy that is public, also when the public part was
    /// there before and is not what changes:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
    /// Our statement names one fixed user and never makes a policy public. A policy that stays as it is, or
    /// is deleted, is not stored, so nothing is refused then.
    ///
    /// # Errors
    /// When a policy is to be stored, the present one is public, and public ones are refused.
    pub fn check(
        self,
        before: Option<&Value>,
        after: Option<&Value>,
        bucket: &str,
    ) -> Result<(), Refusal> {
        let stores = after.is_some() && before != after;
        if !stores || self.public != Some(true) || self.block_public_policy != Some(true) {
            return Ok(());
        }
        Err(Refusal::new(format!(
            "the bucket policy of `{bucket}` already has a public statement, and Block Public Access \
             (`BlockPublicPolicy`, A17) makes S3 refuse every change to a public policy; the statement for \
             Segments.ai is not public itself"
        ))
        .hint(
            "find the statement that grants to everyone (`\"Principal\": \"*\"` without a condition on a fixed \
             value), and remove it or name fixed principals in it; then run again",
        ))
    }
}

/// The texts in a principal element, wherever one may stand.
fn texts(value: &Value) -> Vec<&str> {
    let mut level = vec![value];
    let mut found = Vec::new();
    // The element itself, the kinds of principals in it, and the list of each.
    for _ in 0..3 {
        found.extend(level.iter().filter_map(|value| value.as_str()));
        level = level.into_iter().flat_map(entries).collect();
    }
    found
}

fn entries(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// A count with its thousands set off: `20,480`.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::policy::Document;
    use serde_json::json;

    #[test]
    fn counts_are_grouped() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (20_480, "20,480"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(count), text);
        }
    }

    #[test]
    fn the_limit_itself_is_taken_and_one_byte_more_is_not() {
        let padded = |size: usize| {
            let empty = bytes(&json!({"Id": "", "Statement": []}));
            json!({"Id": "x".repeat(size - empty), "Statement": []})
        };
        assert_eq!(check(&padded(MAX_BYTES), [], "acme"), Ok(()));
        let refusal = check(&padded(MAX_BYTES + 1), [], "acme").expect_err("one byte too many");
        assert_eq!(
            refusal.reason,
            "the bucket policy of `acme` would have 20,481 bytes without insignificant whitespace, \
             and S3 takes at most 20,480 (A44)"
        );
        assert!(refusal.hints[0].starts_with("make it 1 byte smaller"));
    }

    #[test]
    fn the_bytes_of_a_character_are_counted_not_the_characters() {
        assert_eq!(bytes(&json!({"Id": "é"})), 11);
    }

    #[test]
    fn ids_are_found_wherever_a_principal_may_stand() {
        let policy = json!({"Statement": [
            {"Sid": "bare", "Principal": "AIDAAAAAAAAAAAAAAAAAA"},
            {"Sid": "one", "Principal": {"AWS": "AROABBBBBBBBBBBBBBBBB"}},
            {"NotPrincipal": {"AWS": ["arn:aws:iam::111122223333:root", "AIDACCCCCCCCCCCCCCCCC", 5]}},
            {"Sid": "list", "Principal": ["AIDADDDDDDDDDDDDDDDDD"]},
            {"Sid": "elsewhere", "Condition": {"StringLike": {"aws:userid": "AROAEEEEEEEEEEEEEEEEE"}}, "Principal": "*"},
        ]});
        let document = Document::read(&policy).expect("readable");
        let found: Vec<String> = unresolvable(&document.statements)
            .into_iter()
            .map(|(label, id)| format!("{label}: {id}"))
            .collect();
        assert_eq!(
            found,
            [
                "statement `bare`: AIDAAAAAAAAAAAAAAAAAA",
                "statement `one`: AROABBBBBBBBBBBBBBBBB",
                "statement 3 of 5: AIDACCCCCCCCCCCCCCCCC",
                "statement `list`: AIDADDDDDDDDDDDDDDDDD",
            ]
        );
        let refusal = check(&policy, &document.statements, "acme").expect_err("S3 refuses it");
        assert!(
            refusal.reason.contains("statement `bare`")
                && refusal.reason.contains("`AIDAAAAAAAAAAAAAAAAAA`")
        );
        assert_eq!(refusal.hints.len(), 4);
    }

    #[test]
    fn a_public_policy_is_refused_only_where_s3_is_known_to_refuse_it_and_only_when_stored() {
        let (before, after) = (json!({"Statement": []}), json!({"Statement": [{}]}));
        let guard = |public, block_public_policy| Guard {
            public,
            block_public_policy,
        };
        for public in [None, Some(false), Some(true)] {
            for blocked in [None, Some(false), Some(true)] {
                let refused = guard(public, blocked)
                    .check(Some(&before), Some(&after), "acme")
                    .is_err();
                assert_eq!(refused, public == Some(true) && blocked == Some(true));
            }
        }
        let both = guard(Some(true), Some(true));
        assert_eq!(both.check(Some(&before), Some(&before), "acme"), Ok(()));
        assert_eq!(both.check(Some(&before), None, "acme"), Ok(()));
    }
}
