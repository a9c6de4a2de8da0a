//! What to do with an S3 bucket: arguments and environment, parsed at the border.

use std::time::Duration;

use super::addresses::{elsewhere, of_one_place};
use super::{Action, Common, Look, Task};
use crate::address::{Address, Cloud};
use crate::aws::documents::Documents;
use crate::aws::handed_in;
use crate::aws::target::BucketName;
use crate::cli::{AwsAction, AwsArgs, AwsOptions, AwsVerify, WhoseArg};
use crate::error::Failure;
use crate::handed_in::read;
use crate::prompt::Prompter;

/// What prints the documents that are handed in.
const PRINTED_BY: &str = "aws s3api";

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
    /// The URLs that were given, all of one bucket.
    pub urls: Vec<Address>,
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
    let (action, seen) = resolve_action(action)?;
    let bucket = match (bucket, seen.urls.first()) {
        (Some(text), first) => {
            let bucket = BucketName::parse(&text)?;
            match first.filter(|first| first.bucket != bucket.as_str()) {
                Some(first) => return Err(elsewhere(bucket.as_str(), first)),
                None => bucket,
            }
        }
        (None, Some(first)) => BucketName::parse(&first.bucket)?,
        (None, None) => ask_bucket(prompter)?,
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
        Wanted::Action(action) => action,
        Wanted::Render(document) => return Ok(Task::AwsRender { bucket, document }),
    };
    // A key that stood in the bucket's URL is one to test with; each key is tested once.
    let mut objects: Vec<String> = Vec::new();
    let in_urls = seen.urls.iter().filter_map(|url| url.key());
    for key in bucket
        .key_in_url
        .iter()
        .cloned()
        .chain(in_urls.map(str::to_owned))
        .chain(object)
    {
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
            urls: seen.urls,
        },
        action,
    ))
}

enum Wanted {
    Action(Action),
    Render(Option<String>),
}

fn resolve_action(action: Option<AwsAction>) -> Result<(Wanted, Seen), Failure> {
    let (action, seen) = match action {
        None | Some(AwsAction::Connect) => (Action::Connect, Seen::as_owner()),
        Some(AwsAction::Plan { exit_code }) => (Action::Plan { exit_code }, Seen::as_owner()),
        Some(AwsAction::Verify(verify)) => (Action::Verify, Seen::resolve(verify)?),
        Some(AwsAction::Disconnect) => (Action::Disconnect, Seen::as_owner()),
        Some(AwsAction::Render { document }) => {
            return Ok((Wanted::Render(document), Seen::as_owner()));
        }
    };
    Ok((Wanted::Action(action), seen))
}

/// From where, and what goes with it.
struct Seen {
    urls: Vec<Address>,
    look: Look,
    documents: Documents,
    account: Option<String>,
}

impl Seen {
    fn as_owner() -> Self {
        Self {
            urls: Vec::new(),
            look: Look::Owner,
            documents: Documents::default(),
            account: None,
        }
    }

    fn resolve(verify: AwsVerify) -> Result<Self, Failure> {
        let AwsVerify {
            url,
            policy,
            cors,
            whose,
            account,
        } = verify;
        let documents = Documents {
            policy: policy
                .map(|file| read(&file, "--policy", PRINTED_BY, handed_in::policy))
                .transpose()?
                .map(Ok),
            cors: cors
                .map(|file| read(&file, "--cors", PRINTED_BY, handed_in::cors))
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
        let urls = of_one_place(&url, Cloud::Aws)?;
        Ok(Self {
            look: match whose {
                Some(WhoseArg::Segments) => Look::Segments,
                None if !documents.is_empty() => Look::Documents,
                None if urls.is_empty() => Look::Owner,
                None => Look::Anyone,
            },
            urls,
            documents,
            account,
        })
    }
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
