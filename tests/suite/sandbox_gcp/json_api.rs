//! Buckets and policies over the JSON API, as other clients read and write what the product wrote.

use reqwest::Method;
use segments_connect::sandbox::gcp::{BUCKET, OWNER, SEGMENTS, VIEWER, settings};
use serde_json::json;

use super::{ROLE, bucket, call, connect, get, sandbox, with, world};

const PATH: &str = "/storage/v1/b/acme-images";

#[tokio::test]
async fn a_bucket_is_shown_as_the_json_api_writes_it() {
    let sandbox = with(|world| {
        let bucket = world.buckets.get_mut(BUCKET).unwrap();
        bucket.settings.cors = vec![settings::Cors {
            origin: vec!["https://*.segments.ai".to_owned()],
            method: vec!["GET".to_owned()],
            response_header: vec!["*".to_owned()],
            max_age_seconds: 600,
        }];
        bucket.settings.labels = [("team".to_owned(), "vision".to_owned())].into();
        bucket.set_requester_pays(false);
        bucket.settings.lifecycle = Some(settings::Lifecycle {
            rule: vec![settings::LifecycleRule {
                action: Some(settings::LifecycleAction {
                    r#type: "Delete".to_owned(),
                    storage_class: String::new(),
                }),
                condition: Some(settings::LifecycleCondition {
                    age_days: Some(30),
                    matches_prefix: vec!["tmp/".to_owned()],
                    ..settings::LifecycleCondition::default()
                }),
            }],
        });
    });
    let (status, shown) = get(
        &sandbox,
        &format!("{PATH}?projection=noAcl&prettyPrint=false"),
        OWNER,
    )
    .await;
    assert_eq!(status, 200);
    assert_eq!(
        (
            &shown["name"],
            &shown["projectNumber"],
            &shown["metageneration"],
            &shown["location"]
        ),
        (
            &json!("acme-images"),
            &json!("415104041262"),
            &json!("1"),
            &json!("EUROPE-WEST1")
        )
    );
    assert_eq!(
        shown["cors"],
        json!([{ "origin": ["https://*.segments.ai"], "method": ["GET"], "responseHeader": ["*"], "maxAgeSeconds": 600 }])
    );
    assert_eq!(shown["labels"], json!({ "team": "vision" }));
    assert_eq!(
        shown["lifecycle"],
        json!({ "rule": [{ "action": { "type": "Delete" }, "condition": { "age": 30, "matchesPrefix": ["tmp/"] } }] })
    );
    assert_eq!(
        shown["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"],
        json!(true)
    );
    assert_eq!(
        shown["softDeletePolicy"]["retentionDurationSeconds"],
        json!("604800")
    );
    assert_eq!(sandbox.log()[0].operation, "GetBucket");
}

#[tokio::test]
async fn errors_have_the_older_form() {
    let sandbox = sandbox();
    let (status, answer) = get(&sandbox, PATH, SEGMENTS).await;
    let error = &answer["error"];
    assert_eq!((status, &error["code"]), (403, &json!(403)));
    assert_eq!(
        (&error["errors"][0]["reason"], &error["errors"][0]["domain"]),
        (&json!("forbidden"), &json!("global"))
    );
    let (status, answer) = get(&sandbox, "/storage/v1/b/acme-other", OWNER).await;
    assert_eq!(
        (status, &answer["error"]["errors"][0]["reason"]),
        (404, &json!("notFound"))
    );
    let url = format!("{}{PATH}", sandbox.endpoint());
    let seen = super::see(super::stranger().get(&url)).await;
    assert_eq!(seen.status, 401, "nobody in particular");
    assert!(
        seen.body
            .contains("Anonymous caller does not have storage.buckets.get access"),
        "{}",
        seen.body
    );
    let wrong = super::stranger().get(&url).bearer_auth("ya29.x");
    assert_eq!(super::see(wrong).await.status, 401);
    let (status, _) = get(&sandbox, &format!("{PATH}?nonsense=1"), OWNER).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn a_patch_writes_what_it_holds() {
    let sandbox = sandbox();
    let cors = json!([{ "origin": ["*"], "method": ["GET"], "responseHeader": ["ETag"], "maxAgeSeconds": 60 }]);
    let patch = json!({ "cors": cors, "labels": { "team": "vision" } });
    let guarded = format!("{PATH}?ifMetagenerationMatch=1");
    let (status, shown) = call(
        &sandbox,
        Method::PATCH,
        &guarded,
        OWNER,
        Some(patch.clone()),
    )
    .await;
    assert_eq!(
        (status, &shown["cors"], &shown["metageneration"]),
        (200, &cors, &json!("2"))
    );
    let (status, answer) = call(&sandbox, Method::PATCH, &guarded, OWNER, Some(patch)).await;
    assert_eq!(
        (status, &answer["error"]["errors"][0]["reason"]),
        (412, &json!("conditionNotMet"))
    );
    let fresh = format!("{PATH}?ifMetagenerationNotMatch=2");
    assert_eq!(get(&sandbox, &fresh, OWNER).await.0, 304);
    for wrong in [
        json!({ "corz": [] }),
        json!({ "cors": [{ "origins": ["*"] }] }),
    ] {
        let (status, _) = call(&sandbox, Method::PATCH, PATH, OWNER, Some(wrong)).await;
        assert_eq!(status, 400);
    }
    let (status, _) = call(&sandbox, Method::PATCH, PATH, VIEWER, Some(json!({}))).await;
    assert_eq!(status, 403);
    assert_eq!(bucket(&sandbox, |bucket| bucket.settings.labels.len()), 1);
}

#[tokio::test]
async fn a_policy_is_read_and_written_with_its_etag() {
    let sandbox = with(connect);
    let iam = format!("{PATH}/iam");
    let (status, mut policy) = get(
        &sandbox,
        &format!("{iam}?optionsRequestedPolicyVersion=3"),
        OWNER,
    )
    .await;
    assert_eq!(
        (status, &policy["etag"], &policy["version"]),
        (200, &json!("CAE="), &json!(1))
    );
    let bindings = policy["bindings"].as_array_mut().unwrap();
    let ours = bindings
        .iter()
        .find(|binding| binding["role"] == ROLE)
        .unwrap();
    assert_eq!(
        ours["members"],
        json!([format!("serviceAccount:{SEGMENTS}")])
    );
    bindings.push(
        json!({ "role": "roles/storage.objectViewer", "members": [format!("user:{VIEWER}")] }),
    );
    let (status, written) = call(&sandbox, Method::PUT, &iam, OWNER, Some(policy.clone())).await;
    assert_eq!((status, &written["etag"]), (200, &json!("CAI=")));
    let (status, stale) = call(&sandbox, Method::PUT, &iam, OWNER, Some(policy)).await;
    assert_eq!(
        (status, &stale["error"]["errors"][0]["reason"]),
        (412, &json!("conditionNotMet"))
    );
    let wrong =
        json!({ "bindings": [{ "role": "roles/storage.objectViewer", "members": [SEGMENTS] }] });
    let (status, answer) = call(&sandbox, Method::PUT, &iam, OWNER, Some(wrong)).await;
    assert_eq!(status, 400);
    assert!(
        answer["error"]["message"]
            .as_str()
            .unwrap()
            .contains("is of an unknown type"),
        "{answer}"
    );
    let strange = json!({ "bindings": [], "audit": 1 });
    assert_eq!(
        call(&sandbox, Method::PUT, &iam, OWNER, Some(strange))
            .await
            .0,
        400
    );
}

#[tokio::test]
async fn one_s_own_permissions_can_be_asked_for() {
    let sandbox = sandbox();
    let path = format!(
        "{PATH}/iam/testPermissions?permissions=storage.buckets.get&permissions=storage.buckets.update"
    );
    let (status, answer) = get(&sandbox, &path, VIEWER).await;
    assert_eq!(
        (status, &answer["permissions"]),
        (200, &json!(["storage.buckets.get"]))
    );
    world(&sandbox, |world| world.buckets.clear());
    assert_eq!(get(&sandbox, &path, VIEWER).await.0, 404);
}
