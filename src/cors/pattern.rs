//! A text with at most one `*`, which stands for any run of characters, the empty one included.
//!
//! This is what S3 allows in an origin and in a header name. Which patterns include which others is
//! decided exactly, not by trying examples.

/// A text with at most one `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern<'a> {
    /// No `*`: matches itself alone.
    Exact(&'a str),
    /// One `*`, between these two.
    Star {
        /// What stands before the `*`.
        before: &'a str,
        /// What stands after it.
        after: &'a str,
    },
}

impl<'a> Pattern<'a> {
    /// Reads a pattern; none when it has more than one `*`, which S3 does not accept
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>) and which
    /// therefore matches nothing here.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        match text.split_once('*') {
            None => Some(Self::Exact(text)),
            Some((_, after)) if after.contains('*') => None,
            Some((before, after)) => Some(Self::Star { before, after }),
        }
    }

    /// Whether the pattern matches `text`.
    #[must_use]
    pub fn matches(self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == text,
            // The length is asked for so that `ab*bc` does not match `abc`.
            Self::Star { before, after } => {
                text.len() >= before.len() + after.len()
                    && text.starts_with(before)
                    && text.ends_with(after)
            }
        }
    }

    /// Whether the pattern matches every text that `other` matches.
    ///
    /// For two patterns with a `*` this is so exactly when what stands before our `*` begins what
    /// stands before theirs, and what stands after ours ends what stands after theirs: their `*`
    /// may be filled with anything, so a character of ours that reached into it would be missed by
    /// some filling. A pattern without `*` matches one text, and one with `*` more than one.
    #[must_use]
    pub fn includes(self, other: Pattern<'_>) -> bool {
        match (self, other) {
            (_, Pattern::Exact(text)) => self.matches(text),
            (Self::Exact(_), Pattern::Star { .. }) => false,
            (
                Self::Star { before, after },
                Pattern::Star {
                    before: their_before,
                    after: their_after,
                },
            ) => their_before.starts_with(before) && their_after.ends_with(after),
        }
    }
}

/// Whether `pattern`, as text, matches `text`.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    Pattern::read(pattern).is_some_and(|pattern| pattern.matches(text))
}

/// Whether `pattern` matches every text that `other` matches, both as text.
#[must_use]
pub fn includes(pattern: &str, other: &str) -> bool {
    match (Pattern::read(pattern), Pattern::read(other)) {
        (Some(pattern), Some(other)) => pattern.includes(other),
        // The same text twice means the same, whatever a service makes of it.
        (None, _) | (_, None) => pattern == other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_star_matches_any_run_of_characters() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*", "https://app.segments.ai", true),
            ("https://*.segments.ai", "https://app.segments.ai", true),
            ("https://*.segments.ai", "https://a.b.segments.ai", true),
            ("https://*.segments.ai", "https://.segments.ai", true),
            ("https://*.segments.ai", "https://segments.ai", false),
            (
                "https://*.segments.ai",
                "https://app.segments.ai:8443",
                false,
            ),
            ("https://*.segments.ai", "http://app.segments.ai", false),
            ("https://*", "https://app.segments.ai", true),
            ("ab*bc", "abc", false),
            ("ab*bc", "abbc", true),
            ("a", "a", true),
            ("a", "A", false),
            ("a**", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} and {text}");
        }
    }

    #[test]
    fn inclusion_of_the_published_origin() {
        let ours = "https://*.segments.ai";
        for (pattern, expected) in [
            ("*", true),
            ("https://*", true),
            ("http*", true),
            ("*.ai", true),
            ("https://*.segments.ai", true),
            ("https://*segments.ai", true),
            ("https://app.segments.ai", false),
            ("https://*.app.segments.ai", false),
            ("https://a*.segments.ai", false),
            ("http://*", false),
            ("https://*.segments.ai:*", false),
            ("*:*", false),
        ] {
            assert_eq!(includes(pattern, ours), expected, "{pattern}");
        }
    }

    /// Every text over `alphabet` that is at most `length` long.
    fn texts(alphabet: &[char], length: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..length {
            last = last
                .iter()
                .flat_map(|text| alphabet.iter().map(move |next| format!("{text}{next}")))
                .collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    proptest! {
        /// The `z`s are a character that no pattern holds: what makes the reasoning exact.
        #[test]
        fn inclusion_is_what_trying_every_text_finds(
            one in "[ab]{0,2}\\*?[ab]{0,2}",
            other in "[ab]{0,2}\\*?[ab]{0,2}",
        ) {
            let tried = texts(&['a', 'b', 'z'], 5)
                .iter()
                .filter(|text| matches(&other, text))
                .all(|text| matches(&one, text));
            prop_assert_eq!(includes(&one, &other), tried);
        }
    }
}
