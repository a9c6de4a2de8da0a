//! Checking a bucket on Google Cloud: each cause with one story in which it is found; in the connected bucket none is.

use segments_connect::sandbox::gcp::settings::Cors;
use segments_connect::sandbox::gcp::{
    AllowedPolicyMembers, BUCKET, BUCKET_ADMIN, DEPLOYER, DenyPolicy, DenyRule, KeyState, OWNER,
    PROJECT, SEGMENTS, Stage as Launch,
};
use serde_json::Value;
use time::OffsetDateTime;

use crate::gcp_support::{GcpStage, PHOTO, ROLE, entry, member, published_entry};
use crate::support::{check, checks};

/// Asserts that a check has this status and cause, and gives it.
#[track_caller]
fn found<'a>(document: &'a Value, id: &str, status: &str, cause: &str) -> &'a Value {
    let results = checks(document, id);
    let found = results
        .iter()
        .find(|check| check["status"] == status && check["cause"] == cause);
    match found {
        Some(check) => check,
        None => panic!("no `{id}` with {status} {cause} in {document:#}"),
    }
}

#[track_caller]
fn verify(stage: &GcpStage, status: i32) -> Value {
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(status).without_complaint();
    assert_eq!(stage.writes(), Vec::<String>::new());
    document
}

#[test]
fn the_connected_bucket_shows_no_cause_at_all() {
    let stage = GcpStage::connected();
    let document = verify(&stage, 0);
    assert_eq!(document["verdict"], "pass");
    for check in document["checks"].as_array().expect("checks") {
        assert_eq!(check["cause"], Value::Null, "{check:#}");
        assert!(
            ["pass", "skipped"].contains(&check["status"].as_str().expect("a status")),
            "{check:#}"
        );
    }
    for id in ["gcp.cors.preflight", "gcp.cors.range", "gcp.cors.foreign"] {
        let subjects: Vec<&str> = checks(&document, id)
            .iter()
            .filter_map(|check| check["subject"].as_str())
            .collect();
        assert_eq!(
            subjects,
            [
                "https://storage.googleapis.com/acme-images/photos/0001.jpg",
                "https://acme-images.storage.googleapis.com/photos/0001.jpg"
            ],
            "{id}"
        );
    }
    let (ran, document) = stage.verify_with_key(&[]);
    ran.exits(0);
    assert_eq!(check(&document, "gcp.object.link")["status"], "pass");
}

#[test]
fn this_machines_own_service_account_signs_in_and_is_named() {
    let stage = GcpStage::connected();
    stage.world(|world| world.metadata_account = Some(DEPLOYER.to_owned()));
    let words = [
        &crate::gcp_support::arguments("verify", &[])[..],
        &["--json"],
    ]
    .concat();
    let mut command = stage.command(&words);
    command
        .env_remove("GOOGLE_APPLICATION_CREDENTIALS")
        .env("GCE_METADATA_HOST", stage.sandbox.address().to_string());
    let ran = crate::support::ran(&mut command).exits(0);
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let told = check(&document, "gcp.identity");
    assert_eq!(told["evidence"]["email"], DEPLOYER);
    assert!(
        told["detail"].to_string().contains("this machine's own"),
        "{told:#}"
    );
    assert_eq!(check(&document, "gcp.object.link")["status"], "skipped");
}

#[test]
fn a_binding_that_is_not_there_is_told() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| {
        bucket
            .policy
            .bindings
            .retain(|binding| binding.role != ROLE);
    });
    let document = verify(&stage, 4);
    found(&document, "gcp.access.configured", "fail", "G01");
    found(&document, "gcp.access.evaluated", "fail", "G01");
}

#[test]
fn a_role_that_lost_its_effect_is_told_with_the_command_that_mends_it() {
    for (cause, fix) in [
        (
            "G02",
            "gcloud iam roles undelete segments_object_reader --project=acme-vision",
        ),
        (
            "G03",
            "gcloud iam roles update segments_object_reader --project=acme-vision --stage=GA",
        ),
        ("G04", "--add-permissions=storage.objects.get"),
    ] {
        let stage = GcpStage::connected();
        stage.change_role(|role| match cause {
            "G02" => role.deleted = Some(OffsetDateTime::now_utc()),
            "G03" => role.stage = Launch::Disabled,
            _ => role.included_permissions = vec!["storage.objects.list".to_owned()],
        });
        let document = verify(&stage, 4);
        let told = found(&document, "gcp.access.evaluated", "fail", cause);
        assert!(
            told["fix"].as_str().expect("a fix").contains(fix),
            "{told:#}"
        );
        // The binding itself is as it should be.
        assert_eq!(check(&document, "gcp.access.configured")["status"], "pass");
    }
}

#[test]
fn an_account_that_was_deleted_is_told() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| {
        for binding in &mut bucket.policy.bindings {
            for named in &mut binding.members {
                if *named == member() {
                    *named = format!("deleted:{}?uid=117", member());
                }
            }
        }
    });
    let document = verify(&stage, 4);
    found(&document, "gcp.access.evaluated", "fail", "G05");
}

#[test]
fn conditions_are_evaluated_for_the_bucket_and_for_the_sample() {
    for (expression, status, whole) in [
        (
            "request.time < timestamp(\"2100-01-01T00:00:00Z\")",
            0,
            "warn",
        ),
        (
            "request.time < timestamp(\"2020-01-01T00:00:00Z\")",
            4,
            "fail",
        ),
        (
            "resource.name.startsWith(\"projects/_/buckets/acme-images/objects/photos/\")",
            0,
            "warn",
        ),
        (
            "resource.name.startsWith(\"projects/_/buckets/acme-images/objects/scans/\")",
            4,
            "warn",
        ),
        ("resource.matchTag(\"1/env\", \"prod\")", 4, "unknown"),
    ] {
        let stage = GcpStage::connected();
        stage.bucket(|bucket| {
            bucket
                .policy
                .bindings
                .retain(|binding| binding.role != ROLE);
            bucket
                .policy
                .grant_if(ROLE, &member(), "theirs", expression);
        });
        let document = stage.gcp_json("verify", &[]).1;
        let evaluated = checks(&document, "gcp.access.evaluated");
        assert_eq!(evaluated[0]["status"], whole, "{expression}: {document:#}");
        let wanted = match (status, whole) {
            // The binding without a condition is not there, and nothing that is certain stands in its place.
            (_, "unknown") => 4,
            (status, _) => status,
        };
        let (ran, _) = stage.gcp_json("verify", &[]);
        ran.exits(wanted);
    }
}

#[test]
fn a_grant_for_everyone_is_as_good_and_is_told() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| {
        bucket
            .policy
            .bindings
            .retain(|binding| binding.role != ROLE);
        bucket
            .policy
            .grant("roles/storage.objectViewer", "allUsers");
    });
    let document = verify(&stage, 0);
    let told = check(&document, "gcp.access.configured");
    assert_eq!(told["status"], "warn");
    assert!(
        told["detail"].to_string().contains("everyone may read"),
        "{told:#}"
    );
}

/// The bucket without the binding that connects it.
fn without_binding() -> GcpStage {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| {
        bucket
            .policy
            .bindings
            .retain(|binding| binding.role != ROLE);
    });
    stage
}

#[test]
fn a_grant_on_the_project_is_as_good_and_is_told_as_such() {
    for members_of_the_bucket in [false, true] {
        let stage = without_binding();
        stage.world(|world| {
            let policy = &mut world.project_mut(PROJECT).expect("the project").policy;
            if members_of_the_bucket {
                // The bucket's own policy names whoever views the project.
                policy.grant("roles/viewer", &member());
            } else {
                policy.grant("roles/storage.objectViewer", &member());
            }
        });
        let document = verify(&stage, 0);
        let told = check(&document, "gcp.access.configured");
        assert_eq!(told["status"], "warn", "{told:#}");
        let told = check(&document, "gcp.access.evaluated");
        assert_eq!(told["status"], "pass", "{told:#}");
        let named = told["detail"]
            .to_string()
            .contains("in the IAM policy of the project `acme-vision`");
        assert_eq!(named, !members_of_the_bucket, "{told:#}");
        // And the local cloud, which judges by itself, lets the account read.
        assert!(stage.segments_reads(PHOTO));
    }
}

#[test]
fn a_condition_on_the_projects_grant_is_evaluated_too() {
    for (expression, status) in [
        ("request.time < timestamp(\"2020-01-01T00:00:00Z\")", "fail"),
        ("request.time < timestamp(\"2100-01-01T00:00:00Z\")", "warn"),
    ] {
        let stage = without_binding();
        stage.world(|world| {
            let project = world.project_mut(PROJECT).expect("the project");
            project.policy.grant_if(
                "roles/storage.objectViewer",
                &member(),
                "theirs",
                expression,
            );
        });
        let document = stage.gcp_json("verify", &[]).1;
        found(&document, "gcp.access.evaluated", status, "G06");
        assert_eq!(stage.segments_reads(PHOTO), status == "warn");
    }
}

#[test]
fn a_missing_grant_is_not_told_as_denied_where_the_project_cannot_be_read() {
    let stage = without_binding();
    let (ran, document) = stage.gcp_json_as(BUCKET_ADMIN, "verify", &["--project", PROJECT]);
    ran.exits(4);
    // That the bucket's own policy lacks it is certain; that nothing grants it is not.
    found(&document, "gcp.access.configured", "fail", "G01");
    let told = checks(&document, "gcp.access.evaluated")[0];
    assert_eq!(told["status"], "unknown", "{told:#}");
    assert!(
        told["detail"]
            .to_string()
            .contains("the IAM policy of the project `acme-vision`, which could not be read"),
        "{told:#}"
    );
}

#[test]
fn a_grant_to_everyone_that_is_prevented_is_no_grant() {
    for by_the_organisation in [false, true] {
        let stage = without_binding();
        stage.bucket(|bucket| {
            bucket
                .policy
                .grant("roles/storage.objectViewer", "allUsers");
            bucket.set_public_access_prevention(!by_the_organisation);
        });
        stage.world(|world| {
            let project = world.project_mut(PROJECT).expect("the project");
            project.public_access_prevention = by_the_organisation;
        });
        assert!(!stage.segments_reads(PHOTO));
        let document = verify(&stage, 4);
        found(&document, "gcp.access.configured", "fail", "G01");
        found(&document, "gcp.access.evaluated", "fail", "G01");
    }
}

#[test]
fn a_deny_policy_outweighs_the_grant() {
    let stage = GcpStage::connected();
    stage.world(|world| {
        world.deny_policies.push(DenyPolicy {
            id: "lock".to_owned(),
            attachment: format!("projects/{PROJECT}"),
            rules: vec![DenyRule {
                denied_principals: vec!["principalSet://goog/public:all".to_owned()],
                denied_permissions: vec!["storage.googleapis.com/objects.get".to_owned()],
                ..DenyRule::default()
            }],
            ..DenyPolicy::default()
        });
    });
    let document = verify(&stage, 4);
    let told = found(&document, "gcp.access.evaluated", "fail", "G10");
    assert!(told["fix"].to_string().contains(SEGMENTS), "{told:#}");
}

#[test]
fn an_organisation_that_would_refuse_the_grant_today_is_a_warning() {
    let stage = GcpStage::connected();
    stage.world(|world| {
        let project = world.project_mut(PROJECT).expect("the project");
        project.allowed_policy_members = Some(AllowedPolicyMembers::default());
    });
    let document = verify(&stage, 0);
    found(&document, "gcp.access.configured", "warn", "G09");
}

#[test]
fn no_entry_for_the_page_is_told_at_both_forms() {
    for entries in [
        vec![],
        vec![entry("https://intranet.acme.example", "GET", &["*"])],
        vec![entry("https://app.segments.ai/", "GET", &["*"])],
        vec![entry("https://*.segments.ai", "PUT", &["*"])],
    ] {
        let stage = GcpStage::connected();
        stage.bucket(|bucket| bucket.settings.cors = entries);
        let document = verify(&stage, 4);
        found(&document, "gcp.cors.configured", "fail", "G22");
        for form in checks(&document, "gcp.cors.preflight") {
            assert_eq!(
                (&form["status"], &form["cause"]),
                (&"fail".into(), &"G22".into())
            );
        }
    }
}

#[test]
fn an_earlier_entry_that_lists_too_few_headers_is_told() {
    let stage = GcpStage::connected();
    let early = Cors {
        origin: vec!["*".to_owned()],
        ..entry("*", "GET", &["Content-Type"])
    };
    stage.bucket(|bucket| bucket.settings.cors = vec![early, published_entry()]);
    let document = verify(&stage, 0);
    found(&document, "gcp.cors.configured", "warn", "G23");
    found(&document, "gcp.cors.range", "warn", "G23");
    assert_eq!(checks(&document, "gcp.cors.preflight")[0]["status"], "pass");
    // That everyone is admitted is told as what it is: not ours.
    assert_eq!(checks(&document, "gcp.cors.foreign")[0]["status"], "warn");
}

#[test]
fn a_wildcard_that_google_does_not_match_has_its_own_cause_and_mend() {
    let stage = GcpStage::connected();
    stage.world(|world| world.subdomain_origins_match = false);
    let document = verify(&stage, 4);
    let told = found(&document, "gcp.cors.preflight", "fail", "G24");
    assert!(
        told["fix"].to_string().contains("--literal-origin"),
        "{told:#}"
    );
    stage.sandbox.clear_log();
    stage.connect(&["--literal-origin"]).0.exits(0);
    let (ran, _) = stage.gcp_json("verify", &["--literal-origin"]);
    ran.exits(0);
}

#[test]
fn requester_pays_an_ip_filter_and_a_zone_are_told() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| bucket.set_requester_pays(true));
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(4);
    found(&document, "gcp.object.protection", "fail", "G13");

    let stage = GcpStage::connected();
    // The local cloud would keep this machine out, too.
    stage.bucket(|bucket| bucket.set_ip_filter(&["127.0.0.0/8", "::1/128"]));
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(4);
    found(&document, "gcp.network", "fail", "G12");

    let stage = GcpStage::connected();
    stage.bucket(|bucket| bucket.settings.location_type = "zone".to_owned());
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(4);
    found(&document, "gcp.target", "fail", "G28");
}

#[test]
fn a_filter_that_may_not_be_seen_is_not_told_as_none() {
    let stage = GcpStage::connected();
    stage.world(|world| {
        let project = world.project_mut(PROJECT).expect("the project");
        project
            .policy
            .bindings
            .retain(|binding| binding.role != "roles/storage.admin");
    });
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(0);
    let told = check(&document, "gcp.network");
    assert_eq!(told["status"], "unknown");
    assert!(
        told["detail"]
            .to_string()
            .contains("storage.buckets.getIpFilter"),
        "{told:#}"
    );
}

#[test]
fn keys_and_missing_objects_are_told_for_the_sample() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| {
        let photo = bucket.objects.get_mut(PHOTO).expect("the photo");
        photo.customer_supplied_key = true;
    });
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(4);
    found(&document, "gcp.object.protection", "fail", "G15");

    let key = "projects/acme-vision/locations/europe/keyRings/r/cryptoKeys/k";
    for (state, status) in [(KeyState::Enabled, 0), (KeyState::Disabled, 4)] {
        let stage = GcpStage::connected();
        stage.world(|world| world.kms_keys.insert(key.to_owned(), state));
        stage.bucket(|bucket| {
            let photo = bucket.objects.get_mut(PHOTO).expect("the photo");
            photo.kms_key = Some(key.to_owned());
        });
        let (ran, document) = stage.gcp_json("verify", &[]);
        ran.exits(status);
        if status == 4 {
            found(&document, "gcp.object.read", "fail", "G14");
        }
    }

    let stage = GcpStage::connected();
    let (ran, document) = stage.gcp_json("verify", &["--object", "photos/none.jpg"]);
    ran.exits(4);
    found(&document, "gcp.object.read", "fail", "G20");
    stage.bucket(|bucket| {
        let photo = bucket.objects.get_mut(PHOTO).expect("the photo");
        photo.soft_deleted = Some(OffsetDateTime::now_utc());
    });
    let (_, document) = stage.gcp_json("verify", &["--object", PHOTO]);
    let told = found(&document, "gcp.object.read", "fail", "G20");
    assert!(
        told["fix"].to_string().contains("gcloud storage restore"),
        "{told:#}"
    );
}

#[test]
fn what_is_often_suspected_is_harmless() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| {
        bucket.set_public_access_prevention(true);
        bucket
            .objects
            .get_mut(PHOTO)
            .expect("the photo")
            .storage_class = "ARCHIVE".to_owned();
    });
    verify(&stage, 0);
}

#[test]
fn what_may_not_be_read_is_unknown_and_never_a_pass() {
    let stage = GcpStage::connected();
    let viewer = "viewer@acme.example";
    let (ran, document) = stage.gcp_json_as(viewer, "verify", &[]);
    ran.exits(6);
    assert_eq!(document["verdict"], "undetermined");
    let told = check(&document, "gcp.access.configured");
    assert_eq!(told["status"], "unknown");
    assert!(
        told["detail"]
            .to_string()
            .contains("storage.buckets.getIamPolicy"),
        "{told:#}"
    );
}

#[test]
fn an_empty_bucket_and_a_dotted_name_are_told_apart_from_trouble() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| bucket.objects.clear());
    let document = verify(&stage, 0);
    assert_eq!(check(&document, "gcp.object.read")["status"], "skipped");

    let name = "images.acme.example";
    let mut world = crate::gcp_support::fresh_world();
    let mut bucket = world.buckets[BUCKET].clone();
    bucket.name = name.to_owned();
    bucket.settings.name = format!("projects/_/buckets/{name}");
    bucket.settings.bucket_id = name.to_owned();
    world.buckets.insert(name.to_owned(), bucket);
    let stage = GcpStage::with(world);
    let mut command = stage.command_as(
        OWNER,
        &[
            "gcp",
            "connect",
            "--bucket",
            name,
            "--service-account",
            SEGMENTS,
            "--yes",
            "--json",
        ],
    );
    let ran = crate::support::ran(&mut command);
    assert_eq!(ran.status, Some(0), "{}{}", ran.stdout, ran.stderr);
    let document: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    found(&document, "gcp.target", "warn", "G26");
    assert_eq!(checks(&document, "gcp.cors.preflight").len(), 1);
}
