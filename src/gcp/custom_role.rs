//! The custom role as a resource: read and written through Google's library, decided on by [`super::role`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join;
use google_cloud_gax::error::Error;
use google_cloud_gax::options::RequestOptionsBuilder;
use google_cloud_gax::retry_policy::NeverRetry;
use google_cloud_iam_admin_v1::model;
use google_cloud_wkt::FieldMask;
use serde_json::Value;

use super::access::Access;
use super::answer::said;
use super::failure::write_failure;
use super::reads;
use super::role::{self, CustomRole, Role, RoleCall};
use super::wire::{USER_AGENT, within};
use super::{Shared, lacking};
use crate::error::{ErrorCode, Failure, Refusal};
use crate::resource::{Guard, Intent, Resource, Revision, Scope, Snapshot, Subject, WriteFailure};

/// The custom role.
pub struct CustomRoleResource {
    access: Shared<Access>,
}

impl CustomRoleResource {
    /// The custom role in the project of the bucket that `access` leads to.
    #[must_use]
    pub fn new(access: Shared<Access>) -> Self {
        Self { access }
    }

    fn wanted(&self, current: &CustomRole) -> Option<CustomRole> {
        match super::intent(self.access.action)? {
            Intent::Connect => role::merge(current, self.access.place.role.as_str()).ok(),
            Intent::Disconnect => Some(role::remove(current)),
        }
    }

    /// Sends one call; what it answers with has the etag for the next.
    async fn send(&self, call: RoleCall, next: &Role, etag: &str) -> Result<model::Role, Error> {
        let access = &self.access;
        let name = access.place.role_name();
        let etag = STANDARD.decode(etag).unwrap_or_default();
        let sent = model::Role::new()
            .set_title(next.title.clone())
            .set_description(next.description.clone())
            .set_included_permissions(next.permissions.clone())
            .set_stage(model::role::RoleLaunchStage::from(next.stage.as_str()));
        match call {
            RoleCall::Create => {
                let call = access
                    .iam
                    .create_role()
                    .set_parent(format!("projects/{}", access.place.project.id))
                    .set_role_id(access.place.role.as_str())
                    .set_role(sent)
                    .with_user_agent(USER_AGENT)
                    .with_retry_policy(NeverRetry)
                    .send();
                within(access.place.timeout, "CreateRole", call).await
            }
            RoleCall::Undelete => {
                let call = access
                    .iam
                    .undelete_role()
                    .set_name(name)
                    .set_etag(etag)
                    .with_user_agent(USER_AGENT)
                    .with_retry_policy(NeverRetry)
                    .send();
                within(access.place.timeout, "UndeleteRole", call).await
            }
            RoleCall::Update => {
                let mended = model::Role::new()
                    .set_included_permissions(next.permissions.clone())
                    .set_stage(sent.stage)
                    .set_etag(etag);
                let call = access
                    .iam
                    .update_role()
                    .set_name(name)
                    .set_role(mended)
                    .set_update_mask(
                        FieldMask::default().set_paths(["includedPermissions", "stage"]),
                    )
                    .with_user_agent(USER_AGENT)
                    .with_retry_policy(NeverRetry)
                    .send();
                within(access.place.timeout, "UpdateRole", call).await
            }
            RoleCall::Delete => {
                let call = access
                    .iam
                    .delete_role()
                    .set_name(name)
                    // It goes into the query, where Google expects base64 and version 1.13 of its library puts the
                    // bytes as they are.
                    .set_etag(STANDARD.encode(etag))
                    .with_user_agent(USER_AGENT)
                    .with_retry_policy(NeverRetry)
                    .send();
                within(access.place.timeout, "DeleteRole", call).await
            }
        }
    }

    fn explain(&self, call: RoleCall, error: &Error) -> WriteFailure {
        let access = &self.access;
        let id = &access.place.role;
        let what = match call {
            RoleCall::Create => format!("could not make the custom role `{id}`"),
            RoleCall::Undelete => format!("could not bring the custom role `{id}` back"),
            RoleCall::Update => format!("could not change the custom role `{id}`"),
            RoleCall::Delete => format!("could not delete the custom role `{id}`"),
        };
        // An ID stays taken until 37 days after its role was deleted, and after seven of them the role is not even to be
        // seen: https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role
        let blocked = call == RoleCall::Create
            && said(error).is_some_and(|said| {
                said.message.contains("deleted state") || said.status == "FAILED_PRECONDITION"
            });
        if blocked {
            return WriteFailure::Rejected(
                Failure::new(ErrorCode::Refused, what)
                    .cause("a role of that ID was deleted more than seven days ago: it cannot be brought back, and its ID is free only 37 days after it was deleted (G02)")
                    .hint(format!(
                        "choose another ID:\n{} --role-id {id}_2",
                        access.place.command("connect")
                    )),
            );
        }
        write_failure(access.doing(&what, call.permission()), error)
    }
}

impl Resource for CustomRoleResource {
    type Document = CustomRole;

    fn subject(&self) -> Subject {
        Subject {
            id: "gcp.custom-role",
            title: "custom role",
            entry: "role",
            scope: Scope::Project,
        }
    }

    async fn read(&self) -> Result<Snapshot<CustomRole>, Failure> {
        let (stored, granted) = join(
            reads::role(&self.access),
            super::granted_for_writing(&self.access),
        )
        .await;
        let stored = stored?;
        if let (Some(granted), Some(wanted)) = (granted, self.wanted(&stored.role)) {
            let needed: Vec<&str> = role::calls(&stored.role, &wanted)
                .into_iter()
                .map(RoleCall::permission)
                .collect();
            lacking(
                &self.access,
                granted,
                &needed,
                &format!(
                    "will not be able to write the custom role `{}`",
                    self.access.place.role
                ),
            )?;
        }
        Ok(Snapshot {
            document: stored.role,
            revision: Revision((!stored.etag.is_empty()).then_some(stored.etag)),
        })
    }

    async fn read_again(&self) -> Result<Snapshot<CustomRole>, Failure> {
        let stored = reads::role(&self.access).await?;
        Ok(Snapshot {
            document: stored.role,
            revision: Revision((!stored.etag.is_empty()).then_some(stored.etag)),
        })
    }

    fn merge(&self, current: &CustomRole) -> Result<CustomRole, Refusal> {
        role::merge(current, self.access.place.role.as_str())
    }

    fn remove(&self, current: &CustomRole) -> Result<CustomRole, Refusal> {
        Ok(role::remove(current))
    }

    fn guard(&self) -> Guard {
        Guard::Revision
    }

    /// Each call is tied to the etag of what came before it; a new role cannot replace one that is there.
    async fn write(
        &self,
        before: &CustomRole,
        next: &CustomRole,
        seen: &Revision,
    ) -> Result<(), WriteFailure> {
        let CustomRole::Present(wanted) = next else {
            return Ok(());
        };
        let mut etag = seen.0.clone().unwrap_or_default();
        let mut done: Option<RoleCall> = None;
        for call in role::calls(before, next) {
            if call != RoleCall::Create && etag.is_empty() {
                return Err(WriteFailure::Rejected(
                    Failure::new(
                        ErrorCode::UnexpectedAnswer,
                        format!("could not change the custom role `{}`", self.access.place.role),
                    )
                    .cause("Google gave no etag with it, so the change cannot be tied to what was shown"),
                ));
            }
            match self.send(call, wanted, &etag).await {
                Ok(role) => etag = STANDARD.encode(&role.etag),
                Err(error) => {
                    let failure = self.explain(call, &error);
                    return Err(match done {
                        None => failure,
                        // It was brought back already, and that must not be told as nothing.
                        Some(_) => WriteFailure::Unanswered(halfway(&self.access, failure)),
                    });
                }
            }
            done = Some(call);
        }
        Ok(())
    }

    fn describe(&self, document: &CustomRole) -> Option<Value> {
        match document {
            CustomRole::Absent => None,
            CustomRole::Present(role) => Some(role.describe()),
        }
    }

    fn kept(&self, _before: &CustomRole, _after: &CustomRole) -> usize {
        0
    }

    fn notes(&self, before: &CustomRole, after: &CustomRole, intent: Intent) -> Vec<String> {
        let project = &self.access.place.project.id;
        let calls = role::calls(before, after);
        let mut notes = Vec::new();
        match intent {
            Intent::Connect => {
                if calls.contains(&RoleCall::Create) {
                    notes.push(format!(
                        "the role is made in the project `{project}`; by itself it lets nobody do anything"
                    ));
                }
                if calls.contains(&RoleCall::Undelete) {
                    notes.push("the role was deleted less than seven days ago, and is brought back; whoever else it is granted to gets it back too".to_owned());
                }
                if calls.contains(&RoleCall::Update) {
                    notes.push(
                        "whoever else this role is granted to has what it grants afterwards, too"
                            .to_owned(),
                    );
                }
            }
            Intent::Disconnect => {
                if calls.contains(&RoleCall::Delete) {
                    notes.push(format!(
                        "whatever else in the project `{project}` grants this role grants nothing from then on; it can be brought back for seven days, and its ID is free again 37 days after"
                    ));
                } else if before == after
                    && let CustomRole::Present(role) = before
                    && !role.deleted
                {
                    notes.push(format!(
                        "the role `{}` is not the published one, and stays",
                        self.access.place.role
                    ));
                }
            }
        }
        notes
    }
}

fn halfway(access: &Access, failure: WriteFailure) -> Failure {
    let failure = match failure {
        WriteFailure::Busy(failure)
        | WriteFailure::NotYet(failure)
        | WriteFailure::Unclear(failure)
        | WriteFailure::Unanswered(failure)
        | WriteFailure::Rejected(failure) => failure,
        WriteFailure::Moved => Failure::new(
            ErrorCode::Stale,
            format!("the custom role `{}` moved", access.place.role),
        ),
    };
    let mut told = Failure::new(
        ErrorCode::Uncertain,
        format!(
            "the custom role `{}` was brought back, and could not be mended",
            access.place.role
        ),
    )
    .cause(failure.one_line());
    told.hints = failure.hints;
    told.missing = failure.missing;
    told
}
