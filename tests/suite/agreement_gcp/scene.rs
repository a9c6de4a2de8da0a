//! The local cloud, what is put into it, and the requests themselves.

use segments_connect::sandbox::gcp::{
    Binding, Condition, DenyPolicy, DenyRule, Folder, ORGANIZATION, Policy, Role, Stage, World,
};
use segments_connect::sandbox::{Options, Sandbox};
use serde_json::Value;
use time::OffsetDateTime;
use time::macros::datetime;

use super::setting::{BUCKET, CustomRole, NOW, PROJECT, SEGMENTS, Setting};
use super::{Certain, Request};

/// The objects that are asked for.
pub const OBJECTS: [&str; 4] = [
    "photos/cat.jpg",
    "photos/2026/dog.png",
    "scans/lung.dcm",
    "readme",
];

/// A local cloud with one bucket, in a project in a folder in a folder.
pub struct Scene {
    sandbox: Sandbox,
    client: reqwest::Client,
    token: String,
}

impl Scene {
    pub fn new() -> Self {
        let mut world = World::default();
        let bucket = world.add_bucket(BUCKET);
        for object in OBJECTS {
            bucket.add_object(object, "bytes");
        }
        let folder = |parent| Folder {
            display_name: "a folder".to_owned(),
            parent,
            organization: ORGANIZATION,
            policy: Policy::default(),
        };
        world.folders = [(7, folder(Some(8))), (8, folder(None))].into();
        world.project_mut(PROJECT).expect("the project").folder = Some(7);
        world
            .groups
            .insert("nobody@acme.example".to_owned(), [].into());
        let token = world.issue_token(SEGMENTS);
        world.tokens.get_mut(&token).expect("it").expires = datetime!(2100-01-01 00:00 UTC);
        Self {
            sandbox: Sandbox::start(Options::from(world)).expect("the local cloud starts"),
            client: reqwest::Client::builder()
                .no_proxy()
                .build()
                .expect("a client"),
            token,
        }
    }

    /// Makes the local cloud so.
    pub fn apply(&self, setting: &Setting) {
        self.sandbox.clear_log();
        self.sandbox
            .with_state(|state| put(&mut state.gcp, setting));
    }

    /// What happens to a request.
    pub async fn ask(&self, request: Request) -> Certain {
        let endpoint = self.sandbox.endpoint();
        let object = |object| self.client.get(format!("{endpoint}/{BUCKET}/{object}"));
        let sent = match request {
            Request::Segments(name) => object(name).bearer_auth(&self.token),
            Request::Nobody(name) => object(name),
            Request::Listing => self
                .client
                .get(format!("{endpoint}/storage/v1/b/{BUCKET}/o"))
                .bearer_auth(&self.token),
        };
        let status = sent.send().await.expect("an answer").status().as_u16();
        match status {
            200 => Certain::Allowed,
            401 | 403 => Certain::Refused,
            other => panic!("{other} for {request:?}"),
        }
    }
}

fn put(world: &mut World, setting: &Setting) {
    world.clock_offset = NOW - OffsetDateTime::now_utc();
    let readers = if setting.in_group {
        [SEGMENTS.to_owned()].into()
    } else {
        [].into()
    };
    world
        .groups
        .insert("readers@acme.example".to_owned(), readers);
    let bucket = world.buckets.get_mut(BUCKET).expect("the bucket");
    bucket.policy = policy(&setting.bucket);
    bucket.managed_folders = setting
        .managed_folders
        .iter()
        .map(|level| (level.name.clone(), policy(&level.policy)))
        .collect();
    bucket.set_public_access_prevention(setting.bucket_prevented);
    bucket.tags = setting
        .tag
        .map(|value| ("100200300400/env".to_owned(), value.to_owned()))
        .into_iter()
        .collect();
    let project = world.project_mut(PROJECT).expect("the project");
    project.policy = policy(&setting.project);
    project.public_access_prevention = setting.project_prevented;
    project.roles = roles(setting, "projects/acme-vision/roles/");
    let organization = world
        .organizations
        .get_mut(&ORGANIZATION)
        .expect("the organisation");
    organization.roles = roles(setting, "organizations/100200300400/roles/");
    for level in &setting.ancestors {
        let granted = policy(&level.policy);
        let (kind, number) = level.name.split_once('/').expect("a kind and a number");
        let number = number.parse().expect("a number");
        match kind {
            "folders" => world.folders.get_mut(&number).expect("it").policy = granted,
            _ => world.organizations.get_mut(&number).expect("it").policy = granted,
        }
    }
    world.deny_policies = setting
        .deny_policies
        .iter()
        .map(|(attachment, policy)| deny_policy(attachment, policy))
        .collect();
}

fn texts(value: &Value) -> Vec<String> {
    let values = value.as_array().into_iter().flatten();
    values
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn condition(value: &Value) -> Option<Condition> {
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    value.is_object().then(|| Condition {
        title: text("title"),
        expression: text("expression"),
        ..Condition::default()
    })
}

fn policy(document: &Value) -> Policy {
    let bindings = document["bindings"].as_array().into_iter().flatten();
    Policy {
        bindings: bindings
            .map(|binding| Binding {
                role: binding["role"].as_str().expect("a role").to_owned(),
                members: texts(&binding["members"]),
                condition: condition(&binding["condition"]),
            })
            .collect(),
        revision: 1,
    }
}

fn deny_policy(attachment: &str, document: &Value) -> DenyPolicy {
    let rules = document["rules"].as_array().into_iter().flatten();
    DenyPolicy {
        attachment: attachment.to_owned(),
        id: "guard".to_owned(),
        display_name: "guard".to_owned(),
        rules: rules
            .map(|rule| &rule["denyRule"])
            .map(|rule| DenyRule {
                denied_principals: texts(&rule["deniedPrincipals"]),
                exception_principals: texts(&rule["exceptionPrincipals"]),
                denied_permissions: texts(&rule["deniedPermissions"]),
                exception_permissions: texts(&rule["exceptionPermissions"]),
                denial_condition: condition(&rule["denialCondition"]),
            })
            .collect(),
    }
}

fn roles(setting: &Setting, home: &str) -> std::collections::BTreeMap<String, Role> {
    let made = |role: &CustomRole| {
        let mut made = Role::new("a role", &role.permissions);
        if role.disabled {
            made.stage = Stage::Disabled;
        }
        made.deleted = role.deleted.then_some(NOW);
        made
    };
    setting
        .roles
        .iter()
        .filter_map(|role| Some((role.name.strip_prefix(home)?.to_owned(), made(role))))
        .collect()
}
