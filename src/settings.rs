//! What a run is to do: arguments and environment, parsed at the border and not checked again.
//!
//! Values that are still missing are asked for here at a terminal, and are a usage error anywhere else.

mod addresses;
mod aws;
mod azure;
mod gcp;
mod urls;

use std::path::PathBuf;
use std::time::Duration;

pub use crate::common::{Action, Common, DEFAULT_TIMEOUT, Verbosity};
pub use aws::AwsSettings;
pub use azure::{AzureRender, AzureSettings};
pub use gcp::{GcpRender, GcpSettings};

use crate::address::Address;
use crate::aws::target::BucketName;
use crate::cli::{Cli, CloudArg, Command, CommonArgs, CompletionsArg, SandboxArgs};
use crate::common::Handover;
use crate::error::Failure;
use crate::prompt::Prompter;

/// A run, ready to go.
#[derive(Debug)]
pub struct Settings {
    /// What every command takes.
    pub common: Common,
    /// What to do.
    pub task: Task,
    /// The URLs by which the target was named; empty for every command but `verify URL...`.
    pub urls: Vec<Address>,
}

/// What to do.
#[derive(Debug)]
pub enum Task {
    /// Work on an S3 bucket.
    Aws(AwsSettings, Action),
    /// Print the documents for an S3 bucket.
    AwsRender {
        /// Which bucket.
        bucket: BucketName,
        /// Which document alone.
        document: Option<String>,
    },
    /// Work on a bucket on Google Cloud.
    Gcp(GcpSettings, Action),
    /// Print the documents for a bucket on Google Cloud.
    GcpRender(GcpRender),
    /// Work on a storage account.
    Azure(AzureSettings),
    /// Print the documents for a storage account.
    AzureRender(AzureRender),
    /// Explain a cause.
    Explain(String),
    /// Look again at a report that was handed over.
    ExplainReport(PathBuf),
    /// Run the local cloud.
    Sandbox(SandboxSettings),
    /// Print completions.
    Completions(CompletionsArg),
}

impl Task {
    /// Whether it only checks.
    fn verifies(&self) -> bool {
        match self {
            Self::Aws(_, action) | Self::Gcp(_, action) => *action == Action::Verify,
            Self::Azure(settings) => settings.action == Action::Verify,
            Self::AwsRender { .. }
            | Self::GcpRender(_)
            | Self::AzureRender(_)
            | Self::Explain(_)
            | Self::ExplainReport(_)
            | Self::Sandbox(_)
            | Self::Completions(_) => false,
        }
    }
}

/// From where `verify` looks at a target: whose credentials it uses, and what it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Look {
    /// As the owner of the target, who must be signed in.
    #[default]
    Owner,
    /// As the owner where somebody is signed in, and otherwise with what anybody can ask: `verify URL...`.
    Anyone,
    /// With Segments.ai's own credentials, and without any right of the owner: `--as segments`.
    Segments,
    /// At the documents that were handed in, and at nothing else: offline, without credentials.
    Documents,
}

/// The local cloud.
#[derive(Debug, Clone)]
pub struct SandboxSettings {
    /// Which alone; all of them where none is named.
    pub cloud: Option<CloudArg>,
    /// Leave it running.
    pub serve: bool,
    /// The port.
    pub port: Option<u16>,
    /// Added to every answer.
    pub latency: Duration,
}

impl Settings {
    /// Makes a run of the command line, asking for what is missing where that is possible.
    ///
    /// # Errors
    /// A usage failure that names the value, why it is wrong and what to do. Nothing was sent.
    pub fn resolve(cli: Cli, prompter: &dyn Prompter) -> Result<Self, Failure> {
        let Cli { common, command } = cli;
        let mut common = resolve_common(common)?;
        let mut urls = Vec::new();
        let task = match command {
            Command::Aws(args) => aws::resolve(args, &common, prompter)?,
            Command::Gcp(args) => gcp::resolve(args, &common, prompter)?,
            Command::Azure(args) => azure::resolve(args, &common, prompter)?,
            Command::Verify(args) => {
                let (task, named) = urls::resolve(args, &common, prompter)?;
                urls = named;
                task
            }
            Command::Explain { code } => match (code, common.handover.take()) {
                (_, Some(handover)) if handover.redact_names => {
                    return Err(Failure::usage(
                        "`--redact-names` is for writing a report, and `explain` reads one",
                        "leave it out",
                    ));
                }
                (_, Some(handover)) => Task::ExplainReport(handover.file),
                (Some(code), None) => Task::Explain(code),
                (None, None) => {
                    return Err(Failure::usage(
                        "there is nothing to explain",
                        "give a code such as `A39`, or `--report FILE`",
                    ));
                }
            },
            Command::Sandbox(SandboxArgs {
                cloud,
                serve,
                port,
                latency,
            }) => {
                if cloud.is_none() && port.is_some() {
                    return Err(Failure::usage(
                        "`--port` is for one cloud, and none is named",
                        "name it, as in `segments-connect sandbox aws --serve --port 8080`",
                    ));
                }
                Task::Sandbox(SandboxSettings {
                    cloud,
                    serve,
                    port,
                    latency: match latency {
                        Some(text) => duration("--latency", &text)?,
                        None => Duration::ZERO,
                    },
                })
            }
            Command::Completions { shell } => Task::Completions(shell),
        };
        if let Some(handover) = &common.handover {
            if !task.verifies() {
                return Err(Failure::usage(
                    "`--report` is for `verify` and `explain`, and this command is neither",
                    "leave it out; `verify --report FILE` writes a report afterwards",
                ));
            }
            crate::handover::may_write(&handover.file)?;
        }
        Ok(Self { common, task, urls })
    }
}

fn resolve_common(args: CommonArgs) -> Result<Common, Failure> {
    let CommonArgs {
        json,
        yes,
        no_input,
        wait,
        timeout,
        quiet,
        verbose,
        color,
        report,
        redact_names,
    } = args;
    let timeout = match timeout {
        Some(text) => duration("--timeout", &text)?,
        None => DEFAULT_TIMEOUT,
    };
    if timeout.is_zero() {
        return Err(Failure::usage(
            "`--timeout` is `0`: no request can be answered in no time",
            "give a duration such as `30s`",
        ));
    }
    Ok(Common {
        json,
        yes,
        no_input,
        wait: wait.map(|text| duration("--wait", &text)).transpose()?,
        timeout,
        verbosity: match (quiet, verbose) {
            (true, _) => Verbosity::Quiet,
            (false, false) => Verbosity::Normal,
            (false, true) => Verbosity::Verbose,
        },
        color,
        handover: report.map(|file| Handover { file, redact_names }),
    })
}

/// Parses `300ms`, `30s`, `2m`, `1h`, or a bare `0`.
fn duration(flag: &str, text: &str) -> Result<Duration, Failure> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    humantime::parse_duration(text).map_err(|error| {
        Failure::usage(
            format!("`{flag}` is `{text}`, which is no duration: {error}"),
            "give a number with its unit, such as `300ms`, `30s` or `2m`",
        )
    })
}
