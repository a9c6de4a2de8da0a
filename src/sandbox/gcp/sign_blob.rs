//! Signing as a service account without its key.
//!
//! See <https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/signBlob>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::call::Call;
use super::identity::Identity;
use super::json::{Members, answer, check_parameters};
use super::key;
use super::policy::{Resource, Wish};
use super::problem::{Code, Problem};
use super::roles::not_permitted;
use super::world::{Kind, World};
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Signs what the request holds, if the caller may act so for the account.
pub(crate) fn handle(
    world: &World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
) -> Result<Answer, Problem> {
    check_parameters(call, &[])?;
    let mut members = Members::of_body(request)?;
    let payload = members.text("payload")?.unwrap_or_default();
    let delegates = members.texts("delegates")?.unwrap_or_default();
    members.take("name");
    members.finish()?;
    if !delegates.is_empty() {
        return Err(Problem::not_implemented("delegates"));
    }
    let email = call.id.as_deref().unwrap_or_default();
    let permission = "iam.serviceAccounts.signBlob";
    let wish = Wish {
        world,
        caller: &identity.caller,
    };
    let account = world
        .persons
        .get(email)
        .and_then(|person| match &person.kind {
            Kind::ServiceAccount { project, .. } => Some(project),
            Kind::User => None,
        });
    let may = account.is_some_and(|project| wish.may(permission, Resource::Project(project)));
    if !may {
        return Err(not_permitted(
            permission,
            &format!("projects/-/serviceAccounts/{email}"),
        ));
    }
    let payload = STANDARD
        .decode(&payload)
        .map_err(|_| Problem::new(Code::InvalidArgument, "The payload is no base64."))?;
    let signature = key::sign(&payload)
        .ok_or_else(|| Problem::new(Code::Internal, "There is no key to sign with."))?;
    Ok(answer(&json!({
        "keyId": "sandbox-managed-key",
        "signedBlob": STANDARD.encode(signature),
    })))
}
