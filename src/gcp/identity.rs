//! Who is asking: which kind of application-default credentials there are, and whose.
//!
//! The credentials themselves are loaded by Google's own library; this reads only the kind and the name from the same
//! file (<https://cloud.google.com/docs/authentication/application-default-credentials>), and never a secret.

use std::path::PathBuf;

use serde_json::Value;

use crate::error::{ErrorCode, Failure};

/// What signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A person, by `gcloud auth application-default login`.
    User,
    /// A key of a service account.
    ServiceAccountKey,
    /// A service account that somebody else acts as.
    Impersonated,
    /// Another identity provider, through workload or workforce identity federation.
    Federated,
    /// The service account of the machine, by its metadata server.
    Machine,
}

impl Kind {
    /// The kind in words.
    #[must_use]
    pub fn in_words(&self) -> &'static str {
        match self {
            Self::User => "a person's own sign-in",
            Self::ServiceAccountKey => "a service account's key",
            Self::Impersonated => "an impersonated service account",
            Self::Federated => "an identity of another provider",
            Self::Machine => "this machine's own service account",
        }
    }

    /// Whether Google's library can sign a link with it.
    #[must_use]
    pub fn can_sign(&self) -> bool {
        match self {
            Self::ServiceAccountKey | Self::Impersonated | Self::Machine => true,
            Self::User | Self::Federated => false,
        }
    }
}

/// Who is asking, as far as the credential file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The kind.
    pub kind: Kind,
    /// The e-mail address, where it is known.
    pub email: Option<String>,
    /// The project that requests are counted for, where the file or the environment names one.
    pub quota_project: Option<String>,
}

impl Identity {
    /// What to call the caller.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.email {
            Some(email) => email.clone(),
            None => self.kind.in_words().to_owned(),
        }
    }

    /// Reads the file that Google's library would read.
    ///
    /// # Errors
    /// When a file that is named cannot be read, is none of credentials, or is for another universe than
    /// `googleapis.com`.
    pub fn find() -> Result<Self, Failure> {
        let quota_project = std::env::var("GOOGLE_CLOUD_QUOTA_PROJECT")
            .ok()
            .filter(|project| !project.is_empty());
        let universe = std::env::var("GOOGLE_CLOUD_UNIVERSE_DOMAIN").ok();
        if let Some(universe) = universe.filter(|universe| !universe.is_empty()) {
            check_universe(&universe)?;
        }
        let Some((path, named)) = file() else {
            return Ok(Self::machine(quota_project));
        };
        let doing = format!("could not read the credentials in `{}`", path.display());
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => {
                return Ok(Self::machine(quota_project));
            }
            Err(error) => {
                return Err(Failure::new(ErrorCode::NotSignedIn, doing)
                    .because(&error.into())
                    .hint("`GOOGLE_APPLICATION_CREDENTIALS` names that file; unset it, or name one that is there"));
            }
        };
        // The text is nobody's business: it is not shown, whatever is wrong with it.
        let Ok(json) = serde_json::from_str::<Value>(&text) else {
            return Err(Failure::new(ErrorCode::NotSignedIn, doing)
                .cause("it is not JSON")
                .hint(SIGN_IN));
        };
        let found = Self::read(&json).map_err(|why| {
            if why.code == ErrorCode::Unsupported {
                why
            } else {
                Failure::new(ErrorCode::NotSignedIn, doing)
                    .cause(why.message)
                    .hint(SIGN_IN)
            }
        })?;
        Ok(Self {
            quota_project: quota_project.or(found.quota_project),
            ..found
        })
    }

    fn machine(quota_project: Option<String>) -> Self {
        Self {
            kind: Kind::Machine,
            email: None,
            quota_project,
        }
    }

    fn read(json: &Value) -> Result<Self, Failure> {
        let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
        if let Some(universe) = text("universe_domain") {
            check_universe(&universe)?;
        }
        let wrong = |why: &str| Failure::new(ErrorCode::NotSignedIn, why);
        let (kind, email) = match text("type").as_deref() {
            Some("authorized_user") => (Kind::User, None),
            Some("service_account") => (Kind::ServiceAccountKey, text("client_email")),
            Some("impersonated_service_account") => (
                Kind::Impersonated,
                text("service_account_impersonation_url").and_then(|url| impersonated(&url)),
            ),
            Some("external_account") => (
                Kind::Federated,
                text("service_account_impersonation_url").and_then(|url| impersonated(&url)),
            ),
            Some("gdch_service_account") => {
                return Err(Failure::new(
                    ErrorCode::Unsupported,
                    "the credentials are for Google Distributed Cloud",
                )
                .cause("Segments.ai reads from the public Google Cloud alone")
                .hint(SIGN_IN));
            }
            Some(other) => {
                let other = crate::redact::escape_control(&crate::redact::text(other));
                return Err(wrong(&format!("its type `{other}` is not supported")));
            }
            None => return Err(wrong("it has no `type`")),
        };
        Ok(Self {
            kind,
            email,
            quota_project: text("quota_project_id"),
        })
    }
}

/// How to sign in, for a hint.
pub const SIGN_IN: &str = "sign in with `gcloud auth application-default login`, or let `GOOGLE_APPLICATION_CREDENTIALS` name a credential file";

/// `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/ADDRESS:generateAccessToken`
fn impersonated(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("/serviceAccounts/")?;
    let (email, _) = rest.split_once(':')?;
    Some(email.to_owned())
}

/// Other universes have hosts, accounts and identities of their own: a service account of `googleapis.com` does not
/// exist there.
///
/// # Errors
/// For any universe but the public one.
pub fn check_universe(universe: &str) -> Result<(), Failure> {
    if universe == "googleapis.com" {
        return Ok(());
    }
    Err(Failure::new(
        ErrorCode::Unsupported,
        format!("the credentials are for the universe `{universe}`, another cloud than Google's public one"),
    )
    .cause("Segments.ai's service account exists only in the universe `googleapis.com`")
    .hint("copy the data to a bucket in the public Google Cloud, or ask Segments.ai's support"))
}

/// The file that Google's library reads, and whether the environment names it.
fn file() -> Option<(PathBuf, bool)> {
    if let Some(path) = std::env::var_os("GOOGLE_APPLICATION_CREDENTIALS") {
        return Some((PathBuf::from(path), true));
    }
    let (variable, below) = if cfg!(windows) {
        ("APPDATA", "gcloud/application_default_credentials.json")
    } else {
        (
            "HOME",
            ".config/gcloud/application_default_credentials.json",
        )
    };
    let root = std::env::var_os(variable)?;
    Some((PathBuf::from(root).join(below), false))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_is_told_with_whose_it_is() {
        let url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/ops@acme-vision.iam.gserviceaccount.com:generateAccessToken";
        for (json, kind, email) in [
            (
                json!({"type": "authorized_user", "client_id": "x"}),
                Kind::User,
                None,
            ),
            (
                json!({"type": "service_account", "client_email": "ci@acme-vision.iam.gserviceaccount.com"}),
                Kind::ServiceAccountKey,
                Some("ci@acme-vision.iam.gserviceaccount.com"),
            ),
            (
                json!({"type": "impersonated_service_account", "service_account_impersonation_url": url}),
                Kind::Impersonated,
                Some("ops@acme-vision.iam.gserviceaccount.com"),
            ),
            (
                json!({"type": "external_account", "audience": "a", "universe_domain": "googleapis.com"}),
                Kind::Federated,
                None,
            ),
        ] {
            let found = Identity::read(&json).expect("credentials");
            assert_eq!(
                (found.kind, found.email.as_deref()),
                (kind, email),
                "{json}"
            );
        }
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_the_reason() {
        for (json, code, part) in [
            (json!({}), ErrorCode::NotSignedIn, "no `type`"),
            (
                json!({"type": "other"}),
                ErrorCode::NotSignedIn,
                "`other` is not supported",
            ),
            (
                json!({"type": "gdch_service_account"}),
                ErrorCode::Unsupported,
                "Distributed Cloud",
            ),
            (
                json!({"type": "service_account", "universe_domain": "s3nsapis.fr"}),
                ErrorCode::Unsupported,
                "universe `s3nsapis.fr`",
            ),
        ] {
            let failure = Identity::read(&json).expect_err("not usable");
            assert_eq!(failure.code, code, "{json}");
            assert!(failure.message.contains(part), "{}", failure.message);
        }
    }
}
