//! Two people with half of the rights each, in every order: each does their part, says what is left, and the second
//! finishes.

use segments_connect::sandbox::azure::{
    ACCOUNT, BOTH, CONTRIBUTOR, DIRECTORY_ADMINISTRATOR, GUEST, PIPELINE, READER,
    STORAGE_ACCOUNT_CONTRIBUTOR, STORAGE_OWNER, SUBSCRIPTION, TENANT, USER_ACCESS_ADMINISTRATOR,
    World,
};
use serde_json::Value;

use crate::support::azure::{AzureStage, connected, scope};
use crate::support::change;

const CONNECT: [&str; 7] = [
    "azure",
    "connect",
    "--storage-account",
    ACCOUNT,
    "--yes",
    "--wait",
    "0",
];
const IDS: [&str; 3] = [
    "azure.service-principal",
    "azure.role-assignment",
    "azure.cors",
];
const CREATE: &str = "az ad sp create --id d47021c7-05d1-44c3-a594-93c2c30c68fc";

fn results(document: &Value) -> [&str; 3] {
    IDS.map(|id| change(document, id).1)
}

fn steps(document: &Value) -> String {
    document["next_steps"]
        .as_array()
        .expect("steps")
        .iter()
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join("\n")
}

#[track_caller]
fn says_all(text: &str, wanted: &[&str]) {
    for said in wanted {
        assert!(text.contains(said), "no `{said}` in {text}");
    }
}

#[test]
fn the_owner_first_then_the_administrator_then_the_owner() {
    let stage = AzureStage::fresh();
    let (ran, document) = stage.json_as(STORAGE_OWNER, &CONNECT);
    ran.exits(5).without_complaint();
    assert_eq!(results(&document), ["failed", "skipped", "written"]);
    assert_eq!(document["error"]["code"], "partial");
    says_all(
        &steps(&document),
        &[
            CREATE,
            TENANT,
            "https://shell.azure.com",
            "Once the app is installed, run this again",
            &format!("--subscription {SUBSCRIPTION}"),
        ],
    );
    assert_eq!(document["verdict"], "fail");
    assert_eq!(stage.cors().len(), 1);

    // A second run of the owner has nothing to do that it may.
    let (ran, document) = stage.json_as(STORAGE_OWNER, &CONNECT);
    ran.exits(8);
    assert_eq!(results(&document), ["failed", "skipped", "unchanged"]);
    let error = document["error"].to_string();
    says_all(
        &error,
        &["Application.ReadWrite.All", "operator-permissions"],
    );

    let (ran, document) = stage.json_as(DIRECTORY_ADMINISTRATOR, &CONNECT);
    ran.exits(5);
    assert_eq!(results(&document), ["written", "skipped", "skipped"]);
    says_all(
        &steps(&document),
        &[
            "Ask whoever keeps the storage account",
            &format!("segments-connect azure connect --storage-account {ACCOUNT}"),
            TENANT,
        ],
    );
    let (ran, document) = stage.json_as(STORAGE_OWNER, &CONNECT);
    ran.exits(0).without_complaint();
    assert_eq!(results(&document), ["unchanged", "written", "unchanged"]);
    stage.is_connected(&[]);
}

#[test]
fn the_administrator_first_then_the_owner() {
    let stage = AzureStage::fresh();
    let ran = stage
        .run_as(DIRECTORY_ADMINISTRATOR, &CONNECT)
        .exits(5)
        .says("written: service principal")
        .says("this is the tenant that you are signed in to; whether the storage account is in it cannot be seen")
        .complains("the service principal was written, and the role assignment and the CORS configuration of the blob service were not");
    says_all(
        &ran.stdout,
        &[TENANT, "you may not see the storage account"],
    );
    assert_eq!(stage.writes(), ["CreateServicePrincipal"]);
    // Again: the half is there, and nothing is left that this person may do.
    let (ran, document) = stage.json_as(DIRECTORY_ADMINISTRATOR, &CONNECT);
    ran.exits(8);
    assert_eq!(results(&document), ["unchanged", "skipped", "skipped"]);
    let (_, document) = stage.json_as(STORAGE_OWNER, &CONNECT);
    assert_eq!(results(&document), ["unchanged", "written", "written"]);
    stage.is_connected(&[]);
}

#[test]
fn an_administrator_may_name_the_subscription_without_seeing_it() {
    let stage = AzureStage::fresh();
    let named = [&CONNECT[..], &["--subscription", SUBSCRIPTION]].concat();
    let (ran, document) = stage.json_as(DIRECTORY_ADMINISTRATOR, &named);
    ran.exits(5);
    assert_eq!(results(&document), ["written", "skipped", "skipped"]);
    let (ran, document) = stage.json_as(
        DIRECTORY_ADMINISTRATOR,
        &["azure", "plan", "--storage-account", ACCOUNT],
    );
    ran.exits(0);
    assert_eq!(results(&document), ["unchanged", "skipped", "skipped"]);
}

#[test]
fn the_administrator_installs_it_by_hand_as_the_step_says() {
    let stage = AzureStage::fresh();
    stage.run_as(STORAGE_OWNER, &CONNECT).exits(5);
    stage.world(|world| world.install_segments(TENANT));
    let (_, document) = stage.json_as(STORAGE_OWNER, &CONNECT);
    assert_eq!(results(&document), ["unchanged", "written", "unchanged"]);
    stage.is_connected(&[]);
}

#[test]
fn a_pipeline_without_rights_in_the_directory_does_the_storage_half_with_the_object_id() {
    let stage = AzureStage::fresh();
    let (ran, document) = stage.json_as(PIPELINE, &CONNECT);
    ran.exits(5);
    assert_eq!(results(&document), ["skipped", "skipped", "written"]);
    says_all(&steps(&document), &[CREATE]);

    let app = stage.world(|world| world.install_segments(TENANT));
    let given = [&CONNECT[..], &["--service-principal-id", &app]].concat();
    stage.sandbox.clear_log();
    let (ran, document) = stage.json_as(PIPELINE, &given);
    // Whether the app is enabled was not seen, and that is said; the rest is decided.
    assert!(matches!(ran.status, Some(0 | 6)), "{:?}", ran.status);
    assert_eq!(results(&document), ["unchanged", "written", "unchanged"]);
    assert!(
        stage
            .sandbox
            .log()
            .iter()
            .all(|request| request.service != "graph"),
        "the directory was asked"
    );
    assert!(
        document.to_string().contains("was not looked up"),
        "{document:#}"
    );
    stage.is_connected(&[]);
    // The flag stands in what is to be run again.
    assert!(
        !steps(&document).contains("connect")
            || steps(&document).contains("--service-principal-id"),
        "{}",
        steps(&document)
    );
}

#[test]
fn a_pipeline_with_graph_rights_does_everything() {
    let mut world = World::acme();
    let pipeline = world
        .service_principals
        .iter_mut()
        .find(|one| one.id == PIPELINE)
        .expect("the pipeline");
    pipeline
        .graph_permissions
        .insert("Application.ReadWrite.All".to_owned());
    let stage = AzureStage::with(world);
    let (_, document) = stage.json_as(PIPELINE, &CONNECT);
    assert_eq!(results(&document), ["written", "written", "written"]);
    stage.is_connected(&[]);
}

#[test]
fn a_reader_changes_nothing_and_is_told_everything() {
    let stage = AzureStage::fresh();
    let (ran, document) = stage.json_as(READER, &CONNECT);
    ran.exits(8);
    assert_eq!(results(&document), ["failed", "skipped", "skipped"]);
    assert_eq!(stage.app(), None);
    says_all(
        &steps(&document),
        &[
            CREATE,
            "az role assignment create --role \"Storage Blob Data Reader\"",
            "--assignee-principal-type ServicePrincipal",
            &format!("https://portal.azure.com/#@{TENANT}/resource{}", scope()),
            "Microsoft.Storage/storageAccounts/blobServices/write",
            TENANT,
        ],
    );
    says_all(
        &document["error"].to_string(),
        &[
            "Application.ReadWrite.All",
            "Microsoft.Authorization/roleAssignments/write",
            "Microsoft.Storage/storageAccounts/blobServices/write",
        ],
    );
    // Where the app is known, the command names it.
    let app = stage.world(|world| world.install_segments(TENANT));
    let (ran, document) = stage.json_as(READER, &CONNECT);
    ran.exits(8);
    says_all(&steps(&document), &[&format!("--assignee-object-id {app}")]);
    assert!(
        stage
            .writes()
            .iter()
            .all(|write| write == "CreateServicePrincipal"),
        "{:?}",
        stage.writes()
    );
}

#[test]
fn a_guest_sees_nothing_and_changes_nothing() {
    let stage = AzureStage::fresh();
    let (ran, document) = stage.json_as(GUEST, &CONNECT);
    ran.exits(8);
    assert_eq!(results(&document), ["skipped", "skipped", "skipped"]);
    assert_eq!(stage.writes(), [""; 0]);
    says_all(
        &steps(&document),
        &[CREATE, "Ask whoever keeps the storage account"],
    );
}

#[test]
fn each_right_alone_does_its_part() {
    for (role, wanted) in [
        (
            STORAGE_ACCOUNT_CONTRIBUTOR,
            ["unchanged", "skipped", "written"],
        ),
        (CONTRIBUTOR, ["unchanged", "skipped", "written"]),
        (
            USER_ACCESS_ADMINISTRATOR,
            ["unchanged", "written", "skipped"],
        ),
    ] {
        let mut world = World::acme();
        world.install_segments(TENANT);
        world.role_assignments.retain(|one| one.principal != READER);
        world.assign(READER, role, &scope());
        let stage = AzureStage::with(world);
        let named = [&CONNECT[..], &["--subscription", SUBSCRIPTION]].concat();
        let (ran, document) = stage.json_as(READER, &named);
        ran.exits(5);
        assert_eq!(results(&document), wanted, "{role}");
        // Whoever may do everything finishes it.
        stage.run_as(BOTH, &CONNECT).exits(0);
        stage.is_connected(&[]);
    }
}

#[test]
fn a_disconnect_without_rights_says_who_can_do_it() {
    let stage = AzureStage::connected();
    let disconnect = ["azure", "disconnect", "--storage-account", ACCOUNT, "--yes"];
    let (ran, document) = stage.json_as(READER, &disconnect);
    ran.exits(8);
    assert_eq!(stage.writes(), [""; 0]);
    let assignment = stage.assignments()[0].id();
    says_all(
        &steps(&document),
        &[
            &format!("az role assignment delete --ids {assignment}"),
            &format!("segments-connect azure disconnect --storage-account {ACCOUNT}"),
        ],
    );
    says_all(
        &document["error"].to_string(),
        &[
            "Microsoft.Authorization/roleAssignments/delete",
            "Microsoft.Storage/storageAccounts/blobServices/write",
        ],
    );
    // The owner may not take the app out of the tenant; the rest is done.
    let delete = [&disconnect[..], &["--delete-service-principal"]].concat();
    let (ran, document) = stage.json_as(STORAGE_OWNER, &delete);
    ran.exits(5);
    assert_eq!(stage.assignments(), []);
    assert!(stage.app().is_some());
    says_all(
        &steps(&document),
        &["az ad sp delete --id d47021c7-05d1-44c3-a594-93c2c30c68fc"],
    );
}

#[test]
fn a_disabled_app_is_a_finding_and_is_never_enabled() {
    let mut world = connected();
    for principal in &mut world.service_principals {
        if principal.display_name.starts_with("Segments") {
            principal.account_enabled = false;
            principal.display_name = "Renamed by Diego".to_owned();
        }
    }
    let before = world.service_principals.clone();
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(4);
    assert_eq!(results(&document), ["unchanged"; 3]);
    let configured = crate::support::check(&document, "azure.access.configured");
    assert_eq!(configured["cause"], "Z02");
    stage
        .run(&CONNECT)
        .exits(4)
        .says("it is disabled: the app cannot sign in before somebody enables it");
    assert_eq!(
        stage.world(|world| world.service_principals.clone()),
        before
    );
    assert_eq!(stage.writes(), [""; 0]);
}
