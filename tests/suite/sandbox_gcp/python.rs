//! Google's own Python clients against the sandbox: they were written by others, from the same service.
//!
//! What the Rust library wrote over gRPC and HTTP is read back with `google-cloud-storage` (JSON) and with
//! `google-api-python-client` (the discovery documents), which `tests/run` installs.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use google_cloud_iam_admin_v1::model::Role;
use google_cloud_iam_admin_v1::model::role::RoleLaunchStage;
use google_cloud_iam_v1::model::Binding;
use google_cloud_storage::model::Bucket;
use google_cloud_storage::model::bucket::Cors;
use google_cloud_wkt::FieldMask;
use segments_connect::sandbox::Sandbox;
use segments_connect::sandbox::gcp::{BUCKET, DEPLOYER, OWNER, PROJECT, SEGMENTS};
use serde_json::{Value, json};

use super::{RESOURCE, ROLE, control, iam, sandbox};

fn python(sandbox: &Sandbox, email: &str) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(root.join("target/test-tools/bin/python"))
        .arg(root.join("tests/suite/sandbox_gcp/read_back.py"))
        .env_clear()
        .env("NO_PROXY", "127.0.0.1")
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the Python that tests/run installs");
    let given = json!({
        "endpoint": sandbox.endpoint(),
        "credentials": sandbox.application_credentials(email),
        "project": PROJECT,
        "bucket": BUCKET,
        "object": "photos/one cat.png",
        "role": ROLE,
    });
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(given.to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the script ends well");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Writes what the product writes, with the library that it uses.
async fn connect(sandbox: &Sandbox) {
    let roles = iam(sandbox, OWNER).await;
    let role = Role::new()
        .set_title("Segments object reader")
        .set_included_permissions(["storage.objects.get"])
        .set_stage(RoleLaunchStage::Ga);
    let create = roles
        .create_role()
        .set_parent(format!("projects/{PROJECT}"));
    let create = create.set_role_id("segments_object_reader").set_role(role);
    create.send().await.unwrap();

    let client = control(sandbox, OWNER).await;
    let policy = client.get_iam_policy().set_resource(RESOURCE);
    let mut policy = policy.send().await.unwrap();
    let member = format!("serviceAccount:{SEGMENTS}");
    policy
        .bindings
        .push(Binding::new().set_role(ROLE).set_members([member]));
    let write = client.set_iam_policy().set_resource(RESOURCE);
    write.set_policy(policy).send().await.unwrap();

    let entry = Cors::new()
        .set_origin(["https://*.segments.ai"])
        .set_method(["GET"])
        .set_response_header(["*"]);
    client
        .update_bucket()
        .set_bucket(Bucket::new().set_name(RESOURCE).set_cors([entry]))
        .set_update_mask(FieldMask::default().set_paths(["cors"]))
        .set_if_metageneration_match(1)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
#[ignore = "needs the Python clients that tests/run installs"]
async fn what_the_library_wrote_is_what_google_s_python_clients_read() {
    for email in [DEPLOYER, OWNER] {
        let sandbox = sandbox();
        connect(&sandbox).await;
        let saw = python(&sandbox, email);
        for (name, expected) in [
            (
                "cors",
                json!([{ "origin": ["https://*.segments.ai"], "method": ["GET"], "responseHeader": ["*"] }]),
            ),
            ("metageneration", json!(2)),
            ("labels", json!({})),
            ("uniform", json!(true)),
            ("soft_delete", json!(604_800)),
            (
                "permissions",
                json!(["storage.buckets.get", "storage.objects.get"]),
            ),
            ("names", json!(["photos/one cat.png", "photos/two.png"])),
            ("content", json!("a photo of one cat")),
            ("missing", json!("not found")),
            ("after", json!(3)),
            ("stale", json!("precondition failed")),
            ("stale policy", json!("precondition failed")),
            ("count", json!(7)),
            ("description", json!("changed with Python")),
            ("stale role", json!(409)),
            ("deleted", json!(true)),
            ("undeleted", json!(true)),
            ("project", json!("projects/415104041262")),
            (
                "project permissions",
                json!(["iam.roles.get", "iam.roles.create"]),
            ),
        ] {
            assert_eq!(saw[name], expected, "{email}: {name}");
        }
        let ours = json!({ "role": ROLE, "members": [format!("serviceAccount:{SEGMENTS}")] });
        assert!(saw["bindings"].as_array().unwrap().contains(&ours), "{saw}");
        assert_eq!(
            (
                &saw["role"]["name"],
                &saw["role"]["includedPermissions"],
                &saw["role"]["stage"]
            ),
            (&json!(ROLE), &json!(["storage.objects.get"]), &json!("GA"))
        );
        // Only a service account can sign for itself.
        let link = saw.get("link").and_then(Value::as_str);
        let expected = (email == DEPLOYER).then_some("a photo of one cat");
        assert_eq!(link, expected);
    }
}
