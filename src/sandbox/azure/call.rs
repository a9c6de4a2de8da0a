//! Which service and operation a request is for, told from its shape alone.
//!
//! All services share one socket, so the first segment of the path tells them apart. This module names; it looks
//! nothing up and decides nothing.

use percent_encoding::percent_decode_str;

use super::arm::Route;
use super::{blob, graph};
use crate::sandbox::incoming::{Incoming, Label};

/// The services behind the one socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    ResourceManager,
    Graph,
    Entra,
    ManagedIdentity,
    Blob,
}

impl Service {
    /// The word in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResourceManager => "arm",
            Self::Graph => "graph",
            Self::Entra => "entra",
            Self::ManagedIdentity => "identity",
            Self::Blob => "blob",
        }
    }
}

/// A request, named.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub service: Service,
    pub operation: String,
    /// The storage account, lower case.
    pub account: Option<String>,
    /// The segments of the path, decoded.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
}

impl Call {
    /// Names a request.
    pub fn read(request: &Incoming) -> Self {
        let path = segments(&request.path);
        let service = service(request, &path);
        let query = match service {
            // A plus in a signature or a blob's name is a plus.
            Service::Blob => pairs(&request.query, false),
            Service::ResourceManager
            | Service::Graph
            | Service::Entra
            | Service::ManagedIdentity => pairs(&request.query, true),
        };
        let mut call = Self {
            service,
            operation: String::new(),
            account: None,
            path,
            query,
        };
        match service {
            Service::ResourceManager => {
                // The vendor's clients leave an empty part where a resource has no parent.
                call.path.retain(|part| !part.is_empty());
                let route = Route::read(&call.path);
                call.operation = route.operation(&request.method);
                call.account = route.account().map(str::to_ascii_lowercase);
            }
            Service::Graph => call.operation = graph::operation(&request.method, &call.path),
            Service::Entra | Service::ManagedIdentity => "GetToken".clone_into(&mut call.operation),
            Service::Blob => {
                call.operation = blob::operation(&request.method, &call);
                call.account = call.path.first().map(|name| name.to_ascii_lowercase());
            }
        }
        call
    }

    /// The value of a query parameter. Azure does not mind its case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// What the log and the interventions see.
    pub fn label(&self, request: &Incoming) -> Label {
        Label {
            service: self.service.name(),
            operation: self.operation.clone(),
            bucket: self.account.clone(),
            // The last writer wins: nothing here is refused for being under way twice.
            exclusive: None,
            names_owner: false,
            target: redacted(request),
        }
    }
}

fn service(request: &Incoming, path: &[String]) -> Service {
    let first = path.first().map(|first| first.to_ascii_lowercase());
    let is_token = path.len() == 4
        && path[1..3] == ["oauth2".to_owned(), "v2.0".to_owned()]
        && path[3] == "token";
    match first.as_deref() {
        _ if request.method == "OPTIONS" => Service::Blob,
        Some("msi") => Service::ManagedIdentity,
        Some("v1.0") => Service::Graph,
        Some("subscriptions" | "tenants" | "providers") | None => Service::ResourceManager,
        Some(_) if is_token => Service::Entra,
        Some(_) => Service::Blob,
    }
}

/// The parts of a path between its slashes, decoded. A slash at the end makes no part of its own.
fn segments(path: &str) -> Vec<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Vec::new();
    }
    path.split('/').map(decoded).collect()
}

/// The parameters of a query or form, decoded.
pub(crate) fn pairs(text: &str, plus_is_space: bool) -> Vec<(String, String)> {
    let read = |text: &str| {
        if plus_is_space {
            decoded(&text.replace('+', " "))
        } else {
            decoded(text)
        }
    };
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (read(name), read(value))
        })
        .collect()
}

pub(crate) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The path and query without the signature of a link.
fn redacted(request: &Incoming) -> String {
    let pairs: Vec<String> = request
        .query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, _)) if name.eq_ignore_ascii_case("sig") => format!("{name}=REDACTED"),
            _ => pair.to_owned(),
        })
        .collect();
    if request.query.is_empty() {
        return request.path.clone();
    }
    format!("{}?{}", request.path, pairs.join("&"))
}
