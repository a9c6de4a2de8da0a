//! What `explain` tells of one cause: a page for what can block, a line for what is harmless.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::paint::Paint;
use super::wrap::paragraph;
use crate::catalogue::{Cause, Found, Page};

/// How long a line may be, where it can be broken at all.
const WIDTH: usize = 80;
const INDENT: &str = "  ";

/// The page or the line of one cause.
#[must_use]
pub fn text(cause: Cause, paint: Paint) -> String {
    match cause.page() {
        Some(page) => whole(cause, page, paint),
        None => line(cause, paint),
    }
}

/// One line for what is no cause at all.
fn line(cause: Cause, paint: Paint) -> String {
    let entry = cause.entry();
    let why = entry
        .seen_as
        .strip_prefix("nothing")
        .unwrap_or(entry.seen_as)
        .trim_start_matches([':', ';', ' ']);
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(" ({why})")
    };
    format!(
        "{}  {}: {}{why}; {}. {}\n",
        paint.bold(entry.code),
        entry.title,
        entry.severity.in_words(),
        entry.remedy,
        entry.page
    )
}

fn whole(cause: Cause, page: &Page, paint: Paint) -> String {
    let entry = cause.entry();
    let mut text = String::new();
    let first = format!("{}  ", entry.code);
    let title = paragraph(entry.title, Some(WIDTH), &first, "     ");
    text.push_str(&title.replacen(entry.code, &paint.bold(entry.code), 1));
    let _ = writeln!(text, "     {}", paint.yellow(entry.severity.in_words()));
    let mut section = |name: &str, body: &str, commands: &[&str]| {
        let _ = writeln!(text, "\n{}", paint.bold(name));
        if !body.is_empty() {
            text.push_str(&paragraph(body, Some(WIDTH), INDENT, INDENT));
        }
        if !body.is_empty() && !commands.is_empty() {
            text.push('\n');
        }
        for command in commands {
            // Never broken, so that it can be pasted.
            let _ = writeln!(text, "{INDENT}{INDENT}{command}");
        }
    };
    section("What it is", page.about, &[]);
    section("How it shows", &sentence(entry.seen_as), &[]);
    let found = match page.found {
        Found::Checked { by, how } => {
            let checks: Vec<String> = by.iter().map(|check| format!("`{check}`")).collect();
            format!("{how} Told by {}.", list(&checks))
        }
        Found::Refused { how } => format!("{how} No check of `verify` is needed for it."),
        Found::Never { why } => format!("This program does not find it. {why}"),
    };
    section("How it is found", &found, &[]);
    section("What to do", &sentence(entry.remedy), page.commands);
    section(
        "Afterwards",
        page.afterwards,
        &[page.check_again().as_str()],
    );
    section("Read more", entry.page, &[]);
    text
}

/// The members of `explanation` in the JSON document.
#[must_use]
pub fn json(cause: Cause) -> Value {
    let entry = cause.entry();
    let page = cause.page();
    json!({
        "code": entry.code,
        "severity": entry.severity.in_words(),
        "title": entry.title,
        "seen_as": entry.seen_as,
        "remedy": entry.remedy,
        "page": entry.page,
        "about": page.map(|page| page.about),
        "found": page.map(|page| json!({
            "by": match page.found {
                Found::Checked { .. } => "verify",
                Found::Refused { .. } => "plan",
                Found::Never { .. } => "nothing",
            },
            "checks": page.found.by(),
            "how": page.found.in_words(),
        })),
        "commands": page.map_or(&[][..], |page| page.commands),
        "afterwards": page.map(|page| page.afterwards),
        "check_again": page.map(Page::check_again),
    })
}

/// A fragment as a sentence: a capital at its beginning, unless that is a command, and a full stop at its end.
fn sentence(fragment: &str) -> String {
    let mut letters = fragment.chars();
    let mut text: String = match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    };
    if !text.ends_with(['.', '!', '?']) {
        text.push('.');
    }
    text
}

fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    #[test]
    fn harmless_causes_take_one_line_and_others_a_page() {
        for cause in catalogue::all() {
            let told = text(cause, Paint::NONE);
            let lines = told.lines().count();
            match cause.page() {
                None => assert_eq!(lines, 1, "{told}"),
                Some(page) => {
                    for heading in [
                        "What it is",
                        "How it shows",
                        "How it is found",
                        "What to do",
                        "Afterwards",
                        "Read more",
                    ] {
                        assert!(told.lines().any(|line| line == heading), "{told}");
                    }
                    for command in page.commands {
                        assert!(told.lines().any(|line| line.trim() == *command), "{told}");
                    }
                }
            }
        }
    }

    #[test]
    fn pages_fit_eighty_columns_but_for_commands_and_addresses() {
        for cause in catalogue::all() {
            let Some(page) = cause.page() else { continue };
            for line in text(cause, Paint::NONE).lines() {
                let bare = line.trim();
                let whole = page.commands.contains(&bare)
                    || bare == page.check_again()
                    || !bare.contains(' ');
                assert!(
                    whole || line.chars().count() <= WIDTH,
                    "{}: {line}",
                    cause.code()
                );
            }
        }
    }

    #[test]
    fn colour_changes_no_word() {
        for cause in catalogue::all() {
            let plain = text(cause, Paint::NONE);
            let painted = text(cause, Paint::for_stdout(crate::cli::ColorArg::Always));
            assert_ne!(painted, plain);
            let stripped: String = painted
                .split('\u{1b}')
                .enumerate()
                .map(|(at, part)| match part.split_once('m') {
                    Some((_, rest)) if at > 0 => rest,
                    _ => part,
                })
                .collect();
            assert_eq!(stripped, plain);
        }
    }
}
