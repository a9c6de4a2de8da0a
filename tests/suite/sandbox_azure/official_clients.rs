//! The local Azure, spoken to by Microsoft's own Python clients: what they send is understood, and what they get they
//! understand.
//!
//! What they cannot show: their policies refuse tokens over plain http, so the tokens are added for them.

use std::path::Path;
use std::process::Command;

use segments_connect::sandbox::azure::{BOTH, CorsRule, STORAGE_BLOB_DATA_READER, TENANT};
use serde_json::json;

use super::*;

#[tokio::test]
async fn the_model_of_the_rust_crate_reads_an_account() {
    use azure_mgmt_storage::package_2023_05::models::{PublicNetworkAccess, StorageAccount};

    let sandbox = acme();
    account(&sandbox, |account| {
        account.private_endpoints = vec!["/subscriptions/s/x".to_owned()];
        account.network.ip_rules = vec!["203.0.113.1".to_owned()];
    });
    let path = format!("{}?api-version=2023-05-01", account_path());
    let shown = get(&sandbox, BOTH, &path).await.json();
    let read: StorageAccount = serde_json::from_value(shown).expect("the vendor's shape");
    let properties = read.properties.expect("properties");
    assert_eq!(
        properties.primary_endpoints.expect("endpoints").blob,
        Some(format!("{}/{ACCOUNT}/", sandbox.endpoint()))
    );
    assert_eq!(
        properties.public_network_access,
        Some(PublicNetworkAccess::Enabled)
    );
    assert_eq!(properties.private_endpoint_connections.len(), 1);
}

#[test]
#[ignore = "needs azure-mgmt-storage, azure-mgmt-authorization and azure-storage-blob, which tests/run installs"]
fn the_vendors_own_clients_get_along_with_it() {
    let sandbox = acme();
    let principal = world(&sandbox, |world| world.install_segments(TENANT));
    account(&sandbox, |account| {
        account.blob_service.cors = vec![CorsRule::new("https://www.acme.example", "GET")];
        account
            .blob_service
            .properties
            .insert("isVersioningEnabled".to_owned(), json!(true));
    });
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let told = Command::new(root.join("target/test-tools/bin/python"))
        .arg(root.join("tests/suite/sandbox_azure/official_clients.py"))
        .args([
            &sandbox.endpoint(),
            SUBSCRIPTION,
            RESOURCE_GROUP,
            ACCOUNT,
            &token(&sandbox, BOTH, ARM),
            &token(&sandbox, BOTH, STORAGE),
            &principal,
            STORAGE_BLOB_DATA_READER,
        ])
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .expect("the Python of tests/run");
    assert!(
        told.status.success(),
        "{}",
        String::from_utf8_lossy(&told.stderr)
    );
    let seen: Value = serde_json::from_slice(&told.stdout).expect("a document");
    let name = "4a5b6c7d-0000-4000-8000-00000000c11e";
    let rule = |origin: &str| {
        json!({
            "allowedOrigins": [origin], "allowedMethods": ["GET"], "maxAgeInSeconds": 3600,
            "exposedHeaders": [], "allowedHeaders": [],
        })
    };
    let expected = json!({
        "blob endpoint": format!("{}/{ACCOUNT}/", sandbox.endpoint()),
        "public network access": "Enabled",
        "versioning before": true,
        "rules": [rule("https://www.acme.example"), rule("https://app.segments.ai")],
        "versioning after": true,
        "six rules": [400, "ContainerOperationFailure"],
        "assigned": [name, principal, "ServicePrincipal"],
        "assignments": [name],
        "role": [
            "Storage Blob Data Reader",
            ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],
        ],
        "permissions": [
            ["*"],
            [
                "Microsoft.Storage/storageAccounts/blobServices/containers/read",
                "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
            ],
        ],
        "denials": 0,
        "twin": [409, "RoleAssignmentExists"],
        "assignments afterwards": [],
        "containers": ["photos"],
        "blobs": [
            ["2024/one dog.png", 5, "Hot", "image/png"],
            ["cat.png", 5, "Hot", "image/png"],
        ],
        "properties": [5, true],
        "content": "a cat",
        "range": "cat",
        "missing": [404, "BlobNotFound"],
        "key": [BOTH, "b", 32],
        "link": "a cat",
        "link from": "a cat",
        "link type": "text/plain",
        "link to write": [403, "AuthorizationPermissionMismatch"],
        "tampered": [403, "AuthenticationFailed"],
    });
    for (what, value) in expected.as_object().expect("an object") {
        assert_eq!(&seen[what], value, "{what}: {seen:#}");
    }
    // What they sent as strangers goes through the same checks as everything else.
    let unknown: Vec<String> = sandbox
        .log()
        .into_iter()
        .filter(|entry| entry.status == Some(501))
        .map(|entry| format!("{} {}", entry.method, entry.target))
        .collect();
    assert_eq!(unknown, Vec::<String>::new());
}
