//! What Segments.ai could do beyond reading: listing, writing, deleting, reading tags. What is said of every object must
//! hold for each that is tried.

use segments_connect::aws::policy::{self, Circumstances, Outcome, Question};
use serde_json::Value;

use super::generate::Generator;
use super::scene::{
    Asked, BUCKET, CANONICAL_ID, Circumstance, KEY, OTHER_KEY, SEGMENTS, SEGMENTS_ACCOUNT, Scene,
};
use super::{Certain, Evaluator, Tally, Trial, certain, judge, place, real};

const ACTIONS: [&str; 4] = [
    "s3:ListBucket",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:GetObjectTagging",
];
/// The last one is not there.
const KEYS: [&str; 3] = [KEY, OTHER_KEY, "photos/new.jpg"];

/// Segments.ai does something, in a request of its own.
struct Act<'a> {
    scene: &'a Scene,
    circumstance: Circumstance,
    action: &'static str,
    /// The one object that is asked for; all of them without it.
    only: Option<&'static str>,
    evaluator: Evaluator,
}

impl std::fmt::Debug for Act<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (action, only) = (self.action, self.only);
        write!(formatter, "{action} on {only:?}, {:?}", self.circumstance)
    }
}

impl Act<'_> {
    fn keys(&self) -> Vec<&'static str> {
        match (self.action, self.only) {
            ("s3:ListBucket", _) => vec![KEY],
            // A tag is read of what is there.
            ("s3:GetObjectTagging", None) => KEYS[..2].to_vec(),
            (_, None) => KEYS.to_vec(),
            (_, Some(key)) => vec![key],
        }
    }
}

impl Trial for Act<'_> {
    fn said(&self, policy: &Value) -> Option<Certain> {
        let circumstances = Circumstances::any_request_of_segments(&place(self.scene));
        let bucket = format!("arn:aws:s3:::{BUCKET}");
        let objects = format!("{bucket}/{}", self.only.unwrap_or("*"));
        let resource = match (self.action, self.only) {
            ("s3:ListBucket", _) => policy::Asked::One(&bucket),
            (_, Some(_)) => policy::Asked::One(&objects),
            (_, None) => policy::Asked::Every(&objects),
        };
        let outcome = (self.evaluator)(
            policy,
            &Question {
                principal: SEGMENTS,
                account: SEGMENTS_ACCOUNT,
                canonical_id: Some(CANONICAL_ID),
                sid: None,
                action: self.action,
                resource,
                circumstances: &circumstances,
            },
        );
        certain(&outcome)
    }

    async fn statuses(&self, policy: &Value) -> Vec<u16> {
        self.scene.store(policy);
        let mut statuses = Vec::new();
        for key in self.keys() {
            let acted = self.scene.act(self.action, key, &self.circumstance);
            statuses.push(acted.await);
        }
        statuses
    }
}

async fn compare(seed: u64, policies: usize, evaluator: Evaluator) -> [Tally; 4] {
    let scene = Scene::new().await;
    let mut random = fastrand::Rng::with_seed(seed);
    let mut tallies = ACTIONS.map(|_| Tally::default());
    for (action, tally) in ACTIONS.into_iter().zip(&mut tallies) {
        let mut generator = Generator::new(seed, scene.signed_at).about(action);
        for number in 0..policies / ACTIONS.len() {
            let policy = generator.policy();
            tally.policies += 1;
            let act = Act {
                scene: &scene,
                circumstance: Circumstance::random(Asked::Server, &mut random),
                action,
                only: number.is_multiple_of(3).then_some(KEY),
                evaluator,
            };
            judge(&act, &policy, tally).await;
            scene.sandbox.clear_log();
        }
    }
    tallies
}

#[tokio::test]
async fn whatever_is_certain_of_other_actions_is_what_the_local_cloud_does() {
    let tallies = compare(3, 4_000, real).await;
    for (action, tally) in ACTIONS.into_iter().zip(&tallies) {
        tally.print(action);
        tally.agreed();
        assert!(
            tally.allowed > 100 && tally.refused > 300,
            "{action}: too little was certain"
        );
    }
}

#[tokio::test]
async fn an_evaluator_that_is_wrong_about_other_actions_is_caught() {
    fn whatever_the_action(policy: &Value, question: &Question<'_>) -> Outcome {
        let reading = Question {
            action: "s3:GetObject",
            ..*question
        };
        real(policy, &reading)
    }
    fn a_part_is_all(policy: &Value, question: &Question<'_>) -> Outcome {
        match real(policy, question) {
            Outcome::PartlyAllowed { .. } | Outcome::PartlyDenied { .. } => {
                Outcome::GrantedToAccount { by: Vec::new() }
            }
            other => other,
        }
    }
    for (name, evaluator) in [
        ("whatever the action", whatever_the_action as Evaluator),
        ("a part is all", a_part_is_all),
    ] {
        let tallies = compare(4, 600, evaluator).await;
        let wrong: usize = tallies.iter().map(|tally| tally.wrong.len()).sum();
        assert!(wrong > 10, "{name}: {wrong}");
    }
}
