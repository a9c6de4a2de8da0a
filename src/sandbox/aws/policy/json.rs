//! JSON as AWS reads policies: members in their order, duplicates still visible, numbers as they were written.
//!
//! `serde_json::Value` would silently keep the last of two members with one name.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// The name under which `serde_json` hands over a number when it keeps its digits.
const NUMBER: &str = "$serde_json::private::Number";

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Reads a document.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The text, if this is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// A text, or a list of texts.
    pub fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::List(nodes) => nodes
                .iter()
                .map(|node| node.text().map(str::to_owned))
                .collect(),
            other => other.text().map(|text| vec![text.to_owned()]),
        }
    }

    /// Texts, numbers and booleans, one or a list: what may stand as the value of a condition.
    pub fn scalars(&self) -> Option<Vec<String>> {
        let scalar = |node: &Self| match node {
            Self::Text(text) | Self::Number(text) => Some(text.clone()),
            Self::Bool(value) => Some(value.to_string()),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        };
        match self {
            Self::List(nodes) => nodes.iter().map(scalar).collect(),
            other => scalar(other).map(|value| vec![value]),
        }
    }

    /// The members, if this is an object.
    pub fn members(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Object(members) => Some(members),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// Whether some object in it has two members with one name.
    pub fn has_duplicates(&self) -> bool {
        match self {
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => false,
            Self::List(nodes) => nodes.iter().any(Self::has_duplicates),
            Self::Object(members) => {
                let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
                let all = names.len();
                names.sort_unstable();
                names.dedup();
                names.len() != all || members.iter().any(|(_, node)| node.has_duplicates())
            }
        }
    }
}

/// The text of a document without the whitespace between its tokens.
pub fn compact(text: &str) -> String {
    let mut compacted = String::with_capacity(text.len());
    let mut quoted = false;
    let mut escaped = false;
    for character in text.chars() {
        if quoted {
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
        } else if character.is_ascii_whitespace() {
            continue;
        } else {
            quoted = character == '"';
        }
        compacted.push(character);
    }
    compacted
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == NUMBER {
                return Ok(Node::Number(map.next_value()?));
            }
            members.push((name, map.next_value()?));
        }
        Ok(Node::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whitespace_goes_between_tokens_and_stays_in_texts() {
        let text = "{ \"a b\" : [ 1 ,\n\t\"c \\\" d\\\\\" ] , \"e\":\" \" }";
        assert_eq!(compact(text), "{\"a b\":[1,\"c \\\" d\\\\\"],\"e\":\" \"}");
    }

    #[test]
    fn numbers_keep_their_digits_and_duplicates_stay_visible() {
        let node = Node::read("{\"n\": 1.50, \"n\": 2}").unwrap();
        assert!(node.has_duplicates());
        assert_eq!(
            node.members().unwrap()[0].1,
            Node::Number("1.50".to_owned())
        );
    }
}
