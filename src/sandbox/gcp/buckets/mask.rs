//! Which fields of a bucket's metadata a mask names, and what that does.
//!
//! A field that can never be written, and one that there is not, is refused by its path.
//! See <https://google.aip.dev/161>.

use crate::sandbox::gcp::message::bucket::Bucket;
use crate::sandbox::gcp::problem::Problem;
use crate::sandbox::gcp::refusal::invalid;

/// Fields that can be written.
const WRITABLE: [&str; 18] = [
    "acl",
    "autoclass",
    "billing",
    "cors",
    "default_event_based_hold",
    "default_object_acl",
    "encryption",
    "iam_config",
    "ip_filter",
    "labels",
    "lifecycle",
    "logging",
    "retention_policy",
    "rpo",
    "soft_delete_policy",
    "storage_class",
    "versioning",
    "website",
];

/// Fields that are only read.
const FIXED: [&str; 14] = [
    "bucket_id",
    "create_time",
    "custom_placement_config",
    "etag",
    "hierarchical_namespace",
    "location",
    "location_type",
    "metageneration",
    "name",
    "object_retention",
    "owner",
    "project",
    "satisfies_pzs",
    "update_time",
];

/// Writes the named fields of `wanted`, and no other; what is not set in it is cleared.
pub(crate) fn apply(target: &mut Bucket, wanted: &Bucket, paths: &[String]) -> Result<(), Problem> {
    if paths.is_empty() {
        return Err(invalid(
            "The update_mask must name the fields to be updated.",
        ));
    }
    if paths.iter().any(|path| path == "*") {
        if paths.len() > 1 {
            return Err(invalid("The path '*' of an update_mask must stand alone."));
        }
        for field in WRITABLE {
            write(target, wanted, field)?;
        }
        return Ok(());
    }
    for path in paths {
        write(target, wanted, path)?;
    }
    Ok(())
}

fn write(target: &mut Bucket, wanted: &Bucket, path: &str) -> Result<(), Problem> {
    match path {
        "acl" => target.acl.clone_from(&wanted.acl),
        "autoclass" => target.autoclass.clone_from(&wanted.autoclass),
        "billing" => target.billing = wanted.billing,
        "billing.requester_pays" => {
            target.billing.get_or_insert_default().requester_pays =
                wanted.billing.unwrap_or_default().requester_pays;
        }
        "cors" => target.cors.clone_from(&wanted.cors),
        "default_event_based_hold" => {
            target.default_event_based_hold = wanted.default_event_based_hold;
        }
        "default_object_acl" => target
            .default_object_acl
            .clone_from(&wanted.default_object_acl),
        "encryption" => target.encryption.clone_from(&wanted.encryption),
        "encryption.default_kms_key" => {
            let key = wanted
                .encryption
                .clone()
                .unwrap_or_default()
                .default_kms_key;
            target.encryption.get_or_insert_default().default_kms_key = key;
        }
        "iam_config" => target.iam_config.clone_from(&wanted.iam_config),
        "iam_config.public_access_prevention" => {
            let word = wanted
                .iam_config
                .clone()
                .unwrap_or_default()
                .public_access_prevention;
            target
                .iam_config
                .get_or_insert_default()
                .public_access_prevention = word;
        }
        "iam_config.uniform_bucket_level_access"
        | "iam_config.uniform_bucket_level_access.enabled" => {
            target
                .iam_config
                .get_or_insert_default()
                .uniform_bucket_level_access = wanted
                .iam_config
                .as_ref()
                .and_then(|config| config.uniform_bucket_level_access);
        }
        "ip_filter" => target.ip_filter.clone_from(&wanted.ip_filter),
        "labels" => target.labels.clone_from(&wanted.labels),
        "lifecycle" => target.lifecycle.clone_from(&wanted.lifecycle),
        "logging" => target.logging.clone_from(&wanted.logging),
        "retention_policy" => target.retention_policy = wanted.retention_policy,
        "rpo" => target.rpo.clone_from(&wanted.rpo),
        "soft_delete_policy" => target.soft_delete_policy = wanted.soft_delete_policy,
        "storage_class" => target.storage_class.clone_from(&wanted.storage_class),
        "versioning" | "versioning.enabled" => target.versioning = wanted.versioning,
        "website" => target.website.clone_from(&wanted.website),
        other => return write_label(target, wanted, other),
    }
    Ok(())
}

/// One label by its key: `labels.team`.
fn write_label(target: &mut Bucket, wanted: &Bucket, path: &str) -> Result<(), Problem> {
    let Some(key) = path.strip_prefix("labels.") else {
        return Err(refused(path));
    };
    match wanted.labels.get(key) {
        Some(value) => target.labels.insert(key.to_owned(), value.clone()),
        None => target.labels.remove(key),
    };
    Ok(())
}

fn refused(path: &str) -> Problem {
    let field = path.split('.').next().unwrap_or_default();
    if FIXED.contains(&field) {
        invalid(format!("The field '{path}' cannot be updated."))
    } else if WRITABLE.contains(&field) {
        Problem::not_implemented(format!("the path '{path}' in an update_mask"))
    } else {
        invalid(format!("The update_mask names an unknown field: '{path}'."))
    }
}

/// Keeps the named fields and clears all others. Only whole fields can be named here.
pub(crate) fn select(settings: &Bucket, paths: &[String]) -> Result<Bucket, Problem> {
    if paths.is_empty() || paths.iter().any(|path| path == "*") {
        return Ok(settings.clone());
    }
    let mut selected = Bucket::default();
    for path in paths {
        match path.as_str() {
            "bucket_id" => selected.bucket_id.clone_from(&settings.bucket_id),
            "create_time" => selected.create_time = settings.create_time,
            "custom_placement_config" => selected
                .custom_placement_config
                .clone_from(&settings.custom_placement_config),
            "etag" => selected.etag.clone_from(&settings.etag),
            "hierarchical_namespace" => {
                selected.hierarchical_namespace = settings.hierarchical_namespace;
            }
            "location" => selected.location.clone_from(&settings.location),
            "location_type" => selected.location_type.clone_from(&settings.location_type),
            "metageneration" => selected.metageneration = settings.metageneration,
            "name" => selected.name.clone_from(&settings.name),
            "object_retention" => selected.object_retention = settings.object_retention,
            "owner" => selected.owner.clone_from(&settings.owner),
            "project" => selected.project.clone_from(&settings.project),
            "satisfies_pzs" => selected.satisfies_pzs = settings.satisfies_pzs,
            "update_time" => selected.update_time = settings.update_time,
            writable => write(&mut selected, settings, writable).map_err(|problem| Problem {
                message: problem.message.replace("update_mask", "read_mask"),
                ..problem
            })?,
        }
    }
    Ok(selected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::gcp::bucket;
    use crate::sandbox::gcp::message::bucket::Cors;

    #[test]
    fn every_writable_field_is_written_and_no_other() {
        let current = bucket::Bucket::new("acme-images", "acme-vision").settings;
        for field in WRITABLE {
            let mut target = current.clone();
            write(&mut target, &current, field).unwrap();
            assert_eq!(target, current, "{field} of itself");
        }
        let wanted = Bucket {
            cors: vec![Cors::default()],
            labels: [("team".to_owned(), "vision".to_owned())].into(),
            rpo: "DEFAULT".to_owned(),
            ..Bucket::default()
        };
        let mut target = current.clone();
        apply(&mut target, &wanted, &["cors".to_owned()]).unwrap();
        assert_eq!(
            target,
            Bucket {
                cors: wanted.cors.clone(),
                ..current.clone()
            }
        );
        apply(&mut target, &wanted, &["labels.team".to_owned()]).unwrap();
        assert_eq!(target.labels, wanted.labels);
        apply(&mut target, &Bucket::default(), &["labels.team".to_owned()]).unwrap();
        assert!(target.labels.is_empty());
    }

    #[test]
    fn paths_that_cannot_be_written_are_refused() {
        for paths in [
            vec![],
            vec!["*", "cors"],
            vec!["name"],
            vec!["metageneration"],
            vec!["cors.origin"],
            vec!["corz"],
            vec!["cors", "location"],
        ] {
            let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
            assert!(
                apply(&mut Bucket::default(), &Bucket::default(), &paths).is_err(),
                "{paths:?}"
            );
        }
    }

    #[test]
    fn a_read_mask_shows_what_it_names() {
        let settings = bucket::Bucket::new("acme-images", "acme-vision").settings;
        let selected = select(
            &settings,
            &["metageneration".to_owned(), "iam_config".to_owned()],
        );
        let expected = Bucket {
            metageneration: 1,
            iam_config: settings.iam_config.clone(),
            ..Bucket::default()
        };
        assert_eq!(selected, Ok(expected));
        assert_eq!(select(&settings, &[]), Ok(settings.clone()));
        let unknown = select(&settings, &["corz".to_owned()]).unwrap_err();
        assert!(unknown.message.contains("read_mask"), "{unknown:?}");
    }
}
