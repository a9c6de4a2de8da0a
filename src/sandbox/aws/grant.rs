//! Grants of a KMS key: what they say, whether one covers a request to decrypt, and how they are listed.
//!
//! See <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>,
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html> and
//! <https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html>.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::problem::Problem;
use super::world::KmsKey;

/// The pairs of an encryption context.
pub type EncryptionContext = BTreeMap<String, String>;

/// A grant: one principal may do some things with one key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// Its ID.
    pub id: String,
    /// The ARN of who gets the permissions.
    pub grantee: String,
    /// What it permits: `Decrypt`, `GenerateDataKey`, …
    pub operations: Vec<String>,
    /// The constraint `EncryptionContextEquals`.
    pub context_equals: Option<EncryptionContext>,
    /// The constraint `EncryptionContextSubset`.
    pub context_subset: Option<EncryptionContext>,
    /// The constraint `SourceArn`.
    pub source_arn: Option<String>,
}

impl Grant {
    /// A grant without constraints.
    #[must_use]
    pub fn new(id: &str, grantee: &str, operations: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            grantee: grantee.to_owned(),
            operations: operations.iter().map(|one| (*one).to_owned()).collect(),
            ..Self::default()
        }
    }
}

/// Whether a grant permits something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Permits {
    Yes,
    No,
    /// It would depend on something that is not implemented.
    Untold(String),
}

/// Whether any grant of the key lets `arn` decrypt what was encrypted with this context.
pub(crate) fn lets_decrypt(key: &KmsKey, arn: &str, context: &EncryptionContext) -> Permits {
    let mut untold = None;
    for grant in &key.grants {
        match permits(grant, arn, context) {
            Permits::Yes => return Permits::Yes,
            Permits::No => {}
            Permits::Untold(what) => untold = Some(what),
        }
    }
    untold.map_or(Permits::No, Permits::Untold)
}

fn permits(grant: &Grant, arn: &str, context: &EncryptionContext) -> Permits {
    let covers = |pairs: &Option<EncryptionContext>, whole: bool| {
        pairs.as_ref().is_none_or(|pairs| {
            (!whole || pairs.len() == context.len())
                && pairs.iter().all(|pair| holds(context, pair))
        })
    };
    let mentioned = grant.operations.iter().any(|one| one == "Decrypt")
        && covers(&grant.context_equals, true)
        && covers(&grant.context_subset, false);
    let account = arn.split(':').nth(4).unwrap_or_default();
    if !mentioned {
        Permits::No
    } else if grant.grantee == format!("arn:aws:iam::{account}:root") {
        Permits::Untold("a user under a grant for its account".to_owned())
    } else if grant.grantee != arn {
        Permits::No
    } else if grant.source_arn.is_some() {
        Permits::Untold("the grant constraint SourceArn".to_owned())
    } else {
        Permits::Yes
    }
}

/// In a constraint the case of a context's key does not count, and that of its value does.
fn holds(context: &EncryptionContext, (name, value): (&String, &String)) -> bool {
    context
        .iter()
        .any(|(found, has)| found.eq_ignore_ascii_case(name) && has == value)
}

/// The answer to `ListGrants`.
pub(crate) fn listed(key: &KmsKey, body: &Map<String, Value>) -> Result<Value, Problem> {
    let limit = match body.get("Limit") {
        None => 50,
        Some(limit) => limit
            .as_u64()
            .filter(|limit| (1..=100).contains(limit))
            .and_then(|limit| usize::try_from(limit).ok())
            .ok_or_else(|| invalid("ValidationException", "Limit must be between 1 and 100"))?,
    };
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let wanted: Vec<&Grant> = key
        .grants
        .iter()
        .filter(|grant| text("GranteePrincipal").is_none_or(|grantee| grant.grantee == grantee))
        .filter(|grant| text("GrantId").is_none_or(|id| grant.id == id))
        .collect();
    let start = match text("Marker") {
        None => 0,
        Some(marker) => wanted
            .iter()
            .position(|grant| grant.id == marker)
            .ok_or_else(|| invalid("InvalidMarkerException", "the marker is not valid"))?,
    };
    let page = wanted.iter().skip(start).take(limit);
    let next = wanted.get(start + limit);
    let mut answer = json!({
        "Grants": page.map(|grant| entry(key, grant)).collect::<Vec<_>>(),
        "Truncated": next.is_some(),
    });
    if let Some(next) = next {
        answer["NextMarker"] = json!(next.id);
    }
    Ok(answer)
}

fn invalid(code: &str, message: &str) -> Problem {
    Problem::new(400, code, message)
}

/// See <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html>.
fn entry(key: &KmsKey, grant: &Grant) -> Value {
    let mut entry = json!({
        "KeyId": key.arn,
        "GrantId": grant.id,
        "CreationDate": 1_767_225_600,
        "GranteePrincipal": grant.grantee,
        "IssuingAccount": format!("arn:aws:iam::{}:root", key.account()),
        "Operations": grant.operations,
    });
    let mut constraints = Map::new();
    for (name, pairs) in [
        ("EncryptionContextEquals", &grant.context_equals),
        ("EncryptionContextSubset", &grant.context_subset),
    ] {
        if let Some(pairs) = pairs {
            constraints.insert(name.to_owned(), json!(pairs));
        }
    }
    if let Some(arn) = &grant.source_arn {
        constraints.insert("SourceArn".to_owned(), json!(arn));
    }
    if !constraints.is_empty() {
        entry["Constraints"] = Value::Object(constraints);
    }
    entry
}
