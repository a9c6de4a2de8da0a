//! What nobody told this program about: a property that it has never heard of comes back from a write as it was.

use segments_connect::sandbox::azure::{
    ACCOUNT, BOTH, BlobService, Permission, READER, RoleDefinition, TENANT, World,
};
use serde_json::{Value, json};

use crate::support::azure::{AzureStage, scope};
use crate::support::ran;
use crate::support::relay::{Passage, Relay};

/// What a later api-version might bring, in the document, in its CORS part and in a rule.
fn strange() -> Value {
    json!({ "enabled": true, "horizon": [1, { "deep": null }], "big": 12_345_678_901_234_567_u64 })
}

/// Adds it to what Azure tells of the blob service.
fn with_strange(body: &str) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(body) else {
        return body.to_owned();
    };
    if document["properties"].is_object() {
        document["properties"]["temporalLensPolicy"] = strange();
        document["properties"]["cors"]["lensRules"] = strange();
        if let Some(rules) = document["properties"]["cors"]["corsRules"].as_array_mut() {
            rules[0]["lens"] = strange();
        }
    }
    document.to_string()
}

/// Takes it out again, where the local cloud would refuse it.
fn without_strange(body: &str) -> String {
    let Ok(mut document) = serde_json::from_str::<Value>(body) else {
        return body.to_owned();
    };
    if let Some(properties) = document["properties"].as_object_mut() {
        properties.remove("temporalLensPolicy");
        if let Some(cors) = properties.get_mut("cors").and_then(Value::as_object_mut) {
            cors.remove("lensRules");
            for rule in cors
                .get_mut("corsRules")
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
            {
                rule.as_object_mut().expect("a rule").remove("lens");
            }
        }
    }
    document.to_string()
}

#[test]
fn a_property_that_this_program_has_never_heard_of_is_sent_back_as_it_was_read() {
    let mut world = World::acme();
    world
        .account_mut(ACCOUNT)
        .expect("the account")
        .blob_service = BlobService::settled();
    let stage = AzureStage::with(world);
    let relay = Relay::start(stage.sandbox.address(), |request| {
        if request.contains("/blobServices/default") {
            Passage::Changed {
                request: without_strange,
                answer: with_strange,
            }
        } else {
            Passage::Through
        }
    });
    for action in ["connect", "disconnect"] {
        let arguments = [
            "azure",
            action,
            "--storage-account",
            ACCOUNT,
            "--yes",
            "--wait",
            "0",
        ];
        let mut command = stage.command_as(BOTH, &arguments);
        command.env("SEGMENTS_CONNECT_AZURE_ARM_ENDPOINT", relay.endpoint());
        ran(&mut command).exits(0);
    }
    let puts: Vec<Value> = relay
        .passed()
        .iter()
        .filter(|text| text.starts_with("PUT ") && text.contains("/blobServices/default"))
        .filter_map(|text| serde_json::from_str(text.split_once("\r\n\r\n")?.1).ok())
        .collect();
    assert_eq!(puts.len(), 2, "one for each command");
    for (put, rules) in puts.iter().zip([3, 2]) {
        let properties = &put["properties"];
        assert_eq!(properties["temporalLensPolicy"], strange());
        assert_eq!(properties["cors"]["lensRules"], strange());
        let sent = properties["cors"]["corsRules"].as_array().expect("rules");
        assert_eq!(sent.len(), rules);
        assert_eq!(sent[0]["lens"], strange());
        assert_eq!(
            properties["restorePolicy"],
            json!({ "enabled": true, "days": 10 })
        );
    }
}

#[test]
fn the_printed_permissions_are_enough_for_each_command() {
    let stage = AzureStage::fresh();
    let render = [
        "azure",
        "render",
        "--storage-account",
        ACCOUNT,
        "--document",
        "operator-permissions",
    ];
    let printed: Value = serde_json::from_str(&stage.run(&render).exits(0).stdout).expect("JSON");
    let words = |list: &Value| -> Vec<String> {
        let list = list.as_array().expect("a list");
        list.iter()
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect()
    };
    for (role, commands) in printed["roles"].as_array().expect("roles").iter().zip([
        &["plan"][..],
        &["plan", "verify"],
        &["plan", "connect", "verify", "disconnect"],
    ]) {
        let mut world = World::acme();
        world.install_segments(TENANT);
        world.role_assignments.retain(|one| one.principal != READER);
        let (actions, data) = (words(&role["Actions"]), words(&role["DataActions"]));
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        let data: Vec<&str> = data.iter().map(String::as_str).collect();
        let permission = Permission::actions(&actions).with_data(&data);
        let name = "c0570000-0000-4000-8000-00000000000f";
        world
            .role_definitions
            .push(RoleDefinition::custom(name, "Ours", permission, &scope()));
        world.assign(READER, name, &scope());
        let stage = AzureStage::with(world);
        for command in commands {
            let mut arguments = vec!["azure", command, "--storage-account", ACCOUNT];
            if matches!(*command, "connect" | "disconnect") {
                arguments.extend(["--yes", "--wait", "0"]);
            }
            let (ran, document) = stage.json_as(READER, &arguments);
            let wanted = if *command == "verify" && commands.len() == 2 {
                // Nothing is connected in that world, and everything could be looked at.
                4
            } else {
                0
            };
            assert_eq!(ran.status, Some(wanted), "{command}: {document:#}");
            for check in document["checks"].as_array().expect("checks") {
                assert_ne!(check["status"], "unknown", "{command}: {check:#}");
            }
            let refused: Vec<_> = stage
                .sandbox
                .log()
                .into_iter()
                .filter(|request| request.status == Some(403) && request.operation != "OPTIONS")
                .collect();
            assert!(refused.is_empty(), "{command}: {refused:#?}");
        }
    }
}
