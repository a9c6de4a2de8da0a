//! The local Azure, spoken to over HTTP as a stranger would: does it behave as Microsoft documents?
//!
//! These tests are about the sandbox alone. Each documented behaviour has one that would fail without it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod blob_services;
mod blobs;
mod browser;
mod delegation_keys;
mod faults;
mod graph;
mod links;
mod official_clients;
mod resource_manager;
mod role_assignments;
pub mod signing;
mod tokens;

pub use signing::{Link, key};

use reqwest::Method;
use reqwest::header::HeaderMap;
use segments_connect::sandbox::azure::{
    ACCOUNT, Blob, CONTAINER, RESOURCE_GROUP, SUBSCRIPTION, StorageAccount, World,
};
use segments_connect::sandbox::{Options, Sandbox};
use serde_json::Value;

const ARM: &str = "https://management.azure.com";
const GRAPH: &str = "https://graph.microsoft.com";
const STORAGE: &str = "https://storage.azure.com";
/// The version of Blob Storage that the tests speak.
const BLOB_VERSION: &str = "2024-11-04";

fn acme() -> Sandbox {
    Sandbox::start(Options::from(World::acme())).expect("a free port")
}

/// Changes the world.
fn world<T>(sandbox: &Sandbox, act: impl FnOnce(&mut World) -> T) -> T {
    sandbox.with_state(|state| act(&mut state.azure))
}

/// A plain HTTP client.
fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client")
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The status and the code of an error, as Resource Manager and Graph tell it.
    #[track_caller]
    fn refusal(&self) -> (u16, String) {
        let code = self.json()["error"]["code"].as_str().map(str::to_owned);
        (self.status, code.unwrap_or_default())
    }

    fn message(&self) -> String {
        self.json()["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The member `name` of every entry of a list.
    #[track_caller]
    fn each(&self, name: &str) -> Vec<String> {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()["value"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|entry| entry[name].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let answer = request.send().await.expect("an answer");
    Reply {
        status: answer.status().as_u16(),
        headers: answer.headers().clone(),
        text: answer.text().await.expect("a body"),
    }
}

fn token(sandbox: &Sandbox, who: &str, resource: &str) -> String {
    world(sandbox, |world| world.token(who, resource))
}

/// A request to Resource Manager.
async fn arm(
    sandbox: &Sandbox,
    who: &str,
    method: Method,
    path: &str,
    body: Option<&Value>,
) -> Reply {
    let mut request = client()
        .request(method, format!("{}{path}", sandbox.endpoint()))
        .bearer_auth(token(sandbox, who, ARM));
    if let Some(body) = body {
        request = request
            .header("content-type", "application/json")
            .body(body.to_string());
    }
    reply(request).await
}

async fn get(sandbox: &Sandbox, who: &str, path: &str) -> Reply {
    arm(sandbox, who, Method::GET, path, None).await
}

fn group_path() -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{RESOURCE_GROUP}")
}

fn account_path() -> String {
    format!(
        "{}/providers/Microsoft.Storage/storageAccounts/{ACCOUNT}",
        group_path()
    )
}

/// Changes the storage account.
fn account<T>(sandbox: &Sandbox, act: impl FnOnce(&mut StorageAccount) -> T) -> T {
    world(sandbox, |world| act(world.account_mut(ACCOUNT).unwrap()))
}

/// Changes the blob of the tests.
fn blob<T>(sandbox: &Sandbox, act: impl FnOnce(&mut Blob) -> T) -> T {
    account(sandbox, |account| {
        let container = account.containers.get_mut(CONTAINER).unwrap();
        act(container.blobs.get_mut("cat.png").unwrap())
    })
}

/// The address of something in the account.
fn blob_url(sandbox: &Sandbox, path: &str) -> String {
    format!("{}/{ACCOUNT}/{path}", sandbox.endpoint())
}

fn cat(sandbox: &Sandbox) -> String {
    blob_url(sandbox, &format!("{CONTAINER}/cat.png"))
}

/// A request to Blob Storage with somebody's token.
fn as_bearer(sandbox: &Sandbox, who: &str, method: Method, url: &str) -> reqwest::RequestBuilder {
    client()
        .request(method, url)
        .bearer_auth(token(sandbox, who, STORAGE))
        .header("x-ms-version", BLOB_VERSION)
}

impl Reply {
    /// The status and the code of an error of Blob Storage; the header and the body have to agree on it.
    #[track_caller]
    fn storage(&self) -> (u16, String) {
        let code = self
            .header("x-ms-error-code")
            .unwrap_or_default()
            .to_owned();
        if !self.text.is_empty() && self.status >= 400 {
            assert!(
                self.text
                    .contains(&format!("<Error><Code>{code}</Code><Message>")),
                "{}",
                self.text
            );
        }
        (self.status, code)
    }

    /// The text of the first element of that name.
    fn element(&self, name: &str) -> Option<String> {
        let document = roxmltree::Document::parse(self.text.trim_start_matches('\u{feff}'))
            .unwrap_or_else(|error| panic!("{error}: {}", self.text));
        document
            .descendants()
            .find(|node| node.has_tag_name(name))
            .and_then(|node| node.text())
            .map(str::to_owned)
    }

    /// The texts of all elements of that name.
    fn elements(&self, name: &str) -> Vec<String> {
        let document = roxmltree::Document::parse(self.text.trim_start_matches('\u{feff}'))
            .unwrap_or_else(|error| panic!("{error}: {}", self.text));
        document
            .descendants()
            .filter(|node| node.has_tag_name(name))
            .map(|node| node.text().unwrap_or_default().to_owned())
            .collect()
    }
}
