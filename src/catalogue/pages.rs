//! The pages of `explain`: for each cause that can block, what it is, how it is found, what mends it, and what shows
//! afterwards that it is mended. Wording only; what is short enough for a report stands in the entries.

mod aws_bucket;
mod aws_policy;
mod azure;
mod gcp;

/// What `explain` tells of a cause beside its entry.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The code: `A39`.
    pub code: &'static str,
    /// What it is, in a few sentences.
    pub about: &'static str,
    /// How it is found, where it is.
    pub found: Found,
    /// What mends it, as it can be pasted once what stands in angle brackets is filled in. One line each, in order.
    pub commands: &'static [&'static str],
    /// What shows that it is mended.
    pub afterwards: &'static str,
}

/// How a cause is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// By checks of `verify`.
    Checked {
        /// Their ids.
        by: &'static [&'static str],
        /// Which setting they read, and what in it tells.
        how: &'static str,
    },
    /// By `plan` and `connect`, which refuse or fail because of it, or where the arguments are read.
    Refused {
        /// What tells it.
        how: &'static str,
    },
    /// Not by this program.
    Never {
        /// Why not.
        why: &'static str,
    },
}

impl Found {
    /// The checks that tell it; none where no check does.
    #[must_use]
    pub fn by(self) -> &'static [&'static str] {
        match self {
            Self::Checked { by, .. } => by,
            Self::Refused { .. } | Self::Never { .. } => &[],
        }
    }

    /// How it is found, or why it is not, in words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Checked { how, .. } | Self::Refused { how } => how,
            Self::Never { why } => why,
        }
    }
}

impl Page {
    /// The page of this code; none for a cause that is harmless.
    #[must_use]
    pub fn of(code: &str) -> Option<&'static Self> {
        all().find(|page| page.code == code)
    }

    /// The command that checks again.
    #[must_use]
    pub fn check_again(&self) -> String {
        let (command, object) = match self.code.chars().next() {
            Some('A') => ("aws verify --bucket <BUCKET>", "<KEY>"),
            Some('G') => (
                "gcp verify --bucket <BUCKET> --service-account <EMAIL>",
                "<OBJECT>",
            ),
            Some(_) | None => (
                "azure verify --storage-account <ACCOUNT>",
                "<BLOB> --container <CONTAINER>",
            ),
        };
        let of_an_object = |check: &&str| check.contains(".object.");
        if self.found.by().iter().any(of_an_object) {
            format!("segments-connect {command} --object {object}")
        } else {
            format!("segments-connect {command}")
        }
    }
}

/// Every page, in the order of the codes of each part.
pub fn all() -> impl Iterator<Item = &'static Page> {
    aws_policy::PAGES
        .iter()
        .chain(aws_bucket::PAGES)
        .chain(gcp::PAGES)
        .chain(azure::PAGES)
}

/// A cause that checks of `verify` tell.
const fn checked(
    code: &'static str,
    about: &'static str,
    by: &'static [&'static str],
    how: &'static str,
    commands: &'static [&'static str],
    afterwards: &'static str,
) -> Page {
    Page {
        code,
        about,
        found: Found::Checked { by, how },
        commands,
        afterwards,
    }
}

/// A cause that stops `plan` and `connect`, or shows in the arguments.
const fn refused(
    code: &'static str,
    about: &'static str,
    how: &'static str,
    commands: &'static [&'static str],
    afterwards: &'static str,
) -> Page {
    Page {
        code,
        about,
        found: Found::Refused { how },
        commands,
        afterwards,
    }
}

/// A cause that this program cannot find.
const fn never(
    code: &'static str,
    about: &'static str,
    why: &'static str,
    commands: &'static [&'static str],
    afterwards: &'static str,
) -> Page {
    Page {
        code,
        about,
        found: Found::Never { why },
        commands,
        afterwards,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{Severity, all as causes};
    use super::*;

    #[test]
    fn every_cause_that_can_block_has_one_page_and_no_other_has() {
        let wanted: BTreeSet<&str> = causes()
            .filter(|cause| cause.entry().severity != Severity::Harmless)
            .map(super::super::Cause::code)
            .collect();
        let written: Vec<&str> = all().map(|page| page.code).collect();
        let unique: BTreeSet<&str> = written.iter().copied().collect();
        assert_eq!(unique.len(), written.len(), "a page twice");
        let missing: Vec<_> = wanted.difference(&unique).collect();
        let extra: Vec<_> = unique.difference(&wanted).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "without a page: {missing:?}; a page for nothing: {extra:?}"
        );
    }

    #[test]
    fn pages_are_whole_and_their_checks_are_of_their_cloud() {
        for page in all() {
            let cloud = match page.code.chars().next() {
                Some('A') => "aws.",
                Some('G') => "gcp.",
                _ => "azure.",
            };
            for text in [page.about, page.found.in_words(), page.afterwards] {
                assert!(text.len() > 20, "{}: `{text}`", page.code);
                assert!(
                    text.ends_with(['.', '`', ')']) && !text.contains("  "),
                    "{}: `{text}`",
                    page.code
                );
            }
            match page.found {
                Found::Checked { by, .. } => assert!(!by.is_empty(), "{}", page.code),
                Found::Refused { .. } | Found::Never { .. } => {}
            }
            for check in page.found.by() {
                assert!(check.starts_with(cloud), "{}: {check}", page.code);
            }
            for command in page.commands {
                assert!(
                    command == &command.trim() && !command.contains('\n'),
                    "{}: {command}",
                    page.code
                );
            }
        }
    }
}
