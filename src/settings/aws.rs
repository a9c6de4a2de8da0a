//! What to do with an S3 bucket: arguments and environment, parsed at the border.

use std::time::Duration;

use super::{Action, Common, Look, Task};
use crate::aws::target::BucketName;
use crate::cli::{AwsAction, AwsArgs, AwsOptions};
use crate::error::Failure;
use crate::prompt::Prompter;

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
    /// From where `verify` looks at it.
    pub look: Look,
}

/// Makes a task of the arguments.
///
/// # Errors
/// A usage failure that names the value, why it is wrong and what to do.
pub(super) fn resolve(
    args: AwsArgs,
    common: &Common,
    prompter: &dyn Prompter,
) -> Result<Task, Failure> {
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
            look: Look::Owner,
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
