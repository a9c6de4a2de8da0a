//! Cloud Storage's JSON API: buckets, policies and objects, as clients other than the product's read them.
//!
//! This module reads the requests and writes the answers; decisions are made by those whom it asks.
//! See <https://cloud.google.com/storage/docs/json_api/v1>.

mod form;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::buckets::{self, Expected};
use super::call::Call;
use super::content;
use super::identity::Identity;
use super::json::{Members, answer, check_parameters};
use super::message::bucket::Bucket as Settings;
use super::objects::{self, Wanted};
use super::operation::Storage;
use super::policies;
use super::policy::{Policy, Proposal, Resource};
use super::problem::Problem;
use super::refusal::invalid;
use super::visit::Visit;
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Handles one request.
pub(crate) fn handle(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    operation: Storage,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let name = call.bucket.clone().unwrap_or_default();
    if operation == Storage::GetObject {
        return media(world, request, call, identity);
    }
    let visit = Visit::enter(world, identity, request, call, &name)?;
    match operation {
        Storage::GetBucket => {
            check_parameters(
                call,
                &[
                    "fields",
                    "ifMetagenerationMatch",
                    "ifMetagenerationNotMatch",
                    "projection",
                    "userProject",
                ],
            )?;
            let settings = buckets::get(&visit, expected(call)?)?;
            Ok(answer(&shown(&visit, settings, call)))
        }
        Storage::UpdateBucket => {
            check_parameters(
                call,
                &[
                    "fields",
                    "ifMetagenerationMatch",
                    "ifMetagenerationNotMatch",
                    "projection",
                    "userProject",
                ],
            )?;
            let (wanted, paths) = form::patch(Members::of_body(request)?)?;
            let next = buckets::updated(&visit, &wanted, &paths, expected(call)?)?;
            let value = shown(&visit, next.clone(), call);
            if let Some(bucket) = world.buckets.get_mut(&name) {
                bucket.settings = next;
            }
            Ok(answer(&value))
        }
        Storage::GetIamPolicy => {
            check_parameters(
                call,
                &["fields", "optionsRequestedPolicyVersion", "userProject"],
            )?;
            let version = number(call, "optionsRequestedPolicyVersion")?.unwrap_or_default();
            let version = i32::try_from(version).unwrap_or(-1);
            let policy = policies::get(&visit, version)?;
            Ok(answer(&form::policy(&name, &policy)))
        }
        Storage::SetIamPolicy => set_policy(world, request, call, identity, &name),
        Storage::TestIamPermissions => {
            check_parameters(call, &["permissions", "userProject"])?;
            let asked = call.query.iter().filter(|(name, _)| name == "permissions");
            let permissions: Vec<String> = asked.map(|(_, value)| value.clone()).collect();
            let held = policies::tested(
                visit.wish,
                Some(Resource::Bucket(visit.bucket)),
                &permissions,
                |permission| permission.starts_with("storage."),
            )?;
            Ok(answer(
                &json!({ "kind": "storage#testIamPermissionsResponse", "permissions": held }),
            ))
        }
        Storage::ListObjects => list(&visit, call),
        Storage::GetObjectMetadata | Storage::GetObject => metadata(&visit, call),
    }
}

/// Answers with the content of an object.
fn media(
    world: &World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
) -> Result<Answer, Problem> {
    check_parameters_of_media(call)?;
    let bucket = call.bucket.as_deref().unwrap_or_default();
    let visit = Visit::enter(world, identity, request, call, bucket)?;
    let name = call.object.as_deref().unwrap_or_default();
    let object = objects::find(&visit, name)?;
    if number(call, "generation")?.is_some_and(|wanted| wanted != object.generation) {
        return Err(super::refusal::no_object(bucket, name));
    }
    content::answer(&visit, request, object)
}

fn check_parameters_of_media(call: &Call) -> Result<(), Problem> {
    let mut call = call.clone();
    call.query
        .retain(|(name, value)| name != "alt" || value != "media");
    check_parameters(&call, &["generation", "userProject"])
}

fn number(call: &Call, name: &str) -> Result<Option<i64>, Problem> {
    let Some(text) = call.parameter(name) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| invalid(format!("Invalid value for {name}: {text}")))
}

fn expected(call: &Call) -> Result<Expected, Problem> {
    Ok(Expected {
        metageneration: number(call, "ifMetagenerationMatch")?,
        not_metageneration: number(call, "ifMetagenerationNotMatch")?,
    })
}

/// Access control lists are shown to those who ask for them.
fn shown(visit: &Visit<'_>, mut settings: Settings, call: &Call) -> Value {
    if call.parameter("projection") != Some("full") {
        settings.acl.clear();
        settings.default_object_acl.clear();
    }
    let project = visit.wish.world.project(&visit.bucket.project);
    form::bucket(&settings, project.map_or(0, |(_, project)| project.number))
}

fn set_policy(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
    name: &str,
) -> Result<Answer, Problem> {
    check_parameters(call, &["fields", "userProject"])?;
    let proposal: Proposal = form::proposal(Members::of_body(request)?)?;
    let visit = Visit::enter(world, identity, request, call, name)?;
    let accepted: Result<Policy, Problem> = policies::replaced(&visit, proposal.clone());
    policies::count_naming(world, &proposal);
    let accepted = accepted?;
    policies::store(world, name, accepted.clone());
    Ok(answer(&form::policy(name, &accepted)))
}

fn list(visit: &Visit<'_>, call: &Call) -> Result<Answer, Problem> {
    check_parameters(
        call,
        &[
            "delimiter",
            "endOffset",
            "fields",
            "maxResults",
            "pageToken",
            "prefix",
            "projection",
            "softDeleted",
            "startOffset",
            "userProject",
        ],
    )?;
    let text = |name: &str| call.parameter(name).unwrap_or_default().to_owned();
    let wanted = Wanted {
        prefix: text("prefix"),
        delimiter: text("delimiter"),
        page_size: number(call, "maxResults")?
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or_default(),
        page_token: text("pageToken"),
        start: text("startOffset"),
        end: text("endOffset"),
        soft_deleted: call.parameter("softDeleted") == Some("true"),
    };
    let page = objects::list(visit, &wanted)?;
    let mut value = json!({ "kind": "storage#objects" });
    if !page.objects.is_empty() {
        value["items"] = page
            .objects
            .iter()
            .map(|object| form::object(&visit.bucket.name, object))
            .collect();
    }
    if !page.prefixes.is_empty() {
        value["prefixes"] = page.prefixes.into();
    }
    if !page.next.is_empty() {
        value["nextPageToken"] = page.next.into();
    }
    Ok(answer(&value))
}

fn metadata(visit: &Visit<'_>, call: &Call) -> Result<Answer, Problem> {
    check_parameters(
        call,
        &[
            "fields",
            "generation",
            "projection",
            "softDeleted",
            "userProject",
        ],
    )?;
    let name = call.object.as_deref().unwrap_or_default();
    let generation = number(call, "generation")?;
    let object = if call.parameter("softDeleted") == Some("true") {
        let generation = generation
            .ok_or_else(|| invalid("The generation of a soft-deleted object must be named."))?;
        objects::find_deleted(visit, name, generation)?
    } else {
        objects::find(visit, name)?
    };
    if generation.is_some_and(|wanted| wanted != object.generation) {
        return Err(super::refusal::no_object(&visit.bucket.name, name));
    }
    let described = objects::described(&visit.bucket.name, name, object);
    Ok(answer(&form::object(&visit.bucket.name, &described)))
}

/// An error in the older form, which Cloud Storage keeps.
/// See <https://cloud.google.com/storage/docs/json_api/v1/status-codes>.
pub(crate) fn error(problem: &Problem) -> Answer {
    let status = problem.http_status();
    let reason = problem.reason.unwrap_or(match status {
        403 => "forbidden",
        404 => "notFound",
        429 => "rateLimitExceeded",
        500.. => "backendError",
        _ => "invalid",
    });
    let mut error = json!({
        "code": status,
        "message": problem.message,
        "errors": [{ "message": problem.message, "domain": "global", "reason": reason }],
    });
    let details = problem.json_details();
    if !details.is_empty() {
        error["details"] = details.into();
    }
    let value = json!({ "error": error });
    Answer::new(status).body("application/json; charset=UTF-8", format!("{value:#}\n"))
}

/// An error where content was asked for: plain text.
pub(crate) fn plain_error(problem: &Problem) -> Answer {
    Answer::new(problem.http_status()).body("text/html; charset=UTF-8", problem.message.clone())
}

/// Bytes as JSON has them.
fn encoded(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
