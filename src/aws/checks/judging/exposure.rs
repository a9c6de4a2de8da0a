//! What a bucket policy lets Segments.ai do beyond reading, and whom else it lets in.
//!
//! Pure. It never blocks: more than is needed is a matter for whoever reviews the bucket, not for labelling.

use serde_json::json;

use super::{Reading, every_object};
use crate::aws::policy::{self, Asked, Circumstances, Outcome, Question, Reason, Share, is_public};
use crate::aws::templates::{ACCOUNT, CANONICAL_ID, PRINCIPAL};
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Status};

const ID: &str = "aws.exposure";
/// The subject of what the policy says of requests without credentials.
pub const ANYBODY: &str = "anonymous, by the bucket policy";

/// What an action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    Bucket,
    Objects,
}

/// What Segments.ai has no need of: the action, and what it does.
///
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>
const BEYOND: [(&str, &str, On); 12] = [
    ("s3:ListBucket", "list what is in the bucket", On::Bucket),
    ("s3:PutObject", "write objects", On::Objects),
    ("s3:DeleteObject", "delete objects", On::Objects),
    ("s3:GetObjectVersion", "read older versions", On::Objects),
    (
        "s3:DeleteObjectVersion",
        "delete older versions",
        On::Objects,
    ),
    ("s3:GetObjectTagging", "read tags of objects", On::Objects),
    ("s3:GetObjectAcl", "read who may use objects", On::Objects),
    ("s3:PutObjectAcl", "change who may use objects", On::Objects),
    ("s3:GetBucketPolicy", "read the bucket policy", On::Bucket),
    ("s3:PutBucketPolicy", "change the bucket policy", On::Bucket),
    (
        "s3:PutBucketAcl",
        "change who may use the bucket",
        On::Bucket,
    ),
    ("s3:DeleteBucket", "delete the bucket", On::Bucket),
];

/// What the answer to one question comes to.
enum May {
    Not,
    Yes(Vec<String>),
    Perhaps(Vec<Reason>),
}

/// What the policy lets Segments.ai do beyond reading: one result for all that it does not, and one for each action that
/// it does or may.
#[must_use]
pub fn exposure(reading: &Reading<'_>) -> Vec<CheckResult> {
    let place = reading.place();
    let circumstances = Circumstances::any_request_of_segments(&place);
    let mut not = Vec::new();
    let mut words = Vec::new();
    let mut more = Vec::new();
    for (action, does, on) in BEYOND {
        let resource = resource(reading, on);
        let question = Question {
            principal: PRINCIPAL,
            account: ACCOUNT,
            canonical_id: Some(CANONICAL_ID),
            sid: None,
            action,
            resource: asked(&resource, on),
            circumstances: &circumstances,
        };
        match may(reading, &question) {
            May::Not => {
                not.push(action);
                words.push(does);
            }
            May::Yes(by) => more.push(
                CheckResult::warn(
                    ID,
                    Cause::A53,
                    format!(
                        "the bucket policy lets Segments.ai {does}, by {}",
                        by.join(", ")
                    ),
                )
                .fix(format!(
                    "limit {} to the action `s3:GetObject`, or to others than Segments.ai",
                    by.join(", ")
                ))
                .on(action),
            ),
            May::Perhaps(reasons) => more.push(
                CheckResult::unknown(
                    ID,
                    format!(
                        "whether the bucket policy lets Segments.ai {does} depends on {}",
                        super::in_words(&reasons)
                    ),
                )
                .on(action),
            ),
        }
    }
    let mut results = Vec::new();
    if !words.is_empty() {
        results.push(
            CheckResult::pass(
                ID,
                format!(
                    "the bucket policy does not let Segments.ai {}",
                    alternatives(&words)
                ),
            )
            .evidence(json!({ "not_granted": not })),
        );
    }
    results.extend(more);
    results
}

/// Whether the policy lets in requests without credentials. `restricted` says whether RestrictPublicBuckets is on, where
/// that is known: it voids every grant to the public.
#[must_use]
pub fn anybody(reading: &Reading<'_>, restricted: Option<bool>) -> CheckResult {
    let place = reading.place();
    let circumstances = Circumstances::anonymous(&place);
    let mut open = Vec::new();
    let mut doubts: Vec<Reason> = Vec::new();
    for (action, does, on) in [
        ("s3:GetObject", "read objects", On::Objects),
        ("s3:ListBucket", "list the bucket", On::Bucket),
        ("s3:PutObject", "write objects", On::Objects),
        ("s3:DeleteObject", "delete objects", On::Objects),
    ] {
        let resource = resource(reading, on);
        let question = Question {
            principal: "",
            account: "",
            canonical_id: Some(""),
            sid: None,
            action,
            resource: asked(&resource, on),
            circumstances: &circumstances,
        };
        match may(reading, &question) {
            May::Not => {}
            May::Yes(by) => open.push(format!("{does} ({})", by.join(", "))),
            May::Perhaps(reasons) => doubts.extend(reasons),
        }
    }
    let result = match (open.is_empty(), restricted) {
        (true, _) if doubts.is_empty() => CheckResult::pass(
            ID,
            "the bucket policy lets in nobody without credentials",
        ),
        (_, Some(true)) => CheckResult::pass(
            ID,
            "RestrictPublicBuckets is on, so nobody is let in without credentials, whatever the bucket policy says",
        ),
        (true, Some(false) | None) => CheckResult::unknown(
            ID,
            format!(
                "whether the bucket policy lets in anybody without credentials depends on {}",
                super::in_words(&doubts)
            ),
        ),
        (false, Some(false)) => CheckResult::warn(
            ID,
            Cause::A54,
            format!("without any credentials everybody may {}", alternatives(&open)),
        )
        .fix(Cause::A54.entry().remedy),
        (false, None) => CheckResult::new(
            ID,
            Status::Warn,
            format!(
                "without any credentials everybody may {}, unless RestrictPublicBuckets is on, which is not known",
                alternatives(&open)
            ),
        )
        .because(Cause::A54)
        .fix(Cause::A54.entry().remedy),
    };
    result
        .evidence(json!({ "public_statements": is_public(reading.policy).by }))
        .on(ANYBODY)
}

/// Whether it matters for [`anybody`] whether RestrictPublicBuckets is on.
#[must_use]
pub fn may_admit_anybody(reading: &Reading<'_>) -> bool {
    anybody(reading, None).status != Status::Pass
}

fn resource(reading: &Reading<'_>, on: On) -> String {
    match on {
        On::Bucket => format!("arn:aws:s3:::{}", reading.bucket),
        On::Objects => every_object(reading.bucket),
    }
}

fn asked(resource: &str, on: On) -> Asked<'_> {
    match on {
        On::Bucket => Asked::One(resource),
        On::Objects => Asked::Every(resource),
    }
}

fn may(reading: &Reading<'_>, question: &Question<'_>) -> May {
    let labels = |shares: &[Share]| shares.iter().map(|share| share.by.clone()).collect();
    let evaluation = policy::evaluate(reading.policy, question);
    match evaluation.outcome {
        Outcome::NotGranted { .. } | Outcome::Denied { .. } => May::Not,
        Outcome::Allowed { by, .. } | Outcome::GrantedToAccount { by } => May::Yes(by),
        Outcome::PartlyAllowed { patterns } => May::Yes(labels(&patterns)),
        // Who grants it is not named there.
        Outcome::PartlyDenied { .. } => {
            let mut by: Vec<String> = labels(&evaluation.allowed_parts);
            if by.is_empty() {
                by.push("the statement that grants it".to_owned());
            }
            May::Yes(by)
        }
        Outcome::Undetermined { reasons } => May::Perhaps(reasons),
    }
}

/// "a, b or c".
fn alternatives<T: AsRef<str>>(all: &[T]) -> String {
    let words: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::aws::templates::bucket_policy;

    fn reading(policy: Option<&Value>) -> Reading<'_> {
        Reading {
            bucket: "acme",
            region: None,
            owner: None,
            now: None,
            policy,
            connect: "connect",
        }
    }

    fn with(statement: &Value) -> Value {
        let mut policy = bucket_policy("acme");
        policy["Statement"]
            .as_array_mut()
            .expect("a list")
            .push(statement.clone());
        policy
    }

    fn said(policy: Option<&Value>) -> Vec<(Option<String>, Status)> {
        exposure(&reading(policy))
            .into_iter()
            .map(|result| (result.subject, result.status))
            .collect()
    }

    #[test]
    fn the_published_policy_lets_it_do_nothing_but_read() {
        let published = bucket_policy("acme");
        for policy in [None, Some(&published)] {
            assert_eq!(said(policy), [(None, Status::Pass)]);
            assert_eq!(anybody(&reading(policy), None).status, Status::Pass);
            assert!(!may_admit_anybody(&reading(policy)));
        }
        let detail = &exposure(&reading(Some(&published)))[0].detail;
        assert!(detail.starts_with(
            "the bucket policy does not let Segments.ai list what is in the bucket, write objects,"
        ));
        assert!(detail.ends_with(" or delete the bucket"));
    }

    #[test]
    fn what_is_granted_beyond_is_told_with_its_statement() {
        let list = json!({
            "Sid": "wide", "Effect": "Allow", "Principal": {"AWS": "931508227573"},
            "Action": ["s3:List*", "s3:PutObject"], "Resource": ["arn:aws:s3:::acme", "arn:aws:s3:::acme/in/*"],
        });
        let found = exposure(&reading(Some(&with(&list))));
        let warned: Vec<_> = found
            .iter()
            .filter(|result| result.status == Status::Warn)
            .map(|result| (result.subject.as_deref(), result.detail.as_str()))
            .collect();
        assert_eq!(
            warned,
            [
                (
                    Some("s3:ListBucket"),
                    "the bucket policy lets Segments.ai list what is in the bucket, by statement `wide`"
                ),
                (
                    Some("s3:PutObject"),
                    "the bucket policy lets Segments.ai write objects, by statement `wide`"
                ),
            ]
        );
        assert!(found.iter().all(|result| result.status != Status::Fail
            && !result.decisive
            && result.level.is_none()));
        let deny =
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:List*", "Resource": "*"});
        let mut both = with(&list);
        both["Statement"].as_array_mut().expect("a list").push(deny);
        assert!(!said(Some(&both)).contains(&(Some("s3:ListBucket".to_owned()), Status::Warn)));
    }

    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html>: what a listing asks for is the
    /// asker's choice.
    #[test]
    fn what_depends_on_the_request_is_unknown() {
        let list = json!({
            "Sid": "wide", "Effect": "Allow", "Principal": {"AWS": PRINCIPAL}, "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::acme", "Condition": {"StringEquals": {"s3:prefix": "in/"}},
        });
        assert!(
            said(Some(&with(&list))).contains(&(Some("s3:ListBucket".to_owned()), Status::Unknown))
        );
    }

    #[test]
    fn requests_without_credentials_are_told_by_the_policy() {
        let open = with(&json!({
            "Sid": "open", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme/*",
        }));
        for (restricted, status) in [
            (None, Status::Warn),
            (Some(false), Status::Warn),
            (Some(true), Status::Pass),
        ] {
            let found = anybody(&reading(Some(&open)), restricted);
            assert_eq!(found.status, status, "{restricted:?}");
            assert_eq!(found.cause, (status == Status::Warn).then_some(Cause::A54));
        }
        assert!(may_admit_anybody(&reading(Some(&open))));
        let mut limited = open.clone();
        for (condition, status) in [
            (
                json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
                Status::Pass,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}),
                Status::Unknown,
            ),
            (
                json!({"StringEquals": {"aws:PrincipalType": "Anonymous"}}),
                Status::Warn,
            ),
        ] {
            limited["Statement"][1]["Condition"] = condition;
            assert_eq!(
                anybody(&reading(Some(&limited)), Some(false)).status,
                status
            );
        }
        let mut segments_only = open;
        segments_only["Statement"][1]["Principal"] =
            json!({"AWS": ["931508227573", "111122223333"]});
        assert_eq!(
            anybody(&reading(Some(&segments_only)), Some(false)).status,
            Status::Pass
        );
    }
}
