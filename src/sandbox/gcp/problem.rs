//! An error as Google gives it, before it takes the form of one of its services.
//!
//! See <https://google.aip.dev/193> for the codes and the details that go with them.

use std::collections::BTreeMap;

use prost::Message as _;
use serde_json::{Map, Value, json};

use super::call::Form;
use super::message::Any;
use super::message::status;

/// The canonical codes, as far as they are given here.
/// See <https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto>.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    Cancelled,
    Unknown,
    InvalidArgument,
    DeadlineExceeded,
    NotFound,
    AlreadyExists,
    PermissionDenied,
    ResourceExhausted,
    FailedPrecondition,
    Aborted,
    OutOfRange,
    Unimplemented,
    Internal,
    Unavailable,
    DataLoss,
    Unauthenticated,
}

/// Code, number, name and HTTP status.
const CODES: [(Code, i32, &str, u16); 16] = [
    (Code::Cancelled, 1, "CANCELLED", 499),
    (Code::Unknown, 2, "UNKNOWN", 500),
    (Code::InvalidArgument, 3, "INVALID_ARGUMENT", 400),
    (Code::DeadlineExceeded, 4, "DEADLINE_EXCEEDED", 504),
    (Code::NotFound, 5, "NOT_FOUND", 404),
    (Code::AlreadyExists, 6, "ALREADY_EXISTS", 409),
    (Code::PermissionDenied, 7, "PERMISSION_DENIED", 403),
    (Code::ResourceExhausted, 8, "RESOURCE_EXHAUSTED", 429),
    (Code::FailedPrecondition, 9, "FAILED_PRECONDITION", 400),
    (Code::Aborted, 10, "ABORTED", 409),
    (Code::OutOfRange, 11, "OUT_OF_RANGE", 400),
    (Code::Unimplemented, 12, "UNIMPLEMENTED", 501),
    (Code::Internal, 13, "INTERNAL", 500),
    (Code::Unavailable, 14, "UNAVAILABLE", 503),
    (Code::DataLoss, 15, "DATA_LOSS", 500),
    (Code::Unauthenticated, 16, "UNAUTHENTICATED", 401),
];

impl Code {
    fn row(self) -> (i32, &'static str, u16) {
        CODES
            .iter()
            .find(|(code, ..)| *code == self)
            .map_or((2, "UNKNOWN", 500), |(_, number, name, status)| {
                (*number, *name, *status)
            })
    }

    /// The number on the wire.
    pub fn number(self) -> i32 {
        self.row().0
    }

    /// The name, such as `NOT_FOUND`.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The HTTP status that goes with it.
    pub fn http_status(self) -> u16 {
        self.row().2
    }

    /// The code of that name.
    pub fn named(name: &str) -> Option<Self> {
        CODES
            .iter()
            .find(|(_, _, found, _)| *found == name)
            .map(|(code, ..)| *code)
    }

    /// The code that an HTTP status stands for.
    pub fn of_status(status: u16) -> Self {
        match status {
            412 => Self::FailedPrecondition,
            502 => Self::Unavailable,
            _ => CODES
                .iter()
                .find(|(.., found)| *found == status)
                .map_or(Self::Unknown, |(code, ..)| *code),
        }
    }
}

/// What explains an error further, for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Detail {
    ErrorInfo(status::ErrorInfo),
    PreconditionFailure(status::PreconditionFailure),
    BadRequest(status::BadRequest),
    Help(status::Help),
}

impl Detail {
    fn type_url(&self) -> &'static str {
        match self {
            Self::ErrorInfo(_) => "type.googleapis.com/google.rpc.ErrorInfo",
            Self::PreconditionFailure(_) => "type.googleapis.com/google.rpc.PreconditionFailure",
            Self::BadRequest(_) => "type.googleapis.com/google.rpc.BadRequest",
            Self::Help(_) => "type.googleapis.com/google.rpc.Help",
        }
    }

    fn any(&self) -> Any {
        Any {
            type_url: self.type_url().to_owned(),
            value: match self {
                Self::ErrorInfo(detail) => detail.encode_to_vec(),
                Self::PreconditionFailure(detail) => detail.encode_to_vec(),
                Self::BadRequest(detail) => detail.encode_to_vec(),
                Self::Help(detail) => detail.encode_to_vec(),
            },
        }
    }

    fn json(&self) -> Value {
        let mut members = Map::new();
        members.insert("@type".to_owned(), self.type_url().into());
        let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
        match self {
            Self::ErrorInfo(detail) => {
                add("reason", json!(detail.reason));
                add("domain", json!(detail.domain));
                add("metadata", json!(detail.metadata));
            }
            Self::PreconditionFailure(detail) => {
                let violations = detail.violations.iter().map(|one| {
                    json!({ "type": one.r#type, "subject": one.subject, "description": one.description })
                });
                add("violations", violations.collect());
            }
            Self::BadRequest(detail) => {
                let violations = detail
                    .field_violations
                    .iter()
                    .map(|one| json!({ "field": one.field, "description": one.description }));
                add("fieldViolations", violations.collect());
            }
            Self::Help(detail) => {
                let links = detail
                    .links
                    .iter()
                    .map(|link| json!({ "description": link.description, "url": link.url }));
                add("links", links.collect());
            }
        }
        Value::Object(members)
    }
}

/// An error on its way to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub code: Code,
    pub message: String,
    pub details: Vec<Detail>,
    /// The HTTP status, where it is not the one that goes with the code.
    pub status: Option<u16>,
    /// The word that the older JSON form of Cloud Storage has for it.
    pub reason: Option<&'static str>,
    /// The code and the `Details` of the XML form.
    pub xml: Option<(String, Option<String>)>,
}

impl Problem {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: Vec::new(),
            status: None,
            reason: None,
            xml: None,
        }
    }

    /// Something that Google can do and this place cannot: said loudly, so that nothing is concluded from it.
    pub fn not_implemented(what: impl std::fmt::Display) -> Self {
        Self::new(
            Code::Unimplemented,
            format!("The sandbox does not implement this: {what}"),
        )
    }

    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    #[must_use]
    pub fn reason(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    #[must_use]
    pub fn xml(mut self, code: &str, details: impl Into<Option<String>>) -> Self {
        self.xml = Some((code.to_owned(), details.into()));
        self
    }

    #[must_use]
    pub fn detail(mut self, detail: Detail) -> Self {
        self.details.push(detail);
        self
    }

    #[must_use]
    pub fn info(self, domain: &str, reason: &str, metadata: &[(&str, &str)]) -> Self {
        let metadata: BTreeMap<String, String> = metadata
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        self.detail(Detail::ErrorInfo(status::ErrorInfo {
            reason: reason.to_owned(),
            domain: domain.to_owned(),
            metadata,
        }))
    }

    /// The word for it in the form of a service, which the log has.
    pub fn word(&self, form: Form) -> String {
        match (&self.xml, form) {
            (Some((code, _)), Form::Xml) => code.clone(),
            (Some(_) | None, _) => self.code.name().to_owned(),
        }
    }

    /// The HTTP status of every form but gRPC.
    pub fn http_status(&self) -> u16 {
        self.status.unwrap_or_else(|| self.code.http_status())
    }

    /// The message that gRPC carries the details in.
    pub fn grpc_status(&self) -> status::Status {
        status::Status {
            code: self.code.number(),
            message: self.message.clone(),
            details: self.details.iter().map(Detail::any).collect(),
        }
    }

    /// The details of the JSON form.
    pub fn json_details(&self) -> Vec<Value> {
        self.details.iter().map(Detail::json).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_found_by_its_name_and_by_its_status() {
        for (code, number, name, status) in CODES {
            assert_eq!(
                (code.number(), code.name(), code.http_status()),
                (number, name, status)
            );
            assert_eq!(Code::named(name), Some(code));
        }
        for (status, code) in [
            (400, Code::InvalidArgument),
            (401, Code::Unauthenticated),
            (403, Code::PermissionDenied),
            (404, Code::NotFound),
            (409, Code::AlreadyExists),
            (412, Code::FailedPrecondition),
            (429, Code::ResourceExhausted),
            (503, Code::Unavailable),
            (418, Code::Unknown),
        ] {
            assert_eq!(Code::of_status(status), code);
        }
        assert_eq!(Code::named("OK"), None);
    }
}
