//! The one document with the settings of an account's blob service. A PUT replaces all of it.
//!
//! See <https://learn.microsoft.com/rest/api/storagerp/blob-services/set-service-properties>. A property that is left
//! out is lost: <https://github.com/hashicorp/terraform-provider-azurerm/issues/22255>.

use serde_json::{Map, Value, json};

use super::accounts::sku;
use super::admission::{self, Change};
use super::route::Place;
use super::service_schema;
use super::{Visit, ok};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::account::{BlobService, CorsRule, StorageAccount};
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::world::World;

const READ: &str = "Microsoft.Storage/storageAccounts/blobServices/read";
const WRITE: &str = "Microsoft.Storage/storageAccounts/blobServices/write";
const BELOW: &str = "/blobServices/default";

/// The list of the one document.
pub(super) fn list(world: &World, visit: &Visit<'_>, place: &Place) -> Result<Answer, Problem> {
    let account = admission::account(world, visit, place, READ, "/blobServices")?;
    Ok(ok(&json!({ "value": [json_of(account, visit.version)] })))
}

/// The document.
pub(super) fn get(world: &World, visit: &Visit<'_>, place: &Place) -> Result<Answer, Problem> {
    let account = admission::account(world, visit, place, READ, BELOW)?;
    has_blobs(account)?;
    Ok(ok(&json_of(account, visit.version)))
}

/// Replaces the document.
pub(super) fn put(world: &mut World, visit: &Visit<'_>, place: &Place) -> Result<Answer, Problem> {
    let account = admission::account(world, visit, place, WRITE, BELOW)?;
    let scope = format!("{}{BELOW}", account.scope());
    admission::unlocked(world, &scope, Change::Write)?;
    has_blobs(account)?;
    let (cors, mut properties) = service_schema::read(&visit.request.body, visit.version)?;
    if account.is_premium_general_purpose() && !cors.is_empty() {
        return Err(Problem::new(
            400,
            "FeatureNotSupportedForAccount",
            "Cors is not supported for the account.",
        ));
    }
    for (name, value) in BlobService::initial_properties() {
        properties.entry(name).or_insert(value);
    }
    service_schema::take_over(&account.blob_service.properties, &mut properties);
    let name = account.name.clone();
    let Some(account) = world.account_mut(&name) else {
        return Err(Problem::new(404, "ResourceNotFound", "It is gone."));
    };
    account.blob_service = BlobService { cors, properties };
    Ok(ok(&json_of(account, visit.version)))
}

fn has_blobs(account: &StorageAccount) -> Result<(), Problem> {
    if account.has_blobs() {
        return Ok(());
    }
    Err(Problem::new(
        400,
        "FeatureNotSupportedForAccount",
        "Blob is not supported for the account.",
    ))
}

/// The document, with what this api-version knows of it.
fn json_of(account: &StorageAccount, version: &str) -> Value {
    let service = &account.blob_service;
    let mut properties = Map::new();
    let rules: Vec<Value> = service.cors.iter().map(CorsRule::json).collect();
    properties.insert("cors".to_owned(), json!({ "corsRules": rules }));
    for (name, value) in &service.properties {
        if let Some(value) = service_schema::shown(name, value, version) {
            properties.insert(name.clone(), value);
        }
    }
    json!({
        "sku": sku(account),
        "id": format!("{}{BELOW}", account.scope()),
        "name": "default",
        "type": "Microsoft.Storage/storageAccounts/blobServices",
        "properties": properties,
    })
}
