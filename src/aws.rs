//! Amazon S3: which documents, in which order, and which checks.
//!
//! This file only wires. Reading is in [`reads`], deciding in [`policy`] and [`cors`], judging in [`checks`].

pub mod access;
pub mod bucket_cors;
pub mod bucket_policy;
pub mod checks;
pub mod cors;
pub mod facts;
pub mod failure;
pub mod place;
pub mod policy;
pub mod reads;
pub mod target;
pub mod templates;
pub mod view;
pub mod wire;

use futures_util::future::LocalBoxFuture;

use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, NotChecked, Verdict};
use crate::plan::{Step, Tracked};
use crate::probe::Prober;
use crate::report::{Report, Target};
use crate::run::{Opening, Wiring};
use crate::settings::{Action, AwsSettings};
use access::Access;
use bucket_cors::BucketCors;
use bucket_policy::BucketPolicy;
use facts::{Facts, Samples};
use view::View;

/// Shared on one thread.
pub type Shared<T> = std::rc::Rc<T>;

/// An S3 bucket, wired to the spine.
struct Aws {
    access: Shared<Access>,
    view: Shared<View>,
    samples: Shared<Samples>,
    prober: Shared<Prober>,
    steps: Vec<Box<dyn Step>>,
}

/// Signs in and finds the bucket, once awaited.
#[must_use]
pub fn open(settings: &AwsSettings) -> Opening<'_> {
    Box::pin(async move {
        let access = Shared::new(Access::open(settings).await?);
        // In the order in which they are written: one after the other, because S3 answers 409 to two at once.
        let steps: Vec<Box<dyn Step>> = vec![
            Box::new(Tracked::new(BucketPolicy::new(access.clone()))),
            Box::new(Tracked::new(BucketCors::new(access.clone()))),
        ];
        let view = Shared::new(View::as_owner(access.clone()));
        let wiring: Box<dyn Wiring> = Box::new(Aws {
            samples: Shared::new(Samples::new(&view, settings.objects.clone())),
            prober: Shared::new(Prober::new(settings.timeout)),
            access,
            view,
            steps,
        });
        Ok(wiring)
    })
}

impl Wiring for Aws {
    fn target(&self) -> Target {
        Target {
            cloud: "aws",
            bucket: Some(self.access.place.bucket.to_string()),
            region: self.access.place.region.clone(),
            account: Some(self.access.account.clone()),
            caller: Some(self.access.arn.clone()),
            ..Target::default()
        }
    }

    fn steps(&self) -> &[Box<dyn Step>] {
        &self.steps
    }

    fn look_ahead(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async {
            self.samples.find().await;
        })
    }

    fn check(&self) -> LocalBoxFuture<'_, Vec<CheckResult>> {
        Box::pin(async {
            let facts = Facts::new(self.view.clone(), self.samples.clone(), self.prober.clone());
            checks::all(&facts).await
        })
    }

    fn out_of_reach(&self) -> Vec<NotChecked> {
        [
            (
                "resource control policies of your organisation",
                "only the organisation's management account can read them",
            ),
            (
                "Segments.ai's own side (its identity policy and its organisation)",
                "no customer can read it",
            ),
            (
                "the networks of the labellers",
                "this machine is in another network",
            ),
        ]
        .into_iter()
        .map(|(what, why)| NotChecked {
            what: what.to_owned(),
            why: why.to_owned(),
        })
        .collect()
    }

    fn next_steps(&self, action: Action, report: &Report) -> Vec<String> {
        let bucket = &self.access.place.bucket;
        match action {
            Action::Plan { .. } if report.changes.iter().any(|entry| entry.change.writes()) => {
                vec![format!(
                    "Make the changes:\n{}",
                    self.access.place.command("connect")
                )]
            }
            Action::Connect | Action::Verify => {
                let mut steps = Vec::new();
                if report.verdict == Some(Verdict::Fail) {
                    steps.push(format!(
                        "Mend what is in the way, then check again:\n{}",
                        self.access.place.command("verify")
                    ));
                }
                let key = self.samples.first_key();
                let form = match key {
                    Some(key) => format!(
                        "Register your files with Segments.ai under URLs of this form; this one is a file of yours:\n{}",
                        self.access.place.registered_url(&key)
                    ),
                    None => format!(
                        "Register your files with Segments.ai under URLs of this form:\nhttps://{bucket}.s3.{}.amazonaws.com/<key>",
                        self.access.place.region.as_deref().unwrap_or("<region>")
                    ),
                };
                steps.push(form);
                steps
            }
            Action::Plan { .. } | Action::Disconnect => Vec::new(),
        }
    }

    fn explain_missing(&self, action: Action, failure: Failure) -> LocalBoxFuture<'_, Failure> {
        Box::pin(async move {
            if failure.code != ErrorCode::NotPermitted {
                return failure;
            }
            if self.access.owned_by_another().await {
                return Failure {
                    code: ErrorCode::WrongAccount,
                    missing: Vec::new(),
                    hints: vec![format!(
                        "you are `{}`; sign in to the account that owns the bucket, for example with `--profile`",
                        self.access.arn
                    )],
                    ..failure
                }
                .cause(format!("the bucket belongs to another account than yours, {}", self.access.account));
            }
            let mut needed: Vec<&str> = match action {
                Action::Verify => templates::VERIFY.to_vec(),
                Action::Plan { .. } => templates::PLAN.to_vec(),
                Action::Connect => [templates::VERIFY, templates::WRITE].concat(),
                Action::Disconnect => [templates::PLAN, templates::WRITE].concat(),
            };
            needed.dedup();
            let mut failure = failure.hint(format!(
                "`{}` needs {}; `segments-connect aws render --bucket {} --document operator-permissions` prints them as a policy",
                action.as_str(),
                needed.join(", "),
                self.access.place.bucket
            ));
            if self.access.place.may_list == Some(false) {
                failure = failure.hint(format!(
                    "S3 gives the same answer for a bucket of another account: make sure that yours, {}, owns it",
                    self.access.account
                ));
            }
            failure
        })
    }
}
