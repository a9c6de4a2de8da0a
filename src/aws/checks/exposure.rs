//! For whoever reviews the bucket: what its policy lets Segments.ai do beyond reading, and whether it lets in everybody.
//!
//! It blocks nothing, and nothing depends on it.

use futures_util::future::join;

use super::access::{current, reading};
use super::judging;
use crate::aws::facts::Facts;
use crate::finding::{CheckResult, Level};

/// What the policy grants that labelling has no need of.
pub async fn exposure(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "aws.exposure";
    let policy = match current(facts).await {
        Ok(policy) => policy,
        Err(why) => return vec![CheckResult::unknown(ID, why).at(Level::Evaluated)],
    };
    let reading = reading(facts, policy, "");
    let mut results = judging::exposure(&reading);
    let restricted = if judging::may_admit_anybody(&reading) {
        let (bucket, account) = join(facts.block(), facts.account_block()).await;
        match (bucket, account) {
            (Ok(one), _) | (_, Ok(one)) if one.restrict_public_buckets => Some(true),
            (Ok(_), Ok(_)) => Some(false),
            (Ok(_), Err(_)) | (Err(_), Ok(_) | Err(_)) => None,
        }
    } else {
        None
    };
    results.push(judging::anybody(&reading, restricted));
    results
        .into_iter()
        .map(|result| result.at(Level::Evaluated))
        .collect()
}
