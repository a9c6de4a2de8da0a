//! Documents that somebody handed in: a bucket's IAM policy, its CORS entries and the custom role, in the forms in which
//! `gcloud` prints them.
//!
//! Pure: a text in, the document or one sentence about where it is wrong out.

use serde_json::{Map, Value};

use super::cors::CorsEntry;
use super::iam::RoleState;
use super::role::DISABLED;
use crate::handed_in::first;

/// An IAM policy, as `gcloud storage buckets get-iam-policy --format=json` and the interfaces print it.
///
/// # Errors
/// Why it is none, with the place.
pub fn iam_policy(text: &str) -> Result<Value, String> {
    let members = object(
        text,
        "no IAM policy: that is an object with the member `bindings`",
    )?;
    match members.get("bindings") {
        Some(Value::Array(bindings)) => {
            if let Some(index) = bindings.iter().position(|binding| !is_binding(binding)) {
                return Err(format!(
                    "it is no IAM policy: binding {} has no `role` that is a text, or no `members` that are texts",
                    index + 1
                ));
            }
        }
        Some(_) => return Err("it is no IAM policy: its `bindings` are no list".to_owned()),
        // A policy that grants nothing is printed so.
        None if members.contains_key("etag") => {}
        None => {
            return Err(format!(
                "it is no IAM policy: it has no member `bindings`{}",
                first(&members)
            ));
        }
    }
    Ok(Value::Object(members))
}

fn is_binding(binding: &Value) -> bool {
    let members = binding.get("members").and_then(Value::as_array);
    binding.get("role").is_some_and(Value::is_string)
        && members.is_some_and(|members| members.iter().all(Value::is_string))
        && binding
            .get("condition")
            .is_none_or(|condition| condition.is_object() || condition.is_null())
}

/// CORS entries: the list that `gcloud storage buckets update --cors-file` takes, or what
/// `gcloud storage buckets describe --format=json` and the JSON interface print, in which they are a member.
///
/// # Errors
/// Why they are none, with the place.
pub fn cors(text: &str) -> Result<Vec<CorsEntry>, String> {
    let list = match parsed(text)? {
        Value::Array(list) => Value::Array(list),
        Value::Object(mut members) => {
            let found = ["cors_config", "cors"]
                .into_iter()
                .find_map(|name| members.remove(name));
            match found {
                Some(Value::Null) => Value::Array(Vec::new()),
                Some(list) => list,
                // A bucket without any is printed without the member.
                None if members.contains_key("storage_url") || members.contains_key("selfLink") => {
                    Value::Array(Vec::new())
                }
                None => {
                    return Err(format!(
                        "there are no CORS entries in it: no list, and no member `cors_config` or `cors`{}",
                        first(&members)
                    ));
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err("it is no list of CORS entries".to_owned());
        }
    };
    serde_json::from_value(list)
        .map_err(|error| format!("a CORS entry is not one of Google's: {error}"))
}

/// A custom role, as `gcloud iam roles describe --format=json` prints it: its full name, and what it does.
///
/// # Errors
/// Why it is none, with the place.
pub fn custom_role(text: &str) -> Result<(String, RoleState), String> {
    let members = object(
        text,
        "no custom role: that is an object with the member `name`",
    )?;
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    let Some(name) = text("name").filter(|name| name.contains("roles/")) else {
        return Err(
            "it is no custom role: its `name` is not `projects/PROJECT/roles/ROLE`".to_owned(),
        );
    };
    let state = if members.get("deleted").and_then(Value::as_bool) == Some(true) {
        RoleState::Deleted
    } else if text("stage") == Some(DISABLED) {
        RoleState::Disabled
    } else {
        let permissions = match members.get("includedPermissions") {
            None => &[][..],
            Some(Value::Array(permissions)) => permissions,
            Some(_) => return Err("its `includedPermissions` are no list".to_owned()),
        };
        RoleState::Enabled {
            permissions: permissions
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        }
    };
    Ok((name.to_owned(), state))
}

/// The project of the custom role with that ID, where a binding names it.
#[must_use]
pub fn project_of(policy: &Value, role_id: &str) -> Option<String> {
    policy
        .get("bindings")?
        .as_array()?
        .iter()
        .filter_map(|binding| binding.get("role")?.as_str())
        .find_map(|role| {
            let (project, id) = role.strip_prefix("projects/")?.split_once("/roles/")?;
            (id == role_id).then(|| project.to_owned())
        })
}

fn object(text: &str, otherwise: &str) -> Result<Map<String, Value>, String> {
    match parsed(text)? {
        Value::Object(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(format!("it is {otherwise}"))
        }
    }
}

fn parsed(text: &str) -> Result<Value, String> {
    crate::handed_in::parsed(text, "")
        .map_err(|problem| format!("{problem}; `--format=json` makes `gcloud` print JSON"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_gcloud_prints_is_taken() {
        let policy = json!({"bindings": [{"role": "roles/viewer", "members": ["user:a@b.example"]}], "etag": "CAE=", "version": 1});
        assert_eq!(iam_policy(&policy.to_string()), Ok(policy));
        assert_eq!(
            iam_policy(r#"{"etag": "CAE="}"#),
            Ok(json!({"etag": "CAE="}))
        );
        let entry = json!({"origin": ["*"], "method": ["GET"], "responseHeader": ["*"], "maxAgeSeconds": 3600});
        for text in [
            json!([entry]).to_string(),
            json!({"cors_config": [entry], "storage_url": "gs://acme-images/"}).to_string(),
            json!({"kind": "storage#bucket", "cors": [entry]}).to_string(),
        ] {
            assert_eq!(cors(&text).map(|entries| entries.len()), Ok(1), "{text}");
        }
        for none in [
            r#"{"storage_url": "gs://acme-images/"}"#,
            "[]",
            r#"{"cors_config": null}"#,
        ] {
            assert_eq!(cors(none), Ok(Vec::new()));
        }
    }

    #[test]
    fn a_role_is_told_by_its_life() {
        let name = "projects/acme-vision/roles/segments_object_reader";
        for (more, state) in [
            (
                json!({"includedPermissions": ["storage.objects.get"], "stage": "GA"}),
                RoleState::Enabled {
                    permissions: vec!["storage.objects.get".to_owned()],
                },
            ),
            (
                json!({"includedPermissions": ["storage.objects.get"], "stage": "DISABLED"}),
                RoleState::Disabled,
            ),
            (json!({"deleted": true, "stage": "GA"}), RoleState::Deleted),
        ] {
            let mut role = more;
            role["name"] = json!(name);
            assert_eq!(custom_role(&role.to_string()), Ok((name.to_owned(), state)));
        }
        let policy = json!({"bindings": [{"role": name, "members": []}]});
        assert_eq!(
            project_of(&policy, "segments_object_reader").as_deref(),
            Some("acme-vision")
        );
        assert_eq!(project_of(&policy, "other"), None);
    }

    #[test]
    fn what_is_none_is_told_with_its_place() {
        for (text, said) in [
            ("", "empty"),
            ("bindings:\n- role: x", "--format=json"),
            ("[]", "no IAM policy"),
            ("{}", "no member `bindings`"),
            (r#"{"cors": []}"#, "but `cors`"),
            (r#"{"bindings": {}}"#, "no list"),
            (r#"{"bindings": [{"role": "x"}]}"#, "binding 1"),
            (r#"{"bindings": [], "bindings": []}"#, "twice"),
        ] {
            let problem = iam_policy(text).expect_err(text);
            assert!(problem.contains(said), "{text}: {problem}");
        }
        for (text, said) in [
            (r#"{"bindings": []}"#, "no member `cors_config`"),
            (r#"[{"origins": ["*"]}]"#, "origins"),
            (r#""x""#, "no list"),
        ] {
            let problem = cors(text).expect_err(text);
            assert!(problem.contains(said), "{text}: {problem}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_an_answer(text in ".{0,200}") {
            let _ = (iam_policy(&text), cors(&text), custom_role(&text));
        }
    }
}
