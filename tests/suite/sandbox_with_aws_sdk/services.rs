//! Settings of buckets, and the other three services behind the socket.

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use segments_connect::sandbox::aws::{
    ANA, ANA_KEY, Grant, KeyState, KmsKey, PARTNER_KEY, PublicAccessBlock, SEGMENTS,
};

use super::{BUCKET, ana, browser, credentials, refused, sandbox, world};

/// A client of another service, with the same settings as for S3.
macro_rules! client {
    ($service:ident, $sandbox:expr, $key:expr, $region:expr) => {
        $service::Client::from_conf(
            $service::Config::builder()
                .behavior_version(BehaviorVersion::latest())
                .region(Region::new($region))
                .endpoint_url($sandbox.endpoint())
                .credentials_provider(credentials($sandbox, $key))
                .retry_config(RetryConfig::disabled())
                .build(),
        )
    };
}

#[tokio::test]
async fn sts_tells_who_is_asking() {
    let sandbox = sandbox();
    let client = client!(aws_sdk_sts, &sandbox, ANA_KEY, "us-east-2");
    let identity = client.get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:iam::111122223333:user/ana"));
    assert_eq!(identity.account(), Some("111122223333"));
    assert!(identity.user_id().unwrap().starts_with("AIDA"));
    let log = sandbox.log();
    assert_eq!(
        (log[0].service.as_str(), log[0].operation.as_str()),
        ("sts", "GetCallerIdentity")
    );
    assert_eq!(log[0].caller.as_deref(), identity.arn());
}

#[tokio::test]
async fn sts_and_kms_refuse_in_their_own_words() {
    let sandbox = sandbox();
    let sts = || client!(aws_sdk_sts, &sandbox, ANA_KEY, "eu-west-1");
    let kms = || client!(aws_sdk_kms, &sandbox, ANA_KEY, "eu-west-1");
    let stranger = client!(aws_sdk_sts, &sandbox, "AKIANOBODY", "eu-west-1");
    let answer = refused(stranger.get_caller_identity().send().await);
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (403, "InvalidClientTokenId")
    );
    let stranger = client!(aws_sdk_kms, &sandbox, "AKIANOBODY", "eu-west-1");
    let answer = refused(stranger.describe_key().key_id("x").send().await);
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (400, "UnrecognizedClientException")
    );
    world(&sandbox, |world| {
        world.clock_offset = time::Duration::hours(1);
    });
    let answer = refused(sts().get_caller_identity().send().await);
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (403, "SignatureDoesNotMatch")
    );
    world(&sandbox, |world| {
        world.clock_offset = time::Duration::ZERO;
        let ana = world.principal_mut(ANA_KEY).unwrap();
        ana.expired = true;
    });
    let answer = refused(sts().get_caller_identity().send().await);
    assert_eq!((answer.status, answer.code.as_str()), (403, "ExpiredToken"));
    let answer = refused(kms().describe_key().key_id("x").send().await);
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (400, "ExpiredTokenException")
    );
}

#[tokio::test]
async fn kms_describes_keys_and_shows_their_policy_to_their_account() {
    let sandbox = sandbox();
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let managed = "ffffffff-12ab-34cd-56ef-1234567890ab";
    let key = KmsKey::customer("111122223333", "eu-west-1", id);
    world(&sandbox, |world| {
        world.keys.push(key.clone());
        world
            .keys
            .push(KmsKey::aws_managed("111122223333", "eu-west-1", managed));
    });
    let client = client!(aws_sdk_kms, &sandbox, ANA_KEY, "eu-west-1");
    for name in [id, key.arn.as_str()] {
        let found = client.describe_key().key_id(name).send().await.unwrap();
        let found = found.key_metadata().unwrap();
        assert_eq!(found.key_id(), id);
        assert_eq!(found.key_manager().unwrap().as_str(), "CUSTOMER");
        assert_eq!(found.key_state().unwrap().as_str(), "Enabled");
    }
    let found = client
        .describe_key()
        .key_id("alias/aws/s3")
        .send()
        .await
        .unwrap();
    assert_eq!(
        found
            .key_metadata()
            .unwrap()
            .key_manager()
            .unwrap()
            .as_str(),
        "AWS"
    );
    let policy = client.get_key_policy().key_id(id).send().await.unwrap();
    assert_eq!(policy.policy(), Some(key.policy.as_str()));
    world(&sandbox, |world| {
        world.keys[0].state = KeyState::PendingDeletion;
    });
    let found = client.describe_key().key_id(id).send().await.unwrap();
    assert_eq!(
        found.key_metadata().unwrap().key_state().unwrap().as_str(),
        "PendingDeletion"
    );
    let absent = client.describe_key().key_id(format!("{id}0")).send().await;
    assert_eq!(refused(absent).code, "NotFoundException");
    let elsewhere = client!(aws_sdk_kms, &sandbox, ANA_KEY, "us-west-2");
    assert_eq!(
        refused(elsewhere.describe_key().key_id(id).send().await).code,
        "NotFoundException"
    );
    let partner = client!(aws_sdk_kms, &sandbox, PARTNER_KEY, "eu-west-1");
    let answer = refused(partner.get_key_policy().key_id(&key.arn).send().await);
    assert_eq!(
        (answer.status, answer.code.as_str()),
        (400, "AccessDeniedException")
    );
    world(&sandbox, |world| {
        let ana = world.principal_mut(ANA_KEY).unwrap();
        ana.denied_actions.insert("kms:GetKeyPolicy".to_owned());
    });
    let answer = refused(client.get_key_policy().key_id(id).send().await);
    assert_eq!(answer.code, "AccessDeniedException");
    let other = client.get_key_rotation_status().key_id(id).send().await;
    assert_eq!(refused(other).status, 501);
}

#[tokio::test]
async fn kms_lists_the_grants_of_a_key_page_by_page() {
    let sandbox = sandbox();
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let mut key = KmsKey::customer("111122223333", "eu-west-1", id);
    for number in 0..5 {
        let grantee = if number == 3 { ANA } else { SEGMENTS };
        key.grants
            .push(Grant::new(&format!("g{number}"), grantee, &["Decrypt"]));
    }
    key.grants[4].source_arn = Some("arn:aws:s3:::acme-images".to_owned());
    world(&sandbox, |world| world.keys.push(key));
    let client = client!(aws_sdk_kms, &sandbox, ANA_KEY, "eu-west-1");
    let list = || client.list_grants().key_id(id);
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let page = list()
            .grantee_principal(SEGMENTS)
            .limit(3)
            .set_marker(marker)
            .send()
            .await
            .unwrap();
        found.extend(page.grants.unwrap());
        marker = page.next_marker;
        assert_eq!(page.truncated, marker.is_some());
        if marker.is_none() {
            break;
        }
    }
    let ids: Vec<&str> = found.iter().filter_map(|grant| grant.grant_id()).collect();
    assert_eq!(ids, ["g0", "g1", "g2", "g4"]);
    let newest = found.last().unwrap();
    let constraint = newest.constraints().unwrap();
    assert_eq!(constraint.source_arn(), Some("arn:aws:s3:::acme-images"));
    let one = list().grant_id("g3").send().await.unwrap();
    assert_eq!(one.grants()[0].grantee_principal(), Some(ANA));
    for (answer, code) in [
        (list().limit(101).send().await, "ValidationException"),
        (list().marker("no").send().await, "InvalidMarkerException"),
    ] {
        assert_eq!(refused(answer).code, code);
    }
    world(&sandbox, |world| {
        let ana = world.principal_mut(ANA_KEY).unwrap();
        ana.denied_actions.insert("kms:ListGrants".to_owned());
    });
    assert_eq!(refused(list().send().await).code, "AccessDeniedException");
}

#[tokio::test]
async fn s3_control_tells_the_switches_of_the_account() {
    let sandbox = sandbox();
    // The SDK puts the account in front of the host name, which an address cannot take.
    let port = sandbox.address().port();
    let client = aws_sdk_s3control::Client::from_conf(
        aws_sdk_s3control::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .endpoint_url(format!("http://localhost:{port}"))
            .credentials_provider(credentials(&sandbox, ANA_KEY))
            .retry_config(RetryConfig::disabled())
            .build(),
    );
    let get = |account: &'static str| {
        client
            .get_public_access_block()
            .account_id(account)
            .customize()
            .mutate_request(move |request| {
                let uri =
                    format!("http://127.0.0.1:{port}/v20180820/configuration/publicAccessBlock");
                request.set_uri(uri).unwrap();
            })
            .send()
    };
    let absent = refused(get("111122223333").await);
    assert_eq!(
        (absent.status, absent.code.as_str()),
        (404, "NoSuchPublicAccessBlockConfiguration")
    );
    world(&sandbox, |world| {
        let account = world.accounts.get_mut("111122223333").unwrap();
        account.public_access_block = Some(PublicAccessBlock {
            restrict_public_buckets: true,
            ..PublicAccessBlock::default()
        });
    });
    let found = get("111122223333").await.unwrap();
    let found = found.public_access_block_configuration().unwrap();
    assert_eq!(found.restrict_public_buckets(), Some(true));
    assert_eq!(found.block_public_policy(), Some(false));
    assert_eq!(refused(get("444455556666").await).status, 403);
    assert!(
        sandbox
            .log()
            .iter()
            .all(|request| request.service == "s3control")
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_implemented_and_never_guessed() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    assert_eq!(
        refused(client.get_bucket_versioning().bucket(BUCKET).send().await).status,
        501
    );
    assert_eq!(refused(client.list_buckets().send().await).status, 501);
    let versioned = client
        .get_object()
        .bucket(BUCKET)
        .key("x")
        .version_id("1")
        .send();
    assert_eq!(refused(versioned.await).status, 501);
    let conditional = client
        .get_object()
        .bucket(BUCKET)
        .key("x")
        .if_match("1")
        .send();
    assert_eq!(refused(conditional.await).status, 501);
    let absent = refused(
        client
            .get_bucket_cors()
            .bucket("no-such-bucket")
            .send()
            .await,
    );
    assert_eq!((absent.status, absent.code.as_str()), (404, "NoSuchBucket"));
    let url = format!("{}/{BUCKET}?policy&colour=red", sandbox.endpoint());
    let answer = browser().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 400, "an unknown parameter");
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("<ArgumentName>colour</ArgumentName>")
    );
}

#[tokio::test]
async fn the_environment_is_enough_for_the_default_chain() {
    let sandbox = sandbox();
    let environment = sandbox.environment(ANA_KEY);
    let names: Vec<&str> = environment.iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "AWS_ENDPOINT_URL",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "AWS_EC2_METADATA_DISABLED",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    assert!(!names.contains(&"AWS_SESSION_TOKEN"));
    world(&sandbox, |world| {
        world.principal_mut(ANA_KEY).unwrap().session_token = Some("t".to_owned());
    });
    let with_token = sandbox.environment(ANA_KEY);
    assert!(with_token.contains(&("AWS_SESSION_TOKEN".to_owned(), "t".to_owned())));
}
