//! CORS: what is configured, and what the service answers to a browser.

use futures_util::future::join3;
use serde_json::{Value, json};
use url::Url;

use super::unreadable;
use crate::azure::account::Account;
use crate::azure::cors;
use crate::azure::facts::Facts;
use crate::azure::templates::ORIGIN;
use crate::catalogue::Cause;
use crate::cors::Request;
use crate::cors::told::{self, Answered, FOREIGN, Foretold, Ids, Service, evidence};
use crate::error::Failure;
use crate::finding::{CheckResult, Level, Status};
use crate::probe::{Exchange, Preflight, azure_preflight};

/// A rule that serves is there, read back.
pub async fn configured(facts: &Facts) -> CheckResult {
    const ID: &str = "azure.cors.configured";
    let result = match facts.blob_service().await {
        Err(failure) => CheckResult::unknown(ID, unreadable(failure)),
        Ok(service) => match service.rules() {
            Err(refusal) => CheckResult::unknown(
                ID,
                format!("the blob service cannot be understood: {}", refusal.reason),
            ),
            Ok(rules) => {
                let result = rules_result(ID, &rules, facts.place().command("connect"));
                if result.status == Status::Fail && has_no_cors(facts) {
                    // No rule would help, and Azure takes none.
                    result.because(Cause::Z22).fix(Cause::Z22.entry().remedy)
                } else {
                    result
                }
            }
        },
    };
    result.at(Level::Configured)
}

fn rules_result(id: &'static str, rules: &[Value], connect: String) -> CheckResult {
    let answers = Stored(Some(rules)).answers();
    if let Some(rule) = cors::serves(rules, ORIGIN) {
        let plain = cors::foresee(rules, &Request::preflight(ORIGIN, "GET", &[]));
        let losers = plain.answer.losers(&cors::name);
        return CheckResult::pass(
            id,
            format!(
                "CORS rule {} of the blob service admits {ORIGIN} (read back){}",
                rule + 1,
                losers
                    .iter()
                    .fold(String::new(), |text, loser| text + "; " + loser)
            ),
        )
        .evidence(json!({ "rule": rule, "answers": answers }));
    }
    // What is not understood may serve, so that nothing serves is not known.
    if let Some(rule) = cors::unreadable(rules) {
        return CheckResult::unknown(
            id,
            format!(
                "CORS rule {} of the blob service is of a form that this version does not know, so whether {ORIGIN} is admitted cannot be told",
                rule + 1
            ),
        );
    }
    let nearest = cors::diagnose(rules, ORIGIN);
    let (cause, detail) = match &nearest {
        Some((rule, cause, why)) => (
            *cause,
            format!(
                "no CORS rule of the blob service admits {ORIGIN}; the nearest is rule {}: {why}",
                rule + 1
            ),
        ),
        None if rules.is_empty() => (Cause::Z24, "the blob service has no CORS rule".to_owned()),
        None if rules.len() == 1 => (
            Cause::Z24,
            format!("the one CORS rule of the blob service does not admit {ORIGIN}"),
        ),
        None => (
            Cause::Z24,
            format!(
                "none of the {} CORS rules of the blob service admits {ORIGIN}",
                rules.len()
            ),
        ),
    };
    CheckResult::fail(id, cause, detail)
        .fix(connect)
        .evidence(json!({
            "nearest": nearest.map(|(rule, _, why)| json!({ "rule": rule, "why": why })),
            "answers": answers,
        }))
        .may_settle()
}

/// The stored rules; none where they could not be read.
#[derive(Clone, Copy)]
struct Stored<'a>(Option<&'a [Value]>);

impl Stored<'_> {
    fn foretold(self, request: &Request<'_>) -> Foretold {
        let Some(rules) = self.0 else {
            return Foretold::default();
        };
        let foreseen = cors::foresee(rules, request);
        Foretold {
            words: foreseen.in_words("rule", &cors::name),
            foreseen: Some(foreseen),
        }
    }

    /// For scripts: what they foresee for each request that is tried live.
    fn answers(self) -> Value {
        told::answers(ORIGIN, |request| self.foretold(request).foreseen)
    }
}

const IDS: Ids = Ids {
    preflight: "azure.cors.preflight",
    range: "azure.cors.range",
    foreign: "azure.cors.foreign",
};

fn azure(connect: String) -> Service {
    Service {
        ids: IDS,
        name: "Azure".to_owned(),
        whose: "Azure's",
        refuses: "refuses",
        rules: "rules",
        origin: ORIGIN,
        contradiction: Cause::Z35,
        blocked: Cause::Z24,
        connect,
    }
}

/// The three preflights: as the page sends it, asking for `range`, and from a foreign origin.
pub async fn live(facts: &Facts) -> Vec<CheckResult> {
    let url = match facts.probe_url() {
        Ok(url) => url,
        Err(failure) => return IDS.unsent(&unreadable(&failure)),
    };
    let prober = &facts.prober;
    let (plain, range, foreign) = join3(
        facts.preflight(),
        prober.preflight(&url, None, ORIGIN, "GET", &["range"]),
        prober.preflight(&url, None, FOREIGN, "GET", &[]),
    )
    .await;
    let rules = stored_rules(facts).await;
    let stored = Stored(rules.as_deref());
    let azure = azure(facts.place().command("connect"));
    let results = [
        plain_result(&azure, has_no_cors(facts), stored, plain),
        range_result(&azure, stored, range),
        foreign_result(&azure, stored, foreign),
    ];
    results
        .into_iter()
        .map(|result| result.on(shown(&url)).at(Level::Preflight))
        .collect()
}

/// A link that Azure answers, and whose answer the browser hides from the page. `seen` says whose link works.
pub async fn hidden(facts: &Facts, id: &'static str, seen: &str) -> CheckResult {
    let rules = stored_rules(facts).await;
    hidden_result(
        &azure(facts.place().command("connect")),
        has_no_cors(facts),
        Stored(rules.as_deref()),
        id,
        seen,
    )
}

fn hidden_result(
    azure: &Service,
    premium: bool,
    stored: Stored<'_>,
    id: &'static str,
    seen: &str,
) -> CheckResult {
    if premium {
        return without_cors(id, &told::hidden(seen, ORIGIN));
    }
    azure.hidden(id, seen, &stored.foretold(&Request::actual(ORIGIN, "GET")))
}

/// What was seen of an account whose blob service has no CORS: no rule would help.
fn without_cors(id: &'static str, seen: &str) -> CheckResult {
    CheckResult::fail(
        id,
        Cause::Z22,
        format!("{seen}: an account of this kind has no CORS"),
    )
    .fix(Cause::Z22.entry().remedy)
}

async fn stored_rules(facts: &Facts) -> Option<Vec<Value>> {
    match facts.blob_service().await {
        Ok(service) => service.rules().ok(),
        Err(_) => None,
    }
}

/// Whether the account is of the kind whose blob service has no CORS.
fn has_no_cors(facts: &Facts) -> bool {
    facts.found().is_ok_and(Account::is_premium_general_purpose)
}

fn plain_result(
    azure: &Service,
    premium: bool,
    stored: Stored<'_>,
    sent: &Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = IDS.preflight;
    let exchange = match sent {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()).decisive(),
    };
    let foretold = stored.foretold(&Request::preflight(ORIGIN, "GET", &[]));
    let result = match answered(exchange, ORIGIN, &[]) {
        Some(Answered::Refused(how)) if premium => without_cors(
            ID,
            &format!("Azure refuses a browser's preflight from {ORIGIN} ({how})"),
        ),
        Some(answered) => azure.plain(&answered, &foretold),
        None => CheckResult::unknown(ID, odd(exchange)),
    };
    result
        .evidence(evidence(exchange, foretold.foreseen.as_ref()))
        .decisive()
}

/// The published rule allows no request header, so this fails today wherever a browser asks for `range`.
fn range_result(
    azure: &Service,
    stored: Stored<'_>,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = IDS.range;
    let exchange = match sent {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let foretold = stored.foretold(&Request::preflight(ORIGIN, "GET", &["range"]));
    let result = match answered(&exchange, ORIGIN, &["range"]) {
        Some(answered) => azure.range(&answered, &foretold, |how| {
            CheckResult::new(
                ID,
                Status::Warn,
                format!("Azure refuses a preflight that asks for the header `range` ({how}): the rule that Segments.ai publishes allows no request headers. Whole files load; current browsers ask for a simple range without a preflight, older ones and other ranges do not"),
            )
            .fix("nothing, unless partial reads fail in an old browser; then a rule of your own for this origin, with `range` among its allowed headers, has to stand before the one that Segments.ai publishes: Azure takes the first that fits")
        }),
        None => CheckResult::unknown(ID, odd(&exchange)),
    };
    result.evidence(evidence(&exchange, foretold.foreseen.as_ref()))
}

fn foreign_result(
    azure: &Service,
    stored: Stored<'_>,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = IDS.foreign;
    let exchange = match sent {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let foretold = stored.foretold(&Request::preflight(FOREIGN, "GET", &[]));
    let result = match answered(&exchange, FOREIGN, &[]) {
        Some(answered) => azure.foreign(&answered, &foretold, || {
            CheckResult::new(
                ID,
                Status::Warn,
                "a CORS rule of this account admits pages of any site; that is not Segments.ai's rule",
            )
            .fix("limit the allowed origins of that rule, if it was not meant so")
        }),
        None => CheckResult::unknown(ID, odd(&exchange)),
    };
    result.evidence(evidence(&exchange, foretold.foreseen.as_ref()))
}

/// Yes or no; none where the answer is neither.
fn answered(exchange: &Exchange, origin: &str, headers: &[&str]) -> Option<Answered> {
    match azure_preflight(exchange, origin, headers) {
        Preflight::Admitted { .. } => Some(Answered::Admitted),
        Preflight::Refused { .. } => Some(Answered::Refused(exchange.in_short())),
        Preflight::Redirected { .. } | Preflight::CannotTell { .. } => None,
    }
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

    fn status(rules: &Value) -> Status {
        let rules = rules.as_array().expect("a list");
        rules_result("azure.cors.configured", rules, "connect".to_owned()).status
    }

    #[test]
    fn what_is_not_understood_is_neither_a_pass_nor_a_failure() {
        let ours = crate::azure::templates::cors_rule();
        let odd = json!({ "allowedOrigins": "*", "allowedMethods": ["GET"] });
        assert_eq!(status(&json!([ours])), Status::Pass);
        assert_eq!(status(&json!([ours, odd])), Status::Pass);
        assert_eq!(status(&json!([odd, ours])), Status::Unknown);
        assert_eq!(status(&json!([odd])), Status::Unknown);
        assert_eq!(status(&json!([])), Status::Fail);
        assert_eq!(
            status(&json!([{ "allowedOrigins": ["*"], "allowedMethods": ["PUT"] }])),
            Status::Fail
        );
    }

    #[test]
    fn a_link_that_is_hidden_has_the_cause_that_its_preflight_has() {
        let ours = [crate::azure::templates::cors_rule()];
        for (premium, rules, cause) in [
            (false, Some(&ours[..]), Cause::Z35),
            (false, Some(&[]), Cause::Z24),
            (false, None, Cause::Z24),
            (true, Some(&ours[..]), Cause::Z22),
        ] {
            let result = hidden_result(
                &azure(String::new()),
                premium,
                Stored(rules),
                "azure.object.link",
                "a link works",
            );
            assert_eq!((result.status, result.cause), (Status::Fail, Some(cause)));
        }
    }
}
