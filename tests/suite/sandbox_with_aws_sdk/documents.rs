//! The bucket policy and the CORS configuration as documents: stored, returned, checked.

use std::time::Duration;

use aws_sdk_s3::types::{CorsConfiguration, CorsRule};
use segments_connect::sandbox::aws::{ANA_KEY, PARTNER_KEY, PublicAccessBlock, SEGMENTS_KEY};
use serde_json::json;

use super::{
    BUCKET, ana, bucket, policy, production, put_policy, refused, s3, sandbox, statement, world,
};

fn rule() -> CorsRule {
    CorsRule::builder()
        .id("segments-browser")
        .allowed_headers("*")
        .allowed_methods("GET")
        .allowed_origins("https://*.segments.ai")
        .expose_headers("ETag")
        .max_age_seconds(3000)
        .build()
        .unwrap()
}

fn configuration(rules: impl IntoIterator<Item = CorsRule>) -> CorsConfiguration {
    CorsConfiguration::builder()
        .set_cors_rules(Some(rules.into_iter().collect()))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_policy_is_returned_as_it_was_put_without_whitespace_between_tokens() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    let absent = refused(client.get_bucket_policy().bucket(BUCKET).send().await);
    assert_eq!(
        (absent.status, absent.code.as_str()),
        (404, "NoSuchBucketPolicy")
    );
    let mut wanted = production();
    wanted["Sid"] = json!("a  b");
    let text = serde_json::to_string_pretty(&json!({ "Statement": [wanted] })).unwrap();
    put_policy(&client, &text).await.unwrap();
    let read = client
        .get_bucket_policy()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    let compact = json!({ "Statement": [wanted] }).to_string();
    assert_eq!(read.policy(), Some(compact.as_str()));
    assert_eq!(
        bucket(&sandbox, |bucket| bucket.policy.clone()),
        Some(compact)
    );
    for _ in 0..2 {
        client
            .delete_bucket_policy()
            .bucket(BUCKET)
            .send()
            .await
            .unwrap();
        assert_eq!(bucket(&sandbox, |bucket| bucket.policy.clone()), None);
    }
}

#[tokio::test]
async fn cors_rules_are_returned_as_they_were_put() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    let absent = refused(client.get_bucket_cors().bucket(BUCKET).send().await);
    assert_eq!(
        (absent.status, absent.code.as_str()),
        (404, "NoSuchCORSConfiguration")
    );
    let bare = CorsRule::builder()
        .allowed_methods("PUT")
        .allowed_origins("*")
        .build()
        .unwrap();
    let rules = vec![rule(), bare];
    let put = client.put_bucket_cors().bucket(BUCKET);
    put.cors_configuration(configuration(rules.clone()))
        .send()
        .await
        .unwrap();
    let read = client
        .get_bucket_cors()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(read.cors_rules(), rules);
    assert_eq!(
        bucket(&sandbox, |bucket| bucket.cors.as_ref().map(Vec::len)),
        Some(2)
    );
    client
        .delete_bucket_cors()
        .bucket(BUCKET)
        .send()
        .await
        .unwrap();
    assert_eq!(bucket(&sandbox, |bucket| bucket.cors.clone()), None);
}

#[tokio::test]
async fn a_wrong_cors_rule_is_refused_and_changes_nothing() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    for (change, code) in [
        (rule().to_builder_with_method("OPTIONS"), "InvalidRequest"),
        (
            rule().to_builder_with_origin("https://*.*.ai"),
            "InvalidRequest",
        ),
    ] {
        let put = client.put_bucket_cors().bucket(BUCKET);
        let answer = put.cors_configuration(configuration([change])).send().await;
        let answer = refused(answer);
        assert_eq!((answer.status, answer.code.as_str()), (400, code));
    }
    let put = client.put_bucket_cors().bucket(BUCKET);
    let many = configuration(std::iter::repeat_n(rule(), 101));
    assert_eq!(
        refused(put.cors_configuration(many).send().await).status,
        400
    );
    assert_eq!(bucket(&sandbox, |bucket| bucket.cors.clone()), None);
}

trait Changed {
    fn to_builder_with_method(self, method: &str) -> CorsRule;
    fn to_builder_with_origin(self, origin: &str) -> CorsRule;
}

impl Changed for CorsRule {
    fn to_builder_with_method(mut self, method: &str) -> CorsRule {
        self.allowed_methods = vec![method.to_owned()];
        self
    }

    fn to_builder_with_origin(mut self, origin: &str) -> CorsRule {
        self.allowed_origins = vec![origin.to_owned()];
        self
    }
}

#[tokio::test]
async fn block_public_policy_refuses_a_public_policy_and_no_other() {
    let public = policy(&[production(), statement("Allow", &json!({}))]);
    for at_account in [false, true] {
        let sandbox = sandbox();
        let block = PublicAccessBlock {
            block_public_policy: true,
            ..PublicAccessBlock::default()
        };
        world(&sandbox, |world| {
            let bucket = world.buckets.get_mut(BUCKET).unwrap();
            bucket.public_access_block = (!at_account).then_some(block);
            let account = world.accounts.get_mut("111122223333").unwrap();
            account.public_access_block = at_account.then_some(block);
        });
        let answer = put_policy(&ana(&sandbox), &public).await.unwrap_err();
        assert_eq!((answer.status, answer.code.as_str()), (403, "AccessDenied"));
        assert!(
            answer.message.contains("BlockPublicPolicy"),
            "{}",
            answer.message
        );
        put_policy(&ana(&sandbox), &policy(&[production()]))
            .await
            .unwrap();
        world(&sandbox, |world| {
            world.buckets.get_mut(BUCKET).unwrap().public_access_block = None;
            world
                .accounts
                .get_mut("111122223333")
                .unwrap()
                .public_access_block = None;
        });
        put_policy(&ana(&sandbox), &public).await.unwrap();
    }
}

#[tokio::test]
async fn policy_status_tells_whether_the_policy_is_public() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    let status = || async {
        client
            .get_bucket_policy_status()
            .bucket(BUCKET)
            .send()
            .await
    };
    assert_eq!(refused(status().await).code, "NoSuchBucketPolicy");
    for (statements, expected) in [
        (vec![production()], false),
        (vec![production(), statement("Allow", &json!({}))], true),
    ] {
        bucket(&sandbox, |bucket| bucket.policy = Some(policy(&statements)));
        let answer = status().await.unwrap();
        assert_eq!(answer.policy_status().unwrap().is_public(), Some(expected));
    }
}

#[tokio::test]
async fn only_the_owners_account_handles_the_policy() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| {
        let open = json!({ "Action": "s3:*", "Resource": format!("arn:aws:s3:::{BUCKET}") });
        bucket.policy = Some(policy(&[statement("Allow", &open)]));
        bucket.public_access_block = None;
    });
    let partner = s3(&sandbox, PARTNER_KEY);
    let text = policy(&[production()]);
    let answers = [
        refused(partner.get_bucket_policy().bucket(BUCKET).send().await),
        put_policy(&partner, &text).await.unwrap_err(),
        refused(partner.delete_bucket_policy().bucket(BUCKET).send().await),
    ];
    for answer in answers {
        assert_eq!(
            (answer.status, answer.code.as_str()),
            (405, "MethodNotAllowed")
        );
    }
    let outsider = s3(&sandbox, SEGMENTS_KEY);
    let answer = refused(outsider.get_bucket_policy().bucket(BUCKET).send().await);
    assert_eq!(answer.status, 403, "without the permission it is 403");
}

#[tokio::test]
async fn root_mends_a_policy_that_locks_everyone_out() {
    let sandbox = sandbox();
    let lock = json!({ "Action": "s3:*", "Resource": format!("arn:aws:s3:::{BUCKET}") });
    bucket(&sandbox, |bucket| {
        bucket.policy = Some(policy(&[statement("Deny", &lock)]));
    });
    let answer = put_policy(&ana(&sandbox), &policy(&[production()]))
        .await
        .unwrap_err();
    assert_eq!(answer.status, 403);
    world(&sandbox, |world| {
        let ana = world.principal_mut(ANA_KEY).unwrap();
        ana.arn = "arn:aws:iam::111122223333:root".to_owned();
    });
    let client = ana(&sandbox);
    assert_eq!(
        refused(client.get_bucket_cors().bucket(BUCKET).send().await).status,
        403
    );
    put_policy(&client, &policy(&[production()])).await.unwrap();
}

#[tokio::test]
async fn the_expected_owner_is_compared() {
    let sandbox = sandbox();
    let client = ana(&sandbox);
    for (owner, status, code) in [
        ("111122223333", 404, "NoSuchBucketPolicy"),
        ("444455556666", 403, "AccessDenied"),
        ("ana", 400, "InvalidBucketOwnerAWSAccountID"),
    ] {
        let get = client.get_bucket_policy().bucket(BUCKET);
        let answer = refused(get.expected_bucket_owner(owner).send().await);
        assert_eq!(
            (answer.status, answer.code.as_str()),
            (status, code),
            "{owner}"
        );
    }
    let log = sandbox.log();
    assert!(log.iter().all(|request| request.names_owner));
}

#[tokio::test]
async fn of_two_overlapping_writes_to_one_bucket_the_later_one_is_aborted() {
    let sandbox = sandbox();
    sandbox.set_latency(Duration::from_millis(150));
    let client = ana(&sandbox);
    let text = policy(&[production()]);
    let cors = client.put_bucket_cors().bucket(BUCKET);
    let (policy, cors) = tokio::join!(
        put_policy(&client, &text),
        cors.cors_configuration(configuration([rule()])).send(),
    );
    let aborted = match (policy, cors) {
        (Ok(()), Err(error)) => refused::<(), _>(Err(error)),
        (Err(refused), Ok(_)) => refused,
        other => panic!("one of them has to fail: {other:?}"),
    };
    assert_eq!(
        (aborted.status, aborted.code.as_str()),
        (409, "OperationAborted")
    );
    put_policy(&client, &text).await.unwrap();
    let other = world(&sandbox, |world| world.add_bucket("other").name.clone());
    let elsewhere = client.delete_bucket_policy().bucket(other);
    let (here, there) = tokio::join!(put_policy(&client, &text), elsewhere.send());
    assert!(
        here.is_ok() && there.is_ok(),
        "two buckets do not disturb each other"
    );
}
