//! What one round of checks has read: each question is asked once, when the first check needs its answer.
//!
//! Facts are never kept from one round to the next, so that a later round sees what changed. The samples are:
//! which objects to test with does not depend on the settings.

use std::cell::RefCell;
use std::future::Future;

use tokio::sync::OnceCell;
use url::Url;

use super::Shared;
use super::access::{Access, object_url};
use super::bucket_policy::Stored;
use super::checks::judging::Tags;
use super::destination::Destination;
use super::documents::Documents;
use super::failure::Caller;
use super::grants::Grant;
use super::place::Place;
use super::reads::{self, Head, Key, Listed, NoObject, PublicAccessBlock, StoredCors};
use super::view::View;
use crate::error::Failure;
use crate::probe::Prober;

/// The objects to test with: the ones that were named, or one found by listing.
pub struct Samples {
    owner: Result<Shared<Access>, Failure>,
    named: Vec<String>,
    found: OnceCell<Found>,
}

/// How the search for an object ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// These.
    Keys(Vec<String>),
    /// The bucket is empty, as far as its first page goes.
    Empty,
    /// There are only folder markers and archived objects on its first page.
    Unsuitable {
        /// How many objects are archived.
        archived: usize,
    },
    /// The bucket could not be listed.
    Unlisted(Failure),
}

impl Samples {
    /// The objects named by the caller; where none is, one will be looked for by whoever may ask as the owner.
    #[must_use]
    pub fn new(view: &View, named: Vec<String>) -> Self {
        Self {
            owner: view.owner.clone(),
            named,
            found: OnceCell::new(),
        }
    }

    /// Finds them, once.
    pub async fn find(&self) -> &Found {
        self.found
            .get_or_init(|| async {
                if !self.named.is_empty() {
                    return Found::Keys(self.named.clone());
                }
                choose(match &self.owner {
                    Ok(access) => reads::list(access).await,
                    Err(why) => Err(why.clone()),
                })
            })
            .await
    }

    /// The keys to test with, where they were looked for and found.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        match self.found.get() {
            Some(Found::Keys(keys)) => keys,
            Some(Found::Empty | Found::Unsuitable { .. } | Found::Unlisted(_)) | None => &[],
        }
    }
}

/// Picks an object that says something about the others: no folder marker, not archived.
fn choose(listing: Result<Vec<Listed>, Failure>) -> Found {
    let listing = match listing {
        Ok(listing) => listing,
        Err(failure) => return Found::Unlisted(failure),
    };
    if listing.is_empty() {
        return Found::Empty;
    }
    let readable = |object: &&Listed| !is_folder(object) && !is_archived(object);
    if let Some(object) = listing.iter().find(readable) {
        return Found::Keys(vec![object.key.clone()]);
    }
    match listing.iter().filter(|object| is_archived(object)).count() {
        0 => Found::Empty,
        archived => Found::Unsuitable { archived },
    }
}

fn is_folder(object: &Listed) -> bool {
    object.key.ends_with('/') && object.size == 0
}

fn is_archived(object: &Listed) -> bool {
    matches!(object.storage_class.as_str(), "GLACIER" | "DEEP_ARCHIVE")
}

/// A question, and its answer once it was asked.
type Answer<T> = OnceCell<Result<T, Failure>>;

/// What one round of checks has read.
pub struct Facts {
    view: Shared<View>,
    /// The objects to test with.
    pub samples: Shared<Samples>,
    /// What sends as a browser would.
    pub prober: Shared<Prober>,
    policy: Answer<Stored>,
    public: Answer<Option<bool>>,
    block: Answer<PublicAccessBlock>,
    account_block: Answer<PublicAccessBlock>,
    cors: Answer<StoredCors>,
    ownership: Answer<Option<String>>,
    requester_pays: Answer<bool>,
    /// What was said of single objects and keys.
    objects: RefCell<Documents>,
}

impl Facts {
    /// Nothing read yet, but for what was handed in.
    #[must_use]
    pub fn new(view: Shared<View>, samples: Shared<Samples>, prober: Shared<Prober>) -> Self {
        let known = view.documents.clone();
        Self {
            samples,
            prober,
            policy: answer(known.policy.clone()),
            public: answer(known.public.clone()),
            block: answer(known.block.clone()),
            account_block: answer(known.account_block.clone()),
            cors: answer(known.cors.clone()),
            ownership: answer(known.ownership.clone()),
            requester_pays: answer(known.requester_pays.clone()),
            objects: RefCell::new(known),
            view,
        }
    }

    /// Everything that was read in this round, for a report.
    #[must_use]
    pub fn documents(&self) -> Documents {
        Documents {
            policy: self.policy.get().cloned(),
            public: self.public.get().cloned(),
            block: self.block.get().cloned(),
            account_block: self.account_block.get().cloned(),
            cors: self.cors.get().cloned(),
            ownership: self.ownership.get().cloned(),
            requester_pays: self.requester_pays.get().cloned(),
            ..self.objects.borrow().clone()
        }
    }

    /// The bucket, where it is, and the commands that mend it.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.view.place
    }

    /// From where the bucket is looked at.
    #[must_use]
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Who is signed in; or why nobody is.
    ///
    /// # Errors
    /// Why nobody is.
    pub fn caller(&self) -> Result<&Access, &Failure> {
        self.view.caller.as_deref()
    }

    /// The bucket policy.
    pub async fn policy(&self) -> &Result<Stored, Failure> {
        once(&self.policy, async {
            reads::policy(self.owner()?).await.map(Stored::parse)
        })
        .await
    }

    /// Whether S3 calls the policy public.
    pub async fn public(&self) -> &Result<Option<bool>, Failure> {
        once(&self.public, async {
            reads::policy_is_public(self.owner()?).await
        })
        .await
    }

    /// The bucket's Block Public Access.
    pub async fn block(&self) -> &Result<PublicAccessBlock, Failure> {
        once(&self.block, async {
            reads::public_access_block(self.owner()?).await
        })
        .await
    }

    /// The account's Block Public Access.
    pub async fn account_block(&self) -> &Result<PublicAccessBlock, Failure> {
        once(&self.account_block, async {
            reads::account_public_access_block(self.owner()?).await
        })
        .await
    }

    /// The CORS configuration.
    pub async fn cors(&self) -> &Result<StoredCors, Failure> {
        once(&self.cors, async { reads::cors(self.owner()?).await }).await
    }

    /// The object ownership.
    pub async fn ownership(&self) -> &Result<Option<String>, Failure> {
        once(&self.ownership, async {
            reads::ownership(self.owner()?).await
        })
        .await
    }

    /// Whether whoever reads pays.
    pub async fn requester_pays(&self) -> &Result<bool, Failure> {
        once(&self.requester_pays, async {
            reads::requester_pays(self.owner()?).await
        })
        .await
    }

    /// The canonical user id of the bucket's owner.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn bucket_owner(&self) -> Result<String, Failure> {
        reads::bucket_owner(self.owner()?).await
    }

    /// The canonical user id of an object's owner; `None` where there is no such object.
    ///
    /// # Errors
    /// When the bucket cannot be listed.
    pub async fn object_owner(&self, key: &str) -> Result<Option<String>, Failure> {
        reads::object_owner(self.owner()?, key).await
    }

    /// What HeadObject says of an object.
    ///
    /// # Errors
    /// See [`NoObject`].
    pub async fn head(&self, key: &str) -> Result<Head, NoObject> {
        let known = self.objects.borrow().heads.get(key).cloned();
        if let Some(head) = known {
            return Ok(head);
        }
        let head = reads::head(self.reader()?, key).await?;
        self.objects
            .borrow_mut()
            .heads
            .insert(key.to_owned(), head.clone());
        Ok(head)
    }

    /// The tags of an object, of those that are `asked` for.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn tags(&self, key: &str, asked: impl Fn(&str) -> bool) -> Result<Tags, Failure> {
        let known = self.objects.borrow().tags.get(key).cloned();
        if let Some(tags) = known {
            return tags;
        }
        let tags = reads::tags(self.owner()?, key).await.map(|mut tags| {
            tags.retain(|name, _| asked(name));
            tags
        });
        self.objects
            .borrow_mut()
            .tags
            .insert(key.to_owned(), tags.clone());
        tags
    }

    /// Reads the first byte of an object with the caller's own credentials.
    ///
    /// # Errors
    /// See [`NoObject`].
    pub async fn first_byte(&self, key: &str) -> Result<(), NoObject> {
        reads::first_byte(self.reader()?, key).await
    }

    /// A link as Segments.ai makes them, signed by the caller.
    ///
    /// # Errors
    /// When nobody is signed in, or the credentials cannot sign any more.
    pub async fn link(&self, key: &str) -> Result<Url, Failure> {
        self.caller().map_err(Clone::clone)?.link(key).await
    }

    /// What KMS says of a key.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn key(&self, id: &str) -> Result<Key, Failure> {
        let known = self.objects.borrow().keys.get(id).cloned();
        if let Some(key) = known {
            return Ok(key);
        }
        let key = reads::key(self.owner()?, id).await?;
        self.objects
            .borrow_mut()
            .keys
            .insert(id.to_owned(), key.clone());
        Ok(key)
    }

    /// The policy of a key.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn key_policy(&self, id: &str) -> Result<Option<String>, Failure> {
        let known = self.objects.borrow().key_policies.get(id).cloned();
        if let Some(policy) = known {
            return Ok(policy);
        }
        let policy = reads::key_policy(self.owner()?, id).await?;
        self.objects
            .borrow_mut()
            .key_policies
            .insert(id.to_owned(), policy.clone());
        Ok(policy)
    }

    /// The grants of a key for Segments.ai.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn grants(&self, id: &str) -> Result<Vec<Grant>, Failure> {
        let known = self.objects.borrow().grants.get(id).cloned();
        if let Some(grants) = known {
            return grants;
        }
        let grants = reads::grants(self.owner()?, id).await;
        self.objects
            .borrow_mut()
            .grants
            .insert(id.to_owned(), grants.clone());
        grants
    }

    /// Where a browser would load the first sample from, or an object that need not exist: S3 answers a preflight from
    /// the bucket's configuration alone.
    ///
    /// # Errors
    /// When nothing may be sent, or no link can be signed.
    pub async fn probed(&self) -> Result<Destination, Failure> {
        let key = match self.samples.find().await {
            Found::Keys(keys) => keys.first().cloned(),
            Found::Empty | Found::Unsuitable { .. } | Found::Unlisted(_) => None,
        };
        self.destination(key.as_deref().unwrap_or("segments-connect-preflight"))
            .await
    }

    /// Where a browser would load an object from: the URL that was given for it, and otherwise the bucket's own.
    ///
    /// # Errors
    /// When nothing may be sent, or no link can be signed.
    pub async fn destination(&self, key: &str) -> Result<Destination, Failure> {
        let own = self.own_url(key).await?;
        let given = self
            .view
            .urls
            .iter()
            .filter(|address| address.host.is_some() && address.key().is_none_or(|of| of == key))
            .find_map(|address| Url::parse(&address.shown).ok());
        let Some(mut given) = given else {
            return Ok(Destination::own(own));
        };
        given.set_query(None);
        given.set_fragment(None);
        Ok(Destination::exactly(&given, &own))
    }

    /// Where a link that was given goes, with everything that is in it.
    ///
    /// # Errors
    /// When nothing may be sent, or it is no URL.
    pub async fn exactly(&self, link: &str) -> Result<Destination, Failure> {
        let own = self.own_url("segments-connect").await?;
        let given = Url::parse(link).map_err(|error| {
            Failure::usage("the URL cannot be fetched", "give the URL as it was signed")
                .cause(error.to_string())
        })?;
        Ok(Destination::exactly(&given, &own))
    }

    async fn own_url(&self, key: &str) -> Result<Url, Failure> {
        let forms = self.view.forms.as_ref().map_err(Clone::clone)?;
        let nobody = Caller::default();
        let caller = self.caller().map_or(&nobody, |access| &access.caller);
        object_url(forms, self.place(), key, caller).await
    }

    fn owner(&self) -> Result<&Access, Failure> {
        self.view.owner.as_deref().map_err(Clone::clone)
    }

    fn reader(&self) -> Result<&Access, NoObject> {
        self.caller().map_err(|why| NoObject::Failed(why.clone()))
    }
}

fn answer<T>(known: Option<Result<T, Failure>>) -> Answer<T> {
    OnceCell::new_with(known)
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

    fn listed(key: &str, size: i64, class: &str) -> Listed {
        Listed {
            key: key.to_owned(),
            size,
            storage_class: class.to_owned(),
        }
    }

    #[test]
    fn folder_markers_and_archived_objects_are_passed_over() {
        let listing = vec![
            listed("photos/", 0, "STANDARD"),
            listed("photos/old.jpg", 9, "GLACIER"),
            listed("photos/new.jpg", 9, "GLACIER_IR"),
        ];
        assert_eq!(
            choose(Ok(listing)),
            Found::Keys(vec!["photos/new.jpg".to_owned()])
        );
    }

    #[test]
    fn an_empty_bucket_is_told_from_an_archived_one() {
        assert_eq!(choose(Ok(Vec::new())), Found::Empty);
        assert_eq!(choose(Ok(vec![listed("a/", 0, "STANDARD")])), Found::Empty);
        assert_eq!(
            choose(Ok(vec![listed("a", 1, "GLACIER")])),
            Found::Unsuitable { archived: 1 }
        );
    }
}
