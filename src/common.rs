//! What every run knows of what is wanted, whatever the cloud: which action, how much to say, how long to wait.
//!
//! Plain data, made by [`crate::settings`] and read everywhere below it.

use std::path::PathBuf;
use std::time::Duration;

use crate::cli::ColorArg;

/// How long one request may take, unless `--timeout` says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long `connect` waits for a change to be seen, unless `--wait` says otherwise.
pub const CONNECT_WAIT: Duration = Duration::from_mins(2);

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
    /// Where a report of `verify` goes.
    pub handover: Option<Handover>,
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

/// Where a report goes, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handover {
    /// The file.
    pub file: PathBuf,
    /// Whether names are hashed.
    pub redact_names: bool,
}
