//! Blob Storage: one request from its caller to its effect.
//!
//! Accounts are named in the path, as at an emulator: `/ACCOUNT/CONTAINER/BLOB`. This module keeps the order of the
//! checks; each group of operations has its own module.
//! See <https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api>.

mod admission;
mod caller;
mod cors;
mod delegation_key;
mod listing;
mod moment;
mod network;
mod object;
mod signature;
mod string_to_sign;

use super::account::StorageAccount;
use super::arm::Handled;
use super::call::{Call, decoded};
use super::condition;
use super::problem::Problem;
use super::rights::{self, Decision, Plane, Wish};
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;
use caller::Caller;

const READ_CONTAINERS: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/read";
const READ_BLOBS: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

/// What is named in a path.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Resource {
    account: String,
    container: Option<String>,
    blob: Option<String>,
}

impl Resource {
    /// Blobs' names may hold slashes, also at their end.
    fn of(request: &Incoming) -> Self {
        let path = request.path.strip_prefix('/').unwrap_or(&request.path);
        let mut parts = path.splitn(3, '/').map(decoded);
        let account = parts.next().unwrap_or_default().to_ascii_lowercase();
        let mut named = || parts.next().filter(|name| !name.is_empty());
        let container = named();
        let blob = if container.is_some() { named() } else { None };
        Self {
            account,
            container,
            blob,
        }
    }
}

/// A request that got as far as its account, and whose caller is known.
#[derive(Debug, Clone, Copy)]
struct Visit<'a> {
    world: &'a World,
    request: &'a Incoming,
    call: &'a Call,
    account: &'a StorageAccount,
    resource: &'a Resource,
    caller: &'a Caller,
}

impl Visit<'_> {
    /// The container's scope, or the account's where no container is named.
    fn scope(&self) -> String {
        let account = self.account.scope();
        match &self.resource.container {
            None => account,
            Some(container) => format!("{account}/blobServices/default/containers/{container}"),
        }
    }

    /// What the roles of one principal say here.
    fn role_allows(&self, principal: &str, action: &str, plane: Plane, scope: &str) -> bool {
        let blob = self
            .resource
            .container
            .as_deref()
            .map(|container| condition::Blob {
                container,
                name: self.resource.blob.as_deref(),
            });
        let wish = Wish {
            principal,
            action,
            plane,
            scope,
            blob,
        };
        rights::decide(self.world, &wish) == Decision::Allowed
    }
}

/// The name of the operation.
pub(crate) fn operation(method: &str, call: &Call) -> String {
    if method == "OPTIONS" {
        return "OPTIONS".to_owned();
    }
    let restype = call.parameter("restype").unwrap_or_default();
    let component = call.parameter("comp").unwrap_or_default();
    let name = match (method, call.path.len(), restype, component) {
        ("GET", 1, "", "list") => "ListContainers",
        ("POST", 1, "service", "userdelegationkey") => "GetUserDelegationKey",
        ("GET" | "HEAD", 2, "container", "") => "GetContainerProperties",
        ("GET", 2, "container", "list") => "ListBlobs",
        ("GET", 3.., "", "") => "GetBlob",
        ("HEAD", 3.., "", "") => "HeadBlob",
        _ => return format!("{method} blob"),
    };
    name.to_owned()
}

/// Handles one request.
pub(crate) fn handle(world: &mut World, request: &Incoming, call: &Call) -> Handled {
    let resource = Resource::of(request);
    if call.operation == "OPTIONS" {
        return Handled {
            caller: None,
            result: preflight(world, request, &resource),
        };
    }
    let mut handled = identified(world, request, call, &resource);
    if let Some(account) = world.account(&resource.account) {
        let service = &account.blob_service;
        let rules: &[_] = if account.is_premium_general_purpose() {
            &[]
        } else {
            &service.cors
        };
        let names = match &handled.result {
            Ok(answer) => header_names(&answer.headers),
            Err(problem) => header_names(&problem.headers),
        };
        let added = cors::actual(rules, request, &names);
        match &mut handled.result {
            Ok(answer) => answer.headers.extend(added),
            Err(problem) => problem.headers.extend(added),
        }
    }
    handled
}

fn header_names(headers: &[(String, String)]) -> Vec<String> {
    headers.iter().map(|(name, _)| name.clone()).collect()
}

/// A preflight is judged by the service's rules alone: without an identity, and whatever is or is not at its path.
fn preflight(world: &World, request: &Incoming, resource: &Resource) -> Result<Answer, Problem> {
    let account = admission::account(world, resource)?;
    network::admits(world, account, request)?;
    if account.is_premium_general_purpose() {
        return cors::preflight(&[], request);
    }
    cors::preflight(&account.blob_service.cors, request)
}

fn identified(world: &mut World, request: &Incoming, call: &Call, resource: &Resource) -> Handled {
    let caller = match admission::caller(world, request, call, resource) {
        Ok(caller) => caller,
        Err(problem) => {
            return Handled {
                caller: None,
                result: Err(problem),
            };
        }
    };
    let name = caller.object_id().map(str::to_owned);
    let under_way = name
        .as_deref()
        .map(|name| world.under_way(name))
        .unwrap_or_default();
    let result = admission::account(world, resource).and_then(|account| {
        answered(&Visit {
            world,
            request,
            call,
            account,
            resource,
            caller: &caller,
        })
    });
    world.count_request(&under_way);
    Handled {
        caller: name,
        result,
    }
}

fn answered(visit: &Visit<'_>) -> Result<Answer, Problem> {
    match visit.call.operation.as_str() {
        "ListContainers" => listing::containers(visit),
        "ListBlobs" => listing::blobs(visit),
        "GetContainerProperties" => listing::container(visit),
        "GetBlob" | "HeadBlob" => object::read(visit),
        "GetUserDelegationKey" => delegation_key::give(visit),
        _ => Err(Problem::not_implemented(format!(
            "{} {}",
            visit.request.method, visit.request.path
        ))),
    }
}
