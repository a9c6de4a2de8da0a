//! Starts Azurite, once over http and once over https, for whoever asks first; both stop with the test binary.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use url::Url;

use super::{ACCOUNT, Service};
use crate::watched::{directory, free_ports, only_loopback, tool, tools, watched};

/// How long it may take to be ready.
const PATIENCE: Duration = Duration::from_mins(1);

/// Azurite, running.
pub(super) struct Azurite {
    /// Its blob service.
    pub(super) service: Service,
    /// The certificate that it shows, where it speaks https: a file.
    pub(super) certificate: Option<PathBuf>,
    /// Holds the pipe.
    watcher: Child,
}

/// The one that speaks http.
pub(super) fn plain() -> &'static Azurite {
    static PLAIN: OnceLock<Azurite> = OnceLock::new();
    PLAIN.get_or_init(|| {
        std::thread::spawn(|| start(None))
            .join()
            .expect("Azurite starts")
    })
}

/// The one that speaks https, with a certificate of its own, and takes tokens.
pub(super) fn with_tokens() -> &'static Azurite {
    static SECURE: OnceLock<Azurite> = OnceLock::new();
    SECURE.get_or_init(|| {
        std::thread::spawn(|| start(Some(certificate())))
            .join()
            .expect("Azurite starts")
    })
}

/// A certificate for 127.0.0.1 and its key, in a directory that goes with the server.
fn certificate() -> PathBuf {
    let directory = directory();
    let made = Command::new(tool("python"))
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/azurite/certificate.py"))
        .arg(&directory)
        .output()
        .expect("the Python of tests/run");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    directory
}

fn start(secrets: Option<PathBuf>) -> Azurite {
    let port = free_ports(1)[0];
    let home = secrets.clone().unwrap_or_else(directory);
    let mut command = watched(&home, &tools().join("node_modules/.bin/azurite-blob"), &[]);
    command.args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string()]);
    // Nothing is kept, and nothing is told to its makers.
    command.args([
        "--inMemoryPersistence",
        "--silent",
        "--skipApiVersionCheck",
        "--disableTelemetry",
    ]);
    let mut client = reqwest::Client::builder().no_proxy();
    let certificate = secrets.map(|directory| directory.join("certificate.pem"));
    if let Some(certificate) = &certificate {
        command
            .args(["--oauth", "basic", "--cert"])
            .arg(certificate);
        command.arg("--key").arg(home.join("key.pem"));
        let pem = fs::read(certificate).expect("a certificate");
        client =
            client.tls_certs_only([reqwest::Certificate::from_pem(&pem).expect("a certificate")]);
    }
    let scheme = if certificate.is_some() {
        "https"
    } else {
        "http"
    };
    let service = Service {
        endpoint: Url::parse(&format!("{scheme}://127.0.0.1:{port}/{ACCOUNT}/"))
            .expect("an address"),
        client: client.build().expect("a client"),
    };
    let azurite = Azurite {
        service,
        certificate,
        watcher: command.spawn().expect("a shell starts"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(async {
        ready(&azurite.service, &home.join("log")).await;
        azurite.service.seed().await;
    });
    only_loopback(azurite.watcher.id());
    azurite
}

/// Waits until it answers. It does not say when that is to whom it does not know, so it is asked.
async fn ready(service: &Service, log: &Path) {
    let deadline = Instant::now() + PATIENCE;
    while let Err(error) = service.client.get(service.endpoint.clone()).send().await {
        assert!(
            Instant::now() < deadline,
            "Azurite was not ready in {PATIENCE:?}: {error:?}\n{}",
            fs::read_to_string(log).unwrap_or_default()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
