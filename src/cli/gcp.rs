//! `segments-connect gcp` as clap sees it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::WhoseArg;

/// `segments-connect gcp`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = false,
    before_help = "\
Examples:
  segments-connect gcp --bucket acme-images --service-account EMAIL
  segments-connect gcp --bucket gs://acme-images --service-account EMAIL --yes
  segments-connect gcp verify --bucket acme-images --service-account EMAIL --object photos/0001.jpg

EMAIL is the service account that Segments.ai hands out for each customer; ask for it first."
)]
pub struct GcpArgs {
    /// Which bucket, and for whom.
    #[command(flatten)]
    pub options: GcpOptions,
    /// What to do; left out: connect.
    #[command(subcommand)]
    pub action: Option<GcpAction>,
}

/// Which bucket, and for whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "Bucket")]
pub struct GcpOptions {
    /// The bucket: its name, `gs://NAME`, or its https URL
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "SEGMENTS_CONNECT_BUCKET",
        hide_env_values = true
    )]
    pub bucket: Option<String>,
    /// The service account that Segments.ai hands out for each customer; ask Segments.ai for it
    #[arg(
        long,
        global = true,
        value_name = "EMAIL",
        env = "SEGMENTS_CONNECT_SERVICE_ACCOUNT",
        hide_env_values = true
    )]
    pub service_account: Option<String>,
    /// The bucket's project, by ID or number; looked up where it is left out
    #[arg(
        long,
        global = true,
        value_name = "ID",
        env = "SEGMENTS_CONNECT_PROJECT",
        hide_env_values = true
    )]
    pub project: Option<String>,
    /// The ID of the custom role to make or use [default: `segments_object_reader`]
    #[arg(
        long,
        global = true,
        value_name = "ID",
        env = "SEGMENTS_CONNECT_ROLE_ID",
        hide_env_values = true
    )]
    pub role_id: Option<String>,
    /// An object to test with, instead of one found by listing; may be given several times
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "SEGMENTS_CONNECT_OBJECT",
        hide_env_values = true
    )]
    pub object: Vec<String>,
    /// Name `https://app.segments.ai` in the CORS entry besides the published wildcard
    #[arg(long, global = true, env = "SEGMENTS_CONNECT_LITERAL_ORIGIN", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub literal_origin: bool,
    /// Write without saving the documents as they were
    #[arg(long, global = true, env = "SEGMENTS_CONNECT_NO_BACKUP", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub no_backup: bool,
}

/// From where a bucket is looked at.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "From where")]
pub struct GcpVerify {
    /// URLs of objects in one bucket, as they were registered with Segments.ai; without credentials, what anybody can see
    #[arg(value_name = "URL", conflicts_with_all = ["iam_policy", "cors"], help_heading = None)]
    pub url: Vec<String>,
    /// Judge the IAM policy in this file, offline: what `gcloud storage buckets get-iam-policy --format=json` prints
    #[arg(long, value_name = "FILE")]
    pub iam_policy: Option<PathBuf>,
    /// Judge the CORS entries in this file, offline: the entries, or what `gcloud storage buckets describe --format=json` prints
    #[arg(long, value_name = "FILE")]
    pub cors: Option<PathBuf>,
    /// The custom role, with `--iam-policy`: what `gcloud iam roles describe --format=json` prints
    #[arg(long, value_name = "FILE", requires = "iam_policy")]
    pub custom_role: Option<PathBuf>,
    /// Whose credentials these are: `segments` reads as Segments.ai does, and asks nothing that only the owner may ask
    #[arg(long = "as", value_name = "WHO", conflicts_with_all = ["iam_policy", "cors"])]
    pub whose: Option<WhoseArg>,
}

/// What to do with a bucket.
#[derive(Debug, Subcommand)]
pub enum GcpAction {
    /// Plan, show, confirm, apply, verify
    #[command(
        before_help = "Examples:\n  segments-connect gcp connect --bucket acme-images --service-account EMAIL\n  segments-connect gcp connect --bucket acme-images --service-account EMAIL --yes --json"
    )]
    Connect,
    /// Read, and show what would change; writes nothing
    #[command(
        before_help = "Examples:\n  segments-connect gcp plan --bucket acme-images --service-account EMAIL\n  segments-connect gcp plan --bucket acme-images --service-account EMAIL --exit-code"
    )]
    Plan {
        /// Exit with 3 when something would change
        #[arg(long)]
        exit_code: bool,
    },
    /// Print the exact documents; offline, no credentials
    #[command(
        before_help = "Examples:\n  segments-connect gcp render --bucket acme-images --service-account EMAIL\n  segments-connect gcp render --bucket acme-images --service-account EMAIL --document cors\n  segments-connect gcp render --bucket acme-images --service-account EMAIL --document operator-permissions"
    )]
    Render {
        /// Print this document alone: `custom-role`, `bucket-iam`, `cors` or `operator-permissions`
        #[arg(long, value_name = "ID")]
        document: Option<String>,
    },
    /// Check, and explain; never writes
    #[command(before_help = "\
Examples:
  segments-connect gcp verify --bucket acme-images --service-account EMAIL
  segments-connect gcp verify --bucket acme-images --service-account EMAIL --object photos/0001.jpg --json
  segments-connect gcp verify gs://acme-images/photos/0001.jpg
  segments-connect gcp verify --bucket acme-images --service-account EMAIL --iam-policy policy.json --cors bucket.json
  segments-connect gcp verify --bucket acme-images --service-account EMAIL --object photos/0001.jpg --as segments")]
    Verify(GcpVerify),
    /// Remove the entries that mean the same as the published ones, and only those
    #[command(
        before_help = "Examples:\n  segments-connect gcp disconnect --bucket acme-images --service-account EMAIL\n  segments-connect gcp disconnect --bucket acme-images --service-account EMAIL --delete-role"
    )]
    Disconnect {
        /// Delete the custom role too, which takes effect on every bucket of the project
        #[arg(long)]
        delete_role: bool,
    },
}
