//! What one round of checks has read: each question is asked once, when the first check needs its answer.
//!
//! Facts are never kept from one round to the next, so that a later round sees what changed. The samples are:
//! which objects to test with does not depend on the settings.

use std::collections::BTreeMap;
use std::future::Future;

use futures_util::{StreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use super::Shared;
use super::access::Access;
use super::endpoints::STORAGE_HOST;
use super::iam::{self, Policies, RoleState, Tri};
use super::reads::{self, BucketFacts, Listed, Policy};
use crate::error::{ErrorCode, Failure};
use crate::probe::Prober;

/// Unreserved characters and the slash stay: <https://cloud.google.com/storage/docs/request-endpoints#encoding>.
const OBJECT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// How many roles are read at the same time.
const AT_ONCE: usize = 16;

/// The objects to test with: the ones that were named, or one found by listing.
pub struct Samples {
    access: Shared<Access>,
    named: Vec<String>,
    found: OnceCell<Found>,
}

/// How the search for an object ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// These.
    Names(Vec<String>),
    /// The bucket is empty, as far as its first page goes.
    Empty,
    /// The bucket could not be listed.
    Unlisted(Failure),
}

impl Samples {
    /// The objects named by the caller; where none is, one will be looked for.
    #[must_use]
    pub fn new(access: Shared<Access>, named: Vec<String>) -> Self {
        Self {
            access,
            named,
            found: OnceCell::new(),
        }
    }

    /// Finds them, once.
    pub async fn find(&self) -> &Found {
        self.found
            .get_or_init(|| async {
                if self.named.is_empty() {
                    choose(reads::list(&self.access).await)
                } else {
                    Found::Names(self.named.clone())
                }
            })
            .await
    }

    /// The first of them, where they were looked for and found.
    #[must_use]
    pub fn first_name(&self) -> Option<String> {
        match self.found.get() {
            Some(Found::Names(names)) => names.first().cloned(),
            Some(Found::Empty | Found::Unlisted(_)) | None => None,
        }
    }
}

/// Picks an object that is no folder marker. Every storage class is read at once, so none is passed over.
fn choose(listing: Result<Vec<Listed>, Failure>) -> Found {
    match listing {
        Err(failure) => Found::Unlisted(failure),
        Ok(listing) => listing
            .into_iter()
            .find(|object| !(object.name.ends_with('/') && object.size == 0))
            .map_or(Found::Empty, |object| Found::Names(vec![object.name])),
    }
}

/// One of the two forms in which the XML interface takes a bucket's objects, and what a browser loads:
/// <https://cloud.google.com/storage/docs/request-endpoints#xml-api>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where the request goes.
    pub url: Url,
    /// The `Host` that production has, where the address is another.
    pub host: Option<String>,
    /// The address that a browser would load.
    pub shown: String,
}

impl Form {
    /// What to call the service at this address: the host that a browser would ask, in backticks.
    #[must_use]
    pub fn service(&self) -> String {
        let host = self.shown.split('/').nth(2).unwrap_or(STORAGE_HOST);
        format!("`{host}`")
    }
}

/// A question, and its answer once it was asked.
type Answer<T> = OnceCell<Result<T, Failure>>;

/// What one round of checks has read.
pub struct Facts {
    /// The way to the bucket.
    pub access: Shared<Access>,
    /// The objects to test with.
    pub samples: Shared<Samples>,
    /// What sends as a browser would.
    pub prober: Shared<Prober>,
    bucket: Answer<BucketFacts>,
    policy: Answer<Policy>,
    above: Answer<Value>,
    deny: Answer<Vec<Value>>,
    public: OnceCell<Tri>,
    roles: OnceCell<BTreeMap<String, RoleState>>,
    roles_above: OnceCell<BTreeMap<String, RoleState>>,
    domains: OnceCell<Vec<&'static str>>,
}

impl Facts {
    /// Nothing read yet.
    #[must_use]
    pub fn new(access: Shared<Access>, samples: Shared<Samples>, prober: Shared<Prober>) -> Self {
        Self {
            access,
            samples,
            prober,
            bucket: OnceCell::new(),
            policy: OnceCell::new(),
            above: OnceCell::new(),
            deny: OnceCell::new(),
            public: OnceCell::new(),
            roles: OnceCell::new(),
            roles_above: OnceCell::new(),
            domains: OnceCell::new(),
        }
    }

    /// The bucket.
    pub async fn bucket(&self) -> &Result<BucketFacts, Failure> {
        once(&self.bucket, reads::bucket(&self.access)).await
    }

    /// Its IAM policy.
    pub async fn policy(&self) -> &Result<Policy, Failure> {
        once(&self.policy, reads::iam_policy(&self.access)).await
    }

    /// The IAM policy of its project.
    pub async fn project_policy(&self) -> &Result<Value, Failure> {
        once(&self.above, reads::project_policy(&self.access)).await
    }

    /// Whether a grant to everyone counts. What the organisation says of it is asked only where `asked` for.
    pub async fn public(&self, asked: bool) -> Tri {
        let own = self.bucket().await.as_ref().ok();
        if own.is_some_and(|bucket| bucket.public_access_prevention == "enforced") {
            return Tri::No;
        }
        if !asked || own.is_none() {
            return Tri::Maybe;
        }
        let ask = async {
            match reads::public_access_prevented(&self.access).await {
                Ok(prevented) => Tri::from(prevented).not(),
                Err(_) => Tri::Maybe,
            }
        };
        *self.public.get_or_init(|| ask).await
    }

    /// The deny policies of its project.
    pub async fn deny(&self) -> &Result<Vec<Value>, Failure> {
        once(&self.deny, reads::deny_policies(&self.access)).await
    }

    /// The constraints of the organisation that may refuse the service account, of those that could be read.
    pub async fn domains(&self) -> &[&'static str] {
        self.domains
            .get_or_init(|| reads::domain_policies(&self.access))
            .await
    }

    /// The roles of the bucket's bindings that may concern the service account.
    pub async fn roles(&self) -> &BTreeMap<String, RoleState> {
        self.roles
            .get_or_init(|| async { self.read_roles(self.names(Ok(&Value::Null)).await).await })
            .await
    }

    /// The roles that matter besides, once the project's policy is looked at too.
    pub async fn roles_above(&self) -> &BTreeMap<String, RoleState> {
        self.roles_above
            .get_or_init(|| async {
                let (known, above) =
                    futures_util::future::join(self.roles(), self.project_policy()).await;
                let mut names = self.names(above.as_ref().map_err(|_| "")).await;
                names.retain(|name| !known.contains_key(name));
                self.read_roles(names).await
            })
            .await
    }

    async fn names(&self, project: Result<&Value, &str>) -> Vec<String> {
        let Ok(own) = self.policy().await else {
            return Vec::new();
        };
        let policies = Policies {
            bucket: &own.document,
            project,
            project_id: &self.access.project.id,
            // What everyone is granted may not count; then a role is read in vain.
            public: Tri::Yes,
        };
        iam::roles_for(&policies, &self.access.account.member())
    }

    async fn read_roles(&self, names: Vec<String>) -> BTreeMap<String, RoleState> {
        stream::iter(names)
            .map(|name| async {
                let state = reads::role_state(&self.access, &name).await;
                (name, state)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await
    }

    /// Both forms of the address of the first sample, or of an object that need not exist: the bucket's configuration
    /// alone decides a preflight. The second form is left out where no certificate fits it.
    ///
    /// # Errors
    /// Where the address cannot be made.
    pub async fn forms(&self) -> Result<Vec<Form>, Failure> {
        let name = match self.samples.find().await {
            Found::Names(names) => names.first().cloned(),
            Found::Empty | Found::Unlisted(_) => None,
        };
        forms(
            &self.access,
            name.as_deref().unwrap_or("segments-connect-preflight"),
        )
    }
}

fn forms(access: &Access, object: &str) -> Result<Vec<Form>, Failure> {
    let bucket = &access.bucket;
    let path = utf8_percent_encode(object, OBJECT).to_string();
    let place = &access.endpoints.storage;
    let elsewhere = access.endpoints.storage_is_elsewhere;
    let own_host = format!("{bucket}.{STORAGE_HOST}");
    let parse = |text: String| {
        Url::parse(&text).map_err(|error| {
            Failure::new(
                ErrorCode::UnexpectedAnswer,
                format!("could not make a URL of `{object}`"),
            )
            .cause(error.to_string())
        })
    };
    let in_path = Form {
        url: parse(format!("{place}/{bucket}/{path}"))?,
        host: elsewhere.then(|| STORAGE_HOST.to_owned()),
        shown: format!("https://{STORAGE_HOST}/{bucket}/{path}"),
    };
    if bucket.is_dotted() {
        return Ok(vec![in_path]);
    }
    let shown = format!("https://{own_host}/{path}");
    let in_host = Form {
        url: parse(if elsewhere {
            format!("{place}/{path}")
        } else {
            shown.clone()
        })?,
        host: elsewhere.then_some(own_host),
        shown,
    };
    Ok(vec![in_path, in_host])
}

async fn once<T>(
    cell: &Answer<T>,
    ask: impl Future<Output = Result<T, Failure>>,
) -> &Result<T, Failure> {
    cell.get_or_init(|| ask).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_markers_are_passed_over_and_classes_are_not() {
        let listed = |name: &str, size| Listed {
            name: name.to_owned(),
            size,
        };
        assert_eq!(
            choose(Ok(vec![listed("photos/", 0), listed("photos/1.jpg", 9)])),
            Found::Names(vec!["photos/1.jpg".to_owned()])
        );
        assert_eq!(choose(Ok(vec![listed("a/", 0)])), Found::Empty);
        assert_eq!(choose(Ok(Vec::new())), Found::Empty);
    }
}
