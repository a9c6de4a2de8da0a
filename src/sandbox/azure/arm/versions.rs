//! The api-versions that Resource Manager has for each resource type, and how it turns others away.
//!
//! The lists are those of the vendor's own clients (azure-mgmt-storage, azure-mgmt-authorization,
//! azure-mgmt-resource).

use super::route::{Kind, Route};
use crate::sandbox::azure::problem::Problem;

const SUBSCRIPTIONS: &[&str] = &[
    "2016-06-01",
    "2018-06-01",
    "2019-06-01",
    "2019-11-01",
    "2020-01-01",
    "2021-01-01",
    "2022-12-01",
];

const STORAGE: &[&str] = &[
    "2015-06-15",
    "2016-01-01",
    "2016-12-01",
    "2017-06-01",
    "2017-10-01",
    "2018-02-01",
    "2018-03-01-preview",
    "2018-07-01",
    "2018-11-01",
    "2019-04-01",
    "2019-06-01",
    "2020-08-01-preview",
    "2021-01-01",
    "2021-02-01",
    "2021-04-01",
    "2021-06-01",
    "2021-08-01",
    "2021-09-01",
    "2022-05-01",
    "2022-09-01",
    "2023-01-01",
    "2023-04-01",
    "2023-05-01",
    "2024-01-01",
    "2025-01-01",
    "2025-06-01",
    "2025-08-01",
    "2026-04-01",
    "2026-06-01",
    "2026-09-01",
];

/// The blob service came later than the account.
const BLOB_SERVICE_SINCE: &str = "2018-07-01";
/// Encryption scopes came later still.
const ENCRYPTION_SCOPES_SINCE: &str = "2019-06-01";

const ROLE_ASSIGNMENTS: &[&str] = &[
    "2015-07-01",
    "2018-01-01-preview",
    "2018-09-01-preview",
    "2020-04-01-preview",
    "2020-10-01-preview",
    "2022-04-01",
];

const ROLE_DEFINITIONS: &[&str] = &[
    "2015-07-01",
    "2018-01-01-preview",
    "2022-04-01",
    "2022-05-01-preview",
];

const DENY_ASSIGNMENTS: &[&str] = &["2018-07-01-preview", "2022-04-01"];

const LOCKS: &[&str] = &["2015-01-01", "2016-09-01", "2017-04-01", "2020-05-01"];

/// Checks that the version is one that the vendor has for what is asked for.
///
/// Resource Manager words this in three ways: for its own types, for a list and for one resource.
/// See <https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-register-resource-provider>.
pub(super) fn check(route: &Route, version: &str) -> Result<(), Problem> {
    let known = known(route);
    if known.contains(&version) {
        return Ok(());
    }
    let supported = known.join(", ");
    Err(match route {
        Route::Subscriptions | Route::Tenants | Route::Subscription(_) | Route::Unknown => {
            Problem::new(
                400,
                "InvalidApiVersionParameter",
                format!(
                    "The api-version '{version}' is invalid. The supported versions are '{supported}'."
                ),
            )
        }
        Route::StorageAccounts { .. } => Problem::new(
            404,
            "InvalidResourceType",
            format!(
                "The resource type 'storageAccounts' could not be found in the namespace 'Microsoft.Storage' for api version '{version}'. The supported api-versions are '{}'.",
                known.join(",")
            ),
        ),
        Route::NameAvailability(_)
        | Route::StorageAccount(_)
        | Route::BlobServices(_)
        | Route::BlobService(_)
        | Route::EncryptionScopes(..)
        | Route::Authorization { .. } => Problem::new(
            400,
            "NoRegisteredProviderFound",
            format!(
                "No registered resource provider found for location 'westeurope' and API version '{version}' for type '{}'. The supported api-versions are '{supported}'. The supported locations are 'westeurope'.",
                kind(route)
            ),
        ),
    })
}

fn known(route: &Route) -> Vec<&'static str> {
    let storage_since = |since: &str| {
        STORAGE
            .iter()
            .copied()
            .filter(|version| *version >= since)
            .collect()
    };
    match route {
        Route::Subscriptions | Route::Tenants | Route::Subscription(_) | Route::Unknown => {
            SUBSCRIPTIONS.to_vec()
        }
        Route::StorageAccounts { .. } | Route::NameAvailability(_) | Route::StorageAccount(_) => {
            STORAGE.to_vec()
        }
        Route::BlobServices(_) | Route::BlobService(_) => storage_since(BLOB_SERVICE_SINCE),
        Route::EncryptionScopes(..) => storage_since(ENCRYPTION_SCOPES_SINCE),
        Route::Authorization { kind, .. } => match kind {
            Kind::RoleAssignments => ROLE_ASSIGNMENTS.to_vec(),
            Kind::RoleDefinitions | Kind::Permissions => ROLE_DEFINITIONS.to_vec(),
            Kind::DenyAssignments => DENY_ASSIGNMENTS.to_vec(),
            Kind::Locks => LOCKS.to_vec(),
        },
    }
}

fn kind(route: &Route) -> &'static str {
    match route {
        Route::Authorization { kind, .. } => kind.word(),
        Route::BlobServices(_) | Route::BlobService(_) => "storageAccounts/blobServices",
        Route::EncryptionScopes(..) => "storageAccounts/encryptionScopes",
        Route::NameAvailability(_) => "checkNameAvailability",
        Route::StorageAccounts { .. } | Route::StorageAccount(_) => "storageAccounts",
        Route::Subscriptions | Route::Tenants | Route::Subscription(_) | Route::Unknown => {
            "subscriptions"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::route::Place;
    use super::*;

    fn code(route: &Route, version: &str) -> Option<(u16, String)> {
        check(route, version)
            .err()
            .map(|problem| (problem.status, problem.code))
    }

    #[test]
    fn versions_that_the_vendor_has_pass_and_others_are_told_in_its_words() {
        let place = Place {
            subscription: "s".to_owned(),
            resource_group: "g".to_owned(),
            account: "a".to_owned(),
        };
        let list = Route::StorageAccounts {
            subscription: "s".to_owned(),
            resource_group: None,
        };
        let roles = |kind| Route::Authorization {
            scope: "/".to_owned(),
            kind,
            name: None,
        };
        let provider = "NoRegisteredProviderFound";
        for (route, version, expected) in [
            (&Route::Subscriptions, "2022-12-01", None),
            (
                &Route::Subscriptions,
                "2023-01-01",
                Some((400, "InvalidApiVersionParameter")),
            ),
            (&list, "2023-05-01", None),
            (&list, "2023-05-02", Some((404, "InvalidResourceType"))),
            (&Route::StorageAccount(place.clone()), "2026-09-01", None),
            (
                &Route::StorageAccount(place.clone()),
                "2022-04-01",
                Some((400, provider)),
            ),
            (
                &Route::BlobService(place),
                "2018-02-01",
                Some((400, provider)),
            ),
            (&roles(Kind::RoleAssignments), "2022-04-01", None),
            (
                &roles(Kind::RoleAssignments),
                "2022-05-01-preview",
                Some((400, provider)),
            ),
            (&roles(Kind::Permissions), "2022-04-01", None),
        ] {
            assert_eq!(
                code(route, version),
                expected.map(|(status, code)| (status, code.to_owned())),
                "{route:?} {version}"
            );
        }
    }
}
