//! What a run is to do: arguments and environment, parsed at the border and not checked again.
//!
//! Values that are still missing are asked for here at a terminal, and are a usage error anywhere else.

use std::time::Duration;

use crate::aws::target::BucketName;
use crate::cli::{
    AwsAction, AwsArgs, AwsOptions, Cli, CloudArg, ColorArg, Command, CommonArgs, CompletionsArg,
    SandboxArgs,
};
use crate::error::Failure;
use crate::prompt::Prompter;

/// How long one request may take, unless `--timeout` says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long `connect` waits for a change to be seen, unless `--wait` says otherwise.
pub const CONNECT_WAIT: Duration = Duration::from_mins(2);

/// A run, ready to go.
#[derive(Debug)]
pub struct Settings {
    /// What every command takes.
    pub common: Common,
    /// What to do.
    pub task: Task,
}

/// What every command takes.
#[derive(Debug, Clone)]
pub struct Common {
    /// One JSON document on standard output.
    pub json: bool,
    /// Make the changes without asking.
    pub yes: bool,
    /// Never ask.
    pub no_input: bool,
    /// Patience for propagation, where it was given.
    pub wait: Option<Duration>,
    /// For one request.
    pub timeout: Duration,
    /// How much to say.
    pub verbosity: Verbosity,
    /// When to use colour.
    pub color: ColorArg,
}

/// How much to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// Only what is wrong.
    Quiet,
    /// The results.
    Normal,
    /// Also what is sent.
    Verbose,
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
    /// Explain a cause.
    Explain(String),
    /// Run the local cloud.
    Sandbox(SandboxSettings),
    /// Print completions.
    Completions(CompletionsArg),
}

/// What to do with a target, in any cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Plan, show, confirm, apply, verify.
    Connect,
    /// Read and show.
    Plan {
        /// Whether needed changes are told by the exit status.
        exit_code: bool,
    },
    /// Check and explain.
    Verify,
    /// Remove our entries.
    Disconnect,
}

impl Action {
    /// The word on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Plan { .. } => "plan",
            Self::Verify => "verify",
            Self::Disconnect => "disconnect",
        }
    }

    /// Whether it may write.
    #[must_use]
    pub fn writes(self) -> bool {
        match self {
            Self::Connect | Self::Disconnect => true,
            Self::Plan { .. } | Self::Verify => false,
        }
    }
}

/// An S3 bucket, and as whom to work on it.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// The bucket.
    pub bucket: BucketName,
    /// The Region to sign in to.
    pub region: Option<String>,
    /// The profile.
    pub profile: Option<String>,
    /// The objects to test with.
    pub objects: Vec<String>,
    /// Whether the documents are saved before the first write.
    pub backup: bool,
    /// For one request.
    pub timeout: Duration,
}

/// The local cloud.
#[derive(Debug, Clone)]
pub struct SandboxSettings {
    /// Which.
    pub cloud: CloudArg,
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
        let common = resolve_common(common)?;
        let task = match command {
            Command::Aws(args) => resolve_aws(args, &common, prompter)?,
            Command::Explain { code } => Task::Explain(code),
            Command::Sandbox(SandboxArgs {
                cloud,
                serve,
                port,
                latency,
            }) => Task::Sandbox(SandboxSettings {
                cloud,
                serve,
                port,
                latency: match latency {
                    Some(text) => duration("--latency", &text)?,
                    None => Duration::ZERO,
                },
            }),
            Command::Completions { shell } => Task::Completions(shell),
        };
        Ok(Self { common, task })
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
    })
}

fn resolve_aws(args: AwsArgs, common: &Common, prompter: &dyn Prompter) -> Result<Task, Failure> {
    let AwsArgs { options, action } = args;
    let AwsOptions {
        bucket,
        region,
        profile,
        object,
        no_backup,
    } = options;
    let bucket = match bucket {
        Some(text) => BucketName::parse(&text)?,
        None => ask_bucket(prompter)?,
    };
    if let Some(region) = &region {
        crate::aws::target::check_region(region)?;
    }
    if let Some(empty) = object.iter().find(|key| key.is_empty()) {
        return Err(Failure::usage(
            format!("`--object` is `{empty}`: a key cannot be empty"),
            "give the key of an object in the bucket, or leave `--object` out",
        ));
    }
    let action = match action {
        None | Some(AwsAction::Connect) => Action::Connect,
        Some(AwsAction::Plan { exit_code }) => Action::Plan { exit_code },
        Some(AwsAction::Verify) => Action::Verify,
        Some(AwsAction::Disconnect) => Action::Disconnect,
        Some(AwsAction::Render { document }) => return Ok(Task::AwsRender { bucket, document }),
    };
    // A key that stood in the bucket's URL is one to test with; each key is tested once.
    let mut objects: Vec<String> = Vec::new();
    for key in bucket.key_in_url.iter().cloned().chain(object) {
        if !objects.contains(&key) {
            objects.push(key);
        }
    }
    Ok(Task::Aws(
        AwsSettings {
            bucket,
            region,
            profile,
            objects,
            backup: !no_backup,
            timeout: common.timeout,
        },
        action,
    ))
}

fn ask_bucket(prompter: &dyn Prompter) -> Result<BucketName, Failure> {
    let answer = prompter.input("Bucket (--bucket)", |text| {
        BucketName::parse(text)
            .map(drop)
            .map_err(|failure| failure.one_line())
    })?;
    match answer {
        Some(text) => BucketName::parse(&text),
        None => Err(Failure::usage(
            "no bucket was given",
            "name it with `--bucket NAME` or the environment variable `SEGMENTS_CONNECT_BUCKET`",
        )),
    }
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
