//! Resource Manager: subscriptions, accounts, permissions, roles by definition, denials and locks; strictness.

use segments_connect::sandbox::azure::{
    BOTH, DIRECTORY_ADMINISTRATOR, DenyAssignment, EncryptionScope, GUEST, Lock, LockLevel,
    MANAGEMENT_GROUP, Permission, READER, RoleDefinition, SEGMENTS_TENANT,
    STORAGE_BLOB_DATA_READER, STORAGE_OWNER, SasPolicy, Subscription, TENANT,
};
use serde_json::json;

use super::*;

const VERSION: &str = "api-version=2026-09-01";
const ROLES: &str = "api-version=2022-04-01";

#[tokio::test]
async fn people_see_the_subscriptions_in_which_they_have_a_role() {
    let sandbox = acme();
    world(&sandbox, |world| {
        world
            .subscriptions
            .push(Subscription::new("s-2", "Acme test", TENANT));
        world
            .subscriptions
            .push(Subscription::new("s-3", "Elsewhere", SEGMENTS_TENANT));
        world.assign(STORAGE_OWNER, "Reader", "/subscriptions/s-2");
        world.assign(STORAGE_OWNER, "Reader", "/subscriptions/s-3");
    });
    let path = "/subscriptions?api-version=2022-12-01";
    let owners = get(&sandbox, STORAGE_OWNER, path).await;
    assert_eq!(owners.each("subscriptionId"), [SUBSCRIPTION, "s-2"]);
    assert_eq!(owners.each("tenantId"), [TENANT, TENANT]);
    let readers = get(&sandbox, READER, path).await;
    assert_eq!(readers.each("subscriptionId"), [SUBSCRIPTION]);
    let nobody = get(&sandbox, DIRECTORY_ADMINISTRATOR, path).await;
    assert_eq!(nobody.each("id"), Vec::<String>::new());
    let one = format!("/subscriptions/{SUBSCRIPTION}?api-version=2022-12-01");
    assert_eq!(get(&sandbox, READER, &one).await.json()["tenantId"], TENANT);
    assert_eq!(
        get(&sandbox, GUEST, &one).await.refusal(),
        (403, "AuthorizationFailed".to_owned())
    );
    let missing = get(
        &sandbox,
        READER,
        "/subscriptions/s-9?api-version=2022-12-01",
    )
    .await;
    assert_eq!(missing.refusal(), (404, "SubscriptionNotFound".to_owned()));
}

#[tokio::test]
async fn a_role_at_a_management_group_reaches_what_is_below_it() {
    let sandbox = acme();
    let group = format!("/providers/Microsoft.Management/managementGroups/{MANAGEMENT_GROUP}");
    world(&sandbox, |world| {
        world.assign(GUEST, "Reader", &group);
    });
    let path = format!("{}?{VERSION}", account_path());
    assert_eq!(get(&sandbox, GUEST, &path).await.status, 200);
    world(&sandbox, |world| {
        world.subscriptions[0].management_group = None;
    });
    assert_eq!(get(&sandbox, GUEST, &path).await.status, 403);
}

#[tokio::test]
async fn lists_come_in_pages() {
    let sandbox = acme();
    world(&sandbox, |world| {
        world.page_size = 2;
        for name in ["acmea", "acmeb", "acmec"] {
            world.add_account(name, SUBSCRIPTION, "other-group");
        }
        world.assign(
            STORAGE_OWNER,
            "Reader",
            &format!("/subscriptions/{SUBSCRIPTION}"),
        );
    });
    let mut path = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts?{VERSION}"
    );
    let mut names = Vec::new();
    let mut pages = 0;
    loop {
        let page = get(&sandbox, STORAGE_OWNER, &path).await;
        names.extend(page.each("name"));
        pages += 1;
        let Some(next) = page.json()["nextLink"].as_str().map(str::to_owned) else {
            break;
        };
        assert!(next.contains("api-version=2026-09-01"), "{next}");
        path = next.strip_prefix(&sandbox.endpoint()).unwrap().to_owned();
    }
    assert_eq!(names, ["acmea", "acmeb", "acmec", ACCOUNT]);
    assert_eq!(pages, 2);
    let odd = get(&sandbox, STORAGE_OWNER, &format!("{path}9")).await;
    assert_eq!(odd.status, 400);
}

#[tokio::test]
async fn a_list_of_accounts_holds_what_the_caller_may_read() {
    let sandbox = acme();
    world(&sandbox, |world| {
        world.add_account("acmesecret", SUBSCRIPTION, "secret");
    });
    let all = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Storage/storageAccounts?{VERSION}"
    );
    assert_eq!(get(&sandbox, READER, &all).await.each("name"), [ACCOUNT]);
    assert_eq!(get(&sandbox, GUEST, &all).await.status, 403);
    let group = format!(
        "{}/providers/Microsoft.Storage/storageAccounts?{VERSION}",
        group_path()
    );
    assert_eq!(get(&sandbox, READER, &group).await.each("name"), [ACCOUNT]);
    let secret = group.replace(RESOURCE_GROUP, "secret");
    assert_eq!(get(&sandbox, READER, &secret).await.status, 403);
}

#[tokio::test]
async fn an_account_shows_itself_to_those_who_may_read_it() {
    let sandbox = acme();
    world(&sandbox, |world| {
        let account = world.account_mut(ACCOUNT).unwrap();
        account.network.deny_by_default = true;
        account.network.ip_rules = vec!["203.0.113.0/24".to_owned()];
        account.sas_policy = Some(SasPolicy {
            expiration_period: "0.12:00:00".to_owned(),
            block: true,
            require_user_bound: true,
        });
        account
            .encryption_scopes
            .insert("old".to_owned(), EncryptionScope { enabled: false });
    });
    let path = format!("{}?{VERSION}", account_path());
    let shown = get(
        &sandbox,
        READER,
        &path
            .to_ascii_uppercase()
            .replace("API-VERSION", "api-version"),
    )
    .await
    .json();
    assert_eq!(shown["id"], account_path());
    assert_eq!(
        shown["sku"],
        json!({ "name": "Standard_LRS", "tier": "Standard" })
    );
    let properties = &shown["properties"];
    assert_eq!(
        properties["primaryEndpoints"]["blob"],
        format!("{}/{ACCOUNT}/", sandbox.endpoint())
    );
    assert_eq!(properties["networkAcls"]["defaultAction"], "Deny");
    assert_eq!(
        properties["networkAcls"]["ipRules"],
        json!([{ "value": "203.0.113.0/24", "action": "Allow" }])
    );
    assert_eq!(
        properties["sasPolicy"],
        json!({
            "sasExpirationPeriod": "0.12:00:00", "expirationAction": "Block",
            "requireUserBoundUserDelegationSas": true, "requireUserBoundUserDelegationSasAction": "Block",
        })
    );
    let older = get(&sandbox, READER, &path.replace("2026-09-01", "2023-05-01"))
        .await
        .json();
    assert_eq!(
        older["properties"]["sasPolicy"],
        json!({ "sasExpirationPeriod": "0.12:00:00", "expirationAction": "Block" })
    );
    let scopes = format!("{}/encryptionScopes/old?{VERSION}", account_path());
    let scope = get(&sandbox, READER, &scopes).await.json();
    assert_eq!(scope["properties"]["state"], "Disabled");

    let refused = get(&sandbox, GUEST, &path).await;
    assert_eq!(refused.refusal(), (403, "AuthorizationFailed".to_owned()));
    assert_eq!(
        refused.message(),
        format!(
            "The client 'gil_partner.example#EXT#@acme.example' with object id '{GUEST}' does not have authorization to perform action 'Microsoft.Storage/storageAccounts/read' over scope '{}' or the scope is invalid. If access was recently granted, please refresh your credentials.",
            account_path()
        )
    );
    let absent = path.replace(ACCOUNT, "nothere");
    assert_eq!(
        get(&sandbox, READER, &absent).await.refusal(),
        (404, "ResourceNotFound".to_owned())
    );
    assert_eq!(
        get(&sandbox, GUEST, &absent).await.status,
        403,
        "strangers do not learn what exists"
    );
    let absent = path.replace(RESOURCE_GROUP, "nogroup");
    world(&sandbox, |world| {
        world.assign(READER, "Reader", &format!("/subscriptions/{SUBSCRIPTION}"));
    });
    assert_eq!(
        get(&sandbox, READER, &absent).await.refusal(),
        (404, "ResourceGroupNotFound".to_owned())
    );
    let log = sandbox.log();
    assert_eq!(log[0].operation, "GetStorageAccount");
    assert_eq!(log[0].bucket.as_deref(), Some(ACCOUNT));
    assert_eq!(log[0].service, "arm");
}

#[tokio::test]
async fn versions_are_demanded_and_have_to_be_real() {
    let sandbox = acme();
    for (path, expected) in [
        (account_path(), (400, "MissingApiVersionParameter")),
        (
            format!("{}?api-version=2022-04-01", account_path()),
            (400, "NoRegisteredProviderFound"),
        ),
        (
            "/subscriptions?api-version=2099-01-01".to_owned(),
            (400, "InvalidApiVersionParameter"),
        ),
        (
            format!(
                "{}/providers/Microsoft.Authorization/roleAssignments?{VERSION}",
                account_path()
            ),
            (400, "NoRegisteredProviderFound"),
        ),
    ] {
        let refused = get(&sandbox, STORAGE_OWNER, &path).await;
        assert_eq!(
            refused.refusal(),
            (expected.0, expected.1.to_owned()),
            "{path}"
        );
    }
    let odd = get(
        &sandbox,
        STORAGE_OWNER,
        &format!("{}/tableServices?{VERSION}", account_path()),
    )
    .await;
    assert_eq!(odd.refusal(), (501, "NotImplemented".to_owned()));
}

#[tokio::test]
async fn the_callers_own_permissions_are_those_of_its_roles() {
    let sandbox = acme();
    let path = format!(
        "{}/providers/Microsoft.Authorization/permissions?{ROLES}",
        account_path()
    );
    let owners = get(&sandbox, BOTH, &path).await.json();
    assert_eq!(owners["value"][0]["actions"], json!(["*"]));
    assert_eq!(
        owners["value"][1]["dataActions"],
        json!(["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"])
    );
    assert_eq!(
        get(&sandbox, READER, &path).await.json()["value"][0],
        json!({ "actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": [] })
    );
    assert_eq!(get(&sandbox, GUEST, &path).await.status, 403);
    assert_eq!(sandbox.log()[0].operation, "ListPermissions");
}

#[tokio::test]
async fn roles_are_told_by_their_guid() {
    let sandbox = acme();
    let path = format!(
        "{}/providers/Microsoft.Authorization/roleDefinitions",
        account_path()
    );
    let role = get(
        &sandbox,
        READER,
        &format!("{path}/{STORAGE_BLOB_DATA_READER}?{ROLES}"),
    )
    .await
    .json();
    assert_eq!(role["properties"]["roleName"], "Storage Blob Data Reader");
    assert_eq!(role["properties"]["type"], "BuiltInRole");
    assert_eq!(
        role["properties"]["permissions"],
        json!([{
            "actions": [
                "Microsoft.Storage/storageAccounts/blobServices/containers/read",
                "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
            ],
            "notActions": [],
            "dataActions": ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],
            "notDataActions": [],
        }])
    );
    let custom = "c0570000-0000-4000-8000-000000000001";
    world(&sandbox, |world| {
        world.role_definitions.push(RoleDefinition::custom(
            custom,
            "Photo reader",
            Permission::data_actions(&["Microsoft.Storage/*/read"]),
            &account_path(),
        ));
    });
    let found = get(
        &sandbox,
        READER,
        &format!("{path}?$filter=roleName eq 'Photo reader'&{ROLES}"),
    )
    .await;
    assert_eq!(found.each("name"), [custom]);
    let root = format!(
        "/providers/Microsoft.Authorization/roleDefinitions/{STORAGE_BLOB_DATA_READER}?{ROLES}"
    );
    assert_eq!(get(&sandbox, GUEST, &root).await.status, 200);
    let custom = root.replace(STORAGE_BLOB_DATA_READER, custom);
    assert_eq!(get(&sandbox, GUEST, &custom).await.status, 403);
    let absent = get(&sandbox, READER, &format!("{path}/x?{ROLES}")).await;
    assert_eq!(
        absent.refusal(),
        (404, "RoleDefinitionDoesNotExist".to_owned())
    );
}

#[tokio::test]
async fn deny_assignments_take_away_and_are_listed() {
    let sandbox = acme();
    world(&sandbox, |world| {
        world.deny_assignments.push(DenyAssignment::everyone(
            "stack",
            &group_path(),
            Permission::actions(&["Microsoft.Storage/storageAccounts/blobServices/write"]),
        ));
    });
    let path = format!(
        "{}/providers/Microsoft.Authorization/denyAssignments",
        account_path()
    );
    let listed = get(
        &sandbox,
        READER,
        &format!("{path}?$filter=atScope()&{ROLES}"),
    )
    .await;
    let properties = &listed.json()["value"][0]["properties"];
    assert_eq!(properties["denyAssignmentName"], "stack");
    assert_eq!(
        properties["principals"],
        json!([{ "id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined" }])
    );
    for (filter, count) in [
        ("", 1),
        ("$filter=denyAssignmentName eq 'other'&", 0),
        (&format!("$filter=assignedTo('{READER}')&"), 1),
        (&format!("$filter=principalId eq '{READER}'&"), 0),
    ] {
        let listed = get(&sandbox, READER, &format!("{path}?{filter}{ROLES}")).await;
        assert_eq!(listed.each("name").len(), count, "{filter}");
    }
    let refused = arm(
        &sandbox,
        STORAGE_OWNER,
        Method::PUT,
        &format!("{}/blobServices/default?{VERSION}", account_path()),
        Some(&json!({ "properties": {} })),
    )
    .await;
    assert_eq!(
        refused.refusal(),
        (403, "DenyAssignmentAuthorizationFailed".to_owned())
    );
    assert!(refused.message().contains("with name 'stack' and Id '"));
}

#[tokio::test]
async fn locks_are_listed() {
    let sandbox = acme();
    world(&sandbox, |world| {
        for (scope, level) in [
            (group_path(), LockLevel::ReadOnly),
            (account_path(), LockLevel::CanNotDelete),
        ] {
            world.locks.push(Lock {
                name: "keep".to_owned(),
                scope,
                level,
            });
        }
    });
    let path = |scope: String| format!("{scope}/providers/Microsoft.Authorization/locks");
    let version = "api-version=2020-05-01";
    let at = get(
        &sandbox,
        READER,
        &format!("{}?{version}", path(account_path())),
    )
    .await;
    assert_eq!(at.each("name").len(), 2);
    assert_eq!(at.json()["value"][0]["properties"]["level"], "ReadOnly");
    let group = format!("{}?$filter=atScope()&{version}", path(group_path()));
    assert_eq!(get(&sandbox, READER, &group).await.each("name").len(), 1);
}
