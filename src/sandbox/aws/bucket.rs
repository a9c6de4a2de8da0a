//! A bucket, its settings and its objects.
//!
//! Plain data that a test seeds and inspects; nothing here decides.

use std::collections::BTreeMap;

use super::grant::EncryptionContext;

/// A general purpose bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bucket {
    /// The name.
    pub name: String,
    /// The region in which it is.
    pub region: String,
    /// The account that owns it, twelve digits.
    pub owner: String,
    /// The policy, as it is stored.
    pub policy: Option<String>,
    /// The CORS rules; `None` when there is no configuration.
    pub cors: Option<Vec<CorsRule>>,
    /// Block Public Access of this bucket.
    pub public_access_block: Option<PublicAccessBlock>,
    /// Object ownership; `None` when there are no ownership controls, which works as [`ObjectOwnership::ObjectWriter`].
    pub ownership: Option<ObjectOwnership>,
    /// Default encryption; `None` has the same effect as `AES256`.
    pub encryption: Option<DefaultEncryption>,
    /// Who pays for requests.
    pub payer: Payer,
    /// The objects, by key.
    pub objects: BTreeMap<String, Object>,
}

impl Bucket {
    /// A bucket with the settings that new buckets have had since April 2023.
    /// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html>.
    #[must_use]
    pub fn new(name: &str, region: &str, owner: &str) -> Self {
        Self {
            name: name.to_owned(),
            region: region.to_owned(),
            owner: owner.to_owned(),
            policy: None,
            cors: None,
            public_access_block: Some(PublicAccessBlock::ALL),
            ownership: Some(ObjectOwnership::BucketOwnerEnforced),
            encryption: Some(DefaultEncryption::default()),
            payer: Payer::BucketOwner,
            objects: BTreeMap::new(),
        }
    }

    /// Puts a plain object there and returns it, to be changed further.
    pub fn add_object(&mut self, key: &str, bytes: impl Into<Vec<u8>>) -> &mut Object {
        let object = Object {
            bytes: bytes.into(),
            ..Object::default()
        };
        self.objects.insert(key.to_owned(), object);
        self.objects.entry(key.to_owned()).or_default()
    }

    /// The account that owns an object of this bucket, as far as policies are concerned: with ACLs disabled the
    /// bucket's owner owns all of them.
    /// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>.
    #[must_use]
    pub fn owner_of<'a>(&'a self, object: &'a Object) -> &'a str {
        match self.ownership {
            Some(ObjectOwnership::BucketOwnerEnforced) => &self.owner,
            Some(ObjectOwnership::BucketOwnerPreferred | ObjectOwnership::ObjectWriter) | None => {
                object.owner.as_deref().unwrap_or(&self.owner)
            }
        }
    }

    /// Whether an object uses an S3 Bucket Key: here the bucket's default holds for each that can have one.
    /// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>.
    #[must_use]
    pub fn has_bucket_key(&self, object: &Object) -> bool {
        let default = self.encryption.as_ref();
        default.is_some_and(|default| default.bucket_key)
            && matches!(object.encryption, Encryption::Kms(_))
    }
}

/// One CORS rule, all of it.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CORSRule.html>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CorsRule {
    /// At most 255 characters.
    pub id: Option<String>,
    /// Origins, each with at most one `*`.
    pub allowed_origins: Vec<String>,
    /// `GET`, `PUT`, `POST`, `DELETE`, `HEAD`.
    pub allowed_methods: Vec<String>,
    /// Request headers, each with at most one `*`.
    pub allowed_headers: Vec<String>,
    /// Response headers that the browser shows to the page.
    pub expose_headers: Vec<String>,
    /// How long the browser may remember the preflight.
    pub max_age_seconds: Option<i64>,
}

/// Block Public Access.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PublicAccessBlockConfiguration.html>.
#[expect(
    clippy::struct_excessive_bools,
    reason = "AWS has four independent switches"
)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublicAccessBlock {
    /// Refuses public ACLs.
    pub block_public_acls: bool,
    /// Ignores public ACLs.
    pub ignore_public_acls: bool,
    /// Refuses public bucket policies.
    pub block_public_policy: bool,
    /// Restricts a bucket with a public policy to its own account and to AWS services.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// All four on, as for new buckets.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

/// Object ownership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectOwnership {
    /// ACLs are off; the bucket's owner owns every object.
    BucketOwnerEnforced,
    /// The writer owns an object unless it gave it away.
    BucketOwnerPreferred,
    /// The writer owns an object.
    ObjectWriter,
}

impl ObjectOwnership {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }
}

/// What new objects are encrypted with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DefaultEncryption {
    /// The algorithm and the key.
    pub encryption: Encryption,
    /// Whether S3 Bucket Keys are used.
    pub bucket_key: bool,
}

/// Server-side encryption. A key is named by ID or ARN; no key means the AWS managed key `aws/s3`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Encryption {
    /// Keys that S3 manages.
    #[default]
    Aes256,
    /// A KMS key.
    Kms(Option<String>),
    /// Two layers with a KMS key.
    DualKms(Option<String>),
    /// A key that the client sends with each request (SSE-C).
    CustomerKey,
}

/// Who pays for requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Payer {
    /// The owner.
    #[default]
    BucketOwner,
    /// Whoever asks, and says so.
    Requester,
}

/// An object, or the delete marker that hides it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Object {
    /// The content.
    pub bytes: Vec<u8>,
    /// The content type; `None` is `binary/octet-stream`.
    pub content_type: Option<String>,
    /// The storage class.
    pub storage_class: StorageClass,
    /// The archive tier of Intelligent-Tiering in which it is.
    pub archive_status: Option<ArchiveStatus>,
    /// What became of a request to restore it.
    pub restore: Option<Restore>,
    /// Its encryption.
    pub encryption: Encryption,
    /// The encryption context that was given when it was written, which S3 passes on to KMS and does not tell.
    pub encryption_context: EncryptionContext,
    /// The account that wrote it; `None` is the bucket's owner.
    pub owner: Option<String>,
    /// Whether this is a delete marker.
    pub delete_marker: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// Storage classes that differ in how they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StorageClass {
    /// Read at once.
    #[default]
    Standard,
    /// Read at once.
    StandardInfrequentAccess,
    /// Read at once unless [`Object::archive_status`] says otherwise.
    IntelligentTiering,
    /// Read at once.
    GlacierInstantRetrieval,
    /// To be restored first.
    Glacier,
    /// To be restored first.
    DeepArchive,
}

impl StorageClass {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::StandardInfrequentAccess => "STANDARD_IA",
            Self::IntelligentTiering => "INTELLIGENT_TIERING",
            Self::GlacierInstantRetrieval => "GLACIER_IR",
            Self::Glacier => "GLACIER",
            Self::DeepArchive => "DEEP_ARCHIVE",
        }
    }
}

/// Archive tiers of Intelligent-Tiering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveStatus {
    /// Archive Access.
    ArchiveAccess,
    /// Deep Archive Access.
    DeepArchiveAccess,
}

impl ArchiveStatus {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ArchiveAccess => "ARCHIVE_ACCESS",
            Self::DeepArchiveAccess => "DEEP_ARCHIVE_ACCESS",
        }
    }
}

/// What became of a request to restore an archived object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restore {
    /// It is under way.
    Ongoing,
    /// There is a copy until then, an HTTP date.
    Until(String),
}
