//! Against servers of a few lines each, on this machine.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;

mod failures;

const ORIGIN: &str = "https://app.segments.ai";
const PATIENCE: Duration = Duration::from_secs(20);

fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

fn prober() -> Prober {
    Prober::with_proxies(PATIENCE, Proxies::None)
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    (listener, port)
}

/// Reads one request head.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).expect("a request")
}

/// Gives each of `answers` to one connection, and returns the requests.
async fn serve<const N: usize>(answers: [Vec<u8>; N]) -> (u16, JoinHandle<Vec<String>>) {
    let (listener, port) = listen().await;
    let served = tokio::spawn(async move {
        let mut requests = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            requests.push(head(&mut stream).await);
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
        requests
    });
    (port, served)
}

async fn answer_to_fetch(answer: impl Into<Vec<u8>>) -> Result<Exchange, Failure> {
    let (port, _served) = serve([answer.into()]).await;
    prober()
        .fetch(
            &url(&format!("http://127.0.0.1:{port}/k")),
            None,
            Some(ORIGIN),
            None,
        )
        .await
}

fn error_answer(status: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

#[tokio::test]
async fn a_preflight_is_what_a_browser_sends() {
    let answer = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://app.segments.ai\r\n\
                  Access-Control-Allow-Methods: GET\r\nAccess-Control-Allow-Headers: range, x-a\r\n\
                  Access-Control-Allow-Credentials: true\r\nAccess-Control-Max-Age: 3000\r\n\
                  Access-Control-Expose-Headers: ETag\r\nVary: Origin\r\nVary: Accept\r\n\
                  Content-Length: 0\r\n\r\n";
    let (port, served) = serve([answer.as_bytes().to_vec()]).await;
    let exchange = prober()
        .preflight(
            &url(&format!(
                "http://127.0.0.1:{port}/a%20b?X-Amz-Signature=secret#top"
            )),
            Some("b.s3.eu-west-1.amazonaws.com"),
            ORIGIN,
            "GET",
            &["X-A", "Range", "range"],
        )
        .await
        .expect("an answer");
    let request = served.await.expect("a request").remove(0).to_lowercase();
    let mut lines: Vec<&str> = request.lines().filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        vec![
            "accept: */*",
            "access-control-request-headers: range,x-a",
            "access-control-request-method: get",
            "host: b.s3.eu-west-1.amazonaws.com",
            "options /a%20b?x-amz-signature=secret http/1.1",
            "origin: https://app.segments.ai",
            &format!("user-agent: segments-connect/{}", env!("CARGO_PKG_VERSION")),
        ]
    );
    assert_eq!(
        exchange,
        Exchange {
            url: format!("http://127.0.0.1:{port}/a%20b?X-Amz-Signature=REDACTED#top"),
            status: 200,
            allow_origin: Some(ORIGIN.to_owned()),
            allow_methods: Some("GET".to_owned()),
            allow_headers: Some("range, x-a".to_owned()),
            allow_credentials: Some("true".to_owned()),
            expose_headers: Some("ETag".to_owned()),
            max_age: Some(3000),
            vary: Some("Origin, Accept".to_owned()),
            error_code: None,
            error_message: None,
            region: None,
            location: None,
        }
    );
}

#[tokio::test]
async fn a_fetch_sends_origin_and_range_and_nothing_secret() {
    let (port, served) =
        serve([b"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\na".to_vec()]).await;
    let target = url(&format!("http://localhost:{port}/k"));
    let exchange = prober()
        .fetch(&target, None, Some(ORIGIN), Some("bytes=0-0"))
        .await
        .expect("an answer");
    assert_eq!((exchange.status, exchange.allow_origin), (206, None));
    let request = served.await.expect("a request").remove(0).to_lowercase();
    assert!(request.starts_with("get /k http/1.1\r\n"), "{request}");
    assert!(request.contains("range: bytes=0-0\r\n"), "{request}");
    for absent in ["authorization", "cookie", "referer", "accept-encoding"] {
        assert!(!request.contains(absent), "{request}");
    }
}

#[tokio::test]
async fn refusals_of_s3_and_azure_are_read() {
    let s3 = answer_to_fetch(error_answer(
        "403 Forbidden",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessForbidden</Code>\
         <Message>CORSResponse: CORS is not enabled for this bucket.</Message></Error>",
    ))
    .await
    .expect("an answer");
    assert_eq!(s3.error_code.as_deref(), Some("AccessForbidden"));
    assert_eq!(
        s3.error_message.as_deref(),
        Some("CORSResponse: CORS is not enabled for this bucket.")
    );
    let azure = answer_to_fetch(error_answer(
        "403 Forbidden",
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>CorsPreflightFailure</Code></Error>",
    ))
    .await
    .expect("an answer");
    assert_eq!(azure.error_code.as_deref(), Some("CorsPreflightFailure"));
    let bomb = answer_to_fetch(error_answer(
        "403 Forbidden",
        "<!DOCTYPE a [<!ENTITY b \"b\">]><Error><Code>&b;</Code></Error>",
    ))
    .await
    .expect("an answer");
    assert_eq!(bomb.error_code, None);
}

#[tokio::test]
async fn redirects_are_reported_and_not_followed() {
    let exchange = answer_to_fetch(
        "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://b.s3.eu-west-1.amazonaws.com/k?X-Amz-Signature=abc\r\n\
         x-amz-bucket-region: eu-west-1\r\nContent-Length: 0\r\n\r\n",
    )
    .await
    .expect("an answer");
    assert_eq!(exchange.status, 307);
    assert_eq!(exchange.region.as_deref(), Some("eu-west-1"));
    assert_eq!(
        exchange.location.as_deref(),
        Some("https://b.s3.eu-west-1.amazonaws.com/k?X-Amz-Signature=REDACTED")
    );
}

#[tokio::test]
async fn endless_and_broken_bodies_do_not_hide_the_headers() {
    let head =
        "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: 9999999999\r\n\r\n";
    for body in [BODY_LIMIT * 2, 10] {
        let mut answer = head.as_bytes().to_vec();
        answer.extend(std::iter::repeat_n(b'x', body));
        let exchange = answer_to_fetch(answer).await.expect("an answer");
        assert!(admits(&exchange, ORIGIN));
    }
}

#[tokio::test]
async fn what_browsers_would_not_load_is_refused_unsent() {
    for (target, part) in [
        ("http://example.com/", "not encrypted"),
        ("http://127.0.0.1.example.com/", "not encrypted"),
        ("http://10.0.0.1/", "not encrypted"),
        ("http://[::2]/", "not encrypted"),
        ("http://localhost.example/", "not encrypted"),
        ("ftp://localhost/", "scheme `ftp`"),
        ("s3://bucket/key", "scheme `s3`"),
        ("https://ana:geheim@example.com/", "user name"),
        ("https://ana@example.com/", "user name"),
    ] {
        let failure = prober()
            .fetch(&url(target), None, None, None)
            .await
            .expect_err(target);
        assert_eq!(failure.code, ErrorCode::Usage, "{target}");
        assert!(failure.message.contains(part), "{failure:?}");
        assert!(!failure.message.contains("geheim") && !failure.message.contains("ana@"));
    }
    let failure = prober()
        .preflight(
            &url("https://example.com"),
            None,
            "https://a\nb",
            "GET",
            &[],
        )
        .await
        .expect_err("a line break");
    assert_eq!(failure.code, ErrorCode::Usage);
}

#[test]
fn loopback_hosts_are_known_in_every_spelling() {
    for target in [
        "http://127.0.0.1/",
        "http://127.9.9.9:80/",
        "http://2130706433/",
        "http://[::1]:9000/",
        "http://LocalHost/",
    ] {
        assert_eq!(check(&url(target)), Ok(true), "{target}");
    }
    assert_eq!(check(&url("https://example.com/")), Ok(false));
}
