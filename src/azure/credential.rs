//! Whose credentials: an explained chain, since the SDK has none, and one cache over all of it.
//!
//! Environment (client secret, federated token), managed identity where its endpoint is announced, Azure CLI, Azure
//! Developer CLI: the order that Microsoft documents for its other SDKs,
//! <https://learn.microsoft.com/dotnet/azure/sdk/authentication/credential-chains#defaultazurecredential-overview>.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::http::{ClientOptions, FixedRetryOptions, RetryOptions};
use azure_core::time::OffsetDateTime;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId, WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use super::failure::{SignInTrouble, sign_in_trouble};
use super::rest::client_options;
use super::target::check_authority;
use super::transport::Transport;
use crate::error::{ErrorCode, Failure};

/// A token that ends sooner is asked for again.
const SPARE: Duration = Duration::from_mins(2);
/// The Azure CLI starts slowly; how long it may take is no matter of the network.
const TOOL_LIMIT: Duration = Duration::from_mins(1);

/// A link of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// `AZURE_CLIENT_SECRET`.
    ClientSecret,
    /// `AZURE_FEDERATED_TOKEN_FILE`.
    WorkloadIdentity,
    /// `IDENTITY_ENDPOINT`.
    ManagedIdentity,
    /// `az`.
    AzureCli,
    /// `azd`.
    AzureDeveloperCli,
}

impl Link {
    /// The link, for people.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::ClientSecret => "the client secret in the environment",
            Self::WorkloadIdentity => "the federated token in the environment",
            Self::ManagedIdentity => "the managed identity",
            Self::AzureCli => "the Azure CLI",
            Self::AzureDeveloperCli => "the Azure Developer CLI",
        }
    }

    /// Where it takes its credentials from, for whoever has to mend them.
    #[must_use]
    pub fn source(self) -> &'static str {
        match self {
            Self::ClientSecret => "AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
            Self::WorkloadIdentity => {
                "AZURE_TENANT_ID, AZURE_CLIENT_ID and the token in AZURE_FEDERATED_TOKEN_FILE"
            }
            Self::ManagedIdentity => {
                "the managed identity of this machine (IDENTITY_ENDPOINT; AZURE_CLIENT_ID names one that was assigned by a user)"
            }
            Self::AzureCli => "the sign-in of the Azure CLI (`az account show`)",
            Self::AzureDeveloperCli => "the sign-in of the Azure Developer CLI (`azd auth login`)",
        }
    }
}

/// The chain, with every token that it gave.
pub struct Credential {
    links: Vec<(Link, Arc<dyn TokenCredential>)>,
    chosen: OnceLock<usize>,
    tokens: Mutex<HashMap<String, Slot>>,
}

/// One scope's token. Whoever comes second waits for the first.
type Slot = Arc<tokio::sync::Mutex<Option<AccessToken>>>;

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credential")
            .field(
                "links",
                &self.links.iter().map(|(link, _)| *link).collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}

impl Credential {
    /// The chain that this environment announces, in `tenant` where one was asked for. Nothing is sent.
    ///
    /// # Errors
    /// A usage failure where the environment holds half of a credential, or one that this program cannot use.
    pub fn from_environment(
        transport: &Arc<Transport>,
        tenant: Option<&str>,
    ) -> Result<Self, Failure> {
        if let Some(host) = variable("AZURE_AUTHORITY_HOST") {
            check_authority(&host)?;
        }
        // Asking for a token changes nothing, so a busy service or a broken connection is asked again; one that gives no
        // answer in time is not.
        let options = || ClientOptions {
            retry: RetryOptions::fixed(FixedRetryOptions {
                max_retries: 2,
                max_total_elapsed: azure_core::time::Duration::seconds(20),
                ..FixedRetryOptions::default()
            }),
            ..client_options(transport)
        };
        let built = match announced()? {
            Announced::Secret {
                tenant: own,
                client,
                secret,
            } => ClientSecretCredential::new(
                tenant.unwrap_or(&own),
                client,
                Secret::new(secret),
                Some(ClientSecretCredentialOptions {
                    client_options: options(),
                }),
            )
            .map(|credential| vec![(Link::ClientSecret, credential as Arc<dyn TokenCredential>)]),
            Announced::FederatedToken {
                tenant: own,
                client,
                file,
            } => WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions {
                    client_options: options(),
                },
                client_id: Some(client),
                tenant_id: Some(tenant.map_or(own, str::to_owned)),
                token_file_path: Some(file),
            }))
            .map(|credential| {
                vec![(
                    Link::WorkloadIdentity,
                    credential as Arc<dyn TokenCredential>,
                )]
            }),
            Announced::ManagedIdentity { client } => {
                ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                    user_assigned_id: client.map(UserAssignedId::ClientId),
                    client_options: options(),
                }))
                .map(|credential| {
                    vec![(
                        Link::ManagedIdentity,
                        credential as Arc<dyn TokenCredential>,
                    )]
                })
            }
            Announced::Tools => tools(tenant),
        };
        let links = built.map_err(|error| {
            Failure::new(
                ErrorCode::NotSignedIn,
                "the credentials of the environment cannot be used",
            )
            .cause(crate::redact::text(&error.to_string()))
        })?;
        Ok(Self {
            links,
            chosen: OnceLock::new(),
            tokens: Mutex::default(),
        })
    }

    /// Which link gave the tokens, once one did.
    #[must_use]
    pub fn link(&self) -> Option<Link> {
        let index = match self.chosen.get() {
            Some(index) => *index,
            None if self.links.len() == 1 => 0,
            None => return None,
        };
        self.links.get(index).map(|(link, _)| *link)
    }

    /// Asks the links in turn; the first that gives a token is used from then on.
    async fn ask(&self, scopes: &[&str]) -> azure_core::Result<AccessToken> {
        let links = match self.chosen.get() {
            Some(index) => self.links.get(*index..=*index).unwrap_or_default(),
            None => &self.links,
        };
        let mut troubles = Vec::new();
        for (link, credential) in links {
            let asked = tokio::time::timeout(TOOL_LIMIT, credential.get_token(scopes, None)).await;
            match asked {
                Ok(Ok(token)) => {
                    let index = self.links.iter().position(|(known, _)| known == link);
                    let _ = self.chosen.set(index.unwrap_or_default());
                    return Ok(token);
                }
                Ok(Err(error)) => troubles.push(sign_in_trouble(*link, &error)),
                Err(_) => troubles.push(SignInTrouble::slow(*link)),
            }
        }
        let trouble = SignInTrouble::merge(troubles);
        Err(azure_core::Error::with_error(
            ErrorKind::Credential,
            trouble,
            "not signed in",
        ))
    }

    fn slot(&self, scope: &str) -> Slot {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.entry(scope.to_owned()).or_default().clone()
    }
}

#[async_trait]
impl TokenCredential for Credential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let slot = self.slot(&scopes.join(" "));
        let mut slot = slot.lock().await;
        if let Some(token) = slot.as_ref()
            && token.expires_on > OffsetDateTime::now_utc() + SPARE
        {
            return Ok(token.clone());
        }
        let token = self.ask(scopes).await?;
        *slot = Some(token.clone());
        Ok(token)
    }
}

/// What the environment holds.
enum Announced {
    Secret {
        tenant: String,
        client: String,
        secret: String,
    },
    FederatedToken {
        tenant: String,
        client: String,
        file: PathBuf,
    },
    ManagedIdentity {
        client: Option<String>,
    },
    Tools,
}

fn announced() -> Result<Announced, Failure> {
    let client = variable("AZURE_CLIENT_ID");
    let both = |holder: &str| -> Result<(String, String), Failure> {
        match (variable("AZURE_TENANT_ID"), client.clone()) {
            (Some(tenant), Some(client)) => Ok((tenant, client)),
            (tenant, _) => {
                let absent = if tenant.is_none() {
                    "AZURE_TENANT_ID"
                } else {
                    "AZURE_CLIENT_ID"
                };
                Err(Failure::usage(
                    format!("`{holder}` is set, and `{absent}` is not"),
                    format!(
                        "set `AZURE_TENANT_ID` and `AZURE_CLIENT_ID` too, or unset `{holder}` to sign in another way"
                    ),
                ))
            }
        }
    };
    if let Some(secret) = variable("AZURE_CLIENT_SECRET") {
        let (tenant, client) = both("AZURE_CLIENT_SECRET")?;
        return Ok(Announced::Secret {
            tenant,
            client,
            secret,
        });
    }
    if variable("AZURE_CLIENT_CERTIFICATE_PATH").is_some() {
        // The SDK's certificate credential would bring OpenSSL, a second TLS stack.
        return Err(Failure::new(
            ErrorCode::Unsupported,
            "`AZURE_CLIENT_CERTIFICATE_PATH` is set, and this program cannot sign in with a certificate",
        )
        .hint("unset it and sign in with `az login --service-principal --certificate FILE`, which the Azure CLI's link of the chain then uses; a federated token (`AZURE_FEDERATED_TOKEN_FILE`) works too"));
    }
    if let Some(file) = variable("AZURE_FEDERATED_TOKEN_FILE") {
        let (tenant, client) = both("AZURE_FEDERATED_TOKEN_FILE")?;
        return Ok(Announced::FederatedToken {
            tenant,
            client,
            file: file.into(),
        });
    }
    if variable("IDENTITY_ENDPOINT").is_some() && variable("IDENTITY_HEADER").is_some() {
        return Ok(Announced::ManagedIdentity { client });
    }
    Ok(Announced::Tools)
}

fn tools(tenant: Option<&str>) -> azure_core::Result<Vec<(Link, Arc<dyn TokenCredential>)>> {
    let tenant_id = tenant.map(str::to_owned);
    let cli = AzureCliCredential::new(Some(AzureCliCredentialOptions {
        tenant_id: tenant_id.clone(),
        ..AzureCliCredentialOptions::default()
    }))?;
    let developer_cli =
        AzureDeveloperCliCredential::new(Some(AzureDeveloperCliCredentialOptions {
            tenant_id,
            ..AzureDeveloperCliCredentialOptions::default()
        }))?;
    Ok(vec![
        (Link::AzureCli, cli as Arc<dyn TokenCredential>),
        (Link::AzureDeveloperCli, developer_cli),
    ])
}

/// An environment variable that is set to something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
