use std::sync::{Arc, Mutex};

use google_cloud_auth::credentials::anonymous;
use google_cloud_storage::client::StorageControl;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use super::*;
use crate::gcp::failure::{self, Doing};
use crate::gcp::target::BucketName;
use crate::gcp::wire::FewTries;

const TIMEOUT: Duration = Duration::from_secs(10);

type Seen = Arc<Mutex<Vec<String>>>;

/// A service that knows no bucket, and notes by which name it was called.
async fn service(seen: Seen) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a socket");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            let answer = service_fn(move |request: Request<Incoming>| {
                let call = format!(
                    "{} {}",
                    request.uri().authority().map_or("", Authority::as_str),
                    request.uri().path()
                );
                seen.lock().expect("unpoisoned").push(call);
                async {
                    let mut response = Response::new(Empty::<Bytes>::new());
                    let headers = response.headers_mut();
                    headers.insert("content-type", HeaderValue::from_static("application/grpc"));
                    headers.insert("grpc-status", HeaderValue::from_static("5"));
                    Ok::<_, Infallible>(response)
                }
            });
            tokio::spawn(async move {
                let _ = http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), answer)
                    .await;
            });
        }
    });
    address
}

/// A proxy that notes what it is asked, and answers with `status`.
async fn proxy(seen: Seen, status: &'static str) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a socket");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => return,
                    }
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
                seen.lock().expect("unpoisoned").push(head);
                let answer = format!("HTTP/1.1 {status}\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
                if status.starts_with("200")
                    && let Ok(mut onward) = TcpStream::connect(target).await
                {
                    let _ = copy_bidirectional(&mut stream, &mut onward).await;
                }
            });
        }
    });
    address
}

/// What asking for a bucket through the relay fails with.
async fn asked(target: SocketAddr, proxy: SocketAddr) -> Failure {
    let uri = |address: SocketAddr| -> Uri { format!("http://{address}").parse().expect("a URI") };
    let password = HeaderValue::from_static("Basic QWxhZGRpbjpvcGVuc2VzYW1l");
    let relay = Relay::start(uri(target), uri(proxy), Some(password), TIMEOUT)
        .await
        .expect("a relay");
    let control = StorageControl::builder()
        .with_credentials(anonymous::Builder::new().build())
        .with_endpoint(relay.endpoint())
        .with_retry_policy(FewTries)
        .build()
        .await
        .expect("a client");
    let bucket = BucketName::parse("acme-images").expect("a name");
    let error = crate::gcp::reads::get_bucket(&control, &bucket, TIMEOUT)
        .await
        .expect_err("no bucket");
    let doing = Doing {
        what: "could not read the bucket",
        permission: "storage.buckets.get",
        caller: "ana",
        project: None,
    };
    failure::failure(doing, &error)
}

#[tokio::test]
async fn calls_go_through_the_proxy_under_their_own_name() {
    let (at_service, at_proxy) = (Seen::default(), Seen::default());
    let target = service(Arc::clone(&at_service)).await;
    let proxy = proxy(Arc::clone(&at_proxy), "200 OK").await;
    let failure = asked(target, proxy).await;
    assert_eq!(failure.code, ErrorCode::TargetNotFound);
    assert_eq!(
        *at_service.lock().expect("unpoisoned"),
        [format!("{target} /google.storage.v2.Storage/GetBucket")]
    );
    let asked = at_proxy.lock().expect("unpoisoned").join("\n");
    assert!(
        asked.starts_with(&format!("CONNECT {target} HTTP/1.1")),
        "{asked}"
    );
    assert!(asked.contains("Proxy-Authorization: Basic"), "{asked}");
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told_at_once() {
    for (status, words) in [
        (
            "407 Proxy Authentication Required",
            "proxy authorization required",
        ),
        ("403 Forbidden", "unsuccessful"),
    ] {
        let target = service(Seen::default()).await;
        let proxy = proxy(Seen::default(), status).await;
        let failure = asked(target, proxy).await;
        assert_eq!(failure.code, ErrorCode::Proxy, "{failure:?}");
        assert!(failure.causes[0].contains(words), "{failure:?}");
        assert!(failure.hints[0].contains("HTTPS_PROXY"));
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_told_at_once() {
    let target = service(Seen::default()).await;
    let gone = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a socket");
        listener.local_addr().expect("its address")
    };
    let failure = asked(target, gone).await;
    assert_eq!(failure.code, ErrorCode::Proxy, "{failure:?}");
}

#[tokio::test]
async fn this_machine_is_never_reached_through_a_proxy() {
    let relay = Relay::start_for("http://127.0.0.1:8080", TIMEOUT).await;
    assert!(relay.expect("no proxy").is_none());
}
