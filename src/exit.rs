//! The exit statuses, and how a report becomes one. The only place where they are chosen.

use crate::error::ErrorCode;
use crate::finding::Verdict;
use crate::report::{ChangeResult, Report};

/// The process's exit status, as documented in the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitStatus {
    /// Done, or nothing to do.
    Success = 0,
    /// Failed; nothing was written.
    Failed = 1,
    /// A bad flag or value, a value or `--yes` missing off a terminal.
    Usage = 2,
    /// `plan --exit-code`: changes are needed.
    ChangesNeeded = 3,
    /// `verify` found that Segments.ai, or the browser, is blocked.
    Blocked = 4,
    /// This run wrote something and did not finish.
    Unfinished = 5,
    /// `verify` could not decide.
    Undetermined = 6,
    /// Refused: a document moved, or the change would damage something that is not ours.
    Refused = 7,
    /// Not signed in, or not permitted, and nothing was written.
    NotPermitted = 8,
    /// Declined or cancelled before anything was written.
    Cancelled = 130,
}

impl ExitStatus {
    /// All of them with their meaning, for the README and its test.
    pub const ALL: [(Self, &'static str); 10] = [
        (
            Self::Success,
            "done, or nothing to do; for `verify`: nothing found wrong, and every decisive check could be made",
        ),
        (Self::Failed, "failed; nothing was written"),
        (
            Self::Usage,
            "usage: a bad flag or value, a value missing off a terminal, a change without `--yes` off a terminal",
        ),
        (
            Self::ChangesNeeded,
            "`plan --exit-code`: changes are needed",
        ),
        (
            Self::Blocked,
            "verify found that Segments.ai, or the browser, is blocked",
        ),
        (
            Self::Unfinished,
            "this run wrote something and did not finish; running it again continues",
        ),
        (
            Self::Undetermined,
            "verify could not decide: a decisive check could not be made",
        ),
        (
            Self::Refused,
            "refused: the document moved since it was read, or the change would damage or widen something that is not ours",
        ),
        (
            Self::NotPermitted,
            "not signed in, or not permitted, and nothing was written",
        ),
        (
            Self::Cancelled,
            "declined or cancelled before anything was written",
        ),
    ];

    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// The status of a run that stopped for this reason before anything was written.
#[must_use]
pub fn of_error(code: ErrorCode) -> ExitStatus {
    match code {
        ErrorCode::Usage | ErrorCode::ConfirmationRequired => ExitStatus::Usage,
        ErrorCode::NotSignedIn
        | ErrorCode::CredentialsExpired
        | ErrorCode::NotPermitted
        | ErrorCode::WrongAccount => ExitStatus::NotPermitted,
        ErrorCode::Unsupported
        | ErrorCode::TargetNotFound
        | ErrorCode::ApiDisabled
        | ErrorCode::ClockSkew
        | ErrorCode::NoNetwork
        | ErrorCode::Proxy
        | ErrorCode::Tls
        | ErrorCode::Timeout
        | ErrorCode::Unavailable
        | ErrorCode::UnexpectedAnswer
        | ErrorCode::BackupFailed
        | ErrorCode::File => ExitStatus::Failed,
        ErrorCode::Refused | ErrorCode::Stale => ExitStatus::Refused,
        ErrorCode::Partial | ErrorCode::Uncertain => ExitStatus::Unfinished,
        ErrorCode::Declined | ErrorCode::Interrupted => ExitStatus::Cancelled,
    }
}

/// The status of a whole run. Where two apply, the larger harm wins.
#[must_use]
pub fn of_report(report: &Report) -> ExitStatus {
    let uncertain = report
        .changes
        .iter()
        .any(|change| change.result == ChangeResult::Uncertain);
    if let Some(error) = &report.error {
        return if report.wrote() {
            ExitStatus::Unfinished
        } else {
            of_error(error.code)
        };
    }
    if uncertain {
        return ExitStatus::Unfinished;
    }
    match report.verdict {
        Some(Verdict::Fail) => ExitStatus::Blocked,
        Some(Verdict::Undetermined) => ExitStatus::Undetermined,
        Some(Verdict::Pass) | None if report.changes_needed() => ExitStatus::ChangesNeeded,
        Some(Verdict::Pass) | None => ExitStatus::Success,
    }
}
