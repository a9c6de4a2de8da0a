//! gRPC on top of one HTTP/2 exchange: a message with its length before it, and the status in the trailers.
//!
//! See <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use prost::Message;

use super::call::routed_to;
use super::problem::{Code, Problem};
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// A flag and a length before every message.
const PREFIX: usize = 5;
/// What a message of an error may not hold as it is.
const NOT_PLAIN: &AsciiSet = &CONTROLS.add(b'%');

/// The one message of a request.
pub(crate) fn message(request: &Incoming) -> Result<Bytes, Problem> {
    let malformed = |what: &str| Problem::new(Code::Internal, format!("Malformed frame: {what}"));
    if request.method != "POST" {
        return Err(malformed("a call is made with POST"));
    }
    let Some((prefix, content)) = request.body.split_at_checked(PREFIX) else {
        return Err(malformed("it has no prefix"));
    };
    if prefix[0] != 0 {
        return Err(Problem::not_implemented("compressed messages"));
    }
    let length = prefix[1..]
        .iter()
        .fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    if length == content.len() {
        Ok(request.body.slice(PREFIX..))
    } else {
        Err(malformed("its length is not the announced one"))
    }
}

/// Refuses a request that is routed to something else than it is about.
///
/// The service refuses a request without the header as well.
/// See <https://github.com/googleapis/googleapis/blob/master/google/storage/v2/storage.proto>.
pub(crate) fn check_routing(request: &Incoming, resource: &str) -> Result<(), Problem> {
    match routed_to(request) {
        Some(routed) if routed == resource => Ok(()),
        Some(routed) => Err(Problem::new(
            Code::InvalidArgument,
            format!("The routing header names '{routed}', and the request is about '{resource}'."),
        )),
        None => Err(Problem::new(
            Code::InvalidArgument,
            "The request has no routing header: 'x-goog-request-params' must hold 'bucket'.",
        )),
    }
}

/// A success.
pub(crate) fn answer(message: &impl Message) -> Answer {
    let content = message.encode_to_vec();
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    let mut framed = vec![0];
    framed.extend(length.to_be_bytes());
    framed.extend(content);
    Answer::new(200)
        .body("application/grpc", framed)
        .trailer("grpc-status", "0")
}

/// An error.
pub(crate) fn error(problem: &Problem) -> Answer {
    let message = utf8_percent_encode(&problem.message, NOT_PLAIN).to_string();
    let mut answer = Answer::new(200)
        .header("content-type", "application/grpc")
        .trailer("grpc-status", problem.code.number().to_string())
        .trailer("grpc-message", message);
    if !problem.details.is_empty() {
        let details = problem.grpc_status().encode_to_vec();
        answer = answer.trailer("grpc-status-details-bin", STANDARD_NO_PAD.encode(details));
    }
    answer
}

/// A success whose message makes no sense.
pub(crate) fn garbage() -> Answer {
    Answer::new(200)
        .body("application/grpc", vec![0, 0, 0, 0, 3, 0xff, 0xff, 0xff])
        .trailer("grpc-status", "0")
}
