//! Who asks: bearer tokens that were issued here, and the signed ones that service accounts make for themselves.
//!
//! See <https://developers.google.com/identity/protocols/oauth2/service-account#jwt-auth>.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::call::{Call, STORAGE};
use super::key;
use super::message::status::{Help, HelpLink};
use super::operation::{Operation, Storage};
use super::person::{CLOUD_PLATFORM, Kind, Person};
use super::policy::{Caller, Resource, Wish};
use super::problem::{Code, Detail, Problem};
use super::world::World;
use crate::sandbox::incoming::Incoming;

/// How far apart the clocks of two machines may be, in seconds.
const SKEW: i64 = 60;
/// For how long a service account may vouch for itself.
const LONGEST: i64 = 3600;

/// Who asks, and what for they may use their token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub caller: Caller,
    pub scopes: BTreeSet<String>,
}

impl Identity {
    /// Nobody in particular.
    pub fn anonymous() -> Self {
        Self {
            caller: Caller::Anonymous,
            scopes: BTreeSet::new(),
        }
    }
}

/// The token in the request's header.
pub(crate) fn bearer(request: &Incoming) -> Option<&str> {
    let value = request.header("authorization")?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

/// Finds out who asks. Without credentials that is nobody; wrong ones are an error.
pub(crate) fn identify(
    world: &World,
    request: &Incoming,
    call: &Call,
) -> Result<Identity, Problem> {
    if request.header("authorization").is_none() {
        return Ok(Identity::anonymous());
    }
    let token = bearer(request).ok_or_else(|| invalid("ACCESS_TOKEN_TYPE_UNSUPPORTED"))?;
    if token.matches('.').count() == 2 && !token.starts_with("ya29.") {
        return self_signed(world, token, call);
    }
    let issued = world
        .tokens
        .get(token)
        .ok_or_else(|| invalid("ACCESS_TOKEN_EXPIRED"))?;
    if issued.expires <= world.now() {
        return Err(invalid("ACCESS_TOKEN_EXPIRED"));
    }
    let person = active(world, &issued.email)?;
    Ok(Identity {
        caller: Caller::of(person),
        scopes: issued.scopes.clone(),
    })
}

fn active<'a>(world: &'a World, email: &str) -> Result<&'a Person, Problem> {
    world
        .persons
        .get(email)
        .filter(|person| !person.disabled)
        .ok_or_else(|| invalid("ACCOUNT_STATE_INVALID"))
}

fn invalid(reason: &str) -> Problem {
    Problem::new(
        Code::Unauthenticated,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid \
         authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
    )
    .reason("authError")
    .info("googleapis.com", reason, &[])
    .xml("AuthenticationRequired", None)
}

/// A signed statement of a service account: who it is, and for how long that holds.
pub(crate) struct Claims {
    pub email: String,
    pub audience: Option<String>,
    pub scopes: BTreeSet<String>,
}

/// Reads a signed statement, if it is in order.
pub(crate) fn claims(world: &World, token: &str) -> Option<Claims> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, content) = signed.split_once('.')?;
    let json = |part: &str| -> Option<Value> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    let (header, content) = (json(header)?, json(content)?);
    let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    let email = text(&content, "iss")?;
    let person = world
        .persons
        .get(&email)
        .filter(|person| !person.disabled)?;
    let Kind::ServiceAccount {
        key_id: Some(key_id),
        ..
    } = &person.kind
    else {
        return None;
    };
    let named = text(&header, "kid").is_none_or(|kid| kid == *key_id);
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let authentic = text(&header, "alg")? == "RS256" && key::verify(signed.as_bytes(), &signature);
    let now = world.now().unix_timestamp();
    let issued = content.get("iat")?.as_i64()?;
    let expires = content.get("exp")?.as_i64()?;
    let current = issued <= now + SKEW && now < expires && expires - issued <= LONGEST + SKEW;
    let own = text(&content, "sub").is_none_or(|subject| subject == email);
    (named && authentic && current && own).then(|| Claims {
        audience: text(&content, "aud"),
        scopes: text(&content, "scope")
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
        email,
    })
}

/// Such a token names either scopes or the API that it is for.
fn self_signed(world: &World, token: &str, call: &Call) -> Result<Identity, Problem> {
    let claims = claims(world, token).ok_or_else(|| invalid("ACCESS_TOKEN_EXPIRED"))?;
    let person = active(world, &claims.email)?;
    let scopes = match &claims.audience {
        None => claims.scopes,
        Some(audience) if *audience == format!("https://{}/", call.service) => {
            [CLOUD_PLATFORM.to_owned()].into()
        }
        Some(_) => return Err(invalid("ACCESS_TOKEN_TYPE_UNSUPPORTED")),
    };
    Ok(Identity {
        caller: Caller::of(person),
        scopes,
    })
}

/// Refuses what comes before every operation of an API: nobody in particular, a token for something else, somebody
/// else's quota, an API that is not enabled.
pub(crate) fn admit(
    world: &World,
    request: &Incoming,
    call: &Call,
    identity: &Identity,
    resource_project: Option<&str>,
) -> Result<(), Problem> {
    if identity.caller == Caller::Anonymous {
        // Cloud Storage judges nobody in particular by what is public.
        return if call.service == STORAGE {
            Ok(())
        } else {
            Err(Problem::new(
                Code::Unauthenticated,
                "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or \
                 other valid authentication credential. See \
                 https://developers.google.com/identity/sign-in/web/devconsole-project.",
            )
            .info(
                "googleapis.com",
                "CREDENTIALS_MISSING",
                &[("service", call.service)],
            ))
        };
    }
    check_scopes(call, identity)?;
    let quota_project = request.header("x-goog-user-project");
    match quota_project {
        Some(project) => check_quota_project(world, identity, project, call)?,
        None if !identity.caller.is_service_account()
            && world.needs_quota_project.contains(call.service) =>
        {
            return Err(without_quota_project(call.service));
        }
        None => {}
    }
    let consumer = quota_project
        .or_else(|| identity.caller.project())
        .or(resource_project);
    check_enabled(world, call.service, consumer)
}

/// What a token may be used for. Policies, and whatever is written, need all of a service.
/// See <https://cloud.google.com/storage/docs/oauth-scopes>.
fn check_scopes(call: &Call, identity: &Identity) -> Result<(), Problem> {
    const READ_ONLY: &str = "https://www.googleapis.com/auth/cloud-platform.read-only";
    const STORAGE_ALL: &str = "https://www.googleapis.com/auth/devstorage.full_control";
    const STORAGE_READ: [&str; 3] = [
        READ_ONLY,
        "https://www.googleapis.com/auth/devstorage.read_write",
        "https://www.googleapis.com/auth/devstorage.read_only",
    ];
    let reads = matches!(
        call.operation,
        Operation::Storage(
            Storage::GetBucket
                | Storage::TestIamPermissions
                | Storage::ListObjects
                | Storage::GetObject
                | Storage::GetObjectMetadata
        )
    );
    let enough = identity.scopes.iter().any(|scope| {
        scope == CLOUD_PLATFORM
            || (call.service == STORAGE && scope == STORAGE_ALL)
            || (reads && STORAGE_READ.contains(&scope.as_str()))
    });
    if enough {
        return Ok(());
    }
    Err(Problem::new(
        Code::PermissionDenied,
        "Request had insufficient authentication scopes.",
    )
    .reason("insufficientPermissions")
    .info(
        "googleapis.com",
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        &[("service", call.service)],
    )
    .xml("AccessDenied", None))
}

/// See <https://cloud.google.com/docs/quotas/quota-project>.
fn check_quota_project(
    world: &World,
    identity: &Identity,
    project: &str,
    call: &Call,
) -> Result<(), Problem> {
    let wish = Wish {
        world,
        caller: &identity.caller,
    };
    let may = world
        .project(project)
        .is_some_and(|(id, _)| wish.may("serviceusage.services.use", Resource::Project(id)));
    if may {
        return Ok(());
    }
    Err(Problem::new(
        Code::PermissionDenied,
        format!(
            "Caller does not have required permission to use project {project}. Grant the caller the \
             roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use \
             permission, by visiting https://console.developers.google.com/iam-admin/iam/project?project={project} and \
             then retry. Propagation of the new permission may take a few minutes."
        ),
    )
    .reason("forbidden")
    .info(
        "googleapis.com",
        "USER_PROJECT_DENIED",
        &[
            ("consumer", &format!("projects/{project}")),
            ("service", call.service),
        ],
    )
    .xml("UserProjectAccessDenied", None))
}

/// The project of the `gcloud` client itself stands in for the missing one.
fn without_quota_project(service: &str) -> Problem {
    Problem::new(
        Code::PermissionDenied,
        format!(
            "Your application is authenticating by using local Application Default Credentials. The {service} API \
             requires a quota project, which is not set by default. To learn how to set your quota project, see \
             https://cloud.google.com/docs/authentication/adc-troubleshooting/user-creds ."
        ),
    )
    .reason("accessNotConfigured")
    .info(
        "googleapis.com",
        "SERVICE_DISABLED",
        &[("consumer", "projects/764086051850"), ("service", service)],
    )
}

/// See <https://cloud.google.com/apis/docs/troubleshooting#service_disabled>.
fn check_enabled(world: &World, service: &str, consumer: Option<&str>) -> Result<(), Problem> {
    let disabled = consumer
        .and_then(|name| world.project(name))
        .filter(|(_, project)| project.disabled_services.contains(service));
    let Some((_, project)) = disabled else {
        return Ok(());
    };
    let title = match service {
        "iam.googleapis.com" => "Identity and Access Management (IAM) API",
        "cloudresourcemanager.googleapis.com" => "Cloud Resource Manager API",
        "orgpolicy.googleapis.com" => "Organization Policy API",
        "iamcredentials.googleapis.com" => "IAM Service Account Credentials API",
        STORAGE => "Cloud Storage API",
        other => other,
    };
    let number = project.number;
    let url = format!(
        "https://console.developers.google.com/apis/api/{service}/overview?project={number}"
    );
    Err(Problem::new(
        Code::PermissionDenied,
        format!(
            "{title} has not been used in project {number} before or it is disabled. Enable it by visiting {url} then \
             retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems \
             and retry."
        ),
    )
    .reason("accessNotConfigured")
    .info(
        "googleapis.com",
        "SERVICE_DISABLED",
        &[
            ("activationUrl", &url),
            ("consumer", &format!("projects/{number}")),
            ("containerInfo", &number.to_string()),
            ("service", service),
            ("serviceTitle", title),
        ],
    )
    .detail(Detail::Help(Help {
        links: vec![HelpLink {
            description: "Google developers console API activation".to_owned(),
            url,
        }],
    })))
}
