//! Shows characters that would move the cursor, recolour the terminal, reorder or hide text.
//!
//! What a cloud returned is somebody's text; it must not be able to draw on the user's screen.

use std::fmt::Write as _;

/// The text with every character that is not seen as itself shown as an escape, line breaks and
/// tabs too. For a name or a value inside a line.
#[must_use]
pub fn escape_control(text: &str) -> String {
    escape(text, false)
}

/// The same, with line breaks and tabs kept. For a text that has lines of its own.
#[must_use]
pub fn escape_control_keeping_lines(text: &str) -> String {
    escape(text, true)
}

fn escape(text: &str, keep_lines: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' | '\t' if keep_lines => shown.push(letter),
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            // Writing to a string cannot fail.
            '\0'..='\x1f' | '\x7f' => {
                let _ = write!(shown, "\\x{:02x}", u32::from(letter));
            }
            hidden if is_hidden(hidden) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(hidden));
            }
            other => shown.push(other),
        }
    }
    shown
}

/// Characters with no look of their own that change how others look, or that hide.
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    matches!(
        letter,
        // C1 controls, which some terminals obey like escape sequences
        '\u{80}'..='\u{9f}'
            // soft hyphen, combining grapheme joiner, Arabic letter mark
            | '\u{ad}' | '\u{34f}' | '\u{61c}'
            // Hangul fillers, Khmer inherent vowels, Mongolian selectors and vowel separator
            | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            // zero-width space and joiners, direction marks, line and paragraph separators,
            // bidirectional embeddings and overrides
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            // word joiner, invisible operators, bidirectional isolates, deprecated controls
            | '\u{2060}'..='\u{206f}'
            // more fillers, byte order mark, interlinear annotations
            | '\u{3164}' | '\u{ffa0}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            // tags and the rest of that plane's invisible characters
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_act_on_the_terminal_is_shown() {
        for (text, expected) in [
            ("images/cat.png", "images/cat.png"),
            ("grün 猫 👍🏽 ñ", "grün 猫 👍🏽 ñ"),
            ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
            ("\x1b]8;;http://x\x07", "\\x1b]8;;http://x\\x07"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("a\0b\x7f", "a\\x00b\\x7f"),
            ("gpj.\u{202e}exe", "gpj.\\u{202e}exe"),
            ("a\u{2066}b\u{2069}", "a\\u{2066}b\\u{2069}"),
            ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
            ("one\r\ntwo\tthree", "one\\r\\ntwo\\tthree"),
            ("\u{e0041}", "\\u{e0041}"),
        ] {
            assert_eq!(escape_control(text), expected);
        }
    }

    #[test]
    fn lines_are_kept_where_asked_for() {
        assert_eq!(
            escape_control_keeping_lines("one\n\ttwo\r\x1b[2K"),
            "one\n\ttwo\\r\\x1b[2K"
        );
    }

    proptest! {
        #[test]
        fn nothing_that_acts_is_left(text in any::<String>(), raw in prop::collection::vec(any::<char>(), 0..40)) {
            for text in [text, raw.into_iter().collect()] {
                let shown = escape_control(&text);
                let acts = |letter: char| letter.is_control() || is_hidden(letter);
                prop_assert!(!shown.chars().any(acts));
                prop_assert_eq!(escape_control(&shown), shown.clone());
                let lines = escape_control_keeping_lines(&text);
                prop_assert!(!lines.chars().any(|letter| acts(letter) && !"\n\t".contains(letter)));
            }
        }

        #[test]
        fn plain_text_is_left_alone(text in "[ -~à-ÿ]{0,40}") {
            // The soft hyphen is outside this range; everything in it is seen as itself.
            prop_assert_eq!(escape_control(&text), text);
        }
    }
}
