//! What Azure would reject, found before anything is sent, and what to do then. Nothing is refused that may be accepted.
//!
//! Limits: the list in
//! <https://learn.microsoft.com/rest/api/storageservices/cross-origin-resource-sharing--cors--support-for-the-azure-storage-services>.
//! Those on one rule (64 origins and 64 headers of at most 256 characters) hold for what is stored already, and ours is
//! far below them.

use serde_json::Value;

use super::rule::Parts;
use super::templates::ORIGIN;
use crate::catalogue::Cause;
use crate::error::Refusal;

/// How many rules the blob service takes.
pub const MAX_RULES: usize = 5;
/// How many bytes the settings of all rules may have, without the XML tags around them.
pub const MAX_BYTES: usize = 2048;
/// How many origins a rule takes.
const MAX_ORIGINS: usize = 64;

const PORTAL: &str = "in the portal, under Resource sharing (CORS), blob service";

/// Whether Azure would take `merged`, which is `current` and ours.
pub(super) fn check(current: &[Value], merged: &[Value], ours: &Value) -> Result<(), Refusal> {
    let rules: Vec<Parts> = current.iter().filter_map(Parts::read).collect();
    let Some(ours) = Parts::read(ours) else {
        return Err(not_understood(current.len()));
    };
    if merged.len() > MAX_RULES {
        return Err(full(&rules, &ours));
    }
    // The words alone: what separates them, and the numbers, may or may not be counted. So what is refused here is
    // certain to be refused there.
    let bytes: usize = rules.iter().chain([&ours]).map(Parts::bytes).sum();
    if bytes > MAX_BYTES {
        return Err(Refusal::new(format!(
            "with one more rule the CORS rules would have {bytes} bytes, and Azure accepts {MAX_BYTES}: {}",
            in_words(&rules)
        ))
        .hint(format!(
            "remove a rule that is no longer needed, or some of its origins or headers, {PORTAL}; then run the same command again"
        )));
    }
    Ok(())
}

/// The refusal where a rule is of a form that is not known.
pub(super) fn not_understood(at: usize) -> Refusal {
    Refusal::new(format!(
        "CORS rule {} of the blob service is of a form that this version does not know, so whether it serves Segments.ai cannot be told",
        at + 1
    ))
    .hint(format!("look at it {PORTAL}, or use a newer version of segments-connect"))
}

fn full(rules: &[Parts], ours: &Parts) -> Refusal {
    let fitting: Vec<String> = rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| {
            rule.known && rule.allows_the_same(ours) && rule.origins.len() < MAX_ORIGINS
        })
        .map(|(at, _)| (at + 1).to_string())
        .collect();
    let second = match fitting.as_slice() {
        [] => format!(
            "or add `{ORIGIN}` to the origins of one of them, {PORTAL}: it has to allow GET, and none allows that and nothing else, so Segments.ai's page would get whatever else the rule allows"
        ),
        [one] => format!(
            "or add `{ORIGIN}` to the origins of rule {one}, {PORTAL}: it has the same methods and headers as the rule for Segments.ai, and nothing more is needed then"
        ),
        several => format!(
            "or add `{ORIGIN}` to the origins of one of the rules {}, {PORTAL}: they have the same methods and headers as the rule for Segments.ai, and nothing more is needed then",
            several.join(", ")
        ),
    };
    Refusal::new(format!(
        "the blob service has {} CORS rules, Azure accepts {MAX_RULES}, and none of them serves Segments.ai ({}): {}",
        rules.len(),
        Cause::Z23.code(),
        in_words(rules)
    ))
    .hint(format!(
        "remove a rule that is no longer needed, {PORTAL}; then run the same command again"
    ))
    .hint(second)
}

/// Each rule in a few words: "rule 1 allows GET, PUT to `https://a.example`".
fn in_words(rules: &[Parts]) -> String {
    let words: Vec<String> = rules
        .iter()
        .enumerate()
        .map(|(at, rule)| {
            let methods = match rule.methods.as_slice() {
                [] => "nothing".to_owned(),
                methods => methods.join(", "),
            };
            format!(
                "rule {} allows {methods} to {}",
                at + 1,
                origins(&rule.origins)
            )
        })
        .collect();
    words.join("; ")
}

/// Origins in backticks, the first few of them.
fn origins(all: &[String]) -> String {
    const SHOWN: usize = 4;
    let mut words: Vec<String> = all
        .iter()
        .take(SHOWN)
        .map(|origin| format!("`{origin}`"))
        .collect();
    if words.is_empty() {
        return "nobody".to_owned();
    }
    if let Some(more) = all.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}
