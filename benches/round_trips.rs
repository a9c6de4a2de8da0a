//! What a run costs: round trips and wall time with 50 ms of latency for each request, and the start-up.
//!
//! `cargo bench` prints it. A round trip is a link in the longest chain of requests that had to wait for each other,
//! read off the local cloud's log. Nothing is asserted: machines differ, and the ratios are what counts.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use segments_connect::sandbox::aws::ANA_KEY;
use segments_connect::sandbox::{Options, Sandbox, round_trips};

const PROGRAM: &str = env!("CARGO_BIN_EXE_segments-connect");
const LATENCY: Duration = Duration::from_millis(50);
const BUCKET: &str = "acme-images";
const RUNS: usize = 7;

/// What is run, in which state, and how many round trips it may take.
struct Case {
    name: &'static str,
    arguments: &'static [&'static str],
    connected: bool,
    most: usize,
}

const CASES: [Case; 4] = [
    Case {
        name: "plan",
        arguments: &["aws", "plan", "--bucket", BUCKET],
        connected: false,
        most: 3,
    },
    Case {
        name: "verify",
        arguments: &["aws", "verify", "--bucket", BUCKET],
        connected: true,
        most: 5,
    },
    Case {
        name: "connect with verify",
        arguments: &["aws", "connect", "--bucket", BUCKET, "--yes"],
        connected: false,
        most: 8,
    },
    Case {
        name: "disconnect",
        arguments: &["aws", "disconnect", "--bucket", BUCKET, "--yes"],
        connected: true,
        most: 8,
    },
];

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
    for case in &CASES {
        measure(case, home.path());
    }
    println!("ratio: wall time to round trips x latency; the goal is 1.3 at most");
}

fn measure(case: &Case, home: &Path) {
    let sandbox = Sandbox::start(Options::from(segments_connect::sandbox_story::aws::world()))
        .expect("the local cloud starts");
    let fresh = sandbox.with_state(|state| state.aws.buckets.clone());
    run(
        &sandbox,
        home,
        &["aws", "connect", "--bucket", BUCKET, "--yes"],
    );
    let connected = sandbox.with_state(|state| state.aws.buckets.clone());
    sandbox.set_latency(LATENCY);
    let mut walls = Vec::new();
    let (mut requests, mut trips) = (0, 0);
    for _ in 0..RUNS {
        let buckets = if case.connected {
            connected.clone()
        } else {
            fresh.clone()
        };
        sandbox.with_state(|state| state.aws.buckets = buckets);
        sandbox.clear_log();
        let started = Instant::now();
        run(&sandbox, home, case.arguments);
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

fn run(sandbox: &Sandbox, home: &Path, arguments: &[&str]) {
    let status = program(home, arguments)
        .envs(sandbox.environment(ANA_KEY))
        .status()
        .expect("the program starts");
    assert!(status.success(), "{arguments:?} ended with {status}");
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
