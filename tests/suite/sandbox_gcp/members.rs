//! Who can be named in a bucket's policy, with which role, and what an organization forbids.

use google_cloud_gax::error::rpc::{Code, StatusDetails};
use google_cloud_iam_v1::model::Binding;
use segments_connect::sandbox::gcp::{
    AllowedPolicyMembers, CUSTOMER_ID, OWNER, PARTNER, Role, SEGMENTS, SEGMENTS_CUSTOMER_ID, VIEWER,
};

use super::policies::{add, binding, read, segments, with_role};
use super::{ROLE, bucket, code, control, refused, sandbox, with, world};

#[tokio::test]
async fn members_must_be_of_a_known_type_and_exist() {
    let sandbox = with(|world| {
        world
            .other_members
            .insert("group:labellers@acme.example".to_owned());
    });
    let client = control(&sandbox, OWNER).await;
    for (member, expected) in [
        (segments().as_str(), None),
        ("group:labellers@acme.example", None),
        ("domain:acme.example", None),
        ("projectViewer:acme-vision", None),
        ("principalSet://goog/public:all", None),
        ("allUsers", None),
        (
            SEGMENTS,
            Some(format!(
                "The member {SEGMENTS} is of an unknown type. Please set a valid type prefix for the member."
            )),
        ),
        (
            "serviceAccount:typo@segmentsai-prod.iam.gserviceaccount.com",
            Some(
                "Service account typo@segmentsai-prod.iam.gserviceaccount.com does not exist."
                    .to_owned(),
            ),
        ),
        (
            "user:nobody@acme.example",
            Some("User nobody@acme.example does not exist.".to_owned()),
        ),
        // An account under the other type is not there either.
        (
            &format!("user:{SEGMENTS}"),
            Some(format!("User {SEGMENTS} does not exist.")),
        ),
        (
            "group:nobody@acme.example",
            Some("Group nobody@acme.example does not exist.".to_owned()),
        ),
        (
            "domain:nowhere.example",
            Some("Domain nowhere.example does not exist.".to_owned()),
        ),
    ] {
        let answer = add(&client, binding("roles/storage.objectViewer", member)).await;
        match expected {
            None => assert!(answer.is_ok(), "{member}: {answer:?}"),
            Some(message) => assert_eq!(refused(answer), (Code::InvalidArgument, message)),
        }
    }
    // Somebody who was deleted stays where they are and cannot be put anywhere.
    let deleted = format!("deleted:serviceAccount:{PARTNER}?uid=1");
    bucket(&sandbox, |bucket| {
        bucket.policy.grant("roles/storage.objectCreator", &deleted);
    });
    let again = add(&client, binding("roles/storage.objectAdmin", &segments())).await;
    assert!(again.is_ok(), "{again:?}");
    let new = add(&client, binding("roles/storage.objectViewer", &deleted)).await;
    assert_eq!(code(new), Code::InvalidArgument);
}

#[tokio::test]
async fn roles_must_exist_and_fit_and_belong_to_the_buckets_project() {
    let sandbox = with_role();
    world(&sandbox, |world| {
        let role = Role::new("Reader", &["storage.objects.get"]);
        let other = world.project_mut("partner-data").unwrap();
        other.roles.insert("reader".to_owned(), role.clone());
        let own = world.project_mut("acme-vision").unwrap();
        let deleted = Role {
            deleted: Some(time::OffsetDateTime::now_utc()),
            ..role
        };
        own.roles.insert("gone".to_owned(), deleted);
    });
    let client = control(&sandbox, OWNER).await;
    for (role, expected) in [
        (ROLE, None),
        ("roles/storage.objectViewer", None),
        (
            "roles/storage.viewer",
            Some("Role roles/storage.viewer is not supported for this resource."),
        ),
        (
            "roles/owner",
            Some("Role roles/owner is not supported for this resource."),
        ),
        (
            "projects/acme-vision/roles/missing",
            Some(
                "Role (projects/acme-vision/roles/missing) does not exist in the resource's hierarchy.",
            ),
        ),
        (
            "projects/partner-data/roles/reader",
            Some(
                "Role (projects/partner-data/roles/reader) does not exist in the resource's hierarchy.",
            ),
        ),
        (
            "projects/acme-vision/roles/gone",
            Some(
                "Role (projects/acme-vision/roles/gone) does not exist in the resource's hierarchy.",
            ),
        ),
    ] {
        let answer = add(&client, binding(role, &segments())).await;
        match expected {
            None => assert!(answer.is_ok(), "{role}: {answer:?}"),
            Some(message) => {
                assert_eq!(refused(answer), (Code::InvalidArgument, message.to_owned()));
            }
        }
    }
}

#[tokio::test]
async fn a_role_that_was_just_made_may_still_be_unknown() {
    let sandbox = with_role();
    world(&sandbox, |world| {
        let project = world.project_mut("acme-vision").unwrap();
        let role = project.roles.get_mut("segments_object_reader").unwrap();
        role.unknown_for = 2;
    });
    let client = control(&sandbox, OWNER).await;
    for _ in 0..2 {
        let answer = add(&client, binding(ROLE, &segments())).await;
        assert_eq!(code(answer), Code::InvalidArgument);
    }
    add(&client, binding(ROLE, &segments())).await.unwrap();
}

fn violation(error: &google_cloud_storage::Error) -> (String, String, String) {
    let status = error.status().expect("a status");
    assert_eq!(status.code, Code::FailedPrecondition, "{status:?}");
    let found = status.details.iter().find_map(|detail| match detail {
        StatusDetails::PreconditionFailure(failure) => failure.violations.first().cloned(),
        _ => None,
    });
    let found = found.expect("a violation");
    (found.r#type, found.subject, found.description)
}

#[tokio::test]
async fn domain_restricted_sharing_refuses_outsiders_and_keeps_who_was_there() {
    let sandbox = with(|world| {
        let bucket = world.buckets.get_mut("acme-images").unwrap();
        let partner = format!("serviceAccount:{PARTNER}");
        bucket.policy.grant("roles/storage.objectViewer", &partner);
        let project = world.project_mut("acme-vision").unwrap();
        project.allowed_policy_member_domains = Some(vec![CUSTOMER_ID.to_owned()]);
    });
    let client = control(&sandbox, OWNER).await;
    let viewer = binding("roles/storage.objectViewer", &format!("user:{VIEWER}"));
    add(&client, viewer).await.unwrap();
    let error = add(&client, binding("roles/storage.objectViewer", &segments()))
        .await
        .unwrap_err();
    assert_eq!(
        error.status().unwrap().message,
        "One or more users named in the policy do not belong to a permitted customer."
    );
    assert_eq!(
        violation(&error),
        (
            "constraints/iam.allowedPolicyMemberDomains".to_owned(),
            "orgpolicy:projects/acme-vision?configvalue=acme%40segmentsai-prod.iam.gserviceaccount.com".to_owned(),
            format!("User {SEGMENTS} is not in permitted organization."),
        )
    );
    world(&sandbox, |world| {
        let project = world.project_mut("acme-vision").unwrap();
        project.allowed_policy_member_domains = Some(vec![
            CUSTOMER_ID.to_owned(),
            format!("is:{SEGMENTS_CUSTOMER_ID}"),
        ]);
    });
    add(&client, binding("roles/storage.objectViewer", &segments()))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_managed_constraint_refuses_outsiders_too() {
    let sandbox = with(|world| {
        let project = world.project_mut("acme-vision").unwrap();
        project.allowed_policy_members = Some(AllowedPolicyMembers {
            allowed_member_subjects: Vec::new(),
            allowed_principal_sets: vec![
                "//cloudresourcemanager.googleapis.com/organizations/100200300400".to_owned(),
            ],
        });
    });
    let client = control(&sandbox, OWNER).await;
    let wanted = || binding("roles/storage.objectViewer", &segments());
    let error = add(&client, wanted()).await.unwrap_err();
    assert_eq!(
        violation(&error).0,
        "constraints/iam.managed.allowedPolicyMembers"
    );
    let viewer = binding("roles/storage.objectViewer", &format!("user:{VIEWER}"));
    add(&client, viewer).await.unwrap();
    world(&sandbox, |world| {
        let project = world.project_mut("acme-vision").unwrap();
        let allowed = project.allowed_policy_members.as_mut().unwrap();
        allowed.allowed_member_subjects.push(segments());
    });
    add(&client, wanted()).await.unwrap();
}

#[tokio::test]
async fn public_access_prevention_refuses_the_public_and_nobody_else() {
    let sandbox = sandbox();
    bucket(&sandbox, |bucket| bucket.set_public_access_prevention(true));
    let client = control(&sandbox, OWNER).await;
    let public = add(&client, binding("roles/storage.objectViewer", "allUsers")).await;
    assert_eq!(code(public), Code::FailedPrecondition);
    add(&client, binding("roles/storage.objectViewer", &segments()))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_policy_has_room_for_1500_principals() {
    let sandbox = with(|world| {
        for number in 0..1500 {
            world
                .other_members
                .insert(format!("user:labeller{number}@acme.example"));
        }
    });
    let client = control(&sandbox, OWNER).await;
    let before = read(&client, 3).await.unwrap();
    let there: usize = before.bindings.iter().map(|one| one.members.len()).sum();
    let labellers = |count: usize| {
        let members = (0..count).map(|number| format!("user:labeller{number}@acme.example"));
        Binding::new()
            .set_role("roles/storage.objectViewer")
            .set_members(members)
    };
    let too_many = add(&client, labellers(1501 - there)).await;
    assert_eq!(code(too_many), Code::InvalidArgument);
    add(&client, labellers(1500 - there)).await.unwrap();
}

#[tokio::test]
async fn at_most_250_of_them_may_be_groups() {
    let sandbox = with(|world| {
        for number in 0..251 {
            world
                .other_members
                .insert(format!("group:team{number}@acme.example"));
        }
    });
    let client = control(&sandbox, OWNER).await;
    let teams = |count: usize| {
        let members = (0..count).map(|number| format!("group:team{number}@acme.example"));
        Binding::new()
            .set_role("roles/storage.objectViewer")
            .set_members(members)
    };
    assert_eq!(code(add(&client, teams(251)).await), Code::InvalidArgument);
    add(&client, teams(250)).await.unwrap();
}
