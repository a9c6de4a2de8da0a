//! What exists at AWS: accounts, principals, keys, and the circumstances under which requests are judged.
//!
//! Plain data that a test seeds and inspects; nothing here decides. Buckets are in [`super::bucket`].

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use time::{Duration, OffsetDateTime};

use super::bucket::{Bucket, PublicAccessBlock};
use super::grant::Grant;

/// The account of the customer in the default world.
pub const CUSTOMER_ACCOUNT: &str = "111122223333";
/// The account of Segments.ai.
pub const SEGMENTS_ACCOUNT: &str = "931508227573";
/// The account of some other company in the default world.
pub const PARTNER_ACCOUNT: &str = "444455556666";

/// An administrator in the customer's account.
pub const ANA: &str = "arn:aws:iam::111122223333:user/ana";
/// The principal with which Segments.ai reads.
pub const SEGMENTS: &str = "arn:aws:iam::931508227573:user/segmentsai-prod-user";
/// A principal of some other company, who may do everything that a bucket's owner allows it.
pub const PARTNER: &str = "arn:aws:iam::444455556666:user/partner";

/// The access key of [`ANA`] in the default world.
pub const ANA_KEY: &str = "AKIAIOSFODNN7ANA0001";
/// The access key of [`SEGMENTS`] in the default world.
pub const SEGMENTS_KEY: &str = "AKIAIOSFODNN7SEG0001";
/// The access key of [`PARTNER`] in the default world.
pub const PARTNER_KEY: &str = "AKIAIOSFODNN7PAR0001";

/// Everything at AWS.
#[derive(Debug, Clone)]
pub struct World {
    /// The region in which the endpoint is, and in which new buckets are made.
    pub region: String,
    /// How far AWS's clock is ahead of this machine's.
    pub clock_offset: Duration,
    /// The accounts that exist, by their twelve digits.
    pub accounts: BTreeMap<String, Account>,
    /// The users that exist and their access keys.
    pub principals: Vec<Principal>,
    /// ARNs of users and roles that exist besides [`Self::principals`], so that a policy may name them.
    pub other_principals: BTreeSet<String>,
    /// The buckets, by name.
    pub buckets: BTreeMap<String, Bucket>,
    /// The KMS keys.
    pub keys: Vec<KmsKey>,
    /// The address from which requests seem to come; `None`: the one from which they do.
    pub source_ip: Option<IpAddr>,
    /// Whether plain http on this socket counts as https for `aws:SecureTransport`. AWS itself is reached over https,
    /// so it does unless a test says otherwise.
    pub counts_as_https: bool,
    /// The version of TLS that is played where it does.
    pub tls_version: String,
    /// How a request to the wrong region is turned away.
    pub wrong_region: WrongRegion,
}

/// An AWS account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Block Public Access for the whole account.
    pub public_access_block: Option<PublicAccessBlock>,
    /// The canonical user ID, where policies or listings name it.
    pub canonical_id: String,
    /// The organization that it is a member of.
    pub organization: Option<Organization>,
}

/// Where an account stands in an organization.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organization {
    /// Its ID (`o-…`).
    pub id: String,
    /// The path of the account's unit (`o-…/r-…/ou-…/`).
    pub path: String,
}

/// Somebody with an access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The access key ID.
    pub access_key_id: String,
    /// The secret access key.
    pub secret_access_key: String,
    /// The session token, for temporary credentials.
    pub session_token: Option<String>,
    /// The ARN.
    pub arn: String,
    /// The account, twelve digits.
    pub account: String,
    /// The unique ID (`AIDA…`).
    pub user_id: String,
    /// Whether the session has expired.
    pub expired: bool,
    /// What its own identity policies allow: action patterns such as `s3:*`.
    pub allowed_actions: BTreeSet<String>,
    /// What its own identity policies lack although [`Self::allowed_actions`] matches it: action patterns too.
    pub denied_actions: BTreeSet<String>,
    /// Its tags, which policies may look at.
    pub tags: BTreeMap<String, String>,
}

impl Principal {
    /// A user with these access keys whose identity policies allow `actions`.
    #[must_use]
    pub fn user(arn: &str, access_key_id: &str, actions: &[&str]) -> Self {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let tail = access_key_id.trim_start_matches("AKIA");
        Self {
            access_key_id: access_key_id.to_owned(),
            secret_access_key: format!("secret/{access_key_id}+forLocalUseOnly"),
            session_token: None,
            arn: arn.to_owned(),
            account: account.to_owned(),
            user_id: format!("AIDA{tail}"),
            expired: false,
            allowed_actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            denied_actions: BTreeSet::new(),
            tags: BTreeMap::new(),
        }
    }
}

/// Who manages a KMS key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyManager {
    /// AWS: the key `aws/s3`, whose policy nobody can change.
    Aws,
    /// The customer.
    Customer,
}

/// The state of a KMS key, as far as reading is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// Usable.
    Enabled,
    /// Switched off.
    Disabled,
    /// Scheduled for deletion.
    PendingDeletion,
}

/// A KMS key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsKey {
    /// The key ID.
    pub id: String,
    /// The key ARN.
    pub arn: String,
    /// Who manages it.
    pub manager: KeyManager,
    /// Its state.
    pub state: KeyState,
    /// Its policy.
    pub policy: String,
    /// Its grants.
    pub grants: Vec<Grant>,
}

impl KmsKey {
    /// A key that the account manages itself, with the policy that a key gets by default: it hands the decision over
    /// to the identity policies of its own account.
    /// See <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>.
    #[must_use]
    pub fn customer(account: &str, region: &str, id: &str) -> Self {
        let policy = serde_json::json!({
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [{
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": { "AWS": format!("arn:aws:iam::{account}:root") },
                "Action": "kms:*",
                "Resource": "*",
            }],
        });
        Self {
            id: id.to_owned(),
            arn: format!("arn:aws:kms:{region}:{account}:key/{id}"),
            manager: KeyManager::Customer,
            state: KeyState::Enabled,
            policy: policy.to_string(),
            grants: Vec::new(),
        }
    }

    /// The key `aws/s3` of an account, with its fixed policy.
    #[must_use]
    pub fn aws_managed(account: &str, region: &str, id: &str) -> Self {
        Self {
            manager: KeyManager::Aws,
            ..Self::customer(account, region, id)
        }
    }

    /// The account that owns the key.
    #[must_use]
    pub fn account(&self) -> &str {
        self.arn.split(':').nth(4).unwrap_or_default()
    }

    /// Whether `name` is this key's ID or ARN.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.id == name || self.arn == name
    }
}

/// How a request that was signed for, or sent to, the wrong region is turned away.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WrongRegion {
    /// `301 PermanentRedirect`, as another region's endpoint does.
    #[default]
    Redirect,
    /// `400 AuthorizationHeaderMalformed`, as the bucket's own endpoint does.
    Malformed,
}

impl World {
    /// What AWS's clock shows.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        let here = OffsetDateTime::now_utc();
        here.checked_add(self.clock_offset).unwrap_or(here)
    }

    /// Makes a bucket of the customer in the endpoint's region, with the settings that new buckets have, and returns it.
    pub fn add_bucket(&mut self, name: &str) -> &mut Bucket {
        let bucket = Bucket::new(name, &self.region, CUSTOMER_ACCOUNT);
        self.buckets.insert(name.to_owned(), bucket);
        self.buckets.entry(name.to_owned()).or_default()
    }

    /// The bucket of that name, for inspection.
    #[must_use]
    pub fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.get(name)
    }

    /// The principal with that access key.
    #[must_use]
    pub fn principal(&self, access_key_id: &str) -> Option<&Principal> {
        self.principals
            .iter()
            .find(|principal| principal.access_key_id == access_key_id)
    }

    /// The principal with that access key, to change it.
    pub fn principal_mut(&mut self, access_key_id: &str) -> Option<&mut Principal> {
        self.principals
            .iter_mut()
            .find(|principal| principal.access_key_id == access_key_id)
    }

    /// The key with that ID or ARN.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&KmsKey> {
        self.keys.iter().find(|key| key.is(name))
    }
}

impl Default for World {
    /// A customer with an administrator, Segments.ai with its reader, and another company with a user. No bucket.
    fn default() -> Self {
        let account = |canonical_id: &str| Account {
            canonical_id: canonical_id.to_owned(),
            ..Account::default()
        };
        Self {
            region: "eu-west-1".to_owned(),
            clock_offset: Duration::ZERO,
            accounts: BTreeMap::from([
                (CUSTOMER_ACCOUNT.to_owned(), account(&"1".repeat(64))),
                (
                    SEGMENTS_ACCOUNT.to_owned(),
                    account("a2c85e730d80dcb51a2c0e1a8f852cf6dc8d6e04d9e00f49239c324de3c1e3e1"),
                ),
                (PARTNER_ACCOUNT.to_owned(), account(&"4".repeat(64))),
            ]),
            principals: vec![
                Principal::user(ANA, ANA_KEY, &["*"]),
                Principal::user(SEGMENTS, SEGMENTS_KEY, &["s3:GetObject", "kms:Decrypt"]),
                Principal::user(PARTNER, PARTNER_KEY, &["s3:*", "kms:*"]),
            ],
            other_principals: BTreeSet::new(),
            buckets: BTreeMap::new(),
            keys: Vec::new(),
            source_ip: None,
            counts_as_https: true,
            tls_version: "1.3".to_owned(),
            wrong_region: WrongRegion::default(),
        }
    }
}
