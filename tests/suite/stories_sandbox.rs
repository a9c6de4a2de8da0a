//! The story that the program tells against its own local cloud, and the local cloud left running.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::{program, ran};

#[test]
fn the_story_keeps_its_promises_and_shows_every_step() {
    let home = tempfile::tempdir().expect("a temporary directory");
    for arguments in [&["sandbox"][..], &["sandbox", "aws"]] {
        let ran = ran(&mut program(home.path(), arguments));
        assert_eq!(ran.status, Some(0), "{}\n{}", ran.stdout, ran.stderr);
        for said in [
            "$ segments-connect aws plan",
            "$ segments-connect aws connect",
            "$ segments-connect aws verify",
            "$ segments-connect aws disconnect",
            "Segments.ai may not read it (HTTP 403)",
            "Segments.ai reads it (HTTP 206); the browser shows it",
            "0 writes arrived at the bucket",
            "[A49]",
            "the partner's statement is as it was before",
            "the intranet's rules are as they were before",
        ] {
            assert!(
                ran.stdout.contains(said),
                "{said:?} is missing in\n{}",
                ran.stdout
            );
        }
        assert!(!ran.stdout.contains("not as promised"), "{}", ran.stdout);
    }
    let left: Vec<_> = std::fs::read_dir(home.path()).expect("the home").collect();
    assert!(left.is_empty(), "the story leaves {left:?} behind");
}

#[test]
fn the_story_on_google_cloud_keeps_its_promises() {
    let home = tempfile::tempdir().expect("a temporary directory");
    for arguments in [&["sandbox"][..], &["sandbox", "gcp"]] {
        let ran = ran(&mut program(home.path(), arguments));
        assert_eq!(ran.status, Some(0), "{}\n{}", ran.stdout, ran.stderr);
        for said in [
            "$ segments-connect gcp plan",
            "$ segments-connect gcp connect",
            "$ segments-connect gcp verify",
            "$ segments-connect gcp disconnect",
            "Segments.ai may not read it (HTTP 403)",
            "Segments.ai reads it (HTTP 206); the browser shows it",
            "0 writes arrived",
            "[G03]",
            "every other binding is as it was before",
            "every other CORS entry is as it was before",
        ] {
            assert!(
                ran.stdout.contains(said),
                "{said:?} is missing in\n{}",
                ran.stdout
            );
        }
        assert!(!ran.stdout.contains("not as promised"), "{}", ran.stdout);
    }
    let left: Vec<_> = std::fs::read_dir(home.path()).expect("the home").collect();
    assert!(left.is_empty(), "the story leaves {left:?} behind");
}

#[test]
fn the_story_is_one_document_for_scripts() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let ran = ran(&mut program(home.path(), &["sandbox", "aws", "--json"]));
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    assert_eq!(document["command"], "sandbox aws");
    assert!(document["error"].is_null(), "{document:#}");
    let steps = document["story"].as_array().expect("the steps");
    let commands: Vec<&Value> = steps
        .iter()
        .filter(|step| step.get("command").is_some())
        .collect();
    let exits: Vec<i64> = commands
        .iter()
        .filter_map(|step| step["exit_status"].as_i64())
        .collect();
    assert_eq!(exits, [0, 0, 0, 4, 0, 0], "{document:#}");
    assert!(
        commands
            .iter()
            .all(|step| step["output"]["schema"] == "segments-connect/v1")
    );
}

#[test]
fn all_stories_are_one_document_too() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let ran = ran(&mut program(home.path(), &["sandbox", "--json"]));
    assert_eq!(ran.status, Some(0), "{}", ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
    assert_eq!(document["command"], "sandbox");
    assert!(document["error"].is_null(), "{document:#}");
}

#[test]
fn a_cloud_that_is_left_running_serves_any_command_until_it_is_stopped() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let mut server = program(home.path(), &["sandbox", "--serve"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let lines = BufReader::new(server.stdout.take().expect("its output")).lines();
    let mut environment = Vec::new();
    for line in lines.map_while(Result::ok) {
        let Some((name, value)) = line
            .strip_prefix("export ")
            .and_then(|line| line.split_once('='))
        else {
            continue;
        };
        environment.push((name.to_owned(), value.trim_matches('\'').to_owned()));
        if name == "GOOGLE_APPLICATION_CREDENTIALS" {
            break;
        }
    }
    let ran = ran(program(
        home.path(),
        &["aws", "plan", "--bucket", "acme-images", "--exit-code"],
    )
    .envs(environment));
    assert_eq!(ran.status, Some(3), "{}", ran.stderr);
    let id = Pid::from_raw(i32::try_from(server.id()).expect("a process id"));
    kill(id, Signal::SIGINT).expect("it is there");
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
}
