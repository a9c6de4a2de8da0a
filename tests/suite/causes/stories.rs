//! Stories of causes that belong to no other file: each fires where it should, and is silent where it should be.

use segments_connect::sandbox::aws::{Encryption, KmsKey};
use segments_connect::sandbox::gcp::{OWNER, PROJECT, Perimeter};
use segments_connect::sandbox::{Fault, FaultKind, On};
use serde_json::{Value, json};

use crate::gcp_support::GcpStage;
use crate::support::azure::AzureStage;
use crate::support::{BUCKET, PHOTO, Stage, check, checks};

const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// The result of each photo, by name.
fn protections(stage: &Stage, names: [&str; 2]) -> Vec<Value> {
    let words = [
        "aws", "verify", "--bucket", BUCKET, "--object", names[0], "--object", names[1],
    ];
    let (_, document) = stage.run_json(&words);
    let found = checks(&document, "aws.object.protection");
    names
        .iter()
        .map(|name| {
            let one = found.iter().find(|check| check["subject"] == *name);
            (*one.unwrap_or_else(|| panic!("no `{name}` in {document:#}"))).clone()
        })
        .collect()
}

#[test]
fn samples_that_are_encrypted_in_different_ways_are_a27() {
    let stage = Stage::connected();
    let other = "photos/0002.jpg".to_owned();
    stage.bucket(|bucket| {
        let photo = bucket.objects.get(PHOTO).expect("the photo").clone();
        bucket.objects.insert(other.clone(), photo);
    });
    for one in protections(&stage, [PHOTO, &other]) {
        assert_eq!(
            (&one["status"], &one["cause"]),
            (&json!("pass"), &Value::Null)
        );
    }
    let key = KmsKey::customer("111122223333", "eu-west-1", KEY_ID);
    let encryption = Encryption::Kms(Some(KEY_ID.to_owned()));
    stage.sandbox.with_state(|state| state.aws.keys.push(key));
    stage.bucket(|bucket| {
        bucket
            .objects
            .get_mut(&other)
            .expect("the photo")
            .encryption = encryption;
    });
    let told = protections(&stage, [PHOTO, &other]);
    assert_eq!(
        (&told[0]["status"], &told[0]["cause"]),
        (&json!("warn"), &json!("A27")),
        "{told:#?}"
    );
    assert!(told[0]["detail"].to_string().contains(&other), "{told:#?}");
    // What blocks keeps its own cause.
    assert_eq!(told[1]["cause"], "A26", "{told:#?}");
}

#[test]
fn a_region_that_accounts_opt_in_to_is_a35_and_others_are_not() {
    for (region, cause) in [("eu-south-1", json!("A35")), ("eu-west-1", Value::Null)] {
        let stage = Stage::connected();
        stage.bucket(|bucket| bucket.region = region.to_owned());
        let words = ["aws", "verify", "--bucket", BUCKET, "--region", region];
        let (ran, document) = stage.run_json(&words);
        ran.exits(0);
        assert_eq!(check(&document, "aws.target")["cause"], cause, "{region}");
    }
}

#[test]
fn kinds_of_buckets_that_cannot_be_read_are_a43_and_say_so_before_anything_is_asked() {
    for name in ["acme--euw1-az1--x-s3", "acme--ol-s3", "acme--op-s3"] {
        let stage = Stage::connected();
        stage
            .run(&["aws", "verify", "--bucket", name])
            .exits(2)
            .complains("(A43)");
        assert_eq!(stage.sandbox.log(), [], "{name}");
    }
    let stage = Stage::connected();
    let told = stage.run(&["aws", "verify", "--bucket", BUCKET]).exits(0);
    assert!(!told.stdout.contains("A43") && !told.stderr.contains("A43"));
}

#[test]
fn a_perimeter_that_refuses_is_g11_and_one_that_admits_is_not_seen() {
    for (admitted, cause) in [
        (vec![], json!("G11")),
        (vec![OWNER.to_owned()], Value::Null),
    ] {
        let stage = GcpStage::connected();
        stage.sandbox.with_state(|state| {
            let project = state.gcp.project_mut(PROJECT).expect("the project");
            project.perimeter = Some(Perimeter {
                admitted: admitted.into_iter().collect(),
            });
        });
        let (_, document) = stage.gcp_json("verify", &["--project", PROJECT]);
        assert_eq!(
            check(&document, "gcp.network")["cause"],
            cause,
            "{document:#}"
        );
    }
}

fn refused(stage: &AzureStage, operation: &str, code: &str) {
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(
            On::operation(operation, 1),
            FaultKind::Status {
                status: 403,
                code: code.to_owned(),
                message: "no".to_owned(),
            },
        )
    });
}

const AZURE: [&str; 5] = [
    "azure",
    "connect",
    "--storage-account",
    segments_connect::sandbox::azure::ACCOUNT,
    "--yes",
];

#[test]
fn a_policy_that_refuses_the_change_is_z32_and_a_missing_right_is_not() {
    for (code, named) in [
        ("RequestDisallowedByPolicy", true),
        ("AuthorizationFailed", false),
    ] {
        let stage = AzureStage::fresh();
        refused(&stage, "PutBlobServices", code);
        let ran = stage.run(&AZURE);
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(told.contains("(Z32)"), named, "{told}");
    }
}

#[test]
fn a_tenant_that_forbids_apps_is_z27_and_one_that_admits_them_is_not() {
    for forbids in [true, false] {
        let stage = AzureStage::fresh();
        if forbids {
            refused(
                &stage,
                "CreateServicePrincipal",
                "Authorization_RequestDenied",
            );
        }
        let ran = stage.run(&AZURE);
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(told.contains("(Z27)"), forbids, "{told}");
    }
}
