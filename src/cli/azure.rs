//! `segments-connect azure` as clap sees it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::WhoseArg;

/// `segments-connect azure`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = false,
    before_help = "\
Examples:
  segments-connect azure --storage-account acmeimages
  segments-connect azure --storage-account acmeimages --subscription 00000000-0000-0000-0000-000000000000 --yes
  segments-connect azure verify --storage-account acmeimages --container photos --object 0001.jpg"
)]
pub struct AzureArgs {
    /// Which storage account, and as whom.
    #[command(flatten)]
    pub options: AzureOptions,
    /// What to do; left out: connect.
    #[command(subcommand)]
    pub action: Option<AzureAction>,
}

/// Which storage account, and as whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "Storage account")]
pub struct AzureOptions {
    /// The storage account: its name, or the https URL of a blob in it
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "SEGMENTS_CONNECT_STORAGE_ACCOUNT",
        hide_env_values = true
    )]
    pub storage_account: Option<String>,
    /// The subscription that it is in; left out, all that you see are looked through
    #[arg(
        long,
        global = true,
        value_name = "ID",
        env = "AZURE_SUBSCRIPTION_ID",
        hide_env_values = true
    )]
    pub subscription: Option<String>,
    /// The resource group that it is in
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "SEGMENTS_CONNECT_RESOURCE_GROUP",
        hide_env_values = true
    )]
    pub resource_group: Option<String>,
    /// The tenant to sign in to: its ID, or one of its domains
    #[arg(
        long,
        global = true,
        value_name = "TENANT",
        env = "SEGMENTS_CONNECT_TENANT",
        hide_env_values = true
    )]
    pub tenant: Option<String>,
    /// The object ID of the app's service principal, where you may not look it up in the directory
    #[arg(
        long,
        global = true,
        value_name = "OBJECT_ID",
        env = "SEGMENTS_CONNECT_SERVICE_PRINCIPAL_ID",
        hide_env_values = true
    )]
    pub service_principal_id: Option<String>,
    /// The container of the blobs to test with
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "SEGMENTS_CONNECT_CONTAINER",
        hide_env_values = true
    )]
    pub container: Option<String>,
    /// A blob to test with, in that container, instead of one found by listing; may be given several times
    #[arg(
        long,
        global = true,
        value_name = "BLOB",
        env = "SEGMENTS_CONNECT_OBJECT",
        hide_env_values = true
    )]
    pub object: Vec<String>,
    /// Write without saving the documents as they were
    #[arg(long, global = true, env = "SEGMENTS_CONNECT_NO_BACKUP", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub no_backup: bool,
}

/// From where a storage account is looked at.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "From where")]
pub struct AzureVerify {
    /// URLs of blobs in one storage account, as they were registered with Segments.ai; without credentials, what anybody can see
    #[arg(value_name = "URL", conflicts_with_all = ["cors", "role_assignments"], help_heading = None)]
    pub url: Vec<String>,
    /// Judge the CORS rules in this file, offline: what `az storage cors list --services b` prints, or `az storage account blob-service-properties show`
    #[arg(long, value_name = "FILE")]
    pub cors: Option<PathBuf>,
    /// Judge the role assignments in this file, offline: what `az role assignment list --scope ID --include-inherited` prints
    #[arg(long, value_name = "FILE")]
    pub role_assignments: Option<PathBuf>,
    /// The roles that are assigned, with `--role-assignments`: what `az role definition list` prints
    #[arg(long, value_name = "FILE", requires = "role_assignments")]
    pub role_definitions: Option<PathBuf>,
    /// Whose credentials these are: `segments` reads as Segments.ai does, and asks nothing that only the owner may ask
    #[arg(long = "as", value_name = "WHO", conflicts_with_all = ["cors", "role_assignments"])]
    pub whose: Option<WhoseArg>,
}

/// What to do with a storage account.
#[derive(Debug, Subcommand)]
pub enum AzureAction {
    /// Plan, show, confirm, apply, verify
    #[command(
        before_help = "Examples:\n  segments-connect azure connect --storage-account acmeimages\n  segments-connect azure connect --storage-account acmeimages --yes --json"
    )]
    Connect,
    /// Read, and show what would change; writes nothing
    #[command(
        before_help = "Examples:\n  segments-connect azure plan --storage-account acmeimages\n  segments-connect azure plan --storage-account acmeimages --exit-code"
    )]
    Plan {
        /// Exit with 3 when something would change
        #[arg(long)]
        exit_code: bool,
    },
    /// Print the exact documents; offline, no credentials
    #[command(
        before_help = "Examples:\n  segments-connect azure render --storage-account acmeimages\n  segments-connect azure render --storage-account acmeimages --document cors\n  segments-connect azure render --storage-account acmeimages --document operator-permissions"
    )]
    Render {
        /// Print this document alone: `service-principal`, `role-assignment`, `cors` or `operator-permissions`
        #[arg(long, value_name = "ID")]
        document: Option<String>,
    },
    /// Check, and explain; never writes
    #[command(before_help = "\
Examples:
  segments-connect azure verify --storage-account acmeimages
  segments-connect azure verify https://acmeimages.blob.core.windows.net/photos/0001.jpg
  segments-connect azure verify --storage-account acmeimages --cors cors.json --role-assignments roles.json
  segments-connect azure verify --storage-account acmeimages --container photos --object 0001.jpg --as segments")]
    Verify(AzureVerify),
    /// Remove the entries that mean the same as the published ones, and only those
    #[command(
        before_help = "Examples:\n  segments-connect azure disconnect --storage-account acmeimages\n  segments-connect azure disconnect --storage-account acmeimages --delete-service-principal"
    )]
    Disconnect {
        /// Take the app of Segments.ai out of the tenant too, for every storage account in it
        #[arg(long)]
        delete_service_principal: bool,
    },
}
