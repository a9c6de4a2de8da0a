//! The question that is put to a policy, and the forms that the answer has.
//!
//! Plain data. An answer is about the policy alone and never says that anybody can read anything.

use super::circumstances::Circumstances;
use super::denial::Denial;

pub use crate::tri::Tri;

/// Which resource is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked<'a> {
    /// Everything that a pattern matches: `arn:aws:s3:::acme/*`.
    Every(&'a str),
    /// One resource, in which `*` and `?` stand for themselves: `arn:aws:s3:::acme/a.jpg`, a key's ARN.
    One(&'a str),
}

/// May this principal do this with that?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// The ARN of the user who asks.
    pub principal: &'a str,
    /// The twelve digits of the user's account.
    pub account: &'a str,
    /// The canonical user id of that account, where it is known.
    pub canonical_id: Option<&'a str>,
    /// The Sid under which the grant is published: a hint for finding the nearest miss, and no more.
    pub sid: Option<&'a str>,
    /// The action: `s3:GetObject`, `kms:Decrypt`.
    pub action: &'a str,
    /// The resource.
    pub resource: Asked<'a>,
    /// What is known of the request, which decides conditions.
    pub circumstances: &'a Circumstances,
}

/// What the policy says to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The answer.
    pub outcome: Outcome,
    /// What certainly is denied of the resource asked for, where that is not all of it.
    pub denied_parts: Vec<Share>,
    /// What certainly is granted of it by statements that do not grant all of it.
    pub allowed_parts: Vec<Share>,
    /// The denials that are about such requests, in order: those that apply or may, and those that are often
    /// suspected and never do.
    pub denials: Vec<Denial>,
    /// Everything that could not be decided, also where it does not matter for the answer.
    pub unsure: Vec<Reason>,
    /// What was found for each element of each statement that was looked at.
    pub trace: Vec<Reason>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything asked for is granted, and nothing of it is or may be denied.
    Allowed {
        /// The statements that grant it.
        by: Vec<String>,
        /// As whom the principal is granted it.
        through: Through,
    },
    /// As [`Outcome::Allowed`], but only because the whole account is granted it (A22): it works, and is broader
    /// than asked. The account's own policies decide which of its users may.
    GrantedToAccount {
        /// The statements that grant it.
        by: Vec<String>,
    },
    /// Some of what was asked for is granted, and certainly not all (A03).
    PartlyAllowed {
        /// What is granted.
        patterns: Vec<Share>,
    },
    /// Everything asked for is denied, whatever else is granted; or everything of it that is granted at all.
    Denied {
        /// The statements that deny it.
        by: Vec<String>,
        /// The catalogue's code: A49, or that of the condition through which it is denied.
        cause: &'static str,
        /// What it denies, and to whom.
        why: String,
    },
    /// Everything asked for is granted but for some that is certainly denied.
    PartlyDenied {
        /// What is denied.
        patterns: Vec<Share>,
    },
    /// Nothing grants any of it.
    NotGranted {
        /// The catalogue's code, chosen by the nearest miss: A01, A02, A03, A20, A21 or A51.
        cause: &'static str,
        /// The statement that comes nearest.
        near: Option<Near>,
    },
    /// It cannot be decided from the policy alone.
    Undetermined {
        /// What would decide it.
        reasons: Vec<Reason>,
    },
}

impl Outcome {
    /// The catalogue's code of what is wrong or worth a warning; none where nothing is, or where it is not
    /// known.
    #[must_use]
    pub fn cause(&self) -> Option<&'static str> {
        match self {
            Self::Allowed { .. } | Self::Undetermined { .. } => None,
            Self::GrantedToAccount { .. } => Some("A22"),
            Self::PartlyAllowed { .. } => Some("A03"),
            Self::PartlyDenied { .. } => Some("A49"),
            Self::Denied { cause, .. } | Self::NotGranted { cause, .. } => Some(cause),
        }
    }
}

/// As whom a principal is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Through {
    /// By its own ARN.
    Itself,
    /// As everyone is: the grant is public.
    Everyone,
    /// As every principal of its account is.
    Account,
}

/// A part of the resource that one statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The statement.
    pub by: String,
    /// The part.
    pub part: Part,
}

/// A part of the resource asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// What any of these patterns matches.
    Only(Vec<String>),
    /// What none of these patterns matches.
    AllBut(Vec<String>),
}

impl Part {
    /// The part in words: "`a/*`, `b/*`", "everything but `c/*`".
    #[must_use]
    pub fn in_words(&self) -> String {
        let listed = |patterns: &[String]| {
            let quoted: Vec<String> = patterns.iter().map(|one| format!("`{one}`")).collect();
            quoted.join(", ")
        };
        match self {
            Self::Only(patterns) => listed(patterns),
            Self::AllBut(patterns) => format!("everything but {}", listed(patterns)),
        }
    }
}

/// What was found for one element of one statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The statement; "the policy" for what concerns all of it.
    pub statement: String,
    /// The element: `Principal`, `Condition`.
    pub element: String,
    /// What stands there, or the part of it that decides: `StringNotEquals aws:SourceVpce`.
    pub value: String,
    /// Whether it applies to the question.
    pub answer: Tri,
    /// Why.
    pub why: String,
    /// The catalogue's code of what this may be, where it is recognised. Never more than a suspicion.
    pub suspected: Option<&'static str>,
    /// With `Maybe`: it is certain that it applies at some time of a link's life, and not at another.
    pub varies: bool,
}

/// The statement that comes nearest to granting what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// The statement.
    pub statement: String,
    /// Why it does not grant it.
    pub why: String,
}
