//! What Google answered, in one form whichever way it came: over gRPC, as JSON, or in plain text.
//!
//! This module reads answers; what they mean for a run is for [`super::failure`] to say.

use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::StatusDetails;
use serde_json::Value;

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
