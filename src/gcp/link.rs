//! A link as Segments.ai makes them: signed for 24 hours with a service account's key, in the V4 form.
//!
//! Nothing is sent from here but, for accounts without a key at hand, the request to Google that signs.
//! <https://cloud.google.com/storage/docs/access-control/signed-urls>

use google_cloud_storage::builder::storage::SignedUrlBuilder;

use super::access::{Access, LINK_LIFETIME};
use super::place::Form;
use crate::error::{ErrorCode, Failure};

/// A link to `object`; none where the caller's credentials cannot sign.
///
/// It is signed for Google's own host, wherever it is then sent.
///
/// # Errors
/// When signing fails.
pub async fn link(access: &Access, object: &str) -> Result<Option<Form>, Failure> {
    let Some(signer) = &access.signer else {
        return Ok(None);
    };
    let doing = format!("could not sign a link to `{object}`");
    let odd = |why: String| Failure::new(ErrorCode::UnexpectedAnswer, &doing).cause(why);
    let signing = SignedUrlBuilder::for_object(access.place.bucket.resource(), object)
        .with_expiration(LINK_LIFETIME)
        .sign_with(signer);
    let made = tokio::time::timeout(access.place.timeout, signing)
        .await
        .map_err(|_| Failure::new(ErrorCode::Timeout, &doing).cause("no answer came in time"))?
        .map_err(|error| {
            // What Google answers a signing request with may hold what was to be signed.
            let failure = odd(crate::redact::text(
                error.to_string().lines().next().unwrap_or_default(),
            ));
            failure.hint("signing with an account whose key is not at hand needs `iam.serviceAccounts.signBlob` on it")
        })?;
    let shown = crate::redact::url(&made);
    access.place.as_given(&made, &shown).map(Some)
}
