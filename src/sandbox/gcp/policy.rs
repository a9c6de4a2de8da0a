//! IAM policies: what they hold, who is meant by it, and what may be written.
//!
//! See <https://cloud.google.com/iam/docs/reference/rest/v1/Policy>.

mod caller;
mod condition;
mod member;
mod permission;
mod predefined;
mod restriction;
mod validation;

pub(crate) use caller::{Caller, Resource};
pub(crate) use permission::Wish;
pub(crate) use predefined::{
    is_permission, permissions as predefined_permissions, roles as predefined_roles,
};
pub(crate) use validation::{Proposal, accepted, check_version};

use serde_json::{Map, Value, json};

use super::message::iam as wire;

/// An allow policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The bindings.
    pub bindings: Vec<Binding>,
    /// Counts its changes; its etag.
    pub revision: u64,
}

/// A role, and who has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Binding {
    /// The role.
    pub role: String,
    /// The members.
    pub members: Vec<String>,
    /// The condition under which the binding holds.
    pub condition: Option<Condition>,
}

/// A condition, as an expression of the Common Expression Language.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// The expression.
    pub expression: String,
    /// Where it was written.
    pub location: String,
}

impl Policy {
    /// Gives a member a role without a condition.
    pub fn grant(&mut self, role: &str, member: &str) {
        let binding = self
            .bindings
            .iter_mut()
            .find(|binding| binding.role == role && binding.condition.is_none());
        match binding {
            Some(binding) => binding.members.push(member.to_owned()),
            None => self.bindings.push(Binding {
                role: role.to_owned(),
                members: vec![member.to_owned()],
                condition: None,
            }),
        }
    }

    /// Gives a member a role under a condition.
    pub fn grant_if(&mut self, role: &str, member: &str, title: &str, expression: &str) {
        self.bindings.push(Binding {
            role: role.to_owned(),
            members: vec![member.to_owned()],
            condition: Some(Condition {
                title: title.to_owned(),
                expression: expression.to_owned(),
                ..Condition::default()
            }),
        });
    }

    /// Whether a member has a role, under a condition or not.
    #[must_use]
    pub fn has(&self, role: &str, member: &str) -> bool {
        self.bindings.iter().any(|binding| {
            binding.role == role && binding.members.iter().any(|found| found == member)
        })
    }

    /// The version that the policy needs.
    #[must_use]
    pub fn version(&self) -> i32 {
        if self
            .bindings
            .iter()
            .any(|binding| binding.condition.is_some())
        {
            3
        } else {
            1
        }
    }

    /// The etag: a small message with the number of changes in it, as buckets have them (`CAE=` is the first).
    #[must_use]
    pub fn etag(&self) -> Vec<u8> {
        etag(self.revision)
    }

    pub(crate) fn to_wire(&self) -> wire::Policy {
        let bindings = self.bindings.iter().map(|binding| wire::Binding {
            role: binding.role.clone(),
            members: binding.members.clone(),
            condition: binding.condition.as_ref().map(|condition| wire::Expr {
                expression: condition.expression.clone(),
                title: condition.title.clone(),
                description: condition.description.clone(),
                location: condition.location.clone(),
            }),
        });
        wire::Policy {
            version: self.version(),
            etag: self.etag(),
            bindings: bindings.collect(),
            audit_configs: Vec::new(),
        }
    }
}

impl Binding {
    /// As every one of Google's JSON interfaces writes it.
    pub(crate) fn described(&self) -> Value {
        let mut value = json!({ "role": self.role, "members": self.members });
        if let Some(condition) = &self.condition {
            let parts = [
                ("title", &condition.title),
                ("description", &condition.description),
                ("expression", &condition.expression),
                ("location", &condition.location),
            ];
            value["condition"] = parts
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(name, text)| (name.to_owned(), Value::from(text.as_str())))
                .collect::<Map<_, _>>()
                .into();
        }
        value
    }
}

impl From<wire::Binding> for Binding {
    fn from(binding: wire::Binding) -> Self {
        Self {
            role: binding.role,
            members: binding.members,
            condition: binding.condition.map(|condition| Condition {
                title: condition.title,
                description: condition.description,
                expression: condition.expression,
                location: condition.location,
            }),
        }
    }
}

/// The bytes that stand for a number of changes.
pub(crate) fn etag(revision: u64) -> Vec<u8> {
    let mut bytes = vec![0x08];
    prost::encoding::encode_varint(revision, &mut bytes);
    bytes
}

/// A deny policy.
/// See <https://cloud.google.com/iam/docs/deny-overview>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DenyPolicy {
    /// What it is attached to: `projects/acme-vision`, `organizations/100200300400`.
    pub attachment: String,
    /// Its ID.
    pub id: String,
    /// The name that people gave it.
    pub display_name: String,
    /// Its rules.
    pub rules: Vec<DenyRule>,
}

/// One rule of a deny policy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DenyRule {
    /// Who is denied: `principalSet://goog/public:all`, `principal://goog/subject/…`, …
    pub denied_principals: Vec<String>,
    /// Who is not, all the same.
    pub exception_principals: Vec<String>,
    /// What is denied: `storage.googleapis.com/objects.get`, …
    pub denied_permissions: Vec<String>,
    /// What is not, all the same.
    pub exception_permissions: Vec<String>,
    /// Only where this holds; conditions are about resource tags alone.
    pub denial_condition: Option<Condition>,
}
