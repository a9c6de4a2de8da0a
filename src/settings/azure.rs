//! What to do with a storage account: arguments and environment, parsed at the border.

use std::time::Duration;

use super::addresses::{elsewhere, of_one_place};
use super::{Action, Common, Look, Task};
use crate::address::{Address, Cloud, Form, Variant};
use crate::azure::account::Account;
use crate::azure::handed_in;
use crate::azure::inputs::{Given, Inputs, Listed};
use crate::azure::rbac;
use crate::azure::target::{self, BlobName, StorageAccountName};
use crate::azure::templates::APP_ID;
use crate::cli::{AzureAction, AzureArgs, AzureOptions, AzureVerify, WhoseArg};
use crate::error::Failure;
use crate::handed_in::read;
use crate::prompt::Prompter;

/// What prints the documents that are handed in.
const PRINTED_BY: &str = "az --output json";

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
    /// What was handed in, for [`Look::Documents`].
    pub documents: Box<Inputs>,
    /// The URLs that were given, all of one account.
    pub urls: Vec<Address>,
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
    let (wanted, seen) = resolve_action(action)?;
    let account = match (storage_account, seen.urls.first()) {
        (Some(text), first) => {
            let account = StorageAccountName::parse(&text)?;
            match first.filter(|first| first.bucket != account.as_str()) {
                Some(first) => return Err(elsewhere(account.as_str(), first)),
                None => match first {
                    Some(first) if account.host_in_url.is_none() => account_of(first)?,
                    Some(_) | None => account,
                },
            }
        }
        (None, Some(first)) => account_of(first)?,
        (None, None) => ask_account(prompter)?,
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
    let (action, delete_service_principal) = match wanted {
        Wanted::Action(action, delete_service_principal) => (action, delete_service_principal),
        Wanted::Render(document) => {
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
    let blobs = blobs(&account, container.as_deref(), &seen.urls, object)?;
    let documents = seen.documents;
    of_this_account(&account, seen.service_id.as_deref())?;
    let (service_principal_id, documents) = about_the_app(service_principal_id, documents);
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
        look: seen.look,
        documents: Box::new(documents),
        urls: seen.urls,
    }))
}

/// What is to be done: an action, and whether it deletes the service principal too; or printing.
enum Wanted {
    Action(Action, bool),
    Render(Option<String>),
}

/// From where an account is looked at, and what goes with it.
#[derive(Default)]
struct Seen {
    look: Look,
    documents: Inputs,
    /// The resource ID of the blob service that was handed in.
    service_id: Option<String>,
    urls: Vec<Address>,
}

fn resolve_action(action: Option<AzureAction>) -> Result<(Wanted, Seen), Failure> {
    let plain = |action| (Wanted::Action(action, false), Seen::default());
    Ok(match action {
        None | Some(AzureAction::Connect) => plain(Action::Connect),
        Some(AzureAction::Plan { exit_code }) => plain(Action::Plan { exit_code }),
        Some(AzureAction::Verify(verify)) => (
            Wanted::Action(Action::Verify, false),
            Seen::resolve(verify)?,
        ),
        Some(AzureAction::Disconnect {
            delete_service_principal,
        }) => (
            Wanted::Action(Action::Disconnect, delete_service_principal),
            Seen::default(),
        ),
        Some(AzureAction::Render { document }) => (Wanted::Render(document), Seen::default()),
    })
}

impl Seen {
    fn resolve(verify: AzureVerify) -> Result<Self, Failure> {
        let AzureVerify {
            url,
            cors,
            role_assignments,
            role_definitions,
            whose,
        } = verify;
        let mut documents = Inputs::default();
        let mut service_id = None;
        if let Some(file) = cors {
            let service = read(&file, "--cors", PRINTED_BY, handed_in::cors)?;
            documents.blob_service = Some(Given::Read(service.properties));
            service_id = service.id;
        }
        if let Some(file) = role_assignments {
            let flag = "--role-assignments";
            let assignments = read(&file, flag, PRINTED_BY, handed_in::role_assignments)?;
            documents.assignments = Some(Given::Read(assignments));
            documents.listed = Listed::BySomebody;
        }
        if let Some(file) = role_definitions {
            let flag = "--role-definitions";
            let definitions = read(&file, flag, PRINTED_BY, handed_in::role_definitions)?;
            documents.definitions = definitions
                .into_iter()
                .map(|(id, definition)| (id, Given::Read(definition)))
                .collect();
        }
        let urls = of_one_place(&url, Cloud::Azure)?;
        Ok(Self {
            look: match whose {
                Some(WhoseArg::Segments) => Look::Segments,
                None if documents != Inputs::default() => Look::Documents,
                None if urls.is_empty() => Look::Owner,
                None => Look::Anyone,
            },
            documents,
            service_id,
            urls,
        })
    }
}

/// The account of a URL. A host in a DNS zone of its own is kept, since the account's name alone does not say the zone:
/// <https://learn.microsoft.com/azure/storage/common/storage-account-overview#azure-dns-zone-endpoints-preview>.
fn account_of(address: &Address) -> Result<StorageAccountName, Failure> {
    let mut account = StorageAccountName::parse(&address.bucket)?;
    let primary = !address
        .variants
        .iter()
        .any(|variant| matches!(variant, Variant::Secondary | Variant::Private));
    if address.form == Form::Store && primary {
        account.host_in_url.clone_from(&address.host);
    }
    Ok(account)
}

/// The blob service that was handed in is that of the account that was named.
fn of_this_account(account: &StorageAccountName, service: Option<&str>) -> Result<(), Failure> {
    let Some(other) = service.and_then(Account::of_id) else {
        return Ok(());
    };
    if other.name.eq_ignore_ascii_case(account.as_str()) {
        return Ok(());
    }
    Err(Failure::usage(
        format!(
            "`--cors` holds the blob service of the storage account `{}`, and not of `{account}`",
            other.name
        ),
        "give the document of the account that is to be checked, or name that account",
    ))
}

/// Whom the assignments that were handed in are looked at for: the service principal that was given, or the one that they
/// name by its app. Those that are certainly somebody else's are kept apart.
fn about_the_app(given: Option<String>, mut documents: Inputs) -> (Option<String>, Inputs) {
    let Some(Given::Read(all)) = &documents.assignments else {
        return (given, documents);
    };
    let Some(principal) = given.or_else(|| handed_in::app_among(all)) else {
        documents.principal = Some(Given::Unread(format!(
            "no entry of the list names the app of Segments.ai ({APP_ID}) as `principalName`: either nothing is assigned to it there, or the list is without names; give the object ID of its service principal with `--service-principal-id`"
        )));
        return (None, documents);
    };
    let own = rbac::not_of_others(all, &principal);
    documents.assignments = Some(Given::Read(own));
    (Some(principal), documents)
}

/// A blob that stood in the account's URL is one to test with; each blob is tested once.
fn blobs(
    account: &StorageAccountName,
    container: Option<&str>,
    urls: &[Address],
    objects: Vec<String>,
) -> Result<Vec<BlobName>, Failure> {
    let mut blobs: Vec<BlobName> = account.blob_in_url.iter().cloned().collect();
    let in_urls = urls.iter().filter_map(|url| {
        Some(BlobName {
            container: url.container.clone()?,
            blob: url.key()?.to_owned(),
        })
    });
    for name in in_urls {
        if !blobs.contains(&name) {
            blobs.push(name);
        }
    }
    let of_first = blobs.first().map(|name| name.container.clone());
    let container = container.or(of_first.as_deref());
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
