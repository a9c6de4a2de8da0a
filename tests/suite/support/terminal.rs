//! A terminal with the program in it: what is typed, and what is on the screen.

use std::process::Command;

use expectrl::process::unix::{UnixProcess, WaitStatus};
use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect, Regex, Session};

use super::PATIENCE;

/// A terminal with the program in it.
pub struct Terminal {
    session: OsSession,
    seen: Vec<u8>,
}

impl Terminal {
    /// Starts a command at a terminal of its own.
    pub fn of(mut command: Command) -> Self {
        command.stdin(std::process::Stdio::inherit());
        command.env("TERM", "xterm-256color");
        let mut session = Session::spawn(command).expect("a terminal");
        session.set_expect_timeout(Some(PATIENCE));
        Self {
            session,
            seen: Vec::new(),
        }
    }

    /// Waits until this is on the screen.
    #[track_caller]
    pub fn shows(&mut self, text: &str) {
        match self.session.expect(text) {
            Ok(found) => self.seen.extend(found.as_bytes()),
            Err(error) => {
                // What is there already is shown at once; only to see why.
                self.session
                    .set_expect_timeout(Some(std::time::Duration::from_millis(1)));
                if let Ok(rest) = self.session.check(Regex("(?s).*")) {
                    self.seen.extend(rest.as_bytes());
                }
                panic!("no `{text}`: {error}; the screen:\n{}", self.screen())
            }
        }
    }

    /// Types something.
    pub fn types(&mut self, text: &str) {
        self.session.send(text).expect("the terminal takes it");
    }

    /// Ctrl-C.
    pub fn presses_control_c(&mut self) {
        self.session
            .send(ControlCode::EndOfText)
            .expect("the terminal takes it");
    }

    /// Waits for the end; the exit status, and everything that was on the screen.
    pub fn ends(mut self) -> (i32, String) {
        match self.session.expect(Eof) {
            Ok(rest) => self.seen.extend(rest.as_bytes()),
            // The program is stopped when the terminal is closed.
            Err(error) => panic!("it did not end: {error}\n{}", self.screen()),
        }
        let process: &UnixProcess = self.session.get_process();
        let status = match process.wait().expect("the program ends") {
            WaitStatus::Exited(_, status) => status,
            other => panic!("it did not end by itself: {other:?}\n{}", self.screen()),
        };
        (status, self.screen())
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.seen).into_owned()
    }
}

/// Whether the cursor is shown at the end.
pub fn cursor_is_shown(screen: &str) -> bool {
    let hidden = screen.rfind("\u{1b}[?25l");
    let shown = screen.rfind("\u{1b}[?25h");
    hidden.is_none() || shown > hidden
}
