//! Google's JSON, read strictly: a member, a parameter or a value that an API does not have is refused by its name.
//!
//! See <https://protobuf.dev/programming-guides/json/>.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::message::status::{BadRequest, FieldViolation};
use super::problem::{Code, Detail, Problem};
use crate::sandbox::answer::Answer;
use crate::sandbox::incoming::Incoming;

/// Parameters that every API has.
/// See <https://cloud.google.com/apis/docs/system-parameters>.
const EVERYWHERE: [&str; 8] = [
    "$alt",
    "alt",
    "prettyPrint",
    "$prettyPrint",
    "quotaUser",
    "$.xgafv",
    "uploadType",
    "upload_protocol",
];

/// The members of an object, each looked up by either of its names and only once.
#[derive(Debug)]
pub(crate) struct Members {
    left: Map<String, Value>,
    path: String,
}

impl Members {
    /// The body of a request; an empty one is an empty object.
    pub fn of_body(request: &Incoming) -> Result<Self, Problem> {
        if request.body.is_empty() {
            return Ok(Self {
                left: Map::new(),
                path: String::new(),
            });
        }
        let value: Value = serde_json::from_slice(&request.body)
            .map_err(|error| payload(&format!("{error}."), ""))?;
        Self::of(value, "")
    }

    /// The members of a value.
    pub fn of(value: Value, path: &str) -> Result<Self, Problem> {
        match value {
            Value::Object(left) => Ok(Self {
                left,
                path: path.to_owned(),
            }),
            other => Err(payload(
                &format!("Expected an object, found {other}."),
                path,
            )),
        }
    }

    /// Takes a member out. `name` is its name in camel case; its name with underscores counts as well.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        let found = self.left.remove(name);
        found
            .or_else(|| self.left.remove(&underscored(name)))
            .filter(|value| !value.is_null())
    }

    /// Takes a text out.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.wrong(name, &other)),
        }
    }

    /// Takes a list of texts out.
    pub fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, Problem> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let texts = value.as_array().and_then(|values| {
            values
                .iter()
                .map(|value| value.as_str().map(str::to_owned))
                .collect()
        });
        match texts {
            Some(texts) => Ok(Some(texts)),
            None => Err(self.wrong(name, &value)),
        }
    }

    /// Takes a whole number out, which may be written as a text.
    pub fn number(&mut self, name: &str) -> Result<Option<i64>, Problem> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let number = match &value {
            Value::String(text) => text.parse().ok(),
            other => other.as_i64(),
        };
        number.map(Some).ok_or_else(|| self.wrong(name, &value))
    }

    /// Refuses whatever was not taken.
    pub fn finish(self) -> Result<(), Problem> {
        match self.left.keys().next() {
            None => Ok(()),
            Some(name) => Err(payload(
                &format!(
                    "Unknown name \"{name}\"{}: Cannot find field.",
                    self.place()
                ),
                &self.path,
            )),
        }
    }

    pub fn wrong(&self, name: &str, value: &Value) -> Problem {
        payload(
            &format!("Invalid value at '{}{name}': {value}", self.prefix()),
            &self.path,
        )
    }

    fn prefix(&self) -> String {
        if self.path.is_empty() {
            String::new()
        } else {
            format!("{}.", self.path)
        }
    }

    fn place(&self) -> String {
        if self.path.is_empty() {
            String::new()
        } else {
            format!(" at '{}'", self.path)
        }
    }
}

/// `includedPermissions` as `included_permissions`.
pub(crate) fn underscored(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(character.to_ascii_lowercase());
    }
    text
}

fn payload(what: &str, field: &str) -> Problem {
    let description = format!("Invalid JSON payload received. {what}");
    Problem::new(Code::InvalidArgument, description.clone())
        .reason("parseError")
        .detail(Detail::BadRequest(BadRequest {
            field_violations: vec![FieldViolation {
                field: field.to_owned(),
                description,
            }],
        }))
}

/// Refuses a parameter that the operation does not have.
pub(crate) fn check_parameters(call: &Call, own: &[&str]) -> Result<(), Problem> {
    let unknown = call
        .query
        .iter()
        .map(|(name, _)| name.as_str())
        .find(|name| !EVERYWHERE.contains(name) && !own.contains(name));
    if let Some(name) = unknown {
        return Err(payload(
            &format!(
                "Unknown name \"{name}\": Cannot bind query parameter. Field '{name}' could not be found in request \
                 message."
            ),
            "",
        ));
    }
    let alt = call.parameter("$alt").or_else(|| call.parameter("alt"));
    let known = alt.is_none_or(|alt| alt == "json" || alt.starts_with("json;enum-encoding="));
    if known {
        Ok(())
    } else {
        Err(payload("Invalid value for the parameter alt.", ""))
    }
}

/// Whether the client wants the numbers of enumerated values in place of their names.
pub(crate) fn wants_numbers(call: &Call) -> bool {
    let alt = call.parameter("$alt").or_else(|| call.parameter("alt"));
    alt == Some("json;enum-encoding=int")
}

/// A success.
pub(crate) fn answer(value: &Value) -> Answer {
    Answer::new(200).body("application/json; charset=UTF-8", format!("{value:#}\n"))
}

/// An error of most of Google's APIs.
/// See <https://cloud.google.com/apis/design/errors#error_model>.
pub(crate) fn error(problem: &Problem) -> Answer {
    let status = problem.http_status();
    let mut error = json!({
        "code": status,
        "message": problem.message,
        "status": problem.code.name(),
    });
    let details = problem.json_details();
    if !details.is_empty() {
        error["details"] = details.into();
    }
    let value = json!({ "error": error });
    Answer::new(status).body("application/json; charset=UTF-8", format!("{value:#}\n"))
}
