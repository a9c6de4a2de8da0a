//! Who is asking, as the access token says.
//!
//! Tokens are for the service that they were made for; that Entra writes them as JWTs is documented, and nothing is
//! decided by what stands in them. It is shown, as the Azure CLI shows it:
//! <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Who is asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caller {
    /// A user's sign-in name, or an application's ID.
    pub name: Option<String>,
    /// Whether it is an application.
    pub application: bool,
    /// The object ID in the tenant.
    pub object: Option<String>,
    /// The tenant in which the token was made.
    pub tenant: Option<String>,
    /// Template IDs of the directory roles that a user has in the whole tenant; `None` where the token does not say.
    pub directory_roles: Option<Vec<String>>,
    /// Permissions that an application has for the service of this token.
    pub application_permissions: Vec<String>,
}

impl Caller {
    /// Reads the token's claims; everything that is not there stays unknown.
    #[must_use]
    pub fn of_token(token: &str) -> Self {
        let Some(claims) = claims(token) else {
            return Self::default();
        };
        let text = |name: &str| {
            claims
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let list = |name: &str| -> Option<Vec<String>> {
            let items = claims.get(name)?.as_array()?;
            Some(
                items
                    .iter()
                    .filter_map(Value::as_str)
                    .map(str::to_owned)
                    .collect(),
            )
        };
        let user = text("upn")
            .or_else(|| text("preferred_username"))
            .or_else(|| text("unique_name"));
        let application = match text("idtyp").as_deref() {
            Some("app") => true,
            Some(_) => false,
            None => user.is_none(),
        };
        Self {
            name: user.or_else(|| text("appid")).or_else(|| text("azp")),
            application,
            object: text("oid"),
            tenant: text("tid"),
            directory_roles: list("wids"),
            application_permissions: list("roles").unwrap_or_default(),
        }
    }

    /// The caller, for people: `ana@acme.example`, or the application with its ID.
    #[must_use]
    pub fn in_words(&self) -> String {
        let kind = if self.application {
            "the application "
        } else {
            ""
        };
        match (&self.name, &self.object) {
            (Some(name), _) => format!("{kind}{name}"),
            (None, Some(object)) => format!("the principal {object}"),
            (None, None) => "a principal that the token does not name".to_owned(),
        }
    }

    /// Whether the directory roles let a user make service principals of applications from elsewhere; `None` where
    /// the token does not say.
    ///
    /// See <https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals>.
    #[must_use]
    pub fn may_install_apps(&self) -> Option<bool> {
        const ROLES: [&str; 3] = [
            // Global Administrator, Application Administrator, Cloud Application Administrator:
            // https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
            "62e90394-69f5-4237-9190-012177145e10",
            "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
            "158c047a-c907-4556-b7ef-446551a6b5f7",
        ];
        let roles = self.directory_roles.as_ref()?;
        roles
            .iter()
            .any(|role| ROLES.contains(&role.as_str()))
            .then_some(true)
    }
}

fn claims(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.sig", part(&json!({"alg": "none"})), part(claims))
    }

    #[test]
    fn a_user_is_named_by_the_sign_in_name() {
        let caller = Caller::of_token(&token(&json!({
            "idtyp": "user", "upn": "ana@acme.example", "oid": "o", "tid": "t", "appid": "cli",
            "wids": ["9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"],
        })));
        assert_eq!(caller.in_words(), "ana@acme.example");
        assert_eq!(caller.tenant.as_deref(), Some("t"));
        assert_eq!(caller.may_install_apps(), Some(true));
    }

    #[test]
    fn an_application_is_named_by_its_id() {
        let caller = Caller::of_token(&token(&json!({"appid": "a-b", "oid": "o", "tid": "t"})));
        assert_eq!(caller.in_words(), "the application a-b");
        assert_eq!(caller.may_install_apps(), None);
    }

    #[test]
    fn what_is_no_jwt_names_nobody() {
        for text in ["", "opaque", "a.b.c", "..", "a.e30", "\u{1F600}.x.y"] {
            let caller = Caller::of_token(text);
            assert_eq!(caller, Caller::default(), "{text}");
            assert!(caller.in_words().contains("does not name"));
        }
    }
}
