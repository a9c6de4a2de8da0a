//! Tokens: issuing them for refresh tokens, signed statements and virtual machines, and telling whose they are.
//!
//! See <https://developers.google.com/identity/protocols/oauth2>.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::call::{Call, pairs};
use super::identity::{bearer, claims};
use super::operation::OAuth;
use super::person::Token;
use super::policy::Caller;
use super::problem::{Code, Problem};
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

const EMAIL: &str = "https://www.googleapis.com/auth/userinfo.email";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// For how long a token is good, in seconds.
const LIFETIME: i64 = 3599;

/// An error of OAuth 2.0: its word, and what goes with it.
/// See <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Denial {
    pub status: u16,
    pub error: &'static str,
    pub description: &'static str,
    pub subtype: Option<&'static str>,
}

impl Denial {
    fn new(status: u16, error: &'static str, description: &'static str) -> Self {
        Self {
            status,
            error,
            description,
            subtype: None,
        }
    }

    pub fn answer(&self) -> Answer {
        let mut value = json!({ "error": self.error, "error_description": self.description });
        if let Some(subtype) = self.subtype {
            value["error_subtype"] = subtype.into();
        }
        Answer::new(self.status).body("application/json; charset=utf-8", format!("{value:#}"))
    }
}

/// What became of a request, and whom it was about.
pub(crate) type Handled = (Option<String>, Result<Answer, Denial>);

/// Handles one request.
pub(crate) fn handle(
    world: &mut World,
    request: &Incoming,
    call: &Call,
    operation: OAuth,
) -> Handled {
    match operation {
        OAuth::Token => token(world, request),
        OAuth::TokenInfo => token_info(world, request, call),
        OAuth::UserInfo => user_info(world, request),
    }
}

/// The parameters of a request, as a form or as JSON: Google takes both.
fn parameters(request: &Incoming) -> Vec<(String, String)> {
    let json = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/json"));
    if !json {
        return pairs(&String::from_utf8_lossy(&request.body));
    }
    let value: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let members = value.as_object().into_iter().flatten();
    members
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn find<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters
        .iter()
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.as_str())
}

fn token(world: &mut World, request: &Incoming) -> Handled {
    let parameters = parameters(request);
    match find(&parameters, "grant_type") {
        Some("refresh_token") => refreshed(world, &parameters),
        Some(grant) if grant == JWT_BEARER => exchanged(world, &parameters),
        Some(_) => (
            None,
            Err(Denial::new(
                400,
                "unsupported_grant_type",
                "Invalid grant_type",
            )),
        ),
        None => (
            None,
            Err(Denial::new(
                400,
                "invalid_request",
                "Missing required parameter: grant_type",
            )),
        ),
    }
}

fn refreshed(world: &mut World, parameters: &[(String, String)]) -> Handled {
    let client = find(parameters, "client_id").zip(find(parameters, "client_secret"));
    if client != Some((CLIENT_ID, CLIENT_SECRET)) {
        let denial = Denial::new(401, "invalid_client", "The OAuth client was not found.");
        return (None, Err(denial));
    }
    let refresh_token = find(parameters, "refresh_token").unwrap_or_default();
    let person = world
        .persons
        .values()
        .find(|person| person.refresh_token == refresh_token)
        .cloned();
    let Some(person) = person else {
        let denial = Denial::new(400, "invalid_grant", "Bad Request");
        return (None, Err(denial));
    };
    let email = person.email;
    if person.disabled {
        let denial = Denial::new(400, "invalid_grant", "Token has been expired or revoked.");
        return (Some(email), Err(denial));
    }
    if person.must_reauthenticate {
        let denial = Denial {
            subtype: Some("invalid_rapt"),
            ..Denial::new(400, "invalid_grant", "reauth related error (invalid_rapt)")
        };
        return (Some(email), Err(denial));
    }
    let token = world.issue_token(&email);
    (Some(email), Ok(issued(&token, &person.scopes)))
}

/// A service account's signed statement for a token.
/// See <https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests>.
fn exchanged(world: &mut World, parameters: &[(String, String)]) -> Handled {
    let assertion = find(parameters, "assertion").unwrap_or_default();
    let Some(claims) = claims(world, assertion) else {
        let denial = Denial::new(400, "invalid_grant", "Invalid JWT Signature.");
        return (None, Err(denial));
    };
    let for_this = claims
        .audience
        .as_deref()
        .is_some_and(|audience| audience.ends_with("/token"));
    if !for_this {
        let denial = Denial::new(400, "invalid_grant", "Invalid JWT: Failed audience check.");
        return (Some(claims.email), Err(denial));
    }
    if claims.scopes.is_empty() {
        let denial = Denial::new(400, "invalid_scope", "Empty or missing scope not allowed.");
        return (Some(claims.email), Err(denial));
    }
    let token = world.issue_token(&claims.email);
    if let Some(issued) = world.tokens.get_mut(&token) {
        issued.scopes.clone_from(&claims.scopes);
    }
    (Some(claims.email), Ok(issued(&token, &claims.scopes)))
}

fn issued(token: &str, scopes: &BTreeSet<String>) -> Answer {
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let value = json!({
        "access_token": token,
        "expires_in": LIFETIME,
        "scope": scopes.join(" "),
        "token_type": "Bearer",
    });
    Answer::new(200).body("application/json; charset=utf-8", format!("{value:#}"))
}

fn current<'a>(world: &'a World, token: &str) -> Option<&'a Token> {
    world
        .tokens
        .get(token)
        .filter(|token| token.expires > world.now())
}

/// See <https://cloud.google.com/docs/authentication/token-types#access-contents>.
fn token_info(world: &World, request: &Incoming, call: &Call) -> Handled {
    let form = parameters(request);
    let token = call
        .parameter("access_token")
        .or_else(|| find(&form, "access_token"))
        .unwrap_or_default();
    let Some(token) = current(world, token) else {
        return (
            None,
            Err(Denial::new(400, "invalid_token", "Invalid Value")),
        );
    };
    let scopes: Vec<&str> = token.scopes.iter().map(String::as_str).collect();
    let left = (token.expires - world.now()).whole_seconds();
    let mut value = json!({
        "azp": CLIENT_ID,
        "aud": CLIENT_ID,
        "scope": scopes.join(" "),
        "exp": token.expires.unix_timestamp().to_string(),
        "expires_in": left.to_string(),
        "access_type": "offline",
    });
    let service_account = world
        .persons
        .get(&token.email)
        .is_some_and(|person| Caller::of(person).is_service_account());
    if token.scopes.contains(EMAIL) || service_account {
        value["email"] = token.email.clone().into();
        value["email_verified"] = "true".into();
    }
    let answer = Answer::new(200).body("application/json; charset=UTF-8", format!("{value:#}"));
    (Some(token.email.clone()), Ok(answer))
}

/// See <https://openid.net/specs/openid-connect-core-1_0.html#UserInfo>.
fn user_info(world: &World, request: &Incoming) -> Handled {
    let token = bearer(request).and_then(|token| current(world, token));
    let Some(token) = token.filter(|token| token.scopes.contains(EMAIL)) else {
        let denial = Denial::new(401, "invalid_request", "Invalid Credentials");
        return (None, Err(denial));
    };
    let value = json!({ "email": token.email, "email_verified": true });
    let answer = Answer::new(200).body("application/json; charset=UTF-8", format!("{value:#}"));
    (Some(token.email.clone()), Ok(answer))
}

/// The metadata server of a virtual machine that runs as a service account.
/// See <https://cloud.google.com/compute/docs/metadata/predefined-metadata-keys>.
pub(crate) fn metadata(
    world: &mut World,
    request: &Incoming,
    call: &Call,
) -> Result<Answer, Problem> {
    let missing = || Problem::new(Code::NotFound, "Not Found");
    if request.header("metadata-flavor") != Some("Google") {
        return Err(Problem::new(
            Code::PermissionDenied,
            "Missing Metadata-Flavor:Google header.",
        ));
    }
    let email = world.metadata_account.clone().ok_or_else(missing)?;
    let person = world.persons.get(&email).cloned().ok_or_else(missing)?;
    let path = call.id.clone().unwrap_or_default();
    let account = path
        .strip_prefix("instance/service-accounts/default/")
        .or_else(|| {
            path.strip_prefix(&format!("instance/service-accounts/{email}/"))
                .filter(|_| !email.is_empty())
        });
    let text = |text: &str| Answer::new(200).body("application/text", text.to_owned());
    let answer = match (path.as_str(), account) {
        ("universe/universe-domain" | "universe/universe_domain", _) => text("googleapis.com"),
        ("project/project-id", _) => text(Caller::of(&person).project().unwrap_or_default()),
        (_, Some("email")) => text(&email),
        (_, Some("token")) => {
            let token = world.issue_token(&email);
            let value = json!({
                "access_token": token,
                "expires_in": LIFETIME,
                "token_type": "Bearer",
            });
            Answer::new(200).body("application/json", value.to_string())
        }
        _ => return Err(missing()),
    };
    Ok(answer.header("metadata-flavor", "Google"))
}

/// The client of every application-default login here.
pub(crate) const CLIENT_ID: &str = "764086051850-sandbox.apps.googleusercontent.com";
/// No secret: it is the same for everybody, and nobody outside of this process knows the client.
pub(crate) const CLIENT_SECRET: &str = "sandbox-client";
