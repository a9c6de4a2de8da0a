//! The stories, and what brings an account into the state of each.

mod access;
mod settings;
mod together;

use segments_connect::sandbox::azure::{
    Blob, CONTAINER, CorsRule, DenyAssignment, EncryptionScope, NetworkRules, PIPELINE, Permission,
    SasPolicy, TENANT,
};

use super::{Met, Story};
use crate::support::azure::{AzureStage, BLOB, group, scope};

const READ: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

/// All of them.
pub fn all() -> Vec<Story> {
    [
        access::apps(),
        access::holders(),
        access::roles(),
        access::conditions_and_denials(),
        settings::networks_and_links(),
        settings::blobs(),
        settings::browsers(),
        together::several(),
        together::harmless(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn broken(
    name: &'static str,
    met: Met,
    causes: &'static [&'static str],
    act: fn(&AzureStage),
) -> Story {
    Story {
        name,
        act,
        blob: (CONTAINER, BLOB),
        met,
        causes,
        exit: 4,
    }
}

fn works(name: &'static str, act: fn(&AzureStage)) -> Story {
    Story {
        exit: 0,
        ..broken(name, Met::Shown, &[], act)
    }
}

/// Takes the app and its role away.
fn uninstall(stage: &AzureStage) {
    assign(stage, &[]);
    stage.world(|world| {
        world.service_principals.retain(|one| one.id == PIPELINE);
    });
}

fn disable(stage: &AzureStage) {
    stage.world(|world| {
        let app = world.segments(TENANT).expect("the app").id.clone();
        let mut all = world.service_principals.iter_mut();
        let app = all.find(|one| one.id == app).expect("the app");
        app.account_enabled = false;
    });
}

/// Gives the app these roles and no other.
fn assign(stage: &AzureStage, roles: &[(&str, &str)]) {
    stage.world(|world| {
        let app = world.segments(TENANT).expect("the app").id.clone();
        world.role_assignments.retain(|one| one.principal != app);
        for (role, scope) in roles {
            world.assign(&app, role, scope);
        }
    });
}

fn container(name: &str) -> String {
    format!("{}/blobServices/default/containers/{name}", scope())
}

fn in_container(name: &str) -> String {
    format!(
        "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals '{name}'"
    )
}

/// Reading blobs on a condition, in the form that the portal writes.
fn on_condition(stage: &AzureStage, condition: &str) {
    stage.world(|world| {
        let one = world.role_assignments.last_mut().expect("the assignment");
        one.condition = Some(format!("((!(ActionMatches{{'{READ}'}})) OR ({condition}))"));
        one.condition_version = Some("2.0".to_owned());
    });
}

/// Denies something to everybody but the company's own people.
fn deny(stage: &AzureStage, permission: Permission) {
    stage.world(|world| {
        let mut deny = DenyAssignment::everyone("deployment stack", &group(), permission);
        deny.exclude_principals
            .extend(world.users.iter().map(|user| user.id.clone()));
        world.deny_assignments.push(deny);
    });
}

fn firewall(stage: &AzureStage, admitted: &[&str]) {
    let ip_rules = admitted.iter().map(|rule| (*rule).to_owned()).collect();
    stage.account(|one| {
        one.network = NetworkRules {
            deny_by_default: true,
            ip_rules,
        };
    });
}

fn links(stage: &AzureStage, period: &str, block: bool, require_user_bound: bool) {
    stage.account(|one| {
        one.sas_policy = Some(SasPolicy {
            expiration_period: period.to_owned(),
            block,
            require_user_bound,
        });
    });
}

fn blob(stage: &AzureStage, act: impl FnOnce(&mut Blob)) {
    stage.account(|one| {
        let container = one.containers.get_mut(CONTAINER).expect("the container");
        act(container.blobs.get_mut(BLOB).expect("the blob"));
    });
}

fn scoped(stage: &AzureStage, enabled: bool) {
    stage.account(|one| {
        one.encryption_scopes
            .insert("legal".to_owned(), EncryptionScope { enabled });
    });
    blob(stage, |one| one.encryption_scope = Some("legal".to_owned()));
}

fn cors(stage: &AzureStage, rules: &[(&str, &str)]) {
    let rules = rules
        .iter()
        .map(|(origin, method)| CorsRule::new(origin, method))
        .collect();
    stage.account(|one| one.blob_service.cors = rules);
}
