//! The whole program on an account whose blobs are in Azurite: Azure Resource Manager and the directory are the local
//! cloud's, and everything that is asked of blobs, by token, by link and as a browser, is answered by Azurite.

use segments_connect::sandbox::azure::{BOTH, RESOURCE_GROUP, SUBSCRIPTION, World};
use segments_connect::sandbox::{Options, Sandbox};
use serde_json::{Value, json};

use super::rules::rendered;
use super::server::with_tokens;
use super::{ACCOUNT, BLOB, CONTAINER};
use crate::support::{check, program, ran};

/// The program, signed in as somebody who may do everything, and what it tells.
struct Run {
    sandbox: Sandbox,
    home: tempfile::TempDir,
}

impl Run {
    fn new() -> Self {
        let mut world = World::acme();
        // Azurite has one name for its account, and it is part of every address.
        let account = world.add_account(ACCOUNT, SUBSCRIPTION, RESOURCE_GROUP);
        account.further_properties.insert(
            "primaryEndpoints".to_owned(),
            json!({ "blob": with_tokens().service.endpoint.as_str() }),
        );
        Self {
            sandbox: Sandbox::start(Options::from(world)).expect("the local cloud starts"),
            home: tempfile::tempdir().expect("a directory"),
        }
    }

    #[track_caller]
    fn ends(&self, action: &[&str], status: i32) -> Value {
        let mut arguments = vec!["azure"];
        arguments.extend(action);
        arguments.extend([
            "--storage-account",
            ACCOUNT,
            "--subscription",
            SUBSCRIPTION,
            "--json",
        ]);
        let mut command = program(self.home.path(), &arguments);
        command.envs(self.sandbox.environment(BOTH));
        // The only certificates that are trusted.
        command.env(
            "SSL_CERT_FILE",
            with_tokens().certificate.as_ref().expect("a certificate"),
        );
        let told = ran(&mut command).exits(status);
        serde_json::from_str(&told.stdout).expect("a document")
    }
}

#[track_caller]
fn found(document: &Value, id: &str) -> (String, Option<String>) {
    let check = check(document, id);
    (
        check["status"].as_str().expect("a status").to_owned(),
        check["cause"].as_str().map(str::to_owned),
    )
}

#[tokio::test]
#[ignore = "needs Azurite; tests/run installs it and runs this"]
async fn verify_believes_what_the_blob_service_does_and_not_what_is_configured() {
    let service = &with_tokens().service;
    let run = Run::new();
    let sample = ["verify", "--container", CONTAINER, "--object", BLOB];

    // Resource Manager has the rule now, and the blob service does not.
    service.put_rules(&[]).await;
    let connected = run.ends(&["connect", "--yes", "--wait", "0s"], 4);
    let results: Vec<&Value> = connected["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| &change["result"])
        .collect();
    assert_eq!(results, ["written", "written", "written"]);
    assert_eq!(found(&connected, "azure.cors.configured").0, "pass");
    assert_eq!(found(&connected, "azure.cors.preflight").0, "fail");
    assert_eq!(found(&connected, "azure.object.read").0, "pass");
    assert_ne!(found(&connected, "azure.object.link").0, "pass");

    service.put_rules(&rendered()).await;
    let verified = run.ends(&sample, 0);
    for id in [
        "azure.cors.preflight",
        "azure.cors.foreign",
        "azure.object.read",
        "azure.object.link",
    ] {
        assert_eq!(
            found(&verified, id),
            ("pass".to_owned(), None),
            "{id}: {verified:#}"
        );
    }
    assert_eq!(found(&verified, "azure.cors.range").0, "warn");
    assert_eq!(verified["proof"], "own-read");
    let link = check(&verified, "azure.object.link").to_string();
    assert!(
        !link.contains("sig=") || link.contains("REDACTED"),
        "{link}"
    );

    // A rule for everybody is not ours, and is told.
    let open = json!({
        "allowedOrigins": ["*"], "allowedMethods": ["GET"], "allowedHeaders": [], "exposedHeaders": [],
        "maxAgeInSeconds": 60,
    });
    service.put_rules(&[open]).await;
    let verified = run.ends(&sample, 0);
    assert_eq!(found(&verified, "azure.cors.preflight").0, "pass");
    assert_eq!(found(&verified, "azure.cors.foreign").0, "warn");

    service.put_rules(&rendered()).await;
    let missing = run.ends(
        &[
            "verify",
            "--container",
            CONTAINER,
            "--object",
            "2024/A cat.png",
        ],
        4,
    );
    assert_eq!(
        found(&missing, "azure.object.read"),
        ("fail".to_owned(), Some("Z31".to_owned()))
    );
}
