//! Names of storage accounts, containers and blobs, and the identifiers of Azure: what can be connected, told apart from
//! what cannot, before any request.
//!
//! Rules: <https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-name>,
//! <https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata>.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::catalogue::Cause;
use crate::error::{ErrorCode, Failure};

/// The name of a storage account, and what its address said besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageAccountName {
    name: String,
    /// The blob that stood in the URL, where the account was given as one.
    pub blob_in_url: Option<BlobName>,
    /// The host that stood in the URL.
    pub host_in_url: Option<String>,
}

/// A blob: its container and its name in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobName {
    /// The container.
    pub container: String,
    /// The blob's name, not encoded.
    pub blob: String,
}

impl fmt::Display for BlobName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.container, self.blob)
    }
}

impl fmt::Display for StorageAccountName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

const FORM: &str =
    "give the storage account's name, or `https://NAME.blob.core.windows.net/CONTAINER/BLOB`";

impl StorageAccountName {
    /// Accepts `NAME` and `https://NAME.blob.core.windows.net/CONTAINER/BLOB`.
    ///
    /// # Errors
    /// A usage failure for anything that is no storage account of Azure's public cloud, with the reason.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let text = text.trim();
        if text.starts_with("https://") || text.starts_with("http://") {
            return Self::from_url(text);
        }
        if text.starts_with("/subscriptions/") {
            return Err(refuse(
                text,
                "it is a resource ID, and not a name",
                "give the last part of it, and `--subscription` and `--resource-group` besides",
            ));
        }
        if let Some((front, _)) = text.split_once('.') {
            return Err(refuse(
                text,
                "a storage account's name has no dots",
                &format!("give the name alone, perhaps `{front}`"),
            ));
        }
        Self::checked(text, text, None, None)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    fn from_url(text: &str) -> Result<Self, Failure> {
        let url = Url::parse(text)
            .map_err(|error| refuse(text, &format!("it is no URL: {error}"), FORM))?;
        let host = url.host_str().unwrap_or_default();
        let labels: Vec<&str> = host.split('.').collect();
        for (suffix, cloud) in NATIONAL {
            if host.ends_with(suffix) {
                return Err(national(&format!("`{text}` is in {cloud}")));
            }
        }
        // An account with DNS zone endpoints has a zone before the service: NAME.z01.blob.storage.azure.net.
        let name = match labels.as_slice() {
            [name, "blob", "core", "windows", "net"]
            | [name, _, "blob", "storage", "azure", "net"] => *name,
            [name, service, "core", "windows", "net"] => {
                return Err(refuse(
                    text,
                    &format!(
                        "its host is the `{service}` endpoint, and links are made for the blob endpoint"
                    ),
                    &format!("give `https://{name}.blob.core.windows.net/…`, or the name `{name}`"),
                ));
            }
            _ => {
                return Err(refuse(
                    text,
                    "its host is not one of Azure Blob Storage",
                    FORM,
                ));
            }
        };
        let name = name
            .strip_suffix("-secondary")
            .map_or(Ok(name), |primary| {
                Err(refuse(
                    text,
                    "its host is the secondary endpoint, which may lag behind or not be there",
                    &format!("give the primary one, or the name `{primary}`"),
                ))
            })?;
        let decoded = |part: &str| {
            percent_decode_str(part)
                .decode_utf8()
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| refuse(text, "the blob's name in it is not UTF-8", FORM))
        };
        let path = url.path().strip_prefix('/').unwrap_or_default();
        let blob = match path.split_once('/') {
            Some((container, blob)) if !blob.is_empty() => Some(BlobName {
                container: decoded(container)?,
                blob: decoded(blob)?,
            }),
            Some(_) | None => None,
        };
        Self::checked(text, name, blob, Some(host.to_owned()))
    }

    fn checked(
        given: &str,
        name: &str,
        blob_in_url: Option<BlobName>,
        host_in_url: Option<String>,
    ) -> Result<Self, Failure> {
        let letters = name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !(3..=24).contains(&name.len()) || !letters {
            return Err(refuse(
                given,
                "a storage account's name has 3 to 24 lower-case letters and digits",
                FORM,
            ));
        }
        if let Some(blob) = &blob_in_url {
            check_container(&blob.container)?;
        }
        Ok(Self {
            name: name.to_owned(),
            blob_in_url,
            host_in_url,
        })
    }
}

/// The blob endpoints of clouds in which the app of Segments.ai does not exist.
const NATIONAL: [(&str, &str); 3] = [
    (".core.usgovcloudapi.net", "Azure Government"),
    (".core.chinacloudapi.cn", "Azure operated by 21Vianet"),
    (".core.cloudapi.de", "Azure Germany, which was closed"),
];

/// Why a host cannot be used, if it is one of a national cloud.
#[must_use]
pub fn national_host(host: &str) -> Option<Failure> {
    NATIONAL
        .iter()
        .find(|(suffix, _)| host.ends_with(suffix))
        .map(|(_, cloud)| national(&format!("`{host}` is in {cloud}")))
}

/// A national cloud: an app has another identity in each, and Segments.ai's is registered in the public one.
/// See <https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud>.
#[must_use]
pub fn national(what: &str) -> Failure {
    Failure::new(
        ErrorCode::Unsupported,
        format!("{what}, and the app of Segments.ai exists in Azure's public cloud only"),
    )
    .cause(format!(
        "{}: {}",
        Cause::Z28.entry().code,
        Cause::Z28.entry().title
    ))
    .hint(Cause::Z28.entry().remedy)
}

/// Refuses an authority of a national cloud.
///
/// # Errors
/// When `AZURE_AUTHORITY_HOST` names one.
pub fn check_authority(host: &str) -> Result<(), Failure> {
    const AUTHORITIES: [(&str, &str); 4] = [
        ("login.microsoftonline.us", "Azure Government"),
        ("login.chinacloudapi.cn", "Azure operated by 21Vianet"),
        (
            "login.partner.microsoftonline.cn",
            "Azure operated by 21Vianet",
        ),
        (
            "login.microsoftonline.de",
            "Azure Germany, which was closed",
        ),
    ];
    for (authority, cloud) in AUTHORITIES {
        if host.contains(authority) {
            return Err(national(&format!(
                "`AZURE_AUTHORITY_HOST` signs in to {cloud}"
            )));
        }
    }
    Ok(())
}

/// Refuses what is no container's name.
///
/// # Errors
/// A usage failure with the reason.
pub fn check_container(name: &str) -> Result<(), Failure> {
    let special = ["$root", "$web", "$logs"].contains(&name);
    let letters = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let edges = !name.starts_with('-') && !name.ends_with('-') && !name.contains("--");
    if special || ((3..=63).contains(&name.len()) && letters && edges) {
        return Ok(());
    }
    Err(Failure::usage(
        format!("`{name}` cannot be a container's name"),
        "a container's name has 3 to 63 lower-case letters, digits and single hyphens between them",
    ))
}

/// Accepts a GUID, as Azure writes its identifiers.
///
/// # Errors
/// A usage failure that names the flag.
pub fn guid(flag: &str, text: &str, hint: &str) -> Result<String, Failure> {
    uuid::Uuid::parse_str(text.trim())
        .map(|id| id.hyphenated().to_string())
        .map_err(|_| {
            Failure::usage(
                format!("`{flag}` is `{text}`, which is no identifier of the form `00000000-0000-0000-0000-000000000000`"),
                hint,
            )
        })
}

/// The name of a resource group.
///
/// Rules: <https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources>.
///
/// # Errors
/// A usage failure with the reason.
pub fn resource_group(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    let letters = text
        .chars()
        .all(|letter| letter.is_alphanumeric() || "_-.()".contains(letter));
    if (1..=90).contains(&text.chars().count()) && letters && !text.ends_with('.') {
        return Ok(text.to_owned());
    }
    Err(Failure::usage(
        format!("`--resource-group` is `{text}`, which cannot be a resource group's name"),
        "a resource group's name has 1 to 90 letters, digits, underscores, hyphens, parentheses and periods, and does not end in a period",
    ))
}

/// A tenant: its ID, or one of its domains.
///
/// # Errors
/// A usage failure for anything else.
pub fn tenant(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if let Ok(id) = uuid::Uuid::parse_str(text) {
        return Ok(id.hyphenated().to_string());
    }
    let domain = text.contains('.')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-');
    if domain {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Failure::usage(
        format!("`--tenant` is `{text}`, which is neither a tenant ID nor a domain"),
        "give the Tenant ID from the overview page of Microsoft Entra ID, or a domain such as `acme.onmicrosoft.com`",
    ))
}

fn refuse(given: &str, reason: &str, hint: &str) -> Failure {
    Failure::usage(
        format!("`{given}` cannot be connected as a storage account: {reason}"),
        hint,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_urls_are_taken() {
        for (text, blob) in [
            ("acmeimages", None),
            (" acmeimages ", None),
            ("https://acmeimages.blob.core.windows.net", None),
            ("https://acmeimages.blob.core.windows.net/photos/", None),
            (
                "https://acmeimages.blob.core.windows.net/photos/a%20b/c.jpg?sv=2020&sig=x",
                Some(("photos", "a b/c.jpg")),
            ),
            (
                "https://acmeimages.z13.blob.storage.azure.net/photos/x",
                Some(("photos", "x")),
            ),
        ] {
            let parsed = StorageAccountName::parse(text).unwrap();
            assert_eq!(parsed.as_str(), "acmeimages", "{text}");
            let found = parsed.blob_in_url.map(|name| (name.container, name.blob));
            let wanted =
                blob.map(|(container, blob): (&str, &str)| (container.to_owned(), blob.to_owned()));
            assert_eq!(found, wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_account_is_refused_with_the_reason() {
        for (text, reason) in [
            ("", "3 to 24"),
            ("ab", "3 to 24"),
            ("Acme", "lower-case"),
            ("acme-images", "lower-case"),
            ("acme.blob.core.windows.net", "no dots"),
            ("/subscriptions/x/resourceGroups/y", "resource ID"),
            ("https://acme.dfs.core.windows.net/c/b", "`dfs` endpoint"),
            (
                "https://acme-secondary.blob.core.windows.net/c/b",
                "secondary",
            ),
            ("https://images.acme.example/c/b", "not one of Azure"),
            ("https://", "no URL"),
        ] {
            let failure = StorageAccountName::parse(text).unwrap_err();
            assert_eq!(failure.code, ErrorCode::Usage, "{text}");
            assert!(
                failure.message.contains(reason),
                "{text}: {}",
                failure.message
            );
            assert!(!failure.hints.is_empty(), "{text}");
        }
    }

    #[test]
    fn national_clouds_are_refused_with_the_reason() {
        let by_url = StorageAccountName::parse("https://acme.blob.core.usgovcloudapi.net/c/b");
        assert_eq!(by_url.unwrap_err().code, ErrorCode::Unsupported);
        assert!(check_authority("https://login.microsoftonline.us/").is_err());
        assert!(check_authority("https://login.microsoftonline.com/").is_ok());
    }

    #[test]
    fn identifiers_are_checked_and_written_in_one_way() {
        let id = guid(
            "--subscription",
            "{0AAAAAAA-0000-0000-0000-00000000000B}",
            "",
        );
        assert_eq!(id.unwrap(), "0aaaaaaa-0000-0000-0000-00000000000b");
        assert!(guid("--subscription", "Production", "").is_err());
        assert_eq!(
            tenant("Acme.onmicrosoft.com").unwrap(),
            "acme.onmicrosoft.com"
        );
        assert!(tenant("acme").is_err());
    }

    #[test]
    fn containers_are_checked() {
        for name in ["photos", "a-b-c", "$root", "123"] {
            assert!(check_container(name).is_ok(), "{name}");
        }
        for name in ["", "ab", "Photos", "-ab", "ab-", "a--b", "a_b"] {
            assert!(check_container(name).is_err(), "{name}");
        }
    }
}
