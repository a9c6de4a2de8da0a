//! Bucket metadata over gRPC: masks, metageneration, who may read and write it.

use google_cloud_gax::error::rpc::Code;
use google_cloud_storage::client::StorageControl;
use google_cloud_storage::model::Bucket;
use google_cloud_storage::model::bucket::Cors;
use google_cloud_wkt::FieldMask;
use segments_connect::sandbox::gcp::{
    BUCKET_ADMIN, DEPLOYER, OWNER, PARTNER, SEGMENTS, VIEWER, settings,
};

use super::{RESOURCE, bucket, code, control, refused, sandbox, with, world};

fn published() -> Cors {
    Cors::new()
        .set_origin(["https://*.segments.ai"])
        .set_method(["GET"])
        .set_response_header(["*"])
}

fn mask(paths: &[&str]) -> FieldMask {
    FieldMask::default().set_paths(paths.iter().copied())
}

async fn update(
    client: &StorageControl,
    bucket: Bucket,
    paths: &[&str],
    metageneration: Option<i64>,
) -> google_cloud_storage::Result<Bucket> {
    let request = client
        .update_bucket()
        .set_bucket(bucket.set_name(RESOURCE))
        .set_update_mask(mask(paths));
    match metageneration {
        None => request.send().await,
        Some(number) => request.set_if_metageneration_match(number).send().await,
    }
}

#[tokio::test]
async fn everybody_reads_what_their_roles_show() {
    let sandbox = with(|world| {
        let bucket = world.buckets.get_mut("acme-images").unwrap();
        bucket.set_ip_filter(&["0.0.0.0/0"]);
        bucket.settings.acl.push(settings::AccessControl {
            entity: "user-someone".to_owned(),
            ..settings::AccessControl::default()
        });
    });
    for (email, acl, filter) in [
        (OWNER, 1, false),
        (BUCKET_ADMIN, 1, true),
        (DEPLOYER, 1, true),
        (VIEWER, 0, false),
    ] {
        let client = control(&sandbox, email).await;
        let found = client.get_bucket().set_name(RESOURCE).send().await.unwrap();
        assert_eq!(
            (
                found.name.as_str(),
                found.bucket_id.as_str(),
                found.project.as_str(),
                found.metageneration
            ),
            (RESOURCE, "acme-images", "projects/415104041262", 1)
        );
        assert_eq!(
            (found.acl.len(), found.ip_filter.is_some()),
            (acl, filter),
            "{email}"
        );
    }
    let client = control(&sandbox, SEGMENTS).await;
    let refusal = refused(client.get_bucket().set_name(RESOURCE).send().await);
    assert_eq!(
        refusal,
        (
            Code::PermissionDenied,
            format!(
                "{SEGMENTS} does not have storage.buckets.get access to the Google Cloud Storage bucket. Permission \
                 'storage.buckets.get' denied on resource (or it may not exist)."
            )
        )
    );
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_not_found_and_a_malformed_name_is_invalid() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    for (name, expected) in [
        ("projects/_/buckets/acme-other", Code::NotFound),
        ("projects/acme-vision/buckets/acme-other", Code::NotFound),
        ("projects/nobody/buckets/acme-images", Code::InvalidArgument),
        ("acme-images", Code::InvalidArgument),
        ("projects/_/buckets/acme-images/x", Code::InvalidArgument),
    ] {
        let answer = client.get_bucket().set_name(name).send().await;
        assert_eq!(code(answer), expected, "{name}");
    }
    let by_id = client
        .get_bucket()
        .set_name("projects/acme-vision/buckets/acme-images");
    assert_eq!(by_id.send().await.unwrap().bucket_id, "acme-images");
}

#[tokio::test]
async fn a_mask_writes_what_it_names_and_nothing_else() {
    let sandbox = with(|world| {
        let bucket = world.buckets.get_mut("acme-images").unwrap();
        bucket.settings.labels = [("team".to_owned(), "vision".to_owned())].into();
        bucket.settings.versioning = Some(settings::Switch { enabled: true });
        bucket.settings.lifecycle = Some(settings::Lifecycle {
            rule: vec![settings::LifecycleRule {
                action: Some(settings::LifecycleAction {
                    r#type: "Delete".to_owned(),
                    ..settings::LifecycleAction::default()
                }),
                condition: Some(settings::LifecycleCondition {
                    age_days: Some(30),
                    ..settings::LifecycleCondition::default()
                }),
            }],
        });
    });
    let before = bucket(&sandbox, |bucket| bucket.settings.clone());
    let client = control(&sandbox, OWNER).await;
    let answer = update(
        &client,
        Bucket::new().set_cors([published()]),
        &["cors"],
        Some(1),
    )
    .await
    .unwrap();
    assert_eq!(
        (
            answer.metageneration,
            answer.cors.clone(),
            answer.labels.len()
        ),
        (2, vec![published()], 1)
    );
    let after = bucket(&sandbox, |bucket| bucket.settings.clone());
    let expected = settings::Bucket {
        cors: vec![settings::Cors {
            origin: vec!["https://*.segments.ai".to_owned()],
            method: vec!["GET".to_owned()],
            response_header: vec!["*".to_owned()],
            max_age_seconds: 0,
        }],
        metageneration: 2,
        etag: "CAI=".to_owned(),
        update_time: after.update_time,
        ..before.clone()
    };
    assert_eq!(after, expected);

    update(&client, Bucket::new(), &["cors"], None)
        .await
        .unwrap();
    assert!(bucket(&sandbox, |bucket| bucket.settings.cors.is_empty()));
    // A star is all that can be written: what the request leaves out is gone.
    update(&client, Bucket::new(), &["*"], None).await.unwrap();
    let emptied = bucket(&sandbox, |bucket| bucket.settings.clone());
    assert!(emptied.labels.is_empty() && emptied.lifecycle.is_none());
    assert_eq!(
        (emptied.location, emptied.metageneration),
        (before.location, 4)
    );
}

#[tokio::test]
async fn masks_that_name_nothing_or_the_wrong_thing_are_refused() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    for paths in [
        &[][..],
        &["name"],
        &["metageneration"],
        &["corz"],
        &["*", "cors"],
    ] {
        let answer = update(&client, Bucket::new(), paths, None).await;
        assert_eq!(code(answer), Code::InvalidArgument, "{paths:?}");
    }
    let negative = published().set_max_age_seconds(-1);
    let answer = update(&client, Bucket::new().set_cors([negative]), &["cors"], None).await;
    assert_eq!(code(answer), Code::InvalidArgument);
    let many = vec![published(); 700];
    let answer = update(&client, Bucket::new().set_cors(many), &["cors"], None).await;
    assert!(answer.is_err(), "more than 20 480 bytes");
    assert_eq!(bucket(&sandbox, |bucket| bucket.settings.metageneration), 1);
}

#[tokio::test]
async fn a_metageneration_that_moved_writes_nothing() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    let wanted = Bucket::new().set_cors([published()]);
    let stale = refused(update(&client, wanted.clone(), &["cors"], Some(7)).await);
    assert_eq!(
        stale,
        (
            Code::FailedPrecondition,
            "At least one of the pre-conditions you specified did not hold.".to_owned()
        )
    );
    assert!(bucket(&sandbox, |bucket| bucket.settings.cors.is_empty()));
    let not = client
        .get_bucket()
        .set_name(RESOURCE)
        .set_if_metageneration_not_match(1);
    assert_eq!(code(not.send().await), Code::Aborted);
    let other = client
        .get_bucket()
        .set_name(RESOURCE)
        .set_if_metageneration_match(2);
    assert_eq!(code(other.send().await), Code::FailedPrecondition);
}

#[tokio::test]
async fn writing_needs_the_right_to_write_and_some_fields_more() {
    let sandbox = sandbox();
    let refusal = refused(
        update(
            &control(&sandbox, VIEWER).await,
            Bucket::new().set_cors([published()]),
            &["cors"],
            None,
        )
        .await,
    );
    assert_eq!(refusal.0, Code::PermissionDenied);
    assert!(refusal.1.contains("storage.buckets.update"), "{refusal:?}");
    world(&sandbox, |world| {
        let project = world.project_mut("acme-vision").unwrap();
        project.roles.insert(
            "corsWriter".to_owned(),
            segments_connect::sandbox::gcp::Role::new(
                "CORS writer",
                &["storage.buckets.get", "storage.buckets.update"],
            ),
        );
        let bucket = world.buckets.get_mut("acme-images").unwrap();
        bucket.policy.grant(
            "projects/acme-vision/roles/corsWriter",
            &format!("serviceAccount:{PARTNER}"),
        );
    });
    let partner = control(&sandbox, PARTNER).await;
    for (paths, expected) in [
        (["cors"], None),
        (["iam_config"], Some("storage.buckets.getIamPolicy")),
        (["acl"], Some("storage.buckets.getIamPolicy")),
        (["ip_filter"], Some("storage.buckets.setIpFilter")),
    ] {
        let answer = update(&partner, Bucket::new(), &paths, None).await;
        match expected {
            None => assert!(answer.is_ok(), "{paths:?}"),
            Some(permission) => {
                let refusal = refused(answer);
                assert_eq!(refusal.0, Code::PermissionDenied, "{paths:?}");
                assert!(refusal.1.contains(permission), "{refusal:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_read_mask_shows_what_it_names() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    let found = client
        .get_bucket()
        .set_name(RESOURCE)
        .set_read_mask(mask(&["metageneration"]))
        .send()
        .await
        .unwrap();
    assert_eq!(found, Bucket::new().set_metageneration(1));
    let unknown = client
        .get_bucket()
        .set_name(RESOURCE)
        .set_read_mask(mask(&["corz"]));
    assert_eq!(code(unknown.send().await), Code::InvalidArgument);
}

#[tokio::test]
async fn the_payer_and_the_network_are_asked_for_before_anything_else() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| bucket.set_requester_pays(true));
    let read = async |email: &str| {
        let client = control(&sandbox, email).await;
        client.get_bucket().set_name(RESOURCE).send().await
    };
    // The owner may bill the bucket's own project.
    assert!(read(OWNER).await.is_ok());
    let refusal = refused(read(BUCKET_ADMIN).await);
    assert_eq!(
        refusal,
        (
            Code::InvalidArgument,
            "Bucket is a requester pays bucket but no user project provided.".to_owned()
        )
    );
    bucket(&sandbox, |bucket| {
        bucket.set_requester_pays(false);
        bucket.set_ip_filter(&["203.0.113.0/24"]);
    });
    assert_eq!(code(read(OWNER).await), Code::PermissionDenied);
    world(&sandbox, |world| {
        world.source_ip = Some("203.0.113.7".parse().unwrap());
    });
    assert!(read(OWNER).await.is_ok());
}
