//! What Google's own roles for Cloud Storage hold, for where nobody can be asked.
//!
//! A table from <https://cloud.google.com/storage/docs/access-control/iam-roles>, limited to what this program asks
//! about. A role that is not in it is not known.

const READ: &[&str] = &["storage.objects.get"];
const LIST: &[&str] = &["storage.objects.list"];
const WRITE: &[&str] = &["storage.objects.create", "storage.objects.delete"];
const UPDATE: &[&str] = &["storage.objects.update"];
const BUCKET: &[&str] = &["storage.buckets.get"];
const BUCKET_POLICY: &[&str] = &[
    "storage.buckets.update",
    "storage.buckets.getIamPolicy",
    "storage.buckets.setIamPolicy",
];
const BUCKET_DELETE: &[&str] = &["storage.buckets.delete"];

const ROLES: &[(&str, &[&[&str]])] = &[
    (
        "roles/storage.admin",
        &[
            READ,
            LIST,
            WRITE,
            UPDATE,
            BUCKET,
            BUCKET_POLICY,
            BUCKET_DELETE,
        ],
    ),
    ("roles/storage.bucketViewer", &[BUCKET]),
    ("roles/storage.objectAdmin", &[READ, LIST, WRITE, UPDATE]),
    ("roles/storage.objectUser", &[READ, LIST, WRITE, UPDATE]),
    ("roles/storage.objectViewer", &[READ, LIST]),
    (
        "roles/storage.objectCreator",
        &[&["storage.objects.create"]],
    ),
    ("roles/storage.legacyObjectReader", &[READ]),
    ("roles/storage.legacyObjectOwner", &[READ, UPDATE]),
    ("roles/storage.legacyBucketReader", &[BUCKET, LIST]),
    ("roles/storage.legacyBucketWriter", &[BUCKET, LIST, WRITE]),
    (
        "roles/storage.legacyBucketOwner",
        &[BUCKET, LIST, WRITE, BUCKET_POLICY],
    ),
];

/// What the role `name` holds of what this program asks about; none where the role is not known here.
#[must_use]
pub fn predefined(name: &str) -> Option<Vec<String>> {
    let (_, parts) = ROLES.iter().find(|(role, _)| *role == name)?;
    let permissions = parts.iter().flat_map(|part| part.iter());
    Some(permissions.map(|one| (*one).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::predefined;

    #[test]
    fn readers_read_and_listers_do_not() {
        let holds = |role: &str, permission: &str| {
            predefined(role).is_some_and(|all| all.iter().any(|one| one == permission))
        };
        for (role, reads, lists, deletes) in [
            ("roles/storage.objectViewer", true, true, false),
            ("roles/storage.legacyObjectReader", true, false, false),
            ("roles/storage.legacyBucketReader", false, true, false),
            ("roles/storage.objectAdmin", true, true, true),
            ("roles/storage.objectCreator", false, false, false),
        ] {
            assert_eq!(holds(role, "storage.objects.get"), reads, "{role}");
            assert_eq!(holds(role, "storage.objects.list"), lists, "{role}");
            assert_eq!(holds(role, "storage.objects.delete"), deletes, "{role}");
        }
        assert_eq!(predefined("roles/viewer"), None);
        assert_eq!(predefined("projects/acme-vision/roles/x"), None);
    }
}
