//! CORS: what is configured, and what the service answers to a browser.

use futures_util::future::join3;
use serde_json::{Value, json};
use url::Url;

use super::unreadable;
use crate::aws::cors::{CorsRule, Diagnosis, diagnose, foresee, name_in};
use crate::aws::facts::Facts;
use crate::catalogue::Cause;
use crate::cors::Request;
use crate::cors::told::{self, Answered, FOREIGN, Foretold, Ids, Service, evidence};
use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, Level, Status};
use crate::probe::{Exchange, Preflight, s3_preflight};

/// Where the labeller's page lives.
pub const ORIGIN: &str = "https://app.segments.ai";

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

impl<'a> Stored<'a> {
    async fn read(facts: &'a Facts) -> Self {
        Self(match facts.cors().await {
            Ok(stored) => Some(stored.rules.as_deref().unwrap_or_default()),
            Err(_) => None,
        })
    }

    fn foretold(self, request: &Request<'_>) -> Foretold {
        let Some(rules) = self.0 else {
            return Foretold::default();
        };
        let foreseen = foresee(rules, request);
        Foretold {
            words: foreseen.in_words("rule", &name_in(rules)),
            foreseen: Some(foreseen),
        }
    }

    /// For scripts: what they foresee for each request that is tried live.
    fn answers(self) -> Value {
        told::answers(ORIGIN, |request| self.foretold(request).foreseen)
    }
}

const IDS: Ids = Ids {
    preflight: "aws.cors.preflight",
    range: "aws.cors.range",
    foreign: "aws.cors.foreign",
};

fn s3(connect: String) -> Service {
    Service {
        ids: IDS,
        name: "S3".to_owned(),
        whose: "S3's",
        refuses: "refuses",
        rules: "rules",
        origin: ORIGIN,
        contradiction: Cause::A50,
        blocked: Cause::A39,
        connect,
    }
}

/// A link that S3 answers, and whose answer the browser hides from the page. `seen` says whose link works.
pub async fn hidden(facts: &Facts, id: &'static str, seen: &str) -> CheckResult {
    let stored = Stored::read(facts).await;
    s3(facts.place().command("connect")).hidden(
        id,
        seen,
        &stored.foretold(&Request::actual(ORIGIN, "GET")),
    )
}

/// The three preflights: as the page sends it, asking for `range`, and from a foreign origin.
pub async fn live(facts: &Facts) -> Vec<CheckResult> {
    let to = match facts.probed().await {
        Ok(to) => to,
        Err(failure) => return IDS.unsent(&unreadable(&failure)),
    };
    let (prober, host) = (&facts.prober, to.host.as_deref());
    let (plain, range, foreign) = join3(
        prober.preflight(&to.url, host, ORIGIN, "GET", &[]),
        prober.preflight(&to.url, host, ORIGIN, "GET", &["range"]),
        prober.preflight(&to.url, host, FOREIGN, "GET", &[]),
    )
    .await;
    let stored = Stored::read(facts).await;
    let s3 = s3(facts.place().command("connect"));
    let dotted = facts.place().bucket.is_dotted();
    let results = [
        plain_result(&s3, dotted, stored, plain).decisive(),
        range_result(&s3, stored, range),
        foreign_result(&s3, stored, foreign),
    ];
    results
        .into_iter()
        .map(|result| result.on(shown(&to.shown)).at(Level::Preflight))
        .collect()
}

/// What the plain preflight says. The registered host of a bucket whose name has a dot has no valid certificate, so
/// there a TLS failure is certain to be the browser's too.
fn plain_result(
    s3: &Service,
    dotted: bool,
    stored: Stored<'_>,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = IDS.preflight;
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
            .fix(Cause::A36.entry().remedy);
        }
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => exchange,
    };
    let foretold = stored.foretold(&Request::preflight(ORIGIN, "GET", &[]));
    let result = match answered(&exchange, ORIGIN, &[]) {
        Some(answered) => s3.plain(&answered, &foretold),
        None if redirects(&exchange) => CheckResult::fail(
            ID,
            Cause::A34,
            format!("S3 sends the preflight on to another Region ({}), and browsers do not follow", exchange.in_short()),
        )
        .fix("in the first hours after a bucket was made this passes by itself; otherwise register the URL form that this program prints")
        .may_settle(),
        None => CheckResult::unknown(ID, odd(&exchange)),
    };
    result.evidence(evidence(&exchange, foretold.foreseen.as_ref()))
}

fn range_result(s3: &Service, stored: Stored<'_>, sent: Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = IDS.range;
    let exchange = match sent {
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => exchange,
    };
    let foretold = stored.foretold(&Request::preflight(ORIGIN, "GET", &["range"]));
    let result = match answered(&exchange, ORIGIN, &["range"]) {
        Some(answered) => s3.range(&answered, &foretold, |how| {
            CheckResult::warn(
                ID,
                Cause::A40,
                format!("S3 refuses a preflight that asks for the header `range` ({how}); browsers send one for partial reads in some cases"),
            )
            .fix(&s3.connect)
        }),
        None => CheckResult::unknown(ID, odd(&exchange)),
    };
    result.evidence(evidence(&exchange, foretold.foreseen.as_ref()))
}

fn foreign_result(
    s3: &Service,
    stored: Stored<'_>,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = IDS.foreign;
    let exchange = match sent {
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => exchange,
    };
    let foretold = stored.foretold(&Request::preflight(FOREIGN, "GET", &[]));
    let result = match answered(&exchange, FOREIGN, &[]) {
        Some(answered) => s3.foreign(&answered, &foretold, || {
            CheckResult::new(
                ID,
                Status::Warn,
                "a CORS rule of this bucket admits pages of any site; that is not Segments.ai's rule",
            )
            .fix("limit the AllowedOrigins of that rule, if it was not meant so")
        }),
        None => CheckResult::unknown(ID, odd(&exchange)),
    };
    result.evidence(evidence(&exchange, foretold.foreseen.as_ref()))
}

/// Yes or no; none where the answer is neither.
fn answered(exchange: &Exchange, origin: &str, headers: &[&str]) -> Option<Answered> {
    match s3_preflight(exchange, origin, headers) {
        Preflight::Admitted { .. } => Some(Answered::Admitted),
        Preflight::Refused { .. } => Some(Answered::Refused(exchange.in_short())),
        Preflight::Redirected { .. } | Preflight::CannotTell { .. } => None,
    }
}

fn redirects(exchange: &Exchange) -> bool {
    matches!(
        s3_preflight(exchange, ORIGIN, &[]),
        Preflight::Redirected { .. }
    )
}

fn odd(exchange: &Exchange) -> String {
    format!(
        "the answer to the preflight says neither yes nor no ({})",
        exchange.in_short()
    )
}

fn shown(url: &Url) -> String {
    crate::redact::url(url.as_str())
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
        let result = plain_result(&s3(String::new()), true, Stored(None), refused_by_tls());
        assert_eq!(
            (result.status, result.cause),
            (Status::Fail, Some(Cause::A36))
        );
        assert!(result.fix.is_some());
    }

    #[test]
    fn any_other_tls_failure_says_nothing_about_the_bucket() {
        let result = plain_result(&s3(String::new()), false, Stored(None), refused_by_tls());
        assert_eq!((result.status, result.cause), (Status::Unknown, None));
    }
}
