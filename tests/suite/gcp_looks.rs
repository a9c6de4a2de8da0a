//! Looking at a bucket from elsewhere than its owner's place: at documents that were mailed in, and as Segments.ai.

use std::path::PathBuf;

use segments_connect::sandbox::gcp::{BUCKET, DEPLOYER, PARTNER, PROJECT, SEGMENTS};
use serde_json::{Value, json};

use crate::gcp_support::{GcpStage, PHOTO, ROLE, arguments, member};
use crate::support::{Ran, check, checks, program, ran};

/// Runs the program on documents, on a machine without a network, credentials or an environment.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("a file can be written");
        path
    }

    /// `gcp verify` with each document under its flag.
    fn verify(&self, documents: &[(&str, &Value)], more: &[&str]) -> (Ran, Value) {
        let mut words: Vec<String> = arguments("verify", more)
            .into_iter()
            .map(str::to_owned)
            .collect();
        for (flag, document) in documents {
            let file = self.file(&format!("{flag}.json"), &document.to_string());
            words.push(format!("--{flag}"));
            words.push(file.display().to_string());
        }
        words.push("--json".to_owned());
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut command = program(self.0.path(), &words);
        // Whoever asked anything would be told so.
        for service in [
            "GRPC",
            "STORAGE",
            "IAM",
            "RESOURCE_MANAGER",
            "ORGPOLICY",
            "OAUTH",
        ] {
            let nowhere = "http://127.0.0.1:1";
            command.env(format!("SEGMENTS_CONNECT_GCP_{service}_ENDPOINT"), nowhere);
        }
        let ran = ran(&mut command);
        let document = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        (ran, document)
    }
}

fn policy(bindings: &Value) -> Value {
    json!({ "bindings": bindings, "etag": "CAE=", "version": 3 })
}

fn cors() -> Value {
    json!({
        "name": BUCKET,
        "storage_url": "gs://acme-images/",
        "cors_config": [{"origin": ["https://*.segments.ai"], "method": ["GET"], "responseHeader": ["*"], "maxAgeSeconds": 3600}],
    })
}

fn role(stage: &str) -> Value {
    json!({"name": ROLE, "title": "Segments.ai object reader", "stage": stage, "includedPermissions": ["storage.objects.get"], "etag": "BwY="})
}

fn of<'a>(document: &'a Value, id: &str) -> &'a Value {
    checks(document, id)[0]
}

#[test]
fn documents_that_connect_a_bucket_pass_offline() {
    let desk = Desk::new();
    let granted = policy(&json!([{"role": ROLE, "members": [member()]}]));
    let (ran, document) = desk.verify(
        &[
            ("iam-policy", &granted),
            ("custom-role", &role("GA")),
            ("cors", &cors()),
        ],
        &[],
    );
    ran.exits(0).without_complaint();
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["proof"], "evaluated");
    assert_eq!(of(&document, "gcp.access.configured")["status"], "pass");
    assert_eq!(of(&document, "gcp.access.evaluated")["status"], "pass");
    assert_eq!(of(&document, "gcp.cors.configured")["status"], "pass");
    // Nothing live is told, and what was not looked at is.
    assert_eq!(checks(&document, "gcp.cors.preflight").len(), 0);
    let left = document["not_checked"].to_string();
    assert!(left.contains("what Google answers to a browser"), "{left}");
}

#[test]
fn what_the_documents_do_not_say_is_not_guessed() {
    let desk = Desk::new();
    // The role's own document decides, and it was not given.
    let granted = policy(&json!([{"role": ROLE, "members": [member()]}]));
    let (ran, document) = desk.verify(&[("iam-policy", &granted)], &[]);
    ran.exits(6);
    assert_eq!(of(&document, "gcp.access.configured")["status"], "pass");
    assert_eq!(of(&document, "gcp.access.evaluated")["status"], "unknown");
    // Google's own roles are known; the project's policy, which might deny nothing, is not needed.
    let granted = policy(&json!([{"role": "roles/storage.objectViewer", "members": [member()]}]));
    let (ran, document) = desk.verify(&[("iam-policy", &granted)], &["--project", PROJECT]);
    ran.exits(0);
    assert_eq!(of(&document, "gcp.access.evaluated")["status"], "pass");
    let exposed = checks(&document, "gcp.exposure");
    assert_eq!(exposed[0]["status"], "warn", "{document:#}");
    // What the bucket does not grant, its project may.
    assert_eq!(exposed[2]["status"], "unknown", "{document:#}");
}

#[test]
fn broken_documents_are_told_by_their_cause() {
    let ours = |more: Value| {
        let mut binding = json!({"role": ROLE, "members": [member()]});
        if let Some(members) = more.as_object() {
            for (name, value) in members {
                binding[name] = value.clone();
            }
        }
        policy(&json!([binding]))
    };
    let plain = ours(json!({}));
    let nobody = policy(&json!([{"role": ROLE, "members": ["user:ana@acme.example"]}]));
    let conditional = ours(
        json!({"condition": {"title": "June", "expression": "request.time < timestamp(\"2020-01-01T00:00:00Z\")"}}),
    );
    for (document, stage, id, cause, status) in [
        (&nobody, "GA", "gcp.access.configured", "G01", "fail"),
        (&plain, "DISABLED", "gcp.access.evaluated", "G03", "unknown"),
        (&conditional, "GA", "gcp.access.evaluated", "G06", "unknown"),
    ] {
        let desk = Desk::new();
        let (_, told) = desk.verify(
            &[("iam-policy", document), ("custom-role", &role(stage))],
            &[],
        );
        let result = of(&told, id);
        assert_eq!(
            (&result["cause"], &result["status"]),
            (&cause.into(), &status.into()),
            "{told:#}"
        );
        assert_ne!(told["verdict"], "pass", "{told:#}");
    }
    let desk = Desk::new();
    let none = json!({ "storage_url": "gs://acme-images/" });
    let (ran, told) = desk.verify(&[("cors", &none)], &[]);
    ran.exits(4);
    assert_eq!(of(&told, "gcp.cors.configured")["cause"], "G22");
}

#[test]
fn a_document_that_is_none_is_a_usage_error_that_says_where() {
    let desk = Desk::new();
    let (ran, document) = desk.verify(&[("iam-policy", &cors())], &[]);
    ran.exits(2);
    let said = document["error"]["message"].to_string();
    assert!(said.contains("no member `bindings`"), "{said}");
    let granted = policy(&json!([]));
    let (ran, _) = desk.verify(&[("iam-policy", &granted)], &["--as", "segments"]);
    ran.exits(2);
}

/// `gcp verify --as segments`, with somebody's key.
fn as_segments(stage: &GcpStage, email: &str, more: &[&str]) -> (Ran, Value) {
    stage.gcp_json_as(email, "verify", &[&["--as", "segments"], more].concat())
}

#[test]
fn segments_own_account_reads_and_loads_a_link() {
    let stage = GcpStage::connected();
    stage.sandbox.clear_log();
    let (ran, document) = as_segments(&stage, SEGMENTS, &["--object", PHOTO]);
    ran.exits(0).without_complaint();
    assert_eq!(document["proof"], "segments-read");
    let told = check(&document, "gcp.segments.read");
    assert_eq!(told["status"], "pass", "{told:#}");
    assert_eq!(told["subject"], PHOTO);
    assert!(!document.to_string().contains("X-Goog-Signature=0"));
    // Only what Segments.ai may do itself is asked.
    let asked: Vec<String> = stage
        .sandbox
        .log()
        .into_iter()
        .map(|request| request.operation)
        .collect();
    for operation in ["GetBucket", "GetIamPolicy", "GetProject", "ListObjects"] {
        assert!(!asked.contains(&operation.to_owned()), "{asked:?}");
    }
    // What only the owner can read is not known, and decides nothing.
    assert_eq!(of(&document, "gcp.access.configured")["status"], "unknown");
}

#[test]
fn reading_as_somebody_else_proves_nothing() {
    let stage = GcpStage::connected();
    let (ran, document) = as_segments(&stage, DEPLOYER, &["--object", PHOTO]);
    ran.exits(6);
    let told = check(&document, "gcp.segments.read");
    assert_eq!(told["status"], "skipped", "{told:#}");
    assert!(told["detail"].to_string().contains(DEPLOYER), "{told:#}");
    assert_eq!(check(&document, "gcp.identity")["status"], "warn");
    let (ran, document) = as_segments(&stage, PARTNER, &["--object", PHOTO]);
    ran.exits(6);
    assert_ne!(document["proof"], "segments-read");
}

#[test]
fn a_refusal_is_not_told_as_a_missing_permission_where_the_object_may_be_missing() {
    let stage = GcpStage::connected();
    let (ran, document) = as_segments(&stage, SEGMENTS, &["--object", "photos/none.jpg"]);
    ran.exits(4);
    let told = check(&document, "gcp.segments.read");
    assert_eq!(told["status"], "fail", "{told:#}");
    assert_eq!(told["cause"], Value::Null);
    let said = told["detail"].to_string();
    assert!(said.contains("there may be no object"), "{said}");

    stage.bucket(|bucket| {
        bucket
            .policy
            .bindings
            .retain(|binding| binding.role != ROLE);
    });
    let (ran, document) = as_segments(&stage, SEGMENTS, &["--object", PHOTO]);
    ran.exits(4);
    let told = check(&document, "gcp.segments.read");
    assert!(
        told["detail"]
            .to_string()
            .contains("no policy grants reading")
    );
}

#[test]
fn a_link_that_a_page_may_not_use_is_told_as_such() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| bucket.settings.cors.clear());
    let (ran, document) = as_segments(&stage, SEGMENTS, &["--object", PHOTO]);
    ran.exits(4);
    let told = check(&document, "gcp.segments.read");
    assert_eq!(told["cause"], "G22", "{told:#}");
    // Without a name there is nothing to read: Segments.ai may not list.
    let (ran, document) = as_segments(&stage, SEGMENTS, &[]);
    ran.exits(4);
    assert_eq!(check(&document, "gcp.segments.read")["status"], "skipped");
}
