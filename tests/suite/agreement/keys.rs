//! Key policies and grants: the object is encrypted with a key of KMS, and its owner's side decides by the policy of that
//! key and by its grants.

use segments_connect::aws::checks::judging::{Encrypted, decrypting};
use segments_connect::aws::grants::{self, Context};
use segments_connect::finding::Status;
use segments_connect::sandbox::aws::{Encryption, EncryptionContext, Grant, KmsKey};
use serde_json::{Value, json};

use super::generate::Generator;
use super::scene::{
    Asked, BUCKET, CUSTOMER_ACCOUNT, Circumstance, KEY, KEY_ARN, REGION, SEGMENTS, Scene,
};
use super::{Certain, Tally, Trial, judge, place};

const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// What judges a key policy and the grants that were read: the real one, or one that is wrong on purpose.
type Judge = fn(&Encrypted<'_>, &[grants::Grant]) -> Status;

fn real(encrypted: &Encrypted<'_>, read: &[grants::Grant]) -> Status {
    decrypting(encrypted, Some(&Ok(read.to_vec()))).status
}

/// Segments.ai reads an object that is encrypted with the key.
struct Decrypt<'a> {
    scene: &'a Scene,
    circumstance: Circumstance,
    bucket_key: bool,
    given: EncryptionContext,
    grants: Vec<Grant>,
    judge: Judge,
}

impl std::fmt::Debug for Decrypt<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "{:?}, bucket key {}, context {:?}, grants {:?}",
            self.circumstance, self.bucket_key, self.given, self.grants
        )
    }
}

/// A grant as KMS lists it.
fn listed(grant: &Grant) -> grants::Grant {
    let mut constraints = json!({});
    for (name, pairs) in [
        ("EncryptionContextEquals", &grant.context_equals),
        ("EncryptionContextSubset", &grant.context_subset),
    ] {
        if let Some(pairs) = pairs {
            constraints[name] = json!(pairs);
        }
    }
    let entry = json!({
        "GrantId": grant.id, "GranteePrincipal": grant.grantee, "Operations": grant.operations,
        "Constraints": constraints,
    });
    grants::Grant::read(&entry).expect("a grant")
}

impl Trial for Decrypt<'_> {
    fn said(&self, policy: &Value) -> Option<Certain> {
        let encrypted = Encrypted {
            id: KEY_ARN,
            twice: false,
            // S3 tells that there is a Bucket Key, and nothing where there is none.
            context: Context::of(BUCKET, KEY, self.bucket_key.then_some(true)),
            place: place(self.scene),
            policy: Some(policy),
        };
        let read: Vec<grants::Grant> = self.grants.iter().map(listed).collect();
        match (self.judge)(&encrypted, &read) {
            Status::Pass => Some(Certain::Allowed),
            Status::Fail => Some(Certain::Refused),
            Status::Warn | Status::Unknown | Status::Skipped => None,
        }
    }

    async fn statuses(&self, policy: &Value) -> Vec<u16> {
        let key = KmsKey {
            policy: policy.to_string(),
            grants: self.grants.clone(),
            ..KmsKey::customer(CUSTOMER_ACCOUNT, REGION, KEY_ID)
        };
        self.scene
            .sandbox
            .with_state(|state| state.aws.keys = vec![key]);
        self.scene.bucket(|bucket| {
            if let Some(default) = &mut bucket.encryption {
                default.bucket_key = self.bucket_key;
            }
            let object = bucket.objects.get_mut(KEY).expect("it exists");
            object.encryption = Encryption::Kms(Some(KEY_ID.to_owned()));
            object.encryption_context = self.given.clone();
        });
        vec![self.scene.read(&self.circumstance).await]
    }
}

/// Up to three grants, most of them for Segments.ai.
fn some_grants(random: &mut fastrand::Rng) -> Vec<Grant> {
    let bucket = format!("arn:aws:s3:::{BUCKET}");
    let object = format!("{bucket}/{KEY}");
    let arns = [bucket.as_str(), &object, "arn:aws:s3:::other"];
    (0..random.usize(..4))
        .map(|number| {
            let grantee = match random.u8(..6) {
                0 => "arn:aws:iam::444455556666:user/partner",
                1 => "arn:aws:iam::931508227573:root",
                _ => SEGMENTS,
            };
            let operations: &[&str] = match random.u8(..4) {
                0 => &["Encrypt", "GenerateDataKey"],
                1 => &["DescribeKey", "Decrypt"],
                _ => &["Decrypt"],
            };
            let mut pairs = || {
                let mut pairs = EncryptionContext::new();
                let name = ["aws:s3:arn", "AWS:S3:ARN"][random.usize(..2)];
                pairs.insert(name.to_owned(), arns[random.usize(..3)].to_owned());
                if random.u8(..4) == 0 {
                    pairs.insert("team".to_owned(), "vision".to_owned());
                }
                pairs
            };
            let constraint = pairs();
            let mut grant = Grant::new(&format!("grant-{number}"), grantee, operations);
            match random.u8(..5) {
                0 | 1 => grant.context_subset = Some(constraint),
                2 => grant.context_equals = Some(constraint),
                _ => {}
            }
            grant
        })
        .collect()
}

async fn compare(seed: u64, policies: usize, judged: Judge) -> Tally {
    let scene = Scene::new().await;
    scene.store(&json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": { "AWS": SEGMENTS }, "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{BUCKET}/*")
    }] }));
    let mut generator = Generator::new(seed, scene.signed_at).about("kms:Decrypt");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut tally = Tally::default();
    for _ in 0..policies {
        let policy = generator.policy();
        tally.policies += 1;
        for asked in [Asked::Link, Asked::Server] {
            let given = match random.u8(..3) {
                0 => vec![("team".to_owned(), "vision".to_owned())],
                _ => Vec::new(),
            };
            let trial = Decrypt {
                scene: &scene,
                circumstance: Circumstance::random(asked, &mut random),
                bucket_key: random.bool(),
                given: given.into_iter().collect(),
                grants: some_grants(&mut random),
                judge: judged,
            };
            judge(&trial, &policy, &mut tally).await;
        }
        scene.sandbox.clear_log();
    }
    tally
}

#[tokio::test]
async fn whatever_is_certain_of_keys_and_grants_is_what_the_local_cloud_does() {
    let tally = compare(5, 4_000, real).await;
    tally.print("key policies and grants");
    tally.agreed();
    assert!(
        tally.allowed > 1_000 && tally.refused > 1_000,
        "too little was certain"
    );
}

#[tokio::test]
async fn a_judge_that_is_wrong_about_keys_and_grants_is_caught() {
    fn without_grants(encrypted: &Encrypted<'_>, _: &[grants::Grant]) -> Status {
        real(encrypted, &[])
    }
    fn without_constraints(encrypted: &Encrypted<'_>, read: &[grants::Grant]) -> Status {
        let mut read = read.to_vec();
        for grant in &mut read {
            grant.constraints.clear();
        }
        real(encrypted, &read)
    }
    fn a_grant_over_everything(encrypted: &Encrypted<'_>, read: &[grants::Grant]) -> Status {
        let lets = |grant| grants::judge(grant, &encrypted.context).answer;
        if read
            .iter()
            .any(|grant| lets(grant) == segments_connect::aws::policy::Tri::Yes)
        {
            return Status::Pass;
        }
        real(encrypted, read)
    }
    for (name, judged) in [
        ("without grants", without_grants as Judge),
        ("without constraints", without_constraints),
        ("a grant over everything", a_grant_over_everything),
    ] {
        let tally = compare(6, 300, judged).await;
        assert!(tally.wrong.len() > 10, "{name}: {}", tally.wrong.len());
    }
}
