//! The way to the bucket: whose credentials, which bucket, which project, and the clients that follow from it.

use std::fmt::Write;
use std::time::Duration;

use google_cloud_auth::credentials::{AccessTokenCredentials, Builder, Credentials};
use google_cloud_auth::signer::Signer;
use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;
use google_cloud_iam_admin_v1::client::Iam;
use google_cloud_storage::client::{Storage, StorageControl};
use serde_json::Value;
use tokio::sync::OnceCell;

use super::account::ServiceAccount;
use super::endpoints::Endpoints;
use super::failure::{self, Doing};
use super::iam::Ours;
use super::identity::{self, Identity, Kind};
use super::reads::{self, BucketFacts, Granted};
use super::relay::Relay;
use super::target::{BucketName, Project, RoleId};
use super::wire::{Body, FewTries, Http, short_pause};
use crate::error::{ErrorCode, Failure};
use crate::redact::shell_quote;
use crate::settings::{Action, GcpSettings};

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
        let storage = Storage::builder()
            .with_credentials(all.clone())
            .with_endpoint(endpoints.storage.clone())
            .with_retry_policy(FewTries)
            .with_backoff_policy(short_pause())
            .build()
            .await
            .map_err(|error| unbuilt(&error))?;
        let iam = Iam::builder()
            .with_credentials(all.clone())
            .with_endpoint(endpoints.iam.clone())
            .with_retry_policy(FewTries)
            .with_backoff_policy(short_pause())
            .with_attempt_timeout(timeout)
            .build()
            .await
            .map_err(|error| unbuilt(&error))?;
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
        let signer = identity
            .kind
            .can_sign()
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

/// What is needed to ask before anything is known.
struct Asking<'a> {
    settings: &'a GcpSettings,
    endpoints: &'a Endpoints,
    control: &'a StorageControl,
    http: &'a Http,
    caller: String,
}

/// A project as Resource Manager knows it.
struct Known {
    id: String,
    number: String,
}

impl Asking<'_> {
    fn doing<'a>(&'a self, what: &'a str, permission: &'a str) -> Doing<'a> {
        Doing {
            what,
            permission,
            caller: &self.caller,
            project: self.settings.project.as_ref().map(Project::as_str),
        }
    }

    async fn bucket(&self) -> Result<BucketFacts, Failure> {
        let name = &self.settings.bucket;
        let what = format!("could not read the bucket `{name}`");
        let doing = self.doing(&what, "storage.buckets.get");
        reads::get_bucket(self.control, name, self.settings.timeout)
            .await
            .map_err(|error| missing_bucket(doing, name, &error))
    }

    /// The project that was given, looked up. That it cannot be looked up is no failure where its ID is known.
    async fn given_project(&self) -> Result<Option<Known>, Failure> {
        let Some(project) = &self.settings.project else {
            return Ok(None);
        };
        match self.look_up(project.as_str()).await {
            Ok(known) => Ok(Some(known)),
            Err(failure) if failure.code == ErrorCode::TargetNotFound => Err(failure.hint(
                "`gcloud projects list` shows the projects that you may see, by ID and number",
            )),
            Err(failure) if project.is_number() || is_about_signing_in(failure.code) => {
                Err(failure)
            }
            Err(_) => Ok(None),
        }
    }

    async fn look_up(&self, project: &str) -> Result<Known, Failure> {
        let what = format!("could not look up the project `{project}`");
        let doing = self.doing(&what, "resourcemanager.projects.get");
        let url = format!("{}/v3/projects/{project}", self.endpoints.resource_manager);
        let found = self.http.ask(doing, &url, Body::None).await?;
        let text = |name: &str| found.get(name).and_then(Value::as_str).unwrap_or_default();
        let (id, number) = (
            text("projectId"),
            text("name").trim_start_matches("projects/"),
        );
        if id.is_empty() || number.is_empty() {
            return Err(Failure::new(ErrorCode::UnexpectedAnswer, &what)
                .cause("the answer names no project"));
        }
        Ok(Known {
            id: id.to_owned(),
            number: number.to_owned(),
        })
    }

    /// The bucket's own project.
    async fn project(
        &self,
        given: Option<Known>,
        bucket: Option<&BucketFacts>,
    ) -> Result<BucketProject, Failure> {
        let number = bucket.and_then(|bucket| bucket.project_number.clone());
        match (given, &self.settings.project, number) {
            (Some(given), _, Some(number)) if given.number == number => Ok(BucketProject {
                id: given.id,
                number: Some(number),
                observed: true,
            }),
            (Some(given), _, Some(number)) => Err(Failure::new(
                ErrorCode::WrongAccount,
                format!(
                    "the bucket `{}` is not in the project `{}`, but in the one with the number {number}",
                    self.settings.bucket, given.id
                ),
            )
            .cause("a custom role can be granted only in its own project (G27)")
            .hint("leave `--project` out: the bucket's own project is looked up, and the role is made there")),
            (Some(given), _, None) => Ok(BucketProject {
                id: given.id,
                number: Some(given.number),
                observed: false,
            }),
            // A number that could not be looked up has failed before.
            (None, Some(project), number) => Ok(BucketProject {
                id: project.as_str().to_owned(),
                number,
                observed: false,
            }),
            (None, None, Some(number)) => {
                let known = self.look_up(&number).await.map_err(|failure| {
                    failure.hint("name the bucket's project yourself, with `--project ID`")
                })?;
                Ok(BucketProject {
                    id: known.id,
                    number: Some(number),
                    observed: true,
                })
            }
            (None, None, None) => Err(Failure::usage(
                format!("the project of the bucket `{}` is not known", self.settings.bucket),
                "name it with `--project ID`",
            )),
        }
    }
}

fn is_about_signing_in(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NotSignedIn
            | ErrorCode::CredentialsExpired
            | ErrorCode::NoNetwork
            | ErrorCode::Proxy
            | ErrorCode::Tls
            | ErrorCode::Timeout
    )
}

/// Why the bucket could not be read.
#[must_use]
pub fn missing_bucket(doing: Doing<'_>, bucket: &BucketName, error: &Error) -> Failure {
    let status = error.status().map(|status| status.code);
    if status == Some(Code::NotFound) {
        return Failure::new(
            ErrorCode::TargetNotFound,
            format!("could not find the bucket `{bucket}`"),
        )
        .cause("there is no bucket of that name")
        .hint("check the name; `gcloud storage buckets list` lists those of your project");
    }
    failure::failure(doing, error)
}

fn sign_in() -> Result<AccessTokenCredentials, Failure> {
    Builder::default()
        .with_scopes([SCOPE])
        .build_access_token_credentials()
        .map_err(|error| {
            let why = if error.is_missing_field() {
                "the credential file lacks a member that its kind needs"
            } else if error.is_not_supported() || error.is_unknown_type() {
                "credentials of this kind are not supported"
            } else {
                "the credential file could not be used"
            };
            Failure::new(
                ErrorCode::NotSignedIn,
                "could not load your Google credentials",
            )
            .cause(why)
            .hint(identity::SIGN_IN)
        })
}

/// Without a credential file the machine's own metadata server is asked, which most machines do not have. Nothing else
/// may wait for that to be found out.
async fn machine_is_ready(
    credentials: &AccessTokenCredentials,
    timeout: Duration,
) -> Result<(), Failure> {
    let doing = Doing {
        what: "could not find out who you are",
        permission: "",
        caller: "",
        project: None,
    };
    match tokio::time::timeout(timeout, credentials.access_token()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if !error.is_transient() || std::env::var_os("GCE_METADATA_HOST").is_none() => {
            Err(Failure::new(ErrorCode::NotSignedIn, doing.what)
                .cause("no credentials were found: no application-default credentials, and this machine has no service account of its own")
                .hint(identity::SIGN_IN))
        }
        Ok(Err(error)) => Err(failure::failure(doing, &Error::authentication(error))),
        Err(_) => Err(failure::timed_out(doing)),
    }
}

/// The caller's e-mail address, where it takes a request to know it. Not knowing it stops nobody: the next request says
/// whether the credentials are any good.
async fn who(
    found: &Identity,
    credentials: &AccessTokenCredentials,
    asking: &Asking<'_>,
) -> Option<String> {
    if found.email.is_some() {
        return None;
    }
    let token = tokio::time::timeout(asking.settings.timeout, credentials.access_token())
        .await
        .ok()?
        .ok()?;
    let url = format!("{}/tokeninfo", asking.endpoints.oauth);
    // In the body, not in the URL: proxies write URLs down.
    let answer = asking
        .http
        .ask(
            asking.doing("could not find out who you are", ""),
            &url,
            Body::Form(&[("access_token", &token.token)]),
        )
        .await
        .ok()?;
    answer
        .get("email")
        .and_then(Value::as_str)
        .map(crate::redact::escape_control)
}

fn unbuilt(error: &google_cloud_gax::client_builder::Error) -> Failure {
    Failure::new(
        ErrorCode::UnexpectedAnswer,
        "could not prepare a connection to Google",
    )
    .cause(crate::redact::text(&error.to_string()))
}
