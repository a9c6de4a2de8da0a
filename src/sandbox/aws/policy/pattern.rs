//! Wildcards in actions, resources and condition values: `*` for any text, `?` for one character.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>.

/// One place of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    /// `*`
    Anything,
    /// `?`
    AnyOne,
    /// A character that stands for itself, a star among them where a policy variable put it there.
    Only(char),
}

/// The symbols of a text in which `*` and `?` are wildcards.
pub(crate) fn symbols(text: &str) -> Vec<Symbol> {
    text.chars()
        .map(|character| match character {
            '*' => Symbol::Anything,
            '?' => Symbol::AnyOne,
            other => Symbol::Only(other),
        })
        .collect()
}

/// Whether a pattern matches a whole text. `*` spans everything, slashes and colons too.
pub(crate) fn fits(pattern: &[Symbol], text: &str) -> bool {
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
            let previous = index.checked_sub(1);
            let from = previous.and_then(|at| reach.get(at)).copied();
            let character = previous.and_then(|at| text.get(at));
            match symbol {
                Symbol::Anything => {
                    before |= here;
                    *slot = before;
                }
                Symbol::AnyOne => *slot = from.unwrap_or(false),
                Symbol::Only(wanted) => {
                    *slot = from.unwrap_or(false) && character == Some(wanted);
                }
            }
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

/// Whether a text in which `*` and `?` are wildcards matches a whole other one.
pub(crate) fn glob(pattern: &str, text: &str) -> bool {
    fits(&symbols(pattern), text)
}

/// The same for actions, whose case does not matter.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>.
pub(crate) fn glob_ignoring_case(pattern: &str, text: &str) -> bool {
    glob(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// ARNs are compared part by part, so that a wildcard does not span a colon; the last part may hold more of them.
/// See <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>.
pub(crate) fn fits_arn(pattern: &[Symbol], arn: &str) -> bool {
    let pattern: Vec<&[Symbol]> = pattern
        .splitn(ARN_PARTS, |symbol| *symbol == Symbol::Only(':'))
        .collect();
    let arn: Vec<&str> = arn.splitn(ARN_PARTS, ':').collect();
    pattern.len() == arn.len()
        && pattern
            .iter()
            .zip(&arn)
            .all(|(pattern, part)| fits(pattern, part))
}

/// Whether a text has the parts of an ARN.
pub(crate) fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.splitn(ARN_PARTS, ':').count() == ARN_PARTS
}

const ARN_PARTS: usize = 6;

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
        assert!(fits(&[Symbol::Only('*')], "*"));
        assert!(!fits(&[Symbol::Only('*')], "a"));
    }

    #[test]
    fn a_wildcard_in_an_arn_stays_between_its_colons() {
        let glob_arn = |pattern: &str, arn: &str| fits_arn(&symbols(pattern), arn);
        assert!(glob_arn("arn:aws:iam::*:user/a", "arn:aws:iam::1:user/a"));
        assert!(glob_arn("arn:aws:iam::1:*", "arn:aws:iam::1:user/a"));
        assert!(!glob_arn("arn:aws:*", "arn:aws:iam::1:user/a"));
        // The example of the guide.
        assert!(!glob_arn(
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
        ));
        assert!(is_arn("arn:aws:s3:::b/k"));
        assert!(!is_arn("arn:aws:s3"));
    }
}
