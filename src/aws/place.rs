//! Where a bucket is, and what to call it: its names, its URLs, and the commands that a report prints.
//!
//! Known without being signed in. Nothing is asked here.

use std::fmt::Write;

use super::target::BucketName;
use crate::redact::shell_quote;

/// A bucket, as far as it is known where it is and whose it is.
#[derive(Debug, Clone)]
pub struct Place {
    /// The bucket.
    pub bucket: BucketName,
    /// Its Region, observed or assumed; nothing where nobody could be asked.
    pub region: Option<String>,
    /// Whether the Region came from the service or from whoever knows it, or had to be assumed.
    pub region_observed: bool,
    /// The account that owns it, where every question demands that it does.
    pub owner: Option<String>,
    /// Whether the caller may list it; `None` where that was not seen.
    pub may_list: Option<bool>,
    /// The flags that lead to the same bucket as the same caller.
    pub flags: Vec<(&'static str, String)>,
}

impl Place {
    /// The Region, where it is known and not only assumed.
    #[must_use]
    pub fn known_region(&self) -> Option<&str> {
        self.region.as_deref().filter(|_| self.region_observed)
    }

    /// A command of this program for the same bucket and as the same caller, to be pasted into a shell.
    #[must_use]
    pub fn command(&self, action: &str) -> String {
        let mut command = format!("segments-connect aws {action} --bucket {}", self.bucket);
        for (flag, value) in &self.flags {
            let _ = write!(command, " {flag} {}", shell_quote(value));
        }
        command
    }

    /// The URL to register with Segments.ai: the published form, which names the bucket's real Region.
    #[must_use]
    pub fn registered_url(&self, key: &str) -> String {
        let region = self.region.as_deref().unwrap_or("<region>");
        registered_url(self.bucket.as_str(), region, key)
    }
}

/// `https://BUCKET.s3.REGION.amazonaws.com/KEY`, with the key encoded as S3 does.
#[must_use]
pub fn registered_url(bucket: &str, region: &str, key: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    // Unreserved characters and the slash stay:
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
    const KEY: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'~')
        .remove(b'/');
    format!(
        "https://{bucket}.s3.{region}.amazonaws.com/{}",
        utf8_percent_encode(key, KEY)
    )
}

#[cfg(test)]
mod tests {
    use super::registered_url;

    #[test]
    fn keys_are_encoded_as_s3_does() {
        assert_eq!(
            registered_url("acme", "eu-west-1", "a b/ü+%#?.jpg"),
            "https://acme.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B%25%23%3F.jpg"
        );
    }
}
