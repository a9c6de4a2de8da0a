//! A bucket as the JSON API writes it.
//!
//! See <https://cloud.google.com/storage/docs/json_api/v1/buckets#resource-representations>.

use serde_json::{Map, Value, json};

use super::{add, moment};
use crate::sandbox::gcp::message::bucket::{Bucket, Cors, IpFilter, LifecycleRule};

/// A bucket.
pub(crate) fn bucket(settings: &Bucket, project_number: u64) -> Value {
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
