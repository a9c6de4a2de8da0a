//! The string operators of conditions.
//!
//! See <https://learn.microsoft.com/azure/role-based-access-control/conditions-format#string-comparison-operators>.

/// Whether a known value stands to the values of a condition as the operator says; none for an operator that is not
/// known, or that wants one value and has several.
pub fn compare(operator: &str, known: &str, values: &[String]) -> Option<bool> {
    // A set of values is compared with a quantifier; the known side has one value.
    let (any, plain) = match operator.split_once(':') {
        Some(("ForAnyOfAnyValues" | "ForAllOfAnyValues", plain)) => (true, plain),
        Some(("ForAnyOfAllValues" | "ForAllOfAllValues", plain)) => (false, plain),
        None if values.len() == 1 => (true, operator),
        Some(_) | None => return None,
    };
    let (negated, base) = match plain.strip_prefix("StringNot") {
        Some(base) => (true, base),
        None => (false, plain.strip_prefix("String")?),
    };
    let (base, lower) = match base.strip_suffix("IgnoreCase") {
        Some(base) => (base, true),
        None => (base, false),
    };
    let fold = |text: &str| {
        if lower {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    let known = fold(known);
    let holds = |value: &String| {
        let value = fold(value);
        let plain = match base {
            "Equals" => known == value,
            "StartsWith" => known.starts_with(&value),
            "Like" => like(&value, &known),
            _ => return None,
        };
        Some(plain != negated)
    };
    let each: Option<Vec<bool>> = values.iter().map(holds).collect();
    let each = each?;
    Some(if any {
        each.contains(&true)
    } else {
        !each.contains(&false)
    })
}

/// `*` for any run of characters, `?` for one.
fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    // Which beginnings of the pattern match the text so far.
    let mut reached = vec![false; pattern.len() + 1];
    if let Some(first) = reached.first_mut() {
        *first = true;
    }
    spread(&pattern, &mut reached);
    for letter in text {
        let mut next = vec![false; pattern.len() + 1];
        for (at, wanted) in pattern.iter().enumerate() {
            if !reached.get(at).copied().unwrap_or_default() {
                continue;
            }
            let to = match wanted {
                '*' => at,
                '?' => at + 1,
                exact if *exact == letter => at + 1,
                _ => continue,
            };
            if let Some(place) = next.get_mut(to) {
                *place = true;
            }
        }
        spread(&pattern, &mut next);
        reached = next;
    }
    reached.last().copied().unwrap_or_default()
}

/// A star may also stand for nothing.
fn spread(pattern: &[char], reached: &mut [bool]) {
    for (at, wanted) in pattern.iter().enumerate() {
        if *wanted == '*'
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
            ("StringLike", "a/b/c.jpg", "a/*.jpg", Some(true)),
            ("StringLike", "a/b", "a/?", Some(true)),
            ("StringLike", "a/", "a/?", Some(false)),
            ("StringLike", "", "*", Some(true)),
            ("StringNotLike", "a/b", "*", Some(false)),
            ("NumericEquals", "1", "1", None),
            ("StringMatches", "a", "a", None),
            ("Sometimes:StringEquals", "a", "a", None),
        ] {
            assert_eq!(
                one(operator, known, value),
                expected,
                "{operator} {known} {value}"
            );
        }
    }

    #[test]
    fn several_values_need_a_quantifier() {
        let values = ["a".to_owned(), "b".to_owned()];
        assert_eq!(compare("StringEquals", "a", &values), None);
        assert_eq!(
            compare("ForAnyOfAnyValues:StringEquals", "a", &values),
            Some(true)
        );
        assert_eq!(
            compare("ForAnyOfAnyValues:StringEquals", "c", &values),
            Some(false)
        );
        assert_eq!(
            compare("ForAllOfAllValues:StringNotEquals", "c", &values),
            Some(true)
        );
        assert_eq!(
            compare("ForAllOfAllValues:StringNotEquals", "a", &values),
            Some(false)
        );
    }
}
