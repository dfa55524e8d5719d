//! The formatters of a file.
//!
//! In: the members of one. Out: a [`Formatter`]. Refused: a format that is wrong in its style. Facts: `configure_formatter` in
//! CPython's `Lib/logging/config.py`: what is called for by `()` gets its arguments by name, a `class` those that Python's own has.

use super::classes::is_json;
use super::node::{Members, Node, Shown};
use crate::base::text::TextWriter;
use crate::decode::{Value, opcode};
use crate::format::{Formatter, JsonFields, Style, append_json, fields_of};
use crate::python;

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
            // What is not validated is right in most styles.
            let other = STYLES.iter().find(|(_, other)| is_validated && make(*other).is_ok());
            let hint = other.map_or(String::new(), |(sign, _)| format!("; it looks like style {sign}"));
            Err((key, format!("{error}: {}{hint}", Shown(format))))
        }
    }
}

fn defaults(members: &Members) -> Vec<(String, Vec<u8>)> {
    let mut defaults = Vec::new();
    for member in members.iter() {
        let mut pickle = Vec::new();
        write_pickle(&member.node, &mut pickle);
        pickle.push(opcode::STOP);
        defaults.push((member.name.clone(), pickle));
    }
    defaults
}

fn write_pickle(node: &Node, out: &mut Vec<u8>) {
    let last = match node {
        Node::Bool(false) => opcode::NEWFALSE,
        Node::Bool(true) => opcode::NEWTRUE,
        Node::Float(number) => {
            out.push(opcode::BINFLOAT);
            return out.extend_from_slice(&number.to_be_bytes());
        }
        Node::Int(number) => {
            out.extend_from_slice(&[opcode::LONG1, 8]);
            return out.extend_from_slice(&number.to_le_bytes());
        }
        Node::List(items) => {
            out.push(opcode::MARK);
            items.iter().for_each(|item| write_pickle(item, out));
            opcode::LIST
        }
        Node::Long(digits) => {
            out.push(opcode::LONG);
            out.extend_from_slice(digits.as_bytes());
            return out.extend_from_slice(b"L\n");
        }
        Node::Null => opcode::NONE,
        Node::Object(members) => {
            out.push(opcode::MARK);
            for member in members.as_read() {
                write_text(&member.name, out);
                write_pickle(&member.node, out);
            }
            opcode::DICT
        }
        Node::Text(text) => return write_text(text, out),
    };
    out.push(last);
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(opcode::BINUNICODE8);
    out.extend_from_slice(&u64::try_from(text.len()).unwrap_or_default().to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// The arguments of python-json-logger's `JsonFormatter`.
fn json_fields(members: &Members, format: Option<&Node>, style: &str) -> JsonFields {
    let called = if members.get("()").is_some() { members } else { Members::NONE };
    let mut fields = JsonFields {
        has_letters: called.get("json_ensure_ascii").is_some_and(Node::is_empty),
        required: match format {
            Some(Node::Text(format)) if !format.is_empty() => fields_of(format, style),
            _ if style == "," => Vec::new(),
            _ => vec!["message".to_owned()],
        },
        timestamp: match called.get("timestamp") {
            Some(Node::Text(name)) if !name.is_empty() => Some(name.clone()),
            Some(Node::Bool(true)) => Some("timestamp".to_owned()),
            _ => None,
        },
        ..JsonFields::default()
    };
    if let Some(names @ Node::List(_)) = format {
        fields.required.clear();
        for name in names.texts() {
            fields.required.push(name.to_owned());
        }
    }
    for member in called.object("rename_fields").iter() {
        fields.renamed.push((member.name.clone(), member.node.as_text().unwrap_or_default().to_owned()));
    }
    for (members, json) in
        [(members.object("defaults"), &mut fields.defaults), (called.object("static_fields"), &mut fields.fixed)]
    {
        for member in members.as_read() {
            let mut text = Vec::new();
            write_json(&member.node, fields.has_letters, &mut text);
            json.push((member.name.clone(), String::from_utf8(text).unwrap_or_default()));
        }
    }
    fields
}

/// Writes a value as `json.dumps` does.
fn write_json(node: &Node, has_letters: bool, json: &mut Vec<u8>) {
    match node {
        Node::Text(text) => append_json(text, has_letters, json),
        Node::List(items) => {
            json.push(b'[');
            for (place, item) in items.iter().enumerate() {
                json.extend_from_slice(if place == 0 { b"" } else { b", " });
                write_json(item, has_letters, json);
            }
            json.push(b']');
        }
        Node::Object(members) => {
            json.push(b'{');
            for (place, member) in members.as_read().into_iter().enumerate() {
                json.extend_from_slice(if place == 0 { b"" } else { b", " });
                append_json(&member.name, has_letters, json);
                json.extend_from_slice(b": ");
                write_json(&member.node, has_letters, json);
            }
            json.push(b'}');
        }
        Node::Float(number) => python::str(Value::float(*number), &mut TextWriter::new(json, usize::MAX)),
        other => json.extend_from_slice(other.to_string().as_bytes()),
    }
}

const STYLES: [(&str, Style); 3] = [("%", Style::Percent), ("{", Style::Brace), ("$", Style::Dollar)];
