//! Google Cloud in the local cloud: Cloud Storage over gRPC and HTTP, IAM, Resource Manager, organization policy and
//! OAuth 2.0 behind one socket.
//!
//! Which of them is meant is told from the shape of the request. This module hands over and frames the answers.

mod bucket;
mod buckets;
mod call;
mod content;
mod cors;
mod grpc;
mod identity;
mod json;
mod key;
mod levels;
mod message;
mod oauth;
mod objects;
mod operation;
mod person;
mod policies;
mod policy;
mod problem;
mod projects;
mod refusal;
mod role;
mod roles;
mod service_accounts;
mod signed_link;
mod storage_grpc;
mod storage_json;
mod storage_xml;
mod visit;
mod world;

pub use bucket::{Bucket, Lag, Object};
pub use message::bucket as settings;
pub use message::{Duration, FieldMask, Timestamp};
pub use person::{Kind, Person, Token};
pub use policy::{Binding, Condition, DenyPolicy, DenyRule, Policy};
pub use role::{Life, Role, Stage};
pub use world::{
    AllowedPolicyMembers, BUCKET, BUCKET_ADMIN, CUSTOMER_ID, DEPLOYER, Folder, KeyState,
    MissingObject, ORGANIZATION, OWNER, Organization, PARTNER, PROJECT, PROJECT_NUMBER, Perimeter,
    Project, Propagation, SEGMENTS, SEGMENTS_CUSTOMER_ID, SEGMENTS_PROJECT, StaleEtag, VIEWER,
    World,
};

use serde_json::{Value, json};

use super::State;
use super::answer::Answer;
use super::incoming::{self, Circumstance, Incoming, Label, Outcome};
use super::intervention::FaultKind;
use call::{Call, Form};
use identity::{Identity, admit, identify};
use operation::{Operation, Storage};
use problem::{Code, Problem};

/// Google Cloud behind the socket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cloud;

impl incoming::Cloud for Cloud {
    fn describe(&self, request: &Incoming) -> Label {
        Call::read(request).label(request)
    }

    fn handle(&self, state: &mut State, request: &Incoming, _: Circumstance) -> Outcome {
        let call = Call::read(request);
        let world = &mut state.gcp;
        let outcome = if let Operation::OAuth(operation) = call.operation {
            let (caller, result) = oauth::handle(world, request, &call, operation);
            Outcome {
                caller,
                error_code: result.as_ref().err().map(|denial| denial.error.to_owned()),
                answer: result.unwrap_or_else(|denial| denial.answer()),
            }
        } else {
            let (caller, result) = handle(world, request, &call);
            Outcome {
                caller,
                error_code: result.as_ref().err().map(|problem| problem.word(call.form)),
                answer: cors::decorated(
                    world,
                    request,
                    &call,
                    result.unwrap_or_else(|problem| refused(&problem, call.form)),
                ),
            }
        };
        Outcome {
            answer: dated(outcome.answer, world),
            ..outcome
        }
    }

    fn error(&self, request: &Incoming, status: u16, code: &str, message: &str) -> Answer {
        let call = Call::read(request);
        if call.form == Form::OAuth {
            let value = json!({ "error": code, "error_description": message });
            return Answer::new(status).body("application/json", value.to_string());
        }
        let problem = match Code::named(code) {
            Some(known) => Problem::new(known, message),
            None => Problem::new(Code::of_status(status), message).xml(code, None),
        };
        refused(&problem.status(status), call.form)
    }

    fn garbage(&self, request: &Incoming) -> Answer {
        match Call::read(request).form {
            Form::Grpc => grpc::garbage(),
            Form::Json | Form::StorageJson | Form::OAuth | Form::Metadata => {
                Answer::new(200).body("application/json", "{\"not\": the answer")
            }
            Form::Media | Form::Xml => {
                Answer::new(200).body("application/octet-stream", "\u{1}<<not the answer")
            }
        }
    }
}

/// An error that one of Google's services gives, as a fault: `code` is a canonical code such as `UNAVAILABLE`, which
/// gRPC carries as it is and the other forms as the HTTP status that goes with it.
#[must_use]
pub fn fault(code: &str, message: &str) -> FaultKind {
    FaultKind::Status {
        status: Code::named(code).map_or(500, Code::http_status),
        code: code.to_owned(),
        message: message.to_owned(),
    }
}

/// The variables that point the program at `endpoint`. Credentials come from a file:
/// [`super::Sandbox::application_credentials`] has what is in it. A virtual machine has its own.
pub(crate) fn environment(world: &World, endpoint: &str) -> Vec<(String, String)> {
    let mut variables = vec![
        ("SEGMENTS_CONNECT_GCP_GRPC_ENDPOINT", endpoint),
        ("SEGMENTS_CONNECT_GCP_STORAGE_ENDPOINT", endpoint),
        ("SEGMENTS_CONNECT_GCP_IAM_ENDPOINT", endpoint),
        ("SEGMENTS_CONNECT_GCP_RESOURCE_MANAGER_ENDPOINT", endpoint),
        ("SEGMENTS_CONNECT_GCP_ORGPOLICY_ENDPOINT", endpoint),
        ("SEGMENTS_CONNECT_GCP_OAUTH_ENDPOINT", endpoint),
        // Whatever proxy there is does not lead back here.
        ("NO_PROXY", "127.0.0.1"),
    ];
    if world.metadata_account.is_some() {
        let host = endpoint.trim_start_matches("http://");
        variables.push(("GCE_METADATA_HOST", host));
    }
    variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What the file holds that `GOOGLE_APPLICATION_CREDENTIALS` names, for one account of this place.
///
/// See <https://cloud.google.com/docs/authentication/application-default-credentials>. An account that nobody knows
/// gets a file all the same, with which it is refused.
pub(crate) fn application_credentials(world: &World, endpoint: &str, email: &str) -> Value {
    let person = world.persons.get(email).cloned();
    let person = person.unwrap_or_else(|| Person::user(email));
    let token_uri = format!("{endpoint}/token");
    let mut credentials = match &person.kind {
        Kind::User => json!({
            "type": "authorized_user",
            "client_id": oauth::CLIENT_ID,
            "client_secret": oauth::CLIENT_SECRET,
            "refresh_token": person.refresh_token,
            "token_uri": token_uri,
        }),
        Kind::ServiceAccount { project, key_id } => json!({
            "type": "service_account",
            "project_id": project,
            "private_key_id": key_id.clone().unwrap_or_default(),
            "private_key": key::private_pem().unwrap_or_default(),
            "client_email": person.email,
            "client_id": "100000000000000000001",
            "auth_uri": format!("{endpoint}/auth"),
            "token_uri": token_uri,
        }),
    };
    if let Some(project) = &person.quota_project {
        credentials["quota_project_id"] = project.clone().into();
    }
    credentials
}

/// The same for somebody who acts as a service account, as
/// `gcloud auth application-default login --impersonate-service-account` writes it.
pub(crate) fn impersonating_credentials(
    world: &World,
    endpoint: &str,
    email: &str,
    account: &str,
) -> Value {
    let url = format!("{endpoint}/v1/projects/-/serviceAccounts/{account}:generateAccessToken");
    json!({
        "type": "impersonated_service_account",
        "service_account_impersonation_url": url,
        "delegates": [],
        "source_credentials": application_credentials(world, endpoint, email),
    })
}

/// Finds out who asks, and hands the request to its service.
fn handle(
    world: &mut World,
    request: &Incoming,
    call: &Call,
) -> (Option<String>, Result<Answer, Problem>) {
    if call.operation == Operation::Preflight {
        return (None, cors::preflight(world, request, call));
    }
    if call.form == Form::Metadata {
        return (
            world.metadata_account.clone(),
            oauth::metadata(world, request, call),
        );
    }
    let signed = call.form == Form::Xml && signed_link::is_signed(request);
    let identity = if signed {
        signed_link::verify(world, request)
    } else {
        identify(world, request, call)
    };
    let identity = match identity {
        Ok(identity) => identity,
        Err(problem) => return (None, Err(problem)),
    };
    let caller = identity.caller.email().map(str::to_owned);
    let project = match &call.bucket {
        Some(name) => world.bucket(name).map(|bucket| bucket.project.clone()),
        None => call.project.clone(),
    };
    let result = admit(world, request, call, &identity, project.as_deref())
        .and_then(|()| perform(world, request, call, &identity));
    if call.operation == Operation::Storage(Storage::GetObject)
        && let Some(bucket) = &call.bucket
    {
        policies::count_read(world, bucket);
    }
    (caller, result)
}

fn perform(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
) -> Result<Answer, Problem> {
    match call.operation {
        Operation::Storage(operation) => match call.form {
            Form::Grpc => storage_grpc::handle(world, request, call, operation, identity),
            Form::Xml => storage_xml::handle(world, request, call, identity),
            Form::StorageJson | Form::Media | Form::Json | Form::OAuth | Form::Metadata => {
                storage_json::handle(world, request, call, operation, identity)
            }
        },
        Operation::Roles(operation) => roles::handle(world, request, call, operation, identity),
        Operation::Projects(operation) => {
            projects::handle(world, request, call, operation, identity)
        }
        Operation::Levels(operation) => levels::handle(world, request, call, operation, identity),
        Operation::ServiceAccounts(operation) => {
            service_accounts::handle(world, request, call, operation, identity)
        }
        Operation::Unknown if call.form == Form::Xml => {
            storage_xml::handle(world, request, call, identity)
        }
        Operation::OAuth(_) | Operation::Metadata | Operation::Preflight | Operation::Unknown => {
            Err(Problem::not_implemented(format!(
                "{} {}",
                request.method, request.path
            )))
        }
    }
}

/// An error in the form of the service that was asked.
fn refused(problem: &Problem, form: Form) -> Answer {
    match form {
        Form::Grpc => grpc::error(problem),
        Form::StorageJson => storage_json::error(problem),
        Form::Media | Form::Metadata => storage_json::plain_error(problem),
        Form::Xml => storage_xml::error(problem),
        Form::Json | Form::OAuth => json::error(problem),
    }
}

fn dated(answer: Answer, world: &World) -> Answer {
    let format = time::macros::format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    match world.now().format(&format) {
        Ok(date) => answer.header("date", date),
        Err(_) => answer,
    }
}
