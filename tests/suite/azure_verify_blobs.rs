//! Verifying blobs: which are tried, what is in the way of one, and links as Segments.ai makes them.

use segments_connect::sandbox::azure::{
    ACCOUNT, AccessTier, BOTH, Blob, CONTAINER, EncryptionScope, Permission, RoleDefinition,
    STORAGE_BLOB_DATA_READER, SasPolicy, World,
};
use serde_json::{Value, json};

use crate::support::azure::{AzureStage, BLOB, connected, scope};
use crate::support::{check, checks};

const VERIFY: [&str; 8] = [
    "azure",
    "verify",
    "--storage-account",
    ACCOUNT,
    "--container",
    CONTAINER,
    "--object",
    BLOB,
];

fn with_blob(change: impl FnOnce(&mut Blob)) -> World {
    let mut world = connected();
    let account = world.account_mut(ACCOUNT).expect("the account");
    let container = account
        .containers
        .get_mut(CONTAINER)
        .expect("the container");
    change(container.blobs.get_mut(BLOB).expect("the blob"));
    world
}

fn told(world: World, exit: i32) -> Value {
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&VERIFY);
    ran.exits(exit).without_complaint();
    assert_eq!(stage.writes(), [""; 0]);
    document
}

#[test]
fn a_named_blob_is_the_one_that_is_tried() {
    let document = told(connected(), 0);
    for id in [
        "azure.object.read",
        "azure.object.link",
        "azure.object.protection",
    ] {
        let one = check(&document, id);
        assert_eq!(one["status"], "pass", "{id}");
        assert_eq!(one["subject"], "photos/cat.png", "{id}");
    }
}

#[test]
fn several_blobs_have_a_result_each() {
    let stage = AzureStage::connected();
    let more = [
        &VERIFY[..],
        &["--object", "2024/one dog.png", "--object", "gone.png"],
    ]
    .concat();
    let (ran, document) = stage.json(&more);
    ran.exits(4);
    let read = checks(&document, "azure.object.read");
    let told: Vec<(&Value, &Value, &Value)> = read
        .iter()
        .map(|one| (&one["subject"], &one["status"], &one["cause"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("photos/cat.png"), &json!("pass"), &Value::Null),
            (
                &json!("photos/2024/one dog.png"),
                &json!("pass"),
                &Value::Null
            ),
            (&json!("photos/gone.png"), &json!("fail"), &json!("Z31")),
        ]
    );
}

#[test]
fn other_capitals_and_other_containers_are_z31() {
    for (container, blob) in [(CONTAINER, "Cat.png"), ("others", BLOB)] {
        let stage = AzureStage::connected();
        let (ran, document) = stage.json(&[
            "azure",
            "verify",
            "--storage-account",
            ACCOUNT,
            "--container",
            container,
            "--object",
            blob,
        ]);
        ran.exits(4);
        assert_eq!(check(&document, "azure.object.read")["cause"], "Z31");
    }
    let document = told(with_blob(|blob| blob.soft_deleted = true), 4);
    assert_eq!(check(&document, "azure.object.read")["cause"], "Z31");
}

#[test]
fn an_archived_blob_is_z18_and_one_on_its_way_back_too() {
    for back in [None, Some(AccessTier::Hot)] {
        let document = told(
            with_blob(|blob| {
                blob.tier = AccessTier::Archive;
                blob.rehydrating_to = back;
            }),
            4,
        );
        for id in ["azure.object.read", "azure.object.protection"] {
            assert_eq!(check(&document, id)["cause"], "Z18", "{id}: {document:#}");
        }
        let detail = check(&document, "azure.object.protection")["detail"].to_string();
        assert_eq!(
            detail.contains("on its way back"),
            back.is_some(),
            "{detail}"
        );
    }
}

#[test]
fn a_blob_under_its_owners_key_is_z19() {
    let document = told(
        with_blob(|blob| blob.customer_key_sha256 = Some("aGFzaA==".to_owned())),
        4,
    );
    assert_eq!(check(&document, "azure.object.read")["cause"], "Z19");
    assert_eq!(check(&document, "azure.object.protection")["cause"], "Z19");
}

#[test]
fn an_encryption_scope_is_z20_only_when_it_is_disabled() {
    for enabled in [true, false] {
        let mut world = with_blob(|blob| blob.encryption_scope = Some("legal".to_owned()));
        let account = world.account_mut(ACCOUNT).expect("the account");
        account
            .encryption_scopes
            .insert("legal".to_owned(), EncryptionScope { enabled });
        let document = told(world, if enabled { 0 } else { 4 });
        let one = check(&document, "azure.object.protection");
        assert_eq!(one["status"], if enabled { "pass" } else { "fail" });
        assert_eq!(
            one["cause"],
            if enabled { Value::Null } else { json!("Z20") }
        );
    }
}

#[test]
fn an_empty_account_has_nothing_to_try_and_is_connected_all_the_same() {
    let mut world = connected();
    world
        .account_mut(ACCOUNT)
        .expect("the account")
        .containers
        .clear();
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&["azure", "verify", "--storage-account", ACCOUNT]);
    ran.exits(0);
    assert_eq!(check(&document, "azure.object.read")["status"], "skipped");
    assert_eq!(document["proof"], "preflight");
    assert!(
        document["next_steps"]
            .to_string()
            .contains("<container>/<blob>"),
        "{document:#}"
    );
}

#[test]
fn only_archived_blobs_are_passed_over_in_the_search() {
    let mut world = connected();
    let account = world.account_mut(ACCOUNT).expect("the account");
    for blob in account
        .containers
        .get_mut(CONTAINER)
        .expect("the container")
        .blobs
        .values_mut()
    {
        blob.tier = AccessTier::Archive;
    }
    let stage = AzureStage::with(world);
    let search = ["azure", "verify", "--storage-account", ACCOUNT];
    let (ran, document) = stage.json(&search);
    ran.exits(0);
    let read = check(&document, "azure.object.read");
    assert_eq!(read["status"], "skipped");
    assert!(
        read["detail"].to_string().contains("each of the 2 blobs"),
        "{read}"
    );
}

#[test]
fn whoever_may_read_and_not_sign_skips_the_link() {
    let mut world = connected();
    world
        .role_assignments
        .retain(|one| !(one.principal == BOTH && one.role == STORAGE_BLOB_DATA_READER));
    // Owner signs; so here is somebody with the data alone.
    world.role_definitions.push(RoleDefinition::custom(
        "c0570000-0000-4000-8000-000000000003",
        "Data alone",
        Permission::actions(&["*/read"])
            .with_data(&["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"]),
        &scope(),
    ));
    let reader = segments_connect::sandbox::azure::READER;
    world.assign(reader, "Data alone", &scope());
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json_as(reader, &VERIFY);
    ran.exits(0);
    assert_eq!(check(&document, "azure.object.read")["status"], "pass");
    let link = check(&document, "azure.object.link");
    assert_eq!(link["status"], "skipped");
    assert!(
        link["detail"]
            .to_string()
            .contains("generateUserDelegationKey"),
        "{link}"
    );
}

#[test]
fn a_link_that_works_without_cors_is_hidden_by_the_browser() {
    let mut world = connected();
    world
        .account_mut(ACCOUNT)
        .expect("the account")
        .blob_service
        .cors
        .clear();
    let document = told(world, 4);
    let link = check(&document, "azure.object.link");
    assert_eq!(link["cause"], "Z24");
    assert!(
        link["detail"].to_string().contains("the browser hides it"),
        "{link}"
    );
}

#[test]
fn a_link_that_the_policy_refuses_is_told_as_such() {
    let mut world = connected();
    world.account_mut(ACCOUNT).expect("the account").sas_policy = Some(SasPolicy {
        expiration_period: "0.00:05:00".to_owned(),
        block: true,
        require_user_bound: false,
    });
    let document = told(world, 4);
    assert_eq!(check(&document, "azure.access.evaluated")["cause"], "Z14");
    assert_ne!(check(&document, "azure.object.link")["status"], "pass");
}

#[test]
fn a_link_is_never_shown_with_its_signature() {
    let stage = AzureStage::connected();
    for manner in [&["-v"][..], &["--json"], &["--json", "-v"]] {
        let ran = stage.run(&[&VERIFY[..], manner].concat()).exits(0);
        let said = format!("{}{}", ran.stdout, ran.stderr);
        for part in said.split("sig=").skip(1) {
            assert!(
                part.to_uppercase().starts_with("REDACTED")
                    || part.starts_with('…')
                    || part.starts_with("***"),
                "{part}"
            );
        }
    }
}
