//! The commands: each turns settings into a report, or into a text that is no report.
//!
//! This is where a cloud is chosen; the spine in [`crate::run`] knows none.

use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use serde_json::Value;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::catalogue::Cause;
use crate::cli::{Cli, CompletionsArg};
use crate::common::{Action, Common, Verbosity};
use crate::error::{ErrorCode, Failure};
use crate::exit::{self, ExitStatus};
use crate::finding::{Level, Status};
use crate::handover::{self, Recorded};
use crate::interrupt::Interrupt;
use crate::output::paint::Paint;
use crate::output::progress::Progress;
use crate::output::{Human, Json, Reporter, to_stderr, to_stdout};
use crate::prompt::{Prompter, Terminal};
use crate::report::{Document, Report};
use crate::run::Session;
use crate::settings::{Settings, Task};
use crate::wiring::{Opening, Wiring};
use crate::{aws, azure, gcp, sandbox_story, verify};

/// Runs the program with these arguments, and gives its exit status.
pub fn main(arguments: impl Iterator<Item = OsString>) -> u8 {
    let arguments: Vec<OsString> = arguments.collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, &arguments).code(),
    };
    let prompter: Arc<dyn Prompter + Send + Sync> = Arc::new(Terminal::new(cli.common.no_input));
    let (json, color) = (cli.common.json, cli.common.color);
    let settings = match Settings::resolve(cli, &*prompter) {
        Ok(settings) => settings,
        Err(failure) => {
            let status = exit::of_error(failure.code);
            let mut report = Report::new(command_words(&arguments));
            if json {
                report.error = Some(failure);
                to_stdout(&crate::output::json::document(&report));
            } else {
                to_stderr(&crate::output::human::failure(
                    &failure,
                    Paint::for_stderr(color),
                    crate::output::wrap::of_stderr(),
                ));
            }
            return status.code();
        }
    };
    start_log(&settings.common);
    execute(&settings, &prompter).code()
}

fn execute(settings: &Settings, prompter: &Arc<dyn Prompter + Send + Sync>) -> ExitStatus {
    let common = &settings.common;
    match &settings.task {
        Task::Aws(aws_settings, action) => in_runtime(common, async {
            let command = named(settings, "aws", *action);
            work(
                common,
                prompter,
                &command,
                *action,
                aws_settings.backup,
                aws::open(aws_settings),
            )
            .await
        }),
        Task::AwsRender { bucket, document } => rendered(
            common,
            "aws render",
            aws::templates::documents(bucket.as_str()),
            document.as_deref(),
        ),
        Task::Gcp(gcp_settings, action) => in_runtime(common, async {
            let command = named(settings, "gcp", *action);
            work(
                common,
                prompter,
                &command,
                *action,
                gcp_settings.backup,
                gcp::open(gcp_settings, *action),
            )
            .await
        }),
        Task::GcpRender(wanted) => rendered(
            common,
            "gcp render",
            gcp::documents(wanted),
            wanted.document.as_deref(),
        ),
        Task::Azure(azure_settings) => in_runtime(common, async {
            let action = azure_settings.action;
            let command = named(settings, "azure", action);
            work(
                common,
                prompter,
                &command,
                action,
                azure_settings.backup,
                azure::open(azure_settings),
            )
            .await
        }),
        Task::AzureRender(wanted) => rendered(
            common,
            "azure render",
            azure::templates::documents(
                wanted.subscription.as_deref(),
                wanted.resource_group.as_deref(),
                wanted.account.as_str(),
                wanted.service_principal_id.as_deref(),
            ),
            wanted.document.as_deref(),
        ),
        Task::Explain(code) => explain(common, code),
        Task::ExplainReport(file) => in_runtime(common, explain_report(common, file)),
        Task::Sandbox(sandbox) => sandbox_story::run(common, sandbox),
        Task::Completions(shell) => completions(common, *shell),
    }
}

/// The command as it was given: with a cloud, or with URLs, which say the cloud themselves.
fn named(settings: &Settings, cloud: &str, action: Action) -> String {
    if settings.urls.is_empty() {
        format!("{cloud} {}", action.as_str())
    } else {
        action.as_str().to_owned()
    }
}

/// Runs one action against a cloud, and tells how it went.
pub(crate) async fn work(
    common: &Common,
    prompter: &Arc<dyn Prompter + Send + Sync>,
    command: &str,
    action: Action,
    backup: bool,
    opening: Opening<'_>,
) -> ExitStatus {
    let progress = Progress::new(common);
    let reporter = reporter(common, action.writes() && !common.yes && prompter.may_ask());
    let interrupt = Interrupt::listen();
    let session = Session {
        common,
        reporter: &*reporter,
        prompter: Arc::clone(prompter),
        progress: &progress,
        interrupt: &interrupt,
        backup,
    };
    let mut report = session.run(command, action, opening).await;
    if let Some(handover) = &common.handover
        && report.verdict.is_some()
    {
        match handover::write(handover, &report, open_inputs).await {
            Ok(()) => report.handed_over = Some(handover.file.clone()),
            Err(failure) => report.error = report.error.or(Some(failure)),
        }
    }
    progress.clear();
    reporter.finished(&report);
    exit::of_report(&report)
}

/// Prints the documents, all or one.
fn rendered(
    common: &Common,
    command: &str,
    documents: Vec<Document>,
    wanted: Option<&str>,
) -> ExitStatus {
    let mut report = Report::new(command);
    match choose(documents, wanted) {
        Ok(documents) => {
            report.documents = Some(documents);
            report.proof = Some(Level::Rendered);
        }
        Err(failure) => report.error = Some(failure),
    }
    finish(common, &report)
}

fn choose(documents: Vec<Document>, wanted: Option<&str>) -> Result<Vec<Document>, Failure> {
    let Some(wanted) = wanted else {
        return Ok(documents);
    };
    let names: Vec<String> = documents
        .iter()
        .map(|document| format!("`{}`", document.name))
        .collect();
    documents
        .into_iter()
        .find(|document| document.name == wanted || document.id == wanted)
        .map(|document| vec![document])
        .ok_or_else(|| {
            Failure::usage(
                format!("`--document` is `{wanted}`, and there is no such document"),
                format!("give one of {}", names.join(", ")),
            )
        })
}

fn finish(common: &Common, report: &Report) -> ExitStatus {
    reporter(common, false).finished(report);
    exit::of_report(report)
}

fn reporter(common: &Common, will_ask: bool) -> Box<dyn Reporter> {
    if common.json {
        Box::new(Json {
            before_question: will_ask.then(|| Paint::for_stderr(common.color)),
        })
    } else {
        Box::new(Human::new(common, will_ask))
    }
}

/// One thread: nothing here computes, and clients that are not used cost nothing.
pub(crate) fn in_runtime(common: &Common, future: impl Future<Output = ExitStatus>) -> ExitStatus {
    match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => {
            let status = runtime.block_on(future);
            // Requests that nobody waits for any more must not hold up the end.
            runtime.shutdown_background();
            status
        }
        Err(error) => {
            let mut report = Report::new("");
            report.error = Some(
                Failure::new(ErrorCode::File, "could not start the asynchronous runtime")
                    .cause(error.to_string()),
            );
            finish(common, &report)
        }
    }
}

fn explain(common: &Common, code: &str) -> ExitStatus {
    let mut report = Report::new("explain");
    let Some(cause) = Cause::find(code) else {
        report.error = Some(Failure::usage(
            format!("`{code}` is no cause code"),
            "codes look like `A39`; the README lists them all",
        ));
        return finish(common, &report);
    };
    if common.json {
        report.extra = Some(("explanation", crate::output::explain::json(cause)));
        return finish(common, &report);
    }
    to_stdout(&crate::output::explain::text(
        cause,
        Paint::for_stdout(common.color),
    ));
    ExitStatus::Success
}

/// Looks again at a report: what documents decide is decided again, and what was seen then is told as such.
async fn explain_report(common: &Common, file: &Path) -> ExitStatus {
    let mut report = Report::new("explain");
    if let Err(failure) = look_again(file, &mut report).await {
        report.error = Some(failure);
    }
    finish(common, &report)
}

async fn look_again(file: &Path, report: &mut Report) -> Result<(), Failure> {
    let document = handover::read(file)?;
    let recorded = Recorded::of(&document);
    let cloud = document
        .get("cloud")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let inputs = document.get("inputs").unwrap_or(&Value::Null);
    let wiring = open_inputs(cloud, inputs)?;
    let mut target = wiring.target();
    target.caller = None;
    report.target = Some(target);
    let again = wiring.check().await;
    report.extra = Some((
        "recorded",
        serde_json::json!({
            "program": recorded.program,
            "written": recorded.written,
            "names_hashed": recorded.names_hashed,
            "differences": handover::difference(&recorded, &again),
        }),
    ));
    let seen = handover::seen_then(&recorded, &again);
    // What the documents leave open was answered then, or was open then too.
    let mut checks: Vec<_> = again
        .into_iter()
        .filter(|check| {
            !matches!(check.status, Status::Unknown | Status::Skipped) || check.decisive
        })
        .collect();
    checks.extend(seen);
    // What the run saw is told above, so what it did not see is what counts; the documents alone would leave out more.
    let out_of_reach = if recorded.out_of_reach.is_empty() {
        wiring.out_of_reach()
    } else {
        recorded.out_of_reach
    };
    verify::summed_up(checks, out_of_reach, report);
    Ok(())
}

/// Opens what a report says was read.
fn open_inputs(cloud: &str, inputs: &Value) -> Result<Box<dyn Wiring>, Failure> {
    match cloud {
        _ if inputs.is_null() => Err(Failure::new(
            ErrorCode::File,
            "what was read is not in the report, so it cannot be evaluated again",
        )
        .hint("let it be written again, by the newest version of this program")),
        "aws" => aws::open_inputs(inputs),
        "gcp" => gcp::open_inputs(inputs),
        "azure" => azure::open_inputs(inputs),
        other => Err(Failure::new(
            ErrorCode::File,
            format!(
                "the report is about `{}`, which cannot be looked at again",
                crate::redact::escape_control(other)
            ),
        )),
    }
}

fn completions(common: &Common, shell: CompletionsArg) -> ExitStatus {
    let text = match completions_text(shell) {
        Ok(text) => text,
        Err(error) => {
            let mut report = Report::new("completions");
            report.error = Some(
                Failure::new(ErrorCode::File, "could not write the man page")
                    .cause(error.to_string()),
            );
            return finish(common, &report);
        }
    };
    if common.json {
        let mut report = Report::new("completions");
        report.extra = Some(("text", text.into()));
        return finish(common, &report);
    }
    to_stdout(&text);
    ExitStatus::Success
}

/// The completions for a shell, or the man page, as they are kept under `completions/`.
///
/// # Errors
/// When the man page cannot be made.
pub fn completions_text(shell: CompletionsArg) -> std::io::Result<String> {
    use clap_complete::Shell;
    let mut command = Cli::command();
    let mut text = Vec::new();
    let shell = match shell {
        CompletionsArg::Bash => Shell::Bash,
        CompletionsArg::Zsh => Shell::Zsh,
        CompletionsArg::Fish => Shell::Fish,
        CompletionsArg::PowerShell => Shell::PowerShell,
        CompletionsArg::Elvish => Shell::Elvish,
        CompletionsArg::Man => {
            man_pages(command, &mut text)?;
            return Ok(String::from_utf8_lossy(&text).into_owned());
        }
    };
    clap_complete::generate(shell, &mut command, "segments-connect", &mut text);
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// One page: the program, then each command with its own flags.
fn man_pages(command: clap::Command, text: &mut Vec<u8>) -> std::io::Result<()> {
    let mut command = command;
    command.build();
    clap_mangen::Man::new(command.clone()).render(text)?;
    for subcommand in command.get_subcommands() {
        let page = clap_mangen::Man::new(subcommand.clone());
        text.extend_from_slice(
            format!(".SH {}\n", subcommand.get_name().to_uppercase()).as_bytes(),
        );
        page.render_synopsis_section(text)?;
        page.render_description_section(text)?;
        page.render_options_section(text)?;
    }
    Ok(())
}

/// Help and version are results; everything else that clap has to say is a usage error.
fn usage(error: &clap::Error, arguments: &[OsString]) -> ExitStatus {
    let text = error.render();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let colored = Paint::for_stdout(crate::cli::ColorArg::Auto) != Paint::NONE;
            to_stdout(&if colored {
                text.ansi().to_string()
            } else {
                text.to_string()
            });
            ExitStatus::Success
        }
        _ => {
            let asked = |argument: &OsString| argument == "--json";
            let set = std::env::var("SEGMENTS_CONNECT_JSON").is_ok_and(|value| {
                !matches!(
                    value.to_lowercase().as_str(),
                    "" | "0" | "f" | "false" | "n" | "no" | "off"
                )
            });
            let json = set
                || arguments
                    .iter()
                    .take_while(|argument| *argument != "--")
                    .any(asked);
            if json {
                let mut report = Report::new(command_words(arguments));
                let message = text.to_string();
                let first = message.lines().next().unwrap_or_default();
                let first = first.strip_prefix("error: ").unwrap_or(first).to_owned();
                report.error = Some(Failure::usage(
                    first,
                    "`--help` lists what this command takes",
                ));
                to_stdout(&crate::output::json::document(&report));
            }
            let colored = Paint::for_stderr(crate::cli::ColorArg::Auto) != Paint::NONE;
            to_stderr(&if colored {
                text.ansi().to_string()
            } else {
                text.to_string()
            });
            ExitStatus::Usage
        }
    }
}

/// The words of the command as far as they are known: `aws plan`. The value of a flag is none of them.
fn command_words(arguments: &[OsString]) -> String {
    let root = Cli::command();
    let mut command = &root;
    let mut words: Vec<&str> = Vec::new();
    let mut after_flag = false;
    for argument in arguments
        .iter()
        .skip(1)
        .filter_map(|argument| argument.to_str())
    {
        if !after_flag && let Some(inner) = command.find_subcommand(argument) {
            words.push(argument);
            command = inner;
        }
        after_flag = argument
            .strip_prefix("--")
            .is_some_and(|flag| takes_value(&root, flag));
    }
    // A cloud without an action is connected.
    if words.len() == 1 && command.find_subcommand("connect").is_some() {
        words.push("connect");
    }
    words.join(" ")
}

fn takes_value(command: &clap::Command, flag: &str) -> bool {
    command
        .get_arguments()
        .any(|argument| argument.get_long() == Some(flag) && argument.get_action().takes_values())
        || command
            .get_subcommands()
            .any(|command| takes_value(command, flag))
}

/// With `-v`, what this program itself sends is told on standard error. The SDKs' own logs are not: they may hold
/// what must not be shown.
fn start_log(common: &Common) {
    if common.verbosity != Verbosity::Verbose {
        return;
    }
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(Paint::for_stderr(common.color) != Paint::NONE)
        .without_time()
        .with_target(false)
        .with_level(false);
    let ours = Targets::new().with_target("segments_connect", LevelFilter::DEBUG);
    let _ = tracing_subscriber::registry()
        .with(ours)
        .with(lines)
        .try_init();
}
