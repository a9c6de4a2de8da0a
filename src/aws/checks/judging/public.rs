//! Whether Block Public Access voids the grant of a policy.
//!
//! Pure: the settings are read elsewhere.

use super::{Reading, every_object, question};
use crate::aws::checks::unreadable;
use crate::aws::policy::{self, Asked, Circumstances, Outcome, Tri};
use crate::aws::reads::PublicAccessBlock;
use crate::catalogue::Cause;
use crate::error::Failure;
use crate::finding::{CheckResult, Level};

/// Block Public Access, as far as it was read.
#[derive(Debug, Clone, Copy)]
pub struct PublicAccess<'a> {
    /// Whether S3 calls the policy public; nothing where there is no policy.
    pub public: &'a Result<Option<bool>, Failure>,
    /// The bucket's settings.
    pub bucket: &'a Result<PublicAccessBlock, Failure>,
    /// The account's settings.
    pub account: &'a Result<PublicAccessBlock, Failure>,
}

/// Whether the policy grants anything that Block Public Access could void, and may be public.
#[must_use]
pub fn concerns_block_public_access(
    reading: &Reading<'_>,
    public: &Result<Option<bool>, Failure>,
) -> bool {
    grants(reading) && is_public(reading, public) != Some(false)
}

/// With RestrictPublicBuckets on, a policy that is public for any reason admits nobody from another account:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
///
/// This is what can still void a grant that the policy's own part found; where that part found none, there is
/// nothing to void and nothing to pass. `settings` are asked for only where they matter: the check
/// `aws.access.evaluated`.
#[must_use]
pub fn block_public_access(
    reading: &Reading<'_>,
    public: &Result<Option<bool>, Failure>,
    settings: Option<&PublicAccess<'_>>,
) -> CheckResult {
    const ID: &str = "aws.access.evaluated";
    if !grants(reading) {
        return CheckResult::skipped(
            ID,
            "the bucket policy itself does not let Segments.ai in; see `aws.policy.evaluated`",
        )
        .at(Level::Evaluated);
    }
    let public = is_public(reading, public);
    let result = match (public, settings) {
        (Some(false), _) => CheckResult::pass(
            ID,
            "the bucket policy is not public, so Block Public Access does not concern Segments.ai",
        ),
        (public, Some(settings)) => restricted(reading, settings, public == Some(true)),
        (_, None) => CheckResult::unknown(
            ID,
            "the bucket policy is or may be public, and Block Public Access was not read",
        )
        .decisive(),
    };
    result.at(Level::Evaluated)
}

fn grants(reading: &Reading<'_>) -> bool {
    let link = Circumstances::link_in_a_browser(&reading.place());
    let everything = every_object(reading.bucket);
    match policy::evaluate(reading.policy, &question(Asked::Every(&everything), &link)).outcome {
        Outcome::NotGranted { .. } | Outcome::Denied { .. } => false,
        Outcome::Allowed { .. }
        | Outcome::GrantedToAccount { .. }
        | Outcome::PartlyAllowed { .. }
        | Outcome::PartlyDenied { .. }
        | Outcome::Undetermined { .. } => true,
    }
}

/// S3's own answer; where it may not be asked, that of its published rules.
fn is_public(reading: &Reading<'_>, public: &Result<Option<bool>, Failure>) -> Option<bool> {
    match public {
        Ok(public) => Some(public.unwrap_or(false)),
        Err(_) => match policy::is_public(reading.policy).answer {
            Tri::Yes => Some(true),
            Tri::No => Some(false),
            Tri::Maybe => None,
        },
    }
}

/// The policy is public, or may be: does RestrictPublicBuckets of the bucket or of the account void the grant?
fn restricted(
    reading: &Reading<'_>,
    settings: &PublicAccess<'_>,
    certainly_public: bool,
) -> CheckResult {
    const ID: &str = "aws.access.evaluated";
    let (bucket, account) = (settings.bucket, settings.account);
    let on = |block: &Result<PublicAccessBlock, Failure>| matches!(block, Ok(block) if block.restrict_public_buckets);
    let whose = match (on(bucket), on(account)) {
        (true, _) => Some("the bucket"),
        (false, true) => Some("the account"),
        (false, false) => None,
    };
    match (whose, bucket, account) {
        (Some(whose), _, _) if certainly_public => CheckResult::fail(
            ID,
            Cause::A16,
            format!("the bucket policy has a public statement and RestrictPublicBuckets of {whose} is on, so S3 admits no other account, Segments.ai included{}", named(reading)),
        )
        .fix(Cause::A16.entry().remedy),
        (Some(whose), _, _) => {
            let why = settings.public.as_ref().err().map(unreadable).unwrap_or_default();
            CheckResult::unknown(
                ID,
                format!("RestrictPublicBuckets of {whose} is on and voids the grant if the policy is public: {why}"),
            )
        }
        (None, Err(failure), _) | (None, _, Err(failure)) => {
            CheckResult::unknown(ID, format!("the bucket policy is or may be public, and {}", unreadable(failure)))
        }
        (None, Ok(_), Ok(_)) => {
            CheckResult::pass(ID, "RestrictPublicBuckets is off, so a public statement does not void Segments.ai's grant")
        }
    }
    .decisive()
}

/// The statements that make the policy public, or may, as the end of a sentence.
fn named(reading: &Reading<'_>) -> String {
    let by = policy::is_public(reading.policy).by;
    if by.is_empty() {
        String::new()
    } else {
        format!(" ({})", by.join(", "))
    }
}
