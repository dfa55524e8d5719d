//! The formatters of a file.
//!
//! In: the members of one. Out: a [`Formatter`]. Refused: a format that is wrong in its style. Facts: `configure_formatter` in
//! CPython's `Lib/logging/config.py`: what is called for by `()` gets its arguments by name, a `class` those that Python's own has.

use super::classes::is_json;
use super::node::{Members, Node, Shown};
use crate::base::text::Text;
use crate::format::{Default, Formatter, JsonFields, Style, fields_of, json_of};

/// The formatter that an object describes, whose other members have been checked.
///
/// # Errors
/// The key of the format, and what is wrong with that.
pub(super) fn of(members: &Members) -> Result<Formatter, (&'static str, String)> {
    let text = |key| members.get(key).and_then(Node::as_text);
    let wanted = text("style").unwrap_or("%");
    let key = if members.get("()").is_some() && members.get("format").is_none() { "fmt" } else { "format" };
    let format = text(key).unwrap_or_default();
    let style = STYLES.iter().find(|(sign, _)| *sign == wanted).map(|(_, style)| *style);
    let is_listed = matches!(members.get(key), Some(Node::List(_))) || wanted == ",";
    let is_validated = members.get("validate").is_none_or(|validate| !validate.is_empty());
    let make = |style| Formatter::compile(format, style, text("datefmt"), is_validated);
    let made = style.filter(|_| !is_listed).map_or_else(|| Ok(Formatter::default()), make);
    match made {
        Ok(_) if is_json(members) => {
            Ok(Formatter::json(json_fields(members, members.get(key), wanted), text("datefmt")))
        }
        Ok(formatter) => Ok(formatter.with_defaults(&defaults(members.object("defaults")))),
        Err(error) => {
            let other = STYLES.iter().find(|(_, other)| make(*other).is_ok());
            let hint = other.map_or(String::new(), |(sign, _)| format!("; it looks like style {sign}"));
            Err((key, format!("{error}: {}{hint}", Shown(format))))
        }
    }
}

fn defaults(members: &Members) -> Vec<(String, Default)> {
    let default = |node: &Node| match node {
        Node::Float(number) => Default::Float(*number),
        Node::Int(number) => Default::Int(*number),
        Node::Text(text) => Default::Text(text.clone()),
        Node::Bool(true) => Default::Text("True".to_owned()),
        Node::Bool(false) => Default::Text("False".to_owned()),
        _ => Default::Text("None".to_owned()),
    };
    members.iter().map(|member| (member.name.clone(), default(&member.node))).collect()
}

/// The arguments of python-json-logger's `JsonFormatter`.
fn json_fields(members: &Members, format: Option<&Node>, style: &str) -> JsonFields {
    let called = if members.get("()").is_some() { members } else { Members::NONE };
    let has_letters = called.get("json_ensure_ascii").is_some_and(Node::is_empty);
    let json = |key| {
        let members = members.object(key).as_read();
        members.into_iter().map(|member| (member.name.clone(), text_of(&member.node, has_letters))).collect()
    };
    let renamed = |member: &super::node::Member| Some((member.name.clone(), member.node.as_text()?.to_owned()));
    let default = if style == "," { "" } else { "message" };
    JsonFields {
        defaults: json("defaults"),
        required: match format {
            Some(Node::List(names)) => names.iter().filter_map(Node::as_text).map(str::to_owned).collect(),
            Some(Node::Text(format)) if !format.is_empty() => fields_of(format, style),
            _ => fields_of(default, ","),
        },
        fixed: if called.get("static_fields").is_some() { json("static_fields") } else { Vec::new() },
        renamed: called.object("rename_fields").iter().filter_map(renamed).collect(),
        timestamp: match called.get("timestamp") {
            Some(Node::Text(name)) if !name.is_empty() => Some(name.clone()),
            Some(Node::Bool(true)) => Some("timestamp".to_owned()),
            _ => None,
        },
        has_letters,
    }
}

/// A value as `json.dumps` writes it.
fn text_of(node: &Node, has_letters: bool) -> String {
    let quoted = |text: &str| json_of(Text::from(text), has_letters);
    let mut text = String::new();
    match node {
        Node::Text(text) => return quoted(text),
        Node::List(items) => {
            for item in items {
                text += if text.is_empty() { "[" } else { ", " };
                text += &text_of(item, has_letters);
            }
            text += if items.is_empty() { "[]" } else { "]" };
        }
        Node::Object(members) => {
            for member in members.as_read() {
                text += if text.is_empty() { "{" } else { ", " };
                text += &format!("{}: {}", quoted(&member.name), text_of(&member.node, has_letters));
            }
            text += if text.is_empty() { "{}" } else { "}" };
        }
        other => text = other.to_string(),
    }
    text
}

const STYLES: [(&str, Style); 3] = [("%", Style::Percent), ("{", Style::Brace), ("$", Style::Dollar)];
