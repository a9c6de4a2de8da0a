//! Cloud Storage over gRPC: bucket metadata, bucket policies, and what stands in a bucket.
//!
//! This module reads the requests and writes the answers; decisions are made by those whom it asks.

use super::buckets::{self, Expected};
use super::call::Call;
use super::grpc;
use super::identity::Identity;
use super::message::bucket as wire;
use super::message::{FieldMask, read};
use super::message::{iam, object};
use super::objects::{self, Wanted};
use super::operation::Storage;
use super::policies;
use super::policy::{Binding, Policy, Proposal, Resource, Wish};
use super::problem::Problem;
use super::refusal::{invalid, no_object};
use super::visit::Visit;
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Handles one call.
pub(crate) fn handle(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    operation: Storage,
    identity: &Identity,
) -> Result<Answer, Problem> {
    match operation {
        Storage::GetBucket => get_bucket(world, request, call, identity),
        Storage::UpdateBucket => update_bucket(world, request, call, identity),
        Storage::GetIamPolicy => get_policy(world, request, call, identity),
        Storage::SetIamPolicy => set_policy(world, request, call, identity),
        Storage::TestIamPermissions => test_permissions(world, request, identity),
        Storage::ListObjects => list_objects(world, request, call, identity),
        Storage::GetObjectMetadata => get_object(world, request, call, identity),
        Storage::GetObject => Err(Problem::not_implemented("content over gRPC")),
    }
}

/// The name of the bucket that a resource name stands for.
/// See <https://github.com/googleapis/googleapis/blob/master/google/storage/v2/storage.proto> for the syntax.
fn bucket_name<'a>(world: &World, resource: &'a str) -> Result<&'a str, Problem> {
    let name = resource
        .strip_prefix("projects/")
        .and_then(|rest| rest.split_once("/buckets/"))
        .filter(|(project, _)| *project == "_" || world.project(project).is_some())
        .map(|(_, name)| name)
        .filter(|name| !name.is_empty() && !name.contains('/'));
    name.ok_or_else(|| {
        invalid(format!(
            "Invalid bucket name '{resource}': it must have the form 'projects/_/buckets/BUCKET'."
        ))
    })
}

fn paths(mask: Option<FieldMask>) -> Vec<String> {
    mask.map(|mask| mask.paths).unwrap_or_default()
}

fn get_bucket(
    world: &World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let wanted: wire::GetBucketRequest = read(&grpc::message(request)?)?;
    grpc::check_routing(request, &wanted.name)?;
    let name = bucket_name(world, &wanted.name)?;
    let visit = Visit::enter(world, identity, request, call, name)?;
    let expected = Expected {
        metageneration: wanted.if_metageneration_match,
        not_metageneration: wanted.if_metageneration_not_match,
    };
    let settings = with_project(world, visit, buckets::get(&visit, expected)?);
    let shown = buckets::select(&settings, &paths(wanted.read_mask))?;
    Ok(grpc::answer(&shown))
}

fn with_project(world: &World, visit: Visit<'_>, mut settings: wire::Bucket) -> wire::Bucket {
    if let Some((_, project)) = world.project(&visit.bucket.project) {
        settings.project = format!("projects/{}", project.number);
    }
    settings
}

fn update_bucket(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let wanted: wire::UpdateBucketRequest = read(&grpc::message(request)?)?;
    let settings = wanted
        .bucket
        .ok_or_else(|| invalid("The request must hold a bucket."))?;
    grpc::check_routing(request, &settings.name)?;
    if !wanted.predefined_acl.is_empty() || !wanted.predefined_default_object_acl.is_empty() {
        return Err(Problem::not_implemented("predefined access control lists"));
    }
    let name = bucket_name(world, &settings.name)?.to_owned();
    let visit = Visit::enter(world, identity, request, call, &name)?;
    let expected = Expected {
        metageneration: wanted.if_metageneration_match,
        not_metageneration: wanted.if_metageneration_not_match,
    };
    let next = buckets::updated(&visit, &settings, &paths(wanted.update_mask), expected)?;
    let shown = with_project(world, visit, next.clone());
    if let Some(bucket) = world.buckets.get_mut(&name) {
        bucket.settings = next;
    }
    Ok(grpc::answer(&shown))
}

fn get_policy(
    world: &World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let wanted: iam::GetIamPolicyRequest = read(&grpc::message(request)?)?;
    grpc::check_routing(request, &wanted.resource)?;
    let name = bucket_name(world, &wanted.resource)?;
    let visit = Visit::enter(world, identity, request, call, name)?;
    let version = wanted.options.unwrap_or_default().requested_policy_version;
    let policy = policies::get(&visit, version)?;
    Ok(grpc::answer(&policy.to_wire()))
}

fn set_policy(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let wanted: iam::SetIamPolicyRequest = read(&grpc::message(request)?)?;
    grpc::check_routing(request, &wanted.resource)?;
    let name = bucket_name(world, &wanted.resource)?.to_owned();
    let policy = wanted
        .policy
        .ok_or_else(|| invalid("The request must hold a policy."))?;
    let current = world.bucket(&name).map(|bucket| bucket.policy.clone());
    let proposal = proposed(policy, &paths(wanted.update_mask), current.as_ref())?;
    let visit = Visit::enter(world, identity, request, call, &name)?;
    let accepted = policies::replaced(&visit, proposal.clone());
    policies::count_naming(world, &proposal);
    let accepted = accepted?;
    policies::store(world, &name, accepted.clone());
    Ok(grpc::answer(&accepted.to_wire()))
}

/// What a request wants written. Without a mask, bindings and etag count.
fn proposed(
    policy: iam::Policy,
    paths: &[String],
    current: Option<&Policy>,
) -> Result<Proposal, Problem> {
    if !policy.audit_configs.is_empty() {
        return Err(invalid(
            "Audit configuration is not supported for this resource.",
        ));
    }
    if let Some(unknown) = paths
        .iter()
        .find(|path| !["bindings", "etag", "version"].contains(&path.as_str()))
    {
        return Err(invalid(format!(
            "The update_mask names an unknown field: '{unknown}'."
        )));
    }
    let named = |field: &str| paths.is_empty() || paths.iter().any(|path| path == field);
    Ok(Proposal {
        version: policy.version,
        etag: Some(policy.etag).filter(|etag| !etag.is_empty() && named("etag")),
        bindings: if named("bindings") {
            policy.bindings.into_iter().map(Binding::from).collect()
        } else {
            current
                .map(|policy| policy.bindings.clone())
                .unwrap_or_default()
        },
    })
}

/// Needs no permission, and tells of no bucket whether it exists.
fn test_permissions(
    world: &World,
    request: &Incoming,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let wanted: iam::TestIamPermissionsRequest = read(&grpc::message(request)?)?;
    grpc::check_routing(request, &wanted.resource)?;
    let bucket = world.bucket(bucket_name(world, &wanted.resource)?);
    let wish = Wish {
        world,
        caller: &identity.caller,
    };
    let permissions = policies::tested(
        wish,
        bucket.map(Resource::Bucket),
        &wanted.permissions,
        |permission| permission.starts_with("storage."),
    )?;
    Ok(grpc::answer(&iam::TestIamPermissionsResponse {
        permissions,
    }))
}

fn list_objects(
    world: &World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let asked: object::ListObjectsRequest = read(&grpc::message(request)?)?;
    grpc::check_routing(request, &asked.parent)?;
    let unknown = asked.include_trailing_delimiter
        || asked.versions
        || asked.include_folders_as_prefixes
        || !asked.match_glob.is_empty()
        || !asked.filter.is_empty();
    if unknown {
        return Err(Problem::not_implemented("this way of listing"));
    }
    let name = bucket_name(world, &asked.parent)?;
    let visit = Visit::enter(world, identity, request, call, name)?;
    let wanted = Wanted {
        prefix: asked.prefix,
        delimiter: asked.delimiter,
        page_size: usize::try_from(asked.page_size)
            .map_err(|_| invalid("The page size must not be negative."))?,
        page_token: asked.page_token,
        start: asked.lexicographic_start,
        end: asked.lexicographic_end,
        soft_deleted: asked.soft_deleted,
    };
    let page = objects::list(&visit, &wanted)?;
    Ok(grpc::answer(&object::ListObjectsResponse {
        objects: page.objects,
        prefixes: page.prefixes,
        next_page_token: page.next,
    }))
}

fn get_object(
    world: &World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
) -> Result<Answer, Problem> {
    let asked: object::GetObjectRequest = read(&grpc::message(request)?)?;
    grpc::check_routing(request, &asked.bucket)?;
    let conditional = asked.if_generation_match.is_some()
        || asked.if_generation_not_match.is_some()
        || asked.if_metageneration_match.is_some()
        || asked.if_metageneration_not_match.is_some()
        || asked.common_object_request_params.is_some();
    if conditional {
        return Err(Problem::not_implemented("conditions on an object"));
    }
    let name = bucket_name(world, &asked.bucket)?;
    let visit = Visit::enter(world, identity, request, call, name)?;
    let found = if asked.soft_deleted == Some(true) {
        objects::find_deleted(&visit, &asked.object, asked.generation)?
    } else {
        objects::find(&visit, &asked.object)?
    };
    if asked.generation != 0 && asked.generation != found.generation {
        return Err(no_object(name, &asked.object));
    }
    Ok(grpc::answer(&objects::described(
        name,
        &asked.object,
        found,
    )))
}
