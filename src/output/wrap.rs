//! Breaks what people read into lines between words. Off a terminal nothing is broken, so that every line can be searched for.

use textwrap::core::Word;
use textwrap::{Options, WordSeparator, WordSplitter};

/// Below this a terminal is too narrow to lay anything out in it.
const NARROWEST: usize = 40;
/// Up to this long, what stands in backticks is kept on one line.
const TOGETHER: usize = 60;
/// What commands begin with: a line with one of them is to be copied, and so is never broken.
const TOOLS: [&str; 6] = ["segments-connect", "aws", "az", "gcloud", "gsutil", "curl"];

/// How wide a line may be; nothing where lines are not to be broken.
pub type Width = Option<usize>;

/// The width of standard output, where that is a terminal.
#[must_use]
pub fn of_stdout() -> Width {
    wide_enough(terminal_size::terminal_size_of(std::io::stdout()))
}

/// The width of standard error, where that is a terminal.
#[must_use]
pub fn of_stderr() -> Width {
    wide_enough(terminal_size::terminal_size_of(std::io::stderr()))
}

fn wide_enough(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Width {
    let (terminal_size::Width(columns), _) = size?;
    Some(usize::from(columns)).filter(|columns| *columns >= NARROWEST)
}

/// One paragraph, whose first line begins with `first` and the others with `others`. Escapes for colour take no room.
#[must_use]
pub fn paragraph(text: &str, width: Width, first: &str, others: &str) -> String {
    let Some(width) = width.filter(|_| !to_copy(text)) else {
        return format!("{first}{text}\n");
    };
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(others)
        .word_separator(WordSeparator::Custom(words))
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::fill(text, options) + "\n"
}

/// Whether somebody will copy it: a document, or a command outside of backticks.
fn to_copy(text: &str) -> bool {
    let mut prose = text.split('`').step_by(2);
    prose.any(|part| {
        part.contains("{\"") || part.split_whitespace().any(|word| TOOLS.contains(&word))
    })
}

/// The words of a line, each with the blanks after it. What stands in backticks is one word, unless it is long.
fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut words: Vec<Word<'_>> = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(end_of_word(rest));
        words.push(Word::from(word));
        rest = after;
    }
    Box::new(words.into_iter())
}

/// Where the first word of `text` ends, the blanks after it included.
fn end_of_word(text: &str) -> usize {
    let blank = |text: &str| text.find(' ').unwrap_or(text.len());
    let mut end = blank(text);
    if text[..end].matches('`').count() % 2 == 1
        && let Some(closing) = text[end..].find('`')
        && closing <= TOGETHER
    {
        end += closing + blank(&text[end + closing..]);
    }
    end + text[end..].len() - text[end..].trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_begin_as_they_are_told() {
        let told = paragraph("one two three four five", Some(12), "fix: ", "     ");
        assert_eq!(told, "fix: one two\n     three\n     four\n     five\n");
    }

    #[test]
    fn nothing_is_broken_off_a_terminal() {
        let long = "word ".repeat(100);
        assert_eq!(paragraph(&long, None, "> ", "  "), format!("> {long}\n"));
    }

    #[test]
    fn what_is_to_be_copied_stays_on_one_line() {
        for text in [
            "segments-connect aws connect --bucket acme-images --profile production",
            "or let an administrator of the directory run: az ad sp create --id d47021c7",
            r#"put it so: {"Effect": "Deny", "Principal": "*", "Action": "s3:*"} and no other way"#,
        ] {
            assert_eq!(paragraph(text, Some(40), "", ""), format!("{text}\n"));
        }
    }

    #[test]
    fn what_stands_in_backticks_is_not_broken_where_it_fits() {
        let long = "word ".repeat(14) + "`segments-connect aws connect` mends it";
        let told = paragraph(&long, Some(80), "", "");
        assert!(
            told.lines()
                .any(|line| line.starts_with("`segments-connect aws connect`")),
            "{told}"
        );
        let longer = format!("`{}`", "word ".repeat(30).trim_end());
        assert!(paragraph(&longer, Some(80), "", "").lines().count() > 1);
        assert_eq!(words("a `b c d").count(), 4);
        assert_eq!(words("see `b c`, and d").count(), 4);
    }

    #[test]
    fn colour_takes_no_room() {
        let plain = paragraph("FAIL  one two three", Some(13), "", "  ");
        let painted = paragraph("\u{1b}[31mFAIL\u{1b}[0m  one two three", Some(13), "", "  ");
        assert_eq!(
            painted.replace("\u{1b}[31m", "").replace("\u{1b}[0m", ""),
            plain
        );
    }

    #[test]
    fn every_text_keeps_its_words() {
        for text in ["", " ", "``", "`", "a  b", "`a` `b c` ``", "é`ü x`ö y"] {
            for width in 40..44 {
                let told = paragraph(text, Some(width), "", "");
                assert_eq!(
                    told.split_whitespace().collect::<Vec<_>>(),
                    text.split_whitespace().collect::<Vec<_>>()
                );
            }
        }
    }
}
