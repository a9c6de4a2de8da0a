//! Stands between the program and the local cloud, hands everything on, and writes down what was sent.
//!
//! Tokens are not written down.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde::Serialize;

/// A request, as it was sent.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Recorded {
    pub(super) method: String,
    /// Path and query.
    target: String,
    content_type: Option<String>,
    accept: Option<String>,
    body: String,
}

/// Where the program sends its requests. Its thread ends with the test's process.
pub(super) struct Recorder {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Recorded>>>,
}

impl Recorder {
    /// Hands everything on to `server`.
    pub(super) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let notes = Arc::clone(&notes);
                std::thread::spawn(move || hand_on(stream, server, &notes));
            }
        });
        Self { address, seen }
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn seen(&self) -> Vec<Recorded> {
        self.seen.lock().expect("a lock").clone()
    }
}

/// One request and its answer; the connection is closed after it.
fn hand_on(mut client: TcpStream, server: SocketAddr, notes: &Mutex<Vec<Recorded>>) {
    let Some((head, body)) = read(&mut client) else {
        return;
    };
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let headers: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let value = |name: &str| {
        headers.iter().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known
                .eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let mut words = first.split(' ');
    notes.lock().expect("a lock").push(Recorded {
        method: words.next().unwrap_or_default().to_owned(),
        target: words.next().unwrap_or_default().to_owned(),
        content_type: value("content-type"),
        accept: value("accept"),
        body: String::from_utf8(body.clone()).expect("text"),
    });
    let mut sent = format!("{first}\r\n");
    for line in headers {
        if !line.to_lowercase().starts_with("connection:") {
            sent.push_str(line);
            sent.push_str("\r\n");
        }
    }
    sent.push_str("connection: close\r\n\r\n");
    let mut upstream = TcpStream::connect(server).expect("the local cloud");
    upstream.write_all(sent.as_bytes()).expect("a head is sent");
    upstream.write_all(&body).expect("a body is sent");
    let mut answer = Vec::new();
    upstream.read_to_end(&mut answer).expect("an answer");
    // Whoever went away does not want it.
    let _ = client.write_all(&answer);
}

/// The head and the body of one request; `None` when the client went away first.
fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text");
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>().ok())?
            });
            let body = end + 4;
            if bytes.len() >= body + length.unwrap_or(0) {
                return Some((head, bytes[body..].to_vec()));
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
