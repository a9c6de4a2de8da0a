//! Conditions on role assignments, as far as they decide whether one blob may be read.
//!
//! The grammar and the operators: <https://learn.microsoft.com/azure/role-based-access-control/conditions-format>; the
//! attributes of storage: <https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes>. What is not
//! among what is read here makes the answer `Maybe`, and is named.

mod lexer;
mod operators;

use super::Tri;
use super::role::{READ_BLOB, matches};
use lexer::{Token, tokens};
use operators::compare;

/// The blob of which it is asked; where none is, of any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample<'a> {
    /// Its container.
    pub container: &'a str,
    /// Its name.
    pub path: &'a str,
}

/// What a condition says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether it admits.
    pub admits: Tri,
    /// What it depends on, where that is not known: attributes, and what was not understood.
    pub depends_on: Vec<String>,
    /// Whether all that it depends on is where the blob is.
    pub on_place_alone: bool,
}

const CONTAINER: &str = "microsoft.storage/storageaccounts/blobservices/containers:name";
const PATH: &str = "microsoft.storage/storageaccounts/blobservices/containers/blobs:path";

/// Whether a condition admits reading a blob.
#[must_use]
pub fn decide(text: &str, sample: Option<Sample<'_>>) -> Decision {
    let mut reader = match tokens(text) {
        Ok(tokens) => Reader {
            tokens,
            at: 0,
            depth: 0,
            sample,
            depends_on: Vec::new(),
        },
        Err(what) => return unknown(what),
    };
    match reader.either() {
        Ok(admits) if reader.at == reader.tokens.len() => {
            let place = |name: &String| name == CONTAINER || name == PATH;
            let depends_on = if admits == Tri::Maybe {
                reader.depends_on
            } else {
                Vec::new()
            };
            Decision {
                admits,
                on_place_alone: !depends_on.is_empty() && depends_on.iter().all(place),
                depends_on,
            }
        }
        Ok(_) => unknown("more text behind its end".to_owned()),
        Err(what) => unknown(what),
    }
}

fn unknown(what: String) -> Decision {
    Decision {
        admits: Tri::Maybe,
        depends_on: vec![what],
        on_place_alone: false,
    }
}

/// More than anybody writes.
const DEEPEST: usize = 64;

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    sample: Option<Sample<'a>>,
    depends_on: Vec<String>,
}

impl Reader<'_> {
    fn either(&mut self) -> Result<Tri, String> {
        let mut value = self.both()?;
        while self.take_word("OR") || self.take(&Token::Or) {
            value = value.or(self.both()?);
        }
        Ok(value)
    }

    fn both(&mut self) -> Result<Tri, String> {
        let mut value = self.one()?;
        while self.take_word("AND") || self.take(&Token::And) {
            value = value.and(self.one()?);
        }
        Ok(value)
    }

    fn one(&mut self) -> Result<Tri, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("an expression that is nested too deep".to_owned());
        }
        let value = if self.take(&Token::Bang) || self.take_word("NOT") {
            self.one()?.not()
        } else if self.take(&Token::Open) {
            let value = self.either()?;
            if !self.take(&Token::Close) {
                return Err("a parenthesis that is not closed".to_owned());
            }
            value
        } else {
            self.term()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn term(&mut self) -> Result<Tri, String> {
        match self.next() {
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("ActionMatches") => {
                let pattern = self.braced()?;
                Ok(pattern
                    .iter()
                    .any(|pattern| matches(pattern, READ_BLOB.name))
                    .into())
            }
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("SubOperationMatches") => {
                let names = self.braced()?;
                // Reading a blob is no listing. Another part of reading, such as by its tags, may be meant.
                if names
                    .iter()
                    .all(|name| name.eq_ignore_ascii_case("Blob.List"))
                {
                    return Ok(Tri::No);
                }
                Ok(self.depends(format!("the sub-operation {}", names.join(", "))))
            }
            Some(Token::Word(word))
                if word.eq_ignore_ascii_case("Exists")
                    || word.eq_ignore_ascii_case("NotExists") =>
            {
                let attribute = self.attribute()?;
                Ok(self.depends(attribute))
            }
            Some(Token::Attribute(attribute)) => self.comparison(attribute),
            Some(token) => Err(format!("`{token}` where a term was expected")),
            None => Err("an end where a term was expected".to_owned()),
        }
    }

    fn comparison(&mut self, attribute: String) -> Result<Tri, String> {
        let Some(Token::Word(operator)) = self.next() else {
            return Err(format!("no operator behind {attribute}"));
        };
        let values = match self.next() {
            Some(Token::Text(text)) => vec![text],
            Some(Token::OpenBrace) => self.rest_of_braces()?,
            // Another attribute, a number, a moment.
            Some(Token::Attribute(other)) => {
                return Ok(self.depends(format!("{attribute} and {other}")));
            }
            Some(Token::Word(_)) => return Ok(self.depends(attribute)),
            Some(token) => return Err(format!("`{token}` where a value was expected")),
            None => return Err("an end where a value was expected".to_owned()),
        };
        let known = self.sample.and_then(|sample| match place(&attribute) {
            Some(Place::Container) => Some(sample.container),
            Some(Place::Path) => Some(sample.path),
            None => None,
        });
        Ok(match (known, place(&attribute)) {
            (Some(known), _) => match compare(&operator, known, &values) {
                Some(answer) => answer.into(),
                None => self.depends(format!("the operator {operator}")),
            },
            (None, Some(Place::Container)) => self.depends(CONTAINER.to_owned()),
            (None, Some(Place::Path)) => self.depends(PATH.to_owned()),
            (None, None) => self.depends(attribute),
        })
    }

    fn depends(&mut self, on: String) -> Tri {
        if !self.depends_on.contains(&on) {
            self.depends_on.push(on);
        }
        Tri::Maybe
    }

    fn attribute(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Attribute(attribute)) => Ok(attribute),
            Some(token) => Err(format!("`{token}` where an attribute was expected")),
            None => Err("an end where an attribute was expected".to_owned()),
        }
    }

    fn braced(&mut self) -> Result<Vec<String>, String> {
        if !self.take(&Token::OpenBrace) {
            return Err("no braces where they were expected".to_owned());
        }
        self.rest_of_braces()
    }

    fn rest_of_braces(&mut self) -> Result<Vec<String>, String> {
        let mut values = Vec::new();
        loop {
            match self.next() {
                Some(Token::Text(text)) => values.push(text),
                Some(Token::Comma) => {}
                Some(Token::CloseBrace) => return Ok(values),
                Some(token) => return Err(format!("`{token}` in braces")),
                None => return Err("braces that are not closed".to_owned()),
            }
        }
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    fn take(&mut self, wanted: &Token) -> bool {
        let there = self.tokens.get(self.at) == Some(wanted);
        self.at += usize::from(there);
        there
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let there = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.at += usize::from(there);
        there
    }
}

enum Place {
    Container,
    Path,
}

fn place(attribute: &str) -> Option<Place> {
    let name = attribute.strip_prefix("@Resource[")?.strip_suffix(']')?;
    if name.eq_ignore_ascii_case(CONTAINER) {
        Some(Place::Container)
    } else if name.eq_ignore_ascii_case(PATH) {
        Some(Place::Path)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
