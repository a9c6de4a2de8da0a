//! Amazon S3: one request from its caller to its effect.
//!
//! This module keeps the order of the checks; each group of operations has its own module.
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html>.

mod admission;
mod documents;
mod listing;
mod object;
mod settings;

use super::authorize::Wish;
use super::bucket::{Bucket, CorsRule, Object};
use super::call::Call;
use super::cors::{preflight, response_headers};
use super::problem::Problem;
use super::request_keys::of_s3;
use super::signature::{Authentication, authenticate};
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::{Circumstance, Incoming};

/// A request that got as far as its bucket.
#[derive(Debug, Clone, Copy)]
struct Visit<'a> {
    request: &'a Incoming,
    call: &'a Call,
    wish: Wish<'a>,
    overlaps: bool,
}

impl<'a> Visit<'a> {
    fn bucket(&self) -> &'a Bucket {
        self.wish.bucket
    }

    /// A header, or the query parameter that stands for it in a presigned URL.
    fn header(&self, name: &str) -> Option<&'a str> {
        self.request.header(name).or_else(|| {
            self.call
                .query
                .iter()
                .find(|(found, _)| found.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        })
    }
}

/// What a request changes in its bucket.
#[derive(Debug)]
enum Change {
    Nothing,
    Policy(Option<String>),
    Cors(Option<Vec<CorsRule>>),
    Put(String, Box<Object>),
    Delete(String),
}

/// What became of a request to S3, and who asked.
pub(crate) struct Handled {
    pub caller: Option<String>,
    pub result: Result<Answer, Problem>,
}

/// Handles a request to S3.
pub(crate) fn handle(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    circumstance: Circumstance,
) -> Handled {
    let bucket = call.bucket.as_deref().and_then(|name| world.bucket(name));
    if call.operation == "OPTIONS" {
        return Handled {
            caller: None,
            result: preflight(bucket, call.key.is_some(), request),
        };
    }
    let cors = bucket
        .and_then(|bucket| bucket.cors.as_deref())
        .map(|rules| response_headers(rules, request))
        .unwrap_or_default();
    let authentication = authenticate(world, request, call);
    let caller = authentication
        .as_ref()
        .ok()
        .and_then(|found| found.caller.arn().map(str::to_owned));
    let outcome = authentication
        .and_then(|found| perform(world, request, call, &found, circumstance.overlaps));
    let result = outcome.map(|(answer, change)| {
        apply(world, call.bucket.as_deref(), change);
        answer
    });
    let result = match result {
        Ok(mut answer) => {
            answer.headers.extend(cors);
            Ok(answer)
        }
        Err(mut problem) => {
            problem.headers.extend(cors);
            Err(problem)
        }
    };
    Handled { caller, result }
}

fn perform(
    world: &World,
    request: &Incoming,
    call: &Call,
    authentication: &Authentication,
    overlaps: bool,
) -> Result<(Answer, Change), Problem> {
    let Some(name) = call.bucket.as_deref() else {
        return Err(Problem::not_implemented(format!(
            "{} without a bucket",
            call.operation
        )));
    };
    let Some(bucket) = world.bucket(name) else {
        return Err(
            Problem::new(404, "NoSuchBucket", "The specified bucket does not exist")
                .field("BucketName", name),
        );
    };
    let keys = of_s3(world, request, call, authentication, bucket);
    let visit = Visit {
        request,
        call,
        wish: Wish {
            world,
            caller: &authentication.caller,
            bucket,
            key: call.key.as_deref(),
            keys: &keys,
        },
        overlaps,
    };
    admission::check_region(&visit, authentication)?;
    admission::check_parameters(&visit)?;
    admission::check_expected_owner(&visit)?;
    admission::check_payer(&visit)?;
    dispatch(&visit)
}

fn dispatch(visit: &Visit<'_>) -> Result<(Answer, Change), Problem> {
    let read = |answer: Result<Answer, Problem>| answer.map(|answer| (answer, Change::Nothing));
    match visit.call.operation.as_str() {
        "HeadBucket" => read(settings::head_bucket(visit)),
        "GetBucketAcl" => read(settings::acl(visit)),
        "GetBucketLocation" => read(settings::location(visit)),
        "GetPublicAccessBlock" => read(settings::public_access_block(visit)),
        "GetBucketOwnershipControls" => read(settings::ownership_controls(visit)),
        "GetBucketEncryption" => read(settings::encryption(visit)),
        "GetBucketRequestPayment" => read(settings::request_payment(visit)),
        "GetBucketPolicyStatus" => read(documents::policy_status(visit)),
        "GetBucketPolicy" => read(documents::get_policy(visit)),
        "PutBucketPolicy" => documents::put_policy(visit),
        "DeleteBucketPolicy" => documents::delete_policy(visit),
        "GetBucketCors" => read(documents::get_cors(visit)),
        "PutBucketCors" => documents::put_cors(visit),
        "DeleteBucketCors" => documents::delete_cors(visit),
        "ListObjectsV2" => read(listing::list(visit)),
        "HeadObject" | "GetObject" => read(object::read(visit)),
        "GetObjectTagging" => read(object::tagging(visit)),
        "PutObject" => object::put(visit),
        "DeleteObject" => object::delete(visit),
        other => Err(Problem::not_implemented(other)),
    }
}

fn apply(world: &mut World, bucket: Option<&str>, change: Change) {
    let Some(bucket) = bucket.and_then(|name| world.buckets.get_mut(name)) else {
        return;
    };
    match change {
        Change::Nothing => {}
        Change::Policy(policy) => bucket.policy = policy,
        Change::Cors(cors) => bucket.cors = cors,
        Change::Put(key, object) => {
            bucket.objects.insert(key, *object);
        }
        Change::Delete(key) => {
            bucket.objects.remove(&key);
        }
    }
}
