//! The little XML that S3 needs to be written. Reading it is left to `roxmltree`.

use std::fmt::Write as _;

/// Text as it may stand in an element.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A document with one root element in the namespace of S3.
pub(crate) fn document(root: &str, content: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{content}</{root}>"
    )
}

/// An element with text in it.
pub(crate) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// One element for each text, all with the same name.
pub(crate) fn elements(name: &str, texts: &[String]) -> String {
    let mut all = String::new();
    for text in texts {
        let _ = write!(all, "<{name}>{}</{name}>", escape(text));
    }
    all
}
