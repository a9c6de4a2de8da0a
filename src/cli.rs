//! The command line as clap sees it. Nothing is decided here: [`crate::settings`] turns it into values.

mod aws;
mod azure;
mod gcp;
mod urls;

pub use aws::{AwsAction, AwsArgs, AwsOptions, AwsVerify, WhoseArg};
pub use azure::{AzureAction, AzureArgs, AzureOptions, AzureVerify};
pub use gcp::{GcpAction, GcpArgs, GcpOptions, GcpVerify};
pub use urls::VerifyArgs;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Lets Segments.ai read a private bucket, and the labeller's browser load from it.
#[derive(Debug, Parser)]
#[command(
    name = "segments-connect",
    version,
    about,
    before_help = HELP_EXAMPLES,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub common: CommonArgs,
    /// Which command.
    #[command(subcommand)]
    pub command: Command,
}

const HELP_EXAMPLES: &str = "\
Examples:
  segments-connect aws --bucket acme-images            set up, after showing what changes
  segments-connect gcp --bucket acme-images --service-account EMAIL
  segments-connect aws plan --bucket acme-images       show what would change; writes nothing
  segments-connect aws verify --bucket acme-images     find out why a bucket does not work
  segments-connect verify URL                          find out why an object does not load
  segments-connect sandbox                             try it all without an account";

/// What every command takes.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct CommonArgs {
    /// Print one JSON document on standard output, also when the command fails
    #[arg(long, global = true, env = "SEGMENTS_CONNECT_JSON", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub json: bool,
    /// Make the changes without asking
    #[arg(short, long, global = true, env = "SEGMENTS_CONNECT_YES", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub yes: bool,
    /// Never ask, not even at a terminal
    #[arg(long, global = true, env = "SEGMENTS_CONNECT_NO_INPUT", hide_env_values = true, value_parser = clap::builder::FalseyValueParser::new())]
    pub no_input: bool,
    /// How long to wait for a change to be seen everywhere, as `300ms`, `30s` or `2m` [default: 2m for connect, 0 for verify]
    #[arg(
        long,
        global = true,
        value_name = "DURATION",
        env = "SEGMENTS_CONNECT_WAIT",
        hide_env_values = true
    )]
    pub wait: Option<String>,
    /// With `verify`: write what was read and found into FILE, without secrets, to hand it over; with `explain`: read it from there
    #[arg(long, global = true, value_name = "FILE")]
    pub report: Option<std::path::PathBuf>,
    /// Hash the names in that file: accounts, buckets, people and keys
    #[arg(long, global = true, requires = "report")]
    pub redact_names: bool,
    /// How long one request may take, as `300ms`, `30s` or `2m` [default: 30s]
    #[arg(
        long,
        global = true,
        value_name = "DURATION",
        env = "SEGMENTS_CONNECT_TIMEOUT",
        hide_env_values = true
    )]
    pub timeout: Option<String>,
    /// Say only what is wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is sent, without secrets
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// When to use colour: `auto`, `always` or `never`; `auto` is at a terminal, unless `NO_COLOR` is set
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true,
        hide_default_value = true,
        env = "SEGMENTS_CONNECT_COLOR",
        hide_env_values = true
    )]
    pub color: ColorArg,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// At a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// A bucket on Amazon S3
    Aws(AwsArgs),
    /// A bucket on Google Cloud Storage
    Gcp(GcpArgs),
    /// A storage account on Azure
    Azure(AzureArgs),
    /// Why does this URL not work? Check it, its bucket and its CORS rules; any cloud, never writes
    Verify(VerifyArgs),
    /// What a cause code means, how it shows, and how to mend it
    #[command(
        before_help = "Examples:\n  segments-connect explain A39\n  segments-connect explain --report acme.json    look again, offline, at what a customer sent"
    )]
    Explain {
        /// The code, as `A39`
        #[arg(required_unless_present = "report", conflicts_with = "report")]
        code: Option<String>,
    },
    /// Run the whole flow against a local cloud inside this program; no account needed
    #[command(before_help = "\
Examples:
  segments-connect sandbox                 the whole story, in a few seconds
  segments-connect sandbox --serve         leave it running, and point any command at it")]
    Sandbox(SandboxArgs),
    /// Print the completions for a shell, or the man page
    #[command(before_help = "\
Examples:
  segments-connect completions bash > /etc/bash_completion.d/segments-connect
  segments-connect completions man > /usr/local/share/man/man1/segments-connect.1")]
    Completions {
        /// Which shell, or `man`
        shell: CompletionsArg,
    },
}

/// What completions are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompletionsArg {
    /// Bash
    Bash,
    /// Zsh
    Zsh,
    /// Fish
    Fish,
    /// `PowerShell`
    #[value(name = "powershell")]
    PowerShell,
    /// Elvish
    Elvish,
    /// The man page
    Man,
}

/// `segments-connect sandbox`.
#[derive(Debug, Args)]
pub struct SandboxArgs {
    /// Which cloud alone; all of them where none is named
    #[arg(value_name = "CLOUD")]
    pub cloud: Option<CloudArg>,
    /// Leave the local cloud running, and print the environment that points any command at it
    #[arg(long)]
    pub serve: bool,
    /// The port to listen on, on 127.0.0.1, where one cloud is named [default: any free one]
    #[arg(long, requires = "serve")]
    pub port: Option<u16>,
    /// Let every answer take this much longer, as `50ms`
    #[arg(long, value_name = "DURATION")]
    pub latency: Option<String>,
}

/// A cloud that the sandbox has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CloudArg {
    /// Amazon S3
    Aws,
    /// Google Cloud Storage
    Gcp,
    /// Azure Blob Storage
    Azure,
}
