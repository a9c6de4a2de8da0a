//! The documents for Google Cloud, embedded as they were published, and what a caller must be allowed to do.

use serde_json::{Value, json};

use super::account::ServiceAccount;
use super::cors::CorsEntry;
use super::target::RoleId;
use crate::report::Document;
use crate::settings::Action;
use crate::template;

/// What the role grants, and nothing else.
pub const PERMISSION: &str = "storage.objects.get";
/// The page's origin, which the published wildcard is to cover.
pub const ORIGIN: &str = "https://app.segments.ai";
/// What stands in the published documents where the project's ID belongs.
pub const PROJECT_PLACEHOLDER: &str = "YOUR_PROJECT_ID";
/// Where the role's ID belongs.
pub const ROLE_PLACEHOLDER: &str = "YOUR_ROLE_ID";
/// Where the address of Segments.ai's service account belongs.
pub const ACCOUNT_PLACEHOLDER: &str = "SEGMENTS_SERVICE_ACCOUNT";

const CUSTOM_ROLE: &str = include_str!("../../templates/gcp/custom-role.json");
const BUCKET_IAM: &str = include_str!("../../templates/gcp/bucket-iam.json");
const CORS: &str = include_str!("../../templates/gcp/cors.json");

/// What `plan` calls, on the bucket.
pub const PLAN_BUCKET: &[&str] = &["storage.buckets.get", "storage.buckets.getIamPolicy"];
/// What `plan` calls, on the project.
pub const PLAN_PROJECT: &[&str] = &["iam.roles.get", "resourcemanager.projects.get"];
/// Without it a bucket's filter on IP addresses is left out of what Google tells about the bucket:
/// <https://cloud.google.com/storage/docs/ip-filtering-overview>.
pub const IP_FILTER: &str = "storage.buckets.getIpFilter";
/// What `verify` calls, on the bucket.
pub const VERIFY_BUCKET: &[&str] = &[
    "storage.buckets.get",
    "storage.buckets.getIamPolicy",
    IP_FILTER,
    "storage.managedFolders.list",
    "storage.managedFolders.getIamPolicy",
    "storage.objects.get",
    "storage.objects.list",
];
/// What `verify` calls, on the project.
pub const VERIFY_PROJECT: &[&str] = &[
    "iam.roles.get",
    "resourcemanager.projects.get",
    "resourcemanager.projects.getIamPolicy",
    "iam.denypolicies.list",
    "iam.denypolicies.get",
];
/// What `connect` and `disconnect` write, on the bucket.
pub const WRITE_BUCKET: &[&str] = &["storage.buckets.setIamPolicy", "storage.buckets.update"];
/// What `connect` writes, on the project.
pub const WRITE_PROJECT: &[&str] = &["iam.roles.create", "iam.roles.update", "iam.roles.undelete"];
/// What `disconnect --delete-role` writes besides.
pub const DELETE_ROLE: &str = "iam.roles.delete";

/// The published custom role.
#[must_use]
pub fn custom_role() -> Value {
    template::parse(CUSTOM_ROLE)
}

/// The published binding, for this project, role and service account.
#[must_use]
pub fn binding(project: Option<&str>, role: &RoleId, account: &ServiceAccount) -> Value {
    let mut binding = template::parse(BUCKET_IAM);
    for (placeholder, value) in [
        (PROJECT_PLACEHOLDER, project.unwrap_or(PROJECT_PLACEHOLDER)),
        (ROLE_PLACEHOLDER, role.as_str()),
        (ACCOUNT_PLACEHOLDER, account.as_str()),
    ] {
        binding = template::fill(&binding, placeholder, value);
    }
    binding
}

/// The published CORS configuration; with the page's own origin besides where `literal` asks for it.
#[must_use]
pub fn cors(literal: bool) -> Value {
    let mut entries = template::parse(CORS);
    if literal
        && let Some(origins) = entries
            .pointer_mut("/0/origin")
            .and_then(Value::as_array_mut)
    {
        origins.push(json!(ORIGIN));
    }
    entries
}

/// The one entry of the published CORS configuration.
#[must_use]
pub fn cors_entry(literal: bool) -> CorsEntry {
    let entries: Vec<CorsEntry> = serde_json::from_value(cors(literal)).unwrap_or_default();
    entries.into_iter().next().unwrap_or_default()
}

/// Every document that `render` prints. What only the cloud can know stays a named placeholder.
#[must_use]
pub fn documents(
    project: Option<&str>,
    role: &RoleId,
    account: &ServiceAccount,
    literal: bool,
) -> Vec<Document> {
    vec![
        Document {
            name: "custom-role",
            id: "gcp.custom-role",
            title: "custom role",
            body: custom_role(),
        },
        Document {
            name: "bucket-iam",
            id: "gcp.bucket-iam",
            title: "binding in the bucket's IAM policy",
            body: binding(project, role, account),
        },
        Document {
            name: "cors",
            id: "gcp.cors",
            title: "CORS configuration",
            body: cors(literal),
        },
        Document {
            name: "operator-permissions",
            id: "gcp.operator-permissions",
            title: "what whoever runs this program must be allowed to do",
            body: operator_permissions(),
        },
    ]
}

/// Every permission that `action` needs.
#[must_use]
pub fn needed(action: Action) -> Vec<&'static str> {
    let parts: &[&[&str]] = match action {
        Action::Plan { .. } => &[PLAN_BUCKET, PLAN_PROJECT],
        Action::Verify => &[VERIFY_BUCKET, VERIFY_PROJECT],
        Action::Connect => &[VERIFY_BUCKET, VERIFY_PROJECT, WRITE_BUCKET, WRITE_PROJECT],
        Action::Disconnect => &[PLAN_BUCKET, PLAN_PROJECT, WRITE_BUCKET, &[DELETE_ROLE]],
    };
    let mut permissions: Vec<&str> = parts.concat();
    permissions.sort_unstable();
    permissions.dedup();
    permissions
}

/// The least custom roles that `plan`, `verify`, `connect` and `disconnect` each need, in the form that
/// `gcloud iam roles create --file` takes. All may be granted on the project; the bucket's part on the bucket alone.
fn operator_permissions() -> Value {
    let role = |action: Action| {
        json!({
            "title": format!("segments-connect {}", action.as_str()),
            "stage": "GA",
            "includedPermissions": needed(action),
        })
    };
    json!({
        "plan": role(Action::Plan { exit_code: false }),
        "verify": role(Action::Verify),
        "connect": role(Action::Connect),
        "disconnect": role(Action::Disconnect),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> ServiceAccount {
        ServiceAccount::parse("acme@segments-prod.iam.gserviceaccount.com").expect("an address")
    }

    #[test]
    fn the_published_values_are_what_was_published() {
        assert_eq!(
            cors(false),
            json!([{"origin": ["https://*.segments.ai"], "method": ["GET"], "responseHeader": ["*"]}])
        );
        assert_eq!(
            custom_role()["includedPermissions"],
            json!(["storage.objects.get"])
        );
        assert_eq!(custom_role()["stage"], "GA");
        let entry = cors_entry(false);
        assert_eq!(serde_json::to_value([entry]).expect("JSON"), cors(false));
    }

    #[test]
    fn what_is_not_known_stays_a_named_placeholder() {
        let binding = binding(None, &RoleId::default(), &account());
        assert_eq!(
            binding,
            json!({
                "role": "projects/YOUR_PROJECT_ID/roles/segments_object_reader",
                "members": ["serviceAccount:acme@segments-prod.iam.gserviceaccount.com"],
            })
        );
        let known = super::binding(Some("acme-vision"), &RoleId::default(), &account());
        assert_eq!(
            known["role"],
            "projects/acme-vision/roles/segments_object_reader"
        );
    }

    #[test]
    fn the_literal_origin_stands_beside_the_published_one() {
        assert_eq!(
            cors(true)[0]["origin"],
            json!(["https://*.segments.ai", "https://app.segments.ai"])
        );
    }

    #[test]
    fn a_reader_needs_no_permission_to_write() {
        let roles = operator_permissions();
        for reader in ["plan", "verify"] {
            let text = roles[reader].to_string();
            for verb in ["create", "update", "delete", "set"] {
                assert!(!text.contains(&format!(".{verb}")), "{text}");
            }
        }
        for part in [WRITE_BUCKET, WRITE_PROJECT] {
            for permission in part {
                assert!(roles["connect"].to_string().contains(permission));
            }
        }
    }
}
