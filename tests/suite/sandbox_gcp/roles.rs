//! Custom roles over the IAM API: making, changing, deleting, bringing back, and who may.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use google_cloud_gax::error::rpc::{Code, StatusDetails};
use google_cloud_iam_admin_v1::client::Iam;
use google_cloud_iam_admin_v1::model::Role;
use google_cloud_iam_admin_v1::model::role::RoleLaunchStage as Stage;
use google_cloud_wkt::FieldMask;
use reqwest::Method;
use segments_connect::sandbox::Sandbox;
use segments_connect::sandbox::gcp::{
    self, BUCKET_ADMIN, DEPLOYER, OWNER, PROJECT, SEGMENTS, VIEWER,
};
use serde_json::json;

use super::{ROLE, call, code, get, iam, refused, sandbox, with, world};

const PARENT: &str = "projects/acme-vision";
const ID: &str = "segments_object_reader";
const PATH: &str = "/v1/projects/acme-vision/roles/segments_object_reader";

fn published() -> Role {
    Role::new()
        .set_title("Segments object reader")
        .set_description("Lets Segments.ai read objects")
        .set_included_permissions(["storage.objects.get"])
        .set_stage(Stage::Ga)
}

async fn create(client: &Iam, role: Role) -> google_cloud_gax::Result<Role> {
    client
        .create_role()
        .set_parent(PARENT)
        .set_role_id(ID)
        .set_role(role)
        .send()
        .await
}

async fn read(client: &Iam) -> google_cloud_gax::Result<Role> {
    client.get_role().set_name(ROLE).send().await
}

fn advance(sandbox: &Sandbox, days: i64) {
    world(sandbox, |world| {
        world.clock_offset += time::Duration::days(days);
        // Tokens do not live for so long.
        for token in world.tokens.values_mut() {
            token.expires += time::Duration::days(days);
        }
    });
}

#[tokio::test]
async fn a_role_is_made_and_read_back() {
    let sandbox = sandbox();
    for email in [OWNER, DEPLOYER] {
        let client = iam(&sandbox, email).await;
        assert_eq!(
            refused(read(&client).await),
            (
                Code::NotFound,
                format!("The role named {ROLE} was not found.")
            )
        );
        let made = create(&client, published()).await.unwrap();
        assert_eq!((made.name.as_str(), &made.stage), (ROLE, &Stage::Ga));
        assert_eq!(made.included_permissions, ["storage.objects.get"]);
        assert_eq!(read(&client).await.unwrap(), made);
        let again = refused(create(&client, published()).await);
        assert_eq!(again.0, Code::AlreadyExists);
        assert!(again.1.contains("already exists"), "{again:?}");
        world(&sandbox, |world| {
            world.project_mut(PROJECT).unwrap().roles.clear();
        });
    }
}

#[tokio::test]
async fn a_role_is_changed_by_its_etag_and_only_where_the_mask_says() {
    let sandbox = sandbox();
    let client = iam(&sandbox, OWNER).await;
    let made = create(&client, published()).await.unwrap();
    let change = async |role: Role, paths: &[&str]| {
        client
            .update_role()
            .set_name(ROLE)
            .set_role(role)
            .set_update_mask(FieldMask::default().set_paths(paths.iter().copied()))
            .send()
            .await
    };
    let wanted = Role::new()
        .set_title("Other")
        .set_included_permissions(["storage.objects.list", "storage.objects.get"])
        .set_etag(made.etag.clone());
    let changed = change(wanted.clone(), &["included_permissions"])
        .await
        .unwrap();
    assert_eq!(changed.title, "Segments object reader");
    assert_eq!(
        changed.included_permissions,
        ["storage.objects.get", "storage.objects.list"]
    );
    assert_ne!(changed.etag, made.etag);
    let stale = refused(change(wanted, &["title"]).await);
    assert_eq!(stale.0, Code::Aborted);
    assert_eq!(read(&client).await.unwrap(), changed);
    // What a mask names and a request does not hold is cleared.
    let cleared = change(Role::new(), &["description"]).await.unwrap();
    assert_eq!(cleared.description, "");
    for paths in [&["name"][..], &["etag"], &["deleted"], &["nonsense"]] {
        assert_eq!(
            code(change(Role::new(), paths).await),
            Code::InvalidArgument,
            "{paths:?}"
        );
    }
}

#[tokio::test]
async fn a_deleted_role_can_be_brought_back_for_7_days() {
    let sandbox = sandbox();
    let client = iam(&sandbox, OWNER).await;
    let made = create(&client, published()).await.unwrap();
    let delete = client.delete_role().set_name(ROLE);
    // The library writes an etag into the query as it is, which is no base64: by hand it is.
    let raw = delete.clone().set_etag(vec![0, 1]).send().await;
    assert_eq!(code(raw), Code::InvalidArgument);
    let by_hand = async |etag: &str| {
        let path = format!("{PATH}?etag={etag}");
        call(&sandbox, Method::DELETE, &path, OWNER, None).await
    };
    let (status, answer) = by_hand("AAE%3D").await;
    assert_eq!(
        (status, &answer["error"]["status"]),
        (409, &json!("ABORTED"))
    );
    let etag = STANDARD
        .encode(&made.etag)
        .replace('=', "%3D")
        .replace('+', "%2B");
    assert_eq!(by_hand(&etag).await.0, 200);
    let deleted = read(&client).await.unwrap();
    assert!(deleted.deleted);
    let again = refused(delete.send().await);
    assert_eq!(again.0, Code::FailedPrecondition);
    let update = client
        .update_role()
        .set_name(ROLE)
        .set_role(Role::new().set_title("x"));
    assert_eq!(code(update.send().await), Code::FailedPrecondition);
    assert_eq!(
        refused(create(&client, published()).await),
        (
            Code::FailedPrecondition,
            format!("You can't create a role_id ({ID}) which has been marked for deletion.")
        )
    );
    advance(&sandbox, 6);
    let undelete = client.undelete_role().set_name(ROLE);
    assert_eq!(
        code(undelete.clone().set_etag(vec![9]).send().await),
        Code::Aborted
    );
    let back = undelete
        .clone()
        .set_etag(deleted.etag)
        .send()
        .await
        .unwrap();
    assert!(!back.deleted);
    assert_eq!(back.title, "Segments object reader");
    assert_eq!(code(undelete.send().await), Code::FailedPrecondition);
}

#[tokio::test]
async fn the_id_of_a_deleted_role_is_blocked_until_day_37() {
    let sandbox = sandbox();
    let client = iam(&sandbox, OWNER).await;
    create(&client, published()).await.unwrap();
    client.delete_role().set_name(ROLE).send().await.unwrap();
    advance(&sandbox, 8);
    assert_eq!(code(read(&client).await), Code::NotFound);
    let undelete = client.undelete_role().set_name(ROLE).send().await;
    assert_eq!(code(undelete), Code::NotFound);
    assert_eq!(
        code(create(&client, published()).await),
        Code::FailedPrecondition
    );
    advance(&sandbox, 30);
    let made = create(&client, published()).await.unwrap();
    assert!(!made.deleted);
}

#[tokio::test]
async fn every_operation_needs_its_own_permission() {
    let sandbox = sandbox();
    let none = iam(&sandbox, BUCKET_ADMIN).await;
    let result = create(&none, published()).await;
    let error = result.unwrap_err();
    let status = error.status().unwrap();
    assert_eq!(status.code, Code::PermissionDenied);
    assert_eq!(
        status.message,
        "Permission 'iam.roles.create' denied on resource (or it may not exist)."
    );
    let info = status.details.iter().find_map(|detail| match detail {
        StatusDetails::ErrorInfo(info) => Some(info.clone()),
        _ => None,
    });
    let info = info.unwrap();
    assert_eq!(
        (info.reason.as_str(), info.domain.as_str()),
        ("IAM_PERMISSION_DENIED", "iam.googleapis.com")
    );
    assert_eq!(info.metadata["permission"], "iam.roles.create");

    create(&iam(&sandbox, OWNER).await, published())
        .await
        .unwrap();
    let viewer = iam(&sandbox, VIEWER).await;
    read(&viewer).await.unwrap();
    for result in [
        read(&none).await,
        viewer.delete_role().set_name(ROLE).send().await,
        viewer.undelete_role().set_name(ROLE).send().await,
        viewer
            .update_role()
            .set_name(ROLE)
            .set_role(published())
            .send()
            .await,
    ] {
        assert_eq!(code(result), Code::PermissionDenied);
    }
    // A project that is not there answers in the same words.
    let elsewhere = iam(&sandbox, OWNER).await;
    let elsewhere = elsewhere.get_role().set_name("projects/nobody/roles/x");
    assert_eq!(code(elsewhere.send().await), Code::PermissionDenied);
}

#[tokio::test]
async fn google_s_own_roles_can_be_read_by_everybody() {
    let sandbox = sandbox();
    let client = iam(&sandbox, SEGMENTS).await;
    let role = client
        .get_role()
        .set_name("roles/storage.legacyObjectReader")
        .send()
        .await
        .unwrap();
    assert_eq!(role.included_permissions, ["storage.objects.get"]);
    let missing = client.get_role().set_name("roles/storage.viewer").send();
    assert_eq!(code(missing.await), Code::NotFound);
}

#[tokio::test]
async fn a_list_shows_what_is_there_and_deleted_roles_on_request() {
    let sandbox = with(|world| {
        let project = world.project_mut(PROJECT).unwrap();
        for (id, deleted) in [("one", false), ("two", true), ("three", false)] {
            let mut role = gcp::Role::new(id, &["storage.objects.get"]);
            role.deleted = deleted.then(time::OffsetDateTime::now_utc);
            project.roles.insert(id.to_owned(), role);
        }
    });
    let client = iam(&sandbox, OWNER).await;
    let list = client.list_roles().set_parent(PARENT);
    let names = |roles: Vec<Role>| -> Vec<String> {
        roles
            .into_iter()
            .map(|role| role.name.rsplit('/').next().unwrap().to_owned())
            .collect()
    };
    let plain = list.clone().send().await.unwrap();
    assert!(plain.roles[0].included_permissions.is_empty(), "basic view");
    assert_eq!(names(plain.roles), ["one", "three"]);
    let all = list.clone().set_show_deleted(true).send().await.unwrap();
    assert_eq!(names(all.roles), ["one", "three", "two"]);
    let first = list.clone().set_page_size(1).send().await.unwrap();
    assert_eq!(first.next_page_token, "three");
    let second = list.set_page_size(1).set_page_token(first.next_page_token);
    assert_eq!(names(second.send().await.unwrap().roles), ["three"]);
}

#[tokio::test]
async fn what_the_api_does_not_have_is_refused_by_name() {
    let sandbox = sandbox();
    let roles = "/v1/projects/acme-vision/roles";
    for (body, message) in [
        (
            json!({ "roleId": ID, "role": {}, "more": 1 }),
            "Unknown name \"more\": Cannot find field.",
        ),
        (
            json!({ "roleId": ID, "role": { "titel": "x" } }),
            "Unknown name \"titel\" at 'role': Cannot find field.",
        ),
        (
            json!({ "roleId": ID, "role": { "stage": "SOON" } }),
            "Invalid value at 'role.stage'",
        ),
        (
            json!({ "roleId": ID, "role": { "title": 7 } }),
            "Invalid value at 'role.title'",
        ),
        (
            json!({ "roleId": ID, "role": { "name": "projects/x/roles/y" } }),
            "must not be set",
        ),
        (
            json!({ "roleId": "no-dashes", "role": {} }),
            "The role_id (no-dashes) is invalid",
        ),
        (json!({ "role": {} }), "The role_id () is invalid"),
        (
            json!({ "roleId": ID, "role": { "includedPermissions": ["storage.objects.gett"] } }),
            "Permission storage.objects.gett is not valid.",
        ),
        (
            json!({ "roleId": ID, "role": { "title": "t".repeat(101) } }),
            "at most 100 bytes",
        ),
    ] {
        let (status, answer) = call(&sandbox, Method::POST, roles, OWNER, Some(body)).await;
        let found = answer["error"]["message"].as_str().unwrap();
        assert!(
            status == 400 && found.contains(message),
            "{status} {found}: {message}"
        );
        assert_eq!(answer["error"]["status"], "INVALID_ARGUMENT");
    }
    let (status, answer) = get(&sandbox, &format!("{PATH}?role=x"), OWNER).await;
    assert_eq!(status, 400);
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("Unknown name \"role\""), "{message}");
    let (status, _) = get(&sandbox, &format!("{PATH}?$alt=xml"), OWNER).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn stages_are_written_as_the_client_asked() {
    let sandbox = with(|world| {
        let project = world.project_mut(PROJECT).unwrap();
        let role = gcp::Role::new("Reader", &["storage.objects.get"]);
        project.roles.insert(ID.to_owned(), role.clone());
        let alpha = gcp::Role {
            stage: gcp::Stage::Alpha,
            ..role
        };
        project.roles.insert("alpha".to_owned(), alpha);
    });
    let stage = async |path: &str| get(&sandbox, path, OWNER).await.1["stage"].clone();
    assert_eq!(stage(PATH).await, "GA");
    assert_eq!(
        stage(&format!("{PATH}?$alt=json;enum-encoding=int")).await,
        2
    );
    let alpha = "/v1/projects/acme-vision/roles/alpha";
    assert_eq!(stage(alpha).await, json!(null), "told by nothing");
}

#[tokio::test]
async fn three_hundred_roles_are_the_most_and_deleted_ones_count() {
    let sandbox = with(|world| {
        let project = world.project_mut(PROJECT).unwrap();
        for number in 0..300 {
            let mut role = gcp::Role::new("x", &[]);
            role.deleted = (number == 0).then(time::OffsetDateTime::now_utc);
            project.roles.insert(format!("role{number}"), role);
        }
    });
    let client = iam(&sandbox, OWNER).await;
    let refusal = refused(create(&client, published()).await);
    assert_eq!(
        refusal,
        (
            Code::FailedPrecondition,
            "Maximum number of roles reached. Maximum is: 300".to_owned()
        )
    );
}

#[tokio::test]
async fn an_api_that_is_not_enabled_says_where_to_enable_it() {
    let sandbox = with(|world| {
        let project = world.project_mut(PROJECT).unwrap();
        project
            .disabled_services
            .insert("iam.googleapis.com".to_owned());
    });
    let client = iam(&sandbox, OWNER).await;
    let error = create(&client, published()).await.unwrap_err();
    let status = error.status().unwrap();
    assert_eq!(status.code, Code::PermissionDenied);
    assert!(
        status.message.starts_with(
            "Identity and Access Management (IAM) API has not been used in project 415104041262 before or it is \
             disabled."
        ),
        "{}",
        status.message
    );
    let info = status.details.iter().find_map(|detail| match detail {
        StatusDetails::ErrorInfo(info) => Some(info.clone()),
        _ => None,
    });
    let info = info.unwrap();
    assert_eq!(info.reason, "SERVICE_DISABLED");
    assert_eq!(info.metadata["service"], "iam.googleapis.com");
    assert_eq!(info.metadata["consumer"], "projects/415104041262");
}
