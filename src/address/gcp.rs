//! The hosts of Google Cloud Storage: <https://cloud.google.com/storage/docs/request-endpoints>.

use super::raw::{Raw, parameters};
use super::signature::{self, Signature};
use super::trap::Trap;
use super::{Address, Cloud, Form, Style, key, refuse};
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::gcp::target::BucketName;
use crate::redact;

const OWN_URL: &str = "give the object's own URL: `https://storage.googleapis.com/BUCKET/OBJECT`";

/// Hosts that serve objects, with the bucket first in the path or before the host.
const STORES: [&str; 3] = [
    "storage.googleapis.com",
    "commondatastorage.googleapis.com",
    "storage.mtls.googleapis.com",
];

/// `gs://BUCKET/OBJECT`.
pub(super) fn from_uri(raw: &Raw<'_>) -> Result<Address, Failure> {
    let bucket = BucketName::parse(&raw.host)?;
    let mut traps = Vec::new();
    let written = raw.path.strip_prefix('/').unwrap_or_default();
    let mut address = built(raw, &bucket, Form::Uri, Style::Uri);
    address.key = key::literal(Cloud::Gcp, written, &mut traps);
    // `gs://BUCKET/OBJECT#1700000000000000` names one generation, as gcloud prints it.
    if let Some((_, generation)) = written.rsplit_once('#')
        && generation.len() > 9
        && generation.bytes().all(|byte| byte.is_ascii_digit())
    {
        traps.push(Trap::warns(
            Some(Cause::G20),
            "a number follows `#`, as where gcloud lists generations: it is taken for a part of the object's name",
        ));
        if let Some(key) = &mut address.key
            && let Some((name, _)) = written.rsplit_once('#')
        {
            key.otherwise.push(name.to_owned());
        }
    }
    address.host = None;
    address.traps = traps;
    Ok(address)
}

/// An https URL, if its host is one of Google.
pub(super) fn from_host(raw: &Raw<'_>) -> Option<Result<Address, Failure>> {
    let host = raw.host.as_str();
    let path = raw.path.strip_prefix(['/', '\\']).unwrap_or_default();
    if host.ends_with(".s3nsapis.fr") {
        return Some(Err(refuse(
            raw.text,
            "it is in a cloud that a partner of Google runs, in which Segments.ai has no service account",
            "copy the data to a bucket in Google's own cloud, or ask Segments.ai's support",
        )));
    }
    if host == "console.cloud.google.com" {
        return Some(Err(refuse(
            raw.text,
            "it is a page of the console",
            OWN_URL,
        )));
    }
    if host == "firebasestorage.googleapis.com" || host.ends_with(".firebasestorage.app") {
        return Some(Err(refuse(
            raw.text,
            "it is a link of Firebase, which decides by a token and rules of its own",
            OWN_URL,
        )));
    }
    if host == "storage.cloud.google.com" {
        return Some(in_path(raw, path, Form::Console));
    }
    let store = STORES.contains(&host) || is_regional(host);
    if store
        || matches!(
            host,
            "www.googleapis.com" | "content-storage.googleapis.com"
        )
    {
        return Some(match json_interface(path) {
            Some(rest) => in_json(raw, rest),
            None if store => in_path(raw, path, Form::Store),
            None => Err(refuse(
                raw.text,
                "its host is one of Google, and it names no object",
                OWN_URL,
            )),
        });
    }
    let name = STORES
        .iter()
        .find_map(|store| host.strip_suffix(store)?.strip_suffix('.'))?;
    Some(in_host(raw, name, path))
}

/// `storage.europe-west1.rep.googleapis.com`.
fn is_regional(host: &str) -> bool {
    host.strip_prefix("storage.")
        .and_then(|rest| rest.strip_suffix(".rep.googleapis.com"))
        .is_some_and(|region| !region.contains('.'))
}

/// What follows `storage/v1/b/`, if the path is one of the JSON interface.
fn json_interface(path: &str) -> Option<&str> {
    [
        "storage/v1/b/",
        "download/storage/v1/b/",
        "upload/storage/v1/b/",
    ]
    .iter()
    .find_map(|prefix| path.strip_prefix(prefix))
}

fn in_json(raw: &Raw<'_>, rest: &str) -> Result<Address, Failure> {
    let (name, object) = rest.split_once("/o/").unwrap_or((rest, ""));
    let bucket = BucketName::parse(name.trim_end_matches("/o").trim_end_matches('/'))?;
    let traps = vec![Trap::blocks(
        Cause::G25,
        "it is an address of the JSON interface, which does not follow the bucket's CORS configuration",
    )];
    finish(
        raw,
        built(raw, &bucket, Form::JsonInterface, Style::Path),
        object,
        traps,
    )
}

fn in_path(raw: &Raw<'_>, path: &str, form: Form) -> Result<Address, Failure> {
    let (name, object) = path.split_once('/').unwrap_or((path, ""));
    if name.is_empty() {
        return Err(refuse(raw.text, "no bucket is in it", OWN_URL));
    }
    let bucket = BucketName::parse(name)?;
    let mut traps = Vec::new();
    if form == Form::Console {
        // https://cloud.google.com/storage/docs/cross-origin: it never allows cross-origin requests.
        traps.push(Trap::blocks(
            Cause::G25,
            "it is a link of the console, which asks for a sign-in and never lets a page of another site load it",
        ));
    }
    finish(raw, built(raw, &bucket, form, Style::Path), object, traps)
}

fn in_host(raw: &Raw<'_>, name: &str, path: &str) -> Result<Address, Failure> {
    let bucket = BucketName::parse(name)?;
    let mut traps = Vec::new();
    if bucket.is_dotted() {
        traps.push(Trap::blocks(
            Cause::G26,
            "the bucket's name has a dot, so no certificate is valid for this host; the same object is under `https://storage.googleapis.com/BUCKET/OBJECT`",
        ));
    }
    finish(
        raw,
        built(raw, &bucket, Form::Store, Style::VirtualHost),
        path,
        traps,
    )
}

fn built(raw: &Raw<'_>, bucket: &BucketName, form: Form, style: Style) -> Address {
    Address {
        shown: redact::url(raw.text),
        cloud: Cloud::Gcp,
        bucket: bucket.as_str().to_owned(),
        container: None,
        key: None,
        region: None,
        host: Some(raw.host.clone()),
        form,
        variants: Vec::new(),
        style,
        version: None,
        signature: None,
        traps: Vec::new(),
        given: raw.text.to_owned(),
    }
}

fn finish(
    raw: &Raw<'_>,
    address: Address,
    object: &str,
    mut traps: Vec<Trap>,
) -> Result<Address, Failure> {
    let key = key::decode(raw, Cloud::Gcp, object, &mut traps)?;
    let query = parameters(raw.query.unwrap_or_default());
    let signature = Signature::find(Cloud::Gcp, &query);
    signature::common_traps(Cloud::Gcp, &query, signature.as_ref(), &mut traps);
    let version = query
        .iter()
        .find(|(name, _)| name == "generation")
        .map(|(_, value)| value.clone());
    if version.is_some() {
        traps.push(Trap::warns(
            Some(Cause::G20),
            "it asks for one generation of the object, which is gone once the object is replaced, unless the bucket keeps old ones",
        ));
    }
    Ok(Address {
        key,
        version,
        signature,
        traps,
        ..address
    })
}
