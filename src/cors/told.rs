//! What a service answered a browser, beside what its stored rules foresee, as the result of a check: the same in every
//! cloud but for names, causes and what mends it.
//!
//! Pure: whether an answer admits is for [`crate::probe`], and what the rules foresee for [`super::foresee`].

use serde_json::{Value, json};

use super::Request;
use super::foresee::{Agreement, Foreseen, compare};
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Level};
use crate::probe::Exchange;

/// An origin that no rule should admit; the name is reserved and belongs to nobody.
pub const FOREIGN: &str = "https://cors-probe.invalid";

/// The ids of the three live checks of one cloud.
#[derive(Debug, Clone, Copy)]
pub struct Ids {
    /// As the page sends it.
    pub preflight: &'static str,
    /// Asking for the header `range`.
    pub range: &'static str,
    /// From a foreign origin.
    pub foreign: &'static str,
}

impl Ids {
    /// The three checks where no preflight could be sent.
    #[must_use]
    pub fn unsent(self, why: &str) -> Vec<CheckResult> {
        let unknown = |id| CheckResult::unknown(id, why).at(Level::Preflight);
        vec![
            unknown(self.preflight).decisive(),
            unknown(self.range),
            unknown(self.foreign),
        ]
    }
}

/// Who answers, what its rules are called, and which causes there are.
#[derive(Debug, Clone)]
pub struct Service {
    /// The ids of its checks.
    pub ids: Ids,
    /// Who answers: `S3`.
    pub name: String,
    /// Whose place something else may answer in: `S3's`.
    pub whose: &'static str,
    /// How it says no: `refuses`.
    pub refuses: &'static str,
    /// What its rules are called: `rules`.
    pub rules: &'static str,
    /// The page's origin.
    pub origin: &'static str,
    /// The cause where what is stored and what is answered contradict each other.
    pub contradiction: Cause,
    /// The cause where no rule admits the page.
    pub blocked: Cause,
    /// The command that adds the rule.
    pub connect: String,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// Yes.
    Admitted,
    /// No, in short: "HTTP 403 AccessForbidden".
    Refused(String),
}

/// What the stored rules foresee, and in words.
#[derive(Debug, Clone, Default)]
pub struct Foretold {
    /// None where the rules could not be read.
    pub foreseen: Option<Foreseen>,
    /// Which rule admits it, or why none does.
    pub words: String,
}

impl Foretold {
    fn beside(&self, admitted: bool) -> Agreement {
        compare(self.foreseen.as_ref(), admitted)
    }
}

impl Service {
    /// A preflight as the page sends it.
    #[must_use]
    pub fn plain(&self, answered: &Answered, foretold: &Foretold) -> CheckResult {
        let id = self.ids.preflight;
        let Self {
            name,
            whose,
            refuses,
            rules,
            origin,
            ..
        } = self;
        let words = &foretold.words;
        match answered {
            Answered::Admitted => {
                let seen = format!("{name} answers a browser's preflight from {origin}");
                match foretold.beside(true) {
                    Agreement::OnlyAnswered => CheckResult::warn(
                        id,
                        self.contradiction,
                        format!("{seen}, although the stored {rules} do not admit it ({words}): an older answer is remembered somewhere, or something on the way answers in {whose} place"),
                    )
                    .fix(&self.connect)
                    .may_settle(),
                    Agreement::Same | Agreement::OnlyStored => {
                        CheckResult::pass(id, format!("{seen}, as the stored {rules} say: {words}"))
                    }
                    Agreement::NotKnown => CheckResult::pass(id, seen),
                }
            }
            Answered::Refused(how) => {
                let seen = format!("{name} {refuses} a browser's preflight from {origin} ({how})");
                match foretold.beside(false) {
                    Agreement::OnlyStored => CheckResult::fail(
                        id,
                        self.contradiction,
                        format!("{seen}, although {words} as it is stored: a change takes a while to be seen everywhere, and something on the way may answer in {whose} place"),
                    )
                    .fix(self.contradiction.entry().remedy),
                    Agreement::Same | Agreement::OnlyAnswered => CheckResult::fail(
                        id,
                        self.blocked,
                        format!("{seen}, as the stored {rules} say: {words}"),
                    )
                    .fix(&self.connect),
                    Agreement::NotKnown => {
                        CheckResult::fail(id, self.blocked, seen).fix(&self.connect)
                    }
                }
                .may_settle()
            }
        }
    }

    /// A preflight that asks for the header `range`; `refused` says what a refusal means that the rules foresee.
    #[must_use]
    pub fn range(
        &self,
        answered: &Answered,
        foretold: &Foretold,
        refused: impl FnOnce(&str) -> CheckResult,
    ) -> CheckResult {
        let id = self.ids.range;
        let Self {
            name,
            refuses,
            rules,
            ..
        } = self;
        let words = &foretold.words;
        match answered {
            Answered::Admitted => {
                let seen = format!("{name} answers a preflight that asks for the header `range`");
                match foretold.beside(true) {
                    Agreement::OnlyAnswered => CheckResult::warn(
                        id,
                        self.contradiction,
                        format!("{seen}, although the stored {rules} do not admit it ({words})"),
                    )
                    .fix(self.contradiction.entry().remedy),
                    Agreement::Same | Agreement::OnlyStored | Agreement::NotKnown => {
                        CheckResult::pass(id, seen)
                    }
                }
            }
            Answered::Refused(how) => match foretold.beside(false) {
                Agreement::OnlyStored => CheckResult::warn(
                    id,
                    self.contradiction,
                    format!("{name} {refuses} a preflight that asks for the header `range` ({how}), although {words} as it is stored"),
                )
                .fix(self.contradiction.entry().remedy),
                Agreement::Same | Agreement::OnlyAnswered | Agreement::NotKnown => refused(how),
            },
        }
    }

    /// A preflight from [`FOREIGN`]; `open` says what it means that a stored rule admits it.
    #[must_use]
    pub fn foreign(
        &self,
        answered: &Answered,
        foretold: &Foretold,
        open: impl FnOnce() -> CheckResult,
    ) -> CheckResult {
        let id = self.ids.foreign;
        let Self {
            name,
            whose,
            refuses,
            rules,
            ..
        } = self;
        let words = &foretold.words;
        match answered {
            Answered::Refused(_) => {
                let seen = format!("{name} {refuses} a foreign origin ({FOREIGN})");
                match foretold.beside(false) {
                    Agreement::OnlyStored => CheckResult::warn(
                        id,
                        self.contradiction,
                        format!("{seen}, although {words} as it is stored"),
                    )
                    .fix(self.contradiction.entry().remedy),
                    Agreement::Same | Agreement::OnlyAnswered | Agreement::NotKnown => {
                        CheckResult::pass(id, seen)
                    }
                }
            }
            Answered::Admitted => match foretold.beside(true) {
                Agreement::OnlyAnswered => CheckResult::warn(
                    id,
                    self.contradiction,
                    format!("{name} admits pages of any site, although none of the stored {rules} does ({words}): something on the way answers in {whose} place, or remembers older {rules}"),
                )
                .fix(self.contradiction.entry().remedy),
                Agreement::Same | Agreement::OnlyStored | Agreement::NotKnown => open(),
            },
        }
    }

    /// A link that is answered, and whose answer the browser hides from the page: for the cause that a refused preflight
    /// has. `seen` says whose link works, and `foretold` is of the request itself.
    #[must_use]
    pub fn hidden(&self, id: &'static str, seen: &str, foretold: &Foretold) -> CheckResult {
        let seen = hidden(seen, self.origin);
        match foretold.beside(false) {
            Agreement::OnlyStored => CheckResult::fail(
                id,
                self.contradiction,
                format!("{seen}, although {} as it is stored", foretold.words),
            )
            .fix(self.contradiction.entry().remedy),
            Agreement::Same | Agreement::OnlyAnswered | Agreement::NotKnown => {
                CheckResult::fail(id, self.blocked, seen).fix(&self.connect)
            }
        }
        .may_settle()
    }
}

/// That a link works, and its answer is hidden from the page.
#[must_use]
pub fn hidden(seen: &str, origin: &str) -> String {
    format!(
        "{seen}, but the answer lacks Access-Control-Allow-Origin for {origin}, so the browser hides it from the page"
    )
}

/// For scripts: what the stored rules foresee for each request that is tried live.
#[must_use]
pub fn answers(origin: &str, foresee: impl Fn(&Request<'_>) -> Option<Foreseen>) -> Value {
    let evidence = |origin, headers| {
        foresee(&Request::preflight(origin, "GET", headers)).map(|foreseen| foreseen.evidence())
    };
    json!({
        "preflight": evidence(origin, &[]),
        "preflight_with_range": evidence(origin, &["range"]),
        "foreign": evidence(FOREIGN, &[]),
    })
}

/// For scripts: what was answered, and what was foreseen.
#[must_use]
pub fn evidence(exchange: &Exchange, stored: Option<&Foreseen>) -> Value {
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
    use crate::cors::Answer;
    use crate::finding::Status;

    fn service() -> Service {
        Service {
            ids: Ids {
                preflight: "aws.cors.preflight",
                range: "aws.cors.range",
                foreign: "aws.cors.foreign",
            },
            name: "S3".to_owned(),
            whose: "S3's",
            refuses: "refuses",
            rules: "rules",
            origin: "https://app.segments.ai",
            contradiction: Cause::A50,
            blocked: Cause::A39,
            connect: "connect".to_owned(),
        }
    }

    /// What rules foresee of which the first admits, or that are none; none where they could not be read.
    fn foretold(admits: Option<bool>) -> Foretold {
        Foretold {
            foreseen: admits.map(|admits| {
                Foreseen::certain(Answer {
                    winner: admits.then_some(0),
                    misses: Vec::new(),
                })
            }),
            words: "rule 1 admits it".to_owned(),
        }
    }

    fn refused() -> Answered {
        Answered::Refused("HTTP 403".to_owned())
    }

    fn told(result: &CheckResult) -> (Status, Option<Cause>) {
        (result.status, result.cause)
    }

    #[test]
    fn a_preflight_is_told_with_the_cause_of_its_contradiction() {
        for (answered, stored, expected) in [
            (Answered::Admitted, Some(true), (Status::Pass, None)),
            (
                Answered::Admitted,
                Some(false),
                (Status::Warn, Some(Cause::A50)),
            ),
            (Answered::Admitted, None, (Status::Pass, None)),
            (refused(), Some(true), (Status::Fail, Some(Cause::A50))),
            (refused(), Some(false), (Status::Fail, Some(Cause::A39))),
            (refused(), None, (Status::Fail, Some(Cause::A39))),
        ] {
            let result = service().plain(&answered, &foretold(stored));
            assert_eq!(told(&result), expected, "{answered:?} {stored:?}");
            assert_eq!(result.fix.is_some(), result.cause.is_some());
        }
    }

    #[test]
    fn a_link_that_is_hidden_has_the_cause_that_its_refused_preflight_has() {
        for stored in [Some(true), Some(false), None] {
            let preflight = service().plain(&refused(), &foretold(stored));
            let link = service().hidden("aws.object.link", "a link works", &foretold(stored));
            assert_eq!(told(&link), told(&preflight), "{stored:?}");
            assert_eq!(link.fix, preflight.fix, "{stored:?}");
        }
    }

    #[test]
    fn what_is_as_stored_for_range_and_for_others_is_told_as_the_cloud_has_it() {
        let own = || CheckResult::warn("own", Cause::A40, "its own words");
        for (answered, stored, range, foreign) in [
            (Answered::Admitted, Some(true), None, Some(Cause::A40)),
            (
                Answered::Admitted,
                Some(false),
                Some(Cause::A50),
                Some(Cause::A50),
            ),
            (refused(), Some(false), Some(Cause::A40), None),
            (refused(), Some(true), Some(Cause::A50), Some(Cause::A50)),
            (refused(), None, Some(Cause::A40), None),
        ] {
            let stored = foretold(stored);
            assert_eq!(service().range(&answered, &stored, |_| own()).cause, range);
            assert_eq!(service().foreign(&answered, &stored, own).cause, foreign);
        }
    }
}
