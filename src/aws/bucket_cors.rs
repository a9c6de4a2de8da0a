//! The bucket's CORS configuration as a resource: read and written through the SDK, merged by [`super::cors`].

use aws_sdk_s3::types::CorsConfiguration;
use serde_json::Value;

use super::access::{Access, single_try};
use super::cors::{self, CorsRule};
use super::failure::write_failure;
use super::reads::{self, StoredCors};
use super::{Shared, templates};
use crate::error::{ErrorCode, Failure, Refusal};
use crate::resource::Intent;
use crate::resource::{Resource, Revision, Scope, Snapshot, Subject, WriteFailure};

/// The CORS configuration.
pub struct BucketCors {
    access: Shared<Access>,
    ours: CorsRule,
}

impl BucketCors {
    /// The CORS configuration of the bucket that `access` leads to.
    #[must_use]
    pub fn new(access: Shared<Access>) -> Self {
        Self {
            access,
            ours: templates::cors_rule(),
        }
    }
}

impl Resource for BucketCors {
    type Document = StoredCors;

    fn subject(&self) -> Subject {
        Subject {
            id: "aws.cors",
            title: "CORS configuration",
            entry: "rule",
            scope: Scope::Bucket,
        }
    }

    async fn read(&self) -> Result<Snapshot<StoredCors>, Failure> {
        Ok(Snapshot {
            document: reads::cors(&self.access).await?,
            revision: Revision::default(),
        })
    }

    fn merge(&self, current: &StoredCors) -> Result<StoredCors, Refusal> {
        let merged = cors::merge(current.rules.as_deref(), &self.ours)?;
        if current.rules.as_ref() == Some(&merged) {
            return Ok(current.clone());
        }
        refuse_loss(current)?;
        Ok(StoredCors {
            rules: Some(merged),
            unknown: Vec::new(),
        })
    }

    fn remove(&self, current: &StoredCors) -> Result<StoredCors, Refusal> {
        let Some(rules) = &current.rules else {
            return Ok(current.clone());
        };
        let left = cors::remove(rules, &self.ours);
        if left == *rules {
            return Ok(current.clone());
        }
        refuse_loss(current)?;
        Ok(StoredCors {
            rules: (!left.is_empty()).then_some(left),
            unknown: Vec::new(),
        })
    }

    /// As for the policy, S3 has no precondition here:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html>.
    async fn write(
        &self,
        _before: &StoredCors,
        next: &StoredCors,
        _seen: &Revision,
    ) -> Result<(), WriteFailure> {
        let access = &self.access;
        let bucket = access.place.bucket.as_str();
        let doing = format!("could not write the CORS configuration of `{bucket}`");
        let Some(rules) = &next.rules else {
            return access
                .s3
                .delete_bucket_cors()
                .bucket(bucket)
                .set_expected_bucket_owner(access.guard.clone())
                .customize()
                .config_override(single_try())
                .send()
                .await
                .map(drop)
                .map_err(|error| {
                    write_failure(&doing, "s3:PutBucketCORS", &error, &access.caller)
                });
        };
        let rules: Result<Vec<_>, _> = rules.iter().map(to_sdk).collect();
        let configuration = rules
            .and_then(|rules| {
                CorsConfiguration::builder()
                    .set_cors_rules(Some(rules))
                    .build()
            })
            .map_err(|error| {
                WriteFailure::Rejected(
                    Failure::new(ErrorCode::UnexpectedAnswer, &doing).cause(error.to_string()),
                )
            })?;
        access
            .s3
            .put_bucket_cors()
            .bucket(bucket)
            .set_expected_bucket_owner(access.guard.clone())
            .cors_configuration(configuration)
            .customize()
            .config_override(single_try())
            .send()
            .await
            .map(drop)
            .map_err(|error| write_failure(&doing, "s3:PutBucketCORS", &error, &access.caller))
    }

    fn describe(&self, document: &StoredCors) -> Option<Value> {
        document
            .rules
            .as_ref()
            .and_then(|rules| serde_json::to_value(rules).ok())
    }

    fn kept(&self, before: &StoredCors, after: &StoredCors) -> usize {
        cors::kept(
            before.rules.as_deref().unwrap_or_default(),
            after.rules.as_deref().unwrap_or_default(),
            &self.ours,
        )
    }

    fn notes(&self, _before: &StoredCors, after: &StoredCors, intent: Intent) -> Vec<String> {
        match intent {
            Intent::Connect => Vec::new(),
            Intent::Disconnect => cors::still_serving(
                after.rules.as_deref().unwrap_or_default(),
                super::checks::ORIGIN,
            ),
        }
    }
}

/// A rule that holds something this program does not know would lose it when it is written back.
fn refuse_loss(current: &StoredCors) -> Result<(), Refusal> {
    if current.unknown.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "it holds {}, which this version does not know and would lose",
        current
            .unknown
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    ))
    .hint("update segments-connect, or add the rule in the S3 console: `segments-connect aws render --document cors` prints it"))
}

fn to_sdk(rule: &CorsRule) -> Result<aws_sdk_s3::types::CorsRule, aws_sdk_s3::error::BuildError> {
    aws_sdk_s3::types::CorsRule::builder()
        .set_id(rule.id.clone())
        .set_allowed_headers(rule.allowed_headers.clone().filter(|list| !list.is_empty()))
        .set_allowed_methods(Some(rule.allowed_methods.clone()))
        .set_allowed_origins(Some(rule.allowed_origins.clone()))
        .set_expose_headers(rule.expose_headers.clone().filter(|list| !list.is_empty()))
        .set_max_age_seconds(rule.max_age_seconds)
        .build()
}
