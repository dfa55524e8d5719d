//! JSON to a small tree of its own: [`Node`].
//!
//! In: the text of a configuration. Out: its values; of equal keys the last, as Python's `json` takes it. Refused, with line and
//! column: what is no JSON, and what is nested deeper than serde_json follows (128), so that nothing here recurses further.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Bool(bool),
    Float(f64),
    Int(i64),
    List(Vec<Node>),
    Null,
    Object(Members),
    Text(String),
}

/// The members of an object, by name.
pub(super) type Members = BTreeMap<String, Node>;

impl Node {
    pub(super) fn parse(text: &str) -> Result<Node, serde_json::Error> {
        serde_json::from_str(text)
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Node::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whole numbers, and true and false, which Python counts among them.
    pub(super) fn as_int(&self) -> Option<i64> {
        match self {
            Node::Int(number) => Some(*number),
            Node::Bool(flag) => Some(i64::from(*flag)),
            _ => None,
        }
    }

    /// What Python takes for false.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Node::Bool(flag) => !flag,
            Node::Float(number) => *number == 0.0,
            Node::Int(number) => *number == 0,
            Node::List(items) => items.is_empty(),
            Node::Null => true,
            Node::Object(members) => members.is_empty(),
            Node::Text(text) => text.is_empty(),
        }
    }
}

/// As it is named in a message: short, and safe to look at.
impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Bool(flag) => flag.fmt(f),
            Node::Float(number) => number.fmt(f),
            Node::Int(number) => number.fmt(f),
            Node::List(_) => f.write_str("a list"),
            Node::Null => f.write_str("null"),
            Node::Object(_) => f.write_str("an object"),
            Node::Text(text) => Shown(text).fmt(f),
        }
    }
}

/// A text of the file in a message.
pub(super) struct Shown<'a>(pub(super) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut letters = self.0.chars();
        let start: String = letters.by_ref().take(MAX_SHOWN_CHARACTERS).collect();
        let rest = if letters.next().is_some() { "..." } else { "" };
        write!(f, "{:?}{rest}", start)
    }
}

const MAX_SHOWN_CHARACTERS: usize = 80;

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
        Ok(Node::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Int(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Int(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(Node::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut object = Members::new();
        while let Some((name, value)) = members.next_entry::<String, Node>()? {
            object.insert(name, value);
        }
        Ok(Node::Object(object))
    }
}
