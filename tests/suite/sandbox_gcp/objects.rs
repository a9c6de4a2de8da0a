//! Objects: reading them in every form, listing them, and everything that can stand in the way.

use google_cloud_gax::error::rpc::Code;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_storage::client::Storage;
use google_cloud_storage::model_ext::ReadRange;
use segments_connect::sandbox::gcp::{
    BUCKET_ADMIN, KeyState, MissingObject, OWNER, Perimeter, SEGMENTS, VIEWER,
};
use segments_connect::sandbox::{Fault, FaultKind, On, Sandbox};
use serde_json::json;

use super::{
    BUCKET, RESOURCE, bucket, code, connect, control, credentials, get, photo, sandbox, see,
    stranger, with, world,
};

const NAME: &str = "photos/one cat.png";
const KEY: &str = "projects/acme-vision/locations/eu/keyRings/r/cryptoKeys/k";

async fn storage(sandbox: &Sandbox, email: &str) -> Storage {
    Storage::builder()
        .with_endpoint(sandbox.endpoint())
        .with_credentials(credentials(sandbox, email))
        .with_retry_policy(NeverRetry)
        .build()
        .await
        .unwrap()
}

async fn read(
    client: &Storage,
    name: &str,
    range: Option<ReadRange>,
) -> google_cloud_storage::Result<Vec<u8>> {
    let request = client.read_object(RESOURCE, name);
    let mut response = match range {
        None => request.send().await?,
        Some(range) => request.set_read_range(range).send().await?,
    };
    let mut content = Vec::new();
    while let Some(chunk) = response.next().await.transpose()? {
        content.extend_from_slice(&chunk);
    }
    Ok(content)
}

#[tokio::test]
async fn the_library_reads_an_object_and_parts_of_it() {
    let sandbox = sandbox();
    let client = storage(&sandbox, VIEWER).await;
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let whole = read(&client, NAME, None).await.unwrap();
    assert_eq!(text(whole), "a photo of one cat");
    let head = read(&client, NAME, Some(ReadRange::head(7))).await.unwrap();
    assert_eq!(text(head), "a photo");
    let tail = read(&client, NAME, Some(ReadRange::tail(3))).await.unwrap();
    assert_eq!(text(tail), "cat");
    let beyond = read(&client, NAME, Some(ReadRange::offset(100))).await;
    assert_eq!(beyond.unwrap_err().http_status_code(), Some(416));
    let missing = read(&client, "photos/none.png", None).await.unwrap_err();
    assert_eq!(missing.http_status_code(), Some(404));
    let log = sandbox.log();
    let last = log.last().unwrap();
    assert_eq!(
        (
            last.operation.as_str(),
            last.service.as_str(),
            last.bucket.as_deref()
        ),
        ("GetObject", "storage", Some(BUCKET))
    );
}

#[tokio::test]
async fn an_object_over_http_has_its_headers_and_its_ranges() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| {
        let object = bucket.objects.get_mut(NAME).unwrap();
        object.content_type = Some("image/png".to_owned());
        object.storage_class = "NEARLINE".to_owned();
        object.metadata = [("taken".to_owned(), "today".to_owned())].into();
    });
    let seen = see(photo(&sandbox, Some(OWNER))).await;
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-length", "18"),
        ("accept-ranges", "bytes"),
        ("x-goog-storage-class", "NEARLINE"),
        ("x-goog-stored-content-length", "18"),
        ("x-goog-generation", "1767225600000001"),
        ("x-goog-meta-taken", "today"),
        ("server", "UploadServer"),
    ] {
        assert_eq!(seen.header(name), Some(value), "{name}");
    }
    let hashes: Vec<&str> = seen
        .headers
        .get_all("x-goog-hash")
        .iter()
        .map(|value| value.to_str().unwrap())
        .collect();
    assert!(
        hashes[0].starts_with("crc32c=") && hashes[1].starts_with("md5="),
        "{hashes:?}"
    );
    let part = see(photo(&sandbox, Some(OWNER)).header("range", "bytes=0-0")).await;
    assert_eq!((part.status, part.body.as_str()), (206, "a"));
    assert_eq!(part.header("content-range"), Some("bytes 0-0/18"));
    let beyond = see(photo(&sandbox, Some(OWNER)).header("range", "bytes=18-")).await;
    assert_eq!(
        (beyond.status, beyond.element("Code")),
        (416, "InvalidRange")
    );
    let url = format!("{}/photos/one%20cat.png", sandbox.endpoint());
    let token = world(&sandbox, |world| world.issue_token(OWNER));
    let host = stranger()
        .head(&url)
        .bearer_auth(token)
        .header("host", "acme-images.storage.googleapis.com");
    let head = see(host).await;
    assert_eq!(
        (
            head.status,
            head.header("content-length"),
            head.body.as_str()
        ),
        (200, Some("18"), "")
    );
    let conditional = see(photo(&sandbox, Some(OWNER)).header("if-none-match", "x")).await;
    assert_eq!(conditional.status, 501, "said loudly");
    let strange = stranger().get(format!("{}/{BUCKET}/x?acl", sandbox.endpoint()));
    assert_eq!(see(strange).await.element("Code"), "InvalidArgument");
}

#[tokio::test]
async fn a_missing_object_is_told_to_those_who_may_list() {
    let sandbox = with(connect);
    let read = async |email: &str| {
        let url = format!("{}/{BUCKET}/photos/none.png", sandbox.endpoint());
        let token = world(&sandbox, |world| world.issue_token(email));
        see(stranger().get(url).bearer_auth(token)).await
    };
    let seen = read(VIEWER).await;
    assert_eq!((seen.status, seen.element("Code")), (404, "NoSuchKey"));
    let seen = read(SEGMENTS).await;
    assert_eq!((seen.status, seen.element("Code")), (403, "AccessDenied"));
    assert!(
        seen.element("Details").contains("storage.objects.list"),
        "{seen:?}"
    );
    world(&sandbox, |world| {
        world.missing_object = MissingObject::NotFound;
    });
    assert_eq!(read(SEGMENTS).await.status, 404);
    let url = format!("{}/no-such-bucket/x", sandbox.endpoint());
    let seen = see(stranger().get(url)).await;
    assert_eq!((seen.status, seen.element("Code")), (404, "NoSuchBucket"));
}

#[tokio::test]
async fn keys_stand_in_the_way_of_everybody() {
    let sandbox = with(connect);
    bucket(&sandbox, |bucket| {
        bucket.objects.get_mut(NAME).unwrap().kms_key = Some(KEY.to_owned());
    });
    for (state, expected) in [
        (KeyState::Enabled, (200, "")),
        (KeyState::Disabled, (400, "FailedPrecondition")),
        (KeyState::Destroyed, (400, "FailedPrecondition")),
        (KeyState::NotPermitted, (403, "AccessDenied")),
    ] {
        world(&sandbox, |world| {
            world.kms_keys.insert(KEY.to_owned(), state)
        });
        for email in [OWNER, SEGMENTS] {
            let seen = see(photo(&sandbox, Some(email))).await;
            assert_eq!(
                (seen.status, seen.element("Code")),
                expected,
                "{state:?} {email}"
            );
        }
    }
    bucket(&sandbox, |bucket| {
        let object = bucket.objects.get_mut(NAME).unwrap();
        object.kms_key = None;
        object.customer_supplied_key = true;
    });
    let seen = see(photo(&sandbox, Some(SEGMENTS))).await;
    assert_eq!(
        (seen.status, seen.element("Code")),
        (400, "ResourceIsEncryptedWithCustomerEncryptionKey")
    );
    let path = format!("/storage/v1/b/{BUCKET}/o/photos%2Fone%20cat.png");
    let (status, object) = get(&sandbox, &path, OWNER).await;
    assert_eq!(
        (status, &object["customerEncryption"]["encryptionAlgorithm"]),
        (200, &json!("AES256"))
    );
    assert_eq!(object["md5Hash"], json!(null));
}

#[tokio::test]
async fn a_deleted_object_is_missing_until_it_is_asked_for_as_such() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| {
        bucket.objects.get_mut(NAME).unwrap().soft_deleted = Some(time::OffsetDateTime::now_utc());
    });
    assert_eq!(see(photo(&sandbox, Some(OWNER))).await.status, 404);
    let list = format!("/storage/v1/b/{BUCKET}/o");
    let names = async |path: &str| {
        let (_, page) = get(&sandbox, path, OWNER).await;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        items
            .iter()
            .map(|item| item["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&list).await, ["photos/two.png"]);
    assert_eq!(names(&format!("{list}?softDeleted=true")).await, [NAME]);
    let one = format!("{list}/photos%2Fone%20cat.png");
    assert_eq!(get(&sandbox, &one, OWNER).await.0, 404);
    let deleted = format!("{one}?softDeleted=true&generation=1767225600000001");
    let (status, object) = get(&sandbox, &deleted, OWNER).await;
    assert_eq!(status, 200);
    assert!(object["hardDeleteTime"].is_string(), "{object}");
    assert_eq!(
        get(&sandbox, &format!("{one}?softDeleted=true"), OWNER)
            .await
            .0,
        400
    );
    let client = control(&sandbox, OWNER).await;
    let listed = client
        .list_objects()
        .set_parent(RESOURCE)
        .set_soft_deleted(true);
    let listed = listed.send().await.unwrap().objects;
    assert_eq!(listed[0].name, NAME);
    assert!(listed[0].soft_delete_time.is_some());
}

#[tokio::test]
async fn a_listing_has_pages_prefixes_and_needs_its_own_right() {
    let sandbox = with(|world| {
        connect(world);
        let bucket = world.buckets.get_mut(BUCKET).unwrap();
        for name in ["a.txt", "photos/deep/x.png", "z.txt"] {
            bucket.add_object(name, "x");
        }
    });
    let client = control(&sandbox, OWNER).await;
    let mut token = String::new();
    let mut names = Vec::new();
    loop {
        let page = client
            .list_objects()
            .set_parent(RESOURCE)
            .set_page_size(2)
            .set_page_token(token);
        let page = page.send().await.unwrap();
        assert!(page.objects.len() <= 2);
        names.extend(page.objects.into_iter().map(|object| object.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(
        names,
        [
            "a.txt",
            "photos/deep/x.png",
            NAME,
            "photos/two.png",
            "z.txt"
        ]
    );
    let folders = client
        .list_objects()
        .set_parent(RESOURCE)
        .set_prefix("photos/")
        .set_delimiter("/");
    let folders = folders.send().await.unwrap();
    assert_eq!(folders.prefixes, ["photos/deep/"]);
    assert_eq!(folders.objects.len(), 2);
    let segments = control(&sandbox, SEGMENTS).await;
    assert_eq!(
        code(segments.list_objects().set_parent(RESOURCE).send().await),
        Code::PermissionDenied
    );
    let negative = client.list_objects().set_parent(RESOURCE).set_page_size(-1);
    assert_eq!(code(negative.send().await), Code::InvalidArgument);
}

#[tokio::test]
async fn metadata_over_grpc_is_that_of_the_object() {
    let sandbox = sandbox();
    let client = control(&sandbox, OWNER).await;
    let object = client.get_object().set_bucket(RESOURCE).set_object(NAME);
    let object = object.send().await.unwrap();
    assert_eq!(
        (object.size, object.storage_class.as_str()),
        (18, "STANDARD")
    );
    assert_eq!(sandbox.log().last().unwrap().operation, "GetObjectMetadata");
    let missing = client.get_object().set_bucket(RESOURCE).set_object("none");
    assert_eq!(code(missing.send().await), Code::NotFound);
    let other = client
        .get_object()
        .set_bucket(RESOURCE)
        .set_object(NAME)
        .set_generation(7);
    assert_eq!(code(other.send().await), Code::NotFound);
}

#[tokio::test]
async fn the_payer_the_network_and_the_forms_of_errors() {
    let sandbox = with(|world| {
        connect(world);
        world
            .buckets
            .get_mut(BUCKET)
            .unwrap()
            .set_requester_pays(true);
        let segments = world.project_mut("segmentsai-prod").unwrap();
        let member = format!("serviceAccount:{SEGMENTS}");
        segments
            .policy
            .grant("roles/serviceusage.serviceUsageConsumer", &member);
    });
    let seen = see(photo(&sandbox, Some(SEGMENTS))).await;
    assert_eq!(
        (seen.status, seen.element("Code")),
        (400, "UserProjectMissing")
    );
    let paid = photo(&sandbox, Some(SEGMENTS)).header("x-goog-user-project", "segmentsai-prod");
    assert_eq!(see(paid).await.status, 200);
    assert_eq!(
        see(photo(&sandbox, Some(OWNER))).await.status,
        200,
        "their own project"
    );
    let json = format!("/storage/v1/b/{BUCKET}/o/photos%2Fone%20cat.png");
    let (status, answer) = get(&sandbox, &json, BUCKET_ADMIN).await;
    assert_eq!(
        (status, &answer["error"]["errors"][0]["reason"]),
        (400, &json!("required"))
    );
    let (status, text) = get(&sandbox, &format!("{json}?alt=media"), BUCKET_ADMIN).await;
    assert_eq!(status, 400);
    assert_eq!(
        text,
        json!("Bucket is a requester pays bucket but no user project provided.")
    );
    let denied = format!("{json}?userProject=segmentsai-prod");
    assert_eq!(get(&sandbox, &denied, BUCKET_ADMIN).await.0, 403);
    bucket(&sandbox, |bucket| {
        bucket.set_requester_pays(false);
        bucket.set_ip_filter(&["203.0.113.0/24"]);
    });
    let seen = see(photo(&sandbox, Some(SEGMENTS))).await;
    assert_eq!((seen.status, seen.element("Code")), (403, "AccessDenied"));
    assert!(
        seen.element("Details").contains("IP filtering condition"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn a_perimeter_keeps_everybody_out_whom_no_rule_lets_in() {
    let sandbox = with(|world| {
        connect(world);
        let project = world.project_mut("acme-vision").unwrap();
        project.perimeter = Some(Perimeter {
            admitted: [OWNER.to_owned()].into(),
        });
    });
    assert_eq!(see(photo(&sandbox, Some(OWNER))).await.status, 200);
    let seen = see(photo(&sandbox, Some(SEGMENTS))).await;
    assert_eq!(
        (seen.status, seen.element("Code")),
        (403, "SecurityPolicyViolated")
    );
    assert!(
        seen.body.contains("vpcServiceControlsUniqueIdentifier"),
        "{seen:?}"
    );
    let client = control(&sandbox, VIEWER).await;
    let answer = client.get_bucket().set_name(RESOURCE).send().await;
    assert_eq!(code(answer), Code::PermissionDenied);
}

#[tokio::test]
async fn faults_of_content_have_the_form_that_was_asked_for() {
    let sandbox = sandbox();
    let kind = || FaultKind::Status {
        status: 503,
        code: "ServiceUnavailable".to_owned(),
        message: "later".to_owned(),
    };
    sandbox.inject(Fault::before(On::operation("GetObject", 1), kind()));
    let seen = see(photo(&sandbox, Some(OWNER))).await;
    assert_eq!(
        (seen.status, seen.element("Code")),
        (503, "ServiceUnavailable")
    );
    let last = sandbox.log().pop().unwrap();
    assert_eq!(last.error_code.as_deref(), Some("ServiceUnavailable"));
    sandbox.inject(Fault::before(On::operation("GetObject", 1), kind()));
    let path = format!("/storage/v1/b/{BUCKET}/o/x?alt=media");
    assert_eq!(get(&sandbox, &path, OWNER).await, (503, json!("later")));
    sandbox.inject(Fault::after(
        On::operation("GetObject", 1),
        FaultKind::Truncated,
    ));
    let cut = photo(&sandbox, Some(OWNER)).send().await.unwrap();
    assert_eq!(cut.content_length(), Some(18));
    assert!(cut.bytes().await.is_err());
}
