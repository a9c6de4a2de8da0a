//! The IAM API's roles: Google's own to read, a project's custom ones to make, change, delete and bring back.
//!
//! See <https://cloud.google.com/iam/docs/reference/rest/v1/projects.roles>.

mod form;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::call::{Call, Roles};
use super::identity::Identity;
use super::json::{Members, answer, check_parameters, wants_numbers};
use super::policy::{Resource, Wish, predefined_permissions, predefined_roles};
use super::problem::{Code, Problem};
use super::role::{Life, Role};
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;
use form::{Wanted, etag_of, read_etag, shown};

/// See <https://cloud.google.com/iam/quotas>.
const MOST_ROLES: usize = 300;
const LARGEST_PAGE: i64 = 1000;

/// Handles one request.
pub(crate) fn handle(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    operation: Roles,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let Some(project) = call.project.as_deref().or_else(|| parent(call, operation)) else {
        return predefined(call, operation);
    };
    // A project that does not exist and one that may not be seen answer alike.
    let project = world
        .project(project)
        .map_or(project, |(id, _)| id)
        .to_owned();
    let at = Place {
        project,
        id: call.id.clone().unwrap_or_default(),
        numbers: wants_numbers(call),
    };
    let value = match operation {
        Roles::Get => get(world, call, identity, &at),
        Roles::List => list(world, call, identity, &at),
        Roles::Create => create(world, request, call, identity, &at),
        Roles::Update => update(world, request, call, identity, &at),
        Roles::Delete => delete(world, call, identity, &at),
        Roles::Undelete => undelete(world, request, call, identity, &at),
    }?;
    Ok(answer(&value))
}

/// Which role of which project a request is about, and how its stage is to be written.
struct Place {
    project: String,
    id: String,
    numbers: bool,
}

impl Place {
    fn name(&self) -> String {
        format!("projects/{}/roles/{}", self.project, self.id)
    }

    fn show(&self, role: &Role) -> Value {
        shown(&self.name(), role, self.numbers, true)
    }

    fn not_found(&self) -> Problem {
        Problem::new(
            Code::NotFound,
            format!("The role named {} was not found.", self.name()),
        )
    }

    /// The role, unless it is gone for good.
    fn find(&self, world: &World) -> Result<Role, Problem> {
        world
            .project(&self.project)
            .and_then(|(_, project)| project.roles.get(&self.id))
            .filter(|role| matches!(role.life(world.now()), Life::Active | Life::Deleted))
            .cloned()
            .ok_or_else(|| self.not_found())
    }

    fn store(&self, world: &mut World, role: Role) {
        if let Some(project) = world.project_mut(&self.project) {
            project.roles.insert(self.id.clone(), role);
        }
    }
}

/// The list of Google's own roles lists those of a project instead when its `parent` names one: Google's own library for
/// Rust asks for them so.
fn parent(call: &Call, operation: Roles) -> Option<&str> {
    (operation == Roles::List)
        .then(|| call.parameter("parent")?.strip_prefix("projects/"))
        .flatten()
}

fn predefined(call: &Call, operation: Roles) -> Result<Answer, Problem> {
    let title = |name: &str| name.trim_start_matches("roles/").to_owned();
    if operation == Roles::List {
        check_parameters(
            call,
            &["pageSize", "pageToken", "parent", "showDeleted", "view"],
        )?;
        let roles: Vec<Value> = predefined_roles()
            .map(|name| json!({ "name": name, "title": title(name), "stage": "GA" }))
            .collect();
        return Ok(answer(&json!({ "roles": roles })));
    }
    check_parameters(call, &[])?;
    let name = format!("roles/{}", call.id.as_deref().unwrap_or_default());
    let permissions = predefined_permissions(&name).ok_or_else(|| {
        Problem::new(
            Code::NotFound,
            format!("The role named {name} was not found."),
        )
    })?;
    let stage = if wants_numbers(call) {
        json!(2)
    } else {
        json!("GA")
    };
    Ok(answer(&json!({
        "name": name,
        "title": title(&name),
        "includedPermissions": permissions,
        "stage": stage,
        "etag": "AA==",
    })))
}

fn need(
    world: &World,
    identity: &Identity,
    permission: &str,
    project: &str,
    resource: &str,
) -> Result<(), Problem> {
    let wish = Wish {
        world,
        caller: &identity.caller,
    };
    if wish.may(permission, Resource::Project(project)) {
        Ok(())
    } else {
        Err(not_permitted(permission, resource))
    }
}

/// See <https://cloud.google.com/iam/docs/permission-error-messages>.
pub(crate) fn not_permitted(permission: &str, resource: &str) -> Problem {
    Problem::new(
        Code::PermissionDenied,
        format!("Permission '{permission}' denied on resource (or it may not exist)."),
    )
    .info(
        "iam.googleapis.com",
        "IAM_PERMISSION_DENIED",
        &[("permission", permission), ("resource", resource)],
    )
}

fn get(world: &World, call: &Call, identity: &Identity, at: &Place) -> Result<Value, Problem> {
    check_parameters(call, &[])?;
    need(world, identity, "iam.roles.get", &at.project, &at.name())?;
    Ok(at.show(&at.find(world)?))
}

fn list(world: &World, call: &Call, identity: &Identity, at: &Place) -> Result<Value, Problem> {
    check_parameters(
        call,
        &["pageSize", "pageToken", "parent", "showDeleted", "view"],
    )?;
    let parent = format!("projects/{}", at.project);
    need(world, identity, "iam.roles.list", &at.project, &parent)?;
    let with_deleted = call.parameter("showDeleted") == Some("true");
    let full = call
        .parameter("view")
        .is_some_and(|view| view == "FULL" || view == "1");
    let size = call.parameter("pageSize").unwrap_or("300");
    let size = size
        .parse::<i64>()
        .ok()
        .filter(|size| (0..=LARGEST_PAGE).contains(size))
        .ok_or_else(|| Problem::new(Code::InvalidArgument, format!("Invalid page size: {size}")))?;
    let size = usize::try_from(size).unwrap_or_default();
    let from = call.parameter("pageToken").unwrap_or_default();
    let now = world.now();
    let mut roles: Vec<(&String, &Role)> = world
        .project(&at.project)
        .into_iter()
        .flat_map(|(_, project)| &project.roles)
        .filter(|(_, role)| match role.life(now) {
            Life::Active => true,
            Life::Deleted => with_deleted,
            Life::Purged | Life::Gone => false,
        })
        .filter(|(id, _)| id.as_str() >= from)
        .collect();
    let size = if size == 0 { 300 } else { size };
    let next = roles.get(size).map(|(id, _)| (*id).clone());
    roles.truncate(size);
    let roles: Vec<Value> = roles
        .into_iter()
        .map(|(id, role)| shown(&format!("{parent}/roles/{id}"), role, at.numbers, full))
        .collect();
    let mut value = json!({ "roles": roles });
    if let Some(next) = next {
        value["nextPageToken"] = next.into();
    }
    Ok(value)
}

fn create(
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

fn update(
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

fn delete(
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

fn undelete(
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
