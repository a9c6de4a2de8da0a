//! Every cause of the catalogue: the test in which it is found, and the one in which it is not; or why it cannot be.
//!
//! A code without a row, or a row whose tests do not exist, fails. What cannot be found says why on its page, and what is
//! harmless on its line (`explain CODE`).

mod near;
mod stories;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use segments_connect::catalogue::{self, Found, Severity};

use table::{Row, rows};

/// The functions of the tests, each with the text from its name to the next function's, by name.
fn tests() -> BTreeMap<String, Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["src", "tests/suite"] {
        sources(&root.join(folder), &mut files);
    }
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        if file.to_string_lossy().contains("causes/table") {
            continue;
        }
        let text = std::fs::read_to_string(&file).expect("a source file can be read");
        for part in text
            .split("#[test]")
            .chain(text.split("#[tokio::test]"))
            .skip(1)
        {
            let Some((_, after)) = part.split_once("fn ") else {
                continue;
            };
            let name: String = after
                .chars()
                .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
                .collect();
            found.entry(name).or_default().push(text.clone());
        }
    }
    found
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn every_cause_is_found_in_one_test_and_silent_in_another_or_says_why_not() {
    let written = rows().count();
    let rows: BTreeMap<&str, &Row> = rows().map(|(code, row)| (*code, row)).collect();
    assert_eq!(rows.len(), written, "a code twice");
    let codes: BTreeSet<&str> = catalogue::all().map(catalogue::Cause::code).collect();
    let missing: Vec<_> = codes
        .iter()
        .filter(|code| !rows.contains_key(*code))
        .collect();
    let extra: Vec<_> = rows.keys().filter(|code| !codes.contains(*code)).collect();
    assert!(
        missing.is_empty() && extra.is_empty(),
        "without a row: {missing:?}; a row for nothing: {extra:?}"
    );
    let tests = tests();
    let mut wrong = Vec::new();
    for cause in catalogue::all() {
        let code = cause.code();
        // The one in which it is silent names it too: a test that knows nothing of a cause cannot show that it is not told.
        let mut exists = |name: &str, names_it: bool| match tests.get(name) {
            None => wrong.push(format!("{code}: no test `{name}`")),
            Some(files) if names_it && !files.iter().any(|text| text.contains(code)) => {
                wrong.push(format!("{code}: the file of `{name}` does not name it"));
            }
            Some(_) => {}
        };
        let fits = match (rows[code], cause.page().map(|page| page.found)) {
            (Row::Found { fires, silent }, Some(Found::Checked { .. } | Found::Refused { .. })) => {
                exists(fires, true);
                exists(silent, true);
                true
            }
            (Row::Never, Some(Found::Never { .. })) => true,
            (Row::Harmless { silent }, None) => {
                if let Some(silent) = silent {
                    exists(silent, false);
                }
                cause.entry().severity == Severity::Harmless
            }
            (Row::Found { .. } | Row::Never | Row::Harmless { .. }, _) => false,
        };
        if !fits {
            wrong.push(format!("{code}: the row says otherwise than the page"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The README names the causes that are not found.
#[test]
fn the_readme_lists_what_cannot_be_found() {
    let never: Vec<&str> = catalogue::pages::all()
        .filter(|page| matches!(page.found, Found::Never { .. }))
        .map(|page| page.code)
        .collect();
    let (last, first) = never.split_last().expect("some");
    let listed = format!("gives: {} and {last}.", first.join(", "));
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    assert!(readme.contains(&listed), "{listed}");
}

/// The ids of the checks that pages name are ids of checks.
#[test]
fn pages_name_checks_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    files.retain(|file| !file.to_string_lossy().contains("src/catalogue"));
    let text: String = files
        .iter()
        .map(|file| std::fs::read_to_string(file).expect("a source file can be read"))
        .collect();
    for page in catalogue::pages::all() {
        for check in page.found.by() {
            assert!(
                text.contains(&format!("\"{check}\"")),
                "{}: {check}",
                page.code
            );
        }
    }
}
