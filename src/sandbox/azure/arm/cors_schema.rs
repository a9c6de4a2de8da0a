//! What CORS rules may be like.
//!
//! This module reads and judges; it stores nothing. Limits:
//! <https://learn.microsoft.com/rest/api/storageservices/set-blob-service-properties>. Resource Manager passes on what
//! Blob Storage says of the rules: <https://github.com/Azure/azure-cli/issues/31706>.

use serde_json::{Map, Value};

use crate::sandbox::azure::account::CorsRule;
use crate::sandbox::azure::problem::Problem;

const MOST_RULES: usize = 5;
const MOST_ORIGINS: usize = 64;
const MOST_LITERAL_HEADERS: usize = 64;
const MOST_PREFIXED_HEADERS: usize = 2;
const LONGEST: usize = 256;
/// All rules together, without the tags around them.
const LARGEST: usize = 2 * 1024;

const METHODS: [&str; 10] = [
    "CONNECT", "DELETE", "GET", "HEAD", "MERGE", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
];

const MEMBERS: [&str; 5] = [
    "allowedOrigins",
    "allowedMethods",
    "maxAgeInSeconds",
    "exposedHeaders",
    "allowedHeaders",
];

/// Reads the value of `cors`.
pub(super) fn read(value: &Value) -> Result<Vec<CorsRule>, Problem> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let Value::Object(members) = value else {
        return Err(content("cors"));
    };
    if let Some(odd) = members.keys().find(|name| *name != "corsRules") {
        return Err(content(odd));
    }
    let rules = match members.get("corsRules") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(rules)) => rules,
        Some(_) => return Err(content("corsRules")),
    };
    if rules.len() > MOST_RULES {
        return Err(syntax());
    }
    let rules = rules.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
    let size: usize = rules.iter().map(size).sum();
    if size > LARGEST {
        return Err(syntax());
    }
    Ok(rules)
}

fn rule(value: &Value) -> Result<CorsRule, Problem> {
    let Value::Object(members) = value else {
        return Err(content("corsRules"));
    };
    if let Some(odd) = members
        .keys()
        .find(|name| !MEMBERS.contains(&name.as_str()))
    {
        return Err(content(odd));
    }
    let rule = CorsRule {
        allowed_origins: texts(members, "allowedOrigins")?,
        allowed_methods: texts(members, "allowedMethods")?,
        max_age_in_seconds: members
            .get("maxAgeInSeconds")
            .ok_or_else(syntax)?
            .as_i64()
            .filter(|seconds| (0..=i64::from(i32::MAX)).contains(seconds))
            .ok_or_else(node)?,
        exposed_headers: texts(members, "exposedHeaders")?,
        allowed_headers: texts(members, "allowedHeaders")?,
    };
    let origins = &rule.allowed_origins;
    let methods = &rule.allowed_methods;
    if origins.is_empty()
        || origins.len() > MOST_ORIGINS
        || origins.iter().any(|origin| bad_text(origin))
        || methods.is_empty()
        || methods
            .iter()
            .any(|method| !METHODS.contains(&method.as_str()))
        || bad_headers(&rule.exposed_headers)
        || bad_headers(&rule.allowed_headers)
    {
        return Err(node());
    }
    Ok(rule)
}

fn texts(members: &Map<String, Value>, name: &str) -> Result<Vec<String>, Problem> {
    let value = members.get(name).ok_or_else(syntax)?;
    value
        .as_array()
        .ok_or_else(|| content(name))?
        .iter()
        .map(|text| {
            text.as_str()
                .map(str::to_owned)
                .ok_or_else(|| content(name))
        })
        .collect()
}

fn bad_headers(headers: &[String]) -> bool {
    let prefixed = headers
        .iter()
        .filter(|header| header.ends_with('*') && *header != "*")
        .count();
    prefixed > MOST_PREFIXED_HEADERS
        || headers.len() - prefixed > MOST_LITERAL_HEADERS
        || headers.iter().any(|header| bad_text(header))
}

/// On its way to Blob Storage a list is joined by commas.
fn bad_text(text: &str) -> bool {
    text.is_empty() || text.len() > LONGEST || text.contains(',')
}

fn size(rule: &CorsRule) -> usize {
    let lists = [
        &rule.allowed_origins,
        &rule.allowed_methods,
        &rule.exposed_headers,
        &rule.allowed_headers,
    ];
    let texts: usize = lists
        .iter()
        .map(|list| list.iter().map(String::len).sum::<usize>() + list.len().saturating_sub(1))
        .sum();
    texts + rule.max_age_in_seconds.to_string().len()
}

fn content(name: &str) -> Problem {
    Problem::new(
        400,
        "InvalidRequestContent",
        format!(
            "The request content was invalid and could not be deserialized: 'Could not find member or read the value of '{name}' on object of type 'CorsRules''."
        ),
    )
}

fn syntax() -> Problem {
    Problem::new(
        400,
        "ContainerOperationFailure",
        "XML specified is not syntactically valid.",
    )
}

fn node() -> Problem {
    Problem::new(
        400,
        "ContainerOperationFailure",
        "The value for one of the XML nodes is not in the correct format.",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rule() -> Value {
        json!({
            "allowedOrigins": ["https://app.segments.ai"],
            "allowedMethods": ["GET"],
            "maxAgeInSeconds": 3600,
            "exposedHeaders": [],
            "allowedHeaders": [],
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut rule = rule();
        rule[name] = value;
        rule
    }

    fn read_all(rules: &[Value]) -> Result<Vec<CorsRule>, Problem> {
        read(&json!({ "corsRules": rules }))
    }

    #[test]
    fn five_rules_are_taken_and_six_are_not() {
        let rules = vec![rule(); 5];
        assert_eq!(read_all(&rules).unwrap().len(), 5);
        let problem = read_all(&vec![rule(); 6]).unwrap_err();
        assert_eq!(problem, syntax());
    }

    #[test]
    fn nothing_is_no_rules() {
        for value in [json!(null), json!({}), json!({ "corsRules": null })] {
            assert_eq!(read(&value).unwrap(), Vec::new(), "{value}");
        }
    }

    #[test]
    fn every_member_is_demanded_and_no_other_is_known() {
        for name in MEMBERS {
            let mut rule = rule();
            rule.as_object_mut().unwrap().remove(name);
            assert_eq!(read_all(&[rule]), Err(syntax()), "{name}");
        }
        let odd = read_all(&[with("allowCredentials", json!(true))]).unwrap_err();
        assert_eq!(odd.code, "InvalidRequestContent");
    }

    #[test]
    fn values_have_limits() {
        let many = |count: usize, tail: &str| {
            json!(
                (0..count)
                    .map(|at| format!("a{at}{tail}"))
                    .collect::<Vec<_>>()
            )
        };
        for (name, value, fits) in [
            ("allowedOrigins", json!([]), false),
            ("allowedOrigins", json!(["*"]), true),
            ("allowedOrigins", many(64, ""), true),
            ("allowedOrigins", many(65, ""), false),
            ("allowedOrigins", json!(["x".repeat(257)]), false),
            ("allowedOrigins", json!(["https://a,https://b"]), false),
            ("allowedMethods", json!(["get"]), false),
            ("allowedMethods", json!(["PATCH"]), true),
            ("allowedHeaders", many(64, ""), true),
            ("allowedHeaders", many(65, ""), false),
            ("allowedHeaders", many(2, "*"), true),
            ("exposedHeaders", many(3, "*"), false),
            ("maxAgeInSeconds", json!(-1), false),
            ("maxAgeInSeconds", json!("60"), false),
        ] {
            let read = read_all(&[with(name, value.clone())]);
            assert_eq!(read.is_ok(), fits, "{name} {value}");
            if let Err(problem) = read {
                assert_eq!(problem, node());
            }
        }
        let long = with("allowedOrigins", json!(vec!["x".repeat(250); 9]));
        assert_eq!(read_all(&[long]), Err(syntax()), "more than 2 KB");
    }
}
