//! What one round of checks has read: each question is asked once, when the first check needs its answer.
//!
//! Facts are never kept from one round to the next, so that a later round sees what changed. The samples are. What was
//! handed in is an answer already; what the view cannot ask is answered with the reason.

use std::collections::BTreeMap;
use std::future::Future;

use futures_util::future::join_all;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::OnceCell;
use url::Url;

use super::Shared;
use super::account::Account;
use super::blob_cors::BlobService;
use super::blobs::{self, Containers, NoBlob};
use super::directory::{ServicePrincipal, principal};
use super::handed_in::last;
use super::inputs::{Given, Inputs};
use super::place::Place;
use super::rbac::Groups;
use super::reads;
use super::samples::{Found, Samples};
use super::sas::{DelegationKey, LINK_LIFE, TRIAL_LIFE, blob_url};
use super::target::BlobName;
use super::templates::{ORIGIN, READER_ID};
use super::view::{Standpoint, View};
use crate::error::Failure;
use crate::probe::{Exchange, Prober};

/// A question, and its answer once it was asked.
type Answer<T> = OnceCell<Result<T, Failure>>;

/// What one round of checks has read.
pub struct Facts {
    /// From where the account is looked at.
    pub view: Shared<View>,
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
    preflight: Answer<Exchange>,
}

impl Facts {
    /// Nothing read yet but what was handed in.
    #[must_use]
    pub fn new(view: Shared<View>, samples: Shared<Samples>, prober: Shared<Prober>) -> Self {
        let given = view.inputs.clone();
        let installed = given.principal.map(|given| match given.answer()? {
            Value::Null => Ok(None),
            shown => principal(shown, "could not read what was handed in").map(Some),
        });
        let containers = given
            .containers
            .map(|given| given.answer().map_err(NoBlob::Failed));
        Self {
            principal: OnceCell::new_with(installed),
            assignments: OnceCell::new_with(given.assignments.map(Given::answer)),
            definitions: OnceCell::new(),
            denials: OnceCell::new_with(given.denials.map(Given::answer)),
            blob_service: OnceCell::new_with(
                given
                    .blob_service
                    .map(|given| given.answer().map(BlobService::new)),
            ),
            account: OnceCell::new_with(given.account.map(Given::answer)),
            others: OnceCell::new_with(given.others.map(Given::answer)),
            containers: OnceCell::new_with(containers),
            key: OnceCell::new(),
            preflight: OnceCell::new(),
            now: OffsetDateTime::now_utc(),
            view,
            samples,
            prober,
        }
    }

    /// Where the account is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.view.place
    }

    /// The account as it was found.
    ///
    /// # Errors
    /// Why it is not to be seen.
    pub fn found(&self) -> Result<&Account, Failure> {
        self.place().account()
    }

    /// The object ID of the service principal, where it was given.
    #[must_use]
    pub fn given_principal(&self) -> Option<&str> {
        self.place().principal.as_deref()
    }

    /// What the groups among the assignments are to the app.
    #[must_use]
    pub fn groups(&self) -> Groups {
        self.view.inputs.listed.groups()
    }

    /// The service principal; `None` where the app is not installed.
    pub async fn principal(&self) -> &Result<Option<ServicePrincipal>, Failure> {
        once(&self.principal, async {
            self.view.owner()?.directory.read().await
        })
        .await
    }

    /// The role assignments of the service principal, and those of groups.
    pub async fn assignments(&self) -> &Result<Vec<Value>, Failure> {
        once(&self.assignments, async {
            let access = self.view.owner()?;
            // An object ID is never another one's again, so the one that is known can be asked for meanwhile.
            if let Some(id) = access.directory.object_id() {
                return reads::assignments(access, &id).await;
            }
            match self.principal().await {
                Ok(Some(principal)) => reads::assignments(access, &principal.id).await,
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
                let read = join_all(ids.iter().map(|id| self.definition(id))).await;
                ids.iter()
                    .map(|id| id.to_ascii_lowercase())
                    .zip(read)
                    .collect()
            })
            .await
    }

    async fn definition(&self, id: &str) -> Result<Value, Failure> {
        let given = &self.view.inputs.definitions;
        let known = given
            .get(&id.to_ascii_lowercase())
            .or_else(|| given.get(&last(id)));
        match known {
            Some(given) => given.clone().answer(),
            None => reads::role_definition(self.view.owner()?, id).await,
        }
    }

    /// Who else has the published role on the account: object IDs. Asked only where the app has it not.
    pub async fn others_with_the_role(&self) -> &Result<Vec<String>, Failure> {
        once(&self.others, async {
            reads::holders_of_the_role(self.view.owner()?).await
        })
        .await
    }

    /// The deny assignments.
    pub async fn denials(&self) -> &Result<Vec<Value>, Failure> {
        once(&self.denials, async {
            reads::deny_assignments(self.view.owner()?).await
        })
        .await
    }

    /// The blob service, and in it the CORS rules.
    pub async fn blob_service(&self) -> &Result<BlobService, Failure> {
        once(&self.blob_service, async {
            reads::blob_service(self.view.owner()?)
                .await
                .map(BlobService::new)
        })
        .await
    }

    /// The account as it is now.
    pub async fn account(&self) -> &Result<Value, Failure> {
        once(&self.account, async {
            reads::account(self.view.owner()?).await
        })
        .await
    }

    /// For how long a link lives that is made for a check: Segments.ai's own as long as in production, since an account may
    /// refuse links by their age.
    #[must_use]
    pub fn link_life(&self) -> time::Duration {
        match self.view.from {
            Standpoint::Segments => LINK_LIFE,
            Standpoint::Owner | Standpoint::Outside | Standpoint::Documents => TRIAL_LIFE,
        }
    }

    /// A key of the caller's own to sign links with.
    pub async fn key(&self) -> &Result<DelegationKey, NoBlob> {
        self.key
            .get_or_init(|| async {
                let access = self.view.caller().map_err(NoBlob::Failed)?;
                blobs::delegation_key(access, self.now, self.link_life()).await
            })
            .await
    }

    /// The first containers, and which of them are open to everybody.
    pub async fn containers(&self) -> &Result<Containers, NoBlob> {
        self.containers
            .get_or_init(|| async {
                let access = self.view.owner().map_err(NoBlob::Failed)?;
                blobs::containers(access).await
            })
            .await
    }

    /// What the blob service answers to the preflight of Segments.ai's page.
    pub async fn preflight(&self) -> &Result<Exchange, Failure> {
        once(&self.preflight, async {
            let url = self.probe_url()?;
            self.prober.preflight(&url, None, ORIGIN, "GET", &[]).await
        })
        .await
    }

    /// The URL that a browser would load, of a named blob or of one that need not exist: Azure answers a preflight for
    /// the service, and not for the blob. So nothing has to be looked for first.
    ///
    /// # Errors
    /// When the account has no blob endpoint.
    pub fn probe_url(&self) -> Result<Url, Failure> {
        let endpoint = self.place().blob_endpoint()?;
        let name = self.samples.first().unwrap_or_else(|| BlobName {
            container: "segments-connect".to_owned(),
            blob: "preflight".to_owned(),
        });
        Ok(blob_url(&endpoint, &name))
    }

    /// The blobs to test with.
    pub async fn blobs(&self) -> &Found {
        self.samples.find().await
    }

    /// What was read up to now, to be handed over.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        fn given<T: Clone>(cell: &Answer<T>) -> Option<Given<T>> {
            cell.get().map(Given::from)
        }
        fn shown<T, U>(cell: &Answer<T>, show: impl Fn(&T) -> U) -> Option<Given<U>> {
            cell.get().map(|answer| match answer {
                Ok(value) => Given::Read(show(value)),
                Err(failure) => Given::Unread(failure.one_line()),
            })
        }
        Inputs {
            account: given(&self.account),
            blob_service: shown(&self.blob_service, |service| service.properties().clone()),
            principal: shown(&self.principal, |found| {
                let installed = found.as_ref();
                installed.map_or(Value::Null, |principal| principal.shown.clone())
            }),
            assignments: given(&self.assignments),
            listed: self.view.inputs.listed,
            definitions: self
                .definitions
                .get()
                .into_iter()
                .flatten()
                .map(|(id, read)| (id.clone(), Given::from(read)))
                .collect(),
            others: given(&self.others),
            denials: given(&self.denials),
            containers: self.containers.get().map(|answer| match answer {
                Ok(containers) => Given::Read(containers.clone()),
                Err(reason) => Given::Unread(reason.in_words()),
            }),
        }
    }
}

async fn once<T>(
    cell: &Answer<T>,
    ask: impl Future<Output = Result<T, Failure>>,
) -> &Result<T, Failure> {
    cell.get_or_init(|| ask).await
}
