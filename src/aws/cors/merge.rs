//! Putting our rule into a bucket's CORS configuration, and taking it out again.
//!
//! Rules of others are moved about as they are: never changed, reordered or dropped.
//!
//! Why appending harms nobody: S3 takes the first rule that matches a request
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>). The rules before the
//! appended one are the same in the same places, so a request that one of them matched is still
//! answered by that one. Only requests that nobody answered can reach the new last rule.

use super::CorsRule;
use super::limits;
use crate::cors::s3;
use crate::error::Refusal;

/// The rules with ours among them: as they are where they already answer all that ours would, with
/// ours at the end otherwise.
///
/// # Errors
/// When S3 would reject the result for its size. The refusal says what to do.
pub fn merge(current: Option<&[CorsRule]>, ours: &CorsRule) -> Result<Vec<CorsRule>, Refusal> {
    let current = current.unwrap_or_default();
    if answer_all_of(current, ours) {
        return Ok(current.to_vec());
    }
    let mut merged = current.to_vec();
    merged.push(ours.clone());
    limits::check(&merged, ours)?;
    Ok(merged)
}

/// The rules without those that mean the same as ours.
///
/// A rule that does more or less than ours is not ours, even where it serves Segments.ai: see
/// [`still_serving`].
#[must_use]
pub fn remove(current: &[CorsRule], ours: &CorsRule) -> Vec<CorsRule> {
    current
        .iter()
        .filter(|rule| !rule.means_the_same_as(ours))
        .cloned()
        .collect()
}

/// The rules among `rules` that let pages of `origin` load, one line each, for a reader who
/// has just taken ours out.
#[must_use]
pub fn still_serving(rules: &[CorsRule], origin: &str) -> Vec<String> {
    rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.matching().has_method("GET"))
        .filter_map(|(index, rule)| {
            let allowed = rule.matching().origin_for(origin)?.to_owned();
            let name = rule.name_at(index);
            Some(if allowed == origin {
                format!("{name} admits `{origin}`")
            } else {
                format!("{name} admits `{origin}` through `{allowed}`")
            })
        })
        .collect()
}

/// How many rules of others are the same, in the same order, in `before` and in `after`.
#[must_use]
pub fn kept(before: &[CorsRule], after: &[CorsRule], ours: &CorsRule) -> usize {
    let mut rest = after.iter();
    before
        .iter()
        .filter(|rule| !rule.means_the_same_as(ours))
        .filter(|rule| rest.any(|other| other == *rule))
        .count()
}

/// Whether every request that `ours` would answer is answered by a rule of `rules`, for every
/// origin, method and choice of headers. See [`s3::answering_all`] for why one rule at a time is
/// enough.
fn answer_all_of(rules: &[CorsRule], ours: &CorsRule) -> bool {
    let headers = ours.allowed_headers.as_deref().unwrap_or_default();
    ours.allowed_origins.iter().all(|origin| {
        ours.allowed_methods.iter().all(|method| {
            let candidates = rules
                .iter()
                .filter(|rule| rule.exposes_what(ours))
                .map(CorsRule::matching);
            s3::answering_all(candidates, origin, method, headers).is_some()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::{CorsRules, MAX_BYTES, MAX_RULES, to_xml};
    use super::*;

    fn rules(text: &str) -> Vec<CorsRule> {
        CorsRules::parse(text).expect("rules").0
    }

    fn ours() -> CorsRule {
        rules(include_str!("../../../templates/aws/cors.json")).remove(0)
    }

    fn rule(origins: &str, methods: &str, headers: &str) -> CorsRule {
        rules(&format!(
            r#"[{{"AllowedHeaders":{headers},"AllowedMethods":{methods},"AllowedOrigins":{origins}}}]"#
        ))
        .remove(0)
    }

    #[test]
    fn a_bucket_without_rules_gets_ours_alone() {
        assert_eq!(merge(None, &ours()), Ok(vec![ours()]));
        assert_eq!(merge(Some(&[]), &ours()), Ok(vec![ours()]));
    }

    #[test]
    fn ours_is_appended_unless_one_rule_already_does_it_all() {
        for (origins, methods, headers, enough) in [
            (r#"["*"]"#, r#"["GET"]"#, r#"["*"]"#, true),
            (r#"["https://*"]"#, r#"["PUT","GET"]"#, r#"["*"]"#, true),
            (
                r#"["https://*.segments.ai"]"#,
                r#"["GET"]"#,
                r#"["*"]"#,
                true,
            ),
            (
                r#"["https://*segments.ai"]"#,
                r#"["GET"]"#,
                r#"["x","*"]"#,
                true,
            ),
            // One page of ours is not all of them.
            (
                r#"["https://app.segments.ai"]"#,
                r#"["GET"]"#,
                r#"["*"]"#,
                false,
            ),
            (r#"["*"]"#, r#"["HEAD"]"#, r#"["*"]"#, false),
            (r#"["*"]"#, r#"["GET"]"#, r#"["range"]"#, false),
            (r#"["*"]"#, r#"["GET"]"#, "[]", false),
            (r#"["http://*"]"#, r#"["GET"]"#, r#"["*"]"#, false),
            (
                r#"["https://*.segments.ai/"]"#,
                r#"["GET"]"#,
                r#"["*"]"#,
                false,
            ),
        ] {
            let current = vec![rule(origins, methods, headers)];
            let mut expected = current.clone();
            if !enough {
                expected.push(ours());
            }
            assert_eq!(
                merge(Some(&current), &ours()),
                Ok(expected),
                "{origins} {methods} {headers}"
            );
        }
    }

    #[test]
    fn several_rules_may_answer_for_the_parts_of_ours() {
        let wide = rule(
            r#"["https://a.example","https://b.example"]"#,
            r#"["GET"]"#,
            "[]",
        );
        let current = vec![
            rule(r#"["https://a.example"]"#, r#"["GET"]"#, "[]"),
            rule(r#"["https://b.example"]"#, r#"["GET"]"#, "[]"),
        ];
        assert_eq!(merge(Some(&current), &wide), Ok(current.clone()));
    }

    #[test]
    fn a_rule_that_exposes_less_does_not_stand_in() {
        let exposing = CorsRule {
            expose_headers: Some(vec!["ETag".to_owned()]),
            ..ours()
        };
        let current = vec![rule(r#"["*"]"#, r#"["GET"]"#, r#"["*"]"#)];
        assert_eq!(
            merge(Some(&current), &exposing).map(|rules| rules.len()),
            Ok(2)
        );
    }

    #[test]
    fn one_rule_too_many_is_refused_with_a_way_out() {
        let full = vec![rule(r#"["https://a.example"]"#, r#"["PUT"]"#, "[]"); MAX_RULES];
        let refusal = merge(Some(&full), &ours()).expect_err("101 rules");
        assert!(refusal.reason.contains("101 rules"), "{}", refusal.reason);
        assert!(
            refusal
                .hints
                .iter()
                .any(|hint| hint.contains("`https://*.segments.ai`")),
            "{:?}",
            refusal.hints
        );
        let room = full.get(1..).expect("99 rules");
        assert_eq!(
            merge(Some(room), &ours()).map(|rules| rules.len()),
            Ok(MAX_RULES)
        );
    }

    #[test]
    fn a_full_configuration_that_already_serves_is_no_refusal() {
        let mut full = vec![rule(r#"["https://a.example"]"#, r#"["PUT"]"#, "[]"); MAX_RULES - 1];
        full.push(ours());
        assert_eq!(merge(Some(&full), &ours()), Ok(full));
    }

    #[test]
    fn the_size_counts_as_it_is_sent() {
        let mut long = rule(r#"["https://a.example"]"#, r#"["PUT"]"#, "[]");
        let with_ours = to_xml(&[long.clone(), ours()]).len() + "<ID></ID>".len();
        long.id = Some("x".repeat(MAX_BYTES - with_ours));
        assert!(merge(Some(std::slice::from_ref(&long)), &ours()).is_ok());
        long.id = Some("x".repeat(MAX_BYTES - with_ours + 1));
        let refusal = merge(Some(&[long.clone()]), &ours()).expect_err("one byte too many");
        assert!(refusal.reason.contains("65537 bytes"), "{}", refusal.reason);
        // Five bytes once escaped.
        long.id = Some(format!("{}&", "x".repeat(MAX_BYTES - with_ours - 4)));
        assert!(merge(Some(&[long]), &ours()).is_err());
    }

    #[test]
    fn only_rules_with_our_meaning_are_removed() {
        let named = CorsRule {
            id: Some("segments".to_owned()),
            expose_headers: None,
            ..ours()
        };
        let aged = CorsRule {
            max_age_seconds: Some(3000),
            ..ours()
        };
        let wider = rule(r#"["*"]"#, r#"["GET"]"#, r#"["*"]"#);
        let current = vec![wider.clone(), named, aged.clone(), ours()];
        let left = remove(&current, &ours());
        assert_eq!(left, vec![wider, aged]);
        assert_eq!(
            still_serving(&left, "https://app.segments.ai"),
            vec![
                "rule 1 admits `https://app.segments.ai` through `*`".to_owned(),
                "rule 2 admits `https://app.segments.ai` through `https://*.segments.ai`"
                    .to_owned(),
            ]
        );
        assert_eq!(kept(&current, &left, &ours()), 2);
    }

    #[test]
    fn rules_for_others_are_not_said_to_serve() {
        let left = [
            rule(r#"["https://a.example"]"#, r#"["GET"]"#, r#"["*"]"#),
            rule(r#"["*"]"#, r#"["PUT"]"#, r#"["*"]"#),
        ];
        assert_eq!(
            still_serving(&left, "https://app.segments.ai"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn kept_counts_the_rules_of_others() {
        let other = rule(r#"["https://a.example"]"#, r#"["GET"]"#, "[]");
        let before = vec![other.clone(), ours(), other.clone()];
        assert_eq!(kept(&before, &before, &ours()), 2);
        assert_eq!(kept(&before, &[other], &ours()), 1);
        assert_eq!(kept(&[], &before, &ours()), 0);
    }
}
