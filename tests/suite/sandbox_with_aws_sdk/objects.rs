//! Reading objects, and everything that can stand in the way although policies allow it.

use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::types::RequestPayer;
use segments_connect::sandbox::aws::{
    ArchiveStatus, PARTNER_ACCOUNT, PARTNER_KEY, Payer, Restore, StorageClass,
};
use serde_json::json;

use super::{
    BUCKET, DENIED, KEY, ana, browser, bucket, policy, readable, refusal_to_read, refused, s3,
    sandbox, segments, statement,
};

#[tokio::test]
async fn an_object_comes_with_its_description() {
    let sandbox = readable(|object| object.content_type = Some("image/png".to_owned()));
    let read = segments(&sandbox)
        .get_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    assert_eq!(read.content_type(), Some("image/png"));
    assert_eq!(read.e_tag(), Some("\"5eb63bbbe01eeed093cb22bb8f5acdc3\""));
    assert_eq!(read.server_side_encryption().unwrap().as_str(), "AES256");
    let head = segments(&sandbox)
        .head_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), Some(11));
    assert_eq!(
        head.storage_class(),
        None,
        "the standard class is not named"
    );
}

#[tokio::test]
async fn parts_of_an_object_are_read() {
    let sandbox = readable(|_| {});
    let client = segments(&sandbox);
    for (range, expected, position) in [
        ("bytes=0-0", "h", Some("bytes 0-0/11")),
        ("bytes=6-", "world", Some("bytes 6-10/11")),
        ("bytes=-5", "world", Some("bytes 6-10/11")),
        ("bytes=5-1", "hello world", None),
    ] {
        let get = client.get_object().bucket(BUCKET).key(KEY).range(range);
        let read = get.send().await.unwrap();
        assert_eq!(read.content_range(), position, "{range}");
        let bytes = read.body.collect().await.unwrap().to_vec();
        assert_eq!(bytes, expected.as_bytes(), "{range}");
    }
    bucket(&sandbox, |bucket| {
        bucket.objects.get_mut(KEY).unwrap().bytes.clear();
    });
    let get = client
        .get_object()
        .bucket(BUCKET)
        .key(KEY)
        .range("bytes=0-0");
    let answer = refused(get.send().await);
    assert_eq!((answer.status, answer.code.as_str()), (416, "InvalidRange"));
    assert_eq!(
        refusal_to_read(&client).await.0,
        200,
        "all of nothing can be read"
    );
}

#[tokio::test]
async fn keys_are_found_however_they_are_spelt() {
    let sandbox = readable(|_| {});
    for key in [
        "a+b", "a b", "a%20b", "ä/ü", "a//b", "x?y=z&w", "c#d", "~'()*!", "dir/", "./a", "a:b@c",
    ] {
        bucket(&sandbox, |bucket| bucket.objects.clear());
        bucket(&sandbox, |bucket| {
            bucket.add_object(key, key.as_bytes()).bytes.len()
        });
        let read = segments(&sandbox)
            .get_object()
            .bucket(BUCKET)
            .key(key)
            .send()
            .await;
        let read = read.unwrap_or_else(|error| panic!("{key}: {error:?}"));
        assert_eq!(read.body.collect().await.unwrap().to_vec(), key.as_bytes());
    }
}

#[tokio::test]
async fn archived_objects_are_described_and_not_read_until_restored() {
    for (class, status, restore, tier, is_readable) in [
        (StorageClass::Glacier, None, None, None, false),
        (StorageClass::DeepArchive, None, None, None, false),
        (
            StorageClass::DeepArchive,
            None,
            Some(Restore::Ongoing),
            None,
            false,
        ),
        (
            StorageClass::Glacier,
            None,
            Some(Restore::Until("Fri, 01 Jan 2027 00:00:00 GMT".to_owned())),
            None,
            true,
        ),
        (
            StorageClass::GlacierInstantRetrieval,
            None,
            None,
            None,
            true,
        ),
        (
            StorageClass::StandardInfrequentAccess,
            None,
            None,
            None,
            true,
        ),
        (StorageClass::IntelligentTiering, None, None, None, true),
        (
            StorageClass::IntelligentTiering,
            Some(ArchiveStatus::ArchiveAccess),
            None,
            Some("ARCHIVE_ACCESS"),
            false,
        ),
        (
            StorageClass::IntelligentTiering,
            Some(ArchiveStatus::DeepArchiveAccess),
            None,
            Some("DEEP_ARCHIVE_ACCESS"),
            false,
        ),
    ] {
        let sandbox = readable(|object| {
            object.storage_class = class;
            object.archive_status = status;
            object.restore.clone_from(&restore);
        });
        let client = segments(&sandbox);
        let head = client
            .head_object()
            .bucket(BUCKET)
            .key(KEY)
            .send()
            .await
            .unwrap();
        assert_eq!(head.storage_class().unwrap().as_str(), class.as_str());
        assert_eq!(
            head.archive_status()
                .map(|status| status.as_str().to_owned())
                .as_deref(),
            tier
        );
        assert_eq!(head.restore().is_some(), restore.is_some());
        let read = client.get_object().bucket(BUCKET).key(KEY).send().await;
        if is_readable {
            assert!(read.is_ok(), "{class:?}");
            continue;
        }
        match read.unwrap_err().into_service_error() {
            GetObjectError::InvalidObjectState(state) => {
                assert_eq!(state.storage_class().unwrap().as_str(), class.as_str());
                assert_eq!(
                    state
                        .access_tier()
                        .map(|tier| tier.as_str().to_owned())
                        .as_deref(),
                    tier
                );
            }
            other => panic!("{class:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn whoever_is_not_the_owner_agrees_to_pay() {
    let sandbox = readable(|_| {});
    bucket(&sandbox, |bucket| bucket.payer = Payer::Requester);
    let client = segments(&sandbox);
    assert_eq!(refusal_to_read(&client).await.0, 403);
    assert_eq!(refusal_to_read(&ana(&sandbox)).await.0, 200);
    let get = client.get_object().bucket(BUCKET).key(KEY);
    let read = get
        .request_payer(RequestPayer::Requester)
        .send()
        .await
        .unwrap();
    assert_eq!(read.request_charged().unwrap().as_str(), "requester");
    bucket(&sandbox, |bucket| {
        bucket.public_access_block = None;
        bucket.policy = Some(policy(&[statement("Allow", &json!({}))]));
    });
    let url = format!("{}/{BUCKET}/photos/one%20cat.png", sandbox.endpoint());
    let anonymous = browser()
        .get(url)
        .header("x-amz-request-payer", "requester");
    assert_eq!(
        anonymous.send().await.unwrap().status(),
        403,
        "nobody pays for the anonymous"
    );
}

#[tokio::test]
async fn a_listing_comes_in_pages_and_names_owners() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| {
        bucket.ownership = None;
        for key in ["a/1", "a/2 x", "a/3", "b/1"] {
            bucket.add_object(key, key);
        }
        bucket.objects.get_mut("a/3").unwrap().owner = Some(PARTNER_ACCOUNT.to_owned());
        bucket.objects.get_mut("b/1").unwrap().delete_marker = true;
    });
    let list = || ana(&sandbox).list_objects_v2().bucket(BUCKET);
    let first = list().prefix("a/").max_keys(2).send().await.unwrap();
    let keys = |listing: &aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output| {
        let keys = listing
            .contents()
            .iter()
            .map(|object| object.key().unwrap().to_owned());
        keys.collect::<Vec<_>>()
    };
    assert_eq!(keys(&first), ["a/1", "a/2 x"]);
    assert_eq!(
        (first.is_truncated(), first.key_count()),
        (Some(true), Some(2))
    );
    let token = first.next_continuation_token().unwrap();
    let second = list()
        .prefix("a/")
        .continuation_token(token)
        .fetch_owner(true)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (keys(&second), second.is_truncated()),
        (vec!["a/3".to_owned()], Some(false))
    );
    let owner = second.contents()[0]
        .owner()
        .unwrap()
        .id()
        .unwrap()
        .to_owned();
    assert_eq!(owner, "4".repeat(64));
    let encoded = list()
        .encoding_type(aws_sdk_s3::types::EncodingType::Url)
        .send()
        .await
        .unwrap();
    assert_eq!(
        keys(&encoded),
        ["a/1", "a/2+x", "a/3", "photos/one+cat.png"]
    );
    let answer = refused(list().delimiter("/").send().await);
    assert_eq!(answer.status, 501, "never half an answer");
    let answer = refused(
        s3(&sandbox, PARTNER_KEY)
            .list_objects_v2()
            .bucket(BUCKET)
            .send()
            .await,
    );
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn the_owner_can_write_and_delete() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    let body = || aws_sdk_s3::primitives::ByteStream::from_static(b"changed");
    client
        .put_object()
        .bucket(BUCKET)
        .key(KEY)
        .body(body())
        .send()
        .await
        .unwrap();
    assert_eq!(super::read(&client).await.unwrap(), b"changed");
    client
        .delete_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    assert_eq!(
        refusal_to_read(&client).await,
        (404, "NoSuchKey".to_owned())
    );
}

#[tokio::test]
async fn tags_are_told_to_those_who_may_read_them() {
    let sandbox = readable(|object| {
        object.tags.insert("share".to_owned(), "a & b".to_owned());
    });
    let tags = |client: aws_sdk_s3::Client| async move {
        let request = client.get_object_tagging().bucket(BUCKET).key(KEY);
        request.send().await
    };
    let found = tags(ana(&sandbox)).await.unwrap();
    let [tag] = found.tag_set() else {
        panic!("{found:?}");
    };
    assert_eq!((tag.key(), tag.value()), ("share", "a & b"));
    assert_eq!(refused(tags(segments(&sandbox)).await).status, DENIED);
    let head = |client: aws_sdk_s3::Client| async move {
        let request = client.get_object().bucket(BUCKET).key(KEY);
        request.send().await.unwrap().tag_count()
    };
    assert_eq!(head(ana(&sandbox)).await, Some(1));
    assert_eq!(head(segments(&sandbox)).await, None);
}
