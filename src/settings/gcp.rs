//! What to do with a bucket on Google Cloud: arguments and environment, parsed at the border.

use std::time::Duration;

use super::addresses::{elsewhere, of_one_place};
use super::{Action, Common, Look, Task};
use crate::address::{Address, Cloud};
use crate::cli::{GcpAction, GcpArgs, GcpOptions, GcpVerify, WhoseArg};
use crate::error::Failure;
use crate::gcp::account::{ASK_SEGMENTS, ServiceAccount};
use crate::gcp::handed_in;
use crate::gcp::inputs::{Given, Inputs};
use crate::gcp::target::{BucketName, Project, RoleId};
use crate::handed_in::read;
use crate::prompt::Prompter;

/// What prints the documents that are handed in.
const PRINTED_BY: &str = "gcloud";

/// A bucket on Google Cloud, and whom to let read it.
#[derive(Debug, Clone)]
pub struct GcpSettings {
    /// The bucket.
    pub bucket: BucketName,
    /// Segments.ai's service account.
    pub account: ServiceAccount,
    /// The bucket's project, where it was given.
    pub project: Option<Project>,
    /// The role to make or use.
    pub role: RoleId,
    /// The objects to test with.
    pub objects: Vec<String>,
    /// Whether the CORS entry names the page's own origin besides the wildcard.
    pub literal_origin: bool,
    /// Whether `disconnect` deletes the role too.
    pub delete_role: bool,
    /// Whether the documents are saved before the first write.
    pub backup: bool,
    /// For one request.
    pub timeout: Duration,
    /// From where `verify` looks at it.
    pub look: Look,
    /// What was handed in, for [`Look::Documents`].
    pub documents: Box<Inputs>,
    /// The URLs that were given, all of one bucket.
    pub urls: Vec<Address>,
}

/// What `render` prints.
#[derive(Debug, Clone)]
pub struct GcpRender {
    /// Segments.ai's service account.
    pub account: ServiceAccount,
    /// The bucket's project, where it was given.
    pub project: Option<Project>,
    /// The role.
    pub role: RoleId,
    /// As in [`GcpSettings`].
    pub literal_origin: bool,
    /// Which document alone.
    pub document: Option<String>,
}

/// Makes a task of the arguments.
///
/// # Errors
/// A usage failure that names the value, why it is wrong and what to do.
pub(super) fn resolve(
    args: GcpArgs,
    common: &Common,
    prompter: &dyn Prompter,
) -> Result<Task, Failure> {
    let GcpArgs { options, action } = args;
    let GcpOptions {
        bucket,
        service_account,
        project,
        role_id,
        object,
        literal_origin,
        no_backup,
    } = options;
    let project = project.as_deref().map(Project::parse).transpose()?;
    let role = role_id
        .as_deref()
        .map_or_else(|| Ok(RoleId::default()), RoleId::parse)?;
    if let Some(empty) = object.iter().find(|name| name.is_empty()) {
        return Err(Failure::usage(
            format!("`--object` is `{empty}`: a name cannot be empty"),
            "give the name of an object in the bucket, or leave `--object` out",
        ));
    }
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
    let account = match service_account {
        Some(text) => ServiceAccount::parse(&text)?,
        // A URL alone is enough to say what anybody can see.
        None if seen.look == Look::Anyone => ServiceAccount::unknown(),
        None => ask_account(prompter)?,
    };
    let (action, delete_role) = match action {
        Wanted::Action(action, delete_role) => (action, delete_role),
        Wanted::Render(document) => {
            return Ok(Task::GcpRender(GcpRender {
                account,
                project,
                role,
                literal_origin,
                document,
            }));
        }
    };
    // An object that stood in the bucket's URL is one to test with; each is tested once.
    let mut objects: Vec<String> = Vec::new();
    let in_urls = seen.urls.iter().filter_map(|url| url.key());
    for name in bucket
        .object_in_url
        .iter()
        .cloned()
        .chain(in_urls.map(str::to_owned))
        .chain(object)
    {
        if !objects.contains(&name) {
            objects.push(name);
        }
    }
    Ok(Task::Gcp(
        GcpSettings {
            bucket,
            account,
            project,
            role,
            objects,
            literal_origin,
            delete_role,
            backup: !no_backup,
            timeout: common.timeout,
            look: seen.look,
            documents: Box::new(seen.documents),
            urls: seen.urls,
        },
        action,
    ))
}

/// What is to be done: an action, and whether it deletes the role too; or printing.
enum Wanted {
    Action(Action, bool),
    Render(Option<String>),
}

/// From where a bucket is looked at, and what goes with it.
#[derive(Default)]
struct Seen {
    look: Look,
    documents: Inputs,
    urls: Vec<Address>,
}

fn resolve_action(action: Option<GcpAction>) -> Result<(Wanted, Seen), Failure> {
    Ok(match action {
        None | Some(GcpAction::Connect) => {
            (Wanted::Action(Action::Connect, false), Seen::default())
        }
        Some(GcpAction::Plan { exit_code }) => (
            Wanted::Action(Action::Plan { exit_code }, false),
            Seen::default(),
        ),
        Some(GcpAction::Verify(verify)) => (
            Wanted::Action(Action::Verify, false),
            Seen::resolve(verify)?,
        ),
        Some(GcpAction::Disconnect { delete_role }) => (
            Wanted::Action(Action::Disconnect, delete_role),
            Seen::default(),
        ),
        Some(GcpAction::Render { document }) => (Wanted::Render(document), Seen::default()),
    })
}

impl Seen {
    fn resolve(verify: GcpVerify) -> Result<Self, Failure> {
        let GcpVerify {
            url,
            iam_policy,
            cors,
            custom_role,
            whose,
        } = verify;
        let mut documents = Inputs::default();
        if let Some(file) = iam_policy {
            let policy = read(&file, "--iam-policy", PRINTED_BY, handed_in::iam_policy)?;
            documents.iam_policy = Some(Given::Read(policy));
        }
        if let Some(file) = cors {
            documents.cors = Some(Given::Read(read(
                &file,
                "--cors",
                PRINTED_BY,
                handed_in::cors,
            )?));
        }
        if let Some(file) = custom_role {
            let (name, state) = read(&file, "--custom-role", PRINTED_BY, handed_in::custom_role)?;
            documents.roles.insert(name, state);
        }
        let urls = of_one_place(&url, Cloud::Gcp)?;
        Ok(Self {
            look: match whose {
                Some(WhoseArg::Segments) => Look::Segments,
                None if documents != Inputs::default() => Look::Documents,
                None if urls.is_empty() => Look::Owner,
                None => Look::Anyone,
            },
            documents,
            urls,
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

fn ask_account(prompter: &dyn Prompter) -> Result<ServiceAccount, Failure> {
    let question = "Segments.ai's service account, which Segments.ai hands out for each customer (--service-account)";
    let answer = prompter.input(question, |text| {
        ServiceAccount::parse(text)
            .map(drop)
            .map_err(|failure| failure.one_line())
    })?;
    match answer {
        Some(text) => ServiceAccount::parse(&text),
        None => Err(Failure::usage(
            "no service account was given",
            "name it with `--service-account EMAIL` or the environment variable `SEGMENTS_CONNECT_SERVICE_ACCOUNT`",
        )
        .hint(ASK_SEGMENTS)),
    }
}
