//! Disconnecting a bucket on Google Cloud: what goes, and what stays.

use segments_connect::sandbox::gcp::{PARTNER, Stage as Launch};

use crate::gcp_support::{GcpStage, ROLE, entry, member, published_entry};
use crate::support::change;

const YES: [&str; 1] = ["--yes"];

#[test]
fn our_member_our_binding_and_our_entry_go_and_the_role_stays() {
    let stage = GcpStage::connected();
    let (ran, document) = stage.gcp_json("disconnect", &YES);
    ran.exits(0).without_complaint();
    assert!(
        !stage
            .policy()
            .bindings
            .iter()
            .any(|binding| binding.role == ROLE)
    );
    assert_eq!(stage.cors(), []);
    assert_eq!(stage.role().expect("the role").deleted, None);
    assert_eq!(change(&document, "gcp.bucket-iam"), ("update", "written"));
    assert_eq!(change(&document, "gcp.cors"), ("remove", "written"));
    assert_eq!(stage.writes(), ["SetIamPolicy", "UpdateBucket"]);
}

#[test]
fn others_in_our_binding_and_beside_our_entry_stay() {
    let stage = GcpStage::connected();
    let partner = format!("serviceAccount:{PARTNER}");
    let other = entry("https://intranet.acme.example", "GET", &["*"]);
    stage.bucket(|bucket| {
        bucket.policy.grant(ROLE, &partner);
        bucket.policy.grant_if(ROLE, &member(), "theirs", "true");
        bucket.settings.cors.insert(0, other.clone());
    });
    let ran = stage.gcp("disconnect", &YES).exits(0);
    ran.says("still names").says("on the condition `theirs`");
    let policy = stage.policy();
    assert!(policy.has(ROLE, &partner));
    let conditional = policy
        .bindings
        .iter()
        .find(|binding| binding.condition.is_some())
        .expect("the conditional binding");
    assert_eq!(conditional.members, [member()]);
    assert_eq!(stage.cors(), [other]);
}

#[test]
fn the_role_is_deleted_on_request_after_saying_what_that_means() {
    let stage = GcpStage::connected();
    let ran = stage
        .gcp("disconnect", &["--delete-role", "--yes"])
        .exits(0);
    ran.says("it can be brought back for seven days")
        .says("its ID is free again 37 days after");
    assert!(stage.role().expect("the role").deleted.is_some());
    assert_eq!(
        stage.writes(),
        ["SetIamPolicy", "UpdateBucket", "DeleteRole"]
    );
}

#[test]
fn a_role_that_is_not_the_published_one_is_never_deleted() {
    let stage = GcpStage::connected();
    stage.change_role(|role| {
        role.title = "Somebody's own".to_owned();
        role.stage = Launch::Ga;
    });
    let ran = stage
        .gcp("disconnect", &["--delete-role", "--yes"])
        .exits(0);
    ran.says("is not the published one, and stays");
    assert_eq!(stage.role().expect("the role").deleted, None);
}

#[test]
fn an_entry_with_the_literal_origin_is_ours_too() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| {
        let mut literal = published_entry();
        literal.origin.push("https://app.segments.ai".to_owned());
        bucket.settings.cors = vec![literal];
    });
    stage.gcp("disconnect", &YES).exits(0);
    assert_eq!(stage.cors(), []);
}

#[test]
fn nothing_to_remove_writes_nothing() {
    let stage = GcpStage::fresh();
    stage
        .gcp("disconnect", &["--delete-role", "--yes"])
        .exits(0);
    assert_eq!(stage.writes(), Vec::<String>::new());
}
