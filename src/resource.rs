//! A *resource*: one remote document that other people also edit, and in which we own one entry.
//!
//! Every cloud setting that this program touches has the same verbs: read, merge, remove, describe,
//! write. This module says what they promise; it knows no cloud and sends nothing.

use serde::Serialize;
use serde_json::Value;

use crate::error::{Failure, Refusal};

/// How far a setting reaches. The confirmation says it aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// One bucket.
    Bucket,
    /// Every bucket of a project may use it.
    Project,
    /// Every container of a storage account.
    StorageAccount,
    /// The whole directory.
    Tenant,
}

impl Scope {
    /// The scope in words, for the confirmation.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Bucket => "this bucket",
            Self::Project => "the whole project",
            Self::StorageAccount => "the whole storage account",
            Self::Tenant => "the whole tenant",
        }
    }
}

/// Which way a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Put our entry in.
    Connect,
    /// Take our entry out.
    Disconnect,
}

/// Which document, in the words of scripts (`id`) and of people (`title`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The stable change id: `aws.bucket-policy`.
    pub id: &'static str,
    /// What people call it: "bucket policy".
    pub title: &'static str,
    /// What one entry of it is called: "statement", "rule".
    pub entry: &'static str,
    /// How far it reaches.
    pub scope: Scope,
}

/// What the service gave with a document so that a later write can be tied to it: an etag or a
/// metageneration. S3 has none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Revision(pub Option<String>);

/// A document as it was read, and the revision that it had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot<D> {
    /// The document.
    pub document: D,
    /// Its revision, where the service has one.
    pub revision: Revision,
}

/// What keeps a write from undoing what a colleague changed since the plan was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The service has no precondition: the document is read again right before the write, and compared.
    ReadAgain,
    /// The service compares: the write names the revision that was shown, and fails where it no longer holds.
    Revision,
    /// The write adds or removes an entry under a name of its own, and cannot touch another one.
    OwnName,
}

/// A change that the caller may not make, and what somebody else has to do instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOff {
    /// Why it is not the caller's to make, as a full clause.
    pub reason: String,
    /// The rights that were seen to be missing, in the cloud's own terms.
    pub missing: Vec<String>,
    /// What somebody else is to do, as a next step: the command, the right that it needs, a link.
    pub step: String,
}

/// Why a write did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteFailure {
    /// The service answered that it did nothing for now; a further try may succeed (409, 503, throttling).
    Busy(Failure),
    /// The service did nothing, since an earlier write has not reached every part of it. It will accept this one later.
    NotYet(Failure),
    /// The revision no longer holds: someone else wrote first.
    Moved,
    /// An answer came that does not say whether it was done. Reading back tells.
    Unclear(Failure),
    /// No answer came: it may have been done, or be done yet. Only finding it done tells.
    Unanswered(Failure),
    /// The service answered that it will not.
    Rejected(Failure),
}

/// One remote document that other people also edit.
///
/// `merge` and `remove` are pure. Every implementation keeps these promises, each of which has a property over
/// generated documents: idempotent (`merge(merge(x)) == merge(x)`), additive (every foreign entry is still there,
/// equal and in its order), deterministic, and `remove` takes what is ours and nothing else.
#[expect(
    async_fn_in_trait,
    reason = "used on one thread only, through the erased `Step`"
)]
pub trait Resource {
    /// The document, with whatever else decides whether it may be written.
    type Document: Clone + PartialEq;

    /// Which document this is.
    fn subject(&self) -> Subject;

    /// Reads the document. An absent document is a value, not an error.
    ///
    /// # Errors
    /// When the service cannot be asked, or answers with anything but a document or its absence.
    async fn read(&self) -> Result<Snapshot<Self::Document>, Failure>;

    /// Reads the document once more, right before it is written: nothing but the document, so that as little time as
    /// possible passes before the write.
    ///
    /// # Errors
    /// As [`Self::read`].
    async fn read_again(&self) -> Result<Snapshot<Self::Document>, Failure> {
        self.read().await
    }

    /// The document with our entry in it. Equal to `current` where it is there already.
    ///
    /// # Errors
    /// When the result would be refused by the service, or would damage or widen what is not ours.
    fn merge(&self, current: &Self::Document) -> Result<Self::Document, Refusal>;

    /// The document without our entry.
    ///
    /// # Errors
    /// When the document cannot be understood well enough to leave the rest of it alone.
    fn remove(&self, current: &Self::Document) -> Result<Self::Document, Refusal>;

    /// What keeps [`Self::write`] from undoing a colleague's change.
    fn guard(&self) -> Guard {
        Guard::ReadAgain
    }

    /// Writes `next` in place of `before`, given that the document was `seen`.
    ///
    /// # Errors
    /// See [`WriteFailure`]. Implementations never retry on their own.
    async fn write(
        &self,
        before: &Self::Document,
        next: &Self::Document,
        seen: &Revision,
    ) -> Result<(), WriteFailure>;

    /// Who else has to make this change, where it is known before trying that the caller may not.
    async fn hand_off(
        &self,
        _before: &Self::Document,
        _after: &Self::Document,
        _intent: Intent,
    ) -> Option<HandOff> {
        None
    }

    /// Who else can help where reading or writing was refused. `None` where the refusal stops the run.
    fn hand_off_refused(&self, _refused: &Failure, _intent: Intent) -> Option<HandOff> {
        None
    }

    /// The document as JSON, for people and scripts; `None` when it is absent.
    fn describe(&self, document: &Self::Document) -> Option<Value>;

    /// How many entries of others stay as they are between `before` and `after`.
    fn kept(&self, before: &Self::Document, after: &Self::Document) -> usize;

    /// What a reader of the plan should know besides the difference.
    fn notes(&self, before: &Self::Document, after: &Self::Document, intent: Intent)
    -> Vec<String>;
}
