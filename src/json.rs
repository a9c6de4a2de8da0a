//! Strict JSON for documents that other people also edit.
//!
//! A document is read so that writing it back loses nothing: a member that stands twice in one object is
//! refused (only one of the two could be kept), and numbers keep every digit. This module reads and
//! writes text; it gives no member a meaning.

use std::fmt;

use serde_json::{Map, Number, Value};

/// How deep arrays and objects may stand in each other. The deepest policy or CORS document that any of
/// the services accepts has fewer than ten levels.
pub const MAX_DEPTH: usize = 128;

/// Why a text was not taken as JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, as a clause: "the member `Effect` stands twice in one object".
    pub what: String,
    /// The place inside the document: `Statement[0].Effect`; empty at the top.
    pub path: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The character in the line, counted from 1.
    pub column: usize,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "line {}, column {}: {}",
            self.line, self.column, self.what
        )?;
        if self.path.is_empty() {
            Ok(())
        } else {
            write!(formatter, " (at `{}`)", self.path)
        }
    }
}

impl std::error::Error for Problem {}

/// Reads one JSON value that fills the whole text.
///
/// This is stricter than [`serde_json::from_str`], which keeps the last of two members of one name, and
/// which takes an object whose one member has the name that `serde_json` uses internally for numbers for a
/// number.
///
/// Numbers keep every digit (`1.10` stays `1.10`). Only the spelling of an exponent is `serde_json`'s own:
/// `1E400` is written back as `1e+400`, the same number.
///
/// # Errors
/// When the text is not JSON (RFC 8259), when one object has two members of the same name, or when arrays
/// and objects are nested deeper than [`MAX_DEPTH`].
pub fn parse(text: &str) -> Result<Value, Problem> {
    let mut reader = Reader {
        text,
        at: 0,
        path: Vec::new(),
    };
    let value = reader.value()?;
    reader.skip_whitespace();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.problem("there is more text after the end of the document")),
    }
}

/// The text of a value without insignificant whitespace, members in their order.
#[must_use]
pub fn compact(value: &Value) -> String {
    value.to_string()
}

/// One step into the document.
enum Step {
    Member(String),
    Item(usize),
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    path: Vec<Step>,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Value, Problem> {
        self.skip_whitespace();
        match self.peek() {
            None => Err(self.problem("the text ends where a value was expected")),
            Some(b'{') => self.object(),
            Some(b'[') => self.array(),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(_) => self.word(),
        }
    }

    fn object(&mut self) -> Result<Value, Problem> {
        self.enter()?;
        let mut members = Map::new();
        self.skip_whitespace();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_whitespace();
            if self.peek() != Some(b'"') {
                return Err(self.problem("a member name in double quotes was expected"));
            }
            let start = self.at;
            let name = self.string()?;
            if members.contains_key(&name) {
                self.at = start;
                return Err(self.problem(format!(
                    "the member `{}` stands twice in one object, and writing the document back would lose one of them",
                    name.escape_debug()
                )));
            }
            self.skip_whitespace();
            if !self.take(b':') {
                return Err(self.problem("a `:` was expected after the member name"));
            }
            self.path.push(Step::Member(name.clone()));
            let value = self.value()?;
            self.path.pop();
            members.insert(name, value);
            self.skip_whitespace();
            if self.take(b'}') {
                return Ok(Value::Object(members));
            }
            if !self.take(b',') {
                return Err(self.problem("a `,` or a `}` was expected"));
            }
        }
    }

    fn array(&mut self) -> Result<Value, Problem> {
        self.enter()?;
        let mut items = Vec::new();
        self.skip_whitespace();
        if self.take(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            self.path.push(Step::Item(items.len()));
            let value = self.value()?;
            self.path.pop();
            items.push(value);
            self.skip_whitespace();
            if self.take(b']') {
                return Ok(Value::Array(items));
            }
            if !self.take(b',') {
                return Err(self.problem("a `,` or a `]` was expected"));
            }
        }
    }

    /// Steps over the opening bracket, if that is not too deep. The path has one step for each open one.
    fn enter(&mut self) -> Result<(), Problem> {
        if self.path.len() >= MAX_DEPTH {
            return Err(Problem {
                path: String::new(),
                ..self.problem(format!(
                    "arrays and objects are nested deeper than {MAX_DEPTH} levels"
                ))
            });
        }
        self.at += 1;
        Ok(())
    }

    fn string(&mut self) -> Result<String, Problem> {
        let start = self.at;
        let mut end = start + 1;
        let mut escaped = false;
        loop {
            match self.text.as_bytes().get(end) {
                None => return Err(self.problem("a string has no closing quote")),
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    end += 2;
                }
                Some(byte) if *byte < 0x20 => {
                    self.at = end;
                    return Err(
                        self.problem("a string holds a control character that is not escaped")
                    );
                }
                Some(_) => end += 1,
            }
        }
        let raw = self.text.get(start..=end).unwrap_or_default();
        let decoded = if escaped {
            serde_json::from_str(raw).map_err(|_| self.problem("a string holds a bad escape"))?
        } else {
            raw.trim_matches('"').to_owned()
        };
        self.at = end + 1;
        Ok(decoded)
    }

    fn number(&mut self) -> Result<Number, Problem> {
        let start = self.at;
        while let Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        let raw = self.text.get(start..self.at).unwrap_or_default();
        // With its `arbitrary_precision`, `serde_json` checks the grammar and keeps every digit.
        serde_json::from_str(raw).map_err(|_| {
            self.at = start;
            self.problem(format!("`{raw}` is not a JSON number"))
        })
    }

    fn word(&mut self) -> Result<Value, Problem> {
        for (word, value) in [
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("null", Value::Null),
        ] {
            let rest = self.text.get(self.at..).unwrap_or_default();
            if let Some(after) = rest.strip_prefix(word)
                && !after.starts_with(|next: char| next.is_alphanumeric() || next == '_')
            {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.problem("a value was expected"))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += 1;
        }
        found
    }

    fn skip_whitespace(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn problem(&self, what: impl Into<String>) -> Problem {
        let before = self.text.get(..self.at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        Problem {
            what: what.into(),
            path: path_text(&self.path),
            line,
            column,
        }
    }
}

fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Member(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.extend(name.escape_debug());
            }
            Step::Item(index) => text.extend(["[", &index.to_string(), "]"]),
        }
    }
    text
}

#[cfg(test)]
mod tests;
