//! The bucket's IAM policy as a resource: read and written through Google's library, merged by [`super::iam`].

use futures_util::future::{join, join3};
use google_cloud_gax::error::Error;
use google_cloud_gax::options::RequestOptionsBuilder;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_iam_v1::model;
use serde_json::{Value, json};

use super::access::Access;
use super::account::ASK_SEGMENTS;
use super::answer::said;
use super::failure::write_failure;
use super::iam::{self, Ours};
use super::reads::{self, Policy};
use super::wire::{USER_AGENT, within};
use super::{Shared, lacking};
use crate::error::{ErrorCode, Failure, Refusal};
use crate::resource::{Guard, Intent, Resource, Revision, Scope, Snapshot, Subject, WriteFailure};

/// How often a policy is read at most until both of Google's interfaces tell the same one.
const READS: usize = 3;

/// The bucket's IAM policy.
pub struct BucketIam {
    access: Shared<Access>,
    role: String,
    member: String,
}

/// The policy, and what of it Google's library would lose.
#[derive(Debug, Clone)]
pub struct PolicyDocument {
    policy: Value,
    unknown: Vec<String>,
    /// The constraints of the organisation that may refuse the change.
    domains: Vec<&'static str>,
}

/// What is read again right before a write does not look for unknown members once more: the etag stands for them.
impl PartialEq for PolicyDocument {
    fn eq(&self, other: &Self) -> bool {
        self.policy == other.policy
    }
}

impl BucketIam {
    /// The IAM policy of the bucket that `access` leads to.
    #[must_use]
    pub fn new(access: Shared<Access>) -> Self {
        Self {
            role: access.place.role_name(),
            member: access.place.account.member(),
            access,
        }
    }

    fn ours(&self) -> Ours<'_> {
        self.access.place.ours(&self.role, &self.member)
    }

    fn changes(&self, policy: &Value) -> bool {
        let wanted = match super::intent(self.access.action) {
            Some(Intent::Connect) => iam::merge(policy, self.ours()),
            Some(Intent::Disconnect) => iam::remove(policy, self.ours()),
            None => return false,
        };
        wanted.is_ok_and(|wanted| wanted != *policy)
    }

    /// The policy over gRPC, which a write is tied to, and whether the JSON interface shows more of it. The two are
    /// read at once, so they are compared; a change in between is looked at again.
    async fn read_whole(&self) -> Result<(Policy, Vec<String>), Failure> {
        let mut tries = 0;
        loop {
            let (policy, whole) = join(
                reads::iam_policy(&self.access),
                reads::whole_iam_policy(&self.access),
            )
            .await;
            let (policy, whole) = (policy?, whole?);
            let unknown = iam::unknown_members(&whole);
            if !unknown.is_empty() || same_bindings(&policy.document, &whole) {
                return Ok((policy, unknown));
            }
            tries += 1;
            if tries >= READS {
                return Err(Failure::new(
                    ErrorCode::Unavailable,
                    format!(
                        "could not read the IAM policy of `{}`",
                        self.access.place.bucket
                    ),
                )
                .cause("it changes while it is being read")
                .hint("run the same command again in a minute"));
            }
        }
    }

    fn explain(&self, error: &Error) -> WriteFailure {
        let access = &self.access;
        let what = format!(
            "could not write the IAM policy of `{}`",
            access.place.bucket
        );
        let failure = write_failure(access.doing(&what, "storage.buckets.setIamPolicy"), error);
        let WriteFailure::Rejected(failure) = failure else {
            return failure;
        };
        let words = said(error).map(|said| said.message).unwrap_or_default();
        let about_role =
            words.contains(&self.role) || words.contains("Role ") || words.contains("role ");
        if words.contains(access.place.account.as_str()) && words.contains("does not exist") {
            return WriteFailure::Rejected(
                failure
                    .cause(
                        "Google knows no such service account: it may be misspelt, or was deleted",
                    )
                    .hint(ASK_SEGMENTS),
            );
        }
        // The role was read or made a moment ago, so it is there; not every part of Google has heard of it yet:
        // https://cloud.google.com/iam/docs/access-change-propagation
        if about_role && (words.contains("does not exist") || words.contains("not supported")) {
            return WriteFailure::NotYet(Failure {
                message: format!("{what}: the custom role is not known everywhere yet"),
                ..failure
            });
        }
        WriteFailure::Rejected(failure)
    }
}

impl Resource for BucketIam {
    type Document = PolicyDocument;

    fn subject(&self) -> Subject {
        Subject {
            id: "gcp.bucket-iam",
            title: "IAM policy of the bucket",
            entry: "binding",
            scope: Scope::Bucket,
        }
    }

    async fn read(&self) -> Result<Snapshot<PolicyDocument>, Failure> {
        let (read, granted, domains) = join3(
            self.read_whole(),
            super::granted_for_writing(&self.access),
            reads::domain_policies(&self.access),
        )
        .await;
        let (policy, unknown) = read?;
        if let Some(granted) = granted
            && self.changes(&policy.document)
        {
            lacking(
                &self.access,
                granted,
                &["storage.buckets.setIamPolicy"],
                &format!(
                    "will not be able to write the IAM policy of `{}`",
                    self.access.place.bucket
                ),
            )?;
        }
        Ok(Snapshot {
            document: PolicyDocument {
                policy: policy.document,
                unknown,
                domains,
            },
            revision: Revision((!policy.etag.is_empty()).then_some(policy.etag)),
        })
    }

    async fn read_again(&self) -> Result<Snapshot<PolicyDocument>, Failure> {
        let policy = reads::iam_policy(&self.access).await?;
        Ok(Snapshot {
            document: PolicyDocument {
                policy: policy.document,
                unknown: Vec::new(),
                domains: Vec::new(),
            },
            revision: Revision((!policy.etag.is_empty()).then_some(policy.etag)),
        })
    }

    fn merge(&self, current: &PolicyDocument) -> Result<PolicyDocument, Refusal> {
        changed(current, iam::merge(&current.policy, self.ours())?)
    }

    fn remove(&self, current: &PolicyDocument) -> Result<PolicyDocument, Refusal> {
        changed(current, iam::remove(&current.policy, self.ours())?)
    }

    fn guard(&self) -> Guard {
        Guard::Revision
    }

    /// Google compares the etag, and writes nothing where it no longer holds:
    /// <https://cloud.google.com/iam/docs/policies#etag>.
    async fn write(
        &self,
        _before: &PolicyDocument,
        next: &PolicyDocument,
        seen: &Revision,
    ) -> Result<(), WriteFailure> {
        let access = &self.access;
        let refuse = |why: &str| {
            WriteFailure::Rejected(
                Failure::new(
                    ErrorCode::UnexpectedAnswer,
                    format!(
                        "could not write the IAM policy of `{}`",
                        access.place.bucket
                    ),
                )
                .cause(why),
            )
        };
        // Without an etag the policy would be overwritten, whatever it is by then.
        let Some(etag) = &seen.0 else {
            return Err(refuse(
                "Google gave no etag with it, so the change cannot be tied to what was shown",
            ));
        };
        let mut document = next.policy.clone();
        document["etag"] = json!(etag);
        document["version"] = json!(3);
        let policy: model::Policy =
            serde_json::from_value(document).map_err(|error| refuse(&error.to_string()))?;
        let call = access
            .control
            .set_iam_policy()
            .set_resource(access.place.bucket.resource())
            .set_policy(policy)
            .with_user_agent(USER_AGENT)
            .with_retry_policy(NeverRetry)
            .send();
        within(access.place.timeout, "SetIamPolicy", call)
            .await
            .map(drop)
            .map_err(|error| self.explain(&error))
    }

    fn describe(&self, document: &PolicyDocument) -> Option<Value> {
        Some(document.policy.clone())
    }

    fn kept(&self, before: &PolicyDocument, after: &PolicyDocument) -> usize {
        iam::kept(&before.policy, &after.policy, self.ours())
    }

    fn notes(
        &self,
        before: &PolicyDocument,
        after: &PolicyDocument,
        intent: Intent,
    ) -> Vec<String> {
        match intent {
            Intent::Connect if before != after && !before.domains.is_empty() => vec![format!(
                "the organisation's policy `{}` admits only some members, and may refuse this (G08)",
                before.domains.join("` and `")
            )],
            Intent::Connect => Vec::new(),
            Intent::Disconnect => iam::still_granting(&after.policy, self.ours()),
        }
    }
}

/// # Errors
/// Where a change would lose what Google's library does not know.
fn changed(current: &PolicyDocument, next: Value) -> Result<PolicyDocument, Refusal> {
    if next == current.policy {
        return Ok(current.clone());
    }
    if current.unknown.is_empty() {
        return Ok(PolicyDocument {
            policy: next,
            unknown: Vec::new(),
            domains: current.domains.clone(),
        });
    }
    let names: Vec<String> = current
        .unknown
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    Err(Refusal::new(format!(
        "it holds {}, which this version does not know and would lose",
        names.join(", ")
    ))
    .hint("update segments-connect, or add the binding with `gcloud storage buckets add-iam-policy-binding`: `segments-connect gcp render --document bucket-iam` prints it"))
}

/// Whether two policies hold the same bindings, whatever their order.
fn same_bindings(one: &Value, other: &Value) -> bool {
    let listed = |policy: &Value| -> Vec<String> {
        let mut bindings: Vec<String> = policy
            .get("bindings")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|binding| {
                let mut members: Vec<&str> = binding
                    .get("members")
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                members.sort_unstable();
                let condition = binding
                    .get("condition")
                    .filter(|condition| !condition.is_null());
                let part = |name: &str| {
                    condition
                        .and_then(|condition| condition.get(name))
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                };
                json!([
                    binding.get("role"),
                    members,
                    condition.is_some(),
                    part("expression"),
                    part("title"),
                ])
                .to_string()
            })
            .collect();
        bindings.sort_unstable();
        bindings
    };
    listed(one) == listed(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bindings_are_compared_whatever_their_order() {
        let one = json!({"bindings": [
            {"role": "a", "members": ["x", "y"]},
            {"role": "b", "members": ["z"], "condition": {"expression": "true", "title": "t"}},
        ]});
        let same = json!({"kind": "storage#policy", "bindings": [
            {"role": "b", "members": ["z"], "condition": {"expression": "true", "title": "t", "description": ""}},
            {"role": "a", "members": ["y", "x"]},
        ]});
        assert!(same_bindings(&one, &same));
        for other in [
            json!({}),
            json!({"bindings": [{"role": "a", "members": ["x", "y"]}, {"role": "b", "members": ["z"]}]}),
        ] {
            assert!(!same_bindings(&one, &other), "{other}");
        }
    }

    #[test]
    fn what_would_be_lost_is_refused_only_where_something_changes() {
        let current = PolicyDocument {
            policy: json!({"bindings": []}),
            unknown: vec!["bindings.bindingId".to_owned()],
            domains: Vec::new(),
        };
        assert!(changed(&current, current.policy.clone()).is_ok());
        let refusal = changed(&current, json!({"bindings": [1]})).expect_err("refused");
        assert!(
            refusal.reason.contains("`bindings.bindingId`"),
            "{refusal:?}"
        );
    }

    /// The SDK's types take and give back everything that the policy is known to hold.
    #[test]
    fn a_policy_goes_through_the_librarys_types_unchanged() {
        let document = json!({
            "version": 3,
            "bindings": [
                {"role": "roles/storage.admin", "members": ["user:ana@acme.example"]},
                {"role": "roles/storage.objectViewer", "members": ["group:all@acme.example"],
                 "condition": {"expression": "true", "title": "t", "description": "d", "location": "l"}},
            ],
            "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"exemptedMembers": ["user:x@y.example"]}]}],
            "etag": "CAE=",
        });
        let typed: model::Policy = serde_json::from_value(document.clone()).expect("typed");
        assert_eq!(serde_json::to_value(typed).expect("JSON"), document);
    }
}
