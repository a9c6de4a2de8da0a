//! What Segments.ai can do with an account beyond reading, and who else can read: told, and never in the way.

use segments_connect::sandbox::azure::{
    ACCOUNT, CONTAINER, DenyAssignment, Permission, PublicAccess, READER_ROLE,
    STORAGE_BLOB_DATA_CONTRIBUTOR, STORAGE_BLOB_DATA_READER, TENANT, World,
};
use serde_json::Value;

use crate::support::azure::{AzureStage, connected, scope, subscription};
use crate::support::checks;

const ID: &str = "azure.exposure";
const VERIFY: [&str; 4] = ["azure", "verify", "--storage-account", ACCOUNT];
const SUBJECTS: [&str; 9] = [
    "blobs/write",
    "blobs/delete",
    "blobs/modifyPermissions",
    "containers/*",
    "listKeys/action",
    "storageAccounts/*",
    "roleAssignments/write",
    "scope",
    "anonymous",
];

/// Subject and status of each result; exposure stops nobody, so the exit status is of the rest.
#[track_caller]
fn exposed(change: impl FnOnce(&mut World), status: i32) -> Vec<(String, String, String)> {
    let mut world = connected();
    change(&mut world);
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&VERIFY);
    ran.exits(status).without_complaint();
    assert_eq!(stage.writes(), [""; 0]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    checks(&document, ID)
        .iter()
        .map(|check| {
            assert_eq!(
                (&check["level"], &check["cause"]),
                (&Value::Null, &Value::Null),
                "{check:#}"
            );
            (
                text(&check["subject"]),
                text(&check["status"]),
                text(&check["detail"]),
            )
        })
        .collect()
}

/// The subjects with another status than a pass.
fn odd(results: &[(String, String, String)]) -> Vec<(&str, &str)> {
    results
        .iter()
        .filter(|(_, status, _)| status != "pass")
        .map(|(subject, status, _)| (subject.as_str(), status.as_str()))
        .collect()
}

#[track_caller]
fn says(results: &[(String, String, String)], subject: &str, words: &str) {
    let (_, _, detail) = results
        .iter()
        .find(|(one, _, _)| one == subject)
        .expect(subject);
    assert!(detail.contains(words), "no `{words}` in `{detail}`");
}

fn give(world: &mut World, role: &str, scope: &str) {
    let app = world.segments(TENANT).expect("the app").id.clone();
    world.assign(&app, role, scope);
}

#[test]
fn what_a_connected_account_exposes_is_reading_and_nothing_else() {
    let results = exposed(|_| {}, 0);
    let subjects: Vec<&str> = results.iter().map(|(one, _, _)| one.as_str()).collect();
    assert_eq!(subjects, SUBJECTS);
    assert_eq!(odd(&results), [("", ""); 0]);
    says(
        &results,
        "anonymous",
        "the account forbids it for every one",
    );
    says(&results, "scope", "no other account");
}

#[test]
fn rights_beyond_reading_are_told_wherever_they_are_granted() {
    let results = exposed(
        |world| give(world, STORAGE_BLOB_DATA_CONTRIBUTOR, &scope()),
        0,
    );
    assert_eq!(
        odd(&results),
        [
            ("blobs/write", "warn"),
            ("blobs/delete", "warn"),
            ("containers/*", "warn")
        ]
    );
    says(&results, "blobs/write", "on the storage account");
    let above = exposed(
        |world| give(world, STORAGE_BLOB_DATA_CONTRIBUTOR, &subscription()),
        0,
    );
    says(&above, "blobs/write", "inherited from /subscriptions/");
    assert!(odd(&above).contains(&("scope", "warn")), "{above:?}");
    says(
        &above,
        "scope",
        "every storage account under /subscriptions/",
    );
    // The role Reader reads no blobs and writes nothing.
    let reader = exposed(|world| give(world, READER_ROLE, &subscription()), 0);
    assert_eq!(odd(&reader), [("", ""); 0]);
}

#[test]
fn what_is_denied_is_told_as_denied() {
    let results = exposed(
        |world| {
            give(world, STORAGE_BLOB_DATA_CONTRIBUTOR, &scope());
            let writing = Permission::data_actions(&["*/blobs/write", "*/blobs/*/action"]);
            world
                .deny_assignments
                .push(DenyAssignment::everyone("stack", &scope(), writing));
        },
        0,
    );
    assert!(
        !odd(&results).contains(&("blobs/write", "warn")),
        "{results:?}"
    );
    says(&results, "blobs/write", "`stack` forbids it");
}

#[test]
fn a_blob_that_anybody_reads_is_observed() {
    let results = exposed(
        |world| {
            let account = world.account_mut(ACCOUNT).expect("the account");
            account.allow_blob_public_access = true;
            let container = account.containers.get_mut(CONTAINER).expect("a container");
            container.public_access = PublicAccess::Blob;
        },
        0,
    );
    assert_eq!(odd(&results), [("anonymous", "warn")]);
    says(&results, "anonymous", "observed");
}

#[test]
fn a_container_that_is_not_tested_is_looked_up() {
    let open = |level: PublicAccess| {
        move |world: &mut World| {
            let account = world.account_mut(ACCOUNT).expect("the account");
            account.allow_blob_public_access = true;
            let mut other = account.containers[CONTAINER].clone();
            other.public_access = level;
            account.containers.insert("zebra".to_owned(), other);
        }
    };
    let results = exposed(open(PublicAccess::Container), 0);
    assert_eq!(odd(&results), [("anonymous", "warn")]);
    says(&results, "anonymous", "`zebra` (level `container`)");
    let results = exposed(open(PublicAccess::None), 0);
    assert_eq!(odd(&results), [("", ""); 0]);
    says(&results, "anonymous", "no container is open");
}

#[test]
fn an_app_that_is_not_there_can_do_nothing() {
    let stage = AzureStage::fresh();
    let (ran, document) = stage.json(&VERIFY);
    ran.exits(4);
    let results = checks(&document, ID);
    assert_eq!(results.len(), 2, "{results:#?}");
    assert_eq!(results[0]["status"], "pass");
    assert!(results[0]["detail"].to_string().contains("not installed"));
}

#[test]
fn the_published_role_above_the_account_widens_its_scope_alone() {
    let results = exposed(
        |world| give(world, STORAGE_BLOB_DATA_READER, &subscription()),
        0,
    );
    assert_eq!(odd(&results), [("scope", "warn")]);
}
