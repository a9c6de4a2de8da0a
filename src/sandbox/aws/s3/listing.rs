//! Listing a bucket.
//!
//! See <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Visit;
use super::object::etag;
use crate::sandbox::answer::Answer;
use crate::sandbox::aws::bucket::Object;
use crate::sandbox::aws::problem::Problem;
use crate::sandbox::aws::xml::{document, element};

const MOST_KEYS: usize = 1000;

/// What `encoding-type=url` leaves as it is.
const IN_LISTING: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'*')
    .remove(b'/')
    .remove(b' ');

/// Lists keys in the order of their bytes.
pub fn list(visit: &Visit<'_>) -> Result<Answer, Problem> {
    visit.wish.may_at_bucket("s3:ListBucket")?;
    if visit.call.parameter("list-type") != Some("2") {
        return Err(Problem::not_implemented("list-type other than 2"));
    }
    if visit
        .request
        .headers
        .contains_key("x-amz-optional-object-attributes")
    {
        return Err(Problem::not_implemented("x-amz-optional-object-attributes"));
    }
    let prefix = visit.call.parameter("prefix").unwrap_or_default();
    let most = max_keys(visit)?;
    let after = continuation(visit)?;
    let encoded = match visit.call.parameter("encoding-type") {
        None => false,
        Some("url") => true,
        Some(other) => {
            return Err(invalid(
                "encoding-type",
                other,
                "Invalid Encoding Method specified in Request",
            ));
        }
    };
    let encode = |key: &str| {
        if encoded {
            utf8_percent_encode(key, IN_LISTING)
                .to_string()
                .replace(' ', "+")
        } else {
            key.to_owned()
        }
    };
    let mut found: Vec<(&String, &Object)> = visit
        .bucket()
        .objects
        .iter()
        .filter(|(key, object)| {
            let later = after.as_ref().is_none_or(|after| *key > after);
            later && key.starts_with(prefix) && !object.delete_marker
        })
        .take(most.saturating_add(1))
        .collect();
    let truncated = found.len() > most && most > 0;
    found.truncate(most);

    let mut content = element("Name", &visit.bucket().name);
    content.push_str(&element("Prefix", &encode(prefix)));
    if let Some(token) = visit.call.parameter("continuation-token") {
        content.push_str(&element("ContinuationToken", token));
    }
    if let Some((key, _)) = found.last().filter(|_| truncated) {
        content.push_str(&element(
            "NextContinuationToken",
            &URL_SAFE.encode(key.as_bytes()),
        ));
    }
    content.push_str(&element("KeyCount", &found.len().to_string()));
    content.push_str(&element("MaxKeys", &most.to_string()));
    if encoded {
        content.push_str(&element("EncodingType", "url"));
    }
    content.push_str(&element("IsTruncated", &truncated.to_string()));
    for (key, object) in found {
        content.push_str(&entry(visit, &encode(key), object));
    }
    Ok(Answer::new(200).body("application/xml", document("ListBucketResult", &content)))
}

fn entry(visit: &Visit<'_>, key: &str, object: &Object) -> String {
    let mut entry = element("Key", key);
    entry.push_str(&element("LastModified", "2026-01-01T00:00:00.000Z"));
    entry.push_str(&element("ETag", &etag(object)));
    entry.push_str(&element("Size", &object.bytes.len().to_string()));
    if visit.call.parameter("fetch-owner") == Some("true") {
        let owner = visit.bucket().owner_of(object);
        let account = visit.wish.world.accounts.get(owner);
        let id = account.map_or(owner, |account| account.canonical_id.as_str());
        let owner = element("ID", id);
        entry.push_str("<Owner>");
        entry.push_str(&owner);
        entry.push_str("</Owner>");
    }
    entry.push_str(&element("StorageClass", object.storage_class.as_str()));
    format!("<Contents>{entry}</Contents>")
}

fn max_keys(visit: &Visit<'_>) -> Result<usize, Problem> {
    let Some(text) = visit.call.parameter("max-keys") else {
        return Ok(MOST_KEYS);
    };
    text.parse::<i32>()
        .ok()
        .and_then(|count| usize::try_from(count).ok())
        .map(|count| count.min(MOST_KEYS))
        .ok_or_else(|| {
            invalid(
                "max-keys",
                text,
                "Provided max-keys not an integer or within integer range",
            )
        })
}

fn continuation(visit: &Visit<'_>) -> Result<Option<String>, Problem> {
    let Some(token) = visit.call.parameter("continuation-token") else {
        return Ok(None);
    };
    URL_SAFE
        .decode(token)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .map(Some)
        .ok_or_else(|| {
            invalid(
                "continuation-token",
                token,
                "The continuation token provided is incorrect",
            )
        })
}

fn invalid(name: &str, value: &str, message: &str) -> Problem {
    Problem::new(400, "InvalidArgument", message)
        .field("ArgumentName", name)
        .field("ArgumentValue", value)
}
