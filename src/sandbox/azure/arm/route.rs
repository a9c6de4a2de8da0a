//! What a path at Resource Manager means. Resource IDs do not mind case.
//!
//! This module reads; it looks nothing up.

/// A path, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Subscriptions,
    Tenants,
    Subscription(String),
    StorageAccounts {
        subscription: String,
        resource_group: Option<String>,
    },
    /// Whether a name is free, in all of Azure.
    NameAvailability(String),
    StorageAccount(Place),
    BlobServices(Place),
    BlobService(Place),
    EncryptionScopes(Place, Option<String>),
    /// Roles and locks, which exist at every scope.
    Authorization {
        scope: String,
        kind: Kind,
        name: Option<String>,
    },
    Unknown,
}

/// Where a storage account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub subscription: String,
    pub resource_group: String,
    pub account: String,
}

/// What exists at every scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    RoleAssignments,
    RoleDefinitions,
    DenyAssignments,
    Permissions,
    Locks,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::RoleAssignments,
        Self::RoleDefinitions,
        Self::DenyAssignments,
        Self::Permissions,
        Self::Locks,
    ];

    /// The word in a path.
    pub fn word(self) -> &'static str {
        match self {
            Self::RoleAssignments => "roleAssignments",
            Self::RoleDefinitions => "roleDefinitions",
            Self::DenyAssignments => "denyAssignments",
            Self::Permissions => "permissions",
            Self::Locks => "locks",
        }
    }

    /// The word in an operation's name.
    fn title(self, one: bool) -> &'static str {
        match (self, one) {
            (Self::RoleAssignments, true) => "RoleAssignment",
            (Self::RoleAssignments, false) => "RoleAssignments",
            (Self::RoleDefinitions, true) => "RoleDefinition",
            (Self::RoleDefinitions, false) => "RoleDefinitions",
            (Self::DenyAssignments, true) => "DenyAssignment",
            (Self::DenyAssignments, false) => "DenyAssignments",
            (Self::Permissions, true) => "Permission",
            (Self::Permissions, false) => "Permissions",
            (Self::Locks, true) => "Lock",
            (Self::Locks, false) => "Locks",
        }
    }
}

impl Route {
    /// Understands the segments of a path.
    pub fn read(path: &[String]) -> Self {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        if let Some(route) = authorization(&words) {
            return route;
        }
        match words.as_slice() {
            [a] if is(a, "subscriptions") => Self::Subscriptions,
            [a] if is(a, "tenants") => Self::Tenants,
            [a, subscription] if is(a, "subscriptions") => {
                Self::Subscription((*subscription).to_owned())
            }
            [a, subscription, b, provider, kind]
                if is(a, "subscriptions")
                    && is(b, "providers")
                    && is(provider, "Microsoft.Storage")
                    && is(kind, "storageAccounts") =>
            {
                Self::StorageAccounts {
                    subscription: (*subscription).to_owned(),
                    resource_group: None,
                }
            }
            [a, subscription, b, provider, kind]
                if is(a, "subscriptions")
                    && is(b, "providers")
                    && is(provider, "Microsoft.Storage")
                    && is(kind, "checkNameAvailability") =>
            {
                Self::NameAvailability((*subscription).to_owned())
            }
            [
                a,
                subscription,
                b,
                resource_group,
                c,
                provider,
                kind,
                rest @ ..,
            ] if is(a, "subscriptions")
                && is(b, "resourceGroups")
                && is(c, "providers")
                && is(provider, "Microsoft.Storage")
                && is(kind, "storageAccounts") =>
            {
                storage(subscription, resource_group, rest)
            }
            _ => Self::Unknown,
        }
    }

    /// The name of the operation.
    pub fn operation(&self, method: &str) -> String {
        let (verb, one) = match method {
            "GET" => ("Get", true),
            "PUT" => ("Put", true),
            "DELETE" => ("Delete", true),
            other => (other, true),
        };
        match self {
            Self::Subscriptions if method == "GET" => "ListSubscriptions".to_owned(),
            Self::Tenants if method == "GET" => "ListTenants".to_owned(),
            Self::StorageAccounts { .. } if method == "GET" => "ListStorageAccounts".to_owned(),
            Self::BlobServices(_) if method == "GET" => "ListBlobServices".to_owned(),
            Self::EncryptionScopes(_, None) if method == "GET" => "ListEncryptionScopes".to_owned(),
            Self::Authorization {
                kind, name: None, ..
            } if method == "GET" => format!("List{}", kind.title(false)),
            Self::NameAvailability(_) if method == "POST" => "CheckNameAvailability".to_owned(),
            Self::NameAvailability(_) => format!("{verb}NameAvailability"),
            Self::Subscriptions => format!("{verb}Subscriptions"),
            Self::Tenants => format!("{verb}Tenants"),
            Self::Subscription(_) => format!("{verb}Subscription"),
            Self::StorageAccounts { .. } => format!("{verb}StorageAccounts"),
            Self::StorageAccount(_) => format!("{verb}StorageAccount"),
            // The vendor's name for the one document is in the plural.
            Self::BlobServices(_) | Self::BlobService(_) => format!("{verb}BlobServices"),
            Self::EncryptionScopes(..) => format!("{verb}EncryptionScope"),
            Self::Authorization { kind, name, .. } => {
                format!("{verb}{}", kind.title(one && name.is_some()))
            }
            Self::Unknown => format!("{method} arm"),
        }
    }

    /// The storage account in the path.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::StorageAccount(place)
            | Self::BlobServices(place)
            | Self::BlobService(place)
            | Self::EncryptionScopes(place, _) => Some(&place.account),
            Self::Authorization { scope, .. } => account_of(scope),
            Self::Subscriptions
            | Self::Tenants
            | Self::Subscription(_)
            | Self::StorageAccounts { .. }
            | Self::NameAvailability(_)
            | Self::Unknown => None,
        }
    }

    /// The subscription in the path.
    pub fn subscription(&self) -> Option<&str> {
        match self {
            Self::Subscription(subscription)
            | Self::StorageAccounts { subscription, .. }
            | Self::NameAvailability(subscription) => Some(subscription),
            Self::StorageAccount(place)
            | Self::BlobServices(place)
            | Self::BlobService(place)
            | Self::EncryptionScopes(place, _) => Some(&place.subscription),
            Self::Authorization { scope, .. } => match scope.split('/').collect::<Vec<_>>()[..] {
                ["", word, id, ..] if is(word, "subscriptions") => Some(id),
                _ => None,
            },
            Self::Subscriptions | Self::Tenants | Self::Unknown => None,
        }
    }
}

fn storage(subscription: &str, resource_group: &str, rest: &[&str]) -> Route {
    let place = |account: &str| Place {
        subscription: subscription.to_owned(),
        resource_group: resource_group.to_owned(),
        account: account.to_owned(),
    };
    match rest {
        [] => Route::StorageAccounts {
            subscription: subscription.to_owned(),
            resource_group: Some(resource_group.to_owned()),
        },
        [account] => Route::StorageAccount(place(account)),
        [account, a] if is(a, "blobServices") => Route::BlobServices(place(account)),
        [account, a, b] if is(a, "blobServices") && is(b, "default") => {
            Route::BlobService(place(account))
        }
        [account, a] if is(a, "encryptionScopes") => Route::EncryptionScopes(place(account), None),
        [account, a, name] if is(a, "encryptionScopes") => {
            Route::EncryptionScopes(place(account), Some((*name).to_owned()))
        }
        _ => Route::Unknown,
    }
}

/// `{scope}/providers/Microsoft.Authorization/{kind}[/{name}]`, where the scope may be anything.
fn authorization(words: &[&str]) -> Option<Route> {
    let at = words
        .windows(2)
        .rposition(|pair| is(pair[0], "providers") && is(pair[1], "Microsoft.Authorization"))?;
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| words.get(at + 2).is_some_and(|word| is(word, kind.word())))?;
    let name = match &words[at + 3..] {
        [] => None,
        [name] => Some((*name).to_owned()),
        _ => return None,
    };
    Some(Route::Authorization {
        scope: format!("/{}", words[..at].join("/")),
        kind,
        name,
    })
}

/// The storage account that a scope is at or below.
fn account_of(scope: &str) -> Option<&str> {
    let words: Vec<&str> = scope.split('/').collect();
    words
        .windows(3)
        .find(|part| is(part[0], "Microsoft.Storage") && is(part[1], "storageAccounts"))
        .map(|part| part[2])
}

fn is(word: &str, wanted: &str) -> bool {
    word.eq_ignore_ascii_case(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str) -> Route {
        let words: Vec<String> = path
            .trim_start_matches('/')
            .split('/')
            .map(str::to_owned)
            .collect();
        Route::read(&words)
    }

    #[test]
    fn operations_are_named_as_the_vendor_names_them() {
        let account =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a";
        let roles = "providers/Microsoft.Authorization/roleAssignments";
        for (method, path, expected) in [
            ("GET", "/subscriptions", "ListSubscriptions"),
            ("GET", "/subscriptions/s", "GetSubscription"),
            ("GET", "/tenants", "ListTenants"),
            (
                "GET",
                "/subscriptions/s/providers/Microsoft.Storage/storageAccounts",
                "ListStorageAccounts",
            ),
            ("GET", account, "GetStorageAccount"),
            (
                "GET",
                &format!("{account}/blobServices/default"),
                "GetBlobServices",
            ),
            (
                "PUT",
                &format!("{account}/BLOBSERVICES/Default"),
                "PutBlobServices",
            ),
            ("GET", &format!("{account}/{roles}"), "ListRoleAssignments"),
            ("PUT", &format!("{account}/{roles}/x"), "PutRoleAssignment"),
            (
                "DELETE",
                &format!("{account}/{roles}/x"),
                "DeleteRoleAssignment",
            ),
            (
                "GET",
                "/providers/Microsoft.Authorization/roleDefinitions/x",
                "GetRoleDefinition",
            ),
            (
                "GET",
                &format!("{account}/providers/Microsoft.Authorization/denyAssignments"),
                "ListDenyAssignments",
            ),
            (
                "GET",
                &format!("{account}/providers/Microsoft.Authorization/permissions"),
                "ListPermissions",
            ),
            ("PATCH", account, "PATCHStorageAccount"),
            (
                "GET",
                "/subscriptions/s/providers/Microsoft.Compute",
                "GET arm",
            ),
        ] {
            assert_eq!(read(path).operation(method), expected, "{method} {path}");
        }
    }

    #[test]
    fn a_scope_may_be_anything_and_tells_its_account_and_subscription() {
        let route = read(
            "/subscriptions/s/resourcegroups/g/providers/microsoft.storage/storageaccounts/a/blobServices/default/containers/c/providers/Microsoft.Authorization/roleAssignments",
        );
        assert_eq!(route.account(), Some("a"));
        assert_eq!(route.subscription(), Some("s"));
        let route = read("/providers/Microsoft.Authorization/roleDefinitions/x");
        assert_eq!(
            route,
            Route::Authorization {
                scope: "/".to_owned(),
                kind: Kind::RoleDefinitions,
                name: Some("x".to_owned())
            }
        );
        let route = read(
            "/providers/Microsoft.Management/managementGroups/m/providers/Microsoft.Authorization/roleAssignments",
        );
        assert_eq!((route.account(), route.subscription()), (None, None));
    }
}
