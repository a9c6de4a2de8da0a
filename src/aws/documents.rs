//! What is known of a bucket without asking it: documents that were handed in, and what an earlier run has read, as
//! it stands in a report.
//!
//! Pure. A report may come from anywhere, so nothing in it is believed to have its right form.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::bucket_policy::Stored;
use super::checks::judging::Tags;
use super::cors::CorsRule;
use super::grants::Grant;
use super::reads::{Head, Key, PublicAccessBlock, StoredCors};
use crate::error::{ErrorCode, Failure};

/// An answer, or why there is none.
pub type Answered<T> = Result<T, Failure>;

/// What is known of a bucket beforehand; nothing where it is to be asked, or cannot be known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Documents {
    /// The bucket policy.
    pub policy: Option<Answered<Stored>>,
    /// Whether S3 calls the policy public.
    pub public: Option<Answered<Option<bool>>>,
    /// The bucket's Block Public Access.
    pub block: Option<Answered<PublicAccessBlock>>,
    /// The account's Block Public Access.
    pub account_block: Option<Answered<PublicAccessBlock>>,
    /// The CORS rules.
    pub cors: Option<Answered<StoredCors>>,
    /// The object ownership.
    pub ownership: Option<Answered<Option<String>>>,
    /// Whether whoever reads pays.
    pub requester_pays: Option<Answered<bool>>,
    /// What was said of objects, by their keys.
    pub heads: BTreeMap<String, Head>,
    /// The tags of objects that the policy speaks of, by the objects' keys.
    pub tags: BTreeMap<String, Answered<Tags>>,
    /// What KMS said of keys, by their ids.
    pub keys: BTreeMap<String, Key>,
    /// The policies of keys, by their ids.
    pub key_policies: BTreeMap<String, Option<String>>,
    /// The grants of keys for Segments.ai, by the ids of the keys.
    pub grants: BTreeMap<String, Answered<Vec<Grant>>>,
}

impl Documents {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// As they stand in a report.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut members = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                members.insert(name.to_owned(), value);
            }
        };
        put("policy", written(self.policy.as_ref(), policy_value));
        put(
            "policy_is_public",
            written(self.public.as_ref(), |public| json!(public)),
        );
        put(
            "block_public_access",
            written(self.block.as_ref(), |block| block_value(*block)),
        );
        put(
            "account_block_public_access",
            written(self.account_block.as_ref(), |block| block_value(*block)),
        );
        put(
            "cors",
            written(
                self.cors.as_ref(),
                |stored| json!({ "rules": stored.rules, "not_understood": stored.unknown }),
            ),
        );
        put(
            "ownership",
            written(self.ownership.as_ref(), |ownership| json!(ownership)),
        );
        put(
            "requester_pays",
            written(self.requester_pays.as_ref(), |pays| json!(pays)),
        );
        put("objects", listed(&self.heads, head_value));
        put(
            "object_tags",
            listed(&self.tags, |tags| written_one(tags, |tags| json!(tags))),
        );
        put("kms_keys", listed(&self.keys, key_value));
        put(
            "kms_key_policies",
            listed(&self.key_policies, |text| {
                policy_value(&Stored::parse(text.clone()))
            }),
        );
        put(
            "kms_grants",
            listed(&self.grants, |grants| {
                written_one(grants, |grants| {
                    grants.iter().map(Grant::to_value).collect()
                })
            }),
        );
        Value::Object(members)
    }

    /// Out of a report.
    ///
    /// # Errors
    /// The name of the member that has another form than this program writes.
    pub fn from_value(value: &Value) -> Result<Self, String> {
        let members = value.as_object().ok_or("`documents` is no object")?;
        let of = |name: &str| members.get(name);
        Ok(Self {
            policy: read(of("policy"), "policy", policy_of)?,
            public: read(
                of("policy_is_public"),
                "policy_is_public",
                or_null(Value::as_bool),
            )?,
            block: read(of("block_public_access"), "block_public_access", block_of)?,
            account_block: read(
                of("account_block_public_access"),
                "account_block_public_access",
                block_of,
            )?,
            cors: read(of("cors"), "cors", cors_of)?,
            ownership: read(
                of("ownership"),
                "ownership",
                or_null(|value| value.as_str().map(str::to_owned)),
            )?,
            requester_pays: read(of("requester_pays"), "requester_pays", Value::as_bool)?,
            heads: each(of("objects"), "objects", head_of)?,
            tags: each(of("object_tags"), "object_tags", |value| {
                read_one(value, |value| serde_json::from_value(value.clone()).ok())
            })?,
            keys: each(of("kms_keys"), "kms_keys", key_of)?,
            key_policies: each(
                of("kms_key_policies"),
                "kms_key_policies",
                |value| match policy_of(value)? {
                    Stored::Absent => Some(None),
                    Stored::Policy(policy) => Some(Some(policy.to_string())),
                    Stored::Unreadable { text, .. } => Some(Some(text)),
                },
            )?,
            grants: each(of("kms_grants"), "kms_grants", |value| {
                read_one(value, |value| {
                    value.as_array()?.iter().map(Grant::read).collect()
                })
            })?,
        })
    }
}

fn written<T>(answer: Option<&Answered<T>>, value: impl Fn(&T) -> Value) -> Option<Value> {
    answer.map(|answer| written_one(answer, value))
}

/// `{"answer": …}`, or `{"unknown": "why"}`.
fn written_one<T>(answer: &Answered<T>, value: impl Fn(&T) -> Value) -> Value {
    match answer {
        Ok(answer) => json!({ "answer": value(answer) }),
        Err(failure) => json!({
            "unknown": failure.message,
            "because": failure.causes,
            "missing_permissions": failure.missing,
        }),
    }
}

fn read<T>(
    value: Option<&Value>,
    name: &str,
    of: impl Fn(&Value) -> Option<T>,
) -> Result<Option<Answered<T>>, String> {
    value
        .map(|value| read_one(value, of).ok_or_else(|| odd(name)))
        .transpose()
}

/// What [`written_one`] wrote.
fn read_one<T>(value: &Value, of: impl Fn(&Value) -> Option<T>) -> Option<Answered<T>> {
    if let Some(answer) = value.get("answer") {
        return of(answer).map(Ok);
    }
    let message = value.get("unknown").and_then(Value::as_str)?;
    let texts = |member: &str| -> Vec<String> {
        value
            .get(member)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect()
    };
    Some(Err(Failure {
        causes: texts("because"),
        missing: texts("missing_permissions"),
        ..Failure::new(ErrorCode::NotPermitted, message)
    }))
}

fn odd(name: &str) -> String {
    format!("`{name}` has another form than this program writes")
}

fn listed<T>(all: &BTreeMap<String, T>, value: impl Fn(&T) -> Value) -> Option<Value> {
    let members: Map<String, Value> = all
        .iter()
        .map(|(name, one)| (name.clone(), value(one)))
        .collect();
    (!members.is_empty()).then_some(Value::Object(members))
}

fn each<T>(
    value: Option<&Value>,
    name: &str,
    of: impl Fn(&Value) -> Option<T>,
) -> Result<BTreeMap<String, T>, String> {
    let Some(value) = value else {
        return Ok(BTreeMap::new());
    };
    value
        .as_object()
        .and_then(|members| {
            members
                .iter()
                .map(|(name, value)| Some((name.clone(), of(value)?)))
                .collect()
        })
        .ok_or_else(|| odd(name))
}

fn or_null<T>(of: impl Fn(&Value) -> Option<T>) -> impl Fn(&Value) -> Option<Option<T>> {
    move |value| {
        if value.is_null() {
            Some(None)
        } else {
            of(value).map(Some)
        }
    }
}

fn policy_value(stored: &Stored) -> Value {
    match stored {
        Stored::Absent => Value::Null,
        Stored::Policy(policy) => policy.clone(),
        Stored::Unreadable { text, .. } => json!(text),
    }
}

fn policy_of(value: &Value) -> Option<Stored> {
    match value {
        Value::Null => Some(Stored::Absent),
        Value::Object(_) => Some(Stored::Policy(value.clone())),
        Value::String(text) => Some(Stored::parse(Some(text.clone()))),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

fn block_value(block: PublicAccessBlock) -> Value {
    json!({
        "block_public_policy": block.block_public_policy,
        "restrict_public_buckets": block.restrict_public_buckets,
    })
}

fn block_of(value: &Value) -> Option<PublicAccessBlock> {
    Some(PublicAccessBlock {
        block_public_policy: value.get("block_public_policy")?.as_bool()?,
        restrict_public_buckets: value.get("restrict_public_buckets")?.as_bool()?,
    })
}

fn cors_of(value: &Value) -> Option<StoredCors> {
    let rules = value.get("rules")?;
    Some(StoredCors {
        rules: match rules {
            Value::Null => None,
            rules => Some(serde_json::from_value::<Vec<CorsRule>>(rules.clone()).ok()?),
        },
        unknown: serde_json::from_value(value.get("not_understood")?.clone()).ok()?,
    })
}

fn head_value(head: &Head) -> Value {
    json!({
        "size": head.size,
        "encryption": head.encryption,
        "kms_key": head.kms_key,
        "bucket_key": head.bucket_key,
        "storage_class": head.storage_class,
        "archive_status": head.archive_status,
        "restored": head.restored,
    })
}

fn head_of(value: &Value) -> Option<Head> {
    let text = |name: &str| -> Option<Option<String>> {
        or_null(|value| value.as_str().map(str::to_owned))(value.get(name)?)
    };
    Some(Head {
        size: value.get("size")?.as_i64()?,
        encryption: text("encryption")?,
        kms_key: text("kms_key")?,
        bucket_key: value.get("bucket_key").and_then(Value::as_bool),
        storage_class: text("storage_class")?,
        archive_status: text("archive_status")?,
        restored: value.get("restored")?.as_bool()?,
    })
}

fn key_value(key: &Key) -> Value {
    json!({ "managed_by_aws": key.managed_by_aws, "state": key.state, "enabled": key.enabled })
}

fn key_of(value: &Value) -> Option<Key> {
    Some(Key {
        managed_by_aws: value.get("managed_by_aws")?.as_bool()?,
        state: value.get("state")?.as_str()?.to_owned(),
        enabled: value.get("enabled")?.as_bool()?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn grant() -> Grant {
        let entry = json!({
            "GrantId": "1f2e", "GranteePrincipal": "arn:aws:iam::931508227573:root", "Operations": ["Decrypt"],
            "Constraints": { "SourceArn": "arn:aws:s3:::acme" },
        });
        Grant::read(&entry).expect("a grant")
    }

    fn everything() -> Documents {
        let refused = Failure::new(ErrorCode::NotPermitted, "could not read who pays")
            .cause("AccessDenied")
            .missing("s3:GetBucketRequestPayment");
        Documents {
            policy: Some(Ok(Stored::Policy(json!({ "Statement": [] })))),
            public: Some(Ok(None)),
            block: Some(Ok(PublicAccessBlock::default())),
            account_block: Some(Ok(PublicAccessBlock {
                block_public_policy: true,
                restrict_public_buckets: true,
            })),
            cors: Some(Ok(StoredCors {
                rules: Some(vec![CorsRule::default()]),
                unknown: vec!["CORSRule/New".to_owned()],
            })),
            ownership: Some(Ok(Some("BucketOwnerEnforced".to_owned()))),
            requester_pays: Some(Err(refused.clone())),
            heads: BTreeMap::from([("a.jpg".to_owned(), Head::default())]),
            tags: BTreeMap::from([
                (
                    "a.jpg".to_owned(),
                    Ok(Tags::from([("share".to_owned(), "yes".to_owned())])),
                ),
                ("b.jpg".to_owned(), Err(refused.clone())),
            ]),
            keys: BTreeMap::from([(
                "key".to_owned(),
                Key {
                    managed_by_aws: false,
                    state: "Enabled".to_owned(),
                    enabled: true,
                },
            )]),
            key_policies: BTreeMap::from([(
                "key".to_owned(),
                Some(json!({ "Statement": [] }).to_string()),
            )]),
            grants: BTreeMap::from([
                ("key".to_owned(), Ok(vec![grant()])),
                ("other".to_owned(), Err(refused)),
            ]),
        }
    }

    #[test]
    fn what_was_written_is_read_again() {
        for documents in [everything(), Documents::default()] {
            assert_eq!(Documents::from_value(&documents.to_value()), Ok(documents));
        }
    }

    #[test]
    fn a_policy_that_is_no_json_stays_what_it_is() {
        let documents = Documents {
            policy: Some(Ok(Stored::parse(Some("{\"a\": 1, \"a\": 2}".to_owned())))),
            ..Documents::default()
        };
        assert_eq!(Documents::from_value(&documents.to_value()), Ok(documents));
    }

    #[test]
    fn a_member_of_another_form_is_named() {
        for (name, value) in [
            ("policy", json!({ "answer": 7 })),
            ("policy", json!(7)),
            (
                "cors",
                json!({ "answer": { "rules": [{ "No": 1 }], "not_understood": [] } }),
            ),
            ("objects", json!({ "a": {} })),
            ("requester_pays", json!({ "answer": "yes" })),
            (
                "object_tags",
                json!({ "a.jpg": { "answer": { "share": 1 } } }),
            ),
            (
                "kms_grants",
                json!({ "key": { "answer": [{ "GrantId": 7 }] } }),
            ),
            ("kms_grants", json!({ "key": [] })),
        ] {
            let refused = Documents::from_value(&json!({ name: value })).expect_err(name);
            assert!(refused.contains(name), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn any_value_is_taken_or_refused(text in "[\\[\\]{}\":,a-z0-9]{0,40}") {
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                let _ = Documents::from_value(&value);
                let _ = Documents::from_value(&json!({ "policy": value, "cors": { "answer": value } }));
            }
        }
    }
}
