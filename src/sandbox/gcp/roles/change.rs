//! Making, changing, deleting and bringing back a project's custom roles.
//!
//! See <https://cloud.google.com/iam/docs/creating-custom-roles>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::form::{self, Wanted, etag_of, read_etag};
use super::{Place, need};
use crate::sandbox::gcp::call::Call;
use crate::sandbox::gcp::identity::Identity;
use crate::sandbox::gcp::json::{Members, check_parameters};
use crate::sandbox::gcp::problem::{Code, Problem};
use crate::sandbox::gcp::role::{Life, Role};
use crate::sandbox::gcp::world::World;
use crate::sandbox::incoming::Incoming;

/// See <https://cloud.google.com/iam/quotas>.
const MOST_ROLES: usize = 300;

pub(super) fn create(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
    at: &Place,
) -> Result<Value, Problem> {
    check_parameters(call, &[])?;
    let mut members = Members::of_body(request)?;
    let id = members.text("roleId")?.unwrap_or_default();
    let wanted = Wanted::read(members.take("role").unwrap_or_else(|| json!({})))?;
    members.finish()?;
    let parent = format!("projects/{}", at.project);
    need(world, identity, "iam.roles.create", &at.project, &parent)?;
    form::check_id(&id)?;
    if wanted.name.is_some() {
        return Err(Problem::new(
            Code::InvalidArgument,
            "The role name must not be set when a role is created.",
        ));
    }
    let now = world.now();
    let unknown_for = world.new_roles_unknown_for;
    let roles = world
        .project(&at.project)
        .map(|(_, project)| project.roles.clone())
        .unwrap_or_default();
    match roles.get(&id).map(|role| role.life(now)) {
        Some(Life::Active) => {
            return Err(Problem::new(
                Code::AlreadyExists,
                format!("A role named {id} in {parent} already exists."),
            ));
        }
        Some(Life::Deleted | Life::Purged) => {
            return Err(Problem::new(
                Code::FailedPrecondition,
                format!("You can't create a role_id ({id}) which has been marked for deletion."),
            ));
        }
        Some(Life::Gone) | None => {}
    }
    // A deleted role counts until it is gone for good.
    let count = roles
        .values()
        .filter(|role| matches!(role.life(now), Life::Active | Life::Deleted))
        .count();
    if count >= MOST_ROLES {
        return Err(Problem::new(
            Code::FailedPrecondition,
            format!("Maximum number of roles reached. Maximum is: {MOST_ROLES}"),
        ));
    }
    let mut role = Role {
        unknown_for,
        ..Role::default()
    };
    wanted.write(&mut role, &[])?;
    let at = Place {
        project: at.project.clone(),
        id,
        numbers: at.numbers,
    };
    at.store(world, role.clone());
    Ok(at.show(&role))
}

pub(super) fn update(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
    at: &Place,
) -> Result<Value, Problem> {
    check_parameters(call, &["updateMask"])?;
    let value = serde_json::from_slice(&request.body).unwrap_or_else(|_| json!({}));
    let wanted = Wanted::read(value)?;
    let paths = form::paths(call.parameter("updateMask").unwrap_or_default())?;
    need(world, identity, "iam.roles.update", &at.project, &at.name())?;
    let mut role = at.find(world)?;
    if wanted.name.as_ref().is_some_and(|name| *name != at.name()) {
        return Err(Problem::new(
            Code::InvalidArgument,
            "The role name in the request is not the one in its path.",
        ));
    }
    if role.deleted.is_some() {
        return Err(Problem::new(
            Code::FailedPrecondition,
            format!(
                "You can't update role_id ({}) as it has been marked for deletion.",
                at.id
            ),
        ));
    }
    check_etag(wanted.etag.as_deref(), &role)?;
    wanted.write(&mut role, &paths)?;
    at.store(world, role.clone());
    Ok(at.show(&role))
}

pub(super) fn delete(
    world: &mut World,
    call: &Call,
    identity: &Identity,
    at: &Place,
) -> Result<Value, Problem> {
    check_parameters(call, &["etag"])?;
    need(world, identity, "iam.roles.delete", &at.project, &at.name())?;
    let mut role = at.find(world)?;
    if role.deleted.is_some() {
        return Err(Problem::new(
            Code::FailedPrecondition,
            format!(
                "You can't delete role_id ({}) as it is already deleted.",
                at.name()
            ),
        ));
    }
    let etag = call
        .parameter("etag")
        .filter(|etag| !etag.is_empty())
        .map(read_etag)
        .transpose()?;
    check_etag(etag.as_deref(), &role)?;
    role.deleted = Some(world.now());
    role.revision += 1;
    at.store(world, role.clone());
    Ok(at.show(&role))
}

pub(super) fn undelete(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
    at: &Place,
) -> Result<Value, Problem> {
    check_parameters(call, &[])?;
    let mut members = Members::of_body(request)?;
    let etag = members.text("etag")?;
    // The name is in the path; the definition of the request has it too.
    members.take("name");
    members.finish()?;
    need(
        world,
        identity,
        "iam.roles.undelete",
        &at.project,
        &at.name(),
    )?;
    let mut role = at.find(world)?;
    let etag = etag
        .filter(|etag| !etag.is_empty())
        .map(|etag| read_etag(&etag))
        .transpose()?;
    check_etag(etag.as_deref(), &role)?;
    if role.deleted.is_none() {
        return Err(Problem::new(
            Code::FailedPrecondition,
            format!(
                "You can't undelete role_id ({}) as it is not deleted.",
                at.id
            ),
        ));
    }
    role.deleted = None;
    role.revision += 1;
    at.store(world, role.clone());
    Ok(at.show(&role))
}

/// Without an etag there is nothing to compare.
fn check_etag(etag: Option<&[u8]>, role: &Role) -> Result<(), Problem> {
    match etag {
        Some(etag) if etag != etag_of(role) => Err(Problem::new(
            Code::Aborted,
            format!(
                "There were concurrent changes to the role. Please retry the whole read-modify-write with exponential \
                 backoff. The request's ETag '{}' did not match the current ETag '{}'.",
                STANDARD.encode(etag),
                STANDARD.encode(etag_of(role))
            ),
        )),
        Some(_) | None => Ok(()),
    }
}
