//! Role assignments: names, twins, principals that have not arrived, filters, locks.

use segments_connect::sandbox::azure::{
    Delay, GUEST, Group, Lock, LockLevel, MANAGEMENT_GROUP, READER, READER_ROLE,
    STORAGE_BLOB_DATA_READER, STORAGE_OWNER, TENANT,
};
use serde_json::{Value, json};

use super::*;

const VERSION: &str = "api-version=2022-04-01";
const NAME: &str = "4a5b6c7d-0000-4000-8000-000000000001";
const OTHER: &str = "4a5b6c7d-0000-4000-8000-000000000002";

fn path(scope: &str, name: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}?{VERSION}")
}

fn list_path(scope: &str, filter: &str) -> String {
    format!("{scope}/providers/Microsoft.Authorization/roleAssignments?{filter}{VERSION}")
}

fn body(principal: &str) -> Value {
    json!({ "properties": {
        "roleDefinitionId": format!(
            "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{STORAGE_BLOB_DATA_READER}"
        ),
        "principalId": principal,
        "principalType": "ServicePrincipal",
    } })
}

async fn put(sandbox: &Sandbox, name: &str, body: &Value) -> Reply {
    let path = path(&account_path(), name);
    arm(sandbox, STORAGE_OWNER, Method::PUT, &path, Some(body)).await
}

fn installed() -> (Sandbox, String) {
    let sandbox = acme();
    let id = world(&sandbox, |world| world.install_segments(TENANT));
    (sandbox, id)
}

#[tokio::test]
async fn an_assignment_is_made_read_listed_and_deleted() {
    let (sandbox, id) = installed();
    let made = put(&sandbox, NAME, &body(&id)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let shown = made.json();
    assert_eq!(shown["name"], NAME);
    assert_eq!(shown["properties"]["scope"], account_path());
    assert_eq!(shown["properties"]["principalId"], id);
    assert_eq!(shown["properties"]["createdBy"], STORAGE_OWNER);
    assert_eq!(shown["properties"]["condition"], Value::Null);
    let path = path(&account_path(), NAME);
    assert_eq!(get(&sandbox, READER, &path).await.json(), shown);
    let filter = format!("$filter=assignedTo('{id}')&");
    let listed = get(&sandbox, READER, &list_path(&account_path(), &filter)).await;
    assert_eq!(listed.each("name"), [NAME]);
    let deleted = arm(&sandbox, STORAGE_OWNER, Method::DELETE, &path, None).await;
    assert_eq!((deleted.status, deleted.json()), (200, shown));
    let again = arm(&sandbox, STORAGE_OWNER, Method::DELETE, &path, None).await;
    assert_eq!((again.status, again.text.as_str()), (204, ""));
    assert_eq!(
        get(&sandbox, READER, &path).await.refusal(),
        (404, "RoleAssignmentNotFound".to_owned())
    );
    let operations: Vec<String> = sandbox
        .log()
        .into_iter()
        .map(|entry| entry.operation)
        .collect();
    assert_eq!(
        operations,
        [
            "PutRoleAssignment",
            "GetRoleAssignment",
            "ListRoleAssignments",
            "DeleteRoleAssignment",
            "DeleteRoleAssignment",
            "GetRoleAssignment"
        ]
    );
}

#[tokio::test]
async fn the_name_is_the_identity() {
    let (sandbox, id) = installed();
    assert_eq!(put(&sandbox, NAME, &body(&id)).await.status, 201);
    assert_eq!(
        put(&sandbox, NAME, &body(&id)).await.status,
        200,
        "the same again"
    );
    let mut other = body(READER);
    other["properties"]["principalType"] = json!("User");
    let refused = put(&sandbox, NAME, &other).await;
    assert_eq!(
        refused.refusal(),
        (400, "RoleAssignmentUpdateNotPermitted".to_owned())
    );
    let twin = put(&sandbox, OTHER, &body(&id)).await;
    assert_eq!(twin.refusal(), (409, "RoleAssignmentExists".to_owned()));
    assert_eq!(
        twin.message(),
        format!(
            "The role assignment already exists. The ID of the existing role assignment is {}.",
            NAME.replace('-', "")
        )
    );
    // The same name at another scope is taken as well.
    let elsewhere = arm(
        &sandbox,
        STORAGE_OWNER,
        Method::PUT,
        &path(&group_path(), NAME),
        Some(&body(&id)),
    )
    .await;
    assert_eq!(
        elsewhere.refusal(),
        (400, "RoleAssignmentUpdateNotPermitted".to_owned())
    );
    assert_eq!(put(&sandbox, "segments", &body(&id)).await.status, 400);
}

#[tokio::test]
async fn unknown_principals_roles_and_members_are_refused() {
    let (sandbox, id) = installed();
    let change = |name: &str, value: Value| {
        let mut body = body(&id);
        body["properties"][name] = value;
        body
    };
    let without = |name: &str| {
        let mut body = body(&id);
        body["properties"].as_object_mut().unwrap().remove(name);
        body
    };
    let format = "BadRequestFormat";
    for (body, code) in [
        (
            body("0b1ec700-0000-4000-8000-00000000dead"),
            "PrincipalNotFound",
        ),
        (
            change("principalType", json!("User")),
            "UnmatchedPrincipalType",
        ),
        (
            change(
                "roleDefinitionId",
                json!(
                    "/providers/Microsoft.Authorization/roleDefinitions/00000000-dead-4000-8000-000000000000"
                ),
            ),
            "RoleDefinitionDoesNotExist",
        ),
        (change("principalType", json!("Robot")), format),
        (change("colour", json!("red")), format),
        (change("condition", json!("x")), format),
        (without("principalId"), format),
        (without("roleDefinitionId"), format),
        (
            json!({ "roleDefinitionId": "x", "principalId": "y" }),
            format,
        ),
    ] {
        let refused = put(&sandbox, NAME, &body).await;
        assert_eq!(refused.refusal(), (400, code.to_owned()), "{body}");
    }
    let missing = account_path().replace(ACCOUNT, "nothere");
    let refused = arm(
        &sandbox,
        STORAGE_OWNER,
        Method::PUT,
        &path(&missing, NAME),
        Some(&body(&id)),
    )
    .await;
    assert_eq!(refused.refusal(), (404, "ResourceNotFound".to_owned()));
    let reader = arm(
        &sandbox,
        READER,
        Method::PUT,
        &path(&account_path(), NAME),
        Some(&body(&id)),
    )
    .await;
    assert_eq!(reader.refusal(), (403, "AuthorizationFailed".to_owned()));
    assert!(reader.message().contains(&format!(
        "over scope '{}/providers/Microsoft.Authorization/roleAssignments/{NAME}'",
        account_path()
    )));
}

#[tokio::test]
async fn a_new_service_principal_is_not_known_at_once_unless_its_type_is_named() {
    let (sandbox, id) = installed();
    let delay = |delay| {
        world(&sandbox, |world| {
            let id = &id;
            world
                .service_principals
                .iter_mut()
                .filter(|principal| principal.id == *id)
                .for_each(|principal| principal.replication = delay);
        });
    };
    let mut plain = body(&id);
    plain["properties"]
        .as_object_mut()
        .unwrap()
        .remove("principalType");
    delay(Delay::Requests(2));
    for _ in 0..2 {
        let refused = put(&sandbox, NAME, &plain).await;
        assert_eq!(refused.refusal(), (400, "PrincipalNotFound".to_owned()));
        assert!(refused.message().contains("replication delay"));
    }
    assert_eq!(put(&sandbox, NAME, &plain).await.status, 201);
    world(&sandbox, |world| {
        world
            .role_assignments
            .retain(|assignment| assignment.name != NAME);
        world.replication.principal_type_helps = false;
    });
    delay(Delay::UntilSettled);
    let refused = put(&sandbox, NAME, &body(&id)).await;
    assert_eq!(refused.refusal(), (400, "PrincipalNotFound".to_owned()));
    world(&sandbox, |world| {
        world.replication.principal_type_helps = true;
    });
    assert_eq!(
        put(&sandbox, NAME, &body(&id)).await.status,
        201,
        "as documented"
    );
    world(&sandbox, |world| {
        world
            .role_assignments
            .retain(|assignment| assignment.name != NAME);
        world.settle();
    });
    assert_eq!(put(&sandbox, NAME, &plain).await.status, 201);
}

#[tokio::test]
async fn an_assignment_takes_its_time_to_have_an_effect() {
    let sandbox = acme();
    let assign = async |delay| {
        world(&sandbox, |world| {
            world
                .role_assignments
                .retain(|assignment| assignment.name != NAME);
            world.propagation = delay;
        });
        let mut reader = body(GUEST);
        reader["properties"]["principalType"] = json!("User");
        reader["properties"]["roleDefinitionId"] = json!(format!(
            "/providers/Microsoft.Authorization/roleDefinitions/{READER_ROLE}"
        ));
        assert_eq!(put(&sandbox, NAME, &reader).await.status, 201);
    };
    let path = format!("{}?api-version=2026-09-01", account_path());
    let status = async || get(&sandbox, GUEST, &path).await.status;
    assign(Delay::Requests(2)).await;
    assert_eq!(
        [status().await, status().await, status().await],
        [403, 403, 200]
    );
    assign(Delay::UntilSettled).await;
    assert_eq!([status().await, status().await], [403, 403]);
    world(&sandbox, World::settle);
    assert_eq!(status().await, 200);
}

#[tokio::test]
async fn lists_reach_up_and_down_and_through_groups() {
    let (sandbox, id) = installed();
    let top = format!("/providers/Microsoft.Management/managementGroups/{MANAGEMENT_GROUP}");
    let container = format!("{}/blobServices/default/containers/photos", account_path());
    world(&sandbox, |world| {
        world.role_assignments.clear();
        world.assign(READER, "Reader", "/");
        for (id, member) in [("g-inner", id.as_str()), ("g-outer", "g-inner")] {
            world.groups.push(Group {
                id: id.to_owned(),
                tenant: TENANT.to_owned(),
                members: std::collections::BTreeSet::from([member.to_owned()]),
                ..Group::default()
            });
        }
        for (name, principal, scope) in [
            ("top", id.as_str(), top.as_str()),
            ("group", "g-outer", &group_path()),
            ("container", id.as_str(), &container),
        ] {
            let assignment = world.assign(principal, "Storage Blob Data Reader", scope);
            name.clone_into(&mut assignment.name);
        }
    });
    let reader = world(&sandbox, |world| world.role_assignments[0].name.clone());
    for (filter, expected) in [
        (
            String::new(),
            vec![reader.as_str(), "top", "group", "container"],
        ),
        (
            "$filter=atScope()&".to_owned(),
            vec![&reader, "top", "group"],
        ),
        (
            format!("$filter=principalId eq '{id}'&"),
            vec!["top", "container"],
        ),
        (
            format!("$filter=assignedTo('{id}')&"),
            vec!["top", "group", "container"],
        ),
        (
            format!("$filter=atScope()+and+assignedTo('{id}')&"),
            vec!["top", "group"],
        ),
    ] {
        let listed = get(&sandbox, READER, &list_path(&account_path(), &filter)).await;
        assert_eq!(listed.each("name"), expected, "{filter}");
    }
    let odd = get(
        &sandbox,
        READER,
        &list_path(&account_path(), "$filter=x eq 'y'&"),
    )
    .await;
    assert_eq!(odd.refusal(), (400, "BadRequestFormat".to_owned()));
    world(&sandbox, |world| world.page_size = 3);
    let page = get(&sandbox, READER, &list_path(&account_path(), ""))
        .await
        .json();
    let next = page["nextLink"]
        .as_str()
        .unwrap()
        .strip_prefix(&sandbox.endpoint())
        .unwrap()
        .to_owned();
    assert_eq!(
        get(&sandbox, READER, &next).await.each("name"),
        ["container"]
    );
}

#[tokio::test]
async fn an_old_version_hides_conditions() {
    let (sandbox, id) = installed();
    let mut narrowed = body(&id);
    narrowed["properties"]["condition"] = json!("(true)");
    narrowed["properties"]["conditionVersion"] = json!("2.0");
    assert_eq!(put(&sandbox, NAME, &narrowed).await.status, 201);
    let path = path(&account_path(), NAME);
    assert_eq!(
        get(&sandbox, READER, &path).await.json()["properties"]["condition"],
        "(true)"
    );
    let older = get(&sandbox, READER, &path.replace("2022-04-01", "2015-07-01"))
        .await
        .json();
    assert!(older["properties"].get("condition").is_none());
}

#[tokio::test]
async fn locks_protect_assignments() {
    let (sandbox, id) = installed();
    let lock = |level| {
        world(&sandbox, |world| {
            world.locks = vec![Lock {
                name: "keep".to_owned(),
                scope: account_path(),
                level,
            }];
        });
    };
    let locked = (409, "ScopeLocked".to_owned());
    lock(LockLevel::ReadOnly);
    assert_eq!(put(&sandbox, NAME, &body(&id)).await.refusal(), locked);
    lock(LockLevel::CanNotDelete);
    assert_eq!(put(&sandbox, NAME, &body(&id)).await.status, 201);
    let path = path(&account_path(), NAME);
    let refused = arm(&sandbox, STORAGE_OWNER, Method::DELETE, &path, None).await;
    assert_eq!(refused.refusal(), locked);
}
