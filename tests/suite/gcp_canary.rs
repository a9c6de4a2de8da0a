//! Secrets of Google credentials stay with the program: planted where it reads them, and looked for in everything that
//! it writes. Each test also shows that they were really used.

use std::path::Path;

use segments_connect::sandbox::gcp::{BUCKET, DEPLOYER, OWNER, SEGMENTS};
use serde_json::Value;

use crate::gcp_support::{GcpStage, PHOTO};
use crate::support::{Ran, ran};

const REFRESH: &str = "1//rEfReShCaNaRy1kept-rEfReShCaNaRy2kept";

/// Every command that signs in, in every manner of telling.
const ACTIONS: [(&str, &[&str]); 4] = [
    ("plan", &[]),
    ("verify", &["--object", PHOTO]),
    ("connect", &["--yes", "--wait", "0"]),
    ("disconnect", &["--delete-role", "--yes"]),
];
const MANNERS: [&[&str]; 4] = [
    &[],
    &["-v"],
    &["--json"],
    &["--json", "-v", "--color", "always"],
];

/// The runs of letters and digits of these secrets that are found in what was said, or in any file but the planted one.
fn escaped(secrets: &[String], told: &Ran, home: &Path, planted: &Path) -> Vec<String> {
    let mut texts = vec![told.stdout.clone(), told.stderr.clone()];
    let mut open = vec![home.to_path_buf()];
    while let Some(place) = open.pop() {
        for entry in std::fs::read_dir(place).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path != planted && path.extension().is_none_or(|kind| kind != "json")
                || path.starts_with(home.join("segments-connect"))
            {
                texts.push(
                    String::from_utf8_lossy(&std::fs::read(&path).expect("a file")).into_owned(),
                );
            }
        }
    }
    secrets
        .iter()
        .flat_map(|secret| secret.split(|letter: char| !letter.is_ascii_alphanumeric()))
        .filter(|run| run.len() >= 12)
        .filter(|run| texts.iter().any(|text| text.contains(run)))
        .map(str::to_owned)
        .collect()
}

fn in_every_manner(email: &str, secrets: impl Fn(&GcpStage) -> Vec<String> + Sync) {
    std::thread::scope(|scope| {
        for manner in MANNERS {
            let secrets = &secrets;
            scope.spawn(move || {
                let stage = GcpStage::fresh();
                stage.world(|world| {
                    let person = world.persons.get_mut(email).expect("somebody");
                    REFRESH.clone_into(&mut person.refresh_token);
                });
                for (action, more) in ACTIONS {
                    stage.sandbox.clear_log();
                    let mut words = vec![
                        "gcp",
                        action,
                        "--bucket",
                        BUCKET,
                        "--service-account",
                        SEGMENTS,
                    ];
                    words.extend(more);
                    words.extend(manner);
                    let mut command = stage.command_as(email, &words);
                    command.envs([
                        ("RUST_LOG", "trace"),
                        ("RUST_BACKTRACE", "1"),
                        ("GOOGLE_CLOUD_RUST_LOGGING", "true"),
                    ]);
                    let told = ran(&mut command);
                    assert!(
                        matches!(told.status, Some(0 | 4 | 6)),
                        "{words:?}: {}{}",
                        told.stdout,
                        told.stderr
                    );
                    let log = stage.sandbox.log();
                    assert!(
                        log.iter()
                            .any(|request| request.caller.as_deref() == Some(email)),
                        "{words:?}: {log:?}"
                    );
                    // Asked for after the run, so that the tokens of the run are among them.
                    let secrets = secrets(&stage);
                    let planted = stage.home().join(format!("{email}.json"));
                    let found = escaped(&secrets, &told, stage.home(), &planted);
                    assert!(
                        found.is_empty(),
                        "{words:?}: {found:?}\n{}{}",
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
    });
}

fn tokens(stage: &GcpStage) -> Vec<String> {
    stage.world(|world| world.tokens.keys().cloned().collect())
}

#[test]
fn the_search_finds_a_planted_secret() {
    let home = tempfile::tempdir().expect("a directory");
    let told = Ran {
        status: Some(0),
        stdout: format!("..{}", &REFRESH[3..]),
        stderr: String::new(),
    };
    let found = escaped(&[REFRESH.to_owned()], &told, home.path(), home.path());
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn a_persons_refresh_token_and_access_tokens_are_used_and_never_told() {
    in_every_manner(OWNER, |stage| {
        let tokens = tokens(stage);
        assert!(!tokens.is_empty(), "no token was issued");
        [tokens, vec![REFRESH.to_owned()]].concat()
    });
}

#[test]
fn a_service_accounts_key_and_its_signatures_are_used_and_never_told() {
    in_every_manner(DEPLOYER, |stage| {
        let file: Value = stage.sandbox.application_credentials(DEPLOYER);
        let key = file["private_key"].as_str().expect("a key");
        key.lines()
            .filter(|line| !line.starts_with('-'))
            .map(str::to_owned)
            .collect()
    });
}

#[test]
fn no_signature_of_a_link_is_told() {
    let stage = GcpStage::connected();
    let (ran, document) = stage.verify_with_key(&["-v", "--object", PHOTO]);
    let all = format!("{document}{}", ran.stderr);
    assert!(all.contains("X-Goog-Signature=REDACTED"), "{all}");
    for part in all.split("X-Goog-Signature=").skip(1) {
        assert!(part.starts_with("REDACTED"), "{part}");
    }
}

#[test]
fn what_the_token_endpoint_answers_is_not_told() {
    let stage = GcpStage::fresh();
    stage.world(|world| {
        world.persons.get_mut(OWNER).expect("the owner").disabled = true;
    });
    let told = stage.gcp("plan", &["-v"]).exits(8);
    let all = format!("{}{}", told.stdout, told.stderr);
    let secret = stage.sandbox.application_credentials(OWNER)["refresh_token"].to_string();
    assert!(!all.contains(secret.trim_matches('"')), "{all}");
    assert!(!all.contains("sandbox-client"), "{all}");
}
