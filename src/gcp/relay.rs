//! Carries gRPC through a proxy.
//!
//! Google's library opens its gRPC connections itself and knows no proxy: behind one it would wait for a connection that
//! never comes. So where the environment names a proxy for Cloud Storage, the library is pointed at a listener inside this
//! process, on 127.0.0.1, and each call goes on from here: through the proxy's CONNECT, over TLS, to Google. Nothing
//! is decided, kept or changed on the way but the authority, and whoever else connects gets no further than with a
//! request of their own.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::error::{ErrorCode, Failure};
use crate::probe::{links, tls_words};

/// What the message of an answer of the relay's own begins with.
pub const MARK: &str = "segments-connect relay: ";

type ToProxy = Tunnel<HttpsConnector<HttpConnector>>;
type Onward = Client<HttpsConnector<ToProxy>, Incoming>;
type Body = BoxBody<Bytes, hyper::Error>;

/// A listener that carries calls on, for as long as it lives.
pub struct Relay {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Relay {
    /// Starts one, where the environment names a proxy for `target`.
    ///
    /// # Errors
    /// For a proxy of a kind that cannot carry it, and when this machine gives no listener.
    pub async fn start_for(target: &str, timeout: Duration) -> Result<Option<Self>, Failure> {
        let target: Uri = target.parse().map_err(|error: http::uri::InvalidUri| {
            Failure::new(ErrorCode::UnexpectedAnswer, "could not reach Google")
                .cause(error.to_string())
        })?;
        let local = target
            .host()
            .and_then(|host| url::Host::parse(host).ok())
            .is_some_and(|host| crate::probe::is_loopback(&host));
        if local {
            return Ok(None);
        }
        let Some(proxy) = Matcher::from_system().intercept(&target) else {
            return Ok(None);
        };
        if !matches!(proxy.uri().scheme_str(), Some("http" | "https")) {
            return Err(Failure::new(
                ErrorCode::Proxy,
                "the proxy that the environment names cannot carry what Google's library sends",
            )
            .cause("only proxies with an `http://` or `https://` address can; this is one of another kind, such as SOCKS")
            .hint("name another proxy in `HTTPS_PROXY`, or except `storage.googleapis.com` from it with `NO_PROXY`"));
        }
        Self::start(
            target,
            proxy.uri().clone(),
            proxy.basic_auth().cloned(),
            timeout,
        )
        .await
        .map(Some)
        .map_err(|error| {
            Failure::new(
                ErrorCode::Proxy,
                "could not prepare the way through the proxy",
            )
            .because(&error.into())
        })
    }

    async fn start(
        target: Uri,
        proxy: Uri,
        authorization: Option<HeaderValue>,
        timeout: Duration,
    ) -> std::io::Result<Self> {
        let onward = onward(proxy, authorization, timeout)?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (onward, target) = (onward.clone(), target.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        let (onward, target) = (onward.clone(), target.clone());
                        async move { Ok::<_, Infallible>(carry(&onward, &target, request).await) }
                    });
                    // An error here is a connection that ended.
                    let _ = http2::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service)
                        .await;
                });
            }
        });
        Ok(Self { address, task })
    }

    /// Where Google's library is to connect.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn onward(
    proxy: Uri,
    authorization: Option<HeaderValue>,
    timeout: Duration,
) -> std::io::Result<Onward> {
    let mut plain = HttpConnector::new();
    plain.enforce_http(false);
    plain.set_connect_timeout(Some(timeout));
    plain.set_nodelay(true);
    // The proxy itself may want TLS.
    let to_proxy = HttpsConnectorBuilder::new()
        .with_native_roots()?
        .https_or_http()
        .enable_http1()
        .wrap_connector(plain);
    let mut tunnel = Tunnel::new(proxy, to_proxy);
    if let Some(authorization) = authorization {
        tunnel = tunnel.with_auth(authorization);
    }
    let through = HttpsConnectorBuilder::new()
        .with_native_roots()?
        .https_or_http()
        .enable_http2()
        .wrap_connector(tunnel);
    Ok(Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build(through))
}

/// Sends one call on, and its answer back. What kept it from arriving is answered as gRPC answers.
async fn carry(onward: &Onward, target: &Uri, mut request: Request<Incoming>) -> Response<Body> {
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(target.scheme().cloned().unwrap_or(Scheme::HTTPS));
    parts.authority = target
        .authority()
        .cloned()
        .or_else(|| Some(Authority::from_static("storage.googleapis.com")));
    match Uri::from_parts(parts) {
        Ok(uri) => *request.uri_mut() = uri,
        Err(error) => return refused(&error.to_string()),
    }
    request.headers_mut().remove(http::header::HOST);
    match onward.request(request).await {
        Ok(response) => response.map(BodyExt::boxed),
        Err(error) => {
            let links = links(&error);
            let tls = links
                .iter()
                .find_map(|link| link.downcast_ref::<rustls::Error>());
            refused(&match tls {
                Some(tls) => format!("tls: {}", tls_words(tls, "Google").0),
                None => links
                    .last()
                    .map_or_else(|| error.to_string(), ToString::to_string),
            })
        }
    }
}

/// `UNAVAILABLE`: <https://grpc.github.io/grpc/core/md_doc_statuscodes.html>.
fn refused(why: &str) -> Response<Body> {
    let message: String = percent_encoding::utf8_percent_encode(
        &format!("{MARK}{why}"),
        percent_encoding::NON_ALPHANUMERIC,
    )
    .collect();
    let mut response = Response::new(
        Empty::<Bytes>::new()
            .map_err(|never| match never {})
            .boxed(),
    );
    let headers = response.headers_mut();
    headers.insert(
        http::header::CONTENT_TYPE,
        HeaderValue::from_static("application/grpc"),
    );
    headers.insert("grpc-status", HeaderValue::from_static("14"));
    if let Ok(message) = HeaderValue::from_str(&message) {
        headers.insert("grpc-message", message);
    }
    response
}

#[cfg(test)]
mod tests;
