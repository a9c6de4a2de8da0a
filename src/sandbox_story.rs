//! `segments-connect sandbox`: the whole flow against local clouds, told as a story, or the local clouds left running.
//!
//! The commands are run as a user would run them: this very program, started again with an environment that points
//! at the local clouds and at nothing else. Nothing leaves this machine.

pub mod aws;
pub mod azure;
pub mod gcp;

use std::ffi::OsString;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value, json};

use crate::cli::CloudArg;
use crate::command::in_runtime;
use crate::common::{Common, Verbosity};
use crate::error::{ErrorCode, Failure};
use crate::exit::{self, ExitStatus};
use crate::interrupt::Interrupt;
use crate::output::paint::Paint;
use crate::output::{human, to_stderr, to_stdout, wrap};
use crate::report::Report;
use crate::sandbox::{Options, Sandbox};
use crate::settings::SandboxSettings;

/// One cloud: what is in it, how commands are pointed at it, and its story.
pub trait Part {
    /// The word on the command line.
    fn cloud(&self) -> &'static str;
    /// What is there at the start.
    fn options(&self) -> Options;
    /// The variables that point commands at it. Files that they name are made under `home`.
    ///
    /// # Errors
    /// When such a file cannot be made.
    fn environment(&self, sandbox: &Sandbox, home: &Path)
    -> Result<Vec<(String, String)>, Failure>;
    /// What to name on the command line: flag and value.
    fn target(&self) -> &'static [(&'static str, &'static str)];
    /// Tells the story.
    fn tell<'a>(
        &'a self,
        sandbox: &'a Sandbox,
        teller: &'a mut Teller,
    ) -> LocalBoxFuture<'a, Result<(), Failure>>;
}

/// The clouds that were asked for.
fn parts(cloud: Option<CloudArg>) -> Vec<Box<dyn Part>> {
    match cloud {
        Some(CloudArg::Aws) => vec![Box::new(aws::Aws)],
        Some(CloudArg::Gcp) => vec![Box::new(gcp::Gcp)],
        Some(CloudArg::Azure) => vec![Box::new(azure::Azure)],
        None => vec![
            Box::new(aws::Aws),
            Box::new(gcp::Gcp),
            Box::new(azure::Azure),
        ],
    }
}

/// The command, as it stands in its JSON document.
fn command_name(cloud: Option<CloudArg>) -> String {
    match parts(cloud).as_slice() {
        [one] => format!("sandbox {}", one.cloud()),
        _ => "sandbox".to_owned(),
    }
}

/// Runs the story, or leaves the local clouds running.
#[must_use]
pub fn run(common: &Common, settings: &SandboxSettings) -> ExitStatus {
    in_runtime(common, async {
        let told = if settings.serve {
            serve(common, settings).await
        } else {
            story(common, settings).await
        };
        match told {
            Ok(status) => status,
            Err(failure) => {
                let status = exit::of_error(failure.code);
                if common.json {
                    let mut report = Report::new(command_name(settings.cloud));
                    report.error = Some(failure);
                    to_stdout(&crate::output::json::document(&report));
                } else {
                    to_stderr(&human::failure(
                        &failure,
                        Paint::for_stderr(common.color),
                        wrap::of_stderr(),
                    ));
                }
                status
            }
        }
    })
}

fn start(part: &dyn Part, settings: &SandboxSettings) -> Result<Sandbox, Failure> {
    let sandbox = Sandbox::start(Options {
        port: settings.port.unwrap_or_default(),
        ..part.options()
    })
    .map_err(|error| {
        unstarted("could not start the local cloud", error)
            .hint("choose another port with `--port`")
    })?;
    sandbox.set_latency(settings.latency);
    Ok(sandbox)
}

fn home() -> Result<tempfile::TempDir, Failure> {
    tempfile::tempdir().map_err(|error| unstarted("could not make a temporary directory", error))
}

async fn serve(common: &Common, settings: &SandboxSettings) -> Result<ExitStatus, Failure> {
    // Listening starts before anything is said: whoever reads the environment may stop this at once.
    let interrupt = Interrupt::listen();
    let home = home()?;
    let parts = parts(settings.cloud);
    let mut running = Vec::new();
    let mut environment: Vec<(String, String)> = Vec::new();
    for part in &parts {
        let sandbox = start(&**part, settings)?;
        for variable in part.environment(&sandbox, home.path())? {
            if !environment.contains(&variable) {
                environment.push(variable);
            }
        }
        running.push((part, sandbox));
    }
    if common.json {
        let variables: Map<String, Value> = environment
            .iter()
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect();
        let mut place = Map::new();
        for (part, sandbox) in &running {
            let mut cloud = Map::new();
            cloud.insert("endpoint".to_owned(), json!(sandbox.endpoint()));
            for (flag, value) in part.target() {
                cloud.insert(flag.trim_start_matches('-').replace('-', "_"), json!(value));
            }
            place.insert(part.cloud().to_owned(), cloud.into());
        }
        place.insert("environment".to_owned(), variables.into());
        to_stdout(&document(
            &command_name(settings.cloud),
            "sandbox",
            place.into(),
            None,
        ));
    } else {
        let mut text = String::new();
        for (_, sandbox) in &running {
            let _ = writeln!(
                text,
                "# A local cloud is running at {}.",
                sandbox.endpoint()
            );
        }
        text.push_str(
            "# Ctrl-C stops it. Paste this into another terminal, and then, for example:\n",
        );
        for (part, _) in &running {
            let target: Vec<String> = part
                .target()
                .iter()
                .map(|(flag, value)| format!("{flag} {value}"))
                .collect();
            let _ = writeln!(
                text,
                "#   segments-connect {} {}",
                part.cloud(),
                target.join(" ")
            );
        }
        for (name, value) in &environment {
            let _ = writeln!(text, "export {name}='{value}'");
        }
        to_stdout(&text);
    }
    interrupt.first().await;
    Ok(ExitStatus::Success)
}

async fn story(common: &Common, settings: &SandboxSettings) -> Result<ExitStatus, Failure> {
    let home = home()?;
    let command = command_name(settings.cloud);
    let mut teller = Teller {
        paint: Paint::for_stdout(common.color),
        json: common.json,
        quiet: common.verbosity == Verbosity::Quiet,
        environment: Vec::new(),
        color: Paint::for_stdout(common.color) != Paint::NONE,
        steps: Vec::new(),
        surprises: 0,
    };
    for part in parts(settings.cloud) {
        let sandbox = start(&*part, settings)?;
        teller.environment = environment(part.environment(&sandbox, home.path())?, home.path());
        part.tell(&sandbox, &mut teller).await?;
    }
    teller.say(
        "Your turn",
        "`segments-connect sandbox --serve` leaves such a cloud running for your own commands.\n\
         With your own account, see first what would change: `segments-connect aws plan --bucket YOUR-BUCKET`",
    );
    Ok(teller.end(&command))
}

/// What a started command sees: the local cloud, a home of its own, and nothing of the caller's.
fn environment(cloud: Vec<(String, String)>, home: &Path) -> Vec<(OsString, OsString)> {
    let mut variables: Vec<(OsString, OsString)> = cloud
        .into_iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    for name in ["HOME", "USERPROFILE", "LOCALAPPDATA", "XDG_STATE_HOME"] {
        variables.push((name.into(), home.into()));
    }
    for name in ["PATH", "TERM", "SYSTEMROOT", "COLUMNS"] {
        if let Some(value) = std::env::var_os(name) {
            variables.push((name.into(), value));
        }
    }
    variables
}

/// Tells the story: what happens, which command is run, and what it says.
pub struct Teller {
    paint: Paint,
    json: bool,
    quiet: bool,
    color: bool,
    environment: Vec<(OsString, OsString)>,
    steps: Vec<Value>,
    surprises: usize,
}

impl Teller {
    /// A heading and what happens under it.
    pub fn say(&mut self, heading: &str, text: &str) {
        if self.json {
            self.steps.push(json!({ "heading": heading, "text": text }));
        } else if !self.quiet {
            let text = if text.is_empty() {
                String::new()
            } else {
                format!("{text}\n")
            };
            to_stdout(&format!(
                "\n{}\n{text}",
                self.paint.bold(&format!("== {heading}"))
            ));
        }
    }

    /// Something that was tried and seen, and whether it is what the story promises.
    pub fn saw(&mut self, what: &str, as_promised: bool) {
        if !as_promised {
            self.surprises += 1;
        }
        if self.json {
            self.steps
                .push(json!({ "saw": what, "as_promised": as_promised }));
        } else if !as_promised {
            to_stdout(&format!(
                "   {} {what}\n",
                self.paint.red("not as promised:")
            ));
        } else if !self.quiet {
            to_stdout(&format!("   {what}\n"));
        }
    }

    /// Lets the commands that follow see these variables with these values.
    pub fn set(&mut self, variables: &[(String, String)]) {
        for (name, value) in variables {
            self.environment
                .retain(|(known, _)| known.to_str() != Some(name));
            self.environment.push((name.into(), value.into()));
        }
    }

    /// Runs a command of this program, shows it and what it says, and checks its exit status.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn run(&mut self, arguments: &str, expected: ExitStatus) -> Result<(), Failure> {
        let unstarted = |error| unstarted("could not start this program again", error);
        if !self.json && !self.quiet {
            to_stdout(&format!(
                "\n{} segments-connect {arguments}\n\n",
                self.paint.bold("$")
            ));
        }
        let mut command = Command::new(std::env::current_exe().map_err(unstarted)?);
        command
            .args(arguments.split(' '))
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        if self.json {
            command.arg("--json");
        } else {
            command.args(["--color", if self.color { "always" } else { "never" }]);
        }
        let status = if self.json || self.quiet {
            let output = command.stderr(Stdio::piped()).output().map_err(unstarted)?;
            let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            self.steps.push(json!({ "command": arguments, "exit_status": output.status.code(), "output": said }));
            output.status
        } else {
            command.status().map_err(unstarted)?
        };
        let code = status.code();
        let as_promised = code == Some(i32::from(expected.code()));
        let shown = code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        self.saw(&format!("(exit status {shown})"), as_promised);
        Ok(())
    }

    /// The end of the story. A promise that did not hold is a failure.
    fn end(self, command: &str) -> ExitStatus {
        let failure = (self.surprises > 0).then(|| {
            let message = format!(
                "{} of the promises of this story did not hold",
                self.surprises
            );
            Failure::new(ErrorCode::UnexpectedAnswer, message)
        });
        let status = failure
            .as_ref()
            .map_or(ExitStatus::Success, |failure| exit::of_error(failure.code));
        if self.json {
            to_stdout(&document(command, "story", self.steps.into(), failure));
        } else if let Some(failure) = failure {
            to_stderr(&human::failure(&failure, self.paint, wrap::of_stderr()));
        }
        status
    }
}

/// The JSON document of this command: the members that every document has, and one of its own.
fn document(command: &str, name: &'static str, value: Value, error: Option<Failure>) -> String {
    let mut report = Report::new(command);
    report.extra = Some((name, value));
    report.error = error;
    crate::output::json::document(&report)
}

fn unstarted(doing: &str, error: std::io::Error) -> Failure {
    Failure::new(ErrorCode::File, doing).because(&error.into())
}
