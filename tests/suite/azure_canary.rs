//! Secrets stay with the program: tokens, the header of the managed identity, client secrets, keys to sign with and the
//! signatures of links are looked for in everything that a run says and saves.
//!
//! A relay between the program and the local cloud sees every secret that is really used.

use std::fs;
use std::path::{Path, PathBuf};

use segments_connect::sandbox::azure::{ACCOUNT, BOTH, PIPELINE_APP_ID, PIPELINE_SECRET, TENANT};

use crate::support::azure::AzureStage;
use crate::support::relay::{Passage, Relay, http};
use crate::support::{Ran, ran};

const COMMANDS: [&[&str]; 5] = [
    &["azure", "plan", "--storage-account", ACCOUNT],
    &[
        "azure",
        "connect",
        "--storage-account",
        ACCOUNT,
        "--yes",
        "--wait",
        "0",
    ],
    &["azure", "verify", "--storage-account", ACCOUNT],
    &["azure", "disconnect", "--storage-account", ACCOUNT, "--yes"],
    &["azure", "verify", "--storage-account", ACCOUNT],
];
const MANNERS: [&[&str]; 3] = [&[], &["-v"], &["--json", "-v", "--color", "always"]];

/// What comes back where the relay answers itself, with everything that it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// A refusal in Resource Manager's form.
    Echo,
    /// A page for people with status 200.
    Page,
}

/// A relay that answers everything itself but requests for tokens.
fn echo(stage: &AzureStage, manner: Manner) -> Relay {
    Relay::start(stage.sandbox.address(), move |request| {
        if request.contains("/msi/token") || request.contains("/oauth2/v2.0/token") {
            return Passage::Through;
        }
        let told = request
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace("\r\n", " | ");
        Passage::Answered(match manner {
            Manner::Echo => http(
                403,
                "application/json",
                &format!(
                    "{{\"error\":{{\"code\":\"AuthorizationFailed\",\"message\":\"no: {told}\"}}}}"
                ),
            ),
            Manner::Page => http(200, "text/html", &format!("<html><pre>{told}</pre></html>")),
        })
    })
}

/// Everything secret that passed.
fn secrets(relay: &Relay) -> Vec<String> {
    let mut secrets = Vec::new();
    for text in relay.passed() {
        for (name, end) in [
            ("uthorization: Bearer ", &['\r', '\n'][..]),
            ("x-identity-header: ", &['\r', '\n'][..]),
            ("\"access_token\":\"", &['"'][..]),
            ("client_secret=", &['&', '\r', '\n'][..]),
            ("<Value>", &['<'][..]),
            ("sig=", &['&', ' ', '\r', '\n'][..]),
        ] {
            for rest in text.split(name).skip(1) {
                let end = rest.find(end).unwrap_or(rest.len());
                secrets.push(rest[..end].to_owned());
            }
        }
    }
    secrets.retain(|secret| secret.len() > 8);
    secrets.sort_unstable();
    secrets.dedup();
    secrets
}

/// Where one of the secrets stands. Each is looked for in its runs of letters and digits, which no encoding changes.
fn escaped(secrets: &[String], ran: &Ran, home: &Path) -> Vec<String> {
    let runs: Vec<String> = secrets
        .iter()
        .flat_map(|secret| secret.split(|letter: char| !letter.is_ascii_alphanumeric()))
        .filter(|run| run.len() >= 12)
        .map(str::to_lowercase)
        .collect();
    assert!(!runs.is_empty(), "nothing to look for");
    let mut places = vec![
        ("standard output".to_owned(), ran.stdout.clone()),
        ("standard error".to_owned(), ran.stderr.clone()),
    ];
    for file in files(home) {
        let text = String::from_utf8_lossy(&fs::read(&file).expect("a file")).into_owned();
        places.push((file.display().to_string(), text));
    }
    let found = |text: &str| {
        let text = text.to_lowercase();
        runs.iter().find(|run| text.contains(*run)).cloned()
    };
    places
        .iter()
        .filter_map(|(place, text)| Some(format!("`{}` in {place}:\n{text}", found(text)?)))
        .collect()
}

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

/// The program through the relay, signed in with the managed identity or with a client secret.
fn command(
    stage: &AzureStage,
    relay: &Relay,
    by_secret: Option<&str>,
    arguments: &[&str],
) -> std::process::Command {
    let mut command = stage.command_as(BOTH, arguments);
    let endpoint = relay.endpoint();
    command
        .env("IDENTITY_ENDPOINT", format!("{endpoint}/msi/token"))
        .env("SEGMENTS_CONNECT_AZURE_ARM_ENDPOINT", &endpoint)
        .env("SEGMENTS_CONNECT_AZURE_GRAPH_ENDPOINT", &endpoint)
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "1");
    if let Some(secret) = by_secret {
        command
            .env("AZURE_TENANT_ID", TENANT)
            .env("AZURE_CLIENT_ID", PIPELINE_APP_ID)
            .env("AZURE_CLIENT_SECRET", secret)
            .env(
                "AZURE_AUTHORITY_HOST",
                endpoint.replacen("http", "https", 1),
            );
    }
    command
}

/// Lets what Azure says of addresses lead through the relay.
fn behind(stage: &AzureStage, relay: &Relay) {
    let endpoint = relay.endpoint();
    stage.world(|world| world.endpoint = endpoint);
}

#[test]
fn the_search_finds_what_is_there() {
    let home = tempfile::tempdir().expect("a directory");
    let secrets = ["AbCdEfGhIjKlMnOp.QrStUvWxYz0123456789".to_owned()];
    let ran = |stdout: &str| Ran {
        status: Some(0),
        stdout: stdout.to_owned(),
        stderr: String::new(),
    };
    assert!(escaped(&secrets, &ran("all is well"), home.path()).is_empty());
    assert_eq!(
        escaped(&secrets, &ran("..qrstuvwxyz0123456789"), home.path()).len(),
        1
    );
    fs::write(home.path().join("backup.json"), &secrets[0]).expect("a file");
    assert_eq!(escaped(&secrets, &ran(""), home.path()).len(), 1);
}

#[test]
fn tokens_keys_and_signatures_are_used_and_never_told() {
    for manner in MANNERS {
        let stage = AzureStage::fresh();
        let relay = Relay::start(stage.sandbox.address(), |_| Passage::Through);
        behind(&stage, &relay);
        for arguments in COMMANDS {
            let arguments = [arguments, manner].concat();
            let told = ran(&mut command(&stage, &relay, None, &arguments));
            assert!(
                matches!(told.status, Some(0 | 4)),
                "{arguments:?}: {}{}",
                told.stdout,
                told.stderr
            );
            let escaped = escaped(&secrets(&relay), &told, stage.home());
            assert!(escaped.is_empty(), "{arguments:?}: {}", escaped.join("\n"));
        }
        let passed = relay.passed().join("\n");
        for used in [
            "uthorization: Bearer ",
            "x-identity-header: ",
            "sig=",
            "<Value>",
        ] {
            assert!(passed.contains(used), "`{used}` was never used");
        }
        assert!(stage.backups().is_dir(), "nothing was saved");
    }
}

#[test]
fn client_secrets_are_used_and_never_told_right_or_wrong() {
    for (secret, works) in [
        (PIPELINE_SECRET, true),
        ("wRoNgSeCrEt8keptwRoNgSeCrEt9kept", false),
    ] {
        for manner in MANNERS {
            let stage = AzureStage::fresh();
            let relay = Relay::start(stage.sandbox.address(), |_| Passage::Through);
            behind(&stage, &relay);
            for arguments in COMMANDS {
                let arguments = [arguments, manner].concat();
                let told = ran(&mut command(&stage, &relay, Some(secret), &arguments));
                if !works {
                    assert_eq!(told.status, Some(8), "{}{}", told.stdout, told.stderr);
                }
                let all: Vec<String> = [secrets(&relay), vec![secret.to_owned()]].concat();
                let escaped = escaped(&all, &told, stage.home());
                assert!(escaped.is_empty(), "{arguments:?}: {}", escaped.join("\n"));
                assert!(!told.stdout.contains(secret) && !told.stderr.contains(secret));
            }
            let passed = relay.passed().join("\n");
            assert!(
                passed.contains(&format!("client_secret={secret}")),
                "the secret was never used"
            );
        }
    }
}

#[test]
fn what_an_answer_sends_back_is_never_told() {
    for answering in [Manner::Echo, Manner::Page] {
        for manner in MANNERS {
            let stage = AzureStage::fresh();
            let relay = echo(&stage, answering);
            for arguments in COMMANDS {
                let arguments = [arguments, manner].concat();
                let told = ran(&mut command(&stage, &relay, None, &arguments));
                assert!(
                    !matches!(told.status, Some(0) | None),
                    "{answering:?} {arguments:?}: {}",
                    told.stdout
                );
                let escaped = escaped(&secrets(&relay), &told, stage.home());
                assert!(
                    escaped.is_empty(),
                    "{answering:?} {arguments:?}: {}",
                    escaped.join("\n")
                );
            }
        }
    }
}
