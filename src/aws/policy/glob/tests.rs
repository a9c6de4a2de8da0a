use proptest::prelude::*;

use super::*;

fn within(one: &str, others: &[&str]) -> bool {
    let others: Vec<Glob> = others.iter().map(|other| Glob::pattern(other)).collect();
    Glob::pattern(one).is_within(&others).expect("little work")
}

fn intersects(one: &str, other: &str) -> bool {
    let forth = Glob::pattern(one).intersects(&Glob::pattern(other));
    assert_eq!(forth, Glob::pattern(other).intersects(&Glob::pattern(one)));
    forth.expect("little work")
}

/// The plainest matcher there is, to compare with.
fn matches(pattern: &[char], text: &[char]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some(('*', rest)) => (0..=text.len()).any(|taken| matches(rest, &text[taken..])),
        Some((wanted, rest)) => text.split_first().is_some_and(|(first, tail)| {
            (*wanted == '?' || wanted == first) && matches(rest, tail)
        }),
    }
}

/// Every text over `a`, `b` and `c` of at most `length` characters.
fn texts(length: usize) -> Vec<Vec<char>> {
    let mut all = vec![Vec::new()];
    let mut last = all.clone();
    for _ in 0..length {
        last = last
            .iter()
            .flat_map(|text| {
                ['a', 'b', 'c'].map(|character| {
                    let mut longer = text.clone();
                    longer.push(character);
                    longer
                })
            })
            .collect();
        all.extend(last.clone());
    }
    all
}

#[test]
fn patterns_that_cover_the_whole_bucket_are_told_from_those_that_do_not() {
    let bucket = "arn:aws:s3:::acme/*";
    for covering in [
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::acme/*",
        "arn:aws:s3:::acme*",
        "arn:aws:s3:::a*/*",
        "arn:aws:s3:::acm?/**",
    ] {
        assert!(within(bucket, &[covering]), "{covering}");
    }
    for other in [
        "arn:aws:s3:::acme",
        "arn:aws:s3:::acme/",
        "arn:aws:s3:::acme/?*",
        "arn:aws:s3:::acme/a*",
        "arn:aws:s3:::ACME/*",
        "",
    ] {
        assert!(!within(bucket, &[other]), "{other}");
    }
    assert!(within(
        bucket,
        &["arn:aws:s3:::acme/?*", "arn:aws:s3:::acme/"]
    ));
    assert!(!within(bucket, &[]));
}

#[test]
fn patterns_that_share_a_text_are_told_from_those_that_do_not() {
    let bucket = "arn:aws:s3:::acme/*";
    for sharing in [
        "*",
        "*/private/*",
        "arn:aws:s3:::acme/a?",
        "arn:aws:s3:::*x",
        "arn:aws:s3:::????/b",
    ] {
        assert!(intersects(bucket, sharing), "{sharing}");
    }
    for other in [
        "arn:aws:s3:::acme",
        "arn:aws:s3:::other/*",
        "arn:aws:s3:::???/b",
        "",
        "?",
    ] {
        assert!(!intersects(bucket, other), "{other}");
    }
    assert!(!intersects("a*b", "b*a"));
    assert!(intersects("a*b", "*"));
    assert!(intersects("*", ""));
}

#[test]
fn wildcards_in_a_key_stand_for_themselves_in_a_literal() {
    assert_eq!(
        Glob::literal("a*b").intersects(&Glob::pattern("axb")),
        Some(false)
    );
    assert_eq!(
        Glob::literal("a*b").is_within(&[Glob::pattern("a?b")]),
        Some(true)
    );
    assert_eq!(
        Glob::literal("a?").is_within(&[Glob::pattern("a?")]),
        Some(true)
    );
}

#[test]
fn hostile_patterns_end_soon() {
    let bucket = Glob::pattern("arn:aws:s3:::acme/*");
    let key = Glob::literal(&format!("arn:aws:s3:::acme/{}", "a".repeat(1024)));
    for hostile in [
        "*".repeat(20_000),
        "*a".repeat(10_000),
        "*?".repeat(10_000),
        "?".repeat(20_000),
        format!("{}b", "*a".repeat(10_000)),
        format!("arn:aws:s3:::acme/{}", "*a?".repeat(6_000)),
        format!("arn:aws:s3:::acme/{}*", "?".repeat(19_000)),
    ] {
        let hostile = Glob::pattern(&hostile);
        for asked in [&bucket, &key, &hostile] {
            let _ = asked.intersects(&hostile);
            let _ = asked.is_within(std::slice::from_ref(&hostile));
        }
    }
}

#[test]
fn beyond_the_bound_there_is_no_answer() {
    let long = Glob::literal(&"a".repeat(5_000));
    let hostile = Glob::pattern(&"*a".repeat(5_000));
    assert_eq!(long.intersects(&hostile), None);
    assert_eq!(long.is_within(&[hostile]), None);
}

proptest! {
    #[test]
    fn both_answers_agree_with_trying_every_short_text(
        one in "[ab*?]{0,5}",
        others in prop::collection::vec("[ab*?]{0,4}", 1..4),
    ) {
        // The shortest text that both match has no more characters than both name, which is 4 and 3 where each has a `*`.
        let pattern = |text: &str| text.chars().collect::<Vec<_>>();
        let matching: Vec<Vec<char>> = texts(7)
            .into_iter()
            .filter(|text| matches(&pattern(&one), text))
            .collect();
        let covered = matching
            .iter()
            .all(|text| others.iter().any(|other| matches(&pattern(other), text)));
        let names: Vec<&str> = others.iter().map(String::as_str).collect();
        prop_assert_eq!(within(&one, &names), covered);
        for other in &others {
            let shared = matching.iter().any(|text| matches(&pattern(other), text));
            prop_assert_eq!(intersects(&one, other), shared);
        }
    }

    #[test]
    fn for_one_text_sharing_and_being_within_are_the_same(text in "[ab*?]{0,6}", pattern in "[ab*?]{0,6}") {
        let (text, pattern) = (Glob::literal(&text), Glob::pattern(&pattern));
        prop_assert_eq!(text.intersects(&pattern), text.is_within(std::slice::from_ref(&pattern)));
    }
}
