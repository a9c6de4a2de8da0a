//! Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and `${*}`, `${?}`, `${$}`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>. Only in version `2012-10-17`
//! are they filled in; in any other they are plain text. One whose value is not known is never guessed.

use super::circumstances::{Circumstances, Kind, Values};
use super::document::Version;
use super::glob::{Glob, Piece};

/// What fills in the variables of a policy.
#[derive(Clone, Copy)]
pub(super) struct Variables<'c> {
    /// The version of the policy.
    pub(super) version: Version,
    /// What is known of the request.
    pub(super) circumstances: &'c Circumstances,
}

/// A text with its variables filled in.
pub(super) enum Filled {
    /// All of them.
    Certain(Glob),
    /// All but one whose value is not known.
    Doubtful {
        /// With any text in the place of what is not known.
        widest: Glob,
        /// The variable, and why.
        why: String,
    },
}

/// One stretch of a text.
enum Stretch<'t> {
    Plain(&'t str),
    Literal(String),
    Open(String),
}

impl Variables<'_> {
    /// Whether a text has variables that are filled in.
    pub(super) fn live_in(&self, text: &str) -> bool {
        match self.version {
            Version::Absent | Version::Of2008 => false,
            Version::Of2012 | Version::Unclear => text.contains("${"),
        }
    }

    /// Fills in a text, in which `*` and `?` are `wildcards` or stand for themselves.
    pub(super) fn fill(&self, text: &str, wildcards: bool) -> Filled {
        if !self.live_in(text) {
            return Filled::Certain(plain(text, wildcards));
        }
        let stretches = self.stretches(text);
        let glob = Glob::joined(stretches.iter().map(|stretch| match stretch {
            Stretch::Plain(text) if wildcards => Piece::Pattern(text),
            Stretch::Plain(text) => Piece::Literal(text),
            Stretch::Literal(text) => Piece::Literal(text),
            Stretch::Open(_) => Piece::Pattern("*"),
        }));
        let open = stretches.into_iter().find_map(|stretch| match stretch {
            Stretch::Open(why) => Some(why),
            Stretch::Plain(_) | Stretch::Literal(_) => None,
        });
        match open {
            None if self.version == Version::Of2012 => Filled::Certain(glob),
            None => Filled::Doubtful {
                widest: Glob::pattern("*"),
                why: "it has a policy variable, in a version that is not known".to_owned(),
            },
            Some(why) => Filled::Doubtful { widest: glob, why },
        }
    }

    fn stretches<'t>(&self, text: &'t str) -> Vec<Stretch<'t>> {
        let mut all = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            all.push(Stretch::Plain(before));
            let Some(end) = end(after) else {
                all.push(Stretch::Open(
                    "it has a policy variable without an end".to_owned(),
                ));
                return all;
            };
            let (inner, next) = after.split_at(end);
            all.push(self.value(inner));
            rest = next.strip_prefix('}').unwrap_or_default();
        }
        all.push(Stretch::Plain(rest));
        all
    }

    fn value<'t>(&self, inner: &str) -> Stretch<'t> {
        if matches!(inner, "*" | "?" | "$") {
            return Stretch::Literal(inner.to_owned());
        }
        let (name, default) = match inner.split_once(',') {
            Some((name, default)) => (name.trim(), Some(default.trim())),
            None => (inner.trim(), None),
        };
        let default = default.map(|quoted| {
            quoted
                .strip_prefix('\'')
                .and_then(|rest| rest.strip_suffix('\''))
        });
        let known = self.circumstances.of(name);
        let value = match (known.values, default) {
            (Values::OneOf(values), None | Some(Some(_)))
                if !known.may_be_absent && matches!(known.kind, Kind::Text | Kind::Arn) =>
            {
                match values.as_slice() {
                    [value] => Some(value.clone()),
                    _ => None,
                }
            }
            (Values::Never, Some(Some(default))) => Some(default.to_owned()),
            (
                Values::Never
                | Values::OneOf(_)
                | Values::AtLeast(_)
                | Values::Within(_)
                | Values::Between(..)
                | Values::PublicAddress
                | Values::Elsewhere { .. }
                | Values::Anything,
                _,
            ) => None,
        };
        match value {
            // Whether wildcards in a value count as such is not documented.
            Some(value) if !value.contains(['*', '?', '$']) => Stretch::Literal(value),
            Some(_) | None => Stretch::Open(format!(
                "it has the policy variable `${{{inner}}}`, whose value is not known"
            )),
        }
    }
}

fn plain(text: &str, wildcards: bool) -> Glob {
    if wildcards {
        Glob::pattern(text)
    } else {
        Glob::literal(text)
    }
}

/// Where a variable ends: at the first `}` outside of quotes.
fn end(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (place, character) in text.char_indices() {
        match character {
            '\'' => quoted = !quoted,
            '}' if !quoted => return Some(place),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::policy::generate::LINK;

    fn filled(version: Version, text: &str, wildcards: bool, against: &str) -> Option<bool> {
        let variables = Variables {
            version,
            circumstances: &LINK,
        };
        match variables.fill(text, wildcards) {
            Filled::Certain(glob) => Glob::literal(against).intersects(&glob),
            Filled::Doubtful { .. } => None,
        }
    }

    /// The examples of <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>.
    #[test]
    fn known_values_are_filled_in_by_version() {
        let home = "home/segmentsai-prod-user/a";
        for (version, text, wildcards, against, wanted) in [
            (
                Version::Of2012,
                "home/${aws:username}/*",
                true,
                home,
                Some(true),
            ),
            (
                Version::Of2012,
                "home/${AWS:UserName}/*",
                true,
                home,
                Some(true),
            ),
            (
                Version::Of2012,
                "home/${aws:username}/*",
                false,
                home,
                Some(false),
            ),
            (
                Version::Of2008,
                "home/${aws:username}/*",
                true,
                home,
                Some(false),
            ),
            (
                Version::Absent,
                "home/${aws:username}/*",
                true,
                "home/${aws:username}/x",
                Some(true),
            ),
            (Version::Unclear, "home/${aws:username}/*", true, home, None),
            (Version::Of2012, "${*}", true, "*", Some(true)),
            (Version::Of2012, "${*}", true, "x", Some(false)),
            (Version::Of2012, "${?}${$}", false, "?$", Some(true)),
            (
                Version::Of2012,
                "${aws:SourceVpce, 'none'}",
                true,
                "none",
                Some(true),
            ),
            (
                Version::Of2012,
                "${aws:SourceVpce,'a}b'}",
                true,
                "a}b",
                Some(true),
            ),
            (
                Version::Of2012,
                "${aws:username, 'none'}",
                true,
                "segmentsai-prod-user",
                Some(true),
            ),
            (
                Version::Of2012,
                "${aws:PrincipalTag/team, 'company-wide'}",
                true,
                "x",
                None,
            ),
            (Version::Of2012, "${aws:SourceVpce}", true, "x", None),
            (Version::Of2012, "${aws:userid}", true, "x", None),
            (Version::Of2012, "${aws:username", true, "x", None),
            (
                Version::Of2012,
                "${aws:SourceVpce, none}",
                true,
                "none",
                None,
            ),
            (Version::Of2012, "${}", true, "x", None),
        ] {
            assert_eq!(
                filled(version, text, wildcards, against),
                wanted,
                "{version:?} {text}"
            );
        }
    }
}
