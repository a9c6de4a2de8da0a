//! Buckets, policies and objects as the JSON API writes them, and what of it can be sent.
//!
//! See <https://cloud.google.com/storage/docs/json_api/v1/buckets#resource-representations>.

mod bucket;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

pub(super) use bucket::bucket;

use super::encoded;
use crate::sandbox::gcp::json::Members;
use crate::sandbox::gcp::message::Timestamp;
use crate::sandbox::gcp::message::bucket::{Billing, Bucket, Cors};
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
    let bindings: Vec<Value> = policy.bindings.iter().map(Binding::described).collect();
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
