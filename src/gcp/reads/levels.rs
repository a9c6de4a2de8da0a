//! The levels above the project and below the bucket: what there is, and its IAM policies.

use futures_util::{StreamExt, stream};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{ErrorCode, Failure};
use crate::gcp::access::Access;
use crate::gcp::inputs::Given;
use crate::gcp::place::Parent;
use crate::gcp::wire::Body;

/// How many managed folders have their policies read; the rest is told as not read.
const MOST: usize = 50;
/// How many of them at the same time.
const AT_ONCE: usize = 16;

/// A level, and its IAM policy, or why it could not be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelPolicy {
    /// `folders/1`, `organizations/2`, or the name of a managed folder with its slash.
    pub name: String,
    /// The policy.
    pub policy: Given<Value>,
}

/// What the project is in, the nearest first: `folders/1`, `organizations/2`.
///
/// # Errors
/// As Google answers; and where the project itself was not looked up.
pub async fn ancestry(access: &Access) -> Result<Vec<String>, Failure> {
    let project = &access.place.project;
    let what = format!("could not read what the project `{}` is in", project.id);
    if !project.observed {
        return Err(Failure::new(ErrorCode::UnexpectedAnswer, what)
            .cause("that the bucket is in this project was not seen"));
    }
    let folder = match &project.parent {
        Parent::Nothing => return Ok(Vec::new()),
        Parent::In(parent) if parent.starts_with("organizations/") => {
            return Ok(vec![parent.clone()]);
        }
        Parent::In(folder) => folder,
        Parent::Unknown => {
            return Err(Failure::new(ErrorCode::NotPermitted, what)
                .cause("the project itself could not be looked up"));
        }
    };
    let url = format!(
        "{}/v1/projects/{}:getAncestry",
        access.place.endpoints.resource_manager, project.id
    );
    let answer = access
        .http
        .ask(
            access.doing(&what, "resourcemanager.projects.get"),
            &url,
            Body::Json(&json!({})),
        )
        .await?;
    let line = line(&answer);
    if line.first() == Some(folder) {
        Ok(line)
    } else {
        Err(Failure::new(ErrorCode::UnexpectedAnswer, what)
            .cause(format!("the answer does not begin with `{folder}`")))
    }
}

/// Of an answer, everything above the project.
fn line(answer: &Value) -> Vec<String> {
    answer
        .get("ancestor")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|one| {
            let text = |name: &str| one.pointer(&format!("/resourceId/{name}"))?.as_str();
            let kind = match text("type")? {
                "folder" => "folders",
                "organization" => "organizations",
                _ => return None,
            };
            Some(format!("{kind}/{}", text("id")?))
        })
        .collect()
}

/// The IAM policies of those levels.
/// <https://cloud.google.com/resource-manager/reference/rest/v3/folders/getIamPolicy>
pub async fn above(access: &Access, levels: &[String]) -> Vec<LevelPolicy> {
    futures_util::future::join_all(levels.iter().map(|name| async move {
        let what = format!("could not read the IAM policy of `{name}`");
        let permission = if name.starts_with("folders/") {
            "resourcemanager.folders.getIamPolicy"
        } else {
            "resourcemanager.organizations.getIamPolicy"
        };
        let url = format!(
            "{}/v3/{name}:getIamPolicy",
            access.place.endpoints.resource_manager
        );
        let body = json!({ "options": { "requestedPolicyVersion": 3 } });
        let policy = access
            .http
            .ask(access.doing(&what, permission), &url, Body::Json(&body))
            .await;
        LevelPolicy {
            name: name.clone(),
            policy: Given::from(policy),
        }
    }))
    .await
}

/// The bucket's managed folders with their IAM policies.
/// <https://cloud.google.com/storage/docs/json_api/v1/managedFolder>
///
/// # Errors
/// As Google answers.
pub async fn managed_folders(access: &Access) -> Result<Vec<LevelPolicy>, Failure> {
    let bucket = &access.place.bucket;
    let what = format!("could not list the managed folders of `{bucket}`");
    let base = format!(
        "{}/storage/v1/b/{bucket}/managedFolders",
        access.place.endpoints.storage
    );
    let answer = access
        .http
        .ask(
            access.doing(&what, "storage.managedFolders.list"),
            &base,
            Body::None,
        )
        .await?;
    let names: Vec<String> = answer
        .get("items")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|folder| folder.get("name").and_then(Value::as_str))
        .map(str::to_owned)
        .collect();
    let more = answer.get("nextPageToken").is_some();
    let mut read: Vec<LevelPolicy> = stream::iter(names.iter().take(MOST))
        .map(|name| async { managed_folder(access, &base, name).await })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let unread = |name: &str| LevelPolicy {
        name: name.to_owned(),
        policy: Given::Unread(format!("only the first {MOST} are read")),
    };
    read.extend(names.iter().skip(MOST).map(|name| unread(name)));
    if more {
        // There are others; what they are called is not known, so any object may be in one.
        read.push(unread(""));
    }
    Ok(read)
}

async fn managed_folder(access: &Access, base: &str, name: &str) -> LevelPolicy {
    let what = format!("could not read the IAM policy of the managed folder `{name}`");
    let url = format!(
        "{base}/{}/iam?optionsRequestedPolicyVersion=3",
        utf8_percent_encode(name, NON_ALPHANUMERIC)
    );
    let policy = access
        .http
        .ask(
            access.doing(&what, "storage.managedFolders.getIamPolicy"),
            &url,
            Body::None,
        )
        .await;
    LevelPolicy {
        name: name.to_owned(),
        policy: Given::from(policy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_above_a_project_leaves_out_the_project() {
        let answer = json!({"ancestor": [
            {"resourceId": {"type": "project", "id": "acme-vision"}},
            {"resourceId": {"type": "folder", "id": "1"}},
            {"resourceId": {"type": "organization", "id": "2"}},
            {"resourceId": {"type": "something new", "id": "3"}},
            {"resourceId": 4},
        ]});
        assert_eq!(line(&answer), ["folders/1", "organizations/2"]);
        assert_eq!(line(&json!({"ancestor": 7})), Vec::<String>::new());
    }
}
