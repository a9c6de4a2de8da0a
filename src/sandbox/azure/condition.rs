//! Conditions of role assignments, as far as they can be judged here. What is not understood admits nothing.
//!
//! This module decides; it changes nothing.
//! See <https://learn.microsoft.com/azure/role-based-access-control/conditions-format> and
//! <https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes>.

use super::rights::{Plane, Wish};

/// The blob that somebody wants to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blob<'a> {
    pub container: &'a str,
    pub name: Option<&'a str>,
}

/// Whether a condition lets a wish through that its role would give.
///
/// A condition speaks of data actions, or of assigning roles; other control plane actions are not narrowed by it.
pub(crate) fn admits(condition: &str, wish: &Wish<'_>) -> bool {
    let assigns = wish
        .action
        .to_ascii_lowercase()
        .starts_with("microsoft.authorization/roleassignments/");
    if wish.plane == Plane::Control && !assigns {
        return true;
    }
    let mut reader = Reader {
        rest: condition,
        wish,
    };
    let value = reader.any_of();
    reader.space();
    reader.rest.is_empty() && value == Some(true)
}

/// Reads a condition from left to right, and judges as it goes. `None` means that something was not understood.
struct Reader<'a> {
    rest: &'a str,
    wish: &'a Wish<'a>,
}

impl Reader<'_> {
    fn any_of(&mut self) -> Option<bool> {
        let mut value = self.all_of()?;
        while self.word("OR") || self.word("||") {
            value |= self.all_of()?;
        }
        Some(value)
    }

    fn all_of(&mut self) -> Option<bool> {
        let mut value = self.one()?;
        while self.word("AND") || self.word("&&") {
            value &= self.one()?;
        }
        Some(value)
    }

    fn one(&mut self) -> Option<bool> {
        if self.word("!") || self.word("NOT") {
            return self.one().map(|value| !value);
        }
        if self.word("(") {
            let value = self.any_of()?;
            return self.word(")").then_some(value);
        }
        if self.word("ActionMatches") {
            let pattern = self.braced()?;
            return Some(super::rights::matches(&pattern, self.wish.action));
        }
        // Sub-operations tell listing from reading; nothing here asks for less than reading.
        if self.word("SubOperationMatches") {
            self.braced()?;
            return Some(false);
        }
        self.comparison()
    }

    /// `@Resource[…] StringEquals '…'`.
    fn comparison(&mut self) -> Option<bool> {
        if !self.word("@Resource") || !self.word("[") {
            return None;
        }
        let (attribute, rest) = self.rest.split_once(']')?;
        let attribute = attribute.to_ascii_lowercase();
        self.rest = rest;
        let blob = self.wish.blob?;
        let found = if attribute.ends_with("/containers:name") {
            blob.container
        } else if attribute.ends_with("/blobs:path") {
            blob.name?
        } else {
            return None;
        };
        let compare: fn(&str, &str) -> bool = if self.word("StringEqualsIgnoreCase") {
            |found, wanted| found.eq_ignore_ascii_case(wanted)
        } else if self.word("StringNotEquals") {
            |found, wanted| found != wanted
        } else if self.word("StringEquals") {
            |found, wanted| found == wanted
        } else if self.word("StringNotLike") {
            |found, wanted| !like(wanted, found)
        } else if self.word("StringLike") {
            |found, wanted| like(wanted, found)
        } else if self.word("StringStartsWith") {
            |found, wanted| found.starts_with(wanted)
        } else {
            return None;
        };
        let wanted = self.quoted()?;
        Some(compare(found, &wanted))
    }

    fn braced(&mut self) -> Option<String> {
        if !self.word("{") {
            return None;
        }
        let text = self.quoted()?;
        self.word("}").then_some(text)
    }

    fn quoted(&mut self) -> Option<String> {
        if !self.word("'") {
            return None;
        }
        let (text, rest) = self.rest.split_once('\'')?;
        self.rest = rest;
        Some(text.to_owned())
    }

    /// Takes a word if it comes next.
    fn word(&mut self, word: &str) -> bool {
        self.space();
        let fits = self
            .rest
            .get(..word.len())
            .is_some_and(|next| next.eq_ignore_ascii_case(word));
        let ends = !word.ends_with(char::is_alphabetic)
            || !self
                .rest
                .get(word.len()..)
                .is_some_and(|after| after.starts_with(char::is_alphanumeric));
        if fits && ends {
            self.rest = &self.rest[word.len()..];
        }
        fits && ends
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

/// `*` stands for any characters and `?` for one, in the case in which they are written.
fn like(pattern: &str, text: &str) -> bool {
    fn walk(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some((b'*', rest)), _) => {
                walk(rest, text) || (!text.is_empty() && walk(pattern, &text[1..]))
            }
            (Some((b'?', pattern)), Some((_, text))) => walk(pattern, text),
            (Some((wanted, pattern)), Some((found, text))) => {
                wanted == found && walk(pattern, text)
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }
    walk(pattern.as_bytes(), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read";

    fn reads(condition: &str, container: &str, name: &str) -> bool {
        let wish = Wish {
            principal: "",
            action: READ,
            plane: Plane::Data,
            scope: "",
            blob: Some(Blob {
                container,
                name: Some(name),
            }),
        };
        admits(condition, &wish)
    }

    fn only(expression: &str) -> String {
        format!("((!(ActionMatches{{'{READ}'}})) OR ({expression}))")
    }

    #[test]
    fn a_condition_narrows_to_a_container_or_a_path() {
        let name = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]";
        let path =
            "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path]";
        for (expression, container, blob, expected) in [
            (format!("{name} StringEquals 'photos'"), "photos", "a", true),
            (format!("{name} StringEquals 'photos'"), "other", "a", false),
            (
                format!("{name} StringNotEquals 'photos'"),
                "other",
                "a",
                true,
            ),
            (format!("{path} StringLike 'open/*'"), "c", "open/a", true),
            (format!("{path} StringLike 'open/*'"), "c", "shut/a", false),
            (
                format!("{path} StringStartsWith 'open/'"),
                "c",
                "open/a",
                true,
            ),
            (
                format!("{name} StringEquals 'c' AND {path} StringLike '*.png'"),
                "c",
                "a.jpg",
                false,
            ),
        ] {
            assert_eq!(
                reads(&only(&expression), container, blob),
                expected,
                "{expression}"
            );
        }
    }

    #[test]
    fn other_actions_pass_and_what_is_not_understood_admits_nothing() {
        let write = "(!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'})) OR (@Principal[x] StringEquals 'y')";
        assert!(!reads(write, "c", "a"), "@Principal is not understood");
        let write = "!(ActionMatches{'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'})";
        assert!(reads(write, "c", "a"));
        for odd in [
            "",
            "true",
            "(",
            "@Resource[x:y] StringEquals 'z'",
            "ActionMatches{'*'} garbage",
        ] {
            assert!(!reads(odd, "c", "a"), "{odd}");
        }
    }

    #[test]
    fn a_condition_does_not_narrow_control_plane_actions_but_for_assigning_roles() {
        let control = |action| {
            admits(
                "nonsense",
                &Wish {
                    principal: "",
                    action,
                    plane: Plane::Control,
                    scope: "",
                    blob: None,
                },
            )
        };
        assert!(control("Microsoft.Storage/storageAccounts/read"));
        assert!(!control("Microsoft.Authorization/roleAssignments/write"));
    }
}
