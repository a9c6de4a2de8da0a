//! A request as it arrived, and what a cloud has to be able to do with it.
//!
//! This module knows HTTP and no cloud.

use std::net::IpAddr;

use bytes::Bytes;
use hyper::header::HeaderMap;

use super::State;
use super::answer::Answer;

/// A whole request.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub method: String,
    /// The path as it was sent, percent-encoding and all.
    pub path: String,
    /// The query as it was sent, without its question mark; empty when there was none.
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub peer: IpAddr,
}

impl Incoming {
    /// The first value of a header, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The path and query as they were sent.
    pub fn target(&self) -> String {
        if self.query.is_empty() {
            self.path.clone()
        } else {
            format!("{}?{}", self.path, self.query)
        }
    }
}

/// What a request is, told from its shape alone, before anything is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    pub service: &'static str,
    pub operation: String,
    pub bucket: Option<String>,
    /// What must not be written twice at the same time, where this request writes.
    pub exclusive: Option<String>,
    /// Whether the client named the owner that it expects.
    pub names_owner: bool,
    /// The path and query without signatures and tokens.
    pub target: String,
}

/// What became of a request.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    pub answer: Answer,
    pub caller: Option<String>,
    pub error_code: Option<String>,
}

/// The circumstances of a request that are not in the request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstance {
    pub sequence: u64,
    /// Another write to the same thing was under way when this one arrived.
    pub overlaps: bool,
}

/// One vendor's services behind the socket.
pub(crate) trait Cloud: Send + Sync {
    /// Learns where it is reached, before the first request.
    fn started(&self, _state: &mut State, _endpoint: &str) {}

    /// Tells what a request is.
    fn describe(&self, request: &Incoming) -> Label;

    /// Decides, changes the state, and answers.
    fn handle(&self, state: &mut State, request: &Incoming, circumstance: Circumstance) -> Outcome;

    /// Status, code and message with which the service that was asked says that it was asked too often.
    fn throttling(&self, _request: &Incoming) -> (u16, &'static str, &'static str) {
        (429, "TooManyRequests", "Too many requests.")
    }

    /// An error in the form of the service that was asked.
    fn error(&self, request: &Incoming, status: u16, code: &str, message: &str) -> Answer;

    /// A success in the form of the service that was asked, whose content makes no sense.
    fn garbage(&self, _request: &Incoming) -> Answer {
        Answer::new(200).body("application/xml", "\u{1}<<not the answer")
    }
}
