//! What arrived, in order, with times: for tests that look at what a client really sent.
//!
//! Signatures and tokens never get here.

use std::time::{Duration, Instant};

use super::incoming::Label;

/// One request, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// Counts all requests since the start, from 1.
    pub sequence: u64,
    /// AWS: `s3`, `sts`, `kms`, `s3control`; Azure: `arm`, `graph`, `entra`, `identity`, `blob`; at Google Cloud the first
    /// word of the API's host, such as `storage`.
    pub service: String,
    /// The operation's name, such as `PutBucketPolicy`; `OPTIONS` for a preflight.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// The path and query; signatures and tokens in it are replaced by `REDACTED`.
    pub target: String,
    /// The bucket; at Azure, the storage account.
    pub bucket: Option<String>,
    /// The caller, by ARN, object ID or e-mail address; `None` when it was anonymous, not recognised, or never looked at.
    pub caller: Option<String>,
    /// Whether the client named the owner that it expects (`x-amz-expected-bucket-owner`).
    pub names_owner: bool,
    /// The HTTP status that was sent, which is 200 for every answer of gRPC; `None` while the request is under way, and when nothing was sent.
    pub status: Option<u16>,
    /// The error code that was sent.
    pub error_code: Option<String>,
    /// When it arrived, counted from the start of the sandbox.
    pub start: Duration,
    /// When it was over, also when the client went away first; `None` while it is under way.
    pub finish: Option<Duration>,
}

/// The longest chain of requests in which each one started after the one before it was over.
///
/// That is how many times a client had to wait for the network, however many requests it sent side by side.
#[must_use]
pub fn round_trips(requests: &[LoggedRequest]) -> usize {
    let mut ordered: Vec<&LoggedRequest> = requests.iter().collect();
    ordered.sort_by_key(|request| request.start);
    let mut chains: Vec<(Option<Duration>, usize)> = Vec::with_capacity(ordered.len());
    for request in ordered {
        let before = chains
            .iter()
            .filter(|(finish, _)| finish.is_some_and(|finish| finish <= request.start))
            .map(|(_, length)| *length)
            .max();
        chains.push((request.finish, before.unwrap_or(0) + 1));
    }
    chains.iter().map(|(_, length)| *length).max().unwrap_or(0)
}

/// The log itself.
#[derive(Debug)]
pub(crate) struct Journal {
    began: Instant,
    last: u64,
    entries: Vec<LoggedRequest>,
}

impl Journal {
    pub fn new() -> Self {
        Self {
            began: Instant::now(),
            last: 0,
            entries: Vec::new(),
        }
    }

    /// Notes that a request arrived; returns its sequence number.
    pub fn begin(&mut self, label: &Label, method: &str, arrived: Instant) -> u64 {
        self.last += 1;
        self.entries.push(LoggedRequest {
            sequence: self.last,
            service: label.service.to_owned(),
            operation: label.operation.clone(),
            method: method.to_owned(),
            target: label.target.clone(),
            bucket: label.bucket.clone(),
            caller: None,
            names_owner: label.names_owner,
            status: None,
            error_code: None,
            start: arrived.saturating_duration_since(self.began),
            finish: None,
        });
        self.last
    }

    /// Notes who asked.
    pub fn caller(&mut self, sequence: u64, caller: Option<String>) {
        if let Some(entry) = self.find(sequence) {
            entry.caller = caller;
        }
    }

    /// Notes that a request is over.
    pub fn finish(&mut self, sequence: u64, status: Option<u16>, error_code: Option<String>) {
        let now = self.began.elapsed();
        if let Some(entry) = self.find(sequence) {
            entry.status = status;
            entry.error_code = error_code;
            entry.finish = Some(now);
        }
    }

    /// Notes that a request is over, if it is not noted yet: the client went away.
    pub fn abandon(&mut self, sequence: u64) {
        let now = self.began.elapsed();
        if let Some(entry) = self.find(sequence) {
            entry.finish.get_or_insert(now);
        }
    }

    pub fn entries(&self) -> Vec<LoggedRequest> {
        self.entries.clone()
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    fn find(&mut self, sequence: u64) -> Option<&mut LoggedRequest> {
        self.entries
            .iter_mut()
            .rev()
            .find(|entry| entry.sequence == sequence)
    }
}
