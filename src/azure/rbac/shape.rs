//! The parts of Azure Resource Manager's JSON that decide. What has another shape is not read, and said to be so.

use serde_json::Value;

use super::role;
use crate::azure::templates::READER_ID;

/// A role assignment: <https://learn.microsoft.com/rest/api/authorization/role-assignments/list-for-scope>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment<'a> {
    /// Its resource ID.
    pub id: &'a str,
    /// Where it holds, and below.
    pub scope: &'a str,
    /// The role's resource ID.
    pub role: &'a str,
    /// To whom.
    pub principal: &'a str,
    /// What that is, where it is told: `ServicePrincipal`, `Group`.
    pub principal_type: Option<&'a str>,
    /// Under which condition.
    pub condition: Condition<'a>,
    /// When it was made.
    pub created_on: Option<&'a str>,
}

/// The condition of an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition<'a> {
    /// There is none.
    None,
    /// Its text.
    Text(&'a str),
    /// It restricts, and what it says is not known. Why, as a clause.
    Unclear(&'static str),
}

impl<'a> Condition<'a> {
    /// The condition among the properties of a role assignment or a deny assignment.
    #[must_use]
    pub fn read(properties: &'a Value) -> Self {
        let text = match properties.get("condition") {
            None | Some(Value::Null) => return Self::None,
            Some(Value::String(text)) if text.trim().is_empty() => return Self::None,
            Some(Value::String(text)) => text,
            Some(_) => return Self::Unclear("its condition is of a form that is not known"),
        };
        // The one version that there is: https://learn.microsoft.com/azure/role-based-access-control/conditions-role-assignments-rest
        match properties.get("conditionVersion") {
            None | Some(Value::Null) => Self::Text(text),
            Some(Value::String(version)) if version == "2.0" => Self::Text(text),
            Some(_) => Self::Unclear("its condition is of a version that is not known"),
        }
    }
}

impl<'a> Assignment<'a> {
    /// Reads an assignment; none where a part that decides is missing or of another shape.
    #[must_use]
    pub fn read(value: &'a Value) -> Option<Self> {
        let properties = value.get("properties")?;
        let text = |name: &str| {
            properties
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        Some(Self {
            id: value.get("id")?.as_str()?,
            scope: text("scope")?,
            role: text("roleDefinitionId")?,
            principal: text("principalId")?,
            principal_type: text("principalType"),
            condition: Condition::read(properties),
            created_on: text("createdOn"),
        })
    }

    /// Whether it is to this principal.
    #[must_use]
    pub fn is_of(&self, principal: &str) -> bool {
        self.principal.eq_ignore_ascii_case(principal)
    }

    /// Whether it is to a group.
    #[must_use]
    pub fn is_of_a_group(&self) -> bool {
        self.principal_type
            .is_some_and(|kind| ["Group", "ForeignGroup"].contains(&kind))
    }

    /// Whether it is of the published role.
    #[must_use]
    pub fn is_reader(&self) -> bool {
        self.role_id().eq_ignore_ascii_case(READER_ID)
    }

    /// The last part of the role's resource ID.
    #[must_use]
    pub fn role_id(&self) -> &'a str {
        self.role.rsplit('/').next().unwrap_or_default()
    }
}

/// Lists of actions, as roles, deny assignments and the caller's own rights have them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Permission<'a> {
    actions: Vec<&'a str>,
    not_actions: Vec<&'a str>,
    data_actions: Vec<&'a str>,
    not_data_actions: Vec<&'a str>,
    /// Whether a condition stands beside them.
    pub conditional: bool,
}

impl<'a> Permission<'a> {
    /// Reads a permission; none where a list is of another shape.
    #[must_use]
    pub fn read(value: &'a Value) -> Option<Self> {
        let members = value.as_object()?;
        let list = |name: &str| -> Option<Vec<&'a str>> {
            match members.get(name) {
                None | Some(Value::Null) => Some(Vec::new()),
                Some(Value::Array(items)) => items.iter().map(Value::as_str).collect(),
                Some(_) => None,
            }
        };
        Some(Self {
            actions: list("actions")?,
            not_actions: list("notActions")?,
            data_actions: list("dataActions")?,
            not_data_actions: list("notDataActions")?,
            conditional: members
                .get("condition")
                .is_some_and(|condition| condition.as_str() != Some("") && !condition.is_null()),
        })
    }

    /// Whether it names `action`, and does not take it off again. What it takes off is taken off within itself alone:
    /// <https://learn.microsoft.com/azure/role-based-access-control/role-definitions#notactions>.
    #[must_use]
    pub fn names(&self, action: role::Action) -> bool {
        let (with, without) = match action.kind {
            role::Kind::Control => (&self.actions, &self.not_actions),
            role::Kind::Data => (&self.data_actions, &self.not_data_actions),
        };
        let any = |patterns: &[&str]| {
            patterns
                .iter()
                .any(|pattern| role::matches(pattern, action.name))
        };
        any(with) && !any(without)
    }
}
