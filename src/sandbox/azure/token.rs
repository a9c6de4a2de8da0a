//! Access tokens: JSON Web Tokens with the claims that Entra writes, good in this world alone.
//!
//! They are signed with a key of the world's own. No service may accept one that it did not check here.
//! See <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;
use time::{Duration, OffsetDateTime};

use super::directory::{Principal, ServicePrincipal, User};
use super::world::World;

/// The application with which people sign in at a command line.
const COMMAND_LINE: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    ResourceManager,
    Graph,
    Storage,
}

impl Audience {
    /// The audience that a client asked for, by its URL or its application ID. A slash at the end does not matter.
    pub fn named(resource: &str) -> Option<Self> {
        let name = resource.trim_end_matches('/').to_ascii_lowercase();
        match name.as_str() {
            "https://management.azure.com"
            | "https://management.core.windows.net"
            | "797f4846-ba00-4fd7-ba43-dac1f8f63013" => Some(Self::ResourceManager),
            "https://graph.microsoft.com" | "00000003-0000-0000-c000-000000000000" => {
                Some(Self::Graph)
            }
            "https://storage.azure.com" | "e406a681-f3d4-42a8-90b6-c2b029497af1" => {
                Some(Self::Storage)
            }
            // One account's own name is good for that account; Storage takes any here.
            // https://learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory
            other if other.ends_with(".blob.core.windows.net") => Some(Self::Storage),
            _ => None,
        }
    }
}

/// What a token says, as far as services go by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    pub audience: String,
    pub tenant: String,
    pub object_id: String,
    /// How errors call the caller: the user principal name, or the application ID.
    pub client: String,
    pub expires: OffsetDateTime,
}

/// Why a token is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    Malformed,
    /// This world did not issue it, or it was changed since.
    Unknown,
    Expired(OffsetDateTime),
}

impl World {
    /// A token for somebody, as `az account get-access-token` would print it: for a user or a service principal, told by
    /// the object ID, and for a resource such as `https://management.azure.com`.
    ///
    /// It is empty when nobody has that object ID.
    #[must_use]
    pub fn token(&self, object_id: &str, resource: &str) -> String {
        self.principal(object_id)
            .map(|principal| self.issue(principal, resource))
            .unwrap_or_default()
    }

    /// As [`Self::token`], for the same person's object in another tenant.
    #[must_use]
    pub fn token_in_tenant(&self, object_id: &str, tenant: &str, resource: &str) -> String {
        let person = self.user(object_id).map(User::person);
        self.users
            .iter()
            .find(|user| user.tenant == tenant && Some(user.person()) == person)
            .map(|user| self.issue(Principal::User(user), resource))
            .unwrap_or_default()
    }

    pub(crate) fn issue(&self, principal: Principal<'_>, resource: &str) -> String {
        let now = self.now();
        let mut claims = match principal {
            Principal::User(user) => of_user(user, resource),
            Principal::ServicePrincipal(principal) => of_application(principal, resource),
        };
        let tenant = claims["tid"].as_str().unwrap_or_default().to_owned();
        claims["aud"] = json!(resource);
        claims["iss"] = json!(format!("https://sts.windows.net/{tenant}/"));
        claims["iat"] = json!(now.unix_timestamp());
        claims["nbf"] = json!(now.unix_timestamp());
        claims["exp"] = json!((now + self.token_lifetime).unix_timestamp());
        claims["uti"] = json!(hex::encode(fastrand::u64(..).to_be_bytes()));
        claims["ver"] = json!("1.0");
        let head = json!({ "typ": "JWT", "alg": "HS256" });
        let text = format!("{}.{}", encoded(&head), encoded(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.sign(text.as_bytes()));
        format!("{text}.{signature}")
    }

    /// Reads a token that this world issued.
    pub(crate) fn read_token(&self, token: &str) -> Result<Claims, Flaw> {
        let (text, signature) = token.rsplit_once('.').ok_or(Flaw::Malformed)?;
        let (_, claims) = text.split_once('.').ok_or(Flaw::Malformed)?;
        let claims = unsigned(claims).ok_or(Flaw::Malformed)?;
        let expected = URL_SAFE_NO_PAD.encode(self.sign(text.as_bytes()));
        if signature != expected {
            return Err(Flaw::Unknown);
        }
        let word = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
        let expires = claims["exp"]
            .as_i64()
            .and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok())
            .ok_or(Flaw::Malformed)?;
        if expires <= self.now() {
            return Err(Flaw::Expired(expires));
        }
        let client = match claims["idtyp"].as_str() {
            Some("user") => word("upn"),
            _ => word("appid"),
        };
        Ok(Claims {
            audience: word("aud"),
            tenant: word("tid"),
            object_id: word("oid"),
            client: if client.is_empty() {
                word("unique_name")
            } else {
                client
            },
            expires,
        })
    }

    /// Signs with the world's own key.
    pub(crate) fn sign(&self, text: &[u8]) -> Vec<u8> {
        hmac_sha256(&self.key, text)
    }

    /// The number of seconds for which a token is good, as the endpoints tell it.
    pub(crate) fn expires_in(&self) -> Duration {
        self.token_lifetime
    }
}

/// HMAC with SHA-256. It takes keys of any length.
pub(crate) fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key)
        .map(|mut mac| {
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        })
        .unwrap_or_default()
}

/// The claims of a token that somebody else signed, whatever its signature.
pub(crate) fn unsigned(claims: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(claims).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn of_user(user: &User, resource: &str) -> Value {
    let mut claims = json!({
        "appid": COMMAND_LINE,
        "appidacr": "0",
        "idtyp": "user",
        "name": user.display_name,
        "oid": user.id,
        "scp": scopes(resource),
        "sub": user.id,
        "tid": user.tenant,
        "unique_name": user.user_principal_name,
        // Everybody has the template of plain users or of guests besides their own.
        "wids": user
            .directory_roles
            .iter()
            .map(|role| role.template())
            .chain([if user.guest {
                "10dae51f-b6af-4016-8d66-8c2a99b929b3"
            } else {
                "b79fbf4d-3ef9-4689-8143-76b194e85509"
            }])
            .collect::<Vec<_>>(),
    });
    if user.guest {
        claims["idp"] = json!("https://sts.windows.net/elsewhere/");
    } else {
        claims["upn"] = json!(user.user_principal_name);
    }
    claims
}

fn of_application(principal: &ServicePrincipal, resource: &str) -> Value {
    let mut claims = json!({
        "appid": principal.app_id,
        "appidacr": "1",
        "idp": format!("https://sts.windows.net/{}/", principal.tenant),
        "idtyp": "app",
        "oid": principal.id,
        "sub": principal.id,
        "tid": principal.tenant,
    });
    if Audience::named(resource) == Some(Audience::Graph) && !principal.graph_permissions.is_empty()
    {
        claims["roles"] = json!(principal.graph_permissions);
    }
    claims
}

/// What the command line's own application may do for a user.
fn scopes(resource: &str) -> &'static str {
    match Audience::named(resource) {
        Some(Audience::Graph) => {
            "Application.ReadWrite.All Directory.AccessAsUser.All User.ReadWrite.All"
        }
        Some(Audience::ResourceManager | Audience::Storage) | None => "user_impersonation",
    }
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::acme::{BOTH, GUEST, PIPELINE, PIPELINE_APP_ID, STORAGE_OWNER, TENANT};
    use super::*;

    const RESOURCE: &str = "https://management.azure.com";

    #[test]
    fn a_token_says_who_it_is_for() {
        let world = World::acme();
        for (who, client) in [
            (STORAGE_OWNER, "ana@acme.example"),
            (PIPELINE, PIPELINE_APP_ID),
            (GUEST, "gil_partner.example#EXT#@acme.example"),
        ] {
            let claims = world.read_token(&world.token(who, RESOURCE)).unwrap();
            assert_eq!(claims.object_id, who);
            assert_eq!(claims.client, client);
            assert_eq!(claims.tenant, TENANT);
            assert_eq!(claims.audience, RESOURCE);
        }
        assert_eq!(world.token("nobody", RESOURCE), "");
    }

    #[test]
    fn directory_roles_and_permissions_stand_in_the_token() {
        let mut world = World::acme();
        world.service_principals[0]
            .graph_permissions
            .insert("Application.Read.All".to_owned());
        let claims = |who: &str, resource: &str| {
            let token = world.token(who, resource);
            unsigned(token.split('.').nth(1).unwrap()).unwrap()
        };
        assert_eq!(
            claims(BOTH, RESOURCE)["wids"],
            json!([
                "158c047a-c907-4556-b7ef-446551a6b5f7",
                "b79fbf4d-3ef9-4689-8143-76b194e85509"
            ])
        );
        let graph = "https://graph.microsoft.com";
        assert_eq!(
            claims(PIPELINE, graph)["roles"],
            json!(["Application.Read.All"])
        );
        assert_eq!(claims(PIPELINE, graph)["idtyp"], "app");
        assert_eq!(claims(PIPELINE, RESOURCE)["roles"], Value::Null);
    }

    #[test]
    fn foreign_changed_and_old_tokens_are_told_apart() {
        let mut world = World::acme();
        let token = world.token(STORAGE_OWNER, RESOURCE);
        assert_eq!(World::acme().read_token(&token), Err(Flaw::Unknown));
        assert_eq!(world.read_token("abc"), Err(Flaw::Malformed));
        assert_eq!(world.read_token("a.b.c"), Err(Flaw::Malformed));
        let parts: Vec<&str> = token.split('.').collect();
        let mut claims = unsigned(parts[1]).unwrap();
        claims["oid"] = json!(BOTH);
        let forged = format!("{}.{}.{}", parts[0], encoded(&claims), parts[2]);
        assert_eq!(world.read_token(&forged), Err(Flaw::Unknown));
        world.clock_offset = Duration::hours(2);
        assert!(matches!(world.read_token(&token), Err(Flaw::Expired(_))));
    }
}
