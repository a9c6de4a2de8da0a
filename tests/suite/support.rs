//! What every story needs: a local cloud, a home of its own, and the program started as a user would start it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use segments_connect::sandbox::aws::{ANA_KEY, World};
use segments_connect::sandbox::{Options, Sandbox, State};
use serde_json::Value;

/// The bucket of the stories, in account 111122223333.
pub const BUCKET: &str = "acme-images";

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_segments-connect");

/// A local cloud, and a home directory that holds nothing.
pub struct Stage {
    /// The local cloud.
    pub sandbox: Sandbox,
    home: tempfile::TempDir,
}

/// How a run ended.
pub struct Ran {
    /// The exit status; `None` when a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Stage {
    /// A local cloud with `world` in it.
    pub fn with(world: World) -> Self {
        let sandbox = Sandbox::start(Options {
            port: 0,
            state: State { aws: world },
        })
        .expect("the local cloud starts");
        Self {
            sandbox,
            home: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    /// A local cloud with the bucket of the sandbox's own story: three photos, a partner's statement, two foreign
    /// CORS rules.
    pub fn new() -> Self {
        Self::with(segments_connect::sandbox_story::aws::world())
    }

    /// The home directory; the state directory is in it.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where backups are.
    pub fn backups(&self) -> PathBuf {
        self.home.path().join("segments-connect").join("backups")
    }

    /// The program with these arguments, signed in as the owner, with an environment of its own and no terminal.
    pub fn command(&self, arguments: &[&str]) -> Command {
        self.command_as(ANA_KEY, arguments)
    }

    /// As [`Self::command`], signed in with another access key.
    pub fn command_as(&self, access_key: &str, arguments: &[&str]) -> Command {
        let mut command = program(self.home.path(), arguments);
        command.envs(self.sandbox.environment(access_key));
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments))
    }

    /// Runs the program with `--json` and gives the document too.
    pub fn run_json(&self, arguments: &[&str]) -> (Ran, Value) {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        let ran = self.run(&arguments);
        let document = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| {
            panic!("standard output is no JSON document: {error}\n{}\n{}", ran.stdout, ran.stderr)
        });
        (ran, document)
    }

    /// The bucket's policy as it is stored now.
    pub fn policy(&self) -> Option<Value> {
        self.sandbox.with_state(|state| {
            let text = state.aws.bucket(BUCKET)?.policy.clone()?;
            Some(serde_json::from_str(&text).expect("a stored policy is JSON"))
        })
    }
}

/// The program with an empty environment but for a home, and no terminal.
pub fn program(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("XDG_STATE_HOME", home)
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub fn ran(command: &mut Command) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the program starts");
    Ran {
        status: status.code(),
        stdout: String::from_utf8(stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(stderr).expect("standard error is UTF-8"),
    }
}
