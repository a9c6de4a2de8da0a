//! Signing in and finding the bucket and its project, before anything is known.

use std::time::Duration;

use google_cloud_auth::credentials::{AccessTokenCredentials, Builder};
use google_cloud_gax::client_builder;
use google_cloud_gax::error::Error;
use google_cloud_gax::error::rpc::Code;
use google_cloud_storage::client::StorageControl;
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::SCOPE;
use crate::error::{ErrorCode, Failure};
use crate::gcp::endpoints::Endpoints;
use crate::gcp::failure::{self, Doing};
use crate::gcp::identity::{self, Identity};
use crate::gcp::place::{BucketProject, Parent};
use crate::gcp::reads::{self, BucketFacts};
use crate::gcp::target::{BucketName, Project};
use crate::gcp::view::owner_only;
use crate::gcp::wire::{Body, Http};
use crate::settings::GcpSettings;

/// What is needed to ask before anything is known.
pub(super) struct Asking<'a> {
    pub settings: &'a GcpSettings,
    pub endpoints: &'a Endpoints,
    pub control: &'a StorageControl,
    pub http: &'a Http,
    pub caller: String,
}

/// A project as Resource Manager knows it.
pub(super) struct Known {
    id: String,
    number: String,
    parent: Parent,
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

    /// Who is asking, the bucket, and the project that was given. What only the owner may ask is asked as the `owner` alone.
    pub async fn look(
        &self,
        found: &Identity,
        credentials: &AccessTokenCredentials,
        owner: bool,
    ) -> (
        Option<String>,
        Result<BucketFacts, Failure>,
        Result<Option<Known>, Failure>,
    ) {
        if !owner {
            let email = who(found, credentials, self).await;
            return (email, Err(owner_only()), Ok(None));
        }
        futures_util::future::join3(
            who(found, credentials, self),
            self.bucket(),
            self.given_project(),
        )
        .await
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
            parent: match text("parent") {
                "" => Parent::Nothing,
                parent => Parent::In(parent.to_owned()),
            },
        })
    }

    /// The bucket's own project.
    pub async fn project(
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
                parent: given.parent,
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
                parent: given.parent,
            }),
            // A number that could not be looked up has failed before.
            (None, Some(project), number) => Ok(BucketProject {
                id: project.as_str().to_owned(),
                number,
                observed: false,
                parent: Parent::Unknown,
            }),
            (None, None, Some(number)) => {
                let known = self.look_up(&number).await.map_err(|failure| {
                    failure.hint("name the bucket's project yourself, with `--project ID`")
                })?;
                Ok(BucketProject {
                    id: known.id,
                    number: Some(number),
                    observed: true,
                    parent: known.parent,
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

pub(super) fn sign_in() -> Result<AccessTokenCredentials, Failure> {
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
pub(super) async fn machine_is_ready(
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

/// Makes a client on a thread of its own. Each reads and checks every certificate authority that this machine trusts,
/// which takes as long as a third of a round trip.
pub(super) fn built_aside<T: Send + 'static>(
    building: impl Future<Output = client_builder::Result<T>> + Send + 'static,
) -> JoinHandle<client_builder::Result<T>> {
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(building))
}

/// The client that was made aside.
///
/// # Errors
/// When it cannot be made.
pub(super) async fn built<T>(client: JoinHandle<client_builder::Result<T>>) -> Result<T, Failure> {
    client
        .await
        .map_err(|error| unbuilt(&error))?
        .map_err(|error| unbuilt(&error))
}

pub(super) fn unbuilt(error: &impl std::error::Error) -> Failure {
    Failure::new(
        ErrorCode::UnexpectedAnswer,
        "could not prepare a connection to Google",
    )
    .cause(crate::redact::text(&error.to_string()))
}
