//! What the IAM policies say of one account and one permission: which of them are looked at, and when.
//!
//! The policies above the bucket's own are read only where that does not decide, unless everything is asked for.

use futures_util::future::join4;
use serde_json::Value;
use time::OffsetDateTime;

use super::unreadable;
use crate::error::Failure;
use crate::gcp::facts::Facts;
use crate::gcp::iam::{self, Asked, DenyRule, Evaluation, Level, Outcome, Policies, Tri};
use crate::gcp::reads::LevelPolicy;

/// Who is to do what, with which object; with any where none is named.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The member, as a binding names it.
    pub member: &'a str,
    /// Its address, as deny policies name it; empty for everyone.
    pub email: &'a str,
    /// `storage.objects.get`
    pub permission: &'a str,
    /// The object.
    pub object: Option<&'a str>,
}

impl<'a> Question<'a> {
    fn asked(&self, facts: &'a Facts) -> Asked<'a> {
        Asked {
            bucket: facts.place().bucket.as_str(),
            object: self.object,
            now: OffsetDateTime::now_utc(),
            permission: self.permission,
        }
    }
}

/// Which policies are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// The bucket's own.
    Bucket,
    /// Also its managed folders' and its project's.
    Project,
    /// Also those above the project.
    Everything,
}

/// By the bucket's own policy; together with the next levels where that alone does not decide. None where the bucket's
/// own could not be read.
pub async fn nearest(facts: &Facts, question: Question<'_>) -> Option<Evaluation> {
    let own = by(facts, question, Reach::Bucket).await?;
    if decided(&own.outcome, false) {
        return Some(own);
    }
    let with_project = by(facts, question, Reach::Project).await?;
    if decided(&with_project.outcome, true) {
        return Some(with_project);
    }
    by(facts, question, Reach::Everything).await
}

fn decided(outcome: &Outcome, public_decides: bool) -> bool {
    match outcome {
        Outcome::Denied { .. } => true,
        Outcome::Allowed { until, public, .. } => until.is_none() && (public_decides || !public),
        Outcome::Partly { .. } | Outcome::NotGranted { .. } | Outcome::Undetermined { .. } => false,
    }
}

/// By every policy that can be read. None where the bucket's own could not be.
pub async fn everything(facts: &Facts, question: Question<'_>) -> Option<Evaluation> {
    by(facts, question, Reach::Everything).await
}

async fn by(facts: &Facts, question: Question<'_>, reach: Reach) -> Option<Evaluation> {
    let asked = question.asked(facts);
    let no_value = Ok(Value::Null);
    let no_levels = Ok(Vec::new());
    let (own, folders, project, ancestors) = join4(
        facts.policy(),
        async {
            match reach {
                Reach::Bucket => &no_levels,
                Reach::Project | Reach::Everything => facts.managed_folders().await,
            }
        },
        async {
            match reach {
                Reach::Bucket => &no_value,
                Reach::Project | Reach::Everything => facts.project_policy().await,
            }
        },
        async {
            match reach {
                Reach::Bucket | Reach::Project => &no_levels,
                Reach::Everything => facts.ancestors().await,
            }
        },
    )
    .await;
    let own = own.as_ref().ok()?;
    let whys = [why(folders), why(project), why(ancestors)];
    let folders = folders.as_ref().map(|levels| named(levels, str::to_owned));
    let ancestors = ancestors.as_ref().map(|levels| named(levels, level_name));
    let (folders, ancestors) = (folders.as_deref(), ancestors.as_deref());
    let (folders, ancestors) = (folders.map(borrowed), ancestors.map(borrowed));
    let mut policies = Policies {
        bucket: &own.document,
        managed_folders: folders.as_deref().map_err(|_| whys[0].as_str()),
        project: project.as_ref().map_err(|_| whys[1].as_str()),
        project_id: &facts.place().project.id,
        ancestors: ancestors.as_deref().map_err(|_| whys[2].as_str()),
        // What everyone is granted may not count; then a role is read in vain.
        public: Tri::Yes,
    };
    let wanted = iam::roles_for(&policies, question.member, &asked);
    let ((roles, denied), public) = futures_util::future::join(
        futures_util::future::join(facts.roles(wanted), denied(facts, question)),
        facts.public(policies.name_everyone(&asked)),
    )
    .await;
    policies.public = public;
    Some(iam::evaluate(
        &policies,
        question.member,
        &|name| {
            roles
                .get(name)
                .cloned()
                .unwrap_or_else(|| iam::RoleState::Unread("it was not asked for".to_owned()))
        },
        &denied,
        &asked,
    ))
}

/// The rules that deny it, of the deny policies that could be read.
async fn denied(facts: &Facts, question: Question<'_>) -> Vec<DenyRule> {
    facts
        .deny()
        .await
        .iter()
        .filter_map(|(_, policies)| policies.as_ref().ok())
        .flatten()
        .flat_map(|policy| iam::deny_rules(policy, question.email, question.permission))
        .collect()
}

fn why<T>(answer: &Result<T, Failure>) -> String {
    answer.as_ref().err().map(unreadable).unwrap_or_default()
}

fn named(
    levels: &[LevelPolicy],
    name: impl Fn(&str) -> String,
) -> Vec<(String, Result<&Value, &str>)> {
    levels
        .iter()
        .map(|level| (name(&level.name), level.policy.as_result()))
        .collect()
}

fn borrowed<'a>(levels: &'a [(String, Result<&'a Value, &'a str>)]) -> Vec<Level<'a>> {
    levels
        .iter()
        .map(|(name, policy)| Level {
            name,
            policy: *policy,
        })
        .collect()
}

/// What to call a level above the project.
pub fn level_name(level: &str) -> String {
    match level.split_once('/') {
        Some(("folders", number)) => format!("the folder `{number}`"),
        Some(("organizations", number)) => format!("the organisation `{number}`"),
        Some(("projects", _)) => "the project".to_owned(),
        Some(_) | None => level.to_owned(),
    }
}
