//! Servers that others wrote, run for the tests: on 127.0.0.1 alone, and stopped with the process that started them.
//!
//! Each runs under a shell that waits for the end of its standard input. The other end of that pipe is held by this
//! process and nobody else, so it closes when the process ends, however it ends.

use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Starts the command in `$@` and ends it, and what it left, when standard input closes.
const WATCH: &str = r#""$@" & child=$!
read -r line
kill -KILL "$child"
wait "$child"
rm -rf "$LEFTOVERS"
for port in $SOCKETS; do rm -f /tmp/seaweedfs-*-"$port".sock; done"#;

/// Where `tests/run` installed something.
pub fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-tools")
}

/// A program of the Python environment that `tests/run` made.
pub fn tool(name: &str) -> PathBuf {
    tools().join("bin").join(name)
}

/// A directory of a server's own, that its shell removes.
pub fn directory() -> PathBuf {
    tempfile::tempdir().expect("a directory").keep()
}

/// The shell that starts a server; its arguments are to be added. What it says goes to `log` in the directory.
pub fn watched(directory: &Path, binary: &Path, ports: &[u16]) -> Command {
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
pub fn free_ports(count: usize) -> Vec<u16> {
    let held: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0").expect("a port"))
        .collect();
    held.iter()
        .map(|listener| listener.local_addr().expect("an address").port())
        .collect()
}

/// Makes sure that the children of a process listen on loopback addresses and nowhere else, where the system tells it
/// in the way of Linux.
pub fn only_loopback(parent: u32) {
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
