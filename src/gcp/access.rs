//! The way to the bucket: whose credentials, which bucket, which project, and the clients that follow from it.

mod opening;

use std::fmt::Write;
use std::time::Duration;

use google_cloud_auth::credentials::{Builder, Credentials};
use google_cloud_auth::signer::Signer;
use google_cloud_iam_admin_v1::client::Iam;
use google_cloud_storage::client::{Storage, StorageControl};
use tokio::sync::OnceCell;

use super::account::ServiceAccount;
use super::endpoints::Endpoints;
use super::failure::Doing;
use super::iam::Ours;
use super::identity::{self, Identity, Kind};
use super::reads::{self, BucketFacts, Granted};
use super::relay::Relay;
use super::target::{BucketName, RoleId};
use super::wire::{FewTries, Http, short_pause};
use crate::error::{ErrorCode, Failure};
use crate::redact::shell_quote;
use crate::settings::{Action, GcpSettings};
pub use opening::missing_bucket;
use opening::{Asking, built, built_aside, machine_is_ready, sign_in, unbuilt, who};

/// How long Segments.ai's links live: <https://docs.segments.ai/how-to-annotate/label-images>.
pub const LINK_LIFETIME: Duration = Duration::from_hours(24);

/// Reading and changing everything that is touched here needs this scope.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// The bucket's project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketProject {
    /// Its ID, by which roles are named.
    pub id: String,
    /// Its number, where it was seen.
    pub number: Option<String>,
    /// Whether it was seen that the bucket is in it; otherwise it is what `--project` says.
    pub observed: bool,
}

/// Signed in, and the bucket found.
pub struct Access {
    /// Who is asking.
    pub identity: Identity,
    /// The bucket.
    pub bucket: BucketName,
    /// The bucket as it was first seen, or why it was not; only `verify` goes on then.
    pub first_look: Result<BucketFacts, Failure>,
    /// Its project.
    pub project: BucketProject,
    /// Segments.ai's service account.
    pub account: ServiceAccount,
    /// The role.
    pub role: RoleId,
    /// Whether the CORS entry names the page's own origin besides the wildcard.
    pub literal_origin: bool,
    /// What the run is to do.
    pub action: Action,
    /// Where Google is.
    pub endpoints: Endpoints,
    /// For one request.
    pub timeout: Duration,
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
    project_given: bool,
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
        let (email, first_look, given) = futures_util::future::join3(
            who(&found, &credentials, &asking),
            asking.bucket(),
            asking.given_project(),
        )
        .await;
        let identity = Identity {
            email: email.or_else(|| found.email.clone()),
            ..found
        };
        if let Err(failure) = &first_look
            && (action != Action::Verify || failure.code != ErrorCode::NotPermitted)
        {
            return Err(failure.clone());
        }
        let project = asking.project(given?, first_look.as_ref().ok()).await?;
        let (storage, iam) = (built(storage).await?, built(iam).await?);
        // Without a key at hand Google itself signs, and that has no other address: not for a rehearsal.
        let at_hand = identity.kind == Kind::ServiceAccountKey;
        let signer = (identity.kind.can_sign() && (at_hand || !endpoints.storage_is_elsewhere))
            .then(|| Builder::default().with_scopes([SCOPE]).build_signer().ok())
            .flatten();
        Ok(Self {
            identity,
            bucket: settings.bucket.clone(),
            first_look,
            project,
            account: settings.account.clone(),
            role: settings.role.clone(),
            literal_origin: settings.literal_origin,
            action,
            timeout,
            control,
            storage,
            iam,
            http,
            signer,
            project_given: settings.project.is_some(),
            granted: OnceCell::new(),
            endpoints,
            _relay: relay,
        })
    }

    /// The role's full name.
    #[must_use]
    pub fn role_name(&self) -> String {
        self.role.in_project(&self.project.id)
    }

    /// Our one entry in the IAM policy, given both of its names.
    #[must_use]
    pub fn ours<'a>(&self, role: &'a str, member: &'a str) -> Ours<'a> {
        Ours { role, member }
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
            project: Some(&self.project.id),
        }
    }

    /// What the caller may do with the bucket and the project, as far as Google says. Asked once.
    pub async fn granted(&self) -> &Granted {
        self.granted.get_or_init(|| reads::granted(self)).await
    }

    /// A command of this program for the same bucket, to be pasted into a shell.
    #[must_use]
    pub fn command(&self, action: &str) -> String {
        let mut command = format!(
            "segments-connect gcp {action} --bucket {} --service-account {}",
            self.bucket, self.account
        );
        if self.project_given {
            let _ = write!(command, " --project {}", shell_quote(&self.project.id));
        }
        if self.role != RoleId::default() {
            let _ = write!(command, " --role-id {}", self.role);
        }
        if self.literal_origin {
            command.push_str(" --literal-origin");
        }
        command
    }
}
