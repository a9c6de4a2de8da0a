//! The part of the Common Expression Language that conditions on storage are written in.
//!
//! This reads a text into a tree. What is not read is kept by its name, so that it can be told; nothing is guessed.
//! <https://cloud.google.com/iam/docs/conditions-overview#cel>

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expression {
    /// `true`, `false`.
    Literal(bool),
    /// `!a`
    Not(Box<Expression>),
    /// `a && b`
    And(Box<Expression>, Box<Expression>),
    /// `a || b`
    Or(Box<Expression>, Box<Expression>),
    /// `a == b`
    Compare(Operand, Operator, Operand),
    /// `resource.name.startsWith("a")`, or an attribute alone.
    Operand(Operand),
}

/// What stands on a side of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Operand {
    /// `resource.name`
    Path(String),
    /// `resource.name.startsWith("a")`, `timestamp("…")`
    Call(String, Vec<Operand>),
    /// `"a"`
    Text(String),
    /// `1`, kept as it is written.
    Number(String),
    /// What is known by name alone.
    Unknown(String),
}

/// How two operands are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How deep parentheses and `!` may stand in each other. Google accepts twelve logical operators.
const MAX_DEPTH: usize = 50;

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
    };
    let expression = reader.any()?;
    (reader.at == reader.tokens.len()).then_some(expression)
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    const SIGNS: [&str; 13] = [
        "&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", ",", ".",
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
}

impl Reader {
    fn any(&mut self) -> Option<Expression> {
        let mut left = self.all()?;
        while self.take("||") {
            left = Expression::Or(Box::new(left), Box::new(self.all()?));
        }
        Some(left)
    }

    fn all(&mut self) -> Option<Expression> {
        let mut left = self.one()?;
        while self.take("&&") {
            left = Expression::And(Box::new(left), Box::new(self.one()?));
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let expression = if self.take("!") {
            Expression::Not(Box::new(self.one()?))
        } else if self.take("(") {
            let inner = self.any()?;
            if !self.take(")") {
                return None;
            }
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Some(expression)
    }

    fn comparison(&mut self) -> Option<Expression> {
        let left = self.operand()?;
        let operator = [
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ]
        .into_iter()
        .find(|(sign, _)| self.take(sign));
        match operator {
            Some((_, operator)) => Some(Expression::Compare(left, operator, self.operand()?)),
            None => Some(match left {
                Operand::Path(word) if word == "true" => Expression::Literal(true),
                Operand::Path(word) if word == "false" => Expression::Literal(false),
                operand => Expression::Operand(operand),
            }),
        }
    }

    fn operand(&mut self) -> Option<Operand> {
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        let mut operand = match token {
            Token::Text(text) => Operand::Text(text),
            Token::Number(number) => Operand::Number(number),
            Token::Word(word) if self.take("(") => Operand::Call(word, self.arguments()?),
            Token::Word(word) => Operand::Path(word),
            Token::Sign(_) => return None,
        };
        // What is called on the result of a call, or on a text, is known by name alone.
        while self.take(".") {
            let Some(Token::Word(word)) = self.tokens.get(self.at).cloned() else {
                return None;
            };
            self.at += 1;
            if self.take("(") {
                self.arguments()?;
            }
            operand = Operand::Unknown(match operand {
                Operand::Path(name) | Operand::Call(name, _) | Operand::Unknown(name) => {
                    format!("{name}.{word}")
                }
                Operand::Text(_) | Operand::Number(_) => word,
            });
        }
        Some(operand)
    }

    /// What stands between the parentheses, the closing one included.
    fn arguments(&mut self) -> Option<Vec<Operand>> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut arguments = Vec::new();
        if !self.take(")") {
            loop {
                arguments.push(self.operand()?);
                if self.take(")") {
                    break;
                }
                if !self.take(",") {
                    return None;
                }
            }
        }
        self.depth -= 1;
        Some(arguments)
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
        assert_eq!(
            parse(r#"resource.name.startsWith("projects/_/buckets/a\"b")"#),
            Some(Expression::Operand(Operand::Call(
                "resource.name.startsWith".to_owned(),
                vec![Operand::Text("projects/_/buckets/a\"b".to_owned())]
            )))
        );
        assert_eq!(
            parse("request.time<timestamp('2027-01-01T00:00:00Z')"),
            Some(Expression::Compare(
                Operand::Path("request.time".to_owned()),
                Operator::Less,
                Operand::Call(
                    "timestamp".to_owned(),
                    vec![Operand::Text("2027-01-01T00:00:00Z".to_owned())]
                )
            ))
        );
        assert_eq!(
            parse(r#"resource.name.extract("/{x}/").size() > 3"#),
            Some(Expression::Compare(
                Operand::Unknown("resource.name.extract.size".to_owned()),
                Operator::Greater,
                Operand::Number("3".to_owned())
            ))
        );
    }

    #[test]
    fn what_is_not_understood_is_not_guessed() {
        for text in [
            "",
            "true &&",
            "(true",
            "true)",
            "a ? b : c",
            "x in [1]",
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
        let nested = format!("{}1{}", "f(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(parse(&nested), None);
    }
}
