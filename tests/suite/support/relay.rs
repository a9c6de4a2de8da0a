//! A plain relay before a server: it keeps everything that passes, and changes what a test wants changed.
//!
//! Plain sockets, so that nothing stands between what was sent and what is seen here. Its thread ends with the process.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What becomes of a request.
pub enum Passage {
    /// It goes on, and its answer comes back.
    Through,
    /// It goes on as another one, and its answer comes back as another one.
    Changed {
        /// The body of the request.
        request: fn(&str) -> String,
        /// The body of the answer.
        answer: fn(&str) -> String,
    },
    /// It goes nowhere.
    Answered(String),
}

/// The relay.
pub struct Relay {
    address: SocketAddr,
    passed: Arc<Mutex<Vec<String>>>,
}

impl Relay {
    /// A relay before the server at `to`.
    pub fn start(to: SocketAddr, decide: impl Fn(&str) -> Passage + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let passed = Arc::new(Mutex::new(Vec::new()));
        let (seen, decide) = (Arc::clone(&passed), Arc::new(decide));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, decide) = (Arc::clone(&seen), Arc::clone(&decide));
                std::thread::spawn(move || {
                    let _ = pass(stream, to, &*decide, &seen);
                });
            }
        });
        Self { address, passed }
    }

    /// Where it listens, as a URL without a slash at its end.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request and every answer so far, as they were sent.
    pub fn passed(&self) -> Vec<String> {
        self.passed.lock().expect("a lock").clone()
    }
}

/// One request for each connection.
fn pass(
    mut client: TcpStream,
    to: SocketAddr,
    decide: &dyn Fn(&str) -> Passage,
    seen: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let request = read(&mut client)?;
    seen.lock().expect("a lock").push(request.clone());
    let (request, change) = match decide(&request) {
        Passage::Answered(answer) => return client.write_all(answer.as_bytes()),
        Passage::Through => (request, None),
        Passage::Changed {
            request: change,
            answer,
        } => (with_body(&request, change), Some(answer)),
    };
    // The host stays what the client sent; the connection ends with the answer.
    let request = request.replacen("\r\n", "\r\nconnection: close\r\n", 1);
    let mut server = TcpStream::connect(to)?;
    server.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    seen.lock().expect("a lock").push(text.clone());
    match change {
        Some(change) => client.write_all(with_body(&text, change).as_bytes()),
        None => client.write_all(&answer),
    }
}

/// A message with another body, and its length.
fn with_body(message: &str, change: fn(&str) -> String) -> String {
    let Some((head, body)) = message.split_once("\r\n\r\n") else {
        return message.to_owned();
    };
    let body = if body.is_empty() {
        String::new()
    } else {
        change(body)
    };
    let head: Vec<String> = head
        .split("\r\n")
        .map(|line| match line.split_once(':') {
            Some((name, _)) if name.eq_ignore_ascii_case("content-length") => {
                format!("{name}: {}", body.len())
            }
            _ => line.to_owned(),
        })
        .collect();
    format!("{}\r\n\r\n{body}", head.join("\r\n"))
}

/// An answer.
pub fn http(status: u16, content_type: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// One request with its body.
fn read(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(head) = text.find("\r\n\r\n") {
            let length = text[..head].lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length")
                    .then(|| value.trim().parse::<usize>().ok())?
            });
            if bytes.len() >= head + 4 + length.unwrap_or(0) {
                return Ok(text);
            }
        }
        match stream.read(&mut buffer)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}
