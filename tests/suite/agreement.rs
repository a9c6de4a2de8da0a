//! Does the evaluator say what a cloud does?
//!
//! Thousands of generated policies are put into the local AWS, whose decisions were written separately from AWS's
//! guides; Segments.ai's principal asks for an object, by a link in a page and from a server; and whatever the
//! evaluator was certain of must be what happened, whatever could be otherwise about the request. What it left open is
//! counted, so that it cannot agree by never being certain.

mod generate;
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
            let circumstance = Circumstance::random(asked, &mut random);
            judge(&scene, &policy, &circumstance, evaluator, &mut tally).await;
        }
        scene.sandbox.clear_log();
    }
    tally
}

async fn judge(
    scene: &Scene,
    policy: &Value,
    circumstance: &Circumstance,
    evaluator: Evaluator,
    tally: &mut Tally,
) {
    let knows = Knowledge {
        tags: tally.requests.is_multiple_of(2),
        canonical_id: tally.requests.is_multiple_of(3),
    };
    let said = asked(scene, policy, circumstance, knows, evaluator);
    let happened = happened(scene, policy, circumstance).await;
    tally.requests += 1;
    match (said, happened) {
        (_, None) => tally.untold += 1,
        (None, Some(_)) => tally.open += 1,
        (Some(said), Some(happened)) if said == happened => tally.agree(said, policy),
        (Some(said), Some(happened)) => {
            let mut smallest = policy.clone();
            while let Some(smaller) =
                smaller(scene, &smallest, circumstance, knows, evaluator).await
            {
                smallest = smaller;
            }
            tally.wrong.push(format!(
                "said {said:?}, and it was {happened:?}, for {circumstance:?}, {knows:?}, under {smallest}"
            ));
        }
    }
}

/// What the evaluator is told besides.
#[derive(Debug, Clone, Copy)]
struct Knowledge {
    tags: bool,
    canonical_id: bool,
}

/// What the evaluator is certain of.
fn asked(
    scene: &Scene,
    policy: &Value,
    circumstance: &Circumstance,
    knows: Knowledge,
    evaluator: Evaluator,
) -> Option<Certain> {
    let place = Place {
        region: Some(REGION),
        owner: Some(CUSTOMER_ACCOUNT),
        now: Some(scene.signed_at),
    };
    let mut circumstances = match circumstance.asked {
        Asked::Link => Circumstances::link_in_a_browser(&place),
        Asked::Server => Circumstances::signed_by_a_server(&place),
    };
    if knows.tags {
        circumstances = circumstances.with_tags(circumstance.share.map(|value| ("share", value)));
    }
    let resource = format!("arn:aws:s3:::{BUCKET}/{KEY}");
    let outcome = evaluator(
        policy,
        &Question {
            principal: SEGMENTS,
            account: SEGMENTS_ACCOUNT,
            canonical_id: knows.canonical_id.then_some(CANONICAL_ID),
            sid: None,
            action: "s3:GetObject",
            resource: policy::Asked::One(&resource),
            circumstances: &circumstances,
        },
    );
    certain(&outcome)
}

/// What the cloud does; nothing where AWS's guides do not say.
async fn happened(scene: &Scene, policy: &Value, circumstance: &Circumstance) -> Option<Certain> {
    scene.store(policy);
    match scene.read(circumstance).await {
        200 => Some(Certain::Allowed),
        403 => Some(Certain::Refused),
        501 => None,
        other => panic!("{other} for {circumstance:?} under {policy:#}"),
    }
}

/// A policy with something left out that the two still disagree about.
async fn smaller(
    scene: &Scene,
    policy: &Value,
    circumstance: &Circumstance,
    knows: Knowledge,
    evaluator: Evaluator,
) -> Option<Value> {
    for candidate in generate::smaller(policy) {
        let said = asked(scene, &candidate, circumstance, knows, evaluator);
        let happened = happened(scene, &candidate, circumstance).await;
        if said.is_some() && happened.is_some() && said != happened {
            return Some(candidate);
        }
    }
    None
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

    #[expect(
        clippy::print_stderr,
        reason = "the counts are for whoever runs the test"
    )]
    fn print(&self) {
        eprintln!(
            "{} policies, {} requests: {} certain ({} allowed, {} refused), {} left open, {} that AWS's guides do not \
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
    tally.print();
    assert!(
        tally.wrong.is_empty(),
        "{} of {}; the first:\n{}",
        tally.wrong.len(),
        tally.requests,
        tally.wrong[..tally.wrong.len().min(20)].join("\n"),
    );
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
