//! CORS: what is configured, and what the service answers to a browser.

use futures_util::future::join3;
use serde_json::{Value, json};
use url::Url;

use super::unreadable;
use crate::aws::cors::{CorsRule, Diagnosis, diagnose, foresee, name_in};
use crate::aws::facts::Facts;
use crate::catalogue::Cause;
use crate::cors::Request;
use crate::cors::foresee::{Agreement, Foreseen, compare};
use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, Level, Status};
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
        Ok(stored) => configured_result(stored.rules.as_deref(), &facts.place().command("connect")),
    };
    result.at(Level::Configured)
}

fn configured_result(rules: Option<&[CorsRule]>, connect: &str) -> CheckResult {
    const ID: &str = "aws.cors.configured";
    let stored = Stored(Some(rules.unwrap_or_default()));
    match diagnose(rules, ORIGIN) {
        Diagnosis::Serves { rule, losers } => CheckResult::pass(
            ID,
            format!(
                "CORS rule {} admits {ORIGIN} (read back){}",
                rule + 1,
                losers
                    .iter()
                    .fold(String::new(), |text, loser| text + "; " + loser)
            ),
        )
        .evidence(json!({ "rule": rule, "answers": stored.answers() })),
        Diagnosis::ServesPlainOnly { rule, detail, .. } => {
            CheckResult::warn(ID, Cause::A40, detail)
                .fix(connect)
                .evidence(json!({ "rule": rule, "answers": stored.answers() }))
        }
        Diagnosis::Blocks {
            detail, nearest, ..
        } => CheckResult::fail(ID, Cause::A39, detail)
            .fix(connect)
            .evidence(json!({
                "nearest": nearest.map(|(rule, why)| json!({ "rule": rule, "why": why })),
                "answers": stored.answers(),
            }))
            .may_settle(),
    }
}

/// The stored rules; none where they could not be read.
#[derive(Clone, Copy)]
struct Stored<'a>(Option<&'a [CorsRule]>);

impl Stored<'_> {
    /// What they foresee for a preflight for GET.
    fn foresee(self, origin: &str, headers: &[&str]) -> Option<Foreseen> {
        let rules = self.0?;
        Some(foresee(rules, &Request::preflight(origin, "GET", headers)))
    }

    fn in_words(self, foreseen: Option<&Foreseen>) -> String {
        match (foreseen, self.0) {
            (Some(foreseen), Some(rules)) => foreseen.in_words("rule", &name_in(rules)),
            (None, _) | (_, None) => String::new(),
        }
    }

    /// For scripts: what they foresee for each request that is tried live.
    fn answers(self) -> Value {
        let evidence = |origin, headers| {
            self.foresee(origin, headers)
                .map(|foreseen| foreseen.evidence())
        };
        json!({
            "preflight": evidence(ORIGIN, &[]),
            "preflight_with_range": evidence(ORIGIN, &["range"]),
            "foreign": evidence(FOREIGN, &[]),
        })
    }
}

/// The three preflights: as the page sends it, asking for `range`, and from a foreign origin.
pub async fn live(facts: &Facts) -> Vec<CheckResult> {
    let to = match facts.probed().await {
        Ok(to) => to,
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
    let (prober, host) = (&facts.prober, to.host.as_deref());
    let (plain, range, foreign) = join3(
        prober.preflight(&to.url, host, ORIGIN, "GET", &[]),
        prober.preflight(&to.url, host, ORIGIN, "GET", &["range"]),
        prober.preflight(&to.url, host, FOREIGN, "GET", &[]),
    )
    .await;
    let stored = Stored(match facts.cors().await {
        Ok(stored) => Some(stored.rules.as_deref().unwrap_or_default()),
        Err(_) => None,
    });
    let connect = facts.place().command("connect");
    let results = [
        plain_result(
            facts.place().bucket.is_dotted(),
            stored,
            connect.clone(),
            plain,
        ),
        range_result(stored, connect, range),
        foreign_result(stored, foreign),
    ];
    results
        .into_iter()
        .map(|result| result.on(shown(&to.shown)).at(Level::Preflight))
        .collect()
}

/// What the plain preflight says. The registered host of a bucket whose name has a dot has no valid certificate, so
/// there a TLS failure is certain to be the browser's too.
fn plain_result(
    dotted: bool,
    stored: Stored<'_>,
    connect: String,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = "aws.cors.preflight";
    let exchange = match sent {
        Err(failure) if failure.code == ErrorCode::Tls && dotted => {
            return CheckResult::fail(
                ID,
                Cause::A36,
                format!(
                    "the certificate of Amazon S3 does not fit a name with a dot: {}",
                    failure.one_line()
                ),
            )
            .fix(Cause::A36.entry().remedy)
            .decisive();
        }
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()).decisive(),
        Ok(exchange) => exchange,
    };
    let foreseen = stored.foresee(ORIGIN, &[]);
    let words = stored.in_words(foreseen.as_ref());
    let result = match s3_preflight(&exchange, ORIGIN, &[]) {
        Preflight::Admitted { .. } => match compare(foreseen.as_ref(), true) {
            Agreement::OnlyAnswered => CheckResult::warn(
                ID,
                Cause::A50,
                format!("S3 answers a browser's preflight from {ORIGIN}, although its stored rules do not admit it ({words}): an older answer is remembered somewhere, or something on the way answers in S3's place"),
            )
            .fix(connect)
            .may_settle(),
            Agreement::Same | Agreement::OnlyStored => {
                CheckResult::pass(ID, format!("S3 answers a browser's preflight from {ORIGIN}, as the stored rules say: {words}"))
            }
            Agreement::NotKnown => {
                CheckResult::pass(ID, format!("S3 answers a browser's preflight from {ORIGIN}"))
            }
        },
        Preflight::Refused { .. } => match compare(foreseen.as_ref(), false) {
            Agreement::OnlyStored => CheckResult::fail(
                ID,
                Cause::A50,
                format!("S3 refuses a browser's preflight from {ORIGIN} ({}), although {words} as it is stored: a change takes a while to be seen everywhere, and something on the way may answer in S3's place", answer(&exchange)),
            )
            .fix(Cause::A50.entry().remedy)
            .may_settle(),
            Agreement::Same | Agreement::OnlyAnswered => CheckResult::fail(
                ID,
                Cause::A39,
                format!("S3 refuses a browser's preflight from {ORIGIN} ({}), as the stored rules say: {words}", answer(&exchange)),
            )
            .fix(connect)
            .may_settle(),
            Agreement::NotKnown => CheckResult::fail(
                ID,
                Cause::A39,
                format!("S3 refuses a browser's preflight from {ORIGIN} ({})", answer(&exchange)),
            )
            .fix(connect)
            .may_settle(),
        },
        Preflight::Redirected { .. } => CheckResult::fail(
            ID,
            Cause::A34,
            format!("S3 sends the preflight on to another Region ({}), and browsers do not follow", answer(&exchange)),
        )
        .fix("in the first hours after a bucket was made this passes by itself; otherwise register the URL form that this program prints")
        .may_settle(),
        Preflight::CannotTell { .. } => CheckResult::unknown(ID, odd(&exchange)),
    };
    result
        .evidence(evidence(&exchange, foreseen.as_ref()))
        .decisive()
}

fn range_result(
    stored: Stored<'_>,
    connect: String,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = "aws.cors.range";
    let exchange = match sent {
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => exchange,
    };
    let foreseen = stored.foresee(ORIGIN, &["range"]);
    let words = stored.in_words(foreseen.as_ref());
    let result = match s3_preflight(&exchange, ORIGIN, &["range"]) {
        Preflight::Admitted { .. } => match compare(foreseen.as_ref(), true) {
            Agreement::OnlyAnswered => CheckResult::warn(
                ID,
                Cause::A50,
                format!("S3 answers a preflight that asks for the header `range`, although its stored rules do not admit it ({words})"),
            )
            .fix(connect),
            Agreement::Same | Agreement::OnlyStored | Agreement::NotKnown => {
                CheckResult::pass(ID, "S3 answers a preflight that asks for the header `range`")
            }
        },
        Preflight::Refused { .. } => match compare(foreseen.as_ref(), false) {
            Agreement::OnlyStored => CheckResult::warn(
                ID,
                Cause::A50,
                format!("S3 refuses a preflight that asks for the header `range` ({}), although {words} as it is stored", answer(&exchange)),
            )
            .fix(Cause::A50.entry().remedy),
            Agreement::Same | Agreement::OnlyAnswered | Agreement::NotKnown => CheckResult::warn(
                ID,
                Cause::A40,
                format!(
                    "S3 refuses a preflight that asks for the header `range` ({}); browsers send one for partial reads in some cases",
                    answer(&exchange)
                ),
            )
            .fix(connect),
        },
        Preflight::Redirected { .. } | Preflight::CannotTell { .. } => {
            CheckResult::unknown(ID, odd(&exchange))
        }
    };
    result.evidence(evidence(&exchange, foreseen.as_ref()))
}

fn foreign_result(stored: Stored<'_>, sent: Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "aws.cors.foreign";
    let exchange = match sent {
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => exchange,
    };
    let foreseen = stored.foresee(FOREIGN, &[]);
    let words = stored.in_words(foreseen.as_ref());
    let result = match s3_preflight(&exchange, FOREIGN, &[]) {
        Preflight::Refused { .. } => match compare(foreseen.as_ref(), false) {
            Agreement::OnlyStored => CheckResult::warn(
                ID,
                Cause::A50,
                format!("S3 refuses a foreign origin ({FOREIGN}), although {words} as it is stored"),
            )
            .fix(Cause::A50.entry().remedy),
            Agreement::Same | Agreement::OnlyAnswered | Agreement::NotKnown => {
                CheckResult::pass(ID, format!("S3 refuses a foreign origin ({FOREIGN})"))
            }
        },
        Preflight::Admitted { .. } => match compare(foreseen.as_ref(), true) {
            Agreement::OnlyAnswered => CheckResult::warn(
                ID,
                Cause::A50,
                format!("what answers admits pages of any site, although no stored rule does ({words}): something on the way answers in S3's place, or remembers older rules"),
            )
            .fix(Cause::A50.entry().remedy),
            Agreement::Same | Agreement::OnlyStored | Agreement::NotKnown => CheckResult::new(
                ID,
                Status::Warn,
                "a CORS rule of this bucket admits pages of any site; that is not Segments.ai's rule",
            )
            .fix("limit the AllowedOrigins of that rule, if it was not meant so"),
        },
        Preflight::Redirected { .. } | Preflight::CannotTell { .. } => {
            CheckResult::unknown(ID, odd(&exchange))
        }
    };
    result.evidence(evidence(&exchange, foreseen.as_ref()))
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

fn evidence(exchange: &Exchange, stored: Option<&Foreseen>) -> Value {
    json!({
        "status": exchange.status,
        "access_control_allow_origin": exchange.allow_origin,
        "access_control_allow_methods": exchange.allow_methods,
        "access_control_allow_headers": exchange.allow_headers,
        "error_code": exchange.error_code,
        "stored": stored.map(Foreseen::evidence),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_by_tls() -> Result<Exchange, Failure> {
        Err(Failure::new(ErrorCode::Tls, "could not preflight")
            .cause("the certificate is for another name"))
    }

    #[test]
    fn a_name_with_a_dot_has_no_certificate() {
        let result = plain_result(true, Stored(None), String::new(), refused_by_tls());
        assert_eq!(
            (result.status, result.cause),
            (Status::Fail, Some(Cause::A36))
        );
        assert!(result.decisive && result.fix.is_some());
    }

    #[test]
    fn any_other_tls_failure_says_nothing_about_the_bucket() {
        let result = plain_result(false, Stored(None), String::new(), refused_by_tls());
        assert_eq!((result.status, result.cause), (Status::Unknown, None));
        assert!(result.decisive);
    }
}
