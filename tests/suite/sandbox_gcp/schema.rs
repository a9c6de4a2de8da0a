//! The sandbox's answers against Google's own descriptions of its APIs, which come with `google-api-python-client`.

use std::fs;
use std::path::PathBuf;

use reqwest::Method;
use segments_connect::sandbox::gcp::{
    AllowedPolicyMembers, BUCKET, DenyPolicy, DenyRule, OWNER, PROJECT, World, settings,
};
use serde_json::{Value, json};

use super::{call, connect, get, with};

/// A discovery document that `tests/run` installed.
fn document(name: &str) -> Value {
    let library = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/test-tools/lib");
    let python = fs::read_dir(library)
        .expect("the Python that tests/run installs")
        .next()
        .expect("its version")
        .unwrap();
    let path = python
        .path()
        .join("site-packages/googleapiclient/discovery_cache/documents")
        .join(format!("{name}.json"));
    serde_json::from_str(&fs::read_to_string(path).expect("the document")).unwrap()
}

/// What of a value its schema does not allow.
fn complaints(
    document: &Value,
    schema: &Value,
    value: &Value,
    path: &str,
    found: &mut Vec<String>,
) {
    if let Some(name) = schema["$ref"].as_str() {
        return complaints(document, &document["schemas"][name], value, path, found);
    }
    let kind = schema["type"].as_str().unwrap_or_default();
    let fits = match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" | "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    if !fits {
        found.push(format!("{path} is no {kind}: {value}"));
    }
    if let (Some(words), Some(text)) = (schema["enum"].as_array(), value.as_str())
        && !words.iter().any(|word| word == text)
    {
        found.push(format!("{path} is none of {words:?}: {text}"));
    }
    let number = matches!(schema["format"].as_str(), Some("int64" | "uint64"));
    if number
        && value
            .as_str()
            .is_some_and(|text| text.parse::<i128>().is_err())
    {
        found.push(format!("{path} is no number in a text: {value}"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        complaints(
            document,
            &schema["items"],
            item,
            &format!("{path}[{index}]"),
            found,
        );
    }
    for (name, member) in value.as_object().into_iter().flatten() {
        let known = schema["properties"].get(name);
        match known.or_else(|| schema.get("additionalProperties")) {
            Some(schema) => complaints(document, schema, member, &format!("{path}.{name}"), found),
            None => found.push(format!("{path} has no {name}")),
        }
    }
}

fn conforms(document: &Value, schema: &str, value: &Value) {
    let mut found = Vec::new();
    let description = &document["schemas"][schema];
    assert!(description.is_object(), "{schema}");
    complaints(document, description, value, schema, &mut found);
    assert!(found.is_empty(), "{found:#?} in {value:#}");
}

#[test]
#[ignore = "needs the descriptions that tests/run installs"]
fn a_wrong_answer_is_found_out() {
    let iam = document("iam.v1");
    for wrong in [
        json!({ "titel": "x" }),
        json!({ "title": 7 }),
        json!({ "stage": "SOON" }),
        json!({ "includedPermissions": [7] }),
    ] {
        let mut found = Vec::new();
        complaints(&iam, &iam["schemas"]["Role"], &wrong, "Role", &mut found);
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
    }
}

/// As much in the answers as there can be.
fn full(world: &mut World) {
    connect(world);
    world.project_mut(PROJECT).unwrap().allowed_policy_members =
        Some(AllowedPolicyMembers::default());
    world.deny_policies.push(DenyPolicy {
        attachment: "projects/acme-vision".to_owned(),
        id: "deny".to_owned(),
        rules: vec![DenyRule::default()],
        ..DenyPolicy::default()
    });
    let bucket = world.buckets.get_mut(BUCKET).unwrap();
    bucket.set_ip_filter(&["0.0.0.0/0"]);
    bucket.set_requester_pays(false);
    bucket.policy.grant_if(
        "roles/storage.objectViewer",
        "user:owner@acme.example",
        "ends",
        "request.time < timestamp('2030-01-01T00:00:00Z')",
    );
    bucket.settings.cors.push(settings::Cors {
        max_age_seconds: 5,
        ..settings::Cors::default()
    });
    bucket.settings.lifecycle = Some(settings::Lifecycle {
        rule: vec![settings::LifecycleRule {
            action: Some(settings::LifecycleAction::default()),
            condition: Some(settings::LifecycleCondition {
                age_days: Some(1),
                created_before: Some(settings::Date::default()),
                is_live: Some(true),
                ..settings::LifecycleCondition::default()
            }),
        }],
    });
    bucket.settings.versioning = Some(settings::Switch { enabled: true });
    bucket.settings.retention_policy = Some(settings::RetentionPolicy::default());
    bucket.settings.website = Some(settings::Website::default());
    bucket.settings.logging = Some(settings::Logging::default());
    bucket.settings.autoclass = Some(settings::Autoclass::default());
    let object = bucket.objects.get_mut("photos/two.png").unwrap();
    object.customer_supplied_key = true;
}

#[tokio::test]
#[ignore = "needs the descriptions that tests/run installs"]
async fn every_answer_is_one_that_google_describes() {
    let sandbox = with(full);
    let iam = document("iam.v1");
    let storage = document("storage.v1");
    let role = "/v1/projects/acme-vision/roles/segments_object_reader";
    let bucket = "/storage/v1/b/acme-images";
    let deny =
        "/v2/policies/cloudresourcemanager.googleapis.com%2Fprojects%2Facme-vision/denypolicies";
    for (document, schema, path) in [
        (&iam, "Role", role),
        (&iam, "Role", "/v1/roles/storage.objectViewer"),
        (
            &iam,
            "ListRolesResponse",
            "/v1/projects/acme-vision/roles?view=FULL",
        ),
        (&iam, "ListRolesResponse", "/v1/roles"),
        (
            &document("cloudresourcemanager.v3"),
            "Project",
            "/v3/projects/acme-vision",
        ),
        (
            &document("cloudresourcemanager.v1"),
            "Project",
            "/v1/projects/acme-vision",
        ),
        (
            &document("orgpolicy.v2"),
            "GoogleCloudOrgpolicyV2Policy",
            "/v2/projects/acme-vision/policies/iam.allowedPolicyMemberDomains:getEffectivePolicy",
        ),
        (
            &document("orgpolicy.v2"),
            "GoogleCloudOrgpolicyV2Policy",
            "/v2/projects/acme-vision/policies/iam.managed.allowedPolicyMembers:getEffectivePolicy",
        ),
        (&document("iam.v2"), "GoogleIamV2ListPoliciesResponse", deny),
        (
            &document("iam.v2"),
            "GoogleIamV2Policy",
            &format!("{deny}/deny"),
        ),
        (&storage, "Bucket", &format!("{bucket}?projection=full")),
        (
            &storage,
            "Policy",
            &format!("{bucket}/iam?optionsRequestedPolicyVersion=3"),
        ),
        (
            &storage,
            "TestIamPermissionsResponse",
            &format!("{bucket}/iam/testPermissions?permissions=storage.buckets.get"),
        ),
        (&storage, "Objects", &format!("{bucket}/o")),
        (
            &storage,
            "Objects",
            &format!("{bucket}/o?delimiter=/&maxResults=1"),
        ),
        (&storage, "Object", &format!("{bucket}/o/photos%2Ftwo.png")),
    ] {
        let (status, answer) = get(&sandbox, path, OWNER).await;
        assert_eq!(status, 200, "{path}: {answer}");
        conforms(document, schema, &answer);
    }
    let (status, answer) = call(&sandbox, Method::DELETE, role, OWNER, None).await;
    assert_eq!((status, &answer["deleted"]), (200, &json!(true)));
    conforms(&iam, "Role", &answer);
}

#[test]
#[ignore = "needs the descriptions that tests/run installs"]
fn a_role_of_the_sandbox_has_every_member_that_google_describes() {
    let iam = document("iam.v1");
    let members = iam["schemas"]["Role"]["properties"].as_object().unwrap();
    let mut names: Vec<&str> = members.keys().map(String::as_str).collect();
    names.sort_unstable();
    // When Google adds one, the sandbox has to learn it.
    let known = [
        "deleted",
        "description",
        "etag",
        "includedPermissions",
        "name",
        "stage",
        "title",
    ];
    assert_eq!(names, known);
    let stages = iam["schemas"]["Role"]["properties"]["stage"]["enum"].clone();
    assert_eq!(
        stages,
        json!(["ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED", "EAP"])
    );
}
