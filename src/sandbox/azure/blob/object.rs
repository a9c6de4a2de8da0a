//! Reading a blob and its properties, with everything that can stand in the way.
//!
//! See <https://learn.microsoft.com/rest/api/storageservices/get-blob> and
//! <https://learn.microsoft.com/rest/api/storageservices/get-blob-properties>.

use md5::{Digest as _, Md5};

use super::Visit;
use super::caller::Caller;
use crate::sandbox::answer::Answer;
use crate::sandbox::azure::account::{AccessTier, Blob};
use crate::sandbox::azure::problem::Problem;

/// When every blob was written, as far as anyone can tell.
pub(super) const LAST_MODIFIED: &str = "Thu, 01 Jan 2026 00:00:00 GMT";

const CONDITIONAL: [&str; 5] = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "x-ms-if-tags",
];

/// `Get Blob` and `Get Blob Properties`.
pub(super) fn read(visit: &Visit<'_>) -> Result<Answer, Problem> {
    for name in CONDITIONAL {
        if visit.request.header(name).is_some() {
            return Err(Problem::not_implemented(format!("the header {name}")));
        }
    }
    for name in ["snapshot", "versionid"] {
        if visit.call.parameter(name).is_some() {
            return Err(Problem::not_implemented(format!("the parameter {name}")));
        }
    }
    visit.may_read_blobs('r')?;
    let blob = find(visit)?;
    let head = visit.request.method == "HEAD";
    customer_key(visit, blob)?;
    if !head {
        readable(visit, blob)?;
    }
    let mut answer = Answer::new(200);
    describe(visit, blob, &mut answer);
    let whole = blob.bytes.len();
    let range = visit
        .request
        .header("x-ms-range")
        .or_else(|| visit.request.header("range"))
        .and_then(ranged);
    let bytes = match range {
        Some((first, last)) if !head => {
            let Some(end) = whole.checked_sub(1).filter(|end| first <= *end) else {
                return Err(Problem::new(
                    416,
                    "InvalidRange",
                    "The range specified is invalid for the current size of the resource.",
                )
                .header("content-range", format!("bytes */{whole}")));
            };
            let last = last.unwrap_or(end).min(end);
            answer.status = 206;
            answer = answer.header("content-range", format!("bytes {first}-{last}/{whole}"));
            blob.bytes.get(first..=last).unwrap_or_default()
        }
        // The properties are those of the whole blob.
        Some(_) | None => &blob.bytes,
    };
    let content_type = overridden(visit, "content-type").unwrap_or(&blob.content_type);
    Ok(answer.body(content_type, bytes.to_vec()))
}

/// The entity tag.
pub(super) fn etag(blob: &Blob) -> String {
    let digest = hex::encode_upper(Md5::digest(&blob.bytes));
    format!("\"0x{}\"", &digest[..15])
}

/// What became of a blob on its way out of the archive.
/// See <https://learn.microsoft.com/azure/storage/blobs/archive-rehydrate-overview>.
pub(super) fn archive_status(blob: &Blob) -> Option<&'static str> {
    blob.rehydrating_to.map(|tier| match tier {
        AccessTier::Hot => "rehydrate-pending-to-hot",
        AccessTier::Cool => "rehydrate-pending-to-cool",
        AccessTier::Cold | AccessTier::Archive => "rehydrate-pending-to-cold",
    })
}

/// The blob. Where it is not there, whoever may read is told what is missing.
fn find<'a>(visit: &Visit<'a>) -> Result<&'a Blob, Problem> {
    let container = visit.resource.container.as_deref().unwrap_or_default();
    let container = visit.account.containers.get(container).ok_or_else(|| {
        Problem::new(
            404,
            "ContainerNotFound",
            "The specified container does not exist.",
        )
    })?;
    let name = visit.resource.blob.as_deref().unwrap_or_default();
    container
        .blobs
        .get(name)
        .filter(|blob| !blob.soft_deleted)
        .ok_or_else(|| Problem::new(404, "BlobNotFound", "The specified blob does not exist."))
}

/// A key that the customer provides has to come with every request, for the properties too.
/// See <https://learn.microsoft.com/azure/storage/blobs/encryption-customer-provided-keys>.
fn customer_key(visit: &Visit<'_>, blob: &Blob) -> Result<(), Problem> {
    let Some(wanted) = &blob.customer_key_sha256 else {
        return Ok(());
    };
    if visit.request.header("x-ms-encryption-key-sha256") == Some(wanted) {
        return Ok(());
    }
    Err(Problem::new(
        409,
        "BlobUsesCustomerSpecifiedEncryption",
        "The blob is encrypted with customer specified encryption, but it was not provided in the request.",
    ))
}

fn readable(visit: &Visit<'_>, blob: &Blob) -> Result<(), Problem> {
    if blob.tier == AccessTier::Archive {
        return Err(Problem::new(
            409,
            "BlobArchived",
            "This operation is not permitted on an archived blob.",
        ));
    }
    let disabled = blob.encryption_scope.as_ref().is_some_and(|name| {
        visit
            .account
            .encryption_scopes
            .get(name)
            .is_none_or(|scope| !scope.enabled)
    });
    // The page promises the status; the code is this place's own.
    // https://learn.microsoft.com/azure/storage/blobs/encryption-scope-overview#disable-an-encryption-scope
    if disabled {
        return Err(Problem::new(
            403,
            "EncryptionScopeDisabled",
            "The encryption scope of the blob is disabled.",
        ));
    }
    Ok(())
}

fn describe(visit: &Visit<'_>, blob: &Blob, answer: &mut Answer) {
    let mut add = |name: &str, value: &str| {
        answer.headers.push((name.to_owned(), value.to_owned()));
    };
    add("accept-ranges", "bytes");
    add("last-modified", LAST_MODIFIED);
    add("etag", &etag(blob));
    add("x-ms-blob-type", "BlockBlob");
    add("x-ms-lease-state", "available");
    add("x-ms-lease-status", "unlocked");
    add("x-ms-server-encrypted", "true");
    if visit.account.kind != "Storage" {
        add("x-ms-access-tier", blob.tier.as_str());
    }
    if let Some(status) = archive_status(blob) {
        add("x-ms-archive-status", status);
    }
    if let Some(scope) = &blob.encryption_scope {
        add("x-ms-encryption-scope", scope);
    }
    if let Some(hash) = &blob.customer_key_sha256 {
        add("x-ms-encryption-key-sha256", hash);
    }
    for name in [
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
    ] {
        if let Some(value) = overridden(visit, name) {
            add(name, value);
        }
    }
}

/// What a signed link puts in the place of a header.
fn overridden<'a>(visit: &Visit<'a>, wanted: &str) -> Option<&'a str> {
    match visit.caller {
        Caller::Anonymous | Caller::Token(_) => None,
        Caller::Signature(permit) => permit
            .overrides
            .iter()
            .find(|(name, _)| *name == wanted)
            .map(|(_, value)| value.as_str()),
    }
}

/// `bytes=N-` and `bytes=N-M`; other forms are not supported and count as none.
/// See <https://learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations>.
fn ranged(header: &str) -> Option<(usize, Option<usize>)> {
    let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse().ok()?;
    if last.is_empty() {
        return Some((first, None));
    }
    let last = last.parse().ok()?;
    (first <= last).then_some((first, Some(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_forms_of_ranges_are_supported() {
        for (header, expected) in [
            ("bytes=0-0", Some((0, Some(0)))),
            ("bytes=5-", Some((5, None))),
            ("bytes=-5", None),
            ("bytes=5-4", None),
            ("bytes=0-1,3-4", None),
            ("items=0-1", None),
        ] {
            assert_eq!(ranged(header), expected, "{header}");
        }
    }
}
