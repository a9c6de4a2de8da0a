//! A link to a blob, made as Segments.ai makes them and fetched as a page would, without credentials and with `Origin`;
//! and what the answer to a link says. Whose link it is, and what that proves, is for the checks to say.

use serde_json::{Value, json};

use crate::azure::blobs::NoBlob;
use crate::azure::facts::Facts;
use crate::azure::sas;
use crate::azure::target::BlobName;
use crate::azure::templates::ORIGIN;
use crate::error::{ErrorCode, Failure};
use crate::probe::{Exchange, admits};

/// Why there is no answer to a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoLink {
    /// There is no key to sign it with.
    NoKey(NoBlob),
    /// It could not be made, or was not answered.
    Failed(Failure),
}

/// Makes a link to a blob with a key of the caller's own, and fetches it.
///
/// # Errors
/// Why there is no answer.
pub async fn fetched(facts: &Facts, name: &BlobName) -> Result<Exchange, NoLink> {
    let key = facts
        .key()
        .await
        .as_ref()
        .map_err(|reason| NoLink::NoKey(reason.clone()))?;
    let place = facts.place();
    let endpoint = place.blob_endpoint().map_err(NoLink::Failed)?;
    let account = place.name.as_str();
    let url =
        sas::link(&endpoint, account, name, key, facts.now, facts.link_life()).map_err(|_| {
            NoLink::Failed(Failure::new(
                ErrorCode::UnexpectedAnswer,
                "the key that Azure gave to sign with makes no sense",
            ))
        })?;
    facts
        .prober
        .fetch(&url, None, Some(ORIGIN), Some("bytes=0-0"))
        .await
        .map_err(NoLink::Failed)
}

/// What the answer to a link says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loaded {
    /// A page can use it.
    Yes,
    /// The blob is given, and the browser hides it from the page.
    Hidden,
    /// The blob, or the account's network, is in the way, and not the link.
    NoBlob(NoBlob),
    /// The link is refused, in these words.
    Refused {
        /// The service's code.
        code: String,
        /// Its message.
        message: String,
    },
    /// Neither yes nor no.
    Odd,
}

/// Reads the answer to a link. The codes:
/// <https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes>,
/// <https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes>.
#[must_use]
pub fn loaded(exchange: &Exchange) -> Loaded {
    let code = exchange.error_code.clone().unwrap_or_default();
    let message = exchange.error_message.clone().unwrap_or_default();
    match (exchange.status, code.as_str()) {
        (200 | 206 | 416, _) if admits(exchange, ORIGIN) => Loaded::Yes,
        (200 | 206 | 416, _) => Loaded::Hidden,
        (404, "BlobNotFound" | "ContainerNotFound" | "ResourceNotFound") => {
            Loaded::NoBlob(NoBlob::Missing { code })
        }
        (409, "BlobArchived") => Loaded::NoBlob(NoBlob::Archived),
        (409, "BlobUsesCustomerSpecifiedEncryption") => Loaded::NoBlob(NoBlob::CustomerKey),
        (403, "AuthorizationFailure") => Loaded::NoBlob(NoBlob::Network {
            words: format!("{code}: {message}"),
        }),
        (403, "") => Loaded::Odd,
        (403, _) => Loaded::Refused { code, message },
        _ => Loaded::Odd,
    }
}

/// The answer, for scripts; of the link nothing secret is in it.
#[must_use]
pub fn evidence(exchange: &Exchange) -> Value {
    json!({
        "url": exchange.url,
        "status": exchange.status,
        "access_control_allow_origin": exchange.allow_origin,
        "error_code": exchange.error_code,
    })
}

/// The account's `sasPolicy` in the service's words.
#[must_use]
pub fn mentions_policy(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("sas policy") || message.contains("expiration policy")
}
