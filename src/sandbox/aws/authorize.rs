//! Whether a caller may do one thing: identity policies, bucket policy, Block Public Access and object ownership together.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-s3-evaluates-access-control.html>.

use super::bucket::{Bucket, Object, PublicAccessBlock};
use super::grant::{EncryptionContext, Permits, lets_decrypt};
use super::policy::{
    Context, Decision, Document, Keys, Service, decide, glob_ignoring_case, is_public,
};
use super::problem::Problem;
use super::request_keys::{of_decryption, of_object};
use super::signature::Caller;
use super::world::{KeyManager, KmsKey, Principal, World};

/// Something that a caller wants to do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub world: &'a World,
    pub caller: &'a Caller,
    pub bucket: &'a Bucket,
    pub key: Option<&'a str>,
    /// What the conditions of policies may look at.
    pub keys: &'a Keys,
}

/// Why something is refused; the words depend on who hears them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    ExplicitDeny,
    NoIdentityPolicy,
    NoResourcePolicy,
    BlockPublicAccess,
}

impl Wish<'_> {
    /// Decides on an action at the bucket or at the object that the wish names.
    pub fn may(&self, action: &str) -> Result<(), Problem> {
        self.may_on(
            action,
            self.key.and_then(|key| self.bucket.objects.get(key)),
        )
    }

    /// Decides on an action at the bucket itself, whatever object the wish names.
    pub fn may_at_bucket(&self, action: &str) -> Result<(), Problem> {
        Wish { key: None, ..*self }.may_on(action, None)
    }

    /// What the caller's identity policies say on their own.
    pub fn identity_allows(&self, action: &str) -> bool {
        match self.caller {
            Caller::Anonymous => false,
            Caller::Known(principal) => identity_allows(principal, action),
        }
    }

    /// Whether the caller belongs to the account that owns the bucket.
    pub fn is_own_account(&self) -> bool {
        self.caller.account() == Some(&self.bucket.owner)
    }

    fn may_on(&self, action: &str, object: Option<&Object>) -> Result<(), Problem> {
        let decision = match &self.bucket.policy {
            None => Decision::Silent,
            Some(text) => self.decide(text, action, object)?,
        };
        // The owner's root user can always mend a policy that locks everyone out.
        // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
        let mends = matches!(
            action,
            "s3:GetBucketPolicy" | "s3:PutBucketPolicy" | "s3:DeleteBucketPolicy"
        );
        if mends && self.is_own_root() {
            return Ok(());
        }
        if decision == Decision::Denied {
            return Err(self.refusal(action, Reason::ExplicitDeny));
        }
        let owner = object.map_or(self.bucket.owner.as_str(), |object| {
            self.bucket.owner_of(object)
        });
        if owner != self.bucket.owner {
            return self.may_on_foreign_object(action, owner);
        }
        if let Decision::Undecided(what) = &decision
            && (self.is_own_account() || self.identity_allows(action) || self.is_anonymous())
        {
            return Err(Problem::not_implemented(what));
        }
        if self.is_own_account() {
            return if self.identity_allows(action) || decision == Decision::Allowed {
                Ok(())
            } else {
                Err(self.refusal(action, Reason::NoIdentityPolicy))
            };
        }
        if self.is_restricted()? {
            return Err(self.refusal(action, Reason::BlockPublicAccess));
        }
        let allowed = match decision {
            Decision::Allowed | Decision::Delegated => {
                self.is_anonymous() || self.identity_allows(action)
            }
            Decision::Denied | Decision::Silent | Decision::Undecided(_) => false,
        };
        if allowed {
            Ok(())
        } else {
            Err(self.refusal(action, Reason::NoResourcePolicy))
        }
    }

    /// A bucket policy does not reach objects that the bucket's owner does not own.
    /// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>.
    fn may_on_foreign_object(&self, action: &str, owner: &str) -> Result<(), Problem> {
        if self.caller.account() == Some(owner) && self.identity_allows(action) {
            Ok(())
        } else {
            Err(self.refusal(action, Reason::NoResourcePolicy))
        }
    }

    /// `RestrictPublicBuckets`: with a public policy only the own account and AWS services get in, and the non-public
    /// statements of that policy do not help other accounts either.
    fn is_restricted(&self) -> Result<bool, Problem> {
        if !effective_public_access_block(self.world, self.bucket).restrict_public_buckets {
            return Ok(false);
        }
        match &self.bucket.policy {
            None => Ok(false),
            Some(text) => Ok(is_public(&read(text)?)),
        }
    }

    fn decide(
        &self,
        text: &str,
        action: &str,
        object: Option<&Object>,
    ) -> Result<Decision, Problem> {
        let mut keys = self.keys.clone();
        if let Some(object) = object {
            of_object(object, &mut keys);
        }
        let context = self.context(action, Service::S3, &keys);
        let resource = self.resource();
        Ok(decide(
            &read(text)?,
            &Context {
                resource: &resource,
                ..context
            },
        ))
    }

    /// The ARN of the bucket or of the object that the wish names.
    fn resource(&self) -> String {
        match self.key {
            None => format!("arn:aws:s3:::{}", self.bucket.name),
            Some(key) => format!("arn:aws:s3:::{}/{key}", self.bucket.name),
        }
    }

    fn context<'b>(&'b self, action: &'b str, service: Service, keys: &'b Keys) -> Context<'b> {
        let account = self.caller.account();
        let canonical_id = account
            .and_then(|account| self.world.accounts.get(account))
            .map(|account| account.canonical_id.as_str());
        let user_id = match self.caller {
            Caller::Anonymous => None,
            Caller::Known(principal) => Some(principal.user_id.as_str()),
        };
        Context {
            arn: self.caller.arn(),
            account,
            canonical_id,
            user_id,
            action,
            resource: "",
            service,
            keys,
        }
    }

    fn is_anonymous(&self) -> bool {
        *self.caller == Caller::Anonymous
    }

    fn is_own_root(&self) -> bool {
        self.is_own_account() && self.caller.arn().is_some_and(|arn| arn.ends_with(":root"))
    }

    /// Only callers of the same account are told which policy is to blame.
    /// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html>.
    fn refusal(&self, action: &str, reason: Reason) -> Problem {
        let Some(arn) = self.caller.arn().filter(|_| self.is_own_account()) else {
            return Problem::access_denied();
        };
        let resource = self.resource();
        let because = match reason {
            Reason::ExplicitDeny => "with an explicit deny in a resource-based policy".to_owned(),
            Reason::NoIdentityPolicy => {
                format!("because no identity-based policy allows the {action} action")
            }
            Reason::NoResourcePolicy => {
                format!("because no resource-based policy allows the {action} action")
            }
            Reason::BlockPublicAccess => {
                "because public access is prevented by the BlockPublicPolicy setting in S3 Block Public Access"
                    .to_owned()
            }
        };
        Problem::new(
            403,
            "AccessDenied",
            format!(
                "User: {arn} is not authorized to perform: {action} on resource: \"{resource}\" {because}"
            ),
        )
    }

    /// Whether the caller may decrypt an object with a key, as reading it needs.
    ///
    /// Across accounts the caller's identity must allow it, and the key's policy or a grant of the key; nobody can change
    /// the policy of an AWS managed key, or give grants of it. A Deny in the policy holds against grants too. See
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html> and
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/grants.html>.
    pub fn may_decrypt(&self, key: &KmsKey, object: &Object) -> Result<(), Problem> {
        let action = "kms:Decrypt";
        let denied = |why: &str| {
            Problem::new(
                403,
                "AccessDenied",
                format!(
                    "User: {} is not authorized to perform: {action} on the resource associated with this ciphertext \
                     because {why} the {action} action",
                    self.caller.arn().unwrap_or("anonymous")
                ),
            )
        };
        if !self.identity_allows(action) {
            return Err(denied("no identity-based policy allows"));
        }
        if self.caller.account() == Some(key.account()) {
            return Ok(());
        }
        let encryption_context = self.encryption_context(object);
        let keys = of_decryption(self.world, self.caller, key, &encryption_context);
        let context = Context {
            resource: &key.arn,
            ..self.context(action, Service::Kms, &keys)
        };
        let refused = || Err(denied("no resource-based policy allows"));
        let decision = match key.manager {
            KeyManager::Aws => return refused(),
            KeyManager::Customer => decide(&read(&key.policy)?, &context),
        };
        let arn = self.caller.arn().unwrap_or_default();
        match decision {
            Decision::Allowed | Decision::Delegated => Ok(()),
            Decision::Denied => refused(),
            Decision::Undecided(what) => Err(Problem::not_implemented(what)),
            Decision::Silent => match lets_decrypt(key, arn, &encryption_context) {
                Permits::Yes => Ok(()),
                Permits::No => refused(),
                Permits::Untold(what) => Err(Problem::not_implemented(what)),
            },
        }
    }

    /// The object's ARN, or the bucket's where S3 Bucket Keys are used, and what was given when it was written.
    /// See <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context>.
    fn encryption_context(&self, object: &Object) -> EncryptionContext {
        let arn = if self.bucket.has_bucket_key(object) {
            format!("arn:aws:s3:::{}", self.bucket.name)
        } else {
            self.resource()
        };
        let mut context = object.encryption_context.clone();
        context.insert("aws:s3:arn".to_owned(), arn);
        context
    }
}

/// Block Public Access of a bucket and of its account together: the stricter setting holds.
pub(crate) fn effective_public_access_block(world: &World, bucket: &Bucket) -> PublicAccessBlock {
    let own = bucket.public_access_block.unwrap_or_default();
    let account = world
        .accounts
        .get(&bucket.owner)
        .and_then(|account| account.public_access_block)
        .unwrap_or_default();
    PublicAccessBlock {
        block_public_acls: own.block_public_acls || account.block_public_acls,
        ignore_public_acls: own.ignore_public_acls || account.ignore_public_acls,
        block_public_policy: own.block_public_policy || account.block_public_policy,
        restrict_public_buckets: own.restrict_public_buckets || account.restrict_public_buckets,
    }
}

/// What a principal's own identity policies say.
pub(crate) fn identity_allows(principal: &Principal, action: &str) -> bool {
    let matches = |patterns: &std::collections::BTreeSet<String>| {
        patterns
            .iter()
            .any(|pattern| glob_ignoring_case(pattern, action))
    };
    matches(&principal.allowed_actions) && !matches(&principal.denied_actions)
}

/// A policy that was seeded and that S3 would never have taken cannot be judged.
fn read(text: &str) -> Result<Document, Problem> {
    Document::read(text).map_err(|why| {
        Problem::not_implemented(format!("a stored policy that S3 would refuse: {why}"))
    })
}
