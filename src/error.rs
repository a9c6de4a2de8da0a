//! What can go wrong, said once: what we were doing, why it failed, what to do about it.
//!
//! This module holds words and codes. It does not print, and it does not choose exit statuses
//! (see [`crate::exit`]).

use serde_json::Value;

/// Every reason for which a command can stop, as it stands in `error.code` of the JSON document.
///
/// The words are part of the contract with scripts: add, never rename.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A flag, a value or a combination of them is wrong or missing.
    Usage,
    /// A change was asked for off a terminal without `--yes`.
    ConfirmationRequired,
    /// A kind of bucket or a part of a cloud that Segments.ai cannot reach.
    Unsupported,
    /// No credentials were found.
    NotSignedIn,
    /// Credentials were found, and have expired or were revoked.
    CredentialsExpired,
    /// The caller may not do what the command needs.
    NotPermitted,
    /// The bucket belongs to another account, project or tenant than the caller.
    WrongAccount,
    /// The bucket or account does not exist.
    TargetNotFound,
    /// An API that the command needs is not enabled in the project.
    ApiDisabled,
    /// This machine's clock is too far from the cloud's.
    ClockSkew,
    /// The service could not be reached.
    NoNetwork,
    /// The proxy that the environment names refused or did not answer.
    Proxy,
    /// The connection could not be secured.
    Tls,
    /// A request got no answer in time.
    Timeout,
    /// The service asked us to slow down, or was unavailable, for as long as we tried.
    Unavailable,
    /// The service answered with something that makes no sense.
    UnexpectedAnswer,
    /// A document would be damaged, or something that is not ours would be widened.
    Refused,
    /// A document moved between being shown and being written.
    Stale,
    /// A document could not be written; the ones before it were.
    Partial,
    /// A write got no answer and could not be settled by reading back.
    Uncertain,
    /// The documents could not be saved before writing.
    BackupFailed,
    /// A file could not be read or written.
    File,
    /// The question was answered with no.
    Declined,
    /// The run was interrupted.
    Interrupted,
}

impl ErrorCode {
    /// All codes, in the order in which they are documented.
    pub const ALL: [Self; 24] = [
        Self::Usage,
        Self::ConfirmationRequired,
        Self::Unsupported,
        Self::NotSignedIn,
        Self::CredentialsExpired,
        Self::NotPermitted,
        Self::WrongAccount,
        Self::TargetNotFound,
        Self::ApiDisabled,
        Self::ClockSkew,
        Self::NoNetwork,
        Self::Proxy,
        Self::Tls,
        Self::Timeout,
        Self::Unavailable,
        Self::UnexpectedAnswer,
        Self::Refused,
        Self::Stale,
        Self::Partial,
        Self::Uncertain,
        Self::BackupFailed,
        Self::File,
        Self::Declined,
        Self::Interrupted,
    ];

    /// The kebab-case word that stands in the JSON document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::ConfirmationRequired => "confirmation-required",
            Self::Unsupported => "unsupported",
            Self::NotSignedIn => "not-signed-in",
            Self::CredentialsExpired => "credentials-expired",
            Self::NotPermitted => "not-permitted",
            Self::WrongAccount => "wrong-account",
            Self::TargetNotFound => "target-not-found",
            Self::ApiDisabled => "api-disabled",
            Self::ClockSkew => "clock-skew",
            Self::NoNetwork => "no-network",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::UnexpectedAnswer => "unexpected-answer",
            Self::Refused => "refused",
            Self::Stale => "stale",
            Self::Partial => "partial",
            Self::Uncertain => "uncertain",
            Self::BackupFailed => "backup-failed",
            Self::File => "file",
            Self::Declined => "declined",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Something failed: a code for scripts, and the words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The reason, for scripts.
    pub code: ErrorCode,
    /// A lowercase fragment of what we were doing: "could not read the bucket policy of `acme`".
    pub message: String,
    /// Why, from the nearest cause to the farthest.
    pub causes: Vec<String>,
    /// What to do about it.
    pub hints: Vec<String>,
    /// The permissions that were seen to be missing, in the cloud's own terms.
    pub missing: Vec<String>,
}

impl Failure {
    /// A failure with nothing but its code and its message.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            causes: Vec::new(),
            hints: Vec::new(),
            missing: Vec::new(),
        }
    }

    /// A bad flag or value. The message names the value and why it is wrong; the hint what to do.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(ErrorCode::Usage, message).hint(hint)
    }

    /// Adds the next cause.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds every link of an error's chain as a cause.
    #[must_use]
    pub fn because(mut self, error: &anyhow::Error) -> Self {
        self.causes.extend(error.chain().map(ToString::to_string));
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds a permission that was seen to be missing.
    #[must_use]
    pub fn missing(mut self, permission: impl Into<String>) -> Self {
        self.missing.push(permission.into());
        self
    }

    /// The message alone, for a place beside the one that tells all of it.
    #[must_use]
    pub fn brief(&self) -> Self {
        Self::new(self.code, self.message.clone())
    }

    /// What is missing, where that is it, in the word of the cloud (`permission`, `right`); otherwise all of it in one line.
    #[must_use]
    pub fn with_missing(&self, word: &str) -> String {
        if self.missing.is_empty() {
            self.one_line()
        } else {
            format!(
                "{} (missing {word}: {})",
                self.message,
                self.missing.join(", ")
            )
        }
    }

    /// The message and its causes in one line, for a place that has only one.
    #[must_use]
    pub fn one_line(&self) -> String {
        let mut line = self.message.clone();
        for cause in &self.causes {
            line.push_str(": ");
            line.push_str(cause);
        }
        line
    }
}

/// A change that must not be made, found by looking at the document alone.
///
/// Nothing is written to a document whose merge was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why, as a full clause: "the statement `segments-s3-access` grants more than ...".
    pub reason: String,
    /// What to do, one way out each.
    pub hints: Vec<String>,
    /// What stands there and what was to stand there, where showing both helps.
    pub difference: Option<Box<(Value, Value)>>,
}

impl Refusal {
    /// A refusal with its reason alone.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            hints: Vec::new(),
            difference: None,
        }
    }

    /// Adds a way out.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Shows what is there (`found`) beside what was to be there (`wanted`).
    #[must_use]
    pub fn difference(mut self, found: Value, wanted: Value) -> Self {
        self.difference = Some(Box::new((found, wanted)));
        self
    }
}
