//! An answer as it is handed over: what was read, or why it was not. Plain data; nothing here asks or decides.

use serde::{Deserialize, Serialize};

use crate::error::{ErrorCode, Failure};

/// What was read, or why it was not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Given<T> {
    /// This.
    Read(T),
    /// Nothing, for this reason.
    Unread(String),
}

impl<T> Given<T> {
    /// What was read, or why it was not.
    ///
    /// # Errors
    /// Why it was not read.
    pub fn as_result(&self) -> Result<&T, &str> {
        match self {
            Self::Read(value) => Ok(value),
            Self::Unread(why) => Err(why),
        }
    }

    /// The same as a failure, which checks tell.
    ///
    /// # Errors
    /// Why it was not read.
    pub fn answer(self) -> Result<T, Failure> {
        match self {
            Self::Read(value) => Ok(value),
            Self::Unread(why) => Err(Failure::new(ErrorCode::NotPermitted, why)),
        }
    }
}

impl<T: Clone> From<&Result<T, Failure>> for Given<T> {
    fn from(answer: &Result<T, Failure>) -> Self {
        match answer {
            Ok(value) => Self::Read(value.clone()),
            Err(failure) => Self::Unread(failure.one_line()),
        }
    }
}

impl<T> From<Result<T, Failure>> for Given<T> {
    fn from(answer: Result<T, Failure>) -> Self {
        match answer {
            Ok(value) => Self::Read(value),
            Err(failure) => Self::Unread(failure.one_line()),
        }
    }
}
