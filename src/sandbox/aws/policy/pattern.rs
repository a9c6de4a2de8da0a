//! Wildcards in actions, resources and condition values: `*` for any text, `?` for one character.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>.

/// Whether a pattern matches a whole text. `*` spans everything, slashes and colons too.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    // `reach` holds, for the pattern so far, every length of text that it can have consumed.
    let mut reach = vec![false; text.len() + 1];
    if let Some(start) = reach.first_mut() {
        *start = true;
    }
    for symbol in pattern {
        let mut next = vec![false; text.len() + 1];
        let mut before = false;
        for (index, slot) in next.iter_mut().enumerate() {
            let here = reach.get(index).copied().unwrap_or(false);
            if symbol == '*' {
                before |= here;
                *slot = before;
            } else if let Some(previous) = index.checked_sub(1) {
                let from = reach.get(previous).copied().unwrap_or(false);
                let fits = symbol == '?' || text.get(previous) == Some(&symbol);
                *slot = from && fits;
            }
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

/// The same for actions, whose case does not matter.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>.
pub(crate) fn glob_ignoring_case(pattern: &str, text: &str) -> bool {
    glob(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// ARNs are compared part by part, so that a wildcard does not span a colon; the last part may hold more of them.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>.
pub(crate) fn glob_arn(pattern: &str, arn: &str) -> bool {
    let pattern: Vec<&str> = pattern.splitn(6, ':').collect();
    let arn: Vec<&str> = arn.splitn(6, ':').collect();
    pattern.len() == arn.len()
        && pattern
            .iter()
            .zip(&arn)
            .all(|(pattern, part)| glob(pattern, part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_documented() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/c", true),
            ("arn:aws:s3:::b/*", "arn:aws:s3:::b", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*a*b", "xxaxxb", true),
            ("*a*b", "xxaxxbx", false),
            ("a", "A", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern} against {text}");
        }
        assert!(glob_ignoring_case("S3:get*", "s3:GetObject"));
    }

    #[test]
    fn a_wildcard_in_an_arn_stays_between_its_colons() {
        assert!(glob_arn("arn:aws:iam::*:user/a", "arn:aws:iam::1:user/a"));
        assert!(glob_arn("arn:aws:iam::1:*", "arn:aws:iam::1:user/a"));
        assert!(!glob_arn("arn:aws:*", "arn:aws:iam::1:user/a"));
    }
}
