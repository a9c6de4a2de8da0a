//! Resource Manager, organization policy and deny policies: what stands around a bucket's project.
//!
//! See <https://cloud.google.com/resource-manager/reference/rest>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::call::{Call, RESOURCE_MANAGER};
use super::identity::Identity;
use super::json::{Members, answer, check_parameters};
use super::operation::Projects;
use super::policies::tested;
use super::policy::{DenyPolicy, Policy, Resource, Wish, check_version};
use super::problem::{Code, Problem};
use super::roles::not_permitted;
use super::world::{Project, World};
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Handles one request.
pub(crate) fn handle(
    world: &World,
    request: &Incoming,
    call: &Call,
    operation: Projects,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let wish = Wish {
        world,
        caller: &identity.caller,
    };
    let name = call.project.as_deref().unwrap_or_default();
    let value = match operation {
        Projects::Get => get(wish, call, name, request.path.starts_with("/v3/")),
        Projects::TestPermissions => test(wish, request, call, name),
        Projects::GetIamPolicy => iam_policy(wish, request, call, name),
        Projects::GetAncestry => ancestry(wish, request, call, name),
        Projects::GetEffectivePolicy => effective_policy(wish, call, name),
        Projects::ListDenyPolicies => list_deny_policies(wish, call, name),
        Projects::GetDenyPolicy => deny_policy(wish, call, name),
    }?;
    Ok(answer(&value))
}

/// A project that the caller may see. One that does not exist is refused in the same words.
fn visible<'a>(
    wish: Wish<'a>,
    permission: &str,
    name: &str,
) -> Result<(&'a str, &'a Project), Problem> {
    let resource = format!("//{RESOURCE_MANAGER}/projects/{name}");
    wish.world
        .project(name)
        .filter(|(id, _)| wish.may(permission, Resource::Project(id)))
        .ok_or_else(|| {
            let problem = not_permitted(permission, &format!("projects/{name}"));
            Problem {
                message: format!(
                    "Permission '{permission}' denied on resource '{resource}' (or it may not exist)."
                ),
                ..problem
            }
        })
}

/// By ID or by number; version 1 and version 3 write the same in different ways.
fn get(wish: Wish<'_>, call: &Call, name: &str, v3: bool) -> Result<Value, Problem> {
    check_parameters(call, &[])?;
    let (id, project) = visible(wish, "resourcemanager.projects.get", name)?;
    let state = if project.deleted {
        "DELETE_REQUESTED"
    } else {
        "ACTIVE"
    };
    let parent = project.organization;
    Ok(if v3 {
        let mut value = json!({
            "name": format!("projects/{}", project.number),
            "projectId": id,
            "state": state,
            "displayName": project.display_name,
            "createTime": "2024-01-01T00:00:00.000Z",
        });
        if let Some(number) = project.folder {
            value["parent"] = format!("folders/{number}").into();
        } else if let Some(number) = parent {
            value["parent"] = format!("organizations/{number}").into();
        }
        value
    } else {
        let mut value = json!({
            "projectNumber": project.number.to_string(),
            "projectId": id,
            "lifecycleState": state,
            "name": project.display_name,
            "createTime": "2024-01-01T00:00:00.000Z",
        });
        if let Some(number) = project.folder {
            value["parent"] = json!({ "type": "folder", "id": number.to_string() });
        } else if let Some(number) = parent {
            value["parent"] = json!({ "type": "organization", "id": number.to_string() });
        }
        value
    })
}

/// Only permissions that this place knows can be asked for.
fn test(wish: Wish<'_>, request: &Incoming, call: &Call, name: &str) -> Result<Value, Problem> {
    check_parameters(call, &[])?;
    let mut members = Members::of_body(request)?;
    let permissions = members.texts("permissions")?.unwrap_or_default();
    members.finish()?;
    let Some((id, _)) = wish.world.project(name) else {
        return Err(not_permitted(
            "resourcemanager.projects.get",
            &format!("projects/{name}"),
        ));
    };
    let held = tested(wish, Some(Resource::Project(id)), &permissions, |_| true)?;
    // Nothing held is an empty answer.
    Ok(if held.is_empty() {
        json!({})
    } else {
        json!({ "permissions": held })
    })
}

/// Whoever does not ask for version 3 gets conditional bindings without their conditions, under a name that says so.
/// See <https://cloud.google.com/resource-manager/reference/rest/v3/projects/getIamPolicy> and
/// <https://cloud.google.com/iam/docs/troubleshooting-withcond>.
fn iam_policy(
    wish: Wish<'_>,
    request: &Incoming,
    call: &Call,
    name: &str,
) -> Result<Value, Problem> {
    let version = requested_version(request, call)?;
    let (_, project) = visible(wish, "resourcemanager.projects.getIamPolicy", name)?;
    Ok(policy_in_version(&project.policy, version))
}

/// The version of a policy that a request asks for; 0 where it does not say.
pub(super) fn requested_version(request: &Incoming, call: &Call) -> Result<i64, Problem> {
    check_parameters(call, &[])?;
    let mut members = Members::of_body(request)?;
    let version = match members.take("options") {
        None => 0,
        Some(options) => {
            let mut options = Members::of(options, "options")?;
            let version = options
                .number("requestedPolicyVersion")?
                .unwrap_or_default();
            options.finish()?;
            version
        }
    };
    members.finish()?;
    check_version(i32::try_from(version).unwrap_or(-1))?;
    Ok(version)
}

/// A policy as it is shown to whoever asked for that version.
pub(super) fn policy_in_version(policy: &Policy, version: i64) -> Value {
    let bindings: Vec<Value> = policy
        .bindings
        .iter()
        .enumerate()
        .map(|(index, binding)| match &binding.condition {
            Some(_) if version < 3 => {
                let role = format!("{}_withcond_{index:020x}", binding.role);
                json!({ "role": role, "members": binding.members })
            }
            Some(_) | None => binding.described(),
        })
        .collect();
    json!({
        "version": if version < 3 { 1 } else { policy.version() },
        "etag": STANDARD.encode(policy.etag()),
        "bindings": bindings,
    })
}

fn ancestry(wish: Wish<'_>, request: &Incoming, call: &Call, name: &str) -> Result<Value, Problem> {
    check_parameters(call, &[])?;
    Members::of_body(request)?.finish()?;
    let (id, project) = visible(wish, "resourcemanager.projects.get", name)?;
    let mut ancestors = vec![json!({ "resourceId": { "type": "project", "id": id } })];
    for number in wish.world.folders_above(project) {
        let folder = json!({ "type": "folder", "id": number.to_string() });
        ancestors.push(json!({ "resourceId": folder }));
    }
    if let Some(number) = project.organization {
        let organization = json!({ "type": "organization", "id": number.to_string() });
        ancestors.push(json!({ "resourceId": organization }));
    }
    Ok(json!({ "ancestor": ancestors }))
}

/// See <https://cloud.google.com/resource-manager/docs/reference/orgpolicy/rest/v2/projects.policies>.
fn effective_policy(wish: Wish<'_>, call: &Call, name: &str) -> Result<Value, Problem> {
    check_parameters(call, &[])?;
    let (_, project) = visible(wish, "orgpolicy.policy.get", name)?;
    let constraint = call.id.as_deref().unwrap_or_default();
    let rule = match constraint {
        "iam.allowedPolicyMemberDomains" => match &project.allowed_policy_member_domains {
            None => json!({ "allowAll": true }),
            Some(allowed) => json!({ "values": { "allowedValues": allowed } }),
        },
        "iam.managed.allowedPolicyMembers" => match &project.allowed_policy_members {
            None => json!({ "enforce": false }),
            Some(allowed) => json!({
                "enforce": true,
                "parameters": {
                    "allowedMemberSubjects": allowed.allowed_member_subjects,
                    "allowedPrincipalSets": allowed.allowed_principal_sets,
                },
            }),
        },
        "storage.publicAccessPrevention" => {
            json!({ "enforce": project.public_access_prevention })
        }
        "storage.uniformBucketLevelAccess" => json!({ "enforce": false }),
        _ => {
            return Err(Problem::new(
                Code::NotFound,
                "Requested entity was not found.",
            ));
        }
    };
    Ok(json!({
        "name": format!("projects/{}/policies/{constraint}", project.number),
        "spec": { "rules": [rule] },
    }))
}

/// What a deny policy is attached to, from its full name: `cloudresourcemanager.googleapis.com/projects/…`.
fn attached<'a>(wish: Wish<'a>, name: &'a str) -> Option<(String, Resource<'a>)> {
    let rest = name.strip_prefix(RESOURCE_MANAGER)?.strip_prefix('/')?;
    if let Some(project) = rest.strip_prefix("projects/") {
        let (id, _) = wish.world.project(project)?;
        return Some((format!("projects/{id}"), Resource::Project(id)));
    }
    if let Some(number) = rest.strip_prefix("folders/") {
        let number: u64 = number.parse().ok()?;
        wish.world.folders.get(&number)?;
        return Some((format!("folders/{number}"), Resource::Folder(number)));
    }
    let number: u64 = rest.strip_prefix("organizations/")?.parse().ok()?;
    wish.world.organizations.get(&number)?;
    Some((
        format!("organizations/{number}"),
        Resource::Organization(number),
    ))
}

fn attachment(wish: Wish<'_>, permission: &str, name: &str) -> Result<String, Problem> {
    attached(wish, name)
        .filter(|(_, resource)| wish.may(permission, *resource))
        .map(|(attachment, _)| attachment)
        .ok_or_else(|| not_permitted(permission, name))
}

/// A list has no rules in it.
/// See <https://cloud.google.com/iam/docs/reference/rest/v2/policies/listPolicies>.
fn list_deny_policies(wish: Wish<'_>, call: &Call, name: &str) -> Result<Value, Problem> {
    check_parameters(call, &["pageSize", "pageToken"])?;
    let attachment = attachment(wish, "iam.denypolicies.list", name)?;
    let policies: Vec<Value> = wish
        .world
        .deny_policies
        .iter()
        .filter(|policy| policy.attachment == attachment)
        .map(|policy| described(policy, name))
        .collect();
    Ok(if policies.is_empty() {
        json!({})
    } else {
        json!({ "policies": policies })
    })
}

fn deny_policy(wish: Wish<'_>, call: &Call, name: &str) -> Result<Value, Problem> {
    check_parameters(call, &[])?;
    let attachment = attachment(wish, "iam.denypolicies.get", name)?;
    let id = call.id.as_deref().unwrap_or_default();
    let policy = wish
        .world
        .deny_policies
        .iter()
        .find(|policy| policy.attachment == attachment && policy.id == id)
        .ok_or_else(|| Problem::new(Code::NotFound, "Requested entity was not found."))?;
    let mut value = described(policy, name);
    let rules = policy.rules.iter().map(|rule| {
        let mut deny = json!({
            "deniedPrincipals": rule.denied_principals,
            "deniedPermissions": rule.denied_permissions,
        });
        if !rule.exception_principals.is_empty() {
            deny["exceptionPrincipals"] = json!(rule.exception_principals);
        }
        if !rule.exception_permissions.is_empty() {
            deny["exceptionPermissions"] = json!(rule.exception_permissions);
        }
        if let Some(condition) = &rule.denial_condition {
            deny["denialCondition"] =
                json!({ "title": condition.title, "expression": condition.expression });
        }
        json!({ "denyRule": deny })
    });
    value["rules"] = rules.collect();
    Ok(value)
}

fn described(policy: &DenyPolicy, attachment: &str) -> Value {
    let attachment = attachment.replace('/', "%2F");
    json!({
        "name": format!("policies/{attachment}/denypolicies/{}", policy.id),
        "uid": "00000000-0000-0000-0000-000000000001",
        "kind": "DenyPolicy",
        "displayName": policy.display_name,
        "etag": "MTc2NzIyNTYwMA==",
        "createTime": "2024-01-01T00:00:00.000Z",
        "updateTime": "2024-01-01T00:00:00.000Z",
    })
}
