//! CORS: what is configured, and what the service answers to a browser.

use futures_util::future::join3;
use serde_json::{Value, json};
use url::Url;

use super::{answer, unreadable};
use crate::azure::account::Account;
use crate::azure::cors;
use crate::azure::facts::Facts;
use crate::azure::templates::ORIGIN;
use crate::catalogue::Cause;
use crate::cors::Request;
use crate::cors::foresee::{Agreement, Foreseen, compare};
use crate::error::Failure;
use crate::finding::{CheckResult, Level, Status};
use crate::probe::{Exchange, Preflight, azure_preflight};

/// An origin that no rule should admit; the name is reserved and belongs to nobody.
const FOREIGN: &str = "https://cors-probe.invalid";

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
    /// What they foresee for a preflight for GET.
    fn foresee(self, origin: &str, headers: &[&str]) -> Option<Foreseen> {
        let rules = self.0?;
        let request = Request::preflight(origin, "GET", headers);
        Some(cors::foresee(rules, &request))
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

fn in_words(foreseen: Option<&Foreseen>) -> String {
    foreseen.map_or_else(String::new, |foreseen| {
        foreseen.in_words("rule", &cors::name)
    })
}

/// The three preflights: as the page sends it, asking for `range`, and from a foreign origin.
pub async fn live(facts: &Facts) -> Vec<CheckResult> {
    let url = match facts.probe_url() {
        Ok(url) => url,
        Err(failure) => {
            let why = unreadable(&failure);
            return vec![
                CheckResult::unknown("azure.cors.preflight", why.clone())
                    .at(Level::Preflight)
                    .decisive(),
                CheckResult::unknown("azure.cors.range", why.clone()).at(Level::Preflight),
                CheckResult::unknown("azure.cors.foreign", why).at(Level::Preflight),
            ];
        }
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
    let results = [
        plain_result(
            has_no_cors(facts),
            stored,
            facts.place().command("connect"),
            plain,
        ),
        range_result(stored, range),
        foreign_result(stored, foreign),
    ];
    results
        .into_iter()
        .map(|result| result.on(shown(&url)).at(Level::Preflight))
        .collect()
}

/// A link that Azure answers, and whose answer the browser hides from the page: for the cause that a refused preflight
/// has. `link` says whose link it is.
pub async fn hidden(facts: &Facts, id: &'static str, link: &str) -> CheckResult {
    let rules = stored_rules(facts).await;
    hidden_result(
        has_no_cors(facts),
        rules.as_deref(),
        id,
        link,
        facts.place().command("connect"),
    )
}

fn hidden_result(
    premium: bool,
    rules: Option<&[Value]>,
    id: &'static str,
    link: &str,
    connect: String,
) -> CheckResult {
    let seen = format!(
        "{link} works, but the answer lacks Access-Control-Allow-Origin for {ORIGIN}, so the browser hides it from the page"
    );
    if premium {
        return CheckResult::fail(
            id,
            Cause::Z22,
            format!("{seen}: an account of this kind has no CORS"),
        )
        .fix(Cause::Z22.entry().remedy);
    }
    let foreseen = rules.map(|rules| cors::foresee(rules, &Request::actual(ORIGIN, "GET")));
    match compare(foreseen.as_ref(), false) {
        Agreement::OnlyStored => CheckResult::fail(
            id,
            Cause::Z35,
            format!(
                "{seen}, although {} as it is stored",
                in_words(foreseen.as_ref())
            ),
        )
        .fix(Cause::Z35.entry().remedy),
        Agreement::Same | Agreement::OnlyAnswered | Agreement::NotKnown => {
            CheckResult::fail(id, Cause::Z24, seen).fix(connect)
        }
    }
    .may_settle()
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
    premium: bool,
    stored: Stored<'_>,
    connect: String,
    sent: &Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = "azure.cors.preflight";
    let exchange = match sent {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()).decisive(),
    };
    let foreseen = stored.foresee(ORIGIN, &[]);
    let words = in_words(foreseen.as_ref());
    let result = match azure_preflight(exchange, ORIGIN, &[]) {
        Preflight::Admitted { .. } => match compare(foreseen.as_ref(), true) {
            Agreement::OnlyAnswered => CheckResult::warn(
                ID,
                Cause::Z35,
                format!("Azure answers a browser's preflight from {ORIGIN}, although the stored rules do not admit it ({words}): an older answer is remembered somewhere, or something on the way answers in Azure's place"),
            )
            .fix(connect)
            .may_settle(),
            Agreement::Same | Agreement::OnlyStored => CheckResult::pass(
                ID,
                format!("Azure answers a browser's preflight from {ORIGIN}, as the stored rules say: {words}"),
            ),
            Agreement::NotKnown => CheckResult::pass(
                ID,
                format!("Azure answers a browser's preflight from {ORIGIN}"),
            ),
        },
        Preflight::Refused { .. } if premium => CheckResult::fail(
            ID,
            Cause::Z22,
            format!("Azure refuses a browser's preflight from {ORIGIN} ({}): an account of this kind has no CORS", answer(exchange)),
        )
        .fix(Cause::Z22.entry().remedy),
        Preflight::Refused { .. } => match compare(foreseen.as_ref(), false) {
            // The rule is stored, and the front end that answered does not have it.
            Agreement::OnlyStored => CheckResult::fail(
                ID,
                Cause::Z35,
                format!("Azure refuses a browser's preflight from {ORIGIN} ({}), although {words} as it is stored: a change takes up to a minute to be seen, and something in front of the account may answer in its place", answer(exchange)),
            )
            .fix(Cause::Z35.entry().remedy)
            .may_settle(),
            Agreement::Same | Agreement::OnlyAnswered => CheckResult::fail(
                ID,
                Cause::Z24,
                format!("Azure refuses a browser's preflight from {ORIGIN} ({}), as the stored rules say: {words}", answer(exchange)),
            )
            .fix(connect)
            .may_settle(),
            Agreement::NotKnown => CheckResult::fail(
                ID,
                Cause::Z24,
                format!("Azure refuses a browser's preflight from {ORIGIN} ({})", answer(exchange)),
            )
            .fix(connect)
            .may_settle(),
        },
        Preflight::Redirected { .. } | Preflight::CannotTell { .. } => {
            CheckResult::unknown(ID, odd(exchange))
        }
    };
    result
        .evidence(evidence(exchange, foreseen.as_ref()))
        .decisive()
}

/// The published rule allows no request header, so this fails today wherever a browser asks for `range`.
fn range_result(stored: Stored<'_>, sent: Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "azure.cors.range";
    let exchange = match sent {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let foreseen = stored.foresee(ORIGIN, &["range"]);
    let words = in_words(foreseen.as_ref());
    let result = match azure_preflight(&exchange, ORIGIN, &["range"]) {
        Preflight::Admitted { .. } => match compare(foreseen.as_ref(), true) {
            Agreement::OnlyAnswered => CheckResult::warn(
                ID,
                Cause::Z35,
                format!("Azure answers a preflight that asks for the header `range`, although the stored rules do not admit it ({words})"),
            )
            .fix(Cause::Z35.entry().remedy),
            Agreement::Same | Agreement::OnlyStored | Agreement::NotKnown => CheckResult::pass(
                ID,
                "Azure answers a preflight that asks for the header `range`",
            ),
        },
        Preflight::Refused { .. } => match compare(foreseen.as_ref(), false) {
            Agreement::OnlyStored => CheckResult::warn(
                ID,
                Cause::Z35,
                format!("Azure refuses a preflight that asks for the header `range` ({}), although {words} as it is stored", answer(&exchange)),
            )
            .fix(Cause::Z35.entry().remedy),
            Agreement::Same | Agreement::OnlyAnswered | Agreement::NotKnown => CheckResult::new(
                ID,
                Status::Warn,
                format!(
                    "Azure refuses a preflight that asks for the header `range` ({}): the rule that Segments.ai publishes allows no request headers. Whole files load; current browsers ask for a simple range without a preflight, older ones and other ranges do not",
                    answer(&exchange)
                ),
            )
            .fix("nothing, unless partial reads fail in an old browser; then a rule of your own for this origin, with `range` among its allowed headers, has to stand before the one that Segments.ai publishes: Azure takes the first that fits"),
        },
        Preflight::Redirected { .. } | Preflight::CannotTell { .. } => {
            CheckResult::unknown(ID, odd(&exchange))
        }
    };
    result.evidence(evidence(&exchange, foreseen.as_ref()))
}

fn foreign_result(stored: Stored<'_>, sent: Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "azure.cors.foreign";
    let exchange = match sent {
        Ok(exchange) => exchange,
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
    };
    let foreseen = stored.foresee(FOREIGN, &[]);
    let words = in_words(foreseen.as_ref());
    let result = match azure_preflight(&exchange, FOREIGN, &[]) {
        Preflight::Refused { .. } => match compare(foreseen.as_ref(), false) {
            Agreement::OnlyStored => CheckResult::warn(
                ID,
                Cause::Z35,
                format!("Azure refuses a foreign origin ({FOREIGN}), although {words} as it is stored"),
            )
            .fix(Cause::Z35.entry().remedy),
            Agreement::Same | Agreement::OnlyAnswered | Agreement::NotKnown => {
                CheckResult::pass(ID, format!("Azure refuses a foreign origin ({FOREIGN})"))
            }
        },
        Preflight::Admitted { .. } => match compare(foreseen.as_ref(), true) {
            Agreement::OnlyAnswered => CheckResult::warn(
                ID,
                Cause::Z35,
                format!("what answers admits pages of any site, although no stored rule does ({words}): something on the way answers in Azure's place, or remembers older rules"),
            )
            .fix(Cause::Z35.entry().remedy),
            Agreement::Same | Agreement::OnlyStored | Agreement::NotKnown => CheckResult::new(
                ID,
                Status::Warn,
                "a CORS rule of this account admits pages of any site; that is not Segments.ai's rule",
            )
            .fix("limit the allowed origins of that rule, if it was not meant so"),
        },
        Preflight::Redirected { .. } | Preflight::CannotTell { .. } => {
            CheckResult::unknown(ID, odd(&exchange))
        }
    };
    result.evidence(evidence(&exchange, foreseen.as_ref()))
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
            let result =
                hidden_result(premium, rules, "azure.object.link", "a link", String::new());
            assert_eq!((result.status, result.cause), (Status::Fail, Some(cause)));
        }
    }
}
