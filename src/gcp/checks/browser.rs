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
use crate::cors::told::{self, Answered, FOREIGN, Foretold, Ids, Service, evidence};
use crate::error::Failure;
use crate::finding::{CheckResult, Level, Status};
use crate::gcp::cors::{CorsEntry, Diagnosis, diagnose, foresee, name};
use crate::gcp::facts::{Facts, Form};
use crate::gcp::templates::ORIGIN;
use crate::probe::{Exchange, HeaderPreflight, header_preflight};

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

impl<'a> Stored<'a> {
    async fn read(facts: &'a Facts) -> Self {
        Self(facts.cors().await.ok())
    }

    fn foretold(self, request: &Request<'_>) -> Foretold {
        let Some(entries) = self.0 else {
            return Foretold::default();
        };
        let foreseen = foresee(entries, request);
        Foretold {
            words: foreseen.in_words("entry", &name),
            foreseen: Some(foreseen),
        }
    }

    /// For scripts: what they foresee for each request that is tried live.
    fn answers(self) -> Value {
        told::answers(ORIGIN, |request| self.foretold(request).foreseen)
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

const IDS: Ids = Ids {
    preflight: "gcp.cors.preflight",
    range: "gcp.cors.range",
    foreign: "gcp.cors.foreign",
};

fn google(name: String, facts: &Facts) -> Service {
    Service {
        ids: IDS,
        name,
        whose: "Google's",
        refuses: "does not admit",
        rules: "entries",
        origin: ORIGIN,
        contradiction: Cause::G29,
        blocked: Cause::G22,
        connect: facts.place().command("connect"),
    }
}

/// A link that Google answers, and whose answer the browser hides from the page. `seen` says whose link works.
pub async fn hidden(facts: &Facts, id: &'static str, seen: &str) -> CheckResult {
    let stored = Stored::read(facts).await;
    if stored.hangs_on_a_wildcard() {
        return CheckResult::fail(
            id,
            Cause::G24,
            format!(
                "{}, although the wildcard is there",
                told::hidden(seen, ORIGIN)
            ),
        )
        .fix(literal(facts))
        .may_settle();
    }
    google("Google".to_owned(), facts).hidden(
        id,
        seen,
        &stored.foretold(&Request::actual(ORIGIN, "GET")),
    )
}

/// Three preflights at each form: as the page sends it, asking for `range`, and from a foreign origin.
pub async fn live(facts: &Facts) -> Vec<CheckResult> {
    let forms = match facts.forms().await {
        Ok(forms) => forms,
        Err(failure) => return IDS.unsent(&unreadable(&failure)),
    };
    let stored = Stored::read(facts).await;
    let results = join_all(forms.iter().map(|form| at_form(facts, form, stored))).await;
    // Shown by check, each with both forms.
    let mut results: Vec<CheckResult> = results.into_iter().flatten().collect();
    results.sort_by_key(|result| {
        [IDS.preflight, IDS.range, IDS.foreign]
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
    let google = google(form.service(), facts);
    [
        plain_result(&google, facts, stored, plain).decisive(),
        range_result(&google, stored, range),
        foreign_result(&google, stored, foreign),
    ]
    .into_iter()
    .map(|result| result.on(form.shown.clone()).at(Level::Preflight))
    .collect()
}

fn plain_result(
    google: &Service,
    facts: &Facts,
    stored: Stored<'_>,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = IDS.preflight;
    let exchange = match sent {
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => exchange,
    };
    let foretold = stored.foretold(&Request::preflight(ORIGIN, "GET", &[]));
    let result = match answered(&exchange, ORIGIN, &[]) {
        Some(Answered::Refused(detail)) if stored.hangs_on_a_wildcard() => CheckResult::fail(
            ID,
            Cause::G24,
            format!(
                "{} does not admit {ORIGIN} although the wildcard is there: {detail}",
                google.name
            ),
        )
        .fix(literal(facts))
        .may_settle(),
        Some(answered) => google.plain(&answered, &foretold),
        None => CheckResult::unknown(ID, odd(google, &exchange)),
    };
    result.evidence(evidence(&exchange, foretold.foreseen.as_ref()))
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
    google: &Service,
    stored: Stored<'_>,
    sent: Result<Exchange, Failure>,
) -> CheckResult {
    const ID: &str = IDS.range;
    let exchange = match sent {
        Err(failure) => return CheckResult::unknown(ID, failure.one_line()),
        Ok(exchange) => exchange,
    };
    let foretold = stored.foretold(&Request::preflight(ORIGIN, "GET", &["range"]));
    let result = match answered(&exchange, ORIGIN, &["range"]) {
        Some(answered) => google.range(&answered, &foretold, |how| {
            CheckResult::warn(
                ID,
                Cause::G23,
                format!("{} does not admit a preflight that asks for the header `range`: {how}; browsers send one for partial reads in some cases", google.name),
            )
            .fix(&google.connect)
        }),
        None => CheckResult::unknown(ID, odd(google, &exchange)),
    };
    result.evidence(evidence(&exchange, foretold.foreseen.as_ref()))
}

fn foreign_result(
    google: &Service,
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
        Some(answered) => google.foreign(&answered, &foretold, || {
            CheckResult::new(
                ID,
                Status::Warn,
                format!(
                    "{} admits pages of any site, by a CORS entry that is not Segments.ai's",
                    google.name
                ),
            )
            .fix("limit the origins of that entry, if it was not meant so")
        }),
        None => CheckResult::unknown(ID, odd(google, &exchange)),
    };
    result.evidence(evidence(&exchange, foretold.foreseen.as_ref()))
}

/// Yes or no; none where the answer is neither.
fn answered(exchange: &Exchange, origin: &str, headers: &[&str]) -> Option<Answered> {
    match header_preflight(exchange, origin, headers) {
        HeaderPreflight::Admitted => Some(Answered::Admitted),
        HeaderPreflight::Refused { detail } => Some(Answered::Refused(detail)),
        HeaderPreflight::CannotTell => None,
    }
}

fn odd(google: &Service, exchange: &Exchange) -> String {
    format!(
        "the answer of {} to the preflight is not about CORS ({})",
        google.name,
        exchange.in_short()
    )
}
