//! The string operators of conditions, and how one known value stands to the values of a condition.
//!
//! See <https://learn.microsoft.com/azure/role-based-access-control/conditions-format#string-comparison-operators>.

/// Whether a known value stands to the values of a condition as the operator says; none for an operator that is not
/// known, that wants one value and has several, and for letters whose comparison is not documented.
pub fn compare(operator: &str, known: &str, values: &[String]) -> Option<bool> {
    // A set of values is compared with a quantifier; the known side has one value.
    let (any, plain) = match operator.split_once(':') {
        Some(("ForAnyOfAnyValues" | "ForAllOfAnyValues", plain)) => (true, plain),
        Some(("ForAnyOfAllValues" | "ForAllOfAllValues", plain)) => (false, plain),
        None if values.len() == 1 => (true, operator),
        Some(_) | None => return None,
    };
    if values.is_empty() {
        return None;
    }
    let (negated, base) = match plain.strip_prefix("StringNot") {
        Some(base) => (true, base),
        None => (false, plain.strip_prefix("String")?),
    };
    let (base, without_case) = match base.strip_suffix("IgnoreCase") {
        Some(base) => (base, true),
        None => (base, false),
    };
    if without_case && !(known.is_ascii() && values.iter().all(|value| value.is_ascii())) {
        return None;
    }
    let fold = |text: &str| {
        if without_case {
            text.to_ascii_lowercase()
        } else {
            text.to_owned()
        }
    };
    let known = fold(known);
    let holds = |value: &String| {
        let value = fold(value);
        // A backslash has a meaning for patterns alone.
        let plain = match base {
            "Equals" if !value.contains('\\') => known == value,
            "StartsWith" if !value.contains('\\') => known.starts_with(&value),
            "Like" => like(&pattern(&value)?, &known),
            _ => return None,
        };
        Some(plain != negated)
    };
    let each = values.iter().map(holds).collect::<Option<Vec<bool>>>()?;
    Some(if any {
        each.contains(&true)
    } else {
        !each.contains(&false)
    })
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Any run of characters.
    Many,
    /// One character.
    One,
    /// This one.
    Exactly(char),
}

/// Reads a pattern; none where a backslash stands before something else than `*` and `?`.
fn pattern(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        parts.push(match letter {
            '*' => Part::Many,
            '?' => Part::One,
            '\\' => match letters.next() {
                Some(kept @ ('*' | '?')) => Part::Exactly(kept),
                Some(_) | None => return None,
            },
            other => Part::Exactly(other),
        });
    }
    Some(parts)
}

fn like(pattern: &[Part], text: &str) -> bool {
    // Which beginnings of the pattern match the text so far.
    let mut reached = vec![false; pattern.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    spread(pattern, &mut reached);
    for letter in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (at, part) in pattern.iter().enumerate() {
            if !reached.get(at).copied().unwrap_or_default() {
                continue;
            }
            let to = match part {
                Part::Many => at,
                Part::One => at + 1,
                Part::Exactly(wanted) if *wanted == letter => at + 1,
                Part::Exactly(_) => continue,
            };
            if let Some(place) = next.get_mut(to) {
                *place = true;
            }
        }
        spread(pattern, &mut next);
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// A star may also stand for nothing.
fn spread(pattern: &[Part], reached: &mut [bool]) {
    for (at, part) in pattern.iter().enumerate() {
        if *part == Part::Many
            && reached.get(at).copied().unwrap_or_default()
            && let Some(place) = reached.get_mut(at + 1)
        {
            *place = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(operator: &str, known: &str, value: &str) -> Option<bool> {
        compare(operator, known, &[value.to_owned()])
    }

    fn several(operator: &str, known: &str, values: &[&str]) -> Option<bool> {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        compare(operator, known, &values)
    }

    #[test]
    fn strings_are_compared_as_documented() {
        for (operator, known, value, expected) in [
            ("StringEquals", "photos", "photos", Some(true)),
            ("StringEquals", "photos", "Photos", Some(false)),
            ("StringEqualsIgnoreCase", "photos", "Photos", Some(true)),
            ("StringNotEquals", "photos", "videos", Some(true)),
            ("StringNotEqualsIgnoreCase", "photos", "PHOTOS", Some(false)),
            ("StringStartsWith", "photos/1", "photos", Some(true)),
            ("StringNotStartsWith", "photos/1", "photos", Some(false)),
            (
                "StringStartsWithIgnoreCase",
                "photos/1",
                "Photos",
                Some(true),
            ),
            ("StringLike", "a/b/c.jpg", "a/*.jpg", Some(true)),
            ("StringLike", "a/b", "a/?", Some(true)),
            ("StringLike", "a/", "a/?", Some(false)),
            ("StringLike", "", "*", Some(true)),
            ("StringNotLike", "a/b", "*", Some(false)),
            ("StringNotLikeIgnoreCase", "A/b", "a/?", Some(false)),
        ] {
            assert_eq!(
                one(operator, known, value),
                expected,
                "{operator} {known} {value}"
            );
        }
    }

    /// The rows on texts of the page's "Operator examples".
    #[test]
    fn the_documented_patterns_match_as_documented() {
        for (pattern, expected) in [("a*c?", true), ("A*C?", false), ("a*c", false)] {
            assert_eq!(
                one("StringLike", "abcd", pattern),
                Some(expected),
                "{pattern}"
            );
        }
        assert_eq!(one("StringLikeIgnoreCase", "abcd", "A*C?"), Some(true));
    }

    #[test]
    fn a_backslash_takes_the_meaning_off_a_star_and_off_nothing_else() {
        for (operator, known, value, expected) in [
            ("StringLike", "a*", r"a\*", Some(true)),
            ("StringLike", "ab", r"a\*", Some(false)),
            ("StringLike", "a?", r"a\?", Some(true)),
            ("StringLike", r"a\b", r"a\b", None),
            ("StringLike", "a", r"a\", None),
            ("StringEquals", "a*", r"a\*", None),
            ("StringStartsWith", "a*", r"a\*", None),
        ] {
            assert_eq!(
                one(operator, known, value),
                expected,
                "{operator} {known} {value}"
            );
        }
    }

    #[test]
    fn what_is_not_known_is_not_compared() {
        for (operator, known, value) in [
            ("NumericEquals", "1", "1"),
            ("BoolEquals", "true", "true"),
            ("StringMatches", "a", "a"),
            ("Sometimes:StringEquals", "a", "a"),
            ("stringEquals", "a", "a"),
            ("StringEqualsIgnoreCase", "é", "É"),
            ("StringLikeIgnoreCase", "straße", "STRASSE"),
        ] {
            assert_eq!(one(operator, known, value), None, "{operator}");
        }
    }

    #[test]
    fn several_values_need_a_quantifier() {
        assert_eq!(several("StringEquals", "a", &["a", "b"]), None);
        assert_eq!(several("ForAnyOfAnyValues:StringEquals", "a", &[]), None);
        for (operator, known, expected) in [
            ("ForAnyOfAnyValues:StringEquals", "a", true),
            ("ForAnyOfAnyValues:StringEquals", "c", false),
            ("ForAllOfAnyValues:StringEquals", "b", true),
            ("ForAllOfAnyValues:StringEquals", "c", false),
            ("ForAnyOfAllValues:StringEquals", "a", false),
            ("ForAllOfAllValues:StringNotEquals", "c", true),
            ("ForAllOfAllValues:StringNotEquals", "a", false),
            ("ForAnyOfAnyValues:StringNotEquals", "a", true),
        ] {
            assert_eq!(
                several(operator, known, &["a", "b"]),
                Some(expected),
                "{operator} {known}"
            );
        }
    }
}
