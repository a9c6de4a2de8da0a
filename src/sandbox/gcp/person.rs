//! Who can sign in: people, service accounts, and the tokens that they get.
//!
//! Plain data that a test seeds and inspects; nothing here decides.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

/// The scopes that `gcloud auth application-default login` asks for.
/// See <https://cloud.google.com/sdk/gcloud/reference/auth/application-default/login>.
const USER_SCOPES: [&str; 4] = [
    "openid",
    "https://www.googleapis.com/auth/userinfo.email",
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/sqlservice.login",
];
/// The scope that stands for all of Google Cloud.
pub(crate) const CLOUD_PLATFORM: &str = "https://www.googleapis.com/auth/cloud-platform";

/// What kind of account signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A Google account.
    User,
    /// A service account.
    ServiceAccount {
        /// The ID of its project.
        project: String,
        /// The ID of its key, when it has one.
        key_id: Option<String>,
    },
}

/// Somebody who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The e-mail address.
    pub email: String,
    /// Which kind of account.
    pub kind: Kind,
    /// The refresh token of its application-default credentials.
    pub refresh_token: String,
    /// The scopes of its tokens.
    pub scopes: BTreeSet<String>,
    /// Whether the organization wants this person to sign in anew before a token is issued.
    /// See <https://support.google.com/a/answer/9368756>.
    pub must_reauthenticate: bool,
    /// Whether the account is disabled.
    pub disabled: bool,
    /// The quota project that its application-default credentials name.
    pub quota_project: Option<String>,
}

impl Person {
    /// A Google account that signed in with `gcloud auth application-default login`.
    #[must_use]
    pub fn user(email: &str) -> Self {
        Self {
            email: email.to_owned(),
            kind: Kind::User,
            refresh_token: format!("1//refresh-of-{email}-for-local-use-only"),
            scopes: USER_SCOPES.map(str::to_owned).into(),
            must_reauthenticate: false,
            disabled: false,
            quota_project: None,
        }
    }

    /// A service account with a key. Its project is told by its address.
    #[must_use]
    pub fn service_account(email: &str) -> Self {
        let project = email
            .split_once('@')
            .and_then(|(_, domain)| domain.strip_suffix(".iam.gserviceaccount.com"))
            .unwrap_or_default();
        Self {
            kind: Kind::ServiceAccount {
                project: project.to_owned(),
                key_id: Some(key_id(email)),
            },
            scopes: [CLOUD_PLATFORM.to_owned()].into(),
            ..Self::user(email)
        }
    }

    /// The member that a policy names this account by.
    #[must_use]
    pub fn member(&self) -> String {
        match self.kind {
            Kind::User => format!("user:{}", self.email),
            Kind::ServiceAccount { .. } => format!("serviceAccount:{}", self.email),
        }
    }
}

fn key_id(email: &str) -> String {
    let mut id = hex::encode(Sha256::digest(email));
    id.truncate(40);
    id
}

/// An access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Whose it is.
    pub email: String,
    /// What it may be used for.
    pub scopes: BTreeSet<String>,
    /// Until when.
    pub expires: OffsetDateTime,
}
