//! The service principal as a resource: made where it is absent, never renamed, never enabled behind anybody's back.

use std::cell::{Cell, RefCell};

use serde_json::Value;

use super::Shared;
use super::access::Access;
use super::directory::{READ_RIGHT, ServicePrincipal, principal};
use super::failure::{Doing, write_refused};
use super::hand_off::{self, CREATE_RIGHT};
use super::reads;
use super::rest::{Call, Service};
use super::templates;
use crate::error::{ErrorCode, Failure, Refusal};
use crate::resource::{
    Guard, HandOff, Intent, Resource, Revision, Scope, Snapshot, Subject, WriteFailure,
};

/// The service principal of Segments.ai's app in the tenant.
pub struct AppPrincipal {
    access: Shared<Access>,
    delete: bool,
    serves: RefCell<Option<Result<Vec<String>, Failure>>>,
    /// Whether a write was sent: what was read before it no longer counts.
    written: Cell<bool>,
}

/// What is known of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Presence {
    /// The app is not installed.
    Absent,
    /// It is to be installed.
    Wanted,
    /// It is installed.
    There {
        /// Its object ID.
        id: String,
        /// What Graph told of it.
        shown: Value,
    },
    /// Its object ID was given, and nobody was asked.
    Given(String),
}

impl AppPrincipal {
    /// The service principal in the tenant that `access` leads to; it is removed only where `delete` says so.
    #[must_use]
    pub fn new(access: Shared<Access>, delete: bool) -> Self {
        Self {
            access,
            delete,
            serves: RefCell::new(None),
            written: Cell::new(false),
        }
    }

    /// What else in the subscription of the account is assigned to the service principal: scopes.
    async fn look_what_it_serves(&self, id: &str) {
        let found = reads::assignments_in_subscription(&self.access, id)
            .await
            .map(|assignments| {
                let account = self.access.account().map_or("", |account| &account.id);
                let mut scopes: Vec<String> = assignments
                    .iter()
                    .filter_map(|assignment| assignment.get("properties")?.get("scope")?.as_str())
                    .filter(|scope| !scope.eq_ignore_ascii_case(account))
                    .map(str::to_owned)
                    .collect();
                scopes.sort_unstable();
                scopes.dedup();
                scopes
            });
        self.serves.replace(Some(found));
    }

    fn presence(found: Option<&ServicePrincipal>) -> Presence {
        match found {
            Some(ServicePrincipal { id, shown, .. }) => Presence::There {
                id: id.clone(),
                shown: shown.clone(),
            },
            None => Presence::Absent,
        }
    }

    async fn install(&self) -> Result<(), WriteFailure> {
        let doing = "could not install the app of Segments.ai in the tenant";
        // `az ad sp create` does the same: https://learn.microsoft.com/graph/api/serviceprincipal-post-serviceprincipals
        let call = Call::new(
            Service::Graph,
            azure_core::http::Method::Post,
            self.access.endpoints().graph("v1.0/servicePrincipals"),
        )
        .json(templates::service_principal());
        let answer = self
            .access
            .rest
            .send(&call)
            .await
            .map_err(|unanswered| unanswered.write(doing))?;
        if !answer.succeeded() {
            return Err(write_refused(&self.doing(doing), &answer, Service::Graph));
        }
        match answer.json(doing).and_then(|shown| principal(shown, doing)) {
            Ok(made) => {
                self.access.directory.remember(&made.id);
                Ok(())
            }
            // It said yes in words that make no sense: reading tells.
            Err(failure) => Err(WriteFailure::Unclear(failure)),
        }
    }

    async fn uninstall(&self, id: &str) -> Result<(), WriteFailure> {
        let doing = "could not take the app of Segments.ai out of the tenant";
        // https://learn.microsoft.com/graph/api/serviceprincipal-delete
        let call = Call::new(
            Service::Graph,
            azure_core::http::Method::Delete,
            self.access
                .endpoints()
                .graph(&format!("v1.0/servicePrincipals/{id}")),
        );
        let answer = self
            .access
            .rest
            .send(&call)
            .await
            .map_err(|unanswered| unanswered.write(doing))?;
        if answer.succeeded() || answer.status == 404 && answer.problem.is_some() {
            Ok(())
        } else {
            Err(write_refused(&self.doing(doing), &answer, Service::Graph))
        }
    }

    fn doing<'a>(&'a self, what: &'a str) -> Doing<'a> {
        Doing {
            what,
            right: CREATE_RIGHT,
            caller: self
                .access
                .caller
                .name
                .as_deref()
                .unwrap_or("not named by the token"),
        }
    }
}

impl Resource for AppPrincipal {
    type Document = Presence;

    fn subject(&self) -> Subject {
        Subject {
            id: "azure.service-principal",
            title: "service principal",
            entry: "service principal",
            scope: Scope::Tenant,
        }
    }

    /// Creating fails where there is one, and touches nothing else; so does removing it by its own ID.
    fn guard(&self) -> Guard {
        Guard::OwnName
    }

    async fn read(&self) -> Result<Snapshot<Presence>, Failure> {
        let document = match self.access.directory.given() {
            Some(id) => Presence::Given(id.to_owned()),
            None if self.written.get() => {
                Self::presence(self.access.directory.read().await?.as_ref())
            }
            None => Self::presence(self.access.directory.first().await.clone()?.as_ref()),
        };
        if self.delete
            && let Presence::There { id, .. } = &document
        {
            self.look_what_it_serves(id).await;
        }
        Ok(Snapshot {
            document,
            revision: Revision::default(),
        })
    }

    async fn read_again(&self) -> Result<Snapshot<Presence>, Failure> {
        Ok(Snapshot {
            document: Self::presence(self.access.directory.read().await?.as_ref()),
            revision: Revision::default(),
        })
    }

    fn merge(&self, current: &Presence) -> Result<Presence, Refusal> {
        Ok(match current {
            Presence::Absent | Presence::Wanted => Presence::Wanted,
            Presence::There { .. } | Presence::Given(_) => current.clone(),
        })
    }

    fn remove(&self, current: &Presence) -> Result<Presence, Refusal> {
        Ok(match current {
            Presence::There { .. } if self.delete => Presence::Absent,
            Presence::Absent | Presence::Wanted | Presence::There { .. } | Presence::Given(_) => {
                current.clone()
            }
        })
    }

    async fn write(
        &self,
        before: &Presence,
        next: &Presence,
        _seen: &Revision,
    ) -> Result<(), WriteFailure> {
        self.written.set(true);
        match (before, next) {
            (_, Presence::Wanted) => self.install().await,
            (Presence::There { id, .. }, Presence::Absent) => self.uninstall(id).await,
            // Nothing else is ever planned.
            (_, Presence::Absent | Presence::There { .. } | Presence::Given(_)) => Ok(()),
        }
    }

    async fn hand_off(
        &self,
        _before: &Presence,
        _after: &Presence,
        _intent: Intent,
    ) -> Option<HandOff> {
        // A token does not tell every way to this right, so trying is what tells; Graph then says so.
        None
    }

    fn hand_off_refused(&self, refused: &Failure, intent: Intent) -> Option<HandOff> {
        if refused.code != ErrorCode::NotPermitted {
            return None;
        }
        let reading = refused.missing.iter().any(|right| right == READ_RIGHT);
        let tenant = self.access.place.tenant();
        match (intent, reading) {
            (Intent::Connect, true) => Some(hand_off::look_up(
                tenant,
                &self.access.command("connect"),
                "you may not look up applications in the directory",
            )),
            (Intent::Connect, false) => Some(hand_off::install(
                tenant,
                "you may not install applications in the directory (Z27)",
            )),
            // It stays unless its removal was asked for.
            (Intent::Disconnect, true) if !self.delete => None,
            (Intent::Disconnect, true) => Some(hand_off::uninstall(
                tenant,
                "you may not look up applications in the directory",
            )),
            (Intent::Disconnect, false) => Some(hand_off::uninstall(
                tenant,
                "you may not remove applications from the directory",
            )),
        }
    }

    fn describe(&self, document: &Presence) -> Option<Value> {
        match document {
            Presence::Absent => None,
            Presence::Wanted => Some(templates::service_principal()),
            Presence::There { shown, .. } => Some(shown.clone()),
            Presence::Given(id) => Some(serde_json::json!({ "id": id })),
        }
    }

    fn kept(&self, _before: &Presence, _after: &Presence) -> usize {
        0
    }

    fn notes(&self, before: &Presence, after: &Presence, intent: Intent) -> Vec<String> {
        let mut notes = Vec::new();
        match (before, after) {
            (Presence::Absent, Presence::Wanted) => {
                notes.push(format!(
                    "it lets the app of Segments.ai sign in to the tenant {}; by itself it may read nothing",
                    self.access.place.tenant()
                ));
                if !self.access.caller.application
                    && self.access.caller.may_install_apps().is_none()
                {
                    notes.push(format!(
                        "this needs a directory role ({}), and your token shows none; trying tells",
                        hand_off::DIRECTORY_ROLES
                    ));
                }
                if self.access.account().is_err() {
                    notes.push("this is the tenant that you are signed in to; whether the storage account is in it cannot be seen".to_owned());
                }
            }
            (Presence::There { shown, .. }, Presence::There { .. }) => {
                if shown.get("accountEnabled").and_then(Value::as_bool) == Some(false) {
                    notes.push("it is disabled: the app cannot sign in before somebody enables it, which this program does not do".to_owned());
                }
                if intent == Intent::Disconnect {
                    notes.push("it stays, since it may serve other storage accounts; `--delete-service-principal` removes it".to_owned());
                }
            }
            (Presence::There { .. }, Presence::Absent) => {
                notes.push("every other storage account of this tenant that Segments.ai reads through it loses that access too".to_owned());
                match self.serves.borrow().as_ref() {
                    Some(Ok(scopes)) if scopes.is_empty() => notes.push(
                        "nothing else in this subscription is assigned to it; other subscriptions were not looked through".to_owned(),
                    ),
                    Some(Ok(scopes)) => notes.push(format!(
                        "in this subscription it is assigned to {} too; other subscriptions were not looked through",
                        scopes.join(", ")
                    )),
                    Some(Err(failure)) => notes.push(format!(
                        "what else it serves could not be looked up: {}",
                        failure.one_line()
                    )),
                    None => {}
                }
                notes.push("Entra keeps a removed service principal for 30 days, in which it can be restored; one that is made anew has another object ID, and needs its role assignments again".to_owned());
            }
            (Presence::Given(_), _) => {
                notes.push(
                    "taken from `--service-principal-id`; the directory was not asked".to_owned(),
                );
            }
            (Presence::Absent | Presence::Wanted | Presence::There { .. }, _) => {}
        }
        notes
    }
}
