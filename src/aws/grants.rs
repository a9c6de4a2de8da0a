//! Grants of a KMS key: who may use it without standing in its policy, and whether that reaches the reading of an
//! object.
//!
//! Pure. What is not known or not understood of a grant never makes it one that lets in.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>

use serde_json::{Map, Value, json};

use super::policy::Tri;
use super::templates::{ACCOUNT, PRINCIPAL};

/// Members of a grant that say nothing about what it permits.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html>
const PLAIN: [&str; 6] = [
    "KeyId",
    "Name",
    "CreationDate",
    "RetiringPrincipal",
    "RetiringServicePrincipal",
    "IssuingAccount",
];

/// The pair of the encryption context that S3 always gives.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context>
const OF_S3: &str = "aws:s3:arn";

/// A grant, as far as it decides anything.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// Its ID.
    pub id: String,
    /// Who gets the permissions: an ARN, or the name of a service.
    pub grantee: String,
    /// What it permits: `Decrypt`, `GenerateDataKey`, …
    pub operations: Vec<String>,
    /// Its constraints, as KMS writes them.
    pub constraints: Map<String, Value>,
    /// Members that this program does not know, which may limit it.
    pub unknown: Vec<String>,
}

impl Grant {
    /// Reads an entry of the answer to `ListGrants`; `None` where it has another form.
    #[must_use]
    pub fn read(entry: &Value) -> Option<Self> {
        let members = entry.as_object()?;
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let grantee = text("GranteeServicePrincipal").or_else(|| text("GranteePrincipal"))?;
        let constraints = match members.get("Constraints") {
            None | Some(Value::Null) => Map::new(),
            Some(constraints) => constraints.as_object()?.clone(),
        };
        let known = |name: &str| {
            PLAIN.contains(&name)
                || matches!(
                    name,
                    "GrantId"
                        | "GranteePrincipal"
                        | "GranteeServicePrincipal"
                        | "Operations"
                        | "Constraints"
                )
        };
        Some(Self {
            id: text("GrantId")?.to_owned(),
            grantee: grantee.to_owned(),
            operations: serde_json::from_value(members.get("Operations")?.clone()).ok()?,
            constraints,
            unknown: members
                .keys()
                .filter(|name| !known(name))
                .cloned()
                .collect(),
        })
    }

    /// As it stands in a report: what [`Self::read`] takes.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut members = json!({
            "GrantId": self.id,
            "GranteePrincipal": self.grantee,
            "Operations": self.operations,
        });
        if !self.constraints.is_empty() {
            members["Constraints"] = Value::Object(self.constraints.clone());
        }
        for name in &self.unknown {
            members[name] = Value::Null;
        }
        members
    }
}

/// The principals whose grants concern Segments.ai: its user, and its account.
pub const GRANTEES: [&str; 2] = [PRINCIPAL, "arn:aws:iam::931508227573:root"];

/// What S3 tells KMS of an object that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The ARNs that may stand under `aws:s3:arn`: the object's, the bucket's where a Bucket Key is used, and both where
    /// that is not known.
    pub arns: Vec<String>,
}

impl Context {
    /// The context of an object in a bucket.
    ///
    /// S3 says in a header that an object uses a Bucket Key; what the lack of that header means is not documented.
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>
    #[must_use]
    pub fn of(bucket: &str, key: &str, bucket_key: Option<bool>) -> Self {
        let bucket = format!("arn:aws:s3:::{bucket}");
        let object = format!("{bucket}/{key}");
        Self {
            arns: match bucket_key {
                Some(true) => vec![bucket],
                Some(false) => vec![object],
                None => vec![object, bucket],
            },
        }
    }
}

/// What one grant says of decrypting for Segments.ai.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The grant's ID.
    pub id: String,
    /// Whether it lets Segments.ai decrypt.
    pub answer: Tri,
    /// Why, as the end of a sentence about the grant.
    pub why: String,
}

/// Holds a grant against S3 decrypting an object with this context for Segments.ai.
#[must_use]
pub fn judge(grant: &Grant, context: &Context) -> Judged {
    let mut parts = vec![grantee(&grant.grantee)];
    if !grant.operations.iter().any(|one| one == "Decrypt") {
        let why = format!("permits {} only", grant.operations.join(", "));
        parts.push((Tri::No, why));
    }
    for (name, value) in &grant.constraints {
        parts.push(constraint(name, value, context));
    }
    for name in &grant.unknown {
        let why = format!("has a member `{name}` that this program does not know");
        parts.push((Tri::Maybe, why));
    }
    let answer = parts
        .iter()
        .fold(Tri::Yes, |all, (answer, _)| all.and(*answer));
    let whys: Vec<String> = parts
        .into_iter()
        .filter(|(part, _)| *part == answer)
        .map(|(_, why)| why)
        .collect();
    Judged {
        id: grant.id.clone(),
        answer,
        why: whys.join(", and "),
    }
}

/// Whom it is for. Whether users of an account may use a grant for their account is not documented.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html#KMS-CreateGrant-request-GranteePrincipal>
fn grantee(grantee: &str) -> (Tri, String) {
    if grantee == PRINCIPAL {
        (Tri::Yes, "lets Segments.ai decrypt".to_owned())
    } else if grantee == ACCOUNT || grantee == GRANTEES[1] {
        let why = "is for Segments.ai's whole account, and AWS does not say whether its users may use such a grant";
        (Tri::Maybe, why.to_owned())
    } else {
        (Tri::No, format!("is for `{grantee}`"))
    }
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html>
fn constraint(name: &str, value: &Value, context: &Context) -> (Tri, String) {
    let pairs = value.as_object();
    let answer = match (name, pairs) {
        ("EncryptionContextSubset", Some(pairs)) => subset(pairs, context),
        // Whether more was given when the object was written is not told by S3.
        ("EncryptionContextEquals", Some(pairs)) if names_the_arn(pairs) => {
            subset(pairs, context).and(Tri::Maybe)
        }
        ("EncryptionContextEquals", Some(_)) => Tri::No,
        _ => Tri::Maybe,
    };
    let text = crate::json::compact(value);
    let why = match answer {
        Tri::Yes => format!("has the constraint {name} {text}, which S3's request meets"),
        Tri::No => format!(
            "has the constraint {name} {text}, and S3 gives `{OF_S3}` as {}",
            in_words(context)
        ),
        Tri::Maybe => format!(
            "has the constraint {name} {text}, and whether S3's request meets it cannot be seen from here"
        ),
    };
    (answer, why)
}

fn names_the_arn(pairs: &Map<String, Value>) -> bool {
    pairs.keys().any(|name| name.eq_ignore_ascii_case(OF_S3))
}

/// Whether the request's context holds these pairs. Other pairs than S3's own were given by whoever wrote the object.
fn subset(pairs: &Map<String, Value>, context: &Context) -> Tri {
    pairs.iter().fold(Tri::Yes, |all, (name, value)| {
        let one = if !name.eq_ignore_ascii_case(OF_S3) {
            Tri::Maybe
        } else if !context.arns.iter().any(|arn| value == arn.as_str()) {
            Tri::No
        } else if context.arns.len() == 1 {
            Tri::Yes
        } else {
            Tri::Maybe
        };
        all.and(one)
    })
}

fn in_words(context: &Context) -> String {
    let arns: Vec<String> = context.arns.iter().map(|arn| format!("`{arn}`")).collect();
    arns.join(" or ")
}

#[cfg(test)]
mod tests;
