//! A whole policy document: its version, and its statements in order.
//!
//! It borrows the raw JSON and says what of it could not be read. It decides nothing.

use serde_json::{Map, Value};

use super::statement::{Statement, label};

/// The version of the policy language that a document asks for.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// None, which means the same as [`Version::Of2008`].
    Absent,
    /// `2008-10-17`: policy variables are plain text.
    Of2008,
    /// `2012-10-17`: policy variables are filled in.
    Of2012,
    /// Anything else.
    Unclear,
}

/// A policy document, as far as it is understood.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// Its version.
    pub version: Version,
    /// Its statements, in order, without those in [`Document::unreadable`].
    pub statements: Vec<Statement<'a>>,
    /// What to call each entry of `Statement` that is not an object.
    pub unreadable: Vec<String>,
    /// The names of the members that the policy language does not have.
    pub unknown: Vec<&'a str>,
}

/// The most statements that are read. The shortest one takes some fifty bytes, and key policies may have 32 KB, bucket
/// policies 20 KB: <https://docs.aws.amazon.com/general/latest/gr/kms.html>, <https://docs.aws.amazon.com/general/latest/gr/s3.html>.
const MOST: usize = 1_000;

/// Why a document could not be read as a policy, as a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub String);

impl<'a> Document<'a> {
    /// Reads a policy.
    ///
    /// # Errors
    /// When it is not an object, or its `Statement` is missing or neither an object nor a list.
    pub fn read(policy: &'a Value) -> Result<Self, Unreadable> {
        let Value::Object(members) = policy else {
            return Err(Unreadable("it is not a JSON object".to_owned()));
        };
        let entries: Vec<&Value> = match members.get("Statement") {
            Some(Value::Array(entries)) => entries.iter().collect(),
            Some(single @ Value::Object(_)) => vec![single],
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                return Err(Unreadable(
                    "its `Statement` is neither an object nor a list".to_owned(),
                ));
            }
            None => return Err(Unreadable("it has no `Statement`".to_owned())),
        };
        let total = entries.len();
        if total > MOST {
            return Err(Unreadable(format!(
                "it has {total} statements, and no policy that AWS takes has as many"
            )));
        }
        let mut statements = Vec::new();
        let mut unreadable = Vec::new();
        for (position, entry) in entries.into_iter().enumerate() {
            match entry.as_object() {
                Some(raw) => statements.push(Statement::read(raw, position, total)),
                None => unreadable.push(label(None, position, total)),
            }
        }
        Ok(Self {
            version: version(members),
            statements,
            unreadable,
            unknown: members
                .keys()
                .map(String::as_str)
                .filter(|name| !["Version", "Id", "Statement"].contains(name))
                .collect(),
        })
    }

    /// Reads a policy of which every statement must be an object, as is needed for changing it.
    ///
    /// # Errors
    /// As [`Document::read`], and when a statement is not an object.
    pub fn read_whole(policy: &'a Value) -> Result<Self, Unreadable> {
        let document = Self::read(policy)?;
        match document.unreadable.first() {
            None => Ok(document),
            Some(label) => Err(Unreadable(format!("{label} is not a JSON object"))),
        }
    }
}

/// What a reader of the plan should know about the version of a policy that is there; nothing for the
/// current version, or without a policy.
///
/// Our statement has no variables and means the same in every version, so the version is left as it is:
/// changing it would bring variables in other statements to life.
#[must_use]
pub fn version_note(current: Option<&Value>) -> Option<String> {
    let members = current?.as_object()?;
    let which =
        match version(members) {
            Version::Of2012 => return None,
            Version::Absent => "the policy has no `Version`, which means `2008-10-17`",
            Version::Of2008 => "the policy has the `Version` `2008-10-17`",
            Version::Unclear => return Some(
                "the policy has a `Version` that this program does not know; it is left as it is"
                    .to_owned(),
            ),
        };
    Some(format!(
        "{which}: in it, policy variables such as `${{aws:username}}` are plain text; it is left as it is, \
         because another `Version` would change what other statements mean"
    ))
}

fn version(members: &Map<String, Value>) -> Version {
    match members.get("Version") {
        None => Version::Absent,
        Some(value) => match value.as_str() {
            Some("2012-10-17") => Version::Of2012,
            Some("2008-10-17") => Version::Of2008,
            Some(_) | None => Version::Unclear,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn one_statement_is_read_like_a_list_of_one() {
        let statement = json!({"Effect": "Allow"});
        for policy in [
            json!({"Statement": statement}),
            json!({"Statement": [statement]}),
        ] {
            let document = Document::read(&policy).expect("readable");
            assert_eq!(document.statements.len(), 1);
            assert_eq!(document.statements[0].label, "statement 1 of 1");
        }
    }

    #[test]
    fn odd_shapes_are_named() {
        for (policy, why) in [
            (json!(null), "it is not a JSON object"),
            (json!([]), "it is not a JSON object"),
            (json!({}), "it has no `Statement`"),
            (json!({"statement": []}), "it has no `Statement`"),
            (
                json!({"Statement": null}),
                "its `Statement` is neither an object nor a list",
            ),
            (
                json!({"Statement": "x"}),
                "its `Statement` is neither an object nor a list",
            ),
            (
                json!({"Statement": [{}, 5]}),
                "statement 2 of 2 is not a JSON object",
            ),
            (
                json!({"Statement": [[{}]]}),
                "statement 1 of 1 is not a JSON object",
            ),
        ] {
            assert_eq!(
                Document::read_whole(&policy).map(|_| ()),
                Err(Unreadable(why.to_owned())),
                "{policy}"
            );
        }
        assert!(Document::read_whole(&json!({"Statement": []})).is_ok());
        let many = |count: usize| json!({"Statement": vec![json!({}); count]});
        assert!(Document::read_whole(&many(MOST)).is_ok());
        assert!(Document::read_whole(&many(MOST + 1)).is_err());
    }

    #[test]
    fn only_versions_without_variables_are_worth_a_note() {
        assert_eq!(version_note(None), None);
        assert_eq!(version_note(Some(&json!({"Version": "2012-10-17"}))), None);
        let missing = version_note(Some(&json!({"Statement": []}))).expect("a note");
        assert!(missing.starts_with(
            "the policy has no `Version`, which means `2008-10-17`: in it, policy variables"
        ));
        assert!(missing.contains("`${aws:username}`"));
        assert!(version_note(Some(&json!({"Version": "2008-10-17"}))).is_some());
        assert!(version_note(Some(&json!({"Version": 2012}))).is_some());
    }
}
