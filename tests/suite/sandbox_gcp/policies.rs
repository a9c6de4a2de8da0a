//! Bucket policies over gRPC: versions, etags, members, roles, conditions and organization policies.

use google_cloud_gax::error::rpc::Code;
use google_cloud_iam_v1::model::{Binding, GetPolicyOptions, Policy};
use google_cloud_storage::Result;
use google_cloud_storage::client::StorageControl;
use segments_connect::sandbox::Sandbox;
use segments_connect::sandbox::gcp::{
    BUCKET_ADMIN, OWNER, PARTNER, Role, SEGMENTS, StaleEtag, VIEWER,
};

use super::{RESOURCE, ROLE, bucket, code, control, refused, sandbox, with, world};

pub(super) fn segments() -> String {
    format!("serviceAccount:{SEGMENTS}")
}

pub(super) fn binding(role: &str, member: &str) -> Binding {
    Binding::new().set_role(role).set_members([member])
}

pub(super) fn with_role() -> Sandbox {
    with(|world| {
        let project = world.project_mut("acme-vision").unwrap();
        let role = Role::new("Segments object reader", &["storage.objects.get"]);
        project
            .roles
            .insert("segments_object_reader".to_owned(), role);
    })
}

pub(super) async fn read(client: &StorageControl, version: i32) -> Result<Policy> {
    client
        .get_iam_policy()
        .set_resource(RESOURCE)
        .set_options(GetPolicyOptions::new().set_requested_policy_version(version))
        .send()
        .await
}

async fn write(client: &StorageControl, policy: Policy) -> Result<Policy> {
    client
        .set_iam_policy()
        .set_resource(RESOURCE)
        .set_policy(policy)
        .send()
        .await
}

/// Reads, adds a binding, writes.
pub(super) async fn add(client: &StorageControl, added: Binding) -> Result<Policy> {
    let mut policy = read(client, 3).await?;
    policy.bindings.push(added);
    write(client, policy.set_version(3)).await
}

fn has(sandbox: &Sandbox, role: &str, member: &str) -> bool {
    bucket(sandbox, |bucket| bucket.policy.has(role, member))
}

#[tokio::test]
async fn a_policy_is_read_changed_and_written_back() {
    let sandbox = with_role();
    let client = control(&sandbox, OWNER).await;
    let first = read(&client, 3).await.unwrap();
    assert_eq!((first.version, first.etag.as_ref()), (1, &[8, 1][..]));
    assert_eq!(first.bindings.len(), 5);
    let written = add(&client, binding(ROLE, &segments())).await.unwrap();
    assert_eq!(
        (written.etag.as_ref(), written.bindings.len()),
        (&[8, 2][..], 6)
    );
    assert!(has(&sandbox, ROLE, &segments()));
    assert!(has(
        &sandbox,
        "roles/storage.admin",
        &format!("user:{BUCKET_ADMIN}")
    ));
    assert_eq!(read(&client, 3).await.unwrap(), written);
}

#[tokio::test]
async fn bindings_come_back_joined_sorted_and_without_empty_ones() {
    let sandbox = with_role();
    let client = control(&sandbox, OWNER).await;
    let policy = read(&client, 3).await.unwrap().set_bindings([
        binding("roles/storage.objectViewer", "user:Owner@Acme.example"),
        binding("roles/storage.admin", &format!("user:{BUCKET_ADMIN}")),
        binding("roles/storage.objectViewer", &segments()),
        binding("roles/storage.objectViewer", &segments()),
        Binding::new().set_role("roles/storage.legacyObjectReader"),
    ]);
    let written = write(&client, policy).await;
    // Whoever removes the owner's own binding can still finish that one request.
    let written = written.unwrap();
    assert_eq!(
        written.bindings,
        [
            binding("roles/storage.admin", &format!("user:{BUCKET_ADMIN}")),
            Binding::new()
                .set_role("roles/storage.objectViewer")
                .set_members([segments(), format!("user:{OWNER}")]),
        ]
    );
    assert_eq!(code(read(&client, 3).await), Code::PermissionDenied);
}

#[tokio::test]
async fn an_etag_that_moved_writes_nothing_and_no_etag_overwrites() {
    let sandbox = with_role();
    let client = control(&sandbox, OWNER).await;
    let mine = read(&client, 3).await.unwrap();
    let partner = format!("serviceAccount:{PARTNER}");
    bucket(&sandbox, |bucket| {
        bucket.policy.grant("roles/storage.objectViewer", &partner);
        bucket.policy.revision += 1;
    });
    for (kind, expected) in [
        (StaleEtag::Aborted, Code::Aborted),
        (StaleEtag::FailedPrecondition, Code::FailedPrecondition),
    ] {
        world(&sandbox, |world| world.stale_etag = kind);
        let refusal = refused(write(&client, mine.clone()).await);
        assert_eq!(refusal.0, expected);
        assert!(
            refusal.1.contains("concurrent policy changes"),
            "{refusal:?}"
        );
        assert!(has(&sandbox, "roles/storage.objectViewer", &partner));
    }
    write(&client, mine.set_etag("")).await.unwrap();
    assert!(
        !has(&sandbox, "roles/storage.objectViewer", &partner),
        "lost"
    );
}

#[tokio::test]
async fn a_policy_with_conditions_needs_version_3() {
    let sandbox = with_role();
    bucket(&sandbox, |bucket| {
        bucket.policy.grant_if(
            "roles/storage.objectViewer",
            &format!("serviceAccount:{PARTNER}"),
            "photos only",
            "resource.name.startsWith('projects/_/buckets/acme-images/objects/photos/')",
        );
    });
    let client = control(&sandbox, OWNER).await;
    for version in [0, 1] {
        let refusal = refused(read(&client, version).await);
        assert_eq!(
            refusal,
            (
                Code::InvalidArgument,
                format!(
                    "Requested policy version ({version}) cannot be less than the existing policy version (3). For \
                     more information, please refer to https://cloud.google.com/iam/docs/policies#versions."
                )
            )
        );
    }
    assert_eq!(
        code(read(&client, 2).await),
        Code::InvalidArgument,
        "no version"
    );
    let policy = read(&client, 3).await.unwrap();
    assert_eq!(policy.version, 3);
    let condition = policy.bindings.iter().find_map(|one| one.condition.clone());
    assert_eq!(condition.unwrap().title, "photos only");
    // Taking the condition away is an operation on a policy with conditions.
    let mut plain = policy.clone().set_version(1);
    plain.bindings.retain(|one| one.condition.is_none());
    let refusal = refused(write(&client, plain.clone()).await);
    assert_eq!(refusal.0, Code::InvalidArgument);
    assert!(
        refusal.1.starts_with("Specified policy version (1)"),
        "{refusal:?}"
    );
    // With the etag left out, nothing stands in its way: that is what the documentation warns of.
    write(&client, plain.set_etag("")).await.unwrap();
    assert_eq!(read(&client, 1).await.unwrap().version, 1);
}

#[tokio::test]
async fn conditions_are_checked_when_they_are_written() {
    let sandbox = with_role();
    let client = control(&sandbox, OWNER).await;
    let conditional = |title: &str, expression: &str| {
        let mut binding = binding("roles/storage.objectViewer", &segments());
        let condition = binding.condition.get_or_insert_default();
        title.clone_into(&mut condition.title);
        expression.clone_into(&mut condition.expression);
        binding
    };
    for (title, expression, expected) in [
        (
            "ends",
            "request.time < timestamp('2030-01-01T00:00:00Z')",
            None,
        ),
        ("", "true", Some(Code::InvalidArgument)),
        ("broken", "request.time <", Some(Code::InvalidArgument)),
        (
            "unknown",
            "resource.owner == 'me'",
            Some(Code::InvalidArgument),
        ),
    ] {
        let answer = add(&client, conditional(title, expression)).await;
        assert_eq!(
            answer
                .err()
                .and_then(|error| error.status().map(|status| status.code)),
            expected,
            "{title}"
        );
    }
    let public = conditional("public", "true").set_members(["allUsers"]);
    assert_eq!(code(add(&client, public).await), Code::InvalidArgument);
    bucket(&sandbox, |bucket| {
        let config = bucket.settings.iam_config.as_mut().unwrap();
        config.uniform_bucket_level_access = None;
    });
    assert_eq!(
        code(add(&client, conditional("ends", "true")).await),
        Code::FailedPrecondition
    );
}

#[tokio::test]
async fn reading_and_writing_a_policy_need_their_rights() {
    let sandbox = sandbox();
    let viewer = control(&sandbox, VIEWER).await;
    let refusal = refused(read(&viewer, 3).await);
    assert_eq!(refusal.0, Code::PermissionDenied);
    assert!(
        refusal.1.contains("storage.buckets.getIamPolicy"),
        "{refusal:?}"
    );
    let refusal = refused(write(&viewer, Policy::new()).await);
    assert_eq!(refusal.0, Code::PermissionDenied);
    assert!(
        refusal.1.contains("storage.buckets.setIamPolicy"),
        "{refusal:?}"
    );
    let missing = viewer
        .get_iam_policy()
        .set_resource("projects/_/buckets/acme-other");
    assert_eq!(code(missing.send().await), Code::NotFound);
}

#[tokio::test]
async fn everybody_may_ask_what_they_may_do() {
    let sandbox = sandbox();
    let all = [
        "storage.buckets.get",
        "storage.buckets.getIamPolicy",
        "storage.buckets.setIamPolicy",
        "storage.buckets.update",
        "storage.objects.get",
    ];
    for (email, held) in [
        (OWNER, &all[..]),
        (BUCKET_ADMIN, &all[..]),
        (VIEWER, &["storage.buckets.get", "storage.objects.get"][..]),
        (SEGMENTS, &[][..]),
    ] {
        let client = control(&sandbox, email).await;
        let answer = client
            .test_iam_permissions()
            .set_resource(RESOURCE)
            .set_permissions(all)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.permissions, held, "{email}");
    }
    let client = control(&sandbox, OWNER).await;
    let of_nothing = client
        .test_iam_permissions()
        .set_resource("projects/_/buckets/acme-other")
        .set_permissions(all);
    assert!(of_nothing.send().await.unwrap().permissions.is_empty());
    for wrong in [&["storage.objects.gett"][..], &["iam.roles.get"], &[]] {
        let answer = client
            .test_iam_permissions()
            .set_resource(RESOURCE)
            .set_permissions(wrong.iter().copied());
        assert_eq!(
            code(answer.send().await),
            Code::InvalidArgument,
            "{wrong:?}"
        );
    }
}
