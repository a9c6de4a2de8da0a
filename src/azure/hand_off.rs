//! What somebody else has to do, because on Azure the two halves of a connection often need two people: the words.

use super::templates::{APP_ID, READER};
use crate::resource::HandOff;

/// The directory role that installs an app, in Microsoft's words:
/// <https://learn.microsoft.com/entra/identity/enterprise-apps/create-service-principal-cross-tenant>.
pub const DIRECTORY_ROLES: &str = "Cloud Application Administrator or Application Administrator";
/// The right to create a service principal, in Graph's words.
pub const CREATE_RIGHT: &str =
    "Application.ReadWrite.All (Cloud Application Administrator or Application Administrator)";
/// The right to assign a role.
pub const ASSIGN_RIGHT: &str = "Microsoft.Authorization/roleAssignments/write";
/// The right to take an assignment away.
pub const UNASSIGN_RIGHT: &str = "Microsoft.Authorization/roleAssignments/delete";
/// The right to change the blob service.
pub const CORS_RIGHT: &str = "Microsoft.Storage/storageAccounts/blobServices/write";

/// The app is to be installed by an administrator of the directory.
#[must_use]
pub fn install(tenant: &str, reason: &str) -> HandOff {
    HandOff {
        reason: reason.to_owned(),
        missing: vec![CREATE_RIGHT.to_owned()],
        step: format!(
            "Ask an administrator of the directory ({DIRECTORY_ROLES}) to install the app of Segments.ai in the tenant {tenant}, in a shell that is signed in there, such as https://shell.azure.com:\n\
             az ad sp create --id {APP_ID}"
        ),
    }
}

/// Whether the app is installed is to be looked up by somebody who may.
#[must_use]
pub fn look_up(tenant: &str, command: &str, reason: &str) -> HandOff {
    HandOff {
        reason: reason.to_owned(),
        missing: vec![super::directory::READ_RIGHT.to_owned()],
        step: format!(
            "Ask somebody who may look up applications in the tenant {tenant} for the object ID of the app of Segments.ai (where it is not installed yet, an administrator of the directory does that with `az ad sp create --id {APP_ID}`), and give it with `--service-principal-id`:\n\
             az ad sp show --id {APP_ID} --query id --output tsv\n\
             {command} --service-principal-id OBJECT_ID"
        ),
    }
}

/// The app is to be taken out by an administrator of the directory.
#[must_use]
pub fn uninstall(tenant: &str, reason: &str) -> HandOff {
    HandOff {
        reason: reason.to_owned(),
        missing: vec![CREATE_RIGHT.to_owned()],
        step: format!(
            "Ask an administrator of the directory ({DIRECTORY_ROLES}) to take the app of Segments.ai out of the tenant {tenant}, if nothing else needs it:\n\
             az ad sp delete --id {APP_ID}"
        ),
    }
}

/// The role is to be assigned by whoever may; `principal` is the object ID where it is known.
#[must_use]
pub fn assign(account: &str, tenant: &str, principal: Option<&str>, reason: &str) -> HandOff {
    // Where the object ID is not known yet, the shell looks it up.
    let principal = principal.map_or_else(
        || format!("\"$(az ad sp show --id {APP_ID} --query id --output tsv)\""),
        str::to_owned,
    );
    HandOff {
        reason: reason.to_owned(),
        missing: vec![ASSIGN_RIGHT.to_owned()],
        step: format!(
            "Ask somebody with `{ASSIGN_RIGHT}` on the storage account (Owner, User Access Administrator or Role Based Access Control Administrator) to assign {READER}, in a shell or at {}:\n\
             az role assignment create --role \"{READER}\" --assignee-object-id {principal} --assignee-principal-type ServicePrincipal --scope {}",
            portal(tenant, account),
            crate::redact::shell_quote(account),
        ),
    }
}

/// The assignment waits for the app.
#[must_use]
pub fn assign_later(command: &str, reason: &str) -> HandOff {
    HandOff {
        reason: reason.to_owned(),
        missing: Vec::new(),
        step: format!(
            "Once the app is installed, run this again; it assigns {READER} and checks the rest:\n{command}"
        ),
    }
}

/// The assignments are to be removed by whoever may.
#[must_use]
pub fn unassign(ids: &[String], tenant: &str, account: &str, reason: &str) -> HandOff {
    let ids: Vec<String> = ids
        .iter()
        .map(|id| crate::redact::shell_quote(id))
        .collect();
    HandOff {
        reason: reason.to_owned(),
        missing: vec![UNASSIGN_RIGHT.to_owned()],
        step: format!(
            "Ask somebody with `{UNASSIGN_RIGHT}` on the storage account to remove the assignment, in a shell or at {}:\n\
             az role assignment delete --ids {}",
            portal(tenant, account),
            ids.join(" ")
        ),
    }
}

/// The CORS rules are to be changed by whoever may. The Azure CLI's own command signs with the account's key and knows
/// nothing of what is there, so the step is this program.
#[must_use]
pub fn cors(command: &str, tenant: &str, account: &str, reason: &str) -> HandOff {
    HandOff {
        reason: reason.to_owned(),
        missing: vec![CORS_RIGHT.to_owned()],
        step: format!(
            "Ask somebody with `{CORS_RIGHT}` on the storage account (Owner, Contributor or Storage Account Contributor; {}) to run:\n{command}",
            portal(tenant, account)
        ),
    }
}

/// The account is not to be seen, so everything about it is somebody else's.
#[must_use]
pub fn unseen(command: &str, reason: &str) -> HandOff {
    HandOff {
        reason: reason.to_owned(),
        missing: vec!["Microsoft.Storage/storageAccounts/read".to_owned()],
        step: format!(
            "Ask whoever keeps the storage account (Owner, or User Access Administrator with Storage Account Contributor) to run:\n{command}"
        ),
    }
}

/// The account in the portal, in the customer's own tenant.
fn portal(tenant: &str, account: &str) -> String {
    format!("https://portal.azure.com/#@{tenant}/resource{account}")
}
