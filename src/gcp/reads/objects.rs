//! Objects: which there are, what protects one, and whether the caller can read it.

use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;
use google_cloud_gax::options::RequestOptionsBuilder;
use google_cloud_storage::model_ext::ReadRange;

use crate::error::Failure;
use crate::gcp::access::Access;
use crate::gcp::wire::{USER_AGENT, within};
use crate::gcp::{answer, failure};

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size: i64,
}

/// What protects an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectFacts {
    /// The key in Cloud KMS that encrypts it.
    pub kms_key: Option<String>,
    /// Whether a key that only the customer holds encrypts it.
    pub customer_key: bool,
    /// Its class.
    pub storage_class: String,
}

/// Why an object could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoObject {
    /// There is none of that name.
    Missing,
    /// It is encrypted with a key that only the customer holds.
    CustomerKey,
    /// The key in Cloud KMS cannot be used.
    KeyUnusable(String),
    /// Whoever reads pays.
    RequesterPays,
    /// Anything else.
    Failed(Failure),
}

/// How many objects of a listing are looked at.
const PAGE: i32 = 50;

/// The first page of the listing.
///
/// # Errors
/// As Google answers.
pub async fn list(access: &Access) -> Result<Vec<Listed>, Failure> {
    let what = format!("could not list the bucket `{}`", access.place.bucket);
    let call = access
        .control
        .list_objects()
        .set_parent(access.place.bucket.resource())
        .set_page_size(PAGE)
        .with_user_agent(USER_AGENT)
        .send();
    let page = within(access.place.timeout, "ListObjects", call)
        .await
        .map_err(|error| failure::failure(access.doing(&what, "storage.objects.list"), &error))?;
    Ok(page
        .objects
        .into_iter()
        .map(|object| Listed {
            name: object.name,
            size: object.size,
        })
        .collect())
}

/// What protects the object `name`.
///
/// # Errors
/// Why it is not known.
pub async fn object(access: &Access, name: &str) -> Result<ObjectFacts, NoObject> {
    let what = format!("could not look at the object `{name}`");
    let call = access
        .control
        .get_object()
        .set_bucket(access.place.bucket.resource())
        .set_object(name)
        .with_user_agent(USER_AGENT)
        .send();
    let object = within(access.place.timeout, "GetObject", call)
        .await
        .map_err(|error| why(access, &what, &error))?;
    Ok(ObjectFacts {
        kms_key: (!object.kms_key.is_empty()).then_some(object.kms_key),
        customer_key: object.customer_encryption.is_some(),
        storage_class: object.storage_class,
    })
}

/// Whether an object of that name was deleted and can be restored: <https://cloud.google.com/storage/docs/soft-delete>.
///
/// # Errors
/// As Google answers.
pub async fn soft_deleted(access: &Access, name: &str) -> Result<bool, Failure> {
    let what = format!("could not look for deleted versions of the object `{name}`");
    let call = access
        .control
        .list_objects()
        .set_parent(access.place.bucket.resource())
        .set_prefix(name)
        .set_soft_deleted(true)
        .set_page_size(PAGE)
        .with_user_agent(USER_AGENT)
        .send();
    let page = within(access.place.timeout, "ListObjects", call)
        .await
        .map_err(|error| failure::failure(access.doing(&what, "storage.objects.list"), &error))?;
    Ok(page.objects.iter().any(|object| object.name == name))
}

/// Reads the first byte of the object `name`, with the caller's own credentials.
///
/// # Errors
/// Why it could not be read.
pub async fn first_byte(access: &Access, name: &str) -> Result<(), NoObject> {
    let what = format!("could not read the object `{name}`");
    let call = async {
        let mut answer = access
            .storage
            .read_object(access.place.bucket.resource(), name)
            .set_read_range(ReadRange::segment(0, 1))
            .with_user_agent(USER_AGENT)
            .send()
            .await?;
        match answer.next().await {
            Some(Err(error)) => Err(error),
            Some(Ok(_)) | None => Ok(()),
        }
    };
    match within(access.place.timeout, "GetObject", call).await {
        Ok(()) => Ok(()),
        // An empty object has no first byte: https://cloud.google.com/storage/docs/json_api/v1/status-codes#416
        Err(error) if error.http_status_code() == Some(416) => Ok(()),
        Err(error) => Err(why(access, &what, &error)),
    }
}

fn why(access: &Access, what: &str, error: &Error) -> NoObject {
    let said = answer::said(error);
    let body = error
        .http_payload()
        .map(|body| String::from_utf8_lossy(body).into_owned())
        .unwrap_or_default();
    let words = said
        .as_ref()
        .map(|said| format!("{} {body}", said.message))
        .unwrap_or_default();
    let gone = error
        .status()
        .is_some_and(|status| status.code == Code::NotFound)
        || error.http_status_code() == Some(404);
    if gone {
        NoObject::Missing
    } else if words.contains("customer-supplied encryption key")
        || words.contains("CustomerEncryptionKey")
        || words.contains("customer-provided encryption key")
    {
        NoObject::CustomerKey
    } else if words.contains("UserProjectMissing") || words.contains("requester pays") {
        NoObject::RequesterPays
    } else if words.contains("KMS") || words.contains("/cryptoKeys/") {
        NoObject::KeyUnusable(crate::redact::text(
            &said.map(|said| said.message).unwrap_or_default(),
        ))
    } else {
        NoObject::Failed(failure::failure(
            access.doing(what, "storage.objects.get"),
            error,
        ))
    }
}
