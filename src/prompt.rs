//! Questions. A prompt fills one value that a flag could have filled, and it is never asked off a terminal.

use std::io::IsTerminal;

use crate::error::{ErrorCode, Failure};
use crate::interrupt::Interrupt;

/// Somebody who may be asked.
pub trait Prompter {
    /// Whether a question can be asked at all.
    fn may_ask(&self) -> bool;

    /// Asks for a text, again and again until `check` accepts it; `None` where nobody can be asked.
    ///
    /// # Errors
    /// [`ErrorCode::Declined`] when the question was left with Ctrl-C or Escape.
    fn input(
        &self,
        question: &str,
        check: fn(&str) -> Result<(), String>,
    ) -> Result<Option<String>, Failure>;

    /// Leaves a question that nobody waits for any more, and gives the terminal back as it was.
    fn abandon(&self) {}

    /// Asks for a yes. No is the default.
    ///
    /// # Errors
    /// [`ErrorCode::Declined`] when the question was left with Ctrl-C or Escape.
    fn confirm(&self, question: &str) -> Result<bool, Failure>;
}

/// The person at the terminal.
pub struct Terminal {
    allowed: bool,
    #[cfg(unix)]
    mode: Option<rustix::termios::Termios>,
}

impl Terminal {
    /// Asks only where standard input and standard error both are terminals and `--no-input` was not given.
    ///
    /// Both are looked at because the questions are written to one and answered on the other; dialoguer
    /// itself looks at standard error alone, and would read `/dev/tty` behind a pipe.
    #[must_use]
    pub fn new(no_input: bool) -> Self {
        let allowed =
            !no_input && std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        Self {
            allowed,
            #[cfg(unix)]
            mode: if allowed {
                rustix::termios::tcgetattr(std::io::stdin()).ok()
            } else {
                None
            },
        }
    }
}

impl Prompter for Terminal {
    fn may_ask(&self) -> bool {
        self.allowed
    }

    fn input(
        &self,
        question: &str,
        check: fn(&str) -> Result<(), String>,
    ) -> Result<Option<String>, Failure> {
        if !self.allowed {
            return Ok(None);
        }
        let question = question.to_owned();
        // On a thread of its own, so that a signal is heard also while the terminal itself turns Ctrl-C into one.
        let ask = move || {
            dialoguer::Input::<String>::new()
                .with_prompt(question)
                .validate_with(|text: &String| check(text.trim()))
                .interact_text()
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .map_err(|error| unasked(&error))?;
        let asked = runtime.block_on(async {
            let interrupt = Interrupt::listen();
            tokio::select! {
                asked = tokio::task::spawn_blocking(ask) => Some(asked),
                () = interrupt.first() => None,
            }
        });
        runtime.shutdown_background();
        match asked {
            Some(Ok(answer)) => answer
                .map(|text| Some(text.trim().to_owned()))
                .map_err(|error| left(&error)),
            Some(Err(error)) => Err(unasked(&error)),
            None => {
                self.abandon();
                Err(unanswered())
            }
        }
    }

    fn abandon(&self) {
        show_cursor();
        #[cfg(unix)]
        if let Some(mode) = &self.mode {
            let _ = rustix::termios::tcsetattr(
                std::io::stdin(),
                rustix::termios::OptionalActions::Now,
                mode,
            );
        }
    }

    fn confirm(&self, question: &str) -> Result<bool, Failure> {
        dialoguer::Confirm::new()
            .with_prompt(question)
            .default(false)
            .interact_opt()
            .map(|answer| answer.unwrap_or(false))
            .map_err(|error| left(&error))
    }
}

/// dialoguer hides the cursor while it asks, and does not show it again when it is interrupted.
fn show_cursor() {
    let terminal = dialoguer::console::Term::stderr();
    let _ = terminal.show_cursor();
    let _ = terminal.write_line("");
}

fn left(error: &dialoguer::Error) -> Failure {
    show_cursor();
    let dialoguer::Error::IO(error) = error;
    let failure = unanswered();
    match error.kind() {
        std::io::ErrorKind::Interrupted => failure,
        _ => failure.cause(error.to_string()),
    }
}

fn unanswered() -> Failure {
    Failure::new(
        ErrorCode::Declined,
        "the question was not answered, so nothing was written",
    )
}

fn unasked(error: &impl std::fmt::Display) -> Failure {
    Failure::new(ErrorCode::Declined, "the question could not be asked").cause(error.to_string())
}
