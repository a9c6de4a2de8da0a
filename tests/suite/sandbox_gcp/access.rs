//! Who may read objects: bindings, roles, conditions, deny policies, the public, and how long a change takes.

use segments_connect::sandbox::Sandbox;
use segments_connect::sandbox::gcp::{
    BUCKET_ADMIN, DEPLOYER, DenyPolicy, DenyRule, OWNER, PARTNER, Person, Propagation, SEGMENTS,
    Stage, VIEWER,
};

use super::{ROLE, bucket, connect, control, photo, sandbox, see, with, world};

async fn status(sandbox: &Sandbox, email: Option<&str>) -> u16 {
    see(photo(sandbox, email)).await.status
}

async fn segments(sandbox: &Sandbox) -> u16 {
    status(sandbox, Some(SEGMENTS)).await
}

#[tokio::test]
async fn segments_reads_with_the_binding_and_not_without() {
    let sandbox = sandbox();
    let seen = see(photo(&sandbox, Some(SEGMENTS))).await;
    assert_eq!((seen.status, seen.element("Code")), (403, "AccessDenied"));
    assert_eq!(
        seen.element("Details"),
        format!(
            "{SEGMENTS} does not have storage.objects.get access to the Google Cloud Storage object. Permission \
             'storage.objects.get' denied on resource (or it may not exist)."
        )
    );
    world(&sandbox, connect);
    let seen = see(photo(&sandbox, Some(SEGMENTS))).await;
    assert_eq!(
        (seen.status, seen.body.as_str()),
        (200, "a photo of one cat")
    );
    let log = sandbox.log();
    let last = log.last().unwrap();
    assert_eq!(
        (last.operation.as_str(), last.caller.as_deref()),
        ("GetObject", Some(SEGMENTS))
    );
}

#[tokio::test]
async fn a_role_grants_only_while_it_is_there_enabled_and_holds_the_permission() {
    let sandbox = with(connect);
    let change = |act: fn(&mut segments_connect::sandbox::gcp::Role)| {
        world(&sandbox, |world| {
            let project = world.project_mut("acme-vision").unwrap();
            act(project.roles.get_mut("segments_object_reader").unwrap());
        });
    };
    change(|role| role.deleted = Some(time::OffsetDateTime::now_utc()));
    assert_eq!(segments(&sandbox).await, 403);
    change(|role| role.deleted = None);
    assert_eq!(segments(&sandbox).await, 200);
    change(|role| role.stage = Stage::Disabled);
    assert_eq!(segments(&sandbox).await, 403);
    change(|role| role.stage = Stage::Deprecated);
    assert_eq!(segments(&sandbox).await, 200);
    change(|role| role.included_permissions = vec!["storage.objects.list".to_owned()]);
    assert_eq!(segments(&sandbox).await, 403);
}

#[tokio::test]
async fn everybody_gets_what_their_roles_give() {
    let sandbox = with(|world| {
        world.add_person(Person::user("guest@partner.example"));
        world.groups.insert(
            "readers@acme.example".to_owned(),
            ["guest@partner.example".to_owned()].into(),
        );
    });
    for (email, expected) in [
        (Some(OWNER), 200),
        (Some(BUCKET_ADMIN), 200),
        (Some(VIEWER), 200),
        (Some(DEPLOYER), 200),
        (Some(PARTNER), 403),
        (Some("guest@partner.example"), 403),
        (None, 403),
    ] {
        assert_eq!(status(&sandbox, email).await, expected, "{email:?}");
    }
    let viewer = "roles/storage.objectViewer";
    for (member, email) in [
        ("group:readers@acme.example", Some("guest@partner.example")),
        ("domain:partner.example", Some("guest@partner.example")),
        ("allAuthenticatedUsers", Some(PARTNER)),
        ("allUsers", None),
    ] {
        bucket(&sandbox, |bucket| bucket.policy.grant(viewer, member));
        assert_eq!(status(&sandbox, email).await, 200, "{member}");
        bucket(&sandbox, |bucket| {
            bucket
                .policy
                .bindings
                .retain(|binding| binding.role != viewer);
        });
        assert_eq!(status(&sandbox, email).await, 403, "{member}");
    }
}

#[tokio::test]
async fn prevention_keeps_the_public_out_and_segments_in() {
    let sandbox = with(connect);
    bucket(&sandbox, |bucket| {
        bucket
            .policy
            .grant("roles/storage.objectViewer", "allUsers");
    });
    assert_eq!(status(&sandbox, None).await, 200);
    bucket(&sandbox, |bucket| bucket.set_public_access_prevention(true));
    assert_eq!(status(&sandbox, None).await, 403);
    assert_eq!(status(&sandbox, Some(PARTNER)).await, 403);
    assert_eq!(segments(&sandbox).await, 200);
}

#[tokio::test]
async fn a_condition_decides_whether_a_binding_counts() {
    let sandbox = with(|world| {
        connect(world);
        let bucket = world.buckets.get_mut("acme-images").unwrap();
        bucket
            .policy
            .bindings
            .retain(|binding| binding.role != ROLE);
        bucket.tags = [("100200300400/env".to_owned(), "prod".to_owned())].into();
    });
    let member = format!("serviceAccount:{SEGMENTS}");
    for (expression, expected) in [
        ("request.time < timestamp('2020-01-01T00:00:00Z')", 403),
        ("request.time > timestamp('2020-01-01T00:00:00Z')", 200),
        (
            "resource.name.startsWith('projects/_/buckets/acme-images/objects/photos/')",
            200,
        ),
        (
            "resource.name.startsWith('projects/_/buckets/acme-images/objects/other/')",
            403,
        ),
        ("resource.matchTag('100200300400/env', 'prod')", 200),
        ("resource.matchTag('100200300400/env', 'test')", 403),
        ("resource.type == 'storage.googleapis.com/Bucket'", 403),
    ] {
        bucket(&sandbox, |bucket| {
            bucket
                .policy
                .grant_if(ROLE, &member, "a condition", expression);
        });
        assert_eq!(segments(&sandbox).await, expected, "{expression}");
        bucket(&sandbox, |bucket| {
            bucket
                .policy
                .bindings
                .retain(|binding| binding.role != ROLE);
        });
    }
}

#[tokio::test]
async fn a_deny_policy_overrides_every_binding() {
    let sandbox = with(connect);
    let rule = DenyRule {
        denied_principals: vec!["principalSet://goog/public:all".to_owned()],
        denied_permissions: vec!["storage.googleapis.com/objects.get".to_owned()],
        ..DenyRule::default()
    };
    let segments_itself =
        format!("principal://iam.googleapis.com/projects/-/serviceAccounts/{SEGMENTS}");
    let customer = "principalSet://goog/cloudIdentityCustomerId/C01segmnt".to_owned();
    for (attachment, rule, expected) in [
        ("projects/acme-vision", rule.clone(), 403),
        ("organizations/100200300400", rule.clone(), 403),
        ("projects/partner-data", rule.clone(), 200),
        (
            "projects/acme-vision",
            DenyRule {
                exception_principals: vec![segments_itself.clone()],
                ..rule.clone()
            },
            200,
        ),
        (
            "projects/acme-vision",
            DenyRule {
                denied_principals: vec![customer],
                ..rule.clone()
            },
            403,
        ),
        (
            "projects/acme-vision",
            DenyRule {
                denied_principals: vec!["principal://goog/subject/owner@acme.example".to_owned()],
                ..rule.clone()
            },
            200,
        ),
        (
            "projects/acme-vision",
            DenyRule {
                exception_permissions: vec!["storage.googleapis.com/objects.get".to_owned()],
                ..rule.clone()
            },
            200,
        ),
    ] {
        world(&sandbox, |world| {
            world.deny_policies = vec![DenyPolicy {
                attachment: attachment.to_owned(),
                id: "deny".to_owned(),
                rules: vec![rule.clone()],
                ..DenyPolicy::default()
            }];
        });
        assert_eq!(segments(&sandbox).await, expected, "{attachment} {rule:?}");
    }
}

/// Puts the binding there over gRPC, as the product does.
async fn bind(sandbox: &Sandbox) {
    let client = control(sandbox, OWNER).await;
    let policy = client.get_iam_policy().set_resource(super::RESOURCE);
    let mut policy = policy.send().await.unwrap();
    policy.bindings.push(
        google_cloud_iam_v1::model::Binding::new()
            .set_role(ROLE)
            .set_members([format!("serviceAccount:{SEGMENTS}")]),
    );
    let write = client.set_iam_policy().set_resource(super::RESOURCE);
    write.set_policy(policy).send().await.unwrap();
}

fn without_binding(propagation: Propagation) -> Sandbox {
    with(|world| {
        connect(world);
        let bucket = world.buckets.get_mut("acme-images").unwrap();
        bucket
            .policy
            .bindings
            .retain(|binding| binding.role != ROLE);
        world.propagation = propagation;
    })
}

#[tokio::test]
async fn a_new_binding_holds_after_some_reads() {
    let sandbox = without_binding(Propagation::AfterReads(2));
    bind(&sandbox).await;
    assert!(bucket(&sandbox, |bucket| bucket
        .policy
        .has(ROLE, &format!("serviceAccount:{SEGMENTS}"))));
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(segments(&sandbox).await);
    }
    assert_eq!(seen, [403, 403, 200, 200]);
}

#[tokio::test]
async fn a_new_binding_holds_when_it_is_told_to() {
    let sandbox = without_binding(Propagation::UntilTold);
    bind(&sandbox).await;
    for _ in 0..3 {
        assert_eq!(segments(&sandbox).await, 403);
    }
    world(&sandbox, segments_connect::sandbox::gcp::World::propagate);
    assert_eq!(segments(&sandbox).await, 200);
    // What is taken away goes on for a while as well.
    let client = control(&sandbox, OWNER).await;
    let policy = client.get_iam_policy().set_resource(super::RESOURCE);
    let mut policy = policy.send().await.unwrap();
    policy.bindings.retain(|binding| binding.role != ROLE);
    let write = client.set_iam_policy().set_resource(super::RESOURCE);
    write.set_policy(policy).send().await.unwrap();
    assert_eq!(segments(&sandbox).await, 200);
    world(&sandbox, segments_connect::sandbox::gcp::World::propagate);
    assert_eq!(segments(&sandbox).await, 403);
}
