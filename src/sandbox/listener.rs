//! The socket on 127.0.0.1 and the thread behind it. It speaks HTTP/1, and HTTP/2 to a client that begins with it.
//!
//! This module moves bytes; what they mean is for [`super::exchange`].

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
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
    let _ = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(wire), service)
        .await;
}

/// A connection that can be looked at, and ended in a reset, while hyper holds it.
#[derive(Debug, Clone)]
pub(crate) struct Wire(Arc<Mutex<Ends>>);

/// The socket, until it is reset, and who waits for its next bytes.
#[derive(Debug)]
struct Ends {
    open: Option<Socket>,
    reader: Option<Waker>,
}

#[derive(Debug)]
struct Socket {
    stream: TcpStream,
    /// The same socket, past what the runtime has noticed so far.
    raw: std::net::TcpStream,
}

impl Wire {
    fn new(stream: TcpStream) -> io::Result<Self> {
        let stream = stream.into_std()?;
        let raw = stream.try_clone()?;
        let stream = TcpStream::from_std(stream)?;
        Ok(Self(Arc::new(Mutex::new(Ends {
            open: Some(Socket { stream, raw }),
            reader: None,
        }))))
    }

    /// Ends the connection, whatever else goes on in it, with RST instead of FIN.
    pub fn reset(&self) -> io::Result<()> {
        let mut ends = self.ends();
        if let Some(socket) = ends.open.take() {
            socket.stream.set_zero_linger()?;
        }
        if let Some(reader) = ends.reader.take() {
            reader.wake();
        }
        Ok(())
    }

    /// Whether the client has closed its side.
    pub fn client_is_gone(&self) -> bool {
        let ends = self.ends();
        let Some(socket) = &ends.open else {
            return true;
        };
        match socket.raw.peek(&mut [0]) {
            Ok(length) => length == 0,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    fn ends(&self) -> MutexGuard<'_, Ends> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the socket, unless it was reset.
    fn poll<T>(
        &self,
        act: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match &mut self.ends().open {
            Some(socket) => act(Pin::new(&mut socket.stream)),
            None => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.ends().reader = Some(context.waker().clone());
        self.poll(|stream| stream.poll_read(context, buffer))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll(|stream| stream.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(|stream| stream.poll_shutdown(context))
    }
}
