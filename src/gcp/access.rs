//! The way to the bucket: whose credentials, which bucket, which project, and the clients that follow from it.

mod opening;

use std::time::Duration;

use google_cloud_auth::credentials::{Builder, Credentials};
use google_cloud_auth::signer::Signer;
use google_cloud_iam_admin_v1::client::Iam;
use google_cloud_storage::client::{Storage, StorageControl};
use tokio::sync::OnceCell;

use super::endpoints::Endpoints;
use super::failure::Doing;
use super::identity::{self, Identity, Kind};
use super::place::{BucketProject, Place};
use super::reads::{self, BucketFacts, Granted};
use super::relay::Relay;
use super::wire::{FewTries, Http, short_pause};
use crate::error::{ErrorCode, Failure};
use crate::settings::{Action, GcpSettings, Look};
pub use opening::missing_bucket;
use opening::{Asking, built, built_aside, machine_is_ready, sign_in, unbuilt};

/// How long Segments.ai's links live: <https://docs.segments.ai/how-to-annotate/label-images>.
pub const LINK_LIFETIME: Duration = Duration::from_hours(24);

/// Reading and changing everything that is touched here needs this scope.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Signed in, and the bucket found.
pub struct Access {
    /// Who is asking.
    pub identity: Identity,
    /// Where the bucket is, and for whom it is looked at.
    pub place: Place,
    /// The bucket as it was first seen, or why it was not; only `verify` goes on then.
    pub first_look: Result<BucketFacts, Failure>,
    /// What the run is to do.
    pub action: Action,
    /// Bucket metadata and IAM.
    pub control: StorageControl,
    /// Objects.
    pub storage: Storage,
    /// Custom roles.
    pub iam: Iam,
    /// Everything else.
    pub http: Http,
    /// Signs links, where the credentials can.
    pub signer: Option<Signer>,
    granted: OnceCell<Granted>,
    /// Carries gRPC through a proxy for as long as it lives.
    _relay: Option<Relay>,
}

impl Access {
    /// Finds out who is asking, where the bucket is, and in which project.
    ///
    /// # Errors
    /// When nobody is signed in, the bucket does not exist, its project is not known, or it is in another one than
    /// `--project`.
    pub async fn open(settings: &GcpSettings, action: Action) -> Result<Self, Failure> {
        let endpoints = Endpoints::from_environment()?;
        let found = Identity::find()?;
        let credentials = sign_in()?;
        let timeout = settings.timeout;
        let all = Credentials::from(credentials.clone());
        if found.kind == Kind::Machine {
            machine_is_ready(&credentials, timeout).await?;
        }
        if let Ok(Some(universe)) = tokio::time::timeout(timeout, all.universe_domain()).await {
            identity::check_universe(&universe)?;
        }
        let relay = Relay::start_for(&endpoints.grpc, timeout).await?;
        let grpc = relay
            .as_ref()
            .map_or_else(|| endpoints.grpc.clone(), Relay::endpoint);
        let control = StorageControl::builder()
            .with_credentials(all.clone())
            .with_endpoint(grpc)
            .with_retry_policy(FewTries)
            .with_backoff_policy(short_pause())
            .with_attempt_timeout(timeout)
            .build()
            .await
            .map_err(|error| unbuilt(&error))?;
        // Neither is needed for the first look, so both are made while it waits for its answers.
        let storage = Storage::builder()
            .with_credentials(all.clone())
            .with_endpoint(endpoints.storage.clone())
            .with_retry_policy(FewTries)
            .with_backoff_policy(short_pause())
            .build();
        let iam = Iam::builder()
            .with_credentials(all.clone())
            .with_endpoint(endpoints.iam.clone())
            .with_retry_policy(FewTries)
            .with_backoff_policy(short_pause())
            .with_attempt_timeout(timeout)
            .build();
        let (storage, iam) = (built_aside(storage), built_aside(iam));
        let http = Http::new(all, timeout);
        let asking = Asking {
            settings,
            endpoints: &endpoints,
            control: &control,
            http: &http,
            caller: found.name(),
        };
        let owner = settings.look != Look::Segments;
        let (email, first_look, given) = asking.look(&found, &credentials, owner).await;
        let identity = Identity {
            email: email.or_else(|| found.email.clone()),
            ..found
        };
        if let Err(failure) = &first_look
            && owner
            && (action != Action::Verify || failure.code != ErrorCode::NotPermitted)
        {
            return Err(failure.clone());
        }
        let project = if owner {
            let found = asking.project(given?, first_look.as_ref().ok()).await;
            found.map_err(|failure| match &first_look {
                // Why the bucket itself does not say which project it is in.
                Err(why) => failure.cause(why.one_line()),
                Ok(_) => failure,
            })?
        } else {
            BucketProject::given(settings.project.as_ref())
        };
        let (storage, iam) = (built(storage).await?, built(iam).await?);
        // Without a key at hand Google itself signs, and that has no other address: not for a rehearsal.
        let at_hand = identity.kind == Kind::ServiceAccountKey;
        let signer = (identity.kind.can_sign() && (at_hand || !endpoints.storage_is_elsewhere))
            .then(|| Builder::default().with_scopes([SCOPE]).build_signer().ok())
            .flatten();
        Ok(Self {
            identity,
            place: Place {
                bucket: settings.bucket.clone(),
                project,
                account: settings.account.clone(),
                role: settings.role.clone(),
                literal_origin: settings.literal_origin,
                project_given: settings.project.is_some(),
                endpoints,
                timeout,
            },
            first_look,
            action,
            control,
            storage,
            iam,
            http,
            signer,
            granted: OnceCell::new(),
            _relay: relay,
        })
    }

    /// What a request is for, with who is asking.
    #[must_use]
    pub fn doing<'a>(&'a self, what: &'a str, permission: &'a str) -> Doing<'a> {
        Doing {
            what,
            permission,
            caller: self
                .identity
                .email
                .as_deref()
                .unwrap_or(self.identity.kind.in_words()),
            project: Some(self.place.project.id.as_str()).filter(|id| !id.is_empty()),
        }
    }

    /// What the caller may do with the bucket and the project, as far as Google says. Asked once.
    pub async fn granted(&self) -> &Granted {
        self.granted.get_or_init(|| reads::granted(self)).await
    }
}
