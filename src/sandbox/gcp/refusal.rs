//! The words in which Cloud Storage refuses and does not find, the same for all of its forms.

use super::policy::Caller;
use super::problem::{Code, Problem};

/// A permission that the caller does not have on a bucket or an object.
pub(crate) fn denied(caller: &Caller, permission: &str, on: &str) -> Problem {
    let code = match caller {
        Caller::Anonymous => Code::Unauthenticated,
        Caller::Account { .. } => Code::PermissionDenied,
    };
    let message = format!(
        "{} does not have {permission} access to the Google Cloud Storage {on}. Permission '{permission}' denied on \
         resource (or it may not exist).",
        caller.title()
    );
    let reason = match caller {
        Caller::Anonymous => "required",
        Caller::Account { .. } => "forbidden",
    };
    Problem::new(code, message.clone())
        .reason(reason)
        .xml("AccessDenied", Some(message))
}

/// Names of buckets are global, and that one is free.
pub(crate) fn no_bucket() -> Problem {
    Problem::new(Code::NotFound, "The specified bucket does not exist.")
        .reason("notFound")
        .xml("NoSuchBucket", None)
}

/// There is no such object.
pub(crate) fn no_object(bucket: &str, object: &str) -> Problem {
    Problem::new(Code::NotFound, format!("No such object: {bucket}/{object}"))
        .reason("notFound")
        .xml(
            "NoSuchKey",
            Some(format!("No such object: {bucket}/{object}")),
        )
}

/// A metageneration that is not the expected one.
/// See <https://cloud.google.com/storage/docs/request-preconditions>.
pub(crate) fn precondition() -> Problem {
    Problem::new(
        Code::FailedPrecondition,
        "At least one of the pre-conditions you specified did not hold.",
    )
    .status(412)
    .reason("conditionNotMet")
    .xml("PreconditionFailed", None)
}

/// A value that makes no sense.
pub(crate) fn invalid(message: impl Into<String>) -> Problem {
    Problem::new(Code::InvalidArgument, message)
        .reason("invalid")
        .xml("InvalidArgument", None)
}
