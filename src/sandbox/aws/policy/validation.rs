//! What S3 checks when a bucket policy is put there.
//!
//! The messages are those that S3 gives; see
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html> and the error `MalformedPolicy` in
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>.

use super::actions::{Applies, applies};
use super::condition::{read_block, unsupported};
use super::document::{Document, Name, Patterns, Statement};
use super::json::compact;
use super::pattern::glob;
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
        validate_actions_and_resources(statement, bucket)?;
    }
    for statement in &document.statements {
        validate_support(&document, statement)?;
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

fn validate_actions_and_resources(statement: &Statement, bucket: &str) -> Result<(), Problem> {
    let kinds = resource_kinds(&statement.resources, bucket)?;
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
fn resource_kinds(resources: &Patterns, bucket: &str) -> Result<Vec<Applies>, Problem> {
    let mut kinds = Vec::new();
    for pattern in &resources.patterns {
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

/// Refuses, by name, whatever could not be enforced afterwards.
fn validate_support(document: &Document, statement: &Statement) -> Result<(), Problem> {
    for condition in &statement.conditions {
        if let Some(what) = unsupported(condition) {
            return Err(Problem::not_implemented(what));
        }
        let addresses = condition.key.eq_ignore_ascii_case("aws:SourceIp");
        if addresses
            && condition
                .values
                .iter()
                .any(|block| read_block(block).is_none())
        {
            return Err(malformed("Invalid Condition type : IpAddress"));
        }
    }
    let variable = statement
        .resources
        .patterns
        .iter()
        .find(|pattern| document.version == "2012-10-17" && pattern.contains("${"));
    match variable {
        Some(pattern) => Err(Problem::not_implemented(format!(
            "the policy variable in {pattern}"
        ))),
        None => Ok(()),
    }
}
