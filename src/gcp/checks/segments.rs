//! With Segments.ai's own credentials: the object is read as its servers read it, and through a link as its pages
//! load it. Nothing else proves that Segments.ai can.

use futures_util::future::{join, join_all};
use serde_json::json;

use super::browser::hidden;
use super::object::{absent, samples};
use crate::catalogue::Cause;
use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, Level, Status};
use crate::gcp::access::Access;
use crate::gcp::answer::is_perimeter;
use crate::gcp::facts::Facts;
use crate::gcp::link;
use crate::gcp::reads::{self, NoObject};
use crate::gcp::templates::ORIGIN;
use crate::gcp::view::Standpoint;
use crate::probe::{Exchange, admits};

const ID: &str = "gcp.segments.read";

/// Who is asking: reading as anybody but the service account that was given proves nothing.
pub fn identity(facts: &Facts, access: &Access) -> CheckResult {
    const ID: &str = "gcp.identity";
    match not_segments(facts, access) {
        None => CheckResult::pass(
            ID,
            format!("you are Segments.ai's own service account, {}", facts.place().account),
        ),
        Some(why) => CheckResult::new(ID, Status::Warn, why).fix(
            "let `GOOGLE_APPLICATION_CREDENTIALS` name the key of that service account, or leave `--as segments` out",
        ),
    }
}

/// Each sample, read and loaded as Segments.ai does.
pub async fn read(facts: &Facts) -> Vec<CheckResult> {
    if facts.view.from != Standpoint::Segments {
        let why = "reading with Segments.ai's own permission needs Segments.ai's credentials";
        return vec![CheckResult::skipped(ID, why).at(Level::SegmentsRead)];
    }
    let results = match (facts.view.caller(), samples(facts, ID).await) {
        (Err(why), _) => vec![CheckResult::skipped(ID, why.one_line())],
        (Ok(access), names) => match (not_segments(facts, access), names) {
            (Some(why), _) => vec![CheckResult::skipped(ID, why)],
            (None, Err(_)) => vec![CheckResult::skipped(
                ID,
                "which object to read is not known, and Segments.ai may not list; name one with `--object NAME`",
            )],
            (None, Ok(names)) => {
                join_all(
                    names
                        .iter()
                        .map(|name| async move { one(facts, access, name).await.on(name) }),
                )
                .await
            }
        },
    };
    results
        .into_iter()
        .map(|result| result.at(Level::SegmentsRead).decisive())
        .collect()
}

/// Why this is not Segments.ai; none where it is.
fn not_segments(facts: &Facts, access: &Access) -> Option<String> {
    let account = facts.place().account.as_str();
    match &access.identity.email {
        Some(email) if email.eq_ignore_ascii_case(account) => None,
        Some(email) => Some(format!(
            "you are {email}, and not the service account {account}: reading as somebody else proves nothing about Segments.ai"
        )),
        None => Some(format!(
            "Google does not say who you are, so reading would prove nothing about the service account {account}"
        )),
    }
}

async fn one(facts: &Facts, access: &Access, name: &str) -> CheckResult {
    let linked = async {
        match link::link(access, name).await? {
            None => Ok(None),
            Some(form) => facts
                .prober
                .fetch(
                    &form.url,
                    form.host.as_deref(),
                    Some(ORIGIN),
                    Some("bytes=0-0"),
                )
                .await
                .map(|exchange| Some((form.shown, exchange))),
        }
    };
    let (read, linked) = join(reads::first_byte(access, name), linked).await;
    let result = match &read {
        Ok(()) => through_the_link(facts, &linked).await,
        Err(reason) => refused(facts, name, reason).await,
    };
    result.evidence(json!({
        "read": read.is_ok(),
        "link": match &linked {
            Ok(Some((url, exchange))) => json!({
                "url": url,
                "status": exchange.status,
                "access_control_allow_origin": exchange.allow_origin,
                "error_code": exchange.error_code,
            }),
            Ok(None) => serde_json::Value::Null,
            Err(failure) => json!(failure.one_line()),
        },
    }))
}

/// It was read as a server reads it; whether a page can load it too.
async fn through_the_link(
    facts: &Facts,
    linked: &Result<Option<(String, Exchange)>, Failure>,
) -> CheckResult {
    const READS: &str = "Segments.ai's service account reads it";
    let exchange = match linked {
        Ok(Some((_, exchange))) => exchange,
        Ok(None) => {
            return CheckResult::unknown(
                ID,
                format!(
                    "{READS}, and these credentials cannot sign a link, so whether a page can load it is not known"
                ),
            );
        }
        Err(failure) => {
            return CheckResult::unknown(
                ID,
                format!(
                    "{READS}, and whether a page can load it is not known: {}",
                    failure.one_line()
                ),
            );
        }
    };
    match exchange.status {
        200 | 206 | 416 if admits(exchange, ORIGIN) => CheckResult::pass(
            ID,
            format!("{READS}, and a link of its own works as in a page at {ORIGIN}"),
        ),
        200 | 206 | 416 => {
            hidden(facts, ID, &format!("{READS}, and a link of its own works")).await
        }
        _ => CheckResult::unknown(
            ID,
            format!(
                "{READS}, and the answer to a link says neither yes nor no ({})",
                exchange.in_short()
            ),
        ),
    }
}

/// It was not read. 403 is not told as "denied", since Google says it of a missing object too.
async fn refused(facts: &Facts, name: &str, reason: &NoObject) -> CheckResult {
    let NoObject::Failed(failure) = reason else {
        return absent(facts, ID, name, reason).await;
    };
    let said = failure.one_line();
    if failure.code != ErrorCode::NotPermitted {
        return CheckResult::unknown(ID, said);
    }
    if is_perimeter(&said) {
        return CheckResult::fail(
            ID,
            Cause::G11,
            "a VPC Service Controls perimeter refuses Segments.ai's service account from this machine",
        )
        .fix(Cause::G11.entry().remedy);
    }
    // Who may not list is not told that an object is missing:
    // https://cloud.google.com/storage/docs/json_api/v1/status-codes#403-forbidden
    CheckResult::new(
        ID,
        Status::Fail,
        format!("Google does not give it to Segments.ai's service account ({said}). It does not say why: there may be no object `{name}`, which it tells nobody who may not list; or no policy grants reading, or one denies it, or the bucket admits only some IP addresses"),
    )
    .fix(format!(
        "let the owner of the bucket run\n{} --object {}",
        facts.place().command("verify"),
        crate::redact::shell_quote(name)
    ))
    .may_settle()
}
