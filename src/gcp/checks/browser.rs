//! CORS: what is configured, and what Google answers to a browser at both forms of an object's address.
//!
//! Google answers a preflight that it does not admit with 200 and without the headers, so headers alone are judged:
//! <https://cloud.google.com/storage/docs/cross-origin>. The JSON interface is never asked: it does not follow the
//! bucket's configuration.

use futures_util::future::{join_all, join3};
use serde_json::{Value, json};

use super::unreadable;
use crate::catalogue::Cause;
use crate::cors::Request;
use crate::cors::foresee::{Agreement, Foreseen, compare};
use crate::error::Failure;
use crate::finding::{CheckResult, Level, Status};
use crate::gcp::cors::{CorsEntry, Diagnosis, diagnose, foresee, name};
use crate::gcp::facts::{Facts, Form};
use crate::gcp::templates::ORIGIN;
use crate::probe::{Exchange, HeaderPreflight, header_preflight};

/// An origin that no entry should admit; the name is reserved and belongs to nobody.
const FOREIGN: &str = "https://cors-probe.invalid";

/// The entry is there, read back.
pub async fn configured(facts: &Facts) -> CheckResult {
    const ID: &str = "gcp.cors.configured";
    let result = match facts.cors().await {
        Err(failure) => CheckResult::unknown(ID, unreadable(failure)),
        Ok(entries) => configured_result(entries, &facts.place().command("connect")),
    };
    result.at(Level::Configured)
}

fn configured_result(entries: &[CorsEntry], connect: &str) -> CheckResult {
    const ID: &str = "gcp.cors.configured";
    let stored = Stored(Some(entries));
    let answers = stored.answers();
    match diagnose(entries, ORIGIN) {
        Diagnosis::Serves { entry, documented } => {
            let plain = foresee(entries, &Request::preflight(ORIGIN, "GET", &[]));
            let losers = plain.answer.losers(&name);
            let how = if documented {
                ""
            } else {
                " through a wildcard, which Google does not document; the preflight shows whether it does"
            };
            CheckResult::pass(
                ID,
                format!(
                    "CORS {} admits {ORIGIN}{how} (read back){}",
                    name(entry),
                    losers
                        .iter()
                        .fold(String::new(), |text, loser| text + "; " + loser)
                ),
            )
            .evidence(json!({ "entry": entry, "documented": documented, "answers": answers }))
        }
        Diagnosis::PlainOnly { entry, hides } => {
            let hidden = hides.map_or_else(String::new, |hidden| {
                format!(", and hides entry {}, which lists them all", hidden + 1)
            });
            CheckResult::warn(
                ID,
                Cause::G23,
                format!(
                    "CORS entry {} answers {ORIGIN} first and does not list every header{hidden}",
                    entry + 1
                ),
            )
            .fix(connect)
            .evidence(json!({ "entry": entry, "hides": hides, "answers": answers }))
        }
        Diagnosis::Blocks { detail, nearest } => CheckResult::fail(ID, Cause::G22, detail)
            .fix(connect)
            .evidence(json!({ "nearest": nearest, "answers": answers }))
            .may_settle(),
    }
}

/// The stored entries; none where they could not be read.
#[derive(Clone, Copy)]
struct Stored<'a>(Option<&'a [CorsEntry]>);

impl Stored<'_> {
    /// What they foresee for a preflight for GET.
    fn foresee(self, origin: &str, headers: &[&str]) -> Option<Foreseen> {
        let entries = self.0?;
        Some(foresee(
            entries,
            &Request::preflight(origin, "GET", headers),
        ))
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

    /// Whether the page is admitted by a wildcard alone, which Google does not document.
    fn hangs_on_a_wildcard(self) -> bool {
        self.0
            .is_some_and(|entries| match diagnose(entries, ORIGIN) {
                Diagnosis::Serves { documented, .. } => !documented,
                Diagnosis::PlainOnly { .. } | Diagnosis::Blocks { .. } => false,
            })
    }
}

fn in_words(foreseen: Option<&Foreseen>) -> String {
    foreseen.map_or_else(String::new, |foreseen| foreseen.in_words("entry", &name))
}

/// Three preflights at each form: as the page sends it, asking for `range`, and from a foreign origin.
pub async fn live(facts: &Facts) -> Vec<CheckResult> {
    let forms = match facts.forms().await {
        Ok(forms) => forms,
        Err(failure) => {
            let why = unreadable(&failure);
            return vec![
                CheckResult::unknown("gcp.cors.preflight", why.clone())
                    .at(Level::Preflight)
                    .decisive(),
                CheckResult::unknown("gcp.cors.range", why.clone()).at(Level::Preflight),
                CheckResult::unknown("gcp.cors.foreign", why).at(Level::Preflight),
            ];
        }
    };
    let stored = Stored(facts.cors().await.ok());
    let results = join_all(forms.iter().map(|form| at_form(facts, form, stored))).await;
    // Shown by check, each with both forms.
    let mut results: Vec<CheckResult> = results.into_iter().flatten().collect();
    results.sort_by_key(|result| {
        ["gcp.cors.preflight", "gcp.cors.range", "gcp.cors.foreign"]
            .iter()
            .position(|id| *id == result.id)
    });
    results
}

async fn at_form(facts: &Facts, form: &Form, stored: Stored<'_>) -> Vec<CheckResult> {
    let prober = &facts.prober;
    let host = form.host.as_deref();
    let (plain, range, foreign) = join3(
        prober.preflight(&form.url, host, ORIGIN, "GET", &[]),
        prober.preflight(&form.url, host, ORIGIN, "GET", &["range"]),
        prober.preflight(&form.url, host, FOREIGN, "GET", &[]),
    )
    .await;
    [
        plain_result(facts, stored, form, plain),
        range_result(facts, stored, form, range),
        foreign_result(stored, form, foreign),
    ]
    .into_iter()
    .map(|result| result.on(form.shown.clone()).at(Level::Preflight))
    .collect()
}

fn plain_result(
    facts: &Facts,
    stored: Stored<'_>,
    form: &Form,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = "gcp.cors.preflight";
    let exchange = match sent {
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()).decisive(),
        Ok(exchange) => exchange,
    };
    let connect = facts.place().command("connect");
    let service = form.service();
    let foreseen = stored.foresee(ORIGIN, &[]);
    let words = in_words(foreseen.as_ref());
    let result = match header_preflight(&exchange, ORIGIN, &[]) {
        HeaderPreflight::Admitted => match compare(foreseen.as_ref(), true) {
            Agreement::OnlyAnswered => CheckResult::warn(
                ID,
                Cause::G29,
                format!("{service} answers a browser's preflight from {ORIGIN}, although the stored entries do not admit it ({words}): an older answer is remembered somewhere, or something on the way answers in Google's place"),
            )
            .fix(connect)
            .may_settle(),
            Agreement::Same | Agreement::OnlyStored => CheckResult::pass(
                ID,
                format!("{service} answers a browser's preflight from {ORIGIN}, as the stored entries say: {words}"),
            ),
            Agreement::NotKnown => CheckResult::pass(
                ID,
                format!("{service} answers a browser's preflight from {ORIGIN}"),
            ),
        },
        HeaderPreflight::Refused { detail } if stored.hangs_on_a_wildcard() => CheckResult::fail(
            ID,
            Cause::G24,
            format!("{service} does not admit {ORIGIN} although the wildcard is there: {detail}"),
        )
        .fix(literal(facts))
        .may_settle(),
        HeaderPreflight::Refused { detail } => match compare(foreseen.as_ref(), false) {
            Agreement::OnlyStored => CheckResult::fail(
                ID,
                Cause::G29,
                format!("{service} does not admit a browser's preflight from {ORIGIN} ({detail}), although {words} as it is stored: a change takes a while to be seen everywhere, and something on the way may answer in Google's place"),
            )
            .fix(Cause::G29.entry().remedy)
            .may_settle(),
            Agreement::Same | Agreement::OnlyAnswered => CheckResult::fail(
                ID,
                Cause::G22,
                format!("{service} does not admit a browser's preflight from {ORIGIN} ({detail}), as the stored entries say: {words}"),
            )
            .fix(connect)
            .may_settle(),
            Agreement::NotKnown => CheckResult::fail(
                ID,
                Cause::G22,
                format!("{service} does not admit a browser's preflight from {ORIGIN}: {detail}"),
            )
            .fix(connect)
            .may_settle(),
        },
        HeaderPreflight::CannotTell => CheckResult::unknown(ID, odd(form, &exchange)),
    };
    result
        .evidence(evidence(&exchange, foreseen.as_ref()))
        .decisive()
}

fn literal(facts: &Facts) -> String {
    let connect = facts.place().command("connect");
    if facts.place().literal_origin {
        connect
    } else {
        format!("{connect} --literal-origin")
    }
}

fn range_result(
    facts: &Facts,
    stored: Stored<'_>,
    form: &Form,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = "gcp.cors.range";
    let exchange = match sent {
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => exchange,
    };
    let service = form.service();
    let foreseen = stored.foresee(ORIGIN, &["range"]);
    let words = in_words(foreseen.as_ref());
    let result = match header_preflight(&exchange, ORIGIN, &["range"]) {
        HeaderPreflight::Admitted => match compare(foreseen.as_ref(), true) {
            Agreement::OnlyAnswered => CheckResult::warn(
                ID,
                Cause::G29,
                format!("{service} answers a preflight that asks for the header `range`, although the stored entries do not admit it ({words})"),
            )
            .fix(facts.place().command("connect")),
            Agreement::Same | Agreement::OnlyStored | Agreement::NotKnown => CheckResult::pass(
                ID,
                format!("{service} answers a preflight that asks for the header `range`"),
            ),
        },
        HeaderPreflight::Refused { detail } => match compare(foreseen.as_ref(), false) {
            Agreement::OnlyStored => CheckResult::warn(
                ID,
                Cause::G29,
                format!("{service} does not admit a preflight that asks for the header `range` ({detail}), although {words} as it is stored"),
            )
            .fix(Cause::G29.entry().remedy),
            Agreement::Same | Agreement::OnlyAnswered | Agreement::NotKnown => CheckResult::warn(
                ID,
                Cause::G23,
                format!("{service} does not admit a preflight that asks for the header `range`: {detail}; browsers send one for partial reads in some cases"),
            )
            .fix(facts.place().command("connect")),
        },
        HeaderPreflight::CannotTell => CheckResult::unknown(ID, odd(form, &exchange)),
    };
    result.evidence(evidence(&exchange, foreseen.as_ref()))
}

fn foreign_result(stored: Stored<'_>, form: &Form, sent: Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "gcp.cors.foreign";
    let exchange = match sent {
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => exchange,
    };
    let service = form.service();
    let foreseen = stored.foresee(FOREIGN, &[]);
    let words = in_words(foreseen.as_ref());
    let result = match header_preflight(&exchange, FOREIGN, &[]) {
        HeaderPreflight::Refused { .. } => match compare(foreseen.as_ref(), false) {
            Agreement::OnlyStored => CheckResult::warn(
                ID,
                Cause::G29,
                format!("{service} does not admit a foreign origin ({FOREIGN}), although {words} as it is stored"),
            )
            .fix(Cause::G29.entry().remedy),
            Agreement::Same | Agreement::OnlyAnswered | Agreement::NotKnown => CheckResult::pass(
                ID,
                format!("{service} does not admit a foreign origin ({FOREIGN})"),
            ),
        },
        HeaderPreflight::Admitted => match compare(foreseen.as_ref(), true) {
            Agreement::OnlyAnswered => CheckResult::warn(
                ID,
                Cause::G29,
                format!("{service} admits pages of any site, although no stored entry does ({words}): something on the way answers in Google's place, or remembers older entries"),
            )
            .fix(Cause::G29.entry().remedy),
            Agreement::Same | Agreement::OnlyStored | Agreement::NotKnown => CheckResult::new(
                ID,
                Status::Warn,
                format!("{service} admits pages of any site, by a CORS entry that is not Segments.ai's"),
            )
            .fix("limit the origins of that entry, if it was not meant so"),
        },
        HeaderPreflight::CannotTell => CheckResult::unknown(ID, odd(form, &exchange)),
    };
    result.evidence(evidence(&exchange, foreseen.as_ref()))
}

fn odd(form: &Form, exchange: &Exchange) -> String {
    let code = exchange
        .error_code
        .as_ref()
        .map_or_else(String::new, |code| format!(" {code}"));
    format!(
        "the answer of {} to the preflight is not about CORS (HTTP {}{code})",
        form.service(),
        exchange.status
    )
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
