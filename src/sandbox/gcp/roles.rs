//! The IAM API's roles: Google's own to read, a project's custom ones to make, change, delete and bring back.
//!
//! See <https://cloud.google.com/iam/docs/reference/rest/v1/projects.roles>.

mod change;
mod form;

use serde_json::{Value, json};

use super::call::Call;
use super::identity::Identity;
use super::json::{answer, check_parameters, wants_numbers};
use super::operation::Roles;
use super::policy::{Resource, Wish, predefined_permissions, predefined_roles};
use super::problem::{Code, Problem};
use super::role::{Life, Role};
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;
use form::shown;

/// See <https://cloud.google.com/iam/docs/reference/rest/v1/projects.roles/list>.
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
        Roles::Create => change::create(world, request, call, identity, &at),
        Roles::Update => change::update(world, request, call, identity, &at),
        Roles::Delete => change::delete(world, call, identity, &at),
        Roles::Undelete => change::undelete(world, request, call, identity, &at),
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

/// A role of an organization, as it is shown.
pub(super) fn shown_role(name: &str, role: &Role, call: &Call) -> Value {
    shown(name, role, wants_numbers(call), true)
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
