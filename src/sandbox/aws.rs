//! Amazon Web Services in the local cloud: S3, STS, KMS and S3 Control behind one socket.
//!
//! Which of them is meant is told from the shape of the request. This module hands over and frames the answers.

mod authorize;
mod bucket;
mod call;
mod control;
mod cors;
mod grant;
mod kms;
mod payload;
mod policy;
mod problem;
mod request_keys;
mod s3;
mod signature;
mod sts;
mod world;
mod xml;

pub use bucket::{
    ArchiveStatus, Bucket, CorsRule, DefaultEncryption, Encryption, Object, ObjectOwnership, Payer,
    PublicAccessBlock, Restore, StorageClass,
};
pub use grant::{EncryptionContext, Grant};
pub use world::{
    ANA, ANA_KEY, Account, CUSTOMER_ACCOUNT, KeyManager, KeyState, KmsKey, Organization, PARTNER,
    PARTNER_ACCOUNT, PARTNER_KEY, Principal, SEGMENTS, SEGMENTS_ACCOUNT, SEGMENTS_KEY, World,
    WrongRegion,
};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::State;
use super::answer::Answer;
use super::incoming::{self, Circumstance, Incoming, Label, Outcome};
use call::{Call, Service};
use problem::Problem;

/// AWS behind the socket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cloud;

impl incoming::Cloud for Cloud {
    fn describe(&self, request: &Incoming) -> Label {
        Call::read(request).label(request)
    }

    fn handle(&self, state: &mut State, request: &Incoming, circumstance: Circumstance) -> Outcome {
        let call = Call::read(request);
        let world = &mut state.aws;
        let ids = Ids::of(circumstance.sequence);
        let (caller, result) = match call.service {
            Service::S3 => {
                let handled = s3::handle(world, request, &call, circumstance);
                (handled.caller, handled.result)
            }
            Service::S3Control => control::handle(world, request, &call),
            Service::Sts => sts::handle(world, request, &call, &ids.request),
            Service::Kms => kms::handle(world, request, &call),
        };
        let error_code = result.as_ref().err().map(|problem| problem.code.clone());
        let answer = match result {
            Ok(answer) => answer,
            Err(problem) => problem.answer(call.service, &ids.request, &ids.host, is_head(request)),
        };
        Outcome {
            answer: framed(answer, call.service, &ids, Some(world)),
            caller,
            error_code,
        }
    }

    /// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html> and
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html>.
    fn throttling(&self, request: &Incoming) -> (u16, &'static str, &'static str) {
        match Call::read(request).service {
            Service::S3 | Service::S3Control => {
                (503, "SlowDown", "Please reduce your request rate.")
            }
            Service::Sts => (400, "Throttling", "Rate exceeded"),
            Service::Kms => (400, "ThrottlingException", "Rate exceeded"),
        }
    }

    fn error(&self, request: &Incoming, status: u16, code: &str, message: &str) -> Answer {
        let service = Call::read(request).service;
        let ids = Ids::of(0);
        let problem = Problem::new(status, code, message);
        let answer = problem.answer(service, &ids.request, &ids.host, is_head(request));
        framed(answer, service, &ids, None)
    }
}

/// The variables that point the SDKs and the CLI at `endpoint`.
pub(crate) fn environment(
    world: &World,
    endpoint: &str,
    access_key: &str,
) -> Vec<(String, String)> {
    let principal = world.principal(access_key);
    let secret = principal.map_or("", |principal| principal.secret_access_key.as_str());
    let mut variables = vec![
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", access_key),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_REGION", &world.region),
        ("AWS_DEFAULT_REGION", &world.region),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        // Whatever proxy there is does not lead back here.
        ("NO_PROXY", "127.0.0.1"),
    ];
    if let Some(token) = principal.and_then(|principal| principal.session_token.as_deref()) {
        variables.push(("AWS_SESSION_TOKEN", token));
    }
    variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn is_head(request: &Incoming) -> bool {
    request.method == "HEAD"
}

/// The identifiers that AWS's support asks for.
struct Ids {
    request: String,
    host: String,
}

impl Ids {
    fn of(sequence: u64) -> Self {
        let digest = Sha256::digest(sequence.to_be_bytes());
        let request: String = hex::encode_upper(digest).chars().take(16).collect();
        Self {
            request,
            host: STANDARD.encode([digest.as_slice(), digest.as_slice()].concat()),
        }
    }
}

/// Adds what every answer of a service carries. The body of an answer to HEAD gives its length and stays here.
/// See <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTCommonResponseHeaders.html>.
fn framed(mut answer: Answer, service: Service, ids: &Ids, world: Option<&mut World>) -> Answer {
    answer = match service {
        Service::S3 | Service::S3Control => answer
            .header("x-amz-request-id", ids.request.clone())
            .header("x-amz-id-2", ids.host.clone())
            .header("server", "AmazonS3"),
        Service::Sts | Service::Kms => answer.header("x-amzn-requestid", ids.request.clone()),
    };
    if let Some(date) = world.and_then(|world| http_date(world.now())) {
        answer = answer.header("date", date);
    }
    answer
}

fn http_date(moment: time::OffsetDateTime) -> Option<String> {
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    moment.format(&format).ok()
}

impl policy::World for World {
    fn has_principal(&self, name: &str) -> bool {
        let account = name
            .strip_prefix("arn:aws:iam::")
            .and_then(|rest| rest.strip_suffix(":root"))
            .unwrap_or(name);
        self.accounts.contains_key(account)
            || self.other_principals.contains(name)
            || self
                .principals
                .iter()
                .any(|principal| principal.arn == name)
    }

    fn has_canonical_user(&self, id: &str) -> bool {
        self.accounts
            .values()
            .any(|account| account.canonical_id == id)
    }
}
