//! Connecting a storage account, planning it, and taking it back: what is written, and what is left as it was.

use segments_connect::sandbox::On;
use segments_connect::sandbox::azure::{
    ACCOUNT, BlobService, CorsRule, Delay, MANAGEMENT_GROUP, ManagementGroup, RESOURCE_GROUP,
    STORAGE_BLOB_DATA_READER, SUBSCRIPTION, TENANT, World,
};
use serde_json::{Value, json};

use crate::support::azure::{AzureStage, connected, group, published_rule, scope, subscription};
use crate::support::change;

const CONNECT: [&str; 5] = ["azure", "connect", "--storage-account", ACCOUNT, "--yes"];
const PLAN: [&str; 4] = ["azure", "plan", "--storage-account", ACCOUNT];
const DISCONNECT: [&str; 5] = ["azure", "disconnect", "--storage-account", ACCOUNT, "--yes"];
const WRITES: [&str; 3] = [
    "CreateServicePrincipal",
    "PutRoleAssignment",
    "PutBlobServices",
];
const IDS: [&str; 3] = [
    "azure.service-principal",
    "azure.role-assignment",
    "azure.cors",
];

/// A company whose blob service has every setting that there is.
fn settled() -> AzureStage {
    let mut world = World::acme();
    world
        .account_mut(ACCOUNT)
        .expect("the account")
        .blob_service = BlobService::settled();
    AzureStage::with(world)
}

fn colleagues_rule() -> CorsRule {
    CorsRule::new("https://colleague.example", "PUT")
}

#[test]
fn connecting_makes_three_documents_and_checks_them() {
    let stage = AzureStage::fresh();
    let ran = stage
        .run(&CONNECT)
        .exits(0)
        .complains("saved: the documents as they were");
    stage.is_connected(&[]);
    assert_eq!(stage.writes(), WRITES);
    for said in [
        "written: service principal",
        "written: role assignment",
        "written: CORS configuration of the blob service",
        "(the whole tenant)",
        "(the whole storage account)",
        "CORS rules of Azure are for every container of the storage account",
        "Nothing found wrong.",
        TENANT,
    ] {
        assert!(ran.stdout.contains(said), "no `{said}` in {}", ran.stdout);
    }
    // Never more than was seen.
    assert!(
        ran.stdout
            .contains("This does not test Segments.ai's own permission."),
        "{}",
        ran.stdout
    );
}

#[test]
fn the_document_tells_what_was_done_and_where() {
    let stage = AzureStage::fresh();
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(0).without_complaint();
    assert_eq!(
        document["target"],
        json!({
            "cloud": "azure", "storage_account": ACCOUNT, "region": "westeurope", "subscription": SUBSCRIPTION,
            "resource_group": RESOURCE_GROUP, "tenant": TENANT,
        })
    );
    let changes = document["changes"].as_array().expect("changes");
    let told: Vec<Value> = changes
        .iter()
        .map(|change| json!([change["id"], change["scope"], change["result"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!([IDS[0], "tenant", "written"]),
            json!([IDS[1], "storage-account", "written"]),
            json!([IDS[2], "storage-account", "written"]),
        ]
    );
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["proof"], "own-read");
    let steps = document["next_steps"].to_string();
    assert!(steps.contains(TENANT), "{steps}");
    assert!(
        steps.contains(&format!(
            "{}/{ACCOUNT}/photos/2024/one%20dog.png",
            stage.sandbox.endpoint()
        )),
        "{steps}"
    );
}

#[test]
fn a_second_time_nothing_is_written() {
    let stage = settled();
    stage.run(&CONNECT).exits(0);
    let before = stage.world(|world| world.clone());
    stage.sandbox.clear_log();
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(0).without_complaint();
    assert_eq!(stage.writes(), [""; 0]);
    for id in IDS {
        assert_eq!(change(&document, id), ("keep", "unchanged"), "{id}");
    }
    let after = stage.world(|world| world.clone());
    assert_eq!(after.role_assignments, before.role_assignments);
    assert_eq!(after.accounts, before.accounts);
    assert_eq!(after.service_principals, before.service_principals);
}

#[test]
fn every_other_setting_of_the_blob_service_stays_as_it_was() {
    let stage = settled();
    let before = stage.account(|account| account.clone());
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(0);
    let after = stage.account(|account| account.clone());
    assert_eq!(
        after.blob_service.properties, before.blob_service.properties,
        "a setting moved"
    );
    stage.is_connected(&before.blob_service.cors);
    let cors = document["changes"][2].clone();
    assert_eq!(cors["kept"], 2);
    assert_eq!(
        cors["before"]["restorePolicy"],
        json!({ "enabled": true, "days": 10 }),
        "what only the service writes is not sent back"
    );
    // Nothing but the blob service is another.
    let mut same = after.clone();
    same.blob_service = before.blob_service.clone();
    assert_eq!(same, before);
    stage.run(&DISCONNECT).exits(0);
    assert_eq!(stage.account(|account| account.clone()), before);
}

#[test]
fn a_plan_shows_everything_and_writes_nothing() {
    let stage = settled();
    let before = stage.world(|world| world.clone());
    let ran = stage.run(&PLAN).exits(0).without_complaint();
    for said in [
        "service principal: create",
        "role assignment: create",
        "(known once the service principal is made)",
        "2 other rules stay as they are",
        "3 changes; nothing is written yet.",
        "the 8 other settings of the blob service are sent back as read",
    ] {
        assert!(ran.stdout.contains(said), "no `{said}` in {}", ran.stdout);
    }
    let (ran, document) = stage.json(&[&PLAN[..], &["--exit-code"]].concat());
    ran.exits(3).without_complaint();
    for id in IDS {
        assert_eq!(change(&document, id).1, "planned", "{id}");
    }
    assert_eq!(document["checks"], json!([]));
    assert_eq!(stage.writes(), [""; 0]);
    assert!(!stage.backups().exists());
    let after = stage.world(|world| world.clone());
    assert_eq!(after.accounts, before.accounts);
    assert_eq!(after.role_assignments, before.role_assignments);

    let stage = AzureStage::connected();
    stage
        .run(&[&PLAN[..], &["--exit-code"]].concat())
        .exits(0)
        .says("Nothing to change.");
}

#[test]
fn an_equal_assignment_under_another_name_is_there_already() {
    let stage = AzureStage::connected();
    let before = stage.assignments();
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(0);
    assert_eq!(change(&document, IDS[1]), ("keep", "unchanged"));
    assert_eq!(stage.assignments(), before);
}

#[test]
fn an_inherited_assignment_is_there_already_and_said_to_be_wider() {
    for above in [
        group(),
        subscription(),
        ManagementGroup::scope(MANAGEMENT_GROUP),
    ] {
        let mut world = World::acme();
        let app = world.install_segments(TENANT);
        world.assign(&app, STORAGE_BLOB_DATA_READER, &above);
        let stage = AzureStage::with(world);
        stage
            .run(&CONNECT)
            .exits(0)
            .says(&format!("the role is inherited from {above}"));
        assert_eq!(stage.assignments().len(), 1, "{above}");
        assert_eq!(stage.writes(), ["PutBlobServices"], "{above}");
        // What is inherited is not ours to take away.
        stage
            .run(&DISCONNECT)
            .exits(0)
            .says(&format!("the role is still inherited from {above}"));
        assert_eq!(stage.assignments().len(), 1, "{above}");
        assert_eq!(stage.cors(), []);
    }
}

#[test]
fn a_condition_is_somebodys_restriction_and_is_not_taken_off() {
    let mut world = connected();
    let one = world.role_assignments.last_mut().expect("the assignment");
    one.condition = Some("((@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'photos'))".to_owned());
    one.condition_version = Some("2.0".to_owned());
    let before = world.role_assignments.clone();
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(7);
    assert_eq!(change(&document, IDS[1]).1, "refused");
    assert_eq!(document["error"]["code"], "refused");
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.world(|world| world.role_assignments.clone()), before);
    stage
        .run(&CONNECT)
        .exits(7)
        .complains("with a condition")
        .complains("az role assignment delete --ids");
}

#[test]
fn five_rules_and_none_that_serves_is_a_refusal_that_shows_them_and_both_ways_out() {
    let rules: Vec<CorsRule> = (1..=5)
        .map(|number| CorsRule::new(&format!("https://{number}.acme.example"), "GET"))
        .collect();
    let mut world = World::acme();
    let account = world.account_mut(ACCOUNT).expect("the account");
    account.blob_service.cors.clone_from(&rules);
    let stage = AzureStage::with(world);
    let ran = stage
        .run(&CONNECT)
        .exits(7)
        .complains("Z23")
        .complains("hint: remove a rule that is no longer needed")
        .complains("hint: or add `https://app.segments.ai` to the origins of one of the rules 1");
    for number in 1..=5 {
        assert!(
            ran.stderr.contains(&format!(
                "rule {number} allows GET to `https://{number}.acme.example`"
            )),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.cors(), rules);
    assert_eq!(stage.app(), None, "nothing is done by halves");
    // One of the five serves: there is nothing to add.
    stage.account(|account| account.blob_service.cors[4] = published_rule());
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(0);
    assert_eq!(change(&document, IDS[2]), ("keep", "unchanged"));
}

#[test]
fn a_premium_account_for_page_blobs_has_no_cors_and_is_refused() {
    let mut world = World::acme();
    world.account_mut(ACCOUNT).expect("the account").sku = "Premium_LRS".to_owned();
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(7);
    assert!(
        document["error"]["message"]
            .as_str()
            .is_some_and(|message| message.contains("Z22")),
        "{document:#}"
    );
    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn a_premium_account_for_block_blobs_is_connected_like_any_other() {
    let mut world = World::acme();
    let account = world.account_mut(ACCOUNT).expect("the account");
    account.kind = "BlockBlobStorage".to_owned();
    account.sku = "Premium_LRS".to_owned();
    let stage = AzureStage::with(world);
    stage.run(&CONNECT).exits(0);
    stage.is_connected(&[]);
}

#[test]
fn a_new_principal_that_is_not_known_yet_is_waited_for() {
    let mut world = World::acme();
    world.replication.principal_type_helps = false;
    world.replication.delay = Delay::Requests(2);
    let stage = AzureStage::with(world);
    stage
        .run(&[&CONNECT[..], &["--wait", "1m"]].concat())
        .exits(0);
    stage.is_connected(&[]);
    assert_eq!(stage.asked("PutRoleAssignment"), 3);
}

#[test]
fn waiting_for_a_new_principal_ends_and_is_told_and_goes_on_later() {
    let mut world = World::acme();
    world.replication.principal_type_helps = false;
    world.replication.delay = Delay::UntilSettled;
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&[&CONNECT[..], &["--wait", "1s"]].concat());
    ran.exits(5);
    assert_eq!(change(&document, IDS[0]).1, "written");
    assert_eq!(change(&document, IDS[1]).1, "failed");
    assert_eq!(change(&document, IDS[2]).1, "skipped");
    assert_eq!(document["error"]["code"], "partial");
    assert!(
        document["error"].to_string().contains("PrincipalNotFound")
            && document["error"].to_string().contains("--wait 10m"),
        "{:#}",
        document["error"]
    );
    stage.world(World::settle);
    stage.run(&CONNECT).exits(0);
    stage.is_connected(&[]);
    assert_eq!(stage.asked("CreateServicePrincipal"), 1);
}

#[test]
fn naming_the_kind_of_principal_spares_the_wait() {
    let mut world = World::acme();
    world.replication.delay = Delay::UntilSettled;
    let stage = AzureStage::with(world);
    stage.run(&CONNECT).exits(0);
    stage.is_connected(&[]);
    assert_eq!(stage.asked("PutRoleAssignment"), 1);
}

#[test]
fn a_colleagues_change_between_reading_and_writing_is_not_lost() {
    let stage = settled();
    // The first read is the plan's, the second the one right before the write.
    stage
        .sandbox
        .on_request(On::operation("GetBlobServices", 2), |state| {
            let account = state.azure.account_mut(ACCOUNT).expect("the account");
            account.blob_service.cors.push(colleagues_rule());
            account.blob_service.properties.insert(
                "containerDeleteRetentionPolicy".to_owned(),
                json!({ "enabled": true, "days": 9 }),
            );
        });
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(5);
    assert_eq!(change(&document, IDS[2]).1, "stale");
    assert_eq!(
        stage.writes(),
        ["CreateServicePrincipal", "PutRoleAssignment"]
    );
    assert_eq!(stage.cors().last(), Some(&colleagues_rule()));
    let others = stage.cors();
    stage.run(&CONNECT).exits(0);
    stage.is_connected(&others);
    assert_eq!(
        stage.account(|account| {
            account.blob_service.properties["containerDeleteRetentionPolicy"]["days"].clone()
        }),
        json!(9)
    );
}

#[test]
fn what_a_colleague_did_meanwhile_counts_as_done() {
    let stage = AzureStage::fresh();
    stage
        .sandbox
        .on_request(On::operation("CreateServicePrincipal", 1), |state| {
            state.azure.install_segments(TENANT);
        });
    stage
        .sandbox
        .on_request(On::operation("PutRoleAssignment", 1), |state| {
            let app = state.azure.segments(TENANT).expect("the app").id.clone();
            state.azure.assign(&app, STORAGE_BLOB_DATA_READER, &scope());
        });
    stage
        .sandbox
        .on_request(On::operation("GetBlobServices", 2), |state| {
            let account = state.azure.account_mut(ACCOUNT).expect("the account");
            account.blob_service.cors.push(published_rule());
        });
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(0);
    for id in IDS {
        assert_eq!(change(&document, id).1, "unchanged", "{id}");
    }
    stage.is_connected(&[]);
    assert_eq!(stage.asked("PutBlobServices"), 0);
}

#[test]
fn disconnecting_takes_ours_and_leaves_the_app() {
    let stage = settled();
    let rules = stage.cors();
    stage.run(&CONNECT).exits(0);
    stage.sandbox.clear_log();
    let app = stage.app();
    let ran = stage.run(&DISCONNECT).exits(0);
    assert!(
        ran.stdout
            .contains("`--delete-service-principal` removes it"),
        "{}",
        ran.stdout
    );
    assert_eq!(stage.writes(), ["PutBlobServices", "DeleteRoleAssignment"]);
    assert_eq!(stage.cors(), rules);
    assert_eq!(stage.assignments(), []);
    assert_eq!(stage.app(), app);
    stage.sandbox.clear_log();
    stage.run(&DISCONNECT).exits(0).says("Nothing to change.");
    assert_eq!(stage.writes(), [""; 0]);
}

#[test]
fn everything_of_others_survives_a_disconnect() {
    let mut world = connected();
    let others = world.role_assignments.len() - 1;
    let app = world.segments(TENANT).expect("the app").id.clone();
    // The app may serve another account, with the same role, and hold another role here.
    let other = world
        .add_account("acmeother", SUBSCRIPTION, RESOURCE_GROUP)
        .scope();
    world.assign(&app, STORAGE_BLOB_DATA_READER, &other);
    world.assign(&app, "Storage Blob Delegator", &scope());
    let kept: Vec<_> = world
        .role_assignments
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != others)
        .map(|(_, one)| one.clone())
        .collect();
    let stage = AzureStage::with(world);
    stage.run(&DISCONNECT).exits(0);
    assert_eq!(stage.world(|world| world.role_assignments.clone()), kept);
}

#[test]
fn the_app_goes_only_when_that_is_asked_for_and_what_it_serves_is_said() {
    let mut world = connected();
    let app = world.segments(TENANT).expect("the app").id.clone();
    let other = world
        .add_account("acmeother", SUBSCRIPTION, RESOURCE_GROUP)
        .scope();
    world.assign(&app, STORAGE_BLOB_DATA_READER, &other);
    world.assign(
        segments_connect::sandbox::azure::BOTH,
        "Reader",
        &subscription(),
    );
    let stage = AzureStage::with(world);
    let delete = [&DISCONNECT[..], &["--delete-service-principal"]].concat();
    stage
        .run(&delete)
        .exits(0)
        .says("every other storage account of this tenant that Segments.ai reads through it loses that access too")
        .says(&format!("in this subscription it is assigned to {other} too"))
        .says("removed: service principal");
    assert_eq!(stage.app(), None);
    assert_eq!(
        stage.writes(),
        [
            "PutBlobServices",
            "DeleteRoleAssignment",
            "DeleteServicePrincipal"
        ]
    );
    stage.run(&delete).exits(0).says("Nothing to change.");
    // And it can be connected again.
    stage.run(&CONNECT).exits(0);
    stage.is_connected(&[]);
}

#[test]
fn the_documents_are_saved_as_they_were_before_anything_is_written() {
    let stage = settled();
    stage.run(&CONNECT).exits(0);
    let files: Vec<_> = std::fs::read_dir(stage.backups())
        .expect("backups")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    let [file] = files.as_slice() else {
        panic!("{files:?}");
    };
    let saved: Value =
        serde_json::from_str(&std::fs::read_to_string(file).expect("a file")).expect("JSON");
    assert_eq!(saved["documents"][IDS[0]], Value::Null);
    assert_eq!(saved["documents"][IDS[1]], Value::Null);
    let cors = &saved["documents"][IDS[2]];
    assert_eq!(cors["cors"]["corsRules"].as_array().map(Vec::len), Some(2));
    assert_eq!(cors["staticWebsite"]["indexDocument"], "index.html");
}

#[test]
fn without_yes_off_a_terminal_nothing_is_even_asked_of_azure() {
    let stage = AzureStage::connected();
    for action in ["connect", "disconnect"] {
        let (ran, document) = stage.json(&["azure", action, "--storage-account", ACCOUNT]);
        ran.exits(2);
        assert_eq!(document["error"]["code"], "confirmation-required");
    }
    stage
        .run(&["azure", "connect", "--yes"])
        .exits(2)
        .complains("--storage-account");
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn render_prints_every_document_offline() {
    let home = tempfile::tempdir().expect("a directory");
    let render = |more: &[&str]| {
        let arguments = [&["azure", "render", "--storage-account", ACCOUNT][..], more].concat();
        crate::support::ran(&mut crate::support::program(home.path(), &arguments)).exits(0)
    };
    let all = render(&["--json"]).document();
    let documents = all["documents"].as_object().expect("documents");
    assert_eq!(documents.len(), 4);
    for name in [
        "service-principal",
        "role-assignment",
        "cors",
        "operator-permissions",
    ] {
        let alone: Value =
            serde_json::from_str(&render(&["--document", name]).stdout).expect("JSON alone");
        assert_eq!(alone, documents[&format!("azure.{name}")], "{name}");
    }
    assert_eq!(
        documents["azure.cors"],
        json!([{
            "allowedOrigins": ["https://app.segments.ai"], "allowedMethods": ["GET"], "allowedHeaders": [],
            "exposedHeaders": [], "maxAgeInSeconds": 3600,
        }])
    );
    let assignment = &documents["azure.role-assignment"]["properties"];
    assert_eq!(assignment["principalId"], "SERVICE_PRINCIPAL_OBJECT_ID");
    let told = render(&[
        "--document",
        "role-assignment",
        "--subscription",
        SUBSCRIPTION,
        "--service-principal-id",
        "11111111-2222-3333-4444-555555555555",
    ]);
    assert!(
        told.stdout.contains(&format!(
            "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{STORAGE_BLOB_DATA_READER}"
        )) && told.stdout.contains("11111111-2222-3333-4444-555555555555"),
        "{}",
        told.stdout
    );
    let permissions = documents["azure.operator-permissions"].to_string();
    for right in [
        "Microsoft.Authorization/roleAssignments/write",
        "Microsoft.Storage/storageAccounts/blobServices/write",
        "Cloud Application Administrator",
    ] {
        assert!(permissions.contains(right), "{right}");
    }
}
