//! The policies by which access is decided: the bucket's own, those of its managed folders, its project's, and those of
//! the folders and the organisation above.
//!
//! Pure. A grant on a level reaches everything below it, and none takes another back:
//! <https://cloud.google.com/iam/docs/resource-hierarchy-access-control>.

use serde_json::Value;

use super::condition::{Asked, Tri};
use super::names;
use super::policy::{bindings, condition_of, members_of, role_of};

/// A policy of another level than the bucket's and its project's, or why it could not be read.
#[derive(Debug, Clone, Copy)]
pub struct Level<'a> {
    /// The managed folder's name, with its slash; or what to call the level above the project: "the folder `1`".
    pub name: &'a str,
    /// Its policy.
    pub policy: Result<&'a Value, &'a str>,
}

/// The policies by which it is decided.
#[derive(Debug, Clone, Copy)]
pub struct Policies<'a> {
    /// The bucket's own.
    pub bucket: &'a Value,
    /// Those of managed folders, or why they are not known. They reach the objects whose names begin with theirs:
    /// <https://cloud.google.com/storage/docs/managed-folders>.
    pub managed_folders: Result<&'a [Level<'a>], &'a str>,
    /// That of its project, or why it could not be read.
    pub project: Result<&'a Value, &'a str>,
    /// The project's ID.
    pub project_id: &'a str,
    /// Those of what the project is in, the nearest first, or why that is not known.
    pub ancestors: Result<&'a [Level<'a>], &'a str>,
    /// Whether a grant to everyone counts: public access prevention takes its effect away.
    /// <https://cloud.google.com/storage/docs/public-access-prevention>
    pub public: Tri,
}

/// Where a binding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands<'a> {
    /// In the bucket's own policy.
    Bucket,
    /// In the policy of a managed folder.
    ManagedFolder(&'a str),
    /// In the project's.
    Project,
    /// In that of a level above.
    Above(&'a str),
}

impl<'a> Policies<'a> {
    /// The bucket's own alone, as if there were nothing else.
    #[must_use]
    pub fn of_bucket(bucket: &'a Value, project_id: &'a str, public: Tri) -> Self {
        Self {
            bucket,
            managed_folders: Ok(&[]),
            project: Ok(&Value::Null),
            project_id,
            ancestors: Ok(&[]),
            public,
        }
    }

    /// Every binding that could be read and that reaches what is asked for, and where it stands.
    pub(super) fn reaching(
        &self,
        asked: &Asked<'_>,
    ) -> impl Iterator<Item = (&'a Value, Stands<'a>)> {
        let object = asked.object;
        let on_objects = !asked.is_about_the_bucket();
        let in_folders = self
            .managed_folders
            .unwrap_or_default()
            .iter()
            .filter(move |level| {
                on_objects && object.is_none_or(|object| object.starts_with(level.name))
            })
            .flat_map(|level| {
                let stands = Stands::ManagedFolder(level.name);
                or_none(level.policy).iter().map(move |one| (one, stands))
            });
        let above = self.ancestors.unwrap_or_default().iter().flat_map(|level| {
            let stands = Stands::Above(level.name);
            or_none(level.policy).iter().map(move |one| (one, stands))
        });
        let own = bindings(self.bucket)
            .iter()
            .map(|one| (one, Stands::Bucket));
        let project = or_none(self.project)
            .iter()
            .map(|one| (one, Stands::Project));
        own.chain(in_folders).chain(project).chain(above)
    }

    /// What could not be read and might grant what is asked for, each with the reason.
    pub(super) fn unread(&self, asked: &Asked<'_>) -> Vec<String> {
        let told = |what: &str, why: &str| format!("{what}, which could not be read: {why}");
        let mut unread = Vec::new();
        if !asked.is_about_the_bucket() {
            match self.managed_folders {
                Err(why) => unread.push(told("the policies of the bucket's managed folders", why)),
                Ok(folders) => unread.extend(
                    folders
                        .iter()
                        .filter(|level| {
                            asked
                                .object
                                .is_none_or(|object| object.starts_with(level.name))
                        })
                        .filter_map(|level| {
                            let what = format!("the policy of the managed folder `{}`", level.name);
                            level.policy.err().map(|why| told(&what, why))
                        }),
                ),
            }
        }
        if let Err(why) = self.project {
            let what = format!("the IAM policy of the project `{}`", self.project_id);
            unread.push(told(&what, why));
        }
        match self.ancestors {
            Err(why) => unread.push(told("the IAM policies above the project", why)),
            Ok(levels) => unread.extend(levels.iter().filter_map(|level| {
                let what = format!("the IAM policy of {}", level.name);
                level.policy.err().map(|why| told(&what, why))
            })),
        }
        unread
    }

    /// Whether a grant to everyone stands among them.
    #[must_use]
    pub fn name_everyone(&self, asked: &Asked<'_>) -> bool {
        self.reaching(asked)
            .any(|(binding, _)| members_of(binding).any(names::is_everyone))
    }

    /// Whether `named` is `projectViewer:` or its like, and the account has that basic role of the project.
    /// <https://cloud.google.com/storage/docs/access-control/iam#convenience-values>
    pub(super) fn through_project(&self, named: &str, member: &str) -> Tri {
        let (role, project) = match named.split_once(':') {
            Some(("projectOwner", project)) => ("roles/owner", project),
            Some(("projectEditor", project)) => ("roles/editor", project),
            Some(("projectViewer", project)) => ("roles/viewer", project),
            Some(_) | None => return Tri::No,
        };
        if names::is_everyone(member) {
            // A basic role cannot be granted to everyone: https://cloud.google.com/iam/docs/roles-overview#basic
            return Tri::No;
        }
        if project != self.project_id {
            return Tri::Maybe;
        }
        let held_by = |bindings: &[Value], whole: Tri| {
            bindings
                .iter()
                .filter(|binding| role_of(binding) == role)
                .map(|binding| {
                    let held = match condition_of(binding) {
                        None => whole,
                        Some(_) => Tri::Maybe,
                    };
                    names::named(binding, member, Tri::No).0.and(held)
                })
                .fold(Tri::No, Tri::or)
        };
        // A policy that could not be read is told once, as such, and not for each of these. Whether who has the role by
        // a level above is meant too is not documented.
        let above = self.ancestors.unwrap_or_default().iter();
        above
            .map(|level| held_by(or_none(level.policy), Tri::Maybe))
            .fold(held_by(or_none(self.project), Tri::Yes), Tri::or)
    }
}

fn or_none<'a>(policy: Result<&'a Value, &'a str>) -> &'a [Value] {
    policy.map_or(&[], bindings)
}
