//! An error and its details, as gRPC carries them.
//!
//! See <https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto>.

use std::collections::BTreeMap;

use prost::Message;

use super::Any;

/// `google.rpc.Status`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Status {
    #[prost(int32, tag = "1")]
    pub code: i32,
    #[prost(string, tag = "2")]
    pub message: String,
    #[prost(message, repeated, tag = "3")]
    pub details: Vec<Any>,
}

/// `google.rpc.ErrorInfo`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ErrorInfo {
    #[prost(string, tag = "1")]
    pub reason: String,
    #[prost(string, tag = "2")]
    pub domain: String,
    #[prost(btree_map = "string, string", tag = "3")]
    pub metadata: BTreeMap<String, String>,
}

/// `google.rpc.PreconditionFailure`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct PreconditionFailure {
    #[prost(message, repeated, tag = "1")]
    pub violations: Vec<PreconditionViolation>,
}

/// One precondition that did not hold.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct PreconditionViolation {
    #[prost(string, tag = "1")]
    pub r#type: String,
    #[prost(string, tag = "2")]
    pub subject: String,
    #[prost(string, tag = "3")]
    pub description: String,
}

/// `google.rpc.BadRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    pub field_violations: Vec<FieldViolation>,
}

/// One field that is wrong.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct FieldViolation {
    #[prost(string, tag = "1")]
    pub field: String,
    #[prost(string, tag = "2")]
    pub description: String,
}

/// `google.rpc.Help`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Help {
    #[prost(message, repeated, tag = "1")]
    pub links: Vec<HelpLink>,
}

/// One page that helps.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct HelpLink {
    #[prost(string, tag = "1")]
    pub description: String,
    #[prost(string, tag = "2")]
    pub url: String,
}
