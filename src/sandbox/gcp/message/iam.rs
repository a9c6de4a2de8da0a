//! Requests about IAM policies, as gRPC carries them.
//!
//! See <https://github.com/googleapis/googleapis/blob/master/google/iam/v1/iam_policy.proto>.

use prost::Message;

use super::FieldMask;

/// `google.iam.v1.Policy`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Policy {
    #[prost(int32, tag = "1")]
    pub version: i32,
    #[prost(bytes = "vec", tag = "3")]
    pub etag: Vec<u8>,
    #[prost(message, repeated, tag = "4")]
    pub bindings: Vec<Binding>,
    #[prost(message, repeated, tag = "6")]
    pub audit_configs: Vec<AuditConfig>,
}

/// `google.iam.v1.Binding`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Binding {
    #[prost(string, tag = "1")]
    pub role: String,
    #[prost(string, repeated, tag = "2")]
    pub members: Vec<String>,
    #[prost(message, optional, tag = "3")]
    pub condition: Option<Expr>,
}

/// `google.type.Expr`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Expr {
    #[prost(string, tag = "1")]
    pub expression: String,
    #[prost(string, tag = "2")]
    pub title: String,
    #[prost(string, tag = "3")]
    pub description: String,
    #[prost(string, tag = "4")]
    pub location: String,
}

/// `google.iam.v1.AuditConfig`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct AuditConfig {
    #[prost(string, tag = "1")]
    pub service: String,
    #[prost(message, repeated, tag = "3")]
    pub audit_log_configs: Vec<AuditLogConfig>,
}

/// `google.iam.v1.AuditLogConfig`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct AuditLogConfig {
    #[prost(int32, tag = "1")]
    pub log_type: i32,
    #[prost(string, repeated, tag = "2")]
    pub exempted_members: Vec<String>,
}

/// `google.iam.v1.GetIamPolicyRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct GetIamPolicyRequest {
    #[prost(string, tag = "1")]
    pub resource: String,
    #[prost(message, optional, tag = "2")]
    pub options: Option<GetPolicyOptions>,
}

/// `google.iam.v1.GetPolicyOptions`.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct GetPolicyOptions {
    #[prost(int32, tag = "1")]
    pub requested_policy_version: i32,
}

/// `google.iam.v1.SetIamPolicyRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct SetIamPolicyRequest {
    #[prost(string, tag = "1")]
    pub resource: String,
    #[prost(message, optional, tag = "2")]
    pub policy: Option<Policy>,
    #[prost(message, optional, tag = "3")]
    pub update_mask: Option<FieldMask>,
}

/// `google.iam.v1.TestIamPermissionsRequest`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct TestIamPermissionsRequest {
    #[prost(string, tag = "1")]
    pub resource: String,
    #[prost(string, repeated, tag = "2")]
    pub permissions: Vec<String>,
}

/// `google.iam.v1.TestIamPermissionsResponse`.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct TestIamPermissionsResponse {
    #[prost(string, repeated, tag = "1")]
    pub permissions: Vec<String>,
}
