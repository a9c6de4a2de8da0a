//! The stories.

use segments_connect::sandbox::aws::{
    CorsRule, Encryption, KeyState, KmsKey, Object, ObjectOwnership, PARTNER_ACCOUNT, Payer,
    PublicAccessBlock, StorageClass,
};
use serde_json::{Value, json};
use time::Duration;

use super::{Met, Story};
use crate::support::{PHOTO, Stage, cors_rule, policy, published, with};

const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const ALL: &str = "arn:aws:s3:::acme-images/*";

/// All of them.
pub fn all() -> Vec<Story> {
    let mut stories = grants();
    stories.extend(denies());
    stories.extend(objects());
    stories.extend(browsers());
    stories.extend(harmless());
    stories
}

fn blocked(did: &'static str, lead: &'static str, act: fn(&Stage)) -> Story {
    Story {
        did,
        act,
        object: PHOTO,
        met: Met::Refused(403),
        lead: Some(lead),
        exit: 4,
    }
}

fn grants() -> Vec<Story> {
    vec![
        blocked("replaced the policy with a partner's", "A01", |stage| {
            let partner = json!({ "AWS": "arn:aws:iam::444455556666:user/partner" });
            stage.store_policy(&policy(&[with(
                published(),
                &json!({ "Sid": "Partner", "Principal": partner }),
            )]));
        }),
        blocked("deleted the policy", "A01", |stage| {
            stage.bucket(|bucket| bucket.policy = None);
        }),
        blocked("copied the statement of another bucket", "A01", |stage| {
            grant(stage, &json!({ "Resource": "arn:aws:s3:::acme-videos/*" }));
        }),
        blocked("granted the bucket and not its objects", "A02", |stage| {
            grant(
                stage,
                &json!({ "Action": "s3:*", "Resource": "arn:aws:s3:::acme-images" }),
            );
        }),
        Story {
            object: "videos/1.mp4",
            ..blocked(
                "granted one prefix and registered another",
                "A03",
                |stage| {
                    stage.bucket(|bucket| {
                        drop(bucket.add_object("videos/1.mp4", "a video").clone());
                    });
                    grant(
                        stage,
                        &json!({ "Resource": "arn:aws:s3:::acme-images/photos/*" }),
                    );
                },
            )
        },
        blocked(
            "granted a principal that was deleted since",
            "A20",
            |stage| {
                grant(
                    stage,
                    &json!({ "Principal": { "AWS": "AIDAIOSFODNN7EXAMPLE1" } }),
                );
            },
        ),
        blocked("granted a role of that name", "A21", |stage| {
            grant(
                stage,
                &json!({ "Principal": { "AWS": "arn:aws:iam::931508227573:role/segmentsai-prod-user" } }),
            );
        }),
        blocked("mistyped the account", "A21", |stage| {
            grant(
                stage,
                &json!({ "Principal": { "AWS": "arn:aws:iam::931508227537:user/segmentsai-prod-user" } }),
            );
        }),
        blocked(
            "left an old public statement and turned Block Public Access on",
            "A16",
            |stage| {
                open(stage);
                stage.bucket(|bucket| bucket.public_access_block = Some(PublicAccessBlock::ALL));
            },
        ),
        blocked(
            "restricts public buckets in the whole account",
            "A16",
            |stage| {
                open(stage);
                stage.bucket(|bucket| bucket.public_access_block = None);
                stage.sandbox.with_state(|state| {
                    let account = state
                        .aws
                        .accounts
                        .get_mut("111122223333")
                        .expect("the account");
                    account.public_access_block = Some(PublicAccessBlock::ALL);
                });
            },
        ),
    ]
}

fn denies() -> Vec<Story> {
    vec![
        blocked("admits a VPC endpoint alone", "A04", |stage| {
            deny(
                stage,
                &json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1a2b3c4d" } }),
            );
        }),
        blocked("admits a VPC and services of AWS alone", "A04", |stage| {
            deny(
                stage,
                &json!({
                    "StringNotEqualsIfExists": { "aws:SourceVpc": ["vpc-1a2b3c4d", "vpc-5e6f7a8b"] },
                    "BoolIfExists": { "aws:ViaAWSService": "false" },
                }),
            );
        }),
        Story {
            exit: 6,
            ..blocked("admits the office's addresses alone", "A05", |stage| {
                deny(
                    stage,
                    &json!({ "NotIpAddress": { "aws:SourceIp": ["198.51.100.0/24"] } }),
                );
            })
        },
        blocked("denies everyone outside the organisation", "A08", |stage| {
            deny(
                stage,
                &json!({
                    "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-a1b2c3d4e5" },
                    "BoolIfExists": { "aws:PrincipalIsAWSService": "false" },
                }),
            );
        }),
        blocked("denies every other account", "A08", |stage| {
            deny(
                stage,
                &json!({ "StringNotEquals": { "aws:PrincipalAccount": "111122223333" } }),
            );
        }),
        blocked("denies everyone but a list of names", "A09", |stage| {
            let names = json!({ "AWS": ["arn:aws:iam::111122223333:user/ana", "arn:aws:iam::111122223333:root"] });
            let deny = json!({
                "Sid": "OnlyUs", "Effect": "Deny", "NotPrincipal": names, "Action": "s3:GetObject", "Resource": ALL,
            });
            stage.store_policy(&policy(&[published(), deny]));
        }),
        blocked(
            "denies everyone but the sessions of a role",
            "A09",
            |stage| {
                deny(
                    stage,
                    &json!({ "StringNotLike": { "aws:userid": ["AROAEXAMPLEROLEID:*", "111122223333"] } }),
                );
            },
        ),
        Story {
            met: Met::GoneAfter(Duration::minutes(11)),
            ..blocked("denies signatures older than ten minutes", "A10", |stage| {
                deny(
                    stage,
                    &json!({ "NumericGreaterThan": { "s3:signatureAge": "600000" } }),
                );
            })
        },
        blocked("denies signatures in links", "A11", |stage| {
            deny(
                stage,
                &json!({ "StringNotEquals": { "s3:authType": "REST-HEADER" } }),
            );
        }),
        // AWS tells what the key holds for a signature in a header, and not for a link.
        Story {
            exit: 6,
            ..blocked("denies payloads that are not signed", "A11", |stage| {
                deny(
                    stage,
                    &json!({ "StringEquals": { "s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD" } }),
                );
            })
        },
        blocked("denies reads without a second factor", "A12", |stage| {
            deny(
                stage,
                &json!({ "BoolIfExists": { "aws:MultiFactorAuthPresent": "false" } }),
            );
        }),
        blocked("delegates to access points", "A13", |stage| {
            deny(
                stage,
                &json!({ "StringNotEquals": { "s3:DataAccessPointAccount": "111122223333" } }),
            );
        }),
        blocked(
            "denies everything under a prefix while it is audited",
            "A49",
            |stage| {
                let deny = json!({
                    "Sid": "Audit", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::acme-images/photos/*",
                });
                stage.store_policy(&policy(&[published(), deny]));
            },
        ),
        blocked("admits its own pages alone", "A51", |stage| {
            grant(
                stage,
                &json!({ "Condition": { "StringLike": { "aws:Referer": "https://intranet.acme.example/*" } } }),
            );
        }),
        // A browser that sends nothing would be refused.
        Story {
            met: Met::Shown,
            exit: 6,
            ..blocked("denies other pages than Segments.ai's", "A14", |stage| {
                deny(
                    stage,
                    &json!({ "StringNotLike": { "aws:Referer": "https://app.segments.ai/*" } }),
                );
            })
        },
        blocked("shares by a tag that the object lacks", "A15", |stage| {
            grant(
                stage,
                &json!({ "Condition": { "StringEquals": { "s3:ExistingObjectTag/share": "yes" } } }),
            );
        }),
        Story {
            met: Met::Shown,
            exit: 0,
            ..blocked("shares by a tag that the object has", "A15", |stage| {
                grant(
                    stage,
                    &json!({ "Condition": { "StringEquals": { "s3:ExistingObjectTag/share": "yes" } } }),
                );
                photo(stage, |object| {
                    drop(object.tags.insert("share".to_owned(), "yes".to_owned()));
                });
            })
        },
    ]
}

fn objects() -> Vec<Story> {
    vec![
        blocked("encrypts with the key that AWS manages", "A25", |stage| {
            let key = KmsKey::aws_managed("111122223333", "eu-west-1", KEY_ID);
            encrypt(stage, key, Encryption::Kms(None));
        }),
        blocked(
            "encrypts with a key of its own and told its policy nothing",
            "A26",
            |stage| {
                encrypt(stage, key(None), Encryption::Kms(Some(KEY_ID.to_owned())));
            },
        ),
        blocked(
            "shared the key for another Region's S3 alone",
            "A26",
            |stage| {
                let condition =
                    json!({ "StringEquals": { "kms:ViaService": "s3.us-east-1.amazonaws.com" } });
                encrypt(
                    stage,
                    key(Some(&condition)),
                    Encryption::Kms(Some(KEY_ID.to_owned())),
                );
            },
        ),
        blocked("encrypts twice", "A30", |stage| {
            encrypt(
                stage,
                key(None),
                Encryption::DualKms(Some(KEY_ID.to_owned())),
            );
        }),
        Story {
            met: Met::Refused(400),
            ..blocked("disabled the key", "A28", |stage| {
                let disabled = KmsKey {
                    state: KeyState::Disabled,
                    ..key(Some(&json!({})))
                };
                encrypt(stage, disabled, Encryption::Kms(Some(KEY_ID.to_owned())));
            })
        },
        Story {
            met: Met::Refused(400),
            ..blocked(
                "keeps the key and sends it with each request",
                "A29",
                |stage| {
                    photo(stage, |object| object.encryption = Encryption::CustomerKey);
                },
            )
        },
        blocked(
            "lets a partner upload without giving the objects away",
            "A31",
            |stage| {
                stage.bucket(|bucket| bucket.ownership = Some(ObjectOwnership::ObjectWriter));
                photo(stage, |object| {
                    object.owner = Some(PARTNER_ACCOUNT.to_owned());
                });
            },
        ),
        blocked("archived last year's photos", "A32", |stage| {
            photo(stage, |object| {
                object.storage_class = StorageClass::DeepArchive;
            });
        }),
        blocked("lets whoever asks pay", "A33", |stage| {
            stage.bucket(|bucket| bucket.payer = Payer::Requester);
        }),
        Story {
            object: "photos/0002.jpg",
            ..blocked("registered an object that is not there", "A38", |_| {})
        },
    ]
}

fn browsers() -> Vec<Story> {
    let kept = |did, lead, act| Story {
        met: Met::KeptByBrowser,
        ..blocked(did, lead, act)
    };
    vec![
        kept("never set CORS rules", "A39", |stage| {
            stage.bucket(|bucket| bucket.cors = None);
        }),
        kept("wrote the origin with a slash at its end", "A39", |stage| {
            rules(
                stage,
                vec![cors_rule("https://app.segments.ai/", &["GET"], &["*"])],
            );
        }),
        kept("wrote the origin with http", "A39", |stage| {
            rules(
                stage,
                vec![cors_rule("http://*.segments.ai", &["GET"], &["*"])],
            );
        }),
        kept("admits HEAD and not GET", "A39", |stage| {
            rules(
                stage,
                vec![cors_rule("https://*.segments.ai", &["HEAD"], &["*"])],
            );
        }),
    ]
}

fn harmless() -> Vec<Story> {
    let fine = |did, act| Story {
        met: Met::Shown,
        lead: None,
        exit: 0,
        ..blocked(did, "A01", act)
    };
    vec![
        fine("did all that was asked", |stage| {
            stage.bucket(|bucket| bucket.public_access_block = Some(PublicAccessBlock::ALL));
        }),
        fine("denies plain http", |stage| {
            deny(
                stage,
                &json!({ "Bool": { "aws:SecureTransport": "false" } }),
            );
        }),
        fine("exempted Segments.ai from its endpoint's Deny", |stage| {
            deny(
                stage,
                &json!({
                    "StringNotEquals": {
                        "aws:SourceVpce": "vpce-1a2b3c4d",
                        "aws:PrincipalArn": "arn:aws:iam::931508227573:user/segmentsai-prod-user",
                    },
                }),
            );
        }),
        Story {
            lead: Some("A22"),
            ..fine("granted the whole account", |stage| {
                grant(stage, &json!({ "Principal": { "AWS": "931508227573" } }));
            })
        },
        Story {
            lead: Some("A40"),
            ..fine("admits two headers", |stage| {
                rules(
                    stage,
                    vec![cors_rule(
                        "https://*.segments.ai",
                        &["GET"],
                        &["range", "if-match"],
                    )],
                );
            })
        },
        fine("shared the key with conditions that hold", |stage| {
            let condition = json!({
                "StringEquals": {
                    "kms:ViaService": "s3.eu-west-1.amazonaws.com",
                    "kms:CallerAccount": "931508227573",
                },
                "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::931508227573:user/*" },
            });
            encrypt(
                stage,
                key(Some(&condition)),
                Encryption::Kms(Some(KEY_ID.to_owned())),
            );
        }),
    ]
}

fn grant(stage: &Stage, members: &Value) {
    stage.store_policy(&policy(&[with(published(), members)]));
}

/// The published statement, and a Deny on reading under a condition.
fn deny(stage: &Stage, condition: &Value) {
    let deny = json!({
        "Sid": "Perimeter", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": ALL,
        "Condition": condition,
    });
    stage.store_policy(&policy(&[published(), deny]));
}

fn open(stage: &Stage) {
    let website =
        json!({ "Sid": "Website", "Principal": "*", "Resource": "arn:aws:s3:::acme-images/www/*" });
    stage.store_policy(&policy(&[with(published(), &website), published()]));
}

fn photo(stage: &Stage, change: impl FnOnce(&mut Object)) {
    stage.bucket(|bucket| change(bucket.objects.get_mut(PHOTO).expect("the photo")));
}

fn rules(stage: &Stage, rules: Vec<CorsRule>) {
    stage.bucket(|bucket| bucket.cors = Some(rules));
}

fn encrypt(stage: &Stage, key: KmsKey, encryption: Encryption) {
    stage.sandbox.with_state(|state| state.aws.keys.push(key));
    photo(stage, |object| object.encryption = encryption);
}

/// A key of the customer's; with a condition, its policy lets Segments.ai decrypt under it.
fn key(condition: Option<&Value>) -> KmsKey {
    let mut key = KmsKey::customer("111122223333", "eu-west-1", KEY_ID);
    if let Some(condition) = condition {
        let mut document: Value =
            serde_json::from_str(&key.policy).expect("the key's policy is JSON");
        document["Statement"].as_array_mut().expect("statements").push(json!({
            "Sid": "segments-kms-access", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
            "Principal": { "AWS": "arn:aws:iam::931508227573:user/segmentsai-prod-user" }, "Condition": condition,
        }));
        key.policy = document.to_string();
    }
    key
}
