//! The part of the Common Expression Language that conditions on storage are written in.
//!
//! This reads a text into a tree. What is not read is kept by its name, so that it can be told; nothing is guessed.
//! <https://cloud.google.com/iam/docs/conditions-overview#cel>

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    /// `true`, `false`.
    Literal(bool),
    /// `"a"`
    Text(String),
    /// `1`, kept as it is written.
    Number(String),
    /// `["a", "b"]`
    List(Vec<Expression>),
    /// `resource.name`
    Path(String),
    /// `timestamp("…")`, `resource.name.startsWith("a")`: what it is called on, its name, its arguments.
    Call(Option<Box<Expression>>, String, Vec<Expression>),
    /// `!a`
    Not(Box<Expression>),
    /// `a && b`
    And(Box<Expression>, Box<Expression>),
    /// `a || b`
    Or(Box<Expression>, Box<Expression>),
    /// `a == b`
    Compare(Box<Expression>, Operator, Box<Expression>),
    /// `a + b`, `a - b`
    Shift(Box<Expression>, Direction, Box<Expression>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// `a in b`
    In,
}

/// Whether something is added or taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Plus,
    Minus,
}

impl Expression {
    /// What to call it where it is not known what it comes to.
    pub fn name(&self) -> String {
        match self {
            Self::Path(name) | Self::Call(None, name, _) => name.clone(),
            Self::Call(Some(on), name, _) => match on.as_ref() {
                Self::Text(_) | Self::Number(_) | Self::List(_) | Self::Literal(_) => name.clone(),
                Self::Path(_)
                | Self::Call(..)
                | Self::Not(_)
                | Self::And(..)
                | Self::Or(..)
                | Self::Compare(..)
                | Self::Shift(..) => format!("{}.{name}", on.name()),
            },
            Self::Not(inner) => inner.name(),
            Self::And(one, other)
            | Self::Or(one, other)
            | Self::Compare(one, _, other)
            | Self::Shift(one, _, other) => match one.as_ref() {
                Self::Literal(_) | Self::Text(_) | Self::Number(_) | Self::List(_) => other.name(),
                Self::Path(_)
                | Self::Call(..)
                | Self::Not(_)
                | Self::And(..)
                | Self::Or(..)
                | Self::Compare(..)
                | Self::Shift(..) => one.name(),
            },
            Self::Literal(value) => value.to_string(),
            Self::Text(value) | Self::Number(value) => value.clone(),
            Self::List(_) => "[…]".to_owned(),
        }
    }
}

/// How deep parentheses, `!` and calls may stand in each other.
const MAX_DEPTH: usize = 50;
/// How many things may be joined in all; Google accepts twelve logical operators.
const MAX_JOINED: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

/// Reads an expression; `None` where it is not understood as a whole.
pub(super) fn parse(text: &str) -> Option<Expression> {
    let mut reader = Reader {
        tokens: tokens(text)?,
        at: 0,
        depth: 0,
        joined: 0,
    };
    let expression = reader.any()?;
    (reader.at == reader.tokens.len()).then_some(expression)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    const SIGNS: [&str; 17] = [
        "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", ".", "+", "-",
    ];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let (token, after) = quoted(rest, first)?;
            tokens.push(Token::Text(token));
            rest = after;
        } else if first.is_ascii_digit() || first.is_alphabetic() || first == '_' {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
                .unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            // `r"…"` and `b"…"` are other kinds of texts.
            if after.starts_with(['"', '\'']) || word.ends_with('.') {
                return None;
            }
            tokens.push(if first.is_ascii_digit() {
                Token::Number(word.to_owned())
            } else {
                Token::Word(word.to_owned())
            });
            rest = after;
        } else {
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign))?;
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..)?;
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

/// The text between quotes. Only the escapes of quotes and of the backslash are read.
fn quoted(rest: &str, quote: char) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match (escaped, c) {
            (true, '\\' | '"' | '\'') => {
                text.push(c);
                escaped = false;
            }
            (true, _) => return None,
            (false, '\\') => escaped = true,
            (false, c) if c == quote => return Some((text, rest.get(at + 1..)?)),
            (false, c) => text.push(c),
        }
    }
    None
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    joined: usize,
}

impl Reader {
    fn any(&mut self) -> Option<Expression> {
        let mut left = self.all()?;
        while self.take("||") {
            self.join()?;
            left = Expression::Or(Box::new(left), Box::new(self.all()?));
        }
        Some(left)
    }

    fn all(&mut self) -> Option<Expression> {
        let mut left = self.comparison()?;
        while self.take("&&") {
            self.join()?;
            left = Expression::And(Box::new(left), Box::new(self.comparison()?));
        }
        Some(left)
    }

    fn comparison(&mut self) -> Option<Expression> {
        let left = self.sum()?;
        let operator = [
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ]
        .into_iter()
        .find(|(sign, _)| self.take(sign))
        .map(|(_, operator)| operator)
        .or_else(|| self.take_word("in").then_some(Operator::In));
        match operator {
            Some(operator) => Some(Expression::Compare(
                Box::new(left),
                operator,
                Box::new(self.sum()?),
            )),
            None => Some(left),
        }
    }

    fn sum(&mut self) -> Option<Expression> {
        let mut left = self.negated()?;
        loop {
            let direction = if self.take("+") {
                Direction::Plus
            } else if self.take("-") {
                Direction::Minus
            } else {
                return Some(left);
            };
            self.join()?;
            left = Expression::Shift(Box::new(left), direction, Box::new(self.negated()?));
        }
    }

    /// `!` binds tighter than every comparison: <https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax>.
    fn negated(&mut self) -> Option<Expression> {
        if !self.take("!") {
            return self.member();
        }
        self.deeper(|reader| Some(Expression::Not(Box::new(reader.negated()?))))
    }

    /// A value, and what is called on it.
    fn member(&mut self) -> Option<Expression> {
        let mut value = self.value()?;
        while self.take(".") {
            let Some(Token::Word(word)) = self.tokens.get(self.at).cloned() else {
                return None;
            };
            self.at += 1;
            self.join()?;
            if !self.take("(") {
                return None;
            }
            value = Expression::Call(Some(Box::new(value)), word, self.list(")")?);
        }
        Some(value)
    }

    fn value(&mut self) -> Option<Expression> {
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        Some(match token {
            Token::Text(text) => Expression::Text(text),
            Token::Number(number) => Expression::Number(number),
            Token::Sign("(") => {
                let inner = self.deeper(Self::any)?;
                if !self.take(")") {
                    return None;
                }
                inner
            }
            Token::Sign("[") => Expression::List(self.list("]")?),
            Token::Sign(_) => return None,
            Token::Word(word) if self.take("(") => {
                let arguments = self.list(")")?;
                match word.rsplit_once('.') {
                    Some((on, name)) => {
                        let on = Expression::Path(on.to_owned());
                        Expression::Call(Some(Box::new(on)), name.to_owned(), arguments)
                    }
                    None => Expression::Call(None, word, arguments),
                }
            }
            Token::Word(word) if word == "true" => Expression::Literal(true),
            Token::Word(word) if word == "false" => Expression::Literal(false),
            Token::Word(word) => Expression::Path(word),
        })
    }

    /// What stands up to the closing sign, that one included.
    fn list(&mut self, end: &str) -> Option<Vec<Expression>> {
        self.deeper(|reader| {
            let mut members = Vec::new();
            if reader.take(end) {
                return Some(members);
            }
            loop {
                members.push(reader.any()?);
                if reader.take(end) {
                    return Some(members);
                }
                if !reader.take(",") {
                    return None;
                }
            }
        })
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let found = read(self)?;
        self.depth -= 1;
        Some(found)
    }

    fn join(&mut self) -> Option<()> {
        self.joined += 1;
        (self.joined <= MAX_JOINED).then_some(())
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(found)) if found == word);
        if found {
            self.at += 1;
        }
        found
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Sign(found)) if *found == sign);
        if found {
            self.at += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn and_binds_tighter_than_or() {
        let text = "true || false && !(true)";
        let expected = Expression::Or(
            Box::new(Expression::Literal(true)),
            Box::new(Expression::And(
                Box::new(Expression::Literal(false)),
                Box::new(Expression::Not(Box::new(Expression::Literal(true)))),
            )),
        );
        assert_eq!(parse(text), Some(expected));
    }

    #[test]
    fn calls_and_comparisons_are_read() {
        let path = |name: &str| Box::new(Expression::Path(name.to_owned()));
        let text = |value: &str| Expression::Text(value.to_owned());
        let call = |on: Box<Expression>, name: &str, argument: Expression| {
            Expression::Call(Some(on), name.to_owned(), vec![argument])
        };
        assert_eq!(
            parse(r#"resource.name.startsWith("projects/_/buckets/a\"b")"#),
            Some(call(
                path("resource.name"),
                "startsWith",
                text("projects/_/buckets/a\"b")
            ))
        );
        assert_eq!(
            parse("request.time<timestamp('2027-01-01T00:00:00Z')+duration('9s')"),
            Some(Expression::Compare(
                path("request.time"),
                Operator::Less,
                Box::new(Expression::Shift(
                    Box::new(Expression::Call(
                        None,
                        "timestamp".to_owned(),
                        vec![text("2027-01-01T00:00:00Z")]
                    )),
                    Direction::Plus,
                    Box::new(Expression::Call(
                        None,
                        "duration".to_owned(),
                        vec![text("9s")]
                    )),
                ))
            ))
        );
        assert_eq!(
            parse(r#"!resource.name.extract("/{x}/").endsWith('y') || 'a' in ["a"]"#),
            Some(Expression::Or(
                Box::new(Expression::Not(Box::new(call(
                    Box::new(call(path("resource.name"), "extract", text("/{x}/"))),
                    "endsWith",
                    text("y")
                )))),
                Box::new(Expression::Compare(
                    Box::new(text("a")),
                    Operator::In,
                    Box::new(Expression::List(vec![text("a")]))
                ))
            ))
        );
    }

    #[test]
    fn what_is_not_known_has_a_name() {
        for (expression, name) in [
            (
                "request.time.getHours('Europe/Brussels') < 9",
                "request.time.getHours",
            ),
            (
                "'x' in request.auth.access_levels",
                "request.auth.access_levels",
            ),
            (
                "api.getAttribute('a', []).hasOnly(['b'])",
                "api.getAttribute.hasOnly",
            ),
            ("!(resource.matchTag('a', 'b'))", "resource.matchTag"),
            ("'a'.size() == 1", "size"),
        ] {
            let read = parse(expression).map(|read| read.name());
            assert_eq!(read.as_deref(), Some(name), "{expression}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for text in [
            "",
            "true &&",
            "(true",
            "true)",
            "a ? b : c",
            "x in [1",
            "x.y.z().w",
            r#""unclosed"#,
            r#"r"raw""#,
            r#""\n""#,
            "resource.name.",
            "f(1",
            "a == b == c",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        let deep = format!("{}true{}", "(".repeat(100), ")".repeat(100));
        assert_eq!(parse(&deep), None);
        for (before, after) in [
            ("f(", ")"),
            ("(", ")"),
            ("[", "]"),
            ("!", ""),
            ("1 + ", ""),
            ("true || ", ""),
            ("true && ", ""),
        ] {
            let nested = format!("{}1{}", before.repeat(100_000), after.repeat(100_000));
            assert_eq!(parse(&nested), None, "{before}");
        }
        let chained = format!("a(){}", ".b()".repeat(100_000));
        assert_eq!(parse(&chained), None);
    }
}
