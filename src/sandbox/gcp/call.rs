//! Which service and operation a request is for, told from its shape alone.
//!
//! This module names; it looks nothing up and decides nothing. All services share one socket here, so that the paths of
//! the APIs (`/token`, `/v1/…`, `/storage/…`) win over a bucket of such a name; `BUCKET.storage.googleapis.com` as the
//! host always means a bucket.

use percent_encoding::percent_decode_str;

use super::operation::{Levels, OAuth, Operation, Projects, Roles, ServiceAccounts, Storage};
use crate::sandbox::incoming::{Incoming, Label};

/// How requests are written and answers read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// gRPC, for buckets and their policies.
    Grpc,
    /// JSON as most of Google's APIs have it.
    Json,
    /// JSON as Cloud Storage has it.
    StorageJson,
    /// The content of an object, by way of the JSON API; errors are plain text.
    Media,
    /// Cloud Storage's XML API: what links and browsers use.
    Xml,
    /// OAuth 2.0.
    OAuth,
    /// The metadata server of a virtual machine.
    Metadata,
}

/// A request, named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub form: Form,
    pub operation: Operation,
    /// The host of the API: `storage.googleapis.com`.
    pub service: &'static str,
    pub bucket: Option<String>,
    pub object: Option<String>,
    /// The project that the path names, by ID or number.
    pub project: Option<String>,
    /// The role, constraint, deny policy or account that the path names.
    pub id: Option<String>,
    /// The parameters, decoded.
    pub query: Vec<(String, String)>,
}

pub(crate) const STORAGE: &str = "storage.googleapis.com";
pub(crate) const IAM: &str = "iam.googleapis.com";
pub(crate) const CREDENTIALS: &str = "iamcredentials.googleapis.com";
pub(crate) const RESOURCE_MANAGER: &str = "cloudresourcemanager.googleapis.com";
pub(crate) const ORG_POLICY: &str = "orgpolicy.googleapis.com";
const AUTHORIZATION: &str = "oauth2.googleapis.com";
const METADATA: &str = "metadata.google.internal";

impl Call {
    /// Names a request.
    pub fn read(request: &Incoming) -> Self {
        let grpc = request
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/grpc"));
        let mut call = if grpc {
            grpc_call(request)
        } else {
            http_call(request)
        };
        call.query = pairs(&request.query);
        if request.method == "OPTIONS" {
            call.operation = Operation::Preflight;
        } else if call.form == Form::StorageJson
            && call.operation == Operation::Storage(Storage::GetObjectMetadata)
            && call.parameter("alt") == Some("media")
        {
            call.form = Form::Media;
            call.operation = Operation::Storage(Storage::GetObject);
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
        let operation = self.operation.name().map_or_else(
            || format!("{} {}", request.method, request.path),
            str::to_owned,
        );
        Label {
            service: self.service.split('.').next().unwrap_or_default(),
            operation,
            bucket: self.bucket.clone(),
            exclusive: None,
            names_owner: false,
            target: redacted(request),
        }
    }

    fn new(form: Form, operation: Operation, service: &'static str) -> Self {
        Self {
            form,
            operation,
            service,
            bucket: None,
            object: None,
            project: None,
            id: None,
            query: Vec::new(),
        }
    }

    fn bucket(mut self, name: &str) -> Self {
        self.bucket = Some(decoded(name)).filter(|name| !name.is_empty());
        self
    }

    fn object(mut self, name: &str) -> Self {
        self.object = Some(decoded(name)).filter(|name| !name.is_empty());
        self
    }

    fn project(mut self, name: &str) -> Self {
        self.project = Some(decoded(name));
        self
    }

    fn id(mut self, name: &str) -> Self {
        self.id = Some(decoded(name));
        self
    }
}

/// The bucket is in a header of its own, which routes the request.
/// See <https://google.aip.dev/client-libraries/4222>.
fn grpc_call(request: &Incoming) -> Call {
    let operation = match request.path.as_str() {
        "/google.storage.v2.Storage/GetBucket" => Operation::Storage(Storage::GetBucket),
        "/google.storage.v2.Storage/UpdateBucket" => Operation::Storage(Storage::UpdateBucket),
        "/google.storage.v2.Storage/ListObjects" => Operation::Storage(Storage::ListObjects),
        "/google.storage.v2.Storage/GetObject" => Operation::Storage(Storage::GetObjectMetadata),
        "/google.storage.control.v2.StorageControl/GetIamPolicy"
        | "/google.storage.v2.Storage/GetIamPolicy" => Operation::Storage(Storage::GetIamPolicy),
        "/google.storage.control.v2.StorageControl/SetIamPolicy"
        | "/google.storage.v2.Storage/SetIamPolicy" => Operation::Storage(Storage::SetIamPolicy),
        "/google.storage.control.v2.StorageControl/TestIamPermissions"
        | "/google.storage.v2.Storage/TestIamPermissions" => {
            Operation::Storage(Storage::TestIamPermissions)
        }
        _ => Operation::Unknown,
    };
    let call = Call::new(Form::Grpc, operation, STORAGE);
    let resource = routed_to(request).unwrap_or_default();
    match resource.split_once("/buckets/") {
        Some((_, bucket)) => call.bucket(bucket),
        None => call,
    }
}

/// The resource in the routing header.
pub(crate) fn routed_to(request: &Incoming) -> Option<String> {
    let parameters = pairs(request.header("x-goog-request-params")?);
    parameters
        .into_iter()
        .find(|(name, _)| name == "bucket")
        .map(|(_, value)| value)
}

fn http_call(request: &Incoming) -> Call {
    let host = request.header("host").unwrap_or_default();
    let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let path = request.path.strip_prefix('/').unwrap_or(&request.path);
    if let Some(bucket) = host.strip_suffix(".storage.googleapis.com") {
        return xml_call(request, bucket, path);
    }
    let parts: Vec<&str> = path.split('/').collect();
    api_call(request, &parts).unwrap_or_else(|| {
        let (bucket, object) = path.split_once('/').unwrap_or((path, ""));
        xml_call(request, bucket, object)
    })
}

fn xml_call(request: &Incoming, bucket: &str, object: &str) -> Call {
    let operation = match (request.method.as_str(), object.is_empty()) {
        ("GET", false) => Operation::Storage(Storage::GetObject),
        ("HEAD", false) => Operation::Storage(Storage::GetObjectMetadata),
        _ => Operation::Unknown,
    };
    Call::new(Form::Xml, operation, STORAGE)
        .bucket(bucket)
        .object(object)
}

fn api_call(request: &Incoming, parts: &[&str]) -> Option<Call> {
    let method = request.method.as_str();
    match parts {
        ["token"] => Some(post(
            method,
            Form::OAuth,
            Operation::OAuth(OAuth::Token),
            AUTHORIZATION,
        )),
        ["tokeninfo"] | ["oauth2", _, "tokeninfo"] => Some(Call::new(
            Form::OAuth,
            Operation::OAuth(OAuth::TokenInfo),
            AUTHORIZATION,
        )),
        ["v1", "userinfo"] | ["oauth2", _, "userinfo"] | ["userinfo", "v2", "me"] => Some(get(
            method,
            Form::OAuth,
            Operation::OAuth(OAuth::UserInfo),
            AUTHORIZATION,
        )),
        ["computeMetadata", "v1", rest @ ..] => {
            Some(get(method, Form::Metadata, Operation::Metadata, METADATA).id(&rest.join("/")))
        }
        ["storage", "v1", "b", rest @ ..] => Some(storage_call(method, rest)),
        ["download", "storage", "v1", "b", bucket, "o", object] => Some(
            get(
                method,
                Form::Media,
                Operation::Storage(Storage::GetObject),
                STORAGE,
            )
            .bucket(bucket)
            .object(object),
        ),
        ["v1", "roles"] => Some(get(method, Form::Json, Operation::Roles(Roles::List), IAM)),
        ["v1", "roles", id] => {
            Some(get(method, Form::Json, Operation::Roles(Roles::Get), IAM).id(id))
        }
        ["v1", "projects", project, "roles", rest @ ..] => {
            Some(role_call(method, rest).project(project))
        }
        ["v1", "projects", "-", "serviceAccounts", account] => {
            let (account, verb) = account.split_once(':')?;
            let operation = match verb {
                "signBlob" => ServiceAccounts::SignBlob,
                "generateAccessToken" => ServiceAccounts::GenerateAccessToken,
                _ => return None,
            };
            let operation = Operation::ServiceAccounts(operation);
            Some(post(method, Form::Json, operation, CREDENTIALS).id(account))
        }
        ["v1" | "v3", "projects", project] => Some(project_call(method, project)),
        ["v3", kind @ ("folders" | "organizations"), name] => {
            let (number, _) = name.split_once(":getIamPolicy")?;
            let operation = Operation::Levels(if *kind == "folders" {
                Levels::FolderPolicy
            } else {
                Levels::OrganizationPolicy
            });
            Some(post(method, Form::Json, operation, RESOURCE_MANAGER).id(number))
        }
        ["v1", "organizations", number, "roles", id] => {
            let operation = Operation::Levels(Levels::OrganizationRole);
            let mut call = get(method, Form::Json, operation, IAM).id(id);
            call.object = Some(decoded(number));
            Some(call)
        }
        ["v2", "projects", project, "policies", constraint] => {
            let operation = Operation::Projects(Projects::GetEffectivePolicy);
            let (constraint, _) = constraint.split_once(":getEffectivePolicy")?;
            Some(
                get(method, Form::Json, operation, ORG_POLICY)
                    .project(project)
                    .id(constraint),
            )
        }
        ["v2", "policies", attachment, "denypolicies"] => Some(
            get(
                method,
                Form::Json,
                Operation::Projects(Projects::ListDenyPolicies),
                IAM,
            )
            .project(attachment),
        ),
        ["v2", "policies", attachment, "denypolicies", id] => Some(
            get(
                method,
                Form::Json,
                Operation::Projects(Projects::GetDenyPolicy),
                IAM,
            )
            .project(attachment)
            .id(id),
        ),
        _ => None,
    }
}

fn get(method: &str, form: Form, operation: Operation, service: &'static str) -> Call {
    only(&["GET"], method, form, operation, service)
}

fn post(method: &str, form: Form, operation: Operation, service: &'static str) -> Call {
    only(&["POST"], method, form, operation, service)
}

fn only(
    methods: &[&str],
    method: &str,
    form: Form,
    operation: Operation,
    service: &'static str,
) -> Call {
    let known = methods.contains(&method);
    Call::new(
        form,
        if known { operation } else { Operation::Unknown },
        service,
    )
}

fn storage_call(method: &str, rest: &[&str]) -> Call {
    let (bucket, operation, object) = match (method, rest) {
        ("GET", [bucket]) => (*bucket, Operation::Storage(Storage::GetBucket), ""),
        ("PATCH", [bucket]) => (*bucket, Operation::Storage(Storage::UpdateBucket), ""),
        ("GET", [bucket, "iam"]) => (*bucket, Operation::Storage(Storage::GetIamPolicy), ""),
        ("PUT", [bucket, "iam"]) => (*bucket, Operation::Storage(Storage::SetIamPolicy), ""),
        ("GET", [bucket, "iam", "testPermissions"]) => {
            (*bucket, Operation::Storage(Storage::TestIamPermissions), "")
        }
        ("GET", [bucket, "o"]) => (*bucket, Operation::Storage(Storage::ListObjects), ""),
        ("GET", [bucket, "o", object]) => (
            *bucket,
            Operation::Storage(Storage::GetObjectMetadata),
            *object,
        ),
        ("GET", [bucket, "managedFolders"]) => {
            (*bucket, Operation::Levels(Levels::ManagedFolders), "")
        }
        ("GET", [bucket, "managedFolders", folder, "iam"]) => (
            *bucket,
            Operation::Levels(Levels::ManagedFolderPolicy),
            *folder,
        ),
        (_, [bucket, "o", object]) => (*bucket, Operation::Unknown, *object),
        (_, [bucket, ..]) => (*bucket, Operation::Unknown, ""),
        (_, []) => ("", Operation::Unknown, ""),
    };
    Call::new(Form::StorageJson, operation, STORAGE)
        .bucket(bucket)
        .object(object)
}

fn role_call(method: &str, rest: &[&str]) -> Call {
    let call = |operation| Call::new(Form::Json, operation, IAM);
    match (method, rest) {
        ("GET", []) => call(Operation::Roles(Roles::List)),
        ("POST", []) => call(Operation::Roles(Roles::Create)),
        ("GET", [id]) => call(Operation::Roles(Roles::Get)).id(id),
        ("PATCH", [id]) => call(Operation::Roles(Roles::Update)).id(id),
        ("DELETE", [id]) => call(Operation::Roles(Roles::Delete)).id(id),
        ("POST", [id]) if id.ends_with(":undelete") => {
            call(Operation::Roles(Roles::Undelete)).id(id.trim_end_matches(":undelete"))
        }
        _ => call(Operation::Unknown),
    }
}

fn project_call(method: &str, name: &str) -> Call {
    let (project, verb) = name.split_once(':').unwrap_or((name, ""));
    let operation = match (method, verb) {
        ("GET", "") => Operation::Projects(Projects::Get),
        ("POST", "testIamPermissions") => Operation::Projects(Projects::TestPermissions),
        ("POST", "getIamPolicy") => Operation::Projects(Projects::GetIamPolicy),
        ("POST", "getAncestry") => Operation::Projects(Projects::GetAncestry),
        _ => Operation::Unknown,
    };
    Call::new(Form::Json, operation, RESOURCE_MANAGER).project(project)
}

/// The parameters of a query or form, decoded. A plus is a space.
pub(crate) fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let plain = |text: &str| decoded(&text.replace('+', " "));
            (plain(name), plain(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn redacted(request: &Incoming) -> String {
    let secret = ["x-goog-signature", "access_token", "id_token"];
    let pairs: Vec<String> = request
        .query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if secret.contains(&decoded(name).to_ascii_lowercase().as_str()) => {
                format!("{name}=REDACTED")
            }
            _ => pair.to_owned(),
        })
        .collect();
    let mut request = request.clone();
    request.query = pairs.join("&");
    request.target()
}
