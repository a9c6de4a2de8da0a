//! The role assignment as a resource: one entry under a name of its own, beside everybody else's.

use serde_json::{Map, Value, json};

use super::Shared;
use super::access::Access;
use super::failure::{Doing, write_refused};
use super::hand_off::{self, ASSIGN_RIGHT, UNASSIGN_RIGHT};
use super::rbac::{self, Held, Tri};
use super::reads::{self, AUTHORIZATION_API};
use super::rest::{Call, Service};
use super::templates::{self, PRINCIPAL_PLACEHOLDER, READER};
use crate::error::{ErrorCode, Failure, Refusal};
use crate::resource::{
    Guard, HandOff, Intent, Resource, Revision, Scope, Snapshot, Subject, WriteFailure,
};

/// What stands in a plan where only applying it makes the value.
const KNOWN_AFTER_APPLY: &str = "(known once the service principal is made)";

/// The assignment of the role to the service principal on the storage account.
pub struct RoleAssignment {
    access: Shared<Access>,
}

/// The assignments of the service principal that reach the account, as Azure Resource Manager tells them.
pub type Assignments = Vec<Value>;

impl RoleAssignment {
    /// The assignment on the account that `access` leads to.
    #[must_use]
    pub fn new(access: Shared<Access>) -> Self {
        Self { access }
    }

    /// The assignments as they are now. A service principal that is not there yet has none.
    async fn now(&self) -> Result<Assignments, Failure> {
        self.access.account()?;
        if self.access.directory.given().is_none() && self.access.directory.object_id().is_none() {
            // Found, absent or not to be seen: the last says so here, in the words of the directory.
            self.access.directory.first().await.clone()?;
        }
        match self.access.directory.object_id() {
            Some(id) => reads::assignments(&self.access, &id).await,
            None => Ok(Vec::new()),
        }
    }

    fn account_id(&self) -> &str {
        self.access
            .account()
            .map_or("", |account| account.id.as_str())
    }

    /// Our entry, as Azure Resource Manager will tell it.
    fn ours(&self) -> Value {
        let account = self.access.account().ok();
        let principal = self.access.directory.object_id();
        let mut entry = templates::role_assignment(
            account.map(|account| account.subscription.as_str()),
            principal.as_deref(),
        );
        if principal.is_none() {
            entry = crate::template::fill(&entry, PRINCIPAL_PLACEHOLDER, KNOWN_AFTER_APPLY);
        }
        let name = principal.as_deref().map_or_else(
            || KNOWN_AFTER_APPLY.to_owned(),
            |principal| rbac::assignment_name(self.account_id(), principal),
        );
        if let Some(members) = entry.as_object_mut() {
            let mut named = Map::new();
            named.insert("name".to_owned(), json!(name));
            named.append(members);
            *members = named;
        }
        if let Some(properties) = entry.get_mut("properties").and_then(Value::as_object_mut) {
            properties.insert("scope".to_owned(), json!(self.account_id()));
        }
        entry
    }

    async fn assign(&self) -> Result<(), WriteFailure> {
        let access = &self.access;
        let account = access.account().map_err(WriteFailure::Rejected)?;
        let doing = format!("could not assign {READER} on `{}`", account.name);
        let Some(principal) = access.directory.object_id() else {
            return Err(WriteFailure::Rejected(
                Failure::new(ErrorCode::NotPermitted, doing)
                    .cause("the app of Segments.ai is not installed yet"),
            ));
        };
        let name = rbac::assignment_name(&account.id, &principal);
        let url = access.endpoints().resource(
            &format!(
                "{}/providers/Microsoft.Authorization/roleAssignments/{name}",
                account.id
            ),
            AUTHORIZATION_API,
        );
        let call = Call::new(Service::ResourceManager, azure_core::http::Method::Put, url).json(
            templates::role_assignment(Some(&account.subscription), Some(&principal)),
        );
        self.send(&call, &doing, ASSIGN_RIGHT).await
    }

    async fn unassign(&self, id: &str) -> Result<(), WriteFailure> {
        let call = Call::new(
            Service::ResourceManager,
            azure_core::http::Method::Delete,
            self.access.endpoints().resource(id, AUTHORIZATION_API),
        );
        let doing = format!(
            "could not remove the role assignment on `{}`",
            self.access.place.name
        );
        self.send(&call, &doing, UNASSIGN_RIGHT).await
    }

    async fn send(&self, call: &Call, doing: &str, right: &str) -> Result<(), WriteFailure> {
        let answer = self
            .access
            .rest
            .send(call)
            .await
            .map_err(|unanswered| unanswered.write(doing))?;
        if answer.succeeded() {
            return Ok(());
        }
        let caller = self.access.caller_words();
        Err(write_refused(
            &Doing {
                what: doing,
                right,
                caller: &caller,
            },
            &answer,
            Service::ResourceManager,
        ))
    }

    /// The IDs of the assignments that are in `before` and not in `next`.
    fn gone(before: &Assignments, next: &Assignments) -> Vec<String> {
        before
            .iter()
            .filter(|assignment| !next.contains(assignment))
            .filter_map(|assignment| Some(assignment.get("id")?.as_str()?.to_owned()))
            .collect()
    }

    fn held(&self, assignments: &Assignments) -> Held {
        self.access.directory.object_id().map_or(Held::No, |id| {
            rbac::held(assignments, &id, self.account_id())
        })
    }
}

impl Resource for RoleAssignment {
    type Document = Assignments;

    fn subject(&self) -> Subject {
        Subject {
            id: "azure.role-assignment",
            title: "role assignment",
            entry: "role assignment",
            scope: Scope::StorageAccount,
        }
    }

    /// An assignment stands under a name of its own, made of what it says, and cannot change another one:
    /// <https://learn.microsoft.com/azure/role-based-access-control/role-assignments-rest>.
    fn guard(&self) -> Guard {
        Guard::OwnName
    }

    async fn read(&self) -> Result<Snapshot<Assignments>, Failure> {
        Ok(Snapshot {
            document: self.now().await?,
            revision: Revision::default(),
        })
    }

    fn merge(&self, current: &Assignments) -> Result<Assignments, Refusal> {
        // What was planned before it had an ID is ours all the same.
        if current.contains(&self.ours()) {
            return Ok(current.clone());
        }
        match self.held(current) {
            Held::Yes { .. } => Ok(current.clone()),
            Held::WithCondition { id } => Err(Refusal::new(format!(
                "{READER} is assigned to the app on this account already, with a condition, and Azure takes no second assignment beside it; the condition is somebody's restriction, and is not taken off here"
            ))
            .hint(format!(
                "if it may go, remove that assignment and run this again: az role assignment delete --ids {}",
                crate::redact::shell_quote(&id)
            ))
            .hint("if it is meant so, `segments-connect azure verify` says what it admits")),
            Held::No => {
                let mut next = current.clone();
                next.push(self.ours());
                Ok(next)
            }
        }
    }

    fn remove(&self, current: &Assignments) -> Result<Assignments, Refusal> {
        let Some(principal) = self.access.directory.object_id() else {
            return Ok(current.clone());
        };
        let ours = rbac::ours(current, &principal, self.account_id());
        Ok(current
            .iter()
            .filter(|entry| {
                entry
                    .get("id")
                    .and_then(Value::as_str)
                    .is_none_or(|id| !ours.iter().any(|one| one == id))
            })
            .cloned()
            .collect())
    }

    async fn write(
        &self,
        before: &Assignments,
        next: &Assignments,
        _seen: &Revision,
    ) -> Result<(), WriteFailure> {
        if next.len() > before.len() {
            return self.assign().await;
        }
        for id in Self::gone(before, next) {
            self.unassign(&id).await?;
        }
        Ok(())
    }

    async fn hand_off(
        &self,
        before: &Assignments,
        after: &Assignments,
        intent: Intent,
    ) -> Option<HandOff> {
        let (right, reason) = match intent {
            Intent::Connect => (
                ASSIGN_RIGHT,
                "you may not assign roles on the storage account",
            ),
            Intent::Disconnect => (
                UNASSIGN_RIGHT,
                "you may not remove role assignments on the storage account",
            ),
        };
        // Rights that cannot be read are found out by trying.
        let mine = self.access.rights().await.as_ref().ok()?;
        if rbac::allows(mine, right) != Tri::No {
            return None;
        }
        let tenant = self.access.place.tenant();
        Some(match intent {
            Intent::Connect => hand_off::assign(
                self.account_id(),
                tenant,
                self.access.directory.object_id().as_deref(),
                reason,
            ),
            Intent::Disconnect => hand_off::unassign(
                &Self::gone(before, after),
                tenant,
                self.account_id(),
                reason,
            ),
        })
    }

    fn hand_off_refused(&self, refused: &Failure, intent: Intent) -> Option<HandOff> {
        if refused.code != ErrorCode::NotPermitted {
            return None;
        }
        let access = &self.access;
        let Ok(account) = access.account() else {
            return (intent == Intent::Connect).then(|| {
                hand_off::unseen(
                    &access.command("connect"),
                    "you may not see the storage account",
                )
            });
        };
        let principal = access.directory.object_id();
        match intent {
            Intent::Connect if principal.is_none() => Some(hand_off::assign_later(
                &access.command("connect"),
                "it names the service principal, which is not there yet, or not to be seen by you",
            )),
            // Where no right is missing, a lock or a policy stands in the way, and says so itself.
            Intent::Connect if refused.missing.is_empty() => None,
            Intent::Connect if refused.missing.iter().any(|right| right == ASSIGN_RIGHT) => {
                Some(hand_off::assign(
                    &account.id,
                    access.place.tenant(),
                    principal.as_deref(),
                    "you may not assign roles on the storage account",
                ))
            }
            Intent::Connect => Some(hand_off::assign(
                &account.id,
                access.place.tenant(),
                principal.as_deref(),
                "you may not list role assignments on the storage account",
            )),
            Intent::Disconnect => None,
        }
    }

    fn describe(&self, document: &Assignments) -> Option<Value> {
        (!document.is_empty()).then(|| Value::Array(document.clone()))
    }

    fn kept(&self, before: &Assignments, after: &Assignments) -> usize {
        before.iter().filter(|entry| after.contains(entry)).count()
    }

    fn notes(&self, before: &Assignments, after: &Assignments, intent: Intent) -> Vec<String> {
        match intent {
            Intent::Connect => match self.held(before) {
                Held::Yes {
                    inherited: Some(scope),
                    ..
                } => vec![format!(
                    "the role is inherited from {scope}, which is wider than this storage account"
                )],
                Held::Yes {
                    inherited: None, ..
                } => Vec::new(),
                Held::No | Held::WithCondition { .. } => vec![format!(
                    "{READER} lets the app read every blob of this storage account, and list them; it lets it change nothing"
                )],
            },
            Intent::Disconnect => match self.held(after) {
                Held::Yes { inherited, .. } => vec![format!(
                    "the role is still inherited{}; that assignment is not on this storage account, and stays",
                    inherited.map_or_else(String::new, |scope| format!(" from {scope}"))
                )],
                Held::No | Held::WithCondition { .. } => Vec::new(),
            },
        }
    }
}
