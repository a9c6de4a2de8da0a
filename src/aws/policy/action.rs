//! Whether the action of a question is among those of a statement.
//!
//! Service prefix and name are compared without case, with `*` and `?` as wildcards:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>.

use super::glob::Glob;
use super::outcome::Tri;
use super::statement::Clause;

/// The answer, what decides it, and why.
pub(super) fn judge(clause: &Clause<&str>, asked: &str) -> (Tri, String, String) {
    match clause {
        Clause::Only(patterns) => match listed(patterns, asked) {
            (Tri::Yes, pattern) => (Tri::Yes, pattern, format!("it includes `{asked}`")),
            (Tri::No, all) => (Tri::No, all, format!("it does not include `{asked}`")),
            (Tri::Maybe, pattern) => (Tri::Maybe, pattern, undecided(asked)),
        },
        Clause::AllBut(patterns) => match listed(patterns, asked) {
            (Tri::Yes, pattern) => (Tri::No, pattern, format!("`{asked}` is excepted")),
            (Tri::No, all) => (Tri::Yes, all, format!("`{asked}` is not excepted")),
            (Tri::Maybe, pattern) => (Tri::Maybe, pattern, undecided(asked)),
        },
        Clause::Unclear(what) => (Tri::Maybe, String::new(), what.clone()),
    }
}

fn undecided(asked: &str) -> String {
    format!("whether it includes `{asked}` cannot be decided")
}

/// Whether one of the patterns matches, and that pattern, or all of them.
fn listed(patterns: &[&str], asked: &str) -> (Tri, String) {
    let subject = Glob::literal(&asked.to_ascii_lowercase());
    let mut doubtful = None;
    for pattern in patterns {
        let matches = subject.intersects(&Glob::pattern(&pattern.to_ascii_lowercase()));
        match (matches, is_plain(pattern)) {
            (Some(true), true) => return (Tri::Yes, (*pattern).to_owned()),
            (Some(false), _) => {}
            (Some(true), false) | (None, _) => {
                doubtful.get_or_insert((*pattern).to_owned());
            }
        }
    }
    match doubtful {
        Some(pattern) => (Tri::Maybe, pattern),
        None => (Tri::No, patterns.join(", ")),
    }
}

/// Whether the pattern is `*` or names its service in full, which is all that the language has.
fn is_plain(pattern: &str) -> bool {
    pattern == "*"
        || pattern
            .split_once(':')
            .is_some_and(|(service, _)| !service.contains(['*', '?']))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples with wildcards are those of
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>.
    #[test]
    fn actions_are_matched_without_case_and_with_wildcards() {
        for (patterns, asked, wanted) in [
            (vec!["s3:GetObject"], "s3:GetObject", Tri::Yes),
            (vec!["S3:getobject"], "s3:GetObject", Tri::Yes),
            (vec!["s3:*"], "s3:GetObject", Tri::Yes),
            (vec!["*"], "kms:Decrypt", Tri::Yes),
            (vec!["s3:Get*"], "s3:GetObject", Tri::Yes),
            (vec!["s3:GetObjec?"], "s3:GetObject", Tri::Yes),
            (vec!["s3:GetObject?"], "s3:GetObject", Tri::No),
            (vec!["iam:*AccessKey*"], "iam:CreateAccessKey", Tri::Yes),
            (vec!["iam:*AccessKey*"], "iam:CreateUser", Tri::No),
            (
                vec!["s3:GetObjectVersion", "s3:PutObject"],
                "s3:GetObject",
                Tri::No,
            ),
            (
                vec!["s3:PutObject", "s3:GetObject*"],
                "s3:GetObject",
                Tri::Yes,
            ),
            (vec!["s3*"], "s3:GetObject", Tri::Maybe),
            (vec!["*:GetObject"], "s3:GetObject", Tri::Maybe),
            (vec!["*:PutObject"], "s3:GetObject", Tri::No),
            (vec!["GetObject"], "s3:GetObject", Tri::No),
        ] {
            let (answer, _, _) = judge(&Clause::Only(patterns.clone()), asked);
            assert_eq!(answer, wanted, "{patterns:?} {asked}");
            let opposite = match wanted {
                Tri::Yes => Tri::No,
                Tri::No => Tri::Yes,
                Tri::Maybe => Tri::Maybe,
            };
            let (answer, _, _) = judge(&Clause::AllBut(patterns.clone()), asked);
            assert_eq!(answer, opposite, "not {patterns:?} {asked}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let clause = Clause::Unclear("`Action` is a number".to_owned());
        let (answer, _, why) = judge(&clause, "s3:GetObject");
        assert_eq!((answer, why.as_str()), (Tri::Maybe, "`Action` is a number"));
    }
}
