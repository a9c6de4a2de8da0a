//! The difference between two JSON documents, line by line, with a little of what stands around it.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::paint::Paint;
use crate::redact::escape_control;

/// Lines shown around a difference.
const CONTEXT: usize = 3;

/// The difference, indented, one marker a line: `+` comes, `-` goes. Equal documents give nothing.
#[must_use]
pub fn documents(before: Option<&Value>, after: Option<&Value>, paint: Paint) -> String {
    let (before, after) = (pretty(before), pretty(after));
    let diff = TextDiff::from_lines(&before, &after);
    let mut text = String::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            text.push_str(&paint.dim("      ...\n"));
        }
        for change in group.iter().flat_map(|operation| diff.iter_changes(operation)) {
            let line = escape_control(change.value().trim_end_matches('\n'));
            let shown = match change.tag() {
                ChangeTag::Delete => paint.red(&format!("    - {line}")),
                ChangeTag::Insert => paint.green(&format!("    + {line}")),
                ChangeTag::Equal => paint.dim(&format!("      {line}")),
            };
            text.push_str(&shown);
            text.push('\n');
        }
    }
    text
}

fn pretty(document: Option<&Value>) -> String {
    document.map_or_else(String::new, |document| format!("{document:#}\n"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_changes_is_marked() {
        let before = json!([{"a": 1}]);
        let after = json!([{"a": 1}, {"b": 2}]);
        let text = documents(Some(&before), Some(&after), Paint::NONE);
        assert!(text.contains("    +     \"b\": 2"), "{text}");
        assert!(!text.contains("-     \"a\""), "{text}");
        assert_eq!(documents(Some(&before), Some(&before), Paint::NONE), "");
    }

    #[test]
    fn control_characters_are_shown_and_not_sent() {
        let after = json!({"Sid": "a\u{9b}31mred"});
        let text = documents(None, Some(&after), Paint::NONE);
        assert!(!text.contains('\u{9b}'), "{text:?}");
    }
}
