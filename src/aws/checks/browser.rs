//! CORS: what is configured, and what the service answers to a browser.

use futures_util::future::join3;
use serde_json::{Value, json};
use url::Url;

use super::unreadable;
use crate::aws::cors::{Diagnosis, diagnose};
use crate::aws::facts::Facts;
use crate::catalogue::Cause;
use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, Level};
use crate::probe::{Exchange, Preflight, s3_preflight};

/// Where the labeller's page lives.
pub const ORIGIN: &str = "https://app.segments.ai";
/// An origin that no rule should admit; the name is reserved and belongs to nobody.
const FOREIGN: &str = "https://cors-probe.invalid";

/// The rule is there, read back.
pub async fn configured(facts: &Facts) -> CheckResult {
    const ID: &str = "aws.cors.configured";
    let result = match facts.cors().await {
        Err(failure) => CheckResult::unknown(ID, unreadable(failure)),
        Ok(stored) => match diagnose(stored.rules.as_deref(), ORIGIN) {
            Diagnosis::Serves { rule } => CheckResult::pass(
                ID,
                format!("CORS rule {} admits {ORIGIN} (read back)", rule + 1),
            )
            .evidence(json!({ "rule": rule })),
            Diagnosis::ServesPlainOnly { rule, detail, .. } => {
                CheckResult::warn(ID, Cause::A40, detail)
                    .fix(facts.place().command("connect"))
                    .evidence(json!({ "rule": rule }))
            }
            Diagnosis::Blocks {
                detail, nearest, ..
            } => CheckResult::fail(ID, Cause::A39, detail)
                .fix(facts.place().command("connect"))
                .evidence(json!({
                    "nearest": nearest.map(|(rule, why)| json!({ "rule": rule, "why": why })),
                }))
                .may_settle(),
        },
    };
    result.at(Level::Configured)
}

/// The three preflights: as the page sends it, asking for `range`, and from a foreign origin.
pub async fn live(facts: &Facts) -> Vec<CheckResult> {
    let url = match facts.probe_url().await {
        Ok(url) => url,
        Err(failure) => {
            let why = unreadable(&failure);
            return vec![
                CheckResult::unknown("aws.cors.preflight", why.clone())
                    .at(Level::Preflight)
                    .decisive(),
                CheckResult::unknown("aws.cors.range", why.clone()).at(Level::Preflight),
                CheckResult::unknown("aws.cors.foreign", why).at(Level::Preflight),
            ];
        }
    };
    let prober = &facts.prober;
    let (plain, range, foreign) = join3(
        prober.preflight(&url, None, ORIGIN, "GET", &[]),
        prober.preflight(&url, None, ORIGIN, "GET", &["range"]),
        prober.preflight(&url, None, FOREIGN, "GET", &[]),
    )
    .await;
    let results = [
        plain_result(
            facts.place().bucket.is_dotted(),
            facts.place().command("connect"),
            plain,
        ),
        range_result(facts, range),
        foreign_result(foreign),
    ];
    results
        .into_iter()
        .map(|result| result.on(shown(&url)).at(Level::Preflight))
        .collect()
}

/// What the plain preflight says. The registered host of a bucket whose name has a dot has no valid certificate, so
/// there a TLS failure is certain to be the browser's too.
fn plain_result(dotted: bool, connect: String, sent: Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "aws.cors.preflight";
    let result = match sent {
        Err(failure) if failure.code == ErrorCode::Tls && dotted => CheckResult::fail(
            ID,
            Cause::A36,
            format!(
                "the certificate of Amazon S3 does not fit a name with a dot: {}",
                failure.one_line()
            ),
        )
        .fix(Cause::A36.entry().remedy),
        Err(failure) => CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => {
            let evidence = evidence(&exchange);
            match s3_preflight(&exchange, ORIGIN, &[]) {
                Preflight::Admitted { .. } => {
                    CheckResult::pass(ID, format!("S3 answers a browser's preflight from {ORIGIN}"))
                }
                Preflight::Refused { .. } => CheckResult::fail(
                    ID,
                    Cause::A39,
                    format!("S3 refuses a browser's preflight from {ORIGIN} ({})", answer(&exchange)),
                )
                .fix(connect)
                .may_settle(),
                Preflight::Redirected { .. } => CheckResult::fail(
                    ID,
                    Cause::A34,
                    format!("S3 sends the preflight on to another Region ({}), and browsers do not follow", answer(&exchange)),
                )
                .fix("in the first hours after a bucket was made this passes by itself; otherwise register the URL form that this program prints")
                .may_settle(),
                Preflight::CannotTell { .. } => CheckResult::unknown(ID, odd(&exchange)),
            }
            .evidence(evidence)
        }
    };
    result.decisive()
}

fn range_result(facts: &Facts, sent: Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "aws.cors.range";
    match sent {
        Err(failure) => CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => {
            let evidence = evidence(&exchange);
            match s3_preflight(&exchange, ORIGIN, &["range"]) {
                Preflight::Admitted { .. } => {
                    CheckResult::pass(ID, "S3 answers a preflight that asks for the header `range`")
                }
                Preflight::Refused { .. } => CheckResult::warn(
                    ID,
                    Cause::A40,
                    format!(
                        "S3 refuses a preflight that asks for the header `range` ({}); browsers send one for partial reads in some cases",
                        answer(&exchange)
                    ),
                )
                .fix(facts.place().command("connect")),
                Preflight::Redirected { .. } | Preflight::CannotTell { .. } => CheckResult::unknown(ID, odd(&exchange)),
            }
            .evidence(evidence)
        }
    }
}

fn foreign_result(sent: Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "aws.cors.foreign";
    match sent {
        Err(failure) => CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => {
            let evidence = evidence(&exchange);
            match s3_preflight(&exchange, FOREIGN, &[]) {
                Preflight::Refused { .. } => CheckResult::pass(ID, format!("S3 refuses a foreign origin ({FOREIGN})")),
                Preflight::Admitted { .. } => CheckResult::new(
                    ID,
                    crate::finding::Status::Warn,
                    "a CORS rule of this bucket admits pages of any site; that is not Segments.ai's rule",
                )
                .fix("limit the AllowedOrigins of that rule, if it was not meant so"),
                Preflight::Redirected { .. } | Preflight::CannotTell { .. } => CheckResult::unknown(ID, odd(&exchange)),
            }
            .evidence(evidence)
        }
    }
}

/// The answer in short: "HTTP 403 AccessForbidden".
fn answer(exchange: &Exchange) -> String {
    match &exchange.error_code {
        Some(code) => format!("HTTP {} {code}", exchange.status),
        None => format!("HTTP {}", exchange.status),
    }
}

fn odd(exchange: &Exchange) -> String {
    format!(
        "the answer to the preflight says neither yes nor no ({})",
        answer(exchange)
    )
}

fn shown(url: &Url) -> String {
    crate::redact::url(url.as_str())
}

fn evidence(exchange: &Exchange) -> Value {
    json!({
        "status": exchange.status,
        "access_control_allow_origin": exchange.allow_origin,
        "access_control_allow_methods": exchange.allow_methods,
        "access_control_allow_headers": exchange.allow_headers,
        "error_code": exchange.error_code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Status;

    fn refused_by_tls() -> Result<Exchange, Failure> {
        Err(Failure::new(ErrorCode::Tls, "could not preflight")
            .cause("the certificate is for another name"))
    }

    #[test]
    fn a_name_with_a_dot_has_no_certificate() {
        let result = plain_result(true, String::new(), refused_by_tls());
        assert_eq!(
            (result.status, result.cause),
            (Status::Fail, Some(Cause::A36))
        );
        assert!(result.decisive && result.fix.is_some());
    }

    #[test]
    fn any_other_tls_failure_says_nothing_about_the_bucket() {
        let result = plain_result(false, String::new(), refused_by_tls());
        assert_eq!((result.status, result.cause), (Status::Unknown, None));
        assert!(result.decisive);
    }
}
