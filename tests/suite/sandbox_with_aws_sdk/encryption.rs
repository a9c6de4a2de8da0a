//! Encrypted objects: whose key they need, and who has to allow it.

use segments_connect::sandbox::Sandbox;
use segments_connect::sandbox::aws::{
    Encryption, EncryptionContext, Grant, KeyState, KmsKey, SEGMENTS, SEGMENTS_KEY,
};
use serde_json::{Value, json};

use super::{
    BUCKET, KEY, ana, browser, bucket, policy, readable, refusal_to_read, refused, segments,
    statement, world,
};

const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

#[tokio::test]
async fn an_object_with_a_key_of_the_clients_needs_that_key() {
    let sandbox = readable(|object| object.encryption = Encryption::CustomerKey);
    assert_eq!(
        refusal_to_read(&ana(&sandbox)).await,
        (400, "InvalidRequest".to_owned())
    );
    let head = ana(&sandbox)
        .head_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await;
    assert_eq!(refused(head).status, 400);
}

fn encrypted(encryption: Encryption, key: KmsKey) -> Sandbox {
    let sandbox = readable(|object| object.encryption = encryption);
    world(&sandbox, |world| world.keys.push(key));
    sandbox
}

fn customer_key(statements: &[Value]) -> KmsKey {
    let mut key = KmsKey::customer("111122223333", "eu-west-1", KEY_ID);
    key.policy = policy(statements);
    key
}

fn key_statement(members: &Value) -> Value {
    let mut statement = statement(
        "Allow",
        &json!({ "Action": "kms:Decrypt", "Resource": "*" }),
    );
    for (name, value) in members.as_object().unwrap() {
        statement[name] = value.clone();
    }
    statement
}

#[tokio::test]
async fn a_kms_object_needs_a_key_that_admits_the_reader() {
    let user = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
    let root = "arn:aws:iam::931508227573:root";
    let of_bucket = format!("arn:aws:s3:::{BUCKET}");
    let of_object = format!("{of_bucket}/photos/*");
    let under = |condition: &Value| json!({ "Principal": { "AWS": user }, "Condition": condition });
    for (members, expected) in [
        (json!({ "Principal": { "AWS": user } }), 200),
        (json!({ "Principal": { "AWS": root } }), 200),
        (
            json!({ "Principal": { "AWS": user }, "Action": "kms:*" }),
            200,
        ),
        (
            json!({ "Principal": { "AWS": user }, "Action": "kms:Encrypt" }),
            403,
        ),
        (json!({ "Principal": { "AWS": "111122223333" } }), 403),
        (
            json!({ "Principal": { "AWS": user }, "Effect": "Deny" }),
            403,
        ),
        (
            under(&json!({ "StringEquals": { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } })),
            200,
        ),
        (
            under(&json!({ "StringEquals": { "kms:ViaService": "s3.us-east-1.amazonaws.com" } })),
            403,
        ),
        (
            under(&json!({ "StringEquals": { "kms:CallerAccount": "931508227573" } })),
            200,
        ),
        (
            under(&json!({ "StringNotEquals": { "kms:CallerAccount": "931508227573" } })),
            403,
        ),
        (
            under(&json!({ "StringLike": { "kms:EncryptionContext:aws:s3:arn": of_object } })),
            200,
        ),
        (
            under(&json!({ "StringEquals": { "kms:EncryptionContext:aws:s3:arn": of_bucket } })),
            403,
        ),
        (
            under(
                &json!({ "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": "aws:s3:arn" } }),
            ),
            200,
        ),
        (
            under(&json!({ "Null": { "kms:EncryptionContext:team": "false" } })),
            403,
        ),
        // What KMS sees of the connection is not documented.
        (
            under(&json!({ "IpAddress": { "aws:SourceIp": "0.0.0.0/0" } })),
            501,
        ),
    ] {
        for encryption in [Encryption::Kms, Encryption::DualKms] {
            let key = customer_key(&[key_statement(&members)]);
            let sandbox = encrypted(encryption(Some(KEY_ID.to_owned())), key);
            assert_eq!(
                refusal_to_read(&segments(&sandbox)).await.0,
                expected,
                "{members}"
            );
            assert_eq!(
                refusal_to_read(&ana(&sandbox)).await.0,
                200,
                "the own account"
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_for_the_key_names_what_is_missing() {
    let sandbox = encrypted(
        Encryption::Kms(Some(KEY_ID.to_owned())),
        customer_key(&[key_statement(
            &json!({ "Principal": { "AWS": "111122223333" } }),
        )]),
    );
    let answer = super::read(&segments(&sandbox)).await.unwrap_err();
    assert_eq!((answer.status, answer.code.as_str()), (403, "AccessDenied"));
    assert!(answer.message.contains("kms:Decrypt"), "{}", answer.message);
    let head = segments(&sandbox)
        .head_object()
        .bucket(BUCKET)
        .key(KEY)
        .send()
        .await
        .unwrap();
    assert_eq!(head.server_side_encryption().unwrap().as_str(), "aws:kms");
    let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{KEY_ID}");
    assert_eq!(head.ssekms_key_id(), Some(arn.as_str()));
}

#[tokio::test]
async fn the_key_that_aws_manages_admits_nobody_else() {
    let mut key = KmsKey::aws_managed("111122223333", "eu-west-1", KEY_ID);
    key.policy = policy(&[key_statement(&json!({}))]);
    let sandbox = encrypted(Encryption::Kms(None), key);
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, 403);
    assert_eq!(refusal_to_read(&ana(&sandbox)).await.0, 200);
}

#[tokio::test]
async fn decrypting_needs_the_identity_side_too() {
    let open = customer_key(&[key_statement(&json!({}))]);
    let sandbox = encrypted(Encryption::Kms(Some(KEY_ID.to_owned())), open);
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, 200);
    world(&sandbox, |world| {
        let segments = world.principal_mut(SEGMENTS_KEY).unwrap();
        segments.allowed_actions.remove("kms:Decrypt");
    });
    assert_eq!(refusal_to_read(&segments(&sandbox)).await.0, 403);
}

#[tokio::test]
async fn a_key_out_of_use_fails_everyone() {
    for (state, code) in [
        (KeyState::Disabled, "KMS.DisabledException"),
        (KeyState::PendingDeletion, "KMS.KMSInvalidStateException"),
    ] {
        let mut key = customer_key(&[key_statement(&json!({}))]);
        key.state = state;
        let sandbox = encrypted(Encryption::Kms(Some(KEY_ID.to_owned())), key);
        assert_eq!(
            refusal_to_read(&ana(&sandbox)).await,
            (400, code.to_owned())
        );
    }
}

#[tokio::test]
async fn an_anonymous_reader_cannot_use_a_kms_key() {
    let open = customer_key(&[key_statement(&json!({}))]);
    let sandbox = encrypted(Encryption::Kms(Some(KEY_ID.to_owned())), open);
    bucket(&sandbox, |bucket| {
        bucket.public_access_block = None;
        bucket.policy = Some(policy(&[statement("Allow", &json!({}))]));
    });
    let url = format!("{}/{BUCKET}/photos/one%20cat.png", sandbox.endpoint());
    let answer = browser().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .contains("require AWS Signature Version 4")
    );
}

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html>
#[tokio::test]
async fn a_grant_admits_whom_the_policy_does_not_name() {
    let pairs = |name: &str, value: &str| {
        Some(EncryptionContext::from([(
            name.to_owned(),
            value.to_owned(),
        )]))
    };
    let object = format!("arn:aws:s3:::{BUCKET}/{KEY}");
    let plain = Grant::new("1f2e", SEGMENTS, &["Decrypt"]);
    for (grant, denies, expected) in [
        (plain.clone(), false, 200),
        (plain.clone(), true, 403),
        (Grant::new("1f2e", SEGMENTS, &["Encrypt"]), false, 403),
        (
            Grant::new("1f2e", "arn:aws:iam::111122223333:root", &["Decrypt"]),
            false,
            403,
        ),
        // What a grant for an account gives its users is not documented.
        (
            Grant::new("1f2e", "arn:aws:iam::931508227573:root", &["Decrypt"]),
            false,
            501,
        ),
        (
            Grant {
                source_arn: Some(object.clone()),
                ..plain.clone()
            },
            false,
            501,
        ),
        (
            Grant {
                context_subset: pairs("AWS:S3:ARN", &object),
                ..plain.clone()
            },
            false,
            200,
        ),
        (
            Grant {
                context_subset: pairs("aws:s3:arn", &object.to_uppercase()),
                ..plain.clone()
            },
            false,
            403,
        ),
        (
            Grant {
                context_equals: pairs("aws:s3:arn", &object),
                ..plain.clone()
            },
            false,
            403,
        ),
        (
            Grant {
                context_subset: pairs("team", "vision"),
                ..plain
            },
            false,
            200,
        ),
    ] {
        let effect = if denies { "Deny" } else { "Allow" };
        let principal = if denies { "*" } else { "111122223333" };
        let mut key = customer_key(&[key_statement(
            &json!({ "Effect": effect, "Principal": { "AWS": principal } }),
        )]);
        key.grants = vec![grant.clone()];
        let sandbox = encrypted(Encryption::Kms(Some(KEY_ID.to_owned())), key);
        bucket(&sandbox, |bucket| {
            let object = bucket.objects.get_mut(KEY).unwrap();
            object
                .encryption_context
                .insert("team".to_owned(), "vision".to_owned());
        });
        let answer = refusal_to_read(&segments(&sandbox)).await;
        assert_eq!(answer.0, expected, "{grant:?}");
    }
}
