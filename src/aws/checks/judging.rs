//! What a bucket policy that was read says of Segments.ai, as results of checks.
//!
//! Pure: documents and facts in, results out. So the same is said of a policy that was read a moment ago, one that came
//! in a file, and one of an old report.

mod exposure;
mod key;
mod public;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::OffsetDateTime;

pub use exposure::{ANYBODY, anybody, exposure, may_admit_anybody};
pub use key::{Encrypted, decrypting, grants_count};
pub use public::{PublicAccess, block_public_access, concerns_block_public_access};

use crate::aws::policy::{
    self, Applies, Asked, Circumstances, Denial, Evaluation, Outcome, Place, Question, Reason,
    Share,
};
use crate::aws::templates::{ACCOUNT, CANONICAL_ID, PRINCIPAL, SID, bucket_policy};
use crate::catalogue::Cause;
use crate::finding::{CheckResult, Level, Status};

/// The subject of the result about requests that a server signs, where it differs from what is said of links.
pub const SERVERS: &str = "a request of Segments.ai's servers";

/// A bucket policy, and what is known about the bucket.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The bucket's name.
    pub bucket: &'a str,
    /// Its Region, where it is known.
    pub region: Option<&'a str>,
    /// The account that owns it, where it is known.
    pub owner: Option<&'a str>,
    /// When it is judged; the dates of conditions are held against it. Without it they are not decided.
    pub now: Option<OffsetDateTime>,
    /// Its policy; none is a policy that grants nothing.
    pub policy: Option<&'a Value>,
    /// The command that adds the published statement.
    pub connect: &'a str,
}

impl Reading<'_> {
    /// What decides the value of keys.
    #[must_use]
    pub fn place(&self) -> Place<'_> {
        Place {
            region: self.region,
            owner: self.owner,
            now: self.now,
        }
    }
}

/// Whether the published statement is in the policy: `aws.access.configured`.
#[must_use]
pub fn configured(reading: &Reading<'_>) -> CheckResult {
    const ID: &str = "aws.access.configured";
    let published = bucket_policy(reading.bucket);
    let result = if policy::contains_ours(reading.policy, &published) {
        CheckResult::pass(
            ID,
            "the bucket policy holds the statement that Segments.ai publishes (read back)",
        )
    } else {
        not_published(ID, reading)
    };
    result.at(Level::Configured).decisive()
}

/// The published statement is not there; perhaps another one grants the same.
fn not_published(id: &'static str, reading: &Reading<'_>) -> CheckResult {
    let fix = reading.connect;
    let link = Circumstances::link_in_a_browser(&reading.place());
    let everything = every_object(reading.bucket);
    let evaluation = policy::evaluate(reading.policy, &question(Asked::Every(&everything), &link));
    let by_tags = is_by_tags(&evaluation);
    match evaluation.outcome {
        Outcome::NotGranted { cause, near } => {
            let cause = Cause::find(cause).unwrap_or(Cause::A01);
            let detail = near.map_or_else(
                || "the bucket policy holds no statement for Segments.ai".to_owned(),
                |near| {
                    format!(
                        "the bucket policy does not grant it: {} {}",
                        near.statement, near.why
                    )
                },
            );
            CheckResult::fail(id, cause, detail).fix(fix).may_settle()
        }
        Outcome::GrantedToAccount { by } => CheckResult::warn(
            id,
            Cause::A22,
            format!("{} grants it to Segments.ai's whole account", by.join(", ")),
        )
        .fix(Cause::A22.entry().remedy),
        Outcome::PartlyAllowed { patterns } => CheckResult::warn(
            id,
            Cause::A03,
            format!(
                "the bucket policy grants only a part of the bucket: {}",
                shares(&patterns)
            ),
        )
        .fix(fix),
        Outcome::Allowed { by, .. } => CheckResult::new(
            id,
            Status::Warn,
            format!(
                "the published statement is not there, and {} grants as much or more",
                by.join(", ")
            ),
        )
        .fix(fix),
        Outcome::Undetermined { .. } if by_tags => CheckResult::warn(
            id,
            Cause::A15,
            "the published statement is not there, and the bucket policy treats objects by their tags; see \
             `aws.policy.evaluated`",
        )
        .fix(fix),
        Outcome::Undetermined { .. } => CheckResult::unknown(
            id,
            "the published statement is not there, and whether another one grants as much cannot be told; see \
             `aws.policy.evaluated`",
        )
        .fix(fix)
        .may_settle(),
        Outcome::Denied { .. } | Outcome::PartlyDenied { .. } => CheckResult::fail(
            id,
            Cause::A01,
            "the bucket policy does not hold the statement that Segments.ai publishes",
        )
        .fix(fix)
        .may_settle(),
    }
}

/// What the policy says of a link to every object: `aws.policy.evaluated`, without its samples.
pub struct Whole {
    /// The results about the whole bucket.
    pub results: Vec<CheckResult>,
    /// Whether the objects of the bucket are not all treated alike, so that samples say more.
    pub mixed: bool,
    /// Whether the tags of an object, and nothing else, decide what is not decided for all.
    pub by_tags: bool,
}

impl Whole {
    /// The objects that were tested are decided, each by its tags. Others may be treated otherwise: that is a warning, as
    /// where the policy is about a part of the bucket.
    pub fn settle_by_tags(&mut self) {
        for result in self
            .results
            .iter_mut()
            .filter(|result| self.by_tags && result.status == Status::Unknown)
        {
            result.status = Status::Warn;
            result.detail = format!(
                "the bucket policy treats objects by their tags, which were looked at for those that were tested alone: {}",
                result.detail
            );
        }
    }
}

/// What the policy says of every object.
///
/// The verdict is that of a link in a browser, which is how labellers load. A server's own request is judged besides,
/// and told where the answer is another one; that never blocks.
#[must_use]
pub fn evaluated(reading: &Reading<'_>) -> Whole {
    let everything = every_object(reading.bucket);
    let place = reading.place();
    let link = Circumstances::link_in_a_browser(&place);
    let whole = policy::evaluate(reading.policy, &question(Asked::Every(&everything), &link));
    let mixed = matches!(
        whole.outcome,
        Outcome::PartlyAllowed { .. } | Outcome::PartlyDenied { .. } | Outcome::Undetermined { .. }
    );
    let by_tags = is_by_tags(&whole);
    let server = Circumstances::signed_by_a_server(&place);
    let other = policy::evaluate(
        reading.policy,
        &question(Asked::Every(&everything), &server),
    );
    let first = judge(reading, whole).decisive();
    let second = judge(reading, other);
    let works = |result: &CheckResult| matches!(result.status, Status::Pass | Status::Warn);
    let differ = works(&first) != works(&second);
    let mut results = vec![first];
    if differ {
        results.push(of_servers(second));
    }
    Whole {
        results,
        mixed,
        by_tags,
    }
}

/// What is said of a server's request changes no verdict: a browser is what must get in.
fn of_servers(mut result: CheckResult) -> CheckResult {
    if result.status == Status::Fail {
        result.status = Status::Warn;
    }
    result.may_settle = false;
    result.detail = format!(
        "a request that Segments.ai's servers sign themselves: {}",
        result.detail
    );
    result.on(SERVERS)
}

/// The tags of an object.
pub type Tags = BTreeMap<String, String>;

/// What the policy says of one object: `aws.policy.evaluated` on that key. `tags` are its tags, where they are known.
#[must_use]
pub fn evaluated_key(reading: &Reading<'_>, key: &str, tags: Option<&Tags>) -> CheckResult {
    let result = judge(reading, of_key(reading, key, tags));
    match tags {
        Some(tags) => {
            let mut evidence = result.evidence.clone();
            evidence["tags"] = json!(tags);
            result.evidence(evidence)
        }
        None => result,
    }
    .on(key)
}

/// Whether what the policy says of an object depends on its tags.
#[must_use]
pub fn asks_for_tags(reading: &Reading<'_>, key: &str) -> bool {
    match of_key(reading, key, None).outcome {
        Outcome::Undetermined { reasons } => reasons.iter().any(is_of_tags),
        Outcome::Allowed { .. }
        | Outcome::GrantedToAccount { .. }
        | Outcome::PartlyAllowed { .. }
        | Outcome::PartlyDenied { .. }
        | Outcome::Denied { .. }
        | Outcome::NotGranted { .. } => false,
    }
}

/// Whether the policy speaks of a tag; the others are nobody's business.
#[must_use]
pub fn speaks_of_tag(reading: &Reading<'_>, name: &str) -> bool {
    fn within(value: &Value, suffix: &str) -> bool {
        match value {
            Value::String(text) => text.to_lowercase().contains(suffix),
            Value::Array(items) => items.iter().any(|item| within(item, suffix)),
            Value::Object(members) => members
                .iter()
                .any(|(name, value)| name.to_lowercase().contains(suffix) || within(value, suffix)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    let suffix = format!(":existingobjecttag/{}", name.to_lowercase());
    reading.policy.is_some_and(|policy| within(policy, &suffix))
}

fn of_key(reading: &Reading<'_>, key: &str, tags: Option<&Tags>) -> Evaluation {
    let object = format!("arn:aws:s3:::{}/{key}", reading.bucket);
    let mut link = Circumstances::link_in_a_browser(&reading.place());
    if let Some(tags) = tags {
        link = link.with_tags(
            tags.iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
    }
    policy::evaluate(reading.policy, &question(Asked::One(&object), &link))
}

/// Whether nothing is open but what the tags of an object decide.
fn is_by_tags(evaluation: &Evaluation) -> bool {
    matches!(evaluation.outcome, Outcome::Undetermined { .. })
        && evaluation.unsure.iter().all(is_of_tags)
}

fn is_of_tags(reason: &Reason) -> bool {
    reason.suspected == Some(Cause::A15.code())
}

fn judge(reading: &Reading<'_>, evaluation: Evaluation) -> CheckResult {
    const ID: &str = "aws.policy.evaluated";
    let evidence = json!({
        "unsure": evaluation.unsure.iter().map(reason).collect::<Vec<_>>(),
        "trace": evaluation.trace.iter().map(reason).collect::<Vec<_>>(),
    });
    let denials = &evaluation.denials;
    let result = match evaluation.outcome {
        Outcome::Allowed { by, .. } => CheckResult::pass(
            ID,
            format!(
                "the bucket policy allows Segments.ai to read, by {}{}",
                by.join(", "),
                harmless(denials)
            ),
        ),
        Outcome::GrantedToAccount { by } => CheckResult::warn(
            ID,
            Cause::A22,
            format!(
                "the bucket policy allows Segments.ai's whole account to read, by {}",
                by.join(", ")
            ),
        )
        .fix(Cause::A22.entry().remedy),
        Outcome::PartlyAllowed { patterns } => CheckResult::warn(
            ID,
            Cause::A03,
            format!(
                "the bucket policy allows Segments.ai to read only {}, and not all of `{}`",
                shares(&patterns),
                every_object(reading.bucket)
            ),
        )
        .fix(Cause::A03.entry().remedy),
        Outcome::PartlyDenied { patterns } => {
            let parts: Vec<&Denial> = denials
                .iter()
                .filter(|one| one.applies == Applies::Always)
                .collect();
            let cause = first_cause(parts.iter().map(|one| one.cause));
            CheckResult::warn(
                ID,
                cause,
                format!(
                    "the bucket policy denies Segments.ai a part of `{}`: {}",
                    every_object(reading.bucket),
                    shares(&patterns)
                ),
            )
            .fix(exemption(reading, cause, &parts))
        }
        Outcome::Denied { by, cause, why } => {
            let cause = Cause::find(cause).unwrap_or(Cause::A49);
            let deciding: Vec<&Denial> = denials
                .iter()
                .filter(|one| one.applies == Applies::Always && by.contains(&one.statement))
                .collect();
            CheckResult::fail(
                ID,
                cause,
                format!("{} denies Segments.ai: {why}", by.join(", ")),
            )
            .fix(exemption(reading, cause, &deciding))
        }
        Outcome::NotGranted { cause, near } => {
            let cause = Cause::find(cause).unwrap_or(Cause::A01);
            let detail = near.map_or_else(
                || "the bucket policy grants Segments.ai nothing".to_owned(),
                |near| {
                    format!(
                        "the bucket policy grants Segments.ai nothing: {} {}",
                        near.statement, near.why
                    )
                },
            );
            let fix = if cause == Cause::A51 {
                cause.entry().remedy
            } else {
                reading.connect
            };
            CheckResult::fail(ID, cause, detail).fix(fix).may_settle()
        }
        Outcome::Undetermined { reasons } => undetermined(reading, denials, &reasons),
    };
    result.evidence(evidence).at(Level::Evaluated)
}

/// Not decided; but a Deny that certainly comes at some time of a link's life is told as one, since labellers load
/// links at any time of it.
fn undetermined(reading: &Reading<'_>, denials: &[Denial], reasons: &[Reason]) -> CheckResult {
    const ID: &str = "aws.policy.evaluated";
    let later: Vec<&Denial> = denials
        .iter()
        .filter(|one| one.applies == Applies::Sometimes && one.whole)
        .collect();
    if let Some(first) = later.first() {
        let cause = first_cause(later.iter().map(|one| one.cause));
        return CheckResult::fail(
            ID,
            cause,
            format!(
                "{} denies Segments.ai for a part of the 24 hours that a link lives: {}",
                first.statement, first.why
            ),
        )
        .fix(exemption(reading, cause, &later));
    }
    let unknown = CheckResult::unknown(
        ID,
        format!(
            "whether Segments.ai may read depends on {}",
            in_words(reasons)
        ),
    );
    let suspected: Vec<&'static str> = reasons.iter().filter_map(|one| one.suspected).collect();
    if suspected.is_empty() {
        return unknown;
    }
    let cause = first_cause(suspected.into_iter());
    let open: Vec<&Denial> = denials
        .iter()
        .filter(|one| one.applies == Applies::Perhaps)
        .collect();
    unknown.because(cause).fix(exemption(reading, cause, &open))
}

fn first_cause(codes: impl Iterator<Item = &'static str>) -> Cause {
    policy::first_cause(codes)
        .and_then(Cause::find)
        .unwrap_or(Cause::A49)
}

/// The mend of these denials; the catalogue's where they have a form that is not understood.
fn exemption(reading: &Reading<'_>, cause: Cause, denials: &[&Denial]) -> String {
    exempted(reading.policy, denials).unwrap_or_else(|| cause.entry().remedy.to_owned())
}

/// The statements that deny, as they should read.
fn exempted(policy: Option<&Value>, denials: &[&Denial]) -> Option<String> {
    const SHOWN: usize = 3;
    let statement = |position: usize| match policy?.get("Statement")? {
        Value::Array(all) => all.get(position)?.as_object(),
        Value::Object(one) => Some(one),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    let mended: Vec<String> = denials
        .iter()
        .take(SHOWN)
        .filter_map(|one| {
            let exempt = policy::exempt(statement(one.position)?, PRINCIPAL)?;
            let text = crate::json::compact(&exempt);
            Some(format!(
                "exempt Segments.ai in {}, so that it reads: {text}",
                one.statement
            ))
        })
        .collect();
    (!mended.is_empty()).then(|| mended.join("\n"))
}

/// Denials that are often suspected and do not concern Segments.ai, as the end of a sentence.
fn harmless(denials: &[Denial]) -> String {
    let said: Vec<String> = denials
        .iter()
        .filter(|one| one.applies == Applies::Never)
        .map(|one| format!("{} ({})", one.statement, one.cause))
        .collect();
    if said.is_empty() {
        String::new()
    } else {
        format!("; no obstacle: {}", said.join(", "))
    }
}

/// What would decide it, each said once.
fn in_words(reasons: &[Reason]) -> String {
    let mut said: Vec<String> = Vec::new();
    for reason in reasons {
        let suspicion = reason
            .suspected
            .map_or_else(String::new, |code| format!(", possibly {code}"));
        let line = format!(
            "{}: {} {} ({}{suspicion})",
            reason.statement, reason.element, reason.value, reason.why
        );
        if !said.contains(&line) {
            said.push(line);
        }
    }
    said.join("; ")
}

fn question<'a>(resource: Asked<'a>, circumstances: &'a Circumstances) -> Question<'a> {
    Question {
        principal: PRINCIPAL,
        account: ACCOUNT,
        canonical_id: Some(CANONICAL_ID),
        sid: Some(SID),
        action: "s3:GetObject",
        resource,
        circumstances,
    }
}

fn every_object(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}/*")
}

fn shares(shares: &[Share]) -> String {
    let each: Vec<String> = shares
        .iter()
        .map(|share| format!("{} ({})", share.part.in_words(), share.by))
        .collect();
    each.join(", ")
}

fn reason(reason: &Reason) -> Value {
    json!({
        "statement": reason.statement,
        "element": reason.element,
        "value": reason.value,
        "answer": format!("{:?}", reason.answer).to_lowercase(),
        "why": reason.why,
        "suspected": reason.suspected,
    })
}
