//! Microsoft Azure in the local cloud: Entra, Resource Manager, Microsoft Graph and Blob Storage behind one socket.
//!
//! Which of them is meant is told from the path. This module hands over and frames the answers.

mod access;
mod account;
mod acme;
mod arm;
mod blob;
mod call;
mod condition;
mod directory;
mod graph;
mod identity;
mod problem;
mod rights;
mod token;
mod world;
mod xml;

pub use access::{
    CONTRIBUTOR, DenyAssignment, EVERYONE, Lock, LockLevel, OWNER, Permission, RBAC_ADMINISTRATOR,
    READER_ROLE, RoleAssignment, RoleDefinition, STORAGE_ACCOUNT_CONTRIBUTOR,
    STORAGE_BLOB_DATA_CONTRIBUTOR, STORAGE_BLOB_DATA_OWNER, STORAGE_BLOB_DATA_READER,
    STORAGE_BLOB_DELEGATOR, USER_ACCESS_ADMINISTRATOR,
};
pub use account::{
    AccessTier, Blob, BlobService, Container, CorsRule, EncryptionScope, NetworkRules,
    PublicAccess, PublicNetworkAccess, SasPolicy, StorageAccount,
};
pub use acme::{
    ACCOUNT, BOTH, CONTAINER, DIRECTORY_ADMINISTRATOR, GUEST, MANAGEMENT_GROUP, PIPELINE,
    PIPELINE_APP_ID, PIPELINE_SECRET, READER, RESOURCE_GROUP, SEGMENTS_APP_ID, SEGMENTS_APP_NAME,
    SEGMENTS_SECRET, SEGMENTS_TENANT, STORAGE_OWNER, SUBSCRIPTION, TENANT,
};
pub use directory::{
    Application, DirectoryRole, FederatedCredential, Group, ServicePrincipal, Tenant, User,
};
pub use world::{Delay, ManagementGroup, Replication, Subscription, World};

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use time::macros::format_description;

use super::State;
use super::answer::Answer;
use super::incoming::{self, Circumstance, Incoming, Label, Outcome};
use arm::Handled;
use call::{Call, Service};
use problem::Problem;

/// Azure behind the socket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cloud;

impl incoming::Cloud for Cloud {
    fn started(&self, state: &mut State, endpoint: &str) {
        endpoint.clone_into(&mut state.azure.endpoint);
    }

    fn describe(&self, request: &Incoming) -> Label {
        let request = &*with_account_in_path(request);
        Call::read(request).label(request)
    }

    fn handle(&self, state: &mut State, request: &Incoming, circumstance: Circumstance) -> Outcome {
        let request = &*with_account_in_path(request);
        let call = Call::read(request);
        let world = &mut state.azure;
        let Handled { caller, result } = match call.service {
            Service::ResourceManager => arm::handle(world, request, &call),
            Service::Graph => graph::handle(world, request, &call),
            Service::Entra => identity::authority(world, request, &call),
            Service::ManagedIdentity => identity::managed_identity(world, request, &call),
            Service::Blob => blob::handle(world, request, &call),
        };
        let error_code = result.as_ref().err().map(Problem::logged);
        let frame = Frame::of(&call, request, circumstance.sequence, world.now());
        Outcome {
            answer: frame.around(result),
            caller,
            error_code,
        }
    }

    /// See <https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling>,
    /// <https://learn.microsoft.com/graph/throttling> and
    /// <https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes>.
    fn throttling(&self, request: &Incoming) -> (u16, &'static str, &'static str) {
        match Call::read(request).service {
            Service::ResourceManager => (
                429,
                "TooManyRequests",
                "The request is being throttled as the limit has been reached.",
            ),
            Service::Graph => (429, "TooManyRequests", "Too many requests."),
            Service::Entra | Service::ManagedIdentity => {
                (429, "temporarily_unavailable", "Too many requests.")
            }
            Service::Blob => (503, "ServerBusy", "The server is busy."),
        }
    }

    fn error(&self, request: &Incoming, status: u16, code: &str, message: &str) -> Answer {
        let call = Call::read(request);
        let frame = Frame::of(&call, request, 0, OffsetDateTime::now_utc());
        frame.around(Err(Problem::new(status, code, message)))
    }
}

/// A request to `ACCOUNT.blob.core.windows.net`, as one with the account in its path, where all others have it.
fn with_account_in_path(request: &Incoming) -> Cow<'_, Incoming> {
    let account = request
        .header("host")
        .and_then(|host| host.strip_suffix(".blob.core.windows.net"));
    match account {
        None => Cow::Borrowed(request),
        Some(account) => {
            let mut changed = request.clone();
            changed.path = format!("/{account}{}", request.path);
            Cow::Owned(changed)
        }
    }
}

/// The variables that point the program at `endpoint`, signed in as the user or service principal with that object ID:
/// the managed identity of App Service, where the object ID stands for the identity.
/// See <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference>.
pub(crate) fn environment(world: &World, endpoint: &str, object_id: &str) -> Vec<(String, String)> {
    [
        ("IDENTITY_ENDPOINT", format!("{endpoint}/msi/token")),
        ("IDENTITY_HEADER", world.identity_header.clone()),
        ("AZURE_CLIENT_ID", object_id.to_owned()),
        ("SEGMENTS_CONNECT_AZURE_ARM_ENDPOINT", endpoint.to_owned()),
        ("SEGMENTS_CONNECT_AZURE_GRAPH_ENDPOINT", endpoint.to_owned()),
        // Whatever proxy there is does not lead back here.
        ("NO_PROXY", "127.0.0.1".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// What every answer of a service carries besides its own.
struct Frame {
    service: Service,
    head: bool,
    version: Option<String>,
    request_id: String,
    now: OffsetDateTime,
}

impl Frame {
    fn of(call: &Call, request: &Incoming, sequence: u64, now: OffsetDateTime) -> Self {
        let digest = Sha256::digest(sequence.to_be_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self {
            service: call.service,
            head: request.method == "HEAD",
            // A link says its version itself.
            version: request
                .header("x-ms-version")
                .or_else(|| call.parameter("sv"))
                .map(str::to_owned),
            request_id: uuid::Builder::from_random_bytes(bytes)
                .into_uuid()
                .to_string(),
            now,
        }
    }

    fn around(self, result: Result<Answer, Problem>) -> Answer {
        let time = self
            .now
            .format(format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:7]Z"
            ))
            .unwrap_or_default();
        let date = self
            .now
            .format(format_description!(
                "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
            ))
            .unwrap_or_default();
        let answer = result.unwrap_or_else(|problem| {
            problem.answer(self.service, &self.request_id, &time, self.head)
        });
        let answer = answer.header("date", date);
        match self.service {
            Service::ResourceManager => answer
                .header("x-ms-request-id", self.request_id.clone())
                .header("x-ms-correlation-request-id", self.request_id),
            Service::Graph => answer
                .header("request-id", self.request_id.clone())
                .header("client-request-id", self.request_id),
            Service::Entra => answer.header("x-ms-request-id", self.request_id),
            Service::ManagedIdentity => answer,
            // See https://learn.microsoft.com/rest/api/storageservices/common-rest-api-request-headers
            Service::Blob => {
                let answer = answer
                    .header("server", "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0")
                    .header("x-ms-request-id", self.request_id);
                match self.version {
                    Some(version) => answer.header("x-ms-version", version),
                    None => answer,
                }
            }
        }
    }
}
