//! What the URL of an object says, before anything is asked: which cloud, which bucket or account, which object, how its
//! host is written, what its signature promises, and what about it goes wrong in a browser.
//!
//! Pure: nothing here does I/O, and any text has an answer. Signatures are never shown; [`Address::link`] alone gives the
//! URL as it was.

mod aws;
mod azure;
pub mod check;
mod gcp;
mod key;
mod raw;
mod signature;
mod trap;

use std::fmt;

use serde_json::{Value, json};

use crate::error::Failure;
use crate::redact;

pub use key::Key;
pub use signature::{Scope, SharedAccess, Signature, SignatureKind};
pub use trap::{Trap, Weight};

/// The longest URL that is looked at; S3's longest key is 1,024 bytes, and tokens in a signature take a few thousand.
const LONGEST: usize = 64 * 1024;

/// A cloud that holds objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cloud {
    /// Amazon S3.
    Aws,
    /// Google Cloud Storage.
    Gcp,
    /// Azure Blob Storage.
    Azure,
}

impl Cloud {
    /// The word on the command line and in the JSON document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Gcp => "gcp",
            Self::Azure => "azure",
        }
    }

    /// What people call its storage service.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Aws => "Amazon S3",
            Self::Gcp => "Google Cloud Storage",
            Self::Azure => "Azure Blob Storage",
        }
    }
}

/// Where the bucket stands in the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `s3://BUCKET/KEY`, `gs://BUCKET/OBJECT`: no URL that a browser could load.
    Uri,
    /// First in the path.
    Path,
    /// First in the host name.
    VirtualHost,
}

/// Which of a store's endpoints the host is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// None: `s3://`, `gs://`.
    Uri,
    /// The endpoint for objects.
    Store,
    /// S3's host without a Region: `s3.amazonaws.com`.
    Global,
    /// S3 Transfer Acceleration.
    Accelerate,
    /// A website endpoint of S3 or Azure, which serves public objects only.
    Website,
    /// Google's JSON interface, which does not follow the bucket's CORS configuration.
    JsonInterface,
    /// A link of a console, which asks for a sign-in.
    Console,
    /// The `dfs` endpoint of Azure Data Lake Storage.
    DataLake,
    /// The file, queue or table endpoint of a storage account.
    OtherService,
}

impl Form {
    fn as_str(self) -> &'static str {
        match self {
            Self::Uri => "uri",
            Self::Store => "store",
            Self::Global => "global",
            Self::Accelerate => "accelerate",
            Self::Website => "website",
            Self::JsonInterface => "json-interface",
            Self::Console => "console",
            Self::DataLake => "data-lake",
            Self::OtherService => "other-service",
        }
    }
}

/// What else a host name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variant {
    /// It answers over IPv6 too.
    Dualstack,
    /// Its cryptography is validated.
    Fips,
    /// The copy in the paired region.
    Secondary,
    /// An account with endpoints in a DNS zone of its own: `z13`.
    Zone(String),
    /// A name for use inside a private network.
    Private,
}

/// What a URL says.
#[derive(Clone, PartialEq)]
pub struct Address {
    /// The URL with its signature hidden.
    pub shown: String,
    /// The cloud.
    pub cloud: Cloud,
    /// The bucket, or on Azure the storage account.
    pub bucket: String,
    /// The container, on Azure.
    pub container: Option<String>,
    /// The object; nothing where the URL ends with the bucket.
    pub key: Option<Key>,
    /// The Region that the host names.
    pub region: Option<String>,
    /// The host, in lower case.
    pub host: Option<String>,
    /// Which endpoint the host is.
    pub form: Form,
    /// What else the host says.
    pub variants: Vec<Variant>,
    /// Where the bucket stands.
    pub style: Style,
    /// The version of the object that is asked for: `versionId`, `generation`, `snapshot`.
    pub version: Option<String>,
    /// What the signature promises, where there is one.
    pub signature: Option<Signature>,
    /// What goes wrong with it, whatever the time is.
    pub traps: Vec<Trap>,
    /// As it was given.
    given: String,
}

impl Address {
    /// The URL as it was given, signature and all, where it is signed and complete: to be fetched, and never to be shown.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        self.signature
            .as_ref()
            .filter(|signature| signature.is_whole())
            .map(|_| self.given.as_str())
    }

    /// The object's name, decoded once.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.text.as_str())
    }

    /// What it says, for scripts. No signature is in it.
    #[must_use]
    pub fn evidence(&self) -> Value {
        json!({
            "bucket": self.bucket,
            "container": self.container,
            "key": self.key(),
            "key_as_written": self.key.as_ref().map(|key| redact::text(&key.raw)),
            "region": self.region,
            "host": self.host,
            "form": self.form.as_str(),
            "style": match self.style {
                Style::Uri => "uri",
                Style::Path => "path",
                Style::VirtualHost => "virtual-host",
            },
            "version": self.version,
            "signature": self.signature.as_ref().map(Signature::evidence),
        })
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Address")
            .field("shown", &self.shown)
            .field("cloud", &self.cloud)
            .field("bucket", &self.bucket)
            .field("container", &self.container)
            .field("key", &self.key())
            .field("region", &self.region)
            .field("form", &self.form)
            .field("variants", &self.variants)
            .field("style", &self.style)
            .field("signature", &self.signature)
            .field("traps", &self.traps)
            .finish_non_exhaustive()
    }
}

/// Reads a URL.
///
/// # Errors
/// A usage failure for what is no URL of an object in a bucket or account that can be connected, with the reason: not a
/// URL, another host, another partition or national cloud, an access point, a CDN.
pub fn parse(text: &str) -> Result<Address, Failure> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(Failure::usage(
            format!(
                "the URL is {} bytes long, and no URL of an object is",
                text.len()
            ),
            "give the URL alone",
        ));
    }
    let raw = raw::split(text)?;
    match raw.scheme.as_str() {
        "s3" => aws::from_uri(&raw),
        "gs" => gcp::from_uri(&raw),
        "http" | "https" => from_host(&raw),
        "s3a" | "s3n" => Err(refuse(
            text,
            "its scheme is one of Hadoop",
            "write it as `s3://BUCKET/KEY`",
        )),
        "abfs" | "abfss" | "wasb" | "wasbs" => Err(refuse(
            text,
            "its scheme is one of Hadoop",
            "write it as `https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB`",
        )),
        scheme => Err(refuse(
            text,
            &format!(
                "`{}://` is no scheme of a bucket",
                redact::escape_control(scheme)
            ),
            FORMS,
        )),
    }
}

fn from_host(raw: &raw::Raw<'_>) -> Result<Address, Failure> {
    let read = aws::from_host(raw)
        .or_else(|| gcp::from_host(raw))
        .or_else(|| azure::from_host(raw));
    let mut address = match read {
        Some(read) => read?,
        None => return Err(not_a_store(raw)),
    };
    if raw.scheme == "http" {
        address.traps.push(Trap::warns(
            None,
            "it begins with `http://`, and a page that came over https may not load it",
        ));
    }
    if raw.dotted {
        // A browser keeps the dot (https://url.spec.whatwg.org/#concept-domain-to-ascii), and sends it in `Host`.
        address.traps.push(Trap::warns(
            Some(address.cloud.wrong_link()),
            "a dot stands at the end of its host, and whether the store takes that for its own name is not documented",
        ));
    }
    Ok(address)
}

/// A host that stands before a store, or has nothing to do with one. Which bucket is behind it, it does not say.
fn not_a_store(raw: &raw::Raw<'_>) -> Failure {
    const BEFORE: [(&str, &str, &str); 9] = [
        ("cloudfront.net", "CloudFront", "A42"),
        ("azureedge.net", "Azure CDN", "Z30"),
        ("azurefd.net", "Azure Front Door", "Z30"),
        ("trafficmanager.net", "Azure Traffic Manager", "Z30"),
        ("akamaized.net", "Akamai", "A42"),
        ("fastly.net", "Fastly", "A42"),
        ("r2.dev", "Cloudflare R2", ""),
        ("r2.cloudflarestorage.com", "Cloudflare R2", ""),
        ("digitaloceanspaces.com", "DigitalOcean Spaces", ""),
    ];
    const BUCKETS_OWN: &str =
        "give the URL on the bucket's own host; CORS on this one is decided by what stands there";
    let host = raw.host.as_str();
    let known = BEFORE
        .iter()
        .find(|(domain, _, _)| host == *domain || host.ends_with(&format!(".{domain}")));
    match known {
        Some((_, what, "")) => refuse(
            raw.text,
            &format!(
                "its host is one of {what}, which Segments.ai is not connected to by this program"
            ),
            FORMS,
        ),
        Some((_, what, code)) => refuse(
            raw.text,
            &format!(
                "its host is one of {what}, which stands before a store and does not say which ({code})"
            ),
            BUCKETS_OWN,
        ),
        None => refuse(
            raw.text,
            "its host is not one of Amazon S3, Google Cloud Storage or Azure Blob Storage; if it is a domain of your own or a CDN, a store stands behind it that the URL does not name (A42, Z30)",
            BUCKETS_OWN,
        ),
    }
}

const FORMS: &str = "give a URL such as `https://BUCKET.s3.REGION.amazonaws.com/KEY`, `s3://BUCKET/KEY`, `gs://BUCKET/OBJECT`, `https://storage.googleapis.com/BUCKET/OBJECT` or `https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB`";

/// Says that a URL cannot be used, and why. Its signature is hidden, and a long one is cut.
fn refuse(given: &str, reason: &str, hint: &str) -> Failure {
    const LONGEST_SHOWN: usize = 300;
    let mut shown = redact::url(given);
    if let Some((at, _)) = shown.char_indices().nth(LONGEST_SHOWN) {
        shown.truncate(at);
        shown.push('…');
    }
    Failure::usage(format!("`{shown}` cannot be looked at: {reason}"), hint)
}

#[cfg(test)]
mod tests;
