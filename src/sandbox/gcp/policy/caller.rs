//! Who asks, and on what something is to be done.
//!
//! Only names; whether it may be done is decided in [`super::permission`].

use crate::sandbox::gcp::bucket::Bucket;
use crate::sandbox::gcp::person::{Kind, Person};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Nobody in particular.
    Anonymous,
    /// An account.
    Account {
        /// Its e-mail address.
        email: String,
        /// The project of a service account; `None` for a Google account.
        project: Option<String>,
    },
}

impl Caller {
    /// The caller that an account is.
    pub fn of(person: &Person) -> Self {
        Self::Account {
            email: person.email.clone(),
            project: match &person.kind {
                Kind::User => None,
                Kind::ServiceAccount { project, .. } => Some(project.clone()),
            },
        }
    }

    /// The address of an account.
    pub fn email(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Account { email, .. } => Some(email),
        }
    }

    /// The project of a service account.
    pub fn project(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Account { project, .. } => project.as_deref(),
        }
    }

    pub fn is_service_account(&self) -> bool {
        self.project().is_some()
    }

    /// The member that a policy names this account by.
    pub fn member(&self) -> String {
        match self {
            Self::Anonymous => "allUsers".to_owned(),
            Self::Account {
                email,
                project: Some(_),
            } => format!("serviceAccount:{email}"),
            Self::Account { email, .. } => format!("user:{email}"),
        }
    }

    /// The words that a refusal begins with.
    pub fn title(&self) -> &str {
        self.email().unwrap_or("Anonymous caller")
    }
}

/// On what something is to be done.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Resource<'a> {
    /// An organization, by its number.
    Organization(u64),
    /// A folder, by its number.
    Folder(u64),
    /// A project, by its ID.
    Project(&'a str),
    /// A bucket itself.
    Bucket(&'a Bucket),
    /// A managed folder of a bucket.
    ManagedFolder(&'a Bucket, &'a str),
    /// The objects of a bucket with a prefix, to be listed.
    Listing(&'a Bucket, &'a str),
    /// An object, which need not exist.
    Object(&'a Bucket, &'a str),
}

impl<'a> Resource<'a> {
    pub fn bucket(self) -> Option<&'a Bucket> {
        match self {
            Self::Organization(_) | Self::Folder(_) | Self::Project(_) => None,
            Self::Bucket(bucket)
            | Self::ManagedFolder(bucket, _)
            | Self::Listing(bucket, _)
            | Self::Object(bucket, _) => Some(bucket),
        }
    }

    pub fn project(self) -> Option<&'a str> {
        match self {
            Self::Organization(_) | Self::Folder(_) => None,
            Self::Project(project) => Some(project),
            Self::Bucket(bucket)
            | Self::ManagedFolder(bucket, _)
            | Self::Listing(bucket, _)
            | Self::Object(bucket, _) => Some(&bucket.project),
        }
    }

    /// The name that conditions know it by.
    pub fn name(self) -> String {
        match self {
            Self::Organization(number) => format!("organizations/{number}"),
            Self::Folder(number) => format!("folders/{number}"),
            Self::Project(project) => format!("projects/{project}"),
            Self::Bucket(bucket) | Self::Listing(bucket, _) => {
                format!("projects/_/buckets/{}", bucket.name)
            }
            Self::ManagedFolder(bucket, folder) => {
                format!("projects/_/buckets/{}/managedFolders/{folder}", bucket.name)
            }
            Self::Object(bucket, object) => {
                format!("projects/_/buckets/{}/objects/{object}", bucket.name)
            }
        }
    }

    pub fn kind(self) -> &'static str {
        match self {
            Self::Organization(_) => "cloudresourcemanager.googleapis.com/Organization",
            Self::Folder(_) => "cloudresourcemanager.googleapis.com/Folder",
            Self::Project(_) => "cloudresourcemanager.googleapis.com/Project",
            Self::Bucket(_) | Self::Listing(..) => "storage.googleapis.com/Bucket",
            Self::ManagedFolder(..) => "storage.googleapis.com/ManagedFolder",
            Self::Object(..) => "storage.googleapis.com/Object",
        }
    }
}
