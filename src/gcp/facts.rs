//! What one round of checks has read: each question is asked once, when the first check needs its answer.
//!
//! Facts are never kept from one round to the next, so that a later round sees what changed. What was handed in is an
//! answer already; what the view cannot ask is answered with the reason.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::Future;

use futures_util::future::{join, join_all};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::Shared;
use super::cors::CorsEntry;
use super::iam::{RoleState, Tri};
use super::inputs::{Given, Inputs};
use super::place::Place;
use super::reads::{self, BucketFacts, LevelPolicy, Policy};
use super::role::predefined;
use super::samples::{Found, Samples};
use super::view::View;
use crate::error::{ErrorCode, Failure};
use crate::probe::{Exchange, Prober};

pub use super::place::Form;

/// How many roles are read at the same time.
const AT_ONCE: usize = 16;

/// A question, and its answer once it was asked.
type Answer<T> = OnceCell<Result<T, Failure>>;
/// The deny policies of a level, by what they are attached to.
pub type Denials = (String, Result<Vec<Value>, Failure>);

/// What one round of checks has read.
pub struct Facts {
    /// From where the bucket is looked at.
    pub view: Shared<View>,
    /// The objects to test with.
    pub samples: Shared<Samples>,
    /// What sends as a browser would.
    pub prober: Shared<Prober>,
    bucket: Answer<BucketFacts>,
    cors: Option<Result<Vec<CorsEntry>, Failure>>,
    policy: Answer<Policy>,
    managed_folders: Answer<Vec<LevelPolicy>>,
    project_policy: Answer<Value>,
    ancestry: Answer<Vec<String>>,
    ancestors: Answer<Vec<LevelPolicy>>,
    deny: OnceCell<Vec<Denials>>,
    public: OnceCell<Tri>,
    roles: RefCell<BTreeMap<String, Shared<OnceCell<RoleState>>>>,
    domains: OnceCell<Vec<&'static str>>,
    anonymous: Answer<Exchange>,
}

impl Facts {
    /// Nothing read yet but what was handed in.
    #[must_use]
    pub fn new(view: Shared<View>, samples: Shared<Samples>, prober: Shared<Prober>) -> Self {
        let given = view.inputs.clone();
        let ancestry = given.ancestors.clone().map(|levels| {
            let levels = levels.answer()?;
            Ok(levels.into_iter().map(|level| level.name).collect())
        });
        let policy = given.iam_policy.map(|policy| {
            let etag = String::new();
            policy.answer().map(|document| Policy { document, etag })
        });
        Self {
            cors: given.cors.map(Given::answer),
            bucket: OnceCell::new_with(given.bucket.map(Given::answer)),
            policy: OnceCell::new_with(policy),
            managed_folders: OnceCell::new_with(given.managed_folders.map(Given::answer)),
            project_policy: OnceCell::new_with(given.project_policy.map(Given::answer)),
            ancestry: OnceCell::new_with(ancestry),
            ancestors: OnceCell::new_with(given.ancestors.map(Given::answer)),
            deny: OnceCell::new(),
            public: OnceCell::new(),
            roles: RefCell::new(BTreeMap::new()),
            domains: OnceCell::new(),
            anonymous: OnceCell::new(),
            view,
            samples,
            prober,
        }
    }

    /// Where the bucket is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.view.place
    }

    /// The bucket.
    pub async fn bucket(&self) -> &Result<BucketFacts, Failure> {
        once(&self.bucket, async {
            reads::bucket(self.view.owner()?).await
        })
        .await
    }

    /// Its CORS entries.
    ///
    /// # Errors
    /// Why they are not known.
    pub async fn cors(&self) -> Result<&[CorsEntry], &Failure> {
        match &self.cors {
            Some(given) => given.as_deref(),
            None => self
                .bucket()
                .await
                .as_ref()
                .map(|bucket| bucket.cors.as_slice()),
        }
    }

    /// Its IAM policy.
    pub async fn policy(&self) -> &Result<Policy, Failure> {
        once(&self.policy, async {
            reads::iam_policy(self.view.owner()?).await
        })
        .await
    }

    /// Its managed folders and their IAM policies. Only a bucket with uniform access has any:
    /// <https://cloud.google.com/storage/docs/managed-folders>.
    pub async fn managed_folders(&self) -> &Result<Vec<LevelPolicy>, Failure> {
        once(&self.managed_folders, async {
            let uniform = self
                .bucket()
                .await
                .as_ref()
                .ok()
                .map(|own| own.uniform_access);
            match uniform {
                Some(false) => Ok(Vec::new()),
                Some(true) | None => reads::managed_folders(self.view.owner()?).await,
            }
        })
        .await
    }

    /// The IAM policy of its project.
    pub async fn project_policy(&self) -> &Result<Value, Failure> {
        once(&self.project_policy, async {
            reads::project_policy(self.view.owner()?).await
        })
        .await
    }

    /// What the project is in, the nearest first: `folders/1`, `organizations/2`.
    pub async fn ancestry(&self) -> &Result<Vec<String>, Failure> {
        once(&self.ancestry, async {
            reads::ancestry(self.view.owner()?).await
        })
        .await
    }

    /// The IAM policies of that.
    pub async fn ancestors(&self) -> &Result<Vec<LevelPolicy>, Failure> {
        once(&self.ancestors, async {
            let levels = self.ancestry().await.as_ref().map_err(Clone::clone)?;
            Ok(reads::above(self.view.owner()?, levels).await)
        })
        .await
    }

    /// Whether a grant to everyone counts. What the organisation says of it is asked only where `asked` for.
    pub async fn public(&self, asked: bool) -> Tri {
        let own = self.bucket().await.as_ref().ok();
        if own.is_some_and(|bucket| bucket.public_access_prevention == "enforced") {
            return Tri::No;
        }
        if !asked || own.is_none() {
            return Tri::Maybe;
        }
        let ask = async {
            if let Some(prevented) = self.view.inputs.public_access_prevented {
                return Tri::from(prevented).not();
            }
            let Ok(access) = self.view.owner() else {
                return Tri::Maybe;
            };
            match reads::public_access_prevented(access).await {
                Ok(prevented) => Tri::from(prevented).not(),
                Err(_) => Tri::Maybe,
            }
        };
        *self.public.get_or_init(|| ask).await
    }

    /// The deny policies of its project and of what that is in.
    pub async fn deny(&self) -> &[Denials] {
        self.deny
            .get_or_init(|| async {
                let project = &self.place().project;
                let name = project.number.as_ref().unwrap_or(&project.id);
                let above = async {
                    match self.ancestry().await {
                        Err(failure) => vec![(ABOVE.to_owned(), Err(failure.clone()))],
                        Ok(levels) => {
                            join_all(levels.iter().map(|level| self.deny_of(level.clone()))).await
                        }
                    }
                };
                let (own, mut all) = join(self.deny_of(format!("projects/{name}")), above).await;
                all.insert(0, own);
                all
            })
            .await
    }

    async fn deny_of(&self, attachment: String) -> Denials {
        let policies = match self.view.inputs.deny_policies.get(&attachment) {
            Some(given) => given.clone().answer(),
            None => match self.view.owner() {
                Ok(access) => reads::deny_policies(access, &attachment).await,
                Err(failure) => Err(failure),
            },
        };
        (attachment, policies)
    }

    /// The constraints of the organisation that may refuse the service account, of those that could be read.
    pub async fn domains(&self) -> &[&'static str] {
        self.domains
            .get_or_init(|| async {
                match self.view.owner() {
                    Ok(access) => reads::domain_policies(access).await,
                    Err(_) => Vec::new(),
                }
            })
            .await
    }

    /// What these roles do for their members; each is read once.
    pub async fn roles(&self, names: Vec<String>) -> BTreeMap<String, RoleState> {
        stream::iter(names)
            .map(|name| async {
                let cell = Shared::clone(self.roles.borrow_mut().entry(name.clone()).or_default());
                let state = cell.get_or_init(|| self.role(&name)).await.clone();
                (name, state)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await
    }

    async fn role(&self, name: &str) -> RoleState {
        if let Some(given) = self.view.inputs.roles.get(name) {
            return given.clone();
        }
        match self.view.owner() {
            Ok(access) => reads::role_state(access, name).await,
            Err(failure) => match predefined(name) {
                Some(permissions) => RoleState::Enabled { permissions },
                None => RoleState::Unread(failure.one_line()),
            },
        }
    }

    /// Both forms of the address of the first sample, or of an object that need not exist: the bucket's configuration
    /// alone decides a preflight.
    ///
    /// # Errors
    /// Where the address cannot be made.
    pub async fn forms(&self) -> Result<Vec<Form>, Failure> {
        let name = match self.samples.find().await {
            Found::Names(names) => names.first().cloned(),
            Found::Empty | Found::Unlisted(_) => None,
        };
        self.place()
            .forms(name.as_deref().unwrap_or("segments-connect-preflight"))
    }

    /// What a request for the first sample is answered that anybody could send; or one for an object that need not exist.
    pub async fn anonymous(&self) -> &Result<Exchange, Failure> {
        once(&self.anonymous, async {
            let forms = self.forms().await?;
            let form = forms.first().ok_or_else(|| {
                Failure::new(ErrorCode::UnexpectedAnswer, "the bucket has no address")
            })?;
            self.prober
                .fetch(&form.url, form.host.as_deref(), None, Some("bytes=0-0"))
                .await
        })
        .await
    }

    /// What was read up to now, to be handed over.
    #[must_use]
    pub fn inputs(&self) -> Inputs {
        fn given<T: Clone>(cell: &Answer<T>) -> Option<Given<T>> {
            cell.get().map(Given::from)
        }
        Inputs {
            bucket: given(&self.bucket),
            cors: self.view.inputs.cors.clone(),
            iam_policy: self.policy.get().map(|answer| match answer {
                Ok(policy) => Given::Read(policy.document.clone()),
                Err(failure) => Given::Unread(failure.one_line()),
            }),
            managed_folders: given(&self.managed_folders),
            project_policy: given(&self.project_policy),
            ancestors: given(&self.ancestors),
            deny_policies: self
                .deny
                .get()
                .into_iter()
                .flatten()
                .map(|(place, policies)| (place.clone(), Given::from(policies)))
                .collect(),
            roles: self
                .roles
                .borrow()
                .iter()
                .filter_map(|(name, state)| Some((name.clone(), state.get()?.clone())))
                .collect(),
            public_access_prevented: match self.public.get() {
                Some(Tri::Yes) => Some(false),
                Some(Tri::No) => Some(true),
                Some(Tri::Maybe) | None => None,
            },
        }
    }
}

/// What stands for the levels above a project where they are not known.
pub const ABOVE: &str = "what the project is in";

async fn once<T>(
    cell: &Answer<T>,
    ask: impl Future<Output = Result<T, Failure>>,
) -> &Result<T, Failure> {
    cell.get_or_init(|| ask).await
}
