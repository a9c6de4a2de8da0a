//! What to do with an S3 bucket: arguments and environment, parsed at the border.

use std::path::Path;
use std::time::Duration;

use super::{Action, Common, Look, Task};
use crate::aws::documents::Documents;
use crate::aws::handed_in;
use crate::aws::target::BucketName;
use crate::cli::{AwsAction, AwsArgs, AwsOptions, AwsVerify, WhoseArg};
use crate::error::{ErrorCode, Failure};
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
    /// From where the bucket is looked at.
    pub look: Look,
    /// What was handed in, for [`Look::Documents`].
    pub documents: Box<Documents>,
    /// The account that must own the bucket, where one was given for [`Look::Segments`].
    pub account: Option<String>,
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
    let mut seen = Seen::as_owner();
    let action = match action {
        None | Some(AwsAction::Connect) => Action::Connect,
        Some(AwsAction::Plan { exit_code }) => Action::Plan { exit_code },
        Some(AwsAction::Verify(verify)) => {
            seen = Seen::resolve(verify)?;
            Action::Verify
        }
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
            look: seen.look,
            documents: Box::new(seen.documents),
            account: seen.account,
        },
        action,
    ))
}

/// From where, and what goes with it.
struct Seen {
    look: Look,
    documents: Documents,
    account: Option<String>,
}

impl Seen {
    fn as_owner() -> Self {
        Self {
            look: Look::Owner,
            documents: Documents::default(),
            account: None,
        }
    }

    fn resolve(verify: AwsVerify) -> Result<Self, Failure> {
        let AwsVerify {
            policy,
            cors,
            whose,
            account,
        } = verify;
        let documents = Documents {
            policy: policy
                .map(|file| handed_in(&file, "--policy", handed_in::policy))
                .transpose()?
                .map(Ok),
            cors: cors
                .map(|file| handed_in(&file, "--cors", handed_in::cors))
                .transpose()?
                .map(Ok),
            ..Documents::default()
        };
        if let Some(account) = &account
            && (account.len() != 12 || !account.chars().all(|c| c.is_ascii_digit()))
        {
            return Err(Failure::usage(
                format!("`--account` is `{account}`, which is no AWS account"),
                "give the twelve digits of the account that owns the bucket",
            ));
        }
        Ok(Self {
            look: match whose {
                Some(WhoseArg::Segments) => Look::Segments,
                None if documents.is_empty() => Look::Owner,
                None => Look::Documents,
            },
            documents,
            account,
        })
    }
}

/// Reads a file that was handed in, and makes a document of it.
fn handed_in<T>(
    file: &Path,
    flag: &str,
    read: fn(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    let name = file.display();
    let bytes = std::fs::read(file).map_err(|error| {
        Failure::new(ErrorCode::File, format!("could not read `{name}`"))
            .cause(error.to_string())
            .hint(format!("give `{flag}` the name of a file"))
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        Failure::usage(
            format!("`{name}` is no text"),
            format!("give `{flag}` a file in UTF-8"),
        )
        .cause(error.to_string())
    })?;
    read(&text).map_err(|problem| {
        Failure::usage(
            format!("`{name}`: {problem}"),
            format!("give `{flag}` the document as `aws s3api` prints it"),
        )
    })
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
