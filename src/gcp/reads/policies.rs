//! Policies above the bucket, as far as the caller may read them.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::error::{ErrorCode, Failure};
use crate::gcp::access::Access;
use crate::gcp::wire::Body;

/// The IAM deny policies that are attached to `attachment`: `projects/…`, `folders/…`, `organizations/…`. A list holds no rules, so each is read:
/// <https://cloud.google.com/iam/docs/reference/rest/v2/policies/listPolicies>.
///
/// # Errors
/// As Google answers.
pub async fn deny_policies(access: &Access, attachment: &str) -> Result<Vec<Value>, Failure> {
    let what = format!("could not read the IAM deny policies of `{attachment}`");
    let place = format!("cloudresourcemanager.googleapis.com/{attachment}");
    let base = format!("{}/v2", access.place.endpoints.iam);
    let list = format!(
        "{base}/policies/{}/denypolicies",
        utf8_percent_encode(&place, NON_ALPHANUMERIC)
    );
    let answer = access
        .http
        .ask(
            access.doing(&what, "iam.denypolicies.list"),
            &list,
            Body::None,
        )
        .await?;
    let names: Vec<String> = answer
        .get("policies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|policy| policy.get("name").and_then(Value::as_str))
        .map(str::to_owned)
        .collect();
    futures_util::future::try_join_all(names.iter().map(|name| async {
        let url = format!("{base}/{}", encoded_name(name));
        access
            .http
            .ask(
                access.doing(&what, "iam.denypolicies.get"),
                &url,
                Body::None,
            )
            .await
    }))
    .await
}

/// `policies/ATTACHMENT/denypolicies/ID`, where the attachment is encoded already or has to be.
fn encoded_name(name: &str) -> String {
    let Some(rest) = name.strip_prefix("policies/") else {
        return name.to_owned();
    };
    match rest.rsplit_once("/denypolicies/") {
        Some((place, id)) if !place.contains('%') => format!(
            "policies/{}/denypolicies/{id}",
            utf8_percent_encode(place, NON_ALPHANUMERIC)
        ),
        Some(_) | None => name.to_owned(),
    }
}

/// The IAM policy of the bucket's project, whose grants reach the bucket. Without version 3 Google tells no conditions.
/// <https://cloud.google.com/resource-manager/reference/rest/v3/projects/getIamPolicy>
///
/// # Errors
/// As Google answers; and where it was not seen that the bucket is in the project that was named.
pub async fn project_policy(access: &Access) -> Result<Value, Failure> {
    let project = &access.place.project;
    let what = format!(
        "could not read the IAM policy of the project `{}`",
        project.id
    );
    if !project.observed {
        return Err(Failure::new(ErrorCode::UnexpectedAnswer, what)
            .cause("that the bucket is in this project was not seen"));
    }
    let url = format!(
        "{}/v3/projects/{}:getIamPolicy",
        access.place.endpoints.resource_manager, project.id
    );
    let body = json!({ "options": { "requestedPolicyVersion": 3 } });
    access
        .http
        .ask(
            access.doing(&what, "resourcemanager.projects.getIamPolicy"),
            &url,
            Body::Json(&body),
        )
        .await
}

/// Whether the organisation prevents public access to every bucket of the project.
/// <https://cloud.google.com/storage/docs/public-access-prevention>
///
/// # Errors
/// As Google answers.
pub async fn public_access_prevented(access: &Access) -> Result<bool, Failure> {
    let policy = effective_policy(access, "storage.publicAccessPrevention").await?;
    Ok(crate::gcp::domain::is_enforced(&policy))
}

/// A constraint of the organisation, as it reaches the project.
async fn effective_policy(access: &Access, name: &str) -> Result<Value, Failure> {
    let what = format!("could not read the organisation's policy `constraints/{name}`");
    let url = format!(
        "{}/v2/projects/{}/policies/{name}:getEffectivePolicy",
        access.place.endpoints.org_policy, access.place.project.id
    );
    access
        .http
        .ask(
            access.doing(&what, "orgpolicy.policy.get"),
            &url,
            Body::None,
        )
        .await
}

/// The constraints of the organisation that may keep the service account from being named in a policy, of those that
/// could be read. <https://cloud.google.com/resource-manager/docs/organization-policy/restricting-domains>
pub async fn domain_policies(access: &Access) -> Vec<&'static str> {
    let member = access.place.account.member();
    futures_util::future::join_all(crate::gcp::answer::DOMAIN_CONSTRAINTS.map(|constraint| {
        let member = member.clone();
        async move {
            let name = constraint.trim_start_matches("constraints/");
            effective_policy(access, name)
                .await
                .is_ok_and(|policy| crate::gcp::domain::may_refuse(&policy, &member))
                .then_some(constraint)
        }
    }))
    .await
    .into_iter()
    .flatten()
    .collect()
}

#[cfg(test)]
mod tests {
    use super::encoded_name;

    #[test]
    fn an_attachment_is_encoded_once() {
        let encoded =
            "policies/cloudresourcemanager%2Egoogleapis%2Ecom%2Fprojects%2F1/denypolicies/lock";
        for name in [
            "policies/cloudresourcemanager.googleapis.com/projects/1/denypolicies/lock",
            encoded,
        ] {
            assert_eq!(encoded_name(name), encoded);
        }
    }
}
