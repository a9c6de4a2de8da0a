//! Does the evaluator say what Google Cloud does?
//!
//! Thousands of generated policies, of every level and of every kind, are put into the local Google Cloud, whose decisions
//! were written separately from Google's pages; Segments.ai's service account and nobody in particular ask for an object,
//! and the service account lists the bucket; and whatever the evaluator was certain of must be what happened. What it left
//! open is counted, so that it cannot agree by never being certain.

mod generate;
mod scene;
mod setting;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use segments_connect::gcp::iam::{self, Asked, DenyRule, Level, Outcome, Policies, Tri};

use generate::Generator;
use scene::{OBJECTS, Scene};
use setting::{BUCKET, CONSTRUCTS, LevelPolicy, NOW, PROJECT, SEGMENTS, Setting};

/// What is certain about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Certain {
    Allowed,
    Refused,
}

/// Who asks for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Segments.ai's service account, for an object.
    Segments(&'static str),
    /// Nobody in particular, for an object.
    Nobody(&'static str),
    /// Segments.ai's service account, for the list of objects.
    Listing,
}

/// An evaluator: the real one, or one that is wrong on purpose.
type Evaluator = fn(&Setting, &Question) -> Outcome;

/// What the evaluator is asked.
#[derive(Debug, Clone, Copy)]
struct Question {
    request: Request,
    /// Whether it is asked for this object, or for all of them.
    one: bool,
}

/// What came of comparing.
#[derive(Debug, Default)]
struct Tally {
    settings: usize,
    questions: usize,
    allowed: usize,
    refused: usize,
    open: usize,
    /// How often an answer was certain and right, by what the policies hold.
    constructs: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

fn real(setting: &Setting, question: &Question) -> Outcome {
    let member = format!("serviceAccount:{SEGMENTS}");
    let (permission, object, member, email) = match question.request {
        Request::Segments(object) => (
            "storage.objects.get",
            Some(object),
            member.as_str(),
            SEGMENTS,
        ),
        Request::Nobody(object) => ("storage.objects.get", Some(object), "allUsers", ""),
        Request::Listing => ("storage.objects.list", None, member.as_str(), SEGMENTS),
    };
    let asked = Asked {
        bucket: BUCKET,
        object: object.filter(|_| question.one),
        now: NOW,
        permission,
    };
    let folders = borrowed(&setting.managed_folders);
    let ancestors = borrowed(&setting.ancestors);
    let policies = Policies {
        bucket: &setting.bucket,
        managed_folders: Ok(&folders),
        project: setting
            .project_read
            .then_some(&setting.project)
            .ok_or("you may not"),
        project_id: PROJECT,
        ancestors: Ok(&ancestors),
        public: match (setting.public_known, setting.prevented()) {
            (false, _) => Tri::Maybe,
            (true, prevented) => Tri::from(!prevented),
        },
    };
    let denied: Vec<DenyRule> = setting
        .deny_policies
        .iter()
        .flat_map(|(_, policy)| iam::deny_rules(policy, email, permission))
        .collect();
    iam::evaluate(
        &policies,
        member,
        &|role| setting.role(role),
        &denied,
        &asked,
    )
    .outcome
}

fn borrowed(levels: &[LevelPolicy]) -> Vec<Level<'_>> {
    levels
        .iter()
        .map(|level| Level {
            name: &level.name,
            policy: level.read.then_some(&level.policy).ok_or("you may not"),
        })
        .collect()
}

fn certain(outcome: &Outcome) -> Option<Certain> {
    match outcome {
        Outcome::Allowed { .. } => Some(Certain::Allowed),
        Outcome::Denied { .. } | Outcome::NotGranted { .. } => Some(Certain::Refused),
        Outcome::Partly { .. } | Outcome::Undetermined { .. } => None,
    }
}

/// Compares, for so many settings of a seed.
async fn compare(seed: u64, settings: usize, evaluator: Evaluator) -> Tally {
    let scene = Scene::new();
    let mut generator = Generator::new(seed);
    let mut tally = Tally::default();
    for _ in 0..settings {
        let setting = generator.setting();
        let requests = [
            Request::Segments(generator.one_of(&OBJECTS)),
            Request::Segments(generator.one_of(&OBJECTS)),
            Request::Nobody(generator.one_of(&OBJECTS)),
            Request::Listing,
        ];
        scene.apply(&setting);
        let happened = join_all(requests.iter().map(|request| scene.ask(*request))).await;
        tally.settings += 1;
        for (request, happened) in requests.into_iter().zip(happened) {
            for one in [true, false] {
                let question = Question { request, one };
                judge(&scene, &setting, &question, happened, evaluator, &mut tally).await;
            }
        }
    }
    tally
}

async fn judge(
    scene: &Scene,
    setting: &Setting,
    question: &Question,
    happened: Certain,
    evaluator: Evaluator,
    tally: &mut Tally,
) {
    tally.questions += 1;
    match certain(&evaluator(setting, question)) {
        None => tally.open += 1,
        Some(said) if said == happened => tally.agree(said, setting),
        Some(said) => {
            let mut smallest = setting.clone();
            while let Some(smaller) = smaller(scene, &smallest, question, evaluator).await {
                smallest = smaller;
            }
            tally.wrong.push(format!(
                "said {said:?}, and it was {happened:?}, for {question:?}, under {smallest:?}"
            ));
        }
    }
}

/// A setting with something left out that the two still disagree about.
async fn smaller(
    scene: &Scene,
    setting: &Setting,
    question: &Question,
    evaluator: Evaluator,
) -> Option<Setting> {
    for candidate in setting.smaller() {
        scene.apply(&candidate);
        let happened = scene.ask(question.request).await;
        if certain(&evaluator(&candidate, question)).is_some_and(|said| said != happened) {
            return Some(candidate);
        }
    }
    None
}

impl Tally {
    fn agree(&mut self, said: Certain, setting: &Setting) {
        match said {
            Certain::Allowed => self.allowed += 1,
            Certain::Refused => self.refused += 1,
        }
        for construct in setting.constructs() {
            *self.constructs.entry(construct).or_default() += 1;
        }
    }

    #[expect(
        clippy::print_stderr,
        reason = "the counts are for whoever runs the test"
    )]
    fn print(&self) {
        eprintln!(
            "{} settings, {} questions: {} certain ({} allowed, {} refused), {} left open, {} wrong\nby construct: {:?}",
            self.settings,
            self.questions,
            self.allowed + self.refused,
            self.allowed,
            self.refused,
            self.open,
            self.wrong.len(),
            self.constructs,
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
        tally.questions,
        tally.wrong[..tally.wrong.len().min(20)].join("\n"),
    );
    assert!(
        tally.allowed > 3_000 && tally.refused > 9_000,
        "too little was certain"
    );
    for construct in CONSTRUCTS {
        let met = tally.constructs.get(construct).copied().unwrap_or_default();
        assert!(met >= 300, "{construct}: {met}");
    }
}

/// The comparison itself must be able to fail.
#[tokio::test]
async fn an_evaluator_that_is_wrong_is_caught() {
    fn negated(setting: &Setting, question: &Question) -> Outcome {
        match real(setting, question) {
            Outcome::Allowed { .. } => Outcome::NotGranted {
                cause: "G01",
                near: None,
            },
            Outcome::Denied { .. } | Outcome::NotGranted { .. } => Outcome::Allowed {
                by: Vec::new(),
                until: None,
                public: false,
            },
            open @ (Outcome::Partly { .. } | Outcome::Undetermined { .. }) => open,
        }
    }
    fn without_conditions(setting: &Setting, question: &Question) -> Outcome {
        real(&setting.without("condition"), question)
    }
    fn without_denials(setting: &Setting, question: &Question) -> Outcome {
        let mut setting = setting.clone();
        setting.deny_policies.clear();
        real(&setting, question)
    }
    fn without_exceptions(setting: &Setting, question: &Question) -> Outcome {
        real(&setting.without("exceptionPrincipals"), question)
    }
    fn without_what_is_above(setting: &Setting, question: &Question) -> Outcome {
        let mut setting = setting.clone();
        setting.ancestors.clear();
        real(&setting, question)
    }
    fn without_prevention(setting: &Setting, question: &Question) -> Outcome {
        let mut setting = setting.clone();
        (setting.bucket_prevented, setting.project_prevented) = (false, false);
        setting.public_known = true;
        real(&setting, question)
    }
    fn with_every_role_enabled(setting: &Setting, question: &Question) -> Outcome {
        let mut setting = setting.clone();
        for role in &mut setting.roles {
            (role.disabled, role.deleted) = (false, false);
        }
        real(&setting, question)
    }
    fn with_everybody_signed_in(setting: &Setting, question: &Question) -> Outcome {
        real(
            &setting.renamed("allAuthenticatedUsers", "allUsers"),
            question,
        )
    }
    fn with_folders_for_all(setting: &Setting, question: &Question) -> Outcome {
        let mut setting = setting.clone();
        for folder in &mut setting.managed_folders {
            folder.name.clear();
        }
        real(&setting, question)
    }
    for (name, evaluator) in [
        ("negated", negated as Evaluator),
        ("without conditions", without_conditions),
        ("without denials", without_denials),
        ("without exceptions", without_exceptions),
        ("without what is above", without_what_is_above),
        ("without prevention", without_prevention),
        ("with every role enabled", with_every_role_enabled),
        ("with everybody signed in", with_everybody_signed_in),
        ("with folders for all", with_folders_for_all),
    ] {
        let tally = compare(2, 150, evaluator).await;
        assert!(!tally.wrong.is_empty(), "{name}");
    }
}
