//! What a check found: its status, at which level it was observed, its cause and its mend.
//!
//! A status is never better than what was observed: `Unknown` is not a pass, and own access is never
//! told as Segments.ai's access.

use serde::Serialize;
use serde_json::Value;

use crate::catalogue::{Cause, Severity};

/// How far an observation reaches; a later one proves more than an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// A text was produced; nothing was read.
    Rendered,
    /// The setting is stored (read back).
    Configured,
    /// Everything readable was evaluated for Segments.ai's principal.
    Evaluated,
    /// The service answered a browser's preflight.
    Preflight,
    /// The object was read with the caller's own credentials.
    OwnRead,
    /// The object was read with Segments.ai's credentials.
    SegmentsRead,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Pass,
    /// Works, with a reservation. Changes neither verdict nor exit status.
    Warn,
    /// Segments.ai, or the browser, is blocked.
    Fail,
    /// The check could not be made or could not be decided. Never a pass.
    Unknown,
    /// The check was left out on purpose, with its reason.
    Skipped,
}

/// One check's result on one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckResult {
    /// The stable check id: `aws.cors.preflight`.
    pub id: &'static str,
    /// A key, a URL, or nothing where the check concerns the whole bucket.
    pub subject: Option<String>,
    /// The level at which this was observed; none for identity, target and network.
    pub level: Option<Level>,
    /// What became of it.
    pub status: Status,
    /// The catalogued cause of a warning or a failure.
    pub cause: Option<Cause>,
    /// What was seen, as a sentence.
    pub detail: String,
    /// The exact remedy.
    pub fix: Option<String>,
    /// What was seen, for scripts.
    pub evidence: Value,
    /// Whether the exit status depends on this check having been made.
    pub decisive: bool,
    /// Whether waiting may change this result, because a change takes time to be seen everywhere.
    pub may_settle: bool,
}

impl CheckResult {
    /// A result with the parts that every one has.
    #[must_use]
    pub fn new(id: &'static str, status: Status, detail: impl Into<String>) -> Self {
        Self {
            id,
            subject: None,
            level: None,
            status,
            cause: None,
            detail: detail.into(),
            fix: None,
            evidence: Value::Null,
            decisive: false,
            may_settle: false,
        }
    }

    /// A pass.
    #[must_use]
    pub fn pass(id: &'static str, detail: impl Into<String>) -> Self {
        Self::new(id, Status::Pass, detail)
    }

    /// A failure with its catalogued cause, whose remedy it takes over.
    #[must_use]
    pub fn fail(id: &'static str, cause: Cause, detail: impl Into<String>) -> Self {
        Self::new(id, Status::Fail, detail).because(cause)
    }

    /// A warning with its catalogued cause.
    #[must_use]
    pub fn warn(id: &'static str, cause: Cause, detail: impl Into<String>) -> Self {
        Self::new(id, Status::Warn, detail).because(cause)
    }

    /// A check that could not be made or decided.
    #[must_use]
    pub fn unknown(id: &'static str, detail: impl Into<String>) -> Self {
        Self::new(id, Status::Unknown, detail)
    }

    /// A check that was left out on purpose.
    #[must_use]
    pub fn skipped(id: &'static str, detail: impl Into<String>) -> Self {
        Self::new(id, Status::Skipped, detail)
    }

    /// What to call it where only one thing can be said: its id, and what it looked at.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.subject {
            Some(subject) => format!("{} on {subject}", self.id),
            None => self.id.to_owned(),
        }
    }

    /// Where it stands among other results: the least first. What blocks stands before what is undecided, and that before
    /// what works with a reservation; within each, the graver cause.
    #[must_use]
    pub fn harm(&self) -> u8 {
        let grave = match self.cause.map(|cause| cause.entry().severity) {
            Some(Severity::Blocks) => 0,
            Some(Severity::Partial) | None => 1,
            Some(Severity::Fragile) => 2,
            Some(Severity::Harmless) => 3,
        };
        match self.status {
            Status::Fail => grave,
            Status::Unknown | Status::Skipped if self.decisive => 10,
            Status::Warn if self.cause.is_some() => 20 + grave,
            Status::Warn | Status::Pass | Status::Unknown | Status::Skipped => NO_HARM,
        }
    }

    /// Names the cause.
    #[must_use]
    pub fn because(mut self, cause: Cause) -> Self {
        self.cause = Some(cause);
        self
    }

    /// Names what was looked at.
    #[must_use]
    pub fn on(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Says at which level it was observed.
    #[must_use]
    pub fn at(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Adds what was seen, for scripts.
    #[must_use]
    pub fn evidence(mut self, evidence: Value) -> Self {
        self.evidence = evidence;
        self
    }

    /// Marks the check as one on which the exit status depends.
    #[must_use]
    pub fn decisive(mut self) -> Self {
        self.decisive = true;
        self
    }

    /// Marks a result that may be different once a change has reached every front end.
    #[must_use]
    pub fn may_settle(mut self) -> Self {
        self.may_settle = true;
        self
    }
}

/// Something that was not checked, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotChecked {
    /// What.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// What the checks say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing found wrong, and every decisive check could be made.
    Pass,
    /// Segments.ai, or the browser, is blocked.
    Fail,
    /// Nothing found wrong, but a decisive check could not be made.
    Undetermined,
}

/// The verdict over all results.
#[must_use]
pub fn verdict(checks: &[CheckResult]) -> Verdict {
    if checks.iter().any(|check| check.status == Status::Fail) {
        return Verdict::Fail;
    }
    let undecided = |check: &CheckResult| match check.status {
        Status::Unknown | Status::Skipped => check.decisive,
        Status::Pass | Status::Warn | Status::Fail => false,
    };
    if checks.iter().any(undecided) {
        Verdict::Undetermined
    } else {
        Verdict::Pass
    }
}

/// The result that a report leads with: what blocks, by harm; then what decides and could not be decided; then what works
/// with a reservation. None where nothing is to be said.
#[must_use]
pub fn leads(checks: &[CheckResult]) -> Option<&CheckResult> {
    checks
        .iter()
        .filter(|check| check.harm() < NO_HARM)
        .min_by_key(|check| check.harm())
}

/// The place of a result that has nothing wrong.
const NO_HARM: u8 = u8::MAX;

/// The highest level at which something passed.
///
/// That a foreign origin is refused proves nothing about Segments.ai's, and what nobody else may do proves nothing
/// about reading, so neither counts.
#[must_use]
pub fn proof(checks: &[CheckResult]) -> Option<Level> {
    checks
        .iter()
        .filter(|check| {
            check.status == Status::Pass
                && ![".cors.foreign", ".exposure"]
                    .iter()
                    .any(|ending| check.id.ends_with(ending))
        })
        .filter_map(|check| check.level)
        .max()
}
