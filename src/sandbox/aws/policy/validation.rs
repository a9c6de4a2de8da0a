//! What S3 checks when a bucket policy is put there.
//!
//! The messages are those that S3 gives; see
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html> and the error `MalformedPolicy` in
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>.

use super::actions::{Applies, applies};
use super::document::{Condition, Document, Name, Patterns, Statement};
use super::json::compact;
use super::keys::{Keys, Service, known};
use super::operator::Operator;
use super::pattern::glob;
use super::variable::{Expanded, expand, has_variables};
use crate::sandbox::aws::problem::Problem;

/// The longest policy, in bytes and without insignificant whitespace.
/// See <https://docs.aws.amazon.com/general/latest/gr/s3.html#limits_s3>.
const LONGEST: usize = 20_480;

/// What a policy may refer to.
pub(crate) trait World {
    /// Whether an account, user or role exists, given as account ID or ARN.
    fn has_principal(&self, name: &str) -> bool;

    /// Whether some account has this canonical user ID.
    fn has_canonical_user(&self, id: &str) -> bool;
}

/// Checks a policy that is to be put on `bucket`.
pub(crate) fn validate(text: &str, bucket: &str, world: &dyn World) -> Result<Document, Problem> {
    let document = Document::read(text).map_err(malformed)?;
    let size = compact(text).len();
    if size > LONGEST {
        return Err(malformed(format!(
            "Policies must not exceed {LONGEST} bytes; this one has {size}"
        )));
    }
    let mut sids: Vec<&str> = Vec::new();
    for statement in &document.statements {
        if let Some(sid) = statement.sid.as_deref().filter(|sid| !sid.is_empty()) {
            if sids.contains(&sid) {
                return Err(malformed(
                    "Statement IDs (SID) in a single policy must be unique.",
                ));
            }
            sids.push(sid);
        }
        validate_principals(statement, world)?;
        validate_actions_and_resources(&document, statement, bucket)?;
        for condition in &statement.conditions {
            validate_condition(&document, statement, condition)?;
        }
    }
    Ok(document)
}

fn malformed(message: impl Into<String>) -> Problem {
    Problem::new(400, "MalformedPolicy", message)
}

fn validate_principals(statement: &Statement, world: &dyn World) -> Result<(), Problem> {
    for name in &statement.principal.names {
        let (kind, text, exists) = match name {
            Name::Everyone => continue,
            Name::Aws(text) => ("AWS", text, world.has_principal(text)),
            Name::CanonicalUser(id) => ("CanonicalUser", id, world.has_canonical_user(id)),
            Name::Service(text) => ("Service", text, text.ends_with(".amazonaws.com")),
            Name::Federated(text) => {
                return Err(Problem::not_implemented(format!(
                    "the federated principal {text}"
                )));
            }
        };
        if !exists {
            return Err(malformed("Invalid principal in policy")
                .field("Detail", format!("\"{kind}\" : \"{text}\"")));
        }
    }
    Ok(())
}

fn validate_actions_and_resources(
    document: &Document,
    statement: &Statement,
    bucket: &str,
) -> Result<(), Problem> {
    let kinds = resource_kinds(document, &statement.resources, bucket)?;
    for pattern in &statement.actions.patterns {
        let found = applies(pattern);
        if found.is_empty() {
            return Err(malformed("Policy has invalid action"));
        }
        // What a complement leaves over always applies to something.
        let complement = statement.actions.negated || statement.resources.negated;
        if !complement && !found.iter().any(|kind| kinds.contains(kind)) {
            return Err(malformed(
                "Action does not apply to any resource(s) in statement",
            ));
        }
    }
    Ok(())
}

/// What the resources of a statement are; all of them must lie in the bucket.
fn resource_kinds(
    document: &Document,
    resources: &Patterns,
    bucket: &str,
) -> Result<Vec<Applies>, Problem> {
    let mut kinds = Vec::new();
    for pattern in &resources.patterns {
        validate_variables(document, pattern)?;
        let invalid = || malformed("Policy has invalid resource");
        let name = if pattern == "*" {
            "*"
        } else {
            pattern.strip_prefix("arn:aws:s3:::").ok_or_else(invalid)?
        };
        let (name, has_key) = match name.split_once('/') {
            Some((name, _)) => (name, true),
            None => (name, false),
        };
        // A wildcard in the name may run on into the key.
        let reaches_objects = has_key || name.ends_with('*');
        let reaches_bucket = !has_key;
        if !glob(name, bucket) {
            return Err(invalid());
        }
        if reaches_bucket {
            kinds.push(Applies::ToBucket);
        }
        if reaches_objects {
            kinds.push(Applies::ToObjects);
        }
    }
    Ok(kinds)
}

/// Operator, key and values belong together.
///
/// Which codes S3 gives is documented, and which words go with a bad condition is not.
fn validate_condition(
    document: &Document,
    statement: &Statement,
    condition: &Condition,
) -> Result<(), Problem> {
    let name = &condition.operator;
    let Some(operator) = Operator::read(name) else {
        return Err(malformed(format!("Invalid Condition type : {name}")));
    };
    if known(Service::S3, &condition.key).is_none() {
        return Err(malformed("Policy has an invalid condition key"));
    }
    if condition.values.is_empty() {
        return Err(Problem::not_implemented(format!(
            "the condition {name} without values"
        )));
    }
    for value in &condition.values {
        if operator.has_variables() {
            validate_variables(document, value)?;
        } else if !operator.takes(value) {
            return Err(malformed(format!("Invalid Condition type : {name}")));
        }
    }
    if applies_to_key(statement, &condition.key) {
        Ok(())
    } else {
        Err(malformed(
            "Conditions do not apply to combination of actions and resources in statement",
        ))
    }
}

/// Some keys belong to a few actions alone.
fn applies_to_key(statement: &Statement, key: &str) -> bool {
    let actions: &[&str] = match key.to_ascii_lowercase().as_str() {
        "s3:prefix" | "s3:delimiter" | "s3:max-keys" => &["s3:ListBucket", "s3:ListBucketVersions"],
        "s3:x-amz-copy-source" | "s3:x-amz-metadata-directive" => &["s3:PutObject"],
        _ => return true,
    };
    let named = |action: &&str| {
        let patterns = &statement.actions.patterns;
        patterns
            .iter()
            .any(|pattern| super::pattern::glob_ignoring_case(pattern, action))
            != statement.actions.negated
    };
    actions.iter().any(named)
}

/// Refuses, by name, a variable that could not be filled in for any request.
fn validate_variables(document: &Document, text: &str) -> Result<(), Problem> {
    if !has_variables(text, &document.version) {
        return Ok(());
    }
    match expand(text, &document.version, &Keys::of(Service::S3), true) {
        Expanded::Unknown(what) => Err(Problem::not_implemented(what)),
        Expanded::Symbols(_) | Expanded::Nothing => Ok(()),
    }
}
