//! The hosts of Azure Storage: <https://learn.microsoft.com/azure/storage/common/storage-account-overview#storage-account-endpoints>.

use super::raw::{Raw, parameters};
use super::signature::{self, Signature};
use super::trap::Trap;
use super::{Address, Cloud, Form, Style, Variant, key, refuse};
use crate::azure::target::{StorageAccountName, check_container, national_host};
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::redact;

const OWN_URL: &str =
    "give the blob's own URL: `https://ACCOUNT.blob.core.windows.net/CONTAINER/BLOB`";

/// An https URL, if its host is one of Azure.
pub(super) fn from_host(raw: &Raw<'_>) -> Option<Result<Address, Failure>> {
    let host = raw.host.as_str();
    if let Some(failure) = national_host(host) {
        return Some(Err(failure));
    }
    if matches!(host, "portal.azure.com" | "ms.portal.azure.com") {
        return Some(Err(refuse(raw.text, "it is a page of the portal", OWN_URL)));
    }
    let labels: Vec<&str> = host.split('.').collect();
    let mut variants = Vec::new();
    let (name, service) = match labels.as_slice() {
        [name, service, "core", "windows", "net"] => (*name, *service),
        [name, "privatelink", service, "core", "windows", "net"] => {
            variants.push(Variant::Private);
            (*name, *service)
        }
        // The website's endpoint has a zone too: NAME.z6.web.core.windows.net.
        [name, zone, service, "core", "windows", "net"]
        | [name, zone, service, "storage", "azure", "net"] => {
            variants.push(Variant::Zone((*zone).to_owned()));
            (*name, *service)
        }
        _ => return None,
    };
    Some(read(raw, name, service, variants))
}

fn read(
    raw: &Raw<'_>,
    name: &str,
    service: &str,
    mut variants: Vec<Variant>,
) -> Result<Address, Failure> {
    let form = match service {
        "blob" => Form::Store,
        "dfs" => Form::DataLake,
        "web" => Form::Website,
        "file" | "queue" | "table" => Form::OtherService,
        _ => {
            return Err(refuse(
                raw.text,
                "its host is one of Azure, and not one of Azure Storage",
                OWN_URL,
            ));
        }
    };
    let primary = name.strip_suffix("-secondary");
    if primary.is_some() {
        variants.push(Variant::Secondary);
    }
    let account = StorageAccountName::parse(primary.unwrap_or(name))?;
    let mut traps = Vec::new();
    host_traps(form, &variants, service, &mut traps);
    let path = raw.path.strip_prefix(['/', '\\']).unwrap_or_default();
    let (container, written) = container(form, path)?;
    let key = if form == Form::OtherService {
        None
    } else {
        key::decode(raw, Cloud::Azure, written, &mut traps)?
    };
    let query = parameters(raw.query.unwrap_or_default());
    let signature = Signature::find(Cloud::Azure, &query);
    signature::common_traps(Cloud::Azure, &query, signature.as_ref(), &mut traps);
    if raw.scheme == "http" && signature.as_ref().is_some_and(is_for_https_alone) {
        traps.push(Trap::blocks(
            Cause::Z45,
            "it begins with `http://`, and was signed for https alone (`spr`)",
        ));
    }
    let version = query
        .iter()
        .find(|(name, _)| matches!(name.as_str(), "versionid" | "snapshot"))
        .map(|(_, value)| value.clone());
    if version.is_some() {
        traps.push(Trap::warns(
            Some(Cause::Z31),
            "it asks for one version or snapshot of the blob, which is gone once it is deleted, whatever becomes of the blob",
        ));
    }
    Ok(Address {
        shown: redact::url(raw.text),
        cloud: Cloud::Azure,
        bucket: account.as_str().to_owned(),
        container,
        key,
        region: None,
        host: Some(raw.host.clone()),
        form,
        variants,
        style: Style::VirtualHost,
        version,
        signature,
        traps,
        given: raw.text.to_owned(),
    })
}

fn is_for_https_alone(signature: &Signature) -> bool {
    let shared = signature.shared_access.as_ref();
    shared
        .and_then(|shared| shared.protocols.as_deref())
        .is_some_and(|protocols| {
            let mut protocols = protocols.split(',').map(str::trim);
            !protocols.any(|protocol| protocol.eq_ignore_ascii_case("http"))
        })
}

/// The container, and what follows it. A blob without a container is in the one that is called `$root`:
/// <https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata>.
fn container(form: Form, path: &str) -> Result<(Option<String>, &str), Failure> {
    if form == Form::Website {
        return Ok((Some("$web".to_owned()), path));
    }
    // The name of a blob in `$root` has no slash, so one that is encoded ends the name of a container.
    let encoded = || {
        let at = path.to_ascii_lowercase().find("%2f")?;
        Some((path.get(..at)?, path.get(at + 3..)?))
    };
    let (first, rest) = match path.split_once('/').or_else(encoded) {
        Some(split) => split,
        None if path.is_empty() => return Ok((None, "")),
        None if check_container(path).is_ok() => (path, ""),
        None => return Ok((Some("$root".to_owned()), path)),
    };
    let first = percent_encoding::percent_decode_str(first).decode_utf8_lossy();
    check_container(&first)?;
    Ok((Some(first.into_owned()), rest))
}

fn host_traps(form: Form, variants: &[Variant], service: &str, traps: &mut Vec<Trap>) {
    match form {
        Form::DataLake => traps.push(Trap::blocks(
            Cause::Z29,
            "its host is the `dfs` endpoint, for which the CORS rules of the blob service do not hold; the same file is a blob under `blob`",
        )),
        Form::Website => traps.push(Trap::blocks(
            Cause::Z29,
            "its host is the website endpoint, which has no CORS and serves the public container `$web` alone",
        )),
        Form::OtherService => traps.push(Trap::blocks(
            Cause::Z29,
            format!("its host is the `{service}` endpoint, and Segments.ai reads from the blob endpoint"),
        )),
        Form::Uri | Form::Store | Form::Global | Form::Accelerate | Form::JsonInterface | Form::Console => {}
    }
    if variants.contains(&Variant::Secondary) {
        traps.push(Trap::warns(
            Some(Cause::Z29),
            "its host is the secondary endpoint, which lags behind, and is there only where the account is replicated for reading",
        ));
    }
    if variants.contains(&Variant::Private) {
        traps.push(Trap::blocks(
            Cause::Z29,
            "its host is for use inside a private network",
        ));
    }
}
