//! Microsoft Graph: service principals, and who may install them.

use segments_connect::sandbox::azure::{
    BOTH, DIRECTORY_ADMINISTRATOR, Delay, DirectoryRole, GUEST, Group, PIPELINE, PIPELINE_APP_ID,
    SEGMENTS_APP_ID, SEGMENTS_APP_NAME, SEGMENTS_TENANT, STORAGE_OWNER, TENANT,
};
use serde_json::{Value, json};

use super::*;

async fn ask(
    sandbox: &Sandbox,
    who: &str,
    method: Method,
    path: &str,
    body: Option<&str>,
    prefer: bool,
) -> Reply {
    let mut request = client()
        .request(method, format!("{}/v1.0/{path}", sandbox.endpoint()))
        .bearer_auth(token(sandbox, who, GRAPH));
    if let Some(body) = body {
        request = request
            .header("content-type", "application/json")
            .body(body.to_owned());
    }
    if prefer {
        request = request.header("prefer", "create-if-missing");
    }
    reply(request).await
}

fn by_app() -> String {
    format!("servicePrincipals(appId='{SEGMENTS_APP_ID}')")
}

async fn read(sandbox: &Sandbox, who: &str) -> Reply {
    ask(sandbox, who, Method::GET, &by_app(), None, false).await
}

async fn upsert(sandbox: &Sandbox, who: &str, body: &str) -> Reply {
    ask(sandbox, who, Method::PATCH, &by_app(), Some(body), true).await
}

#[tokio::test]
async fn a_service_principal_is_made_once_and_then_found() {
    let sandbox = acme();
    let absent = read(&sandbox, STORAGE_OWNER).await;
    assert_eq!(
        absent.refusal(),
        (404, "Request_ResourceNotFound".to_owned())
    );
    assert!(absent.json()["error"]["innerError"]["request-id"].is_string());
    let made = upsert(&sandbox, DIRECTORY_ADMINISTRATOR, "{}").await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!(made["displayName"], SEGMENTS_APP_NAME);
    assert_eq!(made["appOwnerOrganizationId"], SEGMENTS_TENANT);
    assert_eq!(made["accountEnabled"], true);
    let again = upsert(&sandbox, DIRECTORY_ADMINISTRATOR, "{}").await;
    assert_eq!((again.status, again.text.as_str()), (204, ""));
    let found = read(&sandbox, STORAGE_OWNER).await.json();
    assert_eq!(found["id"], made["id"]);
    let id = made["id"].as_str().unwrap();
    let by_id = format!("servicePrincipals/{id}");
    let narrow = format!("{}?$select=id,appId,accountEnabled", by_app());
    let narrow = ask(&sandbox, STORAGE_OWNER, Method::GET, &narrow, None, false)
        .await
        .json();
    let names: Vec<&str> = narrow
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(names, ["@odata.context", "id", "appId", "accountEnabled"]);
    let odd = format!("{}?$select=id,colour", by_app());
    let odd = ask(&sandbox, STORAGE_OWNER, Method::GET, &odd, None, false).await;
    assert_eq!(odd.refusal(), (400, "Request_BadRequest".to_owned()));
    let filter = format!("servicePrincipals?$filter=appId eq '{SEGMENTS_APP_ID}'");
    let listed = ask(&sandbox, STORAGE_OWNER, Method::GET, &filter, None, false).await;
    assert_eq!(listed.each("id"), [id]);
    let gone = ask(
        &sandbox,
        DIRECTORY_ADMINISTRATOR,
        Method::DELETE,
        &by_id,
        None,
        false,
    )
    .await;
    assert_eq!(gone.status, 204);
    assert_eq!(read(&sandbox, STORAGE_OWNER).await.status, 404);
    let operations: Vec<String> = sandbox
        .log()
        .into_iter()
        .map(|entry| entry.operation)
        .collect();
    assert_eq!(
        operations,
        [
            "GetServicePrincipal",
            "UpsertServicePrincipal",
            "UpsertServicePrincipal",
            "GetServicePrincipal",
            "GetServicePrincipal",
            "GetServicePrincipal",
            "ListServicePrincipals",
            "DeleteServicePrincipal",
            "GetServicePrincipal"
        ]
    );
}

#[tokio::test]
async fn an_upsert_renames_what_it_is_told_to_rename() {
    let sandbox = acme();
    world(&sandbox, |world| world.install_segments(TENANT));
    let name = || {
        world(&sandbox, |world| {
            world.segments(TENANT).unwrap().display_name.clone()
        })
    };
    assert_eq!(upsert(&sandbox, BOTH, "{}").await.status, 204);
    assert_eq!(name(), SEGMENTS_APP_NAME);
    assert_eq!(
        upsert(&sandbox, BOTH, "{\"displayName\":\"Mine\"}")
            .await
            .status,
        204
    );
    assert_eq!(name(), "Mine");
}

#[tokio::test]
async fn without_the_preference_nothing_is_made() {
    let sandbox = acme();
    let plain = ask(&sandbox, BOTH, Method::PATCH, &by_app(), Some("{}"), false).await;
    assert_eq!(
        plain.refusal(),
        (404, "Request_ResourceNotFound".to_owned())
    );
    for body in [
        "",
        "[]",
        "x",
        "{\"colour\":\"red\"}",
        "{\"accountEnabled\":\"yes\"}",
    ] {
        let refused = upsert(&sandbox, BOTH, body).await;
        assert_eq!(
            refused.refusal(),
            (400, "Request_BadRequest".to_owned()),
            "{body}"
        );
    }
    assert!(world(&sandbox, |world| world.segments(TENANT).is_none()));
}

#[tokio::test]
async fn the_older_way_of_making_one_refuses_a_second() {
    let sandbox = acme();
    let body = json!({ "appId": SEGMENTS_APP_ID }).to_string();
    let create = || {
        ask(
            &sandbox,
            BOTH,
            Method::POST,
            "servicePrincipals",
            Some(&body),
            false,
        )
    };
    assert_eq!(create().await.status, 201);
    assert_eq!(
        create().await.refusal(),
        (409, "Request_MultipleObjectsWithSameKeyValue".to_owned())
    );
    for body in [
        json!({}),
        json!({ "appId": "0b1ec700-0000-4000-8000-00000000dead" }),
    ] {
        let body = body.to_string();
        let refused = ask(
            &sandbox,
            BOTH,
            Method::POST,
            "servicePrincipals",
            Some(&body),
            false,
        )
        .await;
        assert_eq!(
            refused.refusal(),
            (400, "Request_BadRequest".to_owned()),
            "{body}"
        );
    }
    let private = format!("servicePrincipals(appId='{PIPELINE_APP_ID}')");
    world(&sandbox, |world| {
        world.applications[1].tenant = SEGMENTS_TENANT.to_owned();
        world
            .service_principals
            .retain(|principal| principal.id != PIPELINE);
    });
    let refused = ask(&sandbox, BOTH, Method::PATCH, &private, Some("{}"), true).await;
    assert_eq!(
        refused.refusal(),
        (400, "Request_BadRequest".to_owned()),
        "another tenant's own application"
    );
}

#[tokio::test]
async fn directory_roles_and_permissions_decide() {
    let sandbox = acme();
    let denied = (403, "Authorization_RequestDenied".to_owned());
    assert_eq!(
        upsert(&sandbox, STORAGE_OWNER, "{}").await.refusal(),
        denied
    );
    assert_eq!(upsert(&sandbox, GUEST, "{}").await.refusal(), denied);
    assert_eq!(upsert(&sandbox, PIPELINE, "{}").await.refusal(), denied);
    assert_eq!(read(&sandbox, GUEST).await.refusal(), denied);
    assert_eq!(read(&sandbox, PIPELINE).await.refusal(), denied);
    world(&sandbox, |world| {
        world.tenants[0].guests_may_read = true;
        world.service_principals[0]
            .graph_permissions
            .insert("Application.Read.All".to_owned());
        world
            .user_mut(STORAGE_OWNER)
            .unwrap()
            .directory_roles
            .insert(DirectoryRole::ApplicationDeveloper);
    });
    assert_eq!(read(&sandbox, GUEST).await.status, 404);
    assert_eq!(read(&sandbox, PIPELINE).await.status, 404);
    assert_eq!(upsert(&sandbox, PIPELINE, "{}").await.refusal(), denied);
    assert_eq!(
        upsert(&sandbox, STORAGE_OWNER, "{}").await.refusal(),
        denied,
        "it is a multi-tenant application of others"
    );
    world(&sandbox, |world| {
        world.service_principals[0]
            .graph_permissions
            .insert("Application.ReadWrite.All".to_owned());
    });
    assert_eq!(upsert(&sandbox, PIPELINE, "{}").await.status, 201);
}

#[tokio::test]
async fn what_is_made_here_takes_its_time_to_reach_resource_manager() {
    let sandbox = acme();
    world(&sandbox, |world| {
        world.replication.delay = Delay::Requests(3);
    });
    assert_eq!(upsert(&sandbox, BOTH, "{}").await.status, 201);
    let seen = world(&sandbox, |world| {
        world.segments(TENANT).unwrap().replication
    });
    assert_eq!(seen, Delay::Requests(3));
    assert_eq!(
        read(&sandbox, STORAGE_OWNER).await.status,
        200,
        "Graph knows it at once"
    );
}

#[tokio::test]
async fn the_groups_of_a_service_principal_are_told() {
    let sandbox = acme();
    world(&sandbox, |world| {
        for (id, member) in [
            ("g-inner", PIPELINE),
            ("g-outer", "g-inner"),
            ("g-other", GUEST),
        ] {
            world.groups.push(Group {
                id: id.to_owned(),
                tenant: TENANT.to_owned(),
                members: std::collections::BTreeSet::from([member.to_owned()]),
                ..Group::default()
            });
        }
    });
    let path = format!("servicePrincipals/{PIPELINE}/transitiveMemberOf");
    let listed = ask(&sandbox, STORAGE_OWNER, Method::GET, &path, None, false).await;
    assert_eq!(listed.each("id"), ["g-inner", "g-outer"]);
    let path = format!("servicePrincipals/{PIPELINE}/getMemberGroups");
    let body = "{\"securityEnabledOnly\":false}";
    let ids = ask(
        &sandbox,
        STORAGE_OWNER,
        Method::POST,
        &path,
        Some(body),
        false,
    )
    .await;
    assert_eq!(ids.json()["value"], json!(["g-inner", "g-outer"]));
    let unsaid = ask(
        &sandbox,
        STORAGE_OWNER,
        Method::POST,
        &path,
        Some("{}"),
        false,
    )
    .await;
    assert_eq!(unsaid.status, 400);
    let other: Value = ask(&sandbox, STORAGE_OWNER, Method::GET, "users", None, false)
        .await
        .json();
    assert_eq!(other["error"]["code"], "NotImplemented");
}
