//! Google's own documented examples, each with its page: the document as Google writes it, the request, and what Google
//! says comes of it. Where the answer stays open, the row says why.

use serde_json::{Value, json};
use time::macros::datetime;

use super::super::*;
use crate::gcp::iam::deny::deny_rules;
use crate::gcp::iam::levels::Level;
use crate::gcp::role::predefined;

/// An account that no example names.
const ACCOUNT: &str = "my-service-account@my-project.iam.gserviceaccount.com";
const MEMBER: &str = "serviceAccount:my-service-account@my-project.iam.gserviceaccount.com";
const READ: &str = "storage.objects.get";

use Tri::{Maybe, No, Yes};

fn asked<'a>(bucket: &'a str, object: Option<&'a str>, permission: &'a str) -> Asked<'a> {
    Asked {
        bucket,
        object,
        now: datetime!(2023-02-01 12:00 UTC),
        permission,
    }
}

/// <https://cloud.google.com/iam/docs/deny-overview> and <https://cloud.google.com/iam/docs/deny-access>
#[test]
fn deny_rules_as_documented() {
    let public = "principalSet://goog/public:all";
    let service_account =
        format!("principal://iam.googleapis.com/projects/-/serviceAccounts/{ACCOUNT}");
    let tagged = json!({"title": "Only for prod projects", "expression": "resource.matchTag('12345678/env', 'prod')"});
    for (rule, permission, expected) in [
        // The page's examples are about other services.
        (
            json!({
                "deniedPrincipals": [public],
                "exceptionPrincipals": ["principalSet://goog/group/project-admins@example.com"],
                "deniedPermissions": ["cloudresourcemanager.googleapis.com/projects.delete", "cloudresourcemanager.googleapis.com/folders.*"],
                "exceptionPermissions": ["cloudresourcemanager.googleapis.com/folders.list"],
                "denialCondition": {"expression": "!resource.matchTag('12345678/env', 'test')"},
            }),
            READ,
            No,
        ),
        (
            json!({
                "deniedPrincipals": [public],
                "exceptionPrincipals": ["principalSet://goog/group/custom-role-admins@example.com"],
                "deniedPermissions": ["iam.googleapis.com/roles.create", "iam.googleapis.com/roles.delete", "iam.googleapis.com/roles.update"],
            }),
            READ,
            No,
        ),
        // Permission groups: `RESOURCE.*`, `*.*`, `*.VERB`.
        (
            json!({"deniedPrincipals": [public], "deniedPermissions": ["storage.googleapis.com/objects.get"]}),
            READ,
            Yes,
        ),
        (
            json!({"deniedPrincipals": [public], "deniedPermissions": ["storage.googleapis.com/objects.*"]}),
            READ,
            Yes,
        ),
        (
            json!({"deniedPrincipals": [public], "deniedPermissions": ["storage.googleapis.com/*.*"]}),
            READ,
            Yes,
        ),
        (
            json!({"deniedPrincipals": [public], "deniedPermissions": ["storage.googleapis.com/*.get"]}),
            READ,
            Yes,
        ),
        (
            json!({"deniedPrincipals": [public], "deniedPermissions": ["storage.googleapis.com/*.list"]}),
            READ,
            No,
        ),
        (
            json!({"deniedPrincipals": [public], "deniedPermissions": ["storage.googleapis.com/buckets.*"]}),
            READ,
            No,
        ),
        // Exceptions from a permission group.
        (
            json!({"deniedPrincipals": [public], "deniedPermissions": ["storage.googleapis.com/objects.*"], "exceptionPermissions": ["storage.googleapis.com/objects.get"]}),
            READ,
            No,
        ),
        (
            json!({"deniedPrincipals": [public], "deniedPermissions": ["storage.googleapis.com/objects.*"], "exceptionPermissions": ["storage.googleapis.com/objects.get"]}),
            "storage.objects.list",
            Yes,
        ),
        // Who is in a group is for its owner to know.
        (
            json!({"deniedPrincipals": ["principalSet://goog/group/eng@example.com"], "deniedPermissions": ["storage.googleapis.com/objects.get"]}),
            READ,
            Maybe,
        ),
        (
            json!({"deniedPrincipals": [public], "exceptionPrincipals": ["principalSet://goog/group/eng-prod@example.com"], "deniedPermissions": ["storage.googleapis.com/objects.get"]}),
            READ,
            Maybe,
        ),
        // An exception holds even for who is named as denied.
        (
            json!({"deniedPrincipals": [public, service_account], "exceptionPrincipals": [service_account], "deniedPermissions": ["storage.googleapis.com/objects.get"]}),
            READ,
            No,
        ),
        // Tags are not read here.
        (
            json!({"deniedPrincipals": [public], "deniedPermissions": ["storage.googleapis.com/objects.get"], "denialCondition": tagged}),
            READ,
            Maybe,
        ),
    ] {
        assert_eq!(denies(&rule, permission), expected, "{permission}: {rule}");
    }
}

fn denies(rule: &Value, permission: &str) -> Tri {
    let policy = json!({"name": "policies/x/denypolicies/y", "kind": "DenyPolicy", "rules": [{"denyRule": rule}]});
    deny_rules(&policy, ACCOUNT, permission)
        .first()
        .map_or(No, |rule| rule.denies)
}

/// The identifiers of <https://cloud.google.com/iam/docs/principal-identifiers>, in both kinds of policies: is it the
/// service account?
#[test]
fn principal_identifiers_as_documented() {
    let pools = "iam.googleapis.com/locations/global/workforcePools/altostrat-contractors";
    let workload = "iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/altostrat-contractors";
    for (identifier, expected) in [
        ("user:alex@example.com".to_owned(), No),
        (MEMBER.to_owned(), Yes),
        ("serviceAccount:another@my-project.iam.gserviceaccount.com".to_owned(), No),
        ("serviceAccount:my-project.svc.id.goog[my-namespace/my-kubernetes-sa]".to_owned(), No),
        // Which project an account is in, and what that is in, is not for its customers to read.
        ("principalSet://cloudresourcemanager.googleapis.com/projects/123456789012/type/ServiceAccount".to_owned(), Maybe),
        ("principalSet://cloudresourcemanager.googleapis.com/organizations/123456789012/type/ServiceAccount".to_owned(), Maybe),
        ("group:my-group@example.com".to_owned(), Maybe),
        ("domain:example.com".to_owned(), No),
        ("allUsers".to_owned(), Yes),
        ("allAuthenticatedUsers".to_owned(), Yes),
        (format!("principal://{pools}/subject/raha@altostrat.com"), No),
        (format!("principalSet://{pools}/group/administrators-group@altostrat.com"), No),
        (format!("principalSet://{pools}/attribute.cost_center/sales"), No),
        (format!("principalSet://{pools}/*"), No),
        (format!("principal://{workload}/subject/raha@altostrat.com"), No),
        (format!("principalSet://{workload}/*"), No),
        ("deleted:user:alex@example.com?uid=123456789012345678901".to_owned(), No),
        (format!("deleted:{MEMBER}?uid=123456789012345678901"), No),
        ("deleted:group:my-group@example.com?uid=123456789012345678901".to_owned(), No),
        // Of no documented kind.
        ("robot:alex@example.com".to_owned(), Maybe),
    ] {
        let bucket = json!({"bindings": [{"role": "roles/storage.objectViewer", "members": [identifier]}]});
        let policies = Policies::of_bucket(&bucket, "my-project", Yes);
        assert_eq!(allowed(&policies, asked("b", Some("o"), READ)), expected, "{identifier}");
    }
    for (identifier, expected) in [
        ("principal://goog/subject/alex@example.com".to_owned(), No),
        (format!("principal://iam.googleapis.com/projects/-/serviceAccounts/{ACCOUNT}"), Yes),
        ("principalSet://goog/group/my-group@example.com".to_owned(), Maybe),
        ("principalSet://goog/cloudIdentityCustomerId/C01Abc35".to_owned(), Maybe),
        ("principalSet://goog/public:all".to_owned(), Yes),
        ("principalSet://cloudresourcemanager.googleapis.com/projects/123456789012/type/ServiceAccount".to_owned(), Maybe),
        (format!("principal://{pools}/subject/raha@altostrat.com"), No),
        (format!("principalSet://{pools}/*"), No),
        (format!("principalSet://{workload}/group/administrators-group@altostrat.com"), No),
        ("deleted:principal://goog/subject/alex@example.com?uid=1234567890".to_owned(), No),
        (format!("deleted:principal://iam.googleapis.com/projects/-/serviceAccounts/{ACCOUNT}?uid=1234567890"), No),
        ("deleted:principalSet://goog/group/my-group@example.com?uid=1234567890".to_owned(), No),
    ] {
        let rule = json!({"deniedPrincipals": [identifier], "deniedPermissions": ["storage.googleapis.com/objects.get"]});
        assert_eq!(denies(&rule, READ), expected, "{identifier}");
    }
}

fn allowed(policies: &Policies<'_>, asked: Asked<'_>) -> Tri {
    let roles = |name: &str| match predefined(name) {
        Some(permissions) => RoleState::Enabled { permissions },
        None => RoleState::Unread("nobody was asked".to_owned()),
    };
    match evaluate(policies, MEMBER, &roles, &[], &asked).outcome {
        Outcome::Allowed { .. } => Yes,
        Outcome::Denied { .. } | Outcome::NotGranted { .. } => No,
        Outcome::Partly { .. } | Outcome::Undetermined { .. } => Maybe,
    }
}

/// <https://cloud.google.com/storage/docs/managed-folders>: a grant reaches every object whose name begins with the
/// folder's, and what nested folders grant adds up.
#[test]
fn managed_folders_as_documented() {
    let viewer = json!({"bindings": [{"role": "roles/storage.objectViewer", "members": [MEMBER]}]});
    let other = json!({"bindings": [{"role": "roles/storage.objectViewer", "members": ["user:jeffersonloveshiking@gmail.com"]}]});
    let none = json!({});
    let folders = [
        Level {
            name: "example-managed-folder/",
            policy: Ok(&viewer),
        },
        Level {
            name: "example-managed-folder/nested/",
            policy: Ok(&other),
        },
    ];
    let policies = Policies {
        managed_folders: Ok(&folders),
        ..Policies::of_bucket(&none, "my-project", Yes)
    };
    for (object, permission, expected) in [
        (Some("example-managed-folder/example-object.txt"), READ, Yes),
        (Some("example-managed-folder/nested/dog.png"), READ, Yes),
        (Some("example-managed-folder2/dog.png"), READ, No),
        (Some("example-managed-folder"), READ, No),
        (None, READ, Maybe),
        (None, "storage.objects.list", No),
    ] {
        let found = allowed(&policies, asked("example-bucket", object, permission));
        assert_eq!(found, expected, "{object:?} {permission}");
    }
}

/// <https://cloud.google.com/storage/docs/public-access-prevention>: what everyone is granted stays in the policies, and
/// counts for nobody.
#[test]
fn public_access_prevention_as_documented() {
    for member in ["allUsers", "allAuthenticatedUsers"] {
        let public =
            json!({"bindings": [{"role": "roles/storage.objectViewer", "members": [member]}]});
        let with = json!({"bindings": [{"role": "roles/storage.objectViewer", "members": [member, MEMBER]}]});
        for (policy, counts, expected) in [
            (&public, Yes, Yes),
            (&public, No, No),
            (&public, Maybe, Maybe),
            (&with, No, Yes),
        ] {
            let policies = Policies::of_bucket(policy, "my-project", counts);
            let found = allowed(&policies, asked("example-bucket", None, READ));
            assert_eq!(found, expected, "{policy} {counts:?}");
        }
    }
}

/// The table of <https://cloud.google.com/storage/docs/access-control/iam-roles>, and what
/// <https://cloud.google.com/iam/docs/roles-overview> says of disabled and deleted roles.
#[test]
fn roles_as_documented() {
    for (role, reads, lists, deletes) in [
        ("roles/storage.objectCreator", No, No, No),
        ("roles/storage.objectViewer", Yes, Yes, No),
        ("roles/storage.objectUser", Yes, Yes, Yes),
        ("roles/storage.objectAdmin", Yes, Yes, Yes),
        ("roles/storage.admin", Yes, Yes, Yes),
        ("roles/storage.legacyObjectReader", Yes, No, No),
        ("roles/storage.legacyObjectOwner", Yes, No, No),
        ("roles/storage.legacyBucketReader", No, Yes, No),
        ("roles/storage.legacyBucketWriter", No, Yes, Yes),
        ("roles/storage.legacyBucketOwner", No, Yes, Yes),
        // Google's, and nothing about objects can be said of it here.
        ("roles/viewer", Maybe, Maybe, Maybe),
    ] {
        let bucket = json!({"bindings": [{"role": role, "members": [MEMBER]}]});
        let policies = Policies::of_bucket(&bucket, "my-project", Yes);
        for (permission, expected) in [
            (READ, reads),
            ("storage.objects.list", lists),
            ("storage.objects.delete", deletes),
        ] {
            let found = allowed(&policies, asked("example-bucket", None, permission));
            assert_eq!(found, expected, "{role} {permission}");
        }
    }
}

/// <https://cloud.google.com/iam/docs/resource-hierarchy-access-control>: the policies of a resource and of everything
/// that it is in are one.
#[test]
fn policies_are_inherited_as_documented() {
    let viewer = json!({"bindings": [{"role": "roles/storage.objectViewer", "members": [MEMBER]}]});
    let none = json!({});
    let above = |policy| {
        [
            Level {
                name: "the folder `987654321098`",
                policy: Ok(&none),
            },
            Level {
                name: "the organisation `123456789012`",
                policy: Ok(policy),
            },
        ]
    };
    let granted = above(&viewer);
    let nothing = above(&none);
    for (bucket, project, ancestors, expected) in [
        (&viewer, &none, &nothing, Yes),
        (&none, &viewer, &nothing, Yes),
        (&none, &none, &granted, Yes),
        (&none, &none, &nothing, No),
    ] {
        let policies = Policies {
            project: Ok(project),
            ancestors: Ok(ancestors),
            ..Policies::of_bucket(bucket, "my-project", Yes)
        };
        assert_eq!(allowed(&policies, asked("b", Some("o"), READ)), expected);
    }
}
