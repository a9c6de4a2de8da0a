//! Access: the grant is there, nothing readable overrides it, and Block Public Access does not void it.
//!
//! Asks for the facts; what they say is judged in [`super::judging`].

use futures_util::future::{join, join_all};
use serde_json::Value;
use time::OffsetDateTime;

use super::judging::{self, PublicAccess, Reading};
use super::object::samples;
use super::unreadable;
use crate::aws::facts::Facts;
use crate::finding::{CheckResult, Level, Status};

/// The published statement is in the policy, read back.
pub async fn configured(facts: &Facts) -> CheckResult {
    const ID: &str = "aws.access.configured";
    let connect = facts.place().command("connect");
    match current(facts).await {
        Ok(policy) => judging::configured(&reading(facts, policy, &connect)),
        Err(why) => CheckResult::unknown(ID, why)
            .at(Level::Configured)
            .decisive(),
    }
}

/// What the bucket policy says of Segments.ai's principal: for the whole bucket, and for each sample of which it says
/// something else.
pub async fn policy(facts: &Facts) -> Vec<CheckResult> {
    const ID: &str = "aws.policy.evaluated";
    let connect = facts.place().command("connect");
    let policy = match current(facts).await {
        Ok(policy) => policy,
        Err(why) => {
            return vec![
                CheckResult::unknown(ID, why)
                    .at(Level::Evaluated)
                    .decisive(),
            ];
        }
    };
    let reading = reading(facts, policy, &connect);
    let mut whole = judging::evaluated(&reading);
    if !whole.mixed {
        return whole.results;
    }
    match samples(facts, ID).await {
        Ok(keys) => {
            let each = join_all(keys.iter().map(|key| of_key(facts, &reading, key))).await;
            if each.iter().all(|one| one.status != Status::Unknown) {
                whole.settle_by_tags();
            }
            let news: Vec<CheckResult> = each
                .into_iter()
                .filter(|one| {
                    !whole
                        .results
                        .iter()
                        .any(|all| all.status == one.status && all.detail == one.detail)
                })
                .collect();
            whole.results.extend(news);
        }
        // Which objects are meant is not known, so neither is whether they are in the part that is allowed.
        Err(_) => {
            for result in whole.results.iter_mut().filter(|result| result.decisive) {
                if result.status == Status::Warn {
                    result.status = Status::Unknown;
                }
            }
        }
    }
    whole.results
}

/// What the policy says of one sample, by its tags where they decide.
async fn of_key(facts: &Facts, reading: &Reading<'_>, key: &str) -> CheckResult {
    if !judging::asks_for_tags(reading, key) {
        return judging::evaluated_key(reading, key, None);
    }
    let asked = |name: &str| judging::speaks_of_tag(reading, name);
    match facts.tags(key, asked).await {
        Ok(tags) => judging::evaluated_key(reading, key, Some(&tags)),
        Err(failure) => {
            let mut result = judging::evaluated_key(reading, key, None);
            result.detail = format!(
                "{}; its tags are not known: {}",
                result.detail,
                unreadable(&failure)
            );
            result
        }
    }
}

/// Whether Block Public Access voids the grant.
pub async fn block_public_access(facts: &Facts) -> CheckResult {
    const ID: &str = "aws.access.evaluated";
    let connect = facts.place().command("connect");
    let (policy, public) = join(current(facts), facts.public()).await;
    let Ok(policy) = policy else {
        return CheckResult::unknown(
            ID,
            "the bucket policy could not be evaluated, so neither could what else decides",
        )
        .at(Level::Evaluated);
    };
    let reading = reading(facts, policy, &connect);
    if !judging::concerns_block_public_access(&reading, public) {
        return judging::block_public_access(&reading, public, None);
    }
    let (bucket, account) = join(facts.block(), facts.account_block()).await;
    let settings = PublicAccess {
        public,
        bucket,
        account,
    };
    judging::block_public_access(&reading, public, Some(&settings))
}

/// The policy that is there, or why it is not known.
pub async fn current(facts: &Facts) -> Result<Option<&Value>, String> {
    match facts.policy().await {
        Err(failure) => Err(unreadable(failure)),
        Ok(stored) => stored
            .policy()
            .map_err(|refusal| format!("the bucket policy {}", refusal.reason)),
    }
}

/// The policy, with what is known of its bucket.
pub fn reading<'a>(facts: &'a Facts, policy: Option<&'a Value>, connect: &'a str) -> Reading<'a> {
    Reading {
        bucket: facts.place().bucket.as_str(),
        region: facts.place().known_region(),
        owner: facts.place().owner.as_deref(),
        now: Some(OffsetDateTime::now_utc()),
        policy,
        connect,
    }
}
