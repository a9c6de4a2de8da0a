//! Every question that is put to Google, each its own function. An absent setting is an answer, not an error.
//!
//! Nothing here judges or writes.

use std::time::Duration;

use google_cloud_gax::error::Error;
use google_cloud_gax::options::RequestOptionsBuilder;
use google_cloud_iam_v1::model::GetPolicyOptions;
use google_cloud_storage::client::StorageControl;
use google_cloud_storage::model::Bucket;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Access, missing_bucket};
use super::cors::CorsEntry;
use super::failure::{self, Doing};
use super::target::BucketName;
use super::templates;
use super::wire::{Body, USER_AGENT, within};
use crate::error::{ErrorCode, Failure};

mod levels;
mod objects;
mod policies;
mod roles;

pub use levels::{LevelPolicy, above, ancestry, managed_folders};
pub use objects::{Listed, NoObject, ObjectFacts, first_byte, list, object, soft_deleted};
pub use policies::{deny_policies, domain_policies, project_policy, public_access_prevented};
pub use roles::{StoredRole, role, role_state};

/// A bucket, as far as anything here depends on it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketFacts {
    /// The number of its project.
    pub project_number: Option<String>,
    /// Where it is: `EU`, `EUROPE-WEST1`.
    pub location: String,
    /// `region`, `dual-region`, `multi-region`, `zone`.
    pub location_type: String,
    /// The class of new objects.
    pub storage_class: String,
    /// Counts the changes of its settings.
    pub metageneration: i64,
    /// Its CORS entries.
    pub cors: Vec<CorsEntry>,
    /// Whether whoever reads pays.
    pub requester_pays: bool,
    /// The key that encrypts new objects.
    pub kms_key: Option<String>,
    /// Whether access is uniform, without ACLs.
    pub uniform_access: bool,
    /// `enforced`, or `inherited`.
    pub public_access_prevention: String,
    /// The networks that are admitted, where there is a filter that the caller may see.
    pub ip_filter: Option<Vec<String>>,
}

/// The bucket, anew.
///
/// # Errors
/// As Google answers.
pub async fn bucket(access: &Access) -> Result<BucketFacts, Failure> {
    let name = &access.place.bucket;
    let what = format!("could not read the bucket `{name}`");
    get_bucket(&access.control, name, access.place.timeout)
        .await
        .map_err(|error| missing_bucket(access.doing(&what, "storage.buckets.get"), name, &error))
}

/// As [`bucket`], before there is an [`Access`].
pub(super) async fn get_bucket(
    control: &StorageControl,
    name: &BucketName,
    timeout: Duration,
) -> Result<BucketFacts, Error> {
    let call = control
        .get_bucket()
        .set_name(name.resource())
        .with_user_agent(USER_AGENT)
        .send();
    within(timeout, "GetBucket", call).await.map(facts)
}

fn facts(bucket: Bucket) -> BucketFacts {
    let iam = bucket.iam_config.unwrap_or_default();
    BucketFacts {
        project_number: bucket
            .project
            .strip_prefix("projects/")
            .filter(|number| !number.is_empty() && *number != "_")
            .map(str::to_owned),
        location: bucket.location,
        location_type: bucket.location_type,
        storage_class: bucket.storage_class,
        metageneration: bucket.metageneration,
        cors: bucket
            .cors
            .into_iter()
            .map(|entry| CorsEntry {
                origin: entry.origin,
                method: entry.method,
                response_header: entry.response_header,
                max_age_seconds: entry.max_age_seconds,
            })
            .collect(),
        requester_pays: bucket.billing.is_some_and(|billing| billing.requester_pays),
        kms_key: bucket
            .encryption
            .map(|encryption| encryption.default_kms_key)
            .filter(|key| !key.is_empty()),
        uniform_access: iam
            .uniform_bucket_level_access
            .is_some_and(|uniform| uniform.enabled),
        public_access_prevention: iam.public_access_prevention,
        ip_filter: bucket.ip_filter.and_then(|filter| {
            let enabled = filter.mode.is_some_and(|mode| mode == "Enabled");
            enabled.then(|| {
                let public = filter.public_network_source;
                public.map_or_else(Vec::new, |source| source.allowed_ip_cidr_ranges)
            })
        }),
    }
}

/// An IAM policy as JSON, and the etag that ties a write to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The policy, without its etag.
    pub document: Value,
    /// The etag, in base64.
    pub etag: String,
}

/// The bucket's IAM policy. Version 3 is asked for, since a lower one leaves conditions out or is refused:
/// <https://cloud.google.com/iam/docs/policies#versions>.
///
/// # Errors
/// As Google answers.
pub async fn iam_policy(access: &Access) -> Result<Policy, Failure> {
    let what = format!("could not read the IAM policy of `{}`", access.place.bucket);
    let call = access
        .control
        .get_iam_policy()
        .set_resource(access.place.bucket.resource())
        .set_options(GetPolicyOptions::new().set_requested_policy_version(3))
        .with_user_agent(USER_AGENT)
        .send();
    let policy = within(access.place.timeout, "GetIamPolicy", call)
        .await
        .map_err(|error| {
            failure::failure(access.doing(&what, "storage.buckets.getIamPolicy"), &error)
        })?;
    let mut document = serde_json::to_value(policy).map_err(|error| {
        Failure::new(ErrorCode::UnexpectedAnswer, &what).cause(error.to_string())
    })?;
    let etag = document
        .as_object_mut()
        .and_then(|members| members.remove("etag"))
        .and_then(|etag| etag.as_str().map(str::to_owned))
        .unwrap_or_default();
    Ok(Policy { document, etag })
}

/// The same policy as the JSON interface tells it. Google's library drops members that it does not know from what it
/// reads over gRPC; here they are all seen.
///
/// # Errors
/// As Google answers.
pub async fn whole_iam_policy(access: &Access) -> Result<Value, Failure> {
    let what = format!(
        "could not read the whole IAM policy of `{}`",
        access.place.bucket
    );
    let url = format!(
        "{}/storage/v1/b/{}/iam?optionsRequestedPolicyVersion=3",
        access.place.endpoints.storage, access.place.bucket
    );
    access
        .http
        .ask(
            access.doing(&what, "storage.buckets.getIamPolicy"),
            &url,
            Body::None,
        )
        .await
}

/// The bucket as the JSON interface tells it, for the same reason.
///
/// # Errors
/// As Google answers.
pub async fn whole_bucket(access: &Access) -> Result<Value, Failure> {
    let what = format!(
        "could not read all settings of the bucket `{}`",
        access.place.bucket
    );
    let url = format!(
        "{}/storage/v1/b/{}?projection=noAcl",
        access.place.endpoints.storage, access.place.bucket
    );
    access
        .http
        .ask(access.doing(&what, "storage.buckets.get"), &url, Body::None)
        .await
}

/// What the caller may do, as far as Google says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Granted {
    /// Of the permissions on the bucket that were asked for; none where that could not be asked.
    bucket: Option<Vec<String>>,
    /// Of those on the project.
    project: Option<Vec<String>>,
}

impl Granted {
    /// Whether the caller certainly has `permission`.
    #[must_use]
    pub fn has(&self, permission: &str) -> bool {
        [&self.bucket, &self.project]
            .into_iter()
            .flatten()
            .flatten()
            .any(|one| one == permission)
    }

    /// Of `needed`, those that the caller certainly lacks. What could not be asked is not among them: the service
    /// itself refuses then.
    #[must_use]
    pub fn lacking(&self, needed: &[&str]) -> Vec<String> {
        needed
            .iter()
            .filter(|permission| {
                let place = if permission.starts_with("storage.") {
                    &self.bucket
                } else {
                    &self.project
                };
                place
                    .as_ref()
                    .is_some_and(|granted| !granted.iter().any(|one| one == *permission))
            })
            .map(|permission| (*permission).to_owned())
            .collect()
    }
}

/// What the caller may do with the bucket and with the project, both asked at once.
/// <https://cloud.google.com/iam/docs/testing-permissions>
pub async fn granted(access: &Access) -> Granted {
    let mut on_bucket: Vec<&str> = [templates::PLAN_BUCKET, templates::WRITE_BUCKET].concat();
    on_bucket.push(templates::IP_FILTER);
    let mut on_project: Vec<&str> = templates::WRITE_PROJECT.to_vec();
    on_project.push(templates::DELETE_ROLE);
    let call = access
        .control
        .test_iam_permissions()
        .set_resource(access.place.bucket.resource())
        .set_permissions(on_bucket)
        .with_user_agent(USER_AGENT)
        .send();
    let url = format!(
        "{}/v3/projects/{}:testIamPermissions",
        access.place.endpoints.resource_manager, access.place.project.id
    );
    let body = json!({ "permissions": on_project });
    let doing: Doing<'_> = access.doing("could not ask what you may do with the project", "");
    let (bucket, project) = futures_util::future::join(
        within(access.place.timeout, "TestIamPermissions", call),
        access.http.ask(doing, &url, Body::Json(&body)),
    )
    .await;
    Granted {
        bucket: bucket.ok().map(|answer| answer.permissions),
        project: project.ok().map(|answer| {
            answer
                .get("permissions")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_asked_is_not_told_as_missing() {
        let granted = Granted {
            bucket: Some(vec!["storage.buckets.get".to_owned()]),
            project: None,
        };
        assert_eq!(
            granted.lacking(&[
                "storage.buckets.get",
                "storage.buckets.update",
                "iam.roles.create"
            ]),
            ["storage.buckets.update"]
        );
    }
}
