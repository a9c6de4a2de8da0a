//! Colour, where it is wanted. Every text reads the same without it.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Style};

use crate::cli::ColorArg;

/// Whether to use colour on one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint(bool);

impl Paint {
    /// No colour.
    pub const NONE: Self = Self(false);

    /// As the flag says; `auto` looks at the stream, `NO_COLOR` (<https://no-color.org>) and `TERM`.
    #[must_use]
    pub fn for_stdout(choice: ColorArg) -> Self {
        Self::decide(choice, std::io::stdout().is_terminal())
    }

    /// As [`Self::for_stdout`], for standard error.
    #[must_use]
    pub fn for_stderr(choice: ColorArg) -> Self {
        Self::decide(choice, std::io::stderr().is_terminal())
    }

    fn decide(choice: ColorArg, terminal: bool) -> Self {
        Self(match choice {
            ColorArg::Always => true,
            ColorArg::Never => false,
            ColorArg::Auto => {
                let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
                terminal
                    && !set("NO_COLOR")
                    && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        })
    }

    /// Good.
    #[must_use]
    pub fn green(self, text: &str) -> String {
        self.with(AnsiColor::Green.on_default(), text)
    }

    /// Bad.
    #[must_use]
    pub fn red(self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default().bold(), text)
    }

    /// Doubtful.
    #[must_use]
    pub fn yellow(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    /// A heading.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    /// Of less weight.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.0 {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}
