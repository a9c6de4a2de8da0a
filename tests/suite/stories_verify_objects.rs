//! Verifying objects: encryption, archive, ownership, payer, and buckets without an object to test with.

use segments_connect::sandbox::aws::{
    ArchiveStatus, Encryption, KeyState, KmsKey, Object, ObjectOwnership, PARTNER_ACCOUNT, Payer,
    Restore, StorageClass,
};
use serde_json::{Value, json};

use crate::support::{BUCKET, PHOTO, Ran, Stage, check, checks};

const VERIFY: [&str; 4] = ["aws", "verify", "--bucket", BUCKET];
const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn photo(stage: &Stage, change: impl FnOnce(&mut Object)) {
    stage.bucket(|bucket| change(bucket.objects.get_mut(PHOTO).expect("the photo")));
}

/// Verifies the photo, by name.
fn verify(stage: &Stage) -> (Ran, Value) {
    stage.run_json(&["aws", "verify", "--bucket", BUCKET, "--object", PHOTO])
}

/// Asserts that a check failed on the photo for this cause, with exit status 4.
#[track_caller]
fn fails(stage: &Stage, id: &str, cause: &str) -> Value {
    let (ran, document) = verify(stage);
    ran.exits(4).without_complaint();
    let found = checks(&document, id)
        .into_iter()
        .find(|check| check["status"] == "fail");
    let found = found
        .unwrap_or_else(|| panic!("no `{id}` failed: {:#}", document["checks"]))
        .clone();
    assert_eq!(found["cause"], cause, "{found:#}");
    assert!(found["fix"].is_string(), "{found:#}");
    assert_eq!(document["verdict"], "fail");
    assert_eq!(stage.writes(), [""; 0]);
    found
}

fn encrypt(stage: &Stage, key: KmsKey, encryption: Encryption) {
    stage.sandbox.with_state(|state| state.aws.keys.push(key));
    photo(stage, |object| object.encryption = encryption);
}

fn customer_key() -> KmsKey {
    KmsKey::customer("111122223333", "eu-west-1", KEY_ID)
}

/// The key's policy with a statement that lets Segments.ai decrypt.
fn shared(mut key: KmsKey) -> KmsKey {
    let mut policy: Value = serde_json::from_str(&key.policy).expect("the key's policy is JSON");
    policy["Statement"].as_array_mut().expect("statements").push(json!({
        "Sid": "segments-kms-access", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
        "Principal": { "AWS": "arn:aws:iam::931508227573:user/segmentsai-prod-user" },
    }));
    key.policy = policy.to_string();
    key
}

#[test]
fn the_key_that_aws_manages_can_never_be_shared() {
    let stage = Stage::connected();
    encrypt(
        &stage,
        KmsKey::aws_managed("111122223333", "eu-west-1", KEY_ID),
        Encryption::Kms(None),
    );
    let found = fails(&stage, "aws.object.protection", "A25");
    assert_eq!(found["subject"], PHOTO);
    assert!(
        found["fix"]
            .as_str()
            .is_some_and(|fix| fix.contains("--sse AES256")),
        "{found:#}"
    );
}

#[test]
fn a_customers_key_must_let_segments_decrypt() {
    for (encryption, cause) in [
        (Encryption::Kms(Some(KEY_ID.to_owned())), "A26"),
        (Encryption::DualKms(Some(KEY_ID.to_owned())), "A30"),
    ] {
        let stage = Stage::connected();
        encrypt(&stage, customer_key(), encryption.clone());
        let found = fails(&stage, "aws.object.protection", cause);
        assert!(
            found["fix"]
                .as_str()
                .is_some_and(|fix| fix.contains("kms:Decrypt")),
            "{found:#}"
        );

        let stage = Stage::connected();
        encrypt(&stage, shared(customer_key()), encryption);
        let (ran, document) = verify(&stage);
        ran.exits(0).without_complaint();
        let results = checks(&document, "aws.object.protection");
        let found = results
            .iter()
            .find(|check| check["subject"] == PHOTO)
            .expect("one for the photo");
        assert_eq!(found["status"], "pass", "{found:#}");
        // Two sides must allow it, and only one of them can be read.
        assert!(
            found["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains("own side")),
            "{found:#}"
        );
    }
}

/// S3 asks KMS for whoever reads: <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>.
#[test]
fn the_conditions_of_a_key_policy_decide() {
    for (condition, exit, status, cause) in [
        (
            json!({ "StringEquals": { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } }),
            0,
            "pass",
            Value::Null,
        ),
        (
            json!({ "StringEquals": { "kms:CallerAccount": "111122223333" } }),
            4,
            "fail",
            json!("A26"),
        ),
        (
            json!({ "StringEquals": { "kms:RequestAlias": "alias/images" } }),
            6,
            "unknown",
            Value::Null,
        ),
    ] {
        let mut key = shared(customer_key());
        let mut policy: Value =
            serde_json::from_str(&key.policy).expect("the key's policy is JSON");
        let last = policy["Statement"]
            .as_array_mut()
            .and_then(|all| all.last_mut())
            .expect("ours");
        last["Condition"] = condition.clone();
        key.policy = policy.to_string();
        let stage = Stage::connected();
        encrypt(&stage, key, Encryption::Kms(Some(KEY_ID.to_owned())));
        let (ran, document) = verify(&stage);
        ran.exits(exit).without_complaint();
        let results = checks(&document, "aws.object.protection");
        let found = results
            .iter()
            .find(|check| check["subject"] == PHOTO)
            .expect("one for the photo");
        assert_eq!(
            (&found["status"], &found["cause"]),
            (&json!(status), &cause),
            "{condition}: {found:#}"
        );
        let detail = found["detail"].as_str().unwrap_or_default();
        assert!(
            detail.contains("statement `segments-kms-access`"),
            "{detail}"
        );
    }
}

#[test]
fn a_key_whose_policy_may_not_be_read_is_undetermined() {
    for permission in ["kms:DescribeKey", "kms:GetKeyPolicy"] {
        let stage = Stage::connected();
        encrypt(
            &stage,
            shared(customer_key()),
            Encryption::Kms(Some(KEY_ID.to_owned())),
        );
        stage.deny(&[permission]);
        let (ran, document) = verify(&stage);
        ran.exits(6).without_complaint();
        let results = checks(&document, "aws.object.protection");
        let found = results
            .iter()
            .find(|check| check["subject"] == PHOTO)
            .expect("one for the photo");
        assert_eq!(found["status"], "unknown", "{permission}");
        assert!(
            found["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains(permission)),
            "{found:#}"
        );
    }
}

#[test]
fn a_key_that_is_switched_off_opens_nothing() {
    for state in [KeyState::Disabled, KeyState::PendingDeletion] {
        let stage = Stage::connected();
        let key = KmsKey {
            state,
            ..shared(customer_key())
        };
        encrypt(&stage, key, Encryption::Kms(Some(KEY_ID.to_owned())));
        fails(&stage, "aws.object.protection", "A28");
    }
}

#[test]
fn a_key_that_only_the_customer_holds_cannot_be_used_by_a_link() {
    let stage = Stage::connected();
    photo(&stage, |object| object.encryption = Encryption::CustomerKey);
    fails(&stage, "aws.object.protection", "A29");
    fails(&stage, "aws.object.read", "A29");
}

#[test]
fn an_object_of_another_account_is_not_covered_by_the_policy() {
    for ownership in [
        None,
        Some(ObjectOwnership::ObjectWriter),
        Some(ObjectOwnership::BucketOwnerPreferred),
    ] {
        let stage = Stage::connected();
        stage.bucket(|bucket| bucket.ownership = ownership);
        photo(&stage, |object| {
            object.owner = Some(PARTNER_ACCOUNT.to_owned());
        });
        let found = fails(&stage, "aws.object.protection", "A31");
        assert!(
            found["fix"]
                .as_str()
                .is_some_and(|fix| fix.contains("BucketOwnerEnforced")),
            "{found:#}"
        );

        photo(&stage, |object| object.owner = None);
        let (ran, document) = verify(&stage);
        ran.exits(0);
        assert!(
            checks(&document, "aws.object.protection")
                .iter()
                .all(|check| check["status"] == "pass")
        );
    }
}

#[test]
fn archived_objects_cannot_be_read_at_once() {
    type Change = fn(&mut Object);
    let archived: [(&str, Change); 3] = [
        ("GLACIER", |object| {
            object.storage_class = StorageClass::Glacier;
        }),
        ("DEEP_ARCHIVE", |object| {
            object.storage_class = StorageClass::DeepArchive;
        }),
        ("ARCHIVE_ACCESS", |object| {
            object.storage_class = StorageClass::IntelligentTiering;
            object.archive_status = Some(ArchiveStatus::ArchiveAccess);
        }),
    ];
    for (class, change) in archived {
        let stage = Stage::connected();
        photo(&stage, change);
        let found = fails(&stage, "aws.object.protection", "A32");
        assert!(
            found["detail"]
                .as_str()
                .is_some_and(|detail| detail.contains(class)),
            "{found:#}"
        );
        fails(&stage, "aws.object.read", "A32");
        fails(&stage, "aws.object.link", "A32");
    }
    let readable: [Change; 3] = [
        |object| object.storage_class = StorageClass::GlacierInstantRetrieval,
        |object| object.storage_class = StorageClass::IntelligentTiering,
        |object| {
            object.storage_class = StorageClass::Glacier;
            object.restore = Some(Restore::Until("Fri, 21 Dec 2040 00:00:00 GMT".to_owned()));
        },
    ];
    for change in readable {
        let stage = Stage::connected();
        photo(&stage, change);
        let (ran, document) = verify(&stage);
        ran.exits(0);
        assert_eq!(document["verdict"], "pass");
    }
}

#[test]
fn where_whoever_reads_pays_links_do_not_work() {
    let stage = Stage::connected();
    stage.bucket(|bucket| bucket.payer = Payer::Requester);
    let found = fails(&stage, "aws.object.protection", "A33");
    assert_eq!(found["subject"], Value::Null);
    assert!(
        found["fix"]
            .as_str()
            .is_some_and(|fix| fix.contains("Payer=BucketOwner")),
        "{found:#}"
    );
}

#[test]
fn a_url_with_another_region_than_the_buckets_is_named() {
    let stage = Stage::connected();
    let url = "https://acme-images.s3.us-west-2.amazonaws.com/photos/0001.jpg";
    let (ran, document) = stage.run_json(&["aws", "verify", "--bucket", url]);
    ran.exits(4).without_complaint();
    let found = check(&document, "aws.target");
    assert_eq!(
        (&found["status"], &found["cause"]),
        (&json!("fail"), &json!("A34"))
    );
    let right = "https://acme-images.s3.eu-west-1.amazonaws.com/photos/0001.jpg";
    assert!(
        found["fix"].as_str().is_some_and(|fix| fix.contains(right)),
        "{found:#}"
    );
}

#[test]
fn a_named_object_that_is_not_there_is_named() {
    let stage = Stage::connected();
    let (ran, document) = stage.run_json(&[
        "aws",
        "verify",
        "--bucket",
        BUCKET,
        "--object",
        "photos/gone.jpg",
        "--object",
        PHOTO,
    ]);
    ran.exits(4).without_complaint();
    for id in [
        "aws.object.read",
        "aws.object.link",
        "aws.object.protection",
    ] {
        let results = checks(&document, id);
        let gone = results
            .iter()
            .find(|check| check["subject"] == "photos/gone.jpg")
            .expect("one for it");
        assert_eq!(
            (&gone["status"], &gone["cause"]),
            (&json!("fail"), &json!("A38")),
            "{id}"
        );
        let there = results
            .iter()
            .find(|check| check["subject"] == PHOTO)
            .expect("one for the photo");
        assert_eq!(there["status"], "pass", "{id}");
    }

    let stage = Stage::connected();
    photo(&stage, |object| object.delete_marker = true);
    fails(&stage, "aws.object.read", "A38");
}

#[test]
fn a_key_that_may_be_missing_is_not_called_denied() {
    let stage = Stage::connected();
    stage.deny(&["s3:ListBucket"]);
    let (ran, document) = stage.run_json(&[
        "aws",
        "verify",
        "--bucket",
        BUCKET,
        "--object",
        "photos/gone.jpg",
    ]);
    ran.exits(0);
    let found = check(&document, "aws.object.read");
    assert_eq!(found["status"], "unknown");
    assert!(
        found["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("no such object")),
        "{found:#}"
    );
}

#[test]
fn a_bucket_without_an_object_to_test_with_is_not_blocked() {
    for (case, keys) in [
        ("empty", &[][..]),
        ("folder markers alone", &["photos/", "videos/"]),
    ] {
        let stage = Stage::connected();
        stage.bucket(|bucket| {
            bucket.objects.clear();
            for key in keys {
                bucket.add_object(key, "");
            }
        });
        let said = stage.run(&VERIFY).exits(0).without_complaint();
        let (ran, document) = stage.run_json(&VERIFY);
        ran.exits(0).without_complaint();
        for id in ["aws.object.read", "aws.object.link"] {
            let found = check(&document, id);
            assert_eq!(found["status"], "skipped", "{case}");
            assert!(
                found["detail"]
                    .as_str()
                    .is_some_and(|detail| detail.contains("--object")),
                "{found:#}"
            );
        }
        assert_eq!(
            check(&document, "aws.cors.preflight")["status"],
            "pass",
            "{case}: no object is needed for it"
        );
        assert_eq!(document["proof"], "preflight", "{case}");
        assert!(
            !said.stdout.contains("You can read"),
            "{case}: {}",
            said.stdout
        );
        said.says("https://acme-images.s3.eu-west-1.amazonaws.com/<key>");
    }
}

#[test]
fn a_bucket_of_archived_objects_alone_says_so() {
    let stage = Stage::connected();
    photo(&stage, |object| {
        object.storage_class = StorageClass::Glacier;
    });
    let (ran, document) = stage.run_json(&VERIFY);
    ran.exits(0).without_complaint();
    let archived = checks(&document, "aws.object.protection")
        .into_iter()
        .find(|check| check["cause"] == "A32");
    assert_eq!(archived.expect("a warning")["status"], "warn");
    let read = check(&document, "aws.object.read");
    assert_eq!(read["status"], "skipped");
    assert!(
        read["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("archived")),
        "{read:#}"
    );
}

#[test]
fn an_object_that_can_be_read_at_once_is_preferred_as_the_sample() {
    let stage = Stage::connected();
    photo(&stage, |object| {
        object.storage_class = StorageClass::Glacier;
    });
    stage.bucket(|bucket| {
        bucket.add_object("a/", "");
        bucket.add_object("z last/ü+%.jpg", "readable");
    });
    let (ran, document) = stage.run_json(&VERIFY);
    ran.exits(0);
    assert_eq!(
        check(&document, "aws.object.link")["subject"],
        "z last/ü+%.jpg"
    );
    assert_eq!(check(&document, "aws.object.link")["status"], "pass");
    let steps = document["next_steps"].to_string();
    assert!(steps.contains("/z%20last/%C3%BC%2B%25.jpg"), "{steps}");
}
