//! Conditions on role assignments and deny assignments, as far as they decide whether one action may be done.
//!
//! The grammar and the operators: <https://learn.microsoft.com/azure/role-based-access-control/conditions-format>; the
//! attributes of storage: <https://learn.microsoft.com/azure/storage/blobs/storage-auth-abac-attributes>. What is not
//! among what is read here makes the answer `Maybe`, and is named.

mod joint;
mod lexer;
mod operators;

use super::Tri;
use super::role::{Action, Kind, matches};
use joint::{Joint, together};
use lexer::{Token, tokens};
use operators::compare;

/// The blob of which it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample<'a> {
    /// Its container.
    pub container: &'a str,
    /// Its name.
    pub path: &'a str,
}

/// What is to be done, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The action.
    pub action: Action,
    /// The account's name.
    pub account: &'a str,
    /// The blob; where none is, any of the account's.
    pub sample: Option<Sample<'a>>,
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

const ACCOUNT: &str = "@Resource[Microsoft.Storage/storageAccounts:name]";
const CONTAINER: &str = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]";
const PATH: &str =
    "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path]";

/// Whether a condition admits what is asked.
#[must_use]
pub fn decide(text: &str, asked: &Asked<'_>) -> Decision {
    let mut reader = match tokens(text) {
        Ok(tokens) => Reader {
            tokens,
            at: 0,
            depth: 0,
            asked,
            depends_on: Vec::new(),
            on_more_than_place: false,
        },
        Err(what) => return unknown(what),
    };
    match reader.expression() {
        Ok(admits) if reader.at == reader.tokens.len() => {
            let open = admits == Tri::Maybe;
            Decision {
                admits,
                on_place_alone: open && !reader.on_more_than_place,
                depends_on: if open { reader.depends_on } else { Vec::new() },
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
    asked: &'a Asked<'a>,
    depends_on: Vec<String>,
    on_more_than_place: bool,
}

impl<'a> Reader<'a> {
    fn expression(&mut self) -> Result<Tri, String> {
        let mut terms = vec![self.one()?];
        let mut joints = Vec::new();
        loop {
            if self.take_word("AND") || self.take(&Token::And) {
                joints.push(Joint::And);
            } else if self.take_word("OR") || self.take(&Token::Or) {
                joints.push(Joint::Or);
            } else {
                break;
            }
            terms.push(self.one()?);
        }
        if let Some(value) = together(&terms, &joints) {
            return Ok(value);
        }
        Ok(self.depends("AND and OR side by side without parentheses".to_owned()))
    }

    fn one(&mut self) -> Result<Tri, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("an expression that is nested too deep".to_owned());
        }
        let value = if self.take(&Token::Bang) || self.take_word("NOT") {
            self.one()?.not()
        } else if self.take(&Token::Open) {
            let value = self.expression()?;
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
                let patterns = self.braced()?;
                Ok(patterns
                    .iter()
                    .any(|pattern| matches(pattern, self.asked.action.name))
                    .into())
            }
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("SubOperationMatches") => {
                let names = self.braced()?;
                // Reading a blob is no listing. Another part of reading, such as by its tags, may be meant.
                let listing = names
                    .iter()
                    .all(|name| name.eq_ignore_ascii_case("Blob.List"));
                if listing && !names.is_empty() {
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
            Some(Token::Attribute(other)) => {
                return Ok(self.depends(format!("{attribute} and {other}")));
            }
            // A number, a truth value.
            Some(Token::Word(_)) => return Ok(self.depends(attribute)),
            Some(token) => return Err(format!("`{token}` where a value was expected")),
            None => return Err("an end where a value was expected".to_owned()),
        };
        Ok(match self.value_of(&attribute) {
            Attribute::Is(value) => match compare(&operator, value, &values) {
                Some(answer) => answer.into(),
                None => self.depends(format!("the comparison {attribute} {operator}")),
            },
            Attribute::OfTheBlob(name) => self.depends_on_place(name),
            Attribute::Unknown => self.depends(attribute),
        })
    }

    /// What is known of an attribute. Getting a key to sign with is about no blob, and which attributes it has is not
    /// documented.
    fn value_of(&self, attribute: &str) -> Attribute<'a> {
        match self.asked.action.kind {
            Kind::Control => return Attribute::Unknown,
            Kind::Data => {}
        }
        let is = |name: &str| attribute.eq_ignore_ascii_case(name);
        if is(ACCOUNT) {
            return Attribute::Is(self.asked.account);
        }
        match self.asked.sample {
            Some(sample) if is(CONTAINER) => Attribute::Is(sample.container),
            Some(sample) if is(PATH) => Attribute::Is(sample.path),
            None if is(CONTAINER) => Attribute::OfTheBlob(CONTAINER),
            None if is(PATH) => Attribute::OfTheBlob(PATH),
            Some(_) | None => Attribute::Unknown,
        }
    }

    fn depends_on_place(&mut self, name: &str) -> Tri {
        if !self.depends_on.iter().any(|on| on == name) {
            self.depends_on.push(name.to_owned());
        }
        Tri::Maybe
    }

    fn depends(&mut self, on: String) -> Tri {
        self.on_more_than_place = true;
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
                // Numbers stand without quotes. No operator on texts meets them: they are compared with other attributes.
                Some(Token::Text(text) | Token::Word(text)) => values.push(text),
                Some(token) => return Err(format!("`{token}` in braces")),
                None => return Err("braces that are not closed".to_owned()),
            }
            match self.next() {
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

/// What is known of an attribute.
enum Attribute<'a> {
    /// Its value.
    Is(&'a str),
    /// It has one, which differs from blob to blob.
    OfTheBlob(&'static str),
    /// Nothing.
    Unknown,
}

#[cfg(test)]
mod tests;
