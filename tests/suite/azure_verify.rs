//! Verifying an account: a connected one passes, and each cause is found and named where it is, and only there.

use segments_connect::sandbox::azure::{
    ACCOUNT, CONTAINER, CONTRIBUTOR, CorsRule, DenyAssignment, Group, NetworkRules, Permission,
    PublicNetworkAccess, READER_ROLE, RoleDefinition, STORAGE_BLOB_DATA_CONTRIBUTOR,
    STORAGE_BLOB_DATA_READER, STORAGE_BLOB_DELEGATOR, SasPolicy, StorageAccount, TENANT, World,
};
use segments_connect::sandbox::azure::{BOTH, STORAGE_OWNER};
use serde_json::{Value, json};

use crate::support::azure::{AzureStage, ORIGIN, connected, group, published_rule, scope};
use crate::support::{check, checks};

const VERIFY: [&str; 4] = ["azure", "verify", "--storage-account", ACCOUNT];
const READ_BLOBS: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
const ALL: [&str; 13] = [
    "azure.identity",
    "azure.target",
    "azure.access.configured",
    "azure.access.evaluated",
    "azure.network",
    "azure.cors.configured",
    "azure.cors.preflight",
    "azure.cors.range",
    "azure.cors.foreign",
    "azure.object.read",
    "azure.object.link",
    "azure.object.protection",
    "azure.segments.read",
];

/// Runs `verify` as people do and as scripts do, and asserts that neither wrote anything.
#[track_caller]
fn verified(stage: &AzureStage, status: i32) -> (String, Value) {
    let before = stage.world(|world| world.clone());
    let plain = stage.run(&VERIFY).exits(status).without_complaint();
    let (ran, document) = stage.json(&VERIFY);
    ran.exits(status).without_complaint();
    assert_eq!(stage.writes(), [""; 0]);
    stage.world(|world| {
        assert_eq!(world.accounts, before.accounts);
        assert_eq!(world.role_assignments, before.role_assignments);
        assert_eq!(world.service_principals, before.service_principals);
    });
    assert_eq!(document["command"], "azure verify");
    assert_eq!(document["changes"], json!([]));
    assert_eq!(
        document["verdict"],
        match status {
            0 => "pass",
            4 => "fail",
            _ => "undetermined",
        }
    );
    (plain.stdout, document)
}

/// Changes a connected world and verifies; the one check has the status and the cause, and the words.
#[track_caller]
fn finds(
    change: impl FnOnce(&mut World),
    exit: i32,
    id: &str,
    (status, cause): (&str, Value),
    words: &str,
) -> Value {
    let mut world = connected();
    change(&mut world);
    let stage = AzureStage::with(world);
    let (said, document) = verified(&stage, exit);
    let all = checks(&document, id);
    let one = all
        .first()
        .unwrap_or_else(|| panic!("no {id} in {document:#}"));
    assert_eq!(
        (&one["status"], &one["cause"]),
        (&json!(status), &cause),
        "{one:#}"
    );
    assert!(
        one["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains(words)),
        "no `{words}` in {one:#}"
    );
    if let Some(code) = cause.as_str() {
        assert!(said.contains(&format!("[{code}]")), "{said}");
    }
    if status == "fail" {
        assert!(one["fix"].is_string(), "{one:#}");
    }
    document
}

fn account(world: &mut World) -> &mut StorageAccount {
    world.account_mut(ACCOUNT).expect("the account")
}

/// Gives the app these roles and no other.
fn roles(world: &mut World, roles: &[(&str, &str)]) {
    let app = world.segments(TENANT).expect("the app").id.clone();
    world.role_assignments.retain(|one| one.principal != app);
    for (role, scope) in roles {
        world.assign(&app, role, scope);
    }
}

#[test]
fn a_connected_account_passes_and_no_more_is_said_than_was_seen() {
    let stage = AzureStage::connected();
    let (said, document) = verified(&stage, 0);
    for id in ALL {
        let wanted = match id {
            // The published rule allows no request headers.
            "azure.cors.range" => "warn",
            "azure.segments.read" => "skipped",
            _ => "pass",
        };
        assert_eq!(check(&document, id)["status"], wanted, "{id}");
        assert_eq!(check(&document, id)["cause"], Value::Null, "{id}");
    }
    assert_eq!(document["proof"], "own-read");
    assert_eq!(document["error"], Value::Null);
    for wanted in [
        "Based on the policies that could be read, the storage account's side allows Segments.ai.",
        "accepts cross-origin GET from https://app.segments.ai (observed).",
        "This does not test Segments.ai's own permission.",
        "bea@acme.example (signed in with the managed identity)",
    ] {
        assert!(said.contains(wanted), "no `{wanted}` in {said}");
    }
    let range = check(&document, "azure.cors.range");
    assert!(
        range["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("allows no request headers")),
        "{range}"
    );
    let steps = document["next_steps"].to_string();
    assert!(steps.contains(TENANT), "{steps}");
    assert!(!steps.contains("sig="), "{steps}");
}

#[test]
fn the_owner_of_the_account_often_may_not_read_blobs_and_that_says_nothing_of_segments() {
    let stage = AzureStage::connected();
    let (ran, document) = stage.json_as(STORAGE_OWNER, &VERIFY);
    ran.exits(0);
    for id in ["azure.object.read", "azure.object.link"] {
        let one = check(&document, id);
        assert_eq!(one["status"], "unknown", "{id}");
        assert!(
            one["detail"].as_str().is_some_and(|detail| detail
                .contains("this says nothing about Segments.ai")
                && detail.contains(READ_BLOBS)),
            "{one}"
        );
    }
    assert_eq!(document["proof"], "preflight");
}

#[test]
fn an_app_that_is_not_installed_is_z01() {
    finds(
        |world| {
            world
                .service_principals
                .retain(|one| one.id == segments_connect::sandbox::azure::PIPELINE);
        },
        4,
        "azure.access.configured",
        ("fail", json!("Z01")),
        TENANT,
    );
}

#[test]
fn a_disabled_app_is_z02() {
    finds(
        |world| {
            for one in &mut world.service_principals {
                one.account_enabled = false;
            }
        },
        4,
        "azure.access.configured",
        ("fail", json!("Z02")),
        "disabled",
    );
}

#[test]
fn a_role_for_another_id_is_z03_and_names_it() {
    finds(
        |world| {
            roles(world, &[]);
            let wrong = segments_connect::sandbox::azure::PIPELINE;
            world.assign(wrong, STORAGE_BLOB_DATA_READER, &scope());
        },
        4,
        "azure.access.configured",
        ("fail", json!("Z03")),
        segments_connect::sandbox::azure::PIPELINE,
    );
}

#[test]
fn a_role_on_a_container_alone_is_z04() {
    let document = finds(
        |world| {
            let container = format!("{}/blobServices/default/containers/{CONTAINER}", scope());
            roles(world, &[(STORAGE_BLOB_DATA_READER, &container)]);
        },
        4,
        "azure.access.evaluated",
        ("fail", json!("Z04")),
        "sign links",
    );
    assert_eq!(
        check(&document, "azure.access.configured")["status"],
        "fail"
    );
}

#[test]
fn roles_without_data_actions_are_z05() {
    for role in [CONTRIBUTOR, READER_ROLE, STORAGE_BLOB_DELEGATOR] {
        finds(
            |world| roles(world, &[(role, &scope())]),
            4,
            "azure.access.evaluated",
            ("fail", json!("Z05")),
            "no right to read blobs",
        );
    }
}

#[test]
fn another_role_that_does_the_same_is_a_warning_and_passes() {
    let document = finds(
        |world| roles(world, &[(STORAGE_BLOB_DATA_CONTRIBUTOR, &group())]),
        0,
        "azure.access.configured",
        ("warn", Value::Null),
        "another role",
    );
    assert_eq!(check(&document, "azure.access.evaluated")["status"], "pass");
    // A role that the customer made, too: its definition is read.
    let document = finds(
        |world| {
            world.role_definitions.push(RoleDefinition::custom(
                "c0570000-0000-4000-8000-000000000002",
                "Blob reader of ours",
                Permission::data_actions(&[READ_BLOBS]),
                &scope(),
            ));
            roles(world, &[("Blob reader of ours", &scope())]);
        },
        4,
        "azure.access.evaluated",
        ("fail", json!("Z05")),
        "no right to sign links",
    );
    assert_ne!(
        check(&document, "azure.access.configured")["status"],
        "pass"
    );
}

#[test]
fn a_role_through_a_group_counts() {
    let document = finds(
        |world| {
            let app = world.segments(TENANT).expect("the app").id.clone();
            roles(world, &[]);
            world.groups.push(Group {
                id: "6e0a0000-0000-4000-8000-000000000001".to_owned(),
                tenant: TENANT.to_owned(),
                display_name: "Readers".to_owned(),
                members: [app].into(),
            });
            world.assign(
                "6e0a0000-0000-4000-8000-000000000001",
                STORAGE_BLOB_DATA_READER,
                &scope(),
            );
        },
        0,
        "azure.access.evaluated",
        ("pass", Value::Null),
        "lets the app read blobs and sign links",
    );
    assert_ne!(
        check(&document, "azure.access.configured")["status"],
        "fail"
    );
}

#[test]
fn a_condition_is_z06() {
    let with = |text: &'static str| {
        move |world: &mut World| {
            let one = world.role_assignments.last_mut().expect("the assignment");
            one.condition = Some(text.to_owned());
            one.condition_version = Some("2.0".to_owned());
        }
    };
    let document = finds(
        with(
            "((!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'})) OR (@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'photos'))",
        ),
        0,
        "azure.access.configured",
        ("warn", json!("Z06")),
        "with a condition",
    );
    let evaluated = checks(&document, "azure.access.evaluated");
    assert_eq!(evaluated[0]["status"], "warn", "{evaluated:#?}");
    assert_eq!(evaluated[1]["status"], "pass", "{evaluated:#?}");
}

#[test]
fn a_new_assignment_is_told_as_such() {
    finds(
        |world| {
            let now = world.now();
            let one = world.role_assignments.last_mut().expect("the assignment");
            one.created_on = now;
        },
        0,
        "azure.access.evaluated",
        ("warn", json!("Z07")),
        "less than ten minutes old",
    );
    // An old one is not.
    let stage = AzureStage::connected();
    let (_, document) = verified(&stage, 0);
    assert!(
        !check(&document, "azure.access.evaluated")
            .to_string()
            .contains("Z07"),
        "{document:#}"
    );
}

#[test]
fn a_deny_assignment_is_z08_unless_it_excludes_the_app() {
    let denied = |world: &World| {
        let mut deny = DenyAssignment::everyone(
            "deployment stack",
            &group(),
            Permission::data_actions(&["Microsoft.Storage/*"]),
        );
        // Everyone but those who look.
        deny.exclude_principals
            .extend(world.users.iter().map(|user| user.id.clone()));
        deny
    };
    finds(
        |world| {
            let deny = denied(world);
            world.deny_assignments.push(deny);
        },
        4,
        "azure.access.evaluated",
        ("fail", json!("Z08")),
        "deployment stack",
    );
    finds(
        |world| {
            let app = world.segments(TENANT).expect("the app").id.clone();
            let mut deny = denied(world);
            deny.exclude_principals.push(app);
            world.deny_assignments.push(deny);
        },
        0,
        "azure.access.evaluated",
        ("pass", Value::Null),
        "no deny assignment forbids it",
    );
}

#[test]
fn no_role_at_all_is_z10() {
    finds(
        |world| roles(world, &[]),
        4,
        "azure.access.configured",
        ("fail", json!("Z10")),
        "no role",
    );
}

#[test]
fn a_firewall_is_z11_and_private_networks_are_z12() {
    for (rules, words) in [
        (Vec::new(), "admits nobody alone"),
        (vec!["203.0.113.0/24".to_owned()], "1 ranges of addresses"),
    ] {
        let mut world = connected();
        account(&mut world).network = NetworkRules {
            deny_by_default: true,
            ip_rules: rules,
        };
        let stage = AzureStage::with(world);
        let (ran, document) = stage.json(&VERIFY);
        ran.exits(4);
        let network = check(&document, "azure.network");
        assert_eq!(network["cause"], "Z11");
        assert!(
            network["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains(words)),
            "{network}"
        );
    }
    // A perimeter's own rules are not read, so what it admits is not known.
    for (access, exit, status) in [
        (PublicNetworkAccess::Disabled, 4, "fail"),
        (PublicNetworkAccess::SecuredByPerimeter, 6, "unknown"),
    ] {
        let mut world = connected();
        account(&mut world).public_network_access = access;
        let (ran, document) = AzureStage::with(world).json(&VERIFY);
        let network = check(&document, "azure.network");
        assert_eq!(
            (&network["status"], &network["cause"]),
            (&json!(status), &json!("Z12")),
            "{access:?}: {document:#}"
        );
        ran.exits(exit);
    }
    finds(
        |world| account(world).private_endpoints = vec!["/subscriptions/x/pe".to_owned()],
        0,
        "azure.network",
        ("pass", Value::Null),
        "private endpoints do not change that",
    );
}

#[test]
fn policies_for_links_are_z14_and_z15_where_they_block() {
    let policy = |period: &str, block: bool, bound: bool| SasPolicy {
        expiration_period: period.to_owned(),
        block,
        require_user_bound: bound,
    };
    for (policy, exit, cause) in [
        (policy("0.08:00:00", true, false), 4, json!("Z14")),
        (policy("0.08:00:00", false, false), 0, Value::Null),
        (policy("7.00:00:00", false, true), 4, json!("Z15")),
    ] {
        let mut world = connected();
        account(&mut world).sas_policy = Some(policy.clone());
        let (ran, document) = AzureStage::with(world).json(&VERIFY);
        assert_eq!(ran.status, Some(exit), "{policy:?}: {document:#}");
        assert_eq!(
            check(&document, "azure.access.evaluated")["cause"],
            cause,
            "{policy:?}"
        );
    }
}

#[test]
fn settings_that_harm_nobody_are_silent() {
    let stage = {
        let mut world = connected();
        let account = account(&mut world);
        account.allow_shared_key_access = false;
        account.allow_cross_tenant_delegation_sas = false;
        account.is_hns_enabled = true;
        account.minimum_tls_version = "TLS1_3".to_owned();
        AzureStage::with(world)
    };
    let (_, document) = verified(&stage, 0);
    for one in document["checks"].as_array().expect("checks") {
        assert_eq!(one["cause"], Value::Null, "{one}");
    }
}

#[test]
fn accounts_without_cors_or_without_blobs_are_told_apart() {
    let document = finds(
        |world| {
            let account = account(world);
            account.sku = "Premium_LRS".to_owned();
            account.blob_service.cors.clear();
        },
        4,
        "azure.target",
        ("fail", json!("Z22")),
        "its blob service has no CORS",
    );
    assert_eq!(check(&document, "azure.cors.preflight")["cause"], "Z22");
    let mut world = connected();
    let files = account(&mut world);
    files.kind = "FileStorage".to_owned();
    files.sku = "Premium_LRS".to_owned();
    let (ran, document) = AzureStage::with(world).json(&VERIFY);
    ran.exits(4);
    let target = check(&document, "azure.target");
    assert_eq!(target["cause"], "Z34");
    assert!(
        target["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("no blob endpoint")),
        "{target}"
    );
}

#[test]
fn cors_rules_that_do_not_serve_are_found_and_the_nearest_is_named() {
    let cases: [(Vec<CorsRule>, &str, &str); 7] = [
        (vec![], "Z24", "no CORS rule"),
        (vec![CorsRule::new(ORIGIN, "PUT")], "Z24", "rule 1"),
        (
            vec![CorsRule::new("https://www.acme.example", "GET")],
            "Z24",
            "does not admit",
        ),
        (
            vec![CorsRule::new("https://app.segments.ai/", "GET")],
            "Z25",
            "rule 1",
        ),
        (
            vec![CorsRule::new("http://app.segments.ai", "GET")],
            "Z25",
            "rule 1",
        ),
        (
            vec![CorsRule::new("https://App.Segments.ai", "GET")],
            "Z25",
            "rule 1",
        ),
        (
            vec![CorsRule::new("https://app.segments.ai:443", "GET")],
            "Z25",
            "rule 1",
        ),
    ];
    for (rules, cause, words) in cases {
        let shown = format!("{rules:?}");
        let document = finds(
            |world| account(world).blob_service.cors = rules,
            4,
            "azure.cors.configured",
            ("fail", json!(cause)),
            words,
        );
        assert_eq!(
            check(&document, "azure.cors.preflight")["cause"],
            "Z24",
            "{shown}"
        );
    }
}

#[test]
fn wider_rules_serve_too_and_one_for_everybody_is_a_warning() {
    for (origin, foreign) in [("https://*.segments.ai", "pass"), ("*", "warn")] {
        let mut world = connected();
        let mut rule = CorsRule::new(origin, "GET");
        rule.allowed_headers = vec!["*".to_owned()];
        account(&mut world).blob_service.cors = vec![rule];
        let (_, document) = verified(&AzureStage::with(world), 0);
        for (id, wanted) in [
            ("azure.cors.configured", "pass"),
            ("azure.cors.preflight", "pass"),
            ("azure.cors.range", "pass"),
            ("azure.cors.foreign", foreign),
        ] {
            assert_eq!(check(&document, id)["status"], wanted, "{origin}: {id}");
        }
    }
}

#[test]
fn a_wider_rule_before_ours_serves_as_well() {
    // The first rule that matches the origin and the method decides.
    let mut first = CorsRule::new("https://*.segments.ai", "GET");
    first.max_age_in_seconds = 5;
    let mut world = connected();
    account(&mut world).blob_service.cors = vec![first, published_rule()];
    let stage = AzureStage::with(world);
    verified(&stage, 0);
}

#[test]
fn a_rule_that_is_stored_and_not_served_is_said_to_be_on_its_way() {
    let stage = AzureStage::connected();
    // What answers preflights has the rules as they were.
    let fault = segments_connect::sandbox::Fault {
        times: usize::MAX,
        ..segments_connect::sandbox::Fault::before(
            segments_connect::sandbox::On::operation("OPTIONS", 1),
            segments_connect::sandbox::FaultKind::Status {
                status: 403,
                code: "CorsPreflightFailure".to_owned(),
                message: "no".to_owned(),
            },
        )
    };
    stage.sandbox.inject(fault);
    let (ran, document) = stage.json(&VERIFY);
    ran.exits(4);
    assert_eq!(check(&document, "azure.cors.configured")["status"], "pass");
    let preflight = check(&document, "azure.cors.preflight");
    assert!(
        preflight["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("although rule 1 admits it")),
        "{preflight}"
    );
}

#[test]
fn a_role_that_takes_its_time_does_not_fail_the_checks() {
    // The caller's own role may be as new: reading fails, and that says nothing of Segments.ai.
    let mut world = connected();
    for one in &mut world.role_assignments {
        if one.principal == BOTH && one.role == STORAGE_BLOB_DATA_READER {
            one.propagation = segments_connect::sandbox::azure::Delay::UntilSettled;
        }
    }
    let stage = AzureStage::with(world);
    let (_, document) = verified(&stage, 0);
    assert_eq!(check(&document, "azure.object.read")["status"], "unknown");
}
