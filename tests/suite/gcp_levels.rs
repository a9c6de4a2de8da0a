//! What stands above a bucket's project and below the bucket: grants and denials on every level, as the program judges
//! them and as the local cloud enforces them.

use segments_connect::sandbox::gcp::{
    DEPLOYER, DenyPolicy, DenyRule, Folder, ORGANIZATION, OWNER, PROJECT, Policy, Role,
};
use serde_json::Value;

use crate::gcp_support::{GcpStage, PHOTO, ROLE, member};
use crate::support::{check, checks};

const OUTER: u64 = 700_000_000_001;
const INNER: u64 = 700_000_000_002;

/// The bucket without the binding that connects it, in a project two folders deep.
fn deep() -> GcpStage {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| {
        bucket
            .policy
            .bindings
            .retain(|binding| binding.role != ROLE);
    });
    stage.world(|world| {
        for (number, parent) in [(OUTER, None), (INNER, Some(OUTER))] {
            let folder = Folder {
                display_name: "a folder".to_owned(),
                parent,
                organization: ORGANIZATION,
                policy: Policy::default(),
            };
            world.folders.insert(number, folder);
        }
        world.project_mut(PROJECT).expect("the project").folder = Some(INNER);
    });
    stage
}

/// The policy of a level, to change it.
fn change(stage: &GcpStage, level: &str, act: impl FnOnce(&mut Policy)) {
    stage.world(|world| {
        let policy = match level {
            "outer" => &mut world.folders.get_mut(&OUTER).expect("the folder").policy,
            "inner" => &mut world.folders.get_mut(&INNER).expect("the folder").policy,
            _ => {
                let organization = world.organizations.get_mut(&ORGANIZATION);
                &mut organization.expect("the organisation").policy
            }
        };
        act(policy);
    });
}

fn evaluated(document: &Value) -> &Value {
    checks(document, "gcp.access.evaluated")[0]
}

#[test]
fn a_grant_on_any_level_above_the_project_is_found_and_named() {
    for (level, name) in [
        ("inner", "the folder `700000000002`"),
        ("outer", "the folder `700000000001`"),
        ("organisation", "the organisation `100200300400`"),
    ] {
        let stage = deep();
        assert!(!stage.segments_reads(PHOTO));
        let (ran, document) = stage.gcp_json("verify", &[]);
        ran.exits(4);
        assert_eq!(evaluated(&document)["cause"], "G01", "{document:#}");

        change(&stage, level, |policy| {
            policy.grant("roles/storage.objectViewer", &member());
        });
        assert!(stage.segments_reads(PHOTO));
        let (ran, document) = stage.gcp_json("verify", &[]);
        ran.exits(0);
        let told = evaluated(&document);
        assert_eq!(told["status"], "pass", "{told:#}");
        assert!(told["detail"].to_string().contains(name), "{told:#}");
    }
}

#[test]
fn a_custom_role_of_the_organisation_is_read_and_judged() {
    for (permission, status) in [
        ("storage.objects.get", "pass"),
        ("storage.objects.list", "fail"),
    ] {
        let stage = deep();
        let role = format!("organizations/{ORGANIZATION}/roles/reader");
        stage.world(|world| {
            let organization = world.organizations.get_mut(&ORGANIZATION);
            let roles = &mut organization.expect("the organisation").roles;
            roles.insert("reader".to_owned(), Role::new("Reader", &[permission]));
        });
        change(&stage, "organisation", |policy| {
            policy.grant(&role, &member());
        });
        let (_, document) = stage.gcp_json("verify", &[]);
        assert_eq!(evaluated(&document)["status"], status, "{document:#}");
        assert_eq!(stage.segments_reads(PHOTO), status == "pass");
    }
}

#[test]
fn a_condition_on_a_folders_grant_is_evaluated() {
    let stage = deep();
    change(&stage, "outer", |policy| {
        let expired = "request.time < timestamp(\"2020-01-01T00:00:00Z\")";
        policy.grant_if("roles/storage.objectViewer", &member(), "June", expired);
    });
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(4);
    assert_eq!(evaluated(&document)["cause"], "G06", "{document:#}");
    assert!(!stage.segments_reads(PHOTO));
}

#[test]
fn a_denial_on_any_level_above_the_project_outweighs_the_grant() {
    for attachment in [
        format!("folders/{INNER}"),
        format!("folders/{OUTER}"),
        format!("organizations/{ORGANIZATION}"),
    ] {
        let stage = deep();
        stage.bucket(|bucket| bucket.policy.grant(ROLE, &member()));
        change(&stage, "organisation", |policy| {
            policy.grant("roles/iam.denyReviewer", &format!("user:{OWNER}"));
        });
        let (ran, _) = stage.gcp_json("verify", &[]);
        ran.exits(0);
        stage.world(|world| {
            world.deny_policies.push(DenyPolicy {
                id: "lock".to_owned(),
                display_name: "nobody reads".to_owned(),
                attachment: attachment.clone(),
                rules: vec![DenyRule {
                    denied_principals: vec!["principalSet://goog/public:all".to_owned()],
                    denied_permissions: vec!["storage.googleapis.com/objects.get".to_owned()],
                    ..DenyRule::default()
                }],
            });
        });
        assert!(!stage.segments_reads(PHOTO), "{attachment}");
        let (ran, document) = stage.gcp_json("verify", &[]);
        ran.exits(4);
        let told = evaluated(&document);
        assert_eq!(told["cause"], "G10", "{attachment}: {told:#}");
        assert!(told["detail"].to_string().contains("nobody reads"));
    }
}

#[test]
fn a_managed_folder_is_a_part_of_the_bucket() {
    let stage = deep();
    let grant = |stage: &GcpStage, folder: &str| {
        let mut policy = Policy::default();
        policy.grant("roles/storage.objectViewer", &member());
        stage.bucket(|bucket| bucket.managed_folders.insert(folder.to_owned(), policy));
    };
    grant(&stage, "photos/");
    assert!(stage.segments_reads(PHOTO));
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(0);
    let results = checks(&document, "gcp.access.evaluated");
    assert_eq!(
        (&results[0]["status"], &results[0]["cause"]),
        (&"warn".into(), &"G07".into()),
        "{document:#}"
    );
    assert_eq!(results[1]["subject"], PHOTO);
    assert_eq!(results[1]["status"], "pass", "{document:#}");

    // Another folder is not on the way to the sample.
    let stage = deep();
    grant(&stage, "scans/");
    assert!(!stage.segments_reads(PHOTO));
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(4);
    let results = checks(&document, "gcp.access.evaluated");
    assert_eq!(results[0]["cause"], "G07", "{document:#}");
    assert_eq!(results[1]["status"], "fail", "{document:#}");
}

#[test]
fn a_level_that_may_not_be_read_is_named_and_only_weighs_where_the_nearer_ones_do_not_decide() {
    let stage = deep();
    change(&stage, "organisation", |policy| policy.bindings.clear());
    let (_, document) = stage.gcp_json("verify", &[]);
    let told = evaluated(&document);
    assert_eq!(told["status"], "unknown", "{told:#}");
    for name in [
        "the folder `700000000002`",
        "the organisation `100200300400`",
    ] {
        let named = told["detail"].to_string().contains(name);
        assert!(named, "{name}: {told:#}");
    }
    let listed = document["not_checked"].to_string();
    assert!(
        listed.contains("IAM deny policies of the organisation `100200300400`"),
        "{listed}"
    );

    // The bucket's own policy grants it: nothing above is needed for that.
    stage.bucket(|bucket| bucket.policy.grant(ROLE, &member()));
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(0);
    assert_eq!(evaluated(&document)["status"], "pass");
}

#[test]
fn what_a_connected_bucket_exposes_is_reading_and_nothing_else() {
    let stage = GcpStage::connected();
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(0);
    let results = checks(&document, "gcp.exposure");
    let subjects: Vec<&str> = results
        .iter()
        .filter_map(|check| check["subject"].as_str())
        .collect();
    assert_eq!(
        subjects,
        [
            "storage.objects.list",
            "storage.objects.create",
            "storage.objects.delete",
            "storage.objects.update",
            "storage.buckets.*",
            "anonymous"
        ]
    );
    for result in results {
        assert_eq!(result["status"], "pass", "{result:#}");
        assert_eq!(result["level"], Value::Null);
    }
}

#[test]
fn rights_beyond_reading_are_told_wherever_they_are_granted() {
    let exposed = |document: &Value, subject: &str| {
        let results = checks(document, "gcp.exposure");
        let found = results.iter().find(|check| check["subject"] == subject);
        found.expect(subject)["status"].clone()
    };
    for on_the_project in [false, true] {
        let stage = GcpStage::connected();
        if on_the_project {
            stage.world(|world| {
                let project = world.project_mut(PROJECT).expect("the project");
                project.policy.grant("roles/storage.objectAdmin", &member());
            });
        } else {
            stage.bucket(|bucket| {
                bucket.policy.grant("roles/storage.objectAdmin", &member());
            });
        }
        let (ran, document) = stage.gcp_json("verify", &[]);
        ran.exits(0);
        assert_eq!(exposed(&document, "storage.objects.delete"), "warn");
        assert_eq!(exposed(&document, "storage.objects.list"), "warn");
        assert_eq!(exposed(&document, "storage.buckets.*"), "pass");
        assert_eq!(exposed(&document, "anonymous"), "pass");
    }
    // Whether the account is in a group is for the group's owner to know.
    let stage = GcpStage::connected();
    stage.bucket(|bucket| {
        let group = "group:labelling@acme.example";
        bucket.policy.grant("roles/storage.objectAdmin", group);
    });
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(0);
    assert_eq!(exposed(&document, "storage.objects.delete"), "unknown");
}

#[test]
fn a_public_bucket_is_observed_and_told() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| {
        let everyone = "allUsers";
        bucket.policy.grant("roles/storage.objectViewer", everyone);
    });
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(0);
    let results = checks(&document, "gcp.exposure");
    let told = results
        .iter()
        .find(|check| check["subject"] == "anonymous")
        .expect("the check");
    assert_eq!(told["status"], "warn", "{told:#}");
    assert!(told["detail"].to_string().contains("observed"), "{told:#}");
    // Prevented, it is refused, and the grant means nothing.
    stage.bucket(|bucket| bucket.set_public_access_prevention(true));
    let (_, document) = stage.gcp_json("verify", &[]);
    let results = checks(&document, "gcp.exposure");
    assert_eq!(results[5]["status"], "pass", "{document:#}");
}

#[test]
fn somebody_without_rights_above_the_project_still_gets_an_answer() {
    let stage = GcpStage::connected();
    let (ran, document) = stage.gcp_json_as(DEPLOYER, "verify", &[]);
    ran.exits(0);
    assert_eq!(evaluated(&document)["status"], "pass");
    assert_eq!(check(&document, "gcp.object.link")["status"], "pass");
}
