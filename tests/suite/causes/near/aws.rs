//! Next to the causes on AWS.

use segments_connect::sandbox::aws::{
    Encryption, KmsKey, ObjectOwnership, Payer, PublicAccessBlock, StorageClass,
};
use serde_json::{Value, json};

use super::Near;
use crate::support::{BUCKET, PHOTO, Stage, cors_rule, policy, published, published_rule, with};

const SEGMENTS: &str = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

const NEAR: &[Near<Stage>] = &[
    Near {
        what: "a partner has a statement too, and it comes first",
        of: &["A01", "A02", "A20", "A21", "A22", "A51"],
        act: |stage| {
            let partner = json!({ "Sid": "Partner", "Principal": { "AWS": "arn:aws:iam::444455556666:user/partner" } });
            stage.store_policy(&policy(&[with(published(), &partner), published()]));
        },
    },
    Near {
        what: "a grant on a prefix stands beside the one on everything",
        of: &["A03"],
        act: |stage| {
            let part = json!({ "Sid": "Pilot", "Resource": "arn:aws:s3:::acme-images/photos/*" });
            stage.store_policy(&policy(&[with(published(), &part), published()]));
        },
    },
    Near {
        what: "a Deny on what does not come through an endpoint spares Segments.ai",
        of: &["A04"],
        act: |stage| spared(stage, "StringNotEquals", "aws:SourceVpce", "vpce-1a2b3c4d"),
    },
    Near {
        what: "a Deny on other addresses than the office's spares Segments.ai",
        of: &["A05"],
        act: |stage| spared(stage, "NotIpAddress", "aws:SourceIp", "198.51.100.0/24"),
    },
    Near {
        what: "a Deny on old TLS spares Segments.ai",
        of: &["A07"],
        act: |stage| spared(stage, "NumericLessThan", "s3:TlsVersion", "1.3"),
    },
    Near {
        what: "a Deny on everyone outside the organisation spares Segments.ai",
        of: &["A08"],
        act: |stage| {
            spared(
                stage,
                "StringNotEquals",
                "aws:PrincipalOrgID",
                "o-a1b2c3d4e5",
            );
        },
    },
    Near {
        what: "Segments.ai is on the list of those that a Deny spares",
        of: &["A09"],
        act: |stage| {
            let named = json!({ "AWS": [SEGMENTS, "arn:aws:iam::931508227573:root", "arn:aws:iam::111122223333:root"] });
            let deny = json!({
                "Sid": "OnlyUs", "Effect": "Deny", "NotPrincipal": named, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::acme-images/*",
            });
            stage.store_policy(&policy(&[published(), deny]));
        },
    },
    Near {
        what: "a Deny on signatures that are older than a week",
        of: &["A10"],
        act: |stage| {
            deny(
                stage,
                &json!({ "NumericGreaterThan": { "s3:signatureAge": "604800000" } }),
            );
        },
    },
    Near {
        what: "a Deny on signatures that are in neither a header nor a link",
        of: &["A11"],
        act: |stage| {
            deny(
                stage,
                &json!({ "StringNotEquals": { "s3:authType": ["REST-HEADER", "REST-QUERY-STRING"] } }),
            );
        },
    },
    Near {
        what: "a Deny on requests without a second factor spares Segments.ai",
        of: &["A12"],
        act: |stage| spared(stage, "BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
    },
    Near {
        what: "a Deny on what comes through no access point spares Segments.ai",
        of: &["A13"],
        act: |stage| {
            spared(
                stage,
                "StringNotEquals",
                "s3:DataAccessPointAccount",
                "111122223333",
            );
        },
    },
    Near {
        what: "a Deny on other pages spares Segments.ai",
        of: &["A14"],
        act: |stage| {
            spared(
                stage,
                "StringNotLike",
                "aws:Referer",
                "https://www.acme.example/*",
            );
        },
    },
    Near {
        what: "a Deny on objects with a tag spares Segments.ai",
        of: &["A15"],
        act: |stage| spared(stage, "StringEquals", "s3:ExistingObjectTag/secret", "yes"),
    },
    Near {
        what: "a Deny without a condition is on deleting",
        of: &["A49"],
        act: |stage| {
            let deny = json!({
                "Sid": "Keep", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject",
                "Resource": "arn:aws:s3:::acme-images/*",
            });
            stage.store_policy(&policy(&[published(), deny]));
        },
    },
    Near {
        what: "a Deny from a day on spares Segments.ai",
        of: &["A52"],
        act: |stage| {
            spared(
                stage,
                "DateGreaterThan",
                "aws:CurrentTime",
                "2024-01-01T00:00:00Z",
            );
        },
    },
    Near {
        what: "public access is blocked, and no statement is public",
        of: &["A16", "A53", "A54"],
        act: |stage| {
            stage.bucket(|bucket| bucket.public_access_block = Some(PublicAccessBlock::ALL));
        },
    },
    Near {
        what: "the object is encrypted with a key of the customer's that is shared",
        of: &["A25", "A26", "A28", "A29"],
        act: |stage| encrypted(stage, Encryption::Kms(Some(KEY_ID.to_owned()))),
    },
    Near {
        what: "the object is encrypted twice with a key that is shared",
        of: &["A30"],
        act: |stage| encrypted(stage, Encryption::DualKms(Some(KEY_ID.to_owned()))),
    },
    Near {
        what: "objects keep their writer, who is the owner; the owner pays; the class is an online one",
        of: &["A31", "A32", "A33"],
        act: |stage| {
            stage.bucket(|bucket| {
                bucket.ownership = Some(ObjectOwnership::ObjectWriter);
                bucket.payer = Payer::BucketOwner;
                bucket
                    .objects
                    .get_mut(PHOTO)
                    .expect("the photo")
                    .storage_class = StorageClass::GlacierInstantRetrieval;
            });
        },
    },
    Near {
        what: "a rule for the company's own site comes first",
        of: &["A34", "A36", "A38", "A39", "A40", "A50"],
        act: |stage| {
            let own = cors_rule("https://www.acme.example", &["GET", "PUT"], &["*"]);
            stage.bucket(|bucket| bucket.cors = Some(vec![own, published_rule()]));
        },
    },
];

/// The published statement, and a Deny on reading under a condition.
fn deny(stage: &Stage, condition: &Value) {
    let deny = json!({
        "Sid": "Perimeter", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::acme-images/*", "Condition": condition,
    });
    stage.store_policy(&policy(&[published(), deny]));
}

/// As [`deny`], and Segments.ai's user is excepted.
fn spared(stage: &Stage, operator: &str, key: &str, value: &str) {
    let mut condition = json!({ operator: { key: value } });
    condition["ArnNotEquals"] = json!({ "aws:PrincipalArn": SEGMENTS });
    deny(stage, &condition);
}

fn encrypted(stage: &Stage, encryption: Encryption) {
    let mut key = KmsKey::customer("111122223333", "eu-west-1", KEY_ID);
    let mut document: Value = serde_json::from_str(&key.policy).expect("the key's policy is JSON");
    let statements = document["Statement"].as_array_mut();
    statements.expect("statements").push(json!({
        "Sid": "segments", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
        "Principal": { "AWS": SEGMENTS },
    }));
    key.policy = document.to_string();
    stage.sandbox.with_state(|state| state.aws.keys.push(key));
    stage.bucket(|bucket| {
        bucket.objects.get_mut(PHOTO).expect("the photo").encryption = encryption;
    });
}

#[test]
fn what_is_near_a_cause_on_s3_is_not_told_as_it() {
    let mut wrong = Vec::new();
    for near in NEAR {
        let stage = Stage::connected();
        (near.act)(&stage);
        let words = ["aws", "verify", "--bucket", BUCKET, "--object", PHOTO];
        let (ran, document) = stage.run_json(&words);
        wrong.extend(super::wrong(near.what, near.of, &ran, &document));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
