//! What goes wrong before anything is written on Google Cloud: which exit status it has, and which way out is named.

use segments_connect::sandbox::gcp::{
    AllowedPolicyMembers, BUCKET, BUCKET_ADMIN, CUSTOMER_ID, OWNER, PROJECT, Project, SEGMENTS,
    SEGMENTS_CUSTOMER_ID, fault,
};
use segments_connect::sandbox::{Fault, On};
use serde_json::Value;

use crate::gcp_support::{GcpStage, fresh_world};
use crate::support::{Ran, program, ran};

const CONNECT: [&str; 3] = ["--yes", "--wait", "0"];

fn usage(arguments: &[&str]) -> Ran {
    let home = tempfile::tempdir().expect("a temporary directory");
    ran(&mut program(home.path(), arguments)).exits(2)
}

#[test]
fn a_missing_service_account_says_where_it_comes_from() {
    usage(&["gcp", "--bucket", BUCKET, "--yes"])
        .complains("--service-account")
        .complains("Segments.ai hands out this address");
}

#[test]
fn whoever_is_not_one_service_account_is_refused() {
    for (who, why) in [
        ("allUsers", "everyone on the internet"),
        ("allAuthenticatedUsers", "everyone with a Google account"),
        ("user:ana@acme.example", "a person"),
        ("group:all@acme.example", "a group"),
        ("domain:acme.example", "a domain"),
        (
            "deleted:serviceAccount:x@p-prod.iam.gserviceaccount.com?uid=1",
            "was deleted",
        ),
        ("ana@acme.example", "a person or a group"),
    ] {
        usage(&["gcp", "--bucket", BUCKET, "--service-account", who, "--yes"]).complains(why);
    }
}

#[test]
fn bad_values_are_refused_before_any_request() {
    for (arguments, why) in [
        (&["--bucket", "Acme"][..], "upper-case"),
        (
            &["--bucket", "https://storage.cloud.google.com/acme/k"],
            "console",
        ),
        (
            &["--bucket", BUCKET, "--project", "Acme Vision"],
            "no project",
        ),
        (
            &["--bucket", BUCKET, "--role-id", "segments-reader"],
            "no hyphens",
        ),
        (&["--bucket", BUCKET, "--object", ""], "cannot be empty"),
    ] {
        let all = [&["gcp", "plan", "--service-account", SEGMENTS], arguments].concat();
        usage(&all).complains(why);
    }
}

#[test]
fn a_change_off_a_terminal_needs_a_yes() {
    let stage = GcpStage::fresh();
    stage.gcp("connect", &[]).exits(2).complains("--yes");
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn nobody_signed_in_is_told_how_to() {
    let stage = GcpStage::fresh();
    let mut command = stage.command(&[
        "gcp",
        "plan",
        "--bucket",
        BUCKET,
        "--service-account",
        SEGMENTS,
    ]);
    command.env("GOOGLE_APPLICATION_CREDENTIALS", "/nonexistent/key.json");
    ran(&mut command)
        .exits(8)
        .complains("/nonexistent/key.json")
        .complains("GOOGLE_APPLICATION_CREDENTIALS");
    for (text, why) in [
        ("not json {\"private_key\": \"hunter2\"", "is not JSON"),
        (
            "{\"type\": \"other\", \"private_key\": \"hunter2\"}",
            "`other` is not supported",
        ),
        (
            "{\"type\": \"authorized_user\"}",
            "could not load your Google credentials",
        ),
        (
            "{\"type\": \"service_account\", \"universe_domain\": \"s3nsapis.fr\"}",
            "universe `s3nsapis.fr`",
        ),
    ] {
        let file = stage.home().join("own.json");
        std::fs::write(&file, text).expect("a file");
        command.env("GOOGLE_APPLICATION_CREDENTIALS", &file);
        let told = ran(&mut command).complains(why);
        assert!(matches!(told.status, Some(1 | 8)), "{}", told.stderr);
        assert!(!told.stderr.contains("hunter2"), "{}", told.stderr);
    }
    assert_eq!(stage.sandbox.log(), []);
}

#[test]
fn an_ended_sign_in_says_so() {
    let stage = GcpStage::fresh();
    stage.world(|world| {
        world
            .persons
            .get_mut(OWNER)
            .expect("the owner")
            .must_reauthenticate = true;
    });
    let (ran, document) = stage.gcp_json("plan", &[]);
    ran.exits(8);
    assert_eq!(document["error"]["code"], "credentials-expired");
    assert!(
        document["error"]["hints"][0]
            .to_string()
            .contains("application-default login")
    );
}

#[test]
fn a_bucket_that_does_not_exist_is_told() {
    let stage = GcpStage::fresh();
    let mut command = stage.command(&[
        "gcp",
        "plan",
        "--bucket",
        "no-such-bucket-here",
        "--service-account",
        SEGMENTS,
        "--json",
    ]);
    let told = ran(&mut command).exits(1);
    let document: Value = serde_json::from_str(&told.stdout).expect("JSON");
    assert_eq!(
        document["error"]["code"], "target-not-found",
        "{document:#}"
    );
}

#[test]
fn a_bucket_in_another_project_needs_its_role_there() {
    let mut world = fresh_world();
    let mut other = Project {
        number: 999_000_000_001,
        ..Project::default()
    };
    other.policy.grant("roles/owner", &format!("user:{OWNER}"));
    world.projects.insert("acme-other".to_owned(), other);
    let stage = GcpStage::with(world);
    let (ran, document) = stage.gcp_json("connect", &["--yes", "--project", "acme-other"]);
    ran.exits(8);
    assert_eq!(document["error"]["code"], "wrong-account");
    let told = document["error"].to_string();
    assert!(
        told.contains("G27") && told.contains("leave `--project` out"),
        "{told}"
    );
    assert_eq!(stage.writes(), Vec::<String>::new());
}

#[test]
fn a_project_that_may_not_be_looked_up_can_be_named() {
    let stage = GcpStage::connected();
    let (ran, document) = stage.gcp_json_as(BUCKET_ADMIN, "verify", &[]);
    ran.exits(8);
    assert!(
        document["error"].to_string().contains("--project ID"),
        "{document:#}"
    );
    let (ran, document) = stage.gcp_json_as(BUCKET_ADMIN, "verify", &["--project", PROJECT]);
    // The role may not be read, so what it grants is not known.
    ran.exits(6);
    assert_eq!(document["target"]["project"], PROJECT);
}

#[test]
fn an_interface_that_is_not_enabled_comes_with_the_command() {
    let mut world = fresh_world();
    world
        .project_mut(PROJECT)
        .expect("the project")
        .disabled_services
        .insert("iam.googleapis.com".to_owned());
    let stage = GcpStage::with(world);
    let (ran, document) = stage.gcp_json("connect", &CONNECT);
    ran.exits(1);
    assert_eq!(document["error"]["code"], "api-disabled");
    let told = document["error"]["hints"].to_string();
    assert!(
        told.contains("gcloud services enable iam.googleapis.com --project=acme-vision"),
        "{told}"
    );
    assert_eq!(stage.writes(), Vec::<String>::new());
}

#[test]
fn both_constraints_on_members_are_told_with_the_request_to_send() {
    for managed in [false, true] {
        let mut world = fresh_world();
        let project = world.project_mut(PROJECT).expect("the project");
        if managed {
            project.allowed_policy_members = Some(AllowedPolicyMembers::default());
        } else {
            project.allowed_policy_member_domains = Some([CUSTOMER_ID.to_owned()].into());
        }
        let stage = GcpStage::with(world);
        let (ran, document) = stage.gcp_json("connect", &CONNECT);
        // The role was written, and the binding was not.
        ran.exits(5);
        let told = document["error"].to_string();
        let name = if managed {
            "constraints/iam.managed.allowedPolicyMembers"
        } else {
            "constraints/iam.allowedPolicyMemberDomains"
        };
        assert!(told.contains(name), "{told}");
        assert!(told.contains("organisation's administrator"), "{told}");
        let ran = stage.gcp("plan", &[]).exits(0);
        ran.says(name).says("may refuse this (G08)");
    }
    let mut world = fresh_world();
    world
        .project_mut(PROJECT)
        .expect("the project")
        .allowed_policy_member_domains =
        Some([CUSTOMER_ID.to_owned(), SEGMENTS_CUSTOMER_ID.to_owned()].into());
    GcpStage::with(world).connect(&[]).0.exits(0);
}

#[test]
fn an_account_that_does_not_exist_is_told_with_whom_to_ask() {
    let stage = GcpStage::fresh();
    let mut command = stage.command(&[
        "gcp",
        "connect",
        "--bucket",
        BUCKET,
        "--service-account",
        "misspelt@segmentsai-prod.iam.gserviceaccount.com",
        "--yes",
        "--wait",
        "0",
    ]);
    ran(&mut command)
        .exits(5)
        .complains("Google knows no such service account")
        .complains("support@segments.ai");
}

#[test]
fn a_service_that_stays_away_is_told() {
    let stage = GcpStage::fresh();
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(
            On::operation("GetIamPolicy", 1),
            fault("UNAVAILABLE", "on request"),
        )
    });
    let (ran, document) = stage.gcp_json("plan", &[]);
    ran.exits(1);
    assert_eq!(document["error"]["code"], "unavailable");
    let stage = GcpStage::connected();
    stage.sandbox.inject(Fault {
        times: usize::MAX,
        ..Fault::before(
            On::operation("GetIamPolicy", 1),
            fault("UNAVAILABLE", "on request"),
        )
    });
    let (ran, document) = stage.gcp_json("verify", &[]);
    ran.exits(6);
    assert_eq!(document["verdict"], "undetermined");
}

#[test]
fn render_is_offline_and_complete() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let words = [
        "gcp",
        "render",
        "--bucket",
        BUCKET,
        "--service-account",
        SEGMENTS,
    ];
    let told = ran(&mut program(
        home.path(),
        &[&words[..], &["--json"]].concat(),
    ))
    .exits(0);
    let document: Value = serde_json::from_str(&told.stdout).expect("JSON");
    assert_eq!(
        document["documents"]["gcp.bucket-iam"]["role"],
        "projects/YOUR_PROJECT_ID/roles/segments_object_reader"
    );
    assert_eq!(
        document["documents"]["gcp.cors"][0]["origin"][0],
        "https://*.segments.ai"
    );
    let one = [
        &words[..],
        &["--project", PROJECT, "--document", "bucket-iam"],
    ]
    .concat();
    ran(&mut program(home.path(), &one))
        .exits(0)
        .says("projects/acme-vision/roles/segments_object_reader");
    let none = [&words[..], &["--document", "bucket-policy"]].concat();
    ran(&mut program(home.path(), &none))
        .exits(2)
        .complains("`operator-permissions`");
}
