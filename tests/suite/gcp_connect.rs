//! Connecting a bucket on Google Cloud: what is written, what of others stays, and what is refused.

use segments_connect::sandbox::gcp::{
    BUCKET, BUCKET_ADMIN, DEPLOYER, PARTNER, PROJECT, Role, Stage as Launch, World,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::gcp_support::{
    GcpStage, PHOTO, ROLE, ROLE_ID, entry, fresh_world, member, published_entry, published_role,
    sorted,
};
use crate::support::{change, check, checks};

#[test]
fn a_fresh_bucket_gets_all_three_documents_as_published() {
    let stage = GcpStage::fresh();
    let before = stage.policy();
    let (ran, document) = stage.connect(&[]);
    ran.exits(0).without_complaint();
    assert_eq!(stage.role(), Some(published_role()));
    assert_eq!(stage.cors(), [published_entry()]);
    let mut wanted = before;
    wanted.grant(ROLE, &member());
    assert_eq!(sorted(&stage.policy()), sorted(&wanted));
    assert_eq!(change(&document, "gcp.custom-role"), ("create", "written"));
    assert_eq!(change(&document, "gcp.bucket-iam"), ("update", "written"));
    assert_eq!(change(&document, "gcp.cors"), ("create", "written"));
    assert_eq!(document["changes"][0]["scope"], "project");
    assert_eq!(document["verdict"], "pass");
    assert_eq!(document["target"]["project"], PROJECT);
    assert_eq!(
        stage.writes(),
        ["CreateRole", "SetIamPolicy", "UpdateBucket"]
    );
}

#[test]
fn running_it_again_writes_nothing() {
    let stage = GcpStage::connected();
    let (ran, document) = stage.connect(&[]);
    ran.exits(0).without_complaint();
    assert_eq!(stage.writes(), Vec::<String>::new());
    for id in ["gcp.custom-role", "gcp.bucket-iam", "gcp.cors"] {
        assert_eq!(change(&document, id), ("keep", "unchanged"));
    }
}

#[test]
fn the_bucket_may_be_given_as_people_write_it_and_the_project_by_id_or_number() {
    for (bucket, project) in [
        ("gs://acme-images", "acme-vision"),
        (
            "https://storage.googleapis.com/acme-images/photos/0001.jpg",
            "415104041262",
        ),
        ("acme-images", "projects/acme-vision"),
    ] {
        let stage = GcpStage::fresh();
        let mut command = stage.command(&[
            "gcp",
            "--bucket",
            bucket,
            "--service-account",
            &member(),
            "--project",
            project,
            "-y",
        ]);
        crate::support::ran(&mut command)
            .exits(0)
            .says("written: custom role");
        assert_eq!(stage.role(), Some(published_role()), "{bucket}");
    }
}

/// Bindings and entries in forms that this program has no use for.
fn shared_world() -> World {
    let mut world = fresh_world();
    let bucket = world.buckets.get_mut(BUCKET).expect("the bucket");
    bucket.policy.grant_if(
        ROLE,
        &format!("serviceAccount:{PARTNER}"),
        "until June",
        "request.time < timestamp(\"2100-06-01T00:00:00Z\")",
    );
    bucket.policy.grant(
        "roles/storage.objectViewer",
        &format!("serviceAccount:{PARTNER}"),
    );
    bucket.settings.cors = vec![
        entry("https://intranet.acme.example", "PUT", &["Content-Type"]),
        entry("https://wiki.acme.example", "GET", &[]),
    ];
    world
}

#[test]
fn what_is_not_ours_keeps_its_meaning_and_its_order() {
    let stage = GcpStage::with(shared_world());
    let (before, entries) = (stage.policy(), stage.cors());
    let (ran, document) = stage.connect(&[]);
    ran.exits(0).without_complaint();
    let mut wanted = before.clone();
    wanted.grant(ROLE, &member());
    assert_eq!(sorted(&stage.policy()), sorted(&wanted));
    assert_eq!(stage.cors()[..2], entries);
    assert_eq!(stage.cors()[2], published_entry());
    let kept: Vec<&Value> = document["changes"]
        .as_array()
        .expect("changes")
        .iter()
        .map(|change| &change["kept"])
        .collect();
    assert_eq!(kept, [&json!(0), &json!(before.bindings.len()), &json!(2)]);
    // What a bucket has besides is not written at all.
    let (settings, was) = stage.bucket(|bucket| {
        let mut settings = bucket.settings.clone();
        settings.cors = entries.clone();
        (settings, bucket.settings.metageneration)
    });
    assert_eq!(was, 2);
    let original = shared_world().buckets[BUCKET].settings.clone();
    assert_eq!(settings.location, original.location);
    assert_eq!(settings.iam_config, original.iam_config);
    assert_eq!(settings.soft_delete_policy, original.soft_delete_policy);
}

#[test]
fn an_entry_that_would_answer_in_its_place_is_told_and_overtaken() {
    let stage = GcpStage::fresh();
    let everyone = entry("*", "GET", &["Content-Type"]);
    stage.bucket(|bucket| bucket.settings.cors = vec![everyone.clone()]);
    let ran = stage.gcp("connect", &["--yes", "--wait", "0"]).exits(0);
    ran.says("Every other origin gets the same answers as now");
    assert_eq!(stage.cors(), [published_entry(), everyone]);
}

#[test]
fn the_literal_origin_is_added_on_request() {
    let stage = GcpStage::connected();
    stage.connect(&["--literal-origin"]).0.exits(0);
    let mut wanted = published_entry();
    wanted.origin.push("https://app.segments.ai".to_owned());
    assert_eq!(stage.cors(), [wanted]);
    assert_eq!(stage.writes(), ["UpdateBucket"]);
}

#[test]
fn a_role_that_was_deleted_is_brought_back() {
    let stage = GcpStage::connected();
    stage.change_role(|role| role.deleted = Some(OffsetDateTime::now_utc() - Duration::days(3)));
    let (ran, document) = stage.connect(&[]);
    ran.exits(0);
    assert_eq!(change(&document, "gcp.custom-role"), ("update", "written"));
    assert_eq!(stage.role().expect("the role").deleted, None);
    assert_eq!(stage.writes(), ["UndeleteRole"]);
}

#[test]
fn a_deleted_role_of_ours_that_lost_its_permission_is_brought_back_and_mended() {
    let stage = GcpStage::connected();
    stage.change_role(|role| {
        role.deleted = Some(OffsetDateTime::now_utc() - Duration::days(3));
        role.included_permissions = vec!["storage.objects.list".to_owned()];
    });
    stage.connect(&[]).0.exits(0);
    let role = stage.role().expect("the role");
    assert_eq!(role.deleted, None);
    assert_eq!(role.included_permissions, ["storage.objects.get"]);
    assert_eq!(stage.writes(), ["UndeleteRole", "UpdateRole"]);
}

#[test]
fn an_id_that_is_still_taken_has_a_clear_way_out() {
    let stage = GcpStage::connected();
    stage.change_role(|role| role.deleted = Some(OffsetDateTime::now_utc() - Duration::days(20)));
    stage.bucket(|bucket| {
        bucket
            .policy
            .bindings
            .retain(|binding| binding.role != ROLE);
    });
    let ran = stage.gcp("connect", &["--yes", "--wait", "0"]).exits(7);
    ran.complains("its ID is free only 37 days after")
        .complains("--role-id segments_object_reader_2");
    let (ran, _) = stage.connect(&["--role-id", "segments_object_reader_2"]);
    ran.exits(0);
    assert!(stage.policy().has(
        "projects/acme-vision/roles/segments_object_reader_2",
        &member()
    ));
}

#[test]
fn a_disabled_role_of_ours_is_enabled() {
    let stage = GcpStage::connected();
    stage.change_role(|role| role.stage = Launch::Disabled);
    stage.connect(&[]).0.exits(0);
    assert_eq!(stage.role().expect("the role").stage, Launch::Ga);
}

#[test]
fn somebody_elses_role_is_refused_and_nothing_is_written() {
    let stage = GcpStage::fresh();
    let theirs = Role::new(
        "Reads everything",
        &["storage.objects.get", "storage.objects.list"],
    );
    stage.world(|world| {
        let project = world.project_mut(PROJECT).expect("the project");
        project.roles.insert(ROLE_ID.to_owned(), theirs.clone());
    });
    let (ran, document) = stage.connect(&[]);
    ran.exits(7);
    assert_eq!(change(&document, "gcp.custom-role").1, "refused");
    assert_eq!(stage.role(), Some(theirs));
    assert_eq!(stage.writes(), Vec::<String>::new());
}

#[test]
fn a_new_role_that_is_not_known_everywhere_yet_is_waited_for() {
    let mut world = fresh_world();
    world.new_roles_unknown_for = 1;
    let stage = GcpStage::with(world);
    let (ran, document) = stage.gcp_json("connect", &["--yes"]);
    ran.exits(0);
    assert_eq!(change(&document, "gcp.bucket-iam"), ("update", "written"));
    assert_eq!(
        stage.writes(),
        ["CreateRole", "SetIamPolicy", "SetIamPolicy", "UpdateBucket"]
    );
}

#[test]
fn missing_permissions_are_all_named_before_anything_is_written() {
    let stage = GcpStage::fresh();
    let (ran, document) =
        stage.gcp_json_as(BUCKET_ADMIN, "connect", &["--yes", "--project", PROJECT]);
    ran.exits(8);
    assert_eq!(stage.writes(), Vec::<String>::new());
    let told = document["error"].to_string();
    assert!(told.contains("iam.roles.get"), "{told}");

    let viewer = "viewer@acme.example";
    let (ran, document) = stage.gcp_json_as(viewer, "connect", &["--yes"]);
    ran.exits(8);
    let told = document["error"].to_string();
    for permission in [
        "iam.roles.create",
        "storage.buckets.setIamPolicy",
        "storage.buckets.update",
    ] {
        assert!(told.contains(permission), "{permission}: {told}");
    }
    assert_eq!(stage.writes(), Vec::<String>::new());
}

#[test]
fn the_plan_says_what_would_change_and_writes_nothing() {
    let stage = GcpStage::fresh();
    let ran = stage.gcp("plan", &["--exit-code"]).exits(3);
    ran.says("custom role")
        .says("IAM policy of the bucket")
        .says("CORS configuration");
    assert_eq!(stage.writes(), Vec::<String>::new());
    GcpStage::connected().gcp("plan", &["--exit-code"]).exits(0);
}

#[test]
fn a_key_that_can_sign_shows_a_link_that_works() {
    let stage = GcpStage::fresh();
    let (ran, document) = stage.gcp_json_as(DEPLOYER, "connect", &["--yes", "--object", PHOTO]);
    ran.exits(0);
    assert_eq!(check(&document, "gcp.object.link")["status"], "pass");
    assert_eq!(document["proof"], "own-read");
    let url = check(&document, "gcp.object.link")["evidence"]["url"].to_string();
    assert!(url.contains("X-Goog-Signature=REDACTED"), "{url}");
    for form in checks(&document, "gcp.cors.preflight") {
        assert_eq!(form["status"], "pass", "{form:#}");
    }
    assert_eq!(checks(&document, "gcp.cors.preflight").len(), 2);
}

#[test]
fn the_next_steps_hand_over_the_buckets_name() {
    let stage = GcpStage::fresh();
    let (_, document) = stage.connect(&[]);
    let steps = document["next_steps"].as_array().expect("steps");
    assert!(
        steps[0].as_str().expect("text").ends_with("\nacme-images"),
        "{steps:?}"
    );
    assert!(
        steps[1]
            .as_str()
            .expect("text")
            .ends_with("gs://acme-images/photos/0001.jpg"),
        "{steps:?}"
    );
}
