//! The program beside what Google itself wrote: its requests for custom roles against Google's discovery document, and
//! what it wrote read back with Google's own Python clients. So client and server were not both ours.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use segments_connect::sandbox::gcp::{BUCKET, OWNER, Stage as Launch};
use serde_json::{Value, json};

use crate::gcp_support::{GcpStage, ROLE, arguments, member};
use crate::support::ran;

/// Runs one of the scripts beside this file.
fn python(script: &str, words: &[&str], input: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(root.join("target/test-tools/bin/python"))
        .arg(root.join("tests/suite/gcp_python").join(script))
        .args(words)
        .env_remove("HTTPS_PROXY")
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python, which tests/run installs");
    let mut stdin = child.stdin.take().expect("its input");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("it ends");
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("UTF-8")
}

/// Everything that clients sent, one text for each connection.
type Sent = Arc<Mutex<Vec<Arc<Mutex<Vec<u8>>>>>>;

/// Passes connections on to `target`, and keeps what the clients send.
fn recorder(target: SocketAddr) -> (String, Sent) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a socket");
    let address = listener.local_addr().expect("its address");
    let sent = Sent::default();
    let all = Arc::clone(&sent);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let Ok(onward) = TcpStream::connect(target) else {
                return;
            };
            let kept = Arc::new(Mutex::new(Vec::new()));
            all.lock().expect("unpoisoned").push(Arc::clone(&kept));
            let (from, to) = (
                stream.try_clone().expect("a socket"),
                onward.try_clone().expect("a socket"),
            );
            std::thread::spawn(move || pass(from, to, Some(&kept)));
            std::thread::spawn(move || pass(onward, stream, None));
        }
    });
    (format!("http://{address}"), sent)
}

fn pass(mut from: TcpStream, mut to: TcpStream, kept: Option<&Mutex<Vec<u8>>>) {
    let mut buffer = [0; 4096];
    while let Ok(length) = from.read(&mut buffer) {
        let part = &buffer[..length];
        if length == 0 || to.write_all(part).is_err() {
            break;
        }
        if let Some(kept) = kept {
            kept.lock().expect("unpoisoned").extend(part);
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// The requests in what one connection carried.
fn requests(mut bytes: &[u8]) -> Vec<Value> {
    let mut requests = Vec::new();
    while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length: usize = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(0, |(_, length)| length.trim().parse().expect("a length"));
        let body = &bytes[end + 4..end + 4 + length];
        let mut first = head.split(' ');
        requests.push(json!({
            "method": first.next(),
            "target": first.next(),
            "body": if body.is_empty() { Value::Null } else { serde_json::from_slice(body).expect("JSON") },
        }));
        bytes = &bytes[end + 4 + length..];
    }
    requests
}

#[test]
#[ignore = "needs google-api-python-client, which tests/run installs"]
fn requests_for_custom_roles_are_what_googles_discovery_document_describes() {
    let stage = GcpStage::fresh();
    let (endpoint, sent) = recorder(stage.sandbox.address());
    let run = |action: &str, more: &[&str]| {
        let mut command = stage.command(&arguments(action, more));
        command.env("SEGMENTS_CONNECT_GCP_IAM_ENDPOINT", &endpoint);
        ran(&mut command).exits(0);
    };
    run("connect", &["--yes", "--wait", "0"]);
    stage.change_role(|role| role.stage = Launch::Disabled);
    run("connect", &["--yes", "--wait", "0"]);
    run("disconnect", &["--delete-role", "--yes"]);
    run("connect", &["--yes", "--wait", "0"]);
    assert_eq!(
        stage
            .writes()
            .into_iter()
            .filter(|operation| operation.ends_with("Role"))
            .collect::<Vec<_>>(),
        ["CreateRole", "UpdateRole", "DeleteRole", "UndeleteRole"]
    );
    let all: Vec<Value> = sent
        .lock()
        .expect("unpoisoned")
        .iter()
        .flat_map(|kept| requests(&kept.lock().expect("unpoisoned")))
        .filter(|request| request["target"].to_string().contains("/v1/projects/"))
        .collect();
    for method in ["POST", "PATCH", "DELETE", "GET"] {
        assert!(
            all.iter().any(|request| request["method"] == method),
            "{method}: {all:?}"
        );
    }
    let complaints = python("check_requests.py", &[], &json!(all).to_string());
    assert_eq!(complaints, "");
    // The script does complain where there is something to complain about.
    let mut odd = all.clone();
    odd.push(json!({"method": "POST", "target": "/v1/projects/p/roles?x=1", "body": {"role": {"titel": "t"}}}));
    let complaints = python("check_requests.py", &[], &json!(odd).to_string());
    assert!(
        complaints.contains("titel") && complaints.contains("parameter x"),
        "{complaints}"
    );
}

#[test]
#[ignore = "needs google-cloud-storage and google-api-python-client, which tests/run installs"]
fn what_was_written_reads_the_same_with_googles_own_clients() {
    let stage = GcpStage::fresh();
    stage.connect(&[]).0.exits(0);
    let token = stage.world(|world| world.issue_token(OWNER));
    let told = python(
        "read_back.py",
        &[&stage.sandbox.endpoint(), &token, BUCKET, ROLE],
        "",
    );
    let read: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(
        read["cors"],
        json!([{"origin": ["https://*.segments.ai"], "method": ["GET"], "responseHeader": ["*"]}])
    );
    assert!(
        read["bindings"]
            .as_array()
            .expect("bindings")
            .contains(&json!({"role": ROLE, "members": [member()]})),
        "{read:#}"
    );
    assert_eq!(
        read["role"]["includedPermissions"],
        json!(["storage.objects.get"])
    );
    assert_eq!(read["role"]["stage"], "GA");
}
