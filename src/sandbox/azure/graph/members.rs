//! The groups that a service principal is in, directly or through others.
//!
//! See <https://learn.microsoft.com/graph/api/serviceprincipal-list-transitivememberof> and
//! <https://learn.microsoft.com/graph/api/directoryobject-getmembergroups>.

use serde_json::{Value, json};

use super::admission::may_read;
use super::service_principals::{find, json_answer, not_found};
use super::shape::bad_request;
use super::{Named, Visit};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::directory::Group;
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::world::World;

/// The groups themselves.
pub(super) fn list(world: &World, visit: &Visit<'_>, named: &Named) -> Result<Answer, Problem> {
    let groups: Vec<Value> = groups(world, visit, named)?
        .into_iter()
        .map(|group| {
            json!({
                "@odata.type": "#microsoft.graph.group",
                "id": group.id,
                "displayName": group.display_name,
                "securityEnabled": true,
            })
        })
        .collect();
    Ok(json_answer(
        200,
        &json!({
            "@odata.context": format!("{}/v1.0/$metadata#directoryObjects", world.endpoint),
            "value": groups,
        }),
    ))
}

/// Their object IDs. The body has to say whether groups without a part in security count.
pub(super) fn ids(world: &World, visit: &Visit<'_>, named: &Named) -> Result<Answer, Problem> {
    let body: Option<Value> = serde_json::from_slice(&visit.request.body).ok();
    let says = body
        .as_ref()
        .and_then(|body| body.get("securityEnabledOnly"))
        .is_some_and(Value::is_boolean);
    if !says {
        return Err(bad_request(
            "The parameter 'securityEnabledOnly' is required.",
        ));
    }
    let ids: Vec<&str> = groups(world, visit, named)?
        .into_iter()
        .map(|group| group.id.as_str())
        .collect();
    Ok(json_answer(
        200,
        &json!({
            "@odata.context": format!("{}/v1.0/$metadata#Collection(Edm.String)", world.endpoint),
            "value": ids,
        }),
    ))
}

fn groups<'a>(
    world: &'a World,
    visit: &Visit<'_>,
    named: &Named,
) -> Result<Vec<&'a Group>, Problem> {
    may_read(world, visit)?;
    let principal = find(world, visit, named).ok_or_else(|| not_found(named))?;
    let known = world.with_groups(&principal.id);
    Ok(world
        .groups
        .iter()
        .filter(|group| known.contains(&group.id.to_ascii_lowercase()))
        .collect())
}
