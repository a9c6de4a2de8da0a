//! What stands around the bucket: projects, one's own permissions on them, organization policies, deny policies.

use reqwest::Method;
use segments_connect::sandbox::gcp::{
    AllowedPolicyMembers, BUCKET_ADMIN, DEPLOYER, DenyPolicy, DenyRule, OWNER, PROJECT, SEGMENTS,
    VIEWER,
};
use serde_json::json;

use super::{call, get, sandbox, with, world};

#[tokio::test]
async fn a_project_is_found_by_its_id_and_by_its_number() {
    let sandbox = sandbox();
    for name in ["acme-vision", "415104041262"] {
        let (status, project) = get(&sandbox, &format!("/v3/projects/{name}"), DEPLOYER).await;
        assert_eq!(status, 200);
        assert_eq!(
            (
                &project["name"],
                &project["projectId"],
                &project["parent"],
                &project["state"]
            ),
            (
                &json!("projects/415104041262"),
                &json!("acme-vision"),
                &json!("organizations/100200300400"),
                &json!("ACTIVE")
            )
        );
        let (status, project) = get(&sandbox, &format!("/v1/projects/{name}"), OWNER).await;
        assert_eq!(status, 200);
        assert_eq!(
            (&project["projectNumber"], &project["projectId"]),
            (&json!("415104041262"), &json!("acme-vision"))
        );
    }
}

#[tokio::test]
async fn a_project_that_may_not_be_seen_and_none_answer_alike() {
    let sandbox = sandbox();
    let answer = async |name: &str, email: &str| {
        let (status, answer) = get(&sandbox, &format!("/v3/projects/{name}"), email).await;
        let message = answer["error"]["message"]
            .as_str()
            .unwrap()
            .replace(name, "P");
        (status, answer["error"]["status"].clone(), message)
    };
    let hidden = answer("acme-vision", BUCKET_ADMIN).await;
    assert_eq!(hidden, answer("nobody-here", OWNER).await);
    assert_eq!(
        hidden,
        (
            403,
            json!("PERMISSION_DENIED"),
            "Permission 'resourcemanager.projects.get' denied on resource \
             '//cloudresourcemanager.googleapis.com/projects/P' (or it may not exist)."
                .to_owned()
        )
    );
}

#[tokio::test]
async fn everybody_may_ask_what_they_may_do_in_a_project() {
    let sandbox = sandbox();
    let asked = json!({ "permissions": ["iam.roles.get", "iam.roles.create", "iam.roles.update", "iam.roles.undelete"] });
    let held = async |email: &str| {
        for version in ["v1", "v3"] {
            let path = format!("/{version}/projects/{PROJECT}:testIamPermissions");
            let (status, answer) =
                call(&sandbox, Method::POST, &path, email, Some(asked.clone())).await;
            assert_eq!(status, 200, "{answer}");
            if version == "v3" {
                return answer;
            }
        }
        json!(null)
    };
    assert_eq!(held(OWNER).await, asked);
    assert_eq!(held(DEPLOYER).await, asked);
    assert_eq!(
        held(VIEWER).await,
        json!({ "permissions": ["iam.roles.get"] })
    );
    assert_eq!(held(BUCKET_ADMIN).await, json!({}));
    let path = format!("/v1/projects/{PROJECT}:testIamPermissions");
    for (body, expected) in [
        (json!({ "permissions": ["iam.roles.*"] }), 400),
        (json!({ "permissions": [] }), 400),
        (json!({ "permission": ["iam.roles.get"] }), 400),
    ] {
        let (status, answer) = call(&sandbox, Method::POST, &path, OWNER, Some(body)).await;
        assert_eq!(status, expected, "{answer}");
    }
    let missing = "/v1/projects/nobody-here:testIamPermissions";
    let (status, _) = call(&sandbox, Method::POST, missing, OWNER, Some(asked)).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn the_policy_of_a_project_is_shown_whole_to_those_who_ask_for_its_version() {
    let sandbox = with(|world| {
        let project = world.project_mut(PROJECT).unwrap();
        project.policy.grant_if(
            "roles/storage.objectViewer",
            &format!("serviceAccount:{SEGMENTS}"),
            "photos",
            "resource.type == \"storage.googleapis.com/Object\"",
        );
    });
    let path = format!("/v3/projects/{PROJECT}:getIamPolicy");
    let ask = async |email: &str, body: serde_json::Value| {
        call(&sandbox, Method::POST, &path, email, Some(body)).await
    };
    let whole = json!({ "options": { "requestedPolicyVersion": 3 } });
    let (status, policy) = ask(OWNER, whole.clone()).await;
    assert_eq!((status, &policy["version"]), (200, &json!(3)));
    let last = policy["bindings"].as_array().unwrap().last().unwrap();
    assert_eq!(
        *last,
        json!({
            "role": "roles/storage.objectViewer",
            "members": [format!("serviceAccount:{SEGMENTS}")],
            "condition": {
                "title": "photos",
                "expression": "resource.type == \"storage.googleapis.com/Object\"",
            },
        })
    );
    let (_, policy) = ask(OWNER, json!({})).await;
    let last = policy["bindings"].as_array().unwrap().last().unwrap();
    let role = last["role"].as_str().unwrap();
    assert!(
        role.starts_with("roles/storage.objectViewer_withcond_"),
        "{role}"
    );
    assert_eq!(
        (&last["condition"], &policy["version"]),
        (&json!(null), &json!(1))
    );
    for (email, body, expected) in [
        (VIEWER, whole.clone(), 403),
        (BUCKET_ADMIN, whole, 403),
        (
            OWNER,
            json!({ "options": { "requestedPolicyVersion": 2 } }),
            400,
        ),
        (OWNER, json!({ "option": {} }), 400),
        (OWNER, json!({ "options": { "version": 3 } }), 400),
    ] {
        let (status, answer) = ask(email, body).await;
        assert_eq!(status, expected, "{answer}");
    }
}

#[tokio::test]
async fn the_way_up_to_the_organization_can_be_asked_for() {
    let sandbox = sandbox();
    let path = "/v1/projects/acme-vision:getAncestry";
    let (status, answer) = call(&sandbox, Method::POST, path, OWNER, Some(json!({}))).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer["ancestor"][1]["resourceId"],
        json!({ "type": "organization", "id": "100200300400" })
    );
}

#[tokio::test]
async fn organization_policies_are_shown_to_those_who_may_read_them() {
    let sandbox = sandbox();
    let rule = async |constraint: &str| {
        let path = format!("/v2/projects/{PROJECT}/policies/{constraint}:getEffectivePolicy");
        let (status, answer) = get(&sandbox, &path, OWNER).await;
        (status, answer["spec"]["rules"][0].clone())
    };
    let legacy = "iam.allowedPolicyMemberDomains";
    let managed = "iam.managed.allowedPolicyMembers";
    assert_eq!(rule(legacy).await, (200, json!({ "allowAll": true })));
    assert_eq!(rule(managed).await, (200, json!({ "enforce": false })));
    assert_eq!(rule("iam.nonsense").await.0, 404);
    world(&sandbox, |world| {
        let project = world.project_mut(PROJECT).unwrap();
        project.allowed_policy_member_domains = Some(vec!["is:C01acme00".to_owned()]);
        project.allowed_policy_members = Some(AllowedPolicyMembers {
            allowed_member_subjects: vec!["user:a@acme.example".to_owned()],
            allowed_principal_sets: Vec::new(),
        });
    });
    assert_eq!(
        rule(legacy).await.1,
        json!({ "values": { "allowedValues": ["is:C01acme00"] } })
    );
    assert_eq!(
        rule(managed).await.1["parameters"]["allowedMemberSubjects"],
        json!(["user:a@acme.example"])
    );
    let path = format!("/v2/projects/{PROJECT}/policies/{legacy}:getEffectivePolicy");
    // A person without a quota project is not even asked for their rights.
    let (status, answer) = get(&sandbox, &path, VIEWER).await;
    let error = &answer["error"];
    assert_eq!(
        (status, &error["details"][0]["reason"]),
        (403, &json!("SERVICE_DISABLED"))
    );
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("The orgpolicy.googleapis.com API requires a quota project"),
        "{message}"
    );
    let (status, answer) = get(&sandbox, &path, SEGMENTS).await;
    assert_eq!(status, 403);
    assert!(
        answer.to_string().contains("orgpolicy.policy.get"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_list_of_deny_policies_has_no_rules_and_a_single_one_has() {
    let sandbox = with(|world| {
        world.deny_policies.push(DenyPolicy {
            attachment: "projects/acme-vision".to_owned(),
            id: "no-outsiders".to_owned(),
            display_name: "No outsiders".to_owned(),
            rules: vec![DenyRule {
                denied_principals: vec!["principalSet://goog/public:all".to_owned()],
                denied_permissions: vec!["storage.googleapis.com/objects.get".to_owned()],
                ..DenyRule::default()
            }],
        });
    });
    let list =
        "/v2/policies/cloudresourcemanager.googleapis.com%2Fprojects%2Facme-vision/denypolicies";
    let (status, answer) = get(&sandbox, list, OWNER).await;
    assert_eq!(status, 200);
    let policies = answer["policies"].as_array().unwrap();
    assert_eq!((policies.len(), &policies[0]["rules"]), (1, &json!(null)));
    let name = policies[0]["name"].as_str().unwrap().to_owned();
    let (status, policy) = get(&sandbox, &format!("/v2/{name}"), OWNER).await;
    assert_eq!(status, 200);
    assert_eq!(
        policy["rules"][0]["denyRule"],
        json!({
            "deniedPrincipals": ["principalSet://goog/public:all"],
            "deniedPermissions": ["storage.googleapis.com/objects.get"],
        })
    );
    let organization = "/v2/policies/cloudresourcemanager.googleapis.com%2Forganizations%2F100200300400/denypolicies";
    assert_eq!(get(&sandbox, organization, OWNER).await, (200, json!({})));
    for (path, email, expected) in [
        (list, VIEWER, 403),
        (organization, DEPLOYER, 403),
        (&format!("{list}/missing"), OWNER, 404),
    ] {
        assert_eq!(
            get(&sandbox, path, email).await.0,
            expected,
            "{path} {email}"
        );
    }
}
