//! What goes back to a client: an answer, whole or cut off on purpose.
//!
//! This module knows HTTP and no cloud.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::Response;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

/// How many bytes a cut-off answer claims when there was nothing to cut.
const CLAIMED: usize = 64;

/// A status, headers and a body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// What follows the body, as gRPC has it.
    pub trailers: Vec<(String, String)>,
}

impl Answer {
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Bytes::new(),
            trailers: Vec::new(),
        }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    #[must_use]
    pub fn trailer(mut self, name: &str, value: impl Into<String>) -> Self {
        self.trailers.push((name.to_owned(), value.into()));
        self
    }

    /// The answer as hyper sends it.
    pub fn whole(self) -> Result<Response<Payload>, io::Error> {
        let trailers = header_map(&self.trailers)?;
        let payload = Payload {
            data: Some(self.body).filter(|body| !body.is_empty()),
            trailers: Some(trailers).filter(|trailers| !trailers.is_empty()),
            end: End::Regular,
        };
        assemble(self.status, &self.headers, payload)
    }

    /// The answer with its true length and half of its body; an answer without a body claims one that never comes.
    ///
    /// What ends in trailers has no length to claim: it breaks off before them.
    pub fn cut_off(self) -> Result<Response<Payload>, io::Error> {
        let half = self.body.slice(..self.body.len() / 2);
        let (status, length) = if self.body.is_empty() {
            (200, CLAIMED)
        } else {
            (self.status, self.body.len())
        };
        let mut headers = self.headers;
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        if self.trailers.is_empty() {
            headers.push(("content-length".to_owned(), length.to_string()));
        }
        let payload = Payload {
            data: Some(half).filter(|half| !half.is_empty()),
            trailers: None,
            end: End::Flush,
        };
        assemble(status, &headers, payload)
    }
}

/// The body of a response.
#[derive(Debug)]
pub(crate) struct Payload {
    data: Option<Bytes>,
    trailers: Option<HeaderMap>,
    end: End,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Regular,
    /// Let what was sent so far go out, then break.
    Flush,
    Break,
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match self.end {
            End::Regular => Poll::Ready(self.trailers.take().map(Frame::trailers).map(Ok)),
            End::Flush => {
                self.end = End::Break;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Break => Poll::Ready(Some(Err(io::Error::other("cut off on request")))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.end == End::Regular && self.data.is_none() && self.trailers.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::Regular if self.trailers.is_some() => SizeHint::default(),
            End::Regular => SizeHint::with_exact(self.data.as_ref().map_or(0, Bytes::len) as u64),
            End::Flush | End::Break => SizeHint::default(),
        }
    }
}

fn assemble(
    status: u16,
    headers: &[(String, String)],
    payload: Payload,
) -> Result<Response<Payload>, io::Error> {
    let mut builder = Response::builder().status(status);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    builder.body(payload).map_err(io::Error::other)
}

fn header_map(pairs: &[(String, String)]) -> Result<HeaderMap, io::Error> {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        let name = HeaderName::try_from(name).map_err(io::Error::other)?;
        let value = HeaderValue::try_from(value).map_err(io::Error::other)?;
        map.append(name, value);
    }
    Ok(map)
}
