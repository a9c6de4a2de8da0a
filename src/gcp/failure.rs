//! What Google's errors mean: which code they get, and whether a write may have been done.
//!
//! This module reads errors; it sends nothing. Statuses: <https://cloud.google.com/apis/design/errors>.

use std::error::Error as StdError;

use google_cloud_gax::error::rpc::{Code, StatusDetails};
use google_cloud_gax::error::{CredentialsError, Error};
use serde_json::Value;

use super::identity::SIGN_IN;
use crate::error::{ErrorCode, Failure};
use crate::probe::{links, tls_words};
use crate::resource::WriteFailure;

/// What a request was for: whatever a failure of it is told with.
#[derive(Debug, Clone, Copy)]
pub struct Doing<'a> {
    /// A lowercase fragment: "could not read the IAM policy of `acme-images`".
    pub what: &'a str,
    /// The permission that it needs.
    pub permission: &'a str,
    /// Who is asking.
    pub caller: &'a str,
    /// The project to enable an interface in.
    pub project: Option<&'a str>,
}

/// What Google answered, whichever way it came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The status by its name: `PERMISSION_DENIED`.
    pub status: String,
    /// The words for people.
    pub message: String,
    /// The reason for programs, where one is given: `SERVICE_DISABLED`.
    pub reason: Option<String>,
    /// The interface that is meant: `iam.googleapis.com`.
    pub service: Option<String>,
    /// The preconditions that do not hold, each with its type.
    pub violations: Vec<(String, String)>,
}

/// The constraints that let only some principals be named in a policy, the older one and the one that replaces it:
/// <https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains>.
pub const DOMAIN_CONSTRAINTS: [&str; 2] = [
    "constraints/iam.allowedPolicyMemberDomains",
    "constraints/iam.managed.allowedPolicyMembers",
];

/// What to ask the organisation's administrator for, where a constraint on members stands in the way.
pub const DOMAIN_REQUEST: &str = "send this to the organisation's administrator:\n\
     \"Please let the service account of Segments.ai be named in the IAM policy of our bucket. Either add Segments.ai to the \
     values that `iam.allowedPolicyMemberDomains` allows (its customer ID, `is:C…`) and `iam.managed.allowedPolicyMembers` allows (its \
     principal set), or except the bucket's project. Segments.ai's support gives both values.\"\n\
     then run the same command again";

/// What happened, whether or not it was asked to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Not sent: no credentials, no connection.
    NotSent(ErrorCode),
    /// Sent, and no usable answer came.
    NoAnswer(ErrorCode),
    /// The service answered with an error.
    Answered(ErrorCode),
    /// The service answered that it could not just now.
    Busy,
    /// The revision that the write was tied to no longer holds.
    Moved,
}

/// Makes a failure of an error of Google's libraries.
#[must_use]
pub fn failure(doing: Doing<'_>, error: &Error) -> Failure {
    describe(kind(error), doing, error)
}

/// Makes a write failure of it: it also says whether the write may have been done.
#[must_use]
pub fn write_failure(doing: Doing<'_>, error: &Error) -> WriteFailure {
    let kind = kind(error);
    let failure = describe(kind, doing, error);
    match kind {
        Kind::Moved => WriteFailure::Moved,
        // What never left this machine can be tried again, as what Google had no time for.
        Kind::Busy | Kind::NotSent(ErrorCode::NoNetwork | ErrorCode::Proxy) => {
            WriteFailure::Busy(failure)
        }
        Kind::NoAnswer(_) => WriteFailure::Unanswered(failure),
        // UNAVAILABLE, INTERNAL and the like do not say whether the change was made.
        Kind::Answered(ErrorCode::Unavailable) => WriteFailure::Unclear(failure),
        Kind::NotSent(_) | Kind::Answered(_) => WriteFailure::Rejected(failure),
    }
}

/// Google's own words, where it answered.
#[must_use]
pub fn said(error: &Error) -> Option<Said> {
    let Some(status) = error.status() else {
        // An HTTP answer whose body the library did not take for a status.
        let body = error.http_payload()?;
        let http = error.http_status_code()?;
        return Some(said_in_body(http, body));
    };
    let mut said = Said {
        status: status.code.name().to_owned(),
        message: status.message.clone(),
        ..Said::default()
    };
    for detail in &status.details {
        match detail {
            StatusDetails::ErrorInfo(info) => {
                said.reason = Some(info.reason.clone());
                said.service = info.metadata.get("service").cloned();
            }
            StatusDetails::PreconditionFailure(failure) => {
                for violation in &failure.violations {
                    said.violations
                        .push((violation.r#type.clone(), violation.description.clone()));
                }
            }
            _ => {}
        }
    }
    Some(said)
}

/// The same of an answer in JSON, as every one of Google's HTTP interfaces gives it; the XML ones give another.
#[must_use]
pub fn said_in_body(http: u16, body: &[u8]) -> Said {
    let parsed: Value = serde_json::from_slice(body).unwrap_or_default();
    let error = parsed.get("error").unwrap_or(&Value::Null);
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut said = Said {
        status: text(error, "status").unwrap_or_else(|| by_http_status(http).to_owned()),
        // Reads of objects are refused in plain text. A page of something in between is nobody's words.
        message: text(error, "message").unwrap_or_else(|| plain(body)),
        ..Said::default()
    };
    for detail in error
        .get("details")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Some(reason) = text(detail, "reason") {
            said.reason = Some(reason);
            said.service = detail
                .get("metadata")
                .and_then(|metadata| text(metadata, "service"));
        }
        for violation in detail
            .get("violations")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            said.violations.push((
                text(violation, "type").unwrap_or_default(),
                text(violation, "description").unwrap_or_default(),
            ));
        }
    }
    said
}

fn plain(body: &[u8]) -> String {
    let line = std::str::from_utf8(body)
        .ok()
        .and_then(|text| text.lines().next())
        .unwrap_or_default()
        .trim();
    if line.starts_with(['<', '{']) || line.len() > 500 {
        return String::new();
    }
    line.to_owned()
}

/// Makes a failure of an HTTP answer that says no.
#[must_use]
pub fn answered(doing: Doing<'_>, http: u16, body: &[u8]) -> Failure {
    let said = said_in_body(http, body);
    told(kind_of(&said), doing, &said)
}

/// Makes a failure of a request that got no answer.
#[must_use]
pub fn unanswered(doing: Doing<'_>, error: &(dyn StdError + 'static)) -> Failure {
    unsaid(transport(error), doing, error)
}

/// Makes a failure of one that took too long.
#[must_use]
pub fn timed_out(doing: Doing<'_>) -> Failure {
    hinted(
        Failure::new(ErrorCode::Timeout, doing.what).cause("no answer came in time"),
        ErrorCode::Timeout,
        doing,
    )
}

/// Whether an interface is not enabled in the project.
#[must_use]
pub fn is_disabled(said: &Said) -> bool {
    said.reason.as_deref() == Some("SERVICE_DISABLED")
        || said.message.contains("has not been used in project")
}

/// Whether a perimeter stands in the way: <https://cloud.google.com/vpc-service-controls/docs/troubleshooting>.
#[must_use]
pub fn is_perimeter(words: &str) -> bool {
    words.contains("vpcServiceControlsUniqueIdentifier")
        || words.contains("prohibited by organization's policy")
}

/// The constraint on members that refused a change, where one did.
#[must_use]
pub fn domain_constraint(said: &Said) -> Option<&'static str> {
    DOMAIN_CONSTRAINTS
        .into_iter()
        .find(|constraint| {
            said.violations.iter().any(|(kind, _)| kind == constraint)
                || said.message.contains(constraint)
                || said
                    .message
                    .contains(constraint.trim_start_matches("constraints/"))
        })
        .or_else(|| {
            said.message
                .contains("do not belong to a permitted customer")
                .then_some(DOMAIN_CONSTRAINTS[0])
        })
}

fn kind(error: &Error) -> Kind {
    if let Some(said) = said(error) {
        return kind_of(&said);
    }
    if error.is_timeout() {
        return Kind::NoAnswer(ErrorCode::Timeout);
    }
    transport(error)
}

fn kind_of(said: &Said) -> Kind {
    if let Some(why) = said.message.strip_prefix(super::relay::MARK) {
        return Kind::NotSent(if why.starts_with("tls: ") {
            ErrorCode::Tls
        } else {
            ErrorCode::Proxy
        });
    }
    if is_disabled(said) {
        return Kind::Answered(ErrorCode::ApiDisabled);
    }
    match said.status.as_str() {
        "PERMISSION_DENIED" => Kind::Answered(ErrorCode::NotPermitted),
        "UNAUTHENTICATED" => Kind::Answered(ErrorCode::CredentialsExpired),
        "NOT_FOUND" => Kind::Answered(ErrorCode::TargetNotFound),
        // Somebody made it meanwhile, where it was to be made.
        "ABORTED" | "ALREADY_EXISTS" => Kind::Moved,
        // A constraint of the organisation is told in the same way as a metageneration that does not hold.
        "FAILED_PRECONDITION" if domain_constraint(said).is_some() => {
            Kind::Answered(ErrorCode::NotPermitted)
        }
        "FAILED_PRECONDITION" if said.violations.is_empty() => Kind::Moved,
        "RESOURCE_EXHAUSTED" => Kind::Busy,
        "DEADLINE_EXCEEDED" | "CANCELLED" => Kind::NoAnswer(ErrorCode::Timeout),
        "UNAVAILABLE" | "INTERNAL" | "UNKNOWN" | "DATA_LOSS" => {
            Kind::Answered(ErrorCode::Unavailable)
        }
        _ => Kind::Answered(ErrorCode::UnexpectedAnswer),
    }
}

fn by_http_status(http: u16) -> &'static str {
    match http {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        412 => "FAILED_PRECONDITION",
        429 => "RESOURCE_EXHAUSTED",
        500..=599 => "UNAVAILABLE",
        400..=499 => "INVALID_ARGUMENT",
        _ => "an answer that Google does not document",
    }
}

fn transport(error: &(dyn StdError + 'static)) -> Kind {
    let (mut tls, mut connecting, mut late, mut credentials) = (false, false, false, None);
    let own = error.downcast_ref::<Error>();
    connecting |= own.is_some_and(Error::is_connect);
    late |= own.is_some_and(Error::is_timeout);
    for link in links(error) {
        if let Some(failed) = link.downcast_ref::<CredentialsError>() {
            credentials = Some(failed);
        }
        tls |= link.is::<rustls::Error>();
        if let Some(failed) = link.downcast_ref::<reqwest::Error>() {
            connecting |= failed.is_connect();
            late |= failed.is_timeout();
        }
        connecting |= link
            .downcast_ref::<hyper_util::client::legacy::Error>()
            .is_some_and(hyper_util::client::legacy::Error::is_connect);
    }
    if tls {
        Kind::NotSent(ErrorCode::Tls)
    } else if connecting && through_proxy() {
        Kind::NotSent(ErrorCode::Proxy)
    } else if let Some(failed) = credentials
        && !(connecting && failed.is_transient())
    {
        Kind::NotSent(credentials_code(failed))
    } else if connecting {
        Kind::NotSent(ErrorCode::NoNetwork)
    } else if late {
        Kind::NoAnswer(ErrorCode::Timeout)
    } else {
        Kind::NoAnswer(ErrorCode::UnexpectedAnswer)
    }
}

/// Whether requests to Google go through a proxy.
fn through_proxy() -> bool {
    "https://storage.googleapis.com"
        .parse()
        .is_ok_and(|url| crate::probe::goes_through_proxy(&url))
}

/// `invalid_grant` is a sign-in that has ended or was taken back: <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>.
fn credentials_code(error: &CredentialsError) -> ErrorCode {
    let words: String = links(error).iter().map(ToString::to_string).collect();
    if ["invalid_grant", "invalid_rapt", "expired"]
        .iter()
        .any(|sign| words.contains(sign))
    {
        ErrorCode::CredentialsExpired
    } else {
        ErrorCode::NotSignedIn
    }
}

fn describe(kind: Kind, doing: Doing<'_>, error: &Error) -> Failure {
    match said(error) {
        Some(said) => told(kind, doing, &said),
        None => unsaid(kind, doing, error),
    }
}

fn code_of(kind: Kind) -> ErrorCode {
    match kind {
        Kind::NotSent(code) | Kind::NoAnswer(code) | Kind::Answered(code) => code,
        Kind::Busy => ErrorCode::Unavailable,
        Kind::Moved => ErrorCode::Stale,
    }
}

/// With what Google said.
fn told(kind: Kind, doing: Doing<'_>, said: &Said) -> Failure {
    let code = code_of(kind);
    let words = crate::redact::text(&said.message);
    if let Some(why) = words.strip_prefix(super::relay::MARK) {
        let why = why.trim_start_matches("tls: ");
        return hinted(Failure::new(code, doing.what).cause(why), code, doing);
    }
    let cause = if words.is_empty() {
        said.status.clone()
    } else {
        format!("{}: {words}", said.status)
    };
    let mut failure = Failure::new(code, doing.what).cause(cause);
    if let Some(constraint) = domain_constraint(said) {
        return failure.cause(format!(
            "the organisation's policy `{constraint}` admits only members of certain domains (G08)"
        ))
        .hint(DOMAIN_REQUEST);
    }
    if is_perimeter(&words) {
        return failure.hint("a VPC Service Controls perimeter stands around the project: ask its administrator for an ingress rule, for yourself and for Segments.ai's service account");
    }
    if code == ErrorCode::ApiDisabled {
        let service = said.service.as_deref().unwrap_or("iam.googleapis.com");
        let project = doing.project.unwrap_or("PROJECT");
        return failure.hint(format!(
            "enable it once, and run the same command again in a minute:\ngcloud services enable {service} --project={project}"
        ));
    }
    if let Some(reason) = said.reason.as_deref() {
        if reason == "USER_PROJECT_DENIED" {
            return failure.hint("your credentials name a project to count requests for (`quota_project_id`, or `GOOGLE_CLOUD_QUOTA_PROJECT`), and you may not use it: choose another with `gcloud auth application-default set-quota-project PROJECT`");
        }
        if reason == "ACCESS_TOKEN_SCOPE_INSUFFICIENT" {
            return failure.hint("your credentials are limited to some scopes: sign in with the scope `https://www.googleapis.com/auth/cloud-platform`");
        }
    }
    if code == ErrorCode::NotPermitted && !doing.permission.is_empty() {
        failure = failure.missing(doing.permission);
    }
    hinted(failure, code, doing)
}

/// Without an answer: the innermost thing that can be said about it.
fn unsaid(kind: Kind, doing: Doing<'_>, error: &(dyn StdError + 'static)) -> Failure {
    let code = code_of(kind);
    let links = links(error);
    let tls = links
        .iter()
        .find_map(|link| link.downcast_ref::<rustls::Error>());
    let (cause, tls_hint) = match (tls, code) {
        (Some(tls), _) => tls_words(tls, "Google"),
        (None, ErrorCode::Timeout) => ("no answer came in time".to_owned(), None),
        (None, ErrorCode::NotSignedIn | ErrorCode::CredentialsExpired) => {
            (credentials_words(error), None)
        }
        (None, _) => (
            crate::redact::text(
                &links
                    .last()
                    .map_or_else(|| error.to_string(), ToString::to_string),
            ),
            None,
        ),
    };
    let failure = Failure::new(code, doing.what).cause(cause);
    match tls_hint {
        Some(hint) => failure.hint(hint),
        None => hinted(failure, code, doing),
    }
}

/// What the token endpoint answered may hold what was sent to it, so only its error's own name is shown.
fn credentials_words(error: &(dyn StdError + 'static)) -> String {
    let words: String = links(error)
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(" ");
    if words.contains("metadata.google.internal") || words.contains("could not find") {
        return "no credentials were found: no application-default credentials, and this machine has no service account of its own".to_owned();
    }
    let name = words
        .split_once("\"error\"")
        .and_then(|(_, rest)| rest.split('"').nth(1));
    let description = words
        .split_once("\"error_description\"")
        .and_then(|(_, rest)| rest.split('"').nth(1));
    match (name, description) {
        (Some(name), Some(description)) => crate::redact::text(&format!("{name}: {description}")),
        (Some(name), None) => crate::redact::text(name),
        (None, _) => "the credentials were not accepted".to_owned(),
    }
}

fn hinted(failure: Failure, code: ErrorCode, doing: Doing<'_>) -> Failure {
    match hint(code, doing) {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn hint(code: ErrorCode, doing: Doing<'_>) -> Option<String> {
    match code {
        ErrorCode::NotPermitted if doing.permission.is_empty() => {
            Some(format!("you are `{}`", doing.caller))
        }
        ErrorCode::NotPermitted => Some(format!(
            "you are `{}`; sign in with somebody who has `{}`",
            doing.caller, doing.permission
        )),
        ErrorCode::NotSignedIn => Some(SIGN_IN.to_owned()),
        ErrorCode::CredentialsExpired => Some(
            "sign in again with `gcloud auth application-default login`, and run the same command again".to_owned(),
        ),
        ErrorCode::NoNetwork => Some(
            "check this machine's network; behind a proxy, set `HTTPS_PROXY`".to_owned(),
        ),
        ErrorCode::Proxy => Some(
            "the environment names a proxy (`HTTPS_PROXY`): check that it is right and that it answers".to_owned(),
        ),
        ErrorCode::Tls => Some(
            "something between this machine and Google breaks the connection's security: if your network has its own certificate authority, name its file in `SSL_CERT_FILE`".to_owned(),
        ),
        ErrorCode::Timeout => {
            Some("run it again, or give one request more time with `--timeout 2m`".to_owned())
        }
        ErrorCode::Unavailable => Some("run the same command again in a minute".to_owned()),
        ErrorCode::UnexpectedAnswer => Some(
            "run it again; if it stays so, `-v` shows what is sent where".to_owned(),
        ),
        ErrorCode::Usage
        | ErrorCode::ConfirmationRequired
        | ErrorCode::Unsupported
        | ErrorCode::WrongAccount
        | ErrorCode::TargetNotFound
        | ErrorCode::ApiDisabled
        | ErrorCode::ClockSkew
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

/// The status of an answer that says that there is no such thing.
#[must_use]
pub fn is_not_found(error: &Error) -> bool {
    error
        .status()
        .is_some_and(|status| status.code == Code::NotFound)
        || error.http_status_code() == Some(404)
}

#[cfg(test)]
mod tests;
