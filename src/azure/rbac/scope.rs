//! How the scope of an assignment lies to the account: the same, above, below, or elsewhere.
//!
//! See <https://learn.microsoft.com/azure/role-based-access-control/scope-overview>. It compares resource IDs, and asks
//! nobody.

/// How a scope lies to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It is the account.
    Same,
    /// It is a resource group, a subscription, a management group or the root, from which the account inherits.
    Above,
    /// It is one container of the account.
    Container(String),
    /// It is below the account and about blobs, and neither the account nor a container: nothing is documented of it.
    Blobs,
    /// It is something else below the account: a queue, an encryption scope.
    Below,
    /// It is elsewhere, and says nothing about the account.
    Elsewhere,
}

const MANAGEMENT_GROUPS: &str = "/providers/microsoft.management/managementgroups/";

/// How `scope` lies to `account`, both resource IDs, which are compared without case.
///
/// Which subscriptions a management group holds does not stand in its ID. Azure Resource Manager tells an account of
/// those above it and of no others, so each that is told counts as above.
#[must_use]
pub fn reach(scope: &str, account: &str) -> Reach {
    let plain = |id: &str| id.trim_end_matches('/').to_ascii_lowercase();
    if scope == "/" {
        return Reach::Above;
    }
    let (scope, account) = (plain(scope), plain(account));
    if scope.is_empty() {
        return Reach::Elsewhere;
    }
    if scope == account {
        return Reach::Same;
    }
    if let Some(group) = scope.strip_prefix(MANAGEMENT_GROUPS) {
        return if group.contains('/') {
            Reach::Elsewhere
        } else {
            Reach::Above
        };
    }
    let within = |id: &str, of: &str| {
        id.strip_prefix(of)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    if within(&account, &scope) {
        // `/subscriptions/ID` and `/subscriptions/ID/resourceGroups/NAME` are scopes; what lies between is none.
        return match scope.matches('/').count() {
            2 | 4 => Reach::Above,
            _ => Reach::Elsewhere,
        };
    }
    let Some(rest) = within(&scope, &account)
        .then(|| scope.strip_prefix(&account))
        .flatten()
    else {
        return Reach::Elsewhere;
    };
    match rest.strip_prefix("/blobservices/default/containers/") {
        Some(container) if !container.is_empty() && !container.contains('/') => {
            Reach::Container(container.to_owned())
        }
        Some(_) => Reach::Blobs,
        None if rest.starts_with("/blobservices") => Reach::Blobs,
        None => Reach::Below,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acme";

    #[test]
    fn scopes_are_told_apart_without_case() {
        for (scope, expected) in [
            (ACCOUNT.to_owned(), Reach::Same),
            (ACCOUNT.to_uppercase(), Reach::Same),
            (format!("{ACCOUNT}/"), Reach::Same),
            ("/".to_owned(), Reach::Above),
            ("/subscriptions/s".to_owned(), Reach::Above),
            (
                "/subscriptions/S/resourcegroups/G/".to_owned(),
                Reach::Above,
            ),
            (
                "/providers/Microsoft.Management/managementGroups/m".to_owned(),
                Reach::Above,
            ),
            (
                format!("{ACCOUNT}/blobServices/default/containers/photos"),
                Reach::Container("photos".to_owned()),
            ),
            (
                format!("{ACCOUNT}/queueServices/default/queues/q"),
                Reach::Below,
            ),
            (format!("{ACCOUNT}/blobServices/default"), Reach::Blobs),
            (
                format!("{ACCOUNT}/blobServices/default/containers/photos/blobs/a"),
                Reach::Blobs,
            ),
            (format!("{ACCOUNT}2"), Reach::Elsewhere),
            ("/subscriptions/s2".to_owned(), Reach::Elsewhere),
            ("/subscriptions".to_owned(), Reach::Elsewhere),
            (
                "/subscriptions/s/resourceGroups".to_owned(),
                Reach::Elsewhere,
            ),
            (
                "/subscriptions/s/resourceGroups/g2".to_owned(),
                Reach::Elsewhere,
            ),
            (
                "/providers/Microsoft.Management/managementGroups/m/x".to_owned(),
                Reach::Elsewhere,
            ),
            ("nonsense".to_owned(), Reach::Elsewhere),
            (String::new(), Reach::Elsewhere),
        ] {
            assert_eq!(reach(&scope, ACCOUNT), expected, "{scope}");
        }
    }
}
