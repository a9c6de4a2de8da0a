//! The file of a report: written whole or not at all, readable by its owner alone, and read with suspicion.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use serde_json::Value;

use super::{SCHEMA, SCHEMAS};
use crate::error::{ErrorCode, Failure};

/// A report is some hundred kilobytes; what is much larger is none.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Says before anything is asked whether a report can be written there.
///
/// # Errors
/// When the directory is not there, or when a file of that name is there and is no report: it is never overwritten.
pub fn may_write(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        Some(_) | None => Path::new("."),
    };
    if !directory.is_dir() {
        return Err(Failure::usage(
            format!(
                "`--report` is `{shown}`, and there is no directory `{}`",
                directory.display()
            ),
            "make it, or name a file in one that is there",
        ));
    }
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(found) if found.is_file() && is_report(path) => Ok(()),
        Ok(_) => Err(Failure::usage(
            format!(
                "`--report` is `{shown}`, which is there already and is no report of this program"
            ),
            "name a file that is not there; only an older report is overwritten",
        )),
    }
}

/// Writes a report in place of an older one, if there is one.
///
/// # Errors
/// When the file cannot be made whole. An older report is then as it was.
pub(super) fn write(path: &Path, text: &str) -> Result<(), Failure> {
    may_write(path)?;
    let failed = |error: std::io::Error| {
        Failure::new(
            ErrorCode::File,
            format!("could not write the report `{}`", path.display()),
        )
        .cause(error.to_string())
    };
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        Some(_) | None => Path::new("."),
    };
    // Made for its owner alone: a policy names people.
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.as_file().sync_all())
        .map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Reads a report.
///
/// # Errors
/// When there is no such file, or when it is no report that this version understands, with the reason and the place.
pub fn read(path: &Path) -> Result<Value, Failure> {
    let shown = path.display();
    let unread = |why: String| {
        Failure::new(
            ErrorCode::File,
            format!("could not read the report `{shown}`"),
        )
        .cause(why)
    };
    let text = contents(path).map_err(|error| unread(error.to_string()))?;
    let document = crate::json::parse(&text).map_err(|problem| {
        unread(problem.to_string()).hint(
            "a report is written by `verify --report FILE`; it may have been cut off on its way",
        )
    })?;
    let schema = document
        .get("schema")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if schema == SCHEMA {
        return Ok(document);
    }
    if schema.starts_with(SCHEMAS) {
        return Err(unread(format!(
            "it is of the version `{}`, and this program reads `{SCHEMA}`",
            crate::redact::escape_control(schema)
        ))
        .hint("take the newest version of this program"));
    }
    Err(unread("it is no report of this program".to_owned())
        .hint("a report is written by `verify --report FILE`"))
}

fn contents(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?
        .take(LARGEST + 1)
        .read_to_string(&mut text)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > LARGEST {
        return Err(std::io::Error::other("it is larger than any report"));
    }
    Ok(text)
}

fn is_report(path: &Path) -> bool {
    contents(path)
        .ok()
        .and_then(|text| crate::json::parse(&text).ok())
        .and_then(|document| Some(document.get("schema")?.as_str()?.starts_with(SCHEMAS)))
        .unwrap_or(false)
}
