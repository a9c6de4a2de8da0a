//! CORS as S3 does it: the configuration, the preflight, and the headers of actual responses.
//!
//! Written from the S3 guide alone; it shares nothing with what the program itself knows about CORS.
//! See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>.

mod configuration;
mod matching;
mod preflight;

pub(crate) use configuration::{read, write};
pub(crate) use matching::response_headers;
pub(crate) use preflight::preflight;
