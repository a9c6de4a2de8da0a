//! Finds and reads the storage account through `azure_mgmt_storage`, the last of its line. Everything of it, and of the
//! `azure_core` that it stands on, stays in this file.
//!
//! Its typed models drop what they do not know, so nothing that was read here is ever written.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential as _;
use azure_core::http::HttpClient as _;
use azure_core_legacy as legacy;
use azure_mgmt_storage::package_2023_05::{Client, models};
use futures_util::StreamExt as _;
use legacy::auth::{AccessToken, TokenCredential};
use legacy::headers::{HeaderName, HeaderValue, Headers};
use legacy::{BytesStream, HttpClient, Request, Response};
use url::Url;

use super::credential::Credential;
use super::endpoints::Endpoints;
use super::failure::{self, Doing, Unanswered};
use super::rest::{Answer, Rest, Service, patiently};
use super::transport::Transport;
use crate::error::{ErrorCode, Failure};

/// A storage account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its resource ID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The subscription that it is in.
    pub subscription: String,
    /// The resource group that it is in.
    pub resource_group: String,
    /// Where it is.
    pub location: String,
    /// Its kind: `StorageV2`.
    pub kind: String,
    /// Its replication and performance: `Standard_LRS`.
    pub sku: String,
    /// Where its blobs are; none for an account that holds files alone.
    pub blob_endpoint: Option<Url>,
    /// Whether its names are directories (Data Lake Storage).
    pub hierarchical: bool,
}

impl Account {
    /// The account that a resource ID names, or that something in it has for a scope, with what else that says; none
    /// where it names none.
    #[must_use]
    pub fn of_id(id: &str) -> Option<Self> {
        let parts: Vec<&str> = id.split('/').collect();
        let [
            "",
            subscriptions,
            subscription,
            groups,
            group,
            providers,
            storage,
            accounts,
            name,
            ..,
        ] = parts.as_slice()
        else {
            return None;
        };
        let words = [
            (subscriptions, "subscriptions"),
            (groups, "resourceGroups"),
            (providers, "providers"),
            (storage, "Microsoft.Storage"),
            (accounts, "storageAccounts"),
        ];
        let named = words
            .iter()
            .all(|(part, word)| part.eq_ignore_ascii_case(word))
            && ![subscription, group, name]
                .iter()
                .any(|part| part.is_empty());
        named.then(|| Self {
            id: parts.get(..9).unwrap_or_default().join("/"),
            name: (*name).to_owned(),
            subscription: (*subscription).to_owned(),
            resource_group: (*group).to_owned(),
            location: String::new(),
            kind: String::new(),
            sku: String::new(),
            blob_endpoint: None,
            hierarchical: false,
        })
    }

    /// The account that Azure Resource Manager describes so; none where its ID or its name is missing.
    #[must_use]
    pub fn of_document(document: &serde_json::Value) -> Option<Self> {
        let account: models::StorageAccount = serde_json::from_value(document.clone()).ok()?;
        read(&account)
    }

    /// Whether it is of the premium tier for page blobs, which has no CORS:
    /// <https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services>.
    #[must_use]
    pub fn is_premium_general_purpose(&self) -> bool {
        self.sku.starts_with("Premium") && matches!(self.kind.as_str(), "Storage" | "StorageV2")
    }
}

/// Whether somebody has an account of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// Somebody has.
    Yes,
    /// Nobody has.
    No,
    /// It could not be asked.
    Unknown,
}

/// The way to storage accounts.
pub struct Accounts {
    client: Client,
    caller: String,
}

impl Accounts {
    /// Nothing is sent before the first question.
    ///
    /// # Errors
    /// When the client cannot be made.
    pub fn new(rest: &Rest, endpoints: &Endpoints, caller: &str) -> Result<Self, Failure> {
        let transport = legacy::TransportOptions::new(Arc::new(Bridge {
            transport: rest.transport().clone(),
            home: endpoints.resource_manager.origin(),
        }));
        let credential: Arc<dyn TokenCredential> = Arc::new(Tokens(rest.credential().clone()));
        let client = Client::builder(credential)
            .endpoint(endpoints.resource_manager.clone())
            .scopes(&[Service::ResourceManager.scope()])
            .retry(legacy::RetryOptions::none())
            .transport(transport)
            .build()
            .map_err(|error| {
                Failure::new(
                    ErrorCode::UnexpectedAnswer,
                    "could not set up the client for storage accounts",
                )
                .cause(error.to_string())
            })?;
        Ok(Self {
            client,
            caller: caller.to_owned(),
        })
    }

    /// The account of this name in a subscription; `None` where the caller sees none.
    ///
    /// # Errors
    /// When the subscription's accounts cannot be listed.
    pub async fn in_subscription(
        &self,
        subscription: &str,
        name: &str,
    ) -> Result<Option<Account>, Failure> {
        let doing =
            format!("could not list the storage accounts of the subscription `{subscription}`");
        let mut pages = self
            .client
            .storage_accounts_client()
            .list(subscription)
            .into_stream();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.failed(&doing, &error))?;
            let found = page
                .value
                .iter()
                .filter_map(read)
                .find(|account| account.name.eq_ignore_ascii_case(name));
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// The account of this name in a resource group; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn in_resource_group(
        &self,
        subscription: &str,
        resource_group: &str,
        name: &str,
    ) -> Result<Option<Account>, Failure> {
        let doing = format!("could not read the storage account `{name}`");
        let asked = self
            .client
            .storage_accounts_client()
            .get_properties(resource_group, name, subscription)
            .await;
        match asked {
            Ok(account) => Ok(read(&account)),
            Err(error) => {
                let failure = self.failed(&doing, &error);
                if failure.code == ErrorCode::TargetNotFound {
                    Ok(None)
                } else {
                    Err(failure)
                }
            }
        }
    }

    /// Whether anybody has an account of this name: names are unique in all of Azure.
    pub async fn taken(&self, subscription: &str, name: &str) -> Taken {
        use models::check_name_availability_result::Reason;
        let parameters = models::StorageAccountCheckNameAvailabilityParameters::new(
            name.to_owned(),
            models::storage_account_check_name_availability_parameters::Type::MicrosoftStorageStorageAccounts,
        );
        let asked = self
            .client
            .storage_accounts_client()
            .check_name_availability(parameters, subscription)
            .await;
        match asked {
            Ok(answer) if answer.name_available == Some(true) => Taken::No,
            Ok(answer) if answer.reason == Some(Reason::AlreadyExists) => Taken::Yes,
            Ok(_) | Err(_) => Taken::Unknown,
        }
    }

    fn failed(&self, doing: &str, error: &legacy::Error) -> Failure {
        let chain = crate::probe::links(error);
        if let Some(told) = chain.iter().find_map(|link| link.downcast_ref::<Told>()) {
            return match told {
                Told::Refused(answer) => failure::refused(
                    &Doing {
                        what: doing,
                        right: "Microsoft.Storage/storageAccounts/read",
                        caller: &self.caller,
                    },
                    answer,
                    Service::ResourceManager,
                ),
                Told::Silent(unanswered) => unanswered.clone().doing(doing),
            };
        }
        Failure::new(ErrorCode::UnexpectedAnswer, doing).cause(format!(
            "the answer is not what Azure documents: {}",
            crate::redact::text(&error.to_string())
        ))
    }
}

fn read(account: &models::StorageAccount) -> Option<Account> {
    let resource = &account.tracked_resource.resource;
    let id = resource.id.clone()?;
    let part = |name: &str| {
        let mut parts = id.split('/');
        parts
            .by_ref()
            .find(|part| part.eq_ignore_ascii_case(name))?;
        parts.next().map(str::to_owned)
    };
    let properties = account.properties.as_ref();
    let word = |value: Option<serde_json::Value>| {
        value
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    };
    Some(Account {
        name: resource.name.clone()?,
        subscription: part("subscriptions")?,
        resource_group: part("resourceGroups")?,
        location: account.tracked_resource.location.clone(),
        kind: word(
            account
                .kind
                .as_ref()
                .and_then(|kind| serde_json::to_value(kind).ok()),
        ),
        sku: word(
            account
                .sku
                .as_ref()
                .and_then(|sku| serde_json::to_value(&sku.name).ok()),
        ),
        blob_endpoint: properties
            .and_then(|properties| properties.primary_endpoints.as_ref())
            .and_then(|endpoints| endpoints.blob.as_deref())
            .and_then(|text| Url::parse(text).ok()),
        hierarchical: properties.and_then(|properties| properties.is_hns_enabled) == Some(true),
        id,
    })
}

/// The chain of credentials, as the older trait has it. Tokens are kept over there.
#[derive(Debug)]
struct Tokens(Arc<Credential>);

#[async_trait]
impl TokenCredential for Tokens {
    async fn get_token(&self, scopes: &[&str]) -> legacy::Result<AccessToken> {
        match self.0.get_token(scopes, None).await {
            Ok(token) => Ok(AccessToken::new(
                token.token.secret().to_owned(),
                token.expires_on,
            )),
            Err(error) => Err(told(Told::Silent(Unanswered::of_credential(&error)))),
        }
    }

    async fn clear_cache(&self) -> legacy::Result<()> {
        Ok(())
    }
}

/// The one HTTP client, as the older trait has it. It sends nowhere but to Azure Resource Manager, whatever address a
/// page names as the next one: the token goes along.
#[derive(Debug)]
struct Bridge {
    transport: Arc<Transport>,
    home: url::Origin,
}

#[async_trait]
impl HttpClient for Bridge {
    async fn execute_request(&self, request: &Request) -> legacy::Result<Response> {
        let url = request.url().clone();
        if url.origin() != self.home {
            return Err(legacy::Error::message(
                legacy::error::ErrorKind::Other,
                format!(
                    "the answer names `{}` as the address of the next page, which is another service",
                    crate::redact::url(url.as_str())
                ),
            ));
        }
        let mut sent = azure_core::http::Request::new(url.clone(), method(*request.method()));
        for (name, value) in request.headers().iter() {
            sent.insert_header(name.as_str().to_owned(), value.as_str().to_owned());
        }
        match request.body() {
            legacy::Body::Bytes(bytes) => sent.set_body(bytes.clone()),
            legacy::Body::SeekableStream(_) => {}
        }
        let once = || async {
            let answer = async {
                let answer = self.transport.execute_request(&sent).await?;
                answer.try_into_raw_response().await
            };
            answer.await.map(Answer::of).map_err(|error| {
                let timeout = self.transport.timeout();
                Unanswered::of(&error, &url, timeout, Service::ResourceManager)
            })
        };
        // Nothing that goes this way changes anything.
        match patiently(once).await {
            Ok(answer) => respond(answer),
            Err(unanswered) => Err(told(Told::Silent(unanswered))),
        }
    }
}

fn respond(answer: Answer) -> legacy::Result<Response> {
    if !answer.succeeded() {
        return Err(told(Told::Refused(Box::new(answer))));
    }
    let mut headers = Headers::new();
    if let Some(kind) = answer.header("content-type") {
        headers.insert(
            HeaderName::from_static("content-type"),
            HeaderValue::from(kind.to_owned()),
        );
    }
    let status = legacy::StatusCode::try_from(answer.status).unwrap_or(legacy::StatusCode::Ok);
    Ok(Response::new(
        status,
        headers,
        Box::pin(BytesStream::new(answer.text.into_bytes())),
    ))
}

fn method(method: legacy::Method) -> azure_core::http::Method {
    match method {
        legacy::Method::Post => azure_core::http::Method::Post,
        // Nothing else is asked for here.
        _ => azure_core::http::Method::Get,
    }
}

/// What happened, carried through the older client.
#[derive(Debug, Clone)]
enum Told {
    Refused(Box<Answer>),
    Silent(Unanswered),
}

impl std::fmt::Display for Told {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the request was not answered as wanted")
    }
}

impl std::error::Error for Told {}

fn told(told: Told) -> legacy::Error {
    legacy::Error::full(
        legacy::error::ErrorKind::Other,
        told,
        "the request was not answered as wanted",
    )
}
