//! What a run costs: round trips and wall time with 50 ms of latency for each request, and the start-up.
//!
//! `cargo bench` prints it. A round trip is a link in the longest chain of requests that had to wait for each other,
//! read off the local cloud's log. Nothing is asserted: machines differ, and the ratios are what counts.

#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use segments_connect::sandbox::aws::ANA_KEY;
use segments_connect::sandbox::azure::BOTH;
use segments_connect::sandbox::gcp::{DEPLOYER, PROJECT, SEGMENTS};
use segments_connect::sandbox::{Options, Sandbox, round_trips};
use segments_connect::sandbox_story;

const PROGRAM: &str = env!("CARGO_BIN_EXE_segments-connect");
const LATENCY: Duration = Duration::from_millis(50);
const BUCKET: &str = "acme-images";
const RUNS: usize = 7;

/// The storage account of the local Azure, and the subscription that it is in.
const ACCOUNT: &str = segments_connect::sandbox::azure::ACCOUNT;
const SUBSCRIPTION: &str = segments_connect::sandbox::azure::SUBSCRIPTION;

/// Which local cloud.
#[derive(Clone, Copy)]
enum Cloud {
    Aws,
    Gcp,
    Azure,
}

impl Cloud {
    const ALL: [Self; 3] = [Self::Aws, Self::Gcp, Self::Azure];

    fn options(self) -> Options {
        match self {
            Self::Aws => sandbox_story::aws::world().into(),
            Self::Gcp => sandbox_story::gcp::world().into(),
            Self::Azure => sandbox_story::azure::world().into(),
        }
    }

    /// Who runs the program: somebody who may do everything.
    fn caller(self) -> &'static str {
        match self {
            Self::Aws => ANA_KEY,
            // With a key at hand, so that links are signed without asking anybody.
            Self::Gcp => DEPLOYER,
            Self::Azure => BOTH,
        }
    }

    /// `aws plan --bucket NAME`, and the like.
    fn arguments(self, action: &[&'static str]) -> Vec<&'static str> {
        let (cloud, target): (_, &[&str]) = match self {
            Self::Aws => ("aws", &["--bucket", BUCKET]),
            Self::Gcp => (
                "gcp",
                &[
                    "--bucket",
                    BUCKET,
                    "--service-account",
                    SEGMENTS,
                    "--project",
                    PROJECT,
                ],
            ),
            Self::Azure => (
                "azure",
                &["--storage-account", ACCOUNT, "--subscription", SUBSCRIPTION],
            ),
        };
        [&[cloud], action, target].concat()
    }

    /// What is run, in which state, and how many round trips it may take.
    fn cases(self) -> [Case; 5] {
        let case = |name, action, connected, most| Case {
            name,
            action,
            connected,
            most,
        };
        // On Azure tokens are asked for too, and looking up the account is a round trip of its own.
        let [plan, verify, connect, disconnect] = match self {
            Self::Aws => [3, 5, 8, 8],
            Self::Gcp => [4, 5, 11, 9],
            Self::Azure => [6, 6, 12, 12],
        };
        let verify_url: &[&str] = match self {
            Self::Aws => &["verify", "s3://acme-images/photos/0001.jpg"],
            Self::Gcp => &["verify", "gs://acme-images/photos/0001.jpg"],
            Self::Azure => &[
                "verify",
                "https://acmeimages.blob.core.windows.net/photos/2024/one%20dog.png",
            ],
        };
        [
            case("plan", &["plan"], false, plan),
            case("verify", &["verify"], true, verify),
            case("verify URL", verify_url, true, verify),
            case("connect with verify", CONNECT, false, connect),
            case("disconnect", &["disconnect", "--yes"], true, disconnect),
        ]
    }
}

const CONNECT: &[&str] = &["connect", "--yes"];

/// What is run, in which state, and how many round trips it may take.
struct Case {
    name: &'static str,
    action: &'static [&'static str],
    connected: bool,
    most: usize,
}

fn main() {
    let home = tempfile::tempdir().expect("a temporary directory");
    start_up(home.path());
    println!();
    println!(
        "with {} ms of latency for each request, median of {RUNS} runs:",
        LATENCY.as_millis()
    );
    println!(
        "{:<28}{:>10}{:>13}{:>10}{:>11}{:>8}",
        "command", "requests", "round trips", "at most", "wall (ms)", "ratio"
    );
    for cloud in Cloud::ALL {
        for case in &cloud.cases() {
            measure(cloud, case, home.path());
        }
    }
    println!("ratio: wall time to round trips x latency; the goal is 1.3 at most");
}

fn measure(cloud: Cloud, case: &Case, home: &Path) {
    let sandbox = Sandbox::start(cloud.options()).expect("the local cloud starts");
    let mut before = sandbox.with_state(|state| state.clone());
    if case.connected {
        run(cloud, &sandbox, home, CONNECT);
        before = sandbox.with_state(|state| state.clone());
    }
    sandbox.set_latency(LATENCY);
    let mut walls = Vec::new();
    let (mut requests, mut trips) = (0, 0);
    for _ in 0..RUNS {
        sandbox.with_state(|state| *state = before.clone());
        sandbox.clear_log();
        let started = Instant::now();
        run(cloud, &sandbox, home, case.action);
        walls.push(started.elapsed());
        let log = sandbox.log();
        requests = requests.max(log.len());
        trips = trips.max(round_trips(&log));
    }
    let wall = median(walls);
    let floor = LATENCY * u32::try_from(trips).unwrap_or(u32::MAX);
    println!(
        "{:<28}{requests:>10}{trips:>13}{:>10}{:>11}{:>8.2}",
        format!("{} {}", cloud.arguments(&[])[0], case.name),
        case.most,
        wall.as_millis(),
        wall.as_secs_f64() / floor.as_secs_f64()
    );
}

fn run(cloud: Cloud, sandbox: &Sandbox, home: &Path, action: &[&'static str]) {
    let arguments = cloud.arguments(action);
    let status = program(home, &arguments)
        .envs(sandbox.environment(cloud.caller()))
        .envs(credentials(cloud, sandbox, home))
        .status()
        .expect("the program starts");
    assert!(status.success(), "{arguments:?} ended with {status}");
}

/// What is not in the environment itself: Google's credentials are in a file.
fn credentials(cloud: Cloud, sandbox: &Sandbox, home: &Path) -> Vec<(&'static str, PathBuf)> {
    match cloud {
        Cloud::Aws | Cloud::Azure => Vec::new(),
        Cloud::Gcp => {
            let file = home.join("google.json");
            let text = sandbox.application_credentials(cloud.caller()).to_string();
            std::fs::write(&file, text).expect("a file can be written");
            vec![("GOOGLE_APPLICATION_CREDENTIALS", file)]
        }
    }
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
    let renders = Cloud::ALL.map(|cloud| cloud.arguments(&["render"]));
    let help = vec!["--help"];
    for arguments in [help].iter().chain(&renders) {
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
