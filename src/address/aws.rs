//! The hosts of Amazon S3: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>,
//! <https://docs.aws.amazon.com/general/latest/gr/s3.html>.

use super::raw::{Raw, parameters};
use super::signature::{self, Signature};
use super::trap::Trap;
use super::{Address, Cloud, Form, Style, Variant, key, refuse};
use crate::aws::target::{BucketName, check_region};
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::redact;

const OWN_URL: &str = "give the bucket's own URL: `https://BUCKET.s3.REGION.amazonaws.com/KEY`";

/// `s3://BUCKET/KEY`.
pub(super) fn from_uri(raw: &Raw<'_>) -> Result<Address, Failure> {
    let bucket = BucketName::parse(&raw.host)?;
    let mut traps = Vec::new();
    let key = key::literal(
        Cloud::Aws,
        raw.path.strip_prefix('/').unwrap_or_default(),
        &mut traps,
    );
    Ok(Address {
        shown: redact::url(raw.text),
        cloud: Cloud::Aws,
        bucket: bucket.as_str().to_owned(),
        container: None,
        key,
        region: None,
        host: None,
        form: Form::Uri,
        variants: Vec::new(),
        style: Style::Uri,
        version: None,
        signature: None,
        traps,
        given: raw.text.to_owned(),
    })
}

/// An https URL, if its host is one of AWS.
pub(super) fn from_host(raw: &Raw<'_>) -> Option<Result<Address, Failure>> {
    let host = raw.host.as_str();
    if host.ends_with(".amazonaws.com.cn") || host.ends_with(".amazonaws.eu") {
        return Some(Err(other_partition(raw)));
    }
    if host.ends_with(".aws.amazon.com") {
        return Some(Err(refuse(
            raw.text,
            "it is a page of the AWS console",
            OWN_URL,
        )));
    }
    let front = host.strip_suffix(".amazonaws.com")?;
    Some(read(raw, front))
}

fn other_partition(raw: &Raw<'_>) -> Failure {
    refuse(
        raw.text,
        "it is in another AWS partition, and Segments.ai's account exists only in `aws`",
        "copy the data to a bucket in a commercial AWS Region, or ask Segments.ai's support",
    )
}

fn read(raw: &Raw<'_>, front: &str) -> Result<Address, Failure> {
    if let Some(reason) = no_bucket(front) {
        return Err(refuse(raw.text, reason, OWN_URL));
    }
    let Some((name, service)) = service_at_end(front) else {
        return Err(refuse(
            raw.text,
            "its host is one of AWS, and not one of S3's",
            OWN_URL,
        ));
    };
    let Some(endpoint) = Endpoint::read(service) else {
        return Err(refuse(
            raw.text,
            "its host is one of AWS, and not one that serves objects",
            OWN_URL,
        ));
    };
    if let Some(region) = endpoint.region {
        check_region(region).map_err(|failure| Failure {
            message: format!(
                "`{}` cannot be looked at: {}",
                redact::url(raw.text),
                failure.message
            ),
            ..failure
        })?;
    }
    let path = raw.path.strip_prefix(['/', '\\']).unwrap_or_default();
    let (bucket, path, style) = if let Some(name) = name {
        (name, path, Style::VirtualHost)
    } else {
        let (bucket, path) = path.split_once('/').unwrap_or((path, ""));
        (bucket, path, Style::Path)
    };
    if bucket.is_empty() {
        return Err(refuse(raw.text, "no bucket is in it", OWN_URL));
    }
    // An alias of an access point, a directory bucket and their kin have the form of a bucket here.
    let bucket = BucketName::parse(bucket)?;
    let mut traps = Vec::new();
    host_traps(&endpoint, style, &bucket, &mut traps);
    let key = key::decode(raw, Cloud::Aws, path, &mut traps)?;
    let query = parameters(raw.query.unwrap_or_default());
    let signature = Signature::find(Cloud::Aws, &query);
    signature::aws_traps(&query, signature.as_ref(), endpoint.region, &mut traps);
    let version = query
        .iter()
        .find(|(name, _)| name == "versionId")
        .map(|(_, value)| value.clone());
    if version.is_some() {
        traps.push(Trap::warns(
            Some(Cause::A38),
            "it asks for one version of the object (`versionId`), which takes the permission `s3:GetObjectVersion`: the published grant does not hold it",
        ));
    }
    Ok(Address {
        shown: redact::url(raw.text),
        cloud: Cloud::Aws,
        bucket: bucket.as_str().to_owned(),
        container: None,
        key,
        region: endpoint.region.map(str::to_owned),
        host: Some(raw.host.clone()),
        form: endpoint.form,
        variants: endpoint.variants,
        style,
        version,
        signature,
        traps,
        given: raw.text.to_owned(),
    })
}

/// Hosts of S3 behind which no bucket is named.
fn no_bucket(front: &str) -> Option<&'static str> {
    let labels: Vec<&str> = front.split('.').collect();
    let starts = |prefix: &str| labels.iter().any(|label| label.starts_with(prefix));
    if starts("s3-object-lambda") {
        Some(
            "it is the host of an Object Lambda access point (A43), which bucket policies do not cover",
        )
    } else if labels.contains(&"mrap") {
        Some(
            "it is the host of a multi-Region access point (A45), which does not name the bucket behind it",
        )
    } else if starts("s3-accesspoint") || labels.contains(&"accesspoint") {
        Some("it is the host of an access point (A45), which does not name the bucket behind it")
    } else if starts("s3-outposts") {
        Some("it is the host of an Outposts bucket (A43), which Segments.ai cannot reach")
    } else if labels.iter().any(|label| label.starts_with("s3express")) {
        Some(
            "it is the host of a directory bucket (A43), which has no CORS, so no browser can load from it",
        )
    } else if starts("s3-control") || starts("s3tables") {
        Some("its host serves settings or tables, and no objects")
    } else if labels.last() == Some(&"vpce") {
        Some("it is the host of a VPC endpoint, which exists only inside a network")
    } else {
        None
    }
}

/// `acme.images.s3.eu-west-1` is the bucket `acme.images` and the service `s3.eu-west-1`.
fn service_at_end(front: &str) -> Option<(Option<&str>, &str)> {
    let is_service =
        |service: &str| service == "s3" || service.starts_with("s3.") || service.starts_with("s3-");
    let inside = front.rfind(".s3").and_then(|at| {
        let (name, service) = (front.get(..at)?, front.get(at + 1..)?);
        is_service(service).then_some((Some(name), service))
    });
    inside.or_else(|| is_service(front).then_some((None, front)))
}

#[derive(Debug)]
struct Endpoint<'a> {
    form: Form,
    region: Option<&'a str>,
    variants: Vec<Variant>,
}

impl<'a> Endpoint<'a> {
    fn read(service: &'a str) -> Option<Self> {
        let mut variants = Vec::new();
        let (form, region) = match service {
            "s3" => (Form::Global, None),
            // The older names of us-east-1.
            "s3-external-1" => (Form::Store, Some("us-east-1")),
            "s3-accelerate" => (Form::Accelerate, None),
            "s3-accelerate.dualstack" => {
                variants.push(Variant::Dualstack);
                (Form::Accelerate, None)
            }
            _ => {
                if let Some(region) = service
                    .strip_prefix("s3-website-")
                    .or_else(|| service.strip_prefix("s3-website."))
                {
                    (Form::Website, Some(region))
                } else {
                    let rest = match service.strip_prefix("s3-fips.") {
                        Some(rest) => {
                            variants.push(Variant::Fips);
                            rest
                        }
                        None => service
                            .strip_prefix("s3.")
                            .or_else(|| service.strip_prefix("s3-"))?,
                    };
                    let region = match rest.strip_prefix("dualstack.") {
                        Some(region) => {
                            variants.push(Variant::Dualstack);
                            region
                        }
                        None => rest,
                    };
                    (Form::Store, Some(region))
                }
            }
        };
        Some(Self {
            form,
            region,
            variants,
        })
    }
}

fn host_traps(endpoint: &Endpoint<'_>, style: Style, bucket: &BucketName, traps: &mut Vec<Trap>) {
    match endpoint.form {
        Form::Website => traps.push(Trap::blocks(
            Cause::A42,
            "its host is the website endpoint, which has no https and serves public objects alone",
        )),
        Form::Accelerate if style == Style::Path => traps.push(Trap::blocks(
            Cause::A42,
            "Transfer Acceleration takes the bucket in the host name only",
        )),
        Form::Accelerate => traps.push(Trap::warns(
            Some(Cause::A42),
            "its host is that of Transfer Acceleration, which answers only where the bucket has it switched on",
        )),
        Form::Global => traps.push(Trap::notes(
            "its host names no Region: outside us-east-1 S3 may redirect it, and a redirect can break CORS",
        )),
        Form::Uri | Form::Store | Form::JsonInterface | Form::Console | Form::DataLake | Form::OtherService => {}
    }
    if style == Style::VirtualHost && bucket.is_dotted() && endpoint.form != Form::Website {
        traps.push(Trap::blocks(
            Cause::A36,
            "the bucket's name has a dot, so no certificate is valid for this host",
        ));
    }
}
