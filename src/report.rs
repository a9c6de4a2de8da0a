//! Everything that one run did, saw and says: the value that both renderings are made of.
//!
//! Plain data; it neither prints nor decides.

use serde_json::Value;

use crate::error::Failure;
use crate::finding::{CheckResult, Level, NotChecked, Verdict};
use crate::plan::Change;

/// Whom and what the run was about. Only the members that apply are set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// `aws`, `gcp` or `azure`.
    pub cloud: &'static str,
    /// The bucket's name.
    pub bucket: Option<String>,
    /// Where it is.
    pub region: Option<String>,
    /// The AWS account.
    pub account: Option<String>,
    /// The Google Cloud project.
    pub project: Option<String>,
    /// The Azure storage account.
    pub storage_account: Option<String>,
    /// The Azure subscription.
    pub subscription: Option<String>,
    /// The Azure resource group.
    pub resource_group: Option<String>,
    /// The Azure tenant.
    pub tenant: Option<String>,
    /// Who is asking: an ARN, an e-mail address. Shown to people; `C.identity` tells scripts.
    pub caller: Option<String>,
}

/// What became of a planned change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeResult {
    /// It was only planned.
    Planned,
    /// There was nothing to do.
    Unchanged,
    /// It was written.
    Written,
    /// A write got no answer, and it is not known whether it was done.
    Uncertain,
    /// The document moved since it was shown; nothing was written to it.
    Stale,
    /// The change must not be made.
    Refused,
    /// It was not written.
    Failed,
    /// It was not tried, because something before it went wrong.
    Skipped,
}

impl ChangeResult {
    /// The word that stands in the JSON document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Unchanged => "unchanged",
            Self::Written => "written",
            Self::Uncertain => "uncertain",
            Self::Stale => "stale",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// A change and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeReport {
    /// What was planned.
    pub change: Change,
    /// What became of it.
    pub result: ChangeResult,
}

/// A document that `render` prints.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The name that `--document` takes: `bucket-policy`.
    pub name: &'static str,
    /// Its change id, under which it stands in JSON: `aws.bucket-policy`. For a document that is no
    /// change, its name with the cloud before it.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// The document.
    pub body: Value,
}

/// Everything that one run did, saw and says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// The command, as `aws connect`.
    pub command: String,
    /// Whom and what it was about.
    pub target: Option<Target>,
    /// What `render` prints; `None` for every other command.
    pub documents: Option<Vec<Document>>,
    /// What was planned and what became of it.
    pub changes: Vec<ChangeReport>,
    /// What the checks saw.
    pub checks: Vec<CheckResult>,
    /// What the checks say together.
    pub verdict: Option<Verdict>,
    /// The highest level at which something was observed.
    pub proof: Option<Level>,
    /// What was not checked, and why.
    pub not_checked: Vec<NotChecked>,
    /// What is left to people, as numbered steps.
    pub next_steps: Vec<String>,
    /// Why the run stopped.
    pub error: Option<Failure>,
    /// Where the documents were saved before the first write.
    pub backup: Option<std::path::PathBuf>,
    /// What was read, for a report that is handed over; null where that was not asked for.
    pub inputs: Value,
    /// Where that report was written.
    pub handed_over: Option<std::path::PathBuf>,
    /// A member that only one command has: what `explain` explains, the text of `completions`.
    pub extra: Option<(&'static str, Value)>,
    /// Whether needed changes are told by the exit status (`plan --exit-code`).
    pub tell_changes: bool,
}

impl Report {
    /// A report of nothing yet.
    #[must_use]
    pub fn new(command: impl Into<String>) -> Self {
        Self {
            command: command.into(),
            ..Self::default()
        }
    }

    /// Whether `plan --exit-code` has changes to tell.
    #[must_use]
    pub fn changes_needed(&self) -> bool {
        self.tell_changes && self.changes.iter().any(|entry| entry.change.needed())
    }

    /// Whether this run wrote something, or may have.
    #[must_use]
    pub fn wrote(&self) -> bool {
        self.changes.iter().any(|change| {
            matches!(
                change.result,
                ChangeResult::Written | ChangeResult::Uncertain
            )
        })
    }
}
