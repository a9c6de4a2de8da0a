//! Finding the storage account: over subscriptions, in one, in a resource group, in a tenant; and every way not to.

use segments_connect::sandbox::azure::{
    ACCOUNT, BOTH, GUEST, Permission, READER_ROLE, RESOURCE_GROUP, RoleDefinition, SEGMENTS_TENANT,
    STORAGE_OWNER, SUBSCRIPTION, Subscription, TENANT, World,
};
use segments_connect::sandbox::{Fault, FaultKind, On};
use serde_json::Value;

use crate::support::Ran;
use crate::support::azure::{
    AzureStage, add_other_tenant, add_subscriptions, connected, subscription,
};

const PARTNER: &str = "9a97e000-0000-4000-8000-0acce5500003";

fn verify(more: &[&'static str]) -> Vec<&'static str> {
    [&["azure", "verify", "--storage-account", ACCOUNT][..], more].concat()
}

fn hints(document: &Value) -> String {
    document["error"]["hints"].to_string()
}

/// Asserts the code, and that nothing was written.
#[track_caller]
fn fails(stage: &AzureStage, (ran, document): (Ran, Value), status: i32, code: &str) -> Value {
    ran.exits(status);
    assert_eq!(document["error"]["code"], code, "{document:#}");
    assert_eq!(stage.writes(), [""; 0]);
    document
}

#[test]
fn the_account_is_found_over_many_subscriptions_and_pages() {
    let mut world = connected();
    add_subscriptions(&mut world, 12, BOTH);
    for number in 0..7 {
        world.add_account(&format!("acmeolder{number}"), SUBSCRIPTION, RESOURCE_GROUP);
    }
    world.page_size = 2;
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json(&verify(&[]));
    ran.exits(0).without_complaint();
    assert_eq!(document["target"]["subscription"], SUBSCRIPTION);
    assert_eq!(document["target"]["tenant"], TENANT);
    assert_eq!(stage.asked("ListSubscriptions"), 7);
    // Printed commands name the subscription, so that the search is not repeated.
    let stage = AzureStage::fresh();
    stage
        .run(&["azure", "plan", "--storage-account", ACCOUNT])
        .exits(0)
        .says(&format!(
            "connect --storage-account {ACCOUNT} --subscription {SUBSCRIPTION}"
        ));
}

#[test]
fn subscriptions_are_asked_at_once() {
    let mut world = connected();
    add_subscriptions(&mut world, 6, BOTH);
    let stage = AzureStage::with(world);
    stage
        .sandbox
        .set_latency(std::time::Duration::from_millis(200));
    stage.run(&verify(&[])).exits(0);
    let log = stage.sandbox.log();
    let lists: Vec<_> = log
        .iter()
        .filter(|request| request.operation == "ListStorageAccounts")
        .cloned()
        .collect();
    assert_eq!(lists.len(), 7);
    assert_eq!(segments_connect::sandbox::round_trips(&lists), 1);
}

#[test]
fn a_subscription_and_a_resource_group_narrow_the_search() {
    let mut world = connected();
    add_subscriptions(&mut world, 3, BOTH);
    let stage = AzureStage::with(world);
    stage
        .run(&verify(&["--subscription", SUBSCRIPTION]))
        .exits(0);
    assert_eq!(stage.asked("ListSubscriptions"), 0);
    assert_eq!(stage.asked("ListStorageAccounts"), 1);
    stage.sandbox.clear_log();
    stage
        .run(&verify(&[
            "--subscription",
            SUBSCRIPTION,
            "--resource-group",
            RESOURCE_GROUP,
        ]))
        .exits(0);
    assert_eq!(stage.asked("ListStorageAccounts"), 0);
    stage.sandbox.clear_log();
    stage
        .run(&verify(&["--resource-group", RESOURCE_GROUP]))
        .exits(0);
}

#[test]
fn an_account_that_nobody_has_is_told_as_such() {
    let mut world = World::acme();
    // Whether a name is taken is a right on the subscription.
    world.assign(BOTH, READER_ROLE, &subscription());
    let stage = AzureStage::with(world);
    let document = fails(
        &stage,
        stage.json(&["azure", "verify", "--storage-account", "acmeimage"]),
        1,
        "target-not-found",
    );
    assert!(
        document["error"].to_string().contains("in all of Azure"),
        "{document:#}"
    );
    assert!(hints(&document).contains("check the name"), "{document:#}");
}

#[test]
fn an_account_that_is_there_and_not_to_be_seen_is_told_as_such() {
    let mut world = World::acme();
    let other = Subscription::new("5ab5c712-3000-4000-8000-0acce5500030", "Other", TENANT);
    world.assign(BOTH, READER_ROLE, &subscription());
    world.subscriptions.push(other.clone());
    world.add_account("acmehidden", &other.id, "hidden");
    let stage = AzureStage::with(world);
    for who in [BOTH, GUEST] {
        let document = fails(
            &stage,
            stage.json_as(who, &["azure", "verify", "--storage-account", "acmehidden"]),
            8,
            "not-permitted",
        );
        assert!(
            document["error"]["message"]
                .as_str()
                .is_some_and(|message| message.contains("you may not see the storage account")),
            "{who}: {document:#}"
        );
        assert!(
            document["error"]
                .to_string()
                .contains("Microsoft.Storage/storageAccounts/read")
        );
    }
}

#[test]
fn what_cannot_be_told_apart_is_not_told_as_one_of_them() {
    // Neither subscription nor blob endpoint says that there is such an account, nor that there is none.
    let stage = AzureStage::fresh();
    let document = fails(
        &stage,
        stage.json_as(
            STORAGE_OWNER,
            &["azure", "verify", "--storage-account", "acmeimage"],
        ),
        1,
        "target-not-found",
    );
    let told = document["error"].to_string();
    assert!(
        told.contains("as far as you may see") && !told.contains("in all of Azure"),
        "{told}"
    );
}

#[test]
fn other_tenants_of_the_caller_are_named_where_the_account_is_not_found() {
    let mut world = World::acme();
    add_other_tenant(&mut world, PARTNER);
    let stage = AzureStage::with(world);
    let who = segments_connect::sandbox::azure::DIRECTORY_ADMINISTRATOR;
    let (ran, document) =
        stage.json_as(who, &["azure", "verify", "--storage-account", "acmeimage"]);
    ran.exits(1);
    assert!(
        hints(&document).contains(PARTNER) && hints(&document).contains("--tenant"),
        "{document:#}"
    );
}

#[test]
fn a_subscription_of_another_tenant_is_the_wrong_tenant_and_named() {
    let mut world = World::acme();
    let there = Subscription::new(
        "5ab5c712-4000-4000-8000-0acce5500040",
        "There",
        SEGMENTS_TENANT,
    );
    world.subscriptions.push(there.clone());
    world.add_account("theirimages", &there.id, "theirs");
    let stage = AzureStage::with(world);
    let document = fails(
        &stage,
        stage.json(&[
            "azure",
            "connect",
            "--storage-account",
            "theirimages",
            "--subscription",
            "5ab5c712-4000-4000-8000-0acce5500040",
            "--yes",
        ]),
        8,
        "wrong-account",
    );
    let told = document["error"].to_string();
    for said in ["Z26", SEGMENTS_TENANT, "--tenant"] {
        assert!(told.contains(said), "no `{said}` in {told}");
    }
}

#[test]
fn a_subscription_that_does_not_exist_is_told_as_such() {
    let stage = AzureStage::fresh();
    let document = fails(
        &stage,
        stage.json(&verify(&[
            "--subscription",
            "5ab5c712-9000-4000-8000-0acce5500090",
        ])),
        1,
        "target-not-found",
    );
    assert!(
        document["error"]
            .to_string()
            .contains("SubscriptionNotFound"),
        "{document:#}"
    );
}

#[test]
fn a_resource_group_in_which_it_is_not_is_told_with_its_name() {
    let stage = AzureStage::fresh();
    let (ran, document) = stage.json(&verify(&[
        "--subscription",
        SUBSCRIPTION,
        "--resource-group",
        "others",
    ]));
    assert!(matches!(ran.status, Some(1 | 8)), "{:?}", ran.status);
    assert!(
        document["error"].to_string().contains("others"),
        "{document:#}"
    );
}

#[test]
fn a_subscription_that_gives_no_answer_may_be_the_one_and_is_not_passed_over() {
    let mut world = World::acme();
    add_subscriptions(&mut world, 2, BOTH);
    let stage = AzureStage::with(world);
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(
            On::operation("ListStorageAccounts", 1),
            FaultKind::Status {
                status: 500,
                code: "InternalServerError".to_owned(),
                message: "no".to_owned(),
            },
        )
    });
    let document = fails(&stage, stage.json(&verify(&[])), 1, "unavailable");
    assert!(
        hints(&document).contains("may be in that subscription"),
        "{document:#}"
    );
}

#[test]
fn whoever_sees_the_account_and_not_the_subscription_can_work_with_the_subscription_named() {
    let mut world = connected();
    world.role_definitions.push(RoleDefinition::custom(
        "c0570000-0000-4000-8000-000000000001",
        "Account reader",
        Permission::actions(&["Microsoft.Storage/*/read", "Microsoft.Authorization/*/read"]),
        &crate::support::azure::scope(),
    ));
    let account = crate::support::azure::scope();
    world.assign(GUEST, "Account reader", &account);
    let stage = AzureStage::with(world);
    let (ran, document) = stage.json_as(GUEST, &verify(&["--subscription", SUBSCRIPTION]));
    // A guest may not look the app up, so the decisive check cannot be made.
    ran.exits(6);
    assert_eq!(document["target"]["resource_group"], RESOURCE_GROUP);
    assert_eq!(document["target"]["tenant"], TENANT);
}

#[test]
fn national_clouds_are_refused_with_the_reason_before_any_request() {
    let stage = AzureStage::fresh();
    for url in [
        "https://acme.blob.core.usgovcloudapi.net/photos/cat.png",
        "https://acme.blob.core.chinacloudapi.cn/photos/cat.png",
    ] {
        let (ran, document) = stage.json(&["azure", "verify", "--storage-account", url]);
        ran.exits(1);
        assert_eq!(document["error"]["code"], "unsupported");
        assert!(
            document["error"].to_string().contains("Z28"),
            "{document:#}"
        );
    }
    let mut command = stage.command(&verify(&["--json"]));
    command.env("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us");
    let ran = crate::support::ran(&mut command).exits(1);
    assert!(ran.stdout.contains("Z28"), "{}", ran.stdout);
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn bad_values_are_usage_errors_that_name_the_flag() {
    let stage = AzureStage::fresh();
    for (flag, value) in [
        ("--subscription", "Production"),
        ("--tenant", "acme"),
        ("--resource-group", "a/b"),
        (
            "--service-principal-id",
            "d47021c7-05d1-44c3-a594-93c2c30c68fc",
        ),
        ("--service-principal-id", "segments"),
    ] {
        stage
            .run(&[
                "azure",
                "connect",
                "--yes",
                "--storage-account",
                ACCOUNT,
                flag,
                value,
            ])
            .exits(2)
            .complains(flag);
    }
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn a_url_names_the_account_and_the_blob() {
    let stage = AzureStage::connected();
    let url = format!("https://{ACCOUNT}.blob.core.windows.net/photos/cat.png");
    let (ran, document) = stage.json(&["azure", "verify", "--storage-account", &url]);
    ran.exits(0);
    let read = crate::support::check(&document, "azure.object.read");
    assert_eq!(read["subject"], "photos/cat.png");
}
