//! A server that answers with what it was asked, secrets and all, in several forms.
//!
//! Plain sockets, so that nothing stands between what was sent and what is seen here.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// In which form the request comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// An error of S3 and STS with the request in its message, from the first request on.
    Xml,
    /// The same once somebody is signed in and the bucket is found.
    XmlAfterSigningIn,
    /// The refusal of a signature, with everything that was signed, as S3 sends it.
    SignatureAfterSigningIn,
    /// A page for people, as proxies send it, with status 200.
    Html,
    /// The same once somebody is signed in and the bucket is found.
    HtmlAfterSigningIn,
    /// The request itself where the status line belongs.
    Raw,
}

impl Manner {
    pub(super) const ALL: [Self; 6] = [
        Self::Xml,
        Self::XmlAfterSigningIn,
        Self::SignatureAfterSigningIn,
        Self::Html,
        Self::HtmlAfterSigningIn,
        Self::Raw,
    ];

    /// Whether a run comes as far as fetching a signed link.
    pub(super) fn comes_to_links(self) -> bool {
        match self {
            Self::XmlAfterSigningIn | Self::SignatureAfterSigningIn | Self::HtmlAfterSigningIn => {
                true
            }
            Self::Xml | Self::Html | Self::Raw => false,
        }
    }

    fn answer(self, request: &str) -> String {
        if self.comes_to_links() {
            if request.contains("GetCallerIdentity") {
                return http(200, "text/xml", IDENTITY, "");
            }
            if request.starts_with("HEAD ") {
                return http(200, "text/xml", "", "x-amz-bucket-region: eu-west-1\r\n");
            }
        }
        let told = request.replace('&', "&amp;").replace('<', "&lt;");
        match self {
            Self::Xml | Self::XmlAfterSigningIn => {
                let error = format!("<Code>AccessDenied</Code><Message>no: {told}</Message>");
                // STS wraps its errors once more.
                let body = if request.contains("GetCallerIdentity") {
                    format!(
                        "<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>"
                    )
                } else {
                    format!("<Error>{error}</Error>")
                };
                http(403, "application/xml", &body, "")
            }
            Self::SignatureAfterSigningIn => {
                let body = format!(
                    "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match: {told}\
                     </Message><StringToSign>{told}</StringToSign><CanonicalRequest>{told}</CanonicalRequest></Error>"
                );
                http(403, "application/xml", &body, "")
            }
            Self::Html | Self::HtmlAfterSigningIn => http(
                200,
                "text/html",
                &format!("<html><body><pre>{told}</pre></body></html>"),
                "",
            ),
            Self::Raw => request.to_owned(),
        }
    }
}

const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
     <Arn>arn:aws:iam::111122223333:user/canary</Arn><UserId>AIDACANARY</UserId><Account>111122223333</Account>\
     </GetCallerIdentityResult></GetCallerIdentityResponse>";

/// The server. Its thread ends with the test's process.
pub(super) struct Echo {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Echo {
    pub(super) fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&seen);
                std::thread::spawn(move || serve(stream, manner, &seen));
            }
        });
        Self { address, requests }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn forget(&self) {
        self.requests.lock().expect("a lock").clear();
    }

    pub(super) fn saw(&self, text: &str) -> bool {
        self.requests
            .lock()
            .expect("a lock")
            .iter()
            .any(|request| request.contains(text))
    }

    /// Every signature and token that arrived, in headers and in links.
    pub(super) fn secrets(&self) -> Vec<String> {
        let requests = self.requests.lock().expect("a lock");
        let mut secrets = Vec::new();
        for request in requests.iter() {
            for name in [
                "Signature=",
                "X-Amz-Security-Token=",
                "x-amz-security-token: ",
                "proxy-authorization: Basic ",
            ] {
                for rest in request.split(name).skip(1) {
                    let end = rest.find(['&', ' ', '\r', '\n', ',']).unwrap_or(rest.len());
                    secrets.push(rest[..end].to_owned());
                }
            }
        }
        secrets
    }
}

fn serve(mut stream: TcpStream, manner: Manner, seen: &Mutex<Vec<String>>) {
    let Some(request) = read(&mut stream) else {
        return;
    };
    seen.lock().expect("a lock").push(request.clone());
    let _ = stream.write_all(manner.answer(&request).as_bytes());
}

/// One request with its body; `None` when the client went away first.
fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(head) = text.find("\r\n\r\n") {
            let length = text.lines().find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            if bytes.len() >= head + 4 + length.unwrap_or(0) {
                return Some(text);
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
        }
    }
}

fn http(status: u16, content_type: &str, body: &str, headers: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}
