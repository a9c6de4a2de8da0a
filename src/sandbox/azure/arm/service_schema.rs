//! What may stand in the document of a blob service, since which api-version, and within which limits.
//!
//! This module reads and judges; it stores nothing. Names and versions are those of azure-mgmt-storage; limits:
//! <https://learn.microsoft.com/rest/api/storagerp/blob-services/set-service-properties>.

use serde_json::{Map, Value};

use super::cors_schema;
use crate::sandbox::azure::account::CorsRule;
use crate::sandbox::azure::problem::Problem;

/// What a value is.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Flag,
    Text,
    Texts,
    /// A whole number within limits.
    Number(i64, i64),
    /// Azure says it, and does not mind being told.
    ReadOnly,
    Record(&'static [Member]),
}

/// A member of the document.
#[derive(Debug, Clone, Copy)]
struct Member {
    name: &'static str,
    /// The first api-version that knows it.
    since: &'static str,
    required: bool,
    shape: Shape,
}

const fn member(name: &'static str, since: &'static str, shape: Shape) -> Member {
    Member {
        name,
        since,
        required: false,
        shape,
    }
}

const fn required(name: &'static str, since: &'static str, shape: Shape) -> Member {
    Member {
        required: true,
        ..member(name, since, shape)
    }
}

const RETENTION: &[Member] = &[
    member("enabled", "2018-07-01", Shape::Flag),
    member("days", "2018-07-01", Shape::Number(1, 365)),
    member("allowPermanentDelete", "2021-09-01", Shape::Flag),
];

const PROPERTIES: &[Member] = &[
    member("defaultServiceVersion", "2018-07-01", Shape::Text),
    member(
        "deleteRetentionPolicy",
        "2018-07-01",
        Shape::Record(RETENTION),
    ),
    member(
        "staticWebsite",
        "2025-08-01",
        Shape::Record(&[
            required("enabled", "2025-08-01", Shape::Flag),
            member("indexDocument", "2025-08-01", Shape::Text),
            member("defaultIndexDocumentPath", "2025-08-01", Shape::Text),
            member("errorDocument404Path", "2025-08-01", Shape::Text),
        ]),
    ),
    member("isVersioningEnabled", "2019-06-01", Shape::Flag),
    member("automaticSnapshotPolicyEnabled", "2019-04-01", Shape::Flag),
    member(
        "changeFeed",
        "2019-04-01",
        Shape::Record(&[
            member("enabled", "2019-04-01", Shape::Flag),
            member("retentionInDays", "2019-06-01", Shape::Number(1, 146_000)),
        ]),
    ),
    member(
        "restorePolicy",
        "2019-06-01",
        Shape::Record(&[
            required("enabled", "2019-06-01", Shape::Flag),
            member("days", "2019-06-01", Shape::Number(1, 365)),
            member("lastEnabledTime", "2019-06-01", Shape::ReadOnly),
            member("minRestoreTime", "2019-06-01", Shape::ReadOnly),
        ]),
    ),
    member(
        "containerDeleteRetentionPolicy",
        "2019-06-01",
        Shape::Record(RETENTION),
    ),
    member(
        "lastAccessTimeTrackingPolicy",
        "2019-06-01",
        Shape::Record(&[
            required("enable", "2019-06-01", Shape::Flag),
            member("name", "2019-06-01", Shape::Text),
            member(
                "trackingGranularityInDays",
                "2019-06-01",
                Shape::Number(1, 1),
            ),
            member("blobType", "2019-06-01", Shape::Texts),
        ]),
    ),
];

/// Members beside the properties that a client may send back as it read them.
const ENVELOPE: [&str; 5] = ["id", "name", "type", "sku", "properties"];

/// Reads a document that is to replace another: the CORS rules, and everything else without what only Azure says.
pub(super) fn read(
    body: &[u8],
    version: &str,
) -> Result<(Vec<CorsRule>, Map<String, Value>), Problem> {
    let document: Value = serde_json::from_slice(body)
        .map_err(|error| content(&format!("the request is not JSON: {error}")))?;
    let Value::Object(envelope) = document else {
        return Err(content("an object is expected"));
    };
    if let Some(odd) = envelope
        .keys()
        .find(|name| !ENVELOPE.contains(&name.as_str()))
    {
        return Err(unknown(odd, odd));
    }
    let Some(Value::Object(properties)) = envelope.get("properties") else {
        return Err(content("the member 'properties' is missing"));
    };
    let mut rules = Vec::new();
    let mut others = Map::new();
    for (name, value) in properties {
        if name == "cors" {
            rules = cors_schema::read(value)?;
            continue;
        }
        let path = format!("properties.{name}");
        let member = find(PROPERTIES, name, version).ok_or_else(|| unknown(name, &path))?;
        // Null says the same as leaving it out.
        if let Some(value) = judged(member, value, version, &path)? {
            others.insert(name.clone(), value);
        }
    }
    restorable(&others)?;
    Ok((rules, others))
}

/// What an api-version shows of a stored property; nothing when it does not know the property.
pub(super) fn shown(name: &str, value: &Value, version: &str) -> Option<Value> {
    let member = PROPERTIES.iter().find(|member| member.name == name);
    // A property that was seeded and is in no list is one of the future: the newest versions show it.
    let Some(member) = member else {
        return Some(value.clone());
    };
    if version < member.since {
        return None;
    }
    let (Shape::Record(members), Value::Object(stored)) = (member.shape, value) else {
        return Some(value.clone());
    };
    let kept = stored
        .iter()
        .filter(|(name, _)| {
            members
                .iter()
                .find(|member| member.name == name.as_str())
                .is_none_or(|member| version >= member.since)
        })
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    Some(Value::Object(kept))
}

/// Takes over what only Azure says from the document that is replaced: since when it can be restored.
pub(super) fn take_over(stored: &Map<String, Value>, next: &mut Map<String, Value>) {
    let said = stored.get("restorePolicy").and_then(Value::as_object);
    let (Some(said), Some(Value::Object(policy))) = (said, next.get_mut("restorePolicy")) else {
        return;
    };
    let on = |policy: &Map<String, Value>| policy.get("enabled") == Some(&Value::Bool(true));
    if !on(said) || !on(policy) {
        return;
    }
    for name in ["lastEnabledTime", "minRestoreTime"] {
        if let Some(value) = said.get(name) {
            policy.insert(name.to_owned(), value.clone());
        }
    }
}

fn find<'a>(members: &'a [Member], name: &str, version: &str) -> Option<&'a Member> {
    members
        .iter()
        .find(|member| member.name == name && version >= member.since)
}

fn judged(
    member: &Member,
    value: &Value,
    version: &str,
    path: &str,
) -> Result<Option<Value>, Problem> {
    if value.is_null() {
        return Ok(None);
    }
    let fits = match member.shape {
        Shape::ReadOnly => return Ok(None),
        Shape::Flag => value.is_boolean(),
        Shape::Text => value.is_string(),
        Shape::Texts => value
            .as_array()
            .is_some_and(|texts| texts.iter().all(Value::is_string)),
        Shape::Number(least, most) => value
            .as_i64()
            .is_some_and(|number| (least..=most).contains(&number)),
        Shape::Record(members) => {
            let Value::Object(stored) = value else {
                return Err(invalid(path));
            };
            return record(members, stored, version, path).map(Some);
        }
    };
    if fits {
        Ok(Some(value.clone()))
    } else {
        Err(invalid(path))
    }
}

fn record(
    members: &[Member],
    stored: &Map<String, Value>,
    version: &str,
    path: &str,
) -> Result<Value, Problem> {
    let mut kept = Map::new();
    for (name, value) in stored {
        let path = format!("{path}.{name}");
        let member = find(members, name, version).ok_or_else(|| unknown(name, &path))?;
        if let Some(value) = judged(member, value, version, &path)? {
            kept.insert(name.clone(), value);
        }
    }
    match members
        .iter()
        .find(|member| member.required && !kept.contains_key(member.name))
    {
        Some(missing) => Err(invalid(&format!("{path}.{}", missing.name))),
        None => Ok(Value::Object(kept)),
    }
}

/// Restoring to a point in time needs versions, the change feed, and deleted blobs kept for longer than that.
/// See <https://learn.microsoft.com/azure/storage/blobs/point-in-time-restore-overview#prerequisites-for-point-in-time-restore>.
fn restorable(properties: &Map<String, Value>) -> Result<(), Problem> {
    let at = |name: &str, member: &str| properties.get(name).and_then(|value| value.get(member));
    let on = |name: &str| at(name, "enabled").and_then(Value::as_bool) == Some(true);
    if !on("restorePolicy") {
        return Ok(());
    }
    let days = |name: &str| at(name, "days").and_then(Value::as_i64).unwrap_or_default();
    let versions = properties
        .get("isVersioningEnabled")
        .and_then(Value::as_bool)
        == Some(true);
    if versions
        && on("changeFeed")
        && on("deleteRetentionPolicy")
        && days("restorePolicy") >= 1
        && days("deleteRetentionPolicy") > days("restorePolicy")
    {
        return Ok(());
    }
    Err(invalid("restorePolicy"))
}

fn content(why: &str) -> Problem {
    Problem::new(
        400,
        "InvalidRequestContent",
        format!("The request content was invalid and could not be deserialized: '{why}'."),
    )
}

fn unknown(name: &str, path: &str) -> Problem {
    content(&format!(
        "Could not find member '{name}' on object of type 'BlobServiceProperties'. Path '{path}'"
    ))
}

fn invalid(path: &str) -> Problem {
    Problem::new(
        400,
        "InvalidValuesForRequestProperties",
        format!(
            "Values for request properties are invalid: {}.",
            path.trim_start_matches("properties.")
        ),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NEW: &str = "2026-09-01";

    fn refused(document: &Value, version: &str) -> String {
        read(document.to_string().as_bytes(), version)
            .map_or_else(|problem| problem.code, |_| String::new())
    }

    #[test]
    fn every_property_of_the_vendor_is_understood_and_kept() {
        let retention = json!({ "enabled": true, "days": 8, "allowPermanentDelete": false });
        let properties = json!({
            "cors": { "corsRules": [] },
            "defaultServiceVersion": "2020-12-06",
            "deleteRetentionPolicy": retention,
            "staticWebsite": { "enabled": true, "indexDocument": "index.html", "errorDocument404Path": "404.html" },
            "isVersioningEnabled": true,
            "automaticSnapshotPolicyEnabled": true,
            "changeFeed": { "enabled": true, "retentionInDays": 7 },
            "restorePolicy": { "enabled": true, "days": 7, "minRestoreTime": "2026-01-01T00:00:00Z" },
            "containerDeleteRetentionPolicy": retention,
            "lastAccessTimeTrackingPolicy": {
                "enable": true, "name": "AccessTimeTracking", "trackingGranularityInDays": 1, "blobType": ["blockBlob"]
            },
        });
        let envelope = json!({
            "id": "x", "name": "default", "type": "y", "sku": { "name": "Standard_LRS" }, "properties": properties,
        });
        let (rules, others) = read(envelope.to_string().as_bytes(), NEW).unwrap();
        assert!(rules.is_empty());
        assert_eq!(others.len(), 9);
        assert_eq!(
            others["restorePolicy"],
            json!({ "enabled": true, "days": 7 }),
            "only Azure says since when"
        );
        assert_eq!(others["deleteRetentionPolicy"], retention);
    }

    #[test]
    fn what_a_version_does_not_know_it_neither_takes_nor_shows() {
        let document = json!({ "properties": { "staticWebsite": { "enabled": true } } });
        assert_eq!(refused(&document, NEW), "");
        assert_eq!(refused(&document, "2025-06-01"), "InvalidRequestContent");
        assert!(shown("staticWebsite", &json!({}), "2025-06-01").is_none());
        let policy = json!({ "enabled": true, "allowPermanentDelete": true });
        assert_eq!(
            shown("deleteRetentionPolicy", &policy, "2021-08-01"),
            Some(json!({ "enabled": true }))
        );
    }

    #[test]
    fn unknown_missing_and_impossible_members_are_refused() {
        let content = "InvalidRequestContent";
        let values = "InvalidValuesForRequestProperties";
        for (document, expected) in [
            (json!([]), content),
            (json!({}), content),
            (json!({ "properties": {}, "etag": "x" }), content),
            (json!({ "properties": { "colour": 1 } }), content),
            (
                json!({ "properties": { "changeFeed": { "speed": 1 } } }),
                content,
            ),
            (
                json!({ "properties": { "isVersioningEnabled": "yes" } }),
                values,
            ),
            (
                json!({ "properties": { "deleteRetentionPolicy": { "enabled": true, "days": 366 } } }),
                values,
            ),
            (
                json!({ "properties": { "deleteRetentionPolicy": true } }),
                values,
            ),
            (
                json!({ "properties": { "staticWebsite": { "indexDocument": "x" } } }),
                values,
            ),
            (
                json!({ "properties": { "restorePolicy": { "enabled": true, "days": 7 } } }),
                values,
            ),
        ] {
            assert_eq!(refused(&document, NEW), expected, "{document}");
        }
    }
}
