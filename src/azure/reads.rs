//! Every question that is asked of Azure Resource Manager about the account, one function each. An absent setting is an
//! answer.

use serde_json::{Map, Value};

use super::access::Access;
use super::failure::{Doing, refused};
use super::rbac;
use super::rest::{Call, Service};
use crate::error::Failure;

/// The newest stable version, so that every property that the service has is read, and written back:
/// <https://learn.microsoft.com/rest/api/storagerp/blob-services/set-service-properties>.
pub const STORAGE_API: &str = "2026-09-01";
/// <https://learn.microsoft.com/rest/api/authorization/role-assignments>. Older ones do not tell conditions.
pub const AUTHORIZATION_API: &str = "2022-04-01";

/// The members of the blob service that only the service writes:
/// <https://learn.microsoft.com/rest/api/storagerp/blob-services/get-service-properties#restorepolicyproperties>.
const READ_ONLY: [(&str, &str); 2] = [
    ("restorePolicy", "lastEnabledTime"),
    ("restorePolicy", "minRestoreTime"),
];

/// The writable properties of the blob service, each of them.
///
/// # Errors
/// When they cannot be read.
pub async fn blob_service(access: &Access) -> Result<Map<String, Value>, Failure> {
    let account = access.account()?;
    let what = format!("could not read the blob service of `{}`", account.name);
    let url = access
        .endpoints()
        .resource(&format!("{}/blobServices/default", account.id), STORAGE_API);
    let document = access
        .get(
            url,
            &what,
            "Microsoft.Storage/storageAccounts/blobServices/read",
        )
        .await?;
    let mut properties = match document.get("properties") {
        Some(Value::Object(properties)) => properties.clone(),
        Some(_) | None => Map::new(),
    };
    for (policy, member) in READ_ONLY {
        if let Some(policy) = properties.get_mut(policy).and_then(Value::as_object_mut) {
            policy.remove(member);
        }
    }
    Ok(properties)
}

/// The role assignments of a principal at, above and below the account, through its groups too.
///
/// See <https://learn.microsoft.com/azure/role-based-access-control/role-assignments-list-rest>.
///
/// # Errors
/// When they cannot be read.
pub async fn assignments(access: &Access, principal: &str) -> Result<Vec<Value>, Failure> {
    let account = access.account()?;
    let what = format!("could not list the role assignments on `{}`", account.name);
    assigned(access, &account.id, principal, &what).await
}

/// The role assignments of a principal in the whole subscription of the account.
///
/// # Errors
/// When they cannot be read.
pub async fn assignments_in_subscription(
    access: &Access,
    principal: &str,
) -> Result<Vec<Value>, Failure> {
    let account = access.account()?;
    let scope = format!("/subscriptions/{}", account.subscription);
    assigned(
        access,
        &scope,
        principal,
        "could not list the role assignments of the subscription",
    )
    .await
}

async fn assigned(
    access: &Access,
    scope: &str,
    principal: &str,
    what: &str,
) -> Result<Vec<Value>, Failure> {
    let mut url = access.endpoints().resource(
        &format!("{scope}/providers/Microsoft.Authorization/roleAssignments"),
        AUTHORIZATION_API,
    );
    url.query_pairs_mut()
        .append_pair("$filter", &format!("assignedTo('{principal}')"));
    let listed = access
        .list(url, what, "Microsoft.Authorization/roleAssignments/read")
        .await;
    // A principal that was just made, or just removed, may be nobody to Azure Resource Manager: nobody has no roles.
    match listed {
        Err(failure)
            if failure
                .causes
                .iter()
                .any(|cause| cause.starts_with("PrincipalNotFound")) =>
        {
            Ok(Vec::new())
        }
        listed => listed,
    }
}

/// The applications to which the published role is assigned on the account itself: object IDs.
///
/// # Errors
/// When they cannot be read.
pub async fn holders_of_the_role(access: &Access) -> Result<Vec<String>, Failure> {
    let account = access.account()?;
    let mut url = access.endpoints().resource(
        &format!(
            "{}/providers/Microsoft.Authorization/roleAssignments",
            account.id
        ),
        AUTHORIZATION_API,
    );
    url.query_pairs_mut().append_pair("$filter", "atScope()");
    let what = format!("could not list the role assignments on `{}`", account.name);
    let listed = access
        .list(url, &what, "Microsoft.Authorization/roleAssignments/read")
        .await?;
    Ok(rbac::holders(&listed, &account.id))
}

/// What the caller may do with the account in Azure Resource Manager.
///
/// See <https://learn.microsoft.com/rest/api/authorization/permissions/list-for-resource>.
///
/// # Errors
/// When it cannot be read.
pub async fn permissions(access: &Access) -> Result<Vec<Value>, Failure> {
    let account = access.account()?;
    let url = access.endpoints().resource(
        &format!(
            "{}/providers/Microsoft.Authorization/permissions",
            account.id
        ),
        AUTHORIZATION_API,
    );
    let what = format!("could not read your own rights on `{}`", account.name);
    access
        .list(url, &what, "Microsoft.Authorization/permissions/read")
        .await
}

/// The deny assignments at and above the account.
///
/// See <https://learn.microsoft.com/rest/api/authorization/deny-assignments/list-for-scope>.
///
/// # Errors
/// When they cannot be read.
pub async fn deny_assignments(access: &Access) -> Result<Vec<Value>, Failure> {
    let account = access.account()?;
    let mut url = access.endpoints().resource(
        &format!(
            "{}/providers/Microsoft.Authorization/denyAssignments",
            account.id
        ),
        AUTHORIZATION_API,
    );
    url.query_pairs_mut().append_pair("$filter", "atScope()");
    let what = format!("could not list the deny assignments on `{}`", account.name);
    access
        .list(url, &what, "Microsoft.Authorization/denyAssignments/read")
        .await
}

/// A role's definition, by its resource ID. That names the subscription, where many may read nothing; the same
/// definition is to be had at the account, where it is assigned:
/// <https://learn.microsoft.com/rest/api/authorization/role-definitions/get>.
///
/// # Errors
/// When it cannot be read.
pub async fn role_definition(access: &Access, id: &str) -> Result<Value, Failure> {
    let account = access.account()?;
    let name = id.rsplit('/').next().unwrap_or(id);
    let url = access.endpoints().resource(
        &format!(
            "{}/providers/Microsoft.Authorization/roleDefinitions/{name}",
            account.id
        ),
        AUTHORIZATION_API,
    );
    access
        .get(
            url,
            &format!("could not read the role definition {name}"),
            "Microsoft.Authorization/roleDefinitions/read",
        )
        .await
}

/// The account as it is now, with properties that the SDK's model does not know.
///
/// # Errors
/// When it cannot be read.
pub async fn account(access: &Access) -> Result<Value, Failure> {
    let account = access.account()?;
    let url = access.endpoints().resource(&account.id, STORAGE_API);
    access
        .get(
            url,
            &format!("could not read the storage account `{}`", account.name),
            "Microsoft.Storage/storageAccounts/read",
        )
        .await
}

/// An encryption scope of the account; `None` where there is none of that name.
///
/// # Errors
/// When it cannot be read.
pub async fn encryption_scope(access: &Access, name: &str) -> Result<Option<Value>, Failure> {
    let account = access.account()?;
    let what = format!("could not read the encryption scope `{name}`");
    let url = access.endpoints().resource(
        &format!("{}/encryptionScopes/{name}", account.id),
        STORAGE_API,
    );
    let answer = access
        .rest
        .read(&Call::get(Service::ResourceManager, url))
        .await
        .map_err(|unanswered| unanswered.doing(&what))?;
    match answer.status {
        200 => answer.json(&what).map(Some),
        404 if answer.problem.is_some() => Ok(None),
        _ => Err(refused(
            &Doing {
                what: &what,
                right: "Microsoft.Storage/storageAccounts/encryptionScopes/read",
                caller: &access.caller_words(),
            },
            &answer,
            Service::ResourceManager,
        )),
    }
}
