//! Buckets, policies and objects as the JSON API writes them, and what of it can be sent.
//!
//! See <https://cloud.google.com/storage/docs/json_api/v1/buckets#resource-representations>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::encoded;
use crate::sandbox::gcp::json::Members;
use crate::sandbox::gcp::message::Timestamp;
use crate::sandbox::gcp::message::bucket::{Billing, Bucket, Cors, IpFilter, LifecycleRule};
use crate::sandbox::gcp::message::object::Object;
use crate::sandbox::gcp::policy::{Binding, Condition, Policy, Proposal};
use crate::sandbox::gcp::problem::Problem;

/// Puts a member there unless it is nothing.
fn add(members: &mut Map<String, Value>, name: &str, value: impl Into<Value>) {
    let value = value.into();
    let nothing = match &value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(inner) => inner.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    };
    if !nothing {
        members.insert(name.to_owned(), value);
    }
}

fn moment(time: Option<Timestamp>) -> Value {
    time.map_or(Value::Null, |time| time.text().into())
}

/// A bucket.
pub(super) fn bucket(settings: &Bucket, project_number: u64) -> Value {
    let id = &settings.bucket_id;
    let mut all = Map::new();
    add(&mut all, "kind", "storage#bucket");
    add(
        &mut all,
        "selfLink",
        format!("https://www.googleapis.com/storage/v1/b/{id}"),
    );
    add(&mut all, "id", id.as_str());
    add(&mut all, "name", id.as_str());
    add(&mut all, "projectNumber", project_number.to_string());
    add(
        &mut all,
        "metageneration",
        settings.metageneration.to_string(),
    );
    add(&mut all, "etag", settings.etag.as_str());
    add(&mut all, "location", settings.location.as_str());
    add(&mut all, "locationType", settings.location_type.as_str());
    add(&mut all, "storageClass", settings.storage_class.as_str());
    add(&mut all, "rpo", settings.rpo.as_str());
    add(&mut all, "timeCreated", moment(settings.create_time));
    add(&mut all, "updated", moment(settings.update_time));
    add(&mut all, "labels", json!(settings.labels));
    add(
        &mut all,
        "defaultEventBasedHold",
        settings.default_event_based_hold,
    );
    add(&mut all, "satisfiesPZS", settings.satisfies_pzs);
    add(
        &mut all,
        "cors",
        settings.cors.iter().map(cors_entry).collect::<Vec<_>>(),
    );
    add_access(&mut all, settings);
    add_care(&mut all, settings);
    Value::Object(all)
}

fn cors_entry(entry: &Cors) -> Value {
    let mut members = Map::new();
    add(&mut members, "origin", json!(entry.origin));
    add(&mut members, "method", json!(entry.method));
    add(&mut members, "responseHeader", json!(entry.response_header));
    if entry.max_age_seconds != 0 {
        add(&mut members, "maxAgeSeconds", entry.max_age_seconds);
    }
    Value::Object(members)
}

/// Who gets in, from where, and who pays.
fn add_access(all: &mut Map<String, Value>, settings: &Bucket) {
    if let Some(config) = &settings.iam_config {
        let uniform = config.uniform_bucket_level_access.map_or_else(
            || json!({ "enabled": false }),
            |uniform| {
                let mut members = Map::new();
                members.insert("enabled".to_owned(), uniform.enabled.into());
                add(&mut members, "lockedTime", moment(uniform.lock_time));
                Value::Object(members)
            },
        );
        let value = json!({
            "bucketPolicyOnly": uniform,
            "uniformBucketLevelAccess": uniform,
            "publicAccessPrevention": config.public_access_prevention,
        });
        add(all, "iamConfiguration", value);
    }
    for (name, entries) in [
        ("acl", &settings.acl),
        ("defaultObjectAcl", &settings.default_object_acl),
    ] {
        let entries = entries
            .iter()
            .map(|entry| json!({ "entity": entry.entity, "role": entry.role }));
        add(all, name, entries.collect::<Vec<_>>());
    }
    if let Some(billing) = settings.billing {
        add(
            all,
            "billing",
            json!({ "requesterPays": billing.requester_pays }),
        );
    }
    if let Some(filter) = &settings.ip_filter {
        add(all, "ipFilter", ip_filter(filter));
    }
    if let Some(owner) = &settings.owner {
        add(all, "owner", json!({ "entity": owner.entity }));
    }
}

fn ip_filter(filter: &IpFilter) -> Value {
    let mut members = Map::new();
    add(
        &mut members,
        "mode",
        filter.mode.clone().unwrap_or_default(),
    );
    if let Some(source) = &filter.public_network_source {
        add(
            &mut members,
            "publicNetworkSource",
            json!({ "allowedIpCidrRanges": source.allowed_ip_cidr_ranges }),
        );
    }
    let networks = filter.vpc_network_sources.iter().map(|source| {
        json!({ "network": source.network, "allowedIpCidrRanges": source.allowed_ip_cidr_ranges })
    });
    add(
        &mut members,
        "vpcNetworkSources",
        networks.collect::<Vec<_>>(),
    );
    Value::Object(members)
}

/// What becomes of what is in it.
fn add_care(all: &mut Map<String, Value>, settings: &Bucket) {
    if let Some(lifecycle) = &settings.lifecycle {
        let rules = lifecycle.rule.iter().map(lifecycle_rule);
        add(
            all,
            "lifecycle",
            json!({ "rule": rules.collect::<Vec<_>>() }),
        );
    }
    for (name, switch) in [
        ("versioning", settings.versioning),
        ("hierarchicalNamespace", settings.hierarchical_namespace),
    ] {
        if let Some(switch) = switch {
            add(all, name, json!({ "enabled": switch.enabled }));
        }
    }
    if settings
        .object_retention
        .is_some_and(|switch| switch.enabled)
    {
        add(all, "objectRetention", json!({ "mode": "Enabled" }));
    }
    if let Some(website) = &settings.website {
        let mut members = Map::new();
        add(
            &mut members,
            "mainPageSuffix",
            website.main_page_suffix.as_str(),
        );
        add(
            &mut members,
            "notFoundPage",
            website.not_found_page.as_str(),
        );
        add(all, "website", members);
    }
    if let Some(logging) = &settings.logging {
        let bucket = logging.log_bucket.rsplit('/').next().unwrap_or_default();
        let prefix = &logging.log_object_prefix;
        add(
            all,
            "logging",
            json!({ "logBucket": bucket, "logObjectPrefix": prefix }),
        );
    }
    if let Some(encryption) = &settings.encryption {
        let mut members = Map::new();
        add(
            &mut members,
            "defaultKmsKeyName",
            encryption.default_kms_key.as_str(),
        );
        add(all, "encryption", members);
    }
    if let Some(policy) = settings.retention_policy {
        let seconds = policy.retention_duration.unwrap_or_default().seconds;
        let mut members = Map::new();
        add(&mut members, "retentionPeriod", seconds.to_string());
        add(&mut members, "effectiveTime", moment(policy.effective_time));
        add(&mut members, "isLocked", policy.is_locked);
        add(all, "retentionPolicy", members);
    }
    if let Some(policy) = settings.soft_delete_policy {
        let seconds = policy.retention_duration.unwrap_or_default().seconds;
        let mut members = Map::new();
        add(
            &mut members,
            "retentionDurationSeconds",
            seconds.to_string(),
        );
        add(&mut members, "effectiveTime", moment(policy.effective_time));
        add(all, "softDeletePolicy", members);
    }
    if let Some(autoclass) = &settings.autoclass {
        let mut members = Map::new();
        members.insert("enabled".to_owned(), autoclass.enabled.into());
        add(&mut members, "toggleTime", moment(autoclass.toggle_time));
        let class = autoclass.terminal_storage_class.clone();
        add(
            &mut members,
            "terminalStorageClass",
            class.unwrap_or_default(),
        );
        add(all, "autoclass", members);
    }
    if let Some(placement) = &settings.custom_placement_config {
        add(
            all,
            "customPlacementConfig",
            json!({ "dataLocations": placement.data_locations }),
        );
    }
}

fn lifecycle_rule(rule: &LifecycleRule) -> Value {
    let mut action = Map::new();
    if let Some(found) = &rule.action {
        add(&mut action, "type", found.r#type.as_str());
        add(&mut action, "storageClass", found.storage_class.as_str());
    }
    let mut condition = Map::new();
    if let Some(found) = &rule.condition {
        for (name, number) in [
            ("age", found.age_days),
            ("numNewerVersions", found.num_newer_versions),
            ("daysSinceCustomTime", found.days_since_custom_time),
            ("daysSinceNoncurrentTime", found.days_since_noncurrent_time),
        ] {
            condition.extend(number.map(|number| (name.to_owned(), number.into())));
        }
        condition.extend(found.is_live.map(|live| ("isLive".to_owned(), live.into())));
        for (name, date) in [
            ("createdBefore", found.created_before),
            ("customTimeBefore", found.custom_time_before),
            ("noncurrentTimeBefore", found.noncurrent_time_before),
        ] {
            let text =
                date.map(|date| format!("{:04}-{:02}-{:02}", date.year, date.month, date.day));
            add(&mut condition, name, text.unwrap_or_default());
        }
        for (name, texts) in [
            ("matchesStorageClass", &found.matches_storage_class),
            ("matchesPrefix", &found.matches_prefix),
            ("matchesSuffix", &found.matches_suffix),
        ] {
            add(&mut condition, name, json!(texts));
        }
    }
    json!({ "action": action, "condition": condition })
}

/// What a patch of a bucket writes, and the paths of it. Only what the tests' other clients need can be written so.
pub(super) fn patch(mut members: Members) -> Result<(Bucket, Vec<String>), Problem> {
    let mut wanted = Bucket::default();
    let mut paths = Vec::new();
    if let Some(entries) = members.take("cors") {
        for entry in entries.as_array().cloned().unwrap_or_default() {
            let mut entry = Members::of(entry, "cors")?;
            wanted.cors.push(Cors {
                origin: entry.texts("origin")?.unwrap_or_default(),
                method: entry.texts("method")?.unwrap_or_default(),
                response_header: entry.texts("responseHeader")?.unwrap_or_default(),
                max_age_seconds: i32::try_from(entry.number("maxAgeSeconds")?.unwrap_or_default())
                    .unwrap_or(-1),
            });
            entry.finish()?;
        }
        paths.push("cors".to_owned());
    }
    if let Some(labels) = members.take("labels") {
        for (key, value) in labels.as_object().cloned().unwrap_or_default() {
            paths.push(format!("labels.{key}"));
            if let Some(value) = value.as_str() {
                wanted.labels.insert(key, value.to_owned());
            }
        }
    }
    if let Some(billing) = members.take("billing") {
        let requester_pays = billing["requesterPays"].as_bool().unwrap_or_default();
        wanted.billing = Some(Billing { requester_pays });
        paths.push("billing".to_owned());
    }
    members.finish()?;
    Ok((wanted, paths))
}

/// A policy.
pub(super) fn policy(bucket: &str, policy: &Policy) -> Value {
    let bindings: Vec<Value> = policy
        .bindings
        .iter()
        .map(|binding| {
            let mut members = Map::new();
            members.insert("role".to_owned(), binding.role.clone().into());
            members.insert("members".to_owned(), binding.members.clone().into());
            if let Some(condition) = &binding.condition {
                let mut expression = Map::new();
                add(&mut expression, "title", condition.title.as_str());
                add(
                    &mut expression,
                    "description",
                    condition.description.as_str(),
                );
                add(&mut expression, "expression", condition.expression.as_str());
                add(&mut expression, "location", condition.location.as_str());
                members.insert("condition".to_owned(), expression.into());
            }
            Value::Object(members)
        })
        .collect();
    json!({
        "kind": "storage#policy",
        "resourceId": format!("projects/_/buckets/{bucket}"),
        "version": policy.version(),
        "etag": encoded(&policy.etag()),
        "bindings": bindings,
    })
}

/// A policy in a request.
pub(super) fn proposal(mut members: Members) -> Result<Proposal, Problem> {
    // What it is and whose it is are passed over in requests, as their descriptions say.
    members.take("kind");
    members.take("resourceId");
    let version = members.number("version")?.unwrap_or_default();
    let etag = members.text("etag")?.filter(|etag| !etag.is_empty());
    let mut bindings = Vec::new();
    for binding in members
        .take("bindings")
        .and_then(|value| value.as_array().cloned())
        .unwrap_or_default()
    {
        let mut binding = Members::of(binding, "bindings")?;
        let role = binding.text("role")?.unwrap_or_default();
        let named = binding.texts("members")?.unwrap_or_default();
        let condition = match binding.take("condition") {
            None => None,
            Some(value) => {
                let mut expression = Members::of(value, "bindings.condition")?;
                let condition = Condition {
                    title: expression.text("title")?.unwrap_or_default(),
                    description: expression.text("description")?.unwrap_or_default(),
                    expression: expression.text("expression")?.unwrap_or_default(),
                    location: expression.text("location")?.unwrap_or_default(),
                };
                expression.finish()?;
                Some(condition)
            }
        };
        binding.finish()?;
        bindings.push(Binding {
            role,
            members: named,
            condition,
        });
    }
    members.finish()?;
    Ok(Proposal {
        version: i32::try_from(version).unwrap_or(-1),
        // Bytes that are none match nothing.
        etag: etag.map(|etag| STANDARD.decode(&etag).unwrap_or_default()),
        bindings,
    })
}

/// An object.
pub(super) fn object(bucket: &str, object: &Object) -> Value {
    let mut all = Map::new();
    let name = object.name.as_str();
    add(&mut all, "kind", "storage#object");
    add(
        &mut all,
        "id",
        format!("{bucket}/{name}/{}", object.generation),
    );
    add(&mut all, "name", name);
    add(&mut all, "bucket", bucket);
    add(&mut all, "generation", object.generation.to_string());
    add(
        &mut all,
        "metageneration",
        object.metageneration.to_string(),
    );
    add(&mut all, "contentType", object.content_type.as_str());
    add(&mut all, "storageClass", object.storage_class.as_str());
    add(&mut all, "size", object.size.to_string());
    if let Some(checksums) = &object.checksums {
        let crc32c = checksums.crc32c.unwrap_or_default();
        add(&mut all, "crc32c", encoded(&crc32c.to_be_bytes()));
        add(&mut all, "md5Hash", encoded(&checksums.md5_hash));
    }
    add(&mut all, "etag", object.etag.as_str());
    add(&mut all, "kmsKeyName", object.kms_key.as_str());
    add(&mut all, "metadata", json!(object.metadata));
    if let Some(encryption) = &object.customer_encryption {
        let value = json!({
            "encryptionAlgorithm": encryption.encryption_algorithm,
            "keySha256": encoded(&encryption.key_sha256_bytes),
        });
        add(&mut all, "customerEncryption", value);
    }
    add(&mut all, "timeCreated", moment(object.create_time));
    add(&mut all, "updated", moment(object.update_time));
    add(&mut all, "softDeleteTime", moment(object.soft_delete_time));
    add(&mut all, "hardDeleteTime", moment(object.hard_delete_time));
    Value::Object(all)
}
