//! Where a run's words go: results on standard output, everything else on standard error.
//!
//! This module writes; what is said about a run is decided in [`human`] and [`json`], both pure.

pub mod diff;
pub mod explain;
pub mod human;
pub mod json;
pub mod paint;
pub mod progress;
pub mod wrap;

use std::io::{IsTerminal, Write};
use std::path::Path;

use crate::common::{Common, Verbosity};
use crate::report::{ChangeReport, Report};
use paint::Paint;
use wrap::Width;

/// Somebody who is told how a run goes.
pub trait Reporter {
    /// The plan stands, and nothing was written yet.
    fn planned(&self, report: &Report);
    /// The documents were saved here.
    fn saved(&self, path: &Path);
    /// This is what became of a change.
    fn applied(&self, entry: &ChangeReport);
    /// The run is over.
    fn finished(&self, report: &Report);
}

/// Tells people, as the run goes.
pub struct Human {
    out: Paint,
    err: Paint,
    /// How wide standard output and standard error are.
    widths: (Width, Width),
    quiet: bool,
    /// Whether somebody at the terminal will be asked, and so must see what they are asked about.
    will_ask: bool,
}

impl Human {
    /// Tells people, with colour where it is wanted.
    #[must_use]
    pub fn new(common: &Common, will_ask: bool) -> Self {
        Self {
            will_ask,
            out: Paint::for_stdout(common.color),
            err: Paint::for_stderr(common.color),
            widths: (wrap::of_stdout(), wrap::of_stderr()),
            quiet: common.verbosity == Verbosity::Quiet,
        }
    }
}

impl Reporter for Human {
    fn planned(&self, report: &Report) {
        if !self.quiet {
            to_stdout(&human::plan(report, self.out));
        }
        let seen = !self.quiet && std::io::stdout().is_terminal();
        if self.will_ask && !seen && report.changes.iter().any(|entry| entry.change.writes()) {
            to_stderr(&human::plan(report, self.err));
        }
    }

    fn saved(&self, path: &Path) {
        if !self.quiet {
            to_stderr(&human::saved(path, self.err));
        }
    }

    fn applied(&self, entry: &ChangeReport) {
        if !self.quiet {
            to_stdout(&human::applied(entry, self.out));
        }
    }

    fn finished(&self, report: &Report) {
        to_stdout(&human::documents(report));
        to_stdout(&human::recorded(report, self.out));
        to_stdout(&human::checks(report, self.out, self.quiet, self.widths.0));
        if !self.quiet {
            to_stdout(&human::next_steps(report, self.out, self.widths.0));
        }
        if let Some(path) = &report.handed_over
            && !self.quiet
        {
            to_stderr(&human::handed_over(path, self.err));
        }
        if let Some(failure) = &report.error {
            to_stderr(&human::failure(failure, self.err, self.widths.1));
        }
    }
}

/// Tells scripts, once: one JSON document when the run is over.
///
/// Where somebody sits at a terminal and must confirm, the plan is shown to them on standard error.
pub struct Json {
    /// How the plan is shown before a question, where there will be one.
    pub before_question: Option<Paint>,
}

impl Reporter for Json {
    fn planned(&self, report: &Report) {
        if let Some(paint) = self.before_question {
            to_stderr(&human::plan(report, paint));
        }
    }

    fn saved(&self, _path: &Path) {}

    fn applied(&self, _entry: &ChangeReport) {}

    fn finished(&self, report: &Report) {
        to_stdout(&json::document(report));
    }
}

/// Writes to standard output. A reader that went away is no reason to complain.
pub fn to_stdout(text: &str) {
    let mut stream = std::io::stdout().lock();
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.flush();
}

/// Writes to standard error.
pub fn to_stderr(text: &str) {
    let mut stream = std::io::stderr().lock();
    let _ = stream.write_all(text.as_bytes());
    let _ = stream.flush();
}
