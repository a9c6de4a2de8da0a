//! What one round of checks has read: each question is asked once, when the first check needs its answer.
//!
//! Facts are never kept from one round to the next, so that a later round sees what changed. The samples are.

use std::collections::BTreeMap;
use std::future::Future;

use futures_util::future::join_all;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::OnceCell;
use url::Url;

use super::Shared;
use super::access::Access;
use super::blob_cors::BlobService;
use super::blobs::{self, Containers, NoBlob};
use super::directory::ServicePrincipal;
use super::reads;
use super::samples::{Found, Samples};
use super::sas::{DelegationKey, blob_url};
use super::target::BlobName;
use super::templates::READER_ID;
use crate::error::{ErrorCode, Failure};
use crate::probe::Prober;

/// A question, and its answer once it was asked.
type Answer<T> = OnceCell<Result<T, Failure>>;

/// What one round of checks has read.
pub struct Facts {
    /// The way to the account.
    pub access: Shared<Access>,
    /// The blobs to test with.
    pub samples: Shared<Samples>,
    /// What sends as a browser would.
    pub prober: Shared<Prober>,
    /// When this round began.
    pub now: OffsetDateTime,
    principal: Answer<Option<ServicePrincipal>>,
    assignments: Answer<Vec<Value>>,
    definitions: OnceCell<BTreeMap<String, Result<Value, Failure>>>,
    denials: Answer<Vec<Value>>,
    blob_service: Answer<BlobService>,
    account: Answer<Value>,
    others: Answer<Vec<String>>,
    key: OnceCell<Result<DelegationKey, NoBlob>>,
    containers: OnceCell<Result<Containers, NoBlob>>,
}

impl Facts {
    /// Nothing read yet.
    #[must_use]
    pub fn new(access: Shared<Access>, samples: Shared<Samples>, prober: Shared<Prober>) -> Self {
        Self {
            access,
            samples,
            prober,
            now: OffsetDateTime::now_utc(),
            principal: OnceCell::new(),
            assignments: OnceCell::new(),
            definitions: OnceCell::new(),
            denials: OnceCell::new(),
            blob_service: OnceCell::new(),
            account: OnceCell::new(),
            others: OnceCell::new(),
            key: OnceCell::new(),
            containers: OnceCell::new(),
        }
    }

    /// The service principal; `None` where the app is not installed.
    pub async fn principal(&self) -> &Result<Option<ServicePrincipal>, Failure> {
        once(&self.principal, self.access.directory.read()).await
    }

    /// The role assignments of the service principal.
    pub async fn assignments(&self) -> &Result<Vec<Value>, Failure> {
        once(&self.assignments, async {
            // An object ID is never another one's again, so the one that is known can be asked for meanwhile.
            if let Some(id) = self.access.directory.object_id() {
                return reads::assignments(&self.access, &id).await;
            }
            match self.principal().await {
                Ok(Some(principal)) => reads::assignments(&self.access, &principal.id).await,
                Ok(None) => Ok(Vec::new()),
                Err(failure) => Err(failure.clone()),
            }
        })
        .await
    }

    /// The definitions of the roles that are assigned, by their ID in lower case. The role of the published assignment
    /// is known, and not asked for.
    pub async fn definitions(&self) -> &BTreeMap<String, Result<Value, Failure>> {
        self.definitions
            .get_or_init(|| async {
                let assignments = match self.assignments().await {
                    Ok(assignments) => assignments.as_slice(),
                    Err(_) => &[],
                };
                let mut ids: Vec<&str> = assignments
                    .iter()
                    .filter_map(|assignment| {
                        assignment
                            .get("properties")?
                            .get("roleDefinitionId")?
                            .as_str()
                    })
                    .filter(|id| !id.to_ascii_lowercase().ends_with(READER_ID))
                    .collect();
                ids.sort_unstable();
                ids.dedup();
                let read = join_all(
                    ids.iter()
                        .map(|id| reads::role_definition(&self.access, id)),
                )
                .await;
                ids.iter()
                    .map(|id| id.to_ascii_lowercase())
                    .zip(read)
                    .collect()
            })
            .await
    }

    /// Who else has the published role on the account: object IDs. Asked only where the app has it not.
    pub async fn others_with_the_role(&self) -> &Result<Vec<String>, Failure> {
        once(&self.others, reads::holders_of_the_role(&self.access)).await
    }

    /// The deny assignments.
    pub async fn denials(&self) -> &Result<Vec<Value>, Failure> {
        once(&self.denials, reads::deny_assignments(&self.access)).await
    }

    /// The blob service, and in it the CORS rules.
    pub async fn blob_service(&self) -> &Result<BlobService, Failure> {
        once(&self.blob_service, async {
            reads::blob_service(&self.access)
                .await
                .map(BlobService::new)
        })
        .await
    }

    /// The account as it is now.
    pub async fn account(&self) -> &Result<Value, Failure> {
        once(&self.account, reads::account(&self.access)).await
    }

    /// A key of the caller's own to sign links with.
    pub async fn key(&self) -> &Result<DelegationKey, NoBlob> {
        self.key
            .get_or_init(|| blobs::delegation_key(&self.access, self.now))
            .await
    }

    /// The first containers, and which of them are open to everybody.
    pub async fn containers(&self) -> &Result<Containers, NoBlob> {
        self.containers
            .get_or_init(|| blobs::containers(&self.access))
            .await
    }

    /// The URL that a browser would load, of a named blob or of one that need not exist: Azure answers a preflight for
    /// the service, and not for the blob. So nothing has to be looked for first.
    ///
    /// # Errors
    /// When the account has no blob endpoint.
    pub fn probe_url(&self) -> Result<Url, Failure> {
        let account = self.access.account()?;
        let endpoint = account.blob_endpoint.as_ref().ok_or_else(|| {
            Failure::new(
                ErrorCode::Unsupported,
                "there is no URL that a browser could load",
            )
            .cause("the account has no blob endpoint: it holds files alone")
        })?;
        let name = self.samples.first().unwrap_or_else(|| BlobName {
            container: "segments-connect".to_owned(),
            blob: "preflight".to_owned(),
        });
        Ok(blob_url(endpoint, &name))
    }

    /// The blobs to test with.
    pub async fn blobs(&self) -> &Found {
        self.samples.find().await
    }
}

async fn once<T>(
    cell: &Answer<T>,
    ask: impl Future<Output = Result<T, Failure>>,
) -> &Result<T, Failure> {
    cell.get_or_init(|| ask).await
}
