//! The local Azure, spoken to over HTTP as a stranger would: does it behave as Microsoft documents?
//!
//! These tests are about the sandbox alone. Each documented behaviour has one that would fail without it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod blob_services;
mod graph;
mod resource_manager;
mod role_assignments;
mod tokens;

use reqwest::Method;
use reqwest::header::HeaderMap;
use segments_connect::sandbox::azure::{ACCOUNT, RESOURCE_GROUP, SUBSCRIPTION, World};
use segments_connect::sandbox::{Options, Sandbox};
use serde_json::Value;

const ARM: &str = "https://management.azure.com";
const GRAPH: &str = "https://graph.microsoft.com";

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
struct Reply {
    status: u16,
    headers: HeaderMap,
    text: String,
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
