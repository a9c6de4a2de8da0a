//! What a principal can do beyond reading, and how far its reading reaches beyond the account. Pure; it asks what
//! [`super::may`] asks, of other actions.
//!
//! The actions: <https://learn.microsoft.com/azure/role-based-access-control/permissions/storage>.

use serde_json::Value;

use super::Tri;
use super::evaluate::{Grant, Question, Trace, may};
use super::role::{Action, Kind, READ_BLOB};
use super::scope::{Reach, reach};
use super::shape::{Assignment, Condition};

/// A thing that a reader has no need of.
#[derive(Debug, Clone, Copy)]
pub struct Power {
    /// What it is called.
    pub subject: &'static str,
    /// What it is, as an infinitive without its `to`.
    pub words: &'static str,
    /// Any of these is enough for it.
    actions: &'static [(&'static str, Kind)],
}

/// The things that are asked about.
pub const POWERS: &[Power] = &[
    Power {
        subject: "blobs/write",
        words: "add or overwrite blobs",
        actions: &[
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
                Kind::Data,
            ),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
                Kind::Data,
            ),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action",
                Kind::Data,
            ),
        ],
    },
    Power {
        subject: "blobs/delete",
        words: "delete blobs",
        actions: &[
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
                Kind::Data,
            ),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/deleteBlobVersion/action",
                Kind::Data,
            ),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/permanentDelete/action",
                Kind::Data,
            ),
        ],
    },
    Power {
        subject: "blobs/modifyPermissions",
        words: "change the tags, the owners or the access lists of blobs",
        actions: &[
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/modifyPermissions/action",
                Kind::Data,
            ),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/manageOwnership/action",
                Kind::Data,
            ),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/runAsSuperUser/action",
                Kind::Data,
            ),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/write",
                Kind::Data,
            ),
        ],
    },
    Power {
        subject: "containers/*",
        words: "make, change or delete containers",
        actions: &[
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/write",
                Kind::Control,
            ),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/delete",
                Kind::Control,
            ),
            (
                "Microsoft.Storage/storageAccounts/blobServices/containers/setAcl/action",
                Kind::Control,
            ),
        ],
    },
    Power {
        subject: "listKeys/action",
        words: "get the keys of the account, which open everything in it",
        actions: &[
            (
                "Microsoft.Storage/storageAccounts/listKeys/action",
                Kind::Control,
            ),
            (
                "Microsoft.Storage/storageAccounts/regenerateKey/action",
                Kind::Control,
            ),
            (
                "Microsoft.Storage/storageAccounts/ListAccountSas/action",
                Kind::Control,
            ),
            (
                "Microsoft.Storage/storageAccounts/ListServiceSas/action",
                Kind::Control,
            ),
        ],
    },
    Power {
        subject: "storageAccounts/*",
        words: "change or delete the account",
        actions: &[
            ("Microsoft.Storage/storageAccounts/write", Kind::Control),
            ("Microsoft.Storage/storageAccounts/delete", Kind::Control),
            (
                "Microsoft.Storage/storageAccounts/blobServices/write",
                Kind::Control,
            ),
        ],
    },
    Power {
        subject: "roleAssignments/write",
        words: "give rights to others",
        actions: &[
            (
                "Microsoft.Authorization/roleAssignments/write",
                Kind::Control,
            ),
            (
                "Microsoft.Authorization/elevateAccess/action",
                Kind::Control,
            ),
        ],
    },
];

impl Power {
    /// Whether it is held: the answer for each action that is enough for it, the widest first, and why.
    #[must_use]
    pub fn held(&self, question: &Question<'_>) -> (&'static str, Grant, Vec<Trace>) {
        let mut widest: Option<(&'static str, Grant)> = None;
        let mut traces = Vec::new();
        for (name, kind) in self.actions {
            let action = Action {
                name,
                kind: *kind,
                words: self.words,
            };
            let (grant, trace) = may(question, action);
            traces.extend(trace);
            if widest
                .as_ref()
                .is_none_or(|(_, before)| rank(&grant) > rank(before))
            {
                widest = Some((name, grant));
            }
        }
        let (name, grant) = widest.unwrap_or_else(|| {
            let why = vec!["no action stands for it".to_owned()];
            (self.subject, Grant::Undetermined { why })
        });
        (name, grant, traces)
    }
}

/// How much is told by an answer: a grant is never hidden behind a doubt, nor a doubt behind a no.
fn rank(grant: &Grant) -> u8 {
    match grant {
        Grant::Granted { .. } => 4,
        Grant::Partly { .. } => 3,
        Grant::Undetermined { .. } => 2,
        Grant::Denied { .. } => 1,
        Grant::NotGranted { .. } => 0,
    }
}

/// How far reading reaches, by what is assigned on the account and above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breadth {
    /// No assignment lets it read.
    Nothing,
    /// No further than this account.
    Account,
    /// No further than these containers of it, or what conditions leave of them.
    Parts(Vec<String>),
    /// Everything under these scopes, so other accounts too.
    Wider(Vec<String>),
    /// It cannot be told. Why, as clauses.
    Undetermined(Vec<String>),
}

/// How far reading reaches.
#[must_use]
pub fn breadth(question: &Question<'_>) -> Breadth {
    let (grant, _) = may(question, READ_BLOB);
    let (mut wider, mut doubts) = (Vec::new(), Vec::new());
    for value in question.assignments {
        let Some(assignment) = Assignment::read(value) else {
            doubts.push("an assignment is of a form that is not known".to_owned());
            continue;
        };
        if reach(assignment.scope, question.account) != Reach::Above {
            continue;
        }
        // A condition may name an account, so what it says here says nothing about others.
        let bare = [without_condition(value)];
        let alone = Question {
            assignments: &bare,
            definition: question.definition,
            denials: &[],
            ..*question
        };
        let (_, trace) = may(&alone, READ_BLOB);
        let answer = trace.first().map_or(Tri::Maybe, |step| step.answer);
        match (answer, assignment.condition) {
            (Tri::No, _) => {}
            (Tri::Yes, Condition::None) => wider.push(assignment.scope.to_owned()),
            (Tri::Yes | Tri::Maybe, _) => doubts.push(format!(
                "how much of {} its role there lets it read",
                assignment.scope
            )),
        }
    }
    wider.sort_unstable();
    wider.dedup();
    if !wider.is_empty() {
        return Breadth::Wider(wider);
    }
    if !doubts.is_empty() {
        return Breadth::Undetermined(doubts);
    }
    match grant {
        Grant::Granted { .. } => Breadth::Account,
        Grant::Partly { parts, .. } => Breadth::Parts(parts),
        Grant::NotGranted { .. } | Grant::Denied { .. } => Breadth::Nothing,
        Grant::Undetermined { why } => Breadth::Undetermined(why),
    }
}

fn without_condition(assignment: &Value) -> Value {
    let mut bare = assignment.clone();
    if let Some(Value::Object(properties)) = bare.get_mut("properties") {
        properties.remove("condition");
        properties.remove("conditionVersion");
    }
    bare
}

#[cfg(test)]
mod tests;
