//! What a run costs: round trips and wall time with 50 ms of latency for each request, and the start-up.
//!
//! `cargo bench` prints it. A round trip is a link in the longest chain of requests that had to wait for each other,
//! read off the local cloud's log. Nothing is asserted: machines differ, and the ratios are what counts.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use segments_connect::sandbox::aws::ANA_KEY;
use segments_connect::sandbox::gcp::DEPLOYER;
use segments_connect::sandbox::{Options, Sandbox, State, round_trips};
use segments_connect::sandbox_story;

const PROGRAM: &str = env!("CARGO_BIN_EXE_segments-connect");
const LATENCY: Duration = Duration::from_millis(50);
const BUCKET: &str = "acme-images";
const RUNS: usize = 7;

/// A cloud: how it starts, how the program is pointed at it, and what brings it back to a state that was seen.
struct Cloud {
    options: fn() -> Options,
    environment: fn(&Sandbox, &Path) -> Vec<(String, String)>,
    restore: fn(&mut State, &State),
    /// What names the bucket, for every command.
    target: &'static [&'static str],
    cases: &'static [Case],
}

/// What is run, in which state, and how many round trips it may take.
struct Case {
    name: &'static str,
    arguments: &'static [&'static str],
    connected: bool,
    most: usize,
}

const AWS: Cloud = Cloud {
    options: || sandbox_story::aws::world().into(),
    environment: |sandbox, _| sandbox.environment(ANA_KEY),
    restore: |state, seen| state.aws.buckets.clone_from(&seen.aws.buckets),
    target: &["--bucket", BUCKET],
    cases: &[
        Case {
            name: "aws plan",
            arguments: &["aws", "plan"],
            connected: false,
            most: 3,
        },
        Case {
            name: "aws verify",
            arguments: &["aws", "verify"],
            connected: true,
            most: 5,
        },
        Case {
            name: "aws connect",
            arguments: &["aws", "connect", "--yes"],
            connected: false,
            most: 8,
        },
        Case {
            name: "aws disconnect",
            arguments: &["aws", "disconnect", "--yes"],
            connected: true,
            most: 8,
        },
    ],
};

/// Signed in with a key at hand, so that links are signed without asking anybody.
const GCP: Cloud = Cloud {
    options: || sandbox_story::gcp::world().into(),
    environment: |sandbox, home| {
        let file = home.join("google.json");
        let credentials = sandbox.application_credentials(DEPLOYER);
        std::fs::write(&file, credentials.to_string()).expect("a file can be written");
        let mut variables = sandbox.environment(DEPLOYER);
        variables.push((
            "GOOGLE_APPLICATION_CREDENTIALS".to_owned(),
            file.display().to_string(),
        ));
        variables
    },
    restore: |state, seen| {
        state.gcp.buckets.clone_from(&seen.gcp.buckets);
        state.gcp.projects.clone_from(&seen.gcp.projects);
    },
    target: &[
        "--bucket",
        BUCKET,
        "--service-account",
        "acme@segmentsai-prod.iam.gserviceaccount.com",
        "--project",
        "acme-vision",
    ],
    cases: &[
        Case {
            name: "gcp plan",
            arguments: &["gcp", "plan"],
            connected: false,
            most: 4,
        },
        Case {
            name: "gcp verify",
            arguments: &["gcp", "verify"],
            connected: true,
            most: 5,
        },
        Case {
            name: "gcp connect",
            arguments: &["gcp", "connect", "--yes"],
            connected: false,
            most: 11,
        },
        Case {
            name: "gcp disconnect",
            arguments: &["gcp", "disconnect", "--delete-role", "--yes"],
            connected: true,
            most: 9,
        },
    ],
};

fn main() {
    let home = tempfile::tempdir().expect("a temporary directory");
    start_up(home.path());
    println!();
    println!(
        "with {} ms of latency for each request, median of {RUNS} runs:",
        LATENCY.as_millis()
    );
    println!(
        "{:<22}{:>10}{:>13}{:>10}{:>11}{:>8}",
        "command", "requests", "round trips", "at most", "wall (ms)", "ratio"
    );
    for cloud in [AWS, GCP] {
        for case in cloud.cases {
            measure(&cloud, case, home.path());
        }
    }
    println!("ratio: wall time to round trips x latency; the goal is 1.3 at most");
}

fn measure(cloud: &Cloud, case: &Case, home: &Path) {
    let sandbox = Sandbox::start((cloud.options)()).expect("the local cloud starts");
    let environment = (cloud.environment)(&sandbox, home);
    let run = |arguments: &[&str]| {
        let status = program(home, &[arguments, cloud.target].concat())
            .envs(environment.iter().cloned())
            .status()
            .expect("the program starts");
        assert!(status.success(), "{arguments:?} ended with {status}");
    };
    let fresh = sandbox.with_state(|state| state.clone());
    let word = case.arguments.first().copied().unwrap_or_default();
    run(&[word, "connect", "--yes"]);
    let connected = sandbox.with_state(|state| state.clone());
    sandbox.set_latency(LATENCY);
    let mut walls = Vec::new();
    let (mut requests, mut trips) = (0, 0);
    for _ in 0..RUNS {
        let seen = if case.connected { &connected } else { &fresh };
        sandbox.with_state(|state| (cloud.restore)(state, seen));
        sandbox.clear_log();
        let started = Instant::now();
        run(case.arguments);
        walls.push(started.elapsed());
        let log = sandbox.log();
        requests = requests.max(log.len());
        trips = trips.max(round_trips(&log));
    }
    let wall = median(walls);
    let floor = LATENCY * u32::try_from(trips).unwrap_or(u32::MAX);
    println!(
        "{:<22}{requests:>10}{trips:>13}{:>10}{:>11}{:>8.2}",
        case.name,
        case.most,
        wall.as_millis(),
        wall.as_secs_f64() / floor.as_secs_f64()
    );
}

/// The start-up, beside that of a program that does nothing.
fn start_up(home: &Path) {
    let nothing = time(|| Command::new("true"));
    println!(
        "{:<22}{:>11}{:>16}{:>18}",
        "start-up", "wall (ms)", "resident (MB)", "ratio to `true`"
    );
    println!(
        "{:<22}{:>11.1}{:>16}{:>18}",
        "true",
        milliseconds(nothing),
        "",
        1.0
    );
    let commands: [&[&str]; 2] = [&["--help"], &["aws", "render", "--bucket", BUCKET]];
    for arguments in commands {
        let wall = time(|| program(home, arguments));
        println!(
            "{:<22}{:>11.1}{:>16.1}{:>18.1}",
            arguments[..arguments.len().min(2)].join(" "),
            milliseconds(wall),
            largest_child(),
            wall.as_secs_f64() / nothing.as_secs_f64()
        );
    }
}

fn time(make: impl Fn() -> Command) -> Duration {
    let walls = (0..3 * RUNS).map(|_| {
        let mut command = make();
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let started = Instant::now();
        command.status().expect("the program starts");
        started.elapsed()
    });
    median(walls.collect())
}

fn program(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("XDG_STATE_HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The most that any finished child has held in memory, in MB.
#[cfg(unix)]
fn largest_child() -> f64 {
    use nix::sys::resource::{UsageWho, getrusage};
    let kilobytes = getrusage(UsageWho::RUSAGE_CHILDREN).map_or(0, |usage| usage.max_rss());
    f64::from(u32::try_from(kilobytes).unwrap_or(u32::MAX)) / 1024.0
}

#[cfg(not(unix))]
fn largest_child() -> f64 {
    f64::NAN
}

fn median(mut walls: Vec<Duration>) -> Duration {
    walls.sort_unstable();
    walls.get(walls.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(wall: Duration) -> f64 {
    wall.as_secs_f64() * 1000.0
}
