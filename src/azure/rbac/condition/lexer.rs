//! The words of a condition.

use std::fmt;

/// One word of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// `(`
    Open,
    /// `)`
    Close,
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `,`
    Comma,
    /// `!`
    Bang,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `@Resource[...]`, as it stands there.
    Attribute(String),
    /// A text in single quotes.
    Text(String),
    /// A name, an operator, a number.
    Word(String),
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => formatter.write_str("("),
            Self::Close => formatter.write_str(")"),
            Self::OpenBrace => formatter.write_str("{"),
            Self::CloseBrace => formatter.write_str("}"),
            Self::Comma => formatter.write_str(","),
            Self::Bang => formatter.write_str("!"),
            Self::And => formatter.write_str("&&"),
            Self::Or => formatter.write_str("||"),
            Self::Attribute(text) | Self::Word(text) => formatter.write_str(text),
            Self::Text(text) => write!(formatter, "'{text}'"),
        }
    }
}

/// Splits a condition into its words.
///
/// # Errors
/// What is not a word.
pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else {
            return Ok(tokens);
        };
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '{' => (Token::OpenBrace, 1),
            '}' => (Token::CloseBrace, 1),
            ',' => (Token::Comma, 1),
            '!' => (Token::Bang, 1),
            '&' if rest.starts_with("&&") => (Token::And, 2),
            '|' if rest.starts_with("||") => (Token::Or, 2),
            '\'' => quoted(rest)?,
            '@' => {
                let end = rest
                    .find(']')
                    .ok_or_else(|| "an attribute that is not closed".to_owned())?;
                let attribute = rest.get(..=end).unwrap_or_default();
                // Blanks inside mean nothing: `@Resource [name]`.
                (
                    Token::Attribute(attribute.split_whitespace().collect()),
                    end + 1,
                )
            }
            letter if is_of_word(letter) => {
                let end = rest
                    .find(|letter| !is_of_word(letter))
                    .unwrap_or(rest.len());
                (
                    Token::Word(rest.get(..end).unwrap_or_default().to_owned()),
                    end,
                )
            }
            other => return Err(format!("the character `{}`", other.escape_default())),
        };
        tokens.push(token);
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// A text in single quotes. A backslash stays in it: what it means is for the operator to say.
///
/// # Errors
/// Where a backslash stands before a quote: whether that ends the text is not documented.
fn quoted(rest: &str) -> Result<(Token, usize), String> {
    let inner = rest.get(1..).unwrap_or_default();
    let end = inner
        .find('\'')
        .ok_or_else(|| "a text that is not closed".to_owned())?;
    let text = inner.get(..end).unwrap_or_default();
    if text.ends_with('\\') {
        return Err("a backslash before a quote".to_owned());
    }
    Ok((Token::Text(text.to_owned()), end + 2))
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || "_-.:/+".contains(letter)
}
