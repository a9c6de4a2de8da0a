//! Documents that somebody handed in: CORS rules, role assignments and role definitions, in the forms in which the Azure
//! CLI and Azure Resource Manager print them. The CLI takes away the level that is called `properties`; here it is put
//! back, so that one reader serves all.
//!
//! Pure: a text in, the document or one sentence about where it is wrong out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::templates::APP_ID;
use crate::handed_in::first;

/// The properties of a blob service, and of which account they are, where the document says so.
#[derive(Debug, Clone, PartialEq)]
pub struct BlobService {
    /// The properties, and in them the CORS rules.
    pub properties: Map<String, Value>,
    /// The resource ID of the blob service.
    pub id: Option<String>,
}

/// The CORS rules of a blob service: what `az storage cors list --services b`, `az storage account
/// blob-service-properties show` and its `cors-rule list` print, or Azure Resource Manager's own form.
///
/// # Errors
/// Why there are none in it, with the place.
pub fn cors(text: &str) -> Result<BlobService, String> {
    let with_rules = |rules: Vec<Value>| {
        let mut properties = Map::new();
        properties.insert("cors".to_owned(), json!({ "corsRules": rules }));
        BlobService {
            properties,
            id: None,
        }
    };
    let mut members = match parsed(text)? {
        Value::Array(rules) => return Ok(with_rules(of_blobs(rules)?)),
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err("it is no list of CORS rules".to_owned());
        }
    };
    let id = members.get("id").and_then(Value::as_str).map(str::to_owned);
    if let Some(Value::Object(properties)) = members.get("properties") {
        members = properties.clone();
    } else if let Some(Value::Array(rules)) = members.get("corsRules") {
        return Ok(with_rules(of_blobs(rules.clone())?));
    }
    let of_a_service = id
        .as_ref()
        .is_some_and(|id| id.to_ascii_lowercase().contains("/blobservices/"));
    match members.get("cors") {
        // A service without rules is printed with null, or with none.
        None | Some(Value::Null) if of_a_service || members.contains_key("cors") => {}
        Some(Value::Object(cors)) => match cors.get("corsRules") {
            None | Some(Value::Null) => {}
            Some(Value::Array(rules)) => {
                let rules = of_blobs(rules.clone())?;
                members.insert("cors".to_owned(), json!({ "corsRules": rules }));
            }
            Some(_) => return Err("its `cors.corsRules` is no list".to_owned()),
        },
        Some(_) => return Err("its `cors` is no object".to_owned()),
        None => {
            return Err(format!(
                "there are no CORS rules in it: no list, and no member `cors` or `corsRules`{}",
                first(&members)
            ));
        }
    }
    Ok(BlobService {
        properties: members,
        id,
    })
}

/// The rules of the blob service in Azure Resource Manager's form, of a list that may hold those of other services.
fn of_blobs(rules: Vec<Value>) -> Result<Vec<Value>, String> {
    let count = rules.len();
    let mut found = Vec::new();
    let mut service = "blob".to_owned();
    let mut others = Vec::new();
    for (index, rule) in rules.into_iter().enumerate() {
        let at = format!("rule {}", index + 1);
        let Value::Object(members) = rule else {
            return Err(format!("{at} is no object"));
        };
        match members.get("Service") {
            // Older versions name the service once for all of its rules.
            None | Some(Value::Null) => {}
            Some(Value::String(name)) if name.is_empty() => {}
            Some(Value::String(name)) => service = name.to_ascii_lowercase(),
            Some(_) => return Err(format!("the `Service` of {at} is no text")),
        }
        if service == "blob" {
            found.push(rule_of(members, &at)?);
        } else {
            others.push(service.clone());
        }
    }
    if count > 0 && found.is_empty() {
        others.dedup();
        return Err(format!(
            "its rules are of the {} service, and none is of the blob service; `az storage cors list --services b` lists those",
            others.join(" and the ")
        ));
    }
    Ok(found)
}

/// A rule as Azure Resource Manager tells it stays as it is, whatever stands in it; one of the CLI's becomes one.
fn rule_of(members: Map<String, Value>, at: &str) -> Result<Value, String> {
    const LISTS: [(&str, &str); 4] = [
        ("AllowedOrigins", "allowedOrigins"),
        ("AllowedMethods", "allowedMethods"),
        ("AllowedHeaders", "allowedHeaders"),
        ("ExposedHeaders", "exposedHeaders"),
    ];
    if members.contains_key("allowedOrigins") {
        return Ok(Value::Object(members));
    }
    if !members.contains_key("AllowedOrigins") {
        return Err(format!(
            "{at} is no CORS rule of Azure: it has no member `allowedOrigins`{}",
            first(&members)
        ));
    }
    let mut rule = Map::new();
    for (theirs, name) in LISTS {
        let words = match members.get(theirs) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) => text
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .map(|word| json!(word))
                .collect(),
            Some(Value::Array(words)) if words.iter().all(Value::is_string) => words.clone(),
            Some(_) => {
                return Err(format!(
                    "the `{theirs}` of {at} is neither a text nor a list of texts"
                ));
            }
        };
        rule.insert(name.to_owned(), Value::Array(words));
    }
    if let Some(age) = members.get("MaxAgeInSeconds") {
        rule.insert("maxAgeInSeconds".to_owned(), age.clone());
    }
    Ok(Value::Object(rule))
}

/// Role assignments: what `az role assignment list` prints, or Azure Resource Manager's own form.
///
/// # Errors
/// Why they are none, with the place.
pub fn role_assignments(text: &str) -> Result<Vec<Value>, String> {
    const KIND: &str = "role assignments";
    let mut assignments = Vec::new();
    for (index, item) in list(text, KIND)?.into_iter().enumerate() {
        let at = format!("role assignment {}", index + 1);
        let item = deep(item, &at)?;
        let text = |name: &str| item.pointer(&format!("/properties/{name}"))?.as_str();
        // Classic administrators, which the list may hold too, are of no role.
        if text("roleDefinitionId").is_some_and(|role| role.starts_with("NA(")) {
            continue;
        }
        for name in ["scope", "roleDefinitionId", "principalId"] {
            if text(name).is_none_or(str::is_empty) {
                return Err(format!("{at} has no `{name}` that is a text"));
            }
        }
        if item.get("id").and_then(Value::as_str).is_none() {
            return Err(format!("{at} has no `id` that is a text"));
        }
        assignments.push(item);
    }
    Ok(assignments)
}

/// Role definitions, by the last part of their ID in lower case: what `az role definition list` and `show` print, or
/// Azure Resource Manager's own form.
///
/// # Errors
/// Why they are none, with the place.
pub fn role_definitions(text: &str) -> Result<BTreeMap<String, Value>, String> {
    const KIND: &str = "role definitions";
    let mut definitions = BTreeMap::new();
    for (index, item) in list(text, KIND)?.into_iter().enumerate() {
        let at = format!("role definition {}", index + 1);
        let item = deep(item, &at)?;
        let Some(id) = item.get("id").and_then(Value::as_str).map(last) else {
            return Err(format!("{at} has no `id` that is a text"));
        };
        if !item
            .pointer("/properties/permissions")
            .is_some_and(Value::is_array)
        {
            return Err(format!("{at} has no `permissions` that are a list"));
        }
        definitions.insert(id, item);
    }
    Ok(definitions)
}

/// The last part of a resource ID, in lower case.
#[must_use]
pub fn last(id: &str) -> String {
    let id = id.trim_end_matches('/');
    id.rsplit('/').next().unwrap_or(id).to_ascii_lowercase()
}

/// The object ID of Segments.ai's service principal, where assignments name it by its app: the CLI fills in the name of
/// whom a role is assigned to, and that of a service principal is its app's ID.
#[must_use]
pub fn app_among(assignments: &[Value]) -> Option<String> {
    let mut ids = assignments.iter().filter_map(|assignment| {
        let properties = assignment.get("properties")?;
        let text = |name: &str| properties.get(name).and_then(Value::as_str);
        let is_a_service = matches!(text("principalType"), None | Some("ServicePrincipal"));
        (is_a_service && text("principalName")?.eq_ignore_ascii_case(APP_ID))
            .then(|| text("principalId").map(str::to_ascii_lowercase))?
    });
    let id = ids.next()?;
    ids.all(|other| other == id).then_some(id)
}

/// The items of a list, bare or as the `value` of a page.
fn list(text: &str, kind: &str) -> Result<Vec<Value>, String> {
    match parsed(text)? {
        Value::Array(items) => Ok(items),
        Value::Object(mut members) => match members.remove("value") {
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err("its `value` is no list".to_owned()),
            None if members.contains_key("id") => Ok(vec![Value::Object(members)]),
            None => Err(format!(
                "it is no list of {kind}, and has no member `value`{}",
                first(&members)
            )),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(format!("it is no list of {kind}"))
        }
    }
}

/// Puts back the level that the CLI takes away.
fn deep(item: Value, at: &str) -> Result<Value, String> {
    const OUTER: [&str; 4] = ["id", "name", "type", "resourceGroup"];
    let Value::Object(members) = item else {
        return Err(format!("{at} is no object"));
    };
    match members.get("properties") {
        Some(Value::Object(_)) => return Ok(Value::Object(members)),
        Some(_) => return Err(format!("the `properties` of {at} are no object")),
        None => {}
    }
    let mut outer = Map::new();
    let mut properties = Map::new();
    for (name, value) in members {
        if OUTER.contains(&name.as_str()) {
            outer.insert(name, value);
        } else {
            properties.insert(name, value);
        }
    }
    outer.insert("properties".to_owned(), Value::Object(properties));
    Ok(Value::Object(outer))
}

fn parsed(text: &str) -> Result<Value, String> {
    crate::handed_in::parsed(text, "")
        .map_err(|problem| format!("{problem}; `--output json` makes `az` print JSON"))
}

#[cfg(test)]
mod tests;
