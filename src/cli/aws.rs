//! `segments-connect aws` as clap sees it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `segments-connect aws`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = false,
    before_help = "\
Examples:
  segments-connect aws --bucket acme-images
  segments-connect aws --bucket s3://acme-images --profile production --yes
  segments-connect aws verify --bucket acme-images --object photos/0001.jpg"
)]
pub struct AwsArgs {
    /// Which bucket, and as whom.
    #[command(flatten)]
    pub options: AwsOptions,
    /// What to do; left out: connect.
    #[command(subcommand)]
    pub action: Option<AwsAction>,
}

/// Which bucket, and as whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "Bucket")]
pub struct AwsOptions {
    /// The bucket: its name, `s3://NAME`, or its https URL
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "SEGMENTS_CONNECT_BUCKET",
        hide_env_values = true
    )]
    pub bucket: Option<String>,
    /// The Region to sign in to, as `AWS_REGION`; the bucket's own Region is looked up
    #[arg(long, global = true, value_name = "REGION")]
    pub region: Option<String>,
    /// The profile in your AWS configuration, as `AWS_PROFILE`
    #[arg(long, global = true, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// An object to test with, instead of one found by listing; may be given several times
    #[arg(
        long,
        global = true,
        value_name = "KEY",
        env = "SEGMENTS_CONNECT_OBJECT",
        hide_env_values = true
    )]
    pub object: Vec<String>,
    /// Write without saving the documents as they were
    #[arg(long, global = true, env = "SEGMENTS_CONNECT_NO_BACKUP", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub no_backup: bool,
}

/// From where a bucket is looked at.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "From where")]
pub struct AwsVerify {
    /// URLs of objects in one bucket, as they were registered with Segments.ai; without credentials, what anybody can see
    #[arg(value_name = "URL", conflicts_with_all = ["policy", "cors"], help_heading = None)]
    pub url: Vec<String>,
    /// Judge the bucket policy in this file, offline: the policy itself, or what `aws s3api get-bucket-policy` prints
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Judge the CORS rules in this file, offline: the rules, what `aws s3api get-bucket-cors` prints, or XML
    #[arg(long, value_name = "FILE")]
    pub cors: Option<PathBuf>,
    /// Whose credentials these are: `segments` reads as Segments.ai does, and asks nothing that only the owner may ask
    #[arg(long = "as", value_name = "WHO", conflicts_with_all = ["policy", "cors"])]
    pub whose: Option<WhoseArg>,
    /// The account that must own the bucket, with `--as segments`
    #[arg(long, value_name = "ID", requires = "whose")]
    pub account: Option<String>,
}

/// Whose credentials a run uses, where they are not the owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WhoseArg {
    /// Segments.ai's own
    Segments,
}

/// What to do with a bucket.
#[derive(Debug, Subcommand)]
pub enum AwsAction {
    /// Plan, show, confirm, apply, verify
    #[command(
        before_help = "Examples:\n  segments-connect aws connect --bucket acme-images\n  segments-connect aws connect --bucket acme-images --yes --json"
    )]
    Connect,
    /// Read, and show what would change; writes nothing
    #[command(
        before_help = "Examples:\n  segments-connect aws plan --bucket acme-images\n  segments-connect aws plan --bucket acme-images --exit-code"
    )]
    Plan {
        /// Exit with 3 when something would change
        #[arg(long)]
        exit_code: bool,
    },
    /// Print the exact documents; offline, no credentials
    #[command(
        before_help = "Examples:\n  segments-connect aws render --bucket acme-images\n  segments-connect aws render --bucket acme-images --document cors\n  segments-connect aws render --bucket acme-images --document operator-permissions"
    )]
    Render {
        /// Print this document alone: `bucket-policy`, `cors` or `operator-permissions`
        #[arg(long, value_name = "ID")]
        document: Option<String>,
    },
    /// Check, and explain; never writes
    #[command(before_help = "\
Examples:
  segments-connect aws verify --bucket acme-images
  segments-connect aws verify --bucket acme-images --object photos/0001.jpg --json
  segments-connect aws verify https://acme-images.s3.eu-west-1.amazonaws.com/photos/0001.jpg
  segments-connect aws verify --bucket acme-images --policy policy.json --cors cors.json
  segments-connect aws verify --bucket acme-images --object photos/0001.jpg --as segments")]
    Verify(AwsVerify),
    /// Remove the entries that mean the same as the published ones, and only those
    #[command(before_help = "Examples:\n  segments-connect aws disconnect --bucket acme-images")]
    Disconnect,
}
