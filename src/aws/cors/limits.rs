//! What S3 would reject for its size, found before anything is sent.
//!
//! Limits: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html> (100 rules)
//! and <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html> (64 KB).

use super::CorsRule;
use super::xml::to_xml;
use crate::error::Refusal;

/// How many rules a configuration may hold.
pub const MAX_RULES: usize = 100;

/// How long the document may be, in bytes of the XML that is sent.
pub const MAX_BYTES: usize = 64 * 1024;

/// Whether S3 would take `rules`; `ours` is the one that was added.
pub(super) fn check(rules: &[CorsRule], ours: &CorsRule) -> Result<(), Refusal> {
    if rules.len() > MAX_RULES {
        return Err(with_ways_out(
            Refusal::new(format!(
                "the CORS configuration would hold {} rules, and S3 accepts {MAX_RULES}",
                rules.len()
            )),
            ours,
        ));
    }
    let length = to_xml(rules).len();
    if length > MAX_BYTES {
        return Err(with_ways_out(
            Refusal::new(format!(
                "the CORS configuration would be {length} bytes long, and S3 accepts {MAX_BYTES} (64 KB)"
            )),
            ours,
        ));
    }
    Ok(())
}

fn with_ways_out(refusal: Refusal, ours: &CorsRule) -> Refusal {
    let quoted = |texts: &[String]| {
        let texts: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
        texts.join(", ")
    };
    refusal
        .hint(
            "remove rules that are no longer needed from the bucket's CORS configuration, \
             then run the same command again",
        )
        .hint(format!(
            "or add {} to the AllowedOrigins of a rule that allows the method {} and the headers {}: \
             nothing more is needed then",
            quoted(&ours.allowed_origins),
            quoted(&ours.allowed_methods),
            quoted(ours.allowed_headers.as_deref().unwrap_or_default()),
        ))
}
