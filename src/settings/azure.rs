//! What to do with a storage account: arguments and environment, parsed at the border.

use std::time::Duration;

use super::{Action, Common, Look, Task};
use crate::azure::target::{self, BlobName, StorageAccountName};
use crate::cli::{AzureAction, AzureArgs, AzureOptions};
use crate::error::Failure;
use crate::prompt::Prompter;

/// A storage account, and as whom to work on it.
#[derive(Debug, Clone)]
pub struct AzureSettings {
    /// What to do.
    pub action: Action,
    /// The account.
    pub account: StorageAccountName,
    /// The subscription that it is in.
    pub subscription: Option<String>,
    /// The resource group that it is in.
    pub resource_group: Option<String>,
    /// The tenant to sign in to.
    pub tenant: Option<String>,
    /// The object ID of the service principal, where the directory is not to be asked.
    pub service_principal_id: Option<String>,
    /// Whether the service principal goes too.
    pub delete_service_principal: bool,
    /// The container to look for a blob in.
    pub container: Option<String>,
    /// The blobs to test with.
    pub blobs: Vec<BlobName>,
    /// Whether the documents are saved before the first write.
    pub backup: bool,
    /// For one request.
    pub timeout: Duration,
    /// From where `verify` looks at it.
    pub look: Look,
}

/// The documents for a storage account.
#[derive(Debug, Clone)]
pub struct AzureRender {
    /// The account.
    pub account: StorageAccountName,
    /// The subscription that it is in.
    pub subscription: Option<String>,
    /// The resource group that it is in.
    pub resource_group: Option<String>,
    /// The object ID of the service principal.
    pub service_principal_id: Option<String>,
    /// Which document alone.
    pub document: Option<String>,
}

/// Makes a task of the arguments.
///
/// # Errors
/// A usage failure that names the value, why it is wrong and what to do.
pub(super) fn resolve(
    args: AzureArgs,
    common: &Common,
    prompter: &dyn Prompter,
) -> Result<Task, Failure> {
    let AzureArgs { options, action } = args;
    let AzureOptions {
        storage_account,
        subscription,
        resource_group,
        tenant,
        service_principal_id,
        container,
        object,
        no_backup,
    } = options;
    let account = match storage_account {
        Some(text) => StorageAccountName::parse(&text)?,
        None => ask_account(prompter)?,
    };
    let subscription = subscription
        .map(|text| {
            target::guid(
                "--subscription",
                &text,
                "give the subscription's ID, not its name; `az account list --output table` lists both",
            )
        })
        .transpose()?;
    let service_principal_id = service_principal_id
        .map(|text| {
            target::guid(
                "--service-principal-id",
                &text,
                "give the object ID of the service principal in your tenant, which `az ad sp show --id d47021c7-05d1-44c3-a594-93c2c30c68fc --query id` prints",
            )
        })
        .transpose()?;
    if service_principal_id.as_deref() == Some(crate::azure::templates::APP_ID) {
        return Err(Failure::usage(
            format!(
                "`--service-principal-id` is `{}`, which is the app's own ID",
                crate::azure::templates::APP_ID
            ),
            "give the object ID that the app's service principal has in your tenant, which `az ad sp show --id d47021c7-05d1-44c3-a594-93c2c30c68fc --query id` prints",
        ));
    }
    let resource_group = resource_group
        .map(|text| target::resource_group(&text))
        .transpose()?;
    let tenant = tenant.map(|text| target::tenant(&text)).transpose()?;
    if let Some(container) = &container {
        target::check_container(container)?;
    }
    let (action, delete_service_principal) = match action {
        None | Some(AzureAction::Connect) => (Action::Connect, false),
        Some(AzureAction::Plan { exit_code }) => (Action::Plan { exit_code }, false),
        Some(AzureAction::Verify) => (Action::Verify, false),
        Some(AzureAction::Disconnect {
            delete_service_principal,
        }) => (Action::Disconnect, delete_service_principal),
        Some(AzureAction::Render { document }) => {
            return Ok(Task::AzureRender(AzureRender {
                account,
                subscription,
                resource_group,
                service_principal_id,
                document,
            }));
        }
    };
    if delete_service_principal && service_principal_id.is_some() {
        return Err(Failure::usage(
            "`--delete-service-principal` and `--service-principal-id` exclude each other",
            "leave `--service-principal-id` out: what is removed is looked up in the directory, so that it is the app of Segments.ai and nothing else",
        ));
    }
    let blobs = blobs(&account, container.as_deref(), object)?;
    Ok(Task::Azure(AzureSettings {
        action,
        account,
        subscription,
        resource_group,
        tenant,
        service_principal_id,
        delete_service_principal,
        container,
        blobs,
        backup: !no_backup,
        timeout: common.timeout,
        look: Look::Owner,
    }))
}

/// A blob that stood in the account's URL is one to test with; each blob is tested once.
fn blobs(
    account: &StorageAccountName,
    container: Option<&str>,
    objects: Vec<String>,
) -> Result<Vec<BlobName>, Failure> {
    let mut blobs: Vec<BlobName> = account.blob_in_url.iter().cloned().collect();
    let container = container.or(account
        .blob_in_url
        .as_ref()
        .map(|name| name.container.as_str()));
    for blob in objects {
        if blob.is_empty() {
            return Err(Failure::usage(
                "`--object` is ``: a blob's name cannot be empty",
                "give the name of a blob in the container, or leave `--object` out",
            ));
        }
        let Some(container) = container else {
            return Err(Failure::usage(
                format!("`--object` is `{blob}`, and its container is not named"),
                "name the container with `--container NAME`, or give the blob's whole URL as `--storage-account`",
            ));
        };
        let name = BlobName {
            container: container.to_owned(),
            blob,
        };
        if !blobs.contains(&name) {
            blobs.push(name);
        }
    }
    Ok(blobs)
}

fn ask_account(prompter: &dyn Prompter) -> Result<StorageAccountName, Failure> {
    let answer = prompter.input("Storage account (--storage-account)", |text| {
        StorageAccountName::parse(text)
            .map(drop)
            .map_err(|failure| failure.one_line())
    })?;
    match answer {
        Some(text) => StorageAccountName::parse(&text),
        None => Err(Failure::usage(
            "no storage account was given",
            "name it with `--storage-account NAME` or the environment variable `SEGMENTS_CONNECT_STORAGE_ACCOUNT`",
        )),
    }
}
