//! A bucket's settings, and the permission that each of them needs.

use segments_connect::sandbox::aws::{
    ANA_KEY, DefaultEncryption, Encryption, ObjectOwnership, Payer,
};
use segments_connect::sandbox::{Options, Sandbox};

use super::{BUCKET, ana, bucket, put_policy, refused, sandbox, segments, world};

#[tokio::test]
async fn a_new_bucket_has_the_settings_of_new_buckets() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    let block = client
        .get_public_access_block()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let block = block.public_access_block_configuration().unwrap();
    assert_eq!(block.block_public_policy(), Some(true));
    assert_eq!(block.restrict_public_buckets(), Some(true));
    let controls = client
        .get_bucket_ownership_controls()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let rule = &controls.ownership_controls().unwrap().rules()[0];
    assert_eq!(rule.object_ownership().as_str(), "BucketOwnerEnforced");
    let encryption = client
        .get_bucket_encryption()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let rule = &encryption
        .server_side_encryption_configuration()
        .unwrap()
        .rules()[0];
    let default = rule.apply_server_side_encryption_by_default().unwrap();
    assert_eq!(default.sse_algorithm().as_str(), "AES256");
    let payment = client
        .get_bucket_request_payment()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(payment.payer().unwrap().as_str(), "BucketOwner");
    let location = client
        .get_bucket_location()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(
        location.location_constraint().unwrap().as_str(),
        "eu-west-1"
    );
}

#[tokio::test]
async fn settings_that_are_not_there_say_so_and_changed_ones_are_seen() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    bucket(&sandbox, |bucket| {
        bucket.public_access_block = None;
        bucket.ownership = None;
        bucket.payer = Payer::Requester;
        bucket.encryption = Some(DefaultEncryption {
            encryption: Encryption::Kms(Some("some-key".to_owned())),
            bucket_key: true,
        });
    });
    let answer = refused(client.get_public_access_block().bucket(BUCKET).send().await);
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (404, "NoSuchPublicAccessBlockConfiguration")
    );
    let answer = refused(
        client
            .get_bucket_ownership_controls()
            .bucket(BUCKET)
            .send()
            .await,
    );
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (404, "OwnershipControlsNotFoundError")
    );
    let payment = client
        .get_bucket_request_payment()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(payment.payer().unwrap().as_str(), "Requester");
    let encryption = client
        .get_bucket_encryption()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let rule = &encryption
        .server_side_encryption_configuration()
        .unwrap()
        .rules()[0];
    let default = rule.apply_server_side_encryption_by_default().unwrap();
    assert_eq!(default.sse_algorithm().as_str(), "aws:kms");
    assert_eq!(default.kms_master_key_id(), Some("some-key"));
    bucket(&sandbox, |bucket| {
        bucket.ownership = Some(ObjectOwnership::ObjectWriter);
    });
    assert!(
        client
            .get_bucket_ownership_controls()
            .bucket(BUCKET)
            .send()
            .await
            .is_ok()
    );
    assert_eq!(
        refused(
            segments(&sandbox)
                .get_bucket_encryption()
                .bucket(BUCKET)
                .send()
                .await
        )
        .status,
        403
    );
}

#[tokio::test]
async fn every_setting_needs_its_own_permission() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    let lose = |action: &str| {
        world(&sandbox, |world| {
            let ana = world.principal_mut(ANA_KEY).unwrap();
            ana.denied_actions = [action.to_owned()].into();
        });
    };
    macro_rules! needs {
        ($action:literal, $operation:ident) => {
            lose($action);
            let answer = refused(client.$operation().bucket(BUCKET).send().await);
            assert_eq!(
                (answer.status, answer.code.as_str()),
                (403, "AccessDenied"),
                $action
            );
            assert!(answer.message.contains($action), "{}", answer.message);
        };
    }
    needs!("s3:GetBucketPolicy", get_bucket_policy);
    needs!("s3:DeleteBucketPolicy", delete_bucket_policy);
    needs!("s3:GetBucketPolicyStatus", get_bucket_policy_status);
    needs!("s3:GetBucketCORS", get_bucket_cors);
    needs!("s3:PutBucketCORS", delete_bucket_cors);
    needs!("s3:GetBucketLocation", get_bucket_location);
    needs!("s3:GetBucketPublicAccessBlock", get_public_access_block);
    needs!(
        "s3:GetBucketOwnershipControls",
        get_bucket_ownership_controls
    );
    needs!("s3:GetEncryptionConfiguration", get_bucket_encryption);
    needs!("s3:GetBucketRequestPayment", get_bucket_request_payment);
    needs!("s3:ListBucket", list_objects_v2);
    lose("s3:ListBucket");
    assert_eq!(
        refused(client.head_bucket().bucket(BUCKET).send().await).status,
        403
    );
    lose("s3:PutBucketPolicy");
    assert_eq!(put_policy(&client, "{}").await.unwrap_err().status, 403);
}

#[tokio::test]
async fn the_oldest_region_has_no_location_constraint() {
    let mut options = Options::default();
    options.state.aws.region = "us-east-1".to_owned();
    options.state.aws.add_bucket(BUCKET);
    let sandbox = Sandbox::start(options).unwrap();
    let location = ana(&sandbox)
        .get_bucket_location()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(
        location
            .location_constraint()
            .map_or("", |region| region.as_str()),
        ""
    );
}

#[tokio::test]
async fn the_acl_of_a_bucket_names_its_owner_and_needs_its_permission() {
    let sandbox = sandbox();
    let owner = sandbox.with_state(|state| {
        let account = state.aws.bucket(BUCKET).expect("the bucket").owner.clone();
        state.aws.accounts[&account].canonical_id.clone()
    });
    let acl = ana(&sandbox)
        .get_bucket_acl()
        .bucket(BUCKET)
        .send()
        .await
        .expect("an ACL");
    assert_eq!(
        acl.owner().and_then(|owner| owner.id()),
        Some(owner.as_str())
    );
    sandbox.with_state(|state| {
        let ana = state.aws.principal_mut(ANA_KEY).expect("ana");
        ana.denied_actions.insert("s3:GetBucketAcl".to_owned());
    });
    let refusal = refused(ana(&sandbox).get_bucket_acl().bucket(BUCKET).send().await);
    assert_eq!(
        (refusal.status, refusal.code.as_str()),
        (403, "AccessDenied")
    );
}
