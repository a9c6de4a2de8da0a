//! Where tokens come from: the managed identity endpoint of App Service, and Entra's own token endpoint.
//!
//! This module checks who asks and hands tokens out; what is in them is for [`super::token`].
//! See <https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference> and
//! <https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow>.

use serde_json::{Value, json};

use super::arm::Handled;
use super::call::{Call, pairs};
use super::directory::{Application, Principal, ServicePrincipal, Tenant};
use super::problem::Problem;
use super::token::{Audience, unsigned};
use super::world::World;
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The audience of a token that is exchanged for one of Entra.
const EXCHANGE: &str = "api://AzureADTokenExchange";

/// The managed identity endpoint. `client_id` tells which identity is meant: here any object ID or application ID.
pub(crate) fn managed_identity(world: &World, request: &Incoming, call: &Call) -> Handled {
    if request.method != "GET" || call.path != ["msi", "token"] {
        return refused(Problem::new(404, "NotFound", "Not found."));
    }
    if request.header("x-identity-header") != Some(world.identity_header.as_str()) {
        return refused(Problem::new(
            401,
            "Unauthorized",
            "The X-IDENTITY-HEADER header is missing or wrong.",
        ));
    }
    if call.parameter("api-version") != Some("2019-08-01") {
        return refused(Problem::new(400, "BadRequest", "Unsupported api-version."));
    }
    let Some(resource) = call.parameter("resource") else {
        return refused(Problem::new(400, "BadRequest", "Missing resource."));
    };
    let named = ["client_id", "object_id", "principal_id"]
        .iter()
        .find_map(|name| call.parameter(name));
    let identity = named.and_then(|id| {
        world.principal(id).or_else(|| {
            world
                .service_principals
                .iter()
                .find(|principal| principal.app_id.eq_ignore_ascii_case(id))
                .map(Principal::ServicePrincipal)
        })
    });
    let Some(identity) = identity else {
        return refused(Problem::new(
            400,
            "BadRequest",
            "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
        ));
    };
    let (id, tenant) = match identity {
        Principal::User(user) => (&user.id, &user.tenant),
        Principal::ServicePrincipal(principal) => (&principal.id, &principal.tenant),
    };
    if Audience::named(resource).is_none() {
        let problem = unknown_resource(world, resource, tenant);
        return handled(id, Err(problem));
    }
    let now = world.now();
    let body = json!({
        "access_token": world.issue(identity, resource),
        "client_id": named,
        "expires_on": (now + world.expires_in()).unix_timestamp().to_string(),
        "not_before": now.unix_timestamp().to_string(),
        "resource": resource,
        "token_type": "Bearer",
    });
    handled(id, Ok(answered(&body)))
}

/// Entra's token endpoint, version 2.0, for applications that sign in as themselves.
pub(crate) fn authority(world: &World, request: &Incoming, call: &Call) -> Handled {
    if request.method != "POST" {
        let problem = Problem::entra(
            405,
            "invalid_request",
            900_561,
            "The endpoint only accepts POST requests.",
        );
        return refused(problem);
    }
    let form = pairs(&String::from_utf8_lossy(&request.body), true);
    let form = Form(&form);
    match client_credentials(world, call, form) {
        Err(problem) => refused(problem),
        Ok((principal, resource)) => {
            let seconds = world.expires_in().whole_seconds();
            let body = json!({
                "token_type": "Bearer",
                "expires_in": seconds,
                "ext_expires_in": seconds,
                "access_token": world.issue(Principal::ServicePrincipal(principal), &resource),
            });
            handled(&principal.id, Ok(answered(&body)))
        }
    }
}

/// A form, as it was sent.
#[derive(Clone, Copy)]
struct Form<'a>(&'a [(String, String)]);

impl<'a> Form<'a> {
    fn get(self, name: &str) -> Option<&'a str> {
        self.0
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    fn demand(self, name: &str) -> Result<&'a str, Problem> {
        self.get(name).ok_or_else(|| {
            Problem::entra(
                400,
                "invalid_request",
                900_144,
                format!("The request body must contain the following parameter: '{name}'."),
            )
        })
    }
}

fn client_credentials<'a>(
    world: &'a World,
    call: &Call,
    form: Form<'_>,
) -> Result<(&'a ServicePrincipal, String), Problem> {
    let name = call.path.first().map_or("", String::as_str);
    let tenant = world.tenant(name).ok_or_else(|| {
        Problem::entra(
            400,
            "invalid_request",
            90_002,
            format!(
                "Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
            ),
        )
    })?;
    if form.demand("grant_type")? != "client_credentials" {
        return Err(Problem::entra(
            400,
            "unsupported_grant_type",
            70_003,
            "The app requested an unsupported grant type.",
        ));
    }
    let app_id = form.demand("client_id")?;
    let scope = form.demand("scope")?;
    let resource = scope.strip_suffix("/.default").ok_or_else(|| {
        Problem::entra(
            400,
            "invalid_scope",
            1_002_012,
            format!(
                "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
            ),
        )
    })?;
    let application = world
        .application(app_id)
        .filter(|application| {
            application.multi_tenant
                || application.tenant == tenant.id
                || world.service_principal_of(app_id, &tenant.id).is_some()
        })
        .ok_or_else(|| not_found(app_id, tenant))?;
    sign_in(application, form)?;
    let principal = world
        .service_principal_of(app_id, &tenant.id)
        .ok_or_else(|| {
            Problem::entra(
                401,
                "invalid_client",
                7_000_229,
                format!(
                    "The client application {app_id} is missing service principal in the tenant {}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119",
                    tenant.id
                ),
            )
        })?;
    if !principal.account_enabled {
        return Err(Problem::entra(
            400,
            "unauthorized_client",
            7_000_112,
            format!(
                "Application '{app_id}'({}) is disabled.",
                principal.display_name
            ),
        ));
    }
    if Audience::named(resource).is_none() {
        return Err(unknown_resource(world, resource, &tenant.id));
    }
    Ok((principal, resource.to_owned()))
}

fn not_found(app_id: &str, tenant: &Tenant) -> Problem {
    Problem::entra(
        400,
        "unauthorized_client",
        700_016,
        format!(
            "Application with identifier '{app_id}' was not found in the directory '{}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
            tenant.display_name
        ),
    )
}

/// Checks the secret, or the assertion in its place.
fn sign_in(application: &Application, form: Form<'_>) -> Result<(), Problem> {
    if let Some(secret) = form.get("client_secret") {
        if application.secrets.iter().any(|known| known == secret) {
            return Ok(());
        }
        return Err(Problem::entra(
            401,
            "invalid_client",
            7_000_215,
            format!(
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{}'.",
                application.app_id
            ),
        ));
    }
    let Some(assertion) = form.get("client_assertion") else {
        return Err(Problem::entra(
            401,
            "invalid_client",
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        ));
    };
    if form.demand("client_assertion_type")? != ASSERTION {
        return Err(Problem::entra(
            400,
            "invalid_request",
            900_023,
            "The value of 'client_assertion_type' is not supported.",
        ));
    }
    let claims = assertion.split('.').nth(1).and_then(unsigned);
    let Some(claims) = claims else {
        return Err(Problem::entra(
            401,
            "invalid_client",
            50_027,
            "JWT token is invalid or malformed.",
        ));
    };
    let claim = |name: &str| claims[name].as_str().unwrap_or_default();
    if claim("aud") != EXCHANGE {
        return Err(Problem::entra(
            401,
            "invalid_client",
            700_212,
            format!(
                "No matching federated identity record found for presented assertion audience '{}'.",
                claim("aud")
            ),
        ));
    }
    // The keys of the issuer are out of reach, so its signature is not checked; its names are.
    if application
        .federated
        .iter()
        .any(|known| known.issuer == claim("iss") && known.subject == claim("sub"))
    {
        return Ok(());
    }
    Err(Problem::entra(
        401,
        "invalid_client",
        700_213,
        format!(
            "No matching federated identity record found for presented assertion subject '{}'.",
            claim("sub")
        ),
    ))
}

fn unknown_resource(world: &World, resource: &str, tenant: &str) -> Problem {
    let tenant = world
        .tenant(tenant)
        .map_or(tenant, |tenant| tenant.display_name.as_str());
    Problem::entra(
        400,
        "invalid_resource",
        500_011,
        format!(
            "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant."
        ),
    )
}

fn refused(problem: Problem) -> Handled {
    Handled {
        caller: None,
        result: Err(problem),
    }
}

fn handled(caller: &str, result: Result<Answer, Problem>) -> Handled {
    Handled {
        caller: Some(caller.to_owned()),
        result,
    }
}

fn answered(body: &Value) -> Answer {
    Answer::new(200)
        .header("cache-control", "no-store")
        .body("application/json; charset=utf-8", body.to_string())
}
