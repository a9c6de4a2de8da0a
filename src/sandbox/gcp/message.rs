//! The protocol buffers that Cloud Storage speaks over gRPC, as far as this place knows them.
//!
//! Only shapes: numbers and names are those of the published definitions, <https://github.com/googleapis/googleapis>.

pub mod bucket;
pub mod iam;
pub mod object;
pub mod status;

use bytes::Bytes;
use prost::Message;
use time::OffsetDateTime;

use super::problem::{Code, Problem};

/// Some fields of a message, by their paths.
/// See <https://protobuf.dev/reference/protobuf/google.protobuf/#field-mask>.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct FieldMask {
    /// The paths, with underscores.
    #[prost(string, repeated, tag = "1")]
    pub paths: Vec<String>,
}

/// A moment.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Timestamp {
    /// Seconds since 1970.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// And nanoseconds.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl Timestamp {
    /// The moment as RFC 3339 has it, to the millisecond.
    #[must_use]
    pub fn text(&self) -> String {
        let moment =
            OffsetDateTime::from_unix_timestamp(self.seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        moment_text(moment)
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        Self {
            seconds: moment.unix_timestamp(),
            nanos: 0,
        }
    }
}

/// A moment as the JSON forms have it.
pub(crate) fn moment_text(moment: OffsetDateTime) -> String {
    let format =
        time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].000Z");
    moment.format(&format).unwrap_or_default()
}

/// A span of time.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct Duration {
    /// Whole seconds.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// And nanoseconds.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

/// A message of any type.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Any {
    /// Which type.
    #[prost(string, tag = "1")]
    pub type_url: String,
    /// The message itself.
    #[prost(bytes = "vec", tag = "2")]
    pub value: Vec<u8>,
}

/// Reads a request. A field that its definition does not have is refused here, where Google would pass over it.
pub(crate) fn read<M: Message + Default>(bytes: &Bytes) -> Result<M, Problem> {
    let message = M::decode(bytes.clone()).map_err(|error| {
        Problem::new(
            Code::Internal,
            format!("Failed to parse the request: {error}"),
        )
    })?;
    // What was not understood is not written again either.
    if message.encoded_len() == bytes.len() {
        Ok(message)
    } else {
        Err(Problem::new(
            Code::InvalidArgument,
            "The request has a field that its message does not define.",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_without_a_definition_is_refused_at_any_depth() {
        let inner = FieldMask {
            paths: vec!["cors".to_owned()],
        };
        let request = bucket::UpdateBucketRequest {
            update_mask: Some(inner.clone()),
            ..bucket::UpdateBucketRequest::default()
        };
        let bytes = Bytes::from(request.encode_to_vec());
        assert_eq!(
            read::<bucket::UpdateBucketRequest>(&bytes).ok(),
            Some(request)
        );

        // The same mask, with a field 9 in it and then in the request itself.
        let mut mask = inner.encode_to_vec();
        mask.extend([0x48, 1]);
        let mut nested = vec![0x32, u8::try_from(mask.len()).unwrap()];
        nested.extend(&mask);
        let mut outer = bytes.to_vec();
        outer.extend([0x78, 1]);
        for wrong in [nested, outer] {
            let problem = read::<bucket::UpdateBucketRequest>(&Bytes::from(wrong)).unwrap_err();
            assert_eq!(problem.code, Code::InvalidArgument);
        }
        let torn = read::<bucket::UpdateBucketRequest>(&bytes.slice(..2)).unwrap_err();
        assert_eq!(torn.code, Code::Internal);
    }
}
