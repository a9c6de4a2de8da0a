//! Acting as a service account without its key: signing, and tokens.
//!
//! See <https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::call::Call;
use super::identity::Identity;
use super::json::{Members, answer, check_parameters};
use super::key;
use super::message::moment_text;
use super::operation::ServiceAccounts;
use super::person::Kind;
use super::policy::{Resource, Wish};
use super::problem::{Code, Problem};
use super::roles::not_permitted;
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Handles one request.
pub(crate) fn handle(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    operation: ServiceAccounts,
    identity: &Identity,
) -> Result<Answer, Problem> {
    check_parameters(call, &[])?;
    let members = Members::of_body(request)?;
    let email = call.id.as_deref().unwrap_or_default();
    let value = match operation {
        ServiceAccounts::SignBlob => sign_blob(world, members, email, identity),
        ServiceAccounts::GenerateAccessToken => {
            generate_access_token(world, members, email, identity)
        }
    }?;
    Ok(answer(&value))
}

/// Refuses a caller who may not act so for an account. One that does not exist is refused in the same words.
fn need(world: &World, identity: &Identity, permission: &str, email: &str) -> Result<(), Problem> {
    let wish = Wish {
        world,
        caller: &identity.caller,
    };
    let project = world
        .persons
        .get(email)
        .and_then(|person| match &person.kind {
            Kind::ServiceAccount { project, .. } if !person.disabled => Some(project),
            Kind::ServiceAccount { .. } | Kind::User => None,
        });
    match project {
        Some(project) if wish.may(permission, Resource::Project(project)) => Ok(()),
        Some(_) | None => Err(not_permitted(
            permission,
            &format!("projects/-/serviceAccounts/{email}"),
        )),
    }
}

fn without_delegates(members: &mut Members) -> Result<(), Problem> {
    // The name is in the path; the definition of the request has it too.
    members.take("name");
    let delegates = members.texts("delegates")?.unwrap_or_default();
    if delegates.is_empty() {
        Ok(())
    } else {
        Err(Problem::not_implemented("delegates"))
    }
}

fn sign_blob(
    world: &World,
    mut members: Members,
    email: &str,
    identity: &Identity,
) -> Result<Value, Problem> {
    let payload = members.text("payload")?.unwrap_or_default();
    without_delegates(&mut members)?;
    members.finish()?;
    need(world, identity, "iam.serviceAccounts.signBlob", email)?;
    let payload = STANDARD
        .decode(&payload)
        .map_err(|_| Problem::new(Code::InvalidArgument, "The payload is no base64."))?;
    let signature = key::sign(&payload)
        .ok_or_else(|| Problem::new(Code::Internal, "There is no key to sign with."))?;
    Ok(json!({
        "keyId": "sandbox-managed-key",
        "signedBlob": STANDARD.encode(signature),
    }))
}

/// A token lives for an hour at most.
fn generate_access_token(
    world: &mut World,
    mut members: Members,
    email: &str,
    identity: &Identity,
) -> Result<Value, Problem> {
    let scopes = members.texts("scope")?.unwrap_or_default();
    let lifetime = members.text("lifetime")?;
    without_delegates(&mut members)?;
    members.finish()?;
    need(world, identity, "iam.serviceAccounts.getAccessToken", email)?;
    if scopes.is_empty() {
        return Err(Problem::new(Code::InvalidArgument, "Scope required."));
    }
    let lifetime = lifetime.unwrap_or_else(|| "3600s".to_owned());
    let seconds = lifetime
        .strip_suffix('s')
        .and_then(|seconds| seconds.parse::<i64>().ok())
        .filter(|seconds| (1..=3600).contains(seconds))
        .ok_or_else(|| {
            Problem::new(
                Code::InvalidArgument,
                format!("The lifetime {lifetime} is not between 1 and 3600 seconds."),
            )
        })?;
    let token = world.issue_token(email);
    let expires = world.now() + time::Duration::seconds(seconds);
    if let Some(issued) = world.tokens.get_mut(&token) {
        issued.scopes = scopes.into_iter().collect();
        issued.expires = expires;
    }
    Ok(json!({ "accessToken": token, "expireTime": moment_text(expires) }))
}
