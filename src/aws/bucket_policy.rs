//! The bucket policy as a resource: read and written through the SDK, merged by [`super::policy`].

use futures_util::future::join3;
use serde_json::Value;

use super::access::{Access, single_try};
use super::failure::write_failure;
use super::policy::{self, Guard};
use super::reads;
use super::{Shared, templates};
use crate::error::{ErrorCode, Failure, Refusal};
use crate::json;
use crate::resource::Intent;
use crate::resource::{Resource, Revision, Scope, Snapshot, Subject, WriteFailure};

/// The bucket policy.
pub struct BucketPolicy {
    access: Shared<Access>,
    rendered: Value,
}

/// The policy, and what decides whether S3 would take another.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    stored: Stored,
    guard: Guard,
}

/// Two documents are the same when the policy is: what surrounds it may be readable once and not the next time, and
/// that does not mean that somebody has edited the policy.
impl PartialEq for PolicyDocument {
    fn eq(&self, other: &Self) -> bool {
        self.stored == other.stored
    }
}

/// The policy as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// There is none.
    Absent,
    /// It is JSON.
    Policy(Value),
    /// It is something that cannot be merged without losing a part of it.
    Unreadable {
        /// The text.
        text: String,
        /// Why.
        problem: String,
    },
}

impl Stored {
    /// Reads a stored text.
    #[must_use]
    pub fn parse(text: Option<String>) -> Self {
        match text {
            None => Self::Absent,
            Some(text) => match json::parse(&text) {
                Ok(policy) => Self::Policy(policy),
                Err(problem) => Self::Unreadable {
                    text,
                    problem: problem.to_string(),
                },
            },
        }
    }

    /// The policy, where there is one that can be understood.
    ///
    /// # Errors
    /// A refusal where there is one that cannot.
    pub fn policy(&self) -> Result<Option<&Value>, Refusal> {
        match self {
            Self::Absent => Ok(None),
            Self::Policy(policy) => Ok(Some(policy)),
            Self::Unreadable { problem, .. } => Err(Refusal::new(format!(
                "it cannot be rewritten without the risk of losing a part of it: {problem}"
            ))
            .hint("save it once in the S3 console, which rewrites it cleanly, and run again")),
        }
    }
}

impl BucketPolicy {
    /// The policy of the bucket that `access` leads to.
    #[must_use]
    pub fn new(access: Shared<Access>) -> Self {
        let rendered = templates::bucket_policy(access.place.bucket.as_str());
        Self { access, rendered }
    }
}

impl Resource for BucketPolicy {
    type Document = PolicyDocument;

    fn subject(&self) -> Subject {
        Subject {
            id: "aws.bucket-policy",
            title: "bucket policy",
            entry: "statement",
            scope: Scope::Bucket,
        }
    }

    async fn read(&self) -> Result<Snapshot<PolicyDocument>, Failure> {
        let (text, public, block) = join3(
            reads::policy(&self.access),
            reads::policy_is_public(&self.access),
            reads::public_access_block(&self.access),
        )
        .await;
        Ok(Snapshot {
            document: PolicyDocument {
                stored: Stored::parse(text?),
                // What may not be read does not stop anybody: S3 itself refuses then, and says so.
                guard: Guard {
                    public: public.ok().flatten(),
                    block_public_policy: block.ok().map(|block| block.block_public_policy),
                },
            },
            revision: Revision::default(),
        })
    }

    async fn read_again(&self) -> Result<Snapshot<PolicyDocument>, Failure> {
        Ok(Snapshot {
            document: PolicyDocument {
                stored: Stored::parse(reads::policy(&self.access).await?),
                guard: Guard::default(),
            },
            revision: Revision::default(),
        })
    }

    fn merge(&self, current: &PolicyDocument) -> Result<PolicyDocument, Refusal> {
        let policy = current.stored.policy()?;
        let merged = policy::merge(policy, &self.rendered, self.access.place.bucket.as_str())?;
        if policy == Some(&merged) {
            return Ok(current.clone());
        }
        current
            .guard
            .check(policy, Some(&merged), self.access.place.bucket.as_str())?;
        Ok(PolicyDocument {
            stored: Stored::Policy(merged),
            guard: current.guard,
        })
    }

    fn remove(&self, current: &PolicyDocument) -> Result<PolicyDocument, Refusal> {
        let policy = current.stored.policy()?;
        let left = policy::remove(policy, &self.rendered, self.access.place.bucket.as_str())?;
        if left.as_ref() == policy {
            return Ok(current.clone());
        }
        current
            .guard
            .check(policy, left.as_ref(), self.access.place.bucket.as_str())?;
        Ok(PolicyDocument {
            stored: left.map_or(Stored::Absent, Stored::Policy),
            guard: current.guard,
        })
    }

    /// S3 has neither etag nor precondition here, so the last writer wins: what was seen is compared right
    /// before. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html>
    async fn write(
        &self,
        _before: &PolicyDocument,
        next: &PolicyDocument,
        _seen: &Revision,
    ) -> Result<(), WriteFailure> {
        let access = &self.access;
        let bucket = access.place.bucket.as_str();
        match &next.stored {
            Stored::Policy(policy) => access
                .s3
                .put_bucket_policy()
                .bucket(bucket)
                .set_expected_bucket_owner(access.guard.clone())
                .policy(json::compact(policy))
                .customize()
                .config_override(single_try())
                .send()
                .await
                .map(drop)
                .map_err(|error| {
                    let doing = format!("could not write the bucket policy of `{bucket}`");
                    explain(write_failure(
                        &doing,
                        "s3:PutBucketPolicy",
                        &error,
                        &access.caller,
                    ))
                }),
            // Nothing merges into such a text, so nothing plans to write one; and it is never a reason to delete.
            Stored::Unreadable { problem, .. } => Err(WriteFailure::Rejected(
                Failure::new(
                    ErrorCode::Refused,
                    format!("will not write the bucket policy of `{bucket}`"),
                )
                .cause(problem),
            )),
            Stored::Absent => access
                .s3
                .delete_bucket_policy()
                .bucket(bucket)
                .set_expected_bucket_owner(access.guard.clone())
                .customize()
                .config_override(single_try())
                .send()
                .await
                .map(drop)
                .map_err(|error| {
                    let doing = format!("could not delete the bucket policy of `{bucket}`");
                    write_failure(&doing, "s3:DeleteBucketPolicy", &error, &access.caller)
                }),
        }
    }

    fn describe(&self, document: &PolicyDocument) -> Option<Value> {
        match &document.stored {
            Stored::Absent => None,
            Stored::Policy(policy) => Some(policy.clone()),
            // It is no policy, so it may be anything: a proxy's page with the request in it, for one.
            Stored::Unreadable { text, .. } => Some(Value::String(crate::redact::text(text))),
        }
    }

    fn kept(&self, before: &PolicyDocument, after: &PolicyDocument) -> usize {
        match (before.stored.policy(), after.stored.policy()) {
            (Ok(before), Ok(after)) => policy::kept(before, after, &self.rendered),
            _ => 0,
        }
    }

    fn notes(
        &self,
        before: &PolicyDocument,
        after: &PolicyDocument,
        intent: Intent,
    ) -> Vec<String> {
        let mut notes = Vec::new();
        let (Ok(before), Ok(after)) = (before.stored.policy(), after.stored.policy()) else {
            return notes;
        };
        notes.extend(policy::version_note(before));
        match intent {
            Intent::Connect => {}
            Intent::Disconnect => notes.extend(
                policy::still_granting(after, &self.rendered)
                    .into_iter()
                    .map(|statement| format!("{statement} still grants Segments.ai something; it is not ours, and stays")),
            ),
        }
        notes
    }
}

/// S3 answers 403 AccessDenied both for a missing permission and for a policy that it calls public, and
/// 400 MalformedPolicy for a principal that does not exist (any more).
fn explain(failure: WriteFailure) -> WriteFailure {
    match failure {
        WriteFailure::Rejected(failure) => WriteFailure::Rejected(
            if failure
                .causes
                .iter()
                .any(|cause| cause.contains("principal"))
            {
                failure.hint("S3 does not say which principal it means: look for deleted users and roles in the other statements; in a Region that an account must opt in to, ask Segments.ai whether its account has done so")
            } else if failure.missing.is_empty() {
                failure
            } else {
                failure.hint("if you may do so: BlockPublicPolicy of the bucket or of the account refuses every change of a policy that is public")
            },
        ),
        other => other,
    }
}
