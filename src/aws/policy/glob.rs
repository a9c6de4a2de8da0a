//! Patterns with `*` (any run of characters) and `?` (any one character): which texts they share, and
//! whether one says no more than others together.
//!
//! Both answers are exact, and the work is bounded: beyond the bound there is no answer (`None`), so that a
//! policy made to be slow ends as "not decided". This module knows nothing of ARNs or actions.

use std::collections::HashSet;

/// The most places that one question may visit. A key of 1,024 bytes against patterns as people write them
/// visits a few thousand.
const WORK: usize = 1_000_000;

/// One place of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Token {
    /// Exactly this character.
    Char(char),
    /// Any one character.
    One,
    /// Any run of characters, also none.
    Many,
    /// The end, where several patterns are laid in a row.
    End,
}

/// A piece of a pattern.
pub(super) enum Piece<'p> {
    /// In which `*` and `?` are wildcards.
    Pattern(&'p str),
    /// Which stands for itself.
    Literal(&'p str),
}

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob {
    tokens: Vec<Token>,
}

impl Glob {
    /// Reads a pattern in which `*` and `?` are wildcards.
    pub(super) fn pattern(text: &str) -> Self {
        Self::of(text.chars().map(|character| match character {
            '*' => Token::Many,
            '?' => Token::One,
            other => Token::Char(other),
        }))
    }

    /// A text that stands for itself, `*` and `?` included.
    pub(super) fn literal(text: &str) -> Self {
        Self {
            tokens: text.chars().map(Token::Char).collect(),
        }
    }

    /// Several pieces one after the other, each a pattern or a text that stands for itself.
    pub(super) fn joined<'p>(pieces: impl Iterator<Item = Piece<'p>>) -> Self {
        Self::of(pieces.flat_map(|piece| match piece {
            Piece::Pattern(text) => Self::pattern(text).tokens,
            Piece::Literal(text) => Self::literal(text).tokens,
        }))
    }

    /// The pattern without case, where every character of it is one whose case is certain.
    pub(super) fn without_case(&self) -> Option<Self> {
        let plain = self
            .tokens
            .iter()
            .all(|token| !matches!(token, Token::Char(character) if !character.is_ascii()));
        plain.then(|| Self {
            tokens: self
                .tokens
                .iter()
                .map(|token| match token {
                    Token::Char(character) => Token::Char(character.to_ascii_lowercase()),
                    Token::One | Token::Many | Token::End => *token,
                })
                .collect(),
        })
    }

    /// The pattern as it is written; none where a `*` or `?` in it stands for itself.
    pub(super) fn text(&self) -> Option<String> {
        self.tokens
            .iter()
            .map(|token| match token {
                Token::Char('*' | '?') | Token::End => None,
                Token::Char(character) => Some(*character),
                Token::One => Some('?'),
                Token::Many => Some('*'),
            })
            .collect()
    }

    /// The parts between colons, of which the last, the `count`th, may have colons itself.
    pub(super) fn parts(&self, count: usize) -> Vec<Self> {
        self.tokens
            .splitn(count, |token| *token == Token::Char(':'))
            .map(|tokens| Self {
                tokens: tokens.to_vec(),
            })
            .collect()
    }

    /// Brings each run of wildcards into one form: `*?**?` matches what `??*` matches.
    fn of(tokens: impl Iterator<Item = Token>) -> Self {
        let mut plain = Vec::new();
        let mut many = false;
        for token in tokens {
            match token {
                Token::Many => many = true,
                Token::One => plain.push(Token::One),
                Token::Char(_) => {
                    if many {
                        plain.push(Token::Many);
                        many = false;
                    }
                    plain.push(token);
                }
                Token::End => {}
            }
        }
        if many {
            plain.push(Token::Many);
        }
        Self { tokens: plain }
    }

    /// Whether some text matches both. `None` when that is too much work to find out.
    ///
    /// The places in `other` that can be reached are carried along this pattern.
    pub(super) fn intersects(&self, other: &Self) -> Option<bool> {
        let end = other.tokens.len();
        let mut work = 0_usize;
        let mut here = closed(vec![0], &other.tokens);
        for token in &self.tokens {
            work += here.len();
            if work > WORK {
                return None;
            }
            let mut next = Vec::with_capacity(here.len() + 1);
            if *token == Token::Many {
                // A run of any characters can be chosen to reach every later place.
                next.extend(here.first().copied().unwrap_or(end + 1)..=end);
            } else {
                for place in here {
                    match (token, other.tokens.get(place)) {
                        (_, Some(Token::Many)) => next.push(place),
                        (Token::Char(one), Some(Token::Char(two))) if one != two => {}
                        (_, Some(Token::Char(_) | Token::One)) => next.push(place + 1),
                        (_, Some(Token::End) | None) => {}
                    }
                }
            }
            if next.is_empty() {
                return Some(false);
            }
            here = closed(next, &other.tokens);
        }
        Some(here.last() == Some(&end))
    }

    /// Whether every text that matches this also matches one of `others`. `None` when that is too much work
    /// to find out.
    ///
    /// It is enough to try, in the places of this pattern's wildcards, a character that stands nowhere in
    /// `others`: only a wildcard takes that one, and a wildcard takes every other character too. So the sets of
    /// places that `others` can be in are followed along this pattern with that one character.
    pub(super) fn is_within(&self, others: &[Self]) -> Option<bool> {
        let union = Union::of(others);
        let mut work = 0_usize;
        let mut seen: HashSet<(usize, Vec<usize>)> = HashSet::new();
        let mut open = vec![(0, union.start())];
        while let Some((at, places)) = open.pop() {
            if places.is_empty() {
                return Some(false);
            }
            if union.takes_everything(&places) || !seen.insert((at, places.clone())) {
                continue;
            }
            work += places.len() + 1;
            if work > WORK {
                return None;
            }
            match self.tokens.get(at) {
                Some(Token::End) | None => {
                    if !union.accepts(&places) {
                        return Some(false);
                    }
                }
                Some(Token::Char(character)) => {
                    open.push((at + 1, union.step(&places, Some(*character))));
                }
                Some(Token::One) => open.push((at + 1, union.step(&places, None))),
                Some(Token::Many) => {
                    let longer = union.step(&places, None);
                    open.push((at, longer));
                    open.push((at + 1, places));
                }
            }
        }
        Some(true)
    }
}

/// With the places that are reached by letting a `*` match nothing. `places` never descends.
///
/// One round is enough: no two `*` stand side by side.
fn closed(places: Vec<usize>, tokens: &[Token]) -> Vec<usize> {
    let mut all = Vec::with_capacity(places.len() + 1);
    for place in places {
        let after = (tokens.get(place) == Some(&Token::Many)).then_some(place + 1);
        for reached in [Some(place), after].into_iter().flatten() {
            if all.last().is_none_or(|last| *last < reached) {
                all.push(reached);
            }
        }
    }
    all
}

/// Several patterns laid one after the other, with an end after each.
struct Union {
    tokens: Vec<Token>,
    starts: Vec<usize>,
}

impl Union {
    fn of(globs: &[Glob]) -> Self {
        let mut tokens = Vec::new();
        let mut starts = Vec::new();
        for glob in globs {
            starts.push(tokens.len());
            tokens.extend(glob.tokens.iter().copied());
            tokens.push(Token::End);
        }
        Self { tokens, starts }
    }

    fn at(&self, place: usize) -> Token {
        self.tokens.get(place).copied().unwrap_or(Token::End)
    }

    fn start(&self) -> Vec<usize> {
        closed(self.starts.clone(), &self.tokens)
    }

    /// After one more character; `None` is a character that no pattern names.
    fn step(&self, places: &[usize], character: Option<char>) -> Vec<usize> {
        let mut next = Vec::with_capacity(places.len());
        for place in places {
            match self.at(*place) {
                Token::Many => next.push(*place),
                Token::One => next.push(place + 1),
                Token::Char(wanted) if character == Some(wanted) => next.push(place + 1),
                Token::Char(_) | Token::End => {}
            }
        }
        closed(next, &self.tokens)
    }

    fn accepts(&self, places: &[usize]) -> bool {
        places.iter().any(|place| self.at(*place) == Token::End)
    }

    /// Whether one of the patterns has only a last `*` left.
    fn takes_everything(&self, places: &[usize]) -> bool {
        places
            .iter()
            .any(|place| self.at(*place) == Token::Many && self.at(place + 1) == Token::End)
    }
}

#[cfg(test)]
mod tests;
