//! Colleagues and processes at the same moment on Google Cloud: what moved is never overwritten, and nothing later is
//! written.

use segments_connect::sandbox::gcp::{PARTNER, StaleEtag, fault};
use segments_connect::sandbox::{Fault, FaultKind, On};

use crate::gcp_support::{GcpStage, ROLE, entry, fresh_world, member, published_entry};
use crate::support::change;

#[test]
fn an_etag_that_moved_writes_nothing_and_nothing_later_is_written() {
    for refusal in [StaleEtag::Aborted, StaleEtag::FailedPrecondition] {
        let mut world = fresh_world();
        world.stale_etag = refusal;
        let stage = GcpStage::with(world);
        let partner = format!("serviceAccount:{PARTNER}");
        let theirs = partner.clone();
        stage
            .sandbox
            .on_request(On::operation("SetIamPolicy", 1), move |state| {
                let bucket = state
                    .gcp
                    .buckets
                    .get_mut("acme-images")
                    .expect("the bucket");
                bucket.policy.grant("roles/storage.objectViewer", &theirs);
                bucket.policy.revision += 1;
            });
        let (ran, document) = stage.connect(&[]);
        // The role before it was written.
        ran.exits(5);
        assert_eq!(change(&document, "gcp.custom-role").1, "written");
        assert_eq!(change(&document, "gcp.bucket-iam").1, "stale");
        assert_eq!(change(&document, "gcp.cors").1, "skipped");
        assert!(stage.policy().has("roles/storage.objectViewer", &partner));
        assert!(!stage.policy().has(ROLE, &member()));
        assert_eq!(stage.cors(), []);
        // Running it again continues.
        stage.connect(&[]).0.exits(0);
        assert!(stage.policy().has("roles/storage.objectViewer", &partner));
        assert!(stage.policy().has(ROLE, &member()));
    }
}

#[test]
fn a_metageneration_that_moved_writes_nothing() {
    let stage = GcpStage::connected();
    stage.bucket(|bucket| bucket.settings.cors.clear());
    let theirs = entry("https://intranet.acme.example", "GET", &[]);
    let added = theirs.clone();
    stage
        .sandbox
        .on_request(On::operation("UpdateBucket", 1), move |state| {
            let bucket = state
                .gcp
                .buckets
                .get_mut("acme-images")
                .expect("the bucket");
            bucket.settings.cors.push(added);
            bucket.settings.metageneration += 1;
        });
    let (ran, document) = stage.connect(&[]);
    ran.exits(7);
    assert_eq!(change(&document, "gcp.cors").1, "stale");
    assert_eq!(stage.cors(), std::slice::from_ref(&theirs));
    stage.connect(&[]).0.exits(0);
    assert_eq!(stage.cors(), [theirs, published_entry()]);
}

#[test]
fn a_role_that_moved_writes_nothing() {
    let stage = GcpStage::connected();
    stage.change_role(|role| {
        role.included_permissions
            .push("storage.objects.list".to_owned());
    });
    stage
        .sandbox
        .on_request(On::operation("UpdateRole", 1), |state| {
            let project = state.gcp.project_mut("acme-vision").expect("the project");
            let role = project
                .roles
                .get_mut("segments_object_reader")
                .expect("the role");
            role.description = "moved".to_owned();
            role.revision += 1;
        });
    let (ran, document) = stage.connect(&[]);
    ran.exits(7);
    assert_eq!(change(&document, "gcp.custom-role").1, "stale");
    assert_eq!(
        stage.role().expect("the role").included_permissions.len(),
        2
    );
}

#[test]
fn a_role_that_a_colleague_makes_meanwhile_is_not_replaced() {
    let stage = GcpStage::fresh();
    stage
        .sandbox
        .on_request(On::operation("CreateRole", 1), |state| {
            let project = state.gcp.project_mut("acme-vision").expect("the project");
            project.roles.insert(
                "segments_object_reader".to_owned(),
                segments_connect::sandbox::gcp::Role::new("Theirs", &["storage.objects.list"]),
            );
        });
    let (ran, document) = stage.connect(&[]);
    ran.exits(7);
    assert_eq!(change(&document, "gcp.custom-role").1, "stale");
    assert_eq!(stage.role().expect("the role").title, "Theirs");
}

#[test]
fn a_write_without_an_answer_is_settled_by_reading_back() {
    for (operation, id) in [
        ("CreateRole", "gcp.custom-role"),
        ("SetIamPolicy", "gcp.bucket-iam"),
        ("UpdateBucket", "gcp.cors"),
    ] {
        for kind in [
            FaultKind::Reset,
            fault("UNAVAILABLE", "lost behind a gateway"),
        ] {
            let stage = GcpStage::fresh();
            stage
                .sandbox
                .inject(Fault::after(On::operation(operation, 1), kind.clone()));
            let (ran, document) = stage.connect(&[]);
            ran.exits(0);
            assert_eq!(change(&document, id).1, "written", "{operation} {kind:?}");
            assert_eq!(
                stage.writes(),
                ["CreateRole", "SetIamPolicy", "UpdateBucket"],
                "{operation} {kind:?}"
            );
        }
    }
}

#[test]
fn a_busy_service_is_tried_again_after_comparing() {
    for (operation, id) in [
        ("CreateRole", "gcp.custom-role"),
        ("SetIamPolicy", "gcp.bucket-iam"),
        ("UpdateBucket", "gcp.cors"),
    ] {
        let stage = GcpStage::fresh();
        stage.sandbox.inject(Fault::before(
            On::operation(operation, 1),
            fault("RESOURCE_EXHAUSTED", "slow down"),
        ));
        let (ran, document) = stage.connect(&[]);
        ran.exits(0);
        assert_eq!(change(&document, id).1, "written", "{operation}");
    }
}
