//! What the AWS SDK's errors mean: which code they get, and whether a write may have been done.
//!
//! This module reads errors; it sends nothing.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::error::{ErrorCode, Failure};
use crate::probe::{links, tls_words};
use crate::redact::shell_quote;
use crate::resource::WriteFailure;

/// Who is asking: for the hints.
#[derive(Debug, Clone, Default)]
pub struct Caller {
    /// The caller's ARN, once it is known.
    pub arn: Option<String>,
    /// The profile that was asked for.
    pub profile: Option<String>,
}

impl Caller {
    /// The caller before it is known.
    #[must_use]
    pub fn unknown(profile: Option<String>) -> Self {
        Self { arn: None, profile }
    }
}

/// Plain http to a host that is not this machine.
#[derive(Debug)]
pub struct PlainHttp(pub String);

impl std::fmt::Display for PlainHttp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "the endpoint `{}` is plain http, which is accepted for this machine only",
            self.0
        )
    }
}

impl Error for PlainHttp {}

/// A refusal from a service whose clock is minutes away from this machine's.
#[derive(Debug)]
pub struct ClockSkew(pub i64);

impl std::fmt::Display for ClockSkew {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = if self.0 > 0 { "ahead of" } else { "behind" };
        write!(
            formatter,
            "this machine's clock is {} minutes {side} the one of AWS",
            self.0.abs()
        )
    }
}

impl Error for ClockSkew {}

/// What happened, whether or not it was asked to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Not sent: no credentials, no connection, an endpoint that is not allowed.
    NotSent(ErrorCode),
    /// Sent, and no usable answer came.
    NoAnswer(ErrorCode),
    /// The service answered with an error.
    Answered(ErrorCode),
    /// The service answered that it could not just now.
    Busy,
}

/// Makes a failure of an SDK error: what we were doing, and the permission that it needs.
pub fn failure<E>(
    doing: &str,
    permission: &str,
    error: &SdkError<E, HttpResponse>,
    caller: &Caller,
) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    describe(kind(error), doing, permission, error, caller)
}

/// Makes a write failure of an SDK error: it also says whether the write may have been done.
pub fn write_failure<E>(
    doing: &str,
    permission: &str,
    error: &SdkError<E, HttpResponse>,
    caller: &Caller,
) -> WriteFailure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let kind = kind(error);
    let failure = describe(kind, doing, permission, error, caller);
    match kind {
        // What never left this machine can be tried again, as what S3 had no time for.
        Kind::Busy | Kind::NotSent(ErrorCode::NoNetwork | ErrorCode::Proxy) => {
            WriteFailure::Busy(failure)
        }
        Kind::NoAnswer(_) => WriteFailure::Unanswered(failure),
        // A 5xx does not say whether the change was made, unless its code says so.
        Kind::Answered(ErrorCode::Unavailable) => WriteFailure::Unclear(failure),
        Kind::NotSent(_) | Kind::Answered(_) => WriteFailure::Rejected(failure),
    }
}

/// The service's own error code, where it answered with one.
pub fn service_code<E>(error: &SdkError<E, HttpResponse>) -> Option<&str>
where
    E: ProvideErrorMetadata,
{
    error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
}

/// The HTTP status, where there was an answer.
pub fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error
        .raw_response()
        .map(|response| response.status().as_u16())
}

fn kind<E>(error: &SdkError<E, HttpResponse>) -> Kind
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if links(error).iter().any(|link| link.is::<ClockSkew>()) {
        return Kind::Answered(ErrorCode::ClockSkew);
    }
    match error {
        SdkError::ServiceError(context) => answered(
            context.err().code().unwrap_or_default(),
            context.err().message().unwrap_or_default(),
            context.raw().status().as_u16(),
            context.raw().body().bytes().is_none_or(<[u8]>::is_empty),
        ),
        SdkError::TimeoutError(_) => Kind::NoAnswer(ErrorCode::Timeout),
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) => transport(error),
        // `ResponseError`: an answer that could not be read; and whatever the SDK adds.
        _ => Kind::NoAnswer(ErrorCode::UnexpectedAnswer),
    }
}

/// The codes of <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html> and of
/// <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html>.
fn answered(code: &str, message: &str, status: u16, bodyless: bool) -> Kind {
    match code {
        "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => {
            Kind::Answered(ErrorCode::CredentialsExpired)
        }
        "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => {
            Kind::Answered(ErrorCode::ClockSkew)
        }
        "SignatureDoesNotMatch" | "InvalidSignatureException"
            if message.contains("Signature expired") || message.contains("not yet current") =>
        {
            Kind::Answered(ErrorCode::ClockSkew)
        }
        "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "UnrecognizedClientException"
        | "IncompleteSignature"
        | "InvalidToken"
        | "InvalidSecurity"
        | "MissingAuthenticationToken"
        | "AuthFailure" => Kind::Answered(ErrorCode::NotSignedIn),
        "OperationAborted"
        | "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "RequestLimitExceeded"
        | "TooManyRequests"
        | "TooManyRequestsException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "BandwidthLimitExceeded"
        | "PriorRequestNotComplete" => Kind::Busy,
        // KMS answers 400 with this one.
        "AccessDenied" | "AccessDeniedException" => Kind::Answered(ErrorCode::NotPermitted),
        // The account itself, and no permission of the caller.
        "OptInRequired" | "NotSignedUp" | "AccountProblem" | "AllAccessDisabled" => {
            Kind::Answered(ErrorCode::Unsupported)
        }
        // AWS names each refusal, but for answers to HEAD, which have no body. A page without a name comes from
        // something in between.
        "" if status == 403 && !bodyless => Kind::Answered(ErrorCode::UnexpectedAnswer),
        "NoSuchBucket" => Kind::Answered(ErrorCode::TargetNotFound),
        _ => match status {
            409 | 429 => Kind::Busy,
            401 | 403 | 405 => Kind::Answered(ErrorCode::NotPermitted),
            500..=599 => Kind::Answered(ErrorCode::Unavailable),
            _ => Kind::Answered(ErrorCode::UnexpectedAnswer),
        },
    }
}

fn transport<E>(error: &SdkError<E, HttpResponse>) -> Kind
where
    E: Error + 'static,
{
    let mut tls = false;
    let mut connecting = false;
    let mut timed_out = false;
    for cause in links(error) {
        if cause.is::<PlainHttp>() {
            return Kind::NotSent(ErrorCode::Usage);
        }
        if let Some(credentials) = cause.downcast_ref::<CredentialsError>() {
            return Kind::NotSent(credentials_code(credentials));
        }
        tls |= cause.is::<rustls::Error>();
        connecting |= cause
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect);
    }
    if let SdkError::DispatchFailure(failure) = error {
        timed_out = failure.is_timeout();
    }
    if tls {
        Kind::NotSent(ErrorCode::Tls)
    } else if connecting && through_proxy() {
        Kind::NotSent(ErrorCode::Proxy)
    } else if connecting {
        Kind::NotSent(ErrorCode::NoNetwork)
    } else if timed_out {
        Kind::NoAnswer(ErrorCode::Timeout)
    } else if matches!(error, SdkError::ConstructionFailure(_)) {
        Kind::NotSent(ErrorCode::UnexpectedAnswer)
    } else {
        Kind::NoAnswer(ErrorCode::UnexpectedAnswer)
    }
}

/// Whether requests to AWS go through a proxy, by the endpoint that is in force.
fn through_proxy() -> bool {
    [
        "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_S3",
        "AWS_ENDPOINT_URL",
    ]
    .iter()
    .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    .unwrap_or_else(|| "https://s3.amazonaws.com".to_owned())
    .parse()
    .is_ok_and(|url| crate::probe::goes_through_proxy(&url))
}

/// "Expired" is told apart by the provider's own words: the SDK has no type for it.
fn credentials_code(error: &CredentialsError) -> ErrorCode {
    let words: String = links(error)
        .iter()
        .map(|cause| cause.to_string().to_lowercase())
        .collect();
    match error {
        CredentialsError::CredentialsNotLoaded(_) => ErrorCode::NotSignedIn,
        _ if [
            "expired",
            "session has ended",
            "session token not found or invalid",
        ]
        .iter()
        .any(|sign| words.contains(sign)) =>
        {
            ErrorCode::CredentialsExpired
        }
        _ => ErrorCode::NotSignedIn,
    }
}

fn describe<E>(
    kind: Kind,
    doing: &str,
    permission: &str,
    error: &SdkError<E, HttpResponse>,
    caller: &Caller,
) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let code = match kind {
        Kind::NotSent(code) | Kind::NoAnswer(code) | Kind::Answered(code) => code,
        Kind::Busy => ErrorCode::Unavailable,
    };
    let mut failure = Failure::new(code, doing).cause(cause(error, permission, code, caller));
    if code == ErrorCode::NotPermitted {
        failure = failure.missing(permission);
    }
    let tls = links(error)
        .into_iter()
        .find_map(|link| link.downcast_ref::<rustls::Error>());
    match tls
        .and_then(|tls| tls_words(tls, "AWS").1)
        .or_else(|| hint(code, permission, caller))
    {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// The innermost thing that can be said about it, without the SDK's own scaffolding.
fn cause<E>(
    error: &SdkError<E, HttpResponse>,
    permission: &str,
    code: ErrorCode,
    caller: &Caller,
) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
{
    if let SdkError::ServiceError(context) = error {
        let status = context.raw().status();
        if status.is_success() {
            return format!(
                "the answer (HTTP {}) is not what AWS documents",
                status.as_u16()
            );
        }
        let name = context
            .err()
            .code()
            .map_or_else(|| format!("HTTP {}", status.as_u16()), str::to_owned);
        let message = context.err().message().unwrap_or_default();
        return match (code, message) {
            (ErrorCode::NotPermitted, "" | "Access Denied") => format!("{name}: {permission}"),
            (_, "") => name,
            // Some services and proxies send back what they were sent: a link, a header, what was signed.
            (_, message) => crate::redact::text(&format!("{name}: {message}")),
        };
    }
    let links = links(error);
    if let Some(credentials) = links
        .iter()
        .find_map(|link| link.downcast_ref::<CredentialsError>())
    {
        return credentials_words(credentials, caller);
    }
    if let Some(tls) = links
        .iter()
        .find_map(|link| link.downcast_ref::<rustls::Error>())
    {
        return tls_words(tls, "AWS").0;
    }
    match code {
        ErrorCode::Timeout => "no answer came in time".to_owned(),
        _ => crate::redact::text(
            &links
                .last()
                .map_or_else(|| error.to_string(), ToString::to_string),
        ),
    }
}

/// The SDK lists every provider that it has asked, over many lines; that none had credentials is enough. Otherwise the
/// two deepest links say what and why: what alone would be "No such file or directory".
fn credentials_words(error: &CredentialsError, caller: &Caller) -> String {
    match (error, &caller.profile) {
        // Only the profile that was named is asked then.
        (CredentialsError::CredentialsNotLoaded(_), Some(profile)) => {
            format!("the profile `{profile}` holds no credentials")
        }
        (CredentialsError::CredentialsNotLoaded(_), None) => {
            "no credentials were found: not in the environment, the profile, a web identity token, a container or the instance metadata".to_owned()
        }
        (CredentialsError::ProviderTimedOut(_), _) => "loading the credentials took longer than `--timeout`".to_owned(),
        _ => {
            let links = links(error);
            let deepest = links.get(links.len().saturating_sub(2)..).unwrap_or_default();
            let mut words: Vec<String> = deepest.iter().map(|link| one_line(&link.to_string())).collect();
            words.dedup();
            crate::redact::text(&words.join(": "))
        }
    }
}

/// What a `credential_process` wrote to its standard error is nobody's business: it may hold what it was to keep.
fn one_line(words: &str) -> String {
    let first = words.split("\\n").next().unwrap_or_default();
    let first = first.lines().next().unwrap_or_default();
    let end = first.to_lowercase().find("stderr").unwrap_or(first.len());
    first
        .get(..end)
        .unwrap_or(first)
        .trim_end_matches([' ', ',', ':'])
        .to_owned()
}

fn hint(code: ErrorCode, permission: &str, caller: &Caller) -> Option<String> {
    let profile = caller
        .profile
        .clone()
        .or_else(|| std::env::var("AWS_PROFILE").ok())
        .filter(|profile| !profile.is_empty());
    let with_profile = profile.map_or_else(String::new, |profile| {
        format!(" --profile {}", shell_quote(&profile))
    });
    match code {
        ErrorCode::NotPermitted => Some(match &caller.arn {
            Some(arn) => format!("you are `{arn}`; sign in with a principal that may call `{permission}`"),
            None => format!("sign in with a principal that may call `{permission}`"),
        }),
        ErrorCode::NotSignedIn => Some(format!(
            "sign in with `aws sso login{with_profile}` or `aws login{with_profile}`, or name another profile with `--profile`"
        )),
        ErrorCode::CredentialsExpired => Some(format!(
            "sign in again with `aws sso login{with_profile}` or `aws login{with_profile}`, and run the same command again"
        )),
        ErrorCode::ClockSkew => {
            Some("set this machine's clock: AWS refuses requests that are more than 15 minutes off".to_owned())
        }
        ErrorCode::NoNetwork => Some(
            "check this machine's network; behind a proxy, set `HTTPS_PROXY`".to_owned(),
        ),
        ErrorCode::Proxy => Some(
            "the environment names a proxy (`HTTPS_PROXY`): check that it is right and that it answers".to_owned(),
        ),
        ErrorCode::Tls => Some(
            "something between this machine and AWS breaks the connection's security: if your network has its own certificate authority, name its file in `SSL_CERT_FILE`".to_owned(),
        ),
        ErrorCode::Timeout => Some("run it again, or give one request more time with `--timeout 2m`".to_owned()),
        ErrorCode::Unavailable => Some("run the same command again in a minute".to_owned()),
        ErrorCode::Usage => Some("use an https endpoint".to_owned()),
        ErrorCode::UnexpectedAnswer => Some(
            "run it again; if it stays so, something else than AWS may answer at that address (a proxy, a sign-in page, `AWS_ENDPOINT_URL`): `-v` shows what is sent where".to_owned(),
        ),
        ErrorCode::ConfirmationRequired
        | ErrorCode::Unsupported
        | ErrorCode::WrongAccount
        | ErrorCode::TargetNotFound
        | ErrorCode::ApiDisabled
        | ErrorCode::Refused
        | ErrorCode::Stale
        | ErrorCode::Partial
        | ErrorCode::Uncertain
        | ErrorCode::BackupFailed
        | ErrorCode::File
        | ErrorCode::Declined
        | ErrorCode::Interrupted => None,
    }
}
