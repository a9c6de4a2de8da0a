//! Files that somebody handed in: read, and taken for JSON. Which document one is, each cloud says.

use std::path::Path;

use serde_json::{Map, Value};

use crate::error::{ErrorCode, Failure};
use crate::json;

/// Reads a file that was given with `flag`, and makes of it what `understand` does; `tool` prints such documents.
///
/// # Errors
/// When it cannot be read; a usage failure with the file and the place where it is no such document.
pub fn read<T>(
    file: &Path,
    flag: &str,
    tool: &str,
    understand: fn(&str) -> Result<T, String>,
) -> Result<T, Failure> {
    let name = file.display();
    let bytes = std::fs::read(file).map_err(|error| {
        Failure::new(ErrorCode::File, format!("could not read `{name}`"))
            .cause(error.to_string())
            .hint(format!("give `{flag}` the name of a file"))
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        Failure::usage(
            format!("`{name}` is no text"),
            format!("give `{flag}` a file in UTF-8"),
        )
        .cause(error.to_string())
    })?;
    understand(&text).map_err(|problem| {
        Failure::usage(
            format!("`{name}`: {problem}"),
            format!("give `{flag}` the document as `{tool}` prints it"),
        )
    })
}

/// The JSON in a text, or one sentence about where it is wrong; `of` says of what, where it is not the whole file.
///
/// # Errors
/// When it is empty, or no JSON.
pub fn parsed(text: &str, of: &str) -> Result<Value, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err("it is empty".to_owned());
    }
    json::parse(text).map_err(|problem| {
        let path = match problem.path.as_str() {
            "" => String::new(),
            path => format!(" (at `{path}`)"),
        };
        format!(
            "line {}, column {}{of}: {}{path}",
            problem.line, problem.column, problem.what
        )
    })
}

/// The first member of what is another document than the wanted one, to tell it by.
#[must_use]
pub fn first(members: &Map<String, Value>) -> String {
    members
        .keys()
        .next()
        .map_or_else(String::new, |first| format!(", but `{first}`"))
}
