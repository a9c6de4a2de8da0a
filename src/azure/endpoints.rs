//! Where Azure's services are: the public cloud, or what a rehearsal puts in its place. Nothing is sent from here.

use url::Url;

use crate::error::Failure;
use crate::probe::is_loopback;

/// The addresses of the two services that are not the account's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Azure Resource Manager.
    pub resource_manager: Url,
    /// Microsoft Graph.
    pub graph: Url,
    /// Whether Azure Resource Manager is somewhere else than in the public cloud.
    pub rehearsal: bool,
}

const RESOURCE_MANAGER: (&str, &str) = (
    "SEGMENTS_CONNECT_AZURE_ARM_ENDPOINT",
    "https://management.azure.com",
);
const GRAPH: (&str, &str) = (
    "SEGMENTS_CONNECT_AZURE_GRAPH_ENDPOINT",
    "https://graph.microsoft.com",
);

impl Endpoints {
    /// The public cloud, unless the environment says otherwise.
    ///
    /// # Errors
    /// A usage failure for an address that is none, or that is plain http to another machine than this.
    pub fn from_environment() -> Result<Self, Failure> {
        let (resource_manager, rehearsal) = one(RESOURCE_MANAGER)?;
        let (graph, _) = one(GRAPH)?;
        Ok(Self {
            resource_manager,
            graph,
            rehearsal,
        })
    }

    /// The address of something in Azure Resource Manager: its resource ID, and the API's version.
    #[must_use]
    pub fn resource(&self, id: &str, version: &str) -> Url {
        let mut url = at(&self.resource_manager, id);
        url.query_pairs_mut().append_pair("api-version", version);
        url
    }

    /// The address of something in Microsoft Graph.
    #[must_use]
    pub fn graph(&self, path: &str) -> Url {
        at(&self.graph, path)
    }
}

fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!(
        "{}/{}",
        base.path().trim_end_matches('/'),
        path.trim_start_matches('/')
    ));
    url
}

fn one((variable, public): (&str, &str)) -> Result<(Url, bool), Failure> {
    let set = std::env::var(variable)
        .ok()
        .filter(|value| !value.is_empty());
    let rehearsal = set.is_some();
    let text = set.unwrap_or_else(|| public.to_owned());
    let refuse = |reason: &str| {
        Failure::usage(
            format!("`{variable}` is `{}`: {reason}", crate::redact::url(&text)),
            format!("give an https address such as `{public}`, or unset it"),
        )
    };
    let url = Url::parse(&text).map_err(|error| refuse(&error.to_string()))?;
    let Some(host) = url.host() else {
        return Err(refuse("it names no host"));
    };
    match url.scheme() {
        "https" => Ok((url, rehearsal)),
        "http" if is_loopback(&host) => Ok((url, rehearsal)),
        "http" => Err(refuse("plain http is accepted for this machine only")),
        _ => Err(refuse("it is neither https nor http")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_ids_stand_behind_the_path_of_the_endpoint() {
        let endpoints = Endpoints {
            resource_manager: Url::parse("http://127.0.0.1:1/arm/").unwrap(),
            graph: Url::parse(GRAPH.1).unwrap(),
            rehearsal: true,
        };
        assert_eq!(
            endpoints
                .resource("/subscriptions/s", "2022-12-01")
                .as_str(),
            "http://127.0.0.1:1/arm/subscriptions/s?api-version=2022-12-01"
        );
        assert_eq!(
            endpoints
                .graph("v1.0/servicePrincipals(appId='a')")
                .as_str(),
            "https://graph.microsoft.com/v1.0/servicePrincipals(appId='a')"
        );
    }
}
