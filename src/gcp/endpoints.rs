//! Where each of Google's interfaces is: its public address, or the one that an environment variable puts in its place.
//!
//! Plain http is accepted for this machine alone. Nothing is sent from here.

use url::Url;

use crate::error::Failure;
use crate::probe::is_loopback;

/// The host of Cloud Storage, over HTTP.
pub const STORAGE_HOST: &str = "storage.googleapis.com";

/// The addresses, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Bucket metadata and IAM, over gRPC.
    pub grpc: String,
    /// Objects, preflights and links, over HTTP.
    pub storage: String,
    /// Custom roles and deny policies.
    pub iam: String,
    /// Projects.
    pub resource_manager: String,
    /// Organisation policies.
    pub org_policy: String,
    /// Who the caller is.
    pub oauth: String,
    /// Whether `storage` is not Google's own.
    pub storage_is_elsewhere: bool,
}

impl Endpoints {
    /// Google's own, or what the environment says.
    ///
    /// # Errors
    /// A usage failure that names the variable.
    pub fn from_environment() -> Result<Self, Failure> {
        Self::of(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn of(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let at = |name: &str, public: &str| match variable(name) {
            None => Ok(public.to_owned()),
            Some(text) => check(name, &text),
        };
        let storage = "SEGMENTS_CONNECT_GCP_STORAGE_ENDPOINT";
        let public = format!("https://{STORAGE_HOST}");
        let found = Self {
            grpc: at("SEGMENTS_CONNECT_GCP_GRPC_ENDPOINT", &public)?,
            storage: at(storage, &public)?,
            iam: at(
                "SEGMENTS_CONNECT_GCP_IAM_ENDPOINT",
                "https://iam.googleapis.com",
            )?,
            resource_manager: at(
                "SEGMENTS_CONNECT_GCP_RESOURCE_MANAGER_ENDPOINT",
                "https://cloudresourcemanager.googleapis.com",
            )?,
            org_policy: at(
                "SEGMENTS_CONNECT_GCP_ORGPOLICY_ENDPOINT",
                "https://orgpolicy.googleapis.com",
            )?,
            oauth: at(
                "SEGMENTS_CONNECT_GCP_OAUTH_ENDPOINT",
                "https://oauth2.googleapis.com",
            )?,
            storage_is_elsewhere: false,
        };
        Ok(Self {
            storage_is_elsewhere: found.storage != public,
            ..found
        })
    }
}

fn check(name: &str, text: &str) -> Result<String, Failure> {
    let refuse = |why: &str| {
        Failure::usage(
            format!("`{name}` is `{}`: {why}", crate::redact::url(text)),
            "give the address of a server, as `https://HOST` or, for this machine alone, `http://127.0.0.1:PORT`",
        )
    };
    let url = Url::parse(text).map_err(|error| refuse(&format!("it is no URL: {error}")))?;
    let Some(host) = url.host() else {
        return Err(refuse("it names no host"));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it carries a user name or a password"));
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&host) => {}
        "http" => return Err(refuse("plain http is accepted for this machine alone")),
        _ => return Err(refuse("it is neither https nor http")),
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("it has a path, and the interfaces have their own"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(value: &str) -> Result<Endpoints, Failure> {
        Endpoints::of(|name| {
            (name == "SEGMENTS_CONNECT_GCP_STORAGE_ENDPOINT").then(|| value.to_owned())
        })
    }

    #[test]
    fn googles_own_are_used_unless_the_environment_says_otherwise() {
        let own = Endpoints::of(|_| None).expect("Google's own");
        assert_eq!(own.grpc, "https://storage.googleapis.com");
        assert!(!own.storage_is_elsewhere);
        for (value, expected) in [
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            (
                "https://storage.internal.acme.example",
                "https://storage.internal.acme.example",
            ),
        ] {
            let found = with(value).expect(value);
            assert_eq!(found.storage, expected);
            assert!(found.storage_is_elsewhere);
            assert_eq!(found.iam, "https://iam.googleapis.com");
        }
    }

    #[test]
    fn what_would_leave_this_machine_unencrypted_is_refused() {
        for (value, part) in [
            ("http://storage.internal.acme.example", "plain http"),
            ("ftp://127.0.0.1", "neither"),
            ("127.0.0.1:8080", "no URL"),
            ("https://user:hunter2@storage.acme.example", "a password"),
            ("https://storage.acme.example/path", "a path"),
        ] {
            let failure = with(value).expect_err(value);
            assert!(
                failure
                    .message
                    .contains("SEGMENTS_CONNECT_GCP_STORAGE_ENDPOINT")
            );
            assert!(
                failure.message.contains(part),
                "{value}: {}",
                failure.message
            );
            assert!(!failure.message.contains("hunter2"));
        }
    }
}
