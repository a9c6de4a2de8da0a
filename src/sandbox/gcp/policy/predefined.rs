//! Google's own roles, as far as they matter for buckets, custom roles and what stands around them.
//!
//! A table from <https://cloud.google.com/storage/docs/access-control/iam-roles> and
//! <https://cloud.google.com/iam/docs/roles-permissions>. A role that is not in it does not exist here.

const BUCKETS_ALL: &[&str] = &[
    "storage.buckets.create",
    "storage.buckets.createTagBinding",
    "storage.buckets.delete",
    "storage.buckets.enableObjectRetention",
    "storage.buckets.get",
    "storage.buckets.getIamPolicy",
    "storage.buckets.getIpFilter",
    "storage.buckets.list",
    "storage.buckets.setIamPolicy",
    "storage.buckets.setIpFilter",
    "storage.buckets.update",
];
const OBJECTS_ALL: &[&str] = &[
    "storage.folders.create",
    "storage.folders.delete",
    "storage.folders.get",
    "storage.folders.list",
    "storage.managedFolders.get",
    "storage.managedFolders.getIamPolicy",
    "storage.managedFolders.list",
    "storage.multipartUploads.abort",
    "storage.multipartUploads.create",
    "storage.multipartUploads.list",
    "storage.objects.create",
    "storage.objects.delete",
    "storage.objects.get",
    "storage.objects.getIamPolicy",
    "storage.objects.list",
    "storage.objects.restore",
    "storage.objects.setIamPolicy",
    "storage.objects.update",
];
const PROJECT_READ: &[&str] = &[
    "resourcemanager.projects.get",
    "resourcemanager.projects.list",
];
const ROLES_READ: &[&str] = &["iam.roles.get", "iam.roles.list"];
const ROLES_WRITE: &[&str] = &[
    "iam.roles.create",
    "iam.roles.delete",
    "iam.roles.undelete",
    "iam.roles.update",
];

/// Name, permissions in parts that several roles share, and whether it can be granted on a bucket.
const ROLES: &[(&str, &[&[&str]], bool)] = &[
    (
        "roles/owner",
        &[
            PROJECT_READ,
            ROLES_READ,
            ROLES_WRITE,
            &[
                "iam.serviceAccounts.get",
                "iam.serviceAccounts.list",
                "orgpolicy.policy.get",
                "resourcemanager.projects.createBillingAssignment",
                "resourcemanager.projects.getIamPolicy",
                "resourcemanager.projects.setIamPolicy",
                "resourcemanager.projects.update",
                "serviceusage.services.enable",
                "serviceusage.services.get",
                "serviceusage.services.use",
                "storage.buckets.create",
                "storage.buckets.delete",
                "storage.buckets.list",
            ],
        ],
        false,
    ),
    (
        "roles/editor",
        &[
            PROJECT_READ,
            ROLES_READ,
            &[
                "iam.serviceAccounts.get",
                "iam.serviceAccounts.list",
                "orgpolicy.policy.get",
                "serviceusage.services.get",
                "serviceusage.services.use",
                "storage.buckets.create",
                "storage.buckets.delete",
                "storage.buckets.list",
            ],
        ],
        false,
    ),
    (
        "roles/viewer",
        &[
            PROJECT_READ,
            ROLES_READ,
            &[
                "iam.serviceAccounts.get",
                "iam.serviceAccounts.list",
                "orgpolicy.policy.get",
                "serviceusage.services.get",
                "storage.buckets.list",
            ],
        ],
        false,
    ),
    (
        "roles/browser",
        &[PROJECT_READ, &["resourcemanager.projects.getIamPolicy"]],
        false,
    ),
    (
        "roles/iam.roleAdmin",
        &[
            PROJECT_READ,
            ROLES_READ,
            ROLES_WRITE,
            &["resourcemanager.projects.getIamPolicy"],
        ],
        false,
    ),
    (
        "roles/iam.roleViewer",
        &[
            PROJECT_READ,
            ROLES_READ,
            &["resourcemanager.projects.getIamPolicy"],
        ],
        false,
    ),
    (
        "roles/iam.denyReviewer",
        &[&["iam.denypolicies.get", "iam.denypolicies.list"]],
        false,
    ),
    (
        "roles/resourcemanager.organizationAdmin",
        &[
            PROJECT_READ,
            ROLES_READ,
            &[
                "orgpolicy.policy.get",
                "resourcemanager.folders.getIamPolicy",
                "resourcemanager.folders.setIamPolicy",
                "resourcemanager.organizations.getIamPolicy",
                "resourcemanager.organizations.setIamPolicy",
                "resourcemanager.projects.getIamPolicy",
                "resourcemanager.projects.setIamPolicy",
            ],
        ],
        false,
    ),
    (
        "roles/iam.serviceAccountTokenCreator",
        &[&[
            "iam.serviceAccounts.get",
            "iam.serviceAccounts.getAccessToken",
            "iam.serviceAccounts.list",
            "iam.serviceAccounts.signBlob",
            "iam.serviceAccounts.signJwt",
        ]],
        false,
    ),
    (
        "roles/orgpolicy.policyViewer",
        &[&[
            "orgpolicy.constraints.list",
            "orgpolicy.policies.list",
            "orgpolicy.policy.get",
        ]],
        false,
    ),
    (
        "roles/serviceusage.serviceUsageConsumer",
        &[&[
            "serviceusage.services.get",
            "serviceusage.services.list",
            "serviceusage.services.use",
        ]],
        false,
    ),
    (
        "roles/storage.admin",
        &[
            BUCKETS_ALL,
            OBJECTS_ALL,
            PROJECT_READ,
            &["orgpolicy.policy.get"],
        ],
        true,
    ),
    (
        "roles/storage.bucketViewer",
        &[&["storage.buckets.get", "storage.buckets.list"]],
        true,
    ),
    (
        "roles/storage.objectAdmin",
        &[OBJECTS_ALL, PROJECT_READ, &["orgpolicy.policy.get"]],
        true,
    ),
    (
        "roles/storage.objectUser",
        &[
            PROJECT_READ,
            &[
                "orgpolicy.policy.get",
                "storage.objects.create",
                "storage.objects.delete",
                "storage.objects.get",
                "storage.objects.list",
                "storage.objects.restore",
                "storage.objects.update",
            ],
        ],
        true,
    ),
    (
        "roles/storage.objectViewer",
        &[
            PROJECT_READ,
            &[
                "storage.folders.get",
                "storage.folders.list",
                "storage.managedFolders.get",
                "storage.managedFolders.list",
                "storage.objects.get",
                "storage.objects.list",
            ],
        ],
        true,
    ),
    (
        "roles/storage.objectCreator",
        &[
            PROJECT_READ,
            &[
                "orgpolicy.policy.get",
                "storage.multipartUploads.abort",
                "storage.multipartUploads.create",
                "storage.objects.create",
            ],
        ],
        true,
    ),
    (
        "roles/storage.legacyBucketOwner",
        &[&[
            "storage.buckets.enableObjectRetention",
            "storage.buckets.get",
            "storage.buckets.getIamPolicy",
            "storage.buckets.setIamPolicy",
            "storage.buckets.update",
            "storage.managedFolders.get",
            "storage.managedFolders.list",
            "storage.multipartUploads.abort",
            "storage.multipartUploads.create",
            "storage.multipartUploads.list",
            "storage.objects.create",
            "storage.objects.delete",
            "storage.objects.list",
            "storage.objects.restore",
        ]],
        true,
    ),
    (
        "roles/storage.legacyBucketReader",
        &[&[
            "storage.buckets.get",
            "storage.managedFolders.get",
            "storage.managedFolders.list",
            "storage.multipartUploads.list",
            "storage.objects.list",
        ]],
        true,
    ),
    (
        "roles/storage.legacyBucketWriter",
        &[&[
            "storage.buckets.get",
            "storage.managedFolders.get",
            "storage.managedFolders.list",
            "storage.multipartUploads.abort",
            "storage.multipartUploads.create",
            "storage.multipartUploads.list",
            "storage.objects.create",
            "storage.objects.delete",
            "storage.objects.list",
            "storage.objects.restore",
        ]],
        true,
    ),
    (
        "roles/storage.legacyObjectOwner",
        &[&[
            "storage.objects.get",
            "storage.objects.getIamPolicy",
            "storage.objects.setIamPolicy",
            "storage.objects.update",
        ]],
        true,
    ),
    (
        "roles/storage.legacyObjectReader",
        &[&["storage.objects.get"]],
        true,
    ),
];

/// The names of all of Google's roles.
pub(crate) fn roles() -> impl Iterator<Item = &'static str> {
    ROLES.iter().map(|(name, ..)| *name)
}

/// The permissions of one of Google's roles, sorted; `None` when there is no such role.
pub(crate) fn permissions(role: &str) -> Option<Vec<&'static str>> {
    let (_, parts, _) = ROLES.iter().find(|(name, ..)| *name == role)?;
    let mut all: Vec<&'static str> = parts.iter().flat_map(|part| part.iter().copied()).collect();
    all.sort_unstable();
    Some(all)
}

/// Whether one of Google's roles holds a permission.
pub(super) fn includes(role: &str, permission: &str) -> bool {
    ROLES
        .iter()
        .filter(|(name, ..)| *name == role)
        .any(|(_, parts, _)| parts.iter().any(|part| part.contains(&permission)))
}

/// Whether one of Google's roles can be granted on a bucket.
pub(super) fn fits_buckets(role: &str) -> bool {
    ROLES.iter().any(|(name, _, fits)| *name == role && *fits)
}

/// Whether there is such a permission.
pub(crate) fn is_permission(name: &str) -> bool {
    ROLES
        .iter()
        .any(|(_, parts, _)| parts.iter().any(|part| part.contains(&name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_role_names_a_permission_twice() {
        for (name, ..) in ROLES {
            let all = permissions(name).unwrap();
            let mut once = all.clone();
            once.dedup();
            assert_eq!(all, once, "{name}");
        }
    }
}
