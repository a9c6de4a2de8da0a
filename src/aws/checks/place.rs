//! Who is asking, and where the bucket is.

use serde_json::json;

use super::segments;
use crate::aws::facts::Facts;
use crate::aws::regions::is_opt_in;
use crate::aws::view::Standpoint;
use crate::catalogue::Cause;
use crate::finding::CheckResult;

/// Who is asking.
pub fn identity(facts: &Facts) -> CheckResult {
    const ID: &str = "aws.identity";
    if facts.view().from == Standpoint::Segments {
        return segments::identity(facts);
    }
    match facts.caller() {
        Ok(caller) => CheckResult::pass(
            ID,
            format!("you are {}, in account {}", caller.arn, caller.account),
        )
        .evidence(json!({ "arn": caller.arn, "account": caller.account })),
        Err(why) => CheckResult::skipped(ID, why.one_line()),
    }
}

/// The bucket exists, where it is, and what of that a link would stumble over.
pub fn target(facts: &Facts) -> CheckResult {
    const ID: &str = "aws.target";
    let place = facts.place();
    let bucket = place.bucket.as_str();
    let Some(region) = place.region.as_deref() else {
        return CheckResult::unknown(
            ID,
            format!("nobody was asked where the bucket `{bucket}` is"),
        )
        .decisive();
    };
    let evidence = json!({
        "bucket": bucket,
        "region": region,
        "region_observed": place.region_observed,
        "region_in_url": place.bucket.region_in_url,
    });
    let result = match &place.bucket.region_in_url {
        Some(given) if given != region => CheckResult::fail(
            ID,
            Cause::A34,
            format!("the URL names the Region {given}, and the bucket `{bucket}` is in {region}"),
        )
        .fix(format!(
            "register {}",
            place.registered_url(place.bucket.key_in_url.as_deref().unwrap_or("<key>"))
        )),
        _ if !place.region_observed => CheckResult::unknown(
            ID,
            format!(
                "the bucket `{bucket}` answers, but does not say in which Region it is; {region} is assumed"
            ),
        ),
        _ if is_opt_in(region) => CheckResult::warn(
            ID,
            Cause::A35,
            format!("the bucket `{bucket}` is in {region}, a Region that an account has to opt in to; whether Segments.ai's has, cannot be seen from here"),
        )
        .fix(Cause::A35.entry().remedy),
        _ => CheckResult::pass(ID, format!("the bucket `{bucket}` is in {region}")),
    };
    result.evidence(evidence).decisive()
}
