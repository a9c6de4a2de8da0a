//! Who is asking, where the bucket is, and what stands around it.

use serde_json::json;

use super::{outside, segments, unreadable};
use crate::catalogue::Cause;
use crate::error::ErrorCode;
use crate::finding::CheckResult;
use crate::gcp::answer::is_perimeter;
use crate::gcp::facts::Facts;
use crate::gcp::templates::IP_FILTER;
use crate::gcp::view::Standpoint;

/// Who is asking. Without an answer from Google the kind of credentials is all that is known.
pub fn identity(facts: &Facts) -> CheckResult {
    const ID: &str = "gcp.identity";
    let identity = match facts.view.caller() {
        Ok(access) if facts.view.from == Standpoint::Segments => {
            return segments::identity(facts, access);
        }
        Ok(access) => &access.identity,
        Err(failure) => return CheckResult::skipped(ID, failure.one_line()),
    };
    let kind = identity.kind.in_words();
    let result = match &identity.email {
        Some(email) => CheckResult::pass(ID, format!("you are {email}, by {kind}")),
        None => CheckResult::unknown(
            ID,
            format!("you are signed in by {kind}; Google does not say as whom"),
        ),
    };
    result.evidence(
        json!({ "email": identity.email, "kind": kind, "quota_project": identity.quota_project }),
    )
}

/// The bucket exists, where it is, in which project, and what of that a link would stumble over.
pub async fn target(facts: &Facts) -> CheckResult {
    const ID: &str = "gcp.target";
    let place = facts.place();
    let (name, project) = (&place.bucket, &place.project);
    let bucket = match facts.bucket().await {
        Ok(bucket) => bucket,
        Err(failure) if failure.code == ErrorCode::TargetNotFound => {
            return CheckResult::new(
                ID,
                crate::finding::Status::Fail,
                format!("there is no bucket `{name}`"),
            )
            .fix("check the name; `gcloud storage buckets list` lists those of your project")
            .decisive();
        }
        Err(failure) if facts.view.owner.is_err() => {
            return outside::target(facts, failure).await.decisive();
        }
        Err(failure) => return CheckResult::unknown(ID, unreadable(failure)).decisive(),
    };
    let evidence = json!({
        "bucket": name.as_str(),
        "location": bucket.location,
        "location_type": bucket.location_type,
        "storage_class": bucket.storage_class,
        "project": project.id,
        "project_number": bucket.project_number,
        "project_observed": project.observed,
    });
    let zonal = bucket.location_type.eq_ignore_ascii_case("zone")
        || bucket.storage_class.eq_ignore_ascii_case("RAPID");
    let result = if zonal {
        CheckResult::fail(
            ID,
            Cause::G28,
            format!(
                "the bucket `{name}` is in one zone only ({})",
                bucket.location
            ),
        )
        .fix(Cause::G28.entry().remedy)
    } else if name.is_dotted() {
        CheckResult::warn(
            ID,
            Cause::G26,
            format!("the bucket `{name}` is in {}, and its name has a dot: a link with the bucket in its host name has no valid certificate", bucket.location),
        )
        .fix(Cause::G26.entry().remedy)
    } else if project.observed {
        CheckResult::pass(
            ID,
            format!(
                "the bucket `{name}` is in {}, in the project `{}`",
                bucket.location, project.id
            ),
        )
    } else {
        CheckResult::pass(
            ID,
            format!(
                "the bucket `{name}` is in {}; that its project is `{}` is what was given, and was not seen",
                bucket.location, project.id
            ),
        )
    };
    result.evidence(evidence).decisive()
}

/// What stands between the bucket and the internet: its own filter, and a perimeter where one was met.
///
/// A perimeter is to be read only in the organisation. Where this caller was let through, others need not be.
pub async fn network(facts: &Facts) -> CheckResult {
    const ID: &str = "gcp.network";
    let granted = async {
        match facts.view.owner() {
            Ok(access) => access.granted().await.has(IP_FILTER),
            Err(_) => false,
        }
    };
    let (bucket, may_see) = futures_util::future::join(facts.bucket(), granted).await;
    let bucket = match bucket {
        Ok(bucket) => bucket,
        Err(failure) if is_perimeter(&failure.one_line()) => {
            return CheckResult::fail(
                ID,
                Cause::G11,
                "a VPC Service Controls perimeter refuses requests from this machine",
            )
            .fix(Cause::G11.entry().remedy);
        }
        Err(failure) => return CheckResult::unknown(ID, unreadable(failure)),
    };
    match &bucket.ip_filter {
        // Google leaves the filter out for whoever may not see it.
        None if !may_see => CheckResult::unknown(
            ID,
            format!("whether the bucket has a filter on IP addresses is not to be seen (missing permission: {IP_FILTER})"),
        ),
        None => CheckResult::pass(ID, "the bucket has no filter on IP addresses"),
        Some(ranges) if holds_the_internet(ranges) => CheckResult::pass(
            ID,
            "the bucket's IP filter admits every address of the internet",
        )
        .evidence(json!({ "allowed": ranges })),
        Some(ranges) => CheckResult::fail(
            ID,
            Cause::G12,
            if ranges.is_empty() {
                "the bucket's IP filter admits no address of the internet".to_owned()
            } else {
                format!("the bucket's IP filter admits only {}", ranges.join(", "))
            },
        )
        .fix(format!(
            "gcloud storage buckets update gs://{} --clear-ip-filter\nor add the labellers' networks to the filter",
            facts.place().bucket
        ))
        .evidence(json!({ "allowed": ranges })),
    }
}

fn holds_the_internet(ranges: &[String]) -> bool {
    ranges.iter().any(|range| range == "0.0.0.0/0")
}
