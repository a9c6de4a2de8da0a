//! What goes wrong at Azure, in the words that a person can act upon, and with a true exit status.

use segments_connect::sandbox::azure::{
    ACCOUNT, BOTH, DenyAssignment, Lock, LockLevel, Permission, World,
};
use segments_connect::sandbox::{Fault, FaultKind, Moment, On};
use serde_json::json;

use crate::support::azure::{AzureStage, connected, group, scope};
use crate::support::{PATIENCE, Running, change, check};

const CONNECT: [&str; 7] = [
    "azure",
    "connect",
    "--storage-account",
    ACCOUNT,
    "--yes",
    "--wait",
    "0",
];
const DISCONNECT: [&str; 5] = ["azure", "disconnect", "--storage-account", ACCOUNT, "--yes"];
const VERIFY: [&str; 4] = ["azure", "verify", "--storage-account", ACCOUNT];

fn status(status: u16, code: &str) -> FaultKind {
    FaultKind::Status {
        status,
        code: code.to_owned(),
        message: "said the service".to_owned(),
    }
}

fn locked(mut world: World, level: LockLevel) -> AzureStage {
    world.locks.push(Lock {
        name: "keep".to_owned(),
        scope: group(),
        level,
    });
    AzureStage::with(world)
}

#[test]
fn a_read_only_lock_is_told_as_a_lock_and_not_as_a_missing_right() {
    let mut world = World::acme();
    world.install_segments(segments_connect::sandbox::azure::TENANT);
    let stage = locked(world, LockLevel::ReadOnly);
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(8);
    let told = document["error"].to_string();
    for said in ["ScopeLocked", "Z33", "az lock list"] {
        assert!(told.contains(said), "no `{said}` in {told}");
    }
    assert!(
        !told.contains("you may not assign")
            && !document["next_steps"]
                .to_string()
                .contains("Ask somebody with"),
        "{document:#}"
    );
    assert_eq!(stage.cors(), []);
    assert_eq!(stage.assignments(), []);
    // Once it is lifted, running again finishes.
    stage.world(|world| world.locks.clear());
    stage.run(&CONNECT).exits(0);
    stage.is_connected(&[]);
}

#[test]
fn a_lock_against_deletion_stands_in_the_way_of_disconnecting_alone() {
    let stage = locked(World::acme(), LockLevel::CanNotDelete);
    stage.run(&CONNECT).exits(0);
    stage.is_connected(&[]);
    let (ran, document) = stage.json(&DISCONNECT);
    ran.exits(5);
    assert_eq!(change(&document, "azure.cors").1, "written");
    assert_eq!(change(&document, "azure.role-assignment").1, "failed");
    assert!(
        document["error"].to_string().contains("ScopeLocked"),
        "{document:#}"
    );
    assert_eq!(stage.assignments().len(), 1);
    stage.world(|world| world.locks.clear());
    stage.run(&DISCONNECT).exits(0);
    assert_eq!(stage.assignments(), []);
}

#[test]
fn a_policy_that_disallows_the_change_is_told_as_such() {
    let stage = AzureStage::fresh();
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(
            On::operation("PutBlobServices", 1),
            status(403, "RequestDisallowedByPolicy"),
        )
    });
    stage
        .run(&CONNECT)
        .exits(5)
        .complains("RequestDisallowedByPolicy")
        .complains("a policy of your organisation forbids this change");
    assert_eq!(stage.cors(), []);
}

#[test]
fn a_deny_assignment_over_the_caller_keeps_from_writing_and_is_told() {
    let mut world = World::acme();
    world.deny_assignments.push(DenyAssignment::everyone(
        "stack",
        &group(),
        Permission::actions(&["*/write"]),
    ));
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(5);
    assert_eq!(change(&document, "azure.service-principal").1, "written");
    assert_eq!(stage.cors(), []);
    assert_eq!(stage.assignments(), []);
    assert!(!document["next_steps"].as_array().expect("steps").is_empty());
}

#[test]
fn throttled_reads_wait_and_throttled_writes_are_tried_again() {
    for operation in [
        "ListSubscriptions",
        "GetBlobServices",
        "ListRoleAssignments",
        "GetServicePrincipal",
    ] {
        let stage = AzureStage::connected();
        stage.sandbox.inject(Fault::before(
            On::operation(operation, 1),
            FaultKind::Throttled {
                retry_after: std::time::Duration::from_secs(1),
            },
        ));
        stage.run(&VERIFY).exits(0).without_complaint();
    }
    for operation in [
        "CreateServicePrincipal",
        "PutRoleAssignment",
        "PutBlobServices",
    ] {
        let stage = AzureStage::fresh();
        stage.sandbox.inject(Fault::before(
            On::operation(operation, 1),
            FaultKind::Throttled {
                retry_after: std::time::Duration::from_secs(1),
            },
        ));
        stage
            .run(&["azure", "connect", "--storage-account", ACCOUNT, "--yes"])
            .exits(0);
        stage.is_connected(&[]);
        assert_eq!(stage.asked(operation), 2, "{operation}");
    }
}

#[test]
fn a_write_without_an_answer_is_settled_by_reading_back() {
    for (operation, id) in [
        ("CreateServicePrincipal", "azure.service-principal"),
        ("PutRoleAssignment", "azure.role-assignment"),
        ("PutBlobServices", "azure.cors"),
    ] {
        for fault in [
            Fault::after(On::operation(operation, 1), FaultKind::Reset),
            Fault::before(On::operation(operation, 1), FaultKind::Reset),
            Fault::after(On::operation(operation, 1), status(500, "InternalError")),
        ] {
            let stage = AzureStage::fresh();
            let case = format!("{fault:?}");
            stage.sandbox.inject(fault);
            let (ran, document) = stage.json(&CONNECT);
            assert_eq!(ran.status, Some(0), "{case}: {document:#}");
            assert_eq!(change(&document, id).1, "written", "{case}");
            stage.is_connected(&[]);
        }
    }
}

#[test]
fn a_write_that_cannot_be_settled_is_uncertain() {
    let stage = AzureStage::fresh();
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::after(On::operation("PutBlobServices", 1), FaultKind::Reset)
    });
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(On::operation("GetBlobServices", 3), FaultKind::Reset)
    });
    let (ran, document) = stage.json(&CONNECT);
    ran.exits(5);
    assert_eq!(change(&document, "azure.cors").1, "uncertain");
    assert_eq!(document["error"]["code"], "uncertain");
}

#[test]
fn a_token_that_has_expired_asks_for_signing_in_again() {
    let mut world = World::acme();
    world.token_lifetime = time::Duration::seconds(-60);
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&VERIFY);
    ran.exits(8);
    assert_eq!(
        document["error"]["code"], "credentials-expired",
        "{document:#}"
    );
    assert!(
        document["error"]["hints"]
            .to_string()
            .contains("sign in again")
    );
}

#[test]
fn whoever_is_not_known_is_not_signed_in() {
    let stage = AzureStage::fresh();
    let (ran, document) = stage.json_as("0b1ec700-0000-4000-8000-0000000000ff", &VERIFY);
    ran.exits(8);
    assert_eq!(document["error"]["code"], "not-signed-in");
    assert!(
        document["error"]
            .to_string()
            .contains("the managed identity"),
        "{document:#}"
    );
}

#[test]
fn answers_that_make_no_sense_are_no_answers() {
    for operation in [
        "ListSubscriptions",
        "ListStorageAccounts",
        "GetBlobServices",
    ] {
        let stage = AzureStage::fresh();
        stage.sandbox.inject(Fault {
            times: usize::MAX,
            ..Fault::after(On::operation(operation, 1), FaultKind::Garbage)
        });
        let (ran, document) = stage.json(&CONNECT);
        ran.exits(1);
        assert_eq!(
            document["error"]["code"], "unexpected-answer",
            "{operation}: {document:#}"
        );
        assert_eq!(stage.writes(), [""; 0], "{operation}");
    }
}

#[test]
fn nobody_at_the_other_end_is_no_network() {
    let home = tempfile::tempdir().expect("a directory");
    let mut command = crate::support::program(home.path(), &[&VERIFY[..], &["--json"]].concat());
    let stage = AzureStage::fresh();
    command.envs(stage.sandbox.environment(BOTH));
    command.env("SEGMENTS_CONNECT_AZURE_ARM_ENDPOINT", "http://127.0.0.1:9");
    let ran = crate::support::ran(&mut command).exits(1);
    assert_eq!(ran.document()["error"]["code"], "no-network");
}

#[test]
fn an_endpoint_elsewhere_must_be_https() {
    let stage = AzureStage::fresh();
    for variable in [
        "SEGMENTS_CONNECT_AZURE_ARM_ENDPOINT",
        "SEGMENTS_CONNECT_AZURE_GRAPH_ENDPOINT",
    ] {
        let mut command = stage.command(&VERIFY);
        command.env(variable, "http://management.acme.example");
        crate::support::ran(&mut command)
            .exits(2)
            .complains(variable);
    }
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn control_c_before_a_write_writes_nothing_and_after_one_says_what_was_written() {
    let stage = AzureStage::fresh();
    let hold = stage
        .sandbox
        .hold(On::operation("GetBlobServices", 1), Moment::BeforeEffect);
    let running = Running::start(&mut stage.command(&CONNECT));
    assert!(hold.wait(PATIENCE));
    running.interrupt();
    running.end().exits(130);
    drop(hold);
    assert_eq!(stage.writes(), [""; 0]);

    let stage = AzureStage::fresh();
    let hold = stage
        .sandbox
        .hold(On::operation("PutRoleAssignment", 1), Moment::AfterEffect);
    let running = Running::start(&mut stage.command(&[&CONNECT[..], &["--json"]].concat()));
    assert!(hold.wait(PATIENCE));
    running.interrupt();
    hold.release();
    let ran = running.end().exits(5);
    let document = ran.document();
    assert_eq!(change(&document, "azure.role-assignment").1, "written");
    assert_eq!(change(&document, "azure.cors").1, "skipped");
    assert_eq!(stage.cors(), []);
    stage.run(&CONNECT).exits(0);
    stage.is_connected(&[]);
}

#[test]
fn a_stall_ends_with_the_timeout() {
    let stage = AzureStage::fresh();
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(On::operation("ListSubscriptions", 1), FaultKind::Stall)
    });
    let (ran, document) = stage.json(&[&VERIFY[..], &["--timeout", "300ms"]].concat());
    ran.exits(1);
    assert_eq!(document["error"]["code"], "timeout");
}

#[test]
fn a_list_that_leads_elsewhere_is_not_followed() {
    // The token would go along.
    let mut world = connected();
    world.page_size = 1;
    crate::support::azure::add_subscriptions(&mut world, 2, BOTH);
    let stage = AzureStage::with(world);
    let elsewhere = AzureStage::fresh();
    let endpoint = elsewhere.sandbox.endpoint();
    stage
        .sandbox
        .with_state(|state| state.azure.endpoint = endpoint);
    let (ran, document) = stage.json(&VERIFY);
    ran.exits(1);
    assert!(
        document["error"]
            .to_string()
            .contains("names another service as the address of its next page"),
        "{document:#}"
    );
    assert_eq!(elsewhere.sandbox.log(), []);
}

#[test]
fn a_missing_read_of_a_decisive_setting_leaves_verify_undecided() {
    let mut world = connected();
    world.deny_assignments.push(DenyAssignment::everyone(
        "no roles",
        &scope(),
        Permission::actions(&["Microsoft.Authorization/roleAssignments/read"]),
    ));
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&VERIFY);
    ran.exits(6).without_complaint();
    assert_eq!(document["verdict"], "undetermined");
    for id in ["azure.access.configured", "azure.access.evaluated"] {
        let one = check(&document, id);
        assert_eq!(one["status"], "unknown", "{id}");
        assert!(
            one["detail"].as_str().is_some_and(
                |detail| detail.contains("Microsoft.Authorization/roleAssignments/read")
            ),
            "{one}"
        );
    }
    let not_checked = document["not_checked"].as_array().expect("a list");
    assert!(
        not_checked
            .iter()
            .any(|one| one["what"] == json!("azure.access.configured")),
        "{not_checked:#?}"
    );
}
