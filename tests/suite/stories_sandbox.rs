//! The story that the program tells against its own local cloud, and the local cloud left running.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::{program, ran};

/// What a cloud's story shows, and the exit statuses of its commands in their order.
struct Told {
    cloud: &'static str,
    said: &'static [&'static str],
    exits: &'static [i64],
}

const STORIES: [Told; 3] = [
    Told {
        cloud: "aws",
        said: &[
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
        ],
        exits: &[0, 0, 0, 4, 0, 0],
    },
    Told {
        cloud: "gcp",
        said: &[
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
        ],
        exits: &[0, 0, 0, 4, 0, 0],
    },
    Told {
        cloud: "azure",
        said: &[
            "$ segments-connect azure plan",
            "$ segments-connect azure connect",
            "$ segments-connect azure verify",
            "$ segments-connect azure disconnect",
            "Segments.ai's app is not in the tenant, and cannot sign in",
            "left to somebody else: service principal",
            "az ad sp create --id d47021c7-05d1-44c3-a594-93c2c30c68fc",
            "Segments.ai's app may not sign links (HTTP 403)",
            "Segments.ai reads it (HTTP 206); the browser shows what it gets",
            "0 writes arrived",
            "[Z08]",
            "the intranet's rule is as it was before",
            "versioning is on as it was before",
        ],
        exits: &[0, 5, 0, 0, 4, 0, 0],
    },
];

#[test]
fn the_stories_keep_their_promises_and_show_every_step() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let check = |arguments: &[&str], stories: &[&Told]| {
        let ran = ran(&mut program(home.path(), arguments));
        assert_eq!(ran.status, Some(0), "{}\n{}", ran.stdout, ran.stderr);
        for said in stories.iter().flat_map(|story| story.said) {
            assert!(
                ran.stdout.contains(said),
                "{said:?} is missing in\n{}",
                ran.stdout
            );
        }
        assert!(!ran.stdout.contains("not as promised"), "{}", ran.stdout);
    };
    check(&["sandbox"], &STORIES.iter().collect::<Vec<_>>());
    for story in &STORIES {
        check(&["sandbox", story.cloud], &[story]);
    }
    let left: Vec<_> = std::fs::read_dir(home.path()).expect("the home").collect();
    assert!(left.is_empty(), "the story leaves {left:?} behind");
}

#[test]
fn a_story_is_one_document_for_scripts() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let all: Vec<i64> = STORIES
        .iter()
        .flat_map(|story| story.exits)
        .copied()
        .collect();
    let mut runs = vec![(vec!["sandbox", "--json"], "sandbox".to_owned(), all)];
    for story in &STORIES {
        runs.push((
            vec!["sandbox", story.cloud, "--json"],
            format!("sandbox {}", story.cloud),
            story.exits.to_vec(),
        ));
    }
    for (arguments, command, expected) in runs {
        let ran = ran(&mut program(home.path(), &arguments));
        assert_eq!(ran.status, Some(0), "{}", ran.stderr);
        let document: Value = serde_json::from_str(&ran.stdout).expect("one JSON document");
        assert_eq!(document["command"], command);
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
        assert_eq!(exits, expected, "{document:#}");
        assert!(
            commands
                .iter()
                .all(|step| step["output"]["schema"] == "segments-connect/v1")
        );
    }
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
        // The last one of the last cloud.
        if name == "SEGMENTS_CONNECT_AZURE_GRAPH_ENDPOINT" {
            break;
        }
    }
    let commands: [&[&str]; 3] = [
        &["aws", "plan", "--bucket", "acme-images", "--exit-code"],
        &[
            "gcp",
            "plan",
            "--bucket",
            "acme-images",
            "--service-account",
            segments_connect::sandbox::gcp::SEGMENTS,
            "--exit-code",
        ],
        &[
            "azure",
            "plan",
            "--storage-account",
            "acmeimages",
            "--exit-code",
        ],
    ];
    for arguments in commands {
        let mut command = program(home.path(), arguments);
        let ran = ran(command.envs(environment.clone()));
        assert_eq!(ran.status, Some(3), "{arguments:?}\n{}", ran.stderr);
    }
    let id = Pid::from_raw(i32::try_from(server.id()).expect("a process id"));
    kill(id, Signal::SIGINT).expect("it is there");
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
}
