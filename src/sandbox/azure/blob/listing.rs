//! Containers and blobs, listed in pages.
//!
//! See <https://learn.microsoft.com/rest/api/storageservices/list-containers2> and
//! <https://learn.microsoft.com/rest/api/storageservices/list-blobs>.

use std::fmt::Write as _;

use super::Visit;
use super::object::{LAST_MODIFIED, archive_status, etag};
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::account::{Blob, Container, PublicAccess};
use crate::sandbox::azure::problem::Problem;
use crate::sandbox::azure::xml::{element, escape};

/// A page has no more entries than this.
const MOST: usize = 5000;

/// `List Containers`.
pub(super) fn containers(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.may_read_containers()?;
    let prefix = visit.call.parameter("prefix").unwrap_or_default();
    let names: Vec<(String, &Container)> = visit
        .account
        .containers
        .iter()
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, container)| (name.clone(), container))
        .collect();
    let page = Page::of(visit, names)?;
    let mut entries = String::new();
    for (name, container) in &page.entries {
        let access = match container.public_access {
            PublicAccess::None => String::new(),
            PublicAccess::Blob => element("PublicAccess", "blob"),
            PublicAccess::Container => element("PublicAccess", "container"),
        };
        // Writing to a string does not fail.
        let _ = write!(
            entries,
            "<Container>{}<Properties>{}{}{access}</Properties></Container>",
            element("Name", name),
            element("Last-Modified", LAST_MODIFIED),
            element("Etag", "\"0x8D0000000000000\""),
        );
    }
    Ok(page.answer(visit, "", &format!("<Containers>{entries}</Containers>")))
}

/// `Get Container Properties`.
pub(super) fn container(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.may_read_containers()?;
    let container = find(visit)?;
    let answer = Answer::new(200)
        .header("last-modified", LAST_MODIFIED)
        .header("etag", "\"0x8D0000000000000\"");
    Ok(match container.public_access {
        PublicAccess::None => answer,
        PublicAccess::Blob => answer.header("x-ms-blob-public-access", "blob"),
        PublicAccess::Container => answer.header("x-ms-blob-public-access", "container"),
    })
}

/// What a list of blobs has in it.
enum Entry<'a> {
    Blob(&'a Blob),
    /// Everything that begins alike, up to a delimiter.
    Prefix,
}

/// `List Blobs`.
pub(super) fn blobs(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.may_read_blobs('l')?;
    let container = find(visit)?;
    let prefix = visit.call.parameter("prefix").unwrap_or_default();
    let delimiter = visit
        .call
        .parameter("delimiter")
        .filter(|delimiter| !delimiter.is_empty());
    let deleted = visit
        .call
        .parameter("include")
        .is_some_and(|include| include.split(',').any(|word| word == "deleted"));
    let mut found: Vec<(String, Entry<'_>)> = Vec::new();
    for (name, blob) in &container.blobs {
        let Some(rest) = name.strip_prefix(prefix) else {
            continue;
        };
        if blob.soft_deleted && !deleted {
            continue;
        }
        let end = delimiter.and_then(|delimiter| {
            rest.find(delimiter)
                .map(|at| prefix.len() + at + delimiter.len())
        });
        match end {
            None => found.push((name.clone(), Entry::Blob(blob))),
            Some(end) => {
                let common = &name[..end];
                if found.last().is_none_or(|(last, _)| last != common) {
                    found.push((common.to_owned(), Entry::Prefix));
                }
            }
        }
    }
    let page = Page::of(visit, found)?;
    let mut entries = String::new();
    for (name, entry) in &page.entries {
        match entry {
            Entry::Prefix => {
                let _ = write!(
                    entries,
                    "<BlobPrefix>{}</BlobPrefix>",
                    element("Name", name)
                );
            }
            Entry::Blob(blob) => entries.push_str(&blob_entry(name, blob)),
        }
    }
    let named = visit.resource.container.as_deref().unwrap_or_default();
    let attribute = format!(" ContainerName=\"{}\"", escape(named));
    let echo = delimiter.map_or_else(String::new, |delimiter| element("Delimiter", delimiter));
    Ok(page.answer(
        visit,
        &attribute,
        &format!("{echo}<Blobs>{entries}</Blobs>"),
    ))
}

fn blob_entry(name: &str, blob: &Blob) -> String {
    let optional = |name: &str, value: Option<&str>| {
        value.map_or_else(String::new, |value| element(name, value))
    };
    let deleted = if blob.soft_deleted {
        element("Deleted", "true")
    } else {
        String::new()
    };
    format!(
        "<Blob>{}{deleted}<Properties>{}{}{}{}{}{}{}{}{}{}</Properties></Blob>",
        element("Name", name),
        element("Last-Modified", LAST_MODIFIED),
        element("Etag", etag(blob).trim_matches('"')),
        element("Content-Length", &blob.bytes.len().to_string()),
        element("Content-Type", &blob.content_type),
        element("BlobType", "BlockBlob"),
        element("AccessTier", blob.tier.as_str()),
        optional("ArchiveStatus", archive_status(blob)),
        optional(
            "CustomerProvidedKeySha256",
            blob.customer_key_sha256.as_deref()
        ),
        optional("EncryptionScope", blob.encryption_scope.as_deref()),
        element("ServerEncrypted", "true"),
    )
}

fn find<'a>(visit: &Visit<'a>) -> Result<&'a Container, Problem> {
    let name = visit.resource.container.as_deref().unwrap_or_default();
    visit.account.containers.get(name).ok_or_else(|| {
        Problem::new(
            404,
            "ContainerNotFound",
            "The specified container does not exist.",
        )
    })
}

/// One page of a list, whose entries are in the order of their names.
struct Page<T> {
    entries: Vec<(String, T)>,
    /// The first name of the next page.
    next: Option<String>,
}

impl<T> Page<T> {
    fn of(visit: &Visit<'_>, mut all: Vec<(String, T)>) -> Result<Self, Problem> {
        let size = match visit.call.parameter("maxresults") {
            None => MOST,
            Some(text) => text.parse::<usize>().map_err(|_| {
                Problem::new(
                    400,
                    "InvalidQueryParameterValue",
                    "Value for one of the query parameters specified in the request URI is invalid.",
                )
                .field("QueryParameterName", "maxresults")
                .field("QueryParameterValue", text)
            })?,
        };
        if size == 0 {
            return Err(Problem::new(
                400,
                "OutOfRangeQueryParameterValue",
                "One of the query parameters specified in the request URI is outside the permissible range.",
            )
            .field("QueryParameterName", "maxresults")
            .field("QueryParameterValue", "0")
            .field("MinimumAllowed", "1")
            .field("MaximumAllowed", "2147483647"));
        }
        if let Some(marker) = visit.call.parameter("marker") {
            all.retain(|(name, _)| name.as_str() >= marker);
        }
        let rest = all.split_off(size.min(MOST).min(all.len()));
        Ok(Self {
            entries: all,
            next: rest.into_iter().next().map(|(name, _)| name),
        })
    }

    fn answer(&self, visit: &Visit<'_>, attribute: &str, content: &str) -> Answer {
        let echo: String = [
            ("prefix", "Prefix"),
            ("marker", "Marker"),
            ("maxresults", "MaxResults"),
        ]
        .into_iter()
        .filter_map(|(parameter, name)| {
            visit
                .call
                .parameter(parameter)
                .map(|value| element(name, value))
        })
        .collect();
        let next = element("NextMarker", self.next.as_deref().unwrap_or_default());
        let endpoint = format!("{}/{}/", visit.world.endpoint, visit.account.name);
        Answer::new(200).body(
            "application/xml",
            format!(
                "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"{}\"{attribute}>{echo}{content}{next}</EnumerationResults>",
                escape(&endpoint)
            ),
        )
    }
}
