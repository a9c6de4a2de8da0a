//! A spinner on standard error, at a terminal only.

use std::cell::RefCell;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::common::{Common, Verbosity};

/// What is going on, for whoever watches.
pub struct Progress {
    wanted: bool,
    bar: RefCell<Option<ProgressBar>>,
}

impl Progress {
    /// Shows something only at a terminal, and not with `-q`, nor with `-v`, whose lines it would cut up.
    #[must_use]
    pub fn new(common: &Common) -> Self {
        Self {
            wanted: common.verbosity == Verbosity::Normal && std::io::stderr().is_terminal(),
            bar: RefCell::new(None),
        }
    }

    /// Shows nothing.
    #[must_use]
    pub fn hidden() -> Self {
        Self {
            wanted: false,
            bar: RefCell::new(None),
        }
    }

    /// Says what is being done now.
    pub fn say(&self, what: &str) {
        if self.wanted {
            self.bar
                .borrow_mut()
                .get_or_insert_with(spinner)
                .set_message(crate::redact::escape_control(what));
        }
    }

    /// Takes the line away, so that something else can be written.
    pub fn clear(&self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
