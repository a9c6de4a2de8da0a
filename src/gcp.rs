//! Google Cloud Storage: which documents, in which order, and which checks.
//!
//! This file only wires. Reading is in [`reads`], deciding in [`role`], [`iam`] and [`cors`].

pub mod access;
pub mod account;
pub mod answer;
pub mod bucket_cors;
pub mod bucket_iam;
pub mod checks;
pub mod cors;
pub mod custom_role;
pub mod domain;
pub mod endpoints;
pub mod facts;
pub mod failure;
pub mod handed_in;
pub mod iam;
pub mod identity;
pub mod inputs;
pub mod link;
pub mod looking;
pub mod place;
pub mod reads;
pub mod relay;
pub mod role;
pub mod samples;
pub mod target;
pub mod templates;
pub mod view;
pub mod wire;

use std::cell::RefCell;

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, NotChecked, Verdict};
use crate::probe::Prober;
use crate::report::{Document, Report, Target};
use crate::resource::Intent;
use crate::settings::{Action, GcpRender, GcpSettings};
use crate::step::{Step, Tracked};
use crate::wiring::{Opening, Wiring};
use access::Access;
use bucket_cors::BucketCors;
use bucket_iam::BucketIam;
use custom_role::CustomRoleResource;
use facts::Facts;
use inputs::Inputs;
use reads::Granted;
use samples::Samples;
use view::{Standpoint, View};

/// Shared on one thread.
pub type Shared<T> = std::rc::Rc<T>;

/// A bucket on Google Cloud, wired to the spine.
struct Gcp {
    view: Shared<View>,
    samples: Shared<Samples>,
    prober: Shared<Prober>,
    steps: Vec<Box<dyn Step>>,
    /// What the last round of checks has read.
    read: RefCell<Inputs>,
}

/// Gets to where the bucket is to be looked at from, once awaited.
#[must_use]
pub fn open(settings: &GcpSettings, action: Action) -> Opening<'_> {
    Box::pin(async move {
        let mut view = looking::view(settings, action).await?;
        view.urls.clone_from(&settings.urls);
        let steps = match &view.owner {
            Ok(access) => steps(access, action, settings.delete_role),
            Err(_) => Vec::new(),
        };
        let wiring: Box<dyn Wiring> = Box::new(Gcp::new(
            view,
            settings.objects.clone(),
            steps,
            settings.timeout,
        ));
        Ok(wiring)
    })
}

/// The same look again, at what [`looking::inputs`] made of an earlier one, offline.
///
/// # Errors
/// When it is no such document.
pub fn open_inputs(document: &Value) -> Result<Box<dyn Wiring>, Failure> {
    let (view, objects) = looking::look_again(document)?;
    let timeout = view.place.timeout;
    Ok(Box::new(Gcp::new(view, objects, Vec::new(), timeout)))
}

impl Gcp {
    fn new(
        view: View,
        objects: Vec<String>,
        steps: Vec<Box<dyn Step>>,
        timeout: std::time::Duration,
    ) -> Self {
        let view = Shared::new(view);
        Self {
            samples: Shared::new(Samples::new(view.clone(), objects)),
            view,
            prober: Shared::new(Prober::new(timeout)),
            steps,
            read: RefCell::new(Inputs::default()),
        }
    }
}

/// In the order in which they are written. A binding needs its role, so the role is made first and deleted last.
fn steps(access: &Shared<Access>, action: Action, delete_role: bool) -> Vec<Box<dyn Step>> {
    let role = || Box::new(Tracked::new(CustomRoleResource::new(access.clone())));
    let iam = Box::new(Tracked::new(BucketIam::new(access.clone())));
    let cors = Box::new(Tracked::new(BucketCors::new(access.clone())));
    match action {
        Action::Disconnect if delete_role => vec![iam, cors, role()],
        Action::Disconnect => vec![iam, cors],
        Action::Connect | Action::Plan { .. } | Action::Verify => vec![role(), iam, cors],
    }
}

/// Every document that `render` prints.
#[must_use]
pub fn documents(settings: &GcpRender) -> Vec<Document> {
    // A number is no part of a role's name, and offline its ID is not known.
    let project = settings
        .project
        .as_ref()
        .filter(|project| !project.is_number())
        .map(target::Project::as_str);
    templates::documents(
        project,
        &settings.role,
        &settings.account,
        settings.literal_origin,
    )
}

impl Wiring for Gcp {
    fn target(&self) -> Target {
        let place = &self.view.place;
        let caller = self.view.caller.as_deref().ok();
        let seen = caller.and_then(|access| access.first_look.as_ref().ok());
        Target {
            cloud: "gcp",
            bucket: Some(place.bucket.to_string()),
            region: seen.map(|bucket| bucket.location.clone()),
            project: Some(place.project.id.clone()).filter(|id| !id.is_empty()),
            caller: caller.map(|access| access.identity.name()),
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
            self.read.replace(facts.inputs());
            results
        })
    }

    fn inputs(&self) -> Value {
        let read = self.read.borrow().clone();
        looking::inputs(&self.view.place, &self.samples, read)
    }

    fn out_of_reach(&self) -> Vec<NotChecked> {
        let layers = [
            (
                "VPC Service Controls perimeters and principal access boundaries",
                "reading them takes rights on the organisation that holds them",
            ),
            (
                "access lists of single objects (ACLs), where the bucket's access is not uniform",
                "IAM policies alone are evaluated",
            ),
            (
                "Segments.ai's own side (its service account and its organisation)",
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
        });
        checks::left_out(&self.view)
            .into_iter()
            .chain(layers)
            .collect()
    }

    fn next_steps(&self, action: Action, report: &Report) -> Vec<String> {
        let bucket = &self.view.place.bucket;
        match action {
            Action::Plan { .. } if report.changes.iter().any(|entry| entry.change.writes()) => {
                vec![format!(
                    "Make the changes:\n{}",
                    self.view.place.command("connect")
                )]
            }
            Action::Connect | Action::Verify => {
                let mut steps = Vec::new();
                if self.view.from == Standpoint::Segments || self.view.from == Standpoint::Documents
                {
                    return steps;
                }
                if report.verdict == Some(Verdict::Fail) {
                    steps.push(format!(
                        "Mend what is in the way, then check again:\n{}",
                        self.view.place.command("verify")
                    ));
                }
                steps.push(format!(
                    "If you have not done so yet, send Segments.ai the bucket's name, so that it enables the integration on its side:\n{bucket}"
                ));
                steps.push(match self.samples.first_name() {
                    Some(name) => format!(
                        "Once Segments.ai has confirmed it, use `gs://` URLs in your samples; this one is a file of yours:\ngs://{bucket}/{name}"
                    ),
                    None => format!(
                        "Once Segments.ai has confirmed it, use URLs of this form in your samples:\ngs://{bucket}/<object>"
                    ),
                });
                steps
            }
            Action::Plan { .. } | Action::Disconnect => Vec::new(),
        }
    }

    fn explain_missing(&self, action: Action, failure: Failure) -> LocalBoxFuture<'_, Failure> {
        Box::pin(async move {
            if failure.code != ErrorCode::NotPermitted || failure.missing.is_empty() {
                return failure;
            }
            failure.hint(format!(
                "`{}` needs {}; `segments-connect gcp render --bucket {} --service-account {} --document operator-permissions` prints them as custom roles",
                action.as_str(),
                templates::needed(action).join(", "),
                self.view.place.bucket,
                self.view.place.account
            ))
        })
    }
}

/// Which way a run would write; none where it does not.
fn intent(action: Action) -> Option<Intent> {
    match action {
        Action::Connect => Some(Intent::Connect),
        Action::Disconnect => Some(Intent::Disconnect),
        Action::Plan { .. } | Action::Verify => None,
    }
}

/// What the caller may do, where this run may write.
async fn granted_for_writing(access: &Access) -> Option<&Granted> {
    match intent(access.action) {
        Some(_) => Some(access.granted().await),
        None => None,
    }
}

/// Stops before anything is asked or written, where a permission that a planned change needs is certainly missing.
///
/// # Errors
/// With all that are missing of `needed`.
fn lacking(access: &Access, granted: &Granted, needed: &[&str], what: &str) -> Result<(), Failure> {
    let missing = granted.lacking(needed);
    if missing.is_empty() {
        return Ok(());
    }
    let mut failure = Failure::new(ErrorCode::NotPermitted, format!("you {what}"))
        .cause(format!("Google says that you lack {}", missing.join(", ")));
    failure.missing = missing;
    Err(failure.hint(format!("you are `{}`", access.identity.name())))
}
