//! Where a storage account is, and what to call it: its names, its addresses, and the commands that a report prints.
//!
//! Known without being signed in. Nothing is asked here.

use std::fmt::Write;
use std::time::Duration;

use url::Url;

use super::account::Account;
use super::endpoints::Endpoints;
use super::target::StorageAccountName;
use crate::error::{ErrorCode, Failure};
use crate::redact::shell_quote;
use crate::settings::AzureSettings;

/// A storage account, and how it is looked at.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its name.
    pub name: StorageAccountName,
    /// Where it is; or why that is not to be seen.
    pub account: Result<Box<Account>, Box<Failure>>,
    /// The tenant: the one of the account's subscription where that is known, else the one that somebody is signed in to.
    pub tenant: Option<String>,
    /// The object ID of Segments.ai's service principal, where it was given.
    pub principal: Option<String>,
    /// Where Azure is.
    pub endpoints: Endpoints,
    /// For one request.
    pub timeout: Duration,
    /// What of the command line has to be repeated in a command that is printed.
    pub flags: String,
}

impl Place {
    /// As it was given; nobody was asked.
    #[must_use]
    pub fn of(settings: &AzureSettings, endpoints: Endpoints) -> Self {
        Self {
            tenant: settings.tenant.clone(),
            principal: settings.service_principal_id.clone(),
            flags: flags(settings),
            ..Self::named(settings.account.clone(), endpoints, settings.timeout)
        }
    }

    /// A name alone.
    #[must_use]
    pub fn named(name: StorageAccountName, endpoints: Endpoints, timeout: Duration) -> Self {
        Self {
            name,
            account: Err(Box::new(Failure::new(
                ErrorCode::NotPermitted,
                "where the storage account is, was not looked up",
            ))),
            tenant: None,
            principal: None,
            endpoints,
            timeout,
            flags: String::new(),
        }
    }

    /// The account.
    ///
    /// # Errors
    /// Why it is not to be seen.
    pub fn account(&self) -> Result<&Account, Failure> {
        match &self.account {
            Ok(account) => Ok(account),
            Err(failure) => Err((**failure).clone()),
        }
    }

    /// The tenant, in a sentence.
    #[must_use]
    pub fn tenant(&self) -> &str {
        self.tenant.as_deref().unwrap_or("of the storage account")
    }

    /// The command of this program that does `action` to this account, to be copied.
    #[must_use]
    pub fn command(&self, action: &str) -> String {
        let subscription = match &self.account {
            Ok(account) => format!(" --subscription {}", account.subscription),
            Err(_) => String::new(),
        };
        format!(
            "segments-connect azure {action} --storage-account {}{subscription}{}",
            self.name, self.flags
        )
    }

    /// Where the account's blobs are: as Azure tells, and where it was not asked, as the account's name says.
    ///
    /// # Errors
    /// When the account holds files alone, or when its endpoint is plain http of another machine than this.
    pub fn blob_endpoint(&self) -> Result<Url, Failure> {
        let doing = "there is no URL that a browser could load";
        let url = match &self.account {
            Ok(account) => account.blob_endpoint.clone().ok_or_else(|| {
                Failure::new(ErrorCode::Unsupported, doing)
                    .cause("the account has no blob endpoint: it holds files alone")
            })?,
            Err(_) => self.endpoint_by_name().map_err(|error| {
                Failure::new(ErrorCode::UnexpectedAnswer, doing).cause(error.to_string())
            })?,
        };
        let here = url
            .host()
            .is_some_and(|host| crate::probe::is_loopback(&host));
        if url.scheme() == "https" || here {
            Ok(url)
        } else {
            Err(
                Failure::new(ErrorCode::UnexpectedAnswer, doing).cause(format!(
                    "the account's blob endpoint `{url}` is plain http, and no token is sent there"
                )),
            )
        }
    }

    /// A rehearsal has the blobs of every account behind the socket of Azure Resource Manager, in the path style of an
    /// emulator.
    fn endpoint_by_name(&self) -> Result<Url, url::ParseError> {
        if self.endpoints.rehearsal {
            let mut url = self.endpoints.resource_manager.clone();
            url.set_path(&format!("/{}/", self.name));
            return Ok(url);
        }
        let host = self.name.host_in_url.clone();
        let host = host.unwrap_or_else(|| format!("{}.blob.core.windows.net", self.name));
        Url::parse(&format!("https://{host}/"))
    }

    /// A link as it was given, which is `shown` without its signature, as it is to be sent.
    ///
    /// # Errors
    /// Where it is no URL.
    pub fn as_given(&self, link: &str, shown: &str) -> Result<Url, Failure> {
        let odd = |error: url::ParseError| {
            Failure::new(
                ErrorCode::UnexpectedAnswer,
                format!("could not make a request of `{shown}`"),
            )
            .cause(error.to_string())
        };
        let given = Url::parse(link).map_err(odd)?;
        if !self.endpoints.rehearsal {
            return Ok(given);
        }
        let mut url = self.endpoint_by_name().map_err(odd)?;
        url.set_path(&format!("/{}{}", self.name, given.path()));
        url.set_query(given.query());
        Ok(url)
    }
}

/// What of the command line has to be repeated in a command that is printed.
fn flags(settings: &AzureSettings) -> String {
    let mut flags = String::new();
    let mut add = |flag: &str, value: Option<&str>| {
        if let Some(value) = value {
            let _ = write!(flags, " {flag} {}", shell_quote(value));
        }
    };
    add("--tenant", settings.tenant.as_deref());
    add("--resource-group", settings.resource_group.as_deref());
    add(
        "--service-principal-id",
        settings.service_principal_id.as_deref(),
    );
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str, resource_manager: &str, rehearsal: bool) -> Place {
        let url = |text: &str| Url::parse(text).unwrap();
        let endpoints = Endpoints {
            resource_manager: url(resource_manager),
            graph: url("https://graph.microsoft.com"),
            rehearsal,
        };
        let name = StorageAccountName::parse(name).unwrap();
        Place::named(name, endpoints, Duration::from_secs(1))
    }

    #[test]
    fn an_account_that_was_not_looked_up_is_reached_by_its_name() {
        for (name, endpoint) in [
            ("acmeimages", "https://acmeimages.blob.core.windows.net/"),
            (
                "https://acmeimages.z13.blob.storage.azure.net/photos/1.jpg",
                "https://acmeimages.z13.blob.storage.azure.net/",
            ),
        ] {
            let place = place(name, "https://management.azure.com", false);
            assert_eq!(place.blob_endpoint().unwrap().as_str(), endpoint);
        }
    }

    #[test]
    fn a_rehearsal_is_asked_in_the_place_of_the_internet() {
        let place = place("acmeimages", "http://127.0.0.1:8080", true);
        assert_eq!(
            place.blob_endpoint().unwrap().as_str(),
            "http://127.0.0.1:8080/acmeimages/"
        );
        let link = "https://acmeimages.blob.core.windows.net/photos/a%20b%2Fc.jpg?sv=1&sig=x%2Fy";
        assert_eq!(
            place.as_given(link, "").unwrap().as_str(),
            "http://127.0.0.1:8080/acmeimages/photos/a%20b%2Fc.jpg?sv=1&sig=x%2Fy"
        );
    }
}
