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
    let (before, after) = (lines(before), lines(after));
    // A comma at a line's end says only that another entry follows, so lines are compared without it: an added
    // entry then stands alone, and does not drag the comma of its neighbour along.
    let (old, new) = (without_commas(&before), without_commas(&after));
    let diff = TextDiff::from_slices(&old, &new);
    let mut text = String::new();
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            text.push_str(&paint.dim("      ...\n"));
        }
        for change in group
            .iter()
            .flat_map(|operation| diff.iter_changes(operation))
        {
            let line = match (change.old_index(), change.new_index()) {
                (_, Some(at)) => after.get(at),
                (Some(at), None) => before.get(at),
                (None, None) => None,
            };
            let line = escape_control(line.map(String::as_str).unwrap_or_default());
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

fn without_commas(lines: &[String]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| line.trim_end_matches(','))
        .collect()
}

fn lines(document: Option<&Value>) -> Vec<String> {
    document.map_or_else(Vec::new, |document| {
        format!("{document:#}").lines().map(str::to_owned).collect()
    })
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
