//! The service principal of Segments.ai's app in the customer's tenant, as Microsoft Graph knows it.

use std::cell::RefCell;

use serde_json::Value;
use tokio::sync::OnceCell;

use super::Shared;
use super::endpoints::Endpoints;
use super::failure::{Doing, refused};
use super::rest::{Call, Rest, Service};
use super::templates::APP_ID;
use crate::error::{ErrorCode, Failure};

/// What Graph asks of whoever reads a service principal: members of a tenant may by default.
pub const READ_RIGHT: &str = "Application.Read.All";

/// A service principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePrincipal {
    /// Its object ID in this tenant: what role assignments name.
    pub id: String,
    /// Whether it may sign in, where Graph says so.
    pub enabled: Option<bool>,
    /// What Graph told of it.
    pub shown: Value,
}

/// The way to it.
pub struct Directory {
    rest: Shared<Rest>,
    endpoints: Endpoints,
    caller: RefCell<String>,
    given: Option<String>,
    first: OnceCell<Result<Option<ServicePrincipal>, Failure>>,
    known: RefCell<Option<String>>,
}

impl Directory {
    /// Nothing is sent before the first question. Where the object ID is `given`, Graph is never asked.
    #[must_use]
    pub fn new(
        rest: Shared<Rest>,
        endpoints: Endpoints,
        caller: String,
        given: Option<String>,
    ) -> Self {
        Self {
            rest,
            endpoints,
            caller: RefCell::new(caller),
            known: RefCell::new(given.clone()),
            given,
            first: OnceCell::new(),
        }
    }

    /// The object ID that the caller gave, where it did.
    #[must_use]
    pub fn given(&self) -> Option<&str> {
        self.given.as_deref()
    }

    /// The object ID, once it is known: given, read, or made by this run.
    #[must_use]
    pub fn object_id(&self) -> Option<String> {
        self.known.borrow().clone()
    }

    /// Says who is asking, once that is known.
    pub fn say_who(&self, caller: &str) {
        self.caller.replace(caller.to_owned());
    }

    /// Remembers the object ID.
    pub fn remember(&self, id: &str) {
        self.known.replace(Some(id.to_owned()));
    }

    /// The service principal as the first question found it.
    pub async fn first(&self) -> &Result<Option<ServicePrincipal>, Failure> {
        self.first.get_or_init(|| self.read()).await
    }

    /// The service principal as it is now; `None` when the app is not installed.
    ///
    /// See <https://learn.microsoft.com/graph/api/serviceprincipal-get>.
    ///
    /// # Errors
    /// When Graph cannot be asked, or may not be.
    pub async fn read(&self) -> Result<Option<ServicePrincipal>, Failure> {
        let doing = "could not look up the app of Segments.ai in the tenant";
        let mut url = self
            .endpoints
            .graph(&format!("v1.0/servicePrincipals(appId='{APP_ID}')"));
        url.query_pairs_mut().append_pair(
            "$select",
            "id,appId,displayName,accountEnabled,servicePrincipalType,appOwnerOrganizationId",
        );
        let answer = self
            .rest
            .read(&Call::get(Service::Graph, url))
            .await
            .map_err(|unanswered| unanswered.doing(doing))?;
        match answer.status {
            200 => {
                let principal = principal(answer.json(doing)?, doing)?;
                self.remember(&principal.id);
                Ok(Some(principal))
            }
            404 if answer.problem.is_some() => Ok(None),
            _ => Err(refused(
                &Doing {
                    what: doing,
                    right: READ_RIGHT,
                    caller: &self.caller.borrow().clone(),
                },
                &answer,
                Service::Graph,
            )),
        }
    }
}

/// Reads a service principal of Graph's answer.
///
/// # Errors
/// When it has no ID.
pub fn principal(mut shown: Value, doing: &str) -> Result<ServicePrincipal, Failure> {
    if let Some(members) = shown.as_object_mut() {
        // `@odata.context`, which is about the answer.
        members.retain(|name, _| !name.starts_with('@'));
    }
    let id = shown.get("id").and_then(Value::as_str).map(str::to_owned);
    match id.filter(|id| uuid::Uuid::parse_str(id).is_ok()) {
        Some(id) => Ok(ServicePrincipal {
            id,
            enabled: shown.get("accountEnabled").and_then(Value::as_bool),
            shown,
        }),
        None => {
            Err(Failure::new(ErrorCode::UnexpectedAnswer, doing)
                .cause("the answer names no object ID"))
        }
    }
}
