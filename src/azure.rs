//! Azure: which documents, in which order, and which checks.
//!
//! This file only wires. Asking is in [`reads`], [`blobs`] and [`directory`], deciding in [`cors`] and [`rbac`], judging in
//! [`checks`].

pub mod access;
pub mod account;
pub mod blob_cors;
pub mod blobs;
pub mod checks;
pub mod cors;
pub mod credential;
pub mod directory;
pub mod endpoints;
pub mod facts;
pub mod failure;
pub mod hand_off;
pub mod handed_in;
pub mod identity;
pub mod inputs;
pub mod looking;
pub mod place;
pub mod rbac;
pub mod reads;
pub mod rest;
pub mod role_assignment;
pub mod samples;
pub mod sas;
pub mod service_principal;
pub mod target;
pub mod templates;
pub mod transport;
pub mod view;

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use crate::error::{ErrorCode, Failure};
use crate::finding::{CheckResult, NotChecked, Verdict};
use crate::probe::Prober;
use crate::report::{Report, Target};
use crate::settings::{Action, AzureSettings};
use crate::step::{Step, Tracked};
use crate::wiring::{Opening, Wiring};
use access::Access;
use blob_cors::BlobCors;
use facts::Facts;
use inputs::Inputs;
use role_assignment::RoleAssignment;
use samples::Samples;
use sas::blob_url;
use service_principal::AppPrincipal;
use target::BlobName;
use view::{Standpoint, View};

/// Shared on one thread.
pub type Shared<T> = std::rc::Rc<T>;

/// A storage account, wired to the spine.
struct Azure {
    view: Shared<View>,
    samples: Shared<Samples>,
    prober: Shared<Prober>,
    steps: Vec<Box<dyn Step>>,
    /// What the last round of checks has read.
    read: RefCell<Inputs>,
}

/// Gets to where the storage account is to be looked at from, once awaited.
#[must_use]
pub fn open(settings: &AzureSettings) -> Opening<'_> {
    Box::pin(async move {
        let mut view = looking::view(settings).await?;
        view.urls.clone_from(&settings.urls);
        let steps = match &view.owner {
            Ok(access) => steps(access, settings),
            Err(_) => Vec::new(),
        };
        let wiring: Box<dyn Wiring> = Box::new(Azure::new(
            view,
            settings.blobs.clone(),
            settings.container.clone(),
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
    let (view, blobs) = looking::look_again(document)?;
    let timeout = view.place.timeout;
    Ok(Box::new(Azure::new(view, blobs, None, Vec::new(), timeout)))
}

/// In the order in which they are written: an assignment needs its principal. They are taken away the other way round,
/// so that no assignment is left of a principal that is gone.
fn steps(access: &Shared<Access>, settings: &AzureSettings) -> Vec<Box<dyn Step>> {
    let mut steps: Vec<Box<dyn Step>> = vec![
        Box::new(Tracked::new(AppPrincipal::new(
            access.clone(),
            settings.delete_service_principal,
        ))),
        Box::new(Tracked::new(RoleAssignment::new(access.clone()))),
        Box::new(Tracked::new(BlobCors::new(access.clone()))),
    ];
    if settings.action == Action::Disconnect {
        steps.reverse();
    }
    steps
}

impl Wiring for Azure {
    fn target(&self) -> Target {
        let place = &self.view.place;
        let account = place.account().ok();
        Target {
            cloud: "azure",
            storage_account: Some(place.name.to_string()),
            region: account
                .map(|account| account.location.clone())
                .filter(|location| !location.is_empty()),
            subscription: account.map(|account| account.subscription.clone()),
            resource_group: account.map(|account| account.resource_group.clone()),
            tenant: place.tenant.clone(),
            caller: self.view.caller.as_deref().ok().map(Access::who),
            ..Target::default()
        }
    }

    fn steps(&self) -> &[Box<dyn Step>] {
        &self.steps
    }

    fn look_ahead(&self) -> LocalBoxFuture<'_, ()> {
        Box::pin(async {
            if self.view.place.account.is_ok() {
                self.samples.find().await;
            }
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
                "policies of your organisation that change settings back, and locks",
                "they show only when something is written",
            ),
            (
                "Segments.ai's own side (its app's secrets, and conditional access in its tenant)",
                "no customer can read it",
            ),
            (
                "a network security perimeter that the storage account is put in",
                "it overrides what the account itself says, and is a resource of its own that is not read",
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
        let mut steps = Vec::new();
        let place = &self.view.place;
        match action {
            Action::Plan { .. } => {
                if report.changes.iter().any(|entry| entry.change.writes()) {
                    steps.push(format!("Make the changes:\n{}", place.command("connect")));
                }
            }
            Action::Connect | Action::Verify => {
                if matches!(self.view.from, Standpoint::Segments | Standpoint::Documents) {
                    return steps;
                }
                let left = report
                    .changes
                    .iter()
                    .any(|entry| entry.change.hand_off.is_some());
                if report.verdict == Some(Verdict::Fail) && !left {
                    steps.push(format!(
                        "Mend what is in the way, then check again:\n{}",
                        place.command("verify")
                    ));
                }
            }
            Action::Disconnect => return steps,
        }
        if let Some(tenant) = &place.tenant {
            steps.push(format!(
                "Send Segments.ai the Tenant ID, if you have not yet:\n{tenant}"
            ));
        }
        steps.extend(self.url_form());
        steps
    }

    fn explain_missing(&self, action: Action, failure: Failure) -> LocalBoxFuture<'_, Failure> {
        Box::pin(async move {
            if failure.code != ErrorCode::NotPermitted {
                return failure;
            }
            let needed = match action {
                Action::Plan { .. } => templates::PLAN.to_vec(),
                Action::Verify => [templates::PLAN, templates::VERIFY].concat(),
                Action::Connect => [templates::PLAN, templates::VERIFY, templates::WRITE].concat(),
                Action::Disconnect => [templates::PLAN, templates::WRITE].concat(),
            };
            failure.hint(format!(
                "`{}` needs {}; `segments-connect azure render --storage-account {} --document operator-permissions` prints them as a role",
                action.as_str(),
                needed.join(", "),
                self.view.place.name
            ))
        })
    }
}

impl Azure {
    fn new(
        view: View,
        blobs: Vec<BlobName>,
        container: Option<String>,
        steps: Vec<Box<dyn Step>>,
        timeout: Duration,
    ) -> Self {
        let view = Shared::new(view);
        Self {
            samples: Shared::new(Samples::new(view.clone(), blobs, container)),
            view,
            prober: Shared::new(Prober::new(timeout)),
            steps,
            read: RefCell::new(Inputs::default()),
        }
    }

    /// How blobs are registered with Segments.ai.
    fn url_form(&self) -> Option<String> {
        let account = self.view.place.account().ok()?;
        let endpoint = account.blob_endpoint.as_ref()?;
        Some(match self.samples.first() {
            Some(name) => format!(
                "Register your files with Segments.ai under URLs of this form, for example:\n{}",
                blob_url(endpoint, &name)
            ),
            None => format!(
                "Register your files with Segments.ai under URLs of this form:\n{}",
                blob_url(
                    endpoint,
                    &BlobName {
                        container: "<container>".to_owned(),
                        blob: "<blob>".to_owned(),
                    }
                )
                .as_str()
                .replace("%3C", "<")
                .replace("%3E", ">")
            ),
        })
    }
}
