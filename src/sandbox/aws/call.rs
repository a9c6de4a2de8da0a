//! Which service and operation a request is for, told from its shape alone.
//!
//! This module names; it looks nothing up and decides nothing.
//! See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html> for the two forms of bucket names.

use percent_encoding::percent_decode_str;

use crate::sandbox::incoming::{Incoming, Label};

/// The services behind the one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    S3,
    S3Control,
    Sts,
    Kms,
}

impl Service {
    /// The word in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::S3Control => "s3control",
            Self::Sts => "sts",
            Self::Kms => "kms",
        }
    }

    /// The word in a credential scope. S3 Control signs as S3.
    pub fn scope(self) -> &'static str {
        match self {
            Self::S3 | Self::S3Control => "s3",
            Self::Sts => "sts",
            Self::Kms => "kms",
        }
    }
}

/// A request, named.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub service: Service,
    /// The operation's name at AWS; for something unknown, its method and sub-resource.
    pub operation: String,
    pub bucket: Option<String>,
    pub key: Option<String>,
    pub query: Vec<(String, String)>,
    pub host: Host,
}

/// What the `Host` header says about the endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Host {
    /// The bucket, in virtual-hosted style.
    pub bucket: Option<String>,
    /// The region, where the name has one.
    pub region: Option<String>,
    /// `BUCKET.s3.amazonaws.com`: DNS leads to the bucket's own region, wherever that is.
    pub global: bool,
}

impl Call {
    /// Names a request.
    pub fn read(request: &Incoming) -> Self {
        let query = pairs(&request.query);
        let host = host(request.header("host").unwrap_or_default());
        let service = service(request);
        let mut call = Self {
            service,
            operation: String::new(),
            bucket: None,
            key: None,
            query,
            host,
        };
        match service {
            Service::S3 => call.read_s3(request),
            Service::S3Control => call.operation = control_operation(&request.method),
            Service::Sts => {
                let form = String::from_utf8_lossy(&request.body).into_owned();
                let action = pairs(&form).into_iter().find(|(name, _)| name == "Action");
                call.operation = action.map_or_else(|| "POST".to_owned(), |(_, action)| action);
            }
            Service::Kms => {
                let target = request.header("x-amz-target").unwrap_or_default();
                target
                    .trim_start_matches("TrentService.")
                    .clone_into(&mut call.operation);
            }
        }
        call
    }

    /// The value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// What the log and the interventions see.
    pub fn label(&self, request: &Incoming) -> Label {
        Label {
            service: self.service.name(),
            operation: self.operation.clone(),
            bucket: self.bucket.clone(),
            exclusive: self.exclusive(),
            names_owner: request.header("x-amz-expected-bucket-owner").is_some()
                || self.parameter("x-amz-expected-bucket-owner").is_some(),
            target: redacted(request),
        }
    }

    /// Writes to the sub-resources of one bucket exclude each other.
    fn exclusive(&self) -> Option<String> {
        let writes = matches!(
            self.operation.as_str(),
            "PutBucketPolicy" | "DeleteBucketPolicy" | "PutBucketCors" | "DeleteBucketCors"
        );
        self.bucket.clone().filter(|_| writes)
    }

    fn read_s3(&mut self, request: &Incoming) {
        let path = request.path.strip_prefix('/').unwrap_or(&request.path);
        let (bucket, key) = match &self.host.bucket {
            Some(bucket) => (bucket.clone(), decoded(path)),
            None => match path.split_once('/') {
                Some((bucket, key)) => (decoded(bucket), decoded(key)),
                None => (decoded(path), String::new()),
            },
        };
        self.bucket = Some(bucket).filter(|bucket| !bucket.is_empty());
        self.key = Some(key).filter(|key| !key.is_empty());
        self.operation = self.s3_operation(&request.method);
    }

    fn s3_operation(&self, method: &str) -> String {
        if method == "OPTIONS" {
            return "OPTIONS".to_owned();
        }
        let known = if self.bucket.is_none() {
            None
        } else if self.key.is_some() {
            object_operation(method, self.sub_resource())
        } else {
            bucket_operation(method, self.sub_resource())
        };
        known.map_or_else(
            || format!("{method} ?{}", self.sub_resource().unwrap_or_default()),
            str::to_owned,
        )
    }

    /// The parameter that makes this another operation than reading, writing or listing.
    fn sub_resource(&self) -> Option<&str> {
        self.query
            .iter()
            .map(|(name, _)| name.as_str())
            .find(|name| SUB_RESOURCES.contains(name))
    }
}

/// Everything that S3 knows as a sub-resource of a bucket or an object, implemented here or not.
const SUB_RESOURCES: [&str; 36] = [
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "list-type",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "uploads",
    "versioning",
    "versions",
];

fn bucket_operation(method: &str, sub_resource: Option<&str>) -> Option<&'static str> {
    Some(match (method, sub_resource) {
        ("HEAD", None) => "HeadBucket",
        ("GET", Some("acl")) => "GetBucketAcl",
        ("GET", Some("location")) => "GetBucketLocation",
        ("GET", Some("policy")) => "GetBucketPolicy",
        ("PUT", Some("policy")) => "PutBucketPolicy",
        ("DELETE", Some("policy")) => "DeleteBucketPolicy",
        ("GET", Some("policyStatus")) => "GetBucketPolicyStatus",
        ("GET", Some("cors")) => "GetBucketCors",
        ("PUT", Some("cors")) => "PutBucketCors",
        ("DELETE", Some("cors")) => "DeleteBucketCors",
        ("GET", Some("publicAccessBlock")) => "GetPublicAccessBlock",
        ("GET", Some("ownershipControls")) => "GetBucketOwnershipControls",
        ("GET", Some("encryption")) => "GetBucketEncryption",
        ("GET", Some("requestPayment")) => "GetBucketRequestPayment",
        ("GET", Some("list-type")) => "ListObjectsV2",
        _ => return None,
    })
}

fn object_operation(method: &str, sub_resource: Option<&str>) -> Option<&'static str> {
    Some(match (method, sub_resource) {
        ("HEAD", None) => "HeadObject",
        ("GET", None) => "GetObject",
        ("GET", Some("tagging")) => "GetObjectTagging",
        ("PUT", None) => "PutObject",
        ("DELETE", None) => "DeleteObject",
        _ => return None,
    })
}

fn control_operation(method: &str) -> String {
    match method {
        "GET" => "GetPublicAccessBlock".to_owned(),
        other => format!("{other} publicAccessBlock"),
    }
}

fn service(request: &Incoming) -> Service {
    let posts_to_root = request.method == "POST" && request.path == "/";
    let form = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let target = request.header("x-amz-target").unwrap_or_default();
    if request.path == "/v20180820/configuration/publicAccessBlock" {
        Service::S3Control
    } else if target.starts_with("TrentService.") {
        Service::Kms
    } else if posts_to_root && form {
        Service::Sts
    } else {
        Service::S3
    }
}

fn host(header: &str) -> Host {
    let name = header.rsplit_once(':').map_or(header, |(name, _)| name);
    let Some(name) = name.strip_suffix(".amazonaws.com") else {
        return Host::default();
    };
    if let Some(bucket) = name.strip_suffix(".s3") {
        return Host {
            bucket: Some(bucket.to_owned()),
            region: None,
            global: true,
        };
    }
    if let Some(region) = name.strip_prefix("s3.") {
        return Host {
            bucket: None,
            region: Some(region.to_owned()),
            global: false,
        };
    }
    name.rsplit_once(".s3.")
        .map_or_else(Host::default, |(bucket, region)| Host {
            bucket: Some(bucket.to_owned()),
            region: Some(region.to_owned()),
            global: false,
        })
}

/// The parameters of a query or form, decoded. A plus is a plus: S3 does not read it as a space.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn redacted(request: &Incoming) -> String {
    let secret = ["x-amz-signature", "x-amz-security-token"];
    let pairs: Vec<String> = request
        .query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if secret.contains(&name.to_ascii_lowercase().as_str()) => {
                format!("{name}=REDACTED")
            }
            _ => pair.to_owned(),
        })
        .collect();
    let mut request = request.clone();
    request.query = pairs.join("&");
    request.target()
}
