//! What is asked of the account's blob endpoint with the caller's own token: containers, blobs, a byte, a key to sign
//! links with.

use roxmltree::{Document, Node};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use url::Url;

use super::access::Access;
use super::failure::{Doing, refused, words};
use super::rest::{Answer, Call, Service};
use super::sas::{DelegationKey, VERSION, blob_url, instant};
use super::target::BlobName;
use crate::error::{ErrorCode, Failure};

/// The right to read a blob.
pub const READ_RIGHT: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";
/// The right to get a key to sign links with.
pub const KEY_RIGHT: &str =
    "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action";
const LIST_RIGHT: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/read";

/// A blob in a listing: what decides whether it says something about the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Whether it is a directory, or stands for one.
    pub directory: bool,
    /// Whether it is archived.
    pub archived: bool,
    /// Whether it is encrypted with a key that only its owner holds.
    pub customer_key: bool,
}

/// Why a blob could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoBlob {
    /// There is no such blob, or no such container.
    Missing {
        /// The service's code: `BlobNotFound` or `ContainerNotFound`.
        code: String,
    },
    /// It is archived.
    Archived,
    /// It is encrypted with a key that only its owner holds.
    CustomerKey,
    /// The key vault's key, or the encryption scope, is not to be had.
    KeyLost {
        /// The service's words.
        words: String,
    },
    /// The account's network rules keep this machine out.
    Network {
        /// The service's words.
        words: String,
    },
    /// The caller may not, or something else went wrong.
    Failed(Failure),
}

/// A container in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// How far everybody may read it, where anybody may: `blob` or `container`.
    pub public: Option<String>,
}

/// The first containers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Containers {
    /// They, a service's own such as `$web` among them.
    pub names: Vec<Container>,
    /// Whether there are more.
    pub more: bool,
}

/// The first containers.
///
/// # Errors
/// When they cannot be listed.
pub async fn containers(access: &Access) -> Result<Containers, NoBlob> {
    let what = format!("could not list the containers of `{}`", access.place.name);
    let mut url = endpoint(access, &what)?;
    url.query_pairs_mut()
        .append_pair("comp", "list")
        .append_pair("maxresults", "20");
    let answer = ask(access, url, &what, LIST_RIGHT).await?;
    listing(&answer, &what, |root| Containers {
        names: items(root, "Containers", "Container")
            .filter_map(|container| {
                let properties = container
                    .children()
                    .find(|child| child.has_tag_name("Properties"));
                Some(Container {
                    name: text(container, "Name")?,
                    public: properties.and_then(|properties| text(properties, "PublicAccess")),
                })
            })
            .collect(),
        more: text(root, "NextMarker").is_some_and(|marker| !marker.is_empty()),
    })
}

/// The first blobs of a container.
///
/// # Errors
/// When they cannot be listed.
pub async fn blobs(access: &Access, container: &str) -> Result<Vec<Listed>, NoBlob> {
    let what = format!("could not list the blobs of the container `{container}`");
    let mut url = endpoint(access, &what)?;
    url.set_path(&format!(
        "{}/{container}",
        url.path().trim_end_matches('/').to_owned()
    ));
    url.query_pairs_mut()
        .append_pair("restype", "container")
        .append_pair("comp", "list")
        .append_pair("maxresults", "100");
    let answer = ask(access, url, &what, READ_RIGHT).await?;
    listing(&answer, &what, |root| {
        items(root, "Blobs", "Blob")
            .filter_map(|blob| {
                let properties = blob
                    .children()
                    .find(|child| child.has_tag_name("Properties"));
                let property =
                    |name: &str| properties.and_then(|properties| text(properties, name));
                let empty = property("Content-Length").as_deref() == Some("0");
                let name = text(blob, "Name")?;
                Some(Listed {
                    directory: property("ResourceType").as_deref() == Some("directory")
                        || name.ends_with('/') && empty,
                    archived: property("AccessTier").as_deref() == Some("Archive"),
                    customer_key: property("CustomerProvidedKeySha256").is_some(),
                    name,
                })
            })
            .collect()
    })
}

/// The first byte of a blob.
///
/// # Errors
/// Why not.
pub async fn first_byte(access: &Access, name: &BlobName) -> Result<(), NoBlob> {
    let what = format!("could not read the blob `{name}`");
    let url = blob_url(&endpoint(access, &what)?, name);
    let call = call(url).header("x-ms-range", "bytes=0-0");
    let answer = send(access, &call, &what).await?;
    match answer.status {
        // 416 is a blob without a first byte.
        200 | 206 | 416 => Ok(()),
        _ => Err(not_read(access, &answer, &what, READ_RIGHT)),
    }
}

/// What the service says of a blob without giving it away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Described {
    /// `x-ms-access-tier`.
    pub tier: Option<String>,
    /// `x-ms-archive-status`: it is on its way back.
    pub archive_status: Option<String>,
    /// `x-ms-encryption-scope`.
    pub encryption_scope: Option<String>,
    /// `x-ms-encryption-key-sha256`: only its owner holds the key.
    pub customer_key: bool,
}

/// Describes a blob.
///
/// # Errors
/// Why not.
pub async fn describe(access: &Access, name: &BlobName) -> Result<Described, NoBlob> {
    let what = format!("could not look at the blob `{name}`");
    let url = blob_url(&endpoint(access, &what)?, name);
    let mut call = call(url);
    call.method = azure_core::http::Method::Head;
    let answer = send(access, &call, &what).await?;
    if !answer.succeeded() {
        return Err(not_read(access, &answer, &what, READ_RIGHT));
    }
    let header = |name| answer.header(name).map(str::to_owned);
    Ok(Described {
        tier: header("x-ms-access-tier"),
        archive_status: header("x-ms-archive-status"),
        encryption_scope: header("x-ms-encryption-scope"),
        customer_key: header("x-ms-encryption-key-sha256").is_some(),
    })
}

impl NoBlob {
    /// The service's words for it, or this program's.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::Missing { code } => code.clone(),
            Self::Archived => "archived".to_owned(),
            Self::CustomerKey => "encrypted with a key that only its owner holds".to_owned(),
            Self::KeyLost { words } | Self::Network { words } => words.clone(),
            Self::Failed(failure) => failure.one_line(),
        }
    }
}

/// A key to sign links with, for as long as a link is to live and an hour more.
///
/// See <https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key>.
///
/// # Errors
/// Why there is none.
pub async fn delegation_key(
    access: &Access,
    now: OffsetDateTime,
    life: time::Duration,
) -> Result<DelegationKey, NoBlob> {
    let what = "could not get a key to sign a link with".to_owned();
    let mut url = endpoint(access, &what)?;
    url.query_pairs_mut()
        .append_pair("restype", "service")
        .append_pair("comp", "userdelegationkey");
    // It starts a little earlier, for a clock that is a little ahead.
    let start = instant(now - time::Duration::minutes(5));
    let expiry = instant(now + life + time::Duration::hours(1));
    let mut call = call(url).xml(format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><KeyInfo><Start>{start}</Start><Expiry>{expiry}</Expiry></KeyInfo>"
    ));
    call.method = azure_core::http::Method::Post;
    let answer = send(access, &call, &what).await?;
    if !answer.succeeded() {
        return Err(not_read(access, &answer, &what, KEY_RIGHT));
    }
    read_delegation_key(&answer.text).ok_or_else(|| NoBlob::Failed(nonsense(&what)))
}

/// Reads a user delegation key of the service's answer; none where it is none.
#[must_use]
pub fn read_delegation_key(body: &str) -> Option<DelegationKey> {
    let document = Document::parse(body.trim_start_matches('\u{feff}')).ok()?;
    let field = |name: &str| text(document.root_element(), name);
    Some(DelegationKey {
        object: field("SignedOid")?,
        tenant: field("SignedTid")?,
        start: field("SignedStart")?,
        expiry: field("SignedExpiry")?,
        service: field("SignedService")?,
        version: field("SignedVersion")?,
        value: field("Value")?,
    })
}

fn endpoint(access: &Access, what: &str) -> Result<Url, NoBlob> {
    access.place.blob_endpoint().map_err(|failure| {
        NoBlob::Failed(Failure {
            message: what.to_owned(),
            ..failure
        })
    })
}

fn call(url: Url) -> Call {
    Call::get(Service::Blob, url).header("x-ms-version", VERSION)
}

async fn send(access: &Access, call: &Call, what: &str) -> Result<Answer, NoBlob> {
    access
        .rest
        .read(call)
        .await
        .map_err(|unanswered| NoBlob::Failed(unanswered.doing(what)))
}

async fn ask(access: &Access, url: Url, what: &str, right: &str) -> Result<Answer, NoBlob> {
    let answer = send(access, &call(url), what).await?;
    if answer.succeeded() {
        Ok(answer)
    } else {
        Err(not_read(access, &answer, what, right))
    }
}

/// The codes of <https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes>.
fn not_read(access: &Access, answer: &Answer, what: &str, right: &str) -> NoBlob {
    match (answer.status, answer.code()) {
        (404, code @ ("BlobNotFound" | "ContainerNotFound" | "ResourceNotFound")) => {
            NoBlob::Missing {
                code: code.to_owned(),
            }
        }
        (409, "BlobArchived") => NoBlob::Archived,
        (409, "BlobUsesCustomerSpecifiedEncryption") => NoBlob::CustomerKey,
        (
            _,
            "KeyVaultEncryptionKeyNotFound"
            | "KeyVaultAccessTokenCannotBeAcquired"
            | "KeyVaultVaultNotFound"
            | "EncryptionScopeDisabled"
            | "BlobUsesDisabledEncryptionScope",
        ) => NoBlob::KeyLost {
            words: words(answer),
        },
        // The network's refusal, and not the role's, which is AuthorizationPermissionMismatch.
        (403, "AuthorizationFailure") => NoBlob::Network {
            words: words(answer),
        },
        _ => NoBlob::Failed(refused(
            &Doing {
                what,
                right,
                caller: &access.caller_words(),
            },
            answer,
            Service::Blob,
        )),
    }
}

/// What an XML answer holds.
fn listing<T>(
    answer: &Answer,
    what: &str,
    read: impl FnOnce(Node<'_, '_>) -> T,
) -> Result<T, NoBlob> {
    // The service begins with a byte order mark.
    let body = answer.text.trim_start_matches('\u{feff}');
    match Document::parse(body) {
        Ok(document) => Ok(read(document.root_element())),
        Err(_) => Err(NoBlob::Failed(nonsense(what))),
    }
}

fn nonsense(what: &str) -> Failure {
    Failure::new(ErrorCode::UnexpectedAnswer, what).cause("the answer is not what Azure documents")
}

fn items<'a, 'input: 'a>(
    root: Node<'a, 'input>,
    list: &'static str,
    item: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    root.children()
        .filter(move |child| child.has_tag_name(list))
        .flat_map(|list| list.children())
        .filter(move |child| child.has_tag_name(item))
}

fn text(node: Node<'_, '_>, name: &str) -> Option<String> {
    node.children()
        .find(|child| child.has_tag_name(name))
        .and_then(|child| child.text())
        .map(str::to_owned)
}
