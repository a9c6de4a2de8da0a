//! With Segments.ai's own credentials: the object is read as its servers read it, and through a link as its pages
//! load it. Nothing else proves that Segments.ai can.

use futures_util::future::{join, join_all};
use serde_json::json;

use super::browser::{ORIGIN, hidden};
use super::object::{absent, expired, samples};
use super::unreadable;
use crate::aws::access::Access;
use crate::aws::facts::Facts;
use crate::aws::reads::NoObject;
use crate::aws::templates::PRINCIPAL;
use crate::aws::view::Standpoint;
use crate::catalogue::Cause;
use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, Level, Status};
use crate::probe::{Exchange, admits};

const ID: &str = "aws.segments.read";

/// Who is asking: reading as anybody but the user that the published policy admits proves nothing.
pub fn identity(facts: &Facts) -> CheckResult {
    const ID: &str = "aws.identity";
    match facts.caller() {
        Err(why) => CheckResult::skipped(ID, why.one_line()),
        Ok(caller) => {
            let evidence = json!({ "arn": caller.arn, "account": caller.account });
            let result = if is_segments(caller) {
                CheckResult::pass(
                    ID,
                    format!("you are Segments.ai's own user, {}", caller.arn),
                )
            } else {
                CheckResult::new(ID, Status::Warn, not_segments(caller))
                    .fix("sign in with Segments.ai's own credentials, for example with `--profile`, or leave `--as segments` out")
            };
            result.evidence(evidence)
        }
    }
}

/// Each sample, read and loaded as Segments.ai does.
pub async fn read(facts: &Facts) -> Vec<CheckResult> {
    if facts.view().from != Standpoint::Segments {
        let why = "reading with Segments.ai's own permission needs Segments.ai's credentials";
        return vec![CheckResult::skipped(ID, why).at(Level::SegmentsRead)];
    }
    let results = match (facts.caller(), samples(facts, ID).await) {
        (Err(why), _) => vec![CheckResult::skipped(ID, why.one_line())],
        (Ok(caller), _) if !is_segments(caller) => {
            vec![CheckResult::skipped(ID, not_segments(caller))]
        }
        (Ok(_), Err(_)) => vec![CheckResult::skipped(
            ID,
            "which object to read is not known, and Segments.ai may not list; name one with `--object KEY`",
        )],
        (Ok(caller), Ok(keys)) => {
            join_all(
                keys.iter()
                    .map(|key| async move { one(facts, caller, key).await.on(key) }),
            )
            .await
        }
    };
    results
        .into_iter()
        .map(|result| result.at(Level::SegmentsRead).decisive())
        .collect()
}

async fn one(facts: &Facts, caller: &Access, key: &str) -> CheckResult {
    let linked = async {
        let url = facts.link(key).await?;
        facts
            .prober
            .fetch(&url, None, Some(ORIGIN), Some("bytes=0-0"))
            .await
    };
    let (read, linked) = join(facts.first_byte(key), linked).await;
    let loaded = linked
        .as_ref()
        .is_ok_and(|exchange| matches!(exchange.status, 200 | 206 | 416));
    let result = match &read {
        Ok(()) => through_the_link(facts, key, &linked).await,
        // The link carries no guard, so it tells whether the guard is what refuses.
        Err(_) if loaded && caller.guard.is_some() => CheckResult::fail(
            ID,
            Cause::A55,
            format!(
                "S3 gives the object, but not as one of account {}: the bucket belongs to another account",
                caller.guard.as_deref().unwrap_or_default()
            ),
        )
        .fix(Cause::A55.entry().remedy),
        Err(reason) => refused(facts, caller, key, reason),
    };
    result.evidence(json!({
        "read": match &read {
            Ok(()) => "ok".to_owned(),
            Err(reason) => in_short(reason),
        },
        "link": match &linked {
            Ok(exchange) => json!({
                "url": exchange.url,
                "status": exchange.status,
                "access_control_allow_origin": exchange.allow_origin,
                "error_code": exchange.error_code,
            }),
            Err(failure) => json!(failure.one_line()),
        },
        "expected_owner": caller.guard,
    }))
}

/// It was read as a server reads it; whether a page can load it too.
async fn through_the_link(
    facts: &Facts,
    key: &str,
    linked: &Result<Exchange, Failure>,
) -> CheckResult {
    let exchange = match linked {
        Ok(exchange) => exchange,
        Err(failure) => {
            return CheckResult::unknown(
                ID,
                format!(
                    "Segments.ai's credentials read it, and whether a page can load it is not known: {}",
                    unreadable(failure)
                ),
            );
        }
    };
    match exchange.status {
        200 | 206 | 416 if admits(exchange, ORIGIN) => CheckResult::pass(
            ID,
            format!("Segments.ai's credentials read it, and a link of theirs works as in a page at {ORIGIN}"),
        ),
        200 | 206 | 416 => {
            let seen = "Segments.ai's credentials read it, and a link of theirs works";
            hidden(facts, ID, seen).await
        }
        301 | 307 => CheckResult::fail(
            ID,
            Cause::A34,
            format!("S3 sends the link on to another Region (HTTP {}), which breaks CORS", exchange.status),
        )
        .fix(Cause::A34.entry().remedy)
        .may_settle(),
        400 | 403 if expired(exchange) => CheckResult::unknown(
            ID,
            "Segments.ai's credentials read it, and a link of theirs is told to be outside its time: set this machine's clock",
        ),
        403 => CheckResult::fail(
            ID,
            Cause::A11,
            format!(
                "Segments.ai's credentials read `{key}` in a request of their own, and S3 refuses the link to it that a page would load ({}): a Deny on links (`s3:authType`, `s3:signatureAge`, `aws:Referer`) looks so",
                exchange.in_short()
            ),
        )
        .fix(Cause::A11.entry().remedy),
        _ => CheckResult::unknown(
            ID,
            format!("Segments.ai's credentials read it, and the answer to a link says neither yes nor no ({})", exchange.in_short()),
        ),
    }
}

/// It was not read. 403 is not told as "denied", since S3 says it of a missing key too.
fn refused(facts: &Facts, caller: &Access, key: &str, reason: &NoObject) -> CheckResult {
    let NoObject::Failed(failure) = reason else {
        return absent(facts, ID, key, reason);
    };
    let said = failure.causes.join(": ");
    match failure.code {
        ErrorCode::NotPermitted if said.contains("kms:") => CheckResult::fail(
            ID,
            Cause::A26,
            format!("it is encrypted with a KMS key that Segments.ai may not use ({said})"),
        )
        .fix(Cause::A26.entry().remedy),
        // S3 answers 403 for a missing key to whoever may not list:
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        ErrorCode::NotPermitted => {
            let guard = caller.guard.as_deref().map_or_else(String::new, |account| {
                format!("; or the bucket does not belong to account {account}")
            });
            CheckResult::new(
                ID,
                Status::Fail,
                format!(
                    "S3 does not give it to Segments.ai ({said}). It does not say why: there may be no object `{key}`, which S3 tells nobody who may not list; or the bucket policy does not grant or denies it, a KMS key is not shared, Block Public Access voids the grant, or an organisation forbids it{guard}"
                ),
            )
            .fix(format!(
                "let the owner of the bucket run\n{} --object {}",
                facts.place().command("verify"),
                crate::redact::shell_quote(key)
            ))
            .may_settle()
        }
        // They were good for STS a moment ago; a Region that their account has not opted in to does not know them:
        // https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
        ErrorCode::NotSignedIn => CheckResult::fail(
            ID,
            Cause::A35,
            format!(
                "the Region {} does not know Segments.ai's credentials ({said})",
                facts.place().region.as_deref().unwrap_or("of the bucket")
            ),
        )
        .fix(Cause::A35.entry().remedy),
        _ => CheckResult::unknown(ID, failure.one_line()),
    }
}

fn is_segments(caller: &Access) -> bool {
    caller.arn == PRINCIPAL
}

fn not_segments(caller: &Access) -> String {
    format!(
        "you are {}, and not Segments.ai's user {PRINCIPAL}: reading as somebody else proves nothing about Segments.ai",
        caller.arn
    )
}

fn in_short(reason: &NoObject) -> String {
    match reason {
        NoObject::Missing => "missing".to_owned(),
        NoObject::CustomerKey => "encrypted with a customer's key".to_owned(),
        NoObject::Unexplained => "HTTP 400".to_owned(),
        NoObject::Archived(_) => "archived".to_owned(),
        NoObject::Failed(failure) => failure.one_line(),
    }
}
