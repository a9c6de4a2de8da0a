//! Starts the two servers once for the whole test binary, on 127.0.0.1 alone, and stops them with it.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use aws_sdk_s3::primitives::ByteStream;
use serde_json::json;

use super::{OWNER, PARTNER, READER, User, s3};
use crate::watched::{directory, free_ports, only_loopback, tool, watched};

/// How long a server may take to be ready.
const PATIENCE: Duration = Duration::from_mins(1);

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
    let mut command = watched(&directory, &tool("weed"), ports);
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
    let mut command = watched(&directory, &tool("moto_server"), &[]);
    command
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .env("MOTO_ACCOUNT_ID", "000000000000");
    (
        command.spawn().expect("a shell starts"),
        directory.join("log"),
    )
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
