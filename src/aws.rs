//! Amazon S3: which documents, in which order, and which checks.
//!
//! This file only wires. Reading is in [`reads`], deciding in [`policy`] and [`cors`], judging in [`checks`].

pub mod access;
pub mod bucket_cors;
pub mod bucket_policy;
pub mod checks;
pub mod cors;
pub mod destination;
pub mod documents;
pub mod facts;
pub mod failure;
pub mod grants;
pub mod handed_in;
pub mod inputs;
pub mod place;
pub mod policy;
pub mod reads;
pub mod regions;
pub mod target;
pub mod templates;
mod told;
pub mod view;
pub mod wire;

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, NotChecked};
use crate::probe::Prober;
use crate::report::{Report, Target};
use crate::settings::{Action, AwsSettings, Look};
use crate::step::{Step, Tracked};
use crate::wiring::{Opening, Wiring};
use access::Access;
use bucket_cors::BucketCors;
use bucket_policy::BucketPolicy;
use facts::{Facts, Samples};
use place::Place;
use view::View;

/// Shared on one thread.
pub type Shared<T> = std::rc::Rc<T>;

/// An S3 bucket, wired to the spine.
struct Aws {
    view: Shared<View>,
    samples: Shared<Samples>,
    prober: Shared<Prober>,
    steps: Vec<Box<dyn Step>>,
    /// What the last round of checks has read.
    last: RefCell<Option<Facts>>,
}

/// Finds the bucket from where it is to be looked at, once awaited: signed in, from outside, or in documents alone.
#[must_use]
pub fn open(settings: &AwsSettings) -> Opening<'_> {
    Box::pin(async move {
        let mut view = match settings.look {
            Look::Owner => View::as_owner(Shared::new(Access::open(settings).await?)),
            Look::Segments => View::as_segments(Shared::new(Access::open(settings).await?)),
            Look::Anyone => anyone(settings).await?,
            Look::Documents => {
                View::in_documents(written_down(settings), (*settings.documents).clone())
            }
        };
        view.urls.clone_from(&settings.urls);
        Ok(wired(view, settings.objects.clone(), settings.timeout))
    })
}

/// Looks again at what a report says was read: offline, in the view of documents.
///
/// # Errors
/// When the report's part about AWS has another form than this program writes.
pub fn open_inputs(report: &Value) -> Result<Box<dyn Wiring>, Failure> {
    let (view, objects) = inputs::view(report)?;
    Ok(wired(view, objects, Duration::ZERO))
}

fn wired(view: View, objects: Vec<String>, timeout: Duration) -> Box<dyn Wiring> {
    // In the order in which they are written: one after the other, because S3 answers 409 to two at once.
    let steps: Vec<Box<dyn Step>> = match &view.owner {
        Ok(access) => vec![
            Box::new(Tracked::new(BucketPolicy::new(access.clone()))),
            Box::new(Tracked::new(BucketCors::new(access.clone()))),
        ],
        Err(_) => Vec::new(),
    };
    Box::new(Aws {
        samples: Shared::new(Samples::new(&view, objects)),
        prober: Shared::new(Prober::new(timeout)),
        view: Shared::new(view),
        steps,
        last: RefCell::new(None),
    })
}

/// As whoever is signed in; and from outside where nobody is.
async fn anyone(settings: &AwsSettings) -> Result<View, Failure> {
    let why = match Access::open(settings).await {
        Ok(access) => return Ok(View::as_owner(Shared::new(access))),
        Err(why) => why,
    };
    match why.code {
        ErrorCode::NotSignedIn | ErrorCode::CredentialsExpired => {
            let (place, forms) = access::outside(settings).await?;
            let said = Failure {
                message: "you are not signed in".to_owned(),
                ..why
            };
            Ok(View::from_outside(place, forms, said))
        }
        _ => Err(why),
    }
}

/// What is known of a bucket of which nobody is asked: what the caller says.
fn written_down(settings: &AwsSettings) -> Place {
    Place {
        bucket: settings.bucket.clone(),
        region: settings.region.clone(),
        region_observed: settings.region.is_some(),
        owner: settings.account.clone(),
        may_list: None,
        flags: Vec::new(),
    }
}

impl Wiring for Aws {
    fn target(&self) -> Target {
        let caller = self.view.caller.as_deref().ok();
        Target {
            cloud: "aws",
            bucket: Some(self.view.place.bucket.to_string()),
            region: self.view.place.region.clone(),
            account: self.view.place.owner.clone(),
            caller: caller.map(|caller| caller.arn.clone()),
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
            let results = checks::all(&facts).await;
            self.last.replace(Some(facts));
            results
        })
    }

    fn out_of_reach(&self) -> Vec<NotChecked> {
        let mut layers = checks::left_out(&self.view);
        layers.extend(told::out_of_reach());
        layers
    }

    fn inputs(&self) -> Value {
        self.last
            .borrow()
            .as_ref()
            .map_or(Value::Null, inputs::inputs)
    }

    fn next_steps(&self, action: Action, report: &Report) -> Vec<String> {
        told::next_steps(
            &self.view,
            self.samples.keys().first().map(String::as_str),
            action,
            report,
        )
    }

    fn explain_missing(&self, action: Action, failure: Failure) -> LocalBoxFuture<'_, Failure> {
        Box::pin(async move {
            let Ok(access) = &self.view.owner else {
                return failure;
            };
            if failure.code != ErrorCode::NotPermitted {
                return failure;
            }
            if access.owned_by_another().await {
                return Failure {
                    code: ErrorCode::WrongAccount,
                    missing: Vec::new(),
                    hints: vec![format!(
                        "you are `{}`; sign in to the account that owns the bucket, for example with `--profile`",
                        access.arn
                    )],
                    ..failure
                }
                .cause(format!("the bucket belongs to another account than yours, {}", access.account));
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
                access.place.bucket
            ));
            if access.place.may_list == Some(false) {
                failure = failure.hint(format!(
                    "S3 gives the same answer for a bucket of another account: make sure that yours, {}, owns it",
                    access.account
                ));
            }
            failure
        })
    }
}
