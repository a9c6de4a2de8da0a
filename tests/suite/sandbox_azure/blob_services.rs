//! The blob service document: a PUT replaces all of it, and is refused where the vendor refuses it.

use segments_connect::sandbox::azure::{
    BlobService, CorsRule, Lock, LockLevel, READER, STORAGE_OWNER,
};
use serde_json::{Value, json};

use super::*;

fn path(version: &str) -> String {
    format!(
        "{}/blobServices/default?api-version={version}",
        account_path()
    )
}

const NEW: &str = "2026-09-01";

async fn put(sandbox: &Sandbox, version: &str, properties: &Value) -> Reply {
    let body = json!({ "properties": properties });
    arm(
        sandbox,
        STORAGE_OWNER,
        Method::PUT,
        &path(version),
        Some(&body),
    )
    .await
}

/// An account whose blob service has settings that people made.
fn settled() -> Sandbox {
    let sandbox = acme();
    account(&sandbox, |account| {
        account.blob_service = BlobService::settled();
    });
    sandbox
}

#[tokio::test]
async fn the_document_is_read_with_everything_in_it() {
    let sandbox = settled();
    let shown = get(&sandbox, READER, &path(NEW)).await.json();
    assert_eq!(shown["name"], "default");
    assert_eq!(
        shown["id"],
        format!("{}/blobServices/default", account_path())
    );
    assert_eq!(
        shown["properties"]["cors"],
        json!({ "corsRules": [
            {
                "allowedOrigins": ["https://www.acme.example"], "allowedMethods": ["GET"], "maxAgeInSeconds": 3600,
                "exposedHeaders": [], "allowedHeaders": [],
            },
            {
                "allowedOrigins": ["https://upload.acme.example"], "allowedMethods": ["PUT"], "maxAgeInSeconds": 3600,
                "exposedHeaders": [], "allowedHeaders": ["x-ms-*", "content-type"],
            },
        ] })
    );
    assert_eq!(shown["properties"]["restorePolicy"]["days"], 10);
    let older = get(&sandbox, READER, &path("2023-05-01")).await.json();
    assert!(older["properties"].get("staticWebsite").is_none());
    let fresh = get(&acme(), READER, &path(NEW)).await.json();
    assert_eq!(
        fresh["properties"],
        json!({
            "cors": { "corsRules": [] },
            "deleteRetentionPolicy": { "allowPermanentDelete": false, "enabled": false },
        })
    );
}

#[tokio::test]
async fn what_was_read_can_be_sent_back_and_changes_nothing() {
    let sandbox = settled();
    let before = account(&sandbox, |account| account.blob_service.clone());
    let document = get(&sandbox, STORAGE_OWNER, &path(NEW)).await.json();
    let answer = arm(
        &sandbox,
        STORAGE_OWNER,
        Method::PUT,
        &path(NEW),
        Some(&document),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json(), document);
    assert_eq!(
        account(&sandbox, |account| account.blob_service.clone()),
        before
    );
    let log = sandbox.log();
    assert_eq!(
        [log[0].operation.as_str(), &log[1].operation],
        ["GetBlobServices", "PutBlobServices"]
    );
}

#[tokio::test]
async fn what_is_left_out_is_lost() {
    let sandbox = settled();
    let rule = json!({
        "allowedOrigins": ["https://app.segments.ai"], "allowedMethods": ["GET"], "maxAgeInSeconds": 3600,
        "exposedHeaders": [], "allowedHeaders": [],
    });
    let answer = put(&sandbox, NEW, &json!({ "cors": { "corsRules": [rule] } })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let service = account(&sandbox, |account| account.blob_service.clone());
    assert_eq!(
        service.cors,
        [CorsRule::new("https://app.segments.ai", "GET")],
        "the other rules are gone"
    );
    let left: Vec<&str> = service.properties.keys().map(String::as_str).collect();
    assert_eq!(left, ["deleteRetentionPolicy"]);
    assert_eq!(
        service.properties["deleteRetentionPolicy"]["enabled"],
        false
    );
}

#[tokio::test]
async fn an_old_version_loses_what_it_does_not_know() {
    let sandbox = settled();
    let document = get(&sandbox, STORAGE_OWNER, &path("2023-05-01"))
        .await
        .json();
    let answer = put(&sandbox, "2023-05-01", &document["properties"]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    account(&sandbox, |account| {
        let properties = &account.blob_service.properties;
        assert!(!properties.contains_key("staticWebsite"));
        assert!(properties.contains_key("changeFeed"));
    });
}

#[tokio::test]
async fn bad_documents_are_refused_and_nothing_changes() {
    let sandbox = settled();
    let before = account(&sandbox, |account| account.blob_service.clone());
    let rule = json!({
        "allowedOrigins": ["*"], "allowedMethods": ["GET"], "maxAgeInSeconds": 1,
        "exposedHeaders": [], "allowedHeaders": [],
    });
    for (properties, code) in [
        (json!({ "colour": "red" }), "InvalidRequestContent"),
        (
            json!({ "cors": { "corsRules": vec![rule.clone(); 6] } }),
            "ContainerOperationFailure",
        ),
        (
            json!({ "cors": { "corsRules": [{ "allowedOrigins": ["*"], "allowedMethods": ["GET"] }] } }),
            "ContainerOperationFailure",
        ),
        (
            json!({ "deleteRetentionPolicy": { "enabled": true, "days": 0 } }),
            "InvalidValuesForRequestProperties",
        ),
        (
            json!({ "restorePolicy": { "enabled": true, "days": 7 } }),
            "InvalidValuesForRequestProperties",
        ),
    ] {
        let answer = put(&sandbox, NEW, &properties).await;
        assert_eq!(answer.refusal(), (400, code.to_owned()), "{properties}");
    }
    assert_eq!(
        account(&sandbox, |account| account.blob_service.clone()),
        before
    );
    let body = json!({ "properties": {} });
    let reader = arm(&sandbox, READER, Method::PUT, &path(NEW), Some(&body)).await;
    assert_eq!(reader.refusal(), (403, "AuthorizationFailed".to_owned()));
    assert!(
        reader
            .message()
            .contains("'Microsoft.Storage/storageAccounts/blobServices/write'")
    );
}

#[tokio::test]
async fn a_read_only_lock_refuses_a_write_and_one_against_deletion_does_not() {
    let sandbox = settled();
    let properties = get(&sandbox, STORAGE_OWNER, &path(NEW)).await.json()["properties"].clone();
    world(&sandbox, |world| {
        world.locks.push(Lock {
            name: "keep".to_owned(),
            scope: group_path(),
            level: LockLevel::ReadOnly,
        });
    });
    let refused = put(&sandbox, NEW, &properties).await;
    assert_eq!(refused.refusal(), (409, "ScopeLocked".to_owned()));
    assert_eq!(
        refused.message(),
        format!(
            "The scope '{}/blobServices/default' cannot perform write operation because following scope(s) are locked: '{}'. Please remove the lock and try again.",
            account_path(),
            group_path()
        )
    );
    world(&sandbox, |world| {
        world.locks[0].level = LockLevel::CanNotDelete;
    });
    assert_eq!(put(&sandbox, NEW, &properties).await.status, 200);
}

#[tokio::test]
async fn accounts_without_cors_or_without_blobs_say_so() {
    let sandbox = acme();
    let rule = json!({ "cors": { "corsRules": [{
        "allowedOrigins": ["*"], "allowedMethods": ["GET"], "maxAgeInSeconds": 1, "exposedHeaders": [], "allowedHeaders": [],
    }] } });
    account(&sandbox, |account| {
        "Premium_LRS".clone_into(&mut account.sku);
    });
    let unsupported = (400, "FeatureNotSupportedForAccount".to_owned());
    assert_eq!(put(&sandbox, NEW, &rule).await.refusal(), unsupported);
    assert_eq!(put(&sandbox, NEW, &json!({})).await.status, 200);
    account(&sandbox, |account| {
        "BlockBlobStorage".clone_into(&mut account.kind);
    });
    assert_eq!(put(&sandbox, NEW, &rule).await.status, 200);
    account(&sandbox, |account| {
        "FileStorage".clone_into(&mut account.kind);
    });
    assert_eq!(
        get(&sandbox, READER, &path(NEW)).await.refusal(),
        unsupported
    );
}
