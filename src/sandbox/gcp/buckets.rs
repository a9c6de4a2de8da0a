//! A bucket's metadata: reading it, and changing exactly what a mask names.
//!
//! This module decides and changes the world; how a request came to it is of no concern here.
//! See <https://github.com/googleapis/googleapis/blob/master/google/storage/v2/storage.proto>.

mod mask;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use prost::Message as _;

pub(crate) use mask::{apply, select};

use super::message::Timestamp;
use super::message::bucket::Bucket as Settings;
use super::policy::etag;
use super::problem::{Code, Problem};
use super::refusal::{invalid, precondition};
use super::visit::Visit;

/// All that a client may put into a bucket's metadata, in bytes (`MAX_BUCKET_METADATA_TOTAL_SIZE_BYTES`).
const LARGEST: usize = 20_480;

/// What a request expects of the metageneration.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Expected {
    pub metageneration: Option<i64>,
    pub not_metageneration: Option<i64>,
}

impl Expected {
    fn check(self, found: i64) -> Result<(), Problem> {
        if self.metageneration.is_some_and(|wanted| wanted != found) {
            return Err(precondition());
        }
        if self.not_metageneration == Some(found) {
            // Over HTTP this is 304.
            return Err(Problem::new(
                Code::Aborted,
                "The metageneration is the one that was to be avoided.",
            )
            .status(304)
            .reason("notModified"));
        }
        Ok(())
    }
}

/// Reads a bucket's metadata, as far as the caller may see it.
pub(crate) fn get(visit: &Visit<'_>, expected: Expected) -> Result<Settings, Problem> {
    visit.need("storage.buckets.get")?;
    expected.check(visit.bucket.settings.metageneration)?;
    Ok(visible(visit))
}

/// Access control lists and the IP filter are for those to see who may read them.
/// See <https://cloud.google.com/storage/docs/access-control/iam-permissions#bucket_permissions>.
fn visible(visit: &Visit<'_>) -> Settings {
    let mut settings = visit.bucket.settings.clone();
    if !visit.may("storage.buckets.getIamPolicy") {
        settings.acl.clear();
        settings.default_object_acl.clear();
    }
    if !visit.may("storage.buckets.getIpFilter") {
        settings.ip_filter = None;
    }
    settings
}

/// What a bucket's metadata becomes.
pub(crate) fn updated(
    visit: &Visit<'_>,
    wanted: &Settings,
    paths: &[String],
    expected: Expected,
) -> Result<Settings, Problem> {
    visit.need("storage.buckets.get")?;
    visit.need("storage.buckets.update")?;
    for path in paths {
        let field = path.split('.').next().unwrap_or_default();
        match field {
            "acl" | "default_object_acl" | "iam_config" => {
                visit.need("storage.buckets.getIamPolicy")?;
                visit.need("storage.buckets.setIamPolicy")?;
            }
            "ip_filter" => visit.need("storage.buckets.setIpFilter")?,
            _ => {}
        }
    }
    let current = &visit.bucket.settings;
    expected.check(current.metageneration)?;
    let mut next = current.clone();
    apply(&mut next, wanted, paths)?;
    check(&next)?;
    next.metageneration += 1;
    next.etag = STANDARD.encode(etag(next.metageneration.unsigned_abs()));
    next.update_time = Some(Timestamp::from(visit.wish.world.now()));
    Ok(next)
}

fn check(settings: &Settings) -> Result<(), Problem> {
    for entry in &settings.cors {
        if entry.max_age_seconds < 0 {
            return Err(invalid(format!(
                "Invalid max age of a CORS entry: {}.",
                entry.max_age_seconds
            )));
        }
    }
    if let Some(config) = &settings.iam_config
        && !["", "inherited", "enforced"].contains(&config.public_access_prevention.as_str())
    {
        return Err(invalid(format!(
            "Invalid value of public access prevention: {}.",
            config.public_access_prevention
        )));
    }
    if settings.encoded_len() > LARGEST {
        return Err(invalid(format!(
            "The bucket's metadata is larger than {LARGEST} bytes."
        )));
    }
    Ok(())
}
