//! Starts the two servers once for the whole test binary, on 127.0.0.1 alone, and stops them with it.
//!
//! Each runs under a shell that waits for the end of its standard input. The other end of that pipe is held by this
//! process and nobody else, so it closes when the process ends, however it ends.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use serde_json::json;

use super::{OWNER, PARTNER, READER, User, s3};

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_mins(1);

/// Starts the command in `$@` and ends it, and what it left, when standard input closes.
const WATCH: &str = r#""$@" & child=$!
read -r line
kill -KILL "$child"
wait "$child"
rm -rf "$LEFTOVERS"
for port in $SOCKETS; do rm -f /tmp/seaweedfs-*-"$port".sock; done"#;

/// The servers, running.
pub(super) struct Servers {
    /// SeaweedFS's S3.
    pub(super) seaweed: String,
    /// moto.
    pub(super) moto: String,
    /// They hold the pipes.
    watchers: [Child; 2],
}

/// The servers, started by whoever asks first.
pub(super) fn servers() -> &'static Servers {
    static SERVERS: OnceLock<Servers> = OnceLock::new();
    SERVERS.get_or_init(|| std::thread::spawn(start).join().expect("the servers start"))
}

fn start() -> Servers {
    let ports: Vec<u16> = free_ports(9);
    let (seaweed, seaweed_log) = seaweed(&ports[..8]);
    let (moto, moto_log) = moto(ports[8]);
    let servers = Servers {
        seaweed: format!("http://127.0.0.1:{}", ports[6]),
        moto: format!("http://127.0.0.1:{}", ports[8]),
        watchers: [seaweed, moto],
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        ready(&servers.seaweed, "seaweed-is-ready", &seaweed_log).await;
        ready(&servers.moto, "moto-is-ready", &moto_log).await;
    });
    for watcher in &servers.watchers {
        only_loopback(watcher.id());
    }
    servers
}

fn seaweed(ports: &[u16]) -> (Child, PathBuf) {
    let directory = directory();
    let identity = |user: User, actions: &[&str]| json!({ "name": user.name, "credentials": [{ "accessKey": user.key, "secretKey": user.secret }], "actions": actions });
    let identities = json!({ "identities": [identity(OWNER, &["Admin"]), identity(READER, &[]), identity(PARTNER, &[])] });
    let config = directory.join("identities.json");
    fs::write(&config, identities.to_string()).expect("a file");
    let data = directory.join("data");
    fs::create_dir(&data).expect("a directory");
    let mut command = watched(&directory, "weed", ports);
    command.args([
        "server",
        "-s3",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        "-volume.max=200",
        "-master.volumeSizeLimitMB=64",
    ]);
    command.args(["-s3.port.iceberg=0", "-s3.port.lance=0"]);
    command
        .arg(format!("-dir={}", data.display()))
        .arg(format!("-s3.config={}", config.display()));
    let names = [
        "master.port",
        "master.port.grpc",
        "volume.port",
        "volume.port.grpc",
        "filer.port",
        "filer.port.grpc",
        "s3.port",
        "s3.port.grpc",
    ];
    for (name, port) in names.iter().zip(ports) {
        command.arg(format!("-{name}={port}"));
    }
    (
        command.spawn().expect("a shell starts"),
        directory.join("log"),
    )
}

fn moto(port: u16) -> (Child, PathBuf) {
    let directory = directory();
    let mut command = watched(&directory, "moto_server", &[]);
    command
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .env("MOTO_ACCOUNT_ID", "000000000000");
    (
        command.spawn().expect("a shell starts"),
        directory.join("log"),
    )
}

/// A directory of a server's own, that its shell removes.
fn directory() -> PathBuf {
    tempfile::tempdir().expect("a directory").keep()
}

/// The shell that starts the server of that name; its arguments are to be added.
fn watched(directory: &Path, name: &str, ports: &[u16]) -> Command {
    let binary = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/test-tools/bin")
        .join(name);
    assert!(
        binary.exists(),
        "{} is not there: run `tests/run`, which installs it",
        binary.display()
    );
    let log = fs::File::create(directory.join("log")).expect("a file");
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", WATCH, "watch"])
        .arg(binary)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", directory)
        .env("TMPDIR", directory)
        .env("LEFTOVERS", directory)
        .env("SOCKETS", ports.join(" "))
        .current_dir(directory)
        // Ctrl-C at the terminal is for the tests; the shell must live to clean up after them.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(log.try_clone().expect("a file"))
        .stderr(log);
    command
}

/// Ports that nobody has now. They are held until all are found, so that no two are the same.
fn free_ports(count: usize) -> Vec<u16> {
    let held: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"))
        .collect();
    held.iter()
        .map(|listener| listener.local_addr().expect("an address").port())
        .collect()
}

/// Waits until an object can be stored. The servers do not say when that is, so they are asked.
async fn ready(endpoint: &str, bucket: &str, log: &Path) {
    let client = s3(endpoint, OWNER);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let _ = client.create_bucket().bucket(bucket).send().await;
        let stored = client
            .put_object()
            .bucket(bucket)
            .key("ready")
            .body(ByteStream::from_static(b"?"))
            .send()
            .await;
        let Err(error) = stored else { return };
        if Instant::now() > deadline {
            let mut told = String::new();
            let _ = fs::File::open(log).and_then(|mut file| file.read_to_string(&mut told));
            panic!("{endpoint} was not ready in {PATIENCE:?}: {error:?}\n{told}");
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Makes sure that the children of a process listen on loopback addresses and nowhere else, where the system tells it
/// in the way of Linux.
fn only_loopback(parent: u32) {
    if !Path::new("/proc/net/tcp").exists() {
        return;
    }
    let sockets: BTreeSet<String> = children(parent).into_iter().flat_map(sockets).collect();
    let mut listening = 0;
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in fs::read_to_string(table)
            .unwrap_or_default()
            .lines()
            .skip(1)
        {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let (Some(local), Some(&"0A"), Some(inode)) =
                (columns.get(1), columns.get(3), columns.get(9))
            else {
                continue;
            };
            if sockets.contains(*inode) {
                listening += 1;
                let loopback = [
                    "0100007F:",
                    "0000000000000000FFFF00000100007F:",
                    "00000000000000000000000001000000:",
                ];
                assert!(
                    loopback.iter().any(|address| local.starts_with(address)),
                    "a server listens on {local}"
                );
            }
        }
    }
    assert!(listening > 0, "the sockets of the servers were not found");
}

fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("processes").flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        status.lines().any(|line| {
            line.strip_prefix("PPid:")
                .is_some_and(|rest| rest.trim() == parent.to_string())
        })
    })
    .collect()
}

/// The inodes of a process's sockets.
fn sockets(process: u32) -> Vec<String> {
    let Ok(files) = fs::read_dir(format!("/proc/{process}/fd")) else {
        return Vec::new();
    };
    files
        .flatten()
        .filter_map(|file| {
            let target = fs::read_link(file.path()).ok()?;
            Some(
                target
                    .to_str()?
                    .strip_prefix("socket:[")?
                    .strip_suffix(']')?
                    .to_owned(),
            )
        })
        .collect()
}
