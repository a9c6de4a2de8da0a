//! How the scope of an assignment lies to the account: the same, above, below, or elsewhere.
//!
//! See <https://learn.microsoft.com/azure/role-based-access-control/scope-overview>.

/// How a scope lies to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// It is the account.
    Same,
    /// It is a resource group, a subscription, a management group or the root, from which the account inherits.
    Above,
    /// It is one container of the account.
    Container(String),
    /// It is something else below the account: a queue, an encryption scope.
    Below,
    /// It is elsewhere, and says nothing about the account.
    Elsewhere,
}

/// How `scope` lies to `account`, both resource IDs, which are compared without case.
#[must_use]
pub fn reach(scope: &str, account: &str) -> Reach {
    let plain = |id: &str| id.trim_end_matches('/').to_ascii_lowercase();
    let (scope, account) = (plain(scope), plain(account));
    if scope == account {
        return Reach::Same;
    }
    // Management groups are told for an account only where it is below them.
    if scope.is_empty() || scope.starts_with("/providers/microsoft.management/managementgroups/") {
        return Reach::Above;
    }
    let below = |id: &str, of: &str| {
        id.strip_prefix(of)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    if below(&account, &scope) {
        return Reach::Above;
    }
    if !below(&scope, &account) {
        return Reach::Elsewhere;
    }
    let rest = scope
        .strip_prefix(&account)
        .and_then(|rest| rest.strip_prefix("/blobservices/default/containers/"));
    match rest {
        Some(container) if !container.is_empty() && !container.contains('/') => {
            Reach::Container(container.to_owned())
        }
        Some(_) | None => Reach::Below,
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
            ("/subscriptions/S/resourcegroups/G".to_owned(), Reach::Above),
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
            (format!("{ACCOUNT}/blobServices/default"), Reach::Below),
            (format!("{ACCOUNT}2"), Reach::Elsewhere),
            ("/subscriptions/s2".to_owned(), Reach::Elsewhere),
            (
                "/subscriptions/s/resourceGroups/g2".to_owned(),
                Reach::Elsewhere,
            ),
            ("nonsense".to_owned(), Reach::Elsewhere),
        ] {
            assert_eq!(reach(&scope, ACCOUNT), expected, "{scope}");
        }
    }
}
