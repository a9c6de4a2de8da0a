//! Who may read what: bucket policies, identity policies, Block Public Access and ownership.

use segments_connect::sandbox::aws::{
    ObjectOwnership, PARTNER, PARTNER_ACCOUNT, PARTNER_KEY, PublicAccessBlock, SEGMENTS,
};
use serde_json::json;

use super::{
    BUCKET, DENIED, KEY, ana, browser, bucket, policy, production, put_policy, read,
    refusal_to_read, refused, s3, sandbox, seed, segments, statement, world,
};

#[tokio::test]
async fn segments_reads_after_the_production_statement_and_not_before() {
    let sandbox = sandbox();
    let before = read(&segments(&sandbox)).await.unwrap_err();
    assert_eq!((before.status, before.code.as_str()), (403, "AccessDenied"));
    assert_eq!(before.message, "Access Denied", "outsiders learn nothing");
    put_policy(&ana(&sandbox), &policy(&[production()]))
        .await
        .unwrap();
    assert_eq!(read(&segments(&sandbox)).await.unwrap(), b"hello world");
    assert_eq!(refusal_to_read(&s3(&sandbox, PARTNER_KEY)).await.0, DENIED);
}

#[tokio::test]
async fn a_deny_wins_over_the_production_statement() {
    let sandbox = sandbox();
    let deny = statement("Deny", &json!({ "Principal": { "AWS": SEGMENTS } }));
    seed(&sandbox, &[production(), deny]);
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, DENIED);
    assert_eq!(read(&ana(&sandbox)).await.unwrap(), b"hello world");
}

#[tokio::test]
async fn across_accounts_both_sides_must_allow() {
    let sandbox = sandbox();
    let list = json!({ "Principal": { "AWS": [SEGMENTS, PARTNER] }, "Action": "s3:ListBucket",
                       "Resource": format!("arn:aws:s3:::{BUCKET}") });
    seed(&sandbox, &[statement("Allow", &list)]);
    let listing = |key: &'static str| {
        let client = s3(&sandbox, key);
        async move { client.list_objects_v2().bucket(BUCKET).send().await }
    };
    assert!(listing(PARTNER_KEY).await.is_ok());
    let denied = refused(listing(segments_connect::sandbox::aws::SEGMENTS_KEY).await);
    assert_eq!(denied.status, DENIED, "its identity allows reading only");
}

#[tokio::test]
async fn every_form_of_principal_is_understood() {
    let root = "arn:aws:iam::931508227573:root";
    let someone_else = "arn:aws:iam::931508227573:user/other";
    for (member, value, expected) in [
        ("Principal", json!("*"), 200),
        ("Principal", json!({ "AWS": "*" }), 200),
        (
            "Principal",
            json!({ "AWS": ["444455556666", SEGMENTS] }),
            200,
        ),
        ("Principal", json!({ "AWS": "931508227573" }), 200),
        ("Principal", json!({ "AWS": root }), 200),
        ("Principal", json!({ "AWS": someone_else }), DENIED),
        ("Principal", json!({ "AWS": PARTNER }), DENIED),
        (
            "Principal",
            json!({ "AWS": SEGMENTS.to_uppercase() }),
            DENIED,
        ),
        (
            "Principal",
            json!({ "Service": "cloudtrail.amazonaws.com" }),
            DENIED,
        ),
        (
            "Principal",
            json!({ "CanonicalUser":
            "a2c85e730d80dcb51a2c0e1a8f852cf6dc8d6e04d9e00f49239c324de3c1e3e1" }),
            200,
        ),
    ] {
        let sandbox = sandbox();
        seed(&sandbox, &[statement("Allow", &json!({ member: value }))]);
        let (status, _) = refusal_to_read(&segments(&sandbox)).await;
        assert_eq!(status, expected, "{member} {value}");
    }
}

#[tokio::test]
async fn not_principal_spares_only_who_is_named_with_its_account() {
    for (spared, expected) in [
        (
            json!({ "AWS": [SEGMENTS, "arn:aws:iam::931508227573:root"] }),
            200,
        ),
        (json!({ "AWS": [SEGMENTS, "931508227573"] }), 200),
        (json!({ "AWS": SEGMENTS }), DENIED),
        (json!({ "AWS": "931508227573" }), DENIED),
        (json!({ "AWS": PARTNER }), DENIED),
    ] {
        let sandbox = sandbox();
        let mut deny = statement("Deny", &json!({ "NotPrincipal": spared }));
        deny.as_object_mut().unwrap().remove("Principal");
        seed(&sandbox, &[production(), deny]);
        let (status, _) = refusal_to_read(&segments(&sandbox)).await;
        assert_eq!(status, expected, "{spared}");
    }
}

#[tokio::test]
async fn actions_and_resources_match_with_wildcards_and_complements() {
    let all = format!("arn:aws:s3:::{BUCKET}/*");
    for (members, expected) in [
        (json!({ "Action": "S3:getobject" }), 200),
        (json!({ "Action": ["s3:PutObject", "s3:Get*"] }), 200),
        (json!({ "Action": "*" }), 200),
        (json!({ "Action": "s3:GetObject?" }), DENIED),
        (json!({ "Action": "s3:GetObjectAcl" }), DENIED),
        (json!({ "Action": null, "NotAction": "s3:PutObject" }), 200),
        (json!({ "Action": null, "NotAction": "s3:get*" }), DENIED),
        (
            json!({ "Resource": format!("arn:aws:s3:::{BUCKET}/photos/*") }),
            200,
        ),
        (
            json!({ "Resource": format!("arn:aws:s3:::{BUCKET}/photos/one?cat.png") }),
            200,
        ),
        (
            json!({ "Resource": format!("arn:aws:s3:::{BUCKET}/Photos/*") }),
            DENIED,
        ),
        (
            json!({ "Resource": format!("arn:aws:s3:::{BUCKET}") }),
            DENIED,
        ),
        (json!({ "Resource": "*" }), 200),
        (json!({ "Resource": null, "NotResource": all }), DENIED),
        (
            json!({ "Resource": null, "NotResource": format!("arn:aws:s3:::{BUCKET}/videos/*") }),
            200,
        ),
    ] {
        let sandbox = sandbox();
        let mut allow = statement("Allow", &members);
        let object = allow.as_object_mut().unwrap();
        object.retain(|_, value| !value.is_null());
        seed(&sandbox, &[allow]);
        let (status, _) = refusal_to_read(&segments(&sandbox)).await;
        assert_eq!(status, expected, "{members}");
    }
}

#[tokio::test]
async fn in_the_own_account_identity_is_enough_and_the_refusal_explains_itself() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    assert_eq!(refusal_to_read(&client).await.0, 200);
    let lose = |action: &str| {
        world(&sandbox, |world| {
            let ana = world
                .principal_mut(segments_connect::sandbox::aws::ANA_KEY)
                .unwrap();
            ana.denied_actions.insert(action.to_owned());
        });
    };
    lose("s3:GetObject");
    let denied = read(&client).await.unwrap_err();
    assert_eq!(
        denied.message,
        "User: arn:aws:iam::111122223333:user/ana is not authorized to perform: s3:GetObject on resource: \
         \"arn:aws:s3:::acme-images/photos/one cat.png\" because no identity-based policy allows the s3:GetObject action"
    );
    let ana_arn = segments_connect::sandbox::aws::ANA;
    let named = json!({ "Principal": { "AWS": ana_arn } });
    seed(&sandbox, &[statement("Allow", &named)]);
    assert_eq!(
        refusal_to_read(&client).await.0,
        200,
        "the bucket policy names her"
    );
    let by_account = json!({ "Principal": { "AWS": "111122223333" } });
    seed(&sandbox, &[statement("Allow", &by_account)]);
    assert_eq!(
        refusal_to_read(&client).await.0,
        DENIED,
        "that leaves it to her identity"
    );
    seed(&sandbox, &[statement("Deny", &named)]);
    let denied = read(&client).await.unwrap_err();
    assert!(
        denied
            .message
            .ends_with("with an explicit deny in a resource-based policy")
    );
    lose("s3:GetBucketPolicy");
    let denied = refused(client.get_bucket_policy().bucket(BUCKET).send().await);
    assert_eq!(denied.status, DENIED);
    assert!(
        denied
            .message
            .contains("s3:GetBucketPolicy on resource: \"arn:aws:s3:::acme-images\"")
    );
}

#[tokio::test]
async fn anonymous_requests_need_a_public_statement() {
    let sandbox = sandbox();
    let url = format!("{}/{BUCKET}/photos/one%20cat.png", sandbox.endpoint());
    let status = || async { browser().get(&url).send().await.unwrap().status().as_u16() };
    assert_eq!(status().await, DENIED);
    seed(&sandbox, &[production()]);
    assert_eq!(status().await, DENIED);
    seed(&sandbox, &[statement("Allow", &json!({}))]);
    assert_eq!(status().await, 200);
    // Without the key a positive operator fails and a negated one holds.
    let positive = json!({ "Condition": { "StringLike": { "aws:PrincipalArn": "*" } } });
    seed(&sandbox, &[statement("Allow", &positive)]);
    assert_eq!(status().await, DENIED);
    let negated = json!({ "Condition": { "ArnNotLike": { "aws:PrincipalArn": SEGMENTS } } });
    seed(&sandbox, &[statement("Allow", &negated)]);
    assert_eq!(status().await, 200);
}

#[tokio::test]
async fn restrict_public_buckets_shuts_out_other_accounts_once_any_statement_is_public() {
    for at_account in [false, true] {
        let sandbox = sandbox();
        let public = statement("Allow", &json!({ "Action": "s3:GetObjectTagging" }));
        let block = Some(PublicAccessBlock {
            restrict_public_buckets: true,
            ..PublicAccessBlock::default()
        });
        seed(&sandbox, &[production()]);
        world(&sandbox, |world| {
            if at_account {
                world
                    .accounts
                    .get_mut("111122223333")
                    .unwrap()
                    .public_access_block = block;
            } else {
                world.buckets.get_mut(BUCKET).unwrap().public_access_block = block;
            }
        });
        assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, 200);
        let both = Some(policy(&[production(), public]));
        bucket(&sandbox, |bucket| bucket.policy = both);
        assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, DENIED);
        assert_eq!(refusal_to_read(&ana(&sandbox)).await.0, 200);
    }
}

#[tokio::test]
async fn a_bucket_policy_does_not_reach_objects_of_other_accounts() {
    let sandbox = sandbox();
    seed(&sandbox, &[production()]);
    bucket(&sandbox, |bucket| {
        bucket.objects.get_mut(KEY).unwrap().owner = Some(PARTNER_ACCOUNT.to_owned());
    });
    for (ownership, expected) in [
        (Some(ObjectOwnership::ObjectWriter), [DENIED, DENIED, 200]),
        (
            Some(ObjectOwnership::BucketOwnerPreferred),
            [DENIED, DENIED, 200],
        ),
        (None, [DENIED, DENIED, 200]),
        (
            Some(ObjectOwnership::BucketOwnerEnforced),
            [200, 200, DENIED],
        ),
    ] {
        bucket(&sandbox, |bucket| bucket.ownership = ownership);
        let statuses = [
            refusal_to_read(&segments(&sandbox)).await.0,
            refusal_to_read(&ana(&sandbox)).await.0,
            refusal_to_read(&s3(&sandbox, PARTNER_KEY)).await.0,
        ];
        assert_eq!(statuses, expected, "{ownership:?}");
    }
}

#[tokio::test]
async fn a_missing_key_is_only_told_to_those_who_may_list() {
    let sandbox = sandbox();
    seed(&sandbox, &[production()]);
    let get = |client: aws_sdk_s3::Client| async move {
        refused(client.get_object().bucket(BUCKET).key("none").send().await)
    };
    let head = |client: aws_sdk_s3::Client| async move {
        refused(client.head_object().bucket(BUCKET).key("none").send().await).status
    };
    assert_eq!(get(ana(&sandbox)).await.code, "NoSuchKey");
    assert_eq!(head(ana(&sandbox)).await, 404);
    assert_eq!(get(segments(&sandbox)).await.code, "AccessDenied");
    assert_eq!(head(segments(&sandbox)).await, 403);
    bucket(&sandbox, |bucket| {
        bucket.objects.get_mut(KEY).unwrap().delete_marker = true;
    });
    assert_eq!(
        refusal_to_read(&ana(&sandbox)).await,
        (404, "NoSuchKey".to_owned())
    );
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, DENIED);
}

#[tokio::test]
async fn writing_is_refused_to_those_who_may_only_read() {
    let sandbox = sandbox();
    seed(&sandbox, &[production()]);
    let client = segments(&sandbox);
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"changed");
    let put = client
        .put_object()
        .bucket(BUCKET)
        .key(KEY)
        .body(body)
        .send()
        .await;
    assert_eq!(refused(put).status, DENIED);
    let delete = client.delete_object().bucket(BUCKET).key(KEY).send().await;
    assert_eq!(refused(delete).status, DENIED);
    assert_eq!(read(&client).await.unwrap(), b"hello world");
}
