//! A link to a blob as Segments.ai makes them: a user delegation SAS, signed with a key that the caller's own rights
//! gave. No account key is ever used.
//!
//! Pure. The text that is signed: <https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sha2::Sha256;
use time::OffsetDateTime;
use time::macros::format_description;
use url::Url;

use super::target::BlobName;

/// The version whose text to sign is written below; later ones sign more.
pub const VERSION: &str = "2022-11-02";

/// What stays as it is in the path of a blob's URL: RFC 3986's unreserved characters, and the slash.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'$')
    .add(b'%')
    .add(b'&')
    .add(b'\'')
    .add(b'(')
    .add(b')')
    .add(b'*')
    .add(b'+')
    .add(b',')
    .add(b':')
    .add(b';')
    .add(b'<')
    .add(b'=')
    .add(b'>')
    .add(b'?')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'!');

/// A user delegation key, as the service told it.
#[derive(Clone, PartialEq, Eq)]
pub struct DelegationKey {
    /// Whose it is: an object ID.
    pub object: String,
    /// In which tenant.
    pub tenant: String,
    /// From when.
    pub start: String,
    /// Until when.
    pub expiry: String,
    /// For which service: `b`.
    pub service: String,
    /// Of which version.
    pub version: String,
    /// The key itself, in base 64.
    pub value: String,
}

impl std::fmt::Debug for DelegationKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("DelegationKey")
            .field("object", &self.object)
            .field("expiry", &self.expiry)
            .finish_non_exhaustive()
    }
}

/// The URL of a blob at an account's blob endpoint.
#[must_use]
pub fn blob_url(endpoint: &Url, name: &BlobName) -> Url {
    let mut url = endpoint.clone();
    let path = format!(
        "{}/{}/{}",
        endpoint.path().trim_end_matches('/'),
        utf8_percent_encode(&name.container, PATH),
        utf8_percent_encode(&name.blob, PATH)
    );
    url.set_path(&path);
    url
}

/// For how long Segments.ai's links live: <https://docs.segments.ai/how-to-annotate/label-images>.
pub const LINK_LIFE: time::Duration = time::Duration::hours(24);
/// For how long a link lives that is there to be tried once.
pub const TRIAL_LIFE: time::Duration = time::Duration::hours(1);

/// A link that reads one blob, for a `life` that began a little before `now`.
///
/// # Errors
/// When the key is not base 64.
pub fn link(
    endpoint: &Url,
    account: &str,
    name: &BlobName,
    key: &DelegationKey,
    now: OffsetDateTime,
    life: time::Duration,
) -> Result<Url, base64::DecodeError> {
    // An account that limits how long links may live refuses one that does not say since when it holds:
    // https://learn.microsoft.com/azure/storage/common/sas-expiration-policy
    let since = now - time::Duration::minutes(5);
    let (start, expiry) = (instant(since), instant(since + life));
    let protocol = if endpoint.scheme() == "http" {
        "https,http"
    } else {
        "https"
    };
    let resource = format!("/blob/{account}/{}/{}", name.container, name.blob);
    // Each line is a field; an empty one is a field that is not used.
    let fields = [
        "r",
        &start,
        &expiry,
        &resource,
        &key.object,
        &key.tenant,
        &key.start,
        &key.expiry,
        &key.service,
        &key.version,
        // An authorized and an unauthorized user, and a correlation: for Data Lake Storage alone.
        "",
        "",
        "",
        // Addresses.
        "",
        protocol,
        VERSION,
        "b",
        // A snapshot, an encryption scope, and five headers to answer with.
        "",
        "",
        "",
        "",
        "",
        "",
        "",
    ];
    let secret = STANDARD.decode(&key.value)?;
    let signature = Hmac::<Sha256>::new_from_slice(&secret)
        .map(|mut mac| {
            mac.update(fields.join("\n").as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        })
        .unwrap_or_default();
    let mut url = blob_url(endpoint, name);
    url.query_pairs_mut()
        .append_pair("sv", VERSION)
        .append_pair("sr", "b")
        .append_pair("sp", "r")
        .append_pair("st", &start)
        .append_pair("se", &expiry)
        .append_pair("spr", protocol)
        .append_pair("skoid", &key.object)
        .append_pair("sktid", &key.tenant)
        .append_pair("skt", &key.start)
        .append_pair("ske", &key.expiry)
        .append_pair("sks", &key.service)
        .append_pair("skv", &key.version)
        .append_pair("sig", &signature);
    Ok(url)
}

/// A moment as the service writes it, in whole seconds.
#[must_use]
pub fn instant(moment: OffsetDateTime) -> String {
    moment
        .to_offset(time::UtcOffset::UTC)
        .format(format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second]Z"
        ))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn key() -> DelegationKey {
        DelegationKey {
            object: "aaaaaaaa-0000-0000-0000-000000000001".to_owned(),
            tenant: "bbbbbbbb-0000-0000-0000-000000000002".to_owned(),
            start: "2026-01-01T00:00:00Z".to_owned(),
            expiry: "2026-01-01T02:00:00Z".to_owned(),
            service: "b".to_owned(),
            version: VERSION.to_owned(),
            value: STANDARD.encode("a secret"),
        }
    }

    fn name(blob: &str) -> BlobName {
        BlobName {
            container: "photos".to_owned(),
            blob: blob.to_owned(),
        }
    }

    #[test]
    fn names_are_encoded_and_keep_their_slashes() {
        let endpoint = Url::parse("https://acme.blob.core.windows.net/").unwrap();
        assert_eq!(
            blob_url(&endpoint, &name("a b/ü+%#?.jpg")).as_str(),
            "https://acme.blob.core.windows.net/photos/a%20b/%C3%BC%2B%25%23%3F.jpg"
        );
        let local = Url::parse("http://127.0.0.1:1/acme/").unwrap();
        assert_eq!(
            blob_url(&local, &name("x")).as_str(),
            "http://127.0.0.1:1/acme/photos/x"
        );
    }

    #[test]
    fn a_link_says_who_signed_it_and_reads_one_blob_for_an_hour() {
        let endpoint = Url::parse("https://acme.blob.core.windows.net/").unwrap();
        let now = datetime!(2026-01-01 00:30 UTC);
        let link = link(&endpoint, "acme", &name("a.jpg"), &key(), now, TRIAL_LIFE).unwrap();
        let query: Vec<(String, String)> = link.query_pairs().into_owned().collect();
        let value = |name: &str| {
            query
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(value("sp"), Some("r"));
        assert_eq!(value("st"), Some("2026-01-01T00:25:00Z"));
        assert_eq!(value("se"), Some("2026-01-01T01:25:00Z"));
        assert_eq!(value("spr"), Some("https"));
        assert_eq!(value("skoid"), Some("aaaaaaaa-0000-0000-0000-000000000001"));
        assert!(!link.as_str().contains("secret"));
        // The signature is hidden wherever the link is shown, and the key has no words at all.
        assert!(!crate::redact::url(link.as_str()).contains(value("sig").unwrap()));
        assert!(!format!("{:?}", key()).contains(&STANDARD.encode("a secret")));
    }

    #[test]
    fn a_key_that_is_not_base_64_is_an_error() {
        let endpoint = Url::parse("https://acme.blob.core.windows.net/").unwrap();
        let broken = DelegationKey {
            value: "%".to_owned(),
            ..key()
        };
        assert!(
            link(
                &endpoint,
                "acme",
                &name("a"),
                &broken,
                OffsetDateTime::UNIX_EPOCH,
                TRIAL_LIFE
            )
            .is_err()
        );
    }
}
