//! Everything that decides who may read: the policies of every level, as Google writes them, and what stands around them.

use segments_connect::gcp::iam::RoleState;
use segments_connect::gcp::role::predefined;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

pub use segments_connect::sandbox::gcp::{BUCKET, ORGANIZATION, PROJECT, SEGMENTS};

/// The moment at which everything is asked.
pub const NOW: OffsetDateTime = datetime!(2026-06-15 12:00 UTC);

/// The policy of a level.
#[derive(Debug, Clone)]
pub struct LevelPolicy {
    pub name: String,
    pub policy: Value,
    /// Whether the evaluator is told.
    pub read: bool,
}

/// A custom role.
#[derive(Debug, Clone)]
pub struct CustomRole {
    pub name: String,
    pub permissions: Vec<&'static str>,
    pub disabled: bool,
    pub deleted: bool,
    /// Whether the evaluator is told.
    pub read: bool,
}

/// Everything that decides.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is drawn by itself, and is what the cloud or the evaluator is told"
)]
pub struct Setting {
    pub bucket: Value,
    pub managed_folders: Vec<LevelPolicy>,
    pub project: Value,
    pub project_read: bool,
    /// The folders and the organisation, the nearest first.
    pub ancestors: Vec<LevelPolicy>,
    /// What each is attached to, and the policy.
    pub deny_policies: Vec<(String, Value)>,
    pub roles: Vec<CustomRole>,
    pub bucket_prevented: bool,
    pub project_prevented: bool,
    pub public_known: bool,
    /// Whether Segments.ai's service account is in the group of readers.
    pub in_group: bool,
    /// The bucket's tag `100200300400/env`.
    pub tag: Option<&'static str>,
}

/// What [`Setting::constructs`] tells apart, and every one of which has to be met.
pub const CONSTRUCTS: [&str; 30] = [
    "bucket",
    "managed folder",
    "project",
    "folder",
    "organisation",
    "custom role",
    "role of the organisation",
    "group:",
    "domain:",
    "deleted:",
    "allUsers",
    "allAuthenticatedUsers",
    "principalSet:",
    "projectViewer:",
    "startsWith",
    "endsWith",
    "extract",
    "resource.name ==",
    "resource.name !=",
    "resource.type",
    "resource.service",
    "timestamp",
    "date(",
    "duration",
    "resource.matchTag",
    "request.path",
    "denied",
    "exceptionPrincipals",
    "exceptionPermissions",
    "prevented",
];

impl Setting {
    pub fn prevented(&self) -> bool {
        self.bucket_prevented || self.project_prevented
    }

    /// What is known of a role.
    pub fn role(&self, name: &str) -> RoleState {
        if let Some(permissions) = predefined(name) {
            return RoleState::Enabled { permissions };
        }
        match self.roles.iter().find(|role| role.name == name) {
            // One of Google's of which nothing is known.
            None => RoleState::Unread("nobody was asked".to_owned()),
            Some(role) if !role.read => RoleState::Unread("you may not".to_owned()),
            Some(role) if role.deleted => RoleState::Deleted,
            Some(role) if role.disabled => RoleState::Disabled,
            Some(role) => RoleState::Enabled {
                permissions: role
                    .permissions
                    .iter()
                    .map(|one| (*one).to_owned())
                    .collect(),
            },
        }
    }

    /// What it holds, of [`CONSTRUCTS`].
    pub fn constructs(&self) -> Vec<&'static str> {
        let filled = |policy: &Value| {
            policy["bindings"]
                .as_array()
                .is_some_and(|all| !all.is_empty())
        };
        let levels = [
            ("bucket", filled(&self.bucket)),
            (
                "managed folder",
                self.managed_folders
                    .iter()
                    .any(|level| filled(&level.policy)),
            ),
            ("project", filled(&self.project)),
            (
                "folder",
                self.ancestors
                    .iter()
                    .any(|level| level.name.starts_with("folders/") && filled(&level.policy)),
            ),
            (
                "organisation",
                self.ancestors
                    .iter()
                    .any(|level| level.name.starts_with("organizations/") && filled(&level.policy)),
            ),
            ("denied", !self.deny_policies.is_empty()),
            ("prevented", self.prevented()),
        ];
        let text = self.text();
        let named = |construct: &&str| match *construct {
            "custom role" => text.contains("projects/acme-vision/roles/"),
            "role of the organisation" => text.contains("organizations/100200300400/roles/"),
            other => text.contains(other),
        };
        let known = |construct: &&str| levels.iter().any(|(level, _)| level == construct);
        CONSTRUCTS
            .into_iter()
            .filter(|construct| {
                levels.contains(&(*construct, true)) || (!known(construct) && named(construct))
            })
            .collect()
    }

    fn text(&self) -> String {
        let mut text = format!("{}{}", self.bucket, self.project);
        for level in self.managed_folders.iter().chain(&self.ancestors) {
            text += &level.policy.to_string();
        }
        for (_, policy) in &self.deny_policies {
            text += &policy.to_string();
        }
        text
    }

    /// Without any member of this name, wherever it stands.
    pub fn without(&self, name: &str) -> Self {
        let mut setting = self.clone();
        setting.each(|policy| leave_out(policy, name));
        setting
    }

    /// With one principal called as another is.
    pub fn renamed(&self, from: &str, to: &str) -> Self {
        let mut setting = self.clone();
        setting.each(|policy| {
            let text = policy.to_string().replace(from, to);
            *policy = serde_json::from_str(&text).expect("JSON as before");
        });
        setting
    }

    fn each(&mut self, change: impl FnMut(&mut Value)) {
        self.managed_folders
            .iter_mut()
            .chain(&mut self.ancestors)
            .map(|level| &mut level.policy)
            .chain(self.deny_policies.iter_mut().map(|(_, policy)| policy))
            .chain([&mut self.bucket, &mut self.project])
            .for_each(change);
    }

    /// The settings that are left when one thing is taken away.
    pub fn smaller(&self) -> Vec<Self> {
        let mut found = Vec::new();
        let mut with = |change: &dyn Fn(&mut Self)| {
            let mut setting = self.clone();
            change(&mut setting);
            found.push(setting);
        };
        for policy in fewer(&self.bucket) {
            with(&|setting| setting.bucket = policy.clone());
        }
        for policy in fewer(&self.project) {
            with(&|setting| setting.project = policy.clone());
        }
        for (index, level) in self.managed_folders.iter().enumerate() {
            for policy in fewer(&level.policy) {
                with(&|setting| setting.managed_folders[index].policy = policy.clone());
            }
        }
        for (index, level) in self.ancestors.iter().enumerate() {
            for policy in fewer(&level.policy) {
                with(&|setting| setting.ancestors[index].policy = policy.clone());
            }
        }
        for index in 0..self.deny_policies.len() {
            with(&|setting| drop(setting.deny_policies.remove(index)));
        }
        found
    }
}

fn leave_out(value: &mut Value, name: &str) {
    match value {
        Value::Object(members) => {
            members.remove(name);
            members
                .values_mut()
                .for_each(|member| leave_out(member, name));
        }
        Value::Array(values) => values.iter_mut().for_each(|one| leave_out(one, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A policy with one binding less.
fn fewer(policy: &Value) -> Vec<Value> {
    let bindings = policy["bindings"].as_array().cloned().unwrap_or_default();
    (0..bindings.len())
        .map(|index| {
            let mut bindings = bindings.clone();
            bindings.remove(index);
            json!({ "bindings": bindings })
        })
        .collect()
}
