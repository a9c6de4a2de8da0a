//! A policy document, read as strictly as S3 reads it.
//!
//! This module knows the shape; whether what it names exists is checked in [`super::validation`].
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

use super::json::Node;

/// Why a text is no policy, in the words of S3.
pub(crate) type Malformed = String;

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// `2012-10-17` or `2008-10-17`; the older one when it is left out.
    pub version: String,
    pub statements: Vec<Statement>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub sid: Option<String>,
    pub effect: Effect,
    pub principal: Principal,
    pub actions: Patterns,
    pub resources: Patterns,
    pub conditions: Vec<Condition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

/// `Principal`, or `NotPrincipal` where `negated`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Principal {
    pub negated: bool,
    pub names: Vec<Name>,
}

/// One entry of a principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Name {
    Everyone,
    Aws(String),
    CanonicalUser(String),
    Service(String),
    Federated(String),
}

/// `Action` or `Resource`, or their complements where `negated`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Patterns {
    pub negated: bool,
    pub patterns: Vec<String>,
}

/// One key under one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    pub operator: String,
    pub key: String,
    pub values: Vec<String>,
}

impl Document {
    /// Reads a policy.
    pub fn read(text: &str) -> Result<Self, Malformed> {
        if !text.starts_with('{') {
            return Err("Policies must be valid JSON and the first byte must be '{'".to_owned());
        }
        let invalid = || "This policy contains invalid Json".to_owned();
        let node = Node::read(text).ok_or_else(invalid)?;
        if node.has_duplicates() {
            return Err(invalid());
        }
        let members = node.members().ok_or_else(invalid)?;
        let mut version = "2008-10-17".to_owned();
        let mut statements = None;
        for (name, value) in members {
            match name.as_str() {
                "Version" => match value.text() {
                    Some(text @ ("2012-10-17" | "2008-10-17")) => text.clone_into(&mut version),
                    _ => {
                        return Err("The policy must contain a valid version string".to_owned());
                    }
                },
                "Id" => {
                    value.text().ok_or_else(syntax)?;
                }
                "Statement" => statements = Some(value),
                other => return Err(format!("Unknown field {other}")),
            }
        }
        let statements = match statements {
            None => return Err("Missing required field Statement".to_owned()),
            Some(Node::List(nodes)) => {
                nodes.iter().map(statement).collect::<Result<Vec<_>, _>>()?
            }
            Some(node) => vec![statement(node)?],
        };
        if statements.is_empty() {
            return Err("Could not parse the policy: Statement is empty!".to_owned());
        }
        Ok(Self {
            version,
            statements,
        })
    }
}

fn syntax() -> Malformed {
    "Invalid policy syntax.".to_owned()
}

fn missing(field: &str) -> Malformed {
    format!("Missing required field {field}")
}

fn statement(node: &Node) -> Result<Statement, Malformed> {
    let members = node.members().ok_or_else(syntax)?;
    let known = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    if let Some((name, _)) = members
        .iter()
        .find(|(name, _)| !known.contains(&name.as_str()))
    {
        return Err(format!("Unknown field {name}"));
    }
    let member = |wanted: &str| {
        members
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, node)| node)
    };
    let sid = match member("Sid") {
        None => None,
        Some(node) => Some(node.text().ok_or_else(syntax)?.to_owned()),
    };
    let effect = match member("Effect") {
        None => return Err(missing("Effect")),
        Some(node) => match node.text() {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            other => return Err(format!("Invalid effect: {}", other.unwrap_or_default())),
        },
    };
    let (negated, node) = one_of(&member, "Principal", "NotPrincipal")?;
    let principal = Principal {
        negated,
        names: names(node)?,
    };
    let conditions = match member("Condition") {
        None => Vec::new(),
        Some(node) => conditions(node)?,
    };
    Ok(Statement {
        sid,
        effect,
        principal,
        actions: patterns(&member, "Action", "NotAction")?,
        resources: patterns(&member, "Resource", "NotResource")?,
        conditions,
    })
}

/// One member or its complement, and not both.
fn one_of<'a>(
    member: &impl Fn(&str) -> Option<&'a Node>,
    plain: &str,
    complement: &str,
) -> Result<(bool, &'a Node), Malformed> {
    match (member(plain), member(complement)) {
        (Some(node), None) => Ok((false, node)),
        (None, Some(node)) => Ok((true, node)),
        (None, None) => Err(missing(plain)),
        (Some(_), Some(_)) => Err(syntax()),
    }
}

fn patterns<'a>(
    member: &impl Fn(&str) -> Option<&'a Node>,
    plain: &str,
    complement: &str,
) -> Result<Patterns, Malformed> {
    let (negated, node) = one_of(member, plain, complement)?;
    let patterns = node.texts().ok_or_else(syntax)?;
    if patterns.is_empty() {
        return Err(format!("Missing required field {plain} cannot be empty!"));
    }
    Ok(Patterns { negated, patterns })
}

fn names(node: &Node) -> Result<Vec<Name>, Malformed> {
    if let Some(text) = node.text() {
        return match text {
            "*" => Ok(vec![Name::Everyone]),
            _ => Err("Invalid principal in policy".to_owned()),
        };
    }
    let mut names = Vec::new();
    for (kind, node) in node.members().ok_or_else(syntax)? {
        for text in node.texts().ok_or_else(syntax)? {
            names.push(match kind.as_str() {
                "AWS" if text == "*" => Name::Everyone,
                "AWS" => Name::Aws(text),
                "CanonicalUser" => Name::CanonicalUser(text),
                "Service" => Name::Service(text),
                "Federated" => Name::Federated(text),
                other => return Err(format!("Unknown field {other}")),
            });
        }
    }
    if names.is_empty() {
        return Err("Missing required field Principal cannot be empty!".to_owned());
    }
    Ok(names)
}

fn conditions(node: &Node) -> Result<Vec<Condition>, Malformed> {
    let mut conditions = Vec::new();
    for (operator, node) in node.members().ok_or_else(syntax)? {
        for (key, node) in node.members().ok_or_else(syntax)? {
            conditions.push(Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: node.scalars().ok_or_else(syntax)?,
            });
        }
    }
    Ok(conditions)
}
