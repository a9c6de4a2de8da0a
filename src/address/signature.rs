//! What the signature in a URL promises: by which scheme, since when and until when, for which request. Pure.
//!
//! Amazon: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>. Google:
//! <https://cloud.google.com/storage/docs/authentication/canonical-requests>. Azure:
//! <https://learn.microsoft.com/rest/api/storageservices/create-user-delegation-sas>.

mod moment;
mod shared_access;
mod traps;

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::Cloud;
pub use shared_access::SharedAccess;
pub(super) use traps::{aws_traps, common_traps, traps_at};

/// By which scheme a URL is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureKind {
    /// AWS Signature Version 4.
    AwsV4,
    /// AWS Signature Version 4A, which holds in several Regions.
    AwsV4a,
    /// AWS Signature Version 2.
    AwsV2,
    /// Google's V4.
    GoogleV4,
    /// Google's V2.
    GoogleV2,
    /// A SAS that is signed with a user delegation key, as Segments.ai's are.
    UserDelegationSas,
    /// A SAS for one service, signed with the account's key.
    ServiceSas,
    /// A SAS for the account, signed with its key.
    AccountSas,
}

impl SignatureKind {
    /// The word in the JSON document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwsV4 => "aws-v4",
            Self::AwsV4a => "aws-v4a",
            Self::AwsV2 => "aws-v2",
            Self::GoogleV4 => "google-v4",
            Self::GoogleV2 => "google-v2",
            Self::UserDelegationSas => "user-delegation-sas",
            Self::ServiceSas => "service-sas",
            Self::AccountSas => "account-sas",
        }
    }
}

/// The credential scope of a V4 signature: for which day, Region and service it was signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The day, as `20260131`.
    pub date: String,
    /// The Region; `auto` on Google. Empty in V4A.
    pub region: String,
    /// The service.
    pub service: String,
}

/// What a signature promises. The signature itself is not in it, nor a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// By which scheme.
    pub kind: SignatureKind,
    /// Whose: an access key ID, a service account, the object ID of who asked for the key.
    pub signer: Option<String>,
    /// When it was signed.
    pub signed_at: Option<OffsetDateTime>,
    /// From when on it holds, where that is another time.
    pub starts_at: Option<OffsetDateTime>,
    /// Until when.
    pub expires_at: Option<OffsetDateTime>,
    /// The credential scope.
    pub scope: Option<Scope>,
    /// The headers that a request must send as they were signed, in lower case.
    pub signed_headers: Vec<String>,
    /// Whether the credentials behind it are temporary, so that it ends with them.
    pub temporary: bool,
    /// What a SAS says besides.
    pub shared_access: Option<SharedAccess>,
    /// Parameters that the scheme demands and that are missing or cannot be read.
    pub missing: Vec<&'static str>,
    /// Whether the signature was replaced by a mark, as where a link is shown.
    pub hidden: bool,
}

impl Signature {
    /// The signature among the parameters of a query, if there is one.
    #[must_use]
    pub fn find(cloud: Cloud, query: &[(String, String)]) -> Option<Self> {
        let query = Query(query);
        if cloud == Cloud::Azure {
            return shared_access::find(&query);
        }
        if let Some(found) = v4(&query, "X-Amz-").or_else(|| v4(&query, "X-Goog-")) {
            return Some(found);
        }
        v2(&query)
    }

    /// Whether nothing that its scheme demands is missing, so that it can be tried.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && !self.hidden
    }

    /// How long it was made to hold.
    #[must_use]
    pub fn lifetime(&self) -> Option<Duration> {
        Some(self.expires_at? - self.starts_at.or(self.signed_at)?)
    }

    /// What it promises, for scripts.
    #[must_use]
    pub fn evidence(&self) -> Value {
        let moment = |moment: Option<OffsetDateTime>| moment.map(moment::in_words);
        json!({
            "kind": self.kind.as_str(),
            "signer": self.signer,
            "signed_at": moment(self.signed_at),
            "starts_at": moment(self.starts_at),
            "expires_at": moment(self.expires_at),
            "region": self.scope.as_ref().map(|scope| &scope.region),
            "service": self.scope.as_ref().map(|scope| &scope.service),
            "signed_headers": self.signed_headers,
            "temporary_credentials": self.temporary,
            "shared_access": self.shared_access.as_ref().map(SharedAccess::evidence),
            "missing": self.missing,
        })
    }
}

/// The parameters of a query, whose names have no case where a signature is concerned.
struct Query<'a>(&'a [(String, String)]);

impl Query<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

fn is_hidden(signature: Option<&str>) -> bool {
    signature.is_some_and(|text| text.contains(crate::redact::MARK))
}

/// AWS Signature Version 4 and Google's V4, which differ in the names of their parameters.
fn v4(query: &Query<'_>, prefix: &str) -> Option<Signature> {
    let get = |name: &str| {
        query
            .get(&format!("{prefix}{name}"))
            .filter(|value| !value.is_empty())
    };
    let any = ["Signature", "Credential", "Algorithm"];
    if !any.iter().any(|name| query.has(&format!("{prefix}{name}"))) {
        return None;
    }
    let amazon = prefix == "X-Amz-";
    let several = get("Algorithm").is_some_and(|text| text.starts_with("AWS4-ECDSA"));
    let kind = match (amazon, several) {
        (true, true) => SignatureKind::AwsV4a,
        (true, false) => SignatureKind::AwsV4,
        (false, _) => SignatureKind::GoogleV4,
    };
    let signed_at = get("Date").and_then(moment::parse);
    let seconds = get("Expires").and_then(|text| text.parse::<u32>().ok());
    let expires_at = signed_at
        .zip(seconds)
        .and_then(|(at, seconds)| at.checked_add(Duration::seconds(i64::from(seconds))));
    let (signer, scope) = get("Credential").map_or((None, None), credential);
    let mut missing: Vec<&'static str> = Vec::new();
    let mut demand = |there: bool, aws: &'static str, google: &'static str| {
        if !there {
            missing.push(if amazon { aws } else { google });
        }
    };
    demand(
        get("Signature").is_some(),
        "X-Amz-Signature",
        "X-Goog-Signature",
    );
    demand(
        get("Algorithm").is_some(),
        "X-Amz-Algorithm",
        "X-Goog-Algorithm",
    );
    demand(scope.is_some(), "X-Amz-Credential", "X-Goog-Credential");
    demand(signed_at.is_some(), "X-Amz-Date", "X-Goog-Date");
    demand(expires_at.is_some(), "X-Amz-Expires", "X-Goog-Expires");
    demand(
        get("SignedHeaders").is_some(),
        "X-Amz-SignedHeaders",
        "X-Goog-SignedHeaders",
    );
    Some(Signature {
        kind,
        temporary: amazon
            && (get("Security-Token").is_some()
                || signer.as_deref().is_some_and(|id| id.starts_with("ASIA"))),
        signer,
        signed_at,
        starts_at: None,
        expires_at,
        scope,
        signed_headers: get("SignedHeaders")
            .unwrap_or_default()
            .split(';')
            .filter(|name| !name.is_empty())
            .map(str::to_ascii_lowercase)
            .collect(),
        shared_access: None,
        missing,
        hidden: is_hidden(get("Signature")),
    })
}

/// `AKIA…/20260131/eu-west-1/s3/aws4_request`; V4A leaves the Region out.
fn credential(text: &str) -> (Option<String>, Option<Scope>) {
    let mut parts = text.rsplitn(5, '/').collect::<Vec<_>>();
    parts.reverse();
    match parts.as_slice() {
        [signer, date, region, service, _] => (
            Some((*signer).to_owned()),
            Some(Scope {
                date: (*date).to_owned(),
                region: (*region).to_owned(),
                service: (*service).to_owned(),
            }),
        ),
        [signer, date, service, _] => (
            Some((*signer).to_owned()),
            Some(Scope {
                date: (*date).to_owned(),
                region: String::new(),
                service: (*service).to_owned(),
            }),
        ),
        _ => (None, None),
    }
}

/// AWS Signature Version 2 and Google's V2: a key, a time in seconds, a signature.
fn v2(query: &Query<'_>) -> Option<Signature> {
    let (kind, id) = if query.has("AWSAccessKeyId") {
        (SignatureKind::AwsV2, "AWSAccessKeyId")
    } else if query.has("GoogleAccessId") {
        (SignatureKind::GoogleV2, "GoogleAccessId")
    } else {
        return None;
    };
    let signer = query.get(id).filter(|id| !id.is_empty()).map(str::to_owned);
    let expires_at = query
        .get("Expires")
        .and_then(|text| text.parse::<i64>().ok())
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    let mut missing = Vec::new();
    if query.get("Signature").is_none_or(str::is_empty) {
        missing.push("Signature");
    }
    if expires_at.is_none() {
        missing.push("Expires");
    }
    if signer.is_none() {
        missing.push(id);
    }
    Some(Signature {
        kind,
        temporary: kind == SignatureKind::AwsV2
            && (query.has("x-amz-security-token")
                || signer.as_deref().is_some_and(|id| id.starts_with("ASIA"))),
        signer,
        signed_at: None,
        starts_at: None,
        expires_at,
        scope: None,
        signed_headers: Vec::new(),
        shared_access: None,
        missing,
        hidden: is_hidden(query.get("Signature")),
    })
}
