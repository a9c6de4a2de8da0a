//! The socket on 127.0.0.1 and the thread behind it.
//!
//! This module moves bytes; what they mean is for [`super::exchange`].

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread::JoinHandle;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::exchange::{Shared, exchange};

/// A listening socket with its thread; both end when it is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    /// Starts to listen on 127.0.0.1.
    pub fn start(port: u16, shared: Arc<Shared>) -> io::Result<Self> {
        let socket = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("sandbox".to_owned())
            .spawn(move || {
                // Dropping the runtime afterwards drops every connection that is still open.
                runtime.block_on(accept(socket, shared, stopped));
            })?;
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic over there was already printed by that thread.
            let _ = thread.join();
        }
    }
}

async fn accept(
    socket: std::net::TcpListener,
    shared: Arc<Shared>,
    mut stopped: oneshot::Receiver<()>,
) {
    let Ok(listener) = TcpListener::from_std(socket) else {
        return;
    };
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => return,
            accepted = listener.accept() => accepted,
        };
        if let Ok((stream, peer)) = accepted {
            let _ = stream.set_nodelay(true);
            tokio::spawn(serve(stream, peer.ip(), Arc::clone(&shared)));
        }
    }
}

async fn serve(stream: TcpStream, peer: IpAddr, shared: Arc<Shared>) {
    let Ok(wire) = Wire::new(stream) else {
        return;
    };
    let service = {
        let wire = wire.clone();
        service_fn(move |request| exchange(Arc::clone(&shared), wire.clone(), peer, request))
    };
    // An error here is a client that went away, or a fault that was asked for.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(wire), service)
        .await;
}

/// A connection that can be looked at, and told to end in a reset, while hyper holds it.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    stream: Arc<Mutex<TcpStream>>,
    /// The same socket, past what the runtime has noticed so far.
    socket: Arc<std::net::TcpStream>,
}

impl Wire {
    fn new(stream: TcpStream) -> io::Result<Self> {
        let stream = stream.into_std()?;
        let socket = Arc::new(stream.try_clone()?);
        let stream = Arc::new(Mutex::new(TcpStream::from_std(stream)?));
        Ok(Self { stream, socket })
    }

    /// Makes closing the connection send RST instead of FIN.
    pub fn reset_on_close(&self) -> io::Result<()> {
        self.stream().set_zero_linger()
    }

    /// Whether the client has closed its side.
    pub fn client_is_gone(&self) -> bool {
        match self.socket.peek(&mut [0]) {
            Ok(length) => length == 0,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    fn stream(&self) -> MutexGuard<'_, TcpStream> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream()).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.stream()).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream()).poll_shutdown(context)
    }
}
