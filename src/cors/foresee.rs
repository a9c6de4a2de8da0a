//! What the stored rules foresee for a request, set beside what the service really answered.
//!
//! The two can contradict each other: a change is on its way, a cache remembers an older answer, a proxy or a CDN
//! answers in place of the service. Pure: it compares, and puts it in words.

use serde_json::{Value, json};

use super::{Answer, Miss, Reason};

/// How many of the rules that do not answer are told in words. All of them are in the evidence.
const TOLD: usize = 3;

/// What the stored rules say to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// A rule admits it.
    Yes,
    /// No rule admits it.
    No,
    /// The service's own documents do not tell: a wildcard that they do not describe, a rule of an unknown form.
    Maybe,
}

/// What the stored rules foresee for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreseen {
    /// Whether it is admitted.
    pub says: Says,
    /// Which rule answers, and why the others do not.
    pub answer: Answer,
}

/// How what was foreseen and what was answered stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// They say the same.
    Same,
    /// The stored rules admit the request, and the answer does not.
    OnlyStored,
    /// The answer admits the request, and the stored rules do not.
    OnlyAnswered,
    /// The stored rules do not tell, or could not be read.
    NotKnown,
}

/// Sets what was foreseen, if anything was, beside an answer that did or did not admit the request.
#[must_use]
pub fn compare(foreseen: Option<&Foreseen>, admitted: bool) -> Agreement {
    match (foreseen.map(|foreseen| foreseen.says), admitted) {
        (Some(Says::Yes), true) | (Some(Says::No), false) => Agreement::Same,
        (Some(Says::Yes), false) => Agreement::OnlyStored,
        (Some(Says::No), true) => Agreement::OnlyAnswered,
        (Some(Says::Maybe) | None, _) => Agreement::NotKnown,
    }
}

impl Foreseen {
    /// Foreseen for certain.
    #[must_use]
    pub fn certain(answer: Answer) -> Self {
        let says = match answer.winner {
            Some(_) => Says::Yes,
            None => Says::No,
        };
        Self { says, answer }
    }

    /// Not certain, whichever rule seems to answer.
    #[must_use]
    pub fn perhaps(answer: Answer) -> Self {
        Self {
            says: Says::Maybe,
            answer,
        }
    }

    /// For scripts: the rule that answers, counted from 0, and why each other does not.
    #[must_use]
    pub fn evidence(&self) -> Value {
        json!({
            "admitted": match self.says {
                Says::Yes => Value::Bool(true),
                Says::No => Value::Bool(false),
                Says::Maybe => Value::Null,
            },
            "rule": self.answer.winner,
            "others": self.answer.misses.iter().map(|miss| json!({
                "rule": miss.rule,
                "why": miss.in_words(),
            })).collect::<Vec<_>>(),
        })
    }

    /// Which rule answers, or why none does, in words; `name` says what to call a rule, and `noun` what rules are called.
    #[must_use]
    pub fn in_words(&self, noun: &str, name: &dyn Fn(usize) -> String) -> String {
        let losers = self.answer.losers(name);
        match (self.answer.winner, losers.is_empty()) {
            (Some(rule), true) => format!("{} admits it", name(rule)),
            (Some(rule), false) => {
                format!("{} admits it; {}", name(rule), losers.join("; "))
            }
            (None, false) => losers.join("; "),
            (None, true) => match self.answer.misses.len() {
                0 => format!("there is no {noun}"),
                1 => format!("the one {noun} is for somebody else"),
                count => format!("none of the {count} is for it"),
            },
        }
    }
}

impl Answer {
    /// The rules that look as if they should answer and do not, nearest first, in words: "rule 1 does not: …". Rules for
    /// somebody else, and those that would only repeat the answer, are left out; where a rule answers, so is one for
    /// another method, which nobody meant for this request.
    #[must_use]
    pub fn losers(&self, name: &dyn Fn(usize) -> String) -> Vec<String> {
        let mut near: Vec<(usize, &Miss)> = self
            .misses
            .iter()
            .filter(|miss| self.winner.is_none() || miss.means_this_origin())
            .filter_map(|miss| Some((miss.distance().filter(|distance| *distance > 0)?, miss)))
            .collect();
        near.sort_by_key(|(distance, miss)| (*distance, miss.rule));
        near.into_iter()
            .take(TOLD)
            .map(|(_, miss)| format!("{} does not: {}", name(miss.rule), miss.in_words()))
            .collect()
    }
}

impl Miss {
    /// Whether an origin of the rule was probably meant to be the page's.
    fn means_this_origin(&self) -> bool {
        self.reasons
            .iter()
            .any(|reason| matches!(reason, Reason::Origin { near: Some(_), .. }))
    }

    /// How far the rule is from admitting the request: in how many things it differs. None where it is for somebody else.
    #[must_use]
    pub fn distance(&self) -> Option<usize> {
        self.reasons.iter().try_fold(0, |distance, reason| {
            Some(
                distance
                    + match reason {
                        Reason::Origin { near: None, .. } => return None,
                        Reason::Origin {
                            near: Some(near), ..
                        } => near.differences.len(),
                        Reason::Method { .. } | Reason::Headers { .. } => 1,
                        Reason::AnsweredBefore { .. } => 0,
                    },
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Request, s3};
    use super::*;

    const ORIGIN: &str = "https://app.segments.ai";

    fn of(rules: &[(&str, &str)]) -> Foreseen {
        let owned: Vec<(Vec<String>, Vec<String>)> = rules
            .iter()
            .map(|(origin, method)| (vec![(*origin).to_owned()], vec![(*method).to_owned()]))
            .collect();
        let views = owned.iter().map(|(origins, methods)| s3::Rule {
            origins,
            methods,
            headers: &[],
        });
        s3::foresee(views, &Request::preflight(ORIGIN, "GET", &[]))
    }

    fn words(foreseen: &Foreseen) -> String {
        foreseen.in_words("rule", &|index| format!("rule {}", index + 1))
    }

    #[test]
    fn the_winner_is_told_and_why_the_near_ones_lose() {
        let foreseen = of(&[
            ("https://app.segments.ai/", "GET"),
            ("https://example.com", "GET"),
            (ORIGIN, "GET"),
            ("*", "GET"),
        ]);
        assert_eq!(
            words(&foreseen),
            "rule 3 admits it; rule 1 does not: `https://app.segments.ai/` does not match \
             `https://app.segments.ai`: it ends with a slash, and an origin has none"
        );
        let evidence = foreseen.evidence();
        assert_eq!(evidence["admitted"], true);
        assert_eq!(evidence["rule"], 2);
        assert_eq!(evidence["others"][2]["why"], "rule 3 answers before it");
    }

    #[test]
    fn where_a_rule_answers_one_for_another_method_is_no_loser() {
        assert_eq!(
            words(&of(&[("*", "PUT"), (ORIGIN, "GET")])),
            "rule 2 admits it"
        );
        assert!(words(&of(&[("*", "PUT")])).starts_with("rule 1 does not"));
    }

    #[test]
    fn without_a_winner_the_nearest_comes_first() {
        let foreseen = of(&[("http://app.segments.ai/", "PUT"), (ORIGIN, "PUT")]);
        let told = words(&foreseen);
        assert!(
            told.starts_with("rule 2 does not: it does not allow the method `GET`"),
            "{told}"
        );
        assert!(told.contains("; rule 1 does not: "), "{told}");
        assert_eq!(words(&of(&[])), "there is no rule");
        assert_eq!(
            words(&of(&[("https://a.example", "GET")])),
            "the one rule is for somebody else"
        );
        assert_eq!(
            words(&of(&[
                ("https://a.example", "GET"),
                ("https://b.example", "GET")
            ])),
            "none of the 2 is for it"
        );
    }

    #[test]
    fn what_is_not_known_contradicts_nothing() {
        let yes = of(&[(ORIGIN, "GET")]);
        let no = of(&[]);
        let maybe = Foreseen::perhaps(yes.answer.clone());
        for (foreseen, admitted, expected) in [
            (Some(&yes), true, Agreement::Same),
            (Some(&yes), false, Agreement::OnlyStored),
            (Some(&no), true, Agreement::OnlyAnswered),
            (Some(&no), false, Agreement::Same),
            (Some(&maybe), true, Agreement::NotKnown),
            (Some(&maybe), false, Agreement::NotKnown),
            (None, true, Agreement::NotKnown),
            (None, false, Agreement::NotKnown),
        ] {
            assert_eq!(
                compare(foreseen, admitted),
                expected,
                "{foreseen:?} {admitted}"
            );
        }
        assert_eq!(maybe.evidence()["admitted"], Value::Null);
    }
}
