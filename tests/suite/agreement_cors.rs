//! Do the evaluators of CORS rules say what the clouds do?
//!
//! Thousands of generated rule sets are put into the local S3, Google Cloud Storage and Azure, which were written from the
//! vendors' pages by themselves; pages of several origins ask beforehand, and load. Whatever an evaluator was certain of
//! must be what a browser makes of the answer, and the rule that it names must be the one that answered.

mod clouds;
mod generate;

use segments_connect::cors::Request;
use segments_connect::cors::foresee::{Foreseen, Says};

use clouds::{Cloud, Scene};
use generate::Generator;

/// A rule of any cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub origins: Vec<String>,
    pub methods: Vec<String>,
    pub headers: Vec<String>,
}

/// What a page sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    pub origin: &'static str,
    pub method: &'static str,
    /// The request headers that it asks for beforehand; none where it just loads.
    pub asks: Option<&'static [&'static str]>,
}

impl Wish {
    fn request(self) -> Request<'static> {
        match self.asks {
            Some(headers) => Request::preflight(self.origin, self.method, headers),
            None => Request::actual(self.origin, self.method),
        }
    }
}

/// What a browser makes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub admitted: bool,
    /// The rule that answered, where the answer tells.
    pub rule: Option<usize>,
}

/// An evaluator: the real one, or one that is wrong on purpose.
type Evaluator = fn(Cloud, &[Rule], &Wish) -> Foreseen;

/// What came of comparing.
#[derive(Debug, Default)]
struct Tally {
    sets: usize,
    requests: usize,
    admitted: usize,
    refused: usize,
    open: usize,
    /// How often the rule that was named was the one that answered.
    named: usize,
    wrong: Vec<String>,
}

fn real(cloud: Cloud, rules: &[Rule], wish: &Wish) -> Foreseen {
    cloud.foresee(rules, &wish.request())
}

/// Compares, for so many rule sets of a seed.
async fn compare(cloud: Cloud, seed: u64, sets: usize, evaluator: Evaluator) -> Tally {
    let scene = Scene::new(cloud);
    let mut generator = Generator::new(seed, cloud);
    let mut tally = Tally::default();
    for _ in 0..sets {
        let rules = generator.rules();
        let wishes = generator.wishes();
        scene.put(&rules, generator.undocumented());
        let sent = wishes.iter().map(|wish| scene.send(wish));
        let answers = futures_util::future::join_all(sent).await;
        tally.sets += 1;
        for (wish, seen) in wishes.iter().zip(answers) {
            tally.judge(&evaluator(cloud, &rules, wish), seen, &rules, wish);
        }
    }
    tally
}

impl Tally {
    fn judge(&mut self, foreseen: &Foreseen, seen: Seen, rules: &[Rule], wish: &Wish) {
        self.requests += 1;
        let told = || format!("{foreseen:?}, and it was {seen:?}, for {wish:?} under {rules:?}");
        let admitted = match foreseen.says {
            Says::Maybe => {
                self.open += 1;
                return;
            }
            Says::Yes => true,
            Says::No => false,
        };
        if admitted != seen.admitted {
            self.wrong.push(told());
            return;
        }
        if admitted {
            self.admitted += 1;
        } else {
            self.refused += 1;
        }
        match (foreseen.answer.winner, seen.rule) {
            (Some(named), Some(answered)) if named != answered => self.wrong.push(told()),
            (Some(_), Some(_)) => self.named += 1,
            (None, _) | (_, None) => {}
        }
    }

    #[expect(
        clippy::print_stderr,
        reason = "the counts are for whoever runs the test"
    )]
    fn print(&self, cloud: Cloud) {
        eprintln!(
            "{cloud:?}: {} rule sets, {} requests: {} certain ({} admitted, {} refused), the rule named and right in {}, {} \
             left open, {} wrong",
            self.sets,
            self.requests,
            self.admitted + self.refused,
            self.admitted,
            self.refused,
            self.named,
            self.open,
            self.wrong.len(),
        );
    }
}

#[tokio::test]
async fn whatever_is_foreseen_for_certain_is_what_a_browser_meets() {
    for cloud in Cloud::ALL {
        let tally = compare(cloud, 1, 3_000, real).await;
        tally.print(cloud);
        assert!(
            tally.wrong.is_empty(),
            "{cloud:?}: {} of {}; the first:\n{}",
            tally.wrong.len(),
            tally.requests,
            tally.wrong[..tally.wrong.len().min(10)].join("\n"),
        );
        assert!(
            tally.admitted > 1_300 && tally.refused > 8_000 && tally.named > 300,
            "{cloud:?}: too little was certain"
        );
    }
}

/// The comparison itself must be able to fail.
#[tokio::test]
async fn an_evaluator_that_is_wrong_is_caught() {
    fn changed(rules: &[Rule], change: impl Fn(&mut Rule)) -> Vec<Rule> {
        let mut rules = rules.to_vec();
        rules.iter_mut().for_each(change);
        rules
    }
    fn without_headers(cloud: Cloud, rules: &[Rule], wish: &Wish) -> Foreseen {
        let plain = Wish {
            asks: wish.asks.map(|_| [].as_slice()),
            ..*wish
        };
        real(cloud, rules, &plain)
    }
    fn without_case(cloud: Cloud, rules: &[Rule], wish: &Wish) -> Foreseen {
        let rules = changed(rules, |rule| {
            rule.origins
                .iter_mut()
                .for_each(|origin| *origin = origin.to_ascii_lowercase());
        });
        real(cloud, &rules, wish)
    }
    fn with_every_method(cloud: Cloud, rules: &[Rule], wish: &Wish) -> Foreseen {
        let rules = changed(rules, |rule| rule.methods.push(wish.method.to_owned()));
        real(cloud, &rules, wish)
    }
    fn without_slashes(cloud: Cloud, rules: &[Rule], wish: &Wish) -> Foreseen {
        let rules = changed(rules, |rule| {
            for origin in &mut rule.origins {
                *origin = origin.trim_end_matches('/').to_owned();
            }
        });
        real(cloud, &rules, wish)
    }
    /// Names the last rule that fits, and not the first.
    fn backwards(cloud: Cloud, rules: &[Rule], wish: &Wish) -> Foreseen {
        let backwards: Vec<Rule> = rules.iter().rev().cloned().collect();
        let mut foreseen = real(cloud, &backwards, wish);
        let last = rules.len().saturating_sub(1);
        foreseen.answer.winner = foreseen.answer.winner.map(|winner| last - winner);
        foreseen
    }
    fn of_another_cloud(cloud: Cloud, rules: &[Rule], wish: &Wish) -> Foreseen {
        real(cloud.other(), rules, wish)
    }
    for cloud in Cloud::ALL {
        for (name, evaluator) in [
            ("without headers", without_headers as Evaluator),
            ("without case", without_case),
            ("with every method", with_every_method),
            ("without slashes", without_slashes),
            ("backwards", backwards),
            ("of another cloud", of_another_cloud),
        ] {
            let tally = compare(cloud, 2, 150, evaluator).await;
            assert!(!tally.wrong.is_empty(), "{cloud:?}, {name}");
        }
    }
}
