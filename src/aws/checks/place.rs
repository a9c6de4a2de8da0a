//! Who is asking, and where the bucket is.

use serde_json::json;

use crate::aws::access::registered_url;
use crate::aws::facts::Facts;
use crate::catalogue::Cause;
use crate::finding::CheckResult;

/// Who is asking. Without an answer the run did not come this far.
pub fn identity(facts: &Facts) -> CheckResult {
    let access = &facts.access;
    CheckResult::pass(
        "aws.identity",
        format!("you are {}, in account {}", access.arn, access.account),
    )
    .evidence(json!({ "arn": access.arn, "account": access.account }))
}

/// The bucket exists, where it is, and what of that a link would stumble over.
pub fn target(facts: &Facts) -> CheckResult {
    const ID: &str = "aws.target";
    let access = &facts.access;
    let (bucket, region) = (access.bucket.as_str(), access.region.as_str());
    let evidence = json!({
        "bucket": bucket,
        "region": region,
        "region_observed": access.region_observed,
        "region_in_url": access.bucket.region_in_url,
    });
    let result = match &access.bucket.region_in_url {
        Some(given) if given != region => CheckResult::fail(
            ID,
            Cause::A34,
            format!("the URL names the Region {given}, and the bucket `{bucket}` is in {region}"),
        )
        .fix(format!(
            "register {}",
            registered_url(
                bucket,
                region,
                access.bucket.key_in_url.as_deref().unwrap_or("<key>")
            )
        )),
        _ if !access.region_observed => CheckResult::unknown(
            ID,
            format!(
                "the bucket `{bucket}` answers, but does not say in which Region it is; {region} is assumed"
            ),
        ),
        _ => CheckResult::pass(ID, format!("the bucket `{bucket}` is in {region}")),
    };
    result.evidence(evidence).decisive()
}
