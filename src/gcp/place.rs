//! Where a bucket is, and what to call it: its names, its addresses, and the commands that a report prints.
//!
//! Known without being signed in. Nothing is asked here.

use std::fmt::Write;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::account::ServiceAccount;
use super::endpoints::{Endpoints, STORAGE_HOST};
use super::iam::Ours;
use super::target::{BucketName, Project, RoleId};
use crate::error::{ErrorCode, Failure};
use crate::redact::shell_quote;

/// Unreserved characters and the slash stay: <https://cloud.google.com/storage/docs/request-endpoints#encoding>.
const OBJECT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// The bucket's project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketProject {
    /// Its ID, by which roles are named.
    pub id: String,
    /// Its number, where it was seen.
    pub number: Option<String>,
    /// Whether it was seen that the bucket is in it; otherwise it is what `--project` says.
    pub observed: bool,
    /// What it is in, where it was looked up.
    pub parent: Parent,
}

impl BucketProject {
    /// As it was given; nobody was asked.
    #[must_use]
    pub fn given(project: Option<&Project>) -> Self {
        Self {
            id: project.map(Project::to_string).unwrap_or_default(),
            number: None,
            observed: false,
            parent: Parent::Unknown,
        }
    }
}

/// What a project is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// Not looked up.
    Unknown,
    /// Neither a folder nor an organisation: a project of somebody's own.
    Nothing,
    /// `folders/NUMBER` or `organizations/NUMBER`.
    In(String),
}

/// A bucket, its project, and for whom it is looked at.
#[derive(Debug, Clone)]
pub struct Place {
    /// The bucket.
    pub bucket: BucketName,
    /// Its project.
    pub project: BucketProject,
    /// Segments.ai's service account.
    pub account: ServiceAccount,
    /// The role.
    pub role: RoleId,
    /// Whether the CORS entry names the page's own origin besides the wildcard.
    pub literal_origin: bool,
    /// Whether `--project` was given.
    pub project_given: bool,
    /// Where Google is.
    pub endpoints: Endpoints,
    /// For one request.
    pub timeout: Duration,
}

impl Place {
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

    /// A link as it was given, which is `shown` without its signature.
    ///
    /// # Errors
    /// Where it is no URL.
    pub fn as_given(&self, link: &str, shown: &str) -> Result<Form, Failure> {
        let doing = format!("could not make a request of `{shown}`");
        let odd = |why: String| Failure::new(ErrorCode::UnexpectedAnswer, &doing).cause(why);
        let mut url = Url::parse(link).map_err(|error| odd(error.to_string()))?;
        let mut host = None;
        if self.endpoints.storage_is_elsewhere {
            host = url.host_str().map(str::to_owned);
            let place =
                Url::parse(&self.endpoints.storage).map_err(|error| odd(error.to_string()))?;
            let moved = url.set_scheme(place.scheme()).is_ok()
                && url.set_host(place.host_str()).is_ok()
                && url.set_port(place.port()).is_ok();
            if !moved {
                return Err(odd(
                    "the endpoint cannot take the place of Google's".to_owned()
                ));
            }
        }
        Ok(Form {
            url,
            host,
            shown: shown.to_owned(),
        })
    }

    /// Both forms of the address of an object. The second one is left out where no certificate fits it.
    ///
    /// # Errors
    /// Where the address cannot be made.
    pub fn forms(&self, object: &str) -> Result<Vec<Form>, Failure> {
        let bucket = &self.bucket;
        let path = utf8_percent_encode(object, OBJECT).to_string();
        let place = &self.endpoints.storage;
        let elsewhere = self.endpoints.storage_is_elsewhere;
        let own_host = format!("{bucket}.{STORAGE_HOST}");
        let parse = |text: String| {
            Url::parse(&text).map_err(|error| {
                Failure::new(
                    ErrorCode::UnexpectedAnswer,
                    format!("could not make a URL of `{object}`"),
                )
                .cause(error.to_string())
            })
        };
        let in_path = Form {
            url: parse(format!("{place}/{bucket}/{path}"))?,
            host: elsewhere.then(|| STORAGE_HOST.to_owned()),
            shown: format!("https://{STORAGE_HOST}/{bucket}/{path}"),
        };
        if bucket.is_dotted() {
            return Ok(vec![in_path]);
        }
        let shown = format!("https://{own_host}/{path}");
        let in_host = Form {
            url: parse(if elsewhere {
                format!("{place}/{path}")
            } else {
                shown.clone()
            })?,
            host: elsewhere.then_some(own_host),
            shown,
        };
        Ok(vec![in_path, in_host])
    }
}

/// One of the two forms in which the XML interface takes a bucket's objects, and what a browser loads:
/// <https://cloud.google.com/storage/docs/request-endpoints#xml-api>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where the request goes.
    pub url: Url,
    /// The `Host` that production has, where the address is another.
    pub host: Option<String>,
    /// The address that a browser would load.
    pub shown: String,
}

impl Form {
    /// What to call the service at this address: the host that a browser would ask, in backticks.
    #[must_use]
    pub fn service(&self) -> String {
        let host = self.shown.split('/').nth(2).unwrap_or(STORAGE_HOST);
        format!("`{host}`")
    }
}
