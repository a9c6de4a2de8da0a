//! Saves the documents as they were before the first write, readable by the owner alone.
//!
//! This module only ever adds a file to the user's state directory.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::error::{ErrorCode, Failure};
use crate::output::json::target;
use crate::report::Report;

/// Saves every document that is about to be written, and tells where.
///
/// # Errors
/// When the file cannot be made whole on disk. Nothing may be written to the cloud then.
pub fn save(report: &Report) -> Result<PathBuf, Failure> {
    let directory = directory()?;
    let now = OffsetDateTime::now_utc();
    let documents: serde_json::Map<_, _> = report
        .changes
        .iter()
        .filter(|entry| entry.change.writes())
        .map(|entry| {
            let before = entry.change.before.clone().unwrap_or_default();
            (entry.change.subject.id.to_owned(), before)
        })
        .collect();
    let body = json!({
        "schema": "segments-connect/backup-v1",
        "saved": stamp(now, true),
        "command": report.command,
        "target": target(report.target.as_ref()),
        "documents": documents,
    });
    let text = format!("{body:#}\n");
    let name = report
        .target
        .as_ref()
        .and_then(|target| {
            target
                .bucket
                .as_deref()
                .or(target.storage_account.as_deref())
        })
        .unwrap_or("documents");
    let stem = format!("{}-{name}", stamp(now, false));
    write_new(&directory, &stem, text.as_bytes()).map_err(|error| failure().because(&error))
}

/// `~/.local/state/segments-connect/backups` on Linux (`XDG_STATE_HOME`), the local data directory elsewhere.
fn directory() -> Result<PathBuf, Failure> {
    let base = dirs::state_dir()
        .or_else(dirs::data_local_dir)
        .ok_or_else(|| failure().cause("this user has no state directory (`HOME` is not set)"))?;
    let directory = base.join("segments-connect").join("backups");
    create_private(&directory)
        .with_context(|| format!("could not make the directory {}", directory.display()))
        .map_err(|error| failure().because(&error))?;
    Ok(directory)
}

#[cfg(unix)]
fn create_private(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

#[cfg(not(unix))]
fn create_private(directory: &Path) -> std::io::Result<()> {
    fs::create_dir_all(directory)
}

/// Writes a file that was not there before; two runs in the same second get a file each.
fn write_new(directory: &Path, stem: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    const MOST: u32 = 1000;
    for attempt in 0..MOST {
        let suffix = if attempt == 0 {
            String::new()
        } else {
            format!("-{attempt}")
        };
        let path = directory.join(format!("{stem}{suffix}.json"));
        let mut file = match options().open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("could not make the file {}", path.display()));
            }
        };
        file.write_all(bytes)
            .and_then(|()| file.sync_all())
            .with_context(|| format!("could not write the file {}", path.display()))?;
        return Ok(path);
    }
    anyhow::bail!(
        "{} holds {MOST} files of this second already",
        directory.display()
    )
}

#[cfg(unix)]
fn options() -> fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn options() -> fs::OpenOptions {
    // Elsewhere the local data directory is itself readable by the user alone.
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    options
}

fn stamp(time: OffsetDateTime, readable: bool) -> String {
    let format = if readable {
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z")
    } else {
        format_description!("[year][month][day]T[hour][minute][second]Z")
    };
    time.format(format).unwrap_or_default()
}

fn failure() -> Failure {
    Failure::new(
        ErrorCode::BackupFailed,
        "could not save the documents as they are, so nothing was written",
    )
    .hint("make that directory writable, set `XDG_STATE_HOME`, or give `--no-backup`")
}
