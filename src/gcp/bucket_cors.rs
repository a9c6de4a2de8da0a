//! The bucket's CORS configuration as a resource: read and written through Google's library, merged by [`super::cors`].

use futures_util::future::join;
use google_cloud_gax::options::RequestOptionsBuilder;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_storage::model::Bucket;
use google_cloud_storage::model::bucket::Cors;
use google_cloud_wkt::FieldMask;
use serde_json::Value;

use super::access::Access;
use super::cors::{self, CorsEntry};
use super::failure::write_failure;
use super::reads;
use super::wire::{USER_AGENT, within};
use super::{Shared, lacking, templates};
use crate::error::{ErrorCode, Failure, Refusal};
use crate::resource::{Guard, Intent, Resource, Revision, Scope, Snapshot, Subject, WriteFailure};

/// How often the bucket is read at most until both of Google's interfaces tell the same state of it.
const READS: usize = 3;

/// The CORS configuration.
pub struct BucketCors {
    access: Shared<Access>,
    ours: CorsEntry,
    variants: [CorsEntry; 2],
}

/// The entries, and what of them Google's library would lose.
#[derive(Debug, Clone)]
pub struct CorsDocument {
    entries: Vec<CorsEntry>,
    unknown: Vec<String>,
}

/// As for the policy, the metageneration stands for what is not looked for again.
impl PartialEq for CorsDocument {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries
    }
}

impl BucketCors {
    /// The CORS configuration of the bucket that `access` leads to.
    #[must_use]
    pub fn new(access: Shared<Access>) -> Self {
        Self {
            ours: templates::cors_entry(access.place.literal_origin),
            variants: [templates::cors_entry(false), templates::cors_entry(true)],
            access,
        }
    }

    fn changes(&self, entries: &[CorsEntry]) -> bool {
        match super::intent(self.access.action) {
            Some(Intent::Connect) => {
                cors::merge(entries, &self.ours, &self.variants).entries != entries
            }
            Some(Intent::Disconnect) => cors::remove(entries, &self.variants) != entries,
            None => false,
        }
    }

    /// The bucket over gRPC, which a write is tied to, and the same state of it over JSON, where members that the
    /// library does not know are seen.
    async fn read_whole(&self) -> Result<(reads::BucketFacts, Vec<String>), Failure> {
        let mut tries = 0;
        loop {
            let (bucket, whole) = join(
                reads::bucket(&self.access),
                reads::whole_bucket(&self.access),
            )
            .await;
            let (bucket, whole) = (bucket?, whole?);
            let metageneration = whole
                .get("metageneration")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if metageneration == bucket.metageneration.to_string() {
                return Ok((bucket, unknown_members(&whole)));
            }
            tries += 1;
            if tries >= READS {
                return Err(Failure::new(
                    ErrorCode::Unavailable,
                    format!(
                        "could not read the CORS configuration of `{}`",
                        self.access.place.bucket
                    ),
                )
                .cause("the bucket changes while it is being read")
                .hint("run the same command again in a minute"));
            }
        }
    }
}

impl Resource for BucketCors {
    type Document = CorsDocument;

    fn subject(&self) -> Subject {
        Subject {
            id: "gcp.cors",
            title: "CORS configuration",
            entry: "entry",
            scope: Scope::Bucket,
        }
    }

    async fn read(&self) -> Result<Snapshot<CorsDocument>, Failure> {
        let (read, granted) =
            join(self.read_whole(), super::granted_for_writing(&self.access)).await;
        let (bucket, unknown) = read?;
        if let Some(granted) = granted
            && self.changes(&bucket.cors)
        {
            lacking(
                &self.access,
                granted,
                &["storage.buckets.update"],
                &format!(
                    "will not be able to write the CORS configuration of `{}`",
                    self.access.place.bucket
                ),
            )?;
        }
        Ok(Snapshot {
            document: CorsDocument {
                entries: bucket.cors,
                unknown,
            },
            revision: Revision(Some(bucket.metageneration.to_string())),
        })
    }

    async fn read_again(&self) -> Result<Snapshot<CorsDocument>, Failure> {
        let bucket = reads::bucket(&self.access).await?;
        Ok(Snapshot {
            document: CorsDocument {
                entries: bucket.cors,
                unknown: Vec::new(),
            },
            revision: Revision(Some(bucket.metageneration.to_string())),
        })
    }

    fn merge(&self, current: &CorsDocument) -> Result<CorsDocument, Refusal> {
        let merged = cors::merge(&current.entries, &self.ours, &self.variants);
        changed(current, merged.entries)
    }

    fn remove(&self, current: &CorsDocument) -> Result<CorsDocument, Refusal> {
        changed(current, cors::remove(&current.entries, &self.variants))
    }

    fn guard(&self) -> Guard {
        Guard::Revision
    }

    /// Google compares the metageneration, which every change of the bucket's settings raises:
    /// <https://cloud.google.com/storage/docs/request-preconditions>.
    async fn write(
        &self,
        _before: &CorsDocument,
        next: &CorsDocument,
        seen: &Revision,
    ) -> Result<(), WriteFailure> {
        let access = &self.access;
        let what = format!(
            "could not write the CORS configuration of `{}`",
            access.place.bucket
        );
        let Some(metageneration) = seen.0.as_ref().and_then(|seen| seen.parse::<i64>().ok()) else {
            return Err(WriteFailure::Rejected(
                Failure::new(ErrorCode::UnexpectedAnswer, &what).cause(
                    "Google gave no metageneration, so the change cannot be tied to what was shown",
                ),
            ));
        };
        let bucket = Bucket::new()
            .set_name(access.place.bucket.resource())
            .set_cors(next.entries.iter().map(to_sdk));
        let call = access
            .control
            .update_bucket()
            .set_bucket(bucket)
            .set_if_metageneration_match(metageneration)
            .set_update_mask(FieldMask::default().set_paths(["cors"]))
            .with_user_agent(USER_AGENT)
            .with_retry_policy(NeverRetry)
            .send();
        within(access.place.timeout, "UpdateBucket", call)
            .await
            .map(drop)
            .map_err(|error| write_failure(access.doing(&what, "storage.buckets.update"), &error))
    }

    fn describe(&self, document: &CorsDocument) -> Option<Value> {
        if document.entries.is_empty() {
            return None;
        }
        serde_json::to_value(&document.entries).ok()
    }

    fn kept(&self, before: &CorsDocument, after: &CorsDocument) -> usize {
        cors::kept(&before.entries, &after.entries, &self.variants)
    }

    fn notes(&self, before: &CorsDocument, after: &CorsDocument, intent: Intent) -> Vec<String> {
        match intent {
            Intent::Connect => {
                let merged = cors::merge(&before.entries, &self.ours, &self.variants);
                match merged.before {
                    Some(index) if before != after => vec![format!(
                        "Google answers with the first entry for an origin and a method: entry {} would answer Segments.ai's pages, and lists too few headers, so the new entry stands before it. Every other origin gets the same answers as now",
                        index + 1
                    )],
                    Some(_) | None => Vec::new(),
                }
            }
            Intent::Disconnect => cors::still_serving(&after.entries, templates::ORIGIN),
        }
    }
}

/// # Errors
/// Where a change would lose what Google's library does not know.
fn changed(current: &CorsDocument, entries: Vec<CorsEntry>) -> Result<CorsDocument, Refusal> {
    if entries == current.entries {
        return Ok(current.clone());
    }
    if current.unknown.is_empty() {
        return Ok(CorsDocument {
            entries,
            unknown: Vec::new(),
        });
    }
    let names: Vec<String> = current
        .unknown
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    Err(Refusal::new(format!(
        "it holds {}, which this version does not know and would lose",
        names.join(", ")
    ))
    .hint("update segments-connect, or set the configuration with `gcloud storage buckets update --cors-file`: `segments-connect gcp render --document cors` prints the entry"))
}

/// Members of the entries that this program, and Google's library, do not know.
fn unknown_members(bucket: &Value) -> Vec<String> {
    let mut unknown: Vec<String> = bucket
        .get("cors")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .flat_map(serde_json::Map::keys)
        .filter(|name| {
            !["origin", "method", "responseHeader", "maxAgeSeconds"].contains(&name.as_str())
        })
        .cloned()
        .collect();
    unknown.sort_unstable();
    unknown.dedup();
    unknown
}

fn to_sdk(entry: &CorsEntry) -> Cors {
    Cors::new()
        .set_origin(entry.origin.clone())
        .set_method(entry.method.clone())
        .set_response_header(entry.response_header.clone())
        .set_max_age_seconds(entry.max_age_seconds)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_that_would_be_lost_are_named_and_refused() {
        let bucket = json!({"cors": [
            {"origin": ["*"], "method": ["GET"], "responseHeader": [], "maxAgeSeconds": 1},
            {"origin": ["*"], "allowCredentials": true},
        ], "website": {"anything": 1}});
        assert_eq!(unknown_members(&bucket), ["allowCredentials"]);
        assert_eq!(unknown_members(&json!({})), Vec::<String>::new());
        let current = CorsDocument {
            entries: Vec::new(),
            unknown: vec!["allowCredentials".to_owned()],
        };
        assert!(changed(&current, Vec::new()).is_ok());
        let refusal = changed(&current, vec![templates::cors_entry(false)]).expect_err("refused");
        assert!(refusal.reason.contains("`allowCredentials`"));
    }
}
