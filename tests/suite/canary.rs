//! Secrets that the program is given must stay with it: planted in every place that it reads, and looked for in
//! everything that it writes, also when what answers it sends them back.
//!
//! Each test also shows that the secrets were really used; a search for what was never there finds nothing.

mod echo;
mod source;

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use segments_connect::sandbox::aws::Principal;

use crate::support::{BUCKET, Ran, Stage, ran};
use echo::{Echo, Manner};
use source::Source;

const ACCESS_KEY: &str = "AKIACANARY0000000001";
const ARN: &str = "arn:aws:iam::111122223333:user/canary";
const SECRET: &str = "cAnArYsEcReT1kept/hIdDeNpArT2kept+0";
const TOKEN: &str = "cAnArYtOkEn3kept/mOrEtOkEn4kept+lAsTtOkEn5kept==";
const PROXY_USER: &str = "proxyUser6kept";
const PROXY_PASSWORD: &str = "proxyPass7kept";
const KEY: &str = "photos/0001.jpg";

/// Every command that signs in, in every manner of telling. A log filter in the environment must change nothing.
const COMMANDS: [&[&str]; 5] = [
    &["aws", "plan", "--bucket", BUCKET],
    &["aws", "verify", "--bucket", BUCKET, "--object", KEY],
    &["aws", "connect", "--bucket", BUCKET, "--yes", "--wait", "0"],
    &["aws", "verify", "--bucket", BUCKET, "--object", KEY],
    &["aws", "disconnect", "--bucket", BUCKET, "--yes"],
];
const MANNERS: [&[&str]; 4] = [
    &[],
    &["-v"],
    &["--json"],
    &["--json", "-v", "--color", "always"],
];

/// What must not be found. Each secret is looked for in its runs of letters and digits, which no encoding of URLs, XML
/// or JSON changes.
struct Canaries(Vec<String>);

impl Canaries {
    fn of<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let runs = secrets
            .into_iter()
            .flat_map(|secret| secret.split(|letter: char| !letter.is_ascii_alphanumeric()));
        Self(
            runs.filter(|run| run.len() >= 8)
                .map(str::to_lowercase)
                .collect(),
        )
    }

    fn planted() -> Self {
        Self::of([SECRET, TOKEN])
    }

    /// The first canary in a text.
    fn in_text(&self, text: &str) -> Option<&str> {
        let text = text.to_lowercase();
        self.0
            .iter()
            .map(String::as_str)
            .find(|run| text.contains(run))
    }

    /// Where canaries are, in what a run said and in every file under its home, except where a test planted them.
    fn escaped(&self, ran: &Ran, home: &Path, planted: &[PathBuf]) -> Vec<String> {
        let mut places = vec![
            ("standard output".to_owned(), ran.stdout.clone()),
            ("standard error".to_owned(), ran.stderr.clone()),
        ];
        for file in files(home)
            .into_iter()
            .filter(|file| !planted.contains(file))
        {
            let text = String::from_utf8_lossy(&fs::read(&file).expect("a file")).into_owned();
            places.push((
                file.display().to_string(),
                format!("{}\n{text}", file.display()),
            ));
        }
        places
            .iter()
            .filter_map(|(place, text)| {
                Some(format!("`{}` in {place}:\n{text}", self.in_text(text)?))
            })
            .collect()
    }
}

/// Runs a test in every manner of telling, side by side: the program mostly waits.
fn in_every_manner(test: impl Fn(&[&'static str]) + Sync) {
    std::thread::scope(|scope| {
        for manner in MANNERS {
            let test = &test;
            scope.spawn(move || test(manner));
        }
    });
}

/// Every file under a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// A local cloud in which the canary's credentials are those of an administrator.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.sandbox.with_state(|state| {
        let mut canary = Principal::user(ARN, ACCESS_KEY, &["*"]);
        SECRET.clone_into(&mut canary.secret_access_key);
        canary.session_token = Some(TOKEN.to_owned());
        state.aws.principals.push(canary);
    });
    stage
}

#[test]
fn the_search_finds_a_planted_canary_wherever_it_is() {
    let home = tempfile::tempdir().expect("a directory");
    let ran = |stdout: &str, stderr: &str| Ran {
        status: Some(0),
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
    };
    let canaries = Canaries::planted();
    let found = |told: &Ran| canaries.escaped(told, home.path(), &[]).len();
    assert_eq!(found(&ran("all is well", "no secret here")), 0);
    assert_eq!(found(&ran(SECRET, TOKEN)), 2);
    let encoded = TOKEN
        .replace('/', "%2F")
        .replace('+', "%2B")
        .replace('=', "%3D");
    assert_eq!(
        found(&ran(
            &format!("https://h/k?X-Amz-Security-Token={encoded}&x=1"),
            ""
        )),
        1
    );
    assert_eq!(found(&ran("", "...lAsTtOkEn5kept")), 1, "a part is enough");
    let file = home.path().join("a").join("b").join("backup.json");
    fs::create_dir_all(file.parent().expect("a parent")).expect("a directory");
    fs::write(&file, format!("{{\"secret\": \"{SECRET}\"}}")).expect("a file");
    assert_eq!(found(&ran("", "")), 1);
    assert!(
        canaries
            .escaped(&ran("", ""), home.path(), &[file])
            .is_empty()
    );
}

#[test]
fn credentials_of_any_source_are_used_and_never_told() {
    for source in [
        Source::Environment,
        Source::CredentialsFile,
        Source::CredentialProcess,
    ] {
        in_every_manner(|manner| {
            let stage = stage();
            let planted = source.plant(stage.home(), SECRET);
            for arguments in COMMANDS {
                stage.sandbox.clear_log();
                let arguments = [arguments, manner].concat();
                let told = ran(&mut source.command(
                    stage.home(),
                    &stage.sandbox.endpoint(),
                    SECRET,
                    &arguments,
                ));
                let log = stage.sandbox.log();
                assert!(
                    log.iter()
                        .any(|request| request.caller.as_deref() == Some(ARN)),
                    "{source:?} {arguments:?}: {log:?}"
                );
                assert!(
                    matches!(told.status, Some(0 | 4)),
                    "{source:?} {arguments:?}: {}{}",
                    told.stdout,
                    told.stderr
                );
                let escaped = Canaries::planted().escaped(&told, stage.home(), &planted);
                assert!(
                    escaped.is_empty(),
                    "{source:?} {arguments:?}: {}",
                    escaped.join("\n")
                );
                assert_eq!(
                    signatures(&told.stdout) + signatures(&told.stderr),
                    0,
                    "{arguments:?}: {}{}",
                    told.stdout,
                    told.stderr
                );
            }
            assert!(
                stage.backups().is_dir(),
                "nothing was saved, so no file was searched"
            );
        });
    }
}

#[test]
fn refused_credentials_are_never_told() {
    const WRONG: &str = "wRoNgSeCrEt8kept/wRoNgSeCrEt9kept";
    for (secret, expired, code) in [
        (WRONG, false, "SignatureDoesNotMatch"),
        (SECRET, true, "ExpiredToken"),
    ] {
        for source in [
            Source::Environment,
            Source::CredentialsFile,
            Source::CredentialProcess,
        ] {
            in_every_manner(|manner| {
                let stage = stage();
                stage.sandbox.with_state(|state| {
                    state
                        .aws
                        .principal_mut(ACCESS_KEY)
                        .expect("the canary")
                        .expired = expired;
                });
                let planted = source.plant(stage.home(), secret);
                for arguments in COMMANDS {
                    stage.sandbox.clear_log();
                    let arguments = [arguments, manner].concat();
                    let told = ran(&mut source.command(
                        stage.home(),
                        &stage.sandbox.endpoint(),
                        secret,
                        &arguments,
                    ));
                    let log = stage.sandbox.log();
                    assert!(
                        log.iter()
                            .any(|request| request.error_code.as_deref() == Some(code)),
                        "{arguments:?}: {log:?}"
                    );
                    assert_eq!(
                        told.status,
                        Some(8),
                        "{code} {arguments:?}: {}{}",
                        told.stdout,
                        told.stderr
                    );
                    let escaped =
                        Canaries::of([SECRET, TOKEN, WRONG]).escaped(&told, stage.home(), &planted);
                    assert!(
                        escaped.is_empty(),
                        "{code} {source:?} {arguments:?}: {}",
                        escaped.join("\n")
                    );
                }
            });
        }
    }
}

#[test]
fn what_an_answer_sends_back_is_never_told() {
    for answering in Manner::ALL {
        in_every_manner(|manner| {
            let echo = Echo::start(answering);
            for arguments in COMMANDS {
                let home = tempfile::tempdir().expect("a directory");
                echo.forget();
                let arguments = [arguments, manner].concat();
                let told = ran(&mut Source::Environment.command(
                    home.path(),
                    &echo.endpoint(),
                    SECRET,
                    &arguments,
                ));
                let sent = echo.secrets();
                assert!(
                    sent.iter().any(|secret| secret == TOKEN),
                    "{arguments:?}: the token was not sent: {sent:?}"
                );
                if answering.comes_to_links() && arguments.contains(&"verify") {
                    assert!(
                        echo.saw("X-Amz-Signature="),
                        "{arguments:?}: no link was fetched"
                    );
                }
                let canaries = Canaries::of(sent.iter().map(String::as_str).chain([SECRET, TOKEN]));
                let escaped = canaries.escaped(&told, home.path(), &[]);
                assert!(
                    escaped.is_empty(),
                    "{answering:?} {arguments:?}: {}",
                    escaped.join("\n")
                );
                assert!(
                    told.stdout.len() + told.stderr.len() > 0,
                    "{arguments:?} told nothing"
                );
                assert!(
                    !matches!(told.status, Some(0) | None),
                    "{answering:?} {arguments:?}: {}",
                    told.stdout
                );
            }
        });
    }
}

#[test]
fn the_password_of_a_proxy_is_never_told() {
    let basic = STANDARD.encode(format!("{PROXY_USER}:{PROXY_PASSWORD}"));
    let canaries = Canaries::of([PROXY_USER, PROXY_PASSWORD, SECRET, TOKEN, &basic]);
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    for (variable, answers) in [
        ("HTTP_PROXY", true),
        ("ALL_PROXY", true),
        ("HTTP_PROXY", false),
    ] {
        in_every_manner(|manner| {
            let echo = Echo::start(Manner::Html);
            let address = if answers { echo.address() } else { closed };
            for arguments in COMMANDS {
                let home = tempfile::tempdir().expect("a directory");
                echo.forget();
                let arguments = [arguments, manner].concat();
                let mut command = Source::Environment.command(
                    home.path(),
                    "http://127.0.0.1:9",
                    SECRET,
                    &arguments,
                );
                command.env(
                    variable,
                    format!("http://{PROXY_USER}:{PROXY_PASSWORD}@{address}"),
                );
                let told = ran(&mut command);
                if answers {
                    assert!(
                        echo.saw(&basic),
                        "{variable} {arguments:?}: the proxy was not given the password"
                    );
                }
                let escaped = canaries.escaped(&told, home.path(), &[]);
                assert!(
                    escaped.is_empty(),
                    "{variable} {arguments:?}: {}",
                    escaped.join("\n")
                );
                assert_eq!(
                    told.status,
                    Some(1),
                    "{variable} {arguments:?}: {}{}",
                    told.stdout,
                    told.stderr
                );
            }
        });
    }
}

/// How many signatures of links stand in a text.
fn signatures(text: &str) -> usize {
    ["X-Amz-Signature=", "Signature="]
        .iter()
        .flat_map(|name| text.split(name).skip(1))
        .filter(|rest| rest.chars().take_while(char::is_ascii_hexdigit).count() >= 32)
        .count()
}
