//! A SAS of Azure: <https://learn.microsoft.com/azure/storage/common/storage-sas-overview>.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Query, Signature, SignatureKind, is_hidden, moment};

/// What a SAS says besides its times.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SharedAccess {
    /// The version of the service (`sv`).
    pub version: Option<String>,
    /// What it lets do (`sp`): `r`, `rl`.
    pub permissions: Option<String>,
    /// What it is for (`sr`): `b` a blob, `c` a container, `d` a directory.
    pub resource: Option<String>,
    /// Which services (`ss`), where it is one of the account.
    pub services: Option<String>,
    /// Which kinds of resources (`srt`), where it is one of the account.
    pub resource_types: Option<String>,
    /// From which addresses (`sip`).
    pub addresses: Option<String>,
    /// Over which protocols (`spr`).
    pub protocols: Option<String>,
    /// The stored access policy that says the rest (`si`).
    pub stored_policy: Option<String>,
    /// The tenant of whoever asked for the user delegation key (`sktid`).
    pub tenant: Option<String>,
    /// Until when the user delegation key holds (`ske`).
    pub key_expires_at: Option<OffsetDateTime>,
    /// The only user for whom it holds (`sduoid`), in the tenant `skdutid`.
    pub bound_to: Option<String>,
}

impl SharedAccess {
    /// What it says, for scripts.
    #[must_use]
    pub fn evidence(&self) -> Value {
        json!({
            "version": self.version,
            "permissions": self.permissions,
            "resource": self.resource,
            "services": self.services,
            "resource_types": self.resource_types,
            "addresses": self.addresses,
            "protocols": self.protocols,
            "stored_policy": self.stored_policy,
            "tenant": self.tenant,
            "key_expires_at": self.key_expires_at.map(moment::in_words),
            "bound_to": self.bound_to,
        })
    }
}

pub(super) fn find(query: &Query<'_>) -> Option<Signature> {
    let shared = query.has("sig") || (query.has("sv") && query.has("sp"));
    if !shared {
        return None;
    }
    let get = |name: &str| {
        query
            .get(name)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    };
    let when = |name: &str| query.get(name).and_then(moment::parse);
    let kind = if query.has("skoid") {
        SignatureKind::UserDelegationSas
    } else if query.has("ss") || query.has("srt") {
        SignatureKind::AccountSas
    } else {
        SignatureKind::ServiceSas
    };
    let shared = SharedAccess {
        version: get("sv"),
        permissions: get("sp"),
        resource: get("sr"),
        services: get("ss"),
        resource_types: get("srt"),
        addresses: get("sip"),
        protocols: get("spr"),
        stored_policy: get("si"),
        tenant: get("sktid"),
        key_expires_at: when("ske"),
        bound_to: get("sduoid"),
    };
    let expires_at = when("se");
    let mut missing = Vec::new();
    if get("sig").is_none() {
        missing.push("sig");
    }
    if shared.version.is_none() {
        missing.push("sv");
    }
    // A stored access policy may say both.
    if shared.stored_policy.is_none() {
        if expires_at.is_none() {
            missing.push("se");
        }
        if shared.permissions.is_none() {
            missing.push("sp");
        }
    }
    if kind == SignatureKind::UserDelegationSas && shared.key_expires_at.is_none() {
        missing.push("ske");
    }
    Some(Signature {
        kind,
        signer: get("skoid"),
        signed_at: None,
        starts_at: when("st"),
        expires_at,
        scope: None,
        signed_headers: query
            .get("srh")
            .unwrap_or_default()
            .split(',')
            .filter(|name| !name.is_empty())
            .map(str::to_ascii_lowercase)
            .collect(),
        temporary: false,
        hidden: is_hidden(query.get("sig")),
        shared_access: Some(shared),
        missing,
    })
}
