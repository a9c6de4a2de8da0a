//! Reads an expression of the Common Expression Language into a tree.
//!
//! Only syntax; which names exist and what they mean is decided in [`super`].
//! See <https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax>.

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    Different,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// Whether a list holds a value.
    Within,
}

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    Truth(bool),
    Number(i64),
    Text(String),
    /// A name with dots in it.
    Attribute(String),
    Not(Box<Expression>),
    Both(Box<Expression>, Box<Expression>),
    Either(Box<Expression>, Box<Expression>),
    Compare(Box<Expression>, Comparison, Box<Expression>),
    Sum(Box<Expression>, Box<Expression>),
    Difference(Box<Expression>, Box<Expression>),
    List(Vec<Expression>),
    /// A function that is called by its name alone, dots and all.
    Function(String, Vec<Expression>),
    /// A function of what stands before it.
    Method(Box<Expression>, String, Vec<Expression>),
}

/// Functions whose names have a dot in them although nothing stands before it.
const DOTTED: [&str; 3] = [
    "api.getAttribute",
    "resource.hasTagKey",
    "resource.matchTag",
];

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Expression, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
    };
    let expression = parser.either()?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(format!("unexpected {token:?}")),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    Number(i64),
    Text(String),
    Sign(&'static str),
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 17] = [
    "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", ".", "+", "-",
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = if first == '"' || first == '\'' {
            quoted(rest, first)?
        } else if first.is_ascii_digit() {
            let (digits, after) = split(rest, |character| character.is_ascii_digit());
            let number = digits
                .parse()
                .map_err(|_| format!("{digits} is no number"))?;
            (Token::Number(number), after)
        } else if first.is_ascii_alphabetic() || first == '_' {
            let (name, after) = split(rest, |character| {
                character.is_ascii_alphanumeric() || character == '_'
            });
            (Token::Name(name.to_owned()), after)
        } else {
            let sign = SIGNS
                .iter()
                .find(|sign| rest.starts_with(**sign))
                .ok_or_else(|| format!("unexpected character {first:?}"))?;
            (Token::Sign(sign), &rest[sign.len()..])
        };
        found.push(token);
        rest = after.trim_start();
    }
    Ok(found)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text
        .find(|character| !belongs(character))
        .unwrap_or(text.len());
    text.split_at(end)
}

fn quoted(text: &str, quote: char) -> Result<(Token, &str), String> {
    let mut value = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == quote {
            return Ok((Token::Text(value), &text[at + 1..]));
        }
        if character == '\\' {
            value.extend(characters.next().map(|(_, escaped)| escaped));
        } else {
            value.push(character);
        }
    }
    Err("a text without its end".to_owned())
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.next += usize::from(there);
        there
    }

    fn expect(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(format!("expected {sign:?}"))
        }
    }

    fn either(&mut self) -> Result<Expression, String> {
        let mut left = self.both()?;
        while self.take("||") {
            left = Expression::Either(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Expression, String> {
        let mut left = self.compared()?;
        while self.take("&&") {
            left = Expression::Both(Box::new(left), Box::new(self.compared()?));
        }
        Ok(left)
    }

    fn compared(&mut self) -> Result<Expression, String> {
        let left = self.added()?;
        if matches!(self.peek(), Some(Token::Name(name)) if name == "in") {
            self.next += 1;
            let list = self.added()?;
            return Ok(Expression::Compare(
                Box::new(left),
                Comparison::Within,
                Box::new(list),
            ));
        }
        for (sign, comparison) in [
            ("==", Comparison::Equal),
            ("!=", Comparison::Different),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ] {
            if self.take(sign) {
                let right = self.added()?;
                return Ok(Expression::Compare(
                    Box::new(left),
                    comparison,
                    Box::new(right),
                ));
            }
        }
        Ok(left)
    }

    fn added(&mut self) -> Result<Expression, String> {
        let mut sum = self.negated()?;
        loop {
            if self.take("+") {
                sum = Expression::Sum(Box::new(sum), Box::new(self.negated()?));
            } else if self.take("-") {
                sum = Expression::Difference(Box::new(sum), Box::new(self.negated()?));
            } else {
                return Ok(sum);
            }
        }
    }

    fn negated(&mut self) -> Result<Expression, String> {
        if self.take("!") {
            Ok(Expression::Not(Box::new(self.negated()?)))
        } else {
            self.called()
        }
    }

    fn called(&mut self) -> Result<Expression, String> {
        let mut expression = self.primary()?;
        while self.take(".") {
            let Some(Token::Name(name)) = self.peek().cloned() else {
                return Err("expected a name".to_owned());
            };
            self.next += 1;
            let called = self.take("(");
            expression = match (expression, called) {
                (Expression::Attribute(before), false) => {
                    Expression::Attribute(format!("{before}.{name}"))
                }
                (Expression::Attribute(before), true)
                    if DOTTED.contains(&format!("{before}.{name}").as_str()) =>
                {
                    Expression::Function(format!("{before}.{name}"), self.values(")")?)
                }
                (before, true) => Expression::Method(Box::new(before), name, self.values(")")?),
                (_, false) => return Err(format!("nothing has a member {name}")),
            };
        }
        Ok(expression)
    }

    fn values(&mut self, end: &str) -> Result<Vec<Expression>, String> {
        let mut values = Vec::new();
        if self.take(end) {
            return Ok(values);
        }
        loop {
            values.push(self.either()?);
            if !self.take(",") {
                self.expect(end)?;
                return Ok(values);
            }
        }
    }

    fn primary(&mut self) -> Result<Expression, String> {
        if self.take("(") {
            let inner = self.either()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.take("[") {
            return Ok(Expression::List(self.values("]")?));
        }
        let token = self.peek().cloned().ok_or("it ends too early")?;
        self.next += 1;
        Ok(match token {
            Token::Number(number) => Expression::Number(number),
            Token::Text(text) => Expression::Text(text),
            Token::Sign(sign) => return Err(format!("unexpected {sign:?}")),
            Token::Name(name) if name == "true" => Expression::Truth(true),
            Token::Name(name) if name == "false" => Expression::Truth(false),
            Token::Name(name) if self.take("(") => Expression::Function(name, self.values(")")?),
            Token::Name(name) => Expression::Attribute(name),
        })
    }
}
