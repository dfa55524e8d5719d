//! The formatters of a file.
//!
//! In: the members of one. Out: a [`Formatter`]. Refused: a format that is wrong in its style. Facts: `configure_formatter` in
//! CPython's `Lib/logging/config.py`.

use super::node::{Members, Node, Shown};
use crate::format::{Default, Formatter, Style};

/// The formatter that an object describes, whose other members have been checked.
///
/// # Errors
/// The key of the format, and what is wrong with that.
pub(super) fn of(members: &Members) -> Result<Formatter, (&'static str, String)> {
    let text = |key| members.get(key).and_then(Node::as_text);
    let wanted = text("style").unwrap_or("%");
    let Some((_, style)) = STYLES.iter().find(|(sign, _)| *sign == wanted) else { return Ok(Formatter::default()) };
    let key = if members.get("()").is_some() && text("format").is_none() { "fmt" } else { "format" };
    let format = text(key).unwrap_or_default();
    let is_validated = members.get("validate").is_none_or(|validate| !validate.is_empty());
    let make = |style| Formatter::compile(format, style, text("datefmt"), is_validated);
    match make(*style) {
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

const STYLES: [(&str, Style); 3] = [("%", Style::Percent), ("{", Style::Brace), ("$", Style::Dollar)];
