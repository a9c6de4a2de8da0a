//! Policies above a project and below a bucket: folders, organizations, their roles, and managed folders.
//!
//! See <https://cloud.google.com/resource-manager/reference/rest/v3/folders/getIamPolicy> and
//! <https://cloud.google.com/storage/docs/json_api/v1/managedFolder>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::call::Call;
use super::identity::Identity;
use super::json::{answer, check_parameters};
use super::operation::Levels;
use super::policy::{Binding, Resource, Wish};
use super::problem::{Code, Problem};
use super::projects::{policy_in_version, requested_version};
use super::refusal::denied;
use super::role::Role;
use super::roles::{not_permitted, shown_role};
use super::visit::Visit;
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Handles one request.
pub(crate) fn handle(
    world: &World,
    request: &Incoming,
    call: &Call,
    operation: Levels,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let wish = Wish {
        world,
        caller: &identity.caller,
    };
    let value = match operation {
        Levels::FolderPolicy => folder_policy(wish, request, call),
        Levels::OrganizationPolicy => organization_policy(wish, request, call),
        Levels::OrganizationRole => organization_role(wish, call),
        Levels::ManagedFolders => managed_folders(&enter(world, request, call, identity)?, call),
        Levels::ManagedFolderPolicy => {
            managed_folder_policy(&enter(world, request, call, identity)?, call)
        }
    }?;
    Ok(answer(&value))
}

fn number(call: &Call) -> u64 {
    call.id
        .as_deref()
        .and_then(|id| id.parse().ok())
        .unwrap_or_default()
}

/// What does not exist and what may not be seen are refused alike.
fn folder_policy(wish: Wish<'_>, request: &Incoming, call: &Call) -> Result<Value, Problem> {
    let version = requested_version(request, call)?;
    let permission = "resourcemanager.folders.getIamPolicy";
    let number = number(call);
    wish.world
        .folders
        .get(&number)
        .filter(|_| wish.may(permission, Resource::Folder(number)))
        .map(|folder| policy_in_version(&folder.policy, version))
        .ok_or_else(|| not_permitted(permission, &format!("folders/{number}")))
}

fn organization_policy(wish: Wish<'_>, request: &Incoming, call: &Call) -> Result<Value, Problem> {
    let version = requested_version(request, call)?;
    let permission = "resourcemanager.organizations.getIamPolicy";
    let number = number(call);
    wish.world
        .organizations
        .get(&number)
        .filter(|_| wish.may(permission, Resource::Organization(number)))
        .map(|organization| policy_in_version(&organization.policy, version))
        .ok_or_else(|| not_permitted(permission, &format!("organizations/{number}")))
}

fn organization_role(wish: Wish<'_>, call: &Call) -> Result<Value, Problem> {
    let organization: u64 = call
        .object
        .as_deref()
        .and_then(|number| number.parse().ok())
        .unwrap_or_default();
    let id = call.id.as_deref().unwrap_or_default();
    let name = format!("organizations/{organization}/roles/{id}");
    if !wish.may("iam.roles.get", Resource::Organization(organization)) {
        return Err(not_permitted("iam.roles.get", &name));
    }
    let role: &Role = wish
        .world
        .organizations
        .get(&organization)
        .and_then(|organization| organization.roles.get(id))
        .ok_or_else(|| {
            Problem::new(
                Code::NotFound,
                format!("The role named {name} was not found."),
            )
        })?;
    Ok(shown_role(&name, role, call))
}

fn enter<'a>(
    world: &'a World,
    request: &Incoming,
    call: &Call,
    identity: &'a Identity,
) -> Result<Visit<'a>, Problem> {
    let bucket = call.bucket.as_deref().unwrap_or_default();
    Visit::enter(world, identity, request, call, bucket)
}

fn managed_folders(visit: &Visit<'_>, call: &Call) -> Result<Value, Problem> {
    check_parameters(call, &["pageSize", "pageToken", "prefix", "userProject"])?;
    visit.need("storage.managedFolders.list")?;
    let items: Vec<Value> = visit
        .bucket
        .managed_folders
        .keys()
        .map(|name| {
            json!({
                "kind": "storage#managedFolder",
                "id": format!("{}/{name}", visit.bucket.name),
                "bucket": visit.bucket.name,
                "name": name,
                "metageneration": "1",
            })
        })
        .collect();
    Ok(if items.is_empty() {
        json!({ "kind": "storage#managedFolders" })
    } else {
        json!({ "kind": "storage#managedFolders", "items": items })
    })
}

fn managed_folder_policy(visit: &Visit<'_>, call: &Call) -> Result<Value, Problem> {
    check_parameters(call, &["optionsRequestedPolicyVersion", "userProject"])?;
    let folder = call.object.as_deref().unwrap_or_default();
    let permission = "storage.managedFolders.getIamPolicy";
    let resource = Resource::ManagedFolder(visit.bucket, folder);
    if !visit.wish.may(permission, resource) {
        return Err(denied(visit.wish.caller, permission, "managed folder"));
    }
    let policy = visit.bucket.managed_folders.get(folder).ok_or_else(|| {
        Problem::new(
            Code::NotFound,
            "The specified managed folder does not exist.",
        )
    })?;
    let bindings: Vec<Value> = policy.bindings.iter().map(Binding::described).collect();
    Ok(json!({
        "kind": "storage#policy",
        "resourceId": format!("projects/_/buckets/{}/managedFolders/{folder}", visit.bucket.name),
        "version": policy.version(),
        "etag": STANDARD.encode(policy.etag()),
        "bindings": bindings,
    }))
}
