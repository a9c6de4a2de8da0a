//! What every story needs: a local cloud, a home of its own, and the program started as a user would start it.

pub mod azure;
pub mod relay;
#[cfg(unix)]
pub mod terminal;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use segments_connect::sandbox::aws::{ANA_KEY, Bucket, CorsRule, World};
use segments_connect::sandbox::{Options, Sandbox};
use serde_json::{Value, json};

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
        let sandbox = Sandbox::start(Options::from(world)).expect("the local cloud starts");
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
        let document = ran.document();
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

/// The object of a bucket that was just made.
pub const PHOTO: &str = "photos/0001.jpg";

/// How long a story waits for something that happens at once unless the program is wrong.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// What stories seed, change and look at.
impl Stage {
    /// A local cloud with the bucket as AWS makes it, without policy and CORS rules, and one photo in it.
    pub fn fresh() -> Self {
        let mut world = World::default();
        world.add_bucket(BUCKET).add_object(PHOTO, "a photo");
        Self::with(world)
    }

    /// As [`Self::fresh`], and connected already, by hand.
    pub fn connected() -> Self {
        let stage = Self::fresh();
        stage.store_policy(&policy(&[published()]));
        stage.bucket(|bucket| bucket.cors = Some(vec![published_rule()]));
        stage
    }

    /// Changes the bucket.
    pub fn bucket<T>(&self, act: impl FnOnce(&mut Bucket) -> T) -> T {
        self.sandbox
            .with_state(|state| act(state.aws.buckets.get_mut(BUCKET).expect("the bucket")))
    }

    /// Stores a policy behind everybody's back, without S3's checks.
    pub fn store_policy(&self, policy: &Value) {
        self.bucket(|bucket| bucket.policy = Some(policy.to_string()));
    }

    /// The CORS rules as they are stored now.
    pub fn cors(&self) -> Option<Vec<CorsRule>> {
        self.bucket(|bucket| bucket.cors.clone())
    }

    /// Takes permissions from the owner's administrator.
    pub fn deny(&self, actions: &[&str]) {
        self.sandbox.with_state(|state| {
            let ana = state.aws.principal_mut(ANA_KEY).expect("the administrator");
            ana.denied_actions
                .extend(actions.iter().map(|action| (*action).to_owned()));
        });
    }

    /// The writes that arrived, by operation.
    pub fn writes(&self) -> Vec<String> {
        let log = self.sandbox.log();
        let writes = log
            .into_iter()
            .filter(|request| matches!(request.method.as_str(), "PUT" | "DELETE"));
        writes.map(|request| request.operation).collect()
    }

    /// Starts the program and lets it run.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments))
    }
}

/// The program under way.
pub struct Running(Child);

impl Running {
    /// Starts a command and lets it run.
    pub fn start(command: &mut Command) -> Self {
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Self(child.expect("the program starts"))
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        let kill = format!("kill -INT {}", self.0.id());
        let sent = Command::new("sh")
            .args(["-c", &kill])
            .status()
            .expect("a shell");
        assert!(sent.success(), "the signal was not sent");
    }

    /// Waits for its end.
    pub fn end(self) -> Ran {
        let output = self.0.wait_with_output().expect("the program ends");
        Ran {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        }
    }
}

impl Ran {
    /// The one JSON document on standard output.
    #[track_caller]
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!(
                "standard output is no JSON document: {error}\n{}\n{}",
                self.stdout, self.stderr
            )
        })
    }

    /// Asserts the exit status, and shows everything that was said where it is another.
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(
            self.status,
            Some(status),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Asserts that standard output says something.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "no `{text}` in stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }

    /// Asserts that standard error says something.
    #[track_caller]
    pub fn complains(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "no `{text}` in stderr:\n{}\nstdout:\n{}",
            self.stderr,
            self.stdout
        );
        self
    }

    /// Asserts that standard error is empty.
    #[track_caller]
    pub fn without_complaint(self) -> Self {
        assert_eq!(self.stderr, "", "stdout:\n{}", self.stdout);
        self
    }
}

/// The published statement for the bucket of the stories.
pub fn published() -> Value {
    json!({
        "Sid": "segments-s3-access",
        "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::931508227573:user/segmentsai-prod-user" },
        "Action": ["s3:GetObject"],
        "Resource": format!("arn:aws:s3:::{BUCKET}/*"),
    })
}

/// A statement with some members replaced.
pub fn with(mut statement: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().expect("an object") {
        statement[name] = value.clone();
    }
    statement
}

/// A policy of these statements.
pub fn policy(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// The published CORS rule.
pub fn published_rule() -> CorsRule {
    cors_rule("https://*.segments.ai", &["GET"], &["*"])
}

/// A CORS rule without a name.
pub fn cors_rule(origin: &str, methods: &[&str], headers: &[&str]) -> CorsRule {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    CorsRule {
        allowed_origins: vec![origin.to_owned()],
        allowed_methods: texts(methods),
        allowed_headers: texts(headers),
        ..CorsRule::default()
    }
}

/// What the document says of a change: its action and its result.
#[track_caller]
pub fn change<'a>(document: &'a Value, id: &str) -> (&'a str, &'a str) {
    let changes = document["changes"].as_array().expect("changes");
    let found = changes.iter().find(|change| change["id"] == id);
    let found = found.unwrap_or_else(|| panic!("no change `{id}` in {document:#}"));
    (
        found["action"].as_str().expect("an action"),
        found["result"].as_str().expect("a result"),
    )
}

/// All results of one check.
pub fn checks<'a>(document: &'a Value, id: &str) -> Vec<&'a Value> {
    let checks = document["checks"].as_array().expect("checks");
    checks.iter().filter(|check| check["id"] == id).collect()
}

/// The result of a check that has one.
#[track_caller]
pub fn check<'a>(document: &'a Value, id: &str) -> &'a Value {
    match checks(document, id).as_slice() {
        [one] => one,
        found => panic!("{} results of `{id}` in {document:#}", found.len()),
    }
}
