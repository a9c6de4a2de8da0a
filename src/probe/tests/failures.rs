//! What goes wrong on the way, and what it is called.

use super::*;

#[tokio::test]
async fn a_connection_cut_off_once_is_asked_again() {
    let (port, served) = serve([Vec::new(), b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()]).await;
    let exchange = prober()
        .fetch(&url(&format!("http://127.0.0.1:{port}/")), None, None, None)
        .await
        .expect("an answer");
    assert_eq!(exchange.status, 204);
    assert_eq!(served.await.expect("requests").len(), 2);
}

#[tokio::test]
async fn a_connection_cut_off_twice_is_an_unexpected_answer() {
    let (port, served) = serve([Vec::new(), Vec::new()]).await;
    let failure = prober()
        .fetch(
            &url(&format!("http://127.0.0.1:{port}/?sig=abc")),
            None,
            None,
            None,
        )
        .await
        .expect_err("no answer");
    assert_eq!(failure.code, ErrorCode::UnexpectedAnswer);
    assert_eq!(
        failure.message,
        format!("could not fetch `http://127.0.0.1:{port}/?sig=REDACTED`")
    );
    assert!(
        failure
            .one_line()
            .contains("ended the connection before it answered"),
        "{failure:?}"
    );
    assert!(!format!("{failure:?}").contains("sig=abc"));
    assert_eq!(served.await.expect("requests").len(), 2);
}

#[tokio::test]
async fn a_reset_is_an_unexpected_answer() {
    let (listener, port) = listen().await;
    let server = tokio::spawn(async move {
        for _ in 0..2 {
            let (stream, _) = listener.accept().await.expect("a connection");
            // Closed with the request unread, the system answers with a reset.
            stream.readable().await.expect("a request");
        }
    });
    let failure = prober()
        .fetch(&url(&format!("http://127.0.0.1:{port}/")), None, None, None)
        .await
        .expect_err("no answer");
    assert_eq!(failure.code, ErrorCode::UnexpectedAnswer, "{failure:?}");
    server.await.expect("two connections");
}

#[tokio::test]
async fn garbage_is_an_unexpected_answer_and_asked_for_once() {
    for garbage in [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "\0\0\0\0\r\n\r\n",
    ] {
        let failure = answer_to_fetch(garbage).await.expect_err("no answer");
        assert_eq!(failure.code, ErrorCode::UnexpectedAnswer, "{garbage:?}");
        assert!(failure.one_line().contains("is not HTTP"), "{failure:?}");
    }
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let (listener, port) = listen().await;
    let prober = Prober::with_proxies(Duration::from_millis(50), Proxies::None);
    let failure = prober
        .preflight(
            &url(&format!("http://127.0.0.1:{port}/")),
            None,
            ORIGIN,
            "GET",
            &[],
        )
        .await
        .expect_err("no answer");
    assert_eq!(failure.code, ErrorCode::Timeout, "{failure:?}");
    assert!(failure.one_line().contains("within 50ms"), "{failure:?}");
    drop(listener);
}

#[tokio::test]
async fn a_closed_port_is_no_network() {
    let (listener, port) = listen().await;
    drop(listener);
    for scheme in ["http", "https"] {
        let failure = prober()
            .fetch(
                &url(&format!("{scheme}://127.0.0.1:{port}/")),
                None,
                None,
                None,
            )
            .await
            .expect_err("no answer");
        assert_eq!(failure.code, ErrorCode::NoNetwork, "{failure:?}");
        assert!(
            failure.one_line().contains(&format!("port {port}")),
            "{failure:?}"
        );
    }
}

#[tokio::test]
async fn a_name_that_cannot_exist_is_no_network() {
    // A label may have 63 letters, so this is refused without asking any server. TLS would refuse
    // the name even earlier, so the client is used without the checks before it.
    let target = url(&format!("http://{}.invalid/", "a".repeat(64)));
    let prober = prober();
    let client = prober.client(false).expect("a client");
    let error = client
        .get(target.clone())
        .send()
        .await
        .expect_err("no answer");
    let way = Way {
        url: &target,
        proxy: None,
        timeout: PATIENCE,
    };
    assert!(!transport::may_pass(&error));
    let failure = transport::failure(&error, &way, String::new());
    assert_eq!(failure.code, ErrorCode::NoNetwork, "{failure:?}");
    assert!(
        failure.one_line().contains("could not be found"),
        "{failure:?}"
    );
}

#[tokio::test]
async fn plain_http_behind_an_https_port_is_a_tls_failure() {
    let (listener, port) = listen().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut hello = [0; 16];
        let _ = stream.read_exact(&mut hello).await;
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    });
    let failure = prober()
        .fetch(
            &url(&format!("https://127.0.0.1:{port}/")),
            None,
            None,
            None,
        )
        .await
        .expect_err("no answer");
    assert_eq!(failure.code, ErrorCode::Tls, "{failure:?}");
    assert!(failure.one_line().contains("is not TLS"), "{failure:?}");
    server.await.expect("one connection");
}

#[tokio::test]
async fn a_handshake_cut_off_is_a_tls_failure() {
    let (listener, port) = listen().await;
    let server = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut hello = [0; 16];
            let _ = stream.read_exact(&mut hello).await;
        }
    });
    let failure = prober()
        .fetch(
            &url(&format!("https://127.0.0.1:{port}/")),
            None,
            None,
            None,
        )
        .await
        .expect_err("no answer");
    assert_eq!(failure.code, ErrorCode::Tls, "{failure:?}");
    assert!(
        failure.one_line().contains("while it was being secured"),
        "{failure:?}"
    );
    server.await.expect("two connections");
}

fn through_proxy(port: u16) -> Prober {
    Prober::with_proxies(
        PATIENCE,
        Proxies::Fixed {
            variable: "HTTPS_PROXY",
            url: format!("http://ana:geheim@127.0.0.1:{port}"),
        },
    )
}

async fn fetch_through(port: u16) -> Failure {
    let failure = through_proxy(port)
        .fetch(
            &url("https://b.s3.eu-west-1.amazonaws.com/k"),
            None,
            None,
            None,
        )
        .await
        .expect_err("no answer");
    assert!(!format!("{failure:?}").contains("geheim"), "{failure:?}");
    failure
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_by_its_variable() {
    let denied = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
    let (port, served) = serve([denied.to_vec(), denied.to_vec()]).await;
    let failure = fetch_through(port).await;
    assert_eq!(failure.code, ErrorCode::Proxy, "{failure:?}");
    assert!(
        failure.one_line().contains("the proxy from `HTTPS_PROXY`"),
        "{failure:?}"
    );
    for request in served.await.expect("requests") {
        assert!(
            request.starts_with("CONNECT b.s3.eu-west-1.amazonaws.com:443 "),
            "{request}"
        );
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_is_a_proxy_failure() {
    let (listener, port) = listen().await;
    drop(listener);
    assert_eq!(fetch_through(port).await.code, ErrorCode::Proxy);
}

#[tokio::test]
async fn nonsense_behind_a_proxy_is_a_tls_failure() {
    let (listener, port) = listen().await;
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        head(&mut stream).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        let mut hello = [0; 16];
        let _ = stream.read_exact(&mut hello).await;
        let _ = stream.write_all(b"<html>blocked</html>").await;
    });
    let failure = fetch_through(port).await;
    assert_eq!(failure.code, ErrorCode::Tls, "{failure:?}");
    server.await.expect("one connection");
}

#[tokio::test]
async fn this_machine_is_never_asked_through_a_proxy() {
    let (listener, closed) = listen().await;
    drop(listener);
    let (port, served) = serve([b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()]).await;
    let exchange = through_proxy(closed)
        .fetch(&url(&format!("http://127.0.0.1:{port}/")), None, None, None)
        .await
        .expect("an answer");
    assert_eq!(exchange.status, 204);
    served.await.expect("one request");
}
