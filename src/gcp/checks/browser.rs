//! CORS: what is configured, and what Google answers to a browser at both forms of an object's address.
//!
//! Google answers a preflight that it does not admit with 200 and without the headers, so headers alone are judged:
//! <https://cloud.google.com/storage/docs/cross-origin>. The JSON interface is never asked: it does not follow the
//! bucket's configuration.

use futures_util::future::{join_all, join3};
use serde_json::{Value, json};

use super::unreadable;
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::finding::{CheckResult, Level, Status};
use crate::gcp::cors::{CorsEntry, Diagnosis, diagnose};
use crate::gcp::facts::{Facts, Form};
use crate::gcp::templates::ORIGIN;
use crate::probe::{Exchange, HeaderPreflight, header_preflight};

/// An origin that no entry should admit; the name is reserved and belongs to nobody.
const FOREIGN: &str = "https://cors-probe.invalid";

/// The entry is there, read back.
pub async fn configured(facts: &Facts) -> CheckResult {
    const ID: &str = "gcp.cors.configured";
    let connect = facts.access.command("connect");
    let result = match facts.bucket().await {
        Err(failure) => CheckResult::unknown(ID, unreadable(failure)),
        Ok(bucket) => match diagnose(&bucket.cors, ORIGIN) {
            Diagnosis::Serves { entry, documented } => CheckResult::pass(
                ID,
                if documented {
                    format!("CORS entry {} admits {ORIGIN} (read back)", entry + 1)
                } else {
                    format!(
                        "CORS entry {} admits {ORIGIN} through a wildcard, which Google does not document; the preflight shows whether it does (read back)",
                        entry + 1
                    )
                },
            )
            .evidence(json!({ "entry": entry, "documented": documented })),
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
                .evidence(json!({ "entry": entry, "hides": hides }))
            }
            Diagnosis::Blocks { detail, nearest } => CheckResult::fail(ID, Cause::G22, detail)
                .fix(connect)
                .evidence(json!({ "nearest": nearest }))
                .may_settle(),
        },
    };
    result.at(Level::Configured)
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
    let entries: Vec<CorsEntry> = match facts.bucket().await {
        Ok(bucket) => bucket.cors.clone(),
        Err(_) => Vec::new(),
    };
    let results = join_all(forms.iter().map(|form| at_form(facts, form, &entries))).await;
    // Shown by check, each with both forms.
    let mut results: Vec<CheckResult> = results.into_iter().flatten().collect();
    results.sort_by_key(|result| {
        ["gcp.cors.preflight", "gcp.cors.range", "gcp.cors.foreign"]
            .iter()
            .position(|id| *id == result.id)
    });
    results
}

async fn at_form(facts: &Facts, form: &Form, entries: &[CorsEntry]) -> Vec<CheckResult> {
    let prober = &facts.prober;
    let host = form.host.as_deref();
    let (plain, range, foreign) = join3(
        prober.preflight(&form.url, host, ORIGIN, "GET", &[]),
        prober.preflight(&form.url, host, ORIGIN, "GET", &["range"]),
        prober.preflight(&form.url, host, FOREIGN, "GET", &[]),
    )
    .await;
    [
        plain_result(facts, entries, form, plain),
        range_result(facts, form, range),
        foreign_result(form, foreign),
    ]
    .into_iter()
    .map(|result| result.on(form.shown.clone()).at(Level::Preflight))
    .collect()
}

fn plain_result(
    facts: &Facts,
    entries: &[CorsEntry],
    form: &Form,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = "gcp.cors.preflight";
    let result = match sent {
        Err(failure) => CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => {
            let evidence = evidence(&exchange);
            match header_preflight(&exchange, ORIGIN, &[]) {
                HeaderPreflight::Admitted => CheckResult::pass(
                    ID,
                    format!(
                        "{} answers a browser's preflight from {ORIGIN}",
                        form.service()
                    ),
                ),
                HeaderPreflight::Refused { detail } => match diagnose(entries, ORIGIN) {
                    Diagnosis::Serves {
                        documented: false, ..
                    } => CheckResult::fail(
                        ID,
                        Cause::G24,
                        format!(
                            "{} does not admit {ORIGIN} although the wildcard is there: {detail}",
                            form.service()
                        ),
                    )
                    .fix(literal(facts)),
                    Diagnosis::Serves {
                        documented: true, ..
                    }
                    | Diagnosis::PlainOnly { .. }
                    | Diagnosis::Blocks { .. } => CheckResult::fail(
                        ID,
                        Cause::G22,
                        format!(
                            "{} does not admit a browser's preflight from {ORIGIN}: {detail}",
                            form.service()
                        ),
                    )
                    .fix(facts.access.command("connect")),
                }
                .may_settle(),
                HeaderPreflight::CannotTell => CheckResult::unknown(ID, odd(form, &exchange)),
            }
            .evidence(evidence)
        }
    };
    result.decisive()
}

fn literal(facts: &Facts) -> String {
    let connect = facts.access.command("connect");
    if facts.access.literal_origin {
        connect
    } else {
        format!("{connect} --literal-origin")
    }
}

fn range_result(facts: &Facts, form: &Form, sent: Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "gcp.cors.range";
    match sent {
        Err(failure) => CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => {
            let evidence = evidence(&exchange);
            match header_preflight(&exchange, ORIGIN, &["range"]) {
                HeaderPreflight::Admitted => CheckResult::pass(
                    ID,
                    format!("{} answers a preflight that asks for the header `range`", form.service()),
                ),
                HeaderPreflight::Refused { detail } => CheckResult::warn(
                    ID,
                    Cause::G23,
                    format!("{} does not admit a preflight that asks for the header `range`: {detail}; browsers send one for partial reads in some cases", form.service()),
                )
                .fix(facts.access.command("connect")),
                HeaderPreflight::CannotTell => CheckResult::unknown(ID, odd(form, &exchange)),
            }
            .evidence(evidence)
        }
    }
}

fn foreign_result(form: &Form, sent: Result<Exchange, Failure>) -> CheckResult {
    const ID: &str = "gcp.cors.foreign";
    match sent {
        Err(failure) => CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => {
            let evidence = evidence(&exchange);
            match header_preflight(&exchange, FOREIGN, &[]) {
                HeaderPreflight::Refused { .. } => CheckResult::pass(
                    ID,
                    format!(
                        "{} does not admit a foreign origin ({FOREIGN})",
                        form.service()
                    ),
                ),
                HeaderPreflight::Admitted => CheckResult::new(
                    ID,
                    Status::Warn,
                    format!(
                        "{} admits pages of any site, by a CORS entry that is not Segments.ai's",
                        form.service()
                    ),
                )
                .fix("limit the origins of that entry, if it was not meant so"),
                HeaderPreflight::CannotTell => CheckResult::unknown(ID, odd(form, &exchange)),
            }
            .evidence(evidence)
        }
    }
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

fn evidence(exchange: &Exchange) -> Value {
    json!({
        "status": exchange.status,
        "access_control_allow_origin": exchange.allow_origin,
        "access_control_allow_methods": exchange.allow_methods,
        "access_control_allow_headers": exchange.allow_headers,
        "error_code": exchange.error_code,
    })
}
