//! Does the evaluator say what a cloud does?
//!
//! Thousands of generated policies are put into the local AWS, whose decisions were written separately from AWS's
//! guides; Segments.ai's principal asks for an object, by a link in a page and from a server; and whatever the
//! evaluator was certain of must be what happened, whatever could be otherwise about the request. What it left open is
//! counted, so that it cannot agree by never being certain.

mod actions;
mod generate;
mod keys;
mod pool;
mod scene;

use std::collections::BTreeMap;

use segments_connect::aws::policy::{self, Circumstances, Outcome, Place, Question};
use serde_json::Value;

use generate::Generator;
use pool::{OPERATORS, base};
use scene::{
    Asked, BUCKET, CANONICAL_ID, CUSTOMER_ACCOUNT, Circumstance, KEY, REGION, SEGMENTS,
    SEGMENTS_ACCOUNT, Scene,
};

/// What is certain about a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certain {
    Allowed,
    Refused,
}

/// An evaluator: the real one, or one that is wrong on purpose.
type Evaluator = fn(&Value, &Question<'_>) -> Outcome;

/// What came of comparing.
#[derive(Debug, Default)]
struct Tally {
    policies: usize,
    requests: usize,
    allowed: usize,
    refused: usize,
    open: usize,
    /// The cloud itself could not tell: AWS's guides do not say.
    untold: usize,
    /// How often an answer was certain and right, by operator of the policy.
    operators: BTreeMap<String, usize>,
    /// By modifier, and by element.
    others: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

fn real(policy: &Value, question: &Question<'_>) -> Outcome {
    policy::evaluate(Some(policy), question).outcome
}

fn certain(outcome: &Outcome) -> Option<Certain> {
    match outcome {
        Outcome::Allowed { .. } | Outcome::GrantedToAccount { .. } => Some(Certain::Allowed),
        Outcome::Denied { .. } | Outcome::NotGranted { .. } => Some(Certain::Refused),
        Outcome::PartlyAllowed { .. }
        | Outcome::PartlyDenied { .. }
        | Outcome::Undetermined { .. } => None,
    }
}

/// Compares, for so many policies of a seed.
async fn compare(seed: u64, policies: usize, evaluator: Evaluator) -> Tally {
    let scene = Scene::new().await;
    let mut generator = Generator::new(seed, scene.signed_at);
    let mut random = fastrand::Rng::with_seed(seed);
    let mut tally = Tally::default();
    for number in 0..policies {
        let policy = generator.policy();
        if number % 25 == 0 {
            let status = scene.put(&policy).await;
            assert!(
                matches!(status, 200 | 501),
                "S3 would not take it: {policy:#}"
            );
        }
        tally.policies += 1;
        for asked in [Asked::Link, Asked::Link, Asked::Link, Asked::Server] {
            let read = Read {
                scene: &scene,
                circumstance: Circumstance::random(asked, &mut random),
                knows: Knowledge {
                    tags: tally.requests.is_multiple_of(2),
                    canonical_id: tally.requests.is_multiple_of(3),
                },
                evaluator,
            };
            judge(&read, &policy, &mut tally).await;
        }
        scene.sandbox.clear_log();
    }
    tally
}

/// One question under one policy: what is certain about it, and what becomes of it.
trait Trial: std::fmt::Debug {
    /// What the evaluator is certain of.
    fn said(&self, policy: &Value) -> Option<Certain>;
    /// The statuses that the cloud answers with, for each of its requests.
    async fn statuses(&self, policy: &Value) -> Vec<u16>;
}

/// What the cloud does, with each of the requests; nothing where AWS's guides do not say.
async fn happened(trial: &impl Trial, policy: &Value) -> Vec<Option<Certain>> {
    let statuses = trial.statuses(policy).await;
    let each = statuses.into_iter().map(|status| match status {
        200 => Some(Certain::Allowed),
        403 => Some(Certain::Refused),
        501 => None,
        other => panic!("{other} for {trial:?} under {policy:#}"),
    });
    each.collect()
}

async fn judge(trial: &impl Trial, policy: &Value, tally: &mut Tally) {
    let said = trial.said(policy);
    for happened in happened(trial, policy).await {
        tally.requests += 1;
        match (said, happened) {
            (_, None) => tally.untold += 1,
            (None, Some(_)) => tally.open += 1,
            (Some(said), Some(happened)) if said == happened => tally.agree(said, policy),
            (Some(said), Some(happened)) => {
                let mut smallest = policy.clone();
                while let Some(smaller) = smaller(trial, &smallest).await {
                    smallest = smaller;
                }
                tally.wrong.push(format!(
                    "said {said:?}, and it was {happened:?}, for {trial:?}, under {smallest}"
                ));
            }
        }
    }
}

/// A policy with something left out that the two still disagree about.
async fn smaller(trial: &impl Trial, policy: &Value) -> Option<Value> {
    for candidate in generate::smaller(policy) {
        let said = trial.said(&candidate);
        let happened = happened(trial, &candidate).await;
        let differs = |happened: &Option<Certain>| happened.is_some() && *happened != said;
        if said.is_some() && happened.iter().any(differs) {
            return Some(candidate);
        }
    }
    None
}

/// What is known of the bucket.
fn place(scene: &Scene) -> Place<'static> {
    Place {
        region: Some(REGION),
        owner: Some(CUSTOMER_ACCOUNT),
        now: Some(scene.signed_at),
    }
}

/// Segments.ai reads the object.
struct Read<'a> {
    scene: &'a Scene,
    circumstance: Circumstance,
    knows: Knowledge,
    evaluator: Evaluator,
}

/// What the evaluator is told besides.
#[derive(Debug, Clone, Copy)]
struct Knowledge {
    tags: bool,
    canonical_id: bool,
}

impl std::fmt::Debug for Read<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}, {:?}", self.circumstance, self.knows)
    }
}

impl Trial for Read<'_> {
    fn said(&self, policy: &Value) -> Option<Certain> {
        let place = place(self.scene);
        let mut circumstances = match self.circumstance.asked {
            Asked::Link => Circumstances::link_in_a_browser(&place),
            Asked::Server => Circumstances::signed_by_a_server(&place),
        };
        if self.knows.tags {
            let share = self.circumstance.share.map(|value| ("share", value));
            circumstances = circumstances.with_tags(share);
        }
        let resource = format!("arn:aws:s3:::{BUCKET}/{KEY}");
        let outcome = (self.evaluator)(
            policy,
            &Question {
                principal: SEGMENTS,
                account: SEGMENTS_ACCOUNT,
                canonical_id: self.knows.canonical_id.then_some(CANONICAL_ID),
                sid: None,
                action: "s3:GetObject",
                resource: policy::Asked::One(&resource),
                circumstances: &circumstances,
            },
        );
        certain(&outcome)
    }

    async fn statuses(&self, policy: &Value) -> Vec<u16> {
        self.scene.store(policy);
        vec![self.scene.read(&self.circumstance).await]
    }
}

impl Tally {
    fn agree(&mut self, said: Certain, policy: &Value) {
        match said {
            Certain::Allowed => self.allowed += 1,
            Certain::Refused => self.refused += 1,
        }
        for statement in policy["Statement"].as_array().expect("statements") {
            for element in ["NotPrincipal", "NotAction", "NotResource"] {
                if statement.get(element).is_some() {
                    *self.others.entry(element).or_default() += 1;
                }
            }
            let conditions = statement.get("Condition").and_then(Value::as_object);
            for operator in conditions.into_iter().flatten().map(|(name, _)| name) {
                *self.operators.entry(base(operator).to_owned()).or_default() += 1;
                for modifier in ["ForAllValues:", "ForAnyValue:", "IfExists"] {
                    if operator.contains(modifier) {
                        *self.others.entry(modifier).or_default() += 1;
                    }
                }
            }
        }
    }

    #[track_caller]
    fn agreed(&self) {
        assert!(
            self.wrong.is_empty(),
            "{} of {}; the first:\n{}",
            self.wrong.len(),
            self.requests,
            self.wrong[..self.wrong.len().min(20)].join("\n"),
        );
    }

    #[expect(
        clippy::print_stderr,
        reason = "the counts are for whoever runs the test"
    )]
    fn print(&self, about: &str) {
        eprintln!(
            "{about}: {} policies, {} requests: {} certain ({} allowed, {} refused), {} left open, {} that AWS's guides do not \
             decide, {} wrong\nby operator: {:?}\nby modifier and element: {:?}",
            self.policies,
            self.requests,
            self.allowed + self.refused,
            self.allowed,
            self.refused,
            self.open,
            self.untold,
            self.wrong.len(),
            self.operators,
            self.others,
        );
    }
}

#[tokio::test]
async fn whatever_the_evaluator_is_certain_of_is_what_the_local_cloud_does() {
    let tally = compare(1, 4_000, real).await;
    tally.print("reading");
    tally.agreed();
    assert!(
        tally.allowed > 4_000 && tally.refused > 7_000,
        "too little was certain"
    );
    assert!(
        tally.untold * 10 < tally.requests,
        "the cloud knows too little"
    );
    for (operator, _) in OPERATORS {
        let met = tally.operators.get(operator).copied().unwrap_or_default();
        assert!(met >= 300, "{operator}: {met}");
    }
    for other in [
        "ForAllValues:",
        "ForAnyValue:",
        "IfExists",
        "NotPrincipal",
        "NotAction",
        "NotResource",
    ] {
        let met = tally.others.get(other).copied().unwrap_or_default();
        assert!(met >= 1_000, "{other}: {met}");
    }
}

/// The comparison itself must be able to fail.
#[tokio::test]
async fn an_evaluator_that_is_wrong_is_caught() {
    fn negated(policy: &Value, question: &Question<'_>) -> Outcome {
        match real(policy, question) {
            Outcome::Allowed { .. } | Outcome::GrantedToAccount { .. } => Outcome::NotGranted {
                cause: "A01",
                near: None,
            },
            Outcome::Denied { .. } | Outcome::NotGranted { .. } => {
                Outcome::GrantedToAccount { by: Vec::new() }
            }
            other => other,
        }
    }
    fn without_conditions(policy: &Value, question: &Question<'_>) -> Outcome {
        let mut policy = policy.clone();
        for statement in policy["Statement"].as_array_mut().expect("statements") {
            statement
                .as_object_mut()
                .expect("a statement")
                .remove("Condition");
        }
        real(&policy, question)
    }
    fn always_certain(policy: &Value, question: &Question<'_>) -> Outcome {
        match real(policy, question) {
            Outcome::Undetermined { .. } => Outcome::GrantedToAccount { by: Vec::new() },
            other => other,
        }
    }
    for (name, evaluator) in [
        ("negated", negated as Evaluator),
        ("without conditions", without_conditions),
        ("always certain", always_certain),
    ] {
        let tally = compare(2, 150, evaluator).await;
        assert!(tally.wrong.len() > 10, "{name}: {}", tally.wrong.len());
    }
}
